/*
 * The best route whose segment list is short enough: the label search of ALGORITHMS, with the
 * entries of the list as one more resource.
 */
#ifndef PCE_SEGMENT_BOUNDED_H
#define PCE_SEGMENT_BOUNDED_H

#include "pce/path/path.h"
#include "pce/segment/compile.h"

struct bounded_query {
	struct path_engine *engine;
	struct segment_igp *igp;
	const struct path_request *request; /* for one route; its own max_sids is not looked at */
	const struct segment_options *options;
	uint32_t most; /* entries that the list may have, without the service SID */
};

/* What came out of it. */
enum bounded_outcome {
	BOUNDED_FOUND, /* proven best */
	BOUNDED_UNPROVEN, /* found, but some better route may have a list */
	BOUNDED_NONE, /* proven: no route has one */
	BOUNDED_SPENT, /* nothing found within the budget */
};

struct bounded_result {
	enum bounded_outcome outcome;
	struct segment_list list; /* if found; owned by the caller */
	uint64_t labels; /* taken out of the heap */
	uint32_t refused; /* lists that replay did not confirm */
};

/*
 * Searches; the route found is appended to answer. PCE_UNSUPPORTED for requests that path/steps.h
 * does not take apart. *out must be empty; on failure it stays so.
 */
enum pce_status bounded_search(const struct bounded_query *query, struct path_answer *answer,
			       struct bounded_result *out, struct pce_error *err);

#endif
