#include "pce/operate/scopes.h"

#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"

void
scopes_free(struct scopes *scopes)
{
	for (size_t i = 0; i < scopes->n; i++)
		free(scopes->items[i].name);
	free(scopes->items);
	*scopes = (struct scopes){ 0 };
}

static int
compare(const struct scoped_mode *a, const struct scoped_mode *b)
{
	return a->scope != b->scope ? (a->scope < b->scope ? -1 : 1) : strcmp(a->name, b->name);
}

static void
take_out(struct scopes *scopes, size_t at)
{
	free(scopes->items[at].name);
	scopes->n--;
	memmove(&scopes->items[at], &scopes->items[at + 1],
		(scopes->n - at) * sizeof(*scopes->items));
}

static enum pce_status
insert(struct scopes *scopes, size_t at, const struct scoped_mode *mode, struct pce_error *err)
{
	struct kept_mode copy = { NULL, *mode };
	enum pce_status status =
	    array_reserve(&scopes->items, &scopes->cap, scopes->n + 1, sizeof(copy), err);

	copy.name = status ? NULL : array_strdup(mode->name);
	if (!copy.name)
		return status ? status : pce_no_memory(err);
	copy.mode.name = copy.name;
	memmove(&scopes->items[at + 1], &scopes->items[at], (scopes->n - at) * sizeof(copy));
	scopes->items[at] = copy;
	scopes->n++;
	return PCE_OK;
}

enum pce_status
scopes_set(struct scopes *scopes, const struct scoped_mode *mode, bool *changed,
	   struct pce_error *err)
{
	size_t at = 0;
	bool there;

	while (at < scopes->n && compare(&scopes->items[at].mode, mode) < 0)
		at++;
	there = at < scopes->n && compare(&scopes->items[at].mode, mode) == 0;
	*changed = there ? scopes->items[at].mode.mode != mode->mode : mode->mode != MODE_ACT;
	if (!*changed)
		return PCE_OK;
	if (!there)
		return insert(scopes, at, mode, err);
	if (mode->mode == MODE_ACT) {
		take_out(scopes, at);
	} else {
		scopes->items[at].mode.mode = mode->mode;
		scopes->items[at].mode.since_us = mode->since_us;
	}
	return PCE_OK;
}

struct scoped_mode
scopes_stricter(const struct scoped_mode *so_far, const struct scoped_mode *other)
{
	return other->mode > so_far->mode ? *other : *so_far;
}
