/*
 * Up to sixteen shortest-path trees at once, for who needs distances from or to many nodes: one
 * sweep down the hierarchy serves all of them (distances.h), and so does one pass over the links
 * for the parents, sixteen comparisons an instruction or two. Each tree is the one that
 * path_tree_grow makes. Among 10 000 nodes and 50 000 links a tree takes 5 us for its distances and
 * 10 with parents. Where trees cannot be swept (filters, overloaded roots, sums too large, no
 * hierarchy yet) they are grown one by one.
 */
#ifndef PCE_PATH_FOREST_H
#define PCE_PATH_FOREST_H

#include "pce/path/tree.h"

#define PATH_FOREST_TREES 16

struct path_forest;

struct path_forest_query {
	const struct path_request *request; /* as of path_tree_grow; neither end matters */
	enum path_tree_direction direction;
	const ted_node *roots;
	unsigned n; /* at most PATH_FOREST_TREES */
	bool parents; /* they are asked for, not the distances alone */
};

/* Grows a tree for each root. *forest is made if it is NULL, else used again; caller owns it. As
 * path_tree_grow; PCE_INVALID for more roots than there may be. *forest is not to be read after a
 * failure. */
enum pce_status path_forest_grow(struct path_engine *engine, const struct path_forest_query *query,
				 struct path_forest **forest, struct pce_error *err);

/* NULL does nothing. The engine need not live any more. */
void path_forest_free(struct path_forest *forest);

/* As path_tree_reaches, path_tree_distance, path_tree_links and path_tree_parent, of the tree with
 * this number among the roots; there is no parent if none were asked for. */
bool path_forest_reaches(const struct path_forest *forest, unsigned tree, ted_node node);
uint64_t path_forest_distance(const struct path_forest *forest, unsigned tree, ted_node node);
uint32_t path_forest_links(const struct path_forest *forest, unsigned tree, ted_node node);
ted_link path_forest_parent(const struct path_forest *forest, unsigned tree, ted_node node);

#endif
