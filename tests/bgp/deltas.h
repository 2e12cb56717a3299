/* Random deltas and a comparison of deltas by content, for round trips. */
#ifndef TESTS_BGP_DELTAS_H
#define TESTS_BGP_DELTAS_H

#include <stdint.h>

#include "pce/ted/delta.h"

/* Memory that a random delta points into. */
struct delta_room {
	char name[64];
	uint32_t affinity[8], srlg[8];
	struct ted_sid sids[4];
	struct ted_msd msd[4];
	uint8_t algorithms[4];
	struct ted_fad fads[3];
};

/* A random SET or DELETE of a node, link, prefix or SID whose values BGP-LS can carry exactly. */
void delta_random(uint64_t *state, struct delta_room *room, struct ted_delta *out);
/* NULL if both say the same; else what differs first. Attributes of a DELETE are not compared. */
const char *delta_difference(const struct ted_delta *a, const struct ted_delta *b);

#endif
