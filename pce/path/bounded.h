/*
 * The best route under additive bounds when it is known how far every node is from the end at
 * least, in the objective and in each bounded metric: label setting as in search.h, with packed
 * sums and potentials that are computed where a label comes, instead of a tree for each metric.
 *
 * A label that reaches the bound even by the potential is not made, so an impossible bound costs
 * nothing, and where the bounds do not bind the search goes straight as A* does. Labels come out in
 * the order of the packed sum of the whole route; a label of a node is superfluous if one that came
 * out earlier is as good in the order, has no more of any bounded metric, and, if the sums are
 * equal, comes no later by its links. So of equally good routes the smallest sequence of links is
 * among those that reach the end, and is taken.
 */
#ifndef PCE_PATH_BOUNDED_H
#define PCE_PATH_BOUNDED_H

#include "pce/path/packed_heap.h"
#include "pce/path/potential.h"
#include "pce/path/search.h"

/* A zeroed one is empty; room is made by the first run. */
struct bounded {
	uint64_t *pool; /* labels */
	size_t pool_cap;
	uint32_t n_labels, stride;
	struct packed_heap heap;
	struct bounded_node {
		uint32_t stamp, newest; /* label that came out, if stamp is the epoch */
	} * nodes;
	uint32_t *path;
	packed_sum best; /* of the labels that reached the end, incumbent (GRAPH_NONE: none) */
	uint32_t incumbent;
	uint32_t n_nodes, epoch;
	uint64_t settled;
};

struct bounded_query {
	const struct search_query *search; /* not shared; a filter, an order, bounds, a prefix */
	const struct packing *packing;
	struct potential *objective; /* to filter->to */
	struct potential *bounds[SEARCH_MAX_BOUNDS];
};

/* Frees the room. */
void bounded_free(struct bounded *b);

/* As search_run. out->links are valid until the next run. PCE_NO_MEMORY. */
enum pce_status bounded_run(struct bounded *b, const struct bounded_query *query,
			    struct search_result *out, struct pce_error *err);

#endif
