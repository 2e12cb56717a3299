/*
 * Connections and calls. Each router has a gRPC server of its own, because the C core does not tell
 * at which address of a server a call came in; all of them complete on one queue and one thread
 * (southbound/gnmi/engine.h). Calls are taken by their method's name, one being waited for at each
 * server. A call lives until its last operation completed: it is counted, as in the collector.
 */
#define _GNU_SOURCE
#include "tests/lab/gnmi_internal.h"

#include <event2/event.h>
#include <grpc/grpc_security.h>
#include <grpc/support/alloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "southbound/clock.h"
#include "southbound/gnmi/channel.h"

#define TICK_US (40 * (int64_t)USEC_PER_MS)
#define CALLS_MAX 64 /* of a router at once */
#define QUOTA ((size_t)128 << 20) /* octets that all connections may hold */

enum method { METHOD_CAPABILITIES, METHOD_GET, METHOD_SET, METHOD_SUBSCRIBE, METHODS };

static const char *const methods[METHODS] = { "/gnmi.gNMI/Capabilities", "/gnmi.gNMI/Get",
					      "/gnmi.gNMI/Set", "/gnmi.gNMI/Subscribe" };

/* The server of one router. */
struct door {
	struct gnmi_server *all;
	struct router *router;
	grpc_server *server;
	struct gnmi_tag on_shutdown;
	struct call *calls;
	size_t n_calls;
	unsigned killed; /* the router's counter of orders to end calls, as seen last */
};

/* One call, from the wait for it on. */
struct call {
	struct gnmi_tag on_new, on_start, on_message, on_close, on_sent, on_status;
	struct door *door;
	grpc_call *call;
	grpc_call_details details;
	grpc_metadata_array metadata;
	grpc_byte_buffer *in, *out;
	grpc_slice status_text;
	struct text scratch;
	enum method method;
	int cancelled;
	unsigned pending;
	bool ended; /* a status was sent */
	bool sending;
	/* a single answer that waits for its time */
	struct usec due;
	struct gnmi_answer answer;
	struct gnmi_stream_state *stream;
	struct call *next, **link;
};

struct gnmi_server {
	struct gnmi_part part;
	struct lab_routers *routers;
	struct event_base *base; /* nothing is ever posted to it */
	struct gnmi_engine *engine;
	struct gnmi_timer tick;
	struct door *doors;
	unsigned n;
};

#define CALL_OF(tag, member) ((struct call *)(void *)((char *)(tag)-offsetof(struct call, member)))

/* --- life of a call --- */

static void
call_free(struct call *c)
{
	if (c->link) {
		*c->link = c->next;
		if (c->next)
			c->next->link = c->link;
		c->door->n_calls--;
	}
	if (c->call)
		grpc_call_unref(c->call);
	grpc_call_details_destroy(&c->details);
	grpc_metadata_array_destroy(&c->metadata);
	grpc_slice_unref(c->status_text);
	gnmi_stream_free(c->stream);
	free(c->answer.bytes);
	text_free(&c->scratch);
	free(c);
}

/* One operation less; the last one ends the call. */
static void
less(struct call *c)
{
	if (--c->pending == 0)
		call_free(c);
}

static bool
start(struct call *c, const grpc_op *ops, size_t n, struct gnmi_tag *tag)
{
	c->pending++;
	if (gnmi_engine_batch(c->door->all->engine, c->call, ops, n, tag))
		return true;
	c->pending--;
	return false;
}

static void
on_status(struct gnmi_tag *tag, bool ok)
{
	(void)ok;
	less(CALL_OF(tag, on_status));
}

static void
on_start(struct gnmi_tag *tag, bool ok)
{
	(void)ok;
	less(CALL_OF(tag, on_start));
}

/* Sends the status, and with it the message of a single answer. */
static void
end(struct call *c, grpc_status_code status, const char *text, grpc_byte_buffer *message)
{
	grpc_op ops[2] = { { .op = GRPC_OP_SEND_STATUS_FROM_SERVER },
			   { .op = GRPC_OP_SEND_MESSAGE } };

	if (!c->ended) {
		c->ended = true;
		grpc_slice_unref(c->status_text);
		c->status_text = grpc_slice_from_copied_string(text);
		ops[0].data.send_status_from_server.status = status;
		ops[0].data.send_status_from_server.status_details = &c->status_text;
		ops[1].data.send_message.send_message = message;
		(void)start(c, ops, message ? 2 : 1, &c->on_status);
	}
	if (message)
		grpc_byte_buffer_destroy(message);
}

