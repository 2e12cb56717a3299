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
	struct path_graph graph; /* shares groups and classes with the base's; its own are: */
	uint32_t *out_first, *in_first, *in, *loss_ppb;
	struct graph_link *links;
	struct graph_node *nodes;
	struct graph_price *link_price, *node_price;
	uint64_t *link_spread, *node_spread;
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

/* The unfolded graph's own arrays: n of each, of which the first ones are the base's. */
static enum pce_status
allocate(struct unfolded *u, struct pce_error *err)
{
	size_t nodes = (size_t)u->graph.n_nodes + 1, links = (size_t)u->graph.n_links + 1;

	u->out_first = calloc(nodes, sizeof(*u->out_first));
	u->in_first = calloc(nodes, sizeof(*u->in_first));
	u->in = calloc(links, sizeof(*u->in));
	u->links = calloc(links, sizeof(*u->links));
	u->nodes = calloc(nodes, sizeof(*u->nodes));
	u->link_price = calloc(links, sizeof(*u->link_price));
	u->node_price = calloc(nodes, sizeof(*u->node_price));
	u->link_spread = calloc(links, sizeof(*u->link_spread));
	u->node_spread = calloc(nodes, sizeof(*u->node_spread));
	u->loss_ppb = calloc(links, sizeof(*u->loss_ppb));
	u->graph.arcs_out = calloc(links, sizeof(*u->graph.arcs_out));
	u->graph.arcs_in = calloc(links, sizeof(*u->graph.arcs_in));
	u->graph.residual_bps = calloc(links, sizeof(*u->graph.residual_bps));
	if (!u->out_first || !u->in_first || !u->in || !u->links || !u->nodes || !u->link_price ||
	    !u->node_price || !u->link_spread || !u->node_spread || !u->loss_ppb ||
	    !u->graph.arcs_out || !u->graph.arcs_in || !u->graph.residual_bps)
		return pce_no_memory(err);
	u->graph.out_first = u->out_first;
	u->graph.in_first = u->in_first;
	u->graph.in = u->in;
	u->graph.links = u->links;
	u->graph.nodes = u->nodes;
	u->graph.link_price = u->link_price;
	u->graph.node_price = u->node_price;
	u->graph.link_spread = u->link_spread;
	u->graph.node_spread = u->node_spread;
	u->graph.loss_ppb = u->loss_ppb;
	return PCE_OK;
}

/* One copy of a link, which leads on to the stage that its head is in. */
static void
unfold_link(struct unfolded *u, uint32_t copy, uint32_t link)
{
	const struct path_graph *base = u->base->graph;
	uint32_t at = copy * base->n_links + link, head = graph_head(base, link);
	struct graph_link *l = &u->links[at];
	struct graph_arc *arc = &u->graph.arcs_out[at];

	*l = base->links[link];
	*arc = base->arcs_out[link];
	u->link_price[at] = base->link_price[link];
	u->link_spread[at] = base->link_spread ? base->link_spread[link] : 0;
	u->loss_ppb[at] = base->loss_ppb[link];
	u->graph.residual_bps[at] = base->residual_bps[link];
	l->tail += copy * base->n_nodes;
	arc->end = stage_after(u, copy, head) * base->n_nodes + head;
	if (l->reverse != GRAPH_NONE)
		l->reverse += copy * base->n_links;
	u->in_first[arc->end + 1]++;
}

/* Sorts the copies of links by their heads. */
static void
join(struct unfolded *u)
{
	struct path_graph *g = &u->graph;

	for (uint32_t i = 0; i < g->n_nodes; i++)
		u->in_first[i + 1] += u->in_first[i];
	for (uint32_t i = g->n_links; i-- > 0;) {
		uint32_t at = --u->in_first[g->arcs_out[i].end + 1];

		u->in[at] = i;
		u->links[i].in_place = at;
		g->arcs_in[at] = g->arcs_out[i];
		g->arcs_in[at].end = u->links[i].tail;
	}
	for (uint32_t i = 0; i < g->n_nodes; i++)
		u->in_first[i] = u->in_first[i + 1];
	u->in_first[g->n_nodes] = g->n_links;
}

static enum pce_status
unfold(struct unfolded *u, struct pce_error *err)
{
	const struct path_graph *base = u->base->graph;
	struct path_graph *g = &u->graph;
	uint32_t copies = (uint32_t)(u->request->n_via + u->request->n_via_services) + 1;
	enum pce_status status;

	*g = *base;
	g->copies = copies;
	g->n_nodes = copies * base->n_nodes;
	g->n_links = copies * base->n_links;
	status = allocate(u, err);
	if (status)
		return status;
	for (uint32_t i = 0; i < g->n_nodes; i++) {
		uint32_t node = i % base->n_nodes;

		u->nodes[i] = base->nodes[node];
		u->node_price[i] = base->node_price[node];
		u->node_spread[i] = base->node_spread ? base->node_spread[node] : 0;
		u->out_first[i] = base->out_first[node] + i / base->n_nodes * base->n_links;
	}
	u->out_first[g->n_nodes] = g->n_links;
	for (uint32_t copy = 0; copy < copies; copy++)
		for (uint32_t i = 0; i < base->n_links; i++)
			unfold_link(u, copy, i);
	join(u);
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
		status = scalar_init(&e->scalar, e->graph, err);
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
	scalar_free(&u->e.scalar);
	bidirectional_free(&u->e.both);
	free(u->e.walk);
	free(u->e.steps);
	free(u->out_first);
	free(u->in_first);
	free(u->in);
	free(u->links);
	free(u->nodes);
	free(u->link_price);
	free(u->node_price);
	free(u->link_spread);
	free(u->node_spread);
	free(u->loss_ppb);
	free(u->graph.arcs_out);
	free(u->graph.arcs_in);
	free(u->graph.residual_bps);
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
		filter_ban_link(&u->e.filter, banned);
	for (uint32_t i = parent; i != GRAPH_NONE; i = u->variants[i].parent)
		if (u->variants[i].banned != GRAPH_NONE)
			filter_ban_link(&u->e.filter, u->variants[i].banned);
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
