/* The transaction against a fake router: every path, every refusal, a loss at every operation. */
#include "southbound/netconf/transaction.h"

#include "southbound/netconf/xml.h"
#include "tests/netconf/fake_router.h"
#include "tests/support/suite.h"

#define MARK "]]>]]>"
#define FOREIGN 900 /* values from here on are not ours */

/* --- a payload of numbered policies: color and, as its name, a number --- */

static int
value_of(const struct srpolicy *policy)
{
	return policy != NULL ? atoi(policy->name) : 0;
}

static int
wanted(const struct deploy_change *c, bool inverse)
{
	return value_of(inverse ? c->before : c->action != DEPLOY_REMOVE ? c->policy : NULL);
}

static enum pce_status
fake_payload_edit(void *ctx, const struct deploy_change *changes, size_t n, bool inverse,
		  struct text *out, struct pce_error *err)
{
	(void)ctx;
	(void)err;
	for (size_t i = 0; i < n; i++)
		text_printf(out, "<p c=\"%u\" v=\"%d\"/>", changes[i].policy->color,
			    wanted(&changes[i], inverse));
	return PCE_OK;
}

static enum pce_status
fake_payload_filter(void *ctx, const struct deploy_change *changes, size_t n, struct text *out,
		    struct pce_error *err)
{
	(void)ctx;
	(void)changes;
	(void)n;
	(void)err;
	text_add(out, "<p/>");
	return PCE_OK;
}

static int
held(const char *data, uint32_t color)
{
	char key[64];
	const char *p;

	snprintf(key, sizeof key, "<p xmlns=\"urn:p\" c=\"%u\" v=\"", color);
	p = strstr(data, key);
	return p != NULL ? atoi(p + strlen(key)) : 0;
}

static enum pce_status
fake_payload_owned(void *ctx, const struct deploy_change *changes, size_t n, const char *data,
		   size_t len, struct pce_error *err)
{
	(void)ctx;
	(void)len;
	for (size_t i = 0; i < n; i++)
		if (held(data, changes[i].policy->color) >= FOREIGN)
			return pce_fail(err, PCE_EXISTS, "policy %u is not ours",
					changes[i].policy->color);
	return PCE_OK;
}

static enum pce_status
fake_payload_verify(void *ctx, const struct deploy_change *changes, size_t n, bool inverse,
		    const char *data, size_t len, struct pce_error *err)
{
	(void)ctx;
	(void)len;
	for (size_t i = 0; i < n; i++)
		if (held(data, changes[i].policy->color) != wanted(&changes[i], inverse))
			return pce_fail(err, PCE_UNSUPPORTED, "policy %u is not as committed",
					changes[i].policy->color);
	return PCE_OK;
}

static const struct netconf_payload payload = { NULL, fake_payload_edit, fake_payload_filter,
						fake_payload_owned, fake_payload_verify };

/* --- the world of one test --- */

static const struct srpolicy one[] = { { .color = 1, .name = "1" },
				       { .color = 2, .name = "1" },
				       { .color = 3, .name = "1" } };
static const struct srpolicy two[] = { { .color = 1, .name = "2" },
				       { .color = 2, .name = "2" },
				       { .color = 3, .name = "2" } };
/* 1: changed from 1 to 2; 2: new, 2; 3: removed, was 1. */
static const struct deploy_change changes[] = { { DEPLOY_REPLACE, &two[0], &one[0] },
						{ DEPLOY_REPLACE, &two[1], NULL },
						{ DEPLOY_REMOVE, &two[2], &one[2] } };
static const struct fake_config config_old = { { 0, 1, 0, 1, 0, FOREIGN } };
static const struct fake_config config_new = { { 0, 2, 2, 0, 0, FOREIGN } };

struct world {
	struct fake_router router;
	struct netconf_session *session;
	struct netconf_transaction *t;
	struct deploy_transaction deploy;
	struct config_profile profile;
	struct usec now;
	bool in_doubt;
	int lose_at; /* the connection ends after so many operations, replies unread; -1 never */
	bool lost;
};

static void
feed(struct world *w, const char *text)
{
	struct netconf_event e;

	if (netconf_input(w->session, text, strlen(text), w->now, NULL))
		return;
	while (netconf_next(w->session, &e)) {
		if (e.kind == NETCONF_REPLY)
			ck_assert(netconf_transaction_reply(w->t, w->session, &e, w->now));
		netconf_event_free(&e);
	}
}

