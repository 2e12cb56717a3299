/*
 * Localisation against networks whose faults are known: random graphs, random simple paths as
 * lists, random silent faults. What fails and what works follows from the faults alone; the oracle
 * of the weights tries every set of up to three fibres.
 */
#include <string.h>

#include "pce/assure/localise.h"
#include "tests/support/suite.h"

#define NODES 10
#define FIBRES 24
#define LISTS 40
#define DETECT 1000
#define FAILED 5000

struct net {
	uint64_t random;
	unsigned n_nodes, n_fibres;
	unsigned a[FIBRES], b[FIBRES];
	bool bad[FIBRES];
	uint32_t lists[LISTS][NODES];
	size_t lengths[LISTS], n_lists;
	uint32_t incident[NODES][FIBRES];
	struct assure_risk risks[NODES];
	struct usec alive[FIBRES];
	struct assure_failure failures[LISTS];
	size_t n_failures;
	struct arena arena;
	struct assure_verdict v;
};

static void
draw_graph(struct net *n)
{
	n->n_nodes = 4 + suite_below(&n->random, NODES - 3);
	for (unsigned i = 1; i < n->n_nodes; i++) {
		n->a[n->n_fibres] = i;
		n->b[n->n_fibres++] = suite_below(&n->random, i);
	}
	while (n->n_fibres < FIBRES && suite_below(&n->random, 8) > 0) {
		n->a[n->n_fibres] = suite_below(&n->random, n->n_nodes);
		n->b[n->n_fibres] = suite_below(&n->random, n->n_nodes);
		n->n_fibres += n->a[n->n_fibres] != n->b[n->n_fibres];
	}
	for (unsigned v = 0; v < n->n_nodes; v++) {
		n->risks[v].fibres = n->incident[v];
		for (unsigned f = 0; f < n->n_fibres; f++)
			if (n->a[f] == v || n->b[f] == v)
				n->incident[v][n->risks[v].n++] = f;
	}
}

/* A random walk that meets no node twice. */
static void
draw_list(struct net *n)
{
	bool met[NODES] = { false };
	unsigned at = suite_below(&n->random, n->n_nodes);
	uint32_t *list = n->lists[n->n_lists];
	size_t length = 0;

	met[at] = true;
	for (unsigned tries = 0; tries < 30 && length < 6; tries++) {
		unsigned f = suite_below(&n->random, n->n_fibres);
		unsigned to = n->a[f] == at ? n->b[f] : n->a[f];

		if ((n->a[f] != at && n->b[f] != at) || met[to])
			continue;
		met[at = to] = true;
		list[length++] = f;
	}
	n->lengths[n->n_lists] = length;
	n->n_lists += length > 0;
}

static void
draw_faults(struct net *n)
{
	unsigned faults = 1 + suite_below(&n->random, 3);
	unsigned node = suite_below(&n->random, n->n_nodes);

	if (suite_below(&n->random, 4) == 0)
		for (size_t k = 0; k < n->risks[node].n; k++)
			n->bad[n->incident[node][k]] = true;
	else
		while (faults-- > 0)
			n->bad[suite_below(&n->random, n->n_fibres)] = true;
}

static bool
works(const struct net *n, size_t list)
{
	for (size_t k = 0; k < n->lengths[list]; k++)
		if (n->bad[n->lists[list][k]])
			return false;
	return true;
}

/* Each list is probed; those that work are heard at an instant. */
static void
probe(struct net *n, int64_t alive_at)
{
	for (size_t i = 0; i < n->n_lists; i++) {
		if (!works(n, i)) {
			n->failures[n->n_failures++] =
			    (struct assure_failure){ n->lists[i], n->lengths[i], { FAILED } };
			continue;
		}
		for (size_t k = 0; k < n->lengths[i]; k++)
			n->alive[n->lists[i][k]] = (struct usec){ alive_at };
	}
}

static void
localise(struct net *n, bool with_risks)
{
	const struct assure_evidence e = { n->n_fibres,
					   n->alive,
					   DETECT,
					   n->failures,
					   n->n_failures,
					   n->risks,
					   with_risks ? n->n_nodes : 0 };

	ck_assert_int_eq(assure_localise(&e, &n->arena, &n->v, NULL), PCE_OK);
}

