/*
 * Random histories with the invariants of the design, and that a history determines every effect.
 */
#include <stdio.h>
#include <string.h>

#include "tests/service/history.h"

static void
run_seeds(unsigned first, struct shape shape)
{
	const struct history_run plain = { 0 };

	for (unsigned seed = 0; seed < suite_seeds() / 5 + 1; seed++) {
		fprintf(stderr, "\rseed %u  ", first + seed);
		history_run((uint64_t)(first + seed) * 1000003 + 17, shape, &plain);
	}
	fprintf(stderr, "\r");
}

START_TEST(history_of_links_and_intents_keeps_invariants)
{
	run_seeds(0, (struct shape){ 0 });
}
END_TEST

START_TEST(history_with_bad_routers_keeps_invariants)
{
	run_seeds(1000, (struct shape){ .routers_fail = true });
}
END_TEST

START_TEST(history_with_crashes_keeps_invariants)
{
	run_seeds(2000, (struct shape){ .routers_fail = true, .crashes = true, .feed = true });
}
END_TEST

START_TEST(history_with_changing_capacities_keeps_invariants)
{
	run_seeds(3000, (struct shape){ .capacities = true, .routers_fail = true, .feed = true });
}
END_TEST

START_TEST(history_with_full_disks_keeps_invariants)
{
	run_seeds(4000,
		  (struct shape){ .routers_fail = true, .store_fails = true, .crashes = true });
}
END_TEST

START_TEST(history_with_flapping_links_keeps_invariants)
{
	run_seeds(6000, (struct shape){ .routers_fail = true,
					.store_fails = true,
					.crashes = true,
					.feed = true,
					.damping = true });
}
END_TEST

START_TEST(history_with_orders_and_a_guard_keeps_invariants)
{
	run_seeds(5000, (struct shape){ .routers_fail = true,
					.store_fails = true,
					.crashes = true,
					.feed = true,
					.orders = true });
}
END_TEST

/* The same history twice, once with another hash seed and other addresses: every effect is equal.
 */
START_TEST(history_played_twice_gives_equal_effects)
{
	const struct shape all = { .routers_fail = true,
				   .store_fails = true,
				   .crashes = true,
				   .capacities = true,
				   .feed = true,
				   .orders = true };

	for (unsigned seed = 0; seed < suite_seeds() / 5 + 1; seed++) {
		char *traces[2];

		for (unsigned i = 0; i < 2; i++) {
			const struct history_run run = { .hash_seed = i * 0x123456789abcdefULL,
							 .noise = i * 77,
							 .trace = &traces[i] };

			history_run((uint64_t)seed * 7919 + 5, all, &run);
			ck_assert_ptr_nonnull(traces[i]);
		}
		ck_assert_msg(strcmp(traces[0], traces[1]) == 0, "seed %u: the effects differ",
			      seed);
		ck_assert_uint_gt(strlen(traces[0]), 5000);
		free(traces[0]);
		free(traces[1]);
	}
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("simulation");

	tcase_add_test(t, history_of_links_and_intents_keeps_invariants);
	tcase_add_test(t, history_with_bad_routers_keeps_invariants);
	tcase_add_test(t, history_with_crashes_keeps_invariants);
	tcase_add_test(t, history_with_changing_capacities_keeps_invariants);
	tcase_add_test(t, history_with_full_disks_keeps_invariants);
	tcase_add_test(t, history_with_flapping_links_keeps_invariants);
	tcase_add_test(t, history_with_orders_and_a_guard_keeps_invariants);
	tcase_add_test(t, history_played_twice_gives_equal_effects);
	return suite_run("simulation", t, 300);
}
