/*
 * Shortest route between two nodes by searching from both ends: on wide-area networks a small part
 * of the nodes is touched, where a search from one end touches most.
 *
 * Distances are vectors as in spf.h, and the answer is the same, the last tie included. The search
 * goes on until no route through nodes that neither side has settled could be as good as the best
 * meeting (strictly worse, so that all equally good routes are seen): then every node of every
 * optimal route is settled by one side at least. A link crosses if its tail is settled by the
 * forward side only, its head by the backward side, and both distances and its weight add up to the
 * optimum. Going back from the crossing links along tight links marks the forward part of all
 * optimal routes; a walk from the start over marked nodes, and then over tight links of the
 * backward side, taking the smallest canonical link each time, gives the smallest sequence.
 */
#ifndef PCE_PATH_BIDIRECTIONAL_H
#define PCE_PATH_BIDIRECTIONAL_H

#include "pce/path/spf.h"

struct bidirectional {
	struct spf forward, backward;
	uint32_t *mark; /* node lies on the forward part of an optimal route, if mark_stamp */
	uint32_t *stack; /* nodes that the backward side settled, then marked nodes */
	uint32_t mark_stamp;
};

/* Scratch for a graph of n nodes; bidirectional_free on a zeroed one does nothing. PCE_NO_MEMORY.
 */
enum pce_status bidirectional_init(struct bidirectional *b, uint32_t n_nodes,
				   struct pce_error *err);
/* Frees the scratch. */
void bidirectional_free(struct bidirectional *b);

/* Finds the best route by order from `from` to f->to over allowed links. links has room for
 * n_nodes; returns the number of links, 0 if there is no route. */
uint32_t bidirectional_route(struct bidirectional *b, const struct filter *f,
			     const struct order *order, uint32_t from, uint32_t *links);

#endif
