/* Single facts of compressed SIDs: what fits a container, what must not, and how it reads. */
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
	ck_assert_int_eq(segment_igp_new(&g, &igp, &err), PCE_OK);
	st = segment_compile(igp, path, n, options, &list, &report, &err);
	segment_igp_free(igp);
	return st;
}

/* A SID of parts of so many bits behind the block fcbb:bb00::, with all of the rest for arguments.
 */
static void
shape(struct ted_sid *sid, uint8_t block, uint8_t node_bits, uint8_t function_bits, uint64_t value,
      bool end_x)
{
	unsigned width = node_bits + function_bits;

	memset(sid->sid, 0, 16);
	memcpy(sid->sid, (const uint8_t[]){ 0xfc, 0xbb, 0xbb, 0 }, 4);
	for (unsigned k = 0; k < width / 8u; k++)
		sid->sid[block / 8u + k] = (uint8_t)(value >> (width - 8 * (k + 1)));
	sid->structure = (struct ted_sid_structure){ block, node_bits, function_bits,
						     (uint8_t)(128 - block - width) };
	sid->behavior = end_x ? TED_BEHAVIOR_END_X_NEXT_CSID : TED_BEHAVIOR_END_NEXT_CSID;
}

/* A ladder of n nodes, two links a hop, that has no SIDs. path gets the first of the links. */
static void
make_ladder(uint32_t n, ted_link *path, uint8_t block)
{
	graph_init(&g);
	for (uint32_t k = 0; k < n; k++)
		graph_node(&g);
	for (uint32_t k = 0; k + 1 < n; k++) {
		path[k] = graph_fibre(&g, k, k + 1, 10);
		graph_fibre(&g, k, k + 1, 10);
	}
	for (ted_node k = 0; k < n; k++) {
		struct ted_prefix_row *p = &g.prefixes[k][0];
		struct ted_sid *end = graph_end(&g, k, 0, 0);

		shape(end, block, 16, 0, 0x100u + k, false);
		graph_locator(&g, k);
		memcpy(p->prefix.addr.octets, end->sid, 16);
		p->prefix.len = (uint8_t)(block + 16);
	}
	for (ted_link k = 0; k < g.n_links; k++)
		shape(graph_end_x(&g, k, 0, 0), block, 0, 16, 0xe000u + k, true);
}

static void
expect_size(const ted_link *path, size_t n, size_t containers, size_t csids)
{
	ck_assert_msg(compile(path, n, &with_service) == PCE_OK, "%s", err.text);
	ck_assert_msg(list.n == containers && list.n_csids == csids, "%zu C-SIDs in %zu containers",
		      list.n_csids, list.n);
}

START_TEST(csid_container_holds_six_behind_a_block_of_32_and_five_behind_48)
{
	ted_link path[9];

	make_ladder(8, path, 32);
	expect_size(path, 6, 1, 6);
	expect_size(path, 7, 2, 7);
	make_ladder(8, path, 48);
	expect_size(path, 5, 1, 5);
	expect_size(path, 6, 2, 6);
	make_ladder(8, path, 96);
	expect_size(path, 3, 2, 3);
	make_ladder(8, path, 112); /* no room for an argument */
	expect_size(path, 3, 3, 3);
}
END_TEST

START_TEST(csid_container_reads_block_then_csids_in_order)
{
	static const uint8_t octets[16] = { 0xfc, 0xbb, 0xbb, 0, 0xe0, 0, 0xe0, 4 };
	ted_link path[2];

	make_ladder(3, path, 32);
	expect_size(path, 2, 1, 2);
	ck_assert_mem_eq(list.segments[0].sid, octets, 16);
	ck_assert_uint_eq(list.segments[0].behavior, TED_BEHAVIOR_END_X_NEXT_CSID);
	ck_assert_uint_eq(list.segments[0].link, path[0]);
	ck_assert_uint_eq(list.segments[0].n_csids, 2);
	ck_assert_uint_eq(list.csids[1].link, path[1]);
	ck_assert_uint_eq(list.csids[1].width, 16);
}
END_TEST

