#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"
#include "pce/path/graph_internal.h"

/* What a link or node costs at most: both together are no more than 64 bits hold. */
#define COST_MOST (UINT64_MAX / 4)

static void
prices_free(struct graph_prices *p)
{
	if (!p || atomic_fetch_sub_explicit(&p->holders, 1, memory_order_acq_rel) != 1)
		return;
	free(p->link_ppt);
	free(p->nodes);
	free(p->link_spread);
	free(p->node_spread);
	free(p->loss_ppb);
	free(p);
}

static bool
allocate_prices(const struct path_graph *g, const struct graph_prices *from, struct graph_prices *p)
{
	size_t links = (size_t)g->n_links + 1, nodes = (size_t)g->n_nodes + 1;
	bool has_nodes = from && from->nodes, has_losses = from && from->loss_ppb;

	p->link_ppt = calloc(links, sizeof(*p->link_ppt));
	if (has_nodes)
		p->nodes = calloc(nodes, sizeof(*p->nodes));
	if (has_losses)
		p->loss_ppb = calloc(links, sizeof(*p->loss_ppb));
	if (g->n_bits > 0) {
		p->link_spread = calloc(links, sizeof(*p->link_spread));
		p->node_spread = calloc(nodes, sizeof(*p->node_spread));
	}
	return p->link_ppt && (p->nodes || !has_nodes) && (p->loss_ppb || !has_losses) &&
	       (g->n_bits == 0 || (p->link_spread && p->node_spread));
}

static void
copy_prices(const struct path_graph *g, const struct graph_prices *from, struct graph_prices *to)
{
	memcpy(to->link_ppt, from->link_ppt, g->n_links * sizeof(*to->link_ppt));
	if (from->nodes)
		memcpy(to->nodes, from->nodes, g->n_nodes * sizeof(*to->nodes));
	if (from->loss_ppb)
		memcpy(to->loss_ppb, from->loss_ppb, g->n_links * sizeof(*to->loss_ppb));
	if (g->n_bits == 0)
		return;
	memcpy(to->link_spread, from->link_spread, g->n_links * sizeof(*to->link_spread));
	memcpy(to->node_spread, from->node_spread, g->n_nodes * sizeof(*to->node_spread));
}

/* Prices of a graph: those of another graph, or zeroed. */
static enum pce_status
prices_new(const struct path_graph *g, const struct graph_prices *from, struct graph_prices **out,
	   struct pce_error *err)
{
	struct graph_prices *p = calloc(1, sizeof(*p));

	if (!p)
		return pce_no_memory(err);
	atomic_init(&p->holders, 1);
	if (!allocate_prices(g, from, p)) {
		prices_free(p);
		return pce_no_memory(err);
	}
	if (from)
		copy_prices(g, from, p);
	*out = p;
	return PCE_OK;
}

static void
take_prices(struct path_graph *g, struct graph_prices *p)
{
	g->prices = p;
	g->link_ppt = p->link_ppt;
	g->node_price = p->nodes;
	g->link_spread = p->link_spread;
	g->node_spread = p->node_spread;
	g->loss_ppb = p->loss_ppb;
}

/* Makes the prices the graph's own, so that they may be written. */
static enum pce_status
own_prices(struct path_graph *g, struct pce_error *err)
{
	struct graph_prices *old = g->prices, *own;
	enum pce_status status;

	if (atomic_load_explicit(&old->holders, memory_order_acquire) == 1)
		return PCE_OK;
	status = prices_new(g, old, &own, err);
	if (status)
		return status;
	take_prices(g, own);
	prices_free(old);
	return PCE_OK;
}

static void
take_shape(struct path_graph *g, struct graph_shape *s)
{
	g->shape = s;
	g->n_nodes = g->base_nodes = s->n_nodes;
	g->n_links = g->base_links = s->n_links;
	g->copies = 1;
	g->out_first = s->out_first;
	g->in_first = s->in_first;
	g->in = s->in;
	g->links = s->links;
	g->nodes = s->nodes;
	g->node_of_row = s->node_of_row;
	g->link_of_row = s->link_of_row;
	g->groups = s->groups;
	g->groups_of = s->groups_of;
	g->link_groups = s->link_groups;
	g->node_groups = s->node_groups;
	g->members = s->members;
	g->group_of_bit = s->group_of_bit;
	g->n_groups = s->n_groups;
	g->n_bits = s->n_bits;
}

