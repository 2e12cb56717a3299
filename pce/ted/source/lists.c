#include "pce/ted/source/lists.h"

#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"

static int
compare_sids(const struct ted_sid *a, const struct ted_sid *b)
{
	return memcmp(a->sid, b->sid, sizeof(a->sid));
}

static int
compare_prefixes(const struct ted_prefix_row *a, const struct ted_prefix_row *b)
{
	int order = ip_compare(&a->prefix.addr, &b->prefix.addr);

	if (order)
		return order;
	if (a->prefix.len != b->prefix.len)
		return a->prefix.len < b->prefix.len ? -1 : 1;
	return (a->topology > b->topology) - (a->topology < b->topology);
}

/* By SID, then topology and voice: the first of each SID stays. */
static int
order_merge_sids(const void *left, const void *right)
{
	const struct merge_sid *a = left, *b = right;
	int order = compare_sids(&a->sid, &b->sid);

	if (order)
		return order;
	return voice_before(&a->voice, &b->voice) ? -1 : voice_before(&b->voice, &a->voice);
}

static int
order_merge_prefixes(const void *left, const void *right)
{
	const struct merge_prefix *a = left, *b = right;
	int order = compare_prefixes(&a->row, &b->row);

	if (order)
		return order;
	/* OSPF prefers intra-area to inter-area to external (RFC 2328 section 11). */
	if (a->route_type != b->route_type)
		return a->route_type < b->route_type ? -1 : 1;
	return voice_before(&a->voice, &b->voice) ? -1 : voice_before(&b->voice, &a->voice);
}

static enum pce_status
add_sid(struct merge *m, const struct rib_object *o, const struct blob_view *view,
	struct pce_error *err)
{
	const struct ted_sid_attr *a = &view->u.sid;
	struct merge_sid *item;
	enum pce_status status =
	    array_reserve(&m->sids, &m->cap_sids, m->n_sids + 1, sizeof(*m->sids), err);

	if (status)
		return status;
	item = &m->sids[m->n_sids++];
	*item = (struct merge_sid){ .sid = { .behavior = a->behavior,
					     .flags = a->flags,
					     .algorithm = a->algorithm,
					     .structure = a->structure },
				    .voice = m->child_voices.at[0] };
	memcpy(item->sid.sid, key_sid(o->key->bytes), 16);
	return PCE_OK;
}

static enum pce_status
add_prefix(struct merge *m, const struct rib_object *o, const struct blob_view *view,
	   struct pce_error *err)
{
	const struct ted_prefix_attr *a = &view->u.prefix;
	struct merge_prefix *item;
	enum pce_status status = array_reserve(&m->prefixes, &m->cap_prefixes, m->n_prefixes + 1,
					       sizeof(*m->prefixes), err);

	if (status)
		return status;
	item = &m->prefixes[m->n_prefixes++];
	/* Gaps are compared and dumped with the rows: they have to be 0. */
	memset(item, 0, sizeof(*item));
	item->row.metric = a->metric;
	item->row.has_locator = a->has_locator;
	if (a->has_locator)
		item->row.locator = a->locator;
	item->voice = m->child_voices.at[0];
	key_prefix(o->key->bytes, &item->row.prefix, &item->row.topology, &item->route_type);
	return PCE_OK;
}

static enum pce_status
collect_of(struct merge *m, uint32_t node, struct pce_error *err)
{
	enum pce_status status = PCE_OK;

	for (uint32_t i = m->rib->objects[node].child; !status && i != RIB_NONE;
	     i = m->rib->objects[i].child) {
		const struct rib_object *o = &m->rib->objects[i];
		struct blob_view view;
		struct presence p;

		if (o->entries == RIB_NONE)
			continue;
		if ((status = voices_collect(m->rib, i, &m->child_voices, err)))
			break;
		p = voices_presence(&m->child_voices);
		if (m->child_voices.at[0].entry->withdrawn || (p.gone_from_feed && p.said))
			continue;
		blob_read(m->child_voices.at[0].entry->blob, o->type, &view);
		status = o->type == TED_OBJECT_SID ? add_sid(m, o, &view, err)
						   : add_prefix(m, o, &view, err);
	}
	return status;
}

