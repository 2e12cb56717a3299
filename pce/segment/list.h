/* Segment lists as plain data (RFC 8402, 8986, 9256). */
#ifndef PCE_SEGMENT_LIST_H
#define PCE_SEGMENT_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum segment_kind { SEGMENT_END, SEGMENT_END_X };

struct segment {
	uint8_t sid[16];
	uint16_t behavior; /* IANA code point */
	enum segment_kind kind;
	uint32_t node; /* row of the node that the SID belongs to */
	uint32_t link; /* END_X: row of the link; TED_NONE otherwise */
	bool assumed; /* synthesised: the source gave no SID */
};

/* In the order of travel. The first one is the first destination address. */
struct segment_list {
	struct segment *segments;
	size_t n;
	uint32_t weight; /* RFC 9256 section 2.11; 1 unless set */
};

/* Frees the segments and zeroes the list. */
void segment_list_free(struct segment_list *list);

#endif
