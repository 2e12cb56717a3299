#include <stdlib.h>

#include "pce/path/bounded.h"

/* Words of a label: its packed sum, its place, where it came from, then its bounded sums. */
enum { WORD_HIGH, WORD_LOW, WORD_NODE_LINK, WORD_PARENT_NEXT, WORDS_FIXED };

void
bounded_free(struct bounded *b)
{
	free(b->pool);
	free(b->heap.entries);
	free(b->nodes);
	free(b->path);
	*b = (struct bounded){ .pool = NULL };
}

static enum pce_status
make_room(struct bounded *b, uint32_t n_nodes, struct pce_error *err)
{
	if (b->nodes)
		return PCE_OK;
	b->n_nodes = n_nodes;
	b->nodes = calloc((size_t)n_nodes + 1, sizeof(*b->nodes));
	b->path = calloc((size_t)n_nodes + 1, sizeof(*b->path));
	if (b->nodes && b->path)
		return PCE_OK;
	bounded_free(b);
	return pce_no_memory(err);
}

static uint64_t *
label_at(const struct bounded *b, uint32_t label)
{
	return b->pool + (size_t)label * b->stride;
}

static uint32_t
label_node(const struct bounded *b, uint32_t label)
{
	return (uint32_t)label_at(b, label)[WORD_NODE_LINK];
}

static uint32_t
label_link(const struct bounded *b, uint32_t label)
{
	return (uint32_t)(label_at(b, label)[WORD_NODE_LINK] >> 32);
}

static uint32_t
label_parent(const struct bounded *b, uint32_t label)
{
	return (uint32_t)label_at(b, label)[WORD_PARENT_NEXT];
}

static uint32_t
label_next(const struct bounded *b, uint32_t label)
{
	return (uint32_t)(label_at(b, label)[WORD_PARENT_NEXT] >> 32);
}

static packed_sum
label_sum(const uint64_t *label)
{
	return (packed_sum)label[WORD_HIGH] << 64 | (packed_sum)label[WORD_LOW];
}

/* Of two labels with the same number of links: the order of their link sequences. */
static int
compare_sequences(const struct bounded *b, uint32_t x, uint32_t y)
{
	int sign = 0;

	while (x != y && label_parent(b, x) != GRAPH_NONE && label_parent(b, y) != GRAPH_NONE) {
		if (label_link(b, x) != label_link(b, y))
			sign = label_link(b, x) < label_link(b, y) ? -1 : 1;
		x = label_parent(b, x);
		y = label_parent(b, y);
	}
	return sign;
}

/* True if label x makes label y of the same node superfluous. */
static bool
removes(const struct bounded *b, uint32_t x, uint32_t y)
{
	const uint64_t *lx = label_at(b, x), *ly = label_at(b, y);
	packed_sum sx = label_sum(lx), sy = label_sum(ly);

	if (sx > sy)
		return false;
	for (unsigned i = WORDS_FIXED; i < b->stride; i++)
		if (lx[i] > ly[i])
			return false;
	return sx < sy || compare_sequences(b, x, y) <= 0;
}

static bool
is_removed(const struct bounded *b, uint32_t label)
{
	const struct bounded_node *node = &b->nodes[label_node(b, label)];
	uint32_t other = node->stamp == b->epoch ? node->newest : GRAPH_NONE;

	for (; other != GRAPH_NONE; other = label_next(b, other))
		if (removes(b, other, label))
			return true;
	return false;
}

/* Adds one link to the sums of a label. */
static packed_sum
step(const struct bounded_query *q, uint64_t *label, uint32_t link)
{
	const struct search_query *s = q->search;
	const struct graph_arc *arc = &s->filter->graph->arcs_out[link];
	packed_sum sum = label_sum(label) + packing_weight(q->packing, arc);

	label[WORD_HIGH] = (uint64_t)(sum >> 64);
	label[WORD_LOW] = (uint64_t)sum;
	for (unsigned i = 0; i < s->n_bounds; i++)
		label[WORDS_FIXED + i] += filter_weight(s->filter, link, s->bounds[i].metric);
	return sum;
}

