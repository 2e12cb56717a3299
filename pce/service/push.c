/* Devices: what happened to them goes in, their orders go out as effects. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pce/service/assure.h"
#include "pce/service/internal.h"

/* --- making --- */

static uint32_t
batch_of(const struct karst_config *config, const struct config_device *device)
{
	for (size_t i = 0; device->profile && i < config->n_profiles; i++)
		if (strcmp(config->profiles[i].name, device->profile) == 0)
			return config->profiles[i].batch;
	return 0;
}

enum pce_status
push_new(struct service *s, struct pce_error *err)
{
	const struct karst_config *config = s->config;

	s->devices = calloc(config->n_devices + 1, sizeof(*s->devices));
	if (!s->devices)
		return pce_no_memory(err);
	s->n_devices = config->n_devices;
	s->some_unbound = true;
	for (size_t i = 0; i < s->n_devices; i++) {
		struct service_device *d = &s->devices[i];
		const struct deploy_setup setup = {
			.name = config->devices[i].name,
			.color_min = config->color_min,
			.color_max = config->color_max,
			.name_prefix = config->name_prefix,
			.batch = batch_of(config, &config->devices[i]),
			.confirm_timeout_s = config->confirm_timeout_s,
			.readback_interval_s = config->readback_interval_s,
			.grants = true,
		};
		enum pce_status status;

		d->config = &config->devices[i];
		d->node = TED_NONE;
		status = deploy_device_new(&setup, &d->deploy, err);
		if (status)
			return status;
	}
	return PCE_OK;
}

void
poke_all(struct service *s)
{
	for (size_t i = 0; i < s->n_devices; i++)
		s->devices[i].poked = true;
}

/* --- events --- */

static struct service_device *
find_device(struct service *s, const char *name)
{
	for (size_t i = 0; name && i < s->n_devices; i++)
		if (strcmp(s->devices[i].config->name, name) == 0)
			return &s->devices[i];
	return NULL;
}

static const char *
device_name(const struct service_event *e)
{
	switch (e->kind) {
	case SERVICE_DEVICE_UP:
		return e->u.device_up.device;
	case SERVICE_DEVICE_DOWN:
		return e->u.device_down.device;
	case SERVICE_DEVICE_RESULT:
		return e->u.device_result.device;
	case SERVICE_DEVICE_READ:
		return e->u.device_read.device;
	case SERVICE_DEVICE_CHANGED:
		return e->u.device_changed.device;
	default:
		return NULL;
	}
}

static enum pce_status
device_up(struct service *s, struct service_device *d, struct pce_error *err)
{
	char object[160];
	enum pce_status status;

	snprintf(object, sizeof(object), "device/%s", d->config->name);
	deploy_up(d->deploy, s->step.event->u.device_up.capabilities, s->step.now);
	status = clear_alarm(s, object, "unreachable", err);
	return status ? status : tell_session(s, object, "up", NULL, err);
}

static enum pce_status
device_down(struct service *s, struct service_device *d, struct pce_error *err)
{
	const struct service_event *e = s->step.event;
	const char *text = e->u.device_down.text;
	char object[160];
	const struct alarm alarm = {
		.object = object,
		.cause = "unreachable",
		.severity = ALARM_MAJOR,
		.text = text && *text ? text : pce_status_name(e->u.device_down.status),
		.action = "Its policies stay as they are; restore the management session.",
	};
	enum pce_status status;

	snprintf(object, sizeof(object), "device/%s", d->config->name);
	deploy_down(d->deploy, alarm.text);
	status = raise_alarm(s, &alarm, err);
	return status ? status : tell_session(s, object, "down", alarm.text, err);
}

enum pce_status
push_event(struct service *s, struct pce_error *err)
{
	const struct service_event *e = s->step.event;
	struct service_device *d = find_device(s, device_name(e));

	if (!d)
		return PCE_OK;
	d->poked = true;
	switch (e->kind) {
	case SERVICE_DEVICE_UP:
		return device_up(s, d, err);
	case SERVICE_DEVICE_DOWN:
		return device_down(s, d, err);
	case SERVICE_DEVICE_RESULT:
		return deploy_result(d->deploy, e->id, &e->u.device_result.result, s->step.now,
				     s->step.random, err);
	case SERVICE_DEVICE_READ:
		return deploy_read(d->deploy, e->id, e->u.device_read.status, e->u.device_read.text,
				   &e->u.device_read.state, s->step.now, s->step.random, err);
	case SERVICE_DEVICE_CHANGED:
		deploy_changed(d->deploy);
		return PCE_OK;
	default:
		return PCE_OK;
	}
}

/* --- what changed on a device --- */

static void
stamp(struct service *s, struct service_policy *p, const struct deploy_item_view *view)
{
	if (view->prepared.v == 0 || p->stages.computed.v == 0)
		return;
	p->stages.sent = view->sent;
	p->stages.prepared = view->prepared;
	p->stages.confirmed = view->confirmed;
	history_stages(s, p);
}

static enum pce_status
take_changed(struct service *s, struct service_device *d, struct deploy_item *item,
	     struct pce_error *err)
{
	struct deploy_item_view view;
	struct service_policy *p;
	enum pce_status status;

