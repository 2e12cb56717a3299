/*
 * libevent in simulated time. The functions that Karst's shells call are here under libevent's own
 * names, so these shells run as they are. One heap holds everything that will happen: timers of
 * libevent, bytes on their way, routers' timeouts, faults. Order is by time, then by the order of
 * arming; descriptors are looked at between timers, in the order in which they were added. So a run
 * never depends on addresses, the real clock or the kernel.
 */
#include "tests/sim/sim.h"

#include <event2/dns.h>
#include <string.h>

#define LIVELOCK 200000 /* callbacks at one instant */

struct event_base {
	bool karst; /* else the surroundings' */
	struct event *events;
};

struct event {
	struct event_base *base;
	struct event *next, **at; /* in base */
	evutil_socket_t fd;
	short what;
	event_callback_fn call;
	void *arg;
	struct sim_timer timeout, active;
	short active_what;
	bool watched; /* its descriptor */
	bool once;
};

static struct {
	struct sim_timer **heap; /* from 1 */
	size_t n, cap;
	uint64_t number;
	struct event **watched;
	size_t n_watched, cap_watched;
	bool poked;
	void (*after)(void);
	unsigned same; /* callbacks at this instant */
} loop;

/* --- the heap --- */

static bool
earlier(const struct sim_timer *a, const struct sim_timer *b)
{
	return a->at.v != b->at.v ? a->at.v < b->at.v : a->number < b->number;
}

static void
place(struct sim_timer *t, size_t at)
{
	loop.heap[at] = t;
	t->index = at;
}

static void
sift_up(struct sim_timer *t, size_t at)
{
	for (; at > 1 && earlier(t, loop.heap[at / 2]); at /= 2)
		place(loop.heap[at / 2], at);
	place(t, at);
}

static void
sift_down(struct sim_timer *t, size_t at)
{
	for (;;) {
		size_t child = 2 * at;

		if (child > loop.n)
			break;
		if (child < loop.n && earlier(loop.heap[child + 1], loop.heap[child]))
			child++;
		if (earlier(t, loop.heap[child]))
			break;
		place(loop.heap[child], at);
		at = child;
	}
	place(t, at);
}

void
timer_clear(struct sim_timer *t)
{
	size_t at = t->index;
	struct sim_timer *last;

	if (at == 0)
		return;
	t->index = 0;
	last = loop.heap[loop.n--];
	if (last == t)
		return;
	if (at > 1 && earlier(last, loop.heap[at / 2]))
		sift_up(last, at);
	else
		sift_down(last, at);
}

void
timer_set(struct sim_timer *t, struct usec at)
{
	timer_clear(t);
	if (array_reserve(&loop.heap, &loop.cap, loop.n + 2, sizeof(struct sim_timer *), NULL))
		abort();
	t->at = at.v < sim.now.v ? sim.now : at;
	t->number = ++loop.number;
	sift_up(t, ++loop.n);
}

struct once {
	struct sim_timer timer;
	void (*fn)(void *arg);
	void *arg;
};

static void
fire_once(void *arg)
{
	struct once *o = arg;
	void (*fn)(void *) = o->fn;
	void *with = o->arg;

	free(o);
	fn(with);
}

void
loop_once(struct usec at, void (*fn)(void *arg), void *arg)
{
	struct once *o = sim_alloc(sizeof(*o));

	o->fn = fn;
	o->arg = arg;
	o->timer.fire = fire_once;
	o->timer.arg = o;
	timer_set(&o->timer, at);
}

void
loop_poke(void)
{
	loop.poked = true;
}

void
loop_after(void (*fn)(void))
{
	loop.after = fn;
}

void
loop_reset(void)
{
	/* What is left are things that happen once; all others belong to somebody who is gone. */
	for (size_t i = 1; i <= loop.n; i++)
		if (loop.heap[i]->fire == fire_once)
			free(loop.heap[i]);
	free(loop.heap);
	free(loop.watched);
	memset(&loop, 0, sizeof(loop));
}

/* --- running --- */

static void
finish_callback(void)
{
	sim.result.events++;
	sim.in_karst = false;
	if (++loop.same > LIVELOCK)
		sim_fail(SIM_LIVE, "%d callbacks at one instant: something goes round in circles",
			 LIVELOCK);
	if (loop.after)
		loop.after();
}

static void
call(struct event *ev, short what)
{
	event_callback_fn fn = ev->call;
	void *arg = ev->arg;
	evutil_socket_t fd = ev->fd;

	sim.in_karst = ev->base->karst;
	if (ev->once)
		event_free(ev);
	fn(fd, what, arg);
	finish_callback();
}

static void
fire_timeout(void *arg)
{
	call(arg, EV_TIMEOUT);
}

static void
fire_active(void *arg)
{
	struct event *ev = arg;

	call(ev, ev->active_what);
}

/* Calls those whose descriptors are ready, each once. */
static void
look_at_descriptors(void)
{
	loop.poked = false;
	for (size_t i = 0; i < loop.n_watched && !sim.result.failed; i++) {
		struct event *ev = loop.watched[i];
		short ready = ev ? (short)(net_ready((int)ev->fd) & ev->what) : 0;

		if (!ready)
			continue;
		loop.poked = true;
		call(ev, ready);
	}
	/* Those that were taken out meanwhile. */
	for (size_t i = 0; i < loop.n_watched;)
		if (loop.watched[i]) {
			i++;
		} else {
			memmove(&loop.watched[i], &loop.watched[i + 1],
				(loop.n_watched - i - 1) * sizeof(struct event *));
			loop.n_watched--;
		}
}

