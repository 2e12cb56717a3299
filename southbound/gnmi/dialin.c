#define _GNU_SOURCE
#include "config.h"

#include "southbound/gnmi/dialin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"
#include "southbound/clock.h"
#include "southbound/gnmi/connect.h"

#define COUNTERS_US (2 * (int64_t)USEC_PER_S)
#define RESUME_US (5 * (int64_t)USEC_PER_MS)

struct target {
	struct gnmi_dialin *dialin;
	const struct config_device *config;
	uint32_t number; /* of the device */
	struct gnmi_connection connection;
	struct gnmi_timer resume, report;
	struct gnmi_stream stream;
	struct gnmi_walk walk;
	struct meter *meter;
	struct gnmi_counters counters;
	uint64_t reported; /* messages, at the last report */
	bool up, told;
	char *why; /* as told last */
};

struct gnmi_dialin {
	struct gnmi_part part;
	struct gnmi_engine *engine;
	const struct karst_config *config;
	const struct gnmi_map *map;
	uint64_t random;
	struct target *targets;
	size_t n;
};

#define TARGET_OF(pointer, member)                                                                 \
	((struct target *)(void *)((char *)(pointer)-offsetof(struct target, member)))

/* --- telling the loop --- */

static void
tell_state(struct target *t, bool up, const char *why)
{
	struct gnmi_item item = { .kind = GNMI_ITEM_STATE, .device = t->number, .up = up };

	/* One that cannot be reached says so once, not at each attempt. */
	if (t->told && t->up == up && (up || (t->why && strcmp(t->why, why) == 0)))
		return;
	free(t->why);
	t->why = array_strdup(why);
	item.text = array_strdup(why);
	t->up = up;
	t->told = true;
	gnmi_engine_post(t->dialin->engine, &item);
}

static void
tell_reading(void *ctx, const struct meter_reading *reading)
{
	struct target *t = ctx;

	gnmi_engine_post(t->dialin->engine, &(struct gnmi_item){ .kind = GNMI_ITEM_READING,
								 .device = t->number,
								 .reading = *reading });
}

static void
tell_counters(struct target *t)
{
	struct gnmi_item item = { .kind = GNMI_ITEM_COUNTERS, .device = t->number };

	t->counters.walk = t->walk.count;
	t->counters.meter = *meter_counters(t->meter);
	t->counters.memory = meter_memory(t->meter);
	item.counters = malloc(sizeof(*item.counters));
	if (!item.counters)
		return;
	*item.counters = t->counters;
	gnmi_engine_post(t->dialin->engine, &item);
}

static void
on_report(struct gnmi_timer *timer)
{
	struct target *t = TARGET_OF(timer, report);

	if (t->reported != t->walk.count.messages) {
		t->reported = t->walk.count.messages;
		tell_counters(t);
	}
	gnmi_engine_set(t->dialin->engine, timer, usec_add(monotonic_now(), COUNTERS_US));
}

/* --- attempts --- */

