/* What stays true whatever the network: order of arrival, failures, refreshed engines, budgets; and
 * what a request may not be. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pce/base/text.h"
#include "pce/base/units.h"
#include "pce/path/cost.h"
#include "pce/path/path.h"
#include "tests/path/oracle.h"
#include "tests/support/suite.h"
#include "tests/ted/net.h"

struct bench {
	struct random_net net;
	struct ted *ted;
	struct random_request q;
	uint64_t state;
};

static void
bench_begin(struct bench *b, unsigned seed, uint32_t nodes)
{
	memset(b, 0, sizeof(*b));
	b->state = seed;
	net_draw(&b->net, &b->state, nodes);
	b->ted = net_build(&b->net, NULL);
	request_draw(&b->q, b->ted, &b->state);
	b->q.r.disjoint = suite_below(&b->state, 2) == 0 ? suite_below(&b->state, 5) : 0;
}

static void
add_link(const struct ted *ted, uint32_t link, struct text *out)
{
	text_printf(out, " %s", ted_link_at(ted, link)->name);
}

/* Everything that an answer says, with names for rows. */
static void
print_answer(const struct ted *ted, const struct path_answer *a, struct text *out)
{
	for (size_t i = 0; i < a->n_routes; i++) {
		const struct path_route *r = &a->routes[i];

		text_printf(
		    out, "route %llu %llu %llu %llu %llu %d %s:", (unsigned long long)r->igp_metric,
		    (unsigned long long)r->te_metric, (unsigned long long)r->delay_us,
		    (unsigned long long)r->residual_bps, (unsigned long long)r->unavailability_ppt,
		    r->exact, r->why ? r->why : "");
		for (size_t j = 0; j < r->n_links; j++)
			add_link(ted, r->links[j], out);
		text_add(out, "\n");
	}
	for (size_t i = 0; i < a->n_relaxed; i++)
		text_printf(out, "relaxed %s %s %s\n", a->relaxed[i].constraint,
			    a->relaxed[i].asked, a->relaxed[i].got);
	if (a->has_joint)
		text_printf(out, "joint %llu\n", (unsigned long long)a->joint_unavailability_ppt);
	if (a->no_path.text)
		text_printf(out, "none: %s (%s) %llu:", a->no_path.text,
			    path_reason_name(a->no_path.reason),
			    (unsigned long long)a->no_path.best);
	for (size_t i = 0; i < a->no_path.n_blocking; i++)
		add_link(ted, a->no_path.blocking[i], out);
}

static void
answer_on(struct path_engine *engine, const struct ted *ted, const struct path_request *r,
	  struct text *out)
{
	struct path_answer answer = { .n_routes = 0 };
	struct pce_error err = { 0 };

	ck_assert_msg(path_compute(engine, r, &answer, &err) == PCE_OK, "%s", err.text);
	print_answer(ted, &answer, out);
	path_answer_free(&answer);
}

static struct path_engine *
engine_on(const struct ted *ted)
{
	struct path_engine *engine = NULL;
	struct pce_error err = { 0 };

	ck_assert_msg(path_engine_new(ted, &engine, &err) == PCE_OK, "%s", err.text);
	return engine;
}

static uint32_t
moved_node(const struct ted *from, const struct ted *to, uint32_t row)
{
	return ted_node_by_key(to, ted_node_key_text(from, row));
}

static uint32_t
moved_link(const struct ted *from, const struct ted *to, uint32_t row)
{
	return ted_link_by_key(to, ted_link_key_text(from, row));
}

/* The same request on a ted with other row numbers. */
static void
move_request(struct random_request *q, const struct ted *from, const struct ted *to)
{
	q->r.from = moved_node(from, to, q->r.from);
	q->r.to = moved_node(from, to, q->r.to);
	for (size_t i = 0; i < q->r.n_avoid_nodes; i++)
		q->nodes[i] = moved_node(from, to, q->nodes[i]);
	for (size_t i = 0; i < q->r.n_avoid_links; i++)
		q->links[i] = moved_link(from, to, q->links[i]);
	for (size_t i = 0; i < q->r.n_held_links; i++)
		q->held[i] = moved_link(from, to, q->held[i]);
}