static void
connect_world(struct world *w)
{
	size_t len;

	netconf_session_free(w->session);
	ck_assert_int_eq(netconf_session_new(NULL, w->now, &w->session, NULL), PCE_OK);
	netconf_output(w->session, &len);
	netconf_output_sent(w->session, len);
	feed(w, "<hello xmlns=\"" NETCONF_NS "\"><capabilities><capability>"
		"urn:ietf:params:netconf:base:1.0</capability><capability>" NETCONF_CANDIDATE
		"</capability>");
	if (w->router.confirmed_commit)
		feed(w, "<capability>" NETCONF_CONFIRMED_COMMIT "</capability>");
	feed(w, "</capabilities><session-id>7</session-id></hello>" MARK);
	w->lost = false;
}

static void
make_transaction(struct world *w)
{
	const struct netconf_transaction_setup setup = { "r1",        &w->profile, &payload,
							 w->in_doubt, 0,           5 };

	netconf_transaction_free(w->t);
	ck_assert_int_eq(netconf_transaction_new(&setup, &w->deploy, &w->t, NULL), PCE_OK);
}

static void
setup_world(struct world *w, bool confirmed)
{
	*w = (struct world){ .lose_at = -1 };
	w->router.confirmed_commit = confirmed;
	w->router.running = w->router.candidate = config_old;
	w->profile = (struct config_profile){ .name = "x", .no_validate = true, .batch = 2 };
	w->deploy = (struct deploy_transaction){ .id = 11,
						 .device = "r1",
						 .persist_id = "k-<11>",
						 .confirm_timeout_s = 60,
						 .changes = changes,
						 .n_changes = 3 };
	make_transaction(w);
	connect_world(w);
}

static void
free_world(struct world *w)
{
	netconf_transaction_free(w->t);
	netconf_session_free(w->session);
	text_free(&w->router.log);
}

static void
lose(struct world *w)
{
	const struct pce_error why = { .status = PCE_UNREACHABLE, .text = "gone" };

	w->lost = true;
	fake_close(&w->router);
	netconf_transaction_lost(w->t, &why, w->now);
}

/* Answers what waits in the output; false when nothing does. */
static bool
serve(struct world *w)
{
	size_t len;
	const char *out = netconf_output(w->session, &len);
	const char *end = len ? strstr(out, MARK) : NULL;
	char request[4096], reply[2048];
	unsigned long long id = 0;
	const char *answer;

	if (end == NULL || w->lost)
		return false;
	snprintf(request, sizeof request, "%.*s", (int)(end - out), out);
	netconf_output_sent(w->session, (size_t)(end - out) + 6);
	sscanf(strstr(request, "message-id=\""), "message-id=\"%llu", &id);
	answer = fake_answer(&w->router, request);
	if (w->lose_at >= 0 && w->lose_at-- == 0) {
		lose(w);
		return false;
	}
	snprintf(reply, sizeof reply,
		 "<rpc-reply xmlns=\"" NETCONF_NS "\" message-id=\"%llu\">%s</rpc-reply>" MARK, id,
		 answer);
	feed(w, reply);
	return true;
}

/* Runs a phase to its result; time passes only while nothing else can. */
static struct deploy_result
run(struct world *w, enum deploy_phase phase)
{
	struct deploy_result r = { .status = PCE_INTERNAL };

	w->now.v += 1000;
	ck_assert_int_eq(netconf_transaction_run(w->t, w->session, phase, w->now, NULL), PCE_OK);
	for (int i = 0; i < 10000 && !netconf_transaction_result(w->t, &r); i++) {
		if (serve(w) || w->lost)
			continue;
		w->now = netconf_transaction_deadline(w->t);
		ck_assert_int_lt(w->now.v, USEC_NEVER.v);
		netconf_transaction_tick(w->t, w->session, w->now);
	}
	ck_assert_int_ne(r.status, PCE_INTERNAL);
	ck_assert_int_eq(r.phase, phase);
	ck_assert_uint_eq(r.id, 11);
	return r;
}

static bool
is_config(const struct fake_config *a, const struct fake_config *b)
{
	return memcmp(a, b, sizeof *a) == 0;
}

