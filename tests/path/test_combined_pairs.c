/*
 * Pairs of every kind under combined constraints, on networks with everything odd that a network
 * can have, against every pair of loopless paths.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pce/path/path.h"
#include "tests/path/town.h"
#include "tests/support/suite.h"

#define WITHOUT_VIAS (~((1u << ORDER_VIA) | (1u << ORDER_SERVICE)))
#define MOST_PATHS 400
#define KINDS 6

static const char *const names[] = { "none", "link", "node", "srlg", "availability", "srlg-node" };

struct trial {
	unsigned seed;
	struct referee ref;
	struct order_slip q;
	struct path_engine *engine;
	struct path_answer answer;
	const struct referee_path *held[MOST_PATHS]; /* paths that hold the constraints */
	size_t n_held;
};

/* What a pair is judged by, smaller is better. */
struct value {
	long double joint;
	uint64_t v[8];
};

static uint64_t
objective_of(const struct path_request *r, const struct referee_path *p)
{
	return r->objective == PATH_IGP     ? p->igp
	       : r->objective == PATH_TE    ? p->te
	       : r->objective == PATH_DELAY ? p->delay
					    : UINT64_MAX - p->residual;
}

static uint64_t
larger(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static struct value
value_of(const struct trial *t, enum path_disjoint kind, const struct referee_path *a,
	 const struct referee_path *b)
{
	const struct path_request *r = &t->q.r;
	struct value out = { .joint = 0 };
	unsigned n = 0;

	if (kind == PATH_DISJOINT_AVAILABILITY || r->objective == PATH_AVAILABILITY) {
		out.joint = referee_joint(&t->ref, a, b);
		return out;
	}
	if (r->objective == PATH_BANDWIDTH)
		out.v[n++] = UINT64_MAX - (a->residual < b->residual ? a->residual : b->residual);
	else if (r->pair == PATH_PAIR_MAXIMUM)
		out.v[n++] = larger(objective_of(r, a), objective_of(r, b));
	if (r->objective != PATH_BANDWIDTH)
		out.v[n++] = objective_of(r, a) + objective_of(r, b);
	for (unsigned i = 0; i < r->n_ties; i++) {
		const uint64_t x[] = { a->delay, a->te, a->igp, a->hops };
		const uint64_t y[] = { b->delay, b->te, b->igp, b->hops };

		out.v[n++] = x[r->ties[i]] + y[r->ties[i]];
	}
	out.v[n] = a->n + b->n;
	return out;
}

static int
compare_values(const struct value *a, const struct value *b)
{
	long double apart = a->joint - b->joint;

	if (apart < -2e-11L || apart > 2e-11L)
		return apart < 0 ? -1 : 1;
	for (unsigned i = 0; i < 8; i++)
		if (a->v[i] != b->v[i])
			return a->v[i] < b->v[i] ? -1 : 1;
	return 0;
}

static void
hold(struct trial *t)
{
	t->n_held = 0;
	for (size_t i = 0; i < t->ref.n; i++)
		if (t->ref.paths[i].breaks == 0)
			t->held[t->n_held++] = &t->ref.paths[i];
}

static bool
best_pair(const struct trial *t, enum path_disjoint kind, struct value *best)
{
	bool found = false;

	for (size_t i = 0; i < t->n_held; i++)
		for (size_t j = i; j < t->n_held; j++) {
			struct value value;

			if (!referee_disjoint(kind, t->held[i], t->held[j]))
				continue;
			value = value_of(t, kind, t->held[i], t->held[j]);
			if (!found || compare_values(&value, best) < 0)
				*best = value;
			found = true;
		}
	return found;
}

static void
expect_pair(const struct trial *t, enum path_disjoint kind, const struct value *best)
{
	const struct referee_path *got[2];
	struct pce_error err = { 0 };
	long double joint;
	struct value value;

	ck_assert_msg(t->answer.n_routes == 2, "seed %u: %s", t->seed, t->answer.no_path.text);
	for (unsigned i = 0; i < 2; i++) {
		const struct path_route *route = &t->answer.routes[i];

		got[i] = referee_find(&t->ref, route->links, route->n_links);
		ck_assert_msg(got[i] && got[i]->breaks == 0, "seed %u: route %u is no answer",
			      t->seed, i);
		ck_assert_msg(route->exact, "seed %u: %s", t->seed, route->why);
		ck_assert_uint_eq(route->residual_bps, got[i]->residual);
		ck_assert_uint_eq(route->te_metric, got[i]->te);
		ck_assert(path_validate(t->ref.ted, &t->q.r, route->links, route->n_links, &err) ==
			  PCE_OK);
	}
	ck_assert_msg(got[0] != got[1], "seed %u: one route twice", t->seed);
	ck_assert_msg(referee_disjoint(kind, got[0], got[1]), "seed %u: not disjoint", t->seed);
	value = value_of(t, kind, got[0], got[1]);
	ck_assert_msg(compare_values(&value, best) == 0,
		      "seed %u: %.15Lf %llu %llu %llu instead of %.15Lf %llu %llu %llu", t->seed,
		      value.joint, (unsigned long long)value.v[0], (unsigned long long)value.v[1],
		      (unsigned long long)value.v[2], best->joint, (unsigned long long)best->v[0],
		      (unsigned long long)best->v[1], (unsigned long long)best->v[2]);
	joint = referee_joint(&t->ref, got[0], got[1]) -
		(long double)t->answer.joint_unavailability_ppt / 1e12L;
	ck_assert_msg(t->answer.has_joint && joint > -2e-12L && joint < 2e-12L, "seed %u: %Lg",
		      t->seed, joint);
}

struct tally {
	struct order_share shares[ORDER_COUNT];
	unsigned asked, spent, pairs[KINDS], fallen[KINDS], single[KINDS], none[KINDS],
	    kinds[KINDS];
};

/* The pair of the next weaker kind that exists, told as such. */
static void
expect_fallback(const struct trial *t, struct tally *tally)
{
	static const enum path_disjoint weaker[KINDS] = {
		[PATH_DISJOINT_SRLG_NODE] = PATH_DISJOINT_SRLG,
		[PATH_DISJOINT_SRLG] = PATH_DISJOINT_LINK,
		[PATH_DISJOINT_NODE] = PATH_DISJOINT_LINK,
		[PATH_DISJOINT_LINK] = PATH_DISJOINT_AVAILABILITY,
	};
	enum path_disjoint asked = t->q.r.disjoint, kind = asked;
	struct value best;

	while (kind != PATH_DISJOINT_AVAILABILITY && !best_pair(t, kind, &best))
		kind = weaker[kind];
	ck_assert(best_pair(t, kind, &best));
	ck_assert_msg(t->answer.n_relaxed == 1, "seed %u: %zu relaxed, no %s pair, %s", t->seed,
		      t->answer.n_relaxed, names[asked], t->answer.no_path.text);
	ck_assert_str_eq(t->answer.relaxed[0].constraint, "disjoint");
	ck_assert_str_eq(t->answer.relaxed[0].asked, names[asked]);
	ck_assert_str_eq(t->answer.relaxed[0].got, names[kind]);
	expect_pair(t, kind, &best);
	tally->fallen[asked]++;
}

static void
expect_none(const struct trial *t, struct tally *tally)
{
	ck_assert_msg(t->answer.no_path.text, "seed %u: %zu %s routes of %zu paths", t->seed,
		      t->answer.n_routes, names[t->q.r.disjoint], t->n_held);
	ck_assert_uint_eq(t->answer.n_routes, 0);
	ck_assert_msg((t->answer.no_path.reason == PATH_REASON_DISJOINT) == (t->n_held > 0),
		      "seed %u: %s", t->seed, t->answer.no_path.text);
	tally->single[t->q.r.disjoint] += t->n_held > 0;
	tally->none[t->q.r.disjoint] += t->n_held == 0;
}

/* Counts what the constraints do to the pair: without the kind it would be another one, or none. */
static void
count(struct trial *t, bool found, const struct value *best, struct order_share *shares)
{
	for (unsigned kind = 0; kind < ORDER_COUNT; kind++) {
		struct path_request other;
		struct value value;

		if (!(t->q.kinds >> kind & 1))
			continue;
		shares[kind].asked++;
		shares[kind].feasible += found;
		shares[kind].infeasible += !found;
		other = order_without(&t->q, kind);
		referee_judge(&t->ref, &other);
		hold(t);
		shares[kind].binding += t->n_held > 1 && best_pair(t, t->q.r.disjoint, &value) &&
					(!found || compare_values(&value, best) != 0);
	}
}

static void
try_order(struct trial *t, struct tally *tally, uint64_t *state)
{
	struct pce_error err = { 0 };
	enum pce_status status;
	struct value best;
	bool found;

	for (unsigned i = 0; i < 4; i++) {
		order_draw(&t->q, &t->ref, WITHOUT_VIAS, 3, state);
		hold(t);
		if (t->n_held > 1 || suite_below(state, 3) == 0)
			break;
	}
	t->q.r.disjoint = 1 + suite_below(state, KINDS - 1);
	t->q.r.pair = suite_below(state, PATH_PAIR_COUNT);
	path_answer_free(&t->answer);
	status = path_compute(t->engine, &t->q.r, &t->answer, &err);
	ck_assert_msg(status == PCE_OK, "seed %u: %s", t->seed, err.text);
	tally->asked++;
	tally->kinds[t->q.r.disjoint]++;
	/* one route twice is no pair */
	found = t->n_held > 1 && best_pair(t, t->q.r.disjoint, &best);
	if (found) {
		ck_assert_msg(t->answer.n_relaxed == 0, "seed %u: relaxed", t->seed);
		expect_pair(t, t->q.r.disjoint, &best);
		tally->pairs[t->q.r.disjoint]++;
	} else if (t->n_held > 1) {
		expect_fallback(t, tally);
	} else {
		expect_none(t, tally);
	}
	count(t, found, &best, tally->shares);
}

/* With little budget: the best pair, or one with a bound that the best one keeps. */
static void
try_budget(struct trial *t, unsigned *spent, uint64_t *state)
{
	enum path_disjoint kind = t->q.r.disjoint;
	struct pce_error err = { 0 };
	struct value best;
	long double bound;

	referee_judge(&t->ref, &t->q.r);
	hold(t);
	if (t->n_held < 2 || !best_pair(t, kind, &best))
		return;
	t->q.r.budget_labels = 1 + suite_below(state, 30);
	path_answer_free(&t->answer);
	ck_assert(path_compute(t->engine, &t->q.r, &t->answer, &err) == PCE_OK);
	t->q.r.budget_labels = 0;
	if (t->answer.n_routes == 0) {
		++*spent;
		ck_assert_msg(t->answer.no_path.reason == PATH_REASON_BUDGET, "seed %u: %s",
			      t->seed, t->answer.no_path.text);
		return;
	}
	ck_assert_uint_eq(t->answer.n_routes, 2);
	if (t->answer.n_relaxed == 0 && t->answer.routes[0].exact) {
		expect_pair(t, kind, &best);
		return;
	}
	++*spent;
	ck_assert_msg(!t->answer.routes[0].exact && t->answer.routes[0].has_bound,
		      "seed %u: neither exact nor bounded", t->seed);
	if (t->answer.n_relaxed > 0)
		return;
	bound = (long double)t->answer.routes[0].bound;
	if (kind == PATH_DISJOINT_AVAILABILITY || t->q.r.objective == PATH_AVAILABILITY)
		ck_assert_msg(bound <= best.joint * 1e12L + 20, "seed %u: %Lg", t->seed, bound);
	else if (t->q.r.objective == PATH_BANDWIDTH)
		ck_assert_msg(bound >= (long double)(UINT64_MAX - best.v[0]), "seed %u: %Lg",
			      t->seed, bound);
	else
		ck_assert_msg(bound <= (long double)best.v[0], "seed %u: %Lg", t->seed, bound);
}

static void
try_town(unsigned seed, struct tally *tally)
{
	uint64_t state = seed;
	struct ted *ted = town_draw((struct town_size){ 6, 18 + suite_below(&state, 10) }, &state);
	struct path_engine *engine = NULL;
	struct pce_error err = { 0 };

	ck_assert_msg(path_engine_new(ted, &engine, &err) == PCE_OK, "%s", err.text);
	for (unsigned i = 0; i < 2; i++) {
		struct trial t = { .seed = seed, .engine = engine };

		order_begin(&t.ref, ted, false, MOST_PATHS, &state);
		for (unsigned j = 0; j < 4 && !t.ref.overflow; j++)
			try_order(&t, tally, &state);
		if (t.n_held > 0)
			try_budget(&t, &tally->spent, &state);
		path_answer_free(&t.answer);
		referee_end(&t.ref);
	}
	path_engine_free(engine);
	ted_free(ted);
}

START_TEST(pairs_under_combined_constraints_are_the_best_of_all)
{
	static struct tally tally;
	unsigned n = suite_seeds() * 2;

	for (unsigned seed = 1; seed <= n; seed++)
		try_town(seed, &tally);
	printf("%u requests for pairs on %u networks, %u with a spent budget\n", tally.asked, n,
	       tally.spent);
	for (unsigned i = 1; i < KINDS; i++) {
		printf("%-12s asked %u, pairs %u, fallen back %u, one path only %u, none %u\n",
		       names[i], tally.kinds[i], tally.pairs[i], tally.fallen[i], tally.single[i],
		       tally.none[i]);
		ck_assert_uint_ge(tally.pairs[i] * 10, tally.kinds[i]);
	}
	order_report("pairs", tally.shares, WITHOUT_VIAS & ~(1u << ORDER_HELD));
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("combined_pairs");

	tcase_add_test(tcase, pairs_under_combined_constraints_are_the_best_of_all);
	return suite_run("combined_pairs", tcase, 120);
}
