/* What a router changed by itself: seen, shown field by field, repaired within the cap. */
#include "tests/service/square.h"

#define S ((int64_t)USEC_PER_S)

static void
read_square(struct world *w, uint32_t moves_per_s)
{
	world_init(w, 4, 1);
	w->config.readback_interval_s = 60;
	w->config.history_moves = 10;
	w->config.guard.moves_per_s = moves_per_s;
	square_fibres(w);
	world_start(w);
	world_routers_up(w);
	while (w->n_waits > 0)
		world_happen(w, 0, WORLD_OK);
}

static void
put(struct world *w, const char *id)
{
	struct intent a = world_intent(w, id, 0, 3, G / 10);
	uint64_t request = world_put(w, &a);

	while (w->n_waits > 0)
		world_happen(w, 0, WORLD_OK);
	ck_assert_int_eq(world_reply(w, request)->status, PCE_OK);
	ck_assert_ptr_nonnull(world_held(w, 0, id));
}

/* The router's own copy, to be changed as a person at its console would. */
static struct srpolicy *
own_copy(struct world *w, const char *id)
{
	for (size_t i = 0; i < w->routers[0].running.n; i++)
		if (strcmp(w->routers[0].running.at[i]->policy->name + 6, id) == 0)
			return w->routers[0].running.at[i]->policy;
	ck_abort_msg("no policy %s", id);
	return NULL;
}

static void
change_preference(struct world *w, const char *id)
{
	struct srpolicy *p = own_copy(w, id);
	struct srpolicy_path *path =
	    arena_copy(&w->routers[0].running.at[0]->arena, p->paths, sizeof(*path));

	path->preference = 77;
	p->paths = path;
}

static void
lose_all(struct world *w)
{
	size_t kept = 0;

	for (size_t i = 0; i < w->routers[0].running.n; i++) {
		struct world_policy *p = w->routers[0].running.at[i];

		if (strncmp(p->policy->name, "karst-", 6) != 0) {
			w->routers[0].running.at[kept++] = p;
			continue;
		}
		arena_free(&p->arena);
		free(p);
	}
	w->routers[0].running.n = kept;
}

static void
says_changed(struct world *w)
{
	struct service_event e = { .kind = SERVICE_DEVICE_CHANGED };

	e.u.device_changed.device = w->device_names[0];
	world_event(w, &e);
}

static void
let_all_happen(struct world *w, int64_t us)
{
	struct usec end = usec_add(w->now, us);

	while (w->now.v < end.v) {
		world_pass(w, end.v - w->now.v > 100000 ? 100000 : end.v - w->now.v);
		while (w->n_waits > 0)
			world_happen(w, 0, WORLD_OK);
	}
}

static bool
has_alarm(const struct world *w)
{
	struct alarm alarm;

	for (size_t i = 0; service_view_alarm_at(w->service, i, &alarm); i++)
		if (strcmp(alarm.cause, "drift") == 0)
			return strcmp(alarm.object, "device/d0") == 0 && alarm.action != NULL;
	return false;
}

START_TEST(change_on_the_router_is_shown_by_field_and_repaired)
{
	for (unsigned notified = 0; notified < 2; notified++) {
		struct world w;
		struct service_view_drift v;
		const struct policy_move *move;

		read_square(&w, 0);
		put(&w, "a");
		change_preference(&w, "a");
		if (notified)
			says_changed(&w);
		let_all_happen(&w, notified ? 2 * S : 61 * S);
		ck_assert(service_view_drift_at(w.service, 0, &v));
		ck_assert_str_eq(v.device, "d0");
		ck_assert_str_eq(v.policy_id, "a");
		ck_assert_uint_eq(v.n_differences, 2);
		ck_assert_str_eq(v.differences[0].field, "candidate-path 200");
		ck_assert_str_eq(v.differences[0].ours, "there");
		ck_assert_ptr_null(v.differences[0].theirs);
		ck_assert_str_eq(v.differences[1].field, "candidate-path 77");
		ck_assert_int_ge(v.repaired_us, v.since_us);
		ck_assert(!has_alarm(&w));
		ck_assert(!service_view_drift_at(w.service, 1, &v));
		move = service_view_move_at(w.service, "a", 1);
		ck_assert_ptr_nonnull(move);
		ck_assert_int_eq(move->kind, MOVE_REPAIRED);
		ck_assert_ptr_nonnull(
		    strstr(move->text, "candidate-path 200 is absent, not there"));
		ck_assert_int_ge(move->stages.confirmed_us, 0);
		let_all_happen(&w, 2 * S);
		world_check_quiet(&w);
		world_free(&w);
	}
}
END_TEST

