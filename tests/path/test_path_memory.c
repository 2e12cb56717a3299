/* Every allocation made to fail in turn: nothing leaks, the answer stays empty, and the next try
 * gives what would have come without the failure. */
#include <stdlib.h>
#include <string.h>

#include "pce/path/forest.h"
#include "pce/path/path.h"
#include "pce/path/tree.h"
#include "tests/path/county.h"
#include "tests/path/oracle.h"
#include "tests/support/failing.h"
#include "tests/support/suite.h"

/* One engine, one answer, everything freed; true if no allocation failed. */
static bool
run_once(unsigned long at, const struct ted *ted, const struct path_request *r, uint64_t *settled)
{
	struct path_engine *engine = NULL;
	struct path_answer answer = { .n_routes = 0 };
	struct pce_error err = { 0 };
	long live = failing_live();
	enum pce_status status;
	bool reached;

	failing_at(at);
	status = path_engine_new(ted, &engine, &err);
	if (!status)
		status = path_compute(engine, r, &answer, &err);
	if (status && (answer.routes || answer.no_path.text || answer.relaxed))
		abort();
	*settled = answer.settled;
	path_answer_free(&answer);
	path_engine_free(engine);
	reached = failing_stop();
	ck_assert_msg(failing_live() == live, "%ld blocks leak at allocation %lu",
		      failing_live() - live, at);
	ck_assert_msg(status == PCE_OK || status == PCE_NO_MEMORY, "%s", err.text);
	return !reached;
}

START_TEST(path_without_memory_fails_cleanly)
{
	for (unsigned seed = 1; seed <= suite_seeds() / 4; seed++) {
		uint64_t state = seed, settled, expected;
		struct random_net net;
		struct random_request q;
		struct ted *ted;
		uint32_t via;

		net_draw(&net, &state, 6);
		ted = net_build(&net, NULL);
		request_draw(&q, ted, &state);
		q.r.disjoint = seed % 3 == 0 ? PATH_DISJOINT_NONE : seed % PATH_DISJOINT_COUNT;
		q.r.explain = seed % 2 == 0;
		via = seed % ted_node_count(ted);
		q.r.via = &via;
		q.r.n_via = seed % 4 == 1;
		q.r.budget_labels = 3000;
		q.r.k = q.r.disjoint == PATH_DISJOINT_NONE ? seed % 4 : 0;
		q.r.diverse = seed % 8 == 0;
		if (seed % 7 == 6) {
			q.r.disjoint = PATH_DISJOINT_NONE;
			q.r.k = 0;
			q.r.n_via = 0;
			q.r.guarantee = 0.999;
			q.r.max_lists = 1 + seed % 3;
			q.r.bandwidth_bps = 100000000;
		}
		ck_assert(run_once(0, ted, &q.r, &expected));
		for (unsigned long at = 1; !run_once(at, ted, &q.r, &settled); at++)
			;
		ck_assert_uint_eq(settled, expected);
		ted_free(ted);
	}
}
END_TEST

/* Every kind of request on somewhat larger networks. */
START_TEST(path_of_every_kind_without_memory_fails_cleanly)
{
	for (unsigned seed = 1; seed <= suite_seeds() / 10; seed++) {
		uint64_t state = seed, settled, expected;
		struct path_engine *engine;
		struct county_ask q;
		struct county c;

		county_begin(&c, seed % COUNTY_SHAPES, 8 + seed % 12, &state);
		engine = county_engine(c.ted);
		county_ask(&q, &c, engine, seed % ASK_KINDS, &state);
		path_engine_free(engine);
		ck_assert(run_once(0, c.ted, &q.r, &expected));
		for (unsigned long at = 1; !run_once(at, c.ted, &q.r, &settled); at++)
			;
		ck_assert_uint_eq(settled, expected);
		county_end(&c);
	}
}
END_TEST

