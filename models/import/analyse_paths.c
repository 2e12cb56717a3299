/*
 * Shortest paths of all nodes: betweenness by Brandes ("A faster algorithm for betweenness
 * centrality", J. Math. Sociology 25(2), 2001), in integers, so that equal costs are equal; igraph
 * takes more than twice as long. The diameter by bounds (Takes and Kosters, "Determining the
 * diameter of small world networks", CIKM 2011): a search from v and one to v tell for every other
 * node w that its farthest node is no farther than w to v and then v's farthest, and mostly a few
 * dozen searches leave no node that could be farther than the farthest pair found.
 *
 * Links of cost 0 would let paths run in circles. Where there are any, and for the diameter always,
 * a path costs its cost first and its links second.
 *
 * Overloaded nodes carry no transit, and links that IGPs do not use carry no betweenness.
 */
#include <stdlib.h>
#include <string.h>

#include "models/import/analyse_internal.h"

#define HOP_BITS 20 /* of a cost, for its number of links */
#define FAR UINT64_MAX
#define ALL_SOURCES 20000 /* nodes up to which all are sources by default */
#define FEW_SOURCES 1000

/* A link at one of its ends, with its cost beside it: this is what every search walks along. */
struct step {
	uint64_t weight;
	uint32_t node; /* at the other end */
	uint32_t link;
};

struct steps {
	uint32_t *first; /* those of node i: from first[i] to first[i + 1] */
	struct step *steps;
};

/* A node that was reached, in a list of those whose costs are about as far ahead. */
struct item {
	uint64_t cost;
	uint32_t node;
	uint32_t next; /* ANALYSE_NONE at the end */
};

#define BUCKETS                                                                                    \
	65 /* by the highest bit in which a cost differs from the last one taken; 0: none          \
	    */

struct search {
	struct analyse_graph *g;
	uint64_t *weight; /* of links; FAR: not used */
	struct steps out, in;
	bool *no_transit; /* of nodes */
	uint64_t *cost;
	uint32_t *order; /* nodes by cost, as they were settled */
	uint32_t n_order;
	bool *settled;
	/* A radix heap: costs are taken in ascending order and none is added below the last one. */
	struct item *items; /* one for each link at most, never reused */
	uint32_t n_items;
	uint32_t bucket[BUCKETS];
	uint64_t last;
};

static bool
search_init(struct analyse_graph *g, struct search *s)
{
	*s = (struct search){ .g = g };
	s->weight = analyse_alloc(g, g->n_links, sizeof(*s->weight));
	s->no_transit = analyse_alloc(g, g->n, sizeof(*s->no_transit));
	s->cost = analyse_alloc(g, g->n, sizeof(*s->cost));
	s->order = analyse_alloc(g, g->n, sizeof(*s->order));
	s->settled = analyse_alloc(g, g->n, sizeof(*s->settled));
	s->items = analyse_alloc(g, (size_t)g->n_links + 1, sizeof(*s->items));
	if (!s->weight || !s->no_transit || !s->cost || !s->order || !s->settled || !s->items)
		return false;
	for (uint32_t i = 0; i < g->n; i++)
		s->no_transit[i] = ted_node_at(g->ted, g->out->nodes[i])->overload;
	return true;
}

/* The arcs whose links are used, with their weights. */
static bool
make_steps(struct analyse_graph *g, const uint64_t *weight, const struct analyse_arcs *arcs,
	   struct steps *out)
{
	uint32_t n = 0;

	out->first = analyse_alloc(g, (size_t)g->n + 1, sizeof(*out->first));
	out->steps = analyse_alloc(g, g->n_links, sizeof(*out->steps));
	for (uint32_t i = 0; out->first && out->steps && i < g->n; i++) {
		for (uint32_t k = arcs->first[i]; k < arcs->first[i + 1]; k++) {
			uint32_t link = arcs->arcs[k].what;

			if (weight[link] != FAR)
				out->steps[n++] =
				    (struct step){ weight[link], arcs->arcs[k].to, link };
		}
		out->first[i + 1] = n;
	}
	return out->first && out->steps;
}

