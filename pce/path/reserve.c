#include <string.h>

#include "pce/path/reserve.h"

/* From this many pivots on the first gain is taken, not the largest: that cannot run in circles
 * (Bland). */
#define PIVOTS_BY_GAIN 64

void
reserve_begin(struct reserve_problem *p, unsigned n)
{
	p->n = n;
	p->n_columns = n;
	for (unsigned i = 0; i < n; i++) {
		for (unsigned j = 0; j < n; j++)
			p->t[i][j] = i == j;
		p->gain[i] = 0;
		p->price[i] = 1;
		p->basis[i] = (uint16_t)i;
	}
}

static void
append(struct reserve_problem *p, unsigned routes, int sign, reserve_wide gain)
{
	unsigned at = p->n_columns++;

	for (unsigned i = 0; i < p->n; i++)
		p->t[i][at] = routes >> i & 1u ? sign : 0;
	p->gain[at] = gain;
}

void
reserve_need(struct reserve_problem *p, unsigned pattern, uint64_t bandwidth_bps)
{
	append(p, pattern, 1, (reserve_wide)bandwidth_bps);
}

void
reserve_within(struct reserve_problem *p, const struct reserve_limit *limit)
{
	append(p, limit->routes, -1, -(reserve_wide)limit->max_bps);
}

void
reserve_order(struct reserve_problem *p, unsigned more, unsigned less)
{
	unsigned at = p->n_columns;

	append(p, 1u << more, 1, 0);
	p->t[less][at] = -1;
}

/* The column to take in: the largest gain, later the first one; -1 when there is none. */
static int
entering(const struct reserve_problem *p, unsigned pivots)
{
	int best = -1;

	for (unsigned j = 0; j < p->n_columns; j++) {
		if (p->gain[j] <= 0)
			continue;
		if (pivots >= PIVOTS_BY_GAIN)
			return (int)j;
		if (best < 0 || p->gain[j] > p->gain[best])
			best = (int)j;
	}
	return best;
}

/* The row that limits the column first; -1 when none does. */
static int
leaving(const struct reserve_problem *p, unsigned column)
{
	int best = -1;

	for (unsigned i = 0; i < p->n; i++) {
		int64_t left, right;

		if (p->t[i][column] <= 0)
			continue;
		if (best < 0) {
			best = (int)i;
			continue;
		}
		left = p->price[i] * p->t[best][column];
		right = p->price[best] * p->t[i][column];
		if (left < right || (left == right && p->basis[i] < p->basis[best]))
			best = (int)i;
	}
	return best;
}

/* One step of integer pivoting; every division leaves no remainder. */
static void
pivot(struct reserve_problem *p, unsigned row, unsigned column, int64_t denominator)
{
	int64_t by = p->t[row][column];
	reserve_wide gain = p->gain[column];

	for (unsigned i = 0; i < p->n; i++) {
		int64_t factor = p->t[i][column];

		if (i == row)
			continue;
		for (unsigned j = 0; j < p->n_columns; j++)
			p->t[i][j] = (p->t[i][j] * by - factor * p->t[row][j]) / denominator;
		p->price[i] = (p->price[i] * by - factor * p->price[row]) / denominator;
	}
	for (unsigned j = 0; j < p->n_columns; j++)
		p->gain[j] = (p->gain[j] * by - gain * p->t[row][j]) / denominator;
	p->basis[row] = (uint16_t)column;
}

bool
reserve_solve(struct reserve_problem *p, struct reserve *out)
{
	int64_t denominator = 1;

	for (unsigned pivots = 0;; pivots++) {
		int column = entering(p, pivots), row;

		if (column < 0)
			break;
		row = leaving(p, (unsigned)column);
		if (row < 0)
			return false;
		p->pivots++;
		pivot(p, (unsigned)row, (unsigned)column, denominator);
		denominator = p->t[row][column];
	}
	memset(out, 0, sizeof(*out));
	out->denominator = denominator;
	for (unsigned i = 0; i < p->n; i++) {
		out->amount[i] = -p->gain[i];
		out->total += out->amount[i];
	}
	return true;
}

int
reserve_compare(const struct reserve *a, const struct reserve *b)
{
	reserve_wide left = a->total * b->denominator, right = b->total * a->denominator;

	return left < right ? -1 : left > right;
}

bool
reserve_holds(const struct reserve *r, unsigned n, unsigned pattern, uint64_t bandwidth_bps)
{
	reserve_wide sum = 0;

	for (unsigned i = 0; i < n; i++)
		if (pattern >> i & 1u)
			sum += r->amount[i];
	return sum >= (reserve_wide)bandwidth_bps * r->denominator;
}
