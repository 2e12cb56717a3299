/*
 * Changes of several headends that belong together: prepared everywhere before any is confirmed,
 * the decision stored before the first confirming commit, all or none, whatever fails and whenever
 * the process dies.
 */
#include "tests/service/square.h"

/* As the square, but the first way is narrow and fast. An intent both ways goes by the wide one. */
static void
both_ways_of(struct world *w, uint64_t seed, bool last0, bool last3)
{
	struct intent c;

	world_init(w, 4, seed);
	w->routers[0].confirmed_commit = !last0;
	w->routers[3].confirmed_commit = !last3;
	world_fibre(w, 0, 1, 10, 5 * G);
	world_fibre(w, 1, 3, 10, 5 * G);
	world_fibre(w, 0, 2, 10, 10 * G);
	world_fibre(w, 2, 3, 10, 10 * G);
	w->fibres[2].delay_us = w->fibres[3].delay_us = 2000;
	world_start(w);
	world_routers_up(w);
	world_settle(w);
	c = world_intent(w, "c", 0, 3, G);
	c.bidirectional = true;
	c.objective = PATH_BANDWIDTH;
	admit(w, &c);
	ck_assert(world_uses(w, "c", 3) && world_uses(w, "c~", 3));
}

static void
both_ways(struct world *w, uint64_t seed)
{
	both_ways_of(w, seed, false, false);
}

/* It is to go by the fast way. */
static uint64_t
change(struct world *w)
{
	struct intent c = world_intent(w, "c", 0, 3, G);

	c.bidirectional = true;
	c.objective = PATH_DELAY;
	return world_put(w, &c);
}

/* True if what a router runs is what the store wants of it. */
static bool
is_new(const struct world *w, unsigned router, const char *id)
{
	const struct srpolicy *held = world_held(w, router, id);
	const struct policy_record *r = world_stored_policy(w, id);

	return held && r && srpolicy_equal(held, &r->srpolicy);
}

/* How many transactions the store has, and how many of them are decided. */
static size_t
stored(const struct world *w, size_t *decided)
{
	size_t n = 0;

	*decided = 0;
	for (size_t i = 0; i < w->n_store; i++) {
		const struct service_record *r = &w->store[i]->record;

		n += r->kind == RECORD_TRANSACTION;
		*decided += r->kind == RECORD_TRANSACTION && r->transaction->decided;
	}
	return n;
}

static bool
decision_is_stored(const struct world *w, const char *persist_id)
{
	for (size_t i = 0; i < w->n_store; i++) {
		const struct service_record *r = &w->store[i]->record;

		if (r->kind == RECORD_TRANSACTION && r->transaction->decided &&
		    strcmp(r->transaction->persist_id, persist_id) == 0)
			return true;
	}
	return false;
}

/* No confirming commit goes out before its decision is stored, nor before the other router is
 * prepared, unless that one was decided too and is being rolled forward. */
static void
check_confirms(const struct world *w)
{
	for (size_t i = 0; i < w->n_waits; i++) {
		const struct world_wait *wait = w->waits[i];

		if (wait->kind == SERVICE_APPLY && wait->phase == DEPLOY_CONFIRM)
			ck_assert_msg(decision_is_stored(w, wait->transaction->persist_id),
				      "router %u is to confirm what is not decided in the store",
				      wait->router);
	}
}

static size_t
waiting_phase(const struct world *w, unsigned router, enum deploy_phase phase)
{
	for (size_t i = 0; i < w->n_waits; i++)
		if (w->waits[i]->kind == SERVICE_APPLY && w->waits[i]->router == router &&
		    w->waits[i]->phase == phase)
			return i;
	return SIZE_MAX;
}

/* Lets everything but applies happen. */
static void
until_applies(struct world *w)
{
	size_t at;

	while (world_waiting(w, SERVICE_STORE, &at) > 0 || world_waiting(w, SERVICE_READ, &at) > 0)
		world_happen(w, at, WORLD_OK);
}

