/* Plain queries on larger random graphs against igraph, which shares nothing with Karst. */
#include <igraph/igraph.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "pce/path/path.h"
#include "tests/support/suite.h"
#include "tests/ted/net.h"

#define NODES 120
#define LINKS 420

struct pairing {
	struct ted *ted;
	struct path_engine *engine;
	igraph_t graph;
	igraph_vector_t metric, width, te, delay, risk; /* risk: -ln of what works */
};

static void
draw(struct pairing *p, unsigned seed)
{
	uint64_t state = seed;
	igraph_vector_int_t edges;
	struct pce_error err = { 0 };

	ck_assert(ted_new(&p->ted, seed, &err) == PCE_OK);
	igraph_vector_int_init(&edges, 0);
	igraph_vector_init(&p->metric, 0);
	igraph_vector_init(&p->width, 0);
	igraph_vector_init(&p->te, 0);
	igraph_vector_init(&p->delay, 0);
	igraph_vector_init(&p->risk, 0);
	for (uint32_t i = 0; i < NODES; i++)
		say_node(p->ted, FILE_1, net_isis(i + 1), NULL);
	for (uint32_t i = 0; i < LINKS; i++) {
		struct ted_delta d = { .object = TED_OBJECT_LINK };
		uint32_t a = suite_below(&state, NODES);
		uint32_t b = (a + 1 + suite_below(&state, NODES - 1)) % NODES;

		d.key.link = net_link(net_isis(a + 1), net_isis(b + 1));
		d.key.link.has_ids = true;
		d.key.link.local_id = i + 1;
		d.attr.link.present = TED_LINK_IGP_METRIC | TED_LINK_START_RESIDUAL |
				      TED_LINK_TE_METRIC | TED_LINK_DELAY | TED_LINK_AVAILABILITY;
		d.attr.link.igp_metric = suite_below(&state, 50);
		d.attr.link.start_residual_bps = 1 + suite_below(&state, 1000);
		d.attr.link.te_metric = suite_below(&state, 1000000);
		d.attr.link.delay_us = 1 + suite_below(&state, 20000);
		d.attr.link.unavailability_ppt = (uint64_t)suite_below(&state, 1000000) * 1000;
		say(p->ted, FILE_1, d);
		igraph_vector_push_back(&p->te, d.attr.link.te_metric);
		igraph_vector_push_back(&p->delay, d.attr.link.delay_us);
		igraph_vector_push_back(&p->risk,
					-log1p(-(double)d.attr.link.unavailability_ppt / 1e12));
		igraph_vector_int_push_back(&edges, a);
		igraph_vector_int_push_back(&edges, b);
		igraph_vector_push_back(&p->metric, d.attr.link.igp_metric);
		igraph_vector_push_back(&p->width, (double)d.attr.link.start_residual_bps);
	}
	settle(p->ted, NULL);
	igraph_create(&p->graph, &edges, NODES, IGRAPH_DIRECTED);
	igraph_vector_int_destroy(&edges);
	ck_assert(path_engine_new(p->ted, &p->engine, &err) == PCE_OK);
}

static void
drop(struct pairing *p)
{
	igraph_destroy(&p->graph);
	igraph_vector_destroy(&p->metric);
	igraph_vector_destroy(&p->width);
	igraph_vector_destroy(&p->te);
	igraph_vector_destroy(&p->delay);
	igraph_vector_destroy(&p->risk);
	path_engine_free(p->engine);
	ted_free(p->ted);
}

static const igraph_vector_t *
column_of(const struct pairing *p, enum path_objective objective)
{
	const igraph_vector_t *columns[] = { &p->metric, &p->te, &p->delay, &p->width, &p->risk };

	return columns[objective];
}

/* Sum or minimum of a column over igraph's path; false if it found none. */
static bool
ask_igraph(struct pairing *p, uint32_t from, uint32_t to, enum path_objective objective,
	   double *out)
{
	igraph_vector_int_t path;
	const igraph_vector_t *column = column_of(p, objective);
	bool found, widest = objective == PATH_BANDWIDTH;

	igraph_vector_int_init(&path, 0);
	if (widest)
		igraph_get_widest_path(&p->graph, NULL, &path, from, to, column, IGRAPH_OUT);
	else
		igraph_get_shortest_path_dijkstra(&p->graph, NULL, &path, from, to, column,
						  IGRAPH_OUT);
	found = igraph_vector_int_size(&path) > 0;
	*out = widest ? 1e18 : 0;
	for (igraph_integer_t i = 0; i < igraph_vector_int_size(&path); i++) {
		double value = VECTOR(*column)[VECTOR(path)[i]];

		if (!widest)
			*out += value;
		else if (value < *out)
			*out = value;
	}
	igraph_vector_int_destroy(&path);
	return found;
}