/* Price of a risk with the groups `groups`: unshared ones whole; *spread:
 * shared ones divided. */
static struct graph_price
price(const struct path_graph *g, uint64_t unavailability_ppt, struct graph_span groups,
      uint64_t *spread)
{
	struct graph_price price = { cost_of_ppt(unavailability_ppt), unavailability_ppt };

	*spread = 0;
	for (uint32_t i = 0; i < groups.n; i++) {
		const struct graph_group *group = &g->groups[g->groups_of[groups.first + i]];

		if (group->bit == GRAPH_NONE)
			price.cost = cost_add(price.cost, group->cost);
		else
			*spread = cost_add(*spread, group->cost / group->n_members);
	}
	price.cost = price.cost < COST_MOST ? price.cost : COST_MOST;
	return price;
}

static bool
same_price(const struct graph_price *a, const struct graph_price *b)
{
	return a->cost == b->cost && a->unavailability_ppt == b->unavailability_ppt;
}

/* Both arcs of a link get what the outgoing one has. */
static void
copy_arc(struct path_graph *g, uint32_t link)
{
	const struct graph_link *l = &g->links[link];
	struct graph_arc *in = &g->arcs_in[l->in_place];

	*in = g->arcs_out[link];
	in->end = l->tail;
}

static uint32_t
arc_flags(const struct path_graph *g, uint32_t link)
{
	const struct graph_link *l = &g->links[link];
	const struct graph_arc *arc = &g->arcs_out[link];
	uint8_t tail = g->node_flags[l->tail];
	uint32_t flags = 0;

	if (l->tail == arc->end || !ted_link_usable(g->ted, l->row))
		flags |= ARC_DOWN;
	if (tail & NODE_OVERLOAD)
		flags |= ARC_OVERLOAD;
	if (arc->te == TED_METRIC_UNREACHABLE)
		flags |= ARC_NO_TE;
	if (tail & NODE_PSEUDO)
		flags |= ARC_NO_HOP;
	return flags;
}

static void
widen(struct graph_range *range, uint64_t value)
{
	range->min = value < range->min ? value : range->min;
	range->max = value > range->max ? value : range->max;
}

static void
widen_ranges(struct path_graph *g, const struct graph_arc *arc)
{
	widen(&g->igp, arc->igp);
	widen(&g->delay, arc->delay_us);
	widen(&g->cost, arc->cost);
	if (arc->te == TED_METRIC_UNREACHABLE)
		g->lacks_te = true;
	else
		widen(&g->te, arc->te);
}

static void
update_state(struct path_graph *g, uint32_t link)
{
	struct graph_arc *out = &g->arcs_out[link], *in = &g->arcs_in[g->links[link].in_place];
	uint64_t bps = ted_residual_bps(g->ted, g->links[link].row);
	uint32_t before = out->class;

	g->residual_bps[link] = bps;
	out->residual_kbps = bps / 1000 < UINT32_MAX ? (uint32_t)(bps / 1000) : UINT32_MAX;
	out->class = (out->class >> ARC_FLAG_BITS << ARC_FLAG_BITS) | arc_flags(g, link);
	in->residual_kbps = out->residual_kbps;
	in->class = out->class;
	g->version += out->class != before;
	if (!(out->class & ARC_DOWN))
		widen_ranges(g, out);
}

void
path_graph_update_state(struct path_graph *g, uint32_t row)
{
	update_state(g, g->link_of_row[row]);
}

/* Room for losses, which most networks do not tell. */
static enum pce_status
need_losses(struct path_graph *g, struct pce_error *err)
{
	struct graph_prices *p = g->prices;

	if (!p->loss_ppb)
		p->loss_ppb = calloc((size_t)g->n_links + 1, sizeof(*p->loss_ppb));
	g->loss_ppb = p->loss_ppb;
	return p->loss_ppb ? PCE_OK : pce_no_memory(err);
}

