#include <stdlib.h>
#include <string.h>

#include "pce/base/units.h"
#include "pce/path/weights.h"

/* What rounding may do to the probability of a pattern: 2^-62, a millionth of a part per trillion.
 */
#define ROUNDING ((cost_wide)1 << 18)

/* A set of patterns. */
struct set {
	uint64_t bits[PATTERN_COUNT / 64];
};

enum aim { AIM_CHEAPEST, AIM_SUREST, AIM_ANY };

struct weights {
	struct reserve_problem lp;
	struct set lesser[PATTERN_COUNT]; /* what cannot hold if this one does not; itself too */
	bool better[PATTERN_ROUTES][PATTERN_ROUTES];
	uint64_t steps;
	/* of the call */
	const struct weights_problem *problem;
	enum aim aim;
	uint64_t allowed_ppt, max_steps;
	struct weights_best *best;
	bool improved, spent;
};

/* What was decided: patterns that have to hold, and patterns given up with their probability. */
struct decided {
	struct set needed, given_up;
	cost_wide lost;
};

enum pce_status
weights_new(struct weights **out, struct pce_error *err)
{
	struct weights *w = calloc(1, sizeof(*w));

	if (!w)
		return pce_no_memory(err);
	*out = w;
	return PCE_OK;
}

void
weights_free(struct weights *w)
{
	free(w);
}

uint64_t
weights_steps(const struct weights *w)
{
	return w->steps + w->lp.pivots;
}

static bool
has(const struct set *set, unsigned pattern)
{
	return set->bits[pattern / 64] >> (pattern % 64) & 1;
}

static void
put(struct set *set, unsigned pattern)
{
	set->bits[pattern / 64] |= 1ULL << (pattern % 64);
}

static unsigned
n_patterns(const struct weights *w)
{
	return 1u << w->problem->patterns->n;
}

/* In no state of the others is "only j works" more likely than "only i works". */
static bool
works_better(const struct patterns *p, unsigned i, unsigned j, bool *equal)
{
	*equal = true;
	for (unsigned rest = 0; rest < 1u << p->n; rest++) {
		cost_wide with_i, with_j;

		if (rest >> i & 1u || rest >> j & 1u)
			continue;
		with_i = p->exactly[rest | 1u << i];
		with_j = p->exactly[rest | 1u << j];
		if (with_i + ROUNDING < with_j)
			return false;
		*equal = *equal && with_i <= with_j + ROUNDING;
	}
	return true;
}

/* Every limit that i meets j meets too. */
static bool
is_freer(const struct weights_problem *problem, unsigned i, unsigned j)
{
	for (unsigned k = 0; k < problem->n_limits; k++)
		if (problem->limits[k].routes >> i & 1u && !(problem->limits[k].routes >> j & 1u))
			return false;
	return true;
}

/* Equal routes are told apart by their limits, then by number, so that no two are each better than
 * the other. */
static void
compare_routes(struct weights *w)
{
	const struct weights_problem *problem = w->problem;
	unsigned n = problem->patterns->n;

	for (unsigned i = 0; i < n; i++)
		for (unsigned j = 0; j < n; j++) {
			bool equal, better = i != j &&
					     works_better(problem->patterns, i, j, &equal) &&
					     is_freer(problem, i, j);

			if (better && equal && i > j && is_freer(problem, j, i))
				better = false;
			w->better[i][j] = better;
		}
}

static void
add_all(struct set *to, const struct set *from)
{
	for (unsigned i = 0; i < PATTERN_COUNT / 64; i++)
		to->bits[i] |= from->bits[i];
}

/* One pattern's lesser ones: itself, and those of the patterns one step down, which are made first.
 * No steps lead back, because no two routes are better than each other. */
