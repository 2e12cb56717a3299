#include "pce/path/descent.h"

#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"

enum { FORWARD, BACKWARD };

#define EPOCH_MAX (UINT32_MAX >> 2)

/* One run. */
struct run {
	struct descent *d;
	const struct filter *f;
	uint64_t threshold_bps;
	uint32_t threshold_kbps; /* a link with more is wide enough, one with less is not */
	bool met, no_memory;
};

void
descent_free(struct descent *d)
{
	for (unsigned i = 0; i < 2; i++) {
		free(d->sides[i].list);
		free(d->sides[i].waiting);
	}
	free(d->seen);
	*d = (struct descent){ .seen = NULL };
}

static enum pce_status
make_room(struct descent *d, uint32_t n_nodes, struct pce_error *err)
{
	size_t n = (size_t)n_nodes + 1;

	if (d->seen)
		return PCE_OK;
	for (unsigned i = 0; i < 2; i++)
		d->sides[i].list = calloc(n, sizeof(*d->sides[i].list));
	d->seen = calloc(n, sizeof(*d->seen));
	d->epoch = 0;
	if (d->sides[FORWARD].list && d->sides[BACKWARD].list && d->seen)
		return PCE_OK;
	descent_free(d);
	return pce_no_memory(err);
}

static void
start(struct descent *d, uint32_t n_nodes)
{
	if (++d->epoch > EPOCH_MAX) {
		memset(d->seen, 0, n_nodes * sizeof(*d->seen));
		d->epoch = 1;
	}
	for (unsigned i = 0; i < 2; i++)
		d->sides[i].n = d->sides[i].done = d->sides[i].n_waiting = 0;
}

static void
set_threshold(struct run *r, uint64_t bps)
{
	uint64_t kbps = bps / 1000;

	r->threshold_bps = bps;
	r->threshold_kbps = kbps < UINT32_MAX ? (uint32_t)kbps : UINT32_MAX;
}

/* A side comes to a node that it has not seen. */
static inline void
see(struct run *r, unsigned side, uint32_t node)
{
	struct descent *d = r->d;
	struct descent_side *s = &d->sides[side];
	uint32_t seen = d->seen[node];

	if (seen >> 2 != d->epoch)
		seen = d->epoch << 2;
	seen |= 1u << side;
	d->seen[node] = seen;
	r->met |= (seen & 3) == 3;
	s->list[s->n++] = node;
}

static inline bool
is_seen(const struct descent *d, unsigned side, uint32_t node)
{
	return d->seen[node] >> 2 == d->epoch && d->seen[node] & 1u << side;
}

/* Puts an entry where it belongs between a free place of the heap and its top. */
static void
rise(struct descent_side *s, uint32_t at, struct descent_wait entry)
{
	for (; at > 0 && s->waiting[(at - 1) / 2].bps < entry.bps; at = (at - 1) / 2)
		s->waiting[at] = s->waiting[(at - 1) / 2];
	s->waiting[at] = entry;
}

/* The same below the free place. */
static void
sink(struct descent_side *s, uint32_t at, struct descent_wait entry)
{
	for (;;) {
		uint32_t child = 2 * at + 1;

		if (child >= s->n_waiting)
			break;
		if (child + 1 < s->n_waiting && s->waiting[child + 1].bps > s->waiting[child].bps)
			child++;
		if (s->waiting[child].bps <= entry.bps)
			break;
		s->waiting[at] = s->waiting[child];
		at = child;
	}
	s->waiting[at] = entry;
}

static void
wait_at(struct run *r, struct descent_side *s, uint32_t link, uint32_t node)
{
	struct descent_wait entry = { filter_residual(r->f, link), node };

	if (s->n_waiting == s->waiting_cap &&
	    array_reserve(&s->waiting, &s->waiting_cap, (size_t)s->n_waiting + 1,
			  sizeof(*s->waiting), NULL)) {
		r->no_memory = true;
		return;
	}
	s->waiting[s->n_waiting++] = entry;
	if (r->d->lowered)
		rise(s, s->n_waiting - 1, entry);
}

static uint32_t
take_widest(struct descent_side *s)
{
	uint32_t node = s->waiting[0].node;

	s->n_waiting--;
	if (s->n_waiting > 0)
		sink(s, 0, s->waiting[s->n_waiting]);
	return node;
}

/* Makes heaps of what waits, which has been in no order so far. */
static void
sort_waiting(struct run *r)
{
	for (unsigned i = 0; i < 2; i++) {
		struct descent_side *s = &r->d->sides[i];

		for (uint32_t at = s->n_waiting / 2; at-- > 0;)
			sink(s, at, s->waiting[at]);
	}
	r->d->lowered = true;
}

/* True if the link is as wide as the threshold, which no floor is above. */
static inline bool
is_wide(const struct run *r, const struct graph_arc *arc, uint32_t link)
{
	if (arc->residual_kbps > r->threshold_kbps)
		return true;
	if (arc->residual_kbps < r->threshold_kbps && r->f->held_bps == 0)
		return false;
	return filter_residual(r->f, link) >= r->threshold_bps;
}

