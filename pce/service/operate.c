/*
 * Whether Karst may change anything: the mode that an operator chose (modes.c), and the guard
 * against feeds that lie or die. While it may not, the graph goes on learning and policies wait in
 * the queue; transactions that are open come to their end; requests that would change something are
 * refused, dry runs are not.
 *
 * Both are told to the store, so that a restart neither begins to act nor lifts a freeze.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pce/service/admit.h"
#include "pce/service/advise.h"
#include "pce/service/windows.h"

/* A request of an operator that waits for the store. */
struct operation {
	struct operation *next;
	uint64_t request;
	uint64_t batch; /* 0: the one being collected */
	bool drains;
	struct drain_report report; /* of a drain */
};

#define UNDONE_ASKED 16u /* policies that the alarm of a freeze asks for what they would do */
#define UNDONE_NAMED 3u /* and that it names */

static const char guard_object[] = "karst", guard_cause[] = "frozen";

bool
operate_waits(const struct service *s)
{
	return s->guard.frozen || s->mode == MODE_OBSERVE;
}

enum pce_status
operate_refuse(const struct service *s, struct pce_error *why)
{
	if (s->guard.frozen)
		return pce_fail(why, PCE_CONFLICT, "changes are frozen: %s; see karst resume",
				s->guard.reason);
	return mode_refuse(s, TED_NONE, NULL, why);
}

/* --- the guard --- */

/* True if the policy would be moved, but for the freeze. */
static enum pce_status
would_move(struct service *s, struct service_policy *p, bool *would, struct pce_error *err)
{
	enum affected_verdict worst = AFFECTED_STANDS;
	char text[256];
	bool some;
	enum pce_status status = PCE_OK;

	if (p->now.record && !p->now.record->removing)
		status = policy_judge(s, p, true, &worst, &some, text, sizeof(text), err);
	*would = worst != AFFECTED_STANDS && worst != AFFECTED_UNKNOWN;
	return status;
}

/* Appends what would be done with the first policies that wait, by the graph as it is. */
static enum pce_status
say_undone(struct service *s, char *text, size_t cap, struct pce_error *err)
{
	enum pce_status status = s->learning ? PCE_OK : queue_order(s, err);
	size_t used = strlen(text), named = 0;

	for (size_t i = 0; i < s->n_queue && i < UNDONE_ASKED && named < UNDONE_NAMED &&
			   status == PCE_OK && !s->learning && used < cap;
	     i++) {
		struct service_policy *p = s->slots[s->queue[i]];
		char links[256] = "";
		bool would, placed = false;

		status = would_move(s, p, &would, err);
		if (status || !would)
			continue;
		status = restore_try(s, p, &placed, links, sizeof(links), err);
		used += (size_t)snprintf(text + used, cap - used, "; %s would %s %s", p->id,
					 placed ? "go over" : "stay without a path:", links);
		named++;
	}
	return status;
}

static enum pce_status
tell_frozen(struct service *s, struct pce_error *err)
{
	char text[GUARD_REASON + 96 + UNDONE_NAMED * 512];
	enum pce_status status;
	const struct alarm alarm = {
		.object = guard_object,
		.cause = guard_cause,
		.severity = ALARM_CRITICAL,
		.text = text,
		.action = "Look whether the network or the feed is at fault; then karst resume.",
	};

	snprintf(text, sizeof(text),
		 "changes are frozen: %s; %zu of %zu policies wait to be looked at",
		 s->guard.reason, s->n_queue, s->n_policies);
	s->frozen_queue = s->n_queue;
	status = say_undone(s, text, sizeof(text), err);
	return status ? status : raise_alarm(s, &alarm, err);
}

enum pce_status
operate_freeze(struct service *s, const char *reason, struct pce_error *err)
{
	if (s->guard.frozen)
		return PCE_OK;
	guard_freeze(&s->guard, reason, s->step.event->wall_us);
	s->operate_dirty = s->batch_wanted = true;
	return tell_session(s, guard_object, "frozen", reason, err);
}