/* Both routers have their prepare. */
static void
prepare_both(struct world *w)
{
	change(w);
	until_applies(w);
	ck_assert_uint_ne(waiting_phase(w, 0, DEPLOY_PREPARE), SIZE_MAX);
	ck_assert_uint_ne(waiting_phase(w, 3, DEPLOY_PREPARE), SIZE_MAX);
}

START_TEST(group_is_prepared_everywhere_before_any_is_confirmed)
{
	struct world w;
	size_t decided;

	both_ways(&w, 1);
	prepare_both(&w);
	world_happen(&w, waiting_phase(&w, 3, DEPLOY_PREPARE), WORLD_OK);
	until_applies(&w);
	ck_assert_uint_eq(waiting_phase(&w, 3, DEPLOY_CONFIRM), SIZE_MAX);
	ck_assert_uint_eq(stored(&w, &decided), 2);
	ck_assert_uint_eq(decided, 0);
	world_happen(&w, waiting_phase(&w, 0, DEPLOY_PREPARE), WORLD_OK);
	check_confirms(&w);
	ck_assert_uint_eq(world_waiting(&w, SERVICE_APPLY, NULL), 0);
	ck_assert_uint_eq(world_waiting(&w, SERVICE_STORE, NULL), 1); /* one batch for both */
	store_next(&w, WORLD_OK);
	ck_assert_uint_eq(stored(&w, &decided), 2);
	ck_assert_uint_eq(decided, 2);
	ck_assert_uint_ne(waiting_phase(&w, 0, DEPLOY_CONFIRM), SIZE_MAX);
	ck_assert_uint_ne(waiting_phase(&w, 3, DEPLOY_CONFIRM), SIZE_MAX);
	world_settle(&w);
	ck_assert(world_uses(&w, "c", 1) && world_uses(&w, "c~", 1));
	ck_assert_uint_eq(world_stored_policy(&w, "c")->group, 0);
	world_check_quiet(&w);
	world_free(&w);
}
END_TEST

START_TEST(group_with_a_refusal_is_taken_back_everywhere_and_tried_again)
{
	struct world w;

	both_ways(&w, 1);
	prepare_both(&w);
	world_happen(&w, waiting_phase(&w, 0, DEPLOY_PREPARE), WORLD_OK);
	ck_assert(w.routers[0].waiting);
	world_happen(&w, waiting_phase(&w, 3, DEPLOY_PREPARE), WORLD_REFUSE);
	until_applies(&w);
	ck_assert_uint_ne(waiting_phase(&w, 0, DEPLOY_CANCEL), SIZE_MAX);
	world_settle(&w);
	ck_assert(!w.routers[0].waiting);
	ck_assert(!is_new(&w, 0, "c") && !is_new(&w, 3, "c~"));
	ck_assert_int_eq(policy_of(&w, "c~").state, POLICY_FAILED);
	ck_assert_ptr_nonnull(strstr(policy_of(&w, "c").reason, "the other headends"));
	world_pass(&w, 200 * (int64_t)USEC_PER_S);
	world_rest(&w);
	ck_assert(is_new(&w, 0, "c") && is_new(&w, 3, "c~"));
	world_check_quiet(&w);
	world_free(&w);
}
END_TEST

START_TEST(group_with_a_silent_router_is_taken_back_in_time)
{
	struct world w;

	both_ways(&w, 1);
	prepare_both(&w);
	world_happen(&w, waiting_phase(&w, 0, DEPLOY_PREPARE), WORLD_OK);
	world_pass(&w, 14 * (int64_t)USEC_PER_S);
	ck_assert_uint_eq(waiting_phase(&w, 0, DEPLOY_CANCEL), SIZE_MAX);
	world_pass(&w, 2 * (int64_t)USEC_PER_S); /* half of the confirm-timeout is over */
	ck_assert_uint_ne(waiting_phase(&w, 0, DEPLOY_CANCEL), SIZE_MAX);
	world_rest(&w);
	ck_assert(is_new(&w, 0, "c") && is_new(&w, 3, "c~"));
	world_check_quiet(&w);
	world_free(&w);
}
END_TEST

