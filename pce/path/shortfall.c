#include <stdio.h>
#include <stdlib.h>

#include "pce/base/array.h"
#include "pce/base/text.h"
#include "pce/base/units.h"
#include "pce/path/explain.h"
#include "pce/path/report.h"
#include "pce/path/shortfall.h"
#include "pce/path/via.h"

/* Bandwidths are looked for down to 1 kbit/s. */
#define STEP_BPS 1000

static bool
try_surest(struct study *s, const struct choice *choice, uint64_t bandwidth_bps, void *ctx)
{
	struct weights_problem problem = { &choice->patterns, bandwidth_bps, choice->limits,
					   choice->n_limits };

	weights_surest(s->weights, &problem, s->max_steps, ctx, &s->spent);
	return true;
}

struct feasible {
	uint64_t allowed_ppt;
	bool yes;
};

static bool
try_feasible(struct study *s, const struct choice *choice, uint64_t bandwidth_bps, void *ctx)
{
	struct weights_problem problem = { &choice->patterns, bandwidth_bps, choice->limits,
					   choice->n_limits };
	struct weights_best any = { .found = false };
	struct feasible *f = ctx;

	f->yes =
	    weights_feasible(s->weights, &problem, s->allowed_ppt, s->max_steps, &any, &s->spent);
	return !f->yes;
}

static unsigned
at_most_pool(const struct study *s, unsigned n)
{
	return n < s->pool.n ? n : (unsigned)s->pool.n;
}

/* True if n lists can hold so much with the probability asked. */
static bool
is_feasible(struct study *s, unsigned n, uint64_t bandwidth_bps)
{
	struct feasible f = { .yes = false };

	study_walk(s, at_most_pool(s, n), bandwidth_bps, try_feasible, &f);
	return f.yes;
}

/* The most that can be held with the probability asked, rounded down to STEP_BPS; 0: nothing. */
static uint64_t
most_bandwidth(struct study *s)
{
	uint64_t low = 0, high = s->request->bandwidth_bps / STEP_BPS;

	if (high * STEP_BPS < s->request->bandwidth_bps)
		high++;
	while (low + 1 < high && !s->spent) {
		uint64_t mid = low + (high - low) / 2;

		if (is_feasible(s, s->n_lists, mid * STEP_BPS))
			low = mid;
		else
			high = mid;
	}
	return low * STEP_BPS;
}

/* The fewest lists beyond those allowed that would do; 0: none. */
static unsigned
enough_lists(struct study *s)
{
	for (unsigned n = s->n_lists + 1; n <= at_most_pool(s, PATH_LISTS_MAX) && !s->spent; n++)
		if (is_feasible(s, n, s->request->bandwidth_bps))
			return n;
	return 0;
}

/* Links that every path uses and that fail, or share a risk that does, more often than allowed. */
static enum pce_status
find_common(struct study *s, struct path_no_path *no, struct pce_error *err)
{
	uint32_t all = (uint32_t)((1ULL << s->pool.n) - 1);
	cost_wide works = PROBABILITY_ONE;
	const struct candidate *first = &s->pool.at[0];

	for (size_t i = 0; i < s->table.n; i++)
		if (s->table.risks[i].routes == all)
			works = probability_and(works, s->table.risks[i].works);
	if (probability_ppt(PROBABILITY_ONE - works) <= s->allowed_ppt)
		return PCE_OK;
	no->blocking = calloc(first->n + 1, sizeof(*no->blocking));
	if (!no->blocking)
		return pce_no_memory(err);
	for (size_t i = 0; i < first->n; i++) {
		bool shared = true;

		for (size_t j = 1; shared && j < s->pool.n; j++) {
			shared = false;
			for (size_t k = 0; k < s->pool.at[j].n; k++)
				shared |= s->pool.at[j].links[k] == first->links[i];
		}
		if (shared)
			no->blocking[no->n_blocking++] = s->e->graph->links[first->links[i]].row;
	}
	return PCE_OK;
}

static void
print_head(const struct study *s, struct text *text)
{
	const struct path_request *r = s->request;
	char bandwidth[64], beta[64];

	units_print_bps(r->bandwidth_bps, bandwidth, sizeof(bandwidth));
	units_print_availability(s->allowed_ppt, beta, sizeof(beta));
	text_printf(text, "no %u list%s from %s to %s hold%s %s with probability %s", s->n_lists,
		    s->n_lists == 1 ? "" : "s", ted_node_at(s->e->ted, r->from)->name,
		    ted_node_at(s->e->ted, r->to)->name, s->n_lists == 1 ? "s" : "", bandwidth,
		    beta);
}

static void
print_common(const struct study *s, const struct path_no_path *no, struct text *text)
{
	for (size_t i = 0; i < no->n_blocking; i++) {
		const struct ted_link_row *row = ted_link_at(s->e->ted, no->blocking[i]);

		text_printf(text, "%s%s→%s", i == 0 ? "; every path crosses " : " and ",
			    ted_node_at(s->e->ted, row->from)->name,
			    ted_node_at(s->e->ted, row->to)->name);
	}
}

static void
print_best(const struct study *s, const struct path_no_path *no, unsigned enough, struct text *text)
{
	char number[64];

	if (no->has_best_unavailability) {
		units_print_availability(no->best_unavailability_ppt, number, sizeof(number));
		text_printf(text, ": the surest hold it with %s", number);
	} else {
		text_add(text, ": the links have no room for it, however it is shared");
	}
	units_print_bps(no->best, number, sizeof(number));
	if (no->best > 0)
		text_printf(text, "; with the probability asked they hold %s", number);
	else
		text_add(text, "; with the probability asked they hold nothing");
	if (enough > 0)
		text_printf(text, "; %u lists can do it", enough);
	print_common(s, no, text);
	if (!s->pool.all)
		text_printf(text, " (of the %zu paths looked at; there are more)", s->pool.n);
	if (s->spent)
		text_add(text, " (the search budget was spent: there may be better)");
}

enum pce_status
shortfall_explain(struct study *s, struct path_answer *answer, struct pce_error *err)
{
	struct path_no_path *no = &answer->no_path;
	struct weights_best surest = { .found = false };
	struct text text = { .len = 0 };
	uint64_t budget = s->max_steps;
	enum pce_status status;
	unsigned enough;

	s->max_steps = weights_steps(s->weights) + budget;
	study_walk(s, at_most_pool(s, s->n_lists), s->request->bandwidth_bps, try_surest, &surest);
	no->has_best_unavailability = surest.found;
	no->best_unavailability_ppt = surest.loss_ppt;
	enough = enough_lists(s);
	no->best = most_bandwidth(s);
	no->has_best = true;
	status = find_common(s, no, err);
	if (status)
		return status;
	print_head(s, &text);
	print_best(s, no, enough, &text);
	no->reason = PATH_REASON_GUARANTEE;
	no->text = text_take(&text);
	if (!no->text)
		status = pce_no_memory(err);
	text_free(&text);
	return status;
}

enum pce_status
shortfall_explain_none(struct study *s, struct path_answer *answer, struct pce_error *err)
{
	struct path_request one = *s->request;

	one.guarantee = 0;
	one.max_lists = 0;
	/* not even 1 bit/s was found, so the bandwidth asked has no path either */
	if (!s->pool.all)
		return explain_as(answer, PATH_REASON_BUDGET,
				  "the search budget was spent before any path was found", err);
	return via_asked(&one) ? via_compute(s->e, &one, answer, err)
			       : explain_no_path(s->e, &one, answer, err);
}
