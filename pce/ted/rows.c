#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"
#include "pce/ted/ted_internal.h"

struct tail *
tail_hold(struct tail *tail)
{
	if (tail)
		atomic_fetch_add_explicit(&tail->holders, 1, memory_order_relaxed);
	return tail;
}

void
tail_drop(struct tail *tail)
{
	if (tail && atomic_fetch_sub_explicit(&tail->holders, 1, memory_order_acq_rel) == 1)
		free(tail);
}

static struct cell *
cell_at(const struct table *t, struct chunk *chunk, size_t i)
{
	return (struct cell *)(void *)((char *)chunk->cells + i * t->cell_size);
}

static struct chunk *
chunk_new(const struct table *t)
{
	struct chunk *chunk = calloc(1, sizeof(*chunk) + TABLE_CHUNK * t->cell_size);

	if (chunk)
		atomic_init(&chunk->holders, 1);
	return chunk;
}

static void
chunk_drop(const struct table *t, struct chunk *chunk)
{
	if (atomic_fetch_sub_explicit(&chunk->holders, 1, memory_order_acq_rel) != 1)
		return;
	for (size_t i = 0; i < TABLE_CHUNK; i++)
		tail_drop(cell_at(t, chunk, i)->tail);
	free(chunk);
}

void
table_init(struct table *t, size_t cell_size)
{
	*t = (struct table){ .cell_size = cell_size };
}

void
table_purge(struct table *t)
{
	for (size_t i = 0; i < t->n_retired; i++)
		chunk_drop(t, t->retired[i]);
	t->n_retired = 0;
}

void
table_free(struct table *t)
{
	table_purge(t);
	for (size_t i = 0; i < t->n_chunks; i++)
		chunk_drop(t, t->chunks[i]);
	free(t->chunks);
	free(t->retired);
}

enum pce_status
table_fork(struct table *out, const struct table *t, struct pce_error *err)
{
	struct chunk **chunks = array_copy(t->chunks, t->n_chunks * sizeof(struct chunk *));

	if (!chunks)
		return pce_no_memory(err);
	for (size_t i = 0; i < t->n_chunks; i++)
		atomic_fetch_add_explicit(&chunks[i]->holders, 1, memory_order_relaxed);
	*out = (struct table){ .chunks = chunks,
			       .n_chunks = t->n_chunks,
			       .cap_chunks = t->n_chunks,
			       .count = t->count,
			       .cell_size = t->cell_size };
	return PCE_OK;
}

enum pce_status
table_grow(struct table *t, uint32_t count, struct pce_error *err)
{
	size_t need = ((size_t)count + TABLE_CHUNK - 1) / TABLE_CHUNK;
	enum pce_status status =
	    array_reserve(&t->chunks, &t->cap_chunks, need, sizeof(struct chunk *), err);

	if (status)
		return status;
	/* New cells of the last chunk are written: it must not be shared. */
	if (t->count % TABLE_CHUNK && count > t->count && !table_edit(t, t->count - 1))
		return pce_no_memory(err);
	while (t->n_chunks < need) {
		struct chunk *chunk = chunk_new(t);

		if (!chunk)
			return pce_no_memory(err);
		t->chunks[t->n_chunks++] = chunk;
	}
	if (t->count < count)
		t->count = count;
	return PCE_OK;
}

void
table_shrink(struct table *t, uint32_t count)
{
	size_t need = ((size_t)count + TABLE_CHUNK - 1) / TABLE_CHUNK;

	while (t->n_chunks > need)
		chunk_drop(t, t->chunks[--t->n_chunks]);
	for (; t->count > count; t->count--) {
		uint32_t row = t->count - 1;
		struct cell *cell;

		if (row / TABLE_CHUNK >= need)
			continue;
		cell = table_at(t, row);
		tail_drop(cell->tail);
		memset(cell, 0, t->cell_size);
	}
}

void *
table_edit(struct table *t, uint32_t row)
{
	struct chunk **place = &t->chunks[row / TABLE_CHUNK], *copy;

	if (atomic_load_explicit(&(*place)->holders, memory_order_acquire) == 1)
		return table_at(t, row);
	if (array_reserve(&t->retired, &t->cap_retired, t->n_retired + 1, sizeof(struct chunk *),
			  NULL))
		return NULL;
	copy = malloc(sizeof(*copy) + TABLE_CHUNK * t->cell_size);
	if (!copy)
		return NULL;
	memcpy(copy->cells, (*place)->cells, TABLE_CHUNK * t->cell_size);
	atomic_init(&copy->holders, 1);
	for (size_t i = 0; i < TABLE_CHUNK; i++)
		tail_hold(cell_at(t, copy, i)->tail);
	t->retired[t->n_retired++] = *place;
	*place = copy;
	return table_at(t, row);
}

uint64_t
sat_add(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

uint64_t
sat_sub(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

uint64_t
sat_ppm(uint64_t a, uint32_t ppm)
{
	uint64_t whole = a / 1000000, rest = a % 1000000 * ppm / 1000000;

	if (ppm && whole > UINT64_MAX / ppm)
		return UINT64_MAX;
	return sat_add(whole * ppm, rest);
}

void
link_row_refresh(struct ted_link_row *row)
{
	row->unbooked_bps = sat_sub(row->measured_bps, ted_carried_bps(row));
}
