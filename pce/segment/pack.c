/*
 * The dynamic programme of packing.
 *
 * Whether a router bears a SID depends on how many containers follow (limits.h), so the programme
 * goes by layers: layer K holds for every position the fewest SIDs that lead from there to the end
 * in exactly K containers, the first of which opens there. Within a layer it goes backwards through
 * one container: a state is a step and the bits of the container from this step to its end, and
 * the bits must fit behind the locator block (RFC 9800 section 6: the carrier). Greedy filling is
 * not optimal, because a local C-SID costs less room than a global one but needs its node's C-SID
 * or the link into its node before it.
 *
 * Exactly K, not at most: that one container follows, and not two, may matter to a limit. The first
 * layer that knows position 0 is the answer.
 */
#include "pce/segment/pack.h"

#include <stdlib.h>
#include <string.h>

#define NO_WAY UINT32_MAX
#define ROOMS 17 /* places 0 … 16: octets of a container behind its block */

/* What a container that a step opens leads to: SIDs in all, and the room of its C-SIDs (0: alone).
 */
struct opening {
	uint32_t sids;
	unsigned octets;
};

struct packing {
	const struct pack_problem *p;
	uint32_t *layers; /* by containers × (n + 1) + position: fewest SIDs */
	uint32_t n_layers;
	uint32_t *state; /* by step × ROOMS + octets: fewest SIDs, of the layer in work */
	struct opening *opening; /* by step, likewise */
	uint32_t *order; /* steps, those that lead furthest first */
	bool *joins; /* by step × n_steps + step */
	bool compresses; /* some steps have a C-SID */
};

static uint32_t *
layer(const struct packing *k, uint32_t containers)
{
	return &k->layers[(size_t)containers * (k->p->n + 1)];
}

static uint32_t *
state_of(const struct packing *k, uint32_t step)
{
	return &k->state[(size_t)step * ROOMS];
}

static unsigned
octets(const struct step *step)
{
	return step->sid->shape.width / 8u;
}

static unsigned
room(const struct step *step)
{
	return 16u - step->sid->shape.block / 8u;
}

/* The endpoint's SID after a link's: it covers nothing and must be the last of all. */
static bool
closes(const struct packing *k, const struct step *step, uint32_t at)
{
	return k->p->closing && at == k->p->n && step->end && step->owner == at;
}

static bool
usable(const struct packing *k, const struct step *step, uint32_t at)
{
	return step->first <= at && at <= step->owner && (step->to > at || closes(k, step, at));
}

/* What follows a step that ends its container. */
static uint32_t
beyond(const struct packing *k, const struct step *step, uint32_t after)
{
	if (after && step->end && step->to == k->p->n)
		return NO_WAY; /* nothing may follow the endpoint's own SID */
	return layer(k, after)[step->to];
}

static bool
may_follow(const struct packing *k, uint32_t a, uint32_t b)
{
	const struct step *s = &k->p->steps[a], *t = &k->p->steps[b];

	return k->joins[a * k->p->n_steps + b] && usable(k, t, s->to) &&
	       !(s->end && s->to == k->p->n);
}

/* States that begin with this step, in the layer that has `after` containers behind it. */
static void
fill_state(const struct packing *k, uint32_t s, uint32_t after)
{
	const struct step *step = &k->p->steps[s];
	uint32_t *mine = state_of(k, s), last = beyond(k, step, after);
	unsigned width = octets(step);

	for (unsigned r = 0; r < ROOMS; r++)
		mine[r] = NO_WAY;
	if (!width)
		return;
	if (last != NO_WAY && k->p->bears(k->p->ctx, step, false, after))
		mine[width] = 1 + last;
	if (!k->p->bears(k->p->ctx, step, true, after))
		return;
	for (uint32_t t = 0; t < k->p->n_steps; t++) {
		const uint32_t *theirs = state_of(k, t);

		if (!may_follow(k, s, t))
			continue;
		for (unsigned r = 1; r + width <= room(step); r++)
			if (theirs[r] != NO_WAY && theirs[r] + 1 < mine[r + width])
				mine[r + width] = theirs[r] + 1;
	}
}

/* The fewest SIDs from a step that opens a container. */
static struct opening
opening_of(const struct packing *k, uint32_t s, uint32_t after)
{
	const struct step *step = &k->p->steps[s];
	struct opening best = { NO_WAY, 0 };
	uint32_t alone = beyond(k, step, after);

	if (alone != NO_WAY && k->p->bears(k->p->ctx, step, false, after))
		best.sids = 1 + alone;
	for (unsigned r = 1; k->compresses && octets(step) && r < ROOMS; r++)
		if (state_of(k, s)[r] < best.sids)
			best = (struct opening){ state_of(k, s)[r], r };
	return best;
}

/* Steps that lead further are needed by those that lead less far, so they come first. */
static void
open_steps(const struct packing *k, uint32_t after)
{
	for (size_t s = 0; s < k->p->n_steps; s++) {
		if (k->compresses)
			fill_state(k, k->order[s], after);
		k->opening[k->order[s]] = opening_of(k, k->order[s], after);
	}
}

/* Fills a layer; true if it leads anywhere. */
static bool
fill_layer(const struct packing *k, uint32_t containers)
{
	uint32_t *mine = layer(k, containers);
	bool any = false;

	open_steps(k, containers - 1);
	for (uint32_t i = 0; i <= k->p->n; i++) {
		mine[i] = NO_WAY;
		for (uint32_t s = 0; s < k->p->n_steps; s++)
			if (k->opening[s].sids < mine[i] && usable(k, &k->p->steps[s], i))
				mine[i] = k->opening[s].sids;
		any |= mine[i] != NO_WAY;
	}
	return any;
}

