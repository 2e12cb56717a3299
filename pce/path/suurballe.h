/*
 * The pair with the least sum and no link, or no link and no transit node, in common: two rounds of
 * shortest paths (Suurballe 1974; Bhandari 1999), the second one in the residual graph under
 * weights reduced by the first one's distances, which makes them >= 0.
 *
 * Weights are vectors, as in spf.h. A reduced vector is >= 0 lexicographically although later
 * components may be below zero; distances carry a bias so that they compare as unsigned numbers.
 *
 * Both directions of a fibre are never used together: cancelling them would leave a smaller sum.
 * The sum is smallest, so the union of both routes has no cycle, and each route is loopless.
 */
#ifndef PCE_PATH_SUURBALLE_H
#define PCE_PATH_SUURBALLE_H

#include "pce/path/engine.h"

/* Two routes of packed links, owned. A zeroed one is empty. */
struct pair {
	uint32_t *links[2];
	size_t n[2];
	bool found;
};

/* Frees both routes. */
void pair_free(struct pair *pair);

/*
 * Finds the pair over what e->filter allows; pair->found is false if there is none. pair must be
 * empty. node: no transit node in common either. PCE_NO_MEMORY. O(m + n log n).
 */
enum pce_status suurballe(struct path_engine *e, const struct order *order, bool node,
			  struct pair *pair, struct pce_error *err);

/* The same by vectors and a whole tree of distances: for sums that are too large to be packed, and
 * as the second opinion of the tests. Of equally good pairs it may find another one. */
enum pce_status suurballe_vectors(struct path_engine *e, const struct order *order, bool node,
				  struct pair *pair, struct pce_error *err);

#endif
