/*
 * Analyses: the usable part of a ted as an undirected graph of fibres and a directed one of links,
 * with nodes, links and fibres numbered in order of rank, so that nothing depends on the order of
 * arrival.
 */
#include "models/import/analyse.h"

#include <stdlib.h>
#include <string.h>

#include "models/import/analyse_internal.h"

void *
analyse_alloc(struct analyse_graph *g, size_t n, size_t size)
{
	return arena_alloc(&g->arena, (n + 1) * size);
}

struct ranked {
	uint32_t rank, row;
};

static int
by_rank(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	return x->rank < y->rank ? -1 : x->rank > y->rank;
}

static enum pce_status
number_nodes(struct analyse_graph *g)
{
	uint32_t rows = ted_node_count(g->ted);
	struct ranked *order = analyse_alloc(g, rows, sizeof(*order));
	ted_node *nodes = arena_alloc(&g->out->arena, ((size_t)rows + 1) * sizeof(*nodes));

	g->index = analyse_alloc(g, rows, sizeof(*g->index));
	if (!order || !nodes || !g->index)
		return pce_no_memory(g->err);
	for (uint32_t i = 0; i < rows; i++) {
		g->index[i] = ANALYSE_NONE;
		if (!ted_node_at(g->ted, i)->unusable)
			order[g->n++] = (struct ranked){ ted_node_at(g->ted, i)->rank, i };
	}
	qsort(order, g->n, sizeof(*order), by_rank);
	for (uint32_t i = 0; i < g->n; i++) {
		nodes[i] = order[i].row;
		g->index[order[i].row] = i;
	}
	g->out->nodes = nodes;
	g->out->n_nodes = g->n;
	return PCE_OK;
}

/* Usable links but those that lead to their own node. */
static enum pce_status
number_links(struct analyse_graph *g)
{
	uint32_t rows = ted_link_count(g->ted);
	struct ranked *order = analyse_alloc(g, rows, sizeof(*order));

	g->links = analyse_alloc(g, rows, sizeof(*g->links));
	g->from = analyse_alloc(g, rows, sizeof(*g->from));
	g->to = analyse_alloc(g, rows, sizeof(*g->to));
	if (!order || !g->links || !g->from || !g->to)
		return pce_no_memory(g->err);
	for (uint32_t i = 0; i < rows; i++) {
		const struct ted_link_row *row = ted_link_at(g->ted, i);

		if (ted_link_usable(g->ted, i) && row->from != row->to)
			order[g->n_links++] = (struct ranked){ row->rank, i };
	}
	qsort(order, g->n_links, sizeof(*order), by_rank);
	for (uint32_t i = 0; i < g->n_links; i++) {
		g->links[i] = order[i].row;
		g->from[i] = g->index[ted_link_at(g->ted, order[i].row)->from];
		g->to[i] = g->index[ted_link_at(g->ted, order[i].row)->to];
	}
	g->out->n_links = g->n_links;
	return PCE_OK;
}

/* Arcs from the ends a to the ends b of n things, and back again if both. */
static bool
make_arcs(struct analyse_graph *g, const uint32_t *a, const uint32_t *b, uint32_t n, bool both,
	  struct analyse_arcs *out)
{
	uint32_t *next = analyse_alloc(g, g->n, sizeof(*next));

	out->first = analyse_alloc(g, (size_t)g->n + 1, sizeof(*out->first));
	out->arcs = analyse_alloc(g, (size_t)n * (both ? 2 : 1), sizeof(*out->arcs));
	if (!next || !out->first || !out->arcs)
		return false;
	for (uint32_t i = 0; i < n; i++) {
		out->first[a[i] + 1]++;
		if (both)
			out->first[b[i] + 1]++;
	}
	for (uint32_t i = 0; i < g->n; i++) {
		out->first[i + 1] += out->first[i];
		next[i] = out->first[i];
	}
	for (uint32_t i = 0; i < n; i++) {
		out->arcs[next[a[i]]++] = (struct analyse_arc){ b[i], i };
		if (both)
			out->arcs[next[b[i]]++] = (struct analyse_arc){ a[i], i };
	}
	return true;
}

/*
 * The first link that leads back, is in no fibre yet and names no reverse. Both ends list it in
 * order of rank; the one with fewer links is looked through.
 */
static uint32_t
find_back(const struct analyse_graph *g, uint32_t link, const bool *taken)
{
	uint32_t from = g->from[link], to = g->to[link];
	const uint32_t *out = g->out_arcs.first + to, *in = g->in_arcs.first + from;
	bool at_to = out[1] - out[0] <= in[1] - in[0];
	const struct analyse_arcs *arcs = at_to ? &g->out_arcs : &g->in_arcs;
	uint32_t at = at_to ? to : from, other = at_to ? from : to;

	for (uint32_t i = arcs->first[at]; i < arcs->first[at + 1]; i++) {
		uint32_t back = arcs->arcs[i].what;

		if (arcs->arcs[i].to == other && !taken[back] &&
		    ted_link_at(g->ted, g->links[back])->reverse == TED_NONE)
			return back;
	}
	return ANALYSE_NONE;
}