START_TEST(path_any_order_of_arrival_gives_the_same_answer)
{
	for (unsigned seed = 1; seed <= suite_seeds(); seed++) {
		struct text one = { .len = 0 }, two = { .len = 0 };
		struct path_engine *engine;
		struct bench b;
		uint64_t order = seed * 77;
		struct ted *other;

		bench_begin(&b, seed, 8);
		engine = engine_on(b.ted);
		answer_on(engine, b.ted, &b.q.r, &one);
		path_engine_free(engine);
		other = net_build(&b.net, &order);
		move_request(&b.q, b.ted, other);
		engine = engine_on(other);
		answer_on(engine, other, &b.q.r, &two);
		path_engine_free(engine);
		ck_assert_msg(strcmp(text_get(&one), text_get(&two)) == 0, "seed %u:\n%s\n%s", seed,
			      text_get(&one), text_get(&two));
		text_free(&one);
		text_free(&two);
		ted_free(other);
		ted_free(b.ted);
	}
}
END_TEST

START_TEST(path_refreshed_engine_answers_as_a_new_one)
{
	for (unsigned seed = 1; seed <= suite_seeds(); seed++) {
		struct text one = { .len = 0 }, two = { .len = 0 };
		struct path_engine *old, *fresh;
		const struct ted_change *changes;
		struct random_net other;
		struct pce_error err = { 0 };
		struct bench b;
		size_t n;

		bench_begin(&b, seed, 8);
		old = engine_on(b.ted);
		net_draw(&other, &b.state, 8);
		for (size_t i = 0; i < b.net.n && i < other.n; i++) {
			struct ted_delta d = b.net.deltas[i];

			if (suite_below(&b.state, 3) != 0)
				continue;
			if (d.object == TED_OBJECT_LINK &&
			    other.deltas[i].object == TED_OBJECT_LINK) {
				const char *name = d.attr.link.name;

				d.attr.link = other.deltas[i].attr.link;
				d.attr.link.name = name;
				d.attr.link.present &= ~(uint32_t)TED_LINK_REVERSE;
			} else if (d.object == TED_OBJECT_SRLG || d.object == TED_OBJECT_SITE) {
				d.attr.srlg.unavailability_ppt += 5000;
			} else if (suite_below(&b.state, 3) == 0) {
				d.op = TED_DELETE;
			} else if (d.object == TED_OBJECT_NODE) {
				d.attr.node.unavailability_ppt += 3000;
			}
			say(b.ted, FILE_1, d);
		}
		n = settle(b.ted, &changes);
		ck_assert(path_engine_refresh(old, changes, n, &err) == PCE_OK);
		fresh = engine_on(b.ted);
		answer_on(old, b.ted, &b.q.r, &one);
		answer_on(fresh, b.ted, &b.q.r, &two);
		ck_assert_msg(strcmp(text_get(&one), text_get(&two)) == 0, "seed %u:\n%s\n%s", seed,
			      text_get(&one), text_get(&two));
		text_free(&one);
		text_free(&two);
		path_engine_free(old);
		path_engine_free(fresh);
		ted_free(b.ted);
	}
}
END_TEST

static void
say_site(struct ted *ted, uint64_t unavailability_ppt)
{
	struct ted_delta d = { .object = TED_OBJECT_SITE };

	d.key.number = ted_site_number("hill");
	d.attr.srlg = (struct ted_srlg_attr){ "hill", unavailability_ppt };
	say(ted, FILE_1, d);
}

