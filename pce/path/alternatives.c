#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"
#include "pce/base/heap.h"
#include "pce/path/alternatives.h"
#include "pce/path/explain.h"
#include "pce/path/report.h"
#include "pce/path/single.h"

/* Up to this k the sum of the k-th best route met is kept, which is more than any of use has. */
#define SUMS_MAX 64

/*
 * A route and the first place at which it may be left: before it, its parent was. Where searches
 * are guided a part waits unsearched first (`open`), with a bound of its best route as the key: the
 * parent, left at that place.
 */
struct route {
	uint32_t *links;
	size_t n, left_from;
	uint64_t key[ORDER_MAX + 1]; /* what is compared, most important first */
	bool exact, open;
	uint64_t bound; /* of the objective */
	size_t parent; /* of an open part, among the found ones */
};

/* Each new route is compared with all those before, so that the work grows with their number
 * squared; a budget has to see it. So many comparisons count as much as a label. */
#define COMPARED_A_LABEL 128

struct ranking {
	struct path_engine *e;
	struct task task;
	uint64_t floor_bps; /* of the request */
	unsigned width; /* of keys */
	struct route *found; /* best first */
	size_t n_found, found_cap;
	struct route *waiting; /* best of each part, a heap */
	size_t n_waiting, waiting_cap;
	uint64_t *paid; /* scratch: shared groups of one route */
	bool guided; /* plain sums, and there is a potential; keys are packed sums */
	struct packing packing;
	struct potential *potential;
	packed_sum most; /* k routes are known that do not sum up to more */
	packed_sum *sums; /* of the best routes met, ascending; NULL: too many are asked for */
	uint32_t n_sums, k;
	size_t *common; /* scratch: how much of its beginning each found route shares */
	size_t common_cap;
	uint64_t started; /* labels settled before */
	uint64_t compared; /* routes that new ones were compared with */
	bool unsure; /* a part could not be searched to its end */
	bool stopped; /* by the budget, before k routes were found */
};

static void
ranking_free(struct ranking *r)
{
	for (size_t i = 0; i < r->n_found; i++)
		free(r->found[i].links);
	for (size_t i = 0; i < r->n_waiting; i++)
		free(r->waiting[i].links);
	free(r->found);
	free(r->waiting);
	free(r->paid);
	free(r->common);
	free(r->sums);
}

/* Cost of the shared groups among groups_of[first … first + n) that are not paid yet. */
static uint64_t
pay(struct ranking *r, struct graph_span groups)
{
	const struct path_graph *g = r->e->graph;
	uint64_t sum = 0;

	for (uint32_t i = groups.first; i < groups.first + groups.n; i++) {
		const struct graph_group *group = &g->groups[g->groups_of[i]];

		if (group->bit == GRAPH_NONE || r->paid[group->bit / 64] >> (group->bit % 64) & 1)
			continue;
		r->paid[group->bit / 64] |= 1ULL << (group->bit % 64);
		sum = cost_add(sum, group->cost);
	}
	return sum;
}

static uint64_t
shared_cost(struct ranking *r, const uint32_t *links, size_t n)
{
	const struct path_graph *g = r->e->graph;
	uint64_t sum = 0;

	memset(r->paid, 0, ((size_t)g->n_bits / 64 + 1) * sizeof(*r->paid));
	for (size_t i = 0; i < n; i++) {
		uint32_t to = graph_head(g, links[i]);

		sum = cost_add(sum, pay(r, graph_link_groups(g, links[i])));
		if (to != r->e->filter.to)
			sum = cost_add(sum, pay(r, graph_node_groups(g, to)));
	}
	return sum;
}

static void
set_key(struct ranking *r, struct route *route)
{
	const struct filter *f = &r->e->filter;
	const struct order *order = &r->task.order;
	uint64_t least = UINT64_MAX, *sums = route->key + (r->task.widest ? 1 : 0);

	memset(route->key, 0, sizeof(route->key));
	for (size_t i = 0; i < route->n; i++) {
		uint64_t residual = filter_residual(f, route->links[i]);

		least = residual < least ? residual : least;
		order_add(f, order, route->links[i], sums, sums);
	}
	if (r->task.widest)
		route->key[0] = UINT64_MAX - least;
	if (r->task.shared)
		route->key[0] = cost_add(route->key[0], shared_cost(r, route->links, route->n));
}

