#include "tests/bench/path/generate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/path/ask.h"

#define N_AFFINITY 8u
#define PI 3.14159265358979323846

enum tier { TIER_CORE, TIER_AGGREGATION, TIER_METRO, TIER_ACCESS };

/* A network in the making: nodes with places, fibres as pairs of links. */
struct making {
	struct network *net;
	struct random random;
	double *x, *y; /* km */
	uint8_t *tier;
	uint32_t room; /* for links */
	bool failed;
};

static bool
make_nodes(struct making *m, uint32_t n)
{
	m->net->n_nodes = n;
	m->x = calloc(n + 1, sizeof(*m->x));
	m->y = calloc(n + 1, sizeof(*m->y));
	m->tier = calloc(n + 1, 1);
	return m->x && m->y && m->tier;
}

static void
place(struct making *m, uint32_t node, double x, double y, enum tier tier)
{
	m->x[node] = x;
	m->y[node] = y;
	m->tier[node] = (uint8_t)tier;
}

/* Around another node, at most `reach` km away on either axis. */
static void
place_near(struct making *m, uint32_t node, uint32_t other, double reach, enum tier tier)
{
	double dx = reach * (random_share(&m->random) - 0.5) * 2;
	double dy = reach * (random_share(&m->random) - 0.5) * 2;

	place(m, node, m->x[other] + dx, m->y[other] + dy, tier);
}

static double
distance(const struct making *m, uint32_t a, uint32_t b)
{
	return hypot(m->x[a] - m->x[b], m->y[a] - m->y[b]);
}

/* 100, 10 or 1 Gbit/s. */
static uint32_t
draw_gbps(struct making *m, double share_100, double share_10)
{
	double at = random_share(&m->random);

	return at < share_100 ? 100 : at < share_100 + share_10 ? 10 : 1;
}

/* Both directions of a fibre. Reservations differ, all else is the same. */
static void
fibre(struct making *m, uint32_t a, uint32_t b, uint32_t igp, uint32_t gbps)
{
	struct network *net = m->net;
	struct random *r = &m->random;
	struct network_link link = { .igp = igp };
	double kbps = gbps * 1e6;

	if (a == b || m->failed)
		return;
	if (net->n_links + 2 > m->room) {
		uint32_t room = m->room ? 2 * m->room : 4096;
		void *more = realloc(net->links, room * sizeof(*net->links));

		if (!more) {
			m->failed = true;
			return;
		}
		net->links = more;
		m->room = room;
	}
	/* Fibre is 1.3 times as long as the line, light takes 5 us a km. */
	link.delay_us = (uint32_t)(distance(m, a, b) * 1.3 * 5) + random_from(r, 10, 60);
	link.te = 1 + link.delay_us / 20 + random_from(r, 0, 30) +
		  (gbps == 1    ? 100
		   : gbps == 10 ? 30
				: 5);
	link.risk = (uint32_t)llround(pow(10, 4 + 3 * random_share(r)));
	link.unavailability_ppt = (uint64_t)llround(-expm1(-(double)link.risk * 1e-9) * 1e12);
	for (unsigned bit = 0; bit < N_AFFINITY; bit++)
		if (random_share(r) < 0.04)
			link.affinity |= 1u << bit;
	for (unsigned way = 0; way < 2; way++) {
		link.tail = way ? b : a;
		link.head = way ? a : b;
		link.residual_kbps = (uint32_t)(kbps * (1 - 0.85 * random_share(r)));
		link.reverse = way ? net->n_links - 1 : net->n_links + 1;
		net->links[net->n_links++] = link;
	}
}

/* ---- T1: the province ---- */

#define CITIES 14u
#define COUNTIES 113u
#define PLANE (2 + 2 * CITIES + 2 * COUNTIES)

struct province {
	double city_x[CITIES], city_y[CITIES];
	double county_x[COUNTIES], county_y[COUNTIES];
	uint32_t city_of[COUNTIES];
};

static void
draw_province(struct making *m, struct province *p)
{
	struct random *r = &m->random;

	for (uint32_t i = 0; i < CITIES; i++) {
		double turn = 2 * PI * i / CITIES, far = 80 + 100 * random_share(r);

		p->city_x[i] = 150 + far * cos(turn);
		p->city_y[i] = 150 + far * sin(turn);
	}
	for (uint32_t i = 0; i < COUNTIES; i++) {
		uint32_t city = i < CITIES * 6 ? i % CITIES : random_from(r, 0, CITIES - 1);

		p->city_of[i] = city;
		p->county_x[i] = p->city_x[city] + 120 * (random_share(r) - 0.5);
		p->county_y[i] = p->city_y[city] + 120 * (random_share(r) - 0.5);
	}
}

