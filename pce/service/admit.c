/*
 * Admission: an intent is put. Names become a request, the request a path, the path a replayed
 * segment list; the bandwidth is booked at once, so that the next admission sees it, and the
 * records go to the store. Only when they are durable does the intent exist: then the reply and
 * the push. If the store fails, everything is as if it had not been asked.
 *
 * A change in place keeps what is there booked until its successor is confirmed by the router
 * (make before break). Both directions of an intent are admitted together or not at all.
 */
#include "pce/service/admit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"
#include "pce/service/assure.h"
#include "pce/service/corouted.h"

/* --- checks --- */

/* True while an intent of this id is on its way to the store for the first time: it is in no table
 * yet. */
static bool
is_being_created(const struct service *s, const char *id)
{
	for (const struct admission *a = s->admissions; a; a = a->next)
		if (a->created && strcmp(a->wanted->id, id) == 0)
			return true;
	return false;
}

static enum pce_status
check_match(const struct service *s, const struct service_intent *intent, uint64_t if_match,
	    const struct intent *wanted, struct pce_error *why)
{
	if (if_match == UINT64_MAX && intent)
		return intent_fail(why, PCE_EXISTS, wanted, NULL, "intent %s exists", wanted->id);
	if (if_match != 0 && if_match != UINT64_MAX && !intent)
		return intent_fail(why, PCE_CONFLICT, wanted, NULL, "intent %s does not exist",
				   wanted->id);
	if (if_match != 0 && intent && if_match != UINT64_MAX && if_match != intent->revision)
		return intent_fail(
		    why, PCE_CONFLICT, wanted, NULL, "intent %s is at revision %llu, not %llu",
		    wanted->id, (unsigned long long)intent->revision, (unsigned long long)if_match);
	if ((intent && intent->pending) || is_being_created(s, wanted->id))
		return intent_fail(why, PCE_CONFLICT, wanted, NULL,
				   "another change of intent %s is being stored", wanted->id);
	return PCE_OK;
}

static enum pce_status
check_values(const struct service *s, const struct intent *wanted, struct pce_error *why)
{
	if (!wanted->id || !*wanted->id || strchr(wanted->id, '~'))
		return intent_fail(why, PCE_INVALID, wanted, "id",
				   "an intent needs an id without '~'");
	if (wanted->objective >= PATH_OBJECTIVE_COUNT)
		return intent_fail(why, PCE_INVALID, wanted, "objective", "no such objective");
	if (wanted->co_routed && (!wanted->bidirectional || wanted->loose || wanted->guarantee > 0))
		return intent_fail(why, PCE_INVALID, wanted, "co-routed",
				   "co-routed paths are bidirectional, strict, and without a "
				   "guarantee");
	if (wanted->color &&
	    (wanted->color < s->config->color_min || wanted->color > s->config->color_max))
		return intent_fail(why, PCE_INVALID, wanted, "steering/color",
				   "color %u is outside Karst's range %u to %u", wanted->color,
				   s->config->color_min, s->config->color_max);
	return PCE_OK;
}

/* --- colors --- */

struct color_use {
	uint32_t *used;
	size_t n, cap;
};

static enum pce_status
note_color(struct color_use *use, const struct policy_record *r, const char *headend,
	   const struct ip_addr *endpoint, struct pce_error *err)
{
	enum pce_status status;

	if (!r || strcmp(r->headend, headend) != 0 ||
	    ip_compare(&r->srpolicy.endpoint, endpoint) != 0)
		return PCE_OK;
	status = array_reserve(&use->used, &use->cap, use->n + 1, sizeof(*use->used), err);
	if (status == PCE_OK)
		use->used[use->n++] = r->srpolicy.color;
	return status;
}

/* Colors that policies of others than `self` use from one headend to one endpoint. */
static enum pce_status
colors_used(const struct service *s, const struct service_policy *self, const char *headend,
	    const struct ip_addr *endpoint, struct color_use *use, struct pce_error *err)
{
	enum pce_status status = PCE_OK;

	for (size_t i = 0; i < s->n_slots && status == PCE_OK; i++) {
		const struct service_policy *p = s->slots[i];

		if (!p || p == self)
			continue;
		status = note_color(use, p->now.record, headend, endpoint, err);
		if (status == PCE_OK)
			status = note_color(use, pending_record(p), headend, endpoint, err);
	}
	return status;
}

static bool
is_used(const struct color_use *use, uint32_t color)
{
	for (size_t i = 0; i < use->n; i++)
		if (use->used[i] == color)
			return true;
	return false;
}

