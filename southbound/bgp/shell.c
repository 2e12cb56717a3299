/*
 * The thin side of BGP: sockets, timers, the clock.
 *
 * Each peer has up to two connections (it may open one while ours is under way). Reading stops
 * while octets of the last read still wait to be decoded; they go on in the next turn of the loop,
 * so a peer that dumps a large table cannot hold up the others. A peer that sends in many small
 * pieces (gobgpd writes each UPDATE alone) would wake the loop for each: past some rate its socket
 * is looked at once a millisecond, which saves a quarter of the CPU of a dump and delays nobody in
 * calm times.
 */
#define _GNU_SOURCE

#include "southbound/bgp/shell.h"

#include <errno.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "southbound/bgp/notify.h"
#include "southbound/bgp/protect.h"
#include "southbound/clock.h"

#define TURN_US (5 * USEC_PER_MS)
#define CLOCK_EVERY 16 /* events between two looks at the clock */
#define WRITE_CHUNK 65536
#define WRITES_PER_TURN 16
#define DRAIN_READS 16
#define PACE_WINDOW_US (10 * USEC_PER_MS)
#define PACE_READS 40 /* small reads in one window from which on they are paced */
#define PACE_SMALL 8192 /* octets */
#define SYN_RETRIES 3 /* a connection that is not answered is given up after 15 s */

struct connection {
	struct bgp_shell_peer *peer;
	enum bgp_side side;
	int fd; /* -1: none */
	bool connecting;
	struct event *readable, *writable;
	uint8_t *unsent; /* taken from the session, not yet by the socket */
	size_t unsent_at, unsent_len;
	struct usec received;
	struct usec window; /* begin of the window in which small_reads were made */
	unsigned small_reads;
	struct event *pace; /* ends a pause of reading */
};

struct bgp_shell_peer {
	struct bgp_shell *shell;
	struct bgp_shell_peer *next;
	struct bgp_shell_peer_config config;
	char password[BGP_PASSWORD_MAX + 1]; /* "": unsigned */
	void *owner;
	struct bgp_peer *peer;
	struct connection connections[BGP_SIDES];
	struct event *timer, *more;
};

struct listener {
	struct bgp_shell *shell;
	uint8_t family; /* enum ip_family */
	int fd;
	struct event *readable;
};

struct bgp_shell {
	struct event_base *base;
	bgp_clock_fn *clock;
	bgp_shell_event_fn *on_event;
	void *ctx;
	uint64_t seed;
	struct listener *listeners;
	size_t n_listeners;
	struct bgp_shell_peer *peers;
	uint8_t in[BGP_INPUT_MAX];
};

static void run(struct bgp_shell_peer *p);

static socklen_t
to_sockaddr(const struct ip_addr *addr, uint16_t port, struct sockaddr_storage *out)
{
	memset(out, 0, sizeof(*out));
	if (addr->family == IP_V4) {
		struct sockaddr_in *v4 = (struct sockaddr_in *)out;

		v4->sin_family = AF_INET;
		v4->sin_port = htons(port);
		memcpy(&v4->sin_addr, addr->octets, 4);
		return sizeof(*v4);
	}
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)out;

	v6->sin6_family = AF_INET6;
	v6->sin6_port = htons(port);
	memcpy(&v6->sin6_addr, addr->octets, 16);
	return sizeof(*v6);
}

static struct ip_addr
from_sockaddr(const struct sockaddr_storage *from)
{
	uint8_t octets[16];

	if (from->ss_family == AF_INET) {
		memcpy(octets, &((const struct sockaddr_in *)from)->sin_addr, 4);
		return ip_v4(octets);
	}
	memcpy(octets, &((const struct sockaddr_in6 *)from)->sin6_addr, 16);
	return ip_v6(octets);
}

static int
open_socket(const struct ip_addr *addr)
{
	int one = 1;
	int fd = socket(addr->family == IP_V4 ? AF_INET : AF_INET6,
			SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);

	if (fd >= 0)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	return fd;
}

static void
close_connection(struct connection *c)
{
	if (c->readable)
		event_free(c->readable);
	if (c->writable)
		event_free(c->writable);
	if (c->pace)
		event_free(c->pace);
	c->readable = c->writable = c->pace = NULL;
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
	c->connecting = false;
	free(c->unsent);
	c->unsent = NULL;
	c->unsent_at = c->unsent_len = 0;
}

