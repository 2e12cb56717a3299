/* The driver and the emulated routers: connecting, every path of a transaction, faults to order. */
#define _GNU_SOURCE
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "southbound/profile/profile.h"
#include "tests/interop/world.h"
#include "tests/support/suite.h"

static struct world w;
static struct child *routers;
static struct config_device config;
static struct driver_device *device;
static uint64_t last_effect;

static struct deploy_change changes[64];

static void
open_device(void)
{
	struct pce_error err = { 0 };

	ck_assert_msg(w.driver->ops->open(w.driver, &config, profile_builtin("default"), &device,
					  &err) == PCE_OK,
		      "%s", err.text);
}

static void
begin(const char *more)
{
	uint16_t port = world_ports(1);

	world_make(&w);
	routers = world_routers(&w, 1, port, more);
	config = world_device(&w, "r0", port, NULL);
	open_device();
	world_wait(&w, SERVICE_DEVICE_UP, 0);
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
					    world_policy(&w, 100 + (uint32_t)i, 2, 3), NULL };
	return (struct deploy_transaction){ .id = 7,
					    .device = "r0",
					    .persist_id = "karst-7",
					    .confirm_timeout_s = timeout_s,
					    .changes = changes,
					    .n_changes = n };
}

static uint64_t
start(enum deploy_phase phase, const struct deploy_transaction *t)
{
	struct pce_error err = { 0 };

	ck_assert_msg(w.driver->ops->apply(device, ++last_effect, phase, t, &err) == PCE_OK, "%s",
		      err.text);
	return last_effect;
}

static const struct seen *
apply(enum deploy_phase phase, const struct deploy_transaction *t)
{
	return world_wait(&w, SERVICE_DEVICE_RESULT, start(phase, t));
}

static const struct seen *
read_router(void)
{
	ck_assert_int_eq(w.driver->ops->read(device, ++last_effect, NULL), PCE_OK);
	return world_wait(&w, SERVICE_DEVICE_READ, last_effect);
}

static char *
show(const char *which)
{
	char line[64];

	snprintf(line, sizeof line, "show r0 %s", which);
	return strdup(child_ask(routers, line));
}

START_TEST(prepare_confirm_read)
{
	struct deploy_transaction t;
	const struct seen *s;

	begin(NULL);
	ck_assert_uint_eq(w.seen[0].capabilities & ~(uint32_t)DEVICE_NOTIFIES,
			  DEVICE_CONFIRMED_COMMIT | DEVICE_ATOMIC);
	t = transaction(60, 50);
	s = apply(DEPLOY_PREPARE, &t);
	ck_assert_msg(s->status == PCE_OK, "%s", s->text);
	s = read_router();
	ck_assert_str_eq(s->state.pending_persist_id, "karst-7");
	s = apply(DEPLOY_CONFIRM, &t);
	ck_assert_msg(s->status == PCE_OK, "%s", s->text);
	s = read_router();
	ck_assert_ptr_null(s->state.pending_persist_id);
	ck_assert_uint_eq(s->state.n_policies, 50);
	ck_assert_uint_eq(s->state.n_foreign, 1);
	ck_assert_str_eq(s->state.foreign[0].name, "operator-manual");
	ck_assert_uint_eq(s->state.n_oper, 51);
	ck_assert(s->state.oper[0].up);
	ck_assert_uint_eq(s->state.oper[0].active_preference, 100);
	for (size_t i = 0; i < 50; i++)
		ck_assert(srpolicy_equal(&s->state.policies[i], changes[i].policy));
	/* Removing all leaves what was there before. */
	for (size_t i = 0; i < 50; i++)
		changes[i].action = DEPLOY_REMOVE;
	t.id = 8;
	ck_assert_int_eq(apply(DEPLOY_PREPARE, &t)->status, PCE_OK);
	ck_assert_int_eq(apply(DEPLOY_CONFIRM, &t)->status, PCE_OK);
	ck_assert_uint_eq(read_router()->state.n_policies, 0);
	end();
}
END_TEST

