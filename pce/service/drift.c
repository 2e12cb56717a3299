/*
 * Drift: what routers hold otherwise than Karst left it. Each difference is kept with its fields
 * until it is repaired, and the last repaired ones after that; an alarm for each router says how
 * many there are. Repairs count as moves: they are granted one by one within the cap, and only
 * where Karst may act.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"
#include "pce/policy/differ.h"
#include "pce/service/internal.h"

#define REPAIRED_MOST 64

static void
entry_free(struct drift_entry *entry)
{
	arena_free(&entry->arena);
	free(entry);
}

void
drift_free(struct service *s)
{
	for (size_t i = 0; i < s->n_drifts; i++)
		entry_free(s->drifts[i]);
	free(s->drifts);
}

/* --- the list --- */

static struct drift_entry *
find_open(const struct service *s, uint32_t device, const struct deploy_drift_view *view)
{
	for (size_t i = 0; i < s->n_drifts; i++) {
		struct drift_entry *e = s->drifts[i];

		if (e->repaired_us == 0 && e->device == device && e->color == view->color &&
		    ip_compare(&e->endpoint, &view->endpoint) == 0)
			return e;
	}
	return NULL;
}

static enum pce_status
fill(struct service *s, struct drift_entry *e, uint32_t device,
     const struct deploy_drift_view *view, struct pce_error *err)
{
	struct policy_difference *differences;
	enum pce_status status =
	    policy_differ(view->want, view->has, &e->arena, &differences, &e->n_differences, err);

	if (status)
		return status;
	e->device = device;
	e->color = view->color;
	e->endpoint = view->endpoint;
	e->since_us = s->step.event->wall_us;
	e->differences = differences;
	if (view->policy_id)
		e->policy_id = arena_strdup(&e->arena, view->policy_id);
	return view->policy_id && !e->policy_id ? pce_no_memory(err) : PCE_OK;
}

static enum pce_status
add(struct service *s, uint32_t device, const struct deploy_drift_view *view,
    struct drift_entry **out, struct pce_error *err)
{
	struct drift_entry *e = calloc(1, sizeof(*e));
	enum pce_status status =
	    e ? array_reserve(&s->drifts, &s->cap_drifts, s->n_drifts + 1, sizeof(*s->drifts), err)
	      : pce_no_memory(err);

	if (status == PCE_OK)
		status = fill(s, e, device, view, err);
	if (status) {
		if (e)
			entry_free(e);
		return status;
	}
	s->drifts[s->n_drifts++] = e;
	s->n_open_drifts++;
	*out = e;
	return PCE_OK;
}

/* Only the last repaired ones are kept. */
static void
forget_old(struct service *s)
{
	size_t repaired = s->n_drifts - s->n_open_drifts, kept = 0;

	for (size_t i = 0; i < s->n_drifts; i++) {
		if (s->drifts[i]->repaired_us != 0 && repaired > REPAIRED_MOST) {
			repaired--;
			entry_free(s->drifts[i]);
		} else {
			s->drifts[kept++] = s->drifts[i];
		}
	}
	s->n_drifts = kept;
}

static void
close_unseen(struct service *s, uint32_t device)
{
	for (size_t i = 0; i < s->n_drifts; i++) {
		struct drift_entry *e = s->drifts[i];

		if (e->device != device || e->repaired_us != 0 || e->seen)
			continue;
		e->repaired_us = s->step.event->wall_us;
		s->n_open_drifts--;
	}
}

/* --- alarms --- */

static void
say_first(const struct drift_entry *e, char *text, size_t cap)
{
	const struct policy_difference *d = &e->differences[0];

	if (e->n_differences == 0)
		snprintf(text, cap, "policy %s", e->policy_id ? e->policy_id : "of nobody");
	else
		snprintf(text, cap, "policy %s: %s is %s, not %s",
			 e->policy_id ? e->policy_id : "of nobody", d->field,
			 d->theirs ? d->theirs : "absent", d->ours ? d->ours : "absent");
}

static enum pce_status
tell_drift(struct service *s, uint32_t device, struct pce_error *err)
{
	const struct drift_entry *first = NULL;
	char object[160], what[512] = "", text[640];
	const struct alarm alarm = {
		.object = object,
		.cause = "drift",
		.severity = ALARM_MINOR,
		.text = text,
		.action = "Find out who changed it; Karst puts its own back when it may act, see "
			  "karst policy drift.",
	};
	size_t n = 0;

	for (size_t i = 0; i < s->n_drifts; i++) {
		if (s->drifts[i]->device != device || s->drifts[i]->repaired_us != 0)
			continue;
		first = first ? first : s->drifts[i];
		n++;
	}
	snprintf(object, sizeof(object), "device/%s", s->devices[device].config->name);
	if (n == 0)
		return clear_alarm(s, object, "drift", err);
	say_first(first, what, sizeof(what));
	snprintf(text, sizeof(text), "%zu policies are not as Karst left them; %s", n, what);
	return raise_alarm(s, &alarm, err);
}

/* --- repairs --- */

static struct service_policy *
owner_of(const struct service *s, const struct deploy_drift_view *view)
{
	return view->owner < s->n_slots ? s->slots[view->owner] : NULL;
}

/* MODE_OBSERVE while nothing may be changed. */
static enum operate_mode
mode_of_repair(struct service *s, uint32_t device, const struct service_policy *p)
{
	if (s->learning || operate_waits(s))
		return MODE_OBSERVE;
	return (p ? mode_of_policy(s, p) : mode_of(s, s->devices[device].node, NULL)).mode;
}

