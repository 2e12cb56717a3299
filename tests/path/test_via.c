/* Routes through vias against all walks without a repeated link of small sparse networks. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pce/path/path.h"
#include "tests/path/oracle.h"
#include "tests/support/suite.h"
#include "tests/ted/net.h"

/* All walks without a repeated link from end to end through the vias in their order. One that comes
 * to a node again without having passed a via in between has a needless loop: it is never better
 * than without, and no alternative. */
struct walk {
	const struct ted *ted;
	const struct path_request *r;
	struct oracle_path now;
	uint32_t used;
	uint64_t seen; /* bit stage * 8 + node */
	bool looped;
	struct oracle_paths all; /* without needless loops */
	bool any;
};

static bool
offers(const struct ted_node_row *row, const char *kind)
{
	for (size_t i = 0; i < row->n_services; i++)
		if (strcmp(row->services[i], kind) == 0)
			return true;
	return false;
}

static uint64_t
via_bits(const struct path_request *r)
{
	uint64_t bits = 0;

	for (size_t i = 0; i < r->n_via; i++)
		bits |= 1ULL << r->via[i];
	return bits;
}

static void
keep(struct walk *w)
{
	struct oracle_paths *all = &w->all;

	if (w->now.delay > w->r->max_delay_us || w->now.hops > w->r->max_hops)
		return;
	w->any = true;
	if (w->looped)
		return;
	if (all->n == all->cap) {
		all->cap = all->cap * 2 + 64;
		all->paths = realloc(all->paths, all->cap * sizeof(*all->paths));
		ck_assert_ptr_nonnull(all->paths);
	}
	all->paths[all->n] = w->now;
	oracle_judge(w->ted, &all->paths[all->n++], via_bits(w->r));
}

static void go(struct walk *w, uint32_t node, size_t stage);

static void
take(struct walk *w, uint32_t link, size_t stage)
{
	const struct ted_link_row *row = ted_link_at(w->ted, link);
	uint64_t residual = ted_residual_bps(w->ted, link);
	struct walk before = *w;

	if (w->used >> link & 1 || !ted_link_usable(w->ted, link) || residual < w->r->bandwidth_bps)
		return;
	w->used |= 1u << link;
	w->now.links[w->now.n++] = link;
	w->now.igp += row->igp_metric;
	w->now.te += row->te_metric;
	w->now.delay += row->delay_us;
	w->now.hops += !ted_node_at(w->ted, row->from)->pseudonode;
	w->now.residual = residual < w->now.residual ? residual : w->now.residual;
	go(w, row->to, stage);
	w->now = before.now;
	w->used = before.used;
	w->seen = before.seen;
	w->looped = before.looped;
}

static void
go(struct walk *w, uint32_t node, size_t stage)
{
	const struct path_request *r = w->r;

	while (stage < r->n_via + r->n_via_services &&
	       (stage < r->n_via
		    ? r->via[stage] == node
		    : offers(ted_node_at(w->ted, node), r->via_services[stage - r->n_via])))
		stage++;
	w->looped |= w->seen >> (stage * 8 + node) & 1;
	w->seen |= 1ULL << (stage * 8 + node);
	if (node == r->to && stage == r->n_via + r->n_via_services) {
		keep(w);
		return;
	}
	if (w->used != 0 && ted_node_at(w->ted, node)->overload)
		return;
	for (uint32_t link = 0; link < ted_link_count(w->ted); link++)
		if (ted_link_at(w->ted, link)->from == node)
			take(w, link, stage);
}

/* A network of few links, some nodes with services. */
static struct ted *
draw_sparse(struct random_net *net, uint64_t *state, size_t most_links)
{
	static const char *const services[] = { "cache", "firewall" };
	size_t links = 0, kept = 0;

	net_draw(net, state, 5);
	for (size_t i = 0; i < net->n; i++) {
		struct ted_delta *d = &net->deltas[i];

		if (d->object == TED_OBJECT_LINK && ++links > most_links)
			continue;
		if (d->object == TED_OBJECT_NODE && suite_below(state, 2) == 0) {
			d->attr.node.present |= TED_NODE_SERVICES;
			d->attr.node.services = services + suite_below(state, 2);
			d->attr.node.n_services = 1;
		}
		net->deltas[kept++] = *d;
	}
	net->n = kept;
	return net_build(net, NULL);
}