/* Cancelled, timed out, refused, closed, altered: the whole datastore is as it was. */
START_TEST(whatever_fails_leaves_the_datastore_as_it_was)
{
	static const struct {
		const char *fault;
		enum pce_status status;
		bool unknown;
		const char *text;
	} cases[] = {
		{ "none", PCE_OK, false, NULL },
		{ "close-before-commit", PCE_UNREACHABLE, true, "closed" },
		{ "close-after-commit", PCE_UNREACHABLE, true, "closed" },
		{ "refuse-edit", PCE_INVALID, false,
		  "edit-config: invalid-value: refused by order" },
		{ "nonsense", PCE_UNREACHABLE, false, "holds neither ok, nor data, nor an error" },
		{ "alter", PCE_UNSUPPORTED, false,
		  "policy 101 to 2001:db8::1 is not what was asked for" },
	};
	char *before, *after, line[64];
	const struct seen *s;
	struct deploy_transaction t;

	begin(NULL);
	before = show("running");
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		t = transaction(60, 2);
		snprintf(line, sizeof line, "fault r0 %s", cases[i].fault);
		child_ask(routers, line);
		s = apply(DEPLOY_PREPARE, &t);
		ck_assert_msg(s->status == cases[i].status, "%s: %s", cases[i].fault,
			      s->text ? s->text : "ok");
		ck_assert_int_eq(s->result.unknown, cases[i].unknown);
		ck_assert_msg(cases[i].text == NULL || strstr(s->text, cases[i].text) != NULL, "%s",
			      s->text);
		if (s->status == PCE_UNREACHABLE) {
			ck_assert(s->result.retry);
			world_wait(&w, SERVICE_DEVICE_DOWN, 0);
			world_wait(&w, SERVICE_DEVICE_UP, 0);
			s = apply(DEPLOY_CANCEL, &t);
			ck_assert(s->status == PCE_OK || s->result.unknown);
		} else if (s->status == PCE_OK) {
			ck_assert_int_eq(apply(DEPLOY_CANCEL, &t)->status, PCE_OK);
		}
		after = show("running");
		ck_assert_str_eq(before, after);
		free(after);
		after = show("candidate");
		ck_assert_str_eq(before, after);
		free(after);
	}
	free(before);
	end();
}
END_TEST

START_TEST(late_answers_end_the_session)
{
	struct deploy_transaction t;
	const struct seen *s;

	begin(NULL);
	w.driver->ops->close(device);
	w.config.rpc_timeout_s = 2;
	open_device();
	world_wait(&w, SERVICE_DEVICE_UP, 0);
	child_ask(routers, "fault r0 late 5000");
	t = transaction(60, 2);
	s = apply(DEPLOY_PREPARE, &t);
	ck_assert_int_eq(s->status, PCE_TIMEOUT);
	ck_assert(!s->result.unknown);
	ck_assert_str_eq(s->text,
			 "router r0: the peer did not answer lock of running within 2.0 s");
	s = world_wait(&w, SERVICE_DEVICE_DOWN, 0);
	ck_assert_int_eq(s->status, PCE_TIMEOUT);
	child_ask(routers, "fault r0 none");
	world_wait(&w, SERVICE_DEVICE_UP, 0);
	end();
}
END_TEST

START_TEST(lock_and_dirty_candidate_are_waited_for)
{
	struct deploy_transaction t;
	const struct seen *s;
	char *before, *after;
	uint64_t effect;

	begin(NULL);
	t = transaction(60, 2);
	child_ask(routers, "lock r0");
	s = apply(DEPLOY_PREPARE, &t);
	ck_assert_int_eq(s->status, PCE_CONFLICT);
	ck_assert_uint_eq(s->result.holder_session, 4242);
	ck_assert_ptr_nonnull(strstr(s->text, "held by session 4242"));
	/* Given back while it waits. */
	effect = start(DEPLOY_PREPARE, &t);
	world_run(&w, 400);
	child_ask(routers, "unlock r0");
	ck_assert_int_eq(world_wait(&w, SERVICE_DEVICE_RESULT, effect)->status, PCE_OK);
	ck_assert_int_eq(apply(DEPLOY_CANCEL, &t)->status, PCE_OK);
	child_ask(routers, "dirty r0");
	before = show("candidate");
	s = apply(DEPLOY_PREPARE, &t);
	ck_assert_int_eq(s->status, PCE_CONFLICT);
	ck_assert_ptr_nonnull(strstr(s->text, "uncommitted changes"));
	after = show("candidate");
	ck_assert_str_eq(before, after);
	free(before);
	free(after);
	end();
}
END_TEST

