#include "config.h"

#include "southbound/gnmi/channel.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <grpc/support/alloc.h>

#include "pce/base/addr.h"
#include "pce/base/array.h"
#include "southbound/gnmi/messages.h"

#define FILE_MAX ((size_t)1 << 20)
#define ARGS_MAX 12

enum pce_status
gnmi_read_file(const char *path, char **out, struct pce_error *err)
{
	FILE *f = fopen(path, "rb");
	char *text = f ? malloc(FILE_MAX + 1) : NULL;
	size_t n;
	bool fine;

	if (!f)
		return pce_fail(err, PCE_IO, "%s: %s", path, strerror(errno));
	if (!text) {
		fclose(f);
		return pce_no_memory(err);
	}
	n = fread(text, 1, FILE_MAX, f);
	fine = !ferror(f) && feof(f);
	fclose(f);
	text[n] = '\0';
	if (!fine) {
		free(text);
		return pce_fail(err, PCE_IO, "%s cannot be read, or has over 1 MiB", path);
	}
	*out = text;
	return PCE_OK;
}

/* --- opening --- */

struct files {
	char *ca, *certificate, *key, *password;
};

static void
free_files(struct files *f)
{
	free(f->ca);
	free(f->certificate);
	free(f->key);
	free(f->password);
}

static enum pce_status
read_files(const struct config_gnmi *g, struct files *f, struct pce_error *err)
{
	enum pce_status status = PCE_OK;

	if (g->tls && g->ca_file)
		status = gnmi_read_file(g->ca_file, &f->ca, err);
	if (status == PCE_OK && g->tls && g->certificate_file)
		status = gnmi_read_file(g->certificate_file, &f->certificate, err);
	if (status == PCE_OK && g->tls && g->key_file)
		status = gnmi_read_file(g->key_file, &f->key, err);
	if (status == PCE_OK && g->password_file)
		status = gnmi_read_file(g->password_file, &f->password, err);
	if (status == PCE_OK && f->password)
		f->password[strcspn(f->password, "\r\n")] = '\0';
	return status;
}

grpc_arg
gnmi_number_arg(const char *key, int value)
{
	grpc_arg arg = { .type = GRPC_ARG_INTEGER, .key = (char *)(uintptr_t)key };

	arg.value.integer = value;
	return arg;
}

static grpc_arg
text_arg(const char *key, const char *value)
{
	grpc_arg arg = { .type = GRPC_ARG_STRING, .key = (char *)(uintptr_t)key };

	arg.value.string = (char *)(uintptr_t)value;
	return arg;
}

