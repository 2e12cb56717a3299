#include "southbound/netconf/transaction.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "southbound/netconf/xml.h"

#define BACKOFF_FIRST_US (50 * (int64_t)USEC_PER_MS)
#define BACKOFF_LAST_US (2 * (int64_t)USEC_PER_S)
#define LOCK_WAIT_US (5 * (int64_t)USEC_PER_S)
#define VALIDATE_11 "urn:ietf:params:netconf:capability:validate:1.1"

enum step {
	IDLE, /* no phase runs */
	LOCK, /* locks and the first look are asked */
	RELEASE, /* one lock was denied: the other is given back */
	BACKOFF, /* waits to ask for the locks again */
	EDIT,
	VALIDATE,
	COMMIT,
	READ_BACK,
	CONFIRM,
	CANCEL,
	DISCARD,
	UNLOCK
};

enum operation {
	OP_LOCK_RUNNING,
	OP_LOCK_CANDIDATE,
	OP_LOOK,
	OP_EDIT,
	OP_VALIDATE,
	OP_COMMIT,
	OP_READ_BACK,
	OP_CONFIRM,
	OP_CANCEL,
	OP_DISCARD,
	OP_UNLOCK
};

static const char *const operation_name[] = { "lock of running", "lock of candidate",
					      "get-config",      "edit-config",
					      "validate",        "commit",
					      "get-config",      "confirming commit",
					      "cancel-commit",   "discard-changes",
					      "unlock" };

struct asked {
	uint64_t rpc;
	enum operation operation;
};

struct netconf_transaction {
	struct netconf_transaction_setup setup;
	const struct deploy_transaction *deploy;
	enum deploy_phase phase;
	enum step step;
	struct asked asked[3];
	unsigned asked_count;
	bool confirmed; /* the router's confirmed commit is used */
	bool running_locked, candidate_locked;
	bool edited; /* under the lock that is held, nobody's edits but ours came into the candidate
		      */
	bool stuck; /* a lock may be left on the session */
	bool commit_sent; /* from here on only the router knows */
	bool pending; /* the change runs on the router and is not yet final */
	bool inverse; /* edits and commit take the change back */
	bool stop;
	size_t next_change, batch_end;
	unsigned tries;
	struct usec wake, give_up, now;
	struct pce_error fault; /* of the phase; status PCE_OK: none */
	struct pce_error denied; /* why a lock was not given */
	uint32_t holder;
	struct deploy_result result;
	bool finished;
};

static void advance(struct netconf_transaction *t, struct netconf_session *s);

enum pce_status
netconf_transaction_new(const struct netconf_transaction_setup *setup,
			const struct deploy_transaction *deploy, struct netconf_transaction **out,
			struct pce_error *err)
{
	struct netconf_transaction *t = calloc(1, sizeof *t);

	if (t == NULL)
		return pce_no_memory(err);
	t->setup = *setup;
	t->deploy = deploy;
	if (t->setup.lock_wait_us <= 0)
		t->setup.lock_wait_us = LOCK_WAIT_US;
	*out = t;
	return PCE_OK;
}

void
netconf_transaction_free(struct netconf_transaction *t)
{
	free(t);
}

/* --- the end of a phase --- */

static void
finish(struct netconf_transaction *t)
{
	struct deploy_result *r = &t->result;

	t->step = IDLE;
	t->finished = true;
	t->asked_count = 0;
	r->id = t->deploy->id;
	r->phase = t->phase;
	r->status = t->fault.status;
	r->text = t->fault.status ? t->fault.text : NULL;
	r->retry = t->fault.status == PCE_CONFLICT || t->fault.status == PCE_LIMIT ||
		   t->fault.status == PCE_TIMEOUT || t->fault.status == PCE_UNREACHABLE;
	r->times.done = t->now;
}

/* Keeps the first fault of a phase, named after the router. */
static void
set_fault(struct netconf_transaction *t, const struct pce_error *why)
{
	if (t->fault.status != PCE_OK)
		return;
	t->fault = *why;
	pce_prefix(&t->fault, why->status, "router %s", t->setup.device);
}

static bool
is_locked(const struct netconf_transaction *t)
{
	return t->running_locked || t->candidate_locked;
}

