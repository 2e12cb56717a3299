/* Turns packed routes into an answer: rows of the TED, sums, and the exact probability of failure.
 */
#ifndef PCE_PATH_REPORT_H
#define PCE_PATH_REPORT_H

#include "pce/path/engine.h"

/*
 * Appends one route (n packed links) to the answer. why: NULL if it is exact, else the sentence.
 * bound: NULL for none. PCE_NO_MEMORY; the answer may then hold part of it and must be freed.
 */
enum pce_status report_route(const struct path_engine *e, const uint32_t *links, size_t n,
			     const char *why, const uint64_t *bound, struct path_answer *answer,
			     struct pce_error *err);

/* The same of a route without loops, whose links it takes over. */
enum pce_status report_found(const struct path_engine *e, struct found *found, const char *why,
			     struct path_answer *answer, struct pce_error *err);

/* Appends a constraint that was given up. PCE_NO_MEMORY. */
enum pce_status report_relaxed(struct path_answer *answer, const char *constraint,
			       const char *asked, const char *got, struct pce_error *err);

/* The sentence for a search that ran out of budget. */
extern const char report_spent[];

#endif
