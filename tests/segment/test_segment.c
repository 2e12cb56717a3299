/* Single facts of the segment room: choices, limits, made-up SIDs, what is refused and how it
 * reads. */
#include <stdio.h>
#include <string.h>

#include "pce/segment/compile.h"
#include "pce/segment/replay.h"
#include "tests/segment/graph.h"
#include "tests/support/suite.h"

static struct ted g;
static struct segment_list list;
static struct segment_report report;
static struct pce_error err;

static const struct segment_options with_service = { .service_sids = 1 };

static enum pce_status
compile(const ted_link *path, size_t n, const struct segment_options *options)
{
	struct segment_igp *igp;
	enum pce_status st;

	segment_list_free(&list);
	memset(&err, 0, sizeof(err));
	ck_assert_int_eq(segment_igp_new(&g, &igp, &err), PCE_OK);
	st = segment_compile(igp, path, n, options, &list, &report, &err);
	segment_igp_free(igp);
	ck_assert(st == PCE_OK || (list.segments == NULL && list.n == 0));
	return st;
}

/* A chain of n nodes with metric 10, every node and link with SIDs. path gets the links. */
static void
make_chain(uint32_t n, ted_link *path)
{
	graph_init(&g);
	for (uint32_t k = 0; k < n; k++)
		graph_node(&g);
	for (uint32_t k = 0; k + 1 < n; k++)
		path[k] = graph_fibre(&g, k, k + 1, 10);
	graph_sids(&g);
}

/* As a chain, but every hop is two parallel links, so that every hop needs a SID. */
static void
make_ladder(uint32_t n, ted_link *path)
{
	graph_init(&g);
	for (uint32_t k = 0; k < n; k++)
		graph_node(&g);
	for (uint32_t k = 0; k + 1 < n; k++) {
		path[k] = graph_fibre(&g, k, k + 1, 10);
		graph_fibre(&g, k, k + 1, 10);
	}
	graph_sids(&g);
}

START_TEST(compile_unique_shortest_path_is_one_end)
{
	ted_link path[4];

	make_chain(5, path);
	ck_assert_int_eq(compile(path, 4, &with_service), PCE_OK);
	ck_assert_uint_eq(list.n, 1);
	ck_assert_uint_eq(list.weight, 1);
	ck_assert_int_eq(list.segments[0].kind, SEGMENT_END);
	ck_assert_uint_eq(list.segments[0].node, 4);
	ck_assert_uint_eq(list.segments[0].link, TED_NONE);
	ck_assert_uint_eq(report.limit, UINT32_MAX);
	ck_assert_uint_eq(report.limit_node, TED_NONE);
	ck_assert(!report.msd_assumed && !report.sids_assumed);
}
END_TEST

START_TEST(compile_parallel_links_is_end_x)
{
	ted_link path[2];

	make_ladder(3, path);
	ck_assert_int_eq(compile(path, 2, &with_service), PCE_OK);
	ck_assert_uint_eq(list.n, 2);
	for (size_t k = 0; k < 2; k++) {
		ck_assert_int_eq(list.segments[k].kind, SEGMENT_END_X);
		ck_assert_uint_eq(list.segments[k].link, path[k]);
		ck_assert_uint_eq(list.segments[k].node, k);
	}
}
END_TEST

START_TEST(compile_end_x_without_usd_is_not_last_without_service)
{
	struct segment_options alone = { 0 };
	ted_link path[1];

	make_ladder(2, path);
	ck_assert_int_eq(compile(path, 1, &with_service), PCE_OK);
	ck_assert_uint_eq(list.n, 1);
	ck_assert_int_eq(compile(path, 1, &alone), PCE_OK);
	ck_assert_uint_eq(list.n, 2);
	ck_assert_int_eq(list.segments[1].kind, SEGMENT_END);
	g.link_sids[path[0]][0].behavior = TED_BEHAVIOR_END_X_USD;
	ck_assert_int_eq(compile(path, 1, &alone), PCE_OK);
	ck_assert_uint_eq(list.n, 1);
}
END_TEST

