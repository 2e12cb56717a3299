/*
 * Requests that combine everything a single route, its alternatives and its diverse alternatives
 * can be asked for, on networks with everything odd that a network can have, against every loopless
 * path.
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
#define SUMS                                                                                       \
	(1u << ORDER_DELAY | 1u << ORDER_HOPS | 1u << ORDER_TE | 1u << ORDER_IGP |                 \
	 1u << ORDER_BANDWIDTH)
#define MOST_PATHS 3000
#define TOLERANCE 5e-11L

struct trial {
	unsigned seed;
	struct referee ref;
	struct order_slip q;
	struct path_engine *engine;
	struct path_answer answer;
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

static const struct referee_path *
expect_valid(const struct trial *t, size_t i)
{
	const struct path_route *route = &t->answer.routes[i];
	const struct referee_path *p = referee_find(&t->ref, route->links, route->n_links);
	struct pce_error err = { 0 };
	long double fails;

	ck_assert_msg(p, "seed %u: route %zu is no path", t->seed, i);
	ck_assert_msg(p->breaks == 0, "seed %u: route %zu breaks %x", t->seed, i, p->breaks);
	ck_assert_uint_eq(route->igp_metric, p->igp);
	ck_assert_uint_eq(route->te_metric, p->te);
	ck_assert_uint_eq(route->delay_us, p->delay);
	ck_assert_uint_eq(route->residual_bps, p->residual);
	fails = (long double)route->unavailability_ppt / 1e12L - (1 - p->works);
	ck_assert_msg(fails > -2e-12L && fails < 2e-12L, "seed %u: fails %Lg too often", t->seed,
		      fails);
	ck_assert_msg(path_validate(t->ref.ted, &t->q.r, route->links, route->n_links, &err) ==
			  PCE_OK,
		      "seed %u: %s", t->seed, err.text);
	return p;
}

/* The path is as good as the best one. Availability is compared within the rounding of costs; but
 * where the risks are the same, ties decide exactly. */
static void
expect_as_good(const struct trial *t, size_t i, const struct referee_path *p,
	       const struct referee_path *best)
{
	long double apart = best->works - p->works;

	if (t->q.r.objective == PATH_AVAILABILITY &&
	    (apart > best->works * 1e-15L || best->works < 1e-6L))
		ck_assert_msg(apart < TOLERANCE, "seed %u: route %zu fails %Lg too often", t->seed,
			      i, apart);
	else if (p != best)
		ck_abort_msg("seed %u: route %zu is not the best for objective %d, ties %u %u %u: "
			     "igp %llu te %llu delay %llu residual %llu works %.18Lf links %u for "
			     "%llu %llu %llu %llu %.18Lf %u",
			     t->seed, i, (int)t->q.r.objective, t->q.r.ties[0], t->q.r.ties[1],
			     t->q.r.n_ties, (unsigned long long)p->igp, (unsigned long long)p->te,
			     (unsigned long long)p->delay, (unsigned long long)p->residual,
			     p->works, p->n, (unsigned long long)best->igp,
			     (unsigned long long)best->te, (unsigned long long)best->delay,
			     (unsigned long long)best->residual, best->works, best->n);
}

static void
expect_single(struct trial *t)
{
	const struct referee_path *best = referee_best(&t->ref, &t->q.r, EVERYTHING);

	compute(t);
	ck_assert_msg(t->answer.n_routes == (best != NULL), "seed %u: %s", t->seed,
		      best ? t->answer.no_path.text : "a route where there is none");
	if (best) {
		ck_assert(t->answer.routes[0].exact);
		expect_as_good(t, 0, expect_valid(t, 0), best);
		return;
	}
	ck_assert_ptr_nonnull(t->answer.no_path.text);
	ck_assert(t->answer.no_path.reason != PATH_REASON_NONE &&
		  t->answer.no_path.reason != PATH_REASON_BUDGET);
}

struct taken {
	const struct referee_path *paths[64];
	size_t n;
};

static bool
is_taken(const struct taken *taken, const struct referee_path *p)
{
	for (size_t i = 0; i < taken->n; i++)
		if (taken->paths[i] == p)
			return true;
	return false;
}

