/*
 * Event streams: server-sent events (HTML standard, section 9.2) with the notifications of RFC 8040
 * section 6.4. Each client is served from the ring at its own pace: one that lags is not written to
 * until it has read, and one that lags by more than the ring is told of the gap:
 *
 *   id: EPOCH-NUMBER            event: gap
 *   data: {…notification…}      data: {"after":"NUMBER"}
 *
 * The epoch changes with every start of the daemon, so that a client which comes back with the
 * Last-Event-ID of an earlier run gets all that is there.
 */
#ifndef NORTHBOUND_EVENTS_STREAM_H
#define NORTHBOUND_EVENTS_STREAM_H

#include "pce/service/effect.h"

struct event_base;
struct events;
struct http_request;

struct events_options {
	struct event_base *loop;
	size_t capacity; /* of the ring */
	uint64_t epoch;
	uint32_t heartbeat_ms; /* between two comment lines on a quiet stream */
	/* Appends the event as one line of JSON. */
	enum pce_status (*print)(void *arg, const struct service_notice *notice, struct text *out,
				 struct pce_error *err);
	void *arg;
};

struct events_counters {
	uint64_t events, unprintable;
	unsigned clients;
};

/* Caller owns *out. */
enum pce_status events_new(const struct events_options *options, struct events **out,
			   struct pce_error *err);
/* Ends all streams. NULL does nothing. */
void events_free(struct events *events);

/* Takes a notice in; it is printed and sent in later turns of the loop. */
void events_add(struct events *events, const struct service_notice *notice);

/*
 * Makes a request a stream. last_event_id (NULL: none) is where the client was: it gets what came
 * after; without one it gets what comes from now on. PCE_NO_MEMORY leaves the request unanswered.
 */
enum pce_status events_subscribe(struct events *events, struct http_request *request,
				 const char *last_event_id, struct pce_error *err);

/* What was counted since the start. */
void events_count(const struct events *events, struct events_counters *out);

#endif
