/*
 * The one file that talks to igraph. Debian's build is not thread-safe and aborts the process on an
 * error unless a handler is set first.
 */
#include <igraph/igraph.h>
#include <stdlib.h>

#include "models/import/analyse_internal.h"

struct lists {
	igraph_vector_int_t edges, bridges, points, island, sizes;
};

static bool
init(struct lists *l)
{
	igraph_vector_int_t *const all[] = { &l->edges, &l->bridges, &l->points, &l->island,
					     &l->sizes };
	size_t n = 0;

	while (n < 5 && igraph_vector_int_init(all[n], 0) == IGRAPH_SUCCESS)
		n++;
	if (n == 5)
		return true;
	while (n-- > 0)
		igraph_vector_int_destroy(all[n]);
	return false;
}

static void
destroy(struct lists *l)
{
	igraph_vector_int_destroy(&l->edges);
	igraph_vector_int_destroy(&l->bridges);
	igraph_vector_int_destroy(&l->points);
	igraph_vector_int_destroy(&l->island);
	igraph_vector_int_destroy(&l->sizes);
}

static bool
ask(const struct analyse_graph *g, struct lists *l)
{
	igraph_t graph;
	bool good;

	if (igraph_vector_int_resize(&l->edges, 2 * (igraph_integer_t)g->n_fibres))
		return false;
	for (uint32_t i = 0; i < g->n_fibres; i++) {
		VECTOR(l->edges)[2 * i] = g->a[i];
		VECTOR(l->edges)[2 * i + 1] = g->b[i];
	}
	if (igraph_create(&graph, &l->edges, g->n, IGRAPH_UNDIRECTED))
		return false;
	good = !igraph_connected_components(&graph, &l->island, &l->sizes, NULL, IGRAPH_WEAK) &&
	       !igraph_bridges(&graph, &l->bridges) &&
	       !igraph_articulation_points(&graph, &l->points);
	igraph_destroy(&graph);
	return good;
}

static int
by_number(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* A copy in the scratch arena; NULL without memory. */
static uint32_t *
keep(struct analyse_graph *g, const igraph_vector_int_t *from, size_t *n)
{
	uint32_t *out;

	*n = (size_t)igraph_vector_int_size(from);
	out = analyse_alloc(g, *n, sizeof(*out));
	for (size_t i = 0; out && i < *n; i++)
		out[i] = (uint32_t)VECTOR(*from)[i];
	return out;
}

enum pce_status
analyse_igraph(struct analyse_graph *g, uint32_t **bridges, size_t *n_bridges, uint32_t **points,
	       size_t *n_points)
{
	igraph_error_handler_t *before = igraph_set_error_handler(igraph_error_handler_ignore);
	struct lists l;
	size_t n;
	bool good = false;

	if (init(&l)) {
		good = ask(g, &l);
		if (good) {
			*bridges = keep(g, &l.bridges, n_bridges);
			*points = keep(g, &l.points, n_points);
			g->island = keep(g, &l.island, &n);
			g->island_size = keep(g, &l.sizes, &n);
			g->out->islands = n;
		}
		destroy(&l);
	}
	igraph_set_error_handler(before);
	if (!good || !*bridges || !*points || !g->island || !g->island_size)
		return pce_no_memory(g->err);
	qsort(*bridges, *n_bridges, sizeof(**bridges), by_number);
	qsort(*points, *n_points, sizeof(**points), by_number);
	return PCE_OK;
}
