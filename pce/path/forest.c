#include "pce/path/forest.h"

#include <stdlib.h>
#include <string.h>
#ifdef __x86_64__
#include <immintrin.h>
#endif

#include "pce/base/array.h"
#include "pce/path/distances.h"
#include "pce/path/engine.h"
#include "pce/path/graph_internal.h"

/* One number of a node or link for each tree. */
struct forest_row {
	uint32_t of[PATH_FOREST_TREES];
} __attribute__((aligned(64)));

struct path_forest {
	struct graph_shape *shape; /* held, for rows and their numbers */
	struct hierarchy *hierarchy; /* for places; without weights */
	enum path_tree_direction direction;
	unsigned n, links_bits;
	bool has_parents;
	struct distances sums; /* by place: distance << links_bits | links */
	struct forest_row *parents; /* by node: place among arcs_in or, to the root, arcs_out */
	void *parents_block;
	bool swept; /* else the trees are */
	struct path_tree *trees[PATH_FOREST_TREES];
};

/* One pass over the links: what it reads, and what it finds for all trees. */
struct forest_pass {
	const struct tree_sweep_arc *column;
	const struct distances_row *rows; /* by place */
	const uint32_t *place, *first; /* by node */
	uint32_t trees; /* a bit for each */
	struct forest_row *parents; /* NULL: not asked for */
	struct forest_row more; /* than the largest sum, by 1 */
	struct forest_row lost; /* not 0: a node is reached, but by no link */
	bool too_far; /* a node is not reached, but a link leads to it from one that is */
};

void
path_forest_free(struct path_forest *forest)
{
	if (!forest)
		return;
	for (unsigned i = 0; i < PATH_FOREST_TREES; i++)
		path_tree_free(forest->trees[i]);
	graph_shape_free(forest->shape);
	hierarchy_free(forest->hierarchy);
	distances_free(&forest->sums);
	free(forest->parents_block);
	free(forest);
}

/* A forest for the engine's graph; an old one of another shape is emptied. */
static enum pce_status
make_forest(const struct path_graph *g, struct path_forest **out, struct pce_error *err)
{
	struct path_forest *f = *out;

	if (f && f->shape == g->shape)
		return PCE_OK;
	f = calloc(1, sizeof(*f));
	if (!f)
		return pce_no_memory(err);
	atomic_fetch_add_explicit(&g->shape->holders, 1, memory_order_relaxed);
	f->shape = g->shape;
	path_forest_free(*out);
	*out = f;
	return PCE_OK;
}

/* Room for what sweeps find. */
static enum pce_status
make_room(struct path_forest *f, const struct tree_sweep *s, uint32_t n_nodes,
	  struct pce_error *err)
{
	if (!f->parents)
		f->parents =
		    array_lines(((size_t)n_nodes + 1) * sizeof(*f->parents), &f->parents_block);
	if (!f->parents && f->has_parents)
		return pce_no_memory(err);
	return f->hierarchy ? PCE_OK : hierarchy_like(s->hierarchy, &f->hierarchy, err);
}

/* A node that some trees, as bits, do not reach. */
static void
look_closer(struct forest_pass *pass, uint32_t node, uint32_t trees)
{
	for (uint32_t i = pass->first[node]; i < pass->first[node + 1]; i++)
		for (unsigned t = 0; t < PATH_FOREST_TREES; t++)
			pass->too_far |= (trees >> t & 1) &&
					 pass->column[i].weight != HIERARCHY_FAR &&
					 pass->rows[pass->column[i].end].to[t] != HIERARCHY_FAR;
}

/*
 * The parents of one node. Links are looked at from the last to the first, so that the one of
 * lowest rank stays. A sum that would be too large is HIERARCHY_FAR, which is no sum of a node that
 * is reached. Returns, as bits, which trees do not reach the node.
 */
static uint32_t
find_parents(struct forest_pass *pass, uint32_t node)
{
	const struct distances_row *sums = &pass->rows[pass->place[node]];
	struct forest_row none, *parents = pass->parents ? &pass->parents[node] : &none;
	uint32_t far = 0;

	memset(parents, pass->parents ? 0xff : 0, sizeof(*parents));
	for (uint32_t i = pass->first[node + 1]; pass->parents && i-- > pass->first[node];)
		for (unsigned t = 0; t < PATH_FOREST_TREES; t++)
			if (hierarchy_add(pass->rows[pass->column[i].end].to[t],
					  pass->column[i].weight) == sums->to[t])
				parents->of[t] = i;
	for (unsigned t = 0; t < PATH_FOREST_TREES; t++) {
		uint32_t more = sums->to[t] + 1;

		far |= (uint32_t)(more == 0) << t;
		pass->lost.of[t] |= more > 1 && parents->of[t] == GRAPH_NONE;
		pass->more.of[t] = more > pass->more.of[t] ? more : pass->more.of[t];
	}
	return far;
}

