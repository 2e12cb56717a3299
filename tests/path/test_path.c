/* Single routes against every loopless path of small networks, and what a request may not be. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pce/path/path.h"
#include "tests/path/oracle.h"
#include "tests/support/suite.h"
#include "tests/ted/net.h"

struct trial {
	uint64_t state;
	struct random_net net;
	struct ted *ted;
	struct path_engine *engine;
	struct random_request q;
	struct path_answer answer;
};

static void
trial_begin(struct trial *t, unsigned seed, uint32_t max_nodes)
{
	struct pce_error err = { 0 };

	memset(t, 0, sizeof(*t));
	t->state = seed;
	net_draw(&t->net, &t->state, max_nodes);
	t->ted = net_build(&t->net, NULL);
	ck_assert_msg(path_engine_new(t->ted, &t->engine, &err) == PCE_OK, "%s", err.text);
	request_draw(&t->q, t->ted, &t->state);
}

static void
trial_end(struct trial *t)
{
	path_answer_free(&t->answer);
	path_engine_free(t->engine);
	ted_free(t->ted);
}

static void
trial_compute(struct trial *t, unsigned seed)
{
	struct pce_error err = { 0 };
	enum pce_status status = path_compute(t->engine, &t->q.r, &t->answer, &err);

	ck_assert_msg(status == PCE_OK, "seed %u: %s", seed, err.text);
}

/* How often a constraint was asked for, let a path through, forbade all, changed the best one. */
struct share {
	const char *name;
	enum path_reason reason;
	unsigned asked, feasible, infeasible, binding;
};

static bool
is_used(const struct path_request *r, enum path_reason reason)
{
	switch (reason) {
	case PATH_REASON_BANDWIDTH:
		return r->bandwidth_bps > 0;
	case PATH_REASON_DELAY:
		return r->max_delay_us != PATH_NO_BOUND;
	case PATH_REASON_HOPS:
		return r->max_hops != PATH_NO_BOUND;
	case PATH_REASON_TE_METRIC:
		return r->max_te != PATH_NO_BOUND;
	case PATH_REASON_IGP_METRIC:
		return r->max_igp != PATH_NO_BOUND;
	case PATH_REASON_AFFINITY:
		return r->include_all.n + r->include_any.n + r->exclude_any.n > 0;
	case PATH_REASON_AVOID:
		return r->n_avoid_links + r->n_avoid_nodes + r->n_avoid_srlgs > 0;
	case PATH_REASON_SLICE:
		return r->slice != NULL;
	case PATH_REASON_LINK_BOUND:
		return r->link_max_delay_us != PATH_NO_BOUND || r->link_max_te != PATH_NO_BOUND ||
		       r->link_max_loss_ppb != UINT32_MAX;
	default:
		return true;
	}
}

static void
count_share(struct share *share, struct trial *t, const struct oracle_path *best)
{
	struct oracle_paths without = { .n = 0 };
	const struct oracle_path *other;

	if (!is_used(&t->q.r, share->reason))
		return;
	share->asked++;
	if (!best) {
		share->infeasible++;
		return;
	}
	share->feasible++;
	oracle_enumerate(t->ted, &t->q.r, 1u << share->reason, &without);
	other = oracle_best(t->ted, &t->q.r, &without);
	share->binding += other->n != best->n ||
			  memcmp(other->links, best->links, best->n * sizeof(*best->links)) != 0;
	oracle_free(&without);
}

static void
report_shares(const struct share *shares, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct share *s = &shares[i];

		printf("%-10s asked %5u  feasible %3u%%  infeasible %3u%%  binding %3u%%\n",
		       s->name, s->asked, s->feasible * 100 / s->asked,
		       s->infeasible * 100 / s->asked, s->binding * 100 / s->asked);
		fflush(stdout);
		/* A short run (KARST_TEST_SEEDS) has too few of each to say. */
		ck_assert_msg(s->asked < 200 ||
				  (s->feasible * 10 >= s->asked && s->infeasible * 10 >= s->asked &&
				   s->binding * 10 >= s->asked),
			      "%s does not decide often enough", s->name);
	}
}

static void
expect_same_route(const struct trial *t, const struct oracle_path *best, unsigned seed)
{
	const struct path_route *route = &t->answer.routes[0];
	double unavailability = (double)route->unavailability_ppt / 1e12;

	ck_assert_msg(t->answer.n_routes == 1 && route->exact, "seed %u: not exact", seed);
	ck_assert_msg(unavailability < best->unavailability + 1e-10 ||
			  t->q.r.objective != PATH_AVAILABILITY,
		      "seed %u: fails with %.12f, could be %.12f", seed, unavailability,
		      best->unavailability);
	ck_assert_msg(route->n_links == best->n, "seed %u: %zu links instead of %u", seed,
		      route->n_links, best->n);
	for (uint32_t i = 0; i < best->n; i++)
		ck_assert_msg(route->links[i] == best->links[i], "seed %u: link %u differs", seed,
			      i);
	ck_assert_uint_eq(route->igp_metric, best->igp);
	ck_assert_uint_eq(route->te_metric, best->te);
	ck_assert_uint_eq(route->delay_us, best->delay);
	ck_assert_uint_eq(route->residual_bps, best->residual);
	ck_assert_msg(unavailability > best->unavailability - 1e-11 &&
			  unavailability < best->unavailability + 1e-11,
		      "seed %u: unavailability %.13f is %.13f", seed, unavailability,
		      best->unavailability);
}

