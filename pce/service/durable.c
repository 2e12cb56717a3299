/*
 * What goes to the store. All that one step wants stored is one batch, so that it is durable
 * together or not at all: an admission with its policies, a moved policy with the transaction that
 * will carry it. What waits for a batch is told when SERVICE_STORED comes for it.
 *
 * A store that fails refuses new intents, but not restoration: policies that moved stay dirty and
 * are written again, with back-off, while their transactions go on.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"
#include "pce/service/internal.h"
#include "pce/service/windows.h"

#define ID_RESERVE 4096u
#define MOVES_GAP_US (50 * (int64_t)USEC_PER_MS)
#define STORE_RETRY_US (1 * (int64_t)USEC_PER_S)
#define STORE_RETRY_MOST_US (30 * (int64_t)USEC_PER_S)

uint64_t
take_id(struct service *s)
{
	return s->next_id++;
}

void
want_stored(struct service *s, struct service_policy *p)
{
	p->dirty = true;
	s->some_dirty = true;
}

enum pce_status
want_transaction(struct service *s, uint32_t device, const struct transaction_record *record,
		 uint64_t forget, struct pce_error *err)
{
	struct transaction_record empty = { .id = forget };
	const struct transaction_record *copy = &empty;
	enum pce_status status =
	    array_reserve(&s->due, &s->cap_due, s->n_due + 1, sizeof(*s->due), err);

	if (status == PCE_OK)
		status = array_reserve(&s->due_records, &s->cap_due_records, s->n_due + 1,
				       sizeof(*s->due_records), err);
	if (status)
		return status;
	if (record)
		copy = transaction_record_copy(&s->due_arena, record);
	if (!copy)
		return pce_no_memory(err);
	s->due[s->n_due] = (struct batch_transaction){ device, copy->id, record == NULL };
	s->due_records[s->n_due++] = *copy;
	return PCE_OK;
}

/* --- collecting --- */

struct collector {
	struct service *s;
	struct arena *arena; /* of the effects */
	struct service_record *records;
	size_t n, cap;
	struct batch *batch;
	size_t cap_policies, cap_moves;
	struct pce_error *err;
};

static enum pce_status
add_record(struct collector *c, struct service_record record, const char *key)
{
	enum pce_status status =
	    array_reserve(&c->records, &c->cap, c->n + 1, sizeof(record), c->err);

	if (status)
		return status;
	record.key = arena_strdup(c->arena, key);
	if (!record.key)
		return pce_no_memory(c->err);
	c->records[c->n++] = record;
	return PCE_OK;
}

static enum pce_status
add_policy(struct collector *c, const struct policy_record *from, bool removing)
{
	struct policy_record *copy = policy_record_copy(c->arena, from);

	if (!copy)
		return pce_no_memory(c->err);
	copy->removing = removing;
	return add_record(c, (struct service_record){ .kind = RECORD_POLICY, .policy = copy },
			  copy->id);
}

static enum pce_status
collect_put(struct collector *c, const struct admission *a)
{
	const struct intent *copy = intent_copy(c->arena, a->wanted);
	enum pce_status status;

	if (!copy)
		return pce_no_memory(c->err);
	status = add_record(c,
			    (struct service_record){
				.kind = RECORD_INTENT, .intent = copy, .revision = a->revision },
			    copy->id);
	for (size_t i = 0; i < a->n && status == PCE_OK; i++)
		status = a->parts[i].drop ? add_policy(c, a->parts[i].policy->now.record, true)
					  : add_policy(c, a->parts[i].next.record, false);
	return status;
}

static enum pce_status
collect_deletion(struct collector *c, const struct admission *a)
{
	enum pce_status status =
	    add_record(c, (struct service_record){ .kind = RECORD_INTENT }, a->intent->id);

	for (size_t i = 0; i < a->intent->n && status == PCE_OK; i++)
		status = add_policy(c, a->intent->policies[i]->now.record, true);
	return status;
}

static enum pce_status
collect_admissions(struct collector *c)
{
	enum pce_status status = PCE_OK;

	for (struct admission *a = c->s->admissions; a && status == PCE_OK; a = a->next) {
		if (a->batch != 0)
			continue;
		a->batch = c->batch->id;
		status = a->deletion ? collect_deletion(c, a) : collect_put(c, a);
	}
	return status;
}