static void
lost(struct connection *c, const char *what, int error)
{
	struct bgp_session *s = bgp_peer_session(c->peer->peer, c->side);
	char text[160];

	if (error)
		snprintf(text, sizeof(text), "%s: %s", what, strerror(error));
	else
		snprintf(text, sizeof(text), "%s", what);
	c->unsent_at = c->unsent_len = 0;
	if (s)
		bgp_lost(s, text);
}

/* Sends what is taken from the session already. False: the socket takes no more for now. */
static bool
send_unsent(struct connection *c)
{
	while (c->unsent_at < c->unsent_len) {
		ssize_t n = send(c->fd, c->unsent + c->unsent_at, c->unsent_len - c->unsent_at,
				 MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			if (errno != EAGAIN && errno != EWOULDBLOCK)
				lost(c, "sending failed", errno);
			return false;
		}
		c->unsent_at += (size_t)n;
	}
	return true;
}

static void
flush_connection(struct connection *c)
{
	struct bgp_session *s = bgp_peer_session(c->peer->peer, c->side);

	if (!s || c->fd < 0 || c->connecting)
		return;
	if (!c->unsent && !(c->unsent = malloc(WRITE_CHUNK))) {
		lost(c, "out of memory", 0);
		return;
	}
	for (int i = 0; i < WRITES_PER_TURN && send_unsent(c); i++) {
		c->unsent_at = 0;
		c->unsent_len = bgp_output(s, c->unsent, WRITE_CHUNK);
		if (c->unsent_len == 0) {
			event_del(c->writable);
			return;
		}
	}
	event_add(c->writable, NULL);
}

void
bgp_shell_flush(struct bgp_shell_peer *p)
{
	for (int side = 0; side < BGP_SIDES; side++)
		flush_connection(&p->connections[side]);
}

/* The connection stands: gives it to the peer's state machine. */
static void
start_session(struct connection *c)
{
	struct bgp_shell_peer *p = c->peer;

	c->connecting = false;
	if (bgp_peer_connected(p->peer, c->side, p->shell->clock(), NULL)) {
		close_connection(c);
		return;
	}
	event_add(c->readable, NULL);
}

/* Tells that a connection could not be opened; the next attempt comes after a pause. */
static void
connect_failed(struct connection *c, int error)
{
	struct bgp_shell_peer *p = c->peer;
	struct bgp_event event = { .kind = BGP_EVENT_DOWN };
	char text[240], word[IP_TEXT];

	/* A wrong password looks like nobody: neither kernel answers what is signed otherwise. */
	snprintf(text, sizeof(text), "cannot connect to %s port %u: %s%s",
		 ip_print(&p->config.address, word), p->config.port, strerror(error),
		 p->password[0] && error == ETIMEDOUT
		     ? " (the session is signed by TCP MD5: is the password the same at both "
		       "ends?)"
		     : "");
	event.text = text;
	close_connection(c);
	bgp_peer_connect_failed(p->peer, p->shell->clock());
	p->shell->on_event(p->shell->ctx, p, &event, p->shell->clock());
}

static void
on_writable(evutil_socket_t fd, short what, void *arg)
{
	struct connection *c = arg;
	struct bgp_shell_peer *p = c->peer;
	int error = 0;
	socklen_t len = sizeof(error);

	(void)fd;
	(void)what;
	if (c->connecting) {
		event_del(c->writable);
		getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &len);
		if (error)
			connect_failed(c, error);
		else
			start_session(c);
	}
	run(p);
}

static void
on_pace(evutil_socket_t fd, short what, void *arg)
{
	struct connection *c = arg;

	(void)fd;
	(void)what;
	event_add(c->readable, NULL);
}

/* Counts a read of n octets; pauses reading for a millisecond where small ones come thick. */
static void
pace(struct connection *c, ssize_t n)
{
	static const struct timeval pause = { 0, USEC_PER_MS };

	if (n <= 0 || n >= PACE_SMALL)
		return;
	if (c->received.v - c->window.v > PACE_WINDOW_US) {
		c->window = c->received;
		c->small_reads = 0;
	}
	if (++c->small_reads > PACE_READS) {
		c->small_reads = PACE_READS;
		event_del(c->readable);
		event_add(c->pace, &pause);
	}
}

static void
on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct connection *c = arg;
	struct bgp_shell *shell = c->peer->shell;
	struct bgp_session *s = bgp_peer_session(c->peer->peer, c->side);
	ssize_t n;

	(void)what;
	if (!s || bgp_pending(s))
		return;
	n = recv(fd, shell->in, sizeof(shell->in), 0);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	c->received = shell->clock();
	pace(c, n);
	if (n > 0)
		bgp_input(s, shell->in, (size_t)n, c->received, NULL);
	else
		lost(c, n == 0 ? "the peer closed the connection" : "receiving failed",
		     n == 0 ? 0 : errno);
	run(c->peer);
}

