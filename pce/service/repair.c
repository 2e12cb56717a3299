/*
 * Repairs of drift where Karst only advises: what a router was changed to and what Karst would put
 * back are a change of their own that waits for a person. Until it is approved the policy is held
 * back on its router, over restarts too, because then what differs looks like a change that was
 * never sent. It is withdrawn when the router holds again what it shall, by whoever's hand.
 */
#include <string.h>

#include "pce/service/advise.h"

bool
repair_is(const struct kept_change *kept)
{
	return kept && kept->change->n_parts > 0 && kept->change->parts[0].kind == CHANGE_REPAIR;
}

static enum pce_status
draft_repair(struct service *s, const struct service_policy *p, const struct srpolicy *has,
	     const char *cause, struct kept_change **out, struct pce_error *err)
{
	struct kept_change *draft;
	enum pce_status status = proposal_new(s, 1, cause, &draft, err);
	struct change_part *part;

	if (status)
		return status;
	part = &draft->parts[draft->change->n_parts++];
	part->kind = CHANGE_REPAIR;
	part->dead = !has;
	part->policy_id = arena_strdup(&draft->arena, p->id);
	if (!part->policy_id)
		status = pce_no_memory(err);
	if (status == PCE_OK && has)
		status = proposal_held(has, &draft->arena, &part->before, err);
	if (status == PCE_OK)
		status = proposal_side(s, p->now.record, &draft->arena, &part->after, err);
	if (status)
		proposal_free(draft);
	else
		*out = draft;
	return status;
}

void
repair_wait(struct service *s, struct service_policy *p, bool waits)
{
	if (p->now.record->tampered != waits)
		want_stored(s, p);
	p->now.record->tampered = waits;
	mode_hold(s, p);
}

enum pce_status
repair_propose(struct service *s, struct service_policy *p, const struct srpolicy *has,
	       const char *cause, struct pce_error *err)
{
	struct kept_change *draft, *now = NULL;
	enum pce_status status;

	repair_wait(s, p, true);
	/* What already waits is about the same policy, and puts all of it there. */
	if (p->change && !repair_is(p->change))
		return PCE_OK;
	status = draft_repair(s, p, has, cause, &draft, err);
	if (status == PCE_OK)
		status = proposal_replace(s, draft, &p, 1, &now, err);
	return status || !now ? status : advise_say_waits(s, p, now->change, !has, err);
}

enum pce_status
repair_over(struct service *s, struct service_policy *p, struct pce_error *err)
{
	enum pce_status status = PCE_OK;

	if (!p->now.record->tampered && !repair_is(p->change))
		return PCE_OK;
	repair_wait(s, p, false);
	if (repair_is(p->change)) {
		status =
		    proposal_end(s, p->change, "withdrawn", "the router holds what it shall", err);
		if (status == PCE_OK)
			status = replace_text(&p->waits, NULL, err);
		if (status == PCE_OK)
			status = advise_no_alarm(s, p, err);
	}
	touch(s, p);
	return status;
}

enum pce_status
repair_approve(struct service *s, struct kept_change *kept, const char *text, struct pce_error *why,
	       struct pce_error *err)
{
	struct service_policy *p = policy_find(s, kept->change->parts[0].policy_id);
	struct change_side after = { 0 };
	struct arena scratch = { 0 };
	uint64_t id = kept->change->id;
	bool same;
	enum pce_status status = proposal_side(s, p->now.record, &scratch, &after, err);

	same = status == PCE_OK && change_same_side(&after, &kept->change->parts[0].after);
	arena_free(&scratch);
	if (status)
		return status;
	status = proposal_end(s, kept, same ? "approved" : "withdrawn",
			      same ? text : "the policy has changed meanwhile", err);
	if (status)
		return status;
	if (!same) {
		drift_poke_policy(s, p); /* and it is proposed as it is now */
		advise_stale(id, p, why);
		return PCE_OK;
	}
	status = replace_text(&p->waits, NULL, err);
	if (status == PCE_OK)
		status = advise_no_alarm(s, p, err);
	repair_wait(s, p, false);
	touch(s, p);
	return status ? status : drift_grant(s, p, err);
}
