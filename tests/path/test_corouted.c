/*
 * Co-routed paths against every loopless path of small networks with everything odd that a network
 * can have: a path counts if its way back, link by reverse link, is a path that breaks nothing of
 * the request with the ends swapped. Two referees, one for each way, share nothing with the engine.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pce/path/path.h"
#include "tests/path/town.h"
#include "tests/support/suite.h"

#define EVERYTHING (~0u)
#define WITHOUT_VIAS (~((1u << ORDER_VIA) | (1u << ORDER_SERVICE)))
#define MOST_PATHS 3000
#define TOLERANCE 5e-11L
#define NO_WAY_BACK (1u << 30)

struct tally {
	unsigned asked, found, moved, none, apart, pairs, bounded;
};

struct trial {
	unsigned seed;
	const struct ted *ted;
	struct referee there, back;
	struct order_slip q;
	struct path_engine *engine;
	struct path_answer answer;
};

/* The way back of a path, or NULL. */
static const struct referee_path *
way_back(const struct trial *t, const struct referee_path *p)
{
	uint32_t links[REFEREE_STEPS];

	for (uint32_t i = 0; i < p->n; i++) {
		links[p->n - 1 - i] = ted_link_at(t->ted, p->links[i])->reverse;
		if (links[p->n - 1 - i] == TED_NONE)
			return NULL;
	}
	return referee_find(&t->back, links, p->n);
}

/* Judges both ways: afterwards a path there breaks nothing only if its way back does not either. */
static void
judge(struct trial *t)
{
	struct path_request r = t->q.r;

	r.from = t->q.r.to;
	r.to = t->q.r.from;
	r.co_routed = false;
	referee_judge(&t->there, &t->q.r);
	referee_judge(&t->back, &r);
	for (size_t i = 0; i < t->there.n; i++) {
		struct referee_path *p = &t->there.paths[i];
		const struct referee_path *other = way_back(t, p);

		if (!other || other->breaks != 0)
			p->breaks |= NO_WAY_BACK;
	}
}

/* The bottleneck of both ways is what the widest path is judged by. */
static void
take_smaller(struct trial *t)
{
	for (size_t i = 0; i < t->there.n; i++) {
		struct referee_path *p = &t->there.paths[i];
		const struct referee_path *other = way_back(t, p);

		if (other && other->residual < p->residual)
			p->residual = other->residual;
	}
}

static void
compute(struct trial *t)
{
	struct pce_error err = { 0 };
	enum pce_status status;

	path_answer_free(&t->answer);
	status = path_compute(t->engine, &t->q.r, &t->answer, &err);
	ck_assert_msg(status == PCE_OK, "seed %u: %s", t->seed, err.text);
}

static void
expect_as_good(const struct trial *t, const struct referee_path *p, const struct referee_path *best)
{
	if (t->q.r.objective == PATH_AVAILABILITY)
		ck_assert_msg(best->works - p->works < TOLERANCE, "seed %u", t->seed);
	else
		ck_assert_msg(p == best, "seed %u: objective %d: another path is better", t->seed,
			      (int)t->q.r.objective);
}

static void
expect_reason(struct trial *t, struct tally *tally)
{
	const struct path_no_path *no = &t->answer.no_path;

	tally->none++;
	ck_assert_ptr_nonnull(no->text);
	ck_assert_msg(no->reason != PATH_REASON_NONE && no->reason != PATH_REASON_BUDGET,
		      "seed %u: %s", t->seed, no->text);
	if (no->reason != PATH_REASON_CO_ROUTED)
		return;
	/* then each way has a path by itself */
	tally->apart++;
	referee_judge(&t->there, &t->q.r);
	ck_assert_msg(referee_count(&t->there, EVERYTHING) > 0, "seed %u", t->seed);
	ck_assert_msg(referee_count(&t->back, EVERYTHING) > 0, "seed %u", t->seed);
	for (size_t i = 0; i < no->n_relaxations; i++)
		ck_assert_ptr_nonnull(strstr(no->text, no->relaxations[i].text));
}

static void
expect_routes(struct trial *t, uint32_t k, struct tally *tally)
{
	size_t all = 0, wanted = k > 1 ? k : 1;
	bool used[MOST_PATHS + 1] = { false };

	judge(t);
	all = referee_count(&t->there, EVERYTHING);
	take_smaller(t);
	t->q.r.k = k;
	compute(t);
	tally->asked++;
	ck_assert_msg(t->answer.n_routes == (all < wanted ? all : wanted),
		      "seed %u: %zu routes of %zu: %s", t->seed, t->answer.n_routes, all,
		      t->answer.no_path.text ? t->answer.no_path.text : "");
	for (size_t i = 0; i < t->answer.n_routes; i++) {
		const struct path_route *route = &t->answer.routes[i];
		const struct referee_path *p =
					      referee_find(&t->there, route->links, route->n_links),
					  *best = NULL;
		struct pce_error err = { 0 };

		for (size_t j = 0; j < t->there.n; j++)
			if (t->there.paths[j].breaks == 0 && !used[j] &&
			    (!best ||
			     referee_compare(&t->there, &t->q.r, &t->there.paths[j], best) < 0))
				best = &t->there.paths[j];
		used[best - t->there.paths] = true;
		ck_assert_msg(p && p->breaks == 0, "seed %u: route %zu breaks %x", t->seed, i,
			      p ? p->breaks : 0);
		ck_assert_msg(path_validate(t->ted, &t->q.r, route->links, route->n_links, &err) ==
				  PCE_OK,
			      "seed %u: %s", t->seed, err.text);
		ck_assert(route->exact);
		expect_as_good(t, p, best);
	}
	if (t->answer.n_routes == 0) {
		expect_reason(t, tally);
		return;
	}
	tally->found++;
	t->q.r.co_routed = false;
	referee_judge(&t->there, &t->q.r);
	tally->moved +=
	    referee_best(&t->there, &t->q.r, EVERYTHING) !=
	    referee_find(&t->there, t->answer.routes[0].links, t->answer.routes[0].n_links);
	t->q.r.co_routed = true;
}

