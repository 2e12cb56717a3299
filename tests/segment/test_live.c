/* The segment room on the real TED, fed by deltas. */
#include <stdio.h>
#include <string.h>

#include "pce/policy/place.h"
#include "pce/policy/stray.h"
#include "pce/segment/bounded.h"
#include "pce/segment/replay.h"
#include "tests/segment/feed.h"
#include "tests/support/suite.h"
#include "tests/ted/net.h"

static struct pce_error err;

static size_t
random_path(const struct ted *ted, uint64_t *random, ted_link *path)
{
	ted_node visited[8], at = suite_below(random, ted_node_count(ted));
	size_t n = 0;

	for (visited[0] = at; n < 5; visited[n] = at) {
		size_t n_out;
		const ted_link *out = ted_links_out(ted, at, &n_out);
		ted_link link;
		bool again = false;

		if (!n_out)
			break;
		link = out[suite_below(random, (uint32_t)n_out)];
		for (size_t k = 0; k <= n; k++)
			again |= visited[k] == ted_link_at(ted, link)->to;
		if (again || !ted_link_usable(ted, link))
			break;
		path[n++] = link;
		at = ted_link_at(ted, link)->to;
	}
	return n;
}

static enum pce_status
compile(const struct ted *ted, const ted_link *path, size_t n, struct segment_list *list)
{
	struct segment_options options = { .service_sids = 1, .synthesise = true };
	struct segment_report report;
	struct segment_igp *igp;
	enum pce_status st;

	ck_assert_int_eq(segment_igp_new(ted, &igp, &err), PCE_OK);
	st = segment_compile(igp, path, n, &options, list, &report, &err);
	segment_igp_free(igp);
	return st;
}

START_TEST(compile_any_order_of_arrival_gives_the_same_list)
{
	for (unsigned seed = 0; seed < suite_seeds(); seed++) {
		uint64_t random = seed;
		struct ted *one, *two;

		random_feed(&random);
		one = ted_of_feed(seed, NULL);
		two = ted_of_feed(~(uint64_t)seed, &random);
		for (unsigned p = 0; p < 5; p++) {
			ted_link path[8], same[8];
			struct segment_list a = { 0 }, b = { 0 };
			size_t n = random_path(one, &random, path);

			for (size_t k = 0; k < n; k++)
				same[k] = ted_link_by_key(two, ted_link_key_text(one, path[k]));
			if (!n)
				continue;
			ck_assert_int_eq(compile(one, path, n, &a), PCE_OK);
			ck_assert_int_eq(compile(two, same, n, &b), PCE_OK);
			ck_assert_uint_eq(a.n, b.n);
			for (size_t k = 0; k < a.n; k++)
				ck_assert_mem_eq(a.segments[k].sid, b.segments[k].sid, 16);
			segment_list_free(&a);
			segment_list_free(&b);
		}
		ted_free(one);
		ted_free(two);
	}
}
END_TEST

