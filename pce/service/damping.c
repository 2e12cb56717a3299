/*
 * Flapping links. Each loss that a feed tells of adds to the fibre's penalty; a fibre that is held
 * down is avoided by every request, as if it were drained, and stays in the graph, because the
 * routers' IGP goes on using it. That a link went is acted on at once all the same.
 *
 * Not counted is what was no flap of the link itself: what vanishes with a feed, what the guard
 * doubts, what is not known yet after a restart.
 *
 * What is held down is kept in the store. The time that karstd was away does not count: nobody
 * knows what the link did meanwhile.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"
#include "pce/service/internal.h"

/* --- the list, by key --- */

/* The key of a fibre is the lesser one of its directions'. */
static const char *
key_of(const struct service *s, ted_link link)
{
	ted_link reverse = link < s->n_partners ? s->partners[link] : TED_NONE;
	const char *key = ted_link_key_text(s->ted, link), *other;

	if (reverse == TED_NONE)
		return key;
	other = ted_link_key_text(s->ted, reverse);
	return strcmp(other, key) < 0 ? other : key;
}

static size_t
place_of(const struct service *s, const char *key, bool *found)
{
	size_t at = 0;
	int order = 1;

	while (at < s->n_damped && (order = strcmp(s->damped[at].key, key)) < 0)
		at++;
	*found = at < s->n_damped && order == 0;
	return at;
}

static enum pce_status
find_or_make(struct service *s, const char *key, struct damped_link **out, struct pce_error *err)
{
	bool found;
	size_t at = place_of(s, key, &found);
	struct damped_link fresh = { .link = TED_NONE };
	enum pce_status status;

	*out = found ? &s->damped[at] : NULL;
	if (found)
		return PCE_OK;
	status =
	    array_reserve(&s->damped, &s->cap_damped, s->n_damped + 1, sizeof(*s->damped), err);
	fresh.key = status ? NULL : array_strdup(key);
	if (!fresh.key)
		return status ? status : pce_no_memory(err);
	memmove(&s->damped[at + 1], &s->damped[at], (s->n_damped - at) * sizeof(fresh));
	s->damped[at] = fresh;
	s->n_damped++;
	*out = &s->damped[at];
	return PCE_OK;
}

static void
forget(struct service *s, size_t at)
{
	free(s->damped[at].key);
	s->n_damped--;
	memmove(&s->damped[at], &s->damped[at + 1], (s->n_damped - at) * sizeof(*s->damped));
}

void
damping_free(struct service *s)
{
	while (s->n_damped > 0)
		free(s->damped[--s->n_damped].key);
	free(s->damped);
	free(s->partners);
}

/* The row of one direction, once it is known. */
static ted_link
row_of(const struct service *s, const struct damped_link *d)
{
	return d->link != TED_NONE ? d->link : ted_link_by_key(s->ted, d->key);
}

/* A link that went has no reverse any more: what it was is kept. */
static enum pce_status
note_partner(struct service *s, ted_link link, struct pce_error *err)
{
	ted_link reverse = ted_link_at(s->ted, link)->reverse;
	enum pce_status status;

	if (reverse == TED_NONE)
		return PCE_OK;
	status = array_reserve(&s->partners, &s->cap_partners, (size_t)link + 1,
			       sizeof(*s->partners), err);
	while (status == PCE_OK && s->n_partners <= link)
		s->partners[s->n_partners++] = TED_NONE;
	if (status == PCE_OK)
		s->partners[link] = reverse;
	return status;
}

/* --- alarms --- */

static const char *
name_of(const struct service *s, const struct damped_link *d)
{
	ted_link link = row_of(s, d);

	return link == TED_NONE ? d->key : ted_link_at(s->ted, link)->name;
}

