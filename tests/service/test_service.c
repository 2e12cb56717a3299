/* Scenarios of intents: put, changed, deleted, step by step. */
#include "tests/service/square.h"

static uint64_t
put_with(struct world *w, const struct intent *intent, uint64_t if_match, bool dry_run)
{
	struct service_event e = { .kind = SERVICE_INTENT_PUT, .id = w->next_request++ };

	e.u.intent_put.intent = intent;
	e.u.intent_put.if_match = if_match;
	e.u.intent_put.dry_run = dry_run;
	world_event(w, &e);
	return e.id;
}

START_TEST(put_is_answered_when_it_is_durable_and_then_pushed)
{
	struct world w;
	struct intent intent;
	uint64_t request;
	size_t at;

	square(&w);
	intent = world_intent(&w, "video", 0, 3, G);
	request = world_put(&w, &intent);
	ck_assert_ptr_null(world_reply(&w, request));
	ck_assert_uint_eq(world_booked(&w, 0, 0), G);
	ck_assert_uint_eq(world_waiting(&w, SERVICE_APPLY, NULL), 0);
	store_next(&w, WORLD_OK);
	ck_assert_ptr_nonnull(world_reply(&w, request));
	ck_assert(world_reply(&w, request)->created);
	ck_assert_uint_eq(world_reply(&w, request)->n_paths, 1);
	ck_assert_uint_eq(world_reply(&w, request)->length, 2);
	ck_assert_ptr_nonnull(world_stored_intent(&w, "video"));
	/* The persist id is stored before PREPARE, the decision before CONFIRM. */
	ck_assert_uint_eq(world_waiting(&w, SERVICE_APPLY, NULL), 0);
	ck_assert_uint_eq(next_apply(&w, &at), DEPLOY_PREPARE);
	ck_assert_uint_eq(world_stored_count(&w, RECORD_TRANSACTION), 1);
	ck_assert_int_eq(policy_of(&w, "video").state, POLICY_DEPLOYING);
	world_happen(&w, at, WORLD_OK);
	ck_assert_uint_eq(world_waiting(&w, SERVICE_APPLY, NULL), 0);
	ck_assert_uint_eq(next_apply(&w, &at), DEPLOY_CONFIRM);
	world_settle(&w);
	world_check_quiet(&w);
	ck_assert_int_eq(policy_of(&w, "video").state, POLICY_ACTIVE);
	ck_assert_int_eq(intent_of(&w, "video").state, INTENT_ACTIVE);
	ck_assert_ptr_nonnull(world_held(&w, 0, "video"));
	ck_assert_int_gt(w.last_stages.confirmed.v, w.last_stages.prepared.v);
	ck_assert_int_gt(w.last_stages.prepared.v, w.last_stages.stored.v);
	ck_assert_int_gt(w.last_stages.stored.v, w.last_stages.computed.v);
	world_free(&w);
}
END_TEST

START_TEST(put_without_path_is_refused_with_reason_and_nothing_stays)
{
	struct world w;
	struct intent intent;
	uint64_t request;

	square(&w);
	intent = world_intent(&w, "big", 0, 3, 11 * G);
	request = world_put(&w, &intent);
	ck_assert_ptr_nonnull(world_reply(&w, request));
	ck_assert_int_eq(world_reply(&w, request)->status, PCE_CONFLICT);
	ck_assert_str_eq(world_reply(&w, request)->reason, "bandwidth");
	ck_assert_uint_gt(strlen(world_reply(&w, request)->text), 0);
	ck_assert_uint_eq(w.n_waits, 0);
	ck_assert_uint_eq(world_booked(&w, 0, 0), 0);
	ck_assert(!service_view_intent_by_id(w.service, "big", &(struct service_view_intent){ 0 }));
	world_check(&w);
	world_free(&w);
}
END_TEST

