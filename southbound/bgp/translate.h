/*
 * From BGP UPDATEs to what the traffic-engineering database reads (pce/ted/delta.h). Pure: the
 * translator only keeps memory to write into, and counters.
 */
#ifndef SOUTHBOUND_BGP_TRANSLATE_H
#define SOUTHBOUND_BGP_TRANSLATE_H

#include "pce/base/status.h"
#include "pce/ted/delta.h"
#include "southbound/bgp/update.h"

struct bgpls_translator;

/* What was seen, since the translator was made. */
struct bgpls_counters {
	uint64_t updates;
	uint64_t announced, withdrawn; /* NLRIs that became deltas */
	uint64_t nlri_discarded; /* malformed: RFC 9552 section 8.2.2 */
	uint64_t nlri_tolerated; /* TLV 263 behind 518, taken all the same */
	uint64_t nlri_unknown; /* of unknown type, or not of the default topology of BGP-LS */
	uint64_t attributes_discarded; /* malformed attribute 29 */
	uint64_t links_unusable; /* link NLRIs whose attribute was discarded */
	uint64_t treated_as_withdraw; /* UPDATEs: RFC 7606 section 2 */
	uint64_t bandwidths_bad; /* not a number, infinite, negative, absurdly large */
	uint64_t tlvs_unknown;
	uint64_t lan_sids; /* End.X SIDs on a LAN: not used, a link has no room for the neighbour */
	uint64_t framing_lost;
};

/* Caller owns *out. strict_order: discard NLRIs whose TLVs are out of order, as RFC 9552 says. */
enum pce_status bgpls_translator_new(bool strict_order, struct bgpls_translator **out,
				     struct pce_error *err);
/* Frees the translator; NULL does nothing. */
void bgpls_translator_free(struct bgpls_translator *t);

/*
 * Turns one UPDATE into deltas, withdrawals first. *deltas belongs to the translator until the next
 * call; it may be empty. What they say:
 *   - a link whose attribute 29 was malformed is set, but unusable; a prefix or SID is taken back;
 *   - an UPDATE that RFC 7606 treats as withdraw takes back what it announces;
 *   - bandwidths are bit/s, rounded down (what is used: up); bad ones are left out.
 * PCE_MALFORMED: NLRIs cannot be told apart, the session has to end; nothing is to be applied.
 */
enum pce_status bgpls_translate(struct bgpls_translator *t, const struct bgp_update *update,
				const struct ted_delta **deltas, size_t *n, struct pce_error *err);

/* Live counters of the translator. */
const struct bgpls_counters *bgpls_counters(const struct bgpls_translator *t);

#endif
