#define _GNU_SOURCE
#include "config.h"

#include "southbound/gnmi/device.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pce/base/hash.h"
#include "southbound/clock.h"
#include "southbound/gnmi/code.h"

#define WATCH_US (5 * (int64_t)USEC_PER_S) /* what Subscribe is waited for */
#define PING_US (30 * (int64_t)USEC_PER_S)
#define PING_MS 10000
#define SPARE_US (10 * (int64_t)USEC_PER_S) /* beyond a call's own time-out */

bool
gnmi_device_is_up(const struct driver_device *d)
{
	return d->state == DEVICE_UP && !d->report.closed;
}

void
gnmi_device_schedule(struct driver_device *d)
{
	event_active(d->timer, EV_TIMEOUT, 0);
}

/* Has the line connect anew; DOWN follows. Without memory the router is pinged again later. */
static void
lose(struct driver_device *d, const struct pce_error *why)
{
	if (d->state != DEVICE_AWAY)
		(void)gnmi_line_lose(d->line, why, NULL);
}

/* --- calls --- */

static bool
begin_call(struct driver_device *d, enum caller caller, const char *method, const uint8_t *bytes,
	   size_t len, struct pce_error *err)
{
	int64_t timeout_ms = (int64_t)d->driver->context.config->rpc_timeout_s * 1000;

	if (caller == CALLER_PING)
		timeout_ms = PING_MS;
	if (gnmi_line_call(d->line, d->call + 1, method, bytes, len, timeout_ms, err))
		return false;
	d->call++;
	d->caller = caller;
	d->call_by = usec_add(monotonic_now(), timeout_ms * USEC_PER_MS + SPARE_US);
	return true;
}

static void answered(struct driver_device *d, const struct gnmi_reply *reply);

/* A call that could not even be ordered is answered so. */
static void
refuse_call(struct driver_device *d, enum caller caller, const struct pce_error *why)
{
	const struct gnmi_reply reply = { .code = GNMI_RESOURCE_EXHAUSTED, .text = why->text };

	d->caller = caller;
	answered(d, &reply);
}

static bool
call_transaction(struct driver_device *d)
{
	struct pce_error err = { 0 };
	struct gnmi_request request;

	if (!d->running || !gnmi_transaction_next(d->transaction, &request))
		return false;
	if (!begin_call(d, CALLER_TRANSACTION, request.set ? "/gnmi.gNMI/Set" : "/gnmi.gNMI/Get",
			request.bytes, request.len, &err))
		refuse_call(d, CALLER_TRANSACTION, &err);
	return true;
}

/* The next Get of the probe or of the first read. */
static bool
call_gather(struct driver_device *d)
{
	enum caller caller = d->state == DEVICE_PROBING ? CALLER_PROBE : CALLER_READ;
	struct arena arena = { 0 };
	struct pce_error err = { 0 };
	const uint8_t *bytes = NULL;
	size_t len = 0;

	if (caller == CALLER_READ && d->n_reads == 0)
		return false;
	if (!d->gathering)
		gnmi_gather_begin(&d->gather, &d->naming, false, d->paths, d->n_paths);
	d->gathering = true;
	if (gnmi_gather_ask(&d->gather, &arena, &bytes, &len, &err) ||
	    !begin_call(d, caller, "/gnmi.gNMI/Get", bytes, len, &err))
		refuse_call(d, caller, &err);
	arena_free(&arena);
	return true;
}

static void
call_next(struct driver_device *d)
{
	bool called = true;

	while (d->caller == CALLER_NONE && called && !d->report.closed) {
		called = false;
		if (d->state == DEVICE_UP)
			called = call_transaction(d) || call_gather(d);
		else if (d->state == DEVICE_PROBING)
			called = call_gather(d);
	}
}

/* --- what is answered --- */

static void
end_gather(struct driver_device *d)
{
	gnmi_gather_free(&d->gather);
	d->gathering = false;
}

static enum pce_status
watch(struct driver_device *d, struct pce_error *err)
{
	struct arena arena = { 0 };
	const uint8_t *bytes = NULL;
	size_t len = 0;
	enum pce_status status =
	    gnmi_watch_request(&d->naming, d->paths, d->n_paths, &arena, &bytes, &len, err);

	if (status == PCE_OK)
		status = gnmi_line_watch(d->line, bytes, len, err);
	arena_free(&arena);
	return status;
}

