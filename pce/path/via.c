#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"
#include "pce/path/cut.h"
#include "pce/path/explain.h"
#include "pce/path/report.h"
#include "pce/path/via.h"
#include "pce/path/walks.h"

static enum pce_status
report_walk(struct path_engine *e, const struct found *found, struct path_answer *answer,
	    struct pce_error *err)
{
	bool proven = found->outcome == SEARCH_FOUND;

	return report_route(e, found->links, found->n, proven ? NULL : report_spent,
			    proven || !found->has_bound ? NULL : &found->bound, answer, err);
}

static enum pce_status
report_shortfall(struct path_answer *answer, uint32_t k, struct pce_error *err)
{
	char asked[16], got[24];

	snprintf(asked, sizeof(asked), "%u", k);
	snprintf(got, sizeof(got), "%zu", answer->n_routes);
	return report_relaxed(answer, "k", asked, got, err);
}

enum pce_status
via_solve(struct path_engine *e, const struct path_request *request, uint32_t constraints,
	  struct found *found, struct pce_error *err)
{
	struct unfolded u;
	enum pce_status status = unfold_init(&u, e, request, constraints, err);

	if (!status)
		status = filter_set(&e->filter, request, constraints, err);
	if (!status && !e->filter.end_avoided)
		status = walks_best(&u, &u.task, NULL, found, err);
	unfold_free(&u);
	return status;
}

/* The best walks, k of them, in order. */
static enum pce_status
compute_best(struct path_engine *e, const struct path_request *request, struct path_answer *answer,
	     struct via_rest *rest, struct pce_error *err)
{
	struct walks walks = { .n = 0 };
	struct unfolded u;
	enum pce_status status = unfold_init(&u, e, request, CONSTRAINTS_ALL, err);
	uint32_t k = request->k > 1 ? request->k : 1;

	if (!status)
		status = filter_set(&e->filter, request, CONSTRAINTS_ALL, err);
	if (!status && !e->filter.end_avoided)
		status = walks_find(&u, &u.task, k, NULL, &walks, err);
	for (size_t i = 0; !status && i < walks.n; i++)
		status = report_walk(e, &walks.found[i], answer, err);
	*rest = (struct via_rest){ walks.spent, walks.has_bound, walks.bound };
	if (!status && walks.spent && answer->n_routes > 0 && answer->n_routes < k)
		status = report_shortfall(answer, k, err);
	walks_free(&walks);
	unfold_free(&u);
	return status;
}

/* Counts of base links as those of the unfolded graph. */
static enum pce_status
unfold_overlap(struct unfolded *u, const uint32_t *overlap, struct pce_error *err)
{
	uint32_t *counts = calloc((size_t)u->graph.n_links + 1, sizeof(*counts));

	if (!counts)
		return pce_no_memory(err);
	for (uint32_t i = 0; i < u->graph.n_links; i++)
		counts[i] = overlap[i % u->graph.base_links];
	u->e.filter.overlap = counts;
	return PCE_OK;
}

/* The best walk among those with the least overlap. */
static enum pce_status
solve_apart(struct unfolded *u, struct found *found, struct pce_error *err)
{
	struct task overlap = u->task;
	struct found least = { .n = 0 };
	uint64_t sum = 0;
	enum pce_status status;

	overlap.order = (struct order){ { METRIC_OVERLAP, METRIC_LINKS }, 2 };
	overlap.shared = overlap.widest = false;
	status = walks_best(u, &overlap, NULL, &least, err);
	for (size_t i = 0; i < least.n; i++)
		sum += filter_weight(&u->e.filter, least.links[i], METRIC_OVERLAP);
	if (!status && least.n > 0) {
		struct task task = u->task;

		task.bounds[task.n_bounds++] = (struct search_bound){ METRIC_OVERLAP, sum };
		status = walks_best(u, &task, NULL, found, err);
		if (least.outcome == SEARCH_SPENT)
			found->outcome = SEARCH_SPENT;
	}
	found_free(&least);
	return status;
}

