/*
 * One router: what it shall hold against what it holds, and the one transaction that brings the
 * second to the first.
 *
 * The room around it (service) says what is wanted, hands in what happened (up, down, read, result,
 * stored) and then asks for orders until there are none. A device never acts by itself, and it
 * trusts nothing that it has not read: after every reconnect the router is read first, so a router
 * that was away queues nothing; its difference is computed from what it says when it is back.
 *
 * Life of a transaction: the record with the persist id is stored (DEPLOY_ORDER_STORE), then
 * PREPARE; when the router runs the change, the decision is stored (again STORE), then CONFIRM. Any
 * doubt (a lost session, an answer "unknown") is settled by reading the router: a decided
 * transaction is confirmed, an undecided one cancelled, by persist id, and what remains is a
 * difference like any other.
 *
 * A router without confirmed commit takes nothing back by itself. Its record also holds what it
 * was to hold and what it held before, so that whoever finds an undecided part of a group after a
 * crash can send the inverse; a transaction by itself is rolled forward, as it is what is wanted.
 *
 * A refusal is narrowed down by halving the batch until the one policy that the router refuses
 * stands alone; it is then left aside with the router's reason, until it changes or its time for a
 * retry comes, and holds nobody back.
 */
#ifndef PCE_DEPLOY_DEVICE_H
#define PCE_DEPLOY_DEVICE_H

#include "pce/deploy/transaction.h"

#define DEPLOY_NOBODY UINT32_MAX
#define DEPLOY_BATCH_DEFAULT 200u

struct deploy_device;

/* What belongs to Karst on a router, and how it talks to it. Borrowed for the device's life. */
struct deploy_setup {
	const char *name;
	uint32_t color_min, color_max;
	const char *name_prefix;
	uint32_t batch; /* policies in one transaction at most; 0: DEPLOY_BATCH_DEFAULT */
	uint32_t confirm_timeout_s;
	uint32_t readback_interval_s; /* 0: only after changes and reconnects */
	bool grants; /* what drifted is only repaired after deploy_grant_repair */
};

/* Caller owns *out; deploy_device_free(NULL) does nothing. */
enum pce_status deploy_device_new(const struct deploy_setup *setup, struct deploy_device **out,
				  struct pce_error *err);
void deploy_device_free(struct deploy_device *device);

/* --- What is wanted --- */

/* One policy key on one router. Valid until it is released and gone. */
struct deploy_item;

/*
 * Wants a policy on the router on behalf of `owner` (a number of the caller's; policy_id names the
 * record). Wanting another value under the same key replaces it, and supersedes a transaction that
 * carries the old one and is not prepared yet. The value is copied. PCE_EXISTS if the key is wanted
 * by another owner.
 */
enum pce_status deploy_want(struct deploy_device *device, const struct srpolicy *policy,
			    const char *policy_id, uint32_t owner, struct usec now,
			    struct deploy_item **out, struct pce_error *err);
/* Wants the key to be absent on behalf of an owner that may have left something there: until the
 * router is read, it may hold it. */
enum pce_status deploy_want_absent(struct deploy_device *device, const struct srpolicy *key,
				   const char *policy_id, uint32_t owner, struct deploy_item **out,
				   struct pce_error *err);
/* Wants the item's key to be absent. */
void deploy_unwant(struct deploy_device *device, struct deploy_item *item);
/*
 * What others hold under the item's key is taken over by the next transaction, if it is called so.
 * PCE_NOT_FOUND if the router holds no such policy, as last read: it was taken over before, or is
 * gone.
 */
enum pce_status deploy_adopt(struct deploy_device *device, struct deploy_item *item,
			     const char *name, struct pce_error *err);
/* While an item is held, no transaction that is yet to begin carries it. */
void deploy_hold(struct deploy_device *device, struct deploy_item *item, bool held);
/* Puts an item into a group, or 0: into none. Only a transaction of the group carries it. */
void deploy_group(struct deploy_device *device, struct deploy_item *item, uint64_t group);
/* The owner has no more interest in the item: it goes once the router does not hold it. */
void deploy_release(struct deploy_device *device, struct deploy_item *item);

enum deploy_item_state {
	DEPLOY_SYNCED, /* the router holds what is wanted, finally */
	DEPLOY_WAITING, /* it does not, and nothing is under way yet */
	DEPLOY_RUNNING, /* part of the open transaction */
	DEPLOY_REFUSED, /* the router refused it */
	DEPLOY_FOREIGN, /* the key is taken by a policy that is not Karst's */
};

struct deploy_item_view {
	enum deploy_item_state state;
	uint32_t owner;
	const char *reason; /* REFUSED, FOREIGN: one sentence; else NULL */
	bool held; /* the router holds (or may hold) something of ours under this key */
	const struct srpolicy_oper *oper; /* as last read; NULL not known */
	bool oper_current; /* and it is the state of what the router holds now */
	struct usec oper_at; /* when it was asked for it: no older */
	struct usec sent, prepared,
	    confirmed; /* of the last transaction that carried it; 0 not yet */
};
/* How an item stands. Borrowed strings are valid until the device's next call. */
void deploy_item_get(const struct deploy_device *device, const struct deploy_item *item,
		     struct deploy_item_view *out);

/* The next item with an owner whose state may have changed since it was last returned; NULL: none.
 */
struct deploy_item *deploy_take_changed(struct deploy_device *device);

/* --- What happened --- */

