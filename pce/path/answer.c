#include <stdlib.h>

#include "pce/base/array.h"
#include "pce/path/available.h"
#include "pce/path/report.h"

const char report_spent[] = "the search budget was spent before a better route could be ruled out";

const char *
path_reason_name(enum path_reason reason)
{
	static const char *const names[PATH_REASON_COUNT] = {
		[PATH_REASON_NONE] = "none",
		[PATH_REASON_ENDPOINT_DOWN] = "endpoint-down",
		[PATH_REASON_DISCONNECTED] = "disconnected",
		[PATH_REASON_BANDWIDTH] = "bandwidth",
		[PATH_REASON_DELAY] = "delay",
		[PATH_REASON_HOPS] = "hops",
		[PATH_REASON_TE_METRIC] = "te-metric",
		[PATH_REASON_IGP_METRIC] = "igp-metric",
		[PATH_REASON_AFFINITY] = "affinity",
		[PATH_REASON_AVOID] = "avoid",
		[PATH_REASON_SLICE] = "slice",
		[PATH_REASON_LINK_BOUND] = "link-bound",
		[PATH_REASON_OVERLOAD] = "overload",
		[PATH_REASON_DISJOINT] = "disjoint",
		[PATH_REASON_VIA] = "via",
		[PATH_REASON_SIDS] = "sids",
		[PATH_REASON_CONFLICT] = "conflict",
		[PATH_REASON_BUDGET] = "budget",
		[PATH_REASON_GUARANTEE] = "guarantee",
		[PATH_REASON_CO_ROUTED] = "co-routed",
	};

	return (unsigned)reason < PATH_REASON_COUNT ? names[reason] : "unknown";
}

const char *
path_decided_name(enum path_decided decided)
{
	static const char *const names[PATH_DECIDED_COUNT] = {
		[PATH_DECIDED_ALONE] = "alone",    [PATH_DECIDED_OBJECTIVE] = "objective",
		[PATH_DECIDED_DELAY] = "delay",    [PATH_DECIDED_TE] = "te-metric",
		[PATH_DECIDED_IGP] = "igp-metric", [PATH_DECIDED_HOPS] = "hops",
		[PATH_DECIDED_LINKS] = "links",    [PATH_DECIDED_RANK] = "rank",
	};

	return (unsigned)decided < PATH_DECIDED_COUNT ? names[decided] : "unknown";
}

static void
choice_free(struct path_choice *choice)
{
	if (!choice)
		return;
	free(choice->runner_up);
	free(choice->bindings);
	free(choice);
}

void
path_answer_free(struct path_answer *answer)
{
	for (size_t i = 0; i < answer->n_routes; i++) {
		free(answer->routes[i].links);
		free(answer->routes[i].why);
		free(answer->routes[i].chosen);
		choice_free(answer->routes[i].choice);
	}
	free(answer->routes);
	for (size_t i = 0; i < answer->n_relaxed; i++) {
		free(answer->relaxed[i].constraint);
		free(answer->relaxed[i].asked);
		free(answer->relaxed[i].got);
	}
	free(answer->relaxed);
	free(answer->shared.links);
	free(answer->shared.nodes);
	free(answer->shared.srlgs);
	for (size_t i = 0; i < answer->shared.n_sites; i++)
		free(answer->shared.sites[i]);
	free(answer->shared.sites);
	for (size_t i = 0; i < answer->no_path.n_relaxations; i++)
		free(answer->no_path.relaxations[i].text);
	free(answer->no_path.relaxations);
	free(answer->no_path.conflict);
	free(answer->no_path.text);
	free(answer->no_path.blocking);
	*answer = (struct path_answer){ .n_routes = 0 };
}

/* Rows and sums of a route, whose links may be the same array. */
static void
sum_up(const struct path_engine *e, const uint32_t *links, size_t n, struct path_route *route)
{
	route->residual_bps = UINT64_MAX;
	for (size_t i = 0; i < n; i++) {
		const struct graph_arc *arc = &e->graph->arcs_out[links[i]];
		uint64_t residual = filter_residual(&e->filter, links[i]);

		route->links[i] = e->graph->links[links[i]].row;
		route->igp_metric += arc->igp;
		route->te_metric += arc->te;
		route->delay_us += arc->delay_us;
		if (residual < route->residual_bps)
			route->residual_bps = residual;
	}
	route->n_links = n;
}

