#include <stdlib.h>
#include <string.h>

#include "pce/path/cut.h"

enum { LINK_OUT, LINK_BLOCKED, LINK_FREE };

/* In seen: by the last search; free links lead there from the start; they lead from there to the
 * end. */
enum { SEEN = 1, AT_START = 2, AT_END = 4 };

/* A larger cut is of no help to anybody, and each unit of flow costs a search. */
#define CUT_MAX 64

struct cut {
	const struct path_graph *g;
	uint32_t from, to;
	uint8_t *state; /* by link */
	int32_t *flow; /* by link */
	uint32_t *via; /* link by which a node was reached, by node */
	uint8_t *backward; /* that link is walked against its direction */
	uint8_t *seen;
	uint32_t *queue;
};

static enum pce_status
cut_init(struct cut *c, const struct path_engine *e, struct pce_error *err)
{
	size_t nodes = (size_t)e->graph->n_nodes + 1, links = (size_t)e->graph->n_links + 1;

	*c = (struct cut){ .g = e->graph, .from = e->filter.from, .to = e->filter.to };
	c->state = calloc(links, sizeof(*c->state));
	c->flow = calloc(links, sizeof(*c->flow));
	c->via = calloc(nodes, sizeof(*c->via));
	c->backward = calloc(nodes, sizeof(*c->backward));
	c->seen = calloc(nodes, sizeof(*c->seen));
	c->queue = calloc(nodes, sizeof(*c->queue));
	return c->state && c->flow && c->via && c->backward && c->seen && c->queue
		   ? PCE_OK
		   : pce_no_memory(err);
}

static void
cut_free(struct cut *c)
{
	free(c->state);
	free(c->flow);
	free(c->via);
	free(c->backward);
	free(c->seen);
	free(c->queue);
}

static void
visit(struct cut *c, uint32_t node, uint32_t link, bool backward, uint32_t *tail)
{
	if (c->seen[node] & SEEN)
		return;
	c->seen[node] |= SEEN;
	c->via[node] = link;
	c->backward[node] = backward;
	c->queue[(*tail)++] = node;
}

/* One search in the residual graph; true if the end was reached. */
static bool
reach(struct cut *c)
{
	uint32_t head = 0, tail = 0;

	visit(c, c->from, GRAPH_NONE, false, &tail);
	while (head < tail && !c->seen[c->to]) {
		uint32_t node = c->queue[head++];

		for (uint32_t l = c->g->out_first[node]; l < c->g->out_first[node + 1]; l++)
			if (c->state[l] == LINK_FREE ||
			    (c->state[l] == LINK_BLOCKED && c->flow[l] == 0))
				visit(c, graph_head(c->g, l), l, false, &tail);
		for (uint32_t i = c->g->in_first[node]; i < c->g->in_first[node + 1]; i++)
			if (c->flow[c->g->in[i]] > 0)
				visit(c, graph_tail(c->g, c->g->in[i]), c->g->in[i], true, &tail);
	}
	return c->seen[c->to];
}

static bool
search_anew(struct cut *c)
{
	memset(c->seen, 0, c->g->n_nodes);
	return reach(c);
}

static void
augment(struct cut *c)
{
	uint32_t node = c->to;

	while (node != c->from) {
		uint32_t link = c->via[node];

		c->flow[link] += c->backward[node] ? -1 : 1;
		node = c->backward[node] ? graph_head(c->g, link) : graph_tail(c->g, link);
	}
}

/* True for a blocked link that the last search could not pass. */
static bool
is_passed_over(const struct cut *c, uint32_t link)
{
	return c->state[link] == LINK_BLOCKED && c->seen[graph_tail(c->g, link)] & SEEN &&
	       !(c->seen[graph_head(c->g, link)] & SEEN);
}

/* Canonical order of links: by the rank of the tail, then their own. */
static bool
comes_before(const struct ted *ted, ted_link a, ted_link b)
{
	const struct ted_link_row *x = ted_link_at(ted, a), *y = ted_link_at(ted, b);

	if (x->from != y->from)
		return ted_node_at(ted, x->from)->rank < ted_node_at(ted, y->from)->rank;
	return x->rank < y->rank;
}

