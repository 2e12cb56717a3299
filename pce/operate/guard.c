#include "pce/operate/guard.h"

#include <stdio.h>

#define CREDIT_OF_MOVE 1000000

void
guard_init(struct guard *guard, const struct guard_limits *limits)
{
	*guard = (struct guard){ .limits = *limits, .healthy_since = USEC_NEVER };
	guard->credit = (int64_t)limits->moves_per_s * CREDIT_OF_MOVE;
	for (size_t i = 0; i < GUARD_SLICES; i++)
		guard->slices[i].slice = -1;
}

/* --- links --- */

static int64_t
slice_of(const struct guard *guard, struct usec now)
{
	int64_t width = (int64_t)guard->limits.window_s * USEC_PER_S / GUARD_SLICES;

	return now.v / (width > 0 ? width : 1);
}

/* The most links that could be used within the window, until just now. */
static uint32_t
most_usable(const struct guard *guard, int64_t slice)
{
	uint32_t most = guard->usable;

	for (size_t i = 0; i < GUARD_SLICES; i++)
		if (guard->slices[i].slice > slice - GUARD_SLICES && guard->slices[i].most > most)
			most = guard->slices[i].most;
	return most;
}

/* What could be used until now could be used in this slice too. */
static void
note(struct guard *guard, int64_t slice, uint32_t usable)
{
	size_t at = (size_t)(slice % GUARD_SLICES);

	if (guard->slices[at].slice != slice) {
		guard->slices[at].slice = slice;
		guard->slices[at].most = 0;
	}
	if (guard->slices[at].most < usable)
		guard->slices[at].most = usable;
}

bool
guard_usable(struct guard *guard, struct usec now, uint32_t usable, uint32_t *lost, uint32_t *most)
{
	const struct guard_limits *limits = &guard->limits;
	int64_t slice = slice_of(guard, now);
	uint32_t before = guard->told ? guard->usable : usable;

	*most = guard->told ? most_usable(guard, slice) : usable;
	*lost = *most > usable ? *most - usable : 0;
	note(guard, slice, before > usable ? before : usable);
	guard->usable = usable;
	guard->told = true;
	if (usable < before && guard->healthy_since.v != USEC_NEVER.v)
		guard->healthy_since = now;
	return limits->links_percent > 0 && *lost > 0 && *lost >= limits->least_links &&
	       (uint64_t)*lost * 100 > (uint64_t)*most * limits->links_percent;
}

/* --- freezing --- */

void
guard_freeze(struct guard *guard, const char *reason, int64_t wall_us)
{
	if (guard->frozen)
		return;
	guard->frozen = true;
	guard->since_us = wall_us;
	guard->healthy_since = USEC_NEVER;
	snprintf(guard->reason, sizeof(guard->reason), "%s", reason);
}

void
guard_resume(struct guard *guard)
{
	guard->frozen = false;
	guard->reason[0] = '\0';
	guard->healthy_since = USEC_NEVER;
	for (size_t i = 0; i < GUARD_SLICES; i++)
		guard->slices[i].slice = -1;
}

bool
guard_healthy(struct guard *guard, struct usec now, bool healthy)
{
	if (!guard->frozen)
		return false;
	if (!healthy)
		guard->healthy_since = USEC_NEVER;
	else if (guard->healthy_since.v == USEC_NEVER.v)
		guard->healthy_since = now;
	return usec_due(guard_deadline(guard), now);
}

struct usec
guard_deadline(const struct guard *guard)
{
	if (!guard->frozen || guard->limits.heal_after_s == 0)
		return USEC_NEVER;
	return usec_add(guard->healthy_since, (int64_t)guard->limits.heal_after_s * USEC_PER_S);
}

/* --- the cap on the share of policies that move --- */

/* Length of a slice, us. */
static int64_t
share_slice(const struct guard *guard)
{
	int64_t width = (int64_t)guard->limits.moved_window_s * USEC_PER_S / GUARD_SLICES;

	return width > 0 ? width : 1;
}

void
guard_policies(struct guard *guard, size_t policies)
{
	guard->policies = policies;
}

static uint64_t
share_most(const struct guard *guard)
{
	uint64_t most = (uint64_t)guard->policies * guard->limits.moved_percent / 100;

	return most > 0 ? most : 1;
}

/* True if what was moved in a slice counts still. */
static bool
share_counts(const struct guard *guard, size_t i, struct usec now)
{
	return guard->moved[i].n > 0 &&
	       guard->moved[i].slice > now.v / share_slice(guard) - GUARD_SLICES;
}

bool
guard_share_allows(const struct guard *guard, struct usec now)
{
	uint64_t moved = 0;

	if (guard->limits.moved_percent == 0 || guard->limits.moved_percent >= 100)
		return true;
	for (size_t i = 0; i < GUARD_SLICES; i++)
		moved += share_counts(guard, i, now) ? guard->moved[i].n : 0;
	return moved < share_most(guard);
}

struct usec
guard_share_next(const struct guard *guard, struct usec now)
{
	int64_t first = INT64_MAX;

	if (guard_share_allows(guard, now))
		return now;
	for (size_t i = 0; i < GUARD_SLICES; i++)
		if (share_counts(guard, i, now) && guard->moved[i].slice < first)
			first = guard->moved[i].slice;
	return (struct usec){ (first + GUARD_SLICES) * share_slice(guard) };
}

/* --- the cap on moves: a bucket that a second fills --- */

bool
guard_may_move(struct guard *guard, struct usec now)
{
	int64_t rate = guard->limits.moves_per_s, most = rate * CREDIT_OF_MOVE;
	int64_t idle = now.v - guard->credited_at.v;

	if (rate == 0)
		return true;
	if (idle > USEC_PER_S)
		idle = USEC_PER_S;
	guard->credit += idle * rate;
	if (guard->credit > most)
		guard->credit = most;
	guard->credited_at = now;
	return guard->credit >= CREDIT_OF_MOVE;
}

void
guard_moved(struct guard *guard, struct usec now)
{
	int64_t slice = now.v / share_slice(guard);
	size_t at = (size_t)(slice % GUARD_SLICES);

	if (guard->moved[at].slice != slice)
		guard->moved[at].n = 0;
	guard->moved[at].slice = slice;
	guard->moved[at].n++;
	if (guard->limits.moves_per_s > 0)
		guard->credit -= CREDIT_OF_MOVE;
}

struct usec
guard_next_move(const struct guard *guard, struct usec now)
{
	int64_t rate = guard->limits.moves_per_s, missing = CREDIT_OF_MOVE - guard->credit;

	return rate == 0 || missing <= 0 ? now : usec_add(now, (missing + rate - 1) / rate);
}
