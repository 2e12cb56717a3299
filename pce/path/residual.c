#include <stdlib.h>

#include "pce/path/residual.h"

/* A step is a link, a link of the first route walked backwards, or from the leaving to the arriving
 * side of a split node. */
#define STEP_BACK 0x80000000u
#define STEP_ACROSS (GRAPH_NONE - 1)

void
residual_free(struct residual *r)
{
	free(r->block);
	free(r->heap.entries);
	free(r->before);
	free(r->after);
	free(r->flow);
	free(r->way);
	*r = (struct residual){ .cells = NULL };
}

static enum pce_status
make_rows(struct residual *r, const struct path_graph *g, struct pce_error *err)
{
	size_t n = (size_t)g->n_nodes + 1;

	if (r->flow)
		return PCE_OK;
	r->before = malloc(n * sizeof(*r->before));
	r->after = malloc(n * sizeof(*r->after));
	r->flow = calloc((size_t)g->n_links + 1, 1);
	r->way = malloc(2 * n * sizeof(*r->way));
	if (!r->before || !r->after || !r->flow || !r->way) {
		residual_free(r);
		return pce_no_memory(err);
	}
	memset(r->before, 0xff, n * sizeof(*r->before));
	memset(r->after, 0xff, n * sizeof(*r->after));
	return PCE_OK;
}

/* Room, and cells that know nothing. */
static enum pce_status
begin(struct residual *r, const struct residual_query *q, struct pce_error *err)
{
	size_t need = ((size_t)q->filter->graph->n_nodes + 1) * (q->node ? 2 : 1);
	enum pce_status status = make_rows(r, q->filter->graph, err);

	if (status)
		return status;
	if (need > r->n_cells) {
		free(r->block);
		r->n_cells = 0;
		r->cells = array_lines(need * sizeof(*r->cells), &r->block);
		if (!r->cells)
			return pce_no_memory(err);
		memset(r->cells, 0, need * sizeof(*r->cells));
		r->n_cells = need;
	}
	r->by_node = !q->node;
	r->heap.n = 0;
	if (++r->epoch == 0) {
		memset(r->cells, 0, r->n_cells * sizeof(*r->cells));
		r->epoch = 1;
	}
	return PCE_OK;
}

static struct residual_cell *
cell_of(const struct residual *r, uint32_t state)
{
	return &r->cells[state >> r->by_node];
}

static packed_sum
slope_at(const struct slope *s, uint32_t node)
{
	const struct astar_cell *cell;
	packed_sum least;

	if (!s->potential)
		return balls_within(s->balls, BALL_END, node) + s->balls->radius[BALL_START] -
		       balls_within(s->balls, BALL_START, node);
	least = packing_objective(s->packing, potential_at(s->potential, node));
	cell = &s->astar->cells[node];
	if (astar_settled(s->astar, cell) && s->total - cell->sum > least)
		return s->total - cell->sum;
	return least;
}

static bool
is_split(const struct residual *r, const struct residual_query *q, uint32_t node)
{
	return q->node && r->before[node] != GRAPH_NONE && r->after[node] != GRAPH_NONE;
}

/* Where links out of a node start. */
static uint32_t
leaving(const struct residual *r, const struct residual_query *q, uint32_t node)
{
	return 2 * node + is_split(r, q, node);
}

/* The state from which a step comes to a state. */
static uint32_t
origin(const struct residual *r, const struct residual_query *q, uint32_t state, uint32_t step)
{
	const struct path_graph *g = q->filter->graph;

	if (step == STEP_ACROSS)
		return state + 1;
	if (step & STEP_BACK)
		return 2 * graph_head(g, step & ~STEP_BACK);
	return leaving(r, q, graph_tail(g, step));
}

/* What one can do from a state: steps in an order that depends on links alone. */
struct steps {
	uint32_t state, node;
	uint32_t link, end; /* links out still to come */
	bool across, back; /* still to come */
};

static struct steps
steps_from(const struct residual *r, const struct residual_query *q, uint32_t state)
{
	const struct path_graph *g = q->filter->graph;
	uint32_t node = state / 2;
	bool split = is_split(r, q, node);
	struct steps s = { .state = state, .node = node };

	s.across = split && state % 2 == 1;
	s.back = !s.across && r->before[node] != GRAPH_NONE &&
		 graph_tail(g, r->before[node]) != q->filter->from;
	if (!split || s.across) {
		s.link = g->out_first[node];
		s.end = g->out_first[node + 1];
	}
	return s;
}

/* True if a way can go on with a link out of a node. From where one can only turn back it does not,
 * for the first route is never there. */
