/*
 * Searches with a hierarchy against the same searches without one, route by route, on networks of
 * some hundred nodes with many ties, while metrics and states change all the time; and pairs
 * against Suurballe's algorithm on vectors and whole trees.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pce/path/suurballe.h"
#include "tests/path/scene.h"

static void
check_same(const struct path_answer *a, const struct path_answer *b)
{
	ck_assert_uint_eq(a->n_routes, b->n_routes);
	ck_assert_int_eq(a->no_path.reason, b->no_path.reason);
	for (size_t i = 0; i < a->n_routes; i++) {
		ck_assert_uint_eq(a->routes[i].n_links, b->routes[i].n_links);
		ck_assert_mem_eq(a->routes[i].links, b->routes[i].links,
				 a->routes[i].n_links * sizeof(uint32_t));
		ck_assert(a->routes[i].exact && b->routes[i].exact);
	}
}

/* Asks both engines; returns how many routes there are. */
static size_t
ask_both(struct scene *s, const struct path_request *r)
{
	struct path_answer a = { .n_routes = 0 }, b = { .n_routes = 0 };
	size_t n;

	ck_assert(path_compute(s->guided, r, &a, NULL) == PCE_OK);
	ck_assert(path_compute(s->plain, r, &b, NULL) == PCE_OK);
	check_same(&a, &b);
	n = a.n_routes;
	path_answer_free(&a);
	path_answer_free(&b);
	return n;
}

/* Single routes: along the shortest one as long as that is quick, else as before. */
START_TEST(guided_routes_equal_plain_ones)
{
	unsigned asked = 0, found = 0, straight = 0, left = 0, risky = 0;

	for (unsigned seed = 1; seed <= suite_seeds(); seed++) {
		struct scene s;

		scene_draw_risky(&s, seed);
		for (unsigned i = 0; i < 12; i++) {
			struct path_request r = scene_request(&s);

			if (suite_below(&s.state, 6) == 0)
				r.objective = PATH_BANDWIDTH;
			else if (suite_below(&s.state, 3) == 0)
				r.objective = PATH_AVAILABILITY;
			risky += r.objective == PATH_AVAILABILITY;
			s.guided->guide.large = true;
			ck_assert(path_engine_prepare(s.guided, NULL) == PCE_OK);
			s.guided->astar.straight = false;
			found += ask_both(&s, &r) > 0;
			asked++;
			straight += s.guided->astar.straight && !s.guided->astar.gave_up;
			left += s.guided->astar.gave_up;
			scene_change(&s);
		}
		scene_free(&s);
	}
	printf("routes: %u of %u; %u straight, %u given up, %u by risk\n", found, asked, straight,
	       left, risky);
	ck_assert(found < asked && risky * 6 > asked);
	ck_assert(straight * 4 > asked);
}
END_TEST

START_TEST(guided_alternatives_equal_plain_ones)
{
	unsigned asked = 0, full = 0;

	for (unsigned seed = 1; seed <= suite_seeds(); seed++) {
		struct scene s;

		scene_draw(&s, seed);
		for (unsigned i = 0; i < 4; i++) {
			struct path_request r = scene_request(&s);

			r.k = 2 + suite_below(&s.state, 9);
			full += ask_both(&s, &r) == r.k;
			asked++;
			ck_assert_ptr_nonnull(s.guided->guide.hierarchy);
			ck_assert_ptr_null(s.plain->guide.hierarchy);
			scene_change(&s);
		}
		scene_free(&s);
	}
	printf("alternatives: %u of %u have all k\n", full, asked);
	ck_assert(full * 2 > asked);
}
END_TEST

/* Bounds between what is least possible and what the best route without bounds has. */
static void
draw_bounds(struct scene *s, struct path_request *r)
{
	uint64_t *const bounds[] = { &r->max_igp, &r->max_te, &r->max_delay_us };
	uint32_t least[3], most;

	ck_assert(guide_make(&s->guided->guide, true, NULL) == PCE_OK);
	for (unsigned i = 0; i < 3; i++) {
		struct potential *p;

		ck_assert(guide_aim(&s->guided->guide, (enum graph_metric)i,
				    s->guided->graph->node_of_row[r->to], &p, NULL) == PCE_OK);
		least[i] = potential_at(p, s->guided->graph->node_of_row[r->from]);
		most = least[i] / 2 + 2;
		if (i != r->objective && suite_below(&s->state, 3) > 0)
			*bounds[i] = least[i] + suite_below(&s->state, most);
	}
	if (suite_below(&s->state, 20) == 0)
		*bounds[suite_below(&s->state, 3)] = suite_below(&s->state, 3);
}

