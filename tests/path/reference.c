#include "tests/path/reference.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define SUMS (PATH_TIE_COUNT + 3) /* overlap, objective, ties, links */
#define BOUNDS 4
#define NONE UINT32_MAX

/* A way from a node to the end: its first link and the label behind it. */
struct reference_label {
	uint64_t sums[SUMS], bounds[BOUNDS];
	uint32_t node, link, rest, next;
	bool open;
};

void
reference_begin(struct reference *ref, const struct ted *ted, const struct path_request *r)
{
	size_t links = ted_link_count(ted), nodes = ted_node_count(ted);

	*ref = (struct reference){ .ted = ted, .r = *r };
	ref->usable = calloc(links + 1, 1);
	ref->banned_link = calloc(links + 1, 1);
	ref->banned_node = calloc(nodes + 1, 1);
	ref->overlap = calloc(links + 1, sizeof(*ref->overlap));
	ref->first = calloc(nodes + 1, sizeof(*ref->first));
	ck_assert(ref->usable && ref->banned_link && ref->banned_node && ref->overlap &&
		  ref->first);
	for (uint32_t i = 0; i < links; i++) {
		const struct ted_link_row *row = ted_link_at(ted, i);
		uint32_t breaks = referee_link_breaks(ted, r, i) |
				  referee_node_breaks(ted, r, row->from, row->from != r->from) |
				  referee_node_breaks(ted, r, row->to, row->to != r->to);

		ref->usable[i] = ted_link_usable(ted, i) && row->from != row->to && breaks == 0;
	}
}

void
reference_end(struct reference *ref)
{
	free(ref->usable);
	free(ref->banned_link);
	free(ref->banned_node);
	free(ref->overlap);
	free(ref->first);
	free(ref->labels);
}

