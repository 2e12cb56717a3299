/* JSON as some routers send whole subtrees; see value.h. */
#include <math.h>
#include <stdlib.h>

#include "southbound/gnmi/value.h"

static struct json_token
bad(struct reader *r)
{
	r->bad = true;
	return (struct json_token){ .kind = JSON_BAD };
}

static struct json_token
take_string(struct reader *r)
{
	struct json_token t = { .kind = JSON_STRING };
	const uint8_t *start = r->at;

	for (; r->at < r->end; r->at++) {
		if (*r->at == '"') {
			t.slice =
			    (struct wire_slice){ (const char *)start, (size_t)(r->at - start) };
			r->at++;
			return t;
		}
		if (*r->at < 0x20)
			break;
		if (*r->at == '\\') {
			t.escaped = true;
			r->at++;
		}
	}
	return bad(r);
}

static struct json_token
take_word(struct reader *r, const char *word, size_t len, enum json_kind kind)
{
	if ((size_t)(r->end - r->at) < len || memcmp(r->at, word, len) != 0)
		return bad(r);
	r->at += len;
	return (struct json_token){ .kind = kind };
}

static bool
take_digits(struct reader *r)
{
	const uint8_t *start = r->at;

	while (r->at < r->end && *r->at >= '0' && *r->at <= '9')
		r->at++;
	return r->at > start;
}

static bool
at(const struct reader *r, char c)
{
	return r->at < r->end && *r->at == (uint8_t)c;
}

static struct json_token
take_number(struct reader *r)
{
	const uint8_t *start = r->at;

	r->at += at(r, '-');
	if (!take_digits(r))
		return bad(r);
	if (at(r, '.')) {
		r->at++;
		if (!take_digits(r))
			return bad(r);
	}
	if (at(r, 'e') || at(r, 'E')) {
		r->at++;
		r->at += at(r, '+') || at(r, '-');
		if (!take_digits(r))
			return bad(r);
	}
	return (struct json_token){
		.kind = JSON_NUMBER,
		.slice = { (const char *)start, (size_t)(r->at - start) },
	};
}

struct json_token
json_next(struct reader *r)
{
	static const char marks[] = "{}[]:,";
	static const enum json_kind kinds[] = { JSON_OPEN,       JSON_CLOSE, JSON_OPEN_LIST,
						JSON_CLOSE_LIST, JSON_COLON, JSON_COMMA };
	const char *mark;

	while (at(r, ' ') || at(r, '\t') || at(r, '\n') || at(r, '\r'))
		r->at++;
	if (r->bad)
		return bad(r);
	if (r->at == r->end)
		return (struct json_token){ .kind = JSON_END };
	mark = *r->at ? strchr(marks, (char)*r->at) : NULL;
	if (mark) {
		r->at++;
		return (struct json_token){ .kind = kinds[mark - marks] };
	}
	switch (*r->at) {
	case '"':
		r->at++;
		return take_string(r);
	case 't':
		return take_word(r, "true", 4, JSON_TRUE);
	case 'f':
		return take_word(r, "false", 5, JSON_FALSE);
	case 'n':
		return take_word(r, "null", 4, JSON_NULL);
	default:
		return take_number(r);
	}
}

bool
json_skip(struct reader *r, struct json_token first)
{
	unsigned depth = 0;

	for (struct json_token t = first;; t = json_next(r)) {
		if (t.kind == JSON_BAD || t.kind == JSON_END)
			return false;
		depth += t.kind == JSON_OPEN || t.kind == JSON_OPEN_LIST;
		if (depth > WIRE_DEPTH_MAX)
			return false;
		if (t.kind == JSON_CLOSE || t.kind == JSON_CLOSE_LIST) {
			if (depth == 0)
				return false;
			depth--;
		}
		if (depth == 0)
			return t.kind != JSON_COLON && t.kind != JSON_COMMA;
	}
}

static int
hex4(const char *at, const char *end)
{
	int v = 0;

	if (end - at < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		char c = at[i];
		int digit = c >= '0' && c <= '9'   ? c - '0'
			    : c >= 'a' && c <= 'f' ? c - 'a' + 10
			    : c >= 'A' && c <= 'F' ? c - 'A' + 10
						   : -1;

		if (digit < 0)
			return -1;
		v = v * 16 + digit;
	}
	return v;
}

/* One code point of the basic plane as UTF-8; surrogates are no names. */
static size_t
put_code(int code, char *out, size_t room)
{
	if (code < 0 || (code >= 0xd800 && code < 0xe000))
		return 0;
	if (code < 0x80 && room >= 1) {
		out[0] = (char)code;
		return 1;
	}
	if (code >= 0x80 && code < 0x800 && room >= 2) {
		out[0] = (char)(0xc0 | code >> 6);
		out[1] = (char)(0x80 | (code & 0x3f));
		return 2;
	}
	if (code >= 0x800 && room >= 3) {
		out[0] = (char)(0xe0 | code >> 12);
		out[1] = (char)(0x80 | (code >> 6 & 0x3f));
		out[2] = (char)(0x80 | (code & 0x3f));
		return 3;
	}
	return 0;
}

size_t
json_unescape(struct wire_slice text, char *out, size_t cap)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *end = text.at + text.len;
	size_t n = 0;

	for (const char *p = text.at; p < end; p++) {
		size_t put = 1;
		const char *plain;

		if (n == cap)
			return SIZE_MAX;
		if (*p != '\\') {
			out[n++] = *p;
			continue;
		}
		if (++p == end)
			return SIZE_MAX;
		plain = *p ? strchr(from, *p) : NULL;
		if (plain) {
			out[n] = to[plain - from];
		} else if (*p == 'u') {
			put = put_code(hex4(p + 1, end), out + n, cap - n);
			p += 4;
		} else {
			return SIZE_MAX;
		}
		if (put == 0)
			return SIZE_MAX;
		n += put;
	}
	return n;
}

/* Plain decimals stay exact as text; what has a sign or an exponent is a double. */
static void
number_value(struct wire_slice s, struct gnmi_value *out)
{
	char text[64];

	out->kind = GNMI_VALUE_STRING;
	out->slice = s;
	if (s.len < sizeof(text) &&
	    (memchr(s.at, 'e', s.len) || memchr(s.at, 'E', s.len) || memchr(s.at, '-', s.len))) {
		memcpy(text, s.at, s.len);
		text[s.len] = '\0';
		out->kind = GNMI_VALUE_DOUBLE;
		out->d = strtod(text, NULL);
	}
}

bool
json_scalar(struct json_token token, struct gnmi_value *out)
{
	*out = (struct gnmi_value){ 0 };
	switch (token.kind) {
	case JSON_STRING:
		out->kind = GNMI_VALUE_STRING;
		out->slice = token.slice;
		return true;
	case JSON_NUMBER:
		number_value(token.slice, out);
		return true;
	case JSON_TRUE:
	case JSON_FALSE:
		out->kind = GNMI_VALUE_BOOL;
		out->u = token.kind == JSON_TRUE;
		return true;
	default:
		return false;
	}
}
