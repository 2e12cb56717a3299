/*
 * A topology being put together out of another format. Readers give nodes and edges with their
 * values as text, under the names of our leaves (or a known synonym); the draft checks numbers,
 * where their line is known, names what has no name, makes two links of an undirected edge, and
 * notes what it left out. What comes out is karst-topology JSON, one object a line, with the line
 * that each came from. Internal to the importers.
 */
#ifndef MODELS_IMPORT_DRAFT_H
#define MODELS_IMPORT_DRAFT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pce/base/arena.h"
#include "pce/base/hash.h"
#include "pce/base/status.h"
#include "pce/base/text.h"

#define DRAFT_VALUES 48 /* rows of the table of leaves, at most */

/* Set of names, owned copies. */
struct draft_names {
	struct hash hash;
	char **names;
	size_t n, cap;
};

/* An empty set, and its end. */
void draft_names_init(struct draft_names *set);
void draft_names_free(struct draft_names *set);
/* Index of a name, or HASH_NONE. */
uint32_t draft_names_find(const struct draft_names *set, const char *name);
/* Adds a name that is not there yet; its index is n - 1 afterwards. */
enum pce_status draft_names_add(struct draft_names *set, const char *name, struct pce_error *err);

/* Entries of a list of karst-topology, and the lines that they came from. */
struct draft_list {
	struct text json;
	unsigned *lines;
	size_t n, cap;
};

struct draft_note {
	const char *object; /* "edge"; static */
	const char *words; /* what became of it, static or in the arena */
	const char *name; /* in the arena; NULL: the file as a whole */
	bool assumed; /* a value was assumed, nothing left out */
};

/* The value that an object has for a row of the table; borrowed until the object is put. */
struct draft_value {
	const char *text;
	unsigned line;
};

struct draft {
	struct arena arena; /* of notes */
	struct draft_names nodes, links;
	struct draft_names pairs; /* SOURCE-TARGET that was taken, and the next parallel to try */
	unsigned *next;
	size_t cap_next;
	struct draft_list node_list, link_list;
	struct draft_value values[DRAFT_VALUES];
	struct draft_note *notes;
	size_t n_notes, cap_notes;
	struct pce_error *err;
};

/* Prepares an empty draft; faults go to err. */
void draft_init(struct draft *draft, struct pce_error *err);
void draft_free(struct draft *draft);

/*
 * Gives the next node or edge a value: key is the name of a leaf of karst-topology or a synonym
 * (LinkSpeedRaw, Latitude, …); false for any other. Text that is empty, and nan for a number, is
 * absent. A second value for the same key is ignored. The text must live until the object is put.
 */
bool draft_value(struct draft *draft, bool node, const char *key, const char *text, unsigned line);
/* True if such a value was given to the next object already. */
bool draft_has(const struct draft *draft, bool node, const char *key);
/* True if key means a leaf of nodes (or of edges). */
bool draft_knows(bool node, const char *key);
/* True if the leaf of that key is a list of names (srlg, affinity, …). */
bool draft_is_list(bool node, const char *key);
/* True for leaves that are not written as they are read: synonyms. */
bool draft_is_synonym(const char *key);

/* Puts a node with the values given so far. PCE_INVALID with line for a name that is given twice or
 * empty, and for a value that is wrong. */
enum pce_status draft_node(struct draft *draft, const char *name, unsigned line);
/* True if a node of that name was put. */
bool draft_has_node(const struct draft *draft, const char *name);

/*
 * Says that an edge of that name will come, so that no edge without a name gets it. To be called
 * for all names before the first draft_edge. PCE_INVALID: the name is given twice.
 */
enum pce_status draft_reserve(struct draft *draft, const char *name, unsigned line);
/* As draft_reserve for formats whose ids need not be unique: false, and a note, if it was given
 * before; then the edge has to be put without it. */
bool draft_reserve_once(struct draft *draft, const char *name);
/* True if an edge of that name was put or reserved. */
bool draft_has_link(const struct draft *draft, const char *name);

struct draft_edge {
	const char *name; /* reserved before; NULL or "": SOURCE-TARGET, parallels #2, #3 … */
	const char *source, *target; /* NULL: missing */
	bool directed; /* else two links, the reverse is NAME~ */
	unsigned line;
};

/* Puts an edge with the values given so far. One that leads to its own node is left out and noted.
 * PCE_INVALID with line. */
enum pce_status draft_edge(struct draft *draft, const struct draft_edge *edge);

/* Notes that something of that kind and name (NULL: the file) was left out, or assumed. words must
 * be static. Memory that runs out is told by draft_finish. */
void draft_left_out(struct draft *draft, const char *object, const char *name, const char *words);
void draft_assumed(struct draft *draft, const char *words); /* of the whole file */
void draft_note_assumed(struct draft *draft, const char *object, const char *name,
			const char *words);

/* Fails with the line and "WHAT NAME: REASON" (NAME may be ""). Returns status. */
enum pce_status draft_fail(struct draft *draft, unsigned line, enum pce_status status,
			   const char *what, const char *name, const char *reason);

/*
 * Appends the whole as JSON. *lines (to free()) holds for each line of it the line of the source,
 * 0 where there is none; *n_lines how many.
 */
enum pce_status draft_finish(struct draft *draft, struct text *json, unsigned **lines,
			     size_t *n_lines);

#endif
