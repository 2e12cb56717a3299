/*
 * Reading a router back: what is Karst's becomes what the items hold, what is others' is listed
 * and never touched. Karst's is what lies in its color range and carries its name prefix; a
 * driver's own sorting into ours and foreign is checked again here.
 */
#include <string.h>

#include "pce/base/array.h"
#include "pce/deploy/internal.h"

static bool
is_ours(const struct deploy_device *device, const struct srpolicy *policy)
{
	const char *prefix = device->setup.name_prefix ? device->setup.name_prefix : "";

	return policy->color >= device->setup.color_min &&
	       policy->color <= device->setup.color_max && policy->name &&
	       strncmp(policy->name, prefix, strlen(prefix)) == 0;
}

/* What an observed policy is as a value: the wanted one if they are equal, else a copy. */
static struct deploy_value *
value_of(const struct deploy_item *item, const struct srpolicy *observed)
{
	if (item->want && srpolicy_equal(item->want->policy, observed))
		return value_ref(item->want);
	if (item->has && srpolicy_equal(item->has->policy, observed))
		return value_ref(item->has);
	return value_new(observed);
}

static enum pce_status
take_ours(struct deploy_device *device, const struct srpolicy *observed, struct pce_error *err)
{
	struct deploy_item *item;
	struct deploy_value *value;
	enum pce_status status = item_make(device, observed, &item, err);
	bool in_order;

	if (status)
		return status;
	in_order = item_in_order(device, item);
	item->seen = true;
	if (item->has && srpolicy_equal(item->has->policy, observed))
		return PCE_OK;
	value = value_of(item, observed);
	if (!value)
		return pce_no_memory(err);
	item_set_has(device, item, value);
	item_note_drift(device, item, in_order);
	return PCE_OK;
}

static enum pce_status
take_policies(struct deploy_device *device, const struct device_state *state, struct pce_error *err)
{
	for (size_t i = 0; i < device->n; i++)
		device->items[i]->seen = false;
	for (size_t i = 0; i < state->n_policies; i++) {
		enum pce_status status = PCE_OK;

		if (is_ours(device, &state->policies[i]))
			status = take_ours(device, &state->policies[i], err);
		if (status)
			return status;
	}
	for (size_t i = 0; i < device->n; i++)
		if (!device->items[i]->seen && device->items[i]->has &&
		    !(device->items[i]->adopts && device->items[i]->foreign)) {
			bool in_order = item_in_order(device, device->items[i]);

			item_set_has(device, device->items[i], NULL);
			item_note_drift(device, device->items[i], in_order);
		}
	return PCE_OK;
}

/* Copies what is not ours out of a list into the device's foreign list. */
static enum pce_status
add_foreign(struct deploy_device *device, struct arena *arena, struct srpolicy *list, size_t *n,
	    const struct srpolicy *from, size_t n_from, bool all, struct pce_error *err)
{
	for (size_t i = 0; i < n_from; i++) {
		const struct srpolicy *copy;

		if (!all && is_ours(device, &from[i]))
			continue;
		copy = srpolicy_copy(arena, &from[i]);
		if (!copy)
			return pce_no_memory(err);
		list[(*n)++] = *copy;
	}
	return PCE_OK;
}

static enum pce_status
take_foreign(struct deploy_device *device, const struct device_state *state, struct pce_error *err)
{
	struct arena arena = { 0 };
	size_t most = state->n_foreign + state->n_policies, n = 0;
	struct srpolicy *list = arena_alloc(&arena, (most + 1) * sizeof(*list));
	enum pce_status status = list ? PCE_OK : pce_no_memory(err);

	if (status == PCE_OK)
		status = add_foreign(device, &arena, list, &n, state->foreign, state->n_foreign,
				     true, err);
	if (status == PCE_OK)
		status = add_foreign(device, &arena, list, &n, state->policies, state->n_policies,
				     false, err);
	if (status) {
		arena_free(&arena);
		return status;
	}
	arena_free(&device->foreign_arena);
	device->foreign_arena = arena;
	device->foreign = list;
	device->n_foreign = n;
	for (size_t i = 0; i < device->n; i++) {
		struct deploy_item *item = device->items[i];
		bool foreign = deploy_key_is_foreign(device, item->key.color, &item->key.endpoint);

		if (foreign != item->foreign)
			item_touch(device, item);
		item->foreign = foreign;
	}
	return PCE_OK;
}

/* Without memory nothing is told of its lists. */
static void
copy_oper_lists(struct arena *arena, const struct srpolicy_oper *from, struct srpolicy_oper *out)
{
	struct srpolicy_oper_list *lists = arena_alloc(arena, (from->n_lists + 1) * sizeof(*lists));

	out->lists = lists;
	out->n_lists = lists ? from->n_lists : 0;
	for (size_t i = 0; i < out->n_lists; i++) {
		lists[i] = from->lists[i];
		lists[i].reason = lists[i].reason ? arena_strdup(arena, lists[i].reason) : NULL;
	}
}

static void
take_oper(struct deploy_device *device, const struct device_state *state)
{
	for (size_t i = 0; i < device->n; i++)
		device->items[i]->has_oper = false;
	for (size_t i = 0; i < state->n_oper; i++) {
		const struct srpolicy_oper *oper = &state->oper[i];
		const struct srpolicy key = { .color = oper->color, .endpoint = oper->endpoint };
		struct deploy_item *item = item_find(device, &key);

		if (!item)
			continue;
		item_touch(device, item);
		item->has_oper = true;
		item->oper_serial = item->has_serial;
		item->oper_at = device->read_sent;
		item->oper = *oper;
		item->oper.reason =
		    oper->reason ? arena_strdup(&device->foreign_arena, oper->reason) : NULL;
		copy_oper_lists(&device->foreign_arena, oper, &item->oper);
	}
}

static enum pce_status
take_state(struct deploy_device *device, const struct device_state *state, struct pce_error *err)
{
	enum pce_status status = take_foreign(device, state, err);

	if (status == PCE_OK)
		status = take_policies(device, state, err);
	if (status)
		return status;
	take_oper(device, state);
	if (!device->known || device->doubtful)
		items_touch(device);
	device->known = true;
	device->doubtful = false;
	return PCE_OK;
}

enum pce_status
deploy_read(struct deploy_device *device, uint64_t id, enum pce_status result, const char *text,
	    const struct device_state *state, struct usec now, uint64_t random,
	    struct pce_error *err)
{
	enum pce_status status;

	if (id == 0 || id != device->awaited || !device->awaits_read)
		return PCE_OK;
	device->awaited = 0;
	device->awaits_read = false;
	if (result) {
		device_say(device, text);
		device->need_read = true;
		device_back_off(device, now, random);
		return PCE_OK;
	}
	status = take_state(device, state, err);
	if (status)
		return status;
	device->need_read = device->changed;
	device->changed = false;
	device->now = now;
	device->next_read = USEC_NEVER;
	if (device->setup.readback_interval_s > 0)
		device->next_read =
		    back_off_until(now, (int64_t)device->setup.readback_interval_s * USEC_PER_S, 0,
				   INT64_MAX, random); /* less up to a quarter: not all at once */
	if (device->open.step == STEP_DOUBT)
		transaction_settle(device, state->pending_persist_id);
	items_sweep(device);
	return PCE_OK;
}
