/*
 * The quick searches against the plain ones that they stand for, route by route: keys of numbers
 * against vectors, the lowered threshold against the widest-path search, with updates in between;
 * the queue against sorting; and forks of engines against engines made anew.
 */
#include <stdio.h>
#include <string.h>

#include "pce/path/single.h"
#include "pce/path/widest.h"
#include "tests/path/county.h"
#include "tests/support/suite.h"
#include "tests/ted/net.h"

struct trial {
	unsigned seed;
	uint64_t state;
	struct county c;
	struct path_engine *engine;
	struct county_ask q;
	uint32_t links[2][4096], n[2];
};

struct tally {
	unsigned asked, found, tied, partial, unfit, far;
};

/* Every fiftieth network is large. */
static void
begin(struct trial *t, unsigned seed)
{
	memset(t, 0, sizeof(*t));
	t->seed = seed;
	t->state = seed;
	county_begin(&t->c, seed % COUNTY_SHAPES,
		     seed % 50 == 0 ? 1600 : 5 + suite_below(&t->state, 60), &t->state);
	t->engine = county_engine(t->c.ted);
	ck_assert(engine_need_both(t->engine, NULL) == PCE_OK);
}

static void
end(struct trial *t)
{
	path_engine_free(t->engine);
	county_end(&t->c);
}

/* Some links change, and the engine takes it in. */
static void
change(struct trial *t)
{
	const struct ted_change *changes;
	size_t n;

	for (unsigned i = 0; i < 5; i++) {
		uint32_t link = suite_below(&t->state, t->c.n_links);

		county_draw_link(&t->c, link, &t->state);
		county_say_link(&t->c, t->c.ted, link);
	}
	n = settle(t->c.ted, &changes);
	ck_assert(path_engine_refresh(t->engine, changes, n, NULL) == PCE_OK);
	ck_assert(engine_need_both(t->engine, NULL) == PCE_OK);
}

/* A request's filter, sometimes with bans on top. */
static void
draw_filter(struct trial *t)
{
	struct county_ask *q = &t->q; /* lives on: classes are judged as they are met */
	struct filter *f = &t->engine->filter;

	county_ask(q, &t->c, t->engine, suite_below(&t->state, 3) == 0 ? ASK_FILTERED : ASK_PLAIN,
		   &t->state);
	if (suite_below(&t->state, 4) == 0)
		q->r.bandwidth_bps = 100000000ULL * suite_below(&t->state, 8) + 999;
	ck_assert(filter_set(f, &q->r, CONSTRAINTS_ALL, NULL) == PCE_OK);
	if (suite_below(&t->state, 4) > 0)
		return;
	for (unsigned i = 0; i < 3; i++) {
		filter_ban_link(f, suite_below(&t->state, t->c.n_links));
		filter_ban_node(f, suite_below(&t->state, t->c.n_nodes));
	}
}

/* Any order of distinct metrics; the number of links is the last one. */
static struct order
draw_order(uint64_t *state)
{
	static const uint8_t metrics[] = { METRIC_IGP, METRIC_TE, METRIC_DELAY, METRIC_HOPS,
					   METRIC_COST };
	struct order order = { .n = 0 };

	for (unsigned tries = 1 + suite_below(state, 4); tries > 0; tries--) {
		uint8_t metric = metrics[suite_below(state, 5)];

		if (!memchr(order.metric, metric, order.n))
			order.metric[order.n++] = metric;
	}
	order.metric[order.n++] = METRIC_LINKS;
	return order;
}

static void
count(struct tally *tally, const struct trial *t, const struct order *order)
{
	struct scalar_plan plan;

	tally->found += t->n[0] > 0;
	tally->partial += !scalar_plan(&t->engine->filter, order, order->n, &plan);
	tally->tied += t->engine->scalar.ties_settled;
}

