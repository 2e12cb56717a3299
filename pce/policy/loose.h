/*
 * Loose forwarding: which links the traffic of a route may branch to. The request's own rules
 * decide, and for a pair also the other route with all that it may branch to: the two have to be
 * disjoint in what packets do, not only in the hops that they name.
 */
#ifndef PCE_POLICY_LOOSE_H
#define PCE_POLICY_LOOSE_H

#include "pce/path/path.h"
#include "pce/segment/compile.h"

struct loose;

/* engine and request must outlive it. Caller owns *out; loose_free(NULL) does nothing. */
enum pce_status loose_new(struct path_engine *engine, const struct ted *ted,
			  const struct path_request *request, struct loose **out,
			  struct pce_error *err);
void loose_free(struct loose *loose);

/* Fills the loose part of the options in; they are valid as long as loose is. */
void loose_options(const struct loose *loose, struct segment_options *options);

/* Forgets what was barred. */
void loose_unbar(struct loose *loose);

/* Bars what the request's kind of disjointness keeps apart from these links. O(links × degree),
 * with SRLGs O(all links). */
void loose_bar(struct loose *loose, const uint32_t *links, size_t n);

#endif
