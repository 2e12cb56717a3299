/*
 * Guaranteed lists against brute force: all choices of all loopless paths, all sets of patterns to
 * hold, each priced by trying every vertex of its linear programme in floating point; and the
 * probability of an answer by going through every state of its risks.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pce/path/guarantee.h"
#include "pce/path/path.h"
#include "tests/path/oracle.h"
#include "tests/path/referee.h"
#include "tests/support/suite.h"
#include "tests/ted/net.h"

#define LISTS 4
#define PATTERNS (1u << LISTS)
#define RISKS 64

/* Risks of several paths: which path meets which, and how likely each is. */
struct meets {
	uint64_t id[RISKS];
	double p[RISKS][LISTS]; /* for each path; 0: does not meet it */
	unsigned n;
};

static void
meet(struct meets *m, unsigned path, uint64_t id, uint64_t ppt)
{
	unsigned at = 0;

	if (ppt == 0)
		return;
	while (at < m->n && m->id[at] != id)
		at++;
	ck_assert_uint_lt(at, RISKS);
	if (at == m->n) {
		memset(m->p[at], 0, sizeof(m->p[at]));
		m->id[m->n++] = id;
	}
	m->p[at][path] = fmax(m->p[at][path], (double)ppt / 1e12);
}

static void
meet_all(struct meets *m, const struct ted *ted, unsigned path, const uint32_t *links, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct ted_link_row *row = ted_link_at(ted, links[i]);
		const struct ted_node_row *head = ted_node_at(ted, row->to);

		meet(m, path, row->reverse < links[i] ? row->reverse : links[i],
		     row->unavailability_ppt);
		for (size_t j = 0; j < row->n_srlg; j++)
			meet(m, path, 1ULL << 40 | row->srlg[j],
			     ted_srlg_unavailability_ppt(ted, row->srlg[j]));
		if (row->to == ted_link_at(ted, links[n - 1])->to ||
		    row->to == ted_link_at(ted, links[0])->from)
			continue; /* an end, wherever it is passed */
		meet(m, path, 2ULL << 40 | row->to, head->unavailability_ppt);
		for (size_t j = 0; j < head->n_srlg; j++)
			meet(m, path, 1ULL << 40 | head->srlg[j],
			     ted_srlg_unavailability_ppt(ted, head->srlg[j]));
		if (head->site)
			meet(m, path, 3ULL << 40 | (unsigned char)head->site[0],
			     ted_site_unavailability_ppt(ted, head->site));
	}
}

/* Probability that all paths of a set work: each risk with the largest share that one of them has.
 */
static long double
all_work(const struct meets *m, unsigned set)
{
	long double works = 1;

	for (unsigned i = 0; i < m->n; i++) {
		double p = 0;

		for (unsigned j = 0; j < LISTS; j++)
			if (set >> j & 1u)
				p = fmax(p, m->p[i][j]);
		works *= 1 - (long double)p;
	}
	return works;
}

/* Probability of exactly this pattern of n paths, by inclusion and exclusion. */
static long double
exactly(const struct meets *m, unsigned n, unsigned pattern)
{
	unsigned rest = ((1u << n) - 1) & ~pattern;
	long double sum = 0;

	for (unsigned more = rest;; more = (more - 1) & rest) {
		long double works = all_work(m, pattern | more);

		sum += __builtin_popcount(more) % 2 ? -works : works;
		if (more == 0)
			return sum;
	}
}

/* A choice of paths: probabilities of its patterns, and links with little left. */
struct pick {
	unsigned n;
	long double p[PATTERNS];
	double limit[PATTERNS]; /* by the paths that share it; INFINITY: none */
};

static void
pick_paths(const struct ted *ted, const struct path_request *r, const struct oracle_paths *paths,
	   const unsigned *chosen, unsigned n, struct pick *out)
{
	struct meets m = { .n = 0 };

	out->n = n;
	for (unsigned i = 0; i < n; i++)
		meet_all(&m, ted, i, paths->paths[chosen[i]].links, paths->paths[chosen[i]].n);
	for (unsigned i = 0; i < 1u << n; i++) {
		out->p[i] = exactly(&m, n, i);
		out->limit[i] = INFINITY;
	}
	for (uint32_t link = 0; link < ted_link_count(ted); link++) {
		double left = (double)ted_residual_bps(ted, link);
		unsigned set = 0;

		for (size_t i = 0; i < r->n_held_links; i++)
			if (r->held_links[i] == link) {
				left += (double)r->held_bps;
				break;
			}
		for (unsigned i = 0; i < n; i++)
			for (uint32_t j = 0; j < paths->paths[chosen[i]].n; j++)
				if (paths->paths[chosen[i]].links[j] == link)
					set |= 1u << i;
		if (set)
			out->limit[set] = fmin(out->limit[set], left);
	}
}