static void
compare_routes(struct trial *t, struct tally *tally)
{
	struct path_engine *e = t->engine;
	struct order order = draw_order(&t->state);
	struct scalar_query query = { &e->filter, &order, e->filter.from, UINT32_MAX };
	enum scalar_outcome outcome;

	tally->asked++;
	ck_assert(scalar_route(&e->scalar, &query, t->links[0], &t->n[0], &outcome, NULL) ==
		  PCE_OK);
	t->n[1] = bidirectional_route(&e->both, &e->filter, &order, query.from, t->links[1]);
	if (outcome == SCALAR_UNFIT) {
		tally->unfit++;
		return;
	}
	ck_assert_msg((outcome == SCALAR_FOUND) == (t->n[1] > 0) && t->n[0] == t->n[1] &&
			  memcmp(t->links[0], t->links[1], t->n[0] * sizeof(uint32_t)) == 0,
		      "seed %u, shape %d: %u links of %u, order of %u from metric %u", t->seed,
		      (int)t->c.shape, t->n[0], t->n[1], order.n, order.metric[0]);
	count(tally, t, &order);
	query.most = suite_below(&t->state, 20);
	ck_assert(scalar_route(&e->scalar, &query, t->links[0], &t->n[0], &outcome, NULL) ==
		  PCE_OK);
	tally->far += outcome == SCALAR_FAR;
	ck_assert(outcome == SCALAR_FAR ||
		  (t->n[0] == t->n[1] &&
		   memcmp(t->links[0], t->links[1], t->n[0] * sizeof(uint32_t)) == 0));
}

START_TEST(quick_route_is_that_of_vectors)
{
	struct tally tally = { 0 };
	struct trial t;

	for (unsigned seed = 1; seed <= suite_seeds(); seed++) {
		begin(&t, seed);
		for (unsigned i = 0; i < 16; i++) {
			draw_filter(&t);
			if (!t.engine->filter.end_avoided)
				compare_routes(&t, &tally);
			if (i % 4 == 3)
				change(&t);
		}
		end(&t);
	}
	printf("routes: %u asked, %u found, %u with ties, %u keys in part, %u unfit, %u far\n",
	       tally.asked, tally.found, tally.tied, tally.partial, tally.unfit, tally.far);
	ck_assert(tally.found * 4 > tally.asked && tally.found < tally.asked);
	ck_assert(tally.unfit * 4 < tally.asked);
	if (suite_seeds() >= 100) {
		ck_assert(tally.tied * 20 > tally.asked && tally.partial * 20 > tally.asked);
		ck_assert(tally.far * 20 > tally.asked);
	}
}
END_TEST

static void
say_chain_link(struct ted *ted, uint32_t from, uint32_t to, uint32_t igp, uint32_t te)
{
	struct ted_delta d = { .object = TED_OBJECT_LINK };

	d.key.link = net_link(net_isis(from), net_isis(to));
	d.attr.link.present = TED_LINK_IGP_METRIC | TED_LINK_TE_METRIC;
	d.attr.link.igp_metric = igp;
	d.attr.link.te_metric = te;
	say(ted, FILE_1, d);
}

/* Two chains of 300 links: the longer one, by one, has little of the metric that counts next, of
 * which the other one has more than fits beside the first. */
START_TEST(quick_route_of_sums_too_large_for_their_fields_is_right)
{
	static const struct order order = { { METRIC_IGP, METRIC_TE, METRIC_LINKS }, 3 };
	struct path_engine *e = NULL;
	struct ted *ted;
	struct path_request r;
	struct scalar_query query = { .order = &order, .most = UINT32_MAX };
	enum scalar_outcome outcome;
	struct scalar_plan plan;
	uint32_t links[700], n;
	uint64_t igp = 0;

	ck_assert(ted_new(&ted, 1, NULL) == PCE_OK);
	for (uint32_t i = 1; i <= 600; i++)
		say_node(ted, FILE_1, net_isis(i), NULL);
	for (uint32_t i = 0; i < 300; i++) {
		say_chain_link(ted, i == 0 ? 1 : 2 * i, i == 299 ? 600 : 2 * i + 2, 16000000,
			       67108863);
		say_chain_link(ted, i == 0 ? 1 : 2 * i + 1, i == 299 ? 600 : 2 * i + 3,
			       16000000 + (i == 0), 1);
	}
	settle(ted, NULL);
	e = county_engine(ted);
	r = path_request_init(0, 599, PATH_IGP);
	ck_assert(filter_set(&e->filter, &r, CONSTRAINTS_ALL, NULL) == PCE_OK);
	ck_assert(scalar_plan(&e->filter, &order, 2, &plan));
	query.filter = &e->filter;
	query.from = e->filter.from;
	ck_assert(scalar_route(&e->scalar, &query, links, &n, &outcome, NULL) == PCE_OK);
	ck_assert_int_eq(outcome, SCALAR_FOUND);
	ck_assert_uint_eq(n, 300);
	for (uint32_t i = 0; i < n; i++)
		igp += e->graph->arcs_out[links[i]].igp;
	ck_assert_uint_eq(igp, 4800000000);
	path_engine_free(e);
	ted_free(ted);
}
END_TEST

