#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"
#include "pce/path/alternatives.h"
#include "pce/path/candidates.h"
#include "pce/path/disjoint.h"
#include "pce/path/pairs.h"
#include "pce/path/via.h"

/* Up to so many routes of a request are all looked at. */
#define ALL_MAX 64
/* How many routes that share little are asked for at each bandwidth. */
#define DIVERSE 8
/* Labels that the search for the pair least likely to fail together may settle. */
#define PAIR_LABELS 100000

void
candidates_free(struct candidates *c)
{
	for (size_t i = 0; i < c->n; i++) {
		free(c->at[i].links);
		risk_set_free(&c->at[i].risks);
	}
	free(c->at);
	*c = (struct candidates){ .n = 0 };
}

static bool
is_known(const struct candidates *c, const uint32_t *links, size_t n)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->at[i].n == n && memcmp(c->at[i].links, links, n * sizeof(*links)) == 0)
			return true;
	return false;
}

static void
drop_impossible(struct risk_set *risks)
{
	size_t kept = 0;

	for (size_t i = 0; i < risks->n; i++)
		if (risks->risks[i].unavailability_ppt > 0)
			risks->risks[kept++] = risks->risks[i];
	risks->n = kept;
}

/* Takes over a route; links becomes the candidate's. */
static enum pce_status
add(struct candidates *c, const struct path_engine *e, uint32_t *links, size_t n,
    struct pce_error *err)
{
	struct candidate new = { .links = links, .n = n };
	enum pce_status status = array_reserve(&c->at, &c->cap, c->n + 1, sizeof(*c->at), err);

	if (!status)
		status = risk_set_add(&new.risks, e->graph, links, n, err);
	if (status) {
		risk_set_free(&new.risks);
		free(links);
		return status;
	}
	drop_impossible(&new.risks);
	c->at[c->n++] = new;
	return PCE_OK;
}

/* Takes over the routes of an answer that are new. */
static enum pce_status
take(struct candidates *c, const struct path_engine *e, const struct path_answer *answer,
     struct pce_error *err)
{
	enum pce_status status = PCE_OK;

	for (size_t i = 0; !status && i < answer->n_routes; i++) {
		const struct path_route *route = &answer->routes[i];
		uint32_t *links = array_copy(route->links, route->n_links * sizeof(*links));

		if (!links)
			return pce_no_memory(err);
		for (size_t j = 0; j < route->n_links; j++)
			links[j] = e->graph->link_of_row[links[j]];
		if (is_known(c, links, route->n_links))
			free(links);
		else
			status = add(c, e, links, route->n_links, err);
	}
	return status;
}

/* The request for single routes with so much left: the most available ones, or through vias, where
 * availability takes too long to search for, the nearest ones. */
static struct path_request
single_request(const struct path_request *request, uint64_t floor_bps)
{
	struct path_request one = disjoint_by_availability(request);

	if (via_asked(request))
		one.objective = PATH_IGP;

	one.guarantee = 0;
	one.max_lists = 0;
	one.bandwidth_bps = floor_bps > 0 ? floor_bps : 1;
	return one;
}

/* Single routes, whether through vias or not. */
static enum pce_status
compute_singles(struct path_engine *e, const struct path_request *one, struct path_answer *answer,
		struct pce_error *err)
{
	return via_asked(one) ? via_compute(e, one, answer, err)
			      : alternatives_compute(e, one, answer, err);
}

static enum pce_status
take_best(struct candidates *c, struct path_engine *e, const struct path_request *request,
	  uint64_t floor_bps, uint32_t k, struct pce_error *err)
{
	struct path_request one = single_request(request, floor_bps);
	struct path_answer answer = { .n_routes = 0 };
	enum pce_status status;

	one.k = k;
	status = compute_singles(e, &one, &answer, err);
	c->all = !status && answer.n_routes < k && answer.n_relaxed == 0 &&
		 answer.no_path.reason != PATH_REASON_BUDGET;
	for (size_t i = 0; i < answer.n_routes; i++)
		c->all = c->all && answer.routes[i].exact;
	if (!status)
		status = take(c, e, &answer, err);
	path_answer_free(&answer);
	return status;
}

