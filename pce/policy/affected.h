/*
 * Who is affected by a change: an index from links to the policies that are bound to them, and the
 * questions that decide whether a policy still stands. Only what is affected is recomputed.
 */
#ifndef PCE_POLICY_AFFECTED_H
#define PCE_POLICY_AFFECTED_H

#include "pce/policy/policy.h"
#include "pce/ted/ted.h"

struct affected_row {
	uint32_t *slots; /* sorted */
	size_t n, cap;
};

/* A zeroed index is empty. Policies are numbered by their holder (slots). */
struct affected_index {
	struct affected_row *rows; /* by link */
	size_t n, cap;
};

/* Frees everything; the index is empty afterwards. */
void affected_free(struct affected_index *index);
/* Notes that the policy in this slot uses the link; noting it twice is noting it once. */
enum pce_status affected_add(struct affected_index *index, ted_link link, uint32_t slot,
			     struct pce_error *err);
/* Takes the note back; one that is not there is no error. */
void affected_remove(struct affected_index *index, ted_link link, uint32_t slot);
/* The slots noted for a link, sorted; valid until the next change. */
const uint32_t *affected_on(const struct affected_index *index, ted_link link, size_t *n);

/*
 * True if a link is gone for good reason: withdrawn, one-way, down, unusable. A link that is merely
 * unknown, because its feed was lost too long ago, is not lost: no policy leaves it.
 */
bool affected_link_lost(const struct ted *ted, ted_link link);

/* How to judge. */
enum affected_ask {
	AFFECTED_REPLAY = 1u << 0, /* forward along the lists too */
	AFFECTED_ALL_KNOWN = 1u << 1, /* every feed told all it has: what is not known is lost */
};

enum affected_verdict {
	AFFECTED_STANDS, /* the route is whole and its list forwards along it */
	AFFECTED_UNKNOWN, /* some link is not known now: nothing can be said, nothing is moved */
	AFFECTED_LOST, /* a link is lost */
	AFFECTED_OVERLOADED, /* it crosses a node that carries no transit any more */
	AFFECTED_ASTRAY, /* the list does not forward along the route any more */
};

/* Where a segment list leads: its own links, and behind them those that it branches to. */
struct affected_route {
	const ted_link *links;
	size_t n, n_branches;
};

/*
 * Judges one segment list: its route (rows; TED_NONE for a link that is not known), the branches
 * beside it, and where the list leads, as enum affected_ask says. Not AFFECTED_STANDS: text (cap
 * octets) says why, with names.
 */
enum pce_status affected_judge(const struct ted *ted, ted_node headend,
			       const struct srpolicy_list *list, const struct affected_route *route,
			       unsigned ask, enum affected_verdict *out, char *text, size_t cap,
			       struct pce_error *err);

#endif
