/* The open alarms: one for each object and cause, in that order, raised and cleared by the rooms.
 */
#ifndef PCE_OPERATE_ALARMS_H
#define PCE_OPERATE_ALARMS_H

#include <stddef.h>

#include "pce/base/status.h"
#include "pce/operate/alarm.h"

/* A zeroed list is empty. */
struct alarms {
	struct alarm *items; /* sorted by object, then cause; strings owned */
	size_t n, cap;
};

/* Frees everything; the list is empty afterwards. */
void alarms_free(struct alarms *alarms);

/*
 * Raises an alarm, or takes in the new text and severity of one that is open (its since_us stays).
 * *changed: true if it is new or its text or severity differ. Strings are copied. O(n).
 */
enum pce_status alarms_raise(struct alarms *alarms, const struct alarm *alarm, bool *changed,
			     struct pce_error *err);

/*
 * Takes an alarm off the list. Hands it to the caller in *out, to be freed with alarm_release, and
 * returns true if it was open.
 */
bool alarms_clear(struct alarms *alarms, const char *object, const char *cause, struct alarm *out);

/* Frees the strings of an alarm that alarms_clear handed out. */
void alarm_release(struct alarm *alarm);

/* Notes that a person has seen an alarm; it stays noted until it is cleared. Returns the alarm, or
 * NULL if it is not open; *changed: nobody had acknowledged it before. */
const struct alarm *alarms_acknowledge(struct alarms *alarms, const char *object, const char *cause,
				       bool *changed);

/* The open alarm of this object and cause, or NULL. */
const struct alarm *alarms_find(const struct alarms *alarms, const char *object, const char *cause);

#endif
