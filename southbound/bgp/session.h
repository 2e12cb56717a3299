/*
 * One BGP connection as a state machine without I/O (RFC 4271 section 8): octets and the time go
 * in, octets, a deadline and events come out. The caller moves the octets of one TCP connection and
 * closes it when bgp_session_ended says so. When to connect, and what to do about two connections
 * with one peer, is the business of struct bgp_peer (peer.h).
 */
#ifndef SOUTHBOUND_BGP_SESSION_H
#define SOUTHBOUND_BGP_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pce/base/status.h"
#include "pce/base/units.h"
#include "southbound/bgp/open.h"
#include "southbound/bgp/update.h"

struct bgp_session;

/* What we are, and what we expect. */
struct bgp_session_config {
	uint32_t local_asn, peer_asn; /* peer_asn 0: any */
	uint32_t router_id; /* ours */
	uint16_t hold_time_s; /* 0, or >= 3 */
	uint16_t restart_time_s; /* of our graceful restart capability */
	bool ipv4_unicast; /* negotiate it too; its routes are ignored */
	bool no_graceful_restart; /* do not offer it (then nobody owes us an End-of-RIB) */
};

enum bgp_state { BGP_OPEN_SENT, BGP_OPEN_CONFIRM, BGP_ESTABLISHED, BGP_CLOSED };

enum bgp_event_kind {
	BGP_EVENT_OPENED, /* the peer's OPEN was taken: collisions can be resolved now */
	BGP_EVENT_UP, /* established */
	BGP_EVENT_UPDATE,
	BGP_EVENT_REFRESH, /* the peer asks for all routes again (RFC 2918) */
	BGP_EVENT_DOWN, /* the session ended; the last event */
};

struct bgp_event {
	enum bgp_event_kind kind;
	struct bgp_update update; /* BGP_EVENT_UPDATE: slices until the next bgp_ call */
	const char *text; /* BGP_EVENT_DOWN: why, in words; lives as long as the session */
	bool was_established; /* BGP_EVENT_DOWN */
	bool by_peer; /* BGP_EVENT_DOWN: the peer sent a NOTIFICATION or closed */
};

/* Starts on a fresh connection: an OPEN waits in bgp_output. Caller owns *out. */
enum pce_status bgp_session_new(const struct bgp_session_config *config, struct usec now,
				struct bgp_session **out, struct pce_error *err);
/* Frees the session; NULL does nothing. Nothing more is sent. */
void bgp_session_free(struct bgp_session *s);

/* Octets that one bgp_input can take at least, once all events were drained. */
#define BGP_INPUT_MAX ((size_t)65536)

/*
 * Takes octets that arrived, len <= BGP_INPUT_MAX. Drain bgp_next before the next call. PCE_LIMIT
 * if events were left undrained; nothing was taken then. Octets for an ended session are ignored.
 */
enum pce_status bgp_input(struct bgp_session *s, const uint8_t *buf, size_t len, struct usec now,
			  struct pce_error *err);
/* The next event; false when there is none yet. Each call reads at most one message. */
bool bgp_next(struct bgp_session *s, struct usec now, struct bgp_event *out);
/* True if octets wait that bgp_next would read. */
bool bgp_pending(const struct bgp_session *s);
/* Moves at most cap octets that are to be sent into buf; returns how many. */
size_t bgp_output(struct bgp_session *s, uint8_t *buf, size_t cap);
/* Octets that wait to be sent. */
size_t bgp_output_left(const struct bgp_session *s);
/* When bgp_tick is due. */
struct usec bgp_deadline(const struct bgp_session *s);
/* Lets timers run out: keepalives, hold timer. */
void bgp_tick(struct bgp_session *s, struct usec now);

/* The connection was closed or failed; text says how. A BGP_EVENT_DOWN follows. */
void bgp_lost(struct bgp_session *s, const char *text);
/* Ends the session with a NOTIFICATION; text (may be NULL) is why, for our own side. A
 * BGP_EVENT_DOWN follows; the connection is to be closed once the output is flushed. */
void bgp_fail(struct bgp_session *s, uint8_t code, uint8_t subcode, const char *text);
/* Ends the session as administrative shutdown; reason (may be NULL, at most 255 octets) is shown to
 * the peer's operator (RFC 9003). */
void bgp_shutdown(struct bgp_session *s, const char *reason);

/* Sends an UPDATE: len octets of its body. PCE_CONFLICT unless established, PCE_INVALID if it is
 * longer than the peer accepts, PCE_LIMIT if too much waits to be sent already. */
enum pce_status bgp_send_update(struct bgp_session *s, const uint8_t *body, size_t len,
				struct pce_error *err);
/* Asks the peer for all its link-state routes again; PCE_UNSUPPORTED if it cannot. */
enum pce_status bgp_send_refresh(struct bgp_session *s, struct pce_error *err);
/* Largest body that bgp_send_update takes: 4077, or 65516 with extended messages. */
size_t bgp_update_room(const struct bgp_session *s);

/* Where the session stands. */
enum bgp_state bgp_session_state(const struct bgp_session *s);
/* True once the connection can be closed: ended, and nothing left to send. */
bool bgp_session_ended(const struct bgp_session *s);
/* What the peer's OPEN said; NULL before it was taken. */
const struct bgp_open *bgp_session_peer(const struct bgp_session *s);

#endif
