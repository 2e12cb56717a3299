/*
 * The driver and netconfd (yuma123), an independent server, with ncclient as somebody else at the
 * same router. Every fixture holds a policy that is not Karst's; the whole datastore is compared
 * before and after by the independent client.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "southbound/profile/profile.h"
#include "tests/interop/world.h"
#include "tests/support/suite.h"

static struct world w;
static struct child *netconfd, *sshd, *other;
static struct config_device config;
static struct driver_device *device;
static uint64_t last_effect;
static struct deploy_change changes[600];

/*
 * Waits for a session that the server has taken as well, and gives what it read there. The driver
 * is up once it has the server's hello; netconfd behind its netconf-subsystem may still drop such a
 * session (it has been seen on a slow machine, just after netconfd's start), and the driver then
 * connects again.
 */
static const struct seen *
settle_up(void)
{
	const struct seen *s = NULL;

	for (int tries = 0; tries < 10 && (s == NULL || s->status != PCE_OK); tries++) {
		world_wait(&w, SERVICE_DEVICE_UP, 0);
		if (w.driver->ops->read(device, ++last_effect, NULL) == PCE_OK)
			s = world_wait(&w, SERVICE_DEVICE_READ, last_effect);
	}
	ck_assert_msg(s != NULL && s->status == PCE_OK, "%s",
		      s && s->text ? s->text : "no session holds");
	return s;
}

static void
open_device(void)
{
	ck_assert_int_eq(
	    w.driver->ops->open(w.driver, &config, profile_builtin("yuma"), &device, NULL), PCE_OK);
	settle_up();
}

static char *
ask_other(const char *line)
{
	return strdup(child_ask(other, line));
}

static void
expect_ok(const char *line)
{
	const char *answer = child_ask(other, line);

	ck_assert_msg(strncmp(answer, "ok", 2) == 0, "%s: %s", line, answer);
}

/* A server with a stranger's policy, the driver connected to it, and somebody else. */
static void
begin(void)
{
	uint16_t port = world_ports(1);

	world_make(&w);
	world_netconfd(&w, port, &netconfd, &sshd);
	other = world_client(&w, port);
	expect_ok("edit 999 operator-manual");
	expect_ok("commit");
	config = world_device(&w, "y1", port, "yuma");
	open_device();
}

static void
end(void)
{
	w.driver->ops->close(device);
	world_end(&w);
}

static struct deploy_transaction
transaction(uint32_t timeout_s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		changes[i] =
		    (struct deploy_change){ DEPLOY_REPLACE,
					    world_policy(&w, 100 + (uint32_t)i, 1, 3), NULL };
	return (struct deploy_transaction){ .id = 7,
					    .device = "y1",
					    .persist_id = "karst-<7>&",
					    .confirm_timeout_s = timeout_s,
					    .changes = changes,
					    .n_changes = n };
}

static const struct seen *
apply(enum deploy_phase phase, const struct deploy_transaction *t)
{
	struct pce_error err = { 0 };

	ck_assert_msg(w.driver->ops->apply(device, ++last_effect, phase, t, &err) == PCE_OK,
		      "%s; last lost: %s", err.text, world_last_loss(&w));
	return world_wait(&w, SERVICE_DEVICE_RESULT, last_effect);
}

static void
expect(enum deploy_phase phase, const struct deploy_transaction *t)
{
	const struct seen *s = apply(phase, t);

	ck_assert_msg(s->status == PCE_OK, "%s", s->text ? s->text : "");
}

static const struct seen *
read_router(void)
{
	ck_assert_int_eq(w.driver->ops->read(device, ++last_effect, NULL), PCE_OK);
	return world_wait(&w, SERVICE_DEVICE_READ, last_effect);
}

/* Equal, or the test fails with where they part. */
static void
expect_same(const char *what, const char *is, const char *was)
{
	size_t at = 0;

	while (is[at] != '\0' && is[at] == was[at])
		at++;
	ck_assert_msg(is[at] == was[at], "%s: \"%.200s\" was \"%.200s\"", what,
		      is + (at > 40 ? at - 40 : 0), was + (at > 40 ? at - 40 : 0));
}

/* Both datastores are, byte for byte, what they were. */
static void
expect_datastores(const char *before)
{
	char *running = ask_other("show running"), *candidate = ask_other("show candidate");

	expect_same("running", running, before);
	expect_same("candidate", candidate, before);
	free(running);
	free(candidate);
}

/* Runs the loop until running is what it was, as after a confirm-timeout. netconfd looks at its
 * timers only when nobody asked it anything for a second, so nobody does. */
static void
wait_for_running(const char *before)
{
	bool same = false;

	for (int i = 0; i < 30 && !same; i++) {
		char *running;

		world_run(&w, 4500);
		running = ask_other("show running");
		same = strcmp(running, before) == 0;
		free(running);
	}
	ck_assert_msg(same, "a confirmed commit that nobody confirmed is still there");
}

