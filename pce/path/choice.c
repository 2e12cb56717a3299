#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"
#include "pce/path/alternatives.h"
#include "pce/path/choice.h"
#include "pce/path/constraint.h"
#include "pce/path/pairs.h"
#include "pce/path/single.h"
#include "pce/path/via.h"

uint64_t
choice_value(const struct path_request *request, const struct path_route *route)
{
	switch (request->objective) {
	case PATH_IGP:
		return route->igp_metric;
	case PATH_TE:
		return route->te_metric;
	case PATH_DELAY:
		return route->delay_us;
	case PATH_BANDWIDTH:
		return route->residual_bps;
	default:
		return route->unavailability_ppt;
	}
}

bool
choice_is_joint(const struct path_request *request, const struct path_answer *answer)
{
	if (request->objective == PATH_AVAILABILITY ||
	    request->disjoint == PATH_DISJOINT_AVAILABILITY)
		return true;
	for (size_t i = 0; i < answer->n_relaxed; i++)
		if (strcmp(answer->relaxed[i].got, "availability") == 0)
			return true;
	return false;
}

uint64_t
choice_pair_value(const struct path_request *request, const struct path_answer *answer)
{
	uint64_t a = choice_value(request, &answer->routes[0]);
	uint64_t b = choice_value(request, &answer->routes[1]);

	if (choice_is_joint(request, answer))
		return answer->joint_unavailability_ppt;
	if (request->objective == PATH_BANDWIDTH)
		return a < b ? a : b;
	if (request->pair == PATH_PAIR_MAXIMUM)
		return a > b ? a : b;
	return cost_add(a, b);
}

static uint64_t
hops_of(const struct ted *ted, const struct path_route *route)
{
	uint64_t hops = 0;

	for (size_t i = 0; i < route->n_links; i++)
		hops += !ted_node_at(ted, ted_link_at(ted, route->links[i])->from)->pseudonode;
	return hops;
}

static uint64_t
value_of(const struct ted *ted, enum path_reason constraint, const struct path_route *route)
{
	switch (constraint) {
	case PATH_REASON_BANDWIDTH:
		return route->residual_bps;
	case PATH_REASON_DELAY:
		return route->delay_us;
	case PATH_REASON_HOPS:
		return hops_of(ted, route);
	case PATH_REASON_TE_METRIC:
		return route->te_metric;
	default:
		return route->igp_metric;
	}
}

/* What the total order saw between two routes: see single.h. */
static enum path_decided
decide(const struct ted *ted, const struct path_request *r, const struct path_route *a,
       const struct path_route *b)
{
	static const enum path_decided ties[PATH_TIE_COUNT] = {
		[PATH_TIE_DELAY] = PATH_DECIDED_DELAY,
		[PATH_TIE_TE] = PATH_DECIDED_TE,
		[PATH_TIE_IGP] = PATH_DECIDED_IGP,
		[PATH_TIE_HOPS] = PATH_DECIDED_HOPS,
	};
	static const enum path_reason values[PATH_TIE_COUNT] = {
		[PATH_TIE_DELAY] = PATH_REASON_DELAY,
		[PATH_TIE_TE] = PATH_REASON_TE_METRIC,
		[PATH_TIE_IGP] = PATH_REASON_IGP_METRIC,
		[PATH_TIE_HOPS] = PATH_REASON_HOPS,
	};

	if (choice_value(r, a) != choice_value(r, b))
		return PATH_DECIDED_OBJECTIVE;
	for (unsigned i = 0; i < r->n_ties; i++) {
		uint64_t x = value_of(ted, values[r->ties[i]], a);
		uint64_t y = value_of(ted, values[r->ties[i]], b);

		if (x != y) /* a tie against the winner: the objective, beyond what is printed */
			return x < y ? ties[r->ties[i]] : PATH_DECIDED_OBJECTIVE;
	}
	if (a->n_links != b->n_links)
		return a->n_links < b->n_links ? PATH_DECIDED_LINKS : PATH_DECIDED_OBJECTIVE;
	return PATH_DECIDED_RANK;
}

/* Compares a route with the next best one; NULL: there is none. */
static enum pce_status
set_runner_up(const struct path_engine *e, const struct path_request *request,
	      const struct path_route *route, const struct path_route *other,
	      struct path_choice *choice, struct pce_error *err)
{
	choice->decided = PATH_DECIDED_ALONE;
	if (!other)
		return PCE_OK;
	choice->runner_up = array_copy(other->links, other->n_links * sizeof(*other->links));
	if (!choice->runner_up)
		return pce_no_memory(err);
	choice->n_runner_up = other->n_links;
	choice->has_runner_up = true;
	choice->runner_up_value = choice_value(request, other);
	choice->decided = decide(e->ted, request, route, other);
	while (choice->part < route->n_links && choice->part < other->n_links &&
	       route->links[choice->part] == other->links[choice->part])
		choice->part++;
	return PCE_OK;
}

static bool
same_links(const struct path_route *a, const struct path_route *b)
{
	return a->n_links == b->n_links &&
	       memcmp(a->links, b->links, a->n_links * sizeof(*a->links)) == 0;
}

/* The best answer to a request, without a word when there is none. */
static enum pce_status
ask(struct path_engine *e, const struct path_request *request, struct path_answer *out,
    struct pce_error *err)
{
	struct via_rest rest;

	if (request->disjoint != PATH_DISJOINT_NONE)
		return pairs_list(e, request, out, err);
	return via_asked(request) ? via_list(e, request, out, &rest, err)
				  : alternatives_list(e, request, out, err);
}