START_TEST(list_no_longer_matches_after_a_failure_elsewhere_opens_ecmp)
{
	const struct ted_change *changes;
	struct segment_list list = { 0 };
	ted_link path[2];
	bool same;
	char text[256];
	struct ted *ted, *fork;

	/* 1-2-3 is shortest; 1-3 and 2-3 are two ways of equal cost once 1-2 costs more. */
	feed.n = 0;
	for (uint32_t k = 1; k <= 3; k++)
		feed_node(k, true);
	feed_link(1, 2, 1, true, 10, true);
	feed_link(2, 1, 1, false, 10, true);
	feed_link(2, 3, 2, true, 10, true);
	feed_link(3, 2, 2, false, 10, true);
	feed_link(1, 3, 3, true, 30, true);
	feed_link(3, 1, 3, false, 30, true);
	ted = ted_of_feed(1, NULL);
	for (ted_link k = 0; k < ted_link_count(ted); k++) {
		const struct ted_link_row *row = ted_link_at(ted, k);

		if (row->v4_local.octets[2] == 1 && row->v4_local.octets[3] == 1)
			path[0] = k;
		if (row->v4_local.octets[2] == 2 && row->v4_local.octets[3] == 1)
			path[1] = k;
	}
	ck_assert_int_eq(compile(ted, path, 2, &list), PCE_OK);
	ck_assert_uint_eq(list.n, 1);
	ck_assert_int_eq(ted_fork(ted, &fork, &err), PCE_OK);
	ted_fail_link(fork, path[0]);
	ck_assert_int_eq(segment_list_matches(fork, ted_link_at(ted, path[0])->from, &list, path, 2,
					      &same, text, sizeof(text), &err),
			 PCE_OK);
	ck_assert(!same);
	ted_free(fork);
	for (size_t k = 0; k < feed.n; k++)
		if (feed.deltas[k].object == TED_OBJECT_LINK &&
		    feed.deltas[k].key.link.v4_local.octets[2] == 1)
			feed.deltas[k].attr.link.igp_metric = 20;
	ck_assert_int_eq(ted_apply(ted, PEER_1, feed.deltas, feed.n, &err), PCE_OK);
	settle(ted, &changes);
	ck_assert_int_eq(segment_list_matches(ted, ted_link_at(ted, path[0])->from, &list, path, 2,
					      &same, text, sizeof(text), &err),
			 PCE_OK);
	ck_assert(!same);
	ck_assert_ptr_nonnull(strstr(text, "also takes"));
	segment_list_free(&list);
	ck_assert_int_eq(compile(ted, path, 2, &list), PCE_OK);
	ck_assert_int_eq(list.segments[list.n - 1].kind, SEGMENT_END_X);
	segment_list_free(&list);
	ted_free(ted);
}
END_TEST

/* What is left of a network when only paths with a list within the limits count. */
struct survey {
	const struct ted *ted;
	struct segment_igp *igp;
	const struct segment_options *options;
	uint64_t max_sids; /* of the request */
	ted_node to;
	ted_link path[16];
	bool visited[16];
	size_t paths;
	uint64_t best; /* least IGP metric of a path with a list, UINT64_MAX none */
};

/* Tries every simple path. */
static void
survey_paths(struct survey *s, ted_node at, size_t n, uint64_t metric)
{
	size_t n_out;
	const ted_link *out = ted_links_out(s->ted, at, &n_out);

	if (at == s->to) {
		struct segment_list list = { 0 };
		struct segment_report report;

		s->paths++;
		if (segment_compile(s->igp, s->path, n, s->options, &list, &report, &err) ==
			PCE_OK &&
		    list.n <= s->max_sids && metric < s->best)
			s->best = metric;
		segment_list_free(&list);
		return;
	}
	s->visited[at] = true;
	for (size_t k = 0; k < n_out; k++) {
		const struct ted_link_row *row = ted_link_at(s->ted, out[k]);

		s->path[n] = out[k];
		if (ted_link_usable(s->ted, out[k]) && !s->visited[row->to])
			survey_paths(s, row->to, n + 1, metric + row->igp_metric);
	}
	s->visited[at] = false;
}

static void
compare_placement(const struct ted *ted, struct survey *s, ted_node from)
{
	struct path_request request = path_request_init(from, s->to, PATH_IGP);
	struct placement placement = { 0 };
	struct placer placer = { .igp = s->igp };

	request.max_sids = s->max_sids;
	ck_assert_int_eq(path_engine_new(ted, &placer.engine, &err), PCE_OK);
	ck_assert_int_eq(
	    place_compute(&placer, &request, s->options, PLACE_PAIR_STRICT, &placement, &err),
	    PCE_OK);
	if (placement_placed(&placement))
		ck_assert_uint_eq(placement.answer.routes[0].igp_metric, s->best);
	else
		ck_assert_uint_eq(s->best, UINT64_MAX);
	placement_free(&placement);
	path_engine_free(placer.engine);
}

