/*
 * From a counter's samples to what it counted between two instants. Counters wrap (at 32 or 64
 * bits), start anew with their router, come twice, late, or far too often; clocks of routers are
 * wrong, and are set. Pure.
 */
#ifndef SOUTHBOUND_TELEMETRY_RATE_H
#define SOUTHBOUND_TELEMETRY_RATE_H

#include <stdbool.h>
#include <stdint.h>

#include "pce/base/units.h"

enum rate_verdict {
	RATE_GOOD, /* an interval has ended */
	RATE_FIRST, /* nothing to compare with yet */
	RATE_EARLY, /* too soon after the last one that counted: waits for a later one */
	RATE_DUPLICATE, /* the timestamp of the last one */
	RATE_LATE, /* older than the last one */
	RATE_RESET, /* the counter began anew, or jumped: counts from here on */
	RATE_VERDICTS
};

struct rate_counter {
	bool known;
	uint64_t value;
	int64_t at_ns; /* by the router's clock */
	struct usec received; /* by ours */
};

/* What a counter counted. */
struct rate_interval {
	uint64_t delta;
	int64_t duration_us; /* > 0 */
	bool wrapped;
	bool clock_set; /* the router's clock moved against ours: ours was taken */
};

/* What is possible. */
struct rate_limits {
	int64_t least_us; /* shorter intervals wait for a later sample */
	uint64_t per_second; /* the counter cannot be faster; 0: not known */
};

#define RATE_CLOCK_STEP_US                                                                         \
	(5 * (int64_t)USEC_PER_S) /* by which clocks may drift in an interval                      \
				   */

/*
 * Takes a sample. Only differences of a router's timestamps count, so it does not matter what its
 * clock shows; where they differ from what passed here by more than RATE_CLOCK_STEP_US and half of
 * it, its clock was set, and ours counts. A smaller value is a wrap at 32 or 64 bits if the counter
 * may have counted that much, else a reset. RATE_GOOD fills *out. O(1).
 */
enum rate_verdict rate_sample(struct rate_counter *c, uint64_t value, int64_t at_ns,
			      struct usec received, const struct rate_limits *limits,
			      struct rate_interval *out);

/* delta in duration as a number per second, times scale; saturates. */
uint64_t rate_per_second(uint64_t delta, int64_t duration_us, uint64_t scale);

#endif
