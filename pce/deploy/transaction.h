/* Changes to routers as plain data: what a driver is asked to do, and what came of it. */
#ifndef PCE_DEPLOY_TRANSACTION_H
#define PCE_DEPLOY_TRANSACTION_H

#include "pce/policy/policy.h"

enum deploy_action {
	DEPLOY_REPLACE,
	DEPLOY_REMOVE,
	DEPLOY_ADOPT /* replace what is somebody else's, if it still is what `before` says */
};

/* One policy to set or remove. For REMOVE only the key (color, endpoint) of `policy` counts. */
struct deploy_change {
	enum deploy_action action;
	const struct srpolicy *policy;
	const struct srpolicy
	    *before; /* what the router held by our knowledge, NULL nothing: for the inverse */
};

/*
 * Phases of one transaction on one router. PREPARE: lock, edit, confirmed commit with persist id,
 * read back and compare; the router now runs the change but takes it back by itself unless
 * confirmed. CONFIRM: make it permanent. CANCEL: take it back. A driver without confirmed commit
 * makes it permanent at PREPARE and undoes it at CANCEL by the inverse edit.
 */
enum deploy_phase { DEPLOY_PREPARE, DEPLOY_CONFIRM, DEPLOY_CANCEL };

struct deploy_transaction {
	uint64_t id;
	const char *device; /* name in the configuration */
	const char *persist_id; /* stored before use */
	uint32_t confirm_timeout_s;
	const struct deploy_change *changes;
	size_t n_changes;
};

/* Deep copy into arena; NULL without memory. */
struct deploy_transaction *deploy_transaction_copy(struct arena *arena,
						   const struct deploy_transaction *transaction);

/* As stored from before PREPARE until the end: what a restart needs to finish or undo it. */
struct transaction_record {
	uint64_t id;
	const char *device;
	const char *persist_id;
	bool decided; /* confirm it (roll forward) instead of cancelling it */
	uint64_t group; /* whose parts are decided together; 0: by itself */
	const char *const *policy_ids; /* records that it carries */
	size_t n_policy_ids;
	/* Where the router takes nothing back by itself: what it was to hold, and what before. */
	const struct deploy_change *changes;
	size_t n_changes;
};

/* Deep copy into arena; NULL without memory. */
struct transaction_record *transaction_record_copy(struct arena *arena,
						   const struct transaction_record *record);

/* When each stage of a phase was reached, on the caller's clock; 0 not reached. */
struct deploy_times {
	struct usec started, locked, edited, committed, read_back, done;
};

struct deploy_result {
	uint64_t id; /* of the transaction */
	enum deploy_phase phase;
	enum pce_status status;
	const char *text; /* not OK: one sentence that names router and reason */
	uint32_t holder_session; /* the session that holds a lock in our way, 0 none */
	bool retry; /* worth trying again later (locked, dirty, away), as it is */
	bool unknown; /* the router may or may not hold the change: read it before deciding */
	struct deploy_times times;
};

/* What a router holds, read in one go. Everything of Karst's color range, and keys of others'
 * policies. */
struct device_state {
	const struct srpolicy *policies; /* ours, sorted by key */
	size_t n_policies;
	const struct srpolicy *foreign; /* others', sorted by key: listed, never changed */
	size_t n_foreign;
	const struct srpolicy_oper *oper; /* sorted by key */
	size_t n_oper;
	const char *pending_persist_id; /* a confirmed commit of ours that still waits, NULL none or
					   not known */
};

enum device_capability {
	DEVICE_CONFIRMED_COMMIT = 1u << 0,
	DEVICE_ATOMIC = 1u << 1,
	DEVICE_NOTIFIES = 1u << 2, /* tells of changes unasked */
};

#endif