START_TEST(place_takes_the_best_path_that_has_a_list)
{
	unsigned went_around = 0;

	for (unsigned seed = 0; seed < suite_seeds(); seed++) {
		uint64_t random = seed + 1000000;
		struct segment_options options = { .service_sids = 1 };
		struct survey s = { .options = &options, .best = UINT64_MAX };
		struct ted *ted;
		ted_node from;

		random_feed(&random);
		s.max_sids = suite_below(&random, 2) ? PATH_NO_BOUND : 1 + suite_below(&random, 2);
		for (size_t k = 0; k < feed.n; k++)
			feed.msd[k].value = (uint8_t)(1 + suite_below(&random, 3));
		ted = ted_of_feed(seed, NULL);
		s.ted = ted;
		from = suite_below(&random, ted_node_count(ted));
		s.to = suite_below(&random, ted_node_count(ted));
		ck_assert_int_eq(segment_igp_new(ted, &s.igp, &err), PCE_OK);
		if (from != s.to) {
			survey_paths(&s, from, 0, 0);
			compare_placement(ted, &s, from);
			went_around += s.best != UINT64_MAX;
		}
		segment_igp_free(s.igp);
		ted_free(ted);
	}
	ck_assert_uint_gt(went_around, suite_seeds() / 10);
}
END_TEST

/* Every simple path with a list that is short enough, compared in the total order of routes. */
struct contest {
	const struct ted *ted;
	struct segment_igp *igp;
	const struct segment_options *options;
	const struct path_request *request;
	ted_link path[16], best[16];
	bool visited[16];
	size_t n_best; /* 0: none yet */
};

/* What a route is judged by, the smaller the better. */
static void
judge(const struct contest *c, const ted_link *path, size_t n, uint64_t out[5])
{
	uint64_t least = UINT64_MAX;

	memset(out, 0, 5 * sizeof(*out));
	for (size_t k = 0; k < n; k++) {
		const struct ted_link_row *row = ted_link_at(c->ted, path[k]);
		uint64_t residual = ted_residual_bps(c->ted, path[k]);

		least = residual < least ? residual : least;
		out[1] += c->request->objective == PATH_IGP  ? row->igp_metric
			  : c->request->objective == PATH_TE ? row->te_metric
							     : row->delay_us;
		out[2] += row->delay_us;
		out[3] += row->te_metric;
	}
	out[0] = c->request->objective == PATH_BANDWIDTH ? UINT64_MAX - least : 0;
	out[4] = n;
}

static bool
better(const struct contest *c, size_t n)
{
	uint64_t mine[5], best[5];

	judge(c, c->path, n, mine);
	if (mine[2] > c->request->max_delay_us)
		return false;
	if (!c->n_best)
		return true;
	judge(c, c->best, c->n_best, best);
	for (unsigned i = 0; i < 5; i++)
		if (mine[i] != best[i])
			return mine[i] < best[i];
	for (size_t k = 0; k < n; k++)
		if (c->path[k] != c->best[k])
			return ted_link_at(c->ted, c->path[k])->rank <
			       ted_link_at(c->ted, c->best[k])->rank;
	return false;
}

static void
contest_all(struct contest *c, ted_node at, size_t n)
{
	size_t n_out;
	const ted_link *out = ted_links_out(c->ted, at, &n_out);

	if (at == c->request->to) {
		struct segment_list list = { 0 };
		struct segment_report report;

		if (better(c, n) &&
		    segment_compile(c->igp, c->path, n, c->options, &list, &report, &err) ==
			PCE_OK &&
		    list.n <= c->request->max_sids) {
			memcpy(c->best, c->path, n * sizeof(*c->path));
			c->n_best = n;
		}
		segment_list_free(&list);
		return;
	}
	c->visited[at] = true;
	for (size_t k = 0; k < n_out; k++) {
		c->path[n] = out[k];
		if (ted_link_usable(c->ted, out[k]) && !c->visited[ted_link_at(c->ted, out[k])->to])
			contest_all(c, ted_link_at(c->ted, out[k])->to, n + 1);
	}
	c->visited[at] = false;
}

