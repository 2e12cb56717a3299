/* Requests, replies and streams; see http.h. */
#include "config.h"

#include <ctype.h>
#include <event2/bufferevent_ssl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "northbound/http/http_internal.h"
#include "northbound/http/tls.h"

#define STREAM_READ_BYTES 4096 /* of what a stream's client sends and nobody reads */

static void
request_free(struct http_request *request)
{
	if (request->conn->request == request)
		request->conn->request = NULL;
	arena_free(&request->arena);
	free(request);
}

static void
tell_answered(const struct http_request *request, unsigned status)
{
	struct http_server *server = request->server;

	if (request->tag && server->answered)
		server->answered(server->arg, request->tag, status);
}

void
request_gone(struct http_request *request)
{
	http_gone *gone = request->gone;
	void *arg = request->gone_arg;
	struct evhttp_request *evreq = request->evreq;

	/* On a lost connection evhttp hands the request over to us; when it frees a connection
	 * itself it frees the request too. */
	if (!evhttp_request_get_connection(evreq))
		evhttp_request_free(evreq);
	if (request->streaming)
		request->server->counters.streams--;
	tell_answered(request, 0);
	request_free(request);
	if (gone)
		gone(arg);
}

/* A header name is a token (RFC 9110 section 5.6.2). */
static bool
is_token(const char *name)
{
	if (!*name)
		return false;
	for (; *name; name++)
		if (!isalnum((unsigned char)*name) && !strchr("!#$%&'*+-.^_`|~", *name))
			return false;
	return true;
}

static bool
is_number(const char *text)
{
	return *text && strspn(text, "0123456789") == strlen(text);
}

/*
 * What is wrong with the framing, or NULL. A proxy in front of us may read a request with two
 * lengths otherwise than evhttp does, and then a second request could hide in the first one's body
 * (RFC 9112 section 11.2).
 */
static const char *
framing_fault(struct evhttp_request *evreq)
{
	struct evkeyval *h;
	unsigned lengths = 0, encodings = 0, hosts = 0;

	TAILQ_FOREACH(h, evhttp_request_get_input_headers(evreq), next)
	{
		if (!is_token(h->key))
			return "a header name is not a token";
		if (!strcasecmp(h->key, "Content-Length")) {
			lengths++;
			if (!is_number(h->value))
				return "Content-Length is not a number";
		} else if (!strcasecmp(h->key, "Transfer-Encoding")) {
			encodings++;
			if (strcasecmp(h->value, "chunked"))
				return "the only Transfer-Encoding known is chunked";
		} else if (!strcasecmp(h->key, "Host")) {
			hosts++;
		}
	}
	if (lengths + encodings > 1)
		return "more than one Content-Length or Transfer-Encoding";
	if (hosts > 1 || (hosts == 0 && evreq->major == 1 && evreq->minor == 1))
		return "not exactly one Host";
	return NULL;
}

/* Fills target and path. The URI is split here: evhttp's parser takes "//x/y" for a host. */
static enum pce_status
parse_target(struct http_request *request, struct pce_error *err)
{
	const char *uri = evhttp_request_get_uri(request->evreq), *query = NULL;
	char *path, *mark;

	if (uri[0] != '/') { /* "https://host/path" or "*" */
		const char *host = strstr(uri, "://");

		uri = host ? strchr(host + 3, '/') : NULL;
		if (!uri)
			uri = "/";
	}
	path = arena_strdup(&request->arena, uri);
	if (!path)
		return pce_no_memory(err);
	mark = strchr(path, '?');
	if (mark) {
		*mark = '\0';
		query = mark + 1;
	}
	request->path = path;
	return http_target_parse(path, query, &request->arena, &request->target, err);
}

/* The reply is on its way out completely. */
static void
reply_taken(struct evhttp_request *evreq, void *arg)
{
	struct http_server *server = arg;
	struct conn *conn;

	if (!evhttp_request_get_connection(evreq))
		return;
	conn = server_conn_of(server, evreq);
	if (conn && conn->phase != CONN_CLOSING)
		conn_phase_set(conn, CONN_IDLE, server->limits.idle_ms);
}

