/*
 * An answer depends on the network and the request alone, also where a budget ends the search: not
 * on what the engine was asked before, and has learnt from it. And sums that do not fit into a key
 * do not lead a batch astray.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pce/path/batch.h"
#include "pce/path/engine.h"
#include "tests/path/county.h"
#include "tests/support/suite.h"
#include "tests/ted/net.h"

/* Asks for what teaches an engine its habits and fills its potentials. */
static void
teach(struct path_engine *engine, const struct county *c, uint64_t *state)
{
	for (unsigned i = 0; i < 20; i++) {
		struct path_answer answer = { .n_routes = 0 };
		struct county_ask ask;

		county_ask(&ask, c, engine, suite_below(state, ASK_BOUNDED), state);
		ask.r.objective = suite_below(state, 3);
		county_compute(engine, &ask.r, &answer);
		path_answer_free(&answer);
	}
}

static char *
answer_text(struct path_engine *engine, const struct path_request *r, const struct ted *ted,
	    bool *spent)
{
	struct path_answer answer = { .n_routes = 0 };
	struct text text = { 0 };

	county_compute(engine, r, &answer);
	county_print(ted, &answer, &text);
	text_printf(&text, "settled %llu\n",
		    (unsigned long long)(r->k > 1 || r->disjoint != PATH_DISJOINT_NONE
					     ? answer.settled
					     : 0));
	*spent = !county_is_proven(&answer);
	path_answer_free(&answer);
	return text_take(&text);
}

START_TEST(path_compute_within_a_budget_forgets_what_was_asked_before)
{
	static const enum county_kind kinds[] = { ASK_K, ASK_DIVERSE, ASK_PAIR, ASK_VIA };
	unsigned n = suite_seeds() / 4, asked = 0, ended = 0;

	for (unsigned seed = 1; seed <= n; seed++) {
		uint64_t state = seed;
		struct path_engine *taught, *fresh;
		struct county c;

		county_begin(&c, suite_below(&state, COUNTY_HUGE), 900, &state);
		taught = county_engine(c.ted);
		teach(taught, &c, &state);
		fresh = county_engine(c.ted);
		for (unsigned i = 0; i < 5; i++) {
			struct county_ask ask;
			char *a, *b;
			bool spent;

			county_ask(&ask, &c, taught, kinds[suite_below(&state, 4)], &state);
			ask.r.objective = suite_below(&state, 3);
			ask.r.budget_labels = 100u << suite_below(&state, 6);
			a = answer_text(taught, &ask.r, c.ted, &spent);
			b = answer_text(fresh, &ask.r, c.ted, &spent);
			ck_assert_msg(strcmp(a, b) == 0, "seed %u: taught\n%s\nfresh\n%s", seed, a,
				      b);
			asked++;
			ended += spent;
			free(a);
			free(b);
			path_engine_free(fresh);
			fresh = county_engine(c.ted);
		}
		path_engine_free(taught);
		path_engine_free(fresh);
		county_end(&c);
	}
	printf("%u requests, %u ended by their budget\n", asked, ended);
	ck_assert_uint_gt(ended * 10, asked);
}
END_TEST

static void
say_hop(struct ted *ted, uint32_t from, uint32_t to, uint32_t igp, uint32_t delay_us)
{
	struct ted_delta d = { .object = TED_OBJECT_LINK };
	struct ted_link_attr *a = &d.attr.link;

	d.key.link = net_link(net_isis(from), net_isis(to));
	a->present = TED_LINK_IGP_METRIC | TED_LINK_DELAY;
	a->igp_metric = igp;
	a->delay_us = delay_us;
	say(ted, FILE_1, d);
}

/* Two ways to node 1: one that is cheaper by 1 and so slow that the sum of its delays does not fit
 * into its field of a key, and a quick one. */
static struct ted *
two_chains(uint32_t slow, uint32_t quick, uint32_t *from)
{
	struct ted *ted = NULL;
	const struct ted_change *changes;
	uint32_t n = slow + quick;
	char name[16];

	ck_assert(ted_new(&ted, 7, NULL) == PCE_OK);
	for (uint32_t i = 1; i <= n; i++) {
		snprintf(name, sizeof(name), "n%u", i);
		say_node(ted, FILE_1, net_isis(i), name);
	}
	for (uint32_t i = 1; i < slow; i++)
		say_hop(ted, i + 1, i, 10, 4095);
	say_hop(ted, slow + 1, slow, 10, 4095);
	say_hop(ted, slow + 2, 1, 21, 1);
	for (uint32_t i = slow + 2; i < n; i++)
		say_hop(ted, i + 1, i, 20, 1);
	say_hop(ted, slow + 1, n, 10 * slow + 1 - 21 - 20 * (quick - 2), 1);
	settle(ted, &changes);
	ck_assert(ted_find_node(ted, "n1", from, NULL) == PCE_OK);
	return ted;
}

START_TEST(path_batch_of_sums_that_fit_no_key_takes_vectors)
{
	struct path_batch_result results[2] = { 0 };
	struct path_request requests[2];
	struct path_engine *engine = NULL;
	struct path_batch *batch = NULL;
	uint32_t to, from;
	struct ted *ted = two_chains(400, 190, &to);

	ck_assert(ted_find_node(ted, "n401", &from, NULL) == PCE_OK);
	ck_assert(path_engine_new(ted, &engine, NULL) == PCE_OK);
	for (uint32_t i = 0; i < 2; i++)
		requests[i] = path_request_init(from, to, PATH_IGP);
	ck_assert(path_batch_new(requests, 2, ted_node_count(ted), 2, &batch, NULL) == PCE_OK);
	path_batch_answer(batch, engine, results);
	for (uint32_t i = 0; i < 2; i++)
		ck_assert_uint_eq(results[i].answer.routes[0].igp_metric, 4000);
	ck_assert(!engine->common.quick);
	ck_assert_uint_gt(engine->common.settled, 0);
	path_batch_results_free(results, 2);
	path_batch_free(batch);
	path_engine_free(engine);
	ted_free(ted);
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("repeat");

	tcase_add_test(tcase, path_compute_within_a_budget_forgets_what_was_asked_before);
	tcase_add_test(tcase, path_batch_of_sums_that_fit_no_key_takes_vectors);
	return suite_run("path repeat", tcase, 120);
}
