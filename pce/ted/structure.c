/*
 * Ranks and adjacency. Node keys are sorted; a link key begins with both node keys, so links are
 * put into buckets by the rank of their local node and only sorted within those.
 */
#include <stdlib.h>
#include <string.h>

#include "pce/ted/ted_internal.h"

struct structure *
structure_hold(struct structure *s)
{
	atomic_fetch_add_explicit(&s->holders, 1, memory_order_relaxed);
	return s;
}

void
structure_drop(struct structure *s)
{
	if (!s || atomic_fetch_sub_explicit(&s->holders, 1, memory_order_acq_rel) != 1)
		return;
	free(s->node_keys);
	free(s->link_keys);
	free(s->node_order);
	free(s->link_order);
	free(s->from);
	free(s->to);
	free(s->out_start);
	free(s->in_start);
	free(s->out);
	free(s->in);
	free(s);
}

static void *
room(size_t n, size_t size, bool *ok)
{
	void *at = calloc(n ? n : 1, size);

	*ok = *ok && at;
	return at;
}

static struct structure *
allocate(uint32_t n_nodes, uint32_t n_links)
{
	struct structure *s = calloc(1, sizeof(*s));
	bool ok = true;

	if (!s)
		return NULL;
	atomic_init(&s->holders, 1);
	s->n_nodes = n_nodes;
	s->n_links = n_links;
	s->node_keys = room(n_nodes, sizeof(struct key *), &ok);
	s->link_keys = room(n_links, sizeof(struct key *), &ok);
	s->node_order = room(n_nodes, sizeof(ted_node), &ok);
	s->link_order = room(n_links, sizeof(ted_link), &ok);
	s->from = room(n_links, sizeof(ted_node), &ok);
	s->to = room(n_links, sizeof(ted_node), &ok);
	s->out_start = room((size_t)n_nodes + 1, sizeof(uint32_t), &ok);
	s->in_start = room((size_t)n_nodes + 1, sizeof(uint32_t), &ok);
	s->out = room(n_links, sizeof(ted_link), &ok);
	s->in = room(n_links, sizeof(ted_link), &ok);
	if (ok)
		return s;
	structure_drop(s);
	return NULL;
}

static int
compare_keys(const struct key *a, const struct key *b)
{
	size_t len = a->len < b->len ? a->len : b->len;
	int order = memcmp(a->bytes, b->bytes, len);

	return order ? order : (a->len > b->len) - (a->len < b->len);
}

/* A row to be sorted by its key. */
struct keyed_row {
	const struct key *key;
	uint32_t major; /* compared first */
	uint32_t row;
};

static int
compare_rows(const void *left, const void *right)
{
	const struct keyed_row *a = left, *b = right;

	if (a->major != b->major)
		return a->major < b->major ? -1 : 1;
	return compare_keys(a->key, b->key);
}

/* Where a node object is, close together because every link asks for two. */
struct node_place {
	uint32_t rank;
	ted_node row; /* of what the object counts as */
};

/*
 * Ranks every node that any key names, with a row or not: a static node that is the same as another
 * has no row, but its links are still in the order of their keys. Returns how many there are.
 */
static uint32_t
rank_nodes(const struct ted *ted, struct structure *s, struct keyed_row *scratch,
	   struct node_place *places)
{
	const struct rib *rib = ted->rib;
	uint32_t n = 0, n_rows = 0;

	for (uint32_t i = 0; i < rib->n_objects; i++) {
		if (rib->objects[i].type != TED_OBJECT_NODE)
			continue;
		places[i].row = rib->objects[rib_resolve(rib, i)].row;
		scratch[n++] = (struct keyed_row){ .key = rib->objects[i].key, .row = i };
	}
	qsort(scratch, n, sizeof(*scratch), compare_rows);
	for (uint32_t i = 0; i < n; i++) {
		const struct rib_object *o = &rib->objects[scratch[i].row];

		places[scratch[i].row].rank = i;
		if (o->row == TED_NONE)
			continue;
		s->node_keys[o->row] = o->key;
		s->node_order[n_rows++] = o->row;
	}
	return n;
}

