/*
 * The best single route under a set of constraints.
 *
 * The total order in which routes are compared: the objective; the ties in the order asked (lower
 * delay, then lower TE metric unless asked otherwise); fewer links; the lexicographically smallest
 * sequence of canonical link ranks. A plain sum is one search backwards and a walk along tight
 * links; the result is exact for bounded requests too if it happens to hold the bounds. Else the
 * label search decides. The largest bottleneck takes two stages: its value B (a widest path; under
 * bounds a binary search over the residuals, each step a bounded search), then the ties among
 * links with at least B.
 */
#ifndef PCE_PATH_SINGLE_H
#define PCE_PATH_SINGLE_H

#include "pce/path/engine.h"

/* What is minimised and what is bounded, of a request under the constraints of a mask. */
struct task {
	struct order order; /* without the bottleneck, which is no sum */
	struct search_bound bounds[SEARCH_MAX_BOUNDS];
	unsigned n_bounds;
	bool shared;
	uint64_t budget_labels, budget_bytes;
	bool widest; /* the largest bottleneck comes before the order */
	/* A route begins with these links (their nodes are banned by who sets them) and goes on at
	 * `from`; what is found is the rest alone. */
	const uint32_t *prefix;
	size_t n_prefix;
	uint32_t from; /* packed; the request's unless there is a prefix */
};

/* Reads the order and the bounds of a request. */
void task_set(struct task *task, const struct path_engine *e, const struct path_request *request,
	      uint32_t constraints);

/* The best route by an order alone from `from` to e->filter.to over what e->filter allows; *n 0:
 * there is none. links has room for n_nodes. PCE_NO_MEMORY. */
enum pce_status single_route(struct path_engine *e, const struct order *order, uint32_t from,
			     uint32_t *links, uint32_t *n, struct pce_error *err);

/* The largest bottleneck from `from` to e->filter.to over what e->filter allows; *joined is false
 * if there is no route. PCE_NO_MEMORY. */
enum pce_status single_bottleneck(struct path_engine *e, uint32_t from, uint64_t *bottleneck_bps,
				  bool *joined, struct pce_error *err);

/* The best route by task's order and bounds over what e->filter allows. found must be empty.
 * PCE_NO_MEMORY. */
enum pce_status single_sum(struct path_engine *e, const struct task *task, struct found *found,
			   struct pce_error *err);

/* The best route by task, whether sum or bottleneck, over what e->filter allows;
 * e->filter.floor_bps is changed. found must be empty. PCE_NO_MEMORY. */
enum pce_status single_run(struct path_engine *e, const struct task *task, struct found *found,
			   struct pce_error *err);

/* The best route for a request, of whose constraints only those in the mask hold. Sets e->filter.
 * found must be empty. PCE_NO_MEMORY. */
enum pce_status single_solve(struct path_engine *e, const struct path_request *request,
			     uint32_t constraints, struct found *found, struct pce_error *err);

#endif
