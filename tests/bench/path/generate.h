/*
 * Seeded networks for benchmarks, and the questions to ask on them.
 *
 *   T1  province in two planes: two core routers, 14 cities and 113 counties with two routers each
 *       in either plane; 512 nodes, 2 720 directed links
 *   T2  hierarchical wide-area network of 10 000 nodes and 50 000 directed links: core,
 * aggregation, metro and access, each dual-homed to the stage above and closed in rings T3  the
 * same with 100 000 nodes and 500 000 directed links R2  random: a ring through 10 000 nodes in
 * random order and random chords, 50 000 directed links
 *
 * A shape read from a file (real networks) gets its attributes from the seed as well. Nodes and
 * links come out shuffled, as a feed tells them. Delay follows distance, capacities follow the
 * tier, the reserved share is uniform to 85 %, unavailability log-uniform from 1e-5 to 1e-2, each
 * of eight affinity bits on 4 % of the fibres. The ends of questions are access nodes, no pair
 * twice in a list. Bounds on delay lie between the least delay and that of the cheapest path, so
 * they bind.
 */
#ifndef BENCH_PATH_GENERATE_H
#define BENCH_PATH_GENERATE_H

#include "tests/bench/path/network.h"

/*
 * Makes the network called graph ("T1", "T2", "T3", "R2") or, if shape is not NULL, one of the
 * shape that the file holds: the numbers of nodes and fibres, a position (x y, in km) for each
 * node, two node numbers for each fibre. Then draws up to `want` questions of each kind: fewer
 * where the network has not so many pairs, N_POLICIES for QUERY_N_1, at most 64 for QUERY_BOUNDED
 * above 50 000 nodes, where bounds take long to make. net must be empty. false with a sentence on
 * standard error.
 */
bool generate(const char *graph, FILE *shape, uint64_t seed, uint32_t want, struct network *net);

#endif
