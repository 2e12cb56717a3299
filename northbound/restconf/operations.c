/* The state of Karst itself: overview, feeds, devices, alarms; and its events. */
#include "config.h"

#include "models/codec/event.h"

#include <stdlib.h>
#include <string.h>

#include "northbound/metrics/metrics.h"
#include "northbound/restconf/internal.h"
#include "pce/deploy/transaction.h"

static bool
add_feeds(const struct service *service, struct arena *arena, struct codec_status *out)
{
	struct service_view_feed view;
	struct codec_feed *feeds;
	size_t n = 0;

	while (service_view_feed_at(service, n, &view))
		n++;
	feeds = arena_alloc(arena, (n + 1) * sizeof(feeds[0]));
	for (size_t i = 0; feeds && i < n; i++) {
		service_view_feed_at(service, i, &view);
		feeds[i] = (struct codec_feed){ view.name, view.up,      view.synced,
						view.text, view.updates, view.deltas };
	}
	out->feeds = feeds;
	out->n_feeds = feeds ? n : 0;
	return feeds;
}

static bool
add_devices(const struct service *service, struct arena *arena, struct codec_status *out)
{
	struct service_view_device view;
	struct codec_device_status *devices;
	size_t n = 0;

	while (service_view_device_at(service, n, &view))
		n++;
	devices = arena_alloc(arena, (n + 1) * sizeof(devices[0]));
	for (size_t i = 0; devices && i < n; i++) {
		service_view_device_at(service, i, &view);
		devices[i] = (struct codec_device_status){
			.name = view.name,
			.node = view.node_name,
			.connected = view.connected,
			.confirmed_commit = view.capabilities & DEVICE_CONFIRMED_COMMIT,
			.notifies = view.capabilities & DEVICE_NOTIFIES,
			.busy = view.busy,
			.text = view.text,
			.n_policies = view.n_policies,
			.n_pending = view.n_pending,
			.foreign = view.foreign,
			.n_foreign = view.n_foreign,
		};
	}
	out->devices = devices;
	out->n_devices = devices ? n : 0;
	return devices;
}

static bool
add_alarms(const struct service *service, struct arena *arena, struct codec_status *out)
{
	struct alarm alarm, *alarms;
	size_t n = 0;

	while (service_view_alarm_at(service, n, &alarm))
		n++;
	alarms = arena_alloc(arena, (n + 1) * sizeof(alarms[0]));
	for (size_t i = 0; alarms && i < n; i++)
		service_view_alarm_at(service, i, &alarms[i]);
	out->alarms = alarms;
	out->n_alarms = alarms ? n : 0;
	return alarms;
}

#define WAITING_SHOWN 100 /* policies that still cross what is drained */

static bool
add_waiting(const struct service *service, size_t index, struct arena *arena,
	    struct codec_drain *out)
{
	size_t n = out->remaining < WAITING_SHOWN ? out->remaining : WAITING_SHOWN;
	struct service_stuck *waiting = arena_alloc(arena, (n + 1) * sizeof(waiting[0]));

	while (waiting && out->n_waiting < n &&
	       service_view_drain_waiting(service, index, out->n_waiting, &waiting[out->n_waiting]))
		out->n_waiting++;
	out->waiting = waiting;
	return waiting;
}

static bool
add_windows(const struct service *service, struct arena *arena, struct codec_status *out)
{
	struct drain_window window, *windows;
	size_t n = 0;

	while (service_view_window_at(service, n, &window))
		n++;
	windows = arena_alloc(arena, (n + 1) * sizeof(windows[0]));
	for (size_t i = 0; windows && i < n; i++)
		service_view_window_at(service, i, &windows[i]);
	out->windows = windows;
	out->n_windows = windows ? n : 0;
	return windows;
}

static bool
add_drains(const struct service *service, struct arena *arena, struct codec_status *out)
{
	struct service_view_drain view;
	struct codec_drain *drains;
	size_t n = service_view_drain_count(service);

	drains = arena_alloc(arena, (n + 1) * sizeof(drains[0]));
	for (size_t i = 0; drains && i < n; i++) {
		service_view_drain_at(service, i, &view);
		drains[i] =
		    (struct codec_drain){ .drain = view.drain, .remaining = view.remaining };
		if (!add_waiting(service, i, arena, &drains[i]))
			return false;
	}
	out->drains = drains;
	out->n_drains = drains ? n : 0;
	return drains;
}

static bool
add_modes(const struct service *service, struct arena *arena, struct codec_status *out)
{
	struct scoped_mode mode, *modes;
	size_t n = 0;

	while (service_view_mode_at(service, n, &mode))
		n++;
	modes = arena_alloc(arena, (n + 1) * sizeof(modes[0]));
	for (size_t i = 0; modes && i < n; i++)
		service_view_mode_at(service, i, &modes[i]);
	out->modes = modes;
	out->n_modes = modes ? n : 0;
	return modes;
}

