#include <stdlib.h>
#include <string.h>

#include "pce/path/single.h"
#include "pce/path/suurballe.h"

#define BIAS ((uint64_t)1 << 62)

/*
 * States of the residual graph: 2v is node v, or where links into it arrive if it is split; 2v + 1
 * is where links out of a split node leave. Split are the first path's transit nodes, for
 * node-disjoint pairs.
 */
struct vectors {
	struct path_engine *e;
	const struct order *order;
	const struct spf *first; /* distances to the end */
	struct spf second; /* of states */
	bool node;
	uint8_t *flow; /* links of the routes found so far */
	uint32_t *next; /* link of the first path out of a node, or GRAPH_NONE */
	uint8_t *split;
	uint32_t *step_state; /* by state: where the second path goes on, and over which link */
	uint32_t *step_link;
};

void
pair_free(struct pair *pair)
{
	free(pair->links[0]);
	free(pair->links[1]);
	*pair = (struct pair){ .found = false };
}

static enum pce_status
vectors_init(struct vectors *r, struct pce_error *err)
{
	size_t n = (size_t)r->e->graph->n_nodes + 1;
	enum pce_status status = spf_init(&r->second, 2 * (uint32_t)n, err);

	r->flow = calloc((size_t)r->e->graph->n_links + 1, 1);
	r->next = malloc(n * sizeof(*r->next));
	r->split = calloc(n, 1);
	r->step_state = calloc(2 * n, sizeof(*r->step_state));
	r->step_link = calloc(2 * n, sizeof(*r->step_link));
	if (!status && (!r->flow || !r->next || !r->split || !r->step_state || !r->step_link))
		status = pce_no_memory(err);
	if (r->next)
		memset(r->next, 0xff, n * sizeof(*r->next));
	return status;
}

static void
vectors_free(struct vectors *r)
{
	spf_free(&r->second);
	free(r->flow);
	free(r->next);
	free(r->split);
	free(r->step_state);
	free(r->step_link);
}

static void
take_first(struct vectors *r, const uint32_t *links, uint32_t n)
{
	const struct path_graph *g = r->e->graph;

	for (uint32_t i = 0; i < n; i++) {
		r->flow[links[i]] = 1;
		r->next[graph_tail(g, links[i])] = links[i];
		r->split[graph_head(g, links[i])] = r->node && i + 1 < n;
	}
}

static void
offer(struct vectors *r, uint32_t state, const uint64_t *sum, uint32_t to_state, uint32_t link)
{
	if (!spf_offer(&r->second, state, sum))
		return;
	r->step_state[state] = to_state;
	r->step_link[state] = link;
}

/* Links of the graph into a node that the first path does not use. */
static void
relax_links(struct vectors *r, uint32_t node, const uint64_t *base)
{
	const struct path_graph *g = r->e->graph;
	const uint64_t *ahead = spf_at(r->first, node);
	uint64_t sum[ORDER_MAX];

	for (uint32_t i = g->in_first[node]; i < g->in_first[node + 1]; i++) {
		uint32_t link = g->in[i], tail = graph_tail(g, link);
		const uint64_t *behind;

		if (r->flow[link] || tail == r->e->filter.to || !filter_allows(&r->e->filter, link))
			continue;
		behind = spf_at(r->first, tail);
		for (unsigned c = 0; c < r->order->n; c++)
			sum[c] = base[c] + ahead[c] - behind[c] +
				 filter_weight(&r->e->filter, link, r->order->metric[c]);
		offer(r, 2 * tail + r->split[tail], sum, 2 * node, link);
	}
}

static void
relax(struct vectors *r, uint32_t state)
{
	const struct path_graph *g = r->e->graph;
	uint32_t node = state / 2, back = r->next[node];
	uint64_t base[ORDER_MAX];

	memcpy(base, spf_at(&r->second, state), r->order->n * sizeof(*base));
	if (state % 2 == 0)
		relax_links(r, node, base);
	if (state % 2 == 0 && r->split[node])
		offer(r, state + 1, base, state, GRAPH_NONE);
	/* The first path's link out of here, walked backwards. */
	if (back != GRAPH_NONE && graph_head(g, back) != r->e->filter.to &&
	    (state % 2 == 1 || !r->split[node]))
		offer(r, 2 * graph_head(g, back), base, state, back);
}

