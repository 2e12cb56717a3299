/* Distances of the hierarchy against Floyd and Warshall's on small random graphs: first built, and
 * after every one of many changes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pce/path/distances.h"
#include "pce/path/potential.h"
#include "tests/support/suite.h"

#define NODES_MAX 24
#define LINKS_MAX 96
#define FAR UINT64_MAX

struct draw {
	uint64_t state;
	uint32_t n, m;
	uint32_t tail[LINKS_MAX], head[LINKS_MAX], weight[LINKS_MAX];
	uint64_t distance[NODES_MAX][NODES_MAX];
};

static struct column
column_of(const uint32_t *values)
{
	return (struct column){ .first = values, .stride = sizeof(*values) };
}

/* Mostly moderate weights, some 0, some so large that sums do not fit. */
static uint32_t
draw_weight(uint64_t *state)
{
	switch (suite_below(state, 12)) {
	case 0:
		return 0;
	case 1:
		return UINT32_MAX - suite_below(state, 3);
	case 2:
		return UINT32_MAX / 2 + suite_below(state, 1000);
	default:
		return 1 + suite_below(state, 100);
	}
}

/* Sparse enough for a hierarchy, with parallel links, self loops and nodes on their own. */
static void
draw_graph(struct draw *d, unsigned seed)
{
	d->state = seed;
	d->n = 1 + suite_below(&d->state, NODES_MAX);
	d->m = suite_below(&d->state, 3 * d->n < LINKS_MAX ? 3 * d->n : LINKS_MAX);
	for (uint32_t i = 0; i < d->m; i++) {
		uint32_t a = suite_below(&d->state, d->n), b = a + suite_below(&d->state, 5);

		if (suite_below(&d->state, 4) == 0)
			b = suite_below(&d->state, d->n);
		b %= d->n;
		d->tail[i] = seed % 2 ? a : b;
		d->head[i] = seed % 2 ? b : a;
		if (i > 0 && suite_below(&d->state, 3) == 0) {
			d->tail[i] = d->head[i - 1];
			d->head[i] = d->tail[i - 1];
		}
		d->weight[i] = draw_weight(&d->state);
	}
}

static void
solve(struct draw *d)
{
	memset(d->distance, 0xff, sizeof(d->distance));
	for (uint32_t v = 0; v < d->n; v++)
		d->distance[v][v] = 0;
	for (uint32_t i = 0; i < d->m; i++)
		if (d->weight[i] < d->distance[d->tail[i]][d->head[i]])
			d->distance[d->tail[i]][d->head[i]] = d->weight[i];
	for (uint32_t k = 0; k < d->n; k++)
		for (uint32_t i = 0; i < d->n; i++)
			for (uint32_t j = 0; j < d->n; j++) {
				uint64_t a = d->distance[i][k], b = d->distance[k][j];

				if (a != FAR && b != FAR && a + b < d->distance[i][j])
					d->distance[i][j] = a + b;
			}
}

static struct hierarchy *
build(const struct draw *d)
{
	struct hierarchy *h = NULL;

	ck_assert(hierarchy_new(d->n, d->m, column_of(d->tail), column_of(d->head), &h, NULL) ==
		  PCE_OK);
	if (h)
		ck_assert(hierarchy_customise(h, 0, column_of(d->weight), NULL) == PCE_OK);
	return h;
}

/* All distances, asked in an order of their own for each target; first those to the last target
 * that was asked for. */
static void
check(struct draw *d, const struct hierarchy *h, struct potential *p)
{
	uint32_t last = p->target;

	for (uint32_t k = 0; k < d->n; k++) {
		uint32_t start = suite_below(&d->state, d->n), t = (last + k) % d->n;

		potential_aim(p, h, 0, t);
		for (uint32_t i = 0; i < d->n; i++) {
			uint32_t v = (start + i) % d->n;
			uint64_t right = d->distance[v][t];

			ck_assert_uint_eq(potential_at(p, v),
					  right < HIERARCHY_FAR ? right : HIERARCHY_FAR);
		}
	}
}

