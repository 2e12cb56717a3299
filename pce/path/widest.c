#include <stdlib.h>

#include "pce/base/array.h"
#include "pce/path/widest.h"

/*
 * The search itself is spf's, from both ends: a width w is kept as the distance UINT64_MAX - w, and
 * instead of a sum the larger of two distances is taken. A route not seen yet is no wider than the
 * next node of either side, so the search is over when the best meeting is at least as wide as one
 * of them.
 */
struct widest {
	const struct filter *f;
	struct spf *sides[2]; /* from the start, from the end */
	uint64_t best; /* distance of the best meeting; UINT64_MAX: none, or of width 0 */
	bool met;
};

static void
relax(struct widest *w, unsigned side, uint32_t link, uint32_t to, uint64_t here)
{
	uint64_t far = UINT64_MAX - filter_residual(w->f, link);
	struct spf *other = w->sides[1 - side];

	far = far > here ? far : here;
	spf_offer(w->sides[side], to, &far);
	if (!spf_reached(other, to))
		return;
	far = *spf_at(other, to) > far ? *spf_at(other, to) : far;
	w->best = far < w->best ? far : w->best;
	w->met = true;
}

static void
step(struct widest *w, unsigned side)
{
	const struct path_graph *g = w->f->graph;
	uint32_t node;
	uint64_t here;

	if (!spf_pop(w->sides[side], &node))
		return;
	here = *spf_at(w->sides[side], node);
	for (uint32_t l = g->out_first[node]; side == 0 && l < g->out_first[node + 1]; l++)
		if (filter_allows(w->f, l))
			relax(w, side, l, graph_head(g, l), here);
	for (uint32_t i = g->in_first[node]; side == 1 && i < g->in_first[node + 1]; i++)
		if (filter_allows(w->f, g->in[i]))
			relax(w, side, g->in[i], graph_tail(g, g->in[i]), here);
}

static bool
is_over(const struct widest *w)
{
	for (unsigned i = 0; i < 2; i++)
		if (w->sides[i]->n_heap == 0 ||
		    (w->met && *spf_at(w->sides[i], w->sides[i]->heap[0]) >= w->best))
			return true;
	return false;
}

bool
widest_bottleneck(struct bidirectional *b, const struct filter *f, uint32_t from,
		  uint64_t *bottleneck_bps)
{
	struct widest w = { .f = f, .sides = { &b->forward, &b->backward }, .best = UINT64_MAX };
	uint64_t zero = 0;

	spf_start(w.sides[0], 1);
	spf_start(w.sides[1], 1);
	spf_offer(w.sides[0], from, &zero);
	spf_offer(w.sides[1], f->to, &zero);
	while (!is_over(&w))
		step(&w, w.sides[0]->n_heap < w.sides[1]->n_heap ? 0 : 1);
	*bottleneck_bps = UINT64_MAX - w.best;
	return w.met;
}

static int
compare_u64(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

enum pce_status
widest_steps(const struct filter *f, uint64_t top_bps, uint64_t **out, size_t *cap, size_t *n,
	     struct pce_error *err)
{
	size_t found = 0, kept = 0;
	enum pce_status status = array_reserve(out, cap, f->graph->n_links, sizeof(**out), err);

	if (status)
		return status;
	for (uint32_t i = 0; i < f->graph->n_links; i++)
		if (filter_allows(f, i) && filter_residual(f, i) <= top_bps)
			(*out)[found++] = filter_residual(f, i);
	qsort(*out, found, sizeof(**out), compare_u64);
	for (size_t i = 0; i < found; i++)
		if (i == 0 || (*out)[i] != (*out)[kept - 1])
			(*out)[kept++] = (*out)[i];
	*n = kept;
	return PCE_OK;
}
