/*
 * The client's end of a gRPC connection to one router: a channel with the arguments that were found
 * to be needed, single calls and one stream. Everything runs on the engine's thread.
 */
#ifndef SOUTHBOUND_GNMI_CHANNEL_H
#define SOUTHBOUND_GNMI_CHANNEL_H

#include <grpc/grpc_security.h>

#include "pce/service/config.h"
#include "southbound/gnmi/engine.h"

/* Opens a channel to a device, reading its certificates and its password. It connects when it is
 * used. pings: a dead router is found out by pings of HTTP/2, which servers allow where there is
 * traffic, and punish where there is none. PCE_IO names the file that cannot be read. */
struct gnmi_channel {
	grpc_channel *channel;
	char *username, *password; /* NULL: none */
};
enum pce_status gnmi_channel_open(const struct config_device *device, bool pings,
				  struct gnmi_channel *out, struct pce_error *err);
/* Closes it; a zeroed channel is closed. */
void gnmi_channel_close(struct gnmi_channel *channel);

/* A call without streaming. Zeroed before use; may be used again when done was called. */
struct gnmi_call {
	struct gnmi_tag tag;
	struct gnmi_engine *engine;
	/* status: of gRPC; bytes: the answer if it is GRPC_STATUS_OK; text: why not. */
	void (*done)(struct gnmi_call *call, grpc_status_code status, const uint8_t *bytes,
		     size_t len, const char *text);
	grpc_call *call;
	grpc_metadata_array initial, trailing;
	grpc_status_code status;
	grpc_slice details;
	grpc_byte_buffer *answer;
	bool busy;
};

/* Starts a call of a method ("/gnmi.gNMI/Get", a constant) with a packed request, and a time for
 * all of it. */
enum pce_status gnmi_call_start(struct gnmi_call *call, struct gnmi_engine *engine,
				const struct gnmi_channel *channel, const char *method,
				const void *request, size_t len, int64_t timeout_ms,
				struct pce_error *err);
/* Gives it up: done follows, with GRPC_STATUS_CANCELLED. */
void gnmi_call_cancel(struct gnmi_call *call);

/* A stream of messages from the router, after one request. */
struct gnmi_stream {
	struct gnmi_tag on_start, on_initial, on_message, on_status;
	struct gnmi_engine *engine;
	/* One message; false ends the reading until gnmi_stream_resume. */
	bool (*message)(struct gnmi_stream *stream, const uint8_t *bytes, size_t len);
	void (*ended)(struct gnmi_stream *stream, grpc_status_code status, const char *text);
	grpc_call *call;
	grpc_metadata_array initial, trailing;
	grpc_status_code status;
	grpc_slice details;
	grpc_byte_buffer *buffer;
	struct text scratch;
	unsigned pending; /* operations */
	bool busy, paused;
};

enum pce_status gnmi_stream_start(struct gnmi_stream *stream, struct gnmi_engine *engine,
				  const struct gnmi_channel *channel, const char *method,
				  const void *request, size_t len, struct pce_error *err);
/* Reads on. */
void gnmi_stream_resume(struct gnmi_stream *stream);
void gnmi_stream_cancel(struct gnmi_stream *stream);

/* An argument of a channel or server that is a number; key is borrowed. */
grpc_arg gnmi_number_arg(const char *key, int value);
/* Reads a file of at most 1 MiB whole, NUL behind it; to be freed. PCE_IO. */
enum pce_status gnmi_read_file(const char *path, char **out, struct pce_error *err);

#endif
