#define _GNU_SOURCE
#include "tests/lab/gnmi_server.h"
#include "tests/lab/names.h"
#include "tests/lab/routers_internal.h"

#include <libyang/libyang.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "pce/base/array.h"

/* libnetconf2's callbacks carry no context of ours. */
static struct lab_routers *the_routers;
/* The host-key callback, which names the endpoint, runs on the thread that accepts the session. */
static _Thread_local unsigned endpoint_at_hand;

static int64_t
now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void
pause_us(long us)
{
	struct timespec t = { us / 1000000, us % 1000000 * 1000 };

	nanosleep(&t, NULL);
}

/* "MICROSECONDS WHAT NAME DETAIL". */
void
routers_say(const struct router *r, const char *what, const char *detail)
{
	struct lab_routers *all = the_routers;
	char line[LAB_NAME_TEXT + 300], word[LAB_NAME_TEXT];

	if (all->setup.log == NULL)
		return;
	snprintf(line, sizeof line, "%lld %s %s%s%.200s", (long long)now_us(), what,
		 lab_word(r->name, word, sizeof word), detail[0] ? " " : "", detail);
	pthread_mutex_lock(&all->log_mutex);
	all->setup.log(all->setup.log_ctx, line);
	pthread_mutex_unlock(&all->log_mutex);
}

bool
routers_make_true(struct lab_routers *all, struct router *r, char text[256])
{
	text[0] = '\0';
	r->version++;
	if (all->setup.configure == NULL ||
	    all->setup.configure(all->setup.forward_ctx, r->index, r->store.running, text))
		return true;
	routers_say(r, "error", text);
	return false;
}

/* --- RPCs --- */

static struct nc_server_reply *
reply_refusal(struct lab_routers *all, const struct lab_refusal *why)
{
	struct lyd_node *e;

	switch (why->tag) {
	case NC_ERR_LOCK_DENIED:
		e = nc_err(all->ctx, why->tag, why->holder);
		break;
	case NC_ERR_UNKNOWN_ELEM:
		e = nc_err(all->ctx, why->tag, NC_ERR_TYPE_APP, why->path);
		break;
	case NC_ERR_DATA_EXISTS:
	case NC_ERR_DATA_MISSING:
		e = nc_err(all->ctx, why->tag);
		break;
	default:
		e = nc_err(all->ctx, why->tag, NC_ERR_TYPE_APP);
	}
	if (why->text[0] != '\0')
		nc_err_set_msg(e, why->text, "en");
	if (why->path[0] == '/')
		nc_err_set_path(e, why->path);
	return nc_server_reply_err(e);
}

static struct nc_server_reply *
reply_failure(struct lab_routers *all, NC_ERR tag, const char *text)
{
	struct lab_refusal why = { .tag = tag };

	snprintf(why.text, sizeof why.text, "%s", text);
	return reply_refusal(all, &why);
}

static struct nc_server_reply *
reply_tree(struct lyd_node *rpc, struct lyd_node *tree)
{
	struct lyd_node *out = NULL;

	lyd_dup_single(rpc, NULL, 0, &out);
	lyd_new_any(out, NULL, "data", tree, 1, LYD_ANYDATA_DATATREE, 1, NULL);
	return nc_server_reply_data(out, NC_WD_EXPLICIT, NC_PARAMTYPE_FREE);
}

static const char *
child_value(struct lyd_node *rpc, const char *name)
{
	struct lyd_node *child;

	return lyd_find_path(rpc, name, 0, &child) ? NULL : lyd_get_value(child);
}

static bool
has_child(struct lyd_node *rpc, const char *path)
{
	struct lyd_node *child;

	return lyd_find_path(rpc, path, 0, &child) == LY_SUCCESS;
}

/* The data tree inside an anyxml child (config, filter), or NULL. */
static struct lyd_node *
child_tree(struct lyd_node *rpc, const char *name)
{
	struct lyd_node *child;
	struct lyd_node_any *any;

	if (lyd_find_path(rpc, name, 0, &child))
		return NULL;
	any = (struct lyd_node_any *)child;
	return any->value_type == LYD_ANYDATA_DATATREE ? any->value.tree : NULL;
}

