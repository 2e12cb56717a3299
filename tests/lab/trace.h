/*
 * The hops that a packet really takes: marked packets are sent from a host, and every router of the
 * lab looks at what comes in by each of its links meanwhile.
 */
#ifndef TESTS_LAB_TRACE_H
#define TESTS_LAB_TRACE_H

#include "tests/lab/network.h"
#include "tests/lab/site.h"

/* A marked packet was seen: at the end of a link (LAB_NONE: at its destination). */
struct trace_hop {
	uint32_t packet; /* number, from 0 */
	uint32_t link;
	int64_t at_us; /* since it was sent */
};

/* The kernel stamps packets only while somebody wants it, and begins late: a descriptor to keep
 * open while traces may be run, -1 if there is none. */
int trace_prepare(void);

/*
 * Sends packets of as many flows from the host of a router to an address, and waits until the host
 * of the router at the end has all, or a second. *hops (to free()) are in the order of packets and
 * times. PCE_CONFLICT without hosts.
 */
enum pce_status trace_run(const struct lab_network *network, struct site *sites, uint32_t from,
			  const struct ip_addr *destination, uint32_t to, uint32_t packets,
			  struct trace_hop **hops, size_t *n, struct pce_error *err);

#endif
