/*
 * Stretches that may branch: what the IGP does between two nodes when any of its equal-cost ways
 * will do. Private to the segment room.
 */
#ifndef PCE_SEGMENT_SPREAD_H
#define PCE_SEGMENT_SPREAD_H

#include "pce/segment/compile.h"
#include "pce/segment/igp.h"

/* Scratch for the ways to one destination. A zeroed one is empty. */
struct spread {
	struct segment_igp *igp;
	const struct segment_options *options;
	ted_node to;
	uint8_t algorithm;
	uint8_t *seen; /* by node */
	uint64_t (*worst)[SEGMENT_SUMS]; /* by node that was seen */
	struct spread_visit {
		ted_node node;
		size_t at;
		ted_link way; /* on which the walk is */
	} * visits;
	size_t n_visits, cap_visits;
};

/* Starts anew for a destination. The first time it takes memory; spread_free. */
enum pce_status spread_to(struct spread *s, struct segment_igp *igp,
			  const struct segment_options *options, uint8_t algorithm, ted_node to,
			  struct pce_error *err);
void spread_free(struct spread *s);

/*
 * True in *fine if every shortest way from the link's start to the destination steps only over
 * links that options allow, without a circle, and one of them begins with the link. Cheap for the
 * nodes of a path taken backwards: what was seen is not looked at again.
 */
enum pce_status spread_from(struct spread *s, ted_link link, bool *fine, struct pce_error *err);

/* The largest sums (SEGMENT_SUMS) of any way from a node that spread_from found fine. */
const uint64_t *spread_worst(const struct spread *s, ted_node node);

#endif
