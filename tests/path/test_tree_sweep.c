/*
 * Trees by a sweep down the hierarchy equal trees by a search in every node's distance, links,
 * parent and ways: with ties, zero and huge metrics, overloaded nodes, and after random changes.
 */
#include <stdio.h>

#include "pce/path/engine.h"
#include "pce/path/forest.h"
#include "pce/path/tree.h"
#include "tests/path/county.h"
#include "tests/support/suite.h"
#include "tests/ted/net.h"

struct trial {
	unsigned seed;
	uint64_t state;
	struct county c;
	struct path_engine *engine, *plain; /* plain never sweeps */
	struct path_tree *tree, *other;
	struct path_forest *forest;
	struct path_request r;
	enum path_tree_direction direction;
	unsigned trees, swept, nodes, ties, unreached, refused;
};

static void
compare_ways(struct trial *t, ted_node node)
{
	size_t n, m;
	const ted_link *ways = path_tree_ways(t->tree, node, &n);
	const ted_link *others = path_tree_ways(t->other, node, &m);

	ck_assert_uint_eq(n, m);
	for (size_t i = 0; i < n; i++)
		ck_assert_uint_eq(ways[i], others[i]);
	t->ties += n > 1;
}

static void
compare_node(struct trial *t, ted_node node)
{
	t->nodes++;
	t->unreached += !path_tree_reaches(t->other, node);
	ck_assert_msg(path_tree_reaches(t->tree, node) == path_tree_reaches(t->other, node),
		      "seed %u: node %u", t->seed, node);
	ck_assert_uint_eq(path_tree_distance(t->tree, node), path_tree_distance(t->other, node));
	ck_assert_uint_eq(path_tree_links(t->tree, node), path_tree_links(t->other, node));
	ck_assert_msg(path_tree_parent(t->tree, node) == path_tree_parent(t->other, node),
		      "seed %u: parent of node %u", t->seed, node);
}

/* The last tree of the engine came from a sweep. */
static bool
was_swept(const struct path_engine *e)
{
	const struct tree_sweep *s = &e->tree.sweep;

	return s->column && s->version == e->graph->version && !s->unfit;
}

static void
grow_and_compare(struct trial *t, bool dag)
{
	struct pce_error err = { 0 };

	ck_assert_msg(path_tree_grow(t->engine, &t->r, t->direction, dag, &t->tree, &err) == PCE_OK,
		      "seed %u: %s", t->seed, err.text);
	ck_assert(path_tree_grow(t->plain, &t->r, t->direction, dag, &t->other, &err) == PCE_OK);
	ck_assert(!was_swept(t->plain));
	t->trees++;
	t->swept += was_swept(t->engine);
	t->refused += t->engine->tree.sweep.unfit;
	for (ted_node node = 0; node < t->c.n_nodes; node++) {
		compare_node(t, node);
		if (dag)
			compare_ways(t, node);
	}
}

/* Mostly by the same objective and in the same direction as the tree before. */
static void
draw_request(struct trial *t)
{
	enum path_objective objective = t->r.objective;

	if (suite_below(&t->state, 10) < 3)
		objective = (enum path_objective[]){ PATH_IGP, PATH_TE,
						     PATH_DELAY }[suite_below(&t->state, 3)];
	if (suite_below(&t->state, 10) < 3)
		t->direction = suite_below(&t->state, 2) ? PATH_TREE_FROM : PATH_TREE_TO;
	t->r = path_request_init(suite_below(&t->state, t->c.n_nodes),
				 suite_below(&t->state, t->c.n_nodes), objective);
}

/* Without a hierarchy, one is made after some trees. */
static void
prepare(struct trial *t)
{
	if (t->seed % 4 > 0)
		ck_assert(path_engine_prepare(t->engine, NULL) == PCE_OK);
}

/* Everything about a link, or its metrics alone, which leaves the graph packed as it is. */
static void
change_link(struct trial *t, uint32_t link)
{
	struct ted_link_attr *a = &t->c.links[link].delta.attr.link, old = *a;

	county_draw_link(&t->c, link, &t->state);
	if (suite_below(&t->state, 8) > 0) {
		old.igp_metric = a->igp_metric;
		old.te_metric = a->te_metric;
		old.delay_us = a->delay_us;
		*a = old;
	}
	county_say_link(&t->c, t->c.ted, link);
}

