/*
 * The mode advise: changes are computed and kept, with what is there before and after, until a
 * person approves them by name.
 *
 * A proposal is not booked: nobody may be refused for what may never come. So an approval computes
 * anew, on the network as it is; only if that gives the very change that was shown, it is made.
 * Else the approval is refused, and what would be done now is proposed. What is looked at again
 * meanwhile is compared in the same way: an equal proposal stays, with its number, another one
 * supersedes it. One that is rejected stays rejected until the network gives another answer.
 *
 * Policies that belong together (both directions of an intent, all that a drain moves) are parts of
 * one change: they are computed one after the other, each with the ones before booked for the
 * moment, and made together or not at all.
 *
 * What an intent asks for is booked when it is admitted, as in any mode, but kept off the headend
 * until it is approved (policy_record.unapproved, which is stored with it). A deletion is its
 * author's own decision, and nothing that Karst computed: it does not wait.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"
#include "pce/service/admit.h"
#include "pce/service/advise.h"

/* --- what policies say of it --- */

static void
alarm_object(const struct service_policy *p, char object[300])
{
	snprintf(object, 300, "policy/%s", p->id);
}

static enum pce_status
alarm_dead(struct service *s, const struct service_policy *p, const char *waits,
	   struct pce_error *err)
{
	char object[300], text[400];
	const struct alarm alarm = {
		.object = object,
		.cause = "unapproved",
		.severity = ALARM_MAJOR,
		.text = text,
		.action = "Look at the change (karst change show), and approve it.",
	};

	alarm_object(p, object);
	snprintf(text, sizeof(text), "policy %s carries nothing: %s", p->id, waits);
	return raise_alarm(s, &alarm, err);
}

enum pce_status
advise_no_alarm(struct service *s, const struct service_policy *p, struct pce_error *err)
{
	char object[300];

	alarm_object(p, object);
	return clear_alarm(s, object, "unapproved", err);
}

/* The policy waits for nothing. */
static enum pce_status
settle(struct service *s, struct service_policy *p, const char *degraded, struct pce_error *err)
{
	enum pce_status status = replace_text(&p->failed, NULL, err);

	touch(s, p);
	if (status == PCE_OK)
		status = replace_text(&p->degraded, degraded && *degraded ? degraded : NULL, err);
	if (status == PCE_OK)
		status = replace_text(&p->waits, NULL, err);
	return status ? status : advise_no_alarm(s, p, err);
}

/* What is there is said to be what it is; *dead: it carries nothing. */
static enum pce_status
say_as_is(struct service *s, struct service_policy *p, const char *why, bool *dead,
	  struct pce_error *err)
{
	enum affected_verdict worst = AFFECTED_STANDS;
	char text[256] = "", all[600];
	bool some, stands;
	enum pce_status status = policy_judge(s, p, true, &worst, &some, text, sizeof(text), err);

	if (status)
		return status;
	stands = worst == AFFECTED_STANDS || worst == AFFECTED_UNKNOWN || some;
	*dead = p->now.record->srpolicy.n_paths == 0 || !stands;
	snprintf(all, sizeof(all), "%s%s%s", text, *text && *why ? "; " : "", why);
	touch(s, p);
	status = replace_text(&p->failed, !*dead ? NULL : *all ? all : "there is no path", err);
	return status ? status : replace_text(&p->degraded, *dead || !*all ? NULL : all, err);
}

enum pce_status
advise_say_waits(struct service *s, struct service_policy *p, const struct change *change,
		 bool dead, struct pce_error *err)
{
	char text[300];
	enum pce_status status;

	if (change->state == CHANGE_REJECTED)
		snprintf(text, sizeof(text), "change %" PRIu64 " was rejected by %s", change->id,
			 change->by ? change->by : "nobody");
	else
		snprintf(text, sizeof(text), "change %" PRIu64 " waits for approval", change->id);
	touch(s, p);
	status = replace_text(&p->waits, text, err);
	if (status)
		return status;
	return dead ? alarm_dead(s, p, text, err) : advise_no_alarm(s, p, err);
}

/* --- moves --- */

