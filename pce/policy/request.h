/* From an intent's names to a request on rows. */
#ifndef PCE_POLICY_REQUEST_H
#define PCE_POLICY_REQUEST_H

#include "pce/base/arena.h"
#include "pce/path/request.h"
#include "pce/policy/intent.h"
#include "pce/ted/ted.h"

/*
 * Turns the names of an intent into rows of ted; arrays go into arena. backward swaps the ends and
 * the order of via. An unknown name is PCE_INVALID with the data path of the leaf in the intent; an
 * affinity that nobody named matches nothing and is no error.
 */
enum pce_status intent_request(const struct ted *ted, const struct intent *intent, bool backward,
			       struct arena *arena, struct path_request *out,
			       struct pce_error *err);

/* Fills err with status, text and the data path of a leaf of the intent ("steering/color"; NULL:
 * the intent itself). */
enum pce_status intent_fail(struct pce_error *err, enum pce_status status,
			    const struct intent *intent, const char *leaf, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

#endif
