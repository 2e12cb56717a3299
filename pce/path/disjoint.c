#include <stdlib.h>

#include "pce/base/text.h"
#include "pce/path/available.h"
#include "pce/path/branch.h"
#include "pce/path/cut.h"
#include "pce/path/disjoint.h"
#include "pce/path/explain.h"
#include "pce/path/report.h"
#include "pce/path/widest.h"

static const char *const kind_names[] = {
	[PATH_DISJOINT_NONE] = "none",
	[PATH_DISJOINT_LINK] = "link",
	[PATH_DISJOINT_NODE] = "node",
	[PATH_DISJOINT_SRLG] = "srlg",
	[PATH_DISJOINT_AVAILABILITY] = "availability",
};

/* The pair over what the filter allows now. */
static enum pce_status
solve_filtered(struct path_engine *e, const struct pair_goal *goal, struct pair_result *out,
	       struct pce_error *err)
{
	static const struct order fewest_links = { { METRIC_LINKS }, 1 };
	bool plain = !goal->joint && goal->task.n_bounds == 0 && !goal->task.shared &&
		     goal->kind != PATH_DISJOINT_SRLG;
	enum pce_status status;

	*out = (struct pair_result){ .outcome = SEARCH_NONE };
	if (goal->kind == PATH_DISJOINT_AVAILABILITY)
		return branch_pair(e, goal, out, err);
	status = suurballe(e, plain ? &goal->task.order : &fewest_links,
			   goal->kind == PATH_DISJOINT_NODE, &out->pair, err);
	if (status || !out->pair.found)
		return status;
	out->outcome = SEARCH_FOUND;
	if (plain)
		return PCE_OK;
	pair_free(&out->pair);
	return branch_pair(e, goal, out, err);
}

static uint64_t
narrowest(const struct path_engine *e, const struct pair *pair, unsigned which)
{
	uint64_t least = UINT64_MAX;

	for (size_t i = 0; i < pair->n[which]; i++) {
		uint64_t residual = filter_residual(&e->filter, pair->links[which][i]);

		least = residual < least ? residual : least;
	}
	return least;
}

static uint64_t
bottleneck(const struct path_engine *e, const struct pair *pair)
{
	uint64_t a = narrowest(e, pair, 0), b = narrowest(e, pair, 1);

	return a < b ? a : b;
}

/* The largest smaller bottleneck: binary search over the residuals up to the single widest path's.
 */
static enum pce_status
solve_widest(struct path_engine *e, const struct pair_goal *goal, struct pair_result *best,
	     struct pce_error *err)
{
	struct pair_result probe;
	uint64_t top_bps, open_bps = 0;
	enum pce_status status;
	size_t low = 0, high = 0;

	*best = (struct pair_result){ .outcome = SEARCH_NONE };
	if (!widest_bottleneck(&e->both, &e->filter, e->filter.from, &top_bps))
		return PCE_OK;
	status = widest_steps(&e->filter, top_bps, &e->steps, &e->steps_cap, &high, err);
	while (!status && low < high) {
		size_t mid = low + (high - low) / 2;

		e->filter.floor_bps = e->steps[mid];
		status = solve_filtered(e, goal, &probe, err);
		if (probe.pair.found) {
			pair_free(&best->pair);
			*best = probe;
			low = mid + 1;
			continue;
		}
		if (probe.outcome == SEARCH_SPENT && e->steps[mid] > open_bps)
			open_bps = e->steps[mid];
		high = mid;
	}
	if (open_bps > 0)
		best->outcome = SEARCH_SPENT;
	if (best->outcome == SEARCH_SPENT)
		best->bound = open_bps > 0       ? open_bps
			      : best->pair.found ? bottleneck(e, &best->pair)
						 : 0;
	return status;
}

static enum pce_status
solve(struct path_engine *e, const struct path_request *request, enum path_disjoint kind,
      struct pair_result *out, struct pce_error *err)
{
	struct path_request alone = *request;
	struct pair_goal goal = { .kind = kind };
	enum pce_status status;

	*out = (struct pair_result){ .outcome = SEARCH_NONE };
	goal.joint = kind == PATH_DISJOINT_AVAILABILITY || request->objective == PATH_AVAILABILITY;
	if (goal.joint)
		alone.objective = PATH_AVAILABILITY;
	status = filter_set(&e->filter, &alone, CONSTRAINTS_ALL, err);
	if (status || e->filter.end_avoided)
		return status;
	task_set(&goal.task, e, &alone, CONSTRAINTS_ALL);
	if (!goal.joint && request->objective == PATH_BANDWIDTH)
		return solve_widest(e, &goal, out, err);
	return solve_filtered(e, &goal, out, err);
}

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
sort_pair(struct path_engine *e, const struct path_request *request, struct pair *pair,
	  struct pce_error *err)
{
	enum pce_status status = PCE_OK;
	struct pair old = *pair;
	struct task task;
	int sign = 0;

