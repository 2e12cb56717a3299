#include <stdlib.h>

#include "pce/base/array.h"
#include "pce/path/intern.h"

static const void *
entry_key(const void *owner, uint32_t value, size_t *len)
{
	const struct intern *t = owner;

	*len = t->entries[value].len;
	return t->entries[value].bytes;
}

void
intern_init(struct intern *t)
{
	*t = (struct intern){ .n = 0 };
	hash_init(&t->hash, entry_key, t, 0);
}

void
intern_free(struct intern *t)
{
	hash_free(&t->hash);
	arena_free(&t->arena);
	free(t->entries);
	t->entries = NULL;
	t->n = t->cap = 0;
}

uint32_t
intern_find(const struct intern *t, const void *bytes, size_t len)
{
	return hash_find(&t->hash, len > 0 ? bytes : "", len);
}

enum pce_status
intern_add(struct intern *t, const void *bytes, size_t len, uint32_t *out, struct pce_error *err)
{
	const void *key = len > 0 ? bytes : "";
	uint32_t at = intern_find(t, bytes, len);
	enum pce_status status;

	if (at != HASH_NONE) {
		*out = at;
		return PCE_OK;
	}
	status = array_reserve(&t->entries, &t->cap, t->n + 1, sizeof(*t->entries), err);
	if (status)
		return status;
	t->entries[t->n] = (struct intern_entry){ "", len };
	if (len > 0) {
		t->entries[t->n].bytes = arena_copy(&t->arena, key, len);
		if (!t->entries[t->n].bytes)
			return pce_no_memory(err);
	}
	status = hash_add(&t->hash, (uint32_t)t->n, err);
	if (status)
		return status;
	*out = (uint32_t)t->n++;
	return PCE_OK;
}
