/*
 * Sockets and descriptors without a kernel. The linker sends socket, connect, recv and the like
 * here (--wrap); descriptors from FIRST_FD on are ours, all others are the kernel's as ever. A
 * connection is two ends and a wire with latency, jitter and faults; bytes arrive in order, in
 * pieces, and never at the instant at which they were sent.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/sim/sim.h"

#define FIRST_FD (1 << 20)
#define KARST_V4 0x0a090001u /* 10.9.0.1 */
#define ADDRESSES 16
#define KEEPALIVE_US (100 * SIM_SECOND)

enum end_kind { END_FRESH, END_CONNECTING, END_FAILED, END_STREAM, END_LISTENER, END_EVENTFD };

struct sim_end {
	int fd;
	enum end_kind kind;
	bool karst; /* belongs to the process under test */
	bool closed, eof; /* by this side; by the other one */
	struct sim_end *peer;
	struct sim_wire *wire;
	struct usec last; /* delivery to this end */
	uint8_t *in;
	size_t at, len, cap;
	uint32_t local, remote; /* IPv4 addresses in host order */
	struct sim_end *accepting[8]; /* a listener's queue */
	size_t n_accepting;
	uint64_t count; /* an eventfd's */
	sim_end_fn *fn;
	void *ctx;
};

struct packet {
	struct sim_timer timer;
	struct packet *next, **before;
	struct sim_end *to;
	bool end; /* the sender closed */
	size_t len;
	uint8_t bytes[];
};

static struct {
	struct sim_end **ends;
	size_t n, cap;
	struct packet *packets;
	struct {
		uint32_t v4;
		struct sim_wire wire;
		bool refused;
	} addresses[ADDRESSES];
	size_t n_addresses;
} net;

/* --- ends --- */

static struct sim_end *
new_end(enum end_kind kind)
{
	struct sim_end *end = sim_alloc(sizeof(*end));

	if (array_reserve(&net.ends, &net.cap, net.n + 1, sizeof(struct sim_end *), NULL))
		abort();
	end->kind = kind;
	end->karst = sim.in_karst;
	end->fd = FIRST_FD + (int)net.n;
	net.ends[net.n++] = end;
	return end;
}

struct sim_end *
net_by_fd(int fd)
{
	size_t at = (size_t)(fd - FIRST_FD);

	return fd >= FIRST_FD && at < net.n ? net.ends[at] : NULL;
}

int
net_fd(const struct sim_end *end)
{
	return end->fd;
}

struct sim_end *
net_peer(const struct sim_end *end)
{
	return end->peer;
}

bool
net_ended(const struct sim_end *end)
{
	return end->eof;
}

short
net_ready(int fd)
{
	const struct sim_end *end = net_by_fd(fd);

	if (!end || end->closed)
		return 0;
	switch (end->kind) {
	case END_FAILED:
		return EV_READ | EV_WRITE;
	case END_STREAM:
		return (short)(EV_WRITE | (end->len > end->at || end->eof ? EV_READ : 0));
	case END_LISTENER:
		return end->n_accepting > 0 ? EV_READ : 0;
	case END_EVENTFD:
		return end->count > 0 ? EV_READ : 0;
	default:
		return 0;
	}
}

/* --- bytes on their way --- */

static void
free_packet(struct packet *p)
{
	*p->before = p->next;
	if (p->next)
		p->next->before = p->before;
	free(p);
}

static void
deliver(void *arg)
{
	struct packet *p = arg;
	struct sim_end *end = p->to;
	size_t size = 1;

	if (!end->closed && end->fn) {
		if (p->end)
			end->eof = true;
		end->fn(end->ctx, end, p->bytes, p->len);
	} else if (!end->closed && p->end) {
		end->eof = true;
	} else if (!end->closed) {
		if (array_reserve(&end->in, &end->cap, end->len + p->len, size, NULL))
			abort();
		memcpy(end->in + end->len, p->bytes, p->len);
		end->len += p->len;
	}
	loop_poke();
	free_packet(p);
}

