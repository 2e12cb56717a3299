/*
 * Pairs with bounds on each route, with shared risk groups, and for the joint probability of
 * failure: exact branch and bound over the first route.
 *
 * A problem says what the first route avoids and what it has (so that the second one avoids it).
 * Its first route is optimised alone; then the second one, avoiding all that it must not share with
 * the first. That pair is a candidate. Why can no other first route of this problem do better?
 * Because a second route that avoids a few things of the first, the reason, is already too bad or
 * impossible. The reason is made as short as possible, often a cut, and the problem splits: a
 * better first route avoids the reason's first element; or has it and avoids the second; and so on.
 * The parts do not overlap, and problems with the least lower bound go first.
 *
 * For sums the first route may be taken to be the better one; the worse of two sums, and then their
 * total, grow with either route as the total does, so the same holds for the least maximum. For the
 * joint probability F = P(both fail) the bound is, by Harris' inequality (failures are increasing
 * events), P(first fails) x P(second fails), and a risk that both may share splits three ways: the
 * first avoids it, the second alone does, or it is common: then it costs neither of them and is
 * accounted once, F >= p + (1 - p) F' with F' of what is left. A problem whose best routes share
 * nothing but common risks reaches its bound.
 */
#ifndef PCE_PATH_BRANCH_H
#define PCE_PATH_BRANCH_H

#include "pce/path/request.h"
#include "pce/path/single.h"
#include "pce/path/suurballe.h"

/* apply(ctx) empties the bans of the filter and sets those of one route. */
struct pair_bans {
	void (*apply)(const void *ctx);
	const void *ctx;
};

struct pair_goal {
	enum path_disjoint kind; /* PATH_DISJOINT_AVAILABILITY: anything may be shared */
	bool joint; /* least joint probability of failure, else the least sum by task's order */
	bool maximum; /* not joint: the least first sum of the worse route, then the least sum */
	const uint8_t *exempt; /* by link, both directions: fibres that both may use; NULL: none */
	const uint8_t *passed; /* by node: transit nodes that both have to pass; NULL: none */
	struct task task; /* of each route */
	/* Where routes are not simply the best ones by `task` over what e->filter allows: gives
	 * one, in links of `graph`, which is the one that e->graph was made of by unfolding it.
	 * `bans` bans anew what a route must not have. NULL: the usual. */
	enum pce_status (*solve)(void *ctx, const struct pair_bans *bans, struct found *found,
				 struct pce_error *err);
	void *ctx;
	const struct path_graph *graph;
};

struct pair_result {
	enum search_outcome outcome;
	struct pair pair;
	uint64_t bound; /* SEARCH_SPENT: sum (or larger one) of the first metric, or joint ppt, is
			   at least this */
	const char *why; /* SEARCH_SPENT: if not for want of budget; else NULL */
};

/* Finds the best pair over what e->filter allows. out->pair must be empty. PCE_NO_MEMORY. */
enum pce_status branch_pair(struct path_engine *e, const struct pair_goal *goal,
			    struct pair_result *out, struct pce_error *err);

/* -1, 0, 1: which of two routes comes first by the order, then by its links. */
int branch_compare(const struct path_engine *e, const struct order *order, const struct pair *pair);

#endif
