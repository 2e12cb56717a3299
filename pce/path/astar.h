/*
 * The best route when it is known how far every node is from the end at least: A* with potentials
 * that are consistent, over packed sums. The potential is of the objective alone, which is
 * consistent for the whole vector too.
 *
 * The answer is the one that bidirectional.h gives, the last tie included. A link counts as a step
 * in the lowest field of the sum, so a node from which the end of an optimal route is reached
 * always comes out before its successor, and before the end. So all links that are tight on optimal
 * routes have been looked at when the end comes out; a node into which more than one led is marked.
 * Only if the route found meets such a node, its tight links are followed back from the end, and
 * the walk from the start takes the smallest one each time.
 */
#ifndef PCE_PATH_ASTAR_H
#define PCE_PATH_ASTAR_H

#include "pce/path/packed_heap.h"
#include "pce/path/potential.h"

struct astar_cell {
	packed_sum sum; /* from the start */
	uint32_t stamp; /* seen in this run */
	uint32_t link; /* over which it was reached */
	uint32_t ahead; /* the potential */
	uint8_t settled, tied, marked;
};

/* A zeroed one is empty; room is made by the first run. */
struct astar {
	struct astar_cell *cells; /* by node */
	struct packed_heap heap; /* by what a whole route has at least */
	uint32_t *stack;
	uint32_t n_nodes, epoch;
	uint64_t settled;
};

struct astar_query {
	const struct filter *filter; /* with the end; its `from` is where the route starts */
	const struct packing *packing;
	struct potential *potential; /* to filter->to */
	uint32_t from; /* where this part of the route starts */
};

/* Frees the room. */
void astar_free(struct astar *a);

/*
 * Finds the best route from query->from to the end. links has room for all nodes; *n is the number
 * of links, 0 if there is no route, and *sum is theirs. PCE_NO_MEMORY.
 */
enum pce_status astar_route(struct astar *a, const struct astar_query *query, uint32_t *links,
			    uint32_t *n, packed_sum *sum, struct pce_error *err);

#endif
