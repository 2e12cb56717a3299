/* Importers: GraphML's rules, bad files, the Internet Topology Zoo, and the way into the database
 * and out again. */
#define _POSIX_C_SOURCE 200809L
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/import/import.h"
#include "models/import/view.h"
#include "pce/base/units.h"
#include "tests/models/codec_fixture.h"
#include "tests/support/suite.h"
#include "tests/support/temporary.h"

static void
read_ok(const char *text, struct codec_topology *out)
{
	struct pce_error err = { 0 };

	ck_assert_msg(import_topology(codec, text, strlen(text), NULL, out, &err) == PCE_OK, "%s",
		      err.text);
}

static const struct ted_delta *
find_link(const struct codec_topology *t, const char *name)
{
	for (size_t i = 0; i < t->n; i++) {
		if (t->deltas[i].object == TED_OBJECT_LINK &&
		    strcmp(t->deltas[i].attr.link.name, name) == 0)
			return &t->deltas[i];
	}
	ck_abort_msg("there is no link %s", name);
	return NULL;
}

static size_t
count(const struct codec_topology *t, enum ted_object object)
{
	size_t n = 0;

	for (size_t i = 0; i < t->n; i++)
		n += t->deltas[i].object == object;
	return n;
}

static bool
is_assumed(const struct codec_topology *t, const char *words)
{
	for (size_t i = 0; i < t->n_assumed; i++) {
		if (strstr(t->assumed[i], words))
			return true;
	}
	return false;
}

#define HEAD                                                                                       \
	"<?xml version=\"1.0\"?><graphml xmlns=\"http://graphml.graphdrawing.org/xmlns\">"         \
	"<key id=\"m\" for=\"edge\" attr.name=\"igp-metric\" attr.type=\"string\"/>"               \
	"<key id=\"t\" for=\"edge\" attr.name=\"te-metric\"><default>9</default></key>"            \
	"<key id=\"d\" for=\"edge\" attr.name=\"delay-us\" attr.type=\"double\"/>"                 \
	"<key id=\"c\" for=\"edge\" attr.name=\"LinkSpeedRaw\" attr.type=\"double\"/>"             \
	"<key id=\"C\" for=\"edge\" attr.name=\"capacity-bps\"/>"                                  \
	"<key id=\"r\" for=\"edge\" attr.name=\"residual-bps\"/>"                                  \
	"<key id=\"a\" for=\"all\" attr.name=\"availability\"/>"                                   \
	"<key id=\"f\" for=\"edge\" attr.name=\"affinity\"/>"                                      \
	"<key id=\"s\" for=\"all\" attr.name=\"srlg\"/>"                                           \
	"<key id=\"l\" for=\"node\" attr.name=\"label\"/>"                                         \
	"<key id=\"x\" for=\"node\" attr.name=\"Longitude\"/>"                                     \
	"<key id=\"y\" for=\"node\" attr.name=\"Latitude\"/>"
#define NODES "<node id=\"A\"/>\n<node id=\"B\"/>\n"
#define GRAPH(mode) HEAD "<graph edgedefault=\"" mode "\">\n" NODES
#define END "</graph></graphml>"

START_TEST(graphml_undirected_edge_is_two_links_and_one_risk)
{
	struct codec_topology t = { 0 };
	const struct ted_delta *there, *back;

	read_ok(GRAPH("undirected") "<edge id=\"e5\" source=\"A\" target=\"B\"/>" END, &t);
	ck_assert_uint_eq(count(&t, TED_OBJECT_LINK), 2);
	there = find_link(&t, "e5");
	back = find_link(&t, "e5~");
	ck_assert_ptr_eq(there->attr.link.reverse, &back->key.link);
	ck_assert_ptr_eq(back->attr.link.reverse, &there->key.link);
	ck_assert_int_eq(there->key.link.local.router_id[0], 'A');
	ck_assert_int_eq(back->key.link.local.router_id[0], 'B');
	codec_topology_free(&t);
}
END_TEST