/* False if no finished route can hold the bounds. */
static bool
can_hold(const struct bounded_query *q, const uint64_t *label, uint32_t node)
{
	const struct search_query *s = q->search;

	for (unsigned i = 0; i < s->n_bounds; i++)
		if (label[WORDS_FIXED + i] + potential_at(q->bounds[i], node) > s->bounds[i].max)
			return false;
	return true;
}

/* Room for one more label; the pool may move. */
static enum pce_status
reserve_label(struct bounded *b, struct pce_error *err)
{
	return array_reserve(&b->pool, &b->pool_cap, ((size_t)b->n_labels + 1) * b->stride,
			     sizeof(*b->pool), err);
}

/* Keeps the label that was built at the end of the pool. */
static enum pce_status
keep(struct bounded *b, const struct bounded_query *q, uint32_t node, packed_sum sum,
     struct pce_error *err)
{
	packed_sum ahead = packing_objective(q->packing, potential_at(q->objective, node));

	if (node == q->search->filter->to && sum < b->best) {
		b->best = sum;
		b->incumbent = b->n_labels;
	}
	return packed_push(&b->heap, sum + ahead, b->n_labels++, err);
}

static enum pce_status
start(struct bounded *b, const struct bounded_query *q, struct pce_error *err)
{
	const struct search_query *s = q->search;
	enum pce_status status;
	packed_sum sum = 0;
	uint64_t *label;

	b->stride = WORDS_FIXED + s->n_bounds;
	b->n_labels = b->heap.n = 0;
	b->incumbent = GRAPH_NONE;
	b->best = PACKED_MOST;
	if (++b->epoch == 0) {
		memset(b->nodes, 0, ((size_t)b->n_nodes + 1) * sizeof(*b->nodes));
		b->epoch = 1;
	}
	status = reserve_label(b, err);
	if (status)
		return status;
	label = label_at(b, 0);
	memset(label, 0, b->stride * sizeof(*label));
	label[WORD_NODE_LINK] = s->from | (uint64_t)GRAPH_NONE << 32;
	label[WORD_PARENT_NEXT] = GRAPH_NONE;
	for (size_t i = 0; i < s->n_prefix; i++)
		sum = step(q, label, s->prefix[i]);
	return can_hold(q, label, s->from) ? keep(b, q, s->from, sum, err) : PCE_OK;
}

/* Makes the label over one link of a parent, if it is of use. */
static enum pce_status
go_over(struct bounded *b, const struct bounded_query *q, uint32_t parent, uint32_t link,
	struct pce_error *err)
{
	uint32_t head = graph_head(q->search->filter->graph, link);
	enum pce_status status = reserve_label(b, err);
	uint64_t *label;
	packed_sum sum;

	if (status)
		return status;
	label = label_at(b, b->n_labels);
	memcpy(label, label_at(b, parent), b->stride * sizeof(*label));
	label[WORD_NODE_LINK] = head | (uint64_t)link << 32;
	label[WORD_PARENT_NEXT] = parent;
	sum = step(q, label, link);
	if (can_hold(q, label, head) && !is_removed(b, b->n_labels))
		status = keep(b, q, head, sum, err);
	return status;
}

