/* What a profile can and cannot be, what it cannot say, what routers tell, and hostile input. */
#include "models/codec/codec.h"
#include "tests/profile/fixture.h"

static struct codec *codec;
static struct bench b;

static void
open_kind(size_t kind)
{
	struct pce_error err = { 0 };

	ck_assert_msg(codec_new(getenv("KARST_YANG_PATH"), &codec, &err) == PCE_OK, "%s", err.text);
	bench_open(&b, &kinds[kind]);
}

static void
close_all(void)
{
	bench_close(&b);
	codec_free(codec);
}

/* --- profile files --- */

/* The example with one text put in the place of another, or a folder's worth of it. */
static char *
changed(const char *from, const char *to, size_t *len)
{
	char *text, *at, *out;
	struct pce_error err = { 0 };

	ck_assert_msg(codec_file_read(b.file, 0, &text, len, &err) == PCE_OK, "%s", err.text);
	at = strstr(text, from);
	ck_assert_msg(at != NULL, "the example has no \"%s\"", from);
	out = calloc(1, *len + strlen(to) + 1);
	memcpy(out, text, (size_t)(at - text));
	strcat(out, to);
	strcat(out, at + strlen(from));
	*len = strlen(out);
	free(text);
	return out;
}

static enum pce_status
judge(const char *text, size_t len, struct pce_error *err)
{
	const struct profile_table *table;
	const char *lacking = NULL;
	struct profile *profile = NULL;
	struct arena arena = { 0 };
	char folder[600];
	enum pce_status status = codec_profile_parse(codec, text, len, &arena, &table, err);

	snprintf(folder, sizeof folder, "%s/examples/profiles/yang", source_dir());
	if (status == PCE_OK)
		status = profile_new(table, &profile, err);
	if (status == PCE_OK)
		status = codec_profile_check(table, folder, &lacking, err);
	profile_free(profile);
	arena_free(&arena);
	return status;
}

START_TEST(faulty_profile_is_refused_with_line_and_path)
{
	static const struct {
		const char *from, *to, *says;
		unsigned line; /* 0: whichever */
	} rows[] = {
		{ "name: acme\n", "name: acme\n  nonsense: 1\n", "nonsense", 0 },
		{ "value: color", "value: colour", "colour", 0 },
		{ "key: [name]", "key: [nam]", "key nam is none of its leaves", 11 },
		{ "value: color", "value: sid", "a policy has no sid", 17 },
		{ "value: color", "value: name", "no leaf of its policy is the color", 0 },
		{ "acme-srte:srte/policy", "other:srte/policy", "module other", 0 },
		{ "path: sidlist", "path: /sidlist", "begins in a candidate-path", 0 },
		{ "path: end-point", "path: endpoint", "no acme-srte:endpoint", 20 },
		{ "path: end-point", "path: 'end-point['", "a key is", 20 },
		{ "srte/policy", "srte", "is no list", 0 },
		{ "key: [preference]", "key: [preference, source]", "fewer keys", 0 },
		{ "type: number\n      - path: end-point", "type: boolean\n      - path: end-point",
		  "another type", 17 },
		{ "theirs: Up", "theirs: UP", "cannot hold \"UP\"", 0 },
		{ "path: status/cause\n        value: reason\n        state: true",
		  "path: status/cause\n        value: reason", "is no configuration", 0 },
		{ "      - path: end-point\n        value: endpoint\n", "",
		  "no leaf of its policy is the endpoint", 0 },
		{ "namespace: urn:example:acme:srte", "namespace: urn:other",
		  "the namespace of module acme-srte", 0 },
		{ "constant: acme-srte:explicit", "constant: acme-srte:none", "cannot hold", 0 },
	};

	open_kind(2);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct pce_error err = { 0 };
		size_t len;
		char *text = changed(rows[i].from, rows[i].to, &len);

		ck_assert_msg(judge(text, len, &err) != PCE_OK, "\"%s\" passes", rows[i].to);
		ck_assert_msg(strstr(err.text, rows[i].says) != NULL, "\"%s\": %s", rows[i].to,
			      err.text);
		ck_assert_msg(rows[i].line == 0 || err.line == rows[i].line, "\"%s\": line %u",
			      rows[i].to, err.line);
		free(text);
	}
	close_all();
}
END_TEST

