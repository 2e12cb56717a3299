/*
 * What nobody should ask, and networks that nobody should have: each is refused by name or answered
 * rightly, and nothing is left in the answer when it is refused.
 */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tests/path/county.h"
#include "tests/path/town.h"
#include "tests/support/suite.h"
#include "tests/ted/net.h"

#define FAR 4000000000u

static bool
is_empty(const struct path_answer *a)
{
	return !a->routes && a->n_routes == 0 && !a->relaxed && !a->no_path.text &&
	       !a->no_path.blocking && !a->shared.links;
}

static void
expect_refused(struct path_engine *engine, const struct path_request *r, enum pce_status status)
{
	struct path_answer answer = { .n_routes = 0 };
	struct pce_error err = { 0 };

	ck_assert_msg(path_compute(engine, r, &answer, &err) == status, "%d: %s", (int)err.status,
		      err.text);
	ck_assert(is_empty(&answer) && err.text[0] != '\0');
}

/* a, b, c in a row, both ways, metrics as given. */
static struct ted *
chain(uint32_t metric)
{
	static const char *const names[] = { "a", "b", "c" };
	struct pce_error err = { 0 };
	struct ted *ted = NULL;

	ck_assert(ted_new(&ted, 1, &err) == PCE_OK);
	for (unsigned i = 0; i < 3; i++)
		say_node(ted, FILE_1, net_static(names[i]), names[i]);
	for (unsigned i = 0; i < 2; i++) {
		say_link(ted, FILE_1, net_link(net_static(names[i]), net_static(names[i + 1])),
			 metric);
		say_link(ted, FILE_1, net_link(net_static(names[i + 1]), net_static(names[i])),
			 metric);
	}
	settle(ted, NULL);
	return ted;
}

START_TEST(path_rows_out_of_range_are_invalid)
{
	struct ted *ted = chain(1);
	struct path_engine *engine = county_engine(ted);
	const struct path_request plain = path_request_init(0, 2, PATH_IGP);
	const uint32_t rows[] = { 0, FAR };
	struct path_request r[] = { plain, plain, plain, plain, plain, plain, plain };

	r[0].from = 3;
	r[1].to = UINT32_MAX;
	r[2].avoid_nodes = rows;
	r[2].n_avoid_nodes = 2;
	r[3].avoid_links = rows;
	r[3].n_avoid_links = 2;
	r[4].via = rows;
	r[4].n_via = 2;
	r[5].held_links = rows;
	r[5].n_held_links = 2;
	r[6].to = r[6].from;
	for (unsigned i = 0; i < 7; i++)
		expect_refused(engine, &r[i], PCE_INVALID);
	path_engine_free(engine);
	ted_free(ted);
}
END_TEST

START_TEST(path_values_that_do_not_exist_are_invalid)
{
	struct ted *ted = chain(1);
	struct path_engine *engine = county_engine(ted);
	const struct path_request plain = path_request_init(0, 2, PATH_IGP);
	struct path_request r[] = { plain, plain, plain, plain, plain, plain, plain };

	r[0].objective = 77;
	r[1].disjoint = 99;
	r[2].pair = 9;
	r[2].disjoint = PATH_DISJOINT_LINK;
	r[3].n_ties = 200;
	r[4].ties[0] = 9;
	r[5].guarantee = -1;
	r[6].guarantee = 1.5;
	for (unsigned i = 0; i < 7; i++)
		expect_refused(engine, &r[i], PCE_INVALID);
	path_engine_free(engine);
	ted_free(ted);
}
END_TEST

START_TEST(path_more_vias_than_there_can_be_are_too_many)
{
	struct ted *ted = chain(1);
	struct path_engine *engine = county_engine(ted);
	struct path_request r = path_request_init(0, 2, PATH_IGP);
	uint32_t via[1000] = { 0 };

	r.via = via;
	r.n_via = 1000;
	expect_refused(engine, &r, PCE_LIMIT);
	path_engine_free(engine);
	ted_free(ted);
}
END_TEST

START_TEST(path_on_an_empty_network_is_invalid)
{
	struct pce_error err = { 0 };
	struct path_request r = path_request_init(0, 1, PATH_BANDWIDTH);
	struct path_engine *engine;
	struct ted *ted = NULL;

	ck_assert(ted_new(&ted, 1, &err) == PCE_OK);
	engine = county_engine(ted);
	expect_refused(engine, &r, PCE_INVALID);
	path_engine_free(engine);
	ted_free(ted);
}
END_TEST

