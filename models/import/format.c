/* Which format a topology text has: its first words tell. */
#include <stdbool.h>
#include <string.h>

#include "models/import/import.h"
#include "models/import/scan.h"

static const char *const names[IMPORT_FORMATS] = {
	"any",      "yaml",   "json",       "graphml", "gml",
	"repetita", "sndlib", "sndlib-xml", "rfc8345", "csv",
};

const char *
import_format_name(enum import_format format)
{
	return names[format];
}

enum pce_status
import_format_parse(const char *name, enum import_format *out, struct pce_error *err)
{
	for (int i = IMPORT_YAML; i < IMPORT_FORMATS; i++) {
		if (strcmp(names[i], name) == 0) {
			*out = (enum import_format)i;
			return PCE_OK;
		}
	}
	return pce_fail(
	    err, PCE_INVALID,
	    "no format is called %s; there are yaml, json, graphml, gml, repetita, sndlib, "
	    "sndlib-xml, rfc8345, csv",
	    name);
}

/* Blanks, and lines that begin with #. */
static void
skip_comments(struct scan *s)
{
	for (scan_blanks(s); scan_peek(s) == '#'; scan_blanks(s))
		scan_line(s);
}

/* Takes a word of letters, digits, _ and -; cut to what fits. */
static void
word(struct scan *s, char *out, size_t cap)
{
	size_t n = 0;
	int c;

	while ((c = scan_peek(s)) >= 0 && ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
					   (c >= '0' && c <= '9') || c == '_' || c == '-')) {
		if (n + 1 < cap)
			out[n++] = (char)c;
		scan_take(s);
	}
	out[n] = 0;
}

static bool
holds(const char *text, size_t len, const char *part)
{
	size_t n = strlen(part);
	const char *at = text;

	while (len >= n && (at = memchr(at, part[0], len - n + 1)) != NULL) {
		if (memcmp(at, part, n) == 0)
			return true;
		len -= (size_t)(at + 1 - text);
		text = ++at;
	}
	return false;
}

/* A JSON text of RFC 8345 says so in the name of its first member, or of a later one. */
static bool
is_rfc8345(struct scan s)
{
	static const char own[] = "\"karst-topology:";
	const char *at;

	scan_take(&s);
	scan_blanks(&s);
	at = (const char *)s.in.at;
	if (reader_left(&s.in) >= sizeof(own) - 1 && memcmp(at, own, sizeof(own) - 1) == 0)
		return false;
	return holds(at, reader_left(&s.in), "\"ietf-network:network");
}

static bool
is_root(struct scan s, const char *name)
{
	return holds((const char *)s.in.at, reader_left(&s.in), name);
}

/* "graph [" behind a line that begins with a key and a value without colon. */
static bool
is_gml(struct scan s)
{
	char key[64];
	struct scan value;
	int c;

	word(&s, key, sizeof(key));
	value = s;
	skip_comments(&value);
	c = scan_peek(&value);
	if (!key[0] || scan_peek(&s) == ':' || c == ':')
		return false;
	if (strcmp(key, "graph") == 0)
		return c == '[';
	scan_line(&s);
	while (scan_peek(&s) >= 0) {
		skip_comments(&s);
		word(&s, key, sizeof(key));
		skip_comments(&s);
		if (strcmp(key, "graph") == 0 && scan_peek(&s) == '[')
			return true;
		scan_line(&s);
	}
	return false;
}

/* True if the line has a field of that name. */
static bool
has_field(const char *line, size_t len, const char *name)
{
	size_t n = strlen(name), start = 0;

	for (size_t i = 0; i <= len; i++) {
		size_t end = i;

		if (i < len && !strchr(",;\t", line[i]))
			continue;
		while (start < end && strchr(" \"", line[start]))
			start++;
		while (end > start && strchr(" \"\r", line[end - 1]))
			end--;
		if (end - start == n) {
			size_t same = 0;

			while (same < n && (line[start + same] | 32) == name[same])
				same++;
			if (same == n)
				return true;
		}
		start = i + 1;
	}
	return false;
}

static bool
is_csv(const struct scan *s)
{
	const char *line = (const char *)s->in.at;
	const char *end = memchr(line, '\n', reader_left(&s->in));
	size_t len = end ? (size_t)(end - line) : reader_left(&s->in);

	return (has_field(line, len, "from") || has_field(line, len, "source") ||
		has_field(line, len, "src")) &&
	       (has_field(line, len, "to") || has_field(line, len, "target") ||
		has_field(line, len, "dst") || has_field(line, len, "dest") ||
		has_field(line, len, "destination"));
}

/* "NODES 4" is REPETITA's, "NODES (" SNDlib's. */
static enum import_format
sections(struct scan s)
{
	char key[16];
	int c;

	word(&s, key, sizeof(key));
	if (strcmp(key, "NODES") != 0 && strcmp(key, "LINKS") != 0 && strcmp(key, "META") != 0 &&
	    strcmp(key, "EDGES") != 0 && strcmp(key, "DEMANDS") != 0)
		return IMPORT_ANY;
	scan_blanks(&s);
	c = scan_peek(&s);
	if (c == '(')
		return IMPORT_SNDLIB;
	return c >= '0' && c <= '9' ? IMPORT_REPETITA : IMPORT_ANY;
}

enum import_format
import_format_of(const char *text, size_t len)
{
	struct scan s = scan_over(text, len);
	enum import_format format;

	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		reader_bytes(&s.in, 3);
	scan_blanks(&s);
	if (scan_peek(&s) == '<')
		return is_root(s, "<graphml") ? IMPORT_GRAPHML : IMPORT_SNDLIB_XML;
	if (scan_peek(&s) == '?')
		return IMPORT_SNDLIB;
	skip_comments(&s);
	if (scan_peek(&s) == '{')
		return is_rfc8345(s) ? IMPORT_RFC8345 : IMPORT_JSON;
	format = sections(s);
	if (format != IMPORT_ANY)
		return format;
	if (is_csv(&s))
		return IMPORT_CSV;
	return is_gml(s) ? IMPORT_GML : IMPORT_YAML;
}