static uint32_t
city(uint32_t plane, uint32_t i, uint32_t j)
{
	return plane * PLANE + 2 + 2 * (i % CITIES) + j;
}

static uint32_t
county(uint32_t plane, uint32_t i, uint32_t j)
{
	return plane * PLANE + 2 + 2 * CITIES + 2 * i + j;
}

static void
place_plane(struct making *m, const struct province *p, uint32_t plane)
{
	for (uint32_t j = 0; j < 2; j++) {
		place(m, plane * PLANE + j, 150 + 10 * j, 150 + 3 * plane, TIER_CORE);
		for (uint32_t i = 0; i < CITIES; i++)
			place(m, city(plane, i, j), p->city_x[i] + j, p->city_y[i] + plane,
			      TIER_METRO);
		for (uint32_t i = 0; i < COUNTIES; i++)
			place(m, county(plane, i, j), p->county_x[i] + j * 0.2,
			      p->county_y[i] + plane * 0.2, TIER_ACCESS);
	}
}

static void
wire_plane(struct making *m, const struct province *p, uint32_t plane)
{
	struct random *r = &m->random;
	uint32_t core = plane * PLANE;

	fibre(m, core, core + 1, 10, 100);
	for (uint32_t i = 0; i < CITIES; i++) {
		fibre(m, city(plane, i, 0), city(plane, i, 1), random_from(r, 20, 24), 100);
		for (uint32_t j = 0; j < 2; j++) {
			for (uint32_t k = 0; k < 2; k++)
				fibre(m, city(plane, i, j), core + k, random_from(r, 100, 109),
				      draw_gbps(m, 0.7, 0.3));
			fibre(m, city(plane, i, j), city(plane, i + 1, j), random_from(r, 150, 170),
			      draw_gbps(m, 0.4, 0.6));
		}
	}
	for (uint32_t i = 0; i < COUNTIES; i++) {
		fibre(m, county(plane, i, 0), county(plane, i, 1), 50, 10);
		for (uint32_t j = 0; j < 2; j++)
			for (uint32_t k = 0; k < 2; k++)
				fibre(m, county(plane, i, j), city(plane, p->city_of[i], k),
				      random_from(r, 500, 520), draw_gbps(m, 0, 0.5));
	}
}

static bool
make_province(struct making *m)
{
	struct province p;

	if (!make_nodes(m, 2 * PLANE))
		return false;
	draw_province(m, &p);
	for (uint32_t plane = 0; plane < 2; plane++) {
		place_plane(m, &p, plane);
		wire_plane(m, &p, plane);
	}
	for (uint32_t i = 0; i < 2; i++)
		for (uint32_t j = 0; j < 2; j++)
			fibre(m, i, PLANE + j, 300, 100);
	for (uint32_t i = 0; i < 2 * CITIES; i++)
		fibre(m, city(0, 0, 0) + i, city(1, 0, 0) + i, 400, 10);
	return true;
}

/* ---- T2, T3: the hierarchy ---- */

/* Nodes of a stage stand in groups of `size` under one node each of the stage above. */
struct stage {
	uint32_t first, n, above, size;
};

static uint32_t
parent(const struct stage *s, uint32_t i)
{
	return s->above + i / s->size;
}

/* The next of the group, the first after the last. */
static uint32_t
neighbour(const struct stage *s, uint32_t i)
{
	uint32_t next = i + 1;

	return s->first + (next % s->size == 0 || next >= s->n ? i / s->size * s->size : next);
}

static void
nearest_cores(const struct making *m, uint32_t to, uint32_t n, uint32_t *best, uint32_t want)
{
	uint32_t have = 0;

	for (uint32_t i = 0; i < n; i++) {
		uint32_t at = have;

		if (i == to)
			continue;
		while (at > 0 && distance(m, best[at - 1], to) > distance(m, i, to))
			at--;
		if (at >= want)
			continue;
		have = have < want ? have + 1 : want;
		memmove(best + at + 1, best + at, (have - at - 1) * sizeof(*best));
		best[at] = i;
	}
}