/* To be called once the weights are set. */
static bool
search_ready(struct search *s)
{
	return make_steps(s->g, s->weight, &s->g->out_arcs, &s->out) &&
	       make_steps(s->g, s->weight, &s->g->in_arcs, &s->in);
}

static void
put(struct search *s, uint32_t item)
{
	uint64_t differs = s->items[item].cost ^ s->last;
	int bucket = differs ? 64 - __builtin_clzll(differs) : 0;

	s->items[item].next = s->bucket[bucket];
	s->bucket[bucket] = item;
}

static void
push(struct search *s, uint64_t cost, uint32_t node)
{
	s->items[s->n_items] = (struct item){ cost, node, ANALYSE_NONE };
	put(s, s->n_items++);
}

/* Takes an item of the lowest cost; false when there is none. */
static bool
pop(struct search *s, uint32_t *node)
{
	int bucket = 0;

	while (bucket < BUCKETS && s->bucket[bucket] == ANALYSE_NONE)
		bucket++;
	if (bucket == BUCKETS)
		return false;
	if (bucket > 0) {
		uint32_t first = s->bucket[bucket];

		s->last = FAR;
		for (uint32_t i = first; i != ANALYSE_NONE; i = s->items[i].next)
			s->last = s->items[i].cost < s->last ? s->items[i].cost : s->last;
		s->bucket[bucket] = ANALYSE_NONE;
		for (uint32_t i = first, next; i != ANALYSE_NONE; i = next) {
			next = s->items[i].next;
			put(s, i); /* below its old bucket: it shares one bit more with the last */
		}
	}
	*node = s->items[s->bucket[0]].node;
	s->bucket[0] = s->items[s->bucket[0]].next;
	return true;
}

/* Costs from a node to all, or along the incoming links from all to the node. */
static void
run(struct search *s, uint32_t source, const struct steps *along)
{
	uint32_t at;

	for (uint32_t i = 0; i < s->g->n; i++)
		s->cost[i] = FAR;
	memset(s->settled, 0, s->g->n * sizeof(*s->settled));
	memset(s->bucket, 0xff, sizeof(s->bucket)); /* ANALYSE_NONE */
	s->n_order = s->n_items = 0;
	s->last = 0;
	s->cost[source] = 0;
	push(s, 0, source);
	while (pop(s, &at)) {
		uint64_t so_far = s->cost[at];

		if (s->settled[at])
			continue;
		s->settled[at] = true;
		s->order[s->n_order++] = at;
		if (at != source && s->no_transit[at])
			continue;
		for (uint32_t i = along->first[at]; i < along->first[at + 1]; i++) {
			const struct step *step = &along->steps[i];

			if (so_far + step->weight >= s->cost[step->node])
				continue;
			s->cost[step->node] = so_far + step->weight;
			push(s, so_far + step->weight, step->node);
		}
	}
}

/* --- Betweenness --- */

struct centre {
	struct search s;
	double *paths; /* number of shortest paths to each node; doubles, for they grow fast */
	double *share; /* pairs that go through each node, from this source */
	double *nodes, *links; /* sums, by row */
};

/* True if a step into a node of that cost is on a shortest path from the source. */
static bool
is_tight(const struct search *s, const struct step *step, uint64_t cost, uint32_t source)
{
	uint64_t before = s->cost[step->node];

	return before != FAR && before + step->weight == cost &&
	       (step->node == source || !s->no_transit[step->node]);
}