/* Nothing of ours is left behind: no lock, no edit, no pending commit. */
static void
assert_clean(const struct world *w, const struct fake_config *config)
{
	ck_assert(is_config(&w->router.running, config));
	ck_assert(!fake_dirty(&w->router));
	ck_assert(!w->router.pending);
	ck_assert_uint_eq(w->router.running_lock | w->router.candidate_lock, 0);
	ck_assert(!netconf_transaction_is_stuck(w->t) ||
		  (w->router.fail != NULL && strcmp(w->router.fail, "discard") == 0));
}

/* --- the straight ways --- */

START_TEST(prepare_confirm_makes_it_permanent)
{
	struct world w;
	struct deploy_result r;

	setup_world(&w, true);
	r = run(&w, DEPLOY_PREPARE);
	ck_assert_int_eq(r.status, PCE_OK);
	ck_assert(r.times.started.v <= r.times.locked.v && r.times.read_back.v <= r.times.done.v);
	ck_assert(netconf_transaction_is_pending(w.t));
	ck_assert(is_config(&w.router.running, &config_new));
	ck_assert(w.router.pending);
	ck_assert_uint_eq(w.router.running_lock, 7);
	r = run(&w, DEPLOY_CONFIRM);
	ck_assert_int_eq(r.status, PCE_OK);
	assert_clean(&w, &config_new);
	ck_assert(!netconf_transaction_is_pending(w.t));
	ck_assert_str_eq(text_get(&w.router.log), "RKGEECGFuv");
	free_world(&w);
}
END_TEST

START_TEST(prepare_cancel_takes_it_back)
{
	for (int keeps = 0; keeps < 2; keeps++) {
		struct world w;

		setup_world(&w, true);
		w.router.keeps_candidate = keeps;
		ck_assert_int_eq(run(&w, DEPLOY_PREPARE).status, PCE_OK);
		ck_assert_int_eq(run(&w, DEPLOY_CANCEL).status, PCE_OK);
		assert_clean(&w, &config_old);
		ck_assert_str_eq(text_get(&w.router.log), "RKGEECGXGDuv");
		free_world(&w);
	}
}
END_TEST

/* A router that gives the lock, with a change in its candidate that was rolled back. */
START_TEST(prepare_in_doubt_discards_before_it_edits)
{
	struct world w;

	setup_world(&w, true);
	w.in_doubt = true;
	make_transaction(&w);
	ck_assert_int_eq(run(&w, DEPLOY_PREPARE).status, PCE_OK);
	ck_assert_str_eq(text_get(&w.router.log), "RKGDEECG");
	free_world(&w);
}
END_TEST

START_TEST(rollback_that_did_not_happen_is_told)
{
	for (int quirk = 0; quirk < 2; quirk++) {
		struct world w;
		struct deploy_result r;

		setup_world(&w, true);
		w.router.lies_about_cancel = true;
		w.profile.no_running_lock = quirk;
		ck_assert_int_eq(run(&w, DEPLOY_PREPARE).status, PCE_OK);
		r = run(&w, DEPLOY_CANCEL);
		if (quirk) {
			ck_assert_int_eq(r.status, PCE_OK);
			assert_clean(&w, &config_old);
		} else {
			ck_assert_int_eq(r.status, PCE_UNSUPPORTED);
			ck_assert(r.unknown);
			ck_assert_ptr_nonnull(strstr(r.text, "but running is not as before"));
		}
		free_world(&w);
	}
}
END_TEST

START_TEST(without_confirmed_commit_cancel_is_the_inverse_edit)
{
	struct world w;

	setup_world(&w, false);
	ck_assert_int_eq(run(&w, DEPLOY_PREPARE).status, PCE_OK);
	ck_assert(!netconf_transaction_is_pending(w.t));
	ck_assert_int_eq(run(&w, DEPLOY_CANCEL).status, PCE_OK);
	assert_clean(&w, &config_old);
	ck_assert_str_eq(text_get(&w.router.log), "RKGEEPGEEPGuv");
	free_world(&w);
	setup_world(&w, false);
	ck_assert_int_eq(run(&w, DEPLOY_PREPARE).status, PCE_OK);
	ck_assert_int_eq(run(&w, DEPLOY_CONFIRM).status, PCE_OK);
	assert_clean(&w, &config_new);
	ck_assert_str_eq(text_get(&w.router.log), "RKGEEPGuv");
	free_world(&w);
}
END_TEST