/* Answers a request that does not reach the handler, and closes. */
static void
refuse(struct http_request *request, const char *why)
{
	request->server->counters.refused++;
	http_reply_header(request, "Connection", "close");
	if (request->server->refuse)
		request->server->refuse(request->server->arg, request, why);
	else
		http_reply(request, 400, "text/plain; charset=utf-8", why, strlen(why));
}

void
request_arrived(struct evhttp_request *evreq, void *arg)
{
	struct http_server *server = arg;
	struct conn *conn = server_conn_of(server, evreq);
	struct http_request *request = conn ? calloc(1, sizeof(*request)) : NULL;
	struct pce_error err = { 0 };
	const char *fault;

	if (!request) {
		evhttp_send_error(evreq, HTTP_SERVUNAVAIL, NULL);
		return;
	}
	if (!conn->watched)
		evhttp_connection_set_closecb(evhttp_request_get_connection(evreq), conn_closed,
					      conn);
	conn->watched = true;
	conn_received_all(conn);
	conn_phase_set(conn, CONN_HANDLING, 0);
	evhttp_request_set_on_complete_cb(evreq, reply_taken, server);
	*request = (struct http_request){ .server = server, .conn = conn, .evreq = evreq };
	conn->request = request;
	fault = framing_fault(evreq);
	if (!fault && parse_target(request, &err) != PCE_OK)
		fault = err.text;
	if (fault) {
		refuse(request, fault);
		return;
	}
	server->counters.requests++;
	server->handler(server->arg, request);
	/* The request may be gone by now; if it still is the connection's, look at it. */
	if (conn->request == request && !request->kept && !request->streaming)
		http_reply(request, 500, "text/plain", "no answer\n", 10);
}

enum http_method
http_request_method(const struct http_request *request)
{
	switch (evhttp_request_get_command(request->evreq)) {
	case EVHTTP_REQ_GET:
		return HTTP_GET;
	case EVHTTP_REQ_HEAD:
		return HTTP_HEAD;
	case EVHTTP_REQ_POST:
		return HTTP_POST;
	case EVHTTP_REQ_PUT:
		return HTTP_PUT;
	case EVHTTP_REQ_PATCH:
		return HTTP_PATCH;
	case EVHTTP_REQ_DELETE:
		return HTTP_DELETE;
	case EVHTTP_REQ_OPTIONS:
		return HTTP_OPTIONS;
	default:
		return HTTP_OTHER;
	}
}

const char *
http_request_method_name(const struct http_request *request)
{
	switch (http_request_method(request)) {
	case HTTP_GET:
		return "GET";
	case HTTP_HEAD:
		return "HEAD";
	case HTTP_POST:
		return "POST";
	case HTTP_PUT:
		return "PUT";
	case HTTP_PATCH:
		return "PATCH";
	case HTTP_DELETE:
		return "DELETE";
	case HTTP_OPTIONS:
		return "OPTIONS";
	default:
		return "TRACE";
	}
}

const struct http_target *
http_request_target(const struct http_request *request)
{
	return &request->target;
}

const char *
http_request_path(const struct http_request *request)
{
	return request->path;
}

const char *
http_request_header(const struct http_request *request, const char *name)
{
	return evhttp_find_header(evhttp_request_get_input_headers(request->evreq), name);
}

const char *
http_request_body(struct http_request *request, size_t *len)
{
	struct evbuffer *in = evhttp_request_get_input_buffer(request->evreq);
	size_t n = evbuffer_get_length(in);
	char *bytes;

	if (evbuffer_add(in, "", 1) != 0)
		return NULL;
	bytes = (char *)evbuffer_pullup(in, -1);
	*len = n;
	return bytes;
}

const char *
http_request_peer(const struct http_request *request)
{
	struct evhttp_connection *evcon = evhttp_request_get_connection(request->evreq);
	ev_uint16_t port;
	char *address = NULL;

	if (evcon)
		evhttp_connection_get_peer(evcon, &address, &port);
	return address ? address : "";
}

