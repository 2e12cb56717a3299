#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"
#include "pce/path/search.h"

/* Words of a label before its numbers. */
enum { WORD_NODE_LINK, WORD_PARENT_NEXT, WORDS_FIXED };

enum {
	POTENTIAL_ORDER,
	POTENTIAL_COST,
	POTENTIAL_SPREAD,
	POTENTIAL_BOUND,
	N_POTENTIALS = POTENTIAL_BOUND + SEARCH_MAX_BOUNDS
};

struct search {
	const struct path_graph *graph;
	const struct search_query *query;
	struct spf potentials[N_POTENTIALS];
	struct order ties; /* shared: the order without the cost */

	uint64_t *pool; /* labels, stride words each */
	size_t pool_cap;
	uint32_t n_labels;
	uint32_t *heap;
	size_t heap_cap;
	uint32_t n_heap;
	uint32_t *settled_at, *settled_stamp; /* newest settled label of a node */
	uint32_t epoch;
	unsigned at_sums, at_bounds, at_spread, at_bits, n_words, stride; /* layout of a label */

	uint32_t incumbent; /* best label met at the end, or GRAPH_NONE */
	uint32_t *path;
	uint64_t settled, settled_in_run;
};

enum pce_status
search_new(const struct path_graph *graph, struct search **out, struct pce_error *err)
{
	struct search *s = calloc(1, sizeof(*s));
	size_t n = (size_t)graph->n_nodes + 1;
	enum pce_status status = PCE_OK;

	if (!s)
		return pce_no_memory(err);
	s->graph = graph;
	s->settled_at = calloc(n, sizeof(*s->settled_at));
	s->settled_stamp = calloc(n, sizeof(*s->settled_stamp));
	s->path = calloc(n, sizeof(*s->path));
	if (!s->settled_at || !s->settled_stamp || !s->path)
		status = pce_no_memory(err);
	for (unsigned i = 0; !status && i < N_POTENTIALS; i++)
		status = spf_init(&s->potentials[i], graph->n_nodes, err);
	if (status)
		search_free(s);
	else
		*out = s;
	return status;
}

void
search_free(struct search *s)
{
	if (!s)
		return;
	for (unsigned i = 0; i < N_POTENTIALS; i++)
		spf_free(&s->potentials[i]);
	free(s->pool);
	free(s->heap);
	free(s->settled_at);
	free(s->settled_stamp);
	free(s->path);
	free(s);
}

uint64_t
search_settled(const struct search *s)
{
	uint64_t sum = s->settled;

	for (unsigned i = 0; i < N_POTENTIALS; i++)
		sum += s->potentials[i].settled;
	return sum;
}

struct spf *
search_spf(struct search *s)
{
	return &s->potentials[POTENTIAL_ORDER];
}

static uint64_t *
label_at(const struct search *s, uint32_t label)
{
	return s->pool + (size_t)label * s->stride;
}

static uint32_t
label_node(const struct search *s, uint32_t label)
{
	return (uint32_t)label_at(s, label)[WORD_NODE_LINK];
}

static uint32_t
label_link(const struct search *s, uint32_t label)
{
	return (uint32_t)(label_at(s, label)[WORD_NODE_LINK] >> 32);
}

static uint32_t
label_parent(const struct search *s, uint32_t label)
{
	return (uint32_t)label_at(s, label)[WORD_PARENT_NEXT];
}

static uint32_t
label_next(const struct search *s, uint32_t label)
{
	return (uint32_t)(label_at(s, label)[WORD_PARENT_NEXT] >> 32);
}

/* What the finished path costs at least. */
static uint64_t *
label_key(const struct search *s, uint32_t label)
{
	return label_at(s, label) + WORDS_FIXED;
}

static uint64_t *
label_sums(const struct search *s, uint32_t label)
{
	return label_at(s, label) + s->at_sums;
}

/* Of two labels with the same number of links: the order of their link sequences. */
static int
compare_sequences(const struct search *s, uint32_t a, uint32_t b)
{
	int sign = 0;

	while (a != b && label_parent(s, a) != GRAPH_NONE && label_parent(s, b) != GRAPH_NONE) {
		if (label_link(s, a) != label_link(s, b))
			sign = label_link(s, a) < label_link(s, b) ? -1 : 1;
		a = label_parent(s, a);
		b = label_parent(s, b);
	}
	return sign;
}

/*
 * Order in which labels are taken out. Of equal keys the one with fewer links first: then all
 * labels of a key and length are there before the first of them is taken, and the sequence of links
 * can decide among them.
 */
