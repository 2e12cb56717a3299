/* What operators order: the mode, and the end of a freeze. The service answers when it is durable.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "models/codec/change.h"
#include "models/codec/operate.h"
#include "northbound/restconf/internal.h"

static void
submit(struct call *call, struct service_event *event)
{
	struct pending *pending = pending_new(call);

	if (!pending) {
		reply_error(call, 500, "resource-denied", NULL, NULL, "out of memory");
		return;
	}
	pending->operation = true;
	pending->reoptimise = event->u.operate.kind == OPERATE_REOPTIMISE;
	pending->drain = event->u.operate.kind == OPERATE_DRAIN;
	event->kind = SERVICE_OPERATE;
	event->u.operate.author = call->bearer.name;
	pending_submit(pending, event);
}

/* Reads the body of an order into the event; what it points to lies in arena. */
typedef enum pce_status read_order(const struct codec *codec, const char *body, size_t len,
				   struct arena *arena, struct service_event *event,
				   struct pce_error *err);

static void
order(struct call *call, enum operate_kind kind, read_order *read)
{
	struct service_event event = { .u.operate.kind = kind };
	struct pce_error err = { 0 };
	struct arena arena = { 0 };
	const char *body;
	size_t len;

	body = operation_body(call, &len);
	if (!body)
		return;
	if (read(call->north->options.codec, body, len, &arena, &event, &err))
		reply_fail(call, &err);
	else
		submit(call, &event);
	arena_free(&arena);
}

static enum pce_status
read_mode(const struct codec *codec, const char *body, size_t len, struct arena *arena,
	  struct service_event *event, struct pce_error *err)
{
	enum pce_status status =
	    codec_set_mode_parse(codec, body, len, arena, &event->u.operate.scope, err);

	event->u.operate.mode = event->u.operate.scope.mode;
	return status;
}

void
api_set_mode(struct call *call)
{
	order(call, OPERATE_SET_MODE, read_mode);
}

void
api_resume(struct call *call)
{
	struct service_event event = { .u.operate.kind = OPERATE_RESUME };

	if (check_query(call, no_parameters))
		submit(call, &event);
}

static enum pce_status
read_drain(const struct codec *codec, const char *body, size_t len, struct arena *arena,
	   struct service_event *event, struct pce_error *err)
{
	bool undrain = event->u.operate.kind == OPERATE_UNDRAIN;
	struct drain_window window = { 0 };
	enum pce_status status = codec_drain_parse(codec, body, len, undrain, arena, &window,
						   &event->u.operate.dry_run, err);

	event->u.operate.drain = window.drain;
	event->u.operate.from_us = window.from_us;
	event->u.operate.until_us = window.until_us;
	return status;
}

void
api_drain(struct call *call)
{
	order(call, OPERATE_DRAIN, read_drain);
}

void
api_undrain(struct call *call)
{
	order(call, OPERATE_UNDRAIN, read_drain);
}

void
reply_drain(struct call *call, const struct service_reply *reply)
{
	struct pce_error err = { 0 };
	struct text body = { 0 };

	codec_drain_print(call->north->options.codec, reply, &body, &err);
	reply_printed(call, &body, &err);
}

static enum pce_status
read_adopt(const struct codec *codec, const char *body, size_t len, struct arena *arena,
	   struct service_event *event, struct pce_error *err)
{
	return codec_adopt_parse(codec, body, len, arena, &event->u.operate.adopt.device,
				 &event->u.operate.adopt.policy, &event->u.operate.adopt.intent,
				 &event->u.operate.dry_run, err);
}

void
api_adopt(struct call *call)
{
	order(call, OPERATE_ADOPT, read_adopt);
}

static enum pce_status
read_reoptimise(const struct codec *codec, const char *body, size_t len, struct arena *arena,
		struct service_event *event, struct pce_error *err)
{
	return codec_reoptimise_parse(codec, body, len, arena, &event->u.operate.intent,
				      &event->u.operate.dry_run, err);
}

void
api_reoptimise(struct call *call)
{
	order(call, OPERATE_REOPTIMISE, read_reoptimise);
}

void
reply_reoptimise(struct call *call, const struct service_reply *reply)
{
	struct pce_error err = { 0 };
	struct text body = { 0 };

	codec_reoptimise_print(call->north->options.codec, reply->improvements,
			       reply->n_improvements, &body, &err);
	reply_printed(call, &body, &err);
}

static enum pce_status
read_acknowledge(const struct codec *codec, const char *body, size_t len, struct arena *arena,
		 struct service_event *event, struct pce_error *err)
{
	return codec_acknowledge_parse(codec, body, len, arena, &event->u.operate.alarm_object,
				       &event->u.operate.alarm_cause, err);
}

void
api_acknowledge(struct call *call)
{
	order(call, OPERATE_ACKNOWLEDGE, read_acknowledge);
}

/* --- changes that wait --- */

static enum pce_status
read_decision(const struct codec *codec, const char *body, size_t len, struct arena *arena,
	      struct service_event *event, struct pce_error *err)
{
	(void)arena;
	return codec_approve_parse(codec, body, len, event->u.operate.kind == OPERATE_REJECT,
				   &event->u.operate.change_id, err);
}

void
api_approve(struct call *call)
{
	order(call, OPERATE_APPROVE, read_decision);
}

void
api_reject(struct call *call)
{
	order(call, OPERATE_REJECT, read_decision);
}

/* True if the path names this change, or none. */
static bool
is_asked_for(const struct call *call, const struct change *change)
{
	char id[24];

	snprintf(id, sizeof(id), "%" PRIu64, change->id);
	return !call->key || strcmp(call->key, id) == 0;
}

void
api_changes(struct call *call)
{
	const struct north_options *o = &call->north->options;
	const struct change **changes, *change;
	struct pce_error err = { 0 };
	struct arena arena = { 0 };
	struct text body = { 0 };
	size_t n = 0, kept = 0;

	if (!check_query(call, no_parameters))
		return;
	while (service_view_change_at(o->service, n))
		n++;
	changes = arena_alloc(&arena, (n + 1) * sizeof(*changes));
	for (size_t i = 0; changes && i < n; i++) {
		change = service_view_change_at(o->service, i);
		if (is_asked_for(call, change))
			changes[kept++] = change;
	}
	if (!changes)
		pce_no_memory(&err);
	else if (call->key && kept == 0)
		pce_fail(&err, PCE_NOT_FOUND, "there is no change %s that waits", call->key);
	else
		codec_changes_print(o->codec, changes, kept, &body, &err);
	arena_free(&arena);
	reply_printed(call, &body, &err);
}

/* --- audit --- */

#define AUDIT_SHOWN 1000

void
api_audit(struct call *call)
{
	struct pce_error err = { 0 };
	struct text body = { 0 };

	if (!check_query(call, no_parameters))
		return;
	audit_print(call->north->audit, AUDIT_SHOWN, &body, &err);
	reply_printed(call, &body, &err);
}
