/*
 * The gNMI transaction against a model of a router: what it sends after which answer, and on random
 * histories that the router holds all of the old or all of the new, that the result says which, and
 * that nothing else is ever named.
 */
#include <string.h>

#include "tests/gnmi/fake_target.h"
#include "tests/support/suite.h"

#define CHANGES_MAX TARGET_POLICIES

/* A transaction about the policies 0 to n - 1, with all that it borrows. */
struct bench {
	struct fake_target target;
	struct srpolicy after[CHANGES_MAX], before[CHANGES_MAX];
	struct srpolicy_path paths[2 * CHANGES_MAX];
	struct deploy_change changes[CHANGES_MAX];
	struct deploy_transaction deploy;
	struct gnmi_transaction *t;
	struct usec now;
	int old[TARGET_POLICIES], new[TARGET_POLICIES];
	char log[64]; /* G and S, with * where the answer was no good one */
	struct deploy_result result;
};

static void
add(struct bench *b, unsigned id, int before, int after)
{
	struct deploy_change *c = &b->changes[b->deploy.n_changes++];

	b->paths[2 * id].preference = (uint32_t)after;
	b->paths[2 * id + 1].preference = (uint32_t)before;
	b->after[id] = (struct srpolicy){ .color = id, .paths = &b->paths[2 * id], .n_paths = 1 };
	b->before[id] =
	    (struct srpolicy){ .color = id, .paths = &b->paths[2 * id + 1], .n_paths = 1 };
	b->after[id].endpoint.family = b->before[id].endpoint.family = IP_V6;
	c->action = after ? DEPLOY_REPLACE : DEPLOY_REMOVE;
	c->policy = &b->after[id];
	c->before = before ? &b->before[id] : NULL;
	b->old[id] = before;
	b->new[id] = after;
	b->target.value[id] = before;
}

static void
begin(struct bench *b)
{
	const struct gnmi_transaction_setup setup = { .device = "r1", .payload = &target_payload };

	b->deploy.id = 9;
	b->deploy.persist_id = "karst-9";
	b->deploy.changes = b->changes;
	ck_assert_int_eq(gnmi_transaction_new(&setup, &b->deploy, &b->t, NULL), PCE_OK);
}

/* Policy 0 is changed, 1 is new, 2 goes. */
static void
setup(struct bench *b)
{
	*b = (struct bench){ .now = { 1000 } };
	add(b, 0, 5, 6);
	add(b, 1, 0, 7);
	add(b, 2, 8, 0);
	b->target.value[5] = b->old[5] = b->new[5] = TARGET_FOREIGN;
	begin(b);
}

/* One call, if one is to be made. */
static bool
step(struct bench *b)
{
	struct gnmi_request request;
	size_t len = strlen(b->log);

	if (!gnmi_transaction_next(b->t, &request))
		return false;
	target_call(&b->target, &request);
	b->now.v += 10;
	if (len + 3 < sizeof b->log)
		snprintf(b->log + len, 3, "%s%s", request.set ? "S" : "G",
			 b->target.reply.code == GNMI_OK ? "" : "*");
	gnmi_transaction_reply(b->t, &b->target.reply, b->now);
	return true;
}

static const struct deploy_result *
run(struct bench *b, enum deploy_phase phase)
{
	b->log[0] = '\0';
	ck_assert_int_eq(gnmi_transaction_run(b->t, phase, b->now, NULL), PCE_OK);
	while (step(b))
		;
	ck_assert(gnmi_transaction_result(b->t, &b->result));
	ck_assert(!gnmi_transaction_result(b->t, &b->result));
	ck_assert_int_eq(b->result.phase, phase);
	ck_assert_uint_eq(b->result.id, 9);
	return &b->result;
}

static bool
holds(const struct bench *b, const int *values)
{
	return memcmp(b->target.value, values, sizeof b->target.value) == 0;
}

static void
end(struct bench *b)
{
	gnmi_transaction_free(b->t);
}

