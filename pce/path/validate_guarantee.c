/*
 * Told from the rows of the TED: the lists' reservations have room on every link together, weights
 * and reservations agree, and the probability is that of the patterns of working lists in which
 * the headend's shares stay within what is reserved. Probabilities come from inclusion and
 * exclusion in floating point; nothing is shared with the computation.
 */
#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"
#include "pce/base/units.h"
#include "pce/path/validate_guarantee.h"

#define SLACK_PPT 4.0L

enum { KIND_LINK, KIND_NODE, KIND_SRLG, KIND_SITE };

/* Something that can fail, and how likely that is for each list (0: it does not use it). */
struct hazard {
	uint64_t id; /* kind << 32 | number */
	uint64_t ppt[PATH_LISTS_MAX];
};

struct hazards {
	struct hazard *at;
	size_t n, cap;
};

static enum pce_status
add(struct hazards *set, size_t list, uint64_t id, uint64_t ppt, struct pce_error *err)
{
	enum pce_status status;
	size_t at = 0;

	while (at < set->n && set->at[at].id != id)
		at++;
	if (at == set->n) {
		status = array_reserve(&set->at, &set->cap, set->n + 1, sizeof(*set->at), err);
		if (status)
			return status;
		set->at[set->n++] = (struct hazard){ .id = id };
	}
	if (set->at[at].ppt[list] < ppt)
		set->at[at].ppt[list] = ppt;
	return PCE_OK;
}

static enum pce_status
add_srlgs(struct hazards *set, const struct ted *ted, size_t list, const uint32_t *srlgs, size_t n,
	  struct pce_error *err)
{
	enum pce_status status = PCE_OK;

	for (size_t i = 0; !status && i < n; i++)
		status = add(set, list, (uint64_t)KIND_SRLG << 32 | srlgs[i],
			     ted_srlg_unavailability_ppt(ted, srlgs[i]), err);
	return status;
}

static enum pce_status
add_site(struct hazards *set, const struct ted *ted, size_t list, const char *site,
	 struct pce_error *err)
{
	size_t n;
	const struct ted_site_row *sites = ted_sites(ted, &n);

	for (size_t i = 0; site && i < n; i++)
		if (strcmp(sites[i].name, site) == 0)
			return add(set, list, (uint64_t)KIND_SITE << 32 | i,
				   sites[i].unavailability_ppt, err);
	return PCE_OK;
}

static enum pce_status
add_list(struct hazards *set, const struct ted *ted, const struct path_request *r, size_t list,
	 const struct path_route *route, struct pce_error *err)
{
	enum pce_status status = PCE_OK;

	for (size_t i = 0; !status && i < route->n_links; i++) {
		uint32_t link = route->links[i];
		const struct ted_link_row *row = ted_link_at(ted, link);
		const struct ted_node_row *node = ted_node_at(ted, row->to);

		status = add(set, list, row->reverse < link ? row->reverse : link,
			     row->unavailability_ppt, err);
		if (!status)
			status = add_srlgs(set, ted, list, row->srlg, row->n_srlg, err);
		if (status || row->to == r->to || row->to == r->from)
			continue;
		status = add(set, list, (uint64_t)KIND_NODE << 32 | row->to,
			     node->unavailability_ppt, err);
		if (!status)
			status = add_srlgs(set, ted, list, node->srlg, node->n_srlg, err);
		if (!status)
			status = add_site(set, ted, list, node->site, err);
	}
	return status;
}

/* Probability that all lists of a set work. */
static long double
all_work(const struct hazards *set, size_t n, unsigned lists)
{
	long double works = 1;

	for (size_t i = 0; i < set->n; i++) {
		uint64_t ppt = 0;

		for (size_t j = 0; j < n; j++)
			if (lists >> j & 1u && set->at[i].ppt[j] > ppt)
				ppt = set->at[i].ppt[j];
		works *= 1 - (long double)ppt / 1e12L;
	}
	return works;
}

/* True if in this pattern no list gets more than it reserves; a reservation may have been rounded
 * down, and weights of 32 bits may not be the exact ones. */
