#include "pce/path/scalar.h"

#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"

#define KEY_BITS 63 /* one is left so that two keys can be added */
#define SLACK_BITS 4 /* at least 2^4 links of the largest weight; two fewer than a field has */
#define GUARD_BITS 2

enum { FORWARD, BACKWARD };
enum { ON_PREFIX = 1, ON_SUFFIX = 2 };

/* One search. */
struct query {
	struct scalar *s;
	const struct filter *f;
	const struct path_graph *g;
	struct scalar_plan plan;
	uint32_t from, to;
	uint32_t floor_kbps; /* a link with more is wide enough */
	bool met, overflow, no_memory;
	uint32_t left; /* nodes that may be settled */
	uint64_t best; /* of all meetings so far */
	uint32_t n_noted; /* in s->noted: links of the best meetings */
	uint32_t n_marked; /* in s->marked */
};

void
scalar_free(struct scalar *s)
{
	queue_free(&s->sides[FORWARD]);
	queue_free(&s->sides[BACKWARD]);
	free(s->block);
	free(s->mark);
	free(s->marked);
	free(s->noted);
	spf_free(&s->ties);
	*s = (struct scalar){ .mark = NULL };
}

static enum pce_status
make_room(struct scalar *s, uint32_t n_nodes, struct pce_error *err)
{
	size_t n = (size_t)n_nodes + 1;
	enum pce_status status = PCE_OK;

	if (s->cells)
		return PCE_OK;
	s->n_nodes = n_nodes;
	s->cells = array_lines(n * sizeof(*s->cells), &s->block);
	s->mark = calloc(n, sizeof(*s->mark));
	s->marked = calloc(n, sizeof(*s->marked));
	if (!s->cells || !s->mark || !s->marked)
		status = pce_no_memory(err);
	for (unsigned i = 0; i < 2 && !status; i++)
		status = queue_init(&s->sides[i], s->cells, n_nodes, i, err);
	if (status) {
		uint64_t settled = s->settled;

		scalar_free(s);
		s->settled = settled;
		return status;
	}
	memset(s->cells, 0, n * sizeof(*s->cells));
	return PCE_OK;
}

static unsigned
bits_of(uint64_t value)
{
	return value ? 64 - (unsigned)__builtin_clzll(value) : 0;
}

/* Range of a metric, and where its factor is kept; false for metrics that no arc has. */
static bool
metric_of(const struct filter *f, uint8_t metric, struct scalar_plan *plan, uint64_t **factor,
	  struct graph_range *range)
{
	const struct path_graph *g = f->graph;

	switch (metric) {
	case METRIC_IGP:
		*factor = &plan->igp;
		*range = g->igp;
		return true;
	case METRIC_TE:
		*factor = &plan->te;
		*range = g->te;
		if (g->lacks_te && !f->needs_te)
			range->max = TED_METRIC_UNREACHABLE;
		return true;
	case METRIC_DELAY:
		*factor = &plan->delay;
		*range = g->delay;
		return true;
	case METRIC_COST:
		*factor = &plan->cost;
		*range = g->cost;
		return !f->any_free;
	case METRIC_HOPS:
		*factor = &plan->hops;
		*range = (struct graph_range){ 0, 1 };
		return true;
	case METRIC_LINKS:
		*factor = &plan->links;
		*range = (struct graph_range){ 1, 1 };
		return true;
	default:
		return false;
	}
}

/* Chooses the queue for keys between these. */
static void
choose_queue(struct scalar_plan *plan, uint64_t least, uint64_t most)
{
	plan->positive = least > 0;
	plan->shift = (uint8_t)(least > 0 ? bits_of(least) - 1 : 0);
	plan->buckets = least > 0 && (most >> plan->shift) + 2 < QUEUE_BUCKETS;
}