struct x509_st *
http_request_certificate(const struct http_request *request, const char **fault)
{
	SSL *ssl = request->server->tls ? bufferevent_openssl_get_ssl(request->conn->bev) : NULL;

	*fault = NULL;
	return ssl ? tls_client_certificate(ssl, fault) : NULL;
}

void
http_request_tag(struct http_request *request, uint64_t tag)
{
	request->tag = tag;
}

void
http_reply_header(struct http_request *request, const char *name, const char *value)
{
	/* evhttp itself refuses values with line breaks. */
	(void)evhttp_add_header(evhttp_request_get_output_headers(request->evreq), name, value);
}

void
http_reply(struct http_request *request, unsigned status, const char *content_type,
	   const void *bytes, size_t len)
{
	struct evhttp_request *evreq = request->evreq;
	struct conn *conn = request->conn;
	struct evbuffer *body = NULL;
	bool head = http_request_method(request) == HTTP_HEAD;
	char length[24];

	conn_phase_set(conn, CONN_REPLYING, request->server->limits.reply_ms);
	if (content_type && status != 204 && status != 304) {
		http_reply_header(request, "Content-Type", content_type);
		/* evhttp would send the body to HEAD, too. */
		snprintf(length, sizeof(length), "%zu", len);
		http_reply_header(request, "Content-Length", length);
		if (!head && len) {
			body = evbuffer_new();
			if (!body || evbuffer_add(body, bytes, len) != 0)
				conn_cut(conn);
		}
	} else if (status != 204 && status != 304) {
		http_reply_header(request, "Content-Length", "0");
	}
	tell_answered(request, status);
	request_free(request);
	evhttp_send_reply(evreq, (int)status, NULL, body);
	if (body)
		evbuffer_free(body);
}

void
http_keep(struct http_request *request, http_gone *gone, void *arg)
{
	request->kept = true;
	request->gone = gone;
	request->gone_arg = arg;
}

void
http_stream(struct http_request *request, const char *content_type, http_gone *gone, void *arg)
{
	struct bufferevent *bev = request->conn->bev;

	request->streaming = true;
	request->gone = gone;
	request->gone_arg = arg;
	request->server->counters.streams++;
	conn_phase_set(request->conn, CONN_STREAM, 0);
	http_reply_header(request, "Content-Type", content_type);
	evhttp_send_reply_start(request->evreq, 200, NULL);
	/* A quiet stream is no fault. evhttp goes on reading, to see the end of the connection, but
	 * takes nothing away: what the client sends must not pile up. */
	bufferevent_set_timeouts(bev, NULL, NULL);
	bufferevent_setwatermark(bev, EV_READ, 0, STREAM_READ_BYTES);
}

bool
http_stream_write(struct http_request *request, const void *bytes, size_t len)
{
	struct conn *conn = request->conn;
	struct evbuffer *chunk;

	if (conn->phase == CONN_CLOSING)
		return false;
	chunk = evbuffer_new();
	if (!chunk || evbuffer_add(chunk, bytes, len) != 0 ||
	    evbuffer_get_length(bufferevent_get_output(conn->bev)) + len >
		request->server->limits.backlog_bytes) {
		request->server->counters.lagging++;
		conn_cut(conn);
	} else {
		evhttp_send_reply_chunk(request->evreq, chunk);
	}
	if (chunk)
		evbuffer_free(chunk);
	return conn->phase != CONN_CLOSING;
}

size_t
http_stream_backlog(const struct http_request *request)
{
	return evbuffer_get_length(bufferevent_get_output(request->conn->bev));
}

void
http_stream_end(struct http_request *request)
{
	struct evhttp_request *evreq = request->evreq;

	request->server->counters.streams--;
	conn_phase_set(request->conn, CONN_REPLYING, request->server->limits.reply_ms);
	request_free(request);
	evhttp_send_reply_end(evreq);
}
