#include "southbound/telemetry/internal.h"

#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"

enum pce_status
telemetry_new(const struct karst_config *config, struct telemetry **out, struct pce_error *err)
{
	struct telemetry *t = calloc(1, sizeof(*t));

	if (!t)
		return pce_no_memory(err);
	t->config = config;
	t->n_devices = config->n_devices;
	t->devices = calloc(config->n_devices + 1, sizeof(*t->devices));
	if (!t->devices) {
		free(t);
		return pce_no_memory(err);
	}
	*out = t;
	return PCE_OK;
}

static void
free_object(struct watched *o)
{
	free(o->name);
	free(o->rate);
	free(o->delay);
}

void
telemetry_free(struct telemetry *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < t->n_devices; i++) {
		for (size_t k = 0; k < t->devices[i].n; k++)
			free_object(&t->devices[i].objects[k]);
		free(t->devices[i].objects);
	}
	for (size_t i = 0; i < t->n_links; i++)
		history_free(&t->links[i].history);
	free(t->devices);
	free(t->links);
	free(t->told_links);
	free(t->told_policies);
	free(t);
}

/* --- readings --- */

static enum pce_status
add_object(struct telemetry *t, struct watched_device *device, const struct meter_reading *r,
	   struct pce_error *err)
{
	enum pce_status status = array_reserve(&device->objects, &device->cap, r->object + 1u,
					       sizeof(*device->objects), err);
	struct watched *o;
	char *name;

	if (status)
		return status;
	name = array_strdup(r->name);
	if (!name)
		return pce_no_memory(err);
	for (; device->n <= r->object; device->n++)
		device->objects[device->n] = (struct watched){ .link = TED_NONE };
	o = &device->objects[r->object];
	/* After a new start of its meter the numbers may mean other objects. */
	free_object(o);
	*o = (struct watched){
		.name = name, .policy = r->policy, .flow = r->flow, .link = TED_NONE
	};
	t->rebind = true;
	return PCE_OK;
}

static enum pce_status
add_value(struct window **window, const struct meter_reading *r, struct pce_error *err)
{
	if (!*window)
		*window = calloc(1, sizeof(**window));
	if (!*window)
		return pce_no_memory(err);
	window_add(*window, r->number, r->duration_us, r->received);
	return PCE_OK;
}

static struct link_state *
link_of(struct telemetry *t, const struct watched *o)
{
	return o->link < t->n_links ? &t->links[o->link] : NULL;
}

static enum pce_status
take_rate(struct telemetry *t, struct watched *o, const struct meter_reading *r, int64_t wall_us,
	  struct pce_error *err)
{
	struct link_state *link = link_of(t, o);
	enum pce_status status = add_value(&o->rate, r, err);

	if (status)
		return status;
	o->last_rate_bps = r->number;
	o->rate_at = r->received;
	return link ? history_rate(&link->history, wall_us, r->duration_us, r->number, err)
		    : PCE_OK;
}

static enum pce_status
take_delay(struct telemetry *t, struct watched *o, const struct meter_reading *r, int64_t wall_us,
	   struct pce_error *err)
{
	struct link_state *link = link_of(t, o);
	enum pce_status status = add_value(&o->delay, r, err);

	if (status)
		return status;
	o->delay_at = r->received;
	return link ? history_delay(&link->history, wall_us, (uint32_t)r->number, err) : PCE_OK;
}

/* Loss comes in bursts, which a median would hide: an exponential mean over the window. */
static enum pce_status
take_loss(struct telemetry *t, struct watched *o, const struct meter_reading *r, int64_t wall_us,
	  struct pce_error *err)
{
	struct link_state *link = link_of(t, o);
	double part = (double)r->duration_us / ((double)t->config->telemetry.window_s * USEC_PER_S);

	if (part > 1)
		part = 1;
	o->loss_ppb = o->has_loss ? o->loss_ppb + ((double)r->number - o->loss_ppb) * part
				  : (double)r->number;
	o->has_loss = true;
	o->loss_at = r->received;
	return link ? history_loss(&link->history, wall_us, (uint32_t)r->number, err) : PCE_OK;
}

