#include "pce/path/guide.h"

void
guide_init(struct guide *guide, const struct path_graph *graph)
{
	*guide = (struct guide){ .graph = graph };
}

/* Gives the hierarchy up; it is made again when it is wanted. */
static void
give_up(struct guide *guide)
{
	for (unsigned i = 0; i < HIERARCHY_METRICS; i++)
		potential_free(&guide->potentials[i]);
	potential_free(&guide->around);
	hierarchy_free(guide->hierarchy);
	guide->hierarchy = NULL;
	guide->tried = false;
}

void
guide_free(struct guide *guide)
{
	give_up(guide);
	*guide = (struct guide){ .graph = NULL };
}

enum pce_status
guide_fork(struct guide *guide, const struct guide *from, struct pce_error *err)
{
	guide->tried = from->tried;
	guide->measured = from->measured;
	guide->limits = from->limits;
	return from->hierarchy ? hierarchy_fork(from->hierarchy, &guide->hierarchy, err) : PCE_OK;
}

/* A metric of all links. */
static struct column
column_of(const struct path_graph *g, unsigned metric)
{
	const struct graph_arc *first = g->arcs_out;
	const uint32_t *at = metric == METRIC_IGP  ? &first->igp
			     : metric == METRIC_TE ? &first->te
						   : &first->delay_us;

	return metric == HIERARCHY_RISK ? (struct column){ .first = &first->cost,
							   .stride = sizeof(*first),
							   .shift = GUIDE_RISK_SHIFT }
					: (struct column){ .first = at, .stride = sizeof(*first) };
}

enum pce_status
guide_make(struct guide *guide, bool asked, struct pce_error *err)
{
	const struct path_graph *g = guide->graph;
	struct hierarchy *h = NULL;
	enum pce_status status;

	if (guide->tried || (!asked && g->n_links > GUIDE_LINKS_UNASKED))
		return PCE_OK;
	status = hierarchy_new(
	    g->n_nodes, g->n_links,
	    (struct column){ .first = &g->links->tail, .stride = sizeof(*g->links) },
	    (struct column){ .first = &g->arcs_out->end, .stride = sizeof(*g->arcs_out) }, &h, err);
	if (status)
		return status;
	guide->hierarchy = h;
	guide->tried = true;
	return PCE_OK;
}

enum pce_status
guide_update(struct guide *guide, uint32_t link, const struct graph_arc *before,
	     struct pce_error *err)
{
	const struct path_graph *g = guide->graph;
	const struct graph_arc *now = &g->arcs_out[link];
	bool changed[HIERARCHY_METRICS] = { now->igp != before->igp, now->te != before->te,
					    now->delay_us != before->delay_us,
					    now->cost != before->cost };
	enum pce_status status = PCE_OK;

	if (guide->measured && (changed[0] || changed[1] || changed[2] || changed[3]))
		packing_note(&guide->limits, now);
	for (unsigned i = 0; !status && guide->hierarchy && i < HIERARCHY_METRICS; i++)
		if (changed[i])
			status = hierarchy_update(guide->hierarchy, i, column_of(g, i),
						  g->links[link].tail, now->end, err);
	if (status)
		give_up(guide);
	return status;
}

enum pce_status
guide_update_node(struct guide *guide, uint32_t node, struct pce_error *err)
{
	const struct path_graph *g = guide->graph;
	enum pce_status status = PCE_OK;

	for (uint32_t i = g->in_first[node]; i < g->in_first[node + 1]; i++) {
		const struct graph_arc *now = &g->arcs_in[i];

		if (guide->measured)
			packing_note(&guide->limits, now);
		if (!status && guide->hierarchy)
			status =
			    hierarchy_update(guide->hierarchy, HIERARCHY_RISK,
					     column_of(g, HIERARCHY_RISK), now->end, node, err);
	}
	if (status)
		give_up(guide);
	return status;
}

static bool
pack(struct guide *guide, const struct order *order, struct packing *out)
{
	if (!guide->measured)
		packing_measure(&guide->limits, guide->graph);
	guide->measured = true;
	if (packing_set(out, &guide->limits, order))
		return true;
	/* what many changes added up to may be far too much */
	packing_measure(&guide->limits, guide->graph);
	return packing_set(out, &guide->limits, order);
}

bool
guide_pack(struct guide *guide, const struct order *order, struct packing *out)
{
	return order->metric[0] != METRIC_COST && pack(guide, order, out);
}

bool
guide_pack_risk(struct guide *guide, const struct order *order, struct packing *out)
{
	return order->metric[0] == METRIC_COST && pack(guide, order, out);
}

/* Makes what a potential by a metric needs of the hierarchy, which there is, and its scratch. */
static enum pce_status
make_ready(struct guide *guide, unsigned metric, struct potential *p, bool small,
	   struct pce_error *err)
{
	enum pce_status status = PCE_OK;

	if (!hierarchy_weights(guide->hierarchy, metric)->up)
		status = hierarchy_customise(guide->hierarchy, metric,
					     column_of(guide->graph, metric), err);
	if (!status && !p->cells)
		status = potential_init(p, guide->hierarchy, small, err);
	return status;
}

/* Aims at a target by a metric of the hierarchy, which there is. */
static enum pce_status
aim(struct guide *guide, unsigned metric, uint32_t target, struct potential **out,
    struct pce_error *err)
{
	struct potential *p = &guide->potentials[metric];
	enum pce_status status = make_ready(guide, metric, p, guide_is_small(guide), err);

	if (status)
		return status;
	potential_aim(p, guide->hierarchy, metric, target);
	*out = p;
	return PCE_OK;
}

enum pce_status
guide_aim(struct guide *guide, enum graph_metric metric, uint32_t target, struct potential **out,
	  struct pce_error *err)
{
	*out = NULL;
	if (!guide->hierarchy || (unsigned)metric >= HIERARCHY_RISK)
		return PCE_OK;
	return aim(guide, metric, target, out, err);
}

enum pce_status
guide_aim_risk(struct guide *guide, uint32_t target, struct potential **out, struct pce_error *err)
{
	*out = NULL;
	return guide->hierarchy ? aim(guide, HIERARCHY_RISK, target, out, err) : PCE_OK;
}

enum pce_status
guide_aim_around(struct guide *guide, const struct vicinity *v, const struct packing *packing,
		 struct potential **out, struct pce_error *err)
{
	bool risk = packing->objective == METRIC_COST;
	unsigned metric = risk ? HIERARCHY_RISK : packing->objective;
	struct potential_gate gates[VICINITY_ROOM];
	uint32_t n = 0;
	enum pce_status status;

	*out = NULL;
	if (!guide->hierarchy || (!risk && metric >= HIERARCHY_RISK))
		return PCE_OK;
	status = make_ready(guide, metric, &guide->around, false, err);
	if (status)
		return status;
	for (uint32_t i = 0; i < v->n; i++) {
		uint64_t far =
		    packing_part(packing, v->nodes[i].sum) >> (risk ? GUIDE_RISK_SHIFT : 0);

		if (!v->nodes[i].settled)
			gates[n++] = (struct potential_gate){
				v->nodes[i].node,
				far < HIERARCHY_FAR ? (uint32_t)far : HIERARCHY_FAR,
			};
	}
	potential_aim_gates(&guide->around, guide->hierarchy, metric, gates, n);
	*out = &guide->around;
	return PCE_OK;
}