START_TEST(drift_is_only_shown_while_observing)
{
	struct world w;
	struct service_view_drift v;
	size_t applies;

	read_square(&w, 0);
	put(&w, "a");
	world_order(&w, OPERATE_SET_MODE, MODE_OBSERVE);
	lose_all(&w);
	says_changed(&w);
	applies = w.n_applies;
	let_all_happen(&w, 120 * S);
	ck_assert_uint_eq(w.n_applies, applies);
	ck_assert_uint_eq(service_view_move_count(w.service, "a"), 1); /* not even on the books */
	ck_assert(service_view_drift_at(w.service, 0, &v));
	ck_assert_int_eq(v.repaired_us, 0);
	ck_assert_str_eq(v.differences[0].field, "policy");
	ck_assert_str_eq(v.differences[0].ours, "karst-a");
	ck_assert(has_alarm(&w));
	world_order(&w, OPERATE_SET_MODE, MODE_ACT);
	let_all_happen(&w, 5 * S);
	ck_assert_ptr_nonnull(world_held(&w, 0, "a"));
	ck_assert(service_view_drift_at(w.service, 0, &v));
	ck_assert_int_ne(v.repaired_us, 0);
	ck_assert(!has_alarm(&w));
	world_check_quiet(&w);
	world_free(&w);
}
END_TEST

START_TEST(repairs_count_as_moves)
{
	struct world w;
	char ids[9][8];

	read_square(&w, 3);
	for (unsigned i = 0; i < 9; i++) {
		snprintf(ids[i], sizeof(ids[i]), "i%u", i);
		put(&w, ids[i]);
	}
	let_all_happen(&w, 3 * S); /* credit for three */
	lose_all(&w);
	says_changed(&w);
	for (unsigned second = 0; second < 3; second++) {
		size_t held = 0;

		let_all_happen(&w, 300000);
		for (unsigned i = 0; i < 9; i++)
			held += world_held(&w, 0, ids[i]) != NULL;
		ck_assert_uint_ge(held, second * 3 + 1);
		ck_assert_uint_le(held, second * 3 + 4);
		let_all_happen(&w, 700000);
	}
	let_all_happen(&w, 5 * S);
	world_check_quiet(&w);
	world_free(&w);
}
END_TEST

START_TEST(first_read_after_a_restart_is_no_drift)
{
	struct world w;
	struct service_view_drift v;

	read_square(&w, 0);
	put(&w, "a");
	world_crash(&w, SIZE_MAX);
	lose_all(&w);
	world_recover(&w);
	world_routers_up(&w);
	world_learn(&w);
	let_all_happen(&w, 5 * S);
	ck_assert_ptr_nonnull(world_held(&w, 0, "a"));
	ck_assert(!service_view_drift_at(w.service, 0, &v));
	world_free(&w);
}
END_TEST

/* What Karst put is called otherwise, as if somebody else had put it there. */
static uint64_t
adopt(struct world *w, const char *policy, const char *intent)
{
	struct service_event e = { .kind = SERVICE_OPERATE, .id = w->next_request++ };

	e.u.operate.kind = OPERATE_ADOPT;
	e.u.operate.adopt.device = "d0";
	e.u.operate.adopt.policy = policy;
	e.u.operate.adopt.intent = intent;
	e.u.operate.author = "noc";
	world_event(w, &e);
	return e.id;
}

