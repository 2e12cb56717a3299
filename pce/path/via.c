#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"
#include "pce/base/text.h"
#include "pce/path/explain.h"
#include "pce/path/report.h"
#include "pce/path/single.h"
#include "pce/path/via.h"

/* Splits at most: each is a search. */
#define SPLITS_MAX 2000

static const char why_twice[] =
    "the search counts a risk that the route passes twice on its way through the vias as two";

/* A route and the link copies that it must not take: one and those of its parents. */
struct variant {
	uint32_t parent, banned; /* GRAPH_NONE: none */
	struct found found;
	uint64_t key[ORDER_MAX + 1];
	bool open; /* not split yet */
};

struct unfolded {
	struct path_engine *base;
	struct path_engine e; /* over the unfolded graph */
	struct path_graph graph; /* shares all but nodes, links and in with the base's */
	const struct path_request *request;
	struct task task;
	uint64_t floor_bps;
	struct variant *variants;
	size_t n, cap;
};

static bool
has_service(const struct unfolded *u, uint32_t row, const char *kind)
{
	const struct ted_node_row *node = ted_node_at(u->base->ted, row);

	for (size_t i = 0; i < node->n_services; i++)
		if (strcmp(node->services[i], kind) == 0)
			return true;
	return false;
}

/* The stage after coming to a node in a stage. */
static uint32_t
stage_after(const struct unfolded *u, uint32_t stage, uint32_t node)
{
	const struct path_request *r = u->request;
	uint32_t row = u->base->graph->nodes[node].row;

	while (stage < r->n_via + r->n_via_services &&
	       (stage < r->n_via ? r->via[stage] == row
				 : has_service(u, row, r->via_services[stage - r->n_via])))
		stage++;
	return stage;
}

static void
unfold_links(struct unfolded *u, uint32_t copy)
{
	const struct path_graph *base = u->base->graph;
	struct path_graph *g = &u->graph;

	for (uint32_t i = 0; i < base->n_links; i++) {
		struct graph_link *l = &g->links[copy * base->n_links + i];

		*l = base->links[i];
		l->tail = copy * base->n_nodes + base->links[i].tail;
		l->head =
		    stage_after(u, copy, base->links[i].head) * base->n_nodes + base->links[i].head;
		if (l->reverse != GRAPH_NONE)
			l->reverse += copy * base->n_links;
		g->nodes[l->head + 1].in++;
	}
}

static enum pce_status
unfold(struct unfolded *u, struct pce_error *err)
{
	const struct path_graph *base = u->base->graph;
	struct path_graph *g = &u->graph;
	uint32_t copies = (uint32_t)(u->request->n_via + u->request->n_via_services) + 1;

	*g = *base;
	g->copies = copies;
	g->n_nodes = copies * base->n_nodes;
	g->n_links = copies * base->n_links;
	g->nodes = calloc((size_t)g->n_nodes + 2, sizeof(*g->nodes));
	g->links = calloc((size_t)g->n_links + 1, sizeof(*g->links));
	g->in = calloc((size_t)g->n_links + 1, sizeof(*g->in));
	if (!g->nodes || !g->links || !g->in)
		return pce_no_memory(err);
	for (uint32_t i = 0; i < g->n_nodes; i++) {
		g->nodes[i] = base->nodes[i % base->n_nodes];
		g->nodes[i].out += i / base->n_nodes * base->n_links;
		g->nodes[i].in = 0;
	}
	g->nodes[g->n_nodes].out = g->n_links;
	for (uint32_t copy = 0; copy < copies; copy++)
		unfold_links(u, copy);
	for (uint32_t i = 0; i < g->n_nodes; i++)
		g->nodes[i + 1].in += g->nodes[i].in;
	for (uint32_t i = g->n_links; i-- > 0;)
		g->in[--g->nodes[g->links[i].head + 1].in] = i;
	for (uint32_t i = 0; i < g->n_nodes; i++)
		g->nodes[i].in = g->nodes[i + 1].in;
	g->nodes[g->n_nodes].in = g->n_links;
	return PCE_OK;
}

