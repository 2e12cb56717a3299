/* What the files of the deploy room share. */
#ifndef PCE_DEPLOY_INTERNAL_H
#define PCE_DEPLOY_INTERNAL_H

#include "pce/deploy/device.h"

/* A policy value that items and transactions share by reference count. */
struct deploy_value {
	struct arena arena;
	const struct srpolicy *policy;
	unsigned refs;
};

/* Copies a policy into a value with one reference; NULL without memory. */
struct deploy_value *value_new(const struct srpolicy *policy);
/* Another reference; NULL stays NULL. */
struct deploy_value *value_ref(struct deploy_value *value);
/* Gives a reference back; NULL does nothing. */
void value_unref(struct deploy_value *value);
/* True if a router that holds one holds the other; NULL is "nothing". */
bool value_same(const struct deploy_value *a, const struct deploy_value *b);

struct deploy_item {
	struct srpolicy key; /* color and endpoint only */
	uint32_t owner;
	char *policy_id; /* NULL for what nobody owns */
	struct deploy_value *want, *has;
	struct deploy_item *previous, *next; /* in the queue of differences */
	struct deploy_item *next_changed;
	bool queued, changed, in_transaction, foreign, seen;
	bool held; /* by its owner: not to be carried */
	uint64_t group; /* carried only with the others of it; 0: by itself */
	bool adopts; /* what is foreign under its key is to be taken over; it is in `has` */
	bool drifted; /* the router holds it otherwise than it was left */
	bool granted; /* its repair may be carried */
	char *refused; /* the router's reason, NULL not refused */
	unsigned refusals;
	struct usec retry_at;
	bool has_oper;
	uint64_t has_serial, oper_serial; /* of what it holds; when the state was read */
	struct usec oper_at;
	struct srpolicy_oper oper;
	struct usec sent, prepared, confirmed;
};

struct open_change {
	struct deploy_item *item;
	struct deploy_value *after, *before; /* NULL: nothing */
};

enum transaction_step {
	STEP_NONE, /* no transaction */
	STEP_STORING, /* the record is on its way to the store */
	STEP_STORED, /* PREPARE may go out */
	STEP_PREPARING,
	STEP_PREPARED, /* of a group: waits until all of it is prepared */
	STEP_DECIDING, /* the decision is on its way to the store */
	STEP_DECIDED, /* CONFIRM may go out */
	STEP_CONFIRMING,
	STEP_CANCEL, /* CANCEL may go out */
	STEP_CANCELLING,
	STEP_DOUBT, /* the router must be read to know how it stands */
};

struct open_transaction {
	enum transaction_step step;
	uint64_t id, group; /* group: 0 none */
	char persist_id[48];
	bool decided, stale, tried, recovered, lost;
	bool record_due; /* the record has to be stored */
	struct open_change *changes;
	size_t n;
	char **policy_ids; /* of the record; owned */
	size_t n_policy_ids;
	unsigned doubts; /* how often the router had to be asked how it stands */
	struct usec sent, prepared;
};

struct deploy_device {
	struct deploy_setup setup;
	bool connected, known;
	bool doubtful; /* what was read last may have been taken back since */
	uint32_t capabilities;
	char *text;
	bool locked;
	uint32_t holder_session;
	struct deploy_item **items; /* sorted by key */
	size_t n, cap;
	struct deploy_item *first, *last; /* queue of differences, oldest first */
	size_t n_queued, n_refused, n_held, n_drifted;
	struct deploy_item *first_changed, *last_changed;
	struct open_transaction open;
	uint64_t *forget; /* closed transactions whose records are to be deleted */
	size_t n_forget, cap_forget;
	uint64_t awaited; /* id of the answer that is awaited, 0 none */
	bool awaits_read, need_read;
	bool changed; /* while it was being read: what is read may be older */
	unsigned failures;
	size_t limit; /* policies in the next transaction */
	uint64_t start_group; /* whose transaction is to be begun; 0: none */
	struct usec read_sent; /* the last one */
	struct usec now, not_before, next_read; /* now: when it was last asked for an order */
	struct arena foreign_arena;
	struct srpolicy *foreign;
	size_t n_foreign;
	/* Memory of the order that was handed out last. */
	struct arena order_arena;
};

/* Puts an item at the end of the queue of differences, or takes it out, as it differs or not. */
void item_queue(struct deploy_device *device, struct deploy_item *item);
/* Notes that its owner should look at it. */
void item_touch(struct deploy_device *device, struct deploy_item *item);
/* Touches all. */
void items_touch(struct deploy_device *device);
/* Forgets that the router refused it. */
void item_clear_refusal(struct deploy_device *device, struct deploy_item *item);
/* Forgets that it drifted. */
void item_clear_drift(struct deploy_device *device, struct deploy_item *item);
/* True if the router is known to hold what is wanted; asked before something is taken in. */
bool item_in_order(const struct deploy_device *device, const struct deploy_item *item);
/* Notes that it drifted, if it was in order and is not any more. */
void item_note_drift(struct deploy_device *device, struct deploy_item *item, bool in_order);
/* Finds an item by key; NULL: none. */
struct deploy_item *item_find(const struct deploy_device *device, const struct srpolicy *key);
/* Finds or makes an item. */
enum pce_status item_make(struct deploy_device *device, const struct srpolicy *key,
			  struct deploy_item **out, struct pce_error *err);
/* Sets what the router holds under the item's key (takes the reference). */
void item_set_has(struct deploy_device *device, struct deploy_item *item, struct deploy_value *has);
/* Frees the items that nobody wants, owns or holds. */
void items_sweep(struct deploy_device *device);
/* Replaces the device's text; NULL clears it. */
void device_say(struct deploy_device *device, const char *text);
/* Waits longer after every failure in a row: 1 s, 2 s, … 60 s, each less up to a quarter. */
void device_back_off(struct deploy_device *device, struct usec now, uint64_t random);

/* Notes that the record of a transaction is to be deleted. Without memory it stays: a restart then
 * finds and cancels a transaction that the router does not know. */
void device_forget(struct deploy_device *device, uint64_t transaction_id);
/* Ends the open transaction; its record is to be deleted. */
void transaction_close(struct deploy_device *device);
/* After a read with a transaction in doubt: what becomes of it. */
void transaction_settle(struct deploy_device *device, const char *pending_persist_id);

#endif
