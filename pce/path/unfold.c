#include <stdlib.h>
#include <string.h>

#include "pce/path/unfold.h"

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
	u->link_ppt = calloc(links, sizeof(*u->link_ppt));
	u->link_cost = calloc(links, sizeof(*u->link_cost));
	u->node_price = calloc(nodes, sizeof(*u->node_price));
	u->link_spread = calloc(links, sizeof(*u->link_spread));
	u->node_spread = calloc(nodes, sizeof(*u->node_spread));
	u->loss_ppb = calloc(links, sizeof(*u->loss_ppb));
	u->link_groups = calloc(links, sizeof(*u->link_groups));
	u->node_groups = calloc(nodes, sizeof(*u->node_groups));
	u->graph.arcs_out = calloc(links, sizeof(*u->graph.arcs_out));
	u->graph.arcs_in = calloc(links, sizeof(*u->graph.arcs_in));
	u->graph.residual_bps = calloc(links, sizeof(*u->graph.residual_bps));
	if (!u->link_groups || !u->node_groups || !u->out_first || !u->in_first || !u->in ||
	    !u->links || !u->nodes || !u->link_ppt || !u->link_cost || !u->node_price ||
	    !u->link_spread || !u->node_spread || !u->loss_ppb || !u->graph.arcs_out ||
	    !u->graph.arcs_in || !u->graph.residual_bps)
		return pce_no_memory(err);
	u->graph.out_first = u->out_first;
	u->graph.in_first = u->in_first;
	u->graph.in = u->in;
	u->graph.links = u->links;
	u->graph.nodes = u->nodes;
	u->graph.link_ppt = u->link_ppt;
	u->graph.node_price = u->node_price;
	u->graph.link_spread = u->link_spread;
	u->graph.node_spread = u->node_spread;
	u->graph.loss_ppb = u->loss_ppb;
	u->graph.link_groups = u->link_groups;
	u->graph.node_groups = u->node_groups;
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
	u->link_ppt[at] = base->link_ppt[link];
	u->link_cost[at] = graph_link_cost(base, link);
	u->link_groups[at] = graph_link_groups(base, link);
	u->link_spread[at] = base->link_spread ? base->link_spread[link] : 0;
	u->loss_ppb[at] = graph_loss_ppb(base, link);
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

/* What an arc costs, from the prices of its link and its head. */
static void
price_arcs(struct unfolded *u)
{
	for (uint32_t i = 0; i < u->graph.n_links; i++) {
		struct graph_arc *arc = &u->graph.arcs_out[i];

		arc->cost = cost_add(u->link_cost[i], u->node_price[arc->end].cost);
	}
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
		u->node_groups[i] = graph_node_groups(base, node);
		u->node_price[i] = graph_node_price(base, node);
		u->node_spread[i] = base->node_spread ? base->node_spread[node] : 0;
		u->out_first[i] = base->out_first[node] + i / base->n_nodes * base->n_links;
	}
	u->out_first[g->n_nodes] = g->n_links;
	for (uint32_t copy = 0; copy < copies; copy++)
		for (uint32_t i = 0; i < base->n_links; i++)
			unfold_link(u, copy, i);
	if (u->request->objective == PATH_AVAILABILITY)
		status = unfold_share_risks(u, err);
	price_arcs(u);
	join(u);
	return status;
}

/* Scratch memory for the unfolded graph. */
static enum pce_status
make_scratch(struct unfolded *u, struct pce_error *err)
{
	struct path_engine *e = &u->e;
	size_t groups = (size_t)u->graph.n_groups + u->graph.base_links + u->graph.base_nodes + 1;
	enum pce_status status = filter_init(&e->filter, e->graph, err);

	if (!status) {
		free(e->filter.group_free);
		e->filter.group_free = calloc(groups, sizeof(*e->filter.group_free));
		status = e->filter.group_free ? PCE_OK : pce_no_memory(err);
	}
	if (!status && !(e->walk = calloc((size_t)e->graph->n_nodes + 1, sizeof(*e->walk))))
		status = pce_no_memory(err);
	return status;
}

enum pce_status
unfold_init(struct unfolded *u, struct path_engine *base, const struct path_request *request,
	    uint32_t constraints, struct pce_error *err)
{
	struct path_engine *e = &u->e;
	enum pce_status status;

	*u = (struct unfolded){ .base = base, .request = request };
	e->ted = base->ted;
	e->graph = &u->graph;
	e->simple = true; /* nothing that is prepared for many requests pays for one */
	status = unfold(u, err);
	if (!status)
		status = make_scratch(u, err);
	if (!status)
		status = filter_set(&e->filter, request, constraints, err);
	if (status)
		return status;
	e->filter.from += stage_after(u, 0, e->filter.from) * base->graph->n_nodes;
	e->filter.to += (u->graph.copies - 1) * base->graph->n_nodes;
	task_set(&u->task, e, request, constraints);
	u->floor_bps = e->filter.floor_bps;
	return PCE_OK;
}

void
unfold_free(struct unfolded *u)
{
	if (u->e.walk) /* the last piece of scratch: all is there */
		u->base->unfolded += engine_settled(&u->e);
	filter_free(&u->e.filter);
	search_free(u->e.search);
	bidirectional_free(&u->e.both);
	free(u->e.walk);
	free(u->e.steps);
	free(u->out_first);
	free(u->in_first);
	free(u->in);
	free(u->links);
	free(u->nodes);
	free(u->link_ppt);
	free(u->link_cost);
	free(u->link_groups);
	free(u->node_groups);
	free(u->node_price);
	free(u->link_spread);
	free(u->node_spread);
	free(u->loss_ppb);
	free(u->groups);
	free(u->groups_of);
	free(u->group_of_bit);
	free(u->group_of_link);
	free(u->group_of_node);
	free(u->graph.arcs_out);
	free(u->graph.arcs_in);
	free(u->graph.residual_bps);
}
