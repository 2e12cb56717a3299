/* Units: instants, and the numbers with suffixes that people type (200M, 20ms). */
#ifndef PCE_BASE_UNITS_H
#define PCE_BASE_UNITS_H

#include <stdbool.h>
#include <stdint.h>

#include "pce/base/status.h"

/* An instant, in microseconds of a monotonic clock that the caller owns. It cannot mix with plain
 * numbers. */
struct usec {
	int64_t v;
};

#define USEC_PER_MS 1000
#define USEC_PER_S 1000000

/* The instant that never comes: a deadline that is not set. */
#define USEC_NEVER ((struct usec){ INT64_MAX })

/* at + delta_us, saturating at USEC_NEVER. */
struct usec usec_add(struct usec at, int64_t delta_us);
/* The earlier of the two. */
struct usec usec_min(struct usec a, struct usec b);
/* The later of the two. */
struct usec usec_max(struct usec a, struct usec b);
/* True if at has been reached at now. USEC_NEVER is never reached. */
bool usec_due(struct usec at, struct usec now);

/*
 * Reads "200M", "1.5G", "64000": bits per second with k, M, G, T as powers of 1000. At most 18
 * significant digits; a value that is not a whole number of bit/s is PCE_INVALID, as are a sign and
 * an overflow.
 */
enum pce_status units_parse_bps(const char *text, uint64_t *out_bps, struct pce_error *err);

/*
 * Reads "20ms", "1.5s", "300us": microseconds. A unit is required unless the number is 0.
 * PCE_INVALID otherwise.
 */
enum pce_status units_parse_us(const char *text, uint64_t *out_us, struct pce_error *err);

/* Prints bits per second as "200 Mbit/s", "1.5 Gbit/s", exact: it never rounds. */
void units_print_bps(uint64_t bps, char *out, unsigned cap);
/* Prints microseconds as "300 us", "20 ms", "1.5 s", exact: it never rounds. */
void units_print_us(uint64_t us, char *out, unsigned cap);

/* Parts per trillion in one whole: availability is kept as its complement in this unit. */
#define PPT_ONE 1000000000000ULL

/* Reads an availability "0.99995" (0 <= a <= 1, at most 12 decimals) into the complement in parts
 * per trillion. */
enum pce_status units_parse_availability(const char *text, uint64_t *out_unavailability_ppt,
					 struct pce_error *err);
/* Reads a probability as people say it: "0.9999", "99.99%" or "4nines" (1 to 12), at most 12
 * decimals of the number itself, into its complement in parts per trillion. */
enum pce_status units_parse_probability(const char *text, uint64_t *out_complement_ppt,
					struct pce_error *err);
/* Prints the availability 1 - unavailability as a decimal without trailing zeros ("0.99995",
 * "1.0"). */
void units_print_availability(uint64_t unavailability_ppt, char *out, unsigned cap);

#endif
