/* The network of the world, as a feed tells it. */
#include "tests/service/world.h"

#include <stdio.h>
#include <string.h>

#define FEED ((struct ted_source){ TED_SOURCE_BGPLS, 1 })

/* --- the network as deltas --- */

static struct ted_node_key
node_key(unsigned node)
{
	struct ted_node_key key = { .protocol = TED_PROTOCOL_ISIS_L2, .asn = 65000 };

	key.router_id_len = 6;
	key.router_id[4] = 1;
	key.router_id[5] = (uint8_t)(node + 1);
	return key;
}

static void
sid_octets(unsigned node, unsigned function, uint8_t out[16])
{
	memset(out, 0, 16);
	out[0] = 0xfc;
	out[4] = (uint8_t)(node + 1);
	out[7] = (uint8_t)function;
}

static struct ted_link_key
link_key(const struct world *w, unsigned fibre, unsigned half)
{
	const struct world_fibre *f = &w->fibres[fibre];
	struct ted_link_key key = { 0 };

	key.local = node_key(half == 0 ? f->a : f->b);
	key.remote = node_key(half == 0 ? f->b : f->a);
	key.has_ids = true;
	key.local_id = fibre * 2 + half + 1;
	key.remote_id = fibre * 2 + (1 - half) + 1;
	return key;
}

static void
send_deltas(struct world *w, const struct ted_delta *deltas, size_t n)
{
	struct service_event e = { .kind = SERVICE_FEED_UPDATE };

	e.u.feed_update.source = FEED;
	e.u.feed_update.deltas = deltas;
	e.u.feed_update.n = n;
	e.u.feed_update.received = w->now;
	world_event(w, &e);
}

void
world_feed(struct world *w, enum ted_source_event event)
{
	struct service_event e = { .kind = SERVICE_FEED_STATE };

	e.u.feed_state.source = FEED;
	e.u.feed_state.name = "rr1";
	e.u.feed_state.event = event;
	e.u.feed_state.stale_time_s = 300;
	world_event(w, &e);
}

static void
tell_node(struct world *w, unsigned node)
{
	struct ted_delta d[3] = { { .object = TED_OBJECT_NODE, .op = TED_SET },
				  { .object = TED_OBJECT_PREFIX, .op = TED_SET },
				  { .object = TED_OBJECT_SID, .op = TED_SET } };

	d[0].key.node = node_key(node);
	d[0].attr.node.present = TED_NODE_NAME | TED_NODE_ROUTER_ID_V6 | TED_NODE_SRV6;
	d[0].attr.node.name = w->node_names[node];
	d[0].attr.node.router_id_v6.family = IP_V6;
	d[0].attr.node.router_id_v6.octets[0] = 0xfd;
	d[0].attr.node.router_id_v6.octets[15] = (uint8_t)(node + 1);
	d[1].key.prefix.node = node_key(node);
	d[1].key.prefix.prefix.addr.family = IP_V6;
	sid_octets(node, 0, d[1].key.prefix.prefix.addr.octets);
	d[1].key.prefix.prefix.len = 48;
	d[1].attr.prefix.has_locator = true;
	d[2].key.sid.node = node_key(node);
	sid_octets(node, 1, d[2].key.sid.sid);
	d[2].attr.sid.behavior = TED_BEHAVIOR_END_PSP_USD;
	d[2].attr.sid.structure = (struct ted_sid_structure){ 32, 16, 16, 0 };
	send_deltas(w, d, 3);
}

void
world_tell_link(struct world *w, unsigned fibre, unsigned half)
{
	const struct world_fibre *f = &w->fibres[fibre];
	struct ted_delta d = { .object = TED_OBJECT_LINK };
	struct ted_sid sid = { .behavior = TED_BEHAVIOR_END_X_PSP_USD,
			       .structure = { 32, 16, 16, 0 } };
	char name[32];

	w->now = usec_add(w->now, w->link_gap_us);
	d.op = f->up[half] ? TED_SET : TED_DELETE;
	d.key.link = link_key(w, fibre, half);
	snprintf(name, sizeof(name), "f%u.%u", fibre, half);
	sid_octets(half == 0 ? f->a : f->b, 0x10 + fibre * 2 + half, sid.sid);
	d.attr.link.present = TED_LINK_NAME | TED_LINK_IGP_METRIC | TED_LINK_DELAY |
			      TED_LINK_CAPACITY | TED_LINK_SIDS | TED_LINK_AVAILABILITY;
	d.attr.link.name = name;
	d.attr.link.igp_metric = f->metric;
	d.attr.link.delay_us = f->delay_us;
	d.attr.link.capacity_bps = f->capacity_bps;
	d.attr.link.unavailability_ppt = f->unavailability_ppt;
	d.attr.link.sids = &sid;
	d.attr.link.n_sids = 1;
	send_deltas(w, &d, 1);
}

void
world_cut(struct world *w, unsigned fibre)
{
	for (unsigned half = 0; half < 2; half++) {
		w->fibres[fibre].up[half] = false;
		world_tell_link(w, fibre, half);
	}
}

void
world_mend(struct world *w, unsigned fibre)
{
	for (unsigned half = 0; half < 2; half++) {
		w->fibres[fibre].up[half] = true;
		world_tell_link(w, fibre, half);
	}
}

void
world_learn(struct world *w)
{
	world_feed(w, TED_SOURCE_UP);
	for (unsigned i = 0; i < w->n_nodes; i++)
		tell_node(w, i);
	for (unsigned i = 0; i < w->n_fibres; i++)
		for (unsigned half = 0; half < 2; half++)
			if (w->fibres[i].up[half])
				world_tell_link(w, i, half);
	world_feed(w, TED_SOURCE_SYNCED);
	w->synced = true;
}
