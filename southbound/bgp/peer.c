/*
 * Connections of one peer.
 *
 * After each failure the pause doubles up to a limit, with up to a quarter of jitter, and starts
 * anew once a session was established for a while: a peer whose every table dump is malformed backs
 * off too. Two connections collide when both get as far as OPEN: an established one stays; else the
 * one stays that the side with the larger router id opened (ties, RFC 6286: the larger AS number).
 */
#include "southbound/bgp/peer.h"

#include <stdlib.h>

#include "southbound/bgp/notify.h"

#define RETRY_S 5
#define RETRY_MAX_S 120
#define STABLE_US ((int64_t)60 * USEC_PER_S) /* a session that stood this long resets the pause */

struct bgp_peer {
	struct bgp_peer_config config;
	struct bgp_session *sessions[BGP_SIDES];
	struct usec connect_at;
	struct usec up_since; /* USEC_NEVER: not established */
	uint64_t jitter;
	uint32_t pause_s;
	bool connecting, stopped;
};

enum pce_status
bgp_peer_new(const struct bgp_peer_config *config, uint64_t jitter, struct usec now,
	     struct bgp_peer **out, struct pce_error *err)
{
	struct bgp_peer *p = calloc(1, sizeof(*p));

	if (!p)
		return pce_no_memory(err);
	p->config = *config;
	if (p->config.retry_s == 0)
		p->config.retry_s = RETRY_S;
	if (p->config.retry_max_s == 0)
		p->config.retry_max_s = RETRY_MAX_S;
	p->jitter = jitter;
	p->connect_at = config->passive ? USEC_NEVER : now;
	p->up_since = USEC_NEVER;
	*out = p;
	return PCE_OK;
}

void
bgp_peer_free(struct bgp_peer *p)
{
	if (!p)
		return;
	for (int side = 0; side < BGP_SIDES; side++)
		bgp_session_free(p->sessions[side]);
	free(p);
}

static bool
established(const struct bgp_session *s)
{
	return s && bgp_session_state(s) == BGP_ESTABLISHED;
}

bool
bgp_peer_wants_connect(struct bgp_peer *p, struct usec now)
{
	if (p->stopped || p->connecting || p->sessions[BGP_OUTGOING] ||
	    established(p->sessions[BGP_INCOMING]) || !usec_due(p->connect_at, now))
		return false;
	p->connecting = true;
	p->connect_at = USEC_NEVER;
	return true;
}

/* Splitmix64 step: pauses differ, but the same seed gives the same ones. */
static uint64_t
next_jitter(struct bgp_peer *p)
{
	uint64_t z = (p->jitter += 0x9e3779b97f4a7c15ULL);

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	return z ^ z >> 31;
}

/* Arms the next attempt after a failure, or at once if a session had stood for a while. */
static void
back_off(struct bgp_peer *p, struct usec now)
{
	int64_t pause_us;

	p->pause_s = p->pause_s == 0 ? p->config.retry_s : p->pause_s * 2;
	if (p->pause_s > p->config.retry_max_s)
		p->pause_s = p->config.retry_max_s;
	pause_us = (int64_t)p->pause_s * USEC_PER_S;
	pause_us -= (int64_t)(next_jitter(p) % (uint64_t)(pause_us / 4 + 1));
	if (!p->config.passive)
		p->connect_at = usec_add(now, pause_us);
}

enum pce_status
bgp_peer_connected(struct bgp_peer *p, enum bgp_side side, struct usec now, struct pce_error *err)
{
	struct bgp_session *other = p->sessions[side == BGP_OUTGOING ? BGP_INCOMING : BGP_OUTGOING];

	if (side == BGP_OUTGOING)
		p->connecting = false;
	if (p->stopped)
		return pce_fail(err, PCE_CONFLICT, "the peer is shut down");
	if (established(other) || p->sessions[side])
		return pce_fail(err, PCE_CONFLICT, "a connection with the peer is there already");
	return bgp_session_new(&p->config.session, now, &p->sessions[side], err);
}

void
bgp_peer_connect_failed(struct bgp_peer *p, struct usec now)
{
	p->connecting = false;
	back_off(p, now);
}