static void
expect_choice(uint16_t first, uint16_t second, uint16_t chosen)
{
	ted_link path[1];

	make_chain(2, path);
	g.nodes[1].n_sids = 0;
	graph_end(&g, 1, 7, first);
	graph_end(&g, 1, 3, second);
	ck_assert_int_eq(compile(path, 1, &with_service), PCE_OK);
	ck_assert_msg(list.segments[0].behavior == chosen, "of %u and %u: %u", first, second,
		      list.segments[0].behavior);
	if (first == second)
		ck_assert_uint_eq(list.segments[0].sid[7], 3);
}

START_TEST(compile_several_sids_takes_the_first_of_the_ladder)
{
	expect_choice(TED_BEHAVIOR_END_NEXT_CSID, TED_BEHAVIOR_END_PSP_USP_USD,
		      TED_BEHAVIOR_END_PSP_USP_USD);
	expect_choice(TED_BEHAVIOR_END_PSP, TED_BEHAVIOR_END, TED_BEHAVIOR_END);
	expect_choice(TED_BEHAVIOR_END_USD, TED_BEHAVIOR_END_PSP, TED_BEHAVIOR_END_PSP);
	expect_choice(TED_BEHAVIOR_END, TED_BEHAVIOR_END, TED_BEHAVIOR_END);
}
END_TEST

START_TEST(compile_untold_behaviour_is_plain_and_assumed)
{
	ted_link path[1];

	make_ladder(2, path);
	ck_assert_int_eq(compile(path, 1, &with_service), PCE_OK);
	ck_assert(!report.sids_assumed);
	g.link_sids[path[0]][0].behavior = 0;
	ck_assert_int_eq(compile(path, 1, &with_service), PCE_OK);
	ck_assert(report.sids_assumed && !list.segments[0].assumed);
	ck_assert_uint_eq(list.segments[0].behavior, TED_BEHAVIOR_END_X);
	make_chain(2, path);
	g.node_sids[1][0].behavior = 0;
	ck_assert_int_eq(compile(path, 1, &with_service), PCE_OK);
	ck_assert(report.sids_assumed);
	ck_assert_uint_eq(list.segments[0].behavior, TED_BEHAVIOR_END);
	graph_end(&g, 1, 8, TED_BEHAVIOR_END_PSP_USP_USD);
	ck_assert_int_eq(compile(path, 1, &with_service), PCE_OK);
	ck_assert(!report.sids_assumed);
}
END_TEST

START_TEST(compile_local_end_x_follows_its_nodes_sid)
{
	static const uint8_t local[16] = { 0xfc, 0xbb, 0xbb, 0, 0xe0, 1 };
	ted_link path[2];

	make_ladder(3, path);
	g.links[path[1]].n_sids = 1;
	memcpy(g.link_sids[path[1]][0].sid, local, 16);
	g.link_sids[path[1]][0].behavior = TED_BEHAVIOR_END_X_NEXT_CSID;
	ck_assert_int_eq(compile(path, 2, &with_service), PCE_OK);
	ck_assert_uint_eq(list.n, 2);
	ck_assert_mem_eq(list.segments[1].sid, local, 16);

	/* Over a single link the End.X alone would reach further, but nobody routes to it. */
	make_chain(2, path);
	graph_node(&g);
	path[1] = graph_fibre(&g, 1, 2, 10);
	graph_fibre(&g, 1, 2, 10);
	graph_locator(&g, 2);
	graph_end(&g, 2, 1, TED_BEHAVIOR_END);
	memcpy(graph_end_x(&g, path[1], 0, TED_BEHAVIOR_END_X_NEXT_CSID)->sid, local, 16);
	ck_assert_int_eq(compile(path, 2, &with_service), PCE_OK);
	ck_assert_uint_eq(list.n, 2);
	ck_assert_int_eq(list.segments[0].kind, SEGMENT_END);
}
END_TEST

START_TEST(compile_next_csid_with_argument_is_not_used)
{
	ted_link path[1];

	make_chain(2, path);
	g.node_sids[1][0].behavior = TED_BEHAVIOR_END_NEXT_CSID;
	ck_assert_int_eq(compile(path, 1, &with_service), PCE_OK);
	ck_assert_int_eq(list.segments[0].kind, SEGMENT_END);
	g.node_sids[1][0].sid[9] = 5;
	ck_assert_int_eq(compile(path, 1, &with_service), PCE_OK);
	ck_assert_int_eq(list.segments[0].kind, SEGMENT_END_X);
}
END_TEST

