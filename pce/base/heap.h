/*
 * A binary heap in an array of the caller's (see array.h), by an order of the caller's: items[0]
 * comes out first. The functions are inline and the size of an item is a constant where they are
 * called, so that copies and comparisons become the caller's own code.
 */
#ifndef PCE_BASE_HEAP_H
#define PCE_BASE_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* True if item a comes out before item b. */
typedef bool heap_before(const void *ctx, const void *a, const void *b);

/* Puts an item of `size` bytes into a heap of n; there is room for one more. The caller counts. */
static inline void
heap_put(void *items, size_t n, size_t size, const void *item, heap_before *before, const void *ctx)
{
	char *at = items;

	while (n > 0 && before(ctx, item, at + (n - 1) / 2 * size)) {
		memcpy(at + n * size, at + (n - 1) / 2 * size, size);
		n = (n - 1) / 2;
	}
	memcpy(at + n * size, item, size);
}

/* Takes the first of n > 0 items into *out. n - 1 are left; the caller counts. */
static inline void
heap_take(void *items, size_t n, size_t size, void *out, heap_before *before, const void *ctx)
{
	char *at = items;
	const char *last = at + --n * size;
	size_t hole = 0;

	memcpy(out, at, size);
	for (size_t child = 1; child < n; child = 2 * hole + 1) {
		if (child + 1 < n && before(ctx, at + (child + 1) * size, at + child * size))
			child++;
		if (!before(ctx, at + child * size, last))
			break;
		memcpy(at + hole * size, at + child * size, size);
		hole = child;
	}
	if (n > 0)
		memmove(at + hole * size, last, size);
}

#endif
