/*
 * Vectors of sums as one number. Routes are compared lexicographically by objective, ties and
 * number of links; where each sum has a field of its own in 128 bits, wide enough for what any
 * route can add up to, one addition and one comparison do for the whole vector, and differences too
 * are in the right order.
 *
 * How wide a field must be follows from the graph: a simple route leaves each node once, so it sums
 * up to no more than every node's largest link. Where that does not fit the caller goes on with
 * vectors (spf.h).
 */
#ifndef PCE_PATH_PACKING_H
#define PCE_PATH_PACKING_H

#include <string.h>

#include "pce/path/spf.h"

__extension__ typedef __int128 packed_sum;

#define PACKED_MOST ((packed_sum)(~(unsigned __int128)0 >> 1))

/* Metrics that have a field; METRIC_IGP, METRIC_TE and METRIC_DELAY are the first three. */
enum { PACKED_METRICS = METRIC_HOPS + 1 };

/* The most that a simple route of a graph can add up to, or more. */
struct packing_limits {
	uint64_t most[PACKED_METRICS];
	uint64_t risk;
	uint64_t links;
};

struct packing {
	packed_sum factor[PACKED_METRICS]; /* 0: not in the order */
	uint64_t mask; /* what of the 64 bits at the offset belongs to the objective */
	unsigned shift; /* of the objective's field, the top one */
	enum graph_metric objective;
	uint32_t offset; /* of the objective in an arc, if it is IGP, TE, delay or cost */
};

/* Looks at all links. O(m). */
void packing_measure(struct packing_limits *limits, const struct path_graph *g);

/* Takes in that a link has these metrics now. */
void packing_note(struct packing_limits *limits, const struct graph_arc *arc);

/* Gives each metric of an order its field; false if they do not fit, or one has no field (not IGP,
 * TE, delay, hops; METRIC_COST is the objective or is not there; METRIC_LINKS must be last). Sums
 * of two routes and differences fit too. */
bool packing_set(struct packing *p, const struct packing_limits *limits, const struct order *order);

/* The sums of one link. */
static inline packed_sum
packing_weight(const struct packing *p, const struct graph_arc *arc)
{
	packed_sum sum = arc->igp * p->factor[METRIC_IGP] + arc->te * p->factor[METRIC_TE] +
			 arc->delay_us * p->factor[METRIC_DELAY] +
			 (arc->class & ARC_NO_HOP ? 0 : p->factor[METRIC_HOPS]) + 1;

	return p->objective == METRIC_COST ? sum + ((packed_sum)arc->cost << p->shift) : sum;
}

/* What a link adds to an objective that is IGP, TE, delay or cost. */
static inline uint64_t
packing_first(const struct packing *p, const struct graph_arc *arc)
{
	uint64_t value;

	memcpy(&value, (const char *)arc + p->offset, sizeof(value));
	return value & p->mask;
}

/* The objective's part of a sum >= 0. */
static inline uint64_t
packing_part(const struct packing *p, packed_sum sum)
{
	return (uint64_t)(sum >> p->shift);
}

/* A sum of the objective alone. */
static inline packed_sum
packing_objective(const struct packing *p, uint64_t sum)
{
	return (packed_sum)sum << p->shift;
}

#endif
