/* Scenarios of trouble: links, feeds, routers, disks and the process itself fail. */
#include "tests/service/square.h"

START_TEST(cut_moves_the_affected_policy_only_and_frees_after_confirm)
{
	struct world w;
	struct intent a, b;
	size_t at, applies;

	square(&w);
	a = world_intent(&w, "a", 0, 3, 2 * G);
	b = world_intent(&w, "b", 0, 2, G);
	admit(&w, &a);
	admit(&w, &b);
	ck_assert(world_uses(&w, "a", 1));
	applies = w.n_applies;
	w.fibres[1].up[0] = false;
	world_tell_link(&w, 1, 0); /* one half-link: neither direction is used */
	ck_assert(!world_uses(&w, "a", 1));
	ck_assert(world_uses(&w, "a", 3));
	/* Booked on the new links while the old are held. */
	ck_assert_uint_eq(world_booked(&w, 2, 0), 3 * G);
	ck_assert_uint_eq(world_booked(&w, 0, 0), 2 * G);
	next_apply(&w, &at);
	ck_assert_uint_eq(w.waits[at]->transaction->n_changes, 1);
	world_happen(&w, at, WORLD_OK);
	ck_assert_uint_eq(world_booked(&w, 0, 0), 2 * G);
	world_settle(&w);
	ck_assert_uint_eq(world_booked(&w, 0, 0), 0);
	ck_assert_uint_eq(w.n_applies, applies + 2);
	ck_assert_str_eq(policy_of(&w, "a").cause, "link f1.0 withdrawn");
	world_check_quiet(&w);
	world_free(&w);
}
END_TEST

START_TEST(cut_without_alternative_stays_on_the_router_as_failed)
{
	struct world w;
	struct intent a;
	struct service_view_policy v;
	size_t applies;

	square(&w);
	a = world_intent(&w, "a", 0, 3, 2 * G);
	admit(&w, &a);
	world_cut(&w, 2);
	applies = w.n_applies;
	world_cut(&w, 1);
	world_settle(&w);
	v = policy_of(&w, "a");
	ck_assert_int_eq(v.state, POLICY_FAILED);
	ck_assert_ptr_nonnull(v.reason);
	ck_assert_ptr_nonnull(world_held(&w, 0, "a"));
	ck_assert_uint_eq(w.n_applies, applies);
	world_mend(&w, 1);
	world_settle(&w);
	ck_assert_int_eq(policy_of(&w, "a").state, POLICY_ACTIVE);
	ck_assert_uint_eq(w.n_applies, applies);
	ck_assert_uint_eq(policy_of(&w, "a").generation, v.generation);
	world_check_quiet(&w);
	world_free(&w);
}
END_TEST

/* Half of it must get through whatever single way fails, all of it nearly always. */
static struct intent
guaranteed(const struct world *w, uint64_t bps, double guarantee)
{
	struct intent a = world_intent(w, "a", 0, 3, bps);

	a.guarantee = guarantee;
	a.max_lists = 2;
	return a;
}

START_TEST(guarantee_books_its_shares_and_keeps_what_stands)
{
	struct world w;
	struct intent a;

	square(&w);
	for (unsigned i = 0; i < 4; i++) {
		w.fibres[i].unavailability_ppt = 10000000000; /* 0.99 */
		world_mend(&w, i);
	}
	a = guaranteed(&w, 2 * G, 0.999);
	admit(&w, &a);
	ck_assert_uint_eq(policy_of(&w, "a").n_lists, 2);
	ck_assert_uint_eq(world_held(&w, 0, "a")->n_paths, 1);
	ck_assert_uint_eq(world_held(&w, 0, "a")->paths[0].n_lists, 2);
	ck_assert_uint_eq(world_held(&w, 0, "a")->paths[0].lists[0].weight,
			  world_held(&w, 0, "a")->paths[0].lists[1].weight);
	ck_assert_uint_eq(world_booked(&w, 0, 0), 2 * G);
	ck_assert_uint_eq(world_booked(&w, 2, 0), 2 * G);
	world_check_quiet(&w);
	world_cut(&w, 1);
	world_settle(&w);
	world_check_quiet(&w);
	ck_assert_uint_eq(world_held(&w, 0, "a")->paths[0].n_lists, 1);
	ck_assert_uint_eq(world_booked(&w, 0, 0), 0);
	ck_assert_uint_eq(world_booked(&w, 2, 0), 2 * G);
	ck_assert_int_eq(intent_of(&w, "a").state, INTENT_DEGRADED);
	world_mend(&w, 1);
	world_settle(&w);
	world_check_quiet(&w);
	ck_assert_uint_eq(policy_of(&w, "a").n_lists, 2);
	ck_assert_int_eq(intent_of(&w, "a").state, INTENT_ACTIVE);
	world_free(&w);
}
END_TEST

