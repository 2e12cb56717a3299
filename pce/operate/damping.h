/*
 * Damping of flapping links, in the spirit of RFC 2439 (route flap damping) and of the routers'
 * interface dampening: each loss adds a penalty, which decays with a half-life. A link whose
 * penalty passes one bound is held down, until the penalty has decayed below a lower one. The more
 * often it goes, the longer it is held, up to a ceiling. Pure: time comes with the events, and what
 * is true at an instant depends on the losses and their times alone.
 *
 * Held down means avoided, as if it were drained: the routers' IGP goes on using it. A loss is
 * acted on at once, whatever the penalty says.
 */
#ifndef PCE_OPERATE_DAMPING_H
#define PCE_OPERATE_DAMPING_H

#include <stdbool.h>
#include <stdint.h>

#include "pce/base/units.h"

struct damping_limits {
	uint32_t penalty; /* of one loss; 0: no damping at all */
	uint32_t suppress; /* above it a link is held down */
	uint32_t reuse; /* below it, it is not any more; > 0, < suppress */
	uint32_t half_life_s;
	uint32_t max_hold_s; /* after the last loss at most */
};

/* One link, or fibre. A zeroed one has never gone. */
struct damped {
	double penalty; /* at the instant `at` */
	struct usec at;
	struct usec until; /* held down: when it is not any more, if it stays up */
	bool held;
	uint32_t losses; /* since it was last forgotten */
};

/* What the store keeps of a link that is held down. */
struct damping_record {
	const char *link_key; /* canonical, of one direction */
	uint64_t penalty_milli; /* thousandths, when it was written */
	uint32_t losses;
	int64_t since_us; /* wall clock: since when it is held */
};

/* The penalty now. */
double damping_penalty(const struct damping_limits *limits, const struct damped *link,
		       struct usec now);
/* Takes in a loss. True if the link is held down by it that was not before. */
bool damping_lost(const struct damping_limits *limits, struct damped *link, struct usec now);
/* True if the link's time is over at now: it was held down and is not any more. */
bool damping_release(struct damped *link, struct usec now);
/* A link that was held down with this penalty before a restart: the time that nobody watched does
 * not count, so its penalty decays from now on. */
void damping_restore(const struct damping_limits *limits, struct damped *link, double penalty,
		     uint32_t losses, struct usec now);
/* When a link that is not held down is as good as new: its penalty is half of `reuse`. */
struct usec damping_forget_at(const struct damping_limits *limits, const struct damped *link);

#endif
