/*
 * The networks and the questions that Karst and its peers are measured on: one file for all of
 * them, so that everybody is asked the same. Plain C that C++ can include too.
 */
#ifndef BENCH_PATH_NETWORK_H
#define BENCH_PATH_NETWORK_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

enum query_kind {
	QUERY_TREE, /* shortest tree by IGP metric from `from` */
	QUERY_POINT, /* least IGP metric, pruned by bandwidth and affinity */
	QUERY_WIDEST, /* largest bottleneck, ties by delay */
	QUERY_AVAILABLE, /* least sum of risks */
	QUERY_BOUNDED, /* least IGP metric with at most max_delay_us */
	QUERY_K_BEST, /* the eight loopless paths with least IGP metrics */
	QUERY_DISJOINT, /* two paths without a fibre in common, least IGP metric in all */
	QUERY_N_1, /* a policy: its path, and its path after the failure of each fibre */
	QUERY_UPDATE, /* link `from` gets the IGP metric `to` */
	QUERY_COUNT
};

#define K_BEST 8u
#define N_POLICIES 1000u
#define N_WARM 8u /* questions at the head of each list that are asked, but not measured */
#define UPDATES_TOGETHER 100u /* changes between two questions from point to point */

/* Name on the command line and in the results: "point-to-point". NULL past the last one. */
const char *query_name(enum query_kind kind);

struct network_query {
	uint32_t from, to;
	uint32_t floor_kbps; /* POINT: residual of every link */
	uint32_t exclude; /* POINT: affinity bits that no link may have */
	uint32_t max_delay_us; /* BOUNDED */
};

struct network_link {
	uint64_t unavailability_ppt;
	uint32_t tail, head;
	uint32_t igp, te, delay_us;
	uint32_t residual_kbps;
	uint32_t risk; /* -ln(1 - unavailability) in units of 1e-9 */
	uint32_t affinity;
	uint32_t reverse; /* the other direction of the fibre */
	uint32_t unused; /* 0: equal networks are equal bytes */
};

struct network {
	uint32_t n_nodes, n_links;
	struct network_link *links;
	uint32_t n_queries[QUERY_COUNT]; /* the N_WARM at the head included */
	struct network_query *queries[QUERY_COUNT];
};

/* Writes to, or reads from, a file of this machine. false with a sentence on standard error.
 * network_free on a zeroed network does nothing. */
bool network_save(const struct network *net, const char *file);
bool network_load(struct network *net, const char *file);
void network_free(struct network *net);

/* Sums along n links. */
uint64_t network_igp(const struct network *net, const uint32_t *links, uint32_t n);
uint64_t network_delay_us(const struct network *net, const uint32_t *links, uint32_t n);
uint64_t network_risk(const struct network *net, const uint32_t *links, uint32_t n);
/* Smallest residual of n links. */
uint32_t network_width_kbps(const struct network *net, const uint32_t *links, uint32_t n);

/* The question from point to point that is asked after so many changes. */
static inline const struct network_query *
network_between(const struct network *net, uint32_t n_updates)
{
	return &net->queries[QUERY_POINT]
			    [n_updates / UPDATES_TOGETHER % net->n_queries[QUERY_POINT]];
}

/* True if a POINT question may use the link. */
static inline bool
network_allows(const struct network_link *link, const struct network_query *q)
{
	return link->residual_kbps >= q->floor_kbps && !(link->affinity & q->exclude);
}

#ifdef __cplusplus
}
#endif

#endif
