/*
 * What the kernel counts at the interfaces of the lab's routers, for their telemetry: rtnetlink's
 * 64-bit statistics and whether the carrier is there. A router has a socket of its own, opened when
 * it is first asked, by the one thread that asks.
 */
#ifndef TESTS_LAB_COUNTERS_H
#define TESTS_LAB_COUNTERS_H

#include "tests/lab/network.h"
#include "tests/lab/site.h"

struct counters;

/* The interface at the head of a link. */
struct counters_link {
	uint32_t link;
	bool up; /* administratively, and by its carrier */
	uint64_t in_octets, out_octets, in_packets, out_packets, in_errors, out_discards;
};

/* Nothing is opened yet. Network and sites are borrowed. */
enum pce_status counters_new(const struct lab_network *network, struct site *sites,
			     struct counters **out, struct pce_error *err);
/* NULL does nothing. */
void counters_free(struct counters *c);
/* Reads the links that leave a router, whose namespace is made; some tens of microseconds. Calls
 * visit for each. The thread is in its own namespace afterwards. */
enum pce_status counters_read(struct counters *c, uint32_t router,
			      void (*visit)(void *ctx, const struct counters_link *at), void *ctx,
			      struct pce_error *err);

#endif
