#include <stdlib.h>

#include "pce/base/array.h"
#include "pce/path/single.h"
#include "pce/path/straight.h"
#include "pce/path/widest.h"

#define SETTLED_MANY 250 /* by the search from both ends: too many */
#define HABIT_GUIDED 4 /* from here on a metric is searched by potential at once */
#define HABIT_MOST 16
#define STRAIGHT_LEAST 20 /* nodes that may be settled in following the shortest route */
#define STRAIGHT_MOST 1024
#define STRAIGHT_DETOUR 8 /* it may be longer than the shortest one by so much of it at most */
#define WALK_NODES 2 /* of the search from both ends that cost as much as walking straight */
#define STRAIGHT_NODES 12 /* the same of going straight by search */
#define BRANCH_ARCS 100 /* that cost as much as one node of the search from both ends */
#define STRAIGHT_SAMPLE 64 /* of so many requests one tells what that search settles */
#define AROUND_LEAST 6 /* nodes settled around the end before it is aimed at */
#define AROUND_ARCS 5000 /* of a branch, for one more */

static const uint8_t objective_metrics[PATH_OBJECTIVE_COUNT] = {
	[PATH_IGP] = METRIC_IGP,           [PATH_TE] = METRIC_TE,
	[PATH_DELAY] = METRIC_DELAY,       [PATH_BANDWIDTH] = METRIC_COUNT,
	[PATH_AVAILABILITY] = METRIC_COST,
};

static const uint8_t tie_metrics[PATH_TIE_COUNT] = {
	[PATH_TIE_DELAY] = METRIC_DELAY,
	[PATH_TIE_TE] = METRIC_TE,
	[PATH_TIE_IGP] = METRIC_IGP,
	[PATH_TIE_HOPS] = METRIC_HOPS,
};

void
found_free(struct found *found)
{
	free(found->links);
	*found = (struct found){ .outcome = SEARCH_NONE };
}

enum pce_status
found_set(struct found *found, const uint32_t *links, size_t n, struct pce_error *err)
{
	uint32_t *copy = array_copy(links, n * sizeof(*links));

	if (!copy)
		return pce_no_memory(err);
	free(found->links);
	found->links = copy;
	found->n = n;
	return PCE_OK;
}

static void
order_append(struct order *order, uint8_t metric)
{
	for (unsigned i = 0; i < order->n; i++)
		if (order->metric[i] == metric)
			return;
	if (metric != METRIC_COUNT)
		order->metric[order->n++] = metric;
}

static void
add_bound(struct task *task, enum graph_metric metric, uint64_t max, bool on)
{
	if (on && max != PATH_NO_BOUND)
		task->bounds[task->n_bounds++] = (struct search_bound){ metric, max };
}

void
task_set(struct task *task, const struct path_engine *e, const struct path_request *request,
	 uint32_t constraints)
{
	*task = (struct task){ .from = e->filter.from };
	task->widest = request->objective == PATH_BANDWIDTH;
	order_append(&task->order, objective_metrics[request->objective]);
	for (unsigned i = 0; i < request->n_ties; i++)
		order_append(&task->order, tie_metrics[request->ties[i]]);
	order_append(&task->order, METRIC_LINKS);
	task->shared = request->objective == PATH_AVAILABILITY && e->graph->n_bits > 0;
	add_bound(task, METRIC_DELAY, request->max_delay_us,
		  constraints & CONSTRAINT(PATH_REASON_DELAY));
	add_bound(task, METRIC_HOPS, request->max_hops, constraints & CONSTRAINT(PATH_REASON_HOPS));
	add_bound(task, METRIC_TE, request->max_te,
		  constraints & CONSTRAINT(PATH_REASON_TE_METRIC));
	add_bound(task, METRIC_IGP, request->max_igp,
		  constraints & CONSTRAINT(PATH_REASON_IGP_METRIC));
	task->budget_labels =
	    request->budget_labels > 0 ? request->budget_labels : SEARCH_DEFAULT_LABELS;
	task->budget_bytes =
	    request->budget_bytes > 0 ? request->budget_bytes : SEARCH_DEFAULT_BYTES;
}