/* The link's own price and loss; *cost gets what it costs. */
static enum pce_status
update_price(struct path_graph *g, uint32_t link, const struct ted_link_row *row, uint64_t *cost,
	     struct pce_error *err)
{
	uint64_t spread;
	struct graph_price new =
	    price(g, row->unavailability_ppt, graph_link_groups(g, link), &spread);
	enum pce_status status;

	*cost = new.cost;
	if (new.unavailability_ppt == g->link_ppt[link] &&
	    row->loss_ppb == graph_loss_ppb(g, link) &&
	    (!g->link_spread || spread == g->link_spread[link]))
		return PCE_OK;
	status = own_prices(g, err);
	if (!status && row->loss_ppb != graph_loss_ppb(g, link))
		status = need_losses(g, err);
	if (status)
		return status;
	g->prices->link_ppt[link] = new.unavailability_ppt;
	if (g->prices->loss_ppb)
		g->prices->loss_ppb[link] = row->loss_ppb;
	if (g->link_spread)
		g->prices->link_spread[link] = spread;
	return PCE_OK;
}

static enum pce_status
update_link(struct path_graph *g, uint32_t link, struct pce_error *err)
{
	const struct ted_link_row *row = ted_link_at(g->ted, g->links[link].row);
	struct graph_arc *arc = &g->arcs_out[link];
	uint32_t class;
	uint64_t cost;
	enum pce_status status = graph_class_of(&g->classes, row, &class, err);

	if (!status)
		status = update_price(g, link, row, &cost, err);
	if (status)
		return status;
	arc->class = class << ARC_FLAG_BITS;
	arc->igp = row->igp_metric;
	arc->te = row->te_metric;
	arc->delay_us = row->delay_us;
	arc->cost = cost + graph_node_price(g, arc->end).cost;
	copy_arc(g, link);
	update_state(g, link);
	g->version++;
	return PCE_OK;
}

enum pce_status
path_graph_update_link(struct path_graph *g, uint32_t row, struct pce_error *err)
{
	return update_link(g, g->link_of_row[row], err);
}

/* The price of a node is part of the cost of every arc into it. before: what it was. */
static void
reprice_arcs(struct path_graph *g, uint32_t node, uint64_t before)
{
	for (uint32_t i = g->in_first[node]; i < g->in_first[node + 1]; i++) {
		g->arcs_in[i].cost += graph_node_price(g, node).cost - before;
		g->arcs_out[g->in[i]].cost = g->arcs_in[i].cost;
		widen(&g->cost, g->arcs_in[i].cost);
	}
}

/* Room for prices of nodes. */
static enum pce_status
need_node_prices(struct path_graph *g, struct pce_error *err)
{
	struct graph_prices *p = g->prices;

	if (!p->nodes)
		p->nodes = calloc((size_t)g->n_nodes + 1, sizeof(*p->nodes));
	g->node_price = p->nodes;
	return p->nodes ? PCE_OK : pce_no_memory(err);
}

/* Takes over a node's flags and price; true in *priced if the price changed. */
static enum pce_status
take_node(struct path_graph *g, uint32_t node, bool *priced, struct pce_error *err)
{
	const struct ted_node_row *row = ted_node_at(g->ted, g->nodes[node].row);
	uint64_t spread;
	struct graph_price old = graph_node_price(g, node);
	struct graph_price new =
	    price(g, row->unavailability_ppt, graph_node_groups(g, node), &spread);
	enum pce_status status;

	*priced = !same_price(&new, &old) || (g->node_spread && spread != g->node_spread[node]);
	if (*priced) {
		status = own_prices(g, err);
		if (!status)
			status = need_node_prices(g, err);
		if (status)
			return status;
		g->prices->nodes[node] = new;
		if (g->node_spread)
			g->prices->node_spread[node] = spread;
	}
	g->node_flags[node] =
	    (uint8_t)((row->unusable ? NODE_DOWN : 0) | (row->overload ? NODE_OVERLOAD : 0) |
		      (row->pseudonode ? NODE_PSEUDO : 0));
	return PCE_OK;
}

