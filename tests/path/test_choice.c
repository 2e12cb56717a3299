/* Why a path was chosen, against all loopless paths of small networks: the runner-up, where the two
 * part, what decides, which constraints bind. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pce/path/path.h"
#include "tests/path/oracle.h"
#include "tests/support/suite.h"
#include "tests/ted/net.h"

struct trial {
	unsigned seed;
	uint64_t state;
	struct random_net net;
	struct ted *ted;
	struct random_request q;
	struct path_engine *engine;
	struct path_answer answer;
};

static void
trial_begin(struct trial *t, unsigned seed, uint32_t nodes)
{
	memset(t, 0, sizeof(*t));
	t->seed = seed;
	t->state = seed;
	net_draw(&t->net, &t->state, nodes);
	t->ted = net_build(&t->net, NULL);
	request_draw(&t->q, t->ted, &t->state);
	t->q.r.explain = true;
}

static void
trial_run(struct trial *t)
{
	struct pce_error err = { 0 };

	ck_assert(path_engine_new(t->ted, &t->engine, &err) == PCE_OK);
	ck_assert_msg(path_compute(t->engine, &t->q.r, &t->answer, &err) == PCE_OK, "seed %u: %s",
		      t->seed, err.text);
}

static void
trial_end(struct trial *t)
{
	path_answer_free(&t->answer);
	path_engine_free(t->engine);
	ted_free(t->ted);
}

static bool
is_route(const struct oracle_path *p, const uint32_t *links, size_t n)
{
	return p->n == n && memcmp(p->links, links, n * sizeof(*links)) == 0;
}

/* Takes one path out of the list. */
static void
take_out(struct oracle_paths *paths, const uint32_t *links, size_t n)
{
	for (size_t i = 0; i < paths->n; i++)
		if (is_route(&paths->paths[i], links, n)) {
			paths->paths[i] = paths->paths[--paths->n];
			return;
		}
}

static uint64_t
objective_of(const struct path_request *r, const struct oracle_path *p)
{
	const uint64_t values[] = { p->igp, p->te, p->delay, p->residual };

	return r->objective == PATH_AVAILABILITY ? (uint64_t)(p->unavailability * 1e12 + 0.5)
						 : values[r->objective];
}

static bool
near(const struct path_request *r, uint64_t a, uint64_t b)
{
	uint64_t slack = r->objective == PATH_AVAILABILITY ? 3 : 0;

	return (a > b ? a - b : b - a) <= slack;
}

/* The tie that the order decides by, as in the request. */
static enum path_decided
decided_by(const struct path_request *r, const struct oracle_path *a, const struct oracle_path *b)
{
	static const enum path_decided names[] = { PATH_DECIDED_DELAY, PATH_DECIDED_TE,
						   PATH_DECIDED_IGP, PATH_DECIDED_HOPS };
	const uint64_t x[] = { a->delay, a->te, a->igp, a->hops };
	const uint64_t y[] = { b->delay, b->te, b->igp, b->hops };

	if (objective_of(r, a) != objective_of(r, b))
		return PATH_DECIDED_OBJECTIVE;
	for (unsigned i = 0; i < r->n_ties; i++)
		if (x[r->ties[i]] != y[r->ties[i]])
			return names[r->ties[i]];
	return a->n != b->n ? PATH_DECIDED_LINKS : PATH_DECIDED_RANK;
}

static void
expect_runner_up(const struct trial *t, struct oracle_paths *paths, unsigned decided[])
{
	const struct path_route *route = &t->answer.routes[0];
	const struct path_choice *c = route->choice;
	const struct path_request *r = &t->q.r;
	const struct oracle_path *next;
	struct oracle_path best = { .n = 0 };

	for (size_t i = 0; i < paths->n; i++)
		if (is_route(&paths->paths[i], route->links, route->n_links))
			best = paths->paths[i];
	take_out(paths, route->links, route->n_links);
	next = oracle_best(t->ted, r, paths);
	ck_assert_msg(c->has_runner_up == (next != NULL) && c->sure, "seed %u: a runner-up",
		      t->seed);
	ck_assert(near(r, c->value, objective_of(r, &best)));
	decided[c->decided]++;
	if (!next) {
		ck_assert(c->decided == PATH_DECIDED_ALONE);
		return;
	}
	ck_assert_msg(near(r, c->runner_up_value, objective_of(r, next)),
		      "seed %u: the runner-up has %llu instead of %llu", t->seed,
		      (unsigned long long)c->runner_up_value,
		      (unsigned long long)objective_of(r, next));
	if (r->objective == PATH_AVAILABILITY)
		return;
	ck_assert_msg(is_route(next, c->runner_up, c->n_runner_up), "seed %u: another runner-up",
		      t->seed);
	ck_assert_msg(c->decided == decided_by(r, &best, next), "seed %u: decided by %s", t->seed,
		      path_decided_name(c->decided));
}

