/* Who may change the network, and when: modes, the feed guard, resume, the cap on moves. */
#include "tests/service/square.h"

static struct service_view_operate
operate_of(const struct world *w)
{
	struct service_view_operate v;

	service_view_operate(w->service, &v);
	return v;
}

static void
order_well(struct world *w, enum operate_kind kind, enum operate_mode mode)
{
	uint64_t request = world_order(w, kind, mode);

	world_settle(w);
	ck_assert_ptr_nonnull(world_reply(w, request));
	ck_assert_int_eq(world_reply(w, request)->status, PCE_OK);
}

static void
guarded_square(struct world *w, struct guard_limits limits)
{
	world_init(w, 4, 1);
	w->config.guard = limits;
	square_run(w);
}

/* One fibre of four may go: two links of eight. */
static const struct guard_limits strict = { .links_percent = 25, .least_links = 1, .window_s = 60 };

static bool
has_alarm(const struct world *w, const char *part)
{
	struct alarm alarm;

	for (size_t i = 0; service_view_alarm_at(w->service, i, &alarm); i++)
		if (strcmp(alarm.object, "karst") == 0 && strcmp(alarm.cause, "frozen") == 0)
			return strstr(alarm.text, part) != NULL;
	return false;
}

START_TEST(mode_observe_moves_nothing_until_act)
{
	struct world w;
	struct intent a, b;
	size_t applies;
	uint64_t request;

	square(&w);
	a = world_intent(&w, "a", 0, 3, G);
	b = world_intent(&w, "b", 0, 2, G);
	admit(&w, &a);
	order_well(&w, OPERATE_SET_MODE, MODE_OBSERVE);
	ck_assert_int_eq(operate_of(&w).mode, MODE_OBSERVE);
	applies = w.n_applies;
	world_cut(&w, 1);
	world_pass(&w, 10 * (int64_t)USEC_PER_S);
	world_settle(&w);
	ck_assert(world_uses(&w, "a", 1));
	ck_assert_uint_eq(w.n_applies, applies);
	request = world_put(&w, &b);
	ck_assert_int_eq(world_reply(&w, request)->status, PCE_CONFLICT);
	ck_assert_str_eq(world_reply(&w, request)->reason, "frozen");
	request = world_delete(&w, "a");
	ck_assert_int_eq(world_reply(&w, request)->status, PCE_CONFLICT);
	order_well(&w, OPERATE_SET_MODE, MODE_ACT);
	ck_assert(!world_uses(&w, "a", 1));
	ck_assert_uint_gt(w.n_applies, applies);
	admit(&w, &b);
	world_check_quiet(&w);
	world_free(&w);
}
END_TEST

START_TEST(links_gone_beyond_the_share_freeze_and_resume_moves)
{
	struct world w;
	struct intent a;
	size_t applies;

	guarded_square(&w, strict);
	a = world_intent(&w, "a", 0, 3, G);
	admit(&w, &a);
	world_cut(&w, 3); /* not on the path, and not too many */
	world_settle(&w);
	ck_assert_ptr_null(operate_of(&w).frozen);
	world_mend(&w, 3);
	world_settle(&w);
	applies = w.n_applies;
	w.fibres[1].up[0] = w.fibres[1].up[1] = false;
	w.fibres[3].up[0] = w.fibres[3].up[1] = false;
	world_tell_link(&w, 3, 0);
	world_tell_link(&w, 1, 0);
	world_settle(&w);
	ck_assert_ptr_nonnull(operate_of(&w).frozen);
	ck_assert_str_eq(operate_of(&w).frozen, "4 of 8 directed links vanished within 60 s");
	ck_assert(has_alarm(&w, "1 of 1 policies wait"));
	world_mend(&w, 3);
	world_settle(&w);
	ck_assert_msg(world_uses(&w, "a", 1), "it moved although changes are frozen");
	ck_assert_uint_eq(w.n_applies, applies);
	order_well(&w, OPERATE_RESUME, MODE_ACT);
	ck_assert_ptr_null(operate_of(&w).frozen);
	ck_assert(!has_alarm(&w, ""));
	ck_assert(world_uses(&w, "a", 3));
	ck_assert_uint_gt(w.n_applies, applies);
	world_check_quiet(&w);
	world_free(&w);
}
END_TEST

