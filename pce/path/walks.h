/*
 * The best walks through vias, in order: loopless routes of an unfolded graph (unfold.h) that take
 * no directed link in two stages.
 *
 * As for alternatives (Yen 1971; Lawler 1972) every route found splits the routes left over by the
 * link at which they leave it, and each part's best one is a single-route problem with a fixed
 * prefix, of which the rest must not take a link again. A route that takes a link twice is no walk;
 * it is split all the same, but only up to where it repeats itself, because nothing that goes on
 * from there is a walk.
 */
#ifndef PCE_PATH_WALKS_H
#define PCE_PATH_WALKS_H

#include "pce/path/branch.h"
#include "pce/path/unfold.h"

struct walks {
	struct found *found; /* best first, in links of the base graph */
	size_t n;
	bool spent; /* the budget ended the search: there may be more, and better ones */
	uint64_t bound; /* if spent: what any walk that was not found has at least (bandwidth: at
			   most), in the objective's unit; only if has_bound */
	bool has_bound;
};

/*
 * Finds the k best walks by a task over what u->e.filter allows, fewer if there are no more. bans:
 * sets the bans that hold for all of them; NULL: none. out must be empty; it is freed by
 * walks_free. PCE_NO_MEMORY.
 */
enum pce_status walks_find(struct unfolded *u, const struct task *task, uint32_t k,
			   const struct pair_bans *bans, struct walks *out, struct pce_error *err);
void walks_free(struct walks *walks);

/* The best one alone. found must be empty. PCE_NO_MEMORY. */
enum pce_status walks_best(struct unfolded *u, const struct task *task,
			   const struct pair_bans *bans, struct found *found,
			   struct pce_error *err);

#endif
