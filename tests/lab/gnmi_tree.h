/*
 * What a router tells by gNMI, as a tree: the configuration and the state of its datastore, and
 * what is measured, which has no schema here (openconfig-interfaces). A tree is built for a
 * question, printed and thrown away; everything is in its arena.
 */
#ifndef TESTS_LAB_GNMI_TREE_H
#define TESTS_LAB_GNMI_TREE_H

#include <libyang/libyang.h>

#include "southbound/gnmi/path.h"

enum gtree_kind { GTREE_INNER, GTREE_ENTRY, GTREE_LEAF };
enum gtree_type { GTREE_TEXT, GTREE_UINT, GTREE_INT, GTREE_BOOL };

struct gtree_node {
	const char *module, *name; /* borrowed */
	enum gtree_kind kind;
	enum gtree_type type; /* of a leaf */
	bool wide; /* of 64 bits: RFC 7951 has it as a string */
	bool key; /* of the entry that it is in */
	bool state; /* config false */
	const char *text; /* value of a leaf */
	struct gtree_node *parent, *child, *last, *next;
};

struct gtree {
	struct arena arena;
	struct gtree_node root;
	bool bad; /* memory ran out */
};

/* One interface, as it is measured. */
struct gtree_interface {
	const char *name;
	uint32_t index;
	bool up;
	uint64_t in_octets, out_octets, in_packets, out_packets, in_errors, out_discards;
	uint32_t delay_us; /* 0: not measured */
};

/* Frees everything; the tree is empty and usable afterwards. */
void gtree_free(struct gtree *tree);
/* Adds a container or a list entry; name and module are borrowed. NULL without memory (sticky). */
struct gtree_node *gtree_add(struct gtree *tree, struct gtree_node *parent, const char *module,
			     const char *name, enum gtree_kind kind);
/* Adds leaves; text is copied. */
struct gtree_node *gtree_add_text(struct gtree *tree, struct gtree_node *parent, const char *name,
				  const char *text);
struct gtree_node *gtree_add_number(struct gtree *tree, struct gtree_node *parent, const char *name,
				    uint64_t value, bool wide);
/* Copies data of libyang below a node; what is not config is state. */
void gtree_add_data(struct gtree *tree, struct gtree_node *parent, const struct lyd_node *siblings);
/* An interface, both as openconfig-interfaces and as karst-device have it. */
void gtree_add_interface(struct gtree *tree, const struct gtree_interface *at);
/* What a policy sent (karst-device); the endpoint is copied. */
void gtree_add_policy_octets(struct gtree *tree, uint32_t color, const char *endpoint,
			     uint64_t octets);
/* What came in at a router of a policy, wherever its headend is (karst-device); texts are copied.
 */
struct gtree_flow {
	const char *headend;
	uint32_t color;
	const char *endpoint;
	uint64_t packets, octets;
};
void gtree_add_flow(struct gtree *tree, const struct gtree_flow *flow);

/* Calls visit for each node that a path names: * takes all names or values, and so does a key that
 * is left out. The number of them. */
size_t gtree_match(struct gtree *tree, const struct gnmi_path *path,
		   void (*visit)(void *ctx, struct gtree_node *node), void *ctx);
/* Calls visit for each leaf at or below a node; keys too. */
void gtree_leaves(struct gtree_node *node, void (*visit)(void *ctx, struct gtree_node *leaf),
		  void *ctx);
/* The path of a node, in an arena. False without memory. */
bool gtree_path(const struct gtree_node *node, struct arena *arena, struct gnmi_path *out);
/* The value of a node as JSON (RFC 7951): an object of what is in it, or a leaf's value. */
void gtree_json(const struct gtree_node *node, struct text *out);

#endif