START_TEST(open_transaction_comes_to_its_end_while_frozen)
{
	struct world w;
	struct intent a;
	size_t at;

	guarded_square(&w, strict);
	a = world_intent(&w, "a", 0, 3, G);
	world_put(&w, &a);
	ck_assert_int_eq(next_apply(&w, &at), DEPLOY_PREPARE);
	world_cut(&w, 3);
	world_cut(&w, 2);
	ck_assert_ptr_nonnull(operate_of(&w).frozen);
	world_settle(&w);
	ck_assert_ptr_nonnull(world_held(&w, 0, "a"));
	ck_assert_int_eq(policy_of(&w, "a").state, POLICY_ACTIVE);
	world_free(&w);
}
END_TEST

START_TEST(change_that_is_not_begun_waits_while_observing)
{
	struct world w;
	struct intent a;

	square(&w);
	a = world_intent(&w, "a", 0, 3, G);
	world_put(&w, &a);
	world_order(&w, OPERATE_SET_MODE, MODE_OBSERVE);
	world_settle(&w);
	ck_assert_uint_eq(w.n_applies, 0);
	ck_assert_ptr_null(world_held(&w, 0, "a"));
	order_well(&w, OPERATE_SET_MODE, MODE_ACT);
	ck_assert_ptr_nonnull(world_held(&w, 0, "a"));
	world_check_quiet(&w);
	world_free(&w);
}
END_TEST

START_TEST(last_feed_lost_freezes_and_a_healthy_one_ends_it_if_configured)
{
	for (unsigned heals = 0; heals < 2; heals++) {
		struct guard_limits limits = strict;
		struct world w;

		limits.heal_after_s = heals ? 20 : 0;
		guarded_square(&w, limits);
		world_feed(&w, TED_SOURCE_LOST);
		ck_assert_ptr_nonnull(operate_of(&w).frozen);
		ck_assert_ptr_nonnull(strstr(operate_of(&w).frozen, "the last feed"));
		world_pass(&w, 100 * (int64_t)USEC_PER_S);
		ck_assert_ptr_nonnull(operate_of(&w).frozen);
		world_learn(&w);
		world_pass(&w, 10 * (int64_t)USEC_PER_S);
		ck_assert_ptr_nonnull(operate_of(&w).frozen);
		world_pass(&w, 11 * (int64_t)USEC_PER_S);
		ck_assert_int_eq(operate_of(&w).frozen == NULL, heals);
		/* Resumed without a feed: that it is lost still is no news. */
		world_feed(&w, TED_SOURCE_LOST);
		order_well(&w, OPERATE_RESUME, MODE_ACT);
		world_feed(&w, TED_SOURCE_LOST);
		ck_assert_ptr_null(operate_of(&w).frozen);
		world_free(&w);
	}
}
END_TEST

START_TEST(restart_keeps_the_mode_and_the_freeze)
{
	struct world w;

	guarded_square(&w, strict);
	order_well(&w, OPERATE_SET_MODE, MODE_OBSERVE);
	world_feed(&w, TED_SOURCE_LOST);
	world_settle(&w);
	world_crash(&w, 0);
	world_recover(&w);
	ck_assert_int_eq(operate_of(&w).mode, MODE_OBSERVE);
	ck_assert_ptr_nonnull(operate_of(&w).frozen);
	world_routers_up(&w);
	world_learn(&w);
	world_settle(&w);
	ck_assert(has_alarm(&w, "the last feed"));
	order_well(&w, OPERATE_RESUME, MODE_ACT);
	order_well(&w, OPERATE_SET_MODE, MODE_ACT);
	world_crash(&w, 0);
	world_recover(&w);
	ck_assert_int_eq(operate_of(&w).mode, MODE_ACT);
	ck_assert_ptr_null(operate_of(&w).frozen);
	world_free(&w);
}
END_TEST

