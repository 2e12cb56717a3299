/*
 * Searches with a hierarchy against the same searches without one, route by route, on networks of
 * some hundred nodes with many ties, while metrics and states change all the time; and pairs
 * against Suurballe's algorithm on vectors and whole trees.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pce/path/suurballe.h"
#include "tests/support/suite.h"
#include "tests/ted/net.h"

#define CORES 6
#define REGION 20
#define NODES (CORES * REGION)
#define LINKS (NODES * 4)

struct scene {
	uint64_t state;
	struct ted *ted;
	struct path_engine *guided, *plain;
	struct ted_delta links[LINKS];
	uint32_t affinity[LINKS];
	uint32_t m;
	uint32_t words[1];
};

static void
draw_metrics(struct scene *s, uint32_t link)
{
	struct ted_link_attr *a = &s->links[link].attr.link;
	uint32_t most = suite_below(&s->state, 8) == 0 ? 1000 : 6;

	a->igp_metric = suite_below(&s->state, most);
	a->te_metric = suite_below(&s->state, most);
	a->delay_us = suite_below(&s->state, most);
	if (suite_below(&s->state, 60) == 0)
		a->igp_metric = UINT32_MAX - suite_below(&s->state, 2);
}

static void
add_link(struct scene *s, uint32_t a, uint32_t b)
{
	struct ted_delta *d = &s->links[s->m];

	*d = (struct ted_delta){ .object = TED_OBJECT_LINK };
	d->key.link = net_link(net_isis(a + 1), net_isis(b + 1));
	d->key.link.has_ids = true;
	d->key.link.local_id = s->m + 1;
	d->attr.link.present = TED_LINK_IGP_METRIC | TED_LINK_TE_METRIC | TED_LINK_DELAY |
			       TED_LINK_START_RESIDUAL | TED_LINK_AFFINITY;
	d->attr.link.start_residual_bps = 1000 * (1 + suite_below(&s->state, 4));
	s->affinity[s->m] = 1u << suite_below(&s->state, 8);
	d->attr.link.affinity = &s->affinity[s->m];
	d->attr.link.n_affinity = 1;
	draw_metrics(s, s->m);
	say(s->ted, FILE_1, *d);
	s->m++;
}

static void
join(struct scene *s, uint32_t a, uint32_t b)
{
	add_link(s, a, b);
	if (suite_below(&s->state, 10) > 0)
		add_link(s, b, a);
}

/* Regions behind a ring of cores, every node homed to two earlier ones of its region. */
static void
scene_draw(struct scene *s, unsigned seed)
{
	*s = (struct scene){ .state = seed };
	ck_assert(ted_new(&s->ted, seed, NULL) == PCE_OK);
	for (uint32_t i = 0; i < NODES; i++)
		say_node(s->ted, FILE_1, net_isis(i + 1), NULL);
	for (uint32_t c = 0; c < CORES; c++) {
		uint32_t base = c * REGION;

		join(s, base, (base + REGION) % NODES);
		join(s, base, (base + 2 * REGION) % NODES);
		for (uint32_t i = 1; i < REGION; i++) {
			join(s, base + i, base + suite_below(&s->state, i));
			join(s, base + i, base + (i > 4 ? i - 1 - suite_below(&s->state, 4) : 0));
		}
	}
	settle(s->ted, NULL);
	ck_assert(path_engine_new(s->ted, &s->guided, NULL) == PCE_OK);
	ck_assert(path_engine_new(s->ted, &s->plain, NULL) == PCE_OK);
	s->plain->guide.tried = true; /* no hierarchy, it says */
}

static void
scene_free(struct scene *s)
{
	path_engine_free(s->guided);
	path_engine_free(s->plain);
	ted_free(s->ted);
}

/* Changes some links: metrics mostly, else the bandwidth. */
static void
change(struct scene *s)
{
	const struct ted_change *changes;
	size_t n;

	for (unsigned i = 0; i < 4; i++) {
		uint32_t link = suite_below(&s->state, s->m);

		if (suite_below(&s->state, 4) == 0)
			s->links[link].attr.link.start_residual_bps =
			    1000 * (1 + suite_below(&s->state, 4));
		else
			draw_metrics(s, link);
		say(s->ted, FILE_1, s->links[link]);
	}
	n = settle(s->ted, &changes);
	ck_assert(path_engine_refresh(s->guided, changes, n, NULL) == PCE_OK);
	ck_assert(path_engine_refresh(s->plain, changes, n, NULL) == PCE_OK);
	s->plain->guide.tried = true;
}

