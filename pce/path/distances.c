#include <stdlib.h>
#ifdef __x86_64__
#include <immintrin.h>
#endif

#include "pce/base/array.h"
#include "pce/path/distances.h"

void
distances_free(struct distances *d)
{
	free(d->block);
	*d = (struct distances){ .rows = NULL };
}

static enum pce_status
make_room(struct distances *d, uint32_t n_nodes, struct pce_error *err)
{
	if (d->rows && d->n_nodes == n_nodes)
		return PCE_OK;
	distances_free(d);
	d->rows = array_lines(((size_t)n_nodes + 1) * sizeof(*d->rows), &d->block);
	d->n_nodes = n_nodes;
	return d->rows ? PCE_OK : pce_no_memory(err);
}

/* Distances downwards to one target, along its branch. */
static void
climb(struct distances *d, const struct elimination *o, const uint32_t *down, uint32_t target,
      unsigned column)
{
	uint32_t at = o->place[target];

	for (d->rows[at].to[column] = 0;; at = o->head[o->first[at]]) {
		for (uint32_t a = o->first[at]; a < o->first[at + 1]; a++) {
			uint32_t sum = hierarchy_add(d->rows[at].to[column], down[a]);
			uint32_t *has = &d->rows[o->head[a]].to[column];

			*has = sum < *has ? sum : *has;
		}
		if (o->first[at] == o->first[at + 1])
			return;
	}
}

/*
 * One arc for all targets: the least of what the row has and what is above plus the weight, which
 * is added to no more than it leaves room for.
 */
static inline __attribute__((always_inline)) void
relax(struct distances_row *row, const struct distances_row *above, uint32_t weight)
{
	for (unsigned i = 0; i < DISTANCES_BATCH; i++) {
		uint32_t room = HIERARCHY_FAR - weight;
		uint32_t sum = (above->to[i] < room ? above->to[i] : room) + weight;

		row->to[i] = sum < row->to[i] ? sum : row->to[i];
	}
}

static inline __attribute__((always_inline)) void
descend(struct distances_row *rows, const struct elimination *o, const uint32_t *up)
{
	for (uint32_t p = o->n_nodes; p-- > 0;) {
		struct distances_row row = rows[p];

		for (uint32_t a = o->first[p]; a < o->first[p + 1]; a++)
			relax(&row, &rows[o->head[a]], up[a]);
		rows[p] = row;
	}
}

#ifdef __x86_64__
/* The same in two registers of eight, which compilers do not see. */
static __attribute__((target("avx2"))) void
descend_wide(struct distances_row *rows, const struct elimination *o, const uint32_t *up)
{
	const __m256i ones = _mm256_set1_epi32(-1);

	for (uint32_t p = o->n_nodes; p-- > 0;) {
		__m256i *row = (__m256i *)rows[p].to;
		__m256i low = _mm256_load_si256(row), high = _mm256_load_si256(row + 1);

		for (uint32_t a = o->first[p]; a < o->first[p + 1]; a++) {
			const __m256i *above = (const __m256i *)rows[o->head[a]].to;
			__m256i weight = _mm256_set1_epi32((int)up[a]);
			__m256i room = _mm256_xor_si256(weight, ones);
			__m256i sum = _mm256_min_epu32(_mm256_load_si256(above), room);

			low = _mm256_min_epu32(low, _mm256_add_epi32(sum, weight));
			sum = _mm256_min_epu32(_mm256_load_si256(above + 1), room);
			high = _mm256_min_epu32(high, _mm256_add_epi32(sum, weight));
		}
		_mm256_store_si256(row, low);
		_mm256_store_si256(row + 1, high);
	}
}
#endif

static void
descend_any(struct distances_row *rows, const struct elimination *o, const uint32_t *up)
{
#ifdef __x86_64__
	if (__builtin_cpu_supports("avx2")) {
		descend_wide(rows, o, up);
		return;
	}
#endif
	descend(rows, o, up);
}

enum pce_status
distances_sweep(struct distances *d, const struct hierarchy *h, unsigned metric, bool from,
		const uint32_t *targets, unsigned n, struct pce_error *err)
{
	const struct elimination *o = hierarchy_order(h);
	const struct hierarchy_weights *w = hierarchy_weights(h, metric);
	const uint32_t *up = from ? w->down : w->up;
	enum pce_status status = make_room(d, o->n_nodes, err);

	if (status)
		return status;
	memset(d->rows, 0xff, o->n_nodes * sizeof(*d->rows));
	for (unsigned i = 0; i < n && i < DISTANCES_BATCH; i++)
		climb(d, o, from ? w->up : w->down, targets[i], i);
	descend_any(d->rows, o, up);
	return PCE_OK;
}

/* Going up: what distances_single knows of the target's branch. */
static void
climb_single(const struct elimination *o, const uint32_t *down, uint32_t target, uint32_t *to)
{
	uint32_t at = o->place[target];

	for (to[at] = 0;; at = o->head[o->first[at]]) {
		for (uint32_t a = o->first[at]; a < o->first[at + 1]; a++) {
			uint32_t sum = hierarchy_add(to[at], down[a]);

			to[o->head[a]] = sum < to[o->head[a]] ? sum : to[o->head[a]];
		}
		if (o->first[at] == o->first[at + 1])
			return;
	}
}

void
distances_single(const struct hierarchy *h, unsigned metric, bool from, uint32_t target,
		 uint32_t *to)
{
	const struct elimination *o = hierarchy_order(h);
	const struct hierarchy_weights *w = hierarchy_weights(h, metric);
	const uint32_t *up = from ? w->down : w->up, *head = o->head;
	uint32_t end = o->n_arcs;

	memset(to, 0xff, o->n_nodes * sizeof(*to));
	climb_single(o, from ? w->up : w->down, target, to);
	for (uint32_t p = o->n_nodes; p-- > 0;) {
		uint32_t least = to[p], first = o->first[p];

		for (uint32_t a = first; a < end; a++) {
			uint32_t sum = hierarchy_add(to[head[a]], up[a]);

			least = sum < least ? sum : least;
		}
		to[p] = least;
		end = first;
	}
}