static bool
watch(struct connection *c)
{
	struct event_base *base = c->peer->shell->base;

	c->readable = event_new(base, c->fd, EV_READ | EV_PERSIST, on_readable, c);
	c->writable = event_new(base, c->fd, EV_WRITE | EV_PERSIST, on_writable, c);
	c->pace = evtimer_new(base, on_pace, c);
	return c->readable && c->writable && c->pace;
}

/* Signature and TTL, before a socket connects. */
static bool
protect(const struct bgp_shell_peer *p, int fd)
{
	int retries = SYN_RETRIES;

	setsockopt(fd, IPPROTO_TCP, TCP_SYNCNT, &retries, sizeof(retries));
	return (!p->password[0] ||
		bgp_protect_md5(fd, &p->config.address, p->password, NULL) == PCE_OK) &&
	       (!p->config.ttl_hops ||
		bgp_protect_ttl(fd, &p->config.address, p->config.ttl_hops, NULL) == PCE_OK);
}

static void
open_connection(struct bgp_shell_peer *p)
{
	struct connection *c = &p->connections[BGP_OUTGOING];
	struct sockaddr_storage to, from;
	socklen_t to_len = to_sockaddr(&p->config.address, p->config.port, &to);
	socklen_t from_len = to_sockaddr(&p->config.local, 0, &from);
	bool ok;

	c->fd = open_socket(&p->config.address);
	ok = c->fd >= 0 && watch(c) && protect(p, c->fd);
	if (ok && p->config.local.family != IP_NONE)
		ok = bind(c->fd, (struct sockaddr *)&from, from_len) == 0;
	if (ok)
		ok = connect(c->fd, (struct sockaddr *)&to, to_len) == 0 || errno == EINPROGRESS;
	if (!ok) {
		connect_failed(c, errno);
		return;
	}
	c->connecting = true;
	event_add(c->writable, NULL);
}

/* Unread octets at close would make the kernel send a reset, and that can overtake our
 * NOTIFICATION: reads what is there, within bounds. */
static void
drain(struct connection *c)
{
	shutdown(c->fd, SHUT_WR);
	for (int i = 0; i < DRAIN_READS; i++)
		if (recv(c->fd, c->peer->shell->in, BGP_INPUT_MAX, 0) <= 0)
			break;
}

/* Closes what has ended. What the socket did not take of the last words by now is given up. */
static void
reap(struct bgp_shell_peer *p)
{
	for (int side = 0; side < BGP_SIDES; side++) {
		struct connection *c = &p->connections[side];
		struct bgp_session *s = bgp_peer_session(p->peer, (enum bgp_side)side);

		if (!s || bgp_session_state(s) != BGP_CLOSED || bgp_pending(s))
			continue;
		drain(c);
		close_connection(c);
		bgp_peer_closed(p->peer, (enum bgp_side)side, p->shell->clock());
	}
}

static void
arm_timer(struct bgp_shell_peer *p, struct usec now)
{
	struct usec at = bgp_peer_deadline(p->peer);
	struct timeval tv;
	int64_t wait;

	if (at.v == USEC_NEVER.v) {
		event_del(p->timer);
		return;
	}
	wait = at.v > now.v ? at.v - now.v : 0;
	tv.tv_sec = wait / USEC_PER_S;
	tv.tv_usec = wait % USEC_PER_S;
	event_add(p->timer, &tv);
}

/* Tells the events there are; false if the turn is over before all are told. *now moves on. */
static bool
tell_events(struct bgp_shell_peer *p, struct usec *now)
{
	struct bgp_shell *shell = p->shell;
	struct usec end = usec_add(*now, TURN_US);
	struct bgp_event event;
	enum bgp_side side;

	for (unsigned n = 1; bgp_peer_next(p->peer, *now, &event, &side); n++) {
		bool silent = event.kind == BGP_EVENT_OPENED;

		if (!silent)
			shell->on_event(shell->ctx, p, &event, p->connections[side].received);
		if (n % CLOCK_EVERY == 0) {
			*now = shell->clock();
			if (usec_due(end, *now))
				return false;
		}
	}
	return true;
}

