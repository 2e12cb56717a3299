#define _GNU_SOURCE
#include "config.h"

#include "southbound/gnmi/collector.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <grpc/grpc_security.h>
#include <grpc/support/alloc.h>

#include "pce/base/array.h"
#include "southbound/clock.h"
#include "southbound/gnmi/channel.h"
#include "southbound/gnmi/mdt.h"
#include "southbound/gnmi/messages.h"

#define ACCEPTS 16 /* calls of a method that may come at once */
#define RESUME_US (5 * (int64_t)USEC_PER_MS)
#define COUNTERS_US (2 * (int64_t)USEC_PER_S)
#define NO_DEVICE UINT32_MAX

enum service { SERVICE_SONIC, SERVICE_CISCO, SERVICES };

static const char *const methods[SERVICES] = {
	[SERVICE_SONIC] = "/gnmi.sonic.gNMIDialOut/Publish",
	[SERVICE_CISCO] = "/mdt_dialout.gRPCMdtDialout/MdtDialout",
};

/* A device that may stream. */
struct source {
	struct gnmi_collector *collector;
	uint32_t number;
	const char *name; /* dial-out-name */
	struct meter *meter;
	struct gnmi_walk walk;
	struct gnmi_counters counters;
	size_t n_streams;
	uint64_t reported;
};

/* One call, from the wait for it on. */
struct inflow {
	struct gnmi_tag on_new, on_start, on_message, on_close, on_status;
	struct gnmi_collector *collector;
	enum service service;
	struct source *source; /* NULL: not accepted */
	grpc_call *call;
	grpc_metadata_array metadata;
	gpr_timespec deadline;
	grpc_byte_buffer *buffer;
	struct text scratch;
	int cancelled;
	unsigned pending;
	bool paused, ended; /* ended: a status was sent */
	struct inflow *next, **link; /* of all that were accepted */
};

struct gnmi_collector {
	struct gnmi_part part;
	struct gnmi_engine *engine;
	const struct karst_config *config;
	grpc_server *server;
	void *methods[SERVICES];
	struct source *sources;
	size_t n_sources;
	struct inflow *inflows;
	struct gnmi_timer resume, report;
	struct gnmi_tag on_shutdown;
	gnmi_message_fn *instead;
	void *ctx;
	uint64_t refused;
};

#define INFLOW_OF(tag, member)                                                                     \
	((struct inflow *)(void *)((char *)(tag)-offsetof(struct inflow, member)))

/* --- life of a call --- */

static void
inflow_free(struct inflow *in)
{
	if (in->link) {
		*in->link = in->next;
		if (in->next)
			in->next->link = in->link;
	}
	if (in->call)
		grpc_call_unref(in->call);
	grpc_metadata_array_destroy(&in->metadata);
	text_free(&in->scratch);
	free(in);
}

static void
tell_state(struct source *s, bool up, const char *text)
{
	struct gnmi_item item = { .kind = GNMI_ITEM_STATE, .device = s->number, .up = up };

	item.text = array_strdup(text);
	gnmi_engine_post(s->collector->engine, &item);
}

/* One operation less; the last one ends the call. */
static void
less(struct inflow *in)
{
	struct source *s = in->source;

	if (--in->pending > 0)
		return;
	if (s && --s->n_streams == 0) {
		meter_restart(s->meter);
		tell_state(s, false, "the router ended its stream");
	}
	inflow_free(in);
}

static bool
start(struct inflow *in, const grpc_op *ops, size_t n, struct gnmi_tag *tag)
{
	in->pending++;
	if (gnmi_engine_batch(in->collector->engine, in->call, ops, n, tag))
		return true;
	in->pending--;
	return false;
}

static void
on_status(struct gnmi_tag *tag, bool ok)
{
	(void)ok;
	less(INFLOW_OF(tag, on_status));
}

