/*
 * JSON and GML as trees. Both parsers keep the open lists on a stack of their own that is bounded,
 * so that nesting costs no C stack.
 */
#include "models/import/tree.h"

#include <stdlib.h>
#include <string.h>

#include "models/import/scan.h"
#include "pce/base/text.h"

#define DEPTH 64

struct parser {
	struct scan scan;
	const char *format; /* for sentences */
	struct arena *arena;
	struct text buffer; /* of the string being read */
	struct tree *open[DEPTH];
	struct tree *last[DEPTH]; /* last child of each */
	size_t depth;
	struct pce_error *err;
};

static enum pce_status
malformed(struct parser *p, const char *reason)
{
	return pce_fail_at(p->err, PCE_MALFORMED, NULL, p->scan.line, "this is not %s: %s",
			   p->format, reason);
}

/* A new value behind the last one of the innermost open list. */
static enum pce_status
add(struct parser *p, enum tree_kind kind, const char *key, const char *text, struct tree **out)
{
	struct tree *node = arena_alloc(p->arena, sizeof(*node));
	size_t at = p->depth;

	if (!node)
		return pce_no_memory(p->err);
	*node = (struct tree){ kind, p->scan.line, key, text, NULL, NULL };
	if (at > 0 && p->last[at - 1])
		p->last[at - 1]->next = node;
	else if (at > 0)
		p->open[at - 1]->first = node;
	if (at > 0)
		p->last[at - 1] = node;
	*out = node;
	return PCE_OK;
}

static enum pce_status
open_list(struct parser *p, enum tree_kind kind, const char *key, struct tree **out)
{
	enum pce_status status;

	if (p->depth == DEPTH)
		return malformed(p, "it is nested more than 64 deep");
	status = add(p, kind, key, NULL, out);
	if (status != PCE_OK)
		return status;
	p->open[p->depth] = *out;
	p->last[p->depth++] = NULL;
	return PCE_OK;
}

/* The string in the buffer, in the arena. */
static enum pce_status
keep(struct parser *p, const char **out)
{
	char *copy = text_ok(&p->buffer)
			 ? arena_copy(p->arena, text_get(&p->buffer), p->buffer.len + 1)
			 : NULL;

	if (!copy)
		return pce_no_memory(p->err);
	if (strlen(copy) != p->buffer.len)
		return malformed(p, "a text holds the character NUL");
	*out = copy;
	return PCE_OK;
}

static void
put_utf8(struct text *out, unsigned long c)
{
	char octets[4];
	size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

	static const unsigned char lead[] = { 0, 0, 0xc0, 0xe0, 0xf0 };

	for (size_t i = n - 1; i > 0; i--, c >>= 6)
		octets[i] = (char)(0x80 | (c & 0x3f));
	octets[0] = (char)(lead[n] | c);
	text_bytes(out, octets, n);
}

/* --- JSON --- */

static bool
take_hex4(struct parser *p, unsigned long *out)
{
	*out = 0;
	for (int i = 0; i < 4; i++) {
		int c = scan_take(&p->scan), digit = c < 0 ? -1 : text_hex_digit((char)c);

		if (digit < 0)
			return false;
		*out = *out << 4 | (unsigned long)digit;
	}
	return true;
}

static enum pce_status
json_escape(struct parser *p)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	int c = scan_take(&p->scan);
	const char *at = c > 0 ? strchr(from, c) : NULL;
	unsigned long code, low;

	if (at) {
		text_bytes(&p->buffer, &to[at - from], 1);
		return PCE_OK;
	}
	if (c != 'u' || !take_hex4(p, &code))
		return malformed(p, "an escape sequence is wrong");
	if (code >= 0xd800 && code < 0xdc00) {
		if (!scan_is(&p->scan, '\\') || !scan_is(&p->scan, 'u') || !take_hex4(p, &low) ||
		    low < 0xdc00 || low > 0xdfff)
			return malformed(p, "half a surrogate pair");
		code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
	}
	put_utf8(&p->buffer, code);
	return PCE_OK;
}

static enum pce_status
json_string(struct parser *p, const char **out)
{
	enum pce_status status = PCE_OK;
	int c;

	if (!scan_is(&p->scan, '"'))
		return malformed(p, "a name or text in double quotes is expected");
	text_clear(&p->buffer);
	while (status == PCE_OK && (c = scan_take(&p->scan)) != '"') {
		char octet = (char)c;

		if (c < 0x20)
			return malformed(p, "a text holds a control character or does not end");
		if (c == '\\')
			status = json_escape(p);
		else
			text_bytes(&p->buffer, &octet, 1);
	}
	return status == PCE_OK ? keep(p, out) : status;
}

