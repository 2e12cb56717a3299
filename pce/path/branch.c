#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"
#include "pce/base/heap.h"
#include "pce/base/units.h"
#include "pce/path/available.h"
#include "pce/path/branch.h"

/*
 * Decisions: a route avoids the risk, or it is common to both. Where the two directions of a fibre
 * have different availabilities, "common" is told apart: both in the direction of the lower link,
 * both in the other one, or each in its own.
 */
enum {
	SIDE_FIRST,
	SIDE_SECOND,
	SIDE_COMMON,
	SIDE_LOWER,
	SIDE_UPPER,
	SIDE_APART,
	SIDE_APART_SWAPPED
};

#define KEY_MAX (ORDER_MAX + 1)

/* A problem: that of its parent and one more decision. */
struct problem {
	uint32_t parent; /* GRAPH_NONE: the root, which decides nothing */
	uint8_t side;
	uint8_t kind; /* enum risk_kind */
	uint32_t id;
	uint64_t key[KEY_MAX]; /* lower bound of what it can give */
	struct pair pair; /* each route's optimum; the second one may meet the first */
};

/* What both routes have, or what the first one has and the second must not have. */
struct meeting {
	uint8_t kind;
	uint32_t id;
	uint64_t weight;
};

struct branching {
	struct path_engine *e;
	const struct path_graph *g; /* whose links routes are made of */
	const struct pair_goal *goal;
	unsigned width; /* of keys */
	struct problem *problems;
	size_t n, cap;
	uint32_t *heap;
	size_t n_heap, heap_cap;
	struct meeting *meetings;
	size_t n_meetings, meetings_cap;
	struct pair best;
	uint64_t best_key[KEY_MAX];
	uint64_t started; /* labels settled before */
	bool apart; /* a fibre that a walk may take both ways was split, and they differ */
	bool unsure; /* a route could not be proven within the budget */
};

static void
branching_free(struct branching *b)
{
	for (size_t i = 0; i < b->n; i++)
		pair_free(&b->problems[i].pair);
	free(b->problems);
	free(b->heap);
	free(b->meetings);
}

static void
sum_route(const struct path_engine *e, const struct order *order, const uint32_t *links, size_t n,
	  uint64_t *sum)
{
	for (size_t i = 0; i < n; i++)
		order_add(&e->filter, order, links[i], sum, sum);
}

int
branch_compare(const struct path_engine *e, const struct order *order, const struct pair *pair)
{
	uint64_t sums[2][ORDER_MAX] = { { 0 } };
	int sign;

	for (unsigned i = 0; i < 2; i++)
		sum_route(e, order, pair->links[i], pair->n[i], sums[i]);
	sign = order_compare(sums[0], sums[1], order->n);
	for (size_t i = 0; sign == 0 && i < pair->n[0] && i < pair->n[1]; i++)
		if (pair->links[0][i] != pair->links[1][i])
			sign = pair->links[0][i] < pair->links[1][i] ? -1 : 1;
	return sign;
}

static void
put_probability(uint64_t *key, cost_wide p)
{
	key[0] = (uint64_t)(p >> 64);
	key[1] = (uint64_t)p;
}

static cost_wide
get_probability(const uint64_t *key)
{
	return (cost_wide)key[0] << 64 | key[1];
}

/* The fibre or node that alone carries a group. */
static void
carrier(const struct path_graph *g, uint32_t group, uint8_t *kind, uint32_t *id)
{
	uint32_t member = g->members[g->groups[group].member_first];

	*kind = (uint8_t)(member & GRAPH_MEMBER_NODE ? RISK_NODE : RISK_LINK);
	*id = member & ~GRAPH_MEMBER_NODE;
	if (*kind == RISK_LINK && g->links[*id].reverse < *id)
		*id = g->links[*id].reverse;
}

/* Bans whatever belongs to a group, but what both routes have to pass. Unlike an avoidance this
 * spares the direction of a fibre that is not in the group itself: the routes' risks are judged
 * direction by direction. */
