/*
 * The list of open alarms: a sorted array, so that what people see has a fixed order, whatever came
 * first.
 */
#include "pce/operate/alarms.h"

#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"

const char *
alarm_severity_name(enum alarm_severity severity)
{
	static const char *const names[] = { "warning", "minor", "major", "critical" };

	return (size_t)severity < sizeof(names) / sizeof(names[0]) ? names[severity] : "critical";
}

/* The alarm's strings belong to the list, whatever the const of the seam type says. */
static void
free_text(const char *text)
{
	union {
		const char *kept;
		void *owned;
	} u = { text };

	free(u.owned);
}

void
alarm_release(struct alarm *alarm)
{
	free_text(alarm->object);
	free_text(alarm->cause);
	free_text(alarm->text);
	free_text(alarm->action);
	*alarm = (struct alarm){ 0 };
}

void
alarms_free(struct alarms *alarms)
{
	for (size_t i = 0; i < alarms->n; i++)
		alarm_release(&alarms->items[i]);
	free(alarms->items);
	*alarms = (struct alarms){ 0 };
}

static size_t
place_of(const struct alarms *alarms, const char *object, const char *cause, bool *found)
{
	size_t low = 0, high = alarms->n;

	*found = false;
	while (low < high && !*found) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(alarms->items[middle].object, object);

		if (order == 0)
			order = strcmp(alarms->items[middle].cause, cause);
		*found = order == 0;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return high;
}

static bool
same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static enum pce_status
copy_alarm(const struct alarm *alarm, struct alarm *out, struct pce_error *err)
{
	*out = *alarm;
	out->object = array_strdup(alarm->object);
	out->cause = array_strdup(alarm->cause);
	out->text = array_strdup(alarm->text);
	out->action = array_strdup(alarm->action);
	if (out->object && out->cause && (out->text || !alarm->text) &&
	    (out->action || !alarm->action))
		return PCE_OK;
	alarm_release(out);
	return pce_no_memory(err);
}

enum pce_status
alarms_raise(struct alarms *alarms, const struct alarm *alarm, bool *changed, struct pce_error *err)
{
	bool found;
	size_t at = place_of(alarms, alarm->object, alarm->cause, &found);
	struct alarm *open = alarms->items ? &alarms->items[at] : NULL, fresh;
	enum pce_status status;

	if (found && open->severity == alarm->severity && same(open->text, alarm->text)) {
		*changed = false;
		return PCE_OK;
	}
	status = copy_alarm(alarm, &fresh, err);
	if (status)
		return status;
	if (found) {
		fresh.since_us = open->since_us;
		fresh.acknowledged = open->acknowledged;
		alarm_release(open);
		*open = fresh;
		*changed = true;
		return PCE_OK;
	}
	status = array_reserve(&alarms->items, &alarms->cap, alarms->n + 1, sizeof(fresh), err);
	if (status) {
		alarm_release(&fresh);
		return status;
	}
	memmove(&alarms->items[at + 1], &alarms->items[at], (alarms->n - at) * sizeof(fresh));
	alarms->items[at] = fresh;
	alarms->n++;
	*changed = true;
	return PCE_OK;
}

bool
alarms_clear(struct alarms *alarms, const char *object, const char *cause, struct alarm *out)
{
	bool found;
	size_t at = place_of(alarms, object, cause, &found);

	if (!found)
		return false;
	*out = alarms->items[at];
	out->cleared = true;
	alarms->n--;
	memmove(&alarms->items[at], &alarms->items[at + 1], (alarms->n - at) * sizeof(*out));
	return true;
}

const struct alarm *
alarms_find(const struct alarms *alarms, const char *object, const char *cause)
{
	bool found;
	size_t at = place_of(alarms, object, cause, &found);

	return found ? &alarms->items[at] : NULL;
}

const struct alarm *
alarms_acknowledge(struct alarms *alarms, const char *object, const char *cause, bool *changed)
{
	bool found;
	size_t at = place_of(alarms, object, cause, &found);

	*changed = found && !alarms->items[at].acknowledged;
	if (!found)
		return NULL;
	alarms->items[at].acknowledged = true;
	return &alarms->items[at];
}