START_TEST(confirmed_change_is_there_and_nothing_else_moved)
{
	struct deploy_transaction t;
	const struct seen *s;
	char *before;

	begin();
	before = ask_other("show running");
	t = transaction(60, 60);
	expect(DEPLOY_PREPARE, &t);
	expect(DEPLOY_CONFIRM, &t);
	s = read_router();
	ck_assert_msg(s->status == PCE_OK, "%s", s->text ? s->text : "");
	ck_assert_uint_eq(s->state.n_policies, 60);
	for (size_t i = 0; i < 60; i++)
		ck_assert(srpolicy_equal(&s->state.policies[i], changes[i].policy));
	ck_assert_uint_eq(s->state.n_foreign, 1);
	ck_assert_str_eq(s->state.foreign[0].name, "operator-manual");
	/* Changed in place, then removed: the stranger's policy is all that is left. */
	t = transaction(60, 60);
	for (size_t i = 0; i < 60; i++)
		changes[i].policy = world_policy(&w, 100 + (uint32_t)i, 2, 2);
	expect(DEPLOY_PREPARE, &t);
	expect(DEPLOY_CONFIRM, &t);
	ck_assert_uint_eq(read_router()->state.policies[0].paths[0].n_lists, 2);
	for (size_t i = 0; i < 60; i++)
		changes[i].action = DEPLOY_REMOVE;
	expect(DEPLOY_PREPARE, &t);
	expect(DEPLOY_CONFIRM, &t);
	s = read_router();
	ck_assert_uint_eq(s->state.n_policies, 0);
	ck_assert_uint_eq(s->state.n_foreign, 1);
	/* An empty container may stay where there was one with entries. */
	expect_datastores(before);
	free(before);
	end();
}
END_TEST

START_TEST(cancelled_and_timed_out_changes_leave_no_trace)
{
	struct deploy_transaction t;
	const struct seen *s;
	char *before;

	begin();
	before = ask_other("show running");
	t = transaction(60, 3);
	expect(DEPLOY_PREPARE, &t);
	expect(DEPLOY_CANCEL, &t);
	expect_datastores(before);
	t = transaction(2, 3);
	expect(DEPLOY_PREPARE, &t);
	wait_for_running(before);
	s = apply(DEPLOY_CONFIRM, &t);
	ck_assert(s->status != PCE_OK && s->result.unknown);
	expect_datastores(before);
	free(before);
	end();
}
END_TEST

START_TEST(new_session_confirms_and_cancels_by_persist_id)
{
	struct deploy_transaction t;
	char *before;

	begin();
	before = ask_other("show running");
	for (int confirm = 0; confirm < 2; confirm++) {
		t = transaction(60, 3);
		expect(DEPLOY_PREPARE, &t);
		w.driver->ops->close(device);
		world_new_driver(&w);
		open_device();
		t.n_changes = 0;
		expect(confirm ? DEPLOY_CONFIRM : DEPLOY_CANCEL, &t);
		if (!confirm)
			expect_datastores(before);
	}
	ck_assert_uint_eq(read_router()->state.n_policies, 3);
	free(before);
	end();
}
END_TEST

START_TEST(lock_of_somebody_is_reported_with_the_session)
{
	struct deploy_transaction t;
	const struct seen *s;
	char *before;

	begin();
	before = ask_other("show running");
	expect_ok("lock candidate");
	t = transaction(60, 3);
	s = apply(DEPLOY_PREPARE, &t);
	ck_assert_int_eq(s->status, PCE_CONFLICT);
	ck_assert(s->result.retry);
	ck_assert_uint_eq(s->result.holder_session, 1);
	ck_assert_ptr_nonnull(strstr(s->text, "held by session 1"));
	expect_ok("unlock candidate");
	expect_datastores(before);
	expect(DEPLOY_PREPARE, &t);
	/* And the other way round. */
	ck_assert_str_eq(child_ask(other, "lock candidate"), "error lock-denied lock denied");
	expect(DEPLOY_CONFIRM, &t);
	expect_ok("lock candidate");
	expect_ok("unlock candidate");
	free(before);
	end();
}
END_TEST

START_TEST(dirty_candidate_is_not_discarded)
{
	struct deploy_transaction t;
	const struct seen *s;
	char *running, *candidate, *after;

	begin();
	running = ask_other("show running");
	expect_ok("edit 998 somebody-is-editing");
	candidate = ask_other("show candidate");
	ck_assert_str_ne(running, candidate);
	t = transaction(60, 3);
	s = apply(DEPLOY_PREPARE, &t);
	ck_assert_int_eq(s->status, PCE_CONFLICT);
	ck_assert(s->result.retry);
	ck_assert_ptr_nonnull(strstr(s->text, "candidate"));
	after = ask_other("show candidate");
	expect_same("candidate", after, candidate);
	free(after);
	after = ask_other("show running");
	expect_same("running", after, running);
	free(after);
	/* Once they are done it goes on. */
	expect_ok("discard");
	expect(DEPLOY_PREPARE, &t);
	expect(DEPLOY_CANCEL, &t);
	expect_datastores(running);
	free(running);
	free(candidate);
	end();
}
END_TEST

