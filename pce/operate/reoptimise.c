#include "pce/operate/reoptimise.h"

bool
worth_is_better(enum worth worth, uint64_t before, uint64_t after)
{
	return worth == WORTH_BANDWIDTH ? after > before : after < before;
}

static uint64_t
difference(uint64_t before, uint64_t after)
{
	return before > after ? before - after : after - before;
}

/* Whole percent, rounded down; UINT32_MAX of nothing. */
static uint32_t
percent_of(uint64_t part, uint64_t whole)
{
	uint64_t percent;

	if (whole == 0)
		return UINT32_MAX;
	percent = part > UINT64_MAX / 100 ? part / (whole / 100 + 1) : part * 100 / whole;
	return percent < UINT32_MAX ? (uint32_t)percent : UINT32_MAX - 1;
}

struct move_gain
worth_gain(enum worth worth, uint64_t before, uint64_t after)
{
	return (struct move_gain){
		.measure = worth_name(worth),
		.before = before,
		.after = after,
		.percent = percent_of(difference(before, after), before),
	};
}

static uint64_t
floor_of(const struct reoptimise_limits *limits, enum worth worth)
{
	switch (worth) {
	case WORTH_DELAY:
		return limits->gain_delay_us;
	case WORTH_BANDWIDTH:
	case WORTH_RESERVED:
		return limits->gain_bandwidth_bps;
	case WORTH_UNAVAILABILITY:
		return limits->gain_unavailability_ppt;
	case WORTH_IGP:
	case WORTH_TE:
	case WORTH_COUNT:
		break;
	}
	return limits->gain_metric;
}

bool
worth_a_move(const struct reoptimise_limits *limits, enum worth worth, uint64_t before,
	     uint64_t after)
{
	uint64_t gain = difference(before, after);

	return worth_is_better(worth, before, after) && gain >= floor_of(limits, worth) &&
	       percent_of(gain, before) >= limits->gain_percent;
}