/* Takes back what this phase did so far, the nearest first: the commit, the edits, the locks. */
static void
unwind(struct netconf_transaction *t, struct netconf_session *s, const struct pce_error *why)
{
	set_fault(t, why);
	if (t->phase == DEPLOY_PREPARE && t->pending && !t->inverse) {
		t->step = t->confirmed ? CANCEL : EDIT;
		t->inverse = !t->confirmed;
		t->next_change = 0;
	} else if (t->edited) {
		t->step = DISCARD;
	} else {
		t->step = UNLOCK;
	}
	advance(t, s);
}

void
netconf_transaction_lost(struct netconf_transaction *t, const struct pce_error *why,
			 struct usec now)
{
	t->now = now;
	t->running_locked = t->candidate_locked = t->edited = t->stuck = false;
	if (t->step == IDLE)
		return;
	t->result.unknown = t->commit_sent;
	set_fault(t, why);
	t->fault.status = t->fault.status == PCE_TIMEOUT ? PCE_TIMEOUT : PCE_UNREACHABLE;
	finish(t);
}

/* --- RPCs --- */

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
	else if (netconf_rpc(s, operation_name[operation], text_get(xml), xml->len, 0, t->now,
			     &a->rpc, &err) == PCE_OK) {
		a->operation = operation;
		t->asked_count++;
		return;
	}
	/* Nothing more can be said on this session; the router cleans up when it closes. */
	t->stuck = true;
	set_fault(t, &err);
	t->result.unknown = t->commit_sent;
	finish(t);
}

static void
ask_plain(struct netconf_transaction *t, struct netconf_session *s, enum operation operation,
	  const char *xml)
{
	struct text x = { 0 };

	text_add(&x, xml);
	ask(t, s, operation, &x);
	text_free(&x);
}

/* "<name>persist id</name>" inside an operation. */
static void
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

/* True if this phase begins with an edit, which needs both locks and a look at what is there. */
static bool
will_edit(const struct netconf_transaction *t)
{
	return t->phase == DEPLOY_PREPARE || !t->confirmed;
}

static void
ask_locks(struct netconf_transaction *t, struct netconf_session *s, const char *verb,
	  enum operation running, enum operation candidate)
{
	bool lock = running == OP_LOCK_RUNNING;
	struct text x = { 0 };

	/* Late phases lock the candidate only: running cannot be locked while a confirmed commit of
	 * another session waits (RFC 6241, section 7.5). */
	if (lock ? will_edit(t) : t->running_locked) {
		text_printf(&x, "<%s><target><running/></target></%s>", verb, verb);
		ask(t, s, running, &x);
		text_clear(&x);
	}
	if (lock || t->candidate_locked) {
		text_printf(&x, "<%s><target><candidate/></target></%s>", verb, verb);
		ask(t, s, candidate, &x);
	}
	text_free(&x);
}

/* Asks for the part of running that the changes are about. */
static void
ask_get(struct netconf_transaction *t, struct netconf_session *s, enum operation operation)
{
	const struct netconf_payload *p = t->setup.payload;
	struct pce_error err = { 0 };
	struct text x = { 0 };

	text_add(&x, "<get-config><source><running/></source><filter type=\"subtree\">");
	if (p->filter(p->ctx, t->deploy->changes, t->deploy->n_changes, &x, &err)) {
		text_free(&x);
		unwind(t, s, &err);
		return;
	}
	text_add(&x, "</filter></get-config>");
	ask(t, s, operation, &x);
	text_free(&x);
}

static void
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
		unwind(t, s, &err);
		return;
	}
	text_add(&x, "</config></edit-config>");
	/* Even a refused edit may leave something in the candidate. */
	t->edited = true;
	ask(t, s, OP_EDIT, &x);
	text_free(&x);
}

static void
ask_commit(struct netconf_transaction *t, struct netconf_session *s)
{
	char open[96];

	t->commit_sent = true;
	if (!t->confirmed) {
		ask_plain(t, s, OP_COMMIT, "<commit/>");
		return;
	}
	snprintf(open, sizeof open,
		 "<commit><confirmed/><confirm-timeout>%" PRIu32 "</confirm-timeout><persist>",
		 t->deploy->confirm_timeout_s ? t->deploy->confirm_timeout_s : 600);
	ask_persist(t, s, OP_COMMIT, open, "</persist></commit>");
}

