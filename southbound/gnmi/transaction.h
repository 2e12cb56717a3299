/*
 * One transaction on one router by gNMI, as a pure state machine: answers and the time go in,
 * requests and a result come out, one at a time. gNMI knows no lock, no candidate and no confirmed
 * commit; it has one Set, which a router makes as a whole or not at all (section 3.4.3).
 *
 *   PREPARE  Get: is what the changes are about absent or Karst's, and as Karst last read it (else
 *            the stored inverse would not be one)? One Set with all changes. Get: is it what was
 *            asked for? If not, or if it refused the Set and yet something changed, the inverse
 * Set, and again a Get. The change is final then. CONFIRM  nothing. CANCEL   Get: what of the
 * change is there? The inverse Set of that, and a Get.
 *
 * A Set of which nobody knows what came (no answer in time, connection lost) is found out by Get:
 * all there is success, nothing there is tried again by whoever decides, a part is undone. Where
 * even that is not answered the result says `unknown`, and so it does where a Set that was not
 * answered seems to have had no effect, because it may come late: the router is read again before
 * anything is decided.
 *
 * How changes become paths and values, and what was read is compared, is behind gnmi_payload.
 */
#ifndef SOUTHBOUND_GNMI_TRANSACTION_H
#define SOUTHBOUND_GNMI_TRANSACTION_H

#include "pce/deploy/transaction.h"
#include "southbound/gnmi/exchange.h"

/* What a router holds of a change; several may hold. */
enum gnmi_standing {
	GNMI_HOLDS_BEFORE = 1, /* what the change says was there, perhaps nothing */
	GNMI_HOLDS_AFTER = 2, /* what it is to be */
	GNMI_HOLDS_FOREIGN = 4 /* a policy that is not Karst's */
};

/* Between changes and the paths and values of the router's model. All functions return at once. */
struct gnmi_payload {
	void *ctx;
	/* What a Set holds for n changes (inverse: for taking them back); in arena. */
	enum pce_status (*edits)(void *ctx, const struct deploy_change *changes, size_t n,
				 bool inverse, struct arena *arena, struct gnmi_edit **out,
				 size_t *n_out, struct pce_error *err);
	/* Fills standing[i] for each change by what a Get brought of the paths of its edits. */
	enum pce_status (*look)(void *ctx, const struct deploy_change *changes, size_t n,
				const struct gnmi_piece *pieces, size_t n_pieces,
				unsigned char *standing, struct pce_error *err);
};

/* Borrowed for the life of the transaction. */
struct gnmi_transaction_setup {
	const char *device; /* name, for sentences */
	struct gnmi_naming naming;
	const struct gnmi_payload *payload;
};

/* A call to make. */
struct gnmi_request {
	bool set; /* of Set; else of Get */
	const uint8_t *bytes;
	size_t len;
};

/* How it ended. */
struct gnmi_reply {
	int code; /* of gRPC: see code.h */
	const char *text; /* NULL: none */
	const uint8_t *bytes;
	size_t len;
};

struct gnmi_transaction;

/* deploy is borrowed and must stay as it is until gnmi_transaction_free. Refuses, before a router
 * is asked, what the model cannot say: PCE_UNSUPPORTED, PCE_LIMIT. */
enum pce_status gnmi_transaction_new(const struct gnmi_transaction_setup *setup,
				     const struct deploy_transaction *deploy,
				     struct gnmi_transaction **out, struct pce_error *err);
/* NULL does nothing. */
void gnmi_transaction_free(struct gnmi_transaction *t);

/* Starts a phase. PCE_CONFLICT if another phase is running. What goes wrong later is in the result.
 */
enum pce_status gnmi_transaction_run(struct gnmi_transaction *t, enum deploy_phase phase,
				     struct usec now, struct pce_error *err);
/* The call that is to be made now, once; false if none. It is valid until the reply. */
bool gnmi_transaction_next(struct gnmi_transaction *t, struct gnmi_request *out);
/* The reply to that call. */
void gnmi_transaction_reply(struct gnmi_transaction *t, const struct gnmi_reply *reply,
			    struct usec now);
/* Asks a running PREPARE to stop before it sends its Set: it ends with PCE_CONFLICT. */
void gnmi_transaction_stop(struct gnmi_transaction *t);
/* Takes the result of the phase that ended; false while it runs. Its text lives as long as t, or
 * until the next phase. */
bool gnmi_transaction_result(struct gnmi_transaction *t, struct deploy_result *out);
/* When the router made the last change, in ns by its clock; 0 not known, or none was made. */
int64_t gnmi_transaction_changed_ns(const struct gnmi_transaction *t);
/* True if a path ("/a/b[k=v]/c") is one that the transaction writes, or below one. */
bool gnmi_transaction_covers(const struct gnmi_transaction *t, const char *path);

#endif