/* Where the reverse of a link stands; ANALYSE_NONE without a usable one. */
static enum pce_status
find_reverses(struct analyse_graph *g, uint32_t **out)
{
	uint32_t rows = ted_link_count(g->ted);
	uint32_t *place = analyse_alloc(g, rows, sizeof(*place));
	uint32_t *reverse = analyse_alloc(g, g->n_links, sizeof(*reverse));

	if (!place || !reverse)
		return pce_no_memory(g->err);
	for (uint32_t i = 0; i < rows; i++)
		place[i] = ANALYSE_NONE;
	for (uint32_t i = 0; i < g->n_links; i++)
		place[g->links[i]] = i;
	for (uint32_t i = 0; i < g->n_links; i++) {
		ted_link row = ted_link_at(g->ted, g->links[i])->reverse;

		reverse[i] = row == TED_NONE ? ANALYSE_NONE : place[row];
	}
	*out = reverse;
	return PCE_OK;
}

static enum pce_status
make_fibres(struct analyse_graph *g)
{
	bool *taken = analyse_alloc(g, g->n_links, sizeof(*taken));
	uint32_t *reverse = NULL;
	enum pce_status status = find_reverses(g, &reverse);

	g->fibres = arena_alloc(&g->out->arena, ((size_t)g->n_links + 1) * sizeof(*g->fibres));
	g->a = analyse_alloc(g, g->n_links, sizeof(*g->a));
	g->b = analyse_alloc(g, g->n_links, sizeof(*g->b));
	if (status || !taken || !g->fibres || !g->a || !g->b)
		return pce_no_memory(g->err);
	for (uint32_t i = 0; i < g->n_links; i++) {
		const struct ted_link_row *row = ted_link_at(g->ted, g->links[i]);
		uint32_t back = reverse[i];

		if (taken[i])
			continue;
		taken[i] = true;
		if (back == ANALYSE_NONE && row->reverse == TED_NONE) {
			back = find_back(g, i, taken);
			g->out->paired += back != ANALYSE_NONE;
		}
		if (back != ANALYSE_NONE)
			taken[back] = true;
		g->out->one_way += back == ANALYSE_NONE;
		g->fibres[g->n_fibres] =
		    (struct analysis_fibre){ g->links[i],
					     back == ANALYSE_NONE ? TED_NONE : g->links[back],
					     row->from, row->to };
		g->a[g->n_fibres] = g->from[i];
		g->b[g->n_fibres++] = g->to[i];
	}
	g->out->fibres = g->fibres;
	g->out->n_fibres = g->n_fibres;
	return PCE_OK;
}

static enum pce_status
make_graph(struct analyse_graph *g)
{
	enum pce_status status = number_nodes(g);

	if (status == PCE_OK)
		status = number_links(g);
	if (status == PCE_OK && (!make_arcs(g, g->from, g->to, g->n_links, false, &g->out_arcs) ||
				 !make_arcs(g, g->to, g->from, g->n_links, false, &g->in_arcs)))
		status = pce_no_memory(g->err);
	if (status == PCE_OK)
		status = make_fibres(g);
	if (status == PCE_OK && !make_arcs(g, g->a, g->b, g->n_fibres, true, &g->undirected))
		status = pce_no_memory(g->err);
	return status;
}

enum pce_status
analysis_make(const struct ted *ted, size_t sources, struct analysis *out, struct pce_error *err)
{
	struct analysis made = { .n_nodes = 0 };
	struct analyse_graph g = { .ted = ted, .out = &made, .err = err };
	uint32_t *bridges = NULL, *points = NULL;
	size_t n_bridges = 0, n_points = 0;
	enum pce_status status = make_graph(&g);

	if (status == PCE_OK)
		status = analyse_igraph(&g, &bridges, &n_bridges, &points, &n_points);
	if (status == PCE_OK)
		status = analyse_cuts(&g, bridges, n_bridges);
	if (status == PCE_OK)
		status = analyse_risks(&g, points, n_points);
	if (status == PCE_OK)
		status = analyse_paths(&g, sources);
	arena_free(&g.arena);
	if (status == PCE_OK)
		*out = made;
	else
		analysis_free(&made);
	return status;
}

void
analysis_free(struct analysis *analysis)
{
	arena_free(&analysis->arena);
	*analysis = (struct analysis){ .n_nodes = 0 };
}