struct bgp_session *
bgp_peer_session(struct bgp_peer *p, enum bgp_side side)
{
	return p->sessions[side];
}

/* The peer's OPEN came on side: decides between the two connections. */
static void
resolve_collision(struct bgp_peer *p, enum bgp_side side)
{
	enum bgp_side other = side == BGP_OUTGOING ? BGP_INCOMING : BGP_OUTGOING, loser;
	struct bgp_session *rival = p->sessions[other];
	const struct bgp_open *peer = bgp_session_peer(p->sessions[side]);
	const struct bgp_session_config *us = &p->config.session;
	bool ours_larger = us->router_id > peer->router_id ||
			   (us->router_id == peer->router_id && us->local_asn > peer->asn);

	if (!rival || bgp_session_state(rival) < BGP_OPEN_CONFIRM ||
	    bgp_session_state(rival) == BGP_CLOSED)
		return;
	if (established(rival))
		loser = side;
	else
		loser = ours_larger ? BGP_INCOMING : BGP_OUTGOING;
	bgp_fail(p->sessions[loser], BGP_ERROR_CEASE, BGP_CEASE_COLLISION, NULL);
}

/* Established on one side: what the other side was up to is over. */
static void
drop_rival(struct bgp_peer *p, enum bgp_side side)
{
	struct bgp_session *rival = p->sessions[side == BGP_OUTGOING ? BGP_INCOMING : BGP_OUTGOING];

	if (rival && bgp_session_state(rival) != BGP_CLOSED)
		bgp_fail(rival, BGP_ERROR_CEASE, BGP_CEASE_COLLISION, NULL);
}

static void
note_event(struct bgp_peer *p, enum bgp_side side, const struct bgp_event *event, struct usec now)
{
	if (event->kind == BGP_EVENT_OPENED)
		resolve_collision(p, side);
	if (event->kind == BGP_EVENT_UP) {
		p->up_since = now;
		drop_rival(p, side);
	}
	if (event->kind == BGP_EVENT_DOWN && event->was_established) {
		if (now.v - p->up_since.v >= STABLE_US)
			p->pause_s = 0;
		p->up_since = USEC_NEVER;
	}
}

bool
bgp_peer_next(struct bgp_peer *p, struct usec now, struct bgp_event *out, enum bgp_side *side)
{
	for (int i = 0; i < BGP_SIDES; i++) {
		struct bgp_session *s = p->sessions[i];

		if (!s || !bgp_next(s, now, out))
			continue;
		*side = (enum bgp_side)i;
		note_event(p, *side, out, now);
		return true;
	}
	return false;
}

void
bgp_peer_closed(struct bgp_peer *p, enum bgp_side side, struct usec now)
{
	enum bgp_side other = side == BGP_OUTGOING ? BGP_INCOMING : BGP_OUTGOING;

	bgp_session_free(p->sessions[side]);
	p->sessions[side] = NULL;
	if (!p->stopped && !p->sessions[other] && !p->connecting)
		back_off(p, now);
}

struct usec
bgp_peer_deadline(const struct bgp_peer *p)
{
	struct usec at = USEC_NEVER;

	if (!p->stopped && !p->connecting && !p->sessions[BGP_OUTGOING] &&
	    !established(p->sessions[BGP_INCOMING]))
		at = p->connect_at;
	for (int i = 0; i < BGP_SIDES; i++)
		if (p->sessions[i])
			at = usec_min(at, bgp_deadline(p->sessions[i]));
	return at;
}

void
bgp_peer_tick(struct bgp_peer *p, struct usec now)
{
	for (int i = 0; i < BGP_SIDES; i++)
		if (p->sessions[i])
			bgp_tick(p->sessions[i], now);
}

void
bgp_peer_stop(struct bgp_peer *p, const char *reason)
{
	p->stopped = true;
	for (int i = 0; i < BGP_SIDES; i++)
		if (p->sessions[i])
			bgp_shutdown(p->sessions[i], reason);
}

uint32_t
bgp_peer_pause_s(const struct bgp_peer *p)
{
	return p->pause_s;
}
