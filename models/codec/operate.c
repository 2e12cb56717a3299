#include "config.h"

#include "models/codec/operate.h"

#include "models/codec/internal.h"
#include "models/codec/move.h"

enum pce_status
codec_set_mode_parse(const struct codec *codec, const char *text, size_t len, struct arena *arena,
		     struct scoped_mode *out, struct pce_error *err)
{
	struct document doc = { 0 };
	bool bad = false;
	enum pce_status status =
	    document_parse_input(codec, text, len, "/karst-operations:set-mode", &doc, err);

	if (status == PCE_OK)
		status = operate_mode_parse(read_text(doc.tree, "mode"), &out->mode, err);
	for (unsigned i = 0; status == PCE_OK && i < SCOPE_COUNT; i++) {
		const char *name = read_text(doc.tree, mode_scope_name((enum mode_scope)i));

		if (!name)
			continue;
		out->scope = (enum mode_scope)i;
		out->name = read_copy(arena, name, &bad);
	}
	document_free(&doc);
	return bad ? pce_no_memory(err) : status;
}

enum pce_status
codec_drain_parse(const struct codec *codec, const char *text, size_t len, bool undrain,
		  struct arena *arena, struct drain_window *out, bool *dry_run,
		  struct pce_error *err)
{
	const char *operation = undrain ? "/karst-operations:undrain" : "/karst-operations:drain";
	struct document doc = { 0 };
	enum pce_status status = document_parse_input(codec, text, len, operation, &doc, err);
	int64_t from_s = 0, until_s = 0;
	bool bad = false;

	*out = (struct drain_window){ .drain.kind = DRAIN_NODE };
	for (unsigned kind = 0; status == PCE_OK && kind < DRAIN_KIND_COUNT; kind++) {
		const char *name = read_text(doc.tree, drain_kind_name((enum drain_kind)kind));

		if (name)
			out->drain = (struct drain){ .kind = (enum drain_kind)kind,
						     .name = read_copy(arena, name, &bad) };
	}
	if (status == PCE_OK && !undrain) {
		status = read_time(doc.tree, "from", &from_s, err);
		if (status == PCE_OK)
			status = read_time(doc.tree, "until", &until_s, err);
		out->from_us = from_s * 1000000;
		out->until_us = until_s * 1000000;
		if (status == PCE_OK && out->from_us && !out->until_us)
			status = pce_fail(err, PCE_INVALID, "a window needs an end: until");
	}
	*dry_run = status == PCE_OK && !undrain && read_bool(doc.tree, "dry-run", false);
	document_free(&doc);
	return bad ? pce_no_memory(err) : status;
}

enum pce_status
codec_drain_print(const struct codec *codec, const struct service_reply *reply, struct text *out,
		  struct pce_error *err)
{
	const struct service_stuck *stuck = reply->stuck;
	size_t affected = reply->n_affected, n_stuck = reply->n_stuck;
	struct emit e = { 0 };

	emit_open(&e, NULL, '{');
	emit_open(&e, "karst-operations:drain", '{');
	emit_u32(&e, "affected", (uint32_t)affected);
	emit_u32(&e, "unplaced", (uint32_t)n_stuck);
	emit_open(&e, "move", '[');
	for (size_t i = 0; i < reply->n_moves; i++) {
		emit_open(&e, NULL, '{');
		emit_string(&e, "policy", reply->moves[i].policy_id);
		emit_string(&e, "links", reply->moves[i].text);
		emit_close(&e, '}');
	}
	emit_close(&e, ']');
	emit_open(&e, "stuck", '[');
	for (size_t i = 0; i < n_stuck; i++) {
		emit_open(&e, NULL, '{');
		emit_string(&e, "policy", stuck[i].policy_id);
		emit_string(&e, "text", stuck[i].text);
		emit_close(&e, '}');
	}
	emit_close(&e, ']');
	emit_close(&e, '}');
	emit_close(&e, '}');
	return emit_finish(codec, &e, EMIT_OUTPUT, "/karst-operations:drain", out, err);
}