/* RECV_CLOSE_ON_SERVER completes only after a status was sent, or the call was cancelled. */
static void
end(struct inflow *in, grpc_status_code status, const char *text)
{
	grpc_op op = { .op = GRPC_OP_SEND_STATUS_FROM_SERVER };
	grpc_slice details = grpc_slice_from_copied_string(text);

	if (!in->ended) {
		in->ended = true;
		op.data.send_status_from_server.status = status;
		op.data.send_status_from_server.status_details = &details;
		(void)start(in, &op, 1, &in->on_status);
	}
	grpc_slice_unref(details);
}

static void
on_close(struct gnmi_tag *tag, bool ok)
{
	struct inflow *in = INFLOW_OF(tag, on_close);

	(void)ok;
	if (in->paused) { /* no reading is under way that would notice */
		in->paused = false;
		in->pending--;
	}
	end(in, GRPC_STATUS_OK, "");
	less(in);
}

static void
on_start(struct gnmi_tag *tag, bool ok)
{
	(void)ok;
	less(INFLOW_OF(tag, on_start));
}

/* --- messages --- */

static void
take(struct inflow *in, const uint8_t *bytes, size_t len)
{
	struct source *s = in->source;
	struct gnmi_collector *c = in->collector;

	s->counters.octets += len;
	if (c->instead) {
		s->walk.count.messages++;
		c->instead(c->ctx, s->number, bytes, len);
		return;
	}
	meter_begin(s->meter, monotonic_now());
	if (in->service == SERVICE_SONIC)
		(void)gnmi_walk_response(&s->walk, bytes, len, NULL, NULL);
	else
		(void)gnmi_walk_mdt(&s->walk, bytes, len, NULL);
}

static void
read_on(struct inflow *in)
{
	grpc_op op = { .op = GRPC_OP_RECV_MESSAGE };

	in->buffer = NULL;
	op.data.recv_message.recv_message = &in->buffer;
	(void)start(in, &op, 1, &in->on_message);
}

static void
on_message(struct gnmi_tag *tag, bool ok)
{
	struct inflow *in = INFLOW_OF(tag, on_message);
	struct gnmi_collector *c = in->collector;
	const uint8_t *bytes;
	size_t len;

	if (!ok || !in->buffer) { /* a half-close, or the end */
		end(in, GRPC_STATUS_OK, "");
		less(in);
		return;
	}
	bytes = gnmi_flatten(in->buffer, &len, &in->scratch);
	if (bytes)
		take(in, bytes, len);
	grpc_byte_buffer_destroy(in->buffer);
	in->buffer = NULL;
	if (!gnmi_engine_full(c->engine)) {
		read_on(in);
		less(in);
		return;
	}
	/* The operation stays counted until it is read on. */
	in->paused = true;
	in->source->counters.paused++;
	gnmi_engine_set(c->engine, &c->resume, usec_add(monotonic_now(), RESUME_US));
}

static void
on_resume(struct gnmi_timer *timer)
{
	struct gnmi_collector *c =
	    (struct gnmi_collector *)(void *)((char *)timer -
					      offsetof(struct gnmi_collector, resume));
	struct inflow *in, *next;

	if (gnmi_engine_full(c->engine)) {
		gnmi_engine_set(c->engine, timer, usec_add(monotonic_now(), RESUME_US));
		return;
	}
	for (in = c->inflows; in; in = next) {
		next = in->next;
		if (!in->paused)
			continue;
		in->paused = false;
		read_on(in);
		less(in);
	}
}

static void
on_report(struct gnmi_timer *timer)
{
	struct gnmi_collector *c =
	    (struct gnmi_collector *)(void *)((char *)timer -
					      offsetof(struct gnmi_collector, report));

	for (size_t i = 0; i < c->n_sources; i++) {
		struct source *s = &c->sources[i];
		struct gnmi_item item = { .kind = GNMI_ITEM_COUNTERS, .device = s->number };

		if (s->reported == s->walk.count.messages)
			continue;
		s->reported = s->walk.count.messages;
		s->counters.walk = s->walk.count;
		s->counters.meter = *meter_counters(s->meter);
		s->counters.memory = meter_memory(s->meter);
		s->counters.refused = c->refused;
		item.counters = malloc(sizeof(*item.counters));
		if (!item.counters)
			continue;
		*item.counters = s->counters;
		gnmi_engine_post(c->engine, &item);
	}
	gnmi_engine_set(c->engine, timer, usec_add(monotonic_now(), COUNTERS_US));
}