START_TEST(change_is_looked_at_set_and_read_back)
{
	struct bench b;
	const struct deploy_result *r;

	setup(&b);
	r = run(&b, DEPLOY_PREPARE);
	ck_assert_int_eq(r->status, PCE_OK);
	ck_assert_str_eq(b.log, "GSG");
	ck_assert(holds(&b, b.new));
	ck_assert_int_gt(r->times.committed.v, r->times.started.v);
	ck_assert_int_gt(r->times.read_back.v, r->times.committed.v);
	ck_assert_int_eq(gnmi_transaction_changed_ns(b.t), 1001);
	ck_assert(gnmi_transaction_covers(b.t, "/policy[id=1]/value"));
	ck_assert(!gnmi_transaction_covers(b.t, "/policy[id=11]"));
	ck_assert(!gnmi_transaction_covers(b.t, "/policy[id=5]"));
	r = run(&b, DEPLOY_CONFIRM);
	ck_assert_int_eq(r->status, PCE_OK);
	ck_assert(!r->unknown);
	ck_assert_str_eq(b.log, "");
	end(&b);
}
END_TEST

START_TEST(cancel_sends_the_inverse_and_looks)
{
	struct bench b;

	setup(&b);
	run(&b, DEPLOY_PREPARE);
	ck_assert_int_eq(run(&b, DEPLOY_CANCEL)->status, PCE_OK);
	ck_assert_str_eq(b.log, "GSG");
	ck_assert(holds(&b, b.old));
	/* There is nothing left to undo: nothing is sent. */
	ck_assert_int_eq(run(&b, DEPLOY_CANCEL)->status, PCE_OK);
	ck_assert_str_eq(b.log, "G");
	end(&b);
}
END_TEST

/* After a restart of Karst, with what the store had; somebody changed one of them meanwhile. */
START_TEST(cancel_undoes_only_what_is_still_there)
{
	struct bench b;

	setup(&b);
	memcpy(b.target.value, b.new, sizeof b.new);
	b.target.value[0] = 99;
	b.target.value[2] = TARGET_FOREIGN + 1;
	ck_assert_int_eq(run(&b, DEPLOY_CANCEL)->status, PCE_OK);
	ck_assert_uint_eq(b.target.touched, 1u << 1);
	ck_assert_int_eq(b.target.value[0], 99);
	ck_assert_int_eq(b.target.value[1], 0);
	ck_assert_int_eq(b.target.value[2], TARGET_FOREIGN + 1);
	end(&b);
}
END_TEST

START_TEST(confirm_by_who_did_not_prepare_has_to_read)
{
	struct bench b;

	setup(&b);
	ck_assert(run(&b, DEPLOY_CONFIRM)->unknown);
	end(&b);
}
END_TEST

START_TEST(policy_of_others_is_not_touched)
{
	struct bench b;
	const struct deploy_result *r;

	setup(&b);
	b.target.value[1] = TARGET_FOREIGN + 5;
	r = run(&b, DEPLOY_PREPARE);
	ck_assert_int_eq(r->status, PCE_EXISTS);
	ck_assert(!r->unknown && !r->retry);
	ck_assert_ptr_nonnull(strstr(r->text, "router r1: policy 1 to"));
	ck_assert_str_eq(b.log, "G");
	end(&b);
}
END_TEST

/* The inverse that was stored would bring back what nobody had: Karst has to read first. */
START_TEST(policy_that_changed_since_the_last_read_is_read_again)
{
	struct bench b;
	const struct deploy_result *r;

	setup(&b);
	b.target.value[0] = 4;
	r = run(&b, DEPLOY_PREPARE);
	ck_assert_int_eq(r->status, PCE_CONFLICT);
	ck_assert(r->unknown);
	ck_assert_str_eq(b.log, "G");
	end(&b);
}
END_TEST

START_TEST(refusal_names_router_and_reason_and_leaves_all_as_it_was)
{
	struct bench b;
	const struct deploy_result *r;

	setup(&b);
	b.target.set = TARGET_REFUSES;
	r = run(&b, DEPLOY_PREPARE);
	ck_assert_int_eq(r->status, PCE_UNSUPPORTED);
	ck_assert(!r->unknown && !r->retry);
	ck_assert_str_eq(r->text,
			 "router r1: it refuses Set (gRPC INVALID_ARGUMENT): no such value");
	ck_assert_str_eq(b.log, "GS*G");
	ck_assert(holds(&b, b.old));
	end(&b);
}
END_TEST

