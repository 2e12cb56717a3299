/* Each allocation of a compilation and of a replay made to fail in turn. */
#include <string.h>

#include "pce/segment/compile.h"
#include "pce/segment/replay.h"
#include "tests/segment/graph.h"
#include "tests/support/failing.h"
#include "tests/support/suite.h"

static struct ted g;
static struct pce_error err;

/* Four hops; one has a second fibre, one node no SIDs, one an MSD that asks for another list. */
static void
make_network(ted_link path[4])
{
	graph_init(&g);
	for (unsigned k = 0; k < 5; k++)
		graph_node(&g);
	for (ted_node k = 0; k < 4; k++)
		path[k] = graph_fibre(&g, k, k + 1, 10);
	graph_fibre(&g, 1, 2, 10);
	graph_sids(&g);
	g.nodes[4].n_sids = 0;
	g.link_sids[path[1]][0].behavior = TED_BEHAVIOR_END_X_PSP;
	graph_end_x(&g, path[1], 0x900, TED_BEHAVIOR_END_X_USD);
	graph_msd(&g, 1, TED_MSD_SEGMENTS_LEFT, 2);
	graph_msd(&g, 1, TED_MSD_END_POP, 1);
}

static enum pce_status
attempt(const ted_link path[4], unsigned fail_at, struct segment_list *list)
{
	struct segment_options options = { .service_sids = 1, .synthesise = true };
	struct segment_report report;
	struct segment_igp *igp = NULL;
	enum pce_status st;

	failing_at(fail_at);
	st = segment_igp_new(&g, &igp, &err);
	if (st == PCE_OK)
		st = segment_compile(igp, path, 4, &options, list, &report, &err);
	failing_stop();
	segment_igp_free(igp);
	return st;
}

START_TEST(compile_without_memory_leaves_nothing_behind)
{
	struct segment_list list = { 0 };
	enum pce_status st = PCE_NO_MEMORY;
	ted_link path[4];
	unsigned failed = 0;

	make_network(path);
	for (unsigned k = 1; st == PCE_NO_MEMORY && k < 1000; k++) {
		st = attempt(path, k, &list);
		failed += st == PCE_NO_MEMORY;
		ck_assert(st == PCE_OK || (list.segments == NULL && list.n == 0));
	}
	ck_assert_int_eq(st, PCE_OK);
	ck_assert_uint_gt(failed, 20);
	segment_list_free(&list);
}
END_TEST

START_TEST(compile_goes_on_with_an_igp_that_once_had_no_memory)
{
	struct segment_options options = { .service_sids = 1, .synthesise = true };
	enum pce_status st = PCE_NO_MEMORY;
	struct segment_list list = { 0 };
	struct segment_report report;
	struct segment_igp *igp;
	ted_link path[4];

	make_network(path);
	ck_assert_int_eq(segment_igp_new(&g, &igp, &err), PCE_OK);
	for (unsigned k = 1; st == PCE_NO_MEMORY && k < 1000; k++) {
		failing_at(k);
		st = segment_compile(igp, path, 4, &options, &list, &report, &err);
		failing_stop();
	}
	ck_assert_int_eq(st, PCE_OK);
	segment_list_free(&list);
	segment_igp_free(igp);
}
END_TEST

START_TEST(replay_without_memory_leaves_nothing_behind)
{
	struct replay_result r = { .end = 77 };
	enum pce_status st = PCE_NO_MEMORY;
	uint8_t sids[1][16];
	ted_link path[4];

	make_network(path);
	memcpy(sids[0], g.node_sids[3][0].sid, 16);
	for (unsigned k = 1; st == PCE_NO_MEMORY && k < 1000; k++) {
		failing_at(k);
		st = replay_run(&g, 0, (const uint8_t(*)[16])sids, 1, NULL, 0, &r, &err);
		failing_stop();
		ck_assert(st == PCE_OK || (r.end == 77 && r.links == NULL));
	}
	ck_assert_int_eq(st, PCE_OK);
	ck_assert_uint_eq(r.n_links, 4);
	replay_result_free(&r);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("memory");

	tcase_add_test(t, compile_without_memory_leaves_nothing_behind);
	tcase_add_test(t, compile_goes_on_with_an_igp_that_once_had_no_memory);
	tcase_add_test(t, replay_without_memory_leaves_nothing_behind);
	return suite_run("memory", t, 30);
}
