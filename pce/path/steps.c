#include "pce/path/steps.h"

#include <stdlib.h>

#include "pce/base/array.h"
#include "pce/path/engine.h"
#include "pce/path/report.h"
#include "pce/path/single.h"

struct path_steps {
	struct path_engine *engine;
	const struct path_request *request; /* borrowed */
	struct filter filter; /* its own: the engine's is for the engine's searches */
	struct task task;
	struct spf cost, bounded[SEARCH_MAX_BOUNDS];
	uint64_t *floors;
	size_t n_floors, floors_cap;
	uint32_t *walk; /* packed links of a route to report */
};

_Static_assert(PATH_STEP_COSTS == ORDER_MAX && PATH_STEP_BOUNDS == SEARCH_MAX_BOUNDS,
	       "steps.h says how many numbers there may be");

void
path_steps_free(struct path_steps *s)
{
	if (!s)
		return;
	filter_free(&s->filter);
	spf_free(&s->cost);
	for (unsigned i = 0; i < SEARCH_MAX_BOUNDS; i++)
		spf_free(&s->bounded[i]);
	free(s->floors);
	free(s->walk);
	free(s);
}

static enum pce_status
steps_init(struct path_steps *s, struct path_engine *engine, const struct path_request *request,
	   struct pce_error *err)
{
	uint32_t n = engine->graph->n_nodes;
	enum pce_status status = filter_init(&s->filter, engine->graph, err);

	s->engine = engine;
	s->request = request;
	if (!status)
		status = filter_set(&s->filter, request, CONSTRAINTS_ALL, err);
	if (!status)
		status = filter_set(&engine->filter, request, CONSTRAINTS_ALL, err);
	if (status)
		return status;
	task_set(&s->task, engine, request, CONSTRAINTS_ALL);
	if (s->task.shared)
		return pce_fail(err, PCE_UNSUPPORTED,
				"availability with shared risks is no sum of steps");
	status = spf_init(&s->cost, n, err);
	for (unsigned i = 0; !status && i < s->task.n_bounds; i++)
		status = spf_init(&s->bounded[i], n, err);
	s->walk = malloc((n ? n : 1) * sizeof(*s->walk));
	return status == PCE_OK && !s->walk ? pce_no_memory(err) : status;
}

enum pce_status
path_steps_new(struct path_engine *engine, const struct path_request *request,
	       struct path_steps **out, struct pce_error *err)
{
	struct path_steps *s;
	enum pce_status status = engine_check(engine, request, err);

	if (status)
		return status;
	if (request->n_via || request->n_via_services || request->k > 1 ||
	    request->disjoint != PATH_DISJOINT_NONE)
		return pce_fail(err, PCE_UNSUPPORTED, "only single routes are taken step by step");
	s = calloc(1, sizeof(*s));
	if (!s)
		return pce_no_memory(err);
	status = steps_init(s, engine, request, err);
	if (status) {
		path_steps_free(s);
		return status;
	}
	path_steps_look_ahead(s, s->filter.floor_bps);
	*out = s;
	return PCE_OK;
}

unsigned
path_steps_costs(const struct path_steps *s)
{
	return s->task.order.n;
}

unsigned
path_steps_bounds(const struct path_steps *s, uint64_t max[PATH_STEP_BOUNDS])
{
	for (unsigned i = 0; i < s->task.n_bounds; i++)
		max[i] = s->task.bounds[i].max;
	return s->task.n_bounds;
}

static int
compare_rates(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

	return (a > b) - (a < b);
}

enum pce_status
path_steps_floors(struct path_steps *s, const uint64_t **out, size_t *n, struct pce_error *err)
{
	size_t kept = 0;

	s->n_floors = 0;
	for (uint32_t k = 0; s->task.widest && k < s->engine->graph->n_links; k++) {
		enum pce_status status;

		if (!filter_allows(&s->filter, k))
			continue;
		status = array_reserve(&s->floors, &s->floors_cap, s->n_floors + 1,
				       sizeof(*s->floors), err);
		if (status)
			return status;
		s->floors[s->n_floors++] = filter_residual(&s->filter, k);
	}
	if (s->n_floors)
		qsort(s->floors, s->n_floors, sizeof(*s->floors), compare_rates);
	for (size_t k = 0; k < s->n_floors; k++)
		if (!kept || s->floors[k] != s->floors[kept - 1])
			s->floors[kept++] = s->floors[k];
	s->n_floors = kept;
	*out = s->floors;
	*n = kept;
	return PCE_OK;
}

