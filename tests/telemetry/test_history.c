/* The history of a link against one that keeps every second. */
#include <stdio.h>
#include <string.h>

#include "southbound/telemetry/history.h"
#include "tests/support/suite.h"

#define SECONDS (4 * 3600)
#define START_S 1700000000

/* What every second carried; UINT64_MAX: nothing was measured. */
struct model {
	uint64_t bps[SECONDS];
	size_t met;
};

static int
compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static uint64_t
up(uint64_t bps)
{
	return (bps + 999) / 1000 * 1000;
}

/* The bucket of one minute that begins at a second; false: nothing was measured. */
static bool
minute(const struct model *m, int64_t start_s, struct history_bucket *out)
{
	uint64_t sorted[60], sum = 0;
	size_t n = 0;

	for (int64_t s = start_s; s < start_s + 60; s++) {
		int64_t i = s - START_S;

		if (i < 0 || i >= SECONDS || m->bps[i] == UINT64_MAX)
			continue;
		sorted[n++] = m->bps[i];
		sum += m->bps[i];
	}
	if (n == 0)
		return false;
	qsort(sorted, n, sizeof(*sorted), compare);
	*out = (struct history_bucket){ .start_s = start_s, .length_s = 60 };
	out->samples = (uint32_t)n;
	out->least_bps = sorted[0] / 1000 * 1000;
	out->mean_bps = sum / n / 1000 * 1000;
	out->greatest_bps = up(sorted[n - 1]);
	out->p95_bps = up(sorted[(n * 95 + 99) / 100 - 1]);
	return true;
}

static void
check_minute(void *ctx, const struct history_bucket *b)
{
	struct model *m = ctx;
	struct history_bucket wanted;

	ck_assert_msg(minute(m, b->start_s, &wanted), "a bucket out of nothing");
	ck_assert_uint_eq(b->samples, wanted.samples);
	ck_assert_uint_eq(b->least_bps, wanted.least_bps);
	ck_assert_uint_eq(b->mean_bps, wanted.mean_bps);
	ck_assert_uint_eq(b->greatest_bps, wanted.greatest_bps);
	ck_assert_uint_eq(b->p95_bps, wanted.p95_bps);
	m->met++;
}

static void
fill(struct model *m, struct history *h, uint64_t *random)
{
	uint64_t level = suite_below(random, 4000000000u);
	bool on = true;

	for (size_t i = 0; i < SECONDS; i++) {
		if (suite_below(random, 200) == 0)
			on = !on;
		if (suite_below(random, 300) == 0)
			level = (uint64_t)suite_below(random, 4000000000u) * 30;
		m->bps[i] = on ? level + suite_below(random, 50000000) : UINT64_MAX;
		if (on)
			ck_assert_int_eq(history_rate(h, (START_S + (int64_t)i + 1) * 1000000,
						      1000000, m->bps[i], NULL),
					 PCE_OK);
	}
}

START_TEST(history_buckets_are_those_of_every_second)
{
	static struct model m;

	for (uint64_t seed = 1; seed <= suite_seeds() / 10 + 1; seed++) {
		struct history h;
		uint64_t random = seed;
		size_t wanted = 0;
		struct history_bucket bucket;

		history_init(&h, 60, 86400);
		fill(&m, &h, &random);
		m.met = 0;
		for (int64_t s = START_S / 60 * 60; s < START_S + SECONDS; s += 60)
			wanted += minute(&m, s, &bucket);
		history_read(&h, 0, INT64_MAX, 0, check_minute, &m);
		ck_assert_uint_eq(m.met, wanted);
		history_free(&h);
	}
}
END_TEST

struct merged {
	const struct model *m;
	uint32_t step_s;
	size_t met;
};