START_TEST(group_waits_for_a_router_that_is_away)
{
	struct world w;

	both_ways(&w, 1);
	world_router_down(&w, 3);
	change(&w);
	world_settle(&w);
	ck_assert(!is_new(&w, 0, "c"));
	ck_assert_ptr_nonnull(strstr(policy_of(&w, "c").reason, "the other headends"));
	world_router_up(&w, 3);
	world_settle(&w);
	ck_assert(is_new(&w, 0, "c") && is_new(&w, 3, "c~"));
	world_check_quiet(&w);
	world_free(&w);
}
END_TEST

/* A router that is away does not hold back the restoration of the other direction. */
START_TEST(group_does_not_hold_back_restoration)
{
	struct world w;

	both_ways(&w, 1);
	world_router_down(&w, 3);
	change(&w);
	world_settle(&w);
	world_cut(&w, 1);
	world_settle(&w);
	ck_assert(world_uses(&w, "c", 3));
	ck_assert(is_new(&w, 0, "c"));
	world_router_up(&w, 3);
	world_settle(&w);
	world_check_quiet(&w);
	world_free(&w);
}
END_TEST

START_TEST(group_whose_decision_is_not_stored_is_taken_back)
{
	struct world w;

	both_ways(&w, 1);
	prepare_both(&w);
	world_happen(&w, waiting_phase(&w, 0, DEPLOY_PREPARE), WORLD_OK);
	world_happen(&w, waiting_phase(&w, 3, DEPLOY_PREPARE), WORLD_OK);
	store_next(&w, WORLD_REFUSE);
	ck_assert_uint_eq(waiting_phase(&w, 0, DEPLOY_CONFIRM), SIZE_MAX);
	ck_assert_uint_ne(waiting_phase(&w, 0, DEPLOY_CANCEL), SIZE_MAX);
	ck_assert_uint_ne(waiting_phase(&w, 3, DEPLOY_CANCEL), SIZE_MAX);
	world_rest(&w);
	ck_assert(is_new(&w, 0, "c") && is_new(&w, 3, "c~"));
	world_check_quiet(&w);
	world_free(&w);
}
END_TEST

/* A router that lets its commit run out after the decision is rolled forward. */
START_TEST(group_straggler_is_rolled_forward)
{
	struct world w;

	both_ways(&w, 1);
	prepare_both(&w);
	world_happen(&w, waiting_phase(&w, 0, DEPLOY_PREPARE), WORLD_OK);
	world_happen(&w, waiting_phase(&w, 3, DEPLOY_PREPARE), WORLD_OK);
	store_next(&w, WORLD_OK);
	world_happen(&w, waiting_phase(&w, 0, DEPLOY_CONFIRM), WORLD_OK);
	world_router_down(&w, 3);
	world_commit_expires(&w, 3);
	world_settle(&w);
	ck_assert(is_new(&w, 0, "c") && !is_new(&w, 3, "c~"));
	world_router_up(&w, 3);
	world_rest(&w);
	ck_assert(is_new(&w, 0, "c") && is_new(&w, 3, "c~"));
	world_check_quiet(&w);
	world_free(&w);
}
END_TEST

/* True if a router's change can be taken back: by its persist id, or by the stored inverse. */
static bool
is_undoable(const struct world *w, unsigned router)
{
	for (size_t i = 0; i < w->n_store; i++) {
		const struct transaction_record *t = w->store[i]->record.transaction;

		if (t && strcmp(t->device, w->device_names[router]) == 0 && !t->decided &&
		    t->group > 0 && t->n_changes > 0)
			return true;
	}
	return w->routers[router].waiting;
}

