#include "pce/path/tree_sweep.h"

#include <stdlib.h>

#include "pce/path/distances.h"

/* A hierarchy pays once so many trees were grown without one. */
#define PATIENCE 16

/* Of so many links one may change before all weights are computed anew. */
#define CHANGED_SHARE 256

/* A weight that does not fit: no sum with it does either. */
#define TOO_LARGE (HIERARCHY_FAR - 1)

void
tree_sweep_free(struct tree_sweep *s)
{
	hierarchy_free(s->hierarchy);
	free(s->changed);
	free(s->column);
	free(s->distance);
	*s = (struct tree_sweep){ .hierarchy = NULL };
}

static const struct graph_range *
range_of(const struct path_graph *g, enum path_objective objective)
{
	return objective == PATH_IGP ? &g->igp : objective == PATH_TE ? &g->te : &g->delay;
}

static unsigned
bits_of(uint64_t value)
{
	return value == 0 ? 0 : 64 - (unsigned)__builtin_clzll(value);
}

/* Bits for the number of links: enough for all nodes, or so many that the two limits of distances,
 * what is left of 32 bits and as many links of the least weight, are about equal. */
static unsigned
choose_bits(const struct path_graph *g, enum path_objective objective)
{
	const struct graph_range *range = range_of(g, objective);
	unsigned all = bits_of(g->n_nodes), half = (33 - bits_of(range->min)) / 2;

	return range->min == 0 || range->min > UINT32_MAX || all < half ? all : half;
}

static uint32_t
metric_of(const struct graph_arc *arc, enum path_objective objective)
{
	return objective == PATH_IGP ? arc->igp : objective == PATH_TE ? arc->te : arc->delay_us;
}

/* Of a link by one of its arcs. */
static uint32_t
weight_of(const struct tree_sweep *s, const struct path_graph *g, const struct graph_arc *arc,
	  uint32_t head)
{
	bool overload = s->direction == PATH_TREE_FROM ? (arc->class & ARC_OVERLOAD) != 0
						       : (g->node_flags[head] & NODE_OVERLOAD) != 0;
	uint64_t weight = ((uint64_t)metric_of(arc, s->objective) << s->links_bits) + 1;

	if (arc->class & ARC_DOWN || overload ||
	    (s->objective == PATH_TE && arc->class & ARC_NO_TE))
		return HIERARCHY_FAR;
	return weight < TOO_LARGE ? (uint32_t)weight : TOO_LARGE;
}

/* The weights by link. */
static struct column
weights_of(const struct tree_sweep *s, const struct path_graph *g)
{
	bool by_head = s->layout == PATH_TREE_FROM;

	return (struct column){ .first = &s->column->weight,
				.stride = sizeof(*s->column),
				.places = by_head ? &g->links->in_place : NULL,
				.place_stride = sizeof(*g->links) };
}

static enum pce_status
make_room(struct tree_sweep *s, const struct guide *guide, struct pce_error *err)
{
	size_t links = (size_t)guide->graph->n_links + 1, nodes = (size_t)guide->graph->n_nodes + 1;
	enum pce_status status = hierarchy_like(guide->hierarchy, &s->hierarchy, err);

	if (status)
		return status;
	s->changed = malloc((links / CHANGED_SHARE + 1) * sizeof(*s->changed));
	s->column = malloc(links * sizeof(*s->column));
	s->distance = malloc(nodes * sizeof(*s->distance));
	if (!s->changed || !s->column || !s->distance)
		return pce_no_memory(err);
	return PCE_OK;
}

/* Sets all weights in the layout of before; lists the links whose weight is another one now.
 * Returns how many there are, which may be more than are listed. */
static uint32_t
compare(struct tree_sweep *s, const struct path_graph *g)
{
	const bool by_head = s->layout == PATH_TREE_FROM;
	const uint32_t *first = by_head ? g->in_first : g->out_first;
	const struct graph_arc *arcs = by_head ? g->arcs_in : g->arcs_out;
	uint32_t n = 0, listed = g->n_links / CHANGED_SHARE;

	for (uint32_t node = 0; node < g->n_nodes; node++)
		for (uint32_t i = first[node]; i < first[node + 1]; i++) {
			uint32_t weight = weight_of(s, g, &arcs[i], by_head ? node : arcs[i].end);

			if (weight == s->column[i].weight)
				continue;
			s->column[i].weight = weight;
			if (n < listed)
				s->changed[n] = by_head ? g->in[i] : i;
			n++;
		}
	return n;
}

/* Fills the column: the links into each node or, for trees to the root, out of it. */
static void
lay_out(struct tree_sweep *s, const struct path_graph *g)
{
	const bool by_head = s->direction == PATH_TREE_FROM;
	const uint32_t *place = hierarchy_order(s->hierarchy)->place;
	const uint32_t *first = by_head ? g->in_first : g->out_first;
	const struct graph_arc *arcs = by_head ? g->arcs_in : g->arcs_out;

	for (uint32_t node = 0; node < g->n_nodes; node++)
		for (uint32_t i = first[node]; i < first[node + 1]; i++) {
			s->column[i].end = place[arcs[i].end];
			s->column[i].weight =
			    weight_of(s, g, &arcs[i], by_head ? node : arcs[i].end);
		}
	s->layout = s->direction;
}

