/*
 * Documents: text in, validated data tree out. Parsing and validating are two steps, so that an
 * error found by validation can still be tied to the node that causes it. libyang says neither the
 * line of a validation error nor, for a missing mandatory node, which list entry lacks it: both are
 * looked up here, on the error's path only.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/codec/internal.h"

void
document_free(struct document *doc)
{
	lyd_free_all(doc->parent ? doc->parent : doc->tree);
	*doc = (struct document){ 0 };
}

/* "link a-b: delay-us" out of /karst-topology:topology/link[name='a-b']/delay-us. */
static void
describe(const char *path, char *out, size_t cap)
{
	const char *bracket = strrchr(path, '[');
	const char *slash, *tail, *key;
	char quote;

	out[0] = 0;
	if (!bracket) {
		slash = strrchr(path, '/');
		snprintf(out, cap, "%s", slash ? slash + 1 : path);
		return;
	}
	/* to the first predicate of the last list entry: its first key names it */
	while (bracket > path && bracket[-1] == ']') {
		do
			bracket--;
		while (bracket > path && *bracket != '[');
	}
	slash = bracket;
	while (slash > path && *slash != '/')
		slash--;
	key = strpbrk(bracket, "'\"");
	if (!key) {
		snprintf(out, cap, "%s", slash + 1);
		return;
	}
	quote = *key++;
	tail = strchr(key, quote);
	snprintf(out, cap, "%.*s %.*s", (int)(bracket - slash - 1), slash + 1,
		 tail ? (int)(tail - key) : 0, key);
	tail = strrchr(path, ']');
	if (tail && tail[1] == '/')
		snprintf(out + strlen(out), cap - strlen(out), ": %s", tail + 2);
}

/* Copies the location of an error item ("Data location "PATH", line number N."). */
static void
error_place(const char *place, char *path, size_t cap, unsigned *line)
{
	const char *at = place ? strstr(place, "ata location \"") : NULL;
	const char *number = place ? strstr(place, "ine number ") : NULL;
	const char *end;

	path[0] = 0;
	*line = number ? (unsigned)strtoul(number + 11, NULL, 10) : 0;
	if (!at && place)
		at = strstr(place, "hema location \"");
	if (!at)
		return;
	at = strchr(at, '"') + 1;
	end = strstr(at, "\", ");
	if (!end)
		end = strstr(at, "\".");
	snprintf(path, cap, "%.*s", end ? (int)(end - at) : (int)strlen(at), at);
}

/* libyang's messages in the words of people who write files. */
static void
plain_words(const char *msg, char *out, size_t cap)
{
	const char *value = strchr(msg, '"');
	size_t len;

	if (strncmp(msg, "Invalid non-string-encoded", 26) == 0 ||
	    strncmp(msg, "Invalid non-num64-encoded", 25) == 0)
		snprintf(out, cap, "the value %s must be written as a string (RFC 7951)",
			 value ? value : "");
	else if (strncmp(msg, "Invalid non-number-encoded", 26) == 0)
		snprintf(out, cap, "the value %s must be a number without quotes",
			 value ? value : "");
	else if (strncmp(msg, "Invalid non-boolean-encoded", 27) == 0)
		snprintf(out, cap, "the value %s must be true or false", value ? value : "");
	else if (strncmp(msg, "Node \"", 6) == 0 && strstr(msg, "\" not found as a child"))
		snprintf(out, cap, "%.*s is not known here", (int)strcspn(msg + 6, "\""), msg + 6);
	else if (strncmp(msg, "Duplicate instance of", 21) == 0)
		snprintf(out, cap, "is given twice");
	else if (strncmp(msg, "No module named", 15) == 0)
		snprintf(out, cap, "%.*s is no module of Karst",
			 value ? (int)strcspn(value + 1, "\"") + 2 : 0, value ? value : "");
	else if (strncmp(msg, "Invalid union value", 19) == 0)
		snprintf(out, cap, "the value %.*s is none of those that can be given here",
			 value ? (int)strcspn(value + 1, "\"") + 2 : 0, value ? value : "");
	else
		snprintf(out, cap, "%s", msg);
	len = strlen(out);
	while (len > 0 && out[len - 1] == '.')
		out[--len] = 0;
	for (char *quote = strstr(out, "\"."); quote; quote = strstr(quote, "\"."))
		memmove(quote + 1, quote + 2, strlen(quote + 2) + 1);
}

enum pce_status
codec_ly_fail(const struct codec *codec, const struct document *doc, enum pce_status status,
	      struct pce_error *err)
{
	const struct ly_err_item *item = ly_err_first(codec->ctx);
	char path[PCE_ERROR_PATH * 2], object[PCE_ERROR_PATH], words[PCE_ERROR_TEXT];
	unsigned line = 0, found = 0;
	bool complete = false;

