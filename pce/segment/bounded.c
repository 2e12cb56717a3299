/*
 * The graph of segments, searched as it is met.
 *
 * A label is a way from the start to a node: its links and their sums, how many entries its list
 * has so far and how much of the last container is in use, and the node where the last SID led,
 * from which on the way is left to the IGP: its open stretch. A stretch is kept open only while it
 * is the one shortest way between its ends, because no other can ever be covered by a SID; and as
 * parts of such ways are such ways, nothing is lost by giving it up as soon as it is not. From a
 * label a link leads on
 *
 * - with the stretch still open, if it is still the one shortest way;
 * - after the End of the node where the label is, from which a new stretch opens;
 * - by the End.X of the link, sent to from where the stretch opens, or after an End.
 *
 * Labels come out of the heap in the request's total order of what the finished route costs at
 * least (A*), so the first one that is finished is the best route. Label a removes b at its node if
 * it comes first, has no more of anything bounded, and its list is as good whatever follows:
 * shorter by so much that an End here makes up for any stretch that is open; or with the same
 * stretch (or none) and no more entries and no less room.
 *
 * That loops are refused does not spoil this. Let a remove b, and let the rest of b's route pass a
 * node z of a's. If a needed an SID more since z, then stopping at z with an End and going on with
 * the rest is cheaper than b's route and has no more entries. If it needed none, its open stretch
 * passes z, and so does b's, which is the same one shortest way: b's route is no route either. This
 * takes for granted that routers have End SIDs; where they have not, the rules above still hold,
 * but a route that is not best may come out of a network of such gaps.
 *
 * What the search does not know: depth limits of routers on the way, and neighbours in a container
 * that would be mistaken (igp_mistakes). So each finished route is compiled, and the search goes on
 * if it has no list; then what is found is not called proven.
 *
 * SIDs of flexible algorithms are not searched with, though lists may have them; so with such
 * algorithms about nothing is called proven. In loose mode a stretch holds while all that the IGP
 * does between its ends will do. Two stretches between the same ends may then differ, so what is
 * found is not called proven either.
 *
 * The largest bottleneck is no sum: whether some route has a list among links with at least so much
 * is asked for ever closer values, and the ties are settled among links with the largest that has
 * one.
 */
#include "pce/segment/bounded.h"

#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"
#include "pce/base/heap.h"
#include "pce/path/steps.h"
#include "pce/segment/igp.h"
#include "pce/segment/sids.h"
#include "pce/segment/spread.h"

#define DEFAULT_LABELS 200000
#define NO_LABEL UINT32_MAX
#define NUMBERS (2 * PATH_STEP_COSTS + PATH_STEP_BOUNDS)

struct label {
	uint32_t parent;
	uint32_t next; /* of the labels that were taken out at this node */
	ted_node node, open; /* the stretch since the last SID begins at open */
	ted_link link; /* by which it came */
	uint32_t place, depth;
	uint32_t entries; /* of the list so far */
	uint8_t room; /* octets in use in its last entry, 16: none left */
	uint8_t block; /* of that entry: a number, 0: it takes no other SID */
	bool ends; /* nothing need follow its last SID where the list ends */
};

/* What a list looks like to whoever adds to it. */
struct filled {
	uint32_t entries;
	uint8_t room, block;
	bool ends;
};

struct bounded {
	const struct bounded_query *q;
	const struct ted *ted;
	struct path_steps *steps;
	unsigned n_costs, n_bounds;
	uint64_t max[PATH_STEP_BOUNDS];

	struct label *labels;
	uint64_t (*numbers)[NUMBERS]; /* by label: least finished cost, cost, bounded sums */
	size_t n_labels, cap_labels, cap_numbers;
	uint32_t *heap;
	size_t n_heap, cap_heap;
	uint32_t *taken; /* by node: first label that was taken out there */

	struct sid_choices *of_node, *of_link; /* found when first needed */
	bool *node_known, *link_known;
	uint8_t (*blocks)[17]; /* locator blocks by number - 1: octets, then the length */
	size_t n_blocks, cap_blocks;

	struct spread spread; /* loose */
	ted_link *way; /* room for a route */
	uint32_t *ways[2]; /* room for two, as places */
	uint64_t popped, budget;
	uint32_t unfit; /* finished routes that had no list */
	struct bounded_result result;
	size_t n_way; /* of the route that was found */
};

