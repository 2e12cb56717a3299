#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"
#include "pce/path/filter.h"

enum pce_status
filter_init(struct filter *f, const struct path_graph *graph, struct pce_error *err)
{
	size_t links = (size_t)graph->n_links + 1, nodes = (size_t)graph->n_nodes + 1;

	*f = (struct filter){ .graph = graph };
	f->link_avoid = calloc(links, sizeof(uint32_t));
	f->link_held = calloc(links, sizeof(uint32_t));
	f->link_ban = calloc(links, sizeof(uint32_t));
	f->node_avoid = calloc(nodes, sizeof(uint32_t));
	f->node_ban = calloc(nodes, sizeof(uint32_t));
	f->link_free = calloc(links, sizeof(uint32_t));
	f->node_free = calloc(nodes, sizeof(uint32_t));
	f->group_free = calloc((size_t)graph->n_groups + 1, sizeof(uint32_t));
	if (f->link_avoid && f->link_held && f->link_ban && f->node_avoid && f->node_ban &&
	    f->link_free && f->node_free && f->group_free)
		return PCE_OK;
	filter_free(f);
	return pce_no_memory(err);
}

void
filter_free(struct filter *f)
{
	free(f->affinity_ok);
	free(f->slice_ok);
	free(f->link_avoid);
	free(f->node_avoid);
	free(f->link_held);
	free(f->link_ban);
	free(f->node_ban);
	free(f->link_free);
	free(f->node_free);
	free(f->group_free);
	*f = (struct filter){ .graph = NULL };
}

/* The next stamp; after 2^32 of them all stamps are forgotten. */
static uint32_t
next_stamp(uint32_t *stamp, uint32_t *a, size_t n_a, uint32_t *b, size_t n_b)
{
	if (++*stamp == 0) {
		memset(a, 0, n_a * sizeof(*a));
		if (b)
			memset(b, 0, n_b * sizeof(*b));
		*stamp = 1;
	}
	return *stamp;
}

void
filter_unban(struct filter *f)
{
	next_stamp(&f->ban_stamp, f->link_ban, f->graph->n_links, f->node_ban, f->graph->n_nodes);
}

static bool
is_empty(const struct path_affinity *affinity)
{
	for (size_t i = 0; i < affinity->n; i++)
		if (affinity->words[i] != 0)
			return false;
	return !affinity->never;
}

/* How many of the asked bits a group of n words has: none, some or all. */
static void
compare_bits(const struct path_affinity *asked, const uint32_t *words, size_t n, bool *some,
	     bool *all)
{
	*some = false;
	*all = !asked->never;
	for (size_t i = 0; i < asked->n; i++) {
		uint32_t has = i < n ? words[i] : 0;

		*some |= (asked->words[i] & has) != 0;
		*all &= (asked->words[i] & ~has) == 0;
	}
}

/* RFC 7308 and RFC 3209 section 4.7.4: exclude-any, include-any (empty: no condition), include-all.
 */
static bool
affinity_holds(const struct path_request *request, const uint32_t *words, size_t n)
{
	bool some, all;

	compare_bits(&request->exclude_any, words, n, &some, &all);
	if (some)
		return false;
	compare_bits(&request->include_all, words, n, &some, &all);
	if (!all)
		return false;
	compare_bits(&request->include_any, words, n, &some, &all);
	return some || is_empty(&request->include_any);
}

static enum pce_status
judge_affinity(struct filter *f, const struct path_request *request, struct pce_error *err)
{
	const struct intern *groups = &f->graph->affinity;
	enum pce_status status;

	f->check_affinity = !is_empty(&request->include_any) || !is_empty(&request->include_all) ||
			    !is_empty(&request->exclude_any);
	if (!f->check_affinity)
		return PCE_OK;
	status = array_reserve(&f->affinity_ok, &f->affinity_cap, groups->n + 1, 1, err);
	if (status)
		return status;
	for (size_t i = 0; i < groups->n; i++)
		f->affinity_ok[i] =
		    affinity_holds(request, (const uint32_t *)groups->entries[i].bytes,
				   groups->entries[i].len / sizeof(uint32_t));
	return PCE_OK;
}

static bool
names_hold(const char *names, size_t len, const char *wanted)
{
	for (size_t at = 0; at < len; at += strlen(names + at) + 1)
		if (strcmp(names + at, wanted) == 0)
			return true;
	return false;
}

