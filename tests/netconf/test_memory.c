/*
 * Memory runs out at the first, the second, … allocation, until a whole conversation with a
 * confirmed change goes well: nothing leaks (the sanitizer tells), outputs stay as they were, a
 * session that lost something says so, and no result claims what did not happen.
 */
#include <stdlib.h>
#include <string.h>

#include "southbound/netconf/transaction.h"
#include "tests/netconf/fake_router.h"
#include "tests/support/failing.h"
#include "tests/support/suite.h"

#define MARK "]]>]]>"

/* --- a change of one policy, whose number is its name --- */

static enum pce_status
edit(void *ctx, const struct deploy_change *changes, size_t n, bool inverse, struct text *out,
     struct pce_error *err)
{
	(void)ctx;
	(void)n;
	(void)err;
	(void)inverse;
	text_printf(out, "<p c=\"%u\" v=\"2\"/>", changes[0].policy->color);
	return text_ok(out) ? PCE_OK : pce_no_memory(err);
}

static enum pce_status
filter(void *ctx, const struct deploy_change *changes, size_t n, struct text *out,
       struct pce_error *err)
{
	(void)ctx;
	(void)changes;
	(void)n;
	text_add(out, "<p/>");
	return text_ok(out) ? PCE_OK : pce_no_memory(err);
}

static enum pce_status
owned(void *ctx, const struct deploy_change *changes, size_t n, const char *data, size_t len,
      struct pce_error *err)
{
	(void)ctx;
	(void)changes;
	(void)n;
	(void)data;
	(void)len;
	(void)err;
	return PCE_OK;
}

static enum pce_status
verify(void *ctx, const struct deploy_change *changes, size_t n, bool inverse, const char *data,
       size_t len, struct pce_error *err)
{
	(void)ctx;
	(void)changes;
	(void)n;
	(void)inverse;
	(void)len;
	return strstr(data, "v=\"2\"") != NULL ? PCE_OK
					       : pce_fail(err, PCE_UNSUPPORTED, "not there");
}

static const struct netconf_payload payload = { NULL, edit, filter, owned, verify };
static const struct srpolicy policy = { .color = 3, .name = "2" };
static const struct deploy_change change = { DEPLOY_REPLACE, &policy, NULL };
static const struct deploy_transaction deploy = { .id = 1,
						  .device = "r1",
						  .persist_id = "p",
						  .confirm_timeout_s = 60,
						  .changes = &change,
						  .n_changes = 1 };

static const char hello[] =
    "<hello xmlns=\"" NETCONF_NS "\"><capabilities><capability>"
    "urn:ietf:params:netconf:base:1.0</capability><capability>" NETCONF_CANDIDATE
    "</capability><capability>" NETCONF_CONFIRMED_COMMIT
    "</capability></capabilities><session-id>7</session-id></hello>" MARK;

/* Check allocates too, so it is only asked when something is wrong. */
#define require(what)                                                                              \
	do {                                                                                       \
		if (!(what)) {                                                                     \
			failing_stop();                                                            \
			ck_abort_msg("allocation %ld: not %s", current, #what);                    \
		}                                                                                  \
	} while (0)

static long current;

struct play {
	struct fake_router router;
	struct netconf_session *session;
	struct netconf_transaction *t;
	struct pce_error end; /* why the session ended */
};

static enum pce_status
feed(struct play *p, const char *text)
{
	enum pce_status status =
	    netconf_input(p->session, text, strlen(text), (struct usec){ 1 }, &p->end);
	struct netconf_event e;

	while (netconf_next(p->session, &e)) {
		if (e.kind == NETCONF_REPLY && p->t != NULL)
			netconf_transaction_reply(p->t, p->session, &e, (struct usec){ 1 });
		netconf_event_free(&e);
	}
	return status;
}

/* Answers requests until none is left. The router itself never runs out of memory. */
static enum pce_status
serve(struct play *p)
{
	enum pce_status status = PCE_OK;
	size_t len;

	for (;;) {
		const char *out = netconf_output(p->session, &len), *end;
		char request[4096], reply[2048];
		unsigned long long id = 0;

		if (len == 0 || status)
			return status;
		end = strstr(out, MARK);
		snprintf(request, sizeof request, "%.*s", (int)(end - out), out);
		netconf_output_sent(p->session, (size_t)(end - out) + 6);
		sscanf(strstr(request, "message-id=\""), "message-id=\"%llu", &id);
		failing_pause();
		snprintf(reply, sizeof reply,
			 "<rpc-reply xmlns=\"" NETCONF_NS
			 "\" message-id=\"%llu\">%s</rpc-reply>" MARK,
			 id, fake_answer(&p->router, request));
		failing_resume();
		status = feed(p, reply);
	}
}

/* A phase to its end; a session that broke is told as its owner does. */
static struct deploy_result
phase(struct play *p, enum deploy_phase which)
{
	struct deploy_result r = { .status = PCE_INTERNAL };

	if (netconf_transaction_run(p->t, p->session, which, (struct usec){ 1 }, NULL))
		return r;
	if (serve(p)) {
		fake_close(&p->router);
		netconf_transaction_lost(p->t, &p->end, (struct usec){ 1 });
	}
	require(netconf_transaction_result(p->t, &r));
	return r;
}

/* The whole conversation. True if it went well to the end. */
static bool
converse(struct play *p)
{
	static const struct config_profile profile = { .name = "x", .no_validate = true };
	const struct netconf_transaction_setup setup = { "r1", &profile, &payload, true, 0, 5 };
	struct deploy_result r;
	size_t len;

	if (netconf_session_new(NULL, (struct usec){ 0 }, &p->session, NULL)) {
		require(p->session == NULL);
		return false;
	}
	netconf_output(p->session, &len);
	netconf_output_sent(p->session, len);
	if (feed(p, hello)) {
		require(p->end.status == PCE_NO_MEMORY);
		require(!netconf_is_open(p->session));
		return false;
	}
	if (netconf_transaction_new(&setup, &deploy, &p->t, NULL)) {
		require(p->t == NULL);
		return false;
	}
	r = phase(p, DEPLOY_PREPARE);
	if (r.status) {
		/* What the result calls known is so. */
		if (!r.unknown && !netconf_transaction_is_stuck(p->t))
			require(p->router.running.value[3] == 1);
		return false;
	}
	require(p->router.running.value[3] == 2);
	r = phase(p, DEPLOY_CONFIRM);
	if (r.status == PCE_OK)
		require(!p->router.pending);
	else
		require(r.unknown || r.retry);
	return r.status == PCE_OK;
}

START_TEST(memory_runs_out_at_every_allocation)
{
	bool done = false;
	long n = 1;

	for (; !done; n++) {
		struct play p = { .router = { .confirmed_commit = true } };
		long live = failing_live();

		p.router.running.value[3] = p.router.candidate.value[3] = 1;
		current = n;
		failing_at((unsigned long)n);
		done = converse(&p);
		done = !failing_stop() && done;
		netconf_transaction_free(p.t);
		netconf_session_free(p.session);
		text_free(&p.router.log);
		ck_assert_msg(failing_live() == live, "allocation %ld: a leak", n);
		ck_assert_int_lt(n, 5000);
	}
	ck_assert_int_gt(n, 40);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("memory");

	tcase_add_test(t, memory_runs_out_at_every_allocation);
	return suite_run("netconf-memory", t, 60);
}