/* splitmix64: jitter, nothing that anybody could gain from guessing */
static uint64_t
next_random(struct gnmi_dialin *d)
{
	uint64_t z = (d->random += 0x9e3779b97f4a7c15ULL);

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

static void
on_failed(struct gnmi_connection *connection, const struct pce_error *why)
{
	tell_state(TARGET_OF(connection, connection), false, why->text);
}

static bool
on_message(struct gnmi_stream *stream, const uint8_t *bytes, size_t len)
{
	struct target *t = TARGET_OF(stream, stream);

	t->counters.octets += len;
	meter_begin(t->meter, monotonic_now());
	(void)gnmi_walk_response(&t->walk, bytes, len, NULL, NULL);
	if (!t->up) {
		tell_state(t, true, "streaming");
		gnmi_connection_steady(&t->connection);
	}
	if (!gnmi_engine_full(t->dialin->engine))
		return true;
	t->counters.paused++;
	gnmi_engine_set(t->dialin->engine, &t->resume, usec_add(monotonic_now(), RESUME_US));
	return false;
}

static void
on_resume(struct gnmi_timer *timer)
{
	struct target *t = TARGET_OF(timer, resume);

	if (gnmi_engine_full(t->dialin->engine))
		gnmi_engine_set(t->dialin->engine, timer, usec_add(monotonic_now(), RESUME_US));
	else
		gnmi_stream_resume(&t->stream);
}

static void
on_ended(struct gnmi_stream *stream, grpc_status_code status, const char *text)
{
	struct target *t = TARGET_OF(stream, stream);
	struct pce_error why = { 0 };

	pce_fail(&why, PCE_UNREACHABLE, "the stream ended with gRPC status %d%s%s", (int)status,
		 *text ? ": " : "", text);
	tell_counters(t);
	meter_restart(t->meter);
	gnmi_connection_lose(&t->connection, &why);
}

static void
subscribe(struct gnmi_connection *connection, const struct gnmi_capabilities *capabilities)
{
	struct target *t = TARGET_OF(connection, connection);
	struct gnmi_dialin *d = t->dialin;
	struct arena arena = { 0 };
	struct pce_error err = { 0 };
	uint8_t *request;
	size_t len;
	enum pce_status status = gnmi_subscribe_request(d->map, &t->config->gnmi, capabilities,
							&arena, &request, &len, &err);

	if (status == PCE_OK)
		status = gnmi_stream_start(&t->stream, d->engine, &connection->channel,
					   "/gnmi.gNMI/Subscribe", request, len, &err);
	arena_free(&arena);
	if (status)
		gnmi_connection_lose(connection, &err);
	else
		t->counters.streams++;
}

static void
stop(struct gnmi_part *part)
{
	struct gnmi_dialin *d = (struct gnmi_dialin *)(void *)part;

	for (size_t i = 0; i < d->n; i++) {
		struct target *t = &d->targets[i];

		gnmi_stream_cancel(&t->stream);
		gnmi_connection_stop(&t->connection, t->stream.busy);
	}
}

static enum pce_status
add_target(struct gnmi_dialin *d, uint32_t number, struct pce_error *err)
{
	const struct config_telemetry *c = &d->config->telemetry;
	const struct meter_limits limits = { c->max_objects,
					     { (int64_t)c->least_interval_ms * USEC_PER_MS, 0 } };
	struct target *t = &d->targets[d->n];
	enum pce_status status;

	t->dialin = d;
	t->config = &d->config->devices[number];
	t->number = number;
	t->connection = (struct gnmi_connection){ .engine = d->engine,
						  .config = t->config,
						  .random = next_random(d),
						  .ready = subscribe,
						  .failed = on_failed };
	t->stream.message = on_message;
	t->stream.ended = on_ended;
	status = meter_new(&limits, next_random(d), tell_reading, t, &t->meter, err);
	if (status)
		return status;
	t->walk = (struct gnmi_walk){ d->map, meter_sample, t->meter, { 0 } };
	t->resume.fn = on_resume;
	t->report.fn = on_report;
	gnmi_engine_timer(d->engine, &t->resume);
	gnmi_engine_timer(d->engine, &t->report);
	gnmi_connection_begin(&t->connection);
	gnmi_engine_set(d->engine, &t->report, usec_add(monotonic_now(), COUNTERS_US));
	d->n++;
	return PCE_OK;
}

enum pce_status
gnmi_dialin_new(struct gnmi_engine *engine, const struct karst_config *config,
		const struct gnmi_map *map, uint64_t seed, struct gnmi_dialin **out,
		struct pce_error *err)
{
	struct gnmi_dialin *d = calloc(1, sizeof(*d));
	enum pce_status status = PCE_OK;

	if (!d)
		return pce_no_memory(err);
	d->engine = engine;
	d->config = config;
	d->map = map;
	d->random = seed;
	d->part.stop = stop;
	d->targets = calloc(config->n_devices + 1, sizeof(*d->targets));
	if (!d->targets)
		status = pce_no_memory(err);
	for (uint32_t i = 0; i < config->n_devices && status == PCE_OK; i++)
		if (config->devices[i].gnmi.port != 0 && config->devices[i].gnmi.telemetry)
			status = add_target(d, i, err);
	/* In any case: timers of what was prepared are with the engine already. */
	gnmi_engine_add(engine, &d->part);
	if (status)
		gnmi_dialin_free(d);
	else
		*out = d;
	return status;
}

void
gnmi_dialin_free(struct gnmi_dialin *d)
{
	if (!d)
		return;
	for (size_t i = 0; i < d->n; i++) {
		meter_free(d->targets[i].meter);
		free(d->targets[i].why);
		gnmi_channel_close(&d->targets[i].connection.channel);
	}
	free(d->targets);
	free(d);
}