static uint64_t
sum_of(const struct path_request *r, const struct referee_path *p)
{
	return r->objective == PATH_IGP ? p->igp : r->objective == PATH_TE ? p->te : p->delay;
}

/* The best link-disjoint pair of paths that can be taken back. */
static void
expect_pair(struct trial *t, struct tally *tally)
{
	uint64_t best = UINT64_MAX, got = 0;

	t->q.r.k = 0;
	t->q.r.disjoint = PATH_DISJOINT_LINK;
	if (t->q.r.objective == PATH_BANDWIDTH || t->q.r.objective == PATH_AVAILABILITY)
		t->q.r.objective = PATH_DELAY;
	judge(t);
	for (size_t i = 0; i < t->there.n; i++)
		for (size_t j = i + 1; t->there.paths[i].breaks == 0 && j < t->there.n; j++)
			if (t->there.paths[j].breaks == 0 &&
			    referee_disjoint(PATH_DISJOINT_LINK, &t->there.paths[i],
					     &t->there.paths[j])) {
				uint64_t sum = sum_of(&t->q.r, &t->there.paths[i]) +
					       sum_of(&t->q.r, &t->there.paths[j]);

				best = sum < best ? sum : best;
			}
	compute(t);
	if (t->answer.no_path.reason == PATH_REASON_BUDGET) {
		tally->bounded++;
	} else if (t->answer.n_relaxed == 0) {
		ck_assert_msg((t->answer.n_routes == 2) == (best != UINT64_MAX), "seed %u: %s",
			      t->seed, t->answer.no_path.text ? t->answer.no_path.text : "");
		for (size_t i = 0; i < t->answer.n_routes; i++) {
			const struct referee_path *p = referee_find(
			    &t->there, t->answer.routes[i].links, t->answer.routes[i].n_links);

			ck_assert_msg(p && p->breaks == 0, "seed %u", t->seed);
			got += sum_of(&t->q.r, p);
		}
		if (t->answer.n_routes == 2) {
			ck_assert_msg(got == best, "seed %u: %llu is not %llu", t->seed,
				      (unsigned long long)got, (unsigned long long)best);
			tally->pairs++;
		}
	}
	t->q.r.disjoint = PATH_DISJOINT_NONE;
}

static void
try_town(unsigned seed, struct tally *tally)
{
	uint64_t state = seed * 11 + 77;
	struct ted *ted = town_draw((struct town_size){ REFEREE_NODES, 28 }, &state);
	struct trial t = { .seed = seed, .ted = ted };
	struct pce_error err = { 0 };

	ck_assert(path_engine_new(ted, &t.engine, &err) == PCE_OK);
	order_begin(&t.there, ted, false, MOST_PATHS, &state);
	referee_begin(&t.back, ted, t.there.to, t.there.from, false, MOST_PATHS);
	for (unsigned j = 0; j < 4 && !t.there.overflow && !t.back.overflow; j++) {
		order_draw(&t.q, &t.there, WITHOUT_VIAS, 3, &state);
		t.q.r.co_routed = true;
		expect_routes(&t, j % 2 ? 3 : 0, tally);
		if (j == 2)
			expect_pair(&t, tally);
	}
	path_answer_free(&t.answer);
	referee_end(&t.there);
	referee_end(&t.back);
	path_engine_free(t.engine);
	ted_free(ted);
}

START_TEST(path_corouted_is_the_best_that_can_be_taken_back)
{
	struct tally tally = { 0 };
	unsigned n = suite_seeds() * 2;

	for (unsigned seed = 1; seed <= n; seed++)
		try_town(seed, &tally);
	printf("%u requests: %u found, %u of them elsewhere than one way alone, %u pairs (%u not "
	       "searched for), %u none, %u because the ways part\n",
	       tally.asked, tally.found, tally.moved, tally.pairs, tally.bounded, tally.none,
	       tally.apart);
	fflush(stdout);
	ck_assert(n < 200 || (tally.moved * 20 > tally.found && tally.apart * 20 > tally.none &&
			      tally.pairs * 20 > n));
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("corouted");

	tcase_add_test(tcase, path_corouted_is_the_best_that_can_be_taken_back);
	return suite_run("corouted", tcase, 120);
}