START_TEST(compile_sid_in_a_foreign_locator_is_not_used)
{
	ted_link path[2];
	struct ted_prefix_row *p;

	make_chain(3, path);
	p = &g.prefixes[0][g.nodes[0].n_prefixes++];
	p->prefix.addr = ip_v6(g.node_sids[2][0].sid);
	p->prefix.len = 64;
	ck_assert_int_eq(compile(path, 2, &with_service), PCE_OK);
	ck_assert_int_eq(list.segments[list.n - 1].kind, SEGMENT_END_X);
	p->metric = 0xfe000000; /* RFC 5305: not reachable, so it attracts nothing */
	ck_assert_int_eq(compile(path, 2, &with_service), PCE_OK);
	ck_assert_int_eq(list.segments[list.n - 1].kind, SEGMENT_END);
}
END_TEST

START_TEST(compile_sid_of_two_nodes_is_not_used)
{
	ted_link path[2];

	make_chain(3, path);
	g.node_sids[1][g.nodes[1].n_sids++] = g.node_sids[2][0];
	ck_assert_int_eq(compile(path, 2, &with_service), PCE_OK);
	ck_assert_int_eq(list.segments[list.n - 1].kind, SEGMENT_END_X);
}
END_TEST

START_TEST(compile_same_locator_in_another_area_is_no_conflict)
{
	ted_link path[1];
	ted_node twin, beyond;

	make_chain(2, path);
	twin = graph_node(&g); /* B again, as its row in another area */
	beyond = graph_node(&g);
	graph_fibre(&g, twin, beyond, 10);
	g.node_sids[twin][0] = g.node_sids[1][0];
	g.nodes[twin].n_sids = 1;
	g.prefixes[twin][0] = g.prefixes[1][0];
	g.nodes[twin].n_prefixes = 1;
	ck_assert_int_eq(compile(path, 1, &with_service), PCE_OK);
	ck_assert_int_eq(list.segments[0].kind, SEGMENT_END);
}
END_TEST

START_TEST(compile_missing_sids_names_node_and_link)
{
	ted_link path[2];

	make_ladder(3, path);
	g.links[path[1]].n_sids = 0;
	ck_assert_int_eq(compile(path, 2, &with_service), PCE_UNSUPPORTED);
	ck_assert_ptr_nonnull(strstr(report.text, "from B along link B-C.4"));
	ck_assert_str_eq(report.text, err.text);
	ck_assert(!report.fits);
}
END_TEST

START_TEST(compile_lan_is_crossed_by_end_sids_only)
{
	ted_link path[2];

	graph_init(&g);
	for (unsigned k = 0; k < 3; k++)
		graph_node(&g);
	g.nodes[1].pseudonode = true;
	path[0] = graph_link(&g, 0, 1, 10);
	path[1] = graph_link(&g, 1, 2, 0);
	graph_locator(&g, 2);
	graph_end(&g, 2, 1, TED_BEHAVIOR_END);
	ck_assert_int_eq(compile(path, 2, &with_service), PCE_OK);
	ck_assert_uint_eq(list.n, 1);
	graph_link(&g, 0, 2, 10); /* now there are two ways */
	ck_assert_int_eq(compile(path, 2, &with_service), PCE_UNSUPPORTED);
	ck_assert_ptr_nonnull(strstr(report.text, "LAN B"));
}
END_TEST

START_TEST(compile_bad_path_is_invalid)
{
	ted_link path[4], wrong;

	make_chain(5, path);
	ck_assert_int_eq(compile(path, 0, &with_service), PCE_INVALID);
	wrong = 999;
	ck_assert_int_eq(compile(&wrong, 1, &with_service), PCE_INVALID);
	path[1] = path[2];
	ck_assert_int_eq(compile(path, 2, &with_service), PCE_INVALID);
	ck_assert_ptr_nonnull(strstr(err.text, "C-D.4 does not begin where A-B.0 ends"));
	g.links[path[0]].unusable = TED_UNUSABLE_DOWN;
	ck_assert_int_eq(compile(path, 1, &with_service), PCE_INVALID);
	g.links[path[0]].unusable = 0;
	g.links[path[0]].topology = 5;
	ck_assert_int_eq(compile(path, 1, &with_service), PCE_UNSUPPORTED);
}
END_TEST

