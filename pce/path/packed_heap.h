/* A binary heap of packed sums, each with a number. Room grows by array_reserve; what was put in
 * twice comes out twice, and its user tells which is stale. */
#ifndef PCE_PATH_PACKED_HEAP_H
#define PCE_PATH_PACKED_HEAP_H

#include "pce/base/array.h"
#include "pce/path/packing.h"

/* A bit of the number that is its user's: it was there before. */
#define PACKED_AGAIN 0x80000000u

/* Up to this number of links a node is not worth being expanded in part (astar.h). */
#define PACKED_FEW_LINKS 6

struct packed_entry {
	uint64_t high, low; /* of the sum, which is >= 0 */
	uint32_t id;
};

struct packed_heap {
	struct packed_entry *entries;
	size_t cap;
	uint32_t n;
};

/* True if a comes out before b. */
static inline bool
packed_before(const struct packed_entry *a, const struct packed_entry *b)
{
	return a->high < b->high || (a->high == b->high && a->low < b->low);
}

/* Puts a number in. PCE_NO_MEMORY. */
static inline enum pce_status
packed_push(struct packed_heap *h, packed_sum sum, uint32_t id, struct pce_error *err)
{
	struct packed_entry entry = { (uint64_t)(sum >> 64), (uint64_t)sum, id };
	uint32_t at = h->n;

	if (at >= h->cap) {
		enum pce_status status =
		    array_reserve(&h->entries, &h->cap, (size_t)at + 64, sizeof(*h->entries), err);

		if (status)
			return status;
	}
	h->n++;
	while (at > 0 && packed_before(&entry, &h->entries[(at - 1) / 2])) {
		h->entries[at] = h->entries[(at - 1) / 2];
		at = (at - 1) / 2;
	}
	h->entries[at] = entry;
	return PCE_OK;
}

/* The least sum in a heap that is not empty. */
static inline packed_sum
packed_top(const struct packed_heap *h)
{
	return (packed_sum)h->entries[0].high << 64 | (packed_sum)h->entries[0].low;
}

/* Takes the number with the least sum out of a heap that is not empty. */
static inline uint32_t
packed_pop(struct packed_heap *h)
{
	uint32_t id = h->entries[0].id, n = --h->n, at = 0;
	struct packed_entry last = h->entries[n];

	for (;;) {
		uint32_t child = 2 * at + 1;

		if (child >= n)
			break;
		if (child + 1 < n && packed_before(&h->entries[child + 1], &h->entries[child]))
			child++;
		if (!packed_before(&h->entries[child], &last))
			break;
		h->entries[at] = h->entries[child];
		at = child;
	}
	h->entries[at] = last;
	return id;
}

#endif
