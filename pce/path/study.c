#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"
#include "pce/path/guarantee.h"
#include "pce/path/study.h"

/* Routes to choose from: more are thinned out, so that the number of choices stays small. */
#define POOL_FOR_FEW 16
#define POOL_FOR_MANY 12
#define FEW_LISTS 4
/* A risk that a chosen route meets already weighs so many times more when thinning out. */
#define SHARED_WEIGHT 4

void
study_free(struct study *s)
{
	candidates_free(&s->pool);
	pattern_table_free(&s->table);
	free(s->limits);
	weights_free(s->weights);
	*s = (struct study){ .e = NULL };
}

static unsigned
times_met(const struct candidates *c, const bool *kept, const struct risk *risk)
{
	unsigned n = 0;

	for (size_t i = 0; i < c->n; i++)
		for (size_t j = 0; kept[i] && j < c->at[i].risks.n; j++)
			n += risk_compare(&c->at[i].risks.risks[j], risk) == 0;
	return n;
}

/* What a route costs beside those that were kept. */
static uint64_t
cost_beside(const struct candidates *c, const bool *kept, size_t route)
{
	const struct risk_set *risks = &c->at[route].risks;
	uint64_t sum = 0;

	for (size_t i = 0; i < risks->n; i++) {
		uint64_t cost = cost_of_ppt(risks->risks[i].unavailability_ppt);
		unsigned times = 1 + SHARED_WEIGHT * times_met(c, kept, &risks->risks[i]);

		sum = cost_add(sum, cost * times);
	}
	return sum;
}

/* Keeps n routes: by turns the first one left, and the one that fits best to those kept. */
static enum pce_status
thin_out(struct candidates *c, size_t n, struct pce_error *err)
{
	bool *kept = calloc(c->n + 1, sizeof(*kept));
	size_t at = 0;

	if (!kept)
		return pce_no_memory(err);
	for (size_t k = 0; k < n; k++) {
		size_t best = SIZE_MAX;
		uint64_t least = UINT64_MAX;

		for (size_t i = 0; i < c->n && (best == SIZE_MAX || k % 2 == 1); i++) {
			uint64_t cost = kept[i] ? UINT64_MAX : cost_beside(c, kept, i);

			if (!kept[i] && (best == SIZE_MAX || cost < least)) {
				best = i;
				least = cost;
			}
		}
		kept[best] = true;
	}
	for (size_t i = 0; i < c->n; i++)
		if (kept[i]) {
			c->at[at++] = c->at[i];
		} else {
			free(c->at[i].links);
			risk_set_free(&c->at[i].risks);
		}
	c->n = at;
	c->all = false;
	free(kept);
	return PCE_OK;
}

/* Lists the links, those that the same routes use once. */
static enum pce_status
list_limits(struct study *s, struct pce_error *err)
{
	enum pce_status status = PCE_OK;

	for (size_t i = 0; i < s->pool.n; i++)
		for (size_t j = 0; !status && j < s->pool.at[i].n; j++) {
			uint32_t link = s->pool.at[i].links[j], routes = 0;
			uint64_t left = filter_residual(&s->e->filter, link);
			size_t at = 0;

			for (size_t k = 0; k < s->pool.n; k++)
				for (size_t l = 0; l < s->pool.at[k].n; l++)
					if (s->pool.at[k].links[l] == link)
						routes |= 1u << k;
			while (at < s->n_limits && s->limits[at].routes != routes)
				at++;
			if (at < s->n_limits) {
				if (left < s->limits[at].max_bps)
					s->limits[at].max_bps = left;
				continue;
			}
			status = array_reserve(&s->limits, &s->limits_cap, at + 1,
					       sizeof(*s->limits), err);
			if (!status)
				s->limits[s->n_limits++] = (struct study_limit){ routes, left };
		}
	return status;
}

/* The table of the pool's risks. */
static enum pce_status
tabulate(struct study *s, struct pce_error *err)
{
	struct risk_set sets[PATTERN_POOL] = { { .n = 0 } };

	for (size_t i = 0; i < s->pool.n; i++)
		sets[i] = s->pool.at[i].risks;
	return pattern_table_make(&s->table, sets, (unsigned)s->pool.n, err);
}

enum pce_status
study_begin(struct study *s, struct pce_error *err)
{
	const struct path_request *r = s->request;
	enum pce_status status;
	size_t room;

	s->n_lists = r->max_lists > 0 ? r->max_lists : 1;
	s->allowed_ppt = guarantee_allowed_ppt(r->guarantee);
	s->max_steps = r->budget_labels > 0 ? r->budget_labels : SEARCH_DEFAULT_LABELS;
	room = s->n_lists <= FEW_LISTS ? POOL_FOR_FEW : POOL_FOR_MANY;
	status = weights_new(&s->weights, err);
	if (!status)
		status = candidates_find(s->e, r, s->n_lists, &s->pool, err);
	if (!status && s->pool.n > room)
		status = thin_out(&s->pool, room, err);
	if (!status)
		status = list_limits(s, err);
	return status ? status : tabulate(s, err);
}

/* The limits of a choice: each set of routes once, and only where the limit can bind. */
static void
set_limits(const struct study *s, struct choice *c, uint64_t bandwidth_bps)
{
	uint64_t left[PATTERN_COUNT];

	memset(left, 0xff, sizeof(left));
	for (size_t i = 0; i < s->n_limits; i++) {
		unsigned routes = 0;

		for (unsigned j = 0; j < c->n; j++)
			routes |= (s->limits[i].routes >> c->routes[j] & 1u) << j;
		if (s->limits[i].max_bps < left[routes])
			left[routes] = s->limits[i].max_bps;
	}
	c->n_limits = 0;
	for (unsigned i = 1; i < 1u << c->n; i++)
		if (left[i] < (cost_wide)bandwidth_bps * (unsigned)__builtin_popcount(i))
			c->limits[c->n_limits++] = (struct reserve_limit){ (uint8_t)i, left[i] };
}

/* The next choice in order; false after the last one. */
static bool
next_choice(struct choice *c, size_t n_pool)
{
	for (unsigned i = c->n; i-- > 0;) {
		if (c->routes[i] + (c->n - i) >= n_pool)
			continue;
		c->routes[i]++;
		for (unsigned j = i + 1; j < c->n; j++)
			c->routes[j] = (uint8_t)(c->routes[j - 1] + 1);
		return true;
	}
	return false;
}

void
study_walk(struct study *s, unsigned n, uint64_t bandwidth_bps, study_visit *visit, void *ctx)
{
	struct choice c = { .n = n };
	bool more = n > 0 && n <= s->pool.n;

	for (unsigned i = 0; i < n; i++)
		c.routes[i] = (uint8_t)i;
	while (more && !s->spent) {
		patterns_weigh(&s->table, c.routes, n, &c.patterns);
		set_limits(s, &c, bandwidth_bps);
		more = visit(s, &c, bandwidth_bps, ctx) && next_choice(&c, s->pool.n);
	}
}
