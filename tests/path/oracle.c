#include "tests/path/oracle.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/suite.h"
#include "tests/ted/net.h"

static bool
chance(uint64_t *state, uint32_t percent)
{
	return suite_below(state, 100) < percent;
}

static const char *
name_new(struct random_net *net, const char *prefix, uint32_t number)
{
	char *name = net->names[net->n];

	snprintf(name, sizeof(net->names[0]), "%s%u", prefix, number);
	return name;
}

static uint64_t
draw_ppt(uint64_t *state)
{
	static const uint64_t values[] = { 0,          1000000, 25000000,   100000000,
					   4000000000, 1000,    30000000000 };

	return values[suite_below(state, 7)];
}

static const char *const sites[] = { "hill", "dale", "shore" };

static void
draw_node(struct random_net *net, uint64_t *state, uint32_t number)
{
	struct ted_delta *d = &net->deltas[net->n];
	uint32_t *srlg = net->srlg[number];
	uint64_t apart = *state ^ number; /* sites change nothing else of a seed */
	struct ted_node_attr *a = &d->attr.node;

	d->object = TED_OBJECT_NODE;
	d->key.node = number > 1 && chance(state, 8)
			  ? net_pseudonode(number, 1)
			  : net_isis(1 + suite_below(state, 50) * 16 + number);
	a->present = TED_NODE_NAME | TED_NODE_AVAILABILITY;
	a->name = name_new(net, "n", number);
	a->unavailability_ppt = chance(state, 40) ? draw_ppt(state) : 0;
	if (chance(state, 6)) {
		a->present |= TED_NODE_OVERLOAD;
		a->overload = true;
	}
	if (chance(state, 20)) {
		a->present |= TED_NODE_SRLG;
		srlg[0] = 1 + suite_below(state, 4);
		a->srlg = srlg;
		a->n_srlg = 1;
	}
	if (chance(&apart, 40)) {
		a->present |= TED_NODE_SITE;
		a->site = sites[suite_below(&apart, 3)];
	}
	net->n++;
}

static void
draw_bits(uint64_t *state, uint32_t words[2])
{
	words[0] = words[1] = 0;
	for (unsigned bit = 0; bit < 3; bit++)
		if (chance(state, 50))
			words[bit / 2] |= 1u << bit;
}

static size_t
draw_srlgs(uint64_t *state, uint32_t list[3])
{
	size_t n = 0;

	for (uint32_t number = 1; number <= 4 && n < 3; number++)
		if (chance(state, 22))
			list[n++] = number;
	return n;
}

static void
draw_link(struct random_net *net, uint64_t *state, const struct ted_link_key *key, uint32_t number)
{
	static const uint32_t metrics[] = { 0, 1, 1, 2, 3, 5, 10, 1000000 };
	struct ted_delta *d = &net->deltas[net->n];
	struct ted_link_attr *a = &d->attr.link;

	d->object = TED_OBJECT_LINK;
	d->key.link = *key;
	a->present = TED_LINK_NAME | TED_LINK_IGP_METRIC | TED_LINK_TE_METRIC | TED_LINK_DELAY |
		     TED_LINK_LOSS | TED_LINK_START_RESIDUAL | TED_LINK_CAPACITY |
		     TED_LINK_AFFINITY | TED_LINK_SRLG | TED_LINK_AVAILABILITY | TED_LINK_SLICES;
	a->name = name_new(net, "l", number);
	a->igp_metric = metrics[suite_below(state, 7)];
	a->te_metric = metrics[suite_below(state, 8)];
	a->delay_us = metrics[suite_below(state, 7)] * 100;
	a->loss_ppb = suite_below(state, 4) * 1000;
	a->capacity_bps = 10000000000;
	a->start_residual_bps = (uint64_t)suite_below(state, 9) * 100000000 +
				(chance(state, 30) ? suite_below(state, 3) : 0);
	draw_bits(state, net->affinity[number]);
	a->affinity = net->affinity[number];
	a->n_affinity = 2;
	a->srlg = net->srlg[ORACLE_MAX_NODES + number];
	a->n_srlg = draw_srlgs(state, net->srlg[ORACLE_MAX_NODES + number]);
	a->unavailability_ppt = draw_ppt(state);
	a->slices = net->slices[number];
	for (unsigned i = 0; i < 2; i++)
		if (chance(state, 80))
			net->slices[number][a->n_slices++] = i == 0 ? "blue" : "red";
	net->n++;
}

