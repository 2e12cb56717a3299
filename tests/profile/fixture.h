/* What the tests of profiles share: each profile beside its router, which is a data tree of
 * libyang's under the router's own modules. It takes edits and Sets by itself; nothing of the code
 * under test is in it. */
#ifndef TESTS_PROFILE_FIXTURE_H
#define TESTS_PROFILE_FIXTURE_H

#include <libyang/libyang.h>
#include <stdio.h>
#include <string.h>

#include "southbound/netconf/data.h"
#include "southbound/profile/library.h"
#include "tests/support/suite.h"

static const char *
source_dir(void)
{
	const char *set = getenv("KARST_SRCDIR");

	return set ? set : KARST_SRCDIR;
}

/* A kind of router: how Karst writes it, and its modules. */
struct kind {
	const char *model, *file; /* built in, or a file of the source tree */
	const char *modules[4];
	const char *others; /* what somebody else has there, as XML */
	size_t n_others; /* policies of theirs */
	bool path_names, steering;
};

#define KARST_NS "xmlns=\"urn:karst:yang:karst-device\""
#define IETF_NS "xmlns=\"urn:ietf:params:xml:ns:yang:ietf-sr-policy\""
#define SEGMENT(i, kind, value)                                                                    \
	"<segment><index>" i "</index><type>segment-type-" kind "</type><segment-types>"           \
	"<segment-type-" kind "><sid-value>" value "</sid-value></segment-type-" kind ">"          \
	"</segment-types></segment>"

static const struct kind kinds[] = {
	{ .model = "karst",
	  .modules = { "karst-device" },
	  .others = "<srv6-policies " KARST_NS "><policy><color>7</color><endpoint>2001:db8::7"
		    "</endpoint><name>theirs</name></policy></srv6-policies>",
	  .n_others = 1,
	  .path_names = true,
	  .steering = true },
	{ .model = "ietf",
	  .modules = { "ietf-routing", "ietf-sr-policy" },
	  .others =
	      "<routing xmlns=\"urn:ietf:params:xml:ns:yang:ietf-routing\"><router-id>1.2.3.4"
	      "</router-id><segment-routing " IETF_NS "><traffic-engineering><attributes>"
	      "<segment-lists><segment-list><name>karst-mine</name><segments>" SEGMENT("5", "1",
										       "17")
		  SEGMENT("9", "2",
			  "2001:db8::9") "</segments></segment-list></segment-lists></attributes>"
					 "<policies><policy><color>7</color>"
					 "<endpoint>2001:db8::7</endpoint><name>"
					 "theirs</name><description>kept"
					 "</description><candidate-paths>"
					 "<candidate-path><protocol-origin>bgp"
					 "</protocol-origin><originator>x"
					 "</originator><discriminator>3"
					 "</discriminator><preference>50"
					 "</preference><segment-lists>"
					 "<segment-list><name-ref>karst-mine"
					 "</name-ref></segment-list>"
					 "</segment-lists></candidate-path>"
					 "</candidate-paths></policy></policies>"
					 "</traffic-engineering>"
					 "</segment-routing></routing>",
	  .n_others = 1,
	  .path_names = true },
	{ .file = "examples/profiles/acme.yaml",
	  .modules = { "acme-instances", "acme-srte" },
	  .others = "<network-instances xmlns=\"urn:example:acme:instances\"><network-instance>"
		    "<name>customer</name><description>kept</description></network-instance>"
		    "<network-instance><name>default</name><srte xmlns=\"urn:example:acme:srte\">"
		    "<source-address>2001:db8::5</source-address><policy><name>theirs</name>"
		    "<color>7</color><end-point>2001:db8::7</end-point><path><preference>5"
		    "</preference><source xmlns:x=\"urn:example:acme:srte\">x:dynamic</source>"
		    "</path></policy></srte></network-instance></network-instances>",
	  .n_others = 1,
	  .steering = true },
};

#define N_KINDS (sizeof kinds / sizeof *kinds)

struct bench {
	const struct kind *kind;
	struct profile_library *library;
	const struct profile *profile;
	struct ly_ctx *ctx;
	struct lyd_node *held;
	char file[600];
};

static const struct profile_scope scope = { "karst-", NULL };

static struct lyd_node *
parse_xml(const struct bench *b, const char *xml)
{
	struct lyd_node *tree = NULL;

	ck_assert_msg(lyd_parse_data_mem(b->ctx, xml, LYD_XML, LYD_PARSE_ONLY | LYD_PARSE_STRICT, 0,
					 &tree) == LY_SUCCESS,
		      "%s\n%s", ly_errmsg(b->ctx), xml);
	return tree;
}

static void
check_valid(struct bench *b)
{
	ck_assert_msg(lyd_validate_all(&b->held, b->ctx, LYD_VALIDATE_PRESENT, NULL) == LY_SUCCESS,
		      "%s: %s", b->kind->modules[0], ly_errmsg(b->ctx));
}

