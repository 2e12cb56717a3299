/* The open transaction of a device, step by step, and the orders that come of it. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"
#include "pce/base/hash.h"
#include "pce/deploy/internal.h"

#define REFUSAL_RETRY_US (60 * (int64_t)USEC_PER_S)
#define REFUSAL_RETRY_MOST_US (3600 * (int64_t)USEC_PER_S)

/* --- begin and end --- */

static void
free_transaction(struct open_transaction *t)
{
	for (size_t i = 0; i < t->n; i++) {
		value_unref(t->changes[i].after);
		value_unref(t->changes[i].before);
	}
	free(t->changes);
	for (size_t i = 0; i < t->n_policy_ids; i++)
		free(t->policy_ids[i]);
	free(t->policy_ids);
	*t = (struct open_transaction){ 0 };
}

void
transaction_close(struct deploy_device *device)
{
	struct open_transaction *t = &device->open;

	if (t->step == STEP_NONE)
		return;
	for (size_t i = 0; i < t->n; i++) {
		struct deploy_item *item = t->changes[i].item;

		item->in_transaction = false;
		item_queue(device, item);
		item_touch(device, item);
	}
	device_forget(device, t->id);
	if (t->recovered)
		items_touch(device);
	free_transaction(t);
	device->awaited = 0;
	items_sweep(device);
}

/* The router holds the changes for good. */
static void
finish(struct deploy_device *device, struct usec now)
{
	struct open_transaction *t = &device->open;

	for (size_t i = 0; i < t->n; i++) {
		struct deploy_item *item = t->changes[i].item;

		item->sent = t->sent;
		item->prepared = t->prepared;
		item->confirmed = now;
		item_set_has(device, item, value_ref(t->changes[i].after));
		if (item->adopts) { /* what was theirs is listed until it is read again */
			item->adopts = item->foreign = false;
			device->need_read = true;
		}
	}
	/* After trouble somebody else may have changed more than these: look at all of it. */
	device->need_read = device->need_read || device->failures > 0;
	device->failures = 0;
	device->locked = false;
	device->holder_session = 0;
	device_say(device, NULL);
	device->limit =
	    device->limit * 2 < device->setup.batch ? device->limit * 2 : device->setup.batch;
	transaction_close(device);
}

static bool
may_carry(const struct deploy_device *device, const struct deploy_item *item, struct usec now)
{
	if (item->drifted && !item->granted && device->setup.grants)
		return false;
	return (!item->foreign || item->adopts) && !item->held &&
	       (!item->refused || usec_due(item->retry_at, now));
}

/* Items for the next transaction, oldest difference first. One that was refused goes alone. */
static size_t
choose(const struct deploy_device *device, struct usec now, struct open_change *changes)
{
	size_t n = 0;

	if (device->start_group) {
		for (struct deploy_item *item = device->first; item; item = item->next)
			if (item->group == device->start_group && may_carry(device, item, now))
				changes[n++].item = item;
		return n;
	}

	for (struct deploy_item *item = device->first; item && n < device->limit;
	     item = item->next) {
		if (item->group || !may_carry(device, item, now) || (item->refused && n > 0))
			continue;
		changes[n++].item = item;
		if (item->refused)
			break;
	}
	return n;
}

static enum pce_status
note_policy_ids(struct open_transaction *t, struct pce_error *err)
{
	t->policy_ids = calloc(t->n + 1, sizeof(*t->policy_ids));
	if (!t->policy_ids)
		return pce_no_memory(err);
	for (size_t i = 0; i < t->n; i++) {
		if (!t->changes[i].item->policy_id)
			continue;
		t->policy_ids[t->n_policy_ids] = array_strdup(t->changes[i].item->policy_id);
		if (!t->policy_ids[t->n_policy_ids])
			return pce_no_memory(err);
		t->n_policy_ids++;
	}
	return PCE_OK;
}

static void
name_transaction(struct open_transaction *t, uint64_t id, uint64_t random)
{
	snprintf(t->persist_id, sizeof(t->persist_id), "karst-%016" PRIx64 "-%" PRIu64,
		 hash_bytes(&id, sizeof(id), random), id);
	t->id = id;
}

