#include <stdlib.h>

#include "pce/base/array.h"
#include "pce/path/available.h"

void
risk_set_free(struct risk_set *set)
{
	free(set->risks);
	*set = (struct risk_set){ .n = 0 };
}

static int
compare_risks(const void *a, const void *b)
{
	const struct risk *x = a, *y = b;

	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	return x->id < y->id ? -1 : x->id > y->id;
}

static enum pce_status
add(struct risk_set *set, enum risk_kind kind, uint32_t id, uint64_t ppt, struct pce_error *err)
{
	enum pce_status status =
	    array_reserve(&set->risks, &set->cap, set->n + 1, sizeof(*set->risks), err);

	if (!status)
		set->risks[set->n++] = (struct risk){ (uint8_t)kind, id, ppt };
	return status;
}

static enum pce_status
add_groups(struct risk_set *set, const struct path_graph *g, uint32_t first, uint32_t n,
	   struct pce_error *err)
{
	enum pce_status status = PCE_OK;

	for (uint32_t i = 0; !status && i < n; i++) {
		uint32_t group = g->groups_of[first + i];

		status = add(set, RISK_GROUP, group, g->groups[group].unavailability_ppt, err);
	}
	return status;
}

static enum pce_status
add_link(struct risk_set *set, const struct path_graph *g, uint32_t link, bool last,
	 struct pce_error *err)
{
	const struct graph_link *l = &g->links[link];
	const struct graph_node *head = &g->nodes[l->head];
	uint32_t fibre = l->reverse < link ? l->reverse : link;
	enum pce_status status =
	    add(set, RISK_LINK, fibre, ted_link_at(g->ted, l->row)->unavailability_ppt, err);

	if (!status)
		status = add_groups(set, g, l->group_first, l->n_groups, err);
	if (status || last)
		return status;
	status =
	    add(set, RISK_NODE, l->head, ted_node_at(g->ted, head->row)->unavailability_ppt, err);
	return status ? status : add_groups(set, g, head->group_first, head->n_groups, err);
}

enum pce_status
risk_set_add(struct risk_set *set, const struct path_graph *g, const uint32_t *links, size_t n,
	     struct pce_error *err)
{
	enum pce_status status = PCE_OK;
	size_t kept = 0;

	for (size_t i = 0; !status && i < n; i++)
		status = add_link(set, g, links[i], i + 1 == n, err);
	if (status || set->n == 0)
		return status;
	qsort(set->risks, set->n, sizeof(*set->risks), compare_risks);
	for (size_t i = 0; i < set->n; i++) {
		struct risk *last = &set->risks[kept - (kept > 0)];
		struct risk here = set->risks[i];

		if (kept == 0 || compare_risks(last, &here) != 0)
			set->risks[kept++] = here;
		else if (here.unavailability_ppt > last->unavailability_ppt)
			last->unavailability_ppt = here.unavailability_ppt;
	}
	set->n = kept;
	return PCE_OK;
}

cost_wide
risk_set_fails(const struct risk_set *set)
{
	cost_wide fails = 0;

	for (size_t i = 0; i < set->n; i++)
		fails = probability_or(fails, set->risks[i].unavailability_ppt);
	return fails;
}

enum pce_status
risk_pair_fails(const struct path_graph *g, const uint32_t *const links[2], const size_t n[2],
		cost_wide *out, struct pce_error *err)
{
	struct risk_set set = { .n = 0 };
	enum pce_status status = risk_set_add(&set, g, links[0], n[0], err);
	cost_wide first = risk_set_fails(&set), second, either;

	if (!status)
		status = risk_set_add(&set, g, links[1], n[1], err);
	either = risk_set_fails(&set);
	set.n = 0;
	if (!status)
		status = risk_set_add(&set, g, links[1], n[1], err);
	second = risk_set_fails(&set);
	risk_set_free(&set);
	if (status)
		return status;
	*out = first + second > either ? first + second - either : 0;
	return PCE_OK;
}
