#include "pce/path/tree.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"
#include "pce/path/engine.h"
#include "pce/path/graph_internal.h"

#define TREE_BUCKETS 4096
#define FAR UINT64_MAX

struct path_tree {
	struct graph_shape *shape; /* held, for rows and their numbers */
	enum path_tree_direction direction;
	uint32_t root, n_nodes, n_links;
	uint64_t *keys; /* distance << links_bits | links; by node */
	uint32_t *parents; /* place among the arcs of the direction */
	unsigned links_bits;
	ted_link *ways; /* of the DAG, by node */
	uint32_t *ways_first; /* n_nodes + 1, if has_dag */
	bool has_dag;
};

/* One run. */
struct growth {
	struct path_tree *tree;
	const struct path_engine *e;
	const struct path_graph *g;
	const struct tree_column *column; /* NULL: by the filter, arc by arc */
	const uint32_t *first;
	const struct graph_arc *arcs;
	enum path_objective objective;
	size_t metric_at; /* offset in an arc */
	struct tree_scratch *scratch;
	struct tree_entry *pool;
	uint32_t *heads, n_pool;
	uint64_t bits[TREE_BUCKETS / 64], bucket;
	unsigned shift;
	const uint32_t *avoided; /* rows of nodes that are no end either */
	size_t n_avoided;
	bool overflow, no_memory;
};

void
tree_scratch_free(struct tree_scratch *s)
{
	free(s->column);
	free(s->heads);
	free(s->pool);
	tree_sweep_free(&s->sweep);
	*s = (struct tree_scratch){ .column = NULL };
}

static enum pce_status
make_scratch(struct tree_scratch *s, uint32_t n_nodes, struct pce_error *err)
{
	if (!s->heads)
		s->heads = malloc(TREE_BUCKETS * sizeof(*s->heads));
	if (!s->heads)
		return pce_no_memory(err);
	return array_reserve(&s->pool, &s->pool_cap, (size_t)n_nodes + 1, sizeof(*s->pool), err);
}

void
path_tree_free(struct path_tree *tree)
{
	if (!tree)
		return;
	graph_shape_free(tree->shape);
	free(tree->keys);
	free(tree->parents);
	free(tree->ways);
	free(tree->ways_first);
	free(tree);
}

/* A tree for the engine's graph; an old one of another shape is emptied. */
static enum pce_status
make_tree(const struct path_graph *g, struct path_tree **out, struct pce_error *err)
{
	size_t n = (size_t)g->n_nodes + 1;
	struct path_tree *t = *out;

	if (t && t->shape == g->shape)
		return PCE_OK;
	t = calloc(1, sizeof(*t));
	if (!t)
		return pce_no_memory(err);
	t->keys = malloc(n * sizeof(*t->keys));
	t->parents = malloc(n * sizeof(*t->parents));
	if (!t->keys || !t->parents) {
		path_tree_free(t);
		return pce_no_memory(err);
	}
	atomic_fetch_add_explicit(&g->shape->holders, 1, memory_order_relaxed);
	t->shape = g->shape;
	t->n_nodes = g->n_nodes;
	t->n_links = g->n_links;
	path_tree_free(*out);
	*out = t;
	return PCE_OK;
}

static uint32_t
metric_of(const struct growth *w, uint32_t at)
{
	uint32_t value;

	memcpy(&value, (const char *)&w->arcs[at] + w->metric_at, sizeof(value));
	return value;
}

static uint32_t
link_at(const struct growth *w, uint32_t at)
{
	return w->tree->direction == PATH_TREE_FROM ? at : w->g->in[at];
}

/* True if the tree may grow over an arc of `node`, which is nearer to the root, whatever the other
 * end is: every node may be an end of a way. */
static bool
allows(const struct growth *w, uint32_t at, uint32_t node)
{
	const struct filter *f = &w->e->filter;
	const struct graph_arc *arc = &w->arcs[at];
	uint8_t verdict = f->verdicts[arc->class];
	uint32_t link = link_at(w, at);

	if (verdict == VERDICT_NONE)
		verdict = (uint8_t)filter_judge(f, arc->class);
	if (verdict == VERDICT_NO)
		return false;
	if (verdict == VERDICT_FROM_START && w->tree->direction == PATH_TREE_FROM &&
	    node != w->tree->root)
		return false;
	return (f->floor_bps == 0 || filter_residual(f, link) >= f->floor_bps) &&
	       (!f->strict || filter_strictly_allows(f, arc, link, f->to));
}