/* Distances to a target of routes that do not pass a node. */
static void
solve_without(const struct draw *d, uint32_t target, uint32_t without, uint64_t *distance)
{
	bool better = true;

	for (uint32_t v = 0; v < d->n; v++)
		distance[v] = v == target ? 0 : FAR;
	while (better) {
		better = false;
		for (uint32_t i = 0; i < d->m; i++) {
			uint64_t rest = distance[d->head[i]], *here = &distance[d->tail[i]];

			if (d->tail[i] == without || d->head[i] == without || rest == FAR ||
			    rest + d->weight[i] >= *here)
				continue;
			*here = rest + d->weight[i];
			better = true;
		}
	}
}

/* The number of links by which routes go on from a node that are less than the margin longer than
 * the shortest one; *last is one of them. */
static unsigned
count_first_links(const struct draw *d, uint32_t node, uint32_t target, uint32_t margin,
		  uint32_t *last)
{
	uint64_t rest[NODES_MAX];
	unsigned n = 0;

	solve_without(d, target, node, rest);
	for (uint32_t i = 0; i < d->m; i++)
		if (d->tail[i] == node && d->head[i] != node && rest[d->head[i]] != FAR &&
		    rest[d->head[i]] + d->weight[i] < d->distance[node][target] + margin) {
			*last = i;
			n++;
		}
	return n;
}

struct leading {
	unsigned only, told; /* nodes that all shortest routes leave by one link */
};

/* What the potential says of the link that leads on has to be so. */
static void
check_leading(struct draw *d, const struct hierarchy *h, struct potential *p, uint32_t margin,
	      struct leading *leading)
{
	for (unsigned tries = 0; tries < 8; tries++) {
		uint32_t target = suite_below(&d->state, d->n), node = suite_below(&d->state, d->n);
		uint32_t n, last = 0, best;
		const uint32_t *links;
		unsigned right;

		if (node == target || d->distance[node][target] >= HIERARCHY_FAR)
			continue;
		potential_aim(p, h, 0, target);
		right = count_first_links(d, node, target, margin, &last);
		leading->only += right == 1;
		if (!potential_leads(p, node, &links, &n))
			continue;
		best = links[0];
		for (uint32_t i = 1; i < n; i++)
			best = d->weight[links[i]] < d->weight[best] ? links[i] : best;
		ck_assert_uint_eq(right, 1);
		ck_assert_uint_eq(best, last);
		leading->told++;
	}
}

/* Weights that have 8 bits more, which are lost by rounding. */
static struct column
rounded(struct draw *d)
{
	static uint64_t wide[LINKS_MAX];

	for (uint32_t i = 0; i < d->m; i++)
		wide[i] = (uint64_t)d->weight[i] << 8 | suite_below(&d->state, 256);
	return (struct column){ .first = wide, .stride = sizeof(*wide), .shift = 8 };
}

/* Changes a weight, often so that two ways become equal, or no longer are. */
static void
change_weight(struct draw *d, struct hierarchy *h, bool round)
{
	uint32_t link = suite_below(&d->state, d->m);

	d->weight[link] = suite_below(&d->state, 2) ? draw_weight(&d->state) : d->weight[link] + 1;
	if (round && suite_below(&d->state, 2))
		d->weight[link] += suite_below(&d->state, 2 * HIERARCHY_ROUNDED);
	ck_assert(hierarchy_update(h, 0, round ? rounded(d) : column_of(d->weight), d->tail[link],
				   d->head[link], NULL) == PCE_OK);
}

static void
follow_leading(unsigned seed, bool round, struct leading *leading)
{
	struct draw d;
	struct hierarchy *h;
	struct potential p;

	draw_graph(&d, seed);
	h = build(&d);
	if (!h || d.m == 0) {
		hierarchy_free(h);
		return;
	}
	if (round)
		ck_assert(hierarchy_customise(h, 0, rounded(&d), NULL) == PCE_OK);
	ck_assert(potential_init(&p, h, false, NULL) == PCE_OK);
	for (unsigned i = 0; i < 12; i++) {
		solve(&d);
		check(&d, h, &p);
		check_leading(&d, h, &p, round ? HIERARCHY_ROUNDED : 1, leading);
		change_weight(&d, h, round);
	}
	potential_free(&p);
	hierarchy_free(h);
}

START_TEST(potential_leads_over_the_only_link_there_is)
{
	for (unsigned round = 0; round < 2; round++) {
		struct leading leading = { 0, 0 };

		for (unsigned seed = 1; seed <= suite_seeds(); seed++)
			follow_leading(seed, round > 0, &leading);
		printf("%u nodes are left by one link alone, and %u are known\n", leading.only,
		       leading.told);
		ck_assert_uint_ge(leading.told * 2, leading.only);
	}
}
END_TEST

