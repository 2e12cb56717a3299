/* Re-optimisation: when policies go back to better paths, and that they come to rest. */
#include "tests/service/square.h"

#define S ((int64_t)USEC_PER_S)
#define HOLD 60
#define HISTORIES 10 /* suite_seeds() / HISTORIES of them */

static const struct reoptimise_limits limits = { .hold_s = HOLD,
						 .batch = 2,
						 .pause_s = 10,
						 .gain_percent = 10,
						 .gain_delay_us = 100,
						 .gain_metric = 1,
						 .gain_bandwidth_bps = 1000000,
						 .gain_unavailability_ppt = 1000 };

/* Delays of 1 + 1 ms by n1, of 2 + 2 ms by n2. */
static void
patient_square(struct world *w)
{
	world_init(w, 4, 1);
	w->config.reoptimise = limits;
	w->config.history_moves = 100;
	square_run(w);
}

static struct intent
fast(const struct world *w, const char *id, uint64_t bps)
{
	struct intent intent = world_intent(w, id, 0, 3, bps);

	intent.objective = PATH_DELAY;
	return intent;
}

static void
admit_fast(struct world *w, const char *id)
{
	struct intent a = fast(w, id, G / 10);
	uint64_t request = world_put(w, &a);

	world_settle(w);
	ck_assert_int_eq(world_reply(w, request)->status, PCE_OK);
}

/* Time passes, and what it brings happens. */
static void
wait_s(struct world *w, int64_t seconds)
{
	struct usec end = usec_add(w->now, seconds * S);

	while (w->now.v < end.v) {
		world_pass(w, end.v - w->now.v > S ? S : end.v - w->now.v);
		while (w->n_waits > 0)
			world_happen(w, 0, WORLD_OK);
	}
}

static uint64_t
reoptimise(struct world *w, const char *intent, bool dry_run)
{
	struct service_event e = { .kind = SERVICE_OPERATE, .id = w->next_request++ };

	e.u.operate.kind = OPERATE_REOPTIMISE;
	e.u.operate.intent = intent;
	e.u.operate.dry_run = dry_run;
	e.u.operate.author = "noc";
	world_event(w, &e);
	return e.id;
}

static const struct policy_move *
last_move(const struct world *w, const char *id)
{
	size_t n = service_view_move_count(w->service, id);

	ck_assert_uint_gt(n, 0);
	return service_view_move_at(w->service, id, n - 1);
}

START_TEST(better_path_where_karst_advises_is_a_proposal)
{
	struct world w;
	const struct change *change;
	uint64_t request;
	size_t applies;

	patient_square(&w);
	admit_fast(&w, "a");
	wait_s(&w, 2 * HOLD);
	ck_assert(world_uses(&w, "a", 1));
	world_order(&w, OPERATE_SET_MODE, MODE_ADVISE);
	wait_s(&w, 2 * HOLD);
	for (unsigned fibre = 2; fibre < 4; fibre++) {
		w.fibres[fibre].delay_us = 10;
		world_mend(&w, fibre);
	}
	wait_s(&w, 1);
	applies = w.n_applies;
	ck_assert_ptr_null(service_view_change_at(w.service, 0));
	wait_s(&w, 3 * HOLD);
	ck_assert_msg(w.n_applies == applies && world_uses(&w, "a", 1),
		      "it moved before anybody approved");
	change = service_view_change_at(w.service, 0);
	ck_assert_ptr_nonnull(change);
	ck_assert_str_eq(change->cause, "re-optimised");
	ck_assert(!change->parts[0].dead);
	ck_assert_str_eq(change->parts[0].before.paths[0].links[0], "f0.0");
	ck_assert_str_eq(change->parts[0].after.paths[0].links[0], "f2.0");
	request = world_decide(&w, OPERATE_APPROVE, change->id);
	wait_s(&w, 5);
	ck_assert_int_eq(world_reply(&w, request)->status, PCE_OK);
	ck_assert(world_uses(&w, "a", 3));
	ck_assert_int_eq(last_move(&w, "a")->kind, MOVE_REOPTIMISED);
	ck_assert_ptr_null(service_view_change_at(w.service, 0));
	world_check_quiet(&w);
	world_free(&w);
}
END_TEST

