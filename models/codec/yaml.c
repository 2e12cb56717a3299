/*
 * YAML to JSON, led by the schema: YAML's `1.5` is a number to people and a string to RFC 7951 when
 * the leaf is a decimal64, so each scalar is quoted as its leaf's type demands. Unknown names and
 * values of the wrong shape are refused here, where their line is known. Newlines are put in so
 * that every JSON token stands on the line of its YAML original: what libyang says about lines is
 * true.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/codec/fyaml.h"
#include "models/codec/internal.h"

struct yaml {
	const struct codec *codec;
	struct text *out;
	size_t start, limit; /* aliases may not make more text than this */
	unsigned line; /* line of the JSON text that is being written */
	struct pce_error *err;
};

/* Where the walk is, for the data path of an error. */
struct frame {
	const struct frame *up;
	const struct lysc_node *schema;
	struct fy_node *key; /* the member's name, for lines of values that have none */
	struct fy_node *item; /* of a list: the entry; NULL */
};

static void
frame_path(const struct frame *frame, struct text *out)
{
	const struct lysc_node *key;

	if (!frame || !frame->schema)
		return;
	frame_path(frame->up, out);
	if (frame->up && frame->up->schema)
		text_printf(out, "/%s", frame->schema->name);
	else
		text_printf(out, "/%s:%s", frame->schema->module->name, frame->schema->name);
	if (!frame->item)
		return;
	for (key = lysc_node_child(frame->schema); key && lysc_is_key(key); key = key->next) {
		struct fy_node *value =
		    fy_node_mapping_lookup_by_string(frame->item, key->name, strlen(key->name));
		size_t len;
		const char *at = fyaml_scalar(fyaml_resolve(value), &len);

		if (at)
			text_printf(out, "[%s='%.*s']", key->name, (int)len, at);
	}
}

static enum pce_status yaml_fail(struct yaml *y, const struct frame *frame, struct fy_node *at,
				 const char *fmt, ...) __attribute__((format(printf, 4, 5)));

static enum pce_status
yaml_fail(struct yaml *y, const struct frame *frame, struct fy_node *at, const char *fmt, ...)
{
	struct text path = { 0 };
	char words[PCE_ERROR_TEXT];
	va_list args;
	unsigned line = fyaml_line(at);
	enum pce_status status;

	if (line == 0 && frame)
		line = fyaml_line(frame->key);
	va_start(args, fmt);
	vsnprintf(words, sizeof(words), fmt, args);
	va_end(args);
	frame_path(frame, &path);
	status = pce_fail_at(y->err, PCE_MALFORMED, text_get(&path), line, "%s", words);
	text_free(&path);
	return status;
}

/* Goes down to the line of a node. */
static void
keep_line(struct yaml *y, struct fy_node *node)
{
	unsigned line = fyaml_line(node);

	for (; y->line < line; y->line++)
		text_add(y->out, "\n");
}

/* True for what JSON would read as a number. */
static bool
is_number(const char *at, size_t len)
{
	size_t i = 0, digits = 0;

	if (i < len && at[i] == '-')
		i++;
	if (i + 1 < len && at[i] == '0' && at[i + 1] >= '0' && at[i + 1] <= '9')
		return false;
	for (; i < len && at[i] >= '0' && at[i] <= '9'; i++)
		digits++;
	return digits > 0 && digits < 20 && i == len;
}

/* How a value of this type is written in JSON. */
enum quoting { QUOTED, NUMBER, BOOLEAN, EMPTY };

static enum quoting
quoting_of(const struct lysc_type *type, const char *at, size_t len)
{
	switch (type->basetype) {
	case LY_TYPE_INT8:
	case LY_TYPE_INT16:
	case LY_TYPE_INT32:
	case LY_TYPE_UINT8:
	case LY_TYPE_UINT16:
	case LY_TYPE_UINT32:
		return is_number(at, len) ? NUMBER : QUOTED;
	case LY_TYPE_BOOL:
		return (len == 4 && memcmp(at, "true", 4) == 0) ||
			       (len == 5 && memcmp(at, "false", 5) == 0)
			   ? BOOLEAN
			   : QUOTED;
	case LY_TYPE_EMPTY:
		return EMPTY;
	case LY_TYPE_LEAFREF:
		return quoting_of(((const struct lysc_type_leafref *)type)->realtype, at, len);
	case LY_TYPE_UNION: {
		const struct lysc_type_union *u = (const struct lysc_type_union *)type;
		LY_ARRAY_COUNT_TYPE i;

		LY_ARRAY_FOR(u->types, i)
		{
			enum quoting q = quoting_of(u->types[i], at, len);

			if (q != QUOTED)
				return q;
		}
		return QUOTED;
	}
	default:
		return QUOTED;
	}
}