/* Everything a peer has to do now. */
static void
run(struct bgp_shell_peer *p)
{
	static const struct timeval at_once = { 0, 0 };
	struct usec now = p->shell->clock();

	bgp_peer_tick(p->peer, now);
	if (bgp_peer_wants_connect(p->peer, now))
		open_connection(p);
	if (!tell_events(p, &now))
		event_add(p->more, &at_once);
	bgp_shell_flush(p);
	reap(p);
	arm_timer(p, now);
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	run(arg);
}

/* A peer that may have sent the connection; NULL if it comes from nobody we know. */
static struct bgp_shell_peer *
peer_of(struct bgp_shell *shell, const struct ip_addr *from)
{
	for (struct bgp_shell_peer *p = shell->peers; p; p = p->next)
		if (ip_compare(&p->config.address, from) == 0)
			return p;
	return NULL;
}

/* A router that crashed comes back before its old connection times out here. If it offered graceful
 * restart, the new connection replaces the old one of the same direction (RFC 4724 section 5). */
static void
replace_stale(struct connection *c)
{
	struct bgp_session *s = bgp_peer_session(c->peer->peer, c->side);

	if (c->fd < 0 || !s || bgp_session_state(s) != BGP_ESTABLISHED ||
	    !bgp_session_peer(s)->graceful_restart)
		return;
	lost(c, "the peer restarted and opened a new connection", 0);
	run(c->peer);
}

