/*
 * A batch gives for each request the very answer that path_compute gives for it alone: for one, two
 * and three threads, in any order of requests, with trees and without.
 */
#include <check.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "pce/base/text.h"
#include "pce/path/batch.h"
#include "pce/path/engine.h"
#include "pce/path/like.h"
#include "tests/path/town.h"
#include "tests/support/suite.h"
#include "tests/ted/net.h"

#define MOST 160
#define SLIPS 4
#define MOST_THREADS 3

struct crowd {
	unsigned seed;
	struct ted *ted;
	struct order_slip slips[SLIPS];
	struct path_request requests[MOST];
	size_t n;
	char *expected[MOST];
	unsigned answers, refusals, errors;
};

static void
print_route(struct text *t, const struct path_route *r)
{
	text_printf(t, "route igp %llu te %llu delay %llu residual %llu fails %llu exact %d",
		    (unsigned long long)r->igp_metric, (unsigned long long)r->te_metric,
		    (unsigned long long)r->delay_us, (unsigned long long)r->residual_bps,
		    (unsigned long long)r->unavailability_ppt, r->exact);
	text_printf(t, " bound %d %llu why %s chosen %s:", r->has_bound,
		    (unsigned long long)r->bound, r->why ? r->why : "-",
		    r->chosen ? r->chosen : "-");
	for (size_t i = 0; i < r->n_links; i++)
		text_printf(t, " %u", r->links[i]);
	text_add(t, "\n");
}

static void
print_list(struct text *t, const char *what, const uint32_t *list, size_t n)
{
	text_add(t, what);
	for (size_t i = 0; i < n; i++)
		text_printf(t, " %u", list[i]);
	text_add(t, "\n");
}

/* All that a result says but the number of labels settled. */
static char *
print(enum pce_status status, const struct path_answer *a, const struct pce_error *err)
{
	struct text t = { 0 };

	if (status) {
		text_printf(&t, "status %d: %s", (int)status, err->text);
		return text_take(&t);
	}
	for (size_t i = 0; i < a->n_routes; i++)
		print_route(&t, &a->routes[i]);
	text_printf(&t, "joint %d %llu revision %llu\n", a->has_joint,
		    (unsigned long long)a->joint_unavailability_ppt,
		    (unsigned long long)a->ted_revision);
	print_list(&t, "shared links", a->shared.links, a->shared.n_links);
	print_list(&t, "shared nodes", a->shared.nodes, a->shared.n_nodes);
	print_list(&t, "shared srlgs", a->shared.srlgs, a->shared.n_srlgs);
	for (size_t i = 0; i < a->n_relaxed; i++)
		text_printf(&t, "relaxed %s %s %s\n", a->relaxed[i].constraint, a->relaxed[i].asked,
			    a->relaxed[i].got);
	text_printf(&t, "no path %d %s best %d %llu\n", (int)a->no_path.reason,
		    a->no_path.text ? a->no_path.text : "-", a->no_path.has_best,
		    (unsigned long long)a->no_path.best);
	print_list(&t, "blocking", a->no_path.blocking, a->no_path.n_blocking);
	return text_take(&t);
}

/* Requests that share a source or a target, ask for the same or nearly the same, and some that
 * nobody can answer. */
