#include "pce/path/queue.h"

#include <stdlib.h>
#include <string.h>

enum pce_status
queue_init(struct queue *q, uint32_t n_nodes, struct pce_error *err)
{
	*q = (struct queue){ .n_nodes = n_nodes };
	q->nodes = calloc((size_t)n_nodes + 1, sizeof(*q->nodes));
	q->buckets = malloc(QUEUE_BUCKETS * sizeof(*q->buckets));
	q->heap = malloc(((size_t)n_nodes + 1) * sizeof(*q->heap));
	if (q->nodes && q->buckets && q->heap)
		return PCE_OK;
	queue_free(q);
	return pce_no_memory(err);
}

void
queue_free(struct queue *q)
{
	free(q->nodes);
	free(q->buckets);
	free(q->heap);
	*q = (struct queue){ .nodes = NULL };
}

void
queue_start(struct queue *q, bool heap, uint8_t shift)
{
	if (++q->epoch == 0) {
		memset(q->nodes, 0, q->n_nodes * sizeof(*q->nodes));
		q->epoch = 1;
	}
	memset(q->bits, 0, sizeof(q->bits));
	q->top_bits = q->first = 0;
	q->n = 0;
	q->is_heap = heap;
	q->shift = shift;
}

static uint64_t
key_at(const struct queue *q, uint32_t at)
{
	return q->nodes[q->heap[at]].key;
}

static void
place(struct queue *q, uint32_t at, uint32_t node)
{
	q->heap[at] = node;
	q->nodes[node].prev = at;
}

/* q->n counts a new node already. */
void
queue_heap_push(struct queue *q, uint32_t node, bool queued)
{
	uint32_t at = queued ? q->nodes[node].prev : q->n - 1;
	uint64_t key = q->nodes[node].key;

	q->nodes[node].next = GRAPH_NONE;
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
	uint64_t key = q->nodes[node].key;

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
