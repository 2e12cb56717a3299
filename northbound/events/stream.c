/* Event streams; see stream.h. */
#include "config.h"

#include "northbound/events/stream.h"

#include <event2/event.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "northbound/events/ring.h"
#include "northbound/http/http.h"

#define TURN 16 /* events printed in one turn of the loop: about 2 ms */
#define BACKLOG (64u << 10) /* above it a client is not written to */
#define RETRY_MS 20 /* until a client that lags is looked at again */

struct client {
	TAILQ_ENTRY(client) entry;
	struct events *events;
	struct http_request *request;
	uint64_t after; /* number of the last event that it was sent */
};

struct events {
	struct events_options options;
	struct events_ring *ring;
	struct event *print, *retry, *heartbeat;
	TAILQ_HEAD(, client) clients;
	struct events_counters counters;
};

static void
after_ms(struct event *timer, uint32_t ms)
{
	struct timeval delay = { ms / 1000, (suseconds_t)(ms % 1000) * 1000 };

	if (!evtimer_pending(timer, NULL))
		evtimer_add(timer, &delay);
}

/* The client left: it is off the list before anybody writes to it again. */
static void
client_gone(void *arg)
{
	struct client *client = arg;

	TAILQ_REMOVE(&client->events->clients, client, entry);
	client->events->counters.clients--;
	free(client);
}

/* Sends what the client has not got yet, as far as it reads. True if it lags. */
static bool
pump(struct client *client)
{
	struct events *events = client->events;
	struct events_entry entry;
	struct text t = { 0 };
	bool missed, lags = false;

	while (!lags && events_ring_next(events->ring, client->after, &entry, &missed)) {
		if (http_stream_backlog(client->request) > BACKLOG) {
			lags = true;
			break;
		}
		text_clear(&t);
		if (missed)
			text_printf(&t, "event: gap\ndata: {\"after\":\"%" PRIu64 "\"}\n\n",
				    client->after);
		text_printf(&t, "id: %" PRIx64 "-%" PRIu64 "\ndata: ", events->options.epoch,
			    entry.number);
		text_add(&t, entry.text);
		text_add(&t, "\n\n");
		if (!text_ok(&t) || !http_stream_write(client->request, text_get(&t), t.len))
			break; /* it is being closed, or is tried again with the next event */
		client->after = entry.number;
	}
	text_free(&t);
	return lags;
}

static void
pump_all(struct events *events)
{
	struct client *client;
	bool lags = false;

	TAILQ_FOREACH(client, &events->clients, entry)
	lags |= pump(client);
	if (lags)
		after_ms(events->retry, RETRY_MS);
}

static void
on_retry(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	pump_all(arg);
}

/* Prints a few events and leaves the rest to the next turn. */
static void
on_print(evutil_socket_t fd, short what, void *arg)
{
	struct events *events = arg;
	const struct service_notice *notice;

	(void)fd;
	(void)what;
	for (int i = 0; i < TURN && (notice = events_ring_unprinted(events->ring)); i++) {
		struct text t = { 0 };

		if (events->options.print(events->options.arg, notice, &t, NULL) == PCE_OK &&
		    text_ok(&t)) {
			events_ring_printed(events->ring, text_take(&t));
		} else {
			events->counters.unprintable++;
			events_ring_printed(events->ring, NULL);
		}
		text_free(&t);
	}
	pump_all(events);
	if (events_ring_unprinted(events->ring))
		after_ms(events->print, 0);
}

/* A comment line keeps proxies from closing, and finds out who is gone. */
static void
on_heartbeat(evutil_socket_t fd, short what, void *arg)
{
	struct events *events = arg;
	struct client *client;

	(void)fd;
	(void)what;
	TAILQ_FOREACH(client, &events->clients, entry)
	if (http_stream_backlog(client->request) <= BACKLOG)
		http_stream_write(client->request, ":\n\n", 3);
	if (!TAILQ_EMPTY(&events->clients))
		after_ms(events->heartbeat, events->options.heartbeat_ms);
}

enum pce_status
events_new(const struct events_options *options, struct events **out, struct pce_error *err)
{
	struct events *events = calloc(1, sizeof(*events));

	if (!events)
		return pce_no_memory(err);
	TAILQ_INIT(&events->clients);
	events->options = *options;
	events->print = evtimer_new(options->loop, on_print, events);
	events->retry = evtimer_new(options->loop, on_retry, events);
	events->heartbeat = evtimer_new(options->loop, on_heartbeat, events);
	if (!events->print || !events->retry || !events->heartbeat ||
	    events_ring_new(options->capacity, &events->ring, NULL) != PCE_OK) {
		events_free(events);
		return pce_no_memory(err);
	}
	*out = events;
	return PCE_OK;
}

static void
timer_free(struct event *timer)
{
	if (timer)
		event_free(timer);
}

void
events_free(struct events *events)
{
	struct client *client;

	if (!events)
		return;
	while ((client = TAILQ_FIRST(&events->clients))) {
		http_stream_end(client->request);
		client_gone(client);
	}
	timer_free(events->print);
	timer_free(events->retry);
	timer_free(events->heartbeat);
	events_ring_free(events->ring);
	free(events);
}

void
events_add(struct events *events, const struct service_notice *notice)
{
	events->counters.events++;
	if (events_ring_add(events->ring, notice, NULL) != PCE_OK)
		events->counters.unprintable++;
	after_ms(events->print, 0);
}

/* Where a client that names the last event it saw goes on. */
static uint64_t
resume_after(const struct events *events, const char *last_event_id)
{
	uint64_t epoch = 0, number = 0;
	char end;

	if (!last_event_id)
		return events_ring_newest(events->ring);
	if (sscanf(last_event_id, "%" SCNx64 "-%" SCNu64 "%c", &epoch, &number, &end) != 2 ||
	    epoch != events->options.epoch)
		return 0;
	return number < events_ring_newest(events->ring) ? number
							 : events_ring_newest(events->ring);
}

enum pce_status
events_subscribe(struct events *events, struct http_request *request, const char *last_event_id,
		 struct pce_error *err)
{
	struct client *client = calloc(1, sizeof(*client));

	if (!client)
		return pce_no_memory(err);
	client->events = events;
	client->request = request;
	client->after = resume_after(events, last_event_id);
	TAILQ_INSERT_TAIL(&events->clients, client, entry);
	events->counters.clients++;
	http_reply_header(request, "Cache-Control", "no-store");
	http_reply_header(request, "X-Accel-Buffering", "no");
	http_stream(request, "text/event-stream", client_gone, client);
	http_stream_write(request, "retry: 2000\n\n", 13);
	if (pump(client))
		after_ms(events->retry, RETRY_MS);
	after_ms(events->heartbeat, events->options.heartbeat_ms);
	return PCE_OK;
}

void
events_count(const struct events *events, struct events_counters *out)
{
	*out = events->counters;
}
