/*
 * Weights of up to eight given lists. Without limits every best reservation is a vertex whose
 * numbers are fractions with the determinant of a matrix of 0 and 1 below: at most 5 for five lists
 * and 9 for six. So trying all whole weights and thresholds up to that finds the best one.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pce/base/units.h"
#include "pce/path/weights.h"
#include "tests/support/suite.h"

#define BANDWIDTH 1000000

struct draw {
	struct risk_set sets[PATTERN_ROUTES];
	struct pattern_table table;
	struct patterns patterns;
	unsigned n;
};

/* Lists with risks of their own and shared ones; some lists are alike. */
static void
draw_lists(struct draw *d, unsigned n, uint64_t *state)
{
	static const uint64_t ppts[] = { 1000000000, 1000000000, 3000000000, 20000000000,
					 100000000 };
	static const uint8_t all[] = { 0, 1, 2, 3, 4, 5, 6, 7 };
	struct pce_error err = { 0 };

	*d = (struct draw){ .n = n };
	for (uint32_t i = 0; i < n; i++) {
		struct risk_set *set = &d->sets[i];

		set->risks = calloc(4, sizeof(*set->risks));
		for (uint32_t group = 0; group < 3; group++)
			if (suite_below(state, 5) == 0)
				set->risks[set->n++] =
				    (struct risk){ RISK_LINK, group, group, ppts[group + 1] / 4 };
		set->risks[set->n++] =
		    (struct risk){ RISK_NODE, i, i, ppts[suite_below(state, 5)] };
	}
	ck_assert(pattern_table_make(&d->table, d->sets, n, &err) == PCE_OK);
	patterns_weigh(&d->table, all, n, &d->patterns);
}

static void
drop_lists(struct draw *d)
{
	for (unsigned i = 0; i < d->n; i++)
		free(d->sets[i].risks);
	pattern_table_free(&d->table);
}

/* Probability that weights of working lists reach each sum; then the largest sum that is reached
 * surely enough, 0: none. */
static unsigned
threshold(const struct draw *d, const unsigned *weights, uint64_t allowed_ppt)
{
	cost_wide p[PATTERN_ROUTES * 9 + 1] = { 0 }, lost = 0;
	unsigned most = 0, at = 0;

	for (unsigned i = 0; i < d->n; i++)
		most += weights[i];
	for (unsigned pattern = 0; pattern < 1u << d->n; pattern++) {
		unsigned sum = 0;

		for (unsigned i = 0; i < d->n; i++)
			sum += pattern >> i & 1u ? weights[i] : 0;
		p[sum] += d->patterns.exactly[pattern];
	}
	while (at < most && probability_ppt(lost + p[at]) <= allowed_ppt)
		lost += p[at++];
	return at;
}

/* The least total for one bit/s, over all whole weights up to `most`. */
static double
try_all(const struct draw *d, unsigned most, uint64_t allowed_ppt)
{
	unsigned weights[PATTERN_ROUTES] = { 0 };
	double best = INFINITY;

	for (;;) {
		unsigned at = 0, sum = 0, reached;

		while (at < d->n && weights[at] == most)
			weights[at++] = 0;
		if (at == d->n)
			return best;
		weights[at]++;
		for (unsigned i = 0; i < d->n; i++)
			sum += weights[i];
		reached = threshold(d, weights, allowed_ppt);
		if (reached > 0)
			best = fmin(best, (double)sum / reached);
	}
}

static uint64_t
draw_allowed(const struct draw *d, uint64_t *state)
{
	cost_wide lost = 0;
	unsigned skip = suite_below(state, d->n);

	for (unsigned i = 0; i < 1u << d->n; i++)
		if ((unsigned)__builtin_popcount(i) <= skip &&
		    (skip == 0 || suite_below(state, 3) > 0 || i == 0))
			lost += d->patterns.exactly[i];
	return probability_ppt(lost) + suite_below(state, 2);
}

static double
cheapest(struct weights *w, const struct draw *d, uint64_t allowed_ppt, const char *what)
{
	const struct weights_problem problem = { &d->patterns, BANDWIDTH, NULL, 0 };
	struct weights_best best = { .found = false };
	bool spent = false;
	cost_wide lost = 0;

	weights_cheapest(w, &problem, allowed_ppt, UINT64_MAX, &best, &spent);
	ck_assert_msg(!spent, "%s", what);
	if (!best.found)
		return INFINITY;
	for (unsigned i = 0; i < 1u << d->n; i++)
		if (!reserve_holds(&best.reserve, d->n, i, BANDWIDTH))
			lost += d->patterns.exactly[i];
	ck_assert_msg(probability_ppt(lost) == best.loss_ppt && best.loss_ppt <= allowed_ppt,
		      "%s: loses %llu", what, (unsigned long long)probability_ppt(lost));
	return (double)best.reserve.total / (double)best.reserve.denominator / BANDWIDTH;
}