/* One policy of those that are looked at together. */
struct member {
	struct service_policy *p;
	struct restore_plan plan;
	bool dead;
};

static enum pce_status
plan_one(struct service *s, struct member *m, unsigned work, struct pce_error *err)
{
	unsigned waiting = m->p->work;
	enum pce_status status;

	m->p->work = work;
	status = restore_plan(s, m->p, &m->plan, err);
	m->p->work = waiting;
	if (status || m->plan.outcome != PLAN_MOVE)
		return status;
	m->p->tentative = m->plan.next.record;
	return policy_book(s, m->p, err);
}

/* Plans all, each with what the ones before would take; afterwards nothing is booked of it. */
static enum pce_status
plan_all(struct service *s, struct member *members, size_t n, unsigned work, struct pce_error *err)
{
	enum pce_status status = PCE_OK, one;
	bool improved = s->improved;

	for (size_t i = 0; i < n && status == PCE_OK; i++)
		status = plan_one(s, &members[i], members[i].p->change ? WORK_COMPUTE : work, err);
	for (size_t i = 0; i < n; i++) {
		if (!members[i].p->tentative)
			continue;
		members[i].p->tentative = NULL;
		one = policy_book(s, members[i].p, err);
		status = status ? status : one;
	}
	s->improved = improved;
	return status;
}

static void
members_free(struct member *members, size_t n)
{
	for (size_t i = 0; i < n; i++)
		arena_free(&members[i].plan.next.arena);
	free(members);
}

static enum pce_status
draft_moves(struct service *s, struct member *members, size_t n, const char *cause,
	    struct kept_change **out, struct pce_error *err)
{
	struct kept_change *draft;
	enum pce_status status = proposal_new(s, n, cause, &draft, err);

	if (status)
		return status;
	for (size_t i = 0; i < n && status == PCE_OK; i++) {
		struct service_policy *p = members[i].p;
		struct change_part *part = &draft->parts[draft->change->n_parts];

		if (members[i].plan.outcome != PLAN_MOVE)
			continue;
		part->policy_id = arena_strdup(&draft->arena, p->id);
		part->dead = members[i].dead;
		status = part->policy_id ? PCE_OK : pce_no_memory(err);
		if (status == PCE_OK)
			status = proposal_side(s, p->now.record, &draft->arena, &part->before, err);
		if (status == PCE_OK)
			status = proposal_side(s, members[i].plan.next.record, &draft->arena,
					       &part->after, err);
		draft->change->n_parts++;
	}
	if (status)
		proposal_free(draft);
	else
		*out = draft;
	return status;
}

/* Each says how it stands with what is on the list for it now. */
static enum pce_status
say_all(struct service *s, struct member *members, size_t n, const struct kept_change *kept,
	struct pce_error *err)
{
	enum pce_status status = PCE_OK;
	bool dead;

	for (size_t i = 0; i < n && status == PCE_OK; i++) {
		struct service_policy *p = members[i].p;

		if (members[i].plan.outcome == PLAN_STANDS) {
			status = settle(s, p, members[i].plan.text, err);
			if (status == PCE_OK && repair_is(p->change))
				status = advise_say_waits(s, p, p->change->change,
							  p->change->change->parts[0].dead, err);
		} else if (members[i].plan.outcome == PLAN_MOVE && kept) {
			status = advise_say_waits(s, p, kept->change, members[i].dead, err);
		} else {
			status = replace_text(&p->waits, NULL, err);
			if (status == PCE_OK)
				status = say_as_is(s, p, members[i].plan.text, &dead, err);
			if (status == PCE_OK)
				status = advise_no_alarm(s, p, err);
		}
	}
	return status;
}

/* What the members need becomes one change on the list, or stays it, or takes it off. */
static enum pce_status
conclude(struct service *s, struct member *members, size_t n, const char *cause,
	 struct pce_error *err)
{
	struct service_policy **policies = calloc(n + 1, sizeof(*policies));
	struct kept_change *draft = NULL, *now = NULL;
	enum pce_status status = policies ? PCE_OK : pce_no_memory(err);
	size_t kept = 0;