START_TEST(graphml_directed_edges_stand_alone)
{
	struct codec_topology t = { 0 };

	read_ok(
	    GRAPH("directed") "<edge id=\"e\" source=\"A\" target=\"B\"/>"
			      "<edge id=\"f\" source=\"B\" target=\"A\"/>"
			      "<edge id=\"g\" source=\"B\" target=\"A\" directed=\"false\"/>" END,
	    &t);
	ck_assert_uint_eq(count(&t, TED_OBJECT_LINK), 4);
	ck_assert_ptr_null(find_link(&t, "e")->attr.link.reverse);
	ck_assert_ptr_null(find_link(&t, "f")->attr.link.reverse);
	ck_assert_ptr_nonnull(find_link(&t, "g~")->attr.link.reverse);
	codec_topology_free(&t);
}
END_TEST

START_TEST(graphml_edges_without_id_are_named_after_their_ends)
{
	struct codec_topology t = { 0 };

	read_ok(
	    GRAPH("undirected") "<edge source=\"A\" target=\"B\"/><edge source=\"A\" target=\"B\"/>"
				"<edge source=\"B\" target=\"A\"/>"
				"<edge source=\"A\" target=\"B\"/>" END,
	    &t);
	find_link(&t, "A-B");
	find_link(&t, "A-B~");
	find_link(&t, "A-B#2");
	find_link(&t, "A-B#3~");
	find_link(&t, "B-A");
	ck_assert_uint_eq(count(&t, TED_OBJECT_LINK), 8);
	codec_topology_free(&t);
}
END_TEST

START_TEST(graphml_keys_carry_the_values_of_leaves)
{
	struct codec_topology t = { 0 };
	const struct ted_link_attr *e, *f;

	read_ok(
	    GRAPH("directed") "<edge id=\"e\" source=\"A\" target=\"B\">"
			      "<data key=\"m\"> 10 </data><data key=\"d\">12.5</data>"
			      "<data key=\"c\">10000000000.0</data><data key=\"r\">3e9</data>"
			      "<data key=\"a\">0.99995</data><data key=\"f\">red  blue 7</data>"
			      "<data key=\"s\">duct-1 99</data></edge>"
			      "<edge id=\"f\" source=\"A\" target=\"B\"><data key=\"t\">4</data>"
			      "<data key=\"c\">1</data><data key=\"C\">2</data>"
			      "<data key=\"d\"></data></edge>" END,
	    &t);
	e = &find_link(&t, "e")->attr.link;
	ck_assert_uint_eq(e->present, TED_LINK_NAME | TED_LINK_IGP_METRIC | TED_LINK_TE_METRIC |
					  TED_LINK_DELAY | TED_LINK_CAPACITY |
					  TED_LINK_START_RESIDUAL | TED_LINK_AVAILABILITY |
					  TED_LINK_AFFINITY | TED_LINK_SRLG);
	ck_assert_uint_eq(e->igp_metric, 10);
	ck_assert_uint_eq(e->te_metric, 9); /* the key's default */
	ck_assert_uint_eq(e->delay_us, 13); /* up: the safe side */
	ck_assert_uint_eq(e->capacity_bps, 10000000000ULL);
	ck_assert_uint_eq(e->start_residual_bps, 3000000000ULL);
	ck_assert_uint_eq(e->unavailability_ppt, 50000000);
	ck_assert_uint_eq(e->affinity[0], 1u << 0 | 1u << 1 | 1u << 7);
	ck_assert_uint_eq(e->n_srlg, 2);
	ck_assert_uint_eq(e->srlg[1], 99);
	f = &find_link(&t, "f")->attr.link;
	ck_assert_uint_eq(f->te_metric, 4);
	ck_assert_uint_eq(f->capacity_bps, 2); /* the leaf's own name goes before LinkSpeedRaw */
	ck_assert_uint_eq(f->present & TED_LINK_DELAY, 0); /* empty is absent */
	ck_assert(is_assumed(&t, "affinity red has no bit: 0"));
	ck_assert(is_assumed(&t, "SRLG duct-1 has no number"));
	codec_topology_free(&t);
}
END_TEST

