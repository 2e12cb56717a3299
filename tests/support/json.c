/* Recursive-descent JSON reader for tests. */
#include "tests/support/json.h"

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 64

struct parser {
	const char *at, *end;
	bool bad;
};

static struct json *parse_value(struct parser *p, unsigned depth);

static void
skip(struct parser *p)
{
	while (p->at < p->end && strchr(" \t\r\n", *p->at))
		p->at++;
}

static bool
take(struct parser *p, char c)
{
	skip(p);
	if (p->at >= p->end || *p->at != c)
		return false;
	p->at++;
	return true;
}

static bool
take_word(struct parser *p, const char *word)
{
	size_t len = strlen(word);

	if ((size_t)(p->end - p->at) < len || memcmp(p->at, word, len) != 0)
		return false;
	p->at += len;
	return true;
}

/* Appends a code point as UTF-8; 0 takes two octets so that strings stay C strings. */
static size_t
put_utf8(char *out, unsigned code)
{
	if (code > 0 && code < 0x80) {
		out[0] = (char)code;
		return 1;
	}
	if (code < 0x800) {
		out[0] = (char)(0xc0 | code >> 6);
		out[1] = (char)(0x80 | (code & 63));
		return 2;
	}
	out[0] = (char)(0xe0 | code >> 12);
	out[1] = (char)(0x80 | (code >> 6 & 63));
	out[2] = (char)(0x80 | (code & 63));
	return 3;
}

static size_t
take_escape(struct parser *p, char *out)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *found;
	char hex[5] = "";

	if (p->at >= p->end) {
		p->bad = true;
		return 0;
	}
	found = memchr(from, *p->at, sizeof(from) - 1);
	if (found) {
		p->at++;
		*out = to[found - from];
		return 1;
	}
	if (*p->at != 'u' || p->end - p->at < 5) {
		p->bad = true;
		return 0;
	}
	memcpy(hex, p->at + 1, 4);
	p->at += 5;
	return put_utf8(out, (unsigned)strtoul(hex, NULL, 16));
}

static char *
take_string(struct parser *p)
{
	char *out = NULL;
	size_t len = 0;

	if (!take(p, '"')) {
		p->bad = true;
		return NULL;
	}
	out = malloc((size_t)(p->end - p->at) + 4);
	while (out && p->at < p->end && *p->at != '"' && !p->bad) {
		if (*p->at != '\\') {
			out[len++] = *p->at++;
			continue;
		}
		p->at++;
		len += take_escape(p, out + len);
	}
	if (!take(p, '"') || !out)
		p->bad = true;
	else
		out[len] = '\0';
	return out;
}

static void
parse_number(struct parser *p, struct json *value)
{
	const char *from = p->at;
	size_t len;

	while (p->at < p->end && strchr("+-.eE0123456789", *p->at))
		p->at++;
	len = (size_t)(p->at - from);
	value->type = JSON_NUMBER;
	value->string = calloc(1, len + 1);
	if (!value->string || len == 0) {
		p->bad = true;
		return;
	}
	memcpy(value->string, from, len);
	value->number = strtod(value->string, NULL);
}

static void
parse_list(struct parser *p, struct json *value, bool object, unsigned depth)
{
	struct json **tail = &value->first;

	value->type = object ? JSON_OBJECT : JSON_ARRAY;
	if (take(p, object ? '}' : ']'))
		return;
	do {
		char *key = object ? take_string(p) : NULL;

		if (object && !take(p, ':'))
			p->bad = true;
		*tail = p->bad ? NULL : parse_value(p, depth + 1);
		if (!*tail) {
			free(key);
			p->bad = true;
			return;
		}
		(*tail)->key = key;
		tail = &(*tail)->next;
		value->count++;
	} while (take(p, ','));
	if (!take(p, object ? '}' : ']'))
		p->bad = true;
}

static struct json *
parse_value(struct parser *p, unsigned depth)
{
	struct json *value = calloc(1, sizeof(*value));

	skip(p);
	if (!value || depth > DEPTH_MAX || p->at >= p->end) {
		p->bad = true;
	} else if (*p->at == '{' || *p->at == '[') {
		bool object = *p->at++ == '{';

		parse_list(p, value, object, depth);
	} else if (*p->at == '"') {
		value->type = JSON_STRING;
		value->string = take_string(p);
	} else if (take_word(p, "true")) {
		value->type = JSON_BOOL;
		value->number = 1;
	} else if (take_word(p, "false")) {
		value->type = JSON_BOOL;
	} else if (!take_word(p, "null")) {
		parse_number(p, value);
	}
	if (p->bad) {
		json_free(value);
		return NULL;
	}
	return value;
}

struct json *
json_parse(const char *text, size_t len)
{
	struct parser p = { text, text + len, false };
	struct json *value = parse_value(&p, 0);

	skip(&p);
	if (p.at == p.end)
		return value;
	json_free(value);
	return NULL;
}

void
json_free(struct json *value)
{
	while (value) {
		struct json *next = value->next;

		json_free(value->first);
		free(value->key);
		free(value->string);
		free(value);
		value = next;
	}
}

const struct json *
json_get(const struct json *object, const char *key)
{
	if (!object || object->type != JSON_OBJECT)
		return NULL;
	for (const struct json *m = object->first; m; m = m->next)
		if (strcmp(m->key, key) == 0)
			return m;
	return NULL;
}

const char *
json_get_string(const struct json *object, const char *key)
{
	const struct json *m = json_get(object, key);

	return m && m->type == JSON_STRING ? m->string : NULL;
}

static bool
object_holds(const struct json *want, const struct json *got, char *why, size_t cap)
{
	for (const struct json *m = want->first; m; m = m->next) {
		const struct json *other = json_get(got, m->key);

		if (!other) {
			snprintf(why, cap, "%s is missing", m->key);
			return false;
		}
		if (!json_holds(m, other, why, cap))
			return false;
	}
	return true;
}

static bool
array_holds(const struct json *want, const struct json *got, char *why, size_t cap)
{
	const struct json *b = got->first;

	if (want->count != got->count) {
		snprintf(why, cap, "%s has %zu entries, want %zu", want->key ? want->key : "list",
			 got->count, want->count);
		return false;
	}
	for (const struct json *a = want->first; a; a = a->next, b = b->next)
		if (!json_holds(a, b, why, cap))
			return false;
	return true;
}

bool
json_holds(const struct json *want, const struct json *got, char *why, size_t cap)
{
	const char *key = want->key ? want->key : "entry";

	if (want->type != got->type) {
		snprintf(why, cap, "%s has another type", key);
		return false;
	}
	if (want->type == JSON_OBJECT)
		return object_holds(want, got, why, cap);
	if (want->type == JSON_ARRAY)
		return array_holds(want, got, why, cap);
	if (want->type == JSON_STRING && strcmp(want->string, got->string) != 0) {
		snprintf(why, cap, "%s is \"%s\", want \"%s\"", key, got->string, want->string);
		return false;
	}
	/* Equal without a comparison of floats for equality. */
	if (want->type != JSON_STRING &&
	    (want->number < got->number || want->number > got->number)) {
		snprintf(why, cap, "%s is %.17g, want %.17g", key, got->number, want->number);
		return false;
	}
	return true;
}
