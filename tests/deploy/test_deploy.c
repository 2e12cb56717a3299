/* One device by itself: what it orders, step by step; and the list of alarms. */
#include <stdio.h>
#include <string.h>

#include "pce/deploy/device.h"
#include "pce/deploy/state.h"
#include "pce/operate/alarms.h"
#include "tests/support/suite.h"

struct bench {
	struct deploy_device *device;
	struct usec now;
	uint64_t id;
	struct deploy_order order;
	uint64_t awaited;
};

static struct srpolicy
policy(uint32_t color, const char *name)
{
	struct srpolicy p = { .color = color, .name = name };

	p.endpoint.family = IP_V6;
	p.endpoint.octets[15] = 1;
	return p;
}

static void
setup(struct bench *b)
{
	const struct deploy_setup setup = {
		.name = "d1",
		.color_min = 100,
		.color_max = 199,
		.name_prefix = "k-",
		.batch = 4,
		.confirm_timeout_s = 30,
	};

	*b = (struct bench){ .now = { 1000 }, .id = 1 };
	ck_assert(deploy_device_new(&setup, &b->device, NULL) == PCE_OK);
}

static enum deploy_order_kind
next(struct bench *b)
{
	bool used;

	ck_assert(deploy_next(b->device, b->now, b->id, 42, true, &b->order, &used, NULL) ==
		  PCE_OK);
	if (used && b->order.kind != DEPLOY_ORDER_STORE)
		b->awaited = b->id;
	if (used)
		b->id++;
	return b->order.kind;
}

static struct deploy_item *
want(struct bench *b, uint32_t color, const char *name, uint32_t owner)
{
	struct srpolicy p = policy(color, name);
	struct deploy_item *item;

	ck_assert(deploy_want(b->device, &p, name + 2, owner, b->now, &item, NULL) == PCE_OK);
	return item;
}

static void
read_back(struct bench *b, const struct srpolicy *ours, size_t n)
{
	const struct device_state state = { .policies = ours, .n_policies = n };

	ck_assert(deploy_read(b->device, b->awaited, PCE_OK, NULL, &state, b->now, 1, NULL) ==
		  PCE_OK);
}

static void
result(struct bench *b, enum pce_status status, bool retry, bool unknown)
{
	const struct deploy_result r = {
		.status = status, .text = status ? "no" : NULL, .retry = retry, .unknown = unknown
	};

	ck_assert(deploy_result(b->device, b->awaited, &r, b->now, 1, NULL) == PCE_OK);
}

static void
up_and_read(struct bench *b, const struct srpolicy *ours, size_t n)
{
	deploy_up(b->device, DEVICE_CONFIRMED_COMMIT, b->now);
	ck_assert_int_eq(next(b), DEPLOY_ORDER_READ);
	ck_assert_int_eq(next(b), DEPLOY_ORDER_NONE);
	read_back(b, ours, n);
}

/* From a difference to PREPARE; returns the transaction's id. */
static uint64_t
to_prepare(struct bench *b)
{
	uint64_t id;

	ck_assert_int_eq(next(b), DEPLOY_ORDER_STORE);
	ck_assert(!b->order.record.decided);
	id = b->order.transaction_id;
	ck_assert_int_eq(next(b), DEPLOY_ORDER_NONE);
	deploy_stored(b->device, id);
	ck_assert_int_eq(next(b), DEPLOY_ORDER_APPLY);
	ck_assert_int_eq(b->order.phase, DEPLOY_PREPARE);
	return id;
}

