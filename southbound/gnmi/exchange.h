/*
 * Get and Set (gNMI specification, sections 3.3 and 3.4) as messages: what Karst asks, packed, and
 * what a router answers, as pieces of JSON (RFC 7951) with the paths that they stand at. However a
 * router cuts its answer (notifications, updates, a prefix, single leaves) the pieces are the same
 * data. Pure: no I/O.
 */
#ifndef SOUTHBOUND_GNMI_EXCHANGE_H
#define SOUTHBOUND_GNMI_EXCHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "models/proto/gnmi.pb-c.h"
#include "pce/base/arena.h"
#include "pce/base/status.h"

/* What stands in the prefix of every path. */
struct gnmi_naming {
	const char *target, *origin; /* "" or NULL: none */
};

/* A part of a Set: what is to be at a path (as gnmi_path_parse reads it); json NULL: nothing. */
struct gnmi_edit {
	const char *path, *json;
};

/* A part of an answer: the JSON value that is at a path. */
struct gnmi_piece {
	const char *path;
	const char *json;
	size_t len;
};

/* Packs a SetRequest: deletions and replacements. Everything belongs to arena. PCE_INVALID for a
 * path, PCE_LIMIT for more octets than a message may have (WIRE_MESSAGE_MAX). */
enum pce_status gnmi_set_request(const struct gnmi_naming *naming, const struct gnmi_edit *edits,
				 size_t n, struct arena *arena, const uint8_t **out, size_t *len,
				 struct pce_error *err);
/* Packs a GetRequest in JSON_IETF; configuration: not what is state. */
enum pce_status gnmi_get_request(const struct gnmi_naming *naming, const char *const *paths,
				 size_t n, bool configuration, struct arena *arena,
				 const uint8_t **out, size_t *len, struct pce_error *err);
/* Packs a SubscribeRequest for what changes at the paths from now on. */
enum pce_status gnmi_watch_request(const struct gnmi_naming *naming, const char *const *paths,
				   size_t n, struct arena *arena, const uint8_t **out, size_t *len,
				   struct pce_error *err);
/* The path of a message behind its prefix (either may be NULL), as text without origin; NULL if it
 * is none, or without memory. */
const char *gnmi_path_behind(const Gnmi__Path *prefix, const Gnmi__Path *path, struct arena *arena);
/* Reads a GetResponse; pieces belong to arena. PCE_MALFORMED, PCE_LIMIT, and PCE_UNSUPPORTED for a
 * value in a form that Karst did not ask for. */
enum pce_status gnmi_get_read(const uint8_t *bytes, size_t len, struct arena *arena,
			      struct gnmi_piece **out, size_t *n, struct pce_error *err);
/* Reads a SetResponse: when the router made the change, in ns since 1970 by its clock (0: not
 * told). */
enum pce_status gnmi_set_read(const uint8_t *bytes, size_t len, int64_t *timestamp_ns,
			      struct pce_error *err);

#endif
