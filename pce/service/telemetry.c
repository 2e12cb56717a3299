/*
 * What was measured. Of links: it goes into the graph as the source "telemetry", which adds
 * attributes and brings no link into being. Of policies: how much of what is booked really flows.
 *
 * Residual bandwidth is what may be booked, less bookings, slices, and the measured traffic that
 * nobody booked: the measured traffic less that of booked policies. A policy counts there with
 * what its headend says that it carries, at most with what it booked (what it sends beyond is
 * booked by nobody, so others must not be promised that room); one that is not measured counts as
 * carrying what it booked. A backup path carries nothing.
 *
 * After a move bookings are at the new place at once, while what is measured follows with the next
 * samples and the smoothing. Until a hold time has passed the traffic is taken to be where it
 * was: old links carry on what is not booked there any more (else it would look like somebody's
 * unbooked traffic and drive others away), and new ones are booked but idle.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"
#include "pce/service/internal.h"

#define FLOW_HOLD_S 10 /* and twice the window of smoothing */

static const struct ted_source telemetry_source = { TED_SOURCE_TELEMETRY, 0 };

void
flow_free(struct policy_flow *flow)
{
	free(flow->links);
	*flow = (struct policy_flow){ 0 };
}

void
flows_free(struct service *s)
{
	free(s->flows.idle);
	free(s->flows.lingering);
	free(s->flows.idle_next);
	free(s->flows.lingering_next);
	s->flows = (struct telemetry_flow){ 0 };
}

/* --- links --- */

static void
fill_attr(const struct telemetry_link *from, struct ted_link_attr *out)
{
	if (from->present & TELEMETRY_RATE) {
		out->present |= TED_LINK_MEASURED;
		out->measured_bps = from->measured_bps;
	}
	if (from->present & TELEMETRY_DELAY) {
		out->present |= TED_LINK_DELAY;
		out->delay_us = from->delay_us;
	}
	if (from->present & TELEMETRY_LOSS) {
		out->present |= TED_LINK_LOSS;
		out->loss_ppb = from->loss_ppb;
	}
	if (from->present & TELEMETRY_OPER) {
		out->present |= TED_LINK_OPER;
		out->oper_down = from->oper_down;
	}
}

static enum pce_status
take_link_summary(struct service *s, const struct telemetry_link *from, struct pce_error *err)
{
	char name[TED_NAME_MAX + 1];
	struct ted_delta delta = { .object = TED_OBJECT_LINK };
	ted_link link = ted_link_by_key(s->ted, from->key);
	enum pce_status status;

	if (link == TED_NONE) {
		s->telemetry_unknown++;
		return PCE_OK;
	}
	ted_link_key_of(s->ted, link, &delta.key.link, name);
	delta.op = from->present ? TED_SET : TED_DELETE;
	fill_attr(from, &delta.attr.link);
	status = ted_apply(s->ted, telemetry_source, &delta, 1, err);
	if (status == PCE_NO_MEMORY || status == PCE_INTERNAL)
		return status;
	return doubt_summary(s, link, from, err);
}

/* --- policies --- */

static uint32_t
device_by_name(const struct service *s, const char *name)
{
	for (size_t i = 0; i < s->n_devices; i++)
		if (strcmp(s->devices[i].config->name, name) == 0)
			return (uint32_t)i;
	return NO_DEVICE;
}

static void
take_policy_summary(struct service *s, const struct telemetry_policy *from)
{
	uint32_t device = device_by_name(s, from->device);

	for (size_t i = 0; i < s->n_policies && device != NO_DEVICE; i++) {
		struct service_policy *p = s->policies[i];
		const struct srpolicy *sr = p->now.record ? &p->now.record->srpolicy : NULL;

		if (p->device != device || !sr || sr->color != from->color ||
		    ip_compare(&sr->endpoint, &from->endpoint) != 0)
			continue;
		p->flow.measured = from->known;
		p->flow.measured_bps = from->known ? from->measured_bps : 0;
		return;
	}
	s->telemetry_unknown++;
}

/* --- streams --- */

