/*
 * Is it text, and is it JSON? Asked before libyang reads a text: it stops behind the first value,
 * and 2.1.30 leaks the operation's node on some malformed requests. Nesting is counted, not
 * recursed into.
 */
#include <string.h>

#include "models/codec/internal.h"

#define DEPTH 64 /* Karst's models are 8 deep */

struct scan {
	const char *at, *end;
	const char *start;
	struct pce_error *err;
};

static enum pce_status
json_fail(const struct scan *s, const char *reason)
{
	unsigned line = 1;

	for (const char *c = s->start; c < s->at; c++)
		line += *c == '\n';
	return pce_fail_at(s->err, PCE_MALFORMED, NULL, line, "this is not JSON: %s", reason);
}

static void
skip_blanks(struct scan *s)
{
	while (s->at < s->end &&
	       (*s->at == ' ' || *s->at == '\t' || *s->at == '\n' || *s->at == '\r'))
		s->at++;
}

static bool
is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* What follows a backslash. */
static bool
skip_escape(struct scan *s)
{
	if (s->at >= s->end)
		return false;
	if (*s->at != 'u')
		return *s->at && strchr("\"\\/bfnrt", *s->at++) != NULL;
	s->at++;
	for (int i = 0; i < 4; i++) {
		if (s->at >= s->end || !is_hex(*s->at++))
			return false;
	}
	return true;
}

static enum pce_status
skip_string(struct scan *s)
{
	if (s->at >= s->end || *s->at != '"')
		return json_fail(s, "a name or text in double quotes is expected");
	s->at++;
	while (s->at < s->end && *s->at != '"') {
		if ((unsigned char)*s->at < 0x20)
			return json_fail(s, "a text holds a control character or does not end");
		if (*s->at++ == '\\' && !skip_escape(s))
			return json_fail(s, "an escape sequence is wrong");
	}
	if (s->at >= s->end)
		return json_fail(s, "a text does not end");
	s->at++;
	return PCE_OK;
}

static bool
skip_digits(struct scan *s)
{
	const char *first = s->at;

	while (s->at < s->end && *s->at >= '0' && *s->at <= '9')
		s->at++;
	return s->at > first;
}

static bool
skip_number(struct scan *s)
{
	if (*s->at == '-')
		s->at++;
	if (s->at < s->end && *s->at == '0')
		s->at++;
	else if (!skip_digits(s))
		return false;
	if (s->at < s->end && *s->at == '.') {
		s->at++;
		if (!skip_digits(s))
			return false;
	}
	if (s->at < s->end && (*s->at == 'e' || *s->at == 'E')) {
		s->at++;
		if (s->at < s->end && (*s->at == '+' || *s->at == '-'))
			s->at++;
		return skip_digits(s);
	}
	return true;
}

/* A value that holds no others. */
static enum pce_status
skip_scalar(struct scan *s)
{
	static const char *const words[] = { "true", "false", "null" };

	if (s->at >= s->end)
		return json_fail(s, "the text ends too early");
	if (*s->at == '"')
		return skip_string(s);
	for (size_t i = 0; i < 3; i++) {
		size_t len = strlen(words[i]);

		if ((size_t)(s->end - s->at) >= len && memcmp(s->at, words[i], len) == 0) {
			s->at += len;
			return PCE_OK;
		}
	}
	return skip_number(s) ? PCE_OK : json_fail(s, "a value is expected");
}

/* The name before a member's value. */
static enum pce_status
skip_name(struct scan *s)
{
	enum pce_status status;

	skip_blanks(s);
	status = skip_string(s);
	if (status != PCE_OK)
		return status;
	skip_blanks(s);
	if (s->at >= s->end || *s->at != ':')
		return json_fail(s, "a colon is expected after a name");
	s->at++;
	return PCE_OK;
}

/*
 * Goes into a value: objects and arrays that are opened are put on the stack, and *more says that
 * their first member is next; a scalar or an empty one is over at once.
 */
static enum pce_status
enter(struct scan *s, char stack[DEPTH], size_t *depth, bool *more)
{
	char close;

	skip_blanks(s);
	*more = false;
	if (s->at >= s->end || (*s->at != '{' && *s->at != '['))
		return skip_scalar(s);
	if (*depth == DEPTH)
		return json_fail(s, "it is nested too deep");
	close = *s->at++ == '{' ? '}' : ']';
	skip_blanks(s);
	if (s->at < s->end && *s->at == close) {
		s->at++;
		return PCE_OK;
	}
	stack[(*depth)++] = close;
	*more = true;
	return close == '}' ? skip_name(s) : PCE_OK;
}