START_TEST(profile_forbids_confirmed_commit)
{
	struct world w;

	setup_world(&w, true);
	w.profile.no_confirmed_commit = true;
	ck_assert_int_eq(run(&w, DEPLOY_PREPARE).status, PCE_OK);
	ck_assert_int_eq(run(&w, DEPLOY_CONFIRM).status, PCE_OK);
	ck_assert_str_eq(text_get(&w.router.log), "RKGEEPGuv");
	free_world(&w);
}
END_TEST

START_TEST(no_candidate_is_unsupported)
{
	struct world w;
	struct deploy_result r;

	setup_world(&w, true);
	netconf_session_free(w.session);
	ck_assert_int_eq(netconf_session_new(NULL, w.now, &w.session, NULL), PCE_OK);
	feed(&w, "<hello xmlns=\"" NETCONF_NS "\"><capabilities><capability>"
		 "urn:ietf:params:netconf:base:1.0</capability></capabilities>"
		 "<session-id>7</session-id></hello>" MARK);
	ck_assert_int_eq(netconf_transaction_run(w.t, w.session, DEPLOY_PREPARE, w.now, NULL),
			 PCE_OK);
	ck_assert(netconf_transaction_result(w.t, &r));
	ck_assert_int_eq(r.status, PCE_UNSUPPORTED);
	ck_assert_str_eq(r.text, "router r1: it has no candidate datastore");
	free_world(&w);
}
END_TEST

/* --- what is not ours --- */

START_TEST(foreign_policy_under_our_key_is_refused)
{
	struct world w;
	struct fake_config there = config_old;
	struct deploy_result r;

	setup_world(&w, true);
	there.value[2] = FOREIGN + 1;
	w.router.running = w.router.candidate = there;
	r = run(&w, DEPLOY_PREPARE);
	ck_assert_int_eq(r.status, PCE_EXISTS);
	ck_assert(!r.retry && !r.unknown);
	ck_assert_str_eq(r.text, "router r1: policy 2 is not ours");
	assert_clean(&w, &there);
	ck_assert_str_eq(text_get(&w.router.log), "RKGuv");
	free_world(&w);
}
END_TEST

START_TEST(lock_held_is_waited_for_and_its_holder_reported)
{
	struct world w;
	struct deploy_result r;

	setup_world(&w, true);
	w.router.candidate_lock = 55;
	r = run(&w, DEPLOY_PREPARE);
	ck_assert_int_eq(r.status, PCE_CONFLICT);
	ck_assert(r.retry && !r.unknown);
	ck_assert_uint_eq(r.holder_session, 55);
	ck_assert_ptr_nonnull(strstr(r.text, "router r1: lock of candidate: lock-denied"));
	ck_assert_ptr_nonnull(strstr(r.text, "held by session 55"));
	ck_assert_uint_eq(w.router.running_lock, 0);
	ck_assert_int_ge(w.now.v, 3 * USEC_PER_S);
	ck_assert_int_lt((int)w.router.log.len, 60); /* backs off */
	free_world(&w);
}
END_TEST

START_TEST(lock_given_back_in_time_is_taken)
{
	struct world w;
	struct deploy_result r;

	setup_world(&w, true);
	w.router.fail = "lock-running";
	w.router.fail_after = 0;
	ck_assert_int_eq(netconf_transaction_run(w.t, w.session, DEPLOY_PREPARE, w.now, NULL),
			 PCE_OK);
	for (int i = 0; i < 4; i++)
		serve(&w);
	ck_assert_int_lt(netconf_transaction_deadline(w.t).v, USEC_NEVER.v);
	w.router.fail = NULL;
	w.now = netconf_transaction_deadline(w.t);
	netconf_transaction_tick(w.t, w.session, w.now);
	while (serve(&w))
		;
	ck_assert(netconf_transaction_result(w.t, &r));
	ck_assert_int_eq(r.status, PCE_OK);
	ck_assert_str_eq(text_get(&w.router.log), "RKGvRKGEECG");
	free_world(&w);
}
END_TEST

START_TEST(dirty_candidate_is_left_as_it_is)
{
	struct world w;
	struct deploy_result r;
	struct fake_config theirs;

	setup_world(&w, true);
	w.router.candidate.value[9] = FOREIGN + 9;
	theirs = w.router.candidate;
	r = run(&w, DEPLOY_PREPARE);
	ck_assert_int_eq(r.status, PCE_CONFLICT);
	ck_assert(r.retry);
	ck_assert(is_config(&w.router.candidate, &theirs));
	ck_assert(is_config(&w.router.running, &config_old));
	ck_assert_ptr_null(strchr(text_get(&w.router.log), 'D'));
	free_world(&w);
}
END_TEST

