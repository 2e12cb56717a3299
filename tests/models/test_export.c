/* Topologies out in every format and in again: the same graph. */
#define _POSIX_C_SOURCE 200809L
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/import/export.h"
#include "tests/models/codec_fixture.h"
#include "tests/models/random_topology.h"
#include "tests/support/suite.h"

static void
print(const struct codec_topology *t, struct text *out)
{
	struct pce_error err = { 0 };

	ck_assert_msg(codec_topology_print_deltas(codec, t->deltas, t->n, out, &err) == PCE_OK,
		      "%s", err.text);
}

/* Out in a format and in again by content. */
static void
round_trip(const struct codec_topology *t, enum import_format format, const char *what,
	   struct codec_topology *again, struct text *lost)
{
	struct text text = { 0 };
	struct pce_error err = { 0 };

	ck_assert_msg(export_topology(codec, format, t->deltas, t->n, &text, lost, &err) == PCE_OK,
		      "%s: %s", what, err.text);
	ck_assert_msg(import_format_of(text_get(&text), text.len) == format, "%s: %s", what,
		      text_get(&text));
	ck_assert_msg(import_topology(codec, text_get(&text), text.len, NULL, again, &err) ==
			  PCE_OK,
		      "%s: %u: %s in %.3000s", what, err.line, err.text, text_get(&text));
	text_free(&text);
}

static void
check_equal(const struct codec_topology *t, enum import_format format, unsigned seed)
{
	struct codec_topology again = { 0 };
	struct text before = { 0 }, after = { 0 }, lost = { 0 };
	char what[64];

	snprintf(what, sizeof(what), "%s, seed %u", import_format_name(format), seed);
	round_trip(t, format, what, &again, &lost);
	print(t, &before);
	print(&again, &after);
	ck_assert_msg(strcmp(text_get(&before), text_get(&after)) == 0, "%s:\n%.1500s\n%.1500s",
		      what, text_get(&before), text_get(&after));
	ck_assert_msg(lost.len == 0, "%s lost %s", what, text_get(&lost));
	text_free(&before);
	text_free(&after);
	text_free(&lost);
	codec_topology_free(&again);
}

/* All that karst-topology can say. */
START_TEST(export_yaml_and_json_read_back_the_same)
{
	static struct topology t;

	for (unsigned seed = 0; seed < suite_seeds(); seed++) {
		struct arena arena = { 0 };
		struct random r = { seed, &arena, 1 };
		struct codec_topology first = { 0 };
		struct text json = { 0 };
		struct pce_error err = { 0 };

		random_topology(&r, &t);
		ck_ok(codec_topology_print_deltas(codec, t.deltas, t.n, &json, &err), err);
		ck_ok(import_topology(codec, text_get(&json), json.len, NULL, &first, &err), err);
		check_equal(&first, IMPORT_YAML, seed);
		check_equal(&first, IMPORT_JSON, seed);
		codec_topology_free(&first);
		text_free(&json);
		arena_free(&arena);
	}
}
END_TEST

/* --- What other formats have a place for --- */

static void
member(struct random *r, struct text *out, const char *leaf, uint64_t max, bool quoted)
{
	if (random_bool(r))
		return;
	text_printf(out, quoted ? ",\"%s\":\"%llu\"" : ",\"%s\":%llu", leaf,
		    (unsigned long long)random_number(r, max));
}

static void
names(struct random *r, struct text *out, const char *leaf, const char *letter)
{
	if (random_bool(r))
		return;
	text_printf(out, ",\"%s\":[\"%s-1\"", leaf, letter);
	for (unsigned i = 2; i < 2 + suite_below(&r->state, 3); i++)
		text_printf(out, ",\"%s%u&;,\"", letter, i);
	text_add(out, "]");
}

/* Members of a link; rfc: those that RFC 8345 and its kin have. */
static void
link_members(struct random *r, struct text *out, bool rfc)
{
	member(r, out, "igp-metric", UINT32_MAX, false);
	member(r, out, "te-metric", UINT32_MAX, false);
	member(r, out, "delay-us", 16777215, false);
	member(r, out, "capacity-bps", rfc ? 1ULL << 52 : UINT64_MAX, true);
	if (rfc) {
		if (random_bool(r))
			text_printf(out, ",\"srlg\":[%u,77]", 100 + suite_below(&r->state, 99));
		if (random_bool(r))
			text_printf(out, ",\"affinity\":[%u]", suite_below(&r->state, 1024));
		return;
	}
	member(r, out, "residual-bps", UINT64_MAX, true);
	member(r, out, "loss-ppb", 1000000000, false);
	if (random_bool(r))
		text_printf(out, ",\"local-id\":%u", 1 + r->serial++);
	if (random_bool(r))
		text_printf(out, ",\"availability\":\"0.%012u\"", suite_below(&r->state, 1u << 30));
	if (random_bool(r))
		text_add(out, ",\"admin-up\":false");
	names(r, out, "srlg", "s");
	names(r, out, "affinity", "a");
	names(r, out, "slice", "z");
}