static void
pass_over(struct forest_pass *pass, uint32_t n_nodes)
{
	for (uint32_t node = 0; node < n_nodes; node++) {
		uint32_t far = find_parents(pass, node) & pass->trees;

		if (far)
			look_closer(pass, node, far);
	}
}

#ifdef __x86_64__
#define WIDE static inline __attribute__((always_inline, target("avx2")))

/* The link where it leads to a sum from these nearer ones, for eight trees. */
WIDE __m256i
choose_eight(__m256i parents, __m256i sums, __m256i near, __m256i weight, __m256i link)
{
	__m256i room = _mm256_xor_si256(weight, _mm256_set1_epi32(-1));
	__m256i sum = _mm256_add_epi32(_mm256_min_epu32(near, room), weight);

	return _mm256_blendv_epi8(parents, link, _mm256_cmpeq_epi32(sum, sums));
}

/* Takes note of eight sums and parents of a node; returns, as bits, which trees do not reach it. */
WIDE uint32_t
note_eight(struct forest_pass *pass, unsigned half, __m256i sums, __m256i parents)
{
	const __m256i ones = _mm256_set1_epi32(-1), one = _mm256_set1_epi32(1);
	__m256i *more = (__m256i *)&pass->more + half, *lost = (__m256i *)&pass->lost + half;
	__m256i next = _mm256_add_epi32(sums, one);
	__m256i spared = _mm256_cmpeq_epi32(_mm256_min_epu32(next, one), next); /* root, far */
	__m256i far = _mm256_cmpeq_epi32(sums, ones), none = _mm256_cmpeq_epi32(parents, ones);

	*more = _mm256_max_epu32(*more, next);
	*lost = _mm256_or_si256(*lost, _mm256_andnot_si256(spared, none));
	return (uint32_t)_mm256_movemask_ps(_mm256_castsi256_ps(far)) << 8 * half;
}

/* As find_parents, in two registers of eight trees. */
WIDE uint32_t
find_parents_wide(struct forest_pass *pass, uint32_t node)
{
	const __m256i *sums = (const __m256i *)&pass->rows[pass->place[node]];
	const __m256i low_sums = _mm256_load_si256(sums), high_sums = _mm256_load_si256(sums + 1);
	__m256i *parents;
	__m256i low = _mm256_setzero_si256(), high = low;

	if (!pass->parents)
		return note_eight(pass, 0, low_sums, low) | note_eight(pass, 1, high_sums, high);
	low = high = _mm256_set1_epi32(-1);
	parents = (__m256i *)&pass->parents[node];
	for (uint32_t i = pass->first[node + 1]; i-- > pass->first[node];) {
		const __m256i *near = (const __m256i *)&pass->rows[pass->column[i].end];
		__m256i weight = _mm256_set1_epi32((int)pass->column[i].weight);
		__m256i link = _mm256_set1_epi32((int)i);

		low = choose_eight(low, low_sums, _mm256_load_si256(near), weight, link);
		high = choose_eight(high, high_sums, _mm256_load_si256(near + 1), weight, link);
	}
	_mm256_store_si256(parents, low);
	_mm256_store_si256(parents + 1, high);
	return note_eight(pass, 0, low_sums, low) | note_eight(pass, 1, high_sums, high);
}

static __attribute__((target("avx2"))) void
pass_over_wide(struct forest_pass *pass, uint32_t n_nodes)
{
	for (uint32_t node = 0; node < n_nodes; node++) {
		uint32_t far = find_parents_wide(pass, node) & pass->trees;

		if (far)
			look_closer(pass, node, far);
	}
}
#endif

static void
pass_over_any(struct forest_pass *pass, uint32_t n_nodes)
{
#ifdef __x86_64__
	if (__builtin_cpu_supports("avx2")) {
		pass_over_wide(pass, n_nodes);
		return;
	}
#endif
	pass_over(pass, n_nodes);
}

/* All trees at once; *fits false if their sums are too large. */
static enum pce_status
sweep(struct path_forest *f, struct tree_sweep *s, const struct path_graph *g,
      const uint32_t *roots, bool *fits, struct pce_error *err)
{
	bool from = s->direction == PATH_TREE_FROM;
	struct forest_pass pass = { .column = s->column, .trees = (1u << f->n) - 1 };
	uint32_t most = 0;
	bool lost = false;
	enum pce_status status = make_room(f, s, g->n_nodes, err);

	if (!status)
		status = distances_sweep(&f->sums, s->hierarchy, 0, from, roots, f->n, err);
	if (status)
		return status;
	pass.rows = f->sums.rows;
	pass.place = hierarchy_order(s->hierarchy)->place;
	pass.first = from ? g->in_first : g->out_first;
	pass.parents = f->has_parents ? f->parents : NULL;
	pass_over_any(&pass, g->n_nodes);
	for (unsigned t = 0; t < f->n; t++) {
		most = pass.more.of[t] > most + 1 ? pass.more.of[t] - 1 : most;
		lost |= pass.lost.of[t] != 0;
	}
	*fits = tree_sweep_is_exact(s, g, most) && !pass.too_far;
	s->unfit = !*fits;
	f->links_bits = s->links_bits;
	return lost ? pce_fail(err, PCE_INTERNAL, "a node is reached by no link") : PCE_OK;
}