/* Changes some links, now and then many of them or a node. */
static void
change(struct trial *t)
{
	uint32_t n = suite_below(&t->state, 5) ? 1 + suite_below(&t->state, 3) : t->c.n_links / 2;
	const struct ted_change *changes;
	size_t n_changes;

	for (uint32_t i = 0; i < n; i++) {
		uint32_t link = suite_below(&t->state, t->c.n_links);

		if (suite_below(&t->state, 4) == 0)
			unsay_link(t->c.ted, FILE_1, t->c.links[link].delta.key.link);
		else
			change_link(t, link);
	}
	if (suite_below(&t->state, 10) == 0) {
		uint32_t node = suite_below(&t->state, t->c.n_nodes);

		county_draw_node(&t->c, node, &t->state);
		county_say_node(&t->c, t->c.ted, node);
	}
	n_changes = settle(t->c.ted, &changes);
	ck_assert(path_engine_refresh(t->engine, changes, n_changes, NULL) == PCE_OK);
	ck_assert(path_engine_refresh(t->plain, changes, n_changes, NULL) == PCE_OK);
	prepare(t);
}

static void
begin(struct trial *t, enum county_shape shape, uint32_t n)
{
	county_begin(&t->c, shape, n, &t->state);
	t->engine = county_engine(t->c.ted);
	t->plain = county_engine(t->c.ted);
	t->plain->simple = true;
	t->r = path_request_init(0, 0, PATH_IGP);
	t->direction = PATH_TREE_FROM;
}

static void
end(struct trial *t)
{
	path_engine_free(t->engine);
	path_engine_free(t->plain);
	path_tree_free(t->tree);
	path_tree_free(t->other);
	path_forest_free(t->forest);
	t->tree = t->other = NULL;
	t->forest = NULL;
	county_end(&t->c);
}

/* One of several trees grown at once is that of a search. */
static void
compare_tree(struct trial *t, const struct path_forest *forest, unsigned tree, bool parents)
{
	ck_assert(path_tree_grow(t->plain, &t->r, t->direction, false, &t->other, NULL) == PCE_OK);
	for (ted_node node = 0; node < t->c.n_nodes; node++) {
		bool reached = path_tree_reaches(t->other, node);

		ck_assert_msg(path_forest_reaches(forest, tree, node) == reached,
			      "seed %u: node %u of tree %u", t->seed, node, tree);
		ck_assert_uint_eq(path_forest_distance(forest, tree, node),
				  path_tree_distance(t->other, node));
		ck_assert_uint_eq(path_forest_links(forest, tree, node),
				  path_tree_links(t->other, node));
		ck_assert_msg(path_forest_parent(forest, tree, node) ==
				  (parents ? path_tree_parent(t->other, node) : TED_NONE),
			      "seed %u: parent of node %u of tree %u", t->seed, node, tree);
	}
}

static void
grow_forest(struct trial *t, unsigned i)
{
	ted_node roots[PATH_FOREST_TREES];
	struct path_forest_query q = { &t->r, t->direction, roots, 1 + i % PATH_FOREST_TREES,
				       i % 3 > 0 };
	struct pce_error err = { 0 };

	t->r.bandwidth_bps = i % 8 == 7 ? 300000000 : 0; /* not to be swept */
	for (unsigned tree = 0; tree < q.n; tree++)
		roots[tree] = suite_below(&t->state, t->c.n_nodes);
	ck_assert_msg(path_forest_grow(t->engine, &q, &t->forest, &err) == PCE_OK, "seed %u: %s",
		      t->seed, err.text);
	t->trees++;
	t->swept += was_swept(t->engine) && t->r.bandwidth_bps == 0;
	for (unsigned tree = 0; tree < q.n; tree++) {
		t->r.from = t->r.to = roots[tree];
		compare_tree(t, t->forest, tree, q.parents);
	}
}

START_TEST(forest_equals_trees_by_search)
{
	struct trial t = { 0 };

	for (unsigned seed = 1; seed <= suite_seeds(); seed++) {
		t.seed = seed;
		t.state = seed;
		begin(&t, seed / 4 % COUNTY_SHAPES,
		      seed % 100 == 0 ? 900 : 4 + suite_below(&t.state, 60));
		prepare(&t);
		for (unsigned i = 0; i < 8; i++) {
			draw_request(&t);
			grow_forest(&t, seed + i);
			change(&t);
		}
		end(&t);
	}
	printf("forests: %u of %u swept\n", t.swept, t.trees);
	fflush(stdout);
	ck_assert(t.swept * 10 > t.trees * 3 && t.swept * 4 < t.trees * 3);
}
END_TEST

