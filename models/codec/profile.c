/* Profile files, between karst-profile and tables. */
#include "models/codec/profile.h"

#include <stdlib.h>
#include <string.h>

#include "models/codec/internal.h"

#define SIZE_MAX_OCTETS ((size_t)1 << 20)

static const struct {
	const char *name;
	enum profile_level_kind level;
} values[PROFILE_VALUES] = {
	[PROFILE_CONSTANT] = { "constant", PROFILE_LEVELS },
	[PROFILE_HEADEND] = { "headend", PROFILE_POLICY },
	[PROFILE_COLOR] = { "color", PROFILE_POLICY },
	[PROFILE_ENDPOINT] = { "endpoint", PROFILE_POLICY },
	[PROFILE_NAME] = { "name", PROFILE_POLICY },
	[PROFILE_BINDING_SID] = { "binding-sid", PROFILE_POLICY },
	[PROFILE_OPER_STATE] = { "oper-state", PROFILE_POLICY },
	[PROFILE_ACTIVE_PREFERENCE] = { "active-preference", PROFILE_POLICY },
	[PROFILE_REASON] = { "reason", PROFILE_POLICY },
	[PROFILE_PREFERENCE] = { "preference", PROFILE_PATH },
	[PROFILE_PATH_NAME] = { "path-name", PROFILE_PATH },
	[PROFILE_ACTIVE] = { "active", PROFILE_PATH },
	[PROFILE_PATH_VALID] = { "path-valid", PROFILE_PATH },
	[PROFILE_LIST_ID] = { "list-id", PROFILE_LIST },
	[PROFILE_LIST_NAME] = { "list-name", PROFILE_LIST },
	[PROFILE_LIST_REFERENCE] = { "list-reference", PROFILE_LIST },
	[PROFILE_WEIGHT] = { "weight", PROFILE_LIST },
	[PROFILE_LIST_VALID] = { "list-valid", PROFILE_LIST },
	[PROFILE_LIST_REASON] = { "list-reason", PROFILE_LIST },
	[PROFILE_INDEX] = { "index", PROFILE_SEGMENT },
	[PROFILE_SID] = { "sid", PROFILE_SEGMENT },
	[PROFILE_BEHAVIOR] = { "behavior", PROFILE_SEGMENT },
	[PROFILE_PREFIX] = { "prefix", PROFILE_STEERING },
	[PROFILE_SERVICE_SID] = { "service-sid", PROFILE_STEERING },
};

static const char *const levels[PROFILE_LEVELS] = {
	[PROFILE_POLICY] = "policy",     [PROFILE_PATH] = "candidate-path",
	[PROFILE_LIST] = "segment-list", [PROFILE_SHARED] = "shared-segment-list",
	[PROFILE_SEGMENT] = "segment",   [PROFILE_STEERING] = "steering",
};

enum profile_level_kind
profile_value_level(enum profile_value value)
{
	return values[value].level;
}

const char *
profile_value_name(enum profile_value value)
{
	return values[value].name;
}

struct profile_reader {
	const struct document *doc;
	struct arena *arena;
	bool bad; /* memory ran out */
};

static unsigned
line_of(const struct profile_reader *r, const struct lyd_node *node)
{
	char path[2048];
	bool complete;

	if (!lyd_path(node, LYD_PATH_STD, path, sizeof(path)))
		return 0;
	return locate_line(r->doc->text, r->doc->len, r->doc->format, path, &complete);
}

static enum profile_value
value_of(const struct lyd_node *node, const char *name)
{
	const char *text = read_text(node, name);
	unsigned value = 0;

	while (text && value + 1 < PROFILE_VALUES && strcmp(values[value].name, text) != 0)
		value++;
	return (enum profile_value)value;
}

static enum profile_type
type_of(const struct lyd_node *node)
{
	static const char *const names[] = { "string", "number", "number64", "boolean",
					     "identity" };
	const char *text = read_text(node, "type");
	unsigned type = 0;

	while (text && type + 1 < sizeof(names) / sizeof(names[0]) &&
	       strcmp(names[type], text) != 0)
		type++;
	return (enum profile_type)type;
}

static void *
room(struct profile_reader *r, const struct lyd_node *parent, const char *name, size_t size,
     size_t *n)
{
	void *at;

	*n = read_count(parent, name);
	at = arena_alloc(r->arena, (*n + 1) * size);
	if (!at) {
		r->bad = true;
		*n = 0;
	}
	return at;
}

