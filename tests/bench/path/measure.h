/*
 * What every measuring program does: read the network, ask the questions one by one, take the time
 * of each, print figures, and write down the cost of each answer for comparison.
 *
 *   PROGRAM NETWORK FOLDER SECONDS KIND...
 *
 * Lines on standard output: `value KIND FIGURE P90 MEASURED OF`, in microseconds; for n-1 the
 * milliseconds of all policies, extrapolated if fewer than all were measured; for update the mean,
 * which includes a question from point to point after every UPDATES_TOGETHER changes, so that work
 * put off is counted. `fact NAME FIGURE UNIT` is anything else. FOLDER/KIND.NAME gets a line for
 * each answer: its cost, and a second number where there is one; "none" if there is no answer. At
 * most SECONDS are spent on a kind, but three questions at least.
 *
 * The time of a question is the smaller one of wall clock and the thread's CPU clock: the wall
 * clock costs less to read, the CPU clock does not count what other processes took away.
 */
#ifndef BENCH_PATH_MEASURE_H
#define BENCH_PATH_MEASURE_H

#include "tests/bench/path/network.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Of one answer. */
struct cost {
	bool none;
	bool has_second;
	uint64_t first, second;
};

struct asked {
	/* Answers; what this takes is measured. */
	void (*run)(void *state, const struct network_query *q);
	/* Cost of the answer just given; not measured. */
	void (*cost)(void *state, const struct network_query *q, struct cost *out);
	/* What has to happen before; not measured. May be NULL. */
	void (*prepare)(void *state, const struct network_query *q);
	/* N_1: takes all policies at once, instead of `run`; `cost` is then asked for each. May be
	 * NULL. */
	void (*run_all)(void *state, const struct network_query *q, uint32_t n);
};

struct peer {
	const char *name;
	void *(*open)(const struct network *net); /* never NULL */
	void (*close)(void *state); /* may print facts */
	struct asked asked[QUERY_COUNT]; /* run NULL: this peer cannot do it */
};

/* The whole program; the result is the exit status. */
int measure_main(int argc, char **argv, const struct peer *peer);

/* A point in time; and what passed since then, in microseconds. */
struct instant {
	double wall_us, cpu_us;
};
struct instant measure_now(void);
double measure_since(struct instant start);
double measure_wall_since(struct instant start);
double measure_cpu_since(struct instant start);

/* Bytes that the heap holds now. */
double measure_heap(void);

/* Prints a fact. */
void measure_fact(const char *name, double figure, const char *unit);

#ifdef __cplusplus
}
#endif

#endif