START_TEST(better_path_that_returned_is_taken_after_the_hold)
{
	struct world w;
	const struct policy_move *move;

	patient_square(&w);
	admit_fast(&w, "a");
	world_cut(&w, 1);
	wait_s(&w, 2 * HOLD);
	ck_assert(world_uses(&w, "a", 3));
	world_mend(&w, 1);
	wait_s(&w, HOLD - 1);
	ck_assert(world_uses(&w, "a", 3));
	wait_s(&w, 5);
	ck_assert(world_uses(&w, "a", 1));
	move = last_move(&w, "a");
	ck_assert_int_eq(move->kind, MOVE_REOPTIMISED);
	ck_assert_str_eq(move->cause, "re-optimised");
	ck_assert_str_eq(move->gain.measure, "delay-us");
	ck_assert_uint_eq(move->gain.before, 4000);
	ck_assert_uint_eq(move->gain.after, 2000);
	ck_assert_uint_eq(move->gain.percent, 50);
	ck_assert_int_ge(move->stages.confirmed_us, 0);
	world_check_quiet(&w);
	world_free(&w);
}
END_TEST

START_TEST(gain_below_the_share_or_the_floor_moves_nothing)
{
	static const struct reoptimise_limits cases[] = {
		{ .hold_s = HOLD, .batch = 2, .gain_percent = 51, .gain_delay_us = 100 },
		{ .hold_s = HOLD, .batch = 2, .gain_percent = 10, .gain_delay_us = 2001 },
	};

	for (size_t i = 0; i < 2; i++) {
		struct world w;

		patient_square(&w);
		w.config.reoptimise = cases[i];
		admit_fast(&w, "a");
		world_cut(&w, 1);
		wait_s(&w, 2);
		world_mend(&w, 1);
		wait_s(&w, 3 * HOLD);
		ck_assert(world_uses(&w, "a", 3));
		world_free(&w);
	}
}
END_TEST

START_TEST(link_that_came_back_just_now_is_not_used)
{
	struct world w;

	patient_square(&w);
	admit_fast(&w, "a");
	world_cut(&w, 1);
	wait_s(&w, 2);
	for (unsigned i = 0; i < 6; i++) {
		world_mend(&w, 1);
		wait_s(&w, HOLD - 10);
		world_cut(&w, 1);
		wait_s(&w, 5);
		ck_assert_msg(world_uses(&w, "a", 3), "it followed the link");
	}
	ck_assert_int_ne(last_move(&w, "a")->kind, MOVE_REOPTIMISED);
	world_free(&w);
}
END_TEST

START_TEST(nothing_moves_while_frozen_or_observing)
{
	for (unsigned frozen = 0; frozen < 2; frozen++) {
		struct world w;

		patient_square(&w);
		admit_fast(&w, "a");
		world_cut(&w, 1);
		wait_s(&w, 2);
		world_mend(&w, 1);
		wait_s(&w, 2);
		if (frozen)
			guard_freeze(&w.service->guard, "for the test", 0);
		else
			world_order(&w, OPERATE_SET_MODE, MODE_OBSERVE);
		wait_s(&w, 3 * HOLD);
		ck_assert(world_uses(&w, "a", 3));
		ck_assert_int_eq(world_reply(&w, reoptimise(&w, NULL, false))->status,
				 PCE_CONFLICT);
		world_order(&w, frozen ? OPERATE_RESUME : OPERATE_SET_MODE, MODE_ACT);
		wait_s(&w, HOLD + 5);
		ck_assert(world_uses(&w, "a", 1));
		world_free(&w);
	}
}
END_TEST

START_TEST(moves_come_in_batches_with_pauses)
{
	struct world w;
	char ids[7][8];

	patient_square(&w);
	for (unsigned i = 0; i < 7; i++) {
		snprintf(ids[i], sizeof(ids[i]), "i%u", i);
		admit_fast(&w, ids[i]);
	}
	world_cut(&w, 1);
	wait_s(&w, 2);
	world_mend(&w, 1);
	wait_s(&w, HOLD + 1);
	for (unsigned batch = 1; batch <= 4; batch++) {
		size_t moved = 0;

		for (unsigned i = 0; i < 7; i++)
			moved += world_uses(&w, ids[i], 1);
		ck_assert_uint_eq(moved, batch * 2 < 7 ? batch * 2 : 7);
		wait_s(&w, limits.pause_s);
	}
	world_check_quiet(&w);
	world_free(&w);
}
END_TEST

