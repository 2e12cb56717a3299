/* Disjoint pairs against all pairs of loopless paths of small networks. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pce/path/path.h"
#include "tests/path/oracle.h"
#include "tests/support/suite.h"
#include "tests/ted/net.h"

static const char *const names[] = { "none", "link", "node", "srlg", "availability", "srlg-node" };

/* What a pair is judged by, best first. */
struct value {
	double joint;
	uint64_t v[8];
};

static uint64_t
tie_of(const struct oracle_path *p, uint8_t tie)
{
	const uint64_t all[] = { p->delay, p->te, p->igp, p->hops };

	return all[tie];
}

static uint64_t
sum_of(const struct path_request *r, const struct oracle_path *p)
{
	return r->objective == PATH_IGP ? p->igp : r->objective == PATH_TE ? p->te : p->delay;
}

static struct value
value_of(const struct ted *ted, const struct path_request *r, enum path_disjoint kind,
	 const struct oracle_path *a, const struct oracle_path *b)
{
	struct value out = { .joint = 0 };
	unsigned n = 0;

	if (kind == PATH_DISJOINT_AVAILABILITY || r->objective == PATH_AVAILABILITY) {
		out.joint = oracle_joint(ted, a, b);
		return out;
	}
	if (r->objective == PATH_BANDWIDTH)
		out.v[n++] = UINT64_MAX - (a->residual < b->residual ? a->residual : b->residual);
	else if (r->pair == PATH_PAIR_MAXIMUM)
		out.v[n++] = sum_of(r, a) > sum_of(r, b) ? sum_of(r, a) : sum_of(r, b);
	if (r->objective != PATH_BANDWIDTH)
		out.v[n++] = sum_of(r, a) + sum_of(r, b);
	for (unsigned i = 0; i < r->n_ties; i++)
		out.v[n++] = tie_of(a, r->ties[i]) + tie_of(b, r->ties[i]);
	out.v[n] = a->n + b->n;
	return out;
}

static int
compare_values(const struct value *a, const struct value *b)
{
	if (a->joint < b->joint - 1e-11 || a->joint > b->joint + 1e-11)
		return a->joint < b->joint ? -1 : 1;
	for (unsigned i = 0; i < 8; i++)
		if (a->v[i] != b->v[i])
			return a->v[i] < b->v[i] ? -1 : 1;
	return 0;
}

static bool
best_pair(const struct ted *ted, const struct path_request *r, enum path_disjoint kind,
	  const struct oracle_paths *paths, struct value *best)
{
	bool found = false;

	for (size_t i = 0; i < paths->n; i++)
		for (size_t j = kind == PATH_DISJOINT_AVAILABILITY ? i : i + 1; j < paths->n; j++) {
			struct value value;

			if (kind != PATH_DISJOINT_AVAILABILITY &&
			    !oracle_disjoint(kind, &paths->paths[i], &paths->paths[j]))
				continue;
			value = value_of(ted, r, kind, &paths->paths[i], &paths->paths[j]);
			if (!found || compare_values(&value, best) < 0)
				*best = value;
			found = true;
		}
	return found;
}

static const struct oracle_path *
find_route(const struct oracle_paths *paths, const struct path_route *route)
{
	for (size_t i = 0; i < paths->n; i++)
		if (paths->paths[i].n == route->n_links &&
		    memcmp(paths->paths[i].links, route->links,
			   route->n_links * sizeof(*route->links)) == 0)
			return &paths->paths[i];
	return NULL;
}

static void
expect_pair(unsigned seed, const struct ted *ted, const struct path_request *r,
	    enum path_disjoint kind, const struct oracle_paths *paths,
	    const struct path_answer *answer)
{
	const struct oracle_path *got[2];
	struct value best = { .joint = 0 }, value;

	ck_assert_msg(best_pair(ted, r, kind, paths, &best), "seed %u: there is no such pair",
		      seed);
	ck_assert_uint_eq(answer->n_routes, 2);
	for (unsigned i = 0; i < 2; i++) {
		got[i] = find_route(paths, &answer->routes[i]);
		ck_assert_msg(got[i], "seed %u: route %u does not answer the request", seed, i);
		ck_assert_msg(answer->routes[i].exact, "seed %u: not exact: %s", seed,
			      answer->routes[i].why);
	}
	ck_assert_msg(kind == PATH_DISJOINT_AVAILABILITY || oracle_disjoint(kind, got[0], got[1]),
		      "seed %u: not disjoint", seed);
	value = value_of(ted, r, kind, got[0], got[1]);
	ck_assert_msg(compare_values(&value, &best) == 0,
		      "seed %u: %.13f %llu %llu %llu instead of %.13f %llu %llu %llu", seed,
		      value.joint, (unsigned long long)value.v[0], (unsigned long long)value.v[1],
		      (unsigned long long)value.v[2], best.joint, (unsigned long long)best.v[0],
		      (unsigned long long)best.v[1], (unsigned long long)best.v[2]);
	ck_assert(answer->has_joint);
	value.joint = oracle_joint(ted, got[0], got[1]);
	ck_assert_double_eq_tol((double)answer->joint_unavailability_ppt / 1e12, value.joint,
				2e-12);
}