static void
draw_requests(struct crowd *c, uint64_t *state)
{
	uint32_t nodes = ted_node_count(c->ted);

	for (c->n = 0; c->n < MOST; c->n++) {
		struct path_request *r = &c->requests[c->n];
		uint32_t slip = suite_below(state, SLIPS);

		*r = c->slips[slip].r;
		r->budget_labels = slip % 2 ? 150 : 3000; /* some pairs take seconds to be proven */
		if (suite_below(state, 2) == 0)
			r->from = suite_below(state, nodes);
		else
			r->to = suite_below(state, nodes);
		switch (suite_below(state, 24)) {
		case 0:
			r->k = 2 + suite_below(state, 3);
			break;
		case 1:
			r->disjoint = PATH_DISJOINT_LINK + suite_below(state, 3);
			break;
		case 2:
			r->to = nodes + suite_below(state, 2);
			break;
		case 3:
			r->bandwidth_bps = suite_below(state, 3) * 1000000000u;
			break;
		case 4:
			r->n_ties = 0;
			break;
		case 5:
			r->n_avoid_srlgs = 0;
			break;
		case 6:
			r->n_avoid_links = 0;
			r->n_avoid_nodes = 0;
			break;
		case 7:
			r->exclude_any = r->include_all;
			r->slice = NULL;
			break;
		case 8:
			r->held_bps = 0;
			r->link_max_te = PATH_NO_BOUND;
			break;
		default:
			break;
		}
	}
}

/* What path_compute says to each. */
static void
ask_alone(struct crowd *c)
{
	struct path_engine *engine = NULL;

	ck_assert(path_engine_new(c->ted, &engine, NULL) == PCE_OK);
	for (size_t i = 0; i < c->n; i++) {
		struct path_answer answer = { .n_routes = 0 };
		struct pce_error err = { 0 };
		enum pce_status status = path_compute(engine, &c->requests[i], &answer, &err);

		c->answers += !status && answer.n_routes > 0;
		c->refusals += !status && answer.n_routes == 0;
		c->errors += status != PCE_OK;
		c->expected[i] = print(status, &answer, &err);
		path_answer_free(&answer);
	}
	path_engine_free(engine);
}

static void
crowd_draw(struct crowd *c, unsigned seed)
{
	uint64_t state = seed;

	*c = (struct crowd){ .seed = seed };
	c->ted =
	    town_draw((struct town_size){ REFEREE_NODES, 24 + suite_below(&state, 8) }, &state);
	for (unsigned i = 0; i < SLIPS; i++) {
		struct referee ref;

		order_begin(&ref, c->ted, false, 3000, &state);
		if (ref.overflow)
			c->slips[i].r = path_request_init(ref.from, ref.to, PATH_IGP);
		else
			order_draw(&c->slips[i], &ref, ~0u, 1 + suite_below(&state, 3), &state);
		/* Most are for a tree, so that it is put to the test. */
		if (suite_below(&state, 3) != 0)
			c->slips[i].r.objective = suite_below(&state, 3);
		referee_end(&ref);
	}
	draw_requests(c, &state);
	ask_alone(c);
}

static void
crowd_end(struct crowd *c)
{
	for (size_t i = 0; i < c->n; i++)
		free(c->expected[i]);
	ted_free(c->ted);
}

struct worker {
	pthread_t thread;
	struct ted *ted;
	struct path_engine *engine;
	struct path_batch *batch;
	struct path_batch_result *results;
};

static void *
work(void *arg)
{
	struct worker *w = arg;

	path_batch_answer(w->batch, w->engine, w->results);
	return NULL;
}