/* What Karst says of a route, as the sum or minimum that igraph has. */
static double
value_of(const struct path_route *route, enum path_objective objective)
{
	switch (objective) {
	case PATH_IGP:
		return (double)route->igp_metric;
	case PATH_TE:
		return (double)route->te_metric;
	case PATH_DELAY:
		return (double)route->delay_us;
	case PATH_BANDWIDTH:
		return (double)route->residual_bps;
	default:
		return -log1p(-(double)route->unavailability_ppt / 1e12);
	}
}

static void
compare(struct pairing *p, unsigned seed, uint32_t from, uint32_t to, enum path_objective objective)
{
	struct path_request r = path_request_init(from, to, objective);
	struct path_answer answer = { .n_routes = 0 };
	struct pce_error err = { 0 };
	double expected, slack = objective == PATH_AVAILABILITY ? 1e-11 : 0;

	ck_assert(path_compute(p->engine, &r, &answer, &err) == PCE_OK);
	if (!ask_igraph(p, from, to, objective, &expected)) {
		ck_assert_msg(answer.n_routes == 0, "seed %u", seed);
	} else {
		ck_assert_msg(answer.n_routes == 1, "seed %u", seed);
		ck_assert_msg(fabs(value_of(&answer.routes[0], objective) - expected) <= slack,
			      "seed %u: %u to %u by objective %d", seed, from, to, (int)objective);
	}
	path_answer_free(&answer);
}

/* The costs of the k best loopless paths, in order. */
static void
compare_k(struct pairing *p, unsigned seed, uint32_t from, uint32_t to,
	  enum path_objective objective)
{
	struct path_request r = path_request_init(from, to, objective);
	struct path_answer answer = { .n_routes = 0 };
	struct pce_error err = { 0 };
	igraph_vector_int_list_t paths;

	r.k = 6;
	ck_assert(path_compute(p->engine, &r, &answer, &err) == PCE_OK);
	igraph_vector_int_list_init(&paths, 0);
	igraph_get_k_shortest_paths(&p->graph, column_of(p, objective), NULL, &paths, r.k, from, to,
				    IGRAPH_OUT);
	ck_assert_msg((size_t)igraph_vector_int_list_size(&paths) == answer.n_routes, "seed %u",
		      seed);
	for (size_t i = 0; i < answer.n_routes; i++) {
		const igraph_vector_int_t *path =
		    igraph_vector_int_list_get_ptr(&paths, (igraph_integer_t)i);
		double sum = 0;

		for (igraph_integer_t j = 0; j < igraph_vector_int_size(path); j++)
			sum += VECTOR(*column_of(p, objective))[VECTOR(*path)[j]];
		ck_assert_msg(fabs(value_of(&answer.routes[i], objective) - sum) <=
				  (objective == PATH_AVAILABILITY ? 1e-11 : 0),
			      "seed %u: %u to %u, path %zu by objective %d", seed, from, to, i,
			      (int)objective);
	}
	igraph_vector_int_list_destroy(&paths);
	path_answer_free(&answer);
}

static void
compare_pairs(struct pairing *p, unsigned seed, uint32_t from, uint32_t to)
{
	struct path_request r = path_request_init(from, to, PATH_IGP);
	struct path_answer answer = { .n_routes = 0 };
	struct pce_error err = { 0 };
	igraph_integer_t routes;

	r.disjoint = PATH_DISJOINT_LINK;
	ck_assert(path_compute(p->engine, &r, &answer, &err) == PCE_OK);
	igraph_edge_disjoint_paths(&p->graph, &routes, from, to);
	ck_assert_msg((answer.n_routes == 2 && answer.n_relaxed == 0) == (routes >= 2),
		      "seed %u: %u to %u", seed, from, to);
	path_answer_free(&answer);
}

START_TEST(path_costs_and_widths_are_igraphs)
{
	for (unsigned seed = 1; seed <= suite_seeds(); seed++) {
		struct pairing p;
		uint64_t state = seed * 31;

		draw(&p, seed);
		/* nodes and links were said in order: row and igraph's number are the same */
		ck_assert_uint_eq(ted_node_count(p.ted), NODES);
		for (unsigned i = 0; i < 4; i++) {
			uint32_t from = suite_below(&state, NODES);
			uint32_t to = (from + 1 + suite_below(&state, NODES - 1)) % NODES;

			for (unsigned j = 0; j < PATH_OBJECTIVE_COUNT; j++)
				compare(&p, seed, from, to, j);
			compare_pairs(&p, seed, from, to);
			if (i == 0 && seed % 4 == 0)
				compare_k(
				    &p, seed, from, to,
				    (enum path_objective[]){ PATH_IGP, PATH_TE, PATH_DELAY,
							     PATH_AVAILABILITY }[seed / 4 % 4]);
		}
		drop(&p);
	}
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("igraph");

	/* unreachable ends are asked for on purpose */
	igraph_set_warning_handler(igraph_warning_handler_ignore);

	tcase_add_test(tcase, path_costs_and_widths_are_igraphs);
	return suite_run("igraph", tcase, 60);
}
