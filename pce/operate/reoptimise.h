/*
 * When a better path is worth a move: the gain has to be a share of what the path there has, and
 * has to reach a floor, because a tenth of nothing is nothing. Every move is felt by somebody.
 */
#ifndef PCE_OPERATE_REOPTIMISE_H
#define PCE_OPERATE_REOPTIMISE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pce/operate/history.h"
#include "pce/path/request.h"

struct reoptimise_limits {
	uint32_t hold_s; /* how long a better path has to be there, and a policy to stay */
	uint32_t batch; /* moves in a row; 0: nothing is re-optimised at all */
	uint32_t pause_s; /* after so many */
	uint32_t gain_percent; /* of the value before, at least */
	uint64_t gain_delay_us, gain_metric, gain_bandwidth_bps; /* and at least so much */
	uint64_t gain_unavailability_ppt;
};

/* What is compared: what a request's objective asks for, or the reservation of a guarantee. */
enum worth {
	WORTH_IGP,
	WORTH_TE,
	WORTH_DELAY,
	WORTH_BANDWIDTH, /* the only one that is better when it is larger */
	WORTH_UNAVAILABILITY,
	WORTH_RESERVED, /* bit/s in all lists together */
	WORTH_COUNT
};

/* Its name with its unit, as in the API: "delay-us"; never NULL. */
static inline const char *
worth_name(enum worth worth)
{
	static const char *const names[] = {
		"igp-metric",    "te-metric",          "delay-us",
		"bandwidth-bps", "unavailability-ppt", "reserved-bps"
	};

	return (size_t)worth < WORTH_COUNT ? names[worth] : "";
}

/* True if after is better than before. */
bool worth_is_better(enum worth worth, uint64_t before, uint64_t after);
/* What a move gains, measured as the API tells it. */
struct move_gain worth_gain(enum worth worth, uint64_t before, uint64_t after);
/* True if the gain is worth a move. */
bool worth_a_move(const struct reoptimise_limits *limits, enum worth worth, uint64_t before,
		  uint64_t after);

#endif
