/*
 * Damping: when links are held down and for how long. The oracle sums the decayed penalties of all
 * losses, each by itself, with the C library's pow().
 */
#include <math.h>

#include "pce/operate/damping.h"
#include "tests/support/suite.h"

#define S ((int64_t)USEC_PER_S)

static const struct damping_limits usual = {
	.penalty = 1000, .suppress = 3500, .reuse = 1000, .half_life_s = 120, .max_hold_s = 900
};

static struct usec
at_us(int64_t us)
{
	return (struct usec){ us };
}

START_TEST(first_losses_hold_nothing_and_one_more_does)
{
	struct damped d = { 0 };

	for (unsigned i = 0; i < 3; i++)
		ck_assert(!damping_lost(&usual, &d, at_us((10 + i) * S)));
	ck_assert(!d.held);
	ck_assert(damping_lost(&usual, &d, at_us(14 * S)));
	ck_assert(d.held);
	ck_assert(!damping_lost(&usual, &d, at_us(15 * S))); /* it is already */
	ck_assert_uint_eq(d.losses, 5);
}
END_TEST

START_TEST(rare_losses_hold_nothing_for_ever)
{
	struct damped d = { 0 };

	for (unsigned i = 0; i < 1000; i++)
		ck_assert(!damping_lost(&usual, &d, at_us(i * 120 * S)));
}
END_TEST

START_TEST(hold_grows_with_each_loss_up_to_the_ceiling)
{
	struct damped d = { 0 };
	int64_t before = 0;

	for (unsigned i = 0; i < 400; i++) {
		int64_t now = i * S / 10, hold;

		damping_lost(&usual, &d, at_us(now));
		if (!d.held)
			continue;
		hold = d.until.v - now;
		ck_assert_int_ge(hold, before);
		ck_assert_int_le(hold, 900 * S);
		before = hold;
	}
	ck_assert_int_eq(before, 900 * S);
}
END_TEST

START_TEST(hold_ends_at_its_time_and_not_before)
{
	struct damped d = { 0 };

	for (unsigned i = 0; i < 4; i++)
		damping_lost(&usual, &d, at_us(i));
	ck_assert(!damping_release(&d, at_us(d.until.v - 1)));
	ck_assert(d.held);
	ck_assert(damping_release(&d, d.until));
	ck_assert(!d.held);
	ck_assert(!damping_release(&d, d.until)); /* once */
	/* Two half-lives from 4000 to 1000. */
	ck_assert_int_le(llabs(d.until.v - 240 * S), 10);
	ck_assert_int_gt(damping_forget_at(&usual, &d).v, d.until.v);
}
END_TEST

START_TEST(without_a_penalty_nothing_is_held)
{
	const struct damping_limits none = { .reuse = 1, .suppress = 2, .half_life_s = 1 };
	struct damped d = { 0 };

	for (unsigned i = 0; i < 100; i++)
		ck_assert(!damping_lost(&none, &d, at_us(i)));
	ck_assert_uint_eq(d.losses, 0);
}
END_TEST

START_TEST(restored_link_is_held_from_then_on)
{
	struct damped d;

	damping_restore(&usual, &d, 2000, 7, at_us(50 * S));
	ck_assert(d.held);
	ck_assert_int_le(llabs(d.until.v - 170 * S), 10);
	ck_assert_uint_eq(d.losses, 7);
	damping_restore(&usual, &d, 1e12, 7, at_us(50 * S));
	ck_assert_int_le(d.until.v, 950 * S);
}
END_TEST

struct model {
	int64_t at[64];
	unsigned n;
};

static double
model_penalty(const struct damping_limits *l, const struct model *m, int64_t now)
{
	double most = l->reuse * pow(2, (double)l->max_hold_s / l->half_life_s), sum = 0;

	for (unsigned i = 0; i < m->n; i++) {
		int64_t until = i + 1 < m->n ? m->at[i + 1] : now;

		sum = fmin(sum + l->penalty, most);
		sum *= pow(0.5, (double)(until - m->at[i]) / ((double)l->half_life_s * S));
	}
	return sum;
}

START_TEST(random_losses_agree_with_the_model)
{
	for (unsigned seed = 0; seed < suite_seeds(); seed++) {
		uint64_t random = seed * 77 + 5;
		struct damping_limits l = { .penalty = 1 + suite_below(&random, 2000),
					    .half_life_s = 1 + suite_below(&random, 300),
					    .reuse = 2 + suite_below(&random, 2000) };
		struct model m = { .n = 0 };
		struct damped d = { 0 };
		bool held = false;
		int64_t now = 0;

		l.suppress = l.reuse + 1 + suite_below(&random, 4000);
		l.max_hold_s = l.half_life_s * (1 + suite_below(&random, 8));
		while (m.n < 64) {
			double expected, got;

			now += 1 + (int64_t)suite_below(&random, l.half_life_s * 1000000u);
			if (suite_below(&random, 3) == 0) {
				bool released = damping_release(&d, at_us(now));

				expected = model_penalty(&l, &m, now);
				if (fabs(expected - l.reuse) > 1e-3 * l.reuse)
					ck_assert_msg(released == (held && expected < l.reuse),
						      "seed %u", seed);
				held = held && !released;
				continue;
			}
			m.at[m.n++] = now;
			expected = fmin(model_penalty(&l, &m, now),
					l.reuse * pow(2, (double)l.max_hold_s / l.half_life_s));
			damping_lost(&l, &d, at_us(now));
			got = damping_penalty(&l, &d, at_us(now));
			ck_assert_msg(fabs(got - expected) <= 1e-6 * expected,
				      "seed %u: penalty %f, not %f", seed, got, expected);
			if (fabs(expected - l.suppress) > 1e-3)
				ck_assert_msg(d.held == (held || expected > l.suppress), "seed %u",
					      seed);
			held = d.held;
		}
	}
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("damping");

	tcase_add_test(t, first_losses_hold_nothing_and_one_more_does);
	tcase_add_test(t, rare_losses_hold_nothing_for_ever);
	tcase_add_test(t, hold_grows_with_each_loss_up_to_the_ceiling);
	tcase_add_test(t, hold_ends_at_its_time_and_not_before);
	tcase_add_test(t, without_a_penalty_nothing_is_held);
	tcase_add_test(t, restored_link_is_held_from_then_on);
	tcase_add_test(t, random_losses_agree_with_the_model);
	return suite_run("damping", t, 60);
}
