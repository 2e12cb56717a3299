/* Views: reading without events. */
#include <string.h>

#include "pce/service/internal.h"

const struct ted *
service_view_ted(const struct service *s)
{
	return s->ted;
}

struct path_engine *
service_view_engine(struct service *s)
{
	return s->engine;
}

uint64_t
service_view_revision(const struct service *s)
{
	return s->revision;
}

enum pce_status
service_request_of(const struct ted *ted, const struct intent *intent, bool backward,
		   struct arena *arena, struct path_request *out, struct pce_error *err)
{
	return intent_request(ted, intent, backward, arena, out, err);
}

static void
view_intent(const struct service_intent *intent, struct service_view_intent *out)
{
	*out = (struct service_view_intent){
		.intent = intent->intent,
		.revision = intent->revision,
		.state = intent->state,
		.reason = intent->reason,
		.n_policies = intent->n,
	};
	for (size_t i = 0; i < intent->n; i++)
		out->policy_ids[i] = intent->policies[i]->id;
}

bool
service_view_intent_at(const struct service *s, size_t index, struct service_view_intent *out)
{
	if (index >= s->n_intents)
		return false;
	view_intent(s->intents[index], out);
	return true;
}

bool
service_view_intent_by_id(const struct service *s, const char *id, struct service_view_intent *out)
{
	const struct service_intent *intent = intent_find(s, id);

	if (intent)
		view_intent(intent, out);
	return intent != NULL;
}

static const char *
node_name(const struct service *s, ted_node node, const char *key)
{
	return node == TED_NONE ? key : ted_node_at(s->ted, node)->name;
}

static void
view_policy(const struct service *s, const struct service_policy *p,
	    struct service_view_policy *out)
{
	const struct policy_record *r = p->now.record;
	struct deploy_item_view item = { 0 };

	if (p->item)
		deploy_item_get(s->devices[p->device].deploy, p->item, &item);
	*out = (struct service_view_policy){
		.id = p->id,
		.intent_id = p->intent_id,
		.headend = p->headend,
		.tailend = p->tailend,
		.headend_name = node_name(s, p->headend, r->headend),
		.tailend_name = node_name(s, p->tailend, r->tailend),
		.device = p->device == NO_DEVICE ? NULL : s->devices[p->device].config->name,
		.backward = r->backward,
		.state = p->standing.state,
		.reason = p->standing.reason[0] ? p->standing.reason : NULL,
		.srpolicy = &r->srpolicy,
		.n_lists = srpolicy_n_lists(&r->srpolicy),
		.links = (const ted_link *const *)p->links,
		.n_links = p->n_links,
		.bound = r->bound,
		.booked_bps = r->booked_bps,
		.generation = r->generation,
		.operational_known = item.oper != NULL,
		.operational_up = item.oper && item.oper->up,
		.operational = item.oper,
		.measured = p->flow.measured,
		.measured_bps = p->flow.measured_bps,
		.stages = p->stages,
		.cause = p->cause,
		.mode = mode_of_policy(s, p),
	};
}

bool
service_view_policy_at(const struct service *s, size_t index, struct service_view_policy *out)
{
	if (index >= s->n_policies)
		return false;
	view_policy(s, s->policies[index], out);
	return true;
}

bool
service_view_policy_by_id(const struct service *s, const char *id, struct service_view_policy *out)
{
	const struct service_policy *p = policy_find(s, id);

	if (p)
		view_policy(s, p, out);
	return p != NULL;
}

bool
service_view_device_at(const struct service *s, size_t index, struct service_view_device *out)
{
	const struct service_device *d;
	struct deploy_device_view view;

	if (index >= s->n_devices)
		return false;
	d = &s->devices[index];
	deploy_device_get(d->deploy, &view);
	*out = (struct service_view_device){
		.name = d->config->name,
		.node_name = node_name(s, d->node, d->config->node),
		.connected = view.connected,
		.capabilities = view.capabilities,
		.text = view.text,
		.busy = view.busy,
		.n_policies = view.n_policies,
		.n_foreign = view.n_foreign,
		.n_pending = view.n_pending,
		.foreign = view.foreign,
	};
	return true;
}

bool
service_view_feed_at(const struct service *s, size_t index, struct service_view_feed *out)
{
	const struct service_feed *feed;

	if (index >= s->n_feeds)
		return false;
	feed = &s->feeds[index];
	*out = (struct service_view_feed){
		.source = feed->source,
		.name = feed->name,
		.up = feed->up,
		.synced = feed->synced,
		.text = feed->text,
		.updates = feed->updates,
		.deltas = feed->deltas,
	};
	return true;
}

bool
service_view_alarm_at(const struct service *s, size_t index, struct alarm *out)
{
	if (index >= s->alarms.n)
		return false;
	*out = s->alarms.items[index];
	return true;
}

void
service_view_counters(const struct service *s, struct service_view_counters *out)
{
	*out = (struct service_view_counters){ s->lists_strayed, s->lists_refused,
					       s->telemetry_unknown };
}

void
service_view_operate(const struct service *s, struct service_view_operate *out)
{
	*out = (struct service_view_operate){
		.mode = s->mode,
		.frozen = s->guard.frozen ? s->guard.reason : NULL,
		.frozen_since_us = s->guard.since_us,
	};
}

bool
service_view_mode_at(const struct service *s, size_t index, struct scoped_mode *out)
{
	if (index >= s->scopes.n)
		return false;
	*out = s->scopes.items[index].mode;
	return true;
}

const struct change *
service_view_change_at(const struct service *s, size_t index)
{
	return index < s->n_changes ? s->changes[index]->change : NULL;
}

bool
service_view_window_at(const struct service *s, size_t index, struct drain_window *out)
{
	if (index >= s->n_windows)
		return false;
	*out = s->windows[index].window;
	return true;
}

bool
service_view_drain_waiting(const struct service *s, size_t index, size_t n,
			   struct service_stuck *out)
{
	const struct service_policy *p =
	    index < s->n_drains ? drain_waiting(s, &s->drains[index].drain, n) : NULL;

	if (!p)
		return false;
	out->policy_id = p->id;
	out->text = p->standing.reason[0] ? p->standing.reason : "it has not moved yet";
	return true;
}

size_t
service_view_drain_count(const struct service *s)
{
	return s->n_drains;
}

bool
service_view_drain_at(const struct service *s, size_t index, struct service_view_drain *out)
{
	if (index >= s->n_drains)
		return false;
	out->drain = s->drains[index].drain;
	out->remaining = drain_remaining(s, &s->drains[index].drain);
	return true;
}

size_t
service_view_move_count(const struct service *s, const char *policy_id)
{
	const struct service_policy *p = policy_find(s, policy_id);

	return p ? p->moves.n : 0;
}

const struct policy_move *
service_view_move_at(const struct service *s, const char *policy_id, size_t index)
{
	const struct service_policy *p = policy_find(s, policy_id);

	return p && index < p->moves.n ? p->moves.items[index]->move : NULL;
}
