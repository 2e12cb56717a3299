/*
 * Why there is no path, checked against every loopless path: the constraints named conflict and
 * none of them could be left out, the best value told can be had and is the best, and the links
 * that are said to block are a smallest cut.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pce/path/path.h"
#include "tests/path/town.h"
#include "tests/support/suite.h"

#define WITHOUT_VIAS (~((1u << ORDER_VIA) | (1u << ORDER_SERVICE)))
#define FILTERS                                                                                    \
	(BREAKS(BANDWIDTH) | BREAKS(AFFINITY) | BREAKS(SLICE) | BREAKS(AVOID) |                    \
	 BREAKS(LINK_BOUND) | BREAKS(OVERLOAD))
#define SUMS (BREAKS(DELAY) | BREAKS(HOPS) | BREAKS(TE_METRIC) | BREAKS(IGP_METRIC))

struct trial {
	unsigned seed;
	struct referee ref;
	struct order_slip q;
	struct path_answer answer;
};

struct tally {
	unsigned asked, none, several, best, cuts, wide;
	unsigned reasons[PATH_REASON_COUNT];
};

/* The constraints that are said to conflict. */
static uint32_t
conflicting(const struct path_no_path *none)
{
	uint32_t set = 0;

	for (size_t i = 0; i < none->n_conflict; i++)
		set |= 1u << none->conflict[i];
	return set;
}

static uint32_t
asked_bits(const struct path_request *r)
{
	uint32_t bits = 0;

	for (unsigned i = 0; i < PATH_REASON_COUNT; i++)
		bits |= referee_asks(r, i) ? 1u << i : 0;
	return bits;
}

/* The set conflicts, and each proper part of it leaves a path. */
static uint32_t
expect_minimal(const struct trial *t, struct tally *tally)
{
	uint32_t set = conflicting(&t->answer.no_path);

	ck_assert_msg(set != 0, "seed %u: %s", t->seed, t->answer.no_path.text);
	ck_assert_msg(referee_count(&t->ref, set) == 0, "seed %u: these do not conflict: %s",
		      t->seed, t->answer.no_path.text);
	for (unsigned bit = 0; bit < 31; bit++)
		if (set >> bit & 1)
			ck_assert_msg(referee_count(&t->ref, set & ~(1u << bit)) > 0,
				      "seed %u: %s is not needed: %s", t->seed,
				      path_reason_name(bit), t->answer.no_path.text);
	tally->several += (set & (set - 1)) != 0;
	return set;
}