/* A request between random ends; via has room for two nodes. */
static struct path_request
draw_request(const struct ted *ted, uint32_t *via, uint64_t *state)
{
	static const char *const kinds[] = { "firewall", "cache" };
	uint32_t nodes = ted_node_count(ted), from = suite_below(state, nodes);
	struct path_request r =
	    path_request_init(from, (from + 1 + suite_below(state, nodes - 1)) % nodes,
			      suite_below(state, PATH_OBJECTIVE_COUNT));

	via[0] = suite_below(state, nodes);
	via[1] = suite_below(state, nodes);
	r.via = via;
	r.n_via = suite_below(state, 3);
	r.via_services = kinds;
	r.n_via_services = r.n_via == 0 ? 1 + suite_below(state, 2) : suite_below(state, 2);
	if (suite_below(state, 3) == 0)
		r.max_delay_us = 100 * suite_below(state, 20);
	if (suite_below(state, 4) == 0)
		r.bandwidth_bps = 100000000;
	return r;
}

/* One case: network, request, all walks and the engine's answer. */
struct trial {
	unsigned seed;
	uint64_t state;
	struct random_net net;
	struct ted *ted;
	uint32_t via[2];
	struct path_request r;
	struct walk w;
	struct path_engine *engine;
	struct path_answer answer;
};

static void
trial_begin(struct trial *t, unsigned seed, size_t most_links)
{
	memset(t, 0, sizeof(*t));
	t->seed = seed;
	t->state = seed;
	t->ted = draw_sparse(&t->net, &t->state, most_links);
	t->r = draw_request(t->ted, t->via, &t->state);
}

static void
trial_run(struct trial *t)
{
	struct pce_error err = { 0 };

	t->w = (struct walk){ .ted = t->ted, .r = &t->r, .now.residual = UINT64_MAX };
	go(&t->w, t->r.from, 0);
	ck_assert(path_engine_new(t->ted, &t->engine, &err) == PCE_OK);
	ck_assert_msg(path_compute(t->engine, &t->r, &t->answer, &err) == PCE_OK, "seed %u: %s",
		      t->seed, err.text);
}

static void
trial_end(struct trial *t)
{
	oracle_free(&t->w.all);
	path_answer_free(&t->answer);
	path_engine_free(t->engine);
	ted_free(t->ted);
}

static const struct oracle_path *
find_walk(const struct trial *t, const struct path_route *route)
{
	for (size_t i = 0; i < t->w.all.n; i++)
		if (t->w.all.paths[i].n == route->n_links &&
		    memcmp(t->w.all.paths[i].links, route->links,
			   route->n_links * sizeof(*route->links)) == 0)
			return &t->w.all.paths[i];
	return NULL;
}

START_TEST(via_route_is_the_best_walk_without_a_repeated_link)
{
	unsigned found = 0, again = 0, bounded = 0, n = suite_seeds() * 6;

	for (unsigned seed = 1; seed <= n; seed++) {
		const struct oracle_path *best, *got;
		struct trial t;
		uint32_t seen;

		trial_begin(&t, seed, 9);
		trial_run(&t);
		ck_assert_msg((t.answer.n_routes == 1) == t.w.any, "seed %u: %s", seed,
			      t.w.any ? t.answer.no_path.text : "a route where there is none");
		best = oracle_best(t.ted, &t.r, &t.w.all);
		if (best) {
			got = find_walk(&t, &t.answer.routes[0]);
			ck_assert_msg(got && oracle_compare(&t.r, got, best) == 0,
				      "seed %u: not the best walk", seed);
			ck_assert_msg(t.answer.routes[0].exact, "seed %u: not exact", seed);
			seen = 1u << t.r.from;
			for (uint32_t i = 0; i < got->n; i++) {
				uint32_t to = ted_link_at(t.ted, got->links[i])->to;

				again += seen >> to & 1;
				seen |= 1u << to;
			}
			found++;
			bounded += t.r.max_delay_us != PATH_NO_BOUND;
		} else {
			ck_assert_ptr_nonnull(t.answer.no_path.text);
		}
		trial_end(&t);
	}
	printf("via: found %u of %u, bounded %u, nodes passed again %u\n", found, n, bounded,
	       again);
	fflush(stdout);
	ck_assert_uint_ge(found * 10, n);
	ck_assert_uint_ge(again * 50, n);
}
END_TEST