/* The best of the walks that use the fewest fibres as counted in `overlap` (by link). */
static enum pce_status
solve_least(struct path_engine *e, const struct path_request *request, const uint32_t *overlap,
	    struct found *found, struct pce_error *err)
{
	struct unfolded u;
	enum pce_status status = unfold_init(&u, e, request, CONSTRAINTS_ALL, err);

	if (!status)
		status = filter_set(&e->filter, request, CONSTRAINTS_ALL, err);
	if (!status && !e->filter.end_avoided)
		status = unfold_overlap(&u, overlap, err);
	if (!status && u.e.filter.overlap)
		status = solve_apart(&u, found, err);
	free(u.e.filter.overlap);
	unfold_free(&u);
	return status;
}

/* Takes the first of two walks that is not the given one. */
static enum pce_status
take_other(struct unfolded *u, const uint32_t *links, size_t n, struct found *found,
	   struct pce_error *err)
{
	struct task task = u->task;
	struct walks walks = { .n = 0 };
	enum pce_status status;

	task.order = (struct order){ { METRIC_OVERLAP, METRIC_LINKS }, 2 };
	task.shared = task.widest = false;
	status = walks_find(u, &task, 2, NULL, &walks, err);
	for (size_t i = 0; !status && i < walks.n && found->n == 0; i++)
		if (walks.found[i].n != n ||
		    memcmp(walks.found[i].links, links, n * sizeof(*links)) != 0) {
			*found = walks.found[i];
			walks.found[i] = (struct found){ .n = 0 };
		}
	walks_free(&walks);
	return status;
}

enum pce_status
via_solve_other(struct path_engine *e, const struct path_request *request, uint32_t *overlap,
		const uint32_t *links, size_t n, struct found *found, struct pce_error *err)
{
	struct unfolded u;
	enum pce_status status = unfold_init(&u, e, request, CONSTRAINTS_ALL, err);

	if (!status)
		status = filter_set(&e->filter, request, CONSTRAINTS_ALL, err);
	if (!status && !e->filter.end_avoided)
		status = unfold_overlap(&u, overlap, err);
	if (!status && u.e.filter.overlap)
		status = take_other(&u, links, n, found, err);
	free(u.e.filter.overlap);
	unfold_free(&u);
	return status;
}

static bool
is_known(const struct path_engine *e, const struct path_answer *answer, const struct found *found)
{
	for (size_t i = 0; i < answer->n_routes; i++) {
		const struct path_route *route = &answer->routes[i];
		size_t same = 0;

		if (route->n_links != found->n)
			continue;
		while (same < found->n &&
		       route->links[same] == e->graph->links[found->links[same]].row)
			same++;
		if (same == found->n)
			return true;
	}
	return false;
}

static void
count_use(const struct path_graph *g, const struct found *found, uint32_t *overlap)
{
	for (size_t i = 0; i < found->n; i++) {
		uint32_t link = found->links[i], reverse = g->links[link].reverse;
		bool again = false;

		for (size_t j = 0; j < i; j++)
			again |= found->links[j] == reverse;
		if (again) /* a fibre counts once for each route */
			continue;
		overlap[link]++;
		if (reverse != GRAPH_NONE)
			overlap[reverse]++;
	}
}

/* Walks that share as little as possible with those before. */
static enum pce_status
compute_diverse(struct path_engine *e, const struct path_request *request,
		struct path_answer *answer, struct via_rest *rest, struct pce_error *err)
{
	uint32_t *overlap = calloc((size_t)e->graph->n_links + 1, sizeof(*overlap));
	enum pce_status status = overlap ? PCE_OK : pce_no_memory(err);
	bool more = true;

