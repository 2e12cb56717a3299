/*
 * What must stay when a network is told differently or changed in a way that does not matter:
 * order of arrival, scale of the metrics, a link nobody needs, a link nobody took, the direction of
 * everything, a node in the middle of a link.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/path/county.h"
#include "tests/support/suite.h"
#include "tests/ted/net.h"

#define SCALE 3

/* A network, a request on it, and its answer; and the answer on a variant of it. */
struct trial {
	unsigned seed;
	uint64_t state;
	struct county c;
	struct path_engine *engine;
	struct county_ask q;
	struct path_answer before, after;
	enum county_kind kind;
	unsigned compared[ASK_KINDS];
};

static void
trial_begin(struct trial *t, unsigned seed, uint32_t nodes)
{
	memset(t, 0, sizeof(*t));
	t->seed = seed;
	t->state = seed * 31 + nodes;
	county_begin(&t->c, seed % COUNTY_SHAPES, nodes, &t->state);
	t->engine = county_engine(t->c.ted);
}

static void
trial_end(struct trial *t)
{
	path_engine_free(t->engine);
	county_end(&t->c);
}

static void
ask(struct trial *t, enum county_kind kind)
{
	t->kind = kind;
	county_ask(&t->q, &t->c, t->engine, kind, &t->state);
	county_compute(t->engine, &t->q.r, &t->before);
}

static void
forget(struct trial *t)
{
	path_answer_free(&t->before);
	path_answer_free(&t->after);
}

static bool
is_comparable(struct trial *t)
{
	bool proven = county_is_proven(&t->before) && county_is_proven(&t->after);

	t->compared[t->kind] += proven;
	return proven;
}

static void
expect_same_text(const struct trial *t, const struct ted *after, const char *what)
{
	struct text a = { .len = 0 }, b = { .len = 0 };

	county_print(t->c.ted, &t->before, &a);
	county_print(after, &t->after, &b);
	ck_assert_msg(strcmp(text_get(&a), text_get(&b)) == 0, "seed %u, %s, %s:\n%s\n%s", t->seed,
		      county_kinds[t->kind], what, text_get(&a), text_get(&b));
	text_free(&a);
	text_free(&b);
}

static uint32_t
moved_node(const struct trial *t, const struct ted *to, uint32_t row)
{
	return ted_node_by_key(to, ted_node_key_text(t->c.ted, row));
}

static void
move_links(const struct trial *t, const struct ted *to, uint32_t *links, size_t n)
{
	for (size_t i = 0; i < n; i++)
		links[i] = ted_link_by_key(to, ted_link_key_text(t->c.ted, links[i]));
}

/* The same request on rows in another order. Sets come from the slip's own storage. */
static struct county_ask
moved(const struct trial *t, const struct ted *to)
{
	struct county_ask q = t->q;

	q.r.from = moved_node(t, to, q.r.from);
	q.r.to = moved_node(t, to, q.r.to);
	for (unsigned i = 0; i < 2; i++) {
		q.nodes[i] = moved_node(t, to, q.nodes[i]);
		q.via[i] = moved_node(t, to, q.via[i]);
	}
	move_links(t, to, q.links, 2);
	move_links(t, to, q.held, 4);
	return q;
}

static void
rebase(struct county_ask *q)
{
	const struct path_affinity affinity = { q->words, 4, false };

	q->r.include_any = q->r.include_any.n > 0 ? affinity : q->r.include_any;
	q->r.include_all = q->r.include_all.n > 0 ? affinity : q->r.include_all;
	q->r.exclude_any = q->r.exclude_any.n > 0 ? affinity : q->r.exclude_any;
	q->r.avoid_nodes = q->nodes;
	q->r.avoid_links = q->links;
	q->r.avoid_srlgs = q->srlgs;
	q->r.held_links = q->held;
	q->r.via = q->via;
}

static void
try_order_of_arrival(struct trial *t, unsigned asks)
{
	struct ted *ted = county_again(&t->c, &t->state);
	struct path_engine *engine = county_engine(ted);

	for (unsigned i = 0; i < asks; i++) {
		struct county_ask q;

		ask(t, i % ASK_KINDS);
		q = moved(t, ted);
		rebase(&q);
		county_compute(engine, &q.r, &t->after);
		if (is_comparable(t))
			expect_same_text(t, ted, "another order of arrival");
		forget(t);
	}
	path_engine_free(engine);
	ted_free(ted);
}