/* --- who it is --- */

static struct source *
source_named(struct gnmi_collector *c, const char *name, size_t len)
{
	for (size_t i = 0; i < c->n_sources; i++)
		if (strlen(c->sources[i].name) == len && memcmp(c->sources[i].name, name, len) == 0)
			return &c->sources[i];
	return NULL;
}

static struct source *
by_certificate(struct gnmi_collector *c, grpc_call *call, const char *property_name)
{
	grpc_auth_context *context = grpc_call_auth_context(call);
	grpc_auth_property_iterator it =
	    grpc_auth_context_find_properties_by_name(context, property_name);
	const grpc_auth_property *property;
	struct source *found = NULL;

	while (!found && (property = grpc_auth_property_iterator_next(&it)))
		found = source_named(c, property->value, property->value_length);
	grpc_auth_context_release(context);
	return found;
}

/* "ipv4:127.0.0.1:4711", "ipv6:%5B::1%5D:4711" or "ipv6:[::1]:4711". */
static struct source *
by_address(struct gnmi_collector *c, grpc_call *call)
{
	char *peer = grpc_call_get_peer(call), text[64] = "";
	const char *from = peer + 5, *to = strrchr(peer, ':');
	struct source *found = NULL;
	struct ip_addr addr, other;

	if (to && to > from && strncmp(peer, "ipv6:%5B", 8) == 0 && to - from > 6)
		from += 3, to -= 3;
	else if (to && to > from && strncmp(peer, "ipv6:[", 6) == 0)
		from += 1, to -= 1;
	if (to && to > from && (size_t)(to - from) < sizeof(text))
		memcpy(text, from, (size_t)(to - from));
	for (size_t i = 0; !found && i < c->n_sources && ip_parse(text, &addr, NULL) == PCE_OK; i++)
		if (ip_parse(c->sources[i].name, &other, NULL) == PCE_OK &&
		    ip_compare(&addr, &other) == 0)
			found = &c->sources[i];
	gpr_free(peer);
	return found;
}

static struct source *
identify(struct gnmi_collector *c, grpc_call *call)
{
	struct source *found = by_certificate(c, call, GRPC_X509_CN_PROPERTY_NAME);

	if (!found)
		found = by_certificate(c, call, GRPC_X509_SAN_PROPERTY_NAME);
	return found ? found : by_address(c, call);
}

/* --- accepting --- */

static void wait_for(struct gnmi_collector *c, enum service service);

static void
refuse(struct inflow *in, grpc_status_code status, const char *text)
{
	in->collector->refused++;
	end(in, status, text);
}

static void
on_new(struct gnmi_tag *tag, bool ok)
{
	struct inflow *in = INFLOW_OF(tag, on_new);
	struct gnmi_collector *c = in->collector;
	grpc_op initial = { .op = GRPC_OP_SEND_INITIAL_METADATA };
	grpc_op closing = { .op = GRPC_OP_RECV_CLOSE_ON_SERVER };
	struct source *s;

	if (!ok) { /* the server is shutting down */
		inflow_free(in);
		return;
	}
	wait_for(c, in->service);
	in->next = c->inflows;
	in->link = &c->inflows;
	if (in->next)
		in->next->link = &in->next;
	c->inflows = in;
	in->pending = 1; /* this function */
	closing.data.recv_close_on_server.cancelled = &in->cancelled;
	(void)start(in, &initial, 1, &in->on_start);
	(void)start(in, &closing, 1, &in->on_close);
	s = identify(c, in->call);
	if (!s) {
		refuse(in, GRPC_STATUS_PERMISSION_DENIED, "this source is not registered");
	} else if (s->n_streams >= GNMI_STREAMS_MAX) {
		refuse(in, GRPC_STATUS_RESOURCE_EXHAUSTED, "too many streams");
	} else {
		in->source = s;
		s->counters.streams++;
		if (s->n_streams++ == 0)
			tell_state(s, true, "streaming");
		read_on(in);
	}
	less(in);
}

