/* Modes of the network, of headends and of intents: the most restrictive one counts. */
#include "tests/service/square.h"

/* Two services over fibre 1: a from n0 to n3, b from n1 to n3. */
static void
two_services(struct world *w)
{
	struct intent a, b;

	square(w);
	a = world_intent(w, "a", 0, 3, G);
	b = world_intent(w, "b", 1, 3, G);
	admit(w, &a);
	admit(w, &b);
	ck_assert(world_uses(w, "a", 1) && world_uses(w, "b", 1));
}

/* One scope after the other, each with who is moved when fibre 1 goes. */
START_TEST(mode_observe_of_a_scope_holds_that_scope_only)
{
	static const struct {
		enum mode_scope scope;
		const char *name, *says;
		bool a_moves, b_moves;
	} cases[] = {
		{ SCOPE_NETWORK, NULL, "", false, false },
		{ SCOPE_HEADEND, "n0", "the mode of headend n0 is observe", false, true },
		{ SCOPE_HEADEND, "n2", "", true, true },
		{ SCOPE_INTENT, "a", "the mode of intent a is observe", false, true },
		{ SCOPE_INTENT, "b", "", true, false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct world w;

		two_services(&w);
		mode_well(&w, MODE_OBSERVE, cases[i].scope, cases[i].name);
		world_cut(&w, 1);
		world_pass(&w, 5 * (int64_t)USEC_PER_S);
		world_settle(&w);
		ck_assert_int_eq(!world_uses(&w, "a", 1), cases[i].a_moves);
		ck_assert_int_eq(!world_uses(&w, "b", 1), cases[i].b_moves);
		if (*cases[i].says) {
			ck_assert_ptr_nonnull(policy_of(&w, "a").reason);
			ck_assert_ptr_nonnull(strstr(policy_of(&w, "a").reason, cases[i].says));
			ck_assert_ptr_nonnull(strstr(policy_of(&w, "a").reason, "not moved"));
		}
		mode_well(&w, MODE_ACT, cases[i].scope, cases[i].name);
		ck_assert(!world_uses(&w, "a", 1) && !world_uses(&w, "b", 1));
		world_check_quiet(&w);
		world_free(&w);
	}
}
END_TEST

START_TEST(mode_most_restrictive_counts_and_says_whose_it_is)
{
	struct world w;
	struct scoped_mode m;

	two_services(&w);
	mode_well(&w, MODE_OBSERVE, SCOPE_INTENT, "a");
	mode_well(&w, MODE_ACT, SCOPE_HEADEND, "n0"); /* restricts nothing, loosens nothing */
	ck_assert(!service_view_mode_at(w.service, 1, &m));
	ck_assert_int_eq(policy_of(&w, "a").mode.mode, MODE_OBSERVE);
	ck_assert_int_eq(policy_of(&w, "a").mode.scope, SCOPE_INTENT);
	ck_assert_int_eq(policy_of(&w, "b").mode.mode, MODE_ACT);
	mode_well(&w, MODE_OBSERVE, SCOPE_HEADEND, "n0");
	ck_assert_int_eq(policy_of(&w, "a").mode.scope, SCOPE_HEADEND); /* the wider one is named */
	ck_assert_str_eq(policy_of(&w, "a").mode.name, "n0");
	mode_well(&w, MODE_ACT, SCOPE_INTENT, "a");
	world_cut(&w, 1);
	world_settle(&w);
	ck_assert(world_uses(&w, "a", 1) && !world_uses(&w, "b", 1));
	world_free(&w);
}
END_TEST

START_TEST(mode_observe_refuses_changes_of_its_scope_only)
{
	struct world w;
	struct intent a, c;
	uint64_t request;

	two_services(&w);
	a = world_intent(&w, "a", 0, 3, 2 * G);
	c = world_intent(&w, "c", 0, 2, G);
	mode_well(&w, MODE_OBSERVE, SCOPE_INTENT, "a");
	request = world_put(&w, &a);
	ck_assert_int_eq(world_reply(&w, request)->status, PCE_CONFLICT);
	ck_assert_str_eq(world_reply(&w, request)->reason, "frozen");
	ck_assert_ptr_nonnull(strstr(world_reply(&w, request)->text,
				     "nothing is changed until karst mode act intent a"));
	request = world_delete(&w, "a");
	ck_assert_int_eq(world_reply(&w, request)->status, PCE_CONFLICT);
	admit(&w, &c);
	mode_well(&w, MODE_OBSERVE, SCOPE_HEADEND, "n0");
	request = world_delete(&w, "c");
	ck_assert_int_eq(world_reply(&w, request)->status, PCE_CONFLICT);
	request = world_delete(&w, "b");
	world_settle(&w);
	ck_assert_int_eq(world_reply(&w, request)->status, PCE_OK);
	mode_well(&w, MODE_ACT, SCOPE_HEADEND, "n0");
	mode_well(&w, MODE_ACT, SCOPE_INTENT, "a");
	request = world_delete(&w, "a");
	world_settle(&w);
	ck_assert_int_eq(world_reply(&w, request)->status, PCE_OK);
	world_check_quiet(&w);
	world_free(&w);
}
END_TEST

/* What was admitted and not begun is not begun; the rest of the headend goes on. */
START_TEST(mode_observe_of_an_intent_holds_what_is_not_begun)
{
	struct world w;
	struct intent a, b;

	square(&w);
	a = world_intent(&w, "a", 0, 3, G);
	b = world_intent(&w, "b", 0, 3, G);
	world_put(&w, &a);
	store_next(&w, WORLD_OK); /* it exists now */
	world_mode(&w, MODE_OBSERVE, SCOPE_INTENT, "a");
	world_put(&w, &b);
	world_settle(&w);
	ck_assert_ptr_nonnull(world_held(&w, 0, "b"));
	ck_assert_ptr_nonnull(world_held(&w, 0, "a")); /* its transaction was open */
	a.bandwidth_bps = 2 * G;
	mode_well(&w, MODE_ACT, SCOPE_INTENT, "a");
	world_router_down(&w, 0);
	world_put(&w, &a);
	world_settle(&w);
	mode_well(&w, MODE_OBSERVE, SCOPE_INTENT, "a");
	world_router_up(&w, 0);
	world_settle(&w);
	mode_well(&w, MODE_ACT, SCOPE_INTENT, "a");
	world_check_quiet(&w);
	world_free(&w);
}
END_TEST

START_TEST(mode_held_policy_waits_beside_others_of_its_router)
{
	struct world w;
	struct intent a, b;
	uint64_t request;

	square(&w);
	world_router_down(&w, 0);
	a = world_intent(&w, "a", 0, 3, G);
	b = world_intent(&w, "b", 0, 3, G);
	world_put(&w, &a);
	world_put(&w, &b);
	world_settle(&w);
	mode_well(&w, MODE_OBSERVE, SCOPE_INTENT, "a");
	world_router_up(&w, 0);
	world_settle(&w);
	ck_assert_ptr_null(world_held(&w, 0, "a"));
	ck_assert_ptr_nonnull(world_held(&w, 0, "b"));
	ck_assert_str_eq(policy_of(&w, "a").reason, "the mode of intent a is observe");
	world_crash(&w, 0);
	world_recover(&w);
	world_routers_up(&w);
	world_learn(&w);
	world_settle(&w);
	ck_assert_ptr_null(world_held(&w, 0, "a")); /* the mode survived */
	mode_well(&w, MODE_ACT, SCOPE_INTENT, "a");
	ck_assert_ptr_nonnull(world_held(&w, 0, "a"));
	/* With its intent its mode goes too. */
	mode_well(&w, MODE_OBSERVE, SCOPE_INTENT, "b");
	request = world_mode(&w, MODE_ACT, SCOPE_INTENT, "b");
	world_settle(&w);
	ck_assert_int_eq(world_reply(&w, request)->status, PCE_OK);
	world_check_quiet(&w);
	world_free(&w);
}
END_TEST

START_TEST(mode_of_what_is_unknown_is_refused)
{
	struct world w;
	uint64_t request;

	square(&w);
	request = world_mode(&w, MODE_OBSERVE, SCOPE_HEADEND, "nowhere");
	ck_assert_int_eq(world_reply(&w, request)->status, PCE_NOT_FOUND);
	ck_assert_ptr_nonnull(strstr(world_reply(&w, request)->text, "nowhere"));
	request = world_mode(&w, MODE_OBSERVE, SCOPE_INTENT, "none");
	ck_assert_int_eq(world_reply(&w, request)->status, PCE_NOT_FOUND);
	request = world_mode(&w, MODE_OBSERVE, SCOPE_INTENT, NULL);
	ck_assert_int_eq(world_reply(&w, request)->status, PCE_INVALID);
	world_free(&w);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("modes");

	tcase_add_test(t, mode_observe_of_a_scope_holds_that_scope_only);
	tcase_add_test(t, mode_most_restrictive_counts_and_says_whose_it_is);
	tcase_add_test(t, mode_observe_refuses_changes_of_its_scope_only);
	tcase_add_test(t, mode_observe_of_an_intent_holds_what_is_not_begun);
	tcase_add_test(t, mode_held_policy_waits_beside_others_of_its_router);
	tcase_add_test(t, mode_of_what_is_unknown_is_refused);
	return suite_run("modes", t, 60);
}
