/* Growing arrays: the caller keeps items, count and capacity; array_reserve makes room. */
#ifndef PCE_BASE_ARRAY_H
#define PCE_BASE_ARRAY_H

#include <stddef.h>

#include "pce/base/status.h"

/*
 * Makes room for at least need items of item_size bytes at *items (a pointer to the array's
 * pointer; the array may be NULL with *cap 0). Grows by half at least, so appending is O(1)
 * amortised. PCE_NO_MEMORY leaves *items and *cap as they were.
 */
enum pce_status array_reserve(void *items, size_t *cap, size_t need, size_t item_size,
			      struct pce_error *err);

/* Copy of len bytes on the heap, owned by the caller; NULL without memory, and for len 0 a valid
 * pointer. */
void *array_copy(const void *items, size_t len);

/* size bytes that begin at a line of cache (64 bytes), inside *block, which the caller frees;
 * NULL without memory. */
void *array_lines(size_t size, void **block);

/* Copy of a string on the heap (NULL stays NULL); NULL without memory. */
char *array_strdup(const char *text);

#endif