START_TEST(adopted_policy_is_taken_over_even_after_a_crash)
{
	for (unsigned crash = 0; crash < 2; crash++) {
		struct world w;
		struct srpolicy *theirs;
		uint64_t request;

		read_square(&w, 0);
		put(&w, "a");
		theirs = own_copy(&w, "a");
		theirs->name = "by-hand";
		world_delete(&w, "a");
		says_changed(&w);
		let_all_happen(&w, 3 * S);
		request = adopt(&w, "somebody-else", "x");
		ck_assert_int_eq(world_reply(&w, request)->status, PCE_UNSUPPORTED);
		request = adopt(&w, "by-hand", "b");
		if (crash) { /* as soon as it is durable */
			store_next(&w, WORLD_OK);
			world_crash(&w, 0);
			world_recover(&w);
			world_routers_up(&w);
			world_learn(&w);
		}
		let_all_happen(&w, 70 * S);
		if (!crash)
			ck_assert_int_eq(world_reply(&w, request)->status, PCE_OK);
		ck_assert_ptr_nonnull(world_held(&w, 0, "b"));
		ck_assert_ptr_null(policy_of(&w, "b").reason);
		ck_assert_int_eq(policy_of(&w, "b").state, POLICY_ACTIVE);
		world_check_quiet(&w);
		world_free(&w);
	}
}
END_TEST

/* --- where Karst only advises --- */

static const struct change *
change_of_policy(const struct world *w, const char *id)
{
	const struct change *change;

	for (size_t i = 0; (change = service_view_change_at(w->service, i)) != NULL; i++)
		for (size_t k = 0; k < change->n_parts; k++)
			if (strcmp(change->parts[k].policy_id, id) == 0)
				return change;
	return NULL;
}

static void
restart(struct world *w)
{
	world_crash(w, SIZE_MAX);
	world_recover(w);
	world_learn(w);
	world_routers_up(w);
	let_all_happen(w, 2 * S);
}

static void
advised_drift(struct world *w)
{
	read_square(w, 0);
	put(w, "a");
	world_order(w, OPERATE_SET_MODE, MODE_ADVISE);
	let_all_happen(w, S);
	change_preference(w, "a");
	says_changed(w);
	let_all_happen(w, 2 * S);
}

START_TEST(drift_where_karst_advises_is_a_proposal_over_restarts)
{
	for (unsigned restarts = 0; restarts < 3; restarts++) {
		struct world w;
		const struct change *change;
		uint64_t request;
		size_t applies;

		advised_drift(&w);
		applies = w.n_applies;
		change = change_of_policy(&w, "a");
		ck_assert_ptr_nonnull(change);
		ck_assert_int_eq(change->parts[0].kind, CHANGE_REPAIR);
		ck_assert_str_eq(change->cause, "router d0 was changed");
		ck_assert_uint_eq(change->parts[0].before.n_paths, 1);
		ck_assert_uint_eq(change->parts[0].before.paths[0].n_links, 0);
		ck_assert_uint_gt(change->parts[0].before.paths[0].n_sids, 0);
		ck_assert_uint_gt(change->parts[0].after.paths[0].n_links, 0);
		ck_assert(has_alarm(&w));
		for (unsigned i = 0; i < restarts; i++)
			restart(&w);
		let_all_happen(&w, 200 * S);
		ck_assert_msg(world_held(&w, 0, "a")->paths[0].preference == 77,
			      "it was repaired before anybody approved");
		ck_assert(restarts > 0 || w.n_applies == applies);
		change = change_of_policy(&w, "a");
		ck_assert_ptr_nonnull(change);
		request = world_decide(&w, OPERATE_APPROVE, change->id);
		let_all_happen(&w, 5 * S);
		ck_assert_int_eq(world_reply(&w, request)->status, PCE_OK);
		ck_assert(srpolicy_equal(world_held(&w, 0, "a"), policy_of(&w, "a").srpolicy));
		ck_assert(!has_alarm(&w));
		ck_assert_ptr_null(service_view_change_at(w.service, 0));
		ck_assert_ptr_null(policy_of(&w, "a").reason);
		world_check_quiet(&w);
		world_free(&w);
	}
}
END_TEST

