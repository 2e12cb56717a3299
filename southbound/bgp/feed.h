/*
 * BGP-LS feeds: the configured peers, their sessions, and what they say as events for the service.
 * Peer number i of the configuration is the source { TED_SOURCE_BGPLS, i }.
 */
#ifndef SOUTHBOUND_BGP_FEED_H
#define SOUTHBOUND_BGP_FEED_H

#include "pce/service/config.h"
#include "southbound/bgp/shell.h"
#include "southbound/bgp/translate.h"
#include "southbound/driver.h"

struct bgp_feeds;

/*
 * Starts all peers of config (which must outlive it) on the loop. Posted are SERVICE_FEED_STATE
 * (TED_SOURCE_UP when a session is established, TED_SOURCE_SYNCED on End-of-RIB, TED_SOURCE_LOST
 * with the reason; a session that fails before it was established is told as LOST too) and
 * SERVICE_FEED_UPDATE, one for each UPDATE that changes something. seed spreads reconnects. clock
 * stamps feed_update.received and must be the service's; NULL: CLOCK_MONOTONIC.
 */
enum pce_status bgp_feeds_new(struct event_base *base, const struct config_bgp *config,
			      const struct event_sink *sink, bgp_clock_fn *clock, uint64_t seed,
			      struct bgp_feeds **out, struct pce_error *err);
/* Closes everything, with a NOTIFICATION to each peer; NULL does nothing. Nothing is posted. */
void bgp_feeds_free(struct bgp_feeds *feeds);
/* Tells all peers that we shut down, with a reason for their operators; run the loop a little. */
void bgp_feeds_stop(struct bgp_feeds *feeds, const char *reason);
/* Counters of one peer, by its number in the configuration; NULL past the end. */
const struct bgpls_counters *bgp_feeds_counters(const struct bgp_feeds *feeds, size_t peer);
/* The port that is listened on; 0 if none. */
uint16_t bgp_feeds_port(const struct bgp_feeds *feeds);

#endif
