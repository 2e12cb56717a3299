/*
 * igraph 0.10 on the same questions. It has no label-setting search under a bound, and counts
 * disjoint paths without giving them. An infinite weight means "very long" to it, not "absent": a
 * pruned question that has no answer comes back with a path over a pruned link, which is caught
 * here. Changes of metrics are a store to it; its figure for them says nothing, its costs are
 * compared.
 */
#include <igraph/igraph.h>
#include <stdlib.h>

#include "tests/bench/path/measure.h"

struct state {
	const struct network *net;
	igraph_t graph;
	igraph_vector_t igp, delay_us, risk, residual, masked;
	igraph_vector_int_t path, parents, inbound;
	igraph_vector_int_list_t paths;
	uint64_t worse, cut_off;
	uint32_t n_updates;
	uint64_t *dist;
};

static void *
start(const struct network *net)
{
	struct state *s = calloc(1, sizeof(*s));
	igraph_vector_int_t edges;

	if (!s)
		exit(1);
	s->net = net;
	igraph_set_warning_handler(igraph_warning_handler_ignore);
	igraph_vector_int_init(&edges, 2 * (igraph_integer_t)net->n_links);
	igraph_vector_init(&s->igp, net->n_links);
	igraph_vector_init(&s->delay_us, net->n_links);
	igraph_vector_init(&s->risk, net->n_links);
	igraph_vector_init(&s->residual, net->n_links);
	igraph_vector_init(&s->masked, net->n_links);
	igraph_vector_int_init(&s->path, 0);
	igraph_vector_int_init(&s->parents, 0);
	igraph_vector_int_init(&s->inbound, 0);
	igraph_vector_int_list_init(&s->paths, 0);
	for (uint32_t i = 0; i < net->n_links; i++) {
		const struct network_link *l = &net->links[i];

		VECTOR(edges)[2 * i] = l->tail;
		VECTOR(edges)[2 * i + 1] = l->head;
		VECTOR(s->igp)[i] = l->igp;
		VECTOR(s->delay_us)[i] = l->delay_us;
		VECTOR(s->risk)[i] = l->risk;
		VECTOR(s->residual)[i] = l->residual_kbps;
	}
	igraph_create(&s->graph, &edges, net->n_nodes, IGRAPH_DIRECTED);
	igraph_vector_int_destroy(&edges);
	s->dist = calloc(net->n_nodes, sizeof(*s->dist));
	return s;
}

static void
stop(void *state)
{
	struct state *s = state;

	igraph_destroy(&s->graph);
	igraph_vector_destroy(&s->igp);
	igraph_vector_destroy(&s->delay_us);
	igraph_vector_destroy(&s->risk);
	igraph_vector_destroy(&s->residual);
	igraph_vector_destroy(&s->masked);
	igraph_vector_int_destroy(&s->path);
	igraph_vector_int_destroy(&s->parents);
	igraph_vector_int_destroy(&s->inbound);
	igraph_vector_int_list_destroy(&s->paths);
	free(s->dist);
	free(s);
}

static void
shortest(struct state *s, uint32_t from, uint32_t to, const igraph_vector_t *weights,
	 igraph_vector_int_t *path)
{
	igraph_get_shortest_path_dijkstra(&s->graph, NULL, path, from, to, weights, IGRAPH_OUT);
}

/* The sum of a weight along the path found, or none. */
static void
sum_path(const struct state *s, const igraph_vector_t *weights, struct cost *out)
{
	igraph_integer_t n = igraph_vector_int_size(&s->path);

	out->none = n == 0;
	for (igraph_integer_t i = 0; i < n; i++)
		out->first += (uint64_t)VECTOR(*weights)[VECTOR(s->path)[i]];
}

static void
run_tree(void *state, const struct network_query *q)
{
	struct state *s = state;

	igraph_get_shortest_paths_dijkstra(&s->graph, NULL, NULL, q->from, igraph_vss_all(),
					   &s->igp, IGRAPH_OUT, &s->parents, &s->inbound);
}

/* Distances along the parents, each node once. */
static void
tree_cost(void *state, const struct network_query *q, struct cost *out)
{
	struct state *s = state;
	uint32_t *way = calloc(s->net->n_nodes, sizeof(*way));

	for (uint32_t i = 0; i < s->net->n_nodes; i++)
		s->dist[i] = UINT64_MAX;
	s->dist[q->from] = 0;
	for (uint32_t i = 0; way && i < s->net->n_nodes; i++) {
		uint32_t n = 0, at = i;

		while (s->dist[at] == UINT64_MAX && VECTOR(s->parents)[at] >= 0) {
			way[n++] = at;
			at = (uint32_t)VECTOR(s->parents)[at];
		}
		while (n-- > 0 && s->dist[at] != UINT64_MAX) {
			s->dist[way[n]] =
			    s->dist[at] + (uint64_t)VECTOR(s->igp)[VECTOR(s->inbound)[way[n]]];
			at = way[n];
		}
		if (s->dist[i] != UINT64_MAX)
			out->first += s->dist[i];
	}
	free(way);
}

static void
run_point(void *state, const struct network_query *q)
{
	struct state *s = state;

	for (uint32_t i = 0; i < s->net->n_links; i++) {
		const struct network_link *l = &s->net->links[i];

		VECTOR(s->masked)[i] = network_allows(l, q) ? l->igp : IGRAPH_INFINITY;
	}
	shortest(s, q->from, q->to, &s->masked, &s->path);
}

