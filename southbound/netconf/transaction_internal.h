/* The inside of a transaction. transaction.c decides, operations.c writes the RPCs. */
#ifndef SOUTHBOUND_NETCONF_TRANSACTION_INTERNAL_H
#define SOUTHBOUND_NETCONF_TRANSACTION_INTERNAL_H

#include "southbound/netconf/transaction.h"

enum step {
	IDLE, /* no phase runs */
	LOCK, /* locks and the first look are asked */
	RELEASE, /* one lock was denied: the other is given back */
	BACKOFF, /* waits to ask for the locks again */
	COMPARE, /* no lock to be had: is the candidate clean? */
	CLEAN, /* what a roll-back left in the candidate goes */
	EDIT,
	VALIDATE,
	COMMIT,
	READ_BACK,
	CONFIRM,
	CANCEL,
	CHECK, /* after a cancelled commit: is running as it was? */
	DISCARD,
	UNLOCK
};

enum operation {
	OP_LOCK_RUNNING,
	OP_LOCK_CANDIDATE,
	OP_LOOK,
	OP_CANDIDATE,
	OP_RUNNING,
	OP_EDIT,
	OP_VALIDATE,
	OP_COMMIT,
	OP_READ_BACK,
	OP_CONFIRM,
	OP_CANCEL,
	OP_CHECK,
	OP_DISCARD,
	OP_UNLOCK
};

struct asked {
	uint64_t rpc;
	enum operation operation;
};

struct netconf_transaction {
	struct netconf_transaction_setup setup;
	const struct deploy_transaction *deploy;
	enum deploy_phase phase;
	enum step step;
	struct asked asked[3];
	unsigned asked_count;
	bool confirmed; /* the router's confirmed commit is used */
	bool running_locked, candidate_locked;
	bool lockless; /* the router gives no locks while a confirmed commit waits */
	bool looked; /* PREPARE saw what was there before: look_hash */
	uint64_t look_hash;
	uint64_t candidate_hash; /* of what COMPARE read */
	bool edited; /* under the lock that is held, nobody's edits but ours came into the candidate
		      */
	bool stuck; /* a lock may be left on the session */
	bool commit_sent; /* from here on only the router knows */
	bool pending; /* the change runs on the router and is not yet final */
	bool inverse; /* edits and commit take the change back */
	bool stop;
	size_t next_change, batch_end;
	unsigned tries;
	struct usec wake, give_up, now;
	struct pce_error fault; /* of the phase; status PCE_OK: none */
	struct pce_error denied; /* why a lock was not given */
	uint32_t holder;
	struct deploy_result result;
	bool finished;
};

/* What an operation is called, for people. */
const char *operation_name(enum operation operation);
/* Sends an RPC of fixed content. Each of these ends the phase if the session takes no more. */
void ask_plain(struct netconf_transaction *t, struct netconf_session *s, enum operation operation,
	       const char *xml);
/* Sends an RPC with the persist id between open and close. */
void ask_persist(struct netconf_transaction *t, struct netconf_session *s, enum operation operation,
		 const char *open, const char *close);
/* Asks for the locks that the phase needs. */
void ask_locks(struct netconf_transaction *t, struct netconf_session *s);
/* Gives back the locks that are held. */
void ask_unlocks(struct netconf_transaction *t, struct netconf_session *s);
/* Asks for the part of running that the changes are about. */
void ask_get(struct netconf_transaction *t, struct netconf_session *s, enum operation operation);
/* Sends the next batch of edits. */
void ask_edit(struct netconf_transaction *t, struct netconf_session *s);
/* Commits, confirmed if the router can. */
void ask_commit(struct netconf_transaction *t, struct netconf_session *s);
/* True if this phase begins with an edit, which needs both locks and a look at what is there. */
bool transaction_will_edit(const struct netconf_transaction *t);
/* Keeps the first fault of a phase, named after the router. */
void transaction_fault(struct netconf_transaction *t, const struct pce_error *why);
/* Ends the phase with what is known. */
void transaction_finish(struct netconf_transaction *t);
/* Takes back what this phase did so far, the nearest first: the commit, the edits, the locks. */
void transaction_unwind(struct netconf_transaction *t, struct netconf_session *s,
			const struct pce_error *why);

#endif