enum pce_status
codec_create_token_parse(const struct codec *codec, const char *text, size_t len,
			 struct arena *arena, const char **name, const char **role,
			 int64_t *expires_s, struct pce_error *err)
{
	struct document doc = { 0 };
	enum pce_status status =
	    document_parse_input(codec, text, len, "/karst-operations:create-token", &doc, err);
	bool bad = false;

	if (status == PCE_OK) {
		*name = read_copy(arena, read_text(doc.tree, "name"), &bad);
		*role = read_copy(arena, read_text(doc.tree, "role"), &bad);
		*expires_s = INT64_MAX;
		status = read_time(doc.tree, "expires", expires_s, err);
	}
	document_free(&doc);
	return bad ? pce_no_memory(err) : status;
}

enum pce_status
codec_revoke_token_parse(const struct codec *codec, const char *text, size_t len,
			 struct arena *arena, const char **name, struct pce_error *err)
{
	struct document doc = { 0 };
	enum pce_status status =
	    document_parse_input(codec, text, len, "/karst-operations:revoke-token", &doc, err);
	bool bad = false;

	if (status == PCE_OK)
		*name = read_copy(arena, read_text(doc.tree, "name"), &bad);
	document_free(&doc);
	return bad ? pce_no_memory(err) : status;
}

enum pce_status
codec_acknowledge_parse(const struct codec *codec, const char *text, size_t len,
			struct arena *arena, const char **object, const char **cause,
			struct pce_error *err)
{
	struct document doc = { 0 };
	enum pce_status status =
	    document_parse_input(codec, text, len, "/karst-operations:acknowledge", &doc, err);
	bool bad = false;

	if (status == PCE_OK) {
		*object = read_copy(arena, read_text(doc.tree, "object"), &bad);
		*cause = read_copy(arena, read_text(doc.tree, "type"), &bad);
	}
	document_free(&doc);
	return bad ? pce_no_memory(err) : status;
}

/* --- re-optimisation --- */

enum pce_status
codec_reoptimise_parse(const struct codec *codec, const char *text, size_t len, struct arena *arena,
		       const char **intent, bool *dry_run, struct pce_error *err)
{
	struct document doc = { 0 };
	bool bad = false;
	enum pce_status status =
	    document_parse_input(codec, text, len, "/karst-operations:reoptimise", &doc, err);

	if (status == PCE_OK) {
		*intent = read_copy(arena, read_text(doc.tree, "intent"), &bad);
		*dry_run = read_bool(doc.tree, "dry-run", false);
	}
	document_free(&doc);
	return bad ? pce_no_memory(err) : status;
}

enum pce_status
codec_reoptimise_print(const struct codec *codec, const struct service_improvement *improvements,
		       size_t n, struct text *out, struct pce_error *err)
{
	struct emit e = { 0 };

	emit_open(&e, NULL, '{');
	emit_open(&e, "karst-operations:reoptimise", '{');
	emit_open(&e, "policy", '[');
	for (size_t i = 0; i < n; i++) {
		const struct service_improvement *p = &improvements[i];

		emit_open(&e, NULL, '{');
		emit_string(&e, "id", p->policy_id);
		gain_emit(&e, &p->gain);
		emit_strings(&e, "link-before", p->before, p->n_before);
		emit_strings(&e, "link-after", p->after, p->n_after);
		emit_close(&e, '}');
	}
	emit_close(&e, ']');
	emit_close(&e, '}');
	emit_close(&e, '}');
	return emit_finish(codec, &e, EMIT_OUTPUT, "/karst-operations:reoptimise", out, err);
}

/* --- adoption --- */

enum pce_status
codec_adopt_parse(const struct codec *codec, const char *text, size_t len, struct arena *arena,
		  const char **device, const char **policy, const char **intent, bool *dry_run,
		  struct pce_error *err)
{
	struct document doc = { 0 };
	bool bad = false;
	enum pce_status status =
	    document_parse_input(codec, text, len, "/karst-operations:adopt", &doc, err);

	if (status == PCE_OK) {
		*device = read_copy(arena, read_text(doc.tree, "device"), &bad);
		*policy = read_copy(arena, read_text(doc.tree, "policy"), &bad);
		*intent = read_copy(arena, read_text(doc.tree, "intent"), &bad);
		*dry_run = read_bool(doc.tree, "dry-run", false);
	}
	document_free(&doc);
	return bad ? pce_no_memory(err) : status;
}
