/*
 * Routes through given nodes, and then through one instance of each given kind of service, in
 * order.
 *
 * The graph is unfolded into one copy for each stage, a stage being how much of the list was
 * passed; a link into the next wanted node leads into the next copy. A route through the vias is a
 * loopless route of the unfolded graph, so that every objective, filter and bound holds as for
 * single routes. It may pass a node twice, but no directed link: where the best one takes a link in
 * two stages the problem splits (not in the first, or not in the second), best first.
 *
 * Ends count as passed when they are wanted. Availability counts a fibre or node that is passed
 * twice as two in the search (not in what is reported), and the answer says so.
 */
#ifndef PCE_PATH_VIA_H
#define PCE_PATH_VIA_H

#include "pce/path/engine.h"

/* Answers a request with vias. answer must be empty. PCE_NO_MEMORY. */
enum pce_status via_compute(struct path_engine *e, const struct path_request *request,
			    struct path_answer *answer, struct pce_error *err);

#endif
