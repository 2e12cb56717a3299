/* Pairs of routes that have nothing in common that could fail. */
#ifndef PCE_PATH_DISJOINT_H
#define PCE_PATH_DISJOINT_H

#include "pce/path/engine.h"

/* Answers a request whose `disjoint` is set. answer must be empty. PCE_UNSUPPORTED, PCE_NO_MEMORY.
 */
enum pce_status disjoint_compute(struct path_engine *e, const struct path_request *request,
				 struct path_answer *answer, struct pce_error *err);

#endif
