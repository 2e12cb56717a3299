#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"
#include "pce/path/filter.h"

enum pce_status
filter_init(struct filter *f, const struct path_graph *graph, struct pce_error *err)
{
	*f = (struct filter){ .graph = graph };
	f->link_mark = calloc((size_t)graph->n_links + 1, 1);
	f->node_mark = calloc((size_t)graph->n_nodes + 1, 1);
	f->group_free = calloc((size_t)graph->n_groups + 1, sizeof(*f->group_free));
	if (f->link_mark && f->node_mark && f->group_free)
		return PCE_OK;
	filter_free(f);
	return pce_no_memory(err);
}

void
filter_free(struct filter *f)
{
	free(f->verdicts);
	free(f->link_mark);
	free(f->node_mark);
	free(f->group_free);
	*f = (struct filter){ .graph = NULL };
}

/* Marks row `at` of marks, and lists it. */
static void
set_mark(uint8_t *marks, uint8_t mark, uint32_t at, uint32_t *list, uint32_t *n)
{
	if (marks[at] & mark)
		return;
	marks[at] |= mark;
	if (*n < FILTER_LISTED)
		list[*n] = at;
	++*n;
}

/* Takes a mark away from all rows that have it. */
static void
clear_mark(uint8_t *marks, uint8_t mark, uint32_t rows, const uint32_t *list, uint32_t *n)
{
	if (*n <= FILTER_LISTED)
		for (uint32_t i = 0; i < *n; i++)
			marks[list[i]] &= (uint8_t)~mark;
	else
		for (uint32_t i = 0; i < rows; i++)
			marks[i] &= (uint8_t)~mark;
	*n = 0;
}

static void
unmark(struct filter *f, struct filter_marked *set, uint8_t mark)
{
	if (set->n_links > 0)
		clear_mark(f->link_mark, mark, f->graph->n_links, set->links, &set->n_links);
	if (set->n_nodes > 0)
		clear_mark(f->node_mark, mark, f->graph->n_nodes, set->nodes, &set->n_nodes);
}

