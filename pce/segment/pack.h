/*
 * Packing: the fewest containers, then the fewest SIDs, that lead along a path. It knows positions
 * and steps between them, not what they stand for. Private to the segment room.
 */
#ifndef PCE_SEGMENT_PACK_H
#define PCE_SEGMENT_PACK_H

#include "pce/segment/sids.h"

/*
 * A SID that may cover a part of the path: usable at every position from `first` to `owner`, it
 * leads to position `to`.
 */
struct step {
	const struct sid_choice *sid;
	uint32_t first, owner, to;
	bool end; /* a node's SID; else a link's */
};

struct pack_problem {
	const struct step *steps; /* by preference among those that reach as far */
	size_t n_steps;
	uint32_t n; /* the path ends at this position */
	bool closing; /* the endpoint's own SID may follow a link's SID at the very end */
	/*
	 * True if the SID may stand where `after` containers follow its own; `carries`: more
	 * C-SIDs follow it in its own.
	 */
	bool (*bears)(const void *ctx, const struct step *step, bool carries, uint32_t after);
	/* True if b may follow a in one container, for reasons other than room. */
	bool (*joins)(const void *ctx, const struct step *a, const struct step *b);
	const void *ctx;
};

/* Chosen steps in the order of travel. A zeroed one is empty. */
struct pack_result {
	uint32_t *steps; /* indices */
	bool *opens; /* the step opens a container, */
	bool *packed; /* one that holds C-SIDs alone and continues the one before */
	size_t n;
	uint32_t containers;
};

/* Frees the arrays and zeroes it. */
void pack_result_free(struct pack_result *result);

/*
 * The best packing, *found false without any. Among equals each step, from the first on, reaches as
 * far as it can, then is a node's, then is the earlier in `steps`. *out must be empty. O(n_steps²
 * × room × containers).
 */
enum pce_status pack_solve(const struct pack_problem *problem, struct pack_result *out, bool *found,
			   struct pce_error *err);

#endif