static enum pce_status
take_device(struct service *s, const struct telemetry_device *from, struct pce_error *err)
{
	char object[160];
	const struct alarm alarm = {
		.object = object,
		.cause = "lost",
		.severity = ALARM_WARNING,
		.text = from->text ? from->text : "the stream of telemetry is lost",
		.action = "Its links are not measured; see to the router's gNMI server.",
	};
	enum pce_status status;

	snprintf(object, sizeof(object), "telemetry/%s", from->device);
	status = tell_session(s, object, from->up ? "up" : "lost", from->text, err);
	if (status)
		return status;
	return from->up ? clear_alarm(s, object, alarm.cause, err) : raise_alarm(s, &alarm, err);
}

/* --- where bookings flow --- */

/* The part of a policy's traffic that a link has, in millionths; 0: none. */
static uint32_t
share_on(const struct policy_flow *flow, ted_link link)
{
	for (size_t i = 0; i < flow->n_links; i++)
		if (flow->links[i].link == link)
			return flow->links[i].share_ppm;
	return 0;
}

static void
add_share(struct policy_flow *flow, ted_link link, uint32_t share_ppm)
{
	for (size_t i = 0; i < flow->n_links; i++)
		if (flow->links[i].link == link) {
			flow->links[i].share_ppm += share_ppm;
			return;
		}
	flow->links[flow->n_links++] = (struct flow_link){ link, share_ppm };
}

/* Where the lists of the first candidate path lead, branches of a loose list included, each with
 * its share of the traffic. */
static enum pce_status
note_place(struct service_policy *p, struct pce_error *err)
{
	const struct policy_record *r = p->now.record;
	const struct srpolicy_path *path = r->srpolicy.n_paths > 0 ? r->srpolicy.paths : NULL;
	size_t n_lists = path && p->links ? path->n_lists : 0, n = 0;
	uint64_t weights = 0;
	enum pce_status status;

	for (size_t i = 0; i < n_lists; i++) {
		n += policy_bound_count(&r->bound[i]);
		weights += path->lists[i].weight;
	}
	status = array_reserve(&p->flow.links, &p->flow.cap_links, n, sizeof(*p->flow.links), err);
	if (status)
		return status;
	p->flow.n_links = 0;
	for (size_t i = 0; i < n_lists; i++)
		for (size_t k = 0; k < policy_bound_count(&r->bound[i]); k++)
			add_share(&p->flow, p->links[i][k],
				  weights ? (uint32_t)(path->lists[i].weight * UINT64_C(1000000) /
						       weights)
					  : 0);
	p->flow.generation = r->generation;
	return PCE_OK;
}

static uint64_t
part_of(uint64_t bps, uint32_t share_ppm)
{
	return bps / 1000000 * share_ppm + bps % 1000000 * share_ppm / 1000000;
}

/* What flows of a policy on a link that has this part of it, of what is booked there: what was
 * measured, else what the service booked. */
static uint64_t
flow_on(const struct service_policy *p, uint32_t share_ppm, uint64_t booked)
{
	uint64_t part =
	    part_of(p->flow.measured ? p->flow.measured_bps : p->now.record->booked_bps, share_ppm);

	return part < booked ? part : booked;
}

/* When what is measured has followed a policy that moved. */
static struct usec
settled_at(const struct service *s, const struct policy_flow *flow)
{
	int64_t hold_s = FLOW_HOLD_S + 2 * (int64_t)s->config->telemetry.window_s;

	return usec_add(flow->moved, hold_s * USEC_PER_S);
}

/* Follows a policy to its place, where it is some time after it was put there. What was there
 * before anything was measured is in its place. */
static enum pce_status
follow(struct service *s, struct service_policy *p, struct pce_error *err)
{
	struct policy_flow *flow = &p->flow;
	uint64_t generation = p->now.record->generation;

	if (p->unbound || flow->generation == generation)
		return PCE_OK;
	if (!s->flows.any)
		return note_place(p, err);
	if (flow->next_generation != generation) {
		flow->next_generation = generation;
		flow->moved = s->step.now;
	}
	return usec_due(settled_at(s, flow), s->step.now) ? note_place(p, err) : PCE_OK;
}

/* Adds what a policy has booked and does not send, and what it sends where it has not booked. */
static void
add_flow(struct service *s, const struct service_policy *p)
{
	const struct ledger_holding *h = &p->holding;
	const struct policy_flow *f = &p->flow;

	for (size_t i = 0; i < h->n; i++) {
		ted_link link = h->entries[i].link;
		uint64_t booked = h->entries[i].bps;

		s->flows.idle_next[link] += booked - flow_on(p, share_on(f, link), booked);
	}
	for (size_t i = 0; i < f->n_links; i++) {
		const struct flow_link *at = &f->links[i];
		uint64_t booked = part_of(p->now.record->booked_bps, at->share_ppm);

		if (at->link != TED_NONE && ledger_held_bps(h, at->link) == 0)
			s->flows.lingering_next[at->link] += flow_on(p, at->share_ppm, booked);
	}
}