static void
avoid_group(const struct branching *b, uint32_t group)
{
	const struct path_graph *g = b->g;

	for (uint32_t i = g->groups[group].member_first; i < g->groups[group + 1].member_first;
	     i++) {
		uint32_t id = g->members[i] & ~GRAPH_MEMBER_NODE;

		if (!(g->members[i] & GRAPH_MEMBER_NODE))
			filter_ban_direction(&b->e->filter, id);
		else if (!b->goal->passed || !b->goal->passed[id])
			filter_ban_transit(&b->e->filter, id);
	}
}

static void
avoid(const struct branching *b, uint8_t kind, uint32_t id)
{
	if (kind == RISK_GROUP)
		avoid_group(b, id);
	else if (kind == RISK_NODE)
		filter_ban_transit(&b->e->filter, id);
	else
		filter_ban_fibre(&b->e->filter, id);
}

static void
make_common(struct filter *f, uint8_t kind, uint32_t id)
{
	static void (*const spare[])(
	    struct filter *, uint32_t) = { filter_free_fibre, filter_free_node, filter_free_group };

	spare[kind](f, id);
}

/* Applies one decision to one route. */
static void
apply(const struct branching *b, const struct problem *p, uint8_t side)
{
	struct filter *f = &b->e->filter;
	bool lower = p->side == SIDE_LOWER ||
		     p->side == (side == SIDE_FIRST ? SIDE_APART : SIDE_APART_SWAPPED);

	if (p->side == side)
		avoid(b, p->kind, p->id);
	if (p->side >= SIDE_COMMON)
		make_common(f, p->kind, p->id);
	if (p->side > SIDE_COMMON)
		filter_ban_link(f, lower ? f->graph->links[p->id].reverse : p->id);
}

/* Which route of a problem is wanted: that of a side, which avoids all meetings but one if it is
 * the second one to a first (SIZE_MAX: all). */
struct wanted {
	const struct branching *b;
	uint32_t problem;
	uint8_t side;
	bool second;
	size_t but;
};

/* Sets the filter for one route. */
static void
decide(const void *ctx)
{
	const struct wanted *w = ctx;
	const struct branching *b = w->b;

	filter_unban(&b->e->filter);
	filter_unfree(&b->e->filter);
	for (uint32_t i = w->problem; b->problems[i].parent != GRAPH_NONE;
	     i = b->problems[i].parent)
		apply(b, &b->problems[i], w->side);
	for (size_t i = 0; w->second && i < b->n_meetings; i++)
		if (i != w->but)
			avoid(b, b->meetings[i].kind, b->meetings[i].id);
}

static enum pce_status
solve_route(const struct wanted *w, struct found *route, struct pce_error *err)
{
	const struct pair_goal *goal = w->b->goal;
	const struct pair_bans bans = { decide, w };

	decide(w);
	return goal->solve ? goal->solve(goal->ctx, &bans, route, err)
			   : single_sum(w->b->e, &goal->task, route, err);
}

static enum pce_status
solve_side(struct branching *b, uint32_t problem, uint8_t side, bool *found, struct pce_error *err)
{
	struct found route = { .n = 0 };
	struct problem *p = &b->problems[problem];
	const struct wanted wanted = { .b = b, .problem = problem, .side = side };
	enum pce_status status;

	status = solve_route(&wanted, &route, err);
	b->unsure |= route.outcome == SEARCH_SPENT;
	*found = route.n > 0;
	free(p->pair.links[side]);
	p->pair.links[side] = route.links;
	p->pair.n[side] = route.n;
	return status;
}

