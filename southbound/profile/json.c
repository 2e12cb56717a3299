/*
 * JSON (RFC 8259) into trees: one pass, bounded in depth, nodes and therefore memory. What is not
 * JSON is told with the octet where it ends to be.
 */
#include <stdint.h>
#include <string.h>

#include "southbound/profile/tree.h"

struct reader {
	struct data_tree *tree;
	const char *start, *at, *end;
	unsigned depth;
	struct text word; /* the string that was read last, decoded */
	struct pce_error *err;
};

static enum pce_status read_value(struct reader *r, struct data_node *parent,
				  const struct data_step *step, bool entry);

static enum pce_status
bad(const struct reader *r, const char *why)
{
	return pce_fail(r->err, PCE_MALFORMED, "the value is no JSON at octet %zu: %s",
			(size_t)(r->at - r->start) + 1, why);
}

static char
peek(struct reader *r)
{
	while (r->at < r->end &&
	       (*r->at == ' ' || *r->at == '\t' || *r->at == '\n' || *r->at == '\r'))
		r->at++;
	return r->at < r->end ? *r->at : '\0';
}

static bool
take(struct reader *r, char c)
{
	if (peek(r) != c || r->at == r->end)
		return false;
	r->at++;
	return true;
}

static bool
take_hex(struct reader *r, uint32_t *out)
{
	uint32_t value = 0;

	for (int i = 0; i < 4; i++) {
		int digit = r->at < r->end ? text_hex_digit(*r->at) : -1;

		if (digit < 0)
			return false;
		value = value << 4 | (uint32_t)digit;
		r->at++;
	}
	*out = value;
	return true;
}

static void
add_utf8(struct text *out, uint32_t c)
{
	char bytes[4];
	size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	static const unsigned char lead[] = { 0, 0, 0xc0, 0xe0, 0xf0 };

	for (size_t i = n; i-- > 1; c >>= 6)
		bytes[i] = (char)(0x80 | (c & 0x3f));
	bytes[0] = (char)(lead[n] | c);
	text_bytes(out, bytes, n);
}

/* What stands behind a backslash. */
static enum pce_status
read_escape(struct reader *r)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *simple = r->at < r->end && *r->at != '\0' ? strchr(from, *r->at) : NULL;
	uint32_t high, low;

	if (simple != NULL) {
		text_bytes(&r->word, &to[simple - from], 1);
		r->at++;
		return PCE_OK;
	}
	if (r->at == r->end || *r->at != 'u')
		return bad(r, "an unknown escape");
	r->at++;
	if (!take_hex(r, &high) || high == 0 || (high >= 0xdc00 && high < 0xe000))
		return bad(r, "an escape that is no character");
	if (high >= 0xd800 && high < 0xdc00) {
		if (r->end - r->at < 2 || r->at[0] != '\\' || r->at[1] != 'u')
			return bad(r, "half of a pair");
		r->at += 2;
		if (!take_hex(r, &low) || low < 0xdc00 || low >= 0xe000)
			return bad(r, "half of a pair");
		high = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
	}
	add_utf8(&r->word, high);
	return PCE_OK;
}

static enum pce_status
read_string(struct reader *r)
{
	enum pce_status status = PCE_OK;

	text_clear(&r->word);
	r->at++;
	while (status == PCE_OK && r->at < r->end && *r->at != '"') {
		const char *from = r->at;

		while (r->at < r->end && *r->at != '"' && *r->at != '\\' &&
		       (unsigned char)*r->at >= 0x20)
			r->at++;
		text_bytes(&r->word, from, (size_t)(r->at - from));
		if (r->at < r->end && *r->at == '\\') {
			r->at++;
			status = read_escape(r);
		} else if (r->at < r->end && *r->at != '"') {
			status = bad(r, "a control character in a string");
		}
	}
	if (status == PCE_OK && r->at == r->end)
		status = bad(r, "a string does not end");
	if (status)
		return status;
	r->at++;
	return text_ok(&r->word) ? PCE_OK : pce_no_memory(r->err);
}

/* "module:name" or "name" in the arena. */
static enum pce_status
read_name(struct reader *r, struct data_step *step)
{
	enum pce_status status = peek(r) == '"' ? read_string(r) : bad(r, "no member's name");
	char *copy, *colon;

	if (status)
		return status;
	copy = arena_strdup(&r->tree->arena, text_get(&r->word));
	if (copy == NULL)
		return pce_no_memory(r->err);
	colon = strchr(copy, ':');
	if (colon != NULL) {
		*colon = '\0';
		step->module = copy;
	}
	step->name = colon != NULL ? colon + 1 : copy;
	if (*step->name == '\0')
		return bad(r, "an empty name");
	return take(r, ':') ? PCE_OK : bad(r, "no colon behind a name");
}