/* True if ways may lead through a node, or begin at it because it is the root. */
static bool
carries(const struct growth *w, uint32_t node)
{
	const struct filter *f = &w->e->filter;

	if (node == w->tree->root)
		return true;
	if (f->node_mark[node] & MARK_AVOID)
		return false;
	return f->any_node || !(w->g->node_flags[node] & NODE_OVERLOAD);
}

/* Makes room for more entries than there are nodes. */
static bool
more_room(struct growth *w)
{
	struct tree_scratch *s = w->scratch;

	w->no_memory |= array_reserve(&s->pool, &s->pool_cap, (size_t)w->n_pool + 1,
				      sizeof(*s->pool), NULL) != PCE_OK;
	w->pool = s->pool;
	return !w->no_memory;
}

/* Queues a node in the bucket of its key. What it may have in a later one is passed over there. */
static inline void
queue(struct growth *w, uint32_t node, uint64_t key)
{
	uint32_t bucket = (uint32_t)(key >> w->shift) % TREE_BUCKETS;
	uint64_t bit = 1ULL << bucket % 64;

	if (w->n_pool == w->scratch->pool_cap && !more_room(w))
		return;
	w->pool[w->n_pool].node = node;
	w->pool[w->n_pool].next = w->bits[bucket / 64] & bit ? w->heads[bucket] : GRAPH_NONE;
	w->bits[bucket / 64] |= bit;
	w->heads[bucket] = w->n_pool++;
}

/* Takes the first bucket's list, GRAPH_NONE if all are empty. */
static uint32_t
take(struct growth *w)
{
	uint32_t at = (uint32_t)w->bucket % TREE_BUCKETS, word = at / 64, tries = 0;
	uint64_t here = w->bits[word] >> at % 64 << at % 64;

	while (!here) {
		if (tries++ > TREE_BUCKETS / 64)
			return GRAPH_NONE;
		word = (word + 1) % (TREE_BUCKETS / 64);
		here = w->bits[word];
	}
	word = word * 64 + (uint32_t)__builtin_ctzll(here);
	w->bits[word / 64] &= ~(1ULL << word % 64);
	w->bucket += (word - at) % TREE_BUCKETS;
	return w->heads[word];
}

/* Among the links into one node, or out of one, a number in the order of their ranks. */
static uint32_t
rank_at(const struct growth *w, uint32_t at)
{
	return w->tree->direction == PATH_TREE_FROM ? w->g->links[at].in_place : w->g->in[at];
}

/* A node is reached over an arc with a key that is no greater than what it has. */
static inline void
improve(struct growth *w, uint32_t node, uint64_t key, uint32_t at)
{
	struct path_tree *t = w->tree;

	if (key < t->keys[node]) {
		t->keys[node] = key;
		t->parents[node] = at;
		queue(w, node, key);
	} else if (node != t->root && rank_at(w, at) < rank_at(w, t->parents[node])) {
		t->parents[node] = at;
	}
}

/* By the filter. */
static void
expand(struct growth *w, uint32_t node)
{
	const struct path_tree *t = w->tree;
	uint64_t key = t->keys[node] + 1;

	for (uint32_t i = w->first[node]; i < w->first[node + 1]; i++) {
		uint32_t end = w->arcs[i].end;
		uint64_t sum = key + ((uint64_t)metric_of(w, i) << t->links_bits);

		if (sum < key)
			w->overflow |= allows(w, i, node);
		else if (sum <= t->keys[end] && allows(w, i, node))
			improve(w, end, sum, i);
	}
}

/* True if ways lead on from a node that was taken out of the bucket at hand. */
static bool
goes_on(const struct growth *w, uint32_t node)
{
	return w->tree->keys[node] >> w->shift == w->bucket && carries(w, node);
}

/* By the column, whose arcs that are of no use lead back to where they start. Everything that is
 * read again and again is in locals: what is written could change it, as far as the compiler sees.
 */