/* Mostly bounds alone, each that of some path, so that pairs remain and some are forbidden. */
static void
loosen(struct path_request *r, const struct ted *ted, uint64_t *state)
{
	struct oracle_paths paths = { .n = 0 };
	struct path_request plain = path_request_init(r->from, r->to, r->objective);

	if (suite_below(state, 4) == 0)
		return;
	oracle_enumerate(ted, &plain, 0, &paths);
	if (paths.n > 0 && suite_below(state, 2) == 0)
		plain.max_delay_us = paths.paths[suite_below(state, (uint32_t)paths.n)].delay;
	if (paths.n > 0 && suite_below(state, 3) == 0)
		plain.max_hops = paths.paths[suite_below(state, (uint32_t)paths.n)].hops;
	if (paths.n > 0 && suite_below(state, 4) == 0)
		plain.max_te = paths.paths[suite_below(state, (uint32_t)paths.n)].te;
	oracle_free(&paths);
	*r = plain;
}

struct tally {
	unsigned pairs, relaxed, together, single, none, bounded;
};

/* Fibres that both routes of the answer have. */
static uint64_t
shared_fibres(const struct ted *ted, const struct path_answer *answer)
{
	uint64_t bits = 0;

	for (size_t i = 0; i < answer->shared.n_links; i++) {
		uint32_t link = answer->shared.links[i], back = ted_link_at(ted, link)->reverse;

		bits |= 1ULL << (back < link ? back : link);
	}
	return bits;
}

static bool
is_bounded(const struct path_request *r)
{
	return r->max_delay_us != PATH_NO_BOUND || r->max_hops != PATH_NO_BOUND ||
	       r->max_te != PATH_NO_BOUND || r->max_igp != PATH_NO_BOUND;
}

/* The pair least likely to fail together: two different routes, what they share told, and nothing
 * shared without need if the joint probability allows that. */
static void
expect_together(unsigned seed, const struct ted *ted, const struct path_request *r,
		const struct oracle_paths *paths, const struct path_answer *answer)
{
	const struct oracle_path *got[2] = { find_route(paths, &answer->routes[0]),
					     find_route(paths, &answer->routes[1]) };
	uint64_t unavoidable = ~0ULL;
	double joint;

	ck_assert_msg(got[0] && got[1] && got[0] != got[1], "seed %u: one route twice", seed);
	ck_assert_uint_eq(shared_fibres(ted, answer), got[0]->fibres & got[1]->fibres);
	joint = oracle_joint(ted, got[0], got[1]);
	for (size_t i = 0; i < paths->n; i++)
		unavoidable &= paths->paths[i].fibres;
	if ((got[0]->fibres & got[1]->fibres) == unavoidable || is_bounded(r))
		return;
	for (size_t i = 0; i < paths->n; i++)
		for (size_t j = i + 1; j < paths->n; j++)
			ck_assert_msg((paths->paths[i].fibres & paths->paths[j].fibres) !=
					      unavoidable ||
					  oracle_joint(ted, &paths->paths[i], &paths->paths[j]) >
					      joint + 1e-13,
				      "seed %u: shares a fibre without need", seed);
}

/* The strongest kind of which there is a pair, from the one asked for downwards. */
static enum path_disjoint
reachable(const struct ted *ted, const struct path_request *r, const struct oracle_paths *paths)
{
	static const enum path_disjoint next[] = {
		[PATH_DISJOINT_SRLG_NODE] = PATH_DISJOINT_SRLG,
		[PATH_DISJOINT_SRLG] = PATH_DISJOINT_LINK,
		[PATH_DISJOINT_NODE] = PATH_DISJOINT_LINK,
		[PATH_DISJOINT_LINK] = PATH_DISJOINT_AVAILABILITY,
	};
	enum path_disjoint kind = r->disjoint;
	struct value value;

	while (kind != PATH_DISJOINT_AVAILABILITY && !best_pair(ted, r, kind, paths, &value))
		kind = next[kind];
	return kind;
}

static void
expect_ladder(unsigned seed, const struct ted *ted, const struct path_request *r,
	      const struct oracle_paths *paths, const struct path_answer *answer,
	      struct tally *tally)
{
	enum path_disjoint kind = reachable(ted, r, paths);