static void
bounded_free(struct bounded *b)
{
	uint32_t nodes = ted_node_count(b->ted), links = ted_link_count(b->ted);

	for (uint32_t k = 0; b->of_node && k < nodes; k++)
		sid_choices_free(&b->of_node[k]);
	for (uint32_t k = 0; b->of_link && k < links; k++)
		sid_choices_free(&b->of_link[k]);
	free(b->of_node);
	free(b->of_link);
	free(b->node_known);
	free(b->link_known);
	free(b->labels);
	free(b->numbers);
	free(b->heap);
	free(b->taken);
	free(b->blocks);
	free(b->way);
	free(b->ways[0]);
	free(b->ways[1]);
	spread_free(&b->spread);
	path_steps_free(b->steps);
}

static enum pce_status
bounded_init(struct bounded *b, struct pce_error *err)
{
	uint32_t nodes = ted_node_count(b->ted) + 1, links = ted_link_count(b->ted) + 1;
	enum pce_status st = path_steps_new(b->q->engine, b->q->request, &b->steps, err);

	if (st == PCE_OK)
		st = igp_index(b->q->igp, err);
	if (st != PCE_OK)
		return st;
	b->n_costs = path_steps_costs(b->steps);
	b->n_bounds = path_steps_bounds(b->steps, b->max);
	b->budget = b->q->request->budget_labels ? b->q->request->budget_labels : DEFAULT_LABELS;
	b->of_node = calloc(nodes, sizeof(*b->of_node));
	b->of_link = calloc(links, sizeof(*b->of_link));
	b->node_known = calloc(nodes, sizeof(*b->node_known));
	b->link_known = calloc(links, sizeof(*b->link_known));
	b->taken = calloc(nodes, sizeof(*b->taken));
	b->way = calloc(nodes, sizeof(*b->way));
	b->ways[0] = calloc(nodes, sizeof(*b->ways[0]));
	b->ways[1] = calloc(nodes, sizeof(*b->ways[1]));
	if (!b->of_node || !b->of_link || !b->node_known || !b->link_known || !b->taken ||
	    !b->way || !b->ways[0] || !b->ways[1])
		return pce_no_memory(err);
	return PCE_OK;
}

static enum sids_made_up
made_up(const struct bounded *b)
{
	if (!b->q->options->synthesise)
		return SIDS_AS_TOLD;
	return b->q->options->synthesise_csids ? SIDS_COMPRESSED : SIDS_PLAIN;
}

static enum pce_status
choices_of_node(struct bounded *b, ted_node node, const struct sid_choices **out,
		struct pce_error *err)
{
	enum pce_status st = PCE_OK;

	if (!b->node_known[node])
		st = sids_of_node(b->q->igp, node, made_up(b), &b->of_node[node], err);
	b->node_known[node] = st == PCE_OK;
	*out = &b->of_node[node];
	return st;
}

static enum pce_status
choices_of_link(struct bounded *b, ted_link link, const struct sid_choices **out,
		struct pce_error *err)
{
	enum pce_status st = PCE_OK;

	if (!b->link_known[link])
		st = sids_of_link(b->q->igp, link, made_up(b), &b->of_link[link], err);
	b->link_known[link] = st == PCE_OK;
	*out = &b->of_link[link];
	return st;
}

/* The number of a SID's locator block, from 1. */
static enum pce_status
block_number(struct bounded *b, const struct sid_choice *sid, uint8_t *out, struct pce_error *err)
{
	enum pce_status st;

	for (size_t k = 0; k < b->n_blocks; k++)
		if (b->blocks[k][16] == sid->shape.block &&
		    csid_same_bits(b->blocks[k], sid->sid, sid->shape.block)) {
			*out = (uint8_t)(k + 1);
			return PCE_OK;
		}
	if (b->n_blocks == UINT8_MAX) {
		*out = 0; /* then it stands alone; no network has as many */
		return PCE_OK;
	}
	st = array_reserve(&b->blocks, &b->cap_blocks, b->n_blocks + 1, sizeof(*b->blocks), err);
	if (st != PCE_OK)
		return st;
	memcpy(b->blocks[b->n_blocks], sid->sid, 16);
	b->blocks[b->n_blocks][16] = sid->shape.block;
	*out = (uint8_t)++b->n_blocks;
	return PCE_OK;
}

