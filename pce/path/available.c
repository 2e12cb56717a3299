#include <stdlib.h>

#include "pce/base/array.h"
#include "pce/base/units.h"
#include "pce/path/available.h"

void
risk_set_free(struct risk_set *set)
{
	free(set->risks);
	*set = (struct risk_set){ .n = 0 };
}

int
risk_compare(const struct risk *a, const struct risk *b)
{
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	return a->rank < b->rank ? -1 : a->rank > b->rank;
}

static int
compare_risks(const void *a, const void *b)
{
	return risk_compare(a, b);
}

static enum pce_status
add(struct risk_set *set, struct risk risk, struct pce_error *err)
{
	enum pce_status status =
	    array_reserve(&set->risks, &set->cap, set->n + 1, sizeof(*set->risks), err);

	if (!status)
		set->risks[set->n++] = risk;
	return status;
}

static struct risk
risk_of_group(const struct path_graph *g, uint32_t group)
{
	return (struct risk){ RISK_GROUP, group, group, g->groups[group].unavailability_ppt };
}

static struct risk
risk_of_node(const struct path_graph *g, uint32_t node)
{
	const struct ted_node_row *row = ted_node_at(g->ted, g->nodes[node].row);

	return (struct risk){ RISK_NODE, node, row->rank,
			      graph_node_price(g, node).unavailability_ppt };
}

/* A fibre, as the link risks it. */
static struct risk
risk_of_link(const struct path_graph *g, uint32_t link)
{
	const struct ted_link_row *row = ted_link_at(g->ted, g->links[link].row);
	struct risk risk = { RISK_LINK, link, row->rank, g->link_ppt[link] };
	uint32_t reverse = g->links[link].reverse;

	if (reverse == GRAPH_NONE)
		return risk;
	row = ted_link_at(g->ted, g->links[reverse].row);
	risk.id = reverse < link ? reverse : link;
	risk.rank = row->rank < risk.rank ? row->rank : risk.rank;
	return risk;
}

static enum pce_status
add_groups(struct risk_set *set, const struct path_graph *g, struct graph_span groups,
	   struct pce_error *err)
{
	enum pce_status status = PCE_OK;

	for (uint32_t i = 0; !status && i < groups.n; i++)
		status = add(set, risk_of_group(g, g->groups_of[groups.first + i]), err);
	return status;
}

static enum pce_status
add_link(struct risk_set *set, const struct path_graph *g, uint32_t link, bool spare_node,
	 struct pce_error *err)
{
	uint32_t end = graph_head(g, link);
	enum pce_status status = add(set, risk_of_link(g, link), err);

	if (!status)
		status = add_groups(set, g, graph_link_groups(g, link), err);
	if (status || spare_node)
		return status;
	status = add(set, risk_of_node(g, end), err);
	return status ? status : add_groups(set, g, graph_node_groups(g, end), err);
}

/* Sorts; of equal risks the more likely one stays. */
static void
tidy(struct risk_set *set)
{
	size_t kept = 0;

	if (set->n == 0)
		return;
	qsort(set->risks, set->n, sizeof(*set->risks), compare_risks);
	for (size_t i = 0; i < set->n; i++) {
		struct risk here = set->risks[i];
		struct risk *last = &set->risks[kept - (kept > 0)];

		if (kept == 0 || risk_compare(last, &here) != 0)
			set->risks[kept++] = here;
		else if (here.unavailability_ppt > last->unavailability_ppt)
			last->unavailability_ppt = here.unavailability_ppt;
	}
	set->n = kept;
}

enum pce_status
risk_set_add_but(struct risk_set *set, const struct path_graph *g, const uint32_t *links, size_t n,
		 const uint8_t *passed, struct pce_error *err)
{
	enum pce_status status = PCE_OK;

	for (size_t i = 0; !status && i < n; i++) {
		uint32_t head = graph_head(g, links[i]);
		/* a route through vias may come to its ends on the way */
		bool end = head == graph_tail(g, links[0]) || head == graph_head(g, links[n - 1]);

		status = add_link(set, g, links[i], end || (passed && passed[head]), err);
	}
	if (!status)
		tidy(set);
	return status;
}

enum pce_status
risk_set_add(struct risk_set *set, const struct path_graph *g, const uint32_t *links, size_t n,
	     struct pce_error *err)
{
	return risk_set_add_but(set, g, links, n, NULL, err);
}

void
risk_set_subtract(struct risk_set *set, const struct risk_set *other)
{
	size_t kept = 0, j = 0;

	for (size_t i = 0; i < set->n; i++) {
		while (j < other->n && risk_compare(&other->risks[j], &set->risks[i]) < 0)
			j++;
		if (j == other->n || risk_compare(&other->risks[j], &set->risks[i]) != 0)
			set->risks[kept++] = set->risks[i];
	}
	set->n = kept;
}