START_TEST(order_that_is_not_stored_is_in_force_and_said_to_be_so)
{
	struct world w;
	uint64_t request;
	struct intent a;

	square(&w);
	a = world_intent(&w, "a", 0, 3, G);
	request = world_order(&w, OPERATE_SET_MODE, MODE_OBSERVE);
	ck_assert_ptr_null(world_reply(&w, request));
	store_next(&w, WORLD_REFUSE);
	ck_assert_int_eq(world_reply(&w, request)->status, PCE_IO);
	ck_assert_ptr_nonnull(strstr(world_reply(&w, request)->text, "it is in force"));
	request = world_put(&w, &a);
	ck_assert_int_eq(world_reply(&w, request)->status, PCE_CONFLICT);
	world_pass(&w, 2 * (int64_t)USEC_PER_S);
	world_settle(&w); /* written when the disk is well again */
	world_crash(&w, 0);
	world_recover(&w);
	ck_assert_int_eq(operate_of(&w).mode, MODE_OBSERVE);
	world_free(&w);
}
END_TEST

/* Twelve policies over a fibre that is cut, three moves a second. */
START_TEST(moves_are_capped)
{
	struct world w;
	struct intent intents[12];
	char ids[12][8];
	size_t moved;

	guarded_square(&w, (struct guard_limits){ .moves_per_s = 3 });
	for (unsigned i = 0; i < 12; i++) {
		snprintf(ids[i], sizeof(ids[i]), "i%02u", i);
		intents[i] = world_intent(&w, ids[i], 0, 3, 10 * G / 1000);
		admit(&w, &intents[i]);
	}
	world_cut(&w, 1);
	for (unsigned second = 0; second < 4; second++) {
		moved = 0;
		for (unsigned i = 0; i < 12; i++)
			moved += world_uses(&w, ids[i], 3);
		ck_assert_uint_eq(moved, 3 * (size_t)second + 3);
		ck_assert(world_uses(&w, ids[0], 3)); /* in their order */
		world_pass(&w, (int64_t)USEC_PER_S - 1000);
	}
	world_settle(&w);
	world_check_quiet(&w);
	world_free(&w);
}
END_TEST

/*
 * n0 to n4 by three ways. Ten policies of low priority by the second way, which is cut; ten of high
 * priority by the first, which becomes long: they would only gain. One move a second.
 */
START_TEST(moves_of_what_is_dead_go_before_what_might_improve)
{
	struct world w;
	struct intent intents[20];
	char ids[20][8];

	world_init(&w, 5, 1);
	w.config.guard = (struct guard_limits){ .moves_per_s = 1 };
	w.link_gap_us = 0;
	for (unsigned middle = 1; middle < 4; middle++) {
		world_fibre(&w, 0, middle, 10, 100 * G);
		world_fibre(&w, middle, 4, 10 + middle, 100 * G);
	}
	world_start(&w);
	world_routers_up(&w);
	world_settle(&w);
	for (unsigned i = 0; i < 20; i++) {
		snprintf(ids[i], sizeof(ids[i]), "i%02u", i);
		intents[i] = world_intent(&w, ids[i], i < 10 ? 0 : 2, 4, G);
		intents[i].priority = i < 10 ? 1 : 7;
		admit(&w, &intents[i]);
		ck_assert(world_uses(&w, ids[i], i < 10 ? 1 : 3));
	}
	w.fibres[1].metric = 90;
	world_tell_link(&w, 1, 0);
	world_tell_link(&w, 1, 1);
	world_cut(&w, 3);
	for (unsigned second = 0; second < 20; second++) {
		size_t dead = 0, better = 0;

		world_pass(&w, second == 0 ? 100000 : (int64_t)USEC_PER_S);
		for (unsigned i = 0; i < 20; i++)
			*(i < 10 ? &better : &dead) += !world_uses(&w, ids[i], i < 10 ? 1 : 3);
		ck_assert_msg(better == 0 || dead == 10,
			      "%zu moved for a better path while %zu are dead", better, 10 - dead);
		ck_assert_uint_le(dead + better, second + 2);
	}
	world_settle(&w);
	for (unsigned i = 0; i < 10; i++)
		ck_assert(!world_uses(&w, ids[i], 1));
	world_check_quiet(&w);
	world_free(&w);
}
END_TEST

