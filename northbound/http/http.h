/*
 * HTTP/1.1 server on libevent's evhttp, with TLS by OpenSSL.
 *
 * evhttp reads and writes the messages; this room adds what it lacks, because a server that faces
 * people needs it: deadlines for whole requests and replies (evhttp's time-outs are per read and
 * write, so a client that sends a byte a second would live for ever), a cap on connections and on
 * what they may make us hold before they have shown a token, refusal of ambiguous framing, HEAD
 * without a body, bounded output for slow readers, and requests that are answered later while their
 * client may have gone.
 *
 * Bodies above the limit, malformed request lines and headers and unknown methods are answered by
 * evhttp itself (413, 400, 405) before the handler sees anything; the page that it makes is
 * replaced on its way out by the one of `page`.
 *
 * One server belongs to the thread of its event loop. SIGPIPE is set to be ignored.
 */
#ifndef NORTHBOUND_HTTP_HTTP_H
#define NORTHBOUND_HTTP_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "northbound/http/target.h"
#include "pce/base/addr.h"
#include "pce/base/status.h"

struct event_base;
struct text;
struct http_server;
struct http_request;

/* Methods, as bits so that a resource can name those that it allows. */
enum http_method {
	HTTP_GET = 1u << 0,
	HTTP_HEAD = 1u << 1,
	HTTP_POST = 1u << 2,
	HTTP_PUT = 1u << 3,
	HTTP_PATCH = 1u << 4,
	HTTP_DELETE = 1u << 5,
	HTTP_OPTIONS = 1u << 6,
	HTTP_OTHER = 1u << 7, /* TRACE, CONNECT: no resource has them */
};

struct http_limits {
	unsigned
	    connections; /* at once; beyond it silent and idle ones are closed, new ones wait */
	size_t header_bytes; /* of one request's header */
	size_t body_bytes; /* of one request's body; above it 413 */
	size_t waiting_bytes; /* of all requests that are coming in; above it the largest is cut */
	size_t backlog_bytes; /* unsent bytes of one stream; above it the client is dropped */
	uint32_t request_ms; /* from the first moment to the end of one request */
	uint32_t idle_ms; /* between two requests of a connection */
	uint32_t reply_ms; /* for the client to take one reply */
};

/* 512 connections, 16 KiB, 8 MiB, 64 MiB, 256 KiB, 20 s, 30 s, 60 s. */
struct http_limits http_limits_default(void);

/*
 * Called for each request. The handler answers with http_reply, or keeps the request with
 * http_keep, or makes it a stream with http_stream; a request that none of these was done to is
 * answered with 500.
 */
typedef void http_handler(void *arg, struct http_request *request);

struct http_options {
	struct event_base *loop;
	struct ip_addr listen;
	uint16_t port; /* 0: any free one, see http_server_port */
	const char *certificate_file, *key_file; /* PEM, the chain first to last; NULL: no TLS */
	const char *client_ca_file, *client_crl_file; /* as tls_ask_clients; NULL: asks for none */
	struct http_limits limits;
	http_handler *handler;
	/* Answers with 400 a request that the handler must not see: its framing is ambiguous or its
	 * target cannot be (and is empty). NULL: a line of text. */
	void (*refuse)(void *arg, struct http_request *request, const char *why);
	/* Makes the body of an error that evhttp answers by itself; its type is page_type. NULL:
	 * evhttp's own HTML. */
	void (*page)(void *arg, unsigned status, struct text *out);
	const char *page_type;
	/* Told of each tagged request once: its status, or 0 when its client left before the
	 * answer. May be NULL. */
	void (*answered)(void *arg, uint64_t tag, unsigned status);
	void *arg;
};

/* What the server counted since its start. */
struct http_counters {
	uint64_t requests; /* that reached the handler */
	uint64_t refused; /* ambiguous framing or a target that cannot be */
	uint64_t slow; /* connections cut at a deadline */
	uint64_t lagging; /* streams cut because their reader was too slow */
	uint64_t overfull; /* connections cut because too much was coming in */
	uint64_t evicted; /* silent or idle connections closed to make room */
	unsigned connections, streams; /* now */
};

/*
 * Listens. PCE_INVALID: certificate or key are unusable; PCE_IO: cannot listen; each names the file
 * or address. Caller owns *out and frees it before the loop.
 */
enum pce_status http_server_new(const struct http_options *options, struct http_server **out,
				struct pce_error *err);
/*
 * Reads certificate, key, issuers and revocations again, and closes all connections, so that what
 * was revoked ends now. On failure nothing changes; PCE_INVALID names the file.
 */
enum pce_status http_server_reload(struct http_server *server, struct pce_error *err);
/* Closes all connections; http_gone of kept requests and streams is called. NULL does nothing. */
void http_server_free(struct http_server *server);
/* The port that it listens on. */
uint16_t http_server_port(const struct http_server *server);
void http_server_count(const struct http_server *server, struct http_counters *out);

/* --- A request: valid until it was answered, or until its gone function was called. --- */

enum http_method http_request_method(const struct http_request *request);
/* Name of the method, upper case. */
const char *http_request_method_name(const struct http_request *request);
/* Segments and parameters of the target. */
const struct http_target *http_request_target(const struct http_request *request);
/* The path as the client wrote it, for messages; without the query. */
const char *http_request_path(const struct http_request *request);
/* Value of a header, or NULL; names are matched without regard to case. */
const char *http_request_header(const struct http_request *request, const char *name);
/* The body, contiguous; "" with *len 0 without one. NUL-terminated. NULL without memory. */
const char *http_request_body(struct http_request *request, size_t *len);
/* Address of the client as text. */
const char *http_request_peer(const struct http_request *request);

/* The certificate that the client showed, borrowed from the connection, or NULL; *fault says why it
 * is not to be trusted, NULL if it is. */
struct x509_st *http_request_certificate(const struct http_request *request, const char **fault);

/* Marks the request for `answered`; 0 is no tag. */
void http_request_tag(struct http_request *request, uint64_t tag);

/* Adds a header to the reply. Values never contain line breaks; one that does is dropped. */
void http_reply_header(struct http_request *request, const char *name, const char *value);

/*
 * Answers and ends the request. content_type NULL: no body. HEAD gets the headers of the body but
 * not the body; 204 and 304 get neither. bytes are copied.
 */
void http_reply(struct http_request *request, unsigned status, const char *content_type,
		const void *bytes, size_t len);

/* Told once when a kept request or a stream ended without our doing; the request is invalid then.
 * Never called from inside another function of this header but http_server_free. */
typedef void http_gone(void *arg);

/*
 * Keeps the request: it is answered later with http_reply, from the loop's thread. A client that
 * leaves meanwhile may go unnoticed until then; answering it is safe. There is no deadline while it
 * is kept: that is the keeper's business.
 */
void http_keep(struct http_request *request, http_gone *gone, void *arg);

/* Answers with 200 and an endless body. Time-outs end; whatever the client still sends is dropped.
 */
void http_stream(struct http_request *request, const char *content_type, http_gone *gone,
		 void *arg);
/*
 * Appends to the stream. False if the reader lags by more than the limit: the connection is then
 * being closed, and gone will be called from the loop.
 */
bool http_stream_write(struct http_request *request, const void *bytes, size_t len);
/* Bytes of the stream that its reader has not taken yet; writers who look at it first are never cut
 * off. */
size_t http_stream_backlog(const struct http_request *request);
/* Ends the stream; gone is not called. */
void http_stream_end(struct http_request *request);

#endif