	if (paths->n < 2) {
		ck_assert_uint_eq(answer->n_routes, 0);
		ck_assert_ptr_nonnull(answer->no_path.text);
		ck_assert_msg((answer->no_path.reason == PATH_REASON_DISJOINT) == (paths->n > 0),
			      "%s", answer->no_path.text);
		tally->single += paths->n > 0;
		tally->none += paths->n == 0;
		return;
	}
	ck_assert_uint_eq(answer->n_relaxed, kind != r->disjoint);
	if (kind != r->disjoint) {
		ck_assert_str_eq(answer->relaxed[0].constraint, "disjoint");
		ck_assert_str_eq(answer->relaxed[0].asked, names[r->disjoint]);
		ck_assert_str_eq(answer->relaxed[0].got, names[kind]);
	}
	expect_pair(seed, ted, r, kind, paths, answer);
	if (kind == PATH_DISJOINT_AVAILABILITY)
		expect_together(seed, ted, r, paths, answer);
	tally->pairs += kind == r->disjoint;
	tally->relaxed += kind != r->disjoint;
	tally->together += kind == PATH_DISJOINT_AVAILABILITY;
	tally->bounded +=
	    kind == r->disjoint && (r->max_delay_us != PATH_NO_BOUND ||
				    r->max_hops != PATH_NO_BOUND || r->max_te != PATH_NO_BOUND);
}

static void
try_seed(unsigned seed, enum path_disjoint kind, struct tally *tally)
{
	uint64_t state = seed;
	struct random_net net;
	struct random_request q;
	struct path_engine *engine = NULL;
	struct path_answer answer = { .n_routes = 0 };
	struct oracle_paths paths = { .n = 0 };
	struct pce_error err = { 0 };
	struct ted *ted;

	net_draw(&net, &state, 6);
	ted = net_build(&net, NULL);
	request_draw(&q, ted, &state);
	loosen(&q.r, ted, &state);
	q.r.disjoint = kind;
	q.r.pair = (enum path_pair)suite_below(&state, PATH_PAIR_COUNT);
	oracle_enumerate(ted, &q.r, 0, &paths);
	ck_assert(path_engine_new(ted, &engine, &err) == PCE_OK);
	ck_assert_msg(path_compute(engine, &q.r, &answer, &err) == PCE_OK, "seed %u: %s", seed,
		      err.text);
	expect_ladder(seed, ted, &q.r, &paths, &answer, tally);
	path_answer_free(&answer);
	oracle_free(&paths);
	path_engine_free(engine);
	ted_free(ted);
}

static void
try_seeds(enum path_disjoint kind)
{
	struct tally t = { 0 };
	unsigned n = suite_seeds() * (kind == PATH_DISJOINT_AVAILABILITY ? 1 : 2);

	for (unsigned seed = 1; seed <= n; seed++) {
		try_seed(seed, kind, &t);
	}
	printf("%-12s pairs %u%% (bounded %u%%), fallen back %u%%, least likely to fail together "
	       "%u%%, one path only %u%%, none %u%%\n",
	       names[kind], t.pairs * 100 / n, t.bounded * 100 / n, t.relaxed * 100 / n,
	       t.together * 100 / n, t.single * 100 / n, t.none * 100 / n);
	fflush(stdout);
	ck_assert(t.pairs * 10 >= n && t.bounded * 10 >= n);
	ck_assert(kind == PATH_DISJOINT_AVAILABILITY || t.relaxed * 10 >= n);
	ck_assert_uint_ge(t.together * 20, n);
}

START_TEST(pairs_link_disjoint_are_the_best_of_all)
{
	try_seeds(PATH_DISJOINT_LINK);
}
END_TEST

START_TEST(pairs_node_disjoint_are_the_best_of_all)
{
	try_seeds(PATH_DISJOINT_NODE);
}
END_TEST

START_TEST(pairs_srlg_disjoint_are_the_best_of_all)
{
	try_seeds(PATH_DISJOINT_SRLG);
}
END_TEST

START_TEST(pairs_srlg_and_node_disjoint_are_the_best_of_all)
{
	try_seeds(PATH_DISJOINT_SRLG_NODE);
}
END_TEST

START_TEST(pairs_of_any_kind_fail_least_together)
{
	try_seeds(PATH_DISJOINT_AVAILABILITY);
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("pairs");

	tcase_add_test(tcase, pairs_link_disjoint_are_the_best_of_all);
	tcase_add_test(tcase, pairs_node_disjoint_are_the_best_of_all);
	tcase_add_test(tcase, pairs_srlg_disjoint_are_the_best_of_all);
	tcase_add_test(tcase, pairs_srlg_and_node_disjoint_are_the_best_of_all);
	tcase_add_test(tcase, pairs_of_any_kind_fail_least_together);
	return suite_run("pairs", tcase, 120);
}