/* A tree by an engine that may have a hierarchy; true if no allocation failed. */
static bool
grow_once(unsigned long at, const struct county *c, const struct path_request *r, uint64_t *sum)
{
	struct path_engine *engine = NULL;
	struct path_tree *tree = NULL;
	struct path_forest *forest = NULL;
	const ted_node roots[2] = { r->from, r->to };
	struct path_forest_query q = { r, PATH_TREE_TO, roots, 2, r->to % 3 > 0 };
	struct pce_error err = { 0 };
	long live = failing_live();
	enum pce_status status;
	bool reached;

	failing_at(at);
	status = path_engine_new(c->ted, &engine, &err);
	if (!status && r->from % 2 == 0)
		status = path_engine_prepare(engine, &err);
	if (!status)
		status = path_tree_grow(engine, r, PATH_TREE_FROM, r->to % 2 == 0, &tree, &err);
	if (!status)
		status = path_forest_grow(engine, &q, &forest, &err);
	*sum = 0;
	for (ted_node node = 0; !status && node < c->n_nodes; node++)
		*sum += path_tree_distance(tree, node) + path_tree_parent(tree, node) +
			path_forest_parent(forest, 1, node);
	path_tree_free(tree);
	path_forest_free(forest);
	path_engine_free(engine);
	reached = failing_stop();
	ck_assert_msg(failing_live() == live, "%ld blocks leak at allocation %lu",
		      failing_live() - live, at);
	ck_assert_msg(status == PCE_OK || status == PCE_NO_MEMORY, "%s", err.text);
	return !reached;
}

START_TEST(tree_without_memory_fails_cleanly)
{
	for (unsigned seed = 1; seed <= suite_seeds() / 10; seed++) {
		uint64_t state = seed, sum, expected;
		struct path_request r;
		struct county c;

		county_begin(&c, seed % COUNTY_SHAPES, 8 + seed % 12, &state);
		r = path_request_init(suite_below(&state, c.n_nodes),
				      suite_below(&state, c.n_nodes), PATH_IGP);
		ck_assert(grow_once(0, &c, &r, &expected));
		for (unsigned long at = 1; !grow_once(at, &c, &r, &sum); at++)
			;
		ck_assert_uint_eq(sum, expected);
		county_end(&c);
	}
}
END_TEST

static void
print(struct path_engine *engine, const struct county *c, const struct path_request *r,
      struct text *out)
{
	struct path_answer answer = { .n_routes = 0 };

	county_compute(engine, r, &answer);
	county_print(c->ted, &answer, out);
	path_answer_free(&answer);
}

/* Changes links, and from time to time nodes, which takes a new packing. */
static size_t
change(struct county *c, uint64_t *state, const struct ted_change **changes)
{
	struct pce_error err = { 0 };
	size_t n;

	for (unsigned i = 0; i < 3; i++) {
		uint32_t link = suite_below(state, c->n_links);

		county_draw_link(c, link, state);
		county_say_link(c, c->ted, link);
	}
	if (suite_below(state, 2) == 0) {
		uint32_t node = suite_below(state, c->n_nodes);

		county_draw_node(c, node, state);
		county_say_node(c, c->ted, node);
	}
	ck_assert(ted_settle(c->ted, changes, &n, &err) == PCE_OK);
	return n;
}

/* Takes changes in with each allocation failing in turn until none does. */
static void
refresh(struct path_engine *engine, const struct ted_change *changes, size_t n)
{
	enum pce_status status = PCE_NO_MEMORY;
	struct pce_error err = { 0 };

	for (unsigned long at = 1; status == PCE_NO_MEMORY; at++) {
		failing_at(at);
		status = path_engine_refresh(engine, changes, n, &err);
		failing_stop();
	}
	ck_assert_msg(status == PCE_OK, "%s", err.text);
}

START_TEST(path_refresh_without_memory_may_be_tried_again)
{
	for (unsigned seed = 1; seed <= suite_seeds() / 5; seed++) {
		struct text one = { .len = 0 }, two = { .len = 0 };
		const struct ted_change *changes;
		struct path_engine *kept, *fresh;
		uint64_t state = seed;
		struct county_ask q;
		struct county c;
		size_t n;

		county_begin(&c, seed % COUNTY_SHAPES, 8 + seed % 40, &state);
		kept = county_engine(c.ted);
		n = change(&c, &state, &changes);
		refresh(kept, changes, n);
		fresh = county_engine(c.ted);
		county_ask(&q, &c, fresh, seed % ASK_KINDS, &state);
		print(kept, &c, &q.r, &one);
		print(fresh, &c, &q.r, &two);
		ck_assert_msg(strcmp(text_get(&one), text_get(&two)) == 0, "seed %u:\n%s\n%s", seed,
			      text_get(&one), text_get(&two));
		text_free(&one);
		text_free(&two);
		path_engine_free(kept);
		path_engine_free(fresh);
		county_end(&c);
	}
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("memory");

	tcase_add_test(tcase, path_without_memory_fails_cleanly);
	tcase_add_test(tcase, path_of_every_kind_without_memory_fails_cleanly);
	tcase_add_test(tcase, tree_without_memory_fails_cleanly);
	tcase_add_test(tcase, path_refresh_without_memory_may_be_tried_again);
	return suite_run("path_memory", tcase, 60);
}
