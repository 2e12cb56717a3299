/*
 * One request over many intents: all or none, one answer, one group over the headends; and nothing
 * in between, whatever fails and whenever the process dies.
 */
#include "tests/service/square.h"

#define MANY 3

static const char *const ids[MANY] = { "a", "b", "c" };
static const unsigned headends[MANY] = { 0, 3, 1 };

/* Three intents from three headends; the last one wants that much. */
static void
three(const struct world *w, uint64_t last_bps, struct intent intents[MANY],
      const struct intent *wanted[MANY])
{
	intents[0] = world_intent(w, "a", 0, 3, 2 * G);
	intents[1] = world_intent(w, "b", 3, 0, 3 * G);
	intents[2] = world_intent(w, "c", 1, 2, last_bps);
	for (unsigned i = 0; i < MANY; i++)
		wanted[i] = &intents[i];
}

static uint64_t
put_three(struct world *w, uint64_t last_bps, bool partly)
{
	struct intent intents[MANY];
	const struct intent *wanted[MANY];

	three(w, last_bps, intents, wanted);
	return world_put_many(w, wanted, MANY, partly);
}

static size_t
confirms_waiting(const struct world *w)
{
	size_t n = 0;

	for (size_t i = 0; i < w->n_waits; i++)
		n += w->waits[i]->kind == SERVICE_APPLY && w->waits[i]->phase == DEPLOY_CONFIRM;
	return n;
}

static unsigned
n_there(const struct world *w)
{
	unsigned n = 0;

	for (unsigned i = 0; i < MANY; i++)
		n += world_held(w, headends[i], ids[i]) != NULL;
	return n;
}

START_TEST(many_are_admitted_as_one_and_prepared_before_any_is_confirmed)
{
	struct world w;
	uint64_t request;
	size_t at;

	square(&w);
	request = put_three(&w, G, false);
	ck_assert_ptr_null(world_reply(&w, request));
	ck_assert_uint_eq(world_waiting(&w, SERVICE_STORE, NULL), 1); /* one batch */
	store_next(&w, WORLD_OK);
	ck_assert_ptr_nonnull(world_reply(&w, request));
	ck_assert_int_eq(world_reply(&w, request)->status, PCE_OK);
	while (world_waiting(&w, SERVICE_STORE, &at) > 0)
		world_happen(&w, at, WORLD_OK);
	ck_assert_uint_eq(world_waiting(&w, SERVICE_APPLY, NULL), MANY);
	for (unsigned i = 0; i + 1 < MANY; i++) {
		ck_assert_uint_gt(world_waiting(&w, SERVICE_APPLY, &at), 0);
		world_happen(&w, at, WORLD_OK);
		while (world_waiting(&w, SERVICE_STORE, &at) > 0 ||
		       world_waiting(&w, SERVICE_READ, &at) > 0)
			world_happen(&w, at, WORLD_OK);
		ck_assert_uint_eq(confirms_waiting(&w), 0);
	}
	world_settle(&w);
	ck_assert_uint_eq(n_there(&w), MANY);
	world_check_quiet(&w);
	world_free(&w);
}
END_TEST

START_TEST(many_with_one_that_cannot_be_leave_nothing)
{
	struct world w;
	struct text before = { 0 }, after = { 0 };
	const struct world_reply *r;
	uint64_t request;

	square(&w);
	service_dump(w.service, &before);
	request = put_three(&w, 30 * G, false);
	r = world_reply(&w, request);
	ck_assert_ptr_nonnull(r);
	ck_assert_int_eq(r->status, PCE_CONFLICT);
	ck_assert_str_eq(r->reason, "bandwidth");
	ck_assert_uint_eq(r->n_stuck, 1);
	ck_assert_msg(strncmp(r->stuck, "c: ", 3) == 0, "%s", r->stuck);
	service_dump(w.service, &after);
	ck_assert_str_eq(text_get(&before), text_get(&after));
	ck_assert_uint_eq(w.service->n_intents, 0);
	world_settle(&w);
	world_check_quiet(&w);
	text_free(&before);
	text_free(&after);
	world_free(&w);
}
END_TEST