/* A to C over B, all three at one site: its risk is B's, and a change of it alone is taken in. */
START_TEST(path_risks_the_site_of_a_transit_node)
{
	static const uint64_t ppt[] = { 1000000, 5000000, 0 };
	struct path_request r;
	struct path_engine *engine = NULL;
	struct pce_error err = { 0 };
	struct ted *ted = NULL;

	ck_assert(ted_new(&ted, 1, &err) == PCE_OK);
	for (uint32_t i = 1; i <= 3; i++) {
		struct ted_delta d = { .object = TED_OBJECT_NODE, .key.node = net_isis(i) };

		d.attr.node.present = TED_NODE_SITE | TED_NODE_NAME;
		d.attr.node.site = "hill";
		d.attr.node.name = (const char *[]){ "A", "B", "C" }[i - 1];
		say(ted, FILE_1, d);
	}
	say_link(ted, FILE_1, net_link(net_isis(1), net_isis(2)), 1);
	say_link(ted, FILE_1, net_link(net_isis(2), net_isis(3)), 1);
	for (unsigned i = 0; i < 3; i++) {
		struct path_answer answer = { .n_routes = 0 };
		const struct ted_change *changes;
		size_t n;

		say_site(ted, ppt[i]);
		n = settle(ted, &changes);
		if (engine)
			ck_assert(path_engine_refresh(engine, changes, n, &err) == PCE_OK);
		else
			engine = engine_on(ted);
		r = path_request_init(0, 2, PATH_AVAILABILITY);
		ck_assert(ted_find_node(ted, "A", &r.from, &err) == PCE_OK);
		ck_assert(ted_find_node(ted, "C", &r.to, &err) == PCE_OK);
		ck_assert(path_compute(engine, &r, &answer, &err) == PCE_OK);
		ck_assert_uint_eq(answer.n_routes, 1);
		ck_assert_uint_eq(answer.routes[0].unavailability_ppt, ppt[i]);
		path_answer_free(&answer);
	}
	path_engine_free(engine);
	ted_free(ted);
}
END_TEST

static uint64_t
objective_of(const struct path_request *r, const struct path_route *route)
{
	switch (r->objective) {
	case PATH_IGP:
		return route->igp_metric;
	case PATH_TE:
		return route->te_metric;
	case PATH_DELAY:
		return route->delay_us;
	case PATH_BANDWIDTH:
		return UINT64_MAX - route->residual_bps;
	default:
		return route->unavailability_ppt;
	}
}

START_TEST(path_failing_a_link_never_improves)
{
	unsigned compared = 0;

	for (unsigned seed = 1; seed <= suite_seeds(); seed++) {
		struct path_answer before = { .n_routes = 0 }, after = { .n_routes = 0 };
		struct path_engine *engine;
		struct ted *fork = NULL;
		struct pce_error err = { 0 };
		struct bench b;
		uint64_t slack; /* rounding of costs */
		uint32_t link;

		bench_begin(&b, seed, 9);
		b.q.r.disjoint = PATH_DISJOINT_NONE;
		slack = b.q.r.objective == PATH_AVAILABILITY ? 20 : 0;
		ck_assert(ted_fork(b.ted, &fork, &err) == PCE_OK);
		engine = engine_on(fork);
		ck_assert(path_compute(engine, &b.q.r, &before, &err) == PCE_OK);
		link = suite_below(&b.state, ted_link_count(b.ted));
		if (before.n_routes > 0 && seed % 2 == 0)
			link = before.routes[0].links[0];
		ted_fail_link(fork, link);
		path_engine_refresh_link(engine, link);
		if (ted_link_at(fork, link)->reverse != TED_NONE)
			path_engine_refresh_link(engine, ted_link_at(fork, link)->reverse);
		ck_assert(path_compute(engine, &b.q.r, &after, &err) == PCE_OK);
		ck_assert(before.n_routes > 0 || after.n_routes == 0);
		if (after.n_routes > 0) {
			compared++;
			ck_assert_msg(objective_of(&b.q.r, &after.routes[0]) + slack >=
					  objective_of(&b.q.r, &before.routes[0]),
				      "seed %u", seed);
			for (size_t i = 0; i < after.routes[0].n_links; i++)
				ck_assert_uint_ne(after.routes[0].links[i], link);
		}
		path_answer_free(&before);
		path_answer_free(&after);
		path_engine_free(engine);
		ted_free(fork);
		ted_free(b.ted);
	}
	ck_assert_uint_ge(compared, suite_seeds() / 10);
}
END_TEST

