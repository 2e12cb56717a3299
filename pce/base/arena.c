#include "pce/base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_SIZE 4064

struct arena_block {
	struct arena_block *next;
	size_t used, size;
	alignas(max_align_t) uint8_t bytes[];
};

void *
arena_alloc(struct arena *a, size_t size)
{
	const size_t align = alignof(max_align_t);
	struct arena_block *b = a->blocks;
	size_t room;
	void *at;

	if (size > SIZE_MAX / 2)
		return NULL;
	size = (size + align - 1) / align * align;
	if (!b || b->size - b->used < size) {
		room = size > BLOCK_SIZE ? size : BLOCK_SIZE;
		b = malloc(sizeof(*b) + room);
		if (!b)
			return NULL;
		*b = (struct arena_block){ .next = a->blocks, .size = room };
		a->blocks = b;
	}
	at = b->bytes + b->used;
	b->used += size;
	memset(at, 0, size);
	return at;
}

void *
arena_copy(struct arena *a, const void *bytes, size_t len)
{
	void *copy = arena_alloc(a, len ? len : 1);

	if (copy && len)
		memcpy(copy, bytes, len);
	return copy;
}

char *
arena_strdup(struct arena *a, const char *string)
{
	return arena_copy(a, string, strlen(string) + 1);
}

void
arena_free(struct arena *a)
{
	while (a->blocks) {
		struct arena_block *b = a->blocks;

		a->blocks = b->next;
		free(b);
	}
}