static void
scale_links(struct county *c, bool up)
{
	for (uint32_t i = 0; i < c->n_links; i++) {
		struct ted_link_attr *a = &c->links[i].delta.attr.link;

		a->igp_metric = up ? a->igp_metric * SCALE : a->igp_metric / SCALE;
		a->delay_us = up ? a->delay_us * SCALE : a->delay_us / SCALE;
		if (a->te_metric != TED_METRIC_UNREACHABLE)
			a->te_metric = up ? a->te_metric * SCALE : a->te_metric / SCALE;
	}
}

static uint64_t
scaled(uint64_t bound)
{
	return bound == PATH_NO_BOUND ? bound : bound * SCALE + SCALE - 1;
}

static void
expect_same_routes(const struct trial *t, uint64_t scale, const char *what)
{
	ck_assert_msg(t->before.n_routes == t->after.n_routes,
		      "seed %u, %s, %s: %zu and %zu routes", t->seed, county_kinds[t->kind], what,
		      t->before.n_routes, t->after.n_routes);
	for (size_t i = 0; i < t->before.n_routes; i++) {
		const struct path_route *a = &t->before.routes[i], *b = &t->after.routes[i];

		ck_assert_msg(a->n_links == b->n_links &&
				  memcmp(a->links, b->links, a->n_links * sizeof(*a->links)) == 0,
			      "seed %u, %s, %s: route %zu is another one", t->seed,
			      county_kinds[t->kind], what, i);
		ck_assert_uint_eq(a->igp_metric * scale, b->igp_metric);
		ck_assert_uint_eq(a->delay_us * scale, b->delay_us);
		ck_assert_uint_eq(a->residual_bps, b->residual_bps);
		ck_assert_uint_eq(a->unavailability_ppt, b->unavailability_ppt);
	}
}

static void
try_scale(struct trial *t, unsigned asks)
{
	struct path_engine *engine;
	struct ted *ted;

	if (t->c.shape == COUNTY_HUGE)
		return; /* three times as much is no metric any more */
	scale_links(&t->c, true);
	ted = county_again(&t->c, NULL);
	scale_links(&t->c, false);
	engine = county_engine(ted);
	for (unsigned i = 0; i < asks; i++) {
		struct path_request r;

		ask(t, i % ASK_KINDS);
		r = t->q.r;
		r.max_delay_us = scaled(r.max_delay_us);
		r.max_te = scaled(r.max_te);
		r.max_igp = scaled(r.max_igp);
		county_compute(engine, &r, &t->after);
		if (is_comparable(t))
			expect_same_routes(t, SCALE, "three times the metrics");
		forget(t);
	}
	path_engine_free(engine);
	ted_free(ted);
}

static void
say_useless(struct trial *t, struct ted *ted, uint32_t beside)
{
	struct ted_delta d = t->c.links[beside].delta;
	struct ted_link_attr *a = &d.attr.link;

	d.key.link.local_id = 2000000 + beside;
	d.key.link.remote_id = 2000000 + beside;
	memset(a, 0, sizeof(*a));
	a->present = TED_LINK_IGP_METRIC | TED_LINK_TE_METRIC | TED_LINK_DELAY |
		     TED_LINK_START_RESIDUAL | TED_LINK_AVAILABILITY;
	a->igp_metric = a->te_metric = a->delay_us = UINT32_MAX - 1;
	a->unavailability_ppt = 1000000000000;
	say(ted, FILE_1, d);
}

/* Links beside others that are worse in everything. */
static void
try_useless(struct trial *t, unsigned asks)
{
	struct ted *ted = county_again(&t->c, NULL);
	struct path_engine *engine;

	for (uint32_t i = 0; i < t->c.n_links; i += 7)
		say_useless(t, ted, i);
	settle(ted, NULL);
	engine = county_engine(ted);
	for (unsigned i = 0; i < asks; i++) {
		ask(t, i % (ASK_BOUNDED + 1));
		county_compute(engine, &t->q.r, &t->after);
		/* without a route, or with one of no width, the useless link might be of use */
		if (t->before.n_routes > 0 && t->before.routes[0].residual_bps > 0 &&
		    t->before.routes[0].unavailability_ppt < 1000000000000 && is_comparable(t))
			expect_same_routes(t, 1, "useless links");
		forget(t);
	}
	path_engine_free(engine);
	ted_free(ted);
}