static void
expand_list(struct growth *w, uint32_t at)
{
	const struct tree_column *const column = w->column;
	const uint32_t *const first = w->first;
	const uint64_t *const keys = w->tree->keys;
	const unsigned links_bits = w->tree->links_bits;

	for (; at != GRAPH_NONE; at = w->pool[at].next) {
		uint32_t node = w->pool[at].node, end = first[node + 1];
		uint64_t key = keys[node] + 1;

		if (!goes_on(w, node))
			continue;
		for (uint32_t i = first[node]; i < end; i++) {
			uint64_t sum = key + ((uint64_t)column[i].weight << links_bits);

			if (sum <= keys[column[i].end])
				improve(w, column[i].end, sum, i);
		}
	}
}

/* A node can be queued in the bucket at hand again only if that is wider than a weight; what comes
 * anew is then taken with the next list of the same bucket. */
static void
grow(struct growth *w)
{
	struct path_tree *t = w->tree;
	uint32_t at;

	memset(t->keys, 0xff, t->n_nodes * sizeof(*t->keys));
	t->keys[t->root] = 0;
	if (!w->e->filter.end_avoided)
		expand(w, t->root);
	while (!w->overflow && !w->no_memory && (at = take(w)) != GRAPH_NONE)
		if (w->column)
			expand_list(w, at);
		else
			for (; at != GRAPH_NONE; at = w->pool[at].next)
				if (goes_on(w, w->pool[at].node))
					expand(w, w->pool[at].node);
	for (size_t i = 0; i < w->n_avoided; i++)
		if (w->g->node_of_row[w->avoided[i]] != t->root)
			t->keys[w->g->node_of_row[w->avoided[i]]] = FAR;
}

/* Fills the column of an unfiltered tree, unless it is still the right one. */
static enum pce_status
fill_column(struct growth *w, struct tree_scratch *s, struct pce_error *err)
{
	const struct path_graph *g = w->g;
	unsigned kind = (unsigned)(w->metric_at * 2 + w->tree->direction);

	w->column = s->column;
	if (s->column && s->version == g->version && s->kind == kind)
		return PCE_OK;
	if (!s->column)
		s->column = malloc(((size_t)g->n_links + 1) * sizeof(*s->column));
	if (!s->column)
		return pce_no_memory(err);
	for (uint32_t node = 0; node < g->n_nodes; node++)
		for (uint32_t i = w->first[node]; i < w->first[node + 1]; i++) {
			bool down = w->arcs[i].class & ARC_DOWN ||
				    (w->arcs[i].class & ARC_NO_TE && w->e->filter.needs_te);

			s->column[i].end = down ? node : w->arcs[i].end;
			s->column[i].weight = metric_of(w, i);
		}
	s->version = g->version;
	s->kind = kind;
	w->column = s->column;
	return PCE_OK;
}

bool
tree_is_plain(const struct filter *f)
{
	return f->floor_bps == 0 && !f->strict && !f->asked.check_affinity && !f->asked.slice;
}

static const struct graph_range *
range_of(const struct path_graph *g, enum path_objective objective)
{
	return objective == PATH_IGP ? &g->igp : objective == PATH_TE ? &g->te : &g->delay;
}

/* Buckets as wide as the least weight, or as wide as makes all weights fit into the ring. */
static void
choose_shift(struct growth *w, const struct graph_range *range)
{
	w->shift = w->tree->links_bits;
	while (range->min <= range->max && range->min >> (w->shift - w->tree->links_bits) > 1)
		w->shift++;
	while (range->min <= range->max &&
	       (range->max >> (w->shift - w->tree->links_bits)) + 2 >= TREE_BUCKETS)
		w->shift++;
}

static bool
is_tight(const struct growth *w, uint32_t at, uint32_t node)
{
	const struct path_tree *t = w->tree;
	uint64_t near = t->keys[node], far = t->keys[w->arcs[at].end];
	uint64_t mask = (1ULL << t->links_bits) - 1, weight = metric_of(w, at);

	if (near == FAR || far == FAR || w->arcs[at].end == t->root ||
	    (near >> t->links_bits) + weight != far >> t->links_bits)
		return false;
	if (weight == 0 && (near & mask) >= (far & mask))
		return false;
	return carries(w, node) && allows(w, at, node);
}