START_TEST(csid_wide_ones_take_two_places)
{
	ted_link path[4];

	make_ladder(5, path, 32);
	for (ted_link k = 0; k < g.n_links; k++)
		shape(&g.link_sids[k][0], 32, 16, 16,
		      (0x100ull + g.links[k].from) << 16 | 0xe000 | k, true);
	expect_size(path, 3, 1, 3);
	expect_size(path, 4, 2, 4);
}
END_TEST

START_TEST(csid_local_end_x_needs_its_node_before_it)
{
	ted_link path[2];

	make_ladder(3, path, 32);
	g.links[path[0] + 2].unusable = g.links[path[0] + 3].unusable = TED_UNUSABLE_DOWN;
	expect_size(path, 2, 1, 2); /* End of B, or B's link from A, then the local End.X of B */
	ck_assert_uint_eq(list.csids[1].link, path[1]);
	g.nodes[1].n_sids = 0;
	g.links[path[0]].n_sids = 0;
	ck_assert_int_eq(compile(path, 2, &with_service), PCE_UNSUPPORTED);
}
END_TEST

START_TEST(csid_odd_structure_stands_alone)
{
	ted_link path[2];

	make_ladder(3, path, 32);
	g.link_sids[path[0]][0].structure.argument = 0;
	expect_size(path, 2, 2, 2);
	g.link_sids[path[0]][0].structure = (struct ted_sid_structure){ 0 };
	expect_size(path, 2, 2, 2);
	g.link_sids[path[0]][0].structure = (struct ted_sid_structure){ 32, 0, 12, 84 };
	expect_size(path, 2, 2, 2);
	make_ladder(3, path, 32);
	shape(&g.link_sids[path[0]][0], 32, 0, 16, 0, true); /* 0 ends a container */
	ck_assert_int_ne(compile(path, 2, &with_service), PCE_INTERNAL);
	ck_assert(!list.n || list.n == 2);
}
END_TEST

START_TEST(csid_plain_ones_stand_between_containers)
{
	ted_link path[5];

	make_ladder(6, path, 32);
	g.link_sids[path[2]][0].behavior = TED_BEHAVIOR_END_X;
	expect_size(path, 5, 3, 5);
	ck_assert_uint_eq(list.segments[0].n_csids, 2);
	ck_assert_uint_eq(list.segments[1].n_csids, 1);
	ck_assert_uint_eq(list.segments[2].n_csids, 2);
}
END_TEST

START_TEST(csid_of_another_block_opens_a_container)
{
	ted_link path[4];

	make_ladder(5, path, 32);
	for (ted_node k = 2; k < 5; k++) {
		g.node_sids[k][0].sid[3] = 1;
		g.prefixes[k][0].prefix.addr.octets[3] = 1;
	}
	for (ted_link k = 0; k < g.n_links; k++)
		g.link_sids[k][0].sid[3] = g.links[k].from >= 2;
	expect_size(path, 4, 2, 4);
	ck_assert_uint_eq(list.segments[1].sid[3], 1);
}
END_TEST

/* A chain of three, End SIDs 0100, 0101, 0102, where the list is End of B, then B's second link. */
static void
make_chain_with_choice(ted_link path[2])
{
	make_ladder(3, path, 32);
	g.links[path[0] + 2].unusable = g.links[path[0] + 3].unusable = TED_UNUSABLE_DOWN;
	g.links[path[0]].n_sids = 0;
}

