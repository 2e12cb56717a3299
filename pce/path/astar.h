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
 *
 * Most links lead to nodes that are far from any good route, above all where one node has many
 * links. So a node that comes out does not offer all of its links, but those that lead little
 * further than it itself, which one addition tells; for the others it is put back with the least of
 * what they lead to (partial expansion: Yoshizumi, Miura, Ishida 2000). It comes out again, before
 * the nodes that those links lead to would, or never.
 *
 * Where nothing bars the shortest way, even that is too much: the links of ten nodes on a route
 * lead to two hundred, each of which has to be asked for its potential. So a node that comes out
 * first offers the link alone by which the potential says that every shortest way goes on
 * (potential_leads), and is put back for the others, which lead further. If the end comes out
 * before, none of them was ever looked at.
 *
 * Where the filter bars much around the end, that has been searched before, and the potential is to
 * the gates of it (vicinity.h). From a gate the end is reached at once, with what is known to be to
 * go; nodes behind gates are not looked at again, except to find the smallest links of a tie.
 */
#ifndef PCE_PATH_ASTAR_H
#define PCE_PATH_ASTAR_H

#include "pce/path/packed_heap.h"
#include "pce/path/potential.h"
#include "pce/path/vicinity.h"

enum { ASTAR_SETTLED = 1, ASTAR_TIED = 2, ASTAR_MARKED = 4, ASTAR_LED = 8, ASTAR_FLAG_BITS = 4 };

struct astar_cell {
	packed_sum sum; /* from the start */
	uint32_t stamp; /* the search that saw it << ASTAR_FLAG_BITS | flags */
	uint32_t link; /* over which it was reached */
};

/* A zeroed one is empty; room is made by the first run. */
struct astar {
	struct astar_cell *cells; /* by node; in block */
	void *block;
	struct packed_heap heap; /* by what a whole route has at least */
	uint32_t *stack;
	uint32_t n_nodes, epoch;
	uint64_t settled;
	uint64_t looked_at; /* links, since the scratch was made */
	bool straight; /* in this run, see astar_query */
	packed_sum best; /* of a whole route */
	uint32_t gate; /* on it, if the end is surrounded; GRAPH_NONE: on several as good */
	bool gave_up; /* the last run: its patience was not enough */
};

struct astar_query {
	const struct filter *filter; /* with the end; its `from` is where the route starts */
	const struct packing *packing;
	struct potential *potential; /* to filter->to */
	uint32_t from; /* where this part of the route starts */
	uint64_t most; /* routes with a larger objective are of no use; UINT64_MAX: any is */
	uint32_t patience; /* nodes to settle at most; 0: as many as there are */
	unsigned shift; /* of what the potential says, if its weights were shifted */
	bool straight; /* what is shortest over all links is probably allowed: try it first */
	const struct vicinity *around; /* the end: its gates are aimed at; NULL: the end is */
};

/* Frees the room. */
void astar_free(struct astar *a);

/* True if the last search settled the node. */
static inline bool
astar_settled(const struct astar *a, const struct astar_cell *cell)
{
	return cell->stamp >> ASTAR_FLAG_BITS == a->epoch && cell->stamp & ASTAR_SETTLED;
}

/*
 * Finds the best route from query->from to the end. links has room for all nodes; *n is the number
 * of links, 0 if there is no route of use, and *sum is theirs. PCE_NO_MEMORY.
 */
enum pce_status astar_route(struct astar *a, const struct astar_query *query, uint32_t *links,
			    uint32_t *n, packed_sum *sum, struct pce_error *err);

#endif