/* A ladder of four hops needs four SIDs, five with the service SID. */
static void
expect_limit(ted_node node, uint8_t type, uint8_t value, bool fits)
{
	ted_link path[4];

	make_ladder(5, path);
	graph_msd(&g, node, type, value);
	ck_assert_int_eq(compile(path, 4, &with_service), fits ? PCE_OK : PCE_LIMIT);
	ck_assert(report.fits == fits);
	ck_assert(fits || report.limit_node == node);
	if (type == TED_MSD_H_ENCAPS)
		ck_assert_uint_eq(report.limit, value ? value : 1);
}

START_TEST(compile_headend_limit_counts_the_service_sid)
{
	expect_limit(0, TED_MSD_H_ENCAPS, 5, true);
	expect_limit(0, TED_MSD_H_ENCAPS, 4, false);
	expect_limit(0, TED_MSD_H_ENCAPS, 0, false);
	ck_assert_ptr_nonnull(strstr(report.text, "needs 5 SIDs with the service SID, A allows 1"));
}
END_TEST

START_TEST(compile_segments_left_limit_is_on_arrival)
{
	expect_limit(0, TED_MSD_SEGMENTS_LEFT, 4, true);
	expect_limit(0, TED_MSD_SEGMENTS_LEFT, 3, false);
	expect_limit(1, TED_MSD_SEGMENTS_LEFT, 3, true);
	expect_limit(1, TED_MSD_SEGMENTS_LEFT, 2, false);
	expect_limit(4, TED_MSD_SEGMENTS_LEFT, 0, true);
}
END_TEST

START_TEST(compile_end_d_limit_is_the_endpoints)
{
	expect_limit(4, TED_MSD_END_D, 5, true);
	expect_limit(4, TED_MSD_END_D, 4, false);
	expect_limit(3, TED_MSD_END_D, 0, true);
	expect_limit(3, TED_MSD_END_POP, 0, true); /* its SID does not pop */
}
END_TEST

START_TEST(compile_popped_srh_needs_end_pop_but_no_end_d)
{
	ted_link path[4];

	make_ladder(5, path);
	graph_msd(&g, 4, TED_MSD_END_D, 1);
	g.link_sids[path[3]][0].behavior = TED_BEHAVIOR_END_X_PSP;
	ck_assert_int_eq(compile(path, 4, &with_service), PCE_OK);
	graph_msd(&g, 3, TED_MSD_END_POP, 4);
	ck_assert_int_eq(compile(path, 4, &with_service), PCE_LIMIT);
	ck_assert_uint_eq(report.limit_node, 3);
}
END_TEST

START_TEST(compile_absent_msd_is_assumed_or_strict)
{
	struct segment_options assumed = { .assumed_msd = 4, .service_sids = 1 };
	struct segment_options strict = { .strict_msd = true, .assumed_msd = 10 };
	ted_link path[4];

	make_ladder(5, path);
	ck_assert_int_eq(compile(path, 4, &assumed), PCE_LIMIT);
	ck_assert(report.msd_assumed);
	ck_assert_ptr_nonnull(strstr(report.text, "H.Encaps, assumed"));
	ck_assert_int_eq(compile(path, 3, &assumed), PCE_OK);
	ck_assert_uint_eq(report.limit, 4);
	ck_assert_uint_eq(report.limit_node, 0);
	ck_assert(report.msd_assumed);
	make_chain(3, path);
	ck_assert_int_eq(compile(path, 2, &strict), PCE_OK);
	strict.service_sids = 1;
	ck_assert_int_eq(compile(path, 2, &strict), PCE_LIMIT);
	ck_assert_uint_eq(report.limit, 1);
}
END_TEST