static inline bool
is_open(const struct residual *r, const struct residual_query *q, uint32_t node, uint32_t link)
{
	const struct graph_arc *arc = &q->filter->graph->arcs_out[link];

	return link != r->after[node] && arc->end != q->filter->from &&
	       filter_allows_arc(q->filter, arc, link, node, arc->end) &&
	       (arc->end == q->filter->to || !graph_turns_back(q->filter->graph, arc->end, node));
}

/* The next step, where it leads and what it weighs; false: none is left. */
static bool
next_step(const struct residual *r, const struct residual_query *q, struct steps *s, uint32_t *step,
	  uint32_t *state, packed_sum *weight)
{
	const struct path_graph *g = q->filter->graph;
	const struct packing *packing = q->slope->packing;

	while (s->link < s->end) {
		uint32_t link = s->link++;
		const struct graph_arc *arc = &g->arcs_out[link];

		if (!is_open(r, q, s->node, link))
			continue;
		*step = link;
		*state = 2 * arc->end;
		*weight = packing_weight(packing, arc);
		return true;
	}
	if (s->across) {
		s->across = false;
		*step = STEP_ACROSS;
		*state = s->state - 1;
		*weight = 0;
		return true;
	}
	if (!s->back)
		return false;
	s->back = false;
	*step = r->before[s->node] | STEP_BACK;
	*state = leaving(r, q, graph_tail(g, r->before[s->node]));
	*weight = -packing_weight(packing, &g->arcs_out[r->before[s->node]]);
	return true;
}

static enum pce_status
reach(struct residual *r, const struct residual_query *q, uint32_t state, packed_sum sum,
      uint32_t step, struct pce_error *err)
{
	struct residual_cell *cell = cell_of(r, state);
	const struct residual_cell *end;
	packed_sum total;

	if (cell->stamp == r->epoch && sum >= cell->sum) {
		cell->tied |= sum == cell->sum;
		return PCE_OK;
	}
	total = sum + slope_at(q->slope, state / 2);
	end = cell_of(r, 2 * q->filter->to);
	if (end->stamp == r->epoch && total > end->sum)
		return PCE_OK; /* a better way is known */
	*cell = (struct residual_cell){ .sum = sum, .stamp = r->epoch, .step = step };
	return packed_push(&r->heap, total, state, err);
}

/* Takes all links out of a state. */
static enum pce_status
expand_all(struct residual *r, const struct residual_query *q, const struct steps *s,
	   struct pce_error *err)
{
	const struct graph_arc *arcs = q->filter->graph->arcs_out;
	packed_sum sum = cell_of(r, s->state)->sum;
	enum pce_status status = PCE_OK;

	for (uint32_t i = s->link; !status && i < s->end; i++)
		if (is_open(r, q, s->node, i))
			status = reach(r, q, 2 * arcs[i].end,
				       sum + packing_weight(q->slope->packing, &arcs[i]), i, err);
	return status;
}

/* Takes those links out by which a whole way has an objective from `least` on to `most`; *later is
 * the least above. */
static enum pce_status
expand_links(struct residual *r, const struct residual_query *q, const struct steps *s,
	     uint64_t least, uint64_t most, uint64_t *later, struct pce_error *err)
{
	const struct slope *slope = q->slope;
	const struct graph_arc *arcs = q->filter->graph->arcs_out;
	packed_sum sum = cell_of(r, s->state)->sum;
	uint64_t objective = packing_part(slope->packing, sum), above = UINT64_MAX;
	enum pce_status status = PCE_OK;

	for (uint32_t i = s->link; !status && i < s->end; i++) {
		uint64_t total = objective + packing_first(slope->packing, &arcs[i]) +
				 potential_at(slope->potential, arcs[i].end);

		if (total > most)
			above = total < above ? total : above;
		else if (total >= least && is_open(r, q, s->node, i))
			status = reach(r, q, 2 * arcs[i].end,
				       sum + packing_weight(slope->packing, &arcs[i]), i, err);
	}
	*later = above;
	return status;
}

/* Takes the steps from a state; after A* only those links out that lead little further than here,
 * or, from `least` on, if it was put back (least 0: it was not). */
static enum pce_status
expand(struct residual *r, const struct residual_query *q, uint32_t state, uint64_t least,
       uint64_t here, struct pce_error *err)
{
	struct steps s = steps_from(r, q, state);
	packed_sum sum = cell_of(r, state)->sum, weight;
	uint64_t later = UINT64_MAX;
	uint32_t step, next;
	enum pce_status status = PCE_OK;

	if (q->slope->potential) {
		status = s.end - s.link <= PACKED_FEW_LINKS
			     ? expand_all(r, q, &s, err)
			     : expand_links(r, q, &s, least, here + here / 32, &later, err);
		s.link = s.end;
	}
	if (least > 0)
		s.across = s.back = false;
	while (!status && next_step(r, q, &s, &step, &next, &weight))
		status = reach(r, q, next, sum + weight, step, err);
	if (status || later == UINT64_MAX)
		return status;
	return packed_push(&r->heap, (packed_sum)later << q->slope->packing->shift,
			   state | PACKED_AGAIN, err);
}