static struct nc_server_reply *
on_get(struct lab_routers *all, struct router *r, struct lyd_node *rpc)
{
	bool state = strcmp(LYD_NAME(rpc), "get") == 0;
	enum lab_which which = has_child(rpc, "source/candidate") ? LAB_CANDIDATE : LAB_RUNNING;
	struct lyd_node *filter = child_tree(rpc, "filter"), *library = NULL;

	/* Clients that look for the modules of the server. */
	if (state && filter != NULL &&
	    (strcmp(LYD_NAME(filter), "modules-state") == 0 ||
	     strcmp(LYD_NAME(filter), "yang-library") == 0)) {
		ly_ctx_get_yanglib_data(all->ctx, &library, "1");
		return reply_tree(rpc, library);
	}
	return reply_tree(rpc, lab_get(&r->store, which, filter, state));
}

static struct nc_server_reply *
on_edit(struct lab_routers *all, struct router *r, struct lyd_node *rpc, uint32_t session)
{
	const char *operation = child_value(rpc, "default-operation");
	struct lyd_node *config = child_tree(rpc, "config");
	enum lab_operation op = LAB_MERGE;
	struct lab_refusal why;

	if (operation != NULL)
		op = strcmp(operation, "replace") == 0 ? LAB_REPLACE
		     : strcmp(operation, "none") == 0  ? LAB_NONE
						       : LAB_MERGE;
	if (!has_child(rpc, "target/candidate"))
		return reply_failure(all, NC_ERR_OP_NOT_SUPPORTED,
				     "only the candidate is writable");
	if (r->fault == LAB_FAULT_REFUSE_EDIT) {
		r->fault = LAB_FAULT_NONE;
		return reply_failure(all, NC_ERR_INVALID_VALUE, "refused by order");
	}
	if (config == NULL)
		return reply_failure(all, NC_ERR_OP_FAILED, "a config was expected");
	if (!lab_edit(&r->store, session, config, op, &why))
		return reply_refusal(all, &why);
	if (r->fault == LAB_FAULT_NONSENSE) {
		r->fault = LAB_FAULT_NONE;
		return NULL;
	}
	return nc_server_reply_ok();
}

/* Puts a wrong weight into the first segment list that is there. */
void
routers_alter(struct router *r)
{
	struct ly_set *set = NULL;

	if (lyd_find_xpath(r->store.running, "//karst-device:segment-list", &set) == LY_SUCCESS &&
	    set->count > 0)
		lyd_new_path(set->dnodes[set->count - 1], NULL, "weight", "77", LYD_NEW_PATH_UPDATE,
			     NULL);
	ly_set_free(set, NULL);
}

void
routers_close_session(struct nc_session *session)
{
	nc_session_set_term_reason(session, NC_SESSION_TERM_DROPPED);
	nc_session_set_status(session, NC_STATUS_INVALID);
}

static struct nc_server_reply *
on_commit(struct lab_routers *all, struct router *r, struct lyd_node *rpc,
	  struct nc_session *session)
{
	static const char *const kinds[] = { "commit", "confirmed-commit", "confirming-commit" };
	const char *timeout = child_value(rpc, "confirm-timeout");
	struct lab_commit commit = { .confirmed = has_child(rpc, "confirmed"),
				     .timeout_us = 600 * (int64_t)1000000,
				     .persist = child_value(rpc, "persist"),
				     .persist_id = child_value(rpc, "persist-id") };
	enum lab_commit_kind kind;
	struct lab_refusal why;
	char text[256];
	bool applied;

	if (r->fault == LAB_FAULT_CLOSE_BEFORE_COMMIT) {
		r->fault = LAB_FAULT_NONE;
		routers_close_session(session);
		return reply_failure(all, NC_ERR_OP_FAILED, "closed by order");
	}
	if (timeout != NULL)
		commit.timeout_us = strtol(timeout, NULL, 10) * 1000000;
	if (!lab_commit(&r->store, nc_session_get_id(session), &commit, now_us(), &kind, &why))
		return reply_refusal(all, &why);
	if (r->fault == LAB_FAULT_ALTER) {
		r->fault = LAB_FAULT_NONE;
		routers_alter(r);
	}
	applied = routers_make_true(all, r, text);
	routers_changed(r, nc_session_get_id(session));
	routers_say(r, kinds[kind], commit.persist ? commit.persist : "");
	if (r->fault == LAB_FAULT_CLOSE_AFTER_COMMIT) {
		r->fault = LAB_FAULT_NONE;
		routers_close_session(session);
	}
	return applied ? nc_server_reply_ok() : reply_failure(all, NC_ERR_OP_FAILED, text);
}