/* Every kind of request between two nodes that nothing joins. */
START_TEST(path_between_nodes_without_links_is_told_disconnected)
{
	struct pce_error err = { 0 };
	struct path_engine *engine;
	struct ted *ted = NULL;

	ck_assert(ted_new(&ted, 1, &err) == PCE_OK);
	say_node(ted, FILE_1, net_static("a"), "a");
	say_node(ted, FILE_1, net_static("b"), "b");
	settle(ted, NULL);
	engine = county_engine(ted);
	for (unsigned i = 0; i < PATH_OBJECTIVE_COUNT * PATH_DISJOINT_COUNT; i++) {
		struct path_request r = path_request_init(0, 1, i % PATH_OBJECTIVE_COUNT);
		struct path_answer answer = { .n_routes = 0 };

		r.disjoint = i / PATH_OBJECTIVE_COUNT;
		r.k = r.disjoint == PATH_DISJOINT_NONE ? 5 : 0;
		county_compute(engine, &r, &answer);
		ck_assert(answer.n_routes == 0);
		ck_assert_int_eq(answer.no_path.reason, PATH_REASON_DISCONNECTED);
		ck_assert_uint_eq(answer.no_path.n_blocking, 0);
		path_answer_free(&answer);
	}
	path_engine_free(engine);
	ted_free(ted);
}
END_TEST

START_TEST(path_sums_of_huge_metrics_do_not_wrap)
{
	struct ted *ted = chain(UINT32_MAX - 1);
	struct path_engine *engine = county_engine(ted);
	struct path_request r = path_request_init(0, 2, PATH_IGP);
	struct path_answer answer = { .n_routes = 0 };

	county_compute(engine, &r, &answer);
	ck_assert_uint_eq(answer.n_routes, 1);
	ck_assert_uint_eq(answer.routes[0].igp_metric, 2 * (uint64_t)(UINT32_MAX - 1));
	path_answer_free(&answer);
	r.max_igp = 2 * (uint64_t)(UINT32_MAX - 1) - 1;
	county_compute(engine, &r, &answer);
	ck_assert_uint_eq(answer.n_routes, 0);
	ck_assert_int_eq(answer.no_path.reason, PATH_REASON_IGP_METRIC);
	ck_assert_uint_eq(answer.no_path.best, 2 * (uint64_t)(UINT32_MAX - 1));
	path_answer_free(&answer);
	path_engine_free(engine);
	ted_free(ted);
}
END_TEST

/* A row of nodes with two links from each to the next; *sums: the least TE sum and its delay. */
static struct ted *
line(uint32_t nodes, unsigned bits, uint64_t *state, uint64_t sums[2])
{
	struct pce_error err = { 0 };
	struct ted *ted = NULL;

	ck_assert(ted_new(&ted, 1, &err) == PCE_OK);
	sums[0] = sums[1] = 0;
	for (uint32_t i = 0; i < nodes; i++) {
		struct ted_delta d[2] = { { .object = TED_OBJECT_LINK },
					  { .object = TED_OBJECT_LINK } };
		struct ted_link_attr *a = &d[0].attr.link, *b = &d[1].attr.link;
		char here[16], next[16];

		snprintf(here, sizeof(here), "n%05u", i);
		snprintf(next, sizeof(next), "n%05u", i + 1);
		say_node(ted, FILE_1, net_static(here), here);
		for (unsigned j = 0; i + 1 < nodes && j < 2; j++) {
			struct ted_link_attr *l = &d[j].attr.link;

			d[j].key.link = net_link(net_static(here), net_static(next));
			d[j].key.link.has_ids = true;
			d[j].key.link.local_id = j;
			l->present = TED_LINK_IGP_METRIC | TED_LINK_TE_METRIC | TED_LINK_DELAY;
			l->igp_metric = (uint32_t)((1ULL << bits) - 1) - (bits == 32);
			l->te_metric = l->igp_metric - suite_below(state, 2);
			l->delay_us = l->igp_metric - suite_below(state, 2);
			say(ted, FILE_1, d[j]);
		}
		if (i + 1 == nodes)
			break;
		if (b->te_metric < a->te_metric ||
		    (b->te_metric == a->te_metric && b->delay_us < a->delay_us))
			a = b;
		sums[0] += a->te_metric;
		sums[1] += a->delay_us;
	}
	settle(ted, NULL);
	return ted;
}