static bool
is_taken(const struct trial *t, uint32_t link)
{
	for (size_t i = 0; i < t->before.n_routes; i++)
		for (size_t j = 0; j < t->before.routes[i].n_links; j++)
			if (t->before.routes[i].links[j] == link ||
			    ted_link_at(t->c.ted, t->before.routes[i].links[j])->reverse == link)
				return true;
	return false;
}

/* Links fail that the answer does not use; pairs are not told apart by links, their sums stay. */
static void
try_removal(struct trial *t, unsigned asks)
{
	for (unsigned i = 0; i < asks; i++) {
		struct ted *fork = NULL;
		struct pce_error err = { 0 };
		struct path_engine *engine;

		ask(t, i % (ASK_DIVERSE + 1));
		if (t->before.n_routes == 0 || t->before.n_routes < t->q.r.k) {
			forget(t);
			continue;
		}
		ck_assert(ted_fork(t->c.ted, &fork, &err) == PCE_OK);
		for (uint32_t link = 0; link < t->c.n_links; link++)
			if (suite_below(&t->state, 3) == 0 && !is_taken(t, link))
				ck_assert(ted_fail_link(fork, link) == PCE_OK);
		engine = county_engine(fork);
		county_compute(engine, &t->q.r, &t->after);
		if (is_comparable(t))
			expect_same_routes(t, 1, "failures elsewhere");
		forget(t);
		path_engine_free(engine);
		ted_free(fork);
	}
}

/* Turns every link around, or back. */
static void
turn(struct county *c)
{
	for (uint32_t i = 0; i < c->n_links; i++) {
		struct ted_link_key *key = &c->links[i].delta.key.link;
		struct ted_node_key local = key->local;

		key->local = key->remote;
		key->remote = local;
	}
}

static uint64_t
value_of(const struct path_request *r, const struct path_route *route)
{
	return r->objective == PATH_IGP         ? route->igp_metric
	       : r->objective == PATH_TE        ? route->te_metric
	       : r->objective == PATH_DELAY     ? route->delay_us
	       : r->objective == PATH_BANDWIDTH ? route->residual_bps
						: route->unavailability_ppt;
}

static uint64_t
apart(uint64_t a, uint64_t b)
{
	return a > b ? a - b : b - a;
}

static void
expect_same_values(const struct trial *t, const char *what)
{
	uint64_t slack = t->q.r.objective == PATH_AVAILABILITY ? 60 : 0;

	ck_assert_msg(t->before.n_routes == t->after.n_routes,
		      "seed %u, %s, %s: %zu and %zu routes", t->seed, county_kinds[t->kind], what,
		      t->before.n_routes, t->after.n_routes);
	for (size_t i = 0; i < t->before.n_routes; i++) {
		uint64_t a = value_of(&t->q.r, &t->before.routes[i]);
		uint64_t b = value_of(&t->q.r, &t->after.routes[i]);

		ck_assert_msg(apart(a, b) <= slack, "seed %u, %s, objective %d, %s: %llu and %llu",
			      t->seed, county_kinds[t->kind], (int)t->q.r.objective, what,
			      (unsigned long long)a, (unsigned long long)b);
	}
}

static bool
has_pseudonode(const struct county *c)
{
	for (uint32_t i = 0; i < c->n_nodes; i++)
		if (ted_node_at(c->ted, i)->pseudonode)
			return true;
	return false;
}

static void
try_reversal(struct trial *t, unsigned asks)
{
	struct path_engine *engine;
	struct ted *ted;

	/* nothing costs on the way out of a pseudonode: turned around it is another network */
	if (has_pseudonode(&t->c))
		return;
	turn(&t->c);
	ted = county_again(&t->c, NULL);
	turn(&t->c);
	engine = county_engine(ted);
	for (unsigned i = 0; i < asks; i++) {
		struct path_request r;

		ask(t, i % (ASK_K + 1));
		r = t->q.r;
		r.from = t->q.r.to;
		r.to = t->q.r.from;
		county_compute(engine, &r, &t->after);
		if (is_comparable(t))
			expect_same_values(t, "everything turned around");
		forget(t);
	}
	path_engine_free(engine);
	ted_free(ted);
}

