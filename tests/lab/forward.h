/*
 * What moves in the kernel by the network's own doing: the routes of the IGP, and what becomes of
 * links that fail. Routes go to every locator and every router's address, with all equal-cost next
 * hops. Counters of the links are read here.
 */
#ifndef TESTS_LAB_FORWARD_H
#define TESTS_LAB_FORWARD_H

#include "tests/lab/igp.h"
#include "tests/lab/site.h"

struct forward {
	struct lab_network *network;
	struct site *sites;
	struct igp igp;
	struct igp_route *fresh; /* scratch of one destination */
	bool converged; /* once at least */
};

/* What a link has carried since it was made, as its head counts it. */
struct forward_count {
	uint64_t packets, octets;
};

/* Makes an instance on a network whose sites stand. Caller owns *out. */
enum pce_status forward_new(struct lab_network *network, struct site *sites, struct forward *out,
			    struct pce_error *err);
void forward_free(struct forward *forward);
/* Computes all routes anew and installs what differs; *changed is their number (may be NULL). */
enum pce_status forward_converge(struct forward *forward, size_t *changed, struct pce_error *err);
/* Takes the interfaces of a fibre down or up, at both ends. The caller has set its state. */
enum pce_status forward_set_fibre(struct forward *forward, uint32_t link, bool up,
				  struct pce_error *err);
/* Who gets the packets of a directed link. */
enum pce_status forward_set_neighbour(struct forward *forward, uint32_t link,
				      enum site_neighbour which, struct pce_error *err);
/* Reads the counters of all links. Some microseconds a router. */
enum pce_status forward_count(struct forward *forward, struct forward_count *out,
			      struct pce_error *err);

#endif
