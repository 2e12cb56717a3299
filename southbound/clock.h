/* The clock of everything that talks to the network: what shells hand to their sessions as now. */
#ifndef SOUTHBOUND_CLOCK_H
#define SOUTHBOUND_CLOCK_H

#include <time.h>

#include "pce/base/units.h"

/* Microseconds of CLOCK_MONOTONIC. */
static inline struct usec
monotonic_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (struct usec){ (int64_t)t.tv_sec * USEC_PER_S + t.tv_nsec / 1000 };
}

#endif