static bool
holds_bounds(const struct path_engine *e, const struct task *task, const uint32_t *links, size_t n)
{
	for (unsigned i = 0; i < task->n_bounds; i++) {
		uint64_t sum = 0;

		for (size_t j = 0; j < task->n_prefix; j++)
			sum = cost_add(sum, filter_weight(&e->filter, task->prefix[j],
							  task->bounds[i].metric));
		for (size_t j = 0; j < n; j++)
			sum = cost_add(sum,
				       filter_weight(&e->filter, links[j], task->bounds[i].metric));
		if (sum > task->bounds[i].max)
			return false;
	}
	return true;
}

/* Aims potentials for the objective and all bounds; *guided is false if one is not to be had (there
 * are none for the unfolded graphs of via.h), or there are no bounds. */
static enum pce_status
aim(struct path_engine *e, const struct task *task, struct bounded_query *out,
    struct packing *packing, bool *guided, struct pce_error *err)
{
	const struct order *order = &task->order;
	enum pce_status status;

	*guided = false;
	if (e->simple || task->shared || task->n_bounds == 0 || !e->guide.graph)
		return PCE_OK;
	for (unsigned i = 0; i < task->n_bounds; i++)
		if ((unsigned)task->bounds[i].metric >= HIERARCHY_RISK)
			return PCE_OK;
	if (!guide_pack(&e->guide, order, packing))
		return PCE_OK;
	status = guide_make(&e->guide, false, err);
	if (!status)
		status = guide_aim(&e->guide, (enum graph_metric)order->metric[0], e->filter.to,
				   &out->objective, err);
	for (unsigned i = 0; !status && out->objective && i < task->n_bounds; i++)
		status = guide_aim(&e->guide, task->bounds[i].metric, e->filter.to, &out->bounds[i],
				   err);
	out->packing = packing;
	*guided = !status && out->objective;
	return status;
}

/* The label search: by potentials if there are any, else by trees. */
static enum pce_status
search_sum(struct path_engine *e, const struct task *task, struct bounded_query *guide,
	   struct found *found, struct pce_error *err)
{
	struct search_query query = {
		.filter = &e->filter,
		.from = task->from,
		.prefix = task->prefix,
		.n_prefix = task->n_prefix,
		.order = task->order,
		.shared = task->shared,
		.n_bounds = task->n_bounds,
		.budget_labels = task->budget_labels,
		.budget_bytes = task->budget_bytes,
	};
	struct search_result result;
	enum pce_status status;

	for (unsigned i = 0; i < task->n_bounds; i++)
		query.bounds[i] = task->bounds[i];
	if (guide)
		guide->search = &query;
	status = guide ? bounded_run(&e->bounded, guide, &result, err) : engine_need_search(e, err);
	if (!status && !guide)
		status = search_run(e->search, &query, &result, err);
	if (status)
		return status;
	found->outcome = result.outcome;
	found->has_bound = result.outcome == SEARCH_SPENT;
	found->bound =
	    task->order.metric[0] == METRIC_COST ? cost_to_ppt(result.bound) : result.bound;
	return result.n > 0 ? found_set(found, result.links, result.n, err) : PCE_OK;
}

/* From both ends, with at most so many nodes settled. */
static enum pce_status
route_from_both(struct path_engine *e, const struct order *order, uint32_t from, uint32_t most,
		uint32_t *links, uint32_t *n, bool *done, struct pce_error *err)
{
	const struct scalar_query query = { &e->filter, order, from, most };
	enum scalar_outcome outcome;
	enum pce_status status = scalar_route(&e->scalar, &query, links, n, &outcome, err);

	*done = !status && outcome != SCALAR_FAR && outcome != SCALAR_UNFIT;
	return status;
}

/* True if a potential can guide by an order, which is packed for it then. */
static bool
can_guide(struct path_engine *e, const struct order *order, struct packing *packing)
{
	bool risk = order->metric[0] == METRIC_COST;

	return e->guide.graph && (risk ? !e->filter.any_free : order->metric[0] < HIERARCHY_RISK) &&
	       (risk ? guide_pack_risk : guide_pack)(&e->guide, order, packing);
}

/* What the hierarchy can say about the first metric of an order; NULL if nothing. */
static enum pce_status
find_aim(struct path_engine *e, const struct order *order, struct potential **out,
	 struct pce_error *err)
{
	bool risk = order->metric[0] == METRIC_COST;
	enum pce_status status;

