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
	if (f->link_avoid && f->link_held && f->link_ban && f->node_avoid && f->node_ban)
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

static void
avoid_fibre(struct filter *f, uint32_t link)
{
	uint32_t reverse = f->graph->links[link].reverse;

	f->link_avoid[link] = f->avoid_stamp;
	if (reverse != GRAPH_NONE)
		f->link_avoid[reverse] = f->avoid_stamp;
}

static void
avoid_group(struct filter *f, uint32_t group)
{
	const struct path_graph *g = f->graph;

	for (uint32_t i = g->groups[group].member_first; i < g->groups[group + 1].member_first; i++)
		if (g->members[i] & GRAPH_MEMBER_NODE)
			f->node_avoid[g->members[i] & ~GRAPH_MEMBER_NODE] = f->avoid_stamp;
		else
			avoid_fibre(f, g->members[i]);
}

static void
avoid(struct filter *f, const struct path_request *request)
{
	const struct path_graph *g = f->graph;

	for (size_t i = 0; i < request->n_avoid_srlgs; i++) {
		uint32_t group = path_graph_group(g, request->avoid_srlgs[i]);

		if (group != GRAPH_NONE)
			avoid_group(f, group);
	}
	for (size_t i = 0; i < request->n_avoid_links; i++)
		avoid_fibre(f, g->link_of_row[request->avoid_links[i]]);
	for (size_t i = 0; i < request->n_avoid_nodes; i++) {
		uint32_t node = g->node_of_row[request->avoid_nodes[i]];

		f->node_avoid[node] = f->avoid_stamp;
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
		f->link_held[f->graph->link_of_row[request->held_links[i]]] = f->held_stamp;
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
	next_stamp(&f->avoid_stamp, f->link_avoid, g->n_links, f->node_avoid, g->n_nodes);
	if (constraints & CONSTRAINT(PATH_REASON_AVOID))
		avoid(f, request);
	if (constraints & CONSTRAINT(PATH_REASON_AFFINITY))
		status = judge_affinity(f, request, err);
	if (!status && constraints & CONSTRAINT(PATH_REASON_SLICE))
		status = judge_slices(f, request->slice, err);
	return status;
}