static bool
before(const void *ctx, const void *x, const void *y)
{
	const struct ranking *r = ctx;
	const struct route *a = x, *b = y;
	int sign = order_compare(a->key, b->key, r->width);

	/* an open part may hide a route that comes first by its links */
	if (sign == 0 && (a->open || b->open))
		return a->open && !b->open;
	for (size_t i = 0; sign == 0 && i < a->n && i < b->n; i++)
		if (a->links[i] != b->links[i])
			sign = a->links[i] < b->links[i] ? -1 : 1;
	return sign < 0;
}

static enum pce_status
wait(struct ranking *r, struct route route, struct pce_error *err)
{
	enum pce_status status =
	    array_reserve(&r->waiting, &r->waiting_cap, r->n_waiting + 1, sizeof(*r->waiting), err);

	if (status)
		return status;
	heap_put(r->waiting, r->n_waiting++, sizeof(route), &route, before, r);
	return PCE_OK;
}

static struct route
take_best(struct ranking *r)
{
	struct route top;

	heap_take(r->waiting, r->n_waiting--, sizeof(top), &top, before, r);
	return top;
}

static void
put_sum(struct route *route, packed_sum sum)
{
	route->key[0] = (uint64_t)(sum >> 64);
	route->key[1] = (uint64_t)sum;
}

/* Takes in that there is a route with this sum. */
static void
note_sum(struct ranking *r, packed_sum sum)
{
	uint32_t at = r->n_sums;

	if (!r->sums || sum >= r->most)
		return;
	at -= at == r->k;
	for (; at > 0 && r->sums[at - 1] > sum; at--)
		r->sums[at] = r->sums[at - 1];
	r->sums[at] = sum;
	r->n_sums += r->n_sums < r->k;
	if (r->n_sums == r->k)
		r->most = r->sums[r->k - 1];
}

/* As solve_part, with the potential. */
static enum pce_status
solve_guided(struct ranking *r, const uint32_t *prefix, size_t n_prefix, struct pce_error *err)
{
	const struct path_graph *g = r->e->graph;
	struct astar_query query = { .filter = &r->e->filter,
				     .packing = &r->packing,
				     .potential = r->potential,
				     .from = r->e->filter.from,
				     .most = UINT64_MAX };
	struct route route = { .left_from = n_prefix, .exact = true };
	packed_sum before = 0, sum;
	uint32_t n;
	enum pce_status status;

	for (size_t i = 0; i < n_prefix; i++)
		before += packing_weight(&r->packing, &g->arcs_out[prefix[i]]);
	if (n_prefix > 0)
		query.from = graph_head(g, prefix[n_prefix - 1]);
	if (r->most != PACKED_MOST)
		query.most = packing_part(&r->packing, r->most - before);
	status = astar_route(&r->e->astar, &query, r->e->walk, &n, &sum, err);
	if (status || n == 0)
		return status;
	note_sum(r, before + sum);
	put_sum(&route, before + sum);
	route.n = n_prefix + n;
	route.links = malloc(route.n * sizeof(*route.links));
	if (!route.links)
		return pce_no_memory(err);
	if (n_prefix > 0)
		memcpy(route.links, prefix, n_prefix * sizeof(*route.links));
	memcpy(route.links + n_prefix, r->e->walk, n * sizeof(*route.links));
	status = wait(r, route, err);
	if (status)
		free(route.links);
	return status;
}

/* The best route that begins with n_prefix links of `from` and is not to go on with a banned link.
 */
