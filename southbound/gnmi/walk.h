/*
 * The quick way from a Notification to counters: one walk over the octets, following the paths in a
 * map (map.h), without allocation. What the map does not know is skipped and counted. Values may be
 * scalars, or JSON subtrees (RFC 7951) that are walked in the same way; paths may be in elements
 * with keys or in the deprecated form of plain strings (where keys are elements of their own, or
 * written as "[name=value]").
 */
#ifndef SOUTHBOUND_GNMI_WALK_H
#define SOUTHBOUND_GNMI_WALK_H

#include "southbound/gnmi/map.h"
#include "southbound/gnmi/value.h"

#define GNMI_SCRATCH 512 /* octets of names in JSON that have escapes, for one message */

/* One leaf of interest. Slices live for the length of the call. */
struct gnmi_sample {
	const struct gnmi_map_node *leaf;
	struct wire_slice names[GNMI_MAP_KEYS]; /* of the object; leaf->n_slots of them */
	const struct gnmi_value *value; /* NULL: the leaf, or what it is in, was deleted */
	int64_t timestamp_ns; /* of the notification, nanoseconds since 1970 */
};

typedef void gnmi_sample_fn(void *ctx, const struct gnmi_sample *sample);

/* What was seen, by cause; the caller adds up. */
struct gnmi_walk_counters {
	uint64_t messages, updates, samples, deletes;
	uint64_t unmapped; /* updates of paths that mean nothing to us */
	uint64_t malformed; /* messages that were given up */
	uint64_t bad_json; /* JSON values that were given up */
};

struct gnmi_walk {
	const struct gnmi_map *map;
	gnmi_sample_fn *fn;
	void *ctx;
	struct gnmi_walk_counters count;
};

/*
 * Walks a SubscribeResponse; *sync (may be NULL) is set to true if it says that the initial state
 * is complete. PCE_MALFORMED: octets that are no message; samples before the fault were given.
 */
enum pce_status gnmi_walk_response(struct gnmi_walk *walk, const void *bytes, size_t len,
				   bool *sync, struct pce_error *err);
/* Likewise for a Notification. */
enum pce_status gnmi_walk_notification(struct gnmi_walk *walk, struct reader r,
				       struct pce_error *err);

#endif