/* Opens a transaction if some difference can be carried. */
static enum pce_status
begin(struct deploy_device *device, struct usec now, uint64_t id, uint64_t random, bool *begun,
      struct pce_error *err)
{
	struct open_transaction t = { .step = STEP_STORING, .record_due = true };
	enum pce_status status = PCE_OK;

	*begun = false;
	if (!device->first) {
		device->start_group = 0;
		return PCE_OK;
	}
	t.changes = calloc(device->n_queued + device->limit, sizeof(*t.changes));
	if (!t.changes)
		return pce_no_memory(err);
	t.n = choose(device, now, t.changes);
	if (t.n == 0 && device->start_group) {
		/* Its group dissolved meanwhile: whatever else is there need not wait for it. */
		device->start_group = 0;
		t.n = choose(device, now, t.changes);
	}
	t.group = device->start_group;
	if (t.n > 0)
		status = note_policy_ids(&t, err);
	if (!status)
		device->start_group = 0;
	if (status || t.n == 0) {
		free_transaction(&t);
		return status;
	}
	name_transaction(&t, id, random);
	for (size_t i = 0; i < t.n; i++) {
		struct deploy_item *item = t.changes[i].item;

		t.changes[i].after = value_ref(item->want);
		t.changes[i].before = value_ref(item->has);
		item->in_transaction = true;
		item_queue(device, item);
		item_touch(device, item);
	}
	device->open = t;
	*begun = true;
	return PCE_OK;
}

static enum pce_status
recover_value(const struct srpolicy *policy, struct deploy_value **out)
{
	*out = policy ? value_new(policy) : NULL;
	return policy && !*out ? PCE_NO_MEMORY : PCE_OK;
}

/* What a router that takes nothing back by itself was to hold, and what it held before. */
static enum pce_status
recover_changes(struct deploy_device *device, const struct transaction_record *record,
		struct pce_error *err)
{
	struct open_transaction *t = &device->open;

	t->changes = calloc(record->n_changes + 1, sizeof(*t->changes));
	if (!t->changes)
		return pce_no_memory(err);
	for (size_t i = 0; i < record->n_changes; i++) {
		const struct deploy_change *from = &record->changes[i];
		struct open_change *c = &t->changes[i];
		enum pce_status status = item_make(device, from->policy, &c->item, err);

		if (status)
			return status;
		t->n++;
		c->item->in_transaction = true;
		c->item->adopts = from->action == DEPLOY_ADOPT;
		if (recover_value(from->action == DEPLOY_REMOVE ? NULL : from->policy, &c->after) ||
		    recover_value(from->before, &c->before))
			return pce_no_memory(err);
	}
	return PCE_OK;
}

enum pce_status
deploy_recover(struct deploy_device *device, const struct transaction_record *record,
	       struct pce_error *err)
{
	struct open_transaction *t = &device->open;

	(void)err;
	/* Of several records the newest is the one that was open: the others' deletion was lost. */
	if (t->step != STEP_NONE && t->id > record->id) {
		device_forget(device, record->id);
		return PCE_OK;
	}
	transaction_close(device);
	*t = (struct open_transaction){
		.step = STEP_DOUBT,
		.id = record->id,
		.group = record->group,
		.decided = record->decided,
		.recovered = true,
	};
	snprintf(t->persist_id, sizeof(t->persist_id), "%s",
		 record->persist_id ? record->persist_id : "");
	return recover_changes(device, record, err);
}

/* --- what happened --- */

void
deploy_up(struct deploy_device *device, uint32_t capabilities, struct usec now)
{
	if (device->connected)
		deploy_down(device, NULL);
	device->connected = true;
	device->capabilities = capabilities;
	device->failures = 0;
	device->not_before = now;
	device->need_read = true;
	device_say(device, NULL);
	items_touch(device);
}

void
deploy_down(struct deploy_device *device, const char *text)
{
	struct open_transaction *t = &device->open;

	device->connected = false;
	device->awaited = 0;
	device->locked = false;
	device_say(device, text);
	switch (t->step) {
	case STEP_NONE:
	case STEP_DOUBT:
		break;
	case STEP_DECIDING: /* goes on when it is stored and the router is read */
		t->lost = true;
		break;
	case STEP_STORING:
		t->stale = true;
		break;
	case STEP_STORED: /* nothing was sent yet */
		transaction_close(device);
		break;
	case STEP_PREPARING:
	case STEP_PREPARED:
	case STEP_DECIDED:
	case STEP_CONFIRMING:
	case STEP_CANCEL:
	case STEP_CANCELLING:
		t->step = STEP_DOUBT;
		break;
	}
	items_touch(device);
}

