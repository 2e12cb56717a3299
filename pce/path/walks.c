#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"
#include "pce/base/heap.h"
#include "pce/path/walks.h"

#define KEY_MAX (ORDER_MAX + 1)

/* What asking for walks costs whatever the search settles, in labels: a pair asks so often that
 * this is most of its work, and a budget has to see it. */
#define ASKING_COSTS 25

/* So many comparisons with routes before count as much as a label. */
#define COMPARED_A_LABEL 128

/* A route of the unfolded graph, and the first place at which it may be left. */
struct route {
	uint32_t *links;
	size_t n, left_from;
	uint64_t key[KEY_MAX]; /* what is compared, most important first */
};

struct ranking {
	struct unfolded *u;
	struct task task;
	const struct pair_bans *bans;
	uint64_t floor_bps;
	struct route *done; /* walks, and routes that repeat a link */
	size_t n_done, done_cap;
	struct route *waiting; /* best of each part, a heap */
	size_t n_waiting, waiting_cap, links_waiting;
	uint64_t *paid; /* scratch: shared groups of one route */
	uint64_t started; /* labels settled before */
	uint64_t compared; /* routes that new ones were compared with */
	struct walks *out;
};

static void
ranking_free(struct ranking *r)
{
	for (size_t i = 0; i < r->n_done; i++)
		free(r->done[i].links);
	for (size_t i = 0; i < r->n_waiting; i++)
		free(r->waiting[i].links);
	free(r->done);
	free(r->waiting);
	free(r->paid);
}

void
walks_free(struct walks *walks)
{
	for (size_t i = 0; i < walks->n; i++)
		found_free(&walks->found[i]);
	free(walks->found);
	*walks = (struct walks){ .n = 0 };
}

/* Cost of the shared groups among groups_of[first … first + n) that are not paid yet. */
static uint64_t
pay(struct ranking *r, struct graph_span groups)
{
	const struct path_graph *g = r->u->e.graph;
	uint64_t sum = 0;

	for (uint32_t i = groups.first; i < groups.first + groups.n; i++) {
		const struct graph_group *group = &g->groups[g->groups_of[i]];

		if (group->bit == GRAPH_NONE ||
		    filter_group_is_free(&r->u->e.filter, g->groups_of[i]) ||
		    r->paid[group->bit / 64] >> (group->bit % 64) & 1)
			continue;
		r->paid[group->bit / 64] |= 1ULL << (group->bit % 64);
		sum = cost_add(sum, group->cost);
	}
	return sum;
}

static uint64_t
shared_cost(struct ranking *r, const struct route *route)
{
	const struct path_graph *g = r->u->e.graph;
	uint64_t sum = 0;

	memset(r->paid, 0, ((size_t)g->n_bits / 64 + 1) * sizeof(*r->paid));
	for (size_t i = 0; i < route->n; i++) {
		uint32_t head = graph_head(g, route->links[i]);

		sum = cost_add(sum, pay(r, graph_link_groups(g, route->links[i])));
		if (head != r->u->e.filter.to)
			sum = cost_add(sum, pay(r, graph_node_groups(g, head)));
	}
	return sum;
}

static void
set_key(struct ranking *r, struct route *route)
{
	uint64_t *sums = route->key + 1;

	memset(route->key, 0, sizeof(route->key));
	for (size_t i = 0; i < route->n; i++)
		order_add(&r->u->e.filter, &r->task.order, route->links[i], sums, sums);
	if (r->task.widest)
		route->key[0] = UINT64_MAX - engine_bottleneck(&r->u->e, route->links, route->n);
	if (r->task.shared)
		sums[0] = cost_add(sums[0], shared_cost(r, route));
}

/* Routes that part do so at links of one tail, whose numbers are in canonical order. */
static bool
before(const void *ctx, const void *x, const void *y)
{
	const struct ranking *r = ctx;
	const struct route *a = x, *b = y;
	int sign = order_compare(a->key, b->key, r->task.order.n + 1u);

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
	r->links_waiting += route.n;
	return PCE_OK;
}

