/*
 * Deep copies into an arena with a sticky failure: after memory ran out every call gives NULL and
 * the copier is bad, so that the copy of a large struct is checked once, at its end. Internal to
 * the rooms that copy policies and changes.
 */
#ifndef PCE_POLICY_COPY_H
#define PCE_POLICY_COPY_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "pce/base/arena.h"
#include "pce/policy/intent.h"

struct copier {
	struct arena *arena;
	bool bad;
};

/* size zeroed bytes, NULL once memory ran out. */
static inline void *
copy_alloc(struct copier *c, size_t size)
{
	void *at = c->bad ? NULL : arena_alloc(c->arena, size ? size : 1);

	if (!at)
		c->bad = true;
	return at;
}

/* n items of size bytes each; NULL for n 0. */
static inline void *
copy_items(struct copier *c, const void *items, size_t n, size_t size)
{
	void *at = n == 0 ? NULL : copy_alloc(c, n * size);

	if (at)
		memcpy(at, items, n * size);
	return at;
}

/* A string; NULL stays NULL. */
static inline const char *
copy_text(struct copier *c, const char *text)
{
	return text ? copy_items(c, text, strlen(text) + 1, 1) : NULL;
}

/* An array of strings; NULL for n 0. */
static inline const char *const *
copy_texts(struct copier *c, const char *const *texts, size_t n)
{
	const char **at = n == 0 ? NULL : copy_alloc(c, n * sizeof(*at));

	for (size_t i = 0; at && i < n; i++)
		at[i] = copy_text(c, texts[i]);
	return at;
}

/* A list of names. */
static inline struct name_list
copy_names(struct copier *c, struct name_list list)
{
	return (struct name_list){ copy_texts(c, list.names, list.n), list.n };
}

/* True if both are NULL, or both are the same text. */
static inline bool
same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

#endif
