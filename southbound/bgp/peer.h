/*
 * One configured BGP peer without I/O: when to connect, and which of two connections stays
 * (RFC 4271 section 6.8, RFC 6286). It owns at most one session per direction.
 */
#ifndef SOUTHBOUND_BGP_PEER_H
#define SOUTHBOUND_BGP_PEER_H

#include "southbound/bgp/session.h"

struct bgp_peer;

struct bgp_peer_config {
	struct bgp_session_config session;
	bool passive; /* never connect, wait for the peer */
	uint32_t retry_s; /* first pause after a failure; 0: 5 */
	uint32_t retry_max_s; /* longest pause; 0: 120 */
};

/* Who opened the connection. */
enum bgp_side { BGP_OUTGOING, BGP_INCOMING, BGP_SIDES };

/* Caller owns *out. jitter: 64 random bits, they spread the pauses of many peers. */
enum pce_status bgp_peer_new(const struct bgp_peer_config *config, uint64_t jitter, struct usec now,
			     struct bgp_peer **out, struct pce_error *err);
/* Frees the peer and its sessions; NULL does nothing. */
void bgp_peer_free(struct bgp_peer *p);

/* True once each time a connection is to be opened. Answer with bgp_peer_connected or
 * bgp_peer_connect_failed. */
bool bgp_peer_wants_connect(struct bgp_peer *p, struct usec now);
/* A connection stands: a session starts on it. PCE_CONFLICT: it is not wanted (one is established,
 * or one of this side is there); close it. */
enum pce_status bgp_peer_connected(struct bgp_peer *p, enum bgp_side side, struct usec now,
				   struct pce_error *err);
/* The connection could not be opened: the pause before the next attempt doubles. */
void bgp_peer_connect_failed(struct bgp_peer *p, struct usec now);

/* The session of one side, or NULL: its octets are moved with bgp_input and bgp_output. */
struct bgp_session *bgp_peer_session(struct bgp_peer *p, enum bgp_side side);
/* The next event of either session; collisions are resolved on the way, and BGP_EVENT_DOWN of a
 * session that was not established is told too, so that it can be logged. */
bool bgp_peer_next(struct bgp_peer *p, struct usec now, struct bgp_event *out, enum bgp_side *side);
/* To be called when a session has ended, its output is flushed and its connection is closed. */
void bgp_peer_closed(struct bgp_peer *p, enum bgp_side side, struct usec now);

/* When bgp_peer_tick is due, the sessions' timers included. */
struct usec bgp_peer_deadline(const struct bgp_peer *p);
/* Lets timers of the sessions run out. */
void bgp_peer_tick(struct bgp_peer *p, struct usec now);
/* Ends all sessions for good; reason as in bgp_shutdown. No connection is opened any more. */
void bgp_peer_stop(struct bgp_peer *p, const char *reason);
/* The pause after the last failure in seconds, 0 if there was none since a session stood. */
uint32_t bgp_peer_pause_s(const struct bgp_peer *p);

#endif