/* What the shortest paths from one source add, scaled. */
static void
add_source(struct centre *c, uint32_t source, double scale)
{
	struct search *s = &c->s;
	const struct steps *in = &s->in;

	run(s, source, &s->out);
	for (uint32_t i = 0; i < s->n_order; i++) {
		uint32_t at = s->order[i];

		c->paths[at] = i == 0;
		c->share[at] = 0;
		for (uint32_t k = in->first[at]; i > 0 && k < in->first[at + 1]; k++) {
			if (is_tight(s, &in->steps[k], s->cost[at], source))
				c->paths[at] += c->paths[in->steps[k].node];
		}
	}
	for (uint32_t i = s->n_order; i-- > 1;) {
		uint32_t at = s->order[i];

		for (uint32_t k = in->first[at]; k < in->first[at + 1]; k++) {
			const struct step *step = &in->steps[k];
			double part;

			if (!is_tight(s, step, s->cost[at], source))
				continue;
			part = c->paths[step->node] / c->paths[at] * (1 + c->share[at]);
			c->share[step->node] += part;
			c->links[s->g->links[step->link]] += part * scale;
		}
		c->nodes[s->g->out->nodes[at]] += c->share[at] * scale;
	}
	s->g->out->pairs += (double)(s->n_order - 1) * scale;
}

/* Links that no IGP uses carry nothing. */
static void
weigh_by_metric(struct search *s)
{
	bool zero = false;

	for (uint32_t i = 0; i < s->g->n_links; i++)
		zero = zero || ted_link_at(s->g->ted, s->g->links[i])->igp_metric == 0;
	for (uint32_t i = 0; i < s->g->n_links; i++) {
		uint32_t metric = ted_link_at(s->g->ted, s->g->links[i])->igp_metric;

		if (metric == TED_METRIC_UNREACHABLE)
			s->weight[i] = FAR;
		else
			s->weight[i] = zero ? ((uint64_t)metric << HOP_BITS) + 1 : metric;
	}
}

static enum pce_status
betweenness(struct analyse_graph *g, size_t sources)
{
	struct centre c;

	if (!search_init(g, &c.s))
		return pce_no_memory(g->err);
	c.paths = analyse_alloc(g, g->n, sizeof(*c.paths));
	c.share = analyse_alloc(g, g->n, sizeof(*c.share));
	c.nodes =
	    arena_alloc(&g->out->arena, ((size_t)ted_node_count(g->ted) + 1) * sizeof(*c.nodes));
	c.links =
	    arena_alloc(&g->out->arena, ((size_t)ted_link_count(g->ted) + 1) * sizeof(*c.links));
	if (!c.paths || !c.share || !c.nodes || !c.links)
		return pce_no_memory(g->err);
	weigh_by_metric(&c.s);
	if (!search_ready(&c.s))
		return pce_no_memory(g->err);
	for (size_t i = 0; i < sources; i++)
		add_source(&c, (uint32_t)(i * g->n / sources), (double)g->n / (double)sources);
	g->out->node_pairs = c.nodes;
	g->out->link_pairs = c.links;
	g->out->sources = sources;
	return PCE_OK;
}

/* --- Diameter --- */

struct diameter {
	struct search s;
	uint64_t *upper, *lower; /* bounds of how far each node's farthest is */
	bool *done;
	bool bounded; /* bounds hold: what reaches w is what w reaches, and all carry transit */
	bool found;
	uint64_t best;
	uint32_t from, to;
};

/* Bounds need that within an island everybody reaches everybody. */
static bool
is_mutual(struct search *s)
{
	struct analyse_graph *g = s->g;
	const struct steps *const both[] = { &s->out, &s->in };
	bool *seen = analyse_alloc(g, g->out->islands, sizeof(*seen));

	for (uint32_t i = 0; seen && i < g->n; i++) {
		if (s->no_transit[i])
			return false;
		for (size_t k = 0; k < 2 && !seen[g->island[i]]; k++) {
			run(s, i, both[k]);
			if (s->n_order != g->island_size[g->island[i]])
				return false;
		}
		seen[g->island[i]] = true;
	}
	return seen != NULL;
}

/* The node to search from next: in turn the one that may be farthest from another, and the one that
 * is surely near to all. */
static uint32_t
choose(const struct diameter *d, bool far)
{
	uint32_t best = ANALYSE_NONE;

	for (uint32_t i = 0; i < d->s.g->n; i++) {
		if (d->done[i])
			continue;
		if (best == ANALYSE_NONE ||
		    (far ? d->upper[i] > d->upper[best] : d->lower[i] < d->lower[best]))
			best = i;
	}
	return best;
}

