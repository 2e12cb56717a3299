/*
 * The second round of Suurballe's algorithm in packed sums: the best way through the residual graph
 * of a best route, whose links are taken away and can be walked backwards at what they gave.
 *
 * Links walked backwards have weights below zero; a slope makes up for that. It says how much is
 * left to the end at least, is feasible (slope(u) <= w + slope(v) for every link), and exact along
 * the first route, so that weights reduced by it are >= 0 in the residual graph too. There are two.
 *
 * - After A* with a potential h and a first route of sum D: the larger of h and, where A* settled a
 *   node at the distance g, D - g. A node that was not settled has g + h >= D, so that both cases
 *   meet. Where nothing is pruned, h alone is exact and the search goes straight.
 * - After a search from both ends: the distance to the end within a ball around it, D minus the
 *   distance from the start within a ball around that, and a constant in between. The balls' radii
 *   add up to D.
 *
 * After A*, states are expanded in part, as in astar.h.
 *
 * Of second ways that are equally good one is taken that depends on links out of a common node
 * alone, not on the slope: the first in depth-first order over tight links, smallest first.
 */
#ifndef PCE_PATH_RESIDUAL_H
#define PCE_PATH_RESIDUAL_H

#include "pce/path/astar.h"
#include "pce/path/balls.h"

struct slope {
	const struct packing *packing;
	packed_sum total; /* of the first route */
	/* after A* */
	struct potential *potential; /* NULL: the other kind */
	struct astar *astar;
	/* after a search from both ends */
	const struct balls *balls;
};

/*
 * States of the residual graph: 2v is node v, or where links into it arrive if it is split; 2v + 1
 * is where links out of a split node leave. Split are the first route's transit nodes, for
 * node-disjoint pairs; else there is room for the states 2v alone.
 */
struct residual_cell {
	packed_sum sum;
	uint32_t stamp;
	uint32_t step; /* over which it was reached, see residual.c */
	uint8_t settled, tied, dead;
};

/* A zeroed one is empty; room is made by the first run. */
struct residual {
	struct residual_cell *cells; /* by state, or by node; in block */
	void *block;
	uint8_t by_node; /* 1: by node; what a state is shifted by */
	size_t n_cells;
	struct packed_heap heap;
	uint32_t *before, *after; /* by node: links of the first route, GRAPH_NONE elsewhere */
	uint8_t *flow; /* by link: used by the pair; all 0 between runs */
	uint32_t *way; /* room for steps of a way */
	uint32_t epoch;
	uint64_t settled;
};

struct residual_query {
	const struct filter *filter;
	const struct slope *slope;
	const uint32_t *first; /* the first route, from filter->from to filter->to */
	uint32_t n_first;
	bool node; /* no transit node in common either */
};

/* Frees the room. */
void residual_free(struct residual *r);

/*
 * Finds the best second way. *found: r->flow has 1 for the links of the pair, and whoever takes
 * them has to put 0 again; else all are 0. PCE_NO_MEMORY.
 */
enum pce_status residual_augment(struct residual *r, const struct residual_query *query,
				 bool *found, struct pce_error *err);

#endif