static struct nc_server_reply *
on_plain(struct lab_routers *all, struct router *r, struct lyd_node *rpc, uint32_t session)
{
	enum lab_which which = has_child(rpc, "target/candidate") ? LAB_CANDIDATE : LAB_RUNNING;
	const char *name = LYD_NAME(rpc);
	struct lab_refusal why;
	char text[256];
	bool ok;

	if (strcmp(name, "lock") == 0) {
		ok = lab_lock(&r->store, session, which, &why);
	} else if (strcmp(name, "unlock") == 0) {
		ok = lab_unlock(&r->store, session, which, &why);
	} else if (strcmp(name, "discard-changes") == 0) {
		ok = lab_discard(&r->store, session, &why);
	} else if (strcmp(name, "validate") == 0) {
		ok = lab_validate(&r->store, &why);
	} else if (strcmp(name, "cancel-commit") == 0) {
		ok = lab_cancel(&r->store, session, child_value(rpc, "persist-id"), &why);
		if (ok && routers_make_true(all, r, text))
			routers_say(r, "cancel-commit", "");
	} else {
		return reply_failure(all, NC_ERR_OP_NOT_SUPPORTED, name);
	}
	return ok ? nc_server_reply_ok() : reply_refusal(all, &why);
}

static struct nc_server_reply *
on_subscribe(struct nc_session *session)
{
	if (nc_session_get_notif_status(session) == 0)
		nc_session_inc_notif_status(session);
	return nc_server_reply_ok();
}

static struct nc_server_reply *
on_rpc(struct lyd_node *rpc, struct nc_session *session)
{
	struct lab_routers *all = the_routers;
	struct router *r = nc_session_get_data(session);
	const char *name = LYD_NAME(rpc);
	struct nc_server_reply *reply;
	unsigned late_ms;

	pthread_mutex_lock(&r->mutex);
	late_ms = r->fault == LAB_FAULT_LATE ? r->late_ms : 0;
	pthread_mutex_unlock(&r->mutex);
	if (late_ms > 0)
		pause_us((long)late_ms * 1000);
	pthread_mutex_lock(&r->mutex);
	if (r->kill || r->stopped)
		routers_close_session(session);
	if (strcmp(name, "get") == 0 || strcmp(name, "get-config") == 0)
		reply = on_get(all, r, rpc);
	else if (strcmp(name, "edit-config") == 0)
		reply = on_edit(all, r, rpc, nc_session_get_id(session));
	else if (strcmp(name, "commit") == 0)
		reply = on_commit(all, r, rpc, session);
	else if (strcmp(name, "create-subscription") == 0)
		reply = on_subscribe(session);
	else
		reply = on_plain(all, r, rpc, nc_session_get_id(session));
	pthread_mutex_unlock(&r->mutex);
	if (reply == NULL)
		reply = reply_tree(rpc, NULL);
	return reply;
}

/* libnetconf2 2.0.24's own answer hands a dictionary string over twice with libyang 2.1.30. */
static struct nc_server_reply *
on_get_schema(struct lyd_node *rpc, struct nc_session *session)
{
	struct lab_routers *all = the_routers;
	const char *id = child_value(rpc, "identifier"), *revision = child_value(rpc, "version");
	const struct lys_module *m = NULL;
	struct lyd_node *out = NULL;
	char *text = NULL;

	(void)session;
	if (id != NULL)
		m = revision ? ly_ctx_get_module(all->ctx, id, revision)
			     : ly_ctx_get_module_latest(all->ctx, id);
	if (m == NULL || lys_print_mem(&text, m, LYS_OUT_YANG, 0))
		return reply_failure(all, NC_ERR_INVALID_VALUE, "the schema was not found");
	lyd_dup_single(rpc, NULL, 0, &out);
	lyd_new_any(out, NULL, "data", text, 0, LYD_ANYDATA_STRING, 1, NULL);
	free(text);
	return nc_server_reply_data(out, NC_WD_EXPLICIT, NC_PARAMTYPE_FREE);
}

