#include <stdatomic.h>
#include <stdlib.h>

#include "pce/base/array.h"
#include "pce/path/hierarchy.h"

#define NONE UINT32_MAX

/* An arc has two directions; what belongs to one stands at 2 x arc + direction. */
enum { UP, DOWN };

/* What never changes. */
struct structure {
	atomic_uint users;
	struct elimination order;
	uint32_t n_links, height, branch;
	uint32_t *tail; /* lower ends of arcs */
	uint32_t *below_first, *below; /* by place: arcs of which it is the upper end */
	uint32_t *links_first, *links; /* by arc and direction */
};

struct block {
	atomic_uint users;
	uint32_t weights[]; /* bits by way, all up, then all down if these are others */
};

struct hierarchy {
	struct structure *s;
	struct block *blocks[HIERARCHY_METRICS];
	struct hierarchy_weights weights[HIERARCHY_METRICS];
	uint32_t *todo; /* a heap of arcs and directions to look at again, lowest first */
	size_t n_todo, todo_cap;
};

static void
structure_release(struct structure *s)
{
	if (!s || atomic_fetch_sub(&s->users, 1) > 1)
		return;
	elimination_free(&s->order);
	free(s->tail);
	free(s->below_first);
	free(s->below);
	free(s->links_first);
	free(s->links);
	free(s);
}

static void
block_release(struct block *b)
{
	if (b && atomic_fetch_sub(&b->users, 1) == 1)
		free(b);
}

void
hierarchy_free(struct hierarchy *h)
{
	if (!h)
		return;
	for (unsigned i = 0; i < HIERARCHY_METRICS; i++)
		block_release(h->blocks[i]);
	structure_release(h->s);
	free(h->todo);
	free(h);
}

/* The arc between two places, the lower one first; NONE if there is none. */
static uint32_t
find_arc(const struct elimination *o, uint32_t lower, uint32_t upper)
{
	uint32_t low = o->first[lower], high = o->first[lower + 1];

	while (high - low > 8) {
		uint32_t mid = low + (high - low) / 2;

		if (o->head[mid] <= upper)
			low = mid;
		else
			high = mid;
	}
	for (; low < high; low++)
		if (o->head[low] == upper)
			return low;
	return NONE;
}

/* The arc and direction from one place to another; NONE if they are not joined. */
static uint32_t
find_way(const struct elimination *o, uint32_t from, uint32_t to)
{
	uint32_t arc = find_arc(o, from < to ? from : to, from < to ? to : from);

	return arc == NONE ? NONE : 2 * arc + (from < to ? UP : DOWN);
}

/* Lists for each place the arcs that end there. */
static void
list_below(struct structure *s)
{
	const struct elimination *o = &s->order;

	for (uint32_t p = 0; p < o->n_nodes; p++)
		for (uint32_t a = o->first[p]; a < o->first[p + 1]; a++) {
			s->tail[a] = p;
			s->below_first[o->head[a] + 1]++;
		}
	for (uint32_t p = 0; p < o->n_nodes; p++)
		s->below_first[p + 1] += s->below_first[p];
	for (uint32_t a = 0; a < o->n_arcs; a++)
		s->below[s->below_first[o->head[a]]++] = a;
	memmove(s->below_first + 1, s->below_first, o->n_nodes * sizeof(uint32_t));
	s->below_first[0] = 0;
}

/* Measures the branches. arcs has room for all places. */
static void
measure_branches(struct structure *s, uint32_t *arcs)
{
	const struct elimination *o = &s->order;
	uint64_t sum = 0;

	for (uint32_t p = o->n_nodes; p-- > 0;) {
		uint32_t own = o->first[p + 1] - o->first[p];

		arcs[p] = own > 0 ? own + arcs[o->head[o->first[p]]] : 0;
		sum += arcs[p];
	}
	s->branch = o->n_nodes > 0 ? (uint32_t)(sum / o->n_nodes) : 0;
	for (uint32_t p = o->n_nodes; p-- > 0;) {
		uint32_t *depth = arcs;

		depth[p] = o->first[p] == o->first[p + 1] ? 1 : depth[o->head[o->first[p]]] + 1;
		s->height = depth[p] > s->height ? depth[p] : s->height;
	}
}

