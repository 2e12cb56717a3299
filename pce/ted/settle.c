/*
 * Settling: from what sources said to rows. Every step may run out of memory, so every row is saved
 * before it is changed, and on failure everything is put back; what was noted stays noted, and the
 * next settle does it again.
 *
 *  1. static objects are bound to those with an IGP identity (source/bind.c)
 *  2. new objects get rows; if there are any, ranks and adjacency are made anew
 *  3. dirty nodes and links are merged (source/merge.c)
 *  4. directions are paired and feed links checked both ways (source/pair.c)
 *  5. names are given, if anything that makes a name changed
 *  6. rows as they were are compared with rows as they are
 */
#include "pce/ted/settle.h"

#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"
#include "pce/ted/source/bind.h"

struct node_cell *
settle_node(struct settle *s, uint32_t row)
{
	struct node_cell *cell;

	if (array_reserve(&s->nodes, &s->cap_nodes, s->n_nodes + 1, sizeof(*s->nodes), NULL))
		return NULL;
	cell = table_edit(&s->ted->nodes, row);
	if (!cell || cell->cell.touched == s->ted->serial)
		return cell; /* without memory, saved already, or new */
	s->nodes[s->n_nodes++] = (struct old_node){ row, *cell };
	tail_hold(cell->cell.tail);
	cell->cell.touched = s->ted->serial;
	return cell;
}

struct link_cell *
settle_link(struct settle *s, uint32_t row)
{
	struct link_cell *cell;

	if (array_reserve(&s->links, &s->cap_links, s->n_links + 1, sizeof(*s->links), NULL))
		return NULL;
	cell = table_edit(&s->ted->links, row);
	if (!cell || cell->cell.touched == s->ted->serial)
		return cell;
	s->links[s->n_links++] = (struct old_link){ row, *cell };
	tail_hold(cell->cell.tail);
	cell->cell.touched = s->ted->serial;
	return cell;
}

enum pce_status
settle_check(struct settle *s, ted_link link, struct pce_error *err)
{
	return link < s->first_link ? rows_add(&s->check, link, err) : PCE_OK;
}

/* Links at a node, that it may take with it. */
static enum pce_status
check_links_of(struct settle *s, ted_node node, struct pce_error *err)
{
	const struct structure *st = s->ted->structure;
	enum pce_status status = PCE_OK;

	for (uint32_t i = st->out_start[node]; !status && i < st->out_start[node + 1]; i++)
		status = settle_check(s, st->out[i], err);
	for (uint32_t i = st->in_start[node]; !status && i < st->in_start[node + 1]; i++)
		status = settle_check(s, st->in[i], err);
	return status;
}

/* True if a file or feed has or had the object itself. */
static bool
is_known(const struct rib *rib, const struct rib_object *o)
{
	for (uint32_t i = o->entries; i != RIB_NONE; i = rib->entries[i].next) {
		enum ted_source_kind kind = rib_kind(rib, &rib->entries[i]);

		if (kind == TED_SOURCE_FILE || kind == TED_SOURCE_BGPLS)
			return true;
	}
	return false;
}

/* Prints a node's key, or copies what was printed already. */
static void
print_end(const struct rib *rib, uint32_t node, struct text *out)
{
	const struct key *key = rib->objects[node].key;

	if (key->text)
		text_add(out, key->text);
	else
		key_print(key->bytes, out);
}

static enum pce_status
give_text(struct settle *s, const struct rib_object *o, struct pce_error *err)
{
	const struct rib *rib = s->ted->rib;
	struct key *key = o->key;

	if (key->text)
		return PCE_OK;
	text_clear(&s->text);
	if (o->type == TED_OBJECT_LINK) {
		print_end(rib, o->local, &s->text);
		text_bytes(&s->text, ">", 1);
		print_end(rib, o->remote, &s->text);
		key_print_link_ids(key->bytes, &s->text);
	} else {
		key_print(key->bytes, &s->text);
	}
	if (text_ok(&s->text))
		key->text = keyring_add_text(rib->ring, text_get(&s->text), s->text.len);
	return key->text ? PCE_OK : pce_no_memory(err);
}

