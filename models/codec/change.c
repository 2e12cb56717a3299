#include "config.h"

#include "models/codec/change.h"

#include <string.h>

#include "models/codec/internal.h"

/* --- printing --- */

static void
emit_path(struct emit *e, size_t index, const struct change_path *path)
{
	emit_open(e, NULL, '{');
	emit_u32(e, "index", (uint32_t)index);
	emit_strings(e, "link", path->links, path->n_links);
	emit_open(e, "segment", '[');
	for (size_t k = 0; k < path->n_sids; k++) {
		emit_open(e, NULL, '{');
		emit_u32(e, "index", (uint32_t)k);
		emit_string(e, "sid", path->sids[k]);
		emit_close(e, '}');
	}
	emit_close(e, ']');
	if (path->measured) {
		emit_u64(e, "delay-us", path->delay_us);
		emit_availability(e, "availability", path->unavailability_ppt);
	}
	emit_close(e, '}');
}

static void
emit_side(struct emit *e, const char *name, const struct change_side *side)
{
	if (side->n_paths == 0)
		return;
	emit_open(e, name, '{');
	emit_u64(e, "bandwidth-bps", side->bandwidth_bps);
	emit_open(e, "path", '[');
	for (size_t i = 0; i < side->n_paths; i++)
		emit_path(e, i, &side->paths[i]);
	emit_close(e, ']');
	emit_close(e, '}');
}

void
change_emit(struct emit *e, const struct change *change)
{
	emit_u64(e, "id", change->id);
	emit_string(e, "state", change_state_name(change->state));
	emit_string(e, "by", change->by);
	emit_string(e, "cause", change->cause);
	emit_open(e, "part", '[');
	for (size_t i = 0; i < change->n_parts; i++) {
		const struct change_part *part = &change->parts[i];

		emit_open(e, NULL, '{');
		emit_string(e, "policy", part->policy_id);
		emit_string(e, "kind", change_kind_name(part->kind));
		emit_bool(e, "restores", part->dead);
		emit_side(e, "before", &part->before);
		emit_side(e, "after", &part->after);
		emit_close(e, '}');
	}
	emit_close(e, ']');
}

void
changes_emit(struct emit *e, const struct change *const *changes, size_t n)
{
	emit_open(e, "change", '[');
	for (size_t i = 0; i < n; i++) {
		emit_open(e, NULL, '{');
		change_emit(e, changes[i]);
		emit_time(e, "created", changes[i]->created_us);
		if (changes[i]->expires_us > 0)
			emit_time(e, "expires", changes[i]->expires_us);
		emit_close(e, '}');
	}
	emit_close(e, ']');
}

enum pce_status
codec_changes_print(const struct codec *codec, const struct change *const *changes, size_t n,
		    struct text *out, struct pce_error *err)
{
	static const char head[] = "{\"karst-operations:operations\":{\"change\":";
	struct text whole = { 0 };
	struct emit e = { 0 };
	enum pce_status status;

	emit_open(&e, NULL, '{');
	emit_open(&e, "karst-operations:operations", '{');
	changes_emit(&e, changes, n);
	emit_close(&e, '}');
	emit_close(&e, '}');
	status = emit_finish(codec, &e, EMIT_DATA, NULL, &whole, err);
	if (status == PCE_OK) {
		text_add(out, "{\"karst-operations:change\":");
		if (n > 0)
			text_bytes(out, text_get(&whole) + strlen(head),
				   whole.len - strlen(head) - 1);
		else
			text_add(out, "[]}");
		if (!text_ok(out))
			status = pce_no_memory(err);
	}
	text_free(&whole);
	return status;
}

/* --- reading --- */

static void
read_path(const struct lyd_node *node, struct arena *arena, struct change_path *out, bool *bad)
{
	size_t n = read_count(node, "segment");
	const char **sids = arena_alloc(arena, (n + 1) * sizeof(*sids));
	const struct lyd_node *child, *availability = read_child(node, "availability");

	*bad = *bad || !sids;
	out->links = read_strings(node, "link", arena, &out->n_links, bad);
	out->delay_us = read_u64(node, "delay-us", 0);
	out->measured = availability != NULL;
	out->unavailability_ppt = availability ? read_unavailability(availability) : 0;
	if (!sids)
		return;
	LY_LIST_FOR(lyd_child(node), child)
	{
		if (strcmp(read_name(child), "segment") == 0)
			sids[out->n_sids++] = read_copy(arena, read_text(child, "sid"), bad);
	}
	out->sids = sids;
}

static void
read_side(const struct lyd_node *node, struct arena *arena, struct change_side *out, bool *bad)
{
	size_t n = node ? read_count(node, "path") : 0;
	struct change_path *paths = n ? arena_alloc(arena, n * sizeof(*paths)) : NULL;
	const struct lyd_node *child;

	*bad = *bad || (n > 0 && !paths);
	if (!paths)
		return;
	out->bandwidth_bps = read_u64(node, "bandwidth-bps", 0);
	out->paths = paths;
	LY_LIST_FOR(lyd_child(node), child)
	{
		if (strcmp(read_name(child), "path") == 0)
			read_path(child, arena, &paths[out->n_paths++], bad);
	}
}

static void
read_part(const struct lyd_node *node, struct arena *arena, struct change_part *out, bool *bad)
{
	const char *kind = read_text(node, "kind");

	out->policy_id = read_copy(arena, read_text(node, "policy"), bad);
	out->kind = change_kind_of(kind ? kind : "");
	out->dead = read_bool(node, "restores", false);
	read_side(read_child(node, "before"), arena, &out->before, bad);
	read_side(read_child(node, "after"), arena, &out->after, bad);
}

void
change_read(const struct lyd_node *node, struct arena *arena, struct change *out, bool *bad)
{
	size_t n = read_count(node, "part");
	struct change_part *parts = n ? arena_alloc(arena, n * sizeof(*parts)) : NULL;
	const char *state = read_text(node, "state");
	const struct lyd_node *child;

	*bad = *bad || (n > 0 && !parts);
	out->id = read_u64(node, "id", 0);
	out->state = state && strcmp(state, change_state_name(CHANGE_REJECTED)) == 0
			 ? CHANGE_REJECTED
			 : CHANGE_WAITING;
	out->by = read_copy(arena, read_text(node, "by"), bad);
	out->cause = read_copy(arena, read_text(node, "cause"), bad);
	if (!parts)
		return;
	out->parts = parts;
	LY_LIST_FOR(lyd_child(node), child)
	{
		if (strcmp(read_name(child), "part") == 0)
			read_part(child, arena, &parts[out->n_parts++], bad);
	}
}

enum pce_status
codec_approve_parse(const struct codec *codec, const char *text, size_t len, bool reject,
		    uint64_t *id, struct pce_error *err)
{
	struct document doc = { 0 };
	enum pce_status status = document_parse_input(
	    codec, text, len, reject ? "/karst-operations:reject" : "/karst-operations:approve",
	    &doc, err);

	if (status == PCE_OK)
		*id = read_u64(doc.tree, "id", 0);
	document_free(&doc);
	return status;
}