/* The name before a member's value, in an object. */
static enum pce_status
json_key(struct parser *p, const char **out)
{
	enum pce_status status;

	*out = NULL;
	if (p->depth == 0 || p->open[p->depth - 1]->kind != TREE_OBJECT)
		return PCE_OK;
	status = json_string(p, out);
	scan_blanks(&p->scan);
	if (status == PCE_OK && !scan_is(&p->scan, ':'))
		return malformed(p, "a colon is expected behind a name");
	scan_blanks(&p->scan);
	return status;
}

/* Numbers are looked at by those who need one. */
static bool
json_is_scalar(const char *text)
{
	return strcmp(text, "true") == 0 || strcmp(text, "false") == 0 ||
	       strcmp(text, "null") == 0 ||
	       (*text && strchr("-0123456789", *text) &&
		text[strspn(text, "-+.0123456789eE")] == 0);
}

/* A value; lists are only opened. */
static enum pce_status
json_value(struct parser *p, struct tree **out)
{
	const char *key, *text = NULL;
	enum pce_status status = json_key(p, &key);
	int c = scan_peek(&p->scan);

	if (status != PCE_OK)
		return status;
	if (c == '{' || c == '[') {
		scan_take(&p->scan);
		return open_list(p, c == '{' ? TREE_OBJECT : TREE_ARRAY, key, out);
	}
	if (c == '"') {
		status = json_string(p, &text);
		return status == PCE_OK ? add(p, TREE_STRING, key, text, out) : status;
	}
	text = scan_until(&p->scan, " \t\r\n,]}:\"[{", p->arena);
	if (!text)
		return pce_no_memory(p->err);
	if (!json_is_scalar(text))
		return malformed(p, c < 0 ? "the text ends too early" : "a value is expected");
	return add(p, TREE_SCALAR, key, text, out);
}

/* Closes lists as far as they end here; then a comma leads to the next value. */
static enum pce_status
json_behind(struct parser *p, bool *opened)
{
	while (p->depth > 0) {
		bool object = p->open[p->depth - 1]->kind == TREE_OBJECT;

		scan_blanks(&p->scan);
		if (scan_is(&p->scan, object ? '}' : ']')) {
			p->depth--;
			*opened = false;
			continue;
		}
		if (*opened)
			return PCE_OK;
		if (!scan_is(&p->scan, ','))
			return malformed(p, scan_peek(&p->scan) < 0
						? "the text ends too early"
						: "a comma or the end of a list is expected");
		scan_blanks(&p->scan);
		return PCE_OK;
	}
	return PCE_OK;
}

static enum pce_status
json_all(struct parser *p, struct tree **out)
{
	struct tree *value;
	enum pce_status status;

	scan_blanks(&p->scan);
	status = json_value(p, out);
	if (status == PCE_OK) {
		bool opened = p->depth > 0;

		status = json_behind(p, &opened);
	}
	while (status == PCE_OK && p->depth > 0) {
		size_t before = p->depth;
		bool opened;

		status = json_value(p, &value);
		opened = p->depth > before;
		if (status == PCE_OK)
			status = json_behind(p, &opened);
	}
	scan_blanks(&p->scan);
	if (status == PCE_OK && scan_peek(&p->scan) >= 0)
		return malformed(p, "something follows behind its end");
	return status;
}

/* Skips a byte order mark. */
static void
skip_mark(struct scan *s)
{
	if (reader_left(&s->in) >= 3 && memcmp(s->in.at, "\xef\xbb\xbf", 3) == 0)
		reader_bytes(&s->in, 3);
}

static enum pce_status
parse(const char *format, const char *text, size_t len, struct arena *arena, struct tree **out,
      enum pce_status (*all)(struct parser *, struct tree **), struct pce_error *err)
{
	struct parser p = {
		.scan = scan_over(text, len), .format = format, .arena = arena, .err = err
	};
	struct tree *tree = NULL;
	enum pce_status status;

	skip_mark(&p.scan);
	status = all(&p, &tree);
	text_free(&p.buffer);
	if (status == PCE_OK)
		*out = tree;
	return status;
}

enum pce_status
tree_json(const char *text, size_t len, struct arena *arena, struct tree **out,
	  struct pce_error *err)
{
	return parse("JSON", text, len, arena, out, json_all, err);
}

/* --- GML --- */

