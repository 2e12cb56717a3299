#include <stdlib.h>
#include <string.h>

#include "pce/path/spf.h"

enum pce_status
spf_init(struct spf *s, uint32_t n_nodes, struct pce_error *err)
{
	size_t n = (size_t)n_nodes + 1;

	*s = (struct spf){ .n_nodes = n_nodes };
	s->dist = calloc(n * ORDER_MAX, sizeof(*s->dist));
	s->stamp = calloc(n, sizeof(*s->stamp));
	s->place = calloc(n, sizeof(*s->place));
	s->heap = calloc(n, sizeof(*s->heap));
	if (s->dist && s->stamp && s->place && s->heap)
		return PCE_OK;
	spf_free(s);
	return pce_no_memory(err);
}

void
spf_free(struct spf *s)
{
	free(s->dist);
	free(s->stamp);
	free(s->place);
	free(s->heap);
	*s = (struct spf){ .dist = NULL };
}

static bool
before(const struct spf *s, uint32_t a, uint32_t b)
{
	return order_compare(spf_at(s, a), spf_at(s, b), s->width) < 0;
}

static void
sift_up(struct spf *s, uint32_t at)
{
	uint32_t node = s->heap[at];

	while (at > 0 && before(s, node, s->heap[(at - 1) / 4])) {
		s->heap[at] = s->heap[(at - 1) / 4];
		s->place[s->heap[at]] = at;
		at = (at - 1) / 4;
	}
	s->heap[at] = node;
	s->place[node] = at;
}

static void
sift_down(struct spf *s, uint32_t at)
{
	uint32_t node = s->heap[at];

	for (;;) {
		uint32_t child = at * 4 + 1, best = child;

		if (child >= s->n_heap)
			break;
		for (uint32_t i = child + 1; i < child + 4 && i < s->n_heap; i++)
			if (before(s, s->heap[i], s->heap[best]))
				best = i;
		if (!before(s, s->heap[best], node))
			break;
		s->heap[at] = s->heap[best];
		s->place[s->heap[at]] = at;
		at = best;
	}
	s->heap[at] = node;
	s->place[node] = at;
}

bool
spf_pop(struct spf *s, uint32_t *node)
{
	if (s->n_heap == 0)
		return false;
	*node = s->heap[0];
	s->place[*node] = GRAPH_NONE;
	s->heap[0] = s->heap[--s->n_heap];
	if (s->n_heap > 0)
		sift_down(s, 0);
	s->settled++;
	return true;
}

bool
spf_offer(struct spf *s, uint32_t node, const uint64_t *sum)
{
	uint64_t *dist = s->dist + (size_t)node * s->width;

	if (s->stamp[node] != s->epoch) {
		s->stamp[node] = s->epoch;
		s->place[node] = s->n_heap;
		s->heap[s->n_heap++] = node;
	} else if (s->place[node] == GRAPH_NONE || order_compare(sum, dist, s->width) >= 0) {
		return false;
	}
	memcpy(dist, sum, s->width * sizeof(*sum));
	sift_up(s, s->place[node]);
	return true;
}

void
spf_start(struct spf *s, unsigned width)
{
	if (++s->epoch == 0) {
		memset(s->stamp, 0, s->n_nodes * sizeof(*s->stamp));
		s->epoch = 1;
	}
	s->width = width;
	s->n_heap = 0;
}

void
spf_to(struct spf *s, const struct filter *f, const struct order *order, uint32_t until)
{
	const struct path_graph *g = f->graph;
	uint64_t sum[ORDER_MAX] = { 0 };
	uint32_t node;

	spf_start(s, order->n);
	spf_offer(s, f->to, sum);
	while (spf_pop(s, &node)) {
		if (node == until)
			break;
		for (uint32_t i = g->in_first[node]; i < g->in_first[node + 1]; i++) {
			uint32_t link = g->in[i];

			if (!filter_allows(f, link))
				continue;
			order_add(f, order, link, spf_at(s, node), sum);
			spf_offer(s, graph_tail(g, link), sum);
		}
	}
}

uint32_t
spf_walk(const struct spf *s, const struct filter *f, const struct order *order, uint32_t from,
	 uint32_t *links)
{
	const struct path_graph *g = f->graph;
	uint32_t n = 0, node = from;
	uint64_t sum[ORDER_MAX];

	while (node != f->to) {
		uint32_t link = g->out_first[node], end = g->out_first[node + 1];

		for (; link < end; link++) {
			if (!filter_allows(f, link) || !spf_reached(s, graph_head(g, link)))
				continue;
			order_add(f, order, link, spf_at(s, graph_head(g, link)), sum);
			if (order_compare(sum, spf_at(s, node), order->n) == 0)
				break;
		}
		if (link == end)
			return 0;
		links[n++] = link;
		node = graph_head(g, link);
	}
	return n;
}