static bool
holds(const struct path_answer *a, unsigned working)
{
	long double weights = 0;

	for (size_t i = 0; i < a->n_routes; i++)
		if (working >> i & 1u)
			weights += a->routes[i].weight;
	for (size_t i = 0; i < a->n_routes; i++) {
		long double share =
		    (long double)a->guarantee.bandwidth_bps * a->routes[i].weight / weights;

		if (working >> i & 1u &&
		    share > (long double)a->routes[i].reserved_bps + 1 + share * 0x1p-30L)
			return false;
	}
	return working != 0;
}

static long double
fails(const struct hazards *set, const struct path_answer *a)
{
	unsigned all = (1u << a->n_routes) - 1;
	long double sum = 1;

	for (unsigned working = 1; working <= all; working++) {
		unsigned rest = all & ~working;

		for (unsigned more = rest; holds(a, working); more = (more - 1) & rest) {
			long double works = all_work(set, a->n_routes, working | more);

			sum -= __builtin_popcount(more) % 2 ? -works : works;
			if (more == 0)
				break;
		}
	}
	return sum;
}

static enum pce_status
check_room(const struct ted *ted, const struct path_request *r, const struct path_answer *a,
	   uint32_t link, struct pce_error *err)
{
	uint64_t left = ted_residual_bps(ted, link), reserved = 0;

	for (size_t i = 0; i < r->n_held_links; i++)
		if (r->held_links[i] == link) {
			left = left > UINT64_MAX - r->held_bps ? UINT64_MAX : left + r->held_bps;
			break;
		}
	for (size_t i = 0; i < a->n_routes; i++)
		for (size_t j = 0; j < a->routes[i].n_links; j++)
			if (a->routes[i].links[j] == link) {
				if (a->routes[i].reserved_bps > left - reserved)
					return pce_fail(err, PCE_CONFLICT,
							"the lists reserve more on link %s than "
							"it has left",
							ted_link_at(ted, link)->name);
				reserved += a->routes[i].reserved_bps;
			}
	return PCE_OK;
}

static enum pce_status
check_numbers(const struct path_request *r, const struct path_answer *a, struct pce_error *err)
{
	const struct path_guarantee *g = &a->guarantee;
	uint64_t reserved = 0, allowed = (uint64_t)((1 - r->guarantee) * 1e12 + 0.5);

	if (!a->has_guarantee || a->n_routes > (r->max_lists > 0 ? r->max_lists : 1))
		return pce_fail(err, PCE_CONFLICT, "a guarantee of %zu lists", a->n_routes);
	for (size_t i = 0; i < a->n_routes; i++) {
		if (a->routes[i].weight == 0)
			return pce_fail(err, PCE_CONFLICT, "list %zu has no weight", i);
		reserved += a->routes[i].reserved_bps;
	}
	if (reserved != g->reserved_bps || g->bandwidth_bps != r->bandwidth_bps)
		return pce_fail(err, PCE_CONFLICT, "the lists reserve %llu, not %llu",
				(unsigned long long)reserved, (unsigned long long)g->reserved_bps);
	if (g->unavailability_ppt > allowed)
		return pce_fail(err, PCE_CONFLICT, "the bandwidth fails with %llu ppt of %llu",
				(unsigned long long)g->unavailability_ppt,
				(unsigned long long)allowed);
	if (g->bound_bps > g->reserved_bps)
		return pce_fail(err, PCE_CONFLICT, "the lists reserve less than their bound");
	return PCE_OK;
}

enum pce_status
validate_guarantee(const struct ted *ted, const struct path_request *request,
		   const struct path_answer *answer, struct pce_error *err)
{
	struct hazards set = { .n = 0 };
	enum pce_status status = check_numbers(request, answer, err);
	long double more;

	for (size_t i = 0; !status && i < answer->n_routes; i++) {
		const struct path_route *route = &answer->routes[i];

		for (size_t j = 0; !status && j < route->n_links; j++)
			status = check_room(ted, request, answer, route->links[j], err);
		if (!status)
			status = add_list(&set, ted, request, i, route, err);
	}
	more = status ? 0
		      : fails(&set, answer) * 1e12L -
			    (long double)answer->guarantee.unavailability_ppt;
	if (more > SLACK_PPT)
		status = pce_fail(err, PCE_CONFLICT,
				  "the bandwidth fails more often than told, by %.1Lf ppt", more);
	free(set.at);
	return status;
}
