/* Arena: many small allocations with one lifetime, freed together. */
#ifndef PCE_BASE_ARENA_H
#define PCE_BASE_ARENA_H

#include <stddef.h>

struct arena_block;

/* A zeroed struct arena is empty. */
struct arena {
	struct arena_block *blocks;
};

/* size bytes aligned for any type and set to zero, or NULL without memory. Lives until arena_free.
 */
void *arena_alloc(struct arena *a, size_t size);
/* Copy of len bytes in the arena; NULL without memory. */
void *arena_copy(struct arena *a, const void *bytes, size_t len);
/* Copy of a string in the arena; NULL without memory. */
char *arena_strdup(struct arena *a, const char *string);
/* Frees everything; the arena is empty and usable afterwards. */
void arena_free(struct arena *a);

#endif