static enum pce_status
solve_part(struct ranking *r, const uint32_t *prefix, size_t n_prefix, struct pce_error *err)
{
	struct found rest = { .n = 0 };
	struct route route = { .left_from = n_prefix };
	enum pce_status status;

	if (r->guided)
		return solve_guided(r, prefix, n_prefix, err);
	r->task.prefix = prefix;
	r->task.n_prefix = n_prefix;
	r->task.from =
	    n_prefix > 0 ? graph_head(r->e->graph, prefix[n_prefix - 1]) : r->e->filter.from;
	r->e->filter.floor_bps = r->floor_bps;
	status = single_run(r->e, &r->task, &rest, err);
	r->unsure |= rest.outcome == SEARCH_SPENT;
	if (status || rest.n == 0) {
		found_free(&rest);
		return status;
	}
	route.n = n_prefix + rest.n;
	route.exact = rest.outcome == SEARCH_FOUND;
	route.bound = rest.bound;
	route.links = malloc(route.n * sizeof(*route.links));
	if (route.links && n_prefix > 0)
		memcpy(route.links, prefix, n_prefix * sizeof(*route.links));
	if (route.links)
		memcpy(route.links + n_prefix, rest.links, rest.n * sizeof(*route.links));
	found_free(&rest);
	if (!route.links)
		return pce_no_memory(err);
	set_key(r, &route);
	status = wait(r, route, err);
	if (status)
		free(route.links);
	return status;
}

/* Bans what would lead back to a route that was found: the next link of each that has this prefix,
 * and the nodes of the prefix. */
static void
ban_part(struct ranking *r, const struct route *route, size_t n_prefix)
{
	struct filter *f = &r->e->filter;
	const struct path_graph *g = r->e->graph;

	filter_unban(f);
	for (size_t i = 0; i < n_prefix; i++)
		filter_ban_node(f, graph_tail(g, route->links[i]));
	r->compared += r->n_found;
	for (size_t i = 0; i < r->n_found; i++) {
		const struct route *other = &r->found[i];

		if (other->n > n_prefix &&
		    (n_prefix == 0 ||
		     memcmp(other->links, route->links, n_prefix * sizeof(*route->links)) == 0))
			filter_ban_link(f, other->links[n_prefix]);
	}
}

/* How much of the route's beginning each found one shares. */
static enum pce_status
find_common(struct ranking *r, const struct route *route, struct pce_error *err)
{
	enum pce_status status =
	    array_reserve(&r->common, &r->common_cap, r->n_found, sizeof(*r->common), err);

	r->compared += r->n_found;
	for (size_t i = 0; !status && i < r->n_found; i++) {
		const struct route *other = &r->found[i];
		size_t n = 0;

		while (n < other->n && n < route->n && other->links[n] == route->links[n])
			n++;
		r->common[i] = n;
	}
	return status;
}

/* True if a found route goes on with this link after the first `at` links of a route. */
static bool
is_found(const struct ranking *r, uint32_t link, size_t at)
{
	for (size_t i = 0; i < r->n_found; i++)
		if (r->common[i] >= at && at < r->found[i].n && r->found[i].links[at] == link)
			return true;
	return false;
}

/* A lower bound of what is left from a node on, when a route is left there; PACKED_MOST if there is
 * no way on. */
static packed_sum
bound_part(const struct ranking *r, uint32_t node, size_t at)
{
	const struct path_graph *g = r->e->graph;
	packed_sum least = PACKED_MOST;
	uint64_t first = UINT64_MAX; /* its objective */

	for (uint32_t i = g->out_first[node]; i < g->out_first[node + 1]; i++) {
		const struct graph_arc *arc = &g->arcs_out[i];
		uint64_t objective = packing_first(&r->packing, arc) +
				     (uint64_t)potential_at(r->potential, arc->end);
		packed_sum sum;

		if (objective > first ||
		    !filter_allows_arc(&r->e->filter, arc, i, node, arc->end) || is_found(r, i, at))
			continue;
		sum = packing_weight(&r->packing, arc) +
		      packing_objective(&r->packing, potential_at(r->potential, arc->end));
		if (sum < least) {
			least = sum;
			first = objective;
		}
	}
	return least;
}