void
filter_unban(struct filter *f)
{
	unmark(f, &f->banned, MARK_BAN);
	f->strict = f->strict_request;
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
affinity_holds(const struct filter_class *request, const uint32_t *words, size_t n)
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

static bool
names_hold(const char *names, size_t len, const char *wanted)
{
	for (size_t at = 0; at < len; at += strlen(names + at) + 1)
		if (strcmp(names + at, wanted) == 0)
			return true;
	return false;
}

enum filter_verdict
filter_judge(const struct filter *f, uint32_t class)
{
	const struct graph_classes *classes = f->graph->classes;
	enum filter_verdict verdict = VERDICT_YES;
	size_t n;
	const uint32_t *words = graph_class_affinity(classes, class >> ARC_FLAG_BITS, &n);

	if (class & ARC_DOWN || (class & ARC_NO_TE && f->needs_te))
		verdict = VERDICT_NO;
	else if (f->asked.check_affinity && !affinity_holds(&f->asked, words, n))
		verdict = VERDICT_NO;
	else if (f->asked.slice) {
		const char *slices = graph_class_slices(classes, class >> ARC_FLAG_BITS, &n);

		if (!names_hold(slices, n, f->asked.slice))
			verdict = VERDICT_NO;
	}
	if (verdict == VERDICT_YES && class & ARC_OVERLOAD && !f->any_node)
		verdict = VERDICT_FROM_START;
	f->verdicts[class] = (uint8_t)verdict;
	return verdict;
}

bool
filter_strictly_allows(const struct filter *f, const struct graph_arc *arc, uint32_t link,
		       uint32_t head)
{
	if (f->link_mark[link] & (MARK_AVOID | MARK_BAN))
		return false;
	if (head != f->to && f->node_mark[head] & (MARK_AVOID | MARK_BAN))
		return false;
	if (arc->delay_us > f->max_delay_us || arc->te > f->max_te || arc->igp > f->max_igp)
		return false;
	return f->max_loss_ppb == UINT32_MAX || graph_loss_ppb(f->graph, link) <= f->max_loss_ppb;
}

/* Puts a link, in every copy of the graph, into a set. */
static void
mark_link(struct filter *f, struct filter_marked *set, uint8_t mark, uint32_t link)
{
	const struct path_graph *g = f->graph;

	for (uint32_t i = 0; i < g->copies; i++)
		set_mark(f->link_mark, mark, link + i * g->base_links, set->links, &set->n_links);
}

static void
mark_node(struct filter *f, struct filter_marked *set, uint8_t mark, uint32_t node)
{
	const struct path_graph *g = f->graph;

	for (uint32_t i = 0; i < g->copies; i++)
		set_mark(f->node_mark, mark, node + i * g->base_nodes, set->nodes, &set->n_nodes);
}

/* Puts both directions of a fibre into a set. */
static void
mark_fibre(struct filter *f, struct filter_marked *set, uint8_t mark, uint32_t link)
{
	uint32_t reverse = f->graph->links[link].reverse;

	mark_link(f, set, mark, link);
	if (reverse != GRAPH_NONE)
		mark_link(f, set, mark, reverse);
}

static void
avoid_group(struct filter *f, uint32_t group)
{
	const struct path_graph *g = f->graph;

	for (uint32_t i = g->groups[group].member_first; i < g->groups[group + 1].member_first; i++)
		if (g->members[i] & GRAPH_MEMBER_NODE)
			mark_node(f, &f->avoided, MARK_AVOID, g->members[i] & ~GRAPH_MEMBER_NODE);
		else
			mark_fibre(f, &f->avoided, MARK_AVOID, g->members[i]);
}

void
filter_ban_link(struct filter *f, uint32_t link)
{
	set_mark(f->link_mark, MARK_BAN, link, f->banned.links, &f->banned.n_links);
	f->strict = true;
}

void
filter_ban_fibre(struct filter *f, uint32_t link)
{
	mark_fibre(f, &f->banned, MARK_BAN, link);
	f->strict = true;
}

void
filter_ban_node(struct filter *f, uint32_t node)
{
	set_mark(f->node_mark, MARK_BAN, node, f->banned.nodes, &f->banned.n_nodes);
	f->strict = true;
}

void
filter_ban_direction(struct filter *f, uint32_t link)
{
	mark_link(f, &f->banned, MARK_BAN, link);
	f->strict = true;
}

void
filter_ban_transit(struct filter *f, uint32_t node)
{
	mark_node(f, &f->banned, MARK_BAN, node);
	f->strict = true;
}

void
filter_unfree(struct filter *f)
{
	unmark(f, &f->freed, MARK_FREE);
	f->any_free = false;
	if (++f->free_stamp == 0) {
		memset(f->group_free, 0, f->graph->n_groups * sizeof(uint32_t));
		f->free_stamp = 1;
	}
}

void
filter_free_fibre(struct filter *f, uint32_t link)
{
	mark_fibre(f, &f->freed, MARK_FREE, link);
	if (f->graph->group_of_link && f->graph->group_of_link[link] != GRAPH_NONE)
		f->group_free[f->graph->group_of_link[link]] = f->free_stamp;
	f->any_free = true;
}

void
filter_free_node(struct filter *f, uint32_t node)
{
	mark_node(f, &f->freed, MARK_FREE, node);
	if (f->graph->group_of_node && f->graph->group_of_node[node] != GRAPH_NONE)
		f->group_free[f->graph->group_of_node[node]] = f->free_stamp;
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
reduced_spread(const struct filter *f, struct graph_span groups)
{
	uint64_t sum = 0;

	for (uint32_t i = groups.first; i < groups.first + groups.n; i++) {
		const struct graph_group *group = &f->graph->groups[f->graph->groups_of[i]];

		if (group->bit != GRAPH_NONE && !filter_group_is_free(f, f->graph->groups_of[i]))
			sum = cost_add(sum, group->cost / group->n_members);
	}
	return sum;
}

uint64_t
filter_reduced_cost(const struct filter *f, uint32_t link, bool spread)
{
	const struct path_graph *g = f->graph;
	uint32_t head = graph_head(g, link);
	uint64_t sum = f->link_mark[link] & MARK_FREE ? 0 : graph_link_cost(g, link);

	if (spread)
		sum = cost_add(sum, reduced_spread(f, graph_link_groups(g, link)));
	if (head == f->to)
		return sum;
	if (!(f->node_mark[head] & MARK_FREE))
		sum = cost_add(sum, graph_node_price(g, head).cost);
	if (spread)
		sum = cost_add(sum, reduced_spread(f, graph_node_groups(g, head)));
	return sum;
}

/* Two searches for each other: the one from the start has the front of the queue, the other one,
 * against the links, the back. */
struct meeting {
	const struct filter *f;
	uint32_t *queue, n_nodes;
	uint32_t seen[2], done[2]; /* nodes */
};

static uint32_t
nth(const struct meeting *m, unsigned side, uint32_t i)
{
	return m->queue[side ? m->n_nodes - 1 - i : i];
}

/* A node is reached; true if the other search has been there. */
static bool
come_to(struct meeting *m, unsigned side, uint32_t node)
{
	static const uint8_t marks[2] = { MARK_SEEN, MARK_REACHES };
	uint8_t *has = &m->f->node_mark[node];

	if (*has & marks[side])
		return false;
	if (*has & marks[1 - side])
		return true;
	*has |= marks[side];
	m->queue[side ? m->n_nodes - 1 - m->seen[side] : m->seen[side]] = node;
	m->seen[side]++;
	return false;
}

/* Goes on from the next node; true if the searches have met. */
static bool
go_on(struct meeting *m, unsigned side)
{
	const struct path_graph *g = m->f->graph;
	const uint32_t *first = side ? g->in_first : g->out_first;
	const struct graph_arc *arcs = side ? g->arcs_in : g->arcs_out;
	uint32_t node = nth(m, side, m->done[side]++);

	for (uint32_t i = first[node]; i < first[node + 1]; i++) {
		uint32_t end = arcs[i].end;
		uint8_t has = m->f->node_mark[end] & (MARK_SEEN | MARK_REACHES);

		/* where one can only turn back is of use only if the other search has been there */
		if (has == 0 &&
		    (side ? graph_comes_back(g, end, node) : graph_turns_back(g, end, node)))
			continue;
		if (has != (side ? MARK_REACHES : MARK_SEEN) &&
		    filter_allows_arc(m->f, &arcs[i], side ? g->in[i] : i, side ? end : node,
				      side ? node : end) &&
		    come_to(m, side, end))
			return true;
	}
	return false;
}

bool
filter_joins(const struct filter *f, uint32_t *queue)
{
	struct meeting m = { .f = f, .queue = queue, .n_nodes = f->graph->n_nodes };
	bool met = come_to(&m, 0, f->from) || come_to(&m, 1, f->to);

	/* whoever has seen less goes on; who has nowhere to go has seen all there is */
	for (unsigned side = 0; !met; side = m.seen[1] < m.seen[0]) {
		if (m.done[side] == m.seen[side])
			break;
		met = go_on(&m, side);
	}
	for (unsigned side = 0; side < 2; side++)
		for (uint32_t i = 0; i < m.seen[side]; i++)
			f->node_mark[nth(&m, side, i)] &= (uint8_t) ~(MARK_SEEN | MARK_REACHES);
	return met;
}

bool
filter_repeats(const struct filter *f, const uint32_t *links, size_t n)
{
	const struct path_graph *g = f->graph;
	bool repeats = false;
	size_t seen = 0;

	if (n == 0)
		return false;
	f->node_mark[graph_tail(g, links[0])] |= MARK_SEEN;
	for (; seen < n && !repeats; seen++) {
		repeats = f->node_mark[graph_head(g, links[seen])] & MARK_SEEN;
		f->node_mark[graph_head(g, links[seen])] |= MARK_SEEN;
	}
	f->node_mark[graph_tail(g, links[0])] &= (uint8_t)~MARK_SEEN;
	for (size_t i = 0; i < seen; i++)
		f->node_mark[graph_head(g, links[i])] &= (uint8_t)~MARK_SEEN;
	return repeats;
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
		mark_fibre(f, &f->avoided, MARK_AVOID, g->link_of_row[request->avoid_links[i]]);
	for (size_t i = 0; i < request->n_avoid_nodes; i++) {
		uint32_t node = g->node_of_row[request->avoid_nodes[i]];

		mark_node(f, &f->avoided, MARK_AVOID, node);
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
	f->held_bps = request->n_held_links > 0 ? request->held_bps : 0;
	for (size_t i = 0; i < request->n_held_links; i++)
		mark_link(f, &f->held, MARK_HELD, f->graph->link_of_row[request->held_links[i]]);
}

/* What verdicts on classes depend on. */
static struct filter_class
asked_of(const struct path_request *request, uint32_t constraints)
{
	struct filter_class asked = { .slice = NULL };

	if (constraints & CONSTRAINT(PATH_REASON_AFFINITY)) {
		asked.include_any = request->include_any;
		asked.include_all = request->include_all;
		asked.exclude_any = request->exclude_any;
		asked.check_affinity = !is_empty(&asked.include_any) ||
				       !is_empty(&asked.include_all) ||
				       !is_empty(&asked.exclude_any);
	}
	if (constraints & CONSTRAINT(PATH_REASON_SLICE))
		asked.slice = request->slice;
	return asked;
}

static bool
asks_for_no_class(const struct path_request *r)
{
	return is_empty(&r->include_any) && is_empty(&r->include_all) &&
	       is_empty(&r->exclude_any) && !r->slice;
}

/* Forgets the verdicts, unless they hold for this request too: the usual one asks for nothing. */
static enum pce_status
set_classes(struct filter *f, const struct path_request *request, uint32_t constraints,
	    struct pce_error *err)
{
	struct filter_class asked;
	bool needs_te = request->objective == PATH_TE || request->max_te != PATH_NO_BOUND ||
			request->link_max_te != PATH_NO_BOUND;
	bool any_node = !(constraints & CONSTRAINT(PATH_REASON_OVERLOAD));
	bool same = !f->asked.check_affinity && !f->asked.slice && needs_te == f->needs_te &&
		    any_node == f->any_node;
	size_t n = graph_classes_count(f->graph->classes) << ARC_FLAG_BITS;
	enum pce_status status;

	if (same && n == f->n_verdicts && asks_for_no_class(request))
		return PCE_OK;
	asked = asked_of(request, constraints);
	same = same && !asked.check_affinity && !asked.slice;
	status = array_reserve(&f->verdicts, &f->verdicts_cap, n + 1, sizeof(*f->verdicts), err);
	if (status)
		return status;
	if (!same)
		memset(f->verdicts, VERDICT_NONE, n);
	else if (n > f->n_verdicts)
		memset(f->verdicts + f->n_verdicts, VERDICT_NONE, n - f->n_verdicts);
	f->n_verdicts = n;
	f->asked = asked;
	f->needs_te = needs_te;
	f->any_node = any_node;
	return PCE_OK;
}

enum pce_status
filter_set(struct filter *f, const struct path_request *request, uint32_t constraints,
	   struct pce_error *err)
{
	const struct path_graph *g = f->graph;
	enum pce_status status = set_classes(f, request, constraints, err);

	if (status)
		return status;
	f->from = g->node_of_row[request->from];
	f->to = g->node_of_row[request->to];
	f->floor_bps = constraints & CONSTRAINT(PATH_REASON_BANDWIDTH) ? request->bandwidth_bps : 0;
	f->end_avoided = false;
	set_link_bounds(f, request, constraints & CONSTRAINT(PATH_REASON_LINK_BOUND));
	unmark(f, &f->held, MARK_HELD);
	unmark(f, &f->avoided, MARK_AVOID);
	filter_unfree(f);
	set_held(f, request);
	if (constraints & CONSTRAINT(PATH_REASON_AVOID))
		avoid(f, request);
	f->strict_request =
	    f->avoided.n_links > 0 || f->avoided.n_nodes > 0 ||
	    (f->max_delay_us & f->max_te & f->max_igp & f->max_loss_ppb) != UINT32_MAX;
	filter_unban(f);
	return PCE_OK;
}