START_TEST(dirty_candidate_behind_a_weak_lock_is_left_as_it_is)
{
	struct world w;
	struct deploy_result r;
	struct fake_config theirs;

	setup_world(&w, false);
	w.router.weak_lock = w.profile.weak_lock = true;
	ck_assert_int_eq(run(&w, DEPLOY_PREPARE).status, PCE_OK);
	ck_assert_int_eq(run(&w, DEPLOY_CANCEL).status, PCE_OK);
	ck_assert_str_eq(text_get(&w.router.log), "RKGGGEEPGEEPGuv");
	w.router.candidate.value[9] = FOREIGN + 9;
	theirs = w.router.candidate;
	r = run(&w, DEPLOY_PREPARE);
	ck_assert_int_eq(r.status, PCE_CONFLICT);
	ck_assert(r.retry && !r.unknown);
	ck_assert_ptr_nonnull(strstr(r.text, "somebody's edits"));
	ck_assert(is_config(&w.router.candidate, &theirs));
	ck_assert(is_config(&w.router.running, &config_old));
	ck_assert_uint_eq(w.router.running_lock | w.router.candidate_lock, 0);
	free_world(&w);
}
END_TEST

START_TEST(late_confirm_waits_for_a_dirty_candidate)
{
	struct world w;
	struct deploy_result r;

	setup_world(&w, true);
	ck_assert_int_eq(run(&w, DEPLOY_PREPARE).status, PCE_OK);
	lose(&w);
	w.router.candidate.value[9] = FOREIGN + 9;
	make_transaction(&w);
	connect_world(&w);
	r = run(&w, DEPLOY_CONFIRM);
	ck_assert_int_eq(r.status, PCE_CONFLICT);
	ck_assert(w.router.pending);
	ck_assert_int_eq(w.router.candidate.value[9], FOREIGN + 9);
	ck_assert_int_eq(w.router.running.value[9], 0);
	free_world(&w);
}
END_TEST

/* --- after a lost connection or a restart --- */

START_TEST(late_confirm_and_cancel_need_only_the_persist_id)
{
	for (int i = 0; i < 4; i++) {
		enum deploy_phase phase = i % 2 ? DEPLOY_CONFIRM : DEPLOY_CANCEL;
		struct world w;

		setup_world(&w, true);
		ck_assert_int_eq(run(&w, DEPLOY_PREPARE).status, PCE_OK);
		lose(&w);
		if (i < 2)
			make_transaction(&w);
		connect_world(&w);
		ck_assert_int_eq(run(&w, phase).status, PCE_OK);
		assert_clean(&w, i % 2 ? &config_new : &config_old);
		ck_assert_str_eq(text_get(&w.router.log), i % 2   ? "RKGEECGKFv"
							  : i < 2 ? "RKGEECGX"
								  : "RKGEECGXG");
		free_world(&w);
	}
}
END_TEST

START_TEST(late_confirm_without_a_lock_compares_first)
{
	for (int dirty = 0; dirty < 2; dirty++) {
		struct world w;
		struct deploy_result r;

		setup_world(&w, true);
		w.router.no_lock_while_pending = true;
		ck_assert_int_eq(run(&w, DEPLOY_PREPARE).status, PCE_OK);
		lose(&w);
		w.router.candidate.value[9] = dirty ? FOREIGN : 0;
		connect_world(&w);
		r = run(&w, DEPLOY_CONFIRM);
		if (dirty) {
			ck_assert_int_eq(r.status, PCE_CONFLICT);
			ck_assert_ptr_nonnull(strstr(r.text, "somebody's edits"));
			ck_assert(r.retry && w.router.pending);
			ck_assert_int_eq(w.router.running.value[9], 0);
		} else {
			ck_assert_int_eq(r.status, PCE_OK);
			assert_clean(&w, &config_new);
			ck_assert_str_eq(text_get(&w.router.log), "RKGEECGKGGF");
		}
		free_world(&w);
	}
}
END_TEST

