#include "tests/bench/path/ask.h"

#include <stdlib.h>
#include <string.h>

#define BOUNDED_SMALL 50000u /* nodes */
#define BOUNDED_LARGE_MAX 64u
#define UPDATES_MAX 4000u
#define TRIES 100000u /* for one question that is not asked yet */

void
random_seed(struct random *r, uint64_t seed)
{
	r->state = seed * 7919 + 1;
}

uint64_t
random_next(struct random *r)
{
	uint64_t z = r->state += 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

uint32_t
random_from(struct random *r, uint32_t least, uint32_t most)
{
	return least + (uint32_t)(random_next(r) % ((uint64_t)most - least + 1));
}

double
random_share(struct random *r)
{
	return (double)(random_next(r) >> 11) * 0x1.0p-53;
}

uint32_t *
random_order(struct random *r, uint32_t n)
{
	uint32_t *order = calloc((size_t)n + 1, sizeof(*order));

	for (uint32_t i = 0; order && i < n; i++) {
		uint32_t j = random_from(r, 0, i);

		order[i] = order[j];
		order[j] = i;
	}
	return order;
}

/* ---- least delays and costs, by the plainest Dijkstra there is ---- */

struct heap_item {
	uint64_t key;
	uint32_t node;
};

struct plain {
	const struct network *net;
	uint32_t *first, *out; /* links by tail */
	uint64_t *dist, *other; /* of the metric searched, and of the other one on the same path */
	struct heap_item *heap;
	size_t n_heap;
};

static void
plain_free(struct plain *p)
{
	free(p->first);
	free(p->out);
	free(p->dist);
	free(p->other);
	free(p->heap);
}

static bool
plain_init(struct plain *p, const struct network *net)
{
	*p = (struct plain){ .net = net };
	p->first = calloc((size_t)net->n_nodes + 2, sizeof(*p->first));
	p->out = calloc((size_t)net->n_links + 1, sizeof(*p->out));
	p->dist = calloc((size_t)net->n_nodes + 1, sizeof(*p->dist));
	p->other = calloc((size_t)net->n_nodes + 1, sizeof(*p->other));
	p->heap = calloc((size_t)net->n_links + 2, sizeof(*p->heap));
	if (!p->first || !p->out || !p->dist || !p->other || !p->heap)
		return false;
	for (uint32_t i = 0; i < net->n_links; i++)
		p->first[net->links[i].tail + 2]++;
	for (uint32_t i = 0; i < net->n_nodes; i++)
		p->first[i + 1] += p->first[i];
	for (uint32_t i = 0; i < net->n_links; i++)
		p->out[p->first[net->links[i].tail + 1]++] = i;
	return true;
}

static void
push(struct plain *p, uint64_t key, uint32_t node)
{
	size_t at = p->n_heap++;

	for (; at > 0 && p->heap[(at - 1) / 2].key > key; at = (at - 1) / 2)
		p->heap[at] = p->heap[(at - 1) / 2];
	p->heap[at] = (struct heap_item){ key, node };
}

static struct heap_item
pop(struct plain *p)
{
	struct heap_item top = p->heap[0], last = p->heap[--p->n_heap];
	size_t at = 0, child;

	while ((child = 2 * at + 1) < p->n_heap) {
		if (child + 1 < p->n_heap && p->heap[child + 1].key < p->heap[child].key)
			child++;
		if (p->heap[child].key >= last.key)
			break;
		p->heap[at] = p->heap[child];
		at = child;
	}
	p->heap[at] = last;
	return top;
}

/* Least delay (or IGP metric) from one node to another, and the delay of that path. false: none. */
static bool
plain_search(struct plain *p, uint32_t from, uint32_t to, bool delay, uint64_t *delay_us)
{
	memset(p->dist, 0xff, p->net->n_nodes * sizeof(*p->dist));
	p->n_heap = 0;
	p->dist[from] = p->other[from] = 0;
	push(p, 0, from);
	while (p->n_heap > 0) {
		struct heap_item at = pop(p);

		if (at.node == to) {
			*delay_us = p->other[to];
			return true;
		}
		if (at.key > p->dist[at.node])
			continue;
		for (uint32_t i = p->first[at.node]; i < p->first[at.node + 1]; i++) {
			const struct network_link *l = &p->net->links[p->out[i]];
			uint64_t sum = at.key + (delay ? l->delay_us : l->igp);

			if (sum >= p->dist[l->head])
				continue;
			p->dist[l->head] = sum;
			p->other[l->head] = p->other[at.node] + l->delay_us;
			push(p, sum, l->head);
		}
	}
	return false;
}

/* ---- parts that no single fibre cuts ---- */

/* Depth-first search (Tarjan 1974): a fibre is a bridge if nothing beyond it leads back over it. */
struct bridges {
	const struct plain *p;
	uint32_t *order, *low, *next, *by; /* by node; by: link it was entered over */
	uint32_t *stack;
	uint32_t n;
};

static void
enter(struct bridges *b, uint32_t node, uint32_t link, uint32_t *depth)
{
	b->order[node] = b->low[node] = ++b->n;
	b->next[node] = b->p->first[node];
	b->by[node] = link;
	b->stack[(*depth)++] = node;
}

/* Visits all that `root` reaches; low[node] == order[node] then marks the first node of a part. */
static void
visit(struct bridges *b, uint32_t root)
{
	const struct network *net = b->p->net;
	uint32_t depth = 0;

	enter(b, root, UINT32_MAX, &depth);
	while (depth > 0) {
		uint32_t node = b->stack[depth - 1];

		if (b->next[node] < b->p->first[node + 1]) {
			uint32_t link = b->p->out[b->next[node]++], head = net->links[link].head;

			if (b->order[head] == 0)
				enter(b, head, link, &depth);
			else if (b->by[node] == UINT32_MAX ||
				 link != net->links[b->by[node]].reverse)
				b->low[node] =
				    b->order[head] < b->low[node] ? b->order[head] : b->low[node];
			continue;
		}
		depth--;
		if (depth > 0 && b->low[node] < b->low[b->stack[depth - 1]])
			b->low[b->stack[depth - 1]] = b->low[node];
	}
}

/* part[node]: equal for two nodes that no single fibre separates. */
static bool
find_parts(const struct plain *p, uint32_t *part)
{
	uint32_t n = p->net->n_nodes, *at = calloc((size_t)n + 1, 5 * sizeof(*at));
	struct bridges b = {
		p, at, at + n, at + 2 * (size_t)n, at + 3 * (size_t)n, at + 4 * (size_t)n, 0
	};

	if (!at)
		return false;
	for (uint32_t i = 0; i < n; i++)
		if (b.order[i] == 0)
			visit(&b, i);
	for (uint32_t i = 0; i < n; i++)
		b.stack[b.order[i] - 1] = i;
	for (uint32_t i = 0; i < n; i++) { /* parents come first in this order */
		uint32_t node = b.stack[i], link = b.by[node];

		part[node] = b.low[node] == b.order[node] ? node : part[p->net->links[link].tail];
	}
	free(at);
	return true;
}

/* ---- questions ---- */

struct asking {
	struct network *net;
	struct random *random;
	uint32_t *ends;
	uint32_t n_ends;
	uint32_t *part; /* of a node, see find_parts */
	uint64_t *seen; /* pairs of this list, hashed */
	size_t n_seen; /* a power of two */
};

static bool
is_new(struct asking *a, uint32_t from, uint32_t to)
{
	uint64_t pair = ((uint64_t)from << 32 | to) + 1;
	size_t at = (size_t)(pair * 0x9e3779b97f4a7c15u >> 20) & (a->n_seen - 1);

	for (; a->seen[at]; at = (at + 1) & (a->n_seen - 1))
		if (a->seen[at] == pair)
			return false;
	a->seen[at] = pair;
	return true;
}

static bool
may_ask(const struct asking *a, enum query_kind kind, const struct network_query *q)
{
	return q->from != q->to && (kind != QUERY_DISJOINT || a->part[q->from] == a->part[q->to]);
}

/* false: no more are found. */
static bool
draw_ends(struct asking *a, enum query_kind kind, struct network_query *q)
{
	struct random *r = a->random;

	if (kind == QUERY_UPDATE) {
		q->from = random_from(r, 0, a->net->n_links - 1);
		q->to = a->net->links[q->from].igp * random_from(r, 50, 200) / 100 + 1;
		return true;
	}
	for (uint32_t i = 0; i < TRIES; i++) {
		q->from = a->ends[random_from(r, 0, a->n_ends - 1)];
		q->to = a->ends[random_from(r, 0, a->n_ends - 1)];
		if (may_ask(a, kind, q) &&
		    is_new(a, q->from, kind == QUERY_TREE ? UINT32_MAX : q->to))
			return true;
	}
	return false;
}

static void
draw_filter(struct random *r, struct network_query *q)
{
	static const uint32_t floors_kbps[] = { 50000, 100000, 200000, 300000 };
	double share = random_share(r);

	q->floor_kbps = floors_kbps[random_from(r, 0, 3)];
	if (share < 0.8)
		q->exclude = 1u << random_from(r, 0, 7);
	if (share >= 0.5 && share < 0.8)
		q->exclude |= 1u << random_from(r, 0, 7);
}

/* Between the least delay and that of the cheapest path. */
static void
draw_bound(struct plain *p, struct random *r, struct network_query *q)
{
	uint64_t least = 0, cheapest = 0;
	double share = 0.1 + 0.8 * random_share(r);

	if (plain_search(p, q->from, q->to, true, &least) &&
	    plain_search(p, q->from, q->to, false, &cheapest))
		q->max_delay_us =
		    (uint32_t)(least + (uint64_t)((double)(cheapest - least) * share));
}

static uint32_t
how_many(const struct asking *a, enum query_kind kind, uint32_t want)
{
	uint64_t most = (uint64_t)a->n_ends * (a->n_ends - 1) / 2;

	if (kind == QUERY_N_1)
		want = N_POLICIES;
	if (kind == QUERY_TREE)
		most = a->n_ends / 2 + 1;
	if (kind == QUERY_UPDATE)
		return UPDATES_MAX;
	if (kind == QUERY_BOUNDED && a->net->n_nodes > BOUNDED_SMALL && want > BOUNDED_LARGE_MAX)
		want = BOUNDED_LARGE_MAX;
	return want + N_WARM < most ? want + N_WARM : (uint32_t)most;
}

static bool
ask(struct asking *a, struct plain *plain, enum query_kind kind, uint32_t want)
{
	uint32_t n = how_many(a, kind, want);
	struct network_query *q = calloc(n, sizeof(*q));

	a->net->queries[kind] = q;
	a->n_seen = 16;
	while (a->n_seen < 4 * (size_t)n)
		a->n_seen *= 2;
	free(a->seen);
	a->seen = calloc(a->n_seen, sizeof(*a->seen));
	if (!q || !a->seen)
		return false;
	for (uint32_t i = 0; i < n && draw_ends(a, kind, &q[i]); i++) {
		a->net->n_queries[kind] = i + 1;
		if (kind == QUERY_POINT)
			draw_filter(a->random, &q[i]);
		if (kind == QUERY_BOUNDED)
			draw_bound(plain, a->random, &q[i]);
	}
	return true;
}

bool
ask_all(struct network *net, const uint8_t *access, struct random *r, uint32_t want)
{
	struct asking a = { .net = net, .random = r };
	struct plain plain = { .n_heap = 0 };
	bool good;

	a.ends = calloc((size_t)net->n_nodes + 1, sizeof(*a.ends));
	for (uint32_t i = 0; a.ends && i < net->n_nodes; i++)
		if (access[i])
			a.ends[a.n_ends++] = i;
	a.part = calloc((size_t)net->n_nodes + 1, sizeof(*a.part));
	good = a.part && a.n_ends >= 2 && plain_init(&plain, net) && find_parts(&plain, a.part);
	for (unsigned kind = 0; good && kind < QUERY_COUNT; kind++)
		good = ask(&a, &plain, kind, want);
	plain_free(&plain);
	free(a.ends);
	free(a.part);
	free(a.seen);
	return good;
}