/* --- transport and threads --- */

static int
on_host_key(const char *name, void *user, char **path, char **data, NC_SSH_KEY_TYPE *type)
{
	(void)user;
	(void)data;
	(void)type;
	endpoint_at_hand = (unsigned)strtoul(name + 1, NULL, 10);
	*path = strdup(the_routers->setup.host_key_file);
	return *path == NULL;
}

static int
on_public_key(const struct nc_session *session, ssh_key key, void *user)
{
	(void)session;
	(void)user;
	return ssh_key_cmp(key, the_routers->authorized, SSH_KEY_CMP_PUBLIC) != 0;
}

/* A router that is stopped takes no session. */
static bool
take_session(struct router *r, struct nc_session *session)
{
	bool taken;

	nc_session_set_data(session, r);
	pthread_mutex_lock(&r->mutex);
	taken = !r->stopped;
	for (size_t i = 0; taken && i < SESSIONS_MAX; i++)
		if (r->sessions[i] == NULL) {
			r->sessions[i] = session;
			break;
		}
	pthread_mutex_unlock(&r->mutex);
	if (!taken)
		nc_session_free(session, NULL);
	return taken;
}

static void
drop_session(struct nc_session *session)
{
	struct router *r = nc_session_get_data(session);

	pthread_mutex_lock(&r->mutex);
	for (size_t i = 0; i < SESSIONS_MAX; i++)
		if (r->sessions[i] == session)
			r->sessions[i] = NULL;
	pthread_mutex_unlock(&r->mutex);
	nc_session_free(session, NULL);
}

static void *
accept_loop(void *arg)
{
	struct lab_routers *all = arg;

	while (!all->stop) {
		struct nc_session *session = NULL;
		struct nc_pollsession *poll;
		int tries = 0;

		if (nc_accept(200, &session) != NC_MSG_HELLO)
			continue;
		if (!take_session(&all->routers[endpoint_at_hand % all->setup.count], session))
			continue;
		poll = all->polls[endpoint_at_hand % all->poll_count];
		/* At most six threads may wait for a poll session, and not for long. */
		while (nc_ps_add_session(poll, session) && ++tries < 500)
			pause_us(2000);
		if (tries == 500)
			drop_session(session);
	}
	nc_thread_destroy();
	return NULL;
}

static void
session_ended(struct nc_pollsession *poll, struct nc_session *session)
{
	struct router *r = nc_session_get_data(session);
	char text[256];

	pthread_mutex_lock(&r->mutex);
	r->kill = false;
	if (lab_session_gone(&r->store, nc_session_get_id(session)) &&
	    routers_make_true(the_routers, r, text))
		routers_say(r, "rollback", "session");
	routers_say(r, "closed", "");
	pthread_mutex_unlock(&r->mutex);
	nc_ps_del_session(poll, session);
	drop_session(session);
}

static void *
poll_loop(void *arg)
{
	struct nc_pollsession *poll = arg;
	unsigned idle = 0;

	while (!the_routers->stop) {
		struct nc_session *session = NULL;
		/* With a time to wait it would hold the lock that new sessions need. */
		int rc = nc_ps_poll(poll, 0, &session);

		/* Awake while there is work, so that what is measured is not this sleep. */
		if (!(rc & (NC_PSPOLL_NOSESSIONS | NC_PSPOLL_TIMEOUT | NC_PSPOLL_ERROR)))
			idle = 0;
		else
			pause_us(++idle < 100 ? 100 : 1000);
		if (rc & NC_PSPOLL_SESSION_TERM)
			session_ended(poll, session);
	}
	nc_thread_destroy();
	return NULL;
}

/* --- notifications (RFC 6470) --- */

void
routers_changed(struct router *r, uint32_t session)
{
	r->version++;
	r->changed = true;
	r->changed_by = session;
}