/* Lists the tight arcs of each node's far side; twice over all arcs: to count, and to fill. */
static enum pce_status
list_ways(struct growth *w, struct pce_error *err)
{
	struct path_tree *t = w->tree;
	uint32_t *first = t->ways_first;

	if (!first)
		first = t->ways_first = malloc(((size_t)t->n_nodes + 2) * sizeof(*first));
	if (!t->ways)
		t->ways = malloc(((size_t)t->n_links + 1) * sizeof(*t->ways));
	if (!first || !t->ways)
		return pce_no_memory(err);
	memset(first, 0, ((size_t)t->n_nodes + 2) * sizeof(*first));
	for (uint32_t node = 0; node < t->n_nodes; node++)
		for (uint32_t i = w->first[node]; i < w->first[node + 1]; i++)
			first[w->arcs[i].end + 2] += is_tight(w, i, node);
	for (uint32_t i = 2; i <= t->n_nodes + 1; i++)
		first[i] += first[i - 1];
	for (uint32_t node = 0; node < t->n_nodes; node++)
		for (uint32_t i = w->first[node]; i < w->first[node + 1]; i++)
			if (is_tight(w, i, node))
				t->ways[first[w->arcs[i].end + 1]++] =
				    w->g->links[link_at(w, i)].row;
	return PCE_OK;
}

/* Sorts each node's ways by rank; they are few. */
static void
sort_ways(struct path_tree *t, const struct ted *ted)
{
	for (uint32_t node = 0; node < t->n_nodes; node++)
		for (uint32_t i = t->ways_first[node] + 1; i < t->ways_first[node + 1]; i++) {
			ted_link way = t->ways[i];
			uint32_t at = i, rank = ted_link_at(ted, way)->rank;

			for (; at > t->ways_first[node] &&
			       ted_link_at(ted, t->ways[at - 1])->rank > rank;
			     at--)
				t->ways[at] = t->ways[at - 1];
			t->ways[at] = way;
		}
}

enum pce_status
tree_check(const struct path_engine *e, const struct path_request *r, struct pce_error *err)
{
	uint64_t bounds = r->max_delay_us & r->max_te & r->max_igp & r->max_hops & r->max_sids;
	enum pce_status status = engine_check_rows(e, r, err);

	if (status)
		return status;
	if (r->objective != PATH_IGP && r->objective != PATH_TE && r->objective != PATH_DELAY)
		return pce_fail(err, PCE_INVALID, "trees are by IGP, TE or delay, not objective %d",
				(int)r->objective);
	if (bounds != PATH_NO_BOUND || r->n_via > 0 || r->n_via_services > 0)
		return pce_fail(err, PCE_UNSUPPORTED,
				"a tree holds neither vias nor bounds of whole paths");
	return PCE_OK;
}

static size_t
metric_place(enum path_objective objective)
{
	return objective == PATH_IGP  ? offsetof(struct graph_arc, igp)
	       : objective == PATH_TE ? offsetof(struct graph_arc, te)
				      : offsetof(struct graph_arc, delay_us);
}

static void
set_out(struct growth *w, struct path_tree *t, struct path_engine *e,
	const struct path_request *request, enum path_tree_direction direction)
{
	const struct path_graph *g = e->graph;
	enum path_objective objective = request->objective;

	*w = (struct growth){ .tree = t, .e = e, .g = g, .objective = objective };
	w->metric_at = metric_place(objective);
	w->first = direction == PATH_TREE_FROM ? g->out_first : g->in_first;
	w->arcs = direction == PATH_TREE_FROM ? g->arcs_out : g->arcs_in;
	w->scratch = &e->tree;
	t->direction = direction;
	t->root = e->filter.from;
	t->has_dag = false;
	w->avoided = request->avoid_nodes;
	w->n_avoided = request->n_avoid_nodes;
	t->links_bits = 32 - (unsigned)__builtin_clz(g->n_nodes | 1);
}

