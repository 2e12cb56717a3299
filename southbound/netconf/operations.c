/* The RPCs of a transaction as XML. */
#include "southbound/netconf/transaction_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "southbound/netconf/xml.h"

static const char *const names[] = {
	"lock of running",
	"lock of candidate",
	"get-config",
	"get-config of candidate",
	"get-config of running",
	"edit-config",
	"validate",
	"commit",
	"get-config",
	"confirming commit",
	"cancel-commit",
	"get-config",
	"discard-changes",
	"unlock",
};

const char *
operation_name(enum operation operation)
{
	return names[operation];
}

static void
ask(struct netconf_transaction *t, struct netconf_session *s, enum operation operation,
    const struct text *xml)
{
	struct pce_error err = { 0 };
	struct asked *a = &t->asked[t->asked_count];

	if (t->step == IDLE)
		return;
	if (!text_ok(xml))
		pce_no_memory(&err);
	else if (netconf_rpc(s, names[operation], text_get(xml), xml->len, 0, t->now, &a->rpc,
			     &err) == PCE_OK) {
		a->operation = operation;
		t->asked_count++;
		return;
	}
	/* Nothing more can be said on this session; the router cleans up when it closes. */
	t->stuck = true;
	transaction_fault(t, &err);
	t->result.unknown = t->commit_sent;
	transaction_finish(t);
}

void
ask_plain(struct netconf_transaction *t, struct netconf_session *s, enum operation operation,
	  const char *xml)
{
	struct text x = { 0 };

	text_add(&x, xml);
	ask(t, s, operation, &x);
	text_free(&x);
}

/* "<name>persist id</name>" inside an operation. */
void
ask_persist(struct netconf_transaction *t, struct netconf_session *s, enum operation operation,
	    const char *open, const char *close)
{
	struct text x = { 0 };

	text_add(&x, open);
	xml_escape(&x, t->deploy->persist_id);
	text_add(&x, close);
	ask(t, s, operation, &x);
	text_free(&x);
}

bool
transaction_will_edit(const struct netconf_transaction *t)
{
	return t->phase == DEPLOY_PREPARE || !t->confirmed;
}

static void
ask_lock(struct netconf_transaction *t, struct netconf_session *s, enum operation operation,
	 const char *verb, const char *datastore)
{
	struct text x = { 0 };

	text_printf(&x, "<%s><target><%s/></target></%s>", verb, datastore, verb);
	ask(t, s, operation, &x);
	text_free(&x);
}

/* Late phases lock the candidate only: running cannot be locked while a confirmed commit of another
 * session waits (RFC 6241, section 7.5). */
void
ask_locks(struct netconf_transaction *t, struct netconf_session *s)
{
	if (transaction_will_edit(t) && !t->setup.profile->no_running_lock)
		ask_lock(t, s, OP_LOCK_RUNNING, "lock", "running");
	ask_lock(t, s, OP_LOCK_CANDIDATE, "lock", "candidate");
}

void
ask_unlocks(struct netconf_transaction *t, struct netconf_session *s)
{
	if (t->running_locked)
		ask_lock(t, s, OP_UNLOCK, "unlock", "running");
	if (t->candidate_locked)
		ask_lock(t, s, OP_UNLOCK, "unlock", "candidate");
}

void
ask_get(struct netconf_transaction *t, struct netconf_session *s, enum operation operation)
{
	const struct netconf_payload *p = t->setup.payload;
	struct pce_error err = { 0 };
	struct text x = { 0 };

	text_add(&x, "<get-config><source><running/></source><filter type=\"subtree\">");
	if (p->filter(p->ctx, t->deploy->changes, t->deploy->n_changes, &x, &err)) {
		text_free(&x);
		transaction_unwind(t, s, &err);
		return;
	}
	text_add(&x, "</filter></get-config>");
	ask(t, s, operation, &x);
	text_free(&x);
}

void
ask_edit(struct netconf_transaction *t, struct netconf_session *s)
{
	const struct netconf_payload *p = t->setup.payload;
	size_t batch = t->setup.profile->batch ? t->setup.profile->batch : 500;
	size_t left = t->deploy->n_changes - t->next_change;
	struct pce_error err = { 0 };
	struct text x = { 0 };

	t->batch_end = t->next_change + (left < batch ? left : batch);
	text_add(&x, "<edit-config><target><candidate/></target>"
		     "<default-operation>merge</default-operation>");
	if (netconf_has(s, NETCONF_ROLLBACK_ON_ERROR))
		text_add(&x, "<error-option>rollback-on-error</error-option>");
	text_add(&x, "<config>");
	if (p->edit(p->ctx, t->deploy->changes + t->next_change, t->batch_end - t->next_change,
		    t->inverse, &x, &err)) {
		text_free(&x);
		transaction_unwind(t, s, &err);
		return;
	}
	text_add(&x, "</config></edit-config>");
	/* Even a refused edit may leave something in the candidate. */
	t->edited = true;
	ask(t, s, OP_EDIT, &x);
	text_free(&x);
}

int64_t
netconf_confirm_timeout_s(const struct deploy_transaction *deploy)
{
	return deploy->confirm_timeout_s ? (int64_t)deploy->confirm_timeout_s : 600;
}

void
ask_commit(struct netconf_transaction *t, struct netconf_session *s)
{
	char open[96];

	t->commit_sent = true;
	if (!t->confirmed) {
		ask_plain(t, s, OP_COMMIT, "<commit/>");
		return;
	}
	snprintf(open, sizeof open,
		 "<commit><confirmed/><confirm-timeout>%" PRId64 "</confirm-timeout><persist>",
		 netconf_confirm_timeout_s(t->deploy));
	ask_persist(t, s, OP_COMMIT, open, "</persist></commit>");
}
