/* What the parts of an analysis share. Nodes are numbered from 0 in order of rank. */
#ifndef MODELS_IMPORT_ANALYSE_INTERNAL_H
#define MODELS_IMPORT_ANALYSE_INTERNAL_H

#include "models/import/analyse.h"

#define ANALYSE_NONE UINT32_MAX

/* One end of a fibre or link at a node. */
struct analyse_arc {
	uint32_t to;
	uint32_t what; /* fibre, or link by place in analyse_graph.links */
};

/* Arcs of all nodes, those of node i from first[i] to first[i + 1]. */
struct analyse_arcs {
	uint32_t *first;
	struct analyse_arc *arcs;
};

struct analyse_graph {
	const struct ted *ted;
	struct analysis *out;
	struct arena arena; /* scratch of the whole analysis */
	uint32_t n, n_links, n_fibres;
	uint32_t *index; /* of each node row, ANALYSE_NONE for unusable ones */
	ted_link *links; /* usable links in order of rank */
	uint32_t *from, *to; /* of those links */
	struct analysis_fibre *fibres;
	uint32_t *a, *b; /* ends of fibres */
	struct analyse_arcs undirected; /* fibres, at both ends */
	struct analyse_arcs out_arcs, in_arcs; /* links */
	uint32_t *island; /* of each node */
	uint32_t *island_size;
	struct pce_error *err;
};

/* n zeroed items in the scratch arena; NULL without memory. */
void *analyse_alloc(struct analyse_graph *g, size_t n, size_t size);

/* Islands, bridges and articulation points, by igraph (analyse_igraph.c). *bridges: fibres; both
 * lists ascending and in the scratch arena. */
enum pce_status analyse_igraph(struct analyse_graph *g, uint32_t **bridges, size_t *n_bridges,
			       uint32_t **points, size_t *n_points);

/* Sizes of bridges' sides, and two-edge cuts (analyse_cuts.c). */
enum pce_status analyse_cuts(struct analyse_graph *g, const uint32_t *bridges, size_t n_bridges);

/* Articulation points' pieces, SRLGs and sites (analyse_risks.c). */
enum pce_status analyse_risks(struct analyse_graph *g, const uint32_t *points, size_t n_points);

/* Betweenness and diameter (analyse_paths.c). */
enum pce_status analyse_paths(struct analyse_graph *g, size_t sources);

#endif
