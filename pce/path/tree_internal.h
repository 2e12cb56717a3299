/* What an engine keeps for shortest-path trees: see tree.h. */
#ifndef PCE_PATH_TREE_INTERNAL_H
#define PCE_PATH_TREE_INTERNAL_H

#include "pce/path/filter.h"
#include "pce/path/tree_sweep.h"

struct tree_column {
	uint32_t end, weight;
};

/* Of a list of nodes. */
struct tree_entry {
	uint32_t node, next;
};

/* A zeroed one is empty; room is made by the first tree. For one graph. */
struct tree_scratch {
	struct tree_column
	    *column; /* by place among the arcs; of `kind` at the graph's `version` */
	uint64_t version;
	unsigned kind;
	uint32_t *heads;
	struct tree_entry *pool;
	size_t pool_cap;
	struct tree_sweep sweep;
};

/* Frees the room. */
void tree_scratch_free(struct tree_scratch *s);

/* Refuses what no tree holds, see path_tree_grow. */
enum pce_status tree_check(const struct path_engine *e, const struct path_request *r,
			   struct pce_error *err);

/* True if only the state of links and nodes decides what a tree may take. */
bool tree_is_plain(const struct filter *f);

#endif
