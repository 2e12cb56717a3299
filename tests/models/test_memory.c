/*
 * Allocation 1, 2, 3 … of our own code fails until everything succeeds (those inside libyang,
 * libfyaml and libxml2 do not): nothing crashes, outputs stay untouched, and under AddressSanitizer
 * nothing leaks.
 */
#include <stdint.h>
#include <string.h>

#include "models/codec/config.h"
#include "models/codec/device.h"
#include "models/codec/intent.h"
#include "models/codec/path.h"
#include "models/codec/record.h"
#include "models/import/analyse.h"
#include "models/import/check.h"
#include "models/import/export.h"
#include "models/import/import.h"
#include "models/import/view.h"
#include "tests/support/failing.h"
#include "tests/support/suite.h"

static struct codec *codec;

static const char topology_yaml[] =
    "topology:\n  affinity: [{name: gold, bit: 70}]\n  srlg: [{name: duct, number: 7}]\n"
    "  node:\n  - name: A\n    igp: {protocol: isis-l2, router-id: 1921.6800.1001}\n"
    "    locator: [{prefix: 'fc00:1::/48'}]\n    sid: [{sid: 'fc00:1::1', behavior: End}]\n"
    "    msd: [{type: max-h-encaps, value: 9}]\n    service: [fw]\n    algorithm: [0, 128]\n"
    "  - {name: B, site: x}\n  link:\n  - {name: ab, from: A, to: B, reverse: ba,\n"
    "     affinity: [gold, red], srlg: [duct, other], slice: [s],\n"
    "     endx: [{sid: 'fc00:1::e', behavior: End.X}]}\n  - {name: ba, from: B, to: A}\n";

static const char graphml[] =
    "<graphml><key id=\"m\" for=\"edge\" attr.name=\"igp-metric\"><default>3</default></key>"
    "<key id=\"s\" for=\"all\" attr.name=\"srlg\"/><key id=\"x\" for=\"node\" "
    "attr.name=\"Longitude\"/>"
    "<key id=\"y\" for=\"node\" attr.name=\"Latitude\"/><graph edgedefault=\"undirected\">"
    "<node id=\"A\"><data key=\"x\">1</data><data key=\"y\">2</data></node><node id=\"B\"/>"
    "<edge source=\"A\" target=\"B\"><data key=\"s\">a b</data></edge>"
    "<edge source=\"A\" target=\"A\"/></graph></graphml>";

static const char gml[] = "graph [ node [ id 1 label \"a&#252;\" ] node [ id 2 ] edge [ source 1 "
			  "target 2 id 7 srlg \"a\" "
			  "srlg \"b\" ] edge [ source 1 target 2 ] edge [ source 1 target 1 ] ]";

static const char repetita[] =
    "NODES 2\nlabel x y\na 1 2\nb 0 0\nEDGES 1\nlabel src dest weight bw "
    "delay\ne 0 1 1 1 1\n";

static const char sndlib[] =
    "NODES ( a ( 1 2 ) b )\nLINKS ( l ( a b ) 0 0 0 0 ( 1 2 ) )\nX ( ( ) )";

static const char sndlib_xml[] =
    "<network><networkStructure><nodes><node id=\"A\"><coordinates><x>1</x><y>2</y></coordinates>"
    "</node><node id=\"B\"/></nodes><links><link id=\"l\"><source>A</source><target>B</target>"
    "<additionalModules><addModule><capacity>4</capacity></addModule></additionalModules></link>"
    "</links></networkStructure></network>";

static const char rfc8345[] =
    "{\"ietf-network:networks\":{\"network\":[{\"node\":[{\"node-id\":\"A\",\"x:y\":1},{\"node-"
    "id\":"
    "\"B\"}],\"link\":[{\"link-id\":\"l\",\"source\":{\"source-node\":\"A\",\"source-tp\":\"1\"},"
    "\"destination\":{\"dest-node\":\"B\",\"dest-tp\":\"2\"},\"te\":{\"max-link-bandwidth\":{"
    "\"generic\":\"0x1p9\"},\"administrative-group\":\"00000001\",\"te-srlgs\":{\"value\":[1]}}}]}]"
    "}}";

static const char csv[] = "from,to,directed,srlg,color\n\"A\",B,false,s t,red\nB,C,,,\nA,B,,,\n";

static const char intents_yaml[] =
    "intents:\n  intent:\n  - {id: v, from: A, to: B, description: d,\n"
    "     constraints: {include-any: [x], avoid: {link: [l]}, via: [C], slice: s},\n"
    "     steering: {prefix: ['2001:db8::/32']}}\n";