static void
probed(struct driver_device *d, const struct pce_error *why, int code)
{
	struct pce_error err = *why;

	end_gather(d);
	if (code == GNMI_UNIMPLEMENTED)
		pce_fail(&err, PCE_UNSUPPORTED,
			 "it does not implement Get, so Karst cannot see what it holds: it cannot "
			 "be driven by gNMI");
	if (err.status == PCE_OK && watch(d, &err) == PCE_OK) {
		d->state = DEVICE_WATCHING;
		d->state_by = usec_add(monotonic_now(), WATCH_US);
	} else {
		lose(d, &err);
	}
}

static void
gathered(struct driver_device *d, enum caller caller, const struct gnmi_reply *reply)
{
	struct pce_error err = { 0 };

	if (!d->gathering)
		return;
	if (gnmi_gather_take(&d->gather, reply->code, reply->text, reply->bytes, reply->len,
			     &err) == PCE_OK &&
	    !gnmi_gather_is_done(&d->gather))
		return;
	if (caller == CALLER_PROBE)
		probed(d, &err, reply->code);
	else
		gnmi_work_read(d, &err);
}

/* The call that is under way has ended. */
static void
answered(struct driver_device *d, const struct gnmi_reply *reply)
{
	bool ping = d->caller == CALLER_PING;
	enum caller caller = d->caller;
	struct pce_error why = { 0 };

	d->caller = CALLER_NONE;
	if (caller == CALLER_TRANSACTION)
		gnmi_transaction_reply(d->transaction, reply, monotonic_now());
	else if (caller == CALLER_READ || caller == CALLER_PROBE)
		gathered(d, caller, reply);
	if (reply->code == GNMI_UNAVAILABLE || (ping && reply->code == GNMI_DEADLINE_EXCEEDED)) {
		gnmi_code_explain(reply->code, reply->text, ping ? "Capabilities" : "a call", &why);
		lose(d, &why);
	} else if (reply->code != GNMI_DEADLINE_EXCEEDED) {
		d->heard = monotonic_now();
	}
}

/* --- up and down --- */

static void
connected(struct driver_device *d, const struct gnmi_capabilities *c)
{
	struct pce_error why = { 0 };

	d->state = DEVICE_PROBING;
	d->heard = monotonic_now();
	if ((c->json_ietf || c->proto) && !c->json_ietf) {
		pce_fail(
		    &why, PCE_UNSUPPORTED,
		    "it does not offer the encoding JSON_IETF, so it cannot be driven by gNMI");
		lose(d, &why);
		d->state = DEVICE_AWAY;
	}
}

static void
up(struct driver_device *d, bool notifies)
{
	if (d->state != DEVICE_WATCHING)
		return;
	d->state = DEVICE_UP;
	d->told_down = false;
	(void)gnmi_line_steady(d->line, NULL);
	gnmi_work_up(d, notifies);
}

/* Everything that waits for the router is answered, as if it had not been reached. */
static void
disconnected(struct driver_device *d, const struct gnmi_answer *answer)
{
	const struct gnmi_reply gone = { .code = GNMI_UNAVAILABLE, .text = answer->text };
	struct gnmi_request request;
	struct pce_error why = { 0 };

	d->state = DEVICE_AWAY;
	if (d->caller == CALLER_TRANSACTION)
		gnmi_transaction_reply(d->transaction, &gone, monotonic_now());
	d->caller = CALLER_NONE;
	d->call++; /* what is still to come is nobody's */
	while (d->running && gnmi_transaction_next(d->transaction, &request))
		gnmi_transaction_reply(d->transaction, &gone, monotonic_now());
	end_gather(d);
	pce_fail(&why, (enum pce_status)answer->code, "%s", answer->text);
	gnmi_work_down(d, &why);
}

static void settle(struct driver_device *d);

void
gnmi_device_answered(struct driver_device *d, const struct gnmi_answer *answer)
{
	const struct gnmi_reply reply = { .code = answer->code,
					  .text = answer->text,
					  .bytes = answer->bytes,
					  .len = answer->len };

	d->busy++;
	switch (answer->kind) {
	case GNMI_ANSWER_UP:
		connected(d, &answer->capabilities);
		break;
	case GNMI_ANSWER_DOWN:
		disconnected(d, answer);
		break;
	case GNMI_ANSWER_CALL:
		if (answer->call == d->call && d->caller != CALLER_NONE)
			answered(d, &reply);
		break;
	case GNMI_ANSWER_WATCHES:
		up(d, true);
		break;
	case GNMI_ANSWER_BLIND:
		up(d, false);
		break;
	case GNMI_ANSWER_CHANGED:
		d->heard = monotonic_now();
		if (d->state == DEVICE_UP)
			gnmi_work_changed(d, answer->bytes, answer->len);
		break;
	}
	settle(d);
}

