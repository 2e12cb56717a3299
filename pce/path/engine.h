/* What the computations of this room share: the packed graph and the scratch of one thread. */
#ifndef PCE_PATH_ENGINE_H
#define PCE_PATH_ENGINE_H

#include "pce/path/astar.h"
#include "pce/path/bidirectional.h"
#include "pce/path/bounded.h"
#include "pce/path/common.h"
#include "pce/path/descent.h"
#include "pce/path/direct.h"
#include "pce/path/guide.h"
#include "pce/path/path.h"
#include "pce/path/residual.h"
#include "pce/path/scalar.h"
#include "pce/path/search.h"
#include "pce/path/tree_internal.h"

/* Which search for plain routes by a metric is the quick one: see single.c. */
struct path_habit {
	uint64_t work; /* of a guided search, on average */
	uint32_t guided; /* how often that was the better one lately */
	uint32_t straight; /* nodes that one along the shortest route may settle; 0: the least */
	uint32_t both; /* nodes that one from both ends settles, on average */
	uint32_t asked; /* how often it was to be decided which of these two is taken */
};

struct path_engine {
	const struct ted *ted;
	struct path_graph *graph;
	struct filter filter;
	struct search *search; /* made when first needed */
	struct scalar scalar;
	struct descent descent;
	struct direct direct; /* of small networks */
	struct tree_scratch tree;
	struct bidirectional both; /* made when first needed */
	struct guide guide;
	struct astar astar;
	struct vicinity vicinity;
	struct common common; /* what requests of a batch share */
	struct bounded bounded;
	struct balls balls;
	struct residual residual;
	uint64_t *steps; /* residuals that a bottleneck can have */
	size_t steps_cap;
	uint32_t *walk; /* room for one route */
	struct path_habit habits[METRIC_COUNT];
	bool simple; /* never take the quick search: a second opinion */
	bool unjudged; /* its graph is no picture of its ted: see corouted.h */
	bool straight; /* a plain route is worth being looked for along the shortest one first */
	uint64_t unfolded; /* labels settled on unfolded graphs */
	uint64_t walked; /* nodes passed by routes that went straight to the end */
};

/* One or more routes as packed links, and how sure they are. */
struct found {
	enum search_outcome outcome;
	uint32_t *links; /* owned */
	size_t n;
	uint64_t bound; /* SEARCH_SPENT: in the objective's unit */
	bool has_bound;
};

/* Frees the links; outcome SEARCH_NONE afterwards. */
void found_free(struct found *found);

/* Copies n packed links. PCE_NO_MEMORY. */
enum pce_status found_set(struct found *found, const uint32_t *links, size_t n,
			  struct pce_error *err);

/* Makes e->both or e->search unless it is there. PCE_NO_MEMORY. */
enum pce_status engine_need_both(struct path_engine *e, struct pce_error *err);
enum pce_status engine_need_search(struct path_engine *e, struct pce_error *err);

/* Refuses rows that are not there. PCE_INVALID. */
enum pce_status engine_check_rows(const struct path_engine *e, const struct path_request *r,
				  struct pce_error *err);

/* Refuses what can never be answered: rows that are not there, an end without another. PCE_INVALID.
 */
enum pce_status engine_check(const struct path_engine *e, const struct path_request *r,
			     struct pce_error *err);

/* Labels and nodes settled since the engine was made. Distances that potentials ask for are not
 * among them: how many those are depends on what was known before. */
static inline uint64_t
engine_settled(const struct path_engine *e)
{
	return (e->search ? search_settled(e->search) : 0) + e->both.forward.settled +
	       e->both.backward.settled + e->scalar.settled + e->descent.settled +
	       e->direct.settled + e->astar.settled + e->common.settled + e->bounded.settled +
	       e->balls.settled + e->residual.settled + e->vicinity.settled + e->unfolded +
	       e->walked;
}

/* Smallest residual along packed links, as the asker sees it. bit/s. */
static inline uint64_t
engine_bottleneck(const struct path_engine *e, const uint32_t *links, size_t n)
{
	uint64_t least = UINT64_MAX;

	for (size_t i = 0; i < n; i++) {
		uint64_t residual = filter_residual(&e->filter, links[i]);

		least = residual < least ? residual : least;
	}
	return least;
}

#endif