/* &amp; &#38; and so on; an ampersand that begins none of them is itself. */
static void
gml_entity(struct parser *p)
{
	static const struct {
		const char *name;
		char value;
	} entities[] = {
		{ "amp;", '&' }, { "quot;", '"' }, { "lt;", '<' }, { "gt;", '>' }, { "apos;", '\'' }
	};
	size_t left = reader_left(&p->scan.in), n = 0;
	const char *at = (const char *)p->scan.in.at;
	unsigned long code = 0;

	for (size_t i = 0; i < sizeof(entities) / sizeof(entities[0]); i++) {
		size_t len = strlen(entities[i].name);

		if (left >= len && memcmp(at, entities[i].name, len) == 0) {
			text_bytes(&p->buffer, &entities[i].value, 1);
			reader_bytes(&p->scan.in, len);
			return;
		}
	}
	if (left > 2 && at[0] == '#')
		for (n = 1; n < left && n < 9 && at[n] >= '0' && at[n] <= '9'; n++)
			code = code * 10 + (unsigned long)(at[n] - '0');
	if (n < 2 || n >= left || at[n] != ';' || code < 0x20 || code > 0x10ffff ||
	    (code >= 0xd800 && code < 0xe000)) {
		text_add(&p->buffer, "&");
		return;
	}
	put_utf8(&p->buffer, code);
	reader_bytes(&p->scan.in, n + 1);
}

static enum pce_status
gml_string(struct parser *p, const char **out)
{
	int c;

	scan_take(&p->scan);
	text_clear(&p->buffer);
	while ((c = scan_peek(&p->scan)) != '"') {
		char octet = (char)c;

		if (c < 0)
			return malformed(p, "a text in double quotes does not end");

		scan_take(&p->scan);
		if (c == '&')
			gml_entity(p);
		else if (c < 0x20)
			text_add(&p->buffer, c ? " " : "?");
		else
			text_bytes(&p->buffer, &octet, 1);
	}
	scan_take(&p->scan);
	return keep(p, out);
}

/* Blanks and lines that begin with # */
static void
gml_blanks(struct parser *p)
{
	for (scan_blanks(&p->scan); scan_peek(&p->scan) == '#'; scan_blanks(&p->scan))
		scan_line(&p->scan);
}

static bool
gml_is_key(const char *word)
{
	if (!((*word >= 'A' && *word <= 'Z') || (*word >= 'a' && *word <= 'z') || *word == '_'))
		return false;
	for (; *word; word++) {
		if (!((*word >= 'A' && *word <= 'Z') || (*word >= 'a' && *word <= 'z') ||
		      (*word >= '0' && *word <= '9') || *word == '_' || *word == '-' ||
		      *word == '.'))
			return false;
	}
	return true;
}

/* A pair, or the end of a list. Sets *done at the end of the text. */
static enum pce_status
gml_pair(struct parser *p, bool *done)
{
	const char *key, *text = NULL;
	struct tree *node;
	enum pce_status status;
	int c;

	gml_blanks(p);
	*done = scan_peek(&p->scan) < 0;
	if (*done)
		return p->depth > 1 ? malformed(p, "the text ends too early") : PCE_OK;
	if (scan_is(&p->scan, ']')) {
		if (p->depth-- > 1)
			return PCE_OK;
		return malformed(p, "a ] that closes nothing");
	}
	key = scan_until(&p->scan, " \t\r\n[]\"#", p->arena);
	if (!key)
		return pce_no_memory(p->err);
	if (!gml_is_key(key))
		return malformed(p, "a key is expected: a letter, then letters and digits");
	gml_blanks(p);
	c = scan_peek(&p->scan);
	if (scan_is(&p->scan, '['))
		return open_list(p, TREE_OBJECT, key, &node);
	if (c == '"') {
		status = gml_string(p, &text);
		return status == PCE_OK ? add(p, TREE_STRING, key, text, &node) : status;
	}
	text = scan_until(&p->scan, " \t\r\n[]\"", p->arena);
	if (!text)
		return pce_no_memory(p->err);
	if (!*text)
		return malformed(p, "a value is expected behind a key");
	return add(p, TREE_SCALAR, key, text, &node);
}

static enum pce_status
gml_all(struct parser *p, struct tree **out)
{
	enum pce_status status = open_list(p, TREE_OBJECT, NULL, out);
	bool done = false;

	while (status == PCE_OK && !done)
		status = gml_pair(p, &done);
	return status;
}

enum pce_status
tree_gml(const char *text, size_t len, struct arena *arena, struct tree **out,
	 struct pce_error *err)
{
	return parse("GML", text, len, arena, out, gml_all, err);
}

/* --- Members --- */

const char *
tree_bare(const char *key)
{
	const char *colon = strchr(key, ':');

	return colon ? colon + 1 : key;
}

const struct tree *
tree_get(const struct tree *in, const char *key)
{
	const struct tree *at = in ? in->first : NULL;

	while (at &&
	       !(at->key && (strcmp(at->key, key) == 0 || strcmp(tree_bare(at->key), key) == 0)))
		at = at->next;
	return at;
}

const char *
tree_text(const struct tree *in, const char *key)
{
	const struct tree *at = tree_get(in, key);

	return at ? at->text : NULL;
}
