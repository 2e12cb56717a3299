/* What would be if less were asked for: see explain.h. */
#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"
#include "pce/path/alternatives.h"
#include "pce/path/explain_internal.h"
#include "pce/path/via.h"

/* Of what a constraint lists, so many are tried one by one. */
#define ELEMENTS_MAX 24

/* The request whose best route needs the constraint relaxed least. */
static struct path_request
relaxing(const struct path_request *r, enum path_reason constraint)
{
	struct path_request relaxed = *r;

	switch (constraint) {
	case PATH_REASON_BANDWIDTH:
		relaxed.objective = PATH_BANDWIDTH;
		break;
	case PATH_REASON_DELAY:
		relaxed.objective = PATH_DELAY;
		break;
	case PATH_REASON_TE_METRIC:
		relaxed.objective = PATH_TE;
		break;
	case PATH_REASON_IGP_METRIC:
	case PATH_REASON_HOPS: /* fewest hops: by an order of its own */
		relaxed.objective = PATH_IGP;
		break;
	default:
		if (relaxed.objective == PATH_AVAILABILITY)
			relaxed.objective = PATH_IGP; /* any route will do */
		break;
	}
	/* another objective must not open links that the one asked for cannot use */
	if (constraint_counts_te(r) && relaxed.link_max_te == PATH_NO_BOUND)
		relaxed.link_max_te = TED_METRIC_UNREACHABLE - 1;
	return relaxed;
}

static uint64_t
hops_of(const struct explanation *x, const struct path_route *route)
{
	const struct path_graph *g = x->e->graph;
	uint64_t hops = 0;

	for (size_t i = 0; i < route->n_links; i++)
		hops += filter_weight(&x->e->filter, g->link_of_row[route->links[i]], METRIC_HOPS);
	return hops;
}

/* The second best route of an answer, in packed links; hops: the one with more hops. */
static enum pce_status
take_second(struct explanation *x, const struct path_answer *answer, bool hops, struct found *found,
	    struct pce_error *err)
{
	const struct path_graph *g = x->e->graph;
	const struct path_route *route;
	enum pce_status status;

	if (answer->n_routes < 2) {
		if (answer->n_routes == 0 ? false : !answer->routes[0].exact)
			found->outcome = SEARCH_SPENT;
		return PCE_OK;
	}
	route = &answer->routes[1];
	if (hops && hops_of(x, &answer->routes[0]) > hops_of(x, route))
		route = &answer->routes[0];
	status = found_set(found, route->links, route->n_links, err);
	if (status)
		return status;
	for (size_t i = 0; i < found->n; i++)
		found->links[i] = g->link_of_row[found->links[i]];
	found->outcome = answer->routes[1].exact ? SEARCH_FOUND : SEARCH_SPENT;
	return PCE_OK;
}

static enum pce_status
solve_second(struct explanation *x, const struct path_request *request, uint32_t mask, bool hops,
	     struct found *found, struct pce_error *err)
{
	struct path_request two = constraint_without(request, ~mask);
	struct path_answer answer = { .n_routes = 0 };
	struct via_rest rest = { .spent = false };
	enum pce_status status;

	two.disjoint = PATH_DISJOINT_NONE;
	two.diverse = false;
	two.k = 2;
	status = via_asked(&two) ? via_list(x->e, &two, &answer, &rest, err)
				 : alternatives_list(x->e, &two, &answer, err);
	if (!status)
		status = take_second(x, &answer, hops, found, err);
	if (rest.spent && found->n == 0)
		found->outcome = SEARCH_SPENT;
	path_answer_free(&answer);
	/* what is read of the route is read by the filter */
	return status ? status : filter_set(&x->e->filter, request, mask, err);
}

/* The fewest hops, then the least delay. */
static enum pce_status
solve_hops(struct explanation *x, const struct path_request *request, uint32_t mask,
	   struct found *found, struct pce_error *err)
{
	struct task task;
	enum pce_status status = filter_set(&x->e->filter, request, mask, err);

