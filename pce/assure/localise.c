/*
 * Candidates first, then groups of failures that have some in common (union-find), then for each
 * group the least explanations by enumeration: one cause, else two, else three. More causes than
 * that in one group, or too many to choose from, and the share of the group's failures that a fibre
 * is a suspect of stands for the confidence.
 */
#include "pce/assure/localise.h"

#include <string.h>

#define MASK_MOST 64 /* failures of a group that are weighed; more are only counted */
#define CAUSES_MOST 96 /* to choose from */
#define CHOSEN_MOST 3
#define FIBRE_WEIGHT 10u /* a fibre is more likely to be bad than what many of them share */
#define RISK_WEIGHT 1u
#define PPM 1000000u

/* What may explain failures of a group. */
struct cause {
	uint64_t explains; /* bits: failures of the group */
	uint64_t weight, share; /* share: of the explanations that have it */
	const uint32_t *fibres;
	size_t n;
};

struct work {
	const struct assure_evidence *e;
	struct arena *arena;
	uint32_t *group; /* by failure: the first one of its group */
	uint32_t *count; /* by fibre: failures that it is a candidate of */
	uint32_t *ppm; /* by fibre */
	bool *named, *beside; /* by fibre */
	bool *unexplained;
	uint32_t members[MASK_MOST]; /* failures of the group at hand */
	size_t n_members, n_all;
	struct cause causes[CAUSES_MOST];
	size_t n_causes;
	bool too_many;
	uint64_t total;
};

bool
assure_is_proved(const struct assure_evidence *e, const struct assure_failure *f, uint32_t fibre)
{
	return e->alive_at[fibre].v > 0 &&
	       usec_due(usec_add(f->failed_at, e->detect_us), e->alive_at[fibre]);
}

static enum pce_status
check(const struct assure_evidence *e, struct pce_error *err)
{
	for (size_t i = 0; i < e->n_failures; i++)
		for (size_t k = 0; k < e->failures[i].n; k++)
			if (e->failures[i].fibres[k] >= e->n_fibres)
				return pce_fail(err, PCE_INVALID, "failure %zu has no fibre %u", i,
						e->failures[i].fibres[k]);
	for (size_t i = 0; i < e->n_risks; i++)
		for (size_t k = 0; k < e->risks[i].n; k++)
			if (e->risks[i].fibres[k] >= e->n_fibres)
				return pce_fail(err, PCE_INVALID, "risk %zu has no fibre %u", i,
						e->risks[i].fibres[k]);
	return PCE_OK;
}

static bool
make_room(struct work *w, const struct assure_evidence *e, struct arena *arena)
{
	*w = (struct work){ .e = e, .arena = arena };
	w->group = arena_alloc(arena, (e->n_failures + 1) * sizeof(*w->group));
	w->count = arena_alloc(arena, (e->n_fibres + 1) * sizeof(*w->count));
	w->ppm = arena_alloc(arena, (e->n_fibres + 1) * sizeof(*w->ppm));
	w->named = arena_alloc(arena, e->n_fibres + 1);
	w->beside = arena_alloc(arena, e->n_fibres + 1);
	w->unexplained = arena_alloc(arena, e->n_failures + 1);
	return w->group && w->count && w->ppm && w->named && w->beside && w->unexplained;
}

/* --- candidates and groups --- */

static uint32_t
root(uint32_t *group, uint32_t i)
{
	while (group[i] != i)
		i = group[i] = group[group[i]];
	return i;
}

/* Takes in one failure: its candidates, and the group of those that share one. */
static void
take_failure(struct work *w, uint32_t i, uint32_t *first)
{
	const struct assure_failure *f = &w->e->failures[i];
	uint32_t last = 0;
	size_t n = 0;

	w->group[i] = i;
	for (size_t k = 0; k < f->n; k++) {
		uint32_t fibre = f->fibres[k];

		if (assure_is_proved(w->e, f, fibre))
			continue;
		n++;
		last = fibre;
		if (w->count[fibre]++ == 0)
			first[fibre] = i;
		else
			w->group[root(w->group, i)] = root(w->group, first[fibre]);
	}
	w->unexplained[i] = n == 0;
	if (n == 1)
		w->named[last] = true;
}

static enum pce_status
take_candidates(struct work *w, struct pce_error *err)
{
	uint32_t *first = arena_alloc(w->arena, (w->e->n_fibres + 1) * sizeof(*first));

	if (!first)
		return pce_no_memory(err);
	for (uint32_t i = 0; i < w->e->n_failures; i++)
		take_failure(w, i, first);
	return PCE_OK;
}

static void
take_members(struct work *w, uint32_t group)
{
	w->n_members = w->n_all = 0;
	for (uint32_t i = 0; i < w->e->n_failures; i++) {
		if (w->unexplained[i] || root(w->group, i) != group)
			continue;
		w->n_all++;
		if (w->n_members < MASK_MOST)
			w->members[w->n_members++] = i;
	}
}

/* --- causes of a group --- */

static bool
crosses(const struct assure_failure *f, uint32_t fibre)
{
	for (size_t k = 0; k < f->n; k++)
		if (f->fibres[k] == fibre)
			return true;
	return false;
}

/* A cause explains a failure that crosses one of its fibres, unless some fibre of it was proved
 * good since. */
static uint64_t
explained_by(const struct work *w, const uint32_t *fibres, size_t n)
{
	uint64_t bits = 0;

	for (size_t m = 0; m < w->n_members; m++) {
		const struct assure_failure *f = &w->e->failures[w->members[m]];
		bool hit = false, proved = false;

		for (size_t k = 0; k < n && !proved; k++) {
			proved = assure_is_proved(w->e, f, fibres[k]);
			hit = hit || crosses(f, fibres[k]);
		}
		if (hit && !proved)
			bits |= UINT64_C(1) << m;
	}
	return bits;
}

