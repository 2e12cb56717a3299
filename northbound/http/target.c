/* Request targets; see target.h. */
#include "config.h"

#include "northbound/http/target.h"

#include <string.h>

#include "pce/base/text.h"

/* True if len octets are UTF-8 (RFC 3629) without control characters. */
static bool
is_clean_utf8(const unsigned char *at, size_t len)
{
	while (len) {
		size_t n = at[0] < 0x80         ? 1
			   : at[0] >> 5 == 0x6  ? 2
			   : at[0] >> 4 == 0xe  ? 3
			   : at[0] >> 3 == 0x1e ? 4
						: 0;
		unsigned long c = n ? at[0] & (n == 1 ? 0x7fu : 0x7fu >> n) : 0;

		if (n == 0 || n > len)
			return false;
		for (size_t i = 1; i < n; i++) {
			if (at[i] >> 6 != 2)
				return false;
			c = c << 6 | (at[i] & 0x3f);
		}
		if (c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0xd800 && c < 0xe000) ||
		    c > 0x10ffff || (n == 2 && c < 0x80) || (n == 3 && c < 0x800) ||
		    (n == 4 && c < 0x10000))
			return false;
		at += n;
		len -= n;
	}
	return true;
}

/* Decodes len octets of a URI into the arena. */
static enum pce_status
decode(const char *raw, size_t len, struct arena *arena, const char **out, struct pce_error *err)
{
	char *text = arena_alloc(arena, len + 1);
	size_t n = 0;

	if (!text)
		return pce_no_memory(err);
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)raw[i];

		if (c == '%') {
			int high = i + 2 < len ? text_hex_digit(raw[i + 1]) : -1;
			int low = i + 2 < len ? text_hex_digit(raw[i + 2]) : -1;

			if (high < 0 || low < 0)
				return pce_fail(err, PCE_MALFORMED,
						"\"%%\" is not followed by two hex digits");
			c = (unsigned char)(high << 4 | low);
			i += 2;
		} else if (c <= ' ' || c >= 0x7f || strchr("\"<>\\^`{|}#", c)) {
			return pce_fail(err, PCE_MALFORMED, "octet 0x%02x must be percent-encoded",
					c);
		}
		text[n++] = (char)c;
	}
	if (!is_clean_utf8((const unsigned char *)text, n))
		return pce_fail(err, PCE_MALFORMED,
				"an escape stands for a control character or is not UTF-8");
	text[n] = '\0';
	*out = text;
	return PCE_OK;
}

/* Octets of text up to the first of c, or all. */
static size_t
span(const char *text, size_t len, char c)
{
	const char *at = memchr(text, c, len);

	return at ? (size_t)(at - text) : len;
}

static enum pce_status
parse_segment(const char *raw, size_t len, struct arena *arena, struct http_segment *out,
	      struct pce_error *err)
{
	size_t used = span(raw, len, '=');
	enum pce_status status = decode(raw, used, arena, &out->name, err);

	while (status == PCE_OK && used < len) {
		size_t n = span(raw + used + 1, len - used - 1, ',');

		if (out->n_keys == HTTP_MAX_KEYS)
			return pce_fail(err, PCE_LIMIT, "a path segment has more than %d keys",
					HTTP_MAX_KEYS);
		status = decode(raw + used + 1, n, arena, &out->keys[out->n_keys++], err);
		used += n + 1;
	}
	return status;
}

static enum pce_status
parse_query(const char *query, struct arena *arena, struct http_target *target,
	    struct pce_error *err)
{
	size_t len = strlen(query);

	while (len) {
		size_t n = span(query, len, '&'), name = span(query, n, '=');
		struct http_parameter *p = &target->parameters[target->n_parameters];
		enum pce_status status;

		if (target->n_parameters == HTTP_MAX_PARAMETERS)
			return pce_fail(err, PCE_LIMIT, "the query has more than %d parameters",
					HTTP_MAX_PARAMETERS);
		p->value = "";
		status = decode(query, name, arena, &p->name, err);
		if (status == PCE_OK && name < n)
			status = decode(query + name + 1, n - name - 1, arena, &p->value, err);
		if (status != PCE_OK)
			return status;
		target->n_parameters++;
		query += n < len ? n + 1 : n;
		len -= n < len ? n + 1 : n;
	}
	return PCE_OK;
}

enum pce_status
http_target_parse(const char *path, const char *query, struct arena *arena, struct http_target *out,
		  struct pce_error *err)
{
	struct http_target target = { 0 };
	enum pce_status status = PCE_OK;
	size_t left = strlen(path);

	if (path[0] != '/')
		return pce_fail(err, PCE_MALFORMED, "the path does not begin with a slash");
	while (left > 1 || (left == 1 && target.n_segments > 0)) {
		size_t n = span(path + 1, left - 1, '/');

		if (target.n_segments == HTTP_MAX_SEGMENTS)
			return pce_fail(err, PCE_LIMIT, "the path has more than %d segments",
					HTTP_MAX_SEGMENTS);
		status =
		    parse_segment(path + 1, n, arena, &target.segments[target.n_segments++], err);
		if (status != PCE_OK)
			return status;
		path += n + 1;
		left -= n + 1;
	}
	if (query)
		status = parse_query(query, arena, &target, err);
	if (status == PCE_OK)
		*out = target;
	return status;
}

const char *
http_target_parameter(const struct http_target *target, const char *name)
{
	for (size_t i = 0; i < target->n_parameters; i++)
		if (!strcmp(target->parameters[i].name, name))
			return target->parameters[i].value;
	return NULL;
}