/* Settles all states that can be on a best way. */
static enum pce_status
search(struct residual *r, const struct residual_query *q, bool *found, struct pce_error *err)
{
	uint32_t end = 2 * q->filter->to;
	packed_sum best = PACKED_MOST;
	enum pce_status status = reach(r, q, 2 * q->filter->from, 0, GRAPH_NONE, err);

	while (!status && r->heap.n > 0 && packed_top(&r->heap) <= best) {
		uint64_t here = packing_part(q->slope->packing, packed_top(&r->heap)), least = 0;
		uint32_t state = packed_pop(&r->heap);

		if (state & PACKED_AGAIN) {
			state &= ~PACKED_AGAIN;
			least = here;
		} else if (cell_of(r, state)->settled) {
			continue;
		} else {
			cell_of(r, state)->settled = 1;
			r->settled++;
		}
		if (state == end)
			best = cell_of(r, state)->sum;
		else
			status = expand(r, q, state, least, here, err);
	}
	*found = !status && best != PACKED_MOST;
	return status;
}

/* The way by the steps over which its states were reached, last one first; true if no tie is on it.
 */
static bool
trace(const struct residual *r, const struct residual_query *q, uint32_t *n)
{
	uint32_t state = 2 * q->filter->to;
	bool tied = false;

	*n = 0;
	while (state != 2 * q->filter->from) {
		uint32_t step = cell_of(r, state)->step;

		tied |= cell_of(r, state)->tied;
		r->way[(*n)++] = step;
		state = origin(r, q, state, step);
	}
	return !tied;
}

/* True if a step of this weight is tight and leads to a state that may lead to the end. */
static bool
is_tight(const struct residual *r, uint32_t from, uint32_t to, packed_sum weight)
{
	const struct residual_cell *cell = cell_of(r, to);

	return cell->stamp == r->epoch && cell->settled && !cell->dead &&
	       cell_of(r, from)->sum + weight == cell->sum;
}

/* The first way in depth-first order over tight steps. A state that was entered is never entered
 * again: dead. Steps are looked up anew after coming back, which is rare. */
static void
walk(struct residual *r, const struct residual_query *q, uint32_t *n)
{
	uint32_t state = 2 * q->filter->from, end = 2 * q->filter->to;

	*n = 0;
	cell_of(r, state)->dead = 1;
	while (state != end) {
		struct steps s = steps_from(r, q, state);
		uint32_t step, next;
		packed_sum weight;
		bool on = false;

		while (!on && next_step(r, q, &s, &step, &next, &weight))
			on = is_tight(r, state, next, weight);
		if (on) {
			r->way[(*n)++] = step;
			cell_of(r, next)->dead = 1;
			cell_of(r, next)->step = step;
			state = next;
		} else {
			state = origin(r, q, state, r->way[--(*n)]);
		}
	}
}

static void
take_first(struct residual *r, const struct residual_query *q)
{
	const struct path_graph *g = q->filter->graph;

	for (uint32_t i = 0; i < q->n_first; i++) {
		r->flow[q->first[i]] = 1;
		r->after[graph_tail(g, q->first[i])] = q->first[i];
		r->before[graph_head(g, q->first[i])] = q->first[i];
	}
}

static void
forget_first(struct residual *r, const struct residual_query *q, bool found)
{
	const struct path_graph *g = q->filter->graph;

	for (uint32_t i = 0; i < q->n_first; i++) {
		if (!found)
			r->flow[q->first[i]] = 0;
		r->after[graph_tail(g, q->first[i])] = GRAPH_NONE;
		r->before[graph_head(g, q->first[i])] = GRAPH_NONE;
	}
}

/* Adds the second way to the flow. */
static void
take_second(struct residual *r, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		if (r->way[i] != STEP_ACROSS)
			r->flow[r->way[i] & ~STEP_BACK] ^= 1;
}

enum pce_status
residual_augment(struct residual *r, const struct residual_query *query, bool *found,
		 struct pce_error *err)
{
	enum pce_status status = begin(r, query, err);
	uint32_t n;

	if (status)
		return status;
	take_first(r, query);
	status = search(r, query, found, err);
	if (*found) {
		if (!trace(r, query, &n))
			walk(r, query, &n);
		take_second(r, n);
	}
	forget_first(r, query, *found);
	return status;
}