START_TEST(by_hand_tells_who_gains_and_moves_at_once)
{
	struct world w;
	const struct world_reply *reply;

	patient_square(&w);
	admit_fast(&w, "a");
	admit_fast(&w, "b");
	world_cut(&w, 1);
	wait_s(&w, 2);
	world_mend(&w, 1);
	wait_s(&w, 2);
	reply = world_reply(&w, reoptimise(&w, NULL, true));
	ck_assert_int_eq(reply->status, PCE_OK);
	ck_assert_uint_eq(reply->n_improvements, 2);
	ck_assert_str_eq(reply->improvement, "a delay-us 4000 2000 f2.0 f3.0 > f0.0 f1.0");
	wait_s(&w, 5);
	ck_assert(world_uses(&w, "a", 3) && world_uses(&w, "b", 3));
	reply = world_reply(&w, reoptimise(&w, "b", false));
	ck_assert_uint_eq(reply->n_improvements, 1);
	wait_s(&w, 2);
	ck_assert(world_uses(&w, "a", 3) && world_uses(&w, "b", 1));
	ck_assert_int_eq(world_reply(&w, reoptimise(&w, "nobody", true))->status, PCE_NOT_FOUND);
	wait_s(&w, 2 * HOLD + 5);
	ck_assert(world_uses(&w, "a", 1)); /* in its own time */
	world_check_quiet(&w);
	world_free(&w);
}
END_TEST

START_TEST(worse_path_of_its_own_is_left_only_if_that_is_worth_it)
{
	struct world w;

	patient_square(&w);
	w.fibres[0].delay_us = 3050; /* 4050 us: 50 us are not worth it */
	admit_fast(&w, "a");
	world_tell_link(&w, 0, 0);
	world_tell_link(&w, 0, 1);
	wait_s(&w, 1);
	ck_assert(world_uses(&w, "a", 1));
	w.fibres[0].delay_us = 9000;
	world_tell_link(&w, 0, 0);
	world_tell_link(&w, 0, 1);
	wait_s(&w, 1);
	ck_assert(world_uses(&w, "a", 3)); /* at once */
	world_free(&w);
}
END_TEST

/* --- random histories --- */

#define IDS 8

static unsigned
below(struct world *w, unsigned n)
{
	return suite_below(&w->random, n);
}

static void
random_world(struct world *w, uint64_t seed)
{
	unsigned n = 5 + (unsigned)(seed % 3);

	world_init(w, n, seed * 31 + 7);
	w->config.reoptimise = limits;
	w->config.reoptimise.batch = 1 + below(w, 3);
	w->config.history_moves = 1000;
	w->link_gap_us = 0;
	for (unsigned i = 0; i < n + 4; i++) {
		unsigned a = i < n ? i : below(w, n), b = i < n ? (i + 1) % n : below(w, n);

		if (a == b)
			continue;
		world_fibre(w, a, b, 5 + below(w, 4) * 5, (1 + below(w, 5)) * 200000000);
		w->fibres[w->n_fibres - 1].delay_us = 500 + below(w, 20) * 250;
	}
	world_start(w);
	world_routers_up(w);
	world_settle(w);
}

static void
put_random(struct world *w, unsigned i)
{
	static const enum path_objective objectives[] = { PATH_DELAY, PATH_IGP, PATH_BANDWIDTH,
							  PATH_AVAILABILITY };
	unsigned from = i % w->n_nodes, to = (from + 1 + i / 2) % w->n_nodes;
	char id[8];
	struct intent intent;

	snprintf(id, sizeof(id), "i%u", i);
	intent = world_intent(w, id, from, to, below(w, 4) * 50000000);
	intent.objective = objectives[below(w, 4)];
	if (below(w, 4) == 0)
		intent.disjoint = PATH_DISJOINT_LINK;
	intent.keep_if_unplaced = true;
	intent.priority = (uint8_t)below(w, 8);
	world_put(w, &intent);
}

static void
something_random(struct world *w)
{
	unsigned what = below(w, 10), fibre = below(w, w->n_fibres);
	char id[8];

	snprintf(id, sizeof(id), "i%u", below(w, IDS));
	if (what < 4) {
		if (w->fibres[fibre].up[0])
			world_cut(w, fibre);
		else
			world_mend(w, fibre);
	} else if (what == 4) {
		world_delete(w, id);
	} else if (what < 7) {
		put_random(w, below(w, IDS));
	} else {
		wait_s(w, 1 + below(w, HOLD));
	}
	while (w->n_waits > 0)
		world_happen(w, 0, WORLD_OK);
}

