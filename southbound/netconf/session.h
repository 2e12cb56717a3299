/*
 * NETCONF session (RFC 6241, RFC 6242) as a pure engine: bytes and the time go in, bytes and a
 * deadline come out. It exchanges hellos, frames messages (end-of-message, or chunks once both ends
 * speak base 1.1), matches replies to RPCs by message-id, reads rpc-errors, and passes
 * notifications up. It knows nothing of SSH, sockets or the clock.
 *
 * Whatever the peer sends is bounded (one message, the unsent output, RPCs in flight) and may be
 * nonsense: a message that breaks the protocol ends the session with one sentence that says what
 * was wrong. A session that has ended gives the same error for every further call; its owner drops
 * the connection. An RPC that is not answered in time ends the session too, because nobody knows
 * whether it was carried out: the owner connects anew and reads the device back.
 *
 * One session belongs to one thread.
 */
#ifndef SOUTHBOUND_NETCONF_SESSION_H
#define SOUTHBOUND_NETCONF_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pce/base/arena.h"
#include "pce/base/status.h"
#include "pce/base/units.h"

#define NETCONF_NS "urn:ietf:params:xml:ns:netconf:base:1.0"
#define NETCONF_CANDIDATE "urn:ietf:params:netconf:capability:candidate:1.0"
#define NETCONF_CONFIRMED_COMMIT "urn:ietf:params:netconf:capability:confirmed-commit:1.1"
#define NETCONF_ROLLBACK_ON_ERROR "urn:ietf:params:netconf:capability:rollback-on-error:1.0"
#define NETCONF_INTERLEAVE "urn:ietf:params:netconf:capability:interleave:1.0"
#define NETCONF_NS_NOTIFICATION "urn:ietf:params:xml:ns:netconf:notification:1.0"
#define NETCONF_NS_CHANGES "urn:ietf:params:xml:ns:yang:ietf-netconf-notifications"
#define NETCONF_NS_DEVICE "urn:karst:yang:karst-device"
#define NETCONF_NOTIFICATION "urn:ietf:params:netconf:capability:notification:1.0"

struct netconf_session;

/* 0 in a field takes the default. */
struct netconf_limits {
	size_t message_max; /* bytes of one received message; default 16 MiB */
	size_t output_max; /* bytes that wait to be sent; default 16 MiB */
	unsigned rpcs_max; /* RPCs in flight; default 16, at most 64 */
	int64_t hello_us; /* the peer's hello must come within; default 30 s */
	int64_t rpc_us; /* an RPC's reply must come within; default 30 s */
};

/* One rpc-error (RFC 6241, section 4.3). Strings are never NULL, "" when absent. */
struct netconf_rpc_error {
	const char *type, *tag, *app_tag, *path, *message;
	const char *bad_element; /* error-info's bad-element */
	bool warning; /* error-severity is warning */
	bool has_session; /* error-info holds a session-id (who holds a lock) */
	uint32_t session; /* 0: the holder is not a NETCONF session */
};

enum netconf_event_kind {
	NETCONF_OPEN, /* the peer's hello was taken */
	NETCONF_REPLY, /* an RPC was answered */
	NETCONF_NOTIFIED /* a notification (RFC 5277) */
};

/* What the peer said. errors may hold warnings only: then the RPC succeeded. */
struct netconf_event {
	enum netconf_event_kind kind;
	uint64_t rpc; /* REPLY: what netconf_rpc gave */
	bool ok; /* REPLY: no rpc-error but warnings */
	/* REPLY: what is inside <data>, or inside rpc-reply where the operation defines its own
	 * output, as XML that stands alone; "" for <ok/>. NOTIFIED: what is inside the
	 * notification, eventTime included. */
	char *body;
	size_t body_len;
	struct netconf_rpc_error *errors;
	size_t errors_count;
	struct arena memory; /* holds errors and their strings */
};

/* Starts a session at now: the own hello waits in the output at once. limits may be NULL. */
enum pce_status netconf_session_new(const struct netconf_limits *limits, struct usec now,
				    struct netconf_session **out, struct pce_error *err);
/* Frees a session; NULL does nothing. */
void netconf_session_free(struct netconf_session *s);

/*
 * Takes what arrived. Anything but PCE_OK is the end of the session (PCE_MALFORMED, PCE_LIMIT,
 * PCE_UNSUPPORTED for a peer without a common base version); events that were complete before the
 * fault can still be taken.
 */
enum pce_status netconf_input(struct netconf_session *s, const void *buf, size_t len,
			      struct usec now, struct pce_error *err);

/* The bytes that wait to be sent: a pointer that is valid until the next call, and how many. */
const void *netconf_output(const struct netconf_session *s, size_t *len);
/* Says that the first len bytes of netconf_output were sent. */
void netconf_output_sent(struct netconf_session *s, size_t len);

/* When netconf_expire wants to be called; USEC_NEVER if nothing is awaited. */
struct usec netconf_deadline(const struct netconf_session *s);
/* PCE_TIMEOUT, naming the RPC, if the hello or a reply is overdue at now: the end of the session.
 */
enum pce_status netconf_expire(struct netconf_session *s, struct usec now, struct pce_error *err);

/*
 * Sends an RPC. name is for messages to people ("edit-config"); operation is its XML in the NETCONF
 * namespace as default (<commit/>). within_us <= 0 takes the default deadline. *rpc names it.
 * PCE_LIMIT with too many in flight or too much output, PCE_CONFLICT before NETCONF_OPEN; then
 * nothing is sent and the session goes on.
 */
enum pce_status netconf_rpc(struct netconf_session *s, const char *name, const char *operation,
			    size_t len, int64_t within_us, struct usec now, uint64_t *rpc,
			    struct pce_error *err);

/* Takes the next event, in order of arrival; false if there is none. The caller frees it. */
bool netconf_next(struct netconf_session *s, struct netconf_event *out);
/* Frees what an event holds. */
void netconf_event_free(struct netconf_event *event);

/* True between NETCONF_OPEN and the end. */
bool netconf_is_open(const struct netconf_session *s);
/* The session-id that the peer gave; 0 before its hello. */
uint32_t netconf_session_id(const struct netconf_session *s);
/* True if the peer announced the capability (parameters after ? are ignored). */
bool netconf_has(const struct netconf_session *s, const char *capability);
/* The number of capabilities announced, and the i-th, "" past the end. */
size_t netconf_capabilities(const struct netconf_session *s);
const char *netconf_capability(const struct netconf_session *s, size_t i);

/*
 * Turns a reply's first rpc-error that is no warning into one sentence: who (a device and an
 * operation), what the peer said, and where. The status follows the tag: PCE_CONFLICT for a lock or
 * a resource in use, PCE_DENIED, PCE_NOT_FOUND, PCE_EXISTS, PCE_UNSUPPORTED, PCE_LIMIT, else
 * PCE_INVALID. An ok reply gives PCE_OK.
 */
enum pce_status netconf_reply_status(const struct netconf_event *reply, const char *who,
				     struct pce_error *err);

/* The first rpc-error of a reply that is no warning, or NULL. */
const struct netconf_rpc_error *netconf_first_error(const struct netconf_event *reply);

#endif
