#include "pce/base/hash.h"

#include <stdlib.h>
#include <string.h>

static inline uint64_t
rotl(uint64_t v, unsigned by)
{
	return v << by | v >> (64 - by);
}

struct sip {
	uint64_t a, b, c, d;
};

static inline void
sip_round(struct sip *s)
{
	s->a += s->b;
	s->b = rotl(s->b, 13) ^ s->a;
	s->a = rotl(s->a, 32);
	s->c += s->d;
	s->d = rotl(s->d, 16) ^ s->c;
	s->a += s->d;
	s->d = rotl(s->d, 21) ^ s->a;
	s->c += s->b;
	s->b = rotl(s->b, 17) ^ s->c;
	s->c = rotl(s->c, 32);
}

uint64_t
hash_bytes(const void *data, size_t len, uint64_t seed)
{
	const uint8_t *at = data;
	struct sip s = { seed ^ 0x736f6d6570736575ULL, ~seed ^ 0x646f72616e646f6dULL,
			 seed ^ 0x6c7967656e657261ULL, ~seed ^ 0x7465646279746573ULL };
	uint64_t word, last = (uint64_t)len << 56;

	for (; len >= 8; len -= 8, at += 8) {
		memcpy(&word, at, 8);
		s.d ^= word;
		sip_round(&s);
		s.a ^= word;
	}
	for (size_t i = 0; i < len; i++)
		last |= (uint64_t)at[i] << (8 * i);
	s.d ^= last;
	sip_round(&s);
	s.a ^= last;
	s.c ^= 0xff;
	sip_round(&s);
	sip_round(&s);
	sip_round(&s);
	return s.a ^ s.b ^ s.c ^ s.d;
}

void
hash_init(struct hash *h, hash_key_fn *key, const void *owner, uint64_t seed)
{
	*h = (struct hash){ .seed = seed, .key = key, .owner = owner };
}

void
hash_free(struct hash *h)
{
	free(h->slots);
	hash_init(h, h->key, h->owner, h->seed);
}

/*
 * The slot that holds key, or the empty slot where it belongs. The table is never full. The tag
 * decides the place too, so that growing and removing need not ask for keys again: they are all
 * over the memory.
 */
static size_t
find_slot(const struct hash *h, const void *key, size_t len, uint64_t sum)
{
	size_t i = (uint32_t)sum & h->mask;

	for (;; i = (i + 1) & h->mask) {
		const struct hash_slot *slot = &h->slots[i];
		const void *other;
		size_t other_len;

		if (slot->value == HASH_NONE)
			return i;
		if (slot->tag != (uint32_t)sum)
			continue;
		other = h->key(h->owner, slot->value, &other_len);
		if (other_len == len && (len == 0 || memcmp(other, key, len) == 0))
			return i;
	}
}

uint32_t
hash_find_sum(const struct hash *h, const void *key, size_t len, uint64_t sum)
{
	return h->slots ? h->slots[find_slot(h, key, len, sum)].value : HASH_NONE;
}

uint32_t
hash_find(const struct hash *h, const void *key, size_t len)
{
	return hash_find_sum(h, key, len, hash_bytes(key, len, h->seed));
}

static enum pce_status
grow(struct hash *h, struct pce_error *err)
{
	size_t count = h->slots ? (h->mask + 1) * 2 : 16;
	struct hash_slot *slots = malloc(count * sizeof(*slots));
	struct hash old = *h;

	if (!slots)
		return pce_no_memory(err);
	for (size_t i = 0; i < count; i++)
		slots[i].value = HASH_NONE;
	h->slots = slots;
	h->mask = count - 1;
	for (size_t i = 0; old.slots && i <= old.mask; i++) {
		size_t at = old.slots[i].tag & h->mask;

		if (old.slots[i].value == HASH_NONE)
			continue;
		while (h->slots[at].value != HASH_NONE)
			at = (at + 1) & h->mask;
		h->slots[at] = old.slots[i];
	}
	free(old.slots);
	return PCE_OK;
}

enum pce_status
hash_add_sum(struct hash *h, uint32_t value, uint64_t sum, struct pce_error *err)
{
	size_t i;

	if (!h->slots || (h->used + 1) * 4 > (h->mask + 1) * 3) {
		enum pce_status status = grow(h, err);

		if (status)
			return status;
	}
	for (i = (uint32_t)sum & h->mask; h->slots[i].value != HASH_NONE; i = (i + 1) & h->mask)
		;
	h->slots[i] = (struct hash_slot){ value, (uint32_t)sum };
	h->used++;
	return PCE_OK;
}

enum pce_status
hash_add(struct hash *h, uint32_t value, struct pce_error *err)
{
	size_t len;
	const void *key = h->key(h->owner, value, &len);
	uint64_t sum = hash_bytes(key, len, h->seed);

	if (hash_find_sum(h, key, len, sum) != HASH_NONE)
		return pce_fail(err, PCE_EXISTS, "the key is in the table already");
	return hash_add_sum(h, value, sum, err);
}

bool
hash_remove(struct hash *h, const void *key, size_t len)
{
	size_t hole, i;

	if (!h->slots)
		return false;
	hole = find_slot(h, key, len, hash_bytes(key, len, h->seed));
	if (h->slots[hole].value == HASH_NONE)
		return false;
	/* Close the gap: move back every later entry of the run whose home is not past the hole. */
	for (i = (hole + 1) & h->mask; h->slots[i].value != HASH_NONE; i = (i + 1) & h->mask) {
		size_t home = h->slots[i].tag & h->mask;

		if (((i - home) & h->mask) >= ((i - hole) & h->mask)) {
			h->slots[hole] = h->slots[i];
			hole = i;
		}
	}
	h->slots[hole].value = HASH_NONE;
	h->used--;
	return true;
}