/* The search alone, also where the best path of all would do. */
static void
compare_search(const struct contest *c, struct path_engine *engine, uint64_t seed)
{
	struct path_request asked = *c->request;
	uint32_t most =
	    segment_headend_limit(c->igp, asked.from, c->options) - c->options->service_sids;
	struct bounded_query query = { engine, c->igp, &asked, c->options,
				       most < asked.max_sids ? most : (uint32_t)asked.max_sids };
	struct bounded_result result = { 0 };
	struct path_answer answer = { 0 };

	asked.max_sids = PATH_NO_BOUND;
	ck_assert_int_eq(bounded_search(&query, &answer, &result, &err), PCE_OK);
	ck_assert_msg(result.outcome == (c->n_best ? BOUNDED_FOUND : BOUNDED_NONE),
		      "seed %llu: outcome %d", (unsigned long long)seed, (int)result.outcome);
	if (c->n_best)
		ck_assert_msg(
		    answer.routes[0].n_links == c->n_best &&
			!memcmp(answer.routes[0].links, c->best, c->n_best * sizeof(*c->best)),
		    "seed %llu: the search found another path than the best",
		    (unsigned long long)seed);
	segment_list_free(&result.list);
	path_answer_free(&answer);
}

static void
compare_contest(struct contest *c, uint64_t seed, unsigned *around)
{
	struct path_request free_of_limits = *c->request;
	struct path_answer best = { 0 };
	struct placement placement = { 0 };
	struct placer placer = { .igp = c->igp };
	const struct path_route *route;

	contest_all(c, c->request->from, 0);
	ck_assert_int_eq(path_engine_new(c->ted, &placer.engine, &err), PCE_OK);
	compare_search(c, placer.engine, seed);
	ck_assert_int_eq(
	    place_compute(&placer, c->request, c->options, PLACE_PAIR_STRICT, &placement, &err),
	    PCE_OK);
	ck_assert_msg(placement_placed(&placement) == (c->n_best > 0), "seed %llu: %s",
		      (unsigned long long)seed,
		      c->n_best ? placement.answer.no_path.text : "there is none");
	if (c->n_best) {
		route = &placement.answer.routes[0];
		ck_assert(route->exact);
		ck_assert_msg(route->n_links == c->n_best &&
				  !memcmp(route->links, c->best, c->n_best * sizeof(*c->best)),
			      "seed %llu: another path than the best", (unsigned long long)seed);
		ck_assert(placement.lists[0].n <= c->request->max_sids);
		free_of_limits.max_sids = PATH_NO_BOUND;
		ck_assert_int_eq(path_compute(placer.engine, &free_of_limits, &best, &err), PCE_OK);
		*around += best.routes[0].n_links != c->n_best ||
			   memcmp(best.routes[0].links, c->best, c->n_best * sizeof(*c->best)) != 0;
		path_answer_free(&best);
	}
	placement_free(&placement);
	path_engine_free(placer.engine);
}

START_TEST(place_takes_the_first_of_all_paths_that_have_a_short_list)
{
	static const enum path_objective objectives[] = { PATH_IGP, PATH_TE, PATH_DELAY,
							  PATH_BANDWIDTH };
	unsigned around = 0; /* the best path had no list */

	for (unsigned seed = 0; seed < 8 * suite_seeds(); seed++) {
		uint64_t random = seed + 2000000;
		uint32_t range = seed & 16 ? 2 : 20; /* ties, or none */
		struct segment_options options = { .service_sids = suite_below(&random, 2) };
		struct contest c = { .options = &options };
		struct path_request request = path_request_init(0, 0, objectives[seed / 4 % 4]);
		struct ted *ted;

		random_feed(&random);
		for (size_t k = 0; k < feed.n; k++)
			feed.msd[k].value = (uint8_t)(1 + suite_below(&random, 4));
		enrich_feed(&random, seed % 4 == 1, range);
		ted = ted_of_feed(seed, NULL);
		request.from = suite_below(&random, ted_node_count(ted));
		request.to = suite_below(&random, ted_node_count(ted));
		request.max_sids = 1 + suite_below(&random, 4);
		if (suite_below(&random, 3) == 0)
			request.max_delay_us = range + suite_below(&random, 2 * range);
		c.ted = ted;
		c.request = &request;
		ck_assert_int_eq(segment_igp_new(ted, &c.igp, &err), PCE_OK);
		if (request.from != request.to)
			compare_contest(&c, seed, &around);
		segment_igp_free(c.igp);
		ted_free(ted);
	}
	ck_assert_uint_gt(around, suite_seeds() / 8);
}
END_TEST