/* A ladder: the color asked for; the one that the policy has; the forward direction's; the lowest
 * that is free. */
static enum pce_status
choose_color(const struct service *s, const struct policy_work *w, struct pce_error *err)
{
	const struct admission_part *part = w->part;
	const struct policy_record *old = part->policy->now.record;
	const char *headend = ted_node_key_text(s->ted, w->plan.headend);
	struct color_use use = { 0 };
	enum pce_status status =
	    colors_used(s, part->policy, headend, &w->plan.endpoint, &use, err);
	uint32_t device = device_of_node(s, w->plan.headend), color = 0;

	if (status == PCE_OK && w->wanted->color) {
		color = w->wanted->color;
		if (is_used(&use, color))
			status = intent_fail(err, PCE_CONFLICT, w->wanted, "steering/color",
					     "another policy from %s to the same end has color %u",
					     ted_node_at(s->ted, w->plan.headend)->name, color);
	} else if (status == PCE_OK && old && !is_used(&use, old->srpolicy.color)) {
		color = old->srpolicy.color;
	} else if (status == PCE_OK && w->prefer_color && !is_used(&use, w->prefer_color)) {
		color = w->prefer_color;
	}
	while (status == PCE_OK && color == 0) {
		color =
		    policy_pick_color(s->config->color_min, s->config->color_max, use.used, use.n);
		if (color == 0) {
			status = intent_fail(err, PCE_LIMIT, w->wanted, "steering/color",
					     "no color from %u to %u is free for this pair of ends",
					     s->config->color_min, s->config->color_max);
		} else if (device != NO_DEVICE && deploy_key_is_foreign(s->devices[device].deploy,
									color, &w->plan.endpoint)) {
			status =
			    array_reserve(&use.used, &use.cap, use.n + 1, sizeof(*use.used), err);
			if (status == PCE_OK)
				use.used[use.n++] = color;
			color = 0;
		}
	}
	free(use.used);
	if (status == PCE_OK)
		w->out->color = color;
	return status;
}

/* --- one direction --- */

static enum pce_status
plan_part(const struct service *s, struct policy_work *w, struct pce_error *why)
{
	const struct policy_record *old = w->part->policy->now.record;
	enum pce_status status;

	w->plan = (struct policy_plan){
		.intent = w->wanted,
		.backward = w->backward,
		.name_prefix = s->config->name_prefix,
		.headend = w->request.from,
		.tailend = w->request.to,
		.generation = old ? old->generation + 1 : 1,
	};
	if (old && strcmp(old->tailend, ted_node_key_text(s->ted, w->plan.tailend)) == 0) {
		w->plan.endpoint = old->srpolicy.endpoint;
	} else {
		struct pce_error reason = { 0 };

		status = policy_endpoint(s->ted, w->plan.tailend, &w->plan.endpoint, &reason);
		if (status)
			return intent_fail(why, status, w->wanted, w->backward ? "from" : "to",
					   "%s", reason.text);
	}
	w->out = &w->plan;
	return choose_color(s, w, why);
}

static bool
same_ends(const struct service *s, const struct policy_work *w)
{
	const struct policy_record *old = w->part->policy->now.record;

	return old && strcmp(old->headend, ted_node_key_text(s->ted, w->plan.headend)) == 0 &&
	       strcmp(old->tailend, ted_node_key_text(s->ted, w->plan.tailend)) == 0;
}

/* True if the path that is there serves the new intent as well as the old. */
static enum pce_status
may_keep(struct service *s, const struct policy_work *w, bool *keep, struct pce_error *err)
{
	const struct service_policy *p = w->part->policy;
	enum affected_verdict worst;
	char text[256];
	bool some;
	enum pce_status status;

	*keep = false;
	if (!w->before || !p->now.record || p->now.record->srpolicy.n_paths == 0 || p->failed ||
	    p->degraded || p->unbound || p->now.record->removing ||
	    !intent_same_demand(w->before, w->wanted) || !same_ends(s, w))
		return PCE_OK;
	status = policy_judge(s, p, true, &worst, &some, text, sizeof(text), err);
	*keep = status == PCE_OK && worst == AFFECTED_STANDS;
	if (status || !*keep || !w->partner)
		return status;
	/* Of two that go together both stay, or none. */
	p = w->partner->policy;
	*keep = p->now.record && p->now.record->srpolicy.n_paths > 0 && !p->failed &&
		!p->degraded && !p->unbound && !p->now.record->removing;
	if (!*keep)
		return PCE_OK;
	status = policy_judge(s, p, true, &worst, &some, text, sizeof(text), err);
	*keep = status == PCE_OK && worst == AFFECTED_STANDS;
	return status;
}