/* Twelve policies, and no more than a quarter of them in ten seconds. */
START_TEST(moves_are_capped_by_share)
{
	struct world w;
	struct intent intents[12];
	char ids[12][8];

	guarded_square(&w, (struct guard_limits){ .moved_percent = 25, .moved_window_s = 10 });
	for (unsigned i = 0; i < 12; i++) {
		snprintf(ids[i], sizeof(ids[i]), "i%02u", i);
		intents[i] = world_intent(&w, ids[i], 0, 3, G / 100);
		admit(&w, &intents[i]);
	}
	world_cut(&w, 1);
	for (unsigned window = 0; window < 4; window++) {
		size_t moved = 0;

		world_pass(&w, window == 0 ? 5 * (int64_t)USEC_PER_S : 10 * (int64_t)USEC_PER_S);
		for (unsigned i = 0; i < 12; i++)
			moved += world_uses(&w, ids[i], 3);
		ck_assert_uint_eq(moved, 3 * (size_t)window + 3);
	}
	world_settle(&w);
	world_check_quiet(&w);
	world_free(&w);
}
END_TEST

/* Drains or undrains by name; the id of the request. */
static uint64_t
drain(struct world *w, enum operate_kind kind, enum drain_kind what, const char *name, bool dry_run)
{
	struct service_event e = { .kind = SERVICE_OPERATE, .id = w->next_request++ };

	e.u.operate.kind = kind;
	e.u.operate.drain = (struct drain){ .kind = what, .name = name };
	e.u.operate.dry_run = dry_run;
	e.u.operate.author = "noc";
	world_event(w, &e);
	return e.id;
}

static struct service_view_drain
only_drain(const struct world *w)
{
	struct service_view_drain v;

	ck_assert(service_view_drain_at(w->service, 0, &v));
	ck_assert(!service_view_drain_at(w->service, 1, &v));
	service_view_drain_at(w->service, 0, &v);
	return v;
}

START_TEST(drain_moves_off_and_the_igp_stays_as_it_is)
{
	static const struct {
		enum drain_kind kind;
		const char *name;
	} cases[] = { { DRAIN_LINK, "f1.0" }, { DRAIN_LINK, "f1.1" }, { DRAIN_NODE, "n1" } };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct world w;
		struct intent a, b, c;
		uint64_t request;

		square(&w);
		a = world_intent(&w, "a", 0, 3, G);
		b = world_intent(&w, "b", 0, 2, G);
		c = world_intent(&w, "c", 0, 3, G);
		admit(&w, &a);
		admit(&w, &b);
		ck_assert(world_uses(&w, "a", 1));
		request = drain(&w, OPERATE_DRAIN, cases[i].kind, cases[i].name, false);
		ck_assert_ptr_null(world_reply(&w, request)); /* not before it is durable */
		world_settle(&w);
		ck_assert_int_eq(world_reply(&w, request)->status, PCE_OK);
		ck_assert_uint_eq(world_reply(&w, request)->n_affected, 1);
		ck_assert_uint_eq(world_reply(&w, request)->n_stuck, 0);
		ck_assert(world_uses(&w, "a", 3) && !world_uses(&w, "a", 1));
		ck_assert_int_eq(policy_of(&w, "a").state, POLICY_ACTIVE);
		ck_assert(ted_link_usable(service_view_ted(w.service), world_link(&w, 1, 0)));
		ck_assert_uint_eq(only_drain(&w).remaining, 0);
		admit(&w, &c); /* new ones avoid it too */
		ck_assert(world_uses(&w, "c", 3));
		request = drain(&w, OPERATE_UNDRAIN, cases[i].kind, cases[i].name, false);
		world_settle(&w);
		ck_assert_int_eq(world_reply(&w, request)->status, PCE_OK);
		ck_assert(world_uses(&w, "a", 3)); /* nobody moves without need */
		world_check_quiet(&w);
		world_free(&w);
	}
}
END_TEST

