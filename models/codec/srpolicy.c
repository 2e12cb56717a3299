/* SR policies in trees: emitting and reading what several modules have in common. */
#include "models/codec/srpolicy.h"

#include <stdlib.h>
#include <string.h>

static void
emit_steering(struct emit *e, const struct srpolicy *policy)
{
	if (policy->n_steering == 0)
		return;
	emit_open(e, "steering", '{');
	emit_open(e, "prefix", '[');
	for (size_t i = 0; i < policy->n_steering; i++) {
		emit_open(e, NULL, '{');
		emit_prefix(e, "prefix", &policy->steering[i].prefix);
		emit_addr(e, "service-sid", &policy->steering[i].service_sid);
		emit_close(e, '}');
	}
	emit_close(e, ']');
	emit_close(e, '}');
}

static void
emit_list_open(struct emit *e, const struct srpolicy_list *list, uint32_t id, bool plain)
{
	emit_open(e, NULL, '{');
	emit_u32(e, "id", id);
	emit_string(e, "name", list->name);
	emit_u32(e, "weight", list->weight);
	emit_open(e, "segment", '[');
	for (size_t i = 0; i < list->n_sids; i++) {
		uint16_t behavior = list->behaviors ? list->behaviors[i] : 0;

		emit_open(e, NULL, '{');
		emit_u32(e, "index", (uint32_t)i + 1);
		emit_sid(e, "sid", list->sids[i]);
		if (plain && behavior)
			emit_u32(e, "behavior", behavior);
		else if (!plain)
			emit_behavior(e, behavior);
		emit_close(e, '}');
	}
	emit_close(e, ']');
}

void
srpolicy_emit(struct emit *e, const struct srpolicy *policy, bool plain, srpolicy_more *more,
	      const void *ctx)
{
	size_t at = 0;

	emit_u32(e, "color", policy->color);
	emit_addr(e, "endpoint", &policy->endpoint);
	emit_string(e, "name", policy->name);
	emit_addr(e, "binding-sid", &policy->binding_sid);
	emit_steering(e, policy);
	emit_open(e, "candidate-path", '[');
	for (size_t i = 0; i < policy->n_paths; i++) {
		const struct srpolicy_path *path = &policy->paths[i];

		emit_open(e, NULL, '{');
		emit_u32(e, "preference", path->preference);
		emit_string(e, "name", path->name);
		emit_open(e, "segment-list", '[');
		for (size_t j = 0; j < path->n_lists; j++) {
			emit_list_open(e, &path->lists[j], (uint32_t)j + 1, plain);
			if (more && path->n_lists > 1)
				more(e, at + j, path->n_lists, ctx);
			emit_close(e, '}');
		}
		emit_close(e, ']');
		if (more && path->n_lists == 1)
			more(e, at, 1, ctx);
		at += path->n_lists;
		emit_close(e, '}');
	}
	emit_close(e, ']');
}

struct numbered {
	uint64_t number;
	const struct lyd_node *node;
};

static int
by_number(const void *a, const void *b)
{
	const struct numbered *x = a, *y = b;

	return x->number < y->number ? -1 : x->number > y->number;
}

const struct lyd_node **
entries_by_number(const struct lyd_node *parent, const char *name, const char *leaf, bool falling,
		  size_t *n, bool *bad)
{
	const struct lyd_node **out, *child;
	struct numbered *sorted;
	size_t count = read_count(parent, name), i = 0;

	*n = 0;
	if (count == 0)
		return NULL;
	sorted = calloc(count, sizeof(*sorted));
	out = calloc(count, sizeof(*out));
	if (!sorted || !out) {
		*bad = true;
		free(sorted);
		free(out);
		return NULL;
	}
	LY_LIST_FOR(lyd_child(parent), child)
	{
		if (strcmp(read_name(child), name) == 0)
			sorted[i++] = (struct numbered){ read_u64(child, leaf, 0), child };
	}
	qsort(sorted, count, sizeof(*sorted), by_number);
	for (i = 0; i < count; i++)
		out[falling ? count - 1 - i : i] = sorted[i].node;
	free(sorted);
	*n = count;
	return out;
}