static enum pce_status
no_path(struct policy_work *w, const struct placement *placement, struct pce_error *why)
{
	const struct path_no_path *n = &placement->answer.no_path;
	const char *text = n->text ? n->text : "there is no path";

	w->reason = path_reason_name(n->reason);
	return intent_fail(why, PCE_CONFLICT, w->wanted, NULL, "%s", text);
}

/* Without a path: what is there stays if it goes between the same ends, else a record without one.
 */
static enum pce_status
keep_unplaced(struct service *s, struct policy_work *w, const struct placement *placement,
	      struct pce_error *err)
{
	const char *text = placement->answer.no_path.text;
	struct admission_part *part = w->part;
	enum pce_status status;

	if (same_ends(s, w))
		status = policy_restyle(&w->plan, part->policy->now.record, &part->next.arena,
					&part->next.record, err);
	else
		status = policy_build(s->ted, &w->plan, NULL, &part->next.arena, &part->next.record,
				      err);
	if (status)
		return status;
	return replace_text(&part->failed, text ? text : "there is no path", err);
}

/* The second direction of a co-routed intent goes where the first one goes. */
static enum pce_status
place_part(struct service *s, struct policy_work *w, struct placement *out, struct pce_error *why)
{
	struct placer placer = { .engine = s->engine, .igp = s->igp };
	struct segment_options options = options_for(s, w->request.from, w->wanted, w->backward);
	struct segment_options back = options_for(s, w->request.to, w->wanted, true);
	enum pce_status status;

	if (w->partner && w->backward)
		return corouted_follow(s, w->partner->policy,
				       w->partner->failed ? NULL : w->partner->next.record,
				       &w->request, &options, out, why);
	placer.back = w->partner ? &back : NULL;
	status = w->partner ? corouted_keep(w->part->policy, w->partner->policy, w->arena,
					    &w->request, why)
			    : PCE_OK;
	if (status)
		return status;
	return place_compute(&placer, &w->request, &options,
			     w->wanted->keep_if_unplaced ? PLACE_PAIR_OR_SINGLE : PLACE_PAIR_STRICT,
			     out, why);
}

static enum pce_status
compute_part(struct service *s, struct policy_work *w, struct pce_error *why)
{
	struct service_policy *p = w->part->policy;
	const struct service_policy *other = w->partner ? w->partner->policy : NULL;
	struct placement placement = { 0 };
	enum pce_status status = corouted_lift(s, p, other, why);

	if (status)
		return status;
	status = place_part(s, w, &placement, why);
	s->lists_refused += placement.refused;
	if (corouted_lower(s, p, other, why))
		status = PCE_INTERNAL;
	if (status == PCE_OK && placement_placed(&placement))
		status = policy_build(s->ted, &w->plan, &placement, &w->part->next.arena,
				      &w->part->next.record, why);
	else if (status == PCE_OK && w->wanted->keep_if_unplaced)
		status = keep_unplaced(s, w, &placement, why);
	else if (status == PCE_OK)
		status = no_path(w, &placement, why);
	if (status == PCE_OK && placement.degraded)
		status = replace_text(&w->part->degraded, placement.why, why);
	placement_free(&placement);
	return status;
}

/* What the part wants is booked; beyond what there is, it is refused. */
static enum pce_status
book_part(struct service *s, struct policy_work *w, struct pce_error *why)
{
	struct admission_part *part = w->part;
	const struct policy_record *old = part->policy->now.record;
	ted_link short_of;
	enum pce_status status = PCE_OK;

	if (old && policy_may_be_held(s, part->policy) && part->next.record != NULL)
		status = policy_hold(&part->next.arena, part->next.record, old, why);
	if (status == PCE_OK)
		status = policy_fits(s, part->policy, &short_of, why);
	if (status == PCE_OK && short_of != TED_NONE) {
		w->reason = path_reason_name(PATH_REASON_BANDWIDTH);
		return intent_fail(why, PCE_CONFLICT, w->wanted, NULL,
				   "link %s has not enough bandwidth left while the change is made",
				   ted_link_at(s->ted, short_of)->name);
	}
	return status ? status : policy_book(s, part->policy, why);
}

/* What is only suspected refuses nobody: with no way past all suspects one may be crossed. */
static enum pce_status
compute_over_suspects(struct service *s, struct policy_work *w, struct pce_error *why)
{
	enum pce_status status;

	w->reason = NULL;
	assure_cross_all(s);
	status = request_for(s, w->wanted, w->backward, true, w->arena, &w->request, why);
	if (status == PCE_OK)
		status = compute_part(s, w, why);
	assure_cross_none(s);
	return status;
}