/* The best path that is not taken yet. */
static const struct referee_path *
next_best(const struct trial *t, const struct taken *taken)
{
	const struct referee_path *best = NULL;

	for (size_t i = 0; i < t->ref.n; i++) {
		const struct referee_path *p = &t->ref.paths[i];

		if (p->breaks == 0 && !is_taken(taken, p) &&
		    (!best || referee_compare(&t->ref, &t->q.r, p, best) < 0))
			best = p;
	}
	return best;
}

static void
expect_alternatives(struct trial *t, uint32_t k)
{
	size_t all = referee_count(&t->ref, EVERYTHING);
	struct taken oracle = { .n = 0 }, engine = { .n = 0 };

	t->q.r.k = k;
	compute(t);
	ck_assert_msg(t->answer.n_routes == (all < k ? all : k), "seed %u: %zu routes of %zu",
		      t->seed, t->answer.n_routes, all);
	for (size_t i = 0; i < t->answer.n_routes; i++) {
		const struct referee_path *best = next_best(t, &oracle);
		const struct referee_path *p = expect_valid(t, i);

		ck_assert_msg(!is_taken(&engine, p), "seed %u: route %zu again", t->seed, i);
		ck_assert(t->answer.routes[i].exact);
		if (t->q.r.objective == PATH_AVAILABILITY)
			ck_assert_msg(best->works - p->works < TOLERANCE, "seed %u: route %zu",
				      t->seed, i);
		else
			expect_as_good(t, i, p, best);
		oracle.paths[oracle.n++] = best;
		engine.paths[engine.n++] = p;
	}
	t->q.r.k = 0;
}

static unsigned
overlap_of(const struct referee_path *p, const struct taken *taken)
{
	unsigned sum = 0;

	for (size_t i = 0; i < taken->n; i++)
		sum += (unsigned)__builtin_popcountll(p->fibres & taken->paths[i]->fibres);
	return sum;
}

/* The best of the paths that overlap least with those taken. */
static const struct referee_path *
least_overlap(const struct trial *t, const struct taken *taken)
{
	const struct referee_path *best = NULL;
	unsigned least = 0;

	for (size_t i = 0; i < t->ref.n; i++) {
		const struct referee_path *p = &t->ref.paths[i];
		unsigned overlap = overlap_of(p, taken);

		if (p->breaks == 0 &&
		    (!best || overlap < least ||
		     (overlap == least && referee_compare(&t->ref, &t->q.r, p, best) < 0))) {
			best = p;
			least = overlap;
		}
	}
	return best;
}

static void
expect_diverse(struct trial *t, uint32_t k)
{
	struct taken taken = { .n = 0 };

	t->q.r.k = k;
	t->q.r.diverse = true;
	compute(t);
	ck_assert((t->answer.n_routes > 0) == (referee_count(&t->ref, EVERYTHING) > 0));
	for (size_t i = 0; i < t->answer.n_routes; i++) {
		const struct referee_path *p = expect_valid(t, i);
		const struct referee_path *best = least_overlap(t, &taken);

		ck_assert_msg(!is_taken(&taken, p), "seed %u: route %zu again", t->seed, i);
		ck_assert_msg(overlap_of(p, &taken) == overlap_of(best, &taken),
			      "seed %u: route %zu overlaps too much", t->seed, i);
		expect_as_good(t, i, p, best);
		taken.paths[taken.n++] = p;
	}
	if (t->answer.n_routes > 0 && t->answer.n_routes < k &&
	    t->q.r.objective != PATH_AVAILABILITY)
		ck_assert_msg(is_taken(&taken, least_overlap(t, &taken)),
			      "seed %u: the list ends before it repeats itself", t->seed);
	t->q.r.k = 0;
	t->q.r.diverse = false;
}

static void
begin(struct trial *t, const struct ted *ted, struct path_engine *engine, unsigned seed,
      uint64_t *state)
{
	*t = (struct trial){ .seed = seed, .engine = engine };
	order_begin(&t->ref, ted, false, MOST_PATHS, state);
}