/* Preference among steps from one place: reach, then a node's SID, then the order given. */
static bool
preferred(const struct step *a, const struct step *b)
{
	if (!b || a->to != b->to)
		return !b || a->to > b->to;
	return a->end && !b->end;
}

static enum pce_status
take(struct pack_result *out, uint32_t step, bool opens, size_t most)
{
	if (out->n == most)
		return PCE_INTERNAL;
	out->steps[out->n] = step;
	out->opens[out->n++] = opens;
	return PCE_OK;
}

/* Writes the best container that opens at *at, and moves there where it leads. */
static enum pce_status
write_container(const struct packing *k, uint32_t *at, uint32_t after, struct pack_result *out,
		size_t most)
{
	uint32_t want = layer(k, after + 1)[*at], found = NO_WAY;
	const struct step *steps = k->p->steps;
	unsigned left = 0;
	enum pce_status st;

	open_steps(k, after);
	for (uint32_t s = 0; s < k->p->n_steps; s++)
		if (k->opening[s].sids == want && usable(k, &steps[s], *at) &&
		    preferred(&steps[s], found == NO_WAY ? NULL : &steps[found]))
			found = s;
	if (found == NO_WAY)
		return PCE_INTERNAL;
	left = k->opening[found].octets;
	st = take(out, found, true, most);
	while (st == PCE_OK && left > octets(&steps[found])) {
		uint32_t next = NO_WAY;

		want--;
		left -= octets(&steps[found]);
		for (uint32_t t = 0; t < k->p->n_steps; t++)
			if (may_follow(k, found, t) && state_of(k, t)[left] == want &&
			    preferred(&steps[t], next == NO_WAY ? NULL : &steps[next]))
				next = t;
		if (next == NO_WAY)
			return PCE_INTERNAL;
		st = take(out, next, false, most);
		found = next;
	}
	*at = steps[found].to;
	return st;
}

static enum pce_status
write_all(const struct packing *k, uint32_t containers, struct pack_result *out,
	  struct pce_error *err)
{
	size_t most = layer(k, containers)[0];
	struct pack_result r = { calloc(most, sizeof(*r.steps)), calloc(most, sizeof(*r.opens)), 0,
				 containers };
	enum pce_status st = r.steps && r.opens ? PCE_OK : PCE_NO_MEMORY;
	uint32_t at = 0;

	for (uint32_t after = containers; st == PCE_OK && after-- > 0;)
		st = write_container(k, &at, after, &r, most);
	if (st == PCE_OK) {
		*out = r;
		return PCE_OK;
	}
	pack_result_free(&r);
	return st == PCE_NO_MEMORY ? pce_no_memory(err)
				   : pce_fail(err, st, "the packing of a list contradicts itself");
}

/* Counting sort of the steps by where they lead, furthest first; the closing one before all. */
static void
sort_steps(struct packing *k)
{
	size_t n = 0;

	for (uint32_t to = k->p->n + 1; to-- > 0;)
		for (unsigned end = 2; end-- > 0;)
			for (uint32_t s = 0; s < k->p->n_steps; s++)
				if (k->p->steps[s].to == to && k->p->steps[s].end == (end == 1))
					k->order[n++] = s;
}

static void
find_joins(struct packing *k)
{
	const struct pack_problem *p = k->p;

	for (uint32_t a = 0; a < p->n_steps; a++)
		for (uint32_t b = 0; b < p->n_steps; b++) {
			const struct step *s = &p->steps[a], *t = &p->steps[b];

			k->joins[a * p->n_steps + b] =
			    octets(s) && octets(t) && usable(k, t, s->to) &&
			    s->sid->shape.block == t->sid->shape.block &&
			    csid_same_bits(s->sid->sid, t->sid->sid, s->sid->shape.block) &&
			    octets(s) + octets(t) <= room(s) && p->joins(p->ctx, s, t);
			k->compresses |= k->joins[a * p->n_steps + b];
		}
}

static enum pce_status
packing_init(struct packing *k, struct pce_error *err)
{
	size_t n = k->p->n_steps ? k->p->n_steps : 1;

	k->n_layers = k->p->n + 3;
	k->layers = calloc((size_t)k->n_layers * (k->p->n + 1), sizeof(*k->layers));
	k->state = calloc(n * ROOMS, sizeof(*k->state));
	k->opening = calloc(n, sizeof(*k->opening));
	k->order = calloc(n, sizeof(*k->order));
	k->joins = calloc(n * n, sizeof(*k->joins));
	if (!k->layers || !k->state || !k->opening || !k->order || !k->joins)
		return pce_no_memory(err);
	sort_steps(k);
	find_joins(k);
	for (uint32_t i = 0; i <= k->p->n; i++)
		layer(k, 0)[i] = i == k->p->n ? 0 : NO_WAY;
	return PCE_OK;
}

enum pce_status
pack_solve(const struct pack_problem *problem, struct pack_result *out, bool *found,
	   struct pce_error *err)
{
	struct packing k = { .p = problem };
	enum pce_status st = packing_init(&k, err);
	uint32_t containers = 0;
	bool any = true;

	*found = false;
	while (st == PCE_OK && !*found && any && ++containers < k.n_layers) {
		any = fill_layer(&k, containers);
		*found = layer(&k, containers)[0] != NO_WAY;
	}
	if (*found)
		st = write_all(&k, containers, out, err);
	free(k.layers);
	free(k.state);
	free(k.opening);
	free(k.order);
	free(k.joins);
	return st;
}

void
pack_result_free(struct pack_result *result)
{
	free(result->steps);
	free(result->opens);
	*result = (struct pack_result){ 0 };
}
