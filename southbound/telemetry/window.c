#include "southbound/telemetry/window.h"

#include <stddef.h>

#define ENOUGH 5 /* values for a deviation to say something */

void
window_add(struct window *w, uint64_t value, int64_t duration_us, struct usec at)
{
	int64_t ms = duration_us / USEC_PER_MS;
	uint8_t place;

	if (w->n == WINDOW_VALUES) {
		w->first = (uint8_t)((w->first + 1) % WINDOW_VALUES);
		w->n--;
	}
	place = (uint8_t)((w->first + w->n++) % WINDOW_VALUES);
	w->values[place] = (struct window_value){ value, at,
						  ms < 1            ? 1u
						  : ms > UINT32_MAX ? UINT32_MAX
								    : (uint32_t)ms };
}

void
window_expire(struct window *w, struct usec now, int64_t length_us)
{
	while (w->n > 1 && usec_due(usec_add(w->values[w->first].at, length_us), now)) {
		w->first = (uint8_t)((w->first + 1) % WINDOW_VALUES);
		w->n--;
	}
}

static void
sort(uint64_t *v, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		uint64_t x = v[i];
		size_t k = i;

		for (; k > 0 && v[k - 1] > x; k--)
			v[k] = v[k - 1];
		v[k] = x;
	}
}

static size_t
collect(const struct window *w, uint64_t *out)
{
	for (size_t i = 0; i < w->n; i++)
		out[i] = w->values[(w->first + i) % WINDOW_VALUES].value;
	return w->n;
}

uint64_t
window_median(const struct window *w)
{
	uint64_t v[WINDOW_VALUES];
	size_t n = collect(w, v);

	sort(v, n);
	return n > 0 ? v[(n - 1) / 2] : 0;
}

/* Three times the scaled median absolute deviation (1.4826), rounded up a little. */
static uint64_t
allowance(const struct window *w, uint64_t median)
{
	uint64_t v[WINDOW_VALUES];
	size_t n = collect(w, v);
	uint64_t mad;

	for (size_t i = 0; i < n; i++)
		v[i] = v[i] > median ? v[i] - median : median - v[i];
	sort(v, n);
	mad = v[(n - 1) / 2];
	return mad > UINT64_MAX / 9 ? UINT64_MAX : mad * 9 / 2;
}

uint64_t
window_mean(const struct window *w)
{
	uint64_t median = window_median(w), low = 0, high = UINT64_MAX, weights = 0;
	unsigned __int128 sum = 0;

	if (w->n == 0)
		return 0;
	if (w->n >= ENOUGH) {
		uint64_t most = allowance(w, median);

		low = median > most ? median - most : 0;
		high = median > UINT64_MAX - most ? UINT64_MAX : median + most;
	}
	for (size_t i = 0; i < w->n; i++) {
		const struct window_value *v = &w->values[(w->first + i) % WINDOW_VALUES];
		uint64_t value = v->value < low ? low : v->value > high ? high : v->value;

		sum += (unsigned __int128)value * v->weight_ms;
		weights += v->weight_ms;
	}
	return (uint64_t)(sum / weights);
}
