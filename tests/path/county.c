#include "tests/path/county.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/suite.h"
#include "tests/ted/net.h"

const char *const county_sites[3] = { "hill", "dale", "shore" };

static bool
chance(uint64_t *state, uint32_t percent)
{
	return suite_below(state, 100) < percent;
}

static uint32_t
draw_metric(const struct county *c, uint64_t *state)
{
	static const uint32_t huge[] = { 4294967294, 4000000000, 2147483648, 4294967293, 1, 0 };

	if (c->shape == COUNTY_HUGE)
		return huge[suite_below(state, 6)];
	if (c->shape == COUNTY_GRID)
		return 1 + (chance(state, 15) ? suite_below(state, 2) : 0);
	return chance(state, 3) ? 0 : 1 + suite_below(state, c->shape == COUNTY_RANDOM ? 100 : 20);
}

static uint64_t
draw_ppt(uint64_t *state)
{
	static const uint64_t values[] = { 0, 1000000, 25000000, 100000000, 4000000000 };

	return values[suite_below(state, 5)] + suite_below(state, 2) * 1000;
}

void
county_draw_link(struct county *c, uint32_t link, uint64_t *state)
{
	static const unsigned bits[] = { 0, 1, 33, 100 };
	struct county_link *l = &c->links[link];
	struct ted_link_attr *a = &l->delta.attr.link;

	memset(a, 0, sizeof(*a));
	a->present = TED_LINK_NAME | TED_LINK_IGP_METRIC | TED_LINK_TE_METRIC | TED_LINK_DELAY |
		     TED_LINK_LOSS | TED_LINK_START_RESIDUAL | TED_LINK_AFFINITY | TED_LINK_SRLG |
		     TED_LINK_AVAILABILITY | TED_LINK_SLICES;
	a->igp_metric = draw_metric(c, state);
	a->te_metric = chance(state, 1) ? TED_METRIC_UNREACHABLE : draw_metric(c, state);
	a->delay_us = (c->shape == COUNTY_HUGE ? 1 : 100) * draw_metric(c, state);
	a->loss_ppb = suite_below(state, 4) * 1000;
	a->start_residual_bps =
	    100000000ULL * suite_below(state, c->shape == COUNTY_GRID ? 10 : 1000);
	memset(l->words, 0, sizeof(l->words));
	for (unsigned i = 0; i < 4; i++)
		if (chance(state, 70))
			l->words[bits[i] / 32] |= 1u << (bits[i] % 32);
	a->n_srlg = !c->independent && chance(state, 12);
	l->srlgs[0] = 1 + suite_below(state, c->n_nodes / 4 + 2);
	a->unavailability_ppt = draw_ppt(state);
	l->slices[0] = chance(state, 50) ? "blue" : "red";
	a->n_slices = chance(state, 90);
}

void
county_draw_node(struct county *c, uint32_t node, uint64_t *state)
{
	struct ted_node_attr *a = &c->nodes[node].attr.node;

	memset(a, 0, sizeof(*a));
	a->present = TED_NODE_AVAILABILITY | TED_NODE_SRLG | TED_NODE_OVERLOAD | TED_NODE_SERVICES;
	a->unavailability_ppt = draw_ppt(state);
	a->overload = chance(state, 2);
	a->n_srlg = !c->independent && chance(state, 5);
	c->node_srlgs[node][0] = 1 + suite_below(state, c->n_nodes / 4 + 2);
	a->n_services = chance(state, 10);
	if (!c->independent && chance(state, 25)) {
		a->present |= TED_NODE_SITE;
		a->site = county_sites[suite_below(state, 3)];
	}
}

void
county_say_node(struct county *c, struct ted *ted, uint32_t node)
{
	static const char *const kinds[] = { "firewall" };
	struct ted_delta *d = &c->nodes[node];

	d->attr.node.srlg = c->node_srlgs[node];
	d->attr.node.services = kinds;
	say(ted, FILE_1, *d);
}

void
county_say_link(struct county *c, struct ted *ted, uint32_t link)
{
	struct county_link *l = &c->links[link];
	struct ted_link_attr *a = &l->delta.attr.link;

	a->name = l->name;
	a->affinity = l->words;
	a->n_affinity = 4;
	a->srlg = l->srlgs;
	a->slices = l->slices;
	if (l->partner != TED_NONE) {
		a->present |= TED_LINK_REVERSE;
		a->reverse = &c->links[l->partner].delta.key.link;
	}
	say(ted, FILE_1, l->delta);
}

static uint32_t
add_link(struct county *c, uint32_t from, uint32_t to, uint64_t *state)
{
	uint32_t at = c->n_links++;
	struct county_link *l = &c->links[at];

	l->from = from;
	l->to = to;
	l->partner = TED_NONE;
	snprintf(l->name, sizeof(l->name), "l%u", at);
	l->delta.object = TED_OBJECT_LINK;
	l->delta.key.link = net_link(c->nodes[from].key.node, c->nodes[to].key.node);
	l->delta.key.link.has_ids = true;
	/* ranks are not the order of arrival */
	l->delta.key.link.local_id = 1 + (at * 2654435761u) % 1000003;
	l->delta.key.link.remote_id = at;
	county_draw_link(c, at, state);
	return at;
}

