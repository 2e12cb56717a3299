#define _GNU_SOURCE
#include "southbound/netconf/device.h"
#include "southbound/clock.h"

#include <event2/dns.h>
#include <event2/event.h>
#include <event2/util.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pce/base/hash.h"

#define CONNECT_US (30 * (int64_t)USEC_PER_S)
#define KEEPALIVE_US (30 * (int64_t)USEC_PER_S)
#define RETRY_FIRST_US (500 * (int64_t)USEC_PER_MS)
#define RETRY_LAST_US (60 * (int64_t)USEC_PER_S)
#define STEADY_US (30 * (int64_t)USEC_PER_S)
#define TURN_BYTES ((size_t)256 * 1024) /* read in one callback at most */

static const char keepalive[] = "<get-config><source><running/></source>"
				"<filter type=\"subtree\"/></get-config>";

static void on_io(evutil_socket_t fd, short what, void *arg);
static void on_timer(evutil_socket_t fd, short what, void *arg);

bool
device_is_up(const struct driver_device *d)
{
	return d->state == DEVICE_UP && !d->report.closed;
}

void
device_schedule(struct driver_device *d)
{
	event_active(d->timer, EV_TIMEOUT, 0);
}

/* --- turns to connect --- */

static bool
is_connecting(const struct driver_device *d)
{
	return d->state == DEVICE_RESOLVING || d->state == DEVICE_CONNECTING ||
	       d->state == DEVICE_GREETING;
}

static void
call_next(struct netconf_driver *driver)
{
	if (driver->waiting != NULL && driver->connecting < driver->connecting_max)
		device_schedule(driver->waiting);
}

static void
set_state(struct driver_device *d, enum device_state_kind state)
{
	bool before = is_connecting(d);

	d->state = state;
	if (before && !is_connecting(d)) {
		d->driver->connecting--;
		call_next(d->driver);
	} else if (!before && is_connecting(d)) {
		d->driver->connecting++;
	}
}

static void
join_queue(struct driver_device *d)
{
	set_state(d, DEVICE_WAITING);
	d->next_waiting = NULL;
	*d->driver->waiting_end = d;
	d->driver->waiting_end = &d->next_waiting;
}

static void
leave_queue(struct driver_device *d)
{
	struct driver_device **at = &d->driver->waiting;

	while (*at != NULL && *at != d)
		at = &(*at)->next_waiting;
	if (*at == NULL)
		return;
	*at = d->next_waiting;
	if (d->driver->waiting_end == &d->next_waiting)
		d->driver->waiting_end = at;
}

/* --- making and freeing --- */

enum pce_status
device_new(struct netconf_driver *driver, const struct config_device *config,
	   const struct config_profile *profile, struct driver_device **out, struct pce_error *err)
{
	const struct profile *map;
	struct driver_device *d;
	enum pce_status status = profile_library_get(driver->profiles, profile, &map, err);

	if (status)
		return pce_prefix(err, status, "router %s", config->name);
	d = calloc(1, sizeof *d);
	if (d == NULL)
		return pce_no_memory(err);
	netconf_device_payload_init(&d->payload, map, driver->context.config,
				    profile_headend(config));
	d->driver = driver;
	d->config = config;
	d->report = (struct report){ &driver->context.sink, config->name, false };
	d->profile = profile;
	d->seed = hash_bytes(config->name, strlen(config->name), driver->context.seed);
	d->state = DEVICE_PAUSED;
	d->timer = event_new(driver->context.loop, -1, 0, on_timer, d);
	if (d->timer == NULL) {
		free(d);
		return pce_no_memory(err);
	}
	device_schedule(d);
	*out = d;
	return PCE_OK;
}

/* Drops the connection and all that hangs on it. */
static void
disconnect(struct driver_device *d)
{
	if (d->resolving != NULL)
		evdns_getaddrinfo_cancel(d->resolving);
	d->resolving = NULL;
	if (d->io != NULL)
		event_free(d->io);
	d->io = NULL;
	netconf_session_free(d->session);
	d->session = NULL;
	netconf_channel_free(d->channel);
	d->channel = NULL;
	d->keepalive_rpc = 0;
	d->subscribe_rpc = 0;
}