static enum pce_status
tell_held(struct service *s, const struct damped_link *d, struct pce_error *err)
{
	char object[288], text[512];
	const struct alarm alarm = {
		.object = object,
		.cause = "flapping",
		.severity = ALARM_MINOR,
		.text = text,
		.action = "Look at the fibre and its optics; new paths avoid it until it has been "
			  "quiet for long enough.",
	};

	snprintf(object, sizeof(object), "link/%s", name_of(s, d));
	snprintf(text, sizeof(text), "link %s went down %u times: it is held down for %.0f s",
		 name_of(s, d), d->d.losses, (double)(d->d.until.v - s->step.now.v) / USEC_PER_S);
	return raise_alarm(s, &alarm, err);
}

static enum pce_status
tell_released(struct service *s, const struct damped_link *d, struct pce_error *err)
{
	char object[288];

	snprintf(object, sizeof(object), "link/%s", name_of(s, d));
	return clear_alarm(s, object, "flapping", err);
}

/* --- losses and time --- */

static enum pce_status
take_loss(struct service *s, ted_link link, struct pce_error *err)
{
	struct damped_link *d;
	enum pce_status status = find_or_make(s, key_of(s, link), &d, err);

	/* Both directions go at once, and are one loss. */
	if (status || (d->d.losses > 0 && d->d.at.v == s->step.now.v))
		return status;
	d->link = link;
	if (damping_lost(&s->config->damping, &d->d, s->step.now))
		d->since_us = s->step.event->wall_us;
	if (!d->d.held)
		return PCE_OK;
	d->dirty = s->damping_dirty = d->told = true;
	return tell_held(s, d, err);
}

enum pce_status
damping_links(struct service *s, const struct ted_change *changes, size_t n, bool blamed,
	      struct pce_error *err)
{
	enum pce_status status = PCE_OK;

	for (size_t i = 0; i < n && status == PCE_OK; i++)
		if (changes[i].is_link)
			status = note_partner(s, changes[i].row, err);
	if (s->config->damping.penalty == 0 || blamed || s->learning || s->guard.frozen)
		return status;
	for (size_t i = 0; i < n && status == PCE_OK; i++)
		if (changes[i].is_link && changes[i].what & TED_CHANGED_GONE)
			status = take_loss(s, changes[i].row, err);
	return status;
}

/* When something happens to it by itself. */
static struct usec
due_at(const struct service *s, const struct damped_link *d)
{
	return d->d.held ? d->d.until : damping_forget_at(&s->config->damping, &d->d);
}

enum pce_status
damping_tick(struct service *s, struct pce_error *err)
{
	enum pce_status status = PCE_OK;

	for (size_t i = 0; i < s->n_damped && status == PCE_OK; i++) {
		struct damped_link *d = &s->damped[i];

		/* After a restart it has a name when the feeds have told it. */
		if (d->d.held && !d->told && row_of(s, d) != TED_NONE) {
			d->told = true;
			status = tell_held(s, d, err);
		}
		if (status || !usec_due(due_at(s, d), s->step.now))
			continue;
		if (damping_release(&d->d, s->step.now)) {
			d->dirty = s->damping_dirty = true;
			s->improved = true;
			d->told = false;
			status = tell_released(s, d, err);
		} else if (!d->dirty && d->batch == 0) {
			forget(s, i--);
		}
	}
	return status;
}

struct usec
damping_deadline(const struct service *s)
{
	struct usec at = USEC_NEVER;

	for (size_t i = 0; i < s->n_damped; i++)
		if (!usec_due(due_at(s, &s->damped[i]), s->last_now))
			at = usec_min(at, due_at(s, &s->damped[i]));
	return at;
}

size_t
damping_held(const struct service *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n_damped; i++)
		n += s->damped[i].d.held;
	return n;
}

/* --- requests --- */

enum pce_status
damping_request(const struct service *s, struct arena *arena, struct path_request *r,
		struct pce_error *err)
{
	size_t held = damping_held(s), n = r->n_avoid_links;
	uint32_t *links;

