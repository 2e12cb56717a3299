#include "pce/path/queue.h"

#include <stdlib.h>
#include <string.h>

enum pce_status
queue_init(struct queue *q, struct queue_cell *cells, uint32_t n, unsigned side,
	   struct pce_error *err)
{
	*q = (struct queue){ .cells = cells, .side = side, .n_nodes = n };
	q->pool_cap = n + n / 4 + 64;
	q->pool = malloc(q->pool_cap * sizeof(*q->pool));
	q->buckets = malloc(QUEUE_BUCKETS * sizeof(*q->buckets));
	if (q->pool && q->buckets)
		return PCE_OK;
	queue_free(q);
	return pce_no_memory(err);
}

void
queue_free(struct queue *q)
{
	free(q->pool);
	free(q->buckets);
	free(q->heap);
	free(q->place);
	*q = (struct queue){ .cells = NULL };
}

enum pce_status
queue_need_heap(struct queue *q, struct pce_error *err)
{
	size_t n = (size_t)q->n_nodes + 1;

	if (!q->heap)
		q->heap = malloc(n * sizeof(*q->heap));
	if (!q->place)
		q->place = malloc(n * sizeof(*q->place));
	return q->heap && q->place ? PCE_OK : pce_no_memory(err);
}

void
queue_start(struct queue *q, bool heap, uint8_t shift)
{
	q->epoch += 2;
	if (q->epoch == 0) {
		for (uint32_t i = 0; i < q->n_nodes; i++)
			q->cells[i].epoch[q->side] = 0;
		q->epoch = 2;
	}
	memset(q->bits, 0, sizeof(q->bits));
	q->top_bits = q->first = 0;
	q->n = q->n_pool = 0;
	q->is_heap = heap;
	q->shift = shift;
}

/* Queued nodes are moved to the front of the pool and linked anew, by their keys. One with several
 * entries is kept once, because the first makes it look settled until all are moved. */
void
queue_sweep(struct queue *q)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < q->n_pool; i++) {
		uint32_t node = q->pool[i].node;

		if (q->cells[node].epoch[q->side] != q->epoch)
			continue;
		q->cells[node].epoch[q->side]++;
		q->pool[kept++].node = node;
	}
	memset(q->bits, 0, sizeof(q->bits));
	q->top_bits = q->n_pool = 0;
	for (uint32_t i = 0; i < kept; i++) {
		uint32_t node = q->pool[i].node;

		q->cells[node].epoch[q->side]--;
		queue_link(q, node, queue_key(q, node));
	}
}

static uint64_t
key_at(const struct queue *q, uint32_t at)
{
	return queue_key(q, q->heap[at]);
}

static void
place(struct queue *q, uint32_t at, uint32_t node)
{
	q->heap[at] = node;
	q->place[node] = at;
}

/* q->n counts a new node already. */
void
queue_heap_push(struct queue *q, uint32_t node, bool queued)
{
	uint32_t at = queued ? q->place[node] : q->n - 1;
	uint64_t key = queue_key(q, node);

	while (at > 0 && key < key_at(q, (at - 1) / 4)) {
		place(q, at, q->heap[(at - 1) / 4]);
		at = (at - 1) / 4;
	}
	place(q, at, node);
}

uint32_t
queue_heap_pop(struct queue *q)
{
	uint32_t top = q->heap[0], node = q->heap[--q->n], at = 0;
	uint64_t key = queue_key(q, node);

	for (;;) {
		uint32_t child = 4 * at + 1, best = child;

		if (child >= q->n)
			break;
		for (uint32_t i = child + 1; i < child + 4 && i < q->n; i++)
			if (key_at(q, i) < key_at(q, best))
				best = i;
		if (key_at(q, best) >= key)
			break;
		place(q, at, q->heap[best]);
		at = best;
	}
	if (q->n > 0)
		place(q, at, node);
	return top;
}