START_TEST(guarantee_survives_a_restart_with_each_share)
{
	struct world w;
	struct intent a;
	struct text before = { 0 }, after = { 0 };

	square(&w);
	for (unsigned i = 0; i < 4; i++) {
		w.fibres[i].unavailability_ppt = i < 2 ? 10000000000 : 20000000000;
		world_mend(&w, i);
	}
	a = guaranteed(&w, 2 * G, 0.999);
	admit(&w, &a);
	ck_assert_uint_eq(policy_of(&w, "a").n_lists, 2);
	service_dump(w.service, &before);
	world_crash(&w, 0);
	world_recover(&w);
	world_routers_up(&w);
	world_learn(&w);
	world_settle(&w);
	world_check_quiet(&w);
	service_dump(w.service, &after);
	ck_assert_str_eq(before.at, after.at);
	text_free(&before);
	text_free(&after);
	world_free(&w);
}
END_TEST

START_TEST(full_disk_refuses_intents_but_restoration_goes_on)
{
	struct world w;
	struct intent a, b;
	struct alarm alarm;
	uint64_t request;

	square(&w);
	a = world_intent(&w, "a", 0, 3, 2 * G);
	b = world_intent(&w, "b", 0, 3, G);
	admit(&w, &a);
	request = world_put(&w, &b);
	store_next(&w, WORLD_REFUSE);
	ck_assert_int_eq(world_reply(&w, request)->status, PCE_IO);
	ck_assert_uint_gt(strlen(world_reply(&w, request)->text), 0);
	ck_assert_uint_eq(world_booked(&w, 0, 0), 2 * G);
	ck_assert(service_view_alarm_at(w.service, 0, &alarm));
	ck_assert_str_eq(alarm.object, "store");
	world_cut(&w, 1);
	for (unsigned i = 0; i < 20 && w.n_waits > 0; i++)
		world_happen(&w, 0, w.waits[0]->kind == SERVICE_STORE ? WORLD_REFUSE : WORLD_OK);
	ck_assert(srpolicy_equal(world_held(&w, 0, "a"), policy_of(&w, "a").srpolicy));
	ck_assert_int_eq(policy_of(&w, "a").state, POLICY_ACTIVE);
	ck_assert(world_uses(&w, "a", 3));
	world_pass(&w, 60 * (int64_t)USEC_PER_S);
	world_settle(&w);
	ck_assert(!service_view_alarm_at(w.service, 0, &alarm));
	world_check_quiet(&w);
	world_free(&w);
}
END_TEST

START_TEST(router_away_queues_nothing_and_gets_the_difference_when_back)
{
	struct world w;
	struct intent a;
	size_t at;

	square(&w);
	a = world_intent(&w, "a", 0, 3, 2 * G);
	admit(&w, &a);
	world_router_down(&w, 0);
	ck_assert_int_eq(intent_of(&w, "a").state, INTENT_DEGRADED);
	world_cut(&w, 1);
	world_settle(&w);
	world_mend(&w, 1);
	world_cut(&w, 2);
	world_settle(&w);
	ck_assert_uint_eq(world_waiting(&w, SERVICE_APPLY, NULL), 0);
	world_router_up(&w, 0);
	ck_assert_uint_eq(world_waiting(&w, SERVICE_READ, &at), 1);
	ck_assert_uint_eq(world_waiting(&w, SERVICE_APPLY, NULL), 0);
	world_settle(&w);
	world_check_quiet(&w);
	ck_assert_int_eq(intent_of(&w, "a").state, INTENT_ACTIVE);
	world_free(&w);
}
END_TEST