static enum pce_status
read_members(struct reader *r, struct data_node *node)
{
	enum pce_status status = PCE_OK;

	r->at++;
	if (take(r, '}'))
		return PCE_OK;
	do {
		struct data_step step = { node->module, "", NULL, 0 };

		status = read_name(r, &step);
		if (status == PCE_OK)
			status = read_value(r, node, &step, false);
	} while (status == PCE_OK && take(r, ','));
	return status == PCE_OK && !take(r, '}') ? bad(r, "an object does not end") : status;
}

static enum pce_status
read_items(struct reader *r, struct data_node *parent, const struct data_step *step)
{
	enum pce_status status = PCE_OK;

	r->at++;
	if (take(r, ']'))
		return PCE_OK;
	do
		status = read_value(r, parent, step, true);
	while (status == PCE_OK && take(r, ','));
	return status == PCE_OK && !take(r, ']') ? bad(r, "an array does not end") : status;
}

/* A number, true, false: its text; null: nothing. */
static enum pce_status
read_plain(struct reader *r, struct data_node *parent, const struct data_step *step, bool entry)
{
	const char *from = r->at;
	struct data_node *node;
	enum pce_status status;

	while (r->at < r->end && *r->at != '\0' &&
	       strchr("+-.0123456789eEtrufalsn", *r->at) != NULL)
		r->at++;
	text_clear(&r->word);
	text_bytes(&r->word, from, (size_t)(r->at - from));
	if (r->at == from)
		return bad(r, "no value");
	if (!text_ok(&r->word))
		return pce_no_memory(r->err);
	if (strcmp(text_get(&r->word), "null") == 0)
		return PCE_OK;
	if (strspn(text_get(&r->word), "+-.0123456789eE") != r->word.len &&
	    strcmp(text_get(&r->word), "true") != 0 && strcmp(text_get(&r->word), "false") != 0)
		return bad(r, "an unknown word");
	status = data_add(r->tree, parent, step, text_get(&r->word), &node, r->err);
	if (status == PCE_OK)
		node->entry = entry;
	return status;
}

static enum pce_status
read_value(struct reader *r, struct data_node *parent, const struct data_step *step, bool entry)
{
	char c = peek(r);
	struct data_node *node;
	enum pce_status status;

	if (c != '{' && c != '[' && c != '"')
		return read_plain(r, parent, step, entry);
	if (r->depth == DATA_DEPTH)
		return pce_fail(r->err, PCE_LIMIT, "the value is nested more than %d deep",
				DATA_DEPTH);
	r->depth++;
	if (c == '[') {
		status = entry ? bad(r, "an array in an array") : read_items(r, parent, step);
	} else {
		status = c == '"' ? read_string(r) : PCE_OK;
		if (status == PCE_OK)
			status = data_add(r->tree, parent, step,
					  c == '"' ? text_get(&r->word) : NULL, &node, r->err);
		if (status == PCE_OK)
			node->entry = entry;
		if (status == PCE_OK && c == '{')
			status = read_members(r, node);
	}
	r->depth--;
	return status;
}

/* The node at the path is there, or made, up to its last element; the value goes below. An object
 * fills the node itself, as the members of several answers belong together. */
static enum pce_status
read_at(struct reader *r, const struct data_path *path)
{
	struct data_path above = { path->steps, path->n > 0 ? path->n - 1 : 0 };
	struct data_node *node = &r->tree->root;
	bool object = peek(r) == '{';
	enum pce_status status = data_reach(r->tree, node, object ? path : &above, &node, r->err);

	if (status)
		return status;
	if (object) {
		r->depth++;
		return read_members(r, node);
	}
	if (path->n == 0)
		return bad(r, "a value without a path");
	return read_value(r, node, &path->steps[path->n - 1], false);
}

enum pce_status
data_read_json(struct data_tree *tree, const char *path, const char *json, size_t len,
	       struct pce_error *err)
{
	struct reader r = {
		.tree = tree, .start = json, .at = json, .end = json + len, .err = err
	};
	struct data_path at;
	enum pce_status status;

	tree->root.module = "";
	status = data_path_parse(path, "", &tree->arena, &at, err);
	if (status == PCE_OK)
		status = read_at(&r, &at);
	if (status == PCE_OK && (peek(&r) != '\0' || r.at != r.end))
		status = bad(&r, "something behind the value");
	text_free(&r.word);
	return status;
}
