/*
 * Routes through given nodes, and then through one instance of each given kind of service, in
 * order: the best walks (walks.h) of the unfolded graph (unfold.h). A route may pass a node twice,
 * but no directed link. Alternatives, diverse ones and pairs are made of such walks as they are
 * made of loopless routes without vias; both routes of a pair pass all the vias, and a node that is
 * listed as one is not held against their being disjoint.
 */
#ifndef PCE_PATH_VIA_H
#define PCE_PATH_VIA_H

#include "pce/path/engine.h"

/* True if a request asks for vias. */
static inline bool
via_asked(const struct path_request *request)
{
	return request->n_via > 0 || request->n_via_services > 0;
}

/* What a budget left undone. */
struct via_rest {
	bool spent; /* there may be more walks, and better ones */
	bool has_bound;
	uint64_t bound; /* of their objective, in its unit */
};

/* The routes for a request with vias, without a word when there are none. answer must be empty.
 * PCE_NO_MEMORY. */
enum pce_status via_list(struct path_engine *e, const struct path_request *request,
			 struct path_answer *answer, struct via_rest *rest, struct pce_error *err);

/* Answers a request with vias for one route or alternatives. answer must be empty. PCE_NO_MEMORY.
 */
enum pce_status via_compute(struct path_engine *e, const struct path_request *request,
			    struct path_answer *answer, struct pce_error *err);

/* The best walk under the constraints of the mask, as single_solve for requests without vias. Sets
 * e->filter. found must be empty. PCE_NO_MEMORY. */
enum pce_status via_solve(struct path_engine *e, const struct path_request *request,
			  uint32_t constraints, struct found *found, struct pce_error *err);

/* The walk that uses the fewest fibres as counted in `overlap` and is not the one of n links; of
 * those, the one of fewest links. found must be empty. PCE_NO_MEMORY. */
enum pce_status via_solve_other(struct path_engine *e, const struct path_request *request,
				uint32_t *overlap, const uint32_t *links, size_t n,
				struct found *found, struct pce_error *err);

/* Marks by link, both directions, fibres that no route through the vias can do without.
 * PCE_NO_MEMORY. */
enum pce_status via_bridges(struct path_engine *e, const struct path_request *request,
			    uint8_t *marks, struct pce_error *err);

#endif
