/*
 * BGP over TCP on libevent: moves octets between sockets and the sessions of peer.h, for any number
 * of peers over IPv4 and IPv6. All callbacks run on the loop; a turn reads a bounded number of
 * octets and ends after a few milliseconds, the rest is taken in the next one.
 */
#ifndef SOUTHBOUND_BGP_SHELL_H
#define SOUTHBOUND_BGP_SHELL_H

#include "pce/base/addr.h"
#include "southbound/bgp/peer.h"

struct event_base;
struct bgp_shell;
struct bgp_shell_peer;

/* Reads the clock that sessions and events are stamped with. */
typedef struct usec bgp_clock_fn(void);

struct bgp_shell_config {
	const struct ip_addr *listen; /* addresses to listen on */
	size_t n_listen;
	uint16_t listen_port; /* 0: any free one, see bgp_shell_port */
	bgp_clock_fn *clock; /* NULL: CLOCK_MONOTONIC */
	uint64_t seed; /* jitter of pauses */
};

struct bgp_shell_peer_config {
	struct bgp_peer_config peer;
	struct ip_addr address;
	uint16_t port; /* to connect to */
	struct ip_addr local; /* IP_NONE: any */
	const char *password; /* of TCP MD5, copied; NULL: unsigned */
	uint8_t ttl_hops; /* most hops to the peer (RFC 5082); 0: no check */
};

/* What the owner is told. The event's slices live for the length of the call; received is when the
 * octets of the event were read. During the call the peer may be sent to, but not be removed. */
typedef void bgp_shell_event_fn(void *ctx, struct bgp_shell_peer *peer,
				const struct bgp_event *event, struct usec received);

/* Starts listening. PCE_IO names the address. Caller owns *out. */
enum pce_status bgp_shell_new(struct event_base *base, const struct bgp_shell_config *config,
			      bgp_shell_event_fn *on_event, void *ctx, struct bgp_shell **out,
			      struct pce_error *err);
/* Closes everything at once, without NOTIFICATIONs; NULL does nothing. */
void bgp_shell_free(struct bgp_shell *shell);
/* The port that the first address listens on. */
uint16_t bgp_shell_port(const struct bgp_shell *shell);

/* Adds a peer; it starts to connect or to wait. owner is kept for bgp_shell_peer_owner. PCE_EXISTS:
 * the address is another peer's; PCE_IO: the kernel cannot protect the session as asked. */
enum pce_status bgp_shell_add(struct bgp_shell *shell, const struct bgp_shell_peer_config *config,
			      void *owner, struct bgp_shell_peer **out, struct pce_error *err);
/* What bgp_shell_add was given. */
void *bgp_shell_peer_owner(const struct bgp_shell_peer *peer);
/* The established session, to send on; NULL while there is none. Call bgp_shell_flush after. */
struct bgp_session *bgp_shell_established(struct bgp_shell_peer *peer);
/* Writes what the peer's sessions have to send, as far as the sockets take it. */
void bgp_shell_flush(struct bgp_shell_peer *peer);
/* Shuts the peer down for good, with a reason for its operator (may be NULL). */
void bgp_shell_stop(struct bgp_shell_peer *peer, const char *reason);

#endif
