/*
 * BGP-LS as a router would send it: deltas to NLRIs, attribute 29 and UPDATEs (RFC 9552, 9514,
 * 8571, 9294). For the emulated network and for round trips through the decoder.
 */
#ifndef TESTS_LAB_BGPLS_ENCODE_H
#define TESTS_LAB_BGPLS_ENCODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pce/ted/delta.h"

#define LAB_NLRI_MAX 1024 /* octets that an NLRI needs at most */

struct lab_encoding {
	bool asla; /* TE metric, colours, SRLGs and delays inside an ASLA TLV for SR Policy */
	bool mt_last; /* TLV 263 behind 518, as some routers put it */
	struct ip_addr next_hop;
	uint32_t as_path; /* our AS for external sessions, 0: internal (LOCAL_PREF, empty path) */
};

/* NLRI of a delta (node, link, prefix or SID) with its type and length; 0 if it does not fit. */
size_t lab_encode_nlri(const struct ted_delta *delta, const struct lab_encoding *how, uint8_t *out,
		       size_t cap);
/* Value of attribute 29 of a SET; may be empty. SIZE_MAX if it does not fit. */
size_t lab_encode_attr(const struct ted_delta *delta, const struct lab_encoding *how, uint8_t *out,
		       size_t cap);
/* Body of an UPDATE that announces NLRIs with one attribute 29; 0 if it does not fit. */
size_t lab_encode_announce(const struct lab_encoding *how, const uint8_t *nlri, size_t nlri_len,
			   const uint8_t *attr, size_t attr_len, uint8_t *out, size_t cap);
/* Body of an UPDATE that withdraws NLRIs; with none it is the End-of-RIB marker. */
size_t lab_encode_withdraw(const uint8_t *nlri, size_t nlri_len, uint8_t *out, size_t cap);

#endif