static const struct trial *sorting;

static int
compare_walks(const void *a, const void *b)
{
	const struct oracle_path *x = a, *y = b;
	int sign = oracle_compare(&sorting->r, x, y);

	for (uint32_t i = 0; sign == 0 && i < x->n; i++)
		sign = (int)ted_link_at(sorting->ted, x->links[i])->rank -
		       (int)ted_link_at(sorting->ted, y->links[i])->rank;
	return sign;
}

START_TEST(via_alternatives_are_the_best_walks_in_order)
{
	unsigned several = 0, n = suite_seeds() * 4;

	for (unsigned seed = 1; seed <= n; seed++) {
		struct trial t;
		size_t most;

		trial_begin(&t, seed, 10);
		t.r.k = 2 + suite_below(&t.state, 5);
		trial_run(&t);
		sorting = &t;
		if (t.w.all.n > 0)
			qsort(t.w.all.paths, t.w.all.n, sizeof(*t.w.all.paths), compare_walks);
		most = t.w.all.n < t.r.k ? t.w.all.n : t.r.k;
		ck_assert_msg(t.answer.n_routes == most, "seed %u: %zu of %zu", seed,
			      t.answer.n_routes, most);
		for (size_t i = 0; i < most; i++) {
			const struct oracle_path *got = find_walk(&t, &t.answer.routes[i]);

			ck_assert_msg(
			    got && oracle_compare(&t.r, got, &t.w.all.paths[i]) == 0 &&
				(t.r.objective == PATH_AVAILABILITY || got == &t.w.all.paths[i]),
			    "seed %u: alternative %zu", seed, i);
			ck_assert(t.answer.routes[i].exact);
		}
		several += most > 1;
		trial_end(&t);
	}
	printf("via: several alternatives %u of %u\n", several, n);
	fflush(stdout);
	ck_assert_uint_ge(several * 10, n);
}
END_TEST

START_TEST(via_diverse_routes_overlap_least)
{
	unsigned several = 0, n = suite_seeds() * 2;

	for (unsigned seed = 1; seed <= n; seed++) {
		struct trial t;
		const struct oracle_path *first, *second;
		int least = 99, got = 0;

		trial_begin(&t, seed, 10);
		t.r.k = 2;
		t.r.diverse = true;
		trial_run(&t);
		if (t.answer.n_routes == 2) {
			first = find_walk(&t, &t.answer.routes[0]);
			second = find_walk(&t, &t.answer.routes[1]);
			ck_assert(first && second);
			for (size_t i = 0; i <= t.w.all.n; i++) {
				const struct oracle_path *p =
				    i < t.w.all.n ? &t.w.all.paths[i] : second;

				got = 0;
				for (uint32_t j = 0; j < p->n; j++) {
					uint32_t back = ted_link_at(t.ted, p->links[j])->reverse;

					back = back < p->links[j] ? back : p->links[j];
					got += (int)(first->fibres >> back & 1);
				}
				least = got < least ? got : least;
			}
			ck_assert_msg(got == least, "seed %u: %d of %d", seed, got, least);
			several++;
		}
		trial_end(&t);
	}
	printf("via: diverse %u of %u\n", several, n);
	fflush(stdout);
	ck_assert_uint_ge(several * 10, n);
}
END_TEST

/* What a pair is judged by: less is better. */
static void
judge_pair(const struct trial *t, enum path_disjoint kind, const struct oracle_path *a,
	   const struct oracle_path *b, double *joint, uint64_t value[2])
{
	const uint64_t sums[2][3] = { { a->igp, a->te, a->delay }, { b->igp, b->te, b->delay } };

	*joint = 0;
	value[0] = value[1] = 0;
	if (kind == PATH_DISJOINT_AVAILABILITY || t->r.objective == PATH_AVAILABILITY) {
		*joint = oracle_joint(t->ted, a, b);
	} else if (t->r.objective == PATH_BANDWIDTH) {
		value[0] = UINT64_MAX - (a->residual < b->residual ? a->residual : b->residual);
	} else {
		uint64_t x = sums[0][t->r.objective], y = sums[1][t->r.objective];

		if (t->r.pair == PATH_PAIR_MAXIMUM)
			value[0] = x > y ? x : y;
		value[1] = x + y;
	}
}