static void
send_notice(struct router *r, struct lyd_node *event)
{
	struct nc_server_notif *notice =
	    nc_server_notif_new(event, array_strdup("2026-01-01T00:00:00Z"), NC_PARAMTYPE_FREE);

	for (size_t i = 0; notice != NULL && i < SESSIONS_MAX; i++)
		if (r->sessions[i] != NULL && nc_session_get_notif_status(r->sessions[i]) > 0)
			nc_server_notif_send(r->sessions[i], notice, 1000);
	nc_server_notif_free(notice);
}

/* Without the modules of notifications nobody can have subscribed. */
static void
tell_subscribers(struct lab_routers *all, struct router *r)
{
	static const char path[] = "/ietf-netconf-notifications:netconf-config-change/%s";
	struct lyd_node *event = NULL;
	char session[16], at[96];

	r->changed = false;
	snprintf(session, sizeof session, "%u", r->changed_by);
	snprintf(at, sizeof at, path, "changed-by/username");
	if (lyd_new_path(NULL, all->ctx, at, "somebody", 0, &event))
		return;
	snprintf(at, sizeof at, path, "changed-by/session-id");
	lyd_new_path(event, NULL, at, session, 0, NULL);
	snprintf(at, sizeof at, path, "datastore");
	lyd_new_path(event, NULL, at, "running", LYD_NEW_PATH_UPDATE, NULL);
	send_notice(r, event);
}

void
lab_routers_state_changed(struct lab_routers *all, unsigned router)
{
	all->routers[router].state_changed = true;
	all->state_changed = true;
}

static void
tell_states(struct lab_routers *all)
{
	if (!atomic_exchange(&all->state_changed, false))
		return;
	for (unsigned i = 0; i < all->setup.count; i++) {
		struct router *r = &all->routers[i];
		struct lyd_node *event = NULL;

		if (!atomic_exchange(&r->state_changed, false))
			continue;
		pthread_mutex_lock(&r->mutex);
		if (lyd_new_path(NULL, all->ctx, "/karst-device:policy-state-change", NULL, 0,
				 &event) == LY_SUCCESS)
			send_notice(r, event);
		pthread_mutex_unlock(&r->mutex);
	}
}

static void
look_at_clock(struct lab_routers *all, struct router *r)
{
	char text[256];

	pthread_mutex_lock(&r->mutex);
	if (lab_expire(&r->store, now_us()) && routers_make_true(all, r, text)) {
		routers_say(r, "rollback", "timeout");
		routers_changed(r, 0);
	}
	if (r->changed)
		tell_subscribers(all, r);
	pthread_mutex_unlock(&r->mutex);
}

static void *
clock_loop(void *arg)
{
	struct lab_routers *all = arg;

	for (unsigned turn = 1; !all->stop; turn++) {
		pause_us(1000);
		tell_states(all);
		for (unsigned i = 0; i < all->setup.count && turn % 50 == 0; i++)
			look_at_clock(all, &all->routers[i]);
	}
	return NULL;
}

/* A policy by hand, as a stranger would have it. */
enum pce_status
routers_seed(struct lab_routers *all, struct router *r, struct pce_error *err)
{
	static const struct {
		const char *path, *value;
	} nodes[] = {
		{ "name", "operator-manual" },
		{ "candidate-path[preference='50']/name", "by-hand" },
		{ "candidate-path[preference='50']/segment-list[id='1']/weight", "3" },
		{ "candidate-path[preference='50']/segment-list[id='1']/segment[index='1']/sid",
		  "2001:db8:ffff::1" },
	};
	char path[256];

	for (size_t i = 0; i < sizeof nodes / sizeof *nodes && !all->setup.no_stranger; i++) {
		struct lyd_node *made = NULL;

		snprintf(path, sizeof path,
			 "/karst-device:srv6-policies/policy[color='999999']"
			 "[endpoint='2001:db8:ffff::%x']/%s",
			 r->index + 1, nodes[i].path);
		if (lyd_new_path(r->store.running, all->ctx, path, nodes[i].value, 0, &made))
			return pce_fail(err, PCE_INTERNAL, "router %s cannot be seeded: %s",
					r->name, ly_errmsg(all->ctx));
		if (r->store.running == NULL)
			r->store.running = made;
	}
	if (r->store.running == NULL)
		return PCE_OK;
	return lyd_dup_siblings(r->store.running, NULL, LYD_DUP_RECURSIVE, &r->store.candidate)
		   ? pce_no_memory(err)
		   : PCE_OK;
}