static void
on_close(struct gnmi_tag *tag, bool ok)
{
	struct call *c = CALL_OF(tag, on_close);

	(void)ok;
	end(c, GRPC_STATUS_CANCELLED, "", NULL);
	less(c);
}

/* --- messages --- */

static void
read_on(struct call *c)
{
	grpc_op op = { .op = GRPC_OP_RECV_MESSAGE };

	c->in = NULL;
	op.data.recv_message.recv_message = &c->in;
	(void)start(c, &op, 1, &c->on_message);
}

static void
tick_soon(struct gnmi_server *all)
{
	struct usec at = usec_add(monotonic_now(), TICK_US);

	if (at.v < all->tick.at.v)
		gnmi_engine_set(all->engine, &all->tick, at);
}

/* Sends what a stream has, one message at a time. */
static void
stream_on(struct call *c)
{
	grpc_op op = { .op = GRPC_OP_SEND_MESSAGE };
	bool last = false;
	grpc_byte_buffer *buffer;

	if (c->ended || c->sending || !c->stream)
		return;
	buffer = gnmi_stream_next(c->stream, monotonic_now(), &last);
	if (last) {
		end(c, GRPC_STATUS_OK, "", NULL);
		return;
	}
	tick_soon(c->door->all);
	if (!buffer)
		return;
	op.data.send_message.send_message = buffer;
	c->sending = start(c, &op, 1, &c->on_sent);
	grpc_byte_buffer_destroy(buffer);
}

static void
on_sent(struct gnmi_tag *tag, bool ok)
{
	struct call *c = CALL_OF(tag, on_sent);

	c->sending = false;
	if (ok)
		stream_on(c);
	less(c);
}

static void
on_subscribe_message(struct call *c, const uint8_t *bytes, size_t len)
{
	ProtobufCMessage *message = NULL;
	const Gnmi__SubscribeRequest *q;
	struct pce_error err = { 0 };
	enum pce_status status =
	    gnmi_message_read(&gnmi__subscribe_request__descriptor, &gnmi_type_subscribe_request,
			      bytes, len, &message, &err);

	q = (const Gnmi__SubscribeRequest *)(const void *)message;
	if (status)
		end(c, GRPC_STATUS_INVALID_ARGUMENT, err.text, NULL);
	else if (q->request_case == GNMI__SUBSCRIBE_REQUEST__REQUEST_POLL &&
		 !(c->stream && gnmi_stream_poll(c->stream)))
		end(c, GRPC_STATUS_INVALID_ARGUMENT, "there is no subscription to be polled", NULL);
	else if (q->request_case == GNMI__SUBSCRIBE_REQUEST__REQUEST_SUBSCRIBE && c->stream)
		end(c, GRPC_STATUS_INVALID_ARGUMENT, "a call subscribes once", NULL);
	else if (q->request_case == GNMI__SUBSCRIBE_REQUEST__REQUEST__NOT_SET)
		end(c, GRPC_STATUS_INVALID_ARGUMENT, "the request is empty", NULL);
	else if (q->request_case == GNMI__SUBSCRIBE_REQUEST__REQUEST_SUBSCRIBE) {
		status = gnmi_stream_new(c->door->all->routers, c->door->router, q->subscribe,
					 &c->stream, &err);
		if (status)
			end(c,
			    status == PCE_UNSUPPORTED ? GRPC_STATUS_UNIMPLEMENTED
			    : status == PCE_LIMIT || status == PCE_NO_MEMORY
				? GRPC_STATUS_RESOURCE_EXHAUSTED
				: GRPC_STATUS_INVALID_ARGUMENT,
			    err.text, NULL);
		else
			routers_tell(c->door->router, "subscribed");
	}
	gnmi_message_free(message);
	stream_on(c);
}

static void
answer_now(struct call *c)
{
	struct gnmi_answer *a = &c->answer;

	c->due = USEC_NEVER;
	end(c, a->status, a->text,
	    a->status == GRPC_STATUS_OK ? gnmi_buffer(a->bytes, a->len) : NULL);
}