static void
end(struct trial *t)
{
	path_answer_free(&t->answer);
	referee_end(&t->ref);
}

static struct path_engine *
engine_on(const struct ted *ted)
{
	struct path_engine *engine = NULL;
	struct pce_error err = { 0 };

	ck_assert_msg(path_engine_new(ted, &engine, &err) == PCE_OK, "%s", err.text);
	return engine;
}

struct tally {
	struct order_share shares[ORDER_COUNT];
	unsigned asked, by_objective[PATH_OBJECTIVE_COUNT], found[PATH_OBJECTIVE_COUNT];
	unsigned full, several, diverse;
};

static uint64_t
told_value(const struct path_request *r, const struct referee_path *p)
{
	return r->objective == PATH_IGP     ? p->igp
	       : r->objective == PATH_TE    ? p->te
	       : r->objective == PATH_DELAY ? p->delay
					    : p->residual;
}

/* Why this route: what comes next, and which constraints bind. */
static void
expect_choice(struct trial *t)
{
	const struct referee_path *best = referee_best(&t->ref, &t->q.r, EVERYTHING), *second;
	struct taken taken = { { best }, 1 };
	const struct path_choice *c;

	if (!best || t->q.r.objective == PATH_AVAILABILITY)
		return;
	t->q.r.explain = true;
	compute(t);
	t->q.r.explain = false;
	c = t->answer.routes[0].choice;
	second = next_best(t, &taken);
	ck_assert_msg(c && t->answer.routes[0].chosen, "seed %u: no reason", t->seed);
	ck_assert_uint_eq(c->value, told_value(&t->q.r, best));
	ck_assert_msg(c->has_runner_up == (second != NULL), "seed %u", t->seed);
	if (second) {
		ck_assert_msg(referee_find(&t->ref, c->runner_up, c->n_runner_up) == second,
			      "seed %u: another one comes next", t->seed);
		ck_assert_uint_eq(c->runner_up_value, told_value(&t->q.r, second));
	}
	for (size_t i = 0; i < c->n_bindings; i++) {
		const struct path_binding *b = &c->bindings[i];
		const struct referee_path *without =
		    referee_best(&t->ref, &t->q.r, ~(1u << b->constraint));

		ck_assert_msg(b->binds == (without != best), "seed %u: %s binds %d", t->seed,
			      path_reason_name(b->constraint), b->binds);
		if (b->binds)
			ck_assert_uint_eq(b->without, told_value(&t->q.r, without));
	}
}

static void
try_order(struct trial *t, struct tally *tally, uint64_t *state)
{
	uint32_t k = 2 + suite_below(state, 8);

	order_draw(&t->q, &t->ref, WITHOUT_VIAS, 6, state);
	expect_single(t);
	tally->asked++;
	tally->by_objective[t->q.r.objective]++;
	tally->found[t->q.r.objective] += t->answer.n_routes > 0;
	order_count(tally->shares, &t->q, &t->ref, referee_best(&t->ref, &t->q.r, EVERYTHING));
	if (suite_below(state, 4) == 0)
		expect_choice(t);
	if (suite_below(state, 3) != 0)
		return;
	expect_alternatives(t, suite_below(state, 20) == 0 ? 60 : k);
	tally->full += t->answer.n_routes == k;
	tally->several += t->answer.n_routes > 1;
	expect_diverse(t, k);
	tally->diverse += t->answer.n_routes > 1;
}

static void
try_town(unsigned seed, struct tally *tally)
{
	uint64_t state = seed;
	struct ted *ted =
	    town_draw((struct town_size){ REFEREE_NODES, 24 + suite_below(&state, 8) }, &state);
	struct path_engine *engine = engine_on(ted);

	for (unsigned i = 0; i < 3; i++) {
		struct trial t;

		begin(&t, ted, engine, seed, &state);
		for (unsigned j = 0; j < 4 && !t.ref.overflow; j++)
			try_order(&t, tally, &state);
		end(&t);
	}
	path_engine_free(engine);
	ted_free(ted);
}