START_TEST(graphml_nodes_have_labels_and_positions)
{
	struct codec_topology t = { 0 };
	const struct ted_node_attr *a;

	read_ok(HEAD "<graph edgedefault=\"undirected\"><node id=\"a &amp; b&#x21;\">"
		     "<data key=\"l\">N\xc3\xbcrnberg &lt;1&gt;</data><data key=\"x\">11.07</data>"
		     "<data key=\"y\">49.45</data><data key=\"a\">0.5</data></node>"
		     "<node id=\"half\"><data key=\"x\">1</data></node>" END,
		&t);
	a = &t.deltas[0].attr.node;
	ck_assert_str_eq(a->name, "a & b!");
	ck_assert_str_eq(a->label, "N\xc3\xbcrnberg <1>");
	ck_assert(a->longitude > 11.06 && a->longitude < 11.08);
	ck_assert(a->latitude > 49.44 && a->latitude < 49.46);
	ck_assert_uint_eq(a->unavailability_ppt, PPT_ONE / 2);
	ck_assert_uint_eq(t.deltas[1].attr.node.present, TED_NODE_NAME);
	codec_topology_free(&t);
}
END_TEST

START_TEST(graphml_edge_to_itself_is_left_out_and_listed)
{
	struct codec_topology t = { 0 };

	read_ok(GRAPH("undirected") "<edge source=\"A\" target=\"A\"/>" END, &t);
	ck_assert_uint_eq(count(&t, TED_OBJECT_LINK), 0);
	ck_assert(is_assumed(&t, "edge A-A: self loop, left out"));
	codec_topology_free(&t);
}
END_TEST

static const struct {
	const char *text, *words;
	unsigned line;
} faults[] = {
	{ "<!DOCTYPE graphml [<!ENTITY a \"b\">]>\n<graphml><graph/></graphml>", "DTD is refused",
	  0 },
	{ "<!DOCTYPE graphml SYSTEM \"http://127.0.0.1/x\">\n<graphml><graph/></graphml>",
	  "DTD is refused", 0 },
	{ "<graphml><graph><node id=\"&bad;\"/></graph></graphml>", "not XML", 1 },
	{ "<graphml>\n<graph>\n", "not XML", 3 },
	{ "<network/>", "network", 1 },
	{ "<graphml/>", "no graph", 1 },
	{ "<graphml><graph/>\n<graph/></graphml>", "one graph", 2 },
	{ GRAPH("directed") "<edge source=\"A\" target=\"C\"/>" END, "there is no node C", 4 },
	{ GRAPH("directed") "<edge source=\"A\"/>" END, "source or target", 4 },
	{ GRAPH("directed") "<node id=\"A\"/>" END, "node A: the id is given twice", 4 },
	{ GRAPH("directed") "<node/>" END, "its id is missing", 4 },
	{ GRAPH("directed") "<edge id=\"e\" source=\"A\" target=\"B\"/>\n"
			    "<edge id=\"e\" source=\"B\" target=\"A\"/>" END,
	  "edge e: the id is given twice", 5 },
	{ GRAPH("undirected") "<edge id=\"e~\" source=\"A\" target=\"B\"/>\n"
			      "<edge id=\"e\" source=\"B\" target=\"A\"/>" END,
	  "the name of its reverse", 5 },
	{ GRAPH("directed") "<hyperedge/>" END, "hyperedges", 4 },
	{ GRAPH("directed") "<node id=\"C\"><graph/></node>" END, "within nodes", 4 },
	{ GRAPH("directed") "<edge id=\"e\" source=\"A\" target=\"B\">\n<data "
			    "key=\"m\">-5</data></edge>" END,
	  "edge e: igp-metric \"-5\" is not a whole number from 0 to 4294967295", 5 },
	{ GRAPH("directed") "<edge id=\"e\" source=\"A\" target=\"B\"><data "
			    "key=\"m\">fast</data></edge>" END,
	  "\"fast\"", 4 },
	{ GRAPH("directed") "<edge id=\"e\" source=\"A\" target=\"B\"><data "
			    "key=\"c\">1e30</data></edge>" END,
	  "\"1e30\"", 4 },
	{ GRAPH(
	      "directed") "<edge id=\"e\" source=\"A\" target=\"B\"><data key=\"d\">16777216</data>"
			  "</edge>" END,
	  "\"16777216\"", 4 },
	{ GRAPH("directed") "<edge id=\"e\" source=\"A\" target=\"B\"><data "
			    "key=\"a\">1.1</data></edge>" END,
	  "\"1.1\" is not a number from 0 to 1", 4 },
	{ GRAPH("directed") "<node id=\"C\"><data key=\"x\">181</data><data "
			    "key=\"y\">1</data></node>" END,
	  "from -180 to 180", 4 },
	{ "<svg></svg>", "svg", 1 },
};