static bool
add_drifts(const struct service *service, struct arena *arena, struct codec_status *out)
{
	struct service_view_drift view;
	struct codec_drift *drifts;
	size_t n = 0;

	while (service_view_drift_at(service, n, &view))
		n++;
	drifts = arena_alloc(arena, (n + 1) * sizeof(drifts[0]));
	for (size_t i = 0; drifts && i < n; i++) {
		service_view_drift_at(service, i, &view);
		drifts[i] =
		    (struct codec_drift){ view.device,      view.policy_id,    view.color,
					  view.endpoint,    view.since_us,     view.repaired_us,
					  view.differences, view.n_differences };
	}
	out->drifts = drifts;
	out->n_drifts = drifts ? n : 0;
	return drifts;
}

static bool
add_damped(const struct service *service, struct arena *arena, struct codec_status *out)
{
	struct service_view_damped view;
	size_t n = service_view_damped_count(service);
	struct codec_damped *damped = arena_alloc(arena, (n + 1) * sizeof(damped[0]));

	for (size_t i = 0; damped && i < n; i++) {
		service_view_damped_at(service, i, &view);
		damped[i] = (struct codec_damped){ view.link,     view.reverse, view.up,
						   view.held,     view.penalty, view.losses,
						   view.since_us, view.until_us };
	}
	out->damped = damped;
	out->n_damped = damped ? n : 0;
	return damped;
}

static bool
add_suspects(const struct service *service, struct arena *arena, struct codec_status *out)
{
	struct service_view_suspect v;
	struct codec_suspect *suspects;
	size_t n = 0;

	while (service_view_suspect_at(service, n, &v))
		n++;
	suspects = arena_alloc(arena, (n + 1) * sizeof(suspects[0]));
	for (size_t i = 0; suspects && i < n; i++) {
		service_view_suspect_at(service, i, &v);
		suspects[i] = (struct codec_suspect){
			v.link,
			v.reverse,
			v.named    ? "named"
			: v.beside ? "beside"
				   : "possible",
			v.avoided,
			v.confidence_ppm / 10000,
			v.n_failures,
			v.strikes,
			v.policy_id,
			v.since_us,
			v.until_us,
		};
	}
	out->suspects = suspects;
	out->n_suspects = suspects ? n : 0;
	return suspects;
}

static bool
add_changes(const struct service *service, struct arena *arena, struct codec_status *out)
{
	const struct change **changes;
	size_t n = 0;

	while (service_view_change_at(service, n))
		n++;
	changes = arena_alloc(arena, (n + 1) * sizeof(changes[0]));
	for (size_t i = 0; changes && i < n; i++)
		changes[i] = service_view_change_at(service, i);
	out->changes = changes;
	out->n_changes = changes ? n : 0;
	return changes;
}

static void
add_counts(const struct service *service, struct codec_status *out)
{
	struct service_view_operate operate;
	struct metrics_counts counts;

	service_view_operate(service, &operate);
	out->mode = operate_mode_name(operate.mode);
	out->frozen = operate.frozen;
	metrics_count(service, &counts);
	out->topology_revision = ted_revision(service_view_ted(service));
	out->n_nodes = counts.nodes;
	out->n_links = counts.links;
	out->n_links_up = counts.links_up;
	out->n_intents = counts.intents;
	out->n_policies = counts.policies;
	out->n_active = counts.policy_states[POLICY_ACTIVE];
	out->n_failed = counts.policy_states[POLICY_FAILED];
}

enum pce_status
operations_print(const struct north *north, struct text *out, struct pce_error *err)
{
	const struct north_options *o = &north->options;
	struct codec_status status = { .version = o->version,
				       .started_us = north->started_s * 1000000 };
	struct arena arena = { 0 };
	enum pce_status printed;

	add_counts(o->service, &status);
	if (!add_feeds(o->service, &arena, &status) || !add_devices(o->service, &arena, &status) ||
	    !add_modes(o->service, &arena, &status) || !add_changes(o->service, &arena, &status) ||
	    !add_windows(o->service, &arena, &status) || !add_drains(o->service, &arena, &status) ||
	    !add_damped(o->service, &arena, &status) ||
	    !add_suspects(o->service, &arena, &status) ||
	    !add_drifts(o->service, &arena, &status) || !add_alarms(o->service, &arena, &status))
		printed = pce_no_memory(err);
	else
		printed = codec_status_print(o->codec, &status, out, err);
	arena_free(&arena);
	return printed;
}

void
api_operations_all(struct call *call)
{
	struct pce_error err = { 0 };
	struct text body = { 0 };

	if (!check_query(call, no_parameters))
		return;
	operations_print(call->north, &body, &err);
	reply_printed(call, &body, &err);
}

enum pce_status
notification_print(void *arg, const struct service_notice *notice, struct text *out,
		   struct pce_error *err)
{
	const struct north *north = arg;

	return codec_notice_print(north->options.codec, notice, out, err);
}

void
api_metrics_all(struct call *call)
{
	const struct north *north = call->north;
	struct metrics_api api = { .denied = north->denied };
	struct text out = { 0 };

	if (!check_query(call, no_parameters))
		return;
	http_server_count(north->http, &api.http);
	events_count(north->events, &api.events);
	metrics_print(north->options.service, &api, &out);
	if (north->options.metrics)
		north->options.metrics(north->options.arg, &out);
	http_reply(call->request, text_ok(&out) ? 200 : 500,
		   "text/plain; version=0.0.4; charset=utf-8", text_get(&out),
		   text_ok(&out) ? out.len : 0);
	text_free(&out);
}