static void
net_make(struct net *n, uint64_t seed, size_t lists)
{
	*n = (struct net){ .random = seed };
	draw_graph(n);
	while (n->n_lists < lists)
		draw_list(n);
	draw_faults(n);
}

static const struct assure_suspect *
suspect(const struct net *n, uint32_t fibre)
{
	for (size_t i = 0; i < n->v.n; i++)
		if (n->v.suspects[i].fibre == fibre)
			return &n->v.suspects[i];
	return NULL;
}

/* Bad fibres of failed lists are suspects, whatever else is; nothing good is named. */
static void
check_sound(const struct net *n)
{
	for (size_t i = 0; i < n->n_failures; i++) {
		ck_assert(!n->v.unexplained[i]);
		for (size_t k = 0; k < n->failures[i].n; k++) {
			uint32_t f = n->failures[i].fibres[k];

			ck_assert(!n->bad[f] || (suspect(n, f) && !suspect(n, f)->beside));
		}
	}
	for (size_t i = 0; i < n->v.n; i++) {
		const struct assure_suspect *s = &n->v.suspects[i];

		ck_assert(!s->named || n->bad[s->fibre]);
		ck_assert(i == 0 || n->v.suspects[i - 1].fibre < s->fibre);
		ck_assert_uint_le(s->confidence_ppm, 1000000);
		ck_assert(s->beside == (s->n_failures == 0));
	}
}

START_TEST(localise_random_faults_are_always_among_the_suspects)
{
	size_t seen = 0;

	for (unsigned seed = 0; seed < suite_seeds(); seed++) {
		struct net n;

		net_make(&n, seed, 1 + seed % (LISTS - 1));
		probe(&n, FAILED + DETECT);
		localise(&n, true);
		check_sound(&n);
		seen += n.n_failures > 0;
		arena_free(&n.arena);
	}
	ck_assert_uint_gt(seen, suite_seeds() / 4);
}
END_TEST

START_TEST(localise_enough_lists_name_the_faults_exactly)
{
	for (unsigned seed = 0; seed < suite_seeds(); seed++) {
		struct net n;

		net_make(&n, seed, LISTS - FIBRES);
		for (uint32_t f = 0; f < n.n_fibres; f++) {
			n.lists[n.n_lists][0] = f;
			n.lengths[n.n_lists++] = 1;
		}
		probe(&n, FAILED + DETECT);
		localise(&n, true);
		check_sound(&n);
		for (uint32_t f = 0; f < n.n_fibres; f++)
			ck_assert(n.bad[f] == (suspect(&n, f) != NULL && suspect(&n, f)->named));
		ck_assert_uint_eq(n.v.n_beside, 0);
		arena_free(&n.arena);
	}
}
END_TEST

/* Who was asked too early proves nothing. */
START_TEST(localise_early_answers_prove_nothing)
{
	for (unsigned seed = 0; seed < suite_seeds(); seed++) {
		struct net n;

		net_make(&n, seed, LISTS);
		probe(&n, FAILED + DETECT - 1);
		localise(&n, true);
		for (size_t i = 0; i < n.n_failures; i++)
			for (size_t k = 0; k < n.failures[i].n; k++)
				ck_assert(suspect(&n, n.failures[i].fibres[k]) != NULL);
		arena_free(&n.arena);
	}
}
END_TEST

/* --- weights --- */

static bool
explains(const struct net *n, uint32_t fibres)
{
	for (size_t i = 0; i < n->n_failures; i++) {
		bool hit = false;

		for (size_t k = 0; k < n->failures[i].n; k++)
			hit = hit || (fibres >> n->failures[i].fibres[k] & 1 &&
				      n->alive[n->failures[i].fibres[k]].v == 0);
		if (!hit)
			return false;
	}
	return true;
}

static unsigned
bits_of(uint32_t set)
{
	unsigned n = 0;

	for (; set; set &= set - 1)
		n++;
	return n;
}

/* All least sets of fibres that explain everything; how many there are of them with each fibre. */
static unsigned
least(const struct net *n, unsigned counts[FIBRES], unsigned *all)
{
	unsigned best = 4;

	*all = 0;
	for (uint32_t set = 0; set < UINT32_C(1) << n->n_fibres; set++) {
		unsigned bits = bits_of(set);

		if (bits > best || !explains(n, set))
			continue;
		if (bits < best) {
			*all = 0;
			memset(counts, 0, FIBRES * sizeof(*counts));
		}
		best = bits;
		++*all;
		for (unsigned f = 0; f < n->n_fibres; f++)
			counts[f] += set >> f & 1;
	}
	return best;
}

