/*
 * Telemetry in the daemon: the gRPC engine and what streams through it, the room that makes
 * summaries of it, and the timer that hands them to the service.
 */
#include "config.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "models/codec/config.h"
#include "pce/base/array.h"
#include "pce/daemon/daemon.h"
#include "pce/daemon/log.h"
#include "southbound/gnmi/collector.h"
#include "southbound/gnmi/dialin.h"
#include "southbound/telemetry/telemetry.h"

#define TICK_US (100 * USEC_PER_MS)
#define BIND_US ((int64_t)USEC_PER_S) /* a storm of changes binds interfaces once a second */

struct stream {
	bool told, up;
	char *text;
	struct gnmi_counters counters;
};

struct telemetry_shell {
	struct daemon *daemon;
	struct telemetry *telemetry;
	struct gnmi_map map;
	struct gnmi_engine *engine;
	struct gnmi_dialin *dialin;
	struct gnmi_collector *collector; /* NULL: nobody may connect */
	struct event *tick;
	struct usec bind_at;
	struct stream *streams; /* by device */
};

/* --- from the engine --- */

static void
take_state(struct telemetry_shell *shell, const struct gnmi_item *item)
{
	const char *name = shell->daemon->config->devices[item->device].name;
	struct stream *stream = &shell->streams[item->device];
	const struct telemetry_device device = { name, item->up, item->text };
	struct service_event event = { .kind = SERVICE_TELEMETRY };

	free(stream->text);
	stream->text = array_strdup(item->text);
	stream->up = item->up;
	stream->told = true;
	event.u.telemetry.devices = &device;
	event.u.telemetry.n_devices = 1;
	event.u.telemetry.received = daemon_now();
	daemon_post(shell->daemon, &event);
}

static void
on_item(void *ctx, const struct gnmi_item *item)
{
	struct telemetry_shell *shell = ctx;
	struct pce_error err = { 0 };
	int64_t wall_us;

	switch (item->kind) {
	case GNMI_ITEM_READING:
		wall_us = daemon_wall_us() - (daemon_now().v - item->reading.received.v);
		if (telemetry_reading(shell->telemetry, item->device, &item->reading, wall_us,
				      &err))
			log_line(LOG_LEVEL_WARNING, "telemetry: %s", err.text);
		break;
	case GNMI_ITEM_STATE:
		take_state(shell, item);
		break;
	case GNMI_ITEM_COUNTERS:
		shell->streams[item->device].counters = *item->counters;
		break;
	case GNMI_ITEM_ANSWER: /* the driver's: it has an engine of its own */
		break;
	}
}

static void
on_tick(evutil_socket_t fd, short what, void *ctx)
{
	struct telemetry_shell *shell = ctx;
	const struct ted *ted = service_view_ted(shell->daemon->service);
	struct usec now = daemon_now();
	struct service_event event;
	struct pce_error err = { 0 };

	(void)fd, (void)what;
	if (usec_due(shell->bind_at, now)) {
		shell->bind_at = usec_add(now, BIND_US);
		if (telemetry_bind(shell->telemetry, ted, &err))
			log_line(LOG_LEVEL_WARNING, "telemetry: %s", err.text);
	}
	if (telemetry_summaries(shell->telemetry, ted, now, &event))
		daemon_post(shell->daemon, &event);
}

/* --- the map --- */

static enum pce_status
add_mappings(struct gnmi_map *map, const struct config_mapping *rows, size_t n,
	     struct pce_error *err)
{
	enum pce_status status = PCE_OK;

	for (size_t i = 0; i < n && status == PCE_OK; i++) {
		struct gnmi_mapping row = { rows[i].path, MEANING_NONE, rows[i].multiplier,
					    rows[i].divisor };

		for (int m = MEANING_NONE + 1; m < MEANING_COUNT; m++)
			if (strcmp(telemetry_meaning_name((enum telemetry_meaning)m),
				   rows[i].meaning) == 0)
				row.meaning = (enum telemetry_meaning)m;
		status = gnmi_map_add(map, &row, err);
	}
	return status;
}

