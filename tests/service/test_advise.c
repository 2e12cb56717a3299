/* The mode advise: proposed changes, approval by name, and what becomes of them meanwhile. */
#include "tests/service/square.h"

static const struct change *
only_change(const struct world *w)
{
	const struct change *change = service_view_change_at(w->service, 0);

	ck_assert_msg(change != NULL, "no change is proposed");
	ck_assert_msg(!service_view_change_at(w->service, 1), "several changes are proposed");
	return change;
}

static void
no_change(const struct world *w)
{
	ck_assert_ptr_null(service_view_change_at(w->service, 0));
}

/* Approves or rejects; the reply. */
static const struct world_reply *
decide(struct world *w, enum operate_kind kind, uint64_t id)
{
	uint64_t request = world_decide(w, kind, id);

	world_settle(w);
	ck_assert_ptr_nonnull(world_reply(w, request));
	return world_reply(w, request);
}

static void
decide_well(struct world *w, enum operate_kind kind, uint64_t id)
{
	const struct world_reply *r = decide(w, kind, id);

	ck_assert_msg(r->status == PCE_OK, "%s", r->text);
}

static bool
has_alarm(const struct world *w, const char *object, const char *part)
{
	struct alarm alarm;

	for (size_t i = 0; service_view_alarm_at(w->service, i, &alarm); i++)
		if (strcmp(alarm.object, object) == 0 && strcmp(alarm.cause, "unapproved") == 0)
			return strstr(alarm.text, part) != NULL;
	return false;
}

/* Two services over fibre 1, and Karst only advises. */
static void
advised_square(struct world *w)
{
	struct intent a, b;

	square(w);
	a = world_intent(w, "a", 0, 3, G);
	b = world_intent(w, "b", 1, 3, G);
	admit(w, &a);
	admit(w, &b);
	mode_well(w, MODE_ADVISE, SCOPE_INTENT, "a");
	mode_well(w, MODE_ADVISE, SCOPE_INTENT, "b");
}

START_TEST(advise_dead_path_is_proposed_and_moves_when_approved)
{
	struct world w;
	const struct change *change;
	size_t applies;
	uint64_t id;

	advised_square(&w);
	mode_well(&w, MODE_ACT, SCOPE_INTENT, "b");
	applies = w.n_applies;
	world_cut(&w, 1);
	world_settle(&w);
	ck_assert(world_uses(&w, "a", 1));
	ck_assert(!world_uses(&w, "b", 1));
	change = only_change(&w);
	id = change->id;
	ck_assert_uint_eq(change->n_parts, 1);
	ck_assert_str_eq(change->parts[0].policy_id, "a");
	ck_assert(change->parts[0].dead && change->parts[0].kind == CHANGE_MOVE);
	ck_assert_str_eq(change->cause, "link f1.0 withdrawn");
	ck_assert_str_eq(change->parts[0].before.paths[0].links[1], "f1.0");
	ck_assert_str_eq(change->parts[0].after.paths[0].links[1], "f3.0");
	ck_assert_uint_eq(change->parts[0].after.bandwidth_bps, G);
	ck_assert_uint_eq(change->parts[0].after.paths[0].delay_us, 4000);
	ck_assert_uint_gt(change->parts[0].after.paths[0].n_sids, 0);
	ck_assert_uint_eq(w.n_applies, applies); /* b's list stays as it is */
	ck_assert_int_eq(policy_of(&w, "a").state, POLICY_FAILED);
	ck_assert_ptr_nonnull(strstr(policy_of(&w, "a").reason, "waits for approval"));
	ck_assert(has_alarm(&w, "policy/a", "waits for approval"));
	ck_assert_uint_eq(world_booked(&w, 3, 0), 0 + G); /* b's: nothing is booked for a */
	decide_well(&w, OPERATE_APPROVE, id);
	ck_assert(world_uses(&w, "a", 3));
	ck_assert_int_eq(policy_of(&w, "a").state, POLICY_ACTIVE);
	ck_assert(!has_alarm(&w, "policy/a", ""));
	no_change(&w);
	ck_assert_uint_eq(world_stored_count(&w, RECORD_CHANGE), 0);
	ck_assert_ptr_nonnull(strstr(decide(&w, OPERATE_APPROVE, id)->text, "approved: by anna"));
	ck_assert_int_eq(decide(&w, OPERATE_APPROVE, id + 999)->status, PCE_NOT_FOUND);
	world_check_quiet(&w);
	world_free(&w);
}
END_TEST

