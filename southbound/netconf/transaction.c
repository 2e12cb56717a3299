#include "southbound/netconf/transaction_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "southbound/netconf/xml.h"

#define BACKOFF_FIRST_US (50 * (int64_t)USEC_PER_MS)
#define BACKOFF_LAST_US (2 * (int64_t)USEC_PER_S)
#define LOCK_WAIT_US (3 * (int64_t)USEC_PER_S)
#define VALIDATE_11 "urn:ietf:params:netconf:capability:validate:1.1"

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

void
transaction_finish(struct netconf_transaction *t)
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

void
transaction_fault(struct netconf_transaction *t, const struct pce_error *why)
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

void
transaction_unwind(struct netconf_transaction *t, struct netconf_session *s,
		   const struct pce_error *why)
{
	transaction_fault(t, why);
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
	transaction_fault(t, why);
	t->fault.status = t->fault.status == PCE_TIMEOUT ? PCE_TIMEOUT : PCE_UNREACHABLE;
	transaction_finish(t);
}

/* Asks what the step at hand needs, or ends the phase. */
static void
advance(struct netconf_transaction *t, struct netconf_session *s)
{
	switch (t->step) {
	case LOCK:
		ask_locks(t, s);
		if (transaction_will_edit(t))
			ask_get(t, s, OP_LOOK);
		break;
	case COMPARE:
		ask_plain(t, s, OP_CANDIDATE,
			  "<get-config><source><candidate/></source></get-config>");
		ask_plain(t, s, OP_RUNNING, "<get-config><source><running/></source></get-config>");
		break;
	case CLEAN:
		ask_plain(t, s, OP_DISCARD, "<discard-changes/>");
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
	case CHECK:
		ask_get(t, s, OP_CHECK);
		break;
	case DISCARD:
		ask_plain(t, s, OP_DISCARD, "<discard-changes/>");
		break;
	case UNLOCK:
	case RELEASE:
		ask_unlocks(t, s);
		if (t->step == UNLOCK && !is_locked(t))
			transaction_finish(t);
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
		transaction_unwind(t, s, &t->denied);
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
		transaction_unwind(t, s, &t->fault);
	} else if (t->denied.status == PCE_OK) {
		t->result.times.locked = t->now;
		if (t->lockless || t->setup.profile->weak_lock)
			go(t, s, COMPARE);
		else if (t->phase == DEPLOY_PREPARE && t->setup.candidate_in_doubt)
			go(t, s, CLEAN);
		else
			go(t, s, t->phase == DEPLOY_CONFIRM ? CONFIRM : EDIT);
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
	enum pce_status status = netconf_reply_status(reply, operation_name(operation), &why);

	if (status == PCE_OK && operation == OP_LOCK_RUNNING)
		t->running_locked = true;
	else if (status == PCE_OK)
		t->candidate_locked = true;
	else if (t->phase == DEPLOY_CONFIRM && strcmp(e->tag, "in-use") == 0)
		t->lockless = true;
	else if (status != PCE_CONFLICT && status != PCE_LIMIT)
		transaction_fault(t, &why); /* not "later" but "never" */
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
	t->looked = true;
	if (netconf_reply_status(reply, "get-config", &why) ||
	    xml_fingerprint(reply->body, reply->body_len, &t->look_hash, &why) ||
	    p->owned(p->ctx, t->deploy->changes, t->deploy->n_changes, reply->body, reply->body_len,
		     &why))
		transaction_fault(t, &why);
}

/* Some servers give no lock at all while another session's confirmed commit waits. A confirming
 * commit is then safe only if the candidate is as running is: nobody's edits go with it. */
static void
compared(struct netconf_transaction *t, const struct netconf_event *reply, enum operation operation,
	 struct pce_error *why)
{
	uint64_t hash = 0;

	if (why->status || xml_fingerprint(reply->body, reply->body_len, &hash, why))
		transaction_fault(t, why);
	else if (operation == OP_CANDIDATE)
		t->candidate_hash = hash;
	else if (hash != t->candidate_hash)
		pce_fail(&t->denied, PCE_CONFLICT,
			 "the candidate holds somebody's edits, which a commit would commit too");
}

static void
cleaned(struct netconf_transaction *t, struct netconf_session *s, const struct pce_error *why)
{
	if (why->status)
		transaction_unwind(t, s, why);
	else
		go(t, s, EDIT);
}

static void
edit_answered(struct netconf_transaction *t, struct netconf_session *s, const struct pce_error *why)
{
	bool validate = !t->setup.profile->no_validate && netconf_has(s, VALIDATE_11);

	if (why->status) {
		t->result.unknown = t->inverse; /* the change stands, and could not be undone */
		transaction_unwind(t, s, why);
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
		transaction_unwind(t, s, why);
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
		transaction_unwind(t, s, why);
		return;
	}
	t->result.times.read_back = t->now;
	if (t->inverse || t->fault.status)
		go(t, s, UNLOCK);
	else
		transaction_finish(t); /* prepared: the locks are kept */
}

/* Confirm and cancel: a refusal says that the persist id is not (or no longer) known, so the change
 * may be final or taken back. After a rollback the candidate may still hold our edits. */
static void
decision_answered(struct netconf_transaction *t, struct netconf_session *s,
		  const struct pce_error *why)
{
	if (why->status) {
		transaction_fault(t, why);
		t->result.unknown = true;
	} else {
		t->pending = false;
		t->result.times.committed = t->now;
	}
	if (t->step == CONFIRM && why->status == PCE_OK)
		t->edited = false;
	if (t->step == CANCEL && why->status == PCE_OK && t->looked)
		go(t, s, CHECK);
	else
		go(t, s, t->edited ? DISCARD : UNLOCK);
}

/* Not every router that says so has rolled back. */
static void
rollback_checked(struct netconf_transaction *t, struct netconf_session *s,
		 const struct netconf_event *reply, struct pce_error *why)
{
	uint64_t hash = 0;

	if (why->status == PCE_OK)
		xml_fingerprint(reply->body, reply->body_len, &hash, why);
	if (why->status == PCE_OK && hash != t->look_hash)
		pce_fail(why, PCE_UNSUPPORTED,
			 "it said that it took the change back, but running is not as before");
	if (why->status) {
		transaction_fault(t, why);
		t->result.unknown = true;
	}
	go(t, s, t->edited ? DISCARD : UNLOCK);
}

static void
answered(struct netconf_transaction *t, struct netconf_session *s, enum operation operation,
	 const struct netconf_event *reply)
{
	struct pce_error why = { 0 };

	netconf_reply_status(reply, operation_name(operation), &why);
	switch (operation) {
	case OP_LOCK_RUNNING:
	case OP_LOCK_CANDIDATE:
		lock_answered(t, reply, operation);
		break;
	case OP_LOOK:
		looked(t, reply);
		break;
	case OP_CANDIDATE:
	case OP_RUNNING:
		compared(t, reply, operation, &why);
		break;
	case OP_EDIT:
		edit_answered(t, s, &why);
		break;
	case OP_VALIDATE:
		if (why.status)
			transaction_unwind(t, s, &why);
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
	case OP_CHECK:
		rollback_checked(t, s, reply, &why);
		break;
	case OP_DISCARD:
		if (t->step == CLEAN) {
			cleaned(t, s, &why);
			break;
		}
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

/* The candidate is clean, or it is somebody's: then the locks, if any, are given back. */
static void
compare_answered(struct netconf_transaction *t, struct netconf_session *s)
{
	if (t->fault.status != PCE_OK)
		transaction_unwind(t, s, &t->fault);
	else if (t->denied.status == PCE_OK)
		go(t, s, t->phase == DEPLOY_CONFIRM ? CONFIRM : EDIT);
	else if (is_locked(t))
		go(t, s, RELEASE);
	else
		back_off(t, s);
}

/* The last of several replies that were awaited together has come. */
static void
all_answered(struct netconf_transaction *t, struct netconf_session *s)
{
	if (t->step == LOCK) {
		locks_answered(t, s);
		return;
	}
	if (t->step == COMPARE) {
		compare_answered(t, s);
		return;
	}
	t->running_locked = t->candidate_locked = t->edited = false;
	if (t->step == UNLOCK)
		transaction_finish(t);
	else
		back_off(t, s);
}

/* Steps that ask several things at once. */
static bool
awaits_all(enum step step)
{
	return step == LOCK || step == RELEASE || step == COMPARE || step == UNLOCK;
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
		transaction_fault(t, &stopped);
		if (t->step != LOCK && t->step != RELEASE) {
			transaction_unwind(t, s, &stopped);
			return true;
		}
	}
	answered(t, s, operation, reply);
	if (t->asked_count == 0 && awaits_all(t->step))
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
	t->finished = t->stop = t->inverse = t->commit_sent = t->lockless = false;
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
	} else if (!confirm && t->confirmed) {
		go(t, s, CANCEL); /* needs no lock: it leaves the candidate alone */
	} else if (!t->candidate_locked) {
		go(t, s, LOCK);
	} else {
		go(t, s, confirm ? CONFIRM : EDIT);
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
		transaction_fault(t, &why);
		transaction_finish(t);
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
	t->lockless = false;
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

bool
netconf_transaction_is_prepared(const struct netconf_transaction *t)
{
	return t->step == IDLE && is_locked(t);
}
