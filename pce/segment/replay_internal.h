/* A walk of replay: its states, and the forwarding tables behind them. Private to replay. */
#ifndef PCE_SEGMENT_REPLAY_INTERNAL_H
#define PCE_SEGMENT_REPLAY_INTERNAL_H

#include "pce/segment/replay.h"

#define FAR UINT64_MAX
#define METRIC_FAR 0xfe000000u /* RFC 9352 section 7.1: a locator with it is not reachable */
#define HOST_ROUTE 129 /* place of made-up SIDs: before every prefix */
#define NO_ROUTE (-1) /* place of nodes without a locator: after every prefix */

/* A node that attracts the packet, for a prefix of one length. */
struct target {
	int len;
	uint8_t algorithm; /* by which routers reach it (RFC 9350) */
	ted_node node;
	uint32_t metric;
};

/* A node that is to tell its neighbours how far it is. */
struct news {
	uint64_t distance;
	ted_node node;
};

/* The nodes that attract packets by prefixes of one length and algorithm, and the distances to
 * them. */
struct table {
	int len;
	uint8_t algorithm;
	struct ted_fad fad; /* its definition, if it is a flexible one */
	bool computed; /* routers compute it */
	size_t first, n; /* of the targets */
	uint64_t *distance; /* final where no news is nearer, FAR: not heard yet */
	struct news *news; /* a heap, the nearest on top */
	size_t n_news, cap_news;
};

/* Routing of one SID. */
struct routing {
	struct target *targets; /* longest prefix first */
	size_t n_targets, cap_targets;
	struct table *tables;
	size_t n_tables, cap_tables;
	bool made;
};

/* A header that the packet has somewhere on its way. */
struct header {
	uint8_t address[16]; /* destination */
	uint32_t entry; /* of the list, from which it comes */
	struct routing routing;
	uint32_t *seen; /* by node: state + 1, 0 not seen */
};

enum action { FORWARD, CROSS, DELIVER, LOSE };

/* A node and the header with which the packet came there. */
struct state {
	bool on_walk;
	size_t n_links; /* over which it goes on */
	uint64_t share; /* parts per REPLAY_WHOLE of the traffic */
};

/* A move between states. */
struct move {
	uint32_t from, to; /* to NO_STATE: delivered at the link's end */
	ted_link link;
};

/* A state on the walk. */
struct visit {
	uint32_t state;
	ted_node node;
	uint32_t header; /* active one, after the node executed its own */
	uint32_t then; /* CROSS: header on the link, NO_HEADER: the list is at its end */
	enum action action;
	ted_link link; /* CROSS: over this one */
	size_t next; /* FORWARD: link out to be tried next */
	size_t branches; /* FORWARD: links taken so far */
	const struct table *table;
};

#define NO_STATE UINT32_MAX
#define NO_HEADER UINT32_MAX

struct walk {
	const struct ted *ted;
	uint32_t n_nodes, n_links;
	uint16_t topology; /* by which IPv6 is routed */
	const uint8_t (*sids)[16];
	uint32_t n;
	const struct replay_sid *extra;
	size_t n_extra;

	struct header *headers;
	size_t n_headers, cap_headers;
	struct state *states;
	size_t n_states, cap_states;
	struct move *moves;
	size_t n_moves, cap_moves;
	uint32_t *left; /* states in the order in which the walk left them */
	size_t n_left, cap_left;
	struct visit *visits;
	size_t n_visits, cap_visits;
	ted_link *trace; /* every link taken, in the order of the walk */
	size_t n_trace, cap_trace;
	bool branched, lost, delivered;
	ted_node end;
	bool several_ends;
	char text[256];
};

/* How a router executes its own SID. */
enum own { OWN_NOT, OWN_END, OWN_END_X, OWN_SERVICE, OWN_OTHER };

/* A SID of a node as its forwarding table has it. */
struct entry {
	enum own own;
	unsigned bits; /* that select it */
	unsigned block,
	    argument; /* NEXT-CSID: where its argument goes, and where it begins; else 0 */
	ted_link link; /* OWN_END_X */
	unsigned replaced; /* REPLACE-CSID: bits of a C-SID; else 0 */
};

/*
 * What `node` does with a packet for this address; the longest of its SIDs decides. A link's SIDs
 * live and die with its adjacency.
 */
struct entry replay_own_sid(const struct walk *w, ted_node node, const uint8_t address[16]);

/* A link that is not usable, whose SID the address would select at its node; TED_NONE: none. */
ted_link replay_dead_sid(const struct walk *w, ted_node node, const uint8_t address[16]);

/* True if the table's algorithm may use the link; *cost is what it then costs. */
bool replay_link_cost(const struct walk *w, const struct table *table, ted_link link,
		      uint64_t *cost);

/* The target that node is in this table, or NULL. */
const struct target *replay_target_at(const struct routing *r, const struct table *table,
				      ted_node node);

/* What it costs to send a packet to node: an overloaded one takes only what is for itself. */
uint64_t replay_cost_through(const struct walk *w, const struct routing *r,
			     const struct table *table, ted_node node);

/* The longest prefix of more than `bits` bits that a node has a route by, NULL: none. */
enum pce_status replay_find_route(struct walk *w, uint32_t header, ted_node node, int bits,
				  struct table **out, struct pce_error *err);

/* Frees what replay_find_route made. */
void replay_routing_free(struct routing *routing);

#endif