	*out = NULL;
	if (!e->guide.graph || (risk && e->filter.any_free))
		return PCE_OK;
	status = guide_make(&e->guide, false, err);
	if (status)
		return status;
	return risk ? guide_aim_risk(&e->guide, e->filter.to, out, err)
		    : guide_aim(&e->guide, (enum graph_metric)order->metric[0], e->filter.to, out,
				err);
}

/* The same for A*, with the fields of the order; NULL if these do not fit. */
static enum pce_status
find_potential(struct path_engine *e, const struct order *order, struct packing *packing,
	       struct potential **out, struct pce_error *err)
{
	*out = NULL;
	return can_guide(e, order, packing) ? find_aim(e, order, out, err) : PCE_OK;
}

/* By a potential: along the shortest route of all, with at most so many nodes settled. *done is
 * false if there is no potential, or they were not enough. The price of the end is in every link
 * into it, so it adds the same to all routes. */
static enum pce_status
route_ahead(struct path_engine *e, const struct order *order, uint32_t from, uint32_t most,
	    uint32_t *links, uint32_t *n, bool *done, struct pce_error *err)
{
	struct packing packing;
	struct astar_query query = { .filter = &e->filter,
				     .packing = &packing,
				     .from = from,
				     .patience = most,
				     .straight = true };
	enum pce_status status = find_potential(e, order, &packing, &query.potential, err);
	uint64_t least;
	packed_sum sum;

	*done = false;
	if (status || !query.potential)
		return status;
	query.shift = packing.objective == METRIC_COST ? GUIDE_RISK_SHIFT : 0;
	least = potential_at(query.potential, from);
	query.most = (least + least / STRAIGHT_DETOUR) << query.shift;
	status = astar_route(&e->astar, &query, links, n, &sum, err);
	*done = !status && !e->astar.gave_up && *n > 0;
	return status;
}

/* Aims at what surrounds the end or, where it has too many links for that, at the end alone. */
static enum pce_status
aim_around(struct path_engine *e, const struct order *order, struct astar_query *query,
	   struct pce_error *err)
{
	uint32_t most = AROUND_LEAST + hierarchy_branch(e->guide.hierarchy) / AROUND_ARCS;
	struct vicinity *v = &e->vicinity;
	enum pce_status status =
	    vicinity_search(v, &e->filter, query->packing, query->from, most, err);

	if (status)
		return status;
	if (v->n_settled == 0)
		return find_aim(e, order, &query->potential, err);
	query->around = v;
	return guide_aim_around(&e->guide, v, query->packing, &query->potential, err);
}

/* By a potential that knows what surrounds the end, with any number of nodes settled. *done is
 * false if there is none. */
static enum pce_status
route_around(struct path_engine *e, const struct order *order, uint32_t from, uint32_t *links,
	     uint32_t *n, bool *done, struct pce_error *err)
{
	struct packing packing;
	struct astar_query query = { .filter = &e->filter,
				     .packing = &packing,
				     .from = from,
				     .most = UINT64_MAX,
				     .straight = true };
	packed_sum sum;
	enum pce_status status;

	*done = false;
	if (!can_guide(e, order, &packing))
		return PCE_OK;
	query.shift = packing.objective == METRIC_COST ? GUIDE_RISK_SHIFT : 0;
	status = guide_make(&e->guide, false, err);
	if (!status && e->guide.hierarchy)
		status = aim_around(e, order, &query, err);
	if (status || !query.potential)
		return status;
	*done = true;
	*n = 0;
	if (query.around && vicinity_is_closed(query.around, from))
		return PCE_OK;
	return astar_route(&e->astar, &query, links, n, &sum, err);
}

/*
 * A potential served, with so many nodes settled and links looked at. How many distances were
 * looked up depends on what was known before, and how patient a search is must not, see engine.c;
 * so the work is told from the nodes, a part of the links, as most were known or soon left out, and
 * the places on a branch.
 */