static bool
best_pair(const struct trial *t, enum path_disjoint kind, double *joint, uint64_t value[2])
{
	const struct oracle_paths *all = &t->w.all;
	bool found = false;

	for (size_t i = 0; i < all->n; i++)
		for (size_t j = i; j < all->n; j++) {
			uint64_t v[2];
			double p;

			if (kind != PATH_DISJOINT_AVAILABILITY &&
			    (i == j || !oracle_disjoint(kind, &all->paths[i], &all->paths[j])))
				continue;
			judge_pair(t, kind, &all->paths[i], &all->paths[j], &p, v);
			if (found && (p > *joint ||
				      (p >= *joint && (v[0] > value[0] ||
						       (v[0] == value[0] && v[1] >= value[1])))))
				continue;
			*joint = p;
			memcpy(value, v, sizeof(v));
			found = true;
		}
	return found;
}

static void
expect_pair(const struct trial *t, unsigned *together)
{
	static const enum path_disjoint next[] = {
		[PATH_DISJOINT_SRLG_NODE] = PATH_DISJOINT_SRLG,
		[PATH_DISJOINT_SRLG] = PATH_DISJOINT_LINK,
		[PATH_DISJOINT_NODE] = PATH_DISJOINT_LINK,
		[PATH_DISJOINT_LINK] = PATH_DISJOINT_AVAILABILITY,
	};
	const struct oracle_path *got[2] = { find_walk(t, &t->answer.routes[0]),
					     find_walk(t, &t->answer.routes[1]) };
	enum path_disjoint kind = t->r.disjoint;
	uint64_t value[2] = { 0 }, v[2];
	double joint = 0, p;

	while (!best_pair(t, kind, &joint, value))
		kind = next[kind];
	ck_assert_msg(got[0] && got[1], "seed %u: no walk", t->seed);
	ck_assert_msg(t->answer.n_relaxed == (kind != t->r.disjoint), "seed %u: kind %d got %s",
		      t->seed, (int)t->r.disjoint,
		      t->answer.n_relaxed ? t->answer.relaxed[0].got : "it");
	ck_assert(kind == PATH_DISJOINT_AVAILABILITY || oracle_disjoint(kind, got[0], got[1]));
	judge_pair(t, kind, got[0], got[1], &p, v);
	if (!t->answer.routes[0].exact) {
		ck_assert(p > 0);
		return;
	}
	ck_assert_msg(p <= joint + 1e-11 && v[0] == value[0] && v[1] == value[1],
		      "seed %u: pair %.13f %llu %llu instead of %.13f %llu %llu", t->seed, p,
		      (unsigned long long)v[0], (unsigned long long)v[1], joint,
		      (unsigned long long)value[0], (unsigned long long)value[1]);
	ck_assert(t->answer.routes[1].exact);
	*together += kind == PATH_DISJOINT_AVAILABILITY;
}

START_TEST(via_pairs_are_the_best_of_all)
{
	unsigned pairs = 0, together = 0, n = suite_seeds();

	for (unsigned seed = 1; seed <= n; seed++) {
		struct trial t;

		trial_begin(&t, seed, 11);
		t.r.disjoint = 1 + suite_below(&t.state, PATH_DISJOINT_COUNT - 1);
		t.r.pair = suite_below(&t.state, PATH_PAIR_COUNT);
		trial_run(&t);
		if (t.answer.n_routes == 2) {
			expect_pair(&t, &together);
			pairs++;
		} else {
			double joint;
			uint64_t value[2];

			ck_assert_msg(!best_pair(&t, PATH_DISJOINT_LINK, &joint, value),
				      "seed %u: there is a pair", seed);
		}
		trial_end(&t);
	}
	printf("via: pairs %u of %u, least likely to fail together %u\n", pairs, n, together);
	fflush(stdout);
	ck_assert_uint_ge(pairs * 10, n);
	ck_assert_uint_ge((pairs - together) * 10, n);
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("via");

	tcase_add_test(tcase, via_route_is_the_best_walk_without_a_repeated_link);
	tcase_add_test(tcase, via_alternatives_are_the_best_walks_in_order);
	tcase_add_test(tcase, via_diverse_routes_overlap_least);
	tcase_add_test(tcase, via_pairs_are_the_best_of_all);
	return suite_run("via", tcase, 120);
}
