/*
 * Request targets: path segments with list keys as RFC 8040 section 3.5.3 writes them, and query
 * parameters. Pure. Segments are split while they are still encoded and decoded afterwards, so that
 * an encoded slash, comma or equals sign stays inside its value.
 */
#ifndef NORTHBOUND_HTTP_TARGET_H
#define NORTHBOUND_HTTP_TARGET_H

#include <stdbool.h>
#include <stddef.h>

#include "pce/base/arena.h"
#include "pce/base/status.h"

#define HTTP_MAX_SEGMENTS 16
#define HTTP_MAX_KEYS 4
#define HTTP_MAX_PARAMETERS 16

/* "list=key,key" or "name". All strings are decoded UTF-8 without NUL and control characters. */
struct http_segment {
	const char *name;
	size_t n_keys; /* 0: there was no "=" */
	const char *keys[HTTP_MAX_KEYS];
};

struct http_parameter {
	const char *name;
	const char *value; /* "" if there was no "=" */
};

struct http_target {
	size_t n_segments; /* 0 for "/"; an empty segment has the name "" */
	struct http_segment segments[HTTP_MAX_SEGMENTS];
	size_t n_parameters;
	struct http_parameter parameters[HTTP_MAX_PARAMETERS];
};

/*
 * Parses path (which begins with "/") and query (NULL: none). Strings go into arena. PCE_MALFORMED:
 * a bad or forbidden escape, or bytes that a URI cannot have; PCE_LIMIT: too many parts; *out is
 * untouched then.
 */
enum pce_status http_target_parse(const char *path, const char *query, struct arena *arena,
				  struct http_target *out, struct pce_error *err);

/* Value of a query parameter, or NULL if it was not given. */
const char *http_target_parameter(const struct http_target *target, const char *name);

#endif
