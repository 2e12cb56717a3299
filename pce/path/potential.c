#include <stdlib.h>

#include "pce/path/rows.h"

enum pce_status
potential_init(struct potential *p, const struct hierarchy *h, bool small, struct pce_error *err)
{
	uint32_t n = hierarchy_order(h)->n_nodes;
	size_t targets = small ? n : 1;

	*p = (struct potential){ .n_nodes = n };
	p->worth = rows_are_wide() ? ROWS_WORTH : UINT32_MAX;
	p->all = calloc(targets * n + 1, sizeof(*p->all));
	p->cells = p->all;
	p->ways = calloc((size_t)n + 1, sizeof(*p->ways));
	p->stack = calloc((size_t)hierarchy_height(h) + 1, sizeof(*p->stack));
	p->branch = calloc((size_t)hierarchy_height(h) + 1, sizeof(*p->branch));
	if (small) {
		p->all_leads = calloc(targets * n + 1, sizeof(*p->all_leads));
		p->filled = calloc((size_t)n + 1, sizeof(*p->filled));
	} else {
		p->bits = calloc((size_t)n / 64 + 1, sizeof(*p->bits));
		p->top_bits = calloc((size_t)n / 4096 + 1, sizeof(*p->top_bits));
	}
	if (p->all && p->ways && p->stack && p->branch &&
	    (small ? p->all_leads && p->filled : p->bits && p->top_bits))
		return PCE_OK;
	potential_free(p);
	return pce_no_memory(err);
}

void
potential_free(struct potential *p)
{
	free(p->all);
	free(p->all_leads);
	free(p->filled);
	free(p->ways);
	free(p->stack);
	free(p->branch);
	free(p->bits);
	free(p->top_bits);
	*p = (struct potential){ .cells = NULL };
}

/* Makes all cells unknown. An epoch is three stamps. */
static void
clear(struct potential *p)
{
	p->epoch += 3;
	if (p->epoch >= UINT32_MAX - 3) {
		memset(p->cells, 0, ((size_t)p->n_nodes + 1) * sizeof(*p->cells));
		p->epoch = 3;
	}
}

/* Lists the places from one to the top, and sets what is known of them. */
static void
begin_branch(struct potential *p, uint32_t place)
{
	uint32_t n = 0;

	for (;; place = p->head[p->first[place]]) {
		p->branch[n++] = place;
		p->cells[place] = (struct potential_cell){ p->epoch - 1, HIERARCHY_FAR };
		p->ways[place] = POTENTIAL_SEVERAL;
		if (p->first[place] == p->first[place + 1])
			break;
	}
	p->cells[p->branch[0]].distance = 0;
	p->n_branch = n;
}

/* Takes in the ways down to a place of the branch. */
static inline void
climb(struct potential *p, const uint32_t *down, uint32_t place)
{
	uint32_t here = p->cells[place].distance, a = p->first[place], end = p->first[place + 1];

	if (end - a >= p->worth) {
		rows_climb((struct row){ p->head + a, down + a, end - a }, p, here, 2 * a + 1);
		return;
	}
	for (; a < end; a++)
		rows_offer(p, p->head[a], hierarchy_add(here, down[a]), 2 * a + 1);
}

/* The distances to the target, downwards to the places of its branch. */
static void
aim(struct potential *p, const struct hierarchy *h)
{
	uint32_t place = hierarchy_order(h)->place[p->target];

	begin_branch(p, place);
	for (uint32_t i = 0; i < p->n_branch; i++)
		climb(p, p->weights->down, p->branch[i]);
}

/* A place of the branch has this distance: what was found downwards may be too long for it. */
static void
decide_way(struct potential *p, uint32_t place, uint64_t distance)
{
	uint64_t down = p->cells[place].distance;

	if (down - distance >= p->weights->margin)
		p->ways[place] = POTENTIAL_UP;
	else if (down != distance)
		p->ways[place] = POTENTIAL_SEVERAL;
}

/* Sets the distance of a place when all those above it are known. */
static inline void
settle(struct potential *p, uint32_t place)
{
	struct potential_cell *cell = &p->cells[place];
	bool half = cell->stamp == p->epoch - 1;
	uint32_t first = p->first[place], end = p->first[place + 1];
	uint64_t least = half ? cell->distance : HIERARCHY_FAR;

	if (end - first >= p->worth)
		least = rows_least((struct row){ p->head + first, p->up + first, end - first },
				   p->cells, (uint32_t)least);
	else /* the nearest one above was settled last, and is waited for last */
		for (uint32_t a = end; a-- > first;) {
			uint64_t sum = (uint64_t)p->up[a] + p->cells[p->head[a]].distance;

			least = sum < least ? sum : least;
		}
	if (half)
		decide_way(p, place, least);
	*cell = (struct potential_cell){ p->epoch + half, (uint32_t)least };
	p->found++;
}

/* Takes the target's own cells, and fills them unless they are as the weights are. The epoch stays:
 * what a cell has had for other weights is written over. */
