/*
 * Nodes in order of their keys, with what a search knows of them: distances of earlier searches are
 * told by their epoch, so nothing is ever cleared. See scalar.h.
 */
#ifndef PCE_PATH_QUEUE_H
#define PCE_PATH_QUEUE_H

#include "pce/path/graph.h"

#define QUEUE_BUCKETS 4096
#define QUEUE_SETTLED 0xfffffffeu /* as next */
#define QUEUE_TIE 0x80000000u /* in parent: there is another one as good */

struct queue_node {
	uint64_t key;
	uint32_t epoch; /* the queue's: seen in this search */
	uint32_t parent; /* link by which it was reached, or its place in graph.in */
	uint32_t next, prev; /* in its bucket; prev is the place in a heap */
};

struct queue {
	struct queue_node *nodes;
	uint32_t *buckets; /* first node of each, valid where its bit is set */
	uint64_t bits[QUEUE_BUCKETS / 64], top_bits;
	uint64_t first; /* bucket from which on to look, not wrapped */
	uint32_t *heap;
	uint32_t n; /* queued */
	uint32_t epoch, n_nodes;
	uint8_t shift;
	bool is_heap;
};

/* Scratch for n nodes; queue_free on a zeroed one does nothing. PCE_NO_MEMORY. */
enum pce_status queue_init(struct queue *q, uint32_t n_nodes, struct pce_error *err);
/* Frees the scratch. */
void queue_free(struct queue *q);

/* Forgets everything. Buckets of 2^shift; no two queued keys may be QUEUE_BUCKETS - 1 of them
 * apart. */
void queue_start(struct queue *q, bool heap, uint8_t shift);

/* Heap: node got its first, or a smaller key. */
void queue_heap_push(struct queue *q, uint32_t node, bool queued);
uint32_t queue_heap_pop(struct queue *q);

static inline bool
queue_seen(const struct queue *q, uint32_t node)
{
	return q->nodes[node].epoch == q->epoch;
}

static inline bool
queue_settled(const struct queue *q, uint32_t node)
{
	return q->nodes[node].epoch == q->epoch && q->nodes[node].next == QUEUE_SETTLED;
}

/* The first bucket that is not empty; there must be one. */
static inline uint64_t
queue_first_bucket(const struct queue *q)
{
	uint32_t at = (uint32_t)q->first % QUEUE_BUCKETS, word = at / 64;
	uint64_t here = q->bits[word] >> at % 64, later;

	if (here)
		return q->first + (unsigned)__builtin_ctzll(here);
	later = word < 63 ? q->top_bits >> (word + 1) << (word + 1) : 0;
	if (!later)
		later = q->top_bits;
	word = (uint32_t)__builtin_ctzll(later);
	here = word * 64 + (unsigned)__builtin_ctzll(q->bits[word]);
	return q->first + ((here - at) & (QUEUE_BUCKETS - 1));
}

/* No queued node has a smaller key; UINT64_MAX if none is queued. */
static inline uint64_t
queue_least(struct queue *q)
{
	if (q->n == 0)
		return UINT64_MAX;
	if (q->is_heap)
		return q->nodes[q->heap[0]].key;
	q->first = queue_first_bucket(q);
	return q->first << q->shift;
}

static inline void
queue_unlink(struct queue *q, const struct queue_node *node)
{
	uint32_t bucket = (uint32_t)(node->key >> q->shift) % QUEUE_BUCKETS;

	if (node->next != GRAPH_NONE)
		q->nodes[node->next].prev = node->prev;
	if (node->prev != GRAPH_NONE) {
		q->nodes[node->prev].next = node->next;
	} else if (node->next != GRAPH_NONE) {
		q->buckets[bucket] = node->next;
	} else {
		q->bits[bucket / 64] &= ~(1ULL << bucket % 64);
		if (!q->bits[bucket / 64])
			q->top_bits &= ~(1ULL << bucket / 64);
	}
}

static inline void
queue_link(struct queue *q, uint32_t at)
{
	struct queue_node *node = &q->nodes[at];
	uint32_t bucket = (uint32_t)(node->key >> q->shift) % QUEUE_BUCKETS;
	uint64_t bit = 1ULL << bucket % 64;

	node->prev = GRAPH_NONE;
	node->next = GRAPH_NONE;
	if (q->bits[bucket / 64] & bit) {
		node->next = q->buckets[bucket];
		q->nodes[node->next].prev = at;
	} else {
		q->bits[bucket / 64] |= bit;
		q->top_bits |= 1ULL << bucket / 64;
	}
	q->buckets[bucket] = at;
}

/* Takes in that a node can be reached with a key. */
static inline void
queue_offer(struct queue *q, uint32_t at, uint64_t key, uint32_t parent)
{
	struct queue_node *node = &q->nodes[at];
	bool seen = node->epoch == q->epoch;

	if (seen && key >= node->key) {
		if (key == node->key)
			node->parent |= QUEUE_TIE;
		return;
	}
	if (seen && !q->is_heap)
		queue_unlink(q, node);
	node->epoch = q->epoch;
	node->key = key;
	node->parent = parent;
	q->n += !seen;
	if (q->is_heap)
		queue_heap_push(q, at, seen);
	else
		queue_link(q, at);
}

/* Takes a nearest node out, after queue_least; there must be one. */
static inline uint32_t
queue_pop(struct queue *q)
{
	uint32_t at;

	if (q->is_heap) {
		at = queue_heap_pop(q);
	} else {
		at = q->buckets[q->first % QUEUE_BUCKETS];
		queue_unlink(q, &q->nodes[at]);
		q->n--;
	}
	q->nodes[at].next = QUEUE_SETTLED;
	return at;
}

#endif
