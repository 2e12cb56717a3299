/* The path attributes of one BGP UPDATE (RFC 4271, 4760), judged as RFC 7606 says. */
#ifndef SOUTHBOUND_BGP_UPDATE_H
#define SOUTHBOUND_BGP_UPDATE_H

#include <stdbool.h>
#include <stdint.h>

#include "pce/base/reader.h"
#include "southbound/bgp/bgpls.h"

#define BGP_HEADER 19 /* octets of a message header */
#define BGP_OTHER_ATTRS 32

/* MP_REACH_NLRI or MP_UNREACH_NLRI. */
struct bgp_mp {
	bool present;
	uint16_t afi;
	uint8_t safi;
	struct reader next_hop; /* MP_REACH_NLRI only */
	struct reader nlri;
};

struct bgp_update {
	struct bgp_mp reach, unreach;
	bool has_origin, has_med, has_local_pref, has_originator;
	bool has_ls; /* attribute 29 */
	uint8_t origin, ls_flags;
	uint32_t med, local_pref;
	const uint8_t *originator; /* 4 octets */
	struct reader as_path, cluster_list, ls;
	struct reader v4_withdrawn, v4_nlri;
	bool withdraw; /* RFC 7606: what it announces counts as withdrawn */
	uint8_t n_other;
	uint8_t other[BGP_OTHER_ATTRS]; /* types that are not read, in order */
};

/*
 * Reads the body of an UPDATE (what follows the message header). False: framing is lost, the
 * session cannot go on (RFC 7606 section 3 j, section 5.3); out is then undefined. The NLRIs and
 * attribute 29 are sliced, not judged. faults may be NULL.
 */
bool bgp_read_update(struct reader body, struct bgp_update *out, struct bgpls_faults *faults);

/* True if mp carries BGP-LS, plain or VPN. */
bool bgp_mp_is_ls(const struct bgp_mp *mp);

/* True if the update is the End-of-RIB marker of BGP-LS (RFC 4724 section 2). */
bool bgp_update_is_end_of_rib(const struct bgp_update *update);

#endif