/* The relaxation that is told must open a path, and its value must be the best one. */
static void
expect_reason(const struct trial *t, unsigned seed)
{
	const struct path_no_path *no = &t->answer.no_path;
	struct path_request relaxed = t->q.r;
	struct oracle_paths paths = { .n = 0 };
	const struct oracle_path *best;

	ck_assert_msg(t->answer.n_routes == 0 && no->text && no->reason != PATH_REASON_NONE,
		      "seed %u: no reason", seed);
	oracle_enumerate(t->ted, &relaxed, 1u << no->reason, &paths);
	if (no->reason == PATH_REASON_BANDWIDTH)
		relaxed.objective = PATH_BANDWIDTH;
	else if (no->reason == PATH_REASON_DELAY)
		relaxed.objective = PATH_DELAY;
	else if (no->reason == PATH_REASON_TE_METRIC)
		relaxed.objective = PATH_TE;
	best = oracle_best(t->ted, &relaxed, &paths);
	if (no->reason == PATH_REASON_CONFLICT) {
		for (unsigned bit = 0; bit < PATH_REASON_COUNT; bit++) {
			oracle_free(&paths);
			oracle_enumerate(t->ted, &relaxed, 1u << bit, &paths);
			ck_assert_msg(paths.n == 0, "seed %u: %s alone would do: %s", seed,
				      path_reason_name(bit), no->text);
		}
	} else if (no->reason == PATH_REASON_DISCONNECTED) {
		oracle_enumerate(t->ted, &relaxed, ~0u, &paths);
		ck_assert_msg(paths.n == 0, "seed %u: they are connected", seed);
	} else if (paths.n == 0 && no->reason != PATH_REASON_ENDPOINT_DOWN) {
		/* no single one decides: this one must be impossible by itself */
		oracle_enumerate(t->ted, &t->q.r, ~(1u << no->reason), &paths);
		ck_assert_msg(paths.n == 0 && !no->has_best, "seed %u: %s", seed, no->text);
	} else if (no->reason != PATH_REASON_AVOID || no->n_blocking > 0) {
		ck_assert_msg(best, "seed %u: %s does not help: %s", seed,
			      path_reason_name(no->reason), no->text);
		if (no->reason == PATH_REASON_BANDWIDTH)
			ck_assert_uint_eq(no->best, best->residual);
		if (no->reason == PATH_REASON_DELAY)
			ck_assert_uint_eq(no->best, best->delay);
		if (no->reason == PATH_REASON_TE_METRIC)
			ck_assert_uint_eq(no->best, best->te);
	}
	oracle_free(&paths);
}

START_TEST(path_of_any_request_is_the_best_of_all_paths)
{
	struct share shares[] = {
		{ "bandwidth", PATH_REASON_BANDWIDTH, 0, 0, 0, 0 },
		{ "delay", PATH_REASON_DELAY, 0, 0, 0, 0 },
		{ "hops", PATH_REASON_HOPS, 0, 0, 0, 0 },
		{ "te", PATH_REASON_TE_METRIC, 0, 0, 0, 0 },
		{ "igp", PATH_REASON_IGP_METRIC, 0, 0, 0, 0 },
		{ "affinity", PATH_REASON_AFFINITY, 0, 0, 0, 0 },
		{ "avoid", PATH_REASON_AVOID, 0, 0, 0, 0 },
		{ "slice", PATH_REASON_SLICE, 0, 0, 0, 0 },
		{ "link-bound", PATH_REASON_LINK_BOUND, 0, 0, 0, 0 },
	};
	size_t n = sizeof(shares) / sizeof(shares[0]);

	for (unsigned seed = 1; seed <= suite_seeds() * 8; seed++) {
		struct oracle_paths paths = { .n = 0 };
		const struct oracle_path *best;
		struct pce_error err = { 0 };
		struct trial t;

		trial_begin(&t, seed, ORACLE_MAX_NODES);
		oracle_enumerate(t.ted, &t.q.r, 0, &paths);
		best = oracle_best(t.ted, &t.q.r, &paths);
		trial_compute(&t, seed);
		for (size_t i = 0; i < n; i++)
			count_share(&shares[i], &t, best);
		if (best) {
			expect_same_route(&t, best, seed);
			ck_assert_msg(path_validate(t.ted, &t.q.r, t.answer.routes[0].links,
						    t.answer.routes[0].n_links, &err) == PCE_OK,
				      "seed %u: %s", seed, err.text);
		} else {
			expect_reason(&t, seed);
		}
		oracle_free(&paths);
		trial_end(&t);
	}
	report_shares(shares, n);
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("path");

	tcase_add_test(tcase, path_of_any_request_is_the_best_of_all_paths);
	return suite_run("path", tcase, 120);
}
