#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"
#include "pce/path/available.h"
#include "pce/path/cut.h"
#include "pce/path/disjoint.h"
#include "pce/path/explain.h"
#include "pce/path/pairs.h"
#include "pce/path/report.h"
#include "pce/path/via.h"

static const char *const kind_names[PATH_DISJOINT_COUNT] = {
	[PATH_DISJOINT_NONE] = "none",
	[PATH_DISJOINT_LINK] = "link",
	[PATH_DISJOINT_NODE] = "node",
	[PATH_DISJOINT_SRLG] = "srlg",
	[PATH_DISJOINT_AVAILABILITY] = "availability",
	[PATH_DISJOINT_SRLG_NODE] = "srlg-node",
};

/* The next weaker kind; that of AVAILABILITY is never asked for. */
static const enum path_disjoint weaker[PATH_DISJOINT_COUNT] = {
	[PATH_DISJOINT_SRLG_NODE] = PATH_DISJOINT_SRLG,
	[PATH_DISJOINT_SRLG] = PATH_DISJOINT_LINK,
	[PATH_DISJOINT_NODE] = PATH_DISJOINT_LINK,
	[PATH_DISJOINT_LINK] = PATH_DISJOINT_AVAILABILITY,
};

static int
compare_numbers(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

/* Compares how often each route fails: -1, 0, 1 in *sign. */
static enum pce_status
compare_failures(const struct path_engine *e, const struct pair *pair, int *sign,
		 struct pce_error *err)
{
	uint64_t ppt[2] = { 0, 0 };
	enum pce_status status = PCE_OK;

	for (unsigned i = 0; !status && i < 2; i++) {
		struct risk_set risks = { .n = 0 };

		status = risk_set_add(&risks, e->graph, pair->links[i], pair->n[i], err);
		ppt[i] = probability_ppt(risk_set_fails(&risks));
		risk_set_free(&risks);
	}
	*sign = compare_numbers(ppt[0], ppt[1]);
	return status;
}

/* Puts the better route first: the wider one for bandwidth, the one that fails less often for
 * availability; else, or if they are equal, by the order. */
static enum pce_status
sort_pair(struct path_engine *e, const struct path_request *request, enum path_disjoint kind,
	  struct pair *pair, struct pce_error *err)
{
	enum pce_status status = PCE_OK;
	struct pair old = *pair;
	struct task task;
	int sign = 0;

	task_set(&task, e, request, CONSTRAINTS_ALL);
	if (request->objective == PATH_AVAILABILITY || kind == PATH_DISJOINT_AVAILABILITY)
		status = compare_failures(e, pair, &sign, err);
	else if (request->objective == PATH_BANDWIDTH)
		sign = compare_numbers(engine_bottleneck(e, pair->links[1], pair->n[1]),
				       engine_bottleneck(e, pair->links[0], pair->n[0]));
	if (sign == 0)
		sign = branch_compare(e, &task.order, pair);
	for (unsigned i = 0; sign > 0 && i < 2; i++) {
		pair->links[i] = old.links[1 - i];
		pair->n[i] = old.n[1 - i];
	}
	return status;
}

static enum pce_status
joint_ppt(const struct path_engine *e, const struct pair *pair, uint64_t *out,
	  struct pce_error *err)
{
	const uint32_t *const links[2] = { pair->links[0], pair->links[1] };
	cost_wide fails = 0;
	enum pce_status status = risk_both_fail(&e->filter, links, pair->n, &fails, err);

	if (!status)
		*out = probability_ppt(fails);
	return status;
}

static bool
share_fibre(const struct path_engine *e, const struct pair *pair)
{
	for (size_t i = 0; i < pair->n[0]; i++)
		for (size_t j = 0; j < pair->n[1]; j++)
			if (pair->links[1][j] == pair->links[0][i] ||
			    pair->links[1][j] == e->graph->links[pair->links[0][i]].reverse)
				return true;
	return false;
}

static bool
is_one_route(const struct pair *pair)
{
	return pair->n[0] == pair->n[1] &&
	       memcmp(pair->links[0], pair->links[1], pair->n[0] * sizeof(uint32_t)) == 0;
}

/* Takes the best pair that shares no fibre but the bridges, if it is no more likely to fail. */
static enum pce_status
try_apart(struct path_engine *e, const struct path_request *request, const uint8_t *bridges,
	  struct pair *pair, struct pce_error *err)
{
	struct pair_result apart;
	uint64_t old = 0, new = 0;
	enum pce_status status =
	    disjoint_solve(e, request, PATH_DISJOINT_LINK, bridges, &apart, err);

	if (!status && apart.pair.found) {
		status = joint_ppt(e, pair, &old, err);
		if (!status)
			status = joint_ppt(e, &apart.pair, &new, err);
		if (!status && new <= old) {
			struct pair swap = *pair;

			*pair = apart.pair;
			apart.pair = swap;
		}
	}
	pair_free(&apart.pair);
	return status;
}

/* A pair that shares no fibre but the bridges, if one is as unlikely to fail: the best one by the
 * objective, or else any. */
static enum pce_status
prefer_apart(struct path_engine *e, const struct path_request *request, struct pair *pair,
	     struct pce_error *err)
{
	struct path_request joint = disjoint_by_availability(request);
	uint8_t *bridges = calloc((size_t)e->graph->n_links + 1, 1);
	const uint32_t *before = pair->links[0];
	enum pce_status status = bridges ? PCE_OK : pce_no_memory(err);

	if (!status)
		status = filter_set(&e->filter, request, CONSTRAINTS_ALL, err);
	if (!status)
		status = via_asked(request) ? via_bridges(e, request, bridges, err)
					    : cut_bridges(e, bridges, err);
	if (!status)
		status = try_apart(e, request, bridges, pair, err);
	if (!status && pair->links[0] == before)
		status = try_apart(e, &joint, bridges, pair, err);
	free(bridges);
	return status;
}

/* The route that has the fewest of the fibres counted in `overlap`, those of the first one. Without
 * vias that is another one, if there is one; a walk may have all fibres of another, and more. */
static enum pce_status
solve_apart(struct path_engine *e, const struct path_request *request, uint32_t *overlap,
	    const struct pair *pair, struct found *found, struct pce_error *err)
{
	struct task task;
	enum pce_status status;

	if (via_asked(request))
		return via_solve_other(e, request, overlap, pair->links[0], pair->n[0], found, err);
	status = filter_set(&e->filter, request, CONSTRAINTS_ALL, err);
	if (status)
		return status;
	e->filter.overlap = overlap;
	task_set(&task, e, request, CONSTRAINTS_ALL);
	task.order = (struct order){ { METRIC_OVERLAP, METRIC_LINKS }, 2 };
	task.shared = task.widest = false;
	status = single_sum(e, &task, found, err);
	e->filter.overlap = NULL;
	return status;
}

/* The second route anew: the one that has the fewest fibres of the first. It fails no more often
 * together with the first than the first one alone. */
static enum pce_status
part(struct path_engine *e, const struct path_request *request, struct pair *pair,
     struct pce_error *err)
{
	uint32_t *overlap = calloc((size_t)e->graph->n_links + 1, sizeof(*overlap));
	struct found other = { .n = 0 };
	enum pce_status status = overlap ? PCE_OK : pce_no_memory(err);

	for (size_t i = 0; !status && i < pair->n[0]; i++) {
		uint32_t link = pair->links[0][i], reverse = e->graph->links[link].reverse;

		overlap[link] = 1;
		if (reverse != GRAPH_NONE)
			overlap[reverse] = 1;
	}
	if (!status)
		status = solve_apart(e, request, overlap, pair, &other, err);
	free(overlap);
	if (!status && other.n > 0) {
		free(pair->links[1]);
		pair->links[1] = other.links;
		pair->n[1] = other.n;
		return PCE_OK;
	}
	found_free(&other);
	return status;
}

/* The pair least likely to fail together; none if that would be one route twice. */
static enum pce_status
solve_together(struct path_engine *e, const struct path_request *request, struct pair_result *out,
	       struct pce_error *err)
{
	enum pce_status status =
	    disjoint_solve(e, request, PATH_DISJOINT_AVAILABILITY, NULL, out, err);

	if (!status && out->pair.found && share_fibre(e, &out->pair))
		status = prefer_apart(e, request, &out->pair, err);
	if (!status && out->pair.found && is_one_route(&out->pair))
		status = part(e, request, &out->pair, err);
	if (!status && out->pair.found && is_one_route(&out->pair))
		pair_free(&out->pair);
	return status;
}

/* The rung after the stronger ones has a quarter of the budget to itself. */
static uint64_t
budget_of(const struct path_engine *e, uint64_t budget, uint64_t started, bool last)
{
	uint64_t share = last ? budget : budget - budget / 4;
	uint64_t used = engine_settled(e) - started;

	return used < share ? share - used : 1;
}

/* Goes down the ladder from *kind, which becomes that of the pair found. */
static enum pce_status
solve(struct path_engine *e, const struct path_request *request, enum path_disjoint *kind,
      struct pair_result *out, struct pce_error *err)
{
	uint64_t started = engine_settled(e);
	uint64_t budget =
	    request->budget_labels > 0 ? request->budget_labels : SEARCH_DEFAULT_LABELS;
	struct path_request limited = *request;
	bool spent = false;

	for (;;) {
		bool last = *kind == PATH_DISJOINT_AVAILABILITY;
		enum pce_status status;

		limited.budget_labels = budget_of(e, budget, started, last);
		status = last ? solve_together(e, &limited, out, err)
			      : disjoint_solve(e, &limited, *kind, NULL, out, err);
		if (spent && out->outcome == SEARCH_FOUND && out->pair.found)
			out->outcome = SEARCH_SPENT;
		spent |= out->outcome == SEARCH_SPENT;
		if (status || out->pair.found || last) {
			if (spent)
				out->outcome = SEARCH_SPENT;
			return status;
		}
		*kind = weaker[*kind];
	}
}

/* A fibre as the link of it that the first route takes. */
static uint32_t
row_of_fibre(const struct path_engine *e, const struct pair *pair, uint32_t fibre)
{
	for (size_t i = 0; i < pair->n[0]; i++)
		if (e->graph->links[pair->links[0][i]].reverse == fibre)
			return e->graph->links[pair->links[0][i]].row;
	return e->graph->links[fibre].row;
}

static enum pce_status
list_group(const struct path_engine *e, const struct graph_group *group, struct path_shared *out,
	   struct pce_error *err)
{
	size_t n;

	if (!group->is_site) {
		out->srlgs[out->n_srlgs++] = group->number;
		return PCE_OK;
	}
	out->sites[out->n_sites] = array_strdup(ted_sites(e->ted, &n)[group->number].name);
	return out->sites[out->n_sites++] ? PCE_OK : pce_no_memory(err);
}

static enum pce_status
list_shared(const struct path_engine *e, const struct pair *pair, struct path_shared *out,
	    struct pce_error *err)
{
	const struct path_graph *g = e->graph;
	struct risk_set first = { .n = 0 }, rest = { .n = 0 };
	enum pce_status status = PCE_OK;

	for (unsigned i = 0; !status && i < 2; i++)
		status = risk_set_add(i == 0 ? &first : &rest, g, pair->links[i], pair->n[i], err);
	out->links = calloc(first.n + 1, sizeof(*out->links));
	out->nodes = calloc(first.n + 1, sizeof(*out->nodes));
	out->srlgs = calloc(first.n + 1, sizeof(*out->srlgs));
	out->sites = calloc(first.n + 1, sizeof(*out->sites));
	if (!status && (!out->links || !out->nodes || !out->srlgs || !out->sites))
		status = pce_no_memory(err);
	for (size_t i = 0, j = 0; !status && i < first.n; i++) {
		const struct risk *r = &first.risks[i];

		while (j < rest.n && risk_compare(&rest.risks[j], r) < 0)
			j++;
		if (j == rest.n || risk_compare(&rest.risks[j], r) != 0)
			continue;
		if (r->kind == RISK_LINK)
			out->links[out->n_links++] = row_of_fibre(e, pair, r->id);
		else if (r->kind == RISK_NODE)
			out->nodes[out->n_nodes++] = g->nodes[r->id].row;
		else
			status = list_group(e, &g->groups[r->id], out, err);
	}
	risk_set_free(&first);
	risk_set_free(&rest);
	return status;
}

static enum pce_status
report(struct path_engine *e, const struct path_request *request, enum path_disjoint kind,
       struct pair_result *result, struct path_answer *answer, struct pce_error *err)
{
	bool exact = result->outcome == SEARCH_FOUND, known = !exact && !result->why;
	const char *why = result->why ? result->why : report_spent;
	enum pce_status status = sort_pair(e, request, kind, &result->pair, err);

	for (unsigned i = 0; !status && i < 2; i++)
		status =
		    report_route(e, result->pair.links[i], result->pair.n[i], exact ? NULL : why,
				 known ? &result->bound : NULL, answer, err);
	if (!status)
		status = joint_ppt(e, &result->pair, &answer->joint_unavailability_ppt, err);
	answer->has_joint = !status;
	if (!status && kind != request->disjoint)
		status = report_relaxed(answer, "disjoint", kind_names[request->disjoint],
					kind_names[kind], err);
	if (!status && (kind != request->disjoint || kind == PATH_DISJOINT_AVAILABILITY))
		status = list_shared(e, &result->pair, &answer->shared, err);
	return status;
}

static enum pce_status
explain_none(struct path_engine *e, const struct path_request *request, bool spent,
	     struct path_answer *answer, struct pce_error *err)
{
	struct found one = { .n = 0 };
	enum pce_status status = via_asked(request)
				     ? via_solve(e, request, CONSTRAINTS_ALL, &one, err)
				     : single_solve(e, request, CONSTRAINTS_ALL, &one, err);
	bool single = one.n > 0;

	spent |= one.outcome == SEARCH_SPENT && !single;
	found_free(&one);
	if (status)
		return status;
	if (spent)
		return explain_as(answer, PATH_REASON_BUDGET,
				  "the search budget was spent before any disjoint pair was found",
				  err);
	return single ? explain_no_second(e, request, answer, err)
		      : explain_no_path(e, request, answer, err);
}

/* *spent: the budget was spent before it was known that there is none. */
static enum pce_status
find(struct path_engine *e, const struct path_request *request, struct path_answer *answer,
     bool *spent, struct pce_error *err)
{
	enum path_disjoint kind = request->disjoint;
	struct pair_result result = { .outcome = SEARCH_NONE };
	enum pce_status status = solve(e, request, &kind, &result, err);

	*spent = result.outcome == SEARCH_SPENT;
	if (!status && result.pair.found)
		status = report(e, request, kind, &result, answer, err);
	pair_free(&result.pair);
	return status;
}

enum pce_status
pairs_list(struct path_engine *e, const struct path_request *request, struct path_answer *answer,
	   struct pce_error *err)
{
	bool spent;

	return find(e, request, answer, &spent, err);
}

enum pce_status
pairs_compute(struct path_engine *e, const struct path_request *request, struct path_answer *answer,
	      struct pce_error *err)
{
	bool spent = false;
	enum pce_status status;

	if ((unsigned)request->disjoint >= PATH_DISJOINT_COUNT)
		return pce_fail(err, PCE_INVALID, "%d is no kind of disjointness",
				(int)request->disjoint);
	if ((unsigned)request->pair >= PATH_PAIR_COUNT)
		return pce_fail(err, PCE_INVALID, "%d is no objective of a pair",
				(int)request->pair);
	status = find(e, request, answer, &spent, err);
	if (!status && answer->n_routes == 0)
		status = explain_none(e, request, spent, answer, err);
	return status;
}
