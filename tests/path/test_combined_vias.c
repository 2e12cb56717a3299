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
	unsigned lists, several, pairs, fallen, none, spent;
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
		ck_assert_msg(p == best,
			      "seed %u: not the best for objective %d: igp %llu te %llu delay %llu "
			      "links %u for %llu %llu %llu %u",
			      t->seed, (int)t->q.r.objective, (unsigned long long)p->igp,
			      (unsigned long long)p->te, (unsigned long long)p->delay, p->n,
			      (unsigned long long)best->igp, (unsigned long long)best->te,
			      (unsigned long long)best->delay, best->n);
}

#define MOST_TAKEN 16

struct taken {
	const struct referee_path *walks[MOST_TAKEN];
	size_t n;
};

static bool
is_taken(const struct taken *taken, const struct referee_path *p)
{
	for (size_t i = 0; i < taken->n; i++)
		if (taken->walks[i] == p)
			return true;
	return false;
}

/* Links of fibres that earlier walks use, each counted once for each of these. */
static unsigned
overlap_of(const struct trial *t, const struct referee_path *p, const struct taken *taken)
{
	unsigned sum = 0;

	for (size_t i = 0; i < taken->n; i++)
		for (uint32_t j = 0; j < p->n; j++) {
			uint32_t reverse = ted_link_at(t->ref.ted, p->links[j])->reverse;
			uint32_t fibre = reverse < p->links[j] ? reverse : p->links[j];

			sum += (unsigned)(taken->walks[i]->fibres >> fibre & 1);
		}
	return sum;
}

/* The next walk: the best one that is not taken, or (diverse) of those that overlap least. */
static const struct referee_path *
next_walk(const struct trial *t, const struct taken *taken)
{
	const struct referee_path *best = NULL;
	unsigned least = 0;

	for (size_t i = 0; i < t->ref.n; i++) {
		const struct referee_path *p = &t->ref.paths[i];
		unsigned overlap = t->q.r.diverse ? overlap_of(t, p, taken) : 0;

		if (p->breaks != 0 || p->loops || (!t->q.r.diverse && is_taken(taken, p)) ||
		    (best && overlap > least))
			continue;
		if (!best || overlap < least || referee_compare(&t->ref, &t->q.r, p, best) < 0) {
			best = p;
			least = overlap;
		}
	}
	return best;
}

static const struct referee_path *
route_of(const struct trial *t, size_t i)
{
	const struct path_route *route = &t->answer.routes[i];
	const struct referee_path *p = referee_find(&t->ref, route->links, route->n_links);

	ck_assert_msg(p && p->breaks == 0, "seed %u: route %zu is no walk that answers", t->seed,
		      i);
	return p;
}

static size_t
count_walks(const struct trial *t)
{
	size_t n = 0;

	for (size_t i = 0; i < t->ref.n; i++)
		n += t->ref.paths[i].breaks == 0 && !t->ref.paths[i].loops;
	return n;
}

static void
expect_list(struct trial *t, uint32_t k, bool diverse, struct tally *tally)
{
	struct taken got = { .n = 0 }, best = { .n = 0 };
	size_t n = count_walks(t);

	t->q.r.k = k;
	t->q.r.diverse = diverse;
	compute(t);
	if (!diverse)
		ck_assert_msg(t->answer.n_routes == (n < k ? n : k), "seed %u: %zu of %zu walks",
			      t->seed, t->answer.n_routes, n);
	ck_assert((t->answer.n_routes > 0) == (n > 0));
	for (size_t i = 0; i < t->answer.n_routes; i++) {
		const struct referee_path *p = route_of(t, i);
		const struct referee_path *want = next_walk(t, diverse ? &got : &best);

		ck_assert_msg(t->answer.routes[i].exact, "seed %u: %s", t->seed,
			      t->answer.routes[i].why);
		ck_assert_msg(!is_taken(&got, p), "seed %u: walk %zu again", t->seed, i);
		if (diverse)
			ck_assert_uint_eq(overlap_of(t, p, &got), overlap_of(t, want, &got));
		if (t->q.r.objective == PATH_AVAILABILITY)
			ck_assert_msg(want->works - p->works < TOLERANCE,
				      "seed %u: walk %zu%s, %.15Lf for %.15Lf", t->seed, i,
				      diverse ? " of diverse ones" : "", p->works, want->works);
		else
			ck_assert_msg(p == want, "seed %u: walk %zu of %zu is not the next best",
				      t->seed, i, t->answer.n_routes);
		got.walks[got.n++] = p;
		best.walks[best.n++] = want;
	}
	tally->lists++;
	tally->several += t->answer.n_routes > 1;
	t->q.r.k = 0;
	t->q.r.diverse = false;
}