static bool
is_running(const char *wanted)
{
	char *now = show("running");
	bool same = strcmp(now, wanted) == 0;

	free(now);
	return same;
}

START_TEST(timeout_rolls_back_and_late_confirm_tells)
{
	struct deploy_transaction t;
	const struct seen *s;
	char *before, *after;

	begin(NULL);
	before = show("running");
	t = transaction(5, 2);
	ck_assert_int_eq(apply(DEPLOY_PREPARE, &t)->status, PCE_OK);
	ck_assert_str_eq(read_router()->state.pending_persist_id, "karst-7");
	/* The driver's own reckoning may be over a moment before the router's. */
	for (int i = 0; i < 300 && !is_running(before); i++)
		world_run(&w, 200);
	ck_assert_ptr_null(read_router()->state.pending_persist_id);
	s = apply(DEPLOY_CONFIRM, &t);
	ck_assert_int_eq(s->status, PCE_INVALID);
	ck_assert(s->result.unknown);
	after = show("running");
	ck_assert_str_eq(before, after);
	free(after);
	after = show("candidate");
	ck_assert_str_eq(before, after);
	free(after);
	free(before);
	end();
}
END_TEST

START_TEST(new_driver_confirms_and_cancels_by_persist_id)
{
	struct deploy_transaction t;
	size_t n = 0;

	begin(NULL);
	for (int i = 0; i < 2; i++) {
		t = transaction(60, 2);
		ck_assert_int_eq(apply(DEPLOY_PREPARE, &t)->status, PCE_OK);
		w.driver->ops->close(device);
		world_new_driver(&w);
		open_device();
		world_wait(&w, SERVICE_DEVICE_UP, 0);
		t.n_changes = 0;
		ck_assert_int_eq(apply(i ? DEPLOY_CONFIRM : DEPLOY_CANCEL, &t)->status, PCE_OK);
		n = read_router()->state.n_policies;
		ck_assert_uint_eq(n, i ? 2 : 0);
	}
	end();
}
END_TEST

START_TEST(without_confirmed_commit_the_inverse_is_made)
{
	struct deploy_transaction t;
	char *before, *after;

	begin("--no-confirmed-commit");
	ck_assert_uint_eq(w.seen[0].capabilities & ~(uint32_t)DEVICE_NOTIFIES, DEVICE_ATOMIC);
	before = show("running");
	t = transaction(60, 3);
	ck_assert_int_eq(apply(DEPLOY_PREPARE, &t)->status, PCE_OK);
	ck_assert_int_eq(apply(DEPLOY_CANCEL, &t)->status, PCE_OK);
	after = show("running");
	ck_assert_str_eq(before, after);
	ck_assert_int_eq(apply(DEPLOY_PREPARE, &t)->status, PCE_OK);
	ck_assert_int_eq(apply(DEPLOY_CONFIRM, &t)->status, PCE_OK);
	ck_assert_uint_eq(read_router()->state.n_policies, 3);
	free(before);
	free(after);
	end();
}
END_TEST

