/*
 * Names. A node is called what its highest source calls it, else by its router id; a link what its
 * source calls it, else "FROM-TO". What is called the same gets "#2", "#3" … in order of keys, past
 * numbers that somebody's own name has taken. Withdrawn rows keep their claim to a name, so that a
 * failing link does not rename its neighbours.
 *
 * While a feed loads, rows come in batches, and naming all of them for every batch would cost more
 * than the rest. So names are first updated for the rows that changed: a name that nobody has can
 * be taken, and one that nobody shares can be left, without a change for others; who is called as
 * others are joins their group, which is numbered anew. In all other cases (a group loses somebody,
 * is large, or runs into somebody's own "#2") all rows are named anew. Both ways give the same.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"
#include "pce/ted/ted_internal.h"

#define GROUP_MAX 32 /* rows of one name that are numbered apart from all others */

/* How a row came to its name. */
enum name_class {
	NAME_UNKNOWN, /* of a row that nobody knows: need not be unique, is not looked up */
	NAME_PLAIN, /* its own, and nobody else's */
	NAME_HOLDER, /* others are called the same and have numbers */
	NAME_NUMBERED, /* called the same as a holder before it */
};

struct names *
names_hold(struct names *names)
{
	atomic_fetch_add_explicit(&names->holders, 1, memory_order_relaxed);
	return names;
}

static void
kind_free(struct name_kind *kind)
{
	hash_free(&kind->by_name);
	free(kind->names);
	free(kind->classes);
	free(kind->same);
}

void
names_drop(struct names *names)
{
	if (!names || atomic_fetch_sub_explicit(&names->holders, 1, memory_order_acq_rel) != 1)
		return;
	kind_free(&names->nodes);
	kind_free(&names->links);
	keyring_drop(names->pool);
	free(names);
}

enum pce_status
rows_add(struct rows *rows, uint32_t row, struct pce_error *err)
{
	enum pce_status status =
	    array_reserve(&rows->at, &rows->cap, rows->n + 1, sizeof(*rows->at), err);

	if (!status)
		rows->at[rows->n++] = row;
	return status;
}

static const void *
name_key(const void *owner, uint32_t value, size_t *len)
{
	const struct name_kind *kind = owner;

	*len = strlen(kind->names[value]);
	return kind->names[value];
}

static bool
kind_init(struct name_kind *kind, uint32_t n, uint64_t seed)
{
	hash_init(&kind->by_name, name_key, kind, seed);
	kind->names = calloc((size_t)n + 1, sizeof(*kind->names));
	kind->classes = calloc((size_t)n + 1, sizeof(*kind->classes));
	kind->same = calloc((size_t)n + 1, sizeof(*kind->same));
	kind->n = n;
	return kind->names && kind->classes && kind->same;
}

/* Takes over names, classes and the table of another version. */
static bool
kind_copy(struct name_kind *kind, const struct name_kind *old)
{
	size_t size = (old->by_name.mask + 1) * sizeof(*old->by_name.slots);

	memcpy(kind->names, old->names, old->n * sizeof(*kind->names));
	memcpy(kind->classes, old->classes, old->n * sizeof(*kind->classes));
	memcpy(kind->same, old->same, old->n * sizeof(*kind->same));
	if (!old->by_name.slots)
		return true;
	kind->by_name.slots = array_copy(old->by_name.slots, size);
	if (!kind->by_name.slots)
		return false;
	kind->by_name.mask = old->by_name.mask;
	kind->by_name.used = old->by_name.used;
	return true;
}

/* pool NULL: a new one. */
static struct names *
names_new(const struct ted *ted, struct keyring *pool)
{
	struct names *names = calloc(1, sizeof(*names));
	bool ok;

	if (!names)
		return NULL;
	atomic_init(&names->holders, 1);
	names->pool = pool ? keyring_hold(pool) : keyring_new();
	ok = kind_init(&names->nodes, ted->nodes.count, ted->seed);
	ok = kind_init(&names->links, ted->links.count, ted->seed) && ok && names->pool;
	if (ok)
		return names;
	names_drop(names);
	return NULL;
}

/* --- what rows are called before anybody is numbered; in scratch --- */

static void
node_base(const struct ted *ted, uint32_t row, struct text *out)
{
	const struct cell *cell = &node_cell(ted, row)->cell;

	text_clear(out);
	if (cell->known && cell->given)
		text_add(out, cell->given);
	else
		key_print_router_id(ted->structure->node_keys[row]->bytes, out);
}