/* The link is back before anybody approved: there is nothing to do any more. */
START_TEST(advise_proposal_goes_when_the_network_mends)
{
	struct world w;
	uint64_t id;

	advised_square(&w);
	world_cut(&w, 1);
	world_settle(&w);
	id = service_view_change_at(w.service, 0)->id;
	world_mend(&w, 1);
	world_settle(&w);
	no_change(&w);
	ck_assert_int_eq(policy_of(&w, "a").state, POLICY_ACTIVE);
	ck_assert_ptr_null(policy_of(&w, "a").reason);
	ck_assert(!has_alarm(&w, "policy/a", ""));
	ck_assert_ptr_nonnull(strstr(decide(&w, OPERATE_APPROVE, id)->text, "withdrawn"));
	world_check_quiet(&w);
	world_free(&w);
}
END_TEST

/* Nothing that concerns the policy happened, but what it would take is taken. */
START_TEST(advise_stale_proposal_is_refused_and_made_anew)
{
	struct world w;
	struct intent a, c;
	const struct world_reply *r;
	uint64_t id;

	world_init(&w, 5, 1);
	for (unsigned middle = 1; middle < 4; middle++) {
		world_fibre(&w, 0, middle, 10, 10 * G);
		world_fibre(&w, middle, 4, 10, 10 * G);
		w.fibres[2 * middle - 1].delay_us = middle * 100;
	}
	world_start(&w);
	world_routers_up(&w);
	world_settle(&w);
	a = world_intent(&w, "a", 0, 4, 6 * G);
	c = world_intent(&w, "c", 2, 4, 6 * G);
	a.objective = PATH_DELAY;
	c.max_hops = 1;
	admit(&w, &a);
	ck_assert(world_uses(&w, "a", 1));
	mode_well(&w, MODE_ADVISE, SCOPE_INTENT, "a");
	world_cut(&w, 1);
	world_settle(&w);
	id = only_change(&w)->id;
	ck_assert_str_eq(only_change(&w)->parts[0].after.paths[0].links[1], "f3.0");
	world_put(&w, &c);
	world_settle(&w);
	ck_assert(world_uses(&w, "c", 3));
	r = decide(&w, OPERATE_APPROVE, id);
	ck_assert_int_eq(r->status, PCE_CONFLICT);
	ck_assert_ptr_nonnull(strstr(r->text, "the network has changed since change"));
	ck_assert_uint_ne(only_change(&w)->id, id);
	ck_assert_str_eq(only_change(&w)->parts[0].after.paths[0].links[1], "f5.0");
	ck_assert(world_uses(&w, "a", 1));
	ck_assert_ptr_nonnull(
	    strstr(decide(&w, OPERATE_APPROVE, id)->text, "superseded: by change"));
	decide_well(&w, OPERATE_APPROVE, only_change(&w)->id);
	ck_assert(world_uses(&w, "a", 5));
	world_check_quiet(&w);
	world_free(&w);
}
END_TEST