/* Sums over thousands of links, that fill whatever bits they are kept in. */
START_TEST(path_along_thousands_of_links_adds_up)
{
	static const uint32_t lengths[] = { 20, 60, 100, 200, 1500 };
	uint64_t state = 1;

	for (unsigned i = 0; i < 29 * 5; i++) {
		unsigned bits = 4 + i / 5;
		uint32_t nodes = lengths[i % 5];
		uint64_t sums[2];
		struct ted *ted = line(nodes, bits, &state, sums);
		struct path_engine *engine = county_engine(ted);
		struct path_answer answer = { .n_routes = 0 };
		struct path_request r = path_request_init(0, nodes - 1, PATH_IGP);

		r.ties[0] = PATH_TIE_TE;
		r.ties[1] = PATH_TIE_DELAY;
		if (bits % 2 == 0)
			r.k = 2;
		county_compute(engine, &r, &answer);
		ck_assert_msg(answer.n_routes == 1 + (bits % 2 == 0), "%u bits: %zu routes, %s",
			      bits, answer.n_routes, answer.no_path.text);
		ck_assert_uint_eq(answer.routes[0].n_links, nodes - 1);
		ck_assert_msg(
		    answer.routes[0].te_metric == sums[0] && answer.routes[0].delay_us == sums[1],
		    "%u bits: %llu and %llu", bits, (unsigned long long)answer.routes[0].te_metric,
		    (unsigned long long)answer.routes[0].delay_us);
		path_answer_free(&answer);
		path_engine_free(engine);
		ted_free(ted);
	}
}
END_TEST

/* Two rows of nodes with common ends: one costs 1 in all and nothing after the first tie; the other
 * costs nothing, and by the tie as much as metrics of that many bits can. */
static struct ted *
two_rows(uint32_t nodes, unsigned bits)
{
	struct pce_error err = { 0 };
	struct ted *ted = NULL;

	ck_assert(ted_new(&ted, 1, &err) == PCE_OK);
	say_node(ted, FILE_1, net_static("a"), "a");
	say_node(ted, FILE_1, net_static("b"), "b");
	for (uint32_t i = 0; i < 2 * nodes; i++) {
		struct ted_delta d = { .object = TED_OBJECT_LINK };
		struct ted_node_key keys[2] = { net_static("a"), net_static("b") };
		char names[2][16];

		for (uint32_t j = 0; j < 2; j++) {
			snprintf(names[j], sizeof(names[j]), "%c%05u", "xy"[i % 2], i / 2 + j);
			if (i / 2 + j > 0 && i / 2 + j < nodes) {
				keys[j] = net_static(names[j]);
				say_node(ted, FILE_1, keys[j], names[j]);
			}
		}
		d.key.link = net_link(keys[0], keys[1]);
		d.attr.link.present = TED_LINK_IGP_METRIC | TED_LINK_TE_METRIC;
		d.attr.link.igp_metric = i == 0;
		d.attr.link.te_metric = i % 2 == 0 ? 0 : (uint32_t)((1ULL << bits) - 2);
		say(ted, FILE_1, d);
	}
	settle(ted, NULL);
	return ted;
}

START_TEST(path_tie_of_any_size_does_not_count_before_the_metric)
{
	static const uint32_t lengths[] = { 10, 30, 80, 150, 400 };

	for (unsigned i = 0; i < 29 * 5; i++) {
		struct ted *ted = two_rows(lengths[i % 5], 4 + i / 5);
		struct path_engine *engine = county_engine(ted);
		struct path_answer answer = { .n_routes = 0 };
		struct path_request r = path_request_init(0, 1, PATH_IGP);

		r.ties[0] = PATH_TIE_TE;
		r.n_ties = i % 3 == 0 ? 1 : 2;
		r.ties[1] = PATH_TIE_DELAY;
		county_compute(engine, &r, &answer);
		ck_assert_msg(answer.n_routes == 1 && answer.routes[0].igp_metric == 0,
			      "%u nodes, %u bits", lengths[i % 5], 4 + i / 5);
		path_answer_free(&answer);
		path_engine_free(engine);
		ted_free(ted);
	}
}
END_TEST

START_TEST(path_held_bandwidth_saturates)
{
	struct ted *ted = chain(1);
	struct path_engine *engine = county_engine(ted);
	struct path_request r = path_request_init(0, 2, PATH_BANDWIDTH);
	struct path_answer answer = { .n_routes = 0 };
	const uint32_t all[] = { 0, 1, 2, 3, 0, 1, 2, 3 };

	r.held_links = all;
	r.n_held_links = 8;
	r.held_bps = UINT64_MAX;
	r.bandwidth_bps = UINT64_MAX;
	county_compute(engine, &r, &answer);
	ck_assert_uint_eq(answer.n_routes, 1);
	ck_assert_uint_eq(answer.routes[0].residual_bps, UINT64_MAX);
	path_answer_free(&answer);
	path_engine_free(engine);
	ted_free(ted);
}
END_TEST

