/*
 * Connections: accepting them, counting them, and ending those that take too long. See http.h for
 * what is added to evhttp and why.
 *
 * A bufferevent for the next connection is always made in advance. evhttp asks for one after it has
 * accepted, and if it gets none it falls back to plain text, even on a TLS port: so without a spare
 * the listener is switched off.
 */
#include "config.h"

#include "northbound/http/http_internal.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/bufferevent_ssl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "northbound/http/tls.h"
#include "pce/base/array.h"
#include "pce/base/text.h"

#define SWEEP_MS 250
#define SILENT_MS 1000 /* that a connection may be silent for while others wait */
#define SILENT_BYTES 256
#define PAGE_MAX 4096 /* octets of a page of evhttp's own */
#define MAX_WRITE (1 << 20) /* of one write; doubles the rate of large replies */
#define SLACK (64 << 10) /* octets of one read, and of the framing of chunks */

struct http_limits
http_limits_default(void)
{
	return (struct http_limits){ .connections = 512,
				     .header_bytes = 16 << 10,
				     .body_bytes = 8 << 20,
				     .waiting_bytes = 64 << 20,
				     .backlog_bytes = 256 << 10,
				     .request_ms = 20000,
				     .idle_ms = 30000,
				     .reply_ms = 60000 };
}

struct usec
http_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (struct usec){ (int64_t)t.tv_sec * USEC_PER_S + t.tv_nsec / 1000 };
}

void
conn_phase_set(struct conn *conn, enum conn_phase phase, uint32_t after_ms)
{
	conn->phase = phase;
	conn->until = after_ms ? usec_add(http_now(), (int64_t)after_ms * USEC_PER_MS) : USEC_NEVER;
}

void
conn_cut(struct conn *conn)
{
	conn_phase_set(conn, CONN_CLOSING, 0);
	shutdown(bufferevent_getfd(conn->bev), SHUT_RDWR);
}

/* Makes the bufferevent and the conn that the next connection will use. */
static bool
make_spare(struct http_server *server)
{
	struct conn *conn = server->spare_conn;
	struct bufferevent *bev = server->spare;
	SSL *ssl;

	if (!conn)
		conn = server->spare_conn = calloc(1, sizeof(*conn));
	if (!conn || bev)
		return conn && bev;
	if (!server->tls) {
		bev = bufferevent_socket_new(server->loop, -1, BEV_OPT_CLOSE_ON_FREE);
	} else {
		ssl = SSL_new(server->tls);
		if (ssl)
			bev = bufferevent_openssl_socket_new(server->loop, -1, ssl,
							     BUFFEREVENT_SSL_ACCEPTING,
							     BEV_OPT_CLOSE_ON_FREE);
		if (ssl && !bev)
			SSL_free(ssl);
		if (bev)
			bufferevent_openssl_set_allow_dirty_shutdown(bev, 1);
	}
	if (!bev)
		return false;
	bufferevent_set_max_single_write(bev, MAX_WRITE);
	/* A client that goes on sending a body that was refused fills no more than one body may
	 * have: evhttp lets go of the connection, and until the sweep closes it nobody reads. */
	bufferevent_setwatermark(bev, EV_READ, 0,
				 server->limits.header_bytes + server->limits.body_bytes + SLACK);
	server->spare = bev;
	return true;
}

/* Listens, or stops listening, as the cap and the spare allow. */
static void
adjust_listener(struct http_server *server)
{
	bool pause =
	    server->counters.connections >= server->limits.connections || !make_spare(server);

	if (pause != server->paused && server->listener) {
		server->paused = pause;
		if (pause)
			evconnlistener_disable(server->listener);
		else
			evconnlistener_enable(server->listener);
	}
}

/* True if a connection has been there for a while and has hardly said anything yet. */
static bool
is_silent(const struct conn *conn, struct usec now)
{
	return conn->phase == CONN_READING && !conn->watched && conn->received < SILENT_BYTES &&
	       usec_due(usec_add(conn->born, (int64_t)SILENT_MS * USEC_PER_MS), now);
}

/*
 * At the cap: closes all connections that say nothing, so that a flood of them passes within
 * seconds, however many they are; without any, the one that has been idle for longest.
 */
static void
make_room(struct http_server *server)
{
	struct conn *conn, *oldest = NULL;
	struct usec now = http_now();
	bool silent = false;

	TAILQ_FOREACH(conn, &server->conns, entry)
	{
		if (is_silent(conn, now)) {
			silent = true;
			server->counters.evicted++;
			conn_cut(conn);
		} else if (conn->phase == CONN_IDLE &&
			   evbuffer_get_length(bufferevent_get_input(conn->bev)) == 0 &&
			   (!oldest || conn->until.v < oldest->until.v)) {
			oldest = conn;
		}
	}
	if (oldest && !silent) {
		server->counters.evicted++;
		conn_cut(oldest);
	}
}

