/*
 * The feed guard: sudden losses freeze, slow ones and flapping links do not; healing; the cap on
 * moves. Properties compare with a guard that remembers every sample.
 */
#include <string.h>

#include "pce/operate/guard.h"
#include "tests/support/suite.h"

#define S ((int64_t)USEC_PER_S)

static const struct guard_limits limits = {
	.links_percent = 25, .least_links = 20, .window_s = 64, .heal_after_s = 30
};

static bool
tell(struct guard *guard, int64_t at_us, uint32_t usable)
{
	uint32_t lost, most;

	return guard_usable(guard, (struct usec){ at_us }, usable, &lost, &most);
}

START_TEST(usable_lost_at_once_beyond_the_share_trips)
{
	struct guard g;
	uint32_t lost, most;

	guard_init(&g, &limits);
	ck_assert(!tell(&g, 5 * S, 100));
	ck_assert(!tell(&g, 6 * S, 75)); /* exactly a quarter */
	ck_assert(guard_usable(&g, (struct usec){ 7 * S }, 74, &lost, &most));
	ck_assert_uint_eq(lost, 26);
	ck_assert_uint_eq(most, 100);
}
END_TEST

START_TEST(usable_lost_slowly_trips_nothing)
{
	struct guard g;

	guard_init(&g, &limits);
	for (uint32_t i = 0; i <= 70; i++)
		ck_assert_msg(!tell(&g, i * 10 * S, 1000 - i * 10), "step %u", i);
}
END_TEST

START_TEST(usable_long_before_the_window_still_counts_until_it_changed)
{
	struct guard g;

	guard_init(&g, &limits);
	ck_assert(!tell(&g, 0, 100));
	ck_assert(tell(&g, 5000 * S, 50));
	guard_resume(&g);
	ck_assert(!tell(&g, 5001 * S, 49));
}
END_TEST

START_TEST(usable_flapping_or_few_trips_nothing)
{
	struct guard g;

	guard_init(&g, &limits);
	for (uint32_t i = 0; i < 1000; i++)
		ck_assert(!tell(&g, i * S / 10, i % 2 ? 1000 : 900));
	guard_init(&g, &limits);
	ck_assert(!tell(&g, 0, 24));
	ck_assert(!tell(&g, S, 5)); /* 19 of 24 */
	guard_init(&g, &(struct guard_limits){ .least_links = 1 });
	ck_assert(!tell(&g, 0, 1000));
	ck_assert(!tell(&g, S, 0)); /* no guard */
}
END_TEST

START_TEST(freeze_keeps_its_first_reason_until_resumed)
{
	struct guard g;

	guard_init(&g, &limits);
	guard_freeze(&g, "one", 7);
	guard_freeze(&g, "two", 8);
	ck_assert(g.frozen);
	ck_assert_str_eq(g.reason, "one");
	ck_assert_int_eq(g.since_us, 7);
	guard_resume(&g);
	ck_assert(!g.frozen);
	ck_assert_str_eq(g.reason, "");
}
END_TEST

START_TEST(healthy_for_long_enough_ends_the_freeze)
{
	struct guard g;

	guard_init(&g, &limits);
	tell(&g, 0, 100);
	ck_assert(!guard_healthy(&g, (struct usec){ S }, true));
	tell(&g, 2 * S, 10);
	guard_freeze(&g, "lost", 0);
	ck_assert(!guard_healthy(&g, (struct usec){ 2 * S }, true));
	ck_assert_int_eq(guard_deadline(&g).v, 32 * S);
	ck_assert(!guard_healthy(&g, (struct usec){ 20 * S }, false));
	ck_assert_int_eq(guard_deadline(&g).v, USEC_NEVER.v);
	ck_assert(!guard_healthy(&g, (struct usec){ 21 * S }, true));
	tell(&g, 40 * S, 9); /* a further loss begins anew */
	ck_assert(!guard_healthy(&g, (struct usec){ 69 * S }, true));
	ck_assert(guard_healthy(&g, (struct usec){ 70 * S }, true));
	guard_init(&g, &(struct guard_limits){ .links_percent = 25 });
	guard_freeze(&g, "by hand only", 0);
	ck_assert(!guard_healthy(&g, (struct usec){ 1000000 * S }, true));
	ck_assert_int_eq(guard_deadline(&g).v, USEC_NEVER.v);
}
END_TEST

START_TEST(moves_are_capped_per_second_and_never_starve)
{
	for (unsigned seed = 0; seed < suite_seeds(); seed++) {
		uint64_t random = seed + 1;
		uint32_t rate = 1 + suite_below(&random, 50);
		struct guard g;
		int64_t now = 0, moves[4096];
		size_t n = 0;

		guard_init(&g, &(struct guard_limits){ .moves_per_s = rate });
		while (now < 20 * S && n < 4096) {
			/* Asking earns nothing. */
			for (unsigned k = suite_below(&random, 20) == 0 ? 20 : 0; k > 0; k--) {
				guard_may_move(&g, (struct usec){ now });
				now += suite_below(&random, 200000);
			}
			if (guard_may_move(&g, (struct usec){ now })) {
				guard_moved(&g, (struct usec){ now });
				moves[n++] = now;
			} else {
				struct usec next = guard_next_move(&g, (struct usec){ now });

				ck_assert_int_gt(next.v, now);
				ck_assert_int_le(next.v - now, S / rate + 1);
				now = next.v;
			}
			now += suite_below(&random, 3) == 0 ? suite_below(&random, 100000) : 0;
		}
		/* A full bucket and what one second fills. */
		for (size_t i = 2 * (size_t)rate; i < n; i++)
			ck_assert_int_ge(moves[i] - moves[i - 2 * (size_t)rate], S - S / rate - 1);
		ck_assert_uint_ge(n, rate);
	}
}
END_TEST

