/*
 * Two-edge cuts in linear time, by labels of the cycle space (Pritchard and Thurimella, "Fast
 * computation of small cuts via cycle space sampling", TALG 7(4), 2011): every fibre outside of a
 * depth-first forest gets a random label, and one inside the XOR of those whose cycle it is on. Two
 * fibres cut the network together exactly if they are on the same cycles, which shows as the same
 * label; fibres on none are bridges. With 128 bits two labels of 100 000 fibres are equal by chance
 * once in 10^28 networks, which memory does not promise either. The labels come from the fibre's
 * number, so an answer is the same on every run.
 */
#include <stdlib.h>
#include <string.h>

#include "models/import/analyse_internal.h"

struct label {
	uint64_t high, low;
	uint32_t fibre;
};

struct forest {
	uint32_t *order; /* nodes as they were met */
	uint32_t *up; /* fibre to the parent, ANALYSE_NONE at a root */
	uint32_t *parent;
	uint32_t *next; /* arc to look at next */
	uint32_t *size; /* of the subtree */
	bool *seen;
	struct label *at; /* of nodes: XOR of the labels that end there */
	struct label *of; /* of fibres */
	bool *inside; /* fibre of the forest */
};

/* splitmix64 */
static uint64_t
mix(uint64_t z)
{
	z += 0x9e3779b97f4a7c15ULL;
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

static void
xor_into(struct label *to, const struct label *from)
{
	to->high ^= from->high;
	to->low ^= from->low;
}

/* Visits what a root reaches, without recursion. Returns the new number of nodes met. */
static uint32_t
visit(const struct analyse_graph *g, struct forest *f, uint32_t root, uint32_t met)
{
	uint32_t at = root;

	f->seen[root] = true;
	f->up[root] = f->parent[root] = ANALYSE_NONE;
	f->order[met++] = root;
	while (at != ANALYSE_NONE) {
		if (f->next[at] == g->undirected.first[at + 1]) {
			at = f->parent[at];
			continue;
		}
		const struct analyse_arc *arc = &g->undirected.arcs[f->next[at]++];

		if (f->seen[arc->to])
			continue;
		f->seen[arc->to] = true;
		f->up[arc->to] = arc->what;
		f->parent[arc->to] = at;
		f->inside[arc->what] = true;
		f->order[met++] = arc->to;
		at = arc->to;
	}
	return met;
}

static bool
make_forest(struct analyse_graph *g, struct forest *f)
{
	uint32_t met = 0;

	f->order = analyse_alloc(g, g->n, sizeof(*f->order));
	f->up = analyse_alloc(g, g->n, sizeof(*f->up));
	f->parent = analyse_alloc(g, g->n, sizeof(*f->parent));
	f->next = analyse_alloc(g, g->n, sizeof(*f->next));
	f->size = analyse_alloc(g, g->n, sizeof(*f->size));
	f->seen = analyse_alloc(g, g->n, sizeof(*f->seen));
	f->at = analyse_alloc(g, g->n, sizeof(*f->at));
	f->of = analyse_alloc(g, g->n_fibres, sizeof(*f->of));
	f->inside = analyse_alloc(g, g->n_fibres, sizeof(*f->inside));
	if (!f->order || !f->up || !f->parent || !f->next || !f->size || !f->seen || !f->at ||
	    !f->of || !f->inside)
		return false;
	memcpy(f->next, g->undirected.first, g->n * sizeof(*f->next));
	for (uint32_t i = 0; i < g->n; i++) {
		if (!f->seen[i])
			met = visit(g, f, i, met);
	}
	return true;
}

/* Labels of all fibres, and sizes of subtrees. */
static void
make_labels(const struct analyse_graph *g, struct forest *f)
{
	for (uint32_t i = 0; i < g->n_fibres; i++) {
		f->of[i].fibre = i;
		if (f->inside[i])
			continue;
		f->of[i].high = mix(2 * (uint64_t)i);
		f->of[i].low = mix(2 * (uint64_t)i + 1);
		xor_into(&f->at[g->a[i]], &f->of[i]);
		xor_into(&f->at[g->b[i]], &f->of[i]);
	}
	for (uint32_t i = g->n; i-- > 0;) {
		uint32_t node = f->order[i];

		f->size[node]++;
		if (f->up[node] == ANALYSE_NONE)
			continue;
		f->of[f->up[node]].high = f->at[node].high;
		f->of[f->up[node]].low = f->at[node].low;
		xor_into(&f->at[f->parent[node]], &f->at[node]);
		f->size[f->parent[node]] += f->size[node];
	}
}

static int
by_label(const void *a, const void *b)
{
	const struct label *x = a, *y = b;

	if (x->high != y->high)
		return x->high < y->high ? -1 : 1;
	if (x->low != y->low)
		return x->low < y->low ? -1 : 1;
	return x->fibre < y->fibre ? -1 : x->fibre > y->fibre;
}

static int
by_first_fibre(const void *a, const void *b)
{
	const struct analysis_group *x = a, *y = b;

	return x->fibres[0] < y->fibres[0] ? -1 : x->fibres[0] > y->fibres[0];
}

/* Runs of two and more equal labels that are not 0. */
static enum pce_status
make_groups(struct analyse_graph *g, struct forest *f)
{
	uint32_t *fibres = arena_alloc(&g->out->arena, ((size_t)g->n_fibres + 1) * sizeof(*fibres));
	struct analysis_group *groups =
	    arena_alloc(&g->out->arena, ((size_t)g->n_fibres / 2 + 1) * sizeof(*groups));
	size_t n = 0;

	if (!fibres || !groups)
		return pce_no_memory(g->err);
	qsort(f->of, g->n_fibres, sizeof(*f->of), by_label);
	for (uint32_t i = 0, end; i < g->n_fibres; i = end) {
		for (end = i + 1; end < g->n_fibres && f->of[end].high == f->of[i].high &&
				  f->of[end].low == f->of[i].low;)
			end++;
		for (uint32_t k = i; k < end; k++)
			fibres[k] = f->of[k].fibre;
		if (end - i > 1 && (f->of[i].high || f->of[i].low))
			groups[n++] = (struct analysis_group){ fibres + i, end - i };
	}
	qsort(groups, n, sizeof(*groups), by_first_fibre);
	g->out->groups = groups;
	g->out->n_groups = n;
	return PCE_OK;
}

enum pce_status
analyse_cuts(struct analyse_graph *g, const uint32_t *bridges, size_t n_bridges)
{
	struct analysis_bridge *out = arena_alloc(&g->out->arena, (n_bridges + 1) * sizeof(*out));
	struct forest f;

	if (!out || !make_forest(g, &f))
		return pce_no_memory(g->err);
	make_labels(g, &f);
	for (size_t i = 0; i < n_bridges; i++) {
		uint32_t a = g->a[bridges[i]], b = g->b[bridges[i]];
		uint32_t below = f.up[b] == bridges[i] ? b : a;
		uint32_t size = f.size[below], rest = g->island_size[g->island[a]] - size;

		out[i] = (struct analysis_bridge){ bridges[i], size < rest ? size : rest };
	}
	g->out->bridges = out;
	g->out->n_bridges = n_bridges;
	return make_groups(g, &f);
}