/* A policy that is being changed or leaves needs nobody's approval for what it was. */
static bool
may_wait(const struct service_policy *p)
{
	return p && p->intent && !p->intent->pending && !p->now.record->removing &&
	       !p->now.record->unapproved;
}

static void
say_changed(const struct service *s, const struct drift_entry *e, char *text, size_t cap)
{
	snprintf(text, cap, "router %s was changed", s->devices[e->device].config->name);
}

/* The repair is a move of the policy: it has its place in the history, and its stages. */
static enum pce_status
note_repair(struct service *s, struct service_policy *p, const struct drift_entry *e,
	    struct pce_error *err)
{
	char text[512], cause[256];
	const struct policy_move why = { .kind = MOVE_REPAIRED, .text = text };
	enum pce_status status;

	if (!p || !p->intent || p->intent->pending || p->now.record->removing)
		return PCE_OK;
	say_first(e, text, sizeof(text));
	say_changed(s, e, cause, sizeof(cause));
	status = remember_before(s, p, err);
	if (status == PCE_OK)
		status = replace_text(&p->cause, cause, err);
	if (status)
		return status;
	p->now.record->generation++;
	p->stages = (struct service_stages){ s->step.now, s->step.now, s->step.now, { 0 },
					     { 0 },       { 0 },       { 0 } };
	want_stored(s, p);
	return history_note(s, p, &why, err);
}

/* Takes in one drifted item, and grants its repair if there is credit for it. */
static enum pce_status
take(struct service *s, uint32_t device, struct deploy_item *item, struct pce_error *err)
{
	struct deploy_drift_view view;
	struct service_policy *p;
	struct drift_entry *e;
	enum operate_mode mode;
	char cause[256];
	enum pce_status status = PCE_OK;

	deploy_drift_get(item, &view);
	p = owner_of(s, &view);
	e = find_open(s, device, &view);
	if (!e)
		status = add(s, device, &view, &e, err);
	if (status)
		return status;
	e->seen = true;
	if (view.granted)
		return PCE_OK;
	mode = mode_of_repair(s, device, p);
	if (mode == MODE_ADVISE && may_wait(p)) {
		say_changed(s, e, cause, sizeof(cause));
		return repair_propose(s, p, view.has, cause, err);
	}
	if (mode != MODE_ACT)
		return PCE_OK;
	if (!guard_may_move(&s->guard, s->step.now)) {
		s->repair_at = usec_min(s->repair_at, guard_next_move(&s->guard, s->step.now));
		return PCE_OK;
	}
	guard_moved(&s->guard, s->step.now);
	deploy_grant_repair(item);
	return note_repair(s, p, e, err);
}

enum pce_status
drift_look(struct service *s, uint32_t device, struct pce_error *err)
{
	const struct deploy_device *deploy = s->devices[device].deploy;
	struct deploy_item *item = deploy_next_drifted(deploy, NULL);
	enum pce_status status = PCE_OK;

	if (!item && s->n_open_drifts == 0)
		return PCE_OK;
	for (size_t i = 0; i < s->n_drifts; i++)
		s->drifts[i]->seen = false;
	for (; item && status == PCE_OK; item = deploy_next_drifted(deploy, item))
		status = take(s, device, item, err);
	if (status)
		return status;
	close_unseen(s, device);
	forget_old(s);
	return tell_drift(s, device, err);
}

void
drift_poke_policy(struct service *s, const struct service_policy *p)
{
	if (p->device != NO_DEVICE)
		s->devices[p->device].poked = true;
}

enum pce_status
drift_grant(struct service *s, struct service_policy *p, struct pce_error *err)
{
	struct deploy_item *item = NULL;
	struct deploy_drift_view view;
	struct drift_entry *e;

	drift_poke_policy(s, p);
	if (p->device == NO_DEVICE)
		return PCE_OK;
	/* After a restart it is a difference like any other, and nothing need be granted. */
	do
		item = deploy_next_drifted(s->devices[p->device].deploy, item);
	while (item && item != p->item);
	if (!item)
		return PCE_OK;
	deploy_drift_get(item, &view);
	guard_moved(&s->guard, s->step.now);
	deploy_grant_repair(item);
	e = find_open(s, p->device, &view);
	return e ? note_repair(s, p, e, err) : PCE_OK;
}

/* Those that waited for the cap get their turn. */
void
drift_poke(struct service *s)
{
	if (!usec_due(s->repair_at, s->step.now))
		return;
	s->repair_at = USEC_NEVER;
	for (size_t i = 0; i < s->n_devices; i++)
		if (deploy_next_drifted(s->devices[i].deploy, NULL))
			s->devices[i].poked = true;
}

/* --- looking --- */

bool
service_view_drift_at(const struct service *s, size_t index, struct service_view_drift *out)
{
	const struct drift_entry *e;

	if (index >= s->n_drifts)
		return false;
	e = s->drifts[index];
	*out = (struct service_view_drift){
		.device = s->devices[e->device].config->name,
		.policy_id = e->policy_id,
		.color = e->color,
		.endpoint = e->endpoint,
		.since_us = e->since_us,
		.repaired_us = e->repaired_us,
		.differences = e->differences,
		.n_differences = e->n_differences,
	};
	return true;
}