/* Lists for each arc and direction its links. */
static void
list_links(struct structure *s, struct column tail, struct column head, uint32_t *way)
{
	const struct elimination *o = &s->order;
	uint32_t n = 2 * o->n_arcs;

	for (uint32_t i = 0; i < s->n_links; i++) {
		uint32_t from = o->place[column_at(tail, i)], to = o->place[column_at(head, i)];

		way[i] = from == to ? NONE : find_way(o, from, to);
		if (way[i] != NONE)
			s->links_first[way[i] + 1]++;
	}
	for (uint32_t i = 0; i < n; i++)
		s->links_first[i + 1] += s->links_first[i];
	for (uint32_t i = 0; i < s->n_links; i++)
		if (way[i] != NONE)
			s->links[s->links_first[way[i]]++] = i;
	memmove(s->links_first + 1, s->links_first, n * sizeof(uint32_t));
	s->links_first[0] = 0;
}

static enum pce_status
structure_fill(struct structure *s, struct column tail, struct column head, struct pce_error *err)
{
	size_t arcs = (size_t)s->order.n_arcs + 1, nodes = (size_t)s->order.n_nodes + 2;
	size_t links = (size_t)s->n_links + 1, larger = links > nodes ? links : nodes;
	uint32_t *way = malloc(larger * sizeof(*way));

	s->tail = calloc(arcs, sizeof(uint32_t));
	s->below_first = calloc(nodes, sizeof(uint32_t));
	s->below = calloc(arcs, sizeof(uint32_t));
	s->links_first = calloc(2 * arcs, sizeof(uint32_t));
	s->links = calloc(links, sizeof(uint32_t));
	if (!way || !s->tail || !s->below_first || !s->below || !s->links_first || !s->links) {
		free(way);
		return pce_no_memory(err);
	}
	list_below(s);
	measure_branches(s, way);
	list_links(s, tail, head, way);
	free(way);
	return PCE_OK;
}

/* Words of the bits, and of one direction. */
static size_t
words_of_bits(const struct hierarchy *h)
{
	return h->s->order.n_arcs / 16 + 1;
}

static size_t
words_of_way(const struct hierarchy *h)
{
	return h->s->order.n_arcs;
}

/* The block becomes that of a metric. */
static void
take_block(struct hierarchy *h, unsigned metric, struct block *b, bool alike)
{
	struct hierarchy_weights *w = &h->weights[metric];

	h->blocks[metric] = b;
	w->sole = b->weights;
	w->up = w->sole + words_of_bits(h);
	w->down = alike ? w->up : w->up + words_of_way(h);
}

/* Makes the weights of a metric the hierarchy's own, with room for both directions; kept: with what
 * they are. */
static enum pce_status
own_weights(struct hierarchy *h, unsigned metric, bool kept, struct pce_error *err)
{
	struct block *old = h->blocks[metric], *b;
	const struct hierarchy_weights before = h->weights[metric];
	size_t bits = words_of_bits(h), way = words_of_way(h);

	if (old && atomic_load(&old->users) == 1 && before.up != before.down)
		return PCE_OK;
	b = malloc(sizeof(*b) + (bits + 2 * way) * sizeof(uint32_t));
	if (!b)
		return pce_no_memory(err);
	atomic_init(&b->users, 1);
	if (old && kept) {
		memcpy(b->weights, old->weights, (bits + way) * sizeof(uint32_t));
		memcpy(b->weights + bits + way, before.down, way * sizeof(uint32_t));
	}
	take_block(h, metric, b, false);
	block_release(old);
	return PCE_OK;
}

/* Where both directions have the same weights, which is the rule, one is enough. The block is the
 * hierarchy's own. */
static void
fold_weights(struct hierarchy *h, unsigned metric)
{
	const struct hierarchy_weights *w = &h->weights[metric];
	size_t way = words_of_way(h), words = words_of_bits(h) + way;
	struct block *smaller;

	if (memcmp(w->up, w->down, way * sizeof(uint32_t)) != 0)
		return;
	smaller = realloc(h->blocks[metric], sizeof(*smaller) + words * sizeof(uint32_t));
	take_block(h, metric, smaller ? smaller : h->blocks[metric], true);
}

