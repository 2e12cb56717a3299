/*
 * The graph unfolded into one copy for each stage of a list of nodes and services to pass, a stage
 * being how much of the list was passed; a link into the next wanted node leads into the next copy.
 * A route through the vias is a loopless route of the unfolded graph, so that every objective,
 * filter and bound holds as for single routes. Ends count as passed when they are wanted.
 *
 * Risks are paid once however often they are passed. A fibre can be passed in both directions, a
 * node in every stage, so each of them becomes a shared group of its own, with a bit in the sets of
 * paid risks; what only one direction of a fibre risks stays with its link. No member of a group is
 * passed more often than there are copies, which keeps the bound by shares admissible. The two
 * ends' own risks cost nothing in any copy.
 */
#ifndef PCE_PATH_UNFOLD_H
#define PCE_PATH_UNFOLD_H

#include "pce/path/engine.h"
#include "pce/path/single.h"

struct unfolded {
	struct path_engine *base;
	struct path_engine e; /* over the unfolded graph */
	struct path_graph graph; /* shares classes with the base's; its own are: */
	uint32_t *out_first, *in_first, *in, *loss_ppb;
	struct graph_link *links;
	struct graph_node *nodes;
	struct graph_price *node_price;
	struct graph_span *link_groups, *node_groups;
	uint64_t *link_ppt, *link_cost, *link_spread, *node_spread;
	struct graph_group *groups; /* with risks: those of the base, then one a fibre and node */
	uint32_t *groups_of, *group_of_bit, *group_of_link, *group_of_node;
	const struct path_request *request;
	struct task task; /* the request's */
	uint64_t floor_bps;
};

/* Unfolds base's graph for a request with vias and sets u->e.filter and u->task by the constraints
 * in the mask. u is freed by unfold_free, also on failure. PCE_NO_MEMORY. O(copies x graph). */
enum pce_status unfold_init(struct unfolded *u, struct path_engine *base,
			    const struct path_request *request, uint32_t constraints,
			    struct pce_error *err);
void unfold_free(struct unfolded *u);

/* Gives the unfolded graph groups for fibres and nodes; arcs are set afterwards. Internal to
 * unfold_init. PCE_NO_MEMORY. */
enum pce_status unfold_share_risks(struct unfolded *u, struct pce_error *err);

#endif
