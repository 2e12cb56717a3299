/* What server.c and request.c share. */
#ifndef NORTHBOUND_HTTP_HTTP_INTERNAL_H
#define NORTHBOUND_HTTP_HTTP_INTERNAL_H

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/http_struct.h>
#include <event2/keyvalq_struct.h>
#include <event2/listener.h>
#include <openssl/ssl.h>
#include <sys/queue.h>

#include "northbound/http/http.h"
#include "pce/base/arena.h"
#include "pce/base/units.h"

/* What a connection is doing; each has its own deadline. */
enum conn_phase {
	CONN_READING, /* handshake, or a request is coming in */
	CONN_IDLE, /* between two requests */
	CONN_HANDLING, /* ours: the handler has the request */
	CONN_REPLYING, /* the client takes the reply */
	CONN_STREAM,
	CONN_CLOSING, /* shut down; evhttp will notice */
};

/*
 * One connection. evhttp tells nobody when it accepts or closes, so each one holds a reference on
 * its bufferevent: it stays valid after evhttp let go of it, and one whose callbacks are all NULL
 * is one that evhttp has freed.
 */
struct conn {
	TAILQ_ENTRY(conn) entry;
	struct http_server *server;
	struct bufferevent *bev;
	enum conn_phase phase;
	struct usec until, born;
	size_t received; /* octets of the request that is coming in */
	bool watched; /* evhttp calls conn_closed for it */
	struct http_request *request; /* kept or streaming */
};
TAILQ_HEAD(conn_list, conn);

struct http_server {
	struct event_base *loop;
	struct evhttp *http;
	struct evconnlistener *listener;
	struct event *sweep;
	SSL_CTX *tls;
	char *certificate_file, *key_file, *client_ca_file, *client_crl_file;
	struct bufferevent *spare; /* for the next connection; NULL: none could be made */
	struct conn *spare_conn;
	struct http_limits limits;
	http_handler *handler;
	void (*refuse)(void *arg, struct http_request *request, const char *why);
	void (*answered)(void *arg, uint64_t tag, unsigned status);
	void (*page)(void *arg, unsigned status, struct text *out);
	const char *page_type;
	void *arg;
	struct conn_list conns;
	size_t received; /* sum over all connections */
	bool paused; /* accepts nothing */
	struct http_counters counters;
};

struct http_request {
	struct http_server *server;
	struct conn *conn;
	struct evhttp_request *evreq;
	struct arena arena;
	struct http_target target;
	const char *path;
	uint64_t tag;
	bool answered, kept, streaming;
	http_gone *gone;
	void *gone_arg;
};

/* Now on the monotonic clock. */
struct usec http_now(void);
/* Enters a phase that ends after_ms from now; 0: never. */
void conn_phase_set(struct conn *conn, enum conn_phase phase, uint32_t after_ms);
/* Closes the connection from below; evhttp notices in a later turn of the loop. */
void conn_cut(struct conn *conn);
/* The request has come in completely: what was received is the handler's now. */
void conn_received_all(struct conn *conn);
/* The connection's request ended without an answer: tells its keeper and frees it. */
void request_gone(struct http_request *request);
/* evhttp's callback for every request; arg is the server. */
void request_arrived(struct evhttp_request *evreq, void *arg);
/* The tracked connection that a request came on, or NULL; it moves to the front. */
struct conn *server_conn_of(struct http_server *server, struct evhttp_request *evreq);
/* evhttp's close callback; arg is the conn. */
void conn_closed(struct evhttp_connection *evcon, void *arg);

#endif
