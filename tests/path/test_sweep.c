/* Each route that a sweep tells of against path_compute, of an engine without a hierarchy, for the
 * same request with what failed to be avoided; and what it does not tell of stays. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pce/path/sweep.h"
#include "tests/path/scene.h"

#define REQUESTS 6
#define FAILURES 8

struct check {
	struct scene *scene;
	struct path_request requests[REQUESTS];
	struct path_failure failures[FAILURES];
	uint32_t links[FAILURES][2], nodes[FAILURES][1], srlgs[FAILURES][1];
	bool links_of_route;
	unsigned hits, cut_off;
	bool told[REQUESTS][FAILURES];
	size_t next[REQUESTS]; /* failure at the least */
};

static void
check_route(const struct path_sweep_route *told, const struct path_answer *answer)
{
	ck_assert_uint_eq(told->n_links, answer->n_routes > 0 ? answer->routes->n_links : 0);
	if (told->n_links == 0)
		return;
	ck_assert_mem_eq(told->links, answer->routes->links, told->n_links * sizeof(uint32_t));
	ck_assert_uint_eq(told->igp_metric, answer->routes->igp_metric);
	ck_assert_uint_eq(told->te_metric, answer->routes->te_metric);
	ck_assert_uint_eq(told->delay_us, answer->routes->delay_us);
}

/* The answer without anything failed, or with one failure. */
static void
ask(struct check *c, size_t request, const struct path_failure *failure, struct path_answer *out)
{
	struct path_request r = c->requests[request];

	if (failure) {
		r.avoid_links = failure->links;
		r.n_avoid_links = failure->n_links;
		r.avoid_nodes = failure->nodes;
		r.n_avoid_nodes = failure->n_nodes;
		r.avoid_srlgs = failure->srlgs;
		r.n_avoid_srlgs = failure->n_srlgs;
	}
	ck_assert(path_compute(c->scene->plain, &r, out, NULL) == PCE_OK);
}

static void
visit(void *ctx, const struct path_sweep_hit *hit)
{
	struct check *c = ctx;
	struct path_answer before = { .n_routes = 0 }, after = { .n_routes = 0 };
	struct path_failure one = { .links = &hit->before.links[hit->failure], .n_links = 1 };

	ask(c, hit->request, NULL, &before);
	check_route(&hit->before, &before);
	ask(c, hit->request, c->links_of_route ? &one : &c->failures[hit->failure], &after);
	check_route(&hit->after, &after);
	ck_assert_int_eq(hit->fate, after.n_routes > 0 ? PATH_FATE_MOVED : PATH_FATE_CUT_OFF);
	ck_assert_uint_ge(hit->failure, c->next[hit->request]);
	c->next[hit->request] = hit->failure + 1;
	if (!c->links_of_route)
		c->told[hit->request][hit->failure] = true;
	c->hits++;
	c->cut_off += hit->fate == PATH_FATE_CUT_OFF;
	path_answer_free(&before);
	path_answer_free(&after);
}

static void
draw(struct check *c, struct scene *s)
{
	memset(c, 0, sizeof(*c));
	c->scene = s;
	for (unsigned i = 0; i < REQUESTS; i++) {
		c->requests[i] = scene_request(s);
		c->requests[i].exclude_any.n = 0; /* its words are the scene's */
		if (i > 0 && suite_below(&s->state, 2) > 0)
			c->requests[i].to = c->requests[i - 1].to;
		if (c->requests[i].to == c->requests[i].from)
			c->requests[i].from = (c->requests[i].to + 1) % SCENE_NODES;
		if (suite_below(&s->state, 6) == 0)
			c->requests[i].max_delay_us = 20;
		if (suite_below(&s->state, 8) == 0)
			c->requests[i].objective = PATH_BANDWIDTH;
	}
	for (unsigned i = 0; i < FAILURES; i++) {
		struct path_failure *f = &c->failures[i];

		for (unsigned j = 0; j < 2; j++)
			c->links[i][j] = suite_below(&s->state, s->m);
		c->nodes[i][0] = suite_below(&s->state, SCENE_NODES);
		c->srlgs[i][0] = suite_below(&s->state, SCENE_NODES + 2);
		*f = (struct path_failure){ c->links[i], suite_below(&s->state, 3),
					    c->nodes[i], suite_below(&s->state, 2),
					    c->srlgs[i], suite_below(&s->state, 2) };
	}
}

