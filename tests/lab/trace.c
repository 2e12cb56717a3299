#define _GNU_SOURCE
#include "tests/lab/trace.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "pce/base/array.h"
#include "tests/lab/space.h"

#define PORT 7785
#define PATIENCE_US 1000000
#define QUIET_US 20000 /* after the last packet has arrived */
#define INTERFACE_BASE 100

struct mark {
	char magic[8];
	uint64_t run;
	uint32_t packet;
	int64_t sent_ns; /* CLOCK_REALTIME, as the kernel's stamps */
};

struct trace {
	const struct lab_network *network;
	struct site *sites;
	struct mark mark;
	int *fds; /* one for each router */
	int sink;
	struct trace_hop *hops;
	size_t n, cap;
	uint32_t arrived;
};

static int64_t
clock_ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* --- sockets --- */

static int
ear(void)
{
	int fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, htons(ETH_P_IPV6));
	int one = 1, size = 1 << 20;

	if (fd >= 0) {
		setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &one, sizeof one);
		setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
	}
	return fd;
}

static int
udp(int family, bool bound)
{
	int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), one = 1;
	struct sockaddr_in6 six = { .sin6_family = AF_INET6, .sin6_port = htons(PORT) };
	struct sockaddr_in four = { .sin_family = AF_INET, .sin_port = htons(PORT) };
	const struct sockaddr *any = family == AF_INET ? (void *)&four : (void *)&six;

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &one, sizeof one);
	if (!bound || bind(fd, any, family == AF_INET ? sizeof four : sizeof six) == 0)
		return fd;
	close(fd);
	return -1;
}

static enum pce_status
open_ears(struct trace *t, uint32_t to, int family, struct pce_error *err)
{
	enum pce_status status = PCE_OK;

	for (uint32_t r = 0; r < t->network->n_routers && !status; r++) {
		status = space_enter(t->sites[r].space, err);
		t->fds[r] = status ? -1 : ear();
		if (!status && t->fds[r] < 0)
			status = pce_fail(err, PCE_LIMIT, "no socket at %s: %s",
					  t->network->routers[r].name, strerror(errno));
	}
	if (!status)
		status = space_enter(t->sites[to].host_space, err);
	if (status)
		return status;
	t->sink = udp(family, true);
	return t->sink >= 0 ? PCE_OK
			    : pce_fail(err, PCE_IO, "the host of %s cannot listen: %s",
				       t->network->routers[to].name, strerror(errno));
}

int
trace_prepare(void)
{
	return udp(AF_INET6, false);
}

/* Each packet from a socket of its own: another port, another flow. */
static enum pce_status
send_marked(struct trace *t, uint32_t from, const struct ip_addr *to, uint32_t packets,
	    struct pce_error *err)
{
	struct sockaddr_in6 six = { .sin6_family = AF_INET6, .sin6_port = htons(PORT) };
	struct sockaddr_in four = { .sin_family = AF_INET, .sin_port = htons(PORT) };
	bool v4 = to->family == IP_V4;
	enum pce_status status = space_enter(t->sites[from].host_space, err);

	memcpy(&six.sin6_addr, to->octets, 16);
	memcpy(&four.sin_addr, to->octets, 4);
	for (uint32_t i = 0; i < packets && !status; i++) {
		int fd = udp(v4 ? AF_INET : AF_INET6, false);

		t->mark.packet = i;
		t->mark.sent_ns = clock_ns(CLOCK_REALTIME);
		if (fd < 0 ||
		    sendto(fd, &t->mark, sizeof t->mark, 0, v4 ? (void *)&four : (void *)&six,
			   v4 ? sizeof four : sizeof six) < 0)
			status = pce_fail(err, PCE_IO, "the host of %s cannot send: %s",
					  t->network->routers[from].name, strerror(errno));
		if (fd >= 0)
			close(fd);
	}
	return status;
}

/* --- what is seen --- */

static enum pce_status
note(struct trace *t, uint32_t link, const struct mark *mark, int64_t at_ns, struct pce_error *err)
{
	enum pce_status status = array_reserve(&t->hops, &t->cap, t->n + 1, sizeof *t->hops, err);

	if (!status)
		t->hops[t->n++] =
		    (struct trace_hop){ mark->packet, link, (at_ns - mark->sent_ns) / 1000 };
	return status;
}

/* The link by which a packet came in at an interface; LAB_NONE: none of the network. */
static uint32_t
link_of(const struct lab_network *net, int interface)
{
	uint32_t n = (uint32_t)interface - INTERFACE_BASE;

	if (interface < INTERFACE_BASE)
		return LAB_NONE;
	return n < net->n_links ? net->links[n].reverse : n - net->n_links;
}