static size_t
branches_of(const struct world *w, const char *id)
{
	struct service_view_policy v = policy_of(w, id);

	return v.n_lists > 0 ? v.bound[0].n_branches : 0;
}

/* The path itself does not cross what is drained, but its packets may. */
START_TEST(drain_ends_loose_forwarding_over_it)
{
	struct world w;
	struct intent a;

	square(&w);
	a = world_intent(&w, "a", 0, 3, G);
	a.loose = true;
	admit(&w, &a);
	ck_assert(world_uses(&w, "a", 1));
	ck_assert_uint_eq(branches_of(&w, "a"), 2);
	drain(&w, OPERATE_DRAIN, DRAIN_LINK, "f3.0", false);
	world_settle(&w);
	ck_assert(world_uses(&w, "a", 1));
	ck_assert_uint_eq(branches_of(&w, "a"), 0);
	ck_assert_uint_eq(only_drain(&w).remaining, 0);
	world_check_quiet(&w);
	world_free(&w);
}
END_TEST

START_TEST(drain_names_who_is_stuck_and_leaves_it_where_it_is)
{
	struct world w;
	struct intent a, b;
	uint64_t request;

	square(&w);
	a = world_intent(&w, "a", 0, 3, G);
	b = world_intent(&w, "b", 0, 1, 0);
	b.max_hops = 1;
	admit(&w, &a);
	admit(&w, &b);
	request = drain(&w, OPERATE_DRAIN, DRAIN_NODE, "n1", true);
	ck_assert_uint_eq(world_reply(&w, request)->n_affected, 2);
	ck_assert_uint_eq(world_reply(&w, request)->n_stuck, 1);
	ck_assert_str_eq(world_reply(&w, request)->stuck, "b: it begins or ends at n1");
	world_settle(&w);
	ck_assert(world_uses(&w, "a", 1));
	request = drain(&w, OPERATE_DRAIN, DRAIN_LINK, "f0.0", false);
	world_settle(&w);
	ck_assert_uint_eq(world_reply(&w, request)->n_affected, 2);
	ck_assert_uint_eq(world_reply(&w, request)->n_stuck, 1);
	ck_assert(world_uses(&w, "a", 3));
	ck_assert(world_uses(&w, "b", 0));
	ck_assert_ptr_nonnull(policy_of(&w, "b").reason);
	ck_assert_uint_eq(only_drain(&w).remaining, 1);
	world_free(&w);
}
END_TEST

/* The way over what is drained is better than none, and is left again when there is another. */
START_TEST(failure_may_use_what_is_drained_for_want_of_another_path)
{
	struct world w;
	struct intent a;

	square(&w);
	a = world_intent(&w, "a", 0, 3, G);
	admit(&w, &a);
	drain(&w, OPERATE_DRAIN, DRAIN_NODE, "n2", false);
	world_settle(&w);
	world_cut(&w, 1);
	world_settle(&w);
	ck_assert(world_uses(&w, "a", 3));
	ck_assert_ptr_nonnull(policy_of(&w, "a").reason);
	ck_assert_ptr_nonnull(strstr(policy_of(&w, "a").reason, "it crosses what is drained"));
	ck_assert_uint_eq(only_drain(&w).remaining, 1);
	world_mend(&w, 1);
	world_settle(&w);
	ck_assert(world_uses(&w, "a", 1));
	ck_assert_uint_eq(only_drain(&w).remaining, 0);
	world_free(&w);
}
END_TEST

START_TEST(drain_of_what_is_unknown_or_while_observing_is_refused)
{
	struct world w;
	uint64_t request;
	struct service_view_drain v;

	square(&w);
	request = drain(&w, OPERATE_DRAIN, DRAIN_NODE, "nowhere", false);
	ck_assert_int_ne(world_reply(&w, request)->status, PCE_OK);
	ck_assert_ptr_nonnull(strstr(world_reply(&w, request)->text, "nowhere"));
	request = drain(&w, OPERATE_UNDRAIN, DRAIN_NODE, "n1", false);
	ck_assert_int_eq(world_reply(&w, request)->status, PCE_NOT_FOUND);
	order_well(&w, OPERATE_SET_MODE, MODE_OBSERVE);
	request = drain(&w, OPERATE_DRAIN, DRAIN_NODE, "n1", false);
	ck_assert_int_eq(world_reply(&w, request)->status, PCE_CONFLICT);
	request = drain(&w, OPERATE_DRAIN, DRAIN_NODE, "n1", true);
	ck_assert_int_eq(world_reply(&w, request)->status, PCE_OK);
	ck_assert(!service_view_drain_at(w.service, 0, &v));
	world_free(&w);
}
END_TEST

