#include "tests/path/town.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

#include "tests/support/suite.h"
#include "tests/ted/net.h"

#define METRIC_HUGE 4294967294u
#define NEVER_WORKS 1000000000000u

static bool
chance(uint64_t *state, uint32_t percent)
{
	return suite_below(state, 100) < percent;
}

static uint64_t
draw_ppt(uint64_t *state)
{
	static const uint64_t values[] = { 0,          0,           1000000,
					   25000000,   100000000,   1000,
					   4000000000, 30000000000, NEVER_WORKS - 1,
					   1 };

	return chance(state, 2) ? NEVER_WORKS
				: values[suite_below(state, chance(state, 90) ? 8 : 10)];
}

static uint32_t
draw_metric(uint64_t *state)
{
	static const uint32_t usual[] = { 0, 1, 1, 2, 2, 3, 5, 10 };
	static const uint32_t odd[] = { 16777214, METRIC_HUGE, 1000000, 65535 };

	return chance(state, 93) ? usual[suite_below(state, 8)] : odd[suite_below(state, 4)];
}

static const char *const sites[] = { "hill", "dale", "shore" };

/* A site for some nodes; drawn apart, so that the rest of the town does not depend on it. */
static void
draw_site(struct ted_node_attr *a, uint64_t state)
{
	if (!chance(&state, 40))
		return;
	a->site = sites[suite_below(&state, 3)];
	a->present |= TED_NODE_SITE;
}

/* A quarter of the networks are known from files alone: there no IGP metric is too large. */
static struct ted_node_key
draw_node_key(uint64_t *state, uint32_t number, const char *name, bool from_file)
{
	uint32_t id = 1 + suite_below(state, 50) * 16 + number;

	if (from_file)
		return net_static(name);
	return number > 1 && chance(state, 8) ? net_pseudonode(number, 1) : net_isis(id);
}

static struct ted_node_key
draw_node(struct ted *ted, uint64_t *state, uint32_t number, bool from_file)
{
	static const char *const kinds[] = { "cache", "firewall" };
	struct ted_delta d = { .object = TED_OBJECT_NODE };
	struct ted_node_attr *a = &d.attr.node;
	uint32_t srlg = 1 + suite_below(state, 4);
	char name[16];

	snprintf(name, sizeof(name), "n%u", from_file ? number * 5 % 11 : number);
	d.key.node = draw_node_key(state, number, name, from_file);
	a->name = name;
	a->present = TED_NODE_NAME;
	if (chance(state, 60)) {
		a->present |= TED_NODE_AVAILABILITY;
		a->unavailability_ppt = draw_ppt(state);
	}
	a->overload = chance(state, 6);
	a->present |= a->overload ? TED_NODE_OVERLOAD : 0;
	a->srlg = &srlg;
	a->n_srlg = chance(state, 20);
	a->present |= a->n_srlg > 0 ? TED_NODE_SRLG : 0;
	a->services = kinds + suite_below(state, 2);
	a->n_services = chance(state, 45);
	a->present |= a->n_services > 0 ? TED_NODE_SERVICES : 0;
	draw_site(a, *state ^ number);
	say(ted, FILE_1, d);
	if (chance(state, 3)) {
		*a = (struct ted_node_attr){ .present = TED_NODE_ADMIN, .admin_down = true };
		say(ted, OPERATOR_1, d);
	}
	return d.key.node;
}

static size_t
draw_srlgs(uint64_t *state, uint32_t list[3])
{
	static const uint32_t numbers[] = { 1, 2, 3, UINT32_MAX };
	size_t n = 0;

	for (unsigned i = 0; i < 4 && n < 3; i++)
		if (chance(state, 20))
			list[n++] = numbers[i];
	return n;
}

static void
draw_bits(uint64_t *state, uint32_t words[4])
{
	static const unsigned bits[] = { 0, 31, 32, 100 };

	memset(words, 0, 4 * sizeof(*words));
	for (unsigned i = 0; i < 4; i++)
		if (chance(state, 50))
			words[bits[i] / 32] |= 1u << (bits[i] % 32);
}

/* Mostly few different ones; some above what 32 bits of kbit/s hold, some a few bit/s apart. */
static uint64_t
draw_residual(uint64_t *state)
{
	static const uint64_t odd[] = { 1000,          3999000000000,    5000000000000,
					5000000000001, UINT64_MAX - 999, 999 };

	if (chance(state, 5))
		return odd[suite_below(state, 6)];
	return (uint64_t)suite_below(state, 9) * 100000000 +
	       (chance(state, 5) ? suite_below(state, 3) * 400 : 0);
}