void
deploy_changed(struct deploy_device *device)
{
	device->need_read = true;
	device->changed = device->changed || device->awaits_read;
}

void
deploy_stored(struct deploy_device *device, uint64_t transaction)
{
	struct open_transaction *t = &device->open;

	if (t->id != transaction)
		return;
	if (t->step == STEP_STORING && t->stale)
		transaction_close(device);
	else if (t->step == STEP_STORING)
		t->step = STEP_STORED;
	else if (t->step == STEP_DECIDING)
		t->step = t->lost ? STEP_DOUBT : STEP_DECIDED;
}

static void
refuse_item(struct deploy_device *device, struct deploy_item *item, const char *text,
	    struct usec now, uint64_t random)
{
	item_clear_refusal(device, item);
	item->refused = array_strdup(text ? text : "the router refused it without a reason");
	if (item->refused)
		device->n_refused++;
	item->retry_at =
	    back_off_until(now, REFUSAL_RETRY_US, item->refusals, REFUSAL_RETRY_MOST_US, random);
	item->refusals++;
}

/* The router will not have it. */
static void
refused(struct deploy_device *device, const char *text, struct usec now, uint64_t random)
{
	struct open_transaction *t = &device->open;

	if (t->n > 1 && !t->group) {
		device->limit = t->n / 2;
		transaction_close(device);
		return;
	}
	/* A group stands or falls as a whole. */
	for (size_t i = 0; i < t->n; i++)
		refuse_item(device, t->changes[i].item, text, now, random);
	transaction_close(device);
}

static void
try_later(struct deploy_device *device, const struct deploy_result *result, struct usec now,
	  uint64_t random)
{
	device_say(device, result->text);
	device->locked = result->holder_session != 0 || result->status == PCE_CONFLICT;
	device->holder_session = result->holder_session;
	device_back_off(device, now, random);
}

static void
prepared(struct deploy_device *device, const struct deploy_result *result, struct usec now,
	 uint64_t random)
{
	struct open_transaction *t = &device->open;

	if (result->unknown) {
		device_say(device, result->text);
		t->step = STEP_DOUBT;
		/* A router of which two questions bring two answers would be asked for ever. */
		if (device->failures++ > 0)
			device_back_off(device, now, random);
	} else if (result->status == PCE_OK && t->group) {
		t->prepared = now;
		t->step = STEP_PREPARED;
	} else if (result->status == PCE_OK) {
		t->decided = true;
		t->prepared = now;
		t->step = STEP_DECIDING;
		t->record_due = true;
	} else if (result->retry) {
		try_later(device, result, now, random);
		transaction_close(device);
	} else {
		refused(device, result->text, now, random);
	}
}

enum pce_status
deploy_result(struct deploy_device *device, uint64_t id, const struct deploy_result *result,
	      struct usec now, uint64_t random, struct pce_error *err)
{
	struct open_transaction *t = &device->open;
	bool good = result->status == PCE_OK && !result->unknown;

	(void)err;
	if (id == 0 || id != device->awaited || device->awaits_read)
		return PCE_OK;
	device->awaited = 0;
	if (t->step == STEP_PREPARING) {
		prepared(device, result, now, random);
	} else if (t->step == STEP_CONFIRMING && good) {
		finish(device, now);
	} else if (t->step == STEP_CANCELLING && good) {
		device->need_read = device->doubtful = true;
		transaction_close(device);
	} else if (result->retry && !result->unknown) {
		try_later(device, result, now, random);
		t->step = t->step == STEP_CONFIRMING ? STEP_DECIDED : STEP_CANCEL;
	} else {
		/* A refusal says that nothing waits under this persist id; silence says nothing. */
		device_say(device, result->text);
		t->tried = t->tried || !result->retry;
		t->step = STEP_DOUBT;
		if (t->doubts++ > 0)
			device_back_off(device, now, random);
	}
	return PCE_OK;
}

/* True if the router holds everything that the transaction was to bring. */
static bool
is_there(const struct open_transaction *t)
{
	for (size_t i = 0; i < t->n; i++)
		if (!value_same(t->changes[i].item->has, t->changes[i].after))
			return false;
	return t->n > 0;
}

