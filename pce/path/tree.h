/*
 * Shortest-path trees: from a node to all others, or from all others to a node, by one metric and
 * under the filters of a request.
 *
 * Among equally short ways those with fewer links count, and among these a node's parent is the
 * link of lowest canonical rank: the tree is the same whatever the order of arrival. All ways that
 * are equally short are in the DAG, if it is asked for.
 *
 * One queue of buckets serves all weights. Where a bucket is no wider than the least weight each
 * node is settled once; where weights are 0 or differ too much the buckets are wider, and a node
 * that gets nearer while its bucket is being emptied is looked at again. Unfiltered trees read a
 * column of 8 bytes a link, which is kept until a metric or the state of a link changes; where
 * there is a hierarchy they are not searched at all but swept (tree_sweep.h), and are the same.
 */
#ifndef PCE_PATH_TREE_H
#define PCE_PATH_TREE_H

#include "pce/path/path.h"

enum path_tree_direction {
	PATH_TREE_FROM, /* from request->from to every node */
	PATH_TREE_TO /* from every node to request->to */
};

struct path_tree;

/*
 * Grows the tree by the request's objective (IGP, TE or delay), with its bandwidth, affinities,
 * avoidances, slice, bounds of single links, and what is held; its other end, ties and budget do
 * not matter. *tree is made if it is NULL, else used again; caller owns it. dag: list all equally
 * short ways too. PCE_INVALID for rows that are not there and other objectives, PCE_UNSUPPORTED for
 * vias and bounds of whole paths, PCE_LIMIT if a distance does not fit into 64 bits with its number
 * of links, PCE_NO_MEMORY. *tree is not to be read after a failure. O(m + n), or nearly.
 */
enum pce_status path_tree_grow(struct path_engine *engine, const struct path_request *request,
			       enum path_tree_direction direction, bool dag,
			       struct path_tree **tree, struct pce_error *err);

/* NULL does nothing. The engine need not live any more. */
void path_tree_free(struct path_tree *tree);

/* True if there is a way between the root and a node; the root itself is reached. */
bool path_tree_reaches(const struct path_tree *tree, ted_node node);

/* Sum of the metric, and number of links on the way; only for nodes reached. */
uint64_t path_tree_distance(const struct path_tree *tree, ted_node node);
uint32_t path_tree_links(const struct path_tree *tree, ted_node node);

/* The link by which a node is reached (of a tree to a node: the first one on the way there), or
 * TED_NONE for the root and nodes not reached. */
ted_link path_tree_parent(const struct path_tree *tree, ted_node node);

/*
 * All links that are first (of a tree from a node: last) on an equally short way, in canonical
 * order of their other ends' links; *n is 0 for the root, nodes not reached and trees without a
 * DAG. Links of metric 0 count only if they come nearer to the root in links, so there is no cycle.
 */
const ted_link *path_tree_ways(const struct path_tree *tree, ted_node node, size_t *n);

#endif
