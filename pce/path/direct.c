#include "pce/path/direct.h"

#include <stdlib.h>
#include <string.h>

#include "pce/path/guide.h"

enum { SETTLED = 1, TIED = 2, EPOCH = 4 };

/* One search. */
struct run {
	struct direct *d;
	const struct filter *f;
	struct potential *potential;
	struct scalar_plan plan;
	uint64_t factor; /* of what the potential says */
	uint64_t far; /* from here on it says nothing */
	uint64_t best; /* of the end, once it was reached */
	uint32_t floor_kbps; /* a link with more is wide enough */
	bool unfit;
};

void
direct_free(struct direct *d)
{
	free(d->cells);
	free(d->heap);
	*d = (struct direct){ .cells = NULL };
}

/* A link is looked at once, so no more than there are of them are put into the heap. */
static enum pce_status
make_room(struct direct *d, const struct path_graph *g, struct pce_error *err)
{
	uint64_t settled = d->settled;

	if (d->cells)
		return PCE_OK;
	d->cells = calloc((size_t)g->n_nodes + 1, sizeof(*d->cells));
	d->heap = malloc(((size_t)g->n_links + 2) * sizeof(*d->heap));
	d->epoch = 0;
	if (d->cells && d->heap)
		return PCE_OK;
	direct_free(d);
	d->settled = settled;
	return pce_no_memory(err);
}

static void
start(struct direct *d, uint32_t n_nodes)
{
	d->n_heap = 0;
	d->epoch += EPOCH;
	if (d->epoch != 0)
		return;
	memset(d->cells, 0, n_nodes * sizeof(*d->cells));
	d->epoch = EPOCH;
}

static void
push(struct direct *d, uint64_t least, uint32_t node)
{
	uint32_t at = d->n_heap++;

	for (; at > 0 && d->heap[(at - 1) / 2].least > least; at = (at - 1) / 2)
		d->heap[at] = d->heap[(at - 1) / 2];
	d->heap[at] = (struct direct_entry){ least, node };
}

static uint32_t
pop(struct direct *d)
{
	struct direct_entry *heap = d->heap, last = heap[--d->n_heap];
	uint32_t top = heap[0].node, at = 0, child;

	while ((child = 2 * at + 1) < d->n_heap) {
		if (child + 1 < d->n_heap && heap[child + 1].least < heap[child].least)
			child++;
		if (heap[child].least >= last.least)
			break;
		heap[at] = heap[child];
		at = child;
	}
	heap[at] = last;
	return top;
}

/* A node gets its first key, or a smaller one. Where nothing is known of the way on from it, this
 * search is none. */
static inline void
enter(struct run *r, uint32_t node, uint64_t key, uint32_t link)
{
	uint64_t ahead = potential_at(r->potential, node), least = key + ahead * r->factor;

	r->unfit |= ahead >= r->far;
	if (least >= r->best)
		return;
	if (node == r->f->to)
		r->best = least;
	r->d->cells[node] = (struct direct_cell){ key, link, r->d->epoch };
	push(r->d, least, node);
}

/* True if a route may take the link. */
static inline bool
allows(const struct run *r, const struct graph_arc *arc, uint32_t link, uint32_t node)
{
	const struct filter *f = r->f;

	if (!filter_takes_class(f, arc, node))
		return false;
	if (arc->residual_kbps <= r->floor_kbps && !filter_is_wide(f, arc, link, f->floor_bps))
		return false;
	return !f->strict || filter_strictly_allows(f, arc, link, arc->end);
}

/* Looks at the links out of a node that was settled. */
static inline void
expand(struct run *r, uint32_t node)
{
	const struct path_graph *g = r->f->graph;
	struct direct_cell *cells = r->d->cells;
	uint32_t epoch = r->d->epoch, end = g->out_first[node + 1];
	uint64_t key = cells[node].key;

	for (uint32_t i = g->out_first[node]; i < end; i++) {
		const struct graph_arc *arc = &g->arcs_out[i];
		struct direct_cell *cell = &cells[arc->end];
		uint32_t flags; /* below EPOCH: seen */
		uint64_t sum;

		if (!allows(r, arc, i, node))
			continue;
		flags = cell->stamp - epoch;
		sum = key + scalar_weight(&r->plan, arc);
		if (flags >= EPOCH) {
			if (arc->end == r->f->to || !graph_turns_back(g, arc->end, node))
				enter(r, arc->end, sum, i);
		} else if (!(flags & SETTLED) && sum < cell->key) {
			enter(r, arc->end, sum, i);
		} else if (!(flags & SETTLED) && sum == cell->key) {
			cell->stamp |= TIED;
		}
	}
}

static bool
search(struct run *r, uint32_t from)
{
	struct direct *d = r->d;

	start(d, r->f->graph->n_nodes);
	enter(r, from, 0, GRAPH_NONE);
	while (d->n_heap > 0 && !r->unfit) {
		uint32_t node = pop(d);
		struct direct_cell *cell = &d->cells[node];

		if (cell->stamp & SETTLED)
			continue;
		cell->stamp |= SETTLED;
		d->settled++;
		r->unfit = cell->key & r->plan.guard;
		if (node == r->f->to)
			return true;
		expand(r, node);
	}
	return false;
}

/* The route by the links over which its nodes were reached; false if there is another one. */
static bool
trace(const struct run *r, uint32_t from, uint32_t *links, uint32_t *n)
{
	const struct direct_cell *cells = r->d->cells;
	uint32_t count = 0;

	for (uint32_t node = r->f->to; node != from; count++) {
		if (cells[node].stamp & TIED)
			return false;
		links[count] = cells[node].parent;
		node = graph_tail(r->f->graph, links[count]);
	}
	for (uint32_t i = 0; i < count / 2; i++) {
		uint32_t other = links[count - 1 - i];

		links[count - 1 - i] = links[i];
		links[i] = other;
	}
	*n = count;
	return true;
}

/* Lays the order out; false if not all of it fits into a key. */
static bool
lay_out(struct run *r, const struct order *order)
{
	const struct scalar_plan *p = &r->plan;

	if (!scalar_plan(r->f, order, order->n, &r->plan) || !p->positive)
		return false;
	switch (order->metric[0]) {
	case METRIC_IGP:
		r->factor = p->igp;
		break;
	case METRIC_TE:
		r->factor = p->te;
		break;
	case METRIC_DELAY:
		r->factor = p->delay;
		break;
	default:
		r->factor = p->cost << GUIDE_RISK_SHIFT;
	}
	r->far = ((uint64_t)1 << 62) / r->factor;
	if (r->far > HIERARCHY_FAR)
		r->far = HIERARCHY_FAR;
	return true;
}

enum pce_status
direct_route(struct direct *d, const struct direct_query *query, uint32_t *links, uint32_t *n,
	     enum scalar_outcome *outcome, struct pce_error *err)
{
	struct run r = {
		.d = d, .f = query->filter, .potential = query->potential, .best = UINT64_MAX
	};
	uint64_t floor_kbps = query->filter->floor_bps / 1000;
	enum pce_status status = make_room(d, query->filter->graph, err);
	bool found;

	*n = 0;
	*outcome = SCALAR_UNFIT;
	if (status || !lay_out(&r, query->order))
		return status;
	r.floor_kbps = floor_kbps < UINT32_MAX ? (uint32_t)floor_kbps : UINT32_MAX;
	found = search(&r, query->from);
	if (!r.unfit)
		*outcome = !found                             ? SCALAR_NONE
			   : trace(&r, query->from, links, n) ? SCALAR_FOUND
							      : SCALAR_UNFIT;
	return PCE_OK;
}