/* Runs the batch on so many threads; returns how many nodes its trees have. */
static uint64_t
run_batch(const struct crowd *c, const struct path_request *requests, unsigned threads,
	  uint32_t tree_from, struct path_batch_result *results)
{
	struct worker workers[MOST_THREADS];
	struct path_batch *batch = NULL;
	struct path_engine *engine = NULL;
	uint64_t settled = 0;

	ck_assert(path_engine_new(c->ted, &engine, NULL) == PCE_OK);
	ck_assert(path_batch_new(requests, c->n, ted_node_count(c->ted), tree_from, &batch, NULL) ==
		  PCE_OK);
	for (unsigned i = 0; i < threads; i++) {
		struct worker *w = &workers[i];

		*w = (struct worker){ .batch = batch, .results = results };
		ck_assert(ted_fork(c->ted, &w->ted, NULL) == PCE_OK);
		ck_assert(path_engine_fork(engine, w->ted, &w->engine, NULL) == PCE_OK);
	}
	for (unsigned i = 0; i < threads; i++)
		ck_assert_int_eq(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
	for (unsigned i = 0; i < threads; i++)
		ck_assert_int_eq(pthread_join(workers[i].thread, NULL), 0);
	for (unsigned i = 0; i < threads; i++) {
		settled += workers[i].engine->common.settled;
		path_engine_free(workers[i].engine);
		ted_free(workers[i].ted);
	}
	path_engine_free(engine);
	path_batch_free(batch);
	return settled;
}

static void
expect_same(const struct crowd *c, unsigned threads, const size_t *place,
	    struct path_batch_result *results)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct path_batch_result *r = &results[place ? place[i] : i];
		char *got = print(r->status, &r->answer, &r->error);

		ck_assert_msg(strcmp(got, c->expected[i]) == 0,
			      "seed %u, %u threads, request %zu: alone\n%s\nin the batch\n%s",
			      c->seed, threads, i, c->expected[i], got);
		ck_assert_uint_eq(r->answer.settled, 0);
		free(got);
	}
	path_batch_results_free(results, c->n);
}

static void
shuffle(size_t *place, size_t n, uint64_t *state)
{
	for (size_t i = 0; i < n; i++) {
		size_t j = suite_below(state, (uint32_t)i + 1);

		place[i] = place[j];
		place[j] = i;
	}
}

START_TEST(path_batch_of_any_threads_and_order_answers_as_path_compute_alone)
{
	unsigned n = suite_seeds(), answers = 0, refusals = 0, errors = 0;
	uint64_t in_trees = 0;

	for (unsigned seed = 1; seed <= n; seed++) {
		static struct path_batch_result results[MOST];
		struct path_request shuffled[MOST];
		size_t place[MOST];
		uint64_t state = seed + 1000000;
		uint32_t tree_from = 2 + suite_below(&state, 4);
		struct crowd c;

		crowd_draw(&c, seed);
		for (unsigned threads = 1; threads <= MOST_THREADS; threads++) {
			memset(results, 0, sizeof(results));
			in_trees += run_batch(&c, c.requests, threads, tree_from, results);
			expect_same(&c, threads, NULL, results);
		}
		shuffle(place, c.n, &state);
		for (size_t i = 0; i < c.n; i++)
			shuffled[place[i]] = c.requests[i];
		memset(results, 0, sizeof(results));
		run_batch(&c, shuffled, 1 + seed % 3, seed % 2 ? tree_from : 0, results);
		expect_same(&c, 1 + seed % 3, place, results);
		answers += c.answers;
		refusals += c.refusals;
		errors += c.errors;
		crowd_end(&c);
	}
	printf("%u answers, %u refusals, %u errors; %llu nodes in trees\n", answers, refusals,
	       errors, (unsigned long long)in_trees);
	ck_assert_uint_gt(answers, 10 * n);
	ck_assert_uint_gt(refusals, 10 * n);
	ck_assert_uint_gt(errors, n);
	ck_assert_uint_gt(in_trees, 50 * n);
}
END_TEST

/* A chain of nodes with two ways of equal cost between neighbours. */
static struct ted *
ladder(uint32_t rungs)
{
	struct ted *ted = NULL;
	const struct ted_change *changes;
	char name[16];

	ck_assert(ted_new(&ted, 7, NULL) == PCE_OK);
	for (uint32_t i = 1; i <= rungs; i++) {
		snprintf(name, sizeof(name), "n%u", i);
		say_node(ted, FILE_1, net_isis(i), name);
	}
	for (uint32_t i = 1; i < rungs; i++)
		for (uint8_t j = 0; j < 2; j++) {
			say_link(
			    ted, FILE_1,
			    net_addressed(net_isis(i), net_isis(i + 1), (uint8_t)(2 * i + j), true),
			    10);
			say_link(ted, FILE_1,
				 net_addressed(net_isis(i + 1), net_isis(i), (uint8_t)(2 * i + j),
					       false),
				 10);
		}
	settle(ted, &changes);
	return ted;
}

