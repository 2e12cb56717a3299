/*
 * Whole transactions by gNMI in the shape of each profile, on a router that is a data tree of
 * libyang's under its own modules: what is prepared is there, what was refused, half done or
 * cancelled is as before, to the last node, and what is others' stays.
 */
#include "southbound/gnmi/code.h"
#include "southbound/gnmi/messages.h"
#include "southbound/gnmi/path.h"
#include "southbound/gnmi/payload.h"
#include "tests/profile/fixture.h"

#define KEYS 9

static const struct profile_owner owner = { 100, 199, "karst-" };

/* The router's end of one bench. */
struct target {
	struct bench b;
	int fault; /* of the next Set: 0 none, 1 refuses, 2 is silent and does it, 3 does half */
	uint8_t answer[1 << 20];
	struct gnmi_reply reply;
};

static const char *
path_text(const Gnmi__Path *path, struct arena *arena)
{
	struct gnmi_path parsed;
	struct text text = { 0 };
	const char *out;

	ck_assert_int_eq(gnmi_path_of(path, arena, &parsed, NULL), PCE_OK);
	gnmi_path_print(&parsed, &text);
	out = arena_strdup(arena, text_get(&text));
	text_free(&text);
	return out;
}

static void
reply(struct target *t, const ProtobufCMessage *message)
{
	size_t len = protobuf_c_message_get_packed_size(message);

	ck_assert_uint_le(len, sizeof t->answer);
	protobuf_c_message_pack(message, t->answer);
	t->reply = (struct gnmi_reply){ .bytes = t->answer, .len = len };
}

static void
set(struct target *t, const struct gnmi_request *request)
{
	Gnmi__SetRequest *r = gnmi__set_request__unpack(NULL, request->len, request->bytes);
	Gnmi__SetResponse response = GNMI__SET_RESPONSE__INIT;
	struct arena arena = { 0 };
	struct profile_update *updates;
	size_t n = 0;
	int fault = t->fault;

	ck_assert_ptr_nonnull(r);
	t->fault = 0;
	updates = arena_alloc(&arena, (r->n_delete_ + r->n_replace + 1) * sizeof *updates);
	for (size_t i = 0; i < r->n_delete_; i++)
		updates[n++].path = path_text(r->delete_[i], &arena);
	for (size_t i = 0; i < r->n_replace; i++) {
		const ProtobufCBinaryData *json = &r->replace[i]->val->json_ietf_val;
		char *copy = arena_alloc(&arena, json->len + 1);

		memcpy(copy, json->data, json->len);
		updates[n++] =
		    (struct profile_update){ path_text(r->replace[i]->path, &arena), copy };
	}
	if (fault != 1)
		router_set(&t->b, updates, fault == 3 ? r->n_delete_ : n);
	reply(t, &response.base);
	if (fault == 1 || fault == 3)
		t->reply = (struct gnmi_reply){ .code = GNMI_ABORTED, .text = "later" };
	if (fault == 2)
		t->reply = (struct gnmi_reply){ .code = GNMI_DEADLINE_EXCEEDED };
	gnmi__set_request__free_unpacked(r, NULL);
	arena_free(&arena);
}

/* Everything at once, whatever was asked: a router may tell more. */
static void
get(struct target *t)
{
	Gnmi__GetResponse response = GNMI__GET_RESPONSE__INIT;
	Gnmi__Notification n = GNMI__NOTIFICATION__INIT, *notifications[1] = { &n };
	Gnmi__Update update = GNMI__UPDATE__INIT, *updates[1] = { &update };
	Gnmi__Path root = GNMI__PATH__INIT;
	Gnmi__TypedValue value = GNMI__TYPED_VALUE__INIT;
	char *text = NULL;

	lyd_print_mem(&text, t->b.held, LYD_JSON, LYD_PRINT_WITHSIBLINGS | LYD_PRINT_SHRINK);
	value.value_case = GNMI__TYPED_VALUE__VALUE_JSON_IETF_VAL;
	value.json_ietf_val.data = (uint8_t *)(text ? text : "{}");
	value.json_ietf_val.len = strlen(text ? text : "{}");
	update.path = &root;
	update.val = &value;
	n.update = updates;
	n.n_update = 1;
	response.notification = notifications;
	response.n_notification = 1;
	reply(t, &response.base);
	free(text);
}

static struct deploy_result
run(struct target *t, struct gnmi_transaction *transaction, enum deploy_phase phase)
{
	struct gnmi_request request;
	struct deploy_result result = { 0 };

	ck_assert_int_eq(gnmi_transaction_run(transaction, phase, (struct usec){ 1 }, NULL),
			 PCE_OK);
	while (gnmi_transaction_next(transaction, &request)) {
		if (request.set)
			set(t, &request);
		else
			get(t);
		gnmi_transaction_reply(transaction, &t->reply, (struct usec){ 2 });
	}
	ck_assert(gnmi_transaction_result(transaction, &result));
	return result;
}

/* Without a difference, in whatever order entries are. */
static bool
same(const struct lyd_node *a, const struct lyd_node *b)
{
	struct lyd_node *diff = NULL;
	bool none;

	ck_assert_int_eq(lyd_diff_siblings(a, b, 0, &diff), LY_SUCCESS);
	none = diff == NULL;
	lyd_free_all(diff);
	return none;
}

struct model {
	struct srpolicy there[KEYS];
	bool has[KEYS];
};

/* Some policies change; *after is what is there then. */
static size_t
choose(uint64_t *r, const struct kind *kind, struct arena *arena, const struct model *m,
       struct model *after, struct deploy_change *changes)
{
	size_t n = 0;