START_TEST(compile_endpoint_limit_is_gone_around)
{
	ted_link path[3];

	/* The furthest reach from A is B's End.X, but B bears one SID after its own. */
	make_chain(2, path);
	graph_node(&g);
	path[1] = graph_fibre(&g, 1, 2, 10);
	graph_fibre(&g, 1, 2, 10);
	graph_node(&g);
	path[2] = graph_fibre(&g, 2, 3, 10);
	graph_fibre(&g, 2, 3, 10);
	g.nodes[0].n_prefixes = g.nodes[0].n_sids = g.nodes[1].n_prefixes = g.nodes[1].n_sids = 0;
	for (ted_link k = 0; k < g.n_links; k++)
		g.links[k].n_sids = 0;
	graph_sids(&g);
	ck_assert_int_eq(compile(path, 3, &with_service), PCE_OK);
	ck_assert_uint_eq(list.n, 2);
	graph_msd(&g, 1, TED_MSD_SEGMENTS_LEFT, 1);
	ck_assert_int_eq(compile(path, 3, &with_service), PCE_LIMIT);
	ck_assert_uint_eq(report.limit_node, 1);
	/* Another SID of C would do, if C had a second way in that B need not execute. */
	g.msds[1][0].value = 2;
	ck_assert_int_eq(compile(path, 3, &with_service), PCE_OK);
	ck_assert_uint_eq(report.limit, 3);
	ck_assert_uint_eq(report.limit_node, 1);
}
END_TEST

START_TEST(synthesise_gives_distinct_sids_off_every_prefix)
{
	struct segment_options offline = { .service_sids = 1, .synthesise = true };
	static const uint8_t second[6] = { 0xfc, 0xbb, 0xbb, 1, 0, 1 };
	struct segment first;
	ted_link path[3];

	make_ladder(4, path);
	for (ted_node k = 0; k < 4; k++)
		g.nodes[k].n_sids = g.nodes[k].n_prefixes = 0;
	for (ted_link k = 0; k < g.n_links; k++)
		g.links[k].n_sids = 0;
	ck_assert_int_eq(compile(path, 3, &with_service), PCE_UNSUPPORTED);
	ck_assert_int_eq(compile(path, 3, &offline), PCE_OK);
	ck_assert_uint_eq(list.n, 3);
	ck_assert(report.sids_assumed);
	for (size_t k = 0; k < list.n; k++) {
		ck_assert(list.segments[k].assumed);
		for (size_t l = 0; l < k; l++)
			ck_assert_mem_ne(list.segments[k].sid, list.segments[l].sid, 16);
	}
	first = list.segments[0];
	path[0] += 2; /* the parallel link */
	ck_assert_int_eq(compile(path, 1, &offline), PCE_OK);
	ck_assert_mem_ne(list.segments[0].sid, first.sid, 16);
	graph_locator(&g, 2); /* from fcbb:bb00::/32 */
	ck_assert_int_eq(compile(path, 3, &offline), PCE_OK);
	ck_assert_mem_eq(list.segments[0].sid, second, 6);
	graph_end(&g, 1, 9, TED_BEHAVIOR_END);
	ck_assert_int_eq(compile(path, 1, &offline), PCE_OK);
	ck_assert_mem_eq(list.segments[0].sid, second, 6);
}
END_TEST

START_TEST(synthesise_leaves_real_sids_alone)
{
	struct segment_options offline = { .service_sids = 1, .synthesise = true };
	ted_link path[2];

	make_chain(3, path);
	ck_assert_int_eq(compile(path, 2, &offline), PCE_OK);
	ck_assert(!report.sids_assumed && !list.segments[0].assumed);
	g.node_sids[2][0].algorithm = 128; /* it has SIDs: none is made up beside them */
	ck_assert_int_eq(compile(path, 2, &offline), PCE_OK);
	ck_assert_int_eq(list.segments[list.n - 1].kind, SEGMENT_END_X);
	ck_assert(!report.sids_assumed);
}
END_TEST

