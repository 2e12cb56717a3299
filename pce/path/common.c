#include "pce/path/common.h"

#include <stdlib.h>
#include <string.h>

#include "pce/path/like.h"

void
common_free(struct common *c)
{
	spf_free(&c->tree);
	free(c->mark);
	free(c->stack);
	*c = (struct common){ .model = NULL };
}

void
common_drop(struct common *c)
{
	c->model = NULL;
	c->fits = false;
}

bool
common_may_serve(const struct path_request *r)
{
	return (r->objective == PATH_IGP || r->objective == PATH_TE ||
		r->objective == PATH_DELAY) &&
	       r->disjoint == PATH_DISJOINT_NONE && r->k <= 1 && r->n_via == 0 &&
	       r->n_via_services == 0 && r->guarantee == 0 && r->n_ties <= PATH_TIE_COUNT;
}

/* Room for the tree; made once. */
static enum pce_status
make_room(struct common *c, uint32_t n_nodes, struct pce_error *err)
{
	enum pce_status status;

	if (c->mark)
		return PCE_OK;
	status = spf_init(&c->tree, n_nodes, err);
	if (status)
		return status;
	c->mark = calloc((size_t)n_nodes + 1, sizeof(*c->mark));
	c->stack = calloc((size_t)n_nodes + 1, sizeof(*c->stack));
	if (c->mark && c->stack)
		return PCE_OK;
	common_free(c);
	return pce_no_memory(err);
}

/* As spf_to, but from f->from along the links. */
static void
grow_from(struct spf *s, const struct filter *f, const struct order *order)
{
	const struct path_graph *g = f->graph;
	uint64_t sum[ORDER_MAX] = { 0 };
	uint32_t node;

	spf_start(s, order->n);
	spf_offer(s, f->from, sum);
	while (spf_pop(s, &node))
		for (uint32_t link = g->out_first[node]; link < g->out_first[node + 1]; link++) {
			if (!filter_allows(f, link))
				continue;
			order_add(f, order, link, spf_at(s, node), sum);
			spf_offer(s, graph_head(g, link), sum);
		}
}

enum pce_status
common_grow(struct common *c, const struct path_request *model, enum common_end end,
	    struct filter *f, const struct order *order, struct pce_error *err)
{
	enum pce_status status;

	common_drop(c);
	status = make_room(c, f->graph->n_nodes, err);
	if (status)
		return status;
	c->end = end;
	c->order = *order;
	c->floor_bps = f->floor_bps;
	if (end == COMMON_TO) {
		f->from = GRAPH_NONE;
		spf_to(&c->tree, f, order, GRAPH_NONE);
	} else {
		f->to = GRAPH_NONE;
		grow_from(&c->tree, f, order);
	}
	c->model = model;
	return PCE_OK;
}

void
common_meet(struct common *c, const struct path_request *r)
{
	c->fits = c->model &&
		  (c->end == COMMON_TO ? r->to == c->model->to : r->from == c->model->from) &&
		  like_compare(r, c->model) == 0;
}

/* True if the tree knows all about the ends of this search. */
static bool
holds_for(const struct common *c, const struct filter *f, const struct order *order, uint32_t from)
{
	const struct path_graph *g = f->graph;

	if (!c->fits || from != f->from || f->floor_bps != c->floor_bps ||
	    f->banned.n_links + f->banned.n_nodes > 0 || f->any_node || order->n != c->order.n ||
	    memcmp(order->metric, c->order.metric, order->n) != 0)
		return false;
	return c->end == COMMON_TO ? (g->node_flags[from] & NODE_OVERLOAD) == 0
				   : (f->node_mark[f->to] & MARK_AVOID) == 0;
}

/* True if the link is on an optimal route from the source to its head. */
static bool
is_tight(const struct common *c, const struct filter *f, uint32_t link, uint32_t tail,
	 uint32_t head)
{
	uint64_t sum[ORDER_MAX];

	if (!filter_allows(f, link) || !spf_reached(&c->tree, tail))
		return false;
	order_add(f, &c->order, link, spf_at(&c->tree, tail), sum);
	return order_compare(sum, spf_at(&c->tree, head), c->order.n) == 0;
}

/* Marks the nodes of all optimal routes to f->to. */
static void
mark_back(struct common *c, const struct filter *f)
{
	const struct path_graph *g = f->graph;
	uint32_t n = 0;

	if (++c->mark_stamp == 0) {
		memset(c->mark, 0, g->n_nodes * sizeof(*c->mark));
		c->mark_stamp = 1;
	}
	c->mark[f->to] = c->mark_stamp;
	c->stack[n++] = f->to;
	while (n > 0) {
		uint32_t head = c->stack[--n];

		for (uint32_t i = g->in_first[head]; i < g->in_first[head + 1]; i++) {
			uint32_t tail = graph_tail(g, g->in[i]);

			if (c->mark[tail] == c->mark_stamp || !is_tight(c, f, g->in[i], tail, head))
				continue;
			c->mark[tail] = c->mark_stamp;
			c->stack[n++] = tail;
		}
	}
}

static uint32_t
walk_marked(const struct common *c, const struct filter *f, uint32_t *links)
{
	const struct path_graph *g = f->graph;
	uint32_t n = 0, node = f->from;

	while (node != f->to) {
		uint32_t link = g->out_first[node], end = g->out_first[node + 1];

		while (link < end && (c->mark[graph_head(g, link)] != c->mark_stamp ||
				      !is_tight(c, f, link, node, graph_head(g, link))))
			link++;
		if (link == end)
			return 0;
		links[n++] = link;
		node = graph_head(g, link);
	}
	return n;
}

bool
common_route(struct common *c, const struct filter *f, const struct order *order, uint32_t from,
	     uint32_t *links, uint32_t *n)
{
	if (!holds_for(c, f, order, from))
		return false;
	*n = 0;
	if (c->end == COMMON_TO) {
		if (spf_reached(&c->tree, from))
			*n = spf_walk(&c->tree, f, order, from, links);
	} else if (spf_reached(&c->tree, f->to)) {
		mark_back(c, f);
		*n = walk_marked(c, f, links);
	}
	return true;
}