/* More alternatives than a network has, or than anybody can wait for. */
START_TEST(path_request_for_a_million_is_answered_within_its_budget)
{
	uint64_t state = 1;

	for (unsigned seed = 1; seed <= 20; seed++) {
		struct county c;
		struct path_engine *engine;
		struct path_answer answer = { .n_routes = 0 };
		struct path_request r;

		county_begin(&c, seed % COUNTY_SHAPES, 9 + seed * seed, &state);
		engine = county_engine(c.ted);
		r = path_request_init(0, c.n_nodes - 1, seed % PATH_OBJECTIVE_COUNT);
		r.k = 1000000;
		r.diverse = seed % 3 == 0;
		r.budget_labels = 20000;
		county_compute(engine, &r, &answer);
		ck_assert_uint_lt(answer.n_routes, r.k);
		for (size_t i = 1; i < answer.n_routes && !r.diverse; i++)
			ck_assert_uint_ne(answer.routes[i].n_links, 0);
		path_answer_free(&answer);
		path_engine_free(engine);
		county_end(&c);
	}
}
END_TEST

/* Bounds that exclude each other or everything. */
START_TEST(path_under_contradictory_bounds_is_none_with_a_reason)
{
	struct ted *ted = chain(10);
	struct path_engine *engine = county_engine(ted);
	const struct path_request plain = path_request_init(0, 2, PATH_TE);
	struct path_request r[] = { plain, plain, plain, plain, plain };
	uint32_t word = 1;

	r[0].max_hops = 0;
	r[1].max_te = 0;
	r[2].bandwidth_bps = UINT64_MAX;
	r[3].include_any = r[3].exclude_any = (struct path_affinity){ &word, 1, false };
	r[4].include_all = (struct path_affinity){ NULL, 0, true };
	for (unsigned i = 0; i < 5; i++) {
		struct path_answer answer = { .n_routes = 0 };

		county_compute(engine, &r[i], &answer);
		ck_assert(answer.n_routes == 0 && answer.no_path.text);
		ck_assert(answer.no_path.reason != PATH_REASON_NONE &&
			  answer.no_path.reason != PATH_REASON_DISCONNECTED);
		path_answer_free(&answer);
	}
	path_engine_free(engine);
	ted_free(ted);
}
END_TEST

/* A budget of one label or one byte. */
START_TEST(path_with_the_least_budget_says_what_it_knows)
{
	for (unsigned seed = 1; seed <= suite_seeds(); seed++) {
		uint64_t state = seed;
		struct county c;
		struct path_engine *engine;

		county_begin(&c, seed % COUNTY_SHAPES, 10 + seed % 40, &state);
		engine = county_engine(c.ted);
		for (unsigned i = 0; i < 2 * ASK_KINDS; i++) {
			struct path_answer answer = { .n_routes = 0 };
			struct county_ask q;

			county_ask(&q, &c, engine, i % ASK_KINDS, &state);
			q.r.budget_labels = i < ASK_KINDS;
			q.r.budget_bytes = i >= ASK_KINDS;
			county_compute(engine, &q.r, &answer);
			ck_assert((answer.n_routes == 0) == (answer.no_path.text != NULL));
			for (size_t j = 0; j < answer.n_routes; j++)
				ck_assert(answer.routes[j].exact == (answer.routes[j].why == NULL));
			path_answer_free(&answer);
		}
		path_engine_free(engine);
		county_end(&c);
	}
}
END_TEST

static uint32_t
draw_row(uint32_t n, uint64_t *state)
{
	return suite_below(state, 40) == 0 ? n + suite_below(state, 3) : suite_below(state, n);
}

