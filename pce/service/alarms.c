/*
 * Alarms: raised, cleared, acknowledged, and told when they are. An alarm says what is so now, so
 * after a restart it is raised anew by whoever finds it; but that a person has seen it, and since
 * when it is, is stored with what operators told Karst. What was acknowledged and is not raised
 * again within a while after a restart is over: the next one is a new one.
 *
 * An intent has one alarm, for the worst of what its policies lack, until it is whole again. What
 * its policies lack because a router or a feed is away is not told of each of them: that has an
 * alarm of its own.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"
#include "pce/service/admit.h"

#define SEEN_FOR_US (600 * (int64_t)USEC_PER_S) /* a router may take a while to be found away */

/* --- telling --- */

static const char *
keep(struct arena *arena, const char *text, bool *bad)
{
	const char *copy = text ? arena_strdup(arena, text) : NULL;

	*bad = *bad || (text && !copy);
	return copy;
}

enum pce_status
tell_alarm(struct service *s, const struct alarm *alarm, const char *state, struct pce_error *err)
{
	struct arena *arena = &s->step.effects->arena;
	struct service_notice *notice;
	struct alarm *copy;
	bool bad = false;
	enum pce_status status =
	    new_notice(s, NOTICE_ALARM, alarm->object, state, alarm->text, &notice, err);

	if (status)
		return status;
	copy = arena_copy(arena, alarm, sizeof(*alarm));
	if (!copy)
		return pce_no_memory(err);
	copy->object = keep(arena, alarm->object, &bad);
	copy->cause = keep(arena, alarm->cause, &bad);
	copy->text = keep(arena, alarm->text, &bad);
	copy->action = keep(arena, alarm->action, &bad);
	notice->alarm = copy;
	return bad ? pce_no_memory(err) : PCE_OK;
}

/* --- what a person has seen before a restart --- */

static void
forget_seen(struct service *s, size_t i)
{
	free(s->seen.items[i].object);
	free(s->seen.items[i].cause);
	s->seen.items[i] = s->seen.items[--s->seen.n];
}

void
alarms_forget_seen(struct service *s)
{
	while (s->seen.n > 0)
		forget_seen(s, s->seen.n - 1);
	free(s->seen.items);
	s->seen = (struct seen_alarms){ 0 };
}

/* An alarm that was acknowledged before a restart is the same one. */
static void
recall(struct service *s, struct alarm *alarm)
{
	for (size_t i = 0; i < s->seen.n; i++) {
		const struct seen_alarm *seen = &s->seen.items[i];

		if (strcmp(seen->object, alarm->object) != 0 ||
		    strcmp(seen->cause, alarm->cause) != 0)
			continue;
		alarm->acknowledged = true;
		alarm->since_us = seen->since_us;
		forget_seen(s, i);
		return;
	}
}

/* --- raising and clearing --- */

enum pce_status
raise_alarm(struct service *s, const struct alarm *alarm, struct pce_error *err)
{
	struct alarm dated = *alarm;
	bool changed;
	enum pce_status status;

	dated.since_us = s->step.event->wall_us;
	recall(s, &dated);
	status = alarms_raise(&s->alarms, &dated, &changed, err);
	if (status || !changed)
		return status;
	return tell_alarm(s, alarms_find(&s->alarms, alarm->object, alarm->cause), "raised", err);
}

enum pce_status
clear_alarm(struct service *s, const char *object, const char *cause, struct pce_error *err)
{
	struct alarm cleared;
	enum pce_status status;

	if (!alarms_clear(&s->alarms, object, cause, &cleared))
		return PCE_OK;
	s->operate_dirty = s->operate_dirty || cleared.acknowledged;
	status = tell_alarm(s, &cleared, "cleared", err);
	alarm_release(&cleared);
	return status;
}

enum pce_status
alarms_event(struct service *s, struct pce_error *why, struct pce_error *err)
{
	const struct service_event *e = s->step.event;
	const char *object = e->u.operate.alarm_object, *cause = e->u.operate.alarm_cause;
	bool changed = false;
	const struct alarm *alarm =
	    object && cause ? alarms_acknowledge(&s->alarms, object, cause, &changed) : NULL;

	if (!alarm) {
		pce_fail(why, PCE_NOT_FOUND, "there is no open alarm %s of %s", cause ? cause : "",
			 object ? object : "");
		return PCE_OK;
	}
	if (!changed)
		return PCE_OK;
	s->operate_dirty = s->batch_wanted = true;
	return tell_alarm(s, alarm, "acknowledged", err);
}

/* --- the store --- */

enum pce_status
alarms_collect(const struct service *s, struct arena *arena, struct operate_record *out,
	       struct pce_error *err)
{
	struct acknowledged_alarm *all =
	    arena_alloc(arena, (s->alarms.n + s->seen.n + 1) * sizeof(*all));
	size_t n = 0;
	bool bad = !all;

