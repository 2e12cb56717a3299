/*
 * The traffic-engineering database itself: making, forking, reading and booking. How sources become
 * rows is told in settle.c and source/.
 */
#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"
#include "pce/ted/ted_internal.h"

#define RETIRED_MAX 256 /* chunks kept for readers of rows before a booking */

void
ted_free(struct ted *ted)
{
	if (!ted)
		return;
	table_free(&ted->nodes);
	table_free(&ted->links);
	structure_drop(ted->structure);
	names_drop(ted->names);
	numbers_drop(ted->numbers);
	if (ted->rib)
		rib_free(ted->rib);
	free(ted->rib);
	keyring_drop(ted->ring);
	free(ted->failed);
	free(ted->changes);
	free(ted);
}

/* What an empty network has, too. */
static enum pce_status
fill_empty(struct ted *ted, struct pce_error *err)
{
	enum pce_status status = structure_build(ted, &ted->structure, err);

	if (!status)
		status = names_build(ted, &ted->names, err);
	return status ? status : numbers_build(ted->rib, &ted->numbers, err);
}

enum pce_status
ted_new(struct ted **out, uint64_t seed, struct pce_error *err)
{
	struct ted *ted = calloc(1, sizeof(*ted));
	enum pce_status status;

	if (!ted)
		return pce_no_memory(err);
	table_init(&ted->nodes, sizeof(struct node_cell));
	table_init(&ted->links, sizeof(struct link_cell));
	ted->seed = seed;
	ted->rib = calloc(1, sizeof(*ted->rib));
	status = ted->rib ? rib_init(ted->rib, seed, err) : pce_no_memory(err);
	if (!status) {
		ted->ring = keyring_hold(ted->rib->ring);
		status = fill_empty(ted, err);
	}
	if (status) {
		ted_free(ted);
		return status;
	}
	*out = ted;
	return PCE_OK;
}

enum pce_status
ted_fork(const struct ted *ted, struct ted **out, struct pce_error *err)
{
	struct ted *fork = calloc(1, sizeof(*fork));
	enum pce_status status = PCE_OK;

	if (!fork)
		return pce_no_memory(err);
	fork->structure = structure_hold(ted->structure);
	fork->names = names_hold(ted->names);
	fork->numbers = numbers_hold(ted->numbers);
	fork->ring = keyring_hold(ted->ring);
	fork->revision = ted->revision;
	fork->seed = ted->seed;
	fork->serial = ted->serial;
	table_init(&fork->nodes, sizeof(struct node_cell));
	table_init(&fork->links, sizeof(struct link_cell));
	fork->failed = array_copy(ted->failed, ted->n_failed * sizeof(*ted->failed));
	fork->n_failed = fork->cap_failed = ted->n_failed;
	if (!fork->failed)
		status = pce_no_memory(err);
	if (!status)
		status = table_fork(&fork->nodes, &ted->nodes, err);
	if (!status)
		status = table_fork(&fork->links, &ted->links, err);
	if (status) {
		ted_free(fork);
		return status;
	}
	*out = fork;
	return PCE_OK;
}

uint64_t
ted_revision(const struct ted *ted)
{
	return ted->revision;
}

enum pce_status
ted_apply(struct ted *ted, struct ted_source source, const struct ted_delta *deltas, size_t n,
	  struct pce_error *err)
{
	enum pce_status status = PCE_OK;

	if (!ted->rib)
		return pce_fail(err, PCE_UNSUPPORTED, "a fork of the network has no sources");
	for (size_t i = 0; !status && i < n; i++)
		status = rib_apply(ted->rib, source, &deltas[i], err);
	return status;
}

enum pce_status
ted_source(struct ted *ted, struct ted_source source, enum ted_source_event event,
	   struct pce_error *err)
{
	if (!ted->rib)
		return pce_fail(err, PCE_UNSUPPORTED, "a fork of the network has no sources");
	return rib_event(ted->rib, source, event, err);
}

uint32_t
ted_node_count(const struct ted *ted)
{
	return ted->nodes.count;
}

uint32_t
ted_link_count(const struct ted *ted)
{
	return ted->links.count;
}

const struct ted_node_row *
ted_node_at(const struct ted *ted, ted_node node)
{
	return &node_cell(ted, node)->row;
}

