/*
 * Routers' data as a tree of nodes, without a schema: what edits are built in before they are
 * printed as XML or JSON (RFC 7951), and what answers are read into before they are understood.
 * Everything lies in one arena, strings are copied, and the number of nodes is bounded.
 */
#ifndef SOUTHBOUND_PROFILE_TREE_H
#define SOUTHBOUND_PROFILE_TREE_H

#include <stdbool.h>
#include <stddef.h>

#include "models/codec/profile.h"
#include "pce/base/arena.h"
#include "pce/base/status.h"
#include "pce/base/text.h"

#define DATA_DEPTH 64 /* levels of an answer at most */
#define DATA_NODES ((size_t)4 << 20) /* nodes of an answer at most */

struct data_node {
	const char *module; /* "": that of any module */
	const char *name;
	const char *value; /* NULL: a container, or an entry of a list */
	enum profile_type type; /* of a value */
	bool entry; /* one of several of this name */
	const char *operation; /* of an edit by NETCONF; NULL: none */
	struct data_node *parent, *first, *last, *next;
};

struct data_tree {
	struct arena arena;
	struct data_node root; /* its children are the top level */
	size_t n;
};

/* One element of a path, with keys that an entry of a list is known by. */
struct data_key {
	const char *name, *value;
};

struct data_step {
	const char *module, *name; /* module "": any */
	const struct data_key *keys;
	size_t n_keys;
};

struct data_path {
	const struct data_step *steps;
	size_t n;
};

/* Frees all nodes; the tree is empty afterwards, as a zeroed one is. */
void data_free(struct data_tree *tree);

/* Appends a child; module and name are borrowed, value (NULL: none) is copied. PCE_LIMIT for too
 * many nodes. */
enum pce_status data_add(struct data_tree *tree, struct data_node *parent,
			 const struct data_step *step, const char *value, struct data_node **out,
			 struct pce_error *err);
/* The node at a path below parent, made as far as it is missing; keys become leaves. */
enum pce_status data_reach(struct data_tree *tree, struct data_node *parent,
			   const struct data_path *path, struct data_node **out,
			   struct pce_error *err);

/* True if a node is what a step says, with its keys. */
bool data_is(const struct data_node *node, const struct data_step *step);
/* The first node at a path below parent, or NULL. */
const struct data_node *data_find(const struct data_node *parent, const struct data_path *path);
/* The next node at a path below parent after `after` (NULL: the first), in order of the document:
 * entries of lists on the way are all gone through. */
const struct data_node *data_next(const struct data_node *parent, const struct data_path *path,
				  const struct data_node *after);
/* Appends where a node is, for sentences: "/module:a/b/c". */
void data_where(const struct data_node *node, struct text *out);

/*
 * Reads a path: elements with '/' between them, each "name" or "module:name" with "[key=value]"
 * behind it; a backslash takes the next character literally, as gnmi_path_print writes it. An
 * element without module is of the one before it, the first of `module`. PCE_INVALID says why.
 */
enum pce_status data_path_parse(const char *text, const char *module, struct arena *arena,
				struct data_path *out, struct pce_error *err);

/*
 * Reads an answer by gNMI: the value (JSON_IETF) that stands at a path (as data_path_parse reads
 * it, "" the root), put into the tree. An object's members become children, arrays become entries,
 * nulls are passed over. PCE_MALFORMED, PCE_LIMIT; the tree may then hold a part.
 */
enum pce_status data_read_json(struct data_tree *tree, const char *path, const char *json,
			       size_t len, struct pce_error *err);

/* Appends the content of a node (the root: all of it) as XML; modules are found in the table. */
void data_print_xml(const struct data_node *node, const struct profile_table *table,
		    struct text *out);
/* Appends an object with the children of a node, RFC 7951; bare: without modules. */
void data_print_json(const struct data_node *node, bool bare, struct text *out);

#endif