	if (status || x->e->filter.end_avoided)
		return status;
	task_set(&task, x->e, request, mask);
	task.order = (struct order){ { METRIC_HOPS, METRIC_DELAY, METRIC_LINKS }, 3 };
	task.shared = task.widest = false;
	return single_sum(x->e, &task, found, err);
}

static enum pce_status
solve(struct explanation *x, const struct path_request *request, uint32_t mask, bool hops,
      struct found *found, struct pce_error *err)
{
	struct path_request r = constraint_without(request, ~mask & CONSTRAINT(PATH_REASON_VIA));

	if (x->second && mask & CONSTRAINT(PATH_REASON_DISJOINT))
		return solve_second(x, &r, mask, hops, found, err);
	if (via_asked(&r))
		return via_solve(x->e, &r, mask, found, err);
	return hops ? solve_hops(x, &r, mask, found, err)
		    : single_solve(x->e, &r, mask, found, err);
}

/* Hops are no objective: where a search cannot minimise them (two routes, vias) the least bound is
 * found by halving between what was asked and the route that was found. */
static enum pce_status
lessen_hops(struct explanation *x, const struct path_request *relaxed, uint32_t mask,
	    struct found *found, struct pce_error *err)
{
	struct path_request r = *relaxed;
	uint64_t low = x->request->max_hops;
	uint32_t tightest;
	enum pce_status status = PCE_OK;

	while (!status) {
		uint64_t high = probe_value(x, PATH_REASON_HOPS, found, &tightest);
		struct found fewer = { .n = 0 };

		if (low + 1 >= high)
			break;
		r.max_hops = low + (high - low) / 2;
		status = solve(x, &r, mask | CONSTRAINT(PATH_REASON_HOPS), true, &fewer, err);
		x->spent |= fewer.outcome == SEARCH_SPENT;
		if (fewer.n > 0) {
			found_free(found);
			*found = fewer;
		} else {
			low = r.max_hops;
		}
	}
	return status ? status : filter_set(&x->e->filter, relaxed, mask, err);
}

/* True if a route under the mask is only a matter of which links it may take. */
static bool
only_links_matter(const struct explanation *x, const struct path_request *r, uint32_t mask)
{
	const uint32_t sums = CONSTRAINT(PATH_REASON_DELAY) | CONSTRAINT(PATH_REASON_HOPS) |
			      CONSTRAINT(PATH_REASON_TE_METRIC) |
			      CONSTRAINT(PATH_REASON_IGP_METRIC);
	bool bounded = (r->max_delay_us & r->max_hops & r->max_te & r->max_igp) != PATH_NO_BOUND;

	return !(x->second && mask & CONSTRAINT(PATH_REASON_DISJOINT)) &&
	       !(via_asked(r) && mask & CONSTRAINT(PATH_REASON_VIA)) && !(bounded && mask & sums);
}

/* True if the ends are joined under the filter. */
static enum pce_status
is_joined(struct explanation *x, const struct path_request *r, uint32_t mask, bool *yes,
	  struct pce_error *err)
{
	enum pce_status status = filter_set(&x->e->filter, r, mask, err);

	*yes = !status && !x->e->filter.end_avoided && filter_joins(&x->e->filter, x->e->walk);
	return status;
}

static enum pce_status
is_feasible(struct explanation *x, const struct path_request *request, uint32_t mask, bool *yes,
	    struct pce_error *err)
{
	struct path_request any = *request;
	struct found found = { .n = 0 };
	enum pce_status status;

	any.objective = any.max_delay_us != PATH_NO_BOUND ? PATH_DELAY : PATH_IGP;
	if (constraint_counts_te(x->request) && any.link_max_te == PATH_NO_BOUND)
		any.link_max_te = TED_METRIC_UNREACHABLE - 1;
	if (only_links_matter(x, &any, mask))
		return is_joined(x, &any, mask, yes, err);
	status = solve(x, &any, mask, false, &found, err);
	*yes = found.n > 0;
	x->spent |= found.outcome == SEARCH_SPENT;
	found_free(&found);
	return status;
}