/* What a walk has that another one must not have: nodes that both have to pass do not count. */
static struct referee_path
stripped(const struct trial *t, const struct referee_path *p)
{
	struct referee_path out = *p;
	const struct ted *ted = t->ref.ted;

	out.groups = 0;
	for (size_t i = 0; i < t->q.r.n_via; i++)
		out.transit &= ~(1u << t->q.r.via[i]);
	for (uint32_t g = 0; g < t->ref.n_srlgs; g++) {
		bool has = false;

		for (uint32_t i = 0; i < p->n; i++) {
			const struct ted_link_row *row = ted_link_at(ted, p->links[i]);

			for (size_t j = 0; j < row->n_srlg; j++)
				has |= row->srlg[j] == t->ref.srlgs[g];
		}
		for (uint32_t node = 0; out.transit >> node; node++) {
			const struct ted_node_row *row = ted_node_at(ted, node);

			for (size_t j = 0; (out.transit >> node & 1) && j < row->n_srlg; j++)
				has |= row->srlg[j] == t->ref.srlgs[g];
		}
		out.groups |= has ? 1u << g : 0;
	}
	return out;
}

static long double
sum_of(const struct path_request *r, const struct referee_path *p)
{
	return r->objective == PATH_IGP     ? (long double)p->igp
	       : r->objective == PATH_TE    ? (long double)p->te
	       : r->objective == PATH_DELAY ? (long double)p->delay
					    : -(long double)p->residual;
}

/* What the pair is first judged by, smaller is better. */
static long double
worth(const struct trial *t, enum path_disjoint kind, const struct referee_path *a,
      const struct referee_path *b)
{
	long double x, y;

	if (kind == PATH_DISJOINT_AVAILABILITY || t->q.r.objective == PATH_AVAILABILITY)
		return referee_joint(&t->ref, a, b);
	x = sum_of(&t->q.r, a);
	y = sum_of(&t->q.r, b);
	if (t->q.r.objective == PATH_BANDWIDTH || t->q.r.pair == PATH_PAIR_MAXIMUM)
		return x > y ? x : y;
	return x + y;
}

static bool
best_pair(const struct trial *t, enum path_disjoint kind, long double *best)
{
	bool found = false;

	for (size_t i = 0; i < t->ref.n; i++) {
		const struct referee_path *a = &t->ref.paths[i];
		struct referee_path x;

		if (a->breaks != 0 || a->loops)
			continue;
		x = stripped(t, a);
		for (size_t j = i; j < t->ref.n; j++) {
			const struct referee_path *b = &t->ref.paths[j];
			struct referee_path y;
			long double value;

			if (b->breaks != 0 || b->loops)
				continue;
			y = stripped(t, b);
			if (!referee_disjoint(kind, &x, &y))
				continue;
			value = worth(t, kind, a, b);
			*best = !found || value < *best ? value : *best;
			found = true;
		}
	}
	return found;
}