static void
point_cost(void *state, const struct network_query *q, struct cost *out)
{
	struct state *s = state;

	sum_path(s, &s->igp, out);
	for (igraph_integer_t i = 0; i < igraph_vector_int_size(&s->path); i++)
		if (!network_allows(&s->net->links[VECTOR(s->path)[i]], q))
			out->none = true;
}

static double
width(const struct state *s)
{
	double least = IGRAPH_INFINITY;

	for (igraph_integer_t i = 0; i < igraph_vector_int_size(&s->path); i++)
		if (VECTOR(s->residual)[VECTOR(s->path)[i]] < least)
			least = VECTOR(s->residual)[VECTOR(s->path)[i]];
	return least;
}

/* The width first, then the least delay among links that are as wide. */
static void
run_widest(void *state, const struct network_query *q)
{
	struct state *s = state;
	double least;

	igraph_get_widest_path(&s->graph, NULL, &s->path, q->from, q->to, &s->residual, IGRAPH_OUT);
	least = width(s);
	for (uint32_t i = 0; i < s->net->n_links; i++)
		VECTOR(s->masked)
	[i] = VECTOR(s->residual)[i] < least ? IGRAPH_INFINITY : VECTOR(s->delay_us)[i];
	shortest(s, q->from, q->to, &s->masked, &s->path);
}

static void
widest_cost(void *state, const struct network_query *q, struct cost *out)
{
	struct state *s = state;

	(void)q;
	sum_path(s, &s->delay_us, out);
	out->has_second = true;
	out->second = out->first;
	out->first = out->none ? 0 : (uint64_t)width(s);
}

static void
run_available(void *state, const struct network_query *q)
{
	struct state *s = state;

	shortest(s, q->from, q->to, &s->risk, &s->path);
}

static void
available_cost(void *state, const struct network_query *q, struct cost *out)
{
	struct state *s = state;

	(void)q;
	sum_path(s, &s->risk, out);
}

static void
run_k_best(void *state, const struct network_query *q)
{
	struct state *s = state;

	igraph_get_k_shortest_paths(&s->graph, &s->igp, NULL, &s->paths, K_BEST, q->from, q->to,
				    IGRAPH_OUT);
}

static void
k_best_cost(void *state, const struct network_query *q, struct cost *out)
{
	struct state *s = state;
	igraph_integer_t n = igraph_vector_int_list_size(&s->paths);

	(void)q;
	out->none = n == 0;
	for (igraph_integer_t i = 0; i < n; i++) {
		const igraph_vector_int_t *path = igraph_vector_int_list_get_ptr(&s->paths, i);

		for (igraph_integer_t j = 0; j < igraph_vector_int_size(path); j++)
			out->first += (uint64_t)VECTOR(s->igp)[VECTOR(*path)[j]];
	}
}

static uint64_t
igp_of(const struct state *s, const igraph_vector_int_t *path)
{
	uint64_t sum = 0;

	for (igraph_integer_t i = 0; i < igraph_vector_int_size(path); i++)
		sum += s->net->links[VECTOR(*path)[i]].igp;
	return sum;
}

static void
run_n_1(void *state, const struct network_query *q)
{
	struct state *s = state;
	igraph_vector_int_t before;

	s->worse = s->cut_off = 0;
	igraph_vector_int_init(&before, 0);
	shortest(s, q->from, q->to, &s->igp, &before);
	for (igraph_integer_t i = 0; i < igraph_vector_int_size(&before); i++) {
		igraph_integer_t link = VECTOR(before)[i], reverse = s->net->links[link].reverse;
		igraph_real_t there = VECTOR(s->igp)[link], back = VECTOR(s->igp)[reverse];

		VECTOR(s->igp)[link] = VECTOR(s->igp)[reverse] = IGRAPH_INFINITY;
		shortest(s, q->from, q->to, &s->igp, &s->path);
		VECTOR(s->igp)[link] = there;
		VECTOR(s->igp)[reverse] = back;
		if (igraph_vector_int_size(&s->path) == 0 ||
		    igraph_vector_int_contains(&s->path, link) ||
		    igraph_vector_int_contains(&s->path, reverse))
			s->cut_off++;
		else
			s->worse += igp_of(s, &s->path) - igp_of(s, &before);
	}
	igraph_vector_int_destroy(&before);
}

static void
n_1_cost(void *state, const struct network_query *q, struct cost *out)
{
	struct state *s = state;

	(void)q;
	out->has_second = true;
	out->first = s->worse;
	out->second = s->cut_off;
}

static void
run_update(void *state, const struct network_query *q)
{
	struct state *s = state;

	VECTOR(s->igp)[q->from] = q->to;
	if (++s->n_updates % UPDATES_TOGETHER != 0)
		return;
	q = network_between(s->net, s->n_updates);
	shortest(s, q->from, q->to, &s->igp, &s->path);
}

static void
update_cost(void *state, const struct network_query *q, struct cost *out)
{
	struct state *s = state;

	(void)q;
	if (s->n_updates % UPDATES_TOGETHER == 0)
		sum_path(s, &s->igp, out);
	else
		out->none = true;
}

int
main(int argc, char **argv)
{
	static const struct peer igraph = {
		.name = "igraph",
		.open = start,
		.close = stop,
		.asked = {
			[QUERY_TREE] = { run_tree, tree_cost },
			[QUERY_POINT] = { run_point, point_cost },
			[QUERY_WIDEST] = { run_widest, widest_cost },
			[QUERY_AVAILABLE] = { run_available, available_cost },
			[QUERY_K_BEST] = { run_k_best, k_best_cost },
			[QUERY_N_1] = { run_n_1, n_1_cost },
			[QUERY_UPDATE] = { run_update, update_cost },
		},
	};

	return measure_main(argc, argv, &igraph);
}