/* Names what the key names, which few keys of feeds do. */
static void
add_key_name(const struct key *key, struct text *out)
{
	struct key_link_ids ids;

	key_link_ids(key->bytes, &ids);
	text_bytes(out, ids.name, ids.name_len);
}

static void
link_base(const struct ted *ted, const struct names *names, uint32_t row, struct text *out)
{
	const struct structure *s = ted->structure;
	const struct cell *cell = &link_cell(ted, row)->cell;

	text_clear(out);
	if (cell->known && cell->given) {
		text_add(out, cell->given);
	} else if (cell->key_named) {
		add_key_name(s->link_keys[row], out);
	} else {
		text_add(out, names->nodes.names[s->from[row]]);
		text_bytes(out, "-", 1);
		text_add(out, names->nodes.names[s->to[row]]);
	}
}

/* One pass over rows of a kind. */
struct naming {
	const struct ted *ted;
	struct names *names;
	struct name_kind *kind;
	bool links;
	struct text base;
	uint32_t *next; /* by row that holds a shared name: the next number to try */
	uint32_t *later; /* rows whose name was taken */
	size_t n_later;
	struct rows conflicts; /* changed rows whose name was taken */
	struct rows *renamed; /* takes rows whose name changed though they were not listed */
	struct rows *followers; /* takes links of renamed nodes */
};

static bool
is_known(const struct naming *n, uint32_t row)
{
	return n->links ? link_cell(n->ted, row)->cell.known : node_cell(n->ted, row)->cell.known;
}

/* Puts the base name of a row into n->base. */
static enum pce_status
find_base(struct naming *n, uint32_t row, struct pce_error *err)
{
	if (n->links)
		link_base(n->ted, n->names, row, &n->base);
	else
		node_base(n->ted, row, &n->base);
	return text_ok(&n->base) ? PCE_OK : pce_no_memory(err);
}

static enum pce_status
set_base(struct naming *n, uint32_t row, struct pce_error *err)
{
	const char *name = keyring_add_text(n->names->pool, text_get(&n->base), n->base.len);

	if (!name)
		return pce_no_memory(err);
	n->kind->names[row] = name;
	n->names->n_texts++;
	return PCE_OK;
}

/* --- naming all anew --- */

static enum pce_status
give(struct naming *n, uint32_t row, struct pce_error *err)
{
	enum pce_status status = find_base(n, row, err);

	if (!status)
		status = set_base(n, row, err);
	if (status || !is_known(n, row))
		return status;
	status = hash_add(&n->kind->by_name, row, NULL);
	if (status == PCE_EXISTS)
		n->later[n->n_later++] = row;
	else if (status == PCE_OK)
		n->kind->classes[row] = NAME_PLAIN;
	return status == PCE_NO_MEMORY ? pce_no_memory(err) : PCE_OK;
}

/* Puts a row among those that are called as the holder is. */
static void
join(struct name_kind *kind, uint32_t holder, uint32_t row)
{
	if (kind->classes[holder] != NAME_HOLDER)
		kind->same[holder] = HASH_NONE;
	kind->classes[holder] = NAME_HOLDER;
	kind->classes[row] = NAME_NUMBERED;
	kind->same[row] = kind->same[holder];
	kind->same[holder] = row;
}

static enum pce_status
number_one(struct naming *n, uint32_t row, struct pce_error *err)
{
	const char *base = n->kind->names[row];
	uint32_t holder = hash_find(&n->kind->by_name, base, strlen(base));
	uint32_t number = n->next[holder] ? n->next[holder] : 2;
	enum pce_status status;

	do {
		text_clear(&n->base);
		text_printf(&n->base, "%s#%u", base, number++);
		if (!text_ok(&n->base))
			return pce_no_memory(err);
	} while (hash_find(&n->kind->by_name, text_get(&n->base), n->base.len) != HASH_NONE);
	n->next[holder] = number;
	join(n->kind, holder, row);
	status = set_base(n, row, err);
	return status ? status : hash_add(&n->kind->by_name, row, err);
}

static enum pce_status
name_all(struct naming *n, const uint32_t *order, struct pce_error *err)
{
	enum pce_status status = PCE_OK;

	n->n_later = 0;
	memset(n->next, 0, n->kind->n * sizeof(*n->next));
	for (uint32_t i = 0; !status && i < n->kind->n; i++)
		status = give(n, order[i], err);
	for (size_t i = 0; !status && i < n->n_later; i++)
		status = number_one(n, n->later[i], err);
	return status;
}