static void
take_oper(struct watched *o, const struct meter_reading *r)
{
	bool up = r->number != 0;

	if (!o->has_oper || o->up != up)
		o->oper_since = o->has_oper ? r->received : (struct usec){ 0 };
	o->has_oper = true;
	o->up = up;
	o->oper_at = r->received;
}

static void
forget(struct watched *o)
{
	o->rate_at = o->delay_at = o->loss_at = o->oper_at = (struct usec){ 0 };
	o->has_loss = o->has_oper = false;
	if (o->rate)
		o->rate->n = 0;
	if (o->delay)
		o->delay->n = 0;
	o->dirty = true;
}

static enum pce_status
take(struct telemetry *t, struct watched *o, const struct meter_reading *r, int64_t wall_us,
     struct pce_error *err)
{
	switch (r->kind) {
	case READING_RATE:
		return take_rate(t, o, r, wall_us, err);
	case READING_DELAY:
		return take_delay(t, o, r, wall_us, err);
	case READING_LOSS:
		return take_loss(t, o, r, wall_us, err);
	case READING_OPER:
		take_oper(o, r);
		return PCE_OK;
	case READING_INDEX:
		t->rebind = t->rebind || !o->has_index || o->index != r->number;
		o->has_index = true;
		o->index = r->number;
		return PCE_OK;
	case READING_ADDRESS:
		for (size_t i = 0; i < o->n_addresses; i++)
			if (ip_compare(&o->addresses[i], &r->address) == 0)
				return PCE_OK;
		if (o->n_addresses < WATCHED_ADDRESSES)
			o->addresses[o->n_addresses++] = r->address;
		t->rebind = true;
		return PCE_OK;
	case READING_GONE:
		forget(o);
		return PCE_OK;
	case READING_OBJECT:
		break;
	}
	return PCE_OK;
}

enum pce_status
telemetry_reading(struct telemetry *t, uint32_t number, const struct meter_reading *r,
		  int64_t wall_us, struct pce_error *err)
{
	struct watched_device *device;
	struct watched *o;

	t->counts.readings++;
	if (number >= t->n_devices)
		return pce_fail(err, PCE_NOT_FOUND, "there is no device %u", number);
	device = &t->devices[number];
	if (r->kind == READING_OBJECT)
		return add_object(t, device, r, err);
	if (r->object >= device->n)
		return pce_fail(err, PCE_NOT_FOUND, "device %s has no object %u",
				t->config->devices[number].name, r->object);
	o = &device->objects[r->object];
	t->counts.unbound += o->link == TED_NONE && !o->policy && !o->flow;
	o->dirty = true;
	t->some_dirty = true;
	return take(t, o, r, wall_us, err);
}

/* --- summaries --- */

static uint64_t
distance(uint64_t a, uint64_t b)
{
	return a > b ? a - b : b - a;
}

/* True if a number moved by more than a share of what it is measured against. */
static bool
moved(uint64_t now, uint64_t told, uint64_t against, uint32_t percent, uint64_t least)
{
	uint64_t enough = against / 100 * percent;

	return distance(now, told) > (enough > least ? enough : least);
}

static bool
fresh(const struct telemetry *t, struct usec at, struct usec now)
{
	return at.v != 0 &&
	       !usec_due(usec_add(at, (int64_t)t->config->telemetry.stale_s * USEC_PER_S), now);
}

/* Down counts at once, up after it held. */
static bool
counts_as_down(const struct telemetry *t, const struct watched *o, struct usec now)
{
	int64_t hold = (int64_t)t->config->telemetry.up_hold_s * USEC_PER_S;

	return !o->up || (o->told.oper_down && !usec_due(usec_add(o->oper_since, hold), now));
}

/* What is known of an object now. */
static void
sum_up(struct telemetry *t, struct watched *o, struct usec now, struct summary *out)
{
	int64_t window = (int64_t)t->config->telemetry.window_s * USEC_PER_S;

	*out = (struct summary){ 0 };
	if (o->rate && fresh(t, o->rate_at, now)) {
		window_expire(o->rate, now, window);
		out->present |= TELEMETRY_RATE;
		out->rate_bps = window_mean(o->rate);
	}
	if (o->delay && fresh(t, o->delay_at, now)) {
		window_expire(o->delay, now, window);
		out->present |= TELEMETRY_DELAY;
		out->delay_us = (uint32_t)window_median(o->delay);
	}
	if (o->has_loss && fresh(t, o->loss_at, now)) {
		out->present |= TELEMETRY_LOSS;
		out->loss_ppb = (uint32_t)o->loss_ppb;
	}
	if (o->has_oper && fresh(t, o->oper_at, now)) {
		out->present |= TELEMETRY_OPER;
		out->oper_down = counts_as_down(t, o, now);
	}
}