START_TEST(transaction_is_stored_prepared_decided_stored_confirmed)
{
	struct bench b;
	struct deploy_item *item;
	struct deploy_item_view view;
	uint64_t id;

	setup(&b);
	item = want(&b, 100, "k-a", 7);
	ck_assert_int_eq(next(&b), DEPLOY_ORDER_NONE); /* the router is away */
	up_and_read(&b, NULL, 0);
	id = to_prepare(&b);
	ck_assert_uint_eq(b.order.transaction->n_changes, 1);
	ck_assert_ptr_null(b.order.transaction->changes[0].before);
	result(&b, PCE_OK, false, false);
	deploy_item_get(b.device, item, &view);
	ck_assert_int_eq(view.state, DEPLOY_RUNNING);
	ck_assert_int_eq(next(&b), DEPLOY_ORDER_STORE);
	ck_assert(b.order.record.decided);
	ck_assert_int_eq(next(&b), DEPLOY_ORDER_NONE);
	deploy_stored(b.device, id);
	ck_assert_int_eq(next(&b), DEPLOY_ORDER_APPLY);
	ck_assert_int_eq(b.order.phase, DEPLOY_CONFIRM);
	result(&b, PCE_OK, false, false);
	deploy_item_get(b.device, item, &view);
	ck_assert_int_eq(view.state, DEPLOY_SYNCED);
	ck_assert_int_eq(next(&b), DEPLOY_ORDER_FORGET);
	ck_assert_uint_eq(b.order.transaction_id, id);
	ck_assert_int_eq(next(&b), DEPLOY_ORDER_NONE);
	ck_assert_int_eq(deploy_deadline(b.device).v, USEC_NEVER.v);
	deploy_device_free(b.device);
}
END_TEST

START_TEST(read_adopts_what_is_there_and_touches_only_what_is_ours)
{
	struct bench b;
	struct deploy_item_view view;
	struct deploy_item *item;
	struct deploy_device_view device;
	struct srpolicy held[4] = { policy(100, "k-a"), policy(101, "k-old"), policy(102, "theirs"),
				    policy(200, "k-far") };

	setup(&b);
	item = want(&b, 100, "k-a", 7);
	up_and_read(&b, held, 4);
	deploy_item_get(b.device, item, &view);
	ck_assert_int_eq(view.state, DEPLOY_SYNCED);
	deploy_device_get(b.device, &device);
	ck_assert_uint_eq(device.n_policies, 2);
	ck_assert_uint_eq(device.n_foreign, 2);
	/* What nobody wants of ours goes; nothing else is in the transaction. */
	to_prepare(&b);
	ck_assert_uint_eq(b.order.transaction->n_changes, 1);
	ck_assert_int_eq(b.order.transaction->changes[0].action, DEPLOY_REMOVE);
	ck_assert_uint_eq(b.order.transaction->changes[0].policy->color, 101);
	ck_assert_str_eq(b.order.transaction->changes[0].before->name, "k-old");
	/* A key that others hold is never written. */
	item = want(&b, 102, "k-b", 8);
	deploy_item_get(b.device, item, &view);
	ck_assert_int_eq(view.state, DEPLOY_FOREIGN);
	ck_assert_ptr_nonnull(view.reason);
	deploy_device_free(b.device);
}
END_TEST

START_TEST(refusal_is_narrowed_to_the_one)
{
	struct bench b;
	struct deploy_item *items[4];
	const char *const names[] = { "k-a", "k-b", "k-c", "k-d" };
	struct deploy_item_view view;
	unsigned rounds = 0;

	setup(&b);
	for (uint32_t i = 0; i < 4; i++)
		items[i] = want(&b, 100 + i, names[i], i);
	up_and_read(&b, NULL, 0);
	for (enum deploy_order_kind kind = next(&b); kind != DEPLOY_ORDER_NONE && rounds < 40;
	     kind = next(&b), rounds++) {
		bool bad = false;

		if (kind == DEPLOY_ORDER_STORE)
			deploy_stored(b.device, b.order.transaction_id);
		if (kind != DEPLOY_ORDER_APPLY)
			continue;
		for (size_t i = 0; i < b.order.transaction->n_changes; i++)
			bad = bad || b.order.transaction->changes[i].policy->color == 102;
		result(&b, bad ? PCE_UNSUPPORTED : PCE_OK, false, false);
	}
	for (unsigned i = 0; i < 4; i++) {
		deploy_item_get(b.device, items[i], &view);
		ck_assert_int_eq(view.state, i == 2 ? DEPLOY_REFUSED : DEPLOY_SYNCED);
	}
	/* It is tried again by itself later, and at once when it changes. */
	ck_assert_int_gt(deploy_deadline(b.device).v, b.now.v);
	ck_assert_int_lt(deploy_deadline(b.device).v, USEC_NEVER.v);
	want(&b, 102, "k-c2", 2);
	ck_assert_int_eq(next(&b), DEPLOY_ORDER_STORE);
	deploy_device_free(b.device);
}
END_TEST