/*
 * Notes keys and ends of all links, and lists them by the rank of the node that they leave: links
 * of rank i end up at scratch[start[i - 1]] up to start[i]. start has room for one more than ranks.
 */
static void
list_links(const struct ted *ted, struct structure *s, struct keyed_row *scratch,
	   const struct node_place *places, uint32_t n_ranks, uint32_t *start)
{
	const struct rib *rib = ted->rib;

	for (uint32_t i = 0; i < s->n_links; i++) {
		const struct rib_object *o = &rib->objects[link_cell(ted, i)->cell.object];
		const struct node_place *local = &places[o->local], *remote = &places[o->remote];

		s->link_keys[i] = o->key;
		s->from[i] = local->row;
		s->to[i] = remote->row;
		start[local->rank]++;
	}
	for (uint32_t i = 0, at = 0; i < n_ranks; i++) {
		uint32_t count = start[i];

		start[i] = at;
		at += count;
	}
	for (uint32_t i = 0; i < s->n_links; i++) {
		const struct rib_object *o = &rib->objects[link_cell(ted, i)->cell.object];
		uint32_t at = start[places[o->local].rank]++;

		scratch[at] = (struct keyed_row){ o->key, places[o->remote].rank, i };
	}
}

/* n_ranks counts the ranks of node objects; start is as list_links wants it. */
static void
rank_links(const struct ted *ted, struct structure *s, struct keyed_row *scratch,
	   const struct node_place *places, uint32_t n_ranks, uint32_t *start)
{
	list_links(ted, s, scratch, places, n_ranks, start);
	for (uint32_t i = 0, first = 0; i < n_ranks; i++) {
		if (start[i] - first > 1)
			qsort(scratch + first, start[i] - first, sizeof(*scratch), compare_rows);
		first = start[i];
	}
	for (uint32_t i = 0; i < s->n_links; i++)
		s->link_order[i] = scratch[i].row;
}

/* Lists links by one of their ends, in order of rank. */
static void
adjacency(const struct structure *s, const ted_node *end, uint32_t *start, ted_link *list)
{
	for (uint32_t i = 0; i < s->n_links; i++)
		start[end[i]]++;
	for (uint32_t i = 0, at = 0; i <= s->n_nodes; i++) {
		uint32_t count = i < s->n_nodes ? start[i] : 0;

		start[i] = at;
		at += count;
	}
	for (uint32_t i = 0; i < s->n_links; i++) {
		ted_link link = s->link_order[i];

		list[start[end[link]]++] = link;
	}
	for (uint32_t i = s->n_nodes; i > 0; i--)
		start[i] = start[i - 1];
	start[0] = 0;
}

enum pce_status
structure_build(const struct ted *ted, struct structure **out, struct pce_error *err)
{
	struct structure *s = allocate(ted->nodes.count, ted->links.count);
	size_t n_objects = ted->rib->n_objects;
	struct keyed_row *scratch = calloc(n_objects + 1, sizeof(*scratch));
	struct node_place *places = calloc(n_objects + 1, sizeof(*places));
	uint32_t *start = calloc(n_objects + 1, sizeof(*start));
	enum pce_status status = PCE_OK;
	uint32_t n_ranks;

	if (!s || !scratch || !places || !start) {
		structure_drop(s);
		status = pce_no_memory(err);
	} else {
		n_ranks = rank_nodes(ted, s, scratch, places);
		rank_links(ted, s, scratch, places, n_ranks, start);
		adjacency(s, s->from, s->out_start, s->out);
		adjacency(s, s->to, s->in_start, s->in);
		*out = s;
	}
	free(scratch);
	free(places);
	free(start);
	return status;
}
