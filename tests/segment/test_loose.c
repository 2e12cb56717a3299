/* Loose lists against all lists of up to four SIDs, and against what a flood of packets does. */
#include <stdio.h>
#include <string.h>

#include "tests/segment/oracle.h"
#include "tests/support/suite.h"

static struct oracle o;
static bool allowed[GRAPH_LINKS];
static struct pce_error err;
static unsigned branched, shorter, compared;

static bool
allows(const void *ctx, uint32_t link)
{
	return ((const bool *)ctx)[link];
}

/* True if all shortest ways between two nodes step over allowed links only. */
static bool
ways_allowed(ted_node from, ted_node to)
{
	bool reached[GRAPH_NODES] = { false };
	bool more = true;

	reached[from] = true;
	while (more) {
		more = false;
		for (ted_link k = 0; k < o.graph.n_links; k++) {
			const struct ted_link_row *l = &o.graph.links[k];

			if (!reached[l->from] || l->from == to || !oracle_forwards(&o, k, to))
				continue;
			if (!allowed[k])
				return false;
			more |= !reached[l->to];
			reached[l->to] = true;
		}
	}
	return true;
}

/* Position of the path after a SID, or -1 if it does not keep to it. */
static int
after_sid(const struct oracle_sid *s, const ted_link *path, int n, int at)
{
	ted_node from = at < n ? o.graph.links[path[at]].from : o.graph.links[path[n - 1]].to;
	ted_node here = from;
	int to = at;

	while (here != s->node) {
		if (!s->global || to == n || !oracle_forwards(&o, path[to], s->node))
			return -1;
		here = o.graph.links[path[to++]].to;
	}
	if (to > at && !ways_allowed(from, s->node))
		return -1;
	if (s->link == TED_NONE)
		return to > at ? to : -1;
	return to < n && path[to] == s->link ? to + 1 : -1;
}

static uint32_t
fewest(const ted_link *path, int n, int at, uint32_t depth)
{
	uint32_t best = UINT32_MAX;

	if (at == n)
		return 0;
	for (uint32_t k = 0; k < o.n_sids && depth < ORACLE_LIST; k++) {
		int to = o.sids[k].listable ? after_sid(&o.sids[k], path, n, at) : -1;
		uint32_t rest = to > at ? fewest(path, n, to, depth + 1) : UINT32_MAX;

		if (rest != UINT32_MAX && rest + 1 < best)
			best = rest + 1;
	}
	return best;
}

static void
check_flood(uint64_t seed, const struct segment_list *list, const ted_link *path, size_t n,
	    uint64_t max_delay)
{
	bool used[GRAPH_LINKS], delivered;
	double shares[GRAPH_LINKS];
	uint8_t sids[16][16];
	uint32_t width = 0;
	ted_node end;

	for (size_t k = 0; k < list->n; k++)
		memcpy(sids[k], list->segments[k].sid, 16);
	oracle_flood(&o, o.graph.links[path[0]].from, (const uint8_t(*)[16])sids, list->n, used,
		     shares, &delivered, &end);
	ck_assert_msg(delivered && end == o.graph.links[path[n - 1]].to, "seed %llu: lost",
		      (unsigned long long)seed);
	for (size_t k = 0; k < n; k++)
		ck_assert(used[path[k]]);
	for (ted_link k = 0; k < o.graph.n_links; k++) {
		bool expected = false;

		for (size_t i = 0; i < n; i++)
			expected |= path[i] == k;
		if (used[k] && !expected)
			ck_assert_msg(allowed[k], "seed %llu: link %u is not allowed",
				      (unsigned long long)seed, k);
		for (size_t i = 0; i < list->n_branches; i++)
			expected |= list->branches[i] == k;
		ck_assert_msg(used[k] == expected, "seed %llu: link %u", (unsigned long long)seed,
			      k);
	}
	ck_assert_msg(oracle_flood_delay() <= max_delay, "seed %llu", (unsigned long long)seed);
	for (ted_node a = 0; a < o.graph.n_nodes; a++) {
		uint32_t out = 0;

		for (ted_link k = 0; k < o.graph.n_links; k++)
			out += used[k] && o.graph.links[k].from == a;
		width = out > width ? out : width;
	}
	ck_assert_uint_le(list->width, width); /* a node may be passed for several SIDs */
	ck_assert(list->n_branches == 0 || list->width > 1);
}

