#include "pce/path/common.h"

#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"
#include "pce/path/like.h"

void
common_free(struct common *c)
{
	queue_free(&c->queue);
	free(c->block);
	spf_free(&c->vectors);
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
	       r->n_via_services == 0 && !r->co_routed && r->guarantee == 0 &&
	       r->n_ties <= PATH_TIE_COUNT;
}

/* Room for the tree; made once. */
static enum pce_status
make_room(struct common *c, const struct path_graph *g, struct pce_error *err)
{
	size_t n = (size_t)g->n_nodes + 1;
	enum pce_status status;

	if (c->mark)
		return PCE_OK;
	c->cells = array_lines(n * sizeof(*c->cells), &c->block);
	if (!c->cells)
		return pce_no_memory(err);
	memset(c->cells, 0, n * sizeof(*c->cells));
	status = queue_init(&c->queue, c->cells, g->n_nodes, 0, err);
	c->stack = status ? NULL : calloc(n, sizeof(*c->stack));
	c->mark = c->stack ? calloc(n, sizeof(*c->mark)) : NULL;
	if (c->mark)
		return PCE_OK;
	common_free(c);
	return pce_no_memory(err);
}

bool
common_is_quick(const struct filter *f, const struct order *order)
{
	struct scalar_plan plan;

	return scalar_plan(f, order, order->n, &plan) && plan.buckets;
}

/* By keys. false: a sum does not fit. */
static bool
grow_quick(struct common *c, const struct filter *f)
{
	const struct path_graph *g = f->graph;
	bool to = c->end == COMMON_TO;
	const uint32_t *first = to ? g->in_first : g->out_first;
	struct queue *q = &c->queue;

	queue_start(q, false, c->plan.shift);
	queue_offer(q, to ? f->to : f->from, 0, GRAPH_NONE);
	while (queue_least(q) != UINT64_MAX) {
		uint32_t node = queue_pop(q);
		uint64_t key = queue_key(q, node);
		const struct graph_arc *arc = (to ? g->arcs_in : g->arcs_out) + first[node];

		c->settled++;
		if (key & c->plan.guard)
			return false;
		for (uint32_t i = first[node]; i < first[node + 1]; i++, arc++)
			if (filter_allows_arc(f, arc, to ? g->in[i] : i, to ? arc->end : node,
					      to ? node : arc->end) &&
			    !queue_settled(q, arc->end))
				queue_offer(q, arc->end, key + scalar_weight(&c->plan, arc),
					    GRAPH_NONE);
	}
	return true;
}

/* By vectors: as spf_to, or the same from f->from along the links. */
static void
grow_vectors(struct common *c, const struct filter *f)
{
	const struct path_graph *g = f->graph;
	struct spf *s = &c->vectors;
	uint64_t sum[ORDER_MAX] = { 0 }, before = s->settled;
	uint32_t node;

	if (c->end == COMMON_TO) {
		spf_to(s, f, &c->order, GRAPH_NONE);
	} else {
		spf_start(s, c->order.n);
		spf_offer(s, f->from, sum);
		while (spf_pop(s, &node))
			for (uint32_t link = g->out_first[node]; link < g->out_first[node + 1];
			     link++) {
				if (!filter_allows(f, link))
					continue;
				order_add(f, &c->order, link, spf_at(s, node), sum);
				spf_offer(s, graph_head(g, link), sum);
			}
	}
	c->settled += s->settled - before;
}

enum pce_status
common_grow(struct common *c, const struct path_request *model, enum common_end end,
	    struct filter *f, const struct order *order, struct pce_error *err)
{
	enum pce_status status;

	common_drop(c);
	status = make_room(c, f->graph, err);
	if (status)
		return status;
	c->end = end;
	c->order = *order;
	c->floor_bps = f->floor_bps;
	if (end == COMMON_TO)
		f->from = GRAPH_NONE;
	else
		f->to = GRAPH_NONE;
	c->quick = scalar_plan(f, order, order->n, &c->plan) && c->plan.buckets && grow_quick(c, f);
	if (!c->quick && !c->vectors.stamp)
		status = spf_init(&c->vectors, f->graph->n_nodes, err);
	if (status) {
		spf_free(&c->vectors);
		return status;
	}
	if (!c->quick)
		grow_vectors(c, f);
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

static bool
is_reached(const struct common *c, uint32_t node)
{
	return c->quick ? queue_settled(&c->queue, node) : spf_reached(&c->vectors, node);
}

/* True if the link is allowed and on an optimal route between the root and the farther of its ends.
 */
static bool
is_tight(const struct common *c, const struct filter *f, uint32_t link)
{
	const struct path_graph *g = f->graph;
	uint32_t tail = graph_tail(g, link), head = graph_head(g, link);
	uint32_t near = c->end == COMMON_TO ? head : tail;
	uint32_t far = c->end == COMMON_TO ? tail : head;
	uint64_t sum[ORDER_MAX];

	if (!is_reached(c, near) || !filter_allows(f, link))
		return false;
	if (c->quick)
		return queue_key(&c->queue, near) + scalar_weight(&c->plan, &g->arcs_out[link]) ==
		       queue_key(&c->queue, far);
	order_add(f, &c->order, link, spf_at(&c->vectors, near), sum);
	return order_compare(sum, spf_at(&c->vectors, far), c->order.n) == 0;
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

			if (c->mark[tail] == c->mark_stamp || !is_tight(c, f, g->in[i]))
				continue;
			c->mark[tail] = c->mark_stamp;
			c->stack[n++] = tail;
		}
	}
}

/* The smallest canonical links; of a tree from the source only those over marked nodes. */
static uint32_t
walk(const struct common *c, const struct filter *f, uint32_t *links)
{
	const struct path_graph *g = f->graph;
	bool marked = c->end == COMMON_FROM;
	uint32_t n = 0, node = f->from;

	while (node != f->to) {
		uint32_t link = g->out_first[node], end = g->out_first[node + 1];

		while (link < end && ((marked && c->mark[graph_head(g, link)] != c->mark_stamp) ||
				      !is_tight(c, f, link)))
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
	if (!is_reached(c, c->end == COMMON_TO ? from : f->to))
		return true;
	if (c->end == COMMON_FROM)
		mark_back(c, f);
	*n = walk(c, f, links);
	return true;
}