/* How far the farthest node from v is; takes a longer path than the longest so far. */
static uint64_t
look_from(struct diameter *d, uint32_t v)
{
	uint32_t last;

	run(&d->s, v, &d->s.out);
	last = d->s.order[d->s.n_order - 1];
	d->done[v] = true;
	if (last != v && (!d->found || d->s.cost[last] > d->best)) {
		d->found = true;
		d->best = d->s.cost[last];
		d->from = v;
		d->to = last;
	}
	return d->s.cost[last];
}

static void
tighten(struct diameter *d, uint32_t v, uint64_t farthest)
{
	run(&d->s, v, &d->s.in);
	for (uint32_t i = 0; i < d->s.g->n; i++) {
		uint64_t cost = d->s.cost[i];

		if (cost == FAR)
			continue;
		if (cost > d->lower[i])
			d->lower[i] = cost;
		if (cost + farthest < d->upper[i])
			d->upper[i] = cost + farthest;
		d->done[i] = d->done[i] || (d->found && d->upper[i] <= d->best);
	}
}

/* The links of the longest path, backwards from its end: costs grow with every link. */
static enum pce_status
keep_path(struct diameter *d)
{
	struct analyse_graph *g = d->s.g;
	const struct steps *in = &d->s.in;
	size_t n = d->best & ((1u << HOP_BITS) - 1), at = n;
	ted_link *path = arena_alloc(&g->out->arena, (n + 1) * sizeof(*path));

	if (!path)
		return pce_no_memory(g->err);
	run(&d->s, d->from, &d->s.out);
	for (uint32_t node = d->to; at > 0 && node != d->from;) {
		uint32_t k = in->first[node];

		while (k + 1 < in->first[node + 1] &&
		       !is_tight(&d->s, &in->steps[k], d->s.cost[node], d->from))
			k++;
		path[--at] = g->links[in->steps[k].link];
		node = in->steps[k].node;
	}
	g->out->has_diameter = true;
	g->out->diameter_us = d->best >> HOP_BITS;
	g->out->diameter_from = g->out->nodes[d->from];
	g->out->diameter_to = g->out->nodes[d->to];
	g->out->diameter_path = path;
	g->out->diameter_hops = n;
	return PCE_OK;
}

static enum pce_status
diameter(struct analyse_graph *g, size_t sources)
{
	struct diameter d = { .found = false };
	uint32_t v;

	if (!search_init(g, &d.s))
		return pce_no_memory(g->err);
	d.upper = analyse_alloc(g, g->n, sizeof(*d.upper));
	d.lower = analyse_alloc(g, g->n, sizeof(*d.lower));
	d.done = analyse_alloc(g, g->n, sizeof(*d.done));
	if (!d.upper || !d.lower || !d.done)
		return pce_no_memory(g->err);
	for (uint32_t i = 0; i < g->n_links; i++)
		d.s.weight[i] =
		    ((uint64_t)ted_link_at(g->ted, g->links[i])->delay_us << HOP_BITS) + 1;
	if (!search_ready(&d.s))
		return pce_no_memory(g->err);
	for (uint32_t i = 0; i < g->n; i++)
		d.upper[i] = FAR;
	d.bounded = is_mutual(&d.s);
	for (size_t i = 0; i < sources && (v = choose(&d, d.bounded && i % 2 == 0)) != ANALYSE_NONE;
	     i++) {
		uint64_t farthest = look_from(&d, v);

		if (d.bounded)
			tighten(&d, v, farthest);
	}
	g->out->diameter_exact = choose(&d, true) == ANALYSE_NONE;
	return d.found ? keep_path(&d) : PCE_OK;
}

enum pce_status
analyse_paths(struct analyse_graph *g, size_t sources)
{
	enum pce_status status;

	if (sources == 0)
		sources = g->n <= ALL_SOURCES ? g->n : FEW_SOURCES;
	if (sources > g->n)
		sources = g->n;
	status = betweenness(g, sources);
	return status == PCE_OK ? diameter(g, sources) : status;
}
