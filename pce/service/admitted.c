/* What was admitted comes into force when it is durable, or is undone when it could not be stored.
 */
#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"
#include "pce/service/admit.h"

/* --- replies --- */

enum pce_status
path_names(struct service *s, const struct policy_record *r, const char *const **paths,
	   size_t *lengths, size_t *n, struct pce_error *err)
{
	struct arena *arena = &s->step.effects->arena;

	for (size_t i = 0; i < srpolicy_n_lists(&r->srpolicy); i++) {
		const char **names = arena_alloc(arena, (r->bound[i].n_links + 1) * sizeof(*names));

		if (!names)
			return pce_no_memory(err);
		for (size_t k = 0; k < r->bound[i].n_links; k++) {
			ted_link link = ted_link_by_key(s->ted, r->bound[i].link_keys[k]);
			const char *name = link == TED_NONE ? r->bound[i].link_keys[k]
							    : ted_link_at(s->ted, link)->name;

			names[k] = arena_strdup(arena, name);
			if (!names[k])
				return pce_no_memory(err);
		}
		paths[*n] = names;
		lengths[(*n)++] = r->bound[i].n_links;
	}
	return PCE_OK;
}

static enum pce_status
reply_paths(struct service *s, const struct reply_facts *facts, struct service_reply *reply,
	    struct pce_error *err)
{
	const struct policy_record *records[2] = { NULL, NULL };
	size_t n = 0, total = 0;
	const char *const **paths;
	size_t *lengths;
	enum pce_status status = PCE_OK;

	for (size_t i = 0; facts->admission && i < facts->admission->n; i++)
		if (!facts->admission->parts[i].drop && n < 2)
			records[n++] = facts->admission->parts[i].next.record;
	for (size_t i = 0; facts->intent && i < facts->intent->n && n < 2; i++)
		records[n++] = facts->intent->policies[i]->now.record;
	for (size_t i = 0; i < n; i++)
		total += records[i] ? srpolicy_n_lists(&records[i]->srpolicy) : 0;
	paths = arena_alloc(&s->step.effects->arena, (total + 1) * sizeof(*paths));
	lengths = arena_alloc(&s->step.effects->arena, (total + 1) * sizeof(*lengths));
	if (!paths || !lengths)
		return pce_no_memory(err);
	for (size_t i = 0; i < n && status == PCE_OK; i++)
		if (records[i])
			status = path_names(s, records[i], paths, lengths, &reply->n_paths, err);
	reply->paths = paths;
	reply->path_lengths = lengths;
	return status;
}

struct service_stuck *
stuck_copy(struct arena *arena, const struct service_stuck *from, size_t n)
{
	struct service_stuck *copy = arena_alloc(arena, (n + 1) * sizeof(*copy));

	for (size_t i = 0; copy && i < n; i++) {
		copy[i].policy_id = arena_strdup(arena, from[i].policy_id);
		copy[i].text = arena_strdup(arena, from[i].text);
		if (!copy[i].policy_id || !copy[i].text)
			return NULL;
	}
	return copy;
}

static enum pce_status
reply_drain(struct service *s, const struct drain_report *report, struct service_reply *reply,
	    struct pce_error *err)
{
	struct arena *arena = &s->step.effects->arena;

	reply->n_affected = report->n_affected;
	reply->stuck = stuck_copy(arena, report->stuck, report->n_stuck);
	reply->moves = stuck_copy(arena, report->moves, report->n_moves);
	if (!reply->stuck || !reply->moves)
		return pce_no_memory(err);
	reply->n_stuck = report->n_stuck;
	reply->n_moves = report->n_moves;
	return PCE_OK;
}

enum pce_status
send_reply(struct service *s, uint64_t request, const struct reply_facts *facts,
	   struct pce_error *err)
{
	struct service_effect *e = service_effects_add(s->step.effects, SERVICE_REPLY, request);