/* What a list is with one SID more. */
static enum pce_status
with_sid(struct bounded *b, struct filled before, const struct sid_choice *sid, struct filled *out,
	 struct pce_error *err)
{
	uint8_t width = sid->shape.width / 8u, block = 0;
	bool ends = sid->means.class == BEHAVIOR_PLAIN_END || b->q->options->service_sids ||
		    sid->means.flavors & BEHAVIOR_USD;
	enum pce_status st = PCE_OK;

	if (sid->shape.slots) { /* runs of packed containers are not searched */
		b->unfit++;
		*out = (struct filled){ b->q->most + 1, 16, 0, ends };
		return PCE_OK;
	}
	if (width)
		st = block_number(b, sid, &block, err);
	if (st != PCE_OK)
		return st;
	if (block && block == before.block && before.room + width <= 16)
		*out =
		    (struct filled){ before.entries, (uint8_t)(before.room + width), block, ends };
	else
		*out = (struct filled){ before.entries + 1,
					block ? (uint8_t)(sid->shape.block / 8u + width) : 16,
					block, ends };
	return PCE_OK;
}

/* --- the heap, least first --- */

/* The places of a label's links, from the start. */
static void
write_places(const struct bounded *b, uint32_t label, uint32_t *out)
{
	for (const struct label *l = &b->labels[label]; l->parent != NO_LABEL;
	     l = &b->labels[l->parent])
		out[l->depth - 1] = l->place;
}

static bool
before(const void *ctx, const void *a, const void *z)
{
	const struct bounded *b = ctx;
	uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)z;
	const uint64_t *x = b->numbers[left], *y = b->numbers[right];
	uint32_t shorter = b->labels[left].depth < b->labels[right].depth ? b->labels[left].depth
									  : b->labels[right].depth;

	for (unsigned i = 0; i < b->n_costs; i++)
		if (x[i] != y[i])
			return x[i] < y[i];
	write_places(b, left, b->ways[0]);
	write_places(b, right, b->ways[1]);
	for (uint32_t i = 0; i < shorter; i++)
		if (b->ways[0][i] != b->ways[1][i])
			return b->ways[0][i] < b->ways[1][i];
	if (b->labels[left].depth != b->labels[right].depth)
		return b->labels[left].depth > b->labels[right].depth; /* it is nearly there */
	return left < right;
}

static enum pce_status
push(struct bounded *b, uint32_t label, struct pce_error *err)
{
	enum pce_status st =
	    array_reserve(&b->heap, &b->cap_heap, b->n_heap + 1, sizeof(*b->heap), err);

	if (st == PCE_OK)
		heap_put(b->heap, b->n_heap++, sizeof(label), &label, before, b);
	return st;
}

static uint32_t
pop(struct bounded *b)
{
	uint32_t top;

	heap_take(b->heap, b->n_heap--, sizeof(top), &top, before, b);
	return top;
}

/* --- labels --- */

/* True if a list like a's is as good as one like c's, whatever follows at their node. */
static bool
list_as_good(const struct label *a, const struct label *c, bool has_end)
{
	bool same_stretch = a->open == c->open || a->open == a->node;

	if (has_end && a->entries + (c->block ? 2u : 1u) <= c->entries)
		return true;
	if (!same_stretch || a->entries > c->entries)
		return false;
	return a->entries < c->entries || !c->block || (a->block == c->block && a->room <= c->room);
}

static enum pce_status
removed(struct bounded *b, uint32_t label, bool *out, struct pce_error *err)
{
	const struct label *l = &b->labels[label];
	const uint64_t *sums = b->numbers[label] + 2 * PATH_STEP_COSTS;
	const struct sid_choices *ends;
	enum pce_status st = choices_of_node(b, l->node, &ends, err);

	*out = false;
	for (uint32_t k = b->taken[l->node]; st == PCE_OK && k && !*out;
	     k = b->labels[k - 1].next) {
		const uint64_t *theirs = b->numbers[k - 1] + 2 * PATH_STEP_COSTS;
		bool less = true;

		for (unsigned i = 0; i < b->n_bounds; i++)
			less &= theirs[i] <= sums[i];
		*out = less &&
		       list_as_good(&b->labels[k - 1], l, ends->n > 0 && !ends->items[0].algorithm);
	}
	return st;
}

