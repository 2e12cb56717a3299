#include "southbound/telemetry/history.h"

#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"
#include "pce/base/units.h"

#define KBIT 1000u
#define BUCKET_MAX 80 /* octets of one bucket at most */

void
history_init(struct history *h, uint32_t length_s, uint32_t keep_s)
{
	*h = (struct history){ .length_s = length_s, .keep_s = keep_s };
}

void
history_free(struct history *h)
{
	for (size_t i = 0; i < h->n_blocks; i++)
		free(h->blocks[i].octets);
	free(h->blocks);
	free(h->open);
	*h = (struct history){ 0 };
}

/* --- octets --- */

static void
put(struct history_block *b, uint64_t v)
{
	do {
		b->octets[b->len++] = (uint8_t)((v & 0x7f) | (v > 0x7f ? 0x80 : 0));
		v >>= 7;
	} while (v);
}

static uint64_t
get(const struct history_block *b, uint32_t *at)
{
	uint64_t v = 0;

	for (unsigned shift = 0; *at < b->len && shift < 64; shift += 7) {
		uint8_t octet = b->octets[(*at)++];

		v |= (uint64_t)(octet & 0x7f) << shift;
		if (octet < 0x80)
			break;
	}
	return v;
}

/* A difference as a number without a sign: small ones of either sign are small. */
static uint64_t
fold(uint64_t now, uint64_t before)
{
	return now >= before ? (now - before) << 1 : (before - now) << 1 | 1;
}

static uint64_t
unfold(uint64_t v, uint64_t before)
{
	return v & 1 ? before - (v >> 1) : before + (v >> 1);
}

/* Samples, then what changed: rates in kbit/s, the mean to the bucket before, the others to the
 * mean. */
static void
put_bucket(struct history_block *b, const struct history_bucket *bucket,
	   const struct history_bucket *last)
{
	unsigned flags = (bucket->has_delay ? 1u : 0) | (bucket->has_loss ? 2u : 0);

	put(b, (uint64_t)bucket->samples << 2 | flags);
	if (bucket->samples > 0) {
		uint64_t mean = bucket->mean_bps / KBIT;

		put(b, fold(mean, last->mean_bps / KBIT));
		put(b, mean - bucket->least_bps / KBIT);
		put(b, bucket->greatest_bps / KBIT - mean);
		put(b, fold(bucket->p95_bps / KBIT, mean));
	}
	if (bucket->has_delay)
		put(b, fold(bucket->delay_us, last->delay_us));
	if (bucket->has_loss)
		put(b, fold(bucket->loss_ppb, last->loss_ppb));
}

static void
get_bucket(const struct history_block *b, uint32_t *at, struct history_bucket *bucket)
{
	uint64_t head = get(b, at);

	bucket->samples = (uint32_t)(head >> 2);
	bucket->has_delay = head & 1;
	bucket->has_loss = head & 2;
	if (bucket->samples > 0) {
		uint64_t mean = unfold(get(b, at), bucket->mean_bps / KBIT);

		bucket->mean_bps = mean * KBIT;
		bucket->least_bps = (mean - get(b, at)) * KBIT;
		bucket->greatest_bps = (mean + get(b, at)) * KBIT;
		bucket->p95_bps = unfold(get(b, at), mean) * KBIT;
	}
	if (bucket->has_delay)
		bucket->delay_us = (uint32_t)unfold(get(b, at), bucket->delay_us);
	if (bucket->has_loss)
		bucket->loss_ppb = (uint32_t)unfold(get(b, at), bucket->loss_ppb);
}

/* --- blocks --- */

static void
drop_old(struct history *h, int64_t now_s)
{
	int64_t length = (int64_t)h->length_s * HISTORY_BLOCK;
	size_t gone = 0;

	while (gone < h->n_blocks && h->blocks[gone].start_s + length <= now_s - h->keep_s)
		free(h->blocks[gone++].octets);
	if (gone > 0) {
		h->n_blocks -= gone;
		memmove(h->blocks, h->blocks + gone, h->n_blocks * sizeof(*h->blocks));
	}
}

