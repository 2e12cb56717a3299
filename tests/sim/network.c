/*
 * The network: small ones at random (a ring with chords, shared risk groups), or the example
 * province. It is told by two route reflectors, each an emulated BGP-LS speaker with its own BGP
 * session, so the same things come twice, at different times and in different orders.
 */
#include <stdio.h>
#include <string.h>

#include "models/import/import.h"
#include "tests/lab/bgpls_speaker.h"
#include "tests/sim/sim.h"

#define M ((uint64_t)1000000)
#define FIRST_V4 0x0a090101u /* 10.9.1.1 */

struct event_base *loop_base(bool karst);

struct sim_network network;

static struct codec_topology example;
static bool example_there;
static struct event_base *base;
static struct lab_speaker *speakers[SIM_FEEDS];

/* --- a small network at random --- */

static struct ted_node_key
key_of(uint32_t node)
{
	struct ted_node_key key = { .protocol = TED_PROTOCOL_ISIS_L2, .asn = 65000 };

	key.router_id_len = 6;
	key.router_id[4] = 1;
	key.router_id[5] = (uint8_t)(node + 1);
	return key;
}

static void
sid_of(uint32_t node, uint32_t function, uint8_t out[16])
{
	memset(out, 0, 16);
	out[0] = 0xfc;
	out[4] = (uint8_t)(node + 1);
	out[6] = (uint8_t)(function >> 8);
	out[7] = (uint8_t)function;
}

static void
add_node(uint32_t node)
{
	struct ted_delta *d = &network.deltas[network.n_deltas];
	struct sim_node *n = &network.nodes[node];

	snprintf(n->name, sizeof(n->name), "n%u", node);
	d[0] = (struct ted_delta){ .object = TED_OBJECT_NODE };
	d[0].key.node = key_of(node);
	d[0].attr.node.present = TED_NODE_NAME | TED_NODE_ROUTER_ID_V6 | TED_NODE_SRV6;
	d[0].attr.node.name = n->name;
	d[0].attr.node.router_id_v6.family = IP_V6;
	d[0].attr.node.router_id_v6.octets[0] = 0xfd;
	d[0].attr.node.router_id_v6.octets[15] = (uint8_t)(node + 1);
	d[1] = (struct ted_delta){ .object = TED_OBJECT_PREFIX };
	d[1].key.prefix.node = key_of(node);
	d[1].key.prefix.prefix.addr.family = IP_V6;
	sid_of(node, 0, d[1].key.prefix.prefix.addr.octets);
	d[1].key.prefix.prefix.len = 48;
	d[1].attr.prefix.has_locator = true;
	d[2] = (struct ted_delta){ .object = TED_OBJECT_SID };
	d[2].key.sid.node = key_of(node);
	sid_of(node, 1, d[2].key.sid.sid);
	d[2].attr.sid.behavior = TED_BEHAVIOR_END_PSP_USD;
	d[2].attr.sid.structure = (struct ted_sid_structure){ 32, 16, 16, 0 };
	network.n_deltas += 3;
}

static void *
kept(size_t size)
{
	void *at = arena_alloc(&network.arena, size);

	if (!at)
		abort();
	return at;
}

/* One direction; its reverse is the link of the other half. */
static void
add_link(uint32_t from, uint32_t to, uint32_t metric, uint64_t capacity, uint32_t group)
{
	uint32_t at = network.n_links++, half = at & 1;
	struct sim_link *l = &network.links[at];
	struct ted_delta *d = kept(sizeof(*d));
	struct ted_sid *sid = kept(sizeof(*sid));
	uint32_t *srlg = kept(sizeof(*srlg));
	char *name = kept(24);

	snprintf(name, 24, "f%u.%u", at / 2, half);
	*srlg = 100 + group;
	d->object = TED_OBJECT_LINK;
	d->key.link.local = key_of(from);
	d->key.link.remote = key_of(to);
	d->key.link.has_ids = true;
	d->key.link.local_id = at + 1;
	d->key.link.remote_id = (at ^ 1) + 1;
	sid_of(from, 0x10 + at, sid->sid);
	sid->behavior = TED_BEHAVIOR_END_X_PSP_USD;
	sid->structure = (struct ted_sid_structure){ 32, 16, 16, 0 };
	d->attr.link = (struct ted_link_attr){
		.present = TED_LINK_NAME | TED_LINK_IGP_METRIC | TED_LINK_DELAY |
			   TED_LINK_CAPACITY | TED_LINK_SIDS | (group ? TED_LINK_SRLG : 0u),
		.name = name,
		.igp_metric = metric,
		.delay_us = metric * 100,
		.capacity_bps = capacity,
		.srlg = srlg,
		.n_srlg = group ? 1 : 0,
		.sids = sid,
		.n_sids = 1,
	};
	*l = (struct sim_link){
		.delta = d, .from = from, .to = to, .reverse = at ^ 1, .name = name
	};
	l->attr = d->attr.link;
	network.groups[at] = group;
}