static void
destroy(struct driver_device *d)
{
	disconnect(d);
	event_free(d->timer);
	work_free(d);
	free(d);
}

void
device_close(struct driver_device *d)
{
	d->report.closed = true;
	leave_queue(d);
	if (d->state == DEVICE_UP && d->session != NULL) {
		uint64_t rpc;
		size_t len, sent;
		const void *bytes;

		/* Best effort: who closes without it is cleaned up after all the same. */
		netconf_rpc(d->session, "close-session", "<close-session/>", 16, 0, monotonic_now(),
			    &rpc, NULL);
		bytes = netconf_output(d->session, &len);
		if (len > 0)
			netconf_channel_write(d->channel, bytes, len, &sent, NULL);
	}
	set_state(d, DEVICE_PAUSED);
	event_del(d->timer);
	if (d->busy == 0)
		destroy(d);
}

/* --- losing and trying again --- */

/* 0.5 s, doubling to 60 s, less up to a quarter so that routers do not come back in step. */
static int64_t
retry_delay(const struct driver_device *d)
{
	int64_t delay = RETRY_FIRST_US;
	uint64_t random = hash_bytes(&d->failures, sizeof d->failures, d->seed);

	for (unsigned i = 1; i < d->failures && delay < RETRY_LAST_US; i++)
		delay *= 2;
	delay = delay > RETRY_LAST_US ? RETRY_LAST_US : delay;
	return delay - (int64_t)(random % (uint64_t)(delay / 4));
}

static void
lose(struct driver_device *d, const struct pce_error *why)
{
	struct usec now = monotonic_now();

	if (d->state == DEVICE_UP && now.v - d->up_since.v >= STEADY_US)
		d->failures = 0;
	d->failures++;
	disconnect(d);
	set_state(d, DEVICE_PAUSED);
	d->state_by = usec_add(now, retry_delay(d));
	work_down(d, why);
}

/* --- connecting --- */

static void
open_connection(struct driver_device *d, const struct sockaddr *addr, socklen_t len)
{
	struct pce_error why = { 0 };

	if (netconf_channel_new(d->config, addr, len, &d->channel, &why)) {
		lose(d, &why);
		return;
	}
	d->writing = true;
	d->io = event_new(d->driver->context.loop, netconf_channel_fd(d->channel),
			  EV_READ | EV_WRITE | EV_PERSIST, on_io, d);
	if (d->io == NULL || event_add(d->io, NULL)) {
		pce_no_memory(&why);
		lose(d, &why);
		return;
	}
	set_state(d, DEVICE_CONNECTING);
}

static void set_timer(struct driver_device *d);

/* Each attempt takes the next address of the name. */
static const struct evutil_addrinfo *
pick(const struct evutil_addrinfo *info, unsigned attempt)
{
	const struct evutil_addrinfo *at = info;
	unsigned n = 0;

	for (; at != NULL; at = at->ai_next)
		n++;
	at = info;
	for (unsigned i = attempt % n; i > 0; i--)
		at = at->ai_next;
	return at;
}

static void
on_resolved(int result, struct evutil_addrinfo *info, void *arg)
{
	struct driver_device *d = arg;
	struct pce_error why = { 0 };

	if (result == EVUTIL_EAI_CANCEL)
		return;
	d->resolving = NULL;
	d->busy++;
	if (result != 0 || info == NULL) {
		pce_fail(&why, PCE_UNREACHABLE, "the name %s has no address: %s",
			 d->config->address, evutil_gai_strerror(result));
		lose(d, &why);
	} else {
		const struct evutil_addrinfo *at = pick(info, d->failures);

		open_connection(d, at->ai_addr, (socklen_t)at->ai_addrlen);
	}
	if (info != NULL)
		evutil_freeaddrinfo(info);
	if (--d->busy == 0 && d->report.closed)
		destroy(d);
	else
		set_timer(d);
}

