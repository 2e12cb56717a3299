/* Replay against an oracle that knows each SID by heart and floods every branch. */
#include "pce/segment/replay.h"

#include <math.h>
#include <stdio.h>

#include "pce/segment/compile.h"
#include "tests/segment/oracle.h"
#include "tests/support/suite.h"

static struct oracle o;

static size_t
random_list(uint64_t *random, uint8_t sids[ORACLE_LIST][16])
{
	size_t n = 1 + suite_below(random, ORACLE_LIST);

	for (size_t k = 0; k < n; k++) {
		memcpy(sids[k], o.sids[suite_below(random, o.n_sids)].sid, 16);
		for (unsigned at = 2; at < 16; at += 2) {
			const struct oracle_sid *s = &o.sids[suite_below(random, o.n_sids)];
			unsigned filled = 16;

			while (filled && !(sids[k][filled - 1]))
				filled--;
			filled += filled & 1;
			if (s->width && filled >= s->block && filled + s->width <= 16 &&
			    suite_below(random, 2))
				memcpy(&sids[k][filled], s->sid + s->block, s->width);
		}
		if (suite_below(random, 20) == 0)
			sids[k][3] ^= 0x80; /* nobody's, and in nobody's locator */
	}
	return n;
}

static void
compare_flood(uint64_t seed, ted_node from, const uint8_t (*sids)[16], size_t n)
{
	struct replay_result r = { 0 };
	struct pce_error err;
	bool links[GRAPH_LINKS], delivered;
	double shares[GRAPH_LINKS];
	ted_node end;
	size_t at = 0;

	oracle_flood(&o, from, sids, n, links, shares, &delivered, &end);
	ck_assert_int_eq(replay_run(&o.graph, from, sids, n, NULL, 0, &r, &err), PCE_OK);
	ck_assert_msg(r.delivered == delivered, "seed %llu: delivered %d, not %d: %s",
		      (unsigned long long)seed, r.delivered, delivered, r.text);
	ck_assert_msg(r.end == end, "seed %llu: end %u, not %u", (unsigned long long)seed, r.end,
		      end);
	ck_assert(delivered == (r.text[0] == '\0'));
	for (ted_link k = 0; k < o.graph.n_links; k++) {
		if (!links[k])
			continue;
		ck_assert_msg(at < r.n_links && r.links[at] == k, "seed %llu: link %u",
			      (unsigned long long)seed, k);
		ck_assert_msg(!delivered || fabs((double)r.shares[at] / (double)REPLAY_WHOLE -
						 shares[k]) < 1e-9,
			      "seed %llu: link %u carries %g, not %g", (unsigned long long)seed, k,
			      (double)r.shares[at] / (double)REPLAY_WHOLE, shares[k]);
		at++;
	}
	ck_assert_uint_eq(at, r.n_links);
	replay_result_free(&r);
}

static void
run_floods(struct oracle_shape shape)
{
	for (unsigned seed = 0; seed < suite_seeds(); seed++) {
		uint64_t random = seed;

		oracle_random(&o, seed, shape);
		for (unsigned k = 0; k < 20 && o.n_sids; k++) {
			uint8_t sids[ORACLE_LIST][16];
			size_t n = random_list(&random, sids);

			compare_flood(seed, suite_below(&random, o.graph.n_nodes),
				      (const uint8_t(*)[16])sids, n);
		}
	}
}

START_TEST(replay_any_list_takes_the_links_of_the_flood)
{
	run_floods((struct oracle_shape){ .unusable = true, .pseudonode = true });
}
END_TEST

START_TEST(replay_overload_and_zero_metrics_takes_the_links_of_the_flood)
{
	run_floods((struct oracle_shape){ .overload = true, .zero_metrics = true });
}
END_TEST

START_TEST(replay_two_topologies_takes_the_links_of_the_flood)
{
	run_floods((struct oracle_shape){ .two_topologies = true });
}
END_TEST

START_TEST(replay_flexible_algorithms_takes_the_links_of_the_flood)
{
	run_floods((struct oracle_shape){ .flex = true });
	run_floods((struct oracle_shape){ .flex = true, .overload = true, .zero_metrics = true });
}
END_TEST

/* Random containers too: a SID, and C-SIDs of others or of nobody behind it. */
START_TEST(replay_compressed_lists_take_the_links_of_the_flood)
{
	run_floods((struct oracle_shape){ .csids = true, .unusable = true });
	run_floods((struct oracle_shape){ .csids = true, .domains = true, .overload = true });
}
END_TEST