START_TEST(late_confirm_after_rollback_is_unknown)
{
	struct world w;
	struct deploy_result r;

	setup_world(&w, true);
	ck_assert_int_eq(run(&w, DEPLOY_PREPARE).status, PCE_OK);
	lose(&w);
	fake_rollback(&w.router);
	connect_world(&w);
	r = run(&w, DEPLOY_CONFIRM);
	ck_assert_int_eq(r.status, PCE_INVALID);
	ck_assert(r.unknown);
	assert_clean(&w, &config_old);
	free_world(&w);
}
END_TEST

START_TEST(confirm_after_rollback_under_our_lock_leaves_no_edit)
{
	struct world w;
	struct deploy_result r;

	setup_world(&w, true);
	w.router.keeps_candidate = true;
	ck_assert_int_eq(run(&w, DEPLOY_PREPARE).status, PCE_OK);
	fake_rollback(&w.router);
	ck_assert(fake_dirty(&w.router));
	r = run(&w, DEPLOY_CONFIRM);
	ck_assert(r.status != PCE_OK && r.unknown);
	assert_clean(&w, &config_old);
	free_world(&w);
}
END_TEST

START_TEST(late_cancel_without_confirmed_commit_is_the_inverse_edit)
{
	struct world w;

	setup_world(&w, false);
	ck_assert_int_eq(run(&w, DEPLOY_PREPARE).status, PCE_OK);
	lose(&w);
	make_transaction(&w);
	connect_world(&w);
	ck_assert_int_eq(run(&w, DEPLOY_CANCEL).status, PCE_OK);
	assert_clean(&w, &config_old);
	free_world(&w);
}
END_TEST

/* --- refusals and losses everywhere --- */

static const char *const refusals[] = { "lock-running", "lock-candidate", "get",
					"edit",         "commit",         "validate",
					"cancel",       "discard",        "confirm" };

/* Whatever is refused, and at whichever time: the result tells the truth about the router, locks
 * are given back, and others' policies stay. */
START_TEST(any_refusal_is_told_and_unwound)
{
	int n = (int)(sizeof refusals / sizeof *refusals);

	for (int i = 0; i < n * 3 * 4; i++) {
		struct world w;
		struct deploy_result r;

		setup_world(&w, i / (n * 3) % 2);
		w.router.loses_edit = i / (n * 6);
		w.profile.no_validate = i % 2;
		w.router.fail = refusals[i % n];
		w.router.fail_after = i / n % 3;
		r = run(&w, DEPLOY_PREPARE);
		if (r.status != PCE_OK && !r.unknown)
			assert_clean(&w, &config_old);
		if (r.status == PCE_OK) {
			ck_assert(is_config(&w.router.running, &config_new));
			r = run(&w, i % 2 ? DEPLOY_CONFIRM : DEPLOY_CANCEL);
			if (r.status == PCE_OK)
				assert_clean(&w, i % 2 ? &config_new : &config_old);
			else
				ck_assert(r.unknown || r.retry);
		}
		ck_assert_int_eq(w.router.running.value[5], FOREIGN);
		ck_assert_uint_eq(w.router.running_lock | w.router.candidate_lock, 0);
		free_world(&w);
	}
}
END_TEST

START_TEST(commit_that_differs_is_taken_back)
{
	for (int confirmed = 0; confirmed < 2; confirmed++) {
		struct world w;
		struct deploy_result r;

		setup_world(&w, confirmed);
		w.router.loses_edit = true;
		r = run(&w, DEPLOY_PREPARE);
		ck_assert_int_eq(r.status, PCE_UNSUPPORTED);
		ck_assert_str_eq(r.text, "router r1: policy 1 is not as committed");
		ck_assert(!r.unknown && !r.retry);
		assert_clean(&w, &config_old);
		ck_assert_str_eq(text_get(&w.router.log),
				 confirmed ? "RKGEECGXGDuv" : "RKGEEPGEEPGuv");
		free_world(&w);
	}
}
END_TEST

/* The connection ends after each operation in turn, its reply unread. If the result does not say
 * "unknown" the router holds the old; a late cancel always brings the old back. */
START_TEST(loss_at_any_operation_can_be_cancelled_late)
{
	for (int i = 0; i < 2 * 7; i++) {
		bool confirmed = i % 2;
		struct world w;
		struct deploy_result r;

		setup_world(&w, confirmed);
		w.lose_at = i / 2;
		r = run(&w, DEPLOY_PREPARE);
		ck_assert_int_eq(r.status, PCE_UNREACHABLE);
		ck_assert(r.retry);
		ck_assert_int_eq(r.unknown, i / 2 >= 5);
		if (!r.unknown)
			ck_assert(is_config(&w.router.running, &config_old));
		w.lose_at = -1;
		make_transaction(&w);
		connect_world(&w);
		r = run(&w, DEPLOY_CANCEL);
		ck_assert(r.status == PCE_OK || (confirmed && i / 2 < 5 && r.unknown));
		assert_clean(&w, &config_old);
		free_world(&w);
	}
}
END_TEST