static void
resolve(struct driver_device *d)
{
	struct evutil_addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_family = AF_UNSPEC };
	struct netconf_driver *driver = d->driver;
	struct evdns_getaddrinfo_request *request;
	char port[8];

	if (driver->dns == NULL)
		driver->dns =
		    evdns_base_new(driver->context.loop, EVDNS_BASE_INITIALIZE_NAMESERVERS |
							     EVDNS_BASE_DISABLE_WHEN_INACTIVE);
	if (driver->dns == NULL) {
		struct pce_error why = { 0 };

		pce_fail(&why, PCE_UNREACHABLE, "the name %s cannot be looked up: no resolver",
			 d->config->address);
		lose(d, &why);
		return;
	}
	snprintf(port, sizeof port, "%u", d->config->port);
	/* It may call back at once, and then gives NULL. */
	request = evdns_getaddrinfo(driver->dns, d->config->address, port, &hints, on_resolved, d);
	if (d->state == DEVICE_RESOLVING)
		d->resolving = request;
}

static void
start(struct driver_device *d)
{
	struct sockaddr_in6 six = { .sin6_family = AF_INET6, .sin6_port = htons(d->config->port) };
	struct sockaddr_in four = { .sin_family = AF_INET, .sin_port = htons(d->config->port) };
	struct ip_addr addr;

	set_state(d, DEVICE_RESOLVING);
	d->state_by = usec_add(monotonic_now(), CONNECT_US);
	if (ip_parse(d->config->address, &addr, NULL) != PCE_OK) {
		resolve(d);
	} else if (addr.family == IP_V4) {
		memcpy(&four.sin_addr, addr.octets, 4);
		open_connection(d, (const struct sockaddr *)&four, sizeof four);
	} else {
		memcpy(&six.sin6_addr, addr.octets, 16);
		open_connection(d, (const struct sockaddr *)&six, sizeof six);
	}
}

/* SSH is ready: the NETCONF session begins. */
static void
greet(struct driver_device *d)
{
	const struct karst_config *config = d->driver->context.config;
	const struct netconf_limits limits = { .rpcs_max = 2 * READS_MAX + 8,
					       .rpc_us =
						   (int64_t)config->rpc_timeout_s * USEC_PER_S };
	struct pce_error why = { 0 };

	if (netconf_session_new(&limits, monotonic_now(), &d->session, &why))
		lose(d, &why);
	else
		set_state(d, DEVICE_GREETING);
}

/* --- bytes --- */

static void
take_events(struct driver_device *d)
{
	struct netconf_event e;

	while (d->session != NULL && !d->report.closed && netconf_next(d->session, &e)) {
		if (e.kind == NETCONF_OPEN) {
			set_state(d, DEVICE_UP);
			d->up_since = monotonic_now();
			work_up(d);
		} else if (e.kind == NETCONF_REPLY && e.rpc == d->keepalive_rpc) {
			d->keepalive_rpc = 0;
		} else if (e.kind == NETCONF_REPLY) {
			work_reply(d, &e);
		} else if (e.kind == NETCONF_NOTIFIED) {
			work_notified(d, &e);
		}
		netconf_event_free(&e);
	}
}

static void
receive(struct driver_device *d)
{
	unsigned char buf[16384];
	struct pce_error why = { 0 };
	size_t total = 0, len = 0;

	do {
		struct usec now = monotonic_now();
		enum pce_status status =
		    netconf_channel_read(d->channel, buf, sizeof buf, &len, &why);

		if (status == PCE_OK && len > 0) {
			d->heard = now;
			status = netconf_input(d->session, buf, len, now, &why);
			take_events(d);
		}
		if (status && !d->report.closed && d->session != NULL)
			lose(d, &why);
		total += len;
	} while (len > 0 && total < TURN_BYTES && d->session != NULL && !d->report.closed);
	if (total >= TURN_BYTES && d->session != NULL)
		event_active(d->io, EV_READ, 0); /* libssh may hold more that no poll tells of */
}

static void
transmit(struct driver_device *d)
{
	struct pce_error why = { 0 };
	size_t len, sent = 1;

	while (d->session != NULL && sent > 0) {
		const void *bytes = netconf_output(d->session, &len);

		if (len == 0)
			return;
		if (netconf_channel_write(d->channel, bytes, len, &sent, &why)) {
			lose(d, &why);
			return;
		}
		netconf_output_sent(d->session, sent);
	}
}

