#include <stdlib.h>

#include "pce/path/vicinity.h"

#define PLACE_BITS 8 /* of VICINITY_ROOM */

void
vicinity_free(struct vicinity *v)
{
	free(v->nodes);
	free(v->slots);
	free(v->heap.entries);
	*v = (struct vicinity){ .nodes = NULL };
}

static enum pce_status
start(struct vicinity *v, uint32_t n_nodes, struct pce_error *err)
{
	if (!v->nodes) {
		v->nodes = calloc(VICINITY_ROOM, sizeof(*v->nodes));
		v->slots = calloc((size_t)n_nodes + 1, sizeof(*v->slots));
		v->n_nodes = n_nodes;
		v->epoch = 0;
		if (!v->nodes || !v->slots) {
			vicinity_free(v);
			return pce_no_memory(err);
		}
	}
	if (++v->epoch >> (32 - PLACE_BITS) != 0) {
		memset(v->slots, 0, ((size_t)v->n_nodes + 1) * sizeof(*v->slots));
		v->epoch = 1;
	}
	v->n = v->n_settled = 0;
	v->heap.n = 0;
	return PCE_OK;
}

/* A link leads from a node to one that is settled, with this sum to the end. */
static enum pce_status
reach(struct vicinity *v, uint32_t node, packed_sum sum, uint32_t link, struct pce_error *err)
{
	uint32_t slot = v->slots[node], at = v->n;

	if (slot >> PLACE_BITS == v->epoch) {
		at = slot % VICINITY_ROOM;
		v->nodes[at].tied |= sum == v->nodes[at].sum;
		if (sum >= v->nodes[at].sum)
			return PCE_OK;
	} else {
		v->slots[node] = v->epoch << PLACE_BITS | at;
		v->n++;
	}
	v->nodes[at] = (struct vicinity_node){ .sum = sum, .node = node, .link = link };
	return packed_push(&v->heap, sum, at, err);
}

/* Goes back over the links into a node that was settled. */
static enum pce_status
enter(struct vicinity *v, const struct filter *f, const struct packing *packing,
      const struct vicinity_node *known, struct pce_error *err)
{
	const struct path_graph *g = f->graph;
	enum pce_status status = PCE_OK;

	v->settled++;
	for (uint32_t i = g->in_first[known->node]; !status && i < g->in_first[known->node + 1];
	     i++) {
		const struct graph_arc *arc = &g->arcs_in[i];

		if (filter_allows_arc(f, arc, g->in[i], arc->end, known->node))
			status = reach(v, arc->end, known->sum + packing_weight(packing, arc),
				       g->in[i], err);
	}
	return status;
}

enum pce_status
vicinity_search(struct vicinity *v, const struct filter *f, const struct packing *packing,
		uint32_t from, uint32_t most, struct pce_error *err)
{
	const uint32_t *first = f->graph->in_first;
	enum pce_status status = start(v, f->graph->n_nodes, err);

	if (!status)
		status = reach(v, f->to, 0, GRAPH_NONE, err);
	while (!status && v->heap.n > 0 && v->n_settled < most) {
		struct vicinity_node *known = &v->nodes[packed_pop(&v->heap)];

		if (known->settled)
			continue;
		if (v->n + first[known->node + 1] - first[known->node] > VICINITY_ROOM)
			break;
		v->n_settled++;
		known->settled = true;
		if (known->node == from)
			break;
		status = enter(v, f, packing, known, err);
	}
	return status;
}