/* Each is a trap that was met: see ARCHITECTURE.md. */
static size_t
fill_args(const struct config_gnmi *g, bool pings, grpc_arg *args)
{
	size_t n = 0;

	args[n++] = gnmi_number_arg(GRPC_ARG_ENABLE_RETRIES, 0);
	args[n++] = gnmi_number_arg(GRPC_ARG_KEEPALIVE_TIME_MS, pings ? 10000 : INT_MAX);
	args[n++] = gnmi_number_arg(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 5000);
	args[n++] = gnmi_number_arg(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
	args[n++] = gnmi_number_arg(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 300);
	args[n++] = gnmi_number_arg(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 300);
	args[n++] = gnmi_number_arg(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 5000);
	args[n++] = gnmi_number_arg(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
	args[n++] = gnmi_number_arg(GRPC_ARG_MAX_RECEIVE_MESSAGE_LENGTH, (int)WIRE_MESSAGE_MAX);
	args[n++] = gnmi_number_arg(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
	if (g->server_name) {
		args[n++] = text_arg(GRPC_ARG_DEFAULT_AUTHORITY, g->server_name);
		args[n++] = text_arg(GRPC_SSL_TARGET_NAME_OVERRIDE_ARG, g->server_name);
	}
	return n;
}

static void
print_target(const struct config_device *device, char *out, size_t cap)
{
	struct ip_addr addr;
	bool literal = ip_parse(device->address, &addr, NULL) == PCE_OK;

	snprintf(out, cap,
		 !literal               ? "dns:///%s:%u"
		 : addr.family == IP_V4 ? "ipv4:%s:%u"
					: "ipv6:[%s]:%u",
		 device->address, device->gnmi.port);
}

enum pce_status
gnmi_channel_open(const struct config_device *device, bool pings, struct gnmi_channel *out,
		  struct pce_error *err)
{
	const struct config_gnmi *g = &device->gnmi;
	struct files f = { 0 };
	grpc_arg args[ARGS_MAX];
	grpc_channel_args all = { fill_args(g, pings, args), args };
	grpc_channel_credentials *credentials;
	struct gnmi_channel channel = { 0 };
	char target[320];
	enum pce_status status = read_files(g, &f, err);

	if (status == PCE_OK) {
		grpc_ssl_pem_key_cert_pair pair = { f.key, f.certificate };

		credentials =
		    g->tls ? grpc_ssl_credentials_create(f.ca, f.key ? &pair : NULL, NULL, NULL)
			   : grpc_insecure_credentials_create();
		print_target(device, target, sizeof(target));
		channel.channel = grpc_channel_create(target, credentials, &all);
		grpc_channel_credentials_release(credentials);
		channel.username = array_strdup(g->username);
		channel.password = f.password;
		f.password = NULL;
		*out = channel;
	}
	free_files(&f);
	return status;
}

void
gnmi_channel_close(struct gnmi_channel *channel)
{
	if (channel->channel)
		grpc_channel_destroy(channel->channel);
	free(channel->username);
	free(channel->password);
	*channel = (struct gnmi_channel){ 0 };
}

/* --- calls --- */

static grpc_call *
new_call(const struct gnmi_engine *engine, const struct gnmi_channel *channel, const char *method,
	 gpr_timespec deadline)
{
	return grpc_channel_create_call(
	    channel->channel, NULL, GRPC_PROPAGATE_DEFAULTS, gnmi_engine_queue(engine),
	    grpc_slice_from_static_string(method), NULL, deadline, NULL);
}

static size_t
fill_metadata(const struct gnmi_channel *channel, grpc_metadata *out)
{
	size_t n = 0;

	memset(out, 0, 2 * sizeof(*out));
	if (channel->username) {
		out[n].key = grpc_slice_from_static_string("username");
		out[n++].value = grpc_slice_from_copied_string(channel->username);
	}
	if (channel->password) {
		out[n].key = grpc_slice_from_static_string("password");
		out[n++].value = grpc_slice_from_copied_string(channel->password);
	}
	return n;
}

static void
drop_metadata(grpc_metadata *metadata, size_t n)
{
	for (size_t i = 0; i < n; i++)
		grpc_slice_unref(metadata[i].value);
}

static void
call_done(struct gnmi_tag *tag, bool ok)
{
	struct gnmi_call *c = (struct gnmi_call *)tag;
	grpc_byte_buffer *answer = c->answer;
	struct text scratch = { 0 };
	char *details = grpc_slice_to_c_string(c->details);
	const uint8_t *bytes = NULL;
	grpc_status_code status = ok ? c->status : GRPC_STATUS_UNKNOWN;
	size_t len = 0;

	if (answer)
		bytes = gnmi_flatten(answer, &len, &scratch);
	if (status == GRPC_STATUS_OK && !bytes)
		status = GRPC_STATUS_INTERNAL;
	c->busy = false;
	grpc_call_unref(c->call);
	grpc_metadata_array_destroy(&c->initial);
	grpc_metadata_array_destroy(&c->trailing);
	grpc_slice_unref(c->details);
	c->done(c, status, bytes, len, details);
	/* done may have begun another call in the same place. */
	if (answer)
		grpc_byte_buffer_destroy(answer);
	text_free(&scratch);
	gpr_free(details);
}

enum pce_status
gnmi_call_start(struct gnmi_call *c, struct gnmi_engine *engine, const struct gnmi_channel *channel,
		const char *method, const void *request, size_t len, int64_t timeout_ms,
		struct pce_error *err)
{
	grpc_byte_buffer *buffer = gnmi_buffer(request, len);
	grpc_metadata metadata[2];
	size_t n_metadata = fill_metadata(channel, metadata);
	grpc_op ops[6];
	bool started;

	c->tag.fn = call_done;
	c->engine = engine;
	c->answer = NULL;
	c->details = grpc_empty_slice();
	grpc_metadata_array_init(&c->initial);
	grpc_metadata_array_init(&c->trailing);
	c->call = new_call(engine, channel, method,
			   gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
					gpr_time_from_millis(timeout_ms, GPR_TIMESPAN)));
	memset(ops, 0, sizeof(ops));
	ops[0].op = GRPC_OP_SEND_INITIAL_METADATA;
	ops[0].data.send_initial_metadata.count = n_metadata;
	ops[0].data.send_initial_metadata.metadata = metadata;
	ops[1].op = GRPC_OP_SEND_MESSAGE;
	ops[1].data.send_message.send_message = buffer;
	ops[2].op = GRPC_OP_SEND_CLOSE_FROM_CLIENT;
	ops[3].op = GRPC_OP_RECV_INITIAL_METADATA;
	ops[3].data.recv_initial_metadata.recv_initial_metadata = &c->initial;
	ops[4].op = GRPC_OP_RECV_MESSAGE;
	ops[4].data.recv_message.recv_message = &c->answer;
	ops[5].op = GRPC_OP_RECV_STATUS_ON_CLIENT;
	ops[5].data.recv_status_on_client.status = &c->status;
	ops[5].data.recv_status_on_client.status_details = &c->details;
	ops[5].data.recv_status_on_client.trailing_metadata = &c->trailing;
	started = gnmi_engine_batch(engine, c->call, ops, 6, &c->tag);
	grpc_byte_buffer_destroy(buffer);
	drop_metadata(metadata, n_metadata);
	if (!started) {
		grpc_call_unref(c->call);
		return pce_fail(err, PCE_INTERNAL, "gRPC refuses a call of %s", method);
	}
	c->busy = true;
	return PCE_OK;
}

void
gnmi_call_cancel(struct gnmi_call *c)
{
	if (c->busy)
		grpc_call_cancel(c->call, NULL);
}

/* --- streams --- */

/* One operation less; the last one ends the stream. */
static void
stream_less(struct gnmi_stream *s)
{
	grpc_status_code status = s->status;
	char *details;

	if (--s->pending > 0)
		return;
	details = grpc_slice_to_c_string(s->details);
	s->busy = s->paused = false;
	grpc_call_unref(s->call);
	grpc_metadata_array_destroy(&s->initial);
	grpc_metadata_array_destroy(&s->trailing);
	grpc_slice_unref(s->details);
	text_free(&s->scratch);
	s->ended(s, status, details);
	gpr_free(details);
}

#define STREAM_OF(tag, member)                                                                     \
	((struct gnmi_stream *)(void *)((char *)(tag)-offsetof(struct gnmi_stream, member)))

static void
stream_started(struct gnmi_tag *tag, bool ok)
{
	(void)ok;
	stream_less(STREAM_OF(tag, on_start));
}

static void
stream_initial(struct gnmi_tag *tag, bool ok)
{
	(void)ok;
	stream_less(STREAM_OF(tag, on_initial));
}

static void
stream_status(struct gnmi_tag *tag, bool ok)
{
	struct gnmi_stream *s = STREAM_OF(tag, on_status);

	(void)ok;
	/* A paused stream has no reading under way that would notice. */
	if (s->paused) {
		s->paused = false;
		s->pending--;
	}
	stream_less(s);
}

static void
read_on(struct gnmi_stream *s)
{
	grpc_op op = { .op = GRPC_OP_RECV_MESSAGE };

	s->buffer = NULL;
	op.data.recv_message.recv_message = &s->buffer;
	if (!gnmi_engine_batch(s->engine, s->call, &op, 1, &s->on_message))
		stream_less(s);
}

static void
stream_message(struct gnmi_tag *tag, bool ok)
{
	struct gnmi_stream *s = STREAM_OF(tag, on_message);
	const uint8_t *bytes;
	size_t len;
	bool more;

	if (!ok || !s->buffer) {
		stream_less(s);
		return;
	}
	bytes = gnmi_flatten(s->buffer, &len, &s->scratch);
	more = !bytes || s->message(s, bytes, len);
	grpc_byte_buffer_destroy(s->buffer);
	s->buffer = NULL;
	if (more)
		read_on(s);
	else
		s->paused = true;
}

void
gnmi_stream_resume(struct gnmi_stream *s)
{
	if (!s->paused)
		return;
	s->paused = false;
	read_on(s);
}

void
gnmi_stream_cancel(struct gnmi_stream *s)
{
	if (!s->busy)
		return;
	grpc_call_cancel(s->call, NULL);
}

/* The four batches; their number is fixed before the first one can complete. */
static bool
start_batches(struct gnmi_stream *s, grpc_metadata *metadata, size_t n_metadata,
	      grpc_byte_buffer *request)
{
	grpc_op status = { .op = GRPC_OP_RECV_STATUS_ON_CLIENT }, start[2],
		initial = { .op = GRPC_OP_RECV_INITIAL_METADATA };

	memset(start, 0, sizeof(start));
	status.data.recv_status_on_client.status = &s->status;
	status.data.recv_status_on_client.status_details = &s->details;
	status.data.recv_status_on_client.trailing_metadata = &s->trailing;
	start[0].op = GRPC_OP_SEND_INITIAL_METADATA;
	start[0].data.send_initial_metadata.count = n_metadata;
	start[0].data.send_initial_metadata.metadata = metadata;
	start[1].op = GRPC_OP_SEND_MESSAGE;
	start[1].data.send_message.send_message = request;
	initial.data.recv_initial_metadata.recv_initial_metadata = &s->initial;
	s->pending = 4;
	if (!gnmi_engine_batch(s->engine, s->call, &status, 1, &s->on_status))
		return false;
	if (!gnmi_engine_batch(s->engine, s->call, start, 2, &s->on_start))
		s->pending--;
	if (!gnmi_engine_batch(s->engine, s->call, &initial, 1, &s->on_initial))
		s->pending--;
	read_on(s);
	return true;
}

enum pce_status
gnmi_stream_start(struct gnmi_stream *s, struct gnmi_engine *engine,
		  const struct gnmi_channel *channel, const char *method, const void *request,
		  size_t len, struct pce_error *err)
{
	grpc_byte_buffer *buffer = gnmi_buffer(request, len);
	grpc_metadata metadata[2];
	size_t n_metadata = fill_metadata(channel, metadata);
	bool started;

	s->on_start.fn = stream_started;
	s->on_initial.fn = stream_initial;
	s->on_message.fn = stream_message;
	s->on_status.fn = stream_status;
	s->engine = engine;
	s->status = GRPC_STATUS_UNKNOWN;
	s->details = grpc_empty_slice();
	s->busy = true;
	s->paused = false;
	grpc_metadata_array_init(&s->initial);
	grpc_metadata_array_init(&s->trailing);
	s->call = new_call(engine, channel, method, gpr_inf_future(GPR_CLOCK_MONOTONIC));
	started = start_batches(s, metadata, n_metadata, buffer);
	grpc_byte_buffer_destroy(buffer);
	drop_metadata(metadata, n_metadata);
	if (started)
		return PCE_OK;
	s->busy = false;
	grpc_call_unref(s->call);
	return pce_fail(err, PCE_INTERNAL, "gRPC refuses a stream of %s", method);
}
