/*
 * Shortest-path trees against routes computed one by one, and against what parents and equally
 * short ways are by definition.
 */
#include <stdio.h>
#include <string.h>

#include "pce/path/engine.h"
#include "pce/path/tree.h"
#include "tests/path/county.h"
#include "tests/support/suite.h"
#include "tests/ted/net.h"

struct trial {
	unsigned seed;
	uint64_t state;
	struct county c;
	struct path_engine *engine, *other; /* the other one computes single routes */
	struct path_tree *tree;
	struct county_ask q;
	enum path_tree_direction direction;
	unsigned reached, asked, ways, branching;
};

static uint64_t
metric(const struct trial *t, ted_link link)
{
	const struct ted_link_row *row = ted_link_at(t->c.ted, link);

	return t->q.r.objective == PATH_IGP  ? row->igp_metric
	       : t->q.r.objective == PATH_TE ? row->te_metric
					     : row->delay_us;
}

static uint64_t
sum_of(const struct trial *t, const struct path_route *r)
{
	return t->q.r.objective == PATH_IGP  ? r->igp_metric
	       : t->q.r.objective == PATH_TE ? r->te_metric
					     : r->delay_us;
}

/* A single route between the root and a node is as long as the tree says, or there is none. */
static void
check_distance(struct trial *t, ted_node node)
{
	struct path_answer answer = { .n_routes = 0 };
	struct path_request r = t->q.r;
	bool from = t->direction == PATH_TREE_FROM;

	r.ties[0] = PATH_TIE_HOPS;
	r.n_ties = 0;
	*(from ? &r.to : &r.from) = node;
	county_compute(t->other, &r, &answer);
	t->asked++;
	ck_assert_msg(path_tree_reaches(t->tree, node) == (answer.n_routes > 0),
		      "seed %u: node %u is%s reached", t->seed, node,
		      answer.n_routes > 0 ? " not" : "");
	if (answer.n_routes > 0) {
		t->reached++;
		ck_assert_uint_eq(path_tree_distance(t->tree, node), sum_of(t, answer.routes));
		ck_assert_uint_eq(path_tree_links(t->tree, node), answer.routes[0].n_links);
	}
	path_answer_free(&answer);
}

/* The end of a link that is nearer to the root, and the other one. */
static ted_node
near_end(const struct trial *t, ted_link link)
{
	const struct ted_link_row *row = ted_link_at(t->c.ted, link);

	return t->direction == PATH_TREE_FROM ? row->from : row->to;
}

static bool
is_way(const struct trial *t, ted_link link, ted_node node)
{
	const struct filter *f = &t->engine->filter;
	const struct path_graph *g = t->engine->graph;
	ted_node near = near_end(t, link), root;
	struct filter route = *f;

	root = t->direction == PATH_TREE_FROM ? t->q.r.from : t->q.r.to;
	if (!path_tree_reaches(t->tree, near) || !path_tree_reaches(t->tree, node) || node == root)
		return false;
	if (path_tree_distance(t->tree, near) + metric(t, link) !=
	    path_tree_distance(t->tree, node))
		return false;
	if (metric(t, link) == 0 &&
	    path_tree_links(t->tree, near) >= path_tree_links(t->tree, node))
		return false;
	if (near != root && (ted_node_at(t->c.ted, near)->overload ||
			     f->node_mark[g->node_of_row[near]] & MARK_AVOID))
		return false;
	/* any node may be an end */
	route.from = g->node_of_row[t->direction == PATH_TREE_FROM ? near : node];
	route.to = g->node_of_row[t->direction == PATH_TREE_FROM ? node : near];
	return filter_allows(&route, g->link_of_row[link]);
}

/* Parents and ways of one node: all links that are ways, the best of them by links and rank. */
static void
check_ways(struct trial *t, ted_node node)
{
	size_t n, n_ways, at = 0;
	const ted_link *links = t->direction == PATH_TREE_FROM ? ted_links_in(t->c.ted, node, &n)
							       : ted_links_out(t->c.ted, node, &n);
	const ted_link *ways = path_tree_ways(t->tree, node, &n_ways);
	ted_link best = TED_NONE;

	for (size_t i = 0; i < n; i++) {
		uint32_t hops, least;

		if (!is_way(t, links[i], node))
			continue;
		ck_assert_msg(at < n_ways && ways[at] == links[i], "seed %u: way %zu of node %u",
			      t->seed, at, node);
		at++;
		hops = path_tree_links(t->tree, near_end(t, links[i]));
		least = best == TED_NONE ? UINT32_MAX : path_tree_links(t->tree, near_end(t, best));
		if (hops < least)
			best = links[i];
	}
	ck_assert_uint_eq(at, n_ways);
	ck_assert_uint_eq(path_tree_parent(t->tree, node), best);
	t->ways += at > 0;
	t->branching += at > 1;
}

