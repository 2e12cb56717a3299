/* karst-events and karst-operations. */
#include "models/codec/event.h"

#include <string.h>

#include "models/codec/change.h"
#include "models/codec/stages.h"

static const char *const notice_names[] = {
	[NOTICE_TOPOLOGY] = "karst-events:topology-change",
	[NOTICE_INTENT] = "karst-events:intent-state",
	[NOTICE_POLICY] = "karst-events:policy-change",
	[NOTICE_SESSION] = "karst-events:session-state",
	[NOTICE_ALARM] = "karst-events:alarm",
};

static const char *const severities[] = {
	[ALARM_WARNING] = "warning",
	[ALARM_MINOR] = "minor",
	[ALARM_MAJOR] = "major",
	[ALARM_CRITICAL] = "critical",
};

void
alarm_emit(struct emit *e, const struct alarm *alarm)
{
	emit_string(e, "object", alarm->object);
	emit_string(e, "type", alarm->cause);
	if ((size_t)alarm->severity < sizeof(severities) / sizeof(severities[0]))
		emit_string(e, "severity", severities[alarm->severity]);
	emit_string(e, "alarm-text", alarm->text);
	emit_string(e, "action", alarm->action);
	emit_time(e, "since", alarm->since_us);
	emit_bool(e, "cleared", alarm->cleared);
	emit_bool(e, "acknowledged", alarm->acknowledged);
}

static void
emit_details(struct emit *e, const struct service_notice *notice)
{
	switch (notice->kind) {
	case NOTICE_TOPOLOGY:
		emit_u64(e, "revision", notice->ted_revision);
		emit_u64(e, "nodes", notice->n_nodes);
		emit_u64(e, "links", notice->n_links);
		break;
	case NOTICE_INTENT:
		emit_string(e, "intent", notice->object);
		emit_string(e, "state", notice->state);
		break;
	case NOTICE_POLICY:
		emit_string(e, "policy", notice->object);
		emit_string(e, "state", notice->state);
		emit_strings(e, "link-before", notice->before, notice->n_before);
		emit_strings(e, "link-after", notice->after, notice->n_after);
		stages_emit(e, &notice->stages);
		break;
	case NOTICE_SESSION:
		emit_string(e, "object", notice->object);
		emit_string(e, "state", notice->state);
		break;
	case NOTICE_ALARM:
		if (notice->alarm)
			alarm_emit(e, notice->alarm);
		break;
	}
}

enum pce_status
codec_notice_print(const struct codec *codec, const struct service_notice *notice, struct text *out,
		   struct pce_error *err)
{
	struct emit e = { 0 }, time = { 0 };
	struct text body = { 0 };
	enum pce_status status;

	emit_open(&e, NULL, '{');
	emit_open(&e, notice_names[notice->kind], '{');
	emit_u64(&e, "number", notice->number);
	emit_string(&e, "text", notice->text);
	emit_string(&e, "cause", notice->cause);
	emit_details(&e, notice);
	emit_close(&e, '}');
	emit_close(&e, '}');
	status = emit_finish(codec, &e, EMIT_NOTIFICATION, NULL, &body, err);
	emit_time(&time, "eventTime", notice->wall_us);
	if (status == PCE_OK) {
		text_printf(out, "{\"ietf-restconf:notification\":{%s,", text_get(&time.text));
		text_add(out, text_get(&body) + 1);
		text_add(out, "}");
		if (!text_ok(out) || !text_ok(&time.text))
			status = pce_no_memory(err);
	}
	emit_free(&time);
	text_free(&body);
	return status;
}

static void
emit_overview(struct emit *e, const struct codec_status *status)
{
	emit_open(e, "status", '{');
	emit_string(e, "version", status->version);
	if (status->started_us)
		emit_time(e, "started", status->started_us);
	emit_string(e, "mode", status->mode);
	emit_bool(e, "frozen", status->frozen != NULL);
	emit_string(e, "frozen-reason", status->frozen);
	emit_u64(e, "topology-revision", status->topology_revision);
	emit_u32(e, "nodes", (uint32_t)status->n_nodes);
	emit_u32(e, "links", (uint32_t)status->n_links);
	emit_u32(e, "links-up", (uint32_t)status->n_links_up);
	emit_u32(e, "intents", (uint32_t)status->n_intents);
	emit_u32(e, "policies", (uint32_t)status->n_policies);
	emit_u32(e, "policies-active", (uint32_t)status->n_active);
	emit_u32(e, "policies-failed", (uint32_t)status->n_failed);
	emit_close(e, '}');
}