static bool
before(const struct search *s, uint32_t a, uint32_t b)
{
	unsigned n = s->query->order.n;
	int sign = order_compare(label_key(s, a), label_key(s, b), n);

	if (sign == 0)
		sign = order_compare(label_sums(s, a) + n - 1, label_sums(s, b) + n - 1, 1);
	if (sign == 0 && label_node(s, a) != label_node(s, b))
		return label_node(s, a) < label_node(s, b);
	return sign < 0 || (sign == 0 && compare_sequences(s, a, b) < 0);
}

static enum pce_status
push(struct search *s, uint32_t label, struct pce_error *err)
{
	enum pce_status status =
	    array_reserve(&s->heap, &s->heap_cap, (size_t)s->n_heap + 1, sizeof(*s->heap), err);
	uint32_t at = s->n_heap;

	if (status)
		return status;
	s->n_heap++;
	while (at > 0 && before(s, label, s->heap[(at - 1) / 2])) {
		s->heap[at] = s->heap[(at - 1) / 2];
		at = (at - 1) / 2;
	}
	s->heap[at] = label;
	return PCE_OK;
}

static uint32_t
pop(struct search *s)
{
	uint32_t top = s->heap[0], last = s->heap[--s->n_heap], at = 0;

	for (;;) {
		uint32_t child = 2 * at + 1;

		if (child >= s->n_heap)
			break;
		if (child + 1 < s->n_heap && before(s, s->heap[child + 1], s->heap[child]))
			child++;
		if (!before(s, s->heap[child], last))
			break;
		s->heap[at] = s->heap[child];
		at = child;
	}
	s->heap[at] = last;
	return top;
}

/* Cost of the shared risks that b has paid and a has not. */
static uint64_t
cost_missing(const struct search *s, const uint64_t *a, const uint64_t *b)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < s->n_words; i++)
		for (uint64_t left = b[i] & ~a[i]; left != 0; left &= left - 1) {
			unsigned bit = i * 64 + (unsigned)__builtin_ctzll(left);

			sum = cost_add(sum, s->graph->groups[s->graph->group_of_bit[bit]].cost);
		}
	return sum;
}

/* True if label a makes label b of the same node superfluous. */
static bool
removes(const struct search *s, uint32_t a, uint32_t b)
{
	const uint64_t *la = label_at(s, a), *lb = label_at(s, b);
	unsigned n = s->query->order.n;
	uint64_t reach;
	int sign;

	for (unsigned i = 0; i < s->query->n_bounds; i++)
		if (la[s->at_bounds + i] > lb[s->at_bounds + i])
			return false;
	if (!s->query->shared)
		return order_compare(la + s->at_sums, lb + s->at_sums, n) <= 0;
	if (la[s->at_sums] > lb[s->at_sums])
		return false;
	reach = cost_add(la[s->at_sums], cost_missing(s, la + s->at_bits, lb + s->at_bits));
	if (reach != lb[s->at_sums])
		return reach < lb[s->at_sums];
	sign = order_compare(la + s->at_sums + 1, lb + s->at_sums + 1, n - 1);
	return sign < 0 || (sign == 0 && compare_sequences(s, a, b) <= 0);
}

static bool
is_removed(const struct search *s, uint32_t label)
{
	uint32_t node = label_node(s, label);
	uint32_t other = s->settled_stamp[node] == s->epoch ? s->settled_at[node] : GRAPH_NONE;

	for (; other != GRAPH_NONE; other = label_next(s, other))
		if (removes(s, other, label))
			return true;
	return false;
}

/* Pays the shared groups of one row that are not paid yet. */
static void
pay_groups(const struct search *s, uint64_t *label, struct graph_span groups)
{
	const struct path_graph *g = s->graph;
	const struct filter *f = s->query->filter;

	for (uint32_t i = groups.first; i < groups.first + groups.n; i++) {
		const struct graph_group *group = &g->groups[g->groups_of[i]];
		uint64_t *word;

		if (group->bit == GRAPH_NONE || filter_group_is_free(f, g->groups_of[i]))
			continue;
		word = label + s->at_bits + group->bit / 64;
		if (*word >> (group->bit % 64) & 1)
			continue;
		*word |= 1ULL << (group->bit % 64);
		label[s->at_sums] = cost_add(label[s->at_sums], group->cost);
	}
}

