/* What is kept of the moves of a policy: why, over what, how long; bounded, and over a restart. */
#include "tests/service/square.h"

static void
remembering_square(struct world *w, uint32_t moves)
{
	world_init(w, 4, 1);
	w->config.history_moves = moves;
	square_run(w);
}

static const struct policy_move *
move_of(const struct world *w, const char *id, size_t index)
{
	const struct policy_move *move = service_view_move_at(w->service, id, index);

	ck_assert_msg(move != NULL, "policy %s has no move %zu", id, index);
	return move;
}

START_TEST(moves_tell_cause_reason_paths_and_stages_in_order)
{
	struct world w;
	struct intent a;
	const struct policy_move *made, *moved;

	remembering_square(&w, 8);
	a = world_intent(&w, "a", 0, 3, G);
	admit(&w, &a);
	world_cut(&w, 1);
	world_settle(&w);
	ck_assert_uint_eq(service_view_move_count(w.service, "a"), 2);
	made = move_of(&w, "a", 0);
	ck_assert_int_eq(made->kind, MOVE_PLACED);
	ck_assert_str_eq(made->cause, "intent made");
	ck_assert_uint_eq(made->n_before, 0);
	ck_assert_uint_eq(made->n_paths, 1);
	ck_assert_str_eq(made->paths[0].links[1], "f1.0");
	moved = move_of(&w, "a", 1);
	ck_assert_int_eq(moved->kind, MOVE_RESTORED);
	ck_assert_str_eq(moved->cause, "link f1.0 withdrawn");
	ck_assert_ptr_nonnull(strstr(moved->text, "f1.0"));
	ck_assert_uint_eq(moved->n_before, 2);
	ck_assert_str_eq(moved->before[1], "f1.0");
	ck_assert_str_eq(moved->paths[0].links[1], "f3.0");
	ck_assert_int_ge(moved->stages.detected_us, 0);
	ck_assert_int_ge(moved->stages.computed_us, moved->stages.detected_us);
	ck_assert_int_gt(moved->stages.stored_us, moved->stages.computed_us);
	ck_assert_int_ge(moved->stages.sent_us, moved->stages.stored_us);
	ck_assert_int_gt(moved->stages.prepared_us, moved->stages.sent_us);
	ck_assert_int_gt(moved->stages.confirmed_us, moved->stages.prepared_us);
	world_check_quiet(&w);
	world_free(&w);
}
END_TEST

START_TEST(history_keeps_the_last_moves_only)
{
	struct world w;
	struct intent a;

	remembering_square(&w, 3);
	a = world_intent(&w, "a", 0, 3, G);
	admit(&w, &a);
	for (unsigned i = 0; i < 5; i++) {
		world_mend(&w, i % 2 ? 1 : 3);
		world_cut(&w, i % 2 ? 3 : 1);
		world_settle(&w);
	}
	ck_assert_uint_eq(service_view_move_count(w.service, "a"), 3);
	ck_assert_uint_eq(move_of(&w, "a", 2)->number, 6);
	world_check_quiet(&w); /* and so does the store */
	ck_assert_uint_eq(world_stored_count(&w, RECORD_MOVE), 3);
	world_delete(&w, "a");
	world_settle(&w);
	ck_assert_uint_eq(world_stored_count(&w, RECORD_MOVE), 0);
	world_free(&w);
}
END_TEST

START_TEST(restart_keeps_moves_and_admits_what_it_lost)
{
	struct world w;
	struct intent a;
	size_t at;

	remembering_square(&w, 8);
	a = world_intent(&w, "a", 0, 3, G);
	admit(&w, &a);
	world_cut(&w, 1);
	while (next_apply(&w, &at) != DEPLOY_CONFIRM)
		world_happen(&w, at, WORLD_OK);
	world_crash(&w, SIZE_MAX); /* before the move was complete */
	world_recover(&w);
	world_routers_up(&w);
	world_learn(&w);
	world_settle(&w);
	ck_assert_uint_eq(service_view_move_count(w.service, "a"), 2);
	ck_assert_int_eq(move_of(&w, "a", 0)->kind, MOVE_PLACED);
	ck_assert_str_eq(move_of(&w, "a", 0)->paths[0].links[1], "f1.0");
	ck_assert_int_eq(move_of(&w, "a", 1)->kind, MOVE_UNKNOWN);
	ck_assert_ptr_nonnull(move_of(&w, "a", 1)->text);
	ck_assert_str_eq(move_of(&w, "a", 1)->paths[0].links[1], "f3.0");
	world_check_quiet(&w);
	world_mend(&w, 1);
	world_cut(&w, 3);
	world_settle(&w);
	ck_assert_uint_eq(service_view_move_count(w.service, "a"), 3);
	world_crash(&w, SIZE_MAX);
	w.config.history_moves = 1; /* a shorter one from now on */
	world_recover(&w);
	world_routers_up(&w);
	world_learn(&w);
	world_settle(&w);
	ck_assert_uint_eq(service_view_move_count(w.service, "a"), 1);
	ck_assert_int_eq(move_of(&w, "a", 0)->kind, MOVE_RESTORED);
	world_check_quiet(&w);
	world_free(&w);
}
END_TEST

/* A move whose router is away is written all the same, and again when it is complete. */
START_TEST(move_is_written_before_it_is_complete)
{
	struct world w;
	struct intent a;

	remembering_square(&w, 8);
	a = world_intent(&w, "a", 0, 3, G);
	admit(&w, &a);
	world_router_down(&w, 0);
	world_cut(&w, 1);
	world_pass(&w, 100000);
	while (w.n_waits > 0)
		world_happen(&w, 0, WORLD_OK);
	ck_assert_ptr_null(world_stored_move(&w, "a", 2));
	world_pass(&w, 2 * (int64_t)USEC_PER_S);
	world_settle(&w);
	ck_assert_ptr_nonnull(world_stored_move(&w, "a", 2));
	ck_assert_int_eq(world_stored_move(&w, "a", 2)->stages.confirmed_us, -1);
	world_router_up(&w, 0);
	world_settle(&w);
	ck_assert_int_gt(world_stored_move(&w, "a", 2)->stages.confirmed_us, 0);
	world_check_quiet(&w);
	world_free(&w);
}
END_TEST

START_TEST(move_that_a_full_disk_refused_is_written_later)
{
	struct world w;
	struct intent a;

	remembering_square(&w, 8);
	a = world_intent(&w, "a", 0, 3, G);
	admit(&w, &a);
	world_cut(&w, 1);
	for (unsigned i = 0; i < 6 && w.n_waits > 0; i++)
		world_happen(&w, 0, w.waits[0]->kind == SERVICE_STORE ? WORLD_REFUSE : WORLD_OK);
	world_rest(&w);
	world_check_quiet(&w);
	world_free(&w);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("history");

	tcase_add_test(t, moves_tell_cause_reason_paths_and_stages_in_order);
	tcase_add_test(t, history_keeps_the_last_moves_only);
	tcase_add_test(t, restart_keeps_moves_and_admits_what_it_lost);
	tcase_add_test(t, move_is_written_before_it_is_complete);
	tcase_add_test(t, move_that_a_full_disk_refused_is_written_later);
	return suite_run("history", t, 60);
}