bool
scalar_plan(const struct filter *f, const struct order *order, unsigned n, struct scalar_plan *plan)
{
	unsigned used = 0, slack, at = 0;
	uint64_t least = 0, most = 0, *factor;
	struct graph_range range;

	*plan = (struct scalar_plan){ .n = (uint8_t)n, .full = n == order->n };
	for (unsigned i = 0; i < n; i++) {
		if (!metric_of(f, order->metric[i], plan, &factor, &range))
			return false;
		used += bits_of(range.max) + GUARD_BITS;
	}
	if (used + n * SLACK_BITS > KEY_BITS)
		return false;
	slack = (KEY_BITS - used) / n;
	for (unsigned i = n; i-- > 0;) {
		metric_of(f, order->metric[i], plan, &factor, &range);
		*factor = 1ULL << at;
		least += range.min << at;
		most += range.max << at;
		at += bits_of(range.max) + slack + GUARD_BITS;
		plan->guard |= 3ULL << (at - GUARD_BITS);
	}
	plan->plain = plan->cost == 0 && plan->hops == 0;
	choose_queue(plan, least, most);
	return true;
}

/* Residual against the floor where rounding to kbit/s, or what the asker holds, may matter. */
static bool
is_wide(const struct query *q, const struct graph_arc *arc, uint32_t link)
{
	if (arc->residual_kbps < q->floor_kbps && q->f->held_bps == 0)
		return false;
	return filter_residual(q->f, link) >= q->f->floor_bps;
}

static inline bool
allows(const struct query *q, const struct graph_arc *arc, uint32_t link, uint32_t tail,
       uint32_t head)
{
	if (!filter_takes_class(q->f, arc, tail))
		return false;
	if (arc->residual_kbps <= q->floor_kbps && !is_wide(q, arc, link))
		return false;
	return !q->f->strict || filter_strictly_allows(q->f, arc, link, head);
}

static void
note(struct query *q, uint32_t link)
{
	if (q->n_noted == q->s->noted_cap &&
	    array_reserve(&q->s->noted, &q->s->noted_cap, (size_t)q->n_noted + 1,
			  sizeof(*q->s->noted), NULL))
		q->no_memory = true;
	else
		q->s->noted[q->n_noted++] = link;
}

/* Takes in a route over a link whose ends both sides have seen. */
static inline void
meet(struct query *q, uint64_t sum, uint32_t link)
{
	if (sum > q->best)
		return;
	if (sum < q->best)
		q->n_noted = 0;
	q->met = true;
	q->best = sum;
	note(q, link);
}

/* True if no route goes on from where the link leads. The other side, if it begins there, has been
 * met by then. */
static inline bool
ends_here(const struct path_graph *g, unsigned side, uint32_t node, uint32_t from)
{
	return side == FORWARD ? graph_turns_back(g, node, from) : graph_comes_back(g, node, from);
}

/* Looks at the links out of a node that was settled, or into it. The plan comes by value, and what
 * else is read of the query is read once: what is written could change it otherwise, as far as the
 * compiler can see. */
static inline __attribute__((always_inline)) void
expand(struct query *q, struct scalar_plan plan, unsigned side, uint32_t node, uint64_t room)
{
	const struct path_graph *g = q->g;
	const uint32_t *first = side == FORWARD ? g->out_first : g->in_first;
	const struct graph_arc *arc = (side == FORWARD ? g->arcs_out : g->arcs_in) + first[node];
	struct queue_cell *cells = q->s->cells;
	struct queue *own = &q->s->sides[side];
	uint32_t mine = own->epoch, theirs = q->s->sides[!side].epoch, end = first[node + 1];
	uint64_t key = cells[node].key[side];

	for (uint32_t i = first[node]; i < end; i++, arc++) {
		uint32_t link = side == FORWARD ? i : g->in[i], next = arc->end;
		struct queue_cell *cell = &cells[next];
		uint32_t other, seen; /* 0: seen, 1: settled, else not in this search */
		uint64_t sum;

		if (!allows(q, arc, link, side == FORWARD ? node : next,
			    side == FORWARD ? next : node))
			continue;
		other = cell->epoch[!side] - theirs;
		seen = cell->epoch[side] - mine;
		sum = key + scalar_weight(&plan, arc);
		if (other <= 1) {
			meet(q, sum + cell->key[!side], link);
			if (plan.positive && other == 1)
				continue;
		}
		if (sum > room)
			continue;
		if (seen > 1) {
			if (!ends_here(g, side, next, node))
				queue_enter(own, next, sum, link, false);
		} else if (sum < cell->key[side]) {
			queue_enter(own, next, sum, link, true);
		} else if (sum == cell->key[side]) {
			cell->parent[side] |= QUEUE_TIE;
		}
	}
}