static void
on_single_message(struct call *c, const uint8_t *bytes, size_t len)
{
	struct lab_routers *routers = c->door->all->routers;
	struct router *r = c->door->router;
	unsigned late_ms;

	pthread_mutex_lock(&r->mutex);
	late_ms = r->fault == LAB_FAULT_LATE ? r->late_ms : 0;
	pthread_mutex_unlock(&r->mutex);
	c->answer.status = GRPC_STATUS_INTERNAL;
	if (c->method == METHOD_CAPABILITIES)
		gnmi_answer_capabilities(routers, r, bytes, len, &c->answer);
	else if (c->method == METHOD_GET)
		gnmi_answer_get(routers, r, bytes, len, &c->answer);
	else
		gnmi_answer_set(routers, r, bytes, len, &c->answer);
	if (late_ms == 0) {
		answer_now(c);
		return;
	}
	c->due = usec_add(monotonic_now(), (int64_t)late_ms * USEC_PER_MS);
	tick_soon(c->door->all);
}

static void
on_message(struct gnmi_tag *tag, bool ok)
{
	struct call *c = CALL_OF(tag, on_message);
	const uint8_t *bytes = NULL;
	size_t len = 0;

	if (ok && c->in)
		bytes = gnmi_flatten(c->in, &len, &c->scratch);
	if (bytes && !c->ended) {
		if (c->method == METHOD_SUBSCRIBE)
			on_subscribe_message(c, bytes, len);
		else
			on_single_message(c, bytes, len);
	} else if (!c->ended && !c->stream) {
		/* A half-close without a question; after one a stream goes on. */
		end(c, GRPC_STATUS_INVALID_ARGUMENT, "no request came", NULL);
	}
	if (c->in)
		grpc_byte_buffer_destroy(c->in);
	c->in = NULL;
	if (bytes && c->method == METHOD_SUBSCRIBE && !c->ended)
		read_on(c);
	less(c);
}

/* --- accepting --- */

static bool
slice_is(grpc_slice slice, const char *text)
{
	return text && grpc_slice_str_cmp(slice, text) == 0;
}

/* Name and password are metadata of the call, as OpenConfig's gNMI authentication has them. */
static bool
allowed(const struct door *d, const grpc_metadata_array *metadata)
{
	const struct lab_gnmi_setup *setup = &d->all->routers->setup.gnmi;
	bool name = setup->username == NULL, password = setup->username == NULL;

	for (size_t i = 0; i < metadata->count; i++) {
		const grpc_metadata *m = &metadata->metadata[i];

		if (slice_is(m->key, "username"))
			name = name || slice_is(m->value, setup->username);
		if (slice_is(m->key, "password"))
			password = password || slice_is(m->value, setup->password);
	}
	return name && password;
}

static void wait_for(struct door *d);

static bool
is_stopped(struct router *r)
{
	bool stopped;

	pthread_mutex_lock(&r->mutex);
	stopped = r->stopped;
	pthread_mutex_unlock(&r->mutex);
	return stopped;
}

static void
take(struct call *c)
{
	struct door *d = c->door;
	int method = METHODS;

	for (int i = 0; i < METHODS; i++)
		if (slice_is(c->details.method, methods[i]))
			method = i;
	c->method = (enum method)method;
	if (is_stopped(d->router))
		end(c, GRPC_STATUS_UNAVAILABLE, "the router is stopped", NULL);
	else if (!allowed(d, &c->metadata))
		end(c, GRPC_STATUS_UNAUTHENTICATED, "username or password is wrong", NULL);
	else if (method == METHODS)
		end(c, GRPC_STATUS_UNIMPLEMENTED, "no such method", NULL);
	else if (d->n_calls > CALLS_MAX)
		end(c, GRPC_STATUS_RESOURCE_EXHAUSTED, "too many calls", NULL);
	else
		read_on(c);
}

static void
on_new(struct gnmi_tag *tag, bool ok)
{
	struct call *c = CALL_OF(tag, on_new);
	struct door *d = c->door;
	grpc_op initial = { .op = GRPC_OP_SEND_INITIAL_METADATA };
	grpc_op closing = { .op = GRPC_OP_RECV_CLOSE_ON_SERVER };

	if (!ok) { /* the server is shutting down */
		call_free(c);
		return;
	}
	wait_for(d);
	c->next = d->calls;
	c->link = &d->calls;
	if (c->next)
		c->next->link = &c->next;
	d->calls = c;
	d->n_calls++;
	c->pending = 1; /* this function */
	closing.data.recv_close_on_server.cancelled = &c->cancelled;
	(void)start(c, &initial, 1, &c->on_start);
	(void)start(c, &closing, 1, &c->on_close);
	take(c);
	less(c);
}

