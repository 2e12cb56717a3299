/*
 * What the kernel counts of each policy at each router: packets that come in, told apart by the
 * headend that encapsulated them and the destination inside. A small eBPF program per router, on a
 * packet socket that takes nothing, so the packets are neither copied nor delayed. It is how a
 * router that measures flows in passing would count; IPv6 customers only.
 */
#ifndef TESTS_LAB_FLOWS_H
#define TESTS_LAB_FLOWS_H

#include <pthread.h>

#include "tests/lab/network.h"
#include "tests/lab/site.h"

struct flows;

/* A policy of a headend, and a prefix whose packets it carries. */
struct flows_prefix {
	uint32_t color;
	struct ip_addr endpoint;
	struct ip_prefix prefix;
};

/* What came in at a router of one policy. */
struct flows_count {
	uint32_t headend, color;
	struct ip_addr endpoint;
	uint64_t packets, octets;
};

/* Network and sites are borrowed. PCE_UNSUPPORTED says that the kernel has no eBPF. */
enum pce_status flows_new(const struct lab_network *network, struct site *sites, struct flows **out,
			  struct pce_error *err);
void flows_free(struct flows *f);
/* Begins to count at all routers, whose namespaces are made. The thread is in its own afterwards.
 */
enum pce_status flows_start(struct flows *f, struct pce_error *err);
/* From now on these are the prefixes of a headend's policies. From any thread. */
enum pce_status flows_set(struct flows *f, uint32_t headend, const struct flows_prefix *prefixes,
			  size_t n, struct pce_error *err);
/* Calls visit for each policy that is there now and of which something came in at a router. From
 * any thread. */
void flows_read(struct flows *f, uint32_t router,
		void (*visit)(void *ctx, const struct flows_count *count), void *ctx);

#endif