/* Rows of the linear programme: coefficients of n reservations, and what they have to reach. */
struct rows {
	double a[40][LISTS], least[40];
	unsigned n;
};

static void
add_row(struct rows *rows, unsigned set, double sign, double least)
{
	ck_assert_uint_lt(rows->n, 40);
	for (unsigned i = 0; i < LISTS; i++)
		rows->a[rows->n][i] = set >> i & 1u ? sign : 0;
	rows->least[rows->n++] = least;
}

/* Solves for the point where n rows are tight. */
static bool
intersect(const struct rows *rows, const unsigned *tight, unsigned n, double *x)
{
	double a[LISTS][LISTS + 1];

	for (unsigned i = 0; i < n; i++) {
		memcpy(a[i], rows->a[tight[i]], n * sizeof(double));
		a[i][n] = rows->least[tight[i]];
	}
	for (unsigned i = 0; i < n; i++) {
		unsigned best = i;

		for (unsigned j = i; j < n; j++)
			if (fabs(a[j][i]) > fabs(a[best][i]))
				best = j;
		if (fabs(a[best][i]) < 1e-9)
			return false;
		for (unsigned k = 0; k <= n; k++) {
			double swap = a[i][k];

			a[i][k] = a[best][k];
			a[best][k] = swap;
		}
		for (unsigned j = 0; j < n; j++) {
			double factor = a[j][i] / a[i][i];

			for (unsigned k = i; j != i && k <= n; k++)
				a[j][k] -= factor * a[i][k];
		}
	}
	for (unsigned i = 0; i < n; i++)
		x[i] = a[i][n] / a[i][i];
	return true;
}

static double
price_vertex(const struct rows *rows, const unsigned *tight, unsigned n)
{
	double x[LISTS], sum = 0;

	if (!intersect(rows, tight, n, x))
		return INFINITY;
	for (unsigned i = 0; i < rows->n; i++) {
		double has = 0;

		for (unsigned j = 0; j < n; j++)
			has += rows->a[i][j] * x[j];
		if (has < rows->least[i] - 1e-3)
			return INFINITY;
	}
	for (unsigned i = 0; i < n; i++)
		sum += x[i];
	return sum;
}

/* The least total that holds in a family of patterns (bits), by all vertices. */
static double
price(const struct pick *pick, uint32_t family, double bandwidth)
{
	struct rows rows = { .n = 0 };
	unsigned n = pick->n, tight[LISTS];
	double best = INFINITY;

	for (unsigned i = 0; i < n; i++)
		add_row(&rows, 1u << i, 1, 0);
	for (unsigned i = 1; i < 1u << n; i++) {
		bool least = family >> i & 1u;

		for (unsigned j = 0; j < n; j++)
			least = least && !(i >> j & 1u && family >> (i & ~(1u << j)) & 1u);
		if (least)
			add_row(&rows, i, 1, bandwidth);
		if (pick->limit[i] < n * bandwidth)
			add_row(&rows, i, -1, -pick->limit[i]);
	}
	for (unsigned i = 0; i < n; i++)
		tight[i] = i;
	for (;;) {
		unsigned at = n;

		best = fmin(best, price_vertex(&rows, tight, n));
		while (at > 0 && tight[at - 1] == rows.n - n + at - 1)
			at--;
		if (at == 0)
			return best;
		tight[at - 1]++;
		for (unsigned i = at; i < n; i++)
			tight[i] = tight[i - 1] + 1;
	}
}

static long double
exact_loss_of(const struct pick *pick, uint32_t family)
{
	long double lost = 0;

	for (unsigned i = 0; i < 1u << pick->n; i++)
		if (!(family >> i & 1u))
			lost += pick->p[i];
	return fmaxl(lost, 0) * 1e12L;
}