/* Adds what one decision made common: `all` that no longer counts, `sure` that both have. */
static enum pce_status
add_common(struct risk_set *all, struct risk_set *sure, const struct path_graph *g,
	   const struct problem *p, struct pce_error *err)
{
	if (p->side == SIDE_LOWER)
		return risk_set_add_link(all, sure, g, p->id, err);
	if (p->side == SIDE_UPPER)
		return risk_set_add_link(all, sure, g, g->links[p->id].reverse, err);
	if (p->kind == RISK_GROUP)
		return risk_set_add_group(all, sure, g, p->id, err);
	if (p->kind == RISK_NODE)
		return risk_set_add_node(all, sure, g, p->id, err);
	return risk_set_add_fibre(all, sure, g, p->id, err);
}

/* What each route risks beyond the common part, when they take a fibre in opposite directions. */
static void
add_rest(const struct path_graph *g, const struct problem *p, cost_wide rest[2])
{
	uint32_t upper = g->links[p->id].reverse;

	if (p->side < SIDE_APART)
		return;
	for (unsigned i = 0; i < 2; i++) {
		bool lower = (p->side == SIDE_APART) == (i == 0);

		rest[i] = probability_either(rest[i], risk_link_rest(g, lower ? p->id : upper));
	}
}

/* Lower bound of the joint probability: see the essay. */
static enum pce_status
bound_joint(struct branching *b, uint32_t problem, const struct found *second, uint64_t *key,
	    struct pce_error *err)
{
	struct risk_set all = { .n = 0 }, sure = { .n = 0 }, own = { .n = 0 };
	const struct path_graph *g = b->g;
	const struct pair *pair = &b->problems[problem].pair;
	cost_wide fails[2], rest[2] = { 0, 0 }, common;
	enum pce_status status = PCE_OK;

	for (uint32_t i = problem; !status && b->problems[i].parent != GRAPH_NONE;
	     i = b->problems[i].parent) {
		if (b->problems[i].side < SIDE_COMMON)
			continue;
		status = add_common(&all, &sure, g, &b->problems[i], err);
		add_rest(g, &b->problems[i], rest);
	}
	for (unsigned i = 0; !status && i < 2; i++) {
		own.n = 0;
		status = risk_set_add(&own, g, i == 0 ? pair->links[0] : second->links,
				      i == 0 ? pair->n[0] : second->n, err);
		risk_set_subtract(&own, &all);
		fails[i] = probability_either(rest[i], risk_set_fails(&own));
	}
	common = risk_set_fails(&sure);
	put_probability(key, probability_either(common, probability_and(fails[0], fails[1])));
	risk_set_free(&all);
	risk_set_free(&sure);
	risk_set_free(&own);
	return status;
}

/* What a pair is judged by. */
static void
sum_pair(const struct branching *b, const uint32_t *const links[2], const size_t n[2],
	 uint64_t *key)
{
	const struct order *order = &b->goal->task.order;
	uint64_t sums[2][ORDER_MAX] = { { 0 } };
	unsigned at = 0;

	for (unsigned i = 0; i < 2; i++)
		sum_route(b->e, order, links[i], n[i], sums[i]);
	if (b->goal->maximum)
		key[at++] = sums[0][0] > sums[1][0] ? sums[0][0] : sums[1][0];
	for (unsigned i = 0; i < order->n; i++)
		key[at++] = cost_add(sums[0][i], sums[1][i]);
}

/* Lower bound of a problem whose second route is `second`. */
static enum pce_status
bound(struct branching *b, uint32_t problem, const struct found *second, uint64_t *key,
      struct pce_error *err)
{
	const struct pair *pair = &b->problems[problem].pair;
	const uint32_t *const links[2] = { pair->links[0], second->links };
	const size_t n[2] = { pair->n[0], second->n };

	memset(key, 0, KEY_MAX * sizeof(*key));
	if (b->goal->joint)
		return bound_joint(b, problem, second, key, err);
	sum_pair(b, links, n, key);
	return PCE_OK;
}

