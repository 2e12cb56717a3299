#include <stdlib.h>

#include "pce/base/array.h"
#include "pce/base/units.h"
#include "pce/path/pattern.h"

void
pattern_table_free(struct pattern_table *table)
{
	free(table->risks);
	*table = (struct pattern_table){ .n = 0 };
}

/* Merges a risk into the one that meets the same routes. */
static enum pce_status
merge(struct pattern_table *table, uint32_t routes, cost_wide works, struct pce_error *err)
{
	enum pce_status status;

	for (size_t i = 0; i < table->n; i++)
		if (table->risks[i].routes == routes) {
			table->risks[i].works = probability_and(table->risks[i].works, works);
			return PCE_OK;
		}
	status =
	    array_reserve(&table->risks, &table->cap, table->n + 1, sizeof(*table->risks), err);
	if (!status)
		table->risks[table->n++] = (struct pattern_risk){ routes, works };
	return status;
}

/* (1 - p) / (1 - less): what is left of a risk when a smaller share of it is told apart. */
static cost_wide
works_beyond(uint64_t ppt, uint64_t less_ppt)
{
	if (ppt >= PPT_ONE)
		return 0;
	return ((cost_wide)(PPT_ONE - ppt) << 80) / (PPT_ONE - less_ppt);
}

/*
 * One risk with its probability for each route that it meets (0: it does not). A fibre may fail
 * more often in one direction: then the smaller probability is a risk of all its routes, and what
 * the larger one has beyond it a further risk of its own, so that a union has the largest.
 */
static enum pce_status
add_risk(struct pattern_table *table, const uint64_t *ppt, unsigned n, struct pce_error *err)
{
	uint64_t less = 0;

	for (;;) {
		uint64_t next = UINT64_MAX;
		uint32_t routes = 0;
		enum pce_status status;

		for (unsigned i = 0; i < n; i++) {
			routes |= (uint32_t)(ppt[i] > less) << i;
			if (ppt[i] > less && ppt[i] < next)
				next = ppt[i];
		}
		if (routes == 0)
			return PCE_OK;
		status = merge(table, routes, works_beyond(next, less), err);
		if (status || next >= PPT_ONE)
			return status;
		less = next;
	}
}

enum pce_status
pattern_table_make(struct pattern_table *table, const struct risk_set *sets, unsigned n,
		   struct pce_error *err)
{
	size_t at[PATTERN_POOL] = { 0 };
	enum pce_status status = PCE_OK;

	while (!status) {
		uint64_t ppt[PATTERN_POOL] = { 0 };
		const struct risk *first = NULL;

		for (unsigned i = 0; i < n; i++)
			if (at[i] < sets[i].n &&
			    (!first || risk_compare(&sets[i].risks[at[i]], first) < 0))
				first = &sets[i].risks[at[i]];
		if (!first)
			break;
		for (unsigned i = 0; i < n; i++)
			if (at[i] < sets[i].n && risk_compare(&sets[i].risks[at[i]], first) == 0)
				ppt[i] = sets[i].risks[at[i]].unavailability_ppt;
		for (unsigned i = 0; i < n; i++)
			while (at[i] < sets[i].n && risk_compare(&sets[i].risks[at[i]], first) <= 0)
				at[i]++;
		status = add_risk(table, ppt, n, err);
	}
	return status;
}

/* The risks by the chosen routes that they meet. */
static void
project(const struct pattern_table *table, const uint8_t *chosen, unsigned n, cost_wide *works)
{
	for (unsigned i = 0; i < 1u << n; i++)
		works[i] = PROBABILITY_ONE;
	for (size_t i = 0; i < table->n; i++) {
		unsigned met = 0;

		for (unsigned j = 0; j < n; j++)
			met |= (table->risks[i].routes >> chosen[j] & 1u) << j;
		works[met] = probability_and(works[met], table->risks[i].works);
	}
}

void
patterns_weigh(const struct pattern_table *table, const uint8_t *chosen, unsigned n,
	       struct patterns *out)
{
	cost_wide works[PATTERN_COUNT];
	cost_wide *p = out->exactly;
	unsigned all = (1u << n) - 1;

	out->n = n;
	project(table, chosen, n, works);
	/* all of B work: one route after the other, each with the risks that none before it met */
	p[0] = PROBABILITY_ONE;
	for (unsigned set = 1; set <= all; set++) {
		unsigned last = 31u - (unsigned)__builtin_clz(set), before = set & ~(1u << last);
		unsigned rest = all & ~set;

		p[set] = p[before];
		for (unsigned i = rest;; i = (i - 1) & rest) {
			p[set] = probability_and(p[set], works[i | 1u << last]);
			if (i == 0)
				break;
		}
	}
	/* Möbius over supersets; rounding may leave a little less than nothing */
	for (unsigned bit = 1; bit <= all; bit <<= 1)
		for (unsigned set = 0; set <= all; set++)
			if (!(set & bit))
				p[set] = p[set] > p[set | bit] ? p[set] - p[set | bit] : 0;
}
