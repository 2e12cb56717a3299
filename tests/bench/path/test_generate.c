#define _GNU_SOURCE
/* The networks and questions of the path benchmark are what generate.h says. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/path/generate.h"
#include "tests/support/suite.h"

static void
make(const char *graph, uint64_t seed, uint32_t want, struct network *net)
{
	*net = (struct network){ .n_nodes = 0 };
	ck_assert(generate(graph, NULL, seed, want, net));
}

/* Every node reaches every other one: links have reverses, so one search tells. */
static void
expect_connected(const struct network *net, uint64_t seed)
{
	uint32_t *part = calloc(net->n_nodes, sizeof(*part));
	uint32_t parts = net->n_nodes;

	ck_assert_ptr_nonnull(part);
	for (uint32_t i = 0; i < net->n_nodes; i++)
		part[i] = i;
	for (uint32_t i = 0; i < net->n_links; i++) {
		uint32_t a = net->links[i].tail, b = net->links[i].head;

		while (part[a] != a)
			a = part[a] = part[part[a]];
		while (part[b] != b)
			b = part[b] = part[part[b]];
		parts -= a != b;
		part[a] = b;
	}
	ck_assert_msg(parts == 1, "seed %u: %u parts", (unsigned)seed, parts);
	free(part);
}

static bool
is_sound(const struct network *net, uint32_t i)
{
	const struct network_link *l = &net->links[i], *r = &net->links[l->reverse];
	double risk = -log1p(-(double)l->unavailability_ppt * 1e-12) * 1e9;

	return r->reverse == i && l->tail == r->head && l->head == r->tail && l->tail != l->head &&
	       l->igp == r->igp && l->te == r->te && l->delay_us == r->delay_us &&
	       l->risk == r->risk && l->affinity == r->affinity && l->igp > 0 && l->delay_us > 0 &&
	       l->residual_kbps >= 150000 && l->risk >= 10000 && l->risk <= 10000000 &&
	       fabs(risk - l->risk) < 0.001;
}

static void
expect_sound_links(const struct network *net)
{
	for (uint32_t i = 0; i < net->n_links; i++)
		if (!is_sound(net, i))
			ck_abort_msg("link %u is not sound", i);
}

static int
by_ends(const void *a, const void *b)
{
	const struct network_query *x = a, *y = b;

	return x->from != y->from ? (x->from < y->from ? -1 : 1)
				  : (x->to > y->to) - (x->to < y->to);
}

static void
expect_distinct(const struct network *net, enum query_kind kind)
{
	uint32_t n = net->n_queries[kind];
	struct network_query *sorted = malloc(n * sizeof(*sorted));

	ck_assert_ptr_nonnull(sorted);
	memcpy(sorted, net->queries[kind], n * sizeof(*sorted));
	qsort(sorted, n, sizeof(*sorted), by_ends);
	for (uint32_t i = 0; i < n; i++) {
		bool good = sorted[i].from != sorted[i].to && sorted[i].from < net->n_nodes &&
			    sorted[i].to < net->n_nodes;

		if (i > 0 && kind == QUERY_TREE)
			good = good && sorted[i].from != sorted[i - 1].from;
		else if (i > 0)
			good = good && by_ends(&sorted[i], &sorted[i - 1]) != 0;
		if (!good)
			ck_abort_msg("%s: a question is asked twice or of nobody",
				     query_name(kind));
	}
	free(sorted);
}

static void
expect_sound(const struct network *net, uint64_t seed, uint32_t nodes, uint32_t links)
{
	ck_assert_uint_eq(net->n_nodes, nodes);
	ck_assert_uint_eq(net->n_links, links);
	expect_connected(net, seed);
	expect_sound_links(net);
	for (unsigned kind = 0; kind < QUERY_UPDATE; kind++) {
		ck_assert_uint_gt(net->n_queries[kind], N_WARM);
		expect_distinct(net, kind);
	}
	ck_assert_uint_eq(net->n_queries[QUERY_N_1], N_POLICIES + N_WARM);
}

START_TEST(generate_province_of_any_seed_is_connected_and_has_its_size)
{
	for (unsigned seed = 1; seed <= suite_seeds(); seed++) {
		struct network net;

		make("T1", seed, 20, &net);
		expect_sound(&net, seed, 512, 2720);
		network_free(&net);
	}
}
END_TEST

START_TEST(generate_large_networks_are_connected_and_have_their_size)
{
	for (unsigned seed = 1; seed <= 3; seed++) {
		struct network net;

		make("T2", seed, 20, &net);
		expect_sound(&net, seed, 10000, 50000);
		network_free(&net);
		make("R2", seed, 20, &net);
		expect_sound(&net, seed, 10000, 50000);
		network_free(&net);
	}
}
END_TEST

