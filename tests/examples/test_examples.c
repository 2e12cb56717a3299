/* The example files are read as they stand, and every path on them has a segment list. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/codec/intent.h"
#include "models/import/import.h"
#include "pce/policy/place.h"
#include "pce/policy/request.h"
#include "tests/support/suite.h"

#define HOPS 8

static struct codec *codec;
static struct pce_error err;

static const char *
example(const char *name)
{
	static char path[4096];
	const char *top = getenv("KARST_SRCDIR");

	snprintf(path, sizeof(path), "%s/examples/%s", top ? top : ".", name);
	return path;
}

static struct ted *
read_network(const char *name)
{
	struct codec_topology topology = { 0 };
	const struct ted_change *changes;
	struct ted *ted;
	size_t n;

	ck_assert_msg(import_topology_file(codec, example(name), NULL, &topology, &err) == PCE_OK,
		      "%s", err.text);
	for (size_t k = 0; k < topology.n_assumed; k++)
		printf("%s: %s\n", name, topology.assumed[k]);
	ck_assert_uint_eq(topology.n_assumed, 0);
	ck_assert_int_eq(ted_new(&ted, 1, &err), PCE_OK);
	ck_assert_int_eq(ted_apply(ted, (struct ted_source){ TED_SOURCE_FILE, 0 }, topology.deltas,
				   topology.n, &err),
			 PCE_OK);
	ck_assert_int_eq(ted_settle(ted, &changes, &n, &err), PCE_OK);
	codec_topology_free(&topology);
	return ted;
}

static void
expect_size(const struct ted *ted, uint64_t nodes, uint64_t links)
{
	struct ted_counters count;

	ted_count(ted, &count);
	ck_assert_uint_eq(count.usable_nodes, nodes);
	ck_assert_uint_eq(count.usable_links, links);
	for (ted_link k = 0; k < ted_link_count(ted); k++) {
		const struct ted_link_row *row = ted_link_at(ted, k);

		ck_assert_uint_eq(ted_link_at(ted, row->reverse)->reverse, k);
		ck_assert(row->has_delay && row->has_capacity && row->has_availability);
	}
}

/* Random simple paths; every one must have a list without a made-up SID. */
static void
expect_lists(const struct ted *ted)
{
	struct segment_options options = { .service_sids = 1 };
	struct segment_igp *igp;
	uint64_t random = 1;

	ck_assert_int_eq(segment_igp_new(ted, &igp, &err), PCE_OK);
	for (unsigned p = 0; p < 2000; p++) {
		ted_node visited[HOPS + 1], at = suite_below(&random, ted_node_count(ted));
		struct segment_list list = { 0 };
		struct segment_report report;
		ted_link path[HOPS];
		enum pce_status st;
		size_t n = 0;

		for (bool again = false; n < HOPS && !again;) {
			size_t n_out;
			const ted_link *out = ted_links_out(ted, at, &n_out);
			ted_link link = out[suite_below(&random, (uint32_t)n_out)];

			visited[n] = at;
			for (size_t k = 0; k <= n; k++)
				again |= visited[k] == ted_link_at(ted, link)->to;
			if (again)
				break;
			path[n++] = link;
			at = ted_link_at(ted, link)->to;
		}
		if (!n)
			continue;
		st = segment_compile(igp, path, n, &options, &list, &report, &err);
		ck_assert_msg(st == PCE_OK || st == PCE_LIMIT, "%s", err.text);
		ck_assert(!report.sids_assumed);
		segment_list_free(&list);
	}
	segment_igp_free(igp);
}

static void
expect_ends(const struct ted *ted, const struct intent *intent)
{
	ted_node node;

	ck_assert_msg(ted_find_node(ted, intent->from, &node, &err) == PCE_OK, "%s", err.text);
	ck_assert_msg(ted_find_node(ted, intent->to, &node, &err) == PCE_OK, "%s", err.text);
	if (intent->service_sid.family == IP_NONE)
		return;
	for (size_t k = 0; k < ted_node_at(ted, node)->n_sids; k++)
		if (memcmp(ted_node_at(ted, node)->sids[k].sid, intent->service_sid.octets, 16) ==
		    0)
			return;
	ck_abort_msg("intent %s: its service SID is not %s's", intent->id, intent->to);
}