void
loop_run(struct usec until)
{
	while (!sim.result.failed) {
		struct sim_timer *t;

		if (loop.poked)
			look_at_descriptors();
		t = loop.n > 0 ? loop.heap[1] : NULL;
		if (loop.poked && (!t || t->at.v > sim.now.v))
			continue;
		if (!t || t->at.v > until.v)
			break;
		if (t->at.v > sim.now.v)
			loop.same = 0;
		sim.now = t->at;
		timer_clear(t);
		if (t->fire == fire_timeout || t->fire == fire_active) {
			t->fire(t->arg);
		} else {
			t->fire(t->arg);
			finish_callback();
		}
	}
	if (!sim.result.failed && until.v > sim.now.v) {
		sim.now = until;
		loop.same = 0;
	}
}

/* --- libevent's names --- */

struct event_base *
event_base_new(void)
{
	return sim_alloc(sizeof(struct event_base));
}

/* The surroundings have bases too. */
struct event_base *loop_base(bool karst);

struct event_base *
loop_base(bool karst)
{
	struct event_base *base = event_base_new();

	base->karst = karst;
	return base;
}

void
event_base_free(struct event_base *base)
{
	while (base && base->events) {
		struct event *ev = base->events;

		/* Only daemon_refuse asks for these, with memory that the call would free. */
		if (ev->once)
			free(ev->arg);
		event_free(ev);
	}
	free(base);
}

int
event_base_loopbreak(struct event_base *base)
{
	(void)base;
	return 0;
}

static void
unwatch(struct event *ev)
{
	if (!ev->watched)
		return;
	ev->watched = false;
	for (size_t i = 0; i < loop.n_watched; i++)
		if (loop.watched[i] == ev)
			loop.watched[i] = NULL;
}

int
event_assign(struct event *ev, struct event_base *base, evutil_socket_t fd, short what,
	     event_callback_fn call_back, void *arg)
{
	unwatch(ev);
	ev->base = base;
	ev->fd = fd;
	ev->what = what;
	ev->call = call_back;
	ev->arg = arg;
	return 0;
}

struct event *
event_new(struct event_base *base, evutil_socket_t fd, short what, event_callback_fn call_back,
	  void *arg)
{
	struct event *ev = sim_alloc(sizeof(*ev));

	event_assign(ev, base, fd, what, call_back, arg);
	ev->timeout.fire = fire_timeout;
	ev->active.fire = fire_active;
	ev->timeout.arg = ev->active.arg = ev;
	ev->next = base->events;
	ev->at = &base->events;
	if (ev->next)
		ev->next->at = &ev->next;
	base->events = ev;
	return ev;
}

int
event_del(struct event *ev)
{
	timer_clear(&ev->timeout);
	timer_clear(&ev->active);
	unwatch(ev);
	return 0;
}

void
event_free(struct event *ev)
{
	event_del(ev);
	*ev->at = ev->next;
	if (ev->next)
		ev->next->at = ev->at;
	free(ev);
}

int
event_add(struct event *ev, const struct timeval *tv)
{
	if (tv)
		timer_set(&ev->timeout,
			  usec_add(sim.now, (int64_t)tv->tv_sec * USEC_PER_S + tv->tv_usec));
	if (ev->fd < 0 || !(ev->what & (EV_READ | EV_WRITE)))
		return 0;
	loop.poked = true;
	if (ev->watched)
		return 0;
	if (array_reserve(&loop.watched, &loop.cap_watched, loop.n_watched + 1,
			  sizeof(struct event *), NULL))
		abort();
	ev->watched = true;
	loop.watched[loop.n_watched++] = ev;
	return 0;
}

void
event_active(struct event *ev, int what, short n)
{
	(void)n;
	ev->active_what = (short)what;
	if (ev->active.index == 0)
		timer_set(&ev->active, sim.now);
}

int
event_base_once(struct event_base *base, evutil_socket_t fd, short what, event_callback_fn fn,
		void *arg, const struct timeval *tv)
{
	struct event *ev = event_new(base, fd, what, fn, arg);

	ev->once = true;
	return event_add(ev, tv);
}

/* --- names are never resolved here: all addresses are numbers --- */

struct evdns_base *
evdns_base_new(struct event_base *base, int flags)
{
	(void)base, (void)flags;
	return NULL;
}

void
evdns_base_free(struct evdns_base *base, int fail)
{
	(void)base, (void)fail;
}

struct evdns_getaddrinfo_request *
evdns_getaddrinfo(struct evdns_base *base, const char *node, const char *service,
		  const struct evutil_addrinfo *hints, evdns_getaddrinfo_cb cb, void *arg)
{
	(void)base, (void)node, (void)service, (void)hints, (void)cb, (void)arg;
	return NULL;
}

void
evdns_getaddrinfo_cancel(struct evdns_getaddrinfo_request *request)
{
	(void)request;
}

void
evutil_freeaddrinfo(struct evutil_addrinfo *info)
{
	(void)info;
}

const char *
evutil_gai_strerror(int error)
{
	(void)error;
	return "no names here";
}