START_TEST(refusal_fails_the_one_policy_and_holds_nobody_back)
{
	struct world w;
	struct intent in[4];
	const char *const ids[] = { "a", "b", "c", "d" };
	size_t at;

	square(&w);
	world_router_down(&w, 0);
	for (unsigned i = 0; i < 4; i++) {
		in[i] = world_intent(&w, ids[i], 0, 3, G);
		world_put(&w, &in[i]);
		world_settle(&w);
	}
	world_router_up(&w, 0);
	for (unsigned turns = 0; turns < 200 && w.n_waits > 0; turns++) {
		bool bad = false;

		at = 0;
		if (w.waits[at]->kind == SERVICE_APPLY && w.waits[at]->phase == DEPLOY_PREPARE)
			for (size_t k = 0; k < w.waits[at]->transaction->n_changes; k++)
				bad =
				    bad || strcmp(w.waits[at]->transaction->changes[k].policy->name,
						  "karst-c") == 0;
		world_happen(&w, at, bad ? WORLD_REFUSE : WORLD_OK);
	}
	ck_assert_int_eq(policy_of(&w, "a").state, POLICY_ACTIVE);
	ck_assert_int_eq(policy_of(&w, "b").state, POLICY_ACTIVE);
	ck_assert_int_eq(policy_of(&w, "d").state, POLICY_ACTIVE);
	ck_assert_int_eq(policy_of(&w, "c").state, POLICY_FAILED);
	ck_assert_str_eq(policy_of(&w, "c").reason, "the router refuses the policy");
	/* It is tried again later. */
	world_pass(&w, 61 * (int64_t)USEC_PER_S);
	world_settle(&w);
	ck_assert_int_eq(policy_of(&w, "c").state, POLICY_ACTIVE);
	world_check_quiet(&w);
	world_free(&w);
}
END_TEST

START_TEST(locked_router_is_waited_for_and_its_holder_is_named)
{
	struct world w;
	struct intent a;
	struct alarm alarm;
	size_t at;

	square(&w);
	a = world_intent(&w, "a", 0, 3, G);
	world_put(&w, &a);
	next_apply(&w, &at);
	world_happen(&w, at, WORLD_RETRY);
	ck_assert(service_view_alarm_at(w.service, 0, &alarm));
	ck_assert_str_eq(alarm.cause, "locked");
	ck_assert_ptr_nonnull(strstr(alarm.text, "session 42"));
	ck_assert_uint_eq(world_waiting(&w, SERVICE_APPLY, NULL), 0);
	world_settle(&w);
	ck_assert(!service_view_alarm_at(w.service, 0, &alarm));
	world_check_quiet(&w);
	world_free(&w);
}
END_TEST

START_TEST(unknown_result_is_read_before_it_is_decided)
{
	const enum world_result results[] = { WORLD_UNKNOWN_DONE, WORLD_UNKNOWN_NOT };

	for (unsigned phase = 0; phase < 2; phase++)
		for (unsigned i = 0; i < 2; i++) {
			struct world w;
			struct intent a;
			size_t at;

			square(&w);
			a = world_intent(&w, "a", 0, 3, G);
			world_put(&w, &a);
			next_apply(&w, &at);
			if (phase == 1) {
				world_happen(&w, at, WORLD_OK);
				next_apply(&w, &at);
			}
			world_happen(&w, at, results[i]);
			ck_assert_uint_eq(world_waiting(&w, SERVICE_READ, NULL), 1);
			ck_assert_uint_eq(world_waiting(&w, SERVICE_APPLY, NULL), 0);
			world_check(&w);
			world_settle(&w);
			world_check_quiet(&w);
			ck_assert(!w.routers[0].waiting);
			world_free(&w);
		}
}
END_TEST

START_TEST(newer_change_supersedes_one_that_is_being_prepared)
{
	struct world w;
	struct intent a;
	size_t at;

	square(&w);
	a = world_intent(&w, "a", 0, 3, G);
	admit(&w, &a);
	world_cut(&w, 1);
	ck_assert_uint_eq(next_apply(&w, &at), DEPLOY_PREPARE);
	world_mend(&w, 1);
	world_cut(&w, 2);
	ck_assert(world_uses(&w, "a", 1));
	ck_assert_uint_eq(world_waiting(&w, SERVICE_APPLY, NULL), 2);
	world_check(&w);
	world_settle(&w);
	world_check_quiet(&w);
	world_free(&w);
}
END_TEST

