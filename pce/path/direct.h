/*
 * The best route on a small network, where the distance of every node to the target is at hand
 * (potential.h): A* with the keys of scalar.h.
 *
 * The key of a node is all sums of the order in one number; what is still to go, of the objective
 * alone, is added for the place in the heap. A link adds to the lowest field, so the node before on
 * an optimal route comes out before, and when the end comes out every link that is tight on one has
 * been looked at: a node to which two of them led is marked. If the route found has such a node,
 * several are equal in the whole order, and another search has to choose among them. The same goes
 * for keys that meet a guard bit, and distances that are too far to say anything.
 */
#ifndef PCE_PATH_DIRECT_H
#define PCE_PATH_DIRECT_H

#include "pce/path/potential.h"
#include "pce/path/scalar.h"

struct direct_cell {
	uint64_t key;
	uint32_t parent; /* link by which it was reached */
	uint32_t stamp; /* the search that saw it, and flags */
};

struct direct_entry {
	uint64_t least; /* of a whole route */
	uint32_t node;
};

/* A zeroed one is empty; room is made by the first search. For one graph. */
struct direct {
	struct direct_cell *cells; /* by node */
	struct direct_entry *heap;
	uint32_t n_heap, epoch;
	uint64_t settled;
};

struct direct_query {
	const struct filter *filter; /* with the end */
	const struct order *order;
	struct potential *potential; /* of the order's first metric, to the end */
	uint32_t from; /* not the end */
};

/* Frees the room. */
void direct_free(struct direct *d);

/* Finds the best route by order over allowed links; SCALAR_UNFIT: another search has to. links has
 * room for all nodes, *n gets their number. PCE_NO_MEMORY. */
enum pce_status direct_route(struct direct *d, const struct direct_query *query, uint32_t *links,
			     uint32_t *n, enum scalar_outcome *outcome, struct pce_error *err);

#endif
