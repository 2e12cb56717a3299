/*
 * The quick search for a route between two nodes: from both ends, with numbers for keys.
 *
 * The sums that an order compares one after the other (spf.h) are fields of one 64-bit number, most
 * important first, as long as no field can overflow into the next: each has room for the largest
 * weight in the graph times a number of links, and two guard bits that are looked at whenever a
 * node is settled (two, so that the sum of both sides still fits). So comparing keys is comparing
 * vectors, and the answer is that of bidirectional.h, at a fraction of the work. Where not all of
 * the order fits, the key is as much of it as does, and what is left decides afterwards; where a
 * guard bit is met, the search begins anew with one metric less; where not even one fits, there is
 * no answer and the caller takes the other search.
 *
 * Queue: buckets as wide as the largest power of two that no weight is below, found by a bitmap of
 * two levels (Dial; Denardo and Fox 1979): all nodes of the first bucket are final, in any order.
 * Where the weights differ too much for that, or may be 0, a heap.
 *
 * The search is over when no route through a node that neither side has settled can be as good as
 * the best meeting. Then each optimal route has a link whose tail the forward side has settled and
 * whose head the backward side has; the later of the two saw the other and noted the link. Nodes
 * that the other side has settled are not entered, nor those that are too far for the best meeting.
 * Nearly always there is one optimal route: all noted links lie on the one that the first of them
 * gives by the nodes' parents, and no node on it had two equally good parents. Else the links of
 * all optimal routes are marked from the noted ones outwards on both sides, the vectors decide
 * among them, and last the smallest sequence of links.
 */
#ifndef PCE_PATH_SCALAR_H
#define PCE_PATH_SCALAR_H

#include "pce/path/queue.h"
#include "pce/path/spf.h"

/* What a link's key is made of: the sum of its values, each times its factor. */
struct scalar_plan {
	uint64_t igp, te, delay, cost, hops, links; /* a power of two, or 0 */
	uint64_t guard;
	uint8_t n; /* metrics of the order that are in the key */
	bool full; /* all of them */
	bool positive; /* no link has key 0 */
	bool plain; /* neither cost nor hops */
	bool buckets;
	uint8_t shift; /* of a bucket */
};

/* A zeroed one is empty; room is made by the first search. For one graph. */
struct scalar {
	struct queue_cell *cells; /* by node; in block */
	void *block;
	struct queue sides[2]; /* forward, backward */
	uint8_t *mark; /* nodes on optimal routes, all 0 between two searches */
	uint32_t *marked;
	uint32_t *noted;
	size_t noted_cap;
	struct spf ties;
	uint32_t n_nodes;
	uint64_t settled;
	bool ties_settled; /* the last search had to choose among optimal routes */
};

enum scalar_outcome {
	SCALAR_FOUND,
	SCALAR_NONE, /* there is no route */
	SCALAR_FAR, /* not with as many nodes settled as were allowed */
	SCALAR_UNFIT /* the order does not fit into a number */
};

/* Frees the room. */
void scalar_free(struct scalar *s);

struct scalar_query {
	const struct filter *filter; /* with the end */
	const struct order *order;
	uint32_t from; /* not the end */
	uint32_t most; /* nodes to settle; UINT32_MAX: as many as there are */
};

/* Finds the best route by order over allowed links, the same as bidirectional_route. links has room
 * for n_nodes, *n gets their number. PCE_NO_MEMORY. */
enum pce_status scalar_route(struct scalar *s, const struct scalar_query *query, uint32_t *links,
			     uint32_t *n, enum scalar_outcome *outcome, struct pce_error *err);

/* Lays out the first n metrics of an order as one key; false if they do not fit. */
bool scalar_plan(const struct filter *f, const struct order *order, unsigned n,
		 struct scalar_plan *plan);

/* The key of a link. */
static inline uint64_t
scalar_weight(const struct scalar_plan *p, const struct graph_arc *arc)
{
	uint64_t key = arc->igp * p->igp + arc->te * p->te + arc->delay_us * p->delay + p->links;

	return p->plain ? key : key + arc->cost * p->cost + (arc->class & ARC_NO_HOP ? 0 : p->hops);
}

#endif
