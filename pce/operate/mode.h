/* How far Karst goes by itself: plain data, and the names of the modes. */
#ifndef PCE_OPERATE_MODE_H
#define PCE_OPERATE_MODE_H

#include <stdint.h>
#include <string.h>

#include "pce/base/status.h"

enum operate_mode {
	MODE_ACT, /* changes are made */
	MODE_OBSERVE, /* learn and show; change nothing */
	MODE_COUNT
};

/* What an operator told Karst, and what has to survive a restart. */
struct operate_record {
	enum operate_mode mode;
	const char *frozen; /* why changes are frozen; NULL: they are not */
	int64_t frozen_since_us; /* wall clock, microseconds since 1970 */
};

/* Name as in the YANG enumeration; never NULL. */
static inline const char *
operate_mode_name(enum operate_mode mode)
{
	return mode == MODE_OBSERVE ? "observe" : "act";
}

/* PCE_INVALID for a name of no mode, PCE_UNSUPPORTED for "advise". */
static inline enum pce_status
operate_mode_parse(const char *name, enum operate_mode *out, struct pce_error *err)
{
	for (unsigned i = 0; i < MODE_COUNT; i++)
		if (strcmp(name, operate_mode_name((enum operate_mode)i)) == 0) {
			*out = (enum operate_mode)i;
			return PCE_OK;
		}
	if (strcmp(name, "advise") == 0)
		return pce_fail(
		    err, PCE_UNSUPPORTED,
		    "the mode advise is not offered yet: use observe with dry runs, or act");
	return pce_fail(err, PCE_INVALID, "\"%s\" is no mode: act or observe", name);
}

#endif