static void
compare_loose(uint64_t seed, const ted_link *path, size_t n, uint64_t max_delay)
{
	struct segment_options strict = { .service_sids = 1 }, loose = strict;
	struct segment_list list = { 0 }, narrow = { 0 };
	struct segment_report report;
	struct segment_igp *igp;
	uint32_t want = fewest(path, (int)n, 0, 0);
	enum pce_status st;

	loose.allows = allows;
	loose.ctx = allowed;
	loose.most[0] = max_delay;
	loose.most[1] = loose.most[2] = UINT64_MAX;
	ck_assert_int_eq(segment_igp_new(&o.graph, &igp, &err), PCE_OK);
	st = segment_compile(igp, path, n, &loose, &list, &report, &err);
	if (st == PCE_OK && max_delay == UINT64_MAX) {
		compared++;
		ck_assert_msg(list.n > ORACLE_LIST ? want == UINT32_MAX : list.n == want,
			      "seed %llu: %zu SIDs, all lists say %u", (unsigned long long)seed,
			      list.n, want);
	} else if (max_delay == UINT64_MAX) {
		ck_assert_msg(want == UINT32_MAX, "seed %llu: %s", (unsigned long long)seed,
			      err.text);
	}
	if (st == PCE_OK) {
		check_flood(seed, &list, path, n, max_delay);
		branched += list.n_branches > 0;
		if (segment_compile(igp, path, n, &strict, &narrow, &report, &err) == PCE_OK)
			shorter += narrow.n > list.n;
	}
	segment_list_free(&list);
	segment_list_free(&narrow);
	segment_igp_free(igp);
}

static void
run_shape(struct oracle_shape shape, bool bounds)
{
	for (unsigned seed = 0; seed < 2 * suite_seeds(); seed++) {
		uint64_t random = seed + 77;

		oracle_random(&o, seed, shape);
		for (ted_link k = 0; k < o.graph.n_links; k++) {
			allowed[k] = suite_below(&random, 5) > 0;
			o.graph.links[k].delay_us = suite_below(&random, 10);
		}
		for (unsigned p = 0; p < 8; p++) {
			ted_link path[16];
			size_t n = oracle_path(&o, &random, path, 5);
			uint64_t delay = 0;

			for (size_t k = 0; k < n; k++) {
				delay += o.graph.links[path[k]].delay_us;
				allowed[path[k]] = true;
			}
			if (n)
				compare_loose(seed, path, n,
					      bounds ? delay + suite_below(&random, 5)
						     : UINT64_MAX);
		}
	}
}

START_TEST(loose_list_is_shortest_of_all_lists_that_will_do)
{
	run_shape((struct oracle_shape){ 0 }, false);
	run_shape((struct oracle_shape){ .overload = true, .pseudonode = true }, false);
	ck_assert_uint_gt(branched, suite_seeds() / 10);
	ck_assert_uint_gt(shorter, suite_seeds() / 10);
}
END_TEST

START_TEST(loose_list_keeps_bounds_on_every_branch)
{
	run_shape((struct oracle_shape){ .overload = true }, true);
	ck_assert_uint_gt(branched, suite_seeds() / 20);
}
END_TEST

START_TEST(loose_list_does_not_leave_traffic_in_a_free_circle)
{
	run_shape((struct oracle_shape){ .zero_metrics = true }, true);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("loose");

	tcase_add_test(t, loose_list_is_shortest_of_all_lists_that_will_do);
	tcase_add_test(t, loose_list_keeps_bounds_on_every_branch);
	tcase_add_test(t, loose_list_does_not_leave_traffic_in_a_free_circle);
	return suite_run("loose", t, 120);
}
