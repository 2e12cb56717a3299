/*
 * Maintenance windows: drains that begin and end by the wall clock. They are stored like drains
 * are, so one whose time comes while Karst is away begins, or ends, at the start. While changes are
 * frozen or the mode is observe a window waits. One that finds its object drained already leaves it
 * drained when it ends: whoever drained it wants that.
 *
 * The wall clock may be set at any time: it is looked at once a minute at least.
 */
#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"
#include "pce/service/internal.h"
#include "pce/service/windows.h"

#define LOOK_US (60 * (int64_t)USEC_PER_S)

static bool
same_object(const struct drain *a, const struct drain *b)
{
	return a->kind == b->kind && strcmp(a->name, b->name) == 0;
}

static void
take_out(struct service *s, size_t at)
{
	free(s->windows[at].name);
	s->n_windows--;
	memmove(&s->windows[at], &s->windows[at + 1], (s->n_windows - at) * sizeof(*s->windows));
}

static enum pce_status
insert(struct service *s, const struct drain_window *window, struct pce_error *err)
{
	struct kept_window kept = { NULL, *window };
	enum pce_status status =
	    array_reserve(&s->windows, &s->cap_windows, s->n_windows + 1, sizeof(kept), err);

	kept.name = status ? NULL : array_strdup(window->drain.name);
	if (!kept.name)
		return status ? status : pce_no_memory(err);
	kept.window.drain.name = kept.name;
	s->windows[s->n_windows++] = kept;
	return PCE_OK;
}

enum pce_status
window_plan(struct service *s, const struct drain_window *wanted, struct pce_error *why,
	    struct pce_error *err)
{
	enum pce_status status;

	if (wanted->until_us <= wanted->from_us || wanted->until_us <= s->step.event->wall_us) {
		pce_fail(why, PCE_INVALID, "the window ends before it begins, or is over");
		return PCE_OK;
	}
	if (window_is_planned(s, &wanted->drain)) {
		pce_fail(why, PCE_EXISTS, "%s %s has a window: undrain it first",
			 drain_kind_name(wanted->drain.kind), wanted->drain.name);
		return PCE_OK;
	}
	status = insert(s, wanted, err);
	s->operate_dirty = s->batch_wanted = true;
	return status;
}

bool
window_is_planned(const struct service *s, const struct drain *drain)
{
	for (size_t i = 0; i < s->n_windows; i++)
		if (same_object(&s->windows[i].window.drain, drain))
			return true;
	return false;
}

bool
window_cancel(struct service *s, const struct drain *drain)
{
	bool found = false;

	for (size_t i = s->n_windows; i > 0; i--)
		if (same_object(&s->windows[i - 1].window.drain, drain)) {
			take_out(s, i - 1);
			found = true;
		}
	return found;
}

/* --- time --- */

static enum pce_status
begin(struct service *s, struct drain_window *w, struct pce_error *err)
{
	struct drain drain = w->drain;
	enum pce_status status;

	drain.since_us = s->step.event->wall_us;
	status = drain_begin(s, &drain, &w->owns, err);
	w->running = true;
	s->operate_dirty = s->batch_wanted = true;
	return status;
}

static enum pce_status
finish(struct service *s, size_t at, struct pce_error *err)
{
	struct drain_window *w = &s->windows[at].window;
	enum pce_status status = w->owns ? drain_end(s, &w->drain, err) : PCE_OK;

	take_out(s, at);
	s->operate_dirty = s->batch_wanted = true;
	return status;
}

enum pce_status
windows_tick(struct service *s, struct pce_error *err)
{
	int64_t wall = s->step.event->wall_us;
	enum pce_status status = PCE_OK;

	if (s->learning || s->n_windows == 0)
		return PCE_OK;
	for (size_t i = s->n_windows; i > 0 && status == PCE_OK; i--) {
		struct drain_window *w = &s->windows[i - 1].window;

		if (wall >= w->until_us)
			status = finish(s, i - 1, err);
		else if (!w->running && wall >= w->from_us && !operate_waits(s))
			status = begin(s, w, err);
	}
	return status;
}

struct usec
windows_deadline(const struct service *s)
{
	int64_t wait = LOOK_US;

	if (s->n_windows == 0 || s->learning)
		return USEC_NEVER;
	for (size_t i = 0; i < s->n_windows; i++) {
		const struct drain_window *w = &s->windows[i].window;
		int64_t left = (w->running ? w->until_us : w->from_us) - s->last_wall_us;

		/* What waits for a freeze to end is begun in the step that ends it. */
		if (left > 0 && left < wait)
			wait = left;
	}
	return usec_add(s->last_now, wait);
}

/* --- the store --- */

enum pce_status
windows_collect(const struct service *s, struct arena *arena, struct operate_record *out,
		struct pce_error *err)
{
	struct drain_window *copy = arena_alloc(arena, (s->n_windows + 1) * sizeof(*copy));

	if (!copy)
		return pce_no_memory(err);
	for (size_t i = 0; i < s->n_windows; i++) {
		copy[i] = s->windows[i].window;
		copy[i].drain.name = arena_strdup(arena, s->windows[i].name);
		if (!copy[i].drain.name)
			return pce_no_memory(err);
	}
	out->windows = copy;
	out->n_windows = s->n_windows;
	return PCE_OK;
}

enum pce_status
windows_recover(struct service *s, const struct operate_record *record, struct pce_error *err)
{
	enum pce_status status = PCE_OK;

	for (size_t i = 0; i < record->n_windows && status == PCE_OK; i++)
		status = insert(s, &record->windows[i], err);
	return status;
}

void
windows_free(struct service *s)
{
	while (s->n_windows > 0)
		free(s->windows[--s->n_windows].name);
	free(s->windows);
}
