/*
 * Failures by the thousand: where each of many routes moves to when something fails.
 *
 * A route that a failure does not touch stays the best one, because a failure only takes choices
 * away; so only what is hit is computed again, with the failed things banned. Requests are taken in
 * an order that keeps those to one target together, and what guides the search there (guide.h)
 * serves all of them and all failures, because it does not depend on what has failed. Each route is
 * the one that path_compute gives for a request that avoids what failed.
 */
#ifndef PCE_PATH_SWEEP_H
#define PCE_PATH_SWEEP_H

#include "pce/path/path.h"

/* What fails together. Rows of the ted. */
struct path_failure {
	const uint32_t *links; /* each with its whole fibre */
	size_t n_links;
	const uint32_t *nodes;
	size_t n_nodes;
	const uint32_t *srlgs; /* numbers: all links and nodes that belong to one */
	size_t n_srlgs;
};

enum path_fate {
	PATH_FATE_MOVED, /* after is the new route */
	PATH_FATE_CUT_OFF, /* no route is left, or an end has failed */
	PATH_FATE_UNDECIDED, /* the budget was spent: after is the best route met, if any */
};

/* A route as rows of links, and its sums. */
struct path_sweep_route {
	const uint32_t *links; /* borrowed: valid until visit returns */
	size_t n_links; /* 0: none */
	uint64_t igp_metric, te_metric, delay_us;
};

/* One route that one failure hits. */
struct path_sweep_hit {
	size_t request;
	size_t failure; /* of the list, or the place of the failed link on the route before */
	enum path_fate fate;
	struct path_sweep_route before, after;
};

/* Is told each hit. The engine must not be used meanwhile. */
typedef void path_sweep_visit(void *ctx, const struct path_sweep_hit *hit);

/*
 * For each of n requests and each link of its route: that link's fibre fails alone. Hits of one
 * request come in the order of its route; requests in an order of their own. PCE_INVALID as
 * path_compute; PCE_UNSUPPORTED for requests for more than one route, or with vias; PCE_NO_MEMORY.
 * On failure some hits may have been visited.
 */
enum pce_status path_sweep_links(struct path_engine *engine, const struct path_request *requests,
				 size_t n, path_sweep_visit *visit, void *ctx,
				 struct pce_error *err);

/* For each of n requests and each failure of a list that hits its route: all of the failure fails
 * together. Hits of one request come in the order of the list. As path_sweep_links, and
 * PCE_INVALID for a failure that names an unknown row. */
enum pce_status path_sweep(struct path_engine *engine, const struct path_request *requests,
			   size_t n, const struct path_failure *failures, size_t n_failures,
			   path_sweep_visit *visit, void *ctx, struct pce_error *err);

#endif
