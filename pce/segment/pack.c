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
 * SIDs with REPLACE-CSID (RFC 9800 section 4.2) make runs: the first stands whole in a container of
 * its own, those behind it are packed, as many C-SIDs as a container has slots. A router that finds
 * the last slot used goes on to the next container as a packed one, so a run that is not the end of
 * everything has to leave a slot free; a first one with nothing packed behind it can only be the
 * end. So a layer also knows, for each step that opens a packed container, the fewest SIDs from
 * there; and within a packed container a state counts slots instead of octets, once for a container
 * that its run ends in and once for a full one.
 *
 * Exactly K, not at most: that one container follows, and not two, may matter to a limit. The first
 * layer that knows position 0 is the answer.
 */
#include "pce/segment/pack.h"

#include <stdlib.h>
#include <string.h>

#define NO_WAY UINT32_MAX
#define ROOMS 17 /* places 0 … 16: octets of a container behind its block */
#define SLOTS 9 /* 0 … 8 C-SIDs of a packed container */

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
	bool replaces; /* some steps may follow each other in a run */
	uint32_t *packed; /* by containers × n_steps + step: fewest SIDs from a packed container */
	/* By step × SLOTS + slots, of the layer in work: fewest SIDs from this slot on of a packed
	 * container that is the last of its run, and of a full one. */
	uint32_t *ending, *full;
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

/* Of a container of NEXT-CSID SIDs; 0: it stands alone, or in a run. */
static unsigned
octets(const struct step *step)
{
	return step->sid->shape.slots ? 0 : step->sid->shape.width / 8u;
}

static unsigned
slots(const struct step *step)
{
	return step->sid->shape.slots;
}

