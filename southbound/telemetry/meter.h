/*
 * One source (a router): from what it streams to readings, at most one of a kind for an object in
 * an interval, whatever it sends. It runs where the messages are decoded, so that a router that
 * sends one counter a million times a second costs its own thread and nobody else. Memory is
 * bounded by the number of objects. Pure.
 */
#ifndef SOUTHBOUND_TELEMETRY_METER_H
#define SOUTHBOUND_TELEMETRY_METER_H

#include "pce/base/addr.h"
#include "southbound/gnmi/walk.h"
#include "southbound/telemetry/rate.h"

#define METER_NAME_MAX 255 /* octets of an object's name */

struct meter_limits {
	uint32_t objects; /* interfaces, policies and flows at most */
	struct rate_limits rate; /* octets per second */
};

enum meter_reading_kind {
	READING_OBJECT, /* a new object: name, policy */
	READING_RATE, /* number: bit/s; of a flow packets in 1000 s */
	READING_DELAY, /* number: us */
	READING_LOSS, /* number: ppb */
	READING_OPER, /* number: 1 up, 0 down */
	READING_INDEX, /* number */
	READING_ADDRESS, /* address */
	READING_GONE, /* the router deleted it */
};

struct meter_reading {
	enum meter_reading_kind kind;
	uint32_t object; /* number within the source */
	uint64_t number;
	int64_t duration_us; /* RATE: how long it held */
	struct usec received;
	const char *name; /* OBJECT; lives as long as the meter */
	bool policy; /* OBJECT: name is "COLOR ENDPOINT" */
	bool flow; /* OBJECT: name is "COLOR ENDPOINT HEADEND" */
	struct ip_addr address;
};

typedef void meter_fn(void *ctx, const struct meter_reading *reading);

/* What was not counted, by cause. */
struct meter_counters {
	uint64_t samples;
	uint64_t verdicts[RATE_VERDICTS]; /* of counters */
	uint64_t wraps, clock_set;
	uint64_t not_numbers; /* NaN, negative, text where a number belongs */
	uint64_t too_many_objects, bad_names;
	uint64_t held_back; /* more often than the least interval */
};

struct meter;

/* Caller owns *out; meter_free(NULL) does nothing. seed keys the table of names. */
enum pce_status meter_new(const struct meter_limits *limits, uint64_t seed, meter_fn *fn, void *ctx,
			  struct meter **out, struct pce_error *err);
void meter_free(struct meter *meter);
/* A message begins: what it points to is new. received is when its octets came. */
void meter_begin(struct meter *meter, struct usec received);
/* One leaf; for gnmi_walk, with the meter as ctx. */
void meter_sample(void *meter, const struct gnmi_sample *sample);
/* A stream ended: counters of the next one are compared with nothing. */
void meter_restart(struct meter *meter);
const struct meter_counters *meter_counters(const struct meter *meter);
/* Octets that it takes. */
size_t meter_memory(const struct meter *meter);

#endif