static uint64_t
value_of(const struct referee_path *p, enum path_reason reason)
{
	switch (reason) {
	case PATH_REASON_BANDWIDTH:
		return UINT64_MAX - p->residual;
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

/* The best value that can be had with all other constraints. */
static void
expect_best(const struct trial *t, struct tally *tally)
{
	const struct path_no_path *no = &t->answer.no_path;
	uint32_t kept = asked_bits(&t->q.r) & ~(1u << no->reason);
	uint64_t best = UINT64_MAX;
	bool found = false;

	for (size_t i = 0; i < t->ref.n; i++) {
		const struct referee_path *p = &t->ref.paths[i];

		if ((p->breaks & (kept | BREAKS_FOR_GOOD)) != 0)
			continue;
		found = true;
		best = value_of(p, no->reason) < best ? value_of(p, no->reason) : best;
	}
	best = no->reason == PATH_REASON_BANDWIDTH ? UINT64_MAX - best : best;
	ck_assert_msg(found && best == no->best, "seed %u: best %llu, not %llu: %s", t->seed,
		      (unsigned long long)best, (unsigned long long)no->best, no->text);
	tally->best++;
}

/* What keeps a path from stepping over a link, under a mask. */
static uint32_t
blocks(const struct trial *t, uint32_t link)
{
	const struct path_request *r = &t->q.r;
	const struct ted_link_row *row = ted_link_at(t->ref.ted, link);
	uint32_t breaks = referee_link_breaks(t->ref.ted, r, link);

	breaks |= referee_node_breaks(t->ref.ted, r, row->to, row->to != r->to) & BREAKS(AVOID);
	if (row->from != r->from)
		breaks |= referee_node_breaks(t->ref.ted, r, row->from, true) & BREAKS(OVERLOAD);
	return breaks;
}

/* True if each path that the filters of `kept` let through has a link of the set. */
static bool
is_cut(const struct trial *t, uint32_t kept, uint64_t links)
{
	for (size_t i = 0; i < t->ref.n; i++) {
		const struct referee_path *p = &t->ref.paths[i];
		bool crossed = false;

		if ((p->breaks & ((kept & FILTERS) | BREAKS_FOR_GOOD)) != 0)
			continue;
		for (uint32_t j = 0; j < p->n; j++)
			crossed |= links >> p->links[j] & 1;
		if (!crossed)
			return false;
	}
	return true;
}

/* True if some `n` of the links of `from` on are a cut together with those chosen. */
static bool
has_cut(const struct trial *t, uint32_t kept, const uint32_t *links, size_t n_links, unsigned n,
	uint64_t chosen)
{
	if (is_cut(t, kept, chosen))
		return true;
	for (size_t i = 0; n > 0 && i < n_links; i++)
		if (has_cut(t, kept, links + i + 1, n_links - i - 1, n - 1,
			    chosen | 1ULL << links[i]))
			return true;
	return false;
}

static void
expect_cut(const struct trial *t, uint32_t set, struct tally *tally)
{
	const struct path_no_path *no = &t->answer.no_path;
	uint32_t asked = asked_bits(&t->q.r), kept = asked & ~set, blocked[64];
	bool through = false, joined = false;
	size_t n_blocked = 0;
	uint64_t links = 0;

	for (size_t i = 0; i < t->ref.n; i++) {
		uint32_t breaks = t->ref.paths[i].breaks;

		through |= (breaks & ((asked & FILTERS) | BREAKS_FOR_GOOD)) == 0;
		joined |= (breaks & ((kept & FILTERS) | BREAKS_FOR_GOOD)) == 0;
	}
	/* other constraints may keep the ends apart too: then no cut of these alone is told */
	through |= !joined;
	ck_assert_msg((no->n_blocking == 0) == through, "seed %u: %zu links block: %s", t->seed,
		      no->n_blocking, no->text);
	if (through)
		return;
	for (uint32_t i = 0; i < ted_link_count(t->ref.ted); i++)
		if ((blocks(t, i) & asked) != 0 && (blocks(t, i) & kept) == 0)
			blocked[n_blocked++] = i;
	for (size_t i = 0; i < no->n_blocking; i++) {
		uint32_t link = no->blocking[i];

		ck_assert_msg((blocks(t, link) & asked) != 0 && (blocks(t, link) & kept) == 0,
			      "seed %u: %s does not block: %s", t->seed,
			      ted_link_at(t->ref.ted, link)->name, no->text);
		links |= 1ULL << link;
	}
	ck_assert_msg(is_cut(t, kept, links), "seed %u: there is a way around: %s", t->seed,
		      no->text);
	if (no->n_blocking <= 4)
		ck_assert_msg(
		    !has_cut(t, kept, blocked, n_blocked, (unsigned)no->n_blocking - 1, 0),
		    "seed %u: fewer links block than %zu: %s", t->seed, no->n_blocking, no->text);
	tally->cuts++;
	tally->wide += no->n_blocking > 1;
}

static bool
avoids_an_end(const struct path_request *r)
{
	for (size_t i = 0; i < r->n_avoid_nodes; i++)
		if (r->avoid_nodes[i] == r->from || r->avoid_nodes[i] == r->to)
			return true;
	return false;
}

static void
expect_reason(const struct trial *t, struct tally *tally)
{
	const struct path_no_path *no = &t->answer.no_path;
	uint32_t set;

	tally->none++;
	tally->reasons[no->reason]++;
	ck_assert_msg(t->answer.n_routes == 0 && no->text, "seed %u", t->seed);
	if (ted_node_at(t->ref.ted, t->ref.from)->unusable ||
	    ted_node_at(t->ref.ted, t->ref.to)->unusable) {
		ck_assert_int_eq(no->reason, PATH_REASON_ENDPOINT_DOWN);
		return;
	}
	if (avoids_an_end(&t->q.r)) {
		ck_assert_int_eq(no->reason, PATH_REASON_AVOID);
		return;
	}
	if (referee_count(&t->ref, 0) == 0) {
		ck_assert_msg(no->reason == PATH_REASON_DISCONNECTED, "seed %u: %s", t->seed,
			      no->text);
		return;
	}
	set = expect_minimal(t, tally);
	ck_assert_msg(no->reason == PATH_REASON_CONFLICT || (set >> no->reason & 1) ||
			  referee_count(&t->ref, asked_bits(&t->q.r) & ~(1u << no->reason)) > 0,
		      "seed %u: reason %s: %s", t->seed, path_reason_name(no->reason), no->text);
	if (no->has_best)
		expect_best(t, tally);
	expect_cut(t, set, tally);
}

static void
try_town(unsigned seed, struct tally *tally)
{
	uint64_t state = seed;
	struct ted *ted = town_draw((struct town_size){ 8, 18 + suite_below(&state, 8) }, &state);
	struct path_engine *engine = NULL;
	struct pce_error err = { 0 };

	ck_assert_msg(path_engine_new(ted, &engine, &err) == PCE_OK, "%s", err.text);
	for (unsigned i = 0; i < 3; i++) {
		struct trial t = { .seed = seed };

		order_begin(&t.ref, ted, false, 1500, &state);
		for (unsigned j = 0; j < 6 && !t.ref.overflow; j++) {
			order_draw(&t.q, &t.ref, WITHOUT_VIAS, 6, &state);
			ck_assert(path_compute(engine, &t.q.r, &t.answer, &err) == PCE_OK);
			tally->asked++;
			if (referee_count(&t.ref, ~0u) == 0)
				expect_reason(&t, tally);
			path_answer_free(&t.answer);
		}
		referee_end(&t.ref);
	}
	path_engine_free(engine);
	ted_free(ted);
}

START_TEST(path_none_names_a_minimal_conflict_its_best_value_and_a_smallest_cut)
{
	static struct tally tally;
	unsigned n = suite_seeds();

	for (unsigned seed = 1; seed <= n; seed++)
		try_town(seed, &tally);
	printf("%u requests, %u without a path: %u conflicts of several, %u best values, %u cuts "
	       "(%u of several links);",
	       tally.asked, tally.none, tally.several, tally.best, tally.cuts, tally.wide);
	for (unsigned i = 0; i < PATH_REASON_COUNT; i++)
		if (tally.reasons[i] > 0)
			printf(" %s %u", path_reason_name(i), tally.reasons[i]);
	printf("\n");
	fflush(stdout);
	ck_assert(n < 200 || (tally.several * 10 >= tally.none && tally.best * 10 >= tally.none &&
			      tally.wide * 20 >= tally.none));
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("reasons");

	tcase_add_test(tcase, path_none_names_a_minimal_conflict_its_best_value_and_a_smallest_cut);
	return suite_run("reasons", tcase, 120);
}
