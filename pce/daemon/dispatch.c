#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "pce/daemon/daemon.h"
#include "pce/daemon/log.h"

static int64_t
clock_us(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (int64_t)t.tv_sec * USEC_PER_S + t.tv_nsec / 1000;
}

struct usec
daemon_now(void)
{
	return (struct usec){ clock_us(CLOCK_MONOTONIC) };
}

int64_t
daemon_wall_us(void)
{
	return clock_us(CLOCK_REALTIME);
}

uint64_t
daemon_random(void)
{
	uint64_t bits;

	while (getrandom(&bits, sizeof(bits), 0) != (ssize_t)sizeof(bits))
		;
	return bits;
}

/* What people on the machine want to read in the log; everything goes to the event streams. */
static void
log_notice(const struct service_notice *notice)
{
	static const char *const kinds[] = { "topology", "intent", "policy", "session", "alarm" };
	enum log_level level = LOG_LEVEL_INFO;

	if (notice->kind == NOTICE_SESSION)
		level = LOG_LEVEL_NOTICE;
	if (notice->kind == NOTICE_ALARM)
		level = notice->alarm->cleared ? LOG_LEVEL_NOTICE : LOG_LEVEL_WARNING;
	log_line(level, "%s %s: %s%s%s", kinds[notice->kind], notice->object ? notice->object : "",
		 notice->state ? notice->state : "", notice->text ? ": " : "",
		 notice->text ? notice->text : "");
}

static void
carry_out(struct daemon *daemon, struct service_effect *effect)
{
	switch (effect->kind) {
	case SERVICE_STORE:
		persist_write(daemon->persist, effect);
		break;
	case SERVICE_REPLY:
		api_reply(daemon->api, effect);
		break;
	case SERVICE_APPLY:
		devices_apply(daemon->devices, effect);
		break;
	case SERVICE_READ:
		devices_read(daemon->devices, effect);
		break;
	case SERVICE_NOTICE:
		log_notice(&effect->u.notice);
		api_notice(daemon->api, &effect->u.notice);
		break;
	}
}

static void
arm_tick(struct daemon *daemon, struct usec now)
{
	struct usec deadline = service_deadline(daemon->service);
	int64_t wait = deadline.v - now.v;
	struct timeval tv;

	if (deadline.v == USEC_NEVER.v) {
		event_del(daemon->tick);
		return;
	}
	if (wait < 0)
		wait = 0;
	tv = (struct timeval){ wait / USEC_PER_S, wait % USEC_PER_S };
	event_add(daemon->tick, &tv);
}

void
daemon_post(struct daemon *daemon, const struct service_event *event)
{
	struct service_effects effects = { 0 };
	struct service_event stamped = *event;
	struct pce_error err = { 0 };
	struct usec now = daemon_now();

	/* A service that found itself broken is not asked again; the process is on its way out. */
	if (daemon->failed)
		return;
	if (daemon->stepping) {
		log_line(LOG_LEVEL_ERROR, "an event of kind %d came from inside a step and is lost",
			 (int)event->kind);
		return;
	}
	daemon->stepping = true;
	stamped.wall_us = daemon_wall_us();
	stamped.random = daemon_random();
	if (service_step(daemon->service, now, &stamped, &effects, &err)) {
		log_line(LOG_LEVEL_ERROR,
			 "%s; the daemon ends, and learns the network anew at its next start",
			 err.text);
		daemon->failed = true;
		event_base_loopbreak(daemon->loop);
	}
	for (struct service_effect *e = effects.first; e; e = e->next)
		carry_out(daemon, e);
	service_effects_clear(&effects);
	arm_tick(daemon, now);
	daemon->stepping = false;
}

struct refusal {
	struct daemon *daemon;
	struct service_event event;
	struct pce_error err;
};

static void
tell_refusal(evutil_socket_t fd, short what, void *ctx)
{
	struct refusal *refusal = ctx;

	(void)fd, (void)what;
	daemon_post(refusal->daemon, &refusal->event);
	free(refusal);
}

/* The text of the event is that of the copied error. */
static void
set_text(struct refusal *refusal)
{
	switch (refusal->event.kind) {
	case SERVICE_STORED:
		refusal->event.u.stored.text = refusal->err.text;
		break;
	case SERVICE_DEVICE_READ:
		refusal->event.u.device_read.text = refusal->err.text;
		break;
	default:
		refusal->event.u.device_result.result.text = refusal->err.text;
		break;
	}
}

void
daemon_refuse(struct daemon *daemon, const struct service_event *event, const struct pce_error *err)
{
	struct refusal *refusal = malloc(sizeof(*refusal));

	if (refusal) {
		*refusal = (struct refusal){ daemon, *event, *err };
		set_text(refusal);
		if (event_base_once(daemon->loop, -1, EV_TIMEOUT, tell_refusal, refusal,
				    &(struct timeval){ 0, 0 }) == 0)
			return;
		free(refusal);
	}
	log_line(LOG_LEVEL_ERROR, "out of memory: %s", err->text);
}

static void
post(void *ctx, const struct service_event *event)
{
	daemon_post(ctx, event);
}

struct event_sink
daemon_sink(struct daemon *daemon)
{
	return (struct event_sink){ post, daemon };
}