/* Asks what the step at hand needs, or ends the phase. */
static void
advance(struct netconf_transaction *t, struct netconf_session *s)
{
	switch (t->step) {
	case LOCK:
		ask_locks(t, s, "lock", OP_LOCK_RUNNING, OP_LOCK_CANDIDATE);
		if (will_edit(t))
			ask_get(t, s, OP_LOOK);
		break;
	case EDIT:
		ask_edit(t, s);
		break;
	case VALIDATE:
		ask_plain(t, s, OP_VALIDATE, "<validate><source><candidate/></source></validate>");
		break;
	case COMMIT:
		ask_commit(t, s);
		break;
	case READ_BACK:
		ask_get(t, s, OP_READ_BACK);
		break;
	case CONFIRM:
		ask_persist(t, s, OP_CONFIRM, "<commit><persist-id>", "</persist-id></commit>");
		break;
	case CANCEL:
		ask_persist(t, s, OP_CANCEL, "<cancel-commit><persist-id>",
			    "</persist-id></cancel-commit>");
		break;
	case DISCARD:
		ask_plain(t, s, OP_DISCARD, "<discard-changes/>");
		break;
	case UNLOCK:
	case RELEASE:
		ask_locks(t, s, "unlock", OP_UNLOCK, OP_UNLOCK);
		if (t->step == UNLOCK && !is_locked(t))
			finish(t);
		break;
	case IDLE:
	case BACKOFF:
		break;
	}
}

static void
go(struct netconf_transaction *t, struct netconf_session *s, enum step step)
{
	t->step = step;
	advance(t, s);
}

/* --- locks --- */

/* A number from 0 to 1023 out of the seed and the attempt, so that routers do not retry in step. */
static int64_t
jitter(uint64_t seed, unsigned attempt)
{
	uint64_t z = seed + (attempt + 1) * 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return (int64_t)(z >> 54);
}

/* Doubles from the first to the last delay, less up to a quarter. */
static void
back_off(struct netconf_transaction *t, struct netconf_session *s)
{
	int64_t delay = BACKOFF_FIRST_US;

	if (t->fault.status != PCE_OK || usec_due(t->give_up, t->now)) {
		t->result.holder_session = t->holder;
		unwind(t, s, &t->denied);
		return;
	}
	for (unsigned i = 0; i < t->tries && delay < BACKOFF_LAST_US; i++)
		delay *= 2;
	delay = delay > BACKOFF_LAST_US ? BACKOFF_LAST_US : delay;
	delay -= delay / 4 * jitter(t->setup.seed, t->tries) / 1024;
	t->tries++;
	t->wake = usec_min(usec_add(t->now, delay), t->give_up);
	t->step = BACKOFF;
}

/* The locks were answered: work, or give back what was granted and wait. */
static void
locks_answered(struct netconf_transaction *t, struct netconf_session *s)
{
	if (t->fault.status != PCE_OK) {
		unwind(t, s, &t->fault);
	} else if (t->denied.status == PCE_OK) {
		t->result.times.locked = t->now;
		if (t->phase == DEPLOY_PREPARE)
			go(t, s, EDIT);
		else if (t->phase == DEPLOY_CONFIRM)
			go(t, s, CONFIRM);
		else
			go(t, s, t->confirmed ? CANCEL : EDIT);
	} else if (is_locked(t)) {
		go(t, s, RELEASE);
	} else {
		back_off(t, s);
	}
}

static void
lock_answered(struct netconf_transaction *t, const struct netconf_event *reply,
	      enum operation operation)
{
	const struct netconf_rpc_error *e = netconf_first_error(reply);
	struct pce_error why = { 0 };
	enum pce_status status = netconf_reply_status(reply, operation_name[operation], &why);

	if (status == PCE_OK && operation == OP_LOCK_RUNNING)
		t->running_locked = true;
	else if (status == PCE_OK)
		t->candidate_locked = true;
	else if (status != PCE_CONFLICT && status != PCE_LIMIT)
		set_fault(t, &why); /* not "later" but "never" */
	else if (t->denied.status == PCE_OK || (e->has_session && t->holder == 0)) {
		t->denied = why;
		t->denied.status = PCE_CONFLICT;
		t->holder = e->has_session ? e->session : 0;
	}
}

/* --- replies --- */

static void
looked(struct netconf_transaction *t, const struct netconf_event *reply)
{
	const struct netconf_payload *p = t->setup.payload;
	struct pce_error why = { 0 };

	/* Without the locks it was looked at in vain. */
	if (t->denied.status || t->fault.status)
		return;
	if (netconf_reply_status(reply, "get-config", &why) ||
	    p->owned(p->ctx, t->deploy->changes, t->deploy->n_changes, reply->body, reply->body_len,
		     &why))
		set_fault(t, &why);
}

