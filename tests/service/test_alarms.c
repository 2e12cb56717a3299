/* Alarms of intents that are not served, and what a restart leaves of what a person has seen. */
#include "tests/service/square.h"

#define SECOND ((int64_t)USEC_PER_S)

static bool
find(const struct world *w, const char *object, const char *cause, struct alarm *out)
{
	for (size_t i = 0; service_view_alarm_at(w->service, i, out); i++)
		if (strcmp(out->object, object) == 0 && strcmp(out->cause, cause) == 0)
			return true;
	return false;
}

static uint64_t
acknowledge(struct world *w, const char *object, const char *cause)
{
	struct service_event e = { .kind = SERVICE_OPERATE, .id = ++w->next_request };

	e.u.operate.kind = OPERATE_ACKNOWLEDGE;
	e.u.operate.author = "tester";
	e.u.operate.alarm_object = object;
	e.u.operate.alarm_cause = cause;
	world_event(w, &e);
	return e.id;
}

static void
without_path(struct world *w)
{
	struct intent a;

	square(w);
	a = world_intent(w, "a", 0, 3, G);
	admit(w, &a);
	world_cut(w, 3);
	world_cut(w, 1);
	world_settle(w);
}

/* Comes back after a crash with everything that the store has. */
static void
restart(struct world *w)
{
	world_crash(w, SIZE_MAX);
	world_recover(w);
	world_learn(w);
	world_routers_up(w);
	world_settle(w);
}

START_TEST(intent_without_path_has_an_alarm_until_it_is_whole)
{
	struct world w;
	struct alarm alarm;
	int64_t since;

	without_path(&w);
	ck_assert(find(&w, "intent/a", "without-path", &alarm));
	ck_assert_int_eq(alarm.severity, ALARM_MAJOR);
	ck_assert_msg(strstr(alarm.text, "intent a is not served: ") == alarm.text, "%s",
		      alarm.text);
	ck_assert_ptr_nonnull(alarm.action);
	since = alarm.since_us;
	world_pass(&w, 30 * SECOND);
	world_cut(&w, 0); /* still without, if for another reason */
	world_settle(&w);
	ck_assert(find(&w, "intent/a", "without-path", &alarm));
	ck_assert_int_eq(alarm.since_us, since);
	world_router_down(&w, 0);
	world_mend(&w, 3);
	world_pass(&w, SECOND);
	ck_assert_msg(find(&w, "intent/a", "without-path", &alarm),
		      "cleared before the path is on its router");
	world_routers_up(&w);
	world_rest(&w);
	ck_assert(!find(&w, "intent/a", "without-path", &alarm));
	world_check_quiet(&w);
	world_free(&w);
}
END_TEST

START_TEST(intent_with_less_than_it_asks_for_has_an_alarm)
{
	struct world w;
	struct intent a;
	struct alarm alarm;

	square(&w);
	a = world_intent(&w, "a", 0, 3, G);
	a.disjoint = PATH_DISJOINT_LINK;
	admit(&w, &a);
	world_cut(&w, 1);
	world_settle(&w);
	ck_assert(find(&w, "intent/a", "degraded", &alarm));
	ck_assert_int_eq(alarm.severity, ALARM_MINOR);
	world_cut(&w, 3);
	world_settle(&w);
	ck_assert(!find(&w, "intent/a", "degraded", &alarm));
	ck_assert(find(&w, "intent/a", "without-path", &alarm));
	world_mend(&w, 1);
	world_mend(&w, 3);
	world_settle(&w);
	ck_assert(!find(&w, "intent/a", "degraded", &alarm));
	ck_assert(!find(&w, "intent/a", "without-path", &alarm));
	world_free(&w);
}
END_TEST