static void
add_fibre(uint32_t a, uint32_t b)
{
	uint32_t metric = 5 + sim_below(3) * 5, group = sim_below(2 * network.n_groups + 1);
	uint64_t capacity = (2 + sim_below(8)) * 100 * M;

	group = group <= network.n_groups ? group : 0;
	add_link(a, b, metric, capacity, group);
	add_link(b, a, metric, capacity, group);
}

static void
make_small(void)
{
	uint32_t n = 4 + sim_below(7), chords = n / 2 + sim_below(n);

	network.kind = "small";
	network.n_nodes = n;
	network.n_groups = 2 + sim_below(3);
	network.nodes = kept(n * sizeof(*network.nodes));
	network.deltas = kept(3 * n * sizeof(*network.deltas));
	network.links = kept(2 * (n + chords) * sizeof(*network.links));
	network.groups = kept(2 * (n + chords) * sizeof(*network.groups));
	for (uint32_t i = 0; i < n; i++)
		add_node(i);
	for (uint32_t i = 0; i < n; i++)
		add_fibre(i, (i + 1) % n);
	for (uint32_t i = 0; i < chords; i++) {
		uint32_t a = sim_below(n), b = (a + 1 + sim_below(n - 1)) % n;

		add_fibre(a, b);
	}
}

/* --- the example --- */

bool
network_load_example(const struct codec *codec, const char *path)
{
	struct pce_error err = { 0 };

	example_there = import_topology_file(codec, path, NULL, &example, &err) == PCE_OK;
	if (!example_there)
		fprintf(stderr, "sim: %s\n", err.text);
	return example_there;
}

static bool
same_node(const struct ted_node_key *a, const struct ted_node_key *b)
{
	return a->protocol == b->protocol && a->router_id_len == b->router_id_len &&
	       memcmp(a->router_id, b->router_id, a->router_id_len) == 0;
}

static uint32_t
find_node(const struct ted_node_key *key, const struct ted_delta *const *nodes)
{
	uint32_t i = 0;

	while (i < network.n_nodes && !same_node(&nodes[i]->key.node, key))
		i++;
	if (i == network.n_nodes)
		abort();
	return i;
}

static bool
is_reverse(const struct ted_link_key *a, const struct ted_link_key *b)
{
	return ip_compare(&a->v6_local, &b->v6_remote) == 0 &&
	       ip_compare(&a->v4_local, &b->v4_remote) == 0 && a->local_id == b->remote_id &&
	       same_node(&a->local, &b->remote) && same_node(&a->remote, &b->local);
}

static void
join_links(void)
{
	for (uint32_t i = 0; i < network.n_links; i++)
		for (uint32_t k = 0; k < network.n_links; k++)
			if (network.links[i].from == network.links[k].to &&
			    is_reverse(&network.links[i].delta->key.link,
				       &network.links[k].delta->key.link))
				network.links[i].reverse = k;
}

static void
take_link(const struct ted_delta *d, const struct ted_delta *const *nodes)
{
	struct sim_link *l = &network.links[network.n_links];

	*l = (struct sim_link){ .delta = d, .reverse = network.n_links, .attr = d->attr.link };
	l->from = find_node(&d->key.link.local, nodes);
	l->to = find_node(&d->key.link.remote, nodes);
	l->name = d->attr.link.name;
	network.groups[network.n_links] = d->attr.link.n_srlg ? d->attr.link.srlg[0] % 8 + 1 : 0;
	network.n_links++;
}

static void
take_example(void)
{
	const struct ted_delta **nodes = kept(example.n * sizeof(*nodes));

	network.kind = "example";
	network.n_groups = 8;
	network.nodes = kept(example.n * sizeof(*network.nodes));
	network.deltas = kept(example.n * sizeof(*network.deltas));
	network.links = kept(example.n * sizeof(*network.links));
	network.groups = kept(example.n * sizeof(*network.groups));
	for (size_t i = 0; i < example.n; i++) {
		const struct ted_delta *d = &example.deltas[i];

		if (d->object == TED_OBJECT_LINK) {
			take_link(d, nodes);
			continue;
		}
		if (d->object == TED_OBJECT_NODE) {
			snprintf(network.nodes[network.n_nodes].name, sizeof(network.nodes[0].name),
				 "%s", d->attr.node.name);
			nodes[network.n_nodes++] = d;
		} else if (d->object != TED_OBJECT_PREFIX && d->object != TED_OBJECT_SID) {
			continue;
		}
		network.deltas[network.n_deltas++] = *d;
	}
	join_links();
}

void
network_make(void)
{
	memset(&network, 0, sizeof(network));
	if (example_there && sim.options.seed % 8 == 7)
		take_example();
	else
		make_small();
}

void
network_free(void)
{
	for (unsigned i = 0; i < SIM_FEEDS; i++) {
		lab_speaker_free(speakers[i]);
		speakers[i] = NULL;
	}
	event_base_free(base);
	base = NULL;
	arena_free(&network.arena);
}

/* --- telling --- */

