/* How the packed graph is made: see graph.h. */
#ifndef PCE_PATH_GRAPH_INTERNAL_H
#define PCE_PATH_GRAPH_INTERNAL_H

#include <stdatomic.h>

#include "pce/path/graph.h"

/* What never changes; a graph and its forks hold it together. */
struct graph_shape {
	atomic_uint holders;
	uint32_t n_nodes, n_links;
	uint32_t *out_first, *in_first, *in;
	struct graph_link *links;
	struct graph_node *nodes;
	uint32_t *node_of_row, *link_of_row;
	struct graph_group *groups;
	uint32_t *groups_of, *members, *group_of_bit;
	struct graph_span *link_groups, *node_groups; /* NULL without groups */
	uint32_t n_groups, n_bits;
};

/* What changes seldom; copied before it is written if others hold it too. */
struct graph_prices {
	atomic_uint holders;
	uint64_t *link_ppt;
	struct graph_price *nodes; /* NULL: no node has one */
	uint64_t *link_spread, *node_spread; /* NULL without shared groups */
	uint32_t *loss_ppb; /* NULL: no link has any */
};

/* Numbers nodes and links of ted and joins them. Caller owns *out; graph_shape_free takes one
 * holder away. PCE_NO_MEMORY, PCE_LIMIT above 2^31 rows or SRLG memberships. */
enum pce_status graph_shape_new(const struct ted *ted, struct graph_shape **out,
				struct pce_error *err);
void graph_shape_free(struct graph_shape *s);

/* Numbers the SRLGs of a shape that has nodes and links. PCE_NO_MEMORY, PCE_LIMIT. */
enum pce_status graph_groups_pack(struct graph_shape *s, const struct ted *ted,
				  struct pce_error *err);

#endif
