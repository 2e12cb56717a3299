/*
 * Placing: from a request to routes and the segment lists that forward along them. The one function
 * that decides whether a policy has a path; admission, change and restoration all come through it.
 */
#ifndef PCE_POLICY_PLACE_H
#define PCE_POLICY_PLACE_H

#include "pce/path/path.h"
#include "pce/segment/compile.h"

struct loose;

struct placer {
	struct path_engine *engine;
	struct segment_igp *igp;
	struct loose *loose; /* place_compute's own; callers leave it NULL */
	/* Of a co-routed request: a path counts only if its way back has a list too, by these. */
	const struct segment_options *back; /* NULL: that is not asked */
};

/* How strictly a pair is asked for. */
enum place_pair {
	PLACE_PAIR_STRICT, /* no second path: no path */
	PLACE_PAIR_OR_SINGLE, /* no second path: one path, degraded */
};

struct placement {
	struct path_answer answer; /* routes, or no_path */
	struct segment_list *lists; /* one a route */
	bool degraded; /* it has a path, but not all that was asked for */
	char *why; /* degraded: one sentence */
	uint32_t refused; /* lists that replay did not confirm: a defect of the compiler, or a
			     network whose routers contradict each other */
};

/* True if there is a path. */
bool placement_placed(const struct placement *placement);

/* Frees what it holds and zeroes it. A zeroed placement is empty. */
void placement_free(struct placement *placement);

/*
 * Computes and compiles. PCE_OK with placement_placed(), or with answer.no_path filled: also when
 * the path cannot be expressed within the limits of the routers (PATH_REASON_SIDS). Errors as
 * path_compute. out must be empty; on failure it stays empty.
 */
enum pce_status place_compute(const struct placer *placer, const struct path_request *request,
			      const struct segment_options *options, enum place_pair pair,
			      struct placement *out, struct pce_error *err);

/*
 * Compiles routes that are there already (rows, as many as the request asks for, without a
 * guarantee): new lists for old paths. PCE_OK with placement_placed(), or with answer.no_path.
 * Errors and out as place_compute.
 */
enum pce_status place_routes(const struct placer *placer, const struct path_request *request,
			     const struct segment_options *options, const struct path_route *routes,
			     size_t n, struct placement *out, struct pce_error *err);

#endif
