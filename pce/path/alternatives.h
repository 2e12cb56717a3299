/*
 * K best loopless routes in the total order of single routes (Yen 1971 with Lawler's partition,
 * 1972): every route found splits the routes left over by the link at which they leave it, and each
 * part's best one is a single-route problem with a fixed prefix. So everything that holds for a
 * single route, bottlenecks, bounds and shared risks included, holds for its alternatives, and the
 * list is exact.
 *
 * Diverse alternatives share as little as possible: each next one uses as few links of fibres that
 * earlier ones use (a fibre counts once for each of them) as any route can, and is the best of
 * those. When that would repeat a route the list ends there, and says so.
 */
#ifndef PCE_PATH_ALTERNATIVES_H
#define PCE_PATH_ALTERNATIVES_H

#include "pce/path/engine.h"

/* The routes for a request with k > 1, without a word when there are none. answer must be empty.
 * PCE_NO_MEMORY. */
enum pce_status alternatives_list(struct path_engine *e, const struct path_request *request,
				  struct path_answer *answer, struct pce_error *err);

/* Answers a request with k > 1. answer must be empty. Fewer routes than asked: there are no more,
 * or `relaxed` says that the budget ended the search. PCE_NO_MEMORY. */
enum pce_status alternatives_compute(struct path_engine *e, const struct path_request *request,
				     struct path_answer *answer, struct pce_error *err);

#endif