static void
change(struct trial *t)
{
	const struct ted_change *changes;
	size_t n;

	for (unsigned i = 0; i < 3; i++) {
		uint32_t link = suite_below(&t->state, t->c.n_links);

		county_draw_link(&t->c, link, &t->state);
		county_say_link(&t->c, t->c.ted, link);
	}
	n = settle(t->c.ted, &changes);
	ck_assert(path_engine_refresh(t->engine, changes, n, NULL) == PCE_OK);
	ck_assert(path_engine_refresh(t->other, changes, n, NULL) == PCE_OK);
}

static void
grow_one(struct trial *t, unsigned i)
{
	struct pce_error err = { 0 };

	do
		county_ask(&t->q, &t->c, t->other,
			   suite_below(&t->state, 2) ? ASK_FILTERED : ASK_PLAIN, &t->state);
	while (t->q.r.objective > PATH_DELAY);
	t->direction = suite_below(&t->state, 2) ? PATH_TREE_FROM : PATH_TREE_TO;
	ck_assert_msg(path_tree_grow(t->engine, &t->q.r, t->direction, i % 4 > 0, &t->tree, &err) ==
			  PCE_OK,
		      "%s", err.text);
	for (ted_node node = 0; node < t->c.n_nodes; node++) {
		bool is_root = node == (t->direction == PATH_TREE_FROM ? t->q.r.from : t->q.r.to);

		if (!is_root && suite_below(&t->state, t->c.n_nodes) < 8)
			check_distance(t, node);
		if (i % 4 > 0)
			check_ways(t, node);
	}
}

START_TEST(tree_is_of_shortest_ways_and_canonical_parents)
{
	struct trial t = { 0 };

	for (unsigned seed = 1; seed <= suite_seeds(); seed++) {
		t.seed = seed;
		t.state = seed;
		county_begin(&t.c, seed % COUNTY_SHAPES,
			     seed % 100 == 0 ? 900 : 4 + suite_below(&t.state, 40), &t.state);
		t.engine = county_engine(t.c.ted);
		t.other = county_engine(t.c.ted);
		for (unsigned i = 0; i < 8; i++) {
			grow_one(&t, i);
			if (i % 2 == 1)
				change(&t);
		}
		path_engine_free(t.engine);
		path_engine_free(t.other);
		county_end(&t.c);
	}
	path_tree_free(t.tree);
	printf("trees: %u of %u nodes reached; %u nodes with ways, %u with several\n", t.reached,
	       t.asked, t.ways, t.branching);
	ck_assert(t.reached * 4 > t.asked && t.reached < t.asked && t.branching * 20 > t.ways);
}
END_TEST

START_TEST(tree_of_what_it_cannot_hold_is_refused)
{
	struct trial t = { .state = 3 };
	struct pce_error err = { 0 };
	struct path_request r = path_request_init(0, 1, PATH_BANDWIDTH);

	county_begin(&t.c, COUNTY_RINGS, 10, &t.state);
	t.engine = county_engine(t.c.ted);
	ck_assert_int_eq(path_tree_grow(t.engine, &r, PATH_TREE_FROM, false, &t.tree, &err),
			 PCE_INVALID);
	r.objective = PATH_IGP;
	r.max_hops = 3;
	ck_assert_int_eq(path_tree_grow(t.engine, &r, PATH_TREE_FROM, false, &t.tree, &err),
			 PCE_UNSUPPORTED);
	r.max_hops = PATH_NO_BOUND;
	r.to = 100;
	ck_assert_int_eq(path_tree_grow(t.engine, &r, PATH_TREE_TO, false, &t.tree, &err),
			 PCE_INVALID);
	ck_assert_int_eq(path_tree_grow(t.engine, &r, PATH_TREE_FROM, false, &t.tree, &err),
			 PCE_OK);
	path_tree_free(t.tree);
	path_engine_free(t.engine);
	county_end(&t.c);
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("tree");

	tcase_add_test(tcase, tree_is_of_shortest_ways_and_canonical_parents);
	tcase_add_test(tcase, tree_of_what_it_cannot_hold_is_refused);
	return suite_run("tree", tcase, 120);
}
