/*
 * Flexible algorithms (RFC 9350) as the compiler sees them: which definition counts in each part of
 * the network, and what a link costs by it. Private to the segment room; replay has its own.
 */
#ifndef PCE_SEGMENT_FLEX_H
#define PCE_SEGMENT_FLEX_H

#include "pce/ted/ted.h"

/* A definition that counts for the nodes of one connected part. */
struct flex {
	uint32_t domain; /* a node of the part, the same for all of it */
	struct ted_fad fad;
	uint32_t rank; /* of the node that advertises it */
};

struct flex_list {
	struct flex *items;
	size_t n, cap;
};

/*
 * The definitions that count: of each algorithm and part the one of the highest priority, then of
 * the highest router id (RFC 9350 section 5.3). domain: by node. One that says what nobody here
 * computes stays in the list, and no link has a cost by it. list must be empty.
 */
enum pce_status flex_find(const struct ted *ted, const uint32_t *domain, struct flex_list *list,
			  struct pce_error *err);
/* Frees the list and zeroes it. */
void flex_free(struct flex_list *list);

/* Place of an algorithm of a part in the list, or the list's length. */
size_t flex_place(const struct flex_list *list, uint8_t algorithm, uint32_t domain);

/* True if the algorithm's topology has the link (which is usable); *cost is its metric. RFC 9350
 * section 13. */
bool flex_cost(const struct ted *ted, const struct ted_fad *fad, ted_link link, uint64_t *cost);

#endif
