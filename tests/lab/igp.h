/*
 * The lab's own link-state routing: for each destination the shortest distances of all routers, and
 * from them every equal-cost next hop, as IS-IS would install them. It shares nothing with Karst's
 * computations. Overloaded routers carry no transit. Pure: it reads the network and fills a table.
 */
#ifndef TESTS_LAB_IGP_H
#define TESTS_LAB_IGP_H

#include "tests/lab/network.h"

#define IGP_HOPS 15 /* equal-cost next hops that a route can have */

/* The next hops of a router to a destination, as links in ascending order; none: not reachable. */
struct igp_route {
	uint16_t n;
	uint16_t links[IGP_HOPS];
};

struct igp {
	const struct lab_network *network;
	struct igp_route *routes; /* [destination * routers + router] */
	/* scratch */
	uint64_t *distance;
	uint32_t *heap, *place;
};

/* Makes an empty table. Caller owns it. PCE_LIMIT above 65535 links. */
enum pce_status igp_new(const struct lab_network *network, struct igp *out, struct pce_error *err);
void igp_free(struct igp *igp);
/* Computes the routes of all routers to one destination into out[routers]. PCE_LIMIT: more next
 * hops than a route can have. O(links log routers). */
enum pce_status igp_compute(struct igp *igp, uint32_t destination, struct igp_route *out,
			    struct pce_error *err);
/* The route in the table. */
struct igp_route *igp_route(struct igp *igp, uint32_t router, uint32_t destination);

#endif
