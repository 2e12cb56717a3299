/* How Karst is run, as plain data: the mode, freezes, drains, and their names. */
#ifndef PCE_OPERATE_MODE_H
#define PCE_OPERATE_MODE_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "pce/base/status.h"

/* Each is more restrictive than the ones before. */
enum operate_mode {
	MODE_ACT, /* changes are made */
	MODE_ADVISE, /* changes are computed and shown, and wait for approval */
	MODE_OBSERVE, /* learn and show; change nothing */
	MODE_COUNT
};

/* What a mode holds for. */
enum mode_scope { SCOPE_NETWORK, SCOPE_HEADEND, SCOPE_INTENT, SCOPE_COUNT };

/* A mode of one headend or one intent. Strings belong to whoever made it. */
struct scoped_mode {
	enum mode_scope scope;
	const char *name; /* of the node as the operator gave it, id of the intent; NULL: network */
	enum operate_mode mode;
	int64_t since_us; /* wall clock, microseconds since 1970 */
};

enum drain_kind { DRAIN_NODE, DRAIN_LINK, DRAIN_SRLG, DRAIN_KIND_COUNT };

/* Something that traffic is taken off. Strings belong to whoever made it. */
struct drain {
	enum drain_kind kind;
	const char *name; /* as the operator gave it */
	int64_t since_us; /* wall clock, microseconds since 1970 */
	uint32_t affected; /* policies that crossed it then */
};

/* A drain that begins and ends by the clock. */
struct drain_window {
	struct drain drain;
	int64_t from_us, until_us; /* wall clock, microseconds since 1970 */
	bool running; /* it has begun */
	bool owns; /* and drained what was not drained before */
};

/* An open alarm that a person has seen. */
struct acknowledged_alarm {
	const char *object, *cause;
	int64_t since_us; /* of the alarm; wall clock, microseconds since 1970 */
};

/* What an operator told Karst, and what has to survive a restart. */
struct operate_record {
	enum operate_mode mode; /* of the network */
	const struct scoped_mode *modes; /* of headends and intents */
	size_t n_modes;
	const char *frozen; /* why changes are frozen; NULL: they are not */
	int64_t frozen_since_us; /* wall clock, microseconds since 1970 */
	const struct drain *drains;
	size_t n_drains;
	const struct drain_window *windows;
	size_t n_windows;
	const struct acknowledged_alarm *acknowledged;
	size_t n_acknowledged;
};

/* "node", "link" or "srlg"; never NULL. */
static inline const char *
drain_kind_name(enum drain_kind kind)
{
	return kind == DRAIN_NODE ? "node" : kind == DRAIN_LINK ? "link" : "srlg";
}

/* The kind of that name; DRAIN_KIND_COUNT for any other text. */
static inline enum drain_kind
drain_kind_of(const char *name)
{
	unsigned kind = 0;

	while (kind < DRAIN_KIND_COUNT && strcmp(name, drain_kind_name((enum drain_kind)kind)) != 0)
		kind++;
	return (enum drain_kind)kind;
}

/* Name as in the YANG enumeration; never NULL. */
static inline const char *
operate_mode_name(enum operate_mode mode)
{
	return mode == MODE_OBSERVE ? "observe" : mode == MODE_ADVISE ? "advise" : "act";
}

/* "network", "headend" or "intent"; never NULL. */
static inline const char *
mode_scope_name(enum mode_scope scope)
{
	return scope == SCOPE_INTENT ? "intent" : scope == SCOPE_HEADEND ? "headend" : "network";
}

/* The scope of that name; SCOPE_COUNT for any other text. */
static inline enum mode_scope
mode_scope_of(const char *name)
{
	unsigned scope = 0;

	while (scope < SCOPE_COUNT && strcmp(name, mode_scope_name((enum mode_scope)scope)) != 0)
		scope++;
	return (enum mode_scope)scope;
}

/* PCE_INVALID for a name of no mode. */
static inline enum pce_status
operate_mode_parse(const char *name, enum operate_mode *out, struct pce_error *err)
{
	for (unsigned i = 0; i < MODE_COUNT; i++)
		if (strcmp(name, operate_mode_name((enum operate_mode)i)) == 0) {
			*out = (enum operate_mode)i;
			return PCE_OK;
		}
	return pce_fail(err, PCE_INVALID, "\"%s\" is no mode: act, advise or observe", name);
}

#endif