static void
emit_feeds(struct emit *e, const struct codec_status *status)
{
	emit_open(e, "feed", '[');
	for (size_t i = 0; i < status->n_feeds; i++) {
		const struct codec_feed *feed = &status->feeds[i];

		emit_open(e, NULL, '{');
		emit_string(e, "name", feed->name);
		emit_bool(e, "up", feed->up);
		emit_bool(e, "synced", feed->synced);
		emit_string(e, "text", feed->text);
		emit_u64(e, "updates", feed->updates);
		emit_u64(e, "changes", feed->changes);
		emit_close(e, '}');
	}
	emit_close(e, ']');
}

static void
emit_device(struct emit *e, const struct codec_device_status *device)
{
	emit_open(e, NULL, '{');
	emit_string(e, "name", device->name);
	emit_string(e, "node", device->node);
	emit_bool(e, "connected", device->connected);
	if (device->connected) {
		emit_bool(e, "confirmed-commit", device->confirmed_commit);
		emit_bool(e, "notifies", device->notifies);
	}
	emit_string(e, "text", device->text);
	emit_bool(e, "busy", device->busy);
	emit_u32(e, "policies", (uint32_t)device->n_policies);
	emit_u32(e, "pending", (uint32_t)device->n_pending);
	emit_open(e, "foreign", '[');
	for (size_t i = 0; i < device->n_foreign; i++) {
		emit_open(e, NULL, '{');
		emit_u32(e, "color", device->foreign[i].color);
		emit_addr(e, "endpoint", &device->foreign[i].endpoint);
		emit_string(e, "name", device->foreign[i].name);
		emit_close(e, '}');
	}
	emit_close(e, ']');
	emit_close(e, '}');
}

static void
emit_drifts(struct emit *e, const struct codec_status *status)
{
	emit_open(e, "drift", '[');
	for (size_t i = 0; i < status->n_drifts; i++) {
		const struct codec_drift *d = &status->drifts[i];

		emit_open(e, NULL, '{');
		emit_string(e, "device", d->device);
		emit_u32(e, "color", d->color);
		emit_addr(e, "endpoint", &d->endpoint);
		emit_time(e, "since", d->since_us);
		emit_string(e, "policy", d->policy_id);
		if (d->repaired_us)
			emit_time(e, "repaired", d->repaired_us);
		emit_open(e, "difference", '[');
		for (size_t k = 0; k < d->n_differences; k++) {
			emit_open(e, NULL, '{');
			emit_string(e, "field", d->differences[k].field);
			emit_string(e, "ours", d->differences[k].ours);
			emit_string(e, "router", d->differences[k].theirs);
			emit_close(e, '}');
		}
		emit_close(e, ']');
		emit_close(e, '}');
	}
	emit_close(e, ']');
}

static void
emit_suspects(struct emit *e, const struct codec_status *status)
{
	emit_open(e, "suspect", '[');
	for (size_t i = 0; i < status->n_suspects; i++) {
		const struct codec_suspect *s = &status->suspects[i];

		emit_open(e, NULL, '{');
		emit_string(e, "link", s->link);
		emit_string(e, "reverse", s->reverse);
		emit_string(e, "state", s->state);
		emit_bool(e, "avoided", s->avoided);
		emit_u32(e, "confidence", s->confidence_percent);
		emit_u32(e, "failed-lists", s->n_failures);
		emit_string(e, "policy", s->policy_id);
		if (s->strikes)
			emit_u32(e, "times", s->strikes);
		if (s->since_us)
			emit_time(e, "since", s->since_us);
		if (s->until_us)
			emit_time(e, "until", s->until_us);
		emit_close(e, '}');
	}
	emit_close(e, ']');
}