/* Adds one link to the sums of a label. */
static void
step(const struct search *s, uint64_t *label, uint32_t link)
{
	const struct search_query *q = s->query;
	uint32_t end = graph_head(s->graph, link);
	uint32_t to = q->filter->to;

	order_add(q->filter, &q->order, link, label + s->at_sums, label + s->at_sums);
	for (unsigned i = 0; i < q->n_bounds; i++)
		label[s->at_bounds + i] = cost_add(
		    label[s->at_bounds + i], filter_weight(q->filter, link, q->bounds[i].metric));
	if (!q->shared)
		return;
	label[s->at_spread] =
	    cost_add(label[s->at_spread], filter_weight(q->filter, link, METRIC_SPREAD));
	pay_groups(s, label, graph_link_groups(s->graph, link));
	if (end != to)
		pay_groups(s, label, graph_node_groups(s->graph, end));
}

/* Sets the key of a label at a node; false if no finished path can hold the bounds. */
static bool
estimate(const struct search *s, uint64_t *label, uint32_t node)
{
	const struct search_query *q = s->query;
	uint64_t *key = label + WORDS_FIXED, *sums = label + s->at_sums;
	const uint64_t *ahead;
	uint64_t spread;

	if (!spf_reached(&s->potentials[POTENTIAL_ORDER], node))
		return false;
	for (unsigned i = 0; i < q->n_bounds; i++)
		if (cost_add(label[s->at_bounds + i],
			     *spf_at(&s->potentials[POTENTIAL_BOUND + i], node)) > q->bounds[i].max)
			return false;
	ahead = spf_at(&s->potentials[POTENTIAL_ORDER], node);
	if (!q->shared) {
		for (unsigned i = 0; i < q->order.n; i++)
			key[i] = cost_add(sums[i], ahead[i]);
		return true;
	}
	key[0] = cost_add(sums[0], *spf_at(&s->potentials[POTENTIAL_COST], node));
	spread = cost_add(label[s->at_spread], *spf_at(&s->potentials[POTENTIAL_SPREAD], node));
	key[0] = key[0] > spread ? key[0] : spread;
	for (unsigned i = 1; i < q->order.n; i++)
		key[i] = cost_add(sums[i], ahead[i - 1]);
	return true;
}

static void
lay_out(struct search *s)
{
	const struct search_query *q = s->query;

	s->n_words = q->shared ? (s->graph->n_bits + 63) / 64 : 0;
	s->at_sums = WORDS_FIXED + q->order.n;
	s->at_bounds = s->at_sums + q->order.n;
	s->at_spread = s->at_bounds + q->n_bounds;
	s->at_bits = s->at_spread + (q->shared ? 1 : 0);
	s->stride = s->at_bits + s->n_words;
	s->n_labels = s->n_heap = 0;
	s->incumbent = GRAPH_NONE;
	s->settled_in_run = 0;
	if (++s->epoch == 0) {
		memset(s->settled_stamp, 0, s->graph->n_nodes * sizeof(*s->settled_stamp));
		s->epoch = 1;
	}
}

static void
run_potentials(struct search *s)
{
	const struct search_query *q = s->query;
	const struct filter *f = q->filter;
	struct order one = { .n = 1 };

	for (unsigned i = 0; i < q->n_bounds; i++) {
		one.metric[0] = (uint8_t)q->bounds[i].metric;
		spf_to(&s->potentials[POTENTIAL_BOUND + i], f, &one, GRAPH_NONE);
	}
	if (!q->shared) {
		spf_to(&s->potentials[POTENTIAL_ORDER], f, &q->order, GRAPH_NONE);
		return;
	}
	one.metric[0] = METRIC_COST;
	spf_to(&s->potentials[POTENTIAL_COST], f, &one, GRAPH_NONE);
	one.metric[0] = METRIC_SPREAD;
	spf_to(&s->potentials[POTENTIAL_SPREAD], f, &one, GRAPH_NONE);
	s->ties.n = (uint8_t)(q->order.n - 1);
	memcpy(s->ties.metric, q->order.metric + 1, s->ties.n);
	spf_to(&s->potentials[POTENTIAL_ORDER], f, &s->ties, GRAPH_NONE);
}

/* Room for one more label; the pool may move. */
static enum pce_status
new_label(struct search *s, uint32_t *out, struct pce_error *err)
{
	enum pce_status status = array_reserve(
	    &s->pool, &s->pool_cap, ((size_t)s->n_labels + 1) * s->stride, sizeof(*s->pool), err);

	if (!status)
		*out = s->n_labels;
	return status;
}

