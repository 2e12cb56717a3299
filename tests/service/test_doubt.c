/* Feeds that contradict telemetry: an alarm for one fibre, a freeze for several, and how it ends.
 */
#include "tests/service/square.h"

#define SECOND ((int64_t)USEC_PER_S)

static void
measure(struct world *w, unsigned fibre, unsigned half, bool up, uint64_t bps)
{
	const struct telemetry_link link = {
		.key = ted_link_key_text(w->service->ted, world_link(w, fibre, half)),
		.present = TELEMETRY_OPER | (bps > 0 ? TELEMETRY_RATE : 0u),
		.measured_bps = bps,
		.oper_down = !up,
	};
	struct service_event e = { .kind = SERVICE_TELEMETRY };

	e.u.telemetry.links = &link;
	e.u.telemetry.n_links = 1;
	e.u.telemetry.received = w->now;
	world_event(w, &e);
}

static void
measured_square(struct world *w, struct doubt_limits limits)
{
	world_init(w, 4, 1);
	w->config.guard.doubt = limits;
	square_run(w);
	for (unsigned fibre = 0; fibre < 4; fibre++)
		for (unsigned half = 0; half < 2; half++)
			measure(w, fibre, half, true, 0);
	world_settle(w);
}

static const struct doubt_limits limits = { .hold_s = 60, .least_fibres = 2, .fibres_percent = 20 };

static const char *
frozen(const struct world *w)
{
	struct service_view_operate v;

	service_view_operate(w->service, &v);
	return v.frozen;
}

static size_t
contradicted(const struct world *w, const char *object, const char *part)
{
	struct alarm a;
	size_t n = 0;

	for (size_t i = 0; service_view_alarm_at(w->service, i, &a); i++)
		n += strcmp(a.cause, "contradicted") == 0 &&
		     (!object || (strcmp(a.object, object) == 0 && strstr(a.text, part) != NULL));
	return n;
}

static const char *
freeze_text(const struct world *w)
{
	static struct alarm a;

	for (size_t i = 0; service_view_alarm_at(w->service, i, &a); i++)
		if (strcmp(a.object, "karst") == 0 && strcmp(a.cause, "frozen") == 0)
			return a.text;
	return "";
}

static void
resume(struct world *w)
{
	uint64_t request = world_order(w, OPERATE_RESUME, MODE_ACT);

	world_settle(w);
	ck_assert_int_eq(world_reply(w, request)->status, PCE_OK);
}

START_TEST(one_fibre_gone_but_alive_is_an_alarm_and_no_freeze)
{
	struct world w;
	struct intent a;

	measured_square(&w, limits);
	a = world_intent(&w, "a", 0, 3, G);
	admit(&w, &a);
	world_cut(&w, 1);
	world_settle(&w);
	ck_assert_msg(world_uses(&w, "a", 3), "the feed's word counts until it is doubted");
	world_pass(&w, 30 * SECOND);
	ck_assert_uint_eq(contradicted(&w, NULL, ""), 0);
	world_pass(&w, 31 * SECOND);
	ck_assert_uint_eq(contradicted(&w, NULL, ""), 1);
	ck_assert_uint_eq(contradicted(&w, "link/f1.0", "does not have it any more"), 1);
	ck_assert_ptr_null(frozen(&w));
	world_mend(&w, 1);
	world_settle(&w);
	ck_assert_uint_eq(contradicted(&w, NULL, ""), 0);
	world_check_quiet(&w);
	world_free(&w);
}
END_TEST

START_TEST(one_fibre_up_but_down_is_an_alarm)
{
	struct world w;

	measured_square(&w, limits);
	measure(&w, 2, 1, false, 0);
	world_pass(&w, 61 * SECOND);
	ck_assert_uint_eq(contradicted(&w, "link/f2.0", "an end says that it is down"), 1);
	ck_assert_ptr_null(frozen(&w));
	world_cut(&w, 2); /* now they agree */
	world_settle(&w);
	ck_assert_uint_eq(contradicted(&w, NULL, ""), 0);
	world_free(&w);
}
END_TEST

START_TEST(fibre_that_routers_see_down_is_not_contradicted)
{
	struct world w;

	measured_square(&w, limits);
	for (unsigned fibre = 1; fibre < 4; fibre++) {
		world_cut(&w, fibre);
		measure(&w, fibre, 0, false, 0);
	}
	world_pass(&w, 200 * SECOND);
	ck_assert_uint_eq(contradicted(&w, NULL, ""), 0);
	ck_assert_ptr_null(frozen(&w));
	world_free(&w);
}
END_TEST

