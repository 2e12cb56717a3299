/*
 * An engine that took in thousands of changes answers every kind of request as one made anew: each
 * attribute of links and nodes, withdrawals and returns, bookings, failures and their repair.
 */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "tests/path/county.h"
#include "tests/support/suite.h"
#include "tests/ted/net.h"

struct life {
	unsigned seed;
	uint64_t state;
	struct county c;
	struct path_engine *kept;
	struct ted *fork; /* a fork of some earlier state, and the engine over it */
	struct path_engine *forked;
	bool failed; /* links are failed by hand: the ted is a trial until all is repaired */
	unsigned changes, compared, unproven, by_kind[ASK_KINDS];
};

static void
take_in(struct life *life, const struct ted_change *changes, size_t n)
{
	struct pce_error err = { 0 };

	ck_assert(path_engine_refresh(life->kept, changes, n, &err) == PCE_OK);
	life->changes += (unsigned)n;
}

/* One attribute of a link changes, or all of them. */
static void
change_link(struct life *life)
{
	struct county *c = &life->c;
	uint32_t at = suite_below(&life->state, c->n_links);
	struct ted_link_attr *a = &c->links[at].delta.attr.link, old = *a;

	county_draw_link(c, at, &life->state);
	switch (suite_below(&life->state, 10)) {
	case 0:
		old.igp_metric = a->igp_metric;
		break;
	case 1:
		old.te_metric = a->te_metric;
		break;
	case 2:
		old.delay_us = a->delay_us;
		break;
	case 3:
		old.start_residual_bps = a->start_residual_bps;
		break;
	case 4:
		old.unavailability_ppt = a->unavailability_ppt;
		break;
	case 5:
		old.n_srlg = a->n_srlg;
		break;
	case 6:
		old.loss_ppb = a->loss_ppb;
		break;
	case 7:
		old.n_slices = a->n_slices;
		break;
	default:
		old = *a;
		break;
	}
	*a = old;
	county_say_link(c, c->ted, at);
}

static void
change_node(struct life *life)
{
	uint32_t at = suite_below(&life->state, life->c.n_nodes);

	county_draw_node(&life->c, at, &life->state);
	county_say_node(&life->c, life->c.ted, at);
}

/* A link or node goes, or comes back. */
static void
come_or_go(struct life *life)
{
	struct county *c = &life->c;
	struct ted_delta gone = { .op = TED_DELETE };

	if (suite_below(&life->state, 4) == 0) {
		uint32_t at = suite_below(&life->state, c->n_nodes);

		gone.object = TED_OBJECT_NODE;
		gone.key.node = c->nodes[at].key.node;
		if (suite_below(&life->state, 3) == 0)
			say(c->ted, FILE_1, gone);
		else
			county_say_node(c, c->ted, at);
		return;
	}
	gone.object = TED_OBJECT_LINK;
	gone.key.link = c->links[suite_below(&life->state, c->n_links)].delta.key.link;
	if (suite_below(&life->state, 2) == 0)
		say(c->ted, FILE_1, gone);
	else
		county_say_link(c, c->ted, suite_below(&life->state, c->n_links));
}

static void
change_risk(struct life *life)
{
	struct ted_delta d = { .object = TED_OBJECT_SRLG };

	if (suite_below(&life->state, 2) == 0) {
		county_say_site(life->c.ted, suite_below(&life->state, 3),
				suite_below(&life->state, 4) * 3000000);
		return;
	}
	d.key.number = 1 + suite_below(&life->state, life->c.n_nodes / 4 + 2);
	d.attr.srlg.unavailability_ppt = suite_below(&life->state, 4) * 2000000;
	say(life->c.ted, FILE_1, d);
}

static void
settle_some(struct life *life)
{
	const struct ted_change *changes;
	size_t n;

	for (unsigned i = 1 + suite_below(&life->state, 6); i > 0; i--) {
		unsigned what = suite_below(&life->state, 20);

		if (what < 13)
			change_link(life);
		else if (what < 16)
			change_node(life);
		else if (what < 19)
			come_or_go(life);
		else
			change_risk(life);
	}
	n = settle(life->c.ted, &changes);
	take_in(life, changes, n);
}