static struct route
take_best(struct ranking *r)
{
	struct route top;

	heap_take(r->waiting, r->n_waiting--, sizeof(top), &top, before, r);
	r->links_waiting -= top.n;
	return top;
}

/* Keeps the smallest bound of the parts that could not be searched to their end. */
static void
note_spent(struct ranking *r, const struct found *rest)
{
	struct walks *out = r->out;
	bool better = r->task.widest ? rest->bound > out->bound : rest->bound < out->bound;

	if (rest->outcome != SEARCH_SPENT)
		return;
	if (!out->spent || better)
		out->bound = rest->bound;
	out->spent = true;
	out->has_bound = true;
}

/* The best route of the part that begins with n_prefix links of `from` and is not to go on with a
 * banned link. */
static enum pce_status
solve_part(struct ranking *r, const uint32_t *prefix, size_t n_prefix, struct pce_error *err)
{
	struct path_engine *e = &r->u->e;
	struct found rest = { .n = 0 };
	struct route route = { .left_from = n_prefix };
	enum pce_status status;

	r->task.prefix = prefix;
	r->task.n_prefix = n_prefix;
	r->task.from = n_prefix > 0 ? graph_head(e->graph, prefix[n_prefix - 1]) : e->filter.from;
	e->filter.floor_bps = r->floor_bps;
	status = single_run(e, &r->task, &rest, err);
	note_spent(r, &rest);
	if (status || rest.n == 0) {
		found_free(&rest);
		return status;
	}
	route.n = n_prefix + rest.n;
	route.links = malloc(route.n * sizeof(*route.links));
	if (route.links && n_prefix > 0)
		memcpy(route.links, prefix, n_prefix * sizeof(*route.links));
	if (route.links)
		memcpy(route.links + n_prefix, rest.links, rest.n * sizeof(*route.links));
	found_free(&rest);
	if (!route.links)
		return pce_no_memory(err);
	e->filter.floor_bps = r->floor_bps;
	set_key(r, &route);
	status = wait(r, route, err);
	if (status)
		free(route.links);
	return status;
}

/* Bans what would lead back to a route that was seen, the places of the prefix, and its links in
 * every stage. */
static void
ban_part(struct ranking *r, const struct route *route, size_t n_prefix)
{
	const struct path_graph *g = r->u->e.graph;
	struct filter *f = &r->u->e.filter;

	if (r->bans)
		r->bans->apply(r->bans->ctx);
	else
		filter_unban(f);
	for (size_t i = 0; i < n_prefix; i++) {
		filter_ban_node(f, graph_tail(g, route->links[i]));
		filter_ban_direction(f, route->links[i] % g->base_links);
	}
	r->compared += r->n_done;
	for (size_t i = 0; i < r->n_done; i++) {
		const struct route *other = &r->done[i];

		if (other->n > n_prefix &&
		    (n_prefix == 0 ||
		     memcmp(other->links, route->links, n_prefix * sizeof(*route->links)) == 0))
			filter_ban_link(f, other->links[n_prefix]);
	}
}

/* The first place at which the route takes a link again; its length if it is a walk. */
static size_t
find_repeat(const struct ranking *r, const struct route *route)
{
	uint32_t links = r->u->e.graph->base_links;

	for (size_t i = 1; i < route->n; i++)
		for (size_t j = 0; j < i; j++)
			if (route->links[i] % links == route->links[j] % links)
				return i;
	return route->n;
}

/* What the objective is, in its own unit. */
static uint64_t
value_of(const struct ranking *r, const struct route *route)
{
	if (r->task.widest)
		return UINT64_MAX - route->key[0];
	return r->task.order.metric[0] == METRIC_COST ? cost_to_ppt(route->key[1]) : route->key[1];
}

/* True if a part that could not be searched to its end may have a better walk, or as good a one. */
static bool
may_be_beaten(const struct ranking *r, const struct route *route)
{
	uint64_t value = value_of(r, route);

	if (!r->out->spent)
		return false;
	return !r->out->has_bound ||
	       (r->task.widest ? r->out->bound >= value : r->out->bound <= value);
}