/* Splits into open parts, each with its bound. */
static enum pce_status
split_guided(struct ranking *r, const struct route *route, struct pce_error *err)
{
	const struct path_graph *g = r->e->graph;
	packed_sum sum = 0;
	enum pce_status status = find_common(r, route, err);

	filter_unban(&r->e->filter);
	for (size_t i = 0; !status && i < route->n; i++) {
		uint32_t link = route->links[i], node = graph_tail(g, link);
		struct route part = { .left_from = i, .open = true, .parent = r->n_found - 1 };
		packed_sum bound = i < route->left_from ? PACKED_MOST : bound_part(r, node, i);

		if (bound != PACKED_MOST && sum + bound <= r->most) {
			put_sum(&part, sum + bound);
			status = wait(r, part, err);
		}
		sum += packing_weight(&r->packing, &g->arcs_out[link]);
		filter_ban_node(&r->e->filter, node);
	}
	return status;
}

/* Splits what is left of the part whose best route was just found. */
static enum pce_status
split(struct ranking *r, const struct route *route, struct pce_error *err)
{
	enum pce_status status = PCE_OK;

	if (r->guided)
		return split_guided(r, route, err);
	for (size_t i = route->left_from; !status && i < route->n; i++) {
		ban_part(r, route, i);
		status = solve_part(r, route->links, i, err);
	}
	return status;
}

static bool
is_spent(const struct ranking *r)
{
	return engine_settled(r->e) - r->started + r->compared / COMPARED_A_LABEL >=
	       r->task.budget_labels;
}

static enum pce_status
rank(struct ranking *r, uint32_t k, struct pce_error *err)
{
	enum pce_status status;

	filter_unban(&r->e->filter);
	status = solve_part(r, NULL, 0, err);
	while (!status && r->n_waiting > 0) {
		struct route best = take_best(r);

		if (best.open) {
			const struct route *parent = &r->found[best.parent];

			ban_part(r, parent, best.left_from);
			status = solve_guided(r, parent->links, best.left_from, err);
			continue;
		}
		status =
		    array_reserve(&r->found, &r->found_cap, r->n_found + 1, sizeof(*r->found), err);
		if (status) {
			free(best.links);
			break;
		}
		r->found[r->n_found++] = best;
		if (r->n_found == k)
			break;
		if (is_spent(r)) {
			r->stopped = true;
			break;
		}
		status = split(r, &best, err);
	}
	return status;
}

/* Guides the searches if what is asked are plain sums and there is a hierarchy. */
static enum pce_status
set_guide(struct ranking *r, uint32_t k, struct pce_error *err)
{
	struct guide *guide = &r->e->guide;
	const struct task *task = &r->task;
	enum pce_status status;

	if (r->e->simple || task->widest || task->shared || task->n_bounds > 0)
		return PCE_OK;
	status = guide_make(guide, false, err);
	if (!status)
		status = guide_aim(guide, (enum graph_metric)task->order.metric[0], r->e->filter.to,
				   &r->potential, err);
	r->guided = !status && r->potential && guide_pack(guide, &task->order, &r->packing);
	if (!r->guided)
		return status;
	r->width = 2;
	r->k = k;
	r->most = PACKED_MOST;
	if (k <= SUMS_MAX) {
		r->sums = calloc(k, sizeof(*r->sums));
		if (!r->sums)
			return pce_no_memory(err);
	}
	return PCE_OK;
}

static enum pce_status
report_shortfall(struct path_answer *answer, uint32_t k, struct pce_error *err)
{
	char asked[16], got[16];

	snprintf(asked, sizeof(asked), "%u", k);
	snprintf(got, sizeof(got), "%zu", answer->n_routes);
	return report_relaxed(answer, "k", asked, got, err);
}

static enum pce_status
report_ranking(struct ranking *r, uint32_t k, struct path_answer *answer, struct pce_error *err)
{
	enum pce_status status = PCE_OK;
	for (size_t i = 0; !status && i < r->n_found; i++) {
		const struct route *route = &r->found[i];
		/* a part not searched to its end may hide a better route than all later ones */
		bool exact = route->exact && (i == 0 || !r->unsure);

		status = report_route(r->e, route->links, route->n, exact ? NULL : report_spent,
				      i == 0 && !exact ? &route->bound : NULL, answer, err);
	}
	if (!status && (r->stopped || r->unsure) && answer->n_routes < k)
		status = report_shortfall(answer, k, err);
	return status;
}