START_TEST(localise_weights_are_shares_of_the_least_explanations)
{
	size_t seen = 0;

	for (unsigned seed = 0; seed < suite_seeds(); seed++) {
		struct net n;
		unsigned counts[FIBRES] = { 0 }, all, best;

		net_make(&n, seed, 1 + seed % 5);
		n.n_failures = 0;
		probe(&n, FAILED + DETECT);
		if (n.n_fibres > 12 || n.n_failures == 0)
			continue;
		localise(&n, false);
		best = least(&n, counts, &all);
		for (size_t i = 0; best < 4 && i < n.v.n; i++) {
			const struct assure_suspect *s = &n.v.suspects[i];
			int64_t want = (int64_t)1000000 * counts[s->fibre] / all;
			int64_t off = (int64_t)s->confidence_ppm - want;

			ck_assert(off >= -2 && off <= 2);
		}
		seen += best < 4;
		arena_free(&n.arena);
	}
	ck_assert_uint_gt(seen, suite_seeds() / 20);
}
END_TEST

/* --- what is shared --- */

START_TEST(localise_node_that_explains_all_casts_doubt_on_its_other_fibres)
{
	static const uint32_t one[] = { 0, 1 }, two[] = { 2, 3 }, node[] = { 1, 2, 4 };
	const struct assure_failure failures[] = { { one, 2, { FAILED } }, { two, 2, { FAILED } } };
	const struct assure_risk risk = { node, 3 };
	struct usec alive[5] = { { 0 } };
	struct assure_evidence e = { 5, alive, DETECT, failures, 2, &risk, 1 };
	struct arena arena = { 0 };
	struct assure_verdict v;

	/* Two failures without a fibre in common are two groups: the node is no better for either
	 * than the fibres, but it is possible. */
	ck_assert_int_eq(assure_localise(&e, &arena, &v, NULL), PCE_OK);
	ck_assert_uint_eq(v.n, 5);
	ck_assert_uint_eq(v.n_beside, 1);
	ck_assert(v.suspects[4].beside);
	ck_assert_uint_gt(v.suspects[1].confidence_ppm, v.suspects[0].confidence_ppm);
	alive[4] = (struct usec){ FAILED + DETECT };
	ck_assert_int_eq(assure_localise(&e, &arena, &v, NULL), PCE_OK);
	ck_assert_uint_eq(v.n, 4);
	ck_assert_uint_eq(v.n_beside, 0);
	arena_free(&arena);
}
END_TEST

START_TEST(localise_list_over_proved_fibres_is_unexplained)
{
	static const uint32_t one[] = { 0, 1 }, wrong[] = { 7 };
	const struct assure_failure failure = { one, 2, { FAILED } };
	const struct assure_failure bad = { wrong, 1, { FAILED } };
	struct usec alive[2] = { { FAILED + DETECT }, { FAILED + 9 * DETECT } };
	struct assure_evidence e = { 2, alive, DETECT, &failure, 1, NULL, 0 };
	struct arena arena = { 0 };
	struct assure_verdict v;

	ck_assert_int_eq(assure_localise(&e, &arena, &v, NULL), PCE_OK);
	ck_assert_uint_eq(v.n, 0);
	ck_assert(v.unexplained[0]);
	e.failures = &bad;
	ck_assert_int_eq(assure_localise(&e, &arena, &v, NULL), PCE_INVALID);
	arena_free(&arena);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("localise");

	tcase_add_test(tc, localise_random_faults_are_always_among_the_suspects);
	tcase_add_test(tc, localise_enough_lists_name_the_faults_exactly);
	tcase_add_test(tc, localise_early_answers_prove_nothing);
	tcase_add_test(tc, localise_weights_are_shares_of_the_least_explanations);
	tcase_add_test(tc, localise_node_that_explains_all_casts_doubt_on_its_other_fibres);
	tcase_add_test(tc, localise_list_over_proved_fibres_is_unexplained);
	return suite_run("localise", tc, 20);
}