/* Adds the second path to the flow; false if there is none. */
static bool
augment(struct vectors *r)
{
	const struct filter *f = &r->e->filter;
	uint64_t zero[ORDER_MAX];
	uint32_t state;

	for (unsigned i = 0; i < ORDER_MAX; i++)
		zero[i] = BIAS;
	spf_start(&r->second, r->order->n);
	spf_offer(&r->second, 2 * f->to, zero);
	while (spf_pop(&r->second, &state) && state != 2 * f->from)
		relax(r, state);
	if (!spf_reached(&r->second, 2 * f->from))
		return false;
	for (state = 2 * f->from; state != 2 * f->to; state = r->step_state[state])
		if (r->step_link[state] != GRAPH_NONE)
			r->flow[r->step_link[state]] ^= 1;
	return true;
}

/* Takes one route out of the flow, the smallest link first. */
static enum pce_status
take_route(struct path_engine *e, uint8_t *flow, struct pair *pair, unsigned which,
	   struct pce_error *err)
{
	const struct path_graph *g = e->graph;
	uint32_t node = e->filter.from;
	size_t n = 0;

	while (node != e->filter.to) {
		uint32_t link = g->out_first[node], end = g->out_first[node + 1];

		while (link < end && !flow[link])
			link++;
		if (link == end)
			return pce_fail(err, PCE_INTERNAL, "a disjoint pair has a loose end");
		flow[link] = 0;
		e->walk[n++] = link;
		node = graph_head(g, link);
	}
	pair->links[which] = malloc((n + 1) * sizeof(uint32_t));
	if (!pair->links[which])
		return pce_no_memory(err);
	memcpy(pair->links[which], e->walk, n * sizeof(uint32_t));
	pair->n[which] = n;
	return PCE_OK;
}

enum pce_status
suurballe_vectors(struct path_engine *e, const struct order *order, bool node, struct pair *pair,
		  struct pce_error *err)
{
	struct vectors r = { .e = e, .order = order, .node = node };
	struct spf *spf;
	enum pce_status status = engine_need_search(e, err);
	uint32_t n;

	if (status)
		return status;
	r.first = spf = search_spf(e->search);
	spf_to(spf, &e->filter, order, GRAPH_NONE);
	if (!spf_reached(spf, e->filter.from))
		return PCE_OK;
	n = spf_walk(spf, &e->filter, order, e->filter.from, e->walk);
	status = vectors_init(&r, err);
	if (!status) {
		take_first(&r, e->walk, n);
		pair->found = augment(&r);
	}
	for (unsigned i = 0; !status && pair->found && i < 2; i++)
		status = take_route(e, r.flow, pair, i, err);
	vectors_free(&r);
	if (status)
		pair_free(pair);
	return status;
}

/* True if every usable link adds to a metric. Where one adds nothing, A* that goes straight may
 * leave a node unseen that is no further from the end than one that it settled: no slope. */
static bool
is_positive(const struct path_graph *g, uint8_t metric)
{
	return (metric == METRIC_TE ? g->te : metric == METRIC_DELAY ? g->delay : g->igp).min > 0;
}

/* The first route of n links in e->walk, and the slope that its search leaves behind. */
static enum pce_status
find_first(struct path_engine *e, const struct order *order, struct slope *slope, uint32_t *n,
	   struct pce_error *err)
{
	struct astar_query query = { .filter = &e->filter,
				     .packing = slope->packing,
				     .from = e->filter.from,
				     .most = UINT64_MAX };
	enum pce_status status = guide_aim(&e->guide, (enum graph_metric)order->metric[0],
					   e->filter.to, &query.potential, err);
	struct balls_query both = { &e->filter, slope->packing };
	bool found;

	if (status)
		return status;
	if (query.potential) {
		query.straight = is_positive(e->graph, order->metric[0]);
		slope->potential = query.potential;
		slope->astar = &e->astar;
		return astar_route(&e->astar, &query, e->walk, n, &slope->total, err);
	}
	slope->balls = &e->balls;
	status = balls_search(&e->balls, &both, &found, e->walk, n, err);
	slope->total = e->balls.best;
	if (!status && found && *n == 0)
		status = single_route(e, order, e->filter.from, e->walk, n, err);
	return status;
}

enum pce_status
suurballe(struct path_engine *e, const struct order *order, bool node, struct pair *pair,
	  struct pce_error *err)
{
	struct packing packing;
	struct slope slope = { .packing = &packing };
	struct residual_query query = { &e->filter, &slope, e->walk, 0, node };
	enum pce_status status;

	if (e->simple || !guide_pack(&e->guide, order, &packing))
		return suurballe_vectors(e, order, node, pair, err);
	status = guide_make(&e->guide, false, err);
	if (!status)
		status = find_first(e, order, &slope, &query.n_first, err);
	if (status || query.n_first == 0)
		return status;
	status = residual_augment(&e->residual, &query, &pair->found, err);
	for (unsigned i = 0; !status && pair->found && i < 2; i++)
		status = take_route(e, e->residual.flow, pair, i, err);
	if (status)
		pair_free(pair);
	return status;
}