START_TEST(policy_of_somebody_under_our_key_is_refused)
{
	struct deploy_transaction t;
	const struct seen *s;
	char *before;

	begin();
	expect_ok("edit 101 not-karst");
	expect_ok("commit");
	before = ask_other("show running");
	t = transaction(60, 3);
	s = apply(DEPLOY_PREPARE, &t);
	ck_assert_int_eq(s->status, PCE_EXISTS);
	ck_assert_ptr_nonnull(strstr(s->text, "policy 101 to 2001:db8::1 is there already and "
					      "called \"not-karst\""));
	expect_datastores(before);
	free(before);
	end();
}
END_TEST

/* The server stands still while a phase runs, and is killed then. */
START_TEST(server_killed_in_mid_commit_is_told)
{
	struct deploy_transaction t;
	const struct seen *s;
	uint64_t effect = 1000;

	begin();
	t = transaction(60, 3);
	for (int confirm = 0; confirm < 2; confirm++) {
		if (confirm)
			expect(DEPLOY_PREPARE, &t);
		kill(netconfd->pid, SIGSTOP);
		ck_assert_int_eq(w.driver->ops->apply(device, ++effect,
						      confirm ? DEPLOY_CONFIRM : DEPLOY_PREPARE, &t,
						      NULL),
				 PCE_OK);
		world_run(&w, 100);
		child_end(netconfd, SIGKILL);
		s = world_wait(&w, SERVICE_DEVICE_RESULT, effect);
		ck_assert_int_eq(s->status, PCE_UNREACHABLE);
		ck_assert(s->result.retry);
		ck_assert_int_eq(s->result.unknown, confirm);
		world_wait(&w, SERVICE_DEVICE_DOWN, 0);
		ck_assert_int_eq(w.driver->ops->apply(device, 1, DEPLOY_CANCEL, &t, NULL),
				 PCE_UNREACHABLE);
		world_netconfd(&w, config.port, &netconfd, NULL);
		ck_assert_uint_eq(settle_up()->state.n_policies, 0);
	}
	end();
}
END_TEST

START_TEST(refused_edit_is_told_with_its_path)
{
	struct deploy_transaction t;
	struct srpolicy bad;
	struct srpolicy_path path;
	const struct seen *s;
	char *before;

	begin();
	before = ask_other("show running");
	t = transaction(60, 3);
	/* Two candidate paths of one preference: the same key twice. */
	bad = *changes[1].policy;
	path = bad.paths[0];
	bad.paths = (struct srpolicy_path[]){ path, path };
	bad.n_paths = 2;
	changes[1].policy = &bad;
	s = apply(DEPLOY_PREPARE, &t);
	ck_assert_int_ne(s->status, PCE_OK);
	ck_assert(!s->result.unknown);
	ck_assert_int_eq(strncmp(s->text, "router y1: ", 11), 0);
	expect_datastores(before);
	t = transaction(60, 3);
	expect(DEPLOY_PREPARE, &t);
	expect(DEPLOY_CONFIRM, &t);
	free(before);
	end();
}
END_TEST

START_TEST(five_hundred_policies_in_one_edit)
{
	struct deploy_transaction t;

	begin();
	w.driver->ops->close(device);
	w.config.color_max = 900;
	world_new_driver(&w);
	open_device();
	t = transaction(60, 500);
	expect(DEPLOY_PREPARE, &t);
	expect(DEPLOY_CONFIRM, &t);
	ck_assert_uint_eq(read_router()->state.n_policies, 500);
	end();
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("yuma");

	skip_unless(runs("/usr/sbin/netconfd"), "yuma",
		    "netconfd (Debian package netconfd, yuma123) is not there");
	skip_unless(python_with_ncclient() != NULL, "ncclient", "python3-ncclient is not there");
	skip_unless(runs("/usr/sbin/sshd") && geteuid() == 0, "root",
		    "an sshd of one's own needs openssh-server and root");
	tcase_add_test(t, confirmed_change_is_there_and_nothing_else_moved);
	tcase_add_test(t, cancelled_and_timed_out_changes_leave_no_trace);
	tcase_add_test(t, new_session_confirms_and_cancels_by_persist_id);
	tcase_add_test(t, lock_of_somebody_is_reported_with_the_session);
	tcase_add_test(t, dirty_candidate_is_not_discarded);
	tcase_add_test(t, policy_of_somebody_under_our_key_is_refused);
	tcase_add_test(t, server_killed_in_mid_commit_is_told);
	tcase_add_test(t, refused_edit_is_told_with_its_path);
	tcase_add_test(t, five_hundred_policies_in_one_edit);
	return suite_run("netconf-yuma", t, 300);
}