START_TEST(igp_is_forgotten_by_reset_and_by_new_rows)
{
	struct segment_igp *igp;
	ted_link path[2], around;

	make_chain(3, path);
	ck_assert_int_eq(segment_igp_new(&g, &igp, &err), PCE_OK);
	segment_list_free(&list);
	ck_assert_int_eq(segment_compile(igp, path, 2, &with_service, &list, &report, &err),
			 PCE_OK);
	ck_assert_uint_eq(list.n, 1);
	segment_list_free(&list);
	g.links[path[1]].igp_metric = 30;
	around = graph_link(&g, 0, 2, 20); /* shorter than the path, and a new row */
	graph_end_x(&g, around, 0x500, TED_BEHAVIOR_END_X);
	ck_assert_int_eq(segment_compile(igp, path, 2, &with_service, &list, &report, &err),
			 PCE_OK);
	ck_assert_int_eq(list.segments[0].kind, SEGMENT_END_X);
	segment_list_free(&list);
	g.links[path[1]].igp_metric = 5; /* an old row: the caller says so */
	segment_igp_reset(igp);
	ck_assert_int_eq(segment_compile(igp, path, 2, &with_service, &list, &report, &err),
			 PCE_OK);
	ck_assert_int_eq(list.segments[0].kind, SEGMENT_END);
	segment_igp_free(igp);
	segment_igp_free(NULL);
}
END_TEST

START_TEST(list_matches_again_until_the_network_changes)
{
	struct segment_options offline = { .service_sids = 1, .synthesise = true };
	ted_link path[2];
	bool same = false;
	char text[128];

	make_chain(3, path);
	for (ted_node k = 0; k < 3; k++)
		g.nodes[k].n_sids = 0;
	ck_assert_int_eq(compile(path, 2, &offline), PCE_OK);
	ck_assert_int_eq(
	    segment_list_matches(&g, 0, &list, path, 2, &same, text, sizeof(text), &err), PCE_OK);
	ck_assert(same);
	graph_link(&g, 0, 2, 20);
	ck_assert_int_eq(
	    segment_list_matches(&g, 0, &list, path, 2, &same, text, sizeof(text), &err), PCE_OK);
	ck_assert(!same);
	ck_assert_str_eq(text, "the packet also takes link A-C.4");
	segment_list_free(&list);
	segment_list_free(&list);
	segment_list_free(NULL);
}
END_TEST

static void
expect_lost(ted_node from, const uint8_t (*sids)[16], size_t n, const char *why)
{
	struct replay_result r = { 0 };

	ck_assert_int_eq(replay_run(&g, from, sids, n, NULL, 0, &r, &err), PCE_OK);
	ck_assert(!r.delivered);
	ck_assert_str_eq(r.text, why);
	replay_result_free(&r);
}

START_TEST(replay_lost_packet_says_where_and_why)
{
	uint8_t sids[2][16];
	ted_link path[2];

	make_chain(3, path);
	memcpy(sids[0], g.node_sids[2][0].sid, 16);
	sids[0][7] = 9;
	expect_lost(0, (const uint8_t(*)[16])sids, 1,
		    "C owns the locator of fcbb:bb00:3:9:: but no such SID");
	sids[0][3] = 7;
	expect_lost(0, (const uint8_t(*)[16])sids, 1, "A has no route to fcbb:bb07:3:9::");
	memcpy(sids[0], g.link_sids[path[1]][0].sid, 16);
	g.links[path[1]].unusable = TED_UNUSABLE_DOWN;
	expect_lost(0, (const uint8_t(*)[16])sids, 1,
		    "link B-C.2 of fcbb:bb00:2:102:: is not usable");
	g.nodes[0].unusable = TED_UNUSABLE_FAILED;
	expect_lost(0, (const uint8_t(*)[16])sids, 1, "A is not usable");
	ck_assert_int_eq(replay_run(&g, 77, NULL, 0, NULL, 0, NULL, &err), PCE_INVALID);
	ck_assert_int_eq(replay_run(&g, 0, NULL, 0, NULL, 0, NULL, &err), PCE_INVALID);
}
END_TEST

START_TEST(replay_circle_of_free_links_is_lost)
{
	uint8_t sids[1][16];
	ted_link path[2];
	struct replay_result r = { 0 };

	make_chain(3, path);
	memcpy(sids[0], g.node_sids[2][0].sid, 16);
	graph_fibre(&g, 0, 2, 10); /* A and B, a free link apart, both reach C directly */
	g.links[path[0]].igp_metric = g.links[path[0] + 1].igp_metric = 0;
	ck_assert_int_eq(replay_run(&g, 0, (const uint8_t(*)[16])sids, 1, NULL, 0, &r, &err),
			 PCE_OK);
	ck_assert(!r.delivered);
	ck_assert_ptr_nonnull(strstr(r.text, "circle through"));
	replay_result_free(&r);
}
END_TEST