/* Makes a row for an object that has none. */
static enum pce_status
add_row(struct settle *s, uint32_t object, struct table *t, struct pce_error *err)
{
	struct rib_object *o = &s->ted->rib->objects[object];
	uint32_t row = t->count;
	enum pce_status status = give_text(s, o, err);
	struct cell *cell;

	if (!status && row == TED_NONE - 1)
		status = pce_fail(err, PCE_LIMIT, "the network has too many rows");
	if (!status)
		status = table_grow(t, row + 1, err);
	if (status)
		return status;
	cell = table_at(t, row);
	cell->object = object;
	cell->touched = s->ted->serial;
	o->row = row;
	s->structural = true;
	return PCE_OK;
}

static enum pce_status
need_node(struct settle *s, uint32_t object, struct pce_error *err)
{
	struct rib *rib = s->ted->rib;
	enum pce_status status;

	object = rib_resolve(rib, object);
	if (rib->objects[object].row != TED_NONE)
		return PCE_OK;
	status = add_row(s, object, &s->ted->nodes, err);
	if (status)
		return status;
	((struct node_cell *)node_cell(s->ted, rib->objects[object].row))->row.unusable =
	    TED_UNUSABLE_WITHDRAWN;
	rib_mark(rib, object);
	return PCE_OK;
}

/* Whoever was paired with a link whose ends change has to be paired anew. */
static void
note_ends(struct settle *s, const struct rib_object *o)
{
	struct rib *rib = s->ted->rib;
	const struct link_cell *cell = link_cell(s->ted, o->row);

	if (cell->row.from == rib->objects[rib_resolve(rib, o->local)].row &&
	    cell->row.to == rib->objects[rib_resolve(rib, o->remote)].row)
		return;
	s->structural = true;
	if (cell->row.reverse != TED_NONE)
		rib_mark(rib, link_cell(s->ted, cell->row.reverse)->cell.object);
}

static enum pce_status
need_link(struct settle *s, uint32_t object, bool wanted, struct pce_error *err)
{
	struct rib_object *o = &s->ted->rib->objects[object];
	struct link_cell *cell;
	enum pce_status status;

	if (o->row == TED_NONE && !wanted)
		return PCE_OK;
	if ((status = need_node(s, o->local, err)) || (status = need_node(s, o->remote, err)))
		return status;
	if (o->row != TED_NONE) {
		note_ends(s, o);
		return PCE_OK;
	}
	status = add_row(s, object, &s->ted->links, err);
	if (status)
		return status;
	cell = link_cell(s->ted, o->row);
	/* A key ends with the length of its name and the name, so with 0 if there is none. */
	cell->cell.key_named = o->key->bytes[o->key->len - 1] != 0;
	cell->claim = RIB_NONE;
	cell->own = TED_UNUSABLE_WITHDRAWN;
	cell->row.unusable = TED_UNUSABLE_WITHDRAWN;
	cell->row.reverse = TED_NONE;
	return PCE_OK;
}

/* Passes marks on to the rows that show the marked objects, and makes rows that are missing. */
static enum pce_status
make_rows(struct settle *s, struct pce_error *err)
{
	struct rib *rib = s->ted->rib;
	enum pce_status status = PCE_OK;

	for (size_t i = 0; !status && i < rib->n_dirty; i++) {
		uint32_t object = rib->dirty[i];
		const struct rib_object *o = &rib->objects[object];
		bool wanted;

		switch ((enum ted_object)o->type) {
		case TED_OBJECT_PREFIX:
		case TED_OBJECT_SID:
			rib_mark(rib, rib_resolve(rib, o->local));
			break;
		case TED_OBJECT_SRLG:
		case TED_OBJECT_AFFINITY:
		case TED_OBJECT_SITE:
			s->renumber = true;
			break;
		case TED_OBJECT_NODE:
		case TED_OBJECT_LINK:
			if (o->target != RIB_NONE)
				rib_mark(rib, o->target);
			wanted = o->target == RIB_NONE && is_known(rib, o);
			if (o->type == TED_OBJECT_LINK)
				status = need_link(s, object, wanted, err);
			else if (wanted)
				status = need_node(s, object, err);
			break;
		}
	}
	return status;
}

