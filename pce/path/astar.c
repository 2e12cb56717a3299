#include <stdlib.h>

#include "pce/path/astar.h"

void
astar_free(struct astar *a)
{
	free(a->block);
	free(a->heap.entries);
	free(a->stack);
	*a = (struct astar){ .cells = NULL };
}

static enum pce_status
make_room(struct astar *a, uint32_t n_nodes, struct pce_error *err)
{
	size_t n = (size_t)n_nodes + 1;

	if (a->cells)
		return PCE_OK;
	a->cells = array_lines(n * sizeof(*a->cells), &a->block);
	a->stack = calloc(n, sizeof(*a->stack));
	a->n_nodes = n_nodes;
	a->epoch = 0;
	if (!a->cells || !a->stack) {
		astar_free(a);
		return pce_no_memory(err);
	}
	memset(a->cells, 0, n * sizeof(*a->cells));
	return PCE_OK;
}

static void
start_run(struct astar *a)
{
	a->heap.n = 0;
	if (++a->epoch >> (32 - ASTAR_FLAG_BITS) == 0)
		return;
	for (uint32_t i = 0; i < a->n_nodes; i++)
		a->cells[i].stamp = 0;
	a->epoch = 1;
}

static bool
is_seen(const struct astar *a, const struct astar_cell *cell)
{
	return cell->stamp >> ASTAR_FLAG_BITS == a->epoch;
}

/* The objective still to go from a node, at least. */
static inline uint64_t
ahead_of(const struct astar_query *q, uint32_t node)
{
	return (uint64_t)potential_at(q->potential, node) << q->shift;
}

/* A link leads to a node with this sum. */
static enum pce_status
reach(struct astar *a, const struct astar_query *q, uint32_t node, packed_sum sum, uint64_t ahead,
      uint32_t link, struct pce_error *err)
{
	struct astar_cell *cell = &a->cells[node];

	if (is_seen(a, cell)) {
		if (cell->stamp & ASTAR_SETTLED || sum > cell->sum)
			return PCE_OK;
		if (sum == cell->sum) {
			cell->stamp |= ASTAR_TIED;
			return PCE_OK;
		}
	}
	cell->stamp = a->epoch << ASTAR_FLAG_BITS;
	cell->sum = sum;
	cell->link = link;
	return packed_push(&a->heap, sum + packing_objective(q->packing, ahead), node, err);
}

/* The link by which all shortest ways go on from a node if nothing bars them, GRAPH_NONE if these
 * are what is known from a gate on; false if that is not known. */
static bool
straight_on(const struct astar_query *q, uint32_t node, uint32_t *out)
{
	const struct graph_arc *arcs = q->filter->graph->arcs_out;
	const uint32_t *links;
	uint32_t n, best;

	if (!potential_leads(q->potential, node, &links, &n))
		return false;
	best = n > 0 ? links[0] : GRAPH_NONE;
	for (uint32_t i = 1; i < n; i++)
		if (packing_first(q->packing, &arcs[links[i]]) <
		    packing_first(q->packing, &arcs[best]))
			best = links[i];
	*out = best;
	return true;
}

/* True if a node is one from which the rest of the route is known. */
static inline bool
is_around(const struct astar_query *q, uint32_t node)
{
	return q->around && vicinity_settled(q->around, node);
}

/* True if a route may take a link out of a node, to one from which the rest is not known. */
static inline bool
offers(const struct astar_query *q, uint32_t node, uint32_t link)
{
	const struct graph_arc *arc = &q->filter->graph->arcs_out[link];

	return filter_allows_arc(q->filter, arc, link, node, arc->end) && !is_around(q, arc->end);
}

/* A node was settled: if it is a gate, or the start is around the end, the end is reached. */
static enum pce_status
enter(struct astar *a, const struct astar_query *q, uint32_t node, struct pce_error *err)
{
	const struct vicinity_node *known = vicinity_at(q->around, node);
	packed_sum sum;

	if (!known)
		return PCE_OK;
	sum = a->cells[node].sum + known->sum;
	if (sum > a->best)
		return PCE_OK;
	a->gate = sum < a->best ? node : GRAPH_NONE;
	a->best = sum;
	return packed_push(&a->heap, sum, q->filter->to, err);
}

/* Offers the one link that leads straight on from a node at `here`, and puts the node back for the
 * others; GRAPH_NONE: that has been offered by enter(). */
static enum pce_status
follow(struct astar *a, const struct astar_query *q, uint32_t node, uint32_t link, uint64_t here,
       struct pce_error *err)
{
	enum pce_status status = PCE_OK;