/* A name that no other object has, awkward at one end. */
static void
new_name(struct random *r, char *out, size_t cap)
{
	const char *text = random_text(r);

	if (random_bool(r))
		snprintf(out, cap, "%s%u", text, r->serial++);
	else
		snprintf(out, cap, "%u%s", r->serial++, text);
}

static bool
is_trimmed(const char *name)
{
	size_t len = strlen(name);

	return len && !strchr(" \t\r\n", name[0]) && !strchr(" \t\r\n", name[len - 1]);
}

static void
put_link(struct text *out, const char *name, const char *from, const char *to, const char *reverse,
	 const char *members)
{
	const char *const all[][2] = { { "{\"name\":", name },
				       { ",\"from\":", from },
				       { ",\"to\":", to } };

	for (size_t i = 0; i < 3; i++) {
		text_add(out, all[i][0]);
		text_json_string(out, all[i][1], strlen(all[i][1]));
	}
	if (reverse) {
		text_add(out, ",\"reverse\":");
		text_json_string(out, reverse, strlen(reverse));
	}
	text_printf(out, "%s}", members);
}

/* A random topology as JSON, as far as the format has a place for it. */
static void
random_json(struct random *r, enum import_format format, struct text *out)
{
	char nodes[6][128], name[128], back[140];
	unsigned n = 2 + suite_below(&r->state, 5);
	struct text members = { 0 };

	text_add(out, "{\"karst-topology:topology\":{\"node\":[");
	for (unsigned i = 0; i < n; i++) {
		char label[128];

		text_add(out, i ? ",{" : "{");
		new_name(r, nodes[i], sizeof(nodes[i]));
		text_add(out, "\"name\":");
		text_json_string(out, nodes[i], strlen(nodes[i]));
		if (format != IMPORT_CSV && random_bool(r)) {
			snprintf(label, sizeof(label), "%s", random_text(r));
			if (is_trimmed(label)) {
				text_add(out, ",\"label\":");
				text_json_string(out, label, strlen(label));
			}
		}
		if (format != IMPORT_CSV && random_bool(r))
			text_add(out, ",\"router-id\":[\"2001:db8::1\",\"192.0.2.1\"]");
		if (format == IMPORT_GRAPHML && random_bool(r))
			text_add(out,
				 ",\"site\":\"s1\",\"latitude\":\"-1.5\",\"longitude\":\"2.25\"");
		text_add(out, "}");
	}
	text_add(out, "],\"link\":[");
	for (unsigned i = 0, links = suite_below(&r->state, 8); i < links; i++) {
		unsigned from = suite_below(&r->state, n),
			 to = (from + 1 + suite_below(&r->state, n - 1)) % n;
		bool pair = random_bool(r), same = random_bool(r), tilde = random_bool(r);

		new_name(r, name, sizeof(name));
		snprintf(back, sizeof(back), tilde ? "%s~" : "~%s", name);
		pair = pair && (format == IMPORT_RFC8345 || (is_trimmed(name) && is_trimmed(back)));
		text_clear(&members);
		link_members(r, &members, format == IMPORT_RFC8345);
		text_add(out, i ? "," : "");
		put_link(out, name, nodes[from], nodes[to], pair ? back : NULL, text_get(&members));
		if (!pair)
			continue;
		if (!same) {
			text_clear(&members);
			link_members(r, &members, format == IMPORT_RFC8345);
		}
		text_add(out, ",");
		put_link(out, back, nodes[to], nodes[from], name, text_get(&members));
	}
	text_add(out, "]}}");
	text_free(&members);
}

