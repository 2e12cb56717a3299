/*
 * The packed graph: what computations read instead of rows of the TED.
 *
 * Nodes are numbered in order of their canonical rank, links by (tail, canonical rank). So whatever
 * a computation decides by number it decides by canonical key, and no result can depend on the
 * order in which rows arrived. Links out of a node are neighbours in memory.
 *
 * Rows that are not usable stay in, flagged: they come and go in O(1). Only new rows, changed SRLGs
 * and changed nodes make it necessary to pack anew.
 *
 * Risk groups (SRLGs) are numbered densely. A group with a price that more than one fibre or node
 * belongs to is "shared": it has a bit in the risk sets of the availability search. The price of
 * every other group is part of its only member's cost. A link and its reverse are one fibre, and no
 * loopless path takes both.
 */
#ifndef PCE_PATH_GRAPH_H
#define PCE_PATH_GRAPH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pce/path/cost.h"
#include "pce/path/intern.h"
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

struct graph_link {
	uint64_t residual_bps;
	uint64_t cost; /* own and unshared groups */
	uint64_t spread; /* share of shared groups, without cost */
	uint32_t tail, head;
	uint32_t igp, te, delay_us;
	uint32_t loss_ppb;
	uint32_t affinity, slices; /* numbers in the intern tables */
	uint32_t reverse; /* the other direction of the fibre, or GRAPH_NONE */
	uint32_t row;
	uint32_t group_first, n_groups; /* into path_graph.groups_of */
	bool usable;
	uint8_t hop; /* 0 out of a pseudonode, else 1 */
};

struct graph_node {
	uint64_t cost, spread; /* as transit node */
	uint32_t out; /* first link out of it; those of the next node follow */
	uint32_t in; /* first place in path_graph.in */
	uint32_t row;
	uint32_t group_first, n_groups;
	bool usable, overload, pseudonode;
};

struct graph_group {
	uint64_t unavailability_ppt, cost;
	uint32_t number; /* of the SRLG */
	uint32_t bit; /* in risk sets, or GRAPH_NONE: folded or free */
	uint32_t n_members; /* fibres and nodes */
	uint32_t member_first; /* into path_graph.members; up to the next group's */
};

struct path_graph {
	const struct ted *ted;
	struct graph_node *nodes; /* n_nodes + 1: the last one only closes the ranges */
	struct graph_link *links;
	uint32_t *in; /* link numbers by head */
	uint32_t *node_of_row, *link_of_row;
	uint32_t n_nodes, n_links;
	uint32_t copies, base_nodes, base_links; /* 1 and the above, unless unfolded: see via.h */
	struct graph_group *groups; /* sorted by number; n_groups + 1 */
	uint32_t *groups_of; /* group numbers of links and nodes */
	uint32_t *members; /* links, and GRAPH_MEMBER_NODE | node */
	uint32_t n_groups, n_bits;
	uint32_t *group_of_bit;
	struct intern affinity; /* uint32_t words without trailing zeros */
	struct intern slices; /* names, each with its NUL, in order */
};

#define GRAPH_MEMBER_NODE 0x80000000u

/* Packs all rows of ted, which must outlive the graph. Caller owns *out; path_graph_free(NULL) does
 * nothing. PCE_NO_MEMORY, PCE_LIMIT above 2^31 rows. */
enum pce_status path_graph_new(const struct ted *ted, struct path_graph **out,
			       struct pce_error *err);
void path_graph_free(struct path_graph *g);

/* Takes over what may change without packing anew: metrics, bandwidth, affinity, slices,
 * usability, and the link's own availability. PCE_NO_MEMORY. O(1). */
enum pce_status path_graph_update_link(struct path_graph *g, uint32_t row, struct pce_error *err);

/* As path_graph_update_link for residual and usability alone; cannot fail. */
void path_graph_update_state(struct path_graph *g, uint32_t row);

/* The same for a node: overload, usability, own availability. O(1). */
void path_graph_update_node(struct path_graph *g, uint32_t row);

/* Dense number of an SRLG, or GRAPH_NONE if nothing belongs to it. O(log n). */
uint32_t path_graph_group(const struct path_graph *g, uint32_t srlg);

#endif
