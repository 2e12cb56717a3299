/*
 * Modes: how far Karst goes by itself, for the network, for one headend, for one intent. The most
 * restrictive one that applies to a policy counts.
 *
 * A policy that may not be touched is taken off the queue and parked with the work that was to be
 * done on it; whatever may loosen a mode puts it back. Its headend is told nothing meanwhile: a
 * headend that is only observed begins no transaction, and a policy whose intent is only observed
 * is held back among the others of its router.
 *
 * Headends are kept by the name that the operator gave and looked up each time, as drains are.
 */
#include <stdio.h>
#include <string.h>

#include "pce/service/admit.h"
#include "pce/service/corouted.h"

struct scoped_mode
mode_of(const struct service *s, ted_node headend, const char *intent_id)
{
	struct scoped_mode rule = { .scope = SCOPE_NETWORK, .mode = s->mode };

	for (size_t i = 0; i < s->scopes.n; i++) {
		const struct scoped_mode *m = &s->scopes.items[i].mode;
		ted_node node = TED_NONE;

		if (m->scope == SCOPE_INTENT && intent_id && strcmp(m->name, intent_id) == 0)
			rule = scopes_stricter(&rule, m);
		if (m->scope == SCOPE_HEADEND && headend != TED_NONE &&
		    ted_find_node(s->ted, m->name, &node, NULL) == PCE_OK && node == headend)
			rule = scopes_stricter(&rule, m);
	}
	return rule;
}

struct scoped_mode
mode_of_policy(const struct service *s, const struct service_policy *p)
{
	const struct service_policy *other = corouted_partner(p);
	struct scoped_mode rule = mode_of(s, p->headend, p->intent ? p->intent->id : NULL), its;

	if (!other)
		return rule;
	/* They move together or not at all. */
	its = mode_of(s, other->headend, p->intent->id);
	return scopes_stricter(&rule, &its);
}

void
mode_say(const struct scoped_mode *rule, char *text, size_t cap)
{
	if (rule->scope == SCOPE_NETWORK)
		snprintf(text, cap, "the mode is %s", operate_mode_name(rule->mode));
	else
		snprintf(text, cap, "the mode of %s %s is %s", mode_scope_name(rule->scope),
			 rule->name, operate_mode_name(rule->mode));
}

enum pce_status
mode_refuse(const struct service *s, ted_node headend, const char *intent_id, struct pce_error *why)
{
	struct scoped_mode rule = mode_of(s, headend, intent_id);
	char text[192];

	if (rule.mode != MODE_OBSERVE)
		return PCE_OK;
	mode_say(&rule, text, sizeof(text));
	return pce_fail(why, PCE_CONFLICT, "%s: nothing is changed until karst mode act%s%s%s%s",
			text, rule.name ? " " : "", rule.name ? mode_scope_name(rule.scope) : "",
			rule.name ? " " : "", rule.name ? rule.name : "");
}

/* --- policies that may not be touched --- */

bool
mode_opens(const struct service *s, const struct service_device *d)
{
	return mode_of(s, d->node, NULL).mode != MODE_OBSERVE;
}

void
mode_hold(struct service *s, struct service_policy *p)
{
	const struct policy_record *r = p->now.record;
	bool unapproved = r && r->unapproved && !r->removing;
	enum operate_mode mode = mode_of_policy(s, p).mode;

	if (r && !r->removing && r->tampered && mode == MODE_ADVISE)
		unapproved = true;
	if (p->item)
		deploy_hold(s->devices[p->device].deploy, p->item,
			    unapproved || mode == MODE_OBSERVE);
}

enum pce_status
mode_park(struct service *s, struct service_policy *p, const struct scoped_mode *rule,
	  struct pce_error *err)
{
	enum affected_verdict worst = AFFECTED_STANDS;
	char why[256] = "", mode[192], text[512];
	bool some;
	enum pce_status status = policy_judge(s, p, true, &worst, &some, why, sizeof(why), err);

	p->parked |= p->work;
	p->work = 0;
	touch(s, p);
	if (status || worst == AFFECTED_STANDS || worst == AFFECTED_UNKNOWN)
		return status ? status : replace_text(&p->waits, NULL, err);
	mode_say(rule, mode, sizeof(mode));
	snprintf(text, sizeof(text), "%s; it is not moved: %s", why, mode);
	return replace_text(&p->waits, text, err);
}