/* The best pair of the kind, or of the next weaker one that there is. */
static void
expect_pair(struct trial *t, struct tally *tally)
{
	static const enum path_disjoint weaker[PATH_DISJOINT_COUNT] = {
		[PATH_DISJOINT_SRLG_NODE] = PATH_DISJOINT_SRLG,
		[PATH_DISJOINT_SRLG] = PATH_DISJOINT_LINK,
		[PATH_DISJOINT_NODE] = PATH_DISJOINT_LINK,
		[PATH_DISJOINT_LINK] = PATH_DISJOINT_AVAILABILITY,
	};
	enum path_disjoint kind = t->q.r.disjoint;
	const struct referee_path *got[2];
	struct referee_path x, y;
	long double best = 0, value;

	compute(t);
	if (count_walks(t) < 2) {
		ck_assert_msg(t->answer.n_routes == 0 && t->answer.no_path.text, "seed %u",
			      t->seed);
		tally->none++;
		return;
	}
	while (!best_pair(t, kind, &best))
		kind = weaker[kind];
	ck_assert_msg(t->answer.n_routes == 2, "seed %u: %s", t->seed, t->answer.no_path.text);
	ck_assert_uint_eq(t->answer.n_relaxed, kind != t->q.r.disjoint);
	for (unsigned i = 0; i < 2; i++)
		got[i] = route_of(t, i);
	ck_assert_msg(got[0] != got[1], "seed %u: one walk twice", t->seed);
	x = stripped(t, got[0]);
	y = stripped(t, got[1]);
	ck_assert_msg(referee_disjoint(kind, &x, &y), "seed %u: not disjoint", t->seed);
	value = worth(t, kind, got[0], got[1]);
	if (!t->answer.routes[0].exact) {
		/* what is not decided, see branch.h; or a budget that is spent */
		ck_assert((long double)t->answer.routes[0].bound <= best * 1e12L + 50);
		tally->unsure++;
		tally->spent += !strstr(t->answer.routes[0].why, "do not fail equally often");
		return;
	}
	ck_assert_msg(value <= best + TOLERANCE,
		      "seed %u: kind %d, objective %d: %.13Lf for %.13Lf", t->seed, (int)kind,
		      (int)t->q.r.objective, value, best);
	tally->pairs += kind == t->q.r.disjoint;
	tally->fallen += kind != t->q.r.disjoint;
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
	if (suite_below(state, 3) == 0 && (best || suite_below(state, 5) == 0))
		expect_list(t, 2 + suite_below(state, 6), suite_below(state, 2), tally);
	if (suite_below(state, 4) != 0 || count_walks(t) > 120 ||
	    (count_walks(t) < 2 && suite_below(state, 5) != 0))
		return;
	t->q.r.disjoint = 1 + suite_below(state, PATH_DISJOINT_COUNT - 1);
	t->q.r.pair = suite_below(state, PATH_PAIR_COUNT);
	t->q.r.budget_labels = 20000;
	expect_pair(t, tally);
	t->q.r.budget_labels = 0;
	t->q.r.disjoint = PATH_DISJOINT_NONE;
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
	unsigned n = suite_seeds();

	for (unsigned seed = 1; seed <= n; seed++)
		try_town(seed, &tally);
	printf("%u requests through vias on %u networks: %u found, %u not proven, %u pass a node "
	       "twice\n",
	       tally.asked, n, tally.found, tally.unsure, tally.again);
	printf("alternatives: %u lists, %u of several; pairs: %u, fallen back %u, none %u, "
	       "not proven %u (%u for their budget)\n",
	       tally.lists, tally.several, tally.pairs, tally.fallen, tally.none, tally.unsure,
	       tally.spent);
	order_report("via", tally.shares, VIAS);
	ck_assert(n < 400 || tally.again * 20 >= tally.found);
	ck_assert(n < 400 || tally.spent * 4 <= tally.pairs + tally.fallen);
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("combined_vias");

	tcase_add_test(tcase, via_under_combined_constraints_is_the_best_walk);
	return suite_run("combined_vias", tcase, 120);
}
