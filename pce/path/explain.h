/*
 * Why there is no path. The cheapest explanation first: a node that cannot be used; a network that
 * does not join the ends even without constraints. Then the constraints are thinned out to a
 * minimal set that conflicts, and dropped one at a time; each one whose loss opens a path is a
 * relaxation, told with the best value it would have to be relaxed to, or with the one thing it
 * lists that is in the way. If no single one opens a path, pairs are tried. The links that block
 * are a smallest cut: the fewest links taken out by the conflicting constraints that have to come
 * back; on the way through nodes, of the first stretch that is cut.
 *
 * For a pair of which there is one path but no second, the links that every path crosses block, and
 * the relaxations are those that give a second one.
 */
#ifndef PCE_PATH_EXPLAIN_H
#define PCE_PATH_EXPLAIN_H

#include "pce/path/engine.h"

/* Fills answer->no_path for a request that was proven to have no route. PCE_NO_MEMORY. */
enum pce_status explain_no_path(struct path_engine *e, const struct path_request *request,
				struct path_answer *answer, struct pce_error *err);

/* The same for a pair when there is one route and no second. PCE_NO_MEMORY. */
enum pce_status explain_no_second(struct path_engine *e, const struct path_request *request,
				  struct path_answer *answer, struct pce_error *err);

/* Fills answer->no_path with one reason and sentence. PCE_NO_MEMORY. */
enum pce_status explain_as(struct path_answer *answer, enum path_reason reason, const char *text,
			   struct pce_error *err);

#endif