/* Searches until no better or equally good route is left to be found: on both sides in turn, or on
 * the one that has less than half as many nodes to come. */
static void
search(struct query *q)
{
	struct queue *a = &q->s->sides[FORWARD], *b = &q->s->sides[BACKWARD];
	uint64_t least_a, least_b;

	queue_start(a, !q->plan.buckets, q->plan.shift);
	queue_start(b, !q->plan.buckets, q->plan.shift);
	queue_offer(a, q->from, 0, GRAPH_NONE);
	queue_offer(b, q->to, 0, GRAPH_NONE);
	least_a = queue_least(a);
	least_b = queue_least(b);
	while (a->n > 0 && b->n > 0 && q->left > 0 && !q->no_memory) {
		uint64_t room = UINT64_MAX;
		unsigned side = a->n > 2 * b->n || (b->n <= 2 * a->n && q->left & 1);
		uint32_t node;

		if (q->met && least_a + least_b > q->best)
			break;
		node = queue_pop(&q->s->sides[side]);
		q->s->settled++;
		q->left--;
		q->overflow = q->s->cells[node].key[side] & q->plan.guard;
		if (q->overflow)
			break;
		/* A node not settled by the other side is at least as far from it as its least. */
		if (q->met && q->plan.positive)
			room = q->best - (side == FORWARD ? least_b : least_a);
		if (side == FORWARD) {
			expand(q, q->plan, FORWARD, node, room);
			least_a = queue_least(a);
		} else {
			expand(q, q->plan, BACKWARD, node, room);
			least_b = queue_least(b);
		}
	}
}

/* The route through a noted link by the nodes' parents; false if one of them had another one. */
static bool
follow(const struct query *q, uint32_t noted, uint32_t *links, uint32_t *n)
{
	const struct queue_cell *cells = q->s->cells;
	uint32_t node, count = 0;

	for (node = graph_tail(q->g, noted); node != q->from;
	     node = graph_tail(q->g, links[count++])) {
		if (cells[node].parent[FORWARD] & QUEUE_TIE)
			return false;
		links[count] = cells[node].parent[FORWARD];
	}
	for (uint32_t i = 0; i < count / 2; i++) {
		uint32_t other = links[count - 1 - i];

		links[count - 1 - i] = links[i];
		links[i] = other;
	}
	links[count++] = noted;
	for (node = graph_head(q->g, noted); node != q->to;
	     node = graph_head(q->g, links[count++])) {
		if (cells[node].parent[BACKWARD] & QUEUE_TIE)
			return false;
		links[count] = cells[node].parent[BACKWARD];
	}
	*n = count;
	return true;
}

static bool
contains(const uint32_t *links, uint32_t n, uint32_t link)
{
	for (uint32_t i = 0; i < n; i++)
		if (links[i] == link)
			return true;
	return false;
}

/* Takes the only optimal route; false if there may be several. */
static bool
take_only(const struct query *q, uint32_t *links, uint32_t *n)
{
	if (!q->plan.positive || !follow(q, q->s->noted[0], links, n))
		return false;
	for (uint32_t i = 1; i < q->n_noted; i++)
		if (!contains(links, *n, q->s->noted[i]))
			return false;
	return true;
}