void
path_steps_look_ahead(struct path_steps *s, uint64_t floor_bps)
{
	s->filter.floor_bps = floor_bps;
	spf_to(&s->cost, &s->filter, &s->task.order, GRAPH_NONE);
	for (unsigned i = 0; i < s->task.n_bounds; i++) {
		struct order alone = { .metric = { (uint8_t)s->task.bounds[i].metric }, .n = 1 };

		spf_to(&s->bounded[i], &s->filter, &alone, GRAPH_NONE);
	}
}

bool
path_steps_next(const struct path_steps *s, ted_node node, size_t *at, struct path_step *out)
{
	const struct path_graph *g = s->engine->graph;
	uint32_t tail = g->node_of_row[node];

	for (; g->out_first[tail] + *at < g->out_first[tail + 1]; ++*at) {
		uint32_t link = g->out_first[tail] + (uint32_t)*at;

		if (!filter_allows(&s->filter, link))
			continue;
		*out = (struct path_step){ .link = g->links[link].row,
					   .to = g->nodes[graph_head(g, link)].row,
					   .place = link };
		for (unsigned i = 0; i < s->task.order.n; i++)
			out->cost[i] = filter_weight(&s->filter, link, s->task.order.metric[i]);
		for (unsigned i = 0; i < s->task.n_bounds; i++)
			out->bounded[i] = filter_weight(&s->filter, link, s->task.bounds[i].metric);
		++*at;
		return true;
	}
	return false;
}

bool
path_steps_ahead(const struct path_steps *s, ted_node node, uint64_t cost[PATH_STEP_COSTS],
		 uint64_t bounded[PATH_STEP_BOUNDS])
{
	uint32_t packed = s->engine->graph->node_of_row[node];

	if (!spf_reached(&s->cost, packed))
		return false;
	for (unsigned i = 0; i < s->task.order.n; i++)
		cost[i] = spf_at(&s->cost, packed)[i];
	for (unsigned i = 0; i < s->task.n_bounds; i++) {
		if (!spf_reached(&s->bounded[i], packed))
			return false;
		bounded[i] = *spf_at(&s->bounded[i], packed);
	}
	return true;
}

enum pce_status
path_steps_report(const struct path_steps *s, const ted_link *links, size_t n, const char *why,
		  struct path_answer *answer, struct pce_error *err)
{
	enum pce_status status = filter_set(&s->engine->filter, s->request, CONSTRAINTS_ALL, err);

	for (size_t i = 0; i < n; i++)
		s->walk[i] = s->engine->graph->link_of_row[links[i]];
	return status ? status : report_route(s->engine, s->walk, n, why, NULL, answer, err);
}

struct path_rules {
	struct filter filter;
};

void
path_rules_free(struct path_rules *rules)
{
	if (rules)
		filter_free(&rules->filter);
	free(rules);
}

enum pce_status
path_rules_new(struct path_engine *engine, const struct path_request *request,
	       struct path_rules **out, struct pce_error *err)
{
	struct path_rules *rules = calloc(1, sizeof(*rules));
	enum pce_status status = engine_check(engine, request, err);

	if (!rules)
		return pce_no_memory(err);
	if (!status)
		status = filter_init(&rules->filter, engine->graph, err);
	if (!status)
		status = filter_set(&rules->filter, request, CONSTRAINTS_ALL, err);
	if (status) {
		path_rules_free(rules);
		return status;
	}
	*out = rules;
	return PCE_OK;
}

bool
path_rules_allow(const struct path_rules *rules, ted_link link)
{
	return filter_allows(&rules->filter, rules->filter.graph->link_of_row[link]);
}