START_TEST(repair_by_anothers_hand_withdraws_the_proposal)
{
	struct world w;
	const struct change *change;
	uint64_t id;

	advised_drift(&w);
	change = change_of_policy(&w, "a");
	ck_assert_ptr_nonnull(change);
	id = change->id;
	((struct srpolicy_path *)(uintptr_t)own_copy(&w, "a")->paths)->preference = 200;
	says_changed(&w);
	let_all_happen(&w, 2 * S);
	ck_assert_ptr_null(change_of_policy(&w, "a"));
	ck_assert_int_eq(world_reply(&w, world_decide(&w, OPERATE_APPROVE, id))->status,
			 PCE_NOT_FOUND);
	ck_assert_ptr_null(policy_of(&w, "a").reason);
	world_free(&w);
}
END_TEST

START_TEST(rejected_repair_stays_away_until_the_mode_is_act)
{
	struct world w;

	advised_drift(&w);
	world_decide(&w, OPERATE_REJECT, change_of_policy(&w, "a")->id);
	let_all_happen(&w, 200 * S);
	ck_assert_int_eq(world_held(&w, 0, "a")->paths[0].preference, 77);
	ck_assert_int_eq(change_of_policy(&w, "a")->state, CHANGE_REJECTED);
	world_order(&w, OPERATE_SET_MODE, MODE_ACT);
	let_all_happen(&w, 70 * S);
	ck_assert_int_eq(world_held(&w, 0, "a")->paths[0].preference, 200);
	ck_assert_ptr_null(change_of_policy(&w, "a"));
	world_check_quiet(&w);
	world_free(&w);
}
END_TEST

/* What a person let Karst do, kept by the test. */
struct permits {
	bool given[3]; /* for the policies a, b, c */
	size_t approved, proposed;
};

static const char *const ids[3] = { "a", "b", "c" };

static void
check_orders(const struct world *w, const struct permits *permits)
{
	for (size_t i = 0; i < w->n_waits; i++) {
		const struct world_wait *wait = w->waits[i];

		if (wait->kind != SERVICE_APPLY || wait->phase != DEPLOY_PREPARE)
			continue;
		for (size_t c = 0; c < wait->transaction->n_changes; c++)
			for (size_t k = 0; k < 3; k++)
				ck_assert_msg(
				    strcmp(wait->transaction->changes[c].policy->name + 6,
					   ids[k]) != 0 ||
					permits->given[k],
				    "policy %s goes to its router, and nobody approved it", ids[k]);
	}
}

static void
play(struct world *w, const struct permits *permits, int64_t us)
{
	struct usec end = usec_add(w->now, us);

	check_orders(w, permits);
	while (w->now.v < end.v) {
		world_pass(w, S / 2);
		check_orders(w, permits);
		while (w->n_waits > 0) {
			world_happen(w, 0, WORLD_OK);
			check_orders(w, permits);
		}
	}
}

/* Somebody's hand at the router: nothing that was approved before counts for it. */
static void
tamper(struct world *w, struct permits *permits)
{
	size_t k = suite_below(&w->random, 3);
	bool there = world_held(w, 0, ids[k]) != NULL;

	if (there && suite_below(&w->random, 2))
		change_preference(w, ids[k]);
	else
		lose_all(w);
	for (size_t i = 0; i < 3; i++)
		permits->given[i] = false;
	if (suite_below(&w->random, 2))
		says_changed(w);
}