/* The session to the router is ready: it is read before anything else. */
void deploy_up(struct deploy_device *device, uint32_t capabilities, struct usec now);
/* It is gone, with the answers that were awaited. text: why; NULL. */
void deploy_down(struct deploy_device *device, const char *text);
/* The router says that something changed: it is read when it is idle. */
void deploy_changed(struct deploy_device *device);
/* Answers to orders; an id that is not awaited is ignored. random: jitter of a back-off. */
enum pce_status deploy_read(struct deploy_device *device, uint64_t id, enum pce_status result,
			    const char *text, const struct device_state *state, struct usec now,
			    uint64_t random, struct pce_error *err);
enum pce_status deploy_result(struct deploy_device *device, uint64_t id,
			      const struct deploy_result *result, struct usec now, uint64_t random,
			      struct pce_error *err);
/* The record of the transaction is durable, or could not be made so: it goes on either way, since
 * restoration does not wait for a disk. */
void deploy_stored(struct deploy_device *device, uint64_t transaction);
/* A transaction that a restart found in the store. */
enum pce_status deploy_recover(struct deploy_device *device,
			       const struct transaction_record *record, struct pce_error *err);

/* --- Groups: transactions on several routers that are decided together --- */

struct deploy_group_view {
	size_t n; /* items of the group that the router does not hold yet, as far as is known */
	bool connected;
	bool confirms; /* it has a confirmed commit: what is not decided it takes back itself */
	bool ready; /* a transaction that carries them could begin now */
	bool running; /* it is to begin, or has begun, and is not decided */
	bool prepared; /* and it waits for the decision */
	bool deciding; /* the decision is on its way to the store */
};
/* How a group stands on one router. */
void deploy_group_get(const struct deploy_device *device, uint64_t group, struct usec now,
		      struct deploy_group_view *out);
/* The group's items are carried next, in one transaction that stops when it is prepared. */
void deploy_group_start(struct deploy_device *device, uint64_t group);
/* It is to be confirmed: the decision goes to the store. */
void deploy_group_decide(struct deploy_device *device, uint64_t group);
/* It is taken back, or not begun. */
void deploy_group_abandon(struct deploy_device *device, uint64_t group);
/* The record of the transaction could not be made durable: if it is the decision on a group, which
 * must not be carried out without, it is taken back. Returns the group then, else 0. The part of a
 * router without confirmed commit does not begin: its inverse would be lost with us. */
uint64_t deploy_group_unstored(struct deploy_device *device, uint64_t transaction);

/* The instant `base_us` doubled `times` times, at most `most_us`, less up to a quarter, from now.
 */
struct usec back_off_until(struct usec now, int64_t base_us, unsigned times, int64_t most_us,
			   uint64_t random);

/* --- Orders --- */

enum deploy_order_kind {
	DEPLOY_ORDER_NONE,
	DEPLOY_ORDER_STORE, /* make `record` durable, then deploy_stored */
	DEPLOY_ORDER_FORGET, /* delete the record of `transaction_id` */
	DEPLOY_ORDER_APPLY, /* `phase` of `transaction`, answered under the id given */
	DEPLOY_ORDER_READ, /* answered under the id given */
};

struct deploy_order {
	enum deploy_order_kind kind;
	uint64_t transaction_id;
	enum deploy_phase phase;
	const struct deploy_transaction *transaction; /* valid until the next call */
	struct transaction_record record; /* valid until the next call */
};

/*
 * The next thing to do. id: fresh, becomes the transaction's id or the id of the answer if it is
 * used (*used). random: bits for the persist id. open: new transactions may be opened (the network
 * is known). Call until DEPLOY_ORDER_NONE.
 */
enum pce_status deploy_next(struct deploy_device *device, struct usec now, uint64_t id,
			    uint64_t random, bool open, struct deploy_order *out, bool *used,
			    struct pce_error *err);

/* When deploy_next should be asked again; USEC_NEVER: after the next event. */
struct usec deploy_deadline(const struct deploy_device *device);

struct deploy_device_view {
	bool connected, known; /* known: it was read at least once */
	bool busy; /* a transaction is open */
	uint32_t capabilities;
	const char *text; /* why it is not connected, or what it waits for; NULL */
	bool locked; /* somebody else's lock or edits are in the way */
	uint32_t holder_session; /* whose */
	size_t n_policies, n_pending, n_refused;
	const struct srpolicy *foreign;
	size_t n_foreign;
	const char *refused; /* text of a refusal, if n_refused > 0 */
};
/* How the device stands. Borrowed strings are valid until its next call. */
void deploy_device_get(const struct deploy_device *device, struct deploy_device_view *out);

/* An item that drifted; strings and policies are valid until the device's next call. */
struct deploy_drift_view {
	uint32_t color;
	struct ip_addr endpoint;
	uint32_t owner; /* DEPLOY_NOBODY: it has Karst's name, but nobody wants it */
	const char *policy_id; /* NULL without an owner */
	const struct srpolicy *want, *has; /* NULL: nothing */
	bool granted;
};
/* The next item that drifted, in order of keys; NULL for none. after NULL: the first. */
struct deploy_item *deploy_next_drifted(const struct deploy_device *device,
					const struct deploy_item *after);
void deploy_drift_get(const struct deploy_item *item, struct deploy_drift_view *out);
/* The next transaction may repair it. */
void deploy_grant_repair(struct deploy_item *item);

/* True if others hold a policy under this key on the router, as last read. */
bool deploy_key_is_foreign(const struct deploy_device *device, uint32_t color,
			   const struct ip_addr *endpoint);

#endif