static void
feed(struct world *w, enum ted_source_event event)
{
	struct service_event e = { .kind = SERVICE_FEED_STATE };

	e.u.feed_state.source = (struct ted_source){ TED_SOURCE_BGPLS, 1 };
	e.u.feed_state.name = "rr1";
	e.u.feed_state.event = event;
	e.u.feed_state.stale_time_s = 300;
	world_event(w, &e);
}

START_TEST(lost_feed_moves_nothing_and_no_new_path_uses_it_when_expired)
{
	struct world w;
	struct intent a, b;
	struct alarm alarm;
	size_t applies;

	square(&w);
	a = world_intent(&w, "a", 0, 3, G);
	admit(&w, &a);
	applies = w.n_applies;
	feed(&w, TED_SOURCE_LOST);
	world_settle(&w);
	ck_assert(service_view_alarm_at(w.service, 0, &alarm));
	ck_assert_str_eq(alarm.object, "feed/rr1");
	ck_assert_int_eq(intent_of(&w, "a").state, INTENT_DEGRADED);
	world_pass(&w, 301 * (int64_t)USEC_PER_S);
	world_settle(&w);
	ck_assert_uint_eq(w.n_applies, applies);
	ck_assert_int_ne(policy_of(&w, "a").state, POLICY_FAILED);
	ck_assert_ptr_nonnull(world_held(&w, 0, "a"));
	b = world_intent(&w, "b", 0, 3, G);
	ck_assert_int_eq(world_reply(&w, world_put(&w, &b))->status, PCE_CONFLICT);
	world_learn(&w);
	world_settle(&w);
	ck_assert_int_eq(intent_of(&w, "a").state, INTENT_ACTIVE);
	ck_assert_uint_eq(w.n_applies, applies);
	admit(&w, &b);
	world_free(&w);
}
END_TEST

START_TEST(restart_moves_and_withdraws_nothing)
{
	struct world w;
	struct intent a, b;
	struct text before = { 0 }, after = { 0 };
	size_t applies;

	square(&w);
	a = world_intent(&w, "a", 0, 3, G);
	b = world_intent(&w, "b", 3, 1, 2 * G);
	b.bidirectional = true;
	admit(&w, &a);
	admit(&w, &b);
	service_dump(w.service, &before);
	world_crash(&w, 0);
	applies = w.n_applies;
	world_recover(&w);
	world_routers_up(&w);
	world_settle(&w);
	ck_assert_uint_eq(w.n_applies, applies);
	world_learn(&w);
	world_settle(&w);
	ck_assert_uint_eq(w.n_applies, applies);
	world_check_quiet(&w);
	service_dump(w.service, &after);
	ck_assert_str_eq(text_get(&before), text_get(&after));
	text_free(&before);
	text_free(&after);
	world_free(&w);
}
END_TEST

START_TEST(restart_confirms_what_was_decided_and_cancels_the_rest)
{
	for (unsigned decided = 0; decided < 2; decided++) {
		struct world w;
		struct intent a;
		size_t at;

		square(&w);
		a = world_intent(&w, "a", 0, 3, G);
		world_put(&w, &a);
		next_apply(&w, &at);
		world_happen(&w, at, WORLD_OK);
		ck_assert(w.routers[0].waiting);
		world_crash(&w, decided);
		world_recover(&w);
		world_router_up(&w, 0);
		ck_assert_uint_eq(world_waiting(&w, SERVICE_READ, &at), 1);
		world_happen(&w, at, WORLD_OK);
		ck_assert_uint_eq(world_waiting(&w, SERVICE_APPLY, &at), 1);
		ck_assert_int_eq(w.waits[at]->phase, decided ? DEPLOY_CONFIRM : DEPLOY_CANCEL);
		world_routers_up(&w);
		world_learn(&w);
		world_settle(&w);
		world_check_quiet(&w);
		ck_assert(!w.routers[0].waiting);
		world_free(&w);
	}
}
END_TEST

