/* What subscribers are told (karst-events), and the state of Karst itself (karst-operations). */
#ifndef MODELS_CODEC_EVENT_H
#define MODELS_CODEC_EVENT_H

#include "models/codec/codec.h"
#include "pce/policy/differ.h"
#include "pce/policy/policy.h"
#include "pce/service/effect.h"
#include "pce/ted/delta.h"

/*
 * Appends a notice as RESTCONF's event streams have it (RFC 8040 section 6.4):
 * {"ietf-restconf:notification":{"eventTime":"…","karst-events:NAME":{…}}}.
 */
enum pce_status codec_notice_print(const struct codec *codec, const struct service_notice *notice,
				   struct text *out, struct pce_error *err);

struct codec_feed {
	const char *name;
	bool up, synced;
	const char *text; /* NULL without one */
	uint64_t updates, changes;
};

struct codec_device_status {
	const char *name;
	const char *node; /* NULL: not known yet */
	bool connected, confirmed_commit, notifies, busy;
	const char *text; /* NULL without one */
	size_t n_policies, n_pending;
	const struct srpolicy *foreign;
	size_t n_foreign;
};

struct codec_drain {
	struct drain drain;
	size_t remaining;
	const struct service_stuck *waiting; /* of these the first ones, and why */
	size_t n_waiting;
};

struct codec_drift {
	const char *device, *policy_id; /* policy_id NULL: nobody's */
	uint32_t color;
	struct ip_addr endpoint;
	int64_t since_us, repaired_us; /* wall clock; 0: not yet */
	const struct policy_difference *differences;
	size_t n_differences;
};

struct codec_damped {
	const char *link, *reverse; /* reverse NULL without one */
	bool up, held;
	uint32_t penalty, losses;
	int64_t since_us, until_us; /* wall clock; 0: not shown */
};

/* A fibre that may lose packets silently. */
struct codec_suspect {
	const char *link, *reverse; /* reverse NULL without one */
	const char *state; /* "named", "possible" or "beside" */
	bool avoided;
	uint32_t confidence_percent, n_failures, strikes;
	const char *policy_id; /* NULL: none */
	int64_t since_us, until_us; /* wall clock; 0: not shown */
};

struct codec_status {
	const char *version;
	int64_t started_us; /* wall clock; 0: not shown */
	const char *mode; /* "observe", "act"; NULL: not shown */
	const struct scoped_mode *modes; /* of headends and intents */
	size_t n_modes;
	const char *frozen; /* why changes are frozen; NULL: they are not */
	uint64_t topology_revision;
	size_t n_nodes, n_links, n_links_up;
	size_t n_intents, n_policies, n_active, n_failed;
	const struct change *const *changes; /* that wait for approval */
	size_t n_changes;
	const struct drain_window *windows;
	size_t n_windows;
	const struct codec_drain *drains;
	size_t n_drains;
	const struct codec_drift *drifts;
	size_t n_drifts;
	const struct codec_suspect *suspects;
	size_t n_suspects;
	const struct codec_damped *damped;
	size_t n_damped;
	const struct codec_feed *feeds;
	size_t n_feeds;
	const struct codec_device_status *devices;
	size_t n_devices;
	const struct alarm *alarms;
	size_t n_alarms;
};

/* Appends {"karst-operations:operations":{…}}. */
enum pce_status codec_status_print(const struct codec *codec, const struct codec_status *status,
				   struct text *out, struct pce_error *err);

#endif