enum pce_status
hierarchy_new(uint32_t n, uint32_t m, struct column tail, struct column head,
	      struct hierarchy **out, struct pce_error *err)
{
	uint64_t max_arcs = (uint64_t)m * HIERARCHY_ARCS_PER_LINK;
	struct hierarchy *h = calloc(1, sizeof(*h));
	struct structure *s = calloc(1, sizeof(*s));
	enum pce_status status = PCE_OK;

	*out = NULL;
	if (!h || !s) {
		free(h);
		free(s);
		return pce_no_memory(err);
	}
	h->s = s;
	s->n_links = m;
	atomic_init(&s->users, 1);
	status = eliminate(n, m, tail, head, max_arcs, &s->order, err);
	if (status || !s->order.place) {
		hierarchy_free(h);
		return status;
	}
	status = structure_fill(s, tail, head, err);
	if (status)
		hierarchy_free(h);
	else
		*out = h;
	return status;
}

enum pce_status
hierarchy_fork(const struct hierarchy *h, struct hierarchy **out, struct pce_error *err)
{
	struct hierarchy *copy = calloc(1, sizeof(*copy));

	if (!copy)
		return pce_no_memory(err);
	*copy = *h;
	copy->todo = NULL;
	copy->n_todo = copy->todo_cap = 0;
	atomic_fetch_add(&h->s->users, 1);
	for (unsigned i = 0; i < HIERARCHY_METRICS; i++)
		if (h->blocks[i])
			atomic_fetch_add(&h->blocks[i]->users, 1);
	*out = copy;
	return PCE_OK;
}

enum pce_status
hierarchy_like(const struct hierarchy *h, struct hierarchy **out, struct pce_error *err)
{
	struct hierarchy *other = calloc(1, sizeof(*other));

	if (!other)
		return pce_no_memory(err);
	other->s = h->s;
	atomic_fetch_add(&h->s->users, 1);
	*out = other;
	return PCE_OK;
}

static void
set_sole(struct hierarchy_weights *w, uint32_t way, bool sole)
{
	uint32_t bit = 1u << way % 32;

	w->sole[way / 32] = sole ? w->sole[way / 32] | bit : w->sole[way / 32] & ~bit;
}

/* Takes in one more offer to a weight; *sole is whether the least one is so by the margin. */
static inline void
take_offer(uint32_t *weight, uint32_t sum, uint32_t margin, bool *sole)
{
	if (sum < *weight) {
		*sole = *weight - sum >= margin;
		*weight = sum;
	} else if (sum - *weight < margin) {
		*sole = false;
	}
}

/* The least weight of the links of an arc in one direction, and whether one link alone has it. */
static uint32_t
least_link(const struct structure *s, uint32_t way, struct column weight, uint32_t margin,
	   bool *sole)
{
	uint32_t least = HIERARCHY_FAR;

	*sole = false;
	for (uint32_t i = s->links_first[way]; i < s->links_first[way + 1]; i++)
		take_offer(&least, column_at(weight, s->links[i]), margin, sole);
	return least;
}

/* Takes in what a detour has to offer. */
static inline void
offer(struct hierarchy_weights *w, uint32_t *weights, uint32_t way, uint32_t sum)
{
	uint32_t *weight = &weights[way / 2];

	if (sum >= *weight && sum - *weight >= w->margin)
		return;
	*weight = sum < *weight ? sum : *weight;
	set_sole(w, way, false);
}

/* Takes all detours over the lowest place into the arcs between its upper neighbours. */
static void
relax_over(const struct elimination *o, struct hierarchy_weights *w, uint32_t place)
{
	uint32_t end = o->first[place + 1];

	for (uint32_t a = o->first[place]; a < end; a++) {
		uint32_t arc = o->first[o->head[a]];

		for (uint32_t b = a + 1; b < end; b++, arc++) {
			while (o->head[arc] != o->head[b])
				arc++;
			offer(w, w->up, 2 * arc + UP, hierarchy_add(w->down[a], w->up[b]));
			offer(w, w->down, 2 * arc + DOWN, hierarchy_add(w->down[b], w->up[a]));
		}
	}
}

