/*
 * Independent answers for the tests of the segment room: all-pairs distances, forwarding by what
 * the test *knows* of each SID (never by its octets), and the shortest list by trying all of them.
 */
#ifndef TESTS_SEGMENT_ORACLE_H
#define TESTS_SEGMENT_ORACLE_H

#include "pce/segment/compile.h"
#include "tests/segment/graph.h"

#define ORACLE_SIDS 128
#define ORACLE_LIST 4 /* longest list that is tried */
#define ORACLE_FAR UINT64_MAX

/* What the test knows of one SID. */
struct oracle_sid {
	uint8_t sid[16];
	const struct ted_sid *from;
	unsigned block, width; /* octets of the block and of the C-SID, 0: it stands alone */
	unsigned matched; /* octets that select it */
	ted_node node;
	ted_link link; /* TED_NONE: End */
	bool global; /* routed to its node from anywhere */
	bool listable; /* a compiler may use it */
	bool foreign; /* no router here executes it as End or End.X */
	bool psp, usp, usd;
	uint8_t algorithm; /* by which it is routed: 0 or ORACLE_FLEX */
};

#define ORACLE_FLEX 128

/* A random network with everything that matters to lists. */
struct oracle {
	struct ted graph;
	struct oracle_sid sids[ORACLE_SIDS];
	uint32_t n_sids;
	uint64_t distance[GRAPH_NODES][GRAPH_NODES]; /* from, to */
	uint64_t flex[GRAPH_NODES][GRAPH_NODES]; /* likewise, by algorithm ORACLE_FLEX */
	struct ted_fad fads[2]; /* the first one counts */
	uint8_t algorithms[1];
	uint32_t colours[GRAPH_LINKS];
	uint8_t block[GRAPH_NODES]; /* bits of the locator block, where there are C-SIDs */
	uint8_t other_block[GRAPH_NODES]; /* which one it is */
};

struct oracle_shape {
	bool zero_metrics; /* some links cost nothing */
	bool pseudonode; /* the last node is a LAN */
	bool overload;
	bool msds;
	bool odd_sids; /* backup, other algorithms, NEXT-CSID, local ones, several of a kind */
	bool two_topologies; /* IPv6 has topology 2 to itself, and topology 0 is a maze */
	bool unusable; /* some links and nodes are */
	bool csids; /* NEXT-CSID SIDs, global and local, of 16 and 32 bits, beside plain ones */
	bool flex; /* a flexible algorithm with SIDs of its own */
	bool domains; /* of two locator blocks */
};

/* Makes the network of a seed. */
void oracle_random(struct oracle *o, uint64_t seed, struct oracle_shape shape);

/* Works the distances out again after the test changed the graph. */
void oracle_distances(struct oracle *o);

/* True if the IGP sends packets from the link's start to `to` over it, by an algorithm. */
bool oracle_forwards_by(const struct oracle *o, uint8_t algorithm, ted_link link, ted_node to);
/* By the IGP's own metric. */
bool oracle_forwards(const struct oracle *o, ted_link link, ted_node to);

/* Containers and SIDs of a list; 0 if there is none. */
struct oracle_size {
	uint32_t containers, sids;
};

/*
 * The list of the fewest containers, then of the fewest SIDs, among all that fit and have at most
 * ORACLE_LIST SIDs, in all ways of filling containers.
 */
struct oracle_size oracle_fewest(const struct oracle *o, const ted_link *path, size_t n,
				 const struct segment_options *options);

/* Follows a list without branches; true if it takes exactly the path. */
bool oracle_takes(const struct oracle *o, ted_node from, const uint8_t (*sids)[16], size_t n,
		  const ted_link *path, size_t n_path);

/* All links that a packet may take (by row) and their shares of the traffic, whether every copy
 * arrives, and where (TED_NONE: several). */
void oracle_flood(const struct oracle *o, ted_node from, const uint8_t (*sids)[16], size_t n,
		  bool links[GRAPH_LINKS], double shares[GRAPH_LINKS], bool *delivered,
		  ted_node *end);

/* The longest delay of any copy that the last flood delivered. */
uint64_t oracle_flood_delay(void);

/* A random simple path of usable links of at most `most` hops; its length, 0 if there is none. */
size_t oracle_path(const struct oracle *o, uint64_t *random, ted_link *path, size_t most);

#endif
