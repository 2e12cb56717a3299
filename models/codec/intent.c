/* Intents in karst-intent. */
#include "models/codec/intent.h"

#include <stdlib.h>
#include <string.h>

#include "models/codec/demand.h"

static void
emit_prefixes(struct emit *e, const char *name, const struct ip_prefix *prefixes, size_t n)
{
	if (n == 0)
		return;
	emit_open(e, name, '[');
	for (size_t i = 0; i < n; i++)
		emit_prefix(e, NULL, &prefixes[i]);
	emit_close(e, ']');
}

static void
emit_steering(struct emit *e, const struct intent *intent)
{
	emit_open(e, "steering", '{');
	if (intent->color)
		emit_u32(e, "color", intent->color);
	emit_prefixes(e, "prefix", intent->prefixes, intent->n_prefixes);
	emit_addr(e, "service-sid", &intent->service_sid);
	emit_prefixes(e, "reverse-prefix", intent->reverse_prefixes, intent->n_reverse_prefixes);
	emit_addr(e, "reverse-service-sid", &intent->reverse_service_sid);
	emit_close(e, '}');
}

static void
emit_state(struct emit *e, const struct codec_intent_state *state)
{
	emit_u64(e, "revision", state->revision);
	if (state->has_state)
		emit_string(e, "state", enum_intent_state(state->state));
	emit_string(e, "reason", state->reason);
	emit_strings(e, "policy", state->policy_ids, state->n_policies);
}

static void
emit_intent(struct emit *e, const struct intent *intent, const struct codec_intent_state *state)
{
	emit_open(e, NULL, '{');
	emit_string(e, "id", intent->id);
	emit_string(e, "description", intent->description);
	demand_emit(e, intent);
	emit_u32(e, "priority", intent->priority);
	emit_bool(e, "bidirectional", intent->bidirectional);
	emit_steering(e, intent);
	emit_bool(e, "keep-if-unplaced", intent->keep_if_unplaced);
	if (state)
		emit_state(e, state);
	emit_close(e, '}');
}

enum pce_status
codec_intents_print(const struct codec *codec, const struct intent *const *intents,
		    const struct codec_intent_state *states, size_t n, struct text *out,
		    struct pce_error *err)
{
	struct emit e = { 0 };

	emit_open(&e, NULL, '{');
	emit_open(&e, "karst-intent:intents", '{');
	emit_open(&e, "intent", '[');
	for (size_t i = 0; i < n; i++)
		emit_intent(&e, intents[i], states ? &states[i] : NULL);
	emit_close(&e, ']');
	emit_close(&e, '}');
	emit_close(&e, '}');
	return emit_finish(codec, &e, EMIT_DATA, NULL, out, err);
}

enum pce_status
codec_intent_print(const struct codec *codec, const struct intent *intent,
		   const struct codec_intent_state *state, struct text *out, struct pce_error *err)
{
	static const char head[] = "{\"karst-intent:intents\":{\"intent\":";
	struct text whole = { 0 };
	enum pce_status status = codec_intents_print(codec, &intent, state, 1, &whole, err);
	size_t len = strlen(head);

	/* {"karst-intent:intents":{"intent":[{…}]}} less the container */
	if (status == PCE_OK) {
		text_add(out, "{\"karst-intent:intent\":");
		text_bytes(out, text_get(&whole) + len, whole.len - len - 1);
		if (!text_ok(out))
			status = pce_no_memory(err);
	}
	text_free(&whole);
	return status;
}

static const struct ip_prefix *
read_prefixes(const struct lyd_node *parent, const char *name, struct arena *arena, size_t *n,
	      bool *bad)
{
	const struct lyd_node *child;
	size_t count = read_count(parent, name), i = 0;
	struct ip_prefix *out = count ? arena_alloc(arena, count * sizeof(*out)) : NULL;

	if (count && !out)
		*bad = true;
	*n = out ? count : 0;
	LY_LIST_FOR(out ? lyd_child(parent) : NULL, child)
	{
		if (strcmp(read_name(child), name) == 0)
			(void)ip_parse_prefix(lyd_get_value(child), &out[i++], NULL);
	}
	return out;
}