START_TEST(hierarchy_random_graphs_have_shortest_distances)
{
	unsigned built = 0;

	for (unsigned seed = 1; seed <= suite_seeds(); seed++) {
		struct draw d;
		struct hierarchy *h;
		struct potential p;

		draw_graph(&d, seed);
		solve(&d);
		h = build(&d);
		if (!h)
			continue;
		built++;
		ck_assert(potential_init(&p, h, seed % 2 > 0, NULL) == PCE_OK);
		check(&d, h, &p);
		potential_free(&p);
		hierarchy_free(h);
	}
	ck_assert_msg(built * 10 >= suite_seeds() * 8, "only %u graphs had a hierarchy", built);
}
END_TEST

START_TEST(distances_of_a_sweep_are_shortest)
{
	struct distances sweep = { .rows = NULL };

	for (unsigned seed = 1; seed <= suite_seeds(); seed++) {
		uint32_t targets[DISTANCES_BATCH];
		bool from = seed % 3 == 0;
		struct draw d;
		struct hierarchy *h;
		unsigned n;

		draw_graph(&d, seed);
		solve(&d);
		h = build(&d);
		n = 1 + suite_below(&d.state, DISTANCES_BATCH);
		for (unsigned i = 0; i < n; i++)
			targets[i] = suite_below(&d.state, d.n);
		if (h)
			ck_assert(distances_sweep(&sweep, h, 0, from, targets, n, NULL) == PCE_OK);
		for (unsigned i = 0; h && i < n; i++)
			for (uint32_t v = 0; v < d.n; v++) {
				uint64_t right =
				    from ? d.distance[targets[i]][v] : d.distance[v][targets[i]];

				ck_assert_uint_eq(distances_at(&sweep, h, v, i),
						  right < HIERARCHY_FAR ? right : HIERARCHY_FAR);
			}
		hierarchy_free(h);
	}
	distances_free(&sweep);
}
END_TEST

START_TEST(hierarchy_after_each_update_has_shortest_distances)
{
	for (unsigned seed = 1; seed <= suite_seeds(); seed++) {
		struct draw d;
		struct hierarchy *h;
		struct potential p;

		draw_graph(&d, seed);
		h = build(&d);
		if (!h || d.m == 0) {
			hierarchy_free(h);
			continue;
		}
		ck_assert(potential_init(&p, h, seed % 2 > 0, NULL) == PCE_OK);
		for (unsigned i = 0; i < 12; i++) {
			uint32_t link = suite_below(&d.state, d.m);

			d.weight[link] = draw_weight(&d.state);
			ck_assert(hierarchy_update(h, 0, column_of(d.weight), d.tail[link],
						   d.head[link], NULL) == PCE_OK);
			solve(&d);
			check(&d, h, &p);
		}
		potential_free(&p);
		hierarchy_free(h);
	}
}
END_TEST

/* A long grid: large enough that updates go through several levels. */
#define WIDE 10
#define NODES (WIDE * 160)

static uint32_t
draw_grid(uint64_t *state, uint32_t *tail, uint32_t *head, uint32_t *weight)
{
	uint32_t m = 0;

	for (uint32_t v = 0; v < NODES; v++)
		for (uint32_t step = 0; step < 2; step++) {
			uint32_t to = step ? v + WIDE : v + 1;

			if (to >= NODES || (!step && to % WIDE == 0))
				continue;
			for (unsigned i = 0; i < 2; i++, m++) {
				tail[m] = i ? to : v;
				head[m] = i ? v : to;
				weight[m] = 1 + suite_below(state, 60);
			}
		}
	return m;
}