struct visits {
	unsigned n, in_tree;
};

static void
count_visit(void *ctx, struct path_engine *engine, size_t number)
{
	struct visits *v = ctx;

	(void)number;
	v->n++;
	v->in_tree += engine->common.model != NULL;
}

START_TEST(path_batch_group_to_one_target_grows_one_tree)
{
	struct ted *ted = ladder(20);
	struct path_engine *engine = NULL;
	struct path_batch *batch = NULL;
	struct path_request requests[19];
	struct path_batch_result results[19] = { 0 };
	struct visits visits = { 0, 0 };

	ck_assert(path_engine_new(ted, &engine, NULL) == PCE_OK);
	for (uint32_t i = 0; i < 19; i++)
		requests[i] = path_request_init(i + 1, 0, PATH_IGP);
	ck_assert(path_batch_new(requests, 19, 20, 0, &batch, NULL) == PCE_OK);
	path_batch_answer(batch, engine, results);
	ck_assert_uint_eq(engine->common.settled, 20);
	ck_assert_uint_eq(engine->scalar.settled, 0);
	ck_assert(!path_batch_step(batch, engine, count_visit, &visits));
	ck_assert_uint_eq(visits.n, 0);
	ck_assert_ptr_null(engine->common.model);
	for (uint32_t i = 0; i < 19; i++)
		ck_assert_uint_eq(results[i].answer.routes[0].igp_metric, 10 * (i + 1));
	path_batch_results_free(results, 19);
	path_batch_free(batch);
	path_engine_free(engine);
	ted_free(ted);
}
END_TEST

START_TEST(path_batch_groups_below_the_threshold_grow_no_tree)
{
	struct ted *ted = ladder(20);
	struct path_engine *engine = NULL;
	struct path_batch *batch = NULL;
	struct path_request requests[8];
	struct visits visits = { 0, 0 };

	ck_assert(path_engine_new(ted, &engine, NULL) == PCE_OK);
	for (uint32_t i = 0; i < 8; i++)
		requests[i] = path_request_init(i + 1, 0, i < 7 ? PATH_IGP : PATH_BANDWIDTH);
	ck_assert(path_batch_new(requests, 8, 20, 8, &batch, NULL) == PCE_OK);
	while (path_batch_step(batch, engine, count_visit, &visits))
		;
	ck_assert_uint_eq(visits.n, 8);
	ck_assert_uint_eq(visits.in_tree, 0);
	path_batch_free(batch);
	ck_assert(path_batch_new(requests, 7, 20, 7, &batch, NULL) == PCE_OK);
	while (path_batch_step(batch, engine, count_visit, &visits))
		;
	ck_assert_uint_eq(visits.n, 15);
	ck_assert_uint_eq(visits.in_tree, 7);
	path_batch_free(batch);
	path_engine_free(engine);
	ted_free(ted);
}
END_TEST

START_TEST(path_batch_of_nothing_has_nothing_to_do)
{
	struct path_batch *batch = NULL;
	struct visits visits = { 0, 0 };

	ck_assert(path_batch_new(NULL, 0, 0, 0, &batch, NULL) == PCE_OK);
	ck_assert(!path_batch_step(batch, NULL, count_visit, &visits));
	path_batch_free(batch);
	path_batch_free(NULL);
}
END_TEST

#define FIELD(name)                                                                                \
	{                                                                                          \
		offsetof(struct path_request, name), sizeof(((struct path_request *)0)->name)      \
	}