static enum pce_status
add_binding(struct path_choice *choice, struct path_binding binding, struct pce_error *err)
{
	struct path_binding *grown =
	    realloc(choice->bindings, (choice->n_bindings + 1) * sizeof(*grown));

	if (!grown)
		return pce_no_memory(err);
	choice->bindings = grown;
	grown[choice->n_bindings++] = binding;
	return PCE_OK;
}

/* True if both answers are of the same routes. */
static bool
same_answer(const struct path_answer *a, const struct path_answer *b)
{
	if (b->n_routes < a->n_routes)
		return true; /* for want of budget: nothing is known to be better */
	for (size_t i = 0; i < a->n_routes; i++)
		if (!same_links(&a->routes[i], &b->routes[i]))
			return false;
	return true;
}

/* Whether another answer would be better without one constraint. */
static enum pce_status
weigh(struct path_engine *e, const struct path_request *request, enum path_reason constraint,
      const struct path_answer *answer, struct path_binding *out, struct pce_error *err)
{
	struct path_request other = constraint_without(request, CONSTRAINT(constraint));
	struct path_answer without = { .n_routes = 0 }, best = *answer;
	enum pce_status status;

	if (other.disjoint == PATH_DISJOINT_NONE) {
		other.k = 1;
		other.diverse = false;
		best.n_routes = 1;
	}
	status = ask(e, &other, &without, err);
	if (!status && without.n_routes > 0 && !same_answer(&best, &without)) {
		out->binds = true;
		out->without = other.disjoint == PATH_DISJOINT_NONE
				   ? choice_value(&other, &without.routes[0])
				   : choice_pair_value(&other, &without);
	}
	path_answer_free(&without);
	return status;
}

/* The worse value of all routes for a number. */
static uint64_t
worst(const struct ted *ted, enum path_reason constraint, const struct path_answer *answer,
      size_t n)
{
	uint64_t out = value_of(ted, constraint, &answer->routes[0]);

	for (size_t i = 1; i < n; i++) {
		uint64_t value = value_of(ted, constraint, &answer->routes[i]);

		if (constraint == PATH_REASON_BANDWIDTH ? value < out : value > out)
			out = value;
	}
	return out;
}

/* All constraints of the request, seen from the first route or from the pair. */
static enum pce_status
set_bindings(struct path_engine *e, const struct path_request *request,
	     const struct path_answer *answer, struct path_choice *choice, struct pce_error *err)
{
	size_t n = request->disjoint == PATH_DISJOINT_NONE ? 1 : answer->n_routes;
	enum pce_status status = PCE_OK;

	for (size_t i = 0; !status && i < CONSTRAINT_COUNT; i++) {
		enum path_reason constraint = constraint_list[i];
		struct path_binding binding = { .constraint = constraint };

		if (constraint == PATH_REASON_OVERLOAD || constraint == PATH_REASON_DISJOINT ||
		    !constraint_is_asked(request, constraint))
			continue;
		if (constraint_is_number(constraint)) {
			binding.has_slack = true;
			binding.asked = constraint_value(request, constraint);
			binding.has = worst(e->ted, constraint, answer, n);
		}
		status = weigh(e, request, constraint, answer, &binding, err);
		if (!status)
			status = add_binding(choice, binding, err);
	}
	return status;
}

static enum pce_status
new_choice(struct path_route *route, struct pce_error *err)
{
	route->choice = calloc(1, sizeof(*route->choice));
	return route->choice ? PCE_OK : pce_no_memory(err);
}

/* One pair: no runner-up, but what both are together. */
static enum pce_status
explain_pair(struct path_engine *e, const struct path_request *request, struct path_answer *answer,
	     struct pce_error *err)
{
	struct path_route *first = &answer->routes[0];
	enum pce_status status = new_choice(first, err);

	if (status)
		return status;
	first->choice->value = choice_pair_value(request, answer);
	first->choice->decided = PATH_DECIDED_OBJECTIVE;
	first->choice->sure = first->exact;
	status = set_bindings(e, request, answer, first->choice, err);
	return status ? status : choice_tell(e, request, answer, 0, err);
}

/* One route or several: each with the next one. */
static enum pce_status
explain_routes(struct path_engine *e, const struct path_request *request,
	       struct path_answer *answer, struct pce_error *err)
{
	struct path_request more = *request;
	struct path_answer all = { .n_routes = 0 };
	enum pce_status status;

	more.diverse = false;
	more.k = request->diverse ? 2 : (uint32_t)answer->n_routes + 1;
	status = ask(e, &more, &all, err);
	for (size_t i = 0; !status && i < answer->n_routes; i++) {
		struct path_route *route = &answer->routes[i];
		bool known = (!request->diverse || i == 0) && i < all.n_routes &&
			     same_links(route, &all.routes[i]);
		const struct path_route *next =
		    known && i + 1 < all.n_routes ? &all.routes[i + 1] : NULL;

		status = new_choice(route, err);
		if (status)
			break;
		route->choice->value = choice_value(request, route);
		route->choice->sure = known && all.n_relaxed == 0 && (!next || next->exact);
		status = set_runner_up(e, request, route, next, route->choice, err);
		if (!status && i == 0)
			status = set_bindings(e, request, answer, route->choice, err);
		if (!status)
			status = choice_tell(e, request, answer, i, err);
	}
	path_answer_free(&all);
	return status;
}

enum pce_status
choice_explain(struct path_engine *e, const struct path_request *request,
	       struct path_answer *answer, struct pce_error *err)
{
	if (answer->n_routes == 0)
		return PCE_OK;
	e->common.fits = false; /* other constraints are asked for */
	if (request->disjoint != PATH_DISJOINT_NONE)
		return explain_pair(e, request, answer, err);
	return explain_routes(e, request, answer, err);
}