static void
read_leaf(struct profile_reader *r, const struct lyd_node *node, struct profile_leaf *out)
{
	const char *offset = read_text(node, "offset");
	const struct lyd_node *child;
	struct profile_word *words = room(r, node, "word", sizeof(*words), &out->n_words);
	size_t i = 0;

	out->path = read_copy(r->arena, read_text(node, "path"), &r->bad);
	out->value = value_of(node, "value");
	out->constant = read_copy(r->arena, read_text(node, "constant"), &r->bad);
	out->with = value_of(node, "with");
	out->type = type_of(node);
	out->state = read_bool(node, "state", false);
	out->multiply = (uint32_t)read_u64(node, "multiply", 1);
	out->offset = offset ? strtoll(offset, NULL, 10) : 0;
	out->line = line_of(r, node);
	LY_LIST_FOR(out->n_words ? lyd_child(node) : NULL, child)
	{
		if (strcmp(read_name(child), "word") != 0)
			continue;
		words[i].ours = read_copy(r->arena, read_text(child, "ours"), &r->bad);
		words[i++].theirs = read_copy(r->arena, read_text(child, "theirs"), &r->bad);
	}
	out->words = words;
}

static void
read_level(struct profile_reader *r, const struct lyd_node *node, struct profile_level *out)
{
	const struct lyd_node *child;
	struct profile_leaf *leaves;
	size_t i = 0;

	if (!node)
		return;
	out->path = read_copy(r->arena, read_text(node, "path"), &r->bad);
	out->keys = read_strings(node, "key", r->arena, &out->n_keys, &r->bad);
	out->line = line_of(r, node);
	leaves = room(r, node, "leaf", sizeof(*leaves), &out->n_leaves);
	LY_LIST_FOR(out->n_leaves ? lyd_child(node) : NULL, child)
	{
		if (strcmp(read_name(child), "leaf") == 0)
			read_leaf(r, child, &leaves[i++]);
	}
	out->leaves = leaves;
}

static void
read_modules(struct profile_reader *r, const struct lyd_node *top, struct profile_table *out)
{
	struct profile_module *modules = room(r, top, "module", sizeof(*modules), &out->n_modules);
	const struct lyd_node *child;
	size_t i = 0;

	LY_LIST_FOR(out->n_modules ? lyd_child(top) : NULL, child)
	{
		if (strcmp(read_name(child), "module") != 0)
			continue;
		modules[i].name = read_copy(r->arena, read_text(child, "name"), &r->bad);
		modules[i].ns = read_copy(r->arena, read_text(child, "namespace"), &r->bad);
		modules[i++].line = line_of(r, child);
	}
	out->modules = modules;
}

static const struct lyd_node *
find_top(const struct lyd_node *tree)
{
	const struct lyd_node *node;

	LY_LIST_FOR(tree, node)
	{
		if (strcmp(read_name(node), "profile") == 0)
			return node;
	}
	return NULL;
}

static enum pce_status
read_table(struct profile_reader *r, const struct profile_table **out, struct pce_error *err)
{
	struct profile_table *table = arena_alloc(r->arena, sizeof(*table));
	const struct lyd_node *top = find_top(r->doc->tree);
	const char *form;

	if (!top)
		return pce_fail(err, PCE_INVALID,
				"this is no profile: it has no "
				"karst-profile:profile");
	if (!table)
		return pce_no_memory(err);
	table->name = read_copy(r->arena, read_text(top, "name"), &r->bad);
	table->gnmi_origin = read_copy(r->arena, read_text(top, "gnmi-origin"), &r->bad);
	table->gnmi_bare = read_bool(top, "gnmi-bare", false);
	form = read_text(top, "address-form");
	table->expanded_addresses = form && strcmp(form, "expanded") == 0;
	read_modules(r, top, table);
	for (size_t i = 0; i < PROFILE_LEVELS; i++)
		read_level(r, read_child(top, levels[i]), &table->levels[i]);
	if (r->bad)
		return pce_no_memory(err);
	*out = table;
	return PCE_OK;
}

enum pce_status
codec_profile_parse(const struct codec *codec, const char *text, size_t len, struct arena *arena,
		    const struct profile_table **out, struct pce_error *err)
{
	struct document doc = { 0 };
	struct profile_reader r = { &doc, arena, false };
	enum pce_status status = document_parse(codec, text, len, false, &doc, err);

	if (status == PCE_OK)
		status = read_table(&r, out, err);
	document_free(&doc);
	return status;
}

enum pce_status
codec_profile_read(const struct codec *codec, const char *path, struct arena *arena,
		   const struct profile_table **out, struct pce_error *err)
{
	char *text = NULL;
	size_t len = 0;
	enum pce_status status = codec_file_read(path, SIZE_MAX_OCTETS, &text, &len, err);

	if (status)
		return status;
	status = codec_profile_parse(codec, text, len, arena, out, err);
	free(text);
	return status ? codec_name_file(err, status, path) : PCE_OK;
}
