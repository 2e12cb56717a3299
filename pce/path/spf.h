/*
 * Distances to one node in a total order: a vector of sums compared lexicographically (objective,
 * ties in the asked order, then the number of links). Every component is a sum of weights >= 0 and
 * the last one grows with each link, so Dijkstra's algorithm holds for vectors as for numbers, zero
 * metrics included, and the links that are tight between distances form a graph without cycles.
 * Among tight links the smallest canonical one, chosen node by node from the start, gives the
 * lexicographically smallest path: the last tie is broken without storing a single path.
 */
#ifndef PCE_PATH_SPF_H
#define PCE_PATH_SPF_H

#include "pce/path/filter.h"

#define ORDER_MAX 6

/* What a path is judged by, most important first. The last one is METRIC_LINKS. */
struct order {
	uint8_t metric[ORDER_MAX]; /* enum graph_metric */
	uint8_t n;
};

struct spf {
	uint64_t *dist; /* width numbers a node, valid where seen */
	uint32_t *stamp; /* node seen in this run */
	uint32_t *place; /* in the heap, GRAPH_NONE once settled */
	uint32_t *heap;
	uint32_t n_heap, epoch, n_nodes;
	unsigned width;
	uint64_t settled;
};

/* Scratch for a graph of n nodes; spf_free on a zeroed one does nothing. PCE_NO_MEMORY. */
enum pce_status spf_init(struct spf *s, uint32_t n_nodes, struct pce_error *err);
void spf_free(struct spf *s);

/* Distances from every node to f->to over allowed links. Stops when `until` is settled (GRAPH_NONE:
 * never); then only distances smaller than until's are final. O((m + n log n) width). */
void spf_to(struct spf *s, const struct filter *f, const struct order *order, uint32_t until);

/* The steps of which spf_to is made, for other searches from one end: forget everything; take in
 * that `node` can do with the distance `sum` of `width` numbers (true: it is less); take out the
 * nearest node that is not settled (false: none). */
void spf_start(struct spf *s, unsigned width);
bool spf_offer(struct spf *s, uint32_t node, const uint64_t *sum);
bool spf_pop(struct spf *s, uint32_t *node);

/* True if the node can reach the end. */
static inline bool
spf_reached(const struct spf *s, uint32_t node)
{
	return s->stamp[node] == s->epoch;
}

/* True if the node's distance is final. */
static inline bool
spf_settled(const struct spf *s, uint32_t node)
{
	return s->stamp[node] == s->epoch && s->place[node] == GRAPH_NONE;
}

/* The node's distance vector; only if reached. */
static inline const uint64_t *
spf_at(const struct spf *s, uint32_t node)
{
	return s->dist + (size_t)node * s->width;
}

/* Walks the best path from `from` after spf_to, which must have reached it. links has room for
 * n_nodes; returns the number of links. O(length x degree). */
uint32_t spf_walk(const struct spf *s, const struct filter *f, const struct order *order,
		  uint32_t from, uint32_t *links);

/* -1, 0 or 1: lexicographic comparison of n numbers. */
static inline int
order_compare(const uint64_t *a, const uint64_t *b, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (a[i] != b[i])
			return a[i] < b[i] ? -1 : 1;
	return 0;
}

/* sum = base + the link's weights in the order. */
static inline void
order_add(const struct filter *f, const struct order *order, uint32_t link, const uint64_t *base,
	  uint64_t *sum)
{
	for (unsigned i = 0; i < order->n; i++)
		sum[i] = cost_add(base[i], filter_weight(f, link, order->metric[i]));
}

#endif
