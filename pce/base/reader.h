/*
 * Bounded reader for wire bytes, in network order, with a sticky error: after the first read past
 * the end every read gives 0 and reader_ok() stays false, so a decoder checks once. No decoder of
 * Karst takes a bare pointer.
 */
#ifndef PCE_BASE_READER_H
#define PCE_BASE_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct reader {
	const uint8_t *at;
	const uint8_t *end;
	bool bad;
};

/* A reader over len bytes at buf, which must outlive it. */
static inline struct reader
reader_over(const void *buf, size_t len)
{
	const uint8_t *at = buf;

	return (struct reader){ at, at ? at + len : at, false };
}

/* Bytes left; 0 once the reader is bad. */
static inline size_t
reader_left(const struct reader *r)
{
	return r->bad ? 0 : (size_t)(r->end - r->at);
}

/* False once any read went past the end. */
static inline bool
reader_ok(const struct reader *r)
{
	return !r->bad;
}

/* Takes len bytes: a pointer into the buffer, or NULL (and the reader turns bad) if fewer are left.
 */
static inline const uint8_t *
reader_bytes(struct reader *r, size_t len)
{
	const uint8_t *at = r->at;

	if (r->bad || (size_t)(r->end - r->at) < len) {
		r->bad = true;
		return NULL;
	}
	r->at += len;
	return at;
}

/* Takes len bytes as a reader of their own; it is bad from the start if fewer are left. */
static inline struct reader
reader_sub(struct reader *r, size_t len)
{
	const uint8_t *at = reader_bytes(r, len);

	return at ? (struct reader){ at, at + len, false }
		  : (struct reader){ r->end, r->end, true };
}

/* Takes an unsigned number of n <= 8 octets, most significant first. */
static inline uint64_t
reader_uint(struct reader *r, unsigned n)
{
	const uint8_t *at = reader_bytes(r, n);
	uint64_t v = 0;

	for (unsigned i = 0; at && i < n; i++)
		v = v << 8 | at[i];
	return v;
}

/* Takes one octet. */
static inline uint8_t
reader_u8(struct reader *r)
{
	return (uint8_t)reader_uint(r, 1);
}

/* Takes two octets. */
static inline uint16_t
reader_u16(struct reader *r)
{
	return (uint16_t)reader_uint(r, 2);
}

/* Takes four octets. */
static inline uint32_t
reader_u32(struct reader *r)
{
	return (uint32_t)reader_uint(r, 4);
}

/* Takes eight octets. */
static inline uint64_t
reader_u64(struct reader *r)
{
	return reader_uint(r, 8);
}

#endif