/* With the policy its history goes. */
static enum pce_status
forget_moves(struct collector *c, struct service_policy *p)
{
	enum pce_status status = PCE_OK;
	char key[MOVE_KEY];

	for (size_t i = 0; i < p->moves.n_gone && status == PCE_OK; i++) {
		move_key(p->id, p->moves.gone[i], key);
		status = add_record(c, (struct service_record){ .kind = RECORD_MOVE }, key);
	}
	for (size_t i = 0; i < p->moves.n && status == PCE_OK; i++) {
		struct kept_move *kept = p->moves.items[i];

		/* If the intent is put again meanwhile, it is written again. */
		kept->dirty = true;
		move_key(p->id, kept->move->number, key);
		status = add_record(c, (struct service_record){ .kind = RECORD_MOVE }, key);
	}
	return status;
}

static enum pce_status
collect_policy(struct collector *c, struct service_policy *p)
{
	enum pce_status status =
	    array_reserve(&c->batch->policies, &c->cap_policies, c->batch->n_policies + 1,
			  sizeof(struct batch_policy), c->err);

	if (status)
		return status;
	if (p->leaving) {
		status = add_record(c, (struct service_record){ .kind = RECORD_POLICY }, p->id);
		if (status == PCE_OK)
			status = forget_moves(c, p);
	} else {
		status = add_policy(c, p->now.record, p->now.record->removing);
	}
	if (status)
		return status;
	c->batch->policies[c->batch->n_policies++] = (struct batch_policy){ p->slot, p->leaving };
	p->dirty = false;
	p->in_batch = true;
	return PCE_OK;
}

static enum pce_status
collect_dirty(struct collector *c)
{
	struct service *s = c->s;
	enum pce_status status = PCE_OK;

	if (!s->some_dirty)
		return PCE_OK;
	s->some_dirty = false;
	for (size_t i = 0; i < s->n_policies && status == PCE_OK; i++) {
		struct service_policy *p = s->policies[i];

		if (!p->dirty)
			continue;
		/* Its successor is on its way to the store and must not be overwritten. */
		if (p->intent && p->intent->pending)
			s->some_dirty = true;
		else
			status = collect_policy(c, p);
	}
	return status;
}

static enum pce_status
collect_transaction(struct collector *c, const struct transaction_record *from, bool forget)
{
	struct service_record record = { .kind = RECORD_TRANSACTION };
	char key[24];

	if (!forget) {
		record.transaction = transaction_record_copy(c->arena, from);
		if (!record.transaction)
			return pce_no_memory(c->err);
	}
	snprintf(key, sizeof(key), "%" PRIu64, from->id);
	return add_record(c, record, key);
}

static enum pce_status
collect_transactions(struct collector *c)
{
	struct service *s = c->s;
	enum pce_status status = PCE_OK;

	c->batch->transactions = array_copy(s->due, s->n_due * sizeof(*s->due));
	if (!c->batch->transactions)
		return pce_no_memory(c->err);
	c->batch->n_transactions = s->n_due;
	for (size_t i = 0; i < s->n_due && status == PCE_OK; i++)
		status = collect_transaction(c, &s->due_records[i], s->due[i].forget);
	if (status)
		return status;
	s->n_due = 0;
	arena_free(&s->due_arena);
	return PCE_OK;
}

/* Ids are handed out below a stored bound, so that a restart repeats none. */
static enum pce_status
collect_meta(struct collector *c)
{
	struct service *s = c->s;

	if (s->next_id < s->reserved_id)
		return PCE_OK;
	s->reserved_id = s->next_id + ID_RESERVE;
	return add_record(c,
			  (struct service_record){ .kind = RECORD_META, .next_id = s->reserved_id },
			  "next-id");
}