/* After a crash either nobody's change is final, or the decision on all of them is in the store. */
static void
check_crashed(const struct world *w, bool acknowledged, bool faults)
{
	bool final0 = is_new(w, 0, "c") && !is_undoable(w, 0);
	bool final3 = is_new(w, 3, "c~") && !is_undoable(w, 3);
	size_t decided, n = stored(w, &decided);

	/* With faults, one may be a straggler's next transaction already. */
	ck_assert_msg(faults || decided == 0 || decided == n, "%zu of %zu transactions are decided",
		      decided, n);
	/* What is decided leaves its group in the next batch. */
	if (acknowledged && final0 != final3 &&
	    world_stored_policy(w, final0 ? "c~" : "c")->group != 0)
		ck_assert_msg(decided > 0, "one direction is final, and nothing says that the "
					   "other one has to follow");
}

/* True if the store has what takes the change of a router back. */
static bool
inverse_is_stored(const struct world *w, const char *device, const struct srpolicy *before)
{
	for (size_t i = 0; i < w->n_store; i++) {
		const struct transaction_record *t = w->store[i]->record.transaction;

		if (!t || strcmp(t->device, device) != 0 || t->n_changes != 1)
			continue;
		if (t->group > 0 && t->changes[0].before &&
		    srpolicy_equal(t->changes[0].before, before))
			return true;
	}
	return false;
}

START_TEST(group_goes_last_to_routers_without_confirmed_commit)
{
	struct world w;
	struct arena arena = { 0 };
	const struct srpolicy *before;
	size_t decided;

	both_ways_of(&w, 1, false, true);
	before = srpolicy_copy(&arena, world_held(&w, 3, "c~"));
	change(&w);
	until_applies(&w);
	ck_assert_uint_ne(waiting_phase(&w, 0, DEPLOY_PREPARE), SIZE_MAX);
	ck_assert_uint_eq(waiting_phase(&w, 3, DEPLOY_PREPARE), SIZE_MAX);
	ck_assert(!inverse_is_stored(&w, w.device_names[3], before));
	world_happen(&w, waiting_phase(&w, 0, DEPLOY_PREPARE), WORLD_OK);
	ck_assert_uint_eq(waiting_phase(&w, 3, DEPLOY_PREPARE), SIZE_MAX);
	until_applies(&w);
	ck_assert_uint_ne(waiting_phase(&w, 3, DEPLOY_PREPARE), SIZE_MAX);
	ck_assert(inverse_is_stored(&w, w.device_names[3], before));
	ck_assert_uint_eq(waiting_phase(&w, 0, DEPLOY_CONFIRM), SIZE_MAX);
	world_happen(&w, waiting_phase(&w, 3, DEPLOY_PREPARE), WORLD_OK);
	ck_assert_uint_eq(world_waiting(&w, SERVICE_APPLY, NULL), 0);
	store_next(&w, WORLD_OK);
	ck_assert_uint_eq(stored(&w, &decided), 2);
	ck_assert_uint_eq(decided, 2);
	check_confirms(&w);
	world_settle(&w);
	ck_assert(is_new(&w, 0, "c") && is_new(&w, 3, "c~"));
	world_check_quiet(&w);
	arena_free(&arena);
	world_free(&w);
}
END_TEST

START_TEST(group_refused_by_the_last_is_taken_back_by_the_first)
{
	struct world w;

	both_ways_of(&w, 1, true, false);
	change(&w);
	until_applies(&w);
	world_happen(&w, waiting_phase(&w, 3, DEPLOY_PREPARE), WORLD_OK);
	until_applies(&w);
	ck_assert(w.routers[3].waiting);
	world_happen(&w, waiting_phase(&w, 0, DEPLOY_PREPARE), WORLD_REFUSE);
	until_applies(&w);
	ck_assert_uint_ne(waiting_phase(&w, 3, DEPLOY_CANCEL), SIZE_MAX);
	world_settle(&w);
	ck_assert(!is_new(&w, 0, "c") && !is_new(&w, 3, "c~") && !w.routers[3].waiting);
	world_pass(&w, 200 * (int64_t)USEC_PER_S);
	world_rest(&w);
	ck_assert(is_new(&w, 0, "c") && is_new(&w, 3, "c~"));
	world_check_quiet(&w);
	world_free(&w);
}
END_TEST

