#include <stdio.h>
#include <string.h>

#include "northbound/events/ring.h"
#include "pce/base/array.h"
#include "tests/support/suite.h"

static struct service_notice
notice(uint64_t number)
{
	static const char *const links[] = { "a--b", "b--c" };
	static const struct alarm alarm = { "device/n1", "locked", ALARM_MINOR, "why",
					    "what",      1,        false,       false };

	return (struct service_notice){ .kind = NOTICE_POLICY,
					.number = number,
					.object = "video",
					.state = "active",
					.before = links,
					.n_before = 2,
					.alarm = &alarm };
}

static struct events_ring *
ring_of(size_t capacity)
{
	struct events_ring *ring = NULL;

	ck_assert_int_eq(events_ring_new(capacity, &ring, NULL), PCE_OK);
	return ring;
}

static void
add(struct events_ring *ring, uint64_t number)
{
	struct service_notice n = notice(number);

	ck_assert_int_eq(events_ring_add(ring, &n, NULL), PCE_OK);
}

static void
print(struct events_ring *ring)
{
	const struct service_notice *n = events_ring_unprinted(ring);
	char text[32];

	ck_assert_ptr_nonnull(n);
	snprintf(text, sizeof(text), "event %llu", (unsigned long long)n->number);
	events_ring_printed(ring, array_strdup(text));
}

START_TEST(ring_keeps_deep_copies_until_printed)
{
	struct events_ring *ring = ring_of(4);
	struct service_notice n = notice(7);
	char object[] = "video";
	struct events_entry entry;
	bool missed = true;

	n.object = object;
	ck_assert_ptr_null(events_ring_unprinted(ring));
	ck_assert_int_eq(events_ring_add(ring, &n, NULL), PCE_OK);
	memset(object, 'x', sizeof(object) - 1);
	const struct service_notice *kept = events_ring_unprinted(ring);

	ck_assert_str_eq(kept->object, "video");
	ck_assert_str_eq(kept->before[1], "b--c");
	ck_assert_str_eq(kept->alarm->cause, "locked");
	ck_assert_ptr_null(kept->text);
	ck_assert(!events_ring_next(ring, 0, &entry, &missed));
	print(ring);
	ck_assert(events_ring_next(ring, 0, &entry, &missed));
	ck_assert_str_eq(entry.text, "event 7");
	ck_assert(!missed);
	ck_assert(!events_ring_next(ring, 7, &entry, &missed));
	ck_assert_uint_eq(events_ring_newest(ring), 7);
	events_ring_free(ring);
}
END_TEST

START_TEST(ring_full_forgets_the_oldest_and_says_so)
{
	struct events_ring *ring = ring_of(3);
	struct events_entry entry;
	bool missed;

	for (uint64_t i = 1; i <= 5; i++) {
		add(ring, i);
		print(ring);
	}
	ck_assert(events_ring_next(ring, 1, &entry, &missed));
	ck_assert_uint_eq(entry.number, 3);
	ck_assert(missed);
	ck_assert(events_ring_next(ring, 2, &entry, &missed));
	ck_assert_uint_eq(entry.number, 3);
	ck_assert(!missed);
	events_ring_free(ring);
}
END_TEST

START_TEST(ring_unprinted_events_may_be_forgotten_too)
{
	struct events_ring *ring = ring_of(2);
	struct events_entry entry;
	bool missed;

	for (uint64_t i = 1; i <= 5; i++)
		add(ring, i);
	ck_assert_uint_eq(events_ring_unprinted(ring)->number, 4);
	print(ring);
	events_ring_printed(ring, NULL); /* 5 cannot be printed */
	ck_assert(events_ring_next(ring, 0, &entry, &missed));
	ck_assert_uint_eq(entry.number, 4);
	ck_assert(missed);
	ck_assert(!events_ring_next(ring, 4, &entry, &missed));
	events_ring_free(ring);
}
END_TEST

/* Random traffic beside a plain list: what a reader gets, and whether it is told of a gap. */
START_TEST(ring_agrees_with_a_plain_list)
{
	uint64_t rnd = (uint64_t)_i, numbers[300];
	size_t capacity = 1 + suite_below(&rnd, 9), n = 0, printed = 0;
	struct events_ring *ring = ring_of(capacity);
	uint64_t number = 0;

	for (unsigned step = 0; step < 200; step++) {
		struct events_entry entry;
		uint64_t after = suite_below(&rnd, (uint32_t)number + 2);
		size_t first, at;
		bool missed = false, found;

		if (suite_below(&rnd, 3)) {
			number += 1 + suite_below(&rnd, 2);
			numbers[n++] = number;
			add(ring, number);
		}
		first = n > capacity ? n - capacity : 0;
		if (printed < first)
			printed = first;
		if (printed < n && suite_below(&rnd, 2)) {
			print(ring);
			printed++;
		}
		for (at = first; at < printed && numbers[at] <= after; at++)
			;
		found = events_ring_next(ring, after, &entry, &missed);
		ck_assert_msg(found == (at < printed), "seed %d step %u", _i, step);
		if (!found)
			continue;
		ck_assert_uint_eq(entry.number, numbers[at]);
		ck_assert_int_eq(missed, first > 0 && numbers[first - 1] > after);
	}
	events_ring_free(ring);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("ring");

	tcase_add_test(t, ring_keeps_deep_copies_until_printed);
	tcase_add_test(t, ring_full_forgets_the_oldest_and_says_so);
	tcase_add_test(t, ring_unprinted_events_may_be_forgotten_too);
	tcase_add_loop_test(t, ring_agrees_with_a_plain_list, 0, (int)suite_seeds());
	return suite_run("ring", t, 20);
}