static enum pce_status
collect_operate(struct collector *c)
{
	const struct service *s = c->s;
	struct operate_record record = { 0 };
	struct operate_record *copy;

	if (!s->operate_dirty)
		return PCE_OK;
	if (s->guard.frozen) {
		record.frozen = arena_strdup(c->arena, s->guard.reason);
		record.frozen_since_us = s->guard.since_us;
	}
	if (mode_collect(s, c->arena, &record, c->err) ||
	    drain_collect(s, c->arena, &record, c->err) ||
	    alarms_collect(s, c->arena, &record, c->err) ||
	    windows_collect(s, c->arena, &record, c->err))
		return PCE_NO_MEMORY;
	copy = arena_copy(c->arena, &record, sizeof(record));
	if (!copy || (s->guard.frozen && !record.frozen))
		return pce_no_memory(c->err);
	operate_collected(c->s, c->batch->id);
	c->batch->operate = true;
	return add_record(c, (struct service_record){ .kind = RECORD_OPERATE, .operate = copy },
			  "operate");
}

/* --- history --- */

#define MOVES_IN_BATCH 64u /* so that a step prints no thousands of them */

static enum pce_status
note_move(struct collector *c, const struct service_policy *p, const struct policy_move *move,
	  uint64_t number)
{
	struct service_record record = { .kind = RECORD_MOVE };
	struct move_record *copy = NULL;
	struct batch *b = c->batch;
	char key[MOVE_KEY];
	enum pce_status status =
	    array_reserve(&b->moves, &c->cap_moves, b->n_moves + 1, sizeof(*b->moves), c->err);

	if (status)
		return status;
	if (move) {
		const struct policy_move *deep = policy_move_copy(c->arena, move);

		copy = arena_alloc(c->arena, sizeof(*copy));
		if (!copy || !deep)
			return pce_no_memory(c->err);
		*copy = (struct move_record){ arena_strdup(c->arena, p->id), *deep };
		if (!copy->policy_id)
			return pce_no_memory(c->err);
		record.move = copy;
	}
	move_key(p->id, number, key);
	b->moves[b->n_moves++] = (struct batch_move){ p->slot, number, move == NULL };
	return add_record(c, record, key);
}

/* Complete ones, those that another one followed, and once they waited long enough the rest. */
static enum pce_status
collect_history(struct collector *c, struct service_policy *p, bool due)
{
	struct move_log *log = &p->moves;
	enum pce_status status = PCE_OK;

	while (status == PCE_OK && log->n_gone > 0) {
		status = note_move(c, p, NULL, log->gone[log->n_gone - 1]);
		log->n_gone -= status == PCE_OK;
	}
	for (size_t i = 0; i < log->n && status == PCE_OK; i++) {
		struct kept_move *kept = log->items[i];

		if (!kept->dirty ||
		    (!due && i + 1 == log->n && kept->move->stages.confirmed_us < 0))
			continue;
		status = note_move(c, p, kept->move, kept->move->number);
		kept->dirty = false;
		kept->written = true;
	}
	return status;
}

static enum pce_status
collect_moves(struct collector *c)
{
	struct service *s = c->s;
	bool due = history_is_due(s);
	enum pce_status status = PCE_OK;
	size_t kept = 0;

	/* What a full disk keeps is found again at the next start. */
	for (; s->n_stray_moves > 0 && status == PCE_OK; s->n_stray_moves--) {
		char *key = s->stray_moves[s->n_stray_moves - 1];

		status = add_record(c, (struct service_record){ .kind = RECORD_MOVE }, key);
		free(key);
	}
	for (size_t i = 0; i < s->n_move_slots && status == PCE_OK; i++) {
		struct service_policy *p = s->slots[s->move_slots[i]];

		if (!p)
			continue;
		/* Not before the record of the policy that it leads to. */
		if (!p->leaving && !p->dirty && c->batch->n_moves < MOVES_IN_BATCH)
			status = collect_history(c, p, due);
		p->moves_listed = !p->leaving && move_log_is_dirty(&p->moves);
		if (p->moves_listed)
			s->move_slots[kept++] = s->move_slots[i];
	}
	if (status)
		return status;
	s->n_move_slots = kept;
	if (due)
		s->moves_due = kept > 0 ? usec_add(s->step.now, MOVES_GAP_US) : USEC_NEVER;
	return PCE_OK;
}