/* Adds one risk to both sets. */
static enum pce_status
add_both(struct risk_set *all, struct risk_set *sure, struct risk risk, struct pce_error *err)
{
	enum pce_status status = add(all, risk, err);

	if (!status)
		status = add(sure, risk, err);
	if (status)
		return status;
	tidy(all);
	tidy(sure);
	return PCE_OK;
}

enum pce_status
risk_set_add_group(struct risk_set *all, struct risk_set *sure, const struct path_graph *g,
		   uint32_t group, struct pce_error *err)
{
	return add_both(all, sure, risk_of_group(g, group), err);
}

static bool
has_group(const struct path_graph *g, uint32_t link, uint32_t group)
{
	struct graph_span groups = graph_link_groups(g, link);

	for (uint32_t i = 0; i < groups.n; i++)
		if (g->groups_of[groups.first + i] == group)
			return true;
	return false;
}

/* Groups that one carrier alone belongs to; only those that the other direction has too are sure.
 */
static enum pce_status
add_folded(struct risk_set *all, struct risk_set *sure, const struct path_graph *g,
	   struct graph_span span, uint32_t reverse, struct pce_error *err)
{
	const uint32_t *groups = g->groups_of + span.first;
	enum pce_status status = PCE_OK;

	for (uint32_t i = 0; !status && i < span.n; i++) {
		if (g->groups[groups[i]].bit != GRAPH_NONE)
			continue;
		if (reverse == GRAPH_NONE || has_group(g, reverse, groups[i]))
			status = risk_set_add_group(all, sure, g, groups[i], err);
		else
			status = add(all, risk_of_group(g, groups[i]), err);
	}
	tidy(all);
	return status;
}

enum pce_status
risk_set_add_node(struct risk_set *all, struct risk_set *sure, const struct path_graph *g,
		  uint32_t node, struct pce_error *err)
{
	enum pce_status status = add_both(all, sure, risk_of_node(g, node), err);

	return status ? status
		      : add_folded(all, sure, g, graph_node_groups(g, node), GRAPH_NONE, err);
}

enum pce_status
risk_set_add_fibre(struct risk_set *all, struct risk_set *sure, const struct path_graph *g,
		   uint32_t link, struct pce_error *err)
{
	uint32_t other = g->links[link].reverse;
	struct risk risk = risk_of_link(g, link), back;
	enum pce_status status;

	if (other != GRAPH_NONE) {
		back = risk_of_link(g, other);
		if (back.unavailability_ppt < risk.unavailability_ppt)
			risk = back;
	}
	status = add_both(all, sure, risk, err);
	if (!status)
		status = add_folded(all, sure, g, graph_link_groups(g, link), other, err);
	if (!status && other != GRAPH_NONE)
		status = add_folded(all, sure, g, graph_link_groups(g, other), link, err);
	return status;
}

enum pce_status
risk_set_add_link(struct risk_set *all, struct risk_set *sure, const struct path_graph *g,
		  uint32_t link, struct pce_error *err)
{
	enum pce_status status = add_both(all, sure, risk_of_link(g, link), err);

	return status ? status
		      : add_folded(all, sure, g, graph_link_groups(g, link), GRAPH_NONE, err);
}

cost_wide
risk_link_rest(const struct path_graph *g, uint32_t link)
{
	const struct graph_link *l = &g->links[link];
	struct graph_span groups = graph_link_groups(g, link);
	uint64_t own = g->link_ppt[link], other = own;
	cost_wide fails = 0;

	if (l->reverse != GRAPH_NONE)
		other = g->link_ppt[l->reverse];
	if (own > other && other < PPT_ONE)
		fails = PROBABILITY_ONE / (PPT_ONE - other) * (own - other);
	for (uint32_t i = 0; i < groups.n; i++) {
		uint32_t group = g->groups_of[groups.first + i];

		if (g->groups[group].bit == GRAPH_NONE && l->reverse != GRAPH_NONE &&
		    !has_group(g, l->reverse, group))
			fails = probability_or(fails, g->groups[group].unavailability_ppt);
	}
	return fails;
}

bool
risk_directions_differ(const struct path_graph *g, uint32_t link)
{
	const struct graph_link *l = &g->links[link];

	return l->reverse != GRAPH_NONE &&
	       graph_link_cost(g, link) != graph_link_cost(g, l->reverse);
}