static void
add_cause(struct work *w, const uint32_t *fibres, size_t n, uint64_t weight)
{
	uint64_t bits = explained_by(w, fibres, n);

	if (bits == 0)
		return;
	w->too_many = w->too_many || w->n_causes == CAUSES_MOST;
	if (!w->too_many)
		w->causes[w->n_causes++] = (struct cause){ bits, weight, 0, fibres, n };
}

/* True the first time that a fibre is met among the members' fibres. */
static bool
is_first(const struct work *w, size_t member, size_t k)
{
	uint32_t fibre = w->e->failures[w->members[member]].fibres[k];

	for (size_t m = 0; m < member; m++)
		if (crosses(&w->e->failures[w->members[m]], fibre))
			return false;
	return true;
}

static void
take_causes(struct work *w)
{
	w->n_causes = 0;
	w->too_many = false;
	for (size_t m = 0; m < w->n_members; m++) {
		const struct assure_failure *f = &w->e->failures[w->members[m]];

		for (size_t k = 0; k < f->n; k++)
			if (w->count[f->fibres[k]] > 0 && is_first(w, m, k))
				add_cause(w, &f->fibres[k], 1, FIBRE_WEIGHT);
	}
	for (size_t i = 0; i < w->e->n_risks; i++)
		if (w->e->risks[i].n > 1)
			add_cause(w, w->e->risks[i].fibres, w->e->risks[i].n, RISK_WEIGHT);
}

/* --- explanations --- */

/* Adds all explanations of `left` more causes, from cause `from` on, to the shares; their weight.
 */
static uint64_t
enumerate(struct work *w, size_t from, unsigned left, uint64_t open, uint64_t weight)
{
	uint64_t sum = 0;

	for (size_t i = from; i < w->n_causes; i++) {
		struct cause *c = &w->causes[i];
		uint64_t rest = open & ~c->explains, with = weight * c->weight, found = 0;

		if (rest == open)
			continue;
		if (rest == 0)
			found = with;
		else if (left > 1)
			found = enumerate(w, i + 1, left - 1, rest, with);
		c->share += found;
		sum += found;
	}
	return sum;
}

/* What is the cause of everything may have taken more with it than was seen. */
static void
look_beside(struct work *w, uint64_t all)
{
	for (size_t i = 0; i < w->n_causes; i++)
		for (size_t k = 0; w->causes[i].explains == all && k < w->causes[i].n; k++)
			if (w->count[w->causes[i].fibres[k]] == 0)
				w->beside[w->causes[i].fibres[k]] = true;
}

static void
raise_ppm(struct work *w, uint32_t fibre, uint64_t part, uint64_t whole)
{
	uint64_t ppm = (uint64_t)((double)part / (double)whole * PPM);

	ppm += w->ppm[fibre];
	w->ppm[fibre] = ppm > PPM ? PPM : (uint32_t)ppm;
}

static void
weigh_by_share(struct work *w)
{
	for (size_t i = 0; i < w->n_causes; i++)
		if (w->causes[i].n == 1)
			raise_ppm(w, w->causes[i].fibres[0], w->count[w->causes[i].fibres[0]],
				  w->n_all);
}

static void
weigh_group(struct work *w, uint32_t group)
{
	uint64_t all;

	take_members(w, group);
	if (w->n_members == 0)
		return;
	all = w->n_members == MASK_MOST ? UINT64_MAX : (UINT64_C(1) << w->n_members) - 1;
	take_causes(w);
	w->total = 0;
	for (unsigned k = 1; k <= CHOSEN_MOST && w->total == 0 && !w->too_many; k++)
		w->total = enumerate(w, 0, k, all, 1);
	look_beside(w, all);
	if (w->total == 0)
		weigh_by_share(w);
	for (size_t i = 0; i < w->n_causes && w->total > 0; i++)
		for (size_t k = 0; k < w->causes[i].n; k++)
			raise_ppm(w, w->causes[i].fibres[k], w->causes[i].share, w->total);
}

/* --- the verdict --- */

static enum pce_status
collect(const struct work *w, struct assure_verdict *out, struct pce_error *err)
{
	struct assure_verdict v = { .unexplained = w->unexplained };
	size_t n = 0;

	for (size_t i = 0; i < w->e->n_fibres; i++)
		n += w->count[i] > 0 || w->beside[i];
	v.suspects = arena_alloc(w->arena, (n + 1) * sizeof(*v.suspects));
	if (!v.suspects)
		return pce_no_memory(err);
	for (uint32_t i = 0; i < w->e->n_fibres; i++) {
		if (w->count[i] == 0 && !w->beside[i])
			continue;
		v.suspects[v.n++] = (struct assure_suspect){
			.fibre = i,
			.confidence_ppm = w->named[i] ? PPM : w->ppm[i],
			.n_failures = w->count[i],
			.named = w->named[i],
			.beside = w->count[i] == 0,
		};
		v.n_beside += w->count[i] == 0;
	}
	*out = v;
	return PCE_OK;
}

enum pce_status
assure_localise(const struct assure_evidence *e, struct arena *arena, struct assure_verdict *out,
		struct pce_error *err)
{
	struct work *w = arena_alloc(arena, sizeof(*w));
	enum pce_status status = check(e, err);

	if (status)
		return status;
	if (!w || !make_room(w, e, arena))
		return pce_no_memory(err);
	status = take_candidates(w, err);
	if (status)
		return status;
	for (uint32_t i = 0; i < e->n_failures; i++)
		if (root(w->group, i) == i)
			weigh_group(w, i);
	return collect(w, out, err);
}