/* Those that are refused are all named, each with its reason. */
START_TEST(many_tell_of_each_that_is_refused)
{
	struct world w;
	struct intent intents[MANY];
	const struct intent *wanted[MANY];
	uint64_t request;

	square(&w);
	three(&w, 30 * G, intents, wanted);
	intents[0].to = "nowhere";
	request = world_put_many(&w, wanted, MANY, false);
	ck_assert_int_eq(world_reply(&w, request)->status, PCE_INVALID); /* of the first */
	ck_assert_uint_eq(world_reply(&w, request)->n_stuck, 2);
	wanted[2] = wanted[1];
	request = world_put_many(&w, wanted, MANY, false);
	ck_assert_int_eq(world_reply(&w, request)->status, PCE_INVALID);
	ck_assert_ptr_nonnull(strstr(world_reply(&w, request)->text, "twice"));
	world_check_quiet(&w);
	world_free(&w);
}
END_TEST

START_TEST(many_if_partly_leave_those_that_can_be)
{
	struct world w;
	uint64_t request;

	square(&w);
	request = put_three(&w, 30 * G, true);
	world_settle(&w);
	ck_assert_int_eq(world_reply(&w, request)->status, PCE_OK);
	ck_assert_uint_eq(world_reply(&w, request)->n_stuck, 1);
	ck_assert_uint_eq(w.service->n_intents, 2);
	ck_assert_uint_eq(n_there(&w), 2);
	world_check_quiet(&w);
	world_free(&w);
}
END_TEST

/* Computed as one: the third finds what the first two left. */
START_TEST(many_share_what_there_is)
{
	struct world w;
	struct intent intents[MANY];
	const struct intent *wanted[MANY];
	uint64_t request;

	square(&w);
	for (unsigned i = 0; i < MANY; i++) {
		intents[i] = world_intent(&w, ids[i], 0, 3, 7 * G);
		wanted[i] = &intents[i];
	}
	request = world_put_many(&w, wanted, MANY, false);
	ck_assert_int_eq(world_reply(&w, request)->status, PCE_CONFLICT);
	ck_assert_msg(strncmp(world_reply(&w, request)->stuck, "c: ", 3) == 0, "%s",
		      world_reply(&w, request)->stuck);
	request = world_put_many(&w, wanted, 2, false);
	world_settle(&w);
	ck_assert_int_eq(world_reply(&w, request)->status, PCE_OK);
	world_check_quiet(&w);
	world_free(&w);
}
END_TEST

START_TEST(many_that_cannot_be_stored_leave_nothing)
{
	struct world w;
	uint64_t request;

	square(&w);
	request = put_three(&w, G, false);
	store_next(&w, WORLD_REFUSE);
	ck_assert_int_eq(world_reply(&w, request)->status, PCE_IO);
	ck_assert_uint_eq(w.service->n_intents, 0);
	world_rest(&w);
	ck_assert_uint_eq(n_there(&w), 0);
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
	unsigned done = 0, there;
	bool acknowledged, crashed = false;

	world_init(&w, 4, seed);
	square_run(&w);
	request = put_three(&w, G, false);
	while (w.n_waits > 0 && done < k) {
		size_t at = world_first_of(&w, suite_below(&random, (uint32_t)w.n_waits));
		bool good =
		    !faults || suite_below(&random, 6) > 0 || w.waits[at]->kind == SERVICE_STORE;

		world_happen(&w, at,
			     good ? WORLD_OK : (enum world_result)(1 + suite_below(&random, 4)));
		world_check(&w);
		done++;
	}
	acknowledged = world_reply(&w, request) && world_reply(&w, request)->status == PCE_OK;
	if (done == k) {
		crashed = true;
		world_crash(&w, suite_below(&random, 3));
		world_recover(&w);
		world_routers_up(&w);
		world_learn(&w);
	}
	world_rest(&w);
	world_check_quiet(&w);
	there = n_there(&w);
	ck_assert_msg(there == MANY || (there == 0 && !acknowledged),
		      "seed %llu, effect %u: %u of %u are there", (unsigned long long)seed, k,
		      there, MANY);
	world_free(&w);
	return crashed;
}

START_TEST(many_survive_a_crash_at_every_effect)
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
	TCase *t = tcase_create("many");

	tcase_add_test(t, many_are_admitted_as_one_and_prepared_before_any_is_confirmed);
	tcase_add_test(t, many_with_one_that_cannot_be_leave_nothing);
	tcase_add_test(t, many_tell_of_each_that_is_refused);
	tcase_add_test(t, many_if_partly_leave_those_that_can_be);
	tcase_add_test(t, many_share_what_there_is);
	tcase_add_test(t, many_that_cannot_be_stored_leave_nothing);
	tcase_add_test(t, many_survive_a_crash_at_every_effect);
	return suite_run("many", t, 120);
}