static void
bench_open(struct bench *b, const struct kind *kind)
{
	struct config_profile config = { .name = "x", .model = kind->model };
	struct pce_error err = { 0 };
	char folder[600];

	*b = (struct bench){ .kind = kind };
	if (kind->file != NULL) {
		snprintf(b->file, sizeof b->file, "%s/%s", source_dir(), kind->file);
		config.model_file = b->file;
	}
	ly_log_options(LY_LOSTORE);
	ck_assert_int_eq(ly_ctx_new(NULL, LY_CTX_NO_YANGLIBRARY, &b->ctx), LY_SUCCESS);
	for (size_t i = 0; i < 3; i++) {
		static const char *const folders[] = { "tests/profile/yang",
						       "examples/profiles/yang", "models/yang" };

		snprintf(folder, sizeof folder, "%s/%s", source_dir(), folders[i]);
		ly_ctx_set_searchdir(b->ctx, folder);
	}
	ck_assert_ptr_nonnull(ly_ctx_load_module(b->ctx, "edit-operations", NULL, NULL));
	for (size_t i = 0; kind->modules[i] != NULL; i++)
		ck_assert_msg(ly_ctx_load_module(b->ctx, kind->modules[i], NULL, NULL) != NULL,
			      "%s", ly_errmsg(b->ctx));
	snprintf(folder, sizeof folder, "%s/models/yang", source_dir());
	ck_assert_msg(profile_library_new(getenv("KARST_YANG_PATH"), &b->library, &err) == PCE_OK &&
			  profile_library_get(b->library, &config, &b->profile, &err) == PCE_OK,
		      "%s", err.text);
	b->held = parse_xml(b, kind->others);
	check_valid(b);
}

static void
bench_close(struct bench *b)
{
	lyd_free_all(b->held);
	profile_library_free(b->library);
	ly_ctx_destroy(b->ctx);
}

__attribute__((unused)) static void
bench_reset(struct bench *b)
{
	lyd_free_all(b->held);
	b->held = parse_xml(b, b->kind->others);
	check_valid(b);
}

/* --- the router --- */

static const char *
operation_of(const struct lyd_node *node)
{
	const struct lyd_meta *meta = lyd_find_meta(node->meta, NULL, "edit-operations:operation");

	return meta ? lyd_get_meta_value(meta) : NULL;
}

static void
take_off(struct bench *b, const struct lyd_node *node)
{
	char *path = lyd_path(node, LYD_PATH_STD, NULL, 0);
	struct lyd_node *found = NULL;

	if (b->held != NULL && lyd_find_path(b->held, path, 0, &found) == LY_SUCCESS)
		lyd_free_tree(found);
	free(path);
}

/* First everything that goes, then what comes. */
__attribute__((unused)) static void
take_off_all(struct bench *b, struct lyd_node *siblings)
{
	struct lyd_node *node, *next;

	LY_LIST_FOR_SAFE(siblings, next, node)
	{
		const char *operation = operation_of(node);

		if (operation == NULL) {
			take_off_all(b, lyd_child(node));
			continue;
		}
		take_off(b, node);
		if (strcmp(operation, "remove") == 0)
			lyd_free_tree(node);
		else
			lyd_free_meta_siblings(node->meta), node->meta = NULL;
	}
}

__attribute__((unused)) static void
router_edit(struct bench *b, const char *xml)
{
	struct lyd_node *edit = parse_xml(b, xml);

	take_off_all(b, edit);
	edit = lyd_first_sibling(edit);
	ck_assert_int_eq(lyd_merge_siblings(&b->held, edit, 0), LY_SUCCESS);
	lyd_free_all(edit);
	check_valid(b);
}

/* A path of gNMI as XPath: values get quotes, and lose their backslashes. */
static void
xpath_of(const char *path, char *out, size_t cap)
{
	size_t n = 0;
	bool inside = false;

	for (; *path && n + 3 < cap; path++) {
		if (*path == '\\' && path[1]) {
			out[n++] = *++path;
			continue;
		}
		if (*path == ']' && inside)
			out[n++] = '\'', inside = false;
		out[n++] = *path;
		if (*path == '=' && !inside && memchr(path, ']', strlen(path)))
			out[n++] = '\'', inside = true;
	}
	out[n] = '\0';
}

__attribute__((unused)) static void
router_set(struct bench *b, const struct profile_update *updates, size_t n)
{
	char path[2048];

	for (size_t i = 0; i < n; i++) {
		struct lyd_node *found = NULL, *made = NULL, *at = NULL;
		struct ly_in *in = NULL;

		xpath_of(updates[i].path, path, sizeof path);
		if (b->held && lyd_find_path(b->held, path, 0, &found) == LY_SUCCESS)
			lyd_free_tree(found);
		if (updates[i].json == NULL)
			continue;
		ck_assert_msg(lyd_new_path2(b->held, b->ctx, path, NULL, 0, 0, 0, &made, &at) ==
				  LY_SUCCESS,
			      "%s: %s", path, ly_errmsg(b->ctx));
		if (b->held == NULL)
			b->held = made;
		/* keys come again in the value */
		while (lyd_child(at) != NULL)
			lyd_free_tree(lyd_child(at));
		ck_assert_int_eq(ly_in_new_memory(updates[i].json, &in), LY_SUCCESS);
		ck_assert_msg(lyd_parse_data(b->ctx, at, in, LYD_JSON,
					     LYD_PARSE_ONLY | LYD_PARSE_STRICT, 0,
					     NULL) == LY_SUCCESS,
			      "%s: %s\n%s", updates[i].path, ly_errmsg(b->ctx), updates[i].json);
		ly_in_free(in, 0);
	}
	if (b->held != NULL)
		b->held = lyd_first_sibling(b->held);
	check_valid(b);
}