static enum pce_status
judge_slices(struct filter *f, const char *slice, struct pce_error *err)
{
	const struct intern *lists = &f->graph->slices;
	enum pce_status status;

	f->check_slice = slice != NULL;
	if (!slice)
		return PCE_OK;
	status = array_reserve(&f->slice_ok, &f->slice_cap, lists->n + 1, 1, err);
	if (status)
		return status;
	for (size_t i = 0; i < lists->n; i++)
		f->slice_ok[i] =
		    names_hold((const char *)lists->entries[i].bytes, lists->entries[i].len, slice);
	return PCE_OK;
}

/* Puts a link, in every copy of the graph, into a set. */
static void
mark_link(const struct path_graph *g, uint32_t *stamps, uint32_t stamp, uint32_t link)
{
	for (uint32_t i = 0; i < g->copies; i++)
		stamps[link + i * g->base_links] = stamp;
}

static void
mark_node(const struct path_graph *g, uint32_t *stamps, uint32_t stamp, uint32_t node)
{
	for (uint32_t i = 0; i < g->copies; i++)
		stamps[node + i * g->base_nodes] = stamp;
}

/* Puts both directions of a fibre into a set. */
static void
mark_fibre(const struct path_graph *g, uint32_t *stamps, uint32_t stamp, uint32_t link)
{
	mark_link(g, stamps, stamp, link);
	if (g->links[link].reverse != GRAPH_NONE)
		mark_link(g, stamps, stamp, g->links[link].reverse);
}

static void
mark_group(const struct path_graph *g, uint32_t *links, uint32_t *nodes, uint32_t stamp,
	   uint32_t group)
{
	for (uint32_t i = g->groups[group].member_first; i < g->groups[group + 1].member_first; i++)
		if (g->members[i] & GRAPH_MEMBER_NODE)
			mark_node(g, nodes, stamp, g->members[i] & ~GRAPH_MEMBER_NODE);
		else
			mark_fibre(g, links, stamp, g->members[i]);
}

void
filter_ban_fibre(struct filter *f, uint32_t link)
{
	mark_fibre(f->graph, f->link_ban, f->ban_stamp, link);
}

void
filter_ban_node(struct filter *f, uint32_t node)
{
	f->node_ban[node] = f->ban_stamp;
}

/* Unlike an avoidance, a ban spares the direction of a fibre that is not in the group itself: the
 * paths' risks are judged direction by direction. */
void
filter_ban_group(struct filter *f, uint32_t group)
{
	const struct path_graph *g = f->graph;

	for (uint32_t i = g->groups[group].member_first; i < g->groups[group + 1].member_first; i++)
		if (g->members[i] & GRAPH_MEMBER_NODE)
			f->node_ban[g->members[i] & ~GRAPH_MEMBER_NODE] = f->ban_stamp;
		else
			f->link_ban[g->members[i]] = f->ban_stamp;
}

void
filter_unfree(struct filter *f)
{
	f->any_free = false;
	if (++f->free_stamp == 0) {
		memset(f->link_free, 0, f->graph->n_links * sizeof(uint32_t));
		memset(f->node_free, 0, f->graph->n_nodes * sizeof(uint32_t));
		memset(f->group_free, 0, f->graph->n_groups * sizeof(uint32_t));
		f->free_stamp = 1;
	}
}

void
filter_free_fibre(struct filter *f, uint32_t link)
{
	mark_fibre(f->graph, f->link_free, f->free_stamp, link);
	f->any_free = true;
}

void
filter_free_node(struct filter *f, uint32_t node)
{
	f->node_free[node] = f->free_stamp;
	f->any_free = true;
}

void
filter_free_group(struct filter *f, uint32_t group)
{
	f->group_free[group] = f->free_stamp;
	f->any_free = true;
}

/* Shares of the groups that are not free. */
static uint64_t
reduced_spread(const struct filter *f, uint32_t first, uint32_t n)
{
	uint64_t sum = 0;

	for (uint32_t i = first; i < first + n; i++) {
		const struct graph_group *group = &f->graph->groups[f->graph->groups_of[i]];

		if (group->bit != GRAPH_NONE &&
		    f->group_free[f->graph->groups_of[i]] != f->free_stamp)
			sum = cost_add(sum, group->cost / group->n_members);
	}
	return sum;
}

