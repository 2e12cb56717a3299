#include <stdlib.h>

#include "pce/base/array.h"
#include "pce/path/elimination.h"

#define NONE UINT32_MAX

/* The graph that is left: neighbours of each node in one pool, nodes by degree in lists. */
struct rest {
	uint32_t n;
	uint32_t *start, *len, *cap; /* of a node's neighbours in the pool */
	uint32_t *pool;
	size_t pool_len, pool_cap;
	uint32_t *mark, epoch;
	uint32_t *bucket, *next, *previous;
	uint32_t *order; /* nodes as they were taken out */
	uint64_t pairs; /* of neighbours that are left */
	uint32_t *arcs; /* neighbours of the nodes taken out, one after the other */
	size_t n_arcs, arcs_cap;
	uint32_t *arcs_first; /* by node */
};

void
elimination_free(struct elimination *e)
{
	free(e->place);
	free(e->first);
	free(e->head);
	*e = (struct elimination){ .place = NULL };
}

static void
rest_free(struct rest *r)
{
	free(r->start);
	free(r->len);
	free(r->cap);
	free(r->pool);
	free(r->mark);
	free(r->bucket);
	free(r->next);
	free(r->previous);
	free(r->order);
	free(r->arcs);
	free(r->arcs_first);
}

static enum pce_status
rest_init(struct rest *r, uint32_t n, uint32_t m, struct pce_error *err)
{
	size_t size = (size_t)n + 1;

	*r = (struct rest){ .n = n };
	r->start = calloc(size, sizeof(uint32_t));
	r->len = calloc(size, sizeof(uint32_t));
	r->cap = calloc(size, sizeof(uint32_t));
	r->mark = calloc(size, sizeof(uint32_t));
	r->bucket = malloc(size * sizeof(uint32_t));
	r->next = calloc(size, sizeof(uint32_t));
	r->previous = calloc(size, sizeof(uint32_t));
	r->order = calloc(size, sizeof(uint32_t));
	r->arcs_first = calloc(size, sizeof(uint32_t));
	if (!r->start || !r->len || !r->cap || !r->mark || !r->bucket || !r->next || !r->previous ||
	    !r->order || !r->arcs_first)
		return pce_no_memory(err);
	memset(r->bucket, 0xff, size * sizeof(uint32_t));
	return array_reserve(&r->pool, &r->pool_cap, 2 * (size_t)m + 1, sizeof(*r->pool), err);
}

static void
list_put(struct rest *r, uint32_t node)
{
	uint32_t degree = r->len[node], old = r->bucket[degree];

	r->next[node] = old;
	r->previous[node] = NONE;
	if (old != NONE)
		r->previous[old] = node;
	r->bucket[degree] = node;
}

static void
list_take(struct rest *r, uint32_t node)
{
	uint32_t next = r->next[node], previous = r->previous[node];

	if (next != NONE)
		r->previous[next] = previous;
	if (previous != NONE)
		r->next[previous] = next;
	else
		r->bucket[r->len[node]] = next;
}

/* Takes over the links as pairs of neighbours, each pair once. */
static void
take_links(struct rest *r, uint32_t m, struct column tail, struct column head)
{
	uint32_t at = 0;

	for (uint32_t i = 0; i < m; i++) {
		r->cap[column_at(tail, i)]++;
		r->cap[column_at(head, i)]++;
	}
	for (uint32_t v = 0; v < r->n; v++) {
		r->start[v] = at;
		at += r->cap[v];
	}
	r->pool_len = at;
	for (uint32_t i = 0; i < m; i++) {
		uint32_t a = column_at(tail, i), b = column_at(head, i);

		r->pool[r->start[a] + r->len[a]++] = b;
		r->pool[r->start[b] + r->len[b]++] = a;
	}
	for (uint32_t v = 0; v < r->n; v++) {
		uint32_t *list = r->pool + r->start[v], kept = 0;

		r->mark[v] = ++r->epoch;
		for (uint32_t i = 0; i < r->len[v]; i++)
			if (r->mark[list[i]] != r->epoch) {
				r->mark[list[i]] = r->epoch;
				list[kept++] = list[i];
			}
		r->len[v] = kept;
		r->pairs += kept;
	}
	r->pairs /= 2;
	for (uint32_t v = r->n; v-- > 0;)
		list_put(r, v);
}

/* Room for `more` neighbours of a node. */
static enum pce_status
make_room(struct rest *r, uint32_t node, uint32_t more, struct pce_error *err)
{
	uint32_t cap = 2 * (r->len[node] + more);
	enum pce_status status;

	if (r->len[node] + more <= r->cap[node])
		return PCE_OK;
	status = array_reserve(&r->pool, &r->pool_cap, r->pool_len + cap, sizeof(*r->pool), err);
	if (status)
		return status;
	memcpy(r->pool + r->pool_len, r->pool + r->start[node], r->len[node] * sizeof(*r->pool));
	r->start[node] = (uint32_t)r->pool_len;
	r->cap[node] = cap;
	r->pool_len += cap;
	return PCE_OK;
}

/* Joins one neighbour of the node that is taken out with all the others. */
static enum pce_status
join(struct rest *r, uint32_t gone, uint32_t node, const uint32_t *others, uint32_t n,
     struct pce_error *err)
{
	enum pce_status status = make_room(r, node, n, err);
	uint32_t *list, kept = 0;