START_TEST(graphml_bad_file_is_one_sentence_with_line)
{
	struct codec_topology t = { 0 };
	struct pce_error err = { 0 };

	ck_assert_int_ne(
	    import_topology(codec, faults[_i].text, strlen(faults[_i].text), NULL, &t, &err),
	    PCE_OK);
	ck_assert_ptr_null(t.deltas);
	ck_assert_msg(strstr(err.text, faults[_i].words) != NULL, "fault %d says: %s", _i,
		      err.text);
	ck_assert_msg(!faults[_i].line || err.line == faults[_i].line, "fault %d is on line %u: %s",
		      _i, err.line, err.text);
}
END_TEST

START_TEST(import_format_is_told_by_content)
{
	static const char yaml[] = "# a comment\ntopology:\n  node: [{name: A}]\n";
	static const char json[] =
	    "\xef\xbb\xbf \n{\"karst-topology:topology\":{\"node\":[{\"name\":\"A\"}]}}";
	static const char xml[] = " \n<graphml><graph><node id=\"A\"/></graph></graphml>";
	const char *const texts[] = { yaml, json, xml };

	for (size_t i = 0; i < 3; i++) {
		struct codec_topology t = { 0 };

		read_ok(texts[i], &t);
		ck_assert_uint_eq(t.n, 1);
		ck_assert_str_eq(t.deltas[0].attr.node.name, "A");
		codec_topology_free(&t);
	}
}
END_TEST

START_TEST(import_file_fault_begins_with_file_and_line)
{
	struct codec_topology t = { 0 };
	struct pce_error err = { 0 };
	char path[256], wanted[300];
	FILE *file;
	int fd;

	temporary_template(path, sizeof(path), "import");
	fd = mkstemp(path);
	file = fd < 0 ? NULL : fdopen(fd, "w");
	ck_assert_ptr_nonnull(file);
	fputs("topology:\n  node: []\n  link:\n  - {name: x, from: A, to: B}\n", file);
	fclose(file);
	ck_assert_int_eq(import_topology_file(codec, path, NULL, &t, &err), PCE_INVALID);
	snprintf(wanted, sizeof(wanted), "%s:4: link x", path);
	ck_assert_msg(strncmp(err.text, wanted, strlen(wanted)) == 0, "%s", err.text);
	ck_assert_uint_eq(err.line, 0);
	remove(path);
}
END_TEST

START_TEST(import_file_that_is_not_there_is_named)
{
	struct codec_topology t = { 0 };
	struct pce_error err = { 0 };

	ck_assert_int_eq(import_topology_file(codec, "no/such/file", NULL, &t, &err), PCE_IO);
	ck_assert_ptr_nonnull(strstr(err.text, "no/such/file"));
}
END_TEST

/* --- Through the database --- */

static struct ted *
settle(const struct codec_topology *t, uint64_t seed)
{
	struct ted *ted = NULL;
	const struct ted_change *changes;
	struct pce_error err = { 0 };
	size_t n;

	ck_assert_int_eq(ted_new(&ted, seed, &err), PCE_OK);
	ck_assert_msg(ted_apply(ted, (struct ted_source){ TED_SOURCE_FILE, 0 }, t->deltas, t->n,
				&err) == PCE_OK,
		      "%s", err.text);
	ck_assert_int_eq(ted_settle(ted, &changes, &n, &err), PCE_OK);
	return ted;
}