	deploy_item_get(d->deploy, item, &view);
	p = view.owner < s->n_slots ? s->slots[view.owner] : NULL;
	if (!p || p->item != item || !p->now.record)
		return PCE_OK;
	touch(s, p);
	if (p->now.record->removing)
		return policy_try_delete(s, p, err);
	/* After a restart the router is read when its policy is wanted already. */
	if (view.state == DEPLOY_FOREIGN && p->now.record->adopts &&
	    deploy_adopt(d->deploy, item, p->now.record->adopts, NULL) == PCE_NO_MEMORY)
		return pce_no_memory(err);
	if (view.state != DEPLOY_SYNCED)
		return PCE_OK;
	stamp(s, p, &view);
	status = assure_note(s, p, &view, err);
	if (status == PCE_OK)
		status = repair_over(s, p, err);
	return status ? status : policy_settled(s, p, err);
}

static enum pce_status
take_all_changed(struct service *s, struct service_device *d, struct pce_error *err)
{
	struct deploy_item *item;
	enum pce_status status = PCE_OK;

	while (status == PCE_OK && (item = deploy_take_changed(d->deploy)) != NULL)
		status = take_changed(s, d, item, err);
	return status;
}

static enum pce_status
alarm_if(struct service *s, bool on, const struct alarm *alarm, struct pce_error *err)
{
	return on ? raise_alarm(s, alarm, err) : clear_alarm(s, alarm->object, alarm->cause, err);
}

static enum pce_status
device_alarms(struct service *s, struct service_device *d, struct pce_error *err)
{
	struct deploy_device_view view;
	char object[160], text[640];
	struct alarm alarm = { .object = object, .severity = ALARM_MINOR, .text = text };
	enum pce_status status;

	deploy_device_get(d->deploy, &view);
	snprintf(object, sizeof(object), "device/%s", d->config->name);
	snprintf(text, sizeof(text), "%s%s", view.text ? view.text : "its configuration is locked",
		 "");
	if (view.holder_session)
		snprintf(text, sizeof(text), "session %u holds its configuration: %s",
			 view.holder_session, view.text ? view.text : "locked");
	alarm.cause = "locked";
	alarm.action = "End the other session, or discard its edits; Karst waits and tries again.";
	status = alarm_if(s, view.connected && view.locked, &alarm, err);
	if (status)
		return status;
	snprintf(text, sizeof(text), "%s", view.refused ? view.refused : "");
	alarm.cause = "refused";
	alarm.severity = ALARM_MAJOR;
	alarm.action = "Correct the router or the intent; the policy is tried again from time to "
		       "time.";
	return alarm_if(s, view.n_refused > 0, &alarm, err);
}

/* --- orders --- */

static enum pce_status
emit_apply(struct service *s, const struct deploy_order *order, uint64_t id, struct pce_error *err)
{
	struct service_effect *e = service_effects_add(s->step.effects, SERVICE_APPLY, id);

	if (e)
		e->u.apply.transaction =
		    deploy_transaction_copy(&s->step.effects->arena, order->transaction);
	if (!e || !e->u.apply.transaction)
		return pce_no_memory(err);
	e->u.apply.phase = order->phase;
	return PCE_OK;
}

static enum pce_status
emit_read(struct service *s, const struct service_device *d, uint64_t id, struct pce_error *err)
{
	struct service_effect *e = service_effects_add(s->step.effects, SERVICE_READ, id);

	if (e)
		e->u.read.device = arena_strdup(&s->step.effects->arena, d->config->name);
	return e && e->u.read.device ? PCE_OK : pce_no_memory(err);
}

static enum pce_status
carry_out(struct service *s, uint32_t device, const struct deploy_order *order, uint64_t id,
	  struct pce_error *err)
{
	switch (order->kind) {
	case DEPLOY_ORDER_NONE:
		return PCE_OK;
	case DEPLOY_ORDER_STORE:
		s->batch_wanted = true;
		return want_transaction(s, device, &order->record, 0, err);
	case DEPLOY_ORDER_FORGET:
		return want_transaction(s, device, NULL, order->transaction_id, err);
	case DEPLOY_ORDER_APPLY:
		return emit_apply(s, order, id, err);
	case DEPLOY_ORDER_READ:
		return emit_read(s, &s->devices[device], id, err);
	}
	return PCE_OK;
}

static enum pce_status
orders_of(struct service *s, uint32_t device, struct pce_error *err)
{
	struct service_device *d = &s->devices[device];
	struct deploy_order order = { .kind = DEPLOY_ORDER_STORE };
	enum pce_status status = PCE_OK;

	bool open = !s->learning && !operate_waits(s) && mode_opens(s, d);

	while (status == PCE_OK && order.kind != DEPLOY_ORDER_NONE) {
		uint64_t id = s->next_id;
		bool used = false;

		status = deploy_next(d->deploy, s->step.now, id, s->step.random ^ id, open, &order,
				     &used, err);
		if (status == PCE_OK && used)
			(void)take_id(s);
		if (status == PCE_OK)
			status = carry_out(s, device, &order, id, err);
	}
	return status;
}

enum pce_status
push_orders(struct service *s, struct pce_error *err)
{
	enum pce_status status = PCE_OK;

	groups_tick(s);
	drift_poke(s);
	for (size_t i = 0; i < s->n_devices && status == PCE_OK; i++) {
		struct service_device *d = &s->devices[i];

		if (!d->poked && !usec_due(deploy_deadline(d->deploy), s->step.now))
			continue;
		d->poked = false;
		status = take_all_changed(s, d, err);
		if (status == PCE_OK)
			status = drift_look(s, (uint32_t)i, err);
		if (status == PCE_OK)
			status = orders_of(s, (uint32_t)i, err);
		if (status == PCE_OK)
			status = take_all_changed(s, d, err);
		if (status == PCE_OK)
			status = device_alarms(s, d, err);
	}
	return status;
}