	if (held == 0)
		return PCE_OK;
	links = arena_alloc(arena, (n + held) * sizeof(*links));
	if (!links)
		return pce_no_memory(err);
	if (n > 0)
		memcpy(links, r->avoid_links, n * sizeof(*links));
	for (size_t i = 0; i < s->n_damped; i++) {
		ted_link link = s->damped[i].d.held ? row_of(s, &s->damped[i]) : TED_NONE;

		if (link != TED_NONE)
			links[n++] = link;
	}
	r->avoid_links = links;
	r->n_avoid_links = n;
	return PCE_OK;
}

/* --- the store --- */

enum pce_status
damping_collect(struct service *s, uint64_t batch, struct arena *arena,
		const struct damping_record **records, const char **keys, size_t *n,
		struct pce_error *err)
{
	*n = 0;
	for (size_t i = 0; i < s->n_damped; i++) {
		struct damped_link *d = &s->damped[i];
		struct damping_record *copy = NULL;
		double penalty = damping_penalty(&s->config->damping, &d->d, s->step.now);

		if (!d->dirty)
			continue;
		if (d->d.held) {
			copy = arena_alloc(arena, sizeof(*copy));
			if (!copy)
				return pce_no_memory(err);
			*copy = (struct damping_record){ arena_strdup(arena, d->key),
							 (uint64_t)llround(penalty * 1000),
							 d->d.losses, d->since_us };
			if (!copy->link_key)
				return pce_no_memory(err);
		}
		d->dirty = false;
		d->batch = batch;
		keys[*n] = d->key;
		records[(*n)++] = copy;
	}
	s->damping_dirty = false;
	return PCE_OK;
}

void
damping_stored(struct service *s, uint64_t batch, bool good)
{
	for (size_t i = 0; i < s->n_damped; i++) {
		struct damped_link *d = &s->damped[i];

		/* A later batch that is on its way says more. */
		if (d->batch != batch)
			continue;
		d->batch = 0;
		if (!good)
			d->dirty = s->damping_dirty = true;
	}
}

enum pce_status
damping_recover(struct service *s, const struct damping_record *const *records, size_t n,
		struct pce_error *err)
{
	const struct damping_limits *limits = &s->config->damping;
	enum pce_status status = PCE_OK;

	for (size_t i = 0; i < n && status == PCE_OK; i++) {
		struct damped_link *d;

		if (!records[i] || !records[i]->link_key)
			continue;
		status = find_or_make(s, records[i]->link_key, &d, err);
		if (status)
			break;
		d->since_us = records[i]->since_us;
		if (limits->penalty > 0)
			damping_restore(limits, &d->d, (double)records[i]->penalty_milli / 1000,
					records[i]->losses, s->step.now);
		else
			d->dirty = s->damping_dirty = true; /* switched off: its record goes */
	}
	return status;
}

/* --- looking --- */

size_t
service_view_damped_count(const struct service *s)
{
	return s->n_damped;
}

bool
service_view_damped_at(const struct service *s, size_t index, struct service_view_damped *out)
{
	const struct damped_link *d;
	ted_link link, reverse;

	if (index >= s->n_damped)
		return false;
	d = &s->damped[index];
	link = row_of(s, d);
	reverse = link < s->n_partners ? s->partners[link] : TED_NONE;
	*out = (struct service_view_damped){
		.link = name_of(s, d),
		.reverse = reverse == TED_NONE ? NULL : ted_link_at(s->ted, reverse)->name,
		.up = link != TED_NONE && ted_link_usable(s->ted, link),
		.held = d->d.held,
		.penalty =
		    (uint32_t)lround(damping_penalty(&s->config->damping, &d->d, s->last_now)),
		.losses = d->d.losses,
		.since_us = d->d.held ? d->since_us : 0,
		.until_us = d->d.held ? s->last_wall_us + (d->d.until.v - s->last_now.v) : 0,
	};
	return true;
}
