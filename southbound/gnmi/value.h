/*
 * Values as gNMI carries them (TypedValue: scalars, or a JSON text whose schema is that of RFC
 * 7951), read in place, and as the numbers that telemetry counts with.
 */
#ifndef SOUTHBOUND_GNMI_VALUE_H
#define SOUTHBOUND_GNMI_VALUE_H

#include "southbound/gnmi/wire.h"

enum gnmi_value_kind {
	GNMI_VALUE_NONE,
	GNMI_VALUE_STRING, /* slice; string, ascii, or a JSON string without escapes */
	GNMI_VALUE_INT,
	GNMI_VALUE_UINT,
	GNMI_VALUE_BOOL, /* in u */
	GNMI_VALUE_DOUBLE,
	GNMI_VALUE_DECIMAL, /* i / 10^precision */
	GNMI_VALUE_JSON, /* slice: a JSON text, not looked into */
	GNMI_VALUE_BYTES, /* slice */
	GNMI_VALUE_OTHER, /* leaf-list, Any, protobuf */
};

struct gnmi_value {
	enum gnmi_value_kind kind;
	uint64_t u;
	int64_t i;
	double d;
	uint32_t precision;
	struct wire_slice slice;
};

/* Reads a TypedValue; of a oneof given several times the last counts. false: malformed. */
bool gnmi_value_read(struct reader r, struct gnmi_value *out);

/*
 * The value times multiplier / divisor (both > 0), rounded down, as a count. Numbers count, and
 * strings of decimal digits, as RFC 7951 writes 64-bit ones, with a fraction as it writes
 * decimal64. false, and *out as it was: no number, negative, not a number, or over 64 bits.
 */
bool gnmi_value_count(const struct gnmi_value *v, uint64_t multiplier, uint64_t divisor,
		      uint64_t *out);

/* The value as text: strings; false for others. */
bool gnmi_value_text(const struct gnmi_value *v, struct wire_slice *out);

/* --- JSON (RFC 8259) in place --- */

enum json_kind {
	JSON_END, /* nothing but blanks is left */
	JSON_BAD,
	JSON_OPEN, /* { */
	JSON_CLOSE,
	JSON_OPEN_LIST, /* [ */
	JSON_CLOSE_LIST,
	JSON_COLON,
	JSON_COMMA,
	JSON_STRING, /* slice is what is between the quotes, with its escapes */
	JSON_NUMBER, /* slice */
	JSON_TRUE,
	JSON_FALSE,
	JSON_NULL,
};

struct json_token {
	enum json_kind kind;
	bool escaped; /* of a string: it has escapes */
	struct wire_slice slice;
};

/* The next token; JSON_BAD turns the reader bad. */
struct json_token json_next(struct reader *r);
/* Skips the rest of a value of which `first` was read; false if it is malformed, or nested more
 * than WIRE_DEPTH_MAX deep. */
bool json_skip(struct reader *r, struct json_token first);
/* Writes a string without its escapes to out, which has room for cap octets; SIZE_MAX if it does
 * not fit or an escape is none. */
size_t json_unescape(struct wire_slice text, char *out, size_t cap);
/* A scalar token as a value; false for others. */
bool json_scalar(struct json_token token, struct gnmi_value *out);

#endif
