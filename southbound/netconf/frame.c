#include "southbound/netconf/frame.h"

#include <string.h>

static const char mark[] = "]]>]]>";
#define MARK_LEN 6
#define CHUNK_MAX UINT32_MAX

void
frame_init(struct frame *f, size_t max)
{
	*f = (struct frame){ .state = FRAME_MARK, .max = max };
}

void
frame_free(struct frame *f)
{
	text_free(&f->message);
}

void
frame_use_chunks(struct frame *f)
{
	f->state = FRAME_LF;
}

void
frame_next(struct frame *f)
{
	/* A large message is not kept as the buffer of every later small one. */
	if (f->message.cap > 65536)
		text_free(&f->message);
	text_clear(&f->message);
	f->matched = 0;
	f->chunks = false;
	f->size = 0;
}

static enum pce_status
add(struct frame *f, const uint8_t *at, size_t len, struct pce_error *err)
{
	if (len > f->max - f->message.len)
		return pce_fail(err, PCE_LIMIT, "the peer sent a message of more than %zu bytes",
				f->max);
	text_bytes(&f->message, at, len);
	return text_ok(&f->message) ? PCE_OK : pce_no_memory(err);
}

/* Octets of the mark that match after one more octet: the mark's only border is "]]>" and "]". */
static unsigned
match(unsigned matched, uint8_t c)
{
	for (;;) {
		if (matched < MARK_LEN && c == (uint8_t)mark[matched])
			return matched + 1;
		if (matched == 0)
			return 0;
		/* The longest proper border of the part that matched, as in Knuth, Morris and
		 * Pratt. */
		matched = (const unsigned[]){ 0, 0, 1, 0, 1, 2, 3 }[matched];
	}
}

static enum pce_status
take_mark(struct frame *f, const uint8_t **at, const uint8_t *end, bool *whole,
	  struct pce_error *err)
{
	const uint8_t *p = *at;
	enum pce_status status;

	while (p < end && f->matched < MARK_LEN)
		f->matched = match(f->matched, *p++);
	status = add(f, *at, (size_t)(p - *at), err);
	*at = p;
	if (status || f->matched < MARK_LEN)
		return status;
	f->message.len -= MARK_LEN;
	f->message.at[f->message.len] = '\0';
	*whole = true;
	return PCE_OK;
}

static enum pce_status
take_data(struct frame *f, const uint8_t **at, const uint8_t *end, struct pce_error *err)
{
	size_t len = (size_t)(end - *at);
	enum pce_status status;

	if (len > f->size)
		len = (size_t)f->size;
	status = add(f, *at, len, err);
	*at += len;
	f->size -= len;
	if (f->size == 0)
		f->state = FRAME_LF;
	return status;
}

/* One octet of a chunk's header; false if it may not stand there. */
static bool
take_header(struct frame *f, uint8_t c, bool *whole)
{
	switch (f->state) {
	case FRAME_LF:
		f->state = FRAME_HASH;
		return c == '\n';
	case FRAME_HASH:
		f->state = FRAME_FIRST;
		return c == '#';
	case FRAME_FIRST:
		f->state = c == '#' ? FRAME_END : FRAME_DIGITS;
		f->size = (uint64_t)(c - '0');
		return c == '#' ? f->chunks : c >= '1' && c <= '9';
	case FRAME_DIGITS:
		if (c == '\n') {
			f->state = FRAME_DATA;
			f->chunks = true;
			return true;
		}
		f->size = f->size * 10 + (uint64_t)(c - '0');
		return c >= '0' && c <= '9' && f->size <= CHUNK_MAX;
	case FRAME_END:
		f->state = FRAME_LF;
		*whole = true;
		return c == '\n';
	case FRAME_MARK:
	case FRAME_DATA:
		break;
	}
	return false;
}

enum pce_status
frame_take(struct frame *f, const uint8_t **at, const uint8_t *end, bool *whole,
	   struct pce_error *err)
{
	enum pce_status status = PCE_OK;

	*whole = false;
	while (*at < end && !*whole && status == PCE_OK) {
		if (f->state == FRAME_MARK) {
			status = take_mark(f, at, end, whole, err);
		} else if (f->state == FRAME_DATA) {
			status = take_data(f, at, end, err);
		} else {
			uint8_t c = *(*at)++;

			if (!take_header(f, c, whole))
				status = pce_fail(err, PCE_MALFORMED,
						  "the peer broke the chunked framing (octet 0x%02x"
						  " in a chunk header)",
						  c);
		}
	}
	if (status)
		*whole = false;
	return status;
}

void
frame_put(struct text *out, const char *message, size_t len, bool chunked)
{
	if (!chunked) {
		text_bytes(out, message, len);
		text_bytes(out, mark, MARK_LEN);
		return;
	}
	/* A chunk holds at most 2^32 - 1 octets; the bound on output keeps messages far below. */
	text_printf(out, "\n#%zu\n", len);
	text_bytes(out, message, len);
	text_add(out, "\n##\n");
}
