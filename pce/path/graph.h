/*
 * The packed graph: what computations read instead of rows of the TED.
 *
 * Nodes are numbered breadth first from the one of lowest rank, so that neighbours in the network
 * are near in memory. Links are numbered by (number of the tail, canonical rank). Two routes from
 * the same node part at links of one tail, so comparing routes by link numbers compares them by
 * canonical keys, and no result depends on the order in which rows arrived. Whatever is compared
 * otherwise (nodes, or links of different tails) must be compared by rank, because the numbers
 * change when the network grows.
 *
 * What a search reads of a link is an arc of 32 bytes, kept twice: among those out of its tail and
 * among those into its head. It is derived from the TED: residual bandwidth in kbit/s for quick
 * decisions (the exact value is in residual_bps), the availability's cost with that of the node at
 * the head, and a class instead of affinity, slices and state.
 *
 * Rows that are not usable stay in, flagged: they come and go in O(1). Only new rows, changed SRLGs
 * and changed nodes make it necessary to pack anew.
 *
 * Risk groups (SRLGs, and sites that may fail, to which their nodes belong) are numbered densely. A
 * group with a price that more than one fibre or node belongs to is "shared": it has a bit in the
 * risk sets of the availability search. The price of every other group is part of its only member's
 * cost. A link and its reverse are one fibre, and no loopless path takes both.
 *
 * A fork shares what never changes (the shape) and, until one of them changes it, what seldom does
 * (prices, loss, classes); arcs and residuals are copied.
 */
#ifndef PCE_PATH_GRAPH_H
#define PCE_PATH_GRAPH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pce/path/classes.h"
#include "pce/path/cost.h"
#include "pce/ted/ted.h"

#define GRAPH_NONE UINT32_MAX

/* What can be summed along a path. */
enum graph_metric {
	METRIC_IGP,
	METRIC_TE,
	METRIC_DELAY,
	METRIC_HOPS, /* links that do not leave a pseudonode: one per router-to-router step */
	METRIC_LINKS, /* links: makes every total order strict, also where metrics are 0 */
	METRIC_COST, /* availability: link, transit node at its head, unshared groups */
	METRIC_SPREAD, /* METRIC_COST and the shared groups, each divided among its members */
	METRIC_OVERLAP, /* how often earlier alternatives use the fibre */
	METRIC_COUNT
};

/* A link as searches see it, from one of its ends. */
struct graph_arc {
	uint64_t cost; /* of the link, its unshared groups and the node at its head */
	uint32_t end; /* the other end: head among arcs_out, tail among arcs_in */
	uint32_t igp, te, delay_us;
	uint32_t residual_kbps; /* rounded down; UINT32_MAX: that or more */
	uint32_t class; /* number << ARC_FLAG_BITS | flags, see classes.h */
};

/* What of a link changes only with the structure. */
struct graph_link {
	uint32_t tail;
	uint32_t reverse; /* the other direction of the fibre, or GRAPH_NONE */
	uint32_t row;
	uint32_t in_place; /* where it is in arcs_in and in */
};

struct graph_node {
	uint32_t row;
};

/* The groups that a link or node belongs to, in path_graph.groups_of. */
struct graph_span {
	uint32_t first, n;
};

enum { NODE_DOWN = 1, NODE_OVERLOAD = 2, NODE_PSEUDO = 4 };

/* Of a node as transit node. */
struct graph_price {
	uint64_t cost; /* own and unshared groups */
	uint64_t unavailability_ppt; /* its own */
};

struct graph_group {
	uint64_t unavailability_ppt, cost;
	uint32_t number; /* of the SRLG; of a site: its place among ted_sites */
	bool is_site;
	uint32_t bit; /* in risk sets, or GRAPH_NONE: folded or free */
	uint32_t n_members; /* fibres and nodes */
	uint32_t member_first; /* into path_graph.members; up to the next group's */
};

/* Weights of usable links lie between these; never narrowed. min > max: there is none. */
struct graph_range {
	uint64_t min, max;
};

struct graph_shape;
struct graph_prices;

struct path_graph {
	const struct ted *ted;
	uint32_t n_nodes, n_links;

	/* Mutable, copied by a fork. Arcs begin at lines of cache, in their blocks. */
	void *block_out, *block_in;
	struct graph_arc *arcs_out; /* by link number */
	struct graph_arc *arcs_in; /* by head */
	uint64_t *residual_bps; /* by link number */
	uint8_t *node_flags;
	struct graph_range igp, te, delay, cost; /* of arcs; te without TED_METRIC_UNREACHABLE */
	bool lacks_te; /* a usable link may have no TE metric */
	uint64_t version; /* grows with metrics and states of links, not with residuals */

	/* Shared until changed. */
	struct graph_prices *prices;
	const uint64_t *link_ppt; /* what a link is unavailable by itself */
	const struct graph_price *node_price; /* NULL: no node has one */
	const uint64_t *link_spread,
	    *node_spread; /* share of shared groups; NULL: there are none */
	const uint32_t *loss_ppb; /* by link number; NULL: no link has any */
	struct graph_classes *classes;