START_TEST(lock_is_waited_for_longer_each_time)
{
	struct bench b;
	struct usec waits[3];
	struct deploy_device_view view;

	setup(&b);
	want(&b, 100, "k-a", 7);
	up_and_read(&b, NULL, 0);
	for (unsigned i = 0; i < 3; i++) {
		to_prepare(&b);
		result(&b, PCE_CONFLICT, true, false);
		ck_assert_int_eq(next(&b), DEPLOY_ORDER_FORGET);
		ck_assert_int_eq(next(&b), DEPLOY_ORDER_NONE);
		waits[i] = (struct usec){ deploy_deadline(b.device).v - b.now.v };
		deploy_device_get(b.device, &view);
		ck_assert(view.locked);
		b.now = deploy_deadline(b.device);
	}
	ck_assert_int_gt(waits[1].v, waits[0].v);
	ck_assert_int_gt(waits[2].v, waits[1].v);
	deploy_device_free(b.device);
}
END_TEST

START_TEST(outcome_that_stays_unknown_is_asked_less_and_less)
{
	struct bench b;
	int64_t waits[4];

	setup(&b);
	want(&b, 100, "k-a", 7);
	up_and_read(&b, NULL, 0);
	for (unsigned i = 0; i < 4; i++) {
		to_prepare(&b);
		result(&b, PCE_CONFLICT, true, true);
		waits[i] = 0;
		if (next(&b) == DEPLOY_ORDER_NONE) {
			waits[i] = deploy_deadline(b.device).v - b.now.v;
			b.now = deploy_deadline(b.device);
			ck_assert_int_eq(next(&b), DEPLOY_ORDER_READ);
		}
		read_back(&b, NULL, 0);
		ck_assert_int_eq(next(&b), DEPLOY_ORDER_FORGET);
	}
	ck_assert_int_eq(waits[0], 0); /* once may be chance */
	ck_assert_int_gt(waits[1], (int64_t)USEC_PER_S);
	ck_assert_int_gt(waits[2], 2 * waits[1]);
	ck_assert_int_gt(waits[3], waits[2]);
	deploy_device_free(b.device);
}
END_TEST

START_TEST(session_lost_in_confirm_is_read_then_confirmed_again)
{
	struct bench b;
	struct srpolicy held = policy(100, "k-a");
	const struct device_state state = { .policies = &held, .n_policies = 1 };
	struct deploy_item_view view;
	struct deploy_item *item;
	uint64_t id;

	setup(&b);
	item = want(&b, 100, "k-a", 7);
	up_and_read(&b, NULL, 0);
	id = to_prepare(&b);
	result(&b, PCE_OK, false, false);
	ck_assert_int_eq(next(&b), DEPLOY_ORDER_STORE);
	deploy_stored(b.device, id);
	ck_assert_int_eq(next(&b), DEPLOY_ORDER_APPLY);
	deploy_down(b.device, "gone");
	ck_assert_int_eq(next(&b), DEPLOY_ORDER_NONE);
	deploy_up(b.device, DEVICE_CONFIRMED_COMMIT, b.now);
	ck_assert_int_eq(next(&b), DEPLOY_ORDER_READ);
	ck_assert(deploy_read(b.device, b.awaited, PCE_OK, NULL, &state, b.now, 1, NULL) == PCE_OK);
	/* It may still wait: what was read is not yet certain. */
	deploy_item_get(b.device, item, &view);
	ck_assert_int_eq(view.state, DEPLOY_RUNNING);
	ck_assert_int_eq(next(&b), DEPLOY_ORDER_APPLY);
	ck_assert_int_eq(b.order.phase, DEPLOY_CONFIRM);
	/* The router knows of no such commit: it is final. */
	result(&b, PCE_NOT_FOUND, false, true);
	ck_assert_int_eq(next(&b), DEPLOY_ORDER_READ);
	ck_assert(deploy_read(b.device, b.awaited, PCE_OK, NULL, &state, b.now, 1, NULL) == PCE_OK);
	deploy_item_get(b.device, item, &view);
	ck_assert_int_eq(view.state, DEPLOY_SYNCED);
	deploy_device_free(b.device);
}
END_TEST

