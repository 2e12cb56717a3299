/* Indexes of names and numbers for one topology. No result depends on the hash. */
#include "models/codec/topology_names.h"

#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"

static const void *
entry_key(const void *owner, uint32_t value, size_t *len)
{
	const struct nameset *names = owner;

	*len = names->entries[value].len;
	return names->entries[value].key;
}

void
nameset_init(struct nameset *names, struct arena *arena)
{
	*names = (struct nameset){ .arena = arena };
	hash_init(&names->hash, entry_key, names, 0x6b61727374ULL);
}

void
nameset_free(struct nameset *names)
{
	hash_free(&names->hash);
	free(names->entries);
	names->entries = NULL;
	names->n = names->cap = 0;
}

uint32_t
nameset_find(const struct nameset *names, const void *key, size_t len)
{
	uint32_t at = hash_find(&names->hash, key, len);

	return at == HASH_NONE ? HASH_NONE : names->entries[at].value;
}

enum pce_status
nameset_add(struct nameset *names, const void *key, size_t len, uint32_t value,
	    struct pce_error *err)
{
	enum pce_status status;
	void *copy;

	if (nameset_find(names, key, len) != HASH_NONE)
		return PCE_EXISTS;
	status =
	    array_reserve(&names->entries, &names->cap, names->n + 1, sizeof(*names->entries), err);
	if (status != PCE_OK)
		return status;
	copy = arena_copy(names->arena, key, len ? len : 1);
	if (!copy)
		return pce_no_memory(err);
	names->entries[names->n] = (struct nameset_entry){ copy, len, value };
	status = hash_add(&names->hash, (uint32_t)names->n, err);
	if (status == PCE_OK)
		names->n++;
	return status;
}

void
numberset_init(struct numberset *numbers, struct arena *arena)
{
	nameset_init(&numbers->by_name, arena);
	nameset_init(&numbers->by_number, arena);
}

void
numberset_free(struct numberset *numbers)
{
	nameset_free(&numbers->by_name);
	nameset_free(&numbers->by_number);
}

enum pce_status
numberset_bind(struct numberset *numbers, const char *name, uint32_t number, struct pce_error *err)
{
	enum pce_status status = PCE_OK;

	if (name)
		status = nameset_add(&numbers->by_name, name, strlen(name), number, err);
	if (status != PCE_OK)
		return status;
	status = nameset_add(&numbers->by_number, &number, sizeof(number), number, err);
	return status == PCE_EXISTS ? PCE_OK : status;
}

uint32_t
numberset_find(const struct numberset *numbers, const char *name)
{
	return nameset_find(&numbers->by_name, name, strlen(name));
}

bool
numberset_taken(const struct numberset *numbers, uint32_t number)
{
	return nameset_find(&numbers->by_number, &number, sizeof(number)) != HASH_NONE;
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
