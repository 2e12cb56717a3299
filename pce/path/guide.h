/*
 * What guides searches to their target: a contraction hierarchy over the packed graph, and what it
 * said about targets asked for.
 *
 * The hierarchy is made when a query first gains from it: alternatives, pairs and bounds ask many
 * times for one target, while a plain route is found as fast from both ends. Making it takes a few
 * milliseconds for ten thousand nodes; above GUIDE_LINKS_UNASKED links it is made only when asked
 * for by path_engine_prepare, because a loop that serves others must not stall for that long. Where
 * there is none, callers go on with searches of their own, and find the same.
 *
 * Weights of a metric are made when a target is first aimed at by it; half a millisecond for 50 000
 * links. Metrics that change are taken in link by link. When that fails, the hierarchy is given up
 * rather than kept stale.
 */
#ifndef PCE_PATH_GUIDE_H
#define PCE_PATH_GUIDE_H

#include "pce/path/potential.h"
#include "pce/path/vicinity.h"

#define GUIDE_LINKS_UNASKED 100000
#define GUIDE_RISK_SHIFT 8 /* costs of availability in weights of the hierarchy: 2.56e-10 */

struct guide {
	const struct path_graph *graph;
	struct hierarchy *hierarchy; /* NULL: none */
	bool tried; /* made, or found to be of no use */
	bool large; /* small networks are taken for large ones: a second opinion */
	bool measured;
	struct packing_limits limits; /* if measured */
	struct potential potentials[HIERARCHY_METRICS]; /* to one target, by metric */
	struct potential around; /* to what surrounds an end */
};

/* A guide for a graph that has none yet. guide_free on a zeroed one does nothing. */
void guide_init(struct guide *guide, const struct path_graph *graph);
void guide_free(struct guide *guide);

/* Takes over the hierarchy of `from`, whose graph has the same shape and metrics. PCE_NO_MEMORY.
 * O(1). */
enum pce_status guide_fork(struct guide *guide, const struct guide *from, struct pce_error *err);

/* Makes the hierarchy if there is none yet. asked: whatever that costs. Whether there is one is
 * guide->hierarchy. PCE_NO_MEMORY. */
enum pce_status guide_make(struct guide *guide, bool asked, struct pce_error *err);

/* Takes in the metrics of a link that changed; before has what they were. PCE_NO_MEMORY: the
 * hierarchy was given up, to be made again when it is wanted. */
enum pce_status guide_update(struct guide *guide, uint32_t link, const struct graph_arc *before,
			     struct pce_error *err);

/* The same for the links into a node whose own price changed. */
enum pce_status guide_update_node(struct guide *guide, uint32_t node, struct pce_error *err);

/* Fields for an order, see packing_set: one that does not begin with METRIC_COST, and one that
 * does, for potentials by guide_aim_risk. */
bool guide_pack(struct guide *guide, const struct order *order, struct packing *out);
bool guide_pack_risk(struct guide *guide, const struct order *order, struct packing *out);

/* The potential to a target by IGP, TE or delay; NULL if there is no hierarchy or none for the
 * metric. PCE_NO_MEMORY. */
enum pce_status guide_aim(struct guide *guide, enum graph_metric metric, uint32_t target,
			  struct potential **out, struct pce_error *err);

/* True if every target has cells of its own. */
static inline bool
guide_is_small(const struct guide *guide)
{
	return !guide->large && guide->graph && guide->graph->n_nodes <= POTENTIAL_SMALL;
}

/* The potential to a target by the cost of availability, the target's own price included: in units
 * of 2^GUIDE_RISK_SHIFT, rounded down link by link. Its weights are made when first asked for; NULL
 * if there is no hierarchy. PCE_NO_MEMORY. */
enum pce_status guide_aim_risk(struct guide *guide, uint32_t target, struct potential **out,
			       struct pce_error *err);

/* The potential to the end that v surrounds, by v's gates and the objective of `packing`, by which
 * v was searched; in the units of guide_aim_risk if that is METRIC_COST. NULL if there is no
 * hierarchy. PCE_NO_MEMORY. */
enum pce_status guide_aim_around(struct guide *guide, const struct vicinity *v,
				 const struct packing *packing, struct potential **out,
				 struct pce_error *err);

#endif