START_TEST(path_of_combined_constraints_is_the_best_of_all)
{
	struct tally tally = { .asked = 0 };
	unsigned n = suite_seeds() * 2;

	for (unsigned seed = 1; seed <= n; seed++)
		try_town(seed, &tally);
	printf("%u requests on %u networks; k best: all %u, several %u; diverse: several %u\n",
	       tally.asked, n, tally.full, tally.several, tally.diverse);
	for (unsigned i = 0; i < PATH_OBJECTIVE_COUNT; i++)
		printf("objective %u: asked %u, found %u\n", i, tally.by_objective[i],
		       tally.found[i]);
	order_report("single", tally.shares, WITHOUT_VIAS & ~(1u << ORDER_HELD));
	ck_assert_uint_ge(tally.full * 20, n);
}
END_TEST

/* What the objective of a route is, smaller is better. */
static long double
loss_of(const struct path_request *r, const struct referee_path *p)
{
	switch (r->objective) {
	case PATH_IGP:
		return (long double)p->igp;
	case PATH_TE:
		return (long double)p->te;
	case PATH_DELAY:
		return (long double)p->delay;
	case PATH_BANDWIDTH:
		return -(long double)p->residual;
	default:
		return (1 - p->works) * 1e12L;
	}
}

static void
expect_bounded(const struct trial *t, unsigned *spent)
{
	const struct referee_path *best = referee_best(&t->ref, &t->q.r, EVERYTHING), *p;
	const struct path_route *route = t->answer.routes;
	long double bound, slack = t->q.r.objective == PATH_AVAILABILITY ? 50 : 0;

	if (t->answer.n_routes == 0) {
		*spent += t->answer.no_path.reason == PATH_REASON_BUDGET;
		ck_assert_msg(!best || t->answer.no_path.reason == PATH_REASON_BUDGET,
			      "seed %u: %s", t->seed, t->answer.no_path.text);
		return;
	}
	p = expect_valid(t, 0);
	if (route->exact) {
		expect_as_good(t, 0, p, best);
		return;
	}
	++*spent;
	ck_assert_ptr_nonnull(route->why);
	ck_assert_msg(route->has_bound, "seed %u: no bound", t->seed);
	bound = t->q.r.objective == PATH_BANDWIDTH ? -(long double)route->bound
						   : (long double)route->bound;
	ck_assert_msg(bound <= loss_of(&t->q.r, best) + slack, "seed %u: bound %Lg, best %Lg",
		      t->seed, bound, loss_of(&t->q.r, best));
}

START_TEST(path_with_a_budget_is_the_best_or_bounds_it)
{
	unsigned spent = 0, asked = 0;

	for (unsigned seed = 1; seed <= suite_seeds(); seed++) {
		uint64_t state = seed * 3 + 1000000;
		struct ted *ted = town_draw((struct town_size){ REFEREE_NODES, 28 }, &state);
		struct path_engine *engine = engine_on(ted);
		struct trial t;

		begin(&t, ted, engine, seed, &state);
		for (unsigned j = 0; j < 8 && !t.ref.overflow; j++) {
			order_draw(&t.q, &t.ref, SUMS, 4, &state);
			/* the widest route is found by many searches: each may leave something open
			 */
			if (suite_below(&state, 2) == 0) {
				t.q.r.objective = PATH_BANDWIDTH;
				referee_judge(&t.ref, &t.q.r);
			}
			if (suite_below(&state, 3) == 0)
				t.q.r.budget_bytes = 1 + suite_below(&state, 1000);
			else
				t.q.r.budget_labels = 1 + suite_below(&state, 4);
			compute(&t);
			expect_bounded(&t, &spent);
			asked++;
		}
		end(&t);
		path_engine_free(engine);
		ted_free(ted);
	}
	printf("budgets: %u requests, %u spent\n", asked, spent);
	fflush(stdout);
	ck_assert(suite_seeds() < 200 || spent * 20 >= asked);
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("combinations");

	tcase_add_test(tcase, path_of_combined_constraints_is_the_best_of_all);
	tcase_add_test(tcase, path_with_a_budget_is_the_best_or_bounds_it);
	return suite_run("combinations", tcase, 120);
}