/* A node in the middle of some links: the second half costs nothing and never fails. */
static struct ted *
split_links(struct trial *t)
{
	struct ted *ted = county_again(&t->c, NULL);

	for (uint32_t i = 0; i < t->c.n_links; i += 5) {
		struct ted_node_key middle = net_static(t->c.links[i].name);
		struct county_link *l = &t->c.links[i];
		const struct ted_link_key whole = l->delta.key.link;
		struct ted_delta d = { .object = TED_OBJECT_LINK, .op = TED_DELETE };

		d.key.link = whole;
		say(ted, FILE_1, d);
		say_node(ted, FILE_1, middle, NULL);
		l->delta.key.link.remote = middle;
		county_say_link(&t->c, ted, i);
		d = l->delta;
		d.key.link = whole;
		d.key.link.local = middle;
		d.attr.link.present &= ~(uint32_t)(TED_LINK_NAME | TED_LINK_REVERSE |
						   TED_LINK_SRLG | TED_LINK_AVAILABILITY);
		d.attr.link.igp_metric = d.attr.link.te_metric = d.attr.link.delay_us = 0;
		say(ted, FILE_1, d);
		l->delta.key.link = whole;
	}
	settle(ted, NULL);
	return ted;
}

static void
try_splitting(struct trial *t, unsigned asks)
{
	struct ted *ted = split_links(t);
	struct path_engine *engine = county_engine(ted);

	for (unsigned i = 0; i < asks; i++) {
		ask(t, i % 2 == 0 ? ASK_PLAIN : ASK_BOUNDED);
		/* more hops than before, and links without TE metric are not usable twice */
		t->q.r.max_hops = PATH_NO_BOUND;
		t->q.r.n_avoid_links = t->q.r.n_held_links = 0;
		path_answer_free(&t->before);
		county_compute(t->engine, &t->q.r, &t->before);
		county_compute(engine, &t->q.r, &t->after);
		if (is_comparable(t))
			expect_same_values(t, "nodes in the middle of links");
		forget(t);
	}
	path_engine_free(engine);
	ted_free(ted);
}

typedef void property(struct trial *t, unsigned asks);

static void
try_sizes(property *what, unsigned asks)
{
	unsigned compared[ASK_KINDS] = { 0 }, all = 0;

	for (unsigned seed = 1; seed <= suite_seeds() / 5 + suite_seeds() / 250; seed++) {
		bool large = seed > suite_seeds() / 5;
		struct trial t;

		/* the large ones have one pseudonode in fifty, some of the others none */
		trial_begin(&t, seed, large ? 3000 : 12 + seed % 60);
		what(&t, asks);
		for (unsigned i = 0; i < ASK_KINDS; i++)
			compared[i] += t.compared[i];
		trial_end(&t);
	}
	for (unsigned i = 0; i < ASK_KINDS; i++) {
		printf("%s %u%s", county_kinds[i], compared[i], i + 1 < ASK_KINDS ? ", " : "\n");
		all += compared[i];
	}
	fflush(stdout);
	ck_assert_uint_ge(all * 4, suite_seeds() / 5 * asks);
}

START_TEST(path_is_the_same_in_any_order_of_arrival)
{
	try_sizes(try_order_of_arrival, 14);
}
END_TEST

START_TEST(path_is_the_same_at_any_scale)
{
	try_sizes(try_scale, 14);
}
END_TEST

START_TEST(path_ignores_links_of_no_use)
{
	try_sizes(try_useless, 12);
}
END_TEST

START_TEST(path_ignores_failures_elsewhere)
{
	try_sizes(try_removal, 10);
}
END_TEST

START_TEST(path_back_on_turned_links_costs_the_same)
{
	try_sizes(try_reversal, 12);
}
END_TEST

START_TEST(path_over_split_links_costs_the_same)
{
	try_sizes(try_splitting, 12);
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("metamorphic");

	tcase_add_test(tcase, path_is_the_same_in_any_order_of_arrival);
	tcase_add_test(tcase, path_is_the_same_at_any_scale);
	tcase_add_test(tcase, path_ignores_links_of_no_use);
	tcase_add_test(tcase, path_ignores_failures_elsewhere);
	tcase_add_test(tcase, path_back_on_turned_links_costs_the_same);
	tcase_add_test(tcase, path_over_split_links_costs_the_same);
	return suite_run("metamorphic", tcase, 120);
}
