#include <stdlib.h>
#include <string.h>

#include "pce/path/bidirectional.h"

/* One query. */
struct query {
	struct bidirectional *b;
	const struct filter *f;
	const struct order *order;
	uint32_t from;
	uint32_t n_settled; /* by the backward side, in b->stack */
	bool met;
	uint64_t best[ORDER_MAX]; /* of all meetings so far */
};

enum pce_status
bidirectional_init(struct bidirectional *b, uint32_t n_nodes, struct pce_error *err)
{
	enum pce_status status = spf_init(&b->forward, n_nodes, err);

	if (!status)
		status = spf_init(&b->backward, n_nodes, err);
	b->mark = calloc((size_t)n_nodes + 1, sizeof(*b->mark));
	b->stack = calloc(2 * (size_t)n_nodes + 1, sizeof(*b->stack));
	b->mark_stamp = 0;
	if (!status && (!b->mark || !b->stack))
		status = pce_no_memory(err);
	return status;
}

void
bidirectional_free(struct bidirectional *b)
{
	spf_free(&b->forward);
	spf_free(&b->backward);
	free(b->mark);
	free(b->stack);
	*b = (struct bidirectional){ .mark = NULL };
}

static void
meet(struct query *q, const uint64_t *here, const uint64_t *there)
{
	uint64_t sum[ORDER_MAX];

	for (unsigned i = 0; i < q->order->n; i++)
		sum[i] = cost_add(here[i], there[i]);
	if (q->met && order_compare(sum, q->best, q->order->n) >= 0)
		return;
	memcpy(q->best, sum, q->order->n * sizeof(*sum));
	q->met = true;
}

static void
step_forward(struct query *q)
{
	const struct path_graph *g = q->f->graph;
	struct spf *s = &q->b->forward;
	uint64_t sum[ORDER_MAX];
	uint32_t node;

	if (!spf_pop(s, &node))
		return;
	for (uint32_t link = g->out_first[node]; link < g->out_first[node + 1]; link++) {
		uint32_t head = graph_head(g, link);

		if (!filter_allows(q->f, link))
			continue;
		order_add(q->f, q->order, link, spf_at(s, node), sum);
		spf_offer(s, head, sum);
		if (spf_reached(&q->b->backward, head))
			meet(q, sum, spf_at(&q->b->backward, head));
	}
}

static void
step_backward(struct query *q)
{
	const struct path_graph *g = q->f->graph;
	struct spf *s = &q->b->backward;
	uint64_t sum[ORDER_MAX];
	uint32_t node;

	if (!spf_pop(s, &node))
		return;
	q->b->stack[q->n_settled++] = node;
	for (uint32_t i = g->in_first[node]; i < g->in_first[node + 1]; i++) {
		uint32_t link = g->in[i], tail = graph_tail(g, link);

		if (!filter_allows(q->f, link))
			continue;
		order_add(q->f, q->order, link, spf_at(s, node), sum);
		spf_offer(s, tail, sum);
		if (spf_reached(&q->b->forward, tail))
			meet(q, sum, spf_at(&q->b->forward, tail));
	}
}

/* True once no route through unsettled nodes can be as good as the best meeting. */
static bool
is_over(const struct query *q)
{
	const struct spf *a = &q->b->forward, *b = &q->b->backward;
	uint64_t sum[ORDER_MAX];

	if (a->n_heap == 0 || b->n_heap == 0)
		return true;
	if (!q->met)
		return false;
	for (unsigned i = 0; i < q->order->n; i++)
		sum[i] = cost_add(spf_at(a, a->heap[0])[i], spf_at(b, b->heap[0])[i]);
	return order_compare(sum, q->best, q->order->n) > 0;
}

/* True if the sum of both distances and the link's weight is the optimum. */
static bool
is_tight(const struct query *q, const uint64_t *behind, uint32_t link, const uint64_t *ahead)
{
	for (unsigned i = 0; i < q->order->n; i++) {
		uint64_t sum = cost_add(behind[i], filter_weight(q->f, link, q->order->metric[i]));

		if (cost_add(sum, ahead[i]) != q->best[i])
			return false;
	}
	return true;
}