static void
list_lesser(struct weights *w, unsigned pattern)
{
	struct set *out = &w->lesser[pattern];
	unsigned n = w->problem->patterns->n;

	if (has(out, pattern))
		return;
	put(out, pattern);
	for (unsigned i = 0; i < n; i++) {
		unsigned rest = pattern & ~(1u << i);

		if (rest == pattern)
			continue;
		list_lesser(w, rest);
		add_all(out, &w->lesser[rest]);
		for (unsigned j = 0; j < n; j++) {
			if (pattern >> j & 1u || !w->better[i][j])
				continue;
			list_lesser(w, rest | 1u << j);
			add_all(out, &w->lesser[rest | 1u << j]);
		}
	}
}

/* Probability of a pattern's lesser ones that are not given up yet. */
static cost_wide
further_loss(const struct weights *w, const struct decided *d, unsigned pattern)
{
	const cost_wide *p = w->problem->patterns->exactly;
	cost_wide sum = 0;

	for (unsigned i = 0; i < (n_patterns(w) + 63) / 64; i++) {
		uint64_t bits = w->lesser[pattern].bits[i] & ~d->given_up.bits[i];

		for (; bits != 0; bits &= bits - 1)
			sum += p[i * 64 + (unsigned)__builtin_ctzll(bits)];
	}
	return sum;
}

/* True if losing so much misses the aim, or is no better than what is known. */
static bool
loses_too_much(const struct weights *w, cost_wide lost)
{
	uint64_t ppt = probability_ppt(lost);

	if (w->aim == AIM_SUREST)
		return ppt >= (w->best->found ? w->best->loss_ppt : PPT_ONE);
	return ppt > w->allowed_ppt;
}

static void
give_up(const struct weights *w, struct decided *d, unsigned pattern)
{
	d->lost += further_loss(w, d, pattern);
	add_all(&d->given_up, &w->lesser[pattern]);
}

/* Patterns that cannot be given up any more have to hold. */
static void
find_needed(const struct weights *w, struct decided *d)
{
	for (unsigned i = 1; i < n_patterns(w); i++)
		if (!has(&d->given_up, i) && !has(&d->needed, i) &&
		    loses_too_much(w, d->lost + further_loss(w, d, i)))
			put(&d->needed, i);
}

/* The programme for what has to hold; only the smallest of these patterns matter. */
static void
build(struct weights *w, const struct decided *d)
{
	const struct weights_problem *problem = w->problem;
	unsigned n = problem->patterns->n;
	bool covered[PATTERN_COUNT] = { false };

	reserve_begin(&w->lp, n);
	for (unsigned i = 1; i < n_patterns(w); i++) {
		bool less = false;

		for (unsigned bit = 0; bit < n; bit++)
			less |= i >> bit & 1u && covered[i & ~(1u << bit)];
		covered[i] = less || has(&d->needed, i);
		if (has(&d->needed, i) && !less)
			reserve_need(&w->lp, i, problem->bandwidth_bps);
	}
	for (unsigned i = 0; i < problem->n_limits; i++)
		reserve_within(&w->lp, &problem->limits[i]);
	for (unsigned i = 0; i < n; i++)
		for (unsigned j = 0; j < n; j++)
			if (w->better[i][j])
				reserve_order(&w->lp, i, j);
}

/* The patterns that do not hold, and of those still open the most likely with its lesser ones. */
static unsigned
find_open(const struct weights *w, const struct decided *d, const struct reserve *r,
	  cost_wide *lost)
{
	const struct weights_problem *problem = w->problem;
	unsigned best = 0;
	cost_wide most = 0;

	*lost = 0;
	for (unsigned i = 0; i < n_patterns(w); i++) {
		cost_wide loss;

		if (reserve_holds(r, problem->patterns->n, i, problem->bandwidth_bps))
			continue;
		*lost += problem->patterns->exactly[i];
		if (has(&d->given_up, i))
			continue;
		loss = further_loss(w, d, i);
		if (best == 0 || loss > most) {
			best = i;
			most = loss;
		}
	}
	return best;
}

static void
keep(struct weights *w, const struct reserve *r, cost_wide lost)
{
	*w->best = (struct weights_best){ true, *r, probability_ppt(lost) };
	w->improved = true;
}

/* True if the search is over: a solution is enough, or no more work is allowed. */
static bool
is_over(struct weights *w)
{
	if (weights_steps(w) >= w->max_steps)
		w->spent = true;
	return w->spent || (w->aim == AIM_ANY && w->improved);
}