START_TEST(path_spent_budget_says_so_and_bounds_the_best)
{
	unsigned inexact = 0;

	for (unsigned seed = 1; seed <= suite_seeds() * 2; seed++) {
		struct path_answer full = { .n_routes = 0 }, cut = { .n_routes = 0 };
		struct path_engine *engine;
		struct pce_error err = { 0 };
		struct bench b;

		bench_begin(&b, seed, 9);
		b.q.r.disjoint = PATH_DISJOINT_NONE;
		engine = engine_on(b.ted);
		ck_assert(path_compute(engine, &b.q.r, &full, &err) == PCE_OK);
		b.q.r.budget_labels = 2;
		ck_assert(path_compute(engine, &b.q.r, &cut, &err) == PCE_OK);
		if (cut.n_routes > 0 && !cut.routes[0].exact) {
			uint64_t best = objective_of(&b.q.r, &full.routes[0]);
			uint64_t got = objective_of(&b.q.r, &cut.routes[0]);
			uint64_t bound = cut.routes[0].bound;

			inexact++;
			ck_assert_ptr_nonnull(cut.routes[0].why);
			ck_assert(cut.routes[0].has_bound);
			if (b.q.r.objective == PATH_BANDWIDTH)
				bound = UINT64_MAX - bound;
			ck_assert_msg(got >= best - (best > 20 ? 20 : best) &&
					  bound - (bound > 20 ? 20 : bound) <= best,
				      "seed %u: %llu <= %llu <= %llu", seed,
				      (unsigned long long)bound, (unsigned long long)best,
				      (unsigned long long)got);
			ck_assert(path_validate(b.ted, &b.q.r, cut.routes[0].links,
						cut.routes[0].n_links, &err) == PCE_OK);
		} else if (cut.n_routes > 0) {
			ck_assert(cut.routes[0].n_links == full.routes[0].n_links);
		}
		path_answer_free(&full);
		path_answer_free(&cut);
		path_engine_free(engine);
		ted_free(b.ted);
	}
	ck_assert(suite_seeds() < 200 || inexact >= suite_seeds() / 25);
}
END_TEST

START_TEST(cost_and_back_is_the_identity)
{
	uint64_t state = 1;

	for (unsigned i = 0; i < 20000; i++) {
		uint64_t ppt = suite_random(&state) % PPT_ONE >> suite_below(&state, 40);
		uint64_t back = cost_to_ppt(cost_of_ppt(ppt));
		long double exact = -log1pl(-(long double)ppt / 1e12L) * 1e12L;

		ck_assert_msg(fabsl((long double)cost_of_ppt(ppt) - exact) <= 0.51L, "%llu",
			      (unsigned long long)ppt);
		ck_assert_msg(back <= ppt + 1 && ppt <= back + 2, "%llu became %llu",
			      (unsigned long long)ppt, (unsigned long long)back);
	}
	ck_assert_uint_eq(cost_of_ppt(PPT_ONE), COST_NEVER);
	ck_assert_uint_eq(cost_to_ppt(COST_NEVER), PPT_ONE);
}
END_TEST

/* a - b - d and a - c - d; residual and delay of the two ways. */
static struct ted *
diamond(uint64_t upper_bps, uint32_t upper_us, uint64_t lower_bps, uint32_t lower_us)
{
	static const char *const names[] = { "a", "b", "c", "d" };
	static const unsigned ends[][2] = { { 0, 1 }, { 1, 3 }, { 0, 2 }, { 2, 3 } };
	struct pce_error err = { 0 };
	struct ted *ted = NULL;

	ck_assert(ted_new(&ted, 1, &err) == PCE_OK);
	for (unsigned i = 0; i < 4; i++)
		say_node(ted, FILE_1, net_static(names[i]), names[i]);
	for (unsigned i = 0; i < 4; i++) {
		struct ted_delta d = { .object = TED_OBJECT_LINK };

		d.key.link = net_link(net_static(names[ends[i][0]]), net_static(names[ends[i][1]]));
		d.attr.link.present =
		    TED_LINK_IGP_METRIC | TED_LINK_DELAY | TED_LINK_START_RESIDUAL;
		d.attr.link.igp_metric = 1;
		d.attr.link.delay_us = i < 2 ? upper_us : lower_us;
		d.attr.link.start_residual_bps = i < 2 ? upper_bps : lower_bps;
		say(ted, FILE_1, d);
	}
	settle(ted, NULL);
	return ted;
}

