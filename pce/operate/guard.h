/*
 * Feed guard: a feed can lie or die, and a controller that believes it moves every service of a
 * network onto the links that seem to be left. The guard watches how many links can be used; when
 * more than a share of them vanish in a short time, or the last feed is lost, changes freeze until
 * a person resumes or, if that is configured, a feed has stayed healthy long enough.
 *
 * The loss is measured against the most links that could be used within the window, not by adding
 * up withdrawals: a flapping link is one link, however often it goes.
 */
#ifndef PCE_OPERATE_GUARD_H
#define PCE_OPERATE_GUARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pce/base/units.h"
#include "pce/operate/doubt.h"

struct guard_limits {
	uint32_t links_percent; /* of the directed links that could be used; 0: no guard at all */
	uint32_t least_links; /* fewer are never too many: small networks lose a large share */
	uint32_t window_s;
	uint32_t heal_after_s; /* 0: only a person resumes */
	uint32_t moves_per_s; /* restorations at most, up to as many at once; 0: no cap */
	uint32_t moved_percent; /* of the policies, within moved_window_s; 0 or 100: no cap */
	uint32_t moved_window_s;
	struct doubt_limits doubt; /* feeds against telemetry */
};

#define GUARD_SLICES 64 /* the window is watched in steps of a 64th of it */
#define GUARD_REASON 256

struct guard {
	struct guard_limits limits;
	uint32_t usable; /* directed links, as told last */
	bool told;
	struct {
		int64_t slice; /* number of the slice since the clock's beginning, -1 none */
		uint32_t most; /* links that could be used in it */
	} slices[GUARD_SLICES];

	bool frozen;
	char reason[GUARD_REASON]; /* one sentence; "" unless frozen */
	int64_t since_us; /* wall clock */
	struct usec healthy_since; /* USEC_NEVER: it is not */

	int64_t credit; /* millionths of a move */
	struct usec credited_at;

	size_t policies; /* as told last */
	struct {
		int64_t slice; /* of a 64th of the window, as above */
		uint32_t n; /* policies moved in it */
	} moved[GUARD_SLICES];
};

/* A guard that knows nothing yet. */
void guard_init(struct guard *guard, const struct guard_limits *limits);

/*
 * Takes in how many directed links can be used now. True if too many of them went within the
 * window; *lost of *most then. Losses while frozen begin the healing anew. O(GUARD_SLICES).
 */
bool guard_usable(struct guard *guard, struct usec now, uint32_t usable, uint32_t *lost,
		  uint32_t *most);

/* Freezes; the first reason stays. wall_us: for people. */
void guard_freeze(struct guard *guard, const char *reason, int64_t wall_us);
/* Ends the freeze; what was lost is lost, and counts no more. */
void guard_resume(struct guard *guard);

/* Takes in whether the feeds are healthy. True if they were for long enough to end the freeze. */
bool guard_healthy(struct guard *guard, struct usec now, bool healthy);
/* When guard_healthy is to be asked again; USEC_NEVER without need. */
struct usec guard_deadline(const struct guard *guard);

/* True if one more policy may be moved now. */
bool guard_may_move(struct guard *guard, struct usec now);
/* Takes in that one was moved. */
void guard_moved(struct guard *guard, struct usec now);
/* When guard_may_move is true again. */
struct usec guard_next_move(const struct guard *guard, struct usec now);

/* Takes in how many policies there are, which the share is one of. */
void guard_policies(struct guard *guard, size_t policies);
/* True if one more policy may be moved without more than the share of them moved within the window;
 * one always may. */
bool guard_share_allows(const struct guard *guard, struct usec now);
/* When guard_share_allows is true again; now if it is. O(GUARD_SLICES). */
struct usec guard_share_next(const struct guard *guard, struct usec now);

#endif