START_TEST(cancel_while_preparing_answers_both)
{
	struct deploy_transaction t;
	uint64_t prepare, cancel;
	const struct seen *s;
	char *before, *after;

	begin(NULL);
	before = show("running");
	t = transaction(60, 3);
	child_ask(routers, "lock r0");
	prepare = start(DEPLOY_PREPARE, &t);
	world_run(&w, 200);
	cancel = start(DEPLOY_CANCEL, &t);
	s = world_wait(&w, SERVICE_DEVICE_RESULT, prepare);
	ck_assert_int_eq(s->status, PCE_CONFLICT);
	s = world_wait(&w, SERVICE_DEVICE_RESULT, cancel);
	ck_assert_int_eq(s->status, PCE_OK);
	ck_assert_int_eq(s->result.phase, DEPLOY_CANCEL);
	child_ask(routers, "unlock r0");
	after = show("running");
	ck_assert_str_eq(before, after);
	free(before);
	free(after);
	end();
}
END_TEST

static struct deploy_transaction at_hand;
static unsigned hook_closes;

/* As the service does: the next effect is carried out inside the event that asks for it. */
static void
chain(struct world *world, const struct seen *s)
{
	const struct driver_ops *ops = world->driver->ops;

	if (s->kind == SERVICE_DEVICE_UP)
		ck_assert_int_eq(ops->apply(device, 501, DEPLOY_PREPARE, &at_hand, NULL), PCE_OK);
	else if (s->id == 501)
		ck_assert_int_eq(ops->apply(device, 502, DEPLOY_CONFIRM, &at_hand, NULL), PCE_OK);
	else if (s->id == 502)
		ck_assert_int_eq(ops->read(device, 503, NULL), PCE_OK);
	if (s->id == hook_closes || s->id == 503) {
		ops->close(device);
		device = NULL;
	}
}

START_TEST(effects_from_inside_an_event_are_carried_out)
{
	for (hook_closes = 501; hook_closes <= 503; hook_closes++) {
		begin(NULL);
		at_hand = transaction(60, 3);
		w.driver->ops->close(device);
		w.hook = chain;
		open_device();
		world_wait(&w, hook_closes == 503 ? SERVICE_DEVICE_READ : SERVICE_DEVICE_RESULT,
			   hook_closes);
		ck_assert_uint_eq(w.seen_count, w.seen_read);
		world_run(&w, 50);
		ck_assert_ptr_null(device);
		ck_assert_uint_eq(w.seen_count, w.seen_read);
		world_end(&w);
	}
}
END_TEST

/* A name instead of an address, over IPv4 or IPv6 as it resolves; and one that has no address. */
START_TEST(host_names_are_resolved_without_blocking)
{
	const struct seen *s;

	begin(NULL);
	w.driver->ops->close(device);
	config.address = "localhost";
	open_device();
	world_wait(&w, SERVICE_DEVICE_UP, 0);
	w.driver->ops->close(device);
	config.address = "no-such-host.invalid";
	open_device();
	s = world_wait(&w, SERVICE_DEVICE_DOWN, 0);
	ck_assert_int_eq(s->status, PCE_UNREACHABLE);
	ck_assert_ptr_nonnull(strstr(s->text, "the name no-such-host.invalid has no address"));
	w.driver->ops->close(device);
	/* Closed while the answer is awaited. */
	open_device();
	world_run(&w, 5);
	end();
}
END_TEST

START_TEST(ipv6_address_is_connected_to)
{
	uint16_t port = world_ports(1);
	char known[160], line[512] = "", path[160];
	FILE *f, *key;

	world_make(&w);
	routers = world_routers(&w, 1, port, "--address=::1");
	config = world_device(&w, "r0", port, NULL);
	config.address = "::1";
	open_device();
	world_wait(&w, SERVICE_DEVICE_UP, 0);
	w.driver->ops->close(device);
	snprintf(path, sizeof path, "%s.pub", w.host_key);
	key = fopen(path, "r");
	ck_assert_ptr_nonnull(fgets(line, sizeof line, key));
	fclose(key);
	snprintf(known, sizeof known, "%s/known", w.dir);
	f = fopen(known, "w");
	fprintf(f, "[::1]:%u %s", port, line);
	fclose(f);
	config.host_key_sha256 = NULL;
	config.known_hosts_file = known;
	open_device();
	world_wait(&w, SERVICE_DEVICE_UP, 0);
	end();
}
END_TEST

