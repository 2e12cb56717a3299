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
	for (unsigned i = 0; i < HIERARCHY_METRICS; i++) {
		uint64_t aims = guide->potentials[i].aims;

		potential_free(&guide->potentials[i]);
		guide->potentials[i].aims = aims; /* who remembers one must see that it is over */
	}
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

	return (struct column){ at, sizeof(*first) };
}

enum pce_status
guide_make(struct guide *guide, bool asked, struct pce_error *err)
{
	const struct path_graph *g = guide->graph;
	struct hierarchy *h = NULL;
	enum pce_status status;

	if (guide->tried || (!asked && g->n_links > GUIDE_LINKS_UNASKED))
		return PCE_OK;
	status = hierarchy_new(g->n_nodes, g->n_links,
			       (struct column){ &g->links->tail, sizeof(*g->links) },
			       (struct column){ &g->arcs_out->end, sizeof(*g->arcs_out) }, &h, err);
	for (unsigned i = 0; !status && h && i < HIERARCHY_METRICS; i++)
		status = hierarchy_customise(h, i, column_of(g, i), err);
	if (status) {
		hierarchy_free(h);
		return status;
	}
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
					    now->delay_us != before->delay_us };
	enum pce_status status = PCE_OK;

	if (guide->measured && (changed[0] || changed[1] || changed[2]))
		packing_note(&guide->limits, now);
	for (unsigned i = 0; !status && guide->hierarchy && i < HIERARCHY_METRICS; i++)
		if (changed[i])
			status = hierarchy_update(guide->hierarchy, i, column_of(g, i),
						  g->links[link].tail, now->end, err);
	if (status)
		give_up(guide);
	return status;
}

bool
guide_pack(struct guide *guide, const struct order *order, struct packing *out)
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

enum pce_status
guide_aim(struct guide *guide, enum graph_metric metric, uint32_t target, struct potential **out,
	  struct pce_error *err)
{
	struct potential *p;
	uint64_t aims;
	enum pce_status status = PCE_OK;

	*out = NULL;
	if (!guide->hierarchy || (unsigned)metric >= HIERARCHY_METRICS)
		return PCE_OK;
	p = &guide->potentials[metric];
	aims = p->aims;
	if (!p->cells)
		status = potential_init(p, guide->hierarchy, err);
	p->aims = aims;
	if (status)
		return status;
	potential_aim(p, guide->hierarchy, metric, target);
	*out = p;
	return PCE_OK;
}