static void
start_sweep(struct http_server *server)
{
	struct timeval every = { 0, SWEEP_MS * 1000 };

	if (!evtimer_pending(server->sweep, NULL))
		evtimer_add(server->sweep, &every);
}

void
conn_received_all(struct conn *conn)
{
	conn->server->received -= conn->received;
	conn->received = 0;
}

/* Cuts the connection that has sent most without having finished its request. */
static void
cut_largest(struct http_server *server)
{
	struct conn *conn, *largest = NULL;

	TAILQ_FOREACH(conn, &server->conns, entry)
	if (!largest || conn->received > largest->received)
		largest = conn;
	if (!largest || largest->received == 0)
		return;
	server->counters.overfull++;
	conn_received_all(largest);
	conn_cut(largest);
}

/* Something came in on a connection. */
static void
on_received(struct evbuffer *buffer, const struct evbuffer_cb_info *info, void *arg)
{
	struct conn *conn = arg;

	(void)buffer;
	if (!info->n_added || (conn->phase != CONN_READING && conn->phase != CONN_IDLE))
		return;
	conn->received += info->n_added;
	conn->server->received += info->n_added;
	if (conn->server->received > conn->server->limits.waiting_bytes)
		cut_largest(conn->server);
}

/* True if a buffer holds a whole page of evhttp's own, and nothing else; *status is its status. */
static bool
is_own_page(struct evbuffer *buffer, unsigned *status)
{
	static const char end[] = "</HTML>\n";
	size_t len = evbuffer_get_length(buffer), n = sizeof(end) - 1;
	char head[16] = "", tail[sizeof(end)] = "";
	struct evbuffer_ptr at;

	if (len < sizeof(head) + n || len > PAGE_MAX ||
	    evbuffer_ptr_set(buffer, &at, len - n, EVBUFFER_PTR_SET) != 0 ||
	    evbuffer_copyout_from(buffer, &at, tail, n) != (ev_ssize_t)n || strcmp(tail, end) != 0)
		return false;
	evbuffer_copyout(buffer, head, sizeof(head) - 1);
	return sscanf(head, "HTTP/1.%*u %3u", status) == 1;
}

/*
 * Something goes out. While a request is still coming in that can only be a page with which evhttp
 * refuses it, and nothing else waits to be sent: it is replaced as soon as it is complete. evhttp
 * has no hook for these pages.
 */
static void
on_sent(struct evbuffer *buffer, const struct evbuffer_cb_info *info, void *arg)
{
	struct conn *conn = arg;
	struct http_server *server = conn->server;
	struct text body = { 0 };
	unsigned status;

	if (!info->n_added || !server->page ||
	    (conn->phase != CONN_READING && conn->phase != CONN_IDLE) ||
	    !is_own_page(buffer, &status))
		return;
	/* A method that nobody knows is the client's fault, and no failure of ours (501). */
	if (status == HTTP_NOTIMPLEMENTED)
		status = HTTP_BADMETHOD;
	server->page(server->arg, status, &body);
	if (text_ok(&body)) {
		evbuffer_drain(buffer, evbuffer_get_length(buffer));
		evbuffer_add_printf(buffer,
				    "HTTP/1.1 %u Error\r\nContent-Type: %s\r\n"
				    "Content-Length: %zu\r\n%sConnection: close\r\n\r\n",
				    status, server->page_type, body.len,
				    status == HTTP_BADMETHOD
					? "Allow: GET, HEAD, POST, PUT, DELETE, OPTIONS\r\n"
					: "");
		evbuffer_add(buffer, text_get(&body), body.len);
	}
	text_free(&body);
}

/* evhttp wants a bufferevent for a connection that it has accepted. */
static struct bufferevent *
new_connection(struct event_base *loop, void *arg)
{
	struct http_server *server = arg;
	struct bufferevent *bev = server->spare;
	struct conn *conn = server->spare_conn;

	(void)loop;
	server->spare = NULL;
	server->spare_conn = NULL;
	conn->server = server;
	conn->bev = bev;
	bufferevent_incref(bev);
	/* Without memory for it this one is not counted; the cap on connections still holds. */
	(void)evbuffer_add_cb(bufferevent_get_input(bev), on_received, conn);
	(void)evbuffer_add_cb(bufferevent_get_output(bev), on_sent, conn);
	conn->born = http_now();
	conn_phase_set(conn, CONN_READING, server->limits.request_ms);
	TAILQ_INSERT_HEAD(&server->conns, conn, entry);
	if (++server->counters.connections >= server->limits.connections)
		make_room(server);
	adjust_listener(server);
	start_sweep(server);
	return bev;
}