/* --- start and stop --- */

static enum pce_status
load_modules(struct lab_routers *all, struct pce_error *err)
{
	const char *features[] = { "candidate", "rollback-on-error", "validate", "confirmed-commit",
				   NULL };
	struct lysc_node *schema;
	char *path = array_strdup(all->setup.yang_path), *save = NULL, *dir;

	if (path == NULL || ly_ctx_new(NULL, 0, &all->ctx)) {
		free(path);
		return pce_no_memory(err);
	}
	for (dir = strtok_r(path, ":", &save); dir != NULL; dir = strtok_r(NULL, ":", &save))
		ly_ctx_set_searchdir(all->ctx, dir);
	free(path);
	if (all->setup.no_confirmed_commit)
		features[3] = NULL;
	if (!ly_ctx_load_module(all->ctx, "ietf-netconf", NULL, features) ||
	    !ly_ctx_load_module(all->ctx, "ietf-netconf-monitoring", NULL, NULL) ||
	    !ly_ctx_load_module(all->ctx, "karst-device", NULL, NULL))
		return pce_fail(
		    err, PCE_NOT_FOUND,
		    "YANG modules are missing in %s (libyuma-base brings ietf-netconf): %s",
		    all->setup.yang_path, ly_errmsg(all->ctx) ? ly_errmsg(all->ctx) : "");
	/* Debian keeps these apart; without them the routers tell nothing unasked. */
	(void)ly_ctx_set_searchdir(all->ctx, "/usr/share/yuma/modules/ietf-derived");
	(void)ly_ctx_set_searchdir(all->ctx, "/usr/share/yuma/modules/netconfcentral");
	(void)(ly_ctx_load_module(all->ctx, "notifications", NULL, NULL) &&
	       ly_ctx_load_module(all->ctx, "nc-notifications", NULL, NULL) &&
	       ly_ctx_load_module(all->ctx, "ietf-netconf-notifications", NULL, NULL));
	schema = (struct lysc_node *)(uintptr_t)lys_find_path(
	    all->ctx, NULL, "/ietf-netconf-monitoring:get-schema", 0);
	if (schema != NULL)
		nc_set_rpc_callback(schema, on_get_schema);
	return PCE_OK;
}

static enum pce_status
make_router(struct lab_routers *all, unsigned i, struct pce_error *err)
{
	struct router *r = &all->routers[i];
	char name[16];

	snprintf(name, sizeof name, "r%u", i);
	r->index = i;
	r->store.ctx = all->ctx;
	r->store.add_state = all->setup.add_state;
	r->store.state_ctx = all->setup.forward_ctx;
	r->store.router = i;
	r->name = array_strdup(all->setup.names ? all->setup.names[i] : name);
	pthread_mutex_init(&r->mutex, NULL);
	if (r->name == NULL)
		return pce_no_memory(err);
	/* The host key's name is how the session's endpoint is found. */
	if (nc_server_add_endpt(name, NC_TI_LIBSSH) ||
	    nc_server_ssh_endpt_add_hostkey(name, name, -1) ||
	    nc_server_endpt_set_address(name, all->setup.address) ||
	    nc_server_endpt_set_port(name, (uint16_t)(all->setup.first_port + i)) ||
	    nc_server_ssh_endpt_set_auth_methods(name, NC_SSH_AUTH_PUBLICKEY) ||
	    /* A client that leaves during the key exchange holds an accepting thread so long. */
	    nc_server_ssh_endpt_set_auth_timeout(name, 3))
		return pce_fail(err, PCE_IO, "router %s cannot listen on %s port %u", r->name,
				all->setup.address, all->setup.first_port + i);
	return routers_seed(all, r, err);
}

