#include "models/codec/move.h"

#include "models/codec/policy.h"

#include <string.h>

static const struct {
	const char *name;
	size_t at;
} stages[] = {
	{ "detected-us", offsetof(struct move_stages, detected_us) },
	{ "computed-us", offsetof(struct move_stages, computed_us) },
	{ "stored-us", offsetof(struct move_stages, stored_us) },
	{ "sent-us", offsetof(struct move_stages, sent_us) },
	{ "prepared-us", offsetof(struct move_stages, prepared_us) },
	{ "confirmed-us", offsetof(struct move_stages, confirmed_us) },
};

#define N_STAGES (sizeof(stages) / sizeof(stages[0]))

/* --- emitting --- */

static void
emit_move_stages(struct emit *e, const struct move_stages *from)
{
	emit_open(e, "stage", '{');
	for (size_t i = 0; i < N_STAGES; i++) {
		int64_t us;

		memcpy(&us, (const char *)from + stages[i].at, sizeof(us));
		if (us >= 0)
			emit_u64(e, stages[i].name, (uint64_t)us);
	}
	emit_close(e, '}');
}

void
gain_emit(struct emit *e, const struct move_gain *gain)
{
	if (!gain->measure)
		return;
	emit_open(e, "gain", '{');
	emit_string(e, "measure", gain->measure);
	emit_u64(e, "before", gain->before);
	emit_u64(e, "after", gain->after);
	if (gain->percent != UINT32_MAX)
		emit_u32(e, "percent", gain->percent);
	emit_close(e, '}');
}

void
move_emit(struct emit *e, const struct policy_move *move)
{
	emit_u64(e, "number", move->number);
	emit_time(e, "time", move->wall_us);
	emit_string(e, "kind", move_kind_name(move->kind));
	emit_string(e, "cause", move->cause);
	emit_string(e, "text", move->text && *move->text ? move->text : NULL);
	emit_strings(e, "link-before", move->before, move->n_before);
	emit_open(e, "path", '[');
	for (size_t i = 0; i < move->n_paths; i++) {
		emit_open(e, NULL, '{');
		emit_u32(e, "preference", move->paths[i].preference);
		emit_u32(e, "list", move->paths[i].list);
		emit_strings(e, "link", move->paths[i].links, move->paths[i].n_links);
		emit_close(e, '}');
	}
	emit_close(e, ']');
	gain_emit(e, &move->gain);
	emit_move_stages(e, &move->stages);
}

enum pce_status
codec_history_print(const struct codec *codec, const char *policy_id,
		    const struct policy_move *const *moves, size_t n, struct text *out,
		    struct pce_error *err)
{
	struct emit e = { 0 };

	emit_open(&e, NULL, '{');
	emit_open(&e, "karst-policy:histories", '{');
	emit_open(&e, "history", '[');
	emit_open(&e, NULL, '{');
	emit_string(&e, "id", policy_id);
	emit_open(&e, "move", '[');
	for (size_t i = 0; i < n; i++) {
		emit_open(&e, NULL, '{');
		move_emit(&e, moves[i]);
		emit_close(&e, '}');
	}
	emit_close(&e, ']');
	emit_close(&e, '}');
	emit_close(&e, ']');
	emit_close(&e, '}');
	emit_close(&e, '}');
	return emit_finish(codec, &e, EMIT_DATA, NULL, out, err);
}

/* --- reading --- */

static void
read_stages(const struct lyd_node *stage, struct move_stages *out)
{
	for (size_t i = 0; i < N_STAGES; i++) {
		int64_t us = -1;

		if (stage && read_text(stage, stages[i].name))
			us = (int64_t)read_u64(stage, stages[i].name, 0);
		memcpy((char *)out + stages[i].at, &us, sizeof(us));
	}
}

static void
read_gain(const struct lyd_node *gain, struct arena *arena, struct move_gain *out, bool *bad)
{
	if (!gain || !read_text(gain, "measure"))
		return;
	out->measure = read_copy(arena, read_text(gain, "measure"), bad);
	out->before = read_u64(gain, "before", 0);
	out->after = read_u64(gain, "after", 0);
	out->percent = (uint32_t)read_u64(gain, "percent", UINT32_MAX);
}

static void
read_paths(const struct lyd_node *node, struct arena *arena, struct policy_move *out, bool *bad)
{
	size_t count = read_count(node, "path");
	struct move_path *paths = count ? arena_alloc(arena, count * sizeof(*paths)) : NULL;
	const struct lyd_node *child;

	*bad = *bad || (count > 0 && !paths);
	if (!paths)
		return;
	LY_LIST_FOR(lyd_child(node), child)
	{
		struct move_path *path = &paths[out->n_paths];

		if (strcmp(read_name(child), "path") != 0)
			continue;
		path->preference = (uint32_t)read_u64(child, "preference", 0);
		path->list = (uint32_t)read_u64(child, "list", 1);
		path->links = read_strings(child, "link", arena, &path->n_links, bad);
		out->n_paths++;
	}
	out->paths = paths;
}

void
move_read(const struct lyd_node *node, struct arena *arena, struct policy_move *out, bool *bad)
{
	const char *kind = read_text(node, "kind");

	out->number = read_u64(node, "number", 0);
	out->kind = kind ? move_kind_of(kind) : MOVE_UNKNOWN;
	out->cause = read_copy(arena, read_text(node, "cause"), bad);
	out->text = read_copy(arena, read_text(node, "text"), bad);
	out->before = read_strings(node, "link-before", arena, &out->n_before, bad);
	read_paths(node, arena, out, bad);
	read_gain(read_child(node, "gain"), arena, &out->gain, bad);
	read_stages(read_child(node, "stage"), &out->stages);
}