START_TEST(restart_keeps_what_is_drained)
{
	struct world w;
	struct intent a;

	square(&w);
	drain(&w, OPERATE_DRAIN, DRAIN_LINK, "f1.0", false);
	drain(&w, OPERATE_DRAIN, DRAIN_LINK, "f1.0", false); /* again: nothing new */
	world_settle(&w);
	world_crash(&w, 0);
	world_recover(&w);
	world_routers_up(&w);
	world_learn(&w);
	world_settle(&w);
	ck_assert_str_eq(only_drain(&w).drain.name, "f1.0");
	a = world_intent(&w, "a", 0, 3, G);
	admit(&w, &a);
	ck_assert(world_uses(&w, "a", 3));
	world_free(&w);
}
END_TEST

/* What must hold after every effect of a drain: the router runs a path that is booked and usable.
 */
START_TEST(drain_makes_before_it_breaks)
{
	struct world w;
	struct intent a;

	square(&w);
	a = world_intent(&w, "a", 0, 3, 8 * G);
	admit(&w, &a);
	drain(&w, OPERATE_DRAIN, DRAIN_NODE, "n1", false);
	ck_assert_uint_eq(world_booked(&w, 1, 0), 8 * G); /* still held for what the router runs */
	ck_assert_uint_eq(world_booked(&w, 3, 0), 8 * G);
	while (w.n_waits > 0) {
		ck_assert_ptr_nonnull(world_held(&w, 0, "a"));
		world_check(&w);
		world_happen(&w, 0, WORLD_OK);
	}
	ck_assert_uint_eq(world_booked(&w, 1, 0), 0);
	ck_assert_uint_eq(only_drain(&w).drain.affected, 1);
	world_check_quiet(&w);
	world_free(&w);
}
END_TEST

/* Plans a window, in seconds from now; the id of the request. */
static uint64_t
plan(struct world *w, const char *link, int64_t from_s, int64_t until_s)
{
	struct service_event e = { .kind = SERVICE_OPERATE, .id = w->next_request++ };
	int64_t wall = 1700000000000000 + w->now.v;

	e.u.operate.kind = OPERATE_DRAIN;
	e.u.operate.drain = (struct drain){ .kind = DRAIN_LINK, .name = link };
	e.u.operate.from_us = wall + from_s * (int64_t)USEC_PER_S;
	e.u.operate.until_us = wall + until_s * (int64_t)USEC_PER_S;
	e.u.operate.author = "noc";
	world_event(w, &e);
	world_settle(w);
	return e.id;
}

static void
restart(struct world *w)
{
	world_crash(w, 0);
	world_recover(w);
	world_routers_up(w);
	world_learn(w);
	world_settle(w);
}

START_TEST(window_begins_and_ends_by_the_clock_over_restarts)
{
	struct service_view_drain v;
	struct drain_window window;
	struct world w;
	struct intent a;
	uint64_t request;

	square(&w);
	a = world_intent(&w, "a", 0, 3, G);
	admit(&w, &a);
	request = plan(&w, "f1.0", 3600, 7200);
	ck_assert_int_eq(world_reply(&w, request)->status, PCE_OK);
	ck_assert(service_view_window_at(w.service, 0, &window));
	ck_assert(!window.running);
	ck_assert_int_eq(world_reply(&w, plan(&w, "f1.0", 10, 20))->status, PCE_EXISTS);
	ck_assert_int_eq(world_reply(&w, plan(&w, "f2.0", 20, 10))->status, PCE_INVALID);
	world_pass(&w, 3500 * (int64_t)USEC_PER_S);
	world_settle(&w);
	ck_assert(world_uses(&w, "a", 1));
	restart(&w);
	ck_assert(!service_view_drain_at(w.service, 0, &v));
	world_pass(&w, 101 * (int64_t)USEC_PER_S);
	world_settle(&w);
	ck_assert(!world_uses(&w, "a", 1));
	ck_assert_str_eq(only_drain(&w).drain.name, "f1.0");
	restart(&w);
	ck_assert(service_view_window_at(w.service, 0, &window) && window.running);
	ck_assert_str_eq(only_drain(&w).drain.name, "f1.0");
	world_pass(&w, 3601 * (int64_t)USEC_PER_S);
	world_settle(&w);
	ck_assert(!service_view_drain_at(w.service, 0, &v));
	ck_assert(!service_view_window_at(w.service, 0, &window));
	world_check_quiet(&w);
	world_free(&w);
}
END_TEST