	/* Immutable. */
	struct graph_shape *shape;
	const uint32_t *out_first; /* n_nodes + 1: a node's arcs in arcs_out */
	const uint32_t *in_first; /* n_nodes + 1: a node's arcs in arcs_in */
	const uint32_t *in; /* link numbers, beside arcs_in; into a node by rank, if not unfolded */
	const struct graph_link *links;
	const struct graph_node *nodes;
	const uint32_t *node_of_row, *link_of_row;
	uint32_t copies, base_nodes, base_links; /* 1 and the above, unless unfolded: see via.h */
	const struct graph_group *groups; /* SRLGs by number, then sites; n_groups + 1 */
	const uint32_t *groups_of; /* group numbers of links and nodes: */
	const struct graph_span *link_groups, *node_groups; /* NULL: nothing has any */
	const uint32_t *members; /* links, and GRAPH_MEMBER_NODE | node */
	const uint32_t *group_of_bit;
	uint32_t n_groups, n_bits;
	/* Unfolded: the group that stands for a fibre or node itself, by link and node of the graph
	 * that was unfolded, or GRAPH_NONE; else NULL. */
	const uint32_t *group_of_link, *group_of_node;
};

#define GRAPH_MEMBER_NODE 0x80000000u

/* Packs all rows of ted, which must outlive the graph. Caller owns *out; path_graph_free(NULL) does
 * nothing. PCE_NO_MEMORY, PCE_LIMIT above 2^31 rows. */
enum pce_status path_graph_new(const struct ted *ted, struct path_graph **out,
			       struct pce_error *err);
void path_graph_free(struct path_graph *g);

/* A graph over ted, a fork of g's, which has changed since neither there nor here. The two may be
 * used by different threads. PCE_NO_MEMORY. A few memcpys. */
enum pce_status path_graph_fork(const struct path_graph *g, const struct ted *ted,
				struct path_graph **out, struct pce_error *err);

/* Takes over what may change without packing anew: metrics, bandwidth, affinity, slices,
 * usability, and the link's own availability. PCE_NO_MEMORY. O(1). */
enum pce_status path_graph_update_link(struct path_graph *g, uint32_t row, struct pce_error *err);

/* As path_graph_update_link for residual and usability alone; cannot fail. */
void path_graph_update_state(struct path_graph *g, uint32_t row);

/* The same for a node: overload, usability, own availability. PCE_NO_MEMORY. O(degree). */
enum pce_status path_graph_update_node(struct path_graph *g, uint32_t row, struct pce_error *err);

/* Dense number of an SRLG, or GRAPH_NONE if nothing belongs to it. O(log n). */
uint32_t path_graph_group(const struct path_graph *g, uint32_t srlg);

/* Where a link leads to, and where it comes from. */
static inline uint32_t
graph_head(const struct path_graph *g, uint32_t link)
{
	return g->arcs_out[link].end;
}

/* See graph_head. */
static inline uint32_t
graph_tail(const struct path_graph *g, uint32_t link)
{
	return g->links[link].tail;
}

/* True if who comes to a node from another one can only turn back there. */
static inline bool
graph_turns_back(const struct path_graph *g, uint32_t node, uint32_t from)
{
	uint32_t first = g->out_first[node];

	return g->out_first[node + 1] - first == 1 && g->arcs_out[first].end == from;
}

/* The same against the links: that node comes from the other one alone. */
static inline bool
graph_comes_back(const struct path_graph *g, uint32_t node, uint32_t to)
{
	uint32_t first = g->in_first[node];

	return g->in_first[node + 1] - first == 1 && g->arcs_in[first].end == to;
}

/* Price of a node as transit node. */
static inline struct graph_price
graph_node_price(const struct path_graph *g, uint32_t node)
{
	return g->node_price ? g->node_price[node] : (struct graph_price){ 0, 0 };
}

/* Cost of a link, without the node at its head: its own and that of its unshared groups. */
static inline uint64_t
graph_link_cost(const struct path_graph *g, uint32_t link)
{
	return g->arcs_out[link].cost - graph_node_price(g, g->arcs_out[link].end).cost;
}

/* Groups of a link, and of a node. */
static inline struct graph_span
graph_link_groups(const struct path_graph *g, uint32_t link)
{
	return g->link_groups ? g->link_groups[link] : (struct graph_span){ 0, 0 };
}

/* See graph_link_groups. */
static inline struct graph_span
graph_node_groups(const struct path_graph *g, uint32_t node)
{
	return g->node_groups ? g->node_groups[node] : (struct graph_span){ 0, 0 };
}

/* Loss of a link, in parts per billion. */
static inline uint32_t
graph_loss_ppb(const struct path_graph *g, uint32_t link)
{
	return g->loss_ppb ? g->loss_ppb[link] : 0;
}

/* True if a route can take a link at all. */
static inline bool
graph_usable(const struct path_graph *g, uint32_t link)
{
	return (g->arcs_out[link].class & ARC_DOWN) == 0;
}

#endif