START_TEST(nobody_listens_is_unreachable)
{
	const struct seen *s;

	world_make(&w);
	config = world_device(&w, "r0", world_ports(1), NULL);
	open_device();
	for (int i = 0; i < 2; i++) {
		s = world_wait(&w, SERVICE_DEVICE_DOWN, 0);
		ck_assert_int_eq(s->status, PCE_UNREACHABLE);
		ck_assert_str_eq(s->text, "router r0: TCP connect failed: Connection refused");
	}
	end();
}
END_TEST

START_TEST(what_is_not_ours_is_refused_before_the_router_is_asked)
{
	struct deploy_transaction t;
	struct pce_error err = { 0 };

	begin(NULL);
	t = transaction(60, 1);
	changes[0].policy = world_policy(&w, 200, 1, 1);
	ck_assert_int_eq(w.driver->ops->apply(device, 1, DEPLOY_PREPARE, &t, &err), PCE_DENIED);
	ck_assert_ptr_nonnull(strstr(err.text, "router r0: policy 200 to 2001:db8::1 is outside"));
	end();
}
END_TEST

START_TEST(wrong_host_key_is_a_clear_refusal)
{
	struct config_device wrong;
	const struct seen *s;
	char known[160];
	FILE *f;

	begin(NULL);
	w.driver->ops->close(device);
	wrong = config;
	wrong.host_key_sha256 = "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
	ck_assert_int_eq(
	    w.driver->ops->open(w.driver, &wrong, profile_builtin("default"), &device, NULL),
	    PCE_OK);
	s = world_wait(&w, SERVICE_DEVICE_DOWN, 0);
	ck_assert_int_eq(s->status, PCE_DENIED);
	ck_assert_ptr_nonnull(strstr(s->text, w.host_fingerprint));
	ck_assert_ptr_nonnull(strstr(s->text, "router r0: the host key SHA256:"));
	w.driver->ops->close(device);

	/* The same by known_hosts: first empty, then with the key, then with another one. */
	snprintf(known, sizeof known, "%s/known", w.dir);
	wrong.host_key_sha256 = NULL;
	wrong.known_hosts_file = known;
	for (int i = 0; i < 3; i++) {
		char line[512] = "", path[160];

		f = fopen(known, "w");
		snprintf(path, sizeof path, "%s.pub", i == 1 ? w.host_key : w.client_key);
		if (i > 0) {
			FILE *key = fopen(path, "r");

			ck_assert_ptr_nonnull(fgets(line, sizeof line, key));
			fclose(key);
			fprintf(f, "[127.0.0.1]:%u %s", wrong.port, line);
		}
		fclose(f);
		ck_assert_int_eq(w.driver->ops->open(w.driver, &wrong, profile_builtin("default"),
						     &device, NULL),
				 PCE_OK);
		if (i == 1) {
			world_wait(&w, SERVICE_DEVICE_UP, 0);
		} else {
			s = world_wait(&w, SERVICE_DEVICE_DOWN, 0);
			ck_assert_int_eq(s->status, PCE_DENIED);
			ck_assert_msg(strstr(s->text, i ? "not the one in" : "is not in") != NULL,
				      "%s", s->text);
		}
		w.driver->ops->close(device);
	}
	world_end(&w);
}
END_TEST

START_TEST(wrong_client_key_is_a_clear_refusal)
{
	struct config_device wrong;
	const struct seen *s;

	begin(NULL);
	w.driver->ops->close(device);
	wrong = config;
	wrong.private_key_file = w.host_key;
	w.driver->ops->open(w.driver, &wrong, profile_builtin("default"), &device, NULL);
	s = world_wait(&w, SERVICE_DEVICE_DOWN, 0);
	ck_assert_int_eq(s->status, PCE_DENIED);
	ck_assert_ptr_nonnull(strstr(s->text, "user root was not let in"));
	w.driver->ops->close(device);
	wrong.private_key_file = "/nonexistent/key";
	w.driver->ops->open(w.driver, &wrong, profile_builtin("default"), &device, NULL);
	s = world_wait(&w, SERVICE_DEVICE_DOWN, 0);
	ck_assert_int_eq(s->status, PCE_INVALID);
	ck_assert_ptr_nonnull(strstr(s->text, "/nonexistent/key"));
	end();
}
END_TEST