	task_set(&task, e, request, CONSTRAINTS_ALL);
	if (request->objective == PATH_AVAILABILITY ||
	    request->disjoint == PATH_DISJOINT_AVAILABILITY)
		status = compare_failures(e, pair, &sign, err);
	else if (request->objective == PATH_BANDWIDTH)
		sign = compare_numbers(narrowest(e, pair, 1), narrowest(e, pair, 0));
	if (sign == 0)
		sign = branch_compare(e, &task.order, pair);
	for (unsigned i = 0; sign > 0 && i < 2; i++) {
		pair->links[i] = old.links[1 - i];
		pair->n[i] = old.n[1 - i];
	}
	return status;
}

static enum pce_status
report(struct path_engine *e, const struct path_request *request, struct pair_result *result,
       struct path_answer *answer, struct pce_error *err)
{
	const uint32_t *links[2];
	bool exact = result->outcome == SEARCH_FOUND;
	enum pce_status status = sort_pair(e, request, &result->pair, err);
	cost_wide fails = 0;

	for (unsigned i = 0; !status && i < 2; i++) {
		links[i] = result->pair.links[i];
		status = report_route(e, links[i], result->pair.n[i], exact ? NULL : report_spent,
				      exact ? NULL : &result->bound, answer, err);
	}
	if (!status)
		status = risk_pair_fails(e->graph, links, result->pair.n, &fails, err);
	answer->joint_unavailability_ppt = probability_ppt(fails);
	answer->has_joint = !status;
	return status;
}

/* The sentence for ends that one route can join but no disjoint two. */
static enum pce_status
explain_pair(struct path_engine *e, const struct path_request *request, struct path_answer *answer,
	     struct pce_error *err)
{
	const struct ted *ted = e->ted;
	struct path_no_path *no = &answer->no_path;
	struct text text = { .len = 0 };
	char *sentence;
	enum pce_status status = filter_set(&e->filter, request, CONSTRAINTS_ALL, err);

	if (!status)
		status = cut_bridge(e, &no->blocking, &no->n_blocking, err);
	if (status)
		return status;
	text_printf(&text, "no two link-disjoint paths from %s to %s",
		    ted_node_at(ted, request->from)->name, ted_node_at(ted, request->to)->name);
	for (size_t i = 0; i < no->n_blocking; i++) {
		const struct ted_link_row *row = ted_link_at(ted, no->blocking[i]);

		text_printf(&text, "%s%s→%s", i == 0 ? ": every path crosses " : " and ",
			    ted_node_at(ted, row->from)->name, ted_node_at(ted, row->to)->name);
	}
	if (no->n_blocking == 0)
		text_add(&text, ": there are two, but not within the bounds");
	sentence = text_take(&text);
	if (!sentence)
		return pce_no_memory(err);
	status = explain_as(answer, PATH_REASON_DISJOINT, sentence, err);
	free(sentence);
	return status;
}

static enum pce_status
explain_none(struct path_engine *e, const struct path_request *request, bool spent,
	     struct path_answer *answer, struct pce_error *err)
{
	struct found one = { .n = 0 };
	enum pce_status status = single_solve(e, request, CONSTRAINTS_ALL, &one, err);
	bool single = one.n > 0;

	spent |= one.outcome == SEARCH_SPENT && !single;
	found_free(&one);
	if (status)
		return status;
	if (spent)
		return explain_as(answer, PATH_REASON_BUDGET,
				  "the search budget was spent before any disjoint pair was found",
				  err);
	return single ? explain_pair(e, request, answer, err)
		      : explain_no_path(e, request, answer, err);
}

enum pce_status
disjoint_compute(struct path_engine *e, const struct path_request *request,
		 struct path_answer *answer, struct pce_error *err)
{
	enum path_disjoint kind = request->disjoint;
	struct pair_result result;
	enum pce_status status;
	bool spent;

	if ((unsigned)kind > PATH_DISJOINT_AVAILABILITY)
		return pce_fail(err, PCE_INVALID, "%d is no kind of disjointness", (int)kind);
	status = solve(e, request, kind, &result, err);
	spent = result.outcome == SEARCH_SPENT;
	if (!status && !result.pair.found &&
	    (kind == PATH_DISJOINT_NODE || kind == PATH_DISJOINT_SRLG)) {
		kind = PATH_DISJOINT_LINK;
		status = solve(e, request, kind, &result, err);
		if (!status && result.pair.found)
			status = report_relaxed(answer, "disjoint", kind_names[request->disjoint],
						kind_names[kind], err);
		if (spent && result.outcome == SEARCH_FOUND)
			result.outcome = SEARCH_SPENT;
	}
	if (!status && result.pair.found)
		status = report(e, request, &result, answer, err);
	else if (!status)
		status =
		    explain_none(e, request, spent || result.outcome == SEARCH_SPENT, answer, err);
	pair_free(&result.pair);
	return status;
}
