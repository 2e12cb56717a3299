/*
 * Co-routed paths: both directions of a service over the same fibres (RFC 3473, RFC 7551: co-routed
 * bidirectional). A path answers such a request if it answers it as usual, and if its way back,
 * over the reverse of each of its links, answers the same request with the ends swapped: bandwidth,
 * state, affinities, slice, what is avoided, bounds on links, bounds on sums, all of them by the
 * links of the way back. What is optimal is told by the way there; the largest bottleneck is that
 * of both ways.
 *
 * What holds link by link is put into the network: the search runs on a fork of the graph where a
 * link is down if its reverse may not be taken, and has no more room than that. So every kind of
 * request is answered by the usual searches, and requests that are not co-routed pay nothing. Where
 * sums of the way back are bounded and differ from those of the way there, routes are taken in
 * order, best first, until one can be taken back; that is exact as long as the end of the order is
 * reached before ROUTES_MOST, and the answer says so if not. Of disjoint pairs only the best is
 * looked at.
 */
#ifndef PCE_PATH_COROUTED_H
#define PCE_PATH_COROUTED_H

#include "pce/path/engine.h"

/* Answers a request that asks for it, as path_compute. PCE_NO_MEMORY. O(links) more than that. */
enum pce_status corouted_compute(struct path_engine *e, const struct path_request *request,
				 struct path_answer *answer, struct pce_error *err);

#endif