/* In parts per trillion, as guarantees are compared. */
static uint64_t
loss_of(const struct pick *pick, uint32_t family)
{
	return (uint64_t)roundl(exact_loss_of(pick, family));
}

/* True if with every pattern of the family all patterns with more paths are in it too. */
static bool
is_closed(uint32_t family, unsigned n)
{
	for (unsigned i = 0; i < 1u << n; i++)
		for (unsigned j = 0; j < n; j++)
			if (family >> i & 1u && !(family >> (i | 1u << j) & 1u))
				return false;
	return family != 0 && !(family & 1u);
}

/* A family that could lose one of its smallest patterns and still be sure enough costs no less than
 * that one. */
static bool
is_tight(const struct pick *pick, uint32_t family, uint64_t allowed)
{
	for (unsigned i = 1; i < 1u << pick->n; i++)
		if (family >> i & 1u && is_closed(family & ~(1u << i), pick->n) &&
		    loss_of(pick, family & ~(1u << i)) <= allowed)
			return false;
	return true;
}

/* All closed families of n paths. */
struct families {
	uint32_t at[LISTS + 1][200];
	unsigned n[LISTS + 1];
};

static const struct families *
all_families(void)
{
	static struct families all;

	for (unsigned n = 1; n <= LISTS && all.n[LISTS] == 0; n++)
		for (uint64_t family = 0; family < 1ULL << (1u << n); family++)
			if (is_closed((uint32_t)family, n))
				all.at[n][all.n[n]++] = (uint32_t)family;
	return &all;
}

/* What brute force finds for up to n_lists lists. */
struct truth {
	double least; /* total reservation; INFINITY: impossible */
	uint64_t surest; /* loss of what can be held at all; UINT64_MAX: nothing */
	bool doubtful; /* some loss lies where rounding to parts per trillion decides */
};

static void
judge_pick(const struct pick *pick, double bandwidth, uint64_t allowed, struct truth *truth)
{
	const struct families *all = all_families();

	for (unsigned i = 0; i < all->n[pick->n]; i++) {
		uint32_t family = all->at[pick->n][i];
		uint64_t loss = loss_of(pick, family);
		double cost;

		if (fabsl(exact_loss_of(pick, family) - (long double)allowed - 0.5L) < 1e-3L)
			truth->doubtful = true;
		if (loss <= allowed && is_tight(pick, family, allowed)) {
			cost = price(pick, family, bandwidth);
			truth->least = fmin(truth->least, cost);
			if (loss < truth->surest && isfinite(cost))
				truth->surest = loss;
		}
		if (loss > allowed && loss < truth->surest &&
		    isfinite(price(pick, family, bandwidth)))
			truth->surest = loss;
	}
}

static struct truth
find_truth(const struct ted *ted, const struct path_request *r, const struct oracle_paths *paths,
	   uint64_t bandwidth_bps)
{
	struct truth truth = { INFINITY, UINT64_MAX, false };
	uint64_t allowed = guarantee_allowed_ppt(r->guarantee);

	for (unsigned set = 1; set < 1u << paths->n; set++) {
		unsigned chosen[LISTS], n = 0;
		struct pick pick;

		if ((unsigned)__builtin_popcount(set) > r->max_lists)
			continue;
		for (unsigned i = 0; i < paths->n; i++)
			if (set >> i & 1u)
				chosen[n++] = i;
		pick_paths(ted, r, paths, chosen, n, &pick);
		judge_pick(&pick, (double)bandwidth_bps, allowed, &truth);
	}
	return truth;
}

static const struct oracle_path *
find_route(const struct oracle_paths *paths, const struct path_route *route)
{
	for (size_t i = 0; i < paths->n; i++)
		if (paths->paths[i].n == route->n_links &&
		    memcmp(paths->paths[i].links, route->links,
			   route->n_links * sizeof(*route->links)) == 0)
			return &paths->paths[i];
	return NULL;
}

/* True if the headend's shares stay within what each working list reserves. */
static bool
pattern_holds(const struct path_answer *answer, unsigned pattern, double short_bps)
{
	double weights = 0;

	for (unsigned i = 0; i < answer->n_routes; i++)
		if (pattern >> i & 1u)
			weights += answer->routes[i].weight;
	for (unsigned i = 0; i < answer->n_routes; i++) {
		const struct path_route *route = &answer->routes[i];
		double share = (double)answer->guarantee.bandwidth_bps * route->weight / weights;

		if (pattern >> i & 1u &&
		    share > (double)route->reserved_bps + short_bps + share * 1e-9)
			return false;
	}
	return pattern != 0;
}