START_TEST(crash_at_every_effect_converges_and_loses_nothing)
{
	for (unsigned stop = 0; stop < 24; stop++)
		for (size_t kept = 0; kept < 2; kept++) {
			struct world w;
			struct intent a, b;
			uint64_t request;
			bool acknowledged;

			square(&w);
			a = world_intent(&w, "a", 0, 3, G);
			b = world_intent(&w, "b", 0, 3, 2 * G);
			admit(&w, &a);
			request = world_put(&w, &b);
			world_cut(&w, 1);
			for (unsigned i = 0; i < stop && w.n_waits > 0; i++)
				world_happen(&w, 0, WORLD_OK);
			acknowledged = world_reply(&w, request) != NULL;
			world_crash(&w, kept);
			world_recover(&w);
			world_routers_up(&w);
			world_check(&w);
			world_learn(&w);
			world_check(&w);
			world_settle(&w);
			world_check_quiet(&w);
			ck_assert_ptr_nonnull(world_held(&w, 0, "a"));
			ck_assert(!acknowledged || world_stored_intent(&w, "b"));
			world_free(&w);
		}
}
END_TEST

START_TEST(metric_elsewhere_that_leads_the_list_astray_is_answered)
{
	struct world w;
	struct intent a;
	struct service_view_policy v;
	struct service_view_counters lists;
	uint64_t generation;

	world_init(&w, 4, 1);
	world_fibre(&w, 0, 1, 10, 10 * G);
	world_fibre(&w, 1, 3, 10, 10 * G);
	world_fibre(&w, 0, 2, 20, 10 * G);
	world_fibre(&w, 2, 3, 20, 10 * G);
	world_start(&w);
	world_routers_up(&w);
	a = world_intent(&w, "a", 0, 3, G);
	a.objective = PATH_DELAY;
	admit(&w, &a);
	v = policy_of(&w, "a");
	generation = v.generation;
	ck_assert(world_uses(&w, "a", 1));
	/* The other way becomes the IGP's shortest, though not the faster one: a list that relied
	 * on the IGP must change, the path must not. */
	w.fibres[2].metric = w.fibres[3].metric = 1;
	for (unsigned half = 0; half < 2; half++) {
		world_tell_link(&w, 2, half);
		world_tell_link(&w, 3, half);
	}
	world_settle(&w);
	ck_assert(world_uses(&w, "a", 1));
	ck_assert_uint_gt(policy_of(&w, "a").generation, generation);
	service_view_counters(w.service, &lists);
	ck_assert_uint_eq(lists.lists_strayed, 1);
	ck_assert_uint_eq(lists.lists_refused, 0);
	world_check_quiet(&w);
	world_free(&w);
}
END_TEST

START_TEST(important_policies_are_restored_first)
{
	struct world w;
	struct intent low, high;

	world_init(&w, 4, 1);
	world_fibre(&w, 0, 1, 10, 10 * G);
	world_fibre(&w, 1, 3, 10, 10 * G);
	world_fibre(&w, 0, 2, 20, 3 * G);
	world_fibre(&w, 2, 3, 20, 3 * G);
	world_start(&w);
	world_routers_up(&w);
	world_settle(&w);
	low = world_intent(&w, "a-low", 0, 3, 2 * G);
	low.priority = 6;
	high = world_intent(&w, "b-high", 0, 3, 2 * G);
	high.priority = 1;
	admit(&w, &low);
	admit(&w, &high);
	world_cut(&w, 1);
	world_settle(&w);
	ck_assert(world_uses(&w, "b-high", 3));
	ck_assert_int_eq(policy_of(&w, "a-low").state, POLICY_FAILED);
	/* Freed bandwidth is an improvement. */
	world_delete(&w, "b-high");
	world_settle(&w);
	ck_assert_int_eq(policy_of(&w, "a-low").state, POLICY_ACTIVE);
	world_check_quiet(&w);
	world_free(&w);
}
END_TEST

START_TEST(foreign_edit_of_ours_is_repaired_and_strangers_are_removed)
{
	struct world w;
	struct intent a;
	struct service_event e = { .kind = SERVICE_DEVICE_CHANGED };

	square(&w);
	a = world_intent(&w, "a", 0, 3, G);
	admit(&w, &a);
	arena_free(&w.routers[0].running.at[2]->arena);
	free(w.routers[0].running.at[2]);
	w.routers[0].running.n = 2;
	e.u.device_changed.device = "d0";
	world_event(&w, &e);
	world_settle(&w);
	ck_assert_ptr_nonnull(world_held(&w, 0, "a"));
	world_check_quiet(&w);
	world_free(&w);
}
END_TEST