START_TEST(traffic_on_fibres_that_are_gone_freezes_and_says_what_would_be_done)
{
	struct world w;
	struct intent a;
	size_t applies;

	measured_square(&w, limits);
	a = world_intent(&w, "a", 0, 3, G);
	admit(&w, &a);
	for (unsigned fibre = 0; fibre < 2; fibre++)
		measure(&w, fibre, 0, true, 3 * G);
	world_cut(&w, 1);
	world_settle(&w);
	ck_assert(world_uses(&w, "a", 3));
	world_cut(&w, 0);
	world_pass(&w, 61 * SECOND);
	ck_assert_ptr_nonnull(frozen(&w));
	ck_assert_str_eq(frozen(&w), "feed and telemetry contradict each other on 2 of 4 measured "
				     "fibres for 60 s: f0.0, f1.0");
	applies = w.n_applies;
	world_mend(&w, 1);
	world_mend(&w, 0);
	world_cut(&w, 2);
	world_pass(&w, SECOND);
	world_settle(&w);
	ck_assert_msg(world_uses(&w, "a", 3), "it moved on the word of a feed that is doubted");
	ck_assert_uint_eq(w.n_applies, applies);
	ck_assert_msg(strstr(freeze_text(&w), "; a would go over f0.0 f1.0") != NULL, "%s",
		      freeze_text(&w));
	resume(&w);
	ck_assert_ptr_null(frozen(&w));
	ck_assert(world_uses(&w, "a", 1));
	world_check_quiet(&w);
	world_free(&w);
}
END_TEST

START_TEST(resumed_in_spite_of_it_stays_resumed_until_they_agreed)
{
	struct world w;

	measured_square(&w, limits);
	world_cut(&w, 1);
	world_cut(&w, 3);
	world_pass(&w, 61 * SECOND);
	ck_assert_ptr_nonnull(frozen(&w));
	resume(&w);
	world_pass(&w, 300 * SECOND);
	ck_assert_ptr_null(frozen(&w));
	ck_assert_uint_eq(contradicted(&w, NULL, ""), 2);
	world_mend(&w, 1);
	world_mend(&w, 3);
	world_settle(&w);
	ck_assert_uint_eq(contradicted(&w, NULL, ""), 0);
	world_cut(&w, 1);
	world_cut(&w, 3);
	world_pass(&w, 61 * SECOND);
	ck_assert_ptr_nonnull(frozen(&w));
	world_free(&w);
}
END_TEST

START_TEST(feed_that_agrees_again_lifts_the_freeze_if_configured)
{
	struct world w;

	world_init(&w, 4, 1);
	w.config.guard.doubt = limits;
	w.config.guard.heal_after_s = 30;
	square_run(&w);
	for (unsigned fibre = 0; fibre < 4; fibre++)
		for (unsigned half = 0; half < 2; half++)
			measure(&w, fibre, half, true, 0);
	world_cut(&w, 1);
	world_cut(&w, 3);
	world_pass(&w, 61 * SECOND);
	ck_assert_ptr_nonnull(frozen(&w));
	world_pass(&w, 120 * SECOND);
	ck_assert_msg(frozen(&w), "it healed while they contradict each other");
	world_mend(&w, 3);
	world_pass(&w, 29 * SECOND);
	ck_assert_ptr_nonnull(frozen(&w));
	world_pass(&w, 2 * SECOND);
	ck_assert_ptr_null(frozen(&w));
	world_free(&w);
}
END_TEST

START_TEST(feed_that_is_lost_or_not_learned_contradicts_nobody)
{
	struct world w;

	measured_square(&w, limits);
	world_cut(&w, 1);
	world_cut(&w, 3);
	world_pass(&w, 30 * SECOND);
	world_feed(&w, TED_SOURCE_LOST);
	world_pass(&w, 300 * SECOND);
	ck_assert_uint_eq(contradicted(&w, NULL, ""), 0);
	world_feed(&w, TED_SOURCE_UP);
	world_learn(&w);
	world_pass(&w, 59 * SECOND);
	ck_assert_uint_eq(contradicted(&w, NULL, ""), 0);
	world_pass(&w, 2 * SECOND);
	ck_assert_uint_eq(contradicted(&w, NULL, ""), 2);
	world_free(&w);
}
END_TEST

START_TEST(switched_off_nobody_compares)
{
	struct world w;

	measured_square(&w, (struct doubt_limits){ .least_fibres = 1, .fibres_percent = 1 });
	world_cut(&w, 1);
	world_cut(&w, 3);
	world_pass(&w, 300 * SECOND);
	ck_assert_uint_eq(contradicted(&w, NULL, ""), 0);
	ck_assert_ptr_null(frozen(&w));
	world_free(&w);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("doubt");

	tcase_add_test(t, one_fibre_gone_but_alive_is_an_alarm_and_no_freeze);
	tcase_add_test(t, one_fibre_up_but_down_is_an_alarm);
	tcase_add_test(t, fibre_that_routers_see_down_is_not_contradicted);
	tcase_add_test(t, traffic_on_fibres_that_are_gone_freezes_and_says_what_would_be_done);
	tcase_add_test(t, resumed_in_spite_of_it_stays_resumed_until_they_agreed);
	tcase_add_test(t, feed_that_agrees_again_lifts_the_freeze_if_configured);
	tcase_add_test(t, feed_that_is_lost_or_not_learned_contradicts_nobody);
	tcase_add_test(t, switched_off_nobody_compares);
	return suite_run("doubt", t, 30);
}