static void
learn(struct path_habit *habit, uint64_t settled, uint64_t links, uint32_t branch)
{
	uint64_t work = settled + links / 4 + branch;

	habit->work = habit->work > 0 ? (3 * habit->work + work) / 4 : work;
	if (settled > SETTLED_MANY && habit->guided > 0)
		habit->guided--;
	else if (settled <= SETTLED_MANY && habit->guided < HABIT_MOST)
		habit->guided += habit->guided < HABIT_GUIDED ? 2u : 1u;
}

/* How many nodes the search from both ends may settle: twice the work of a guided one, which is a
 * hundred for ten thousand nodes and a thousand for a hundred thousand. */
static uint32_t
patience(const struct path_habit *habit)
{
	uint64_t most = 2 * habit->work;

	return most < SETTLED_MANY ? SETTLED_MANY : most < UINT32_MAX ? (uint32_t)most : UINT32_MAX;
}

/* The search from both ends settled so many. */
static void
note_both(struct path_habit *habit, uint32_t settled)
{
	habit->both = habit->both > 0 ? (7 * habit->both + settled) / 8 : settled;
}

/* Potentials cost more a node and pay where the search from both ends would settle many. That
 * depends on the metric and on the network, so it is learnt; what is found is the same. */
static enum pce_status
route_quickly(struct path_engine *e, const struct order *order, uint32_t from, uint32_t *links,
	      uint32_t *n, bool *done, struct pce_error *err)
{
	struct path_habit *habit = &e->habits[order->metric[0]];
	uint64_t settled = e->astar.settled, links_before = e->astar.looked_at;
	enum pce_status status = PCE_OK;

	*done = false;
	if (habit->guided < HABIT_GUIDED) {
		uint64_t before = e->scalar.settled;

		status = route_from_both(e, order, from, patience(habit), links, n, done, err);
		note_both(habit, (uint32_t)(e->scalar.settled - before));
	}
	if (*done && habit->guided > 0)
		habit->guided--;
	if (status || *done)
		return status;
	status = route_around(e, order, from, links, n, done, err);
	if (*done)
		learn(habit, e->astar.settled - settled, e->astar.looked_at - links_before,
		      hierarchy_height(e->guide.hierarchy));
	if (!status && !*done)
		status = route_from_both(e, order, from, UINT32_MAX, links, n, done, err);
	return status;
}

/* True if there is a hierarchy, or searches without one have cost as much as it costs to make. */
static bool
is_guidable(const struct path_engine *e)
{
	return e->guide.graph &&
	       (e->guide.hierarchy || (!e->guide.tried && e->scalar.settled >= e->graph->n_links));
}

/*
 * True if it is time to go straight, which costs as much as `nodes` of the search from both ends
 * and the branches of the hierarchy: most requests are for the shortest route, or for one that is
 * little longer, but the two branches have to be climbed first. On a network of a hundred thousand
 * nodes they have so many arcs that the search from both ends is quicker. What that would settle is
 * asked again now and then.
 */
static bool
goes_straight(const struct path_engine *e, const struct path_habit *habit, uint32_t nodes)
{
	return !e->guide.hierarchy ||
	       habit->both > nodes + 2 * hierarchy_branch(e->guide.hierarchy) / BRANCH_ARCS;
}

/* Walks straight to the end where nothing bars that. */
static enum pce_status
walk_straight(struct path_engine *e, const struct order *order, uint32_t from, uint32_t *links,
	      uint32_t *n, bool *done, struct pce_error *err)
{
	struct potential *potential;
	enum pce_status status = find_aim(e, order, &potential, err);

	*done = !status && potential &&
		straight_walk(potential, &e->filter, (enum graph_metric)order->metric[0], from,
			      links, n);
	if (*done)
		e->walked += *n;
	return status;
}

/* Where there is a hierarchy, the shortest route is followed as long as that settles few nodes. How
 * few is learnt as well: more if the other searches would have settled even more. */