/* Fills in all but the links' own room, which the route has. */
static enum pce_status
fill(const struct path_engine *e, const uint32_t *links, size_t n, const char *why, cost_wide fails,
     struct path_route *route, struct pce_error *err)
{
	route->exact = why == NULL;
	if (why)
		route->why = array_strdup(why);
	if (!route->links || (why && !route->why))
		return pce_no_memory(err);
	sum_up(e, links, n, route);
	route->unavailability_ppt = probability_ppt(fails);
	return PCE_OK;
}

enum pce_status
path_unavailability(const struct path_engine *e, const ted_link *links, size_t n, uint64_t *out,
		    struct pce_error *err)
{
	uint32_t *packed = calloc(n + 1, sizeof(*packed));
	cost_wide fails = 0;
	enum pce_status status = packed ? PCE_OK : pce_no_memory(err);

	for (size_t i = 0; i < n && status == PCE_OK; i++)
		packed[i] = e->graph->link_of_row[links[i]];
	if (status == PCE_OK)
		status = risk_route_fails(&e->filter, packed, n, &fails, err);
	if (status == PCE_OK)
		*out = probability_ppt(fails);
	free(packed);
	return status;
}

/* One more route, still empty; NULL without memory. */
static struct path_route *
append(struct path_answer *answer, const uint64_t *bound)
{
	struct path_route *routes = answer->routes;
	size_t n = answer->n_routes;

	/* room for two, and twice as many whenever a power of two is full */
	if (n != 1 && (n & (n - 1)) == 0)
		routes = realloc(routes, (n > 0 ? 2 * n : 2) * sizeof(*routes));
	if (!routes)
		return NULL;
	answer->routes = routes;
	routes += answer->n_routes++;
	*routes = (struct path_route){ .has_bound = bound != NULL, .bound = bound ? *bound : 0 };
	return routes;
}

enum pce_status
report_route(const struct path_engine *e, const uint32_t *links, size_t n, const char *why,
	     const uint64_t *bound, struct path_answer *answer, struct pce_error *err)
{
	struct path_route *route = append(answer, bound);
	cost_wide fails = 0;
	enum pce_status status;

	if (!route)
		return pce_no_memory(err);
	status = risk_route_fails(&e->filter, links, n, &fails, err);
	if (status)
		return status;
	route->links = malloc((n + 1) * sizeof(*route->links));
	return fill(e, links, n, why, fails, route, err);
}

enum pce_status
report_found(const struct path_engine *e, struct found *found, const char *why,
	     struct path_answer *answer, struct pce_error *err)
{
	struct path_route *route = append(answer, found->has_bound ? &found->bound : NULL);
	cost_wide fails = 0;
	enum pce_status status;

	if (!route)
		return pce_no_memory(err);
	status = risk_loopless_fails(&e->filter, found->links, found->n, &fails, err);
	if (status)
		return status;
	route->links = found->links;
	found->links = NULL;
	return fill(e, route->links, found->n, why, fails, route, err);
}

enum pce_status
report_relaxed(struct path_answer *answer, const char *constraint, const char *asked,
	       const char *got, struct pce_error *err)
{
	struct path_relaxed *relaxed =
	    realloc(answer->relaxed, (answer->n_relaxed + 1) * sizeof(*answer->relaxed));

	if (!relaxed)
		return pce_no_memory(err);
	answer->relaxed = relaxed;
	relaxed += answer->n_relaxed++;
	relaxed->constraint = array_strdup(constraint);
	relaxed->asked = array_strdup(asked);
	relaxed->got = array_strdup(got);
	return relaxed->constraint && relaxed->asked && relaxed->got ? PCE_OK : pce_no_memory(err);
}