START_TEST(hierarchy_thousands_of_updates_equal_a_new_one)
{
	static uint32_t tail[4 * NODES], head[4 * NODES], weight[4 * NODES];
	uint64_t state = 77;
	uint32_t m = draw_grid(&state, tail, head, weight), n = NODES;
	struct hierarchy *h, *fresh;
	struct pce_error err = { 0 };
	size_t bytes;

	ck_assert(hierarchy_new(n, m, column_of(tail), column_of(head), &h, &err) == PCE_OK);
	ck_assert_ptr_nonnull(h);
	ck_assert(hierarchy_customise(h, 1, column_of(weight), &err) == PCE_OK);
	for (unsigned i = 1; i <= 20000; i++) {
		uint32_t link = suite_below(&state, m);

		weight[link] = draw_weight(&state);
		ck_assert(hierarchy_update(h, 1, column_of(weight), tail[link], head[link], &err) ==
			  PCE_OK);
		if (i % 2000 != 0)
			continue;
		ck_assert(hierarchy_new(n, m, column_of(tail), column_of(head), &fresh, &err) ==
			  PCE_OK);
		ck_assert(hierarchy_customise(fresh, 1, column_of(weight), &err) == PCE_OK);
		bytes = hierarchy_arcs(h) * sizeof(uint32_t);
		ck_assert_mem_eq(hierarchy_weights(h, 1)->up, hierarchy_weights(fresh, 1)->up,
				 bytes);
		ck_assert_mem_eq(hierarchy_weights(h, 1)->down, hierarchy_weights(fresh, 1)->down,
				 bytes);
		for (uint32_t way = 0; way < 2 * hierarchy_arcs(h); way++)
			ck_assert_int_eq(hierarchy_is_sole(hierarchy_weights(h, 1), way),
					 hierarchy_is_sole(hierarchy_weights(fresh, 1), way));
		hierarchy_free(fresh);
	}
	hierarchy_free(h);
}
END_TEST

START_TEST(hierarchy_fork_and_original_change_apart)
{
	for (unsigned seed = 1; seed <= suite_seeds(); seed++) {
		struct draw d, other;
		struct hierarchy *h, *fork;
		struct potential p, q;

		draw_graph(&d, seed);
		h = build(&d);
		if (!h || d.m == 0) {
			hierarchy_free(h);
			continue;
		}
		other = d;
		ck_assert(hierarchy_fork(h, &fork, NULL) == PCE_OK);
		ck_assert(potential_init(&p, h, seed % 2 > 0, NULL) == PCE_OK);
		ck_assert(potential_init(&q, fork, seed % 3 > 0, NULL) == PCE_OK);
		for (unsigned i = 0; i < 4; i++) {
			struct draw *which = i % 2 ? &d : &other;
			uint32_t link = suite_below(&d.state, d.m);

			which->weight[link] = draw_weight(&d.state);
			ck_assert(hierarchy_update(i % 2 ? h : fork, 0, column_of(which->weight),
						   d.tail[link], d.head[link], NULL) == PCE_OK);
			solve(&d);
			solve(&other);
			check(&d, h, &p);
			check(&other, fork, &q);
		}
		hierarchy_free(seed % 2 ? h : fork);
		check(seed % 2 ? &other : &d, seed % 2 ? fork : h, seed % 2 ? &q : &p);
		hierarchy_free(seed % 2 ? fork : h);
		potential_free(&p);
		potential_free(&q);
	}
}
END_TEST

START_TEST(hierarchy_dense_random_graph_is_given_up)
{
	static uint32_t tail[10000], head[10000];
	uint64_t state = 5;
	struct hierarchy *h = NULL;

	for (uint32_t i = 0; i < 10000; i++) {
		tail[i] = suite_below(&state, 2000);
		head[i] = suite_below(&state, 2000);
	}
	ck_assert(hierarchy_new(2000, 10000, column_of(tail), column_of(head), &h, NULL) == PCE_OK);
	ck_assert_ptr_null(h);
	ck_assert(hierarchy_new(0, 0, column_of(tail), column_of(head), &h, NULL) == PCE_OK);
	hierarchy_free(h);
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("hierarchy");

	tcase_add_test(tcase, hierarchy_random_graphs_have_shortest_distances);
	tcase_add_test(tcase, potential_leads_over_the_only_link_there_is);
	tcase_add_test(tcase, distances_of_a_sweep_are_shortest);
	tcase_add_test(tcase, hierarchy_after_each_update_has_shortest_distances);
	tcase_add_test(tcase, hierarchy_thousands_of_updates_equal_a_new_one);
	tcase_add_test(tcase, hierarchy_fork_and_original_change_apart);
	tcase_add_test(tcase, hierarchy_dense_random_graph_is_given_up);
	return suite_run("hierarchy", tcase, 60);
}