/* The block for a bucket, with room for it and the empty ones before; a new one gives its unused
 * room back when it is full. */
static enum pce_status
block_for(struct history *h, int64_t start_s, struct history_block **out, struct pce_error *err)
{
	int64_t length = (int64_t)h->length_s * HISTORY_BLOCK;
	int64_t block_start = start_s / length * length;
	struct history_block *b = h->n_blocks > 0 ? &h->blocks[h->n_blocks - 1] : NULL;
	enum pce_status status;

	if (!b || b->start_s != block_start) {
		if (b) {
			uint8_t *less = realloc(b->octets, b->len + 1);

			b->octets = less ? less : b->octets;
			b->cap = less ? b->len + 1 : b->cap;
		}
		status = array_reserve(&h->blocks, &h->cap_blocks, h->n_blocks + 1,
				       sizeof(*h->blocks), err);
		if (status)
			return status;
		b = &h->blocks[h->n_blocks++];
		*b = (struct history_block){ .start_s = block_start };
		h->last = (struct history_bucket){ 0 };
	}
	if (b->cap - b->len < BUCKET_MAX + HISTORY_BLOCK) {
		uint32_t cap = b->len + BUCKET_MAX + HISTORY_BLOCK + b->len / 2;
		uint8_t *more = realloc(b->octets, cap);

		if (!more)
			return pce_no_memory(err);
		b->octets = more;
		b->cap = cap;
	}
	*out = b;
	return PCE_OK;
}

static int
compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static uint64_t
round_up(uint64_t bps)
{
	return bps > UINT64_MAX - KBIT ? bps / KBIT * KBIT : (bps + KBIT - 1) / KBIT * KBIT;
}

/* The open bucket as numbers: mean over the time that was measured. */
static void
sum_up(const struct history *h, struct history_bucket *out)
{
	const struct history_open *o = h->open;
	uint64_t sorted[HISTORY_SLICES], weights = 0;
	unsigned __int128 sum = 0;
	size_t n = 0;

	*out = (struct history_bucket){ .start_s = o->start_s, .length_s = h->length_s };
	out->samples = o->samples;
	out->has_delay = o->delays > 0;
	out->has_loss = o->losses > 0;
	out->delay_us = o->delays > 0 ? (uint32_t)(o->delay_sum / o->delays) : 0;
	out->loss_ppb = o->losses > 0 ? (uint32_t)(o->loss_sum / o->losses) : 0;
	for (size_t i = 0; i < HISTORY_SLICES; i++) {
		if (o->slice_us[i] == 0)
			continue;
		sorted[n++] = o->slices[i];
		sum += (unsigned __int128)o->slices[i] * o->slice_us[i];
		weights += o->slice_us[i];
	}
	if (n == 0)
		return;
	qsort(sorted, n, sizeof(*sorted), compare);
	out->mean_bps = (uint64_t)(sum / weights) / KBIT * KBIT;
	out->least_bps = o->least_bps / KBIT * KBIT;
	if (out->least_bps > out->mean_bps)
		out->least_bps = out->mean_bps;
	out->greatest_bps = round_up(o->greatest_bps);
	out->p95_bps = round_up(sorted[(n * 95 + 99) / 100 - 1]);
}

/* Writes the open bucket, with the empty ones before it in its block. */
static enum pce_status
close_open(struct history *h, struct pce_error *err)
{
	struct history_bucket bucket;
	struct history_block *b = NULL;
	enum pce_status status;

	if (h->open->samples == 0 && h->open->delays == 0 && h->open->losses == 0)
		return PCE_OK;
	status = block_for(h, h->open->start_s, &b, err);
	if (status)
		return status;
	sum_up(h, &bucket);
	for (; b->start_s + (int64_t)b->n * h->length_s < bucket.start_s; b->n++)
		put(b, 0);
	put_bucket(b, &bucket, &h->last);
	b->n++;
	if (bucket.samples > 0)
		h->last.mean_bps = bucket.mean_bps;
	if (bucket.has_delay)
		h->last.delay_us = bucket.delay_us;
	if (bucket.has_loss)
		h->last.loss_ppb = bucket.loss_ppb;
	return PCE_OK;
}

