/* What every test program needs around Check: one call to run its cases, and the number of seeds to
 * try. */
#ifndef TESTS_SUPPORT_SUITE_H
#define TESTS_SUPPORT_SUITE_H

#include <check.h>
#include <stdint.h>
#include <stdlib.h>

/* Time limits only end what hangs: a machine may be several times slower than the one on which they
 * were chosen. */
#define SUITE_PATIENCE 5

/* Runs all cases of one tcase and returns the exit status for main. timeout_s <= 0 keeps Check's
 * default of 4 s. */
static inline int
suite_run(const char *name, TCase *tcase, double timeout_s)
{
	Suite *suite = suite_create(name);
	SRunner *runner;
	int failed;

	if (timeout_s > 0)
		tcase_set_timeout(tcase, SUITE_PATIENCE * timeout_s);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* Seeds that a property runs on: 500, or KARST_TEST_SEEDS if that is set. */
static inline unsigned
suite_seeds(void)
{
	const char *text = getenv("KARST_TEST_SEEDS");
	unsigned long n = text ? strtoul(text, NULL, 10) : 0;

	return n > 0 && n < 100000000 ? (unsigned)n : 500;
}

/* Deterministic random numbers (splitmix64), for tests only: next value of a state that starts at
 * the seed. */
static inline uint64_t
suite_random(uint64_t *state)
{
	uint64_t z = (*state += 0x9e3779b97f4a7c15ULL);

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

/* A number from 0 to below - 1 (below > 0). */
static inline uint32_t
suite_below(uint64_t *state, uint32_t below)
{
	return (uint32_t)((suite_random(state) >> 32) * below >> 32);
}

#endif