START_TEST(guided_bounds_equal_plain_ones)
{
	unsigned asked = 0, found = 0, changed = 0;

	for (unsigned seed = 1; seed <= suite_seeds(); seed++) {
		struct scene s;

		scene_draw(&s, seed);
		for (unsigned i = 0; i < 6; i++) {
			struct path_request r = scene_request(&s), free;
			struct path_answer a = { .n_routes = 0 }, b = { .n_routes = 0 };

			draw_bounds(&s, &r);
			if (suite_below(&s.state, 4) == 0)
				r.k = 3;
			found += ask_both(&s, &r) > 0;
			asked++;
			free = path_request_init(r.from, r.to, r.objective);
			ck_assert(path_compute(s.guided, &r, &a, NULL) == PCE_OK);
			ck_assert(path_compute(s.guided, &free, &b, NULL) == PCE_OK);
			changed += a.n_routes > 0 && (a.routes[0].n_links != b.routes[0].n_links ||
						      memcmp(a.routes[0].links, b.routes[0].links,
							     a.routes[0].n_links * 4) != 0);
			path_answer_free(&a);
			path_answer_free(&b);
			scene_change(&s);
		}
		scene_free(&s);
	}
	printf("bounds: %u of %u have a route, %u not the best without\n", found, asked, changed);
	ck_assert(found * 4 > asked && found < asked && changed * 8 > asked);
}
END_TEST

static void
sum_pair(const struct path_engine *e, const struct order *order, const struct pair *pair,
	 uint64_t *sum)
{
	memset(sum, 0, ORDER_MAX * sizeof(*sum));
	for (unsigned i = 0; i < 2; i++)
		for (size_t j = 0; j < pair->n[i]; j++)
			order_add(&e->filter, order, pair->links[i][j], sum, sum);
}

/* The pair's sum by vectors has to be the same. */
static bool
check_vectors(struct scene *s, const struct path_request *r, bool node)
{
	static const struct order order = { { METRIC_IGP, METRIC_DELAY, METRIC_LINKS }, 3 };
	struct pair a = { .found = false }, b = { .found = false };
	uint64_t sums[2][ORDER_MAX];
	bool found;

	ck_assert(filter_set(&s->guided->filter, r, CONSTRAINTS_ALL, NULL) == PCE_OK);
	ck_assert(suurballe(s->guided, &order, node, &a, NULL) == PCE_OK);
	ck_assert(suurballe_vectors(s->guided, &order, node, &b, NULL) == PCE_OK);
	ck_assert_int_eq(a.found, b.found);
	found = a.found;
	if (found) {
		sum_pair(s->guided, &order, &a, sums[0]);
		sum_pair(s->guided, &order, &b, sums[1]);
		ck_assert_mem_eq(sums[0], sums[1], order.n * sizeof(uint64_t));
	}
	pair_free(&a);
	pair_free(&b);
	return found;
}

START_TEST(guided_pairs_equal_plain_ones_and_vectors)
{
	unsigned asked = 0, found = 0;

	for (unsigned seed = 1; seed <= suite_seeds(); seed++) {
		struct scene s;

		scene_draw(&s, seed);
		for (unsigned i = 0; i < 4; i++) {
			struct path_request r = scene_request(&s);
			bool node = suite_below(&s.state, 2) > 0;

			found += check_vectors(&s, &r, node);
			asked++;
			r.disjoint = node ? PATH_DISJOINT_NODE : PATH_DISJOINT_LINK;
			ask_both(&s, &r);
			scene_change(&s);
		}
		scene_free(&s);
	}
	printf("pairs: %u of %u\n", found, asked);
	ck_assert(found * 4 > asked && found < asked);
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("guided");

	tcase_add_test(tcase, guided_routes_equal_plain_ones);
	tcase_add_test(tcase, guided_alternatives_equal_plain_ones);
	tcase_add_test(tcase, guided_bounds_equal_plain_ones);
	tcase_add_test(tcase, guided_pairs_equal_plain_ones_and_vectors);
	return suite_run("guided", tcase, 120);
}