/* What waited is looked at again, with whatever changed meanwhile. */
static void
go_on(struct service *s)
{
	s->improved = true;
	mode_unpark(s);
	check_all(s, WORK_CHECK | WORK_VALIDATE, "checked after changes were allowed again");
	poke_all(s);
}

/* author NULL: nobody, the feeds healed. A person has seen what contradicts. */
static enum pce_status
resume(struct service *s, const char *author, struct pce_error *err)
{
	char text[160];
	enum pce_status status;

	if (!s->guard.frozen)
		return PCE_OK;
	guard_resume(&s->guard);
	if (author)
		doubts_accept(&s->doubt.all);
	s->operate_dirty = s->batch_wanted = true;
	s->noted_at = s->step.now;
	if (!operate_waits(s))
		go_on(s);
	snprintf(text, sizeof(text), "by %s",
		 author ? author : "the guard: the feed stayed healthy");
	status = tell_session(s, guard_object, "resumed", text, err);
	return status ? status : clear_alarm(s, guard_object, guard_cause, err);
}

enum pce_status
operate_links(struct service *s, const struct ted_change *changes, size_t n, struct pce_error *err)
{
	uint32_t lost, most;
	char reason[GUARD_REASON];

	for (size_t i = 0; i < n; i++) {
		if (!changes[i].is_link)
			continue;
		s->n_usable += (changes[i].what & TED_CHANGED_NEW) != 0;
		s->n_usable -= (changes[i].what & TED_CHANGED_GONE) != 0;
	}
	if (!guard_usable(&s->guard, s->step.now, s->n_usable, &lost, &most) || s->learning)
		return PCE_OK;
	snprintf(reason, sizeof(reason), "%u of %u directed links vanished within %u s", lost, most,
		 s->guard.limits.window_s);
	return operate_freeze(s, reason, err);
}

/* Feeds are sessions; files do not die. */
static bool
is_session(const struct service_feed *feed)
{
	return feed->source.kind == TED_SOURCE_BGPLS;
}

enum pce_status
operate_feed_lost(struct service *s, const struct service_feed *lost, struct pce_error *err)
{
	char reason[GUARD_REASON];

	if (!is_session(lost) || s->learning || s->guard.limits.links_percent == 0)
		return PCE_OK;
	for (size_t i = 0; i < s->n_feeds; i++)
		if (is_session(&s->feeds[i]) && s->feeds[i].up)
			return PCE_OK;
	snprintf(reason, sizeof(reason), "the last feed, %s, was lost",
		 lost->name ? lost->name : "without a name");
	return operate_freeze(s, reason, err);
}

static bool
feeds_are_healthy(const struct service *s)
{
	size_t up = 0, wanted = 0;

	for (size_t i = 0; i < s->n_feeds; i++) {
		const struct service_feed *feed = &s->feeds[i];

		wanted += is_session(feed);
		up += is_session(feed) && feed->up;
		if (feed->up && !feed->synced)
			return false;
	}
	return (up > 0 || wanted == 0) && !doubts_too_many(&s->doubt.all);
}

enum pce_status
operate_tick(struct service *s, struct pce_error *err)
{
	if (!s->guard.frozen)
		return PCE_OK;
	if (guard_healthy(&s->guard, s->step.now, feeds_are_healthy(s)))
		return resume(s, NULL, err);
	if (!alarms_find(&s->alarms, guard_object, guard_cause) || s->frozen_queue != s->n_queue)
		return tell_frozen(s, err);
	return PCE_OK;
}

/* --- requests --- */

static enum pce_status
set_mode(struct service *s, struct pce_error *why, struct pce_error *err)
{
	bool changed;
	enum pce_status status = mode_set(s, &changed, why, err);

	if (status || !changed)
		return status;
	s->operate_dirty = s->batch_wanted = true;
	s->noted_at = s->step.now;
	if (!operate_waits(s))
		go_on(s);
	return PCE_OK;
}

