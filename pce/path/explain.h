/*
 * Why there is no path. The cheapest explanation first: an end that cannot be used; a network that
 * does not join the ends even without constraints. Then constraints are dropped one at a time; each
 * one whose loss opens a path is a relaxation, and is told with the best value it would have to be
 * relaxed to. If no single one opens a path, pairs are tried; if no pair does, the constraints are
 * thinned out to a minimal conflicting set. The links that block are a smallest cut: the fewest
 * links taken out by the reported constraint that have to come back.
 */
#ifndef PCE_PATH_EXPLAIN_H
#define PCE_PATH_EXPLAIN_H

#include "pce/path/engine.h"

/* Fills answer->no_path for a request that was proven to have no route. PCE_NO_MEMORY. */
enum pce_status explain_no_path(struct path_engine *e, const struct path_request *request,
				struct path_answer *answer, struct pce_error *err);

/* Fills answer->no_path with one reason and sentence. PCE_NO_MEMORY. */
enum pce_status explain_as(struct path_answer *answer, enum path_reason reason, const char *text,
			   struct pce_error *err);

#endif