/* Marks what packets of a list use: links, and nodes between the ends. */
static void
mark_forwarding(const struct ted *ted, const struct path_request *request,
		const struct segment_list *list, bool links[DELTAS], bool nodes[DELTAS])
{
	struct replay_result r = { 0 };
	uint8_t sids[16][16];

	for (size_t k = 0; k < list->n; k++)
		memcpy(sids[k], list->segments[k].sid, 16);
	ck_assert_int_eq(
	    replay_run(ted, request->from, (const uint8_t(*)[16])sids, list->n, NULL, 0, &r, &err),
	    PCE_OK);
	ck_assert(r.delivered && r.end == request->to);
	for (size_t k = 0; k < r.n_links; k++) {
		const struct ted_link_row *row = ted_link_at(ted, r.links[k]);

		links[r.links[k]] = true;
		if (row->reverse != TED_NONE)
			links[row->reverse] = true;
		nodes[row->to] |= row->to != request->to;
	}
	replay_result_free(&r);
}

/* True if the two lists of a pair have something in common that they must not. */
static bool
meet(const struct ted *ted, const struct path_request *request, const struct placement *p)
{
	bool links[2][DELTAS] = { 0 }, nodes[2][DELTAS] = { 0 }, met = false;

	for (unsigned i = 0; i < 2; i++)
		mark_forwarding(ted, request, &p->lists[i], links[i], nodes[i]);
	for (unsigned k = 0; k < DELTAS; k++)
		met |= (links[0][k] && links[1][k]) ||
		       (request->disjoint == PATH_DISJOINT_NODE && nodes[0][k] && nodes[1][k]);
	return met;
}

START_TEST(place_loose_pairs_are_disjoint_in_forwarding)
{
	unsigned branched = 0, pairs = 0;

	for (unsigned seed = 0; seed < 4 * suite_seeds(); seed++) {
		uint64_t random = seed + 3000000;
		struct segment_options options = { .service_sids = 1, .loose = true };
		struct path_request request = path_request_init(0, 0, PATH_IGP);
		struct placement p = { 0 };
		struct placer placer = { 0 };
		struct ted *ted;

		random_feed(&random);
		enrich_feed(&random, seed & 1, 20);
		ted = ted_of_feed(seed, NULL);
		request.from = suite_below(&random, ted_node_count(ted));
		request.to = suite_below(&random, ted_node_count(ted));
		request.disjoint = seed & 2 ? PATH_DISJOINT_LINK : PATH_DISJOINT_NODE;
		ck_assert_int_eq(segment_igp_new(ted, &placer.igp, &err), PCE_OK);
		ck_assert_int_eq(path_engine_new(ted, &placer.engine, &err), PCE_OK);
		if (request.from != request.to)
			ck_assert_int_eq(
			    place_compute(&placer, &request, &options, PLACE_PAIR_STRICT, &p, &err),
			    PCE_OK);
		if (p.answer.n_routes == 2 && !p.answer.n_relaxed) {
			pairs++;
			branched += p.lists[0].n_branches || p.lists[1].n_branches;
			ck_assert_msg(!meet(ted, &request, &p), "seed %u", seed);
		}
		placement_free(&p);
		path_engine_free(placer.engine);
		segment_igp_free(placer.igp);
		ted_free(ted);
	}
	ck_assert_uint_gt(pairs, suite_seeds() / 2);
	ck_assert_uint_gt(branched, suite_seeds() / 50);
}
END_TEST