/* The blocked links that the last search could not pass, in canonical order: at most `most` of
 * them, because that is how much flow passes them. */
static enum pce_status
collect(struct cut *c, size_t most, uint32_t **out, size_t *n, struct pce_error *err)
{
	const struct path_graph *g = c->g;
	uint32_t *rows = calloc(most, sizeof(*rows));
	size_t found = 0;

	if (!rows)
		return pce_no_memory(err);
	for (uint32_t l = 0; l < g->n_links && found < most; l++) {
		uint32_t row = g->links[l].row;
		size_t at = found;

		if (!is_passed_over(c, l))
			continue;
		for (found++; at > 0 && comes_before(g->ted, row, rows[at - 1]); at--)
			rows[at] = rows[at - 1];
		rows[at] = row;
	}
	*out = rows;
	*n = found;
	return PCE_OK;
}

/* Sees what free links lead to from the start, and puts those of these nodes into the queue that
 * blocked links leave, *n of them; true if the end is among them. */
static bool
mark_start(struct cut *c, uint32_t *n)
{
	const struct path_graph *g = c->g;
	uint32_t tail = 0, kept = 0;

	visit(c, c->from, GRAPH_NONE, false, &tail);
	for (uint32_t head = 0; head < tail; head++) {
		uint32_t node = c->queue[head];
		bool blocked = false;

		c->seen[node] |= AT_START;
		for (uint32_t l = g->out_first[node]; l < g->out_first[node + 1]; l++) {
			blocked |= c->state[l] == LINK_BLOCKED;
			if (c->state[l] == LINK_FREE)
				visit(c, graph_head(g, l), l, false, &tail);
		}
		if (blocked)
			c->queue[kept++] = node;
	}
	*n = kept;
	return c->seen[c->to];
}

/* Marks the nodes from which free links lead to the end; the queue from `from` on is free. */
static void
mark_end(struct cut *c, uint32_t from)
{
	const struct path_graph *g = c->g;
	uint32_t tail = from;

	c->seen[c->to] |= AT_END;
	c->queue[tail++] = c->to;
	for (uint32_t head = from; head < tail; head++) {
		uint32_t node = c->queue[head];

		for (uint32_t i = g->in_first[node]; i < g->in_first[node + 1]; i++) {
			uint32_t before = g->arcs_in[i].end;

			if (c->state[g->in[i]] != LINK_FREE || c->seen[before] & AT_END)
				continue;
			c->seen[before] |= AT_END;
			c->queue[tail++] = before;
		}
	}
}

/* The nodes that one can go on to from a node; one from which free links lead to the end, or
 * GRAPH_NONE. */
static uint32_t
go_on(struct cut *c, uint32_t node, uint32_t *tail)
{
	const struct path_graph *g = c->g;
	uint32_t fresh = *tail;

	for (uint32_t l = g->out_first[node]; l < g->out_first[node + 1]; l++)
		if (c->state[l] == LINK_FREE || (c->state[l] == LINK_BLOCKED && c->flow[l] == 0))
			visit(c, graph_head(g, l), l, false, tail);
	for (uint32_t i = g->in_first[node]; i < g->in_first[node + 1]; i++)
		if (c->flow[g->in[i]] > 0)
			visit(c, g->arcs_in[i].end, g->in[i], true, tail);
	for (; fresh < *tail; fresh++)
		if (c->seen[c->queue[fresh]] & AT_END)
			return c->queue[fresh];
	return GRAPH_NONE;
}

/*
 * One unit of flow more; false if there is no room for it, and then c->seen tells what can be
 * reached. It goes from the nodes at the start to those at the end, the first `n_start` of the
 * queue being those that blocked links leave. Within these two sets nothing limits flow, so none is
 * remembered there.
 */
