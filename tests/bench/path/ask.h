/* Questions for a benchmark, drawn from a seed; and the random numbers that all of it is made of.
 */
#ifndef BENCH_PATH_ASK_H
#define BENCH_PATH_ASK_H

#include "tests/bench/path/network.h"

/* SplitMix64 (Steele, Lea, Flood 2014). */
struct random {
	uint64_t state;
};

void random_seed(struct random *r, uint64_t seed);
uint64_t random_next(struct random *r);
/* From least to most, both possible. */
uint32_t random_from(struct random *r, uint32_t least, uint32_t most);
/* In [0, 1). */
double random_share(struct random *r);
/* 0 … n - 1 in random order, owned by the caller; NULL without memory. */
uint32_t *random_order(struct random *r, uint32_t n);

/* Fills net->queries as generate.h says; access marks the nodes that may be ends. false without
 * memory, or if the network has fewer than two such nodes. */
bool ask_all(struct network *net, const uint8_t *access, struct random *r, uint32_t want);

#endif
