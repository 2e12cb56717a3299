/*
 * The largest bottleneck between two nodes by lowering a threshold.
 *
 * No route is wider than the widest link out of its start, nor than the widest into its end: that
 * is where the threshold begins. From both ends one goes over links that are at least as wide as
 * the threshold, in any order; those that are narrower wait. When one side is at its end without
 * having met the other, no route is as wide as that: every route leaves what the side has seen over
 * one of the waiting links, so the widest of them is the next threshold. Where the sides meet, the
 * threshold is the answer, because it never was below it. Nodes are taken in without any order, and
 * the links that wait are sorted when the threshold is lowered first, which most searches never do.
 * A node from which one can only turn back is not taken in.
 */
#ifndef PCE_PATH_DESCENT_H
#define PCE_PATH_DESCENT_H

#include "pce/path/filter.h"

struct descent_wait {
	uint64_t bps; /* the link's residual */
	uint32_t node; /* its far end */
};

struct descent_side {
	uint32_t *list; /* nodes seen, in order; those from `done` on are to be looked at */
	uint32_t n, done;
	struct descent_wait *waiting; /* once the threshold was lowered a heap, widest first */
	size_t waiting_cap;
	uint32_t n_waiting;
};

/* A zeroed one is empty; room is made by the first run. */
struct descent {
	struct descent_side sides[2];
	uint32_t *seen; /* by node: epoch << 2 | sides */
	uint32_t epoch;
	uint64_t settled;
	bool lowered; /* the last run's threshold */
};

/* Frees the room. */
void descent_free(struct descent *d);

/* Sets *bottleneck_bps to the largest smallest residual from `from` (not f->to) to f->to over
 * allowed links, and *joined; or clears *joined if they are not joined. PCE_NO_MEMORY. */
enum pce_status descent_bottleneck(struct descent *d, const struct filter *f, uint32_t from,
				   uint64_t *bottleneck_bps, bool *joined, struct pce_error *err);

#endif