/* By a search. */
static enum pce_status
run_search(struct growth *w, struct path_engine *e, struct pce_error *err)
{
	enum pce_status status = make_scratch(&e->tree, w->g->n_nodes, err);

	if (!status && tree_is_plain(&e->filter))
		status = fill_column(w, &e->tree, err);
	if (status)
		return status;
	w->heads = e->tree.heads;
	w->pool = e->tree.pool;
	choose_shift(w, range_of(w->g, w->objective));
	grow(w);
	if (w->no_memory)
		return pce_no_memory(err);
	if (w->overflow)
		return pce_fail(err, PCE_LIMIT, "distances from %s do not fit into 64 bits",
				ted_node_at(e->ted, w->g->nodes[w->tree->root].row)->name);
	return PCE_OK;
}

/* By a sweep, if the tree is a plain one and sums are small: *done. */
static enum pce_status
run_sweep(struct growth *w, struct path_engine *e, bool *done, struct pce_error *err)
{
	struct path_tree *t = w->tree;
	struct tree_sweep *s = &e->tree.sweep;
	enum pce_status status;

	*done = false;
	if (e->simple || !tree_is_plain(&e->filter) || w->g->node_flags[t->root] & NODE_OVERLOAD)
		return PCE_OK;
	status = tree_sweep_prepare(s, &e->guide, w->objective, t->direction, done, err);
	if (!status && *done)
		status = tree_sweep_grow(s, w->g, t->root, t->keys, t->parents, done, err);
	if (!status && *done)
		t->links_bits = s->links_bits;
	return status;
}

static enum pce_status
run(struct growth *w, struct path_engine *e, bool dag, struct pce_error *err)
{
	bool done;
	enum pce_status status = run_sweep(w, e, &done, err);

	if (!status && !done)
		status = run_search(w, e, err);
	if (dag && !status)
		status = list_ways(w, err);
	if (dag && !status) {
		sort_ways(w->tree, e->ted);
		w->tree->has_dag = true;
	}
	return status;
}

enum pce_status
path_tree_grow(struct path_engine *engine, const struct path_request *request,
	       enum path_tree_direction direction, bool dag, struct path_tree **tree,
	       struct pce_error *err)
{
	struct path_request r = *request;
	struct growth w;
	enum pce_status status;

	r.from = r.to = direction == PATH_TREE_FROM ? request->from : request->to;
	status = tree_check(engine, &r, err);
	if (!status)
		status = filter_set(&engine->filter, &r, CONSTRAINTS_ALL, err);
	if (!status)
		status = make_tree(engine->graph, tree, err);
	if (status)
		return status;
	set_out(&w, *tree, engine, &r, direction);
	return run(&w, engine, dag, err);
}

/* Number of a row, or GRAPH_NONE if the row is new since then. */
static uint32_t
node_of(const struct path_tree *t, ted_node row)
{
	return row < t->n_nodes ? t->shape->node_of_row[row] : GRAPH_NONE;
}

bool
path_tree_reaches(const struct path_tree *tree, ted_node row)
{
	uint32_t node = node_of(tree, row);

	return node != GRAPH_NONE && tree->keys[node] != FAR;
}

uint64_t
path_tree_distance(const struct path_tree *tree, ted_node row)
{
	return path_tree_reaches(tree, row) ? tree->keys[node_of(tree, row)] >> tree->links_bits
					    : FAR;
}

uint32_t
path_tree_links(const struct path_tree *tree, ted_node row)
{
	uint64_t mask = (1ULL << tree->links_bits) - 1;

	return path_tree_reaches(tree, row) ? (uint32_t)(tree->keys[node_of(tree, row)] & mask) : 0;
}

ted_link
path_tree_parent(const struct path_tree *tree, ted_node row)
{
	const struct graph_shape *s = tree->shape;
	uint32_t node = node_of(tree, row), at;

	if (!path_tree_reaches(tree, row) || node == tree->root)
		return TED_NONE;
	at = tree->parents[node];
	return s->links[tree->direction == PATH_TREE_FROM ? at : s->in[at]].row;
}

const ted_link *
path_tree_ways(const struct path_tree *tree, ted_node row, size_t *n)
{
	uint32_t node = node_of(tree, row);

	*n = 0;
	if (!tree->has_dag || node == GRAPH_NONE)
		return NULL;
	*n = tree->ways_first[node + 1] - tree->ways_first[node];
	return tree->ways + tree->ways_first[node];
}
