/*
 * Which of several routes work at a time. A pattern is the set of routes that work; all 2^n of them
 * are weighed, exactly and without a cut-off. For a set B of routes the probability that all of B
 * work is the product over the union of their risks, each risk once. From these products a Möbius
 * transform makes the probability of every pattern in O(n 2^n).
 *
 * Risks that meet the same routes act as one, so they are merged first; a table of merged risks
 * serves any choice among its routes.
 */
#ifndef PCE_PATH_PATTERN_H
#define PCE_PATH_PATTERN_H

#include "pce/path/available.h"

#define PATTERN_ROUTES 8 /* a pattern is a number below 2^8 */
#define PATTERN_COUNT (1u << PATTERN_ROUTES)
#define PATTERN_POOL 32 /* routes in one table */

/* Merged risks of up to PATTERN_POOL routes. A zeroed one is empty; pattern_table_free frees it. */
struct pattern_risk {
	uint32_t routes; /* bits of the routes that it meets */
	cost_wide works; /* probability that none of what was merged occurs */
};

struct pattern_table {
	struct pattern_risk *risks;
	size_t n, cap;
};

/* Makes the table of n routes, whose risks are sets[0 … n-1]. A risk whose probability differs
 * between routes (directions of a fibre) counts with the largest of those that are looked at.
 * PCE_NO_MEMORY; the table must be empty. */
enum pce_status pattern_table_make(struct pattern_table *table, const struct risk_set *sets,
				   unsigned n, struct pce_error *err);
void pattern_table_free(struct pattern_table *table);

/* Probabilities of all patterns of n chosen routes. */
struct patterns {
	unsigned n;
	cost_wide exactly[PATTERN_COUNT]; /* these routes work and no others */
};

/* Weighs the patterns of the n routes whose numbers in the table are chosen[0 … n-1]; bit i of a
 * pattern is chosen[i]. n <= PATTERN_ROUTES. O(risks + 3^n). */
void patterns_weigh(const struct pattern_table *table, const uint8_t *chosen, unsigned n,
		    struct patterns *out);

#endif