uint32_t
network_address(unsigned feed)
{
	return FIRST_V4 + feed;
}

static void
say(unsigned feed, const struct ted_delta *deltas, size_t n)
{
	struct pce_error err = { 0 };

	if (speakers[feed] && lab_speaker_say(speakers[feed], deltas, n, &err))
		abort();
}

/* Whether the feeds say that a link is there. */
static bool
is_told(const struct sim_link *l)
{
	return l->hidden == 0 && (l->down == 0 || l->kept > 0);
}

static void
say_link(unsigned feed, uint32_t link)
{
	const struct sim_link *l = &network.links[link];
	struct ted_delta d = *l->delta;

	d.op = is_told(l) ? TED_SET : TED_DELETE;
	d.attr.link = l->attr;
	say(feed, &d, 1);
}

void
network_tell(uint32_t link)
{
	for (unsigned feed = 0; feed < SIM_FEEDS; feed++)
		say_link(feed, link);
}

void
network_down(uint32_t link, bool down)
{
	struct sim_link *l = &network.links[link];
	bool was = l->down > 0, told = is_told(l);

	if (down)
		l->down++;
	else if (l->down > 0)
		l->down--;
	if (was != (l->down > 0)) {
		sim_log("link %s is %s", l->name, l->down ? "down" : "up");
		if (told != is_told(l))
			network_tell(link);
	}
}

void
network_lie(uint32_t link, bool gone, bool begin)
{
	struct sim_link *l = &network.links[link];
	unsigned *lies = gone ? &l->hidden : &l->kept;
	bool told = is_told(l);

	if (begin)
		++*lies;
	else if (*lies > 0)
		--*lies;
	if (told == is_told(l))
		return;
	sim_log("the feeds say that link %s is %s", l->name, told ? "gone" : "there");
	network_tell(link);
}

void
network_speaker(unsigned feed, bool run)
{
	uint8_t octets[4] = { 10, 9, 1, (uint8_t)(1 + feed) }, karst[4] = { 10, 9, 0, 1 };
	struct lab_speaker_setup setup = {
		.peer = ip_v4(karst),
		.peer_port = 179,
		.local = ip_v4(octets),
		.passive = true,
		.listen_port = 179,
		.asn = 65000,
		.peer_asn = 65000,
		.router_id = FIRST_V4 + feed,
		.no_end_of_rib = false,
		.mt_last = feed == 1,
	};
	struct pce_error err = { 0 };

	if (run == (speakers[feed] != NULL))
		return;
	if (!run) {
		lab_speaker_free(speakers[feed]);
		speakers[feed] = NULL;
		return;
	}
	if (lab_speaker_new(base, &setup, &speakers[feed], &err)) {
		fprintf(stderr, "sim: %s\n", err.text);
		abort();
	}
	say(feed, network.deltas, network.n_deltas);
	for (uint32_t i = 0; i < network.n_links; i++)
		if (is_told(&network.links[i]))
			say_link(feed, i);
}

void
network_repeat(unsigned feed)
{
	struct lab_encoding how = { .mt_last = feed == 1 };
	static uint8_t nlri[LAB_NLRI_MAX], attr[4096], body[4096];

	for (unsigned i = 0; i < 8; i++) {
		const struct sim_link *l = &network.links[sim_below(network.n_links)];
		struct ted_delta d = *l->delta;
		size_t nlri_len, attr_len, len;

		if (!is_told(l) || !speakers[feed])
			continue;
		d.attr.link = l->attr;
		nlri_len = lab_encode_nlri(&d, &how, nlri, sizeof(nlri));
		attr_len = lab_encode_attr(&d, &how, attr, sizeof(attr));
		if (nlri_len == 0 || attr_len == SIZE_MAX)
			abort();
		len = lab_encode_announce(&how, nlri, nlri_len, attr, attr_len, body, sizeof(body));
		lab_speaker_raw(speakers[feed], body, len, NULL);
	}
}

void
network_start(void)
{
	base = loop_base(false);
	for (unsigned feed = 0; feed < SIM_FEEDS; feed++) {
		struct sim_wire *w = net_wire_to(network_address(feed));

		w->latency_us = 300 + sim_below(20000);
		w->jitter_us = 200 + sim_below(5000);
		network_speaker(feed, true);
	}
}

void
network_heal(void)
{
	for (uint32_t i = 0; i < network.n_nodes; i++)
		network.nodes[i].down = 0;
	for (uint32_t i = 0; i < network.n_links; i++) {
		while (network.links[i].hidden)
			network_lie(i, true, false);
		while (network.links[i].kept)
			network_lie(i, false, false);
		while (network.links[i].down)
			network_down(i, false);
	}
	for (unsigned feed = 0; feed < SIM_FEEDS; feed++) {
		struct sim_wire *w = net_wire_to(network_address(feed));

		w->black_hole = false;
		w->stalled_until = (struct usec){ 0 };
		net_refuse(network_address(feed), false);
		network_speaker(feed, true);
	}
}
