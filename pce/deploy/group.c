/*
 * One router's part in a change of several: its transaction stops when it is prepared, until the
 * room around it, which sees all routers of the group, decides or abandons it.
 */
#include "pce/deploy/internal.h"

void
deploy_group(struct deploy_device *device, struct deploy_item *item, uint64_t group)
{
	if (item->group != group)
		item_touch(device, item);
	item->group = group;
}

static bool
is_open(const struct deploy_device *device, uint64_t group)
{
	return device->open.step != STEP_NONE && device->open.group == group;
}

/* True if nothing keeps a transaction from beginning, as deploy_next has it. */
static bool
is_idle(const struct deploy_device *device, struct usec now)
{
	return device->connected && device->known && !device->need_read && !device->doubtful &&
	       device->awaited == 0 && device->open.step == STEP_NONE &&
	       usec_due(device->not_before, now);
}

void
deploy_group_get(const struct deploy_device *device, uint64_t group, struct usec now,
		 struct deploy_group_view *out)
{
	const struct open_transaction *t = &device->open;
	bool certain = device->known && !device->doubtful && !t->recovered;

	*out = (struct deploy_group_view){
		.connected = device->connected,
		.confirms = (device->capabilities & DEVICE_CONFIRMED_COMMIT) != 0,
		.ready = is_idle(device, now),
	};
	/* What was read while a change was still to be taken back says nothing. */
	for (size_t i = 0; !certain && i < device->n; i++)
		out->n += device->items[i]->group == group && !device->items[i]->queued &&
			  !device->items[i]->in_transaction;
	for (const struct deploy_item *item = device->first; item; item = item->next) {
		if (item->group != group)
			continue;
		out->n++;
		out->ready = out->ready && !item->held && !item->foreign &&
			     (!item->refused || usec_due(item->retry_at, now));
	}
	if (is_open(device, group)) {
		out->n += t->n;
		out->running = !t->decided && t->step != STEP_CANCEL &&
			       t->step != STEP_CANCELLING && t->step != STEP_DOUBT && !t->stale;
		out->prepared = t->step == STEP_PREPARED;
		out->deciding = t->step == STEP_DECIDING;
	}
	out->running = out->running || device->start_group == group;
}

void
deploy_group_start(struct deploy_device *device, uint64_t group)
{
	device->start_group = group;
}

void
deploy_group_decide(struct deploy_device *device, uint64_t group)
{
	struct open_transaction *t = &device->open;

	if (!is_open(device, group) || t->step != STEP_PREPARED)
		return;
	t->decided = true;
	t->step = STEP_DECIDING;
	t->record_due = true;
}

void
deploy_group_abandon(struct deploy_device *device, uint64_t group)
{
	struct open_transaction *t = &device->open;

	if (device->start_group == group)
		device->start_group = 0;
	if (!is_open(device, group) || t->decided)
		return;
	if (t->step == STEP_STORING) {
		t->stale = true;
	} else if (t->step == STEP_STORED) {
		transaction_close(device);
	} else if (t->step == STEP_PREPARING || t->step == STEP_PREPARED) {
		t->step = STEP_CANCEL;
		device->awaited = 0;
	}
}

uint64_t
deploy_group_unstored(struct deploy_device *device, uint64_t transaction)
{
	struct open_transaction *t = &device->open;
	bool confirms = (device->capabilities & DEVICE_CONFIRMED_COMMIT) != 0;

	if (t->id != transaction || t->group == 0)
		return 0;
	if (t->step == STEP_STORING && !confirms)
		transaction_close(device);
	if (t->step != STEP_DECIDING)
		return 0;
	t->decided = false;
	t->step = t->lost ? STEP_DOUBT : STEP_CANCEL;
	return t->group;
}