START_TEST(loss_during_confirm_is_unknown)
{
	for (int at = 0; at < 3; at++) {
		struct world w;
		struct deploy_result r;

		setup_world(&w, true);
		ck_assert_int_eq(run(&w, DEPLOY_PREPARE).status, PCE_OK);
		w.lose_at = at;
		r = run(&w, DEPLOY_CONFIRM);
		ck_assert_int_eq(r.status, PCE_UNREACHABLE);
		ck_assert(r.unknown && r.retry);
		free_world(&w);
	}
}
END_TEST

START_TEST(stop_before_commit_leaves_nothing)
{
	for (int after = 0; after < 6; after++) {
		struct world w;
		struct deploy_result r;

		setup_world(&w, true);
		ck_assert_int_eq(
		    netconf_transaction_run(w.t, w.session, DEPLOY_PREPARE, w.now, NULL), PCE_OK);
		for (int i = 0; i < after; i++)
			serve(&w);
		netconf_transaction_stop(w.t, w.session, w.now);
		while (serve(&w))
			;
		ck_assert(netconf_transaction_result(w.t, &r));
		if (after < 5) {
			ck_assert_int_eq(r.status, PCE_CONFLICT);
			assert_clean(&w, &config_old);
		} else {
			ck_assert_int_eq(r.status, PCE_OK);
		}
		free_world(&w);
	}
}
END_TEST

START_TEST(second_phase_while_one_runs_is_conflict)
{
	struct world w;
	struct pce_error err = { 0 };

	setup_world(&w, true);
	ck_assert_int_eq(netconf_transaction_run(w.t, w.session, DEPLOY_PREPARE, w.now, NULL),
			 PCE_OK);
	ck_assert_int_eq(netconf_transaction_run(w.t, w.session, DEPLOY_CANCEL, w.now, &err),
			 PCE_CONFLICT);
	ck_assert_ptr_nonnull(strstr(err.text, "transaction 11 is still running"));
	free_world(&w);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("transaction");

	tcase_add_test(t, prepare_confirm_makes_it_permanent);
	tcase_add_test(t, prepare_cancel_takes_it_back);
	tcase_add_test(t, prepare_in_doubt_discards_before_it_edits);
	tcase_add_test(t, rollback_that_did_not_happen_is_told);
	tcase_add_test(t, without_confirmed_commit_cancel_is_the_inverse_edit);
	tcase_add_test(t, profile_forbids_confirmed_commit);
	tcase_add_test(t, no_candidate_is_unsupported);
	tcase_add_test(t, foreign_policy_under_our_key_is_refused);
	tcase_add_test(t, lock_held_is_waited_for_and_its_holder_reported);
	tcase_add_test(t, lock_given_back_in_time_is_taken);
	tcase_add_test(t, dirty_candidate_is_left_as_it_is);
	tcase_add_test(t, dirty_candidate_behind_a_weak_lock_is_left_as_it_is);
	tcase_add_test(t, late_confirm_waits_for_a_dirty_candidate);
	tcase_add_test(t, late_confirm_and_cancel_need_only_the_persist_id);
	tcase_add_test(t, late_confirm_without_a_lock_compares_first);
	tcase_add_test(t, late_confirm_after_rollback_is_unknown);
	tcase_add_test(t, confirm_after_rollback_under_our_lock_leaves_no_edit);
	tcase_add_test(t, late_cancel_without_confirmed_commit_is_the_inverse_edit);
	tcase_add_test(t, any_refusal_is_told_and_unwound);
	tcase_add_test(t, commit_that_differs_is_taken_back);
	tcase_add_test(t, loss_at_any_operation_can_be_cancelled_late);
	tcase_add_test(t, loss_during_confirm_is_unknown);
	tcase_add_test(t, stop_before_commit_leaves_nothing);
	tcase_add_test(t, second_phase_while_one_runs_is_conflict);
	return suite_run("netconf-transaction", t, 60);
}
