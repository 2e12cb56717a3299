/* The second opinion on a guarantee: what its lists hold together. Part of path_validate_answer. */
#ifndef PCE_PATH_VALIDATE_GUARANTEE_H
#define PCE_PATH_VALIDATE_GUARANTEE_H

#include "pce/path/path.h"

/* Judges an answer with routes to a request with a guarantee, whose routes are valid by themselves.
 * PCE_OK, PCE_CONFLICT with the sentence that says what does not hold, or PCE_NO_MEMORY. */
enum pce_status validate_guarantee(const struct ted *ted, const struct path_request *request,
				   const struct path_answer *answer, struct pce_error *err);

#endif
