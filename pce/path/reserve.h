/*
 * The least reservation that holds in given patterns: an exact linear programme.
 *
 *     minimise   r_1 + … + r_n
 *     such that  the r of each needed pattern add up to the bandwidth,
 *                the r that share a link add up to no more than the link has left,
 *                r_i >= r_j where that is known to lose nothing, and r >= 0.
 *
 * Its dual has one row a route (n <= 8) and starts feasible. It is solved by the simplex method
 * with integer pivoting (Edmonds): every entry of the tableau is a subdeterminant of a matrix of
 * 0, 1 and -1, so by Hadamard at most 8^4, and nothing is ever rounded. Bandwidths are whole bit/s
 * of up to 64 bits; what is made of them fits into 128.
 */
#ifndef PCE_PATH_RESERVE_H
#define PCE_PATH_RESERVE_H

#include "pce/path/pattern.h"

__extension__ typedef __int128 reserve_wide;

/* r_i = amount[i] / denominator, in bit/s. */
struct reserve {
	reserve_wide amount[PATTERN_ROUTES];
	reserve_wide total;
	int64_t denominator; /* > 0, at most 8^4 */
};

/* Links that the same routes cross: their reservations together. */
struct reserve_limit {
	uint8_t routes;
	uint64_t max_bps;
};

#define RESERVE_ORDERS (PATTERN_ROUTES * (PATTERN_ROUTES - 1))
#define RESERVE_COLUMNS (2 * PATTERN_COUNT + RESERVE_ORDERS + PATTERN_ROUTES)

/* The programme, built up row by row of the primal (column of the dual). */
struct reserve_problem {
	unsigned n; /* routes */
	unsigned n_columns;
	uint64_t pivots; /* counted on */
	int64_t t[PATTERN_ROUTES][RESERVE_COLUMNS];
	reserve_wide gain[RESERVE_COLUMNS];
	int64_t price[PATTERN_ROUTES];
	uint16_t basis[PATTERN_ROUTES];
};

/* Begins a programme for n routes; the count of pivots stays. */
void reserve_begin(struct reserve_problem *p, unsigned n);
/* The routes of a pattern reserve at least the bandwidth together. */
void reserve_need(struct reserve_problem *p, unsigned pattern, uint64_t bandwidth_bps);
/* Routes that share a link. */
void reserve_within(struct reserve_problem *p, const struct reserve_limit *limit);
/* Route `more` reserves no less than route `less`. */
void reserve_order(struct reserve_problem *p, unsigned more, unsigned less);
/* Solves what was built. False: no reservation does all that. */
bool reserve_solve(struct reserve_problem *p, struct reserve *out);

/* -1, 0, 1: a reserves less in total, the same, more. */
int reserve_compare(const struct reserve *a, const struct reserve *b);

/* True if the routes of the pattern reserve the bandwidth together. */
bool reserve_holds(const struct reserve *r, unsigned n, unsigned pattern, uint64_t bandwidth_bps);

#endif