START_TEST(window_waits_while_observing_and_is_cancelled_by_undrain)
{
	struct service_view_drain v;
	struct drain_window window;
	struct world w;
	uint64_t request;

	square(&w);
	plan(&w, "f1.0", 0, 1000);
	ck_assert_str_eq(only_drain(&w).drain.name, "f1.0");
	request = drain(&w, OPERATE_UNDRAIN, DRAIN_LINK, "f1.0", false);
	world_settle(&w);
	ck_assert_int_eq(world_reply(&w, request)->status, PCE_OK);
	ck_assert(!service_view_drain_at(w.service, 0, &v));
	ck_assert(!service_view_window_at(w.service, 0, &window));
	order_well(&w, OPERATE_SET_MODE, MODE_OBSERVE);
	plan(&w, "f1.0", 10, 1000);
	world_pass(&w, 20 * (int64_t)USEC_PER_S);
	ck_assert(!service_view_drain_at(w.service, 0, &v));
	order_well(&w, OPERATE_SET_MODE, MODE_ACT);
	ck_assert_str_eq(only_drain(&w).drain.name, "f1.0");
	/* Drained by a person before: it stays so when the window ends. */
	drain(&w, OPERATE_DRAIN, DRAIN_LINK, "f2.0", false);
	plan(&w, "f2.0", 10, 20);
	world_pass(&w, 30 * (int64_t)USEC_PER_S);
	world_settle(&w);
	ck_assert(service_view_drain_at(w.service, 1, &v));
	ck_assert_str_eq(v.drain.name, "f2.0");
	world_free(&w);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("operate");

	tcase_add_test(t, mode_observe_moves_nothing_until_act);
	tcase_add_test(t, links_gone_beyond_the_share_freeze_and_resume_moves);
	tcase_add_test(t, open_transaction_comes_to_its_end_while_frozen);
	tcase_add_test(t, change_that_is_not_begun_waits_while_observing);
	tcase_add_test(t, last_feed_lost_freezes_and_a_healthy_one_ends_it_if_configured);
	tcase_add_test(t, restart_keeps_the_mode_and_the_freeze);
	tcase_add_test(t, order_that_is_not_stored_is_in_force_and_said_to_be_so);
	tcase_add_test(t, moves_are_capped);
	tcase_add_test(t, moves_of_what_is_dead_go_before_what_might_improve);
	tcase_add_test(t, moves_are_capped_by_share);
	tcase_add_test(t, drain_moves_off_and_the_igp_stays_as_it_is);
	tcase_add_test(t, drain_ends_loose_forwarding_over_it);
	tcase_add_test(t, drain_names_who_is_stuck_and_leaves_it_where_it_is);
	tcase_add_test(t, failure_may_use_what_is_drained_for_want_of_another_path);
	tcase_add_test(t, drain_of_what_is_unknown_or_while_observing_is_refused);
	tcase_add_test(t, restart_keeps_what_is_drained);
	tcase_add_test(t, drain_makes_before_it_breaks);
	tcase_add_test(t, window_begins_and_ends_by_the_clock_over_restarts);
	tcase_add_test(t, window_waits_while_observing_and_is_cancelled_by_undrain);
	return suite_run("operate", t, 60);
}
