#include <stdlib.h>

#include "pce/path/potential.h"

enum pce_status
potential_init(struct potential *p, uint32_t n_nodes, struct pce_error *err)
{
	size_t n = (size_t)n_nodes + 1;

	*p = (struct potential){ .n_nodes = n_nodes };
	p->cells = calloc(n, sizeof(*p->cells));
	p->stack = calloc(n, sizeof(*p->stack));
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

void
potential_forget(struct potential *p)
{
	p->hierarchy = NULL;
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
	p->hierarchy = h;
	p->place = o->place;
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

uint32_t
potential_find(struct potential *p, uint32_t place)
{
	const struct elimination *o = hierarchy_order(p->hierarchy);
	const uint32_t *up = hierarchy_weights(p->hierarchy, p->metric)->up;
	uint32_t n = 0;

	for (uint32_t at = place; p->cells[at].stamp != p->epoch; at = o->head[o->first[at]]) {
		p->stack[n++] = at;
		if (o->first[at] == o->first[at + 1])
			break;
	}
	p->found += n;
	while (n > 0) {
		uint32_t at = p->stack[--n];
		struct potential_cell *cell = &p->cells[at];
		uint64_t least = cell->stamp == p->epoch - 1 ? cell->distance : HIERARCHY_FAR;

		for (uint32_t a = o->first[at]; a < o->first[at + 1]; a++) {
			uint64_t sum = (uint64_t)up[a] + p->cells[o->head[a]].distance;

			least = sum < least ? sum : least;
		}
		*cell = (struct potential_cell){ p->epoch, (uint32_t)least };
	}
	return p->cells[place].distance;
}