enum pce_status
admit_part(struct service *s, struct policy_work *w, struct pce_error *why)
{
	bool keep = false;
	enum pce_status status =
	    request_for(s, w->wanted, w->backward, true, w->arena, &w->request, why);

	if (status == PCE_OK)
		status = plan_part(s, w, why);
	if (status == PCE_OK)
		status = may_keep(s, w, &keep, why);
	if (status)
		return status;
	if (keep)
		status = policy_restyle(&w->plan, w->part->policy->now.record, &w->part->next.arena,
					&w->part->next.record, why);
	else
		status = compute_part(s, w, why);
	if (status == PCE_CONFLICT && !keep && assure_avoids(s))
		status = compute_over_suspects(s, w, why);
	return status ? status : book_part(s, w, why);
}

/* --- the whole intent --- */

static enum pce_status
take_part(struct service *s, struct admission *a, bool backward, struct pce_error *err)
{
	struct admission_part *part = &a->parts[a->n];
	struct arena scratch = { 0 };
	const char *id = policy_id_of(&scratch, a->wanted->id, backward);
	enum pce_status status = id ? PCE_OK : pce_no_memory(err);

	if (status == PCE_OK) {
		part->policy = policy_find(s, id);
		part->fresh = !part->policy;
		if (part->fresh)
			status = policy_new(s, a->wanted->id, backward, &part->policy, err);
	}
	arena_free(&scratch);
	if (status)
		return status;
	part->rejoins = !part->fresh && !part->policy->intent;
	part->policy->intent = a->intent;
	a->n++;
	return PCE_OK;
}

/* The backward policy that a change to one direction leaves over. */
static enum pce_status
take_leftover(struct service *s, struct admission *a, struct pce_error *err)
{
	struct service_intent *intent = a->intent;

	(void)s;
	(void)err;
	if (a->created || intent->n < 2 || a->wanted->bidirectional)
		return PCE_OK;
	a->parts[a->n].policy = intent->policies[1];
	a->parts[a->n].drop = true;
	a->n++;
	return PCE_OK;
}

/* What changes on the headend waits for a person, if Karst may only advise. */
static void
mark_unapproved(const struct service *s, struct policy_work *w)
{
	const struct policy_record *old = w->part->policy->now.record;
	struct policy_record *next = w->part->next.record;
	bool same = old && srpolicy_equal(&old->srpolicy, &next->srpolicy);

	struct scoped_mode rule = mode_of(s, w->request.from, w->wanted->id);
	struct scoped_mode its = mode_of(s, w->request.to, w->wanted->id);

	if (w->partner)
		rule = scopes_stricter(&rule, &its);
	next->unapproved = rule.mode == MODE_ADVISE && (!same || old->unapproved);
	/* Both directions over the same links: with one the other waits. */
	if (w->partner && w->partner->next.record && w->backward)
		next->unapproved = w->partner->next.record->unapproved =
		    next->unapproved || w->partner->next.record->unapproved;
}

static enum pce_status
compute_parts(struct service *s, struct admission *a, const char **reason, struct pce_error *why)
{
	size_t n = a->n;
	uint32_t color = 0;

	for (size_t i = 0; i < n; i++) {
		struct policy_work w = {
			.part = &a->parts[i],
			.partner = a->wanted->co_routed && n == 2 ? &a->parts[1 - i] : NULL,
			.wanted = a->wanted,
			.before = a->created ? NULL : a->intent->intent,
			.backward = i > 0,
			.prefer_color = color,
			.arena = &a->arena,
		};
		enum pce_status status = admit_part(s, &w, why);

		if (status == PCE_OK && !s->step.event->u.intent_put.dry_run) {
			status = mode_refuse(s, w.request.from, a->wanted->id, why);
			w.reason = status ? "frozen" : NULL;
		}
		if (status == PCE_OK)
			mark_unapproved(s, &w);
		if (status) {
			*reason = w.reason;
			return status;
		}
		color = w.plan.color;
	}
	return PCE_OK;
}

static enum pce_status
admission_new(struct service *s, struct service_intent *intent, struct admission **out,
	      struct pce_error *err)
{
	const struct service_event *e = s->step.event;
	struct admission *a = calloc(1, sizeof(*a));
	enum pce_status status = PCE_OK;