static enum pce_status
take_diverse(struct candidates *c, struct path_engine *e, const struct path_request *request,
	     uint64_t floor_bps, struct pce_error *err)
{
	struct path_request one = single_request(request, floor_bps);
	struct path_answer answer = { .n_routes = 0 };
	enum pce_status status;

	one.k = DIVERSE;
	one.diverse = true;
	status = compute_singles(e, &one, &answer, err);
	if (!status)
		status = take(c, e, &answer, err);
	path_answer_free(&answer);
	return status;
}

static enum pce_status
take_pair(struct candidates *c, struct path_engine *e, const struct path_request *request,
	  struct pce_error *err)
{
	struct path_request pair = single_request(request, request->bandwidth_bps);
	struct path_answer answer = { .n_routes = 0 };
	enum pce_status status;

	pair.disjoint = PATH_DISJOINT_AVAILABILITY;
	if (pair.budget_labels == 0 || pair.budget_labels > PAIR_LABELS)
		pair.budget_labels = PAIR_LABELS;
	status = pairs_compute(e, &pair, &answer, err);
	if (!status)
		status = take(c, e, &answer, err);
	path_answer_free(&answer);
	return status;
}

/* More than can all be looked at: some that promise well. */
static enum pce_status
take_some(struct candidates *c, struct path_engine *e, const struct path_request *request,
	  unsigned n_lists, struct pce_error *err)
{
	enum pce_status status = take_best(c, e, request, request->bandwidth_bps, 16, err);
	uint64_t floor_bps = request->bandwidth_bps;

	if (!status && n_lists > 1 && !via_asked(request))
		status = take_pair(c, e, request, err);
	for (unsigned share = 1; !status && share <= n_lists; share *= 2) {
		status = take_diverse(c, e, request, floor_bps / share, err);
		if (!status && share > 1)
			status = take_best(c, e, request, floor_bps / share, DIVERSE, err);
	}
	c->all = false;
	return status;
}

static bool
uses_link(const struct candidate *c, uint32_t link)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->links[i] == link)
			return true;
	return false;
}

/* Every risk of a is one of b, and no likelier for a. */
static bool
risks_less(const struct candidate *a, const struct candidate *b)
{
	size_t j = 0;

	for (size_t i = 0; i < a->risks.n; i++) {
		const struct risk *risk = &a->risks.risks[i];

		while (j < b->risks.n && risk_compare(&b->risks.risks[j], risk) < 0)
			j++;
		if (j == b->risks.n || risk_compare(&b->risks.risks[j], risk) != 0 ||
		    risk->unavailability_ppt > b->risks.risks[j].unavailability_ppt)
			return false;
	}
	return true;
}

/* Whatever all lists together reserve fits on the links that a has and b has not. */
static bool
is_wide(const struct path_engine *e, const struct candidate *a, const struct candidate *b,
	cost_wide most_bps)
{
	for (size_t i = 0; i < a->n; i++)
		if (filter_residual(&e->filter, a->links[i]) < most_bps &&
		    !uses_link(b, a->links[i]))
			return false;
	return true;
}

/* Leaves out what others make superfluous; of two that do so mutually the earlier one stays. */
static void
drop_superfluous(struct candidates *c, const struct path_engine *e, cost_wide most_bps)
{
	size_t kept = 0;

	for (size_t i = 0; i < c->n; i++) {
		bool drop = false;

		for (size_t j = 0; j < c->n && !drop; j++) {
			const struct candidate *a = &c->at[j], *b = &c->at[i];
			bool less =
			    j != i && a->links && risks_less(a, b) && is_wide(e, a, b, most_bps);

			drop = less && (j < i || !risks_less(b, a) || !is_wide(e, b, a, most_bps));
		}
		if (drop) {
			free(c->at[i].links);
			risk_set_free(&c->at[i].risks);
			c->at[i].links = NULL;
		}
	}
	for (size_t i = 0; i < c->n; i++)
		if (c->at[i].links)
			c->at[kept++] = c->at[i];
	c->n = kept;
}

enum pce_status
candidates_find(struct path_engine *e, const struct path_request *request, unsigned n_lists,
		struct candidates *out, struct pce_error *err)
{
	struct path_request any = single_request(request, 1);
	enum pce_status status = take_best(out, e, request, 1, ALL_MAX + 1, err);

	if (!status && !out->all)
		status = take_some(out, e, request, n_lists, err);
	if (!status)
		status = filter_set(&e->filter, &any, CONSTRAINTS_ALL, err);
	if (!status)
		drop_superfluous(out, e, (cost_wide)request->bandwidth_bps * n_lists);
	if (status)
		candidates_free(out);
	return status;
}