static void
wire_core(struct making *m, uint32_t n)
{
	struct random *r = &m->random;

	for (uint32_t i = 0; i < n; i++) {
		uint32_t near[5];

		nearest_cores(m, i, n, near, 4);
		for (uint32_t k = 0; k < 4; k++)
			fibre(m, i, near[k],
			      10 + (uint32_t)(distance(m, i, near[k]) / 40) + random_from(r, 0, 3),
			      100);
		for (uint32_t k = 0; k < 2; k++) {
			uint32_t other = random_from(r, 0, n - 1);

			fibre(m, i, other, 15 + (uint32_t)(distance(m, i, other) / 40), 100);
		}
	}
}

/* Aggregation: to its core, to the nearest other core, and to its neighbour in the ring. */
static void
wire_aggregation(struct making *m, const struct stage *s)
{
	struct random *r = &m->random;

	for (uint32_t i = 0; i < s->n; i++)
		place_near(m, s->first + i, parent(s, i), 150, TIER_AGGREGATION);
	for (uint32_t i = 0; i < s->n; i++) {
		uint32_t node = s->first + i, core = parent(s, i), near[3];

		nearest_cores(m, node, s->above + s->n / s->size, near, 2);
		near[0] = near[0] == core ? near[1] : near[0];
		fibre(m, node, core, random_from(r, 40, 60), draw_gbps(m, 0.8, 0.2));
		fibre(m, node, near[0],
		      random_from(r, 40, 60) + (uint32_t)(distance(m, node, near[0]) / 40),
		      draw_gbps(m, 0.8, 0.2));
		fibre(m, node, neighbour(s, i), random_from(r, 30, 45), draw_gbps(m, 0.6, 0.4));
	}
}

/* The neighbour of a node of the stage above in its own ring. */
static uint32_t
second_parent(const struct stage *s, const struct stage *above, uint32_t i)
{
	return neighbour(above, parent(s, i) - above->first);
}

static void
wire_metro(struct making *m, const struct stage *s, const struct stage *above)
{
	struct random *r = &m->random;

	for (uint32_t i = 0; i < s->n; i++)
		place_near(m, s->first + i, parent(s, i), 50, TIER_METRO);
	for (uint32_t i = 0; i < s->n; i++) {
		uint32_t node = s->first + i;

		fibre(m, node, parent(s, i), random_from(r, 100, 140), draw_gbps(m, 0.3, 0.7));
		fibre(m, node, second_parent(s, above, i), random_from(r, 100, 140),
		      draw_gbps(m, 0.3, 0.7));
		fibre(m, node, neighbour(s, i), random_from(r, 120, 150), draw_gbps(m, 0.1, 0.8));
	}
}

static void
wire_access(struct making *m, const struct stage *s, const struct stage *above, uint32_t n_links)
{
	struct random *r = &m->random;

	for (uint32_t i = 0; i < s->n; i++) {
		uint32_t node = s->first + i;

		place_near(m, node, parent(s, i), 15, TIER_ACCESS);
		fibre(m, node, parent(s, i), random_from(r, 500, 600), draw_gbps(m, 0, 0.5));
		fibre(m, node, second_parent(s, above, i), random_from(r, 500, 600),
		      draw_gbps(m, 0, 0.5));
	}
	while (m->net->n_links + 2 <= n_links && !m->failed) {
		uint32_t i = random_from(r, 0, s->n - 1);
		uint32_t j = (i + random_from(r, 1, 4)) % s->n;

		fibre(m, s->first + i, s->first + j, random_from(r, 300, 500),
		      draw_gbps(m, 0, 0.4));
	}
}

/* One core node for 10 of aggregation, 50 of metro and 189 of access. */
static bool
make_hierarchy(struct making *m, uint32_t n_nodes, uint32_t n_links)
{
	uint32_t n_core = n_nodes / 250;
	struct stage aggregation = { n_core, 10 * n_core, 0, 10 };
	struct stage metro = { 11 * n_core, 50 * n_core, n_core, 5 };
	struct stage access = { 61 * n_core, 189 * n_core, 11 * n_core, 0 };

	if (!make_nodes(m, n_nodes))
		return false;
	for (uint32_t i = 0; i < n_core; i++)
		place(m, i, 4000 * random_share(&m->random), 3000 * random_share(&m->random),
		      TIER_CORE);
	access.size = (access.n + metro.n - 1) / metro.n;
	wire_core(m, n_core);
	wire_aggregation(m, &aggregation);
	wire_metro(m, &metro, &aggregation);
	wire_access(m, &access, &metro, n_links);
	return true;
}

