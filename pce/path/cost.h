/*
 * Probabilities as integers, so that no result depends on rounding modes or on the order of sums.
 *
 * A risk that is out of order a share p of the time costs -ln(1 - p), in units of 1e-12: costs of
 * independent risks add up, and for small p one unit is one part per trillion of unavailability.
 * What is reported is not taken from costs but multiplied out in fixed point with 80 fractional
 * bits.
 */
#ifndef PCE_PATH_COST_H
#define PCE_PATH_COST_H

#include <stdint.h>

__extension__ typedef unsigned __int128 cost_wide;

/* Cost of a risk that never works: above that of every other one (27 631 021 115 929). */
#define COST_NEVER 28000000000000ULL

/* -ln(1 - p) x 1e12 of an unavailability in parts per trillion, rounded to nearest; COST_NEVER from
 * 1e12 on. */
uint64_t cost_of_ppt(uint64_t unavailability_ppt);

/* One as a probability in fixed point. */
#define PROBABILITY_ONE ((cost_wide)1 << 80)

/* The unavailability of a cost, 1 - exp(-cost), in parts per trillion, rounded down. */
uint64_t cost_to_ppt(uint64_t cost);

/* fails or the new, independent risk does: fails + (1 - fails) p. */
cost_wide probability_or(cost_wide fails, uint64_t unavailability_ppt);
/* Product of two probabilities. */
cost_wide probability_and(cost_wide a, cost_wide b);
/* One of two independent events: a + (1 - a) b. */
static inline cost_wide
probability_either(cost_wide a, cost_wide b)
{
	return a + probability_and(PROBABILITY_ONE - a, b);
}

/* In parts per trillion, rounded to nearest. */
uint64_t probability_ppt(cost_wide p);

/* a + b, at most UINT64_MAX. */
static inline uint64_t
cost_add(uint64_t a, uint64_t b)
{
	uint64_t sum = a + b;

	return sum < a ? UINT64_MAX : sum;
}

#endif