/* Whether the service has to hear of it; what did not move by enough keeps its told value. */
static bool
worth_telling(const struct telemetry *t, const struct watched *o, struct summary *s)
{
	const struct config_telemetry *c = &t->config->telemetry;
	const struct summary *told = &o->told;
	uint64_t against = o->capacity_bps > 0 ? o->capacity_bps : told->rate_bps;
	uint32_t both = s->present & told->present;
	bool tell = s->present != told->present;

	if (both & TELEMETRY_RATE &&
	    !moved(s->rate_bps, told->rate_bps, against, c->change_percent, 0))
		s->rate_bps = told->rate_bps;
	if (both & TELEMETRY_DELAY && !moved(s->delay_us, told->delay_us, told->delay_us,
					     c->delay_change_percent, c->delay_change_us))
		s->delay_us = told->delay_us;
	if (both & TELEMETRY_LOSS && !moved(s->loss_ppb, told->loss_ppb, told->loss_ppb,
					    c->loss_change_percent, c->loss_change_ppb))
		s->loss_ppb = told->loss_ppb;
	return tell || s->rate_bps != told->rate_bps || s->delay_us != told->delay_us ||
	       s->loss_ppb != told->loss_ppb || s->oper_down != told->oper_down;
}

static bool
tell_link(struct telemetry *t, const struct ted *ted, const struct watched *o)
{
	if (array_reserve(&t->told_links, &t->cap_links_told, t->n_told_links + 1,
			  sizeof(*t->told_links), NULL))
		return false;
	t->told_links[t->n_told_links++] = (struct telemetry_link){
		.key = ted_link_key_text(ted, o->link),
		.present = o->now.present,
		.measured_bps = o->now.rate_bps,
		.delay_us = o->now.delay_us,
		.loss_ppb = o->now.loss_ppb,
		.oper_down = o->now.oper_down,
	};
	return true;
}

/* "COLOR ENDPOINT" */
static bool
read_policy_name(const char *name, struct telemetry_policy *out)
{
	char *end;
	unsigned long color = strtoul(name, &end, 10);

	if (end == name || *end != ' ' || color > UINT32_MAX || *name == '-')
		return false;
	out->color = (uint32_t)color;
	return ip_parse(end + 1, &out->endpoint, NULL) == PCE_OK;
}

static bool
tell_policy(struct telemetry *t, uint32_t device, const struct watched *o)
{
	struct telemetry_policy policy = { .device = t->config->devices[device].name };

	if (!read_policy_name(o->name, &policy))
		return true;
	if (array_reserve(&t->told_policies, &t->cap_policies_told, t->n_told_policies + 1,
			  sizeof(*t->told_policies), NULL))
		return false;
	policy.known = o->now.present & TELEMETRY_RATE;
	policy.measured_bps = o->now.rate_bps;
	t->told_policies[t->n_told_policies++] = policy;
	return true;
}

/* When the object has to be looked at again though nothing is heard of it. */
static struct usec
look_again(const struct telemetry *t, const struct watched *o, struct usec now)
{
	const struct usec ats[] = { o->rate_at, o->delay_at, o->loss_at, o->oper_at };
	int64_t stale = (int64_t)t->config->telemetry.stale_s * USEC_PER_S;
	int64_t hold = (int64_t)t->config->telemetry.up_hold_s * USEC_PER_S;
	struct usec at = USEC_NEVER;

	for (size_t i = 0; i < 4; i++)
		if (fresh(t, ats[i], now))
			at = usec_min(at, usec_add(ats[i], stale));
	if (o->has_oper && o->up && o->told.oper_down)
		at = usec_min(at, usec_add(o->oper_since, hold));
	return at;
}