	if (link != GRAPH_NONE) {
		const struct graph_arc *arc = &q->filter->graph->arcs_out[link];

		status = reach(a, q, arc->end, a->cells[node].sum + packing_weight(q->packing, arc),
			       ahead_of(q, arc->end), link, err);
	}
	here += (uint64_t)q->potential->weights->margin << q->shift;
	if (status || here > q->most)
		return status;
	a->cells[node].stamp |= ASTAR_LED;
	return packed_push(&a->heap, (packed_sum)here << q->packing->shift, node | PACKED_AGAIN,
			   err);
}

/* Offers the links of a node, `but` one, by which a whole route has an objective from `least` on to
 * a little more than `here`, and puts the node back for those with more. */
static enum pce_status
expand(struct astar *a, const struct astar_query *q, uint32_t node, uint64_t least, uint64_t here,
       uint32_t but, struct pce_error *err)
{
	const struct path_graph *g = q->filter->graph;
	packed_sum sum = a->cells[node].sum;
	uint64_t objective = packing_part(q->packing, sum), most = q->most;
	uint64_t later = UINT64_MAX;
	enum pce_status status = PCE_OK;

	a->looked_at += g->out_first[node + 1] - g->out_first[node];
	if (g->out_first[node + 1] - g->out_first[node] > PACKED_FEW_LINKS &&
	    here + here / 64 < most)
		most = here + here / 64;
	for (uint32_t i = g->out_first[node]; !status && i < g->out_first[node + 1]; i++) {
		const struct graph_arc *arc = &g->arcs_out[i];
		uint64_t total, ahead;

		if (i == but)
			continue;
		ahead = ahead_of(q, arc->end);
		total = objective + packing_first(q->packing, arc) + ahead;
		if (total > most)
			later = total < later ? total : later;
		else if (total >= least && offers(q, node, i))
			status = reach(a, q, arc->end, sum + packing_weight(q->packing, arc), ahead,
				       i, err);
	}
	if (status || later > q->most || later == UINT64_MAX)
		return status;
	return packed_push(&a->heap, (packed_sum)later << q->packing->shift, node | PACKED_AGAIN,
			   err);
}

/* Marks a node of optimal routes, from which to go back. */
static void
mark(struct astar *a, uint32_t node, uint32_t *n)
{
	a->cells[node].stamp |= ASTAR_MARKED;
	a->stack[(*n)++] = node;
}

/* Marks the nodes of all optimal routes, from the end, or the gates, back over tight links. */
static void
mark_back(struct astar *a, const struct astar_query *q)
{
	const struct path_graph *g = q->filter->graph;
	uint32_t n = 0;

	if (!q->around)
		mark(a, q->filter->to, &n);
	for (uint32_t i = 0; q->around && i < q->around->n; i++) {
		const struct vicinity_node *known = &q->around->nodes[i];
		const struct astar_cell *cell = &a->cells[known->node];

		if (astar_settled(a, cell) && cell->sum + known->sum == a->best)
			mark(a, known->node, &n);
	}
	while (n > 0) {
		uint32_t node = a->stack[--n];

		for (uint32_t i = g->in_first[node]; i < g->in_first[node + 1]; i++) {
			const struct graph_arc *arc = &g->arcs_in[i];
			const struct astar_cell *tail = &a->cells[arc->end];

			if (astar_settled(a, tail) && !(tail->stamp & ASTAR_MARKED) &&
			    filter_allows_arc(q->filter, arc, g->in[i], arc->end, node) &&
			    tail->sum + packing_weight(q->packing, arc) == a->cells[node].sum)
				mark(a, arc->end, &n);
		}
	}
}

/* How far a node of an optimal route is from the start; true if it is on one, or the rest of the
 * route is known from there. */
static bool
position(const struct astar *a, const struct astar_query *q, uint32_t node, packed_sum *sum)
{
	const struct astar_cell *cell = &a->cells[node];

	if (is_around(q, node)) {
		*sum = a->best - vicinity_at(q->around, node)->sum;
		return true;
	}
	*sum = cell->sum;
	return is_seen(a, cell) && cell->stamp & ASTAR_MARKED;
}

/* The smallest link that leads on from a node of optimal routes along one. */
static uint32_t
leading_on(const struct astar *a, const struct astar_query *q, uint32_t node)
{
	const struct path_graph *g = q->filter->graph;
	uint32_t i = g->out_first[node], end = g->out_first[node + 1];
	packed_sum here, there;

	position(a, q, node, &here);
	for (; i < end; i++) {
		const struct graph_arc *arc = &g->arcs_out[i];

		if (position(a, q, arc->end, &there) &&
		    filter_allows_arc(q->filter, arc, i, node, arc->end) &&
		    here + packing_weight(q->packing, arc) == there)
			break;
	}
	return i;
}