/* What it holds, as Karst understands it; *out belongs to arena. */
__attribute__((unused)) static void
router_read(const struct bench *b, bool json, struct arena *arena, struct profile_held *out)
{
	struct data_tree tree = { 0 };
	struct pce_error err = { 0 };
	enum pce_status status;
	char *text = NULL;

	lyd_print_mem(&text, b->held, json ? LYD_JSON : LYD_XML,
		      LYD_PRINT_WITHSIBLINGS | (json ? 0 : LYD_PRINT_SHRINK));
	status = json ? data_read_json(&tree, "", text, strlen(text), &err)
		      : netconf_data_read(&tree, profile_table(b->profile), text ? text : "",
					  text ? strlen(text) : 0, &err);
	ck_assert_msg(status == PCE_OK, "%s", err.text);
	status = profile_read(b->profile, &scope, &tree, &tree, arena, out, &err);
	ck_assert_msg(status == PCE_OK, "%s", err.text);
	data_free(&tree);
	free(text);
}

/* --- random policies --- */

static struct ip_addr
random_address(uint64_t *r)
{
	uint8_t octets[16] = { 0x20, 0x01, 0x0d, 0xb8 };

	for (size_t i = suite_below(r, 12) + 4; i < 16; i++)
		octets[i] = (uint8_t)suite_random(r);
	return ip_v6(octets);
}

static void
random_list(uint64_t *r, struct arena *arena, struct srpolicy_list *out)
{
	uint8_t(*sids)[16];

	out->n_sids = suite_below(r, 12) + 1;
	sids = arena_alloc(arena, out->n_sids * 16);
	for (size_t i = 0; i < out->n_sids; i++)
		memcpy(sids[i], random_address(r).octets, 16);
	out->sids = (const uint8_t(*)[16])sids;
	out->weight = suite_below(r, 2) ? 1 : suite_below(r, 1000000) + 1;
}

/* As Karst makes them: backups, or one path of weighted shares. */
static void
random_paths(uint64_t *r, struct arena *arena, struct srpolicy *out)
{
	size_t n = suite_below(r, 4), lists = n == 1 ? suite_below(r, 12) + 1 : 1;
	struct srpolicy_path *paths = arena_alloc(arena, (n + 1) * sizeof *paths);

	for (size_t i = 0; i < n; i++) {
		struct srpolicy_list *list = arena_alloc(arena, lists * sizeof *list);

		paths[i].name = i == 0 ? "primary" : "backup";
		paths[i].preference = 200 - (uint32_t)i * (suite_below(r, 50) + 1);
		if (i > 0 && paths[i].preference >= paths[i - 1].preference)
			paths[i].preference = paths[i - 1].preference - 1;
		for (size_t j = 0; j < lists; j++) {
			char name[32];

			random_list(r, arena, &list[j]);
			snprintf(name, sizeof name, "share-%zu", j + 1);
			list[j].name = lists > 1 ? arena_strdup(arena, name) : paths[i].name;
		}
		paths[i].lists = list;
		paths[i].n_lists = lists;
	}
	out->paths = paths;
	out->n_paths = n;
}

static struct srpolicy
random_policy(uint64_t *r, struct arena *arena, const struct kind *kind, unsigned key)
{
	static const char *const odd[] = { "",  "/x",  "[k=v]", "]\\", "&<>\"",
					   "é", "a b", "=",     ":",   "%41" };
	struct srpolicy p = { .color = 100 + key / 3 };
	struct srpolicy_steering *steering = arena_alloc(arena, 4 * sizeof *steering);
	uint8_t endpoint[16] = { 0x20, 0x01, 0x0d, 0xb8, [15] = (uint8_t)(1 + key % 3) };
	char name[64];

	p.endpoint = ip_v6(endpoint);
	snprintf(name, sizeof name, "karst-%u-%u%s", key, suite_below(r, 4),
		 odd[suite_below(r, 10)]);
	p.name = arena_strdup(arena, name);
	if (suite_below(r, 3) == 0)
		p.binding_sid = random_address(r);
	random_paths(r, arena, &p);
	for (size_t i = 0; kind->steering && i < suite_below(r, 3); i++) {
		char text[IP_TEXT];

		snprintf(text, sizeof text, "2001:db8:%zx00::/48", i + 1);
		ip_parse_prefix(text, &steering[i].prefix, NULL);
		if (suite_below(r, 2))
			steering[i].service_sid = random_address(r);
		p.n_steering = i + 1;
	}
	p.steering = steering;
	return p;
}

#endif
