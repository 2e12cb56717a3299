/*
 * What a potential knows when arcs are looked at eight at a time, against what it knows when they
 * are not: on networks of so many links that nearly all high places are joined, with gaps.
 */
#include <stdio.h>

#include "pce/path/potential.h"
#include "pce/path/rows.h"
#include "tests/support/suite.h"

#define NODES 56
#define LINKS 1200

struct draw {
	uint64_t state;
	uint32_t tail[LINKS], head[LINKS];
	uint64_t weight[LINKS];
	struct hierarchy *h;
	struct potential single, wide;
	unsigned leads, gates;
};

static struct column
column_of(const uint32_t *values)
{
	return (struct column){ .first = values, .stride = sizeof(*values) };
}

/* Weights of 32 bits and 8 more; some are as large as that, and sums do not fit. */
static uint64_t
draw_weight(uint64_t *state)
{
	switch (suite_below(state, 12)) {
	case 0:
		return suite_below(state, 300);
	case 1:
		return (uint64_t)(UINT32_MAX - suite_below(state, 3)) << 8;
	case 2:
		return (uint64_t)(UINT32_MAX / 2 - suite_below(state, 200)) << 8;
	default:
		return suite_below(state, 100000);
	}
}

/* Few links leave a node low, with gaps among the ends of its arcs. */
static void
draw_network(struct draw *d, unsigned seed)
{
	uint32_t n = 20 + seed % (NODES - 19);

	*d = (struct draw){ .state = seed };
	for (uint32_t i = 0; i < LINKS; i++) {
		uint32_t low = suite_below(&d->state, 4) ? suite_below(&d->state, n - 16) + 16 : 0;

		d->tail[i] = suite_below(&d->state, low ? low : n);
		d->head[i] = low ? low : suite_below(&d->state, n);
		d->weight[i] = draw_weight(&d->state);
	}
	ck_assert(hierarchy_new(n, LINKS, column_of(d->tail), column_of(d->head), &d->h, NULL) ==
		  PCE_OK);
	ck_assert_ptr_nonnull(d->h);
	/* with a shift, or the lower halves of the numbers: these have a margin of 1 */
	ck_assert(hierarchy_customise(d->h, 0,
				      (struct column){ .first = d->weight,
						       .stride = sizeof(*d->weight),
						       .shift = seed % 2 ? 8 : 0 },
				      NULL) == PCE_OK);
	ck_assert(potential_init(&d->single, d->h, false, NULL) == PCE_OK);
	ck_assert(potential_init(&d->wide, d->h, false, NULL) == PCE_OK);
	d->single.worth = UINT32_MAX;
	d->wide.worth = 1;
}

static void
end(struct draw *d)
{
	potential_free(&d->single);
	potential_free(&d->wide);
	hierarchy_free(d->h);
}

static void
aim(struct draw *d)
{
	uint32_t n = hierarchy_order(d->h)->n_nodes, target = suite_below(&d->state, n);
	struct potential_gate gates[8];
	uint32_t n_gates = suite_below(&d->state, 9);

	for (uint32_t i = 0; i < n_gates; i++)
		gates[i] = (struct potential_gate){ (target + i * (n / 9)) % n,
						    (uint32_t)(draw_weight(&d->state) >> 8) };
	if (n_gates == 0) {
		potential_aim(&d->single, d->h, 0, target);
		potential_aim(&d->wide, d->h, 0, target);
	} else {
		potential_aim_gates(&d->single, d->h, 0, gates, n_gates);
		potential_aim_gates(&d->wide, d->h, 0, gates, n_gates);
	}
	d->gates += n_gates;
}

static void
compare(struct draw *d, unsigned seed)
{
	uint32_t n = hierarchy_order(d->h)->n_nodes;

	for (uint32_t node = 0; node < n; node++) {
		const uint32_t *a = NULL, *b = NULL;
		uint32_t n_a = 0, n_b = 0;
		bool leads;

		ck_assert_msg(potential_at(&d->single, node) == potential_at(&d->wide, node),
			      "seed %u, node %u", seed, node);
		leads = potential_leads(&d->single, node, &a, &n_a);
		ck_assert_msg(leads == potential_leads(&d->wide, node, &b, &n_b),
			      "seed %u, node %u", seed, node);
		ck_assert(a == b && n_a == n_b);
		d->leads += leads;
	}
}

START_TEST(potential_of_eight_arcs_at_once_is_that_of_one)
{
	unsigned leads = 0, gates = 0, several = 0;

	for (unsigned seed = 1; seed <= suite_seeds() && rows_are_wide(); seed++) {
		struct draw d;

		draw_network(&d, seed);
		for (unsigned i = 0; i < 6; i++) {
			aim(&d);
			compare(&d, seed);
		}
		leads += d.leads;
		gates += d.gates;
		several += d.leads < 6 * hierarchy_order(d.h)->n_nodes;
		end(&d);
	}
	printf("%u nodes left by one link, %u gates%s\n", leads, gates,
	       rows_are_wide() ? "" : ": no wide registers here");
	ck_assert(!rows_are_wide() || (leads > 0 && gates > 0 && several > 0));
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("rows");

	tcase_add_test(tcase, potential_of_eight_arcs_at_once_is_that_of_one);
	return suite_run("rows", tcase, 60);
}