static void
wait_for(struct door *d)
{
	struct gnmi_engine *engine = d->all->engine;
	struct call *c = gnmi_engine_stopping(engine) ? NULL : calloc(1, sizeof *c);
	grpc_completion_queue *cq = gnmi_engine_queue(engine);

	if (!c)
		return;
	c->door = d;
	c->due = USEC_NEVER;
	c->status_text = grpc_empty_slice();
	c->on_new.fn = on_new;
	c->on_start.fn = on_start;
	c->on_message.fn = on_message;
	c->on_close.fn = on_close;
	c->on_sent.fn = on_sent;
	c->on_status.fn = on_status;
	grpc_call_details_init(&c->details);
	grpc_metadata_array_init(&c->metadata);
	if (grpc_server_request_call(d->server, &c->call, &c->details, &c->metadata, cq, cq,
				     &c->on_new) != GRPC_CALL_OK) {
		call_free(c);
		return;
	}
	gnmi_engine_started(engine);
}

/* --- time --- */

static void
tick_door(struct door *d, struct usec now)
{
	struct router *r = d->router;
	struct call *c, *next;
	unsigned killed;
	bool over;

	if (!d->calls)
		return;
	pthread_mutex_lock(&r->mutex);
	killed = r->gnmi_killed;
	over = r->stopped || killed != d->killed;
	pthread_mutex_unlock(&r->mutex);
	d->killed = killed;
	for (c = d->calls; c; c = next) {
		next = c->next;
		if (over)
			end(c, GRPC_STATUS_UNAVAILABLE, "the router ended the call", NULL);
		else if (usec_due(c->due, now))
			answer_now(c);
		else
			stream_on(c);
		if (!c->ended)
			tick_soon(d->all);
	}
}

static void
on_tick(struct gnmi_timer *timer)
{
	struct gnmi_server *all =
	    (struct gnmi_server *)(void *)((char *)timer - offsetof(struct gnmi_server, tick));
	struct usec now = monotonic_now();

	for (unsigned i = 0; i < all->n; i++)
		tick_door(&all->doors[i], now);
	/* A router may be stopped, or calls come, at any time. */
	tick_soon(all);
}

/* --- life --- */

static void
on_shutdown(struct gnmi_tag *tag, bool ok)
{
	struct door *d = (struct door *)(void *)((char *)tag - offsetof(struct door, on_shutdown));

	(void)ok;
	/* All calls have ended by now. */
	grpc_server_destroy(d->server);
	d->server = NULL;
}

static void
stop(struct gnmi_part *part)
{
	struct gnmi_server *all = (struct gnmi_server *)(void *)part;

	for (unsigned i = 0; i < all->n; i++) {
		struct door *d = &all->doors[i];

		d->on_shutdown.fn = on_shutdown;
		grpc_server_shutdown_and_notify(d->server, gnmi_engine_queue(all->engine),
						&d->on_shutdown);
		gnmi_engine_started(all->engine);
		grpc_server_cancel_all_calls(d->server);
	}
}

static enum pce_status
credentials(const struct lab_gnmi_setup *setup, grpc_server_credentials **out,
	    struct pce_error *err)
{
	char *ca = NULL, *certificate = NULL, *key = NULL;
	enum pce_status status = PCE_OK;

	if (!setup->certificate_file) {
		*out = grpc_insecure_server_credentials_create();
		return PCE_OK;
	}
	if (setup->ca_file)
		status = gnmi_read_file(setup->ca_file, &ca, err);
	if (status == PCE_OK)
		status = gnmi_read_file(setup->certificate_file, &certificate, err);
	if (status == PCE_OK)
		status = gnmi_read_file(setup->key_file, &key, err);
	if (status == PCE_OK) {
		grpc_ssl_pem_key_cert_pair pair = { key, certificate };

		*out = grpc_ssl_server_credentials_create_ex(
		    ca, &pair, 1,
		    ca ? GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY
		       : GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE,
		    NULL);
	}
	free(ca);
	free(certificate);
	free(key);
	return status;
}