static enum pce_status
place_node(struct ted *ted, ted_node row, uint32_t rank, struct pce_error *err)
{
	struct node_cell *cell = node_cell(ted, row);

	if (cell->row.rank == rank)
		return PCE_OK;
	if (!(cell = table_edit(&ted->nodes, row)))
		return pce_no_memory(err);
	cell->row.rank = rank;
	return PCE_OK;
}

static enum pce_status
place_link(struct ted *ted, const struct structure *st, ted_link row, uint32_t rank,
	   struct pce_error *err)
{
	struct link_cell *cell = link_cell(ted, row);

	if (cell->row.rank == rank && cell->row.from == st->from[row] &&
	    cell->row.to == st->to[row])
		return PCE_OK;
	if (!(cell = table_edit(&ted->links, row)))
		return pce_no_memory(err);
	cell->row.rank = rank;
	cell->row.from = st->from[row];
	cell->row.to = st->to[row];
	return PCE_OK;
}

/* Writes ranks and ends into all rows. In order of rows, not of ranks: rows are far apart in
 * memory, ranks are not. */
static enum pce_status
place_rows(struct ted *ted, const struct structure *st, struct pce_error *err)
{
	uint32_t most = st->n_nodes > st->n_links ? st->n_nodes : st->n_links;
	uint32_t *rank_of = malloc(((size_t)most + 1) * sizeof(*rank_of));
	enum pce_status status = PCE_OK;

	if (!rank_of)
		return pce_no_memory(err);
	for (uint32_t rank = 0; rank < st->n_nodes; rank++)
		rank_of[st->node_order[rank]] = rank;
	for (uint32_t row = 0; !status && row < st->n_nodes; row++)
		status = place_node(ted, row, rank_of[row], err);
	for (uint32_t rank = 0; rank < st->n_links; rank++)
		rank_of[st->link_order[rank]] = rank;
	for (uint32_t row = 0; !status && row < st->n_links; row++)
		status = place_link(ted, st, row, rank_of[row], err);
	free(rank_of);
	return status;
}

static enum pce_status
restructure(struct settle *s, struct pce_error *err)
{
	struct structure *next;
	enum pce_status status;

	if (!s->structural)
		return PCE_OK;
	status = structure_build(s->ted, &next, err);
	if (status)
		return status;
	s->old_structure = s->ted->structure;
	s->ted->structure = next;
	return place_rows(s->ted, next, err);
}

