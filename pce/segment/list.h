/* Segment lists as plain data (RFC 8402, 8986, 9256). */
#ifndef PCE_SEGMENT_LIST_H
#define PCE_SEGMENT_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum segment_kind { SEGMENT_END, SEGMENT_END_X };

/* One instruction of a list: a SID as its node advertises it. */
struct segment_csid {
	uint8_t sid[16];
	uint16_t behavior; /* IANA code point */
	enum segment_kind kind;
	uint32_t node; /* row of the node that the SID belongs to */
	uint32_t link; /* END_X: row of the link; TED_NONE otherwise */
	uint8_t algorithm; /* by which the IGP routes to it */
	uint8_t block, width; /* NEXT-CSID and REPLACE-CSID: bits of the locator block and of the
				 C-SID behind it; 0: it stands alone */
	bool local; /* assumed, and from the local identifiers block */
	bool assumed; /* synthesised: the source gave no SID */
};

/* One 128-bit entry of a list: a SID, or a container of several (RFC 9800). */
struct segment {
	uint8_t sid[16];
	uint16_t behavior; /* of the first instruction, like the next three */
	enum segment_kind kind;
	uint32_t node;
	uint32_t link;
	bool assumed; /* some of its instructions are synthesised */
	uint32_t first_csid, n_csids; /* its instructions, at least one */
};

/* In the order of travel. The first one is the first destination address. */
struct segment_list {
	struct segment *segments;
	size_t n;
	struct segment_csid *csids; /* instructions of all segments */
	size_t n_csids;
	uint32_t *branches; /* loose: rows of links beside the path that carry a share of the
			       traffic, sorted */
	size_t n_branches;
	uint32_t width; /* most equal-cost links that a router splits the traffic over; 1: none does
			 */
	uint32_t weight; /* RFC 9256 section 2.11; 1 unless set */
};

/* Frees the segments and zeroes the list. */
void segment_list_free(struct segment_list *list);

#endif