START_TEST(profile_cut_anywhere_is_refused_or_read)
{
	struct pce_error err = { 0 };
	size_t len;
	char *text;

	open_kind(2);
	ck_assert_int_eq(codec_file_read(b.file, 0, &text, &len, &err), PCE_OK);
	ck_assert_msg(judge(text, len, &err) == PCE_OK, "%s", err.text);
	for (size_t n = 0; n < len; n += 7) {
		struct pce_error why = { 0 };

		if (judge(text, n, &why) != PCE_OK)
			ck_assert_uint_gt(strlen(why.text), 5);
	}
	free(text);
	close_all();
}
END_TEST

/* --- what a model cannot say --- */

static enum pce_status
write_one(const struct srpolicy *policy, struct pce_error *err)
{
	const struct deploy_change change = { DEPLOY_REPLACE, policy, NULL };
	struct text xml = { 0 };
	enum pce_status status = profile_edit(b.profile, &scope, &change, 1, false, &xml, err);

	ck_assert(status == PCE_OK || xml.len == 0);
	text_free(&xml);
	return status;
}

START_TEST(what_a_model_cannot_say_is_refused_by_name)
{
	struct srpolicy_steering steering = { .service_sid = { 0 } };
	uint64_t r = 1;
	struct arena arena = { 0 };
	struct srpolicy p;
	struct pce_error err = { 0 };

	open_kind(1);
	p = random_policy(&r, &arena, &kinds[1], 1);
	ck_assert_msg(write_one(&p, &err) == PCE_OK, "%s", err.text);
	ip_parse_prefix("2001:db8:9::/48", &steering.prefix, NULL);
	p.steering = &steering;
	p.n_steering = 1;
	ck_assert_int_eq(write_one(&p, &err), PCE_UNSUPPORTED);
	ck_assert_msg(strstr(err.text, "steering 2001:db8:9::/48") != NULL, "%s", err.text);
	close_all();
	open_kind(2);
	do
		p = random_policy(&r, &arena, &kinds[2], 1);
	while (p.n_paths == 0);
	ck_assert_msg(write_one(&p, &err) == PCE_OK, "%s", err.text);
	((struct srpolicy_path *)(uintptr_t)p.paths)[0].name = "mine";
	ck_assert_int_eq(write_one(&p, &err), PCE_UNSUPPORTED);
	ck_assert_msg(strstr(err.text, "name, mine, would become primary") != NULL, "%s", err.text);
	close_all();
	arena_free(&arena);
}
END_TEST

START_TEST(two_paths_of_one_preference_are_refused)
{
	uint64_t r = 3;
	struct arena arena = { 0 };
	struct pce_error err = { 0 };
	struct srpolicy_path twice[2];
	struct srpolicy p;

	open_kind(0);
	do
		p = random_policy(&r, &arena, &kinds[0], 1);
	while (p.n_paths == 0);
	twice[0] = twice[1] = p.paths[0];
	p.paths = twice;
	p.n_paths = 2;
	ck_assert_int_eq(write_one(&p, &err), PCE_UNSUPPORTED);
	ck_assert_msg(strstr(err.text, "twice") != NULL, "%s", err.text);
	close_all();
	arena_free(&arena);
}
END_TEST

/* --- what routers tell --- */

static void
hear(const char *xml, struct arena *arena, struct profile_held *out)
{
	struct data_tree tree = { 0 };
	struct pce_error err = { 0 };

	ck_assert_msg(netconf_data_read(&tree, profile_table(b.profile), xml, strlen(xml), &err) ==
			      PCE_OK &&
			  profile_read(b.profile, &scope, &tree, &tree, arena, out, &err) == PCE_OK,
		      "%s", err.text);
	data_free(&tree);
}

#define ACME(inside)                                                                               \
	"<network-instances xmlns=\"urn:example:acme:instances\"><network-instance><name>default"  \
	"</name><srte xmlns=\"urn:example:acme:srte\"><policy><name>karst-a</name><color>100"      \
	"</color><end-point>2001:db8::1</end-point>" inside                                        \
	"</policy></srte></network-instance></network-instances>"
