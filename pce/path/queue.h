/*
 * Nodes in order of their keys, with what a search from two ends knows of them: distances of
 * earlier searches are told by their epoch, so nothing is ever cleared. See scalar.h.
 *
 * Buckets are lists of entries in a pool. A node that gets a smaller key gets one more entry; the
 * older one is passed over when its turn comes, because the node is settled by then. When the pool
 * is full, what is out of date is swept out of it.
 */
#ifndef PCE_PATH_QUEUE_H
#define PCE_PATH_QUEUE_H

#include "pce/path/graph.h"

#define QUEUE_BUCKETS 4096
#define QUEUE_TIE 0x80000000u /* in parent: there is another one as good */

/* What both sides of a search know of a node. */
struct queue_cell {
	uint64_t key[2];
	uint32_t epoch[2]; /* the queue's: seen in this search; one more: settled */
	uint32_t parent[2]; /* link by which it was reached */
};

struct queue_entry {
	uint32_t node, next;
};

struct queue {
	struct queue_cell *cells; /* the caller's */
	unsigned side;
	struct queue_entry *pool;
	uint32_t n_pool, pool_cap;
	uint32_t *buckets; /* first entry of each, valid where its bit is set */
	uint64_t bits[QUEUE_BUCKETS / 64], top_bits;
	uint64_t first; /* bucket from which on to look, not wrapped */
	uint32_t *heap, *place; /* made when first needed */
	uint32_t n; /* queued nodes */
	uint32_t epoch; /* even */
	uint32_t n_nodes;
	uint8_t shift;
	bool is_heap;
};

/* Scratch for one side of n cells, which stay the caller's; queue_free on a zeroed one does
 * nothing. PCE_NO_MEMORY. */
enum pce_status queue_init(struct queue *q, struct queue_cell *cells, uint32_t n, unsigned side,
			   struct pce_error *err);
/* Frees the scratch. */
void queue_free(struct queue *q);

/* Makes what a heap needs, unless it is there. PCE_NO_MEMORY. */
enum pce_status queue_need_heap(struct queue *q, struct pce_error *err);

/* Forgets everything. Buckets of 2^shift; no two queued keys may be QUEUE_BUCKETS - 1 of them
 * apart. */
void queue_start(struct queue *q, bool heap, uint8_t shift);

/* Heap: node got its first, or a smaller key. */
void queue_heap_push(struct queue *q, uint32_t node, bool queued);
uint32_t queue_heap_pop(struct queue *q);

/* Makes room in the pool. */
void queue_sweep(struct queue *q);

/* True if a node was offered in this search. */
static inline bool
queue_seen(const struct queue *q, uint32_t node)
{
	return (q->cells[node].epoch[q->side] & ~1u) == q->epoch;
}

/* True if its key is final. */
static inline bool
queue_settled(const struct queue *q, uint32_t node)
{
	return q->cells[node].epoch[q->side] == q->epoch + 1;
}

/* The key of a node that was seen. */
static inline uint64_t
queue_key(const struct queue *q, uint32_t node)
{
	return q->cells[node].key[q->side];
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

/* Takes the first entry of the first bucket off its list. */
static inline void
queue_unlink(struct queue *q)
{
	uint32_t bucket = (uint32_t)q->first % QUEUE_BUCKETS;
	uint32_t next = q->pool[q->buckets[bucket]].next;

	q->buckets[bucket] = next;
	if (next != GRAPH_NONE)
		return;
	q->bits[bucket / 64] &= ~(1ULL << bucket % 64);
	if (!q->bits[bucket / 64])
		q->top_bits &= ~(1ULL << bucket / 64);
}

/* No queued node has a smaller key; UINT64_MAX if none is queued. */
static inline uint64_t
queue_least(struct queue *q)
{
	if (q->n == 0)
		return UINT64_MAX;
	if (q->is_heap)
		return queue_key(q, q->heap[0]);
	for (;;) {
		q->first = queue_first_bucket(q);
		if (!queue_settled(q, q->pool[q->buckets[q->first % QUEUE_BUCKETS]].node))
			return q->first << q->shift;
		queue_unlink(q);
	}
}

/* Enters a node into the bucket of its key. */
static inline __attribute__((always_inline)) void
queue_link(struct queue *q, uint32_t node, uint64_t key)
{
	uint32_t bucket = (uint32_t)(key >> q->shift) % QUEUE_BUCKETS;
	uint64_t bit = 1ULL << bucket % 64;
	struct queue_entry *entry;

	if (q->n_pool == q->pool_cap)
		queue_sweep(q);
	entry = &q->pool[q->n_pool];
	entry->node = node;
	entry->next = q->bits[bucket / 64] & bit ? q->buckets[bucket] : GRAPH_NONE;
	q->buckets[bucket] = q->n_pool++;
	q->bits[bucket / 64] |= bit;
	q->top_bits |= 1ULL << bucket / 64;
}

/* A node gets its first key in this search or, if it was seen, a smaller one. */
static inline __attribute__((always_inline)) void
queue_enter(struct queue *q, uint32_t node, uint64_t key, uint32_t parent, bool seen)
{
	struct queue_cell *cell = &q->cells[node];

	cell->epoch[q->side] = q->epoch;
	cell->key[q->side] = key;
	cell->parent[q->side] = parent;
	q->n += !seen;
	if (q->is_heap)
		queue_heap_push(q, node, seen);
	else
		queue_link(q, node, key);
}

/* Takes in that a node can be reached with a key. */
static inline __attribute__((always_inline)) void
queue_offer(struct queue *q, uint32_t node, uint64_t key, uint32_t parent)
{
	struct queue_cell *cell = &q->cells[node];
	bool seen = (cell->epoch[q->side] & ~1u) == q->epoch;

	if (!seen || key < cell->key[q->side])
		queue_enter(q, node, key, parent, seen);
	else if (key == cell->key[q->side])
		cell->parent[q->side] |= QUEUE_TIE;
}

/* Settles a nearest node, after queue_least; there must be one. */
static inline uint32_t
queue_pop(struct queue *q)
{
	uint32_t node;

	if (q->is_heap) {
		node = queue_heap_pop(q);
	} else {
		node = q->pool[q->buckets[q->first % QUEUE_BUCKETS]].node;
		queue_unlink(q);
		q->n--;
	}
	q->cells[node].epoch[q->side] = q->epoch + 1;
	return node;
}

#endif