	*after = *m;
	for (unsigned k = 0; k < KEYS; k++) {
		const struct srpolicy *before = m->has[k] ? &m->there[k] : NULL;

		if (suite_below(r, 3) != 0)
			continue;
		after->has[k] = before == NULL || suite_below(r, 3) > 0;
		if (after->has[k])
			after->there[k] = random_policy(r, arena, kind, k);
		changes[n++] =
		    (struct deploy_change){ after->has[k] ? DEPLOY_REPLACE : DEPLOY_REMOVE,
					    after->has[k] ? &after->there[k] : before, before };
	}
	return n;
}

static bool
one_transaction(struct target *t, const struct gnmi_transaction_setup *setup,
		const struct deploy_transaction *deploy, uint64_t *r, unsigned seed)
{
	struct gnmi_transaction *transaction;
	struct deploy_result result;
	struct pce_error err = { 0 };
	struct lyd_node *before = NULL;
	bool stands;

	ck_assert_int_eq(lyd_dup_siblings(t->b.held, NULL, LYD_DUP_RECURSIVE, &before), LY_SUCCESS);
	ck_assert_msg(gnmi_transaction_new(setup, deploy, &transaction, &err) == PCE_OK, "%s",
		      err.text);
	t->fault = suite_below(r, 3) ? 0 : (int)suite_below(r, 4);
	/* A router that validates does no half that leaves references without their list. */
	if (t->fault == 3 && profile_table(t->b.profile)->levels[PROFILE_SHARED].path)
		t->fault = 1;
	result = run(t, transaction, DEPLOY_PREPARE);
	ck_assert_msg(!result.unknown, "seed %u: %s", seed, result.text);
	stands = result.status == PCE_OK;
	if (stands && suite_below(r, 3) == 0) {
		ck_assert_int_eq(run(t, transaction, DEPLOY_CANCEL).status, PCE_OK);
		stands = false;
	}
	ck_assert_msg(stands || same(before, t->b.held), "%s, seed %u: not as before (%s)",
		      t->b.kind->modules[0], seed, result.text ? result.text : "cancelled");
	lyd_free_all(before);
	gnmi_transaction_free(transaction);
	return stands;
}

/* Rates of both, or the histories show nothing. */
static unsigned stood, fell;

static void
history(struct target *t, struct gnmi_device_payload *payload, unsigned seed)
{
	const struct gnmi_transaction_setup setup = { .device = "r1",
						      .payload = &payload->payload };
	struct deploy_change changes[KEYS];
	struct arena arena = { 0 };
	struct model m = { 0 }, after;
	uint64_t r = seed;

	for (unsigned i = 0; i < 4; i++) {
		const struct deploy_transaction deploy = {
			.id = i + 1,
			.persist_id = "k",
			.changes = changes,
			.n_changes = choose(&r, t->b.kind, &arena, &m, &after, changes)
		};
		bool stands;

		if (deploy.n_changes == 0)
			continue;
		stands = one_transaction(t, &setup, &deploy, &r, seed);
		stood += stands;
		fell += !stands;
		if (stands)
			m = after;
	}
	arena_free(&arena);
}

START_TEST(transactions_in_every_shape_are_whole_or_undone)
{
	static struct target t;
	struct gnmi_device_payload payload;

	(void)router_read; /* of the fixture: for others */
	stood = fell = 0;
	bench_open(&t.b, &kinds[_i]);
	gnmi_device_payload_init(&payload, t.b.profile, &owner, "2001:db8::1");
	for (unsigned seed = 0; seed < suite_seeds(); seed++) {
		history(&t, &payload, seed);
		bench_reset(&t.b);
	}
	bench_close(&t.b);
	ck_assert_uint_gt(stood, 100);
	ck_assert_uint_gt(fell, 100);
}
END_TEST

START_TEST(policy_of_others_under_a_wanted_key_stays)
{
	static struct target t;
	struct gnmi_device_payload payload;
	const struct gnmi_transaction_setup setup = { .device = "r1", .payload = &payload.payload };
	struct arena arena = { 0 };
	uint64_t r = 1;
	struct srpolicy wanted = random_policy(&r, &arena, &kinds[0], 0);
	const struct deploy_change change = { DEPLOY_REPLACE, &wanted, NULL };
	const struct deploy_transaction deploy = { .id = 1, .changes = &change, .n_changes = 1 };
	struct gnmi_transaction *transaction;
	struct lyd_node *before = NULL;
	struct deploy_result result;

	bench_open(&t.b, &kinds[0]);
	gnmi_device_payload_init(&payload, t.b.profile, &owner, NULL);
	router_edit(&t.b, "<srv6-policies " KARST_NS "><policy>"
			  "<color>100</color><endpoint>2001:db8::1</endpoint><name>theirs</name>"
			  "</policy></srv6-policies>");
	ck_assert_int_eq(lyd_dup_siblings(t.b.held, NULL, LYD_DUP_RECURSIVE, &before), LY_SUCCESS);
	ck_assert_int_eq(gnmi_transaction_new(&setup, &deploy, &transaction, NULL), PCE_OK);
	result = run(&t, transaction, DEPLOY_PREPARE);
	ck_assert_int_eq(result.status, PCE_EXISTS);
	ck_assert(same(before, t.b.held));
	gnmi_transaction_free(transaction);
	lyd_free_all(before);
	bench_close(&t.b);
	arena_free(&arena);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("payload");

	tcase_add_loop_test(t, transactions_in_every_shape_are_whole_or_undone, 0, (int)N_KINDS);
	tcase_add_test(t, policy_of_others_under_a_wanted_key_stays);
	return suite_run("gnmi payload", t, 60);
}