static void
post(struct sim_end *to, const void *bytes, size_t len, int64_t late_us)
{
	bool closing = len == 0;
	struct sim_wire *w = to->wire;
	struct packet *p = sim_alloc(sizeof(*p) + len);
	int64_t jitter = w->jitter_us > 0 ? (int64_t)sim_below((uint32_t)w->jitter_us) : 0;
	struct usec at = usec_add(sim.now, w->latency_us + jitter + late_us);

	if (len > 0)
		memcpy(p->bytes, bytes, len);
	p->len = len;
	p->end = closing;
	p->to = to;
	p->timer.fire = deliver;
	p->timer.arg = p;
	p->next = net.packets;
	p->before = &net.packets;
	if (p->next)
		p->next->before = &p->next;
	net.packets = p;
	if (at.v < w->stalled_until.v)
		at = w->stalled_until;
	if (at.v <= to->last.v)
		at = usec_add(to->last, 1);
	to->last = at;
	timer_set(&p->timer, at);
}

void
net_send(struct sim_end *end, const void *bytes, size_t len)
{
	const uint8_t *at = bytes;
	size_t first = len > 1 && sim_once_in(8) ? 1 + sim_below((uint32_t)len - 1) : len;

	sim_hash(&sim.now, sizeof(sim.now));
	sim_hash(bytes, len);
	if (len == 0 || end->closed || !end->peer || end->peer->closed || end->wire->black_hole)
		return;
	post(end->peer, at, first, 0);
	if (first < len)
		post(end->peer, at + first, len - first, 0);
}

size_t
net_read(struct sim_end *end, void *buf, size_t cap)
{
	size_t n = end->len - end->at;

	if (n == 0)
		return end->eof ? SIZE_MAX : 0;
	n = n < cap ? n : cap;
	memcpy(buf, end->in + end->at, n);
	end->at += n;
	if (end->at == end->len)
		end->at = end->len = 0;
	return n;
}

void
net_close(struct sim_end *end, bool silent)
{
	if (end->closed)
		return;
	end->closed = true;
	free(end->in);
	end->in = NULL;
	end->at = end->len = end->cap = 0;
	/* Who is not told finds out by TCP's own keepalives. */
	if (end->peer && !end->peer->closed)
		post(end->peer, NULL, 0, silent || end->wire->black_hole ? KEEPALIVE_US : 0);
}

/* What is on its way is lost, and both sides see the end at once. */
void
net_break(struct sim_end *end)
{
	struct sim_end *sides[2] = { end, end->peer };

	for (struct packet *p = net.packets, *next; p; p = next) {
		next = p->next;
		if (p->to != sides[0] && p->to != sides[1])
			continue;
		timer_clear(&p->timer);
		free_packet(p);
	}
	for (int i = 0; i < 2; i++)
		if (sides[i] && !sides[i]->closed && sides[i]->wire)
			post(sides[i], NULL, 0, 0);
}

struct sim_end *
net_pair(struct sim_wire *wire, sim_end_fn *fn, void *ctx, struct sim_end **far)
{
	struct sim_end *near = new_end(END_STREAM), *there = new_end(END_STREAM);

	there->karst = false;
	there->fn = fn;
	there->ctx = ctx;
	near->wire = there->wire = wire;
	near->peer = there;
	there->peer = near;
	*far = there;
	return near;
}

void
net_process_died(bool silent)
{
	for (size_t i = 0; i < net.n; i++)
		if (net.ends[i]->karst)
			net_close(net.ends[i], silent);
}

/* --- addresses --- */

static size_t
address_at(uint32_t v4)
{
	for (size_t i = 0; i < net.n_addresses; i++)
		if (net.addresses[i].v4 == v4)
			return i;
	if (net.n_addresses == ADDRESSES)
		abort();
	net.addresses[net.n_addresses].v4 = v4;
	return net.n_addresses++;
}

