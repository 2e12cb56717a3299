/* What the parts of an explanation share: explain.c decides, explain_probe.c asks the searches,
 * explain_text.c words it. */
#ifndef PCE_PATH_EXPLAIN_INTERNAL_H
#define PCE_PATH_EXPLAIN_INTERNAL_H

#include "pce/base/text.h"
#include "pce/path/constraint.h"
#include "pce/path/single.h"

struct explanation {
	struct path_engine *e;
	const struct path_request *request; /* an unsuccessful one */
	struct path_no_path *out;
	struct text text;
	bool second; /* one route there is; it is a second one that is missing */
	bool spent; /* a probe ran out of budget */
};

/* Rules of relaxed requests: mask has the CONSTRAINT bits of what still holds. A request for a pair
 * whose DISJOINT holds is answered by two different routes, and the worse of them is found. */

/* The route that relaxes one constraint the least while those of the mask hold. found must be
 * empty. PCE_NO_MEMORY. */
enum pce_status probe_relaxed(struct explanation *x, enum path_reason constraint, uint32_t mask,
			      struct found *found, struct pce_error *err);

/* True if there is a route under the mask; a probe that runs out of budget counts as "no".
 * PCE_NO_MEMORY. */
enum pce_status probe_feasible(struct explanation *x, uint32_t mask, bool *yes,
			       struct pce_error *err);

/* The same for a changed request of which everything holds. */
enum pce_status probe_request(struct explanation *x, const struct path_request *request, bool *yes,
			      struct pce_error *err);

/* What a route has of a constraint; *tightest: the link with its smallest residual. */
uint64_t probe_value(const struct explanation *x, enum path_reason constraint,
		     const struct found *found, uint32_t *tightest);

/*
 * Which single one of what a constraint lists (an avoided node, a via, one kind of affinity, one
 * bound on links) is in the way: its words are added to `out`; nothing if no single one is.
 * PCE_NO_MEMORY.
 */
enum pce_status explain_element(struct explanation *x, enum path_reason constraint,
				struct text *out, struct pce_error *err);

/* Starts the sentence: "no path from a to d with 200 Mbit/s and 20 ms delay". */
void print_head(struct explanation *x, uint32_t constraints);

/* A clause without what leads in: "the widest has 150 Mbit/s, limited by a→b"; element: words for
 * what is in the way, or NULL: all of the constraint. */
void print_relaxation(const struct explanation *x, enum path_reason constraint,
		      const struct found *found, const char *element, struct text *out);

/* A clause: the best value that a number could have if it were the only constraint. */
void print_limit(const struct explanation *x, enum path_reason constraint,
		 const struct found *found, struct text *out);

/* A clause: two constraints that only both given up open a way. */
void print_both(const struct explanation *x, enum path_reason a, enum path_reason b,
		struct text *out);

/* "a→b": a link by its ends. */
void print_link(const struct explanation *x, uint32_t row, struct text *out);

#endif