/* A sum: the first route is the better one, so that the second costs as much at least. */
static void
bound_twice(const struct branching *b, struct problem *p)
{
	const uint32_t *const links[2] = { p->pair.links[0], p->pair.links[0] };
	const size_t n[2] = { p->pair.n[0], p->pair.n[0] };
	uint64_t twice[KEY_MAX] = { 0 };

	sum_pair(b, links, n, twice);
	if (order_compare(twice, p->key, b->width) > 0)
		memcpy(p->key, twice, sizeof(twice));
}

static enum pce_status
bound_problem(struct branching *b, uint32_t problem, struct pce_error *err)
{
	struct problem *p = &b->problems[problem];
	struct found second = { .links = p->pair.links[1], .n = p->pair.n[1] };
	enum pce_status status = bound(b, problem, &second, p->key, err);

	if (!status && !b->goal->joint)
		bound_twice(b, p);
	return status;
}

/* Adds a problem below `parent`; *found is false (and nothing added) if one of its routes is
 * impossible. */
static enum pce_status
add_problem(struct branching *b, struct problem what, bool *found, struct pce_error *err)
{
	enum pce_status status =
	    array_reserve(&b->problems, &b->cap, b->n + 1, sizeof(*b->problems), err);
	uint32_t at = (uint32_t)b->n;

	if (status)
		return status;
	*found = true;
	b->problems[b->n++] = what;
	for (uint8_t side = 0; !status && *found && side < 2; side++) {
		struct problem *p = &b->problems[at];

		if (p->parent == GRAPH_NONE || p->side == side || p->side >= SIDE_COMMON) {
			status = solve_side(b, at, side, found, err);
			continue;
		}
		p->pair.n[side] = b->problems[p->parent].pair.n[side];
		p->pair.links[side] = array_copy(b->problems[p->parent].pair.links[side],
						 p->pair.n[side] * sizeof(uint32_t));
		if (!p->pair.links[side])
			status = pce_no_memory(err);
	}
	if (!status && *found)
		status = bound_problem(b, at, err);
	if (status || !*found)
		pair_free(&b->problems[--b->n].pair);
	return status;
}

static bool
before(const void *ctx, const void *x, const void *y)
{
	const struct branching *b = ctx;
	uint32_t left = *(const uint32_t *)x, right = *(const uint32_t *)y;
	int sign = order_compare(b->problems[left].key, b->problems[right].key, b->width);

	return sign < 0 || (sign == 0 && left < right);
}

static enum pce_status
push(struct branching *b, uint32_t problem, struct pce_error *err)
{
	enum pce_status status =
	    array_reserve(&b->heap, &b->heap_cap, b->n_heap + 1, sizeof(*b->heap), err);

	if (!status)
		heap_put(b->heap, b->n_heap++, sizeof(problem), &problem, before, b);
	return status;
}

static uint32_t
pop(struct branching *b)
{
	uint32_t top;

	heap_take(b->heap, b->n_heap--, sizeof(top), &top, before, b);
	return top;
}

/* Sites count in probabilities alone: two routes of a kind may pass different nodes of a site. */
static bool
is_forbidden(const struct branching *b, const struct risk *risk)
{
	const struct pair_goal *goal = b->goal;

	if (goal->kind == PATH_DISJOINT_AVAILABILITY ||
	    (risk->kind == RISK_GROUP && b->g->groups[risk->id].is_site))
		return false;
	if (risk->kind == RISK_LINK)
		return !goal->exempt || !goal->exempt[risk->id];
	if (risk->kind == RISK_NODE && goal->passed && goal->passed[risk->id])
		return false;
	return goal->kind == PATH_DISJOINT_SRLG_NODE ||
	       goal->kind == (risk->kind == RISK_NODE ? PATH_DISJOINT_NODE : PATH_DISJOINT_SRLG);
}

static bool
is_common(const struct branching *b, uint32_t problem, uint8_t kind, uint32_t id)
{
	for (; b->problems[problem].parent != GRAPH_NONE; problem = b->problems[problem].parent) {
		const struct problem *p = &b->problems[problem];

		if (p->side >= SIDE_COMMON && p->kind == kind && p->id == id)
			return true;
	}
	return false;
}