static void
wait_for(struct gnmi_collector *c, enum service service)
{
	struct inflow *in = gnmi_engine_stopping(c->engine) ? NULL : calloc(1, sizeof(*in));
	grpc_completion_queue *cq = gnmi_engine_queue(c->engine);

	if (!in)
		return;
	in->collector = c;
	in->service = service;
	in->on_new.fn = on_new;
	in->on_start.fn = on_start;
	in->on_message.fn = on_message;
	in->on_close.fn = on_close;
	in->on_status.fn = on_status;
	grpc_metadata_array_init(&in->metadata);
	if (grpc_server_request_registered_call(c->server, c->methods[service], &in->call,
						&in->deadline, &in->metadata, NULL, cq, cq,
						&in->on_new) != GRPC_CALL_OK) {
		inflow_free(in);
		return;
	}
	gnmi_engine_started(c->engine);
}

/* --- life --- */

static void
on_shutdown(struct gnmi_tag *tag, bool ok)
{
	struct gnmi_collector *c =
	    (struct gnmi_collector *)(void *)((char *)tag -
					      offsetof(struct gnmi_collector, on_shutdown));

	(void)ok;
	/* All calls have ended by now. */
	grpc_server_destroy(c->server);
	c->server = NULL;
}

static void
stop(struct gnmi_part *part)
{
	struct gnmi_collector *c = (struct gnmi_collector *)(void *)part;

	c->on_shutdown.fn = on_shutdown;
	grpc_server_shutdown_and_notify(c->server, gnmi_engine_queue(c->engine), &c->on_shutdown);
	gnmi_engine_started(c->engine);
	grpc_server_cancel_all_calls(c->server);
}

static void
tell_reading(void *ctx, const struct meter_reading *reading)
{
	struct source *s = ctx;

	gnmi_engine_post(s->collector->engine, &(struct gnmi_item){ .kind = GNMI_ITEM_READING,
								    .device = s->number,
								    .reading = *reading });
}

static enum pce_status
add_sources(struct gnmi_collector *c, const struct gnmi_map *map, uint64_t seed,
	    struct pce_error *err)
{
	const struct config_telemetry *t = &c->config->telemetry;
	const struct meter_limits limits = { t->max_objects,
					     { (int64_t)t->least_interval_ms * USEC_PER_MS, 0 } };
	enum pce_status status = PCE_OK;

	c->sources = calloc(c->config->n_devices + 1, sizeof(*c->sources));
	if (!c->sources)
		return pce_no_memory(err);
	for (uint32_t i = 0; i < c->config->n_devices && status == PCE_OK; i++) {
		struct source *s = &c->sources[c->n_sources];

		if (!c->config->devices[i].dialout_name)
			continue;
		s->collector = c;
		s->number = i;
		s->name = c->config->devices[i].dialout_name;
		status = meter_new(&limits, seed + i, tell_reading, s, &s->meter, err);
		s->walk = (struct gnmi_walk){ map, meter_sample, s->meter, { 0 } };
		c->n_sources += status == PCE_OK;
	}
	return status;
}

static enum pce_status
credentials(const struct config_dialout *d, grpc_server_credentials **out, struct pce_error *err)
{
	char *ca = NULL, *certificate = NULL, *key = NULL;
	enum pce_status status = PCE_OK;

	if (!d->tls) {
		*out = grpc_insecure_server_credentials_create();
		return PCE_OK;
	}
	status = gnmi_read_file(d->ca_file, &ca, err);
	if (status == PCE_OK)
		status = gnmi_read_file(d->certificate_file, &certificate, err);
	if (status == PCE_OK)
		status = gnmi_read_file(d->key_file, &key, err);
	if (status == PCE_OK) {
		grpc_ssl_pem_key_cert_pair pair = { key, certificate };

		/* Some routers have no certificate: they are known by their address, or not. */
		*out = grpc_ssl_server_credentials_create_ex(
		    ca, &pair, 1, GRPC_SSL_REQUEST_CLIENT_CERTIFICATE_AND_VERIFY, NULL);
	}
	free(ca);
	free(certificate);
	free(key);
	return status;
}