/* Probability that the bandwidth does not hold: every state of the risks. The risks of a path are
 * nested where they differ: a state is a level for each risk. short_bps: what a list may lack. */
static double
lose(const struct meets *m, const struct path_answer *answer, double short_bps, unsigned at,
     unsigned alive)
{
	double levels[LISTS + 1] = { 0 }, lost = 0;
	unsigned n = 1;

	if (at == m->n)
		return pattern_holds(answer, alive, short_bps) ? 0 : 1;
	for (unsigned i = 0; i < answer->n_routes; i++) {
		bool known = false;

		for (unsigned j = 0; j < n; j++)
			known |= levels[j] >= m->p[at][i] && levels[j] <= m->p[at][i];
		if (!known)
			levels[n++] = m->p[at][i];
	}
	for (unsigned i = 0; i < n; i++) {
		/* the next larger level: between the two, paths above the lower one fail */
		double next = 1;
		unsigned left = alive;

		for (unsigned j = 0; j < n; j++)
			if (levels[j] > levels[i])
				next = fmin(next, levels[j]);
		for (unsigned j = 0; j < answer->n_routes; j++)
			if (m->p[at][j] > levels[i])
				left &= ~(1u << j);
		lost += (next - levels[i]) * lose(m, answer, short_bps, at + 1, left);
	}
	return lost;
}

static void
expect_room(unsigned seed, const struct ted *ted, const struct path_request *r,
	    const struct path_answer *answer)
{
	for (uint32_t link = 0; link < ted_link_count(ted); link++) {
		uint64_t left = ted_residual_bps(ted, link), sum = 0;

		for (size_t i = 0; i < r->n_held_links; i++)
			if (r->held_links[i] == link) {
				left += r->held_bps;
				break;
			}
		for (size_t i = 0; i < answer->n_routes; i++)
			for (size_t j = 0; j < answer->routes[i].n_links; j++)
				if (answer->routes[i].links[j] == link)
					sum += answer->routes[i].reserved_bps;
		ck_assert_msg(sum <= left, "seed %u: %llu reserved of %llu", seed,
			      (unsigned long long)sum, (unsigned long long)left);
	}
}

struct tally {
	unsigned held, none, single, shared, split, limited, unsure, rounded, doubtful, vias;
};

static void
expect_lists(unsigned seed, const struct ted *ted, const struct path_request *r,
	     const struct oracle_paths *paths, const struct path_answer *answer,
	     struct tally *tally)
{
	struct truth truth = find_truth(ted, r, paths, r->bandwidth_bps);
	const struct path_guarantee *g = &answer->guarantee;
	struct meets m = { .n = 0 };
	uint64_t sum = 0;
	double lost[2];

	ck_assert_uint_le(answer->n_routes, r->max_lists);
	ck_assert(answer->has_guarantee);
	for (unsigned i = 0; i < answer->n_routes; i++) {
		const struct path_route *route = &answer->routes[i];

		ck_assert_msg(find_route(paths, route), "seed %u: list %u is no path", seed, i);
		ck_assert_uint_gt(route->weight, 0);
		meet_all(&m, ted, i, route->links, route->n_links);
		sum += route->reserved_bps;
	}
	ck_assert_uint_eq(sum, g->reserved_bps);
	expect_room(seed, ted, r, answer);
	/* a list may have been rounded down by less than 1 bit/s */
	for (unsigned i = 0; i < 2; i++)
		lost[i] = lose(&m, answer, i, 0, (1u << answer->n_routes) - 1);
	ck_assert_msg(lost[0] > (double)g->unavailability_ppt / 1e12 - 2e-12 &&
			  lost[1] < (double)g->unavailability_ppt / 1e12 + 2e-12,
		      "seed %u: fails with %.15f or %.15f, not %.12f", seed, lost[0], lost[1],
		      (double)g->unavailability_ppt / 1e12);
	tally->rounded += lost[0] > lost[1];
	ck_assert_msg(g->unavailability_ppt <= guarantee_allowed_ppt(r->guarantee),
		      "seed %u: not sure enough", seed);
	ck_assert_msg(truth.doubtful || fabs((double)sum - truth.least) <= LISTS + 1e-3,
		      "seed %u: reserves %llu, %f is enough", seed, (unsigned long long)sum,
		      truth.least);
	ck_assert_msg(answer->routes[0].exact, "seed %u: %s", seed, answer->routes[0].why);
	ck_assert_uint_eq(g->bound_bps, g->reserved_bps);
	tally->held++;
	tally->vias += r->n_via > 0;
	tally->doubtful += truth.doubtful;
	tally->single += answer->n_routes == 1;
	tally->shared += g->gamma_ppm > 1000000;
	tally->split += answer->n_routes > 1 && g->gamma_ppm == 1000000;
}