	if (!e)
		return pce_no_memory(err);
	e->u.reply.status = facts->status;
	e->u.reply.created = facts->created && facts->status == PCE_OK;
	e->u.reply.revision = facts->revision;
	e->u.reply.reason = facts->reason;
	e->u.reply.stuck = facts->refused;
	e->u.reply.n_stuck = facts->n_refused;
	if (facts->status == PCE_OK && facts->drain)
		return reply_drain(s, facts->drain, &e->u.reply, err);
	if (facts->status == PCE_OK)
		return reply_paths(s, facts, &e->u.reply, err);
	if (facts->why)
		e->u.reply.error = *facts->why;
	e->u.reply.error.status = facts->status;
	return PCE_OK;
}

/* --- undoing --- */

void
part_free(struct admission_part *part)
{
	arena_free(&part->next.arena);
	part->next.record = NULL;
	free(part->failed);
	free(part->degraded);
	part->failed = part->degraded = NULL;
}

enum pce_status
admission_undo(struct service *s, struct admission *a, struct pce_error *err)
{
	enum pce_status status = PCE_OK;
	bool improved = s->improved;

	for (size_t i = 0; i < a->n; i++) {
		struct service_policy *p = a->parts[i].policy;
		enum pce_status one;

		part_free(&a->parts[i]);
		one = policy_book(s, p, err);
		if (status == PCE_OK)
			status = one;
		if (a->parts[i].fresh) {
			policy_free(s, p);
			a->parts[i].policy = NULL;
		} else if (a->parts[i].rejoins) {
			/* It was on its way out, and is again. */
			p->intent = NULL;
			p->leaving = false;
			one = policy_try_delete(s, p, err);
			if (status == PCE_OK)
				status = one;
		}
	}
	a->intent->pending = NULL;
	a->n = 0;
	/* What happened while it was pending was not looked at. */
	for (size_t i = 0; i < a->intent->n; i++)
		work_add(s, a->intent->policies[i], WORK_CHECK | WORK_VALIDATE, s->step.now,
			 "checked after its change was not stored");
	/* What is given back was only just taken: nobody gains by it. */
	s->improved = improved;
	return status;
}

void
admission_free(struct service *s, struct admission *a)
{
	for (size_t i = 0; i < a->n; i++) {
		part_free(&a->parts[i]);
		if (a->parts[i].fresh)
			policy_free(s, a->parts[i].policy);
	}
	if (a->created)
		intent_free(a->intent);
	arena_free(&a->arena);
	free(a);
}

/* --- coming into force --- */

static enum pce_status
enforce_part(struct service *s, struct admission *a, struct admission_part *part,
	     struct pce_error *err)
{
	const struct policy_move why = { .kind = part->next.record->adopts ? MOVE_ADOPTED
						 : part->fresh             ? MOVE_PLACED
									   : MOVE_CHANGED };
	struct service_policy *p = part->policy;
	enum pce_status status = PCE_OK;

	if (part->fresh)
		status = policy_insert(s, p, err);
	if (status)
		return status;
	part->fresh = false;
	p->intent = a->intent;
	p->leaving = false;
	free(p->failed);
	free(p->degraded);
	p->failed = part->failed;
	p->degraded = part->degraded;
	part->failed = part->degraded = NULL;
	status = remember_before(s, p, err);
	if (status == PCE_OK)
		status = policy_adopt(s, p, &part->next, err);
	if (status)
		return status;
	p->stages = (struct service_stages){
		.cause = a->received,
		.detected = a->received,
		.computed = a->computed,
		.stored = s->step.now,
	};
	status = replace_text(&p->cause,
			      why.kind != MOVE_CHANGED ? "intent made" : "intent changed", err);
	if (status == PCE_OK)
		status = history_note(s, p, &why, err);
	if (status == PCE_OK)
		status = policy_deploy(s, p, err);
	/* The network may have changed while it was being stored. */
	work_add(s, p, p->degraded ? WORK_COMPUTE : WORK_CHECK | WORK_VALIDATE, s->step.now,
		 "checked after it was stored");
	return status;
}

/* What the headends hold of the policies that are replaced, for those who approve the change. */
static enum pce_status
note_before(const struct admission *a, struct arena *arena, const struct policy_record *sides[2],
	    struct pce_error *err)
{
	for (size_t i = 0; i < a->n && i < 2; i++) {
		const struct policy_record *old = a->parts[i].policy->now.record;

		if (!old || old->unapproved || a->parts[i].drop)
			continue;
		sides[i] = policy_record_copy(arena, old);
		if (!sides[i])
			return pce_no_memory(err);
	}
	return PCE_OK;
}

