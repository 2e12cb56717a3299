/* What differs between two values of one policy, field by field, for people. */
#ifndef PCE_POLICY_DIFFER_H
#define PCE_POLICY_DIFFER_H

#include "pce/policy/policy.h"

#define DIFFERENCES_MOST 16u /* that are told of one policy */

struct policy_difference {
	const char *field; /* "name", "candidate-path 200 segment-list 1 segments", … */
	const char *ours, *theirs; /* NULL: nothing */
};

/*
 * Differences of what a router shall hold (ours) and holds (theirs); NULL: nothing under the key.
 * At most DIFFERENCES_MOST; *out and all it points to lie in arena. What srpolicy_equal says is
 * equal has none.
 */
enum pce_status policy_differ(const struct srpolicy *ours, const struct srpolicy *theirs,
			      struct arena *arena, struct policy_difference **out, size_t *n,
			      struct pce_error *err);

#endif