static void
expect_none(unsigned seed, const struct ted *ted, const struct path_request *r,
	    const struct oracle_paths *paths, const struct path_answer *answer, struct tally *tally)
{
	const struct path_no_path *no = &answer->no_path;
	struct truth truth = find_truth(ted, r, paths, r->bandwidth_bps), less;

	ck_assert_msg(truth.doubtful || isinf(truth.least), "seed %u: %s, but %f is enough", seed,
		      no->text, truth.least);
	ck_assert_ptr_nonnull(no->text);
	tally->none++;
	tally->doubtful += truth.doubtful;
	if (paths->n == 0 || truth.doubtful)
		return;
	ck_assert_msg(no->reason == PATH_REASON_GUARANTEE, "seed %u: %s", seed, no->text);
	ck_assert_msg(no->has_best_unavailability == (truth.surest != UINT64_MAX), "seed %u: %s",
		      seed, no->text);
	tally->limited += truth.surest == UINT64_MAX;
	tally->unsure += truth.surest != UINT64_MAX;
	if (truth.surest != UINT64_MAX)
		ck_assert_msg(no->best_unavailability_ppt <= truth.surest + 1 &&
				  no->best_unavailability_ppt + 1 >= truth.surest,
			      "seed %u: %llu instead of %llu: %s", seed,
			      (unsigned long long)no->best_unavailability_ppt,
			      (unsigned long long)truth.surest, no->text);
	less = find_truth(ted, r, paths, no->best + 1001);
	ck_assert_msg(isinf(less.least), "seed %u: more is possible: %s", seed, no->text);
	if (no->best > 0) {
		less = find_truth(ted, r, paths, no->best);
		ck_assert_msg(isfinite(less.least), "seed %u: not possible: %s", seed, no->text);
	}
}

/* A probability that matters: what some choice of paths reaches, or a little beside it. */
static double
draw_guarantee(const struct ted *ted, const struct path_request *r,
	       const struct oracle_paths *paths, uint64_t *state)
{
	static const double usual[] = { 0.9, 0.99, 0.999, 0.9999, 0.99999, 0.5, 1 };
	const struct families *all = all_families();
	unsigned chosen[LISTS], n = r->max_lists < paths->n ? r->max_lists : (unsigned)paths->n;
	uint64_t loss;
	struct pick pick;

	if (n == 0 || suite_below(state, 3) == 0)
		return usual[suite_below(state, 7)];
	for (unsigned i = 0; i < n; i++)
		chosen[i] = i == 0 ? suite_below(state, (uint32_t)paths->n)
				   : (chosen[i - 1] + 1) % (unsigned)paths->n;
	pick_paths(ted, r, paths, chosen, n, &pick);
	loss = loss_of(&pick, all->at[n][suite_below(state, all->n[n])]);
	loss += suite_below(state, 3);
	return loss > 1 && loss <= 1000000000000 ? 1 - (double)(loss - 1) / 1e12 : 0.99;
}

/* Keeps the bounds of a request only now and then: else most have no path at all. */
static void
loosen(struct path_request *r, uint64_t *state)
{
	struct path_request plain = path_request_init(r->from, r->to, r->objective);

	plain.held_links = r->held_links;
	plain.n_held_links = r->n_held_links;
	plain.held_bps = r->held_bps;
	if (suite_below(state, 5) > 0)
		*r = plain;
}