uint64_t
filter_reduced_cost(const struct filter *f, uint32_t link, bool spread)
{
	const struct graph_link *l = &f->graph->links[link];
	const struct graph_node *head = &f->graph->nodes[l->head];
	uint64_t sum = f->link_free[link] == f->free_stamp ? 0 : l->cost;

	if (spread)
		sum = cost_add(sum, reduced_spread(f, l->group_first, l->n_groups));
	if (l->head == f->to)
		return sum;
	if (f->node_free[l->head] != f->free_stamp)
		sum = cost_add(sum, head->cost);
	if (spread)
		sum = cost_add(sum, reduced_spread(f, head->group_first, head->n_groups));
	return sum;
}

static void
avoid(struct filter *f, const struct path_request *request)
{
	const struct path_graph *g = f->graph;

	for (size_t i = 0; i < request->n_avoid_srlgs; i++) {
		uint32_t group = path_graph_group(g, request->avoid_srlgs[i]);

		if (group != GRAPH_NONE)
			mark_group(g, f->link_avoid, f->node_avoid, f->avoid_stamp, group);
	}
	for (size_t i = 0; i < request->n_avoid_links; i++)
		mark_fibre(g, f->link_avoid, f->avoid_stamp,
			   g->link_of_row[request->avoid_links[i]]);
	for (size_t i = 0; i < request->n_avoid_nodes; i++) {
		uint32_t node = g->node_of_row[request->avoid_nodes[i]];

		mark_node(g, f->node_avoid, f->avoid_stamp, node);
		f->end_avoided |= node == f->from || node == f->to;
	}
}

static uint32_t
bound_u32(uint64_t bound)
{
	return bound < UINT32_MAX ? (uint32_t)bound : UINT32_MAX;
}

static void
set_link_bounds(struct filter *f, const struct path_request *request, bool on)
{
	f->max_delay_us = on ? bound_u32(request->link_max_delay_us) : UINT32_MAX;
	f->max_te = on ? bound_u32(request->link_max_te) : UINT32_MAX;
	f->max_igp = on ? bound_u32(request->link_max_igp) : UINT32_MAX;
	f->max_loss_ppb = on ? request->link_max_loss_ppb : UINT32_MAX;
}

static void
set_held(struct filter *f, const struct path_request *request)
{
	next_stamp(&f->held_stamp, f->link_held, f->graph->n_links, NULL, 0);
	f->held_bps = request->n_held_links > 0 ? request->held_bps : 0;
	for (size_t i = 0; i < request->n_held_links; i++)
		mark_link(f->graph, f->link_held, f->held_stamp,
			  f->graph->link_of_row[request->held_links[i]]);
}

enum pce_status
filter_set(struct filter *f, const struct path_request *request, uint32_t constraints,
	   struct pce_error *err)
{
	const struct path_graph *g = f->graph;
	enum pce_status status = PCE_OK;

	f->from = g->node_of_row[request->from];
	f->to = g->node_of_row[request->to];
	f->floor_bps = constraints & CONSTRAINT(PATH_REASON_BANDWIDTH) ? request->bandwidth_bps : 0;
	f->needs_te = request->objective == PATH_TE || request->max_te != PATH_NO_BOUND ||
		      request->link_max_te != PATH_NO_BOUND;
	f->any_node = !(constraints & CONSTRAINT(PATH_REASON_OVERLOAD));
	f->end_avoided = f->check_affinity = f->check_slice = false;
	set_link_bounds(f, request, constraints & CONSTRAINT(PATH_REASON_LINK_BOUND));
	set_held(f, request);
	filter_unban(f);
	filter_unfree(f);
	next_stamp(&f->avoid_stamp, f->link_avoid, g->n_links, f->node_avoid, g->n_nodes);
	if (constraints & CONSTRAINT(PATH_REASON_AVOID))
		avoid(f, request);
	if (constraints & CONSTRAINT(PATH_REASON_AFFINITY))
		status = judge_affinity(f, request, err);
	if (!status && constraints & CONSTRAINT(PATH_REASON_SLICE))
		status = judge_slices(f, request->slice, err);
	return status;
}
