#include "pce/operate/change.h"

#include <string.h>

#include "pce/policy/copy.h"

static void
copy_side(struct copier *c, struct change_side *side)
{
	struct change_path *paths = copy_items(c, side->paths, side->n_paths, sizeof(*paths));

	for (size_t i = 0; paths && i < side->n_paths; i++) {
		paths[i].links = copy_texts(c, paths[i].links, paths[i].n_links);
		paths[i].sids = copy_texts(c, paths[i].sids, paths[i].n_sids);
	}
	side->paths = paths;
}

struct change *
change_copy(struct arena *arena, const struct change *change)
{
	struct copier c = { arena, false };
	struct change *out = copy_items(&c, change, 1, sizeof(*change));
	struct change_part *parts;

	if (!out)
		return NULL;
	out->by = copy_text(&c, change->by);
	out->cause = copy_text(&c, change->cause);
	parts = copy_items(&c, change->parts, change->n_parts, sizeof(*parts));
	for (size_t i = 0; parts && i < change->n_parts; i++) {
		parts[i].policy_id = copy_text(&c, parts[i].policy_id);
		copy_side(&c, &parts[i].before);
		copy_side(&c, &parts[i].after);
	}
	out->parts = parts;
	return c.bad ? NULL : out;
}

static bool
same_texts(const char *const *a, size_t n, const char *const *b, size_t m)
{
	for (size_t i = 0; n == m && i < n; i++)
		if (strcmp(a[i], b[i]) != 0)
			return false;
	return n == m;
}

bool
change_same_side(const struct change_side *a, const struct change_side *b)
{
	if (a->n_paths != b->n_paths || a->bandwidth_bps != b->bandwidth_bps)
		return false;
	for (size_t i = 0; i < a->n_paths; i++) {
		const struct change_path *p = &a->paths[i], *q = &b->paths[i];

		if (!same_texts(p->links, p->n_links, q->links, q->n_links) ||
		    !same_texts(p->sids, p->n_sids, q->sids, q->n_sids))
			return false;
	}
	return true;
}

bool
change_same(const struct change *a, const struct change *b)
{
	if (a->n_parts != b->n_parts)
		return false;
	for (size_t i = 0; i < a->n_parts; i++)
		if (strcmp(a->parts[i].policy_id, b->parts[i].policy_id) != 0 ||
		    a->parts[i].kind != b->parts[i].kind ||
		    !change_same_side(&a->parts[i].after, &b->parts[i].after))
			return false;
	return true;
}

bool
change_restores(const struct change *change)
{
	for (size_t i = 0; i < change->n_parts; i++)
		if (change->parts[i].dead)
			return true;
	return false;
}