static void
sort_children(struct merge *m)
{
	size_t n = 0;

	if (m->n_sids > 1)
		qsort(m->sids, m->n_sids, sizeof(*m->sids), order_merge_sids);
	for (size_t i = 0; i < m->n_sids; i++)
		if (n == 0 || compare_sids(&m->sids[n - 1].sid, &m->sids[i].sid))
			m->sids[n++] = m->sids[i];
	m->n_sids = n;
	if (m->n_prefixes > 1)
		qsort(m->prefixes, m->n_prefixes, sizeof(*m->prefixes), order_merge_prefixes);
	n = 0;
	for (size_t i = 0; i < m->n_prefixes; i++)
		if (n == 0 || compare_prefixes(&m->prefixes[n - 1].row, &m->prefixes[i].row))
			m->prefixes[n++] = m->prefixes[i];
	m->n_prefixes = n;
}

enum pce_status
lists_collect_children(struct merge *m, uint32_t node, struct pce_error *err)
{
	enum pce_status status;

	m->n_sids = m->n_prefixes = 0;
	status = collect_of(m, node, err);
	if (!(m->rib->objects[node].flags & RIB_STATIC))
		for (uint32_t i = m->rib->objects[node].alias; !status && i != RIB_NONE;
		     i = m->rib->objects[i].alias)
			status = collect_of(m, i, err);
	if (!status && m->n_sids + m->n_prefixes > 1)
		sort_children(m);
	return status;
}

/* A tail under construction: base NULL only measures. */
struct pack {
	uint8_t *base;
	size_t at;
};

static void *
pack_room(struct pack *p, size_t n, size_t size, size_t align)
{
	void *at;

	if (n == 0)
		return NULL;
	p->at = (p->at + align - 1) / align * align;
	at = p->base ? p->base + p->at : NULL;
	p->at += n * size;
	return at;
}

static void *
pack_copy(struct pack *p, const void *items, size_t n, size_t size, size_t align)
{
	void *at = pack_room(p, n, size, align);

	if (at)
		memcpy(at, items, n * size);
	return at;
}

static const char *
pack_string(struct pack *p, const char *s)
{
	return s ? pack_copy(p, s, strlen(s) + 1, 1, 1) : NULL;
}

typedef int compare_fn(const void *left, const void *right);

/* Copies, sorts and drops what comes twice; *n counts what is left. */
static const void *
pack_sorted(struct pack *p, const void *items, size_t *n, size_t size, size_t align,
	    compare_fn *compare)
{
	uint8_t *at = pack_copy(p, items, *n, size, align);
	size_t kept = 0;

	if (!at)
		return NULL;
	if (*n > 1)
		qsort(at, *n, size, compare);
	for (size_t i = 0; i < *n; i++) {
		if (kept > 0 && compare(at + (kept - 1) * size, at + i * size) == 0)
			continue;
		if (kept != i)
			memcpy(at + kept * size, at + i * size, size);
		kept++;
	}
	*n = kept;
	return at;
}

static int
compare_u32(const void *left, const void *right)
{
	uint32_t a, b;

	memcpy(&a, left, sizeof(a));
	memcpy(&b, right, sizeof(b));
	return (a > b) - (a < b);
}

static int
compare_octets(const void *left, const void *right)
{
	return *(const uint8_t *)left - *(const uint8_t *)right;
}

static int
compare_fads(const void *left, const void *right)
{
	return memcmp(left, right, sizeof(struct ted_fad));
}

static int
compare_msd(const void *left, const void *right)
{
	return memcmp(left, right, sizeof(struct ted_msd));
}

static int
compare_whole_sid(const void *left, const void *right)
{
	return memcmp(left, right, sizeof(struct ted_sid));
}

static int
compare_words(const void *left, const void *right)
{
	const char *const *a = left, *const *b = right;

	return strcmp(*a, *b);
}

static const char *const *
pack_words(struct pack *p, const char *words, size_t *n)
{
	const char **list = pack_room(p, *n, sizeof(*list), sizeof(*list));
	size_t kept = 0;

	for (size_t i = 0; i < *n; i++, words = blob_next_word(words)) {
		const char *copy = pack_string(p, words);

		if (list)
			list[i] = copy;
	}
	if (!list)
		return NULL;
	qsort(list, *n, sizeof(*list), compare_words);
	for (size_t i = 0; i < *n; i++)
		if (kept == 0 || strcmp(list[kept - 1], list[i]))
			list[kept++] = list[i];
	*n = kept;
	return list;
}