static void
aim_small(struct potential *p, const struct hierarchy *h, bool same)
{
	uint32_t place = hierarchy_order(h)->place[p->target], n = p->n_nodes;

	p->epoch = 3;
	p->cells = p->all + (size_t)place * n;
	p->leads = p->all_leads + (size_t)place * n;
	if (!same)
		memset(p->filled, 0, n * sizeof(*p->filled));
	if (p->filled[place] == p->version + 1)
		return;
	p->filled[place] = p->version + 1;
	memset(p->cells, 0, n * sizeof(*p->cells));
	aim(p, h);
	for (uint32_t i = n; i-- > 0;) {
		settle(p, i);
		p->leads[i] = POTENTIAL_UNKNOWN;
	}
}

/* Takes over what there is to be known of a metric, for a target. */
static void
point(struct potential *p, const struct hierarchy *h, unsigned metric, uint32_t target)
{
	const struct elimination *o = hierarchy_order(h);
	const struct hierarchy_weights *w = hierarchy_weights(h, metric);

	p->hierarchy = h;
	p->place = o->place;
	p->first = o->first;
	p->head = o->head;
	p->up = w->up;
	p->weights = w;
	p->metric = metric;
	p->target = target;
	p->version = w->version;
}

void
potential_aim(struct potential *p, const struct hierarchy *h, unsigned metric, uint32_t target)
{
	bool same = p->hierarchy == h && p->metric == metric;

	if (same && p->target == target && p->version == hierarchy_weights(h, metric)->version)
		return;
	point(p, h, metric, target);
	if (p->filled) {
		aim_small(p, h, same);
		return;
	}
	clear(p);
	aim(p, h);
}

/* Enters a gate's branch as far as it is new. */
static uint32_t
enter_gate(struct potential *p, const struct potential_gate *gate)
{
	uint32_t place = p->place[gate->node], n = 0;

	for (uint32_t at = place; p->cells[at].stamp != p->epoch - 1; at = p->head[p->first[at]]) {
		p->cells[at] = (struct potential_cell){ p->epoch - 1, HIERARCHY_FAR };
		p->ways[at] = POTENTIAL_SEVERAL;
		p->bits[at / 64] |= 1ULL << at % 64;
		p->top_bits[at / 4096] |= 1ULL << at / 64 % 64;
		n++;
		if (p->first[at] == p->first[at + 1])
			break;
	}
	p->cells[place].distance = gate->distance;
	p->ways[place] = POTENTIAL_HERE;
	return n;
}

/* Goes up from all gates at once, lower places first. */
static void
climb_all(struct potential *p)
{
	for (uint32_t top = 0; top <= p->n_nodes / 4096; top++)
		for (; p->top_bits[top]; p->top_bits[top] &= p->top_bits[top] - 1) {
			uint32_t word = top * 64 + (uint32_t)__builtin_ctzll(p->top_bits[top]);

			for (; p->bits[word]; p->bits[word] &= p->bits[word] - 1)
				climb(p, p->weights->down,
				      word * 64 + (uint32_t)__builtin_ctzll(p->bits[word]));
		}
}

void
potential_aim_gates(struct potential *p, const struct hierarchy *h, unsigned metric,
		    const struct potential_gate *gates, uint32_t n)
{
	point(p, h, metric, UINT32_MAX);
	clear(p);
	p->n_branch = 0;
	for (uint32_t i = 0; i < n; i++)
		p->n_branch += enter_gate(p, &gates[i]);
	climb_all(p);
}

uint32_t
potential_find(struct potential *p, uint32_t place)
{
	uint32_t first = p->first[place], n = 0;

	/* all arcs of a place lead to places on its branch, so they are known if the first is */
	if (first < p->first[place + 1] && p->cells[p->head[first]].stamp == p->epoch) {
		settle(p, place);
		return p->cells[place].distance;
	}
	for (uint32_t at = place; p->cells[at].stamp - p->epoch > 1; at = p->head[p->first[at]]) {
		p->stack[n++] = at;
		if (p->first[at] == p->first[at + 1])
			break;
	}
	while (n > 0)
		settle(p, p->stack[--n]);
	return p->cells[place].distance;
}

bool
potential_leads(struct potential *p, uint32_t node, const uint32_t **links, uint32_t *n)
{
	uint32_t place = p->place[node], end = p->first[place + 1];
	uint64_t distance = potential_at(p, node);
	uint32_t margin = p->weights->margin, way = POTENTIAL_UP, several;

	if (p->cells[place].stamp == p->epoch + 1)
		way = p->ways[place];
	several = way == POTENTIAL_SEVERAL;
	if (distance == HIERARCHY_FAR || p->leads)
		return false;
	for (uint32_t a = p->first[place]; a < end; a++)
		if ((uint64_t)p->up[a] + p->cells[p->head[a]].distance - distance < margin) {
			several += way != POTENTIAL_UP;
			way = 2 * a;
		}
	if (several == 0 && way == POTENTIAL_HERE) {
		*n = 0;
		return true;
	}
	if (several > 0 || !hierarchy_is_sole(p->weights, way))
		return false;
	*links = hierarchy_links(p->hierarchy, way, n);
	return true;
}