struct around {
	unsigned asked, found, closed, within, tied, risky;
};

/* Routes by a potential to what surrounds the end, however much that is. */
static void
compare_around(struct trial *t, struct around *tally)
{
	struct path_engine *e = t->engine;
	struct order order = draw_order(&t->state);
	struct vicinity *v = &e->vicinity;
	struct packing packing;
	struct astar_query q = { .filter = &e->filter,
				 .packing = &packing,
				 .from = e->filter.from,
				 .most = UINT64_MAX };
	bool risk = order.metric[0] == METRIC_COST;
	packed_sum sum;

	if (!(risk ? guide_pack_risk : guide_pack)(&e->guide, &order, &packing))
		return;
	q.straight = suite_below(&t->state, 4) > 0;
	q.shift = risk ? GUIDE_RISK_SHIFT : 0;
	q.around = v;
	ck_assert(vicinity_search(v, &e->filter, &packing, q.from, 1 + suite_below(&t->state, 20),
				  NULL) == PCE_OK);
	ck_assert(guide_aim_around(&e->guide, v, &packing, &q.potential, NULL) == PCE_OK);
	if (!q.potential || v->n_settled == 0)
		return;
	ck_assert(astar_route(&e->astar, &q, t->links[0], &t->n[0], &sum, NULL) == PCE_OK);
	t->n[1] = bidirectional_route(&e->both, &e->filter, &order, q.from, t->links[1]);
	ck_assert_msg(t->n[0] == t->n[1] &&
			  memcmp(t->links[0], t->links[1], t->n[0] * sizeof(uint32_t)) == 0,
		      "seed %u, shape %d: %u links of %u, order of %u from metric %u", t->seed,
		      (int)t->c.shape, t->n[0], t->n[1], order.n, order.metric[0]);
	ck_assert(t->n[0] == 0 || !vicinity_is_closed(v, q.from));
	tally->asked++;
	tally->found += t->n[0] > 0;
	tally->closed += vicinity_is_closed(v, q.from);
	tally->within += vicinity_settled(v, q.from);
	tally->tied += t->n[0] > 0 && e->astar.gate == GRAPH_NONE;
	tally->risky += risk;
}

START_TEST(route_by_what_surrounds_the_end_is_that_of_vectors)
{
	struct around tally = { 0 };
	struct trial t;

	for (unsigned seed = 1; seed <= suite_seeds(); seed++) {
		begin(&t, seed);
		ck_assert(path_engine_prepare(t.engine, NULL) == PCE_OK);
		for (unsigned i = 0; i < 16; i++) {
			draw_filter(&t);
			if (!t.engine->filter.end_avoided)
				compare_around(&t, &tally);
			if (i % 4 == 3)
				change(&t);
		}
		end(&t);
	}
	printf("around: %u asked, %u found, %u closed, %u start within, %u by several gates, "
	       "%u by risk\n",
	       tally.asked, tally.found, tally.closed, tally.within, tally.tied, tally.risky);
	ck_assert(tally.found * 4 > tally.asked && tally.found < tally.asked);
	if (suite_seeds() >= 100)
		ck_assert(tally.closed * 50 > tally.asked && tally.within * 20 > tally.asked &&
			  tally.tied * 50 > tally.asked && tally.risky * 20 > tally.asked);
}
END_TEST