enum pce_status
names_build(const struct ted *ted, struct names **out, struct pce_error *err)
{
	size_t most = (size_t)ted->nodes.count + ted->links.count + 1;
	struct naming n = { .ted = ted,
			    .names = names_new(ted, NULL),
			    .next = calloc(most, sizeof(*n.next)),
			    .later = calloc(most, sizeof(*n.later)) };
	enum pce_status status = PCE_OK;

	if (!n.names || !n.next || !n.later) {
		status = pce_no_memory(err);
	} else {
		n.kind = &n.names->nodes;
		status = name_all(&n, ted->structure->node_order, err);
		n.kind = &n.names->links;
		n.links = true;
		if (!status)
			status = name_all(&n, ted->structure->link_order, err);
	}
	if (status)
		names_drop(n.names);
	else
		*out = n.names;
	text_free(&n.base);
	free(n.next);
	free(n.later);
	return status;
}

/* --- naming what changed --- */

/* True if leaving this name may change how others are numbered. */
static bool
is_entangled(const struct name_kind *kind, uint32_t row)
{
	return kind->classes[row] == NAME_HOLDER || kind->classes[row] == NAME_NUMBERED ||
	       (kind->classes[row] == NAME_PLAIN && strchr(kind->names[row], '#'));
}

/* A row of a group, to be put in order of keys. */
struct member {
	uint32_t rank, row;
};

static int
compare_members(const void *left, const void *right)
{
	const struct member *a = left, *b = right;

	return (a->rank > b->rank) - (a->rank < b->rank);
}

/* Lists a group by rank and takes its names out of the table; 0 if it is too large for that. */
static size_t
leave_names(struct naming *n, uint32_t holder, struct member out[GROUP_MAX])
{
	struct name_kind *kind = n->kind;
	size_t size = 0;

	for (uint32_t row = holder; row != HASH_NONE; row = kind->same[row]) {
		if (size == GROUP_MAX)
			return 0;
		out[size].row = row;
		out[size++].rank =
		    n->links ? link_cell(n->ted, row)->row.rank : node_cell(n->ted, row)->row.rank;
	}
	for (size_t i = 0; i < size; i++) {
		const char *name = kind->names[out[i].row];

		if (hash_find(&kind->by_name, name, strlen(name)) == out[i].row)
			hash_remove(&kind->by_name, name, strlen(name));
	}
	qsort(out, size, sizeof(*out), compare_members);
	return size;
}

/* Names one member of a group "BASE", or "BASE#number" with the next free number. */
static enum pce_status
name_member(struct naming *n, uint32_t row, const char *base, uint32_t *number,
	    struct pce_error *err)
{
	struct name_kind *kind = n->kind;
	enum pce_status status = PCE_OK;

	do {
		text_clear(&n->base);
		text_add(&n->base, base);
		if (*number > 1)
			text_printf(&n->base, "#%u", *number);
		if (!text_ok(&n->base))
			return pce_no_memory(err);
		++*number;
	} while (hash_find(&kind->by_name, text_get(&n->base), n->base.len) != HASH_NONE);
	if (strcmp(kind->names[row], text_get(&n->base)))
		status = set_base(n, row, err);
	return status ? status : hash_add(&kind->by_name, row, err);
}

/* A row that may have another name now, and, if it is a node, the links that are called after it.
 */
static enum pce_status
note_renamed(struct naming *n, uint32_t row, struct pce_error *err)
{
	const struct structure *s = n->ted->structure;
	enum pce_status status = rows_add(n->renamed, row, err);

	if (n->links)
		return status;
	for (uint32_t i = s->out_start[row]; !status && i < s->out_start[row + 1]; i++)
		status = rows_add(n->followers, s->out[i], err);
	for (uint32_t i = s->in_start[row]; !status && i < s->in_start[row + 1]; i++)
		status = rows_add(n->followers, s->in[i], err);
	return status;
}

/* Adds a row to the group of the holder of its name and numbers that anew. */
static enum pce_status
renumber_group(struct naming *n, uint32_t holder, uint32_t row, bool *alone, struct pce_error *err)
{
	struct name_kind *kind = n->kind;
	const char *base = kind->names[holder];
	struct member members[GROUP_MAX];
	enum pce_status status = PCE_OK;
	uint32_t number = 1;
	size_t size;

	join(kind, holder, row);
	size = leave_names(n, holder, members);
	*alone = size > 0;
	for (size_t i = 0; !status && i < size; i++) {
		status = name_member(n, members[i].row, base, &number, err);
		kind->classes[members[i].row] = NAME_PLAIN;
		if (i > 0)
			join(kind, members[0].row, members[i].row);
		if (!status)
			status = note_renamed(n, members[i].row, err);
	}
	return status;
}