static const char config_yaml[] =
    "karstd:\n  state-folder: s\n  topology-file: [t.yaml]\n"
    "  bgp: {asn: 1, router-id: 192.0.2.1, listen: ['::1'], peer: [{name: p, address: '::1', asn: "
    "2}]}\n"
    "  device: [{name: r, address: '::1', username: u, private-key-file: k, known-hosts-file: h}]\n"
    "  profile: [{name: x}]\n  affinity: [{name: gold, bit: 4}]\n";

static const char device_xml[] =
    "<srv6-policies xmlns=\"urn:karst:yang:karst-device\"><policy><color>9</color>"
    "<endpoint>2001:db8::2</endpoint><name>n</name><candidate-path><preference>2</preference>"
    "<segment-list><id>1</id><segment><index>1</index><sid>fc00::1</sid></segment></segment-list>"
    "</candidate-path><steering><prefix><prefix>::/0</prefix></prefix></steering>"
    "<state><oper-state>down</oper-state><reason>r</reason></state></policy></srv6-policies>";

/* Check allocates too: jobs only note what they see. */
static bool kept;

static void
keep(bool untouched)
{
	kept = kept && untouched;
}

/* Each job reads a text and prints what it read. */

static enum pce_status
job_topology(const char *text, struct pce_error *err)
{
	struct codec_topology t = { 0 };
	struct text out = { 0 };
	enum pce_status status = import_topology(codec, text, strlen(text), NULL, &t, err);

	keep(status == PCE_OK || (!t.deltas && !t.n && !t.assumed));
	if (status == PCE_OK)
		status = codec_topology_print_deltas(codec, t.deltas, t.n, &out, err);
	codec_topology_free(&t);
	text_free(&out);
	return status;
}

static enum pce_status
job_view(const char *text, struct pce_error *err)
{
	struct codec_topology t = { 0 };
	const struct ted_change *changes;
	struct ted *ted = NULL;
	struct text out = { 0 };
	size_t n;
	enum pce_status status = import_topology(codec, text, strlen(text), NULL, &t, err);

	if (status == PCE_OK)
		status = ted_new(&ted, 1, err);
	if (status == PCE_OK)
		status =
		    ted_apply(ted, (struct ted_source){ TED_SOURCE_FILE, 0 }, t.deltas, t.n, err);
	if (status == PCE_OK)
		status = ted_settle(ted, &changes, &n, err);
	if (status == PCE_OK)
		status = view_topology_print(codec, ted, true, &out, err);
	if (status == PCE_OK)
		status = view_link_print(codec, ted, 0, &out, err);
	ted_free(ted);
	codec_topology_free(&t);
	text_free(&out);
	return status;
}

/* Out in every format. */
static enum pce_status
job_export(const char *text, struct pce_error *err)
{
	struct codec_topology t = { 0 };
	enum pce_status status = import_topology(codec, text, strlen(text), NULL, &t, err);

	for (int i = IMPORT_YAML; status == PCE_OK && i < IMPORT_FORMATS; i++) {
		struct text out = { 0 }, lost = { 0 };

		if (export_is_offered((enum import_format)i))
			status = export_topology(codec, (enum import_format)i, t.deltas, t.n, &out,
						 &lost, err);
		text_free(&out);
		text_free(&lost);
	}
	codec_topology_free(&t);
	return status;
}

static enum pce_status
job_analyse(const char *text, struct pce_error *err)
{
	struct codec_topology t = { 0 };
	const struct ted_change *changes;
	struct import_check check = { .n_warnings = 0 };
	struct analysis analysis = { .n_nodes = 0 };
	struct ted *ted = NULL;
	size_t n;
	enum pce_status status = import_topology(codec, text, strlen(text), NULL, &t, err);

	if (status == PCE_OK)
		status = ted_new(&ted, 1, err);
	if (status == PCE_OK)
		status =
		    ted_apply(ted, (struct ted_source){ TED_SOURCE_FILE, 0 }, t.deltas, t.n, err);
	if (status == PCE_OK)
		status = ted_settle(ted, &changes, &n, err);
	if (status == PCE_OK)
		status = import_check(&t, ted, &check, err);
	keep(status == PCE_OK || !check.warnings);
	if (status == PCE_OK)
		status = analysis_make(ted, 0, &analysis, err);
	keep(status == PCE_OK || !analysis.fibres);
	import_check_free(&check);
	analysis_free(&analysis);
	ted_free(ted);
	codec_topology_free(&t);
	return status;
}

