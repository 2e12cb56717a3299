/* Alarms as plain data: something that a person should know, until it is over. */
#ifndef PCE_OPERATE_ALARM_H
#define PCE_OPERATE_ALARM_H

#include <stdbool.h>
#include <stdint.h>

#include "pce/base/units.h"

enum alarm_severity { ALARM_WARNING, ALARM_MINOR, ALARM_MAJOR, ALARM_CRITICAL };

/* One alarm: (object, cause) is its key. Strings belong to whoever made it. */
struct alarm {
	const char *object; /* "device/n1", "feed/rr1", "intent/video-7", "store" */
	const char *cause; /* short fixed word: "unreachable", "refused", "locked", "disk-full" */
	enum alarm_severity severity;
	const char *text; /* one sentence */
	const char *action; /* what to do, one sentence */
	int64_t since_us; /* wall-clock, microseconds since 1970 */
	bool cleared;
	bool acknowledged;
};

/* Name as in the YANG enumeration; never NULL. */
const char *alarm_severity_name(enum alarm_severity severity);

#endif