/* One direction of a fibre of a fan. */
static void
say_half(struct ted *ted, uint64_t *state, uint32_t from, uint32_t to, uint32_t number,
	 uint64_t ppt)
{
	struct ted_delta d = { .object = TED_OBJECT_LINK };
	struct ted_link_attr *a = &d.attr.link;
	uint32_t srlg[2];
	char name[16];

	d.key.link = net_link(net_isis(from + 1), net_isis(to + 1));
	d.key.link.has_ids = true;
	d.key.link.local_id = number;
	d.key.link.remote_id = number;
	snprintf(name, sizeof(name), "f%u-%u-%u", from, to, number);
	a->present = TED_LINK_NAME | TED_LINK_IGP_METRIC | TED_LINK_START_RESIDUAL |
		     TED_LINK_CAPACITY | TED_LINK_SRLG | TED_LINK_AVAILABILITY;
	a->name = name;
	a->igp_metric = 1;
	a->capacity_bps = 10000000000;
	a->start_residual_bps = suite_below(state, 2) == 0
				    ? a->capacity_bps
				    : 100000000ULL * (1 + suite_below(state, 8));
	for (uint32_t i = 1; i <= 3; i++)
		if (suite_below(state, 12) == 0 && a->n_srlg < 2)
			srlg[a->n_srlg++] = i;
	a->srlg = srlg;
	a->unavailability_ppt = suite_below(state, 10) > 0 ? ppt : ppt / 2;
	say(ted, FILE_1, d);
}

/* Two ends with two to four routers between them, some of these joined, shared risks here and
 * there: many ways to split and to protect. */
static struct ted *
draw_fan(uint64_t *state)
{
	static const uint64_t ppts[] = { 0,          1000000,    50000000,   1000000000,
					 1000000000, 1000000000, 20000000000 };
	uint32_t middles = 2 + suite_below(state, 3), number = 1;
	struct ted_delta hill = { .object = TED_OBJECT_SITE };
	struct pce_error err = { 0 };
	struct ted *ted = NULL;

	ck_assert(ted_new(&ted, 1, &err) == PCE_OK);
	for (uint32_t i = 0; i < middles + 2; i++) {
		struct ted_delta d = { .object = TED_OBJECT_NODE, .key.node = net_isis(i + 1) };
		struct ted_node_attr *a = &d.attr.node;

		a->present = TED_NODE_NAME | TED_NODE_AVAILABILITY;
		a->name = (const char *[]){ "s", "t", "a", "b", "c", "d" }[i];
		a->unavailability_ppt = ppts[suite_below(state, 4)];
		if (suite_below(state, 3) == 0) {
			a->present |= TED_NODE_SITE;
			a->site = "hill";
		}
		say(ted, FILE_1, d);
	}
	for (uint32_t from = 0; from < middles + 2; from++)
		for (uint32_t to = from + 1; to < middles + 2; to++) {
			uint64_t ppt = ppts[suite_below(state, 7)];

			if (to < 2 || (from >= 2 && suite_below(state, 6) > 0))
				continue;
			say_half(ted, state, from, to, number, ppt);
			say_half(ted, state, to, from, number++, ppt);
		}
	for (uint32_t i = 1; i <= 3; i++) {
		struct ted_delta d = { .object = TED_OBJECT_SRLG, .key.number = i };

		d.attr.srlg.unavailability_ppt = ppts[1 + suite_below(state, 4)];
		say(ted, FILE_1, d);
	}
	hill.key.number = ted_site_number("hill");
	hill.attr.srlg = (struct ted_srlg_attr){ "hill", ppts[suite_below(state, 4)] };
	say(ted, FILE_1, hill);
	settle(ted, NULL);
	return ted;
}

static struct ted *
draw_any(uint64_t *state)
{
	struct random_net net;

	net_draw(&net, state, 4 + suite_below(state, 4));
	return net_build(&net, NULL);
}

static void
draw_request(struct random_request *q, const struct ted *ted, bool fan, bool via, uint64_t *state)
{
	request_draw(q, ted, state);
	loosen(&q->r, state);
	if (fan) {
		q->r.from = ted_find_node(ted, "s", &q->r.from, NULL) ? 0 : q->r.from;
		q->r.to = ted_find_node(ted, "t", &q->r.to, NULL) ? 0 : q->r.to;
	}
	if (fan && via) { /* over A; the hops bound how many walks there are */
		ck_assert(ted_find_node(ted, "a", &q->nodes[0], NULL) == PCE_OK);
		q->r.via = q->nodes;
		q->r.n_via = 1;
		q->r.n_avoid_nodes = 0;
		q->r.max_hops = 2 + suite_below(state, 3);
	}
	q->r.max_lists = 1 + suite_below(state, LISTS);
	if (fan && q->r.max_lists == 1)
		q->r.max_lists = 3;
	q->r.bandwidth_bps = 50000000ULL * (1 + suite_below(state, 16)) + suite_below(state, 2);
}

