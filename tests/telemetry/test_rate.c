/* Counters to rates, and smoothing, against plain models of both. */
#include <stdio.h>
#include <string.h>

#include "southbound/telemetry/rate.h"
#include "southbound/telemetry/window.h"
#include "tests/support/suite.h"

#define S ((int64_t)USEC_PER_S)
#define NS ((int64_t)1000000000)

static const struct rate_limits gig = { .least_us = 100000, .per_second = 125000000 };

static enum rate_verdict
sample(struct rate_counter *c, uint64_t value, int64_t there_s, int64_t here_s,
       struct rate_interval *out)
{
	return rate_sample(c, value, there_s * NS, (struct usec){ here_s * S }, &gig, out);
}

START_TEST(rate_plain_counter)
{
	struct rate_counter c = { 0 };
	struct rate_interval i;

	ck_assert_int_eq(sample(&c, 1000, 100, 1, &i), RATE_FIRST);
	ck_assert_int_eq(sample(&c, 251000, 102, 3, &i), RATE_GOOD);
	ck_assert_uint_eq(i.delta, 250000);
	ck_assert_int_eq(i.duration_us, 2 * S);
	ck_assert_uint_eq(rate_per_second(i.delta, i.duration_us, 8), 1000000);
}
END_TEST

START_TEST(rate_duplicate_late_and_early_change_nothing)
{
	struct rate_counter c = { 0 };
	struct rate_interval i;

	(void)sample(&c, 1000, 100, 1, &i);
	ck_assert_int_eq(sample(&c, 1000, 100, 2, &i), RATE_DUPLICATE);
	ck_assert_int_eq(sample(&c, 500, 99, 2, &i), RATE_LATE);
	ck_assert_int_eq(rate_sample(&c, 1100, 100 * NS + 1000, (struct usec){ 2 * S }, &gig, &i),
			 RATE_EARLY);
	ck_assert_int_eq(sample(&c, 2000, 101, 2, &i), RATE_GOOD);
	ck_assert_uint_eq(i.delta, 1000);
}
END_TEST

START_TEST(rate_wrap_at_32_and_64_bits)
{
	struct rate_counter c = { 0 };
	struct rate_interval i;

	(void)sample(&c, UINT32_MAX - 99, 100, 1, &i);
	ck_assert_int_eq(sample(&c, 900, 101, 2, &i), RATE_GOOD);
	ck_assert_uint_eq(i.delta, 1000);
	ck_assert(i.wrapped);
	c.known = false;
	(void)sample(&c, UINT64_MAX - 99, 100, 1, &i);
	ck_assert_int_eq(sample(&c, 900, 101, 2, &i), RATE_GOOD);
	ck_assert_uint_eq(i.delta, 1000);
	ck_assert(i.wrapped);
}
END_TEST

START_TEST(rate_reset_is_no_wrap)
{
	struct rate_counter c = { 0 };
	struct rate_interval i;

	(void)sample(&c, 2000000000, 100, 1, &i);
	ck_assert_int_eq(sample(&c, 900, 101, 2, &i), RATE_RESET);
	ck_assert_int_eq(sample(&c, 1900, 102, 3, &i), RATE_GOOD);
	ck_assert_uint_eq(i.delta, 1000);
	/* A jump that the interface cannot have counted. */
	ck_assert_int_eq(sample(&c, 1u << 30, 103, 4, &i), RATE_RESET);
}
END_TEST

START_TEST(rate_clock_ahead_does_not_matter_but_a_set_clock_does)
{
	struct rate_counter c = { 0 };
	struct rate_interval i;

	(void)sample(&c, 1000, 3700, 1, &i); /* an hour ahead */
	ck_assert_int_eq(sample(&c, 2000, 3701, 2, &i), RATE_GOOD);
	ck_assert(!i.clock_set);
	ck_assert_int_eq(i.duration_us, S);
	ck_assert_int_eq(sample(&c, 12000, 102, 12, &i), RATE_GOOD); /* it was set right */
	ck_assert(i.clock_set);
	ck_assert_int_eq(i.duration_us, 10 * S);
	ck_assert_uint_eq(i.delta, 10000);
	ck_assert_int_eq(sample(&c, 13000, 103, 13, &i), RATE_GOOD);
	ck_assert(!i.clock_set);
}
END_TEST

START_TEST(rate_extreme_timestamps_are_no_fault)
{
	const int64_t times[] = { INT64_MIN, INT64_MAX, 0, -1, 1 };
	struct rate_counter c = { 0 };
	struct rate_interval i;

	for (size_t a = 0; a < 5; a++)
		for (size_t b = 0; b < 5; b++) {
			c.known = false;
			(void)rate_sample(&c, 1, times[a], (struct usec){ S }, &gig, &i);
			(void)rate_sample(&c, 2, times[b], (struct usec){ 2 * S }, &gig, &i);
		}
	ck_assert_uint_eq(rate_per_second(UINT64_MAX, 1, 8), UINT64_MAX);
	ck_assert_uint_eq(rate_per_second(UINT64_MAX, S, 1), UINT64_MAX);
}
END_TEST

/*
 * A router counts, at a varying speed, in 32 or 64 bits from anywhere, and its samples come twice,
 * late, or not at all. What all intervals counted has to be what it counted between the first and
 * the last sample that was taken.
 */