START_TEST(replay_anycast_sid_ends_at_several_nodes)
{
	struct replay_result r = { 0 };
	uint8_t sids[1][16];

	graph_init(&g);
	for (unsigned k = 0; k < 3; k++)
		graph_node(&g);
	graph_fibre(&g, 0, 1, 10);
	graph_fibre(&g, 0, 2, 10);
	memcpy(sids[0], graph_end(&g, 1, 1, TED_BEHAVIOR_END)->sid, 16);
	memcpy(graph_end(&g, 2, 1, TED_BEHAVIOR_END)->sid, sids[0], 16);
	ck_assert_int_eq(replay_run(&g, 0, (const uint8_t(*)[16])sids, 1, NULL, 0, &r, &err),
			 PCE_OK);
	ck_assert(!r.delivered);
	ck_assert_uint_eq(r.end, TED_NONE);
	ck_assert_uint_eq(r.n_links, 2);
	ck_assert_str_eq(r.text, "the packet ends at more than one node");
	replay_result_free(&r);
}
END_TEST

START_TEST(replay_service_sid_ends_the_list)
{
	struct replay_result r = { 0 };
	uint8_t sids[2][16];
	ted_link path[2];

	make_chain(3, path);
	memcpy(sids[0], g.node_sids[2][0].sid, 16);
	memcpy(sids[1], graph_end(&g, 2, 0xd6, TED_BEHAVIOR_END_DT6)->sid, 16);
	ck_assert_int_eq(replay_run(&g, 0, (const uint8_t(*)[16])sids, 2, NULL, 0, &r, &err),
			 PCE_OK);
	ck_assert(r.delivered);
	ck_assert_uint_eq(r.end, 2);
	ck_assert_uint_eq(r.n_links, 2);
	replay_result_free(&r);
	memcpy(sids[0], sids[1], 16);
	expect_lost(0, (const uint8_t(*)[16])sids, 2,
		    "C executes fcbb:bb00:3:d6:: in a way that ends the list");
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("segment");

	tcase_add_test(t, compile_unique_shortest_path_is_one_end);
	tcase_add_test(t, compile_parallel_links_is_end_x);
	tcase_add_test(t, compile_end_x_without_usd_is_not_last_without_service);
	tcase_add_test(t, compile_several_sids_takes_the_first_of_the_ladder);
	tcase_add_test(t, compile_untold_behaviour_is_plain_and_assumed);
	tcase_add_test(t, compile_local_end_x_follows_its_nodes_sid);
	tcase_add_test(t, compile_next_csid_with_argument_is_not_used);
	tcase_add_test(t, compile_sid_in_a_foreign_locator_is_not_used);
	tcase_add_test(t, compile_sid_of_two_nodes_is_not_used);
	tcase_add_test(t, compile_same_locator_in_another_area_is_no_conflict);
	tcase_add_test(t, compile_missing_sids_names_node_and_link);
	tcase_add_test(t, compile_lan_is_crossed_by_end_sids_only);
	tcase_add_test(t, compile_bad_path_is_invalid);
	tcase_add_test(t, compile_headend_limit_counts_the_service_sid);
	tcase_add_test(t, compile_segments_left_limit_is_on_arrival);
	tcase_add_test(t, compile_end_d_limit_is_the_endpoints);
	tcase_add_test(t, compile_popped_srh_needs_end_pop_but_no_end_d);
	tcase_add_test(t, compile_absent_msd_is_assumed_or_strict);
	tcase_add_test(t, compile_endpoint_limit_is_gone_around);
	tcase_add_test(t, synthesise_gives_distinct_sids_off_every_prefix);
	tcase_add_test(t, synthesise_leaves_real_sids_alone);
	tcase_add_test(t, igp_is_forgotten_by_reset_and_by_new_rows);
	tcase_add_test(t, list_matches_again_until_the_network_changes);
	tcase_add_test(t, replay_lost_packet_says_where_and_why);
	tcase_add_test(t, replay_circle_of_free_links_is_lost);
	tcase_add_test(t, replay_anycast_sid_ends_at_several_nodes);
	tcase_add_test(t, replay_service_sid_ends_the_list);
	return suite_run("segment", t, 30);
}
