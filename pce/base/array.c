#include "pce/base/array.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum pce_status
array_reserve(void *items, size_t *cap, size_t need, size_t item_size, struct pce_error *err)
{
	size_t grown = *cap + *cap / 2;
	void *old, *fresh;

	if (need <= *cap)
		return PCE_OK;
	if (grown < need)
		grown = need;
	if (grown < 8)
		grown = 8;
	if (grown > SIZE_MAX / item_size)
		return pce_no_memory(err);
	memcpy(&old, items, sizeof(old));
	fresh = realloc(old, grown * item_size);
	if (!fresh)
		return pce_no_memory(err);
	memcpy(items, &fresh, sizeof(fresh));
	*cap = grown;
	return PCE_OK;
}

void *
array_copy(const void *items, size_t len)
{
	void *copy = malloc(len ? len : 1);

	if (copy && len)
		memcpy(copy, items, len);
	return copy;
}

char *
array_strdup(const char *text)
{
	return text ? array_copy(text, strlen(text) + 1) : NULL;
}

void *
array_lines(size_t size, void **block)
{
	uintptr_t at;

	*block = size <= SIZE_MAX - 63 ? malloc(size + 63) : NULL;
	if (!*block)
		return NULL;
	at = (uintptr_t)*block;
	return (char *)*block + (-at & 63);
}