static enum worth
worth_called(const char *name)
{
	unsigned i = 0;

	while (i < WORTH_COUNT && strcmp(worth_name((enum worth)i), name) != 0)
		i++;
	ck_assert_uint_lt(i, WORTH_COUNT);
	return (enum worth)i;
}

/* What the links of a path sum up to, by what the world knows of its fibres. */
static uint64_t
sum_along(const struct world *w, const char *const *links, size_t n, enum worth worth)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < n; i++) {
		unsigned fibre = 0, half = 0;

		ck_assert_int_eq(sscanf(links[i], "f%u.%u", &fibre, &half), 2);
		sum += worth == WORTH_DELAY ? w->fibres[fibre].delay_us : w->fibres[fibre].metric;
	}
	return sum;
}

/* Each gains as it says, and enough; none comes within the hold of the one before. How many. */
static unsigned
check_moves(const struct world *w)
{
	unsigned count = 0;

	for (size_t i = 0; i < w->service->n_policies; i++) {
		const struct service_policy *p = w->service->policies[i];
		int64_t last = INT64_MIN / 2;

		for (size_t k = 0; k < p->moves.n; k++) {
			const struct policy_move *m = p->moves.items[k]->move;
			enum worth worth;

			if (m->kind != MOVE_REOPTIMISED)
				continue;
			count++;
			ck_assert_msg(m->wall_us - last >= HOLD * S, "policy %s moved again",
				      p->id);
			last = m->wall_us;
			worth = worth_called(m->gain.measure);
			ck_assert(worth_a_move(&w->config.reoptimise, worth, m->gain.before,
					       m->gain.after));
			if (m->n_paths != 1 || (worth != WORTH_DELAY && worth != WORTH_IGP))
				continue;
			ck_assert_uint_eq(m->gain.before,
					  sum_along(w, m->before, m->n_before, worth));
			ck_assert_uint_eq(m->gain.after, sum_along(w, m->paths[0].links,
								   m->paths[0].n_links, worth));
		}
	}
	return count;
}

/* When nothing can be gained any more. */
static void
check_rest(struct world *w)
{
	const struct world_reply *reply = world_reply(w, reoptimise(w, NULL, true));

	ck_assert_int_eq(reply->status, PCE_OK);
	ck_assert_msg(reply->n_improvements == 0, "at rest, but %s", reply->improvement);
}

START_TEST(random_histories_gain_and_come_to_rest)
{
	unsigned moves = 0;

	for (unsigned seed = 0; seed < suite_seeds() / HISTORIES + 1; seed++) {
		struct world w;
		unsigned before;

		fprintf(stderr, "\rseed %u  ", seed);
		random_world(&w, seed);
		for (unsigned i = 0; i < 40; i++) {
			something_random(&w);
			world_check(&w);
		}
		for (unsigned i = 0; seed % 4 && i < w.n_fibres; i++)
			if (!w.fibres[i].up[0])
				world_mend(&w, i);
		wait_s(&w, 12 * HOLD); /* the network is quiet */
		before = check_moves(&w);
		moves += before;
		wait_s(&w, 10 * HOLD);
		ck_assert_msg(check_moves(&w) == before, "seed %u does not come to rest", seed);
		check_rest(&w);
		world_rest(&w);
		world_check_quiet(&w);
		world_free(&w);
	}
	fprintf(stderr, "\r%u moves\n", moves);
	ck_assert_uint_gt(moves, suite_seeds() / HISTORIES / 4); /* there was something to see */
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("reoptimise");

	tcase_add_test(t, better_path_that_returned_is_taken_after_the_hold);
	tcase_add_test(t, better_path_where_karst_advises_is_a_proposal);
	tcase_add_test(t, gain_below_the_share_or_the_floor_moves_nothing);
	tcase_add_test(t, link_that_came_back_just_now_is_not_used);
	tcase_add_test(t, nothing_moves_while_frozen_or_observing);
	tcase_add_test(t, moves_come_in_batches_with_pauses);
	tcase_add_test(t, by_hand_tells_who_gains_and_moves_at_once);
	tcase_add_test(t, worse_path_of_its_own_is_left_only_if_that_is_worth_it);
	tcase_add_test(t, random_histories_gain_and_come_to_rest);
	return suite_run("reoptimise", t, 120);
}
