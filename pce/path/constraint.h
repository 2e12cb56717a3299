/*
 * Constraints as things to be named, printed and given up one by one: what explanations are made
 * of. A constraint is known by its reason (answer.h).
 */
#ifndef PCE_PATH_CONSTRAINT_H
#define PCE_PATH_CONSTRAINT_H

#include "pce/base/text.h"
#include "pce/path/filter.h"

/* Those that can be given up, in the order in which they are told. */
#define CONSTRAINT_COUNT 12
extern const enum path_reason constraint_list[CONSTRAINT_COUNT];

/* True if the request makes use of a constraint at all; of OVERLOAD every request does. */
bool constraint_is_asked(const struct path_request *r, enum path_reason constraint);
/* CONSTRAINT bits of those that the request makes use of. */
uint32_t constraint_mask(const struct path_request *r);

/* True for bandwidth and the bounds of sums. */
bool constraint_is_number(enum path_reason constraint);
/* What is asked of a number; 0 for anything else. */
uint64_t constraint_value(const struct path_request *r, enum path_reason constraint);

/* "200 Mbit/s", "20 ms delay", "3 hops", "the slice video": what was asked, or another value of a
 * number. ted: for names. */
void constraint_print(const struct ted *ted, const struct path_request *r,
		      enum path_reason constraint, uint64_t value, struct text *out);

/* The request without the constraints of a mask. Links that it could not use for want of a TE
 * metric stay out of use. OVERLOAD is no part of the request: see filter_set. */
struct path_request constraint_without(const struct path_request *r, uint32_t dropped);

/* True if only links with a TE metric are of use to the request. */
bool constraint_counts_te(const struct path_request *r);

#endif
