/*
 * Pairs of routes that have nothing in common that could fail: no fibre (link), no fibre and no
 * transit node (node), no fibre and no risk group (srlg), none of all these (srlg-node), or the
 * least joint probability of failure whatever they share (availability).
 *
 * What is minimised: with the objective bandwidth the smaller bottleneck is made as large as
 * possible, then the ties are summed over both routes; with availability the probability that both
 * fail together; else the sum of both, or the larger of both and then the sum. Bounds hold for each
 * route. Link- and node-disjoint pairs of least sum without bounds are two shortest-path rounds
 * (suurballe.h); everything else is branch and bound (branch.h), after a look whether there is any
 * pair at all. What happens when there is none is in pairs.h.
 */
#ifndef PCE_PATH_DISJOINT_H
#define PCE_PATH_DISJOINT_H

#include "pce/path/branch.h"
#include "pce/path/engine.h"

/* Finds the best pair of a kind for a request. exempt: fibres, marked by link in both directions,
 * that both routes may use all the same; NULL: none. Sets e->filter. out->pair is to be freed.
 * PCE_NO_MEMORY. */
enum pce_status disjoint_solve(struct path_engine *e, const struct path_request *request,
			       enum path_disjoint kind, const uint8_t *exempt,
			       struct pair_result *out, struct pce_error *err);

/* The request with availability for its objective, which still has no use for links without a TE
 * metric if that was the objective. */
struct path_request disjoint_by_availability(const struct path_request *request);

#endif
