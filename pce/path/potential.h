/*
 * Lower bounds of what is still to go to one target, each computed when it is first asked for
 * (CH-Potentials: Strasser, Zeitz 2021).
 *
 * Aiming at a target goes once up its branch of the elimination tree and notes the distances
 * downwards to it. The distance from any other node is then the least over its arcs upwards of the
 * arc and the distance from there; all of these are ancestors, so one walk up to the first ancestor
 * that is known already, and down again, answers. What was computed stays for all queries to that
 * target, until the metric changes: potential_aim looks.
 *
 * On a small network (POTENTIAL_SMALL nodes) every target has cells of its own, and they are all
 * filled when it is first aimed at, which costs about as much as one question; so aiming at it
 * again costs nothing until the metric changes. Links that lead on are noted there as well, by who
 * finds them out (straight.h).
 *
 * A shortest route goes up to its first node above the one it begins at, over nodes below, and so
 * on; so routes that differ at their first link differ in the way they take first, or share a way
 * that is not of one link alone (hierarchy_is_sole). If one way is the shortest, and it is one
 * link, then every shortest route begins with this link.
 */
#ifndef PCE_PATH_POTENTIAL_H
#define PCE_PATH_POTENTIAL_H

#include "pce/path/hierarchy.h"

#define POTENTIAL_SEVERAL UINT32_MAX /* there are several ways, within the margin */
#define POTENTIAL_UP (UINT32_MAX - 1) /* there is none downwards */
#define POTENTIAL_HERE (UINT32_MAX - 2) /* none but what is to go from here, a gate */

/* A node from which what is to go to the target is known otherwise. */
struct potential_gate {
	uint32_t node, distance;
};

#define POTENTIAL_SMALL 192 /* nodes at most: a metric takes up to 440 kB then */
#define POTENTIAL_UNKNOWN (UINT32_MAX - 1) /* in leads */

struct potential_cell {
	uint32_t stamp; /* the epoch, or one more on the target's branch: final; one less: from here
			 * downwards only */
	uint32_t distance;
};

struct potential {
	const struct hierarchy *hierarchy; /* NULL: not aimed */
	const struct hierarchy_weights *weights; /* of the hierarchy */
	const uint32_t *place, *first, *head, *up; /* of it and its weights */
	struct potential_cell *cells; /* by place; the target's among `all` */
	struct potential_cell *all;
	/* Of a small network, else NULL: by place, the only link by which shortest routes go on,
	 * GRAPH_NONE if there are several, or POTENTIAL_UNKNOWN; the target's among all_leads. */
	uint32_t *leads, *all_leads;
	uint32_t *filled; /* by the place of a target: one more than the version of its cells */
	/* By place, on the target's branch: the way of the hierarchy, the only one downwards that
	 * is as short; or see above. */
	uint32_t *ways;
	uint32_t *stack;
	uint32_t *branch, n_branch; /* from the target to the top; of gates the number alone */
	uint64_t *bits, *top_bits; /* places of gates' branches; words of bits with any */
	uint32_t n_nodes, epoch, target, version;
	unsigned metric;
	uint32_t worth; /* arcs of a place that are looked at eight at a time, see rows.h */
	uint64_t found; /* distances computed since the scratch was made */
};

/* Scratch for h and its forks, with cells for each target if `small`; potential_free on a zeroed
 * one does nothing. PCE_NO_MEMORY. */
enum pce_status potential_init(struct potential *p, const struct hierarchy *h, bool small,
			       struct pce_error *err);
void potential_free(struct potential *p);

/*
 * Aims at a target by a metric of h, which must stay while p is asked. Keeps what is known if it is
 * still true: same hierarchy, metric, target, and no change of weights since. O(arcs of the
 * target's branch).
 */
void potential_aim(struct potential *p, const struct hierarchy *h, unsigned metric,
		   uint32_t target);

/*
 * Aims at a target that is reached over one of the gates: the distance of a node is the least of
 * those to a gate and what is to go from there. Not of a `small` one. O(arcs of the gates'
 * branches).
 */
void potential_aim_gates(struct potential *p, const struct hierarchy *h, unsigned metric,
			 const struct potential_gate *gates, uint32_t n);

/* The slow half of potential_at. */
uint32_t potential_find(struct potential *p, uint32_t place);

/* The least distance from a node to the target, HIERARCHY_FAR: that or more, or not joined. */
static inline uint32_t
potential_at(struct potential *p, uint32_t node)
{
	uint32_t place = p->place[node];
	const struct potential_cell *cell = &p->cells[place];

	return cell->stamp - p->epoch <= 1 ? cell->distance : potential_find(p, place);
}

/*
 * The links *links, *n of them and all between the same two nodes, by the shortest of which every
 * shortest route to the target goes on from a node, and all that go on otherwise are longer by the
 * weights' margin; false if there may be others, or none at all, or of a `small` one. No links:
 * from a gate, no route that goes on otherwise is as short as what is to go from there, by the
 * margin. Where links of weight 0 form a circle, a route that goes round it does not count.
 */
bool potential_leads(struct potential *p, uint32_t node, const uint32_t **links, uint32_t *n);

#endif