static void
explore(struct weights *w, struct decided d)
{
	for (;;) {
		struct decided held;
		struct reserve r;
		cost_wide lost;
		unsigned open;

		w->steps += 1 + n_patterns(w) / 16;
		find_needed(w, &d);
		build(w, &d);
		if (!reserve_solve(&w->lp, &r))
			return;
		if (w->aim == AIM_CHEAPEST && w->best->found &&
		    reserve_compare(&r, &w->best->reserve) >= 0)
			return;
		open = find_open(w, &d, &r, &lost);
		if (!loses_too_much(w, lost))
			keep(w, &r, lost);
		if (is_over(w) || open == 0 || (w->aim == AIM_CHEAPEST && !loses_too_much(w, lost)))
			return;
		held = d;
		put(&held.needed, open);
		explore(w, held);
		give_up(w, &d, open);
		if (is_over(w) || loses_too_much(w, d.lost))
			return;
	}
}

/* Equal reservations of which k routes together hold the bandwidth. */
static void
try_equal(struct weights *w, unsigned k)
{
	const struct weights_problem *problem = w->problem;
	struct reserve r = { .denominator = k };
	cost_wide lost = 0;

	for (unsigned i = 0; i < problem->n_limits; i++)
		if ((cost_wide)(unsigned)__builtin_popcount(problem->limits[i].routes) *
			problem->bandwidth_bps >
		    (cost_wide)problem->limits[i].max_bps * k)
			return;
	for (unsigned i = 0; i < problem->patterns->n; i++)
		r.amount[i] = (reserve_wide)problem->bandwidth_bps;
	r.total = (reserve_wide)problem->bandwidth_bps * problem->patterns->n;
	for (unsigned i = 0; i < n_patterns(w); i++)
		if ((unsigned)__builtin_popcount(i) < k)
			lost += problem->patterns->exactly[i];
	if (!loses_too_much(w, lost) &&
	    (!w->best->found || reserve_compare(&r, &w->best->reserve) < 0))
		keep(w, &r, lost);
}

static bool
run(struct weights *w)
{
	struct decided root = { .lost = w->problem->patterns->exactly[0] };

	w->improved = w->spent = false;
	w->steps += n_patterns(w);
	if (loses_too_much(w, root.lost))
		return false;
	memset(w->lesser, 0, sizeof(w->lesser));
	compare_routes(w);
	for (unsigned i = 0; i < n_patterns(w); i++)
		list_lesser(w, i);
	for (unsigned k = w->problem->patterns->n; w->aim == AIM_CHEAPEST && k > 0; k--)
		try_equal(w, k);
	put(&root.given_up, 0);
	explore(w, root);
	return w->improved;
}

bool
weights_cheapest(struct weights *w, const struct weights_problem *problem, uint64_t allowed_ppt,
		 uint64_t max_steps, struct weights_best *best, bool *spent)
{
	bool improved;

	w->problem = problem;
	w->aim = AIM_CHEAPEST;
	w->allowed_ppt = allowed_ppt;
	w->max_steps = max_steps;
	w->best = best;
	improved = run(w);
	*spent |= w->spent;
	return improved;
}

bool
weights_surest(struct weights *w, const struct weights_problem *problem, uint64_t max_steps,
	       struct weights_best *best, bool *spent)
{
	bool improved;

	w->problem = problem;
	w->aim = AIM_SUREST;
	w->max_steps = max_steps;
	w->best = best;
	improved = run(w);
	*spent |= w->spent;
	return improved;
}

bool
weights_feasible(struct weights *w, const struct weights_problem *problem, uint64_t allowed_ppt,
		 uint64_t max_steps, struct weights_best *out, bool *spent)
{
	bool found;

	w->problem = problem;
	w->aim = AIM_ANY;
	w->allowed_ppt = allowed_ppt;
	w->max_steps = max_steps;
	w->best = out;
	found = run(w);
	*spent |= w->spent;
	return found;
}
