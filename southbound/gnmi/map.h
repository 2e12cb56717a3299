/*
 * Which leaves of which models mean what: a tree of path elements, made from path patterns such as
 * "/interfaces/interface[name=*]/state/counters/out-octets". A key with "*" takes part in the name
 * of the object (in order of the pattern, at most GNMI_MAP_KEYS of them); one with another value
 * has to have it. Read-only once it is made, so many threads may share it.
 */
#ifndef SOUTHBOUND_GNMI_MAP_H
#define SOUTHBOUND_GNMI_MAP_H

#include "pce/base/arena.h"
#include "pce/base/status.h"
#include "southbound/gnmi/wire.h"
#include "southbound/telemetry/meaning.h"

#define GNMI_MAP_KEYS 3
#define GNMI_MAP_NODES 4096
#define GNMI_MAP_ELEM_KEYS 4

/* One row: the leaf's value times multiplier / divisor is in the meaning's unit. */
struct gnmi_mapping {
	const char *path;
	enum telemetry_meaning meaning;
	uint64_t multiplier, divisor; /* > 0 */
};

/* A key of an element. */
struct gnmi_map_key {
	const char *name;
	size_t len;
	const char *value; /* that it has to have; NULL: any, it names the object */
	size_t value_len;
	unsigned slot; /* of the object's name, if value is NULL */
};

struct gnmi_map_node {
	const char *name;
	size_t len;
	struct gnmi_map_key keys[GNMI_MAP_ELEM_KEYS];
	size_t n_keys;
	struct gnmi_map_node *child, *last, *next; /* children in order of the patterns */
	struct gnmi_map_node *parent;
	unsigned depth; /* of the root 0 */
	unsigned n_slots; /* keys of the object's name, from the root to here */
	enum telemetry_meaning meaning; /* MEANING_NONE: no leaf of interest */
	uint64_t multiplier, divisor;
	const char *origin; /* "": any */
};

struct gnmi_map {
	struct arena arena;
	struct gnmi_map_node root;
	size_t n_nodes;
};

/* A zeroed map is empty. */
void gnmi_map_free(struct gnmi_map *map);
/*
 * Adds a row; a later one for the same path replaces the earlier one. PCE_INVALID for a path that
 * is none, or has too many keys, or other ones than another row for the same list; PCE_LIMIT.
 */
enum pce_status gnmi_map_add(struct gnmi_map *map, const struct gnmi_mapping *row,
			     struct pce_error *err);
/* Adds what is built in: OpenConfig's interfaces and Karst's own device module. */
enum pce_status gnmi_map_add_builtin(struct gnmi_map *map, struct pce_error *err);
/* The built-in rows, n of them. */
const struct gnmi_mapping *gnmi_map_builtin(size_t *n);

#endif