static uint32_t
row_of(const struct ted *ted, const char *name)
{
	ted_node node = 0;

	ck_assert(ted_find_node(ted, name, &node, NULL) == PCE_OK);
	return node;
}

static void
expect_no_path(struct ted *ted, struct path_request *r, const char *text)
{
	struct path_engine *engine = engine_on(ted);
	struct path_answer answer = { .n_routes = 0 };
	struct pce_error err = { 0 };

	ck_assert_msg(path_compute(engine, r, &answer, &err) == PCE_OK, "%s", err.text);
	ck_assert_uint_eq(answer.n_routes, 0);
	ck_assert_str_eq(answer.no_path.text, text);
	path_answer_free(&answer);
	path_engine_free(engine);
}

START_TEST(path_none_tells_bottleneck_and_relaxations)
{
	struct ted *ted = diamond(150000000, 5000, 400000000, 12000);
	struct path_request r =
	    path_request_init(row_of(ted, "a"), row_of(ted, "d"), PATH_BANDWIDTH);

	r.bandwidth_bps = 200000000;
	r.max_delay_us = 20000;
	expect_no_path(ted, &r,
		       "no path from a to d with 200 Mbit/s and 20 ms delay: the widest has 150 "
		       "Mbit/s, limited by a→b; with 24 ms delay instead of 20 ms delay there is "
		       "one with 400 Mbit/s");
	r.bandwidth_bps = 0;
	r.max_delay_us = 9000;
	r.objective = PATH_IGP;
	expect_no_path(ted, &r,
		       "no path from a to d with 9 ms delay: with 10 ms delay instead of 9 ms "
		       "delay there is one");
	r.max_delay_us = PATH_NO_BOUND;
	r.disjoint = PATH_DISJOINT_LINK;
	r.bandwidth_bps = 200000000;
	expect_no_path(
	    ted, &r,
	    "no second path from a to d with 200 Mbit/s: every path crosses a→c and c→d; "
	    "the widest second one has 150 Mbit/s, limited by a→b");
	ted_free(ted);
}
END_TEST

START_TEST(path_request_that_contradicts_itself_is_invalid)
{
	struct ted *ted = diamond(1, 1, 1, 1);
	struct path_engine *engine = engine_on(ted);
	struct path_answer answer = { .n_routes = 0 };
	struct pce_error err = { 0 };
	const uint32_t far = 99;
	struct path_request r = path_request_init(1, 1, PATH_IGP);

	ck_assert_int_eq(path_compute(engine, &r, &answer, &err), PCE_INVALID);
	r.to = 17;
	ck_assert_int_eq(path_compute(engine, &r, &answer, &err), PCE_INVALID);
	r.to = 2;
	r.avoid_links = &far;
	r.n_avoid_links = 1;
	ck_assert_int_eq(path_compute(engine, &r, &answer, &err), PCE_INVALID);
	r.n_avoid_links = 0;
	r.objective = 77;
	ck_assert_int_eq(path_compute(engine, &r, &answer, &err), PCE_INVALID);
	r.objective = PATH_TE;
	r.ties[0] = 9;
	ck_assert_int_eq(path_compute(engine, &r, &answer, &err), PCE_INVALID);
	ck_assert_ptr_null(answer.routes);
	path_engine_free(engine);
	ted_free(ted);
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("rules");

	tcase_add_test(tcase, path_any_order_of_arrival_gives_the_same_answer);
	tcase_add_test(tcase, path_risks_the_site_of_a_transit_node);
	tcase_add_test(tcase, path_refreshed_engine_answers_as_a_new_one);
	tcase_add_test(tcase, path_failing_a_link_never_improves);
	tcase_add_test(tcase, path_spent_budget_says_so_and_bounds_the_best);
	tcase_add_test(tcase, cost_and_back_is_the_identity);
	tcase_add_test(tcase, path_none_tells_bottleneck_and_relaxations);
	tcase_add_test(tcase, path_request_that_contradicts_itself_is_invalid);
	return suite_run("rules", tcase, 60);
}