static void
read_intent(const struct lyd_node *node, struct arena *arena, struct intent *out, bool *bad)
{
	const struct lyd_node *steering = read_child(node, "steering");

	*out = demand_init();
	out->id = read_copy(arena, read_text(node, "id"), bad);
	out->description = read_copy(arena, read_text(node, "description"), bad);
	demand_read(node, arena, out, bad);
	out->priority = (uint8_t)read_u64(node, "priority", 4);
	out->bidirectional = read_bool(node, "bidirectional", false);
	out->keep_if_unplaced = read_bool(node, "keep-if-unplaced", false);
	out->color = (uint32_t)read_u64(steering, "color", 0);
	out->prefixes = read_prefixes(steering, "prefix", arena, &out->n_prefixes, bad);
	out->reverse_prefixes =
	    read_prefixes(steering, "reverse-prefix", arena, &out->n_reverse_prefixes, bad);
	out->service_sid = read_addr(steering, "service-sid");
	out->reverse_service_sid = read_addr(steering, "reverse-service-sid");
}

/* What the schema cannot say. */
static enum pce_status
check_intent(const struct document *doc, const struct lyd_node *node, const struct intent *intent,
	     struct pce_error *err)
{
	const struct lyd_node *steering = read_child(node, "steering");

	if (strcmp(intent->from, intent->to) == 0)
		return document_fail(doc, node, "to", PCE_INVALID, err,
				     "intent %s: from and to are the same node", intent->id);
	if (!intent->bidirectional && intent->n_reverse_prefixes)
		return document_fail(doc, steering, "reverse-prefix", PCE_INVALID, err,
				     "intent %s: reverse-prefix needs bidirectional: true",
				     intent->id);
	if (intent->co_routed && !intent->bidirectional)
		return document_fail(doc, node, "co-routed", PCE_INVALID, err,
				     "intent %s: co-routed needs bidirectional: true", intent->id);
	if (intent->guarantee > 0 && intent->bandwidth_bps == 0)
		return document_fail(doc, node, "guarantee", PCE_INVALID, err,
				     "intent %s: guarantee needs bandwidth-bps", intent->id);
	return PCE_OK;
}

/* All intents below the container; out and revisions (which may be NULL) have room for them. */
static enum pce_status
read_intents(const struct document *doc, const struct lyd_node *top, struct arena *arena,
	     const struct intent **out, uint64_t *revisions, struct pce_error *err)
{
	const struct lyd_node *node;
	size_t i = 0;

	LY_LIST_FOR(lyd_child(top), node)
	{
		struct intent *intent;
		enum pce_status status;
		bool bad = false;

		if (strcmp(read_name(node), "intent") != 0)
			continue;
		intent = arena_alloc(arena, sizeof(*intent));
		if (!intent)
			return pce_no_memory(err);
		read_intent(node, arena, intent, &bad);
		if (bad)
			return pce_no_memory(err);
		status = check_intent(doc, node, intent, err);
		if (status != PCE_OK)
			return status;
		if (revisions)
			revisions[i] = read_u64(node, "revision", 0);
		out[i++] = intent;
	}
	return PCE_OK;
}

static enum pce_status
parse_document(const struct document *doc, struct arena *arena, const struct intent *const **out,
	       size_t *n, uint64_t **revisions, struct pce_error *err)
{
	const struct lyd_node *top;
	const struct intent **intents;
	uint64_t *numbers;
	size_t count;
	enum pce_status status;

	LY_LIST_FOR(doc->tree, top)
	{
		if (strcmp(read_name(top), "intents") == 0)
			break;
	}
	if (!top)
		return pce_fail(err, PCE_INVALID, "there is no karst-intent:intents in the text");
	count = read_count(top, "intent");
	intents = arena_alloc(arena, (count + 1) * sizeof(struct intent *));
	numbers = arena_alloc(arena, (count + 1) * sizeof(*numbers));
	if (!intents || !numbers)
		return pce_no_memory(err);
	status = read_intents(doc, top, arena, intents, numbers, err);
	if (status != PCE_OK)
		return status;
	*out = intents;
	*n = count;
	if (revisions)
		*revisions = numbers;
	return PCE_OK;
}

