#include <stdlib.h>

#include "pce/base/units.h"
#include "pce/path/explain.h"
#include "pce/path/guarantee.h"
#include "pce/path/report.h"
#include "pce/path/shortfall.h"
#include "pce/path/study.h"

#define MILLION 1000000u

static const char some_candidates[] =
    "the lists are the best of the candidate paths, but there are more paths than were looked at";

uint64_t
guarantee_allowed_ppt(double guarantee)
{
	return (uint64_t)((1 - guarantee) * (double)PPT_ONE + 0.5);
}

enum pce_status
guarantee_check(const struct path_request *r, struct pce_error *err)
{
	if (!guarantee_is_asked(r))
		return PCE_OK;
	if (!(r->guarantee > 0 && r->guarantee <= 1) ||
	    guarantee_allowed_ppt(r->guarantee) >= PPT_ONE)
		return pce_fail(err, PCE_INVALID,
				"a guarantee of %g is no probability above 0 and up to 1",
				r->guarantee);
	if (r->bandwidth_bps == 0)
		return pce_fail(err, PCE_INVALID, "a guarantee needs a bandwidth that it is of");
	if (r->max_lists > PATH_LISTS_MAX)
		return pce_fail(err, PCE_INVALID, "%u lists are more than %d", r->max_lists,
				PATH_LISTS_MAX);
	if (r->disjoint != PATH_DISJOINT_NONE)
		return pce_fail(err, PCE_INVALID,
				"a guarantee chooses its lists itself: it cannot be had with "
				"disjoint paths");
	if (r->k > 1)
		return pce_fail(err, PCE_INVALID,
				"a guarantee chooses its lists itself: it cannot be had with "
				"several alternatives (k)");
	return PCE_OK;
}

/* The cheapest choice so far. */
struct cheapest {
	struct weights_best best;
	uint8_t routes[PATTERN_ROUTES];
	unsigned n;
};

/* No reservation is below the bandwidth itself. */
static bool
is_least(const struct cheapest *c, uint64_t bandwidth_bps)
{
	return c->best.found &&
	       c->best.reserve.total <= (reserve_wide)bandwidth_bps * c->best.reserve.denominator;
}

static bool
try_choice(struct study *s, const struct choice *choice, uint64_t bandwidth_bps, void *ctx)
{
	struct weights_problem problem = { &choice->patterns, bandwidth_bps, choice->limits,
					   choice->n_limits };
	struct cheapest *c = ctx;

	if (!weights_cheapest(s->weights, &problem, s->allowed_ppt, s->max_steps, &c->best,
			      &s->spent))
		return true;
	for (unsigned i = 0; i < choice->n; i++)
		c->routes[i] = choice->routes[i];
	c->n = choice->n;
	return !is_least(c, bandwidth_bps);
}

static reserve_wide
common_divisor(reserve_wide a, reserve_wide b)
{
	while (b != 0) {
		reserve_wide rest = a % b;

		a = b;
		b = rest;
	}
	return a;
}

/* The smallest weights in proportion to the amounts; if they have more than 32 bits, the nearest
 * ones that have not. */
static void
set_weights(const struct reserve *r, unsigned n, uint32_t *weights)
{
	reserve_wide divisor = 0, most = 0;

	for (unsigned i = 0; i < n; i++) {
		divisor = common_divisor(divisor, r->amount[i]);
		most = r->amount[i] > most ? r->amount[i] : most;
	}
	for (unsigned i = 0; i < n; i++) {
		reserve_wide exact = r->amount[i] / divisor;

		if (most / divisor > UINT32_MAX)
			exact = ((r->amount[i] << 31) + most / 2) / most;
		weights[i] = (uint32_t)(exact > 0 ? exact : r->amount[i] > 0);
	}
}

static uint64_t
round_up(reserve_wide amount, int64_t denominator)
{
	return (uint64_t)((amount + denominator - 1) / denominator);
}

/* Whole bit/s: rounded up, but where links have no room for that, down. */
static void
set_reserved(const struct study *s, const struct cheapest *c, uint64_t *reserved)
{
	const struct reserve *r = &c->best.reserve;

	for (unsigned i = 0; i < c->n; i++)
		reserved[i] = round_up(r->amount[i], r->denominator);
	for (size_t k = 0; k < s->n_limits; k++) {
		cost_wide sum = 0;

		for (unsigned i = 0; i < c->n; i++)
			if (s->limits[k].routes >> c->routes[i] & 1u)
				sum += reserved[i];
		for (unsigned i = 0; sum > s->limits[k].max_bps && i < c->n; i++)
			if (s->limits[k].routes >> c->routes[i] & 1u)
				reserved[i] = (uint64_t)(r->amount[i] / r->denominator);
	}
}

static enum pce_status
report(struct study *s, const struct cheapest *c, struct path_answer *answer, struct pce_error *err)
{
	struct path_guarantee *g = &answer->guarantee;
	uint64_t reserved[PATTERN_ROUTES];
	uint32_t weights[PATTERN_ROUTES];
	enum pce_status status = PCE_OK;
	const char *why;

	*g = (struct path_guarantee){
		.bandwidth_bps = s->request->bandwidth_bps,
		.unavailability_ppt = c->best.loss_ppt,
		.n_candidates = (uint32_t)s->pool.n,
		.all_candidates = s->pool.all,
		.best_of_candidates = !s->spent || is_least(c, s->request->bandwidth_bps),
	};
	why = is_least(c, s->request->bandwidth_bps) ? NULL
	      : s->spent                             ? report_spent
	      : s->pool.all                          ? NULL
						     : some_candidates;
	set_weights(&c->best.reserve, c->n, weights);
	set_reserved(s, c, reserved);
	for (unsigned i = 0; !status && i < c->n; i++) {
		const struct candidate *route = &s->pool.at[c->routes[i]];

		if (c->best.reserve.amount[i] == 0)
			continue;
		status = report_route(s->e, route->links, route->n, why, NULL, answer, err);
		if (status)
			break;
		answer->routes[answer->n_routes - 1].weight = weights[i];
		answer->routes[answer->n_routes - 1].reserved_bps = reserved[i];
		g->reserved_bps = cost_add(g->reserved_bps, reserved[i]);
	}
	g->gamma_ppm = (uint64_t)(((cost_wide)g->reserved_bps * MILLION + g->bandwidth_bps - 1) /
				  g->bandwidth_bps);
	g->bound_bps = why ? g->bandwidth_bps : g->reserved_bps;
	answer->has_guarantee = !status;
	return status;
}

static enum pce_status
solve(struct study *s, struct path_answer *answer, struct pce_error *err)
{
	uint64_t bandwidth_bps = s->request->bandwidth_bps;
	struct cheapest c = { .n = 0 };

	for (unsigned n = 1; n <= s->n_lists && !is_least(&c, bandwidth_bps); n++)
		study_walk(s, n, bandwidth_bps, try_choice, &c);
	if (c.best.found)
		return report(s, &c, answer, err);
	if (s->spent)
		return explain_as(answer, PATH_REASON_BUDGET,
				  "the search budget was spent before any lists were found", err);
	return shortfall_explain(s, answer, err);
}

enum pce_status
guarantee_compute(struct path_engine *e, const struct path_request *request,
		  struct path_answer *answer, struct pce_error *err)
{
	struct study s = { .e = e, .request = request };
	enum pce_status status = study_begin(&s, err);

	if (!status)
		status =
		    s.pool.n > 0 ? solve(&s, answer, err) : shortfall_explain_none(&s, answer, err);
	study_free(&s);
	return status;
}
