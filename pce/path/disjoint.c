#include <stdlib.h>

#include "pce/path/cut.h"
#include "pce/path/disjoint.h"
#include "pce/path/single.h"
#include "pce/path/via.h"
#include "pce/path/walks.h"
#include "pce/path/widest.h"

/* The pair over what the filter allows now. */
static enum pce_status
solve_filtered(struct path_engine *e, const struct pair_goal *goal, struct pair_result *out,
	       struct pce_error *err)
{
	static const struct order any = { { METRIC_IGP, METRIC_LINKS }, 2 };
	bool plain = !goal->joint && !goal->maximum && goal->task.n_bounds == 0 &&
		     (goal->kind == PATH_DISJOINT_LINK || goal->kind == PATH_DISJOINT_NODE);
	bool node = goal->kind == PATH_DISJOINT_NODE || goal->kind == PATH_DISJOINT_SRLG_NODE;
	enum pce_status status;

	*out = (struct pair_result){ .outcome = SEARCH_NONE };
	if (goal->kind == PATH_DISJOINT_AVAILABILITY || goal->exempt || goal->solve)
		return branch_pair(e, goal, out, err);
	status = suurballe(e, plain ? &goal->task.order : &any, node, &out->pair, err);
	if (status || !out->pair.found)
		return status;
	out->outcome = SEARCH_FOUND;
	if (plain)
		return PCE_OK;
	pair_free(&out->pair);
	return branch_pair(e, goal, out, err);
}

static uint64_t
bottleneck(const struct path_engine *e, const struct pair *pair)
{
	uint64_t a = engine_bottleneck(e, pair->links[0], pair->n[0]);
	uint64_t b = engine_bottleneck(e, pair->links[1], pair->n[1]);

	return a < b ? a : b;
}

/* The largest smaller bottleneck: binary search over the residuals up to the single widest path's.
 */
static enum pce_status
solve_widest(struct path_engine *e, const struct pair_goal *goal, struct pair_result *best,
	     struct pce_error *err)
{
	struct pair_result probe;
	uint64_t top_bps, open_bps = 0; /* the largest step that is not known to be impossible */
	bool open = false, joined;
	enum pce_status status;
	size_t low = 0, high = 0;

	*best = (struct pair_result){ .outcome = SEARCH_NONE };
	status = single_bottleneck(e, e->filter.from, &top_bps, &joined, err);
	if (status || !joined)
		return status;
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
		if (probe.outcome == SEARCH_SPENT && !open) {
			open_bps = e->steps[high - 1];
			open = true;
		}
		high = mid;
	}
	if (open)
		best->outcome = SEARCH_SPENT;
	if (best->outcome == SEARCH_SPENT)
		best->bound = open ? open_bps : best->pair.found ? bottleneck(e, &best->pair) : 0;
	return status;
}

struct path_request
disjoint_by_availability(const struct path_request *request)
{
	struct path_request other = *request;

	other.objective = PATH_AVAILABILITY;
	if (request->objective == PATH_TE && other.link_max_te == PATH_NO_BOUND)
		other.link_max_te = TED_METRIC_UNREACHABLE - 1;
	return other;
}

/* Walks as routes of a pair. */
struct walking {
	struct unfolded u;
	const struct task *task;
};

static enum pce_status
solve_walk(void *ctx, const struct pair_bans *bans, struct found *found, struct pce_error *err)
{
	struct walking *w = ctx;

	return walks_best(&w->u, w->task, bans, found, err);
}

/* True if each walk has to take a fibre that not both may take: then there is no pair, and branch
 * and bound would be long in finding that out. */
static enum pce_status
is_blocked(struct unfolded *u, const struct pair_goal *goal, bool *out, struct pce_error *err)
{
	uint8_t *bridges;
	enum pce_status status;

	*out = false;
	if (goal->kind == PATH_DISJOINT_AVAILABILITY)
		return PCE_OK;
	bridges = calloc((size_t)u->graph.n_links + 1, 1);
	if (!bridges)
		return pce_no_memory(err);
	status = cut_bridges(&u->e, bridges, err);
	for (uint32_t i = 0; !status && i < u->graph.n_links; i++)
		*out |= bridges[i] && !(goal->exempt && goal->exempt[i % u->graph.base_links]);
	free(bridges);
	return status;
}

/* The pair of routes through vias: `goal` lacks only what vias add. */
static enum pce_status
solve_vias(struct path_engine *e, const struct path_request *request, struct pair_goal *goal,
	   struct pair_result *out, struct pce_error *err)
{
	struct walking w = { .task = &goal->task };
	bool blocked = false;
	uint8_t *passed = calloc((size_t)e->graph->n_nodes + 1, 1);
	enum pce_status status = unfold_init(&w.u, e, request, CONSTRAINTS_ALL, err);

	if (!status && !passed)
		status = pce_no_memory(err);
	for (size_t i = 0; !status && i < request->n_via; i++)
		passed[e->graph->node_of_row[request->via[i]]] = 1;
	if (!status) /* the ends may be passed on the way, and their own risks do not count */
		passed[e->filter.from] = passed[e->filter.to] = 1;
	goal->task = w.u.task;
	goal->task.widest = false; /* floors see to that */
	goal->passed = passed;
	goal->graph = e->graph;
	goal->solve = solve_walk;
	goal->ctx = &w;
	if (!status)
		status = is_blocked(&w.u, goal, &blocked, err);
	if (status || blocked)
		; /* none */
	else if (!goal->joint && request->objective == PATH_BANDWIDTH)
		status = solve_widest(&w.u.e, goal, out, err);
	else
		status = solve_filtered(&w.u.e, goal, out, err);
	free(passed);
	unfold_free(&w.u);
	return status;
}

enum pce_status
disjoint_solve(struct path_engine *e, const struct path_request *request, enum path_disjoint kind,
	       const uint8_t *exempt, struct pair_result *out, struct pce_error *err)
{
	struct path_request alone = *request;
	struct pair_goal goal = { .kind = kind, .exempt = exempt };
	enum pce_status status;

	*out = (struct pair_result){ .outcome = SEARCH_NONE };
	goal.joint = kind == PATH_DISJOINT_AVAILABILITY || request->objective == PATH_AVAILABILITY;
	goal.maximum = !goal.joint && request->pair == PATH_PAIR_MAXIMUM &&
		       request->objective != PATH_BANDWIDTH;
	if (goal.joint)
		alone = disjoint_by_availability(request);
	status = filter_set(&e->filter, &alone, CONSTRAINTS_ALL, err);
	if (status || e->filter.end_avoided)
		return status;
	if (via_asked(request))
		return solve_vias(e, &alone, &goal, out, err);
	task_set(&goal.task, e, &alone, CONSTRAINTS_ALL);
	if (!goal.joint && request->objective == PATH_BANDWIDTH)
		return solve_widest(e, &goal, out, err);
	return solve_filtered(e, &goal, out, err);
}
