/* Formats of other people: what each means, bad files of each, and that content tells them apart.
 */
#define _POSIX_C_SOURCE 200809L
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/import/check.h"
#include "models/import/import.h"
#include "pce/base/units.h"
#include "tests/models/codec_fixture.h"
#include "tests/support/suite.h"

static void
read_ok(const char *text, struct codec_topology *out)
{
	struct pce_error err = { 0 };

	ck_assert_msg(import_topology(codec, text, strlen(text), NULL, out, &err) == PCE_OK,
		      "%u: %s", err.line, err.text);
}

static const struct ted_link_attr *
link_of(const struct codec_topology *t, const char *name)
{
	for (size_t i = 0; i < t->n; i++) {
		if (t->deltas[i].object == TED_OBJECT_LINK &&
		    strcmp(t->deltas[i].attr.link.name, name) == 0)
			return &t->deltas[i].attr.link;
	}
	ck_abort_msg("there is no link %s", name);
	return NULL;
}

static const struct ted_node_attr *
node_of(const struct codec_topology *t, const char *name)
{
	for (size_t i = 0; i < t->n; i++) {
		if (t->deltas[i].object == TED_OBJECT_NODE &&
		    strcmp(t->deltas[i].attr.node.name, name) == 0)
			return &t->deltas[i].attr.node;
	}
	ck_abort_msg("there is no node %s", name);
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

/* The finding whose words hold part; it has to be there. */
static const struct codec_finding *
finding(const struct codec_topology *t, const char *part)
{
	for (size_t i = 0; i < t->n_findings; i++) {
		if (strstr(t->findings[i].words, part))
			return &t->findings[i];
	}
	ck_abort_msg("nothing was found that says %s", part);
	return NULL;
}

/* --- GML --- */

START_TEST(gml_follows_the_rules_of_graphml)
{
	static const char gml[] =
	    "# a comment\nCreator \"Topology Zoo Toolset\"\ngraph [\n  directed 0\n  label \"x\"\n"
	    "  node [ id 0 label \"Z&#252;rich &amp; S\xfc"
	    "d\" Longitude 8.5 Latitude 47.4 ]\n"
	    "  node [ id 1 label \"twice\" graphics [ x 1 y 2 ] ]\n  node [ id 2 label \"twice\" "
	    "]\n"
	    "  edge [ source 0 target 1 id \"e1\" LinkSpeedRaw 10000000000.0 igp_metric 5\n"
	    "    srlg \"a\" srlg \"b\" ]\n"
	    "  edge [ source 0 target 1 LinkSpeedRaw nan ]\n"
	    "  edge [ source 0 target 1 id \"e1\" ]\n"
	    "  edge [ source 2 target 2 ]\n  edge [ source 2 target 1 id \"0-1#2\" ]\n]\n";
	struct codec_topology t = { 0 };

	read_ok(gml, &t);
	ck_assert_uint_eq(count(&t, TED_OBJECT_LINK), 8);
	ck_assert_str_eq(node_of(&t, "0")->label, "Z\xc3\xbcrich & S\xc3\xbc"
						  "d");
	ck_assert(node_of(&t, "0")->latitude > 47 && node_of(&t, "0")->latitude < 48);
	ck_assert_uint_eq(link_of(&t, "e1")->capacity_bps, 10000000000ULL);
	ck_assert_uint_eq(link_of(&t, "e1~")->igp_metric, 5);
	ck_assert_uint_eq(link_of(&t, "e1")->n_srlg, 2);
	ck_assert_uint_eq(link_of(&t, "0-1")->present & TED_LINK_CAPACITY, 0);
	link_of(&t, "0-1#3"); /* #2 is the id of another edge */
	ck_assert_str_eq(finding(&t, "self loop")->names[0], "2-2");
	ck_assert_str_eq(finding(&t, "given twice")->names[0], "e1");
	ck_assert_str_eq(finding(&t, "nan")->names[0], "0-1");
	codec_topology_free(&t);
}
END_TEST

START_TEST(gml_directed_edges_stand_alone)
{
	struct codec_topology t = { 0 };

	read_ok("graph [ directed 1 node [ id \"a\" ] node [ id \"b\" ] edge [ source \"a\" target "
		"\"b\" ] edge [ source \"b\" target \"a\" ] ]",
		&t);
	ck_assert_uint_eq(count(&t, TED_OBJECT_LINK), 2);
	ck_assert_ptr_null(link_of(&t, "a-b")->reverse);
	codec_topology_free(&t);
}
END_TEST

/* --- REPETITA --- */

#define NODES2 "NODES 2\nlabel x y\n0_A town 151.2 -33.8\n1_B 0.0 0.0\n\n"
#define EDGES(n) "EDGES " n "\nlabel src dest weight bw delay\n"

START_TEST(repetita_units_and_places)
{
	struct codec_topology t = { 0 };
	const struct ted_link_attr *e;

	read_ok(NODES2 EDGES("2") "edge_0 0 1 19 79666 391\nedge_1 1 0 4 1 2.5\r\n\n", &t);
	e = link_of(&t, "edge_0");
	ck_assert_uint_eq(e->igp_metric, 19);
	ck_assert_uint_eq(e->capacity_bps, 79666000);
	ck_assert_uint_eq(e->delay_us, 391);
	ck_assert_uint_eq(link_of(&t, "edge_1")->delay_us, 3); /* up: the safe side */
	ck_assert_ptr_null(e->reverse);
	ck_assert(node_of(&t, "0_A town")->present & TED_NODE_POSITION);
	ck_assert(node_of(&t, "0_A town")->longitude > 151);
	ck_assert(!(node_of(&t, "1_B")->present & TED_NODE_POSITION)); /* 0 0 is unknown */
	finding(&t, "kbit/s");
	codec_topology_free(&t);
}
END_TEST

/* --- SNDlib --- */

START_TEST(sndlib_native_capacities_and_places)
{
	struct codec_topology t = { 0 };

	read_ok("?SNDlib native format; type: network; version: 1.0\n# network test\nNODES (\n"
		"  N1 ( 1.00 2.00 )\n  N2 (-1.00 -2.0)\n  N3 # none\n N4 ( 300 400 )\n)\nLINKS (\n"
		"  L1 ( N1 N2 ) 9920.00 0.00 0.00 0.00 ( 42.0 84 )\n"
		"  L2 ( N1 N3 ) 0.00 0.00 0.00 0.00 ( 84.0 56.0 420 112 )\n"
		"  L3 ( N2 N3 ) 0 0 0 0 ( )\n)\nDEMANDS ( D ( N1 N3 ) 1 42 UNLIMITED )\n"
		"ADMISSIBLE_PATHS ( D ( P0 ( L1 ) ) )\n",
		&t);
	ck_assert_uint_eq(count(&t, TED_OBJECT_LINK), 6);
	ck_assert_uint_eq(link_of(&t, "L1~")->capacity_bps, 9920000000ULL);
	ck_assert_ptr_nonnull(link_of(&t, "L1~")->reverse);
	ck_assert_uint_eq(link_of(&t, "L2")->capacity_bps, 420000000);
	ck_assert_str_eq(finding(&t, "largest module")->names[0], "L2");
	ck_assert(!(link_of(&t, "L3")->present & TED_LINK_CAPACITY));
	ck_assert(node_of(&t, "N2")->latitude < -1.9);
	ck_assert_str_eq(finding(&t, "not in degrees")->names[0], "N4");
	finding(&t, "Mbit/s");
	codec_topology_free(&t);
}
END_TEST

START_TEST(sndlib_unit_of_meta_counts)
{
	struct codec_topology t = { 0 };

	read_ok("META (\n granularity = 5min\n unit = GBITPERSEC\n)\nNODES ( a b )\n"
		"LINKS ( l ( a b ) 2.5 0 0 0 ( ) )\n",
		&t);
	ck_assert_uint_eq(link_of(&t, "l")->capacity_bps, 2500000000ULL);
	codec_topology_free(&t);
}
END_TEST

#define SNDXML                                                                                     \
	"<?xml version=\"1.0\"?><network xmlns=\"http://sndlib.zib.de/network\" version=\"1.0\">"  \
	"<networkStructure>"

START_TEST(sndlib_xml_capacities_and_places)
{
	struct codec_topology t = { 0 };

	read_ok(SNDXML
		"<nodes coordinatesType=\"geographical\"><node id=\"A\"><coordinates><x>1</x>"
		"<y>2.5</y></coordinates></node><node id=\"B\"/></nodes><links><link id=\"L1\">"
		"<source>A</source><target>B</target><preInstalledModule><capacity>155.0"
		"</capacity></preInstalledModule></link><link id=\"L2\"><source>A</source>"
		"<target>B</target><additionalModules><addModule><capacity>40</capacity>"
		"</addModule><addModule><capacity>100</capacity></addModule></additionalModules>"
		"</link></links></networkStructure><demands/></network>",
		&t);
	ck_assert_uint_eq(link_of(&t, "L1")->capacity_bps, 155000000);
	ck_assert_uint_eq(link_of(&t, "L2~")->capacity_bps, 100000000);
	ck_assert(node_of(&t, "A")->latitude > 2.4);
	codec_topology_free(&t);
}
END_TEST

/* --- RFC 8345 --- */

#define RFC_NETWORK "{\"ietf-network:networks\":{\"network\":[{\"network-id\":\"n\","
#define RFC_NODES "\"node\":[{\"node-id\":\"A\"},{\"node-id\":\"B\"}],\n"
#define RFC_LINK(id, a, tpa, b, tpb, more)                                                         \
	"{\"link-id\":\"" id "\",\"source\":{\"source-node\":\"" a "\",\"source-tp\":\"" tpa       \
	"\"},\"destination\":{\"dest-node\":\"" b "\",\"dest-tp\":\"" tpb "\"}" more "}"

START_TEST(rfc8345_attributes_and_pairs)
{
	static const char te[] =
	    ",\"ietf-l3-unicast-topology:l3-link-attributes\":{\"metric1\":\"10\",\"metric2\":20},"
	    "\"ietf-te-topology:te\":{\"te-link-attributes\":{\"max-link-bandwidth\":{"
	    "\"te-bandwidth\":{\"generic\":\"0x1p30\"}},\"te-delay-metric\":100,\"te-srlgs\":{"
	    "\"value\":[5,6]},\"administrative-group\":\"80:00:00:05:00:00:00:01\"}}";
	struct text text = { 0 };
	struct codec_topology t = { 0 };
	const struct ted_link_attr *ab;

	text_printf(
	    &text,
	    "{\"ietf-network:networks\":{\"network\":[{\"network-id\":\"under\",\"node\":"
	    "[]},{\"network-id\":\"n\",\"node\":[{\"node-id\":\"A\",\"ietf-l3-unicast-"
	    "topology:l3-node-attributes\":{\"name\":\"Alpha\",\"router-id\":[\"192.0.2.1\""
	    "]},\"x-y:foo\":1},{\"node-id\":\"B\",\"x-y:foo\":[2]}],"
	    "\"ietf-network-topology:link\":[{\"link-id\":\"ab\",\"source\":{\"source-node\""
	    ":\"A\",\"source-tp\":\"1\"},\"destination\":{\"dest-node\":\"B\",\"dest-tp\":"
	    "\"2\"}%s},%s,%s,%s]}]}}",
	    te, RFC_LINK("ba", "B", "2", "A", "1", ""),
	    RFC_LINK("ab2", "A", "3", "B", "3", ",\"m:delay-us\":7"),
	    RFC_LINK("ba2", "B", "4", "A", "3", ""));
	read_ok(text_get(&text), &t);
	ab = link_of(&t, "ab");
	ck_assert_uint_eq(ab->igp_metric, 10);
	ck_assert_uint_eq(ab->te_metric, 20);
	ck_assert_uint_eq(ab->delay_us, 100);
	ck_assert_uint_eq(ab->capacity_bps, 8ULL << 30);
	ck_assert_uint_eq(ab->n_srlg, 2);
	ck_assert_uint_eq(ab->n_affinity, 2);
	ck_assert_uint_eq(ab->affinity[0], 0x80000005u);
	ck_assert_uint_eq(ab->affinity[1], 1);
	ck_assert_ptr_nonnull(ab->reverse); /* over the same termination points */
	ck_assert_ptr_null(link_of(&t, "ab2")->reverse);
	ck_assert_uint_eq(link_of(&t, "ab2")->delay_us, 7);
	ck_assert_str_eq(node_of(&t, "A")->label, "Alpha");
	ck_assert_int_eq(node_of(&t, "A")->router_id_v4.family, IP_V4);
	ck_assert_uint_eq(finding(&t, "not read")->n, 1); /* foo, once */
	ck_assert_str_eq(finding(&t, "without links")->names[0], "under");
	codec_topology_free(&t);
	text_free(&text);
}
END_TEST

/* --- CSV --- */

START_TEST(csv_columns_quotes_and_pairs)
{
	struct codec_topology t = { 0 };

	read_ok("\xef\xbb\xbf# links\r\nFrom,to,name,igp_metric,Capacity-bps,srlg,color,directed,"
		"reverse\r\nA,B,ab,10,1e9,\"s1 s2\",red,,ba\r\nB,A,ba,11,,,,,\r\n"
		"\"B \"\"x\"\"\",A,,5,,,,false,\r\nA,B,,,,,,,\nA,B,,,,,,,\nC,,,,,,,,\n",
		&t);
	ck_assert_uint_eq(count(&t, TED_OBJECT_NODE), 4);
	ck_assert_uint_eq(count(&t, TED_OBJECT_LINK), 6);
	ck_assert_uint_eq(link_of(&t, "ab")->capacity_bps, 1000000000);
	ck_assert_uint_eq(link_of(&t, "ab")->n_srlg, 2);
	ck_assert_ptr_nonnull(link_of(&t, "ba")->reverse);
	ck_assert_uint_eq(link_of(&t, "B \"x\"-A~")->igp_metric, 5);
	ck_assert_ptr_null(link_of(&t, "A-B#2")->reverse);
	ck_assert_str_eq(finding(&t, "means nothing")->names[0], "color");
	codec_topology_free(&t);
	read_ok("source;target;delay-us\na;b;3\n", &t);
	ck_assert_uint_eq(link_of(&t, "a-b")->delay_us, 3);
	codec_topology_free(&t);
}
END_TEST

/* --- All --- */

START_TEST(findings_hold_all_names)
{
	struct text csv = { 0 };
	struct codec_topology t = { 0 };

	text_add(&csv, "from,to,srlg\n");
	for (unsigned i = 0; i < 50; i++)
		text_printf(&csv, "A,B%u,duct-%u\n", i, i);
	read_ok(text_get(&csv), &t);
	ck_assert_uint_eq(finding(&t, "1 is assumed")->n, 50);
	ck_assert_str_eq(finding(&t, "1 is assumed")->names[49], "A-B49");
	ck_assert_str_eq(finding(&t, "free number")->names[49], "duct-49");
	ck_assert_uint_eq(t.n_assumed, t.n_findings);
	for (size_t i = 0; i < t.n_assumed; i++)
		ck_assert_uint_lt(strlen(t.assumed[i]), 200);
	codec_topology_free(&t);
	text_free(&csv);
}
END_TEST

START_TEST(octets_that_are_not_utf8_are_latin1)
{
	struct codec_topology t = { 0 };
	struct pce_error err = { 0 };
	static const char json[] = "{\"ietf-network:networks\":\n\"\xfc\"}";

	read_ok("from,to\nZ\xfcrich,N\xc3\xbcrnberg\n", &t);
	node_of(&t, "Z\xc3\xbcrich");
	node_of(&t, "N\xc3\xbcrnberg");
	finding(&t, "ISO 8859-1");
	codec_topology_free(&t);
	ck_assert_int_eq(import_topology(codec, json, strlen(json), NULL, &t, &err), PCE_MALFORMED);
	ck_assert_uint_eq(err.line, 2);
}
END_TEST

/* Names may be as long as the model allows; only what is longer is refused. */
START_TEST(huge_names_are_read)
{
	struct text csv = { 0 };
	struct codec_topology t = { 0 };
	struct pce_error err = { 0 };

	text_printf(&csv, "from,to,name\n%0500d,%0501d,l\n", 1, 1);
	read_ok(text_get(&csv), &t);
	ck_assert_uint_eq(count(&t, TED_OBJECT_NODE), 2);
	codec_topology_free(&t);
	text_clear(&csv);
	text_printf(&csv, "from,to\na,b\na,%01025d\n", 1);
	ck_assert_int_ne(import_topology(codec, text_get(&csv), csv.len, NULL, &t, &err), PCE_OK);
	ck_assert_uint_eq(err.line, 3);
	text_free(&csv);
}
END_TEST

START_TEST(many_parallel_edges_are_named_in_time)
{
	struct text csv = { 0 };
	struct codec_topology t = { 0 };

	text_add(&csv, "from,to\n");
	for (unsigned i = 0; i < 20000; i++)
		text_add(&csv, "A,B\n");
	read_ok(text_get(&csv), &t);
	link_of(&t, "A-B#20000");
	codec_topology_free(&t);
	text_free(&csv);
}
END_TEST

/* What a hostile file could make expensive or deep. */
START_TEST(large_and_deep_files_are_read_or_refused_in_time)
{
	struct text text = { 0 };
	struct codec_topology t = { 0 };
	struct pce_error err = { 0 };

	text_add(&text, "from,to,srlg\nA,B,");
	for (unsigned i = 0; i < 40000; i++)
		text_printf(&text, " %u", i);
	read_ok(text_get(&text), &t);
	ck_assert_uint_eq(link_of(&t, "A-B")->n_srlg, 40000);
	codec_topology_free(&t);
	for (int kind = 0; kind < 4; kind++) {
		text_clear(&text);
		text_add(&text, kind == 0   ? "graph "
				: kind == 1 ? "{\"ietf-network:networks\":"
				: kind == 2 ? "<graphml>"
					    : "from,to");
		for (unsigned i = 0; i < 100000; i++)
			text_add(&text, kind == 0   ? "[ a "
					: kind == 1 ? "["
					: kind == 2 ? "<key id='a' attr.name='srlg'/>"
						    : ",srlg");
		text_add(&text, kind == 2 ? "</graphml>" : "\n");
		ck_assert_int_ne(import_topology(codec, text_get(&text), text.len, NULL, &t, &err),
				 PCE_OK);
		ck_assert_msg(strstr(err.text, kind < 2 ? "64 deep" : "256") != NULL, "%s",
			      err.text);
	}
	text_free(&text);
}
END_TEST

static const struct {
	const char *text;
	enum import_format format;
} kinds[] = {
	{ "<?xml version='1.0'?>\n<graphml/>", IMPORT_GRAPHML },
	{ "<network xmlns='http://sndlib.zib.de/network'/>", IMPORT_SNDLIB_XML },
	{ "?SNDlib native format; type: network; version: 1.0\n", IMPORT_SNDLIB },
	{ "# x\nNODES (\n", IMPORT_SNDLIB },
	{ "NODES 4\n", IMPORT_REPETITA },
	{ "\n{ \"karst-topology:topology\": {\"node\":[{\"name\":\"\\\"ietf-network:network\"}]}}",
	  IMPORT_JSON },
	{ "{\"topology\":{}}", IMPORT_JSON },
	{ "{ \"ietf-network:networks\": {}}", IMPORT_RFC8345 },
	{ "{\"ietf-network:network\":[]}", IMPORT_RFC8345 },
	{ "graph [\n]", IMPORT_GML },
	{ "Creator \"a: b\"\nVersion 1\n# graph\ngraph\n[ ]", IMPORT_GML },
	{ "source,target\n", IMPORT_CSV },
	{ "name;\"From\";TO\r\n", IMPORT_CSV },
	{ "topology:\n  node: []\n", IMPORT_YAML },
	{ "# from, to\ntopology: {node: []}\n", IMPORT_YAML },
	{ "--- \ntopology:\n", IMPORT_YAML },
	{ "graph: [a]\n", IMPORT_YAML },
	{ "", IMPORT_YAML },
};

START_TEST(format_is_told_by_content)
{
	ck_assert_str_eq(
	    import_format_name(import_format_of(kinds[_i].text, strlen(kinds[_i].text))),
	    import_format_name(kinds[_i].format));
}
END_TEST

START_TEST(format_can_be_forced_and_has_a_name)
{
	static const char gml[] = "comment graph [ node [ id 1 ] ]";
	struct codec_topology t = { 0 };
	struct pce_error err = { 0 };
	enum import_format format = IMPORT_ANY;

	for (int i = IMPORT_YAML; i < IMPORT_FORMATS; i++) {
		ck_assert_int_eq(
		    import_format_parse(import_format_name((enum import_format)i), &format, &err),
		    PCE_OK);
		ck_assert_int_eq((int)format, i);
	}
	ck_assert_int_eq(import_format_parse("any", &format, &err), PCE_INVALID);
	ck_assert_ptr_nonnull(strstr(err.text, "rfc8345"));
	ck_assert_int_ne(import_topology_as(codec, IMPORT_CSV, gml, strlen(gml), NULL, &t, &err),
			 PCE_OK);
}
END_TEST

#define GML_AB "graph [\nnode [ id 1 ] node [ id 2 ]\n"
#define RFC_AB RFC_NETWORK RFC_NODES "\"ietf-network-topology:link\":["

static const struct {
	const char *text, *words;
	unsigned line;
} faults[] = {
	{ "graph [\nnode [ id 1 ]\n", "ends too early", 3 },
	{ "graph [\n]\n]", "closes nothing", 3 },
	{ "graph [\nnode [ id 1 ]\nnode [ id 1 ] ]", "node 1: the id is given twice", 3 },
	{ "graph [\nnode [ ] ]", "its id is missing", 2 },
	{ GML_AB "edge [ source 1 target 3 ] ]", "there is no node 3", 3 },
	{ GML_AB "edge [ source 1 ] ]", "source or target is missing", 3 },
	{ GML_AB "edge [ source 1 target 2 igp_metric -4 ] ]",
	  "edge 1-2: igp-metric \"-4\" is not a whole number", 3 },
	{ GML_AB "edge [ source 1 target 2 igp_metric 1.5 ] ]", "\"1.5\"", 3 },
	{ GML_AB "edge [ source 1 target 2 igp_metric 4294967296 ] ]", "\"4294967296\"", 3 },
	{ GML_AB "edge [ source 1 target 2 capacity_bps 18446744073709551616 ] ]",
	  "\"18446744073709551616\"", 3 },
	{ GML_AB "edge [ source 1 target 2 delay_us inf ] ]", "\"inf\"", 3 },
	{ "graph [\nlabel \"x", "does not end", 2 },
	{ "graph [ a b ] graph [ ]", "one graph", 1 },
	{ "graph [ 5 5 ]", "a key is expected", 1 },
	{ "NODES 2\nlabel x y\na 0 0\n", "ends too early", 0 },
	{ "NODES 1\nlabel x y\na 0\n", "label x y: this line is expected", 3 },
	{ "NODES 2\nlabel x y\na 0 0\na 0 0\n", "node a: the id is given twice", 4 },
	{ "NODES 99999999999999999999\nlabel x y\n", "ends too early", 0 },
	{ NODES2 EDGES("1") "e 0 2 1 1 1\n", "src and dest", 8 },
	{ NODES2 EDGES("1") "e 0 -1 1 1 1\n", "src and dest", 8 },
	{ NODES2 EDGES("1") "e 0 1 x 1 1\n", "igp-metric \"x\"", 8 },
	{ NODES2 EDGES("1") "e 0 1 1 1 1\nmore\n", "something follows", 9 },
	{ NODES2 "LINKS 3\n", "EDGES", 6 },
	{ "DEMANDS 1\nlabel src dest bw\nd 0 1 2\n", "NODES: this line is expected", 1 },
	{ "NODES ( a", "ends too early", 1 },
	{ "NODES (\na\na )", "node a: the id is given twice", 3 },
	{ "NODES ( a ( 1 ) )", "a word is expected", 1 },
	{ "NODES ( a b )\nLINKS ( l ( a c ) 1 0 0 0 ( ) )", "there is no node c", 2 },
	{ "NODES ( a b )\nLINKS ( l ( a b ) x 0 0 0 ( ) )", "link l: capacity x", 2 },
	{ "NODES ( a b )\nLINKS ( l ( a b ) -1 0 0 0 ( ) )", "capacity", 2 },
	{ "NODES ( a b )\nLINKS ( l ( a b ) 1 0 0 0 ( )\nl ( a b ) 1 0 0 0 ( ) )",
	  "edge l: the id is given twice", 3 },
	{ "META ( unit = POUNDS )\nNODES ( a )", "unit is none of", 1 },
	{ "?SNDlib\n", "no section NODES", 2 },
	{ "NODES ( a )\nX ( ( ( ( ( ( ( ( ( (", "too many parentheses", 2 },
	{ SNDXML "</networkStructure></network>", "with nodes", 1 },
	{ SNDXML "<nodes><node/></nodes></networkStructure></network>", "its id is missing", 1 },
	{ SNDXML "<nodes/><links>\n<link id=\"l\"><source>a</source></link></links>"
		 "</networkStructure></network>",
	  "source or target is missing", 2 },
	{ "<!DOCTYPE network>\n<network/>", "DTD is refused", 0 },
	{ "{\"ietf-network:networks\":{\"network\":[]}}", "no network", 1 },
	{ "{\"ietf-network:networks\":{}}", "no network", 1 },
	{ "{\"ietf-network:networks\":{\"network\":[{\"link\":[]},{\"link\":[]}]}}",
	  "one network with links", 1 },
	{ "{\"ietf-network:networks\":\n{,", "double quotes", 2 },
	{ "{\"ietf-network:networks\":1} x", "something follows", 1 },
	{ RFC_NETWORK "\"node\":[\n{}]}]}}", "its id is missing", 2 },
	{ RFC_AB "{}]}]}}", "link-id is missing", 2 },
	{ RFC_AB "{\"link-id\":\"l\"}]}]}}", "source or target is missing", 2 },
	{ RFC_AB RFC_LINK("l", "A", "1", "C", "1", "") "]}]}}", "there is no node C", 2 },
	{ RFC_AB RFC_LINK("l", "A", "1", "B", "1", "") "," RFC_LINK("l", "A", "2", "B", "2",
								    "") "]}]}}",
	  "edge l: the id is given twice", 2 },
	{ RFC_AB RFC_LINK("l", "A", "1", "B", "1", ",\"m:igp-metric\":\"ten\"") "]}]}}",
	  "igp-metric \"ten\"", 2 },
	{ RFC_AB RFC_LINK("l", "A", "1", "B", "1", ",\"m:reverse\":\"x\"") "]}]}}",
	  "there is no link x", 2 },
	{ "from,to\nA\n", "fewer fields", 2 },
	{ "from,to\nA,B,C\n", "more fields", 2 },
	{ "from,to\n,B\n", "from is empty", 2 },
	{ "from,to\nA,\"B\n", "does not end", 2 },
	{ "from,to\nA,\"B\"x\n", "closing quote", 2 },
	{ "from,to,directed\nA,B,maybe\n", "directed is true or false", 2 },
	{ "from,to,name\nA,B,l\nA,B,l\n", "edge l: the id is given twice", 3 },
	{ "from,to,availability\nA,B,1.5\n", "availability \"1.5\"", 2 },
	{ "from,to,name,reverse\nA,B,x,y\nB,C,y,\n", "does not lead back", 2 },
	{ "from,to,affinity\nA,B,5000\n", "5000", 2 },
	{ "from,to,name\nA,B,l~\nA,B,l\n", NULL, 0 },
	{ "from,to,name,directed\nA,B,l~,\nA,B,l,0\n", "the name of its reverse", 3 },
	{ "from,to,admin-up\nA,B,perhaps\n", "not true or false", 2 },
};

START_TEST(bad_file_is_one_sentence_with_line)
{
	struct codec_topology t = { 0 };
	struct pce_error err = { 0 };
	const char *text = faults[_i].text;
	enum pce_status status = import_topology(codec, text, strlen(text), NULL, &t, &err);

	if (!faults[_i].words) {
		ck_assert_int_eq(status, PCE_OK);
		codec_topology_free(&t);
		return;
	}
	ck_assert_msg(status != PCE_OK, "fault %d is read", _i);
	ck_assert_ptr_null(t.deltas);
	ck_assert_msg(strstr(err.text, faults[_i].words) != NULL, "fault %d says: %s", _i,
		      err.text);
	ck_assert_msg(!faults[_i].line || err.line == faults[_i].line, "fault %d is on line %u: %s",
		      _i, err.line, err.text);
}
END_TEST

static const char *const whole[] = {
	"graph [ node [ id 1 label \"a&#252;\" ] node [ id 2 ] edge [ source 1 target 2 id 7 ] ]",
	NODES2 EDGES("1") "e 0 1 1 1 1\n",
	"META ( unit = MBITPERSEC )\nNODES ( a ( 1 2 ) b )\nLINKS ( l ( a b ) 1 0 0 0 ( 1 2 ) )\nX "
	"( "
	"( ) )",
	RFC_AB RFC_LINK("l", "A", "1", "B", "1", ",\"m:srlg\":[1,2]") "]}]}}",
	"from,to,name,srlg\n\"A\",B,l,1 2\n",
};

/* Every beginning of a file is read or refused, and leaves nothing behind. */
START_TEST(cut_file_is_read_or_refused)
{
	size_t len = strlen(whole[_i]);

	for (size_t cut = 0; cut <= len; cut++) {
		char *exact = malloc(cut ? cut : 1);
		struct codec_topology t = { 0 };
		struct pce_error err = { 0 };
		enum pce_status status;

		ck_assert_ptr_nonnull(exact);
		memcpy(exact, whole[_i], cut);
		status = import_topology_as(codec, import_format_of(whole[_i], len), exact, cut,
					    NULL, &t, &err);
		ck_assert_msg(status == PCE_OK || (err.text[0] && !t.deltas), "cut at %zu", cut);
		ck_assert(cut < len || status == PCE_OK);
		codec_topology_free(&t);
		free(exact);
	}
}
END_TEST

/* Octets of a good file changed at random: read or refused, never worse. */
START_TEST(changed_file_is_read_or_refused)
{
	for (unsigned seed = 0; seed < suite_seeds(); seed++) {
		uint64_t state = seed;
		const char *from = whole[seed % (sizeof(whole) / sizeof(whole[0]))];
		size_t len = strlen(from);
		char *exact = malloc(len);
		struct codec_topology t = { 0 };
		struct pce_error err = { 0 };

		ck_assert_ptr_nonnull(exact);
		memcpy(exact, from, len);
		for (unsigned i = 0; i <= suite_below(&state, 4); i++)
			exact[suite_below(&state, (uint32_t)len)] =
			    suite_below(&state, 2) ? (char)suite_random(&state)
						   : "()[]{}\",:#\n -"[suite_below(&state, 13)];
		(void)import_topology_as(codec, import_format_of(from, len), exact, len, NULL, &t,
					 &err);
		codec_topology_free(&t);
		free(exact);
	}
}
END_TEST

/* --- Warnings --- */

static const struct codec_finding *
warning(const struct import_check *check, const char *part)
{
	for (size_t i = 0; i < check->n_warnings; i++) {
		if (strstr(check->warnings[i].words, part))
			return &check->warnings[i];
	}
	return NULL;
}

static void
look(const char *text, struct codec_topology *t, struct ted **ted, struct import_check *check)
{
	const struct ted_change *changes;
	struct pce_error err = { 0 };
	size_t n;

	read_ok(text, t);
	ck_assert_int_eq(ted_new(ted, 0, &err), PCE_OK);
	ck_assert_int_eq(
	    ted_apply(*ted, (struct ted_source){ TED_SOURCE_FILE, 0 }, t->deltas, t->n, &err),
	    PCE_OK);
	ck_assert_int_eq(ted_settle(*ted, &changes, &n, &err), PCE_OK);
	ck_assert_int_eq(import_check(t, *ted, check, &err), PCE_OK);
}

START_TEST(check_warns_of_what_is_odd)
{
	static const struct {
		const char *words, *name;
		size_t n;
	} wanted[] = {
		{ "cut off from the largest of 3 islands", "E", 3 },
		{ "given to several nodes", "twin", 1 },
		{ "is the name of a node", "B", 1 },
		{ "one way only", "ac", 1 },
		{ "igp-metric 0", "ab", 2 },
		{ "16777215 or more", "bc", 1 },
		{ "te-metric 0", "bc", 1 },
		{ "te-metric 4294967295", "ab", 1 },
		{ "capacity-bps 0", "bc", 1 },
		{ "above capacity-bps", "ab", 1 },
		{ "above one second", "ab", 1 },
		{ "availability 0", "ab", 1 },
	};
	struct codec_topology t = { 0 };
	struct import_check check = { .n_warnings = 0 };
	struct ted *ted = NULL;

	look("topology:\n  node: [{name: A, label: twin}, {name: B, label: twin}, {name: C, label: "
	     "B},"
	     " {name: D}, {name: E}, {name: F}, {name: G}]\n  link:\n"
	     "  - {name: ab, from: A, to: B, reverse: ba, igp-metric: 0, te-metric: 4294967295,"
	     " capacity-bps: 5, residual-bps: 6, delay-us: 1000001, availability: 0}\n"
	     "  - {name: ba, from: B, to: A, igp-metric: 0}\n"
	     "  - {name: bc, from: B, to: C, igp-metric: 16777215, te-metric: 0, capacity-bps: 0}\n"
	     "  - {name: cb, from: C, to: B}\n  - {name: ac, from: A, to: C, local-id: 9}\n"
	     "  - {name: ca, from: C, to: D}\n  - {name: dc, from: D, to: C}\n"
	     "  - {name: ef, from: E, to: F}\n  - {name: fe, from: F, to: E}\n",
	     &t, &ted, &check);
	ck_assert_uint_eq(check.nodes, 7);
	ck_assert_uint_eq(check.links, 9);
	ck_assert_uint_eq(check.islands, 3);
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		const struct codec_finding *f = warning(&check, wanted[i].words);

		ck_assert_msg(f != NULL, "no warning says %s", wanted[i].words);
		ck_assert_msg(f->n == wanted[i].n, "%s: %zu", wanted[i].words, f->n);
		ck_assert_str_eq(f->names[0], wanted[i].name);
	}
	ck_assert_uint_eq(check.n_warnings, sizeof(wanted) / sizeof(wanted[0]));
	import_check_free(&check);
	ted_free(ted);
	codec_topology_free(&t);
}
END_TEST