/* Sums of a new label; false if a bound is broken or there is no way on. */
static bool
sum_up(const struct bounded *b, const uint64_t *parent, const struct path_step *step,
       uint64_t out[NUMBERS])
{
	uint64_t cost[PATH_STEP_COSTS], bounded[PATH_STEP_BOUNDS];

	if (!path_steps_ahead(b->steps, step->to, cost, bounded))
		return false;
	for (unsigned i = 0; i < b->n_costs; i++) {
		out[PATH_STEP_COSTS + i] = parent[PATH_STEP_COSTS + i] + step->cost[i];
		out[i] = out[PATH_STEP_COSTS + i] + cost[i];
	}
	for (unsigned i = 0; i < b->n_bounds; i++) {
		uint64_t *sum = &out[2 * PATH_STEP_COSTS + i];

		*sum = parent[2 * PATH_STEP_COSTS + i] + step->bounded[i];
		if (*sum + bounded[i] > b->max[i])
			return false;
	}
	return true;
}

static enum pce_status
add_label(struct bounded *b, const struct label *label, const uint64_t numbers[NUMBERS],
	  struct pce_error *err)
{
	enum pce_status st =
	    array_reserve(&b->labels, &b->cap_labels, b->n_labels + 1, sizeof(*b->labels), err);
	bool drop = false;

	if (st == PCE_OK)
		st = array_reserve(&b->numbers, &b->cap_numbers, b->n_labels + 1,
				   sizeof(*b->numbers), err);
	if (st != PCE_OK)
		return st;
	b->labels[b->n_labels] = *label;
	memcpy(b->numbers[b->n_labels], numbers, sizeof(*b->numbers));
	if (label->parent != NO_LABEL)
		st = removed(b, (uint32_t)b->n_labels, &drop, err);
	if (st != PCE_OK || drop)
		return st;
	return push(b, (uint32_t)b->n_labels++, err);
}

/* A step that one label takes. */
struct move {
	uint32_t from;
	const struct path_step *step;
	uint64_t numbers[NUMBERS];
};

/* The label after a move, with this list, and the stretch open since `open`. */
static enum pce_status
move_to(struct bounded *b, const struct move *m, struct filled filled, ted_node open,
	struct pce_error *err)
{
	struct label made = {
		.parent = m->from,
		.node = m->step->to,
		.open = open,
		.link = m->step->link,
		.place = m->step->place,
		.depth = b->labels[m->from].depth + 1,
		.entries = filled.entries,
		.room = filled.room,
		.block = filled.block,
		.ends = filled.ends,
	};
	bool more = open != made.node; /* an open stretch takes a SID yet */

	/* A container that is open may take that SID. */
	if (filled.entries > b->q->most || (more && !filled.block && filled.entries == b->q->most))
		return PCE_OK; /* no room for it */
	return add_label(b, &made, m->numbers, err);
}

/*
 * True in *holds if the way from `open` over the label's links and then the step may be left to the
 * IGP: it is the one shortest way, or in loose mode one of those that will do.
 */
static enum pce_status
stretch_holds(struct bounded *b, const struct move *m, ted_node open, bool *holds,
	      struct pce_error *err)
{
	ted_node to = m->step->to;
	const struct label *l = &b->labels[m->from];
	bool loose = b->q->options->allows != NULL;
	ted_link link = m->step->link;
	struct igp_tree *tree;
	enum pce_status st = igp_tree_to(b->q->igp, 0, to, &tree, err);

	if (st == PCE_OK && loose)
		st = spread_to(&b->spread, b->q->igp, b->q->options, 0, to, err);
	*holds = true;
	while (st == PCE_OK && *holds) {
		st = loose ? spread_from(&b->spread, link, holds, err)
			   : igp_only_way(b->q->igp, tree, link, to, holds, err);
		if (ted_link_at(b->ted, link)->from == open || l->parent == NO_LABEL)
			break;
		link = l->link;
		l = &b->labels[l->parent];
	}
	return st;
}