	if (!item || item->no == LY_EMEM)
		return item ? pce_no_memory(err)
			    : pce_fail(err, status, "the data does not follow its schema");
	error_place(item->path, path, sizeof(path), &line);
	describe(path, object, sizeof(object));
	plain_words(item->msg, words, sizeof(words));
	/* an unknown node has no place of its own: its path is that of the parent */
	if (doc && doc->text && path[0] && !strstr(words, "is not known here"))
		found = locate_line(doc->text, doc->len, doc->format, path, &complete);
	if (found && (complete || line == 0))
		line = found;
	return pce_fail_at(err, status, path, doc ? line : 0, "%s%s%s", object,
			   object[0] == 0                         ? ""
			   : strcmp(words, "is given twice") == 0 ? " "
								  : ": ",
			   words);
}

enum pce_status
document_fail(const struct document *doc, const struct lyd_node *node, const char *leaf,
	      enum pce_status status, struct pce_error *err, const char *fmt, ...)
{
	char path[PCE_ERROR_PATH * 2] = "", text[PCE_ERROR_TEXT];
	unsigned line = 0;
	bool complete;
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (node)
		lyd_path(node, LYD_PATH_STD, path, sizeof(path));
	if (leaf)
		snprintf(path + strlen(path), sizeof(path) - strlen(path), "/%s", leaf);
	if (doc->text && path[0])
		line = locate_line(doc->text, doc->len, doc->format, path, &complete);
	return pce_fail_at(err, status, path, line, "%s", text);
}

/* The first instance of a list entry or container that lacks a mandatory child, below siblings. */
static const struct lyd_node *
find_lacking(const struct lyd_node *siblings, const struct lysc_node *parent, const char *name)
{
	const struct lyd_node *node;

	LY_LIST_FOR(siblings, node)
	{
		const struct lyd_node *found;

		if (node->schema == parent && !read_child(node, name))
			return node;
		found = find_lacking(lyd_child(node), parent, name);
		if (found)
			return found;
	}
	return NULL;
}

/* Mandatory node missing: names the entry that lacks it instead of the schema alone. */
static enum pce_status
mandatory_fail(const struct document *doc, const char *schema_path, struct pce_error *err)
{
	const struct lysc_node *schema = lys_find_path(doc->codec->ctx, NULL, schema_path, 0);
	const struct lyd_node *node = NULL;
	char path[PCE_ERROR_PATH], object[PCE_ERROR_PATH];

	if (schema && schema->parent)
		node = find_lacking(doc->tree, schema->parent, schema->name);
	if (!node) {
		const char *name = strrchr(schema_path, '/');

		return pce_fail_at(err, PCE_INVALID, schema_path, 0, "%s is missing",
				   name ? name + 1 : schema_path);
	}
	lyd_path(node, LYD_PATH_STD, path, sizeof(path));
	describe(path, object, sizeof(object));
	return document_fail(doc, node, NULL, PCE_INVALID, err, "%s: %s is missing", object,
			     schema->name);
}

static enum pce_status
validation_fail(const struct document *doc, struct pce_error *err)
{
	const struct ly_err_item *item = ly_err_first(doc->codec->ctx);
	char path[PCE_ERROR_PATH * 2];
	unsigned line;

	if (item && item->path && strncmp(item->msg, "Mandatory", 9) == 0) {
		char copy[PCE_ERROR_PATH * 2];

		error_place(item->path, path, sizeof(path), &line);
		snprintf(copy, sizeof(copy), "%s", path);
		return mandatory_fail(doc, copy, err);
	}
	return codec_ly_fail(doc->codec, doc, PCE_INVALID, err);
}

/* Data of a list whose container was left out, as bodies of RESTCONF are: the container. */
static struct lyd_node *
make_parent(const struct codec *codec, const char *json)
{
	static const char *const lists[][3] = {
		{ "karst-intent:intent", "karst-intent", "intents" },
	};
	const char *at = json + strspn(json, " \t\r\n{");
	struct lyd_node *node = NULL;

	for (size_t i = 0; *at == '"' && i < sizeof(lists) / sizeof(lists[0]); i++) {
		size_t len = strlen(lists[i][0]);

		if (strncmp(at + 1, lists[i][0], len) == 0 && at[1 + len] == '"')
			lyd_new_inner(NULL, ly_ctx_get_module_implemented(codec->ctx, lists[i][1]),
				      lists[i][2], 0, &node);
	}
	return node;
}

static enum pce_status
parse_data(struct document *doc, const char *json, bool state, struct pce_error *err)
{
	const struct ly_ctx *ctx = doc->codec->ctx;
	uint32_t options = LYD_PARSE_STRICT | LYD_PARSE_ONLY | (state ? 0 : LYD_PARSE_NO_STATE);
	struct ly_in *in = NULL;
	enum pce_status status = PCE_OK;

	if (ly_in_new_memory(json, &in))
		return pce_no_memory(err);
	doc->parent = make_parent(doc->codec, json);
	if (lyd_parse_data(ctx, doc->parent, in, LYD_JSON, options, 0, &doc->tree))
		status = codec_ly_fail(doc->codec, doc, PCE_MALFORMED, err);
	ly_in_free(in, 0);
	if (status != PCE_OK)
		return status;
	if (doc->parent) {
		doc->tree = doc->parent;
		doc->parent = NULL;
	}
	if (doc->tree &&
	    lyd_validate_all(&doc->tree, NULL,
			     LYD_VALIDATE_PRESENT | (state ? 0 : LYD_VALIDATE_NO_STATE), NULL))
		return validation_fail(doc, err);
	return PCE_OK;
}