void
mode_unpark(struct service *s)
{
	reoptimise_noted(s); /* what was only observed may have better paths by now */
	for (size_t i = 0; i < s->n_policies; i++) {
		struct service_policy *p = s->policies[i];
		unsigned work = p->parked | (p->change ? WORK_COMPUTE : 0u);

		mode_hold(s, p);
		touch(s, p);
		p->parked = 0;
		if (work)
			work_add(s, p, work, s->step.now, "checked after the mode changed");
	}
}

/* --- orders --- */

/* Not PCE_OK: the answer to the operator. */
static enum pce_status
check(const struct service *s, const struct scoped_mode *wanted, struct pce_error *why)
{
	ted_node node;

	if (wanted->mode >= MODE_COUNT || wanted->scope >= SCOPE_COUNT)
		return pce_fail(why, PCE_INVALID, "there is no such mode");
	if (wanted->scope == SCOPE_NETWORK)
		return PCE_OK;
	if (!wanted->name || !*wanted->name)
		return pce_fail(why, PCE_INVALID, "the mode of what is to change?");
	if (wanted->mode == MODE_ACT)
		return PCE_OK; /* takes a mode off whatever has gone meanwhile */
	if (wanted->scope == SCOPE_HEADEND)
		return ted_find_node(s->ted, wanted->name, &node, why);
	return intent_find(s, wanted->name)
		   ? PCE_OK
		   : pce_fail(why, PCE_NOT_FOUND, "there is no intent %s", wanted->name);
}

enum pce_status
mode_set(struct service *s, bool *changed, struct pce_error *why, struct pce_error *err)
{
	const struct service_event *e = s->step.event;
	struct scoped_mode wanted = e->u.operate.scope;
	const char *author = e->u.operate.author;
	char text[160], object[288] = "mode";
	enum pce_status status;

	*changed = false;
	wanted.mode = e->u.operate.mode;
	wanted.since_us = e->wall_us;
	if (check(s, &wanted, why))
		return PCE_OK;
	if (wanted.scope == SCOPE_NETWORK) {
		*changed = wanted.mode != s->mode;
		s->mode = wanted.mode;
	} else {
		status = scopes_set(&s->scopes, &wanted, changed, err);
		if (status)
			return status;
		snprintf(object, sizeof(object), "mode/%s/%s", mode_scope_name(wanted.scope),
			 wanted.name);
	}
	if (!*changed)
		return PCE_OK;
	s->revision++;
	snprintf(text, sizeof(text), "by %s", author ? author : "nobody");
	return tell_session(s, object, operate_mode_name(wanted.mode), text, err);
}

enum pce_status
mode_forget_intent(struct service *s, const char *intent_id, struct pce_error *err)
{
	const struct scoped_mode act = { .scope = SCOPE_INTENT, .name = intent_id };
	bool changed;
	enum pce_status status = scopes_set(&s->scopes, &act, &changed, err);

	if (status == PCE_OK && changed)
		s->operate_dirty = s->batch_wanted = true;
	return status;
}

/* --- the store --- */

enum pce_status
mode_collect(const struct service *s, struct arena *arena, struct operate_record *out,
	     struct pce_error *err)
{
	struct scoped_mode *copy = arena_alloc(arena, (s->scopes.n + 1) * sizeof(*copy));

	if (!copy)
		return pce_no_memory(err);
	for (size_t i = 0; i < s->scopes.n; i++) {
		copy[i] = s->scopes.items[i].mode;
		copy[i].name = arena_strdup(arena, copy[i].name);
		if (!copy[i].name)
			return pce_no_memory(err);
	}
	out->mode = s->mode;
	out->modes = copy;
	out->n_modes = s->scopes.n;
	return PCE_OK;
}

enum pce_status
mode_recover(struct service *s, const struct operate_record *record, struct pce_error *err)
{
	enum pce_status status = PCE_OK;
	bool changed;

	s->mode = record->mode;
	for (size_t i = 0; i < record->n_modes && status == PCE_OK; i++)
		status = scopes_set(&s->scopes, &record->modes[i], &changed, err);
	return status;
}