static uint32_t *
packed_layer(const struct packing *k, uint32_t containers)
{
	return &k->packed[(size_t)containers * k->p->n_steps];
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

/* --- runs --- */

/* What follows a step behind which a router reads a packed container: one, or nothing at all. */
static uint32_t
beyond_full(const struct packing *k, uint32_t s, uint32_t after)
{
	const uint32_t *packed = packed_layer(k, after);
	uint32_t best = NO_WAY;

	if (!after)
		return k->p->closing && k->p->steps[s].to == k->p->n ? 0 : NO_WAY;
	for (uint32_t t = 0; t < k->p->n_steps; t++)
		if (slots(&k->p->steps[t]) && may_follow(k, s, t) && packed[t] < best)
			best = packed[t];
	return best;
}

/* States that begin with this step, in the layer that has `after` containers behind it. */
static void
fill_slots(const struct packing *k, uint32_t s, uint32_t after)
{
	const struct step *step = &k->p->steps[s];
	uint32_t *ending = &k->ending[s * SLOTS], *full = &k->full[s * SLOTS];
	uint32_t last = beyond(k, step, after), on = beyond_full(k, s, after);

	for (unsigned r = 0; r < SLOTS; r++)
		ending[r] = full[r] = NO_WAY;
	if (!slots(step))
		return;
	if (k->p->bears(k->p->ctx, step, false, after)) {
		ending[1] = last == NO_WAY ? NO_WAY : 1 + last;
		full[1] = on == NO_WAY ? NO_WAY : 1 + on;
	}
	if (!k->p->bears(k->p->ctx, step, true, after))
		return;
	for (uint32_t t = 0; t < k->p->n_steps; t++)
		for (unsigned r = 1; r < slots(step) && may_follow(k, s, t); r++) {
			uint32_t theirs = k->ending[t * SLOTS + r];

			if (slots(&k->p->steps[t]) && theirs != NO_WAY &&
			    theirs + 1 < ending[r + 1])
				ending[r + 1] = theirs + 1;
			theirs = k->full[t * SLOTS + r];
			if (slots(&k->p->steps[t]) && theirs != NO_WAY && theirs + 1 < full[r + 1])
				full[r + 1] = theirs + 1;
		}
}

/* What a packed container that this step opens leads to: SIDs, and its slots, all or fewer. */
static struct opening
packed_of(const struct packing *k, uint32_t s)
{
	unsigned most = slots(&k->p->steps[s]);
	struct opening best = { NO_WAY, 0 };

	if (!most)
		return best;
	best = (struct opening){ k->full[s * SLOTS + most], most };
	for (unsigned r = 1; r < most; r++)
		if (k->ending[s * SLOTS + r] < best.sids)
			best = (struct opening){ k->ending[s * SLOTS + r], r };
	return best;
}

/* --- containers --- */

/* The fewest SIDs from a step that opens a container. */
static struct opening
opening_of(const struct packing *k, uint32_t s, uint32_t after)
{
	const struct step *step = &k->p->steps[s];
	struct opening best = { NO_WAY, 0 };
	uint32_t alone = slots(step) ? beyond_full(k, s, after) : beyond(k, step, after);

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
		if (k->replaces)
			fill_slots(k, k->order[s], after);
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
	for (uint32_t s = 0; s < k->p->n_steps; s++) {
		packed_layer(k, containers)[s] = packed_of(k, s).sids;
		any |= packed_layer(k, containers)[s] != NO_WAY;
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
take(struct pack_result *out, uint32_t step, bool opens, bool packed, size_t most)
{
	if (out->n == most)
		return PCE_INTERNAL;
	out->steps[out->n] = step;
	out->opens[out->n] = opens;
	out->packed[out->n++] = packed;
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
	st = take(out, found, true, false, most);
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
		st = take(out, next, false, false, most);
		found = next;
	}
	*at = steps[found].to;
	return st;
}

/* The best next step of a packed container among those that may follow `last` and have `want` SIDs
 * in `of`, by step × width + column. */
static uint32_t
pick(const struct packing *k, uint32_t last, const uint32_t *of, unsigned width, unsigned column,
     uint32_t want)
{
	const struct step *steps = k->p->steps;
	uint32_t found = NO_WAY;

	for (uint32_t t = 0; t < k->p->n_steps; t++)
		if (slots(&steps[t]) && may_follow(k, last, t) && of[t * width + column] == want &&
		    preferred(&steps[t], found == NO_WAY ? NULL : &steps[found]))
			found = t;
	return found;
}

/* Writes the best packed container behind the last step written. */
static enum pce_status
write_packed(const struct packing *k, uint32_t *at, uint32_t after, struct pack_result *out,
	     size_t most)
{
	const uint32_t *of = packed_layer(k, after + 1);
	uint32_t last = out->steps[out->n - 1], want = NO_WAY, found;
	struct opening opening;
	enum pce_status st;

	for (uint32_t t = 0; t < k->p->n_steps; t++)
		if (slots(&k->p->steps[t]) && may_follow(k, last, t) && of[t] < want)
			want = of[t];
	open_steps(k, after);
	found = want == NO_WAY ? NO_WAY : pick(k, last, of, 1, 0, want);
	if (found == NO_WAY)
		return PCE_INTERNAL;
	opening = packed_of(k, found);
	of = opening.octets == slots(&k->p->steps[found]) ? k->full : k->ending;
	st = take(out, found, true, true, most);
	while (st == PCE_OK && --opening.octets > 0) {
		found = pick(k, found, of, SLOTS, opening.octets, --want);
		st = found == NO_WAY ? PCE_INTERNAL : take(out, found, false, false, most);
	}
	if (st == PCE_OK)
		*at = k->p->steps[found].to;
	return st;
}

/* True if what was written last makes the router read a packed container. */
static bool
expects_packed(const struct packing *k, const struct pack_result *out)
{
	size_t first = out->n;
	unsigned most;

	if (!out->n || !slots(&k->p->steps[out->steps[out->n - 1]]))
		return false;
	most = slots(&k->p->steps[out->steps[out->n - 1]]);
	while (!out->opens[--first])
		;
	return !out->packed[first] || out->n - first == most;
}

static enum pce_status
write_all(const struct packing *k, uint32_t containers, struct pack_result *out,
	  struct pce_error *err)
{
	size_t most = layer(k, containers)[0];
	struct pack_result r = { calloc(most, sizeof(*r.steps)), calloc(most, sizeof(*r.opens)),
				 calloc(most, sizeof(*r.packed)), 0, containers };
	enum pce_status st = r.steps && r.opens && r.packed ? PCE_OK : PCE_NO_MEMORY;
	uint32_t at = 0;

	for (uint32_t after = containers; st == PCE_OK && after-- > 0;)
		st = expects_packed(k, &r) ? write_packed(k, &at, after, &r, most)
					   : write_container(k, &at, after, &r, most);
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

			bool same = s->sid->shape.block == t->sid->shape.block &&
				    csid_same_bits(s->sid->sid, t->sid->sid, s->sid->shape.block) &&
				    usable(k, t, s->to);
			bool fits = octets(s) && octets(t) && octets(s) + octets(t) <= room(s);
			bool runs = slots(s) && slots(t) == slots(s);

			k->joins[a * p->n_steps + b] =
			    same && (runs || (fits && p->joins(p->ctx, s, t)));
			k->compresses |= fits && k->joins[a * p->n_steps + b];
			k->replaces |= slots(s) > 0;
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
	k->packed = calloc((size_t)k->n_layers * n, sizeof(*k->packed));
	k->ending = calloc(n * SLOTS, sizeof(*k->ending));
	k->full = calloc(n * SLOTS, sizeof(*k->full));
	if (!k->packed || !k->ending || !k->full)
		return pce_no_memory(err);
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
	free(k.packed);
	free(k.ending);
	free(k.full);
	return st;
}

void
pack_result_free(struct pack_result *result)
{
	free(result->steps);
	free(result->opens);
	free(result->packed);
	*result = (struct pack_result){ 0 };
}
