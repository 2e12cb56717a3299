/* The device and its items: what is wanted, what is held, and the queue of differences. */
#include "pce/deploy/device.h"

#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"
#include "pce/deploy/internal.h"

/* --- values --- */

struct deploy_value *
value_new(const struct srpolicy *policy)
{
	struct deploy_value *value = calloc(1, sizeof(*value));

	if (!value)
		return NULL;
	value->policy = srpolicy_copy(&value->arena, policy);
	value->refs = 1;
	if (value->policy)
		return value;
	value_unref(value);
	return NULL;
}

struct deploy_value *
value_ref(struct deploy_value *value)
{
	if (value)
		value->refs++;
	return value;
}

void
value_unref(struct deploy_value *value)
{
	if (!value || --value->refs > 0)
		return;
	arena_free(&value->arena);
	free(value);
}

bool
value_same(const struct deploy_value *a, const struct deploy_value *b)
{
	if (!a || !b)
		return a == b;
	return a == b || srpolicy_equal(a->policy, b->policy);
}

/* --- the device --- */

enum pce_status
deploy_device_new(const struct deploy_setup *setup, struct deploy_device **out,
		  struct pce_error *err)
{
	struct deploy_device *device = calloc(1, sizeof(*device));

	if (!device)
		return pce_no_memory(err);
	device->setup = *setup;
	if (device->setup.batch == 0)
		device->setup.batch = DEPLOY_BATCH_DEFAULT;
	device->limit = device->setup.batch;
	device->next_read = USEC_NEVER;
	*out = device;
	return PCE_OK;
}

static void
item_free(struct deploy_item *item)
{
	value_unref(item->want);
	value_unref(item->has);
	free(item->policy_id);
	free(item->refused);
	free(item);
}

void
deploy_device_free(struct deploy_device *device)
{
	if (!device)
		return;
	transaction_close(device);
	for (size_t i = 0; i < device->n; i++)
		item_free(device->items[i]);
	free(device->items);
	free(device->text);
	free(device->forget);
	arena_free(&device->foreign_arena);
	arena_free(&device->order_arena);
	free(device);
}

void
device_say(struct deploy_device *device, const char *text)
{
	/* Only shown: without memory nothing is said. */
	char *copy = array_strdup(text);

	free(device->text);
	device->text = copy;
}

struct usec
back_off_until(struct usec now, int64_t base_us, unsigned times, int64_t most_us, uint64_t random)
{
	int64_t delay = base_us;

	for (unsigned i = 0; i < times && delay < most_us; i++)
		delay *= 2;
	if (delay > most_us)
		delay = most_us;
	delay -= delay / 4 * (int64_t)(random >> 54) / 1024;
	return usec_add(now, delay);
}

void
device_forget(struct deploy_device *device, uint64_t transaction_id)
{
	if (array_reserve(&device->forget, &device->cap_forget, device->n_forget + 1,
			  sizeof(*device->forget), NULL) == PCE_OK)
		device->forget[device->n_forget++] = transaction_id;
}

void
device_back_off(struct deploy_device *device, struct usec now, uint64_t random)
{
	device->not_before =
	    back_off_until(now, USEC_PER_S, device->failures, 60 * (int64_t)USEC_PER_S, random);
	device->failures++;
}

void
deploy_device_get(const struct deploy_device *device, struct deploy_device_view *out)
{
	*out = (struct deploy_device_view){
		.connected = device->connected,
		.known = device->known,
		.busy = device->open.step != STEP_NONE,
		.capabilities = device->capabilities,
		.text = device->text,
		.locked = device->locked,
		.holder_session = device->holder_session,
		.n_policies = device->n_held,
		.n_pending = device->n_queued,
		.n_refused = device->n_refused,
		.foreign = device->foreign,
		.n_foreign = device->n_foreign,
	};
	for (size_t i = 0; device->n_refused > 0 && i < device->n && !out->refused; i++)
		out->refused = device->items[i]->refused;
}

bool
deploy_key_is_foreign(const struct deploy_device *device, uint32_t color,
		      const struct ip_addr *endpoint)
{
	const struct srpolicy key = { .color = color, .endpoint = *endpoint };

	for (size_t i = 0; i < device->n_foreign; i++)
		if (srpolicy_compare(&device->foreign[i], &key) == 0)
			return true;
	return false;
}

/* --- items --- */

