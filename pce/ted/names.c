/*
 * Names. A node is called what its highest source calls it, else by its router id; a link what its
 * source calls it, else "FROM-TO". What is called the same gets "#2", "#3" … in order of keys, past
 * numbers that somebody's own name has taken. Withdrawn rows keep their claim to a name, so that a
 * failing link does not rename its neighbours.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pce/ted/ted_internal.h"

struct names *
names_hold(struct names *names)
{
	atomic_fetch_add_explicit(&names->holders, 1, memory_order_relaxed);
	return names;
}

void
names_drop(struct names *names)
{
	if (!names || atomic_fetch_sub_explicit(&names->holders, 1, memory_order_acq_rel) != 1)
		return;
	hash_free(&names->node_by_name);
	hash_free(&names->link_by_name);
	arena_free(&names->arena);
	free(names->node);
	free(names->link);
	free(names);
}

static const void *
node_name_key(const void *owner, uint32_t value, size_t *len)
{
	const struct names *names = owner;

	*len = strlen(names->node[value]);
	return names->node[value];
}

static const void *
link_name_key(const void *owner, uint32_t value, size_t *len)
{
	const struct names *names = owner;

	*len = strlen(names->link[value]);
	return names->link[value];
}

/* One pass over the rows of a kind. */
struct naming {
	struct names *names;
	struct hash *hash;
	const char **list; /* names->node or names->link */
	uint32_t *next; /* by row that holds a name: the next number to try */
	uint32_t *later; /* rows whose name was taken */
	size_t n_later;
};

static enum pce_status
give(struct naming *n, uint32_t row, const char *name, bool known, struct pce_error *err)
{
	enum pce_status status;

	if (!name)
		return pce_no_memory(err);
	n->list[row] = name;
	if (!known)
		return PCE_OK;
	status = hash_add(n->hash, row, NULL);
	if (status == PCE_EXISTS)
		n->later[n->n_later++] = row;
	return status == PCE_NO_MEMORY ? pce_no_memory(err) : PCE_OK;
}

static enum pce_status
number_one(struct naming *n, uint32_t row, struct pce_error *err)
{
	const char *base = n->list[row];
	uint32_t holder = hash_find(n->hash, base, strlen(base));
	size_t room = strlen(base) + 16;
	char *name = arena_alloc(&n->names->arena, room);
	uint32_t number = n->next[holder] ? n->next[holder] : 2;

	if (!name)
		return pce_no_memory(err);
	do
		snprintf(name, room, "%s#%u", base, number++);
	while (hash_find(n->hash, name, strlen(name)) != HASH_NONE);
	n->next[holder] = number;
	n->list[row] = name;
	return hash_add(n->hash, row, err);
}

static enum pce_status
number_rest(struct naming *n, struct pce_error *err)
{
	enum pce_status status = PCE_OK;

	for (size_t i = 0; !status && i < n->n_later; i++)
		status = number_one(n, n->later[i], err);
	return status;
}

static const char *
node_base(const struct ted *ted, struct names *names, uint32_t row, struct text *scratch)
{
	const struct cell *cell = &node_cell(ted, row)->cell;

	if (cell->known && cell->tail && cell->tail->name)
		return arena_strdup(&names->arena, cell->tail->name);
	text_clear(scratch);
	key_print_router_id(ted->structure->node_keys[row]->bytes, scratch);
	return text_ok(scratch) ? arena_strdup(&names->arena, text_get(scratch)) : NULL;
}

static const char *
link_base(const struct ted *ted, struct names *names, uint32_t row)
{
	const struct structure *s = ted->structure;
	const struct cell *cell = &link_cell(ted, row)->cell;
	const char *from = names->node[s->from[row]], *to = names->node[s->to[row]];
	size_t from_len = strlen(from), to_len = strlen(to);
	struct key_link_ids ids;
	char *name;

	if (cell->known && cell->tail && cell->tail->name)
		return arena_strdup(&names->arena, cell->tail->name);
	key_link_ids(s->link_keys[row]->bytes, &ids);
	if (ids.name_len > 0) {
		name = arena_alloc(&names->arena, ids.name_len + 1);
		if (name)
			memcpy(name, ids.name, ids.name_len);
		return name;
	}
	name = arena_alloc(&names->arena, from_len + to_len + 2);
	if (!name)
		return NULL;
	memcpy(name, from, from_len);
	name[from_len] = '-';
	memcpy(name + from_len + 1, to, to_len);
	return name;
}

static enum pce_status
name_nodes(const struct ted *ted, struct naming *n, struct pce_error *err)
{
	struct text scratch = { 0 };
	enum pce_status status = PCE_OK;

	n->hash = &n->names->node_by_name;
	n->list = n->names->node;
	n->n_later = 0;
	for (uint32_t i = 0; !status && i < ted->nodes.count; i++) {
		ted_node row = ted->structure->node_order[i];

		status = give(n, row, node_base(ted, n->names, row, &scratch),
			      node_cell(ted, row)->cell.known, err);
	}
	text_free(&scratch);
	return status ? status : number_rest(n, err);
}

static enum pce_status
name_links(const struct ted *ted, struct naming *n, struct pce_error *err)
{
	enum pce_status status = PCE_OK;

	n->hash = &n->names->link_by_name;
	n->list = n->names->link;
	n->n_later = 0;
	memset(n->next, 0, ted->nodes.count * sizeof(*n->next));
	for (uint32_t i = 0; !status && i < ted->links.count; i++) {
		ted_link row = ted->structure->link_order[i];

		status = give(n, row, link_base(ted, n->names, row),
			      link_cell(ted, row)->cell.known, err);
	}
	return status ? status : number_rest(n, err);
}

enum pce_status
names_build(const struct ted *ted, struct names **out, struct pce_error *err)
{
	size_t n_nodes = ted->nodes.count, n_links = ted->links.count, most = n_nodes + n_links + 1;
	struct names *names = calloc(1, sizeof(*names));
	struct naming n = { .names = names,
			    .next = calloc(most, sizeof(*n.next)),
			    .later = calloc(most, sizeof(*n.later)) };
	enum pce_status status = PCE_OK;

	if (names) {
		atomic_init(&names->holders, 1);
		hash_init(&names->node_by_name, node_name_key, names, ted->seed);
		hash_init(&names->link_by_name, link_name_key, names, ted->seed);
		names->node = calloc(n_nodes + 1, sizeof(*names->node));
		names->link = calloc(n_links + 1, sizeof(*names->link));
	}
	if (!names || !n.next || !n.later || !names->node || !names->link)
		status = pce_no_memory(err);
	if (!status)
		status = name_nodes(ted, &n, err);
	if (!status)
		status = name_links(ted, &n, err);
	if (status)
		names_drop(names);
	else
		*out = names;
	free(n.next);
	free(n.later);
	return status;
}

ted_node
names_node(const struct names *names, const char *name)
{
	return hash_find(&names->node_by_name, name, strlen(name));
}

ted_link
names_link(const struct names *names, const char *name)
{
	return hash_find(&names->link_by_name, name, strlen(name));
}