	for (size_t i = 0; i < n && status == PCE_OK; i++) {
		bool moves = members[i].plan.outcome == PLAN_MOVE;

		/* A repair goes on to wait beside what the others need. */
		if (moves || !repair_is(members[i].p->change))
			policies[kept++] = members[i].p;
		if (moves)
			status = say_as_is(s, members[i].p, "", &members[i].dead, err);
	}
	if (status == PCE_OK)
		status = draft_moves(s, members, n, cause, &draft, err);
	if (status == PCE_OK)
		status = proposal_replace(s, draft, policies, kept, &now, err);
	free(policies);
	return status ? status : say_all(s, members, n, now, err);
}

/* The policies of a change that are still there, in its order. */
static size_t
members_of_change(const struct service *s, const struct change *change, struct member *members)
{
	size_t n = 0;

	for (size_t i = 0; i < change->n_parts; i++) {
		struct service_policy *p = policy_find(s, change->parts[i].policy_id);

		if (p && p->intent && !p->intent->pending)
			members[n++].p = p;
	}
	return n;
}

static bool
may_be_advised(const struct service *s, const struct service_policy *p)
{
	return p->intent && !p->intent->pending && !p->now.record->unapproved &&
	       mode_of_policy(s, p).mode == MODE_ADVISE;
}

/* Those that are looked at with a policy: the others of its change, else its other direction. */
static enum pce_status
gather(const struct service *s, struct service_policy *p, struct member **out, size_t *n,
       struct pce_error *err)
{
	const struct service_intent *intent = p->intent;
	size_t most = p->change ? p->change->change->n_parts : 0;
	struct member *members = calloc(most + 3, sizeof(*members));

	if (!members)
		return pce_no_memory(err);
	*n = 0;
	if (most > 1) {
		*n = members_of_change(s, p->change->change, members);
	} else {
		for (size_t i = 0; i < intent->n; i++)
			if (may_be_advised(s, intent->policies[i]))
				members[(*n)++].p = intent->policies[i];
	}
	*out = members;
	return PCE_OK;
}

enum pce_status
advise_look(struct service *s, struct service_policy *p, int *budget, struct pce_error *err)
{
	struct member *members = NULL;
	unsigned work = p->work;
	size_t n = 0;
	enum pce_status status;

	p->work = 0;
	touch(s, p);
	if (!may_be_advised(s, p))
		return PCE_OK; /* its own change comes into force soon, and it is looked at then */
	if (p->change && p->change->looked.v == s->step.now.v)
		return PCE_OK; /* with the others of its change, in this very step */
	status = gather(s, p, &members, &n, err);
	if (status)
		return status;
	status = plan_all(s, members, n, work, err);
	if (status == PCE_OK)
		status = conclude(s, members, n, p->work_cause, err);
	if (p->change)
		p->change->looked = s->step.now;
	*budget -= (int)n * 4;
	members_free(members, n);
	return status;
}

enum pce_status
advise_together(struct service *s, struct service_policy *const *policies, size_t n,
		const char *cause, struct pce_error *err)
{
	struct member *members = calloc(n + 1, sizeof(*members));
	enum pce_status status = members ? PCE_OK : pce_no_memory(err);
	size_t kept = 0;

	for (size_t i = 0; i < n && status == PCE_OK; i++)
		if (may_be_advised(s, policies[i]))
			members[kept++].p = policies[i];
	if (status == PCE_OK && kept > 0)
		status = plan_all(s, members, kept, WORK_CHECK | WORK_VALIDATE, err);
	if (status == PCE_OK && kept > 0)
		status = conclude(s, members, kept, cause, err);
	members_free(members, kept);
	return status;
}

/* --- what intents ask for --- */

/* The side that a change on the list has as what is there before; else nothing is. */
static const struct change_side *
before_of(const struct service_policy *p)
{
	const struct change *change = p->change ? p->change->change : NULL;

	for (size_t i = 0; change && i < change->n_parts; i++)
		if (strcmp(change->parts[i].policy_id, p->id) == 0)
			return &change->parts[i].before;
	return NULL;
}