START_TEST(csid_that_others_would_take_stands_alone)
{
	ted_link path[2];

	make_chain_with_choice(path);
	expect_size(path, 2, 1, 2);
	/* C has a SID inside of B's arguments. */
	graph_end(&g, 2, 0, TED_BEHAVIOR_END);
	memcpy(g.node_sids[2][1].sid, g.node_sids[1][0].sid, 16);
	g.node_sids[2][1].sid[15] = 9;
	expect_size(path, 2, 2, 2);
	/* A's local identifier is what B is called: A would take it for its own. */
	make_chain_with_choice(path);
	shape(graph_end_x(&g, graph_fibre(&g, 0, graph_node(&g), 10), 0, 0), 32, 0, 16, 0x101,
	      true);
	ck_assert_int_eq(compile(path, 2, &with_service), PCE_UNSUPPORTED);
	make_chain_with_choice(path);
	shape(graph_end_x(&g, graph_fibre(&g, 0, graph_node(&g), 10), 0, 0), 32, 0, 16, 0x101,
	      true);
	shape(&g.node_sids[1][0], 32, 16, 16, 0x1010001, false); /* longer, but A does not care */
	ck_assert_int_eq(compile(path, 2, &with_service), PCE_UNSUPPORTED);
	make_chain_with_choice(path);
	g.prefixes[2][1] = g.prefixes[1][0]; /* C attracts a part of B's arguments */
	g.prefixes[2][1].prefix.addr.octets[6] = 0xe0;
	g.prefixes[2][1].prefix.len = 56;
	g.nodes[2].n_prefixes = 2;
	expect_size(path, 2, 2, 2);
}
END_TEST

START_TEST(csid_neighbours_that_make_another_sid_are_parted)
{
	ted_link path[2];

	make_chain_with_choice(path);
	/* B has a SID 0101:e004 of its own, over the other link. */
	shape(graph_end_x(&g, path[1] + 2, 0, 0), 32, 16, 16, 0x1010000u | (0xe000u + path[1]),
	      true);
	expect_size(path, 2, 2, 2);
}
END_TEST

START_TEST(csid_container_is_one_for_every_limit)
{
	ted_link path[6];

	make_ladder(7, path, 32);
	graph_msd(&g, 0, TED_MSD_H_ENCAPS, 2);
	graph_msd(&g, 3, TED_MSD_SEGMENTS_LEFT, 1);
	graph_msd(&g, 6, TED_MSD_END_D, 2);
	expect_size(path, 6, 1, 6);
	ck_assert_uint_eq(report.limit, 2);
	g.msds[3][0].value = 0; /* it only shifts, but the header says one left */
	ck_assert_int_eq(compile(path, 6, &with_service), PCE_LIMIT);
	ck_assert_uint_eq(report.limit_node, 3);
}
END_TEST

START_TEST(csid_made_up_ones_are_global_and_local)
{
	struct segment_options offline = { .service_sids = 1,
					   .synthesise = true,
					   .synthesise_csids = true };
	static const uint8_t octets[16] = { 0xfc, 0xbb, 0xbb, 0, 0xe0, 0, 0xe0, 2, 0, 4 };
	ted_link path[3];
	bool same;
	char text[128];

	make_ladder(4, path, 32);
	for (ted_node k = 0; k < 4; k++)
		g.nodes[k].n_sids = g.nodes[k].n_prefixes = 0;
	for (ted_link k = 0; k < g.n_links; k++)
		g.links[k].n_sids = 0;
	for (ted_link k = 10; k < 12; k++)
		g.links[k].unusable = TED_UNUSABLE_DOWN;
	ck_assert_int_eq(compile(path, 3, &offline), PCE_OK);
	ck_assert_uint_eq(list.n, 1);
	ck_assert_mem_eq(list.segments[0].sid, octets, 16);
	ck_assert(list.csids[0].local && !list.csids[2].local && report.sids_assumed);
	graph_link(&g, 2, 3, 10);
	ck_assert_int_eq(
	    segment_list_matches(&g, 0, &list, path, 3, &same, text, sizeof(text), &err), PCE_OK);
	ck_assert(!same);
	ck_assert_str_eq(text, "the packet also takes link C-D.12");
}
END_TEST

