/*
 * Sources come, go and speak. What they say is noted at once and settled
 *   - now, if policies stand on it and the source is past its first sync: moving one policy after
 *     one withdrawal waits for nothing;
 *   - SETTLE_GAP after the last settle at the latest, so that a storm of changes costs fifty
 *     settles a second and not one for each;
 *   - within SETTLE_SYNC while a source syncs, so that the first eighty thousand NLRIs are settled
 *     once, when it has told all, or once a second from a slow one;
 *   - within SETTLE_IDLE if nothing depends on it.
 * Settling names the rows that changed; from them follows who is affected, and nobody else is
 * looked at.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"
#include "pce/service/assure.h"
#include "pce/service/internal.h"

#define SETTLE_GAP_US (20 * (int64_t)USEC_PER_MS)
#define STRAY_LINKS 16 /* searched from and to; for more, replaying everybody costs less */
#define SETTLE_SYNC_US ((int64_t)USEC_PER_S)
#define SETTLE_IDLE_US (250 * (int64_t)USEC_PER_MS)

/* --- feeds --- */

static enum pce_status
find_feed(struct service *s, struct ted_source source, struct service_feed **out,
	  struct pce_error *err)
{
	enum pce_status status;

	for (size_t i = 0; i < s->n_feeds; i++)
		if (s->feeds[i].source.kind == source.kind && s->feeds[i].source.id == source.id) {
			*out = &s->feeds[i];
			return PCE_OK;
		}
	status = array_reserve(&s->feeds, &s->cap_feeds, s->n_feeds + 1, sizeof(*s->feeds), err);
	if (status)
		return status;
	s->feeds[s->n_feeds] = (struct service_feed){ .source = source, .expire_at = USEC_NEVER };
	*out = &s->feeds[s->n_feeds++];
	return PCE_OK;
}

static void
feed_object(const struct service_feed *feed, char *out, size_t cap)
{
	if (feed->name)
		snprintf(out, cap, "feed/%s", feed->name);
	else
		snprintf(out, cap, "feed/%d-%u", (int)feed->source.kind, feed->source.id);
}

static enum pce_status
feed_lost(struct service *s, struct service_feed *feed, struct pce_error *err)
{
	char object[160];
	const struct alarm alarm = {
		.object = object,
		.cause = "lost",
		.severity = ALARM_MAJOR,
		.text = feed->text ? feed->text : "the session is lost",
		.action =
		    "Its part of the network stands as it was last seen; restore the session.",
	};

	bool was_up = feed->up; /* a peer that cannot be reached is lost again and again */
	enum pce_status status;

	feed_object(feed, object, sizeof(object));
	feed->up = feed->synced = false;
	if (feed->expire_at.v == USEC_NEVER.v)
		feed->expire_at = usec_add(s->step.now, (int64_t)feed->stale_time_s * USEC_PER_S);
	status = raise_alarm(s, &alarm, err);
	return status || !was_up ? status : operate_feed_lost(s, feed, err);
}

static enum pce_status
take_feed_event(struct service *s, struct service_feed *feed, enum ted_source_event event,
		struct pce_error *err)
{
	char object[160];

	feed_object(feed, object, sizeof(object));
	switch (event) {
	case TED_SOURCE_UP:
		feed->up = true;
		feed->synced = false;
		return PCE_OK;
	case TED_SOURCE_SYNCED:
		feed->up = feed->synced = feed->was_synced = true;
		feed->expire_at = USEC_NEVER;
		return clear_alarm(s, object, "lost", err);
	case TED_SOURCE_LOST:
		return feed_lost(s, feed, err);
	case TED_SOURCE_EXPIRED:
		feed->expire_at = USEC_NEVER;
		return PCE_OK;
	case TED_SOURCE_REMOVED:
		feed->up = feed->synced = false;
		feed->expire_at = USEC_NEVER;
		return clear_alarm(s, object, "lost", err);
	}
	return PCE_OK;
}