static enum pce_status
put_scalar(struct yaml *y, const struct frame *frame, struct fy_node *node,
	   const struct lysc_type *type)
{
	const char *name = frame->schema->name;
	size_t len;
	const char *at = fyaml_scalar(node, &len);
	bool plain = node && fy_node_is_scalar(node) && fy_node_get_style(node) == FYNS_PLAIN;
	enum quoting quoting;

	if (!at && !(node && fy_node_is_scalar(node)))
		return yaml_fail(y, frame, node, "%s needs a single value", name);
	if (plain &&
	    (len == 0 || (len == 1 && *at == '~') || (len == 4 && memcmp(at, "null", 4) == 0)))
		return yaml_fail(y, frame, node, "%s has no value", name);
	keep_line(y, node);
	quoting = quoting_of(type, at, len);
	if (quoting == EMPTY)
		text_add(y->out, "[null]");
	else if (quoting == QUOTED || !plain)
		text_json_string(y->out, at ? at : "", len);
	else
		text_bytes(y->out, at, len);
	if (y->out->len - y->start > y->limit)
		return yaml_fail(y, frame, node, "the aliases of this text make it too large");
	return text_ok(y->out) ? PCE_OK : pce_no_memory(y->err);
}

static enum pce_status put_members(struct yaml *y, const struct frame *frame, struct fy_node *node,
				   bool *comma);

static enum pce_status
put_object(struct yaml *y, const struct frame *frame, struct fy_node *node)
{
	bool comma = false;
	enum pce_status status;

	if (!node || fy_node_get_type(node) != FYNT_MAPPING)
		return yaml_fail(y, frame, node, "%s needs names with values (NAME: VALUE)",
				 frame->schema->name);
	text_add(y->out, "{");
	status = put_members(y, frame, node, &comma);
	text_add(y->out, "}");
	return status;
}

static enum pce_status
put_sequence(struct yaml *y, const struct frame *frame, struct fy_node *node)
{
	const struct lysc_node *schema = frame->schema;
	struct frame entry = *frame;
	struct fy_node *item;
	void *iter = NULL;
	bool comma = false;
	enum pce_status status = PCE_OK;

	if (!node || fy_node_get_type(node) != FYNT_SEQUENCE)
		return yaml_fail(y, frame, node, "%s needs a list (one \"- \" for each)",
				 schema->name);
	text_add(y->out, "[");
	while (status == PCE_OK && (item = fy_node_sequence_iterate(node, &iter)) != NULL) {
		if (comma)
			text_add(y->out, ",");
		comma = true;
		item = fyaml_resolve(item);
		if (schema->nodetype == LYS_LEAFLIST) {
			status = put_scalar(y, frame, item,
					    ((const struct lysc_node_leaflist *)schema)->type);
			continue;
		}
		if (item && fy_node_get_type(item) == FYNT_MAPPING)
			entry.item = item;
		status = put_object(y, &entry, item);
	}
	text_add(y->out, "]");
	return status;
}

static bool
is_null(struct fy_node *node)
{
	size_t len;
	const char *at;

	if (!node || fy_node_get_type(node) != FYNT_SCALAR)
		return !node;
	at = fyaml_scalar(node, &len);
	return fy_node_get_style(node) == FYNS_PLAIN &&
	       (len == 0 || (len == 4 && memcmp(at, "null", 4) == 0) || (len == 1 && *at == '~'));
}

static enum pce_status
put_value(struct yaml *y, const struct frame *frame, struct fy_node *key, struct fy_node *node)
{
	const struct lysc_node *schema = frame->schema;

	if (schema->nodetype == LYS_LEAF) {
		if (!node)
			return yaml_fail(y, frame, key, "%s has no value", schema->name);
		return put_scalar(y, frame, node, ((const struct lysc_node_leaf *)schema)->type);
	}
	if (schema->nodetype == LYS_CONTAINER) {
		if (!is_null(node))
			return put_object(y, frame, node);
		text_add(y->out, "{}");
	} else if (schema->nodetype == LYS_LIST || schema->nodetype == LYS_LEAFLIST) {
		if (!is_null(node))
			return put_sequence(y, frame, node);
		text_add(y->out, "[]");
	} else {
		return yaml_fail(y, frame, key, "%s cannot be given here", schema->name);
	}
	return PCE_OK;
}

