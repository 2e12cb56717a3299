/* K best and diverse alternatives against all loopless paths, sorted. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pce/path/path.h"
#include "tests/path/oracle.h"
#include "tests/support/suite.h"
#include "tests/ted/net.h"

struct trial {
	struct random_net net;
	struct random_request q;
	struct ted *ted;
	struct path_engine *engine;
	struct oracle_paths paths;
	struct path_answer answer;
	uint64_t state;
};

static void
trial_begin(struct trial *t, unsigned seed, uint32_t nodes)
{
	struct pce_error err = { 0 };

	memset(t, 0, sizeof(*t));
	t->state = seed;
	net_draw(&t->net, &t->state, nodes);
	t->ted = net_build(&t->net, NULL);
	request_draw(&t->q, t->ted, &t->state);
	if (suite_below(&t->state, 3) != 0)
		t->q.r = path_request_init(t->q.r.from, t->q.r.to, t->q.r.objective);
	t->q.r.k = 2 + suite_below(&t->state, 7);
	ck_assert(path_engine_new(t->ted, &t->engine, &err) == PCE_OK);
	oracle_enumerate(t->ted, &t->q.r, 0, &t->paths);
}

static void
trial_end(struct trial *t)
{
	path_answer_free(&t->answer);
	oracle_free(&t->paths);
	path_engine_free(t->engine);
	ted_free(t->ted);
}

/* Takes the best path out of the list. */
static struct oracle_path
take_best(struct trial *t)
{
	const struct oracle_path *best = oracle_best(t->ted, &t->q.r, &t->paths);
	struct oracle_path copy;

	ck_assert_ptr_nonnull(best);
	copy = *best;
	t->paths.paths[best - t->paths.paths] = t->paths.paths[--t->paths.n];
	return copy;
}

static bool
is_same(const struct oracle_path *p, const struct path_route *route)
{
	return p->n == route->n_links &&
	       memcmp(p->links, route->links, p->n * sizeof(*p->links)) == 0;
}

START_TEST(alternatives_are_the_k_best_in_order)
{
	unsigned full = 0, some = 0, n = suite_seeds() * 4;

	for (unsigned seed = 1; seed <= n; seed++) {
		struct pce_error err = { 0 };
		struct trial t;
		size_t total;

		trial_begin(&t, seed, 8);
		total = t.paths.n;
		ck_assert_msg(path_compute(t.engine, &t.q.r, &t.answer, &err) == PCE_OK,
			      "seed %u: %s", seed, err.text);
		ck_assert_msg(t.answer.n_routes == (total < t.q.r.k ? total : t.q.r.k),
			      "seed %u: %zu routes of %zu", seed, t.answer.n_routes, total);
		for (size_t i = 0; i < t.answer.n_routes; i++) {
			struct oracle_path best = take_best(&t);

			ck_assert_msg(is_same(&best, &t.answer.routes[i]) ||
					  t.q.r.objective == PATH_AVAILABILITY,
				      "seed %u: route %zu is not the next best", seed, i);
			ck_assert_msg((double)t.answer.routes[i].unavailability_ppt / 1e12 <
					      best.unavailability + 1e-10 ||
					  t.q.r.objective != PATH_AVAILABILITY,
				      "seed %u: route %zu fails too often", seed, i);
			ck_assert(t.answer.routes[i].exact);
		}
		full += t.answer.n_routes == t.q.r.k;
		some += t.answer.n_routes > 1;
		trial_end(&t);
	}
	printf("k best: all %u%%, at least two %u%%\n", full * 100 / n, some * 100 / n);
	fflush(stdout);
	ck_assert(full * 10 >= n);
}
END_TEST

static unsigned
overlap_of(const struct oracle_path *p, const struct oracle_path *earlier, size_t n)
{
	unsigned sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += (unsigned)__builtin_popcountll(p->fibres & earlier[i].fibres);
	return sum;
}

/* The paths that overlap least with earlier ones stay, the others go to the end of the list. */
static size_t
keep_least(struct oracle_paths *paths, const struct oracle_path *earlier, size_t n)
{
	unsigned least = ~0u;
	size_t kept = 0;

	for (size_t i = 0; i < paths->n; i++)
		if (overlap_of(&paths->paths[i], earlier, n) < least)
			least = overlap_of(&paths->paths[i], earlier, n);
	for (size_t i = 0; i < paths->n; i++) {
		struct oracle_path swap = paths->paths[i];

		if (overlap_of(&swap, earlier, n) != least)
			continue;
		paths->paths[i] = paths->paths[kept];
		paths->paths[kept++] = swap;
	}
	return kept;
}

START_TEST(alternatives_diverse_overlap_least)
{
	unsigned several = 0;

	for (unsigned seed = 1; seed <= suite_seeds(); seed++) {
		struct oracle_path earlier[16];
		struct pce_error err = { 0 };
		struct trial t;

		trial_begin(&t, seed, 8);
		t.q.r.diverse = true;
		ck_assert_msg(path_compute(t.engine, &t.q.r, &t.answer, &err) == PCE_OK,
			      "seed %u: %s", seed, err.text);
		ck_assert_msg((t.answer.n_routes > 0) == (t.paths.n > 0), "seed %u", seed);
		for (size_t i = 0; i < t.answer.n_routes; i++) {
			struct oracle_paths least = t.paths;
			const struct oracle_path *best;

			least.n = keep_least(&t.paths, earlier, i);
			best = oracle_best(t.ted, &t.q.r, &least);
			ck_assert_msg(is_same(best, &t.answer.routes[i]) ||
					  t.q.r.objective == PATH_AVAILABILITY,
				      "seed %u: route %zu", seed, i);
			for (size_t j = 0; j < least.n; j++)
				if (is_same(&least.paths[j], &t.answer.routes[i]))
					best = &least.paths[j];
			ck_assert_msg(is_same(best, &t.answer.routes[i]), "seed %u: route %zu",
				      seed, i);
			earlier[i] = *best;
		}
		several += t.answer.n_routes > 1;
		if (t.answer.n_routes > 0 && t.answer.n_routes < t.q.r.k)
			ck_assert_uint_eq(t.answer.n_relaxed, 1);
		trial_end(&t);
	}
	ck_assert_uint_ge(several, suite_seeds() / 10);
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("alternatives");

	tcase_add_test(tcase, alternatives_are_the_k_best_in_order);
	tcase_add_test(tcase, alternatives_diverse_overlap_least);
	return suite_run("alternatives", tcase, 60);
}