/* A server that is killed and comes back is connected to again, and no descriptor is lost. */
START_TEST(server_that_comes_back_is_found_again)
{
	const struct seen *s;
	char path[64];
	int fds = 0;

	begin(NULL);
	for (int i = 0; i < 3; i++) {
		child_end(routers, SIGKILL);
		w.children_count--;
		s = world_wait(&w, SERVICE_DEVICE_DOWN, 0);
		ck_assert_int_eq(s->status, PCE_UNREACHABLE);
		ck_assert_int_eq(w.driver->ops->read(device, 99, NULL), PCE_UNREACHABLE);
		routers = world_routers(&w, 1, config.port, NULL);
		world_wait(&w, SERVICE_DEVICE_UP, 0);
	}
	for (int fd = 0; fd < 256; fd++) {
		snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
		fds += access(path, F_OK) == 0;
	}
	ck_assert_int_lt(fds, 24);
	end();
}
END_TEST

START_TEST(garbage_from_a_subsystem_is_a_clear_error)
{
	static const struct {
		const char *output, *text;
	} cases[] = {
		{ "Welcome to my router\\n]]>]]>", "not well-formed" },
		{ "<rpc-reply/>]]>]]>", "where its hello was expected" },
		{ "", "the peer closed the session" },
	};
	uint16_t port = world_ports(3);
	const struct seen *s;

	world_make(&w);
	for (size_t i = 0; i < 3; i++) {
		char command[256];

		snprintf(command, sizeof command, "\"/usr/bin/printf '%s'\"", cases[i].output);
		world_sshd(&w, (uint16_t)(port + i), command);
		config = world_device(&w, "odd", (uint16_t)(port + i), NULL);
		open_device();
		s = world_wait(&w, SERVICE_DEVICE_DOWN, 0);
		ck_assert_msg(strstr(s->text, cases[i].text) != NULL, "%s", s->text);
		w.driver->ops->close(device);
	}
	world_end(&w);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("routers");

	skip_unless(access("/usr/share/yuma/modules/ietf", R_OK) == 0, "yuma",
		    "the package libyuma-base with ietf-netconf's YANG modules is not there");
	tcase_add_test(t, prepare_confirm_read);
	tcase_add_test(t, whatever_fails_leaves_the_datastore_as_it_was);
	tcase_add_test(t, late_answers_end_the_session);
	tcase_add_test(t, lock_and_dirty_candidate_are_waited_for);
	tcase_add_test(t, timeout_rolls_back_and_late_confirm_tells);
	tcase_add_test(t, new_driver_confirms_and_cancels_by_persist_id);
	tcase_add_test(t, without_confirmed_commit_the_inverse_is_made);
	tcase_add_test(t, cancel_while_preparing_answers_both);
	tcase_add_test(t, effects_from_inside_an_event_are_carried_out);
	tcase_add_test(t, host_names_are_resolved_without_blocking);
	if (access("/proc/net/if_inet6", F_OK) == 0)
		tcase_add_test(t, ipv6_address_is_connected_to);
	tcase_add_test(t, nobody_listens_is_unreachable);
	tcase_add_test(t, what_is_not_ours_is_refused_before_the_router_is_asked);
	tcase_add_test(t, wrong_host_key_is_a_clear_refusal);
	tcase_add_test(t, wrong_client_key_is_a_clear_refusal);
	tcase_add_test(t, server_that_comes_back_is_found_again);
	if (runs("/usr/sbin/sshd") && geteuid() == 0)
		tcase_add_test(t, garbage_from_a_subsystem_is_a_clear_error);
	return suite_run("netconf-routers", t, 60);
}