static void
edit_answered(struct netconf_transaction *t, struct netconf_session *s, const struct pce_error *why)
{
	bool validate = !t->setup.profile->no_validate && netconf_has(s, VALIDATE_11);

	if (why->status) {
		t->result.unknown = t->inverse; /* the change stands, and could not be undone */
		unwind(t, s, why);
		return;
	}
	t->next_change = t->batch_end;
	if (t->next_change < t->deploy->n_changes) {
		go(t, s, EDIT);
		return;
	}
	t->result.times.edited = t->now;
	go(t, s, validate ? VALIDATE : COMMIT);
}

static void
commit_answered(struct netconf_transaction *t, struct netconf_session *s,
		const struct pce_error *why)
{
	if (why->status) {
		t->result.unknown = t->inverse;
		t->commit_sent = t->pending;
		unwind(t, s, why);
		return;
	}
	if (!t->inverse || t->phase == DEPLOY_CANCEL)
		t->result.times.committed = t->now;
	t->pending = !t->inverse;
	go(t, s, READ_BACK);
}

static void
read_back(struct netconf_transaction *t, struct netconf_session *s,
	  const struct netconf_event *reply, struct pce_error *why)
{
	const struct netconf_payload *p = t->setup.payload;

	if (why->status == PCE_OK)
		p->verify(p->ctx, t->deploy->changes, t->deploy->n_changes, t->inverse, reply->body,
			  reply->body_len, why);
	if (why->status) {
		t->result.unknown = t->inverse;
		unwind(t, s, why);
		return;
	}
	t->result.times.read_back = t->now;
	if (t->inverse || t->fault.status)
		go(t, s, UNLOCK);
	else
		finish(t); /* prepared: the locks are kept */
}

/* Confirm and cancel: a refusal says that the persist id is not (or no longer) known, so the change
 * may be final or taken back. After a rollback the candidate may still hold our edits. */
static void
decision_answered(struct netconf_transaction *t, struct netconf_session *s,
		  const struct pce_error *why)
{
	if (why->status) {
		set_fault(t, why);
		t->result.unknown = true;
	} else {
		t->pending = false;
		t->result.times.committed = t->now;
	}
	if (t->step == CONFIRM && why->status == PCE_OK)
		t->edited = false;
	go(t, s, t->edited ? DISCARD : UNLOCK);
}

static void
answered(struct netconf_transaction *t, struct netconf_session *s, enum operation operation,
	 const struct netconf_event *reply)
{
	struct pce_error why = { 0 };

	netconf_reply_status(reply, operation_name[operation], &why);
	switch (operation) {
	case OP_LOCK_RUNNING:
	case OP_LOCK_CANDIDATE:
		lock_answered(t, reply, operation);
		break;
	case OP_LOOK:
		looked(t, reply);
		break;
	case OP_EDIT:
		edit_answered(t, s, &why);
		break;
	case OP_VALIDATE:
		if (why.status)
			unwind(t, s, &why);
		else
			go(t, s, COMMIT);
		break;
	case OP_COMMIT:
		commit_answered(t, s, &why);
		break;
	case OP_READ_BACK:
		read_back(t, s, reply, &why);
		break;
	case OP_CONFIRM:
	case OP_CANCEL:
		decision_answered(t, s, &why);
		break;
	case OP_DISCARD:
		/* Edits that cannot be discarded go when the session closes (RFC 6241, 8.3.5.2). */
		t->stuck = t->stuck || why.status;
		t->edited = false;
		go(t, s, UNLOCK);
		break;
	case OP_UNLOCK:
		t->stuck = t->stuck || why.status;
		break;
	}
}

/* The last of several replies that were awaited together has come. */
static void
all_answered(struct netconf_transaction *t, struct netconf_session *s)
{
	if (t->step == LOCK) {
		locks_answered(t, s);
		return;
	}
	t->running_locked = t->candidate_locked = t->edited = false;
	if (t->step == RELEASE)
		back_off(t, s);
	else
		finish(t);
}

static bool
may_stop(const struct netconf_transaction *t)
{
	return t->stop && t->phase == DEPLOY_PREPARE && !t->commit_sent &&
	       t->fault.status == PCE_OK;
}

