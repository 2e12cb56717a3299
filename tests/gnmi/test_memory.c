/*
 * Memory runs out at the first, the second, … allocation of a whole change by gNMI and of its
 * cancellation, until both go well: no block is left, no result claims what did not happen, and an
 * undisturbed CANCEL brings back what was there.
 */
#include "tests/gnmi/fake_target.h"
#include "tests/support/failing.h"
#include "tests/support/suite.h"

static bool armed; /* an allocation is to fail */

/* The model of the router has its own memory: only what is tested runs short. */
static void
answer(struct fake_target *target, const struct gnmi_request *request)
{
	if (armed)
		failing_pause();
	target_call(target, request);
	if (armed)
		failing_resume();
}

static bool
run(struct gnmi_transaction *t, struct fake_target *target, enum deploy_phase phase,
    struct deploy_result *out)
{
	struct gnmi_request request;

	if (gnmi_transaction_run(t, phase, (struct usec){ 1 }, NULL))
		return false;
	while (gnmi_transaction_next(t, &request)) {
		answer(target, &request);
		gnmi_transaction_reply(t, &target->reply, (struct usec){ 2 });
	}
	return gnmi_transaction_result(t, out);
}

static void
check(const struct deploy_result *r, int value, int wanted, const char *what, unsigned long n)
{
	if (r->unknown)
		return;
	if (r->status == PCE_OK)
		ck_assert_msg(value == wanted, "%s at %lu: done, but %d is there", what, n, value);
	else if (r->phase == DEPLOY_PREPARE)
		ck_assert_msg(value != wanted, "%s at %lu: failed, but it is there", what, n);
}

/* The n-th allocation fails; true if there were no so many. */
static bool
fails_at(unsigned long n)
{
	struct fake_target target = { .value = { 5 } };
	const struct srpolicy_path paths[2] = { { .preference = 5 }, { .preference = 6 } };
	const struct srpolicy before = { .paths = &paths[0], .n_paths = 1 };
	const struct srpolicy after = { .paths = &paths[1], .n_paths = 1 };
	const struct deploy_change change = { DEPLOY_REPLACE, &after, &before };
	const struct deploy_transaction deploy = {
		.id = 1, .persist_id = "k", .changes = &change, .n_changes = 1
	};
	const struct gnmi_transaction_setup setup = { .device = "r1", .payload = &target_payload };
	struct gnmi_transaction *t = NULL;
	struct deploy_result prepared, cancelled;
	int after_prepare = 0, after_cancel = 0;
	long blocks = failing_live();
	bool reached, made, ran;

	armed = true;
	failing_at(n);
	made = gnmi_transaction_new(&setup, &deploy, &t, NULL) == PCE_OK;
	ran = made && run(t, &target, DEPLOY_PREPARE, &prepared);
	after_prepare = target.value[0];
	ran = ran && run(t, &target, DEPLOY_CANCEL, &cancelled);
	after_cancel = target.value[0];
	reached = failing_stop();
	armed = false;
	ck_assert(made == (t != NULL) && made == ran);
	if (made) {
		check(&prepared, after_prepare, 6, "prepare", n);
		check(&cancelled, after_cancel, 5, "cancel", n);
		ck_assert(run(t, &target, DEPLOY_CANCEL, &cancelled));
		ck_assert_int_eq(cancelled.status, PCE_OK);
		ck_assert_int_eq(target.value[0], 5);
	}
	gnmi_transaction_free(t);
	ck_assert_int_eq(failing_live(), blocks);
	return !reached;
}

START_TEST(memory_runs_out_at_every_allocation)
{
	unsigned long n = 1;

	while (n < 2000 && !fails_at(n))
		n++;
	ck_assert_uint_gt(n, 40);
	ck_assert_uint_lt(n, 2000);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("memory");

	tcase_add_test(t, memory_runs_out_at_every_allocation);
	return suite_run("gnmi memory", t, 30);
}
