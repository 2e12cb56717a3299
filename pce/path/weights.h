/*
 * The best weights of given routes.
 *
 * A headend shares traffic by weight among the lists that it knows to be valid, so with weights in
 * proportion to the reservations the bandwidth holds in a pattern of working routes exactly if they
 * reserve it together. What is looked for is the set of patterns to hold: likely enough in sum, and
 * cheap to hold. Branch and bound over patterns: the most likely one that does not hold yet is
 * either to hold, or it and all lesser ones are given up. A pattern without which the probability
 * cannot be reached any more has to hold; the least reservation for what has to hold (reserve.h)
 * is the lower bound.
 *
 * Lesser patterns are those with fewer routes, and those with a route in place of a better one.
 * Route i is better than j if in whatever state the others are, "i works and j does not" is no less
 * likely than the reverse, and i meets no limit that j does not meet too: then exchanging the two
 * reservations never loses probability, and some best solution has r_i >= r_j.
 */
#ifndef PCE_PATH_WEIGHTS_H
#define PCE_PATH_WEIGHTS_H

#include "pce/path/reserve.h"

struct weights_problem {
	const struct patterns *patterns;
	uint64_t bandwidth_bps; /* > 0 */
	const struct reserve_limit *limits;
	unsigned n_limits;
};

/* What is known of the best choice, also between several calls. */
struct weights_best {
	bool found;
	struct reserve reserve;
	uint64_t loss_ppt; /* probability that the bandwidth does not hold */
};

struct weights;

/* Scratch memory. Caller owns *out; weights_free(NULL) does nothing. PCE_NO_MEMORY. */
enum pce_status weights_new(struct weights **out, struct pce_error *err);
void weights_free(struct weights *w);

/* Steps of work done since the scratch was made, in the order of a settled label each. */
uint64_t weights_steps(const struct weights *w);

/*
 * Looks for a smaller reservation than *best (if found) that holds but for allowed_ppt; *best
 * becomes it. True if there was one. *spent is set, and the search ends, when weights_steps
 * reaches max_steps.
 */
bool weights_cheapest(struct weights *w, const struct weights_problem *problem,
		      uint64_t allowed_ppt, uint64_t max_steps, struct weights_best *best,
		      bool *spent);

/* Looks for reservations that hold more surely than *best (if found), whatever they cost. As
 * weights_cheapest. */
bool weights_surest(struct weights *w, const struct weights_problem *problem, uint64_t max_steps,
		    struct weights_best *best, bool *spent);

/* True if some reservation holds but for allowed_ppt; the first one found goes into *out. As
 * weights_cheapest. */
bool weights_feasible(struct weights *w, const struct weights_problem *problem,
		      uint64_t allowed_ppt, uint64_t max_steps, struct weights_best *out,
		      bool *spent);

#endif
