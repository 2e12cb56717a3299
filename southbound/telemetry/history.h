/*
 * What one link carried in the last hours, in little memory: buckets of a fixed length with least,
 * mean, greatest and 95th percentile of the rate, and means of delay and loss, as differences to
 * the bucket before, in variable length. An hour's worth of buckets is a block that begins with
 * full numbers, so old ones are dropped without touching the others. Pure.
 *
 * Times are wall-clock seconds of our own clock: what a router's clock shows does not matter here.
 */
#ifndef SOUTHBOUND_TELEMETRY_HISTORY_H
#define SOUTHBOUND_TELEMETRY_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pce/base/status.h"

#define HISTORY_BLOCK 60 /* buckets */
#define HISTORY_SLICES 60 /* of an open bucket, of which the percentile is taken */

/* One bucket; rates in bit/s, exact to 1 kbit/s (greatest and percentile rounded up, least down).
 */
struct history_bucket {
	int64_t start_s; /* a multiple of the length */
	uint32_t length_s;
	uint32_t samples; /* 0: nothing was measured */
	uint64_t least_bps, mean_bps, greatest_bps, p95_bps;
	bool has_delay, has_loss;
	uint32_t delay_us, loss_ppb;
};

struct history_block {
	int64_t start_s; /* of its first bucket */
	uint32_t n; /* buckets, empty ones included */
	uint8_t *octets;
	uint32_t len, cap;
};

/* The bucket that is being filled. */
struct history_open {
	int64_t start_s;
	uint32_t samples;
	uint64_t least_bps, greatest_bps;
	uint64_t slices[HISTORY_SLICES]; /* mean rate of each part of the bucket */
	uint64_t slice_us[HISTORY_SLICES]; /* how much of it is measured */
	uint64_t delay_sum, delays, loss_sum, losses;
};

struct history {
	uint32_t length_s; /* of a bucket */
	uint32_t keep_s;
	struct history_block *blocks; /* oldest first */
	size_t n_blocks, cap_blocks;
	struct history_open *open; /* NULL: nothing was measured yet */
	struct history_bucket last; /* that was written, for differences */
};

/* length_s (1 to 3600) and keep_s (at least HISTORY_BLOCK buckets). Nothing is allocated. */
void history_init(struct history *h, uint32_t length_s, uint32_t keep_s);
void history_free(struct history *h);
/* A rate that held for duration_us until wall_us. Instants before the open bucket count into it.
 * PCE_NO_MEMORY loses the sample. */
enum pce_status history_rate(struct history *h, int64_t wall_us, int64_t duration_us,
			     uint64_t rate_bps, struct pce_error *err);
/* A delay or loss that was measured. */
enum pce_status history_delay(struct history *h, int64_t wall_us, uint32_t delay_us,
			      struct pce_error *err);
enum pce_status history_loss(struct history *h, int64_t wall_us, uint32_t loss_ppb,
			     struct pce_error *err);

/* Called for each bucket in order of time, those without samples left out. */
typedef void history_fn(void *ctx, const struct history_bucket *bucket);
/*
 * The buckets that begin in [from_s, to_s), merged into ones of step_s (a multiple of the length;
 * others are rounded up to one). Of merged buckets the mean is weighted by samples, and the
 * percentile is the greatest of theirs: what it says was not exceeded for 95 % of the time holds.
 */
void history_read(const struct history *h, int64_t from_s, int64_t to_s, uint32_t step_s,
		  history_fn *fn, void *ctx);
/* Octets that it takes, itself included. */
size_t history_memory(const struct history *h);

#endif