static struct path_request
draw_request(struct scene *s)
{
	uint32_t from = suite_below(&s->state, NODES), to = suite_below(&s->state, NODES - 1);
	enum path_objective objective = (enum path_objective)suite_below(&s->state, 3);
	struct path_request r = path_request_init(from, to >= from ? to + 1 : to, objective);

	if (suite_below(&s->state, 3) == 0)
		r.bandwidth_bps = 1000 * (1 + suite_below(&s->state, 3));
	if (suite_below(&s->state, 2) == 0) {
		s->words[0] = 0;
		for (unsigned i = 0; i < 3; i++)
			s->words[0] |= 1u << suite_below(&s->state, 8);
		r.exclude_any.words = s->words;
		r.exclude_any.n = 1;
	}
	if (suite_below(&s->state, 4) == 0)
		r.n_ties = (uint8_t)suite_below(&s->state, 3);
	if (suite_below(&s->state, 6) == 0)
		r.ties[0] = PATH_TIE_HOPS;
	return r;
}

static void
check_same(const struct path_answer *a, const struct path_answer *b)
{
	ck_assert_uint_eq(a->n_routes, b->n_routes);
	ck_assert_int_eq(a->no_path.reason, b->no_path.reason);
	for (size_t i = 0; i < a->n_routes; i++) {
		ck_assert_uint_eq(a->routes[i].n_links, b->routes[i].n_links);
		ck_assert_mem_eq(a->routes[i].links, b->routes[i].links,
				 a->routes[i].n_links * sizeof(uint32_t));
		ck_assert(a->routes[i].exact && b->routes[i].exact);
	}
}

/* Asks both engines; returns how many routes there are. */
static size_t
ask_both(struct scene *s, const struct path_request *r)
{
	struct path_answer a = { .n_routes = 0 }, b = { .n_routes = 0 };
	size_t n;

	ck_assert(path_compute(s->guided, r, &a, NULL) == PCE_OK);
	ck_assert(path_compute(s->plain, r, &b, NULL) == PCE_OK);
	check_same(&a, &b);
	n = a.n_routes;
	path_answer_free(&a);
	path_answer_free(&b);
	return n;
}

START_TEST(guided_alternatives_equal_plain_ones)
{
	unsigned asked = 0, full = 0;

	for (unsigned seed = 1; seed <= suite_seeds(); seed++) {
		struct scene s;

		scene_draw(&s, seed);
		for (unsigned i = 0; i < 4; i++) {
			struct path_request r = draw_request(&s);

			r.k = 2 + suite_below(&s.state, 9);
			full += ask_both(&s, &r) == r.k;
			asked++;
			ck_assert_ptr_nonnull(s.guided->guide.hierarchy);
			ck_assert_ptr_null(s.plain->guide.hierarchy);
			change(&s);
		}
		scene_free(&s);
	}
	printf("alternatives: %u of %u have all k\n", full, asked);
	ck_assert(full * 2 > asked);
}
END_TEST

/* Bounds between what is least possible and what the best route without bounds has. */
static void
draw_bounds(struct scene *s, struct path_request *r)
{
	uint64_t *const bounds[] = { &r->max_igp, &r->max_te, &r->max_delay_us };
	uint32_t least[3], most;

	ck_assert(guide_make(&s->guided->guide, true, NULL) == PCE_OK);
	for (unsigned i = 0; i < 3; i++) {
		struct potential *p;

		ck_assert(guide_aim(&s->guided->guide, (enum graph_metric)i,
				    s->guided->graph->node_of_row[r->to], &p, NULL) == PCE_OK);
		least[i] = potential_at(p, s->guided->graph->node_of_row[r->from]);
		most = least[i] / 2 + 2;
		if (i != r->objective && suite_below(&s->state, 3) > 0)
			*bounds[i] = least[i] + suite_below(&s->state, most);
	}
	if (suite_below(&s->state, 20) == 0)
		*bounds[suite_below(&s->state, 3)] = suite_below(&s->state, 3);
}