#define IETF(lists, inside)                                                                        \
	"<routing xmlns=\"urn:ietf:params:xml:ns:yang:ietf-routing\"><segment-routing " IETF_NS    \
	"><traffic-engineering><attributes><segment-lists>" lists "</segment-lists></attributes>"  \
	"<policies><policy><color>100</color><endpoint>2001:db8::1</endpoint><name>karst-a"        \
	"</name>" inside "</policy></policies></traffic-engineering></segment-routing></routing>"
#define PATH(origin, inside)                                                                       \
	"<candidate-paths><candidate-path><protocol-origin>" origin "</protocol-origin>"           \
	"<originator>0:0.0.0.0</originator><discriminator>200</discriminator><preference>200"      \
	"</preference>" inside "</candidate-path></candidate-paths>"

START_TEST(state_is_told_in_each_models_words)
{
	struct profile_held held = { 0 };
	struct arena arena = { 0 };

	open_kind(2);
	hear(
	    ACME("<path><preference>200</preference><sidlist><name>primary</name></sidlist><status>"
		 "<usable>no</usable></status></path><status><line>Down</line><cause>no way</cause>"
		 "</status>"),
	    &arena, &held);
	ck_assert_uint_eq(held.n_oper, 1);
	ck_assert(!held.oper[0].up);
	ck_assert_str_eq(held.oper[0].reason, "no way");
	ck_assert_uint_eq(held.oper[0].n_lists, 1);
	ck_assert(!held.oper[0].lists[0].valid);
	close_all();
	open_kind(1);
	hear(IETF("", "<oper-state>UP</oper-state>" PATH(
			  "local", "<is-best-candidate-path>true</is-best-candidate-path>")),
	     &arena, &held);
	ck_assert_uint_eq(held.n_oper, 1);
	ck_assert(held.oper[0].up);
	ck_assert_uint_eq(held.oper[0].active_preference, 200);
	close_all();
	arena_free(&arena);
}
END_TEST

START_TEST(what_no_field_can_say_is_odd)
{
	static const struct {
		size_t kind;
		const char *xml, *odd; /* NULL: nothing */
	} rows[] = {
		{ 2, ACME(""), NULL },
		{ 2, ACME("<shutdown>false</shutdown>"), NULL },
		{ 2, ACME("<shutdown> true </shutdown>"), "shutdown is true" },
		{ 2, ACME("<path><preference>1</preference><source>x:dynamic</source></path>"),
		  "source is x:dynamic" },
		{ 2, ACME("<path><preference>1</preference><source>y:explicit</source></path>"),
		  NULL },
		{ 2,
		  ACME("<path><preference>1</preference><sidlist><name>a</name><share>1500</share>"
		       "</sidlist></path>"),
		  "share is 1500" },
		{ 1, IETF("", "<admin-state>DOWN</admin-state>"), "admin-state is DOWN" },
		{ 1, IETF("", PATH("bgp", "")), "protocol-origin is bgp" },
		{ 1,
		  IETF("", PATH("local", "<segment-lists><segment-list><name-ref>x</name-ref>"
					 "</segment-list></segment-lists>")),
		  "segment list is not there" },
		{ 1,
		  IETF("<segment-list><name>x</name><segments>" SEGMENT(
			   "1", "1", "17") "</segments></segment-list>",
		       PATH("local", "<segment-lists><segment-list><name-ref>x</name-ref>"
				     "</segment-list></segment-lists>")),
		  "type is segment-type-1" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct profile_held held = { 0 };
		struct arena arena = { 0 };
		const char *odd;

		open_kind(rows[i].kind);
		hear(rows[i].xml, &arena, &held);
		ck_assert_uint_eq(held.n_policies, 1);
		odd = held.policies[0].odd;
		ck_assert_msg(rows[i].odd ? odd && strcmp(odd, rows[i].odd) == 0 : odd == NULL,
			      "row %zu: %s", i, odd ? odd : "nothing");
		arena_free(&arena);
		close_all();
	}
}
END_TEST

/* --- hostile answers --- */

START_TEST(hostile_json_is_refused_and_bounded)
{
	static const char *const bad[] = {
		"",
		"{",
		"{\"a\"",
		"{\"a\":}",
		"{\"a\":1,}",
		"[1",
		"{\"a\":[[1]]}",
		"{\"a\":\"\\x\"}",
		"{\"a\":\"\\ud800\"}",
		"{\"a\":\"\\u0000\"}",
		"{\"a\":tru}",
		"{\"a\":1} 2",
		"{\"\":1}",
		"{\"m:\":1}",
		"{\"a\":\"\n\"}",
		"nonsense",
		"\"text\"",
	};
	struct text deep = { 0 };
	struct data_tree tree = { 0 };
	struct pce_error err = { 0 };

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct pce_error why = { 0 };
		struct data_tree one = { 0 };

		ck_assert_msg(data_read_json(&one, "", bad[i], strlen(bad[i]), &why) != PCE_OK,
			      "%s", bad[i]);
		ck_assert_uint_gt(strlen(why.text), 5);
		data_free(&one);
	}
	for (int i = 0; i < 100000; i++)
		text_add(&deep, "{\"a\":");
	ck_assert_int_eq(data_read_json(&tree, "", text_get(&deep), deep.len, &err), PCE_LIMIT);
	data_free(&tree);
	text_free(&deep);
}
END_TEST

