#define _GNU_SOURCE
#include "config.h"

#include "southbound/gnmi/connect.h"

#include <stddef.h>

#include "southbound/clock.h"
#include "southbound/gnmi/code.h"

#define FIRST_WAIT_US (USEC_PER_S / 2)
#define LONGEST_WAIT_US (30 * (int64_t)USEC_PER_S)
#define CALL_MS 10000

#define CONNECTION_OF(pointer, member)                                                             \
	((struct gnmi_connection *)(void *)((char *)(pointer)-offsetof(struct gnmi_connection,     \
								       member)))

/* splitmix64: jitter, nothing that anybody could gain from guessing */
static uint64_t
next_random(struct gnmi_connection *c)
{
	uint64_t z = (c->random += 0x9e3779b97f4a7c15ULL);

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

void
gnmi_connection_lose(struct gnmi_connection *c, const struct pce_error *why)
{
	int64_t half = c->wait_us / 2;

	c->failed(c, why);
	gnmi_channel_close(&c->channel);
	if (gnmi_engine_stopping(c->engine))
		return;
	gnmi_engine_set(
	    c->engine, &c->timer,
	    usec_add(monotonic_now(), half + (int64_t)(next_random(c) % (uint64_t)(half + 1))));
	c->wait_us = c->wait_us * 2 < LONGEST_WAIT_US ? c->wait_us * 2 : LONGEST_WAIT_US;
}

void
gnmi_connection_steady(struct gnmi_connection *c)
{
	c->wait_us = FIRST_WAIT_US;
}

static void
on_capabilities(struct gnmi_call *call, grpc_status_code status, const uint8_t *bytes, size_t len,
		const char *text)
{
	struct gnmi_connection *c = CONNECTION_OF(call, call);
	struct gnmi_capabilities capabilities = { 0 };
	struct pce_error err = { 0 };

	if (gnmi_engine_stopping(c->engine)) {
		gnmi_channel_close(&c->channel);
		return;
	}
	/* Some targets simply have none. */
	if (status == GRPC_STATUS_UNIMPLEMENTED || status == GRPC_STATUS_NOT_FOUND)
		c->ready(c, &capabilities);
	else if (gnmi_code_explain((int)status, text, "Capabilities", &err) ||
		 gnmi_capabilities_read(bytes, len, &capabilities, &err))
		gnmi_connection_lose(c, &err);
	else
		c->ready(c, &capabilities);
}

static void
on_attempt(struct gnmi_timer *timer)
{
	struct gnmi_connection *c = CONNECTION_OF(timer, timer);
	struct pce_error err = { 0 };

	if (gnmi_channel_open(c->config, !c->quiet, &c->channel, &err) ||
	    gnmi_call_start(&c->call, c->engine, &c->channel, "/gnmi.gNMI/Capabilities", "", 0,
			    CALL_MS, &err))
		gnmi_connection_lose(c, &err);
}

void
gnmi_connection_begin(struct gnmi_connection *c)
{
	c->wait_us = FIRST_WAIT_US;
	c->call.done = on_capabilities;
	c->timer.fn = on_attempt;
	gnmi_engine_timer(c->engine, &c->timer);
	/* Not all at once. */
	gnmi_engine_set(c->engine, &c->timer,
			usec_add(monotonic_now(), (int64_t)(next_random(c) % 100) * USEC_PER_MS));
}

void
gnmi_connection_stop(struct gnmi_connection *c, bool used)
{
	gnmi_call_cancel(&c->call);
	if (!c->call.busy && !used)
		gnmi_channel_close(&c->channel);
}