static bool
same_name(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/* A link that may get another name. */
static enum pce_status
list_link(struct settle *s, ted_link link, struct pce_error *err)
{
	return link < s->first_link ? rows_add(&s->rename_links, link, err) : PCE_OK;
}

/* A node that may get another name, and with it links that are called after it. */
static enum pce_status
list_node(struct settle *s, ted_node node, struct pce_error *err)
{
	const struct structure *st = s->ted->structure;
	enum pce_status status =
	    node < s->first_node ? rows_add(&s->rename_nodes, node, err) : PCE_OK;

	for (uint32_t i = st->out_start[node]; !status && i < st->out_start[node + 1]; i++)
		status = list_link(s, st->out[i], err);
	for (uint32_t i = st->in_start[node]; !status && i < st->in_start[node + 1]; i++)
		status = list_link(s, st->in[i], err);
	return status;
}

/* Whether a feed speaks of a node decides what becomes of its links that only a file has. */
static void
mark_file_links(struct settle *s, ted_node node)
{
	const struct structure *st = s->ted->structure;

	for (int side = 0; side < 2; side++) {
		const uint32_t *start = side ? st->in_start : st->out_start;
		const ted_link *links = side ? st->in : st->out;

		for (uint32_t i = start[node]; i < start[node + 1]; i++) {
			const struct link_cell *cell = link_cell(s->ted, links[i]);

			if (cell->cell.in_file && !cell->cell.in_feed)
				rib_mark(s->ted->rib, cell->cell.object);
		}
	}
}

static enum pce_status
settle_one_node(struct settle *s, const struct rib_object *o, uint32_t object,
		struct pce_error *err)
{
	struct node_cell *cell = settle_node(s, o->row);
	enum pce_status status;
	const char *given;
	struct tail *old;
	bool was_known, was_unusable, was_told;

	if (!cell)
		return pce_no_memory(err);
	old = cell->cell.tail;
	given = cell->cell.given;
	was_known = cell->cell.known;
	was_told = cell->cell.told;
	was_unusable = cell->row.unusable & ~(uint32_t)TED_UNUSABLE_FAILED;
	status = merge_node(&s->merge, object, cell, err);
	if (status)
		return status;
	if (was_known != cell->cell.known || !same_name(given, cell->cell.given))
		status = list_node(s, o->row, err);
	tail_drop(old);
	cell->cell.told = rib_told_by_feed(s->ted->rib, object);
	if (was_told != cell->cell.told)
		mark_file_links(s, o->row);
	if (status || was_unusable == !!(cell->row.unusable & ~(uint32_t)TED_UNUSABLE_FAILED))
		return status;
	return check_links_of(s, o->row, err);
}

static enum pce_status
settle_one_link(struct settle *s, const struct rib_object *o, uint32_t object,
		struct pce_error *err)
{
	struct link_cell *cell = settle_link(s, o->row);
	enum pce_status status;
	const char *given;
	struct tail *old;
	bool was_known;

	if (!cell)
		return pce_no_memory(err);
	old = cell->cell.tail;
	given = cell->cell.given;
	was_known = cell->cell.known;
	status = merge_link(&s->merge, object, cell, err);
	if (status)
		return status;
	/* A static link may have other ends, too, after which it is called. */
	if (was_known != cell->cell.known || !same_name(given, cell->cell.given) ||
	    o->flags & RIB_STATIC)
		status = list_link(s, o->row, err);
	tail_drop(old);
	return status ? status : settle_check(s, o->row, err);
}

static enum pce_status
merge_rows(struct settle *s, enum ted_object type, struct pce_error *err)
{
	const struct rib *rib = s->ted->rib;
	enum pce_status status = PCE_OK;

	for (size_t i = 0; !status && i < rib->n_dirty; i++) {
		const struct rib_object *o = &rib->objects[rib->dirty[i]];

		if (o->type != type || o->row == TED_NONE)
			continue;
		status = type == TED_OBJECT_NODE ? settle_one_node(s, o, rib->dirty[i], err)
						 : settle_one_link(s, o, rib->dirty[i], err);
	}
	return status;
}

static enum pce_status
pair_rows(struct settle *s, struct pce_error *err)
{
	struct rib *rib = s->ted->rib;
	enum pce_status status = PCE_OK;

	for (size_t i = 0; !status && i < rib->n_dirty; i++) {
		const struct rib_object *o = &rib->objects[rib->dirty[i]];

		if (o->type == TED_OBJECT_LINK && o->row != TED_NONE && !(o->flags & RIB_PAIRED))
			status = pair_links(s, o->row, err);
	}
	for (size_t i = 0; i < rib->n_dirty; i++)
		rib->objects[rib->dirty[i]].flags &= (uint8_t)~RIB_PAIRED;
	return status;
}

/* Whether a link can be used, from all that was found out. */
static enum pce_status
check_link(struct settle *s, ted_link row, struct pce_error *err)
{
	const uint32_t failed = TED_UNUSABLE_FAILED;
	const struct ted *ted = s->ted;
	struct link_cell *cell = link_cell(ted, row);
	uint32_t ends = (node_cell(ted, cell->row.from)->row.unusable |
			 node_cell(ted, cell->row.to)->row.unusable) &
			~failed;
	uint32_t unusable = cell->own | cell->paired | (cell->row.unusable & failed) |
			    (ends ? TED_UNUSABLE_ENDPOINT : 0);

	if (unusable == cell->row.unusable)
		return PCE_OK;
	cell = settle_link(s, row);
	if (!cell)
		return pce_no_memory(err);
	cell->row.unusable = unusable;
	return PCE_OK;
}

static enum pce_status
check_links(struct settle *s, struct pce_error *err)
{
	enum pce_status status = PCE_OK;

	for (size_t i = 0; !status && i < s->check.n; i++)
		status = check_link(s, s->check.at[i], err);
	for (uint32_t i = s->first_link; !status && i < s->ted->links.count; i++)
		status = check_link(s, i, err);
	return status;
}

/* Writes a row's name; only a name that reads differently makes a changed row. */
static enum pce_status
name_node_row(struct settle *s, const struct names *names, uint32_t row, struct pce_error *err)
{
	const char *old = node_cell(s->ted, row)->row.name, *name = names->nodes.names[row];
	struct node_cell *cell;

	if (old == name)
		return PCE_OK;
	cell =
	    old && strcmp(old, name) == 0 ? table_edit(&s->ted->nodes, row) : settle_node(s, row);
	if (!cell)
		return pce_no_memory(err);
	cell->row.name = name;
	return PCE_OK;
}

/* As name_node_row for a link. */
static enum pce_status
name_link_row(struct settle *s, const struct names *names, uint32_t row, struct pce_error *err)
{
	const char *old = link_cell(s->ted, row)->row.name, *name = names->links.names[row];
	struct link_cell *cell;

	if (old == name)
		return PCE_OK;
	cell =
	    old && strcmp(old, name) == 0 ? table_edit(&s->ted->links, row) : settle_link(s, row);
	if (!cell)
		return pce_no_memory(err);
	cell->row.name = name;
	return PCE_OK;
}

/* Names go to the listed rows and the new ones, or to all. */
static enum pce_status
name_rows(struct settle *s, const struct names *names, bool all, struct pce_error *err)
{
	const struct rows *nodes = &s->rename_nodes, *links = &s->rename_links;
	enum pce_status status = PCE_OK;

	for (size_t i = 0; !status && !all && i < nodes->n; i++)
		status = name_node_row(s, names, nodes->at[i], err);
	for (uint32_t i = all ? 0 : s->first_node; !status && i < names->nodes.n; i++)
		status = name_node_row(s, names, i, err);
	for (size_t i = 0; !status && !all && i < links->n; i++)
		status = name_link_row(s, names, links->at[i], err);
	for (uint32_t i = all ? 0 : s->first_link; !status && i < names->links.n; i++)
		status = name_link_row(s, names, i, err);
	return status;
}

static enum pce_status
rename_rows(struct settle *s, struct pce_error *err)
{
	struct ted *ted = s->ted;
	struct names *next = NULL;
	enum pce_status status;
	bool all;

	if (s->rename_nodes.n == 0 && s->rename_links.n == 0 && ted->nodes.count == s->first_node &&
	    ted->links.count == s->first_link)
		return PCE_OK;
	status = names_update(ted, ted->names, &s->rename_nodes, &s->rename_links, &next, err);
	all = !next;
	if (!status && all)
		status = names_build(ted, &next, err);
	if (status)
		return status;
	s->old_names = ted->names;
	ted->names = next;
	return name_rows(s, next, all, err);
}

static enum pce_status
renumber_rows(struct settle *s, struct pce_error *err)
{
	struct numbers *next;
	enum pce_status status;

	if (!s->renumber)
		return PCE_OK;
	status = numbers_build(s->ted->rib, &next, err);
	if (status)
		return status;
	s->old_numbers = s->ted->numbers;
	s->ted->numbers = next;
	return changes_of_risks(s, err);
}

static enum pce_status
run(struct settle *s, struct pce_error *err)
{
	struct rib *rib = s->ted->rib;
	enum pce_status status;

	if (rib->rebind && (status = bind_statics(rib, err)))
		return status;
	if ((status = make_rows(s, err)) || (status = restructure(s, err)) ||
	    (status = merge_rows(s, TED_OBJECT_NODE, err)) ||
	    (status = merge_rows(s, TED_OBJECT_LINK, err)) || (status = pair_rows(s, err)) ||
	    (status = check_links(s, err)) || (status = rename_rows(s, err)) ||
	    (status = renumber_rows(s, err)))
		return status;
	return changes_reserve(s, err);
}

/* Takes the row numbers of new rows back. */
static void
forget_new_rows(struct settle *s)
{
	struct ted *ted = s->ted;

	for (uint32_t i = s->first_node; i < ted->nodes.count; i++)
		ted->rib->objects[node_cell(ted, i)->cell.object].row = TED_NONE;
	for (uint32_t i = s->first_link; i < ted->links.count; i++)
		ted->rib->objects[link_cell(ted, i)->cell.object].row = TED_NONE;
	table_shrink(&ted->nodes, s->first_node);
	table_shrink(&ted->links, s->first_link);
}

/* Puts names, ranks and ends back; what is not as it was was written, so it is not shared. */
static void
replace_derived(struct ted *ted)
{
	const struct structure *st = ted->structure;

	for (uint32_t i = 0; i < st->n_nodes; i++) {
		ted_node row = st->node_order[i];
		struct node_cell *cell = node_cell(ted, row);

		if (cell->row.rank != i)
			cell->row.rank = i;
		if (cell->row.name != ted->names->nodes.names[row])
			cell->row.name = ted->names->nodes.names[row];
	}
	for (uint32_t i = 0; i < st->n_links; i++) {
		ted_link row = st->link_order[i];
		struct ted_link_row *r = &link_cell(ted, row)->row;

		if (r->rank != i)
			r->rank = i;
		if (r->from != st->from[row] || r->to != st->to[row]) {
			r->from = st->from[row];
			r->to = st->to[row];
		}
		if (r->name != ted->names->links.names[row])
			r->name = ted->names->links.names[row];
	}
}

static void
roll_back(struct settle *s)
{
	struct ted *ted = s->ted;

	forget_new_rows(s);
	for (size_t i = 0; i < s->n_nodes; i++) {
		struct node_cell *cell = node_cell(ted, s->nodes[i].row);

		tail_drop(cell->cell.tail);
		*cell = s->nodes[i].cell;
	}
	for (size_t i = 0; i < s->n_links; i++) {
		struct link_cell *cell = link_cell(ted, s->links[i].row);

		tail_drop(cell->cell.tail);
		*cell = s->links[i].cell;
	}
	if (s->old_structure) {
		structure_drop(ted->structure);
		ted->structure = s->old_structure;
	}
	if (s->old_names) {
		names_drop(ted->names);
		ted->names = s->old_names;
	}
	if (s->old_numbers) {
		numbers_drop(ted->numbers);
		ted->numbers = s->old_numbers;
	}
	replace_derived(ted);
}

static size_t
commit(struct settle *s)
{
	struct rib *rib = s->ted->rib;
	size_t n = changes_list(s);

	for (size_t i = 0; i < rib->n_dirty; i++)
		rib->objects[rib->dirty[i]].flags &= (uint8_t)~RIB_DIRTY;
	rib->n_dirty = 0;
	for (size_t i = 0; i < s->n_nodes; i++)
		tail_drop(s->nodes[i].cell.cell.tail);
	for (size_t i = 0; i < s->n_links; i++)
		tail_drop(s->links[i].cell.cell.tail);
	structure_drop(s->old_structure);
	names_drop(s->old_names);
	numbers_drop(s->old_numbers);
	return n;
}

enum pce_status
ted_settle(struct ted *ted, const struct ted_change **changes, size_t *n, struct pce_error *err)
{
	struct settle s = { .ted = ted,
			    .first_node = ted->nodes.count,
			    .first_link = ted->links.count };
	enum pce_status status;

	if (!ted->rib)
		return pce_fail(err, PCE_UNSUPPORTED, "a fork of the network has no sources");
	if (ted->rib->n_dirty == 0 && !ted->rib->rebind) {
		*changes = ted->changes;
		*n = 0;
		return PCE_OK;
	}
	table_purge(&ted->nodes);
	table_purge(&ted->links);
	ted->serial++;
	s.merge.rib = ted->rib;
	status = run(&s, err);
	if (status) {
		roll_back(&s);
	} else {
		*n = commit(&s);
		*changes = ted->changes;
	}
	merge_free(&s.merge);
	text_free(&s.text);
	free(s.nodes);
	free(s.links);
	free(s.check.at);
	free(s.rename_nodes.at);
	free(s.rename_links.at);
	free(s.side[0]);
	free(s.side[1]);
	return status;
}
