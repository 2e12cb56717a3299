/*
 * Which links a request may use, judged link by link as the search meets them, so that a query that
 * touches few nodes pays for few links.
 *
 * Affinity, slices and the state of a link are its class, judged once a request. Sets (avoided and
 * banned links and nodes, links held) are marks, a byte a row, with short lists of what is marked.
 * Avoidance comes from the request; bans come from algorithms that search several times
 * (alternatives, disjoint pairs).
 */
#ifndef PCE_PATH_FILTER_H
#define PCE_PATH_FILTER_H

#include "pce/path/answer.h"
#include "pce/path/graph.h"
#include "pce/path/request.h"

/* Constraints are switched by their reason: bit 1 << PATH_REASON_BANDWIDTH and so on. */
#define CONSTRAINT(reason) (1u << (reason))
#define CONSTRAINTS_ALL (~0u)

/* What a link or a node is marked for. */
enum filter_mark {
	MARK_AVOID = 1, /* by the request */
	MARK_BAN = 2, /* by an algorithm that searches several times */
	MARK_HELD = 4, /* the asker has f->held_bps there */
	MARK_FREE = 8, /* its risk costs nothing */
	MARK_SEEN = 16, /* while a route is looked at, or nodes that are reached */
	MARK_REACHES = 32, /* while nodes that reach the end are looked for */
};

/* Rows with a mark, so that they can be unmarked; past the end of the list, all are. */
#define FILTER_LISTED 64
struct filter_marked {
	uint32_t links[FILTER_LISTED], nodes[FILTER_LISTED];
	uint32_t n_links, n_nodes; /* may be more than listed */
};

/* Verdict on a class of links (with its flags). */
enum filter_verdict {
	VERDICT_NONE, /* not judged yet */
	VERDICT_YES,
	VERDICT_FROM_START, /* out of the first node of a path only */
	VERDICT_NO
};

struct filter {
	const struct path_graph *graph;
	uint32_t from, to; /* packed */
	uint64_t floor_bps;
	uint64_t held_bps;
	uint32_t max_delay_us, max_te, max_igp, max_loss_ppb; /* of each link */
	bool needs_te; /* a link without a TE metric is of no use */
	bool any_node; /* overloaded nodes too */
	bool end_avoided; /* from or to is itself to be avoided */
	bool strict_request; /* bounds on links, or rows to be avoided */
	bool strict; /* strict_request, or bans: class and floor do not say all */

	struct filter_class { /* what the verdicts depend on; borrowed from the request */
		struct path_affinity include_any, include_all, exclude_any;
		bool check_affinity;
		const char *slice;
	} asked;
	uint8_t *verdicts; /* by class and flags */
	size_t n_verdicts, verdicts_cap;

	uint8_t *link_mark, *node_mark; /* enum filter_mark bits */
	struct filter_marked avoided, banned, held, freed;

	uint32_t *overlap; /* METRIC_OVERLAP of each link, or NULL: 0; owned by who set it */

	/* Risks that cost nothing, because what they cost is accounted for elsewhere. */
	bool any_free;
	uint32_t *group_free; /* stamps */
	uint32_t free_stamp;
};

/* Scratch for a graph; filter_free on a zeroed one does nothing. PCE_NO_MEMORY. */
enum pce_status filter_init(struct filter *f, const struct path_graph *graph,
			    struct pce_error *err);
void filter_free(struct filter *f);

/*
 * Takes over the constraints of a request that are in the mask (CONSTRAINT bits); from and to are
 * packed. Clears the bans. Affinities and slice are borrowed until the next filter_set: links are
 * judged as a search meets them. PCE_NO_MEMORY. O(names in the request + distinct affinity groups).
 */
enum pce_status filter_set(struct filter *f, const struct path_request *request,
			   uint32_t constraints, struct pce_error *err);

/* Empties the set of banned links and nodes. */
void filter_unban(struct filter *f);

/* Bans one direction of a fibre, or a transit node; of an unfolded graph that copy alone. */
void filter_ban_link(struct filter *f, uint32_t link);
void filter_ban_node(struct filter *f, uint32_t node);

/* Bans one direction of a fibre, a fibre, or a transit node, all by their number in the graph that
 * was not unfolded, in all copies. */
void filter_ban_direction(struct filter *f, uint32_t link);
void filter_ban_fibre(struct filter *f, uint32_t link);
void filter_ban_transit(struct filter *f, uint32_t node);

/* Makes a fibre, a transit node (each with the groups that it alone belongs to) or a shared group
 * free of cost, in all copies, until filter_unfree. */