START_TEST(quick_bottleneck_is_that_of_widest_search)
{
	unsigned asked = 0, joined = 0, lowered = 0;
	struct trial t;

	for (unsigned seed = 1; seed <= suite_seeds(); seed++) {
		begin(&t, seed);
		for (unsigned i = 0; i < 16; i++) {
			struct path_engine *e = t.engine;
			uint64_t bps[2] = { 0 };
			bool ok[2];

			draw_filter(&t);
			if (e->filter.end_avoided)
				continue;
			ck_assert(descent_bottleneck(&e->descent, &e->filter, e->filter.from,
						     &bps[0], &ok[0], NULL) == PCE_OK);
			ok[1] = widest_bottleneck(&e->both, &e->filter, e->filter.from, &bps[1]);
			ck_assert_msg(ok[0] == ok[1] && (!ok[0] || bps[0] == bps[1]),
				      "seed %u: %llu instead of %llu bit/s", seed,
				      (unsigned long long)bps[0], (unsigned long long)bps[1]);
			asked++;
			joined += ok[0];
			lowered += ok[0] && e->descent.lowered;
			if (i % 4 == 3)
				change(&t);
		}
		end(&t);
	}
	printf("bottlenecks: %u asked, %u joined, %u below the ends' limit\n", asked, joined,
	       lowered);
	ck_assert(joined * 4 > asked && joined < asked && lowered * 10 > joined);
}
END_TEST

/* What is queued, by the test's own book. */
struct book {
	uint64_t key[40];
	bool queued[40], settled[40];
};

static uint64_t
least_of(const struct book *b)
{
	uint64_t least = UINT64_MAX;

	for (unsigned i = 0; i < 40; i++)
		if (b->queued[i] && !b->settled[i] && b->key[i] < least)
			least = b->key[i];
	return least;
}

static void
offer_some(struct queue *q, struct book *b, uint64_t base, uint64_t *state)
{
	uint32_t most = suite_below(state, 12) == 0 ? 300 : 12; /* 300: ever smaller ones */

	for (unsigned i = suite_below(state, most); i > 0; i--) {
		uint32_t node = suite_below(state, 40);
		uint64_t key = base + suite_below(state, most == 12 ? 3000 : i * 10);

		if (!b->settled[node] && (!b->queued[node] || key < b->key[node])) {
			b->key[node] = key;
			b->queued[node] = true;
		} else if (b->settled[node]) {
			key = b->key[node] + suite_below(state, 9);
		}
		queue_offer(q, node, key, 7);
	}
}

/* Buckets of 2^shift: what comes out is in the bucket of the least, and never twice. */
START_TEST(queue_any_offers_come_out_in_order)
{
	struct queue_cell cells[41] = { 0 };
	unsigned swept = 0;

	for (unsigned seed = 1; seed <= suite_seeds(); seed++) {
		struct queue q;
		uint64_t state = seed;
		uint8_t shift = (uint8_t)suite_below(&state, 6);

		memset(cells, 0, sizeof(cells));
		ck_assert(queue_init(&q, cells, 40, seed % 2, NULL) == PCE_OK);
		ck_assert(queue_need_heap(&q, NULL) == PCE_OK);
		for (unsigned run = 0; run < 3; run++) {
			struct book b = { .key = { 0 } };
			bool heap = suite_below(&state, 4) == 0;
			uint64_t base = 0;

			queue_start(&q, heap, shift);
			for (unsigned i = 0; i < 60; i++) {
				uint32_t before = q.n_pool, node;

				offer_some(&q, &b, base, &state);
				swept += q.n_pool < before;
				if (queue_least(&q) == UINT64_MAX)
					continue;
				base = least_of(&b);
				ck_assert_uint_eq(queue_least(&q) >> (heap ? 0 : shift),
						  base >> (heap ? 0 : shift));
				node = queue_pop(&q);
				ck_assert(b.queued[node] && !b.settled[node]);
				ck_assert_uint_eq(queue_key(&q, node), b.key[node]);
				ck_assert(b.key[node] >> (heap ? 0 : shift) ==
					  base >> (heap ? 0 : shift));
				base = b.key[node] + (1u << shift);
				b.settled[node] = true;
				ck_assert(queue_settled(&q, node));
			}
		}
		queue_free(&q);
	}
	printf("queue: swept %u times\n", swept);
	ck_assert(swept > 0);
}
END_TEST