/* Names that got a number anywhere are listed among the losses; here they have to be. */
static void
check_format(enum import_format format, unsigned seed)
{
	struct arena arena = { 0 };
	struct random r = { seed, &arena, 1 };
	struct codec_topology first = { 0 }, again = { 0 };
	struct text json = { 0 }, lost = { 0 }, before = { 0 }, after = { 0 };
	struct pce_error err = { 0 };
	char what[64];

	snprintf(what, sizeof(what), "%s, seed %u", import_format_name(format), seed);
	random_json(&r, format, &json);
	ck_assert_msg(import_topology(codec, text_get(&json), json.len, NULL, &first, &err) ==
			  PCE_OK,
		      "%s: %s in %s", what, err.text, text_get(&json));
	round_trip(&first, format, what, &again, &lost);
	print(&first, &before);
	print(&again, &after);
	ck_assert_msg(strcmp(text_get(&before), text_get(&after)) == 0, "%s:\n%.1500s\n%.1500s",
		      what, text_get(&before), text_get(&after));
	for (const char *at = text_get(&lost); *at; at += strcspn(at, "\n") + 1)
		ck_assert_msg(strncmp(at, "number and availability of", 26) == 0 ||
				  strncmp(at, "bit of", 6) == 0,
			      "%s lost %s", what, at);
	text_free(&json);
	text_free(&lost);
	text_free(&before);
	text_free(&after);
	codec_topology_free(&first);
	codec_topology_free(&again);
	arena_free(&arena);
}

START_TEST(export_graphml_csv_and_rfc8345_read_back_the_same)
{
	static const enum import_format formats[] = { IMPORT_GRAPHML, IMPORT_CSV, IMPORT_RFC8345 };

	for (unsigned seed = 0; seed < suite_seeds(); seed++)
		check_format(formats[_i], seed);
}
END_TEST

START_TEST(export_tells_what_has_no_place)
{
	static const char yaml[] =
	    "topology:\n  srlg: [{name: duct, number: 7, availability: 0.9}]\n  node:\n"
	    "  - {name: A, site: x, srlg: [duct], sid: [{sid: 'fc00::1', behavior: End}]}\n"
	    "  - {name: B, site: y}\n  link:\n  - {name: l, from: A, to: B, srlg: [duct, two "
	    "words],"
	    " msd: [{type: max-h-encaps, value: 3}]}\n";
	static const struct {
		enum import_format format;
		const char *words;
	} wanted[] = {
		{ IMPORT_CSV, "site of 2 nodes" },
		{ IMPORT_CSV, "sid of 1 node:" },
		{ IMPORT_CSV, "srlg of 1 link:" },
		{ IMPORT_CSV, "msd of 1 link:" },
		{ IMPORT_GRAPHML, "sid of 1 node:" },
		{ IMPORT_GRAPHML, "srlg of 1 link:" },
		{ IMPORT_GRAPHML, "number and availability of 2 srlgs" },
		{ IMPORT_RFC8345, "site of 2 nodes" },
		{ IMPORT_RFC8345, "msd of 1 link" },
	};
	struct codec_topology t = { 0 };
	struct pce_error err = { 0 };

	ck_assert_int_eq(import_topology(codec, yaml, strlen(yaml), NULL, &t, &err), PCE_OK);
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		struct text out = { 0 }, lost = { 0 };

		ck_assert_int_eq(
		    export_topology(codec, wanted[i].format, t.deltas, t.n, &out, &lost, &err),
		    PCE_OK);
		ck_assert_msg(strstr(text_get(&lost), wanted[i].words) != NULL, "%s: %s",
			      wanted[i].words, text_get(&lost));
		text_free(&out);
		text_free(&lost);
	}
	codec_topology_free(&t);
}
END_TEST

START_TEST(export_format_that_is_only_read_is_refused)
{
	struct text out = { 0 }, lost = { 0 };
	struct pce_error err = { 0 };

	ck_assert_int_eq(export_topology(codec, IMPORT_SNDLIB, NULL, 0, &out, &lost, &err),
			 PCE_UNSUPPORTED);
	ck_assert_ptr_nonnull(strstr(err.text, "sndlib is read and not written"));
	ck_assert_int_eq(export_topology(codec, IMPORT_YAML, NULL, 0, &out, &lost, &err), PCE_OK);
	ck_assert_ptr_nonnull(strstr(text_get(&out), "topology:"));
	text_free(&out);
}
END_TEST

/* The Internet Topology Zoo through YAML and GraphML. */
START_TEST(export_topology_zoo_reads_back_the_same)
{
	const char *data = getenv("KARST_TEST_DATA"), *top = getenv("KARST_SRCDIR");
	char folder[4096], path[8192];
	struct dirent *entry;
	DIR *dir;

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
		check_equal(&t, IMPORT_YAML, 0);
		check_equal(&t, IMPORT_GRAPHML, 0);
		codec_topology_free(&t);
	}
	closedir(dir);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("export");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, export_yaml_and_json_read_back_the_same);
	tcase_add_loop_test(tc, export_graphml_csv_and_rfc8345_read_back_the_same, 0, 3);
	tcase_add_test(tc, export_tells_what_has_no_place);
	tcase_add_test(tc, export_format_that_is_only_read_is_refused);
	tcase_add_test(tc, export_topology_zoo_reads_back_the_same);
	return suite_run("models/export", tc, 900);
}
