/*
 * Framing of NETCONF messages over a byte stream (RFC 6242, section 4): the end-of-message mark
 * ]]>]]> until both hellos are exchanged, chunks afterwards if both ends speak base 1.1. The reader
 * keeps one unfinished message, bounded, and looks at every byte once.
 */
#ifndef SOUTHBOUND_NETCONF_FRAME_H
#define SOUTHBOUND_NETCONF_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pce/base/status.h"
#include "pce/base/text.h"

enum frame_state {
	FRAME_MARK, /* end-of-message framing */
	FRAME_LF, /* chunked: expects the LF before # */
	FRAME_HASH, /* expects # */
	FRAME_FIRST, /* expects # (end of chunks) or the first digit */
	FRAME_DIGITS, /* further digits or LF */
	FRAME_DATA, /* inside a chunk */
	FRAME_END /* after ##, expects LF */
};

struct frame {
	enum frame_state state;
	struct text message; /* what has arrived of the current message */
	size_t max;
	uint64_t size; /* of the chunk: read so far, or left */
	bool chunks; /* at least one chunk of this message was read */
	unsigned matched; /* octets of the end-of-message mark seen at the end */
};

/* A reader that begins with end-of-message framing. */
void frame_init(struct frame *f, size_t max);
/* Frees the unfinished message. */
void frame_free(struct frame *f);
/* From the next byte on the framing is chunked; called between messages. */
void frame_use_chunks(struct frame *f);

/*
 * Takes bytes from *at (moved forward, up to end) until a message is whole: then *whole is true and
 * f->message holds it; the caller calls frame_next before it goes on. PCE_MALFORMED, PCE_LIMIT or
 * PCE_NO_MEMORY end the stream.
 */
enum pce_status frame_take(struct frame *f, const uint8_t **at, const uint8_t *end, bool *whole,
			   struct pce_error *err);
/* Forgets the whole message, ready for the next one. */
void frame_next(struct frame *f);

/* Appends a message with its framing. */
void frame_put(struct text *out, const char *message, size_t len, bool chunked);

#endif