/* True if the router holds anything that the transaction brought. */
static bool
is_there_partly(const struct open_transaction *t)
{
	for (size_t i = 0; i < t->n; i++)
		if (value_same(t->changes[i].item->has, t->changes[i].after) &&
		    !value_same(t->changes[i].before, t->changes[i].after))
			return true;
	return false;
}

/*
 * A ladder; `pending` is the persist id that the router says waits, NULL none or not told:
 *   0. the router takes nothing back by itself, and a group was not decided: cancel;
 *   1. it waits for us: confirm or cancel, as decided;
 *   2. it may wait (not told), and we did not try yet: likewise, if there is anything to decide;
 *   3. what the router holds is what counts: done if it is there, else a difference like any other.
 */
void
transaction_settle(struct deploy_device *device, const char *pending)
{
	struct open_transaction *t = &device->open;
	bool ours = pending && strcmp(pending, t->persist_id) == 0, there = is_there(t);
	bool has_commit = (device->capabilities & DEVICE_CONFIRMED_COMMIT) != 0;
	bool may_wait = has_commit && !pending && !t->tried && (there || t->recovered);

	if (!has_commit && t->group && !t->decided && is_there_partly(t)) {
		t->step = STEP_CANCEL; /* by the inverse edit: the group was not decided */
		return;
	}
	if (ours || may_wait) {
		t->step = t->decided ? STEP_DECIDED : STEP_CANCEL;
		return;
	}
	if (there)
		finish(device, device->now);
	else
		transaction_close(device);
	/* If it waited after all and is taken back later, the router is read again then. */
	device->next_read =
	    usec_min(device->next_read,
		     usec_add(device->now, (int64_t)device->setup.confirm_timeout_s * USEC_PER_S));
}

/* --- orders --- */

static struct deploy_change *
order_changes(struct deploy_device *device)
{
	struct open_transaction *t = &device->open;
	struct deploy_change *changes =
	    arena_alloc(&device->order_arena, (t->n + 1) * sizeof(*changes));

	for (size_t i = 0; changes && i < t->n; i++) {
		const struct open_change *c = &t->changes[i];

		changes[i].action = c->after ? DEPLOY_REPLACE : DEPLOY_REMOVE;
		changes[i].policy = c->after ? c->after->policy : &c->item->key;
		changes[i].before = c->before ? c->before->policy : NULL;
		if (c->after && c->item->adopts)
			changes[i].action = DEPLOY_ADOPT;
	}
	return changes;
}

static enum pce_status
order_apply(struct deploy_device *device, enum deploy_phase phase, struct deploy_order *out,
	    struct pce_error *err)
{
	struct open_transaction *t = &device->open;
	struct deploy_transaction *order = arena_alloc(&device->order_arena, sizeof(*order));
	const struct deploy_change *changes = order_changes(device);

	if (!order || !changes)
		return pce_no_memory(err);
	*order = (struct deploy_transaction){
		.id = t->id,
		.device = device->setup.name,
		.persist_id = t->persist_id,
		.confirm_timeout_s = device->setup.confirm_timeout_s,
		.changes = changes,
		.n_changes = t->n,
	};
	out->kind = DEPLOY_ORDER_APPLY;
	out->transaction_id = t->id;
	out->phase = phase;
	out->transaction = order;
	return PCE_OK;
}

static enum pce_status
order_store(struct deploy_device *device, struct deploy_order *out, struct pce_error *err)
{
	struct open_transaction *t = &device->open;
	const char **ids = arena_alloc(&device->order_arena, (t->n_policy_ids + 1) * sizeof(*ids));
	const struct deploy_change *changes = order_changes(device);
	/* One with a confirmed commit takes back what is not decided by its persist id. */
	bool inverse = (device->capabilities & DEVICE_CONFIRMED_COMMIT) == 0;

	if (!ids || !changes)
		return pce_no_memory(err);
	for (size_t i = 0; i < t->n_policy_ids; i++)
		ids[i] = t->policy_ids[i];
	t->record_due = false;
	out->kind = DEPLOY_ORDER_STORE;
	out->transaction_id = t->id;
	out->record = (struct transaction_record){
		.id = t->id,
		.device = device->setup.name,
		.persist_id = t->persist_id,
		.decided = t->decided,
		.group = t->group,
		.policy_ids = ids,
		.n_policy_ids = t->n_policy_ids,
		.changes = changes,
		.n_changes = inverse ? t->n : 0,
	};
	return PCE_OK;
}

