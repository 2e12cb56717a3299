/*
 * The history of a policy: every path it had, why it moved there, what set that off, and how long
 * each stage of the move took. The last moves are kept, each a record of its own in the store, so
 * that a move costs one small record and not the whole history.
 *
 * A move is written when it is complete, when the next one follows, or after a while. One that a
 * crash swallowed shows afterwards as a gap: the policy's record has a generation that its history
 * does not know, and the history then says so (MOVE_UNKNOWN) instead of inventing a reason.
 */
#ifndef PCE_OPERATE_HISTORY_H
#define PCE_OPERATE_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "pce/base/arena.h"
#include "pce/base/status.h"

enum move_kind {
	MOVE_PLACED, /* the intent was made */
	MOVE_CHANGED, /* the intent was changed */
	MOVE_RESTORED, /* the path before did not stand, or did not answer the request any more */
	MOVE_REOPTIMISED, /* the path before stood; this one is better */
	MOVE_REDUCED, /* a candidate path that does not stand was taken off */
	MOVE_REPAIRED, /* the router had changed it; what it shall hold was put back */
	MOVE_ADOPTED, /* somebody else's policy was taken over */
	MOVE_UNKNOWN, /* what happened was not kept */
	MOVE_KIND_COUNT
};

/* When each stage was reached, in microseconds from the cause (bytes of the feed read, or request
 * received); -1: not reached, or not known. */
struct move_stages {
	int64_t detected_us; /* known to be about this policy */
	int64_t computed_us; /* path and list ready */
	int64_t stored_us; /* durable */
	int64_t sent_us; /* handed to the router */
	int64_t prepared_us; /* the router runs it */
	int64_t confirmed_us; /* permanent */
};

#define MOVE_STAGES_NONE ((struct move_stages){ -1, -1, -1, -1, -1, -1 })

struct move_path {
	uint32_t preference, list; /* of the candidate path; number of the list in it, from 1 */
	const char *const *links; /* names, in order of travel */
	size_t n_links;
};

/* What a re-optimisation gained, in the unit of its measure. */
struct move_gain {
	const char *measure; /* "delay-us", "bandwidth-bps", …; NULL: it was none */
	uint64_t before, after;
	uint32_t percent; /* of what was before; UINT32_MAX: of nothing */
};

/* One move. Strings and arrays belong to whoever made it. */
struct policy_move {
	uint64_t number; /* the generation that the policy's record had from then on */
	int64_t wall_us; /* microseconds since 1970 */
	enum move_kind kind;
	const char *cause; /* the event that set it off; NULL not known */
	const char *text; /* why the path before was left, one sentence; NULL */
	const char *const *before; /* links of the primary path before; none: it had no path */
	size_t n_before;
	const struct move_path *paths; /* afterwards; none: it has no path */
	size_t n_paths;
	struct move_gain gain;
	struct move_stages stages;
};

/* Name as in the YANG enumeration; never NULL. */
static inline const char *
move_kind_name(enum move_kind kind)
{
	static const char *const names[] = { "placed",  "changed",  "restored", "re-optimised",
					     "reduced", "repaired", "adopted",  "unknown" };

	return (size_t)kind < MOVE_KIND_COUNT ? names[kind] : "unknown";
}

/* The kind of that name; MOVE_KIND_COUNT for any other text. */
static inline enum move_kind
move_kind_of(const char *name)
{
	unsigned kind = 0;

	while (kind < MOVE_KIND_COUNT && strcmp(move_kind_name((enum move_kind)kind), name) != 0)
		kind++;
	return (enum move_kind)kind;
}

/* Deep copy into arena; NULL without memory. */
struct policy_move *policy_move_copy(struct arena *arena, const struct policy_move *move);

/* A move as the store keeps it, under the key that move_key gives. */
struct move_record {
	const char *policy_id;
	struct policy_move move;
};

#define MOVE_KEY 320

/* "POLICY/NUMBER", the number in twenty digits. */
void move_key(const char *policy_id, uint64_t number, char out[MOVE_KEY]);

struct kept_move {
	struct arena arena;
	struct policy_move *move; /* in arena */
	bool dirty; /* has to be written */
	bool written; /* the store has it, or may have it */
};

/* The last moves of one policy, oldest first. A zeroed log is empty. */
struct move_log {
	struct kept_move **items;
	size_t n, cap;
	uint64_t *gone; /* numbers whose records have to be deleted */
	size_t n_gone, cap_gone;
};

/* Frees everything; the log is empty afterwards. */
void move_log_free(struct move_log *log);
/*
 * Appends a copy of a move whose number is above all others; of more than `most` (at least 1) the
 * oldest go. dirty: it has to be written; else the store has it. On failure the log is as before.
 */
enum pce_status move_log_add(struct move_log *log, const struct policy_move *move, size_t most,
			     bool dirty, struct pce_error *err);
/* The move of this number, or NULL. O(log n). */
struct kept_move *move_log_find(const struct move_log *log, uint64_t number);
/* The newest move, or NULL. */
struct kept_move *move_log_last(const struct move_log *log);
/* True if something has to be written or deleted. */
bool move_log_is_dirty(const struct move_log *log);

#endif
