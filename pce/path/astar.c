#include <stdlib.h>

#include "pce/path/astar.h"

void
astar_free(struct astar *a)
{
	free(a->cells);
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
	a->cells = calloc(n, sizeof(*a->cells));
	a->stack = calloc(n, sizeof(*a->stack));
	a->n_nodes = n_nodes;
	a->epoch = 0;
	if (a->cells && a->stack)
		return PCE_OK;
	astar_free(a);
	return pce_no_memory(err);
}

static void
start_run(struct astar *a)
{
	a->heap.n = 0;
	if (++a->epoch != 0)
		return;
	for (uint32_t i = 0; i < a->n_nodes; i++)
		a->cells[i].stamp = 0;
	a->epoch = 1;
}

/* A link leads to a node with this sum. */
static enum pce_status
reach(struct astar *a, const struct astar_query *q, uint32_t node, packed_sum sum, uint32_t link,
      struct pce_error *err)
{
	struct astar_cell *cell = &a->cells[node];

	if (cell->stamp != a->epoch) {
		cell->stamp = a->epoch;
		cell->ahead = potential_at(q->potential, node);
		cell->settled = cell->marked = 0;
	} else if (cell->settled || sum > cell->sum) {
		return PCE_OK;
	} else if (sum == cell->sum) {
		cell->tied = 1;
		return PCE_OK;
	}
	cell->sum = sum;
	cell->link = link;
	cell->tied = 0;
	return packed_push(&a->heap, sum + packing_objective(q->packing, cell->ahead), node, err);
}

static enum pce_status
expand(struct astar *a, const struct astar_query *q, uint32_t node, struct pce_error *err)
{
	const struct path_graph *g = q->filter->graph;
	packed_sum sum = a->cells[node].sum;
	enum pce_status status = PCE_OK;

	for (uint32_t i = g->out_first[node]; !status && i < g->out_first[node + 1]; i++) {
		const struct graph_arc *arc = &g->arcs_out[i];

		if (filter_allows_arc(q->filter, arc, i, node, arc->end))
			status =
			    reach(a, q, arc->end, sum + packing_weight(q->packing, arc), i, err);
	}
	return status;
}

/* Marks the nodes of all optimal routes, from the end back over tight links. */
static void
mark_back(struct astar *a, const struct astar_query *q)
{
	const struct path_graph *g = q->filter->graph;
	uint32_t n = 1;

	a->stack[0] = q->filter->to;
	a->cells[q->filter->to].marked = 1;
	while (n > 0) {
		uint32_t node = a->stack[--n];

		for (uint32_t i = g->in_first[node]; i < g->in_first[node + 1]; i++) {
			const struct graph_arc *arc = &g->arcs_in[i];
			struct astar_cell *tail = &a->cells[arc->end];

			if (tail->stamp != a->epoch || !tail->settled || tail->marked ||
			    !filter_allows_arc(q->filter, arc, g->in[i], arc->end, node) ||
			    tail->sum + packing_weight(q->packing, arc) != a->cells[node].sum)
				continue;
			tail->marked = 1;
			a->stack[n++] = arc->end;
		}
	}
}

/* The smallest link that leads on from a marked node to a marked one. */
static uint32_t
leading_on(const struct astar *a, const struct astar_query *q, uint32_t node)
{
	const struct path_graph *g = q->filter->graph;
	uint32_t i = g->out_first[node], end = g->out_first[node + 1];

	for (; i < end; i++) {
		const struct graph_arc *arc = &g->arcs_out[i];
		const struct astar_cell *head = &a->cells[arc->end];

		if (head->stamp == a->epoch && head->marked &&
		    filter_allows_arc(q->filter, arc, i, node, arc->end) &&
		    a->cells[node].sum + packing_weight(q->packing, arc) == head->sum)
			break;
	}
	return i;
}

/* The route by the links over which its nodes were reached; true if a tie is on it. */
static bool
trace(const struct astar *a, const struct astar_query *q, uint32_t *links, uint32_t *n)
{
	const struct path_graph *g = q->filter->graph;
	uint32_t count = 0, node;
	bool tied = false;

	for (node = q->filter->to; node != q->from; node = g->links[a->cells[node].link].tail) {
		tied |= a->cells[node].tied;
		count++;
	}
	*n = count;
	for (node = q->filter->to; count > 0; node = g->links[links[count]].tail)
		links[--count] = a->cells[node].link;
	return tied;
}

enum pce_status
astar_route(struct astar *a, const struct astar_query *q, uint32_t *links, uint32_t *n,
	    packed_sum *sum, struct pce_error *err)
{
	const struct path_graph *g = q->filter->graph;
	enum pce_status status = make_room(a, g->n_nodes, err);
	uint32_t node = q->from;

	*n = 0;
	if (status)
		return status;
	start_run(a);
	status = reach(a, q, q->from, 0, GRAPH_NONE, err);
	while (!status && a->heap.n > 0) {
		node = packed_pop(&a->heap);
		if (node == q->filter->to)
			break;
		if (a->cells[node].settled)
			continue;
		a->cells[node].settled = 1;
		a->settled++;
		status = expand(a, q, node, err);
	}
	if (status || node != q->filter->to)
		return status;
	*sum = a->cells[node].sum;
	if (!trace(a, q, links, n))
		return PCE_OK;
	mark_back(a, q);
	*n = 0;
	for (node = q->from; node != q->filter->to; node = graph_head(g, links[(*n)++]))
		links[*n] = leading_on(a, q, node);
	return PCE_OK;
}
