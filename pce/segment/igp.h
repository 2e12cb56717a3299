/*
 * What the compiler needs to know of the IGP: distances to a destination, whether a link is the
 * only shortest way on, and to which node a SID is routed. Private to the segment room; replay has
 * an IGP of its own and must not see this one.
 */
#ifndef PCE_SEGMENT_IGP_H
#define PCE_SEGMENT_IGP_H

#include "pce/segment/flex.h"
#include "pce/ted/ted.h"

#define IGP_FAR UINT64_MAX /* distance of a node that cannot reach the destination */

/* A prefix that a node advertises, masked; sorted by length (longest first), then octets. */
struct igp_route {
	uint8_t prefix[16];
	uint8_t len;
	uint8_t algorithm;
	ted_node node;
};

/* A SID that a node or link advertises; sorted by octets, then node. */
struct igp_sid {
	uint8_t sid[16];
	uint8_t matched; /* leading bits that select it (csid.h) */
	bool local; /* of a local identifiers block: nobody routes to it */
	ted_node node;
	ted_link link; /* TED_NONE: of the node */
};

/* A node waiting in the shortest-path heap. */
struct igp_waiting {
	uint64_t distance;
	ted_node node;
};

/*
 * Distances of nodes to one destination: Dijkstra against the direction of the links, as far as it
 * was needed. Whoever is not in the heap and not IGP_FAR has its final distance.
 */
struct igp_tree {
	const struct ted_fad *fad; /* NULL: by the IGP's own metric */
	uint64_t *distance;
	struct igp_waiting *heap;
	size_t n_heap, cap_heap;
};

struct segment_igp {
	const struct ted *ted;
	uint32_t n_nodes, n_links; /* rows that everything below was made for */
	uint16_t topology; /* by which IPv6 is routed */

	uint32_t *domain; /* by node: a node of its connected part, the same for all of the part */
	struct flex_list flex; /* flexible algorithms */
	struct igp_tree **trees; /* by algorithm (0, then those of flex) × n_nodes + destination,
				    NULL where none was asked for */
	size_t *held; /* places in trees that have one */
	size_t n_held, max_held;

	bool indexed; /* the three below are filled */
	struct igp_route *routes;
	size_t n_routes, cap_routes;
	struct igp_sid *sids;
	size_t n_sids, cap_sids;
	bool matched[129]; /* some SID is selected by so many bits */

	bool has_block; /* block is chosen */
	uint8_t block[4]; /* /32 from which SIDs are synthesised */
};

/*
 * The multi-topology id by which IPv6 is routed: 2 where links of it are usable (RFC 5120 section
 * 7.5), else the standard 0. Links and prefixes of others count for nothing here.
 */
enum pce_status igp_topology(struct segment_igp *igp, uint16_t *out, struct pce_error *err);

/*
 * The tree of a destination, by the metric and in the topology of an algorithm (0 or one that
 * igp_knows); overloaded nodes carry no transit. Owned by igp, valid
 * until the next call for another destination. It grows when igp_only_way needs it.
 */
enum pce_status igp_tree_to(struct segment_igp *igp, uint8_t algorithm, ted_node to,
			    struct igp_tree **out, struct pce_error *err);

/* True if routers near the node compute this algorithm, and Karst can. igp_topology before. */
bool igp_knows(const struct segment_igp *igp, uint8_t algorithm, ted_node near);

/*
 * True in *only if link is the one and only first link of all shortest ways from its start to the
 * tree's destination `to`. O(degree), after the search has come as far as the link's start. On
 * failure the tree is gone.
 */
enum pce_status igp_only_way(struct segment_igp *igp, struct igp_tree *tree, ted_link link,
			     ted_node to, bool *only, struct pce_error *err);

/*
 * The next of the first links of all shortest ways from a node to the tree's destination `to`, in
 * order of rank; *at is 0 at first, *out TED_NONE past the last one. On failure the tree is gone.
 */
enum pce_status igp_next_way(struct segment_igp *igp, struct igp_tree *tree, ted_node node,
			     ted_node to, size_t *at, ted_link *out, struct pce_error *err);

/* Prepares igp_routed_to and igp_block. */
enum pce_status igp_index(struct segment_igp *igp, struct pce_error *err);

/*
 * True if a packet for this SID, sent anywhere in the connected part of owner, is routed to owner
 * and executed there: the SID is advertised once, and the longest prefix that covers it belongs to
 * owner alone and to the SID's algorithm. A node that advertises no locator at all (in a file) is
 * taken to have a route for each of its SIDs but local C-SIDs (RFC 9800 section 5.2). igp_index
 * before. O(log n) for each prefix length.
 */
bool igp_routed_to(const struct segment_igp *igp, const uint8_t sid[16], uint8_t algorithm,
		   ted_node owner);

/*
 * True if whatever follows the first `matched` bits of a SID, a packet for it is still routed to
 * owner and taken there: nobody else of its connected part has a route or a SID inside these bits,
 * nor a SID that they are inside of. With at_owner, where the packet is at owner already, only
 * routes inside of the bits count. igp_index before. O(log n) for each octet.
 */
bool igp_keeps_argument(const struct segment_igp *igp, const uint8_t sid[16], unsigned matched,
			ted_node owner, bool at_owner);

/*
 * True if a packet that owner takes for one SID (`matched` bits) and goes on with `more` bits of
 * `then` behind them may be taken by owner for a longer SID of its own instead. igp_index before.
 */
bool igp_mistakes(const struct segment_igp *igp, const uint8_t then[16], unsigned matched,
		  unsigned more, ted_node owner);

/* How often owner itself (End and all its End.X) advertises the SID. igp_index before. */
size_t igp_times_at(const struct segment_igp *igp, const uint8_t sid[16], ted_node owner);

/*
 * The /32 from which SIDs are made up: the first of fcbb:bb00::/32, fcbb:bb01::/32 … that nothing
 * in the network touches. PCE_LIMIT if all 65536 are taken. igp_index before.
 */
enum pce_status igp_block(struct segment_igp *igp, uint8_t out[4], struct pce_error *err);

#endif