/* Rows that are called as others are; their names so far are their bases. */
static enum pce_status
rename_later(struct naming *n, bool *alone, struct pce_error *err)
{
	struct name_kind *kind = n->kind;
	enum pce_status status = PCE_OK;

	for (size_t i = 0; !status && *alone && i < n->conflicts.n; i++) {
		uint32_t row = n->conflicts.at[i];
		const char *base = kind->names[row];
		uint32_t holder = hash_find(&kind->by_name, base, strlen(base));

		if (kind->classes[row] != NAME_UNKNOWN)
			continue; /* listed twice, and named already */
		if (holder == HASH_NONE) {
			kind->classes[row] = NAME_PLAIN;
			status = hash_add(&kind->by_name, row, err);
		} else if (kind->classes[holder] == NAME_NUMBERED) {
			*alone = false;
		} else {
			status = renumber_group(n, holder, row, alone, err);
		}
	}
	n->conflicts.n = 0;
	return status;
}

/* Names one row; *alone turns false if that concerns others. */
static enum pce_status
rename_one(struct naming *n, uint32_t row, bool *alone, struct pce_error *err)
{
	struct name_kind *kind = n->kind;
	bool known = is_known(n, row);
	uint8_t class = known ? NAME_PLAIN : NAME_UNKNOWN;
	enum pce_status status = find_base(n, row, err);
	uint64_t sum;

	if (status)
		return status;
	if (kind->names[row] && kind->classes[row] == class &&
	    strcmp(kind->names[row], text_get(&n->base)) == 0)
		return PCE_OK;
	if (is_entangled(kind, row)) {
		*alone = false;
		return PCE_OK;
	}
	if (kind->classes[row] == NAME_PLAIN)
		hash_remove(&kind->by_name, kind->names[row], strlen(kind->names[row]));
	kind->classes[row] = NAME_UNKNOWN;
	status = set_base(n, row, err);
	if (status || !known)
		return status;
	sum = hash_bytes(kind->names[row], n->base.len, kind->by_name.seed);
	if (hash_find_sum(&kind->by_name, kind->names[row], n->base.len, sum) != HASH_NONE)
		return rows_add(&n->conflicts, row, err);
	kind->classes[row] = NAME_PLAIN;
	return hash_add_sum(&kind->by_name, row, sum, err);
}

static enum pce_status
rename_list(struct naming *n, struct rows *rows, uint32_t first_new, bool *alone,
	    struct pce_error *err)
{
	enum pce_status status = PCE_OK;

	n->renamed = rows;
	for (size_t i = 0; !status && *alone && i < rows->n; i++)
		status = rename_one(n, rows->at[i], alone, err);
	for (uint32_t i = first_new; !status && *alone && i < n->kind->n; i++)
		status = rename_one(n, i, alone, err);
	return status ? status : rename_later(n, alone, err);
}

enum pce_status
names_update(const struct ted *ted, const struct names *old, struct rows *nodes, struct rows *links,
	     struct names **out, struct pce_error *err)
{
	struct naming n = { .ted = ted, .followers = links };
	bool alone = true;
	enum pce_status status = PCE_OK;

	*out = NULL;
	/* Names that nobody bears any more go when all are named anew. */
	if (old->n_texts > 2 * ((size_t)ted->nodes.count + ted->links.count))
		return PCE_OK;
	n.names = names_new(ted, old->pool);
	if (!n.names || !kind_copy(&n.names->nodes, &old->nodes) ||
	    !kind_copy(&n.names->links, &old->links)) {
		names_drop(n.names);
		return pce_no_memory(err);
	}
	n.names->n_texts = old->n_texts;
	n.kind = &n.names->nodes;
	status = rename_list(&n, nodes, old->nodes.n, &alone, err);
	n.kind = &n.names->links;
	n.links = true;
	if (!status)
		status = rename_list(&n, links, old->links.n, &alone, err);
	if (status || !alone)
		names_drop(n.names);
	else
		*out = n.names;
	text_free(&n.base);
	free(n.conflicts.at);
	return status;
}

ted_node
names_node(const struct names *names, const char *name)
{
	return hash_find(&names->nodes.by_name, name, strlen(name));
}

ted_link
names_link(const struct names *names, const char *name)
{
	return hash_find(&names->links.by_name, name, strlen(name));
}