/* One link gets another metric; a list that it leads astray must not be cleared without replay. */
static void
change_one_link(struct ted *ted, const struct path_request *request, const struct placement *p,
		uint64_t *random, unsigned counts[3])
{
	const struct path_route *route = &p->answer.routes[0];
	uint8_t sids[16][16];
	struct srpolicy_list list = { .sids = (const uint8_t(*)[16])sids, .n_sids = p->lists[0].n };
	const struct ted_change *changes;
	struct stray_leg *legs;
	struct arena arena = { 0 };
	struct stray *stray;
	size_t n_legs, n, k = suite_below(random, (uint32_t)feed.n);
	bool known, same;
	char text[128];

	for (size_t i = 0; i < p->lists[0].n; i++)
		memcpy(sids[i], p->lists[0].segments[i].sid, 16);
	ck_assert_int_eq(stray_legs(ted, &list, route->links, route->n_links, &arena, &legs,
				    &n_legs, &known, &err),
			 PCE_OK);
	counts[0] += known;
	while (feed.deltas[k].object != TED_OBJECT_LINK)
		k = (k + 1) % feed.n;
	feed.deltas[k].attr.link.igp_metric = 1 + suite_below(random, 3);
	ck_assert_int_eq(ted_apply(ted, PEER_1, &feed.deltas[k], 1, &err), PCE_OK);
	ck_assert_int_eq(ted_settle(ted, &changes, &n, &err), PCE_OK);
	ck_assert_int_eq(segment_list_matches(ted, request->from, &p->lists[0], route->links,
					      route->n_links, &same, text, sizeof(text), &err),
			 PCE_OK);
	if (n == 1 && changes[0].is_link && known && !same) {
		ck_assert_int_eq(stray_new(ted, &changes[0].row, 1, &stray, &err), PCE_OK);
		counts[1]++;
		for (size_t i = 0; i < route->n_links; i++)
			if (route->links[i] == changes[0].row)
				goto crossed; /* the service looks at those that cross it anyway */
		for (size_t i = 0; i < p->lists[0].n_branches; i++)
			if (p->lists[0].branches[i] == changes[0].row)
				goto crossed;
		ck_assert_msg(stray_may(stray, ted, route->links, legs, n_legs), "%s", text);
		counts[2]++;
	crossed:
		stray_free(stray);
	}
	arena_free(&arena);
}

START_TEST(stray_clears_no_list_that_goes_astray)
{
	unsigned counts[3] = { 0 };

	for (unsigned seed = 0; seed < 4 * suite_seeds(); seed++) {
		uint64_t random = seed + 4000000;
		struct segment_options options = { .service_sids = 1, .loose = seed & 2 };
		struct path_request request = path_request_init(0, 0, PATH_TE);
		struct placement p = { 0 };
		struct placer placer = { 0 };
		struct ted *ted;

		random_feed(&random);
		enrich_feed(&random, seed & 1, 20);
		ted = ted_of_feed(seed, NULL);
		request.from = suite_below(&random, ted_node_count(ted));
		request.to = suite_below(&random, ted_node_count(ted));
		ck_assert_int_eq(segment_igp_new(ted, &placer.igp, &err), PCE_OK);
		ck_assert_int_eq(path_engine_new(ted, &placer.engine, &err), PCE_OK);
		if (request.from != request.to)
			ck_assert_int_eq(
			    place_compute(&placer, &request, &options, PLACE_PAIR_STRICT, &p, &err),
			    PCE_OK);
		if (p.answer.n_routes == 1)
			change_one_link(ted, &request, &p, &random, counts);
		placement_free(&p);
		path_engine_free(placer.engine);
		segment_igp_free(placer.igp);
		ted_free(ted);
	}
	ck_assert_uint_gt(counts[0], suite_seeds());
	ck_assert_uint_gt(100 * counts[2], suite_seeds());
}
END_TEST