/* How far a marked node is from the start on optimal routes. */
static uint64_t
position(const struct query *q, uint32_t node)
{
	return q->s->mark[node] & ON_PREFIX ? q->s->cells[node].key[FORWARD]
					    : q->best - q->s->cells[node].key[BACKWARD];
}

static void
mark(struct query *q, uint32_t node, uint8_t what)
{
	if (q->s->mark[node] == 0)
		q->s->marked[q->n_marked++] = node;
	q->s->mark[node] |= what;
}

/* Marks what leads, by tight links of the forward side, to a node of that side; and so on. */
static void
mark_prefix(struct query *q, uint32_t node, uint32_t *stack)
{
	const struct path_graph *g = q->g;
	const struct queue *side = &q->s->sides[FORWARD];
	uint32_t n = 0;

	if (q->s->mark[node] & ON_PREFIX)
		return;
	mark(q, node, ON_PREFIX);
	for (stack[n++] = node; n > 0;) {
		node = stack[--n];
		for (uint32_t i = g->in_first[node]; i < g->in_first[node + 1]; i++) {
			const struct graph_arc *arc = &g->arcs_in[i];
			uint32_t tail = arc->end;

			if (q->s->mark[tail] & ON_PREFIX || !queue_settled(side, tail) ||
			    !allows(q, arc, g->in[i], tail, node) ||
			    queue_key(side, tail) + scalar_weight(&q->plan, arc) !=
				queue_key(side, node))
				continue;
			mark(q, tail, ON_PREFIX);
			stack[n++] = tail;
		}
	}
}

/* The same towards the end. */
static void
mark_suffix(struct query *q, uint32_t node, uint32_t *stack)
{
	const struct path_graph *g = q->g;
	const struct queue *side = &q->s->sides[BACKWARD];
	uint32_t n = 0;

	if (q->s->mark[node] & ON_SUFFIX)
		return;
	mark(q, node, ON_SUFFIX);
	for (stack[n++] = node; n > 0;) {
		node = stack[--n];
		for (uint32_t i = g->out_first[node]; i < g->out_first[node + 1]; i++) {
			const struct graph_arc *arc = &g->arcs_out[i];
			uint32_t head = arc->end;

			if (q->s->mark[head] & ON_SUFFIX || !queue_settled(side, head) ||
			    !allows(q, arc, i, node, head) ||
			    queue_key(side, head) + scalar_weight(&q->plan, arc) !=
				queue_key(side, node))
				continue;
			mark(q, head, ON_SUFFIX);
			stack[n++] = head;
		}
	}
}

/* True if the link, both of whose ends are marked, is on an optimal route. */
static bool
is_tight(const struct query *q, const struct graph_arc *arc, uint32_t tail, uint32_t head)
{
	return q->s->mark[tail] && q->s->mark[head] &&
	       position(q, tail) + scalar_weight(&q->plan, arc) == position(q, head);
}

/* Distances to the end over links of optimal routes, by the whole order. */
static void
spread_vectors(struct query *q, const struct order *order)
{
	const struct path_graph *g = q->g;
	struct spf *s = &q->s->ties;
	uint64_t sum[ORDER_MAX] = { 0 };
	uint32_t node;

	spf_start(s, order->n);
	spf_offer(s, q->to, sum);
	while (spf_pop(s, &node))
		for (uint32_t i = g->in_first[node]; i < g->in_first[node + 1]; i++) {
			const struct graph_arc *arc = &g->arcs_in[i];

			if (!is_tight(q, arc, arc->end, node) ||
			    !allows(q, arc, g->in[i], arc->end, node))
				continue;
			order_add(q->f, order, g->in[i], spf_at(s, node), sum);
			spf_offer(s, arc->end, sum);
		}
}

