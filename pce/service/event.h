/*
 * Events: everything that can happen to the service, as plain data. The outside (sockets, clocks,
 * threads) turns what it sees into events; the service sees nothing else. All pointers are borrowed
 * for the length of service_step.
 */
#ifndef PCE_SERVICE_EVENT_H
#define PCE_SERVICE_EVENT_H

#include "pce/deploy/transaction.h"
#include "pce/operate/change.h"
#include "pce/operate/damping.h"
#include "pce/operate/history.h"
#include "pce/operate/mode.h"
#include "pce/policy/intent.h"
#include "pce/policy/policy.h"
#include "pce/ted/delta.h"

enum service_event_kind {
	SERVICE_TICK, /* a deadline may have come */
	SERVICE_RECOVER, /* first event: what the store holds */
	SERVICE_FEED_STATE, /* a source connected, synced, was lost */
	SERVICE_FEED_UPDATE, /* a source said something */
	SERVICE_INTENT_PUT, /* create or change an intent */
	SERVICE_INTENTS_PUT, /* one request over many intents; answered by one SERVICE_REPLY */
	SERVICE_INTENT_DELETE,
	SERVICE_STORED, /* result of SERVICE_STORE */
	SERVICE_DEVICE_UP, /* a session to a router is ready */
	SERVICE_DEVICE_DOWN,
	SERVICE_DEVICE_RESULT, /* result of SERVICE_APPLY */
	SERVICE_DEVICE_READ, /* result of SERVICE_READ */
	SERVICE_DEVICE_CHANGED, /* the router says that its configuration or state changed */
	SERVICE_OPERATE, /* an operator's order; answered by SERVICE_REPLY */
	SERVICE_TELEMETRY, /* summaries of what was measured */
	SERVICE_EVENT_COUNT
};

#define INTENTS_MOST 256 /* of one request */

enum operate_kind {
	OPERATE_RESUME,
	OPERATE_SET_MODE,
	OPERATE_DRAIN,
	OPERATE_UNDRAIN,
	OPERATE_ACKNOWLEDGE,
	OPERATE_APPROVE,
	OPERATE_REJECT,
	OPERATE_ADOPT, /* answered as an intent that is put */
	OPERATE_REOPTIMISE /* now, without the hold */
};

/* All records of the store, in any order. */
struct service_recovery {
	const struct intent *const *intents;
	const uint64_t *intent_revisions;
	size_t n_intents;
	const struct policy_record *const *policies;
	size_t n_policies;
	const struct transaction_record *const *transactions;
	size_t n_transactions;
	uint64_t next_id; /* ids below it were used */
	const struct operate_record *operate; /* NULL: none */
	const struct move_record *const *moves;
	size_t n_moves;
	const struct damping_record *const *damped;
	size_t n_damped;
	const struct change *const *changes;
	size_t n_changes;
};

/* What telemetry knows of a link. */
enum telemetry_field {
	TELEMETRY_RATE = 1u << 0,
	TELEMETRY_DELAY = 1u << 1,
	TELEMETRY_LOSS = 1u << 2,
	TELEMETRY_OPER = 1u << 3,
};

/*
 * What telemetry says of a directed link: not samples, but what is left of them after smoothing
 * and hysteresis, told when it changed. It replaces what was said of the link before.
 */
struct telemetry_link {
	const char *key; /* canonical key text of the link, see ted_link_key_text */
	uint32_t present; /* enum telemetry_field bits: fresh now; 0: nothing is known any more */
	uint64_t measured_bps; /* what it carries */
	uint32_t delay_us;
	uint32_t loss_ppb; /* parts per billion */
	bool oper_down; /* the router at its head says that it is down */
};

/* What a headend says that one of its policies carries. */
struct telemetry_policy {
	const char *device;
	uint32_t color;
	struct ip_addr endpoint;
	bool known; /* false: no longer measured */
	uint64_t measured_bps;
};

/* A router's stream of telemetry began or ended. */
struct telemetry_device {
	const char *device;
	bool up;
	const char *text; /* why not; NULL */
};

struct service_event {
	enum service_event_kind kind;
	uint64_t id; /* of the effect that this answers, or of the request; 0 none */
	int64_t wall_us; /* wall-clock microseconds since 1970, for people; decides nothing but when
			    maintenance windows begin and end */
	uint64_t random; /* fresh random bits for ids and jitter, where the event may need them */
	union {
		struct service_recovery recover;
		struct {
			struct ted_source source;
			const char *name; /* of the feed, for people */
			enum ted_source_event event;
			const char *text; /* why it was lost; NULL */
			uint32_t stale_time_s;
		} feed_state;
		struct {
			struct ted_source source;
			const struct ted_delta *deltas;
			size_t n;
			struct usec received; /* when its bytes were read */
		} feed_update;
		struct {
			const struct intent *intent;
			const char *author;
			uint64_t if_match; /* revision that must be current; 0: any, UINT64_MAX:
					      must not exist */
			bool dry_run;
		} intent_put;
		struct {
			const struct intent *const *intents; /* each id once */
			size_t n; /* at most INTENTS_MOST */
			const char *author;
			bool partly; /* those that can be admitted are, else all or none */
			bool best_first; /* computed by priority and bandwidth, else as given */
			bool dry_run;
		} intents_put;
		struct {
			const char *intent_id;
			const char *author;
			uint64_t if_match;
			bool dry_run;
		} intent_delete;
		struct {
			enum pce_status status;
			const char *text;
		} stored;
		struct {
			const char *device;
			uint32_t capabilities; /* enum device_capability bits */
		} device_up;
		struct {
			const char *device;
			enum pce_status status;
			const char *text;
		} device_down;
		struct {
			const char *device;
			struct deploy_result result;
		} device_result;
		struct {
			const char *device;
			enum pce_status status;
			const char *text;
			struct device_state state;
		} device_read;
		struct {
			const char *device;
		} device_changed;
		struct {
			const struct telemetry_link *links;
			size_t n_links;
			const struct telemetry_policy *policies;
			size_t n_policies;
			const struct telemetry_device *devices;
			size_t n_devices;
			struct usec received; /* when the sample that set it off was read */
		} telemetry;
		struct {
			enum operate_kind kind;
			enum operate_mode mode; /* OPERATE_SET_MODE */
			struct scoped_mode scope; /* SET_MODE: scope and name are read */
			struct drain drain; /* DRAIN, UNDRAIN; since_us is not read */
			bool dry_run; /* DRAIN, REOPTIMISE, ADOPT: only tell what would move */
			struct {
				const char *device, *policy; /* name, or "COLOR/ENDPOINT" */
				const char *intent; /* its id; NULL: the policy's name */
			} adopt;
			int64_t from_us, until_us; /* DRAIN: by the wall clock; until 0: no end */
			const char *intent; /* REOPTIMISE: only its policies; NULL: all */
			const char *alarm_object, *alarm_cause; /* ACKNOWLEDGE */
			uint64_t change_id; /* APPROVE, REJECT */
			const char *author;
		} operate;
	} u;
};

#endif
