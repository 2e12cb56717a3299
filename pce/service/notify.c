/* States that changed in a step become notices at its end, once each. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"
#include "pce/service/internal.h"

void
touch(struct service *s, struct service_policy *p)
{
	if (p->touched || p->slot == NO_SLOT)
		return;
	if (array_reserve(&s->touched, &s->cap_touched, s->n_touched + 1, sizeof(*s->touched),
			  NULL) != PCE_OK)
		return;
	p->touched = true;
	s->touched[s->n_touched++] = p->slot;
}

void
touch_intent(struct service *s, struct service_intent *intent)
{
	intent->touched = true;
	s->some_intent_touched = true;
}

/* --- standing --- */

static bool
link_is_overbooked(const struct ted_link_row *row)
{
	uint64_t taken = row->booked_bps + row->slice_bps + row->unbooked_bps;

	return taken > row->base_bps;
}

static void
look_at_links(const struct service *s, const struct service_policy *p, struct policy_facts *f)
{
	for (size_t i = 0; p->links && i < srpolicy_n_lists(&p->now.record->srpolicy); i++)
		for (size_t k = 0; k < policy_reach(p, i); k++) {
			const struct ted_link_row *row;

			if (p->links[i][k] == TED_NONE)
				continue;
			row = ted_link_at(s->ted, p->links[i][k]);
			f->stale = f->stale || row->stale;
			f->overbooked = f->overbooked ||
					(p->now.record->booked_bps > 0 && link_is_overbooked(row));
		}
}

void
policy_standing_of(const struct service *s, const struct service_policy *p,
		   struct policy_standing *out)
{
	struct policy_facts f = {
		.removing = p->now.record->removing,
		.has_path = p->now.record->srpolicy.n_paths > 0,
		.failed = p->failed,
		.degraded = p->degraded,
		.waits = p->waits,
		.headend = p->headend == TED_NONE ? p->now.record->headend
						  : ted_node_at(s->ted, p->headend)->name,
		.has_item = p->item != NULL,
	};
	struct deploy_device_view view = { 0 };
	char mode[192];

	look_at_links(s, p, &f);
	if (p->device != NO_DEVICE) {
		deploy_device_get(s->devices[p->device].deploy, &view);
		f.device = s->devices[p->device].config->name;
		f.connected = view.connected;
		f.device_text = view.text;
	}
	if (p->item)
		deploy_item_get(s->devices[p->device].deploy, p->item, &f.item);
	if (!f.waits && p->item && f.item.state == DEPLOY_WAITING) {
		struct scoped_mode rule = mode_of_policy(s, p);

		mode_say(&rule, mode, sizeof(mode));
		f.waits = rule.mode == MODE_OBSERVE ? mode
			  : p->now.record->group
			      ? "it waits for the other headends that change with it"
			      : NULL;
	}
	policy_stand(&f, out);
}

/* --- notices --- */

enum pce_status
new_notice(struct service *s, enum service_notice_kind kind, const char *object, const char *state,
	   const char *text, struct service_notice **out, struct pce_error *err)
{
	struct arena *arena = &s->step.effects->arena;
	struct service_effect *e = service_effects_add(s->step.effects, SERVICE_NOTICE, 0);

	if (!e)
		return pce_no_memory(err);
	e->u.notice.kind = kind;
	e->u.notice.number = ++s->notice_number;
	e->u.notice.wall_us = s->step.event->wall_us;
	e->u.notice.ted_revision = ted_revision(s->ted);
	e->u.notice.object = arena_strdup(arena, object);
	e->u.notice.state = state ? arena_strdup(arena, state) : NULL;
	e->u.notice.text = text && *text ? arena_strdup(arena, text) : NULL;
	if (!e->u.notice.object || (state && !e->u.notice.state) ||
	    (text && *text && !e->u.notice.text))
		return pce_no_memory(err);
	*out = &e->u.notice;
	return PCE_OK;
}

/* The links of a policy's first list, as names in the effects' arena. */
static enum pce_status
links_now(struct service *s, const struct service_policy *p, struct service_notice *notice,
	  struct pce_error *err)
{
	struct arena *arena = &s->step.effects->arena;
	size_t n = 0;
	const char **names;

	if (p->now.record->srpolicy.n_paths > 0)
		n = p->n_links[0];
	names = arena_alloc(arena, (n + 1) * sizeof(*names));
	if (!names)
		return pce_no_memory(err);
	for (size_t k = 0; k < n; k++) {
		ted_link link = p->links[0][k];

		names[k] =
		    arena_strdup(arena, link == TED_NONE ? p->now.record->bound[0].link_keys[k]
							 : ted_link_at(s->ted, link)->name);
		if (!names[k])
			return pce_no_memory(err);
	}
	notice->after = names;
	notice->n_after = n;
	return PCE_OK;
}

static enum pce_status
links_before(struct service *s, const struct service_policy *p, struct service_notice *notice,
	     struct pce_error *err)
{
	struct arena *arena = &s->step.effects->arena;
	const char **names = arena_alloc(arena, (p->n_before + 1) * sizeof(*names));

	if (!names)
		return pce_no_memory(err);
	for (size_t k = 0; k < p->n_before; k++) {
		names[k] = arena_strdup(arena, p->before[k]);
		if (!names[k])
			return pce_no_memory(err);
	}
	notice->before = names;
	notice->n_before = p->n_before;
	return PCE_OK;
}