static enum pce_status
search_straight(struct path_engine *e, const struct order *order, uint32_t from, uint32_t *links,
		uint32_t *n, bool *done, struct pce_error *err)
{
	struct path_habit *habit = &e->habits[order->metric[0]];
	uint32_t few = habit->straight > STRAIGHT_LEAST ? habit->straight : STRAIGHT_LEAST;
	uint64_t settled;
	enum pce_status status = route_ahead(e, order, from, few, links, n, done, err);

	if (status || *done)
		return status;
	settled = e->scalar.settled + e->astar.settled;
	status = route_quickly(e, order, from, links, n, done, err);
	settled = e->scalar.settled + e->astar.settled - settled;
	if (*done && *n > 0 && settled > 2 * (uint64_t)few)
		habit->straight = 2 * few < STRAIGHT_MOST ? 2 * few : STRAIGHT_MOST;
	else
		habit->straight = few / 2;
	return status;
}

/* On a small network: straight, or else a search that knows all distances to the end; *done is
 * false if there is no such network, or it was of no use. */
static enum pce_status
route_small(struct path_engine *e, const struct order *order, uint32_t from, uint32_t *links,
	    uint32_t *n, bool *done, struct pce_error *err)
{
	struct direct_query query = { .filter = &e->filter, .order = order, .from = from };
	enum scalar_outcome outcome = SCALAR_UNFIT;
	enum pce_status status;

	*done = false;
	if (!guide_is_small(&e->guide))
		return PCE_OK;
	status = find_aim(e, order, &query.potential, err);
	if (status || !query.potential)
		return status;
	*done = e->straight && straight_walk(query.potential, &e->filter,
					     (enum graph_metric)order->metric[0], from, links, n);
	if (*done) {
		e->walked += *n;
		return PCE_OK;
	}
	status = direct_route(&e->direct, &query, links, n, &outcome, err);
	*done = !status && outcome != SCALAR_UNFIT;
	return status;
}

/* A request that one search answers: straight, if that is likely to be the quickest. */
static enum pce_status
route_straight(struct path_engine *e, const struct order *order, uint32_t from, uint32_t *links,
	       uint32_t *n, bool *done, struct pce_error *err)
{
	struct path_habit *habit = &e->habits[order->metric[0]];
	enum pce_status status = route_small(e, order, from, links, n, done, err);

	if (status || *done)
		return status;
	if (!e->straight || !is_guidable(e) || habit->asked++ % STRAIGHT_SAMPLE == 0)
		return route_quickly(e, order, from, links, n, done, err);
	if (goes_straight(e, habit, WALK_NODES))
		status = walk_straight(e, order, from, links, n, done, err);
	if (status || *done)
		return status;
	return goes_straight(e, habit, STRAIGHT_NODES)
		   ? search_straight(e, order, from, links, n, done, err)
		   : route_quickly(e, order, from, links, n, done, err);
}

enum pce_status
single_route(struct path_engine *e, const struct order *order, uint32_t from, uint32_t *links,
	     uint32_t *n, struct pce_error *err)
{
	bool done = false;
	enum pce_status status = PCE_OK;

	if (!e->simple)
		status = route_straight(e, order, from, links, n, &done, err);
	if (status || done)
		return status;
	status = engine_need_both(e, err);
	if (!status)
		*n = bidirectional_route(&e->both, &e->filter, order, from, links);
	return status;
}

enum pce_status
single_bottleneck(struct path_engine *e, uint32_t from, uint64_t *bottleneck_bps, bool *joined,
		  struct pce_error *err)
{
	enum pce_status status;

	if (!e->simple)
		return descent_bottleneck(&e->descent, &e->filter, from, bottleneck_bps, joined,
					  err);
	status = engine_need_both(e, err);
	if (!status)
		*joined = widest_bottleneck(&e->both, &e->filter, from, bottleneck_bps);
	return status;
}

enum pce_status
single_sum(struct path_engine *e, const struct task *task, struct found *found,
	   struct pce_error *err)
{
	struct packing packing;
	struct bounded_query guide = { .packing = NULL };
	bool known, guided;
	uint32_t n;
	enum pce_status status;

	if (task->shared)
		return search_sum(e, task, NULL, found, err);
	known = common_route(&e->common, &e->filter, &task->order, task->from, e->walk, &n);
	status = aim(e, task, &guide, &packing, &guided, err);
	if (status)
		return status;
	/* by potentials the search under bounds is as quick as the one without */
	if (!known && guided)
		return search_sum(e, task, &guide, found, err);
	if (!known)
		status = single_route(e, &task->order, task->from, e->walk, &n, err);
	if (status || n == 0)
		return status;
	if (!holds_bounds(e, task, e->walk, n))
		return search_sum(e, task, guided ? &guide : NULL, found, err);
	found->outcome = SEARCH_FOUND;
	return found_set(found, e->walk, n, err);
}