	if (!a)
		return pce_no_memory(err);
	a->request = e->id;
	a->received = s->step.now;
	a->created = !intent;
	a->intent = intent;
	a->wanted = intent_copy(&a->arena, e->u.intent_put.intent);
	if (!a->wanted)
		status = pce_no_memory(err);
	if (status == PCE_OK && a->created)
		status = intent_new(a->wanted->id, &a->intent, err);
	if (status) {
		arena_free(&a->arena);
		free(a);
		return status;
	}
	a->intent->pending = a;
	*out = a;
	return PCE_OK;
}

/* True for faults that are the step's own and not an answer. */
static bool
is_fatal(enum pce_status status)
{
	return status == PCE_NO_MEMORY;
}

static enum pce_status
admit_all(struct service *s, struct admission *a, const char **reason, struct pce_error *why)
{
	enum pce_status status = take_part(s, a, false, why);

	if (status == PCE_OK && a->wanted->bidirectional)
		status = take_part(s, a, true, why);
	if (status == PCE_OK)
		status = compute_parts(s, a, reason, why);
	if (status == PCE_OK)
		status = take_leftover(s, a, why);
	a->computed = s->step.now;
	return status;
}

void
admit_accept(struct service *s, struct admission *a, uint64_t group)
{
	struct admission **last = &s->admissions;

	a->revision = take_id(s);
	/* Both directions go to their headends together, or not at all. */
	if (group == 0 && a->wanted->bidirectional)
		group = a->revision;
	for (size_t i = 0; i < a->n; i++)
		if (a->parts[i].next.record)
			a->parts[i].next.record->group = group;
	while (*last)
		last = &(*last)->next;
	*last = a;
	s->batch_wanted = true;
}

/* What can be told before anything is computed; *same: it is there already as it is wanted. */
static enum pce_status
check_put(const struct service *s, struct service_intent *intent, bool *same, const char **reason,
	  struct pce_error *why)
{
	const struct service_event *e = s->step.event;
	const struct intent *wanted = e->u.intent_put.intent;
	enum pce_status status = check_values(s, wanted, why);

	if (status == PCE_OK)
		status = check_match(s, intent, e->u.intent_put.if_match, wanted, why);
	*same = status == PCE_OK && intent && intent_equal(intent->intent, wanted);
	if (status || *same || e->u.intent_put.dry_run)
		return status;
	status = operate_refuse(s, why);
	*reason = status ? "frozen" : NULL;
	return status;
}

enum pce_status
admit_prepare(struct service *s, struct admission **out, const char **reason, struct pce_error *why,
	      struct pce_error *err)
{
	const struct intent *wanted = s->step.event->u.intent_put.intent;
	struct service_intent *intent = wanted->id ? intent_find(s, wanted->id) : NULL;
	struct admission *a = NULL;
	bool same = false;
	enum pce_status status;

	*out = NULL;
	*reason = NULL;
	why->status = check_put(s, intent, &same, reason, why);
	if (why->status || same)
		return PCE_OK;
	status = admission_new(s, intent, &a, err);
	if (status)
		return status;
	why->status = admit_all(s, a, reason, why);
	if (why->status == PCE_OK) {
		*out = a;
		return PCE_OK;
	}
	if (is_fatal(why->status) && err)
		*err = *why;
	status = is_fatal(why->status) ? why->status : PCE_OK;
	if (admission_undo(s, a, err) && status == PCE_OK)
		status = PCE_INTERNAL;
	admission_free(s, a);
	return status;
}

enum pce_status
admit_put(struct service *s, struct pce_error *err)
{
	const struct service_event *e = s->step.event;
	const struct intent *wanted = e->u.intent_put.intent;
	struct service_intent *intent = wanted->id ? intent_find(s, wanted->id) : NULL;
	struct pce_error why = { 0 };
	struct reply_facts facts = { .why = &why, .revision = intent ? intent->revision : 0 };
	struct admission *a = NULL;
	enum pce_status status = feed_settle(s, err);

	if (status == PCE_OK)
		status = admit_prepare(s, &a, &facts.reason, &why, err);
	if (status)
		return status;
	if (a && !e->u.intent_put.dry_run) {
		admit_accept(s, a, 0);
		return PCE_OK;
	}
	facts.status = why.status;
	facts.created = a && a->created;
	facts.admission = a;
	/* Put again as it is: nothing changes. */
	facts.intent = a || why.status ? NULL : intent;
	status = send_reply(s, e->id, &facts, err);
	if (a && admission_undo(s, a, err) && status == PCE_OK)
		status = PCE_INTERNAL;
	if (a)
		admission_free(s, a);
	return status;
}