/* Brings the open bucket to the one that holds an instant. */
static enum pce_status
open_at(struct history *h, int64_t wall_us, struct pce_error *err)
{
	int64_t second = wall_us / USEC_PER_S, start = second - second % h->length_s;
	enum pce_status status = PCE_OK;

	if (!h->open) {
		h->open = calloc(1, sizeof(*h->open));
		if (!h->open)
			return pce_no_memory(err);
		h->open->start_s = start;
	}
	if (start <= h->open->start_s)
		return PCE_OK;
	status = close_open(h, err);
	memset(h->open, 0, sizeof(*h->open));
	h->open->start_s = start;
	drop_old(h, start);
	return status;
}

/* --- samples --- */

static size_t
slice_at(const struct history *h, int64_t wall_us)
{
	int64_t into = wall_us - h->open->start_s * USEC_PER_S;
	int64_t length = (int64_t)h->length_s * USEC_PER_S / HISTORY_SLICES;
	int64_t slice = into < 0 ? 0 : into / length;

	return slice < HISTORY_SLICES ? (size_t)slice : HISTORY_SLICES - 1;
}

/* Spreads a rate over the slices in which it held. */
static void
fill_slices(struct history *h, int64_t from_us, int64_t to_us, uint64_t rate_bps)
{
	struct history_open *o = h->open;
	int64_t start_us = o->start_s * USEC_PER_S;
	int64_t length = (int64_t)h->length_s * USEC_PER_S / HISTORY_SLICES;
	size_t last = slice_at(h, to_us - 1);

	for (size_t i = slice_at(h, from_us); i <= last; i++) {
		int64_t begin = start_us + (int64_t)i * length, end = begin + length;
		int64_t part = (to_us < end ? to_us : end) - (from_us > begin ? from_us : begin);
		uint64_t had = o->slice_us[i], more = part > 0 ? (uint64_t)part : 0;

		if (more == 0)
			continue;
		o->slices[i] = (uint64_t)(((unsigned __int128)o->slices[i] * had +
					   (unsigned __int128)rate_bps * more) /
					  (had + more));
		o->slice_us[i] = had + more;
	}
}

enum pce_status
history_rate(struct history *h, int64_t wall_us, int64_t duration_us, uint64_t rate_bps,
	     struct pce_error *err)
{
	enum pce_status status = open_at(h, wall_us - 1, err);
	struct history_open *o = h->open;
	int64_t from_us = wall_us - duration_us;

	if (!o)
		return status;
	/* What held before the bucket began belongs to an earlier one, which is closed. */
	if (from_us < o->start_s * USEC_PER_S)
		from_us = o->start_s * USEC_PER_S;
	if (from_us >= wall_us)
		from_us = wall_us - 1;
	if (o->samples == 0 || rate_bps < o->least_bps)
		o->least_bps = rate_bps;
	if (rate_bps > o->greatest_bps)
		o->greatest_bps = rate_bps;
	o->samples++;
	fill_slices(h, from_us, wall_us, rate_bps);
	return status;
}

enum pce_status
history_delay(struct history *h, int64_t wall_us, uint32_t delay_us, struct pce_error *err)
{
	enum pce_status status = open_at(h, wall_us, err);

	if (!h->open)
		return status;
	h->open->delay_sum += delay_us;
	h->open->delays++;
	return status;
}

