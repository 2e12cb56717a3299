/*
 * Smoothing over a sliding window of time that one wild value cannot move: values are clamped to
 * three scaled median absolute deviations around the median of the window (Hampel's identifier),
 * and the mean of what is left is weighted by how long each value held. Pure, fixed size.
 */
#ifndef SOUTHBOUND_TELEMETRY_WINDOW_H
#define SOUTHBOUND_TELEMETRY_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

#include "pce/base/units.h"

#define WINDOW_VALUES 32

struct window_value {
	uint64_t value;
	struct usec at; /* its end */
	uint32_t weight_ms; /* how long it held */
};

struct window {
	struct window_value values[WINDOW_VALUES]; /* a ring */
	uint8_t first, n;
};

/* Takes a value that held for duration_us until at. Of more than WINDOW_VALUES the oldest goes. */
void window_add(struct window *w, uint64_t value, int64_t duration_us, struct usec at);
/* Drops what ended length_us ago or earlier; the newest value stays. */
void window_expire(struct window *w, struct usec now, int64_t length_us);
/* The smoothed value; 0 of an empty window. O(n log n), n <= WINDOW_VALUES. */
uint64_t window_mean(const struct window *w);
/* The median, the lower one of two; 0 of an empty window. */
uint64_t window_median(const struct window *w);

#endif