START_TEST(advise_rejected_stays_rejected_until_the_answer_differs)
{
	struct world w;
	uint64_t id;

	advised_square(&w);
	mode_well(&w, MODE_ACT, SCOPE_INTENT, "b");
	world_cut(&w, 1);
	world_settle(&w);
	id = only_change(&w)->id;
	decide_well(&w, OPERATE_REJECT, id);
	ck_assert_int_eq(only_change(&w)->state, CHANGE_REJECTED);
	ck_assert_str_eq(only_change(&w)->by, "anna");
	ck_assert_ptr_nonnull(strstr(policy_of(&w, "a").reason, "was rejected by anna"));
	w.fibres[0].delay_us = 77; /* something changes, the answer does not */
	world_tell_link(&w, 0, 0);
	world_settle(&w);
	ck_assert_uint_eq(only_change(&w)->id, id);
	ck_assert_int_eq(only_change(&w)->state, CHANGE_REJECTED);
	world_crash(&w, 0);
	world_recover(&w);
	world_routers_up(&w);
	world_learn(&w);
	world_settle(&w);
	ck_assert_uint_eq(only_change(&w)->id, id);
	ck_assert_str_eq(only_change(&w)->by, "anna");
	ck_assert(world_uses(&w, "a", 1));
	decide_well(&w, OPERATE_APPROVE, id); /* they changed their mind */
	ck_assert(world_uses(&w, "a", 3));
	world_check_quiet(&w);
	world_free(&w);
}
END_TEST

START_TEST(advise_proposal_survives_a_restart_with_its_number)
{
	struct world w;
	uint64_t id;

	advised_square(&w);
	mode_well(&w, MODE_ADVISE, SCOPE_NETWORK, NULL);
	world_cut(&w, 1);
	world_settle(&w);
	id = service_view_change_at(w.service, 0)->id;
	ck_assert_uint_eq(world_stored_count(&w, RECORD_CHANGE), 2);
	world_crash(&w, 0);
	world_recover(&w);
	ck_assert_int_eq(decide(&w, OPERATE_APPROVE, id)->status, PCE_CONFLICT); /* not learned */
	world_routers_up(&w);
	world_learn(&w);
	world_settle(&w);
	ck_assert_uint_eq(service_view_change_at(w.service, 0)->id, id);
	ck_assert(world_uses(&w, "a", 1) && world_uses(&w, "b", 1));
	ck_assert(has_alarm(&w, "policy/a", "waits for approval"));
	decide_well(&w, OPERATE_APPROVE, id);
	decide_well(&w, OPERATE_APPROVE, only_change(&w)->id);
	ck_assert(world_uses(&w, "a", 3) && !world_uses(&w, "b", 1));
	world_check_quiet(&w);
	world_free(&w);
}
END_TEST

/* An intent is booked and stored at once, and on its headend when somebody approved. */
START_TEST(advise_new_intent_waits_for_its_approval)
{
	struct world w;
	struct intent c;
	uint64_t id, request;

	square(&w);
	mode_well(&w, MODE_ADVISE, SCOPE_HEADEND, "n0");
	c = world_intent(&w, "c", 0, 3, G);
	c.bidirectional = true;
	request = world_put(&w, &c);
	world_settle(&w);
	ck_assert_int_eq(world_reply(&w, request)->status, PCE_OK);
	ck_assert(world_reply(&w, request)->created);
	ck_assert_ptr_null(world_held(&w, 0, "c"));
	ck_assert_ptr_null(world_held(&w, 3, "c~")); /* its headend acts, but not without c */
	ck_assert_ptr_nonnull(strstr(policy_of(&w, "c~").reason, "waits for the other headends"));
	ck_assert_uint_eq(only_change(&w)->n_parts, 1);
	ck_assert_int_eq(only_change(&w)->parts[0].kind, CHANGE_DEPLOY);
	ck_assert_uint_eq(only_change(&w)->parts[0].before.n_paths, 0);
	ck_assert_uint_eq(only_change(&w)->parts[0].after.n_paths, 1);
	ck_assert_int_eq(policy_of(&w, "c").state, POLICY_PENDING);
	ck_assert_ptr_nonnull(strstr(policy_of(&w, "c").reason, "waits for approval"));
	id = only_change(&w)->id;
	world_crash(&w, 0);
	world_recover(&w);
	world_routers_up(&w);
	world_learn(&w);
	world_settle(&w);
	ck_assert_msg(!world_held(&w, 0, "c"), "a restart deployed what nobody approved");
	ck_assert_uint_eq(only_change(&w)->id, id);
	decide_well(&w, OPERATE_APPROVE, id);
	ck_assert_ptr_nonnull(world_held(&w, 0, "c"));
	ck_assert_ptr_nonnull(world_held(&w, 3, "c~"));
	no_change(&w);
	world_check_quiet(&w);
	/* A change of it waits too; what is there stays. */
	c.bandwidth_bps = 2 * G;
	c.objective = PATH_BANDWIDTH;
	c.color = 1234;
	request = world_put(&w, &c);
	world_settle(&w);
	ck_assert_int_eq(world_reply(&w, request)->status, PCE_OK);
	ck_assert_uint_ne(world_held(&w, 0, "c")->color, 1234);
	ck_assert_uint_eq(only_change(&w)->parts[0].before.n_paths, 1);
	ck_assert_uint_eq(only_change(&w)->parts[0].before.bandwidth_bps, G);
	request = world_delete(&w, "c"); /* its author's own decision */
	world_settle(&w);
	ck_assert_int_eq(world_reply(&w, request)->status, PCE_OK);
	ck_assert_ptr_null(world_held(&w, 0, "c"));
	no_change(&w);
	world_check_quiet(&w);
	world_free(&w);
}
END_TEST