static enum pce_status
prepare(struct unfolded *u, struct pce_error *err)
{
	const struct path_graph *base = u->base->graph;
	struct path_engine *e = &u->e;
	enum pce_status status = unfold(u, err);

	e->ted = u->base->ted;
	e->graph = &u->graph;
	if (!status)
		status = filter_init(&e->filter, e->graph, err);
	if (!status)
		status = search_new(e->graph, &e->search, err);
	if (!status)
		status = bidirectional_init(&e->both, e->graph->n_nodes, err);
	if (!status && !(e->walk = calloc((size_t)e->graph->n_nodes + 1, sizeof(*e->walk))))
		status = pce_no_memory(err);
	if (!status)
		status = filter_set(&e->filter, u->request, CONSTRAINTS_ALL, err);
	if (status)
		return status;
	e->filter.from += stage_after(u, 0, e->filter.from) * base->n_nodes;
	e->filter.to += (u->graph.copies - 1) * base->n_nodes;
	task_set(&u->task, e, u->request, CONSTRAINTS_ALL);
	u->floor_bps = e->filter.floor_bps;
	return PCE_OK;
}

static void
unfolded_free(struct unfolded *u)
{
	for (size_t i = 0; i < u->n; i++)
		found_free(&u->variants[i].found);
	free(u->variants);
	filter_free(&u->e.filter);
	search_free(u->e.search);
	bidirectional_free(&u->e.both);
	free(u->e.walk);
	free(u->e.steps);
	free(u->graph.nodes);
	free(u->graph.links);
	free(u->graph.in);
}

static void
set_key(struct unfolded *u, struct variant *v)
{
	uint64_t least = UINT64_MAX;

	for (size_t i = 0; i < v->found.n; i++) {
		uint64_t residual = filter_residual(&u->e.filter, v->found.links[i]);

		least = residual < least ? residual : least;
		order_add(&u->e.filter, &u->task.order, v->found.links[i], v->key + 1, v->key + 1);
	}
	v->key[0] = u->task.widest ? UINT64_MAX - least : 0;
}

/* Adds the variant of a parent that does not take one more link copy, if there is a route. */
static enum pce_status
add_variant(struct unfolded *u, uint32_t parent, uint32_t banned, struct pce_error *err)
{
	struct variant v = { .parent = parent, .banned = banned, .open = true };
	enum pce_status status =
	    array_reserve(&u->variants, &u->cap, u->n + 1, sizeof(*u->variants), err);

	if (status)
		return status;
	filter_unban(&u->e.filter);
	if (banned != GRAPH_NONE)
		u->e.filter.link_ban[banned] = u->e.filter.ban_stamp;
	for (uint32_t i = parent; i != GRAPH_NONE; i = u->variants[i].parent)
		if (u->variants[i].banned != GRAPH_NONE)
			u->e.filter.link_ban[u->variants[i].banned] = u->e.filter.ban_stamp;
	u->e.filter.floor_bps = u->floor_bps;
	status = single_run(&u->e, &u->task, &v.found, err);
	if (status || v.found.n == 0) {
		found_free(&v.found);
		return status;
	}
	set_key(u, &v);
	u->variants[u->n++] = v;
	return PCE_OK;
}

static uint32_t
best_open(const struct unfolded *u)
{
	uint32_t best = GRAPH_NONE;

	for (uint32_t i = 0; i < u->n; i++)
		if (u->variants[i].open &&
		    (best == GRAPH_NONE || order_compare(u->variants[i].key, u->variants[best].key,
							 u->task.order.n + 1u) < 0))
			best = i;
	return best;
}

