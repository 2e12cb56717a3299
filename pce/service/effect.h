/*
 * Effects: everything that the service wants done, as plain data, in the order in which it was
 * wanted. Nothing is done inside service_step. An effect with an id is answered by an event with
 * that id. Effects that must not happen before something is durable are emitted only after its
 * SERVICE_STORED event came: the outside needs to order nothing.
 */
#ifndef PCE_SERVICE_EFFECT_H
#define PCE_SERVICE_EFFECT_H

#include "pce/deploy/transaction.h"
#include "pce/operate/alarm.h"
#include "pce/operate/change.h"
#include "pce/operate/damping.h"
#include "pce/operate/history.h"
#include "pce/operate/mode.h"
#include "pce/policy/intent.h"
#include "pce/policy/policy.h"
#include "pce/ted/ted.h"

enum record_kind {
	RECORD_INTENT, /* key: intent id */
	RECORD_POLICY, /* key: policy id */
	RECORD_TRANSACTION, /* key: id in decimal */
	RECORD_META, /* key: "next-id" */
	RECORD_OPERATE, /* key: "operate" */
	RECORD_MOVE, /* key: move_key */
	RECORD_DAMPING, /* key: canonical key of the link */
	RECORD_CHANGE, /* key: id in decimal */
};

/* One record to write, or to delete if every value is NULL (and next_id 0). */
struct service_record {
	enum record_kind kind;
	const char *key;
	const struct intent *intent;
	uint64_t revision; /* of the intent */
	const struct policy_record *policy;
	const struct transaction_record *transaction;
	uint64_t next_id;
	const struct operate_record *operate;
	const struct move_record *move;
	const struct damping_record *damping;
	const struct change *change;
};

/* What subscribers (event streams, metrics, the journal) are told. */
enum service_notice_kind {
	NOTICE_TOPOLOGY, /* rows that changed */
	NOTICE_INTENT, /* an intent changed its state */
	NOTICE_POLICY, /* a policy changed its path or state */
	NOTICE_SESSION, /* a feed or a router came or went */
	NOTICE_ALARM,
};

/* How long each stage of a policy's move took: instants on the service's clock, 0 not reached. */
struct service_stages {
	struct usec cause; /* bytes of the feed read, or request received */
	struct usec detected; /* known to be about this policy */
	struct usec computed; /* path and list ready */
	struct usec stored; /* durable */
	struct usec sent; /* handed to the router */
	struct usec prepared; /* the router runs it */
	struct usec confirmed; /* permanent */
};

struct service_notice {
	enum service_notice_kind kind;
	uint64_t number; /* grows by one with every notice */
	int64_t wall_us;
	const char *object; /* intent or policy id, device, feed, "topology" */
	const char *state; /* new state as its YANG name */
	const char *text; /* why, one sentence; NULL */
	const char *cause; /* what set it off: "link NN-P1-C1>LZ-1 withdrawn"; NULL */
	const char *const *before,
	    *const *after; /* link names of the old and the new path; POLICY only */
	size_t n_before, n_after;
	struct service_stages stages;
	const struct alarm *alarm; /* ALARM only */
	size_t n_nodes, n_links; /* TOPOLOGY: how many rows changed */
	uint64_t ted_revision;
};

enum service_effect_kind {
	SERVICE_STORE, /* records, one durable batch; answered by SERVICE_STORED */
	SERVICE_REPLY, /* to the request with this id */
	SERVICE_APPLY, /* a phase of a transaction; answered by SERVICE_DEVICE_RESULT */
	SERVICE_READ, /* read a router; answered by SERVICE_DEVICE_READ */
	SERVICE_NOTICE, /* tell subscribers */
};

/* A policy that cannot leave what is drained, and why. */
struct service_stuck {
	const char *policy_id, *text;
};

/* What a policy gains, or would gain, by a move. */
struct service_improvement {
	const char *policy_id;
	struct move_gain gain;
	const char *const *before, *const *after; /* link names of the primary path */
	size_t n_before, n_after;
};

struct service_reply {
	enum pce_status status;
	struct pce_error error; /* when not OK: text, data path */
	bool created; /* PUT made a new intent */
	uint64_t revision; /* of the intent afterwards */
	const char *reason; /* PCE_CONFLICT for want of a path: name of the path_reason; NULL */
	/* A dry run's or an admission's paths, as link names; one array a segment list, forward
	 * then backward. */
	const char *const *const *paths;
	const size_t *path_lengths;
	size_t n_paths;
	/* Of a drain: how many policies cross it, and which of them cannot leave it. */
	size_t n_affected;
	const struct service_stuck *stuck; /* of a request over many intents: those refused */
	size_t n_stuck;
	const struct service_stuck *moves; /* and where the others go: text is the links */
	size_t n_moves;
	/* Of a re-optimisation. */
	const struct service_improvement *improvements;
	size_t n_improvements;
};

struct service_effect {
	struct service_effect *next;
	enum service_effect_kind kind;
	uint64_t id;
	union {
		struct {
			const struct service_record *records;
			size_t n;
		} store;
		struct service_reply reply;
		struct {
			enum deploy_phase phase;
			const struct deploy_transaction *transaction;
		} apply;
		struct {
			const char *device;
		} read;
		struct service_notice notice;
	} u;
};

/* A list of effects with the memory that they point into. A zeroed list is empty. */
struct service_effects {
	struct service_effect *first, **last;
	struct arena arena;
};

/* Adds a zeroed effect at the end; NULL without memory. */
struct service_effect *service_effects_add(struct service_effects *effects,
					   enum service_effect_kind kind, uint64_t id);
/* Frees everything that the effects point to; the list is empty afterwards. */
void service_effects_clear(struct service_effects *effects);

#endif
