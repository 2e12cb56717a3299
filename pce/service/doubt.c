/*
 * Feeds against telemetry (pce/operate/doubt.h): what both say of every fibre is gathered here, an
 * alarm tells of each fibre on which they contradict each other for long enough, and too many of
 * them freeze changes before more is done on the word of a feed that is probably wrong.
 *
 * A fibre has the number of that direction which comes first in the canonical order, so that it
 * does not depend on who spoke first. What a feed says counts while a session is up and has told
 * all that it has.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"
#include "pce/service/internal.h"

#define MOVING_BPS UINT64_C(1000000) /* hellos and the like of an idle link are less */
#define ALARMS_MOST 64u /* fibres that have an alarm of their own */
#define NAMED_MOST 4u

void
doubt_free(struct service *s)
{
	doubts_free(&s->doubt.all);
	free(s->doubt.ends);
	while (s->doubt.n_alarms > 0)
		free(s->doubt.alarms[--s->doubt.n_alarms].object);
	free(s->doubt.alarms);
}

/* --- what the witnesses say --- */

static bool
a_feed_speaks(const struct service *s)
{
	for (size_t i = 0; i < s->n_feeds; i++)
		if (s->feeds[i].source.kind == TED_SOURCE_BGPLS && s->feeds[i].up &&
		    s->feeds[i].synced)
			return !s->learning;
	return false;
}

static bool
is_gone(const struct service *s, ted_link link)
{
	const struct ted_link_row *row = ted_link_at(s->ted, link);

	return row->feed == TED_FEED_LOST || row->unusable & TED_UNUSABLE_ONE_WAY;
}

/* A feed that is there has said how the link stands. */
static bool
is_told(const struct service *s, ted_link link)
{
	const struct ted_link_row *row = ted_link_at(s->ted, link);

	return !row->stale && !(row->unusable & TED_UNUSABLE_UNKNOWN) && row->feed != TED_FEED_NONE;
}

static ted_link
partner_of(const struct service *s, ted_link link)
{
	return link < s->n_partners ? s->partners[link] : TED_NONE;
}

static struct doubt_end
end_of(const struct service *s, ted_link link)
{
	return link < s->doubt.n_ends ? s->doubt.ends[link] : (struct doubt_end){ 0 };
}

static enum pce_status
compare(struct service *s, ted_link link, struct pce_error *err)
{
	const struct ted_link_row *row = ted_link_at(s->ted, link);
	ted_link other = partner_of(s, link), first = link;
	struct doubt_facts facts = { .ends = { end_of(s, link) } };
	enum pce_status status = PCE_OK;

	if (other != TED_NONE) {
		facts.ends[1] = end_of(s, other);
		first = ted_link_at(s->ted, other)->rank < row->rank ? other : link;
		/* Until its way back was known it was a fibre of its own. */
		if (s->doubt.all.n > 0)
			status = doubts_note(&s->doubt.all, first == link ? other : link,
					     &(struct doubt_facts){ 0 }, s->step.now, err);
	}
	facts.feed_up = !is_gone(s, link) && (other == TED_NONE || !is_gone(s, other));
	facts.feed_speaks =
	    a_feed_speaks(s) && is_told(s, link) && (other == TED_NONE || is_told(s, other));
	return status ? status : doubts_note(&s->doubt.all, first, &facts, s->step.now, err);
}

enum pce_status
doubt_links(struct service *s, const struct ted_change *changes, size_t n, struct pce_error *err)
{
	enum pce_status status = PCE_OK;

	for (size_t i = 0; i < n && status == PCE_OK; i++) {
		ted_link link = changes[i].row;

		if (!changes[i].is_link || !doubts_on(&s->doubt.all))
			continue;
		status = compare(s, link, err);
	}
	return status;
}

void
doubt_feeds(struct service *s)
{
	s->doubt.stale = true;
}

static bool
is_moving(const struct service *s, ted_link link, const struct telemetry_link *from)
{
	uint64_t noise = ted_link_at(s->ted, link)->capacity_bps / 100 *
			 (2 * (uint64_t)s->config->telemetry.change_percent);

	return from->present & TELEMETRY_RATE &&
	       from->measured_bps > (noise > MOVING_BPS ? noise : MOVING_BPS);
}

enum pce_status
doubt_summary(struct service *s, ted_link link, const struct telemetry_link *from,
	      struct pce_error *err)
{
	struct doubt_end end = { .moving = is_moving(s, link, from) };
	enum pce_status status;

	if (!doubts_on(&s->doubt.all))
		return PCE_OK;
	if (from->present & TELEMETRY_OPER)
		end.oper = from->oper_down ? DOUBT_OPER_DOWN : DOUBT_OPER_UP;
	status = array_reserve(&s->doubt.ends, &s->doubt.cap_ends, (size_t)link + 1,
			       sizeof(*s->doubt.ends), err);
	if (status)
		return status;
	while (s->doubt.n_ends <= link)
		s->doubt.ends[s->doubt.n_ends++] = (struct doubt_end){ 0 };
	s->doubt.ends[link] = end;
	return compare(s, link, err);
}