/* All routes of a request, loopless or, with vias, not; false if they are too many. */
static bool
enumerate(const struct ted *ted, const struct path_request *r, struct oracle_paths *out)
{
	struct referee ref;

	if (r->n_via == 0) {
		oracle_enumerate(ted, r, 0, out);
		return true;
	}
	referee_begin(&ref, ted, r->from, r->to, true, 20000);
	if (ref.overflow) {
		referee_end(&ref);
		return false;
	}
	referee_judge(&ref, r);
	out->paths = calloc(ref.n + 1, sizeof(*out->paths));
	for (size_t i = 0; i < ref.n; i++) {
		if (ref.paths[i].breaks)
			continue;
		ck_assert_uint_le(ref.paths[i].n, ORACLE_MAX_NODES);
		out->paths[out->n].n = ref.paths[i].n;
		memcpy(out->paths[out->n++].links, ref.paths[i].links,
		       ref.paths[i].n * sizeof(uint32_t));
	}
	referee_end(&ref);
	return true;
}

static bool
try_seed(unsigned seed, struct tally *tally)
{
	static const unsigned most_paths[] = { 0, 14, 14, 9, 7 };
	uint64_t state = seed * 77ULL;
	struct random_request q;
	struct path_engine *engine = NULL;
	struct path_answer answer = { .n_routes = 0 };
	struct oracle_paths paths = { .n = 0 };
	struct path_request any;
	struct pce_error err = { 0 };
	struct ted *ted;
	bool small, fan = seed % 3 > 0;

	ted = fan ? draw_fan(&state) : draw_any(&state);
	draw_request(&q, ted, fan, seed % 7 == 1, &state);
	any = q.r;
	any.bandwidth_bps = 1;
	small = enumerate(ted, &any, &paths) && paths.n <= most_paths[q.r.max_lists];
	if (small) {
		q.r.guarantee = draw_guarantee(ted, &q.r, &paths, &state);
		ck_assert(path_engine_new(ted, &engine, &err) == PCE_OK);
		ck_assert_msg(path_compute(engine, &q.r, &answer, &err) == PCE_OK, "seed %u: %s",
			      seed, err.text);
		if (answer.n_routes > 0)
			expect_lists(seed, ted, &q.r, &paths, &answer, tally);
		else
			expect_none(seed, ted, &q.r, &paths, &answer, tally);
	}
	path_answer_free(&answer);
	oracle_free(&paths);
	path_engine_free(engine);
	ted_free(ted);
	return small;
}

START_TEST(guarantee_random_network_reserves_the_least)
{
	struct tally t = { 0 };
	unsigned seeds = suite_seeds(), done = 0;

	for (unsigned seed = 1; done < seeds; seed++)
		done += try_seed(seed, &t);
	printf("held %u (through a via %u, one list %u, more than b %u, split %u, rounded %u), "
	       "none %u (no room %u, "
	       "not sure enough %u)\n",
	       t.held, t.vias, t.single, t.shared, t.split, t.rounded, t.none, t.limited, t.unsure);
	ck_assert_uint_lt(t.rounded, seeds / 10 + 5);
	ck_assert_uint_lt(t.doubtful, seeds / 20 + 5);
	if (seeds < 500)
		return;
	ck_assert_uint_gt(t.held, seeds / 10);
	ck_assert_uint_gt(t.shared, seeds / 20);
	ck_assert_uint_gt(t.split, seeds / 100);
	ck_assert_uint_gt(t.limited, seeds / 50);
	ck_assert_uint_gt(t.unsure, seeds / 20);
	ck_assert_uint_gt(t.vias, seeds / 50);
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("guarantee");

	tcase_add_test(tcase, guarantee_random_network_reserves_the_least);
	return suite_run("guarantee", tcase, 240);
}
