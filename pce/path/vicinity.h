/*
 * What surrounds the end of a route: the nodes nearest to it over allowed links, and the nodes from
 * which these are entered, with what is to go from there, over packed sums.
 *
 * Lower bounds from a hierarchy know no constraint, so they are worst where constraints bar most.
 * That is near the ends, where links are narrow; in between nearly everything is allowed. A search
 * from the start finds out by itself what is barred around it, and grows large by what it does not
 * know of the other end: all routes seem shorter there than they are. So a few nodes are settled
 * backwards from the end first. Every route from further away comes in by one of the gates, so the
 * least of the distance to a gate and what is to go from there is a bound that knows what is barred
 * around the end. It is consistent: a settled node is no further from the end than any gate.
 */
#ifndef PCE_PATH_VICINITY_H
#define PCE_PATH_VICINITY_H

#include "pce/path/packed_heap.h"

#define VICINITY_ROOM 256 /* nodes at most: settled ones and gates */

struct vicinity_node {
	packed_sum sum; /* to the end; of a gate, over a settled node next */
	uint32_t node;
	uint32_t link; /* that leads on */
	bool settled; /* else a gate */
	bool tied; /* other ways are as good */
};

/* A zeroed one is empty; room is made by the first search. */
struct vicinity {
	struct vicinity_node *nodes; /* the end first */
	uint32_t n, n_settled;
	uint32_t *slots; /* by node: the search that saw it x VICINITY_ROOM + place in nodes */
	uint32_t n_nodes, epoch;
	struct packed_heap heap; /* of places */
	uint64_t settled; /* since the scratch was made */
};

/* Frees the room. */
void vicinity_free(struct vicinity *v);

/* Settles up to so many nodes around f->to, `from` as the last one if it is among them; fewer, or
 * none, if some have more links than there is room for. PCE_NO_MEMORY. */
enum pce_status vicinity_search(struct vicinity *v, const struct filter *f,
				const struct packing *packing, uint32_t from, uint32_t most,
				struct pce_error *err);

/* What is known of a node; NULL if it is neither settled nor a gate. */
static inline const struct vicinity_node *
vicinity_at(const struct vicinity *v, uint32_t node)
{
	uint32_t slot = v->slots[node];

	return slot / VICINITY_ROOM == v->epoch ? &v->nodes[slot % VICINITY_ROOM] : NULL;
}

/* True if the rest of a route is known from a node. */
static inline bool
vicinity_settled(const struct vicinity *v, uint32_t node)
{
	const struct vicinity_node *known = vicinity_at(v, node);

	return known && known->settled;
}

/* True if no route leads from a node, whence the vicinity was searched, to the end. */
static inline bool
vicinity_is_closed(const struct vicinity *v, uint32_t from)
{
	return v->n == v->n_settled && !vicinity_settled(v, from);
}

#endif