static bool
push_unit(struct cut *c, uint32_t n_start)
{
	uint32_t tail = n_start, node = GRAPH_NONE;

	for (uint32_t head = 0; head < tail && node == GRAPH_NONE; head++)
		node = go_on(c, c->queue[head], &tail);
	if (node == GRAPH_NONE)
		return false;
	while (!(c->seen[node] & AT_START)) {
		uint32_t link = c->via[node];

		c->flow[link] += c->backward[node] ? -1 : 1;
		node = c->backward[node] ? graph_head(c->g, link) : graph_tail(c->g, link);
	}
	while (tail > n_start)
		c->seen[c->queue[--tail]] &= (uint8_t)~SEEN;
	return true;
}

static enum pce_status
find(struct cut *c, uint32_t **out, size_t *n, struct pce_error *err)
{
	unsigned rounds = 0;
	uint32_t n_start;

	if (mark_start(c, &n_start))
		return PCE_OK;
	mark_end(c, n_start);
	while (push_unit(c, n_start))
		if (++rounds > CUT_MAX)
			return PCE_OK;
	if (rounds == 0)
		return PCE_OK;
	return collect(c, rounds, out, n, err);
}

/* The links of a state that the filter allows get the next one. */
static void
raise_states(struct cut *c, const struct filter *f, uint8_t state)
{
	const struct path_graph *g = c->g;

	for (uint32_t v = 0; v < g->n_nodes; v++)
		for (uint32_t i = g->out_first[v]; i < g->out_first[v + 1]; i++)
			if (c->state[i] == state &&
			    filter_allows_arc(f, &g->arcs_out[i], i, v, g->arcs_out[i].end))
				c->state[i] = state + 1;
}

enum pce_status
cut_blocking(struct path_engine *e, const struct path_request *request, uint32_t asked,
	     uint32_t kept, uint32_t **out, size_t *n, struct pce_error *err)
{
	struct cut c;
	enum pce_status status = filter_set(&e->filter, request, kept, err);

	if (status)
		return status;
	status = cut_init(&c, e, err);
	if (!status) {
		raise_states(&c, &e->filter, LINK_OUT);
		status = filter_set(&e->filter, request, asked, err);
	}
	if (!status)
		raise_states(&c, &e->filter, LINK_BLOCKED);
	if (!status)
		status = find(&c, out, n, err);
	cut_free(&c);
	return status;
}

enum pce_status
cut_unusable(struct path_engine *e, uint32_t **out, size_t *n, struct pce_error *err)
{
	struct cut c;
	enum pce_status status = cut_init(&c, e, err);

	for (uint32_t i = 0; !status && i < e->graph->n_links; i++)
		c.state[i] = graph_usable(e->graph, i) ? LINK_FREE : LINK_BLOCKED;
	if (!status)
		status = find(&c, out, n, err);
	cut_free(&c);
	return status;
}

enum pce_status
cut_bridge(struct path_engine *e, uint32_t **out, size_t *n, struct pce_error *err)
{
	struct cut c;
	size_t found = 0;
	uint32_t *rows = NULL;
	enum pce_status status = cut_init(&c, e, err);

	for (uint32_t i = 0; !status && i < e->graph->n_links; i++)
		c.state[i] = filter_allows(&e->filter, i) ? LINK_BLOCKED : LINK_OUT;
	if (!status && reach(&c)) {
		augment(&c);
		if (!search_anew(&c))
			status = collect(&c, 1, &rows, &found, err);
	}
	cut_free(&c);
	if (status)
		return status;
	*out = rows;
	*n = found;
	return PCE_OK;
}

enum pce_status
cut_bridges(struct path_engine *e, uint8_t *marks, struct pce_error *err)
{
	const struct path_graph *g = e->graph;
	struct cut c;
	enum pce_status status = cut_init(&c, e, err);

	for (uint32_t i = 0; !status && i < g->n_links; i++)
		c.state[i] = filter_allows(&e->filter, i) ? LINK_BLOCKED : LINK_OUT;
	if (!status && reach(&c)) {
		augment(&c);
		while (!search_anew(&c))
			for (uint32_t i = 0; i < g->n_links; i++) {
				if (!is_passed_over(&c, i))
					continue;
				c.state[i] = LINK_FREE;
				marks[i] = 1;
				if (g->links[i].reverse != GRAPH_NONE)
					marks[g->links[i].reverse] = 1;
			}
	}
	cut_free(&c);
	return status;
}
