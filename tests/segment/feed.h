/* Networks as a BGP-LS feed tells them, for tests of the segment room on the real TED. */
#ifndef TESTS_SEGMENT_FEED_H
#define TESTS_SEGMENT_FEED_H

#include "pce/ted/ted.h"
#include "tests/ted/net.h"

#define DELTAS 256

/* A random feed, delta by delta, in a form that can be shuffled. */
struct feed {
	struct ted_delta deltas[DELTAS];
	struct ted_sid endx[DELTAS]; /* of the link delta with the same number */
	struct ted_msd msd[DELTAS];
	size_t n;
};

extern struct feed feed;

/* Appends a node with an MSD of 6, and with sids a locator and an End SID. */
void feed_node(uint32_t id, bool sids);
/* Appends one direction of a link, with sids its End.X. */
void feed_link(uint32_t a, uint32_t b, uint8_t subnet, bool up, uint32_t metric, bool sids);
/* Fills the feed with a random network. */
void random_feed(uint64_t *random);
/* Metrics of their own for each link, and with csids compressed SIDs: global ones of nodes, local
 * ones of links. */
void enrich_feed(uint64_t *random, bool csids, uint32_t range);
/* A TED that heard the feed, in a shuffled order unless shuffle is NULL. */
struct ted *ted_of_feed(uint64_t seed, uint64_t *shuffle);

#endif