/* The best route among links with at least floor_bps. */
static enum pce_status
try_floor(struct path_engine *e, const struct task *task, uint64_t floor_bps, struct found *found,
	  struct pce_error *err)
{
	found_free(found);
	e->filter.floor_bps = floor_bps;
	return single_sum(e, task, found, err);
}

static uint64_t
bottleneck(const struct path_engine *e, const struct task *task, const struct found *found)
{
	uint64_t least = UINT64_MAX;

	for (size_t i = 0; i < task->n_prefix; i++) {
		uint64_t residual = filter_residual(&e->filter, task->prefix[i]);

		least = residual < least ? residual : least;
	}

	for (size_t i = 0; i < found->n; i++) {
		uint64_t residual = filter_residual(&e->filter, found->links[i]);

		least = residual < least ? residual : least;
	}
	return least;
}

/* The largest bottleneck that a spent budget left open, which may be 0. */
struct undecided {
	bool any;
	uint64_t bps;
};

static void
leave_open(struct undecided *open, uint64_t bps)
{
	open->bps = bps > open->bps ? bps : open->bps;
	open->any = true;
}

/*
 * The best route with the largest residual of the n steps for which there is one. A step that the
 * budget leaves open counts as "no", and nothing is known of those between it and the least step
 * that is impossible: the largest of them is kept in *open.
 */
static enum pce_status
descend(struct path_engine *e, const struct task *task, size_t n, struct found *best,
	struct undecided *open, struct pce_error *err)
{
	struct found probe = { .n = 0 };
	enum pce_status status = PCE_OK;
	size_t low = 0, high = n;

	while (!status && low < high) {
		size_t mid = low + (high - low) / 2;

		status = try_floor(e, task, e->steps[mid], &probe, err);
		if (probe.n > 0) {
			struct found old = *best;

			*best = probe;
			probe = old;
			low = mid + 1;
			continue;
		}
		if (probe.outcome == SEARCH_SPENT)
			leave_open(open, e->steps[high - 1]);
		high = mid;
	}
	found_free(&probe);
	return status;
}

static enum pce_status
solve_bandwidth(struct path_engine *e, const struct task *task, struct found *found,
		struct pce_error *err)
{
	const struct found nothing = { .n = 0 };
	uint64_t floor_bps = e->filter.floor_bps, top_bps;
	bool joined;
	struct undecided open = { .any = false };
	uint64_t prefix_bps = bottleneck(e, task, &nothing);
	enum pce_status status;
	size_t n;

	status = single_bottleneck(e, task->from, &top_bps, &joined, err);
	if (status || !joined)
		return status;
	top_bps = prefix_bps < top_bps ? prefix_bps : top_bps;
	status = try_floor(e, task, top_bps, found, err);
	if (!status && found->n == 0) {
		if (found->outcome == SEARCH_SPENT)
			leave_open(&open, top_bps);
		e->filter.floor_bps = floor_bps;
		status = widest_steps(&e->filter, top_bps - 1, &e->steps, &e->steps_cap, &n, err);
		if (!status)
			status = descend(e, task, top_bps > 0 ? n : 0, found, &open, err);
	}
	if (open.any)
		found->outcome = SEARCH_SPENT;
	found->has_bound = found->outcome == SEARCH_SPENT;
	if (found->has_bound)
		found->bound = open.any ? open.bps : bottleneck(e, task, found);
	return status;
}

enum pce_status
single_run(struct path_engine *e, const struct task *task, struct found *found,
	   struct pce_error *err)
{
	return task->widest ? solve_bandwidth(e, task, found, err)
			    : single_sum(e, task, found, err);
}

enum pce_status
single_solve(struct path_engine *e, const struct path_request *request, uint32_t constraints,
	     struct found *found, struct pce_error *err)
{
	struct task task;
	enum pce_status status = filter_set(&e->filter, request, constraints, err);

	if (status || e->filter.end_avoided)
		return status;
	task_set(&task, e, request, constraints);
	return single_run(e, &task, found, err);
}