enum pce_status
remember_before(struct service *s, struct service_policy *p, struct pce_error *err)
{
	size_t n =
	    p->now.record && p->now.record->srpolicy.n_paths > 0 && p->links ? p->n_links[0] : 0;
	char **names = calloc(n + 1, sizeof(*names));

	if (!names)
		return pce_no_memory(err);
	for (size_t i = 0; i < p->n_before; i++)
		free(p->before[i]);
	free(p->before);
	p->before = names;
	p->n_before = 0;
	for (size_t k = 0; k < n; k++) {
		ted_link link = p->links[0][k];

		names[k] = array_strdup(link == TED_NONE ? p->now.record->bound[0].link_keys[k]
							 : ted_link_at(s->ted, link)->name);
		if (!names[k])
			return pce_no_memory(err);
		p->n_before++;
	}
	return PCE_OK;
}

enum pce_status
tell_strayed(struct service *s, const struct service_policy *p, const char *text,
	     struct pce_error *err)
{
	struct service_notice *notice;
	enum pce_status status = new_notice(
	    s, NOTICE_POLICY, p->id, policy_state_name(p->standing.state), text, &notice, err);

	if (status)
		return status;
	if (p->work_cause) {
		notice->cause = arena_strdup(&s->step.effects->arena, p->work_cause);
		if (!notice->cause)
			return pce_no_memory(err);
	}
	return links_now(s, p, notice, err);
}

static enum pce_status
tell_policy(struct service *s, struct service_policy *p, struct pce_error *err)
{
	struct service_notice *notice;
	enum pce_status status =
	    new_notice(s, NOTICE_POLICY, p->id, policy_state_name(p->standing.state),
		       p->standing.reason, &notice, err);

	if (status)
		return status;
	notice->stages = p->stages;
	if (p->cause) {
		notice->cause = arena_strdup(&s->step.effects->arena, p->cause);
		if (!notice->cause)
			return pce_no_memory(err);
	}
	status = links_now(s, p, notice, err);
	return status ? status : links_before(s, p, notice, err);
}

static bool
stands_as_told(const struct service_policy *p, const struct policy_standing *now)
{
	return p->told && p->told_generation == p->now.record->generation &&
	       p->standing.state == now->state && p->standing.degraded == now->degraded &&
	       p->standing.trouble == now->trouble && strcmp(p->standing.reason, now->reason) == 0;
}

static enum pce_status
tell_if_changed(struct service *s, struct service_policy *p, struct pce_error *err)
{
	struct policy_standing standing;

	p->touched = false;
	/* One that is being admitted does not exist yet. */
	if (!p->now.record)
		return PCE_OK;
	policy_standing_of(s, p, &standing);
	if (stands_as_told(p, &standing))
		return PCE_OK;
	p->standing = standing;
	p->told = true;
	p->told_generation = p->now.record->generation;
	s->revision++;
	if (p->intent)
		touch_intent(s, p->intent);
	return tell_policy(s, p, err);
}

static enum pce_status
tell_intent(struct service *s, struct service_intent *intent, struct pce_error *err)
{
	struct policy_standing standings[2] = { 0 };
	struct service_notice *notice;
	enum intent_state state;
	const char *reason = NULL;
	size_t which;
	enum pce_status status;

	intent->touched = false;
	for (size_t i = 0; i < intent->n; i++)
		standings[i] = intent->policies[i]->standing;
	state = intent_stand(standings, intent->n, &which);
	if (which < intent->n && standings[which].reason[0])
		reason = standings[which].reason;
	else if (intent->n == 0)
		reason = "its policies are missing in the store";
	if (intent->told && intent->state == state &&
	    (reason && intent->reason ? strcmp(reason, intent->reason) == 0
				      : !reason && !intent->reason))
		return PCE_OK;
	intent->told = true;
	intent->state = state;
	status = replace_text(&intent->reason, reason, err);
	s->revision++;
	if (status == PCE_OK)
		status = new_notice(s, NOTICE_INTENT, intent->id, intent_state_name(state), reason,
				    &notice, err);
	return status ? status : alarms_intent(s, intent, err);
}

enum pce_status
tell(struct service *s, struct pce_error *err)
{
	enum pce_status status = PCE_OK;

	for (size_t i = 0; i < s->n_touched && status == PCE_OK; i++)
		if (s->slots[s->touched[i]])
			status = tell_if_changed(s, s->slots[s->touched[i]], err);
	s->n_touched = 0;
	if (!s->some_intent_touched)
		return status;
	s->some_intent_touched = false;
	for (size_t i = 0; i < s->n_intents && status == PCE_OK; i++)
		if (s->intents[i]->touched)
			status = tell_intent(s, s->intents[i], err);
	return status;
}

enum pce_status
tell_intent_gone(struct service *s, struct service_intent *intent, struct pce_error *err)
{
	struct service_notice *notice;
	enum pce_status status =
	    new_notice(s, NOTICE_INTENT, intent->id, "deleted", NULL, &notice, err);

	return status ? status : alarms_intent_gone(s, intent, err);
}

enum pce_status
tell_policy_gone(struct service *s, struct service_policy *p, struct pce_error *err)
{
	struct service_notice *notice;

	return new_notice(s, NOTICE_POLICY, p->id, "deleted", NULL, &notice, err);
}

enum pce_status
tell_topology(struct service *s, const struct ted_change *changes, size_t n, struct pce_error *err)
{
	struct service_notice *notice;
	enum pce_status status =
	    new_notice(s, NOTICE_TOPOLOGY, "topology", NULL, NULL, &notice, err);

	for (size_t i = 0; i < n && status == PCE_OK; i++) {
		notice->n_links += changes[i].is_link;
		notice->n_nodes += !changes[i].is_link;
	}
	return status;
}

enum pce_status
tell_session(struct service *s, const char *object, const char *state, const char *text,
	     struct pce_error *err)
{
	struct service_notice *notice;

	return new_notice(s, NOTICE_SESSION, object, state, text, &notice, err);
}