/* One directed link; reverse NULL: it stands alone. */
static void
draw_link(struct ted *ted, uint64_t *state, const struct ted_link_key *key,
	  const struct ted_link_key *reverse, uint64_t ppt)
{
	static const char *const both[] = { "blue", "red", "blue" };
	struct ted_delta d = { .object = TED_OBJECT_LINK, .key.link = *key };
	struct ted_link_attr *a = &d.attr.link;
	uint32_t words[4], srlgs[3];
	char name[16];

	snprintf(name, sizeof(name), "l%u", key->local_id);
	a->name = name;
	a->present = TED_LINK_NAME | TED_LINK_IGP_METRIC | TED_LINK_TE_METRIC | TED_LINK_DELAY |
		     TED_LINK_LOSS | TED_LINK_START_RESIDUAL | TED_LINK_CAPACITY |
		     TED_LINK_AFFINITY | TED_LINK_SRLG | TED_LINK_SLICES;
	a->igp_metric = draw_metric(state);
	a->te_metric = chance(state, 3) ? TED_METRIC_UNREACHABLE : draw_metric(state);
	a->delay_us = chance(state, 97) ? 100 * suite_below(state, 8) : METRIC_HUGE;
	a->loss_ppb = suite_below(state, 4) * 1000;
	a->capacity_bps = 10000000000;
	a->start_residual_bps = draw_residual(state);
	draw_bits(state, words);
	a->affinity = words;
	a->n_affinity = 4;
	a->srlg = srlgs;
	a->n_srlg = draw_srlgs(state, srlgs);
	if (chance(state, 90)) {
		a->present |= TED_LINK_AVAILABILITY;
		a->unavailability_ppt = ppt;
	}
	a->slices = both + suite_below(state, 2);
	a->n_slices = suite_below(state, 3);
	a->reverse = reverse;
	a->present |= reverse ? TED_LINK_REVERSE : 0;
	say(ted, FILE_1, d);
	if (chance(state, 4)) {
		*a = (struct ted_link_attr){ .present = TED_LINK_ADMIN, .admin_down = true };
		say(ted, OPERATOR_1, d);
	}
}

static struct ted_link_key
link_key(const struct ted_node_key *nodes, uint32_t a, uint32_t b, uint32_t id)
{
	struct ted_link_key key = net_link(nodes[a], nodes[b]);

	key.has_ids = true;
	key.local_id = 1 + id * 7 % 64;
	key.remote_id = id;
	return key;
}

static void
draw_fibre(struct ted *ted, uint64_t *state, const struct ted_node_key *nodes,
	   const uint32_t ends[2], uint32_t *n_links)
{
	struct ted_link_key there = link_key(nodes, ends[0], ends[1], *n_links);
	struct ted_link_key back = link_key(nodes, ends[1], ends[0], *n_links + 1);
	bool paired = chance(state, 80);
	uint64_t ppt = draw_ppt(state);

	if (ends[0] == ends[1] || chance(state, 22)) {
		draw_link(ted, state, &there, NULL, ppt);
		++*n_links;
		return;
	}
	draw_link(ted, state, &there, paired ? &back : NULL, ppt);
	/* mostly both directions of a fibre fail equally often */
	draw_link(ted, state, &back, NULL, paired && chance(state, 85) ? ppt : draw_ppt(state));
	*n_links += 2;
}

static void
draw_risks(struct ted *ted, uint64_t *state)
{
	static const uint32_t numbers[] = { 1, 2, 3, 4, UINT32_MAX };
	uint64_t apart = *state ^ 77;

	for (unsigned i = 0; i < 3; i++) {
		struct ted_delta d = { .object = TED_OBJECT_SITE };

		d.key.number = ted_site_number(sites[i]);
		d.attr.srlg = (struct ted_srlg_attr){ sites[i], draw_ppt(&apart) };
		if (chance(&apart, 75))
			say(ted, FILE_1, d);
	}

	for (unsigned i = 0; i < 5; i++) {
		struct ted_delta d = { .object = TED_OBJECT_SRLG, .key.number = numbers[i] };

		d.attr.srlg.unavailability_ppt = draw_ppt(state);
		if (chance(state, 75))
			say(ted, FILE_1, d);
	}
}

static void
draw_bookings(struct ted *ted, uint64_t *state)
{
	struct pce_error err = { 0 };

	for (uint32_t i = 0; i < ted_link_count(ted); i++) {
		if (chance(state, 15))
			ck_assert(ted_book(ted, i, 150000000, &err) == PCE_OK);
		if (chance(state, 5))
			ck_assert(ted_hold_slice(ted, i, 50000000, &err) == PCE_OK);
	}
}

struct ted *
town_draw(struct town_size size, uint64_t *state)
{
	struct ted_node_key nodes[REFEREE_NODES];
	uint32_t n = 2 + suite_below(state, size.most_nodes - 1), n_links = 0, fibres, islands;
	struct pce_error err = { 0 };
	struct ted *ted = NULL;
	bool from_file = chance(state, 25);

	if (n < size.most_nodes && chance(state, 70))
		n = size.most_nodes;
	islands = chance(state, 5) ? 2 : 1;
	ck_assert(ted_new(&ted, suite_random(state), &err) == PCE_OK);
	for (uint32_t i = 0; i < n; i++)
		nodes[i] = draw_node(ted, state, i, from_file);
	fibres = n + 3 + suite_below(state, n + 6);
	for (uint32_t i = 0; i < fibres && n_links + 2 <= size.most_links; i++) {
		uint32_t ends[2] = { i < n ? i : suite_below(state, n), 0 };

		ends[1] =
		    chance(state, 2) ? ends[0] : (ends[0] + 1 + suite_below(state, n - 1)) % n;
		if (islands == 1 || ends[0] % 2 == ends[1] % 2)
			draw_fibre(ted, state, nodes, ends, &n_links);
	}
	draw_risks(ted, state);
	settle(ted, NULL);
	draw_bookings(ted, state);
	return ted;
}
