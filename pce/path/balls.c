#include <stdlib.h>

#include "pce/path/balls.h"

void
balls_free(struct balls *b)
{
	free(b->block);
	free(b->heaps[0].entries);
	free(b->heaps[1].entries);
	free(b->noted);
	*b = (struct balls){ .cells = NULL };
}

static enum pce_status
start(struct balls *b, const struct path_graph *g, struct pce_error *err)
{
	if (!b->cells) {
		size_t size = ((size_t)g->n_nodes + 1) * sizeof(*b->cells);

		b->cells = array_lines(size, &b->block);
		if (!b->cells)
			return pce_no_memory(err);
		memset(b->cells, 0, size);
		b->n_nodes = g->n_nodes;
	}
	if (++b->epoch >> (32 - BALL_FLAG_BITS) != 0) {
		for (uint32_t i = 0; i < b->n_nodes; i++)
			b->cells[i].stamp[0] = b->cells[i].stamp[1] = 0;
		b->epoch = 1;
	}
	b->heaps[0].n = b->heaps[1].n = 0;
	b->n_noted = 0;
	b->best = PACKED_MOST;
	return PCE_OK;
}

/* Takes in a route over a link whose ends both sides have seen. */
static enum pce_status
meet(struct balls *b, packed_sum sum, uint32_t link, struct pce_error *err)
{
	enum pce_status status;

	if (sum > b->best)
		return PCE_OK;
	if (sum < b->best)
		b->n_noted = 0;
	b->best = sum;
	status = array_reserve(&b->noted, &b->noted_cap, b->n_noted + 1, sizeof(*b->noted), err);
	if (!status)
		b->noted[b->n_noted++] = link;
	return status;
}

/* A link leads from this side to a node with this sum. */
static enum pce_status
reach(struct balls *b, unsigned side, uint32_t node, packed_sum sum, uint32_t link,
      struct pce_error *err)
{
	struct balls_cell *cell = &b->cells[node];
	enum pce_status status = PCE_OK;

	if (cell->stamp[!side] >> BALL_FLAG_BITS == b->epoch && link != GRAPH_NONE)
		status = meet(b, sum + cell->sum[!side], link, err);
	if (status || sum > b->best)
		return status;
	if (cell->stamp[side] >> BALL_FLAG_BITS == b->epoch) {
		if (sum == cell->sum[side])
			cell->stamp[side] |= BALL_TIED;
		if (sum >= cell->sum[side])
			return PCE_OK;
	}
	cell->stamp[side] = b->epoch << BALL_FLAG_BITS;
	cell->sum[side] = sum;
	cell->link[side] = link;
	return packed_push(&b->heaps[side], sum, node, err);
}

static enum pce_status
expand(struct balls *b, const struct balls_query *q, unsigned side, uint32_t node,
       struct pce_error *err)
{
	const struct path_graph *g = q->filter->graph;
	const uint32_t *first = side == BALL_START ? g->out_first : g->in_first;
	const struct graph_arc *arcs = side == BALL_START ? g->arcs_out : g->arcs_in;
	packed_sum sum = b->cells[node].sum[side];
	enum pce_status status = PCE_OK;

	for (uint32_t i = first[node]; !status && i < first[node + 1]; i++) {
		uint32_t link = side == BALL_START ? i : g->in[i];
		uint32_t tail = side == BALL_START ? node : arcs[i].end;
		uint32_t head = side == BALL_START ? arcs[i].end : node;

		if (filter_allows_arc(q->filter, &arcs[i], link, tail, head))
			status = reach(b, side, arcs[i].end,
				       sum + packing_weight(q->packing, &arcs[i]), link, err);
	}
	return status;
}

/* Until no route through a node that neither side has settled can be as good as the best. */
static enum pce_status
run(struct balls *b, const struct balls_query *q, struct pce_error *err)
{
	struct packed_heap *h = b->heaps;
	enum pce_status status = PCE_OK;

	while (!status && h[0].n > 0 && h[1].n > 0) {
		unsigned side = h[0].n <= h[1].n ? BALL_START : BALL_END;
		uint32_t node;

		if (b->best != PACKED_MOST && packed_top(&h[0]) + packed_top(&h[1]) > b->best)
			break;
		node = packed_pop(&h[side]);
		if (b->cells[node].stamp[side] & BALL_SETTLED)
			continue;
		b->cells[node].stamp[side] |= BALL_SETTLED;
		b->settled++;
		status = expand(b, q, side, node, err);
	}
	return status;
}

/* The route over a link by which both sides met; false if a tie is on it. */
static bool
trace(const struct balls *b, const struct balls_query *q, uint32_t met, uint32_t *links,
      uint32_t *n)
{
	const struct path_graph *g = q->filter->graph;
	uint32_t count = 0, at;
	bool tied = false;

	for (uint32_t v = graph_tail(g, met); v != q->filter->from;
	     v = graph_tail(g, b->cells[v].link[BALL_START]))
		count++;
	at = count;
	for (uint32_t v = graph_tail(g, met); v != q->filter->from;
	     v = graph_tail(g, b->cells[v].link[BALL_START])) {
		tied |= (b->cells[v].stamp[BALL_START] & BALL_TIED) != 0;
		links[--at] = b->cells[v].link[BALL_START];
	}
	links[count++] = met;
	for (uint32_t v = graph_head(g, met); v != q->filter->to;
	     v = graph_head(g, b->cells[v].link[BALL_END])) {
		tied |= (b->cells[v].stamp[BALL_END] & BALL_TIED) != 0;
		links[count++] = b->cells[v].link[BALL_END];
	}
	*n = count;
	return !tied;
}

static bool
contains(const uint32_t *links, uint32_t n, uint32_t link)
{
	for (uint32_t i = 0; i < n; i++)
		if (links[i] == link)
			return true;
	return false;
}

enum pce_status
balls_search(struct balls *b, const struct balls_query *query, bool *found, uint32_t *links,
	     uint32_t *n, struct pce_error *err)
{
	packed_sum next;
	enum pce_status status = start(b, query->filter->graph, err);

	*found = false;
	*n = 0;
	if (!status)
		status = reach(b, BALL_START, query->filter->from, 0, GRAPH_NONE, err);
	if (!status)
		status = reach(b, BALL_END, query->filter->to, 0, GRAPH_NONE, err);
	if (!status)
		status = run(b, query, err);
	if (status || b->best == PACKED_MOST)
		return status;
	*found = true;
	next = b->heaps[BALL_END].n > 0 ? packed_top(&b->heaps[BALL_END]) : b->best;
	b->radius[BALL_END] = next < b->best ? next : b->best;
	b->radius[BALL_START] = b->best - b->radius[BALL_END];
	if (!trace(b, query, b->noted[0], links, n))
		*n = 0;
	for (size_t i = 1; i<b->n_noted && * n> 0; i++)
		if (!contains(links, *n, b->noted[i]))
			*n = 0;
	return PCE_OK;
}