START_TEST(generate_of_one_seed_is_one_network)
{
	struct network a, b;

	make("T1", 5, 30, &a);
	make("T1", 5, 30, &b);
	ck_assert(memcmp(a.links, b.links, a.n_links * sizeof(*a.links)) == 0);
	for (unsigned kind = 0; kind < QUERY_COUNT; kind++) {
		ck_assert_uint_eq(a.n_queries[kind], b.n_queries[kind]);
		ck_assert(memcmp(a.queries[kind], b.queries[kind],
				 a.n_queries[kind] * sizeof(**a.queries)) == 0);
	}
	network_free(&b);
	make("T1", 6, 30, &b);
	ck_assert(memcmp(a.links, b.links, a.n_links * sizeof(*a.links)) != 0);
	network_free(&a);
	network_free(&b);
}
END_TEST

/* Least sum of igp (or delay) by rounds over all links, and of the cheapest the least delay. */
static uint64_t
least(const struct network *net, uint32_t from, uint32_t to, bool delay, uint64_t *dist)
{
	bool more = true;

	for (uint32_t i = 0; i < net->n_nodes; i++)
		dist[i] = UINT64_MAX;
	dist[from] = 0;
	while (more) {
		more = false;
		for (uint32_t i = 0; i < net->n_links; i++) {
			const struct network_link *l = &net->links[i];
			uint64_t sum = dist[l->tail] + (delay ? l->delay_us : l->igp);

			if (dist[l->tail] == UINT64_MAX || sum >= dist[l->head])
				continue;
			dist[l->head] = sum;
			more = true;
		}
	}
	return dist[to];
}

START_TEST(generate_bounds_on_delay_can_be_held)
{
	struct network net;
	uint64_t *dist;

	make("T1", 3, 60, &net);
	dist = calloc(net.n_nodes, sizeof(*dist));
	ck_assert_ptr_nonnull(dist);
	for (uint32_t i = 0; i < net.n_queries[QUERY_BOUNDED]; i++) {
		const struct network_query *q = &net.queries[QUERY_BOUNDED][i];

		ck_assert_uint_ge(q->max_delay_us, least(&net, q->from, q->to, true, dist));
	}
	free(dist);
	network_free(&net);
}
END_TEST

/* Two rings, joined by one fibre, and a node with none. */
START_TEST(generate_disjoint_pairs_have_no_bridge_between_them)
{
	static char text[] = "9 9\n0 0\n1 0\n0 1\n5 5\n6 5\n5 6\n6 6\n8 8\n9 9\n"
			     "0 1\n1 2\n2 0\n2 3\n3 4\n4 5\n5 6\n6 3\n7 0\n";
	unsigned inside = 0;

	for (unsigned seed = 1; seed <= suite_seeds(); seed++) {
		struct network net = { .n_nodes = 0 };
		FILE *shape = fmemopen(text, sizeof(text) - 1, "r");
		uint32_t degree[9] = { 0 };

		ck_assert(generate("rings", shape, seed, 30, &net));
		fclose(shape);
		for (uint32_t i = 0; i < net.n_links; i++)
			degree[net.links[i].tail]++;
		for (uint32_t i = 0; i < net.n_queries[QUERY_DISJOINT]; i++) {
			const struct network_query *q = &net.queries[QUERY_DISJOINT][i];

			if (degree[q->from] < 2 || degree[q->to] < 2)
				ck_abort_msg("seed %u: an end with one fibre", seed);
			inside++;
		}
		ck_assert_uint_le(net.n_queries[QUERY_DISJOINT], 3 * 2 + 4 * 3);
		network_free(&net);
	}
	ck_assert_uint_ge(inside, 10 * suite_seeds());
}
END_TEST

START_TEST(generate_takes_a_shape_and_refuses_a_broken_one)
{
	static char good[] = "3 3\n0 0\n100 0\n0 100\n0 1\n1 2\n0 2\n";
	static char bad[] = "3 3\n0 0\n100 0\n0 100\n0 1\n1 3\n0 2\n";
	struct network net = { .n_nodes = 0 };
	FILE *shape = fmemopen(good, sizeof(good) - 1, "r");

	ck_assert(generate("ring", shape, 1, 10, &net));
	ck_assert_uint_eq(net.n_nodes, 3);
	ck_assert_uint_eq(net.n_links, 6);
	expect_connected(&net, 1);
	expect_sound_links(&net);
	network_free(&net);
	fclose(shape);
	shape = fmemopen(bad, sizeof(bad) - 1, "r");
	ck_assert(!generate("ring", shape, 1, 10, &net));
	fclose(shape);
	ck_assert(!generate("T9", NULL, 1, 10, &net));
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("generate");

	tcase_add_test(tcase, generate_province_of_any_seed_is_connected_and_has_its_size);
	tcase_add_test(tcase, generate_large_networks_are_connected_and_have_their_size);
	tcase_add_test(tcase, generate_of_one_seed_is_one_network);
	tcase_add_test(tcase, generate_bounds_on_delay_can_be_held);
	tcase_add_test(tcase, generate_disjoint_pairs_have_no_bridge_between_them);
	tcase_add_test(tcase, generate_takes_a_shape_and_refuses_a_broken_one);
	return suite_run("path benchmark", tcase, 120);
}