/* Anything at all in every field, though pointers lead to what they say. */
static void
draw_garbage(struct path_request *r, uint32_t rows[16], const struct ted *ted, uint64_t *state)
{
	static const char *const services[] = { "cache", "", "nowhere" };
	static const uint64_t values[] = { 0, 1, 300, UINT64_MAX, UINT64_MAX - 1, UINT32_MAX };
	uint32_t nodes = ted_node_count(ted), links = ted_link_count(ted) + 1;
	uint64_t *fields[] = { &r->bandwidth_bps, &r->max_delay_us,      &r->max_te,
			       &r->max_igp,       &r->max_hops,          &r->max_sids,
			       &r->held_bps,      &r->link_max_delay_us, &r->link_max_te,
			       &r->link_max_igp,  &r->budget_labels,     &r->budget_bytes };

	*r = path_request_init(draw_row(nodes, state), draw_row(nodes, state),
			       suite_below(state, PATH_OBJECTIVE_COUNT + 1));
	for (unsigned i = 0; i < 12; i++)
		if (suite_below(state, 6) == 0)
			*fields[i] = values[suite_below(state, 6)];
	for (unsigned i = 0; i < 16; i++)
		rows[i] = draw_row(i < 8 ? nodes : links, state);
	r->avoid_nodes = rows;
	r->n_avoid_nodes = suite_below(state, 2);
	r->via = rows + 2;
	r->n_via = suite_below(state, 3) == 0 ? suite_below(state, 6) : 0;
	r->via_services = services;
	r->n_via_services = suite_below(state, 4) == 0 ? suite_below(state, 4) : 0;
	r->avoid_links = rows + 8;
	r->n_avoid_links = suite_below(state, 3);
	r->held_links = rows + 10;
	r->n_held_links = suite_below(state, 4);
	r->avoid_srlgs = rows + 12;
	r->n_avoid_srlgs = suite_below(state, 3);
	r->slice = suite_below(state, 5) == 0 ? services[suite_below(state, 3)] : NULL;
	r->disjoint = suite_below(state, 3) == 0 ? suite_below(state, PATH_DISJOINT_COUNT + 1) : 0;
	r->pair = suite_below(state, PATH_PAIR_COUNT + 1);
	r->k = suite_below(state, 3) == 0 ? suite_below(state, 6) : 0;
	r->diverse = suite_below(state, 2);
	r->n_ties = (uint8_t)suite_below(state, 6);
	r->guarantee = suite_below(state, 8) == 0 ? suite_below(state, 12) / 10.0 : 0;
	if (suite_below(state, 40) == 0)
		r->guarantee = (double)NAN;
	r->max_lists = suite_below(state, 10);
}

START_TEST(path_garbage_is_refused_or_answered)
{
	unsigned counts[PCE_STATUS_COUNT] = { 0 };

	for (unsigned seed = 1; seed <= suite_seeds() * 2; seed++) {
		uint64_t state = seed;
		struct ted *ted = town_draw((struct town_size){ 6, 14 }, &state);
		struct path_engine *engine = county_engine(ted);

		for (unsigned i = 0; i < 12; i++) {
			struct path_answer answer = { .n_routes = 0 };
			struct pce_error err = { 0 };
			struct path_request r;
			uint32_t rows[16];
			enum pce_status status;

			draw_garbage(&r, rows, ted, &state);
			status = path_compute(engine, &r, &answer, &err);
			ck_assert_msg(status == PCE_OK || status == PCE_INVALID ||
					  status == PCE_UNSUPPORTED || status == PCE_LIMIT,
				      "seed %u: %s", seed, err.text);
			ck_assert_msg(status == PCE_OK || is_empty(&answer), "seed %u", seed);
			ck_assert(status || answer.n_routes > 0 || answer.no_path.text);
			counts[status]++;
			path_answer_free(&answer);
			path_validate(ted, &r, rows + 8, suite_below(&state, 4), &err);
		}
		path_engine_free(engine);
		ted_free(ted);
	}
	printf("garbage: %u answered, %u invalid, %u not offered, %u too much\n", counts[PCE_OK],
	       counts[PCE_INVALID], counts[PCE_UNSUPPORTED], counts[PCE_LIMIT]);
	fflush(stdout);
	ck_assert_uint_gt(counts[PCE_OK], suite_seeds());
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("bad_input");

	tcase_add_test(tcase, path_rows_out_of_range_are_invalid);
	tcase_add_test(tcase, path_values_that_do_not_exist_are_invalid);
	tcase_add_test(tcase, path_more_vias_than_there_can_be_are_too_many);
	tcase_add_test(tcase, path_on_an_empty_network_is_invalid);
	tcase_add_test(tcase, path_between_nodes_without_links_is_told_disconnected);
	tcase_add_test(tcase, path_sums_of_huge_metrics_do_not_wrap);
	tcase_add_test(tcase, path_along_thousands_of_links_adds_up);
	tcase_add_test(tcase, path_tie_of_any_size_does_not_count_before_the_metric);
	tcase_add_test(tcase, path_held_bandwidth_saturates);
	tcase_add_test(tcase, path_request_for_a_million_is_answered_within_its_budget);
	tcase_add_test(tcase, path_under_contradictory_bounds_is_none_with_a_reason);
	tcase_add_test(tcase, path_with_the_least_budget_says_what_it_knows);
	tcase_add_test(tcase, path_garbage_is_refused_or_answered);
	return suite_run("bad_input", tcase, 60);
}