/* Where the search left off: the end, or the gate; GRAPH_NONE if several gates are as good. */
static uint32_t
last_node(const struct astar *a, const struct astar_query *q)
{
	return q->around ? a->gate : q->filter->to;
}

/* The route by the links over which its nodes were reached, and from a gate on by those that lead
 * on; true if a tie is on it. */
static bool
trace(const struct astar *a, const struct astar_query *q, uint32_t *links, uint32_t *n)
{
	const struct path_graph *g = q->filter->graph;
	uint32_t count = 0, node, last = last_node(a, q);
	bool tied = last == GRAPH_NONE;

	if (tied)
		return true;
	for (node = last; node != q->from; node = g->links[a->cells[node].link].tail) {
		tied |= (a->cells[node].stamp & ASTAR_TIED) != 0;
		count++;
	}
	*n = count;
	for (node = last; count > 0; node = g->links[links[count]].tail)
		links[--count] = a->cells[node].link;
	for (node = last; node != q->filter->to; node = graph_head(g, links[*n - 1])) {
		const struct vicinity_node *known = vicinity_at(q->around, node);

		tied |= known->tied;
		links[(*n)++] = known->link;
	}
	return tied;
}

/* A node, not the end, comes out at `here` for the first time. */
static enum pce_status
come_out(struct astar *a, const struct astar_query *q, uint32_t node, uint64_t here,
	 struct pce_error *err)
{
	uint32_t link;

	a->cells[node].stamp |= ASTAR_SETTLED;
	a->settled++;
	if (q->around) {
		enum pce_status status = enter(a, q, node, err);

		if (status || is_around(q, node))
			return status;
	}
	if (!a->straight || !straight_on(q, node, &link))
		return expand(a, q, node, 0, here, GRAPH_NONE, err);
	if (link == GRAPH_NONE || offers(q, node, link))
		return follow(a, q, node, link, here, err);
	return expand(a, q, node, 0, here, link, err);
}

/* The same for a node that was put back. */
static enum pce_status
come_again(struct astar *a, const struct astar_query *q, uint32_t node, uint64_t here,
	   struct pce_error *err)
{
	uint32_t link = GRAPH_NONE;

	if (!(a->cells[node].stamp & ASTAR_LED))
		return expand(a, q, node, here, here, GRAPH_NONE, err);
	a->cells[node].stamp &= ~(uint32_t)ASTAR_LED;
	straight_on(q, node, &link);
	return expand(a, q, node, 0, here, link, err);
}

static enum pce_status
search(struct astar *a, const struct astar_query *q, bool *found, struct pce_error *err)
{
	uint32_t left = q->patience > 0 ? q->patience : UINT32_MAX;
	enum pce_status status;

	start_run(a);
	a->straight = q->straight;
	a->gave_up = false;
	a->best = PACKED_MOST;
	status = reach(a, q, q->from, 0, ahead_of(q, q->from), GRAPH_NONE, err);
	while (!status && a->heap.n > 0) {
		uint64_t here = packing_part(q->packing, packed_top(&a->heap));
		uint32_t id = packed_pop(&a->heap), node = id & ~PACKED_AGAIN;
		bool again = id & PACKED_AGAIN;

		if (!again && node == q->filter->to) {
			a->best = q->around ? a->best : a->cells[node].sum;
			*found = true;
			return PCE_OK;
		}
		if (!again && a->cells[node].stamp & ASTAR_SETTLED)
			continue;
		a->gave_up = !again && left-- == 0;
		if (a->gave_up)
			return PCE_OK;
		status =
		    again ? come_again(a, q, node, here, err) : come_out(a, q, node, here, err);
	}
	return status;
}

enum pce_status
astar_route(struct astar *a, const struct astar_query *q, uint32_t *links, uint32_t *n,
	    packed_sum *sum, struct pce_error *err)
{
	enum pce_status status = make_room(a, q->filter->graph->n_nodes, err);
	bool found = false;

	*n = 0;
	if (!status)
		status = search(a, q, &found, err);
	if (status || !found)
		return status;
	*sum = a->best;
	if (!trace(a, q, links, n))
		return PCE_OK;
	mark_back(a, q);
	*n = 0;
	for (uint32_t node = q->from; node != q->filter->to;
	     node = graph_head(q->filter->graph, links[(*n)++]))
		links[*n] = leading_on(a, q, node);
	return PCE_OK;
}
