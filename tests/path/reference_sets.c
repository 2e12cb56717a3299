#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "tests/path/reference.h"

#define NONE UINT32_MAX

static bool
is_same(const struct reference_path *a, const struct reference_path *b)
{
	return a->n == b->n && memcmp(a->links, b->links, a->n * sizeof(*a->links)) == 0;
}

static bool
is_known(const struct reference_path *list, uint32_t n, const struct reference_path *p)
{
	for (uint32_t i = 0; i < n; i++)
		if (is_same(&list[i], p))
			return true;
	return false;
}

/* Candidates that leave the last path found at one place, and not the way that others left it. */
static void
leave(struct reference *ref, const struct reference_path *found, uint32_t n_found, uint32_t at,
      struct reference_path *waiting, uint32_t *n_waiting)
{
	const struct reference_path *last = &found[n_found - 1];
	struct reference_path *p = &waiting[*n_waiting];

	for (uint32_t i = 0; i < n_found; i++)
		if (found[i].n > at &&
		    memcmp(found[i].links, last->links, at * sizeof(*last->links)) == 0)
			ref->banned_link[found[i].links[at]] = 1;
	if (reference_best(ref, last->links, at, p) && !is_known(waiting, *n_waiting, p) &&
	    !is_known(found, n_found, p))
		++*n_waiting;
	for (uint32_t i = 0; i < n_found; i++)
		if (found[i].n > at)
			ref->banned_link[found[i].links[at]] = 0;
}

uint32_t
reference_k_best(struct reference *ref, uint32_t k, struct reference_path *out)
{
	struct reference_path *waiting = calloc(k * REFERENCE_STEPS, sizeof(*waiting));
	uint32_t n = 0, n_waiting = 0;

	ck_assert_ptr_nonnull(waiting);
	if (k > 0 && reference_best(ref, NULL, 0, &out[0]))
		n = 1;
	while (n > 0 && n < k) {
		uint32_t best = 0;

		for (uint32_t at = 0; at < out[n - 1].n; at++)
			leave(ref, out, n, at, waiting, &n_waiting);
		if (n_waiting == 0)
			break;
		for (uint32_t i = 1; i < n_waiting; i++)
			if (reference_compare(ref, &waiting[i], &waiting[best]) < 0)
				best = i;
		out[n++] = waiting[best];
		waiting[best] = waiting[--n_waiting];
	}
	free(waiting);
	return n;
}

/*
 * Two units of flow by two shortest ways in the residual network, found by Bellman and Ford's
 * relaxation. Node v is 2v where links come in and 2v + 1 where they go out.
 */
struct arc {
	uint32_t from, to;
	int64_t cost[PATH_TIE_COUNT + 2];
	int capacity; /* left */
};

struct flow {
	struct arc *arcs; /* each with its opposite behind it */
	uint32_t n, points;
	unsigned width;
	int64_t (*far)[PATH_TIE_COUNT + 2];
	uint32_t *by; /* arc by which a point was reached */
};

static void
add_arc(struct flow *f, uint32_t from, uint32_t to, const int64_t *cost, int capacity)
{
	struct arc *there = &f->arcs[f->n], *back = &f->arcs[f->n + 1];

	f->n += 2;
	*there = (struct arc){ .from = from, .to = to, .capacity = capacity };
	*back = (struct arc){ .from = to, .to = from };
	for (unsigned i = 0; cost && i < f->width; i++) {
		there->cost[i] = cost[i];
		back->cost[i] = -cost[i];
	}
}

static void
cost_of(const struct reference *ref, uint32_t link, int64_t *cost)
{
	const struct ted_link_row *row = ted_link_at(ref->ted, link);
	const int64_t objective[] = { row->igp_metric, row->te_metric, row->delay_us };
	const int64_t ties[] = { row->delay_us, row->te_metric, row->igp_metric,
				 !ted_node_at(ref->ted, row->from)->pseudonode };

	*cost++ = objective[ref->r.objective];
	for (unsigned i = 0; i < ref->r.n_ties; i++)
		*cost++ = ties[ref->r.ties[i]];
	*cost = 1;
}

static bool
relax(struct flow *f, uint32_t arc)
{
	const struct arc *a = &f->arcs[arc];
	int sign = 0;

	if (a->capacity == 0 || (f->by[a->from] == NONE && a->from != 0))
		return false;
	for (unsigned i = 0; sign == 0 && i < f->width && f->by[a->to] != NONE; i++)
		if (f->far[a->from][i] + a->cost[i] != f->far[a->to][i])
			sign = f->far[a->from][i] + a->cost[i] < f->far[a->to][i] ? -1 : 1;
	if (a->to == 0 || (f->by[a->to] != NONE && sign >= 0))
		return false;
	for (unsigned i = 0; i < f->width; i++)
		f->far[a->to][i] = f->far[a->from][i] + a->cost[i];
	f->by[a->to] = arc;
	return true;
}

/* One more unit from point 0 to point 1; adds its cost to the sums. */
static bool
augment(struct flow *f, uint64_t *sums)
{
	bool changed = true;

	memset(f->far, 0, f->points * sizeof(*f->far));
	for (uint32_t i = 0; i < f->points; i++)
		f->by[i] = NONE;
	while (changed) {
		changed = false;
		for (uint32_t i = 0; i < f->n; i++)
			changed |= relax(f, i);
	}
	if (f->by[1] == NONE)
		return false;
	for (unsigned i = 0; i < f->width; i++)
		sums[i] += (uint64_t)f->far[1][i];
	for (uint32_t at = 1; at != 0; at = f->arcs[f->by[at]].from) {
		f->arcs[f->by[at]].capacity--;
		f->arcs[f->by[at] ^ 1].capacity++;
	}
	return true;
}

static uint32_t
point_in(const struct reference *ref, uint32_t node)
{
	return node == ref->r.from ? 0 : node == ref->r.to ? 1 : 2 + 2 * node;
}

static uint32_t
point_out(const struct reference *ref, uint32_t node)
{
	return node == ref->r.from ? 0 : node == ref->r.to ? 1 : 3 + 2 * node;
}

bool
reference_pair(struct reference *ref, bool nodes, uint64_t sums[PATH_TIE_COUNT + 2],
	       unsigned *n_sums)
{
	uint32_t n_nodes = ted_node_count(ref->ted), n_links = ted_link_count(ref->ted);
	struct flow f = { .points = 2 * n_nodes + 4, .width = ref->r.n_ties + 2u };
	bool found;

	f.arcs = calloc(2 * (n_links + n_nodes) + 2, sizeof(*f.arcs));
	f.far = calloc(f.points, sizeof(*f.far));
	f.by = calloc(f.points, sizeof(*f.by));
	ck_assert(f.arcs && f.far && f.by);
	for (uint32_t i = 0; i < n_nodes; i++)
		if (i != ref->r.from && i != ref->r.to)
			add_arc(&f, 2 + 2 * i, 3 + 2 * i, NULL, nodes ? 1 : 2);
	for (uint32_t i = 0; i < n_links; i++) {
		const struct ted_link_row *row = ted_link_at(ref->ted, i);
		int64_t cost[PATH_TIE_COUNT + 2] = { 0 };

		if (!ref->usable[i] || row->to == ref->r.from || row->from == ref->r.to)
			continue;
		cost_of(ref, i, cost);
		add_arc(&f, point_out(ref, row->from), point_in(ref, row->to), cost, 1);
	}
	memset(sums, 0, f.width * sizeof(*sums));
	*n_sums = f.width;
	found = augment(&f, sums) && augment(&f, sums);
	free(f.arcs);
	free(f.far);
	free(f.by);
	return found;
}