static void
order_read(struct deploy_device *device, struct deploy_order *out)
{
	out->kind = DEPLOY_ORDER_READ;
	device->awaits_read = true;
}

/* The step that the open transaction can take now, if any. */
static enum pce_status
order_step(struct deploy_device *device, struct deploy_order *out, struct pce_error *err)
{
	static const struct {
		enum transaction_step from, to;
		enum deploy_phase phase;
	} ladder[] = {
		{ STEP_STORED, STEP_PREPARING, DEPLOY_PREPARE },
		{ STEP_DECIDED, STEP_CONFIRMING, DEPLOY_CONFIRM },
		{ STEP_CANCEL, STEP_CANCELLING, DEPLOY_CANCEL },
	};

	for (size_t i = 0; i < sizeof(ladder) / sizeof(ladder[0]); i++) {
		enum pce_status status;

		if (device->open.step != ladder[i].from)
			continue;
		status = order_apply(device, ladder[i].phase, out, err);
		if (status == PCE_OK) {
			device->open.step = ladder[i].to;
			if (ladder[i].phase == DEPLOY_PREPARE)
				device->open.sent = device->now;
			device->awaits_read = false;
		}
		return status;
	}
	return PCE_OK;
}

/* Orders that need no router: the store's. */
static enum pce_status
order_record(struct deploy_device *device, struct deploy_order *out, struct pce_error *err)
{
	if (device->n_forget > 0) {
		out->kind = DEPLOY_ORDER_FORGET;
		out->transaction_id = device->forget[--device->n_forget];
		return PCE_OK;
	}
	return device->open.record_due ? order_store(device, out, err) : PCE_OK;
}

/* A transaction that is stored but superseded was never sent. */
static void
drop_stale(struct deploy_device *device)
{
	if (device->open.step == STEP_STORED && device->open.stale)
		transaction_close(device);
}

static bool
read_is_due(struct deploy_device *device, struct usec now)
{
	if (usec_due(device->next_read, now)) {
		device->next_read = USEC_NEVER;
		device->need_read = true;
	}
	return device->open.step == STEP_DOUBT ||
	       (device->need_read && device->open.step == STEP_NONE);
}

enum pce_status
deploy_next(struct deploy_device *device, struct usec now, uint64_t id, uint64_t random, bool open,
	    struct deploy_order *out, bool *used, struct pce_error *err)
{
	struct deploy_order order = { .kind = DEPLOY_ORDER_NONE };
	enum pce_status status = PCE_OK;
	bool begun = false;

	arena_free(&device->order_arena);
	device->now = now;
	drop_stale(device);
	status = order_record(device, &order, err);
	if (status == PCE_OK && order.kind == DEPLOY_ORDER_NONE && device->connected &&
	    device->awaited == 0 && usec_due(device->not_before, now)) {
		if (read_is_due(device, now))
			order_read(device, &order);
		else if (device->open.step != STEP_NONE)
			status = order_step(device, &order, err);
		else if (open)
			status = begin(device, now, id, random, &begun, err);
	}
	if (status == PCE_OK && begun)
		status = order_store(device, &order, err);
	if (status)
		return status;
	*used = begun || order.kind == DEPLOY_ORDER_APPLY || order.kind == DEPLOY_ORDER_READ;
	if (order.kind == DEPLOY_ORDER_READ)
		device->read_sent = now;
	if (*used && !begun)
		device->awaited = id;
	*out = order;
	return PCE_OK;
}

struct usec
deploy_deadline(const struct deploy_device *device)
{
	struct usec at = USEC_NEVER;

	if (!device->connected || device->awaited)
		return at;
	if (!usec_due(device->not_before, device->now))
		return device->not_before;
	at = device->next_read;
	for (size_t i = 0; device->n_refused > 0 && i < device->n; i++)
		if (device->items[i]->refused && !usec_due(device->items[i]->retry_at, device->now))
			at = usec_min(at, device->items[i]->retry_at);
	return at;
}