START_TEST(put_with_unknown_name_names_the_leaf)
{
	struct world w;
	struct intent intent;
	const char *const names[] = { "n1", "nowhere" };

	square(&w);
	intent = world_intent(&w, "x", 0, 3, 0);
	intent.from = "nobody";
	ck_assert_int_eq(world_reply(&w, world_put(&w, &intent))->status, PCE_INVALID);
	ck_assert_str_eq(w.replies[w.n_replies - 1].path,
			 "/karst-intent:intents/intent[id='x']/from");
	intent.from = "n0";
	intent.avoid_nodes = (struct name_list){ names, 2 };
	ck_assert_int_eq(world_reply(&w, world_put(&w, &intent))->status, PCE_INVALID);
	ck_assert_str_eq(w.replies[w.n_replies - 1].path,
			 "/karst-intent:intents/intent[id='x']/constraints/avoid/node");
	intent.avoid_nodes = (struct name_list){ NULL, 0 };
	intent.to = "n0";
	ck_assert_int_eq(world_reply(&w, world_put(&w, &intent))->status, PCE_INVALID);
	intent.to = "n3";
	intent.color = 5;
	ck_assert_int_eq(world_reply(&w, world_put(&w, &intent))->status, PCE_INVALID);
	ck_assert_str_eq(w.replies[w.n_replies - 1].path,
			 "/karst-intent:intents/intent[id='x']/steering/color");
	world_free(&w);
}
END_TEST

START_TEST(put_unplaced_is_kept_as_failed_and_placed_when_a_path_appears)
{
	struct world w;
	struct intent intent;

	square(&w);
	world_cut(&w, 1);
	world_cut(&w, 3);
	intent = world_intent(&w, "later", 0, 3, G);
	intent.keep_if_unplaced = true;
	admit(&w, &intent);
	ck_assert_int_eq(intent_of(&w, "later").state, INTENT_FAILED);
	ck_assert_ptr_nonnull(intent_of(&w, "later").reason);
	ck_assert_ptr_null(world_held(&w, 0, "later"));
	world_mend(&w, 3);
	world_settle(&w);
	world_check_quiet(&w);
	ck_assert_int_eq(intent_of(&w, "later").state, INTENT_ACTIVE);
	ck_assert(world_uses(&w, "later", 3));
	world_free(&w);
}
END_TEST

START_TEST(delete_takes_it_off_the_router_then_frees)
{
	struct world w;
	struct intent a;
	uint64_t request;
	size_t at;

	square(&w);
	a = world_intent(&w, "a", 0, 3, 2 * G);
	admit(&w, &a);
	request = world_delete(&w, "a");
	ck_assert_ptr_null(world_reply(&w, request));
	store_next(&w, WORLD_OK);
	ck_assert_int_eq(world_reply(&w, request)->status, PCE_OK);
	ck_assert_ptr_null(world_stored_intent(&w, "a"));
	ck_assert(world_stored_policy(&w, "a")->removing);
	ck_assert_int_eq(policy_of(&w, "a").state, POLICY_REMOVING);
	ck_assert_uint_eq(world_booked(&w, 0, 0), 2 * G);
	next_apply(&w, &at);
	ck_assert_int_eq(w.waits[at]->transaction->changes[0].action, DEPLOY_REMOVE);
	world_happen(&w, at, WORLD_OK);
	ck_assert_ptr_null(world_held(&w, 0, "a"));
	ck_assert_uint_eq(world_booked(&w, 0, 0), 2 * G);
	world_settle(&w);
	ck_assert_uint_eq(world_booked(&w, 0, 0), 0);
	ck_assert_ptr_null(world_stored_policy(&w, "a"));
	ck_assert_int_eq(world_reply(&w, world_delete(&w, "a"))->status, PCE_NOT_FOUND);
	world_check_quiet(&w);
	world_free(&w);
}
END_TEST

START_TEST(delete_and_put_again_at_once_reuses_the_policy)
{
	struct world w;
	struct intent a;
	uint64_t request;

	square(&w);
	a = world_intent(&w, "a", 0, 3, 2 * G);
	admit(&w, &a);
	world_delete(&w, "a");
	store_next(&w, WORLD_OK);
	a.bandwidth_bps = 3 * G;
	request = world_put(&w, &a);
	world_check(&w);
	world_settle(&w);
	ck_assert(world_reply(&w, request)->created);
	ck_assert_ptr_nonnull(world_held(&w, 0, "a"));
	ck_assert_uint_eq(world_booked(&w, 0, 0), 3 * G);
	world_check_quiet(&w);
	world_free(&w);
}
END_TEST