static enum pce_status
add_meeting(struct branching *b, struct meeting m, struct pce_error *err)
{
	enum pce_status status = array_reserve(&b->meetings, &b->meetings_cap, b->n_meetings + 1,
					       sizeof(*b->meetings), err);

	if (!status)
		b->meetings[b->n_meetings++] = m;
	return status;
}

/* Lists what the second route must not share with the first. */
static enum pce_status
list_forbidden(struct branching *b, uint32_t problem, struct pce_error *err)
{
	const struct pair *pair = &b->problems[problem].pair;
	struct risk_set set = { .n = 0 };
	enum pce_status status =
	    risk_set_add_but(&set, b->g, pair->links[0], pair->n[0], b->goal->passed, err);

	b->n_meetings = 0;
	for (size_t i = 0; !status && i < set.n; i++)
		if (is_forbidden(b, &set.risks[i]))
			status = add_meeting(
			    b, (struct meeting){ set.risks[i].kind, set.risks[i].id, 0 }, err);
	risk_set_free(&set);
	return status;
}

/* The second route that avoids all meetings but one (SIZE_MAX: all). */
static enum pce_status
solve_second(struct branching *b, uint32_t problem, size_t but, struct found *route,
	     struct pce_error *err)
{
	const struct wanted wanted = { b, problem, SIDE_SECOND, true, but };

	found_free(route);
	return solve_route(&wanted, route, err);
}

/* The likeliest risk that both routes have, other than those agreed to be common; *any: there is
 * one. */
static enum pce_status
find_shared(struct branching *b, uint32_t problem, const struct found *second, struct meeting *out,
	    bool *any, struct pce_error *err)
{
	struct risk_set first = { .n = 0 }, other = { .n = 0 };
	const struct pair *pair = &b->problems[problem].pair;
	const struct path_graph *g = b->g;
	enum pce_status status = risk_set_add(&first, g, pair->links[0], pair->n[0], err);
	size_t j = 0;

	if (!status)
		status = risk_set_add(&other, g, second->links, second->n, err);
	*any = false;
	for (size_t i = 0; !status && i < first.n; i++) {
		const struct risk *r = &first.risks[i];
		struct meeting m = { r->kind, r->id, r->unavailability_ppt };

		while (j < other.n && risk_compare(&other.risks[j], r) < 0)
			j++;
		if (j == other.n || risk_compare(&other.risks[j], r) != 0 || m.weight == 0)
			continue;
		if (m.kind == RISK_GROUP && g->groups[m.id].bit == GRAPH_NONE)
			carrier(g, r->id, &m.kind, &m.id);
		if (is_common(b, problem, m.kind, m.id) || (*any && m.weight <= out->weight))
			continue;
		*out = m;
		*any = true;
	}
	risk_set_free(&first);
	risk_set_free(&other);
	return status;
}

/* True if nothing with this bound can be better than what is known; for the joint probability, by
 * more than the rounding of fixed point. */
static bool
is_beaten(const struct branching *b, const uint64_t *key)
{
	if (!b->best.found)
		return false;
	if (!b->goal->joint)
		return order_compare(key, b->best_key, b->width) >= 0;
	return get_probability(key) + PROBABILITY_ONE / PPT_ONE / 64 >=
	       get_probability(b->best_key);
}

/* Keeps the first route of a problem and a second one that breaks no rule, if they are the best so
 * far. */
static enum pce_status
offer_best(struct branching *b, uint32_t problem, const struct found *second, const uint64_t *sum,
	   struct pce_error *err)
{
	const struct pair *pair = &b->problems[problem].pair;
	const uint32_t *const links[2] = { pair->links[0], second->links };
	const size_t n[2] = { pair->n[0], second->n };
	struct pair copy = { .found = true };
	uint64_t key[KEY_MAX];
	cost_wide fails;
	enum pce_status status;