/* A deep copy of a side: through a change, which is what can be copied. */
static enum pce_status
copy_side(struct arena *arena, const struct change_side *from, struct change_side *out,
	  struct pce_error *err)
{
	const struct change_part part = { .policy_id = "", .before = *from };
	const struct change all = { .parts = &part, .n_parts = 1 };
	const struct change *copy = change_copy(arena, &all);

	if (!copy)
		return pce_no_memory(err);
	*out = copy->parts[0].before;
	return PCE_OK;
}

static enum pce_status
draft_part(struct service *s, struct kept_change *draft, const struct service_policy *p,
	   const struct policy_record *before, struct pce_error *err)
{
	struct change_part *part = &draft->parts[draft->change->n_parts++];
	const struct change_side *was = before_of(p);
	enum pce_status status = PCE_OK;

	part->kind = CHANGE_DEPLOY;
	part->policy_id = arena_strdup(&draft->arena, p->id);
	if (!part->policy_id)
		return pce_no_memory(err);
	if (was)
		status = copy_side(&draft->arena, was, &part->before, err);
	else if (before)
		status = proposal_side(s, before, &draft->arena, &part->before, err);
	return status ? status : proposal_side(s, p->now.record, &draft->arena, &part->after, err);
}

static bool
is_deployment(const struct kept_change *kept)
{
	return kept && kept->change->parts[0].kind == CHANGE_DEPLOY;
}

enum pce_status
advise_deploy(struct service *s, struct service_intent *intent,
	      const struct policy_record *const before[2], const char *cause, struct pce_error *err)
{
	struct service_policy *policies[2];
	struct kept_change *draft, *now;
	size_t n = 0;
	enum pce_status status = proposal_new(s, 2, cause, &draft, err);

	if (status)
		return status;
	for (size_t i = 0; i < intent->n; i++)
		if (intent->policies[i]->now.record->unapproved ||
		    is_deployment(intent->policies[i]->change))
			policies[n++] = intent->policies[i];
	for (size_t i = 0; i < intent->n && status == PCE_OK; i++) {
		const struct policy_record *r = intent->policies[i]->now.record;

		if (r->unapproved && r->srpolicy.n_paths > 0)
			status = draft_part(s, draft, intent->policies[i],
					    before ? before[i] : NULL, err);
	}
	if (status) {
		proposal_free(draft);
		return status;
	}
	status = proposal_replace(s, draft, policies, n, &now, err);
	for (size_t i = 0; i < intent->n && status == PCE_OK; i++) {
		struct service_policy *p = intent->policies[i];

		if (p->now.record->unapproved && now)
			status = advise_say_waits(s, p, now->change, false, err);
	}
	return status;
}

/* The policy's headend may have it now. */
static enum pce_status
release(struct service *s, struct service_policy *p, struct pce_error *err)
{
	p->now.record->unapproved = false;
	want_stored(s, p);
	mode_hold(s, p);
	if (p->device != NO_DEVICE)
		s->devices[p->device].poked = true;
	touch(s, p);
	return replace_text(&p->waits, NULL, err);
}

/* --- without approval --- */

enum pce_status
advise_overtaken(struct service *s, struct service_policy *p, struct pce_error *err)
{
	enum pce_status status = advise_no_alarm(s, p, err);

	repair_wait(s, p, false);
	if (status == PCE_OK && p->now.record->unapproved)
		status = release(s, p, err);
	if (status == PCE_OK && p->change)
		status = proposal_end(s, p->change, "withdrawn", "Karst acts by itself", err);
	return status;
}

enum pce_status
advise_forget(struct service *s, struct service_policy *p, struct pce_error *err)
{
	struct kept_change *kept = p->change;
	enum pce_status status = advise_no_alarm(s, p, err);

	if (status || !kept)
		return status;
	for (size_t i = 0; i < s->n_policies; i++)
		if (s->policies[i]->change == kept && s->policies[i] != p)
			work_add(s, s->policies[i], WORK_COMPUTE, s->step.now,
				 "its change lost a policy");
	return proposal_end(s, kept, "withdrawn", "a policy of it is being removed", err);
}

