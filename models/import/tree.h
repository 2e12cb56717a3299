/*
 * Nested values with names, as JSON and GML have them. Parsing is bounded in depth, keeps numbers
 * as their text, and notes the line of each value. Internal to the importers.
 */
#ifndef MODELS_IMPORT_TREE_H
#define MODELS_IMPORT_TREE_H

#include <stdbool.h>
#include <stddef.h>

#include "pce/base/arena.h"
#include "pce/base/status.h"

enum tree_kind { TREE_OBJECT, TREE_ARRAY, TREE_STRING, TREE_SCALAR };

struct tree {
	enum tree_kind kind;
	unsigned line;
	const char *key; /* NULL in an array and at the top */
	const char *text; /* of strings and scalars */
	struct tree *first, *next; /* children; siblings */
};

/* Parses a JSON text (RFC 8259). The tree lives in the arena. PCE_MALFORMED with line. */
enum pce_status tree_json(const char *text, size_t len, struct arena *arena, struct tree **out,
			  struct pce_error *err);

/*
 * Parses GML (Himsolt 1996): KEY VALUE pairs, lists in [ ]. Strings may go over lines; numeric and
 * the usual named character entities are read. Comment lines begin with #. The top is an object.
 */
enum pce_status tree_gml(const char *text, size_t len, struct arena *arena, struct tree **out,
			 struct pce_error *err);

/* First member of that name, or NULL. in may be NULL. A JSON member's name counts without the
 * module's prefix ("ietf-network:node" is node). */
const struct tree *tree_get(const struct tree *in, const char *key);
/* Text of such a member if it is a string or scalar, else NULL. */
const char *tree_text(const struct tree *in, const char *key);
/* A member's name without the module's prefix. */
const char *tree_bare(const char *key);

#endif
