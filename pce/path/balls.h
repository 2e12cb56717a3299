/*
 * The best route by searching from both ends, over packed sums, that leaves behind how far nodes
 * are: every node nearer to an end than that end's radius is settled with its exact distance, and
 * the radii add up to the route's sum. scalar.h is quicker, because it does not settle a node twice
 * and drops what is of no use for the route; then its distances are no such balls.
 *
 * Where more than one route is the best, it is not this search that chooses.
 */
#ifndef PCE_PATH_BALLS_H
#define PCE_PATH_BALLS_H

#include "pce/path/packed_heap.h"

enum { BALL_START, BALL_END };
enum { BALL_SETTLED = 1, BALL_TIED = 2, BALL_FLAG_BITS = 2 };

struct balls_cell {
	packed_sum sum[2]; /* from the start, to the end */
	uint32_t stamp[2]; /* the search that saw it << BALL_FLAG_BITS | flags */
	uint32_t link[2]; /* over which it was reached */
} __attribute__((aligned(64)));

/* A zeroed one is empty; room is made by the first search. */
struct balls {
	struct balls_cell *cells; /* by node; in block */
	void *block;
	struct packed_heap heaps[2];
	uint32_t *noted; /* links over which the best routes met */
	size_t n_noted, noted_cap;
	uint32_t n_nodes, epoch;
	packed_sum best, radius[2]; /* after a search */
	uint64_t settled;
};

struct balls_query {
	const struct filter *filter; /* with both ends */
	const struct packing *packing;
};

/* Frees the room. */
void balls_free(struct balls *b);

/*
 * Searches. *found: there is a route, b->best its sum; links (room for all nodes) has it if it is
 * the only best one, else *n is 0. PCE_NO_MEMORY.
 */
enum pce_status balls_search(struct balls *b, const struct balls_query *query, bool *found,
			     uint32_t *links, uint32_t *n, struct pce_error *err);

/* A node's distance within a ball, or the ball's radius. */
static inline packed_sum
balls_within(const struct balls *b, unsigned end, uint32_t node)
{
	const struct balls_cell *cell = &b->cells[node];

	if (cell->stamp[end] >> BALL_FLAG_BITS != b->epoch || !(cell->stamp[end] & BALL_SETTLED) ||
	    cell->sum[end] > b->radius[end])
		return b->radius[end];
	return cell->sum[end];
}

#endif