/* ---- R2 and shapes ---- */

static bool
make_random(struct making *m, uint32_t n_nodes, uint32_t n_links)
{
	struct random *r = &m->random;
	uint32_t *ring = random_order(r, n_nodes);

	if (!ring || !make_nodes(m, n_nodes)) {
		free(ring);
		return false;
	}
	for (uint32_t i = 0; i < n_nodes; i++)
		place(m, i, 1000 * random_share(r), 1000 * random_share(r), TIER_ACCESS);
	for (uint32_t i = 0; i < n_nodes; i++)
		fibre(m, ring[i], ring[(i + 1) % n_nodes], random_from(r, 10, 100),
		      draw_gbps(m, 0.3, 0.5));
	while (m->net->n_links + 2 <= n_links && !m->failed)
		fibre(m, random_from(r, 0, n_nodes - 1), random_from(r, 0, n_nodes - 1),
		      random_from(r, 10, 100), draw_gbps(m, 0.3, 0.5));
	free(ring);
	return true;
}

static bool
make_shape(struct making *m, FILE *shape)
{
	uint32_t n_nodes, n_fibres, a, b;

	if (fscanf(shape, "%u %u", &n_nodes, &n_fibres) != 2 || n_nodes < 2 ||
	    !make_nodes(m, n_nodes))
		return false;
	for (uint32_t i = 0; i < n_nodes; i++) {
		m->tier[i] = TIER_ACCESS;
		if (fscanf(shape, "%lf %lf", &m->x[i], &m->y[i]) != 2)
			return false;
	}
	for (uint32_t i = 0; i < n_fibres; i++) {
		if (fscanf(shape, "%u %u", &a, &b) != 2 || a >= n_nodes || b >= n_nodes)
			return false;
		fibre(m, a, b,
		      10 + (uint32_t)(distance(m, a, b) / 2) + random_from(&m->random, 0, 9),
		      draw_gbps(m, 0.3, 0.5));
	}
	return m->net->n_links > 0;
}

static bool
make(struct making *m, const char *graph, FILE *shape)
{
	if (shape)
		return make_shape(m, shape);
	if (strcmp(graph, "T1") == 0)
		return make_province(m);
	if (strcmp(graph, "T2") == 0)
		return make_hierarchy(m, 10000, 50000);
	if (strcmp(graph, "T3") == 0)
		return make_hierarchy(m, 100000, 500000);
	if (strcmp(graph, "R2") == 0)
		return make_random(m, 10000, 50000);
	fprintf(stderr, "%s is none of T1, T2, T3, R2\n", graph);
	return false;
}

/* Numbers nodes and fibres anew, in random order. Tiers move along. */
static bool
shuffle(struct making *m)
{
	struct network *net = m->net;
	uint32_t n_fibres = net->n_links / 2;
	uint32_t *node = random_order(&m->random, net->n_nodes);
	uint32_t *order = random_order(&m->random, n_fibres);
	struct network_link *links = calloc(net->n_links + 1, sizeof(*links));
	uint8_t *tier = calloc(net->n_nodes + 1, 1);
	bool good = node && order && links && tier;

	for (uint32_t i = 0; good && i < net->n_nodes; i++)
		tier[node[i]] = m->tier[i];
	for (uint32_t i = 0; good && i < net->n_links; i++) {
		struct network_link *to = &links[2 * order[i / 2] + i % 2];

		*to = net->links[i];
		to->tail = node[to->tail];
		to->head = node[to->head];
		to->reverse = 2 * order[i / 2] + 1 - i % 2;
	}
	free(node);
	free(order);
	free(good ? net->links : links);
	free(good ? m->tier : tier);
	if (good) {
		net->links = links;
		m->tier = tier;
	}
	return good;
}

bool
generate(const char *graph, FILE *shape, uint64_t seed, uint32_t want, struct network *net)
{
	struct making m = { .net = net };
	bool good;

	random_seed(&m.random, seed);
	good = make(&m, graph, shape) && !m.failed && shuffle(&m);
	for (uint32_t i = 0; good && i < net->n_nodes; i++)
		m.tier[i] = m.tier[i] == TIER_ACCESS;
	good = good && ask_all(net, m.tier, &m.random, want);
	free(m.x);
	free(m.y);
	free(m.tier);
	if (!good) {
		network_free(net);
		fprintf(stderr, "%s: the network could not be made\n", graph);
	}
	return good;
}
