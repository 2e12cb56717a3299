#include "pce/ted/source/keyring.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "pce/ted/delta.h"

#define RING_BLOCK 32768

struct ring_block {
	struct ring_block *next;
	size_t used, size;
	uint8_t bytes[];
};

struct keyring {
	atomic_uint holders;
	struct ring_block *keys, *nodes, *texts; /* first of each list */
};

struct keyring *
keyring_new(void)
{
	struct keyring *ring = calloc(1, sizeof(*ring));

	if (ring)
		atomic_init(&ring->holders, 1);
	return ring;
}

static void
free_blocks(struct ring_block *b)
{
	while (b) {
		struct ring_block *next = b->next;

		free(b);
		b = next;
	}
}

struct keyring *
keyring_hold(struct keyring *ring)
{
	atomic_fetch_add_explicit(&ring->holders, 1, memory_order_relaxed);
	return ring;
}

void
keyring_drop(struct keyring *ring)
{
	if (!ring || atomic_fetch_sub_explicit(&ring->holders, 1, memory_order_acq_rel) != 1)
		return;
	free_blocks(ring->keys);
	free_blocks(ring->nodes);
	free_blocks(ring->texts);
	free(ring);
}

static void *
take(struct ring_block **blocks, size_t len, size_t align)
{
	struct ring_block *b = *blocks;
	size_t at = b ? (b->used + align - 1) / align * align : 0;

	if (!b || at + len > b->size) {
		size_t size = len > RING_BLOCK ? len : RING_BLOCK;

		b = malloc(sizeof(*b) + size);
		if (!b)
			return NULL;
		*b = (struct ring_block){ .next = *blocks, .size = size };
		*blocks = b;
		at = 0;
	}
	b->used = at + len;
	return b->bytes + at;
}

struct key *
keyring_add(struct keyring *ring, const uint8_t *bytes, size_t len)
{
	/* Every link asks for the keys of two nodes: they are kept close together. */
	struct ring_block **blocks = bytes[0] == TED_OBJECT_NODE ? &ring->nodes : &ring->keys;
	struct key *key = take(blocks, sizeof(*key) + len, sizeof(void *));

	if (!key)
		return NULL;
	*key = (struct key){ .len = (uint32_t)len };
	memcpy(key->bytes, bytes, len);
	return key;
}

const char *
keyring_add_text(struct keyring *ring, const char *text, size_t len)
{
	char *copy = take(&ring->texts, len + 1, 1);

	if (copy) {
		memcpy(copy, text, len);
		copy[len] = '\0';
	}
	return copy;
}
