#include "southbound/telemetry/rate.h"

uint64_t
rate_per_second(uint64_t delta, int64_t duration_us, uint64_t scale)
{
	unsigned __int128 v = (unsigned __int128)delta * scale;

	if (duration_us <= 0)
		return 0;
	/* 64 + 64 bits leave no room for the factor where delta is huge: it is divided first then.
	 */
	v = v > ((unsigned __int128)-1) / USEC_PER_S ? v / (uint64_t)duration_us * USEC_PER_S
						     : v * USEC_PER_S / (uint64_t)duration_us;
	return v > UINT64_MAX ? UINT64_MAX : (uint64_t)v;
}

/* True if the counter may have counted that much. */
static bool
possible(uint64_t delta, int64_t duration_us, const struct rate_limits *limits)
{
	/* Twice the limit: intervals are as inexact as the clocks that measure them. */
	return limits->per_second == 0 ||
	       rate_per_second(delta, duration_us, 1) / 2 <= limits->per_second;
}

/* What a counter that fell may have counted by a wrap; 0: it did not wrap. */
static uint64_t
wrapped_delta(const struct rate_counter *c, uint64_t value, int64_t duration_us,
	      const struct rate_limits *limits)
{
	uint64_t narrow = (uint32_t)((uint32_t)value - (uint32_t)c->value), wide = value - c->value;

	/* Without a limit only a counter that was in the last quarter may have wrapped. */
	if (c->value <= UINT32_MAX)
		return possible(narrow, duration_us, limits) &&
			       (limits->per_second > 0 || c->value > UINT32_MAX / 4 * 3)
			   ? narrow
			   : 0;
	return possible(wide, duration_us, limits) && c->value > UINT64_MAX / 4 * 3 ? wide : 0;
}

static void
restart(struct rate_counter *c, uint64_t value, int64_t at_ns, struct usec received)
{
	*c = (struct rate_counter){ true, value, at_ns, received };
}

enum rate_verdict
rate_sample(struct rate_counter *c, uint64_t value, int64_t at_ns, struct usec received,
	    const struct rate_limits *limits, struct rate_interval *out)
{
	int64_t here_us, there_us, differ;
	struct rate_interval i = { 0 };

	if (!c->known) {
		restart(c, value, at_ns, received);
		return RATE_FIRST;
	}
	/* Timestamps are 64 bits of anything: halves cannot overflow. */
	here_us = received.v - c->received.v;
	there_us = at_ns / 1000 - c->at_ns / 1000;
	differ = there_us > here_us ? there_us - here_us : here_us - there_us;
	i.clock_set = differ > RATE_CLOCK_STEP_US && differ / 2 > here_us / 4;
	if (!i.clock_set && at_ns == c->at_ns)
		return RATE_DUPLICATE;
	if (!i.clock_set && at_ns < c->at_ns)
		return RATE_LATE;
	i.duration_us = i.clock_set ? here_us : there_us;
	if (i.duration_us < limits->least_us || i.duration_us <= 0)
		return RATE_EARLY;
	i.delta = value - c->value;
	if (value < c->value) {
		i.delta = wrapped_delta(c, value, i.duration_us, limits);
		i.wrapped = i.delta > 0;
	}
	if ((value < c->value && !i.wrapped) || !possible(i.delta, i.duration_us, limits)) {
		restart(c, value, at_ns, received);
		return RATE_RESET;
	}
	restart(c, value, at_ns, received);
	*out = i;
	return RATE_GOOD;
}