enum pce_status
feed_state(struct service *s, struct pce_error *err)
{
	static const char *const names[] = { "up", "synced", "lost", "expired", "removed" };
	const struct service_event *e = s->step.event;
	enum ted_source_event event = e->u.feed_state.event;
	struct service_feed *feed;
	char object[160];
	enum pce_status status = find_feed(s, e->u.feed_state.source, &feed, err);

	if (status || (size_t)event >= sizeof(names) / sizeof(names[0]))
		return status;
	if (e->u.feed_state.name)
		status = replace_text(&feed->name, e->u.feed_state.name, err);
	if (status == PCE_OK)
		status = replace_text(&feed->text, e->u.feed_state.text, err);
	feed->stale_time_s = e->u.feed_state.stale_time_s;
	if (status == PCE_OK)
		status = take_feed_event(s, feed, event, err);
	if (status == PCE_OK)
		status = ted_source(s->ted, feed->source, event, err);
	if (status)
		return status;
	feed_object(feed, object, sizeof(object));
	status = tell_session(s, object, names[event], feed->text, err);
	if (!s->noted)
		s->noted_at = s->step.now;
	s->noted = true;
	s->feed_turned = s->feed_turned || event != TED_SOURCE_SYNCED;
	doubt_feeds(s);
	if (status == PCE_OK)
		status = feed_settle(s, err);
	/* What is still not known now may be known to be gone. */
	if (event == TED_SOURCE_SYNCED && s->some_unbound)
		check_all(s, WORK_CHECK, "a feed told all it has");
	return status ? status : recover_learned(s, err);
}

/* One by one, so that a delta that cannot be costs nothing but itself. */
static enum pce_status
apply_singly(struct service *s, struct ted_source source, const struct ted_delta *deltas, size_t n,
	     struct pce_error *err)
{
	for (size_t i = 0; i < n; i++) {
		enum pce_status status = ted_apply(s->ted, source, &deltas[i], 1, err);

		if (status == PCE_NO_MEMORY || status == PCE_INTERNAL)
			return status;
	}
	return PCE_OK;
}

static void
plan_settle(struct service *s, bool synced)
{
	struct usec now = s->step.now, at;

	if (!synced)
		at = usec_add(now, SETTLE_SYNC_US);
	else if (s->n_policies == 0 || s->learning)
		at = usec_add(now, SETTLE_IDLE_US);
	else if (s->last_settle.v && !usec_due(usec_add(s->last_settle, SETTLE_GAP_US), now))
		at = usec_add(s->last_settle, SETTLE_GAP_US);
	else
		at = now;
	s->settle_at = usec_min(s->settle_at, at);
}

enum pce_status
feed_noted(struct service *s, struct usec received, bool synced, struct pce_error *err)
{
	if (!s->noted || received.v < s->noted_at.v)
		s->noted_at = received;
	s->noted = true;
	plan_settle(s, synced);
	return usec_due(s->settle_at, s->step.now) ? feed_settle(s, err) : PCE_OK;
}

enum pce_status
feed_update(struct service *s, struct pce_error *err)
{
	const struct service_event *e = s->step.event;
	const struct ted_delta *deltas = e->u.feed_update.deltas;
	struct pce_error why = { 0 };
	struct service_feed *feed;
	enum pce_status status = find_feed(s, e->u.feed_update.source, &feed, err);

	if (status)
		return status;
	feed->updates++;
	feed->deltas += e->u.feed_update.n;
	status = ted_apply(s->ted, feed->source, deltas, e->u.feed_update.n, &why);
	if (status == PCE_NO_MEMORY || status == PCE_INTERNAL) {
		if (err)
			*err = why;
		return status;
	}
	if (status)
		status = apply_singly(s, feed->source, deltas, e->u.feed_update.n, err);
	if (status)
		return status;
	return feed_noted(s, e->u.feed_update.received, feed->synced, err);
}

/* --- who is affected --- */

static void
add_crossing(struct service *s, ted_link link, unsigned work, const char *cause)
{
	size_t n;
	const uint32_t *slots = affected_on(&s->affected, link, &n);

	for (size_t i = 0; i < n; i++) {
		struct service_policy *p = s->slots[slots[i]];

		if (p && work)
			work_add(s, p, work, s->noted_at, cause);
		if (p)
			touch(s, p);
	}
}

