/* Characters of a text, bounded, with the line that is being read. Internal to the importers. */
#ifndef MODELS_IMPORT_SCAN_H
#define MODELS_IMPORT_SCAN_H

#include <stdbool.h>
#include <string.h>

#include "pce/base/arena.h"
#include "pce/base/reader.h"

struct scan {
	struct reader in;
	unsigned line;
};

/* A scan over len octets at text, which must outlive it. */
static inline struct scan
scan_over(const char *text, size_t len)
{
	return (struct scan){ reader_over(text, len), 1 };
}

/* The next character, or -1 at the end. */
static inline int
scan_peek(const struct scan *s)
{
	return reader_left(&s->in) ? *s->in.at : -1;
}

/* Takes the next character, or -1 at the end. */
static inline int
scan_take(struct scan *s)
{
	int c = scan_peek(s);

	if (c >= 0)
		reader_u8(&s->in);
	s->line += c == '\n';
	return c;
}

/* Takes c if it is the next one. */
static inline bool
scan_is(struct scan *s, int c)
{
	if (scan_peek(s) != c)
		return false;
	scan_take(s);
	return true;
}

/* Skips blanks and ends of lines. */
static inline void
scan_blanks(struct scan *s)
{
	int c;

	while ((c = scan_peek(s)) == ' ' || c == '\t' || c == '\r' || c == '\n')
		scan_take(s);
}

/* Skips to behind the end of the line. */
static inline void
scan_line(struct scan *s)
{
	int c;

	do
		c = scan_take(s);
	while (c >= 0 && c != '\n');
}

/* Takes characters up to one of stops (or the end) as a string in the arena; NULL without memory.
 */
static inline char *
scan_until(struct scan *s, const char *stops, struct arena *arena)
{
	const uint8_t *from = s->in.at;
	size_t len;
	char *out;
	int c;

	while ((c = scan_peek(s)) > 0 && !strchr(stops, c))
		scan_take(s);
	len = (size_t)(s->in.at - from);
	out = arena_alloc(arena, len + 1);
	if (out && len)
		memcpy(out, from, len);
	return out;
}

#endif