START_TEST(half_of_a_set_is_undone)
{
	struct bench b;
	const struct deploy_result *r;

	setup(&b);
	b.target.set = TARGET_HALF;
	r = run(&b, DEPLOY_PREPARE);
	ck_assert_int_eq(r->status, PCE_UNSUPPORTED);
	ck_assert(!r->unknown);
	ck_assert_str_eq(b.log, "GS*GSG");
	ck_assert(holds(&b, b.old));
	end(&b);
}
END_TEST

/* A key that was free before the Set is somebody else's after it: that is no trace of the Set. */
START_TEST(policy_that_others_made_meanwhile_is_not_undone)
{
	struct bench b;

	setup(&b);
	b.target.set = TARGET_HALF;
	ck_assert_int_eq(gnmi_transaction_run(b.t, DEPLOY_PREPARE, b.now, NULL), PCE_OK);
	ck_assert(step(&b) && step(&b)); /* the look, the Set */
	b.target.value[1] = TARGET_FOREIGN + 3;
	b.target.touched = 0;
	while (step(&b))
		;
	ck_assert(gnmi_transaction_result(b.t, &b.result));
	ck_assert_int_eq(b.result.status, PCE_UNSUPPORTED);
	ck_assert_uint_ne(b.target.touched, 0);
	ck_assert_uint_eq(b.target.touched & 1u << 1, 0);
	ck_assert_int_eq(b.target.value[1], TARGET_FOREIGN + 3);
	end(&b);
}
END_TEST

START_TEST(set_that_did_something_else_is_undone)
{
	struct bench b;
	const struct deploy_result *r;

	setup(&b);
	b.target.set = TARGET_OTHER;
	r = run(&b, DEPLOY_PREPARE);
	ck_assert_int_eq(r->status, PCE_UNSUPPORTED);
	ck_assert(!r->unknown);
	ck_assert_ptr_nonnull(strstr(r->text, "policy 0 to"));
	ck_assert_str_eq(b.log, "GSGSG");
	ck_assert(holds(&b, b.old));
	end(&b);
}
END_TEST

START_TEST(set_without_an_answer_is_found_out)
{
	struct bench b;
	const struct deploy_result *r;

	setup(&b);
	b.target.set = TARGET_SILENT_DONE;
	r = run(&b, DEPLOY_PREPARE);
	ck_assert_int_eq(r->status, PCE_OK);
	ck_assert(!r->unknown);
	ck_assert_str_eq(b.log, "GS*G");
	ck_assert_int_eq(run(&b, DEPLOY_CANCEL)->status, PCE_OK);
	/* It may come late: nobody may rely on what is read now. */
	b.target.set = TARGET_SILENT;
	r = run(&b, DEPLOY_PREPARE);
	ck_assert_int_eq(r->status, PCE_TIMEOUT);
	ck_assert(r->unknown && r->retry);
	ck_assert(holds(&b, b.old));
	end(&b);
}
END_TEST

START_TEST(router_that_vanishes_leaves_the_outcome_unknown)
{
	struct bench b;
	const struct deploy_result *r;

	setup(&b);
	ck_assert_int_eq(gnmi_transaction_run(b.t, DEPLOY_PREPARE, b.now, NULL), PCE_OK);
	ck_assert(step(&b)); /* the look */
	b.target.down = true;
	while (step(&b))
		;
	ck_assert(gnmi_transaction_result(b.t, &b.result));
	r = &b.result;
	ck_assert_int_eq(r->status, PCE_UNREACHABLE);
	ck_assert(r->unknown && r->retry);
	/* Before anything was sent it is known. */
	r = run(&b, DEPLOY_PREPARE);
	ck_assert_int_eq(r->status, PCE_UNREACHABLE);
	ck_assert(!r->unknown && r->retry);
	end(&b);
}
END_TEST

START_TEST(stop_before_the_set_sends_none)
{
	struct bench b;

	setup(&b);
	ck_assert_int_eq(gnmi_transaction_run(b.t, DEPLOY_PREPARE, b.now, NULL), PCE_OK);
	gnmi_transaction_stop(b.t);
	while (step(&b))
		;
	ck_assert(gnmi_transaction_result(b.t, &b.result));
	ck_assert_int_eq(b.result.status, PCE_CONFLICT);
	ck_assert(!b.result.unknown);
	ck_assert_uint_eq(b.target.sets, 0);
	end(&b);
}
END_TEST

