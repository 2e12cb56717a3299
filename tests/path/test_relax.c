/* What would help where there is no path, or no second one: every constraint whose loss alone opens
 * a way is told, with the best value, and no other; the blocking links block. Against all loopless
 * paths of small networks. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pce/path/path.h"
#include "tests/path/oracle.h"
#include "tests/support/suite.h"
#include "tests/ted/net.h"

static const enum path_reason all[] = {
	PATH_REASON_BANDWIDTH,  PATH_REASON_DELAY,      PATH_REASON_HOPS,  PATH_REASON_TE_METRIC,
	PATH_REASON_IGP_METRIC, PATH_REASON_LINK_BOUND, PATH_REASON_SLICE, PATH_REASON_AFFINITY,
	PATH_REASON_AVOID,      PATH_REASON_OVERLOAD,
};
#define N_ALL (sizeof(all) / sizeof(all[0]))

static const struct path_relaxation *
find(const struct path_no_path *none, enum path_reason constraint)
{
	for (size_t i = 0; i < none->n_relaxations; i++)
		if (none->relaxations[i].constraint == constraint)
			return &none->relaxations[i];
	return NULL;
}

static uint64_t
value_of(const struct oracle_path *p, enum path_reason constraint)
{
	switch (constraint) {
	case PATH_REASON_BANDWIDTH:
		return p->residual;
	case PATH_REASON_DELAY:
		return p->delay;
	case PATH_REASON_HOPS:
		return p->hops;
	case PATH_REASON_TE_METRIC:
		return p->te;
	default:
		return p->igp;
	}
}

/* The best value that `wanted` paths can have. */
static uint64_t
best_value(const struct oracle_paths *paths, enum path_reason constraint, size_t wanted)
{
	bool most = constraint == PATH_REASON_BANDWIDTH;
	uint64_t best = 0;

	for (size_t i = 0; i < paths->n; i++) {
		uint64_t value = value_of(&paths->paths[i], constraint);
		size_t as_good = 0;

		for (size_t j = 0; j < paths->n; j++) {
			uint64_t other = value_of(&paths->paths[j], constraint);

			as_good += most ? other >= value : other <= value;
		}
		if (as_good >= wanted && (best == 0 || (most ? value > best : value < best)))
			best = value;
	}
	return best;
}

struct tally {
	unsigned none, relaxations, numbers, blocked;
};

static void
expect_relaxations(unsigned seed, const struct ted *ted, const struct path_request *r,
		   const struct path_no_path *none, size_t wanted, struct tally *tally)
{
	for (size_t i = 0; i < N_ALL; i++) {
		struct oracle_paths paths = { .n = 0 };
		const struct path_relaxation *told = find(none, all[i]);

		if (wanted > 1 && all[i] == PATH_REASON_OVERLOAD)
			continue;
		oracle_enumerate(ted, r, 1u << all[i], &paths);
		ck_assert_msg((told != NULL) == (paths.n >= wanted), "seed %u: %s: %s", seed,
			      path_reason_name(all[i]), none->text);
		if (told)
			ck_assert(told->has_best == (all[i] < PATH_REASON_AFFINITY));
		if (told && told->has_best) {
			ck_assert_msg(told->best == best_value(&paths, all[i], wanted),
				      "seed %u: %s %llu instead of %llu", seed,
				      path_reason_name(all[i]), (unsigned long long)told->best,
				      (unsigned long long)best_value(&paths, all[i], wanted));
			tally->numbers++;
		}
		if (told)
			ck_assert_ptr_nonnull(strstr(none->text, told->text));
		tally->relaxations += told != NULL;
		oracle_free(&paths);
	}
}

/* Every path that there would be without the conflicting constraints uses a blocking link. */
static void
expect_blocking(unsigned seed, const struct ted *ted, const struct path_request *r,
		const struct path_no_path *none, uint32_t dropped)
{
	struct oracle_paths paths = { .n = 0 };

	oracle_enumerate(ted, r, dropped, &paths);
	for (size_t i = 0; i < paths.n; i++) {
		bool hit = false;

		for (uint32_t j = 0; j < paths.paths[i].n; j++)
			for (size_t k = 0; k < none->n_blocking; k++)
				hit |= paths.paths[i].links[j] == none->blocking[k];
		ck_assert_msg(hit, "seed %u: a path past the blocking links: %s", seed, none->text);
	}
	oracle_free(&paths);
}

static void
try_seed(unsigned seed, bool pair, struct tally *tally)
{
	uint64_t state = seed;
	struct random_net net;
	struct random_request q;
	struct path_engine *engine = NULL;
	struct path_answer answer = { .n_routes = 0 };
	struct oracle_paths paths = { .n = 0 }, any = { .n = 0 };
	const struct path_no_path *none = &answer.no_path;
	struct pce_error err = { 0 };
	uint32_t conflict = 0;
	struct ted *ted;

	net_draw(&net, &state, pair ? 6 : 8);
	ted = net_build(&net, NULL);
	request_draw(&q, ted, &state);
	if (pair)
		q.r.disjoint = 1 + suite_below(&state, PATH_DISJOINT_COUNT - 1);
	oracle_enumerate(ted, &q.r, 0, &paths);
	oracle_enumerate(ted, &q.r, ~0u, &any);
	ck_assert(path_engine_new(ted, &engine, &err) == PCE_OK);
	ck_assert_msg(path_compute(engine, &q.r, &answer, &err) == PCE_OK, "seed %u: %s", seed,
		      err.text);
	for (size_t i = 0; i < none->n_conflict; i++)
		conflict |= 1u << none->conflict[i];
	if (pair ? paths.n == 1 : paths.n == 0 && any.n > 0 && none->n_conflict > 0) {
		ck_assert_uint_eq(answer.n_routes, 0);
		tally->none++;
		expect_relaxations(seed, ted, &q.r, none, pair ? 2 : 1, tally);
		if (none->n_blocking > 0)
			expect_blocking(seed, ted, &q.r, none, pair ? 0 : conflict);
		tally->blocked += none->n_blocking > 0;
	}
	path_answer_free(&answer);
	oracle_free(&paths);
	oracle_free(&any);
	path_engine_free(engine);
	ted_free(ted);
}

static void
try_seeds(bool pair)
{
	struct tally t = { 0 };
	unsigned n = suite_seeds() * 4;

	for (unsigned seed = 1; seed <= n; seed++)
		try_seed(seed, pair, &t);
	printf("%s: none %u of %u, relaxations %u, with a value %u, blocking links %u\n",
	       pair ? "second path" : "path", t.none, n, t.relaxations, t.numbers, t.blocked);
	fflush(stdout);
	ck_assert_uint_ge(t.none * 20, n);
	ck_assert_uint_ge(t.relaxations * 2, t.none);
	ck_assert_uint_ge(t.numbers * 10, t.none);
	ck_assert_uint_ge(t.blocked * 10, t.none);
}

START_TEST(relax_every_constraint_that_would_help_is_told)
{
	try_seeds(false);
}
END_TEST

START_TEST(relax_every_constraint_that_gives_a_second_path_is_told)
{
	try_seeds(true);
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("relax");

	tcase_add_test(tcase, relax_every_constraint_that_would_help_is_told);
	tcase_add_test(tcase, relax_every_constraint_that_gives_a_second_path_is_told);
	return suite_run("relax", tcase, 60);
}