struct sim_wire *
net_wire_to(uint32_t v4)
{
	return &net.addresses[address_at(v4)].wire;
}

void
net_refuse(uint32_t v4, bool refuse)
{
	net.addresses[address_at(v4)].refused = refuse;
}

void
net_break_address(uint32_t v4)
{
	for (size_t i = 0; i < net.n; i++)
		if (net.ends[i]->kind == END_STREAM && net.ends[i]->local == v4 &&
		    !net.ends[i]->closed)
			net_break(net.ends[i]);
}

void
net_reset(void)
{
	while (net.packets)
		free_packet(net.packets);
	for (size_t i = 0; i < net.n; i++) {
		free(net.ends[i]->in);
		free(net.ends[i]);
	}
	free(net.ends);
	memset(&net, 0, sizeof(net));
}

/* --- the kernel's names --- */

int __real_close(int fd);
ssize_t __real_read(int fd, void *buf, size_t len);
ssize_t __real_write(int fd, const void *buf, size_t len);
int __wrap_socket(int family, int type, int protocol);
int __wrap_connect(int fd, const struct sockaddr *to, socklen_t len);
int __wrap_bind(int fd, const struct sockaddr *at, socklen_t len);
int __wrap_listen(int fd, int backlog);
int __wrap_accept4(int fd, struct sockaddr *from, socklen_t *len, int flags);
int __wrap_getsockname(int fd, struct sockaddr *at, socklen_t *len);
int __wrap_getsockopt(int fd, int level, int name, void *value, socklen_t *len);
int __wrap_setsockopt(int fd, int level, int name, const void *value, socklen_t len);
int __wrap_shutdown(int fd, int how);
int __wrap_close(int fd);
ssize_t __wrap_send(int fd, const void *buf, size_t len, int flags);
ssize_t __wrap_recv(int fd, void *buf, size_t len, int flags);
int __wrap_eventfd(unsigned count, int flags);
ssize_t __wrap_read(int fd, void *buf, size_t len);
ssize_t __wrap_write(int fd, const void *buf, size_t len);

static uint32_t
v4_of(const struct sockaddr *a)
{
	struct sockaddr_in in;

	memcpy(&in, a, sizeof(in));
	return ntohl(in.sin_addr.s_addr);
}

static void
put_v4(struct sockaddr *to, socklen_t *len, uint32_t v4)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(179) };

	in.sin_addr.s_addr = htonl(v4);
	memcpy(to, &in, sizeof(in));
	*len = sizeof(in);
}

int
__wrap_socket(int family, int type, int protocol)
{
	(void)family, (void)type, (void)protocol;
	return new_end(END_FRESH)->fd;
}

int
__wrap_bind(int fd, const struct sockaddr *at, socklen_t len)
{
	(void)len;
	net_by_fd(fd)->local = v4_of(at);
	return 0;
}

int
__wrap_listen(int fd, int backlog)
{
	(void)backlog;
	net_by_fd(fd)->kind = END_LISTENER;
	return 0;
}

static struct sim_end *
listener_at(uint32_t v4)
{
	for (size_t i = 0; i < net.n; i++)
		if (net.ends[i]->kind == END_LISTENER && !net.ends[i]->closed &&
		    net.ends[i]->local == v4)
			return net.ends[i];
	return NULL;
}

/* The other side was reached, or not. */
static void
connected(void *arg)
{
	struct sim_end *end = arg, *listener = listener_at(end->remote), *there;
	size_t address = address_at(end->remote);

	if (end->closed)
		return;
	loop_poke();
	if (!listener || net.addresses[address].refused || listener->n_accepting == 8) {
		end->kind = END_FAILED;
		return;
	}
	there = new_end(END_STREAM);
	there->karst = listener->karst;
	end->kind = END_STREAM;
	end->wire = there->wire = &net.addresses[address].wire;
	end->peer = there;
	there->peer = end;
	there->local = end->remote;
	there->remote = end->local;
	listener->accepting[listener->n_accepting++] = there;
}

