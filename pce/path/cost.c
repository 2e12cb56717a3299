#include "pce/path/cost.h"
#include "pce/base/units.h"

/* ln 2 x 2^64 */
#define LN2_Q64 0xb17217f7d1cf79acULL

/*
 * log2(PPT_ONE / a) in 2^-56 for 1 <= a <= PPT_ONE, by squaring: the mantissa x in [1, 2) is
 * squared once per binary digit; when it reaches 2 the digit is 1.
 */
static uint64_t
log2_inverse(uint64_t a)
{
	unsigned whole = 0;
	uint64_t digits = 0;
	cost_wide x;

	while (a << (whole + 1) <= PPT_ONE)
		whole++;
	x = ((cost_wide)PPT_ONE << 62) / ((cost_wide)a << whole);
	for (int i = 0; i < 56; i++) {
		x = (x * x) >> 62;
		digits <<= 1;
		if (x >> 63) {
			digits |= 1;
			x >>= 1;
		}
	}
	return ((uint64_t)whole << 56) + digits;
}

/* 2^120 / 1e12, so that a share of 1e12 becomes one of 2^80 by a product. */
#define SHARE_Q120 (((cost_wide)1 << 120) / PPT_ONE)

/* Below this share of 2^-6 the series p + p^2 / 2 + ... is quicker: eight terms leave less than a
 * hundred-thousandth of the unit. */
#define SERIES_PPT (PPT_ONE / 64)

static uint64_t
cost_by_series(uint64_t unavailability_ppt)
{
	static const cost_wide parts[] = { PROBABILITY_ONE,     PROBABILITY_ONE / 2,
					   PROBABILITY_ONE / 3, PROBABILITY_ONE / 4,
					   PROBABILITY_ONE / 5, PROBABILITY_ONE / 6,
					   PROBABILITY_ONE / 7, PROBABILITY_ONE / 8 };
	cost_wide p = (unavailability_ppt * SHARE_Q120) >> 40, sum = 0;
	unsigned n = unavailability_ppt < PPT_ONE / 1000 ? 5 : 8;

	while (n-- > 0)
		sum = parts[n] + probability_and(p, sum);
	return probability_ppt(probability_and(p, sum));
}

uint64_t
cost_of_ppt(uint64_t unavailability_ppt)
{
	cost_wide nepers;

	if (unavailability_ppt == 0)
		return 0;
	if (unavailability_ppt >= PPT_ONE)
		return COST_NEVER;
	if (unavailability_ppt < SERIES_PPT)
		return cost_by_series(unavailability_ppt);
	nepers = ((cost_wide)log2_inverse(PPT_ONE - unavailability_ppt) * LN2_Q64) >> 64;
	return (uint64_t)((nepers * PPT_ONE + ((cost_wide)1 << 55)) >> 56);
}

/* By the series for a 2^20th of the cost, then squaring what is left over twenty times. */
uint64_t
cost_to_ppt(uint64_t cost)
{
	cost_wide x, square, fails;

	if (cost >= COST_NEVER)
		return PPT_ONE;
	x = ((cost_wide)cost << 75) / PPT_ONE >> 15;
	square = probability_and(x, x);
	fails = x - square / 2 + probability_and(square, x) / 6;
	for (unsigned i = 0; i < 20; i++)
		fails = 2 * fails - probability_and(fails, fails);
	return (uint64_t)((fails * PPT_ONE) >> 80);
}

cost_wide
probability_and(cost_wide a, cost_wide b)
{
	/* 80 x 80 bits do not fit into 128: split b into its upper and lower 40 bits. */
	cost_wide high = b >> 40, low = b & (((cost_wide)1 << 40) - 1);

	return ((a * high) >> 40) + ((a * low) >> 80);
}

cost_wide
probability_or(cost_wide fails, uint64_t unavailability_ppt)
{
	if (unavailability_ppt >= PPT_ONE)
		return PROBABILITY_ONE;
	return probability_either(fails, (unavailability_ppt * SHARE_Q120) >> 40);
}

uint64_t
probability_ppt(cost_wide p)
{
	return (uint64_t)((p * PPT_ONE + (PROBABILITY_ONE >> 1)) >> 80);
}
