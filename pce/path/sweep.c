#include <stdlib.h>

#include "pce/path/single.h"
#include "pce/path/sweep.h"

/* A packed route, and its rows for who is told. */
struct route {
	uint32_t *links, *rows;
	uint32_t n;
	struct path_sweep_route told;
};

struct sweep {
	struct path_engine *e;
	const struct path_request *requests;
	const struct path_failure *failures; /* NULL: each link of a route */
	size_t n_failures;
	path_sweep_visit *visit;
	void *ctx;

	size_t request; /* at work */
	struct task task;
	uint64_t floor_bps;
	struct route before, after;
	bool guided;
	struct packing packing;
	struct astar_query query;
	uint8_t *on_link, *on_node; /* links and nodes of the route before */
};

static enum pce_status
route_init(struct route *r, uint32_t n_nodes, struct pce_error *err)
{
	r->links = malloc(((size_t)n_nodes + 1) * sizeof(*r->links));
	r->rows = malloc(((size_t)n_nodes + 1) * sizeof(*r->rows));
	return r->links && r->rows ? PCE_OK : pce_no_memory(err);
}

static void
sweep_free(struct sweep *s)
{
	free(s->before.links);
	free(s->before.rows);
	free(s->after.links);
	free(s->after.rows);
	free(s->on_link);
	free(s->on_node);
}

static enum pce_status
sweep_init(struct sweep *s, struct pce_error *err)
{
	const struct path_graph *g = s->e->graph;
	enum pce_status status = route_init(&s->before, g->n_nodes, err);

	if (!status)
		status = route_init(&s->after, g->n_nodes, err);
	if (status || !s->failures)
		return status;
	s->on_link = calloc((size_t)g->n_links + 1, 1);
	s->on_node = calloc((size_t)g->n_nodes + 1, 1);
	return s->on_link && s->on_node ? PCE_OK : pce_no_memory(err);
}

static void
tell(const struct path_graph *g, struct route *r)
{
	r->told = (struct path_sweep_route){ .links = r->rows, .n_links = r->n };
	for (uint32_t i = 0; i < r->n; i++) {
		const struct graph_arc *arc = &g->arcs_out[r->links[i]];

		r->rows[i] = g->links[r->links[i]].row;
		r->told.igp_metric += arc->igp;
		r->told.te_metric += arc->te;
		r->told.delay_us += arc->delay_us;
	}
}

/* The best route that the bans leave. */
static enum pce_status
solve(struct sweep *s, struct route *out, enum path_fate *fate, struct pce_error *err)
{
	struct found found = { .n = 0 };
	packed_sum sum;
	enum pce_status status;

	out->n = 0;
	if (s->guided) {
		status = astar_route(&s->e->astar, &s->query, out->links, &out->n, &sum, err);
		*fate = out->n > 0 ? PATH_FATE_MOVED : PATH_FATE_CUT_OFF;
	} else {
		s->e->filter.floor_bps = s->floor_bps;
		status = single_run(s->e, &s->task, &found, err);
		*fate = found.outcome == SEARCH_SPENT ? PATH_FATE_UNDECIDED
			: found.n > 0                 ? PATH_FATE_MOVED
						      : PATH_FATE_CUT_OFF;
		out->n = (uint32_t)found.n;
		if (found.n > 0)
			memcpy(out->links, found.links, found.n * sizeof(*out->links));
		found_free(&found);
	}
	tell(s->e->graph, out);
	return status;
}

/* Potentials, if plain sums are asked for and there is a hierarchy. */
static enum pce_status
set_guide(struct sweep *s, struct pce_error *err)
{
	struct path_engine *e = s->e;
	const struct order *order = &s->task.order;
	enum pce_status status;

	s->guided = false;
	if (e->simple || s->task.widest || s->task.shared || s->task.n_bounds > 0 ||
	    !guide_pack(&e->guide, order, &s->packing))
		return PCE_OK;
	status = guide_make(&e->guide, false, err);
	s->query = (struct astar_query){ .filter = &e->filter,
					 .packing = &s->packing,
					 .from = e->filter.from,
					 .most = UINT64_MAX };
	if (!status)
		status = guide_aim(&e->guide, (enum graph_metric)order->metric[0], e->filter.to,
				   &s->query.potential, err);
	s->guided = !status && s->query.potential;
	return status;
}