	memcpy(key, sum, sizeof(key));
	if (b->goal->joint) {
		status = risk_pair_fails(b->g, links, n, &fails, err);
		if (status)
			return status;
		put_probability(key, fails);
	}
	if (is_beaten(b, key))
		return PCE_OK;
	for (unsigned i = 0; i < 2; i++) {
		copy.n[i] = n[i];
		copy.links[i] = array_copy(links[i], n[i] * sizeof(uint32_t));
	}
	if (!copy.links[0] || !copy.links[1]) {
		pair_free(&copy);
		return pce_no_memory(err);
	}
	pair_free(&b->best);
	b->best = copy;
	memcpy(b->best_key, key, sizeof(key));
	return PCE_OK;
}

/* True if neither route has to avoid anything yet, so that they are interchangeable. */
static bool
is_symmetric(const struct branching *b, uint32_t problem)
{
	for (; b->problems[problem].parent != GRAPH_NONE; problem = b->problems[problem].parent)
		if (b->problems[problem].side < SIDE_COMMON ||
		    b->problems[problem].side >= SIDE_APART)
			return false;
	return true;
}

/* Adds one problem and queues it if it is possible and not beaten. Problems in between are added
 * without being queued. *at: its number, GRAPH_NONE if it is impossible. */
static enum pce_status
descend(struct branching *b, uint32_t parent, uint8_t side, const struct meeting *m, bool queue,
	uint32_t *at, struct pce_error *err)
{
	struct problem child = { .parent = parent, .side = side, .kind = m->kind, .id = m->id };
	enum pce_status status;
	bool found;

	*at = GRAPH_NONE;
	status = add_problem(b, child, &found, err);
	if (status || !found)
		return status;
	*at = (uint32_t)b->n - 1;
	if (!queue || is_beaten(b, b->problems[*at].key))
		return PCE_OK;
	return push(b, *at, err);
}

/* A risk that both have: the first avoids it, the second alone does, or it is common. */
static enum pce_status
split_shared(struct branching *b, uint32_t problem, const struct meeting *m, struct pce_error *err)
{
	bool differs = m->kind == RISK_LINK && risk_directions_differ(b->g, m->id);
	bool symmetric = is_symmetric(b, problem);
	enum pce_status status = PCE_OK;

	/* A walk may take both directions, which the cases below do not foresee. */
	b->apart |= differs && b->goal->solve;
	for (uint8_t side = 0; !status && side <= SIDE_APART_SWAPPED; side++) {
		uint32_t at;

		if (side >= SIDE_COMMON && (side == SIDE_COMMON) == differs)
			continue;
		if (symmetric && (side == SIDE_SECOND || side == SIDE_APART_SWAPPED))
			continue;
		status = descend(b, problem, side, m, true, &at, err);
	}
	return status;
}

/*
 * Makes the list of meetings as short as it can be while no second route that avoids them is good
 * enough. What is left is a reason: every first route that has all of it is out.
 */
static enum pce_status
shorten(struct branching *b, uint32_t problem, struct pce_error *err)
{
	struct found route = { .n = 0 };
	uint64_t key[KEY_MAX];
	enum pce_status status = PCE_OK;

	for (size_t i = b->n_meetings; !status && i-- > 0;) {
		status = solve_second(b, problem, i, &route, err);
		if (!status && route.n > 0)
			status = bound(b, problem, &route, key, err);
		b->unsure |= route.outcome == SEARCH_SPENT;
		if (status || (route.n > 0 && !is_beaten(b, key)))
			continue;
		memmove(b->meetings + i, b->meetings + i + 1,
			(b->n_meetings - i - 1) * sizeof(*b->meetings));
		b->n_meetings--;
	}
	found_free(&route);
	return status;
}

/* The first route has to avoid one element of the reason: the i-th, having those before it, which
 * are the first one's then. */