/* What waits to be deployed follows the network; the approval of what was shown before is refused.
 */
START_TEST(advise_unapproved_intent_follows_the_network)
{
	struct world w;
	struct intent c;
	uint64_t id;

	square(&w);
	mode_well(&w, MODE_ADVISE, SCOPE_NETWORK, NULL);
	c = world_intent(&w, "c", 0, 3, G);
	world_put(&w, &c);
	world_settle(&w);
	id = only_change(&w)->id;
	world_cut(&w, 1);
	world_settle(&w);
	ck_assert_uint_ne(only_change(&w)->id, id);
	ck_assert_int_eq(decide(&w, OPERATE_APPROVE, id)->status, PCE_NOT_FOUND);
	ck_assert_str_eq(only_change(&w)->parts[0].after.paths[0].links[1], "f3.0");
	ck_assert_ptr_null(world_held(&w, 0, "c"));
	mode_well(&w, MODE_ACT, SCOPE_NETWORK, NULL); /* nobody has to approve any more */
	ck_assert_ptr_nonnull(world_held(&w, 0, "c"));
	no_change(&w);
	world_check_quiet(&w);
	world_free(&w);
}
END_TEST

START_TEST(advise_both_directions_are_one_change)
{
	struct world w;
	struct intent c;

	square(&w);
	c = world_intent(&w, "c", 0, 3, G);
	c.bidirectional = true;
	admit(&w, &c);
	mode_well(&w, MODE_ADVISE, SCOPE_INTENT, "c");
	world_cut(&w, 1);
	world_settle(&w);
	ck_assert_uint_eq(only_change(&w)->n_parts, 2);
	ck_assert_str_eq(only_change(&w)->parts[0].policy_id, "c");
	ck_assert_str_eq(only_change(&w)->parts[1].policy_id, "c~");
	decide_well(&w, OPERATE_APPROVE, only_change(&w)->id);
	ck_assert(world_uses(&w, "c", 3) && world_uses(&w, "c~", 3));
	no_change(&w);
	world_check_quiet(&w);
	world_free(&w);
}
END_TEST

/* What a drain moves is one change, computed together: the second finds what the first leaves. */
START_TEST(advise_drain_is_one_change_computed_together)
{
	struct world w;
	struct intent intents[3];
	static const char *const ids[] = { "x", "y", "z" };
	const struct change *change;
	unsigned over_long = 0;

	world_init(&w, 5, 1);
	for (unsigned middle = 1; middle < 4; middle++) {
		world_fibre(&w, 0, middle, 10, middle == 2 ? 2 * G : 10 * G);
		world_fibre(&w, middle, 4, 10, middle == 2 ? 2 * G : 10 * G);
		w.fibres[2 * middle - 1].delay_us = middle * 100;
	}
	world_start(&w);
	world_routers_up(&w);
	world_settle(&w);
	for (unsigned i = 0; i < 3; i++) {
		intents[i] = world_intent(&w, ids[i], 0, 4, G);
		intents[i].objective = PATH_DELAY;
		admit(&w, &intents[i]);
	}
	mode_well(&w, MODE_ADVISE, SCOPE_NETWORK, NULL);
	world_drain(&w, OPERATE_DRAIN, DRAIN_LINK, "f1.0", false);
	world_settle(&w);
	change = only_change(&w);
	ck_assert_uint_eq(change->n_parts, 3);
	ck_assert_str_eq(change->cause, "link f1.0 drained");
	for (unsigned i = 0; i < 3; i++) {
		ck_assert(world_uses(&w, ids[i], 1));
		ck_assert(!change->parts[i].dead);
		over_long += strcmp(change->parts[i].after.paths[0].links[1], "f5.0") == 0;
	}
	ck_assert_uint_eq(over_long, 1); /* two fit through the middle */
	decide_well(&w, OPERATE_APPROVE, change->id);
	for (unsigned i = 0; i < 3; i++)
		ck_assert(!world_uses(&w, ids[i], 1));
	no_change(&w);
	world_check_quiet(&w);
	world_free(&w);
}
END_TEST