	*rest = (struct via_rest){ .spent = false };
	while (!status && more && answer->n_routes < request->k) {
		struct found found = { .n = 0 };

		status = solve_least(e, request, overlap, &found, err);
		rest->spent |= found.outcome == SEARCH_SPENT;
		more = !status && found.n > 0 && !is_known(e, answer, &found);
		if (more) {
			status = report_walk(e, &found, answer, err);
			count_use(e->graph, &found, overlap);
		}
		found_free(&found);
	}
	if (!status && answer->n_routes > 0 && answer->n_routes < request->k)
		status = report_shortfall(answer, request->k, err);
	free(overlap);
	return status;
}

enum pce_status
via_bridges(struct path_engine *e, const struct path_request *request, uint8_t *marks,
	    struct pce_error *err)
{
	struct unfolded u;
	enum pce_status status = unfold_init(&u, e, request, CONSTRAINTS_ALL, err);
	uint8_t *all = NULL;

	if (!status && !(all = calloc((size_t)u.graph.n_links + 1, 1)))
		status = pce_no_memory(err);
	if (!status)
		status = cut_bridges(&u.e, all, err);
	for (uint32_t i = 0; !status && i < u.graph.n_links; i++)
		if (all[i])
			marks[i % u.graph.base_links] = 1;
	free(all);
	unfold_free(&u);
	return status;
}

/* Risks that a walk pays once although it passes them twice make labels that hardly ever dominate
 * each other: on 286 nodes a proof can take minutes. Unless the asker says how much it may cost. */
#define RISKY_LABELS 20000

enum pce_status
via_list(struct path_engine *e, const struct path_request *request, struct path_answer *answer,
	 struct via_rest *rest, struct pce_error *err)
{
	struct path_request asked = *request;

	if (request->objective == PATH_AVAILABILITY && request->budget_labels == 0)
		asked.budget_labels = RISKY_LABELS;
	return asked.diverse && asked.k > 1 ? compute_diverse(e, &asked, answer, rest, err)
					    : compute_best(e, &asked, answer, rest, err);
}

/*
 * For want of a walk by its risks, each counted once, the one that risks least when whatever it
 * passes twice counts twice: a sum, which is quickly found. bound: what the search had shown so
 * far; NULL: nothing.
 */
static enum pce_status
take_plain(struct path_engine *e, const struct path_request *request, const uint64_t *bound,
	   struct path_answer *answer, struct pce_error *err)
{
	static const char why[] =
	    "the search budget was spent before any walk was found with each risk counted once; "
	    "this is the most available one if what it passes twice counts twice";
	struct path_request plain = *request;
	struct found found = { .n = 0 };
	uint64_t none = 0;
	struct unfolded u;
	enum pce_status status;

	plain.objective = PATH_IGP; /* of its graph: no risks are shared between the stages */
	status = unfold_init(&u, e, &plain, CONSTRAINTS_ALL, err);
	if (!status)
		status = filter_set(&e->filter, request, CONSTRAINTS_ALL, err);
	if (!status && !e->filter.end_avoided) {
		struct task task = u.task;

		task.order = (struct order){ { METRIC_COST, METRIC_IGP, METRIC_LINKS }, 3 };
		status = walks_best(&u, &task, NULL, &found, err);
	}
	unfold_free(&u);
	if (!status && found.n > 0)
		status =
		    report_route(e, found.links, found.n, why, bound ? bound : &none, answer, err);
	found_free(&found);
	return status;
}

enum pce_status
via_compute(struct path_engine *e, const struct path_request *request, struct path_answer *answer,
	    struct pce_error *err)
{
	struct via_rest rest = { .spent = false };
	enum pce_status status = via_list(e, request, answer, &rest, err);

	if (!status && answer->n_routes == 0 && rest.spent &&
	    request->objective == PATH_AVAILABILITY)
		status = take_plain(e, request, rest.has_bound ? &rest.bound : NULL, answer, err);
	if (status || answer->n_routes > 0)
		return status;
	if (rest.spent)
		return explain_as(answer, PATH_REASON_BUDGET,
				  "the search budget was spent before a path through the vias "
				  "without a repeated link was found",
				  err);
	return explain_no_path(e, request, answer, err);
}
