/*
 * What requests with a common end share: one shortest-path tree, to a common target or from a
 * common source, instead of a search each.
 *
 * A tree to the target gives every node's distance vector to it; the walk from a source along tight
 * links, the smallest canonical one each time, is the route that a search for this source alone
 * would have found: both are the least in the same total order. A tree from the source says which
 * links are tight seen from there; going back from a target along them marks all nodes of optimal
 * routes to it, and the walk from the source over marked nodes is that route again.
 *
 * The tree is made without the end that differs. So it does not hold for requests in which this end
 * is treated in its own way: an overloaded source, which carries no transit but may start a path,
 * and a target in a shared risk group that is avoided. Those are searched by themselves, as is
 * everything that bans links, raises the floor or drops constraints on its way to an answer.
 *
 * Where the whole order fits into a number (scalar.h) the tree is grown over buckets, else over
 * vectors, which takes ten times as long.
 */
#ifndef PCE_PATH_COMMON_H
#define PCE_PATH_COMMON_H

#include "pce/path/queue.h"
#include "pce/path/scalar.h"
#include "pce/path/spf.h"

enum common_end { COMMON_TO, COMMON_FROM };

struct common {
	const struct path_request *model; /* borrowed; whose tree it is. NULL: there is none */
	enum common_end end;
	struct order order;
	bool quick; /* distances are keys in `queue`, else vectors in `vectors` */
	struct scalar_plan plan;
	struct queue_cell *cells;
	void *block; /* that cells are in */
	struct queue queue;
	struct spf vectors; /* made when first needed */
	uint64_t floor_bps;
	uint32_t *mark, *stack; /* nodes on optimal routes to one target, if mark_stamp */
	uint32_t mark_stamp;
	uint64_t settled;
	bool fits; /* the request being computed is served by the tree */
};

/* Frees the scratch; a zeroed one is empty. */
void common_free(struct common *c);

/* True if requests like this one can be served by a tree: one path, least sum. */
bool common_may_serve(const struct path_request *r);

/* True if a tree by this order can be grown over buckets. */
bool common_is_quick(const struct filter *f, const struct order *order);

/*
 * Grows the tree for all requests that are like model (like.h) and have its target or its source.
 * f has the constraints of model and is changed: set it anew afterwards. model must stay until
 * common_drop. PCE_NO_MEMORY: there is no tree.
 */
enum pce_status common_grow(struct common *c, const struct path_request *model, enum common_end end,
			    struct filter *f, const struct order *order, struct pce_error *err);
void common_drop(struct common *c);

/* Notes whether the tree serves the request that is computed next. */
void common_meet(struct common *c, const struct path_request *r);

/*
 * The best route by order from f->from to f->to, if the request met is served and f, order and
 * `from` are as it sets them: true, with *n = 0 if there is no route. links has room for n_nodes.
 */
bool common_route(struct common *c, const struct filter *f, const struct order *order,
		  uint32_t from, uint32_t *links, uint32_t *n);

#endif