static enum pce_status
fill_map(struct telemetry_shell *shell, struct pce_error *err)
{
	const struct config_telemetry *c = &shell->daemon->config->telemetry;
	enum pce_status status = gnmi_map_add_builtin(&shell->map, err);

	if (status == PCE_OK)
		status = add_mappings(&shell->map, c->mappings, c->n_mappings, err);
	for (size_t i = 0; i < c->n_mapping_files && status == PCE_OK; i++) {
		struct arena arena = { 0 };
		const struct config_mapping *rows = NULL;
		size_t n = 0;

		status = codec_mappings_read(shell->daemon->codec, c->mapping_files[i], &arena,
					     &rows, &n, err);
		if (status == PCE_OK)
			status = add_mappings(&shell->map, rows, n, err);
		arena_free(&arena);
	}
	return status;
}

/* --- life --- */

static bool
is_asked(const struct config_device *device)
{
	return device->gnmi.port != 0 && device->gnmi.telemetry;
}

static bool
is_wanted(const struct karst_config *config)
{
	if (config->telemetry.dialout.port != 0)
		return true;
	for (size_t i = 0; i < config->n_devices; i++)
		if (is_asked(&config->devices[i]))
			return true;
	return false;
}

static enum pce_status
start(struct telemetry_shell *shell, struct pce_error *err)
{
	struct daemon *daemon = shell->daemon;
	enum pce_status status = fill_map(shell, err);

	if (status == PCE_OK)
		status = telemetry_new(daemon->config, &shell->telemetry, err);
	if (status == PCE_OK)
		status = gnmi_engine_new(daemon->loop, on_item, shell, &shell->engine, err);
	if (status == PCE_OK)
		status = gnmi_dialin_new(shell->engine, daemon->config, &shell->map,
					 daemon_random(), &shell->dialin, err);
	if (status == PCE_OK && daemon->config->telemetry.dialout.port != 0)
		status = gnmi_collector_new(shell->engine, daemon->config, &shell->map,
					    daemon_random(), NULL, NULL, &shell->collector, err);
	if (status)
		return status;
	shell->tick = event_new(daemon->loop, -1, EV_PERSIST, on_tick, shell);
	if (!shell->tick || event_add(shell->tick, &(struct timeval){ 0, TICK_US }))
		return pce_no_memory(err);
	return gnmi_engine_start(shell->engine, err);
}

enum pce_status
telemetry_open(struct daemon *daemon, struct telemetry_shell **out, struct pce_error *err)
{
	struct telemetry_shell *shell;
	enum pce_status status;

	if (!is_wanted(daemon->config))
		return PCE_OK;
	shell = calloc(1, sizeof(*shell));
	if (!shell)
		return pce_no_memory(err);
	shell->daemon = daemon;
	shell->streams = calloc(daemon->config->n_devices, sizeof(*shell->streams));
	status = shell->streams ? start(shell, err) : pce_no_memory(err);
	if (status)
		telemetry_close(shell);
	else
		*out = shell;
	return status;
}

void
telemetry_close(struct telemetry_shell *shell)
{
	if (!shell)
		return;
	/* The thread first: then nothing of it is in use. */
	gnmi_engine_free(shell->engine);
	gnmi_dialin_free(shell->dialin);
	gnmi_collector_free(shell->collector);
	if (shell->tick)
		event_free(shell->tick);
	telemetry_free(shell->telemetry);
	for (size_t i = 0; shell->streams && i < shell->daemon->config->n_devices; i++)
		free(shell->streams[i].text);
	free(shell->streams);
	gnmi_map_free(&shell->map);
	free(shell);
}

/* --- for the API --- */