static struct ted_link_key
draw_key(const struct random_net *net, uint32_t a, uint32_t b, uint32_t number)
{
	struct ted_link_key key = net_link(net->deltas[a].key.node, net->deltas[b].key.node);

	key.has_ids = true;
	key.local_id = number * 7 % 64;
	key.remote_id = number;
	return key;
}

static void
draw_fibre(struct random_net *net, uint64_t *state, uint32_t ends[2], uint32_t *n_links)
{
	struct ted_link_key forward = draw_key(net, ends[0], ends[1], *n_links);
	struct ted_link_key back = draw_key(net, ends[1], ends[0], *n_links + 1);

	draw_link(net, state, &forward, *n_links);
	if (chance(state, 25)) {
		++*n_links;
		return;
	}
	if (chance(state, 80)) {
		net->reverse[*n_links] = back;
		net->deltas[net->n - 1].attr.link.present |= TED_LINK_REVERSE;
		net->deltas[net->n - 1].attr.link.reverse = &net->reverse[*n_links];
	}
	draw_link(net, state, &back, *n_links + 1);
	*n_links += 2;
}

static void
draw_sites(struct random_net *net, uint64_t state)
{
	for (unsigned i = 0; i < 3; i++) {
		struct ted_delta *d = &net->deltas[net->n];

		if (chance(&state, 25))
			continue;
		d->object = TED_OBJECT_SITE;
		d->key.number = ted_site_number(sites[i]);
		d->attr.srlg.name = sites[i];
		d->attr.srlg.unavailability_ppt = draw_ppt(&state);
		net->n++;
	}
}

void
net_draw(struct random_net *net, uint64_t *state, uint32_t max_nodes)
{
	uint32_t n_links = 0, fibres;

	memset(net, 0, sizeof(*net));
	net->n_nodes = max_nodes - suite_below(state, (max_nodes + 1) / 2);
	for (uint32_t i = 0; i < net->n_nodes; i++)
		draw_node(net, state, i);
	fibres = net->n_nodes + 5 + suite_below(state, net->n_nodes + 6);
	for (uint32_t i = 0; i < fibres && n_links + 2 < ORACLE_MAX_LINKS; i++) {
		uint32_t ends[2] = { i < net->n_nodes ? i : suite_below(state, net->n_nodes), 0 };

		ends[1] = (ends[0] + 1 + suite_below(state, net->n_nodes - 1)) % net->n_nodes;
		if (suite_below(state, 2) == 0) {
			uint32_t swap = ends[0];

			ends[0] = ends[1];
			ends[1] = swap;
		}
		draw_fibre(net, state, ends, &n_links);
	}
	draw_sites(net, *state ^ 77);
	for (uint32_t i = 1; i <= 4; i++) {
		struct ted_delta *d = &net->deltas[net->n];

		if (chance(state, 25))
			continue;
		d->object = TED_OBJECT_SRLG;
		d->key.number = i;
		d->attr.srlg.name = name_new(net, "g", i);
		d->attr.srlg.unavailability_ppt = draw_ppt(state);
		net->n++;
	}
}

struct ted *
net_build(const struct random_net *net, uint64_t *order)
{
	size_t place[ORACLE_MAX_NODES + ORACLE_MAX_LINKS + 16];
	struct pce_error err = { 0 };
	struct ted *ted = NULL;

	for (size_t i = 0; i < net->n; i++)
		place[i] = i;
	for (size_t i = net->n; order && i > 1; i--) {
		size_t other = suite_below(order, (uint32_t)i), swap = place[i - 1];

		place[i - 1] = place[other];
		place[other] = swap;
	}
	ck_assert(ted_new(&ted, order ? suite_random(order) : 1, &err) == PCE_OK);
	for (size_t i = 0; i < net->n; i++)
		say(ted, FILE_1, net->deltas[place[i]]);
	settle(ted, NULL);
	return ted;
}

static void
draw_affinity(struct path_affinity *affinity, uint32_t *words, uint64_t *state, uint32_t percent)
{
	if (!chance(state, percent))
		return;
	words[0] = words[1] = 0;
	for (unsigned i = 1 + suite_below(state, 2); i > 0; i--) {
		unsigned bit = suite_below(state, 3);

		words[bit / 2] |= 1u << bit;
	}
	affinity->words = words;
	affinity->n = 2;
	affinity->never = chance(state, 3);
}

static uint64_t
sum_of(const struct oracle_path *path, enum path_reason bound)
{
	switch (bound) {
	case PATH_REASON_DELAY:
		return path->delay;
	case PATH_REASON_HOPS:
		return path->hops;
	case PATH_REASON_TE_METRIC:
		return path->te;
	default:
		return path->igp;
	}
}