static enum pce_status
compute_best(struct path_engine *e, const struct path_request *request, struct path_answer *answer,
	     struct pce_error *err)
{
	struct ranking r = { .e = e, .started = engine_settled(e) };
	enum pce_status status = filter_set(&e->filter, request, CONSTRAINTS_ALL, err);

	if (status || e->filter.end_avoided)
		return status;
	task_set(&r.task, e, request, CONSTRAINTS_ALL);
	r.floor_bps = e->filter.floor_bps;
	r.width = r.task.order.n + (r.task.widest ? 1u : 0u);
	r.paid = calloc((size_t)e->graph->n_bits / 64 + 1, sizeof(*r.paid));
	status = r.paid ? set_guide(&r, request->k, err) : pce_no_memory(err);
	if (!status)
		status = rank(&r, request->k, err);
	if (!status)
		status = report_ranking(&r, request->k, answer, err);
	ranking_free(&r);
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

/* The best of the routes that overlap least with earlier ones. */
static enum pce_status
solve_diverse(struct path_engine *e, const struct path_request *request, struct found *found,
	      struct pce_error *err)
{
	struct found least = { .n = 0 };
	struct task task, overlap;
	uint64_t sum = 0, floor_bps;
	enum pce_status status = filter_set(&e->filter, request, CONSTRAINTS_ALL, err);

	if (status || e->filter.end_avoided)
		return status;
	floor_bps = e->filter.floor_bps;
	task_set(&task, e, request, CONSTRAINTS_ALL);
	overlap = task;
	overlap.order = (struct order){ { METRIC_OVERLAP, METRIC_LINKS }, 2 };
	overlap.shared = overlap.widest = false;
	status = single_sum(e, &overlap, &least, err);
	for (size_t i = 0; i < least.n; i++)
		sum += filter_weight(&e->filter, least.links[i], METRIC_OVERLAP);
	if (!status && least.n > 0) {
		task.bounds[task.n_bounds++] = (struct search_bound){ METRIC_OVERLAP, sum };
		e->filter.floor_bps = floor_bps;
		status = single_run(e, &task, found, err);
		if (least.outcome == SEARCH_SPENT)
			found->outcome = SEARCH_SPENT;
	}
	found_free(&least);
	return status;
}

static void
count_use(struct path_engine *e, const struct found *found)
{
	for (size_t i = 0; i < found->n; i++) {
		uint32_t link = found->links[i], reverse = e->graph->links[link].reverse;

		e->filter.overlap[link]++;
		if (reverse != GRAPH_NONE)
			e->filter.overlap[reverse]++;
	}
}

static enum pce_status
compute_diverse(struct path_engine *e, const struct path_request *request,
		struct path_answer *answer, struct pce_error *err)
{
	enum pce_status status = PCE_OK;
	bool more = true;

	e->filter.overlap = calloc((size_t)e->graph->n_links + 1, sizeof(*e->filter.overlap));
	if (!e->filter.overlap)
		return pce_no_memory(err);
	while (!status && more && answer->n_routes < request->k) {
		struct found found = { .n = 0 };

		status = solve_diverse(e, request, &found, err);
		more = !status && found.n > 0 && !is_known(e, answer, &found);
		if (more) {
			status = report_route(e, found.links, found.n,
					      found.outcome == SEARCH_FOUND ? NULL : report_spent,
					      NULL, answer, err);
			count_use(e, &found);
		}
		found_free(&found);
	}
	if (!status && answer->n_routes > 0 && answer->n_routes < request->k)
		status = report_shortfall(answer, request->k, err);
	free(e->filter.overlap);
	e->filter.overlap = NULL;
	return status;
}

enum pce_status
alternatives_list(struct path_engine *e, const struct path_request *request,
		  struct path_answer *answer, struct pce_error *err)
{
	return request->diverse ? compute_diverse(e, request, answer, err)
				: compute_best(e, request, answer, err);
}

enum pce_status
alternatives_compute(struct path_engine *e, const struct path_request *request,
		     struct path_answer *answer, struct pce_error *err)
{
	enum pce_status status = alternatives_list(e, request, answer, err);

	if (!status && answer->n_routes == 0)
		status = explain_no_path(e, request, answer, err);
	return status;
}