/* Takes in the links of the next node of a side. What is written could change what is read, as far
 * as the compiler can see, so it is read once. */
static inline __attribute__((always_inline)) void
expand(struct run *r, unsigned side)
{
	const struct filter *f = r->f;
	const struct path_graph *g = f->graph;
	const uint32_t *first = side == FORWARD ? g->out_first : g->in_first;
	const struct graph_arc *arcs = side == FORWARD ? g->arcs_out : g->arcs_in;
	struct descent_side *s = &r->d->sides[side];
	uint32_t *seen = r->d->seen, epoch = r->d->epoch << 2, own = 1u << side;
	uint32_t node = s->list[s->done++], last = first[node + 1];

	for (uint32_t i = first[node]; i < last; i++) {
		const struct graph_arc *arc = &arcs[i];
		uint32_t end = arc->end, was = seen[end] - epoch;
		uint32_t link = side == FORWARD ? i : g->in[i];

		/* 1 and 2 are the sides; anything above is of an earlier run */
		if (was == own || !filter_takes_class(f, arc, side == FORWARD ? node : end))
			continue;
		if (f->strict &&
		    !filter_strictly_allows(f, arc, link, side == FORWARD ? end : node))
			continue;
		if (was != (own ^ 3) && (side == FORWARD ? graph_turns_back(g, end, node)
							 : graph_comes_back(g, end, node)))
			continue;
		if (!is_wide(r, arc, link)) {
			if (filter_is_wide(f, arc, link, f->floor_bps))
				wait_at(r, s, link, end);
			continue;
		}
		if (was == (own ^ 3)) {
			r->met = true;
			return;
		}
		seen[end] = epoch | own;
		s->list[s->n++] = end;
	}
}

/* The widest allowed link of an end; false if there is none. */
static bool
widest_at(const struct filter *f, uint32_t node, unsigned side, uint64_t *bps)
{
	const struct path_graph *g = f->graph;
	const uint32_t *first = side == FORWARD ? g->out_first : g->in_first;
	const struct graph_arc *arcs = side == FORWARD ? g->arcs_out : g->arcs_in;
	bool any = false;

	*bps = 0;
	for (uint32_t i = first[node]; i < first[node + 1]; i++) {
		uint32_t link = side == FORWARD ? i : g->in[i], end = arcs[i].end;

		if (!filter_allows_arc(f, &arcs[i], link, side == FORWARD ? node : end,
				       side == FORWARD ? end : node))
			continue;
		any = true;
		if (filter_residual(f, link) > *bps)
			*bps = filter_residual(f, link);
	}
	return any;
}

/* Lowers the threshold to the widest link that waits at a side which has nothing else left; false
 * if there is none. What is wide enough by then, on either side, waits no more. */
static bool
lower(struct run *r, unsigned side)
{
	if (r->d->sides[side].n_waiting == 0)
		return false;
	if (!r->d->lowered)
		sort_waiting(r);
	set_threshold(r, r->d->sides[side].waiting[0].bps);
	for (unsigned i = 0; i < 2; i++) {
		struct descent_side *s = &r->d->sides[i];

		while (s->n_waiting > 0 && s->waiting[0].bps >= r->threshold_bps) {
			uint32_t node = take_widest(s);

			if (!is_seen(r->d, i, node))
				see(r, i, node);
		}
	}
	return true;
}

/* From the end at which less is to be looked at, until the two meet or one of them has seen all
 * there is. */
static void
search(struct run *r)
{
	struct descent_side *a = &r->d->sides[FORWARD], *b = &r->d->sides[BACKWARD];
	bool more = true;

	while (!r->met && more && !r->no_memory) {
		uint32_t left_a = a->n - a->done, left_b = b->n - b->done;

		if (left_a == 0 || left_b == 0) {
			more = lower(r, left_a == 0 ? FORWARD : BACKWARD);
			continue;
		}
		r->d->settled++;
		if (left_a <= left_b)
			expand(r, FORWARD);
		else
			expand(r, BACKWARD);
	}
}

enum pce_status
descent_bottleneck(struct descent *d, const struct filter *f, uint32_t from,
		   uint64_t *bottleneck_bps, bool *joined, struct pce_error *err)
{
	struct run r = { .d = d, .f = f };
	enum pce_status status = make_room(d, f->graph->n_nodes, err);
	uint64_t limits_bps[2];

	*joined = d->lowered = false;
	if (status || !widest_at(f, from, FORWARD, &limits_bps[0]) ||
	    !widest_at(f, f->to, BACKWARD, &limits_bps[1]))
		return status;
	set_threshold(&r, limits_bps[0] < limits_bps[1] ? limits_bps[0] : limits_bps[1]);
	start(d, f->graph->n_nodes);
	see(&r, FORWARD, from);
	see(&r, BACKWARD, f->to);
	search(&r);
	if (r.no_memory)
		return pce_no_memory(err);
	*joined = r.met;
	*bottleneck_bps = r.threshold_bps;
	return PCE_OK;
}
