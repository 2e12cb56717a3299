#include "pce/path/straight.h"

#include <string.h>

#include "pce/path/guide.h"

/* Where each of a node's links is asked how far it leads, arcs of the hierarchy that this may cost
 * if all their branches are climbed. */
#define ASK_ARCS 4000u

/* What of an arc is its weight in the hierarchy. */
struct weight {
	size_t offset;
	uint64_t mask;
	unsigned shift;
};

static struct weight
weight_of(enum graph_metric metric)
{
	switch (metric) {
	case METRIC_TE:
		return (struct weight){ offsetof(struct graph_arc, te), UINT32_MAX, 0 };
	case METRIC_DELAY:
		return (struct weight){ offsetof(struct graph_arc, delay_us), UINT32_MAX, 0 };
	case METRIC_COST:
		return (struct weight){ offsetof(struct graph_arc, cost), UINT64_MAX,
					GUIDE_RISK_SHIFT };
	default:
		return (struct weight){ offsetof(struct graph_arc, igp), UINT32_MAX, 0 };
	}
}

static inline uint64_t
weigh(struct weight w, const struct graph_arc *arc)
{
	uint64_t value;

	memcpy(&value, (const char *)arc + w.offset, sizeof(value));
	return (value & w.mask) >> w.shift;
}

/* The shortest of several links between two nodes; that there is only one is known. */
static uint32_t
shortest(const struct graph_arc *arcs, struct weight w, const uint32_t *links, uint32_t n)
{
	uint32_t best = links[0];

	for (uint32_t i = 1; i < n; i++)
		if (weigh(w, &arcs[links[i]]) < weigh(w, &arcs[best]))
			best = links[i];
	return best;
}

/* The only link out of a node by which shortest routes go on, found by asking how far its
 * neighbours are; GRAPH_NONE if there are several, or too many to ask. */
static uint32_t
ask_neighbours(struct potential *p, const struct path_graph *g, struct weight w, uint32_t node)
{
	uint32_t here = potential_at(p, node), first = g->out_first[node];
	uint32_t end = g->out_first[node + 1], only = GRAPH_NONE;

	if (here == HIERARCHY_FAR || (end - first) * hierarchy_branch(p->hierarchy) > ASK_ARCS)
		return GRAPH_NONE;
	for (uint32_t i = first; i < end; i++) {
		const struct graph_arc *arc = &g->arcs_out[i];

		uint64_t weight = weigh(w, arc), most = (uint64_t)here + p->weights->margin;

		if (weight >= most || weight + potential_at(p, arc->end) >= most)
			continue;
		if (only != GRAPH_NONE)
			return GRAPH_NONE;
		only = i;
	}
	return only;
}

/* The only link out of a node by which shortest routes go on, or GRAPH_NONE. */
static uint32_t
next_link(struct potential *p, const struct path_graph *g, struct weight w, uint32_t node)
{
	const uint32_t *ways;
	uint32_t n, *known;

	if (!p->leads)
		return potential_leads(p, node, &ways, &n) ? shortest(g->arcs_out, w, ways, n)
							   : ask_neighbours(p, g, w, node);
	known = &p->leads[p->place[node]];
	if (*known == POTENTIAL_UNKNOWN)
		*known = ask_neighbours(p, g, w, node);
	return *known;
}

bool
straight_walk(struct potential *p, const struct filter *f, enum graph_metric metric, uint32_t from,
	      uint32_t *links, uint32_t *n)
{
	const struct path_graph *g = f->graph;
	struct weight w = weight_of(metric);
	uint32_t margin = p->weights->margin, most = margin > 1 ? margin : UINT32_MAX, count = 0;

	for (uint32_t node = from; node != f->to; node = graph_head(g, links[count++])) {
		uint32_t link = next_link(p, g, w, node);

		if (count == most || link == GRAPH_NONE ||
		    !filter_allows_arc(f, &g->arcs_out[link], link, node, graph_head(g, link)))
			return false;
		links[count] = link;
	}
	*n = count;
	return true;
}