enum pce_status
history_loss(struct history *h, int64_t wall_us, uint32_t loss_ppb, struct pce_error *err)
{
	enum pce_status status = open_at(h, wall_us, err);

	if (!h->open)
		return status;
	h->open->loss_sum += loss_ppb;
	h->open->losses++;
	return status;
}

/* --- reading --- */

/* Buckets that are merged into one. */
struct merge {
	struct history_bucket sum;
	uint64_t delays, losses, delay_sum, loss_sum;
	unsigned __int128 weighted;
	bool any;
	int64_t from_s, to_s;
	uint32_t step_s;
	history_fn *fn;
	void *ctx;
};

static void
give(struct merge *m)
{
	if (!m->any)
		return;
	if (m->sum.samples > 0)
		m->sum.mean_bps = (uint64_t)(m->weighted / m->sum.samples);
	m->sum.has_delay = m->delays > 0;
	m->sum.has_loss = m->losses > 0;
	m->sum.delay_us = m->delays > 0 ? (uint32_t)(m->delay_sum / m->delays) : 0;
	m->sum.loss_ppb = m->losses > 0 ? (uint32_t)(m->loss_sum / m->losses) : 0;
	m->fn(m->ctx, &m->sum);
	m->any = false;
}

static void
start_merge(struct merge *m, int64_t start_s)
{
	give(m);
	m->sum = (struct history_bucket){ .start_s = start_s, .length_s = m->step_s };
	m->delays = m->losses = m->delay_sum = m->loss_sum = 0;
	m->weighted = 0;
	m->any = true;
}

static void
add(struct merge *m, const struct history_bucket *b)
{
	int64_t start = b->start_s - b->start_s % m->step_s;
	struct history_bucket *s = &m->sum;

	if (b->start_s < m->from_s || b->start_s >= m->to_s ||
	    (b->samples == 0 && !b->has_delay && !b->has_loss))
		return;
	if (!m->any || s->start_s != start)
		start_merge(m, start);
	if (b->samples > 0) {
		if (s->samples == 0 || b->least_bps < s->least_bps)
			s->least_bps = b->least_bps;
		if (b->greatest_bps > s->greatest_bps)
			s->greatest_bps = b->greatest_bps;
		if (b->p95_bps > s->p95_bps)
			s->p95_bps = b->p95_bps;
		m->weighted += (unsigned __int128)b->mean_bps * b->samples;
		s->samples += b->samples;
	}
	m->delays += b->has_delay;
	m->delay_sum += b->has_delay ? b->delay_us : 0;
	m->losses += b->has_loss;
	m->loss_sum += b->has_loss ? b->loss_ppb : 0;
}

static void
read_block(const struct history *h, const struct history_block *b, struct merge *m)
{
	struct history_bucket bucket = { .length_s = h->length_s };
	uint32_t at = 0;

	for (uint32_t i = 0; i < b->n; i++) {
		bucket.start_s = b->start_s + (int64_t)i * h->length_s;
		get_bucket(b, &at, &bucket);
		add(m, &bucket);
	}
}

void
history_read(const struct history *h, int64_t from_s, int64_t to_s, uint32_t step_s, history_fn *fn,
	     void *ctx)
{
	struct merge m = { .from_s = from_s, .to_s = to_s, .fn = fn, .ctx = ctx };
	struct history_bucket open;

	if (h->length_s == 0)
		return;
	m.step_s = step_s <= h->length_s ? h->length_s
					 : (step_s + h->length_s - 1) / h->length_s * h->length_s;
	for (size_t i = 0; i < h->n_blocks; i++)
		read_block(h, &h->blocks[i], &m);
	if (h->open) {
		sum_up(h, &open);
		add(&m, &open);
	}
	give(&m);
}

size_t
history_memory(const struct history *h)
{
	size_t sum =
	    sizeof(*h) + h->cap_blocks * sizeof(*h->blocks) + (h->open ? sizeof(*h->open) : 0);

	for (size_t i = 0; i < h->n_blocks; i++)
		sum += h->blocks[i].cap;
	return sum;
}