static struct tail *
tail_new(size_t len)
{
	struct tail *tail = calloc(1, sizeof(*tail) + len);

	if (tail) {
		atomic_init(&tail->holders, 1);
		tail->len = (uint32_t)len;
	}
	return tail;
}

static void
pack_node(struct pack *p, const struct merge *m, const struct blob_view *sum,
	  struct node_cell *cell)
{
	struct ted_node_row *row = &cell->row;
	const struct ted_node_attr *a = &sum->u.node;
	struct ted_prefix_row *prefixes;
	struct ted_sid *sids;

	row->n_services = a->n_services;
	row->services = pack_words(p, sum->words, &row->n_services);
	row->n_srlg = a->n_srlg;
	row->srlg = pack_sorted(p, a->srlg, &row->n_srlg, sizeof(*a->srlg), 4, compare_u32);
	row->n_prefixes = m->n_prefixes;
	row->prefixes = prefixes = pack_room(p, m->n_prefixes, sizeof(*prefixes), 4);
	for (size_t i = 0; prefixes && i < m->n_prefixes; i++)
		memcpy(&prefixes[i], &m->prefixes[i].row, sizeof(*prefixes));
	row->n_sids = m->n_sids;
	row->sids = sids = pack_room(p, m->n_sids, sizeof(*sids), 2);
	for (size_t i = 0; sids && i < m->n_sids; i++)
		sids[i] = m->sids[i].sid;
	row->n_msd = a->n_msd;
	row->msd = pack_sorted(p, a->msd, &row->n_msd, sizeof(*a->msd), 1, compare_msd);
	row->n_algorithms = a->n_algorithms;
	row->algorithms = pack_sorted(p, a->algorithms, &row->n_algorithms, 1, 1, compare_octets);
	row->n_fads = a->n_fads;
	row->fads = pack_sorted(p, a->fads, &row->n_fads, sizeof(*a->fads), 4, compare_fads);
	cell->cell.given = pack_string(p, a->name);
	row->label = pack_string(p, a->label);
	row->site = pack_string(p, a->site);
}

enum pce_status
lists_node_tail(const struct merge *m, const struct blob_view *sum, struct node_cell *cell,
		struct pce_error *err)
{
	struct pack p = { 0 };
	struct tail *tail;

	pack_node(&p, m, sum, cell);
	cell->cell.tail = NULL;
	if (p.at == 0)
		return PCE_OK;
	tail = tail_new(p.at);
	if (!tail)
		return pce_no_memory(err);
	p = (struct pack){ .base = (uint8_t *)tail->bytes };
	pack_node(&p, m, sum, cell);
	cell->cell.tail = tail;
	return PCE_OK;
}

static void
pack_link(struct pack *p, const struct blob_view *sum, struct link_cell *cell)
{
	struct ted_link_row *row = &cell->row;
	const struct ted_link_attr *a = &sum->u.link;
	size_t words = a->n_affinity;

	while (words > 0 && a->affinity[words - 1] == 0)
		words--;
	row->n_slices = a->n_slices;
	row->slices = pack_words(p, sum->words, &row->n_slices);
	row->n_affinity = words;
	row->affinity = pack_copy(p, a->affinity, words, sizeof(*a->affinity), 4);
	row->n_srlg = a->n_srlg;
	row->srlg = pack_sorted(p, a->srlg, &row->n_srlg, sizeof(*a->srlg), 4, compare_u32);
	row->n_sids = a->n_sids;
	row->sids = pack_sorted(p, a->sids, &row->n_sids, sizeof(*a->sids), 2, compare_whole_sid);
	cell->cell.given = pack_string(p, a->name);
}

enum pce_status
lists_link_tail(const struct blob_view *sum, struct link_cell *cell, struct pce_error *err)
{
	struct pack p = { 0 };
	struct tail *tail;

	pack_link(&p, sum, cell);
	cell->cell.tail = NULL;
	if (p.at == 0)
		return PCE_OK;
	tail = tail_new(p.at);
	if (!tail)
		return pce_no_memory(err);
	p = (struct pack){ .base = (uint8_t *)tail->bytes };
	pack_link(&p, sum, cell);
	cell->cell.tail = tail;
	return PCE_OK;
}
