/*
 * Lower bounds of what is still to go to one target, each computed when it is first asked for
 * (CH-Potentials: Strasser, Zeitz 2021).
 *
 * Aiming at a target goes once up its branch of the elimination tree and notes the distances
 * downwards to it. The distance from any other node is then the least over its arcs upwards of the
 * arc and the distance from there; all of these are ancestors, so one walk up to the first ancestor
 * that is known already, and down again, answers. What was computed stays for all queries to that
 * target, until the metric changes: potential_aim looks.
 */
#ifndef PCE_PATH_POTENTIAL_H
#define PCE_PATH_POTENTIAL_H

#include "pce/path/hierarchy.h"

struct potential_cell {
	uint32_t stamp; /* the epoch: final; the one before it: from here downwards only */
	uint32_t distance;
};

struct potential {
	const struct hierarchy *hierarchy; /* NULL: not aimed */
	const uint32_t *place, *first, *head, *up; /* of the hierarchy and its weights */
	struct potential_cell *cells; /* by place */
	uint32_t *stack;
	uint32_t n_nodes, epoch, target, version;
	unsigned metric;
	uint64_t found; /* distances computed since the scratch was made */
	uint64_t aims; /* how often it was aimed anew: what it said before may no longer hold */
};

/* Scratch for h and its forks; potential_free on a zeroed one does nothing. PCE_NO_MEMORY. */
enum pce_status potential_init(struct potential *p, const struct hierarchy *h,
			       struct pce_error *err);
void potential_free(struct potential *p);

/*
 * Aims at a target by a metric of h, which must stay while p is asked. Keeps what is known if it is
 * still true: same hierarchy, metric, target, and no change of weights since. O(arcs of the
 * target's branch).
 */
void potential_aim(struct potential *p, const struct hierarchy *h, unsigned metric,
		   uint32_t target);

/* The slow half of potential_at. */
uint32_t potential_find(struct potential *p, uint32_t place);

/* The least distance from a node to the target, HIERARCHY_FAR: that or more, or not joined. */
static inline uint32_t
potential_at(struct potential *p, uint32_t node)
{
	uint32_t place = p->place[node];
	const struct potential_cell *cell = &p->cells[place];

	return cell->stamp == p->epoch ? cell->distance : potential_find(p, place);
}

#endif
