/*
 * Protocol buffers on the wire (protobuf.dev, "Encoding"), read in place: no allocation, bounded by
 * the reader that it is given. Groups, which proto3 does not have, are malformed here.
 */
#ifndef SOUTHBOUND_GNMI_WIRE_H
#define SOUTHBOUND_GNMI_WIRE_H

#include <string.h>

#include "pce/base/reader.h"
#include "pce/base/status.h"

enum wire_type { WIRE_VARINT = 0, WIRE_64 = 1, WIRE_BYTES = 2, WIRE_32 = 5 };

/* One field: its number, its type, and value (VARINT, 64, 32) or bytes (BYTES). */
struct wire_field {
	uint32_t number;
	enum wire_type type;
	uint64_t value;
	struct reader bytes;
};

/* A string or message in the buffer that was read. */
struct wire_slice {
	const char *at;
	size_t len;
};

/* The rest of a reader as a slice. */
static inline struct wire_slice
wire_slice_of(const struct reader *r)
{
	return (struct wire_slice){ (const char *)r->at, reader_left(r) };
}

/* A slice as a reader. */
static inline struct reader
wire_reader_of(struct wire_slice s)
{
	return reader_over(s.at, s.len);
}

/* True if a slice has the octets of a string. */
static inline bool
wire_is(struct wire_slice s, const char *text, size_t len)
{
	return s.len == len && memcmp(s.at, text, len) == 0;
}

/* A varint of more than one octet, at most ten; the reader turns bad if it is none. */
uint64_t wire_long_varint(struct reader *r);

/* A varint; the reader turns bad if there is none. */
static inline uint64_t
wire_varint(struct reader *r)
{
	if (!r->bad && r->at < r->end && *r->at < 0x80)
		return *r->at++;
	return wire_long_varint(r);
}

/* A number of n octets, least significant first. */
uint64_t wire_fixed(struct reader *r, unsigned n);

/* The next field; false at the end, and if it is malformed (then the reader is bad). */
static inline bool
wire_next(struct reader *r, struct wire_field *out)
{
	uint64_t tag;

	if (r->bad || r->at == r->end)
		return false;
	tag = wire_varint(r);
	out->number = (uint32_t)(tag >> 3);
	out->type = (enum wire_type)(tag & 7);
	out->value = 0;
	out->bytes = (struct reader){ 0 };
	if (out->type == WIRE_BYTES) {
		uint64_t len = wire_varint(r);

		out->bytes = reader_sub(r, len > reader_left(r) ? SIZE_MAX : (size_t)len);
	} else if (out->type == WIRE_VARINT) {
		out->value = wire_varint(r);
	} else if (out->type == WIRE_64) {
		out->value = wire_fixed(r, 8);
	} else if (out->type == WIRE_32) {
		out->value = wire_fixed(r, 4);
	} else {
		r->bad = true;
	}
	if (tag >> 3 == 0 || tag >> 3 > 0x1fffffff)
		r->bad = true;
	return !r->bad;
}

/* The bits of a value as the number they stand for. */
static inline double
wire_double(uint64_t bits)
{
	double out;

	memcpy(&out, &bits, sizeof(out));
	return out;
}

/* As wire_double, of 32 bits. */
static inline float
wire_float(uint64_t bits)
{
	uint32_t low = (uint32_t)bits;
	float out;

	memcpy(&out, &low, sizeof(out));
	return out;
}

/* --- what has to hold before protobuf-c may see a message --- */

#define WIRE_DEPTH_MAX 32 /* nested messages */
#define WIRE_REPEATS_MAX 8 /* of a message field that should come once */

/* A field that is a message. */
struct wire_nested {
	uint32_t number;
	bool repeated;
	const struct wire_message *type;
};

/* What of a message type matters here: its fields that are messages, at most 8. */
struct wire_message {
	const char *name;
	const struct wire_nested *nested;
	size_t n_nested;
};

/*
 * Checks that bytes are well-formed fields all the way down, at most WIRE_DEPTH_MAX messages deep,
 * and that no message field that should come once is given more than WIRE_REPEATS_MAX times:
 * protobuf-c has no limit to its recursion, and merges repeats in quadratic time. PCE_MALFORMED, or
 * PCE_LIMIT, with the name of the message. O(len), no allocation.
 */
enum pce_status wire_check(const struct wire_message *type, const void *bytes, size_t len,
			   struct pce_error *err);

#endif