static void
look_at(struct telemetry *t, const struct ted *ted, uint32_t device, struct watched *o,
	struct usec now)
{
	if (!o->dirty && !usec_due(o->look_at, now))
		return;
	sum_up(t, o, now, &o->now);
	o->measured = o->now;
	if ((o->policy || o->link != TED_NONE) && worth_telling(t, o, &o->now) &&
	    (o->policy ? tell_policy(t, device, o) : tell_link(t, ted, o))) {
		o->told = o->now;
		t->counts.summaries++;
		if (o->rate_at.v > 0 && o->rate_at.v < t->told_received.v)
			t->told_received = o->rate_at;
	}
	o->look_at = look_again(t, o, now);
	o->dirty = false;
}

bool
telemetry_summaries(struct telemetry *t, const struct ted *ted, struct usec now,
		    struct service_event *out)
{
	struct usec next = USEC_NEVER;

	if (!t->some_dirty && !usec_due(telemetry_deadline(t), now))
		return false;
	if (t->handed_out)
		t->n_told_links = t->n_told_policies = 0;
	t->handed_out = true;
	t->told_received = now;
	for (uint32_t i = 0; i < t->n_devices; i++)
		for (size_t k = 0; k < t->devices[i].n; k++) {
			look_at(t, ted, i, &t->devices[i].objects[k], now);
			next = usec_min(next, t->devices[i].objects[k].look_at);
		}
	t->deadline = next;
	t->some_dirty = false;
	if (t->n_told_links == 0 && t->n_told_policies == 0)
		return false;
	*out = (struct service_event){ .kind = SERVICE_TELEMETRY };
	out->u.telemetry.links = t->told_links;
	out->u.telemetry.n_links = t->n_told_links;
	out->u.telemetry.policies = t->told_policies;
	out->u.telemetry.n_policies = t->n_told_policies;
	out->u.telemetry.received = t->told_received;
	return true;
}

struct usec
telemetry_deadline(const struct telemetry *t)
{
	return t->deadline.v > 0 ? t->deadline : USEC_NEVER;
}

/* --- views --- */

bool
telemetry_view_link(const struct telemetry *t, ted_link link, struct telemetry_view *out)
{
	const struct link_state *state = link < t->n_links ? &t->links[link] : NULL;
	const struct watched *o;

	*out = (struct telemetry_view){ 0 };
	if (!state || state->history.length_s == 0)
		return false;
	if (state->device == NO_WATCHED)
		return true;
	o = &t->devices[state->device].objects[state->object];
	*out = (struct telemetry_view){
		.device = t->config->devices[state->device].name,
		.interface = o->name,
		.present = o->measured.present,
		.rate_bps = o->measured.rate_bps,
		.last_rate_bps = o->last_rate_bps,
		.delay_us = o->measured.delay_us,
		.loss_ppb = o->measured.loss_ppb,
		.oper_down = o->measured.oper_down,
		.reported_bps = o->told.rate_bps,
		.rate_at = o->rate_at,
	};
	return true;
}

const struct history *
telemetry_view_history(const struct telemetry *t, ted_link link)
{
	return link < t->n_links && t->links[link].history.length_s > 0 ? &t->links[link].history
									: NULL;
}

bool
telemetry_view_flow(const struct telemetry *t, uint32_t device, const char *name, uint64_t *out)
{
	const struct watched_device *d = device < t->n_devices ? &t->devices[device] : NULL;

	for (size_t i = 0; d && i < d->n; i++) {
		const struct watched *o = &d->objects[i];

		if (!o->flow || !o->name || strcmp(o->name, name) != 0)
			continue;
		*out = o->measured.rate_bps;
		return (o->measured.present & TELEMETRY_RATE) != 0;
	}
	return false;
}

void
telemetry_view_counts(const struct telemetry *t, struct telemetry_counts *out)
{
	*out = t->counts;
	for (size_t i = 0; i < t->n_devices; i++)
		for (size_t k = 0; k < t->devices[i].n; k++) {
			const struct watched *o = &t->devices[i].objects[k];

			if (!(o->measured.present & TELEMETRY_RATE))
				continue;
			out->links += !o->policy && o->link != TED_NONE;
			out->policies += o->policy;
		}
}