	if (status)
		return status;
	list = r->pool + r->start[node];
	list_take(r, node);
	r->mark[node] = ++r->epoch;
	for (uint32_t i = 0; i < r->len[node]; i++)
		if (list[i] != gone) {
			r->mark[list[i]] = r->epoch;
			list[kept++] = list[i];
		}
	for (uint32_t i = 0; i < n; i++)
		if (r->mark[others[i]] != r->epoch) {
			list[kept++] = others[i];
			r->pairs += node < others[i];
		}
	r->len[node] = kept;
	list_put(r, node);
	return PCE_OK;
}

static enum pce_status
take_out(struct rest *r, uint32_t node, struct pce_error *err)
{
	uint32_t n = r->len[node];
	const uint32_t *others;
	enum pce_status status =
	    array_reserve(&r->arcs, &r->arcs_cap, r->n_arcs + n + 1, sizeof(*r->arcs), err);

	if (status)
		return status;
	list_take(r, node);
	r->arcs_first[node] = (uint32_t)r->n_arcs;
	if (n > 0)
		memcpy(r->arcs + r->n_arcs, r->pool + r->start[node], n * sizeof(*r->arcs));
	others = r->arcs + r->n_arcs;
	r->n_arcs += n;
	r->pairs -= n;
	for (uint32_t i = 0; !status && i < n; i++)
		status = join(r, node, others[i], others, n, err);
	return status;
}

/* Takes out all nodes. *given_up if that needs more than max_arcs. */
static enum pce_status
run(struct rest *r, uint64_t max_arcs, bool *given_up, struct pce_error *err)
{
	uint32_t degree = 0;
	enum pce_status status = PCE_OK;

	*given_up = false;
	for (uint32_t i = 0; !status && i < r->n; i++) {
		uint32_t node;

		/* what is left in pairs will all be arcs */
		if (r->n_arcs + r->pairs > max_arcs || r->pool_len > NONE / 4) {
			*given_up = true;
			return PCE_OK;
		}
		degree -= degree > 0; /* the last one took an edge from its neighbours */
		while (r->bucket[degree] == NONE)
			degree++;
		node = r->bucket[degree];
		r->order[i] = node;
		status = take_out(r, node, err);
	}
	return status;
}

/* Places in post-order of the elimination tree: subtrees together, children before parents. */
static void
number(struct rest *r, uint32_t *place)
{
	uint32_t *size = r->start, *next = r->next, *parent = r->previous, *rank = r->mark;
	uint32_t roots = 0;

	for (uint32_t i = 0; i < r->n; i++) {
		rank[r->order[i]] = i;
		size[r->order[i]] = 1;
	}
	for (uint32_t i = 0; i < r->n; i++) {
		uint32_t node = r->order[i], n = r->len[node], up = NONE;
		const uint32_t *arcs = r->arcs + r->arcs_first[node];

		for (uint32_t j = 0; j < n; j++)
			if (up == NONE || rank[arcs[j]] < rank[up])
				up = arcs[j];
		parent[node] = up;
		if (up != NONE)
			size[up] += size[node];
	}
	/* from the top: a parent's place is the last one of its range */
	for (uint32_t i = r->n; i-- > 0;) {
		uint32_t node = r->order[i], up = parent[node], start;

		if (up == NONE) {
			start = roots;
			roots += size[node];
		} else {
			start = next[up];
			next[up] += size[node];
		}
		next[node] = start;
		place[node] = start + size[node] - 1;
	}
}

static int
compare_u32(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static void
sort(uint32_t *at, uint32_t n)
{
	if (n > 16) {
		qsort(at, n, sizeof(*at), compare_u32);
		return;
	}
	for (uint32_t i = 1; i < n; i++) {
		uint32_t value = at[i], j = i;

		for (; j > 0 && at[j - 1] > value; j--)
			at[j] = at[j - 1];
		at[j] = value;
	}
}

static enum pce_status
finish(struct rest *r, struct elimination *out, struct pce_error *err)
{
	size_t size = (size_t)r->n + 1;
	uint32_t at = 0;

	out->place = calloc(size, sizeof(uint32_t));
	out->first = calloc(size, sizeof(uint32_t));
	out->head = calloc(r->n_arcs + 1, sizeof(uint32_t));
	if (!out->place || !out->first || !out->head)
		return pce_no_memory(err);
	out->n_nodes = r->n;
	out->n_arcs = (uint32_t)r->n_arcs;
	number(r, out->place);
	for (uint32_t v = 0; v < r->n; v++)
		r->order[out->place[v]] = v;
	for (uint32_t p = 0; p < r->n; p++) {
		uint32_t node = r->order[p], n = r->len[node];

		out->first[p] = at;
		for (uint32_t i = 0; i < n; i++)
			out->head[at + i] = out->place[r->arcs[r->arcs_first[node] + i]];
		sort(out->head + at, n);
		at += n;
	}
	out->first[r->n] = at;
	return PCE_OK;
}

enum pce_status
eliminate(uint32_t n, uint32_t m, struct column tail, struct column head, uint64_t max_arcs,
	  struct elimination *out, struct pce_error *err)
{
	struct rest r;
	bool given_up = true;
	enum pce_status status = PCE_OK;

	if (m >= NONE / 4 || n >= NONE / 4)
		return PCE_OK;
	status = rest_init(&r, n, m, err);
	if (!status) {
		take_links(&r, m, tail, head);
		status = run(&r, max_arcs < NONE / 4 ? max_arcs : NONE / 4, &given_up, err);
	}
	if (!status && !given_up)
		status = finish(&r, out, err);
	if (status)
		elimination_free(out);
	rest_free(&r);
	return status;
}