static void
conn_release(struct conn *conn)
{
	struct http_server *server = conn->server;

	TAILQ_REMOVE(&server->conns, conn, entry);
	server->counters.connections--;
	conn_received_all(conn);
	if (conn->request)
		request_gone(conn->request);
	evbuffer_remove_cb(bufferevent_get_input(conn->bev), on_received, conn);
	evbuffer_remove_cb(bufferevent_get_output(conn->bev), on_sent, conn);
	bufferevent_decref(conn->bev);
	free(conn);
	adjust_listener(server);
}

void
conn_closed(struct evhttp_connection *evcon, void *arg)
{
	(void)evcon;
	conn_release(arg);
}

static bool
freed_by_evhttp(const struct conn *conn)
{
	bufferevent_data_cb reads, writes;
	bufferevent_event_cb events;
	void *arg;

	bufferevent_getcb(conn->bev, &reads, &writes, &events, &arg);
	return !reads && !writes && !events;
}

/* Every quarter of a second: forgets what evhttp closed, ends what takes too long. */
static void
sweep(evutil_socket_t fd, short what, void *arg)
{
	struct http_server *server = arg;
	struct conn *conn, *next;
	struct usec now = http_now();

	(void)fd;
	(void)what;
	for (conn = TAILQ_FIRST(&server->conns); conn; conn = next) {
		next = TAILQ_NEXT(conn, entry);
		if (freed_by_evhttp(conn)) {
			conn_release(conn);
		} else if (usec_due(conn->until, now)) {
			server->counters.slow += conn->phase != CONN_IDLE;
			conn_cut(conn);
		}
	}
	if (server->counters.connections >= server->limits.connections)
		make_room(server);
	adjust_listener(server);
	if (!TAILQ_EMPTY(&server->conns) || server->paused)
		start_sweep(server);
}

struct conn *
server_conn_of(struct http_server *server, struct evhttp_request *evreq)
{
	struct evhttp_connection *evcon = evhttp_request_get_connection(evreq);
	struct bufferevent *bev = evhttp_connection_get_bufferevent(evcon);
	struct conn *conn;

	TAILQ_FOREACH(conn, &server->conns, entry)
	if (conn->bev == bev)
		break;
	if (conn) {
		TAILQ_REMOVE(&server->conns, conn, entry);
		TAILQ_INSERT_HEAD(&server->conns, conn, entry);
	}
	return conn;
}

static socklen_t
socket_address(const struct http_options *options, struct sockaddr_storage *out)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)out;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)out;

	memset(out, 0, sizeof(*out));
	if (options->listen.family == IP_V4) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(options->port);
		memcpy(&v4->sin_addr, options->listen.octets, 4);
		return sizeof(*v4);
	}
	v6->sin6_family = AF_INET6;
	v6->sin6_port = htons(options->port);
	memcpy(&v6->sin6_addr, options->listen.octets, 16); /* IP_NONE: any address */
	return sizeof(*v6);
}

static enum pce_status
start_listening(struct http_server *server, const struct http_options *options,
		struct pce_error *err)
{
	unsigned flags = LEV_OPT_CLOSE_ON_FREE | LEV_OPT_REUSEABLE | LEV_OPT_CLOSE_ON_EXEC;
	struct sockaddr_storage address;
	socklen_t len = socket_address(options, &address);
	char text[IP_TEXT];
	int one = 1;

	server->listener = evconnlistener_new_bind(server->loop, NULL, NULL, flags, 1024,
						   (struct sockaddr *)&address, (int)len);
	if (!server->listener)
		return pce_fail(err, PCE_IO, "cannot listen on %s port %u: %s",
				ip_print(&options->listen, text), options->port, strerror(errno));
	setsockopt(evconnlistener_get_fd(server->listener), IPPROTO_TCP, TCP_NODELAY, &one,
		   sizeof(one));
	if (!evhttp_bind_listener(server->http, server->listener)) {
		evconnlistener_free(server->listener);
		server->listener = NULL;
		return pce_no_memory(err);
	}
	return PCE_OK;
}