static void
mark(struct query *q, uint32_t node, uint32_t *n)
{
	if (q->b->mark[node] == q->b->mark_stamp)
		return;
	q->b->mark[node] = q->b->mark_stamp;
	q->b->stack[(*n)++] = node;
}

/* Marks the tails of crossing links, behind the nodes that the backward side settled; returns where
 * the list ends. */
static uint32_t
mark_crossings(struct query *q)
{
	const struct path_graph *g = q->f->graph;
	const struct spf *ahead = &q->b->backward, *behind = &q->b->forward;
	uint32_t n = q->n_settled;

	for (uint32_t s = 0; s < q->n_settled; s++) {
		uint32_t node = q->b->stack[s];

		for (uint32_t i = g->in_first[node]; i < g->in_first[node + 1]; i++) {
			uint32_t link = g->in[i], tail = graph_tail(g, link);

			if (spf_settled(ahead, tail) || !spf_settled(behind, tail) ||
			    !filter_allows(q->f, link))
				continue;
			if (is_tight(q, spf_at(behind, tail), link, spf_at(ahead, node)))
				mark(q, tail, &n);
		}
	}
	return n;
}

/* Marks all nodes from which tight links of the forward side lead to marked ones. */
static void
mark_back(struct query *q, uint32_t first, uint32_t n)
{
	const struct path_graph *g = q->f->graph;
	const struct spf *s = &q->b->forward;
	uint64_t sum[ORDER_MAX];

	for (uint32_t at = first; at < n; at++) {
		uint32_t node = q->b->stack[at];

		for (uint32_t i = g->in_first[node]; i < g->in_first[node + 1]; i++) {
			uint32_t link = g->in[i], tail = graph_tail(g, link);

			if (!spf_settled(s, tail) || !filter_allows(q->f, link))
				continue;
			order_add(q->f, q->order, link, spf_at(s, tail), sum);
			if (order_compare(sum, spf_at(s, node), q->order->n) == 0)
				mark(q, tail, &n);
		}
	}
}

/* True if an optimal route that came to the tail (with the sum `behind`) can take this link. */
static bool
leads_on(const struct query *q, const uint64_t *behind, uint32_t link)
{
	const struct bidirectional *b = q->b;
	uint32_t head = graph_head(q->f->graph, link);
	uint64_t sum[ORDER_MAX];

	if (!filter_allows(q->f, link))
		return false;
	if (spf_settled(&b->backward, head))
		return is_tight(q, behind, link, spf_at(&b->backward, head));
	if (b->mark[head] != b->mark_stamp)
		return false;
	order_add(q->f, q->order, link, behind, sum);
	return order_compare(sum, spf_at(&b->forward, head), q->order->n) == 0;
}

static uint32_t
walk(const struct query *q, uint32_t *links)
{
	const struct path_graph *g = q->f->graph;
	uint64_t behind[ORDER_MAX] = { 0 };
	uint32_t node = q->from, n = 0;

	while (node != q->f->to) {
		uint32_t link = g->out_first[node], end = g->out_first[node + 1];

		while (link < end && !leads_on(q, behind, link))
			link++;
		if (link == end)
			return 0;
		order_add(q->f, q->order, link, behind, behind);
		links[n++] = link;
		node = graph_head(g, link);
	}
	return n;
}

uint32_t
bidirectional_route(struct bidirectional *b, const struct filter *f, const struct order *order,
		    uint32_t from, uint32_t *links)
{
	struct query q = { .b = b, .f = f, .order = order, .from = from };
	const uint64_t zero[ORDER_MAX] = { 0 };

	spf_start(&b->forward, order->n);
	spf_start(&b->backward, order->n);
	spf_offer(&b->forward, from, zero);
	spf_offer(&b->backward, f->to, zero);
	while (!is_over(&q))
		if (b->forward.n_heap < b->backward.n_heap)
			step_forward(&q);
		else
			step_backward(&q);
	if (!q.met)
		return 0;
	if (++b->mark_stamp == 0) {
		memset(b->mark, 0, f->graph->n_nodes * sizeof(*b->mark));
		b->mark_stamp = 1;
	}
	mark_back(&q, q.n_settled, mark_crossings(&q));
	return walk(&q, links);
}