/* Two places at which a route takes the same directed link. */
static bool
find_repeat(const struct unfolded *u, const struct found *found, uint32_t *a, uint32_t *b)
{
	uint32_t links = u->graph.base_links;

	for (size_t i = 0; i < found->n; i++)
		for (size_t j = i + 1; j < found->n; j++)
			if (found->links[i] % links == found->links[j] % links) {
				*a = found->links[i];
				*b = found->links[j];
				return true;
			}
	return false;
}

/* *best: the best route without a repeated link, GRAPH_NONE if there is none. */
static enum pce_status
solve(struct unfolded *u, uint32_t *best, bool *spent, struct pce_error *err)
{
	enum pce_status status = add_variant(u, GRAPH_NONE, GRAPH_NONE, err);

	*spent = false;
	for (*best = best_open(u); !status && *best != GRAPH_NONE; *best = best_open(u)) {
		uint32_t a, b;

		if (!find_repeat(u, &u->variants[*best].found, &a, &b))
			break;
		*spent = u->n > SPLITS_MAX;
		if (*spent) {
			*best = GRAPH_NONE;
			break;
		}
		u->variants[*best].open = false;
		status = add_variant(u, *best, a, err);
		if (!status)
			status = add_variant(u, *best, b, err);
	}
	return status;
}

static enum pce_status
report(struct unfolded *u, const struct found *found, struct path_answer *answer,
       struct pce_error *err)
{
	bool proven = found->outcome == SEARCH_FOUND;
	const char *why = !proven                                      ? report_spent
			  : u->request->objective == PATH_AVAILABILITY ? why_twice
								       : NULL;
	enum pce_status status = filter_set(&u->base->filter, u->request, CONSTRAINTS_ALL, err);

	for (size_t i = 0; i < found->n; i++)
		found->links[i] %= u->graph.base_links;
	if (status)
		return status;
	return report_route(u->base, found->links, found->n, why, proven ? NULL : &found->bound,
			    answer, err);
}

static enum pce_status
explain(struct path_engine *e, const struct path_request *request, struct path_answer *answer,
	struct pce_error *err)
{
	const struct ted *ted = e->ted;
	struct found direct = { .n = 0 };
	struct text text = { .len = 0 };
	enum pce_status status = single_solve(e, request, CONSTRAINTS_ALL, &direct, err);
	bool joined = direct.n > 0;
	char *sentence;

	found_free(&direct);
	if (status || !joined)
		return status ? status : explain_no_path(e, request, answer, err);
	text_printf(&text, "no path from %s to %s through", ted_node_at(ted, request->from)->name,
		    ted_node_at(ted, request->to)->name);
	for (size_t i = 0; i < request->n_via; i++)
		text_printf(&text, " %s", ted_node_at(ted, request->via[i])->name);
	for (size_t i = 0; i < request->n_via_services; i++)
		text_printf(&text, " the service %s", request->via_services[i]);
	text_add(&text, " in this order; without that there is one");
	sentence = text_take(&text);
	if (!sentence)
		return pce_no_memory(err);
	status = explain_as(answer, PATH_REASON_VIA, sentence, err);
	free(sentence);
	return status;
}

enum pce_status
via_compute(struct path_engine *e, const struct path_request *request, struct path_answer *answer,
	    struct pce_error *err)
{
	struct unfolded u = { .base = e, .request = request };
	enum pce_status status = prepare(&u, err);
	uint32_t best = GRAPH_NONE;
	bool spent = false;

	if (!status && !u.e.filter.end_avoided)
		status = solve(&u, &best, &spent, err);
	if (!status && best != GRAPH_NONE)
		status = report(&u, &u.variants[best].found, answer, err);
	else if (!status && spent)
		status = explain_as(answer, PATH_REASON_BUDGET,
				    "the search budget was spent before a path through the vias "
				    "without a repeated link was found",
				    err);
	else if (!status)
		status = explain(e, request, answer, err);
	unfolded_free(&u);
	return status;
}