static enum pce_status
expire(struct service *s, struct kept_change *kept, struct pce_error *err)
{
	char cause[64];

	snprintf(cause, sizeof(cause), "change %" PRIu64 " expired", kept->change->id);
	for (size_t i = 0; i < s->n_policies; i++) {
		if (s->policies[i]->change != kept)
			continue;
		work_add(s, s->policies[i], WORK_COMPUTE, s->step.now, cause);
		drift_poke_policy(s, s->policies[i]);
	}
	return proposal_end(s, kept, "expired", NULL, err);
}

enum pce_status
advise_tick(struct service *s, struct pce_error *err)
{
	enum pce_status status = PCE_OK;

	for (size_t i = s->n_changes; i > 0 && status == PCE_OK; i--)
		if (!s->learning && usec_due(s->changes[i - 1]->expires, s->step.now))
			status = expire(s, s->changes[i - 1], err);
	return status;
}

struct usec
advise_deadline(const struct service *s)
{
	struct usec at = USEC_NEVER;

	for (size_t i = 0; i < s->n_changes && !s->learning; i++)
		at = usec_min(at, s->changes[i]->expires);
	return at;
}

/* --- approval --- */

static enum pce_status
refuse_unknown(const struct service *s, uint64_t id, struct pce_error *why)
{
	const struct ended_change *ended = &s->changes_ended[id % CHANGES_ENDED];

	if (id != 0 && ended->id == id)
		return pce_fail(why, PCE_NOT_FOUND, "change %" PRIu64 " is over: %s", id,
				ended->text);
	return pce_fail(why, PCE_NOT_FOUND, "there is no change %" PRIu64 " that waits", id);
}

/* Not PCE_OK: the answer to the operator. */
static enum pce_status
may_approve(const struct service *s, const struct change *change, struct pce_error *why)
{
	enum pce_status status = operate_refuse(s, why);

	if (status == PCE_OK && s->learning)
		status =
		    pce_fail(why, PCE_CONFLICT, "the network is not learned yet after the restart");
	for (size_t i = 0; i < change->n_parts && status == PCE_OK; i++) {
		const char *id = change->parts[i].policy_id;
		const struct service_policy *p = policy_find(s, id);

		if (!p || !p->intent || p->intent->pending)
			status = pce_fail(why, PCE_CONFLICT, "policy %s is being changed", id);
		else
			status = mode_refuse(s, p->headend, p->intent->id, why);
	}
	return status;
}

void
advise_stale(uint64_t id, const struct service_policy *p, struct pce_error *why)
{
	if (p && p->change)
		pce_fail(why, PCE_CONFLICT,
			 "the network has changed since change %" PRIu64
			 " was computed: change %" PRIu64 " is what would be done now",
			 id, p->change->change->id);
	else
		pce_fail(why, PCE_CONFLICT,
			 "the network has changed since change %" PRIu64
			 " was computed: there is nothing to approve any more",
			 id);
}

static enum pce_status
make_moves(struct service *s, struct member *members, size_t n, struct pce_error *err)
{
	uint64_t group = n > 1 ? take_id(s) : 0;
	enum pce_status status = PCE_OK;

	for (size_t i = 0; i < n && status == PCE_OK; i++) {
		members[i].plan.next.record->group = group;
		repair_wait(s, members[i].p, false);
		status = settle(s, members[i].p, members[i].plan.text, err);
		if (status == PCE_OK)
			status = restore_take(s, members[i].p, &members[i].plan, err);
	}
	return status;
}

static enum pce_status
approve_moves(struct service *s, struct kept_change *kept, const char *text, struct pce_error *why,
	      struct pce_error *err)
{
	struct member *members = calloc(kept->change->n_parts + 1, sizeof(*members));
	size_t n = members ? members_of_change(s, kept->change, members) : 0;
	struct service_policy *first = n > 0 ? members[0].p : NULL;
	struct kept_change *draft = NULL;
	uint64_t id = kept->change->id;
	enum pce_status status = members ? PCE_OK : pce_no_memory(err);
	bool same = false;

