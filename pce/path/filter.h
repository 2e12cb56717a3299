/*
 * Which links a request may use, judged link by link as the search meets them, so that a query that
 * touches few nodes pays for few links.
 *
 * Sets (avoided and banned links and nodes, links held) are stamps: a row belongs to the set if its
 * stamp is the current one, and emptying the set is taking the next stamp. Avoidance comes from the
 * request; bans come from algorithms that search several times (alternatives, disjoint pairs).
 */
#ifndef PCE_PATH_FILTER_H
#define PCE_PATH_FILTER_H

#include "pce/path/answer.h"
#include "pce/path/graph.h"
#include "pce/path/request.h"

/* Constraints are switched by their reason: bit 1 << PATH_REASON_BANDWIDTH and so on. */
#define CONSTRAINT(reason) (1u << (reason))
#define CONSTRAINTS_ALL (~0u)

struct filter {
	const struct path_graph *graph;
	uint32_t from, to; /* packed */
	uint64_t floor_bps;
	uint64_t held_bps;
	uint32_t max_delay_us, max_te, max_igp, max_loss_ppb; /* of each link */
	bool needs_te; /* a link without a TE metric is of no use */
	bool any_node; /* overloaded nodes too */
	bool check_affinity, check_slice;
	bool end_avoided; /* from or to is itself to be avoided */

	uint8_t *affinity_ok, *slice_ok; /* by intern number */
	size_t affinity_cap, slice_cap;
	uint32_t *link_avoid, *node_avoid, *link_held, *link_ban, *node_ban; /* stamps */
	uint32_t avoid_stamp, held_stamp, ban_stamp;

	uint32_t *overlap; /* METRIC_OVERLAP of each link, or NULL: 0; owned by who set it */

	/* Risks that cost nothing, because what they cost is accounted for elsewhere. */
	bool any_free;
	uint32_t *link_free, *node_free, *group_free;
	uint32_t free_stamp;
};

/* Scratch for a graph; filter_free on a zeroed one does nothing. PCE_NO_MEMORY. */
enum pce_status filter_init(struct filter *f, const struct path_graph *graph,
			    struct pce_error *err);
void filter_free(struct filter *f);

/*
 * Takes over the constraints of a request that are in the mask (CONSTRAINT bits); from and to are
 * packed. Clears the bans. PCE_NO_MEMORY. O(names in the request + distinct affinity groups).
 */
enum pce_status filter_set(struct filter *f, const struct path_request *request,
			   uint32_t constraints, struct pce_error *err);

/* Empties the set of banned links and nodes. */
void filter_unban(struct filter *f);

/* Bans a fibre, a transit node, or whatever belongs to a group. */
void filter_ban_fibre(struct filter *f, uint32_t link);
void filter_ban_node(struct filter *f, uint32_t node);
void filter_ban_group(struct filter *f, uint32_t group);

/* Makes a fibre, a transit node (each with the groups that it alone belongs to) or a shared group
 * free of cost, until filter_unfree. */
void filter_free_fibre(struct filter *f, uint32_t link);
void filter_free_node(struct filter *f, uint32_t node);
void filter_free_group(struct filter *f, uint32_t group);
void filter_unfree(struct filter *f);

/* A link's METRIC_COST or METRIC_SPREAD when some risks are free. */
uint64_t filter_reduced_cost(const struct filter *f, uint32_t link, bool spread);

/* One link's share of a metric on the way to f->to (whose own risk does not count). */
static inline uint64_t
filter_weight(const struct filter *f, uint32_t link, enum graph_metric metric)
{
	const struct graph_link *l = &f->graph->links[link];
	const struct graph_node *head;

	switch (metric) {
	case METRIC_IGP:
		return l->igp;
	case METRIC_TE:
		return l->te;
	case METRIC_DELAY:
		return l->delay_us;
	case METRIC_HOPS:
		return l->hop;
	case METRIC_LINKS:
		return 1;
	case METRIC_OVERLAP:
		return f->overlap ? f->overlap[link] : 0;
	default:
		break;
	}
	if (f->any_free)
		return filter_reduced_cost(f, link, metric == METRIC_SPREAD);
	head = &f->graph->nodes[l->head];
	if (metric == METRIC_COST)
		return cost_add(l->cost, l->head == f->to ? 0 : head->cost);
	return cost_add(cost_add(l->cost, l->spread),
			l->head == f->to ? 0 : cost_add(head->cost, head->spread));
}

/* Residual of a link as the asker sees it: what it holds there counts as free. bit/s. */
static inline uint64_t
filter_residual(const struct filter *f, uint32_t link)
{
	uint64_t residual = f->graph->links[link].residual_bps;

	if (f->held_bps > 0 && f->link_held[link] == f->held_stamp)
		return cost_add(residual, f->held_bps);
	return residual;
}

/* True if a path may step over this link: the link, its head, and its tail as transit node. */
static inline bool
filter_allows(const struct filter *f, uint32_t link)
{
	const struct graph_link *l = &f->graph->links[link];

	if (!l->usable || f->link_avoid[link] == f->avoid_stamp ||
	    f->link_ban[link] == f->ban_stamp)
		return false;
	if (l->delay_us > f->max_delay_us || l->te > f->max_te || l->igp > f->max_igp ||
	    l->loss_ppb > f->max_loss_ppb)
		return false;
	if (f->needs_te && l->te == TED_METRIC_UNREACHABLE)
		return false;
	if (f->floor_bps > 0 && filter_residual(f, link) < f->floor_bps)
		return false;
	if ((f->check_affinity && !f->affinity_ok[l->affinity]) ||
	    (f->check_slice && !f->slice_ok[l->slices]))
		return false;
	if (l->head != f->to &&
	    (f->node_avoid[l->head] == f->avoid_stamp || f->node_ban[l->head] == f->ban_stamp))
		return false;
	return f->any_node || l->tail == f->from || !f->graph->nodes[l->tail].overload;
}

#endif
