/*
 * Requests of every kind on networks of hundreds of nodes, where the quick ways of the engine are
 * at work, against the plain second engine of reference.h; single routes on larger ones too.
 */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "tests/path/county.h"
#include "tests/path/reference.h"
#include "tests/support/suite.h"

struct tally {
	unsigned asked, found, unproven, bounded, kinds[ASK_KINDS];
};

struct trial {
	unsigned seed;
	const struct county *c;
	struct path_engine *engine;
	struct county_ask q;
	struct path_answer answer;
	struct reference ref;
};

static void
expect_same(const struct trial *t, size_t i, const struct reference_path *best)
{
	const struct path_route *route = &t->answer.routes[i];
	struct reference_path got = { .n = (uint32_t)route->n_links };

	ck_assert_uint_lt(route->n_links, REFERENCE_STEPS);
	memcpy(got.links, route->links, route->n_links * sizeof(*route->links));
	ck_assert_msg(
	    got.n == best->n && memcmp(got.links, best->links, got.n * sizeof(*got.links)) == 0,
	    "seed %u, shape %d, objective %d, %u to %u: route %zu of %zu is %s than the "
	    "reference, %u links for %u",
	    t->seed, (int)t->c->shape, (int)t->q.r.objective, t->q.r.from, t->q.r.to, i,
	    t->answer.n_routes, reference_compare(&t->ref, &got, best) > 0 ? "worse" : "better",
	    got.n, best->n);
}

static void
compare_single(struct trial *t)
{
	struct reference_path best;
	bool found = reference_best(&t->ref, NULL, 0, &best);

	ck_assert_msg(t->answer.n_routes == found, "seed %u, shape %d: %s", t->seed,
		      (int)t->c->shape, found ? t->answer.no_path.text : "there is no path");
	if (found)
		expect_same(t, 0, &best);
}

static void
compare_k(struct trial *t)
{
	static struct reference_path best[16];
	uint32_t n = reference_k_best(&t->ref, t->q.r.k, best);

	ck_assert_msg(t->answer.n_routes == n, "seed %u: %zu routes of %u", t->seed,
		      t->answer.n_routes, n);
	for (uint32_t i = 0; i < n; i++)
		expect_same(t, i, &best[i]);
}

static void
count_fibres(struct trial *t, const struct reference_path *p)
{
	for (uint32_t i = 0; i < p->n; i++) {
		uint32_t reverse = ted_link_at(t->c->ted, p->links[i])->reverse;

		t->ref.overlap[p->links[i]]++;
		if (reverse != TED_NONE)
			t->ref.overlap[reverse]++;
	}
}

static void
compare_diverse(struct trial *t)
{
	if (t->q.r.objective == PATH_BANDWIDTH)
		return;
	for (size_t i = 0; i < t->answer.n_routes; i++) {
		struct reference_path best;

		ck_assert(reference_best(&t->ref, NULL, 0, &best));
		expect_same(t, i, &best);
		count_fibres(t, &best);
	}
}

static uint64_t
sum_of(const struct path_route *route, const struct ted *ted, enum path_tie tie)
{
	uint64_t hops = 0;

	for (size_t i = 0; i < route->n_links; i++)
		hops += !ted_node_at(ted, ted_link_at(ted, route->links[i])->from)->pseudonode;
	return tie == PATH_TIE_DELAY ? route->delay_us
	       : tie == PATH_TIE_TE  ? route->te_metric
	       : tie == PATH_TIE_IGP ? route->igp_metric
				     : hops;
}

static void
compare_pair(struct trial *t)
{
	static const enum path_tie by[] = { PATH_TIE_IGP, PATH_TIE_TE, PATH_TIE_DELAY };
	const struct path_request *r = &t->q.r;
	uint64_t sums[PATH_TIE_COUNT + 2], got[PATH_TIE_COUNT + 2];
	unsigned n;
	bool found = reference_pair(&t->ref, r->disjoint == PATH_DISJOINT_NODE, sums, &n);

	ck_assert_msg((t->answer.n_routes == 2 && t->answer.n_relaxed == 0) == found,
		      "seed %u, shape %d, kind %d", t->seed, (int)t->c->shape, (int)r->disjoint);
	for (unsigned i = 0; found && i < n; i++) {
		got[i] = 0;
		for (unsigned j = 0; j < 2; j++)
			got[i] += i + 1 == n ? t->answer.routes[j].n_links
					     : sum_of(&t->answer.routes[j], t->c->ted,
						      i == 0 ? by[r->objective] : r->ties[i - 1]);
		ck_assert_msg(got[i] == sums[i],
			      "seed %u, shape %d, kind %d: sum %u is %llu for %llu", t->seed,
			      (int)t->c->shape, (int)r->disjoint, i, (unsigned long long)got[i],
			      (unsigned long long)sums[i]);
	}
}