/* What the share is measured against: every value that stood at some instant of the window. */
static uint32_t
most_in(const int64_t *at, const uint32_t *usable, size_t n, int64_t now, int64_t window)
{
	uint32_t most = 0;

	for (size_t i = 0; i < n; i++)
		if ((i + 1 == n || at[i + 1] > now - window) && usable[i] > most)
			most = usable[i];
	return most;
}

/* Between the window and the window less one slice, the guard may forget. */
START_TEST(usable_agrees_with_a_guard_that_remembers_all)
{
	size_t trips = 0, calm = 0;

	for (unsigned seed = 0; seed < suite_seeds(); seed++) {
		uint64_t random = seed + 1;
		int64_t at[200], now = 1000 * S;
		uint32_t usable[200], links = 200 + suite_below(&random, 400);
		struct guard g;

		guard_init(&g, &limits);
		for (size_t n = 0; n < 200; n++) {
			uint32_t lost, most, wide, narrow;
			bool trip;

			now += suite_below(&random, 8 * (uint32_t)S);
			if (n > 0 && suite_below(&random, 3) == 0)
				links -= suite_below(&random, links / 8 + 1);
			else
				links += suite_below(&random, 20);
			trip = guard_usable(&g, (struct usec){ now }, links, &lost, &most);
			if (n > 0) {
				wide = most_in(at, usable, n, now, 64 * S);
				narrow = most_in(at, usable, n, now, 63 * S);
				ck_assert_uint_le(most, wide);
				ck_assert_uint_ge(most, narrow);
				ck_assert_uint_eq(lost, most > links ? most - links : 0);
				ck_assert_int_eq(trip, lost >= 20 && lost * 100 > most * 25);
			}
			at[n] = now;
			usable[n] = links;
			trips += trip;
			calm += !trip;
		}
	}
	ck_assert_uint_gt(trips, calm / 50);
}
END_TEST

/* Against a guard that remembers every move: never more than the share within the window, and never
 * refused while less than it moved within the window and a slice. */
START_TEST(share_agrees_with_a_guard_that_remembers_all)
{
	size_t refused = 0, allowed = 0;

	for (unsigned seed = 0; seed < suite_seeds(); seed++) {
		uint64_t random = seed + 1;
		int64_t at[400], now = 1000 * S;
		size_t n = 0, policies = suite_below(&random, 50);
		uint32_t percent = 1 + suite_below(&random, 99);
		size_t most = policies * percent / 100 > 0 ? policies * percent / 100 : 1;
		struct guard g;

		guard_init(
		    &g, &(struct guard_limits){ .moved_percent = percent, .moved_window_s = 64 });
		guard_policies(&g, policies);
		for (unsigned i = 0; i < 400; i++) {
			size_t narrow = 0, wide = 0;
			struct usec next;

			now += suite_below(&random, 4 * (uint32_t)S);
			for (size_t k = 0; k < n; k++) {
				narrow += at[k] > now - 63 * S;
				wide += at[k] > now - 65 * S;
			}
			if (guard_share_allows(&g, (struct usec){ now })) {
				ck_assert_uint_lt(narrow, most);
				guard_moved(&g, (struct usec){ now });
				at[n++] = now;
				allowed++;
				continue;
			}
			ck_assert_uint_ge(wide, most);
			next = guard_share_next(&g, (struct usec){ now });
			ck_assert(next.v > now && guard_share_allows(&g, next));
			ck_assert(!guard_share_allows(&g, (struct usec){ next.v - 1 }));
			refused++;
		}
	}
	ck_assert_uint_gt(refused, allowed / 50);
	ck_assert_uint_gt(allowed, refused / 50);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("guard");

	tcase_add_test(t, usable_lost_at_once_beyond_the_share_trips);
	tcase_add_test(t, usable_lost_slowly_trips_nothing);
	tcase_add_test(t, usable_long_before_the_window_still_counts_until_it_changed);
	tcase_add_test(t, usable_flapping_or_few_trips_nothing);
	tcase_add_test(t, freeze_keeps_its_first_reason_until_resumed);
	tcase_add_test(t, healthy_for_long_enough_ends_the_freeze);
	tcase_add_test(t, moves_are_capped_per_second_and_never_starve);
	tcase_add_test(t, share_agrees_with_a_guard_that_remembers_all);
	tcase_add_test(t, usable_agrees_with_a_guard_that_remembers_all);
	return suite_run("guard", t, 60);
}
