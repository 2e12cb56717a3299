/*
 * One transaction on one router, as a pure state machine on top of a NETCONF session: replies and
 * the time go in, RPCs go into the session, a deadline and a result come out.
 *
 *   PREPARE  lock running and candidate, see that every policy in question is Karst's or absent,
 *            edit the candidate in batches, commit (confirmed, with the persist id), read back and
 *            compare. The locks are held until the next phase.
 *            Where an earlier change of ours may have been rolled back, the candidate may still
 *            have it, although a lock is given: then it is discarded before the edit.
 *   CONFIRM  confirming commit with the persist id, unlock.
 *   CANCEL   cancel-commit with the persist id, see that running is as before, discard what is left
 *            in the candidate, unlock.
 *
 * CONFIRM and CANCEL also work on a new session, after a lost connection or a restart of Karst: the
 * persist id is all they need (RFC 6241, section 8.4). A confirming commit also commits whatever
 * the candidate holds then, so the candidate is locked for it, which a server refuses while
 * somebody's edits are in it; where a server gives no lock while a confirmed commit waits, the
 * candidate is compared with running instead. So it is before every edit on routers whose profile
 * says that their locks mean little.
 *
 * Without confirmed commit (the router does not announce it, or its profile forbids it) PREPARE
 * commits for good, CONFIRM only unlocks, and CANCEL makes the inverse edit out of what the changes
 * say was there before.
 *
 * A lock that is held by someone, or a candidate with someone's edits, is waited for, with
 * back-off, for a bounded time, and then reported with the session that holds it. Karst discards a
 * candidate only while it holds its lock and has put edits of its own into it: they are the only
 * ones then.
 *
 * How changes become XML, and what was read is compared, is behind netconf_payload.
 */
#ifndef SOUTHBOUND_NETCONF_TRANSACTION_H
#define SOUTHBOUND_NETCONF_TRANSACTION_H

#include <stdbool.h>

#include "pce/base/text.h"
#include "pce/deploy/transaction.h"
#include "pce/service/config.h"
#include "southbound/netconf/session.h"

/* Between changes and XML of the device's model. All functions return at once. */
struct netconf_payload {
	void *ctx;
	/* Appends the content of <config>: n changes, each replacing or removing a policy; with
	 * inverse, what takes them back (`before` of each). */
	enum pce_status (*edit)(void *ctx, const struct deploy_change *changes, size_t n,
				bool inverse, struct text *out, struct pce_error *err);
	/* Appends the content of a subtree <filter> that selects the policies of n changes. */
	enum pce_status (*filter)(void *ctx, const struct deploy_change *changes, size_t n,
				  struct text *out, struct pce_error *err);
	/* PCE_EXISTS if what the router holds (the content of <data>) has a policy of the changes
	 * that is not Karst's. */
	enum pce_status (*owned)(void *ctx, const struct deploy_change *changes, size_t n,
				 const char *data, size_t len, struct pce_error *err);
	/* PCE_UNSUPPORTED, naming the policy, unless the router holds just what the changes (with
	 * inverse: what was before) say. */
	enum pce_status (*verify)(void *ctx, const struct deploy_change *changes, size_t n,
				  bool inverse, const char *data, size_t len,
				  struct pce_error *err);
};

/* What a transaction needs to know of its router. Borrowed for its life. */
struct netconf_transaction_setup {
	const char *device; /* name, for sentences */
	const struct config_profile *profile;
	const struct netconf_payload *payload;
	bool candidate_in_doubt; /* a change of ours may have been rolled back: see PREPARE */
	int64_t lock_wait_us; /* how long a lock is waited for; <= 0: 3 s */
	uint64_t seed; /* jitter of the back-off */
};

struct netconf_transaction;

/* deploy is borrowed and must stay as it is until netconf_transaction_free. */
enum pce_status netconf_transaction_new(const struct netconf_transaction_setup *setup,
					const struct deploy_transaction *deploy,
					struct netconf_transaction **out, struct pce_error *err);
/* Frees it; NULL does nothing. Locks go with the session. */
void netconf_transaction_free(struct netconf_transaction *t);

/*
 * Starts a phase on an open session. PCE_CONFLICT if another phase is running. What goes wrong
 * later is in the result.
 */
enum pce_status netconf_transaction_run(struct netconf_transaction *t, struct netconf_session *s,
					enum deploy_phase phase, struct usec now,
					struct pce_error *err);
/* Takes a reply; false if it answers no RPC of this transaction. */
bool netconf_transaction_reply(struct netconf_transaction *t, struct netconf_session *s,
			       const struct netconf_event *reply, struct usec now);
/* Asks a running PREPARE to stop before it commits: it ends with PCE_CONFLICT. */
void netconf_transaction_stop(struct netconf_transaction *t, struct netconf_session *s,
			      struct usec now);
/* The session is gone, with its locks. A running phase ends; a prepared one can be finished on
 * another session. */
void netconf_transaction_lost(struct netconf_transaction *t, const struct pce_error *why,
			      struct usec now);
/* When netconf_transaction_tick wants to be called; USEC_NEVER while it waits for replies. */
struct usec netconf_transaction_deadline(const struct netconf_transaction *t);
/* Tries a lock again when its back-off is over. */
void netconf_transaction_tick(struct netconf_transaction *t, struct netconf_session *s,
			      struct usec now);
/* Takes the result of the phase that ended; false while it runs. Its text lives as long as t, or
 * until the next phase. */
bool netconf_transaction_result(struct netconf_transaction *t, struct deploy_result *out);
/* True while a confirmed commit of this transaction waits on the router, by all that is known. */
bool netconf_transaction_is_pending(const struct netconf_transaction *t);
/* True between a PREPARE that went well and the next phase, while its locks are held. */
bool netconf_transaction_is_prepared(const struct netconf_transaction *t);
/* Seconds after which the router takes an unconfirmed change back: 600, RFC 6241's default, unless
 * the transaction says otherwise. */
int64_t netconf_confirm_timeout_s(const struct deploy_transaction *deploy);
/* True if a lock may be left on the session: its owner closes it. */
bool netconf_transaction_is_stuck(const struct netconf_transaction *t);

#endif
