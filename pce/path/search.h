/*
 * The best path under any number of additive bounds, and under risks that several links share:
 * exact label setting (A*).
 *
 * A label is a path from the start to a node: its sums in the order to minimise, its sums of the
 * bounded metrics, and the set of shared risks it has paid. Labels are taken out in the order of
 * what the finished path costs at least; the first one taken out at the end is the answer.
 *
 * Lower bounds come from searches backwards from the end. For sums they are exact without the
 * bounds. For shared risks two bounds hold, and the larger counts: the risk paid so far plus the
 * unshared risk ahead; and, over prefix and suffix alike, every member of a shared group priced at
 * its share of the group's cost (a union costs at least what its members' shares add up to; adding
 * suffix shares to the paid risk would charge a paid group twice).
 *
 * A label is dropped when another one at its node is as good whatever follows: no more of any
 * bounded metric, and in the order no worse. With shared risks "no worse" has to hold for every set
 * S of risks ahead: c(S \ R1) - c(S \ R2) <= c(R2 \ R1), so label 1 removes label 2 if
 * C1 + c(R2 \ R1) <= C2 (with equality the ties decide, then the canonical sequence of links).
 * Loops never survive: the label at the first visit removes the one that comes back.
 *
 * Work is limited by labels and bytes, never by time, so that answers repeat. When the budget is
 * spent the best path met so far is the answer, with what an unfinished path could still reach as
 * the bound.
 */
#ifndef PCE_PATH_SEARCH_H
#define PCE_PATH_SEARCH_H

#include "pce/path/spf.h"

#define SEARCH_MAX_BOUNDS 5
#define SEARCH_DEFAULT_LABELS 2000000
#define SEARCH_DEFAULT_BYTES ((uint64_t)512 << 20)

struct search_bound {
	enum graph_metric metric;
	uint64_t max;
};

struct search_query {
	const struct filter *filter;
	uint32_t from; /* where the path starts, or where its prefix ends */
	struct order order;
	bool shared; /* order begins with METRIC_COST, and shared groups are paid once each */
	struct search_bound bounds[SEARCH_MAX_BOUNDS];
	unsigned n_bounds;
	const uint32_t
	    *prefix; /* links already taken to from: they count, their nodes are banned */
	size_t n_prefix;
	uint64_t budget_labels, budget_bytes;
};

enum search_outcome {
	SEARCH_FOUND, /* exact */
	SEARCH_NONE, /* proven: there is no such path */
	SEARCH_SPENT /* the budget: best so far (n may be 0) */
};

struct search_result {
	enum search_outcome outcome;
	uint32_t *links; /* of the scratch: valid until the next search; from `from` on */
	uint32_t n;
	uint64_t bound; /* SEARCH_SPENT: the objective is at least this */
};

struct search;

/* Scratch for searches on a graph. Caller owns *out; search_free(NULL) does nothing. */
enum pce_status search_new(const struct path_graph *graph, struct search **out,
			   struct pce_error *err);
void search_free(struct search *s);

/* Searches. PCE_NO_MEMORY. */
enum pce_status search_run(struct search *s, const struct search_query *query,
			   struct search_result *out, struct pce_error *err);

/* Labels and nodes settled since the scratch was made. */
uint64_t search_settled(const struct search *s);

/* The scratch's own distance searches, for callers that need one between two runs. */
struct spf *search_spf(struct search *s);

#endif