/* What a change of a link asks of the policies that cross it. */
static unsigned
work_for_link(const struct service *s, const struct ted_change *change)
{
	unsigned work = 0;

	if (change->what & TED_CHANGED_GONE)
		work |= affected_link_lost(s->ted, change->row) ? WORK_COMPUTE : 0u;
	if (change->what & (TED_CHANGED_METRIC | TED_CHANGED_TE))
		work |= WORK_COMPUTE;
	if (change->what & (TED_CHANGED_SIDS | TED_CHANGED_NEW | TED_CHANGED_OVERLOAD))
		work |= WORK_CHECK;
	if (change->what & TED_CHANGED_BANDWIDTH)
		work |= WORK_VALIDATE;
	return work;
}

void
feed_link_flow(struct service *s, ted_link link, bool grew)
{
	snprintf(s->cause, sizeof(s->cause), "link %s carries more that nobody booked",
		 ted_link_at(s->ted, link)->name);
	s->noted_at = s->noted ? s->noted_at : s->step.now;
	add_crossing(s, link, grew ? WORK_VALIDATE : 0u, s->cause);
	s->improved = s->improved || !grew;
}

static const char *
verb_of(uint32_t what)
{
	if (what & TED_CHANGED_GONE)
		return "withdrawn";
	if (what & TED_CHANGED_NEW)
		return "returned";
	if (what & TED_CHANGED_METRIC)
		return "changed its metric";
	if (what & TED_CHANGED_OVERLOAD)
		return "changed its overload bit";
	if (what & TED_CHANGED_SIDS)
		return "changed its SIDs";
	if (what & TED_CHANGED_BANDWIDTH)
		return "changed its bandwidth";
	return "changed its attributes";
}

static void
take_link(struct service *s, const struct ted_change *change)
{
	const struct ted_link_row *row = ted_link_at(s->ted, change->row);

	snprintf(s->cause, sizeof(s->cause), "link %s %s", row->name, verb_of(change->what));
	add_crossing(s, change->row, work_for_link(s, change), s->cause);
}

static void
take_node(struct service *s, const struct ted_change *change)
{
	const uint32_t asks = TED_CHANGED_GONE | TED_CHANGED_OVERLOAD | TED_CHANGED_SIDS;
	const ted_link *links;
	size_t n;

	snprintf(s->cause, sizeof(s->cause), "node %s %s", ted_node_at(s->ted, change->row)->name,
		 verb_of(change->what));
	if (!(change->what & asks))
		return;
	links = ted_links_in(s->ted, change->row, &n);
	for (size_t i = 0; i < n; i++)
		add_crossing(s, links[i], WORK_CHECK, s->cause);
	links = ted_links_out(s->ted, change->row, &n);
	for (size_t i = 0; i < n; i++)
		add_crossing(s, links[i], WORK_CHECK, s->cause);
}

/*
 * What may lead a packet astray that crosses none of the changed rows: something new that is
 * shorter. A link that went or became longer off the path leaves the path the only shortest one.
 */
#define LEADS_ASTRAY                                                                               \
	((uint32_t)(TED_CHANGED_NEW | TED_CHANGED_METRIC | TED_CHANGED_OVERLOAD | TED_CHANGED_SIDS))
#define MAY_IMPROVE (LEADS_ASTRAY | (uint32_t)(TED_CHANGED_TE | TED_CHANGED_BANDWIDTH))
#define FORWARDING (LEADS_ASTRAY | (uint32_t)TED_CHANGED_GONE)

/* A few links are asked one by one whom they attract; more, or a node, or flexible algorithms, and
 * all are replayed. */
static enum pce_status
take_astray(struct service *s, const struct ted_change *changes, size_t n, bool flexible,
	    struct pce_error *err)
{
	const char *cause = n <= 2 ? s->cause : "the topology changed";
	ted_link links[STRAY_LINKS];
	size_t count = 0;