static enum pce_status
job_intents(const char *text, struct pce_error *err)
{
	struct arena arena = { 0 };
	const struct intent *const *intents = NULL;
	struct text out = { 0 };
	struct service_record record = { .kind = RECORD_INTENT, .key = "v" }, got = { .key = NULL };
	size_t n = 0;
	enum pce_status status =
	    codec_intent_parse(codec, text, strlen(text), &arena, &intents, &n, err);

	keep(status == PCE_OK || (!intents && !n));
	if (status == PCE_OK) {
		record.intent = intents[0];
		status = codec_record_print(codec, &record, &out, err);
	}
	if (status == PCE_OK)
		status = codec_record_parse(codec, RECORD_INTENT, "v", text_get(&out), out.len,
					    &arena, &got, err);
	keep(status == PCE_OK || !got.key);
	arena_free(&arena);
	text_free(&out);
	return status;
}

static enum pce_status
job_config(const char *text, struct pce_error *err)
{
	struct arena arena = { 0 };
	struct karst_config config = { .state_dir = NULL };
	struct text out = { 0 };
	enum pce_status status =
	    codec_config_parse(codec, text, strlen(text), "/d", &arena, &config, err);

	keep(status == PCE_OK || !config.state_dir);
	if (status == PCE_OK)
		status = codec_config_print(codec, &config, &out, err);
	arena_free(&arena);
	text_free(&out);
	return status;
}

static enum pce_status
job_device(const char *text, struct pce_error *err)
{
	struct arena arena = { 0 };
	struct codec_device device = { 0 };
	struct text out = { 0 };
	enum pce_status status = codec_device_read(codec, text, strlen(text), &arena, &device, err);

	keep(status == PCE_OK || !device.policies);
	if (status == PCE_OK) {
		struct deploy_change change = { DEPLOY_REPLACE, device.policies, NULL };

		status = codec_device_edit(codec, &change, 1, false, &out, err);
	}
	arena_free(&arena);
	text_free(&out);
	return status;
}

static enum pce_status
job_request(const char *text, struct pce_error *err)
{
	struct arena arena = { 0 };
	struct codec_path_request request = { .k = 77 };
	struct text out = { 0 };
	enum pce_status status =
	    codec_path_request_parse(codec, text, strlen(text), &arena, &request, err);

	keep(status == PCE_OK || request.k == 77);
	if (status == PCE_OK)
		status = codec_path_request_print(codec, &request, &out, err);
	arena_free(&arena);
	text_free(&out);
	return status;
}

static enum pce_status
job_codec(const char *text, struct pce_error *err)
{
	struct codec *other = NULL;
	enum pce_status status = codec_new(text[0] ? text : NULL, &other, err);

	keep(status == PCE_OK || !other);
	codec_free(other);
	return status;
}

static const struct {
	enum pce_status (*run)(const char *text, struct pce_error *err);
	const char *text;
} jobs[] = {
	{ job_topology, topology_yaml },
	{ job_topology, graphml },
	{ job_topology, gml },
	{ job_topology, repetita },
	{ job_topology, sndlib },
	{ job_topology, sndlib_xml },
	{ job_topology, rfc8345 },
	{ job_topology, csv },
	{ job_export, topology_yaml },
	{ job_analyse, csv },
	{ job_view, topology_yaml },
	{ job_intents, intents_yaml },
	{ job_config, config_yaml },
	{ job_device, device_xml },
	{ job_request, "{\"karst-path:input\":{\"from\":\"a\",\"to\":\"b\"}}" },
	{ job_codec, "" },
};

START_TEST(memory_that_runs_out_is_an_error_and_no_more)
{
	struct pce_error err = { 0 };
	enum pce_status status = PCE_NO_MEMORY;

	ck_assert_msg(codec_new(NULL, &codec, &err) == PCE_OK, "%s", err.text);
	for (size_t n = 1; status != PCE_OK; n++) {
		ck_assert_msg(n < 100000, "job %d does not end", _i);
		kept = true;
		failing_at(n);
		status = jobs[_i].run(jobs[_i].text, &err);
		failing_stop();
		ck_assert_msg(status == PCE_OK || status == PCE_NO_MEMORY,
			      "job %d, allocation %zu: status %d: %s", _i, n, (int)status,
			      err.text);
		ck_assert_msg(kept, "job %d, allocation %zu: an output was touched", _i, n);
	}
	codec_free(codec);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("memory");

	tcase_add_loop_test(tc, memory_that_runs_out_is_an_error_and_no_more, 0,
			    sizeof(jobs) / sizeof(jobs[0]));
	return suite_run("models/memory", tc, 120);
}