static enum pce_status
enforce_put(struct service *s, struct admission *a, struct pce_error *err)
{
	const struct policy_record *sides[2] = { NULL, NULL };
	struct service_intent *intent = a->intent;
	struct arena was = { 0 };
	bool created = a->created;
	enum pce_status status = PCE_OK;

	if (a->created)
		status = intent_insert(s, intent, err);
	if (status)
		return status;
	a->created = false;
	arena_free(&intent->arena);
	intent->arena = a->arena;
	a->arena = (struct arena){ 0 };
	intent->intent = a->wanted;
	intent->revision = a->revision;
	intent->n = 0;
	status = note_before(a, &was, sides, err);
	for (size_t i = 0; i < a->n && status == PCE_OK; i++) {
		struct admission_part *part = &a->parts[i];

		if (part->drop) {
			status = policy_leave(s, part->policy, err);
			continue;
		}
		intent->policies[intent->n++] = part->policy;
		status = enforce_part(s, a, part, err);
	}
	touch_intent(s, intent);
	if (status == PCE_OK)
		status = advise_deploy(s, intent, sides, created ? "intent made" : "intent changed",
				       err);
	arena_free(&was);
	return status;
}

static enum pce_status
enforce_deletion(struct service *s, struct admission *a, struct pce_error *err)
{
	struct service_intent *intent = a->intent;
	enum pce_status status = PCE_OK;

	for (size_t i = 0; i < intent->n && status == PCE_OK; i++)
		status = policy_leave(s, intent->policies[i], err);
	if (status)
		return status;
	status = tell_intent_gone(s, intent, err);
	if (status == PCE_OK)
		status = mode_forget_intent(s, intent->id, err);
	intent_remove(s, intent);
	s->revision++;
	/* admission_free frees what was never put in a table; now this is so again. */
	a->created = true;
	return status;
}

/* While a change waits for the store, its policies are not restored: that is made up for. */
static void
look_again(struct service *s, const struct service_intent *intent)
{
	for (size_t i = 0; i < intent->n; i++) {
		struct service_policy *p = intent->policies[i];

		work_add(s, p, p->degraded ? WORK_COMPUTE : WORK_CHECK | WORK_VALIDATE, s->step.now,
			 "checked after its change could not be stored");
	}
}

/* Of a request over many intents the last one answers for all. */
static enum pce_status
reply_of(struct service *s, const struct admission *a, const struct reply_facts *facts,
	 struct pce_error *err)
{
	struct reply_facts all = *facts;

	if (a->silent)
		return PCE_OK;
	if (a->n_refused > 0) {
		all.refused = stuck_copy(&s->step.effects->arena, a->refused, a->n_refused);
		all.n_refused = a->n_refused;
		if (!all.refused)
			return pce_no_memory(err);
	}
	return send_reply(s, a->request, &all, err);
}

enum pce_status
admit_stored(struct service *s, struct admission *a, enum pce_status stored, const char *text,
	     struct pce_error *err)
{
	struct pce_error why = { 0 };
	struct reply_facts facts = { .status = stored ? PCE_IO : PCE_OK, .why = &why };
	enum pce_status status;

	if (stored) {
		pce_fail(&why, PCE_IO, "intent %s could not be stored: %s", a->intent->id,
			 text && *text ? text : pce_status_name(stored));
		status = reply_of(s, a, &facts, err);
		if (admission_undo(s, a, err) && status == PCE_OK)
			status = PCE_INTERNAL;
		look_again(s, a->intent);
		return status;
	}
	a->intent->pending = NULL;
	facts.created = a->created;
	facts.revision = a->revision;
	if (a->deletion) {
		status = reply_of(s, a, &facts, err);
		return status ? status : enforce_deletion(s, a, err);
	}
	status = enforce_put(s, a, err);
	facts.intent = a->intent;
	return status ? status : reply_of(s, a, &facts, err);
}