static void
add_fibre(struct county *c, uint32_t a, uint32_t b, uint64_t *state)
{
	uint32_t there = add_link(c, a, b, state), back;

	if (chance(state, 3))
		return;
	back = add_link(c, b, a, state);
	if (c->shape == COUNTY_GRID || chance(state, 80)) {
		c->links[back].delta.attr.link.igp_metric =
		    c->links[there].delta.attr.link.igp_metric;
		c->links[there].partner = back;
		c->links[back].partner = there;
	}
}

static void
draw_fibres(struct county *c, uint64_t *state)
{
	uint32_t n = c->n_nodes, side = 1;

	while (side * side < n)
		side++;
	for (uint32_t i = 0; i < n; i++) {
		if (c->shape == COUNTY_GRID && (i + 1) % side != 0 && i + 1 < n)
			add_fibre(c, i, i + 1, state);
		if (c->shape == COUNTY_GRID && i + side < n)
			add_fibre(c, i, i + side, state);
		for (unsigned j = 0; c->shape == COUNTY_RANDOM && j < 2; j++)
			add_fibre(c, i, (i + 1 + suite_below(state, n - 1)) % n, state);
		if (c->shape != COUNTY_RINGS && c->shape != COUNTY_HUGE)
			continue;
		if (i - i % 8 + (i + 1) % 8 < n && i - i % 8 + (i + 1) % 8 != i)
			add_fibre(c, i, i - i % 8 + (i + 1) % 8, state);
		if (i % 8 < 2 && i > 8)
			add_fibre(c, i, suite_below(state, i - i % 8), state);
	}
	for (uint32_t i = 0; i < n / 50 + 1; i++) /* parallel ones */
		add_fibre(c, c->links[i].from, c->links[i].to, state);
}

void
county_say_site(struct ted *ted, unsigned site, uint64_t ppt)
{
	struct ted_delta d = { .object = TED_OBJECT_SITE };

	d.key.number = ted_site_number(county_sites[site]);
	d.attr.srlg.name = county_sites[site];
	d.attr.srlg.unavailability_ppt = ppt;
	say(ted, FILE_1, d);
}

static void
say_risks(struct ted *ted, uint32_t n)
{
	for (unsigned i = 0; i < 2; i++)
		county_say_site(ted, i, 5000000 * i);
	for (uint32_t i = 1; i <= n / 4 + 2; i++) {
		struct ted_delta d = { .object = TED_OBJECT_SRLG, .key.number = i };

		d.attr.srlg.unavailability_ppt = i % 3 * 1000000;
		say(ted, FILE_1, d);
	}
}

void
county_begin(struct county *c, enum county_shape shape, uint32_t n, uint64_t *state)
{
	struct pce_error err = { 0 };

	*c = (struct county){ .shape = shape, .n_nodes = n };
	c->independent = chance(state, 35);
	c->nodes = calloc(n, sizeof(*c->nodes));
	c->node_srlgs = calloc(n, sizeof(*c->node_srlgs));
	c->links = calloc(n * 5 + 100, sizeof(*c->links));
	ck_assert(c->nodes && c->node_srlgs && c->links);
	for (uint32_t i = 0; i < n; i++) {
		uint32_t id = 1 + (i * 40503u) % 65521 * 65536 + i;
		char name[16];

		c->nodes[i].object = TED_OBJECT_NODE;
		/* no metric is too large for nodes that only a file knows */
		snprintf(name, sizeof(name), "n%u", id);
		c->nodes[i].key.node = shape == COUNTY_HUGE ? net_static(name)
				       : i % 50 == 49       ? net_pseudonode(id, 1)
							    : net_isis(id);
		county_draw_node(c, i, state);
	}
	draw_fibres(c, state);
	ck_assert(ted_new(&c->ted, 1, &err) == PCE_OK);
	for (uint32_t i = 0; i < n; i++)
		county_say_node(c, c->ted, i);
	for (uint32_t i = 0; i < c->n_links; i++)
		county_say_link(c, c->ted, i);
	say_risks(c->ted, n);
	settle(c->ted, NULL);
}

void
county_end(struct county *c)
{
	ted_free(c->ted);
	free(c->nodes);
	free(c->node_srlgs);
	free(c->links);
}

struct ted *
county_again(struct county *c, uint64_t *state)
{
	uint32_t n = c->n_nodes + c->n_links, *order = calloc(n, sizeof(*order));
	struct pce_error err = { 0 };
	struct ted *ted = NULL;

	ck_assert_ptr_nonnull(order);
	ck_assert(ted_new(&ted, state ? suite_random(state) : 7, &err) == PCE_OK);
	say_risks(ted, c->n_nodes);
	for (uint32_t i = 0; i < n; i++) {
		uint32_t other = state ? suite_below(state, i + 1) : i;

		order[i] = order[other];
		order[other] = i;
	}
	for (uint32_t i = 0; i < n; i++)
		if (order[i] < c->n_nodes)
			county_say_node(c, ted, order[i]);
		else
			county_say_link(c, ted, order[i] - c->n_nodes);
	settle(ted, NULL);
	free(order);
	return ted;
}
