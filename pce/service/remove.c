/*
 * Deletion, in the order that loses nothing: the intent's record goes and its policies are marked
 * as leaving, durably; then the reply; then each is taken off its router; then its record goes; and
 * only then is its bandwidth free.
 */
#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"
#include "pce/service/admit.h"

enum pce_status
policy_leave(struct service *s, struct service_policy *p, struct pce_error *err)
{
	enum pce_status status;

	p->intent = NULL;
	p->now.record->removing = true;
	p->now.record->group = 0;
	mode_hold(s, p);
	status = group_join(s, p, err);
	if (status == PCE_OK)
		status = advise_forget(s, p, err);
	if (status == PCE_OK)
		status = replace_text(&p->waits, NULL, err);
	if (status == PCE_OK)
		status = replace_text(&p->failed, NULL, err);
	if (status == PCE_OK)
		status = replace_text(&p->degraded, NULL, err);
	if (status == PCE_OK)
		status = policy_deploy(s, p, err);
	return status ? status : policy_try_delete(s, p, err);
}

enum pce_status
policy_try_delete(struct service *s, struct service_policy *p, struct pce_error *err)
{
	(void)err;
	if (!p->now.record->removing || p->intent || p->leaving || policy_may_be_held(s, p))
		return PCE_OK;
	p->leaving = true;
	want_stored(s, p);
	return PCE_OK;
}

static void
purge(uint32_t *slots, size_t *n, uint32_t slot)
{
	size_t kept = 0;

	for (size_t i = 0; i < *n; i++)
		if (slots[i] != slot)
			slots[kept++] = slots[i];
	*n = kept;
}

enum pce_status
policy_gone(struct service *s, struct service_policy *p, struct pce_error *err)
{
	enum pce_status status = policy_unbind(s, p, err);

	if (status)
		return status;
	if (p->item)
		deploy_release(s->devices[p->device].deploy, p->item);
	purge(s->queue, &s->n_queue, p->slot);
	purge(s->touched, &s->n_touched, p->slot);
	purge(s->move_slots, &s->n_move_slots, p->slot);
	for (struct batch *b = s->batches; b; b = b->next)
		for (size_t i = 0; i < b->n_policies; i++)
			if (b->policies[i].slot == p->slot)
				b->policies[i].slot = NO_SLOT;
	for (struct batch *b = s->batches; b; b = b->next)
		for (size_t i = 0; i < b->n_moves; i++)
			if (b->moves[i].slot == p->slot)
				b->moves[i].slot = NO_SLOT;
	status = tell_policy_gone(s, p, err);
	policy_remove(s, p);
	policy_free(s, p);
	s->revision++;
	return status;
}

static enum pce_status
delete_checked(struct service *s, struct service_intent *intent, struct pce_error *err)
{
	struct admission *a = calloc(1, sizeof(*a)), **last = &s->admissions;

	if (!a)
		return pce_no_memory(err);
	a->request = s->step.event->id;
	a->deletion = true;
	a->intent = intent;
	a->received = s->step.now;
	intent->pending = a;
	while (*last)
		last = &(*last)->next;
	*last = a;
	s->batch_wanted = true;
	return PCE_OK;
}

enum pce_status
admit_delete(struct service *s, struct pce_error *err)
{
	const struct service_event *e = s->step.event;
	const char *id = e->u.intent_delete.intent_id;
	uint64_t match = e->u.intent_delete.if_match;
	struct service_intent *intent = id ? intent_find(s, id) : NULL;
	const struct intent named = { .id = id };
	struct pce_error why = { 0 };
	struct reply_facts facts = { .why = &why };

	if (!intent)
		facts.status = intent_fail(&why, PCE_NOT_FOUND, &named, NULL,
					   "there is no intent %s", id ? id : "");
	else if (intent->pending)
		facts.status = intent_fail(&why, PCE_CONFLICT, &named, NULL,
					   "another change of intent %s is being stored", id);
	else if (match != 0 && match != intent->revision)
		facts.status =
		    intent_fail(&why, PCE_CONFLICT, &named, NULL, "intent %s is at revision %llu",
				id, (unsigned long long)intent->revision);
	else if (!e->u.intent_delete.dry_run) {
		facts.status = operate_refuse(s, &why);
		for (size_t i = 0; i < intent->n && facts.status == PCE_OK; i++)
			facts.status = mode_refuse(s, intent->policies[i]->headend, id, &why);
		facts.reason = facts.status ? "frozen" : NULL;
		if (facts.status == PCE_OK)
			return delete_checked(s, intent, err);
	}
	facts.revision = intent ? intent->revision : 0;
	return send_reply(s, e->id, &facts, err);
}