static void
operation_free(struct operation *o)
{
	arena_free(&o->report.arena);
	free(o);
}

static void
wait_for_store(struct service *s, struct operation *o)
{
	struct operation **last = &s->operations;

	while (*last)
		last = &(*last)->next;
	*last = o;
}

/* Carries the order out; *wait: the reply has to wait for the store. */
static enum pce_status
carry_out(struct service *s, struct operation *o, bool *wait, struct pce_error *err)
{
	const struct service_event *e = s->step.event;
	const char *author = e->u.operate.author ? e->u.operate.author : "nobody";
	struct pce_error why = { 0 };
	struct reply_facts done = { .why = &why };
	enum pce_status status;

	switch (e->u.operate.kind) {
	case OPERATE_DRAIN:
	case OPERATE_UNDRAIN:
		o->drains = e->u.operate.kind == OPERATE_DRAIN;
		return drain_event(s, &o->report, wait, err);
	case OPERATE_ADOPT:
		return adopt_event(s, err);
	case OPERATE_REOPTIMISE:
		return reoptimise_event(s, err);
	case OPERATE_RESUME:
		status = resume(s, author, err);
		break;
	case OPERATE_ACKNOWLEDGE:
		status = alarms_event(s, &why, err);
		break;
	case OPERATE_APPROVE:
	case OPERATE_REJECT:
		status = advise_event(s, &why, err);
		s->operate_dirty = s->operate_dirty || why.status == PCE_OK;
		break;
	default:
		status = set_mode(s, &why, err);
		break;
	}
	done.status = why.status;
	*wait = s->operate_dirty && why.status == PCE_OK;
	return status || *wait ? status : send_reply(s, e->id, &done, err);
}

enum pce_status
operate_event(struct service *s, struct pce_error *err)
{
	struct operation *o = calloc(1, sizeof(*o));
	bool wait = false;
	enum pce_status status;

	if (!o)
		return pce_no_memory(err);
	o->request = s->step.event->id;
	status = carry_out(s, o, &wait, err);
	if (status || !wait)
		operation_free(o);
	else
		wait_for_store(s, o);
	return status;
}

/* --- the store --- */

void
operate_collected(struct service *s, uint64_t batch)
{
	s->operate_dirty = false;
	for (struct operation *o = s->operations; o; o = o->next)
		if (o->batch == 0)
			o->batch = batch;
}

enum pce_status
operate_stored(struct service *s, uint64_t batch, enum pce_status stored, const char *text,
	       struct pce_error *err)
{
	struct operation **at = &s->operations;
	enum pce_status status = PCE_OK;

	while (*at && status == PCE_OK) {
		struct operation *o = *at;
		struct pce_error why = { 0 };
		struct reply_facts facts = { .status = stored,
					     .why = &why,
					     .drain = o->drains ? &o->report : NULL };

		if (o->batch != batch) {
			at = &o->next;
			continue;
		}
		if (stored)
			pce_fail(&why, stored,
				 "it is in force, but would not survive a restart: %s",
				 text && *text ? text : pce_status_name(stored));
		*at = o->next;
		status = send_reply(s, o->request, &facts, err);
		operation_free(o);
	}
	return status;
}

enum pce_status
operate_recover(struct service *s, const struct operate_record *record, struct pce_error *err)
{
	enum pce_status status;

	if (!record)
		return PCE_OK;
	if (record->frozen)
		guard_freeze(&s->guard, record->frozen, record->frozen_since_us);
	status = mode_recover(s, record, err);
	if (status == PCE_OK)
		status = drain_recover(s, record, err);
	if (status == PCE_OK)
		status = alarms_recover(s, record, err);
	return status ? status : windows_recover(s, record, err);
}

void
operate_free(struct service *s)
{
	drain_free(s);
	windows_free(s);
	scopes_free(&s->scopes);
	alarms_forget_seen(s);
	advise_free(s);
	while (s->operations) {
		struct operation *o = s->operations;

		s->operations = o->next;
		operation_free(o);
	}
}