bool
netconf_transaction_reply(struct netconf_transaction *t, struct netconf_session *s,
			  const struct netconf_event *reply, struct usec now)
{
	struct pce_error stopped = { 0 };
	enum operation operation;
	unsigned i = 0;

	while (i < t->asked_count && t->asked[i].rpc != reply->rpc)
		i++;
	if (i == t->asked_count)
		return false;
	t->now = now;
	operation = t->asked[i].operation;
	t->asked[i] = t->asked[--t->asked_count];
	if (may_stop(t)) {
		pce_fail(&stopped, PCE_CONFLICT,
			 "the change was cancelled before it was committed");
		set_fault(t, &stopped);
		if (t->step != LOCK && t->step != RELEASE) {
			unwind(t, s, &stopped);
			return true;
		}
	}
	answered(t, s, operation, reply);
	if (t->asked_count == 0 && (t->step == LOCK || t->step == RELEASE || t->step == UNLOCK))
		all_answered(t, s);
	return true;
}

/* --- phases --- */

void
netconf_transaction_stop(struct netconf_transaction *t, struct netconf_session *s, struct usec now)
{
	t->stop = true;
	if (t->step != BACKOFF)
		return;
	t->now = t->give_up = now;
	back_off(t, s);
}

static void
begin(struct netconf_transaction *t, struct netconf_session *s, enum deploy_phase phase)
{
	t->phase = phase;
	t->finished = t->stop = t->inverse = t->commit_sent = false;
	t->fault = t->denied = (struct pce_error){ 0 };
	t->holder = 0;
	t->tries = 0;
	t->next_change = 0;
	t->result = (struct deploy_result){ .times.started = t->now };
	t->give_up = usec_add(t->now, t->setup.lock_wait_us);
	t->confirmed =
	    netconf_has(s, NETCONF_CONFIRMED_COMMIT) && !t->setup.profile->no_confirmed_commit;
}

/* CONFIRM and CANCEL, with the locks of PREPARE or, late, without them. */
static void
decide(struct netconf_transaction *t, struct netconf_session *s)
{
	bool confirm = t->phase == DEPLOY_CONFIRM;

	t->commit_sent = true;
	if (!t->confirmed)
		t->inverse = !confirm;
	if (confirm && !t->confirmed) {
		/* Final since PREPARE; who was not there for it has to read the router. */
		t->result.unknown = !t->pending;
		t->pending = false;
		go(t, s, UNLOCK);
	} else if (!t->candidate_locked) {
		go(t, s, LOCK);
	} else if (confirm) {
		go(t, s, CONFIRM);
	} else {
		go(t, s, t->confirmed ? CANCEL : EDIT);
	}
}

enum pce_status
netconf_transaction_run(struct netconf_transaction *t, struct netconf_session *s,
			enum deploy_phase phase, struct usec now, struct pce_error *err)
{
	struct pce_error why = { 0 };

	if (t->step != IDLE)
		return pce_fail(err, PCE_CONFLICT,
				"router %s: a phase of transaction %" PRIu64 " is still running",
				t->setup.device, t->deploy->id);
	t->now = now;
	begin(t, s, phase);
	if (!netconf_has(s, NETCONF_CANDIDATE)) {
		pce_fail(&why, PCE_UNSUPPORTED, "it has no candidate datastore");
		set_fault(t, &why);
		finish(t);
	} else if (phase == DEPLOY_PREPARE) {
		go(t, s, LOCK);
	} else {
		decide(t, s);
	}
	return PCE_OK;
}

struct usec
netconf_transaction_deadline(const struct netconf_transaction *t)
{
	return t->step == BACKOFF ? t->wake : USEC_NEVER;
}

void
netconf_transaction_tick(struct netconf_transaction *t, struct netconf_session *s, struct usec now)
{
	if (t->step != BACKOFF || !usec_due(t->wake, now))
		return;
	t->now = now;
	t->denied = (struct pce_error){ 0 };
	t->holder = 0;
	go(t, s, LOCK);
}

bool
netconf_transaction_result(struct netconf_transaction *t, struct deploy_result *out)
{
	if (!t->finished)
		return false;
	t->finished = false;
	*out = t->result;
	return true;
}

bool
netconf_transaction_is_pending(const struct netconf_transaction *t)
{
	return t->pending && t->confirmed;
}

bool
netconf_transaction_is_stuck(const struct netconf_transaction *t)
{
	return t->stuck;
}
