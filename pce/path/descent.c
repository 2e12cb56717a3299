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
	bool met;
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

static bool
is_seen(const struct descent *d, unsigned side, uint32_t node)
{
	return d->seen[node] >> 2 == d->epoch && d->seen[node] & 1u << side;
}

/* A side comes to a node. */
static void
see(struct run *r, unsigned side, uint32_t node)
{
	struct descent *d = r->d;
	struct descent_side *s = &d->sides[side];

	if (d->seen[node] >> 2 != d->epoch)
		d->seen[node] = d->epoch << 2;
	if (d->seen[node] & 1u << side)
		return;
	d->seen[node] |= 1u << side;
	r->met |= (d->seen[node] & 3) == 3;
	s->list[s->n++] = node;
}

static uint64_t
waiting_bps(const struct run *r, const struct descent_side *s, uint32_t at)
{
	return filter_residual(r->f, s->waiting[at].link);
}

/* Puts an entry where it belongs between a free place of the heap and its top. */
static void
rise(const struct run *r, struct descent_side *s, uint32_t at, struct descent_wait entry)
{
	uint64_t bps = filter_residual(r->f, entry.link);

	for (; at > 0 && waiting_bps(r, s, (at - 1) / 2) < bps; at = (at - 1) / 2)
		s->waiting[at] = s->waiting[(at - 1) / 2];
	s->waiting[at] = entry;
}

/* The same below the free place. */
static void
sink(const struct run *r, struct descent_side *s, uint32_t at, struct descent_wait entry)
{
	uint64_t bps = filter_residual(r->f, entry.link);

	for (;;) {
		uint32_t child = 2 * at + 1;

		if (child >= s->n_waiting)
			break;
		if (child + 1 < s->n_waiting &&
		    waiting_bps(r, s, child + 1) > waiting_bps(r, s, child))
			child++;
		if (waiting_bps(r, s, child) <= bps)
			break;
		s->waiting[at] = s->waiting[child];
		at = child;
	}
	s->waiting[at] = entry;
}

static enum pce_status
wait_at(struct run *r, struct descent_side *s, struct descent_wait entry, struct pce_error *err)
{
	enum pce_status status = PCE_OK;

	if (s->n_waiting == s->waiting_cap)
		status = array_reserve(&s->waiting, &s->waiting_cap, (size_t)s->n_waiting + 1,
				       sizeof(*s->waiting), err);
	if (status)
		return status;
	s->waiting[s->n_waiting++] = entry;
	if (r->d->lowered)
		rise(r, s, s->n_waiting - 1, entry);
	return PCE_OK;
}

static uint32_t
take_widest(const struct run *r, struct descent_side *s)
{
	uint32_t node = s->waiting[0].node;

	s->n_waiting--;
	if (s->n_waiting > 0)
		sink(r, s, 0, s->waiting[s->n_waiting]);
	return node;
}

/* Makes heaps of what waits, which has been in no order so far. */
static void
sort_waiting(struct run *r)
{
	for (unsigned i = 0; i < 2; i++) {
		struct descent_side *s = &r->d->sides[i];

		for (uint32_t at = s->n_waiting / 2; at-- > 0;)
			sink(r, s, at, s->waiting[at]);
	}
	r->d->lowered = true;
}

/* Takes in the links of the next node of a side. */
static enum pce_status
expand(struct run *r, unsigned side, struct pce_error *err)
{
	const struct path_graph *g = r->f->graph;
	struct descent_side *s = &r->d->sides[side];
	uint32_t node = s->list[s->done++];
	const uint32_t *first = side == FORWARD ? g->out_first : g->in_first;
	const struct graph_arc *arcs = side == FORWARD ? g->arcs_out : g->arcs_in;
	enum pce_status status = PCE_OK;

	r->d->settled++;
	for (uint32_t i = first[node]; i < first[node + 1] && !status && !r->met; i++) {
		uint32_t link = side == FORWARD ? i : g->in[i], end = arcs[i].end;

		if (is_seen(r->d, side, end))
			continue;
		if (!filter_allows_arc(r->f, &arcs[i], link, side == FORWARD ? node : end,
				       side == FORWARD ? end : node))
			continue;
		if (filter_is_wide(r->f, &arcs[i], link, r->threshold_bps))
			see(r, side, end);
		else
			status = wait_at(r, s, (struct descent_wait){ link, end }, err);
	}
	return status;
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
	r->threshold_bps = waiting_bps(r, &r->d->sides[side], 0);
	for (unsigned i = 0; i < 2; i++) {
		struct descent_side *s = &r->d->sides[i];

		while (s->n_waiting > 0 && waiting_bps(r, s, 0) >= r->threshold_bps)
			see(r, i, take_widest(r, s));
	}
	return true;
}

enum pce_status
descent_bottleneck(struct descent *d, const struct filter *f, uint32_t from,
		   uint64_t *bottleneck_bps, bool *joined, struct pce_error *err)
{
	struct run r = { .d = d, .f = f };
	enum pce_status status = make_room(d, f->graph->n_nodes, err);
	uint64_t limit_bps;
	bool more = true;

	*joined = d->lowered = false;
	if (status || !widest_at(f, from, FORWARD, &r.threshold_bps) ||
	    !widest_at(f, f->to, BACKWARD, &limit_bps))
		return status;
	r.threshold_bps = limit_bps < r.threshold_bps ? limit_bps : r.threshold_bps;
	start(d, f->graph->n_nodes);
	see(&r, FORWARD, from);
	see(&r, BACKWARD, f->to);
	for (unsigned side = FORWARD; !status && !r.met && more; side = !side)
		if (d->sides[side].done < d->sides[side].n)
			status = expand(&r, side, err);
		else
			more = lower(&r, side);
	*joined = !status && r.met;
	*bottleneck_bps = r.threshold_bps;
	return status;
}