static uint64_t
add(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

static uint64_t
tie_value(const struct reference *ref, uint32_t link, uint8_t tie)
{
	const struct ted_link_row *row = ted_link_at(ref->ted, link);

	switch (tie) {
	case PATH_TIE_DELAY:
		return row->delay_us;
	case PATH_TIE_TE:
		return row->te_metric;
	case PATH_TIE_IGP:
		return row->igp_metric;
	default:
		return !ted_node_at(ref->ted, row->from)->pseudonode;
	}
}

static unsigned
width(const struct reference *ref)
{
	return ref->r.n_ties + 3u;
}

/* Adds what one link costs. */
static void
add_sums(const struct reference *ref, uint32_t link, uint64_t sums[SUMS])
{
	static const uint8_t ties[] = { PATH_TIE_IGP, PATH_TIE_TE, PATH_TIE_DELAY };
	unsigned n = 0;

	sums[n] = add(sums[n], ref->overlap[link]);
	n++;
	if (ref->r.objective < PATH_BANDWIDTH)
		sums[n] = add(sums[n], tie_value(ref, link, ties[ref->r.objective]));
	n++;
	for (unsigned i = 0; i < ref->r.n_ties; i++, n++)
		sums[n] = add(sums[n], tie_value(ref, link, ref->r.ties[i]));
	sums[n] = add(sums[n], 1);
}

static void
add_bounds(const struct reference *ref, uint32_t link, uint64_t bounds[BOUNDS])
{
	for (uint8_t i = 0; i < BOUNDS; i++)
		bounds[i] = add(bounds[i], tie_value(ref, link, i));
}

static int
compare_sums(const struct reference *ref, const uint64_t *a, const uint64_t *b)
{
	for (unsigned i = 0; i < width(ref); i++)
		if (a[i] != b[i])
			return a[i] < b[i] ? -1 : 1;
	return 0;
}

/* Ranks of two ways of the same length. */
static int
compare_ways(const struct reference *ref, uint32_t a, uint32_t b)
{
	while (a != b && ref->labels[a].link != NONE && ref->labels[b].link != NONE) {
		uint32_t x = ted_link_at(ref->ted, ref->labels[a].link)->rank;
		uint32_t y = ted_link_at(ref->ted, ref->labels[b].link)->rank;

		if (x != y)
			return x < y ? -1 : 1;
		a = ref->labels[a].rest;
		b = ref->labels[b].rest;
	}
	return 0;
}

static void
bounds_of(const struct reference *ref, uint64_t max[BOUNDS])
{
	max[PATH_TIE_DELAY] = ref->r.max_delay_us;
	max[PATH_TIE_TE] = ref->r.max_te;
	max[PATH_TIE_IGP] = ref->r.max_igp;
	max[PATH_TIE_HOPS] = ref->r.max_hops;
}

/* True if way a is no worse than way b in anything that matters. */
static bool
replaces(const struct reference *ref, uint32_t a, uint32_t b)
{
	uint64_t max[BOUNDS];
	int sign = compare_sums(ref, ref->labels[a].sums, ref->labels[b].sums);

	bounds_of(ref, max);
	for (unsigned i = 0; i < BOUNDS; i++)
		if (max[i] != PATH_NO_BOUND && ref->labels[a].bounds[i] > ref->labels[b].bounds[i])
			return false;
	return sign < 0 || (sign == 0 && compare_ways(ref, a, b) <= 0);
}

/* Keeps the label at the end of the list unless one of its node replaces it; drops those that it
 * replaces. */
static bool
keep(struct reference *ref)
{
	uint32_t label = ref->n_labels, *at = &ref->first[ref->labels[label].node];

	for (uint32_t i = *at; i != NONE; i = ref->labels[i].next)
		if (replaces(ref, i, label))
			return false;
	while (*at != NONE)
		if (replaces(ref, label, *at)) {
			ref->labels[*at].open = false;
			*at = ref->labels[*at].next;
		} else {
			at = &ref->labels[*at].next;
		}
	ref->labels[label].next = ref->first[ref->labels[label].node];
	ref->first[ref->labels[label].node] = label;
	ref->n_labels++;
	return true;
}

static struct reference_label *
room(struct reference *ref)
{
	if (ref->n_labels == ref->cap) {
		ref->cap = ref->cap * 2 + 256;
		ref->labels = realloc(ref->labels, ref->cap * sizeof(*ref->labels));
		ck_assert_ptr_nonnull(ref->labels);
	}
	return &ref->labels[ref->n_labels];
}

static bool
may_pass(const struct reference *ref, uint32_t link)
{
	return ref->usable[link] && !ref->banned_link[link] &&
	       !ref->banned_node[ted_link_at(ref->ted, link)->from] &&
	       referee_residual(ref->ted, &ref->r, link) >= ref->floor_bps;
}

static bool
within(const struct reference *ref, const uint64_t bounds[BOUNDS], const uint64_t spent[BOUNDS])
{
	uint64_t max[BOUNDS];

	bounds_of(ref, max);
	for (unsigned i = 0; i < BOUNDS; i++)
		if (add(bounds[i], spent[i]) > max[i])
			return false;
	return true;
}

/* A queue of open labels, the least sums first. */
struct queue {
	uint32_t *heap, n, cap;
};

static bool
before(const struct reference *ref, uint32_t a, uint32_t b)
{
	return compare_sums(ref, ref->labels[a].sums, ref->labels[b].sums) < 0;
}

static void
push(const struct reference *ref, struct queue *q, uint32_t label)
{
	uint32_t at = q->n++;

	if (at == q->cap) {
		q->cap = q->cap * 2 + 256;
		q->heap = realloc(q->heap, q->cap * sizeof(*q->heap));
		ck_assert_ptr_nonnull(q->heap);
	}
	for (; at > 0 && before(ref, label, q->heap[(at - 1) / 2]); at = (at - 1) / 2)
		q->heap[at] = q->heap[(at - 1) / 2];
	q->heap[at] = label;
}

static uint32_t
pop(const struct reference *ref, struct queue *q)
{
	uint32_t top = q->heap[0], last = q->heap[--q->n], at = 0;

	for (uint32_t child = 1; child < q->n; child = 2 * at + 1) {
		if (child + 1 < q->n && before(ref, q->heap[child + 1], q->heap[child]))
			child++;
		if (!before(ref, q->heap[child], last))
			break;
		q->heap[at] = q->heap[child];
		at = child;
	}
	q->heap[at] = last;
	return top;
}

static void
extend(struct reference *ref, struct queue *q, uint32_t label, const uint64_t spent[BOUNDS])
{
	size_t n;
	const ted_link *in = ted_links_in(ref->ted, ref->labels[label].node, &n);

	for (size_t i = 0; i < n; i++) {
		struct reference_label *l;

		if (!may_pass(ref, in[i]))
			continue;
		l = room(ref);
		*l = ref->labels[label];
		l->node = ted_link_at(ref->ted, in[i])->from;
		l->link = in[i];
		l->rest = label;
		l->open = true;
		add_sums(ref, in[i], l->sums);
		add_bounds(ref, in[i], l->bounds);
		if (within(ref, l->bounds, spent) && keep(ref))
			push(ref, q, ref->n_labels - 1);
	}
}

/* All ways from all nodes to the end that nothing replaces. */
static void
search(struct reference *ref, uint32_t from, const uint64_t spent[BOUNDS])
{
	struct queue q = { .n = 0 };

	for (uint32_t i = 0; i < ted_node_count(ref->ted); i++)
		ref->first[i] = NONE;
	ref->n_labels = 0;
	*room(ref) = (struct reference_label){ .node = ref->r.to, .link = NONE, .rest = NONE };
	ref->labels[0].open = true;
	ref->labels[0].next = NONE;
	ref->first[ref->r.to] = 0;
	ref->n_labels = 1;
	push(ref, &q, 0);
	while (q.n > 0) {
		uint32_t label = pop(ref, &q);

		if (ref->labels[label].open && ref->labels[label].node != from)
			extend(ref, &q, label, spent);
	}
	free(q.heap);
}

/* The best way from a node, or NONE. */
static uint32_t
best_from(const struct reference *ref, uint32_t node)
{
	uint32_t best = ref->first[node];

	for (uint32_t i = best; i != NONE; i = ref->labels[i].next) {
		int sign = compare_sums(ref, ref->labels[i].sums, ref->labels[best].sums);

		if (sign < 0 || (sign == 0 && compare_ways(ref, i, best) < 0))
			best = i;
	}
	return best;
}

static bool
is_joined(struct reference *ref, uint32_t from, const uint64_t spent[BOUNDS], uint64_t floor_bps)
{
	ref->floor_bps = floor_bps;
	search(ref, from, spent);
	return ref->first[from] != NONE;
}

static int
compare_u64(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* The largest floor, at most cap, for which there is a way from a node. */
static bool
widest_floor(struct reference *ref, uint32_t from, const uint64_t spent[BOUNDS], uint64_t cap,
	     uint64_t *out)
{
	uint32_t n = ted_link_count(ref->ted), low = 0, high = n;
	uint64_t *steps = calloc(n + 1, sizeof(*steps));

	ck_assert_ptr_nonnull(steps);
	for (uint32_t i = 0; i < n; i++) {
		steps[i] = referee_residual(ref->ted, &ref->r, i);
		steps[i] = steps[i] < cap ? steps[i] : cap;
	}
	qsort(steps, n, sizeof(*steps), compare_u64);
	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (is_joined(ref, from, spent, steps[mid]))
			low = mid + 1;
		else
			high = mid;
	}
	*out = low > 0 ? steps[low - 1] : 0;
	free(steps);
	return low > 0;
}

static uint64_t
narrowest(const struct reference *ref, const uint32_t *links, uint32_t n)
{
	uint64_t least = UINT64_MAX;

	for (uint32_t i = 0; i < n; i++) {
		uint64_t residual = referee_residual(ref->ted, &ref->r, links[i]);

		least = residual < least ? residual : least;
	}
	return least;
}

bool
reference_best(struct reference *ref, const uint32_t *prefix, uint32_t n_prefix,
	       struct reference_path *out)
{
	uint64_t spent[BOUNDS] = { 0 }, floor_bps = 0;
	uint32_t from =
	    n_prefix == 0 ? ref->r.from : ted_link_at(ref->ted, prefix[n_prefix - 1])->to;
	uint32_t label;

	for (uint32_t i = 0; i < n_prefix; i++) {
		add_bounds(ref, prefix[i], spent);
		ref->banned_node[ted_link_at(ref->ted, prefix[i])->from] = 1;
	}
	if (ref->r.objective == PATH_BANDWIDTH &&
	    !widest_floor(ref, from, spent, narrowest(ref, prefix, n_prefix), &floor_bps))
		label = NONE;
	else
		label = is_joined(ref, from, spent, floor_bps) ? best_from(ref, from) : NONE;
	for (uint32_t i = 0; i < n_prefix; i++)
		ref->banned_node[ted_link_at(ref->ted, prefix[i])->from] = 0;
	if (label == NONE)
		return false;
	for (out->n = 0; out->n < n_prefix; out->n++)
		out->links[out->n] = prefix[out->n];
	for (; ref->labels[label].link != NONE; label = ref->labels[label].rest) {
		ck_assert_uint_lt(out->n, REFERENCE_STEPS);
		out->links[out->n++] = ref->labels[label].link;
	}
	return true;
}

int
reference_compare(const struct reference *ref, const struct reference_path *a,
		  const struct reference_path *b)
{
	uint64_t x[SUMS] = { 0 }, y[SUMS] = { 0 };
	int sign;

	for (uint32_t i = 0; i < a->n; i++)
		add_sums(ref, a->links[i], x);
	for (uint32_t i = 0; i < b->n; i++)
		add_sums(ref, b->links[i], y);
	if (ref->r.objective == PATH_BANDWIDTH) {
		x[1] = UINT64_MAX - narrowest(ref, a->links, a->n);
		y[1] = UINT64_MAX - narrowest(ref, b->links, b->n);
	}
	sign = compare_sums(ref, x, y);
	for (uint32_t i = 0; sign == 0 && i < a->n && i < b->n; i++) {
		uint32_t p = ted_link_at(ref->ted, a->links[i])->rank;
		uint32_t q = ted_link_at(ref->ted, b->links[i])->rank;

		sign = p < q ? -1 : p > q;
	}
	return sign;
}
