/*
 * An order in which the nodes of a graph can be taken out so that few shortcuts are needed, and
 * where those run.
 *
 * Always the node with the fewest neighbours left is taken out (minimum degree), and its neighbours
 * are joined with each other. What a node is joined with when it is taken out are its arcs upwards;
 * the first of them is its parent in the elimination tree, and all of them are its ancestors there
 * (Bauer, Columbus, Rutter, Wagner 2016; Dibbelt, Strasser, Wagner 2016). The nodes are then
 * numbered anew, children before parents and whole subtrees together, so that a walk up the tree
 * stays near in memory.
 *
 * On a network that somebody built, with regions and a backbone, there are about as many arcs as
 * links. On a random graph there are two orders of magnitude more, so the caller sets a limit.
 */
#ifndef PCE_PATH_ELIMINATION_H
#define PCE_PATH_ELIMINATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "pce/base/status.h"

/*
 * One number of each link, 32 bits wide: a column, or a member of records `stride` bytes long. With
 * a shift it is 64 bits wide and shifted right by that; what is still too large is UINT32_MAX. With
 * places, which are 32 bits wide and `place_stride` bytes apart, it is not at the link's number but
 * there.
 */
struct column {
	const void *first;
	size_t stride;
	unsigned shift;
	const void *places;
	size_t place_stride;
};

/* Its value for a link. */
static inline uint32_t
column_at(struct column c, uint32_t link)
{
	const char *at;
	uint32_t value;
	uint64_t wide;

	if (c.places)
		memcpy(&link, (const char *)c.places + (size_t)link * c.place_stride, sizeof(link));
	at = (const char *)c.first + (size_t)link * c.stride;
	if (c.shift == 0) {
		memcpy(&value, at, sizeof(value));
		return value;
	}
	memcpy(&wide, at, sizeof(wide));
	return wide >> c.shift < UINT32_MAX ? (uint32_t)(wide >> c.shift) : UINT32_MAX;
}

/* Places are node numbers in the order of elimination. A zeroed one is empty. */
struct elimination {
	uint32_t n_nodes, n_arcs;
	uint32_t *place; /* of each node */
	uint32_t *first; /* n_nodes + 1: arcs of a place */
	uint32_t *head; /* upper ends of arcs, ascending for each place */
};

/*
 * Orders n nodes joined by m links, whose directions do not matter; self loops are left out. More
 * than max_arcs arcs: *out is left empty and PCE_OK returned. out must be empty. PCE_NO_MEMORY.
 */
enum pce_status eliminate(uint32_t n, uint32_t m, struct column tail, struct column head,
			  uint64_t max_arcs, struct elimination *out, struct pce_error *err);

/* Frees the arrays; it is empty afterwards. */
void elimination_free(struct elimination *e);

#endif