static enum pce_status
start_evhttp(struct http_server *server, struct pce_error *err)
{
	server->http = evhttp_new(server->loop);
	server->sweep = evtimer_new(server->loop, sweep, server);
	if (!server->http || !server->sweep || !make_spare(server))
		return pce_no_memory(err);
	evhttp_set_allowed_methods(server->http, EVHTTP_REQ_GET | EVHTTP_REQ_HEAD |
						     EVHTTP_REQ_POST | EVHTTP_REQ_PUT |
						     EVHTTP_REQ_DELETE | EVHTTP_REQ_OPTIONS |
						     EVHTTP_REQ_PATCH | EVHTTP_REQ_TRACE);
	evhttp_set_max_headers_size(server->http, (ev_ssize_t)server->limits.header_bytes);
	evhttp_set_max_body_size(server->http, (ev_ssize_t)server->limits.body_bytes);
	evhttp_set_default_content_type(server->http, NULL);
	evhttp_set_bevcb(server->http, new_connection, server);
	evhttp_set_gencb(server->http, request_arrived, server);
	return PCE_OK;
}

static enum pce_status
open_tls(const struct http_server *server, SSL_CTX **out, struct pce_error *err)
{
	SSL_CTX *tls = NULL;
	enum pce_status status =
	    tls_server_context(server->certificate_file, server->key_file, &tls, err);

	if (status == PCE_OK && server->client_ca_file)
		status = tls_ask_clients(tls, server->client_ca_file, server->client_crl_file, err);
	if (status == PCE_OK)
		*out = tls;
	else
		SSL_CTX_free(tls);
	return status;
}

/* Keeps the names of the files and opens them. */
static enum pce_status
start_tls(struct http_server *server, const struct http_options *options, struct pce_error *err)
{
	if (!options->certificate_file)
		return PCE_OK;
	server->certificate_file = array_strdup(options->certificate_file);
	server->key_file = array_strdup(options->key_file);
	if (options->client_ca_file)
		server->client_ca_file = array_strdup(options->client_ca_file);
	if (options->client_crl_file)
		server->client_crl_file = array_strdup(options->client_crl_file);
	if (!server->certificate_file || !server->key_file ||
	    !server->client_ca_file != !options->client_ca_file ||
	    !server->client_crl_file != !options->client_crl_file)
		return pce_no_memory(err);
	return open_tls(server, &server->tls, err);
}

enum pce_status
http_server_reload(struct http_server *server, struct pce_error *err)
{
	SSL_CTX *tls = NULL;
	struct conn *conn;
	enum pce_status status = server->tls ? open_tls(server, &tls, err) : PCE_OK;

	if (status != PCE_OK || !tls)
		return status;
	SSL_CTX_free(server->tls);
	server->tls = tls;
	if (server->spare)
		bufferevent_free(server->spare);
	server->spare = NULL;
	TAILQ_FOREACH(conn, &server->conns, entry)
	if (conn->phase != CONN_CLOSING)
		conn_cut(conn);
	adjust_listener(server);
	return PCE_OK;
}

enum pce_status
http_server_new(const struct http_options *options, struct http_server **out, struct pce_error *err)
{
	struct http_server *server = calloc(1, sizeof(*server));
	enum pce_status status = PCE_OK;

	if (!server)
		return pce_no_memory(err);
	TAILQ_INIT(&server->conns);
	server->loop = options->loop;
	server->limits = options->limits;
	server->handler = options->handler;
	server->refuse = options->refuse;
	server->answered = options->answered;
	server->page = options->page;
	server->page_type = options->page_type;
	server->arg = options->arg;
	signal(SIGPIPE, SIG_IGN);
	status = start_tls(server, options, err);
	if (status == PCE_OK)
		status = start_evhttp(server, err);
	if (status == PCE_OK)
		status = start_listening(server, options, err);
	if (status != PCE_OK) {
		http_server_free(server);
		return status;
	}
	*out = server;
	return PCE_OK;
}

void
http_server_free(struct http_server *server)
{
	struct conn *conn;

	if (!server)
		return;
	server->listener = NULL; /* evhttp's */
	if (server->http)
		evhttp_free(server->http); /* calls conn_closed */
	while ((conn = TAILQ_FIRST(&server->conns)))
		conn_release(conn);
	if (server->spare)
		bufferevent_free(server->spare);
	free(server->spare_conn);
	if (server->sweep)
		event_free(server->sweep);
	SSL_CTX_free(server->tls);
	free(server->certificate_file);
	free(server->key_file);
	free(server->client_ca_file);
	free(server->client_crl_file);
	free(server);
}

uint16_t
http_server_port(const struct http_server *server)
{
	struct sockaddr_storage address;
	socklen_t len = sizeof(address);

	if (getsockname(evconnlistener_get_fd(server->listener), (struct sockaddr *)&address,
			&len) != 0)
		return 0;
	if (address.ss_family == AF_INET)
		return ntohs(((struct sockaddr_in *)&address)->sin_port);
	return ntohs(((struct sockaddr_in6 *)&address)->sin6_port);
}

void
http_server_count(const struct http_server *server, struct http_counters *out)
{
	*out = server->counters;
}
