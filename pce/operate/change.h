/*
 * Proposed changes as plain data: what Karst would do, before and after, while it waits for a
 * person's approval. Strings and arrays belong to whoever made the change.
 */
#ifndef PCE_OPERATE_CHANGE_H
#define PCE_OPERATE_CHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "pce/base/arena.h"

/* One segment list of a policy: a candidate path has one, or several that share its traffic. */
struct change_path {
	const char *const *links; /* names, in order of travel */
	size_t n_links;
	const char *const *sids; /* of its segment list, in order */
	size_t n_sids;
	uint64_t delay_us;
	uint64_t unavailability_ppt;
	bool measured; /* delay and unavailability are known: all links are */
};

/* A policy as it is, or as it would be. */
struct change_side {
	uint64_t bandwidth_bps; /* booked on every link */
	const struct change_path *paths; /* the preferred one first; none: nothing is there */
	size_t n_paths;
};

enum change_kind {
	CHANGE_MOVE, /* another path for what is deployed */
	CHANGE_DEPLOY, /* what an intent asked for is put on the headend */
	CHANGE_REPAIR, /* what a router was changed to is put back; before has no links */
};

/* What a change does to one policy. */
struct change_part {
	const char *policy_id;
	enum change_kind kind;
	bool dead; /* what is there now carries nothing */
	struct change_side before, after;
};

enum change_state { CHANGE_WAITING, CHANGE_REJECTED };

/* Parts belong together: all are made, or none. */
struct change {
	uint64_t id;
	enum change_state state;
	const char *by; /* who rejected it; NULL */
	const char *cause; /* what set it off */
	int64_t created_us; /* wall clock, microseconds since 1970 */
	int64_t expires_us; /* likewise; 0: never */
	const struct change_part *parts; /* in order of policy */
	size_t n_parts;
};

/* "waiting" or "rejected"; never NULL. */
static inline const char *
change_state_name(enum change_state state)
{
	return state == CHANGE_REJECTED ? "rejected" : "waiting";
}

/* "move", "deploy" or "repair"; never NULL. */
static inline const char *
change_kind_name(enum change_kind kind)
{
	return kind == CHANGE_DEPLOY ? "deploy" : kind == CHANGE_REPAIR ? "repair" : "move";
}

/* The kind of that name; CHANGE_MOVE for any other text. */
static inline enum change_kind
change_kind_of(const char *name)
{
	return strcmp(name, "deploy") == 0   ? CHANGE_DEPLOY
	       : strcmp(name, "repair") == 0 ? CHANGE_REPAIR
					     : CHANGE_MOVE;
}

/* Deep copy into arena; NULL without memory. */
struct change *change_copy(struct arena *arena, const struct change *change);
/* True if both do the same to the same policies: the same paths, lists and bandwidths afterwards.
 */
bool change_same(const struct change *a, const struct change *b);
/* True if both sides have the same paths, lists and bandwidth. */
bool change_same_side(const struct change_side *a, const struct change_side *b);
/* True if some part brings back what is dead. */
bool change_restores(const struct change *change);

#endif