enum pce_status
probe_relaxed(struct explanation *x, enum path_reason constraint, uint32_t mask,
	      struct found *found, struct pce_error *err)
{
	struct path_request relaxed = relaxing(x->request, constraint);
	bool joined = true;
	enum pce_status status = PCE_OK;

	if (only_links_matter(x, x->request, mask))
		status = is_feasible(x, x->request, mask, &joined, err);
	if (status || !joined)
		return status;
	status = solve(x, &relaxed, mask, constraint == PATH_REASON_HOPS, found, err);
	x->spent |= found->outcome == SEARCH_SPENT;
	if (!status && found->n > 0 && constraint == PATH_REASON_HOPS &&
	    (x->second || via_asked(x->request)))
		status = lessen_hops(x, &relaxed, mask, found, err);
	return status;
}

enum pce_status
probe_feasible(struct explanation *x, uint32_t mask, bool *yes, struct pce_error *err)
{
	return is_feasible(x, x->request, mask, yes, err);
}

enum pce_status
probe_request(struct explanation *x, const struct path_request *request, bool *yes,
	      struct pce_error *err)
{
	return is_feasible(x, request, CONSTRAINTS_ALL, yes, err);
}

uint64_t
probe_value(const struct explanation *x, enum path_reason constraint, const struct found *found,
	    uint32_t *tightest)
{
	static const uint8_t metrics[PATH_REASON_COUNT] = {
		[PATH_REASON_DELAY] = METRIC_DELAY,
		[PATH_REASON_HOPS] = METRIC_HOPS,
		[PATH_REASON_TE_METRIC] = METRIC_TE,
		[PATH_REASON_IGP_METRIC] = METRIC_IGP,
	};
	uint64_t least = UINT64_MAX, sum = 0;

	*tightest = GRAPH_NONE;
	for (size_t i = 0; i < found->n; i++) {
		uint64_t residual = filter_residual(&x->e->filter, found->links[i]);

		if (residual < least) {
			least = residual;
			*tightest = found->links[i];
		}
		sum = cost_add(sum,
			       filter_weight(&x->e->filter, found->links[i], metrics[constraint]));
	}
	return constraint == PATH_REASON_BANDWIDTH ? least : sum;
}

/* A request with one row less in one of its lists, and its words. rows has room for the list. */
static bool
without_row(const struct ted *ted, struct path_request *r, size_t i, uint32_t *rows,
	    struct text *words)
{
	const uint32_t **lists[] = { &r->avoid_nodes, &r->avoid_links, &r->avoid_srlgs };
	size_t *sizes[] = { &r->n_avoid_nodes, &r->n_avoid_links, &r->n_avoid_srlgs };

	for (unsigned kind = 0; kind < 3; i -= *sizes[kind++]) {
		uint32_t row;

		if (i >= *sizes[kind])
			continue;
		row = (*lists[kind])[i];
		if (kind == 2)
			text_printf(words, "avoiding SRLG %u", row);
		else
			text_printf(words, "avoiding %s",
				    kind == 0 ? ted_node_at(ted, row)->name
					      : ted_link_at(ted, row)->name);
		memcpy(rows, *lists[kind], *sizes[kind] * sizeof(*rows));
		memmove(rows + i, rows + i + 1, (*sizes[kind] - i - 1) * sizeof(*rows));
		*lists[kind] = rows;
		--*sizes[kind];
		return true;
	}
	return false;
}