START_TEST(advise_proposal_expires_and_is_made_anew)
{
	struct world w;
	struct intent a;
	uint64_t id;

	world_init(&w, 4, 1);
	w.config.change_lifetime_s = 60;
	world_fibre(&w, 0, 1, 10, 10 * G);
	world_fibre(&w, 1, 3, 10, 10 * G);
	world_fibre(&w, 0, 3, 50, 10 * G);
	world_start(&w);
	world_routers_up(&w);
	world_settle(&w);
	a = world_intent(&w, "a", 0, 3, G);
	admit(&w, &a);
	mode_well(&w, MODE_ADVISE, SCOPE_INTENT, "a");
	world_cut(&w, 1);
	world_settle(&w);
	id = only_change(&w)->id;
	ck_assert_int_eq(only_change(&w)->expires_us - only_change(&w)->created_us, 60000000);
	world_pass(&w, 40 * (int64_t)USEC_PER_S);
	world_settle(&w);
	ck_assert_uint_eq(only_change(&w)->id, id);
	world_pass(&w, 21 * (int64_t)USEC_PER_S);
	world_settle(&w);
	ck_assert_uint_ne(only_change(&w)->id, id);
	ck_assert_ptr_nonnull(strstr(decide(&w, OPERATE_APPROVE, id)->text, "expired"));
	world_free(&w);
}
END_TEST

START_TEST(advise_approval_while_frozen_or_observing_is_refused)
{
	struct world w;
	uint64_t id;

	advised_square(&w);
	mode_well(&w, MODE_ACT, SCOPE_INTENT, "b");
	world_cut(&w, 1);
	world_settle(&w);
	id = only_change(&w)->id;
	mode_well(&w, MODE_OBSERVE, SCOPE_HEADEND, "n0");
	ck_assert_int_eq(decide(&w, OPERATE_APPROVE, id)->status, PCE_CONFLICT);
	ck_assert(world_uses(&w, "a", 1));
	mode_well(&w, MODE_ACT, SCOPE_HEADEND, "n0");
	decide_well(&w, OPERATE_APPROVE, only_change(&w)->id);
	ck_assert(world_uses(&w, "a", 3));
	world_check_quiet(&w);
	world_free(&w);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("advise");

	tcase_add_test(t, advise_dead_path_is_proposed_and_moves_when_approved);
	tcase_add_test(t, advise_proposal_goes_when_the_network_mends);
	tcase_add_test(t, advise_stale_proposal_is_refused_and_made_anew);
	tcase_add_test(t, advise_rejected_stays_rejected_until_the_answer_differs);
	tcase_add_test(t, advise_proposal_survives_a_restart_with_its_number);
	tcase_add_test(t, advise_new_intent_waits_for_its_approval);
	tcase_add_test(t, advise_unapproved_intent_follows_the_network);
	tcase_add_test(t, advise_both_directions_are_one_change);
	tcase_add_test(t, advise_drain_is_one_change_computed_together);
	tcase_add_test(t, advise_proposal_expires_and_is_made_anew);
	tcase_add_test(t, advise_approval_while_frozen_or_observing_is_refused);
	return suite_run("advise", t, 60);
}
