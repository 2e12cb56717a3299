/*
 * What a search of another room needs of a request: which links it may step over, what each step
 * costs in the request's total order and of its bounds, and what is still ahead at least. All in
 * rows of the TED.
 */
#ifndef PCE_PATH_STEPS_H
#define PCE_PATH_STEPS_H

#include "pce/path/path.h"

#define PATH_STEP_COSTS 6
#define PATH_STEP_BOUNDS 5

struct path_steps;

struct path_step {
	ted_link link;
	ted_node to;
	uint32_t place; /* among links of one node: the order of canonical keys */
	uint64_t cost[PATH_STEP_COSTS]; /* objective, ties, links: the most important first */
	uint64_t bounded[PATH_STEP_BOUNDS]; /* of what has a bound */
};

/*
 * Takes a request apart. PCE_UNSUPPORTED if it is not for one route whose objective is a sum or a
 * bottleneck (vias, pairs, alternatives, availability with shared risks). engine and request must
 * outlive it. Caller owns *out; path_steps_free(NULL) does nothing.
 */
enum pce_status path_steps_new(struct path_engine *engine, const struct path_request *request,
			       struct path_steps **out, struct pce_error *err);
void path_steps_free(struct path_steps *steps);

/* Numbers in cost and bounded, and the bounds. */
unsigned path_steps_costs(const struct path_steps *steps);
unsigned path_steps_bounds(const struct path_steps *steps, uint64_t max[PATH_STEP_BOUNDS]);

/*
 * The residuals that the bottleneck can have (objective bandwidth), rising; none for other
 * objectives. Owned by steps.
 */
enum pce_status path_steps_floors(struct path_steps *steps, const uint64_t **out, size_t *n,
				  struct pce_error *err);

/* Searches again what is ahead, over links with at least this residual only. O(m + n log n). */
void path_steps_look_ahead(struct path_steps *steps, uint64_t floor_bps);

/* The next allowed step out of a node; *at is 0 at first. False past the last one. */
bool path_steps_next(const struct path_steps *steps, ted_node node, size_t *at,
		     struct path_step *out);

/* The least cost, and the least of each bounded sum, from a node to the end; false: no way. */
bool path_steps_ahead(const struct path_steps *steps, ted_node node, uint64_t cost[PATH_STEP_COSTS],
		      uint64_t bounded[PATH_STEP_BOUNDS]);

/* Appends the route of n links to an answer. why: NULL if it is proven best. PCE_NO_MEMORY. */
enum pce_status path_steps_report(const struct path_steps *steps, const ted_link *links, size_t n,
				  const char *why, struct path_answer *answer,
				  struct pce_error *err);

/* Which links a request may use, for those who search otherwise. */
struct path_rules;

/* engine and request must outlive it. Caller owns *out; path_rules_free(NULL) does nothing. */
enum pce_status path_rules_new(struct path_engine *engine, const struct path_request *request,
			       struct path_rules **out, struct pce_error *err);
void path_rules_free(struct path_rules *rules);

/* True if the request's constraints allow the link, by row, as one of a path. */
bool path_rules_allow(const struct path_rules *rules, ted_link link);

#endif
