#include <stdlib.h>
#include <string.h>

#include "pce/path/graph_internal.h"

static int
compare_u64(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/*
 * A membership as one number to sort by: the group's number above its place in groups_of (31 bits,
 * see graph_groups_pack). Sites, which are groups of the nodes that stand at them, come after all
 * SRLGs.
 */
#define PLACE_BITS 31
#define FIRST_SITE (1ULL << 32)

static void
list_group(uint64_t number, uint64_t *all, uint32_t *at)
{
	all[*at] = number << PLACE_BITS | *at;
	++*at;
}

/* The number of a node's site among those that may fail; false: it has none. */
static bool
site_number(const struct ted *ted, const char *name, uint64_t *out)
{
	size_t n, low = 0;
	const struct ted_site_row *sites = ted_sites(ted, &n);

	if (ted_site_unavailability_ppt(ted, name) == 0)
		return false;
	while (low < n) {
		size_t middle = low + (n - low) / 2;
		int order = strcmp(sites[middle].name, name);

		if (order == 0) {
			*out = FIRST_SITE + middle;
			return true;
		}
		if (order < 0)
			low = middle + 1;
		else
			n = middle;
	}
	return false;
}

/* Lists the SRLGs of one row. */
static uint32_t
list_groups(const uint32_t *srlg, size_t n, uint64_t *all, uint32_t *at)
{
	for (size_t i = 0; i < n; i++)
		list_group(srlg[i], all, at);
	return (uint32_t)n;
}

/* Lists the groups of all links and nodes. */
static void
list_all_groups(struct graph_shape *g, const struct ted *ted, uint64_t *all)
{
	uint32_t at = 0;
	uint64_t site;

	for (uint32_t i = 0; i < g->n_links; i++) {
		const struct ted_link_row *row = ted_link_at(ted, g->links[i].row);

		g->link_groups[i].first = at;
		g->link_groups[i].n = list_groups(row->srlg, row->n_srlg, all, &at);
	}
	for (uint32_t i = 0; i < g->n_nodes; i++) {
		const struct ted_node_row *row = ted_node_at(ted, g->nodes[i].row);

		g->node_groups[i].first = at;
		g->node_groups[i].n = list_groups(row->srlg, row->n_srlg, all, &at);
		if (site_number(ted, row->site, &site)) {
			list_group(site, all, &at);
			g->node_groups[i].n++;
		}
	}
}

static void
price_group(struct graph_group *group, const struct ted *ted, uint64_t number)
{
	size_t n;

	group->bit = GRAPH_NONE;
	group->is_site = number >= FIRST_SITE;
	group->number = (uint32_t)number; /* of a site: its place */
	group->unavailability_ppt = group->is_site
					? ted_sites(ted, &n)[group->number].unavailability_ppt
					: ted_srlg_unavailability_ppt(ted, group->number);
	group->cost = cost_of_ppt(group->unavailability_ppt);
}

/* Dense numbers of all SRLGs and sites that a link or a node belongs to; groups_of gets them, and
 * each group counts its members in member_first. */
static enum pce_status
number_groups(struct graph_shape *g, const struct ted *ted, uint64_t *all, size_t n,
	      struct pce_error *err)
{
	const uint64_t place = (1ULL << PLACE_BITS) - 1;
	uint32_t groups = n > 0;

	qsort(all, n, sizeof(*all), compare_u64);
	for (size_t i = 1; i < n; i++)
		groups += all[i] >> PLACE_BITS != all[i - 1] >> PLACE_BITS;
	g->groups = calloc((size_t)groups + 1, sizeof(*g->groups));
	if (!g->groups)
		return pce_no_memory(err);
	for (size_t i = 0; i < n; i++) {
		if (i == 0 || all[i] >> PLACE_BITS != all[i - 1] >> PLACE_BITS)
			price_group(&g->groups[g->n_groups++], ted, all[i] >> PLACE_BITS);
		g->groups[g->n_groups - 1].member_first++;
		g->groups_of[all[i] & place] = g->n_groups - 1;
	}
	return PCE_OK;
}

static void
add_member(struct graph_shape *g, uint32_t group, uint32_t member, bool counts)
{
	g->members[g->groups[group].member_first++] = member;
	g->groups[group].n_members += counts;
}

/* True if the link's reverse is in the group too and was counted first. */
static bool
counted_as_reverse(const struct graph_shape *g, uint32_t link, uint32_t group)
{
	uint32_t reverse = g->links[link].reverse;
	struct graph_span r;

	if (reverse == GRAPH_NONE || reverse > link)
		return false;
	r = g->link_groups[reverse];
	for (uint32_t i = 0; i < r.n; i++)
		if (g->groups_of[r.first + i] == group)
			return true;
	return false;
}

static void
list_members(struct graph_shape *g)
{
	uint32_t sum = 0;

	for (uint32_t i = 0; i <= g->n_groups; i++) {
		uint32_t n = g->groups[i].member_first;

		g->groups[i].member_first = sum;
		sum += n;
	}
	for (uint32_t i = 0; i < g->n_links; i++)
		for (uint32_t j = 0; j < g->link_groups[i].n; j++) {
			uint32_t group = g->groups_of[g->link_groups[i].first + j];

			add_member(g, group, i, !counted_as_reverse(g, i, group));
		}
	for (uint32_t i = 0; i < g->n_nodes; i++)
		for (uint32_t j = 0; j < g->node_groups[i].n; j++)
			add_member(g, g->groups_of[g->node_groups[i].first + j],
				   GRAPH_MEMBER_NODE | i, true);
	for (uint32_t i = g->n_groups; i > 0; i--)
		g->groups[i].member_first = g->groups[i - 1].member_first;
	g->groups[0].member_first = 0;
}

static enum pce_status
number_bits(struct graph_shape *g, struct pce_error *err)
{
	g->group_of_bit = calloc((size_t)g->n_groups + 1, sizeof(*g->group_of_bit));
	if (!g->group_of_bit)
		return pce_no_memory(err);
	for (uint32_t i = 0; i < g->n_groups; i++)
		if (g->groups[i].cost > 0 && g->groups[i].n_members > 1) {
			g->groups[i].bit = g->n_bits;
			g->group_of_bit[g->n_bits++] = i;
		}
	return PCE_OK;
}

enum pce_status
graph_groups_pack(struct graph_shape *g, const struct ted *ted, struct pce_error *err)
{
	size_t total = 0;
	uint64_t *all;
	enum pce_status status;

	for (uint32_t i = 0; i < g->n_links; i++)
		total += ted_link_at(ted, i)->n_srlg;
	for (uint32_t i = 0; i < g->n_nodes; i++) {
		const struct ted_node_row *row = ted_node_at(ted, i);

		total += row->n_srlg + (ted_site_unavailability_ppt(ted, row->site) > 0);
	}
	if (total >= GRAPH_MEMBER_NODE)
		return pce_fail(err, PCE_LIMIT, "%zu SRLG memberships are too many", total);
	all = calloc(total + 1, sizeof(*all));
	g->groups_of = calloc(total + 1, sizeof(*g->groups_of));
	g->members = calloc(total + 1, sizeof(*g->members));
	if (total > 0) {
		g->link_groups = calloc((size_t)g->n_links + 1, sizeof(*g->link_groups));
		g->node_groups = calloc((size_t)g->n_nodes + 1, sizeof(*g->node_groups));
	}
	if (!all || !g->groups_of || !g->members ||
	    (total > 0 && (!g->link_groups || !g->node_groups))) {
		free(all);
		return pce_no_memory(err);
	}
	if (total > 0)
		list_all_groups(g, ted, all);
	status = number_groups(g, ted, all, total, err);
	free(all);
	if (status)
		return status;
	if (total > 0)
		list_members(g);
	return number_bits(g, err);
}