/* Bookings and failures touch single links; the engine is told each by itself. */
static void
touch_some(struct life *life, struct ted *ted, struct path_engine *engine)
{
	struct pce_error err = { 0 };

	for (unsigned i = 1 + suite_below(&life->state, 5); i > 0; i--) {
		uint32_t link = suite_below(&life->state, ted_link_count(ted));
		uint32_t reverse = ted_link_at(ted, link)->reverse;

		if (suite_below(&life->state, 3) == 0) {
			ck_assert(ted_fail_link(ted, link) == PCE_OK);
			life->failed |= ted == life->c.ted;
		} else {
			ck_assert(ted_book(ted, link, 50000000, &err) == PCE_OK);
		}
		path_engine_refresh_link(engine, link);
		if (reverse != TED_NONE)
			path_engine_refresh_link(engine, reverse);
		life->changes++;
	}
}

static void
repair(struct life *life)
{
	uint32_t n = ted_link_count(life->c.ted);

	ck_assert(ted_repair_all(life->c.ted) == PCE_OK);
	for (uint32_t i = 0; i < n; i++)
		path_engine_refresh_link(life->kept, i);
	life->failed = false;
}

static void
drop_fork(struct life *life)
{
	path_engine_free(life->forked);
	ted_free(life->fork);
	life->forked = NULL;
	life->fork = NULL;
}

/* A what-if: the fork goes its way, and so does what it was forked from. */
static void
fork_off(struct life *life)
{
	struct pce_error err = { 0 };

	drop_fork(life);
	ck_assert(ted_fork(life->c.ted, &life->fork, &err) == PCE_OK);
	ck_assert(path_engine_fork(life->kept, life->fork, &life->forked, &err) == PCE_OK);
	touch_some(life, life->fork, life->forked);
}

static void
compare(struct life *life, struct ted *ted, struct path_engine *engine)
{
	struct path_engine *fresh = county_engine(ted);

	for (unsigned i = 0; i < 4; i++) {
		enum county_kind kind = life->compared % ASK_KINDS;
		struct path_answer one = { .n_routes = 0 }, two = { .n_routes = 0 };
		struct text a = { .len = 0 }, b = { .len = 0 };
		struct county_ask q;

		county_ask(&q, &life->c, fresh, kind, &life->state);
		county_compute(engine, &q.r, &one);
		county_compute(fresh, &q.r, &two);
		county_print(ted, &one, &a);
		county_print(ted, &two, &b);
		if (county_is_proven(&one) && county_is_proven(&two))
			ck_assert_msg(strcmp(text_get(&a), text_get(&b)) == 0,
				      "seed %u, %s%s after %u changes:\n%s\n%s", life->seed,
				      county_kinds[kind], ted == life->fork ? " on a fork" : "",
				      life->changes, text_get(&a), text_get(&b));
		else
			life->unproven++;
		life->compared++;
		life->by_kind[kind] += one.n_routes > 0;
		text_free(&a);
		text_free(&b);
		path_answer_free(&one);
		path_answer_free(&two);
	}
	path_engine_free(fresh);
}

static void
live(struct life *life, enum county_shape shape, uint32_t nodes, unsigned rounds)
{
	county_begin(&life->c, shape, nodes, &life->state);
	life->kept = county_engine(life->c.ted);
	for (unsigned i = 0; i < rounds; i++) {
		if (life->failed && suite_below(&life->state, 3) != 0)
			repair(life);
		if (!life->failed && suite_below(&life->state, 3) != 0)
			settle_some(life);
		else
			touch_some(life, life->c.ted, life->kept);
		if (i % 10 == 4)
			fork_off(life);
		if (i % 3 == 0)
			compare(life, life->c.ted, life->kept);
		if (life->fork && i % 10 == 9)
			compare(life, life->fork, life->forked);
	}
	drop_fork(life);
	path_engine_free(life->kept);
	county_end(&life->c);
}

START_TEST(path_refreshed_engine_answers_as_a_new_one)
{
	unsigned changes = 0, compared = 0, unproven = 0, found[ASK_KINDS] = { 0 };

	for (unsigned seed = 1; seed <= suite_seeds() / 4; seed++) {
		struct life life = { .seed = seed, .state = seed };

		live(&life, seed % COUNTY_SHAPES, 10 + seed % 50, 100);
		changes += life.changes;
		compared += life.compared;
		unproven += life.unproven;
		for (unsigned i = 0; i < ASK_KINDS; i++)
			found[i] += life.by_kind[i];
	}
	printf("%u changes, %u answers compared, %u not proven; found:", changes, compared,
	       unproven);
	for (unsigned i = 0; i < ASK_KINDS; i++)
		printf(" %s %u", county_kinds[i], found[i]);
	printf("\n");
	fflush(stdout);
	ck_assert_uint_le(unproven * 5, compared);
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("updates");

	tcase_add_test(tcase, path_refreshed_engine_answers_as_a_new_one);
	return suite_run("updates", tcase, 120);
}