static bool
without_via(const struct ted *ted, struct path_request *r, size_t i, uint32_t *rows,
	    const char **names, struct text *words)
{
	if (i < r->n_via) {
		text_printf(words, "passing %s", ted_node_at(ted, r->via[i])->name);
		memcpy(rows, r->via, r->n_via * sizeof(*rows));
		memmove(rows + i, rows + i + 1, (r->n_via - i - 1) * sizeof(*rows));
		r->via = rows;
		r->n_via--;
		return true;
	}
	i -= r->n_via;
	if (i >= r->n_via_services)
		return false;
	text_printf(words, "passing the service %s", r->via_services[i]);
	memcpy(names, r->via_services, r->n_via_services * sizeof(*names));
	memmove(names + i, names + i + 1, (r->n_via_services - i - 1) * sizeof(*names));
	r->via_services = names;
	r->n_via_services--;
	return true;
}

static bool
without_affinity(struct path_request *r, size_t i, struct text *words)
{
	static const char *const names[] = { "include-any", "include-all", "exclude-any" };
	struct path_affinity *const all[] = { &r->include_any, &r->include_all, &r->exclude_any };

	if (i >= 3)
		return false;
	text_printf(words, "the affinities of %s", names[i]);
	*all[i] = (struct path_affinity){ .n = 0 };
	return true;
}

static bool
without_bound(struct path_request *r, size_t i, struct text *words)
{
	static const char *const names[] = { "delay", "TE metric", "IGP metric", "loss" };
	uint64_t *const all[] = { &r->link_max_delay_us, &r->link_max_te, &r->link_max_igp };

	if (i > 3)
		return false;
	text_printf(words, "the bound of each link's %s", names[i]);
	if (i == 3)
		r->link_max_loss_ppb = UINT32_MAX;
	else
		*all[i] = PATH_NO_BOUND;
	return true;
}

/* Where the parts of a constraint are taken from the request one by one. */
struct elements {
	struct path_request request;
	uint32_t *rows;
	const char **names;
};

/* The request without the i-th element; false if there are no more. */
static bool
without_element(struct explanation *x, enum path_reason constraint, size_t i, struct elements *at,
		struct text *words)
{
	struct path_request *r = &at->request;

	*r = *x->request;
	switch (constraint) {
	case PATH_REASON_AVOID:
		return without_row(x->e->ted, r, i, at->rows, words);
	case PATH_REASON_VIA:
		return without_via(x->e->ted, r, i, at->rows, at->names, words);
	case PATH_REASON_AFFINITY:
		return without_affinity(r, i, words);
	case PATH_REASON_LINK_BOUND:
		return without_bound(r, i, words);
	default:
		return false;
	}
}

/* True if a constraint lists several things of which one could be left out. */
static bool
lists_several(const struct path_request *r, enum path_reason constraint)
{
	switch (constraint) {
	case PATH_REASON_AVOID:
		return r->n_avoid_nodes + r->n_avoid_links + r->n_avoid_srlgs > 1;
	case PATH_REASON_VIA:
		return r->n_via + r->n_via_services > 1;
	case PATH_REASON_AFFINITY:
	case PATH_REASON_LINK_BOUND:
		return true;
	default:
		return false;
	}
}

enum pce_status
explain_element(struct explanation *x, enum path_reason constraint, struct text *out,
		struct pce_error *err)
{
	const struct path_request *r = x->request;
	size_t room = r->n_avoid_nodes + r->n_avoid_links + r->n_avoid_srlgs + r->n_via;
	struct elements at = { .rows = calloc(room + 1, sizeof(*at.rows)) };
	enum pce_status status = PCE_OK;
	bool yes = false;

	at.names = calloc(r->n_via_services + 1, sizeof(*at.names));
	if (!at.rows || !at.names)
		status = pce_no_memory(err);
	for (size_t i = 0; !status && !yes && i < ELEMENTS_MAX && lists_several(r, constraint);
	     i++) {
		struct text words = { .len = 0 };

		if (!without_element(x, constraint, i, &at, &words))
			break;
		status = probe_request(x, &at.request, &yes, err);
		if (!status && yes)
			text_add(out, text_get(&words));
		text_free(&words);
	}
	free(at.rows);
	free(at.names);
	return status;
}