/* True if a label at the end is known that a label with this key cannot beat. */
static bool
is_hopeless(const struct search *s, const uint64_t *key)
{
	return s->incumbent != GRAPH_NONE &&
	       order_compare(label_sums(s, s->incumbent), key, s->query->order.n) < 0;
}

/* Keeps the label that was built at the end of the pool. */
static enum pce_status
keep(struct search *s, uint32_t label, struct pce_error *err)
{
	unsigned n = s->query->order.n;

	s->n_labels++;
	if (label_node(s, label) == s->query->filter->to &&
	    (s->incumbent == GRAPH_NONE ||
	     order_compare(label_sums(s, label), label_sums(s, s->incumbent), n) < 0))
		s->incumbent = label;
	return push(s, label, err);
}

static enum pce_status
start(struct search *s, struct pce_error *err)
{
	const struct search_query *q = s->query;
	uint32_t label;
	enum pce_status status = new_label(s, &label, err);
	uint64_t *at;

	if (status)
		return status;
	at = label_at(s, label);
	memset(at, 0, s->stride * sizeof(*at));
	at[WORD_NODE_LINK] = q->from | (uint64_t)GRAPH_NONE << 32;
	at[WORD_PARENT_NEXT] = GRAPH_NONE;
	for (size_t i = 0; i < q->n_prefix; i++)
		step(s, at, q->prefix[i]);
	return estimate(s, at, q->from) ? keep(s, label, err) : PCE_OK;
}

static enum pce_status
expand(struct search *s, uint32_t parent, struct pce_error *err)
{
	const struct path_graph *g = s->graph;
	uint32_t node = label_node(s, parent);

	for (uint32_t link = g->out_first[node]; link < g->out_first[node + 1]; link++) {
		uint32_t head = graph_head(g, link), label;
		enum pce_status status;
		uint64_t *at;

		if (!filter_allows(s->query->filter, link))
			continue;
		status = new_label(s, &label, err);
		if (status)
			return status;
		at = label_at(s, label);
		memcpy(at, label_at(s, parent), s->stride * sizeof(*at));
		at[WORD_NODE_LINK] = head | (uint64_t)link << 32;
		at[WORD_PARENT_NEXT] = parent;
		step(s, at, link);
		if (!estimate(s, at, head) || is_hopeless(s, label_key(s, label)) ||
		    is_removed(s, label))
			continue;
		status = keep(s, label, err);
		if (status)
			return status;
	}
	return PCE_OK;
}

static void
settle(struct search *s, uint32_t label)
{
	uint32_t node = label_node(s, label);
	uint32_t next = s->settled_stamp[node] == s->epoch ? s->settled_at[node] : GRAPH_NONE;

	label_at(s, label)[WORD_PARENT_NEXT] = label_parent(s, label) | (uint64_t)next << 32;
	s->settled_at[node] = label;
	s->settled_stamp[node] = s->epoch;
	s->settled++;
	s->settled_in_run++;
}

static void
trace(struct search *s, uint32_t label, struct search_result *out)
{
	uint32_t n = 0;

	for (uint32_t at = label; label_parent(s, at) != GRAPH_NONE; at = label_parent(s, at))
		n++;
	out->links = s->path;
	out->n = n;
	for (uint32_t at = label; n > 0; at = label_parent(s, at))
		s->path[--n] = label_link(s, at);
}

static bool
is_spent(const struct search *s)
{
	const struct search_query *q = s->query;

	return s->settled_in_run >= q->budget_labels || s->n_labels >= GRAPH_MEMBER_NODE ||
	       (uint64_t)s->n_labels * s->stride * sizeof(*s->pool) >= q->budget_bytes;
}

enum pce_status
search_run(struct search *s, const struct search_query *query, struct search_result *out,
	   struct pce_error *err)
{
	enum pce_status status;

	s->query = query;
	*out = (struct search_result){ .outcome = SEARCH_NONE };
	lay_out(s);
	run_potentials(s);
	status = start(s, err);
	while (!status && s->n_heap > 0) {
		uint32_t label = pop(s);

		if (label_node(s, label) == query->filter->to) {
			out->outcome = SEARCH_FOUND;
			trace(s, label, out);
			return PCE_OK;
		}
		if (is_hopeless(s, label_key(s, label)) || is_removed(s, label))
			continue;
		if (is_spent(s)) {
			out->outcome = SEARCH_SPENT;
			out->bound = label_key(s, label)[0];
			if (s->incumbent != GRAPH_NONE)
				trace(s, s->incumbent, out);
			return PCE_OK;
		}
		settle(s, label);
		status = expand(s, label, err);
	}
	return status;
}