enum pce_status
path_graph_update_node(struct path_graph *g, uint32_t row, struct pce_error *err)
{
	uint32_t node = g->node_of_row[row];
	uint64_t before = graph_node_price(g, node).cost;
	bool priced;
	enum pce_status status = take_node(g, node, &priced, err);

	if (status)
		return status;
	if (priced)
		reprice_arcs(g, node, before);
	for (uint32_t i = g->out_first[node]; i < g->out_first[node + 1]; i++)
		update_state(g, i);
	return PCE_OK;
}

static enum pce_status
allocate(struct path_graph *g, struct pce_error *err)
{
	size_t links = (size_t)g->n_links + 1;

	g->arcs_out = array_lines(links * sizeof(*g->arcs_out), &g->block_out);
	g->arcs_in = array_lines(links * sizeof(*g->arcs_in), &g->block_in);
	g->residual_bps = malloc(links * sizeof(*g->residual_bps));
	g->node_flags = malloc((size_t)g->n_nodes + 1);
	if (!g->arcs_out || !g->arcs_in || !g->residual_bps || !g->node_flags)
		return pce_no_memory(err);
	return PCE_OK;
}

static enum pce_status
pack(struct path_graph *g, struct pce_error *err)
{
	struct graph_shape *shape;
	struct graph_prices *prices;
	enum pce_status status = graph_shape_new(g->ted, &shape, err);
	bool priced;

	if (status)
		return status;
	take_shape(g, shape);
	status = allocate(g, err);
	if (!status)
		status = graph_classes_new(&g->classes, err);
	if (!status)
		status = prices_new(g, NULL, &prices, err);
	if (status)
		return status;
	take_prices(g, prices);
	for (uint32_t i = 0; !status && i < g->n_nodes; i++)
		status = take_node(g, i, &priced, err);
	for (uint32_t i = 0; !status && i < g->n_links; i++) {
		uint32_t to = ted_link_at(g->ted, g->links[i].row)->to;

		g->arcs_out[i].end = g->node_of_row[to];
		status = update_link(g, i, err);
	}
	return status;
}

enum pce_status
path_graph_new(const struct ted *ted, struct path_graph **out, struct pce_error *err)
{
	struct path_graph *g = calloc(1, sizeof(*g));
	enum pce_status status;

	if (!g)
		return pce_no_memory(err);
	g->ted = ted;
	g->igp = g->te = g->delay = g->cost = (struct graph_range){ UINT64_MAX, 0 };
	status = pack(g, err);
	if (status)
		path_graph_free(g);
	else
		*out = g;
	return status;
}

enum pce_status
path_graph_fork(const struct path_graph *from, const struct ted *ted, struct path_graph **out,
		struct pce_error *err)
{
	size_t links = (size_t)from->n_links + 1;
	struct path_graph *g = calloc(1, sizeof(*g));

	if (!g)
		return pce_no_memory(err);
	*g = *from;
	g->ted = ted;
	atomic_fetch_add_explicit(&g->shape->holders, 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&g->prices->holders, 1, memory_order_relaxed);
	graph_classes_hold(g->classes);
	if (allocate(g, err)) {
		path_graph_free(g);
		return PCE_NO_MEMORY;
	}
	memcpy(g->arcs_out, from->arcs_out, links * sizeof(*g->arcs_out));
	memcpy(g->arcs_in, from->arcs_in, links * sizeof(*g->arcs_in));
	memcpy(g->residual_bps, from->residual_bps, links * sizeof(*g->residual_bps));
	memcpy(g->node_flags, from->node_flags, (size_t)g->n_nodes + 1);
	*out = g;
	return PCE_OK;
}

void
path_graph_free(struct path_graph *g)
{
	if (!g)
		return;
	free(g->block_out);
	free(g->block_in);
	free(g->residual_bps);
	free(g->node_flags);
	prices_free(g->prices);
	graph_classes_free(g->classes);
	graph_shape_free(g->shape);
	free(g);
}

uint32_t
path_graph_group(const struct path_graph *g, uint32_t srlg)
{
	uint32_t low = 0, high = g->n_groups;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (!g->groups[mid].is_site && g->groups[mid].number < srlg)
			low = mid + 1;
		else
			high = mid;
	}
	return low < g->n_groups && !g->groups[low].is_site && g->groups[low].number == srlg
		   ? low
		   : GRAPH_NONE;
}
