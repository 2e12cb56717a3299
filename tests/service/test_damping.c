/* Flapping links: held down for new paths, acted on when they go, over a restart. */
#include "tests/service/square.h"

static void
damped_square(struct world *w)
{
	world_init(w, 4, 1);
	w->config.damping = (struct damping_limits){ .penalty = 1000,
						     .suppress = 2500,
						     .reuse = 1000,
						     .half_life_s = 60,
						     .max_hold_s = 600 };
	square_run(w);
}

static void
flap(struct world *w, unsigned fibre, unsigned times)
{
	for (unsigned i = 0; i < times; i++) {
		world_cut(w, fibre);
		world_settle(w);
		world_mend(w, fibre);
		world_settle(w);
	}
}

static struct service_view_damped
only_damped(const struct world *w)
{
	struct service_view_damped v;

	ck_assert_uint_eq(service_view_damped_count(w->service), 1);
	ck_assert(service_view_damped_at(w->service, 0, &v));
	return v;
}

static bool
has_alarm(const struct world *w, const char *object)
{
	struct alarm alarm;

	for (size_t i = 0; service_view_alarm_at(w->service, i, &alarm); i++)
		if (strcmp(alarm.object, object) == 0 && strcmp(alarm.cause, "flapping") == 0)
			return alarm.action != NULL && alarm.since_us > 0;
	return false;
}

START_TEST(flapping_link_is_held_down_for_new_paths_and_let_go_in_time)
{
	struct world w;
	struct intent a, b;
	struct service_view_damped v;

	damped_square(&w);
	a = world_intent(&w, "a", 0, 3, G);
	b = world_intent(&w, "b", 0, 3, G);
	flap(&w, 1, 2);
	ck_assert(!only_damped(&w).held);
	flap(&w, 1, 1);
	v = only_damped(&w);
	ck_assert(v.held && v.up);
	ck_assert_uint_eq(v.losses, 3); /* both directions are one loss */
	ck_assert_int_gt(v.until_us, v.since_us);
	ck_assert(strcmp(v.link, "f1.0") == 0 || strcmp(v.reverse, "f1.0") == 0);
	ck_assert(has_alarm(&w, "link/f1.0") || has_alarm(&w, "link/f1.1"));
	admit(&w, &a);
	ck_assert(world_uses(&w, "a", 3));
	world_pass(&w, 60 * (int64_t)USEC_PER_S);
	ck_assert(only_damped(&w).held);
	world_pass(&w, 60 * (int64_t)USEC_PER_S);
	ck_assert(!only_damped(&w).held);
	ck_assert(!has_alarm(&w, "link/f1.0") && !has_alarm(&w, "link/f1.1"));
	admit(&w, &b);
	ck_assert(world_uses(&w, "b", 1));
	world_pass(&w, 600 * (int64_t)USEC_PER_S);
	ck_assert_uint_eq(service_view_damped_count(w.service), 0); /* as good as new */
	world_check_quiet(&w);
	world_free(&w);
}
END_TEST

START_TEST(held_link_carries_what_has_no_other_path_until_there_is_one)
{
	struct world w;
	struct intent a;

	damped_square(&w);
	a = world_intent(&w, "a", 0, 3, G);
	admit(&w, &a);
	ck_assert(world_uses(&w, "a", 1));
	world_cut(&w, 3);
	world_settle(&w);
	flap(&w, 1, 3);
	ck_assert_uint_eq(service_view_damped_count(w.service), 2); /* the other went once */
	ck_assert(world_uses(&w, "a", 1));
	ck_assert_ptr_nonnull(policy_of(&w, "a").reason);
	ck_assert_ptr_nonnull(strstr(policy_of(&w, "a").reason, "held down"));
	world_mend(&w, 3);
	world_settle(&w);
	ck_assert(world_uses(&w, "a", 3));
	ck_assert_ptr_null(policy_of(&w, "a").reason);
	world_free(&w);
}
END_TEST

START_TEST(loss_of_a_held_link_is_acted_on_at_once)
{
	struct world w;
	struct intent a;

	damped_square(&w);
	a = world_intent(&w, "a", 0, 1, G);
	flap(&w, 0, 3);
	admit(&w, &a); /* the long way */
	ck_assert(!world_uses(&w, "a", 0));
	world_cut(&w, 3);
	world_settle(&w);
	ck_assert(world_uses(&w, "a", 0)); /* for want of another */
	world_mend(&w, 3);
	world_cut(&w, 0);
	world_settle(&w);
	ck_assert(!world_uses(&w, "a", 0));
	ck_assert_int_eq(policy_of(&w, "a").state, POLICY_ACTIVE);
	world_free(&w);
}
END_TEST

START_TEST(links_that_vanish_with_their_feed_do_not_flap)
{
	struct world w;

	damped_square(&w);
	for (unsigned i = 0; i < 6; i++) {
		world_feed(&w, TED_SOURCE_LOST);
		world_feed(&w, TED_SOURCE_EXPIRED);
		world_settle(&w);
		world_learn(&w);
		world_settle(&w);
	}
	ck_assert_uint_eq(service_view_damped_count(w.service), 0);
	world_free(&w);
}
END_TEST

START_TEST(restart_keeps_what_is_held_down_and_counts_no_time_away)
{
	struct world w;
	struct intent a;

	damped_square(&w);
	flap(&w, 1, 3);
	ck_assert_uint_eq(world_stored_count(&w, RECORD_DAMPING), 1);
	world_crash(&w, SIZE_MAX);
	w.now = usec_add(w.now, 3600 * (int64_t)USEC_PER_S);
	world_recover(&w);
	world_routers_up(&w);
	world_learn(&w);
	world_settle(&w);
	ck_assert(only_damped(&w).held);
	ck_assert(has_alarm(&w, "link/f1.0") || has_alarm(&w, "link/f1.1"));
	a = world_intent(&w, "a", 0, 3, G);
	admit(&w, &a);
	ck_assert(world_uses(&w, "a", 3));
	world_pass(&w, 130 * (int64_t)USEC_PER_S);
	world_settle(&w);
	ck_assert(!only_damped(&w).held);
	ck_assert_uint_eq(world_stored_count(&w, RECORD_DAMPING), 0);
	world_free(&w);
}
END_TEST

START_TEST(hold_that_was_not_stored_is_stored_later)
{
	struct world w;

	damped_square(&w);
	flap(&w, 1, 2);
	w.fibres[1].up[0] = w.fibres[1].up[1] = false;
	world_tell_link(&w, 1, 0);
	world_pass(&w, 300000);
	ck_assert(only_damped(&w).held);
	store_next(&w, WORLD_REFUSE);
	ck_assert_uint_eq(world_stored_count(&w, RECORD_DAMPING), 0);
	world_pass(&w, 2 * (int64_t)USEC_PER_S);
	world_settle(&w);
	ck_assert_uint_eq(world_stored_count(&w, RECORD_DAMPING), 1);
	world_free(&w);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("damping");

	tcase_add_test(t, flapping_link_is_held_down_for_new_paths_and_let_go_in_time);
	tcase_add_test(t, held_link_carries_what_has_no_other_path_until_there_is_one);
	tcase_add_test(t, loss_of_a_held_link_is_acted_on_at_once);
	tcase_add_test(t, links_that_vanish_with_their_feed_do_not_flap);
	tcase_add_test(t, restart_keeps_what_is_held_down_and_counts_no_time_away);
	tcase_add_test(t, hold_that_was_not_stored_is_stored_later);
	return suite_run("damping", t, 60);
}
