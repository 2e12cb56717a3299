/*
 * The shortest route where nothing bars it: no search, but a walk.
 *
 * The hierarchy knows of most nodes the only link by which every shortest route to a target goes on
 * (potential_leads). If that is so of all nodes from the start to the end, and the filter takes all
 * these links, their route is the best one: every other one leaves it somewhere and is longer from
 * there on, and what is barred elsewhere only makes it longer still. So nothing has to be compared,
 * and no tie can be on it.
 *
 * Where the weights were rounded down, the links that are left may add up to a unit more each; the
 * margin says what another way has more at least, and a route with more links than that is not
 * trusted.
 */
#ifndef PCE_PATH_STRAIGHT_H
#define PCE_PATH_STRAIGHT_H

#include "pce/path/filter.h"
#include "pce/path/potential.h"

/* Walks from a node to filter->to, at which the potential was aimed by `metric`. links has room for
 * all nodes; *n is the number of links. False if it has to be searched. */
bool straight_walk(struct potential *p, const struct filter *f, enum graph_metric metric,
		   uint32_t from, uint32_t *links, uint32_t *n);

#endif