static enum pce_status
keep_walk(struct ranking *r, const struct route *route, struct pce_error *err)
{
	struct walks *out = r->out;
	struct found *found = realloc(out->found, (out->n + 1) * sizeof(*found));
	enum pce_status status;
	bool sure = !may_be_beaten(r, route);

	if (!found)
		return pce_no_memory(err);
	out->found = found;
	found += out->n;
	*found = (struct found){ .outcome = sure ? SEARCH_FOUND : SEARCH_SPENT,
				 .bound = out->bound,
				 .has_bound = !sure && out->has_bound };
	status = found_set(found, route->links, route->n, err);
	if (status)
		return status;
	for (size_t i = 0; i < route->n; i++)
		found->links[i] %= r->u->e.graph->base_links;
	out->n++;
	return PCE_OK;
}

static bool
is_spent(const struct ranking *r)
{
	return engine_settled(&r->u->e) - r->started + r->compared / COMPARED_A_LABEL >=
		   r->task.budget_labels ||
	       (r->links_waiting + r->n_done * 16) * sizeof(uint32_t) >= r->task.budget_bytes;
}

/* The budget is spent: nothing left is better than the route taken out last. */
static void
stop(struct ranking *r, const struct route *last)
{
	struct walks *out = r->out;
	uint64_t value = value_of(r, last);
	bool better = r->task.widest ? value > out->bound : value < out->bound;
	if (!out->has_bound || better)
		out->bound = value;
	out->spent = out->has_bound = true;
}

/* Takes routes out, best first, until k of them are walks. */
static enum pce_status
rank(struct ranking *r, uint32_t k, struct pce_error *err)
{
	enum pce_status status;

	ban_part(r, NULL, 0);
	status = solve_part(r, NULL, 0, err);
	while (!status && r->n_waiting > 0) {
		struct route best = take_best(r);
		size_t end = find_repeat(r, &best);

		status =
		    array_reserve(&r->done, &r->done_cap, r->n_done + 1, sizeof(*r->done), err);
		if (!status)
			r->done[r->n_done++] = best;
		else
			free(best.links);
		if (!status && end == best.n)
			status = keep_walk(r, &best, err);
		if (status || r->out->n == k)
			break;
		if (is_spent(r)) {
			stop(r, &r->done[r->n_done - 1]);
			break;
		}
		for (size_t i = best.left_from; !status && i < best.n && i <= end; i++) {
			ban_part(r, &best, i);
			status = solve_part(r, best.links, i, err);
		}
	}
	return status;
}

enum pce_status
walks_find(struct unfolded *u, const struct task *task, uint32_t k, const struct pair_bans *bans,
	   struct walks *out, struct pce_error *err)
{
	struct ranking r = { .u = u, .task = *task, .bans = bans, .out = out };
	enum pce_status status = PCE_OK;

	r.floor_bps = u->e.filter.floor_bps;
	r.started = engine_settled(&u->e);
	u->e.unfolded += ASKING_COSTS;
	r.paid = calloc((size_t)u->graph.n_bits / 64 + 1, sizeof(*r.paid));
	status = r.paid ? rank(&r, k, err) : pce_no_memory(err);
	u->e.filter.floor_bps = r.floor_bps;
	ranking_free(&r);
	if (status)
		walks_free(out);
	return status;
}

enum pce_status
walks_best(struct unfolded *u, const struct task *task, const struct pair_bans *bans,
	   struct found *found, struct pce_error *err)
{
	struct walks walks = { .n = 0 };
	enum pce_status status = walks_find(u, task, 1, bans, &walks, err);

	if (status)
		return status;
	if (walks.n > 0) {
		*found = walks.found[0];
		walks.n = 0;
	} else if (walks.spent) {
		*found = (struct found){ .outcome = SEARCH_SPENT,
					 .bound = walks.bound,
					 .has_bound = walks.has_bound };
	}
	walks_free(&walks);
	return PCE_OK;
}