/* Computes the route of a request as things are. *hit is false if it has none. */
static enum pce_status
begin(struct sweep *s, size_t request, bool *hit, struct pce_error *err)
{
	const struct path_request *r = &s->requests[request];
	enum path_fate fate;
	enum pce_status status = filter_set(&s->e->filter, r, CONSTRAINTS_ALL, err);

	*hit = false;
	s->request = request;
	if (status || s->e->filter.end_avoided)
		return status;
	task_set(&s->task, s->e, r, CONSTRAINTS_ALL);
	s->floor_bps = s->e->filter.floor_bps;
	status = set_guide(s, err);
	if (!status)
		status = solve(s, &s->before, &fate, err);
	*hit = !status && s->before.n > 0;
	return status;
}

/* Computes the route that the bans leave and tells it. */
static enum pce_status
fail(struct sweep *s, size_t failure, bool end_failed, struct pce_error *err)
{
	struct path_sweep_hit hit = { .request = s->request,
				      .failure = failure,
				      .fate = PATH_FATE_CUT_OFF,
				      .before = s->before.told };
	enum pce_status status = PCE_OK;

	if (!end_failed) {
		status = solve(s, &s->after, &hit.fate, err);
		hit.after = s->after.told;
	}
	if (!status)
		s->visit(s->ctx, &hit);
	return status;
}

static enum pce_status
fail_each_link(struct sweep *s, struct pce_error *err)
{
	enum pce_status status = PCE_OK;

	for (uint32_t i = 0; !status && i < s->before.n; i++) {
		filter_unban(&s->e->filter);
		filter_ban_fibre(&s->e->filter, s->before.links[i]);
		status = fail(s, i, false, err);
	}
	return status;
}

/* Marks what the route before is made of, or unmarks it. */
static void
mark_route(struct sweep *s, uint8_t value)
{
	const struct path_graph *g = s->e->graph;

	s->on_node[s->e->filter.from] = value;
	for (uint32_t i = 0; i < s->before.n; i++) {
		uint32_t link = s->before.links[i];

		s->on_link[link] = s->on_node[graph_head(g, link)] = value;
		if (g->links[link].reverse != GRAPH_NONE)
			s->on_link[g->links[link].reverse] = value;
	}
}

/* What a failure consists of, one after the other. */
struct part {
	bool node;
	uint32_t number; /* packed */
};

/* Calls for each part of a failure until one says true. */
static bool
each_part(struct sweep *s, const struct path_failure *f,
	  bool (*what)(struct sweep *s, struct part part))
{
	const struct path_graph *g = s->e->graph;
	bool done = false;

	for (size_t i = 0; !done && i < f->n_links; i++)
		done = what(s, (struct part){ false, g->link_of_row[f->links[i]] });
	for (size_t i = 0; !done && i < f->n_nodes; i++)
		done = what(s, (struct part){ true, g->node_of_row[f->nodes[i]] });
	for (size_t i = 0; !done && i < f->n_srlgs; i++) {
		uint32_t group = path_graph_group(g, f->srlgs[i]);

		if (group == GRAPH_NONE)
			continue;
		for (uint32_t m = g->groups[group].member_first;
		     !done && m < g->groups[group + 1].member_first; m++)
			done = what(s, (struct part){ (g->members[m] & GRAPH_MEMBER_NODE) != 0,
						      g->members[m] & ~GRAPH_MEMBER_NODE });
	}
	return done;
}

static bool
is_hit(struct sweep *s, struct part part)
{
	return part.node ? s->on_node[part.number] : s->on_link[part.number];
}

static bool
is_end(struct sweep *s, struct part part)
{
	return part.node && (part.number == s->e->filter.from || part.number == s->e->filter.to);
}

