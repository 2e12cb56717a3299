/*
 * Shortest-path trees without a search: one sweep down the contraction hierarchy (PHAST: Delling,
 * Goldberg, Nowatzyk, Werneck 2013) gives the distance of every node, and one pass over the links
 * their parents.
 *
 * The hierarchy has weights of its own here, which hold what a plain tree may take and nothing
 * else: links that are down, have no TE metric where that counts, or lead over an overloaded node
 * are not joined. A weight is a number of two fields, the metric and 1 for the link, so that its
 * least sums are the tree's order, (distance, links), and a parent is any link whose weight is the
 * difference of its ends' sums. Two fields in 32 bits are exact as long as no route has more links
 * than the lower one can count: a route of distance D has at most D / (least weight) links, so a
 * look at the largest sum tells. Where that, or 32 bits, do not suffice, the caller grows the tree.
 *
 * When the graph has changed, all weights are compared with what they should be, and those that
 * differ are taken in one by one, or all at once where they are many.
 */
#ifndef PCE_PATH_TREE_SWEEP_H
#define PCE_PATH_TREE_SWEEP_H

#include "pce/path/guide.h"
#include "pce/path/tree.h"

/* A link, seen from its end that is further from the root. */
struct tree_sweep_arc {
	uint32_t end; /* place of the other end */
	uint32_t weight;
};

/* A zeroed one is empty; room is made when it is first used. For one graph. */
struct tree_sweep {
	struct hierarchy *hierarchy; /* metric 0 has the weights. NULL: none yet */
	uint32_t *changed; /* link numbers */
	struct tree_sweep_arc *column; /* by place among arcs_in or, to the root, arcs_out: */
	enum path_tree_direction layout;
	uint32_t *distance; /* by place */
	uint64_t version; /* of the graph when the weights were compared */
	enum path_objective objective;
	enum path_tree_direction direction;
	unsigned links_bits; /* of a weight's lower field */
	uint32_t waited; /* trees grown while there was no hierarchy */
	bool unfit; /* sums of these weights are too large */
};

/* Frees the room. */
void tree_sweep_free(struct tree_sweep *s);

/*
 * Makes weights for trees by an objective (IGP, TE or delay) in a direction what they should be. A
 * hierarchy is made once so many trees were asked for that it pays. *ready: a tree can be tried.
 * PCE_NO_MEMORY.
 */
enum pce_status tree_sweep_prepare(struct tree_sweep *s, struct guide *guide,
				   enum path_objective objective,
				   enum path_tree_direction direction, bool *ready,
				   struct pce_error *err);

/* True if sums up to this one are exact in both fields. */
bool tree_sweep_is_exact(const struct tree_sweep *s, const struct path_graph *g, uint32_t most);

/*
 * The tree of a root that is not overloaded: by node, keys (distance << s->links_bits | links, or
 * UINT64_MAX if not reached) and parents (places among arcs_out or, to the root, arcs_in; of nodes
 * reached, but the root). *fits false: sums are too large, and so they are for all trees until the
 * graph changes. PCE_INTERNAL if the weights contradict the links.
 */
enum pce_status tree_sweep_grow(struct tree_sweep *s, const struct path_graph *g, uint32_t root,
				uint64_t *keys, uint32_t *parents, bool *fits,
				struct pce_error *err);

#endif