enum pce_status
hierarchy_customise(struct hierarchy *h, unsigned metric, struct column weight,
		    struct pce_error *err)
{
	const struct structure *s = h->s;
	struct hierarchy_weights *w = &h->weights[metric];
	enum pce_status status = own_weights(h, metric, false, err);
	bool sole;

	if (status)
		return status;
	w->margin = weight.shift > 0 ? HIERARCHY_ROUNDED : 1;
	memset(w->sole, 0, (s->order.n_arcs / 16 + 1) * sizeof(*w->sole));
	for (uint32_t a = 0; a < s->order.n_arcs; a++) {
		w->up[a] = least_link(s, 2 * a + UP, weight, w->margin, &sole);
		set_sole(w, 2 * a + UP, sole);
		w->down[a] = least_link(s, 2 * a + DOWN, weight, w->margin, &sole);
		set_sole(w, 2 * a + DOWN, sole);
	}
	for (uint32_t p = 0; p < s->order.n_nodes; p++)
		relax_over(&s->order, w, p);
	w->version++;
	fold_weights(h, metric);
	return PCE_OK;
}

/* The weight that an arc should have in one direction: of its links and of its lower triangles; and
 * whether it is that of one link alone. */
static uint32_t
proper_weight(const struct structure *s, const struct hierarchy_weights *w, uint32_t way,
	      struct column weight, bool *sole)
{
	const struct elimination *o = &s->order;
	uint32_t lower = s->tail[way / 2], upper = o->head[way / 2];
	uint32_t least = least_link(s, way, weight, w->margin, sole), link = least;

	for (uint32_t i = s->below_first[lower]; i < s->below_first[lower + 1]; i++) {
		uint32_t a = s->below[i], b, sum;
		uint32_t near = way % 2 == UP ? w->down[a] : w->up[a];

		if (near > least && near - least >= w->margin)
			continue;
		b = find_arc(o, s->tail[a], upper);
		if (b == NONE)
			continue;
		sum = hierarchy_add(near, way % 2 == UP ? w->up[b] : w->down[b]);
		least = sum < least ? sum : least;
		*sole = *sole && sum >= link && sum - link >= w->margin;
	}
	return least;
}

static enum pce_status
todo_put(struct hierarchy *h, uint32_t way, struct pce_error *err)
{
	enum pce_status status =
	    array_reserve(&h->todo, &h->todo_cap, h->n_todo + 1, sizeof(*h->todo), err);
	size_t at = h->n_todo;

	if (status)
		return status;
	h->n_todo++;
	while (at > 0 && way < h->todo[(at - 1) / 2]) {
		h->todo[at] = h->todo[(at - 1) / 2];
		at = (at - 1) / 2;
	}
	h->todo[at] = way;
	return PCE_OK;
}

static uint32_t
todo_take(struct hierarchy *h)
{
	uint32_t top = h->todo[0], last = h->todo[--h->n_todo];
	size_t at = 0;

	for (;;) {
		size_t child = 2 * at + 1;

		if (child >= h->n_todo)
			break;
		if (child + 1 < h->n_todo && h->todo[child + 1] < h->todo[child])
			child++;
		if (h->todo[child] >= last)
			break;
		h->todo[at] = h->todo[child];
		at = child;
	}
	h->todo[at] = last;
	return top;
}

/*
 * An arc's weight changed from old to now: looks at the arcs that it makes triangles with. One
 * whose weight came from the old one, or is more than what the new one offers, has to be looked at,
 * and so has one that may be sole again. It is not if the new offer is within the margin.
 */
static enum pce_status
spread(struct hierarchy *h, struct hierarchy_weights *w, uint32_t way, uint32_t old,
       struct pce_error *err)
{
	const struct elimination *o = &h->s->order;
	uint32_t place = h->s->tail[way / 2], here = o->head[way / 2];
	uint32_t now = way % 2 == UP ? w->up[way / 2] : w->down[way / 2];
	enum pce_status status = PCE_OK;

