#include <stdlib.h>

#include "pce/path/potential.h"

enum pce_status
potential_init(struct potential *p, const struct hierarchy *h, struct pce_error *err)
{
	*p = (struct potential){ .n_nodes = hierarchy_order(h)->n_nodes };
	p->cells = calloc((size_t)p->n_nodes + 1, sizeof(*p->cells));
	p->stack = calloc((size_t)hierarchy_height(h) + 1, sizeof(*p->stack));
	if (p->cells && p->stack)
		return PCE_OK;
	potential_free(p);
	return pce_no_memory(err);
}

void
potential_free(struct potential *p)
{
	free(p->cells);
	free(p->stack);
	*p = (struct potential){ .cells = NULL };
}

/* Makes all cells unknown. An epoch is two stamps. */
static void
clear(struct potential *p)
{
	p->epoch += 2;
	if (p->epoch >= UINT32_MAX - 2) {
		memset(p->cells, 0, ((size_t)p->n_nodes + 1) * sizeof(*p->cells));
		p->epoch = 2;
	}
}

void
potential_aim(struct potential *p, const struct hierarchy *h, unsigned metric, uint32_t target)
{
	const struct elimination *o = hierarchy_order(h);
	const struct hierarchy_weights *w = hierarchy_weights(h, metric);
	uint32_t half, at = o->place[target];

	if (p->hierarchy == h && p->metric == metric && p->target == target &&
	    p->version == w->version)
		return;
	clear(p);
	p->aims++;
	p->hierarchy = h;
	p->place = o->place;
	p->first = o->first;
	p->head = o->head;
	p->up = w->up;
	p->metric = metric;
	p->target = target;
	p->version = w->version;
	half = p->epoch - 1;
	p->cells[at] = (struct potential_cell){ half, 0 };
	for (;;) {
		uint32_t here = p->cells[at].distance, end = o->first[at + 1];

		for (uint32_t a = o->first[at]; a < end; a++) {
			struct potential_cell *cell = &p->cells[o->head[a]];
			uint32_t sum = hierarchy_add(here, w->down[a]);

			if (cell->stamp != half || sum < cell->distance)
				*cell = (struct potential_cell){ half, sum };
		}
		if (o->first[at] == end)
			break;
		at = o->head[o->first[at]]; /* the parent */
	}
}

/* Sets the distance of a place; false if one of those above it is not known yet. */
static inline bool
settle(struct potential *p, uint32_t place)
{
	struct potential_cell *cell = &p->cells[place];
	uint64_t least = cell->stamp == p->epoch - 1 ? cell->distance : HIERARCHY_FAR;

	for (uint32_t a = p->first[place]; a < p->first[place + 1]; a++) {
		const struct potential_cell *above = &p->cells[p->head[a]];
		uint64_t sum = (uint64_t)p->up[a] + above->distance;

		if (above->stamp != p->epoch)
			return false;
		least = sum < least ? sum : least;
	}
	*cell = (struct potential_cell){ p->epoch, (uint32_t)least };
	p->found++;
	return true;
}

uint32_t
potential_find(struct potential *p, uint32_t place)
{
	uint32_t n = 0, at = place;

	if (settle(p, place))
		return p->cells[place].distance;
	for (; p->cells[at].stamp != p->epoch; at = p->head[p->first[at]]) {
		p->stack[n++] = at;
		if (p->first[at] == p->first[at + 1])
			break;
	}
	while (n > 0)
		settle(p, p->stack[--n]);
	return p->cells[place].distance;
}