/* Goes on by the End.X SIDs of the link, with the list `filled` that leads to `open`. */
static enum pce_status
cross(struct bounded *b, const struct move *m, struct filled filled, ted_node open,
      struct pce_error *err)
{
	ted_node here = b->labels[m->from].node;
	const struct sid_choices *choices;
	enum pce_status st = choices_of_link(b, m->step->link, &choices, err);

	for (size_t k = 0; st == PCE_OK && k < choices->n; k++) {
		struct filled then;

		/* Stretches are searched by the IGP's own metric. */
		if ((!choices->items[k].routed || choices->items[k].algorithm) && open != here)
			continue;
		st = with_sid(b, filled, &choices->items[k], &then, err);
		if (st == PCE_OK)
			st = move_to(b, m, then, m->step->to, err);
	}
	return st;
}

/* Goes on with the stretch open, or by End.X. */
static enum pce_status
go_on(struct bounded *b, const struct move *m, struct filled filled, ted_node open,
      struct pce_error *err)
{
	bool only;
	enum pce_status st = cross(b, m, filled, open, err);

	if (st == PCE_OK)
		st = stretch_holds(b, m, open, &only, err);
	if (st == PCE_OK && only)
		st = move_to(b, m, filled, open, err);
	return st;
}

static struct filled
filled_of(const struct label *l)
{
	return (struct filled){ l->entries, l->room, l->block, l->ends };
}

/* Entries of the list of a label that is at the end; more than `most` if that is too many. */
static enum pce_status
entries_at_end(struct bounded *b, const struct label *l, uint32_t *out, struct pce_error *err)
{
	const struct sid_choices *ends;
	enum pce_status st = choices_of_node(b, l->node, &ends, err);

	*out = l->open == l->node && l->ends ? l->entries : UINT32_MAX;
	for (size_t k = 0; st == PCE_OK && *out == UINT32_MAX && k < ends->n; k++) {
		struct filled then;

		if (ends->items[k].algorithm)
			break;
		st = with_sid(b, filled_of(l), &ends->items[k], &then, err);
		if (st == PCE_OK && then.entries <= b->q->most)
			*out = then.entries;
	}
	return st;
}

static bool
on_way(const struct bounded *b, uint32_t label, ted_node node)
{
	for (; label != NO_LABEL; label = b->labels[label].parent)
		if (b->labels[label].node == node)
			return true;
	return false;
}

static enum pce_status
expand(struct bounded *b, uint32_t label, struct pce_error *err)
{
	struct label here = b->labels[label];
	const struct sid_choices *ends;
	struct path_step step;
	enum pce_status st = choices_of_node(b, here.node, &ends, err);

	for (size_t at = 0; st == PCE_OK && path_steps_next(b->steps, here.node, &at, &step);) {
		struct move m = { .from = label, .step = &step };

		if (on_way(b, label, step.to) || !sum_up(b, b->numbers[label], &step, m.numbers))
			continue;
		st = go_on(b, &m, filled_of(&here), here.open, err);
		for (size_t k = 0; st == PCE_OK && here.open != here.node && k < ends->n; k++) {
			struct filled then;

			if (ends->items[k].algorithm)
				break; /* those of algorithm 0 come first */
			st = with_sid(b, filled_of(&here), &ends->items[k], &then, err);
			if (st == PCE_OK && then.entries <= b->q->most)
				st = go_on(b, &m, then, here.node, err);
		}
	}
	return st;
}

/* Compiles the route of a label that is at the end; *fits if it has a list. */
static enum pce_status
finish(struct bounded *b, uint32_t label, bool *fits, struct pce_error *err)
{
	uint32_t n = b->labels[label].depth, entries;
	struct segment_list list = { 0 };
	struct segment_report report;
	enum pce_status st = entries_at_end(b, &b->labels[label], &entries, err);

	if (st != PCE_OK || entries > b->q->most)
		return st;
	for (const struct label *l = &b->labels[label]; l->parent != NO_LABEL;
	     l = &b->labels[l->parent])
		b->way[l->depth - 1] = l->link;
	st = segment_compile(b->q->igp, b->way, n, b->q->options, &list, &report, err);
	b->result.refused += st == PCE_INTERNAL;
	*fits = st == PCE_OK && list.n <= b->q->most;
	if (*fits) {
		b->result.list = list;
		b->n_way = n;
		return PCE_OK;
	}
	segment_list_free(&list);
	if (st != PCE_OK && st != PCE_LIMIT && st != PCE_UNSUPPORTED && st != PCE_INTERNAL)
		return st;
	b->unfit++;
	return PCE_OK;
}