START_TEST(routers_and_feeds_that_are_away_are_not_told_of_each_intent)
{
	struct world w;
	struct intent a;
	struct alarm alarm;

	square(&w);
	a = world_intent(&w, "a", 0, 3, G);
	admit(&w, &a);
	world_router_down(&w, 0);
	world_feed(&w, TED_SOURCE_LOST);
	world_pass(&w, SECOND);
	for (size_t i = 0; service_view_alarm_at(w.service, i, &alarm); i++)
		ck_assert_str_ne(alarm.object, "intent/a");
	world_free(&w);
}
END_TEST

START_TEST(deleted_intent_takes_its_alarm_along)
{
	struct world w;
	struct alarm alarm;

	without_path(&w);
	world_delete(&w, "a");
	world_settle(&w);
	ck_assert(!find(&w, "intent/a", "without-path", &alarm));
	world_free(&w);
}
END_TEST

START_TEST(acknowledged_is_answered_when_stored_and_survives_a_restart)
{
	struct world w;
	struct alarm alarm;
	uint64_t request;
	int64_t since;

	without_path(&w);
	ck_assert(find(&w, "intent/a", "without-path", &alarm) && !alarm.acknowledged);
	since = alarm.since_us;
	request = acknowledge(&w, "intent/a", "without-path");
	ck_assert_ptr_null(world_reply(&w, request));
	world_settle(&w);
	ck_assert_int_eq(world_reply(&w, request)->status, PCE_OK);
	world_pass(&w, 100 * SECOND);
	w.fibres[1].up[0] = w.fibres[1].up[1] = false;
	restart(&w);
	ck_assert(find(&w, "intent/a", "without-path", &alarm));
	ck_assert_msg(alarm.acknowledged, "what a person has seen is forgotten");
	ck_assert_int_eq(alarm.since_us, since);
	/* Cleared and raised anew it is another one, also after the next restart. */
	world_mend(&w, 1);
	world_rest(&w);
	ck_assert(!find(&w, "intent/a", "without-path", &alarm));
	restart(&w);
	world_cut(&w, 1);
	world_settle(&w);
	ck_assert_msg(find(&w, "intent/a", "without-path", &alarm), "%s",
		      policy_of(&w, "a").reason);
	ck_assert(!alarm.acknowledged);
	world_free(&w);
}
END_TEST

START_TEST(acknowledged_that_is_over_after_a_restart_is_forgotten)
{
	struct world w;
	struct alarm alarm;

	without_path(&w);
	acknowledge(&w, "intent/a", "without-path");
	world_settle(&w);
	world_crash(&w, SIZE_MAX);
	w.fibres[1].up[0] = w.fibres[1].up[1] = true;
	world_recover(&w);
	world_learn(&w);
	world_routers_up(&w);
	world_rest(&w);
	world_pass(&w, 700 * SECOND);
	ck_assert(!find(&w, "intent/a", "without-path", &alarm));
	world_cut(&w, 1);
	world_settle(&w);
	ck_assert(find(&w, "intent/a", "without-path", &alarm) && !alarm.acknowledged);
	world_free(&w);
}
END_TEST

START_TEST(acknowledging_what_is_not_open_is_refused)
{
	struct world w;
	uint64_t request;

	square(&w);
	request = acknowledge(&w, "intent/a", "without-path");
	ck_assert_int_eq(world_reply(&w, request)->status, PCE_NOT_FOUND);
	world_free(&w);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("alarms");

	tcase_add_test(t, intent_without_path_has_an_alarm_until_it_is_whole);
	tcase_add_test(t, intent_with_less_than_it_asks_for_has_an_alarm);
	tcase_add_test(t, routers_and_feeds_that_are_away_are_not_told_of_each_intent);
	tcase_add_test(t, deleted_intent_takes_its_alarm_along);
	tcase_add_test(t, acknowledged_is_answered_when_stored_and_survives_a_restart);
	tcase_add_test(t, acknowledged_that_is_over_after_a_restart_is_forgotten);
	tcase_add_test(t, acknowledging_what_is_not_open_is_refused);
	return suite_run("alarms", t, 30);
}