/* A bound that decides: mostly the least that any path can have, or a little more or less. */
static uint64_t
draw_bound(const struct oracle_paths *paths, enum path_reason bound, uint64_t *state)
{
	uint64_t least = UINT64_MAX;

	for (size_t i = 0; i < paths->n; i++)
		if (sum_of(&paths->paths[i], bound) < least)
			least = sum_of(&paths->paths[i], bound);
	if (chance(state, 5))
		return sum_of(&paths->paths[suite_below(state, (uint32_t)paths->n)], bound);
	if (least > 0 && chance(state, 12))
		return least - 1;
	return least + (chance(state, 10) ? suite_below(state, 3) : 0);
}

static void
draw_bounds(struct path_request *r, const struct ted *ted, uint64_t *state)
{
	struct oracle_paths paths = { .n = 0 };

	oracle_enumerate(ted, r, 0, &paths);
	if (paths.n > 0 && chance(state, 25))
		r->max_delay_us = draw_bound(&paths, PATH_REASON_DELAY, state);
	if (paths.n > 0 && chance(state, 15))
		r->max_hops = draw_bound(&paths, PATH_REASON_HOPS, state);
	if (paths.n > 0 && chance(state, 15))
		r->max_te = draw_bound(&paths, PATH_REASON_TE_METRIC, state);
	if (paths.n > 0 && chance(state, 15))
		r->max_igp = draw_bound(&paths, PATH_REASON_IGP_METRIC, state);
	oracle_free(&paths);
}

static void
draw_sets(struct random_request *q, const struct ted *ted, uint64_t *state)
{
	struct path_request *r = &q->r;

	if (chance(state, 8)) {
		q->nodes[0] = suite_below(state, ted_node_count(ted));
		r->avoid_nodes = q->nodes;
		r->n_avoid_nodes = 1;
	}
	if (chance(state, 12) && ted_link_count(ted) > 0) {
		q->links[0] = suite_below(state, ted_link_count(ted));
		r->avoid_links = q->links;
		r->n_avoid_links = 1;
	}
	if (chance(state, 7)) {
		q->srlgs[0] = 1 + suite_below(state, 5);
		r->avoid_srlgs = q->srlgs;
		r->n_avoid_srlgs = 1;
	}
	if (chance(state, 20) && ted_link_count(ted) > 0) {
		for (unsigned i = 0; i < 3; i++)
			q->held[i] = suite_below(state, ted_link_count(ted));
		r->held_links = q->held;
		r->n_held_links = 3;
		r->held_bps = 100000000;
	}
}

static bool
is_joined(const struct ted *ted, uint32_t from, uint32_t to)
{
	for (uint32_t link = 0; link < ted_link_count(ted); link++)
		if (ted_link_at(ted, link)->from == from && ted_link_at(ted, link)->to == to)
			return true;
	return false;
}

/* Two ends, if possible not neighbours: else most paths are one link long. */
static void
draw_ends(const struct ted *ted, uint64_t *state, uint32_t *from, uint32_t *to)
{
	uint32_t n = ted_node_count(ted);

	for (unsigned i = 0; i < 10; i++) {
		*from = suite_below(state, n);
		*to = (*from + 1 + suite_below(state, n - 1)) % n;
		if (!is_joined(ted, *from, *to))
			break;
	}
}

void
request_draw(struct random_request *q, const struct ted *ted, uint64_t *state)
{
	struct path_request *r = &q->r;
	uint32_t from, to;

	memset(q, 0, sizeof(*q));
	draw_ends(ted, state, &from, &to);
	*r = path_request_init(from, to, suite_below(state, PATH_OBJECTIVE_COUNT));
	if (chance(state, 15))
		r->bandwidth_bps = 100000000ULL * (2 + suite_below(state, 4));
	draw_affinity(&r->include_any, q->any, state, 7);
	draw_affinity(&r->include_all, q->all, state, 3);
	draw_affinity(&r->exclude_any, q->none, state, 6);
	draw_sets(q, ted, state);
	if (chance(state, 10))
		r->slice = chance(state, 50) ? "blue" : "red";
	if (chance(state, 6))
		r->link_max_delay_us = suite_below(state, 10) * 100;
	if (chance(state, 5))
		r->link_max_te = suite_below(state, 10);
	if (chance(state, 5))
		r->link_max_loss_ppb = suite_below(state, 4) * 1000;
	draw_bounds(r, ted, state);
	r->n_ties = (uint8_t)suite_below(state, 4);
	for (unsigned i = 0; i < r->n_ties; i++)
		r->ties[i] = (uint8_t)suite_below(state, PATH_TIE_COUNT);
}