START_TEST(check_of_a_good_or_empty_file)
{
	struct codec_topology t = { 0 };
	struct import_check check = { .n_warnings = 0 };
	struct ted *ted = NULL;

	look("from,to,directed\nA,B,false\n", &t, &ted, &check);
	ck_assert_uint_eq(check.n_warnings, 0);
	ck_assert_uint_eq(check.islands, 1);
	import_check_free(&check);
	ted_free(ted);
	codec_topology_free(&t);
	look("topology: {}\n", &t, &ted, &check);
	ck_assert_ptr_nonnull(warning(&check, "there is no node"));
	import_check_free(&check);
	ted_free(ted);
	codec_topology_free(&t);
	look("from,to\nA,\n", &t, &ted, &check);
	ck_assert_ptr_nonnull(warning(&check, "there is no link"));
	import_check_free(&check);
	ted_free(ted);
	codec_topology_free(&t);
}
END_TEST

static bool
data_folder(const char *name, char *out, size_t cap)
{
	const char *data = getenv("KARST_TEST_DATA"), *top = getenv("KARST_SRCDIR");

	snprintf(out, cap, "%s%s/data/%s",
		 data  ? data
		 : top ? top
		       : ".",
		 data ? "" : "/../shared", name);
	return true;
}

/* All of REPETITA that is there. */
START_TEST(repetita_files_load)
{
	char folder[4096], path[8192];
	struct dirent *entry;
	unsigned files = 0;
	DIR *dir;

	data_folder("repetita", folder, sizeof(folder));
	dir = opendir(folder);
	if (!dir) {
		printf("skipped: %s is missing (KARST_TEST_DATA names its parent)\n", folder);
		return;
	}
	while ((entry = readdir(dir)) != NULL) {
		struct codec_topology t = { 0 };
		struct pce_error err = { 0 };

		if (!strstr(entry->d_name, ".graph"))
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		ck_assert_msg(import_topology_file(codec, path, NULL, &t, &err) == PCE_OK, "%s",
			      err.text);
		ck_assert_msg(count(&t, TED_OBJECT_LINK) > 2, "%s", path);
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
	TCase *tc = tcase_create("formats");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, gml_follows_the_rules_of_graphml);
	tcase_add_test(tc, gml_directed_edges_stand_alone);
	tcase_add_test(tc, repetita_units_and_places);
	tcase_add_test(tc, sndlib_native_capacities_and_places);
	tcase_add_test(tc, sndlib_unit_of_meta_counts);
	tcase_add_test(tc, sndlib_xml_capacities_and_places);
	tcase_add_test(tc, rfc8345_attributes_and_pairs);
	tcase_add_test(tc, csv_columns_quotes_and_pairs);
	tcase_add_test(tc, findings_hold_all_names);
	tcase_add_test(tc, octets_that_are_not_utf8_are_latin1);
	tcase_add_test(tc, huge_names_are_read);
	tcase_add_test(tc, large_and_deep_files_are_read_or_refused_in_time);
	tcase_add_test(tc, many_parallel_edges_are_named_in_time);
	tcase_add_loop_test(tc, format_is_told_by_content, 0, sizeof(kinds) / sizeof(kinds[0]));
	tcase_add_test(tc, format_can_be_forced_and_has_a_name);
	tcase_add_loop_test(tc, bad_file_is_one_sentence_with_line, 0,
			    sizeof(faults) / sizeof(faults[0]));
	tcase_add_loop_test(tc, cut_file_is_read_or_refused, 0, sizeof(whole) / sizeof(whole[0]));
	tcase_add_test(tc, changed_file_is_read_or_refused);
	tcase_add_test(tc, check_warns_of_what_is_odd);
	tcase_add_test(tc, check_of_a_good_or_empty_file);
	tcase_add_test(tc, repetita_files_load);
	return suite_run("models/formats", tc, 120);
}
