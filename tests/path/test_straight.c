/*
 * On networks of some thousand nodes, through thousands of changes: single routes with a hierarchy,
 * along the shortest one first, against the plain engine of vectors, link by link. Both take in the
 * same changes, so that a weight of the hierarchy, or what it says of the only way on, cannot be
 * stale unseen.
 */
#include <stdio.h>
#include <string.h>

#include "pce/path/engine.h"
#include "tests/path/county.h"
#include "tests/support/suite.h"
#include "tests/ted/net.h"

struct trial {
	unsigned seed;
	uint64_t state;
	struct county c;
	struct path_engine *guided, *plain;
	unsigned changes, asked, found, straight, walked, direct, risky;
};

static void
begin(struct trial *t, enum county_shape shape, uint32_t nodes)
{
	county_begin(&t->c, shape, nodes, &t->state);
	while (!t->c.independent) {
		county_end(&t->c);
		county_begin(&t->c, shape, nodes, &t->state);
	}
	t->guided = county_engine(t->c.ted);
	t->plain = county_engine(t->c.ted);
	t->plain->simple = true;
	ck_assert(path_engine_prepare(t->guided, NULL) == PCE_OK);
	ck_assert_ptr_nonnull(t->guided->guide.hierarchy);
}

static void
end(struct trial *t)
{
	path_engine_free(t->guided);
	path_engine_free(t->plain);
	county_end(&t->c);
}

/* Metrics, bandwidth and availability of some links, none of which makes it necessary to pack. */
static void
change(struct trial *t)
{
	const struct ted_change *changes;
	size_t n;

	for (unsigned i = 0; i < 100; i++) {
		uint32_t link = suite_below(&t->state, t->c.n_links);
		struct ted_link_attr *a = &t->c.links[link].delta.attr.link, old = *a;

		county_draw_link(&t->c, link, &t->state);
		old.igp_metric = a->igp_metric;
		old.te_metric = a->te_metric;
		old.delay_us = a->delay_us;
		old.start_residual_bps = a->start_residual_bps;
		old.unavailability_ppt = a->unavailability_ppt;
		*a = old;
		county_say_link(&t->c, t->c.ted, link);
	}
	n = settle(t->c.ted, &changes);
	ck_assert(path_engine_refresh(t->guided, changes, n, NULL) == PCE_OK);
	ck_assert(path_engine_refresh(t->plain, changes, n, NULL) == PCE_OK);
	ck_assert_ptr_nonnull(t->guided->guide.hierarchy);
	t->changes += (unsigned)n;
}

/* The search from both ends is said to settle many. */
static void
prefer_straight(struct path_engine *e)
{
	for (unsigned i = 0; i < METRIC_COUNT; i++)
		e->habits[i] = (struct path_habit){ .both = 100000, .asked = 1, .straight = 1000 };
}

static void
compare(struct trial *t)
{
	struct path_answer a = { .n_routes = 0 }, b = { .n_routes = 0 };
	uint64_t others = t->guided->scalar.settled, walked = t->guided->walked;
	uint64_t direct = t->guided->direct.settled;
	struct county_ask q;

	county_ask(&q, &t->c, t->guided, t->asked % 3 == 0 ? ASK_PLAIN : ASK_FILTERED, &t->state);
	if (t->asked % 4 == 0)
		q.r.objective = PATH_AVAILABILITY;
	t->guided->astar.gave_up = true;
	prefer_straight(t->guided);
	county_compute(t->guided, &q.r, &a);
	county_compute(t->plain, &q.r, &b);
	ck_assert_uint_eq(a.n_routes, b.n_routes);
	for (size_t i = 0; i < a.n_routes; i++) {
		ck_assert_msg(a.routes[i].n_links == b.routes[i].n_links, "seed %u, question %u",
			      t->seed, t->asked);
		ck_assert_mem_eq(a.routes[i].links, b.routes[i].links,
				 a.routes[i].n_links * sizeof(uint32_t));
	}
	t->asked++;
	t->found += a.n_routes > 0;
	t->straight += others == t->guided->scalar.settled && !t->guided->astar.gave_up;
	t->walked += walked < t->guided->walked;
	t->direct += direct < t->guided->direct.settled && others == t->guided->scalar.settled;
	t->risky += q.r.objective == PATH_AVAILABILITY;
	path_answer_free(&a);
	path_answer_free(&b);
}

START_TEST(straight_routes_on_large_networks_equal_those_of_vectors)
{
	static const enum county_shape shapes[] = { COUNTY_RINGS, COUNTY_HUGE };
	unsigned rounds = suite_seeds() / 10;

	for (unsigned seed = 0; seed < 4; seed++) {
		struct trial t = { .seed = seed, .state = seed + 1 };

		begin(&t, shapes[seed % 2], seed < 2 ? 3000 : 800);
		for (unsigned i = 0; i < rounds; i++) {
			for (unsigned j = 0; j < 4; j++)
				compare(&t);
			change(&t);
		}
		printf("%u nodes: %u changes, %u asked, %u found, %u straight, %u walked, %u by "
		       "risk\n",
		       t.c.n_nodes, t.changes, t.asked, t.found, t.straight, t.walked, t.risky);
		ck_assert_uint_gt((t.straight + t.walked) * 20, t.asked);
		end(&t);
	}
}
END_TEST

/* Networks so small that every target has cells of its own, asked for all of their targets again
 * and again while metrics change. */
START_TEST(straight_routes_on_small_networks_equal_those_of_vectors)
{
	struct trial sum = { .seed = 0 };

	for (unsigned seed = 0; seed < suite_seeds(); seed++) {
		struct trial t = { .seed = seed, .state = seed + 1 };

		begin(&t, (enum county_shape)(seed % COUNTY_SHAPES), 8 + seed % 180);
		for (unsigned i = 0; i < 3; i++) {
			for (unsigned j = 0; j < 10; j++)
				compare(&t);
			change(&t);
		}
		sum.asked += t.asked;
		sum.found += t.found;
		sum.walked += t.walked;
		sum.direct += t.direct;
		sum.risky += t.risky;
		end(&t);
	}
	printf("small: %u asked, %u found, %u walked, %u direct, %u by risk\n", sum.asked,
	       sum.found, sum.walked, sum.direct, sum.risky);
	ck_assert_uint_gt(sum.walked * 10, sum.asked);
	ck_assert_uint_gt(sum.direct * 10, sum.asked);
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("straight");

	tcase_add_test(tcase, straight_routes_on_large_networks_equal_those_of_vectors);
	tcase_add_test(tcase, straight_routes_on_small_networks_equal_those_of_vectors);
	return suite_run("straight", tcase, 120);
}
