/*
 * Which routes a guarantee chooses its lists from. If the request has few routes at all, these are
 * all of them, and what is best among them is best; else the most available ones (through vias the
 * nearest ones), those that share little with each other at several bandwidths, and, without vias,
 * the pair least likely to fail together.
 *
 * A route whose risks are all risks of another one as well, and that is not narrower on links that
 * the other does not use, makes the other one superfluous: whatever is reserved for that one may be
 * added to the first. So only routes that no other one makes superfluous stay.
 */
#ifndef PCE_PATH_CANDIDATES_H
#define PCE_PATH_CANDIDATES_H

#include "pce/path/available.h"
#include "pce/path/engine.h"
#include "pce/path/pattern.h"

struct candidate {
	uint32_t *links; /* packed */
	size_t n;
	struct risk_set risks; /* those that can occur */
};

struct candidates {
	struct candidate *at; /* best first, in parts */
	size_t n, cap;
	bool all; /* no other route could do better */
};

/* Frees what it holds; it is empty afterwards. */
void candidates_free(struct candidates *c);

/*
 * Finds candidates for a request with a guarantee of up to n_lists lists; e->filter is set to the
 * request with a floor of 1 bit/s. None: there is no route at all with any bandwidth left, or, if
 * !all, none was found within the budget. out must be empty. PCE_NO_MEMORY.
 */
enum pce_status candidates_find(struct path_engine *e, const struct path_request *request,
				unsigned n_lists, struct candidates *out, struct pce_error *err);

#endif