	for (size_t i = 0; i < n; i++) {
		if (changes[i].what & (FORWARDING | TED_CHANGED_TE) && flexible) {
			check_all(s, WORK_CHECK, cause);
			return PCE_OK;
		}
		if (!(changes[i].what & LEADS_ASTRAY))
			continue;
		if (!changes[i].is_link || count == STRAY_LINKS) {
			check_all(s, WORK_CHECK, cause);
			return PCE_OK;
		}
		links[count++] = changes[i].row;
	}
	return count > 0 ? check_strays(s, links, count, cause, err) : PCE_OK;
}

static enum pce_status
take_changes(struct service *s, const struct ted_change *changes, size_t n, struct pce_error *err)
{
	uint32_t all = 0;
	enum pce_status status;
	bool flexible;

	for (size_t i = 0; i < n; i++)
		all |= changes[i].what;
	/* Flexible algorithms route by what else is a matter of paths: delays, colours, SRLGs. */
	flexible = segment_igp_flexible(s->igp) || all & TED_CHANGED_SIDS;
	if (all & FORWARDING || (flexible && all & TED_CHANGED_TE))
		segment_igp_reset(s->igp);
	if (all & (TED_CHANGED_NEW | TED_CHANGED_NAME)) {
		status = bind_all(s, err);
		if (status)
			return status;
	}
	for (size_t i = 0; i < n && s->n_policies > 0; i++) {
		if (changes[i].is_link)
			take_link(s, &changes[i]);
		else
			take_node(s, &changes[i]);
	}
	status = take_astray(s, changes, n, flexible, err);
	if (status)
		return status;
	if (all & MAY_IMPROVE)
		s->improved = true;
	return tell_topology(s, changes, n, err);
}

enum pce_status
feed_settle(struct service *s, struct pce_error *err)
{
	const struct ted_change *changes;
	size_t n;
	enum pce_status status;
	bool blamed;

	if (!s->noted)
		return PCE_OK;
	s->noted = false;
	s->settle_at = USEC_NEVER;
	s->last_settle = s->step.now;
	blamed = s->feed_turned;
	s->feed_turned = false;
	status = ted_settle(s->ted, &changes, &n, err);
	if (status || n == 0)
		return status;
	status = path_engine_refresh(s->engine, changes, n, err);
	if (status == PCE_OK)
		status = operate_links(s, changes, n, err);
	if (status == PCE_OK)
		status = damping_links(s, changes, n, blamed, err);
	if (status == PCE_OK)
		status = doubt_links(s, changes, n, err);
	if (status == PCE_OK)
		status = reoptimise_links(s, changes, n, err);
	assure_links(s);
	return status ? status : take_changes(s, changes, n, err);
}

/* --- time --- */

static enum pce_status
expire(struct service *s, struct service_feed *feed, struct pce_error *err)
{
	char object[160];
	enum pce_status status = ted_source(s->ted, feed->source, TED_SOURCE_EXPIRED, err);

	if (status)
		return status;
	feed->expire_at = USEC_NEVER;
	s->noted = s->feed_turned = true;
	s->noted_at = s->step.now;
	feed_object(feed, object, sizeof(object));
	return tell_session(s, object, "expired", feed->text, err);
}

enum pce_status
feed_tick(struct service *s, struct pce_error *err)
{
	enum pce_status status = PCE_OK;
	bool expired = false;

	for (size_t i = 0; i < s->n_feeds && status == PCE_OK; i++) {
		struct service_feed *feed = &s->feeds[i];

		if (feed->up || !usec_due(feed->expire_at, s->step.now))
			continue;
		status = expire(s, feed, err);
		expired = true;
	}
	if (status == PCE_OK && s->noted && (expired || usec_due(s->settle_at, s->step.now)))
		status = feed_settle(s, err);
	return status;
}

struct usec
feed_deadline(const struct service *s)
{
	struct usec at = s->noted ? s->settle_at : USEC_NEVER;

	for (size_t i = 0; i < s->n_feeds; i++)
		if (!s->feeds[i].up)
			at = usec_min(at, s->feeds[i].expire_at);
	return at;
}