START_TEST(second_phase_while_one_runs_is_refused)
{
	struct bench b;
	struct pce_error err;

	setup(&b);
	ck_assert_int_eq(gnmi_transaction_run(b.t, DEPLOY_PREPARE, b.now, NULL), PCE_OK);
	ck_assert_int_eq(gnmi_transaction_run(b.t, DEPLOY_CANCEL, b.now, &err), PCE_CONFLICT);
	end(&b);
}
END_TEST

/* Where nothing is, and where answers are small, Gets are halved until each part is known. */
START_TEST(gets_are_halved_as_the_router_likes)
{
	struct bench b;

	setup(&b);
	b.target.absent_is_not_found = true;
	b.target.leaf_by_leaf = true;
	ck_assert_int_eq(run(&b, DEPLOY_PREPARE)->status, PCE_OK);
	ck_assert(holds(&b, b.new));
	b.target.largest = 1;
	ck_assert_int_eq(run(&b, DEPLOY_CANCEL)->status, PCE_OK);
	ck_assert(holds(&b, b.old));
	end(&b);
}
END_TEST

START_TEST(answer_that_is_none_is_told)
{
	struct bench b;
	struct gnmi_request request;
	const struct gnmi_reply garbage = { .bytes = (const uint8_t *)"\x0a\xff\xff", .len = 3 };

	setup(&b);
	ck_assert_int_eq(gnmi_transaction_run(b.t, DEPLOY_PREPARE, b.now, NULL), PCE_OK);
	ck_assert(gnmi_transaction_next(b.t, &request));
	gnmi_transaction_reply(b.t, &garbage, b.now);
	ck_assert(gnmi_transaction_result(b.t, &b.result));
	ck_assert_int_eq(b.result.status, PCE_MALFORMED);
	ck_assert(!b.result.unknown);
	end(&b);
}
END_TEST

/* --- random histories --- */

/* How often each end was met: a test that meets none shows nothing. */
static unsigned met_ok, met_refused, met_unknown, met_undone;

static void
random_faults(struct bench *b, uint64_t *random, bool lawful)
{
	struct fake_target *t = &b->target;

	if (suite_below(random, 3) == 0)
		t->set = (enum target_set)suite_below(random, lawful ? TARGET_HALF : TARGET_SETS);
	t->get_fails = suite_below(random, 12) == 0;
	t->down = suite_below(random, 25) == 0;
	t->largest = suite_below(random, 4);
}

/* Somebody else's change of what is not in the transaction. */
static void
others(struct bench *b, uint64_t *random)
{
	unsigned id = suite_below(random, TARGET_POLICIES);

	if (id < b->deploy.n_changes || suite_below(random, 5) > 0)
		return;
	b->target.value[id] = b->old[id] = b->new[id] =
	    (int)(TARGET_FOREIGN + suite_below(random, 100));
}

static void
check_phase(const struct bench *b, enum deploy_phase phase, bool lawful, unsigned seed)
{
	const struct deploy_result *r = &b->result;
	bool is_old = holds(b, b->old), is_new = holds(b, b->new);

	if (lawful)
		ck_assert_msg(is_old || is_new, "seed %u: neither old nor new", seed);
	if (r->unknown) {
		met_unknown++;
		return;
	}
	if (r->status == PCE_OK && phase == DEPLOY_PREPARE)
		ck_assert_msg(is_new, "seed %u: prepared, and not there", seed);
	else if (r->status == PCE_OK)
		ck_assert_msg(is_old, "seed %u: cancelled, and not as before", seed);
	else if (phase == DEPLOY_PREPARE)
		ck_assert_msg(is_old, "seed %u: failed (%s), and not as before", seed, r->text);
	if (r->status != PCE_OK)
		ck_assert_msg(strncmp(r->text, "router r1: ", 11) == 0, "seed %u: %s", seed,
			      r->text);
	met_ok += r->status == PCE_OK;
	met_refused += r->status != PCE_OK;
	met_undone += r->status == PCE_UNSUPPORTED && !lawful;
}