static void
decide(struct world *w, struct permits *permits)
{
	const struct change *change = service_view_change_at(w->service, 0);
	bool approves = suite_below(&w->random, 3) > 0;
	bool named[3] = { false };
	uint64_t request;

	if (!change)
		return;
	permits->proposed++;
	for (size_t i = 0; i < change->n_parts; i++)
		for (size_t k = 0; k < 3; k++)
			named[k] = named[k] || strcmp(change->parts[i].policy_id, ids[k]) == 0;
	for (size_t k = 0; k < 3; k++) /* the order goes out before the answer */
		permits->given[k] = permits->given[k] || (approves && named[k]);
	request = world_decide(w, approves ? OPERATE_APPROVE : OPERATE_REJECT, change->id);
	while (w->n_waits > 0 && !world_reply(w, request)) {
		check_orders(w, permits);
		world_happen(w, 0, WORLD_OK);
	}
	permits->approved += approves && world_reply(w, request)->status == PCE_OK;
}

static void
play_advised(unsigned seed, struct permits *all)
{
	struct permits permits = { .given = { true, true, true } };
	struct world w;

	world_init(&w, 4, seed);
	w.config.readback_interval_s = 30;
	w.config.reoptimise =
	    (struct reoptimise_limits){ .hold_s = 20, .batch = 2, .gain_percent = 10 };
	square_fibres(&w);
	world_start(&w);
	world_routers_up(&w);
	while (w.n_waits > 0)
		world_happen(&w, 0, WORLD_OK);
	for (size_t k = 0; k < 3; k++)
		put(&w, ids[k]);
	world_order(&w, OPERATE_SET_MODE, MODE_ADVISE);
	play(&w, &permits, S);
	for (size_t k = 0; k < 3; k++)
		permits.given[k] = false;
	for (unsigned i = 0; i < 12; i++) {
		unsigned fibre = suite_below(&w.random, 4);

		switch (suite_below(&w.random, 6)) {
		case 0:
		case 1:
			play(&w, &permits, 5 * S); /* what was approved is done */
			tamper(&w, &permits);
			break;
		case 2:
			world_cut(&w, fibre);
			break;
		case 3:
			world_mend(&w, fibre);
			break;
		case 4:
			decide(&w, &permits);
			break;
		default:
			/* Only what was proposed is known to be drift after a restart. */
			play(&w, &permits, 70 * S);
			world_crash(&w, SIZE_MAX);
			world_recover(&w);
			world_learn(&w);
			world_routers_up(&w);
		}
		play(&w, &permits, (int64_t)suite_below(&w.random, 80) * S);
	}
	all->approved += permits.approved;
	all->proposed += permits.proposed;
	world_order(&w, OPERATE_SET_MODE, MODE_ACT);
	for (unsigned i = 0; i < 4; i++)
		world_mend(&w, i);
	let_all_happen(&w, 200 * S);
	world_check_quiet(&w);
	world_free(&w);
}

START_TEST(advised_histories_touch_no_router_before_approval)
{
	struct permits all = { .approved = 0 };

	for (unsigned seed = 0; seed < suite_seeds(); seed++)
		play_advised(seed + 1, &all);
	ck_assert_uint_gt(all.proposed, suite_seeds() / 4);
	ck_assert_uint_gt(all.approved, suite_seeds() / 8);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("drift");

	tcase_add_test(t, change_on_the_router_is_shown_by_field_and_repaired);
	tcase_add_test(t, drift_is_only_shown_while_observing);
	tcase_add_test(t, repairs_count_as_moves);
	tcase_add_test(t, first_read_after_a_restart_is_no_drift);
	tcase_add_test(t, adopted_policy_is_taken_over_even_after_a_crash);
	tcase_add_test(t, drift_where_karst_advises_is_a_proposal_over_restarts);
	tcase_add_test(t, repair_by_anothers_hand_withdraws_the_proposal);
	tcase_add_test(t, rejected_repair_stays_away_until_the_mode_is_act);
	tcase_add_test(t, advised_histories_touch_no_router_before_approval);
	return suite_run("drift", t, 60);
}