static unsigned
count_links(struct check *c)
{
	unsigned sum = 0;

	for (size_t i = 0; i < REQUESTS; i++) {
		struct path_answer answer = { .n_routes = 0 };

		ask(c, i, NULL, &answer);
		sum += answer.n_routes > 0 ? (unsigned)answer.routes->n_links : 0;
		path_answer_free(&answer);
	}
	return sum;
}

START_TEST(sweep_links_equal_requests_that_avoid_them)
{
	unsigned hits = 0, cut_off = 0;

	for (unsigned seed = 1; seed <= suite_seeds(); seed++) {
		struct scene s;
		struct check c;

		scene_draw(&s, seed);
		for (unsigned i = 0; i < 2; i++) {
			draw(&c, &s);
			c.links_of_route = true;
			ck_assert(path_sweep_links(s.guided, c.requests, REQUESTS, visit, &c,
						   NULL) == PCE_OK);
			ck_assert_uint_eq(c.hits, count_links(&c));
			hits += c.hits;
			cut_off += c.cut_off;
			scene_change(&s);
		}
		scene_free(&s);
	}
	printf("links: %u hits, %u cut off\n", hits, cut_off);
	ck_assert(cut_off > 0 && hits > 10 * suite_seeds());
}
END_TEST

/* What the sweep was silent about has not moved. */
static void
check_untold(struct check *c)
{
	for (size_t i = 0; i < REQUESTS; i++) {
		struct path_answer before = { .n_routes = 0 };

		ask(c, i, NULL, &before);
		for (size_t j = 0; before.n_routes > 0 && j < FAILURES; j++) {
			struct path_answer after = { .n_routes = 0 };

			if (c->told[i][j])
				continue;
			ask(c, i, &c->failures[j], &after);
			ck_assert_uint_eq(after.n_routes, 1);
			ck_assert_uint_eq(after.routes->n_links, before.routes->n_links);
			ck_assert_mem_eq(after.routes->links, before.routes->links,
					 after.routes->n_links * sizeof(uint32_t));
			path_answer_free(&after);
		}
		path_answer_free(&before);
	}
}

START_TEST(sweep_failures_equal_requests_that_avoid_them)
{
	unsigned hits = 0, cut_off = 0;

	for (unsigned seed = 1; seed <= suite_seeds(); seed++) {
		struct scene s;
		struct check c;

		scene_draw(&s, seed);
		draw(&c, &s);
		ck_assert(path_sweep(s.guided, c.requests, REQUESTS, c.failures, FAILURES, visit,
				     &c, NULL) == PCE_OK);
		check_untold(&c);
		hits += c.hits;
		cut_off += c.cut_off;
		scene_free(&s);
	}
	printf("failures: %u hits, %u cut off\n", hits, cut_off);
	ck_assert(cut_off > 0 && hits > 2 * suite_seeds());
}
END_TEST

START_TEST(sweep_odd_requests_are_refused)
{
	struct scene s;
	struct check c;
	struct path_failure unknown = { .n_links = 1 };
	uint32_t far = 1u << 30;

	scene_draw(&s, 1);
	draw(&c, &s);
	unknown.links = &far;
	ck_assert(path_sweep(s.guided, c.requests, 1, &unknown, 1, visit, &c, NULL) == PCE_INVALID);
	c.requests[0].k = 2;
	ck_assert(path_sweep_links(s.guided, c.requests, 1, visit, &c, NULL) == PCE_UNSUPPORTED);
	c.requests[0].k = 0;
	c.requests[0].to = c.requests[0].from;
	ck_assert(path_sweep_links(s.guided, c.requests, 1, visit, &c, NULL) == PCE_INVALID);
	ck_assert(path_sweep(s.guided, c.requests, 0, NULL, 0, visit, &c, NULL) == PCE_OK);
	ck_assert_uint_eq(c.hits, 0);
	scene_free(&s);
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("sweep");

	tcase_add_test(tcase, sweep_links_equal_requests_that_avoid_them);
	tcase_add_test(tcase, sweep_failures_equal_requests_that_avoid_them);
	tcase_add_test(tcase, sweep_odd_requests_are_refused);
	return suite_run("sweep", tcase, 120);
}