static void
random_phase(struct bench *b, enum deploy_phase phase, uint64_t *random, bool lawful, unsigned seed)
{
	ck_assert_int_eq(gnmi_transaction_run(b->t, phase, b->now, NULL), PCE_OK);
	do {
		random_faults(b, random, lawful);
		others(b, random);
		if (suite_below(random, 30) == 0)
			gnmi_transaction_stop(b->t);
	} while (step(b));
	ck_assert_msg(gnmi_transaction_result(b->t, &b->result), "seed %u: no result", seed);
	check_phase(b, phase, lawful, seed);
}

/* A new object for the same transaction, as after a restart. */
static void
restart(struct bench *b)
{
	gnmi_transaction_free(b->t);
	begin(b);
}

static void
history(unsigned seed)
{
	struct bench b = { .now = { 1 } };
	uint64_t random = seed;
	bool lawful = seed % 3 > 0;
	unsigned n = 1 + suite_below(&random, CHANGES_MAX - 2), allowed = (1u << n) - 1;

	for (unsigned id = 0; id < n; id++) {
		int before = (int)suite_below(&random, 4), after = (int)suite_below(&random, 4);

		add(&b, id, before, after == before ? 9 : after);
	}
	for (unsigned id = n; id < TARGET_POLICIES; id++)
		b.target.value[id] = b.old[id] = b.new[id] = TARGET_FOREIGN + (int)id;
	begin(&b);
	b.target.absent_is_not_found = suite_below(&random, 2);
	b.target.leaf_by_leaf = suite_below(&random, 2);
	for (unsigned i = 0; i < 6; i++) {
		enum deploy_phase phase = suite_below(&random, 2) ? DEPLOY_PREPARE : DEPLOY_CANCEL;

		if (suite_below(&random, 4) == 0)
			restart(&b);
		/* What was left behind is what deploy reads before it goes on. */
		if (!holds(&b, b.old) && !holds(&b, b.new))
			break;
		if (holds(&b, b.new))
			phase = DEPLOY_CANCEL;
		random_phase(&b, phase, &random, lawful, seed);
		ck_assert_msg((b.target.touched & ~allowed) == 0, "seed %u: a Set named others'",
			      seed);
	}
	/* Whatever happened, an undisturbed router can be brought back. */
	b.target.set = TARGET_TAKES;
	b.target.get_fails = b.target.down = false;
	if (holds(&b, b.old) || holds(&b, b.new)) {
		ck_assert_int_eq(run(&b, DEPLOY_CANCEL)->status, PCE_OK);
		ck_assert_msg(holds(&b, b.old), "seed %u: not as before in the end", seed);
	}
	end(&b);
}

START_TEST(random_histories_leave_all_of_the_old_or_all_of_the_new)
{
	for (unsigned seed = 0; seed < 4 * suite_seeds(); seed++)
		history(seed);
	ck_assert_uint_gt(met_ok, 100);
	ck_assert_uint_gt(met_refused, 100);
	ck_assert_uint_gt(met_unknown, 100);
	ck_assert_uint_gt(met_undone, 10);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("transaction");

	tcase_add_test(t, change_is_looked_at_set_and_read_back);
	tcase_add_test(t, cancel_sends_the_inverse_and_looks);
	tcase_add_test(t, cancel_undoes_only_what_is_still_there);
	tcase_add_test(t, confirm_by_who_did_not_prepare_has_to_read);
	tcase_add_test(t, policy_of_others_is_not_touched);
	tcase_add_test(t, policy_that_changed_since_the_last_read_is_read_again);
	tcase_add_test(t, refusal_names_router_and_reason_and_leaves_all_as_it_was);
	tcase_add_test(t, half_of_a_set_is_undone);
	tcase_add_test(t, policy_that_others_made_meanwhile_is_not_undone);
	tcase_add_test(t, set_that_did_something_else_is_undone);
	tcase_add_test(t, set_without_an_answer_is_found_out);
	tcase_add_test(t, router_that_vanishes_leaves_the_outcome_unknown);
	tcase_add_test(t, stop_before_the_set_sends_none);
	tcase_add_test(t, second_phase_while_one_runs_is_refused);
	tcase_add_test(t, gets_are_halved_as_the_router_likes);
	tcase_add_test(t, answer_that_is_none_is_told);
	tcase_add_test(t, random_histories_leave_all_of_the_old_or_all_of_the_new);
	return suite_run("gnmi transaction", t, 30);
}