static void
compare_with_all(unsigned seed, unsigned n, unsigned most, unsigned *above)
{
	uint64_t state = seed * 31ULL, allowed;
	struct pce_error err = { 0 };
	struct weights *w = NULL;
	struct draw d;
	double got, best;
	char what[32];

	snprintf(what, sizeof(what), "seed %u", seed);
	draw_lists(&d, n, &state);
	allowed = draw_allowed(&d, &state);
	ck_assert(weights_new(&w, &err) == PCE_OK);
	got = cheapest(w, &d, allowed, what);
	best = try_all(&d, most, allowed);
	ck_assert_msg((isinf(got) && isinf(best)) || fabs(got - best) < 1e-9,
		      "seed %u: %.9f instead of %.9f, %llu allowed", seed, got, best,
		      (unsigned long long)allowed);
	*above += isfinite(got) && got > 1 + 1e-9;
	weights_free(w);
	drop_lists(&d);
}

START_TEST(weights_of_five_lists_are_the_best_of_all)
{
	unsigned above = 0;

	for (unsigned seed = 1; seed <= suite_seeds(); seed++)
		compare_with_all(seed, 5, 5, &above);
	ck_assert_uint_gt(above, suite_seeds() / 4);
}
END_TEST

START_TEST(weights_of_six_lists_are_the_best_of_all)
{
	unsigned above = 0;

	for (unsigned seed = 1; seed <= suite_seeds() / 100; seed++)
		compare_with_all(seed, 6, 9, &above);
}
END_TEST

/* Eight lists: no worse than any of many random weights, and no better than without one list. */
START_TEST(weights_of_eight_lists_beat_random_ones)
{
	for (unsigned seed = 1; seed <= suite_seeds() / 5; seed++) {
		uint64_t state = seed * 131ULL, allowed;
		struct pce_error err = { 0 };
		struct weights *w = NULL;
		struct draw d, fewer;
		double got, without;
		char what[32];

		snprintf(what, sizeof(what), "seed %u", seed);
		draw_lists(&d, 8, &state);
		fewer = d;
		fewer.n = 7;
		allowed = draw_allowed(&d, &state);
		ck_assert(weights_new(&w, &err) == PCE_OK);
		got = cheapest(w, &d, allowed, what);
		patterns_weigh(&d.table, (const uint8_t[]){ 0, 1, 2, 3, 4, 5, 6 }, 7,
			       &fewer.patterns);
		without = cheapest(w, &fewer, allowed, what);
		ck_assert_msg(got <= without + 1e-9 || (isinf(got) && isinf(without)),
			      "seed %u: %f with eight, %f with seven", seed, got, without);
		for (unsigned i = 0; i < 2000; i++) {
			unsigned weights[PATTERN_ROUTES], sum = 0, reached;

			for (unsigned j = 0; j < 8; j++)
				sum += weights[j] = suite_below(&state, i % 4 ? 3 : 7);
			reached = threshold(&d, weights, allowed);
			ck_assert_msg(reached == 0 || (double)sum / reached >= got - 1e-9,
				      "seed %u: %f is better than %f", seed, (double)sum / reached,
				      got);
		}
		weights_free(w);
		drop_lists(&d);
	}
}
END_TEST

/* Every subset's product of risks, by adding up all patterns that contain it. */
START_TEST(patterns_add_up_to_what_their_lists_are)
{
	for (unsigned seed = 1; seed <= suite_seeds(); seed++) {
		uint64_t state = seed * 17ULL;
		struct draw d;

		draw_lists(&d, 1 + seed % 8, &state);
		for (unsigned set = 0; set < 1u << d.n; set++) {
			long double works = 1, sum = 0;
			bool met[3] = { false };

			for (unsigned i = 0; i < d.n; i++)
				for (size_t j = 0; set >> i & 1u && j < d.sets[i].n; j++) {
					const struct risk *r = &d.sets[i].risks[j];

					if (r->kind == RISK_LINK && met[r->id])
						continue;
					if (r->kind == RISK_LINK)
						met[r->id] = true;
					works *= 1 - (long double)r->unavailability_ppt / 1e12L;
				}
			for (unsigned i = 0; i < 1u << d.n; i++)
				if ((i & set) == set)
					sum += (long double)d.patterns.exactly[i] * 0x1p-80L;
			ck_assert_msg(fabsl(works - sum) < 1e-16L, "seed %u, set %u", seed, set);
		}
		drop_lists(&d);
	}
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("weights");

	tcase_add_test(tcase, weights_of_five_lists_are_the_best_of_all);
	tcase_add_test(tcase, weights_of_six_lists_are_the_best_of_all);
	tcase_add_test(tcase, weights_of_eight_lists_beat_random_ones);
	tcase_add_test(tcase, patterns_add_up_to_what_their_lists_are);
	return suite_run("weights", tcase, 120);
}