/* After a value: closes what ends here; *more says that another member is next. */
static enum pce_status
leave(struct scan *s, const char stack[DEPTH], size_t *depth, bool *more)
{
	*more = false;
	while (*depth > 0) {
		skip_blanks(s);
		if (s->at < s->end && *s->at == ',') {
			s->at++;
			*more = true;
			return stack[*depth - 1] == '}' ? skip_name(s) : PCE_OK;
		}
		if (s->at >= s->end || *s->at != stack[*depth - 1])
			return json_fail(s, stack[*depth - 1] == '}' ? "a comma or } is expected"
								     : "a comma or ] is expected");
		s->at++;
		(*depth)--;
	}
	return PCE_OK;
}

size_t
text_char(const char *text, size_t left, bool *allowed)
{
	const unsigned char *s = (const unsigned char *)text;
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t n = s[0] < 0x80 ? 1 : (s[0] >> 5) == 6 ? 2 : (s[0] >> 4) == 14 ? 3 : 4;
	uint32_t c = n == 1 ? s[0] : n == 2 ? s[0] & 0x1fu : n == 3 ? s[0] & 0x0fu : s[0] & 7u;

	*allowed = false;
	if (left < n || (n == 4 && (s[0] >> 3) != 30))
		return 1;
	for (size_t i = 1; i < n; i++) {
		if ((s[i] >> 6) != 2)
			return 1;
		c = c << 6 | (s[i] & 0x3fu);
	}
	if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 1;
	*allowed = !(c < 0x20 && c != '\t' && c != '\n' && c != '\r') &&
		   !(c >= 0xfdd0 && c <= 0xfdef) && (c & 0xfffe) != 0xfffe;
	return n;
}

enum pce_status
utf8_check(const char *text, size_t len, struct pce_error *err)
{
	unsigned line = 1;
	bool allowed;

	for (size_t i = 0; i < len;) {
		size_t n = text_char(text + i, len - i, &allowed);

		if (!allowed)
			return pce_fail_at(err, PCE_MALFORMED, NULL, line,
					   "the text holds a control character or is not UTF-8");
		line += text[i] == '\n';
		i += n;
	}
	return PCE_OK;
}

enum pce_status
json_check(const char *text, size_t len, struct pce_error *err)
{
	struct scan s = { text, text + len, text, err };
	char stack[DEPTH];
	size_t depth = 0;
	bool more = true;
	enum pce_status status = PCE_OK;

	while (status == PCE_OK && more) {
		status = enter(&s, stack, &depth, &more);
		if (status == PCE_OK && !more)
			status = leave(&s, stack, &depth, &more);
	}
	if (status != PCE_OK)
		return status;
	skip_blanks(&s);
	return s.at == s.end ? PCE_OK : json_fail(&s, "there is text after the end of the value");
}

/* The number of \\uXXXX at text, or 0. */
static uint32_t
unicode_escape(const char *text)
{
	uint32_t c = 0;

	if (text[0] != '\\' || text[1] != 'u')
		return 0;
	for (int i = 2; i < 6; i++) {
		if (!is_hex(text[i]))
			return 0;
		c = c << 4 |
		    (uint32_t)(text[i] <= '9' ? text[i] - '0' : (text[i] | 0x20) - 'a' + 10);
	}
	return c;
}

void
json_join_surrogates(struct text *json)
{
	const char *from = json->at;
	char *to = json->at;

	if (!json->len || !strchr(from, '\\'))
		return;
	while (*from) {
		uint32_t high = unicode_escape(from);
		uint32_t low = high >> 10 == 0x36 ? unicode_escape(from + 6) : 0;
		uint32_t c = 0x10000 + ((high & 0x3ff) << 10 | (low & 0x3ff));

		if (low >> 10 == 0x37) {
			*to++ = (char)(0xf0 | c >> 18);
			*to++ = (char)(0x80 | (c >> 12 & 0x3f));
			*to++ = (char)(0x80 | (c >> 6 & 0x3f));
			*to++ = (char)(0x80 | (c & 0x3f));
			from += 12;
			continue;
		}
		if (*from == '\\')
			*to++ = *from++; /* what it escapes is not looked at */
		*to++ = *from++;
	}
	*to = '\0';
	json->len = (size_t)(to - json->at);
}