START_TEST(change_in_place_makes_before_it_breaks)
{
	struct world w;
	struct intent a;
	const char *const avoid[] = { "n1" };
	uint64_t request, revision;
	size_t applies;

	square(&w);
	a = world_intent(&w, "a", 0, 3, 4 * G);
	admit(&w, &a);
	revision = intent_of(&w, "a").revision;
	applies = w.n_applies;
	request = world_put(&w, &a); /* as it is */
	ck_assert_int_eq(world_reply(&w, request)->status, PCE_OK);
	ck_assert_uint_eq(world_reply(&w, request)->revision, revision);
	/* More bandwidth than is left beside its own: its own counts as given back. */
	a.bandwidth_bps = 8 * G;
	admit(&w, &a);
	ck_assert_uint_eq(world_booked(&w, 0, 0), 8 * G);
	ck_assert_uint_gt(intent_of(&w, "a").revision, revision);
	/* The router's policy is the same: nothing was pushed for a booking. */
	ck_assert_uint_eq(w.n_applies, applies);
	a.avoid_nodes = (struct name_list){ avoid, 1 };
	world_put(&w, &a);
	ck_assert_uint_eq(world_booked(&w, 0, 0), 8 * G);
	ck_assert_uint_eq(world_booked(&w, 2, 0), 8 * G);
	world_settle(&w);
	ck_assert_uint_eq(world_booked(&w, 0, 0), 0);
	ck_assert(world_uses(&w, "a", 2));
	world_check_quiet(&w);
	world_free(&w);
}
END_TEST

START_TEST(change_that_does_not_fit_leaves_all_as_it_was)
{
	struct world w;
	struct intent a;
	struct text before = { 0 }, after = { 0 };
	uint64_t request;

	square(&w);
	a = world_intent(&w, "a", 0, 3, 4 * G);
	admit(&w, &a);
	service_dump(w.service, &before);
	a.bandwidth_bps = 40 * G;
	request = world_put(&w, &a);
	ck_assert_int_eq(world_reply(&w, request)->status, PCE_CONFLICT);
	world_settle(&w);
	service_dump(w.service, &after);
	ck_assert_str_eq(text_get(&before), text_get(&after));
	text_free(&before);
	text_free(&after);
	world_check_quiet(&w);
	world_free(&w);
}
END_TEST

START_TEST(put_with_wrong_revision_is_a_conflict_and_dry_run_changes_nothing)
{
	struct world w;
	struct intent a;
	struct text before = { 0 }, after = { 0 };
	uint64_t request, revision;

	square(&w);
	a = world_intent(&w, "a", 0, 3, 4 * G);
	service_dump(w.service, &before);
	request = put_with(&w, &a, 0, true);
	ck_assert_int_eq(world_reply(&w, request)->status, PCE_OK);
	ck_assert_uint_eq(world_reply(&w, request)->n_paths, 1);
	ck_assert(world_reply(&w, request)->created);
	service_dump(w.service, &after);
	ck_assert_str_eq(text_get(&before), text_get(&after));
	ck_assert_uint_eq(w.n_waits, 0);
	admit(&w, &a);
	revision = intent_of(&w, "a").revision;
	a.bandwidth_bps = G;
	request = put_with(&w, &a, revision + 7, false);
	ck_assert_int_eq(world_reply(&w, request)->status, PCE_CONFLICT);
	ck_assert_str_eq(world_reply(&w, request)->reason, "");
	request = put_with(&w, &a, UINT64_MAX, false);
	ck_assert_int_eq(world_reply(&w, request)->status, PCE_EXISTS);
	request = put_with(&w, &a, revision, false);
	world_settle(&w);
	ck_assert_int_eq(world_reply(&w, request)->status, PCE_OK);
	ck_assert_uint_eq(world_booked(&w, 0, 0), G);
	text_free(&before);
	text_free(&after);
	world_free(&w);
}
END_TEST

START_TEST(both_directions_are_admitted_together_or_not_at_all)
{
	struct world w;
	struct intent a, b;
	uint64_t request;

	square(&w);
	a = world_intent(&w, "a", 0, 3, 6 * G);
	a.bidirectional = true;
	admit(&w, &a);
	ck_assert_uint_eq(world_booked(&w, 0, 0), 6 * G);
	ck_assert_uint_eq(world_booked(&w, 0, 1), 6 * G);
	ck_assert_ptr_nonnull(world_held(&w, 3, "a~"));
	/* Forward there is room on the long way, backward nowhere. */
	b = world_intent(&w, "b", 3, 0, 6 * G);
	admit(&w, &b);
	b.id = "c";
	b.from = "n0";
	b.to = "n3";
	b.bidirectional = true;
	request = world_put(&w, &b);
	ck_assert_int_eq(world_reply(&w, request)->status, PCE_CONFLICT);
	world_check(&w);
	ck_assert_uint_eq(world_booked(&w, 2, 0), 0);
	a.bidirectional = false;
	admit(&w, &a);
	ck_assert_uint_eq(world_booked(&w, 0, 1), 0);
	ck_assert_ptr_null(world_held(&w, 3, "a~"));
	world_free(&w);
}
END_TEST