START_TEST(key_has_one_owner)
{
	struct bench b;
	struct srpolicy p = policy(100, "k-b");
	struct deploy_item *item;
	struct pce_error err;

	setup(&b);
	item = want(&b, 100, "k-a", 7);
	ck_assert(deploy_want(b.device, &p, "b", 8, b.now, &item, &err) == PCE_EXISTS);
	ck_assert_ptr_nonnull(strstr(err.text, "policy a"));
	deploy_unwant(b.device, item);
	deploy_release(b.device, item);
	ck_assert(deploy_want(b.device, &p, "b", 8, b.now, &item, &err) == PCE_OK);
	deploy_device_free(b.device);
}
END_TEST

START_TEST(intent_ladder_takes_the_worst_policy)
{
	struct policy_standing p[2] = { { .state = POLICY_ACTIVE }, { .state = POLICY_ACTIVE } };
	size_t which;

	ck_assert_int_eq(intent_stand(p, 2, &which), INTENT_ACTIVE);
	p[1].degraded = true;
	ck_assert_int_eq(intent_stand(p, 2, &which), INTENT_DEGRADED);
	ck_assert_uint_eq(which, 1);
	p[0].state = POLICY_PENDING;
	ck_assert_int_eq(intent_stand(p, 2, &which), INTENT_ADMITTED);
	p[1].state = POLICY_DEPLOYING;
	ck_assert_int_eq(intent_stand(p, 2, &which), INTENT_DEPLOYING);
	p[0].state = POLICY_FAILED;
	ck_assert_int_eq(intent_stand(p, 2, &which), INTENT_FAILED);
	ck_assert_uint_eq(which, 0);
	ck_assert_int_eq(intent_stand(p, 0, &which), INTENT_FAILED);
}
END_TEST

START_TEST(alarms_are_one_for_each_object_and_cause_in_order)
{
	struct alarms list = { 0 };
	struct alarm a = { .object = "device/b", .cause = "locked", .text = "x", .since_us = 1 },
		     out;
	bool changed;

	ck_assert(alarms_raise(&list, &a, &changed, NULL) == PCE_OK && changed);
	a.since_us = 2;
	ck_assert(alarms_raise(&list, &a, &changed, NULL) == PCE_OK && !changed);
	a.text = "y";
	ck_assert(alarms_raise(&list, &a, &changed, NULL) == PCE_OK && changed);
	ck_assert_int_eq(alarms_find(&list, "device/b", "locked")->since_us, 1);
	a.object = "device/a";
	ck_assert(alarms_raise(&list, &a, &changed, NULL) == PCE_OK && changed);
	ck_assert_uint_eq(list.n, 2);
	ck_assert_str_eq(list.items[0].object, "device/a");
	ck_assert(!alarms_clear(&list, "device/a", "refused", &out));
	ck_assert(alarms_clear(&list, "device/a", "locked", &out) && out.cleared);
	alarm_release(&out);
	ck_assert_uint_eq(list.n, 1);
	alarms_free(&list);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("deploy");

	tcase_add_test(t, transaction_is_stored_prepared_decided_stored_confirmed);
	tcase_add_test(t, read_adopts_what_is_there_and_touches_only_what_is_ours);
	tcase_add_test(t, refusal_is_narrowed_to_the_one);
	tcase_add_test(t, lock_is_waited_for_longer_each_time);
	tcase_add_test(t, outcome_that_stays_unknown_is_asked_less_and_less);
	tcase_add_test(t, session_lost_in_confirm_is_read_then_confirmed_again);
	tcase_add_test(t, key_has_one_owner);
	tcase_add_test(t, intent_ladder_takes_the_worst_policy);
	tcase_add_test(t, alarms_are_one_for_each_object_and_cause_in_order);
	return suite_run("deploy", t, 60);
}
