/*
 * Drift: what a router holds otherwise than Karst left it, without Karst's doing. It is seen when
 * the router is read, of what was in order before; what differs after a restart of Karst may as
 * well be a change that was never sent. A drifted item is a difference like any other, but is only
 * carried when its owner grants the repair, if the device is set up so.
 */
#include "pce/deploy/internal.h"

void
item_clear_drift(struct deploy_device *device, struct deploy_item *item)
{
	if (!item->drifted)
		return;
	item->drifted = item->granted = false;
	device->n_drifted--;
}

bool
item_in_order(const struct deploy_device *device, const struct deploy_item *item)
{
	return device->known && !device->doubtful && device->open.step == STEP_NONE &&
	       !item->foreign && value_same(item->want, item->has);
}

void
item_note_drift(struct deploy_device *device, struct deploy_item *item, bool in_order)
{
	if (!in_order || item->drifted || value_same(item->want, item->has))
		return;
	item->drifted = true;
	device->n_drifted++;
}

struct deploy_item *
deploy_next_drifted(const struct deploy_device *device, const struct deploy_item *after)
{
	bool past = after == NULL;

	for (size_t i = 0; device->n_drifted > 0 && i < device->n; i++) {
		if (past && device->items[i]->drifted)
			return device->items[i];
		past = past || device->items[i] == after;
	}
	return NULL;
}

void
deploy_drift_get(const struct deploy_item *item, struct deploy_drift_view *out)
{
	*out = (struct deploy_drift_view){
		.color = item->key.color,
		.endpoint = item->key.endpoint,
		.owner = item->owner,
		.policy_id = item->owner == DEPLOY_NOBODY ? NULL : item->policy_id,
		.want = item->want ? item->want->policy : NULL,
		.has = item->has ? item->has->policy : NULL,
		.granted = item->granted,
	};
}

void
deploy_grant_repair(struct deploy_item *item)
{
	item->granted = true;
}
