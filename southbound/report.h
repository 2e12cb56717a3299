/* What a driver tells the service of one of its routers, the same for every protocol. */
#ifndef SOUTHBOUND_REPORT_H
#define SOUTHBOUND_REPORT_H

#include "southbound/driver.h"

/* Where a router's news go. Once it is closed there are none. */
struct report {
	const struct event_sink *sink;
	const char *device; /* its name in the configuration */
	bool closed;
};

/* Any event of it. */
static inline void
report_event(const struct report *to, const struct service_event *event)
{
	if (!to->closed)
		to->sink->post(to->sink->ctx, event);
}

/* SERVICE_DEVICE_UP; capabilities: enum device_capability bits. */
static inline void
report_up(const struct report *to, uint32_t capabilities)
{
	struct service_event event = { .kind = SERVICE_DEVICE_UP };

	event.u.device_up.device = to->device;
	event.u.device_up.capabilities = capabilities;
	report_event(to, &event);
}

/* SERVICE_DEVICE_DOWN; why: in a sentence that names the router. */
static inline void
report_down(const struct report *to, const struct pce_error *why)
{
	struct service_event event = { .kind = SERVICE_DEVICE_DOWN };

	event.u.device_down.device = to->device;
	event.u.device_down.status = why->status;
	event.u.device_down.text = why->text;
	report_event(to, &event);
}

/* SERVICE_DEVICE_CHANGED: it says that somebody else changed something. */
static inline void
report_changed(const struct report *to)
{
	struct service_event event = { .kind = SERVICE_DEVICE_CHANGED };

	event.u.device_changed.device = to->device;
	report_event(to, &event);
}

/* SERVICE_DEVICE_RESULT of the phase that was asked for as effect. */
static inline void
report_result(const struct report *to, uint64_t effect, const struct deploy_result *result)
{
	struct service_event event = { .kind = SERVICE_DEVICE_RESULT, .id = effect };

	event.u.device_result.device = to->device;
	event.u.device_result.result = *result;
	report_event(to, &event);
}

/* SERVICE_DEVICE_READ of the read that was asked for as effect: the state, or NULL and why not. */
static inline void
report_read(const struct report *to, uint64_t effect, const struct device_state *state,
	    const struct pce_error *why)
{
	struct service_event event = { .kind = SERVICE_DEVICE_READ, .id = effect };

	event.u.device_read.device = to->device;
	event.u.device_read.status = why->status;
	event.u.device_read.text = why->status ? why->text : NULL;
	if (state)
		event.u.device_read.state = *state;
	report_event(to, &event);
}

#endif