START_TEST(forest_of_too_many_trees_is_refused)
{
	struct trial t = { .state = 4 };
	ted_node roots[PATH_FOREST_TREES + 1] = { 0 };
	struct path_forest_query q = { &t.r, PATH_TREE_FROM, roots, PATH_FOREST_TREES + 1, true };

	begin(&t, COUNTY_RINGS, 20);
	ck_assert_int_eq(path_forest_grow(t.engine, &q, &t.forest, NULL), PCE_INVALID);
	q.n = 2;
	roots[1] = 20;
	ck_assert_int_eq(path_forest_grow(t.engine, &q, &t.forest, NULL), PCE_INVALID);
	q.n = 0;
	ck_assert_int_eq(path_forest_grow(t.engine, &q, &t.forest, NULL), PCE_OK);
	ck_assert(!path_forest_reaches(t.forest, 0, 0));
	end(&t);
}
END_TEST

START_TEST(tree_by_sweep_equals_tree_by_search)
{
	struct trial t = { 0 };

	for (unsigned seed = 1; seed <= suite_seeds(); seed++) {
		t.seed = seed;
		t.state = seed;
		begin(&t, seed / 4 % COUNTY_SHAPES,
		      seed % 50 == 0 ? 900 : 4 + suite_below(&t.state, 60));
		prepare(&t);
		for (unsigned i = 0; i < 24; i++) {
			draw_request(&t);
			grow_and_compare(&t, i % 4 == 0);
			if (i % 3 == 2)
				change(&t);
		}
		end(&t);
	}
	printf(
	    "trees: %u of %u swept, %u refused; %u nodes, %u not reached, %u with several ways\n",
	    t.swept, t.trees, t.refused, t.nodes, t.unreached, t.ties);
	fflush(stdout);
	ck_assert(t.swept * 2 > t.trees && t.refused * 10 > t.trees && t.unreached * 50 > t.nodes &&
		  t.ties * 100 > t.nodes);
}
END_TEST

START_TEST(tree_of_large_networks_equals_tree_by_search)
{
	struct trial t = { .state = 5 };

	for (unsigned shape = COUNTY_GRID; shape <= COUNTY_RINGS; shape += COUNTY_RINGS) {
		t.seed = 1 + shape;
		begin(&t, (enum county_shape)shape, shape == COUNTY_GRID ? 900 : 1800);
		prepare(&t);
		for (unsigned i = 0; i < 60; i++) {
			draw_request(&t);
			grow_and_compare(&t, i % 20 == 0);
			change(&t);
		}
		end(&t);
	}
	printf("large: %u of %u swept\n", t.swept, t.trees);
	fflush(stdout);
	ck_assert(t.swept * 3 > t.trees * 2);
}
END_TEST

static void
say_pair(struct ted *ted, uint32_t a, uint32_t b, uint32_t metric)
{
	say_link(ted, FILE_1, net_link(net_isis(a), net_isis(b)), metric);
	say_link(ted, FILE_1, net_link(net_isis(b), net_isis(a)), metric);
}

/*
 * A chain of 140 links, and a way around it that is longer by 1 and has two links: in a field of 7
 * bits for the number of links the chain's would count as more than that 1.
 */
START_TEST(tree_with_more_links_than_fit_is_not_swept)
{
	enum { CHAIN = 140 };
	const uint32_t metric = 1 << 17;
	struct path_request r = path_request_init(0, 0, PATH_IGP);
	struct path_tree *tree = NULL;
	struct path_engine *engine;
	struct ted *ted;

	ck_assert(ted_new(&ted, 1, NULL) == PCE_OK);
	for (uint32_t i = 0; i <= CHAIN + 1; i++)
		say_node(ted, FILE_1, net_isis(i + 1), NULL);
	for (uint32_t i = 0; i < CHAIN; i++)
		say_pair(ted, i + 1, i + 2, metric);
	say_pair(ted, 1, CHAIN + 2, metric);
	say_pair(ted, CHAIN + 2, CHAIN + 1, (CHAIN - 1) * metric + 1);
	settle(ted, NULL);
	engine = county_engine(ted);
	ck_assert(path_engine_prepare(engine, NULL) == PCE_OK);
	ck_assert(path_tree_grow(engine, &r, PATH_TREE_FROM, false, &tree, NULL) == PCE_OK);
	ck_assert(engine->tree.sweep.unfit);
	ck_assert_uint_eq(path_tree_distance(tree, CHAIN), (uint64_t)CHAIN * metric);
	ck_assert_uint_eq(path_tree_links(tree, CHAIN), CHAIN);
	path_tree_free(tree);
	path_engine_free(engine);
	ted_free(ted);
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("tree_sweep");

	tcase_add_test(tcase, tree_by_sweep_equals_tree_by_search);
	tcase_add_test(tcase, forest_equals_trees_by_search);
	tcase_add_test(tcase, forest_of_too_many_trees_is_refused);
	tcase_add_test(tcase, tree_of_large_networks_equals_tree_by_search);
	tcase_add_test(tcase, tree_with_more_links_than_fit_is_not_swept);
	return suite_run("tree_sweep", tcase, 120);
}