void filter_free_fibre(struct filter *f, uint32_t link);
void filter_free_node(struct filter *f, uint32_t node);
void filter_free_group(struct filter *f, uint32_t group);
void filter_unfree(struct filter *f);

/* A link's METRIC_COST or METRIC_SPREAD when some risks are free. */
uint64_t filter_reduced_cost(const struct filter *f, uint32_t link, bool spread);

/* True if the ends are joined by links that a path may step over. queue has room for all nodes.
 * O(nodes and links), from both ends at once. */
bool filter_joins(const struct filter *f, uint32_t *queue);

/* True if a route passes a node twice. O(n). */
bool filter_repeats(const struct filter *f, const uint32_t *links, size_t n);

/* True if a shared group costs nothing. */
static inline bool
filter_group_is_free(const struct filter *f, uint32_t group)
{
	return f->any_free && f->group_free[group] == f->free_stamp;
}

/* One link's share of a metric on the way to f->to (whose own risk does not count). */
static inline uint64_t
filter_weight(const struct filter *f, uint32_t link, enum graph_metric metric)
{
	const struct path_graph *g = f->graph;
	const struct graph_arc *arc = &g->arcs_out[link];
	uint64_t sum;

	switch (metric) {
	case METRIC_IGP:
		return arc->igp;
	case METRIC_TE:
		return arc->te;
	case METRIC_DELAY:
		return arc->delay_us;
	case METRIC_HOPS:
		return (arc->class & ARC_NO_HOP) == 0;
	case METRIC_LINKS:
		return 1;
	case METRIC_OVERLAP:
		return f->overlap ? f->overlap[link] : 0;
	default:
		break;
	}
	if (f->any_free)
		return filter_reduced_cost(f, link, metric == METRIC_SPREAD);
	sum = arc->end == f->to ? graph_link_cost(g, link) : arc->cost;
	if (metric == METRIC_COST)
		return sum;
	if (!g->link_spread)
		return sum;
	sum = cost_add(sum, g->link_spread[link]);
	return cost_add(sum, arc->end == f->to ? 0 : g->node_spread[arc->end]);
}

/* Residual of a link as the asker sees it: what it holds there counts as free. bit/s. */
static inline uint64_t
filter_residual(const struct filter *f, uint32_t link)
{
	uint64_t residual = f->graph->residual_bps[link];

	if (f->held_bps > 0 && f->link_mark[link] & MARK_HELD)
		return cost_add(residual, f->held_bps);
	return residual;
}

/* Judges a class for the first time in a request. */
enum filter_verdict filter_judge(const struct filter *f, uint32_t class);

/* What class and floor leave open: marks, and bounds of each single link. */
bool filter_strictly_allows(const struct filter *f, const struct graph_arc *arc, uint32_t link,
			    uint32_t head);

/* True if the class of a link out of this tail will do. */
static inline bool
filter_takes_class(const struct filter *f, const struct graph_arc *arc, uint32_t tail)
{
	uint8_t verdict = f->verdicts[arc->class];

	if (verdict == VERDICT_NONE)
		verdict = (uint8_t)filter_judge(f, arc->class);
	return verdict == VERDICT_YES || (verdict == VERDICT_FROM_START && tail == f->from);
}

/* True if the link, whose arc this is, has as much residual bandwidth as is asked for. The arc's
 * kbit/s nearly always decide, and the exact number is not looked up. */
static inline bool
filter_is_wide(const struct filter *f, const struct graph_arc *arc, uint32_t link, uint64_t bps)
{
	uint64_t least = arc->residual_kbps * (uint64_t)1000; /* less than 1000 below it */

	if (least >= bps)
		return true;
	if (least + 1000 <= bps && arc->residual_kbps < UINT32_MAX && f->held_bps == 0)
		return false;
	return filter_residual(f, link) >= bps;
}

/* True if a path may step over this link, whose arc this is: the link, its head, and its tail as
 * transit node. */
static inline bool
filter_allows_arc(const struct filter *f, const struct graph_arc *arc, uint32_t link, uint32_t tail,
		  uint32_t head)
{
	return filter_takes_class(f, arc, tail) && filter_is_wide(f, arc, link, f->floor_bps) &&
	       (!f->strict || filter_strictly_allows(f, arc, link, head));
}

/* The same of a link by its number. */
static inline bool
filter_allows(const struct filter *f, uint32_t link)
{
	const struct graph_arc *arc = &f->graph->arcs_out[link];

	return filter_allows_arc(f, arc, link, f->graph->links[link].tail, arc->end);
}

#endif
