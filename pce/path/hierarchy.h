/*
 * A customisable contraction hierarchy: shortest distances in a network of ten thousand nodes by
 * looking at a hundred.
 *
 * Structure and weights are apart (Dibbelt, Strasser, Wagner 2016). The structure, an elimination
 * order and its arcs, depends on which nodes are joined and on nothing else; it is immutable and
 * shared between forks by count. The weights of an arc, one for each direction and metric, are the
 * least of the links between its ends and of all detours over lower nodes ("triangles"). Weights
 * are shared by count too and copied by the fork that first changes one.
 *
 * It is built over all links, usable or not, and knows no constraint. Whatever a request forbids,
 * and whatever is down, only makes paths longer, so its distances are lower bounds of every search,
 * and they are consistent (h(u) <= w(u, v) + h(v)), which makes A* with them exact. Residuals,
 * affinities and failures need no update at all. A metric that changes is taken in at once, by
 * going up from its arc through the triangles that it may matter for, and no further.
 *
 * Weights are 32 bits wide and saturate: HIERARCHY_FAR means "at least that, or not joined at all",
 * which is a valid lower bound and still consistent. Nothing may be concluded from it but that.
 *
 * Where the order needs too many arcs (HIERARCHY_ARCS_PER_LINK), as on random graphs, there is no
 * hierarchy, and callers go on without.
 */
#ifndef PCE_PATH_HIERARCHY_H
#define PCE_PATH_HIERARCHY_H

#include "pce/path/elimination.h"

#define HIERARCHY_FAR UINT32_MAX
#define HIERARCHY_METRICS 4 /* IGP, TE, delay, and */
#define HIERARCHY_RISK 3 /* what availability costs */
#define HIERARCHY_ROUNDED 64 /* margin of weights that were rounded down */
#define HIERARCHY_ARCS_PER_LINK 3

/* Weights of one metric: of the arc from its lower to its upper end, and back. */
struct hierarchy_weights {
	uint32_t *up, *down; /* by arc; the same where a way back is as long */
	uint32_t *sole; /* bits by way, see hierarchy_is_sole */
	uint32_t margin;
	uint32_t version; /* grows with every change */
};

struct hierarchy;

/*
 * Orders a graph of n nodes and m links; there are no weights until a metric is customised. *out
 * NULL with PCE_OK: the graph is not of that kind. Caller owns *out; hierarchy_free(NULL) does
 * nothing. PCE_NO_MEMORY. About 30 ns for each triangle.
 */
enum pce_status hierarchy_new(uint32_t n, uint32_t m, struct column tail, struct column head,
			      struct hierarchy **out, struct pce_error *err);
void hierarchy_free(struct hierarchy *h);

/* A hierarchy of its own with the same weights. Caller owns *out. PCE_NO_MEMORY. O(1). */
enum pce_status hierarchy_fork(const struct hierarchy *h, struct hierarchy **out,
			       struct pce_error *err);

/* One of the same structure, without weights. Caller owns *out. PCE_NO_MEMORY. O(1). */
enum pce_status hierarchy_like(const struct hierarchy *h, struct hierarchy **out,
			       struct pce_error *err);

/* Computes all weights of a metric (below HIERARCHY_METRICS) from those of the links. PCE_NO_MEMORY
 * if there were none, or others share them: they are as before then. O(triangles). */
enum pce_status hierarchy_customise(struct hierarchy *h, unsigned metric, struct column weight,
				    struct pce_error *err);

/*
 * Takes in that the weight of links from node tail to node head changed; the column has the new
 * value; nothing to do for a metric without weights. PCE_NO_MEMORY: the weights are as before,
 * which no longer is what the links have, and the caller has to free the hierarchy. PCE_INTERNAL if
 * the nodes are not joined in the structure.
 */
enum pce_status hierarchy_update(struct hierarchy *h, unsigned metric, struct column weight,
				 uint32_t tail, uint32_t head, struct pce_error *err);

/* Bytes it holds, what it shares with forks included. */
size_t hierarchy_bytes(const struct hierarchy *h);

/* Number of arcs. */
uint32_t hierarchy_arcs(const struct hierarchy *h);

/* Places on the longest branch of the elimination tree. */
uint32_t hierarchy_height(const struct hierarchy *h);

/* Arcs of all places on a branch, on average: what it costs to aim at a target. */
uint32_t hierarchy_branch(const struct hierarchy *h);

/* The structure: places, first and head of arcs. Valid while h is. */
const struct elimination *hierarchy_order(const struct hierarchy *h);

/* The weights of a metric; `up` is NULL before they are customised. Valid until h changes. */
const struct hierarchy_weights *hierarchy_weights(const struct hierarchy *h, unsigned metric);

/*
 * A way is 2 x arc, upwards, or 2 x arc + 1, downwards. True if its weight is that of one link, and
 * every other link and every detour over lower places is longer by the margin: 1, or, if the
 * numbers in the column had a shift, HIERARCHY_ROUNDED, which is more than a route of that many
 * links loses by rounding.
 */
static inline bool
hierarchy_is_sole(const struct hierarchy_weights *w, uint32_t way)
{
	return w->sole[way / 32] >> way % 32 & 1;
}

/* The links of a way, *n of them. Valid while h is. */
const uint32_t *hierarchy_links(const struct hierarchy *h, uint32_t way, uint32_t *n);

/* a + b, at most HIERARCHY_FAR. */
static inline uint32_t
hierarchy_add(uint32_t a, uint32_t b)
{
	uint32_t sum = a + b;

	return sum < a ? HIERARCHY_FAR : sum;
}

#endif