const struct ted_link_row *
ted_link_at(const struct ted *ted, ted_link link)
{
	return &link_cell(ted, link)->row;
}

const ted_link *
ted_links_out(const struct ted *ted, ted_node node, size_t *n)
{
	const struct structure *s = ted->structure;

	*n = s->out_start[node + 1] - s->out_start[node];
	return s->out + s->out_start[node];
}

const ted_link *
ted_links_in(const struct ted *ted, ted_node node, size_t *n)
{
	const struct structure *s = ted->structure;

	*n = s->in_start[node + 1] - s->in_start[node];
	return s->in + s->in_start[node];
}

bool
ted_link_usable(const struct ted *ted, ted_link link)
{
	return link_cell(ted, link)->row.unusable == 0;
}

uint64_t
ted_residual_bps(const struct ted *ted, ted_link link)
{
	const struct ted_link_row *row = &link_cell(ted, link)->row;
	uint64_t used = sat_add(sat_add(row->booked_bps, row->slice_bps), row->unbooked_bps);

	return sat_sub(row->base_bps, used);
}

uint64_t
ted_carried_bps(const struct ted_link_row *row)
{
	uint64_t held = sat_add(sat_add(row->booked_bps, row->slice_bps), row->lingering_bps);

	return sat_sub(held, row->idle_bps);
}

const struct ted_srlg_row *
ted_srlgs(const struct ted *ted, size_t *n)
{
	*n = ted->numbers->n_srlgs;
	return ted->numbers->srlgs;
}