static void
fill_device(const struct stream *s, struct codec_telemetry_device *out)
{
	const struct gnmi_counters *c = &s->counters;

	out->streaming = s->up;
	out->text = s->up ? NULL : s->text;
	out->messages = c->walk.messages;
	out->octets = c->octets;
	out->updates = c->walk.updates;
	out->unmapped = c->walk.unmapped;
	out->malformed = c->walk.malformed;
	out->bad_json = c->walk.bad_json;
	out->not_numbers = c->meter.not_numbers;
	out->duplicates = c->meter.verdicts[RATE_DUPLICATE];
	out->late = c->meter.verdicts[RATE_LATE];
	out->early = c->meter.verdicts[RATE_EARLY];
	out->resets = c->meter.verdicts[RATE_RESET];
	out->wraps = c->meter.wraps;
	out->clock_set = c->meter.clock_set;
	out->too_many_objects = c->meter.too_many_objects;
	out->paused = c->paused;
	out->streams = c->streams;
	out->memory = c->memory;
}

bool
telemetry_device_at(const struct telemetry_shell *shell, size_t index,
		    struct codec_telemetry_device *out)
{
	const struct karst_config *config = shell ? shell->daemon->config : NULL;

	for (size_t i = 0, seen = 0; config && i < config->n_devices; i++) {
		if ((!is_asked(&config->devices[i]) && !config->devices[i].dialout_name) ||
		    seen++ != index)
			continue;
		*out = (struct codec_telemetry_device){ .name = config->devices[i].name };
		fill_device(&shell->streams[i], out);
		return true;
	}
	return false;
}

bool
telemetry_link_at(const struct telemetry_shell *shell, ted_link link,
		  struct codec_telemetry_link *out)
{
	struct telemetry_view view;

	if (!shell || !telemetry_view_link(shell->telemetry, link, &view))
		return false;
	out->device = view.device;
	out->interface = view.interface;
	out->present = view.present;
	out->rate_bps = view.rate_bps;
	out->last_rate_bps = view.last_rate_bps;
	out->delay_us = view.delay_us;
	out->loss_ppb = view.loss_ppb;
	out->oper_down = view.oper_down;
	out->age_us = view.rate_at.v > 0 ? daemon_now().v - view.rate_at.v : -1;
	return true;
}

bool
telemetry_flow_at(const struct telemetry_shell *shell, ted_node node, const char *name,
		  uint64_t *out)
{
	const struct karst_config *config = shell ? shell->daemon->config : NULL;
	const struct ted *ted = shell ? service_view_ted(shell->daemon->service) : NULL;

	for (uint32_t i = 0; config && i < config->n_devices; i++) {
		ted_node here;

		if (ted_find_node(ted, config->devices[i].node, &here, NULL) == PCE_OK &&
		    here == node)
			return telemetry_view_flow(shell->telemetry, i, name, out);
	}
	return false;
}

struct give {
	telemetry_bucket_fn *fn;
	void *ctx;
};

static void
give_bucket(void *ctx, const struct history_bucket *b)
{
	const struct give *give = ctx;

	give->fn(give->ctx, &(struct codec_history_bucket){ .start_s = b->start_s,
							    .length_s = b->length_s,
							    .samples = b->samples,
							    .min_bps = b->least_bps,
							    .mean_bps = b->mean_bps,
							    .max_bps = b->greatest_bps,
							    .p95_bps = b->p95_bps,
							    .has_delay = b->has_delay,
							    .has_loss = b->has_loss,
							    .delay_us = b->delay_us,
							    .loss_ppb = b->loss_ppb });
}

bool
telemetry_history(const struct telemetry_shell *shell, ted_link link,
		  const struct codec_history_request *asked, telemetry_bucket_fn *fn, void *ctx)
{
	struct give give = { fn, ctx };
	const struct history *history =
	    shell ? telemetry_view_history(shell->telemetry, link) : NULL;

	if (!history)
		return false;
	history_read(history, asked->from_s, asked->to_s, asked->step_s, give_bucket, &give);
	return true;
}