/* Both answer alike, whatever is asked. */
static void
expect_alike(struct trial *t, struct path_engine *a, struct path_engine *b)
{
	for (unsigned i = 0; i < 6; i++) {
		struct path_answer x = { .n_routes = 0 }, y = { .n_routes = 0 };
		struct county_ask q;

		county_ask(&q, &t->c, b, i % 2 == 0 ? ASK_FILTERED : ASK_BOUNDED, &t->state);
		county_compute(a, &q.r, &x);
		county_compute(b, &q.r, &y);
		ck_assert_uint_eq(x.n_routes, y.n_routes);
		ck_assert_int_eq(x.no_path.reason, y.no_path.reason);
		if (x.n_routes > 0) {
			ck_assert_uint_eq(x.routes[0].n_links, y.routes[0].n_links);
			ck_assert_mem_eq(x.routes[0].links, y.routes[0].links,
					 x.routes[0].n_links * sizeof(uint32_t));
			ck_assert_uint_eq(x.routes[0].unavailability_ppt,
					  y.routes[0].unavailability_ppt);
			ck_assert_uint_eq(x.routes[0].residual_bps, y.routes[0].residual_bps);
		}
		path_answer_free(&x);
		path_answer_free(&y);
	}
}

/* Books and fails some links of a fork. */
static void
strain(struct trial *t, struct ted *fork, struct path_engine *engine)
{
	for (unsigned i = 0; i < 4; i++) {
		ted_link booked = suite_below(&t->state, t->c.n_links);
		ted_link failed = suite_below(&t->state, t->c.n_links);
		ted_link reverse = ted_link_at(fork, failed)->reverse;

		ck_assert(ted_book(fork, booked, 1000000 * suite_below(&t->state, 900), NULL) ==
			  PCE_OK);
		path_engine_refresh_link(engine, booked);
		ck_assert(ted_fail_link(fork, failed) == PCE_OK);
		path_engine_refresh_link(engine, failed);
		if (reverse != TED_NONE)
			path_engine_refresh_link(engine, reverse);
	}
}

START_TEST(engine_fork_and_original_go_their_own_ways)
{
	for (unsigned seed = 1; seed <= suite_seeds(); seed++) {
		struct path_engine *forked = NULL, *fresh, *again;
		struct ted *fork = NULL;
		struct trial t;

		begin(&t, seed % 50 == 0 ? seed + 1 : seed);
		ck_assert(ted_fork(t.c.ted, &fork, NULL) == PCE_OK);
		ck_assert(path_engine_fork(t.engine, fork, &forked, NULL) == PCE_OK);
		if (seed % 3 == 0)
			change(&t);
		strain(&t, fork, forked);
		if (seed % 3 == 1)
			change(&t);
		fresh = county_engine(fork);
		again = county_engine(t.c.ted);
		expect_alike(&t, forked, fresh);
		expect_alike(&t, t.engine, again);
		path_engine_free(t.engine);
		t.engine = NULL; /* the fork outlives it */
		expect_alike(&t, forked, fresh);
		path_engine_free(forked);
		path_engine_free(fresh);
		path_engine_free(again);
		ted_free(fork);
		end(&t);
	}
}
END_TEST

START_TEST(engine_fork_of_other_ted_is_refused)
{
	struct path_engine *forked = NULL;
	struct pce_error err = { 0 };
	struct trial t;
	struct ted *other;

	begin(&t, 1);
	ck_assert(ted_new(&other, 1, NULL) == PCE_OK);
	ck_assert_int_eq(path_engine_fork(t.engine, other, &forked, &err), PCE_INVALID);
	ck_assert_ptr_null(forked);
	ted_free(other);
	end(&t);
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("quick");

	tcase_add_test(tcase, quick_route_is_that_of_vectors);
	tcase_add_test(tcase, quick_route_of_sums_too_large_for_their_fields_is_right);
	tcase_add_test(tcase, route_by_what_surrounds_the_end_is_that_of_vectors);
	tcase_add_test(tcase, quick_bottleneck_is_that_of_widest_search);
	tcase_add_test(tcase, queue_any_offers_come_out_in_order);
	tcase_add_test(tcase, engine_fork_and_original_go_their_own_ways);
	tcase_add_test(tcase, engine_fork_of_other_ted_is_refused);
	return suite_run("quick", tcase, 120);
}
