/*
 * The configuration of one emulated router: running and candidate datastores on libyang trees, with
 * the edit operations, locks and confirmed commit of RFC 6241. It knows no session and no clock;
 * the caller holds the router's mutex.
 */
#ifndef TESTS_LAB_DATASTORE_H
#define TESTS_LAB_DATASTORE_H

#include <libyang/libyang.h>
#include <nc_server.h>
#include <stdbool.h>
#include <stdint.h>

struct lab_store {
	struct ly_ctx *ctx;
	struct lyd_node *running, *candidate;
	bool dirty; /* the candidate was edited since the last commit or discard */
	bool pending; /* a confirmed commit waits */
	struct lyd_node *before; /* running before the confirmed commit */
	int64_t rollback_us; /* when it is taken back */
	char persist[256]; /* "": bound to the session */
	uint32_t pending_session;
	uint32_t running_lock, candidate_lock; /* session ids, 0 nobody */
	/* Adds the operational state of a policy; NULL: what a router without forwarding would say.
	 */
	void (*add_state)(void *ctx, unsigned router, struct lyd_node *policy);
	void *state_ctx;
	unsigned router;
};

/* Why an operation was refused. */
struct lab_refusal {
	NC_ERR tag;
	uint32_t holder; /* for lock-denied */
	char text[256];
	char path[256]; /* data path, or the name of an unknown element */
};

enum lab_which { LAB_RUNNING, LAB_CANDIDATE };
enum lab_operation { LAB_MERGE, LAB_REPLACE, LAB_CREATE, LAB_DELETE, LAB_REMOVE, LAB_NONE };
enum lab_commit_kind { LAB_COMMIT_PLAIN, LAB_COMMIT_CONFIRMED, LAB_COMMIT_CONFIRMING };

/* A commit as asked for. persist and persist_id NULL: not given. */
struct lab_commit {
	bool confirmed;
	int64_t timeout_us;
	const char *persist, *persist_id;
};

/* Edits the candidate as a whole or not at all; false with the refusal. */
bool lab_edit(struct lab_store *s, uint32_t session, const struct lyd_node *config,
	      enum lab_operation operation, struct lab_refusal *why);
/* Validates a copy of the candidate. */
bool lab_validate(struct lab_store *s, struct lab_refusal *why);
/* Commits at now; *kind says what it was. */
bool lab_commit(struct lab_store *s, uint32_t session, const struct lab_commit *commit,
		int64_t now_us, enum lab_commit_kind *kind, struct lab_refusal *why);
/* Takes a confirmed commit back. */
bool lab_cancel(struct lab_store *s, uint32_t session, const char *persist_id,
		struct lab_refusal *why);
/* True if a confirmed commit was overdue at now and was taken back. */
bool lab_expire(struct lab_store *s, int64_t now_us);

/* A change of running from outside of NETCONF: edit changes a tree and says what it refuses (the
 * tree is thrown away then); accept makes true what running has become, or says why it cannot. */
struct lab_write {
	bool (*edit)(void *ctx, struct lyd_node **tree, struct lab_refusal *why);
	bool (*accept)(void *ctx, struct lab_refusal *why);
	void *ctx;
};
/*
 * Writes running as a whole or not at all. Refused with NC_ERR_IN_USE while a session holds a lock
 * or a confirmed commit is pending: a roll-back would take this change away too, and a commit of a
 * candidate that was made before it would undo it. Edits of the candidate that nobody locked stay,
 * and get the same change.
 */
bool lab_write(struct lab_store *s, const struct lab_write *write, struct lab_refusal *why);
/* Applies an edit whose nodes may carry operations (else they are merged) to a tree, which on
 * failure is half edited. */
bool lab_apply(struct lyd_node **tree, const struct lyd_node *edit, struct lab_refusal *why);
/* Makes the candidate equal to running. */
bool lab_discard(struct lab_store *s, uint32_t session, struct lab_refusal *why);
/* Locks or unlocks. */
bool lab_lock(struct lab_store *s, uint32_t session, enum lab_which which, struct lab_refusal *why);
bool lab_unlock(struct lab_store *s, uint32_t session, enum lab_which which,
		struct lab_refusal *why);
/* A session ended: its locks, its uncommitted edits and its confirmed commit without persist go;
 * true if the last was taken back. */
bool lab_session_gone(struct lab_store *s, uint32_t session);
/* A copy of the configuration, of which the subtree filter (NULL: all) selects a part; with_state
 * adds the operational state of the policies. The caller frees it. */
struct lyd_node *lab_get(const struct lab_store *s, enum lab_which which,
			 const struct lyd_node *filter, bool with_state);
/* Frees the trees. */
void lab_store_free(struct lab_store *s);

#endif