START_TEST(impossible_values_are_malformed_with_their_path)
{
	static const struct {
		const char *json, *where;
	} rows[] = {
		{ "{\"karst-device:srv6-policies\":{\"policy\":[{\"color\":-1,\"endpoint\":\"::1\"}"
		  "]}}",
		  "policy/color" },
		{ "{\"karst-device:srv6-policies\":{\"policy\":[{\"color\":1e3,\"endpoint\":\"::"
		  "1\"}]}}",
		  "policy/color" },
		{ "{\"karst-device:srv6-policies\":{\"policy\":[{\"color\":4294967296,"
		  "\"endpoint\":\"::1\"}]}}",
		  "policy/color" },
		{ "{\"karst-device:srv6-policies\":{\"policy\":[{\"color\":1,\"endpoint\":\"x\"}]}"
		  "}",
		  "policy/endpoint" },
		{ "{\"karst-device:srv6-policies\":{\"policy\":[{\"endpoint\":\"::1\"}]}}",
		  "policy" },
		{ "{\"karst-device:srv6-policies\":{\"policy\":[{\"color\":1,\"endpoint\":\"::1\","
		  "\"candidate-path\":[{\"preference\":1,\"segment-list\":[{\"id\":1,\"segment\":["
		  "{\"index\":1,\"sid\":7}]}]}]}]}}",
		  "segment/sid" },
	};

	open_kind(0);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct profile_held held = { .n_policies = 7 };
		struct data_tree tree = { 0 };
		struct arena arena = { 0 };
		struct pce_error err = { 0 };

		ck_assert_int_eq(
		    data_read_json(&tree, "", rows[i].json, strlen(rows[i].json), &err), PCE_OK);
		ck_assert_int_eq(profile_read(b.profile, &scope, &tree, &tree, &arena, &held, &err),
				 PCE_MALFORMED);
		ck_assert_msg(strstr(err.text, rows[i].where) != NULL, "%s", err.text);
		ck_assert_uint_eq(held.n_policies, 7);
		data_free(&tree);
		arena_free(&arena);
	}
	close_all();
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("profile");

	tcase_add_test(t, faulty_profile_is_refused_with_line_and_path);
	tcase_add_test(t, profile_cut_anywhere_is_refused_or_read);
	tcase_add_test(t, what_a_model_cannot_say_is_refused_by_name);
	tcase_add_test(t, two_paths_of_one_preference_are_refused);
	tcase_add_test(t, state_is_told_in_each_models_words);
	tcase_add_test(t, what_no_field_can_say_is_odd);
	tcase_add_test(t, hostile_json_is_refused_and_bounded);
	tcase_add_test(t, impossible_values_are_malformed_with_their_path);
	return suite_run("profile", t, 30);
}