static enum pce_status
listen_on(struct gnmi_collector *c, struct pce_error *err)
{
	const struct config_dialout *d = &c->config->telemetry.dialout;
	grpc_resource_quota *quota = grpc_resource_quota_create("dial-out");
	grpc_arg args[6] = { gnmi_number_arg(GRPC_ARG_HTTP2_BDP_PROBE, 0),
			     gnmi_number_arg(GRPC_ARG_MAX_RECEIVE_MESSAGE_LENGTH,
					     (int)WIRE_MESSAGE_MAX),
			     gnmi_number_arg(GRPC_ARG_KEEPALIVE_TIME_MS, 30000),
			     gnmi_number_arg(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 10000),
			     gnmi_number_arg(GRPC_ARG_ALLOW_REUSEPORT, 0) };
	grpc_channel_args all = { 6, args };
	grpc_server_credentials *creds = NULL;
	char address[IP_TEXT], where[IP_TEXT + 16];
	enum pce_status status = credentials(d, &creds, err);

	grpc_resource_quota_resize(quota, GNMI_QUOTA);
	args[5].type = GRPC_ARG_POINTER;
	args[5].key = (char *)(uintptr_t)GRPC_ARG_RESOURCE_QUOTA;
	args[5].value.pointer.p = quota;
	args[5].value.pointer.vtable = grpc_resource_quota_arg_vtable();
	c->server = grpc_server_create(&all, NULL);
	grpc_resource_quota_unref(quota);
	grpc_server_register_completion_queue(c->server, gnmi_engine_queue(c->engine), NULL);
	if (status)
		return status;
	for (int i = 0; i < SERVICES; i++)
		c->methods[i] = grpc_server_register_method(c->server, methods[i], NULL,
							    GRPC_SRM_PAYLOAD_NONE, 0);
	ip_print(&d->listen, address);
	snprintf(where, sizeof(where), d->listen.family == IP_V6 ? "[%s]:%u" : "%s:%u", address,
		 d->port);
	if (!grpc_server_add_http2_port(c->server, where, creds))
		status = pce_fail(err, PCE_IO, "dial-out: cannot listen on %s", where);
	grpc_server_credentials_release(creds);
	return status;
}

enum pce_status
gnmi_collector_new(struct gnmi_engine *engine, const struct karst_config *config,
		   const struct gnmi_map *map, uint64_t seed, gnmi_message_fn *instead, void *ctx,
		   struct gnmi_collector **out, struct pce_error *err)
{
	struct gnmi_collector *c = calloc(1, sizeof(*c));
	enum pce_status status;

	if (!c)
		return pce_no_memory(err);
	c->engine = engine;
	c->config = config;
	c->instead = instead;
	c->ctx = ctx;
	c->part.stop = stop;
	c->resume.fn = on_resume;
	c->report.fn = on_report;
	status = add_sources(c, map, seed, err);
	if (status == PCE_OK)
		status = listen_on(c, err);
	if (status) {
		gnmi_collector_free(c);
		return status;
	}
	grpc_server_start(c->server);
	gnmi_engine_timer(engine, &c->resume);
	gnmi_engine_timer(engine, &c->report);
	gnmi_engine_set(engine, &c->report, usec_add(monotonic_now(), COUNTERS_US));
	gnmi_engine_add(engine, &c->part);
	for (int i = 0; i < SERVICES; i++)
		for (int k = 0; k < ACCEPTS; k++)
			wait_for(c, (enum service)i);
	*out = c;
	return PCE_OK;
}

void
gnmi_collector_free(struct gnmi_collector *c)
{
	if (!c)
		return;
	/* One that never started: it has no port either. */
	if (c->server)
		grpc_server_destroy(c->server);
	for (size_t i = 0; i < c->n_sources; i++)
		meter_free(c->sources[i].meter);
	free(c->sources);
	free(c);
}
