/*
 * Pairs of routes that have nothing in common that could fail: no fibre (link), no fibre and no
 * transit node (node), no fibre and no risk group (srlg), or the least joint probability of failure
 * whatever they share (availability).
 *
 * What is minimised: with the objective bandwidth the smaller bottleneck is made as large as
 * possible, then the ties are summed over both routes; with availability the probability that both
 * fail together; else the sum of both. Bounds hold for each route. Link- and node-disjoint pairs
 * without bounds are two shortest-path rounds (suurballe.h); everything else is conflict-based
 * search (branch.h), after a look whether there is any pair at all.
 *
 * Where srlg or node disjointness is impossible the answer falls back to link, and says so; where
 * that is impossible too there is no answer, with the links that every route has to cross.
 */
#ifndef PCE_PATH_DISJOINT_H
#define PCE_PATH_DISJOINT_H

#include "pce/path/engine.h"

/* Answers a request whose `disjoint` is set. answer must be empty. PCE_NO_MEMORY. */
enum pce_status disjoint_compute(struct path_engine *e, const struct path_request *request,
				 struct path_answer *answer, struct pce_error *err);

#endif