START_TEST(many_changes_in_one_step_are_bounded)
{
	struct world w;
	char ids[200][16];

	square(&w);
	for (unsigned i = 0; i < 200; i++) {
		struct intent a;

		snprintf(ids[i], sizeof(ids[i]), "p%03u", i);
		a = world_intent(&w, ids[i], 0, 3, 1000);
		world_put(&w, &a);
	}
	world_settle(&w);
	world_cut(&w, 1);
	ck_assert_uint_gt(w.service->n_queue, 0);
	ck_assert_int_le(service_deadline(w.service).v, w.now.v);
	world_settle(&w);
	world_check_quiet(&w);
	ck_assert(world_uses(&w, "p199", 3));
	world_free(&w);
}
END_TEST

START_TEST(cut_while_a_change_waits_is_answered_when_the_store_refuses_the_change)
{
	struct world w;
	struct intent a, changed;

	square(&w);
	a = world_intent(&w, "a", 0, 3, 2 * G);
	admit(&w, &a);
	if (_i == 0) {
		changed = world_intent(&w, "a", 0, 3, 3 * G);
		world_put(&w, &changed);
	} else {
		world_delete(&w, "a");
	}
	world_cut(&w, 1);
	ck_assert(world_uses(&w, "a", 1));
	store_next(&w, WORLD_REFUSE);
	world_pass(&w, 60 * (int64_t)USEC_PER_S);
	world_settle(&w);
	ck_assert(world_uses(&w, "a", 3));
	ck_assert_int_eq(policy_of(&w, "a").state, POLICY_ACTIVE);
	world_check_quiet(&w);
	world_free(&w);
}
END_TEST

START_TEST(what_improves_while_an_intent_is_stored_is_not_missed)
{
	struct world w;
	struct intent a;

	square(&w);
	world_cut(&w, 2);
	a = world_intent(&w, "a", 0, 3, 2 * G);
	a.disjoint = PATH_DISJOINT_LINK;
	a.keep_if_unplaced = true;
	world_put(&w, &a);
	w.fibres[2].metric = 30; /* the list that is stored stays right */
	world_mend(&w, 2);
	world_pass(&w, USEC_PER_S);
	ck_assert_uint_eq(world_waiting(&w, SERVICE_STORE, NULL), 1);
	world_settle(&w);
	ck_assert_int_eq(policy_of(&w, "a").state, POLICY_ACTIVE);
	ck_assert_uint_eq(policy_of(&w, "a").n_lists, 2);
	world_check_quiet(&w);
	world_free(&w);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("restore");

	tcase_add_test(t, cut_moves_the_affected_policy_only_and_frees_after_confirm);
	tcase_add_test(t, cut_without_alternative_stays_on_the_router_as_failed);
	tcase_add_test(t, guarantee_books_its_shares_and_keeps_what_stands);
	tcase_add_test(t, guarantee_survives_a_restart_with_each_share);
	tcase_add_test(t, full_disk_refuses_intents_but_restoration_goes_on);
	tcase_add_test(t, router_away_queues_nothing_and_gets_the_difference_when_back);
	tcase_add_test(t, refusal_fails_the_one_policy_and_holds_nobody_back);
	tcase_add_test(t, locked_router_is_waited_for_and_its_holder_is_named);
	tcase_add_test(t, unknown_result_is_read_before_it_is_decided);
	tcase_add_test(t, newer_change_supersedes_one_that_is_being_prepared);
	tcase_add_test(t, lost_feed_moves_nothing_and_no_new_path_uses_it_when_expired);
	tcase_add_test(t, restart_moves_and_withdraws_nothing);
	tcase_add_test(t, restart_confirms_what_was_decided_and_cancels_the_rest);
	tcase_add_test(t, crash_at_every_effect_converges_and_loses_nothing);
	tcase_add_test(t, metric_elsewhere_that_leads_the_list_astray_is_answered);
	tcase_add_test(t, important_policies_are_restored_first);
	tcase_add_test(t, foreign_edit_of_ours_is_repaired_and_strangers_are_removed);
	tcase_add_test(t, many_changes_in_one_step_are_bounded);
	tcase_add_test(t, what_improves_while_an_intent_is_stored_is_not_missed);
	tcase_add_loop_test(
	    t, cut_while_a_change_waits_is_answered_when_the_store_refuses_the_change, 0, 2);
	return suite_run("restore", t, 60);
}