/* True if the best of the optimal routes that pass `node` can take this link out of it. */
static bool
leads_on(const struct query *q, const struct order *order, uint32_t node, uint32_t link)
{
	const struct graph_arc *arc = &q->g->arcs_out[link];
	const struct spf *s = &q->s->ties;
	uint64_t sum[ORDER_MAX];

	if (!is_tight(q, arc, node, arc->end) || !allows(q, arc, link, node, arc->end))
		return false;
	if (q->plan.full)
		return true;
	if (!spf_reached(s, arc->end))
		return false;
	order_add(q->f, order, link, spf_at(s, arc->end), sum);
	return order_compare(sum, spf_at(s, node), order->n) == 0;
}

/* The smallest sequence of links; 0 if there is a loose end. */
static uint32_t
walk(const struct query *q, const struct order *order, uint32_t *links)
{
	const struct path_graph *g = q->g;
	uint32_t node = q->from, n = 0;

	while (node != q->to) {
		uint32_t link = g->out_first[node], end = g->out_first[node + 1];

		while (link < end && !leads_on(q, order, node, link))
			link++;
		if (link == end)
			return 0;
		links[n++] = link;
		node = graph_head(g, link);
	}
	return n;
}

/* Decides among several optimal routes. */
static enum pce_status
take_best(struct query *q, const struct order *order, uint32_t *links, uint32_t *n,
	  struct pce_error *err)
{
	struct scalar *s = q->s;
	enum pce_status status = PCE_OK;

	if (!q->plan.full && !s->ties.dist)
		status = spf_init(&s->ties, s->n_nodes, err);
	if (status)
		return status;
	s->ties_settled = true;
	for (uint32_t i = 0; i < q->n_noted; i++) {
		mark_prefix(q, graph_tail(q->g, s->noted[i]), links);
		mark_suffix(q, graph_head(q->g, s->noted[i]), links);
	}
	if (!q->plan.full)
		spread_vectors(q, order);
	*n = walk(q, order, links);
	for (uint32_t i = 0; i < q->n_marked; i++)
		s->mark[s->marked[i]] = 0;
	return *n > 0 ? PCE_OK : pce_fail(err, PCE_INTERNAL, "an optimal route has a loose end");
}

/* Searches with the first metrics of the order as the key. */
static enum pce_status
try_plan(struct query *q, const struct order *order, uint32_t *links, uint32_t *n,
	 enum scalar_outcome *outcome, struct pce_error *err)
{
	search(q);
	if (q->no_memory)
		return pce_no_memory(err);
	*outcome = q->overflow    ? SCALAR_UNFIT
		   : q->left == 0 ? SCALAR_FAR
		   : q->met       ? SCALAR_FOUND
				  : SCALAR_NONE;
	if (*outcome != SCALAR_FOUND || take_only(q, links, n))
		return PCE_OK;
	return take_best(q, order, links, n, err);
}

enum pce_status
scalar_route(struct scalar *s, const struct scalar_query *query, uint32_t *links, uint32_t *n,
	     enum scalar_outcome *outcome, struct pce_error *err)
{
	const struct filter *f = query->filter;
	uint64_t floor_kbps = f->floor_bps / 1000;
	enum pce_status status = make_room(s, f->graph->n_nodes, err);

	*n = 0;
	*outcome = SCALAR_UNFIT;
	s->ties_settled = false;
	for (unsigned i = query->order->n; !status && *outcome == SCALAR_UNFIT && i > 0; i--) {
		struct query q = { .s = s, .f = f, .g = f->graph, .to = f->to };

		q.from = query->from;
		q.left = query->most;
		q.best = UINT64_MAX;
		q.floor_kbps = floor_kbps < UINT32_MAX ? (uint32_t)floor_kbps : UINT32_MAX;
		if (!scalar_plan(f, query->order, i, &q.plan))
			continue;
		for (unsigned side = 0; side < 2 && !status && !q.plan.buckets; side++)
			status = queue_need_heap(&s->sides[side], err);
		if (!status)
			status = try_plan(&q, query->order, links, n, outcome, err);
	}
	return status;
}