/* --- alarms --- */

static const char *
text_of(enum doubt_kind kind)
{
	return kind == DOUBT_GONE_BUT_ALIVE
		   ? "the feed does not have it any more, but its ends say that it is up, or "
		     "traffic moves on it"
		   : "the feed has it, but an end says that it is down";
}

static struct doubt_alarm *
alarm_of(struct service *s, size_t fibre)
{
	for (size_t i = 0; i < s->doubt.n_alarms; i++)
		if (s->doubt.alarms[i].fibre == fibre)
			return &s->doubt.alarms[i];
	return NULL;
}

/* Its name is kept: an alarm is cleared under the name that it was raised with. */
static enum pce_status
new_alarm(struct service *s, size_t fibre, struct doubt_alarm **out, struct pce_error *err)
{
	char object[TED_NAME_MAX + 160];
	char *copy;
	enum pce_status status = array_reserve(&s->doubt.alarms, &s->doubt.cap_alarms,
					       s->doubt.n_alarms + 1, sizeof(**out), err);

	if (status)
		return status;
	snprintf(object, sizeof(object), "link/%s", ted_link_at(s->ted, (ted_link)fibre)->name);
	copy = array_strdup(object);
	if (!copy)
		return pce_no_memory(err);
	*out = &s->doubt.alarms[s->doubt.n_alarms++];
	**out = (struct doubt_alarm){ fibre, copy };
	return PCE_OK;
}

static enum pce_status
clear(struct service *s, struct doubt_alarm *kept, struct pce_error *err)
{
	enum pce_status status = clear_alarm(s, kept->object, "contradicted", err);

	free(kept->object);
	*kept = s->doubt.alarms[--s->doubt.n_alarms];
	return status;
}

static enum pce_status
tell_one(struct service *s, size_t fibre, struct pce_error *err)
{
	enum doubt_kind kind = doubts_tell(&s->doubt.all, fibre);
	struct doubt_alarm *kept = alarm_of(s, fibre);
	enum pce_status status = PCE_OK;

	doubts_told(&s->doubt.all, fibre);
	if (kind == DOUBT_NONE)
		return kept ? clear(s, kept, err) : PCE_OK;
	if (!kept && s->doubt.n_alarms == ALARMS_MOST)
		return PCE_OK; /* the freeze says how many there are */
	if (!kept)
		status = new_alarm(s, fibre, &kept, err);
	if (status)
		return status;
	return raise_alarm(
	    s,
	    &(struct alarm){
		.object = kept->object,
		.cause = "contradicted",
		.severity = ALARM_MINOR,
		.text = text_of(kind),
		.action = "Look whether the routing protocol runs on it; if the feed or the "
			  "telemetry is wrong, see to that router.",
	    },
	    err);
}

static enum pce_status
freeze(struct service *s, struct pce_error *err)
{
	const struct doubts *d = &s->doubt.all;
	size_t n = d->n_ripe - d->n_accepted, named = 0;
	char reason[GUARD_REASON];
	int used = snprintf(reason, sizeof(reason),
			    "feed and telemetry contradict each other on %zu of %zu measured "
			    "fibres for %u s:",
			    n, d->n_measured, d->limits.hold_s);

	for (size_t i = 0; i < d->n && named < NAMED_MOST && (size_t)used < sizeof(reason); i++) {
		if (!d->at[i].ripe || d->at[i].accepted)
			continue;
		used += snprintf(reason + used, sizeof(reason) - (size_t)used, "%s %.40s",
				 named > 0 ? "," : "", ted_link_at(s->ted, (ted_link)i)->name);
		named++;
	}
	if (n > named && (size_t)used < sizeof(reason))
		snprintf(reason + used, sizeof(reason) - (size_t)used, " and %zu more", n - named);
	return operate_freeze(s, reason, err);
}

/* --- time --- */

/* A feed came or went: its word counts, or counts no more. */
static enum pce_status
compare_all(struct service *s, struct pce_error *err)
{
	ted_link n = ted_link_count(s->ted);
	enum pce_status status = PCE_OK;

	s->doubt.stale = false;
	for (ted_link link = 0; link < n && link < s->doubt.n_ends && status == PCE_OK; link++)
		if (end_of(s, link).oper != DOUBT_OPER_UNKNOWN || end_of(s, link).moving)
			status = compare(s, link, err);
	return status;
}

enum pce_status
doubt_tick(struct service *s, struct pce_error *err)
{
	struct doubts *d = &s->doubt.all;
	enum pce_status status = PCE_OK;

	if (!doubts_on(d))
		return PCE_OK;
	if (s->doubt.stale)
		status = compare_all(s, err);
	doubts_tick(d, s->step.now);
	for (size_t i = doubts_next_untold(d, 0); i < d->n && status == PCE_OK;
	     i = doubts_next_untold(d, i))
		status = tell_one(s, i, err);
	return status || !doubts_too_many(d) || s->guard.frozen ? status : freeze(s, err);
}