static void
emit_damped(struct emit *e, const struct codec_status *status)
{
	emit_open(e, "damped", '[');
	for (size_t i = 0; i < status->n_damped; i++) {
		const struct codec_damped *d = &status->damped[i];

		emit_open(e, NULL, '{');
		emit_string(e, "link", d->link);
		emit_string(e, "reverse", d->reverse);
		emit_string(e, "state", d->held ? "held-down" : "penalised");
		emit_bool(e, "up", d->up);
		emit_u32(e, "penalty", d->penalty);
		emit_u32(e, "losses", d->losses);
		if (d->since_us)
			emit_time(e, "since", d->since_us);
		if (d->until_us)
			emit_time(e, "until", d->until_us);
		emit_close(e, '}');
	}
	emit_close(e, ']');
}

static void
emit_drain_progress(struct emit *e, const struct codec_drain *drain)
{
	emit_u32(e, "affected", drain->drain.affected);
	emit_open(e, "waiting", '[');
	for (size_t i = 0; i < drain->n_waiting; i++) {
		emit_open(e, NULL, '{');
		emit_string(e, "policy", drain->waiting[i].policy_id);
		emit_string(e, "text", drain->waiting[i].text);
		emit_close(e, '}');
	}
	emit_close(e, ']');
}

static void
emit_windows(struct emit *e, const struct codec_status *status)
{
	emit_open(e, "maintenance", '[');
	for (size_t i = 0; i < status->n_windows; i++) {
		const struct drain_window *w = &status->windows[i];

		emit_open(e, NULL, '{');
		emit_string(e, "object", drain_kind_name(w->drain.kind));
		emit_string(e, "name", w->drain.name);
		emit_time(e, "from", w->from_us);
		emit_time(e, "until", w->until_us);
		emit_bool(e, "running", w->running);
		emit_close(e, '}');
	}
	emit_close(e, ']');
}

enum pce_status
codec_status_print(const struct codec *codec, const struct codec_status *status, struct text *out,
		   struct pce_error *err)
{
	struct emit e = { 0 };

	emit_open(&e, NULL, '{');
	emit_open(&e, "karst-operations:operations", '{');
	emit_overview(&e, status);
	emit_feeds(&e, status);
	emit_open(&e, "device", '[');
	for (size_t i = 0; i < status->n_devices; i++)
		emit_device(&e, &status->devices[i]);
	emit_close(&e, ']');
	emit_open(&e, "scoped-mode", '[');
	for (size_t i = 0; i < status->n_modes; i++) {
		emit_open(&e, NULL, '{');
		emit_string(&e, "scope", mode_scope_name(status->modes[i].scope));
		emit_string(&e, "name", status->modes[i].name);
		emit_string(&e, "mode", operate_mode_name(status->modes[i].mode));
		emit_time(&e, "since", status->modes[i].since_us);
		emit_close(&e, '}');
	}
	emit_close(&e, ']');
	emit_drifts(&e, status);
	emit_suspects(&e, status);
	emit_damped(&e, status);
	changes_emit(&e, status->changes, status->n_changes);
	emit_open(&e, "drain", '[');
	for (size_t i = 0; i < status->n_drains; i++) {
		emit_open(&e, NULL, '{');
		emit_string(&e, "object", drain_kind_name(status->drains[i].drain.kind));
		emit_string(&e, "name", status->drains[i].drain.name);
		emit_time(&e, "since", status->drains[i].drain.since_us);
		emit_u32(&e, "remaining", (uint32_t)status->drains[i].remaining);
		emit_drain_progress(&e, &status->drains[i]);
		emit_close(&e, '}');
	}
	emit_close(&e, ']');
	emit_windows(&e, status);
	emit_open(&e, "alarm", '[');
	for (size_t i = 0; i < status->n_alarms; i++) {
		emit_open(&e, NULL, '{');
		alarm_emit(&e, &status->alarms[i]);
		emit_close(&e, '}');
	}
	emit_close(&e, ']');
	emit_close(&e, '}');
	emit_close(&e, '}');
	return emit_finish(codec, &e, EMIT_DATA, NULL, out, err);
}