static void
on_accept(evutil_socket_t fd, short what, void *arg)
{
	struct listener *listener = arg;
	struct sockaddr_storage from;
	socklen_t len = sizeof(from);
	int one = 1,
	    accepted = accept4(fd, (struct sockaddr *)&from, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
	struct bgp_shell_peer *p;
	struct connection *c;
	struct ip_addr address;

	(void)what;
	if (accepted < 0)
		return;
	address = from_sockaddr(&from);
	p = peer_of(listener->shell, &address);
	c = p ? &p->connections[BGP_INCOMING] : NULL;
	if (c)
		replace_stale(c);
	if (!c || c->fd >= 0) {
		close(accepted);
		return;
	}
	setsockopt(accepted, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (p->config.ttl_hops && bgp_protect_ttl(accepted, &address, p->config.ttl_hops, NULL)) {
		close(accepted);
		return;
	}
	c->fd = accepted;
	if (watch(c))
		start_session(c);
	else
		close_connection(c);
	run(p);
}

static enum pce_status
listen_on(struct bgp_shell *shell, const struct ip_addr *addr, uint16_t port, struct pce_error *err)
{
	struct listener *l = &shell->listeners[shell->n_listeners];
	struct sockaddr_storage at;
	socklen_t len = to_sockaddr(addr, port, &at);
	char word[IP_TEXT];
	int one = 1;

	*l = (struct listener){ .shell = shell, .family = addr->family, .fd = open_socket(addr) };
	if (l->fd >= 0) {
		setsockopt(l->fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
		if (addr->family == IP_V6)
			setsockopt(l->fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one));
	}
	if (l->fd < 0 || bind(l->fd, (struct sockaddr *)&at, len) || listen(l->fd, 64)) {
		int error = errno;

		if (l->fd >= 0)
			close(l->fd);
		return pce_fail(err, PCE_IO, "BGP cannot listen on %s port %u: %s",
				ip_print(addr, word), port, strerror(error));
	}
	l->readable = event_new(shell->base, l->fd, EV_READ | EV_PERSIST, on_accept, l);
	shell->n_listeners++;
	if (!l->readable || event_add(l->readable, NULL))
		return pce_no_memory(err);
	return PCE_OK;
}

enum pce_status
bgp_shell_new(struct event_base *base, const struct bgp_shell_config *config,
	      bgp_shell_event_fn *on_event, void *ctx, struct bgp_shell **out,
	      struct pce_error *err)
{
	struct bgp_shell *shell = calloc(1, sizeof(*shell));
	enum pce_status status = PCE_OK;
	uint16_t port = config->listen_port;

	if (shell)
		shell->listeners = calloc(config->n_listen + 1, sizeof(*shell->listeners));
	if (!shell || !shell->listeners) {
		free(shell);
		return pce_no_memory(err);
	}
	shell->base = base;
	shell->clock = config->clock ? config->clock : monotonic_now;
	shell->on_event = on_event;
	shell->ctx = ctx;
	shell->seed = config->seed;
	for (size_t i = 0; !status && i < config->n_listen; i++) {
		status = listen_on(shell, &config->listen[i], port, err);
		if (!status)
			port = bgp_shell_port(shell);
	}
	if (status) {
		bgp_shell_free(shell);
		return status;
	}
	*out = shell;
	return PCE_OK;
}

uint16_t
bgp_shell_port(const struct bgp_shell *shell)
{
	struct sockaddr_storage at;
	socklen_t len = sizeof(at);

	if (shell->n_listeners == 0 ||
	    getsockname(shell->listeners[0].fd, (struct sockaddr *)&at, &len))
		return 0;
	return ntohs(at.ss_family == AF_INET ? ((struct sockaddr_in *)&at)->sin_port
					     : ((struct sockaddr_in6 *)&at)->sin6_port);
}

static void
free_peer(struct bgp_shell_peer *p)
{
	for (int side = 0; side < BGP_SIDES; side++)
		close_connection(&p->connections[side]);
	if (p->timer)
		event_free(p->timer);
	if (p->more)
		event_free(p->more);
	bgp_peer_free(p->peer);
	explicit_bzero(p->password, sizeof(p->password));
	free(p);
}

void
bgp_shell_free(struct bgp_shell *shell)
{
	if (!shell)
		return;
	while (shell->peers) {
		struct bgp_shell_peer *p = shell->peers;

		shell->peers = p->next;
		free_peer(p);
	}
	for (size_t i = 0; i < shell->n_listeners; i++) {
		if (shell->listeners[i].readable)
			event_free(shell->listeners[i].readable);
		close(shell->listeners[i].fd);
	}
	free(shell->listeners);
	free(shell);
}

/* The listening sockets have to know the password before the peer's first segment, and answer with
 * the full TTL. */
static enum pce_status
protect_listeners(const struct bgp_shell *shell, const struct bgp_shell_peer_config *config,
		  struct pce_error *err)
{
	enum pce_status status = PCE_OK;

	for (size_t i = 0; i < shell->n_listeners && !status; i++) {
		const struct listener *l = &shell->listeners[i];

		if (l->family != config->address.family)
			continue;
		if (config->password)
			status = bgp_protect_md5(l->fd, &config->address, config->password, err);
		if (!status && config->ttl_hops)
			status = bgp_protect_ttl(l->fd, &config->address, 0, err);
	}
	return status;
}

enum pce_status
bgp_shell_add(struct bgp_shell *shell, const struct bgp_shell_peer_config *config, void *owner,
	      struct bgp_shell_peer **out, struct pce_error *err)
{
	static const struct timeval at_once = { 0, 0 };
	struct bgp_shell_peer *p;
	char word[IP_TEXT];

	if (peer_of(shell, &config->address))
		return pce_fail(err, PCE_EXISTS, "a BGP peer has the address %s already",
				ip_print(&config->address, word));
	if (protect_listeners(shell, config, err))
		return PCE_IO;
	p = calloc(1, sizeof(*p));
	if (!p)
		return pce_no_memory(err);
	p->shell = shell;
	p->config = *config;
	if (config->password)
		snprintf(p->password, sizeof(p->password), "%s", config->password);
	p->config.password = NULL;
	p->owner = owner;
	for (int side = 0; side < BGP_SIDES; side++)
		p->connections[side] =
		    (struct connection){ .peer = p, .side = (enum bgp_side)side, .fd = -1 };
	p->timer = evtimer_new(shell->base, on_timer, p);
	p->more = evtimer_new(shell->base, on_timer, p);
	shell->seed = shell->seed * 6364136223846793005ULL + 1442695040888963407ULL;
	if (!p->timer || !p->more ||
	    bgp_peer_new(&config->peer, shell->seed, shell->clock(), &p->peer, NULL)) {
		free_peer(p);
		return pce_no_memory(err);
	}
	p->next = shell->peers;
	shell->peers = p;
	event_add(p->more, &at_once);
	*out = p;
	return PCE_OK;
}

void *
bgp_shell_peer_owner(const struct bgp_shell_peer *peer)
{
	return peer->owner;
}

struct bgp_session *
bgp_shell_established(struct bgp_shell_peer *p)
{
	for (int side = 0; side < BGP_SIDES; side++) {
		struct bgp_session *s = bgp_peer_session(p->peer, (enum bgp_side)side);

		if (s && bgp_session_state(s) == BGP_ESTABLISHED)
			return s;
	}
	return NULL;
}

void
bgp_shell_stop(struct bgp_shell_peer *p, const char *reason)
{
	static const struct timeval at_once = { 0, 0 };

	bgp_peer_stop(p->peer, reason);
	event_add(p->more, &at_once);
}