/* all: there are no weights yet, or of something else. */
static enum pce_status
take_in(struct tree_sweep *s, const struct path_graph *g, bool all, struct pce_error *err)
{
	enum pce_status status = PCE_OK;
	uint32_t n = all ? 0 : compare(s, g);
	struct column weights;

	if (all || s->layout != s->direction)
		lay_out(s, g);
	weights = weights_of(s, g);
	if (all || n > g->n_links / CHANGED_SHARE)
		status = hierarchy_customise(s->hierarchy, 0, weights, err);
	else
		for (uint32_t i = 0; !status && i < n; i++)
			status =
			    hierarchy_update(s->hierarchy, 0, weights, graph_tail(g, s->changed[i]),
					     graph_head(g, s->changed[i]), err);
	s->version = g->version;
	s->unfit = false;
	return status;
}

/* True if a hierarchy is there, or it is time to make one. */
static bool
pays(struct tree_sweep *s, const struct guide *guide)
{
	if (s->hierarchy || guide->hierarchy)
		return true;
	return !guide->tried && ++s->waited > PATIENCE;
}

enum pce_status
tree_sweep_prepare(struct tree_sweep *s, struct guide *guide, enum path_objective objective,
		   enum path_tree_direction direction, bool *ready, struct pce_error *err)
{
	const struct path_graph *g = guide->graph;
	unsigned links_bits = choose_bits(g, objective);
	bool all = !s->column || s->objective != objective || s->links_bits != links_bits;
	enum pce_status status = PCE_OK;

	*ready = false;
	if (!pays(s, guide))
		return PCE_OK;
	if (!s->hierarchy)
		status = guide_make(guide, false, err);
	if (status || (!s->hierarchy && !guide->hierarchy))
		return status;
	if (!s->hierarchy)
		status = make_room(s, guide, err);
	if (!status && (all || s->direction != direction || s->version != g->version)) {
		s->objective = objective;
		s->direction = direction;
		s->links_bits = links_bits;
		status = take_in(s, g, all, err);
	}
	if (status)
		tree_sweep_free(s);
	*ready = !status && !s->unfit;
	return status;
}

/* The first link by which a node is reached with this sum, GRAPH_NONE if there is none: those of a
 * node are in the order of their ranks. */
static inline uint32_t
find_parent(const struct tree_sweep_arc *column, const uint32_t *distance, uint32_t first,
	    uint32_t end, uint32_t sum)
{
	for (uint32_t i = first; i < end; i++)
		if ((uint64_t)distance[column[i].end] + column[i].weight == sum)
			return i;
	return GRAPH_NONE;
}

/* True if a link leads from a node that is reached to this one, which then is too far. */
static bool
is_too_far(const struct tree_sweep *s, uint32_t first, uint32_t end)
{
	for (uint32_t i = first; i < end; i++)
		if (s->column[i].weight != HIERARCHY_FAR &&
		    s->distance[s->column[i].end] != HIERARCHY_FAR)
			return true;
	return false;
}

bool
tree_sweep_is_exact(const struct tree_sweep *s, const struct path_graph *g, uint32_t most)
{
	uint64_t links = 1ULL << s->links_bits;

	if (most >= TOO_LARGE)
		return false;
	return links > g->n_nodes || most >> s->links_bits < range_of(g, s->objective)->min * links;
}

enum pce_status
tree_sweep_grow(struct tree_sweep *s, const struct path_graph *g, uint32_t root, uint64_t *keys,
		uint32_t *parents, bool *fits, struct pce_error *err)
{
	const bool from = s->direction == PATH_TREE_FROM;
	const uint32_t *place = hierarchy_order(s->hierarchy)->place;
	const uint32_t *first = from ? g->in_first : g->out_first;
	uint32_t most = 0;
	bool lost = false;

	*fits = true;
	distances_single(s->hierarchy, 0, from, root, s->distance);
	for (uint32_t node = 0; node < g->n_nodes; node++) {
		uint32_t sum = s->distance[place[node]], at;

		if (sum == HIERARCHY_FAR) {
			keys[node] = UINT64_MAX;
			*fits = *fits && !is_too_far(s, first[node], first[node + 1]);
			continue;
		}
		most = sum > most ? sum : most;
		keys[node] = sum;
		at = find_parent(s->column, s->distance, first[node], first[node + 1], sum);
		if (at == GRAPH_NONE)
			lost |= node != root;
		else
			parents[node] = from ? g->in[at] : g->links[at].in_place;
	}
	*fits = *fits && tree_sweep_is_exact(s, g, most);
	s->unfit = !*fits;
	return lost ? pce_fail(err, PCE_INTERNAL, "a node is reached by no link") : PCE_OK;
}