/* --- the end of every callback --- */

static void
set_timer(struct driver_device *d)
{
	struct usec now = monotonic_now(), at = USEC_NEVER;
	struct timeval tv;
	int64_t left;

	if (d->state == DEVICE_PAUSED || is_connecting(d))
		at = d->state_by;
	if (d->session != NULL)
		at = usec_min(at, netconf_deadline(d->session));
	if (d->state == DEVICE_UP) {
		at = usec_min(at, usec_add(d->heard, KEEPALIVE_US));
		if (d->keepalive_rpc != 0)
			at = netconf_deadline(d->session);
	}
	if (d->transaction != NULL && d->running)
		at = usec_min(at, netconf_transaction_deadline(d->transaction));
	if (at.v == USEC_NEVER.v) {
		event_del(d->timer);
		return;
	}
	left = at.v > now.v ? at.v - now.v : 0;
	tv.tv_sec = (time_t)(left / USEC_PER_S);
	tv.tv_usec = (suseconds_t)(left % USEC_PER_S);
	event_add(d->timer, &tv);
}

static void
set_io(struct driver_device *d)
{
	bool write = d->channel != NULL && netconf_channel_wants_write(d->channel);

	if (d->io == NULL || write == d->writing)
		return;
	d->writing = write;
	event_del(d->io);
	event_assign(d->io, d->driver->context.loop, netconf_channel_fd(d->channel),
		     (short)(EV_READ | EV_PERSIST | (write ? EV_WRITE : 0)), on_io, d);
	event_add(d->io, NULL);
}

static void
settle(struct driver_device *d)
{
	const struct pce_error stuck = { .status = PCE_CONFLICT,
					 .text =
					     "a lock could not be given back; connecting anew" };

	if (!d->report.closed && work_settle(d) && d->session != NULL)
		lose(d, &stuck);
	if (!d->report.closed)
		transmit(d);
	if (--d->busy > 0)
		return;
	if (d->report.closed) {
		destroy(d);
		return;
	}
	set_io(d);
	set_timer(d);
}

static void
on_io(evutil_socket_t fd, short what, void *arg)
{
	struct driver_device *d = arg;
	struct pce_error why = { 0 };
	bool ready = false;

	(void)fd;
	(void)what;
	d->busy++;
	if (d->state == DEVICE_CONNECTING) {
		if (netconf_channel_step(d->channel, &ready, &why))
			lose(d, &why);
		else if (ready)
			greet(d);
	}
	if (d->session != NULL)
		receive(d);
	settle(d);
}

/* What is due by the clock while a session is there. */
static void
session_due(struct driver_device *d, struct usec now)
{
	struct pce_error why = { 0 };

	if (netconf_expire(d->session, now, &why)) {
		lose(d, &why);
		return;
	}
	if (d->state != DEVICE_UP)
		return;
	if (d->transaction != NULL && d->running)
		netconf_transaction_tick(d->transaction, d->session, now);
	if (d->keepalive_rpc == 0 && usec_due(usec_add(d->heard, KEEPALIVE_US), now))
		netconf_rpc(d->session, "keepalive", keepalive, sizeof keepalive - 1, 0, now,
			    &d->keepalive_rpc, NULL);
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct driver_device *d = arg;
	struct usec now = monotonic_now();
	struct pce_error why = { 0 };

	(void)fd;
	(void)what;
	d->busy++;
	if (d->state == DEVICE_PAUSED && usec_due(d->state_by, now))
		join_queue(d);
	if (d->state == DEVICE_WAITING && d->driver->waiting == d &&
	    d->driver->connecting < d->driver->connecting_max) {
		leave_queue(d);
		start(d);
		call_next(d->driver);
	} else if (is_connecting(d) && usec_due(d->state_by, now)) {
		pce_fail(&why, PCE_TIMEOUT, "no session within %d s: still at %s",
			 (int)(CONNECT_US / USEC_PER_S),
			 d->channel ? netconf_channel_stage(d->channel) : "name resolution");
		lose(d, &why);
	} else if (d->session != NULL) {
		session_due(d, now);
	}
	settle(d);
}