/* Room for every link; what is new is zero. */
static enum pce_status
make_room(struct service *s, size_t n, struct pce_error *err)
{
	uint64_t **all[4] = { &s->flows.idle, &s->flows.lingering, &s->flows.idle_next,
			      &s->flows.lingering_next };

	for (size_t i = 0; i < 4; i++) {
		size_t had = s->flows.cap[i];
		enum pce_status status =
		    array_reserve(all[i], &s->flows.cap[i], n, sizeof(**all[i]), err);

		if (status)
			return status;
		if (s->flows.cap[i] > had)
			memset(*all[i] + had, 0, (s->flows.cap[i] - had) * sizeof(**all[i]));
	}
	if (n > 0) {
		memset(s->flows.idle_next, 0, n * sizeof(*s->flows.idle_next));
		memset(s->flows.lingering_next, 0, n * sizeof(*s->flows.lingering_next));
	}
	return PCE_OK;
}

static enum pce_status
tell_flow(struct service *s, ted_link link, struct pce_error *err)
{
	struct telemetry_flow *f = &s->flows;
	enum pce_status status;

	uint64_t before = ted_link_at(s->ted, link)->unbooked_bps, now;

	if (f->idle[link] == f->idle_next[link] && f->lingering[link] == f->lingering_next[link])
		return PCE_OK;
	status = ted_set_flow(s->ted, link, f->idle_next[link], f->lingering_next[link], err);
	if (status)
		return status;
	f->idle[link] = f->idle_next[link];
	f->lingering[link] = f->lingering_next[link];
	now = ted_link_at(s->ted, link)->unbooked_bps;
	if (now == before)
		return PCE_OK;
	path_engine_refresh_link(s->engine, link);
	feed_link_flow(s, link, now > before);
	return PCE_OK;
}

static enum pce_status
settle_flows(struct service *s, struct pce_error *err)
{
	uint32_t n = ted_link_count(s->ted);
	enum pce_status status = make_room(s, n, err);

	s->flows.next = USEC_NEVER;
	for (size_t i = 0; i < s->n_policies && status == PCE_OK; i++) {
		struct service_policy *p = s->policies[i];

		if (!p->now.record)
			continue;
		status = follow(s, p, err);
		if (p->flow.generation != p->now.record->generation && !p->unbound)
			s->flows.next = usec_min(s->flows.next, settled_at(s, &p->flow));
	}
	for (size_t i = 0; i < s->n_policies && status == PCE_OK; i++)
		if (s->policies[i]->now.record)
			add_flow(s, s->policies[i]);
	for (ted_link link = 0; link < n && status == PCE_OK; link++)
		status = tell_flow(s, link, err);
	s->flows.ledger_revision = s->ledger.revision;
	return status;
}

enum pce_status
telemetry_follow(struct service *s, struct pce_error *err)
{
	if (!s->flows.any || (s->flows.ledger_revision == s->ledger.revision &&
			      !usec_due(s->flows.next, s->step.now)))
		return PCE_OK;
	return settle_flows(s, err);
}

struct usec
telemetry_deadline_of(const struct service *s)
{
	return s->flows.any ? s->flows.next : USEC_NEVER;
}

enum pce_status
telemetry_event(struct service *s, struct pce_error *err)
{
	const struct service_event *e = s->step.event;
	enum pce_status status = PCE_OK;

	for (size_t i = 0; i < e->u.telemetry.n_policies; i++)
		take_policy_summary(s, &e->u.telemetry.policies[i]);
	for (size_t i = 0; i < e->u.telemetry.n_links && status == PCE_OK; i++)
		status = take_link_summary(s, &e->u.telemetry.links[i], err);
	for (size_t i = 0; i < e->u.telemetry.n_devices && status == PCE_OK; i++)
		status = take_device(s, &e->u.telemetry.devices[i], err);
	if (status || (e->u.telemetry.n_links == 0 && e->u.telemetry.n_policies == 0))
		return status;
	status = settle_flows(s, err);
	s->flows.any = true;
	return status ? status : feed_noted(s, e->u.telemetry.received, true, err);
}