static enum pce_status
collect_damping(struct collector *c)
{
	struct service *s = c->s;
	size_t n = s->n_damped;
	const struct damping_record **records = arena_alloc(c->arena, (n + 1) * sizeof(*records));
	const char **keys = arena_alloc(c->arena, (n + 1) * sizeof(*keys));
	enum pce_status status;

	if (!s->damping_dirty)
		return PCE_OK;
	if (!records || !keys)
		return pce_no_memory(c->err);
	status = damping_collect(s, c->batch->id, c->arena, records, keys, &n, c->err);
	for (size_t i = 0; i < n && status == PCE_OK; i++)
		status = add_record(
		    c, (struct service_record){ .kind = RECORD_DAMPING, .damping = records[i] },
		    keys[i]);
	c->batch->damping = true;
	return status;
}

static enum pce_status
collect_change(struct collector *c, const struct change *change, uint64_t id)
{
	struct service_record record = { .kind = RECORD_CHANGE };
	char key[24];

	if (change) {
		record.change = change_copy(c->arena, change);
		if (!record.change)
			return pce_no_memory(c->err);
	}
	snprintf(key, sizeof(key), "%" PRIu64, id);
	return add_record(c, record, key);
}

static enum pce_status
collect_changes(struct collector *c)
{
	struct service *s = c->s;
	enum pce_status status = PCE_OK;

	if (!s->changes_dirty)
		return PCE_OK;
	c->batch->changes_gone = array_copy(s->changes_gone, s->n_changes_gone * sizeof(uint64_t));
	if (!c->batch->changes_gone)
		return pce_no_memory(c->err);
	c->batch->changes = true;
	c->batch->n_changes_gone = s->n_changes_gone;
	for (size_t i = 0; i < s->n_changes_gone && status == PCE_OK; i++)
		status = collect_change(c, NULL, s->changes_gone[i]);
	for (size_t i = 0; i < s->n_changes && status == PCE_OK; i++) {
		if (s->changes[i]->dirty)
			status =
			    collect_change(c, s->changes[i]->change, s->changes[i]->change->id);
		s->changes[i]->dirty = false;
	}
	s->n_changes_gone = 0;
	s->changes_dirty = false;
	return status;
}

static enum pce_status
collect(struct collector *c)
{
	enum pce_status status = collect_admissions(c);

	if (status == PCE_OK)
		status = collect_dirty(c);
	if (status == PCE_OK)
		status = collect_transactions(c);
	if (status == PCE_OK)
		status = collect_operate(c);
	if (status == PCE_OK)
		status = collect_damping(c);
	if (status == PCE_OK)
		status = collect_moves(c);
	if (status == PCE_OK)
		status = collect_changes(c);
	if (status == PCE_OK && c->n > 0)
		status = collect_meta(c);
	return status;
}

static enum pce_status
emit_batch(struct collector *c)
{
	struct service_effect *e =
	    service_effects_add(c->s->step.effects, SERVICE_STORE, c->batch->id);
	struct batch **last = &c->s->batches;

	if (!e)
		return pce_no_memory(c->err);
	e->u.store.records = arena_copy(c->arena, c->records, c->n * sizeof(*c->records));
	e->u.store.n = c->n;
	if (!e->u.store.records)
		return pce_no_memory(c->err);
	while (*last)
		last = &(*last)->next;
	*last = c->batch;
	return PCE_OK;
}

void
batch_free(struct batch *batch)
{
	if (!batch)
		return;
	free(batch->policies);
	free(batch->transactions);
	free(batch->moves);
	free(batch->changes_gone);
	free(batch);
}

static bool
batch_is_due(const struct service *s)
{
	bool waits = s->some_dirty || s->operate_dirty || s->changes_dirty || s->damping_dirty ||
		     s->n_due > 0 || history_is_due(s);

	return s->batch_wanted || (waits && usec_due(s->store_retry_at, s->step.now));
}

enum pce_status
flush_batch(struct service *s, struct pce_error *err)
{
	struct collector c = { .s = s, .arena = &s->step.effects->arena, .err = err };
	enum pce_status status;

	if (!batch_is_due(s))
		return PCE_OK;
	s->batch_wanted = false;
	c.batch = calloc(1, sizeof(*c.batch));
	if (!c.batch)
		return pce_no_memory(err);
	c.batch->id = take_id(s);
	status = collect(&c);
	if (status == PCE_OK && c.n > 0)
		status = emit_batch(&c);
	else
		batch_free(c.batch);
	free(c.records);
	return status;
}

/* --- stored --- */

static enum pce_status
finish_admissions(struct service *s, uint64_t batch, enum pce_status stored, const char *text,
		  struct pce_error *err)
{
	struct admission **at = &s->admissions;
	enum pce_status status = PCE_OK;

