/*
 * Device profiles as maps: SRv6 Policies in the shape that a kind of router wants, and back. One
 * code for all models; what differs is the table (models/codec/profile.h).
 *
 *   table ── profile_new ──> profile
 *   changes ── profile_edit ──> XML inside <config> (NETCONF), or
 *           ── profile_set  ──> paths with JSON_IETF values (gNMI Set)
 *   answers ── netconf_data_read, data_read_json ──> tree ── profile_read ──> policies, state
 *
 * An edit replaces or removes whole policies and names nothing else. What is written is read back
 * at once, and a policy that does not come back as it was is refused (PCE_UNSUPPORTED, naming the
 * field): a model without a place for something never loses it silently. Names of candidate paths
 * and segment lists that a model has no leaf for are taken to be those that Karst gives.
 *
 * Models that keep segment lists beside the policies (PROFILE_SHARED) know them by a name, which is
 * "POLICY.PREFERENCE.NUMBER.NAME": made of the policy's, so it is Karst's like the policy, and says
 * where the list belongs. Lists of other names are read, but never written.
 *
 * What a router holds that no field of srpolicy can say (a policy switched off, a segment that is
 * no SID) makes its policy `odd`, and so never equal to a wanted one.
 */
#ifndef SOUTHBOUND_PROFILE_MAP_H
#define SOUTHBOUND_PROFILE_MAP_H

#include "pce/deploy/transaction.h"
#include "southbound/profile/tree.h"

struct profile;

/* Whose policies are meant. Borrowed. */
struct profile_scope {
	const char *name_prefix; /* policies with it are Karst's */
	const char *headend; /* address, for models that have it; NULL not known */
};

/* What a router told: all policies, whoever made them, and what it says of them. */
struct profile_held {
	const struct srpolicy *policies; /* sorted by key; paths by falling preference, lists by
					    number, steering by prefix */
	size_t n_policies;
	const struct srpolicy_oper *oper; /* sorted by key; those with operational state */
	size_t n_oper;
};

/*
 * Makes a profile of a table, which must outlive it. PCE_INVALID names the line and the path of
 * what cannot be: a leaf that fits its level not, a module that is not listed, a missing color.
 */
enum pce_status profile_new(const struct profile_table *table, struct profile **out,
			    struct pce_error *err);
/* NULL does nothing. */
void profile_free(struct profile *profile);
/* Its table. */
const struct profile_table *profile_table(const struct profile *profile);

/* The built-in table of that name ("karst", "ietf"); NULL if there is none. */
const struct profile_table *profile_table_builtin(const char *name);

/* --- NETCONF --- */

/* Appends the content of <config>: n changes, each replacing or removing a policy; inverse: what
 * takes them back, by `before` of each. */
enum pce_status profile_edit(const struct profile *profile, const struct profile_scope *scope,
			     const struct deploy_change *changes, size_t n, bool inverse,
			     struct text *out, struct pce_error *err);
/* Appends the content of a subtree filter that selects what n changes are about (all where
 * their keys alone do not find it); n = 0: all policies. */
enum pce_status profile_filter(const struct profile *profile, const struct profile_scope *scope,
			       const struct deploy_change *changes, size_t n, struct text *out,
			       struct pce_error *err);
/* Appends the content of a subtree filter that selects the operational state of all policies. */
enum pce_status profile_filter_state(const struct profile *profile, struct text *out,
				     struct pce_error *err);

/* --- gNMI --- */

/* One path of a Set: to be deleted (json NULL), or replaced by a value (JSON_IETF). */
struct profile_update {
	const char *path; /* as gnmi_path_parse reads it, with the origin if the profile has one */
	const char *json;
};

/*
 * What one Set has to hold for n changes: deletions first, then replacements, in order. With
 * inverse: what takes them back. Everything lies in arena.
 */
enum pce_status profile_set(const struct profile *profile, const struct profile_scope *scope,
			    const struct deploy_change *changes, size_t n, bool inverse,
			    struct arena *arena, struct profile_update **out, size_t *n_out,
			    struct pce_error *err);
/* The paths of a Get that brings all that profile_read wants, configuration and state; in arena. */
enum pce_status profile_get(const struct profile *profile, struct arena *arena,
			    const char *const **out, size_t *n_out, struct pce_error *err);

/* --- both --- */

/*
 * Understands what a router holds: policies from its configuration, state from `state` (may be the
 * same tree; NULL: none). What the profile does not know is passed over; a value that cannot be is
 * PCE_MALFORMED with its path. *out belongs to arena.
 */
enum pce_status profile_read(const struct profile *profile, const struct profile_scope *scope,
			     const struct data_tree *configuration, const struct data_tree *state,
			     struct arena *arena, struct profile_held *out, struct pce_error *err);

/* --- whose is what; for every driver alike --- */

/* The policy that a change leaves on the router (inverse: what was there before), NULL for none. */
const struct srpolicy *profile_wanted(const struct deploy_change *change, bool inverse);
/* What the router holds under a policy's key, or NULL. O(log n). */
const struct srpolicy *profile_find(const struct profile_held *held, const struct srpolicy *key);

/* What belongs to Karst: colors from color_min to color_max, names that begin with name_prefix. */
struct profile_owner {
	uint32_t color_min, color_max;
	const char *name_prefix;
};

/* PCE_DENIED if a change is about a policy that cannot be Karst's; asked before a router is. */
enum pce_status profile_check(const struct profile_owner *owner,
			      const struct deploy_change *changes, size_t n, struct pce_error *err);
/* PCE_EXISTS if what the router holds has a policy of the changes that is not Karst's. */
enum pce_status profile_owned(const struct profile_owner *owner,
			      const struct deploy_change *changes, size_t n,
			      const struct profile_held *held, struct pce_error *err);
/* PCE_UNSUPPORTED, naming the policy, unless the router holds just what the changes (inverse: what
 * was before) say. */
enum pce_status profile_verify(const struct deploy_change *changes, size_t n, bool inverse,
			       const struct profile_held *held, struct pce_error *err);
/* Sorts out ours and others' policies. *out belongs to arena, or to what held belongs to. */
enum pce_status profile_sort(const struct profile_owner *owner, const struct profile_held *held,
			     struct arena *arena, struct device_state *out, struct pce_error *err);

#endif
