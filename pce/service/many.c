/*
 * One request over many intents: admitted as one, computed as one, answered once. All intents are
 * computed in one step, each on the network as the ones before it leave it, in the order given or
 * the important and the large ones first; what they want is booked at once, beside what their
 * policies hold today. Asked for all or none, the first refusal does not end it: every intent that
 * is refused is named with its reason, and nothing of the others stays. What is admitted goes to
 * the store as one batch and to the headends as one group (groups.c): prepared everywhere before
 * any is confirmed. Asked for what is possible, each admitted intent goes by itself.
 *
 * The limit: make before break holds for each policy, so two that need the room which the other one
 * holds are refused; moved one after the other, over a third path, they can swap.
 */
#include <stdlib.h>
#include <string.h>

#include "pce/service/admit.h"

struct many {
	const struct intent **wanted; /* in order of computation */
	size_t n;
	struct admission **made;
	size_t n_made;
	struct service_stuck *refused;
	size_t n_refused;
	const char *reason; /* of the first that was refused */
	struct pce_error why;
	struct arena arena;
};

/* A ladder: the more important one, the larger one, the one given first (the sort is stable). */
static bool
goes_before(const struct intent *a, const struct intent *b)
{
	if (a->priority != b->priority)
		return a->priority < b->priority;
	return a->bandwidth_bps > b->bandwidth_bps;
}

static void
order(struct many *m)
{
	for (size_t i = 1; i < m->n; i++) {
		const struct intent *moved = m->wanted[i];
		size_t at = i;

		for (; at > 0 && goes_before(moved, m->wanted[at - 1]); at--)
			m->wanted[at] = m->wanted[at - 1];
		m->wanted[at] = moved;
	}
}

static enum pce_status
check(const struct service_event *e, struct pce_error *why)
{
	const struct intent *const *intents = e->u.intents_put.intents;

	if (e->u.intents_put.n > INTENTS_MOST)
		return pce_fail(why, PCE_LIMIT, "a request names %zu intents; %d are the most",
				e->u.intents_put.n, INTENTS_MOST);
	for (size_t i = 0; i < e->u.intents_put.n; i++)
		for (size_t k = 0; k < i; k++)
			if (intents[i]->id && intents[k]->id &&
			    strcmp(intents[i]->id, intents[k]->id) == 0)
				return intent_fail(why, PCE_INVALID, intents[i], NULL,
						   "the request names intent %s twice",
						   intents[i]->id);
	return PCE_OK;
}

static enum pce_status
refuse(struct many *m, const struct intent *wanted, const char *reason, const struct pce_error *why,
       struct pce_error *err)
{
	struct service_stuck *one = &m->refused[m->n_refused];

	one->policy_id = arena_strdup(&m->arena, wanted->id ? wanted->id : "");
	one->text = arena_strdup(&m->arena, why->text);
	if (!one->policy_id || !one->text)
		return pce_no_memory(err);
	if (m->n_refused++ == 0) {
		m->why = *why;
		m->reason = reason;
	}
	return PCE_OK;
}

/* Computes one of them, as if it had been put alone. */
static enum pce_status
take_one(struct service *s, struct many *m, const struct intent *wanted, struct pce_error *err)
{
	const struct service_event *whole = s->step.event;
	struct service_event event = *whole;
	struct pce_error why = { 0 };
	struct admission *a = NULL;
	const char *reason = NULL;
	enum pce_status status;

	event.kind = SERVICE_INTENT_PUT;
	event.u.intent_put.intent = wanted;
	event.u.intent_put.author = whole->u.intents_put.author;
	event.u.intent_put.if_match = 0;
	event.u.intent_put.dry_run = whole->u.intents_put.dry_run;
	s->step.event = &event;
	status = admit_prepare(s, &a, &reason, &why, err);
	s->step.event = whole;
	if (status)
		return status;
	if (a)
		m->made[m->n_made++] = a;
	return why.status ? refuse(m, wanted, reason, &why, err) : PCE_OK;
}

/* The last one first: each finds the books as it left them. */
static enum pce_status
undo(struct service *s, struct many *m, struct pce_error *err)
{
	enum pce_status status = PCE_OK;

	for (; m->n_made > 0; m->n_made--) {
		struct admission *a = m->made[m->n_made - 1];

		if (admission_undo(s, a, err))
			status = PCE_INTERNAL;
		admission_free(s, a);
	}
	return status;
}

static enum pce_status
answer(struct service *s, struct many *m, enum pce_status why, struct pce_error *err)
{
	struct reply_facts facts = { .status = why, .why = &m->why, .reason = m->reason };

	facts.refused = stuck_copy(&s->step.effects->arena, m->refused, m->n_refused);
	facts.n_refused = m->n_refused;
	if (!facts.refused)
		return pce_no_memory(err);
	return send_reply(s, s->step.event->id, &facts, err);
}

/* All that were computed go to the store; the last one answers when they are there. */
static enum pce_status
accept(struct service *s, struct many *m, struct pce_error *err)
{
	bool together = !s->step.event->u.intents_put.partly && m->n_made > 1;
	uint64_t group = together ? take_id(s) : 0;
	struct admission *last = m->made[m->n_made - 1];

	last->refused = stuck_copy(&last->arena, m->refused, m->n_refused);
	last->n_refused = m->n_refused;
	if (!last->refused) {
		(void)undo(s, m, NULL);
		return pce_no_memory(err);
	}
	for (size_t i = 0; i < m->n_made; i++) {
		m->made[i]->silent = m->made[i] != last;
		admit_accept(s, m->made[i], group);
	}
	m->n_made = 0;
	return PCE_OK;
}

static enum pce_status
carry_out(struct service *s, struct many *m, struct pce_error *err)
{
	const struct service_event *e = s->step.event;
	bool none;
	enum pce_status status = PCE_OK;

	for (size_t i = 0; i < m->n && status == PCE_OK; i++)
		status = take_one(s, m, m->wanted[i], err);
	if (status) {
		(void)undo(s, m, NULL);
		return status;
	}
	none = m->n_refused > 0 && !e->u.intents_put.partly;
	if (m->n_made > 0 && !none && !e->u.intents_put.dry_run)
		return accept(s, m, err);
	status = undo(s, m, err);
	return status ? status : answer(s, m, none ? m->why.status : PCE_OK, err);
}

enum pce_status
admit_many(struct service *s, struct pce_error *err)
{
	const struct service_event *e = s->step.event;
	struct many m = { .n = e->u.intents_put.n };
	enum pce_status status = feed_settle(s, err), bad;

	if (status)
		return status;
	bad = check(e, &m.why);
	if (bad)
		return answer(s, &m, bad, err);
	m.wanted = calloc(m.n + 1, sizeof(struct intent *));
	m.made = calloc(m.n + 1, sizeof(struct admission *));
	m.refused = calloc(m.n + 1, sizeof(*m.refused));
	if (!m.wanted || !m.made || !m.refused) {
		status = pce_no_memory(err);
	} else {
		for (size_t i = 0; i < m.n; i++)
			m.wanted[i] = e->u.intents_put.intents[i];
		if (e->u.intents_put.best_first)
			order(&m);
		status = carry_out(s, &m, err);
	}
	free(m.wanted);
	free(m.made);
	free(m.refused);
	arena_free(&m.arena);
	return status;
}