	if (status == PCE_OK)
		status = plan_all(s, members, n, WORK_COMPUTE, err);
	if (status == PCE_OK)
		status = draft_moves(s, members, n, kept->change->cause, &draft, err);
	if (status == PCE_OK) {
		same = change_same(draft->change, kept->change);
		proposal_free(draft);
	}
	if (status == PCE_OK && same) {
		status = proposal_end(s, kept, "approved", text, err);
		if (status == PCE_OK)
			status = make_moves(s, members, n, err);
	} else if (status == PCE_OK) {
		status = conclude(s, members, n, "the network changed", err);
		if (status == PCE_OK)
			advise_stale(id, first, why);
	}
	members_free(members, n);
	return status;
}

/* True if what was admitted is still right. */
static enum pce_status
still_stands(struct service *s, const struct change *change, bool *stands, struct pce_error *err)
{
	enum pce_status status = PCE_OK;

	*stands = true;
	for (size_t i = 0; i < change->n_parts && status == PCE_OK; i++) {
		struct service_policy *p = policy_find(s, change->parts[i].policy_id);
		enum affected_verdict worst = AFFECTED_STANDS;
		char text[256];
		bool some;

		status = policy_judge(s, p, true, &worst, &some, text, sizeof(text), err);
		*stands = *stands && (worst == AFFECTED_STANDS || worst == AFFECTED_UNKNOWN);
	}
	return status;
}

static enum pce_status
approve_deployment(struct service *s, struct kept_change *kept, const char *text,
		   struct pce_error *why, struct pce_error *err)
{
	uint64_t id = kept->change->id;
	struct service_policy *first = policy_find(s, kept->change->parts[0].policy_id);
	struct service_intent *intent = first->intent;
	enum pce_status status;
	bool stands;

	status = still_stands(s, kept->change, &stands, err);
	for (size_t i = 0; i < intent->n && status == PCE_OK && !stands; i++)
		status = restore_now(s, intent->policies[i], err);
	if (status == PCE_OK && !stands) {
		status = advise_deploy(s, intent, NULL, "the network changed", err);
		advise_stale(id, first, why);
		return status;
	}
	if (status == PCE_OK)
		status = proposal_end(s, kept, "approved", text, err);
	for (size_t i = 0; i < intent->n && status == PCE_OK; i++)
		if (intent->policies[i]->now.record->unapproved)
			status = release(s, intent->policies[i], err);
	return status;
}

static enum pce_status
approve(struct service *s, struct kept_change *kept, const char *author, struct pce_error *why,
	struct pce_error *err)
{
	char text[200];

	if (may_approve(s, kept->change, why))
		return PCE_OK;
	snprintf(text, sizeof(text), "by %s", author);
	if (repair_is(kept))
		return repair_approve(s, kept, text, why, err);
	return kept->change->parts[0].kind == CHANGE_DEPLOY
		   ? approve_deployment(s, kept, text, why, err)
		   : approve_moves(s, kept, text, why, err);
}

static enum pce_status
reject(struct service *s, struct kept_change *kept, const char *author, struct pce_error *err)
{
	char text[200];
	enum pce_status status = PCE_OK;

	kept->change->by = arena_strdup(&kept->arena, author);
	if (!kept->change->by)
		return pce_no_memory(err);
	kept->change->state = CHANGE_REJECTED;
	kept->dirty = s->changes_dirty = s->batch_wanted = true;
	s->revision++;
	for (size_t i = 0; i < kept->change->n_parts && status == PCE_OK; i++) {
		struct service_policy *p = policy_find(s, kept->change->parts[i].policy_id);

		if (p)
			status =
			    advise_say_waits(s, p, kept->change, kept->change->parts[i].dead, err);
	}
	snprintf(text, sizeof(text), "by %s", author);
	return status ? status : proposal_tell(s, kept->change->id, "rejected", text, err);
}

enum pce_status
advise_event(struct service *s, struct pce_error *why, struct pce_error *err)
{
	const struct service_event *e = s->step.event;
	const char *author = e->u.operate.author ? e->u.operate.author : "nobody";
	struct kept_change *kept = proposal_find(s, e->u.operate.change_id);

	if (!kept) {
		refuse_unknown(s, e->u.operate.change_id, why);
		return PCE_OK;
	}
	return e->u.operate.kind == OPERATE_APPROVE ? approve(s, kept, author, why, err)
						    : reject(s, kept, author, err);
}