START_TEST(csid_replay_shifts_and_says_where_it_is_lost)
{
	struct replay_result r = { 0 };
	uint8_t sids[1][16] = { { 0xfc, 0xbb, 0xbb, 0, 1, 1, 0xe0, 4, 0xe0, 0x77 } };
	ted_link path[2];

	make_ladder(3, path, 32);
	ck_assert_int_eq(replay_run(&g, 0, (const uint8_t(*)[16])sids, 1, NULL, 0, &r, &err),
			 PCE_OK);
	ck_assert(!r.delivered);
	ck_assert_str_eq(r.text, "C has no route to fcbb:bb00:e077::");
	ck_assert_uint_eq(r.width, 2);
	ck_assert_uint_eq(r.n_links, 3);
	ck_assert_uint_eq(r.links[0], path[0]);
	ck_assert_uint_eq(r.shares[0], REPLAY_WHOLE / 2);
	ck_assert_uint_eq(r.links[2], path[1]);
	ck_assert_uint_eq(r.shares[2], REPLAY_WHOLE);
	replay_result_free(&r);
	sids[0][8] = sids[0][9] = 0;
	ck_assert_int_eq(replay_run(&g, 0, (const uint8_t(*)[16])sids, 1, NULL, 0, &r, &err),
			 PCE_OK);
	ck_assert(r.delivered);
	ck_assert_uint_eq(r.end, 2);
	replay_result_free(&r);
}
END_TEST

START_TEST(csid_in_a_locator_of_another_algorithm_is_not_used)
{
	ted_link path[2];

	make_chain_with_choice(path);
	expect_size(path, 2, 1, 2);
	g.prefixes[1][0].locator.algorithm = 128;
	ck_assert_int_eq(compile(path, 2, &with_service), PCE_UNSUPPORTED);
}
END_TEST

START_TEST(csid_replace_flavour_of_an_odd_structure_is_named)
{
	ted_link path[2];

	make_chain_with_choice(path);
	g.node_sids[1][0].behavior = 101;
	g.node_sids[1][0].structure.argument = 1;
	ck_assert_int_eq(compile(path, 2, &with_service), PCE_UNSUPPORTED);
	ck_assert_ptr_nonnull(strstr(report.text, "REPLACE-CSID SID of a structure"));
}
END_TEST

START_TEST(csid_longer_route_comes_before_the_own_sid)
{
	struct replay_result r = { 0 };
	uint8_t sids[1][16] = { { 0xfc, 0xbb, 0xbb, 0, 1, 1, 0xe0, 4 } };
	ted_link path[2];

	make_chain_with_choice(path);
	g.prefixes[2][1] = g.prefixes[1][0]; /* C attracts a part of B's arguments */
	g.prefixes[2][1].prefix.addr.octets[6] = 0xe0;
	g.prefixes[2][1].prefix.len = 56;
	g.nodes[2].n_prefixes = 2;
	ck_assert_int_eq(replay_run(&g, 0, (const uint8_t(*)[16])sids, 1, NULL, 0, &r, &err),
			 PCE_OK);
	ck_assert(!r.delivered);
	ck_assert_str_eq(r.text, "C owns the locator of fcbb:bb00:101:e004:: but no such SID");
	replay_result_free(&r);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("csid");

	tcase_add_test(t, csid_container_holds_six_behind_a_block_of_32_and_five_behind_48);
	tcase_add_test(t, csid_container_reads_block_then_csids_in_order);
	tcase_add_test(t, csid_wide_ones_take_two_places);
	tcase_add_test(t, csid_local_end_x_needs_its_node_before_it);
	tcase_add_test(t, csid_odd_structure_stands_alone);
	tcase_add_test(t, csid_plain_ones_stand_between_containers);
	tcase_add_test(t, csid_of_another_block_opens_a_container);
	tcase_add_test(t, csid_that_others_would_take_stands_alone);
	tcase_add_test(t, csid_neighbours_that_make_another_sid_are_parted);
	tcase_add_test(t, csid_container_is_one_for_every_limit);
	tcase_add_test(t, csid_made_up_ones_are_global_and_local);
	tcase_add_test(t, csid_in_a_locator_of_another_algorithm_is_not_used);
	tcase_add_test(t, csid_replace_flavour_of_an_odd_structure_is_named);
	tcase_add_test(t, csid_longer_route_comes_before_the_own_sid);
	tcase_add_test(t, csid_replay_shifts_and_says_where_it_is_lost);
	return suite_run("csid", t, 30);
}
