/*
 * Each allocation of a device's whole life made to fail in turn, once: the call says so and may be
 * made again, nothing leaks, and the router ends with what is wanted.
 */
#include <string.h>

#include "pce/deploy/device.h"
#include "tests/support/failing.h"
#include "tests/support/suite.h"

#define KEYS 6u
#define FIRST_COLOR 100u

/* What a router holds: names by color, NULL nothing. Karst's begin with "k-". */
struct router {
	const char *names[KEYS];
	const char *before[KEYS]; /* while a commit is to be confirmed */
	uint64_t refuses; /* bits: colors that it never takes */
};

struct life {
	struct deploy_device *device;
	struct router router;
	struct usec now;
	uint64_t id, awaited;
	struct deploy_item *items[KEYS];
};

/* The call again until it has memory: only one allocation fails. */
#define AGAIN(call)                                                                                \
	do {                                                                                       \
		enum pce_status again = (call);                                                    \
		if (again == PCE_NO_MEMORY)                                                        \
			again = (call);                                                            \
		if (again)                                                                         \
			return again;                                                              \
	} while (0)

static struct srpolicy
policy_at(uint32_t key, const char *name)
{
	struct srpolicy p = { .color = FIRST_COLOR + key, .name = name };

	p.endpoint.family = IP_V6;
	p.endpoint.octets[15] = 1;
	return p;
}

static enum pce_status
read_router(struct life *l, struct pce_error *err)
{
	struct srpolicy held[KEYS];
	struct device_state state = { .policies = held };

	for (uint32_t i = 0; i < KEYS; i++)
		if (l->router.names[i])
			held[state.n_policies++] = policy_at(i, l->router.names[i]);
	AGAIN(deploy_read(l->device, l->awaited, PCE_OK, NULL, &state, l->now, 1, err));
	return PCE_OK;
}

static bool
is_refused(const struct router *r, const struct deploy_transaction *t)
{
	for (size_t i = 0; i < t->n_changes; i++)
		if (r->refuses >> (t->changes[i].policy->color - FIRST_COLOR) & 1)
			return true;
	return false;
}

static enum pce_status
apply(struct life *l, const struct deploy_order *order, struct pce_error *err)
{
	struct deploy_result result = { .phase = order->phase };
	struct router *r = &l->router;

	if (order->phase == DEPLOY_PREPARE && is_refused(r, order->transaction)) {
		result.status = PCE_UNSUPPORTED;
		result.text = "no such thing here";
	} else if (order->phase == DEPLOY_PREPARE) {
		memcpy(r->before, r->names, sizeof(r->names));
		for (size_t i = 0; i < order->transaction->n_changes; i++) {
			const struct deploy_change *c = &order->transaction->changes[i];
			uint32_t key = c->policy->color - FIRST_COLOR;

			/* The router has a copy of its own: the order goes away. */
			r->names[key] = c->action == DEPLOY_REMOVE ? NULL
					: key == 1                 ? "k-b2"
								   : "k-x";
		}
	} else if (order->phase == DEPLOY_CANCEL) {
		memcpy(r->names, r->before, sizeof(r->names));
	}
	AGAIN(deploy_result(l->device, l->awaited, &result, l->now, 1, err));
	return PCE_OK;
}

/* Carries out orders until there are none. */
static enum pce_status
serve(struct life *l, struct pce_error *err)
{
	struct deploy_order order;
	bool used;

	for (unsigned turn = 0; turn < 200; turn++) {
		AGAIN(deploy_next(l->device, l->now, l->id, 42, true, &order, &used, err));
		if (used && order.kind != DEPLOY_ORDER_STORE)
			l->awaited = l->id;
		l->id += used;
		switch (order.kind) {
		case DEPLOY_ORDER_NONE:
			return PCE_OK;
		case DEPLOY_ORDER_STORE:
			deploy_stored(l->device, order.transaction_id);
			break;
		case DEPLOY_ORDER_READ:
			AGAIN(read_router(l, err));
			break;
		case DEPLOY_ORDER_APPLY:
			AGAIN(apply(l, &order, err));
			break;
		case DEPLOY_ORDER_FORGET:
			break;
		}
	}
	return pce_fail(err, PCE_INTERNAL, "the device orders for ever");
}

static enum pce_status
want(struct life *l, uint32_t key, const char *name, struct pce_error *err)
{
	struct srpolicy p = policy_at(key, name);

	AGAIN(deploy_want(l->device, &p, name + 2, key, l->now, &l->items[key], err));
	return PCE_OK;
}

/* A policy that is there, one that is changed, one that nobody wants any more, one of others', one
 * that the router refuses, and one that
 * belongs to a group; then a session that is lost, and a wish that is withdrawn. */
