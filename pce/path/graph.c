#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"
#include "pce/base/text.h"
#include "pce/path/graph.h"

static int
compare_u64(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static enum pce_status
allocate(struct path_graph *g, struct pce_error *err)
{
	g->nodes = calloc((size_t)g->n_nodes + 1, sizeof(*g->nodes));
	g->links = calloc((size_t)g->n_links + 1, sizeof(*g->links));
	g->in = calloc((size_t)g->n_links + 1, sizeof(*g->in));
	g->node_of_row = calloc((size_t)g->n_nodes + 1, sizeof(*g->node_of_row));
	g->link_of_row = calloc((size_t)g->n_links + 1, sizeof(*g->link_of_row));
	if (!g->nodes || !g->links || !g->in || !g->node_of_row || !g->link_of_row)
		return pce_no_memory(err);
	return PCE_OK;
}

/* Numbers the nodes by rank and the links by tail, in the order of rank that ted keeps them in. */
static enum pce_status
number_rows(struct path_graph *g, struct pce_error *err)
{
	uint32_t at = 0;

	for (uint32_t i = 0; i < g->n_nodes; i++) {
		uint32_t rank = ted_node_at(g->ted, i)->rank;

		if (rank >= g->n_nodes)
			return pce_fail(err, PCE_INTERNAL, "node %s has rank %u of %u",
					ted_node_at(g->ted, i)->name, rank, g->n_nodes);
		g->nodes[rank].row = i;
		g->node_of_row[i] = rank;
	}
	for (uint32_t i = 0; i < g->n_nodes; i++) {
		size_t n;
		const ted_link *out = ted_links_out(g->ted, g->nodes[i].row, &n);

		g->nodes[i].out = at;
		for (size_t j = 0; j < n && at < g->n_links; j++) {
			g->link_of_row[out[j]] = at;
			g->links[at++].row = out[j];
		}
	}
	g->nodes[g->n_nodes].out = at;
	return at == g->n_links ? PCE_OK
				: pce_fail(err, PCE_INTERNAL, "%u of %u links leave no node",
					   g->n_links - at, g->n_links);
}

static void
join_rows(struct path_graph *g)
{
	uint32_t sum = 0;

	for (uint32_t i = 0; i < g->n_links; i++) {
		struct graph_link *l = &g->links[i];
		const struct ted_link_row *row = ted_link_at(g->ted, l->row);

		l->tail = g->node_of_row[row->from];
		l->head = g->node_of_row[row->to];
		l->reverse = row->reverse == TED_NONE ? GRAPH_NONE : g->link_of_row[row->reverse];
		g->nodes[l->head].in++;
	}
	for (uint32_t i = 0; i <= g->n_nodes; i++) {
		uint32_t n = i < g->n_nodes ? g->nodes[i].in : 0;

		g->nodes[i].in = sum;
		sum += n;
	}
	for (uint32_t i = 0; i < g->n_links; i++)
		g->in[g->nodes[g->links[i].head].in++] = i;
	for (uint32_t i = g->n_nodes; i > 0; i--)
		g->nodes[i].in = g->nodes[i - 1].in;
	g->nodes[0].in = 0;
}

/* Lists the groups of one row: the number of each above its place in groups_of. */
static uint32_t
list_groups(const uint32_t *srlg, size_t n, uint64_t *all, uint32_t *at)
{
	for (size_t i = 0; i < n; i++, ++*at)
		all[*at] = (uint64_t)srlg[i] << 32 | *at;
	return (uint32_t)n;
}

/* Lists the groups of all links and nodes. */
static void
list_all_groups(struct path_graph *g, uint64_t *all)
{
	uint32_t at = 0;

	for (uint32_t i = 0; i < g->n_links; i++) {
		const struct ted_link_row *row = ted_link_at(g->ted, g->links[i].row);

		g->links[i].group_first = at;
		g->links[i].n_groups = list_groups(row->srlg, row->n_srlg, all, &at);
	}
	for (uint32_t i = 0; i < g->n_nodes; i++) {
		const struct ted_node_row *row = ted_node_at(g->ted, g->nodes[i].row);

		g->nodes[i].group_first = at;
		g->nodes[i].n_groups = list_groups(row->srlg, row->n_srlg, all, &at);
	}
}

/* Dense numbers of all SRLGs that a link or a node belongs to; groups_of gets them, and each group
 * counts its members in member_first. */
static enum pce_status
number_groups(struct path_graph *g, uint64_t *all, size_t n, struct pce_error *err)
{
	uint32_t groups = n > 0;

	qsort(all, n, sizeof(*all), compare_u64);
	for (size_t i = 1; i < n; i++)
		groups += all[i] >> 32 != all[i - 1] >> 32;
	g->groups = calloc((size_t)groups + 1, sizeof(*g->groups));
	if (!g->groups)
		return pce_no_memory(err);
	for (size_t i = 0; i < n; i++) {
		g->n_groups += i == 0 || all[i] >> 32 != all[i - 1] >> 32;
		g->groups[g->n_groups - 1].number = (uint32_t)(all[i] >> 32);
		g->groups[g->n_groups - 1].member_first++;
		g->groups_of[(uint32_t)all[i]] = g->n_groups - 1;
	}
	for (uint32_t i = 0; i < groups; i++) {
		struct graph_group *group = &g->groups[i];

		group->bit = GRAPH_NONE;
		group->unavailability_ppt = ted_srlg_unavailability_ppt(g->ted, group->number);
		group->cost = cost_of_ppt(group->unavailability_ppt);
	}
	return PCE_OK;
}

static void
add_member(struct path_graph *g, uint32_t group, uint32_t member, bool counts)
{
	g->members[g->groups[group].member_first++] = member;
	g->groups[group].n_members += counts;
}

/* True if the link's reverse is in the group too and was counted first. */
static bool
counted_as_reverse(const struct path_graph *g, uint32_t link, uint32_t group)
{
	uint32_t reverse = g->links[link].reverse;
	const struct graph_link *r;

	if (reverse == GRAPH_NONE || reverse > link)
		return false;
	r = &g->links[reverse];
	for (uint32_t i = 0; i < r->n_groups; i++)
		if (g->groups_of[r->group_first + i] == group)
			return true;
	return false;
}

static void
list_members(struct path_graph *g)
{
	uint32_t sum = 0;

	for (uint32_t i = 0; i <= g->n_groups; i++) {
		uint32_t n = g->groups[i].member_first;

		g->groups[i].member_first = sum;
		sum += n;
	}
	for (uint32_t i = 0; i < g->n_links; i++)
		for (uint32_t j = 0; j < g->links[i].n_groups; j++) {
			uint32_t group = g->groups_of[g->links[i].group_first + j];

			add_member(g, group, i, !counted_as_reverse(g, i, group));
		}
	for (uint32_t i = 0; i < g->n_nodes; i++)
		for (uint32_t j = 0; j < g->nodes[i].n_groups; j++)
			add_member(g, g->groups_of[g->nodes[i].group_first + j],
				   GRAPH_MEMBER_NODE | i, true);
	for (uint32_t i = g->n_groups; i > 0; i--)
		g->groups[i].member_first = g->groups[i - 1].member_first;
	g->groups[0].member_first = 0;
}

static enum pce_status
number_bits(struct path_graph *g, struct pce_error *err)
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

static enum pce_status
pack_groups(struct path_graph *g, struct pce_error *err)
{
	size_t total = 0;
	uint64_t *all;
	enum pce_status status;

	for (uint32_t i = 0; i < g->n_links; i++)
		total += ted_link_at(g->ted, i)->n_srlg;
	for (uint32_t i = 0; i < g->n_nodes; i++)
		total += ted_node_at(g->ted, i)->n_srlg;
	if (total >= GRAPH_MEMBER_NODE)
		return pce_fail(err, PCE_LIMIT, "%zu SRLG memberships are too many", total);
	all = calloc(total + 1, sizeof(*all));
	g->groups_of = calloc(total + 1, sizeof(*g->groups_of));
	g->members = calloc(total + 1, sizeof(*g->members));
	if (!all || !g->groups_of || !g->members) {
		free(all);
		return pce_no_memory(err);
	}
	list_all_groups(g, all);
	status = number_groups(g, all, total, err);
	free(all);
	if (status)
		return status;
	list_members(g);
	return number_bits(g, err);
}

/* Price of groups_of[first … first + n): unshared groups whole, shared ones divided. */
static void
price_groups(const struct path_graph *g, uint32_t first, uint32_t n, uint64_t *cost,
	     uint64_t *spread)
{
	*spread = 0;
	for (uint32_t i = 0; i < n; i++) {
		const struct graph_group *group = &g->groups[g->groups_of[first + i]];

		if (group->bit == GRAPH_NONE)
			*cost = cost_add(*cost, group->cost);
		else
			*spread = cost_add(*spread, group->cost / group->n_members);
	}
}

static enum pce_status
intern_slices(struct path_graph *g, const struct ted_link_row *row, uint32_t *out,
	      struct pce_error *err)
{
	struct text names = { .len = 0 };
	enum pce_status status;

	for (size_t i = 0; i < row->n_slices; i++)
		text_bytes(&names, row->slices[i], strlen(row->slices[i]) + 1);
	status = text_ok(&names) ? intern_add(&g->slices, text_get(&names), names.len, out, err)
				 : pce_no_memory(err);
	text_free(&names);
	return status;
}

void
path_graph_update_state(struct path_graph *g, uint32_t row)
{
	struct graph_link *l = &g->links[g->link_of_row[row]];

	l->residual_bps = ted_residual_bps(g->ted, row);
	l->usable = l->tail != l->head && ted_link_usable(g->ted, row);
}

enum pce_status
path_graph_update_link(struct path_graph *g, uint32_t row_number, struct pce_error *err)
{
	struct graph_link *l = &g->links[g->link_of_row[row_number]];
	const struct ted_link_row *row = ted_link_at(g->ted, row_number);
	size_t words = row->n_affinity;
	uint32_t affinity, slices;
	enum pce_status status;

	while (words > 0 && row->affinity[words - 1] == 0)
		words--;
	status =
	    intern_add(&g->affinity, row->affinity, words * sizeof(*row->affinity), &affinity, err);
	if (!status)
		status = intern_slices(g, row, &slices, err);
	if (status)
		return status;
	l->affinity = affinity;
	l->slices = slices;
	l->igp = row->igp_metric;
	l->te = row->te_metric;
	l->delay_us = row->delay_us;
	l->loss_ppb = row->loss_ppb;
	l->hop = !g->nodes[l->tail].pseudonode;
	l->cost = cost_of_ppt(row->unavailability_ppt);
	price_groups(g, l->group_first, l->n_groups, &l->cost, &l->spread);
	path_graph_update_state(g, row_number);
	return PCE_OK;
}

void
path_graph_update_node(struct path_graph *g, uint32_t row_number)
{
	struct graph_node *node = &g->nodes[g->node_of_row[row_number]];
	const struct ted_node_row *row = ted_node_at(g->ted, row_number);

	node->usable = row->unusable == 0;
	node->overload = row->overload;
	node->pseudonode = row->pseudonode;
	node->cost = cost_of_ppt(row->unavailability_ppt);
	price_groups(g, node->group_first, node->n_groups, &node->cost, &node->spread);
}

static enum pce_status
pack(struct path_graph *g, struct pce_error *err)
{
	enum pce_status status = allocate(g, err);

	if (!status)
		status = number_rows(g, err);
	if (status)
		return status;
	join_rows(g);
	status = pack_groups(g, err);
	for (uint32_t i = 0; !status && i < g->n_nodes; i++)
		path_graph_update_node(g, i);
	for (uint32_t i = 0; !status && i < g->n_links; i++)
		status = path_graph_update_link(g, i, err);
	return status;
}

enum pce_status
path_graph_new(const struct ted *ted, struct path_graph **out, struct pce_error *err)
{
	struct path_graph *g;
	enum pce_status status;

	if (ted_node_count(ted) >= GRAPH_MEMBER_NODE || ted_link_count(ted) >= GRAPH_MEMBER_NODE)
		return pce_fail(err, PCE_LIMIT, "a graph of %u links is too large to compute on",
				ted_link_count(ted));
	g = calloc(1, sizeof(*g));
	if (!g)
		return pce_no_memory(err);
	g->ted = ted;
	g->n_nodes = ted_node_count(ted);
	g->n_links = ted_link_count(ted);
	g->copies = 1;
	g->base_nodes = g->n_nodes;
	g->base_links = g->n_links;
	intern_init(&g->affinity);
	intern_init(&g->slices);
	status = pack(g, err);
	if (status)
		path_graph_free(g);
	else
		*out = g;
	return status;
}

void
path_graph_free(struct path_graph *g)
{
	if (!g)
		return;
	free(g->nodes);
	free(g->links);
	free(g->in);
	free(g->node_of_row);
	free(g->link_of_row);
	free(g->groups);
	free(g->groups_of);
	free(g->members);
	free(g->group_of_bit);
	intern_free(&g->affinity);
	intern_free(&g->slices);
	free(g);
}

uint32_t
path_graph_group(const struct path_graph *g, uint32_t srlg)
{
	uint32_t low = 0, high = g->n_groups;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (g->groups[mid].number < srlg)
			low = mid + 1;
		else
			high = mid;
	}
	return low < g->n_groups && g->groups[low].number == srlg ? low : GRAPH_NONE;
}