/* What the database shows without its state makes an equal database. */
static void
check_view(const char *name, const struct codec_topology *t)
{
	struct ted *first = settle(t, 1), *second;
	struct codec_topology again = { 0 };
	struct text json = { 0 }, state = { 0 }, a = { 0 }, b = { 0 };
	struct pce_error err = { 0 };

	ck_assert_msg(view_topology_print(codec, first, false, &json, &err) == PCE_OK, "%s: %s",
		      name, err.text);
	ck_assert_msg(import_topology(codec, text_get(&json), json.len, NULL, &again, &err) ==
			  PCE_OK,
		      "%s: %s", name, err.text);
	second = settle(&again, 2);
	ted_dump(first, &a);
	ted_dump(second, &b);
	ck_assert_msg(strcmp(text_get(&a), text_get(&b)) == 0, "%s:\n%s\n%s", name, text_get(&a),
		      text_get(&b));
	ck_assert_msg(view_topology_print(codec, first, true, &state, &err) == PCE_OK, "%s: %s",
		      name, err.text);
	text_free(&json);
	text_free(&state);
	text_free(&a);
	text_free(&b);
	codec_topology_free(&again);
	ted_free(first);
	ted_free(second);
}

START_TEST(view_without_state_makes_an_equal_database)
{
	static const char yaml[] =
	    "topology:\n  affinity: [{name: gold, bit: 70}]\n"
	    "  srlg: [{name: duct, number: 7, availability: 0.999}]\n  node:\n"
	    "  - name: A\n    igp: {protocol: isis-l2, instance: 5, asn: 65000, router-id: "
	    "1921.6800.1001}\n    router-id: ['2001:db8::1']\n    site: x\n    srlg: [duct]\n"
	    "    locator: [{prefix: 'fc00:1::/48', metric: 3}]\n"
	    "    sid: [{sid: 'fc00:1::1', behavior: End, flavors: psp}]\n"
	    "    msd: [{type: max-h-encaps, value: 9}]\n    service: [fw]\n    overload: true\n"
	    "  - name: B\n    availability: 0.9\n  link:\n"
	    "  - name: ab\n    from: A\n    to: B\n    reverse: ba\n    igp-metric: 5\n"
	    "    capacity-bps: 10000000000\n    subscription-ppm: 333333\n    delay-us: 9\n"
	    "    affinity: [gold, 3]\n    srlg: [duct, 9]\n    slice: [s1]\n    loss-ppb: 4\n"
	    "    endx: [{sid: 'fc00:1::e', behavior: End.X, weight: 3}]\n"
	    "  - {name: ba, from: B, to: A, igp-metric: 6, capacity-bps: 100, residual-bps: 77, "
	    "local-id: 4}\n"
	    "  prefix: [{node: B, prefix: 192.0.2.0/24, metric: 8}]\n";
	struct codec_topology t = { 0 };
	struct pce_error err = { 0 };
	struct text json = { 0 };
	struct ted *ted;
	const char *at;

	read_ok(yaml, &t);
	ted = settle(&t, 3);
	ck_assert_int_eq(view_topology_print(codec, ted, false, &json, &err), PCE_OK);
	at = strstr(text_get(&json), "\"subscription-ppm\":333333");
	ck_assert_ptr_nonnull(at);
	ck_assert_ptr_null(strstr(at + 20, "subscription-ppm")); /* ba gives a residual instead */
	text_free(&json);
	ted_free(ted);
	check_view("yaml", &t);
	codec_topology_free(&t);
}
END_TEST

