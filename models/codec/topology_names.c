/* Indexes of names and numbers for one topology. No result depends on the hash. */
#include "models/codec/topology_names.h"

#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"

static const void *
entry_key(const void *owner, uint32_t value, size_t *len)
{
	const struct names *names = owner;

	*len = names->entries[value].len;
	return names->entries[value].key;
}

void
names_init(struct names *names, struct arena *arena)
{
	*names = (struct names){ .arena = arena };
	hash_init(&names->hash, entry_key, names, 0x6b61727374ULL);
}

void
names_free(struct names *names)
{
	hash_free(&names->hash);
	free(names->entries);
	names->entries = NULL;
	names->n = names->cap = 0;
}

uint32_t
names_find(const struct names *names, const void *key, size_t len)
{
	uint32_t at = hash_find(&names->hash, key, len);

	return at == HASH_NONE ? HASH_NONE : names->entries[at].value;
}

enum pce_status
names_add(struct names *names, const void *key, size_t len, uint32_t value, struct pce_error *err)
{
	enum pce_status status;
	void *copy;

	if (names_find(names, key, len) != HASH_NONE)
		return PCE_EXISTS;
	status =
	    array_reserve(&names->entries, &names->cap, names->n + 1, sizeof(*names->entries), err);
	if (status != PCE_OK)
		return status;
	copy = arena_copy(names->arena, key, len ? len : 1);
	if (!copy)
		return pce_no_memory(err);
	names->entries[names->n] = (struct names_entry){ copy, len, value };
	status = hash_add(&names->hash, (uint32_t)names->n, err);
	if (status == PCE_OK)
		names->n++;
	return status;
}

void
numbers_init(struct numbers *numbers, struct arena *arena)
{
	names_init(&numbers->by_name, arena);
	names_init(&numbers->by_number, arena);
}

void
numbers_free(struct numbers *numbers)
{
	names_free(&numbers->by_name);
	names_free(&numbers->by_number);
}

enum pce_status
numbers_bind(struct numbers *numbers, const char *name, uint32_t number, struct pce_error *err)
{
	enum pce_status status = PCE_OK;

	if (name)
		status = names_add(&numbers->by_name, name, strlen(name), number, err);
	if (status != PCE_OK)
		return status;
	status = names_add(&numbers->by_number, &number, sizeof(number), number, err);
	return status == PCE_EXISTS ? PCE_OK : status;
}

uint32_t
numbers_find(const struct numbers *numbers, const char *name)
{
	return names_find(&numbers->by_name, name, strlen(name));
}

bool
numbers_taken(const struct numbers *numbers, uint32_t number)
{
	return names_find(&numbers->by_number, &number, sizeof(number)) != HASH_NONE;
}

bool
number_of_text(const char *text, uint32_t *out)
{
	uint64_t value = 0;
	size_t i;

	for (i = 0; text[i] >= '0' && text[i] <= '9' && i < 10; i++)
		value = value * 10 + (uint64_t)(text[i] - '0');
	if (i == 0 || text[i] || value > UINT32_MAX)
		return false;
	*out = (uint32_t)value;
	return true;
}
