/*
 * Two routes as an answer: the best pair of the kind that was asked for, or else of the next weaker
 * one (srlg-node, srlg, link; node, link), or else, where no two link-disjoint routes exist, the
 * pair that is least likely to fail together. What was given up is told, and what the two share.
 *
 * Of pairs that are as unlikely to fail together, one is preferred that has no fibre in common but
 * those that no route can do without (bridges); so a network whose availabilities are not known
 * gets a sensible second path too. If there is only one route, there is no pair: the answer says
 * which link or node every route has to cross.
 */
#ifndef PCE_PATH_PAIRS_H
#define PCE_PATH_PAIRS_H

#include "pce/path/engine.h"

/* The pair for a request, without a word when there is none. answer must be empty. PCE_NO_MEMORY.
 */
enum pce_status pairs_list(struct path_engine *e, const struct path_request *request,
			   struct path_answer *answer, struct pce_error *err);

/* Answers a request whose `disjoint` is set. answer must be empty. PCE_NO_MEMORY. */
enum pce_status pairs_compute(struct path_engine *e, const struct path_request *request,
			      struct path_answer *answer, struct pce_error *err);

#endif