/* Each constraint that was asked for is told; it binds if the best path without it is another one,
 * and that is told with its value. */
static void
expect_bindings(const struct trial *t, unsigned *binding, unsigned *free)
{
	const struct path_route *route = &t->answer.routes[0];
	const struct path_request *r = &t->q.r;

	for (size_t i = 0; i < route->choice->n_bindings; i++) {
		const struct path_binding *b = &route->choice->bindings[i];
		struct oracle_paths paths = { .n = 0 };
		const struct oracle_path *best;

		oracle_enumerate(t->ted, r, 1u << b->constraint, &paths);
		best = oracle_best(t->ted, r, &paths);
		ck_assert_ptr_nonnull(best);
		if (r->objective != PATH_AVAILABILITY) {
			ck_assert_msg(b->binds == !is_route(best, route->links, route->n_links),
				      "seed %u: %s", t->seed, path_reason_name(b->constraint));
		}
		if (b->binds)
			ck_assert_msg(near(r, b->without, objective_of(r, best)),
				      "seed %u: %s: %llu", t->seed, path_reason_name(b->constraint),
				      (unsigned long long)b->without);
		*binding += b->binds;
		*free += !b->binds;
		oracle_free(&paths);
	}
}

START_TEST(choice_tells_runner_up_and_binding_constraints)
{
	unsigned n = suite_seeds() * 2, found = 0, binding = 0, free = 0;
	unsigned decided[PATH_DECIDED_COUNT] = { 0 };

	for (unsigned seed = 1; seed <= n; seed++) {
		struct oracle_paths paths = { .n = 0 };
		struct trial t;

		trial_begin(&t, seed, 8);
		trial_run(&t);
		oracle_enumerate(t.ted, &t.q.r, 0, &paths);
		if (t.answer.n_routes > 0) {
			ck_assert_ptr_nonnull(t.answer.routes[0].choice);
			ck_assert_ptr_nonnull(t.answer.routes[0].chosen);
			expect_bindings(&t, &binding, &free);
			expect_runner_up(&t, &paths, decided);
			found++;
		}
		oracle_free(&paths);
		trial_end(&t);
	}
	printf("choice: %u of %u, constraints binding %u, free %u; decided by", found, n, binding,
	       free);
	for (unsigned i = 0; i < PATH_DECIDED_COUNT; i++)
		printf(" %s %u", path_decided_name((enum path_decided)i), decided[i]);
	printf("\n");
	fflush(stdout);
	ck_assert_uint_ge(binding * 10, n);
	ck_assert_uint_ge(free * 10, n);
	for (unsigned i = 0; i < PATH_DECIDED_COUNT; i++)
		ck_assert_uint_ge(decided[i], 1);
}
END_TEST

/* Alternatives, vias and pairs: the routes are the same as without an explanation, and what is said
 * of them is judged by the second opinion in path_compute. */
START_TEST(choice_changes_no_answer)
{
	unsigned n = suite_seeds(), told = 0;

	for (unsigned seed = 1; seed <= n; seed++) {
		struct path_answer plain = { .n_routes = 0 };
		struct pce_error err = { 0 };
		struct trial t;
		uint32_t via;

		trial_begin(&t, seed, 6);
		via = suite_below(&t.state, ted_node_count(t.ted));
		t.q.r.k = suite_below(&t.state, 4);
		t.q.r.diverse = suite_below(&t.state, 2) == 0;
		t.q.r.via = &via;
		t.q.r.n_via = suite_below(&t.state, 2);
		if (t.q.r.k < 2)
			t.q.r.disjoint = suite_below(&t.state, PATH_DISJOINT_COUNT);
		t.q.r.budget_labels = 20000;
		trial_run(&t);
		t.q.r.explain = false;
		ck_assert(path_compute(t.engine, &t.q.r, &plain, &err) == PCE_OK);
		ck_assert_uint_eq(plain.n_routes, t.answer.n_routes);
		for (size_t i = 0; i < plain.n_routes; i++) {
			ck_assert(plain.routes[i].n_links == t.answer.routes[i].n_links &&
				  memcmp(plain.routes[i].links, t.answer.routes[i].links,
					 plain.routes[i].n_links * sizeof(uint32_t)) == 0);
			ck_assert(!plain.routes[i].choice && !plain.routes[i].chosen);
		}
		if (t.answer.n_routes > 0) {
			ck_assert_ptr_nonnull(t.answer.routes[0].choice);
			ck_assert_ptr_nonnull(t.answer.routes[0].chosen);
			told++;
		}
		path_answer_free(&plain);
		trial_end(&t);
	}
	ck_assert_uint_ge(told * 4, n);
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("choice");

	tcase_add_test(tcase, choice_tells_runner_up_and_binding_constraints);
	tcase_add_test(tcase, choice_changes_no_answer);
	return suite_run("choice", tcase, 60);
}
