/*
 * A hand-made TED for the tests of the segment room: small networks whose rows the test writes
 * itself. It stands in for pce/ted, so that a test program links its subject alone.
 */
#ifndef TESTS_SEGMENT_GRAPH_H
#define TESTS_SEGMENT_GRAPH_H

#include "pce/ted/ted.h"

#define GRAPH_NODES 12
#define GRAPH_LINKS 64
#define GRAPH_SIDS 4 /* of one node or link */

/* Plain rows with room; a test may change any of it before or between computations. */
struct ted {
	uint32_t n_nodes, n_links;
	struct ted_node_row nodes[GRAPH_NODES];
	struct ted_link_row links[GRAPH_LINKS];
	struct ted_sid node_sids[GRAPH_NODES][GRAPH_SIDS];
	struct ted_sid link_sids[GRAPH_LINKS][GRAPH_SIDS];
	struct ted_prefix_row prefixes[GRAPH_NODES][2];
	struct ted_msd msds[GRAPH_NODES][4];
	ted_link out[GRAPH_NODES][GRAPH_LINKS], in[GRAPH_NODES][GRAPH_LINKS];
	size_t n_out[GRAPH_NODES], n_in[GRAPH_NODES];
	char names[GRAPH_NODES][16], link_names[GRAPH_LINKS][40];
};

/* Empties the graph. */
void graph_init(struct ted *g);
/* Adds a node called "A", "B" … */
ted_node graph_node(struct ted *g);
/* Adds a link of an IGP metric, called "A-B.number". */
ted_link graph_link(struct ted *g, ted_node from, ted_node to, uint32_t metric);
/* Two links that are each other's reverse; the first one (from → to) is returned. */
ted_link graph_fibre(struct ted *g, ted_node from, ted_node to, uint32_t metric);
/* A locator fcbb:bb00:NODE+1::/48 of algorithm 0. */
void graph_locator(struct ted *g, ted_node node);
/* The SID fcbb:bb00:NODE+1:FUNCTION:: on a node, for a test to change. */
struct ted_sid *graph_end(struct ted *g, ted_node node, uint16_t function, uint16_t behavior);
/* The SID fcbb:bb00:FROM+1:FUNCTION:: on a link. */
struct ted_sid *graph_end_x(struct ted *g, ted_link link, uint16_t function, uint16_t behavior);
/* An MSD of a node. */
void graph_msd(struct ted *g, ted_node node, uint8_t type, uint8_t value);
/* Locator, End (function 1) and End.X (functions 0x100 + link) for everything there is. */
void graph_sids(struct ted *g);

#endif