enum pce_status
intent_parse_stored(const struct codec *codec, const char *text, size_t len, struct arena *arena,
		    const struct intent *const **out, size_t *n, uint64_t **revisions,
		    struct pce_error *err)
{
	struct document doc = { 0 };
	enum pce_status status = document_parse(codec, text, len, true, &doc, err);

	if (status == PCE_OK)
		status = parse_document(&doc, arena, out, n, revisions, err);
	document_free(&doc);
	return status;
}

enum pce_status
codec_intent_parse(const struct codec *codec, const char *text, size_t len, struct arena *arena,
		   const struct intent *const **out, size_t *n, struct pce_error *err)
{
	return intent_parse_stored(codec, text, len, arena, out, n, NULL, err);
}

/* --- many as one --- */

#define APPLY "/karst-intent:apply-intents"

enum pce_status
codec_apply_parse(const struct codec *codec, const char *text, size_t len, struct arena *arena,
		  struct codec_intents_request *out, struct pce_error *err)
{
	struct document doc = { 0 };
	const struct intent **intents = NULL;
	const char *order;
	size_t n = 0;
	enum pce_status status = document_parse_input(codec, text, len, APPLY, &doc, err);

	if (status == PCE_OK) {
		n = read_count(doc.tree, "intent");
		intents = arena_alloc(arena, (n + 1) * sizeof(struct intent *));
		status = intents ? read_intents(&doc, doc.tree, arena, intents, NULL, err)
				 : pce_no_memory(err);
	}
	if (status == PCE_OK) {
		order = read_text(doc.tree, "order");
		*out = (struct codec_intents_request){
			.intents = intents,
			.n = n,
			.partly = read_bool(doc.tree, "partly", false),
			.best_first = order && strcmp(order, "best-first") == 0,
			.dry_run = read_bool(doc.tree, "dry-run", false),
		};
	}
	document_free(&doc);
	return status;
}

enum pce_status
codec_apply_print(const struct codec *codec, const struct codec_intents_request *request,
		  struct text *out, struct pce_error *err)
{
	struct emit e = { 0 };

	emit_open(&e, NULL, '{');
	emit_open(&e, &APPLY[1], '{');
	emit_open(&e, "intent", '[');
	for (size_t i = 0; i < request->n; i++)
		emit_intent(&e, request->intents[i], NULL);
	emit_close(&e, ']');
	if (request->partly)
		emit_bool(&e, "partly", true);
	if (request->best_first)
		emit_string(&e, "order", "best-first");
	if (request->dry_run)
		emit_bool(&e, "dry-run", true);
	emit_close(&e, '}');
	emit_close(&e, '}');
	return emit_finish(codec, &e, EMIT_INPUT, APPLY, out, err);
}

enum pce_status
codec_applied_print(const struct codec *codec, const char *const *ids, const char *const *texts,
		    size_t n, struct text *out, struct pce_error *err)
{
	struct emit e = { 0 };

	emit_open(&e, NULL, '{');
	emit_open(&e, &APPLY[1], '{');
	emit_open(&e, "refused", '[');
	for (size_t i = 0; i < n; i++) {
		emit_open(&e, NULL, '{');
		emit_string(&e, "intent", ids[i]);
		emit_string(&e, "text", texts[i]);
		emit_close(&e, '}');
	}
	emit_close(&e, ']');
	emit_close(&e, '}');
	emit_close(&e, '}');
	return emit_finish(codec, &e, EMIT_OUTPUT, APPLY, out, err);
}