int
__wrap_connect(int fd, const struct sockaddr *to, socklen_t len)
{
	struct sim_end *end = net_by_fd(fd);

	(void)len;
	end->kind = END_CONNECTING;
	end->remote = v4_of(to);
	if (end->local == 0)
		end->local = KARST_V4;
	loop_once(usec_add(sim.now, 1000 + net_wire_to(end->remote)->latency_us), connected, end);
	errno = EINPROGRESS;
	return -1;
}

int
__wrap_accept4(int fd, struct sockaddr *from, socklen_t *len, int flags)
{
	struct sim_end *listener = net_by_fd(fd), *end;

	(void)flags;
	if (listener->n_accepting == 0) {
		errno = EAGAIN;
		return -1;
	}
	end = listener->accepting[0];
	listener->n_accepting--;
	memmove(listener->accepting, listener->accepting + 1,
		listener->n_accepting * sizeof(struct sim_end *));
	put_v4(from, len, end->remote);
	return end->fd;
}

int
__wrap_getsockname(int fd, struct sockaddr *at, socklen_t *len)
{
	put_v4(at, len, net_by_fd(fd)->local);
	return 0;
}

int
__wrap_getsockopt(int fd, int level, int name, void *value, socklen_t *len)
{
	int error = net_by_fd(fd)->kind == END_FAILED ? ECONNREFUSED : 0;

	(void)level, (void)name;
	memcpy(value, &error, sizeof(error));
	*len = sizeof(error);
	return 0;
}

int
__wrap_setsockopt(int fd, int level, int name, const void *value, socklen_t len)
{
	(void)fd, (void)level, (void)name, (void)value, (void)len;
	return 0;
}

int
__wrap_shutdown(int fd, int how)
{
	(void)fd, (void)how;
	return 0;
}

int
__wrap_close(int fd)
{
	struct sim_end *end = net_by_fd(fd);

	if (fd < FIRST_FD)
		return __real_close(fd);
	if (end)
		net_close(end, end->karst && sim.dead);
	return 0;
}

ssize_t
__wrap_send(int fd, const void *buf, size_t len, int flags)
{
	struct sim_end *end = net_by_fd(fd);

	(void)flags;
	if (end->closed || end->eof || (end->karst && sim.dead)) {
		errno = EPIPE;
		return -1;
	}
	net_send(end, buf, len);
	return (ssize_t)len;
}

ssize_t
__wrap_recv(int fd, void *buf, size_t len, int flags)
{
	struct sim_end *end = net_by_fd(fd);
	size_t n;

	(void)flags;
	if (end->closed || end->kind != END_STREAM) {
		errno = ECONNRESET;
		return -1;
	}
	n = net_read(end, buf, len);
	if (n == SIZE_MAX)
		return 0;
	if (n == 0)
		errno = EAGAIN;
	return n == 0 ? -1 : (ssize_t)n;
}

int
__wrap_eventfd(unsigned count, int flags)
{
	struct sim_end *end = new_end(END_EVENTFD);

	(void)flags;
	end->count = count;
	return end->fd;
}

ssize_t
__wrap_read(int fd, void *buf, size_t len)
{
	struct sim_end *end = net_by_fd(fd);

	if (!end)
		return __real_read(fd, buf, len);
	if (end->count == 0) {
		errno = EAGAIN;
		return -1;
	}
	memcpy(buf, &end->count, sizeof(end->count));
	end->count = 0;
	return (ssize_t)len;
}

ssize_t
__wrap_write(int fd, const void *buf, size_t len)
{
	struct sim_end *end = net_by_fd(fd);
	uint64_t more;

	if (!end)
		return __real_write(fd, buf, len);
	memcpy(&more, buf, sizeof(more));
	end->count += more;
	loop_poke();
	return (ssize_t)len;
}