/* Both have no confirmed commit: the one that took it gets the inverse when the other refuses. */
START_TEST(group_without_confirmed_commit_is_undone_by_the_inverse)
{
	struct world w;

	both_ways_of(&w, 1, true, true);
	change(&w);
	until_applies(&w);
	world_happen(&w, waiting_phase(&w, 3, DEPLOY_PREPARE), WORLD_OK);
	ck_assert(is_new(&w, 3, "c~"));
	world_happen(&w, waiting_phase(&w, 0, DEPLOY_PREPARE), WORLD_REFUSE);
	until_applies(&w);
	world_happen(&w, waiting_phase(&w, 3, DEPLOY_CANCEL), WORLD_OK);
	ck_assert(!is_new(&w, 3, "c~"));
	ck_assert_uint_ne(world_stored_policy(&w, "c")->group, 0);
	world_rest(&w);
	ck_assert(is_new(&w, 0, "c") && is_new(&w, 3, "c~"));
	world_check_quiet(&w);
	world_free(&w);
}
END_TEST

/* The last one vanishes: what it holds when it is back decides what it gets. */
START_TEST(group_whose_last_router_vanishes_is_taken_back_when_it_is_read)
{
	for (unsigned done = 0; done < 2; done++) {
		struct world w;

		both_ways_of(&w, 1, false, true);
		change(&w);
		until_applies(&w);
		world_happen(&w, waiting_phase(&w, 0, DEPLOY_PREPARE), WORLD_OK);
		until_applies(&w);
		world_happen(&w, waiting_phase(&w, 3, DEPLOY_PREPARE),
			     done ? WORLD_UNKNOWN_DONE : WORLD_UNKNOWN_NOT);
		ck_assert_uint_ne(waiting_phase(&w, 0, DEPLOY_CANCEL), SIZE_MAX);
		world_happen(&w, waiting_phase(&w, 0, DEPLOY_CANCEL), WORLD_OK);
		ck_assert(!is_new(&w, 0, "c"));
		until_applies(&w); /* it is read */
		ck_assert_int_eq(waiting_phase(&w, 3, DEPLOY_CANCEL) != SIZE_MAX, done);
		world_rest(&w);
		ck_assert(is_new(&w, 0, "c") && is_new(&w, 3, "c~"));
		world_check_quiet(&w);
		world_free(&w);
	}
}
END_TEST

START_TEST(group_does_not_begin_on_the_last_without_a_stored_inverse)
{
	struct world w;

	both_ways_of(&w, 1, false, true);
	change(&w);
	until_applies(&w);
	world_happen(&w, waiting_phase(&w, 0, DEPLOY_PREPARE), WORLD_OK);
	store_next(&w, WORLD_REFUSE);
	ck_assert_uint_eq(waiting_phase(&w, 3, DEPLOY_PREPARE), SIZE_MAX);
	ck_assert_uint_ne(waiting_phase(&w, 0, DEPLOY_CANCEL), SIZE_MAX);
	world_rest(&w);
	ck_assert(is_new(&w, 0, "c") && is_new(&w, 3, "c~"));
	world_check_quiet(&w);
	world_free(&w);
}
END_TEST