static bool
ban(struct sweep *s, struct part part)
{
	if (part.node)
		filter_ban_node(&s->e->filter, part.number);
	else
		filter_ban_fibre(&s->e->filter, part.number);
	return false;
}

static enum pce_status
fail_each(struct sweep *s, struct pce_error *err)
{
	enum pce_status status = PCE_OK;

	mark_route(s, 1);
	for (size_t i = 0; !status && i < s->n_failures; i++) {
		const struct path_failure *f = &s->failures[i];

		if (!each_part(s, f, is_hit))
			continue;
		filter_unban(&s->e->filter);
		each_part(s, f, ban);
		status = fail(s, i, each_part(s, f, is_end), err);
	}
	mark_route(s, 0);
	return status;
}

static enum pce_status
check_request(const struct path_engine *e, const struct path_request *r, struct pce_error *err)
{
	enum pce_status status = engine_check(e, r, err);

	if (status)
		return status;
	if (r->k > 1 || r->disjoint != PATH_DISJOINT_NONE || r->n_via > 0 ||
	    r->n_via_services > 0 || r->guarantee > 0 || r->max_sids != PATH_NO_BOUND)
		return pce_fail(err, PCE_UNSUPPORTED,
				"only single routes without vias can be swept");
	return PCE_OK;
}

static enum pce_status
check_failures(const struct sweep *s, struct pce_error *err)
{
	for (size_t i = 0; i < s->n_failures; i++) {
		const struct path_failure *f = &s->failures[i];

		for (size_t j = 0; j < f->n_links; j++)
			if (f->links[j] >= s->e->graph->n_links)
				return pce_fail(err, PCE_INVALID,
						"failure %zu names the unknown link %u", i,
						f->links[j]);
		for (size_t j = 0; j < f->n_nodes; j++)
			if (f->nodes[j] >= s->e->graph->n_nodes)
				return pce_fail(err, PCE_INVALID,
						"failure %zu names the unknown node %u", i,
						f->nodes[j]);
	}
	return PCE_OK;
}

/* Requests in order of target, then as they were given. */
struct place {
	uint32_t to;
	size_t request;
};

static int
compare_places(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	if (x->to != y->to)
		return x->to < y->to ? -1 : 1;
	return x->request < y->request ? -1 : x->request > y->request;
}

static enum pce_status
run(struct sweep *s, size_t n, struct pce_error *err)
{
	struct place *places = calloc(n + 1, sizeof(*places));
	enum pce_status status = places ? check_failures(s, err) : pce_no_memory(err);

	for (size_t i = 0; !status && i < n; i++) {
		status = check_request(s->e, &s->requests[i], err);
		places[i] = (struct place){ s->requests[i].to, i };
	}
	if (!status && n > 0)
		qsort(places, n, sizeof(*places), compare_places);
	if (!status)
		status = sweep_init(s, err);
	s->e->common.fits = false;
	for (size_t i = 0; !status && i < n; i++) {
		bool hit;

		status = begin(s, places[i].request, &hit, err);
		if (!status && hit)
			status = s->failures ? fail_each(s, err) : fail_each_link(s, err);
	}
	sweep_free(s);
	free(places);
	return status;
}

enum pce_status
path_sweep_links(struct path_engine *engine, const struct path_request *requests, size_t n,
		 path_sweep_visit *visit, void *ctx, struct pce_error *err)
{
	struct sweep s = { .e = engine, .requests = requests, .visit = visit, .ctx = ctx };

	return run(&s, n, err);
}

enum pce_status
path_sweep(struct path_engine *engine, const struct path_request *requests, size_t n,
	   const struct path_failure *failures, size_t n_failures, path_sweep_visit *visit,
	   void *ctx, struct pce_error *err)
{
	static const struct path_failure none = { .n_links = 0 };
	struct sweep s = { .e = engine,
			   .requests = requests,
			   .failures = n_failures > 0 ? failures : &none,
			   .n_failures = n_failures,
			   .visit = visit,
			   .ctx = ctx };

	return run(&s, n, err);
}