static void
check_merged(void *ctx, const struct history_bucket *b)
{
	struct merged *merged = ctx;
	struct history_bucket one;
	uint64_t least = UINT64_MAX, greatest = 0, p95 = 0;
	unsigned __int128 sum = 0;
	uint32_t n = 0;

	ck_assert_int_eq(b->start_s % merged->step_s, 0);
	ck_assert_uint_eq(b->length_s, merged->step_s);
	for (int64_t s = b->start_s; s < b->start_s + merged->step_s; s += 60) {
		if (!minute(merged->m, s, &one))
			continue;
		least = one.least_bps < least ? one.least_bps : least;
		greatest = one.greatest_bps > greatest ? one.greatest_bps : greatest;
		p95 = one.p95_bps > p95 ? one.p95_bps : p95;
		sum += (unsigned __int128)one.mean_bps * one.samples;
		n += one.samples;
	}
	ck_assert_uint_gt(n, 0);
	ck_assert_uint_eq(b->samples, n);
	ck_assert_uint_eq(b->least_bps, least);
	ck_assert_uint_eq(b->greatest_bps, greatest);
	ck_assert_uint_eq(b->p95_bps, p95);
	ck_assert_uint_eq(b->mean_bps, (uint64_t)(sum / n));
	merged->met++;
}

START_TEST(history_merged_buckets_follow_from_the_small_ones)
{
	static struct model m;

	for (uint64_t seed = 1; seed <= suite_seeds() / 20 + 1; seed++) {
		struct merged merged = { &m, 60 * (1 + (uint32_t)seed % 20), 0 };
		struct history h;
		uint64_t random = seed;

		history_init(&h, 60, 86400);
		fill(&m, &h, &random);
		history_read(&h, 0, INT64_MAX, merged.step_s, check_merged, &merged);
		ck_assert_uint_gt(merged.met, 0);
		history_free(&h);
	}
}
END_TEST

static void
count(void *ctx, const struct history_bucket *b)
{
	int64_t *seen = ctx;

	ck_assert_int_gt(b->start_s, seen[1]);
	seen[1] = b->start_s;
	seen[2] = seen[0]++ == 0 ? b->start_s : seen[2];
}

START_TEST(history_keeps_a_day_in_little_memory)
{
	struct history h;
	uint64_t random = 7;
	int64_t seen[3] = { 0, 0, 0 };

	history_init(&h, 60, 86400);
	for (int64_t s = 0; s < 2 * 86400; s += 10)
		ck_assert_int_eq(history_rate(&h, (START_S + s) * 1000000, 10000000,
					      5000000000u + suite_below(&random, 500000000), NULL),
				 PCE_OK);
	history_read(&h, 0, INT64_MAX, 0, count, seen);
	ck_assert_int_ge(seen[0], 1440);
	ck_assert_int_le(seen[0], 1440 + 61);
	ck_assert_int_ge(seen[2], START_S + 2 * 86400 - 86400 - 3700);
	ck_assert_uint_lt(history_memory(&h), 32 * 1024);
	history_free(&h);
}
END_TEST

START_TEST(history_time_that_goes_back_loses_nothing_old)
{
	struct history h;
	int64_t seen[3] = { 0, 0, 0 };

	history_init(&h, 60, 86400);
	(void)history_rate(&h, (START_S + 600) * (int64_t)1000000, 1000000, 7000, NULL);
	(void)history_rate(&h, (START_S + 100) * (int64_t)1000000, 1000000, 9000, NULL);
	(void)history_rate(&h, 0, 1000000, 9000, NULL);
	(void)history_delay(&h, (START_S + 700) * (int64_t)1000000, 55, NULL);
	(void)history_loss(&h, (START_S + 700) * (int64_t)1000000, 44, NULL);
	history_read(&h, 0, INT64_MAX, 0, count, seen);
	ck_assert_int_eq(seen[0], 2);
	history_free(&h);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("history");

	tcase_add_test(t, history_buckets_are_those_of_every_second);
	tcase_add_test(t, history_merged_buckets_follow_from_the_small_ones);
	tcase_add_test(t, history_keeps_a_day_in_little_memory);
	tcase_add_test(t, history_time_that_goes_back_loses_nothing_old);
	return suite_run("telemetry history", t, 120);
}
