/*
 * What a path is worth, by the objective of its request: of the routes that are there and of those
 * that were just computed, both told from the rows of the graph by the same rules, so that rounding
 * never looks like a gain.
 */
#include <stdlib.h>

#include "pce/service/recompute.h"

static uint64_t
sum_of(const struct ted *ted, const struct path_route *route, enum worth worth)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < route->n_links; i++) {
		const struct ted_link_row *row = ted_link_at(ted, route->links[i]);

		sum += worth == WORTH_IGP  ? row->igp_metric
		       : worth == WORTH_TE ? row->te_metric
					   : row->delay_us;
	}
	return sum;
}

static uint64_t
bottleneck_of(const struct ted *ted, const struct path_route *route, bool both)
{
	uint64_t least = UINT64_MAX;

	for (size_t i = 0; i < route->n_links; i++) {
		uint64_t bps = ted_residual_bps(ted, route->links[i]);

		ted_link back = both ? ted_link_at(ted, route->links[i])->reverse : TED_NONE;

		least = bps < least ? bps : least;
		bps = back != TED_NONE ? ted_residual_bps(ted, back) : bps;
		least = bps < least ? bps : least;
	}
	return least;
}

/* Of one route, or of a pair as the request judges pairs. */
static enum pce_status
value_of(const struct ted *ted, const struct path_request *request, enum worth worth,
	 const struct path_route *routes, size_t n, uint64_t *value, struct pce_error *err)
{
	uint64_t sum = 0, least = UINT64_MAX, most = 0;

	if (worth == WORTH_UNAVAILABILITY)
		return path_routes_unavailability(ted, request, routes, n, value, err);
	for (size_t i = 0; i < n; i++) {
		uint64_t one = worth == WORTH_BANDWIDTH
				   ? bottleneck_of(ted, &routes[i], request->co_routed)
				   : sum_of(ted, &routes[i], worth);

		sum += one;
		least = one < least ? one : least;
		most = one > most ? one : most;
	}
	*value = worth == WORTH_BANDWIDTH ? least : request->pair == PATH_PAIR_MAXIMUM ? most : sum;
	return PCE_OK;
}

static enum worth
worth_of(enum path_objective objective)
{
	switch (objective) {
	case PATH_TE:
		return WORTH_TE;
	case PATH_DELAY:
		return WORTH_DELAY;
	case PATH_BANDWIDTH:
		return WORTH_BANDWIDTH;
	case PATH_AVAILABILITY:
		return WORTH_UNAVAILABILITY;
	case PATH_IGP:
	case PATH_OBJECTIVE_COUNT:
		break;
	}
	return WORTH_IGP;
}

enum pce_status
worth_compare(const struct service *s, struct recompute *r, struct pce_error *err)
{
	const struct path_answer *answer = &r->placement.answer;
	const struct service_policy *p = r->p;
	size_t n = answer->n_routes;
	struct path_route *there;
	enum pce_status status;

	r->worth = worth_of(r->request.objective);
	if (answer->has_guarantee) {
		r->worth = WORTH_RESERVED;
		r->before = policy_reserved_bps(p->now.record);
		r->after = answer->guarantee.reserved_bps;
		return PCE_OK;
	}
	there = calloc(n + 1, sizeof(*there));
	if (!there)
		return pce_no_memory(err);
	for (size_t i = 0; i < n; i++)
		there[i] = (struct path_route){ .links = p->links[i], .n_links = p->n_links[i] };
	status = value_of(s->ted, &r->request, r->worth, there, n, &r->before, err);
	if (status == PCE_OK)
		status = value_of(s->ted, &r->request, r->worth, answer->routes, n, &r->after, err);
	free(there);
	return status;
}