static enum pce_status
parse_input(struct document *doc, const char *json, struct pce_error *err)
{
	struct lyd_node *op = NULL;
	struct ly_in *in = NULL;
	enum pce_status status = PCE_OK;

	if (ly_in_new_memory(json, &in))
		return pce_no_memory(err);
	if (lyd_parse_op(doc->codec->ctx, NULL, in, LYD_JSON, LYD_TYPE_RPC_YANG, &doc->tree, &op))
		status = codec_ly_fail(doc->codec, doc, PCE_MALFORMED, err);
	ly_in_free(in, 0);
	if (status == PCE_OK && lyd_validate_op(doc->tree, NULL, LYD_TYPE_RPC_YANG, NULL))
		status = validation_fail(doc, err);
	return status;
}

static bool
is_blank(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (text[i] != ' ' && text[i] != '\t' && text[i] != '\r' && text[i] != '\n')
			return false;
	}
	return true;
}

/* The text as JSON: itself, or what YAML turns into. *made is to be freed. */
static enum pce_status
as_json(const struct document *doc, const char *op_path, struct text *made, struct pce_error *err)
{
	const struct lysc_node *root = NULL;
	enum pce_status status;

	if (doc->format == CODEC_XML)
		return pce_fail(err, PCE_UNSUPPORTED, "the text is XML, not JSON or YAML");
	if (utf8_check(doc->text, doc->len, err) != PCE_OK)
		return PCE_MALFORMED;
	if (is_blank(doc->text, doc->len))
		return pce_fail(err, PCE_MALFORMED, "there is nothing in the text");
	if (op_path)
		root = lys_find_path(doc->codec->ctx, NULL, op_path, 0);
	if (doc->format == CODEC_YAML)
		return yaml_to_json(doc->codec, doc->text, doc->len, root, made, err);
	if (doc->len >= 3 && memcmp(doc->text, "\xef\xbb\xbf", 3) == 0)
		text_bytes(made, doc->text + 3, doc->len - 3);
	else
		text_bytes(made, doc->text, doc->len);
	if (!text_ok(made))
		return pce_no_memory(err);
	status = json_check(text_get(made), made->len, err);
	if (status == PCE_OK)
		json_join_surrogates(made);
	return status;
}

enum pce_status
document_parse(const struct codec *codec, const char *text, size_t len, bool state,
	       struct document *out, struct pce_error *err)
{
	struct document doc = { codec, text, len, codec_format_of(text, len), NULL, NULL };
	struct text json = { 0 };
	enum pce_status status;

	ly_err_clean(codec->ctx, NULL);
	status = as_json(&doc, NULL, &json, err);
	if (status == PCE_OK)
		status = parse_data(&doc, text_get(&json), state, err);
	text_free(&json);
	if (status != PCE_OK)
		document_free(&doc);
	else
		*out = doc;
	return status;
}

/*
 * RESTCONF says {"MODULE:input": …} (RFC 8040 section 3.6.1), libyang wants the name of the
 * operation; people may leave the wrapping out.
 */
static enum pce_status
rename_input(const char *json, const char *op_path, struct text *out, struct pce_error *err)
{
	size_t module = strcspn(op_path + 1, ":");
	char wanted[128];
	const char *at = json + strspn(json, " \t\r\n");

	snprintf(wanted, sizeof(wanted), "\"%.*s:input\"", (int)module, op_path + 1);
	if (*at != '{')
		return pce_fail(err, PCE_MALFORMED, "the input of an operation is a JSON object");
	text_bytes(out, json, (size_t)(at - json) + 1);
	at++;
	at += strspn(at, " \t\r\n");
	if (strncmp(at, wanted, strlen(wanted)) == 0) {
		text_printf(out, "\"%s\"", op_path + 1);
		text_add(out, at + strlen(wanted));
	} else {
		text_printf(out, "\"%s\":{", op_path + 1);
		text_add(out, at);
		text_add(out, "}");
	}
	return text_ok(out) ? PCE_OK : pce_no_memory(err);
}

enum pce_status
document_parse_input(const struct codec *codec, const char *text, size_t len, const char *op_path,
		     struct document *out, struct pce_error *err)
{
	struct document doc = { codec, text, len, codec_format_of(text, len), NULL, NULL };
	struct text json = { 0 }, renamed = { 0 };
	enum pce_status status;

	ly_err_clean(codec->ctx, NULL);
	status = as_json(&doc, op_path, &json, err);
	if (status == PCE_OK)
		status = rename_input(text_get(&json), op_path, &renamed, err);
	if (status == PCE_OK)
		status = parse_input(&doc, text_get(&renamed), err);
	text_free(&json);
	text_free(&renamed);
	if (status != PCE_OK)
		document_free(&doc);
	else
		*out = doc;
	return status;
}