/* After a crash the other router refuses: what the last one took meanwhile has to go again. */
START_TEST(group_undecided_at_a_crash_gets_the_stored_inverse)
{
	struct world w;

	both_ways_of(&w, 1, false, true);
	change(&w);
	until_applies(&w);
	world_happen(&w, waiting_phase(&w, 0, DEPLOY_PREPARE), WORLD_OK);
	until_applies(&w);
	world_happen(&w, waiting_phase(&w, 3, DEPLOY_PREPARE), WORLD_OK);
	ck_assert(is_new(&w, 3, "c~")); /* and the decision is on its way to the store */
	world_crash(&w, 0);
	ck_assert(is_new(&w, 3, "c~"));
	world_recover(&w);
	world_router_up(&w, 3); /* the other one is away for now */
	world_learn(&w);
	until_applies(&w);
	ck_assert_uint_ne(waiting_phase(&w, 3, DEPLOY_CANCEL), SIZE_MAX);
	world_settle(&w);
	ck_assert(!is_new(&w, 3, "c~"));
	ck_assert_uint_ne(world_stored_policy(&w, "c~")->group, 0);
	world_routers_up(&w);
	world_rest(&w);
	ck_assert(is_new(&w, 0, "c") && is_new(&w, 3, "c~"));
	world_check_quiet(&w);
	world_free(&w);
}
END_TEST

/* Crash before effect k of a history with faults; false if it had no so many effects. */
static bool
crash_at(unsigned k, uint64_t seed, bool faults)
{
	struct world w;
	uint64_t random = seed * 7919 + 3, request;
	unsigned done = 0;
	bool acknowledged, crashed = false;

	both_ways_of(&w, seed, seed % 3 == 1, seed % 5 == 1);
	request = change(&w);
	while (w.n_waits > 0 && done < k) {
		size_t at = world_first_of(&w, suite_below(&random, (uint32_t)w.n_waits));
		bool good =
		    !faults || suite_below(&random, 6) > 0 || w.waits[at]->kind == SERVICE_STORE;

		world_happen(&w, at,
			     good ? WORLD_OK : (enum world_result)(1 + suite_below(&random, 4)));
		world_check(&w);
		check_confirms(&w);
		done++;
	}
	acknowledged = world_reply(&w, request) && world_reply(&w, request)->status == PCE_OK;
	if (done == k) {
		crashed = true;
		world_crash(&w, suite_below(&random, 3));
		check_crashed(&w, acknowledged, faults);
		world_recover(&w);
		world_routers_up(&w);
		world_learn(&w);
	}
	world_rest(&w);
	world_check_quiet(&w);
	if (acknowledged)
		ck_assert(is_new(&w, 0, "c") && is_new(&w, 3, "c~") && world_uses(&w, "c", 1));
	world_free(&w);
	return crashed;
}

START_TEST(group_survives_a_crash_at_every_effect)
{
	unsigned most = 0;

	for (unsigned seed = 1; seed <= suite_seeds() / 5 + 1; seed++)
		for (unsigned k = 0; crash_at(k, seed, seed % 2 == 0) && k < 60; k++)
			most = k > most ? k : most;
	ck_assert_uint_gt(most, 8);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("groups");

	tcase_add_test(t, group_is_prepared_everywhere_before_any_is_confirmed);
	tcase_add_test(t, group_with_a_refusal_is_taken_back_everywhere_and_tried_again);
	tcase_add_test(t, group_with_a_silent_router_is_taken_back_in_time);
	tcase_add_test(t, group_waits_for_a_router_that_is_away);
	tcase_add_test(t, group_does_not_hold_back_restoration);
	tcase_add_test(t, group_whose_decision_is_not_stored_is_taken_back);
	tcase_add_test(t, group_straggler_is_rolled_forward);
	tcase_add_test(t, group_goes_last_to_routers_without_confirmed_commit);
	tcase_add_test(t, group_refused_by_the_last_is_taken_back_by_the_first);
	tcase_add_test(t, group_without_confirmed_commit_is_undone_by_the_inverse);
	tcase_add_test(t, group_whose_last_router_vanishes_is_taken_back_when_it_is_read);
	tcase_add_test(t, group_does_not_begin_on_the_last_without_a_stored_inverse);
	tcase_add_test(t, group_undecided_at_a_crash_gets_the_stored_inverse);
	tcase_add_test(t, group_survives_a_crash_at_every_effect);
	return suite_run("groups", t, 120);
}