static void
read_list(const struct lyd_node *node, struct arena *arena, struct srpolicy_list *out, bool *bad)
{
	size_t n = 0;
	const struct lyd_node **segments =
	    entries_by_number(node, "segment", "index", false, &n, bad);
	uint8_t(*sids)[16] = n ? arena_alloc(arena, n * 16) : NULL;
	uint16_t *behaviors = n ? arena_alloc(arena, n * sizeof(*behaviors)) : NULL;

	out->name = read_copy(arena, read_text(node, "name"), bad);
	out->weight = (uint32_t)read_u64(node, "weight", 1);
	if (n && (!sids || !behaviors)) {
		*bad = true;
		n = 0;
	}
	for (size_t i = 0; i < n; i++) {
		const struct lyd_node *sid = read_child(segments[i], "sid");

		if (sid)
			read_sid(sid, sids[i]);
		(void)behavior_read(segments[i], &behaviors[i]);
	}
	out->sids = (const uint8_t(*)[16])sids;
	out->behaviors = behaviors;
	out->n_sids = n;
	free(segments);
}

static void
read_path(const struct lyd_node *node, struct arena *arena, struct srpolicy_path *out, bool *bad)
{
	size_t n = 0;
	const struct lyd_node **lists =
	    entries_by_number(node, "segment-list", "id", false, &n, bad);
	struct srpolicy_list *items = n ? arena_alloc(arena, n * sizeof(*items)) : NULL;

	out->name = read_copy(arena, read_text(node, "name"), bad);
	out->preference = (uint32_t)read_u64(node, "preference", 0);
	if (n && !items) {
		*bad = true;
		n = 0;
	}
	for (size_t i = 0; i < n; i++)
		read_list(lists[i], arena, &items[i], bad);
	out->lists = items;
	out->n_lists = n;
	free(lists);
}

static int
by_prefix(const void *a, const void *b)
{
	const struct srpolicy_steering *x = a, *y = b;
	int order = ip_compare(&x->prefix.addr, &y->prefix.addr);

	return order ? order : (int)x->prefix.len - (int)y->prefix.len;
}

static void
read_steering(const struct lyd_node *node, struct arena *arena, struct srpolicy *out, bool *bad)
{
	const struct lyd_node *steering = read_child(node, "steering"), *child;
	size_t n = read_count(steering, "prefix"), i = 0;
	struct srpolicy_steering *items = n ? arena_alloc(arena, n * sizeof(*items)) : NULL;

	if (n && !items)
		*bad = true;
	if (!items)
		return;
	LY_LIST_FOR(lyd_child(steering), child)
	{
		if (strcmp(read_name(child), "prefix") != 0)
			continue;
		(void)ip_parse_prefix(read_text(child, "prefix"), &items[i].prefix, NULL);
		items[i++].service_sid = read_addr(child, "service-sid");
	}
	qsort(items, n, sizeof(*items), by_prefix);
	out->steering = items;
	out->n_steering = n;
}

void
srpolicy_read(const struct lyd_node *node, struct arena *arena, struct srpolicy *out, bool *bad)
{
	size_t n = 0;
	const struct lyd_node **paths =
	    entries_by_number(node, "candidate-path", "preference", true, &n, bad);
	struct srpolicy_path *items = n ? arena_alloc(arena, n * sizeof(*items)) : NULL;

	out->color = (uint32_t)read_u64(node, "color", 0);
	out->endpoint = read_addr(node, "endpoint");
	out->name = read_copy(arena, read_text(node, "name"), bad);
	out->binding_sid = read_addr(node, "binding-sid");
	if (n && !items) {
		*bad = true;
		n = 0;
	}
	for (size_t i = 0; i < n; i++)
		read_path(paths[i], arena, &items[i], bad);
	out->paths = items;
	out->n_paths = n;
	free(paths);
	read_steering(node, arena, out, bad);
}
