#include "pce/path/rows.h"

#ifdef __x86_64__
#include <immintrin.h>

#define LANES 8

bool
rows_are_wide(void)
{
	return __builtin_cpu_supports("avx2");
}

/* True if the next eight arcs of a row, from i on, lead to places one after the other. */
static inline bool
is_run(struct row row, uint32_t i)
{
	return i + LANES <= row.n && row.head[i + LANES - 1] - row.head[i] == LANES - 1;
}

/* The distances of eight cells. */
static inline __attribute__((target("avx2"))) __m256i
load_distances(const struct potential_cell *cells)
{
	__m256 low = _mm256_loadu_ps((const float *)(const void *)cells);
	__m256 high = _mm256_loadu_ps((const float *)(const void *)(cells + LANES / 2));
	__m256i mixed = _mm256_castps_si256(_mm256_shuffle_ps(low, high, _MM_SHUFFLE(3, 1, 3, 1)));

	return _mm256_permute4x64_epi64(mixed, _MM_SHUFFLE(3, 1, 2, 0));
}

/* a + b, at most HIERARCHY_FAR. */
static inline __attribute__((target("avx2"))) __m256i
add(__m256i a, __m256i b)
{
	__m256i room = _mm256_xor_si256(b, _mm256_set1_epi32(-1));

	return _mm256_add_epi32(_mm256_min_epu32(a, room), b);
}

static inline __attribute__((target("avx2"))) __m256i
load(const uint32_t *at)
{
	return _mm256_loadu_si256((const __m256i *)(const void *)at);
}

static inline __attribute__((target("avx2"))) uint32_t
least_lane(__m256i lanes)
{
	__m128i four =
	    _mm_min_epu32(_mm256_castsi256_si128(lanes), _mm256_extracti128_si256(lanes, 1));

	four = _mm_min_epu32(four, _mm_shuffle_epi32(four, _MM_SHUFFLE(1, 0, 3, 2)));
	four = _mm_min_epu32(four, _mm_shuffle_epi32(four, _MM_SHUFFLE(2, 3, 0, 1)));
	return (uint32_t)_mm_cvtsi128_si32(four);
}

__attribute__((target("avx2"))) uint32_t
rows_least(struct row row, const struct potential_cell *cells, uint32_t least)
{
	__m256i lanes = _mm256_set1_epi32(-1);
	uint32_t i = 0, other;

	while (i < row.n) {
		if (is_run(row, i)) {
			lanes = _mm256_min_epu32(
			    lanes, add(load_distances(&cells[row.head[i]]), load(&row.weight[i])));
			i += LANES;
		} else {
			other = hierarchy_add(row.weight[i], cells[row.head[i]].distance);
			least = other < least ? other : least;
			i++;
		}
	}
	other = least_lane(lanes);
	return other < least ? other : least;
}

/* rows_offer of eight sums to ends one after the other. */
static inline __attribute__((target("avx2"))) void
take_run(struct potential *p, uint32_t head, __m256i sum, uint32_t way)
{
	__m256i *cells = (__m256i *)(void *)&p->cells[head];
	__m256i *ways = (__m256i *)(void *)&p->ways[head];
	__m256i old = load_distances(&p->cells[head]);
	__m256i least = _mm256_min_epu32(old, sum);
	__m256i apart = _mm256_sub_epi32(_mm256_max_epu32(old, sum), least);
	__m256i near = _mm256_set1_epi32((int)(p->weights->margin - 1));
	__m256i close = _mm256_cmpeq_epi32(_mm256_min_epu32(apart, near), apart);
	__m256i kept = _mm256_cmpeq_epi32(least, old);
	__m256i stamp = _mm256_set1_epi32((int)p->cells[head].stamp);
	__m256i own = _mm256_add_epi32(_mm256_set1_epi32((int)way),
				       _mm256_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14));
	__m256i spread = _mm256_permute4x64_epi64(least, _MM_SHUFFLE(3, 1, 2, 0));

	own = _mm256_blendv_epi8(own, _mm256_loadu_si256(ways), kept);
	_mm256_storeu_si256(ways, _mm256_or_si256(own, close)); /* POTENTIAL_SEVERAL is all ones */
	_mm256_storeu_si256(cells, _mm256_unpacklo_epi32(stamp, spread));
	_mm256_storeu_si256(cells + 1, _mm256_unpackhi_epi32(stamp, spread));
}

__attribute__((target("avx2"))) void
rows_climb(struct row row, struct potential *p, uint32_t here, uint32_t way)
{
	__m256i start = _mm256_set1_epi32((int)here);
	uint32_t i = 0;

	while (i < row.n) {
		if (!is_run(row, i)) {
			rows_offer(p, row.head[i], hierarchy_add(here, row.weight[i]), way + 2 * i);
			i++;
			continue;
		}
		take_run(p, row.head[i], add(start, load(&row.weight[i])), way + 2 * i);
		i += LANES;
	}
}

#else

bool
rows_are_wide(void)
{
	return false;
}

/* Never called. */
uint32_t
rows_least(struct row row, const struct potential_cell *cells, uint32_t least)
{
	(void)row, (void)cells;
	return least;
}

/* Never called. */
void
rows_climb(struct row row, struct potential *p, uint32_t here, uint32_t way)
{
	(void)row, (void)p, (void)here, (void)way;
}

#endif
