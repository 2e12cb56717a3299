/*
 * Distances from all nodes to several targets at once, by one sweep down a hierarchy (PHAST:
 * Delling, Goldberg, Nowatzyk, Werneck 2013): going up from each target settles its branch, and
 * then every place, from the top downwards, takes the least over its arcs upwards. The sweep reads
 * the arcs once, in order, for all targets, and does the same few instructions for each.
 */
#ifndef PCE_PATH_DISTANCES_H
#define PCE_PATH_DISTANCES_H

#include "pce/path/hierarchy.h"

#define DISTANCES_BATCH 16

/* Distances of one node to the targets of a batch. */
struct distances_row {
	uint32_t to[DISTANCES_BATCH];
} __attribute__((aligned(64)));

/* A zeroed one is empty; room is made by the first sweep. */
struct distances {
	struct distances_row *rows; /* by place; in block */
	void *block;
	uint32_t n_nodes;
};

/* Frees the room. */
void distances_free(struct distances *d);

/*
 * Computes the distances from all nodes to up to DISTANCES_BATCH targets, by a metric of h, over
 * all links, whatever their state. from: from the targets to all nodes instead. HIERARCHY_FAR: that
 * or more, or not joined. PCE_NO_MEMORY. O(arcs).
 */
enum pce_status distances_sweep(struct distances *d, const struct hierarchy *h, unsigned metric,
				bool from, const uint32_t *targets, unsigned n,
				struct pce_error *err);

/*
 * The same for one target: the distances from all nodes to it, or from it to all nodes, by place;
 * `to` has room for all places. The metric has to be customised. O(arcs).
 */
void distances_single(const struct hierarchy *h, unsigned metric, bool from, uint32_t target,
		      uint32_t *to);

/* The distance of a node to the target of this number, after a sweep of h. */
static inline uint32_t
distances_at(const struct distances *d, const struct hierarchy *h, uint32_t node, unsigned target)
{
	return d->rows[hierarchy_order(h)->place[node]].to[target];
}

#endif