/* Searches among links with at least the floor; *fits: b->way and the list are the best. */
static enum pce_status
search_once(struct bounded *b, uint64_t floor_bps, bool *fits, struct pce_error *err)
{
	ted_node from = b->q->request->from;
	struct label start = {
		.parent = NO_LABEL, .node = from, .open = from, .link = TED_NONE, .room = 16
	};
	uint64_t numbers[NUMBERS] = { 0 }, ahead[PATH_STEP_BOUNDS];
	enum pce_status st = PCE_OK;

	*fits = false;
	b->n_labels = b->n_heap = 0;
	memset(b->taken, 0, (ted_node_count(b->ted) + 1) * sizeof(*b->taken));
	path_steps_look_ahead(b->steps, floor_bps);
	if (path_steps_ahead(b->steps, from, numbers, ahead))
		st = add_label(b, &start, numbers, err);
	while (st == PCE_OK && b->n_heap && !*fits && b->popped < b->budget) {
		uint32_t label = pop(b);
		struct label *l = &b->labels[label];
		bool drop = false;

		b->popped++;
		if (l->node == b->q->request->to) {
			st = finish(b, label, fits, err);
			continue;
		}
		if (l->parent != NO_LABEL)
			st = removed(b, label, &drop, err);
		if (st != PCE_OK || drop)
			continue;
		l->next = b->taken[l->node];
		b->taken[l->node] = label + 1;
		st = expand(b, label, err);
	}
	return st;
}

/* The largest floor with a route that has a list, by bisection; then that route is the answer. */
static enum pce_status
search_widest(struct bounded *b, const uint64_t *floors, size_t n, bool *fits,
	      struct pce_error *err)
{
	size_t low = 0, high = n; /* below low there is one for sure, from high on there is none */
	enum pce_status st = PCE_OK;

	while (st == PCE_OK && low < high && b->popped < b->budget) {
		size_t middle = low + (high - low) / 2;
		bool some;

		st = search_once(b, floors[middle], &some, err);
		segment_list_free(&b->result.list);
		if (some)
			low = middle + 1;
		else
			high = middle;
	}
	*fits = false;
	if (st != PCE_OK || !low)
		return st;
	b->budget += b->popped; /* it is known to be there */
	return search_once(b, floors[low - 1], fits, err);
}

static enum pce_status
search(struct bounded *b, bool *fits, struct pce_error *err)
{
	const uint64_t *floors;
	size_t n;
	enum pce_status st = path_steps_floors(b->steps, &floors, &n, err);

	if (st != PCE_OK)
		return st;
	if (b->q->request->objective == PATH_BANDWIDTH)
		return search_widest(b, floors, n, fits, err);
	return search_once(b, b->q->request->bandwidth_bps, fits, err);
}

enum pce_status
bounded_search(const struct bounded_query *query, struct path_answer *answer,
	       struct bounded_result *out, struct pce_error *err)
{
	struct bounded b = { .q = query, .ted = query->igp->ted };
	/* More lists are possible than the search knows of. */
	bool simplified = query->options->allows || segment_igp_flexible(query->igp);
	bool fits = false, spent;
	enum pce_status st = bounded_init(&b, err);

	if (st == PCE_OK)
		st = search(&b, &fits, err);
	spent = b.popped >= b.budget;
	b.result.labels = b.popped;
	if (fits)
		b.result.outcome =
		    spent || b.unfit || simplified ? BOUNDED_UNPROVEN : BOUNDED_FOUND;
	else
		b.result.outcome = spent || simplified ? BOUNDED_SPENT : BOUNDED_NONE;
	if (st == PCE_OK && fits)
		st = path_steps_report(b.steps, b.way, b.n_way,
				       b.result.outcome == BOUNDED_FOUND
					   ? NULL
					   : "a better route may have a segment list that fits",
				       answer, err);
	if (st == PCE_OK)
		*out = b.result;
	else
		segment_list_free(&b.result.list);
	bounded_free(&b);
	return st;
}
