/*
 * The bits of compressed SIDs (RFC 9800): a NEXT-CSID or REPLACE-CSID SID is matched by its first
 * block + node + function bits, of which node + function is the C-SID that a container repeats
 * without the block.
 * Private to the segment room; replay reads the RFC on its own.
 */
#ifndef PCE_SEGMENT_CSID_H
#define PCE_SEGMENT_CSID_H

#include "pce/segment/behavior.h"
#include "pce/ted/delta.h"

/* The places of a SID's parts, in bits. All 0: the SID is matched whole and fits no container. */
struct csid_shape {
	uint8_t block; /* length of the locator block */
	uint8_t width; /* length of the C-SID that follows it */
	uint8_t slots; /* REPLACE-CSID: C-SIDs of a packed container (K of RFC 9800 section 4.2);
			  else 0 */
};

/*
 * The shape of an advertised SID: of NEXT-CSID or REPLACE-CSID behaviour, with whole octets for its
 * parts, an argument that takes the rest (RFC 9800 sections 4.1 and 4.2), and a C-SID other than 0,
 * which would end its container (section 5). A C-SID that is replaced has 16 or 32 bits (section
 * 6.1).
 */
struct csid_shape csid_shape_of(const struct ted_sid *sid);

/* True if the SID says that it is from a local identifiers block: it has a block, but no node. */
bool csid_is_local(const struct ted_sid *sid);

/* How many leading bits of a destination address select this SID: 128 without a shape. */
unsigned csid_matched(struct csid_shape shape);

/* True if the first n bits of a and b are equal; n <= 128. */
bool csid_same_bits(const uint8_t a[16], const uint8_t b[16], unsigned n);

/* Puts the C-SID of sid into a packed container, at the place that is read as the n-th, from 0: the
 * first one is the least significant (RFC 9800 section 4.2.1). */
void csid_pack(uint8_t container[16], unsigned n, const uint8_t sid[16], struct csid_shape shape);

/*
 * Puts the C-SID of sid into a container that uses `used` bits already, block included. The caller
 * has seen to it that it fits.
 */
void csid_append(uint8_t container[16], unsigned used, const uint8_t sid[16],
		 struct csid_shape shape);

#endif