static enum pce_status
split_reason(struct branching *b, uint32_t problem, struct pce_error *err)
{
	enum pce_status status = PCE_OK;
	uint32_t at = problem, child;

	for (size_t i = 0; !status && i < b->n_meetings; i++) {
		status = descend(b, at, SIDE_FIRST, &b->meetings[i], true, &child, err);
		if (status || i + 1 == b->n_meetings)
			break;
		status = descend(b, at, SIDE_SECOND, &b->meetings[i], false, &at, err);
		if (at == GRAPH_NONE)
			break;
	}
	return status;
}

/* The second round of expand: a second route without anything forbidden is known, or known to be
 * impossible (n = 0). */
static enum pce_status
expand_with(struct branching *b, uint32_t problem, const struct found *second,
	    struct pce_error *err)
{
	uint64_t key[KEY_MAX];
	struct meeting shared;
	enum pce_status status = PCE_OK;
	bool any;

	if (second->n > 0) {
		status = bound(b, problem, second, key, err);
		if (!status)
			status = offer_best(b, problem, second, key, err);
		if (status)
			return status;
		if (!is_beaten(b, key)) {
			status = find_shared(b, problem, second, &shared, &any, err);
			if (status || any)
				return status ? status : split_shared(b, problem, &shared, err);
			return split_reason(b, problem, err);
		}
	}
	status = shorten(b, problem, err);
	return status ? status : split_reason(b, problem, err);
}

static enum pce_status
expand(struct branching *b, uint32_t problem, struct pce_error *err)
{
	struct found second = { .n = 0 };
	enum pce_status status = list_forbidden(b, problem, err);

	if (!status)
		status = solve_second(b, problem, SIZE_MAX, &second, err);
	b->unsure |= second.outcome == SEARCH_SPENT;
	if (!status)
		status = expand_with(b, problem, &second, err);
	found_free(&second);
	return status;
}

static bool
is_spent(const struct branching *b)
{
	return engine_settled(b->e) - b->started >= b->goal->task.budget_labels;
}

static enum pce_status
run(struct branching *b, struct pair_result *out, struct pce_error *err)
{
	enum pce_status status;
	bool found;

	status = add_problem(b, (struct problem){ .parent = GRAPH_NONE }, &found, err);
	if (!status && found)
		status = push(b, 0, err);
	out->outcome = SEARCH_NONE;
	while (!status && b->n_heap > 0) {
		uint32_t top = pop(b);
		const uint64_t *key = b->problems[top].key;

		if (is_beaten(b, key))
			break;
		if (is_spent(b)) {
			out->outcome = SEARCH_SPENT;
			out->bound =
			    b->goal->joint ? probability_ppt(get_probability(key)) : key[0];
			break;
		}
		status = expand(b, top, err);
	}
	return status;
}

enum pce_status
branch_pair(struct path_engine *e, const struct pair_goal *goal, struct pair_result *out,
	    struct pce_error *err)
{
	struct branching b = { .e = e,
			       .g = goal->graph ? goal->graph : e->graph,
			       .goal = goal,
			       .started = engine_settled(e) };
	enum pce_status status;

	b.width = goal->joint ? 2 : goal->task.order.n + (goal->maximum ? 1u : 0u);
	status = run(&b, out, err);
	filter_unban(&e->filter);
	filter_unfree(&e->filter);
	if (!status && out->outcome == SEARCH_NONE && b.best.found)
		out->outcome = SEARCH_FOUND;
	if (!status && b.apart && !b.unsure && out->outcome == SEARCH_FOUND) {
		out->outcome = SEARCH_SPENT;
		out->why = "both paths have to take a fibre whose two directions do not fail "
			   "equally often";
	}
	if (!status && b.unsure)
		out->outcome = SEARCH_SPENT;
	if (status)
		pair_free(&b.best);
	out->pair = b.best;
	branching_free(&b);
	return status;
}