/* In part, as in astar.c. */
static enum pce_status
expand(struct bounded *b, const struct bounded_query *q, uint32_t parent, uint64_t least,
       uint64_t here, struct pce_error *err)
{
	const struct filter *f = q->search->filter;
	const struct path_graph *g = f->graph;
	uint32_t node = label_node(b, parent);
	uint64_t objective = packing_part(q->packing, label_sum(label_at(b, parent)));
	uint64_t most = UINT64_MAX, later = UINT64_MAX;
	enum pce_status status = PCE_OK;

	if (g->out_first[node + 1] - g->out_first[node] > PACKED_FEW_LINKS)
		most = here + here / 64;

	for (uint32_t i = g->out_first[node]; !status && i < g->out_first[node + 1]; i++) {
		const struct graph_arc *arc = &g->arcs_out[i];
		uint64_t total = objective + packing_first(q->packing, arc) +
				 potential_at(q->objective, arc->end);

		if (total > most)
			later = total < later ? total : later;
		else if (total >= least && filter_allows_arc(f, arc, i, node, arc->end))
			status = go_over(b, q, parent, i, err);
	}
	if (status || later == UINT64_MAX)
		return status;
	return packed_push(&b->heap, (packed_sum)later << q->packing->shift, parent | PACKED_AGAIN,
			   err);
}

static void
settle(struct bounded *b, uint32_t label)
{
	struct bounded_node *node = &b->nodes[label_node(b, label)];
	uint32_t next = node->stamp == b->epoch ? node->newest : GRAPH_NONE;

	label_at(b, label)[WORD_PARENT_NEXT] = label_parent(b, label) | (uint64_t)next << 32;
	*node = (struct bounded_node){ b->epoch, label };
	b->settled++;
}

static void
trace(struct bounded *b, uint32_t label, struct search_result *out)
{
	uint32_t n = 0;

	for (uint32_t at = label; label_parent(b, at) != GRAPH_NONE; at = label_parent(b, at))
		n++;
	out->links = b->path;
	out->n = n;
	for (uint32_t at = label; n > 0; at = label_parent(b, at))
		b->path[--n] = label_link(b, at);
}

/* The first by its links of all labels that are as good as this one, which reached the end. They
 * are all in the heap, because a route's nodes come out before its end. */
static uint32_t
first_of_equals(struct bounded *b, uint32_t label, packed_sum sum, uint32_t to)
{
	while (b->heap.n > 0 && packed_top(&b->heap) == sum) {
		uint32_t other = packed_pop(&b->heap);

		if (!(other & PACKED_AGAIN) && label_node(b, other) == to &&
		    compare_sequences(b, other, label) < 0)
			label = other;
	}
	return label;
}

static bool
is_spent(const struct bounded *b, const struct search_query *s, uint64_t before)
{
	return b->settled - before >= s->budget_labels || b->n_labels >= GRAPH_MEMBER_NODE ||
	       (uint64_t)b->n_labels * b->stride * sizeof(*b->pool) >= s->budget_bytes;
}

enum pce_status
bounded_run(struct bounded *b, const struct bounded_query *query, struct search_result *out,
	    struct pce_error *err)
{
	const struct search_query *s = query->search;
	enum pce_status status = make_room(b, s->filter->graph->n_nodes, err);
	uint64_t before = b->settled;

	*out = (struct search_result){ .outcome = SEARCH_NONE };
	if (status)
		return status;
	status = start(b, query, err);
	while (!status && b->heap.n > 0) {
		packed_sum total = packed_top(&b->heap);
		uint64_t here = packing_part(query->packing, total);
		uint32_t label = packed_pop(&b->heap);

		if (label & PACKED_AGAIN) {
			status = expand(b, query, label & ~PACKED_AGAIN, here, here, err);
			continue;
		}
		if (label_node(b, label) == s->filter->to) {
			out->outcome = SEARCH_FOUND;
			trace(b, first_of_equals(b, label, total, s->filter->to), out);
			return PCE_OK;
		}
		if (is_removed(b, label))
			continue;
		if (is_spent(b, s, before)) {
			out->outcome = SEARCH_SPENT;
			out->bound = here;
			if (b->incumbent != GRAPH_NONE)
				trace(b, b->incumbent, out);
			return PCE_OK;
		}
		settle(b, label);
		status = expand(b, query, label, 0, here, err);
	}
	return status;
}
