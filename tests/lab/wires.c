#define _GNU_SOURCE
#include "tests/lab/wires.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "pce/base/array.h"
#include "tests/lab/space.h"

#define FRAME_MAX 2100
#define QUEUE 8192 /* frames under way on one wire */

struct frame {
	int64_t due_us;
	size_t len;
	uint8_t *octets;
};

struct wire {
	uint32_t link;
	struct wire_fault fault;
	struct wire_count count;
	int in, out; /* -1: ended */
	struct frame *queue; /* a ring */
	size_t first, n;
};

struct wires {
	const struct lab_network *network;
	struct site *sites;
	pthread_mutex_t mutex;
	pthread_t thread;
	bool started, stop;
	int wake;
	struct wire **all;
	size_t n, cap;
	uint64_t random;
};

static int64_t
now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* True in so many of a million cases. */
static bool
chance(struct wires *w, uint32_t ppm)
{
	w->random ^= w->random << 13;
	w->random ^= w->random >> 7;
	w->random ^= w->random << 17;
	return ppm > 0 && w->random % 1000000 < ppm;
}

/* --- one wire --- */

static void
hand_on(struct wire *wire, const uint8_t *octets, size_t len)
{
	if (send(wire->out, octets, len, MSG_DONTWAIT) < 0) {
		wire->count.lost++;
		return;
	}
	wire->count.repeated++;
	wire->count.repeated_octets += len;
}

static void
keep(struct wire *wire, const uint8_t *octets, size_t len)
{
	struct frame *f = &wire->queue[(wire->first + wire->n) % QUEUE];

	f->octets = wire->n < QUEUE ? array_copy(octets, len) : NULL;
	if (f->octets == NULL) {
		wire->count.lost++;
		return;
	}
	f->len = len;
	f->due_us = now_us() + wire->fault.delay_us;
	wire->n++;
}

static void
take_frame(struct wires *w, struct wire *wire, uint8_t *octets, size_t len)
{
	const struct lab_link *l = &w->network->links[wire->link];

	if (octets[0] != (l->far_mac[0] | SITE_WIRE_BIT) || memcmp(octets + 1, l->far_mac + 1, 5))
		return;
	memcpy(octets, l->far_mac, 6);
	if (chance(w, wire->fault.loss_ppm)) {
		wire->count.lost++;
		return;
	}
	if (chance(w, wire->fault.corrupt_ppm)) {
		octets[len - 1 - w->random % 8] ^= (uint8_t)(1u << w->random / 8 % 8);
		wire->count.damaged++;
	}
	if (wire->fault.delay_us > 0 || wire->n > 0)
		keep(wire, octets, len);
	else
		hand_on(wire, octets, len);
}

static void
let_go(struct wire *wire, int64_t now)
{
	while (wire->n > 0 && wire->queue[wire->first].due_us <= now) {
		struct frame *f = &wire->queue[wire->first];

		hand_on(wire, f->octets, f->len);
		free(f->octets);
		wire->first = (wire->first + 1) % QUEUE;
		wire->n--;
	}
}

static void
read_wire(struct wires *w, struct wire *wire)
{
	uint8_t octets[FRAME_MAX];

	for (unsigned i = 0; i < 256; i++) {
		struct sockaddr_ll from;
		socklen_t len = sizeof from;
		ssize_t n = recvfrom(wire->in, octets, sizeof octets, MSG_DONTWAIT,
				     (struct sockaddr *)&from, &len);

		if (n < ETHER_HDR_LEN)
			return;
		if (from.sll_pkttype != PACKET_OUTGOING)
			take_frame(w, wire, octets, (size_t)n);
	}
}

/* --- the thread --- */

static int64_t
next_due(const struct wires *w)
{
	int64_t due = INT64_MAX;

	for (size_t i = 0; i < w->n; i++)
		if (w->all[i]->n > 0 && w->all[i]->queue[w->all[i]->first].due_us < due)
			due = w->all[i]->queue[w->all[i]->first].due_us;
	return due;
}

/* Waits for frames and for what is due; false at the end. */
static bool
wait_for_work(struct wires *w)
{
	int64_t due, now = now_us();
	struct timespec wait;
	struct pollfd *fds;
	nfds_t n = 1;
	uint64_t woken;
	bool stop;

	pthread_mutex_lock(&w->mutex);
	fds = calloc(w->n + 1, sizeof *fds);
	due = next_due(w);
	stop = w->stop || fds == NULL;
	if (!stop) {
		fds[0] = (struct pollfd){ .fd = w->wake, .events = POLLIN };
		for (size_t i = 0; i < w->n; i++)
			fds[n++] = (struct pollfd){ .fd = w->all[i]->in, .events = POLLIN };
	}
	pthread_mutex_unlock(&w->mutex);
	if (stop) {
		free(fds);
		return false;
	}
	due = due == INT64_MAX ? 1000000 : due > now ? due - now : 0;
	wait = (struct timespec){ due / 1000000, due % 1000000 * 1000 };
	ppoll(fds, n, &wait, NULL);
	if (fds[0].revents != 0 && read(w->wake, &woken, sizeof woken) < 0)
		stop = errno != EAGAIN && errno != EINTR;
	free(fds);
	return !stop;
}

static void *
wires_loop(void *arg)
{
	struct wires *w = arg;
	struct sched_param param = { .sched_priority = 9 };

	pthread_setschedparam(pthread_self(), SCHED_FIFO, &param);
	while (wait_for_work(w)) {
		pthread_mutex_lock(&w->mutex);
		for (size_t i = 0; i < w->n; i++) {
			if (w->all[i]->in < 0)
				continue;
			read_wire(w, w->all[i]);
			let_go(w->all[i], now_us());
		}
		pthread_mutex_unlock(&w->mutex);
	}
	return NULL;
}