static ssize_t
receive(int fd, uint8_t *octets, size_t cap, struct sockaddr_ll *from, int64_t *at_ns)
{
	_Alignas(struct cmsghdr) uint8_t control[128];
	struct iovec part = { octets, cap };
	struct msghdr m = { .msg_name = from,
			    .msg_namelen = from != NULL ? sizeof *from : 0,
			    .msg_iov = &part,
			    .msg_iovlen = 1,
			    .msg_control = control,
			    .msg_controllen = sizeof control };
	ssize_t n = recvmsg(fd, &m, 0);
	struct timespec stamp;

	*at_ns = clock_ns(CLOCK_REALTIME);
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); n > 0 && c != NULL; c = CMSG_NXTHDR(&m, c))
		if (c->cmsg_type == SO_TIMESTAMPNS) {
			memcpy(&stamp, CMSG_DATA(c), sizeof stamp);
			*at_ns = (int64_t)stamp.tv_sec * 1000000000 + stamp.tv_nsec;
		}
	return n;
}

/* Takes what a socket has; a router's (arrival false) or the destination's. */
static enum pce_status
listen_to(struct trace *t, int fd, bool arrival, struct pce_error *err)
{
	uint8_t octets[2100];
	enum pce_status status = PCE_OK;
	struct sockaddr_ll from = { 0 };
	int64_t at_ns;
	ssize_t n;

	while (!status &&
	       (n = receive(fd, octets, sizeof octets, arrival ? NULL : &from, &at_ns)) > 0) {
		const uint8_t *found =
		    memmem(octets, (size_t)n, &t->mark, offsetof(struct mark, packet));
		uint32_t link = arrival ? LAB_NONE : link_of(t->network, from.sll_ifindex);
		struct mark mark;

		if (found == NULL || (size_t)(octets + n - found) < sizeof mark ||
		    (!arrival && (from.sll_pkttype != PACKET_HOST || link == LAB_NONE)))
			continue;
		memcpy(&mark, found, sizeof mark);
		status = note(t, link, &mark, at_ns, err);
		t->arrived += arrival;
	}
	return status;
}

static enum pce_status
listen_all(struct trace *t, uint32_t packets, struct pce_error *err)
{
	int64_t end = clock_ns(CLOCK_MONOTONIC) / 1000 + PATIENCE_US;
	enum pce_status status = PCE_OK;
	bool quiet = false;

	for (;;) {
		int64_t now = clock_ns(CLOCK_MONOTONIC) / 1000;
		struct pollfd sink = { .fd = t->sink, .events = POLLIN };

		if (status || now >= end)
			break;
		poll(&sink, 1, 5);
		status = listen_to(t, t->sink, true, err);
		if (t->arrived >= packets && !quiet) {
			quiet = true;
			end = now + QUIET_US;
		}
	}
	for (uint32_t r = 0; r < t->network->n_routers && !status; r++)
		status = listen_to(t, t->fds[r], false, err);
	return status;
}

static int
by_time(const void *a, const void *b)
{
	const struct trace_hop *x = a, *y = b;

	if (x->packet != y->packet)
		return x->packet < y->packet ? -1 : 1;
	return x->at_us < y->at_us ? -1 : x->at_us > y->at_us;
}

/* --- all of it --- */

static enum pce_status
run(struct trace *t, uint32_t from, const struct ip_addr *destination, uint32_t to,
    uint32_t packets, struct pce_error *err)
{
	enum pce_status status =
	    open_ears(t, to, destination->family == IP_V4 ? AF_INET : AF_INET6, err);

	if (!status)
		status = send_marked(t, from, destination, packets, err);
	return status ? status : listen_all(t, packets, err);
}

enum pce_status
trace_run(const struct lab_network *network, struct site *sites, uint32_t from,
	  const struct ip_addr *destination, uint32_t to, uint32_t packets, struct trace_hop **hops,
	  size_t *n, struct pce_error *err)
{
	struct trace t = { .network = network, .sites = sites, .sink = -1 };
	int home = space_here();
	enum pce_status status, back;

	memcpy(t.mark.magic, "karstlab", 8);
	t.mark.run = (uint64_t)clock_ns(CLOCK_MONOTONIC);
	t.fds = malloc((network->n_routers + 1) * sizeof *t.fds);
	for (uint32_t r = 0; t.fds != NULL && r < network->n_routers; r++)
		t.fds[r] = -1;
	status = t.fds ? run(&t, from, destination, to, packets, err) : pce_no_memory(err);
	back = space_enter(home, status ? NULL : err);
	close(home);
	for (uint32_t r = 0; t.fds != NULL && r < network->n_routers; r++)
		if (t.fds[r] >= 0)
			close(t.fds[r]);
	if (t.sink >= 0)
		close(t.sink);
	free(t.fds);
	if (status || back) {
		free(t.hops);
		return status ? status : back;
	}
	if (t.n > 0)
		qsort(t.hops, t.n, sizeof *t.hops, by_time);
	*hops = t.hops;
	*n = t.n;
	return PCE_OK;
}