cost_wide
risk_set_fails(const struct risk_set *set)
{
	cost_wide fails = 0;

	for (size_t i = 0; i < set->n; i++)
		fails = probability_or(fails, set->risks[i].unavailability_ppt);
	return fails;
}

/* Independent risks, each met once: no set is needed. */
static cost_wide
plain_route_fails(const struct path_graph *g, const uint32_t *links, size_t n)
{
	cost_wide fails = 0;

	for (size_t i = 0; i < n; i++) {
		uint32_t head = graph_head(g, links[i]);

		fails = probability_or(fails, g->link_ppt[links[i]]);
		if (i + 1 < n && graph_node_price(g, head).unavailability_ppt > 0)
			fails = probability_or(fails, graph_node_price(g, head).unavailability_ppt);
	}
	return fails;
}

/* Any route: each risk of the set that it has. */
static enum pce_status
set_fails(const struct filter *f, const uint32_t *links, size_t n, cost_wide *out,
	  struct pce_error *err)
{
	struct risk_set set = { .n = 0 };
	enum pce_status status = risk_set_add(&set, f->graph, links, n, err);

	if (!status)
		*out = risk_set_fails(&set);
	risk_set_free(&set);
	return status;
}

enum pce_status
risk_loopless_fails(const struct filter *f, const uint32_t *links, size_t n, cost_wide *out,
		    struct pce_error *err)
{
	if (f->graph->n_groups > 0)
		return set_fails(f, links, n, out, err);
	*out = plain_route_fails(f->graph, links, n);
	return PCE_OK;
}

enum pce_status
risk_route_fails(const struct filter *f, const uint32_t *links, size_t n, cost_wide *out,
		 struct pce_error *err)
{
	return filter_repeats(f, links, n) ? set_fails(f, links, n, out, err)
					   : risk_loopless_fails(f, links, n, out, err);
}

/* Marks the fibres and transit nodes of a route, or unmarks them. */
static void
mark_route(const struct filter *f, const uint32_t *links, size_t n, bool on)
{
	const struct path_graph *g = f->graph;

	for (size_t i = 0; i < n; i++) {
		uint32_t head = graph_head(g, links[i]), reverse = g->links[links[i]].reverse;
		uint8_t *marks[3] = { &f->link_mark[links[i]],
				      reverse == GRAPH_NONE ? NULL : &f->link_mark[reverse],
				      i + 1 == n ? NULL : &f->node_mark[head] };

		for (unsigned j = 0; j < 3; j++)
			if (marks[j])
				*marks[j] =
				    on ? *marks[j] | MARK_SEEN : *marks[j] & (uint8_t)~MARK_SEEN;
	}
}

/* `fails` or what a route has that is not marked. False if it has the other direction of a fibre
 * that is, which may fail more often. */
static bool
add_unmarked(const struct filter *f, const uint32_t *links, size_t n, cost_wide *fails)
{
	const struct path_graph *g = f->graph;

	for (size_t i = 0; i < n; i++) {
		uint32_t head = graph_head(g, links[i]);

		if (f->link_mark[links[i]] & MARK_SEEN && risk_directions_differ(g, links[i]))
			return false;
		if (!(f->link_mark[links[i]] & MARK_SEEN))
			*fails = probability_or(*fails, g->link_ppt[links[i]]);
		if (i + 1 < n && graph_node_price(g, head).unavailability_ppt > 0 &&
		    !(f->node_mark[head] & MARK_SEEN))
			*fails =
			    probability_or(*fails, graph_node_price(g, head).unavailability_ppt);
	}
	return true;
}

/* Without sets; false if that cannot be. */
static bool
plain_pair_fails(const struct filter *f, const uint32_t *const links[2], const size_t n[2],
		 cost_wide *first, cost_wide *second, cost_wide *either)
{
	bool plain;

	if (f->graph->n_groups > 0 || f->graph->copies > 1 || filter_repeats(f, links[0], n[0]) ||
	    filter_repeats(f, links[1], n[1]))
		return false;
	*first = *either = plain_route_fails(f->graph, links[0], n[0]);
	*second = plain_route_fails(f->graph, links[1], n[1]);
	mark_route(f, links[0], n[0], true);
	plain = add_unmarked(f, links[1], n[1], either);
	mark_route(f, links[0], n[0], false);
	return plain;
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

enum pce_status
risk_both_fail(const struct filter *f, const uint32_t *const links[2], const size_t n[2],
	       cost_wide *out, struct pce_error *err)
{
	cost_wide first, second, either;

	if (!plain_pair_fails(f, links, n, &first, &second, &either))
		return risk_pair_fails(f->graph, links, n, out, err);
	*out = first + second > either ? first + second - either : 0;
	return PCE_OK;
}