static enum pce_status
start_server(struct lab_routers *all, struct pce_error *err)
{
	enum pce_status status = load_modules(all, err);

	if (status)
		return status;
	ly_log_options(LY_LOSTORE_LAST);
	nc_verbosity(NC_VERB_ERROR);
	if (ssh_pki_import_pubkey_file(all->setup.authorized_file, &all->authorized))
		return pce_fail(err, PCE_IO, "%s is no public key", all->setup.authorized_file);
	if (nc_server_init(all->ctx))
		return pce_fail(err, PCE_INTERNAL, "libnetconf2's server does not start");
	nc_set_global_rpc_clb(on_rpc);
	if (ly_ctx_get_module_implemented(all->ctx, "ietf-netconf-notifications") != NULL) {
		nc_server_set_capability("urn:ietf:params:netconf:capability:notification:1.0");
		nc_server_set_capability("urn:ietf:params:netconf:capability:interleave:1.0");
	}
	nc_server_ssh_set_hostkey_clb(on_host_key, NULL, NULL);
	nc_server_ssh_set_pubkey_auth_clb(on_public_key, NULL, NULL);
	nc_server_set_idle_timeout(0);
	for (unsigned i = 0; i < all->setup.count && status == PCE_OK; i++)
		status = make_router(all, i, err);
	return status;
}

static enum pce_status
start_threads(struct lab_routers *all, struct pce_error *err)
{
	unsigned wanted = all->setup.poll_threads ? all->setup.poll_threads : 2;

	all->poll_count = wanted > POLL_THREADS_MAX ? POLL_THREADS_MAX : wanted;
	for (unsigned i = 0; i < all->poll_count; i++)
		if ((all->polls[i] = nc_ps_new()) == NULL)
			return pce_no_memory(err);
	for (; all->poll_started < all->poll_count; all->poll_started++)
		if (pthread_create(&all->poll_threads[all->poll_started], NULL, poll_loop,
				   all->polls[all->poll_started]))
			return pce_fail(err, PCE_LIMIT, "no thread for the routers");
	for (; all->accept_started < 2; all->accept_started++)
		if (pthread_create(&all->accept_threads[all->accept_started], NULL, accept_loop,
				   all))
			return pce_fail(err, PCE_LIMIT, "no thread for the routers");
	all->clock_started = pthread_create(&all->clock_thread, NULL, clock_loop, all) == 0;
	if (!all->clock_started)
		return pce_fail(err, PCE_LIMIT, "no thread for the routers");
	return all->setup.gnmi.first_port ? gnmi_server_new(all, &all->gnmi, err) : PCE_OK;
}

enum pce_status
lab_routers_start(const struct lab_routers_setup *setup, struct lab_routers **out,
		  struct pce_error *err)
{
	struct lab_routers *all = calloc(1, sizeof *all);
	enum pce_status status;

	if (all == NULL)
		return pce_no_memory(err);
	all->setup = *setup;
	all->routers = calloc(setup->count, sizeof *all->routers);
	pthread_mutex_init(&all->log_mutex, NULL);
	the_routers = all;
	status = all->routers ? start_server(all, err) : pce_no_memory(err);
	if (status == PCE_OK)
		status = start_threads(all, err);
	if (status) {
		lab_routers_stop(all);
		return status;
	}
	*out = all;
	return PCE_OK;
}

void
lab_routers_stop(struct lab_routers *all)
{
	all->stop = true;
	gnmi_server_free(all->gnmi);
	for (unsigned i = 0; i < all->accept_started; i++)
		pthread_join(all->accept_threads[i], NULL);
	for (unsigned i = 0; i < all->poll_started; i++)
		pthread_join(all->poll_threads[i], NULL);
	if (all->clock_started)
		pthread_join(all->clock_thread, NULL);
	for (unsigned i = 0; i < all->poll_count && all->polls[i] != NULL; i++) {
		nc_ps_clear(all->polls[i], 1, NULL);
		nc_ps_free(all->polls[i]);
	}
	nc_server_destroy();
	for (unsigned i = 0; all->routers != NULL && i < all->setup.count; i++) {
		lab_store_free(&all->routers[i].store);
		routers_free_flows(&all->routers[i]);
		free(all->routers[i].name);
	}
	free(all->routers);
	ssh_key_free(all->authorized);
	ly_ctx_destroy(all->ctx);
	free(all);
	the_routers = NULL;
}