START_TEST(rate_intervals_sum_up_to_what_was_counted)
{
	for (uint64_t seed = 1; seed <= suite_seeds(); seed++) {
		uint64_t random = seed, total = 0, first = 0, summed = 0;
		bool narrow = suite_below(&random, 2);
		uint64_t start = suite_below(&random, 2) ? UINT64_MAX - 100000 : 5;
		int64_t skew = (int64_t)suite_below(&random, 7200) * NS, at = 0;
		struct rate_counter c = { 0 };
		struct rate_interval i;
		uint64_t last_total = 0;
		unsigned good = 0;

		for (unsigned step = 0; step < 200; step++) {
			int64_t pass_ms = 200 + suite_below(&random, 3000);
			uint64_t value;
			unsigned copies = suite_below(&random, 8) == 0   ? 0
					  : suite_below(&random, 8) == 0 ? 2
									 : 1;

			at += pass_ms;
			total += (uint64_t)pass_ms * suite_below(&random, 120000);
			value = start + total;
			value = narrow ? (uint32_t)value : value;
			for (unsigned k = 0; k < copies; k++) {
				int64_t delay_ms = suite_below(&random, 100);
				enum rate_verdict v = rate_sample(
				    &c, value, at * 1000000 + skew,
				    (struct usec){ (at + delay_ms) * 1000 + 7 * S }, &gig, &i);

				ck_assert_msg(v != RATE_RESET && (v != RATE_DUPLICATE || k > 0),
					      "seed %llu, step %u: verdict %d",
					      (unsigned long long)seed, step, (int)v);
				if (v == RATE_FIRST)
					first = total;
				if (v == RATE_GOOD) {
					summed += i.delta;
					last_total = total;
					good++;
				}
			}
			if (copies > 0 && suite_below(&random, 6) == 0) /* an older one comes by */
				ck_assert_int_ne(rate_sample(&c, value, (at - 150) * 1000000 + skew,
							     (struct usec){ at * 1000 + 7 * S },
							     &gig, &i),
						 RATE_GOOD);
		}
		ck_assert_msg(summed == last_total - first, "seed %llu: %llu instead of %llu",
			      (unsigned long long)seed, (unsigned long long)summed,
			      (unsigned long long)(last_total - first));
		ck_assert_uint_gt(good, 100);
	}
}
END_TEST

/* --- smoothing --- */

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static double
median_of(const double *v, size_t n)
{
	double sorted[WINDOW_VALUES];

	memcpy(sorted, v, n * sizeof(*v));
	qsort(sorted, n, sizeof(*sorted), compare);
	return sorted[(n - 1) / 2];
}

static double
model_mean(const double *v, const double *weights, size_t n)
{
	double median = median_of(v, n), off[WINDOW_VALUES], sum = 0, all = 0, most;

	for (size_t i = 0; i < n; i++)
		off[i] = v[i] > median ? v[i] - median : median - v[i];
	most = 4.5 * median_of(off, n);
	for (size_t i = 0; i < n; i++) {
		double x = v[i];

		if (n >= 5 && x > median + most)
			x = median + most;
		if (n >= 5 && x < median - most)
			x = median - most;
		sum += x * weights[i];
		all += weights[i];
	}
	return sum / all;
}

START_TEST(window_mean_is_that_of_the_model)
{
	for (uint64_t seed = 1; seed <= suite_seeds(); seed++) {
		uint64_t random = seed;
		struct window w = { 0 };
		double v[64], weights[64], expected;
		size_t n = 1 + suite_below(&random, 50), kept;

		for (size_t i = 0; i < n; i++) {
			uint64_t value = 1000000 + suite_below(&random, 100000);

			if (suite_below(&random, 8) == 0)
				value *= suite_below(&random, 100);
			v[i] = (double)value;
			weights[i] = 1 + suite_below(&random, 5000);
			window_add(&w, value, (int64_t)weights[i] * 1000,
				   (struct usec){ (int64_t)i * S });
		}
		kept = n < WINDOW_VALUES ? n : WINDOW_VALUES;
		expected = model_mean(v + n - kept, weights + n - kept, kept);
		ck_assert_msg((double)window_mean(&w) <= expected + 2 &&
				  (double)window_mean(&w) >= expected - 2,
			      "seed %llu: %llu instead of %f", (unsigned long long)seed,
			      (unsigned long long)window_mean(&w), expected);
	}
}
END_TEST

START_TEST(window_one_wild_value_moves_little)
{
	struct window w = { 0 };

	for (int i = 0; i < 9; i++)
		window_add(&w, 1000 + (uint64_t)i, S, (struct usec){ i * S });
	window_add(&w, UINT64_MAX, S, (struct usec){ 9 * S });
	ck_assert_uint_lt(window_mean(&w), 1010);
}
END_TEST

START_TEST(window_forgets_what_is_old_but_not_all)
{
	struct window w = { 0 };

	window_add(&w, 10, S, (struct usec){ 1 * S });
	window_add(&w, 30, S, (struct usec){ 5 * S });
	window_expire(&w, (struct usec){ 10 * S }, 9 * S);
	ck_assert_uint_eq(window_mean(&w), 30);
	window_expire(&w, (struct usec){ 100 * S }, 9 * S);
	ck_assert_uint_eq(window_mean(&w), 30);
	ck_assert_uint_eq(window_mean(&(struct window){ 0 }), 0);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("rate");

	tcase_add_test(t, rate_plain_counter);
	tcase_add_test(t, rate_duplicate_late_and_early_change_nothing);
	tcase_add_test(t, rate_wrap_at_32_and_64_bits);
	tcase_add_test(t, rate_reset_is_no_wrap);
	tcase_add_test(t, rate_clock_ahead_does_not_matter_but_a_set_clock_does);
	tcase_add_test(t, rate_extreme_timestamps_are_no_fault);
	tcase_add_test(t, rate_intervals_sum_up_to_what_was_counted);
	tcase_add_test(t, window_mean_is_that_of_the_model);
	tcase_add_test(t, window_one_wild_value_moves_little);
	tcase_add_test(t, window_forgets_what_is_old_but_not_all);
	return suite_run("telemetry rate", t, 60);
}
