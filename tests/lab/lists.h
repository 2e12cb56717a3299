/*
 * What a segment list visits, in the lab's own reading of RFC 8986 and RFC 9800, and the way back
 * for a probe: the same nodes and adjacencies in reverse order, so that a probe that fails tells of
 * the links of its list and of no others (as far as the IGP goes the same way in both directions).
 */
#ifndef TESTS_LAB_LISTS_H
#define TESTS_LAB_LISTS_H

#include "tests/lab/network.h"

#define LIST_STOPS 64

/* A node (End) or an adjacency (End.X) that a list names; the other one is LAB_NONE. */
struct list_stop {
	uint32_t router, link;
};

/* The stops of a list, containers opened; false at a SID that nobody has, or if there are too
 * many. */
bool list_stops(const struct lab_network *network, uint32_t headend, const uint8_t (*sids)[16],
		size_t n, struct list_stop stops[LIST_STOPS], size_t *n_stops);
/* SIDs that lead from the end of the stops back to the headend's side of the first one, at most
 * cap; the headend's own address is not among them. False: a link has no SID for its other
 * direction. */
bool list_back(const struct lab_network *network, const struct list_stop *stops, size_t n_stops,
	       uint8_t (*out)[16], size_t cap, size_t *n_out);

#endif
