/* The writers of formats: from karst-topology as a tree to text. Internal to the importers. */
#ifndef MODELS_IMPORT_WRITERS_H
#define MODELS_IMPORT_WRITERS_H

#include "models/import/tree.h"
#include "pce/base/text.h"

/* What a writer has no place for: counted by name of leaf and kind of object. */
struct losses {
	struct loss {
		const char *leaf; /* borrowed from the tree */
		const char *object; /* "node", "link", …; static */
		size_t n;
	} * items;
	size_t n, cap;
	bool bad; /* memory ran out */
};

/* Counts one leaf of one object that is lost. */
void losses_add(struct losses *losses, const char *object, const char *leaf);

/* One writer: topology is the object "topology" with its lists. */
typedef void write_fn(const struct tree *topology, struct text *out, struct losses *losses);
write_fn write_yaml, write_json, write_graphml, write_csv, write_rfc8345;

/* First entry of a list of the topology ("node", "link"), or NULL. */
const struct tree *write_list(const struct tree *topology, const char *name);

/*
 * The value of a node's or link's leaf as the formats of others hold it: a leaf-list as names with
 * blanks between. False, and a loss, if it would not be read back the same. *out is appended to.
 */
bool write_value(const struct tree *leaf, bool node, struct text *out, struct losses *losses);

/* True if some entry of a list has that leaf. */
bool write_occurs(const struct tree *list, const char *leaf);

/* Notes what top-level lists say that a format of nodes and links has no place for. */
void write_lists_lost(const struct tree *topology, struct losses *losses);

#endif
