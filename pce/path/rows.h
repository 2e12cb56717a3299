/*
 * The arcs of one place of a hierarchy, eight at a time.
 *
 * The arcs of high places lead to nearly all places above, so their ends are numbered one after the
 * other: in a network of a hundred thousand nodes nine in ten of the fifty thousand arcs on a
 * branch stand in such runs. What is known of eight ends is two loads then, and takes as long as
 * that of one. Only processors with such registers gain from it, which is asked once.
 */
#ifndef PCE_PATH_ROWS_H
#define PCE_PATH_ROWS_H

#include "pce/path/hierarchy.h"
#include "pce/path/potential.h"

#define ROWS_WORTH 16 /* arcs of a place from which on this is quicker */

/* Arcs of a place: their upper ends, and their weights in one direction. */
struct row {
	const uint32_t *head, *weight;
	uint32_t n;
};

/* True if the processor can. */
bool rows_are_wide(void);

/* The least of `least` and of each weight plus the distance of the arc's end; the processor can. */
uint32_t rows_least(struct row row, const struct potential_cell *cells, uint32_t least);

/*
 * Takes the ways down to a place that is `here` from the target into the cells of the arcs' ends,
 * which all have the same stamp, and into ways, see struct potential; `way` is that of the first
 * arc. The processor can.
 */
void rows_climb(struct row row, struct potential *p, uint32_t here, uint32_t way);

/* One arc of the same: an end can be reached with this sum. */
static inline void
rows_offer(struct potential *p, uint32_t head, uint32_t sum, uint32_t way)
{
	struct potential_cell *cell = &p->cells[head];
	uint32_t old = cell->distance, margin = p->weights->margin;

	if (sum < old) {
		cell->distance = sum;
		p->ways[head] = old - sum < margin ? POTENTIAL_SEVERAL : way;
	} else if (sum - old < margin) {
		p->ways[head] = POTENTIAL_SEVERAL;
	}
}

#endif