static enum pce_status
live(struct life *l, struct pce_error *err)
{
	static const struct deploy_setup setup = { .name = "d1",
						   .color_min = FIRST_COLOR,
						   .color_max = FIRST_COLOR + KEYS,
						   .name_prefix = "k-",
						   .batch = 4,
						   .confirm_timeout_s = 30 };
	struct deploy_group_view group;
	struct deploy_drift_view drift;

	AGAIN(deploy_device_new(&setup, &l->device, err));
	AGAIN(want(l, 0, "k-x", err));
	AGAIN(want(l, 1, "k-b2", err));
	AGAIN(want(l, 4, "k-x", err));
	deploy_up(l->device, DEVICE_CONFIRMED_COMMIT, l->now);
	AGAIN(serve(l, err));
	AGAIN(want(l, 5, "k-x", err));
	deploy_group(l->device, l->items[5], 9);
	deploy_group_start(l->device, 9);
	AGAIN(serve(l, err));
	deploy_group_decide(l->device, 9);
	AGAIN(serve(l, err));
	deploy_group_get(l->device, 9, l->now, &group);
	if (group.n != 0)
		return pce_fail(err, PCE_INTERNAL, "the group is not on the router");
	deploy_group(l->device, l->items[5], 0);
	deploy_unwant(l->device, l->items[0]);
	AGAIN(serve(l, err));
	deploy_down(l->device, "cable");
	l->router.names[5] = NULL; /* drifts away meanwhile */
	deploy_up(l->device, DEVICE_CONFIRMED_COMMIT, l->now);
	AGAIN(serve(l, err));
	for (struct deploy_item *i = NULL; (i = deploy_next_drifted(l->device, i)) != NULL;)
		deploy_drift_get(i, &drift);
	l->now.v += INT64_C(3600) * USEC_PER_S;
	AGAIN(serve(l, err));
	return PCE_OK;
}

static void
check_end(const struct life *l, unsigned long at)
{
	static const char *const wanted[KEYS] = { NULL, "k-b2", NULL, "theirs", NULL, "k-x" };

	for (unsigned i = 0; i < KEYS; i++) {
		const char *has = l->router.names[i];

		ck_assert_msg(has == wanted[i] || (has && wanted[i] && !strcmp(has, wanted[i])),
			      "allocation %lu: color %u is %s", at, FIRST_COLOR + i,
			      has ? has : "nothing");
	}
}

START_TEST(device_without_memory_is_asked_again)
{
	bool reached = true;
	unsigned long at = 1;

	for (; reached; at++) {
		long blocks = failing_live();
		struct life l = { .id = 1, .now = { 1000 } };
		struct pce_error err = { 0 };
		enum pce_status status;

		l.router.names[1] = "k-b";
		l.router.names[2] = "k-old";
		l.router.names[3] = "theirs";
		l.router.refuses = 1u << 4;
		failing_at(at);
		status = live(&l, &err);
		reached = failing_stop();
		ck_assert_msg(status == PCE_OK, "allocation %lu: %s", at, err.text);
		check_end(&l, at);
		deploy_device_free(l.device);
		ck_assert_msg(failing_live() == blocks, "allocation %lu: %ld blocks leak", at,
			      failing_live() - blocks);
		ck_assert_uint_lt(at, 20000);
	}
	ck_assert_uint_gt(at, 50);
}
END_TEST

START_TEST(copies_without_memory_are_none)
{
	const struct srpolicy policy = policy_at(1, "k-b");
	const struct deploy_change change = { DEPLOY_REPLACE, &policy, &policy };
	const char *const ids[] = { "b" };
	const struct deploy_transaction transaction = { 1, "d1", "p", 30, &change, 1 };
	const struct transaction_record record = { .device = "d1",
						   .persist_id = "p",
						   .policy_ids = ids,
						   .n_policy_ids = 1,
						   .changes = &change,
						   .n_changes = 1 };
	unsigned done = 0;

	for (unsigned long at = 1; done < 2; at++) {
		long blocks = failing_live();
		struct arena arena = { 0 };
		bool copied, reached;

		failing_at(at);
		copied = deploy_transaction_copy(&arena, &transaction) != NULL;
		copied = transaction_record_copy(&arena, &record) != NULL && copied;
		reached = failing_stop();
		done += copied;
		ck_assert_msg(copied == !reached, "allocation %lu", at);
		arena_free(&arena);
		ck_assert_int_eq(failing_live(), blocks);
	}
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("memory");

	tcase_add_test(t, device_without_memory_is_asked_again);
	tcase_add_test(t, copies_without_memory_are_none);
	return suite_run("deploy memory", t, 60);
}