/* --- making and ending --- */

enum pce_status
wires_new(const struct lab_network *network, struct site *sites, struct wires **out,
	  struct pce_error *err)
{
	struct wires *w = calloc(1, sizeof *w);

	if (w == NULL)
		return pce_no_memory(err);
	w->network = network;
	w->sites = sites;
	w->random = 88172645463325252u;
	pthread_mutex_init(&w->mutex, NULL);
	w->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	w->started = w->wake >= 0 && pthread_create(&w->thread, NULL, wires_loop, w) == 0;
	if (w->started) {
		*out = w;
		return PCE_OK;
	}
	wires_free(w);
	return pce_fail(err, PCE_LIMIT, "no thread for the wires");
}

static void
wake(struct wires *w)
{
	uint64_t one = 1;

	if (write(w->wake, &one, sizeof one) < 0)
		return; /* it is awake already */
}

static void
end_wire(struct wire *wire)
{
	if (wire->in >= 0)
		close(wire->in);
	if (wire->out >= 0)
		close(wire->out);
	wire->in = wire->out = -1;
	while (wire->n > 0) {
		free(wire->queue[wire->first].octets);
		wire->first = (wire->first + 1) % QUEUE;
		wire->n--;
	}
}

void
wires_free(struct wires *w)
{
	if (w == NULL)
		return;
	pthread_mutex_lock(&w->mutex);
	w->stop = true;
	pthread_mutex_unlock(&w->mutex);
	wake(w);
	if (w->started)
		pthread_join(w->thread, NULL);
	for (size_t i = 0; i < w->n; i++) {
		end_wire(w->all[i]);
		free(w->all[i]->queue);
		free(w->all[i]);
	}
	free(w->all);
	if (w->wake >= 0)
		close(w->wake);
	pthread_mutex_destroy(&w->mutex);
	free(w);
}

/* A packet socket on one interface of the namespace at hand. */
static int
packet_socket(unsigned interface, int protocol)
{
	struct sockaddr_ll at = { .sll_family = AF_PACKET,
				  .sll_protocol = htons((uint16_t)protocol),
				  .sll_ifindex = (int)interface };
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0), one = 1, size = 4 << 20;

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
	setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &one, sizeof one);
	if (bind(fd, (struct sockaddr *)&at, sizeof at) == 0)
		return fd;
	close(fd);
	return -1;
}

static enum pce_status
open_wire(struct wires *w, struct wire *wire, struct pce_error *err)
{
	const struct lab_link *l = &w->network->links[wire->link];
	int home = space_here();
	enum pce_status status, back;

	status = space_enter(w->sites[l->row->to].space, err);
	if (!status)
		wire->in = packet_socket(l->far_interface, ETH_P_ALL);
	if (!status)
		status = space_enter(w->sites[l->row->from].space, err);
	if (!status)
		wire->out = packet_socket(l->interface, 0);
	back = space_enter(home, status ? NULL : err);
	close(home);
	if (!status && !back && (wire->in < 0 || wire->out < 0))
		status = pce_fail(err, PCE_IO, "no wire on link %s", l->row->name);
	if (status || back)
		end_wire(wire);
	return status ? status : back;
}

static struct wire *
find_wire(const struct wires *w, uint32_t link)
{
	for (size_t i = 0; w != NULL && i < w->n; i++)
		if (w->all[i]->link == link)
			return w->all[i];
	return NULL;
}

static enum pce_status
add_wire(struct wires *w, uint32_t link, struct wire **out, struct pce_error *err)
{
	struct wire *wire = calloc(1, sizeof *wire);
	enum pce_status status;

	if (wire != NULL)
		wire->queue = calloc(QUEUE, sizeof *wire->queue);
	status = wire && wire->queue
		     ? array_reserve(&w->all, &w->cap, w->n + 1, sizeof(struct wire *), err)
		     : pce_no_memory(err);
	if (status) {
		if (wire != NULL)
			free(wire->queue);
		free(wire);
		return status;
	}
	wire->link = link;
	wire->in = wire->out = -1;
	w->all[w->n++] = wire;
	*out = wire;
	return PCE_OK;
}

enum pce_status
wires_set(struct wires *w, uint32_t link, const struct wire_fault *fault, struct pce_error *err)
{
	bool none = fault->loss_ppm == 0 && fault->corrupt_ppm == 0 && fault->delay_us == 0;
	enum pce_status status = PCE_OK;
	struct wire *wire;

	pthread_mutex_lock(&w->mutex);
	wire = find_wire(w, link);
	if (wire == NULL && !none)
		status = add_wire(w, link, &wire, err);
	if (!status && wire != NULL) {
		wire->fault = *fault;
		if (none)
			end_wire(wire);
		else if (wire->in < 0)
			status = open_wire(w, wire, err);
	}
	pthread_mutex_unlock(&w->mutex);
	wake(w);
	return status;
}

bool
wires_active(struct wires *w, uint32_t link)
{
	const struct wire *wire;
	bool active;

	if (w == NULL)
		return false;
	pthread_mutex_lock(&w->mutex);
	wire = find_wire(w, link);
	active = wire != NULL && wire->in >= 0;
	pthread_mutex_unlock(&w->mutex);
	return active;
}

void
wires_read(struct wires *w, uint32_t link, struct wire_fault *fault, struct wire_count *count)
{
	const struct wire *wire;

	*fault = (struct wire_fault){ 0 };
	*count = (struct wire_count){ 0 };
	if (w == NULL)
		return;
	pthread_mutex_lock(&w->mutex);
	wire = find_wire(w, link);
	if (wire != NULL) {
		*fault = wire->fault;
		*count = wire->count;
	}
	pthread_mutex_unlock(&w->mutex);
}