/* Sweeps if trees of such a request and from such roots can be. */
static enum pce_status
try_sweep(struct path_engine *e, const struct path_forest_query *q, struct path_forest *f,
	  bool *done, struct pce_error *err)
{
	const struct path_graph *g = e->graph;
	struct path_request r = *q->request;
	uint32_t roots[PATH_FOREST_TREES];
	enum pce_status status;

	*done = false;
	r.from = r.to = q->roots[0];
	status = filter_set(&e->filter, &r, CONSTRAINTS_ALL, err);
	if (status || e->simple || !tree_is_plain(&e->filter))
		return status;
	for (unsigned i = 0; i < q->n; i++) {
		roots[i] = g->node_of_row[q->roots[i]];
		if (g->node_flags[roots[i]] & NODE_OVERLOAD)
			return PCE_OK;
	}
	status =
	    tree_sweep_prepare(&e->tree.sweep, &e->guide, r.objective, q->direction, done, err);
	return status || !*done ? status : sweep(f, &e->tree.sweep, g, roots, done, err);
}

static enum pce_status
check(const struct path_engine *e, const struct path_forest_query *q, struct pce_error *err)
{
	struct path_request r = *q->request;
	enum pce_status status = PCE_OK;

	if (q->n > PATH_FOREST_TREES)
		return pce_fail(err, PCE_INVALID, "%u trees are more than %d", q->n,
				PATH_FOREST_TREES);
	for (unsigned i = 0; !status && i < q->n; i++) {
		r.from = r.to = q->roots[i];
		status = tree_check(e, &r, err);
	}
	return status;
}

enum pce_status
path_forest_grow(struct path_engine *engine, const struct path_forest_query *query,
		 struct path_forest **forest, struct pce_error *err)
{
	struct path_request r = *query->request;
	enum pce_status status = check(engine, query, err);
	struct path_forest *f;

	if (!status)
		status = make_forest(engine->graph, forest, err);
	if (status)
		return status;
	f = *forest;
	f->n = query->n;
	f->direction = query->direction;
	f->has_parents = query->parents;
	f->swept = true;
	if (f->n > 0)
		status = try_sweep(engine, query, f, &f->swept, err);
	for (unsigned i = 0; !status && !f->swept && i < f->n; i++) {
		r.from = r.to = query->roots[i];
		status = path_tree_grow(engine, &r, query->direction, false, &f->trees[i], err);
	}
	return status;
}

/* What the sweep says of a node, HIERARCHY_FAR if it is not reached or new since then. */
static uint32_t
sum_of(const struct path_forest *f, unsigned tree, ted_node row)
{
	uint32_t node;

	if (tree >= f->n || row >= f->shape->n_nodes)
		return HIERARCHY_FAR;
	node = f->shape->node_of_row[row];
	return f->sums.rows[hierarchy_order(f->hierarchy)->place[node]].to[tree];
}

bool
path_forest_reaches(const struct path_forest *f, unsigned tree, ted_node row)
{
	if (!f->swept)
		return tree < f->n && path_tree_reaches(f->trees[tree], row);
	return sum_of(f, tree, row) != HIERARCHY_FAR;
}

uint64_t
path_forest_distance(const struct path_forest *f, unsigned tree, ted_node row)
{
	if (!path_forest_reaches(f, tree, row))
		return UINT64_MAX;
	return f->swept ? sum_of(f, tree, row) >> f->links_bits
			: path_tree_distance(f->trees[tree], row);
}

uint32_t
path_forest_links(const struct path_forest *f, unsigned tree, ted_node row)
{
	if (!path_forest_reaches(f, tree, row))
		return 0;
	return f->swept ? sum_of(f, tree, row) & ((1u << f->links_bits) - 1)
			: path_tree_links(f->trees[tree], row);
}

ted_link
path_forest_parent(const struct path_forest *f, unsigned tree, ted_node row)
{
	uint32_t at;

	if (!f->has_parents || !path_forest_reaches(f, tree, row))
		return TED_NONE;
	if (!f->swept)
		return path_tree_parent(f->trees[tree], row);
	if (sum_of(f, tree, row) == 0) /* the root */
		return TED_NONE;
	at = f->parents[f->shape->node_of_row[row]].of[tree];
	return f->shape->links[f->direction == PATH_TREE_FROM ? f->shape->in[at] : at].row;
}