/* Each direction has a path, and with a pair asked for two of them. */
static void
expect_placed(struct ted *ted, const struct intent *intent, bool backward)
{
	struct segment_options options = { .service_sids = 1 };
	struct placement placement = { 0 };
	struct arena arena = { 0 };
	struct path_request request;
	struct placer placer;

	ck_assert_msg(intent_request(ted, intent, backward, &arena, &request, &err) == PCE_OK, "%s",
		      err.text);
	ck_assert_int_eq(path_engine_new(ted, &placer.engine, &err), PCE_OK);
	ck_assert_int_eq(segment_igp_new(ted, &placer.igp, &err), PCE_OK);
	ck_assert_msg(place_compute(&placer, &request, &options, PLACE_PAIR_STRICT, &placement,
				    &err) == PCE_OK,
		      "%s", err.text);
	ck_assert_msg(placement.answer.n_routes == (intent->disjoint ? 2 : 1), "intent %s: %s",
		      intent->id, placement.answer.no_path.text);
	placement_free(&placement);
	segment_igp_free(placer.igp);
	path_engine_free(placer.engine);
	arena_free(&arena);
}

static void
expect_intents(struct ted *ted, const char *name, size_t expected)
{
	const struct intent *const *intents;
	struct arena arena = { 0 };
	char *text;
	size_t len, n;

	ck_assert_int_eq(codec_file_read(example(name), 0, &text, &len, &err), PCE_OK);
	ck_assert_msg(codec_intent_parse(codec, text, len, &arena, &intents, &n, &err) == PCE_OK,
		      "%s", err.text);
	ck_assert_uint_eq(n, expected);
	for (size_t k = 0; k < n; k++) {
		expect_ends(ted, intents[k]);
		expect_placed(ted, intents[k], false);
		if (intents[k]->bidirectional)
			expect_placed(ted, intents[k], true);
	}
	free(text);
	arena_free(&arena);
}

/* The route of an objective from r1 to r5, as "r1 r3 r5". */
static void
expect_route(const struct ted *ted, enum path_objective objective, const char *nodes)
{
	struct path_answer answer = { 0 };
	struct path_engine *engine;
	struct path_request request;
	ted_node from, to;
	char text[64];
	size_t used;

	ck_assert_int_eq(ted_find_node(ted, "r1", &from, &err), PCE_OK);
	ck_assert_int_eq(ted_find_node(ted, "r5", &to, &err), PCE_OK);
	request = path_request_init(from, to, objective);
	ck_assert_int_eq(path_engine_new(ted, &engine, &err), PCE_OK);
	ck_assert_int_eq(path_compute(engine, &request, &answer, &err), PCE_OK);
	ck_assert_uint_eq(answer.n_routes, 1);
	used = (size_t)snprintf(text, sizeof(text), "r1");
	for (size_t k = 0; k < answer.routes[0].n_links; k++)
		used += (size_t)snprintf(
		    text + used, sizeof(text) - used, " %s",
		    ted_node_at(ted, ted_link_at(ted, answer.routes[0].links[k])->to)->name);
	ck_assert_str_eq(text, nodes);
	path_answer_free(&answer);
	path_engine_free(engine);
}

START_TEST(guangxi_is_read_without_assumptions)
{
	struct ted *ted = read_network("guangxi/topology.yaml");

	expect_size(ted, 286, 1192);
	expect_lists(ted);
	expect_intents(ted, "guangxi/intents.yaml", 8);
	ted_free(ted);
}
END_TEST

START_TEST(triangle_is_read_without_assumptions)
{
	struct ted *ted = read_network("triangle/topology.yaml");

	expect_size(ted, 5, 16);
	expect_lists(ted);
	expect_intents(ted, "triangle/intents.yaml", 3);
	expect_route(ted, PATH_DELAY, "r1 r3 r5");
	expect_route(ted, PATH_BANDWIDTH, "r1 r2 r4 r5");
	expect_route(ted, PATH_AVAILABILITY, "r1 r2 r3 r5");
	ted_free(ted);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("examples");
	int status;

	if (codec_new(NULL, &codec, &err) != PCE_OK) {
		fprintf(stderr, "%s\n", err.text);
		return EXIT_FAILURE;
	}
	tcase_add_test(t, guangxi_is_read_without_assumptions);
	tcase_add_test(t, triangle_is_read_without_assumptions);
	status = suite_run("examples", t, 60);
	codec_free(codec);
	return status;
}