uint64_t
ted_srlg_unavailability_ppt(const struct ted *ted, uint32_t number)
{
	size_t low = 0, high = ted->numbers->n_srlgs;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct ted_srlg_row *row = &ted->numbers->srlgs[middle];

		if (row->number == number)
			return row->unavailability_ppt;
		if (row->number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return 0;
}

const struct ted_site_row *
ted_sites(const struct ted *ted, size_t *n)
{
	*n = ted->numbers->n_sites;
	return ted->numbers->sites;
}

uint64_t
ted_site_unavailability_ppt(const struct ted *ted, const char *name)
{
	return numbers_site_ppt(ted->numbers, name);
}

/* A link that may be written, for booking. */
static enum pce_status
edit_link(struct ted *ted, ted_link link, struct link_cell **out, struct pce_error *err)
{
	if (link >= ted->links.count)
		return pce_fail(err, PCE_NOT_FOUND, "there is no link in row %u", link);
	/* Between two settles there may be many forks and bookings. */
	if (ted->links.n_retired >= RETIRED_MAX)
		table_purge(&ted->links);
	*out = table_edit(&ted->links, link);
	return *out ? PCE_OK : pce_no_memory(err);
}

static enum pce_status
change_held(struct ted *ted, ted_link link, uint64_t rate_bps, bool slice, bool add,
	    struct pce_error *err)
{
	struct link_cell *cell;
	enum pce_status status = edit_link(ted, link, &cell, err);
	uint64_t *held;

	if (status)
		return status;
	held = slice ? &cell->row.slice_bps : &cell->row.booked_bps;
	if (add && *held > UINT64_MAX - rate_bps)
		return pce_fail(err, PCE_INVALID, "bookings of link %s exceed 64 bits",
				cell->row.name);
	if (!add && *held < rate_bps)
		return pce_fail(err, PCE_INTERNAL,
				"link %s has less booked than is to be given back", cell->row.name);
	*held = add ? *held + rate_bps : *held - rate_bps;
	link_row_refresh(&cell->row);
	return PCE_OK;
}

enum pce_status
ted_book(struct ted *ted, ted_link link, uint64_t rate_bps, struct pce_error *err)
{
	return change_held(ted, link, rate_bps, false, true, err);
}

enum pce_status
ted_unbook(struct ted *ted, ted_link link, uint64_t rate_bps, struct pce_error *err)
{
	return change_held(ted, link, rate_bps, false, false, err);
}

enum pce_status
ted_lift(struct ted *ted, ted_link link, uint64_t rate_bps, struct pce_error *err)
{
	enum pce_status status = change_held(ted, link, rate_bps, false, false, err);
	struct link_cell *cell;

	if (status == PCE_OK)
		status = edit_link(ted, link, &cell, err);
	if (status)
		return status;
	cell->row.lingering_bps = sat_add(cell->row.lingering_bps, rate_bps);
	link_row_refresh(&cell->row);
	return PCE_OK;
}

enum pce_status
ted_lower(struct ted *ted, ted_link link, uint64_t rate_bps, struct pce_error *err)
{
	enum pce_status status = change_held(ted, link, rate_bps, false, true, err);
	struct link_cell *cell;

	if (status == PCE_OK)
		status = edit_link(ted, link, &cell, err);
	if (status)
		return status;
	cell->row.lingering_bps = sat_sub(cell->row.lingering_bps, rate_bps);
	link_row_refresh(&cell->row);
	return PCE_OK;
}

enum pce_status
ted_set_flow(struct ted *ted, ted_link link, uint64_t idle_bps, uint64_t lingering_bps,
	     struct pce_error *err)
{
	struct link_cell *cell;
	enum pce_status status = edit_link(ted, link, &cell, err);

	if (status)
		return status;
	cell->row.idle_bps = idle_bps;
	cell->row.lingering_bps = lingering_bps;
	link_row_refresh(&cell->row);
	return PCE_OK;
}

enum pce_status
ted_hold_slice(struct ted *ted, ted_link link, uint64_t rate_bps, struct pce_error *err)
{
	return change_held(ted, link, rate_bps, true, true, err);
}

enum pce_status
ted_release_slice(struct ted *ted, ted_link link, uint64_t rate_bps, struct pce_error *err)
{
	return change_held(ted, link, rate_bps, true, false, err);
}

static enum pce_status
note_failed(struct ted *ted, bool is_link, uint32_t row, uint32_t *unusable)
{
	enum pce_status status = array_reserve(&ted->failed, &ted->cap_failed, ted->n_failed + 1,
					       sizeof(*ted->failed), NULL);

	if (status)
		return status;
	ted->failed[ted->n_failed++] = (struct failed_row){ is_link, row };
	*unusable |= TED_UNUSABLE_FAILED;
	return PCE_OK;
}

static enum pce_status
fail_one(struct ted *ted, ted_link link)
{
	struct link_cell *cell;

	if (link_cell(ted, link)->row.unusable & TED_UNUSABLE_FAILED)
		return PCE_OK;
	cell = table_edit(&ted->links, link);
	return cell ? note_failed(ted, true, link, &cell->row.unusable) : PCE_NO_MEMORY;
}

enum pce_status
ted_fail_link(struct ted *ted, ted_link link)
{
	ted_link reverse;
	enum pce_status status;

	if (link >= ted->links.count)
		return PCE_NOT_FOUND;
	reverse = link_cell(ted, link)->row.reverse;
	status = fail_one(ted, link);
	return status || reverse == TED_NONE ? status : fail_one(ted, reverse);
}

enum pce_status
ted_fail_node(struct ted *ted, ted_node node)
{
	const struct structure *s = ted->structure;
	struct node_cell *cell;
	enum pce_status status = PCE_OK;

	if (node >= ted->nodes.count)
		return PCE_NOT_FOUND;
	if (!(node_cell(ted, node)->row.unusable & TED_UNUSABLE_FAILED)) {
		cell = table_edit(&ted->nodes, node);
		status = cell ? note_failed(ted, false, node, &cell->row.unusable) : PCE_NO_MEMORY;
	}
	for (uint32_t i = s->out_start[node]; !status && i < s->out_start[node + 1]; i++)
		status = ted_fail_link(ted, s->out[i]);
	for (uint32_t i = s->in_start[node]; !status && i < s->in_start[node + 1]; i++)
		status = ted_fail_link(ted, s->in[i]);
	return status;
}

enum pce_status
ted_repair_all(struct ted *ted)
{
	for (; ted->n_failed > 0; ted->n_failed--) {
		const struct failed_row *f = &ted->failed[ted->n_failed - 1];
		void *cell = table_edit(f->is_link ? &ted->links : &ted->nodes, f->row);
		uint32_t *unusable;

		if (!cell)
			return PCE_NO_MEMORY;
		unusable = f->is_link ? &((struct link_cell *)cell)->row.unusable
				      : &((struct node_cell *)cell)->row.unusable;
		*unusable &= ~(uint32_t)TED_UNUSABLE_FAILED;
	}
	return PCE_OK;
}