static enum pce_status
open_door(struct gnmi_server *all, unsigned i, grpc_resource_quota *quota,
	  grpc_server_credentials *creds, struct pce_error *err)
{
	const struct lab_routers_setup *setup = &all->routers->setup;
	struct door *d = &all->doors[i];
	grpc_arg args[7] = { gnmi_number_arg(GRPC_ARG_HTTP2_BDP_PROBE, 0),
			     gnmi_number_arg(GRPC_ARG_MAX_RECEIVE_MESSAGE_LENGTH,
					     (int)WIRE_MESSAGE_MAX),
			     gnmi_number_arg(GRPC_ARG_KEEPALIVE_TIME_MS, 30000),
			     gnmi_number_arg(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 10000),
			     gnmi_number_arg(GRPC_ARG_ALLOW_REUSEPORT, 0),
			     gnmi_number_arg(GRPC_ARG_MAX_CONCURRENT_STREAMS, CALLS_MAX) };
	grpc_channel_args channel_args = { 7, args };
	char where[128];

	args[6].type = GRPC_ARG_POINTER;
	args[6].key = (char *)(uintptr_t)GRPC_ARG_RESOURCE_QUOTA;
	args[6].value.pointer.p = quota;
	args[6].value.pointer.vtable = grpc_resource_quota_arg_vtable();
	d->all = all;
	d->router = &all->routers->routers[i];
	d->server = grpc_server_create(&channel_args, NULL);
	grpc_server_register_completion_queue(d->server, gnmi_engine_queue(all->engine), NULL);
	snprintf(where, sizeof where, strchr(setup->address, ':') ? "[%s]:%u" : "%s:%u",
		 setup->address, (unsigned)(setup->gnmi.first_port + i));
	if (!grpc_server_add_http2_port(d->server, where, creds))
		return pce_fail(err, PCE_IO, "router %s: gNMI cannot listen on %s", d->router->name,
				where);
	return PCE_OK;
}

static enum pce_status
open_doors(struct gnmi_server *all, struct pce_error *err)
{
	grpc_resource_quota *quota = grpc_resource_quota_create("routers");
	grpc_server_credentials *creds = NULL;
	enum pce_status status = credentials(&all->routers->setup.gnmi, &creds, err);

	grpc_resource_quota_resize(quota, QUOTA);
	for (; status == PCE_OK && all->n < all->routers->setup.count; all->n++)
		status = open_door(all, all->n, quota, creds, err);
	grpc_resource_quota_unref(quota);
	if (creds)
		grpc_server_credentials_release(creds);
	return status;
}

static void
no_item(void *ctx, const struct gnmi_item *item)
{
	(void)ctx, (void)item;
}

static enum pce_status
begin(struct gnmi_server *all, struct pce_error *err)
{
	enum pce_status status = open_doors(all, err), started;

	/* A server that has a port can only end by its shutdown, so it is started in any case. */
	for (unsigned i = 0; i < all->n; i++)
		grpc_server_start(all->doors[i].server);
	gnmi_engine_add(all->engine, &all->part);
	gnmi_engine_timer(all->engine, &all->tick);
	tick_soon(all);
	for (unsigned i = 0; i < all->n; i++)
		wait_for(&all->doors[i]);
	started = gnmi_engine_start(all->engine, status ? NULL : err);
	return status ? status : started;
}

enum pce_status
gnmi_server_new(struct lab_routers *routers, struct gnmi_server **out, struct pce_error *err)
{
	struct gnmi_server *all = calloc(1, sizeof *all);
	enum pce_status status;

	if (!all)
		return pce_no_memory(err);
	all->routers = routers;
	all->part.stop = stop;
	all->tick.fn = on_tick;
	all->doors = calloc(routers->setup.count + 1, sizeof *all->doors);
	all->base = event_base_new();
	if (!all->doors || !all->base)
		status = pce_no_memory(err);
	else
		status = gnmi_engine_new(all->base, no_item, NULL, &all->engine, err);
	if (status == PCE_OK)
		status = begin(all, err);
	if (status)
		gnmi_server_free(all);
	else
		*out = all;
	return status;
}

void
gnmi_server_free(struct gnmi_server *all)
{
	if (!all)
		return;
	gnmi_engine_free(all->engine);
	if (all->base)
		event_base_free(all->base);
	free(all->doors);
	free(all);
}