START_TEST(guided_bounds_equal_plain_ones)
{
	unsigned asked = 0, found = 0, changed = 0;

	for (unsigned seed = 1; seed <= suite_seeds(); seed++) {
		struct scene s;

		scene_draw(&s, seed);
		for (unsigned i = 0; i < 6; i++) {
			struct path_request r = draw_request(&s), free;
			struct path_answer a = { .n_routes = 0 }, b = { .n_routes = 0 };

			draw_bounds(&s, &r);
			if (suite_below(&s.state, 4) == 0)
				r.k = 3;
			found += ask_both(&s, &r) > 0;
			asked++;
			free = path_request_init(r.from, r.to, r.objective);
			ck_assert(path_compute(s.guided, &r, &a, NULL) == PCE_OK);
			ck_assert(path_compute(s.guided, &free, &b, NULL) == PCE_OK);
			changed += a.n_routes > 0 && (a.routes[0].n_links != b.routes[0].n_links ||
						      memcmp(a.routes[0].links, b.routes[0].links,
							     a.routes[0].n_links * 4) != 0);
			path_answer_free(&a);
			path_answer_free(&b);
			change(&s);
		}
		scene_free(&s);
	}
	printf("bounds: %u of %u have a route, %u not the best without\n", found, asked, changed);
	ck_assert(found * 4 > asked && found < asked && changed * 8 > asked);
}
END_TEST

static void
sum_pair(const struct path_engine *e, const struct order *order, const struct pair *pair,
	 uint64_t *sum)
{
	memset(sum, 0, ORDER_MAX * sizeof(*sum));
	for (unsigned i = 0; i < 2; i++)
		for (size_t j = 0; j < pair->n[i]; j++)
			order_add(&e->filter, order, pair->links[i][j], sum, sum);
}

/* The pair's sum by vectors has to be the same. */
static bool
check_vectors(struct scene *s, const struct path_request *r, bool node)
{
	static const struct order order = { { METRIC_IGP, METRIC_DELAY, METRIC_LINKS }, 3 };
	struct pair a = { .found = false }, b = { .found = false };
	uint64_t sums[2][ORDER_MAX];
	bool found;

	ck_assert(filter_set(&s->guided->filter, r, CONSTRAINTS_ALL, NULL) == PCE_OK);
	ck_assert(suurballe(s->guided, &order, node, &a, NULL) == PCE_OK);
	ck_assert(suurballe_vectors(s->guided, &order, node, &b, NULL) == PCE_OK);
	ck_assert_int_eq(a.found, b.found);
	found = a.found;
	if (found) {
		sum_pair(s->guided, &order, &a, sums[0]);
		sum_pair(s->guided, &order, &b, sums[1]);
		ck_assert_mem_eq(sums[0], sums[1], order.n * sizeof(uint64_t));
	}
	pair_free(&a);
	pair_free(&b);
	return found;
}

START_TEST(guided_pairs_equal_plain_ones_and_vectors)
{
	unsigned asked = 0, found = 0;

	for (unsigned seed = 1; seed <= suite_seeds(); seed++) {
		struct scene s;

		scene_draw(&s, seed);
		for (unsigned i = 0; i < 4; i++) {
			struct path_request r = draw_request(&s);
			bool node = suite_below(&s.state, 2) > 0;

			found += check_vectors(&s, &r, node);
			asked++;
			r.disjoint = node ? PATH_DISJOINT_NODE : PATH_DISJOINT_LINK;
			ask_both(&s, &r);
			change(&s);
		}
		scene_free(&s);
	}
	printf("pairs: %u of %u\n", found, asked);
	ck_assert(found * 4 > asked && found < asked);
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("guided");

	tcase_add_test(tcase, guided_alternatives_equal_plain_ones);
	tcase_add_test(tcase, guided_bounds_equal_plain_ones);
	tcase_add_test(tcase, guided_pairs_equal_plain_ones_and_vectors);
	return suite_run("guided", tcase, 120);
}
