/*
 * Hash table from byte keys to 32-bit values (row numbers). The keys stay with the caller: the
 * table asks for them back through a function. Hashing is keyed by a seed, so that hostile keys
 * cannot be aimed at one bucket and so that tests can show that no result depends on the order of
 * the table.
 */
#ifndef PCE_BASE_HASH_H
#define PCE_BASE_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pce/base/status.h"

#define HASH_NONE UINT32_MAX

/* SipHash-1-3 of len bytes at data under seed (Aumasson and Bernstein 2012). */
uint64_t hash_bytes(const void *data, size_t len, uint64_t seed);

/* The key of value, as bytes that stay valid and unchanged while the value is in the table. */
typedef const void *hash_key_fn(const void *owner, uint32_t value, size_t *len);

struct hash_slot {
	uint32_t value; /* HASH_NONE: empty */
	uint32_t tag; /* low half of the key's hash */
};

struct hash {
	struct hash_slot *slots;
	size_t mask; /* slots - 1; a power of two; 0 with slots NULL: empty */
	size_t used;
	uint64_t seed;
	hash_key_fn *key;
	const void *owner;
};

/* Prepares an empty table; nothing is allocated. owner is passed to key. */
void hash_init(struct hash *h, hash_key_fn *key, const void *owner, uint64_t seed);
/* Frees the slots; the table is empty and usable afterwards. */
void hash_free(struct hash *h);
/* The value under a key, or HASH_NONE. O(1). */
uint32_t hash_find(const struct hash *h, const void *key, size_t len);
/* Adds value, whose key (by the key function) must not be in the table yet. PCE_NO_MEMORY leaves it
 * unchanged. */
enum pce_status hash_add(struct hash *h, uint32_t value, struct pce_error *err);
/* The same in two steps, so that a key that is searched and then added is hashed once: sum is
 * hash_bytes of the key under h->seed, and the key that is added is known not to be there. */
uint32_t hash_find_sum(const struct hash *h, const void *key, size_t len, uint64_t sum);
enum pce_status hash_add_sum(struct hash *h, uint32_t value, uint64_t sum, struct pce_error *err);
/* Removes the value under key; true if it was there. */
bool hash_remove(struct hash *h, const void *key, size_t len);

#endif
