/*
 * Emulated BGP-LS speakers on libevent: each announces what it was told as deltas, to one peer,
 * again after each reconnect, and ends every dump with End-of-RIB. Several in one process make
 * several peers of one controller.
 */
#ifndef TESTS_LAB_BGPLS_SPEAKER_H
#define TESTS_LAB_BGPLS_SPEAKER_H

#include "pce/base/status.h"
#include "pce/base/units.h"
#include "tests/lab/bgpls_encode.h"

struct event_base;
struct lab_speaker;

struct lab_speaker_setup {
	struct ip_addr peer; /* the controller */
	uint16_t peer_port;
	struct ip_addr local; /* address to connect from; IP_NONE: any */
	bool passive; /* listen on local instead of connecting */
	uint16_t listen_port; /* passive: 0 picks one, see lab_speaker_port */
	uint32_t asn, peer_asn;
	uint32_t router_id;
	uint16_t hold_time_s; /* 0: 90 */
	uint32_t retry_s; /* 0: 1 */
	bool no_end_of_rib; /* graceful restart is not offered, so no marker is sent */
	bool asla, mt_last; /* as in struct lab_encoding */
	/* Told when the session is established (up) and when it ended, with the reason. NULL: none.
	 */
	void (*on_state)(void *ctx, struct lab_speaker *speaker, bool up, const char *text);
	void *ctx;
};

/* Starts the speaker on the loop. Caller owns *out. */
enum pce_status lab_speaker_new(struct event_base *base, const struct lab_speaker_setup *setup,
				struct lab_speaker **out, struct pce_error *err);
/* Closes the connection without a word (as a crash does); NULL does nothing. */
void lab_speaker_free(struct lab_speaker *speaker);
/* Ends the session for good with a NOTIFICATION; run the loop a little. */
void lab_speaker_stop(struct lab_speaker *speaker, const char *reason);
/* The port that a passive speaker listens on. */
uint16_t lab_speaker_port(const struct lab_speaker *speaker);

/* Announces a SET (nodes, links, prefixes, SIDs), or takes back a DELETE; also while the session is
 * down. What is announced already in the same words is not sent again. */
enum pce_status lab_speaker_say(struct lab_speaker *speaker, const struct ted_delta *deltas,
				size_t n, struct pce_error *err);
/* Sends octets as the body of an UPDATE, whatever they are. PCE_CONFLICT while not established. */
enum pce_status lab_speaker_raw(struct lab_speaker *speaker, const uint8_t *body, size_t len,
				struct pce_error *err);
/* True while established. */
bool lab_speaker_up(struct lab_speaker *speaker);
/* Objects that are announced. */
size_t lab_speaker_count(const struct lab_speaker *speaker);

#endif