	while (*at && status == PCE_OK) {
		struct admission *a = *at;

		if (a->batch != batch) {
			at = &a->next;
			continue;
		}
		*at = a->next;
		status = admit_stored(s, a, stored, text, err);
		admission_free(s, a);
	}
	return status;
}

static enum pce_status
finish_policies(struct service *s, struct batch *b, bool good, struct pce_error *err)
{
	enum pce_status status = PCE_OK;

	for (size_t i = 0; i < b->n_policies && status == PCE_OK; i++) {
		const struct batch_policy *in = &b->policies[i];
		struct service_policy *p = in->slot == NO_SLOT ? NULL : s->slots[in->slot];

		if (!p)
			continue;
		p->in_batch = false;
		if (!good)
			want_stored(s, p);
		else if (in->deletes && p->leaving && !p->dirty && !p->intent)
			status = policy_gone(s, p, err);
		else if (p->stages.stored.v == 0 && !p->dirty)
			p->stages.stored = s->step.now;
		if (s->slots[in->slot] == p)
			history_stages(s, p);
	}
	return status;
}

static enum pce_status
finish_transactions(struct service *s, const struct batch *b, bool good, struct pce_error *err)
{
	enum pce_status status = PCE_OK;

	for (size_t i = 0; i < b->n_transactions && status == PCE_OK; i++) {
		const struct batch_transaction *t = &b->transactions[i];

		if (t->forget && !good) {
			status = want_transaction(s, t->device, NULL, t->id, err);
		} else if (!t->forget && t->device != NO_DEVICE) {
			struct deploy_device *deploy = s->devices[t->device].deploy;
			uint64_t group = good ? 0 : deploy_group_unstored(deploy, t->id);

			if (group)
				groups_unstored(s, group);
			else
				deploy_stored(deploy, t->id);
			s->devices[t->device].poked = true;
		}
	}
	return status;
}

static enum pce_status
store_alarm(struct service *s, enum pce_status stored, const char *text, struct pce_error *err)
{
	const struct alarm alarm = {
		.object = "store",
		.cause = "failing",
		.severity = ALARM_CRITICAL,
		.text = text && *text ? text : pce_status_name(stored),
		.action = "Make room on the disk of the state folder; new intents are refused "
			  "until it can be written.",
	};

	if (stored)
		return raise_alarm(s, &alarm, err);
	s->store_failures = 0;
	s->store_retry_at = (struct usec){ 0 };
	return clear_alarm(s, "store", "failing", err);
}

enum pce_status
durable_event(struct service *s, struct pce_error *err)
{
	const struct service_event *e = s->step.event;
	enum pce_status stored = e->u.stored.status, status;
	struct batch **at = &s->batches, *b;
	unsigned times = s->store_failures;

	while (*at && (*at)->id != e->id)
		at = &(*at)->next;
	b = *at;
	if (!b)
		return PCE_OK;
	*at = b->next;
	if (stored) {
		int64_t wait = STORE_RETRY_US << (times < 5 ? times : 5);

		s->store_failures++;
		s->reserved_id = 0; /* it may have been in the batch */
		s->store_retry_at =
		    usec_add(s->step.now, wait < STORE_RETRY_MOST_US ? wait : STORE_RETRY_MOST_US);
	}
	status = store_alarm(s, stored, e->u.stored.text, err);
	if (status == PCE_OK)
		status = finish_admissions(s, b->id, stored, e->u.stored.text, err);
	if (status == PCE_OK)
		status = finish_policies(s, b, stored == PCE_OK, err);
	if (status == PCE_OK)
		status = finish_transactions(s, b, stored == PCE_OK, err);
	for (size_t i = 0; stored && i < b->n_moves; i++)
		history_retry(s, &b->moves[i]);
	if (b->damping)
		damping_stored(s, b->id, stored == PCE_OK);
	if (b->changes && stored)
		advise_not_stored(s, b->changes_gone, b->n_changes_gone);
	if (b->operate && stored)
		s->operate_dirty = true;
	if (status == PCE_OK && b->operate)
		status = operate_stored(s, b->id, stored, e->u.stored.text, err);
	batch_free(b);
	return status;
}