static size_t
item_place(const struct deploy_device *device, const struct srpolicy *key, bool *found)
{
	size_t low = 0, high = device->n;

	*found = false;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = srpolicy_compare(&device->items[middle]->key, key);

		if (order == 0) {
			*found = true;
			return middle;
		}
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct deploy_item *
item_find(const struct deploy_device *device, const struct srpolicy *key)
{
	bool found;
	size_t at = item_place(device, key, &found);

	return found ? device->items[at] : NULL;
}

enum pce_status
item_make(struct deploy_device *device, const struct srpolicy *key, struct deploy_item **out,
	  struct pce_error *err)
{
	bool found;
	size_t at = item_place(device, key, &found);
	struct deploy_item *item;
	enum pce_status status;

	if (found) {
		*out = device->items[at];
		return PCE_OK;
	}
	status = array_reserve(&device->items, &device->cap, device->n + 1,
			       sizeof(struct deploy_item *), err);
	if (status)
		return status;
	item = calloc(1, sizeof(*item));
	if (!item)
		return pce_no_memory(err);
	item->key = (struct srpolicy){ .color = key->color, .endpoint = key->endpoint };
	item->owner = DEPLOY_NOBODY;
	item->foreign = deploy_key_is_foreign(device, key->color, &key->endpoint);
	memmove(&device->items[at + 1], &device->items[at],
		(device->n - at) * sizeof(device->items[0]));
	device->items[at] = item;
	device->n++;
	*out = item;
	return PCE_OK;
}

static void
unqueue(struct deploy_device *device, struct deploy_item *item)
{
	if (!item->queued)
		return;
	*(item->previous ? &item->previous->next : &device->first) = item->next;
	*(item->next ? &item->next->previous : &device->last) = item->previous;
	item->previous = item->next = NULL;
	item->queued = false;
	device->n_queued--;
}

void
item_queue(struct deploy_device *device, struct deploy_item *item)
{
	bool differs = !value_same(item->want, item->has) && !item->in_transaction;

	if (!differs) {
		unqueue(device, item);
		return;
	}
	if (item->queued)
		return;
	item->previous = device->last;
	*(device->last ? &device->last->next : &device->first) = item;
	device->last = item;
	item->queued = true;
	device->n_queued++;
}

void
item_touch(struct deploy_device *device, struct deploy_item *item)
{
	if (item->changed || item->owner == DEPLOY_NOBODY)
		return;
	item->changed = true;
	item->next_changed = NULL;
	*(device->last_changed ? &device->last_changed->next_changed : &device->first_changed) =
	    item;
	device->last_changed = item;
}

void
items_touch(struct deploy_device *device)
{
	for (size_t i = 0; i < device->n; i++)
		item_touch(device, device->items[i]);
}

struct deploy_item *
deploy_take_changed(struct deploy_device *device)
{
	struct deploy_item *item = device->first_changed;

	if (!item)
		return NULL;
	device->first_changed = item->next_changed;
	if (!device->first_changed)
		device->last_changed = NULL;
	item->next_changed = NULL;
	item->changed = false;
	return item;
}

static void
untouch(struct deploy_device *device, struct deploy_item *item)
{
	struct deploy_item *last = NULL, **link = &device->first_changed;

	if (!item->changed)
		return;
	for (; *link && *link != item; link = &(*link)->next_changed)
		last = *link;
	if (*link)
		*link = item->next_changed;
	if (device->last_changed == item)
		device->last_changed = last;
	item->changed = false;
}

void
item_clear_refusal(struct deploy_device *device, struct deploy_item *item)
{
	item->retry_at = (struct usec){ 0 };
	if (!item->refused)
		return;
	free(item->refused);
	item->refused = NULL;
	device->n_refused--;
}

void
item_set_has(struct deploy_device *device, struct deploy_item *item, struct deploy_value *has)
{
	device->n_held += (size_t)(has != NULL);
	device->n_held -= (size_t)(item->has != NULL);
	value_unref(item->has);
	item->has = has;
	item->has_serial++;
	if (value_same(item->want, item->has)) {
		item_clear_refusal(device, item);
		item_clear_drift(device, item);
		item->refusals = 0;
	}
	item_queue(device, item);
	item_touch(device, item);
}

void
items_sweep(struct deploy_device *device)
{
	size_t kept = 0;

	for (size_t i = 0; i < device->n; i++) {
		struct deploy_item *item = device->items[i];

		if (item->want || item->has || item->in_transaction ||
		    item->owner != DEPLOY_NOBODY) {
			device->items[kept++] = item;
			continue;
		}
		unqueue(device, item);
		untouch(device, item);
		item_clear_refusal(device, item);
		item_clear_drift(device, item);
		item_free(item);
	}
	device->n = kept;
}

/* A transaction that carries an older value of the item is not worth finishing. */
static void
supersede(struct deploy_device *device, const struct deploy_item *item)
{
	struct open_transaction *t = &device->open;

	if (!item->in_transaction)
		return;
	for (size_t i = 0; i < t->n; i++)
		if (t->changes[i].item == item && value_same(t->changes[i].after, item->want))
			return;
	if (t->step == STEP_STORING || t->step == STEP_STORED)
		t->stale = true;
	if (t->step == STEP_PREPARING || t->step == STEP_PREPARED) {
		t->step = STEP_CANCEL;
		device->awaited = 0;
	}
}

static enum pce_status
take_owner(struct deploy_item *item, const char *policy_id, uint32_t owner, struct pce_error *err)
{
	char *id;

	if (item->owner != DEPLOY_NOBODY && item->owner != owner)
		return pce_fail(err, PCE_EXISTS, "color %u is used by policy %s already",
				item->key.color, item->policy_id ? item->policy_id : "?");
	id = array_strdup(policy_id);
	if (!id)
		return pce_no_memory(err);
	free(item->policy_id);
	item->policy_id = id;
	item->owner = owner;
	return PCE_OK;
}

enum pce_status
deploy_want(struct deploy_device *device, const struct srpolicy *policy, const char *policy_id,
	    uint32_t owner, struct usec now, struct deploy_item **out, struct pce_error *err)
{
	struct deploy_value *value = value_new(policy);
	struct deploy_item *item;
	enum pce_status status;

	(void)now;
	if (!value)
		return pce_no_memory(err);
	status = item_make(device, policy, &item, err);
	if (status == PCE_OK)
		status = take_owner(item, policy_id, owner, err);
	if (status) {
		value_unref(value);
		items_sweep(device);
		return status;
	}
	if (!value_same(item->want, value)) {
		item_clear_refusal(device, item);
		item_clear_drift(device, item); /* it is changed anyway */
		item->refusals = 0;
		item->sent = item->prepared = item->confirmed = (struct usec){ 0 };
	}
	value_unref(item->want);
	item->want = value;
	item_queue(device, item);
	supersede(device, item);
	item_touch(device, item);
	*out = item;
	return PCE_OK;
}

enum pce_status
deploy_want_absent(struct deploy_device *device, const struct srpolicy *key, const char *policy_id,
		   uint32_t owner, struct deploy_item **out, struct pce_error *err)
{
	struct deploy_item *item;
	enum pce_status status = item_make(device, key, &item, err);

	if (status == PCE_OK)
		status = take_owner(item, policy_id, owner, err);
	if (status) {
		items_sweep(device);
		return status;
	}
	deploy_unwant(device, item);
	*out = item;
	return PCE_OK;
}

void
deploy_unwant(struct deploy_device *device, struct deploy_item *item)
{
	value_unref(item->want);
	item->want = NULL;
	item_clear_refusal(device, item);
	item_clear_drift(device, item);
	item->refusals = 0;
	item_queue(device, item);
	supersede(device, item);
	item_touch(device, item);
}

enum pce_status
deploy_adopt(struct deploy_device *device, struct deploy_item *item, const char *name,
	     struct pce_error *err)
{
	for (size_t i = 0; i < device->n_foreign; i++) {
		const struct srpolicy *theirs = &device->foreign[i];
		struct deploy_value *value;

		if (srpolicy_compare(theirs, &item->key) != 0 ||
		    strcmp(theirs->name ? theirs->name : "", name) != 0)
			continue;
		value = value_new(theirs);
		if (!value)
			return pce_no_memory(err);
		item->adopts = true;
		item_set_has(device, item, value);
		return PCE_OK;
	}
	return pce_fail(err, PCE_NOT_FOUND, "router %s holds no policy %s of others",
			device->setup.name, name);
}

void
deploy_hold(struct deploy_device *device, struct deploy_item *item, bool held)
{
	if (item->held != held)
		item_touch(device, item);
	item->held = held;
}

void
deploy_release(struct deploy_device *device, struct deploy_item *item)
{
	item->held = false;
	item->group = 0;
	untouch(device, item);
	item->owner = DEPLOY_NOBODY;
	items_sweep(device);
}

/*
 * What was read while a commit waited for its decision may be taken back by it: then nothing is
 * certain until the router was read again.
 */
static bool
is_certain(const struct deploy_device *device)
{
	bool waits = device->open.step != STEP_NONE && device->open.recovered;

	return device->known && !device->doubtful && !waits;
}

static enum deploy_item_state
item_state(const struct deploy_device *device, const struct deploy_item *item)
{
	if (item->foreign && !item->adopts)
		return DEPLOY_FOREIGN;
	if (item->in_transaction)
		return DEPLOY_RUNNING;
	if (item->refused)
		return DEPLOY_REFUSED;
	return is_certain(device) && value_same(item->want, item->has) ? DEPLOY_SYNCED
								       : DEPLOY_WAITING;
}

void
deploy_item_get(const struct deploy_device *device, const struct deploy_item *item,
		struct deploy_item_view *out)
{
	*out = (struct deploy_item_view){
		.state = item_state(device, item),
		.owner = item->owner,
		.held = item->has || item->in_transaction || !is_certain(device),
		.oper = item->has_oper ? &item->oper : NULL,
		.oper_current = item->has_oper && item->oper_serial == item->has_serial,
		.oper_at = item->oper_at,
		.sent = item->sent,
		.prepared = item->prepared,
		.confirmed = item->confirmed,
	};
	if (out->state == DEPLOY_FOREIGN)
		out->reason = "the router holds a policy of others under this color and endpoint";
	else if (out->state == DEPLOY_REFUSED)
		out->reason = item->refused;
}