START_TEST(pair_books_its_backup_and_degrades_to_one)
{
	struct world w;
	struct intent a;

	square(&w);
	a = world_intent(&w, "a", 0, 3, 2 * G);
	a.disjoint = PATH_DISJOINT_LINK;
	admit(&w, &a);
	ck_assert_uint_eq(policy_of(&w, "a").n_lists, 2);
	ck_assert_uint_eq(world_booked(&w, 0, 0), 2 * G);
	ck_assert_uint_eq(world_booked(&w, 2, 0), 2 * G);
	ck_assert_uint_eq(world_held(&w, 0, "a")->paths[0].preference, 200);
	ck_assert_uint_eq(world_held(&w, 0, "a")->paths[1].preference, 100);
	world_cut(&w, 0);
	world_settle(&w);
	world_check_quiet(&w);
	ck_assert_uint_eq(policy_of(&w, "a").n_lists, 1);
	ck_assert_int_eq(intent_of(&w, "a").state, INTENT_DEGRADED);
	world_mend(&w, 0);
	world_settle(&w);
	world_check_quiet(&w);
	ck_assert_uint_eq(policy_of(&w, "a").n_lists, 2);
	ck_assert_int_eq(intent_of(&w, "a").state, INTENT_ACTIVE);
	world_free(&w);
}
END_TEST

START_TEST(feed_that_syncs_is_settled_when_it_told_all_or_after_a_second)
{
	struct world w;

	world_init(&w, 2, 1);
	w.link_gap_us = 0;
	world_fibre(&w, 0, 1, 10, 10 * G);
	world_recover(&w);
	world_feed(&w, TED_SOURCE_UP);
	world_tell_link(&w, 0, 0);
	world_pass(&w, 990000);
	ck_assert_uint_eq(ted_link_count(service_view_ted(w.service)), 0);
	world_pass(&w, 20000);
	ck_assert_uint_eq(ted_link_count(service_view_ted(w.service)), 1);
	world_tell_link(&w, 0, 1);
	ck_assert_uint_eq(ted_link_count(service_view_ted(w.service)), 1);
	world_feed(&w, TED_SOURCE_SYNCED);
	ck_assert_uint_eq(ted_link_count(service_view_ted(w.service)), 2);
	world_free(&w);
}
END_TEST

static unsigned
usable_links(const struct world *w)
{
	const struct ted *ted = service_view_ted(w->service);
	unsigned n = 0;

	for (uint32_t i = 0; i < ted_link_count(ted); i++)
		n += ted_link_usable(ted, i);
	return n;
}

START_TEST(withdrawal_under_a_policy_is_settled_at_once)
{
	struct world w;
	struct intent intent;

	square(&w);
	intent = world_intent(&w, "video", 0, 3, G);
	admit(&w, &intent);
	ck_assert_uint_eq(usable_links(&w), 8);
	w.fibres[3].up[1] = false;
	world_tell_link(&w, 3, 1);
	ck_assert_uint_eq(usable_links(&w), 6);
	world_free(&w);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("service");

	tcase_add_test(t, put_is_answered_when_it_is_durable_and_then_pushed);
	tcase_add_test(t, put_without_path_is_refused_with_reason_and_nothing_stays);
	tcase_add_test(t, put_with_unknown_name_names_the_leaf);
	tcase_add_test(t, put_unplaced_is_kept_as_failed_and_placed_when_a_path_appears);
	tcase_add_test(t, delete_takes_it_off_the_router_then_frees);
	tcase_add_test(t, delete_and_put_again_at_once_reuses_the_policy);
	tcase_add_test(t, change_in_place_makes_before_it_breaks);
	tcase_add_test(t, change_that_does_not_fit_leaves_all_as_it_was);
	tcase_add_test(t, put_with_wrong_revision_is_a_conflict_and_dry_run_changes_nothing);
	tcase_add_test(t, both_directions_are_admitted_together_or_not_at_all);
	tcase_add_test(t, pair_books_its_backup_and_degrades_to_one);
	tcase_add_test(t, feed_that_syncs_is_settled_when_it_told_all_or_after_a_second);
	tcase_add_test(t, withdrawal_under_a_policy_is_settled_at_once);
	return suite_run("service", t, 60);
}
