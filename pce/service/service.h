/*
 * The service: a deterministic state machine over the whole controller. Events in, effects out,
 * time as an argument. The same events at the same times give the same effects, byte for byte. It
 * dispatches to the rooms (ted, path, segment, policy, deploy, operate) and decides nothing itself.
 */
#ifndef PCE_SERVICE_SERVICE_H
#define PCE_SERVICE_SERVICE_H

#include "pce/path/path.h"
#include "pce/policy/differ.h"
#include "pce/service/config.h"
#include "pce/service/effect.h"
#include "pce/service/event.h"
#include "pce/ted/ted.h"

struct service;

/*
 * Makes a service. config must outlive it. hash_seed keys hash tables and influences no result.
 * Caller owns *out; service_free(NULL) does nothing.
 */
enum pce_status service_new(const struct karst_config *config, uint64_t hash_seed,
			    struct service **out, struct pce_error *err);
void service_free(struct service *service);

/*
 * Takes one event at an instant that is not before the last one; appends the effects. A fault in
 * what the event says is not an error of the step: it becomes a reply, an alarm or a counter.
 * Errors: PCE_NO_MEMORY, PCE_INTERNAL.
 */
enum pce_status service_step(struct service *service, struct usec now,
			     const struct service_event *event, struct service_effects *effects,
			     struct pce_error *err);

/* When the service next wants SERVICE_TICK. */
struct usec service_deadline(const struct service *service);

/* --- Views: reading, without events. Valid until the next step; strings and arrays belong to the
 * service. --- */

/* The live graph. Fork it for anything that changes or takes long. */
const struct ted *service_view_ted(const struct service *service);
/* An engine over the live graph, for short computations on the service's own thread. */
struct path_engine *service_view_engine(struct service *service);

struct service_view_policy {
	const char *id, *intent_id;
	ted_node headend, tailend; /* TED_NONE while the node is not known */
	const char *headend_name, *tailend_name;
	const char *device; /* NULL: no device is configured for the headend */
	bool backward;
	enum policy_state state;
	const char *reason; /* NULL without one */
	const struct srpolicy *srpolicy;
	size_t n_lists; /* of all candidate paths: see srpolicy_list_at */
	const ted_link *const *links; /* per list: rows; TED_NONE for a link that is not known */
	const size_t *n_links; /* per list */
	const struct policy_bound *bound; /* per list */
	uint64_t booked_bps;
	uint64_t generation;
	bool operational_known, operational_up; /* as the headend reports it */
	const struct srpolicy_oper *operational; /* NULL: not known */
	bool measured; /* the headend tells what the policy carries */
	uint64_t measured_bps;
	struct service_stages stages; /* of the last move */
	const char *cause; /* of the last move; NULL */
	struct scoped_mode mode; /* that counts for it, and whose it is */
};

struct service_view_intent {
	const struct intent *intent;
	uint64_t revision;
	enum intent_state state;
	const char *reason;
	const char *policy_ids[2];
	size_t n_policies;
};

struct service_view_device {
	const char *name, *node_name;
	bool connected;
	uint32_t capabilities;
	const char *text; /* why it is not connected, or what it waits for; NULL */
	bool busy; /* a transaction is open */
	size_t n_policies, n_foreign, n_pending;
	const struct srpolicy *foreign;
};

struct service_view_feed {
	struct ted_source source;
	const char *name;
	bool up, synced;
	const char *text;
	uint64_t updates, deltas;
};

/* Intents in order of id. O(1) per call. false past the end. */
bool service_view_intent_at(const struct service *service, size_t index,
			    struct service_view_intent *out);
/* One intent; false if there is none. */
bool service_view_intent_by_id(const struct service *service, const char *id,
			       struct service_view_intent *out);
/* Policies in order of id. */
bool service_view_policy_at(const struct service *service, size_t index,
			    struct service_view_policy *out);
bool service_view_policy_by_id(const struct service *service, const char *id,
			       struct service_view_policy *out);
/* Devices in order of configuration. */
bool service_view_device_at(const struct service *service, size_t index,
			    struct service_view_device *out);
/* Feeds in order of appearance. */
bool service_view_feed_at(const struct service *service, size_t index,
			  struct service_view_feed *out);
/* Open alarms in order of object, cause. */
bool service_view_alarm_at(const struct service *service, size_t index, struct alarm *out);

