/* What operators order: the mode, and the end of a freeze. The service answers when it is durable.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "models/codec/change.h"
#include "models/codec/operate.h"
#include "northbound/restconf/internal.h"

static const char *const no_parameters[] = { NULL };

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

void
api_set_mode(struct call *call)
{
	struct service_event event = { .u.operate.kind = OPERATE_SET_MODE };
	struct pce_error err = { 0 };
	struct arena arena = { 0 };
	const char *body;
	size_t len;

	if (!check_query(call, no_parameters))
		return;
	body = json_body(call, &len);
	if (!body)
		return;
	if (codec_set_mode_parse(call->north->options.codec, body, len, &arena,
				 &event.u.operate.scope, &err)) {
		reply_fail(call, &err);
	} else {
		event.u.operate.mode = event.u.operate.scope.mode;
		submit(call, &event);
	}
	arena_free(&arena);
}

void
api_resume(struct call *call)
{
	struct service_event event = { .u.operate.kind = OPERATE_RESUME };

	if (check_query(call, no_parameters))
		submit(call, &event);
}

static void
drain(struct call *call, bool undrain)
{
	struct service_event event = { .u.operate.kind =
					   undrain ? OPERATE_UNDRAIN : OPERATE_DRAIN };
	struct pce_error err = { 0 };
	struct arena arena = { 0 };
	struct drain_window window;
	const char *body;
	size_t len;

	if (!check_query(call, no_parameters))
		return;
	body = json_body(call, &len);
	if (!body)
		return;
	if (codec_drain_parse(call->north->options.codec, body, len, undrain, &arena, &window,
			      &event.u.operate.dry_run, &err)) {
		reply_fail(call, &err);
	} else {
		event.u.operate.drain = window.drain;
		event.u.operate.from_us = window.from_us;
		event.u.operate.until_us = window.until_us;
		submit(call, &event);
	}
	arena_free(&arena);
}

void
api_drain(struct call *call)
{
	drain(call, false);
}

void
api_undrain(struct call *call)
{
	drain(call, true);
}

void
reply_drain(struct call *call, const struct service_reply *reply)
{
	struct pce_error err = { 0 };
	struct text body = { 0 };

	if (codec_drain_print(call->north->options.codec, reply, &body, &err)) {
		text_free(&body);
		reply_fail(call, &err);
		return;
	}
	reply_json(call, &body);
}

void
api_adopt(struct call *call)
{
	struct service_event event = { .u.operate.kind = OPERATE_ADOPT };
	struct pce_error err = { 0 };
	struct arena arena = { 0 };
	const char *body;
	size_t len;

	if (!check_query(call, no_parameters))
		return;
	body = json_body(call, &len);
	if (!body)
		return;
	if (codec_adopt_parse(call->north->options.codec, body, len, &arena,
			      &event.u.operate.adopt.device, &event.u.operate.adopt.policy,
			      &event.u.operate.adopt.intent, &event.u.operate.dry_run, &err))
		reply_fail(call, &err);
	else
		submit(call, &event);
	arena_free(&arena);
}

void
api_reoptimise(struct call *call)
{
	struct service_event event = { .u.operate.kind = OPERATE_REOPTIMISE };
	struct pce_error err = { 0 };
	struct arena arena = { 0 };
	const char *body;
	size_t len;

	if (!check_query(call, no_parameters))
		return;
	body = json_body(call, &len);
	if (!body)
		return;
	if (codec_reoptimise_parse(call->north->options.codec, body, len, &arena,
				   &event.u.operate.intent, &event.u.operate.dry_run, &err))
		reply_fail(call, &err);
	else
		submit(call, &event);
	arena_free(&arena);
}

void
reply_reoptimise(struct call *call, const struct service_reply *reply)
{
	struct pce_error err = { 0 };
	struct text body = { 0 };

	if (codec_reoptimise_print(call->north->options.codec, reply->improvements,
				   reply->n_improvements, &body, &err)) {
		text_free(&body);
		reply_fail(call, &err);
		return;
	}
	reply_json(call, &body);
}

void
api_acknowledge(struct call *call)
{
	struct service_event event = { .u.operate.kind = OPERATE_ACKNOWLEDGE };
	struct pce_error err = { 0 };
	struct arena arena = { 0 };
	const char *body;
	size_t len;

	if (!check_query(call, no_parameters))
		return;
	body = json_body(call, &len);
	if (!body)
		return;
	if (codec_acknowledge_parse(call->north->options.codec, body, len, &arena,
				    &event.u.operate.alarm_object, &event.u.operate.alarm_cause,
				    &err))
		reply_fail(call, &err);
	else
		submit(call, &event);
	arena_free(&arena);
}

/* --- changes that wait --- */

static void
decide(struct call *call, bool reject)
{
	struct service_event event = { .u.operate.kind =
					   reject ? OPERATE_REJECT : OPERATE_APPROVE };
	struct pce_error err = { 0 };
	const char *body;
	size_t len;

	if (!check_query(call, no_parameters))
		return;
	body = json_body(call, &len);
	if (!body)
		return;
	if (codec_approve_parse(call->north->options.codec, body, len, reject,
				&event.u.operate.change_id, &err))
		reply_fail(call, &err);
	else
		submit(call, &event);
}

void
api_approve(struct call *call)
{
	decide(call, false);
}

void
api_reject(struct call *call)
{
	decide(call, true);
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
	if (err.status) {
		text_free(&body);
		reply_fail(call, &err);
		return;
	}
	reply_json(call, &body);
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
	if (audit_print(call->north->audit, AUDIT_SHOWN, &body, &err)) {
		text_free(&body);
		reply_fail(call, &err);
		return;
	}
	reply_json(call, &body);
}
