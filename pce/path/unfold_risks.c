/* Risks of the unfolded graph: see unfold.h. */
#include <stdlib.h>
#include <string.h>

#include "pce/path/unfold.h"

/* Where the new groups are put together. */
struct sharing {
	struct unfolded *u;
	const struct path_graph *base;
	uint32_t n_groups, n_bits, n_of; /* so far */
	uint32_t no_member; /* end of the list of members */
};

static bool
has_group(const struct path_graph *g, uint32_t link, uint32_t group)
{
	struct graph_span groups = graph_link_groups(g, link);

	for (uint32_t i = 0; i < groups.n; i++)
		if (g->groups_of[groups.first + i] == group)
			return true;
	return false;
}

/* What a fibre risks whichever way it is passed: the smaller of the two probabilities, and the
 * groups that it alone belongs to both ways. */
static uint64_t
common_cost(const struct path_graph *g, uint32_t link)
{
	const struct graph_link *l = &g->links[link];
	uint64_t own = cost_of_ppt(ted_link_at(g->ted, l->row)->unavailability_ppt);
	uint64_t other =
	    cost_of_ppt(ted_link_at(g->ted, g->links[l->reverse].row)->unavailability_ppt);
	uint64_t sum = own < other ? own : other;
	struct graph_span groups = graph_link_groups(g, link);

	for (uint32_t i = 0; i < groups.n; i++) {
		uint32_t group = g->groups_of[groups.first + i];

		if (g->groups[group].bit == GRAPH_NONE && has_group(g, l->reverse, group))
			sum = cost_add(sum, g->groups[group].cost);
	}
	return sum;
}

/* A group for something that each copy has once. */
static uint32_t
add_group(struct sharing *s, uint64_t cost)
{
	uint32_t group = s->n_groups++;

	s->u->groups[group] = (struct graph_group){ .cost = cost,
						    .bit = s->n_bits,
						    .n_members = s->u->graph.copies,
						    .member_first = s->no_member };
	s->u->group_of_bit[s->n_bits++] = group;
	return group;
}

/* Writes a list of groups with one more (GRAPH_NONE: none) and moves it there. */
static void
relist(struct sharing *s, struct graph_span *groups, uint32_t more)
{
	uint32_t at = s->n_of;

	for (uint32_t i = 0; i < groups->n; i++)
		s->u->groups_of[s->n_of++] = s->base->groups_of[groups->first + i];
	if (more != GRAPH_NONE)
		s->u->groups_of[s->n_of++] = more;
	*groups = (struct graph_span){ at, s->n_of - at };
}

/* The share of each group in the spread price. */
static uint64_t
spread_of(const struct sharing *s, struct graph_span groups)
{
	uint64_t sum = 0;

	for (uint32_t i = groups.first; i < groups.first + groups.n; i++) {
		const struct graph_group *group = &s->u->groups[s->u->groups_of[i]];

		if (group->bit != GRAPH_NONE)
			sum = cost_add(sum, group->cost / group->n_members);
	}
	return sum;
}

/* One link, in all copies. */
static void
share_link(struct sharing *s, uint32_t link)
{
	const struct path_graph *base = s->base;
	uint32_t reverse = base->links[link].reverse, *group = &s->u->group_of_link[link];
	struct graph_span groups = graph_link_groups(base, link);
	uint64_t spread, cost = graph_link_cost(base, link);

	*group = GRAPH_NONE;
	if (reverse != GRAPH_NONE) {
		uint64_t common = common_cost(base, link);

		if (reverse < link)
			*group = s->u->group_of_link[reverse];
		else if (common > 0)
			*group = add_group(s, common);
		if (*group != GRAPH_NONE)
			cost -= common < cost ? common : cost;
	}
	relist(s, &groups, *group);
	spread = spread_of(s, groups);
	for (uint32_t copy = 0; copy < s->u->graph.copies; copy++) {
		uint32_t at = copy * base->n_links + link;

		s->u->link_spread[at] = spread;
		s->u->link_cost[at] = cost;
		s->u->link_groups[at] = groups;
	}
}

/* One node, in all copies. */
static void
share_node(struct sharing *s, uint32_t node, bool end)
{
	const struct path_graph *base = s->base;
	struct graph_span groups = graph_node_groups(base, node);
	uint64_t cost = end ? 0 : graph_node_price(base, node).cost;
	uint64_t spread;

	s->u->group_of_node[node] = cost > 0 ? add_group(s, cost) : GRAPH_NONE;
	groups.n = end ? 0 : groups.n;
	relist(s, &groups, s->u->group_of_node[node]);
	spread = spread_of(s, groups);
	for (uint32_t copy = 0; copy < s->u->graph.copies; copy++) {
		uint32_t at = copy * base->n_nodes + node;

		s->u->node_spread[at] = spread;
		s->u->node_price[at] = (struct graph_price){ 0 };
		s->u->node_groups[at] = groups;
	}
}

static enum pce_status
allocate(struct sharing *s, struct pce_error *err)
{
	const struct path_graph *base = s->base;
	size_t links = base->n_links, nodes = base->n_nodes, lists = links + nodes;

	for (uint32_t i = 0; i < base->n_links; i++)
		lists += graph_link_groups(base, i).n;
	for (uint32_t i = 0; i < base->n_nodes; i++)
		lists += graph_node_groups(base, i).n;
	s->u->groups = calloc(base->n_groups + links + nodes + 1, sizeof(*s->u->groups));
	s->u->groups_of = calloc(lists + 1, sizeof(*s->u->groups_of));
	s->u->group_of_bit = calloc(base->n_bits + links + nodes + 1, sizeof(uint32_t));
	s->u->group_of_link = calloc(links + 1, sizeof(uint32_t));
	s->u->group_of_node = calloc(nodes + 1, sizeof(uint32_t));
	return s->u->groups && s->u->groups_of && s->u->group_of_bit && s->u->group_of_link &&
		       s->u->group_of_node
		   ? PCE_OK
		   : pce_no_memory(err);
}

enum pce_status
unfold_share_risks(struct unfolded *u, struct pce_error *err)
{
	struct sharing s = { .u = u, .base = u->base->graph };
	struct path_graph *g = &u->graph;
	enum pce_status status = allocate(&s, err);

	if (status)
		return status;
	/* the entry after a group closes the list of its members; the new ones list none */
	memcpy(u->groups, s.base->groups, (s.base->n_groups + 1) * sizeof(*u->groups));
	s.no_member = u->groups[s.base->n_groups].member_first;
	for (uint32_t i = 0; i < s.base->n_bits; i++)
		u->group_of_bit[i] = s.base->group_of_bit[i];
	for (uint32_t i = 0; i < s.base->n_groups; i++)
		u->groups[i].n_members *= g->copies;
	s.n_groups = s.base->n_groups;
	s.n_bits = s.base->n_bits;
	for (uint32_t i = 0; i < s.base->n_links; i++)
		share_link(&s, i);
	for (uint32_t i = 0; i < s.base->n_nodes; i++)
		share_node(&s, i,
			   s.base->nodes[i].row == u->request->from ||
			       s.base->nodes[i].row == u->request->to);
	g->groups = u->groups;
	g->groups_of = u->groups_of;
	g->group_of_bit = u->group_of_bit;
	g->group_of_link = u->group_of_link;
	g->group_of_node = u->group_of_node;
	g->n_bits = s.n_bits;
	return PCE_OK;
}