START_TEST(view_with_state_shows_usability_and_residual)
{
	static const char yaml[] = "topology:\n  node: [{name: A}, {name: B}]\n  link:\n"
				   "  - {name: ab, from: A, to: B, capacity-bps: 100}\n"
				   "  - {name: ba, from: B, to: A, admin-up: false}\n";
	struct codec_topology t = { 0 };
	struct text json = { 0 };
	struct pce_error err = { 0 };
	struct ted *ted;
	ted_node node;

	read_ok(yaml, &t);
	ted = settle(&t, 1);
	ck_assert_int_eq(ted_book(ted, 0, 30, &err), PCE_OK);
	ck_assert_int_eq(view_topology_print(codec, ted, true, &json, &err), PCE_OK);
	ck_assert_ptr_nonnull(strstr(text_get(&json), "\"residual-bps\":\"70\""));
	ck_assert_ptr_nonnull(strstr(text_get(&json), "\"booked-bps\":\"30\""));
	ck_assert_ptr_nonnull(strstr(text_get(&json), "\"up\":false,\"state\":\"down\""));
	text_clear(&json);
	ck_assert_int_eq(ted_find_node(ted, "B", &node, &err), PCE_OK);
	ck_assert_int_eq(view_node_print(codec, ted, node, &json, &err), PCE_OK);
	ck_assert_str_eq(text_get(&json),
			 "{\"karst-topology:node\":[{\"name\":\"B\",\"pseudonode\":"
			 "false,\"stale\":false}]}");
	text_clear(&json);
	ck_assert_int_eq(view_link_print(codec, ted, 0, &json, &err), PCE_OK);
	ck_assert_ptr_nonnull(strstr(text_get(&json), "{\"karst-topology:link\":[{\"name\":\""));
	text_free(&json);
	codec_topology_free(&t);
	ted_free(ted);
}
END_TEST

/* All of the Internet Topology Zoo that is there: it loads, and goes through the database. */
START_TEST(graphml_topology_zoo_loads)
{
	const char *data = getenv("KARST_TEST_DATA"), *top = getenv("KARST_SRCDIR");
	char folder[4096], path[8192];
	struct dirent *entry;
	DIR *dir;
	unsigned files = 0;

	snprintf(folder, sizeof(folder), "%s%s/data/topology-zoo",
		 data  ? data
		 : top ? top
		       : ".",
		 data ? "" : "/../shared");
	dir = opendir(folder);
	if (!dir) {
		printf("skipped: %s is missing (KARST_TEST_DATA names its parent)\n", folder);
		return;
	}
	while ((entry = readdir(dir)) != NULL) {
		struct codec_topology t = { 0 };
		struct pce_error err = { 0 };

		if (!strstr(entry->d_name, ".graphml"))
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		ck_assert_msg(import_topology_file(codec, path, NULL, &t, &err) == PCE_OK, "%s",
			      err.text);
		ck_assert_msg(count(&t, TED_OBJECT_NODE) > 1 && count(&t, TED_OBJECT_LINK) % 2 == 0,
			      "%s", path);
		check_view(path, &t);
		codec_topology_free(&t);
		files++;
	}
	closedir(dir);
	ck_assert_uint_gt(files, 0);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("import");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, graphml_undirected_edge_is_two_links_and_one_risk);
	tcase_add_test(tc, graphml_directed_edges_stand_alone);
	tcase_add_test(tc, graphml_edges_without_id_are_named_after_their_ends);
	tcase_add_test(tc, graphml_keys_carry_the_values_of_leaves);
	tcase_add_test(tc, graphml_nodes_have_labels_and_positions);
	tcase_add_test(tc, graphml_edge_to_itself_is_left_out_and_listed);
	tcase_add_loop_test(tc, graphml_bad_file_is_one_sentence_with_line, 0,
			    sizeof(faults) / sizeof(faults[0]));
	tcase_add_test(tc, import_format_is_told_by_content);
	tcase_add_test(tc, import_file_fault_begins_with_file_and_line);
	tcase_add_test(tc, import_file_that_is_not_there_is_named);
	tcase_add_test(tc, view_without_state_makes_an_equal_database);
	tcase_add_test(tc, view_with_state_shows_usability_and_residual);
	tcase_add_test(tc, graphml_topology_zoo_loads);
	return suite_run("models/import", tc, 120);
}
