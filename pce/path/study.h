/*
 * What guarantee.c and shortfall.c share: the routes to choose from, and the walk over all choices
 * of them.
 */
#ifndef PCE_PATH_STUDY_H
#define PCE_PATH_STUDY_H

#include "pce/path/candidates.h"
#include "pce/path/weights.h"

/* A link, or several that the same routes of the pool use. */
struct study_limit {
	uint32_t routes; /* of the pool */
	uint64_t max_bps;
};

struct study {
	struct path_engine *e;
	const struct path_request *request;
	unsigned n_lists; /* at most */
	uint64_t allowed_ppt, max_steps;
	struct candidates pool; /* at most PATTERN_POOL */
	struct pattern_table table;
	struct study_limit *limits;
	size_t n_limits, limits_cap;
	struct weights *weights;
	bool spent;
};

/* One choice of routes, ready for weights.h. */
struct choice {
	uint8_t routes[PATTERN_ROUTES]; /* of the pool, in order */
	unsigned n;
	struct patterns patterns;
	struct reserve_limit limits[PATTERN_COUNT];
	unsigned n_limits;
};

/* Begins: finds the pool. The study must be zeroed but for e and request; study_free frees it, also
 * after a failure. PCE_NO_MEMORY. */
enum pce_status study_begin(struct study *s, struct pce_error *err);
void study_free(struct study *s);

/* Called with each choice; false ends the walk. */
typedef bool study_visit(struct study *s, const struct choice *choice, uint64_t bandwidth_bps,
			 void *ctx);

/* Visits all choices of n routes of the pool in the order of their numbers; none if the pool has
 * fewer. bandwidth_bps: of which the limits are told that can bind. */
void study_walk(struct study *s, unsigned n, uint64_t bandwidth_bps, study_visit *visit, void *ctx);

#endif