	for (uint32_t b = o->first[place]; !status && b < o->first[place + 1]; b++) {
		uint32_t rest, arc, target, has, before, after;
		bool onwards; /* in the arc's own direction of up */

		if (b == way / 2)
			continue;
		rest = way % 2 == UP ? w->down[b] : w->up[b];
		if (rest == HIERARCHY_FAR)
			continue;
		/* up: from the other end over this arc to its end; down: the other way round */
		onwards = (o->head[b] < here) == (way % 2 == UP);
		arc = o->head[b] < here ? find_arc(o, o->head[b], here)
					: find_arc(o, here, o->head[b]);
		target = 2 * arc + (onwards ? UP : DOWN);
		has = onwards ? w->up[arc] : w->down[arc];
		before = hierarchy_add(old, rest);
		after = hierarchy_add(now, rest);
		if (after < has || (now > old && before - has < w->margin))
			status = todo_put(h, target, err);
		else if (after - has < w->margin)
			set_sole(w, target, false);
	}
	return status;
}

enum pce_status
hierarchy_update(struct hierarchy *h, unsigned metric, struct column weight, uint32_t tail,
		 uint32_t head, struct pce_error *err)
{
	const struct elimination *o = &h->s->order;
	struct hierarchy_weights *w = &h->weights[metric];
	uint32_t way;
	enum pce_status status = PCE_OK;

	if (tail == head || !h->blocks[metric])
		return PCE_OK;
	way = find_way(o, o->place[tail], o->place[head]);
	if (way == NONE)
		return pce_fail(err, PCE_INTERNAL, "nodes %u and %u are not joined", tail, head);
	status = own_weights(h, metric, true, err);
	h->n_todo = 0;
	if (!status)
		status = todo_put(h, way, err);
	w->version++;
	while (!status && h->n_todo > 0) {
		uint32_t *has, old, now;
		bool sole;

		way = todo_take(h);
		has = (way % 2 == UP ? w->up : w->down) + way / 2;
		old = *has;
		now = proper_weight(h->s, w, way, weight, &sole);
		*has = now;
		set_sole(w, way, sole);
		if (now != old)
			status = spread(h, w, way, old, err);
	}
	return status;
}

size_t
hierarchy_bytes(const struct hierarchy *h)
{
	const struct elimination *o = &h->s->order;
	size_t by_arc = sizeof(uint32_t) * (3 + 2), by_node = sizeof(uint32_t) * 3, bits = 0;

	for (unsigned i = 0; i < HIERARCHY_METRICS; i++) {
		const struct hierarchy_weights *w = &h->weights[i];

		by_arc += h->blocks[i] ? (w->up == w->down ? 1 : 2) * sizeof(uint32_t) : 0;
		bits += h->blocks[i] ? (o->n_arcs / 16 + 1) * sizeof(uint32_t) : 0;
	}
	return sizeof(*h) + sizeof(*h->s) + bits + o->n_arcs * by_arc + o->n_nodes * by_node +
	       h->s->n_links * sizeof(uint32_t) + h->todo_cap * sizeof(uint32_t);
}

uint32_t
hierarchy_arcs(const struct hierarchy *h)
{
	return h->s->order.n_arcs;
}

uint32_t
hierarchy_height(const struct hierarchy *h)
{
	return h->s->height;
}

const uint32_t *
hierarchy_links(const struct hierarchy *h, uint32_t way, uint32_t *n)
{
	*n = h->s->links_first[way + 1] - h->s->links_first[way];
	return h->s->links + h->s->links_first[way];
}

uint32_t
hierarchy_branch(const struct hierarchy *h)
{
	return h->s->branch;
}

const struct elimination *
hierarchy_order(const struct hierarchy *h)
{
	return &h->s->order;
}

const struct hierarchy_weights *
hierarchy_weights(const struct hierarchy *h, unsigned metric)
{
	return &h->weights[metric];
}