/* What the reference can do: no availability, and pairs of least total without bounds. */
static void
adjust(struct path_request *r, enum county_kind kind, uint64_t *state)
{
	if (r->objective == PATH_AVAILABILITY ||
	    (kind == ASK_PAIR && r->objective >= PATH_BANDWIDTH))
		r->objective = suite_below(state, kind == ASK_PAIR ? 3 : 4);
	r->budget_labels = 0;
	if (kind != ASK_PAIR)
		return;
	r->pair = PATH_PAIR_TOTAL;
	r->disjoint = 1 + suite_below(state, 2);
	r->max_delay_us = r->max_te = r->max_igp = r->max_hops = PATH_NO_BOUND;
}

static void
try_ask(struct trial *t, enum county_kind kind, struct tally *tally, uint64_t *state)
{
	county_ask(&t->q, t->c, t->engine, kind, state);
	adjust(&t->q.r, kind, state);
	county_compute(t->engine, &t->q.r, &t->answer);
	reference_begin(&t->ref, t->c->ted, &t->q.r);
	if (!county_is_proven(&t->answer))
		tally->unproven++;
	else if (kind == ASK_K)
		compare_k(t);
	else if (kind == ASK_DIVERSE)
		compare_diverse(t);
	else if (kind == ASK_PAIR)
		compare_pair(t);
	else
		compare_single(t);
	tally->asked++;
	tally->found += t->answer.n_routes > 0;
	tally->kinds[kind] += t->answer.n_routes > 0;
	reference_end(&t->ref);
	path_answer_free(&t->answer);
}

static void
try_county(unsigned seed, uint32_t nodes, unsigned asks, unsigned kinds, struct tally *tally)
{
	uint64_t state = seed * 7919 + nodes;
	struct county c;
	struct trial t = { .seed = seed, .c = &c };

	county_begin(&c, seed % COUNTY_SHAPES, nodes, &state);
	t.engine = county_engine(c.ted);
	for (unsigned i = 0; i < asks; i++)
		try_ask(&t, i % kinds, tally, &state);
	path_engine_free(t.engine);
	county_end(&c);
}

static void
report(const char *what, const struct tally *tally)
{
	printf("%s: %u asked, %u found, %u not proven;", what, tally->asked, tally->found,
	       tally->unproven);
	for (unsigned i = 0; i < ASK_VIA; i++)
		printf(" %s %u", county_kinds[i], tally->kinds[i]);
	printf("\n");
	fflush(stdout);
	/* a list of diverse paths that ended by itself counts too */
	ck_assert_uint_le(tally->unproven * 10, tally->asked);
}

START_TEST(path_of_any_kind_is_the_references)
{
	struct tally tally = { .asked = 0 };

	for (unsigned seed = 1; seed <= suite_seeds(); seed++)
		try_county(seed, 30 + seed % 100, ASK_VIA, ASK_VIA, &tally);
	report("medium", &tally);
}
END_TEST

START_TEST(path_on_large_networks_is_the_references)
{
	struct tally tally = { .asked = 0 };

	for (unsigned seed = 1; seed <= suite_seeds() / 50; seed++)
		try_county(seed, 2000, 18, 3, &tally);
	for (unsigned seed = 1; seed <= suite_seeds() / 160; seed++)
		try_county(seed, 10000, 10, 2, &tally);
	for (unsigned seed = 1; seed <= suite_seeds() / 60; seed++)
		try_county(seed, 700, 6, ASK_VIA, &tally);
	report("large", &tally);
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("reference");

	tcase_add_test(tcase, path_of_any_kind_is_the_references);
	tcase_add_test(tcase, path_on_large_networks_is_the_references);
	return suite_run("reference", tcase, 120);
}