	for (size_t i = 0; i < s->alarms.n && !bad; i++) {
		const struct alarm *a = &s->alarms.items[i];

		if (a->acknowledged)
			all[n++] =
			    (struct acknowledged_alarm){ keep(arena, a->object, &bad),
							 keep(arena, a->cause, &bad), a->since_us };
	}
	for (size_t i = 0; i < s->seen.n && !bad; i++) {
		const struct seen_alarm *a = &s->seen.items[i];

		all[n++] = (struct acknowledged_alarm){ keep(arena, a->object, &bad),
							keep(arena, a->cause, &bad), a->since_us };
	}
	out->acknowledged = all;
	out->n_acknowledged = n;
	return bad ? pce_no_memory(err) : PCE_OK;
}

enum pce_status
alarms_recover(struct service *s, const struct operate_record *record, struct pce_error *err)
{
	for (size_t i = 0; i < record->n_acknowledged; i++) {
		const struct acknowledged_alarm *from = &record->acknowledged[i];
		enum pce_status status = array_reserve(&s->seen.items, &s->seen.cap, s->seen.n + 1,
						       sizeof(*s->seen.items), err);
		struct seen_alarm *seen;

		if (status)
			return status;
		seen = &s->seen.items[s->seen.n];
		*seen = (struct seen_alarm){ array_strdup(from->object), array_strdup(from->cause),
					     from->since_us };
		s->seen.n++;
		if (!seen->object || !seen->cause)
			return pce_no_memory(err);
	}
	s->seen.until = usec_add(s->step.now, SEEN_FOR_US);
	return PCE_OK;
}

void
alarms_tick(struct service *s)
{
	if (s->seen.n == 0 || !usec_due(s->seen.until, s->step.now))
		return;
	alarms_forget_seen(s);
	s->operate_dirty = true;
}

struct usec
alarms_deadline(const struct service *s)
{
	return s->seen.n > 0 ? s->seen.until : USEC_NEVER;
}

/* --- intents --- */

static const char *
cause_of(enum policy_trouble trouble)
{
	static const char *const causes[] = {
		[TROUBLE_NONE] = "",
		[TROUBLE_LESS] = "degraded",
		[TROUBLE_DOWN] = "policy-down",
		[TROUBLE_REFUSED] = "refused",
		[TROUBLE_NO_PATH] = "without-path",
	};

	return causes[trouble];
}

static const char *
action_of(enum policy_trouble trouble)
{
	static const char *const actions[] = {
		[TROUBLE_NONE] = "",
		[TROUBLE_LESS] = "See karst policy show; it gets what was asked for when there is "
				 "room, or ask for less.",
		[TROUBLE_DOWN] = "Look at the policy and its liveness checks on the router; karst "
				 "trace tells where its packets are lost.",
		[TROUBLE_REFUSED] = "Look at the router, or change the intent; it is tried again "
				    "from time to time.",
		[TROUBLE_NO_PATH] = "Bring links back or ask for less: karst path tells what "
				    "blocks it and what would open it.",
	};

	return actions[trouble];
}

static void
alarm_object(const struct service_intent *intent, char out[300])
{
	snprintf(out, 300, "intent/%s", intent->id);
}

static enum pce_status
clear_intent(struct service *s, struct service_intent *intent, struct pce_error *err)
{
	char object[300];
	enum policy_trouble was = intent->alarmed;

	alarm_object(intent, object);
	intent->alarmed = TROUBLE_NONE;
	return was == TROUBLE_NONE ? PCE_OK : clear_alarm(s, object, cause_of(was), err);
}

enum pce_status
alarms_intent(struct service *s, struct service_intent *intent, struct pce_error *err)
{
	enum policy_trouble worst = intent->n == 0 ? TROUBLE_NO_PATH : TROUBLE_NONE;
	const char *reason = intent->reason ? intent->reason : "it has no policies";
	char object[300], text[700];
	enum pce_status status = PCE_OK;

	for (size_t i = 0; i < intent->n; i++) {
		const struct service_policy *p = intent->policies[i];

		if (p->standing.trouble <= worst)
			continue;
		worst = p->standing.trouble;
		reason = p->standing.reason;
	}
	/* A path that was found makes it whole when it is on its router. */
	if (worst == TROUBLE_NONE &&
	    (intent->state == INTENT_DEPLOYING || intent->state == INTENT_ADMITTED))
		return PCE_OK;
	if (worst != intent->alarmed)
		status = clear_intent(s, intent, err);
	if (status || worst == TROUBLE_NONE)
		return status;
	intent->alarmed = worst;
	alarm_object(intent, object);
	snprintf(text, sizeof(text), "intent %s %s: %s", intent->id,
		 worst == TROUBLE_LESS ? "has less than it asks for" : "is not served", reason);
	return raise_alarm(s,
			   &(struct alarm){
			       .object = object,
			       .cause = cause_of(worst),
			       .severity = worst == TROUBLE_LESS ? ALARM_MINOR : ALARM_MAJOR,
			       .text = text,
			       .action = action_of(worst),
			   },
			   err);
}

enum pce_status
alarms_intent_gone(struct service *s, struct service_intent *intent, struct pce_error *err)
{
	return clear_intent(s, intent, err);
}
