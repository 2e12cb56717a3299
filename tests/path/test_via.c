/* Routes through vias against all walks without a repeated link of small sparse networks. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pce/path/path.h"
#include "tests/path/oracle.h"
#include "tests/support/suite.h"
#include "tests/ted/net.h"

#define MOST_LINKS 9

struct sums {
	uint64_t residual, igp, te, delay, hops, links;
};

struct walk {
	const struct ted *ted;
	const struct path_request *r;
	struct sums now, best;
	uint32_t used;
	bool found;
};

static int
compare_sums(const struct path_request *r, const struct sums *a, const struct sums *b)
{
	const uint64_t x[] = { r->objective == PATH_BANDWIDTH ? UINT64_MAX - a->residual : 0,
			       r->objective == PATH_IGP     ? a->igp
			       : r->objective == PATH_TE    ? a->te
			       : r->objective == PATH_DELAY ? a->delay
							    : 0,
			       a->delay, a->te, a->links };
	const uint64_t y[] = { r->objective == PATH_BANDWIDTH ? UINT64_MAX - b->residual : 0,
			       r->objective == PATH_IGP     ? b->igp
			       : r->objective == PATH_TE    ? b->te
			       : r->objective == PATH_DELAY ? b->delay
							    : 0,
			       b->delay, b->te, b->links };

	for (unsigned i = 0; i < 5; i++)
		if (x[i] != y[i])
			return x[i] < y[i] ? -1 : 1;
	return 0;
}

static bool
offers(const struct ted_node_row *row, const char *kind)
{
	for (size_t i = 0; i < row->n_services; i++)
		if (strcmp(row->services[i], kind) == 0)
			return true;
	return false;
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
	if (node == r->to && stage == r->n_via + r->n_via_services) {
		if (w->now.delay <= r->max_delay_us && w->now.hops <= r->max_hops &&
		    (!w->found || compare_sums(r, &w->now, &w->best) < 0)) {
			w->best = w->now;
			w->found = true;
		}
		return;
	}
	if (w->used != 0 && ted_node_at(w->ted, node)->overload)
		return;
	for (uint32_t link = 0; link < ted_link_count(w->ted); link++) {
		const struct ted_link_row *row = ted_link_at(w->ted, link);
		uint64_t residual = ted_residual_bps(w->ted, link);
		struct sums before = w->now;

		if (row->from != node || w->used >> link & 1 || !ted_link_usable(w->ted, link) ||
		    residual < r->bandwidth_bps)
			continue;
		w->used |= 1u << link;
		w->now.igp += row->igp_metric;
		w->now.te += row->te_metric;
		w->now.delay += row->delay_us;
		w->now.hops += !ted_node_at(w->ted, node)->pseudonode;
		w->now.links++;
		w->now.residual = residual < w->now.residual ? residual : w->now.residual;
		go(w, row->to, stage);
		w->now = before;
		w->used &= ~(1u << link);
	}
}

/* A network of few links, some nodes with services. */
static struct ted *
draw_sparse(struct random_net *net, uint64_t *state)
{
	static const char *const services[] = { "cache", "firewall" };
	size_t links = 0, kept = 0;

	net_draw(net, state, 5);
	for (size_t i = 0; i < net->n; i++) {
		struct ted_delta *d = &net->deltas[i];

		if (d->object == TED_OBJECT_LINK && ++links > MOST_LINKS)
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

/* The best walk as told by every walk, against the engine's; *again counts nodes passed twice. */
static void
expect_walk(unsigned seed, const struct walk *w, const struct path_answer *answer, unsigned *again)
{
	const struct path_route *route = &answer->routes[0];
	struct pce_error err = { 0 };
	uint32_t seen = 1u << w->r->from;
	struct sums got;

	ck_assert_msg((answer->n_routes == 1) == w->found, "seed %u: %s", seed,
		      w->found ? answer->no_path.text : "a route where there is none");
	if (!w->found) {
		ck_assert_ptr_nonnull(answer->no_path.text);
		return;
	}
	got = (struct sums){
		route->residual_bps, route->igp_metric, route->te_metric, route->delay_us, 0,
		route->n_links
	};
	ck_assert_msg(compare_sums(w->r, &got, &w->best) == 0, "seed %u: not the best walk", seed);
	ck_assert_msg(path_validate(w->ted, w->r, route->links, route->n_links, &err) == PCE_OK,
		      "seed %u: %s", seed, err.text);
	ck_assert(route->exact);
	for (size_t i = 0; i < route->n_links; i++) {
		uint32_t to = ted_link_at(w->ted, route->links[i])->to;

		*again += seen >> to & 1;
		seen |= 1u << to;
	}
}

/* A request between random ends; via has room for two nodes. */
static struct path_request
draw_request(const struct ted *ted, uint32_t *via, uint64_t *state)
{
	static const char *const kinds[] = { "firewall", "cache" };
	uint32_t nodes = ted_node_count(ted), from = suite_below(state, nodes);
	struct path_request r =
	    path_request_init(from, (from + 1 + suite_below(state, nodes - 1)) % nodes,
			      suite_below(state, PATH_AVAILABILITY));

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

START_TEST(via_route_is_the_best_walk_without_a_repeated_link)
{
	unsigned found = 0, again = 0, bounded = 0, n = suite_seeds() * 6;

	for (unsigned seed = 1; seed <= n; seed++) {
		uint64_t state = seed;
		struct random_net net;
		struct ted *ted = draw_sparse(&net, &state);
		uint32_t via[2];
		struct path_request r = draw_request(ted, via, &state);
		struct walk w = { .ted = ted, .r = &r, .now.residual = UINT64_MAX };
		struct path_engine *engine = NULL;
		struct path_answer answer = { .n_routes = 0 };
		struct pce_error err = { 0 };

		go(&w, r.from, 0);
		ck_assert(path_engine_new(ted, &engine, &err) == PCE_OK);
		ck_assert_msg(path_compute(engine, &r, &answer, &err) == PCE_OK, "seed %u: %s",
			      seed, err.text);
		expect_walk(seed, &w, &answer, &again);
		bounded += w.found && r.max_delay_us != PATH_NO_BOUND;
		found += w.found;
		path_answer_free(&answer);
		path_engine_free(engine);
		ted_free(ted);
	}
	printf("via: found %u of %u, bounded %u, nodes passed again %u\n", found, n, bounded,
	       again);
	fflush(stdout);
	ck_assert_uint_ge(found * 10, n);
	ck_assert_uint_ge(again * 50, n);
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("via");

	tcase_add_test(tcase, via_route_is_the_best_walk_without_a_repeated_link);
	return suite_run("via", tcase, 60);
}
