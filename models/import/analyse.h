/*
 * Where a network is weak: what splits it when it fails, what carries most shortest paths, and how
 * far apart its ends are. For planners; nothing here is on the way of a path request.
 *
 * What may fail is a *fibre*: a usable link with its reverse. Links without one are paired with one
 * that leads the other way between the same nodes, in order of rank; what is left over leads one
 * way only and counts as a connection all the same. Splitting means that of the nodes that are left
 * two can reach each other no more, whatever the direction of links.
 */
#ifndef MODELS_IMPORT_ANALYSE_H
#define MODELS_IMPORT_ANALYSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pce/base/arena.h"
#include "pce/base/status.h"
#include "pce/ted/ted.h"

struct analysis_fibre {
	ted_link there, back; /* back: TED_NONE if it leads one way only */
	ted_node from, to; /* of there */
};

/* A fibre whose failure splits the network; cut_off nodes are on the smaller side. */
struct analysis_bridge {
	uint32_t fibre;
	uint32_t cut_off;
};

/* A node whose failure splits the rest into pieces; all but the largest have cut_off nodes. */
struct analysis_point {
	ted_node node;
	uint32_t pieces, cut_off;
};

/* Fibres of which any two split the network, though none does alone. */
struct analysis_group {
	const uint32_t *fibres; /* ascending */
	size_t n;
};

/* A shared risk whose failure splits the network. */
struct analysis_risk {
	bool site; /* else an SRLG */
	const char *name; /* NULL: an SRLG without one */
	uint32_t number; /* of an SRLG */
	uint32_t fibres, nodes; /* what fails with it */
	uint32_t pieces, cut_off;
};

/* A zeroed one is empty. */
struct analysis {
	struct arena arena; /* owns all below; names are the ted's */
	const ted_node *nodes; /* usable nodes, in order of rank */
	size_t n_nodes, n_links; /* usable ones */
	const struct analysis_fibre *fibres; /* in order of rank of there */
	size_t n_fibres;
	size_t paired, one_way; /* fibres of two links that name no reverse, and of one */
	size_t islands;
	const struct analysis_bridge *bridges;
	size_t n_bridges;
	const struct analysis_point *points; /* articulation points */
	size_t n_points;
	const struct analysis_group *groups; /* two-edge cuts */
	size_t n_groups;
	const struct analysis_risk *risks; /* SRLGs by number, then sites by name */
	size_t n_risks;
	/* By row: how many ordered pairs of nodes have their shortest path by IGP metric over it;
	 * equal-cost paths share a pair. A node's own pairs do not count. */
	const double *node_pairs, *link_pairs;
	double pairs; /* of nodes that reach each other, in all */
	size_t sources; /* that these were counted from; fewer than nodes: an estimate */
	/* The longest of all shortest paths by delay. */
	bool has_diameter; /* some node reaches another */
	bool diameter_exact; /* else it is at least this */
	uint64_t diameter_us;
	ted_node diameter_from, diameter_to;
	const ted_link *diameter_path;
	size_t diameter_hops;
};

/*
 * Analyses the usable part of a settled ted. sources: from how many nodes shortest paths are
 * counted, 0 for all of them up to 20 000 nodes and 1 000 of a larger network. out must be empty;
 * analysis_free afterwards. The result depends on nothing but the graph.
 *
 * Bridges, articulation points and islands come from igraph, so: one thread of a process at a time.
 * O(n + m) for cuts, O(n + m) for each shared risk and articulation point, O(m log n) for each
 * source: some seconds for 10 000 nodes.
 */
enum pce_status analysis_make(const struct ted *ted, size_t sources, struct analysis *out,
			      struct pce_error *err);
void analysis_free(struct analysis *analysis);

#endif