/* A ladder of four hops needs four SIDs, three are allowed: cut in two it would do. */
START_TEST(place_without_a_short_list_proposes_a_binding_sid)
{
	struct segment_options options = { .service_sids = 1 };
	struct path_request request = path_request_init(0, 0, PATH_IGP);
	struct placement p = { 0 };
	struct placer placer = { 0 };
	struct ted *ted;

	feed.n = 0;
	for (uint32_t k = 1; k <= 5; k++)
		feed_node(k, true);
	for (uint8_t k = 0; k < 8; k++) {
		feed_link(1 + k / 2, 2 + k / 2, k, true, 10, true);
		feed_link(2 + k / 2, 1 + k / 2, k, false, 10, true);
	}
	ted = ted_of_feed(1, NULL);
	ck_assert_int_eq(segment_igp_new(ted, &placer.igp, &err), PCE_OK);
	ck_assert_int_eq(path_engine_new(ted, &placer.engine, &err), PCE_OK);
	request.from = ted_node_by_key(ted, ted_node_key_text(ted, 0));
	for (ted_node k = 0; k < ted_node_count(ted); k++)
		if (strstr(ted_node_at(ted, k)->name, "0005"))
			request.to = k;
	request.max_sids = 3;
	ck_assert_int_eq(place_compute(&placer, &request, &options, PLACE_PAIR_STRICT, &p, &err),
			 PCE_OK);
	ck_assert(!placement_placed(&p));
	ck_assert_int_eq(p.answer.no_path.reason, PATH_REASON_SIDS);
	ck_assert_str_eq(
	    p.answer.no_path.text,
	    "no path has a list: the path needs 4 segments, the intent allows 3; with a "
	    "binding SID at 0000.0000.0002 for the rest of the path, 2 SIDs and 3 "
	    "behind it would do");
	placement_free(&p);
	path_engine_free(placer.engine);
	segment_igp_free(placer.igp);
	ted_free(ted);
}
END_TEST

static void
feed_costs(size_t delta, uint32_t te, uint32_t delay)
{
	struct ted_link_attr *link = &feed.deltas[delta].attr.link;

	link->present |= TED_LINK_TE_METRIC | TED_LINK_DELAY;
	link->te_metric = te;
	link->delay_us = delay;
}

/* Two hops of two fibres each; only the dearer first one leaves time for the cheaper second one. */
START_TEST(search_keeps_a_dearer_way_that_is_faster)
{
	static const uint32_t te[4] = { 1, 10, 1, 100 }, delay[4] = { 10, 1, 10, 1 };
	struct segment_options options = { .service_sids = 1 };
	struct path_request request = path_request_init(0, 0, PATH_TE);
	struct bounded_query query = { .request = &request, .options = &options, .most = 2 };
	struct bounded_result result = { 0 };
	struct path_answer answer = { 0 };
	struct ted *ted;

	feed.n = 0;
	for (uint32_t k = 1; k <= 3; k++)
		feed_node(k, true);
	for (uint8_t k = 0; k < 4; k++) {
		feed_link(1 + k / 2, 2 + k / 2, k, true, 10, true);
		feed_costs(feed.n - 1, te[k], delay[k]);
		feed_link(2 + k / 2, 1 + k / 2, k, false, 10, true);
		feed_costs(feed.n - 1, te[k], delay[k]);
	}
	ted = ted_of_feed(1, NULL);
	for (ted_node k = 0; k < ted_node_count(ted); k++) {
		if (strstr(ted_node_at(ted, k)->name, "0001"))
			request.from = k;
		if (strstr(ted_node_at(ted, k)->name, "0003"))
			request.to = k;
	}
	request.max_delay_us = 15;
	ck_assert_int_eq(segment_igp_new(ted, &query.igp, &err), PCE_OK);
	ck_assert_int_eq(path_engine_new(ted, &query.engine, &err), PCE_OK);
	ck_assert_int_eq(bounded_search(&query, &answer, &result, &err), PCE_OK);
	ck_assert_int_eq(result.outcome, BOUNDED_FOUND);
	ck_assert_uint_eq(answer.routes[0].te_metric, 11);
	ck_assert_uint_eq(result.list.n, 2);
	segment_list_free(&result.list);
	path_answer_free(&answer);
	path_engine_free(query.engine);
	segment_igp_free(query.igp);
	ted_free(ted);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("live");

	tcase_add_test(t, compile_any_order_of_arrival_gives_the_same_list);
	tcase_add_test(t, place_takes_the_best_path_that_has_a_list);
	tcase_add_test(t, place_takes_the_first_of_all_paths_that_have_a_short_list);
	tcase_add_test(t, place_loose_pairs_are_disjoint_in_forwarding);
	tcase_add_test(t, stray_clears_no_list_that_goes_astray);
	tcase_add_test(t, place_without_a_short_list_proposes_a_binding_sid);
	tcase_add_test(t, search_keeps_a_dearer_way_that_is_faster);
	tcase_add_test(t, list_no_longer_matches_after_a_failure_elsewhere_opens_ecmp);
	return suite_run("live", t, 60);
}