static bool
matches(ted_node from, const uint8_t (*sids)[16], size_t n, const ted_link *path, size_t n_path)
{
	bool same = false;
	char text[256];
	struct pce_error err;

	ck_assert_int_eq(replay_matches(&o.graph, from, sids, n, NULL, 0, path, n_path, &same, text,
					sizeof(text), &err),
			 PCE_OK);
	ck_assert(same == (text[0] == '\0'));
	return same;
}

static void
expect(uint64_t seed, ted_node from, const uint8_t (*sids)[16], size_t n, const ted_link *path,
       size_t n_path)
{
	bool want = oracle_takes(&o, from, sids, n, path, n_path);

	ck_assert_msg(matches(from, sids, n, path, n_path) == want,
		      "seed %llu: a list of %zu SIDs and a path of %zu links %s match",
		      (unsigned long long)seed, n, n_path, want ? "must" : "must not");
}

/* Every way to be off by one: a SID less, a SID changed, a SID twice, a link less, a link changed.
 */
static void
try_mutants(uint64_t seed, const struct segment_list *list, ted_link *path, size_t n_path)
{
	ted_node from = o.graph.links[path[0]].from;
	uint8_t sids[16][16], changed[17][16];
	size_t n = list->n;

	for (size_t k = 0; k < n; k++)
		memcpy(sids[k], list->segments[k].sid, 16);
	expect(seed, from, (const uint8_t(*)[16])sids, n, path, n_path);
	if (n_path > 1)
		expect(seed, from, (const uint8_t(*)[16])sids, n, path, n_path - 1);
	for (size_t k = 0; k < n; k++) {
		for (size_t to = 0, at = 0; at < n; at++)
			if (at != k)
				memcpy(changed[to++], sids[at], 16);
		if (n > 1)
			expect(seed, from, (const uint8_t(*)[16])changed, n - 1, path, n_path);
		memcpy(changed, sids, sizeof(sids));
		memcpy(changed[k + 1], sids[k], (n - k) * 16);
		expect(seed, from, (const uint8_t(*)[16])changed, n + 1, path, n_path);
		for (uint32_t s = 0; s < o.n_sids; s++) {
			memcpy(changed, sids, sizeof(sids));
			memcpy(changed[k], o.sids[s].sid, 16);
			expect(seed, from, (const uint8_t(*)[16])changed, n, path, n_path);
		}
	}
	for (size_t k = 0; k < n_path; k++) {
		ted_link kept = path[k];

		for (ted_link l = 0; l < o.graph.n_links; l++) {
			path[k] = l;
			expect(seed, from, (const uint8_t(*)[16])sids, n, path, n_path);
		}
		path[k] = kept;
	}
}

static void
mutants_of_path(uint64_t seed, ted_link *path, size_t n)
{
	struct segment_options options = { .service_sids = 1 };
	struct segment_list list = { 0 };
	struct segment_report report;
	struct segment_igp *igp;
	struct pce_error err;

	ck_assert_int_eq(segment_igp_new(&o.graph, &igp, &err), PCE_OK);
	if (segment_compile(igp, path, n, &options, &list, &report, &err) == PCE_OK)
		try_mutants(seed, &list, path, n);
	segment_list_free(&list);
	segment_igp_free(igp);
}

START_TEST(replay_matches_every_mutant_as_the_oracle_says)
{
	for (unsigned seed = 0; seed < suite_seeds(); seed++) {
		uint64_t random = seed;
		struct oracle_shape shape = { .odd_sids = true,
					      .csids = seed & 2,
					      .overload = seed & 1 };

		oracle_random(&o, seed, shape);
		for (unsigned k = 0; k < 4; k++) {
			ted_link path[16];
			size_t n = oracle_path(&o, &random, path, 5);

			if (n)
				mutants_of_path(seed, path, n);
		}
	}
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("replay");

	tcase_add_test(t, replay_any_list_takes_the_links_of_the_flood);
	tcase_add_test(t, replay_overload_and_zero_metrics_takes_the_links_of_the_flood);
	tcase_add_test(t, replay_two_topologies_takes_the_links_of_the_flood);
	tcase_add_test(t, replay_flexible_algorithms_takes_the_links_of_the_flood);
	tcase_add_test(t, replay_compressed_lists_take_the_links_of_the_flood);
	tcase_add_test(t, replay_matches_every_mutant_as_the_oracle_says);
	return suite_run("replay", t, 120);
}
