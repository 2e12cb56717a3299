/* What a computation found: one or more routes, or the reason why there is none. "No path" is an
 * answer, not an error. */
#ifndef PCE_PATH_ANSWER_H
#define PCE_PATH_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Why there is no path: the constraint (or the first of the minimal set) that blocks it. */
enum path_reason {
	PATH_REASON_NONE,
	PATH_REASON_ENDPOINT_DOWN, /* an end is unusable */
	PATH_REASON_DISCONNECTED, /* not even without constraints */
	PATH_REASON_BANDWIDTH,
	PATH_REASON_DELAY,
	PATH_REASON_HOPS,
	PATH_REASON_TE_METRIC,
	PATH_REASON_IGP_METRIC,
	PATH_REASON_AFFINITY,
	PATH_REASON_AVOID,
	PATH_REASON_SLICE,
	PATH_REASON_LINK_BOUND, /* a bound on each single link */
	PATH_REASON_OVERLOAD, /* only through overloaded nodes */
	PATH_REASON_DISJOINT, /* no second path */
	PATH_REASON_VIA,
	PATH_REASON_SIDS, /* the headend cannot push that many */
	PATH_REASON_CONFLICT, /* several constraints together, see text */
	PATH_REASON_BUDGET, /* the search was stopped before it knew */
	PATH_REASON_GUARANTEE, /* no lists hold the bandwidth so surely */
	PATH_REASON_CO_ROUTED, /* there are paths each way, but none over the same fibres */
	PATH_REASON_COUNT
};

/* Name as in the YANG enumeration ("bandwidth"); never NULL. */
const char *path_reason_name(enum path_reason reason);

/* What made a route better than the next one. */
enum path_decided {
	PATH_DECIDED_ALONE, /* there is no other route */
	PATH_DECIDED_OBJECTIVE,
	PATH_DECIDED_DELAY, /* the ties */
	PATH_DECIDED_TE,
	PATH_DECIDED_IGP,
	PATH_DECIDED_HOPS,
	PATH_DECIDED_LINKS, /* fewer links */
	PATH_DECIDED_RANK, /* equal in everything: the canonical order of links */
	PATH_DECIDED_COUNT
};

/* Name as in the YANG enumeration ("objective"); never NULL. */
const char *path_decided_name(enum path_decided decided);

/* A constraint of the request, seen from the route that was chosen. */
struct path_binding {
	enum path_reason constraint;
	bool has_slack;
	uint64_t asked, has; /* a bound or floor and the route's value, in the constraint's unit */
	bool binds; /* without it another route would be better ... */
	uint64_t without; /* ... with this value of the objective */
};

/* Why a route was chosen. Values are in the objective's unit: a sum, bit/s, or the probability of
 * failure in ppt; for a pair, that of both together, and it tells no runner-up. */
struct path_choice {
	uint64_t value;
	bool has_runner_up;
	uint32_t *runner_up; /* its links */
	size_t n_runner_up;
	uint64_t runner_up_value;
	size_t part; /* links that both have at the beginning */
	enum path_decided decided;
	bool sure; /* the runner-up is proven to be the next best */
	struct path_binding *bindings; /* of the constraints asked for */
	size_t n_bindings;
};

/* One loopless route: n_links directed links from the request's from to its to; 0 links only if
 * from = to. */
struct path_route {
	uint32_t *links;
	size_t n_links;
	uint64_t igp_metric, te_metric, delay_us; /* sums */
	uint64_t residual_bps; /* smallest along it, the asker's own holding added back */
	uint64_t
	    unavailability_ppt; /* of links, transit nodes and shared risks, each counted once */
	bool exact;
	bool has_bound;
	uint64_t
	    bound; /* not exact: the best value the objective could have, in the objective's unit */
	char *why; /* not exact: why; else NULL */
	char *chosen; /* one sentence: why this route; NULL unless the request asks to explain */
	struct path_choice *choice; /* the same for programs; NULL unless asked */
	/* Of a guarantee; else 0. */
	uint32_t weight; /* its share of the traffic, beside the weights of the other routes */
	uint64_t reserved_bps; /* what it has to reserve on each of its links */
};

/* What the routes of a guarantee hold together: see path/guarantee.h. */
struct path_guarantee {
	uint64_t bandwidth_bps; /* that holds */
	uint64_t unavailability_ppt; /* probability that it does not hold */
	uint64_t reserved_bps; /* by all routes together */
	uint64_t gamma_ppm; /* reserved for one bit/s that holds, in millionths, rounded up */
	uint64_t bound_bps; /* no lists of the request reserve less; exact: reserved_bps */
	uint32_t n_candidates; /* routes among which the lists and weights were chosen */
	bool all_candidates; /* no other route could do better */
	bool best_of_candidates; /* proven: no lists of these routes reserve less */
};

/* A constraint that was given up, with what was asked and what the answer has. */
struct path_relaxed {
	char *constraint; /* as in YANG: "disjoint" */
	char *asked, *got;
};

/* Rows of the TED that both routes of a pair depend on. */
struct path_shared {
	uint32_t *links, *nodes; /* a link of the first route; transit nodes */
	uint32_t *srlgs; /* numbers */
	char **sites; /* names; of sites that may fail */
	size_t n_links, n_nodes, n_srlgs, n_sites;
};

/* A constraint that, given up alone, opens a path. */
struct path_relaxation {
	enum path_reason constraint;
	bool has_best; /* numbers: it need only be relaxed to this value */
	uint64_t asked, best; /* in the constraint's unit */
	char *text; /* the clause of the sentence */
};

struct path_no_path {
	enum path_reason reason;
	char *text; /* one sentence with the bottleneck and the cheapest relaxation */
	uint32_t *blocking; /* links that block: the cut */
	size_t n_blocking;
	uint64_t
	    best; /* best reachable value when the constraint is relaxed; 0 when nothing helps */
	bool has_best;
	enum path_reason *conflict; /* a minimal set that cannot be met: any of it less can */
	size_t n_conflict;
	struct path_relaxation *relaxations; /* one a constraint that opens a path alone */
	size_t n_relaxations;
	/* For a guarantee: the least probability of failure that the bandwidth can be held with. */
	uint64_t best_unavailability_ppt;
	bool has_best_unavailability;
};

struct path_answer {
	struct path_route *routes; /* none: see no_path */
	size_t n_routes;
	uint64_t joint_unavailability_ppt; /* of all routes together, for pairs */
	bool has_joint;
	struct path_shared shared; /* by a pair that was not asked, or not able, to be disjoint */
	struct path_guarantee guarantee;
	bool has_guarantee;
	struct path_relaxed *relaxed;
	size_t n_relaxed;
	struct path_no_path no_path;
	uint64_t ted_revision; /* what it was computed on */
	uint64_t settled; /* labels settled, for benchmarks */
};

/* Frees what the answer holds and zeroes it. A zeroed answer is empty. */
void path_answer_free(struct path_answer *answer);

#endif
