/*
 * The clock and random numbers of everything, and what every part of the simulation needs: the
 * linker sends clock_gettime and getrandom here (--wrap).
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <time.h>

#include "tests/sim/sim.h"

/* 24 November 2026, so that wall clocks look like wall clocks. */
#define WALL_START_US ((int64_t)1795478400 * USEC_PER_S)

struct sim sim;

int __wrap_clock_gettime(clockid_t id, struct timespec *out);
ssize_t __wrap_getrandom(void *buf, size_t len, unsigned flags);

int
__wrap_clock_gettime(clockid_t id, struct timespec *out)
{
	int64_t us = sim.now.v;

	if (id == CLOCK_REALTIME)
		us += WALL_START_US + sim.wall_offset_us;
	out->tv_sec = (time_t)(us / USEC_PER_S);
	out->tv_nsec = (long)(us % USEC_PER_S) * 1000;
	return 0;
}

uint64_t
sim_random(void)
{
	return suite_random(&sim.random);
}

uint32_t
sim_below(uint32_t below)
{
	return suite_below(&sim.random, below);
}

bool
sim_once_in(uint32_t n)
{
	return sim_below(n) == 0;
}

ssize_t
__wrap_getrandom(void *buf, size_t len, unsigned flags)
{
	uint8_t *at = buf;

	(void)flags;
	for (size_t i = 0; i < len; i++)
		at[i] = (uint8_t)(sim_random() >> 24);
	return (ssize_t)len;
}

void *
sim_alloc(size_t size)
{
	void *at = calloc(1, size);

	if (!at)
		abort();
	return at;
}

void
sim_hash(const void *bytes, size_t len)
{
	sim.result.hash = hash_bytes(bytes, len, sim.result.hash);
}

void
sim_log(const char *fmt, ...)
{
	va_list ap;

	if (!sim.options.trace)
		return;
	fprintf(stderr, "%11.6f ", (double)sim.now.v / 1e6);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
}

void
sim_checked(enum sim_invariant invariant)
{
	sim.result.checks[invariant]++;
}

void
sim_fail(enum sim_invariant invariant, const char *fmt, ...)
{
	struct sim_result *r = &sim.result;
	va_list ap;
	int n;

	if (r->failed)
		return;
	r->failed = true;
	r->broken = invariant;
	n = snprintf(r->text, sizeof(r->text), "%.6f s: ", (double)sim.now.v / 1e6);
	va_start(ap, fmt);
	vsnprintf(r->text + n, sizeof(r->text) - (size_t)n, fmt, ap);
	va_end(ap);
	sim_log("BROKEN %s: %s", sim_invariant_name(invariant), r->text);
}