/* --- time --- */

static void
set_timer(struct driver_device *d)
{
	struct usec now = monotonic_now(), at = USEC_NEVER;
	struct timeval tv;
	int64_t left;

	if (d->caller != CALLER_NONE)
		at = d->call_by;
	else if (d->state == DEVICE_WATCHING)
		at = d->state_by;
	else if (d->state == DEVICE_UP)
		at = usec_add(d->heard, PING_US);
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
destroy(struct driver_device *d)
{
	event_free(d->timer);
	end_gather(d);
	gnmi_work_free(d);
	arena_free(&d->memory);
	free(d);
}

/* The end of every callback. */
static void
settle(struct driver_device *d)
{
	if (!d->report.closed)
		gnmi_work_settle(d);
	if (!d->report.closed)
		call_next(d);
	/* A call may have ended without having been made. */
	if (!d->report.closed && d->running)
		gnmi_work_settle(d);
	if (--d->busy > 0)
		return;
	if (d->report.closed)
		destroy(d);
	else
		set_timer(d);
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	const struct gnmi_reply silence = { .code = GNMI_DEADLINE_EXCEEDED,
					    .text = "no answer came from Karst's own thread" };
	struct driver_device *d = arg;
	struct usec now = monotonic_now();

	(void)fd, (void)what;
	d->busy++;
	if (d->caller != CALLER_NONE && usec_due(d->call_by, now)) {
		d->call++;
		answered(d, &silence);
	} else if (d->state == DEVICE_WATCHING && usec_due(d->state_by, now)) {
		up(d, false);
	} else if (d->state == DEVICE_UP && d->caller == CALLER_NONE &&
		   usec_due(usec_add(d->heard, PING_US), now)) {
		d->heard = now;
		begin_call(d, CALLER_PING, "/gnmi.gNMI/Capabilities", (const uint8_t *)"", 0, NULL);
	}
	settle(d);
}

/* --- making and freeing --- */

static enum pce_status
fill(struct driver_device *d, const struct config_profile *profile, struct pce_error *err)
{
	const struct karst_config *config = d->driver->context.config;
	const struct profile_owner owner = { config->color_min, config->color_max,
					     config->name_prefix ? config->name_prefix : "" };
	const struct profile *map;
	enum pce_status status = profile_library_get(d->driver->profiles, profile, &map, err);

	if (status)
		return status;
	gnmi_device_payload_init(&d->payload, map, &owner, profile_headend(d->config));
	d->naming = (struct gnmi_naming){ d->config->gnmi.target, d->config->gnmi.origin };
	status = profile_get(map, &d->memory, &d->paths, &d->n_paths, err);
	if (status)
		return status;
	d->timer = event_new(d->driver->context.loop, -1, 0, on_timer, d);
	return d->timer ? PCE_OK : pce_no_memory(err);
}

enum pce_status
gnmi_device_new(struct gnmi_driver *driver, const struct config_device *config,
		const struct config_profile *profile, struct driver_device **out,
		struct pce_error *err)
{
	struct driver_device *d = calloc(1, sizeof(*d));
	uint64_t seed = hash_bytes(config->name, strlen(config->name), driver->context.seed);
	enum pce_status status;

	if (!d)
		return pce_no_memory(err);
	d->driver = driver;
	d->config = config;
	d->report = (struct report){ &driver->context.sink, config->name, false };
	d->number = driver->n;
	status = fill(d, profile, err);
	if (status == PCE_OK)
		status = gnmi_line_open(driver->engine, config, d->number, seed, &d->line, err);
	if (status) {
		if (d->timer)
			event_free(d->timer);
		arena_free(&d->memory);
		free(d);
		return status;
	}
	driver->lines[d->number] = d->line;
	*out = d;
	return PCE_OK;
}

void
gnmi_device_close(struct driver_device *d)
{
	d->report.closed = true;
	d->driver->devices[d->number] = NULL;
	event_del(d->timer);
	if (d->busy == 0)
		destroy(d);
}