static const struct {
	size_t at, size;
} fields[] = {
	FIELD(objective),
	FIELD(disjoint),
	FIELD(pair),
	FIELD(max_te),
	FIELD(bandwidth_bps),
	FIELD(max_delay_us),
	FIELD(max_igp),
	FIELD(max_hops),
	FIELD(max_sids),
	FIELD(link_max_te),
	FIELD(link_max_igp),
	FIELD(link_max_delay_us),
	FIELD(held_bps),
	FIELD(n_ties),
	FIELD(link_max_loss_ppb),
	FIELD(k),
	FIELD(diverse),
	FIELD(include_any.never),
	FIELD(guarantee),
	FIELD(max_lists),
	FIELD(include_all.never),
	FIELD(explain),
	FIELD(slice),
	FIELD(budget_labels),
	FIELD(exclude_any.never),
	FIELD(ties),
	FIELD(budget_bytes),
	FIELD(n_avoid_nodes),
	FIELD(n_via),
	FIELD(n_avoid_links),
	FIELD(n_avoid_srlgs),
	FIELD(n_held_links),
	FIELD(n_via_services),
	FIELD(include_any.n),
	FIELD(include_all.n),
	FIELD(exclude_any.n),
};

START_TEST(like_compare_of_one_field_apart_is_not_zero_and_is_antisymmetric)
{
	static const uint32_t rows[2] = { 3, 4 };
	struct path_request a = path_request_init(1, 2, PATH_IGP);

	a.include_any.words = a.include_all.words = a.exclude_any.words = rows;
	a.avoid_nodes = a.avoid_links = a.avoid_srlgs = a.via = a.held_links = rows;
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		static const char *const kinds[] = { "cache" };
		struct path_request b = a;
		unsigned char *field = (unsigned char *)&b + fields[i].at;

		b.via_services = kinds;
		if (fields[i].at == offsetof(struct path_request, slice))
			b.slice = "gold";
		else if (fields[i].at == offsetof(struct path_request, guarantee))
			b.guarantee = 0.5;
		else if (fields[i].at == offsetof(struct path_request, k))
			b.k = 2;
		else
			*field ^= 1;
		ck_assert_msg(like_compare(&a, &b) != 0, "field %zu", i);
		ck_assert_int_eq(like_compare(&a, &b), -like_compare(&b, &a));
		b = a;
		b.from = 7;
		b.to = 8;
		ck_assert_int_eq(like_compare(&a, &b), 0);
	}
}
END_TEST

START_TEST(like_compare_of_lists_is_by_content)
{
	static const uint32_t one[2] = { 3, 4 }, same[2] = { 3, 4 }, other[2] = { 3, 5 };
	struct path_request a = path_request_init(1, 2, PATH_IGP), b = a;
	const uint32_t **lists[] = {
		&b.avoid_nodes, &b.avoid_links,       &b.avoid_srlgs,       &b.held_links,
		&b.via,         &b.include_any.words, &b.include_all.words, &b.exclude_any.words
	};

	a.include_any = a.include_all = a.exclude_any = (struct path_affinity){ one, 2, false };
	a.avoid_nodes = a.avoid_links = a.avoid_srlgs = a.via = a.held_links = one;
	a.n_avoid_nodes = a.n_avoid_links = a.n_avoid_srlgs = a.n_via = a.n_held_links = 2;
	b = a;
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		*lists[i] = same;
		ck_assert_int_eq(like_compare(&a, &b), 0);
		*lists[i] = other;
		ck_assert_int_eq(like_compare(&a, &b), -1);
		*lists[i] = one;
	}
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("batch");

	tcase_add_test(tcase, path_batch_of_any_threads_and_order_answers_as_path_compute_alone);
	tcase_add_test(tcase, path_batch_group_to_one_target_grows_one_tree);
	tcase_add_test(tcase, path_batch_groups_below_the_threshold_grow_no_tree);
	tcase_add_test(tcase, like_compare_of_one_field_apart_is_not_zero_and_is_antisymmetric);
	tcase_add_test(tcase, like_compare_of_lists_is_by_content);
	tcase_add_test(tcase, path_batch_of_nothing_has_nothing_to_do);
	return suite_run("path batch", tcase, 300);
}