/* How many moves of a policy are kept; 0 if there is no such policy. */
size_t service_view_move_count(const struct service *service, const char *policy_id);
/* One of them, the oldest first; NULL past the end. */
const struct policy_move *service_view_move_at(const struct service *service, const char *policy_id,
					       size_t index);

/* What happened to segment lists since the start. */
struct service_view_counters {
	uint64_t lists_strayed; /* installed ones that forwarded otherwise than their path, found
				   by replay after a change of the IGP */
	uint64_t lists_refused; /* compiled ones that replay did not confirm: never pushed */
	uint64_t telemetry_unknown; /* summaries of links or policies that are not known */
};
/* The counters now. */
void service_view_counters(const struct service *service, struct service_view_counters *out);

/* Modes of headends and intents, in order of scope and name; false past the end. */
bool service_view_mode_at(const struct service *service, size_t index, struct scoped_mode *out);

/* Changes that wait for approval, in order of id; NULL past the end. */
const struct change *service_view_change_at(const struct service *service, size_t index);

struct service_view_operate {
	enum operate_mode mode;
	const char *frozen; /* why changes are frozen; NULL: they are not */
	int64_t frozen_since_us; /* wall clock, microseconds since 1970 */
};

/* Something that is drained. */
struct service_view_drain {
	struct drain drain;
	size_t remaining; /* policies that still cross it */
};

/* A policy that a router held otherwise than Karst left it. */
struct service_view_drift {
	const char *device;
	const char *policy_id; /* NULL: a policy of Karst's name that nobody wants */
	uint32_t color;
	struct ip_addr endpoint;
	int64_t since_us, repaired_us; /* wall clock; repaired 0: not yet */
	const struct policy_difference *differences;
	size_t n_differences;
};
/* In order of time: all that are not repaired, and the last that were; false past the end. */
bool service_view_drift_at(const struct service *service, size_t index,
			   struct service_view_drift *out);

/* Drains that begin and end by the clock, in order of arrival; false past the end. */
bool service_view_window_at(const struct service *service, size_t index, struct drain_window *out);
/* The nth policy that still crosses a drained object, and why; false past the end. O(policies). */
bool service_view_drain_waiting(const struct service *service, size_t index, size_t n,
				struct service_stuck *out);

/* A fibre that flapped. */
struct service_view_damped {
	const char *link, *reverse; /* names; reverse NULL without one */
	bool up; /* it can be used, as the feeds say */
	bool held; /* it is held down */
	uint32_t penalty;
	uint32_t losses;
	int64_t since_us, until_us; /* wall clock, while it is held; until: if it stays up */
};

/* How many fibres have a penalty, and one of them, in order of canonical key; false past the end.
 */
size_t service_view_damped_count(const struct service *service);
bool service_view_damped_at(const struct service *service, size_t index,
			    struct service_view_damped *out);

/* A fibre that may lose packets silently. */
struct service_view_suspect {
	const char *link, *reverse; /* names; reverse NULL without one */
	bool named; /* nothing else can be the cause of some failure */
	bool beside; /* no failed list crosses it; it shares what may be the cause */
	bool avoided; /* false: there are too many suspects to believe it */
	uint32_t confidence_ppm;
	uint32_t n_failures; /* lists that fail and cross it */
	const char *policy_id; /* of the first of them; NULL if it is beside */
	unsigned strikes; /* how often the like was seen */
	int64_t since_us, until_us; /* wall clock; until 0: as long as the probes are lost */
};
/* Suspects; false past the end. */
bool service_view_suspect_at(const struct service *service, size_t index,
			     struct service_view_suspect *out);

/* How many objects are drained. */
size_t service_view_drain_count(const struct service *service);
/* Drained objects in order of kind and name; false past the end. O(policies). */
bool service_view_drain_at(const struct service *service, size_t index,
			   struct service_view_drain *out);
/* Whether Karst changes anything. */
void service_view_operate(const struct service *service, struct service_view_operate *out);

/* Grows with every change of intents or policies (their state too): the ETag of collections. */
uint64_t service_view_revision(const struct service *service);

/* Turns an intent's names into a request on ted; arrays go into arena. PCE_INVALID carries the data
 * path in the intent. */
enum pce_status service_request_of(const struct ted *ted, const struct intent *intent,
				   bool backward, struct arena *arena, struct path_request *out,
				   struct pce_error *err);

/* Appends a complete, canonical dump of intents, policies, bookings and device states, for tests.
 */
void service_dump(const struct service *service, struct text *out);

#endif
