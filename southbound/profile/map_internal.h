/* What the parts of the map share. Internal to southbound/profile. */
#ifndef SOUTHBOUND_PROFILE_MAP_INTERNAL_H
#define SOUTHBOUND_PROFILE_MAP_INTERNAL_H

#include "southbound/profile/map.h"

struct map_leaf {
	const struct profile_leaf *row;
	struct data_path path; /* below the entry; empty: the entry is the value itself */
	bool key;
};

struct map_level {
	bool there;
	struct data_path path;
	struct map_leaf *leaves; /* keys first, in their order */
	size_t n_leaves, n_keys;
};

struct profile {
	struct arena arena;
	const struct profile_table *table;
	struct map_level levels[PROFILE_LEVELS];
	bool shared; /* segment lists stand beside the policies */
	bool named; /* policies are known by more than color, endpoint and headend */
};

/* Where in a policy a value is asked for. */
struct spot {
	const struct profile *profile;
	const struct profile_scope *scope;
	const struct srpolicy *policy;
	const struct srpolicy_path *path;
	const struct srpolicy_list *list;
	size_t list_number, segment_number; /* from 0 */
	const struct srpolicy_steering *steering;
};

/* The text of a value there, as the router shall get it by a leaf; room holds it. False: there is
 * none. */
bool spot_text(const struct spot *spot, const struct profile_leaf *leaf, struct text *room);

/* True if a policy's name is one of Karst's. */
bool scope_owns(const struct profile_scope *scope, const struct srpolicy *policy);

/* Appends the name of a shared list: see map.h. */
void reference_print(const struct spot *spot, struct text *out);
/* Where a shared list belongs by its name: its number in the path (from 1), and its own name ("" or
 * NULL: none). False if the name does not begin with the policy's. */
bool reference_parse(const char *reference, const char *policy, uint32_t *number,
		     const char **name);

/* The names that Karst gives to candidate path number i, and to a list of n in it. */
const char *usual_path_name(size_t i);
const char *usual_list_name(const char *path_name, size_t i, size_t n, char room[32]);

/* --- into trees --- */

struct encoder {
	struct data_tree *tree;
	struct text room; /* for the text of one value */
	struct pce_error *err;
};

/* Adds a leaf to an entry, with the containers it lies in; value NULL: empty, as in a filter. */
enum pce_status encode_leaf(struct encoder *e, struct data_node *entry, const struct map_leaf *leaf,
			    const char *value);
/* Makes an entry with its keys, and with all leaves that have a value if `all`. */
enum pce_status encode_entry(struct encoder *e, struct data_node *parent,
			     enum profile_level_kind kind, const struct spot *spot, bool all,
			     struct data_node **out);
/* Makes the entry of a policy, with all that is in it if `all`. */
enum pce_status encode_policy(struct encoder *e, const struct spot *spot, bool all,
			      struct data_node **out);
/* Makes the edits of n changes: entries with an operation. */
enum pce_status encode_changes(struct data_tree *tree, const struct profile *profile,
			       const struct profile_scope *scope,
			       const struct deploy_change *changes, size_t n, bool inverse,
			       struct pce_error *err);

/* --- out of trees --- */

struct shared {
	const char *name;
	const struct data_node *node;
};

struct decoder {
	const struct profile *profile;
	const struct profile_scope *scope;
	struct arena *arena;
	struct shared *shared; /* sorted by name */
	size_t n_shared;
	const char *odd; /* of the policy that is being read; NULL: nothing */
	struct pce_error *err;
};

/* An entry, and what it is sorted by. */
struct placed {
	const struct data_node *node;
	int64_t number;
	const char *name;
	size_t place; /* in the document */
};

/* Fails for a node, with its path and value; why is a sentence without its end. */
enum pce_status decode_malformed(const struct decoder *d, const struct data_node *node,
				 const char *why);
/* The policy that is being read is odd: "WHAT is IS". */
enum pce_status decode_odd(struct decoder *d, const char *what, const char *is);
/* The first leaf of an entry that says a value and is there; *leaf (may be NULL) is its row. */
const struct data_node *decode_node(const struct decoder *d, enum profile_level_kind kind,
				    const struct data_node *entry, enum profile_value value,
				    const struct profile_leaf **leaf);
/* True if the profile has a leaf for the value. */
bool decode_has(const struct decoder *d, enum profile_level_kind kind, enum profile_value value);

/* A value of an entry. Where the router says nothing, *out stays as it is. PCE_MALFORMED. */
enum pce_status decode_text(struct decoder *d, enum profile_level_kind kind,
			    const struct data_node *entry, enum profile_value value,
			    const char **out);
enum pce_status decode_number(struct decoder *d, enum profile_level_kind kind,
			      const struct data_node *entry, enum profile_value value,
			      uint32_t *out);
enum pce_status decode_address(struct decoder *d, enum profile_level_kind kind,
			       const struct data_node *entry, enum profile_value value,
			       struct ip_addr *out);
/* *there: whether the router says it. */
enum pce_status decode_bool(struct decoder *d, enum profile_level_kind kind,
			    const struct data_node *entry, enum profile_value value, bool *there,
			    bool *out);
/* Color and endpoint of a policy's entry. */
enum pce_status decode_key(struct decoder *d, const struct data_node *node, uint32_t *color,
			   struct ip_addr *endpoint);
/* Constants that are there and say something else make the policy odd. */
enum pce_status decode_constants(struct decoder *d, enum profile_level_kind kind,
				 const struct data_node *entry);
/* False for the entry of another headend. */
bool decode_is_here(const struct decoder *d, const struct data_node *node);

/* How many entries of a level lie below a node. */
size_t decode_count(const struct data_node *parent, const struct map_level *level);
/* They, in the document's order; in the arena. */
enum pce_status decode_entries(struct decoder *d, const struct data_node *parent,
			       enum profile_level_kind kind, struct placed **out, size_t *n_out);
/* Sorts entries by number; one that is there twice makes the policy odd. */
enum pce_status decode_order(struct decoder *d, struct placed *at, size_t n, const char *what);
/* Numbers and sorts segment lists: by what the router says, else by what their names say, else by
 * name and place. */
enum pce_status decode_list_numbers(struct decoder *d, struct placed *at, size_t n,
				    const char *policy);

/* Reads operational state; out holds the policies. */
enum pce_status decode_state(struct decoder *d, const struct data_tree *tree,
			     struct profile_held *out);

/* PCE_UNSUPPORTED, naming the field, unless each policy that n changes put into a tree comes back
 * from it. */
enum pce_status map_prove(const struct profile *profile, const struct profile_scope *scope,
			  const struct deploy_change *changes, size_t n, bool inverse,
			  const struct data_tree *tree, struct pce_error *err);

#endif