/* The schema node of a member: below parent, or at the top of any module. */
static const struct lysc_node *
find_schema(const struct yaml *y, const struct lysc_node *parent, const char *name, size_t len)
{
	const char *colon = memchr(name, ':', len);
	const char *local = colon ? colon + 1 : name;
	size_t local_len = len - (size_t)(local - name);
	const struct lys_module *module;
	uint32_t index = 0;

	while ((module = ly_ctx_get_module_iter(y->codec->ctx, &index)) != NULL) {
		const struct lysc_node *found;

		if (!module->implemented ||
		    (colon && (strlen(module->name) != (size_t)(colon - name) ||
			       memcmp(module->name, name, (size_t)(colon - name)) != 0)))
			continue;
		if (!colon && !parent && strncmp(module->name, "karst-", 6) != 0)
			continue;
		found = lys_find_child(parent, module, local, local_len, 0, 0);
		if (found && (parent || found->nodetype & (LYS_CONTAINER | LYS_LIST | LYS_LEAF)))
			return found;
	}
	return NULL;
}

static enum pce_status
put_member(struct yaml *y, const struct frame *up, struct fy_node_pair *pair)
{
	struct fy_node *key = fy_node_pair_key(pair);
	struct fy_node *value = fyaml_resolve(fy_node_pair_value(pair));
	size_t len;
	const char *name = fyaml_scalar(key, &len);
	struct frame frame = { up, NULL, key, NULL };

	if (!name || len == 0)
		return yaml_fail(y, up, key, "a name must be plain text");
	frame.schema = find_schema(y, up->schema, name, len);
	if (!frame.schema)
		return yaml_fail(y, up, key, "%.*s is not known in %s", (int)len, name,
				 up->schema ? up->schema->name : "Karst's models");
	keep_line(y, key);
	if (up->schema && !(up->schema->nodetype & LYS_RPC))
		text_printf(y->out, "\"%s\":", frame.schema->name);
	else
		text_printf(y->out, "\"%s:%s\":", frame.schema->module->name, frame.schema->name);
	if (fy_node_pair_value(pair) && !value)
		return yaml_fail(y, &frame, key, "the alias stands for nothing");
	return put_value(y, &frame, key, value);
}

static enum pce_status
put_members(struct yaml *y, const struct frame *frame, struct fy_node *node, bool *comma)
{
	struct fy_node_pair *pair;
	void *iter = NULL;
	enum pce_status status = PCE_OK;

	while (status == PCE_OK && (pair = fy_node_mapping_iterate(node, &iter)) != NULL) {
		if (*comma)
			text_add(y->out, ",");
		*comma = true;
		status = put_member(y, frame, pair);
	}
	return status;
}

/* The members of an operation's input, which may stand below "MODULE:input". */
static struct fy_node *
unwrap_input(struct fy_node *node, const struct lysc_node *root)
{
	char name[128];
	struct fy_node *inner;

	if (!root || fy_node_get_type(node) != FYNT_MAPPING)
		return node;
	snprintf(name, sizeof(name), "%s:input", root->module->name);
	inner = fy_node_mapping_lookup_by_string(node, name, strlen(name));
	return inner && fy_node_get_type(inner) == FYNT_MAPPING ? inner : node;
}

enum pce_status
yaml_to_json(const struct codec *codec, const char *text, size_t len, const struct lysc_node *root,
	     struct text *out, struct pce_error *err)
{
	struct yaml y = { codec, out, out->len, len * 16 + (1u << 20), 1, err };
	struct frame top = { NULL, root, NULL, NULL };
	struct fy_document *doc = NULL;
	struct fy_node *node;
	bool comma = false;
	enum pce_status status = fyaml_parse(text, len, false, &doc, err);

	if (status != PCE_OK)
		return status;
	node = fyaml_resolve(fy_document_root(doc));
	if (!node || fy_node_get_type(node) != FYNT_MAPPING) {
		status = pce_fail_at(err, PCE_MALFORMED, NULL, node ? fyaml_line(node) : 0,
				     "the text is neither JSON nor YAML with names and values");
	} else {
		text_add(out, "{");
		status = put_members(&y, &top, unwrap_input(node, root), &comma);
		text_add(out, "}");
	}
	fy_document_destroy(doc);
	if (status == PCE_OK && !text_ok(out))
		status = pce_no_memory(err);
	return status;
}
