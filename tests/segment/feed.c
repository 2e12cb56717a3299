#include "tests/segment/feed.h"

#include <string.h>

#include "tests/support/suite.h"

struct feed feed;
static struct pce_error err;

static void
write_sid(uint8_t sid[16], uint32_t node, uint16_t function)
{
	memset(sid, 0, 16);
	memcpy(sid, "\xfc\xbb\xbb\x00", 4);
	sid[4] = (uint8_t)(node >> 8);
	sid[5] = (uint8_t)node;
	sid[6] = (uint8_t)(function >> 8);
	sid[7] = (uint8_t)function;
}

void
feed_node(uint32_t id, bool sids)
{
	struct ted_delta *d = &feed.deltas[feed.n];
	struct ted_msd *msd = &feed.msd[feed.n++];

	*msd = (struct ted_msd){ TED_MSD_H_ENCAPS, 6 };
	*d = (struct ted_delta){ .object = TED_OBJECT_NODE, .key.node = net_isis(id) };
	d->attr.node.present = TED_NODE_MSD;
	d->attr.node.msd = msd;
	d->attr.node.n_msd = 1;
	if (!sids)
		return;
	d = &feed.deltas[feed.n++];
	*d = (struct ted_delta){ .object = TED_OBJECT_PREFIX };
	d->key.prefix.node = net_isis(id);
	d->key.prefix.prefix.addr.family = IP_V6;
	write_sid(d->key.prefix.prefix.addr.octets, id, 0);
	d->key.prefix.prefix.len = 48;
	d->attr.prefix.has_locator = true;
	d = &feed.deltas[feed.n++];
	*d = (struct ted_delta){ .object = TED_OBJECT_SID };
	d->key.sid.node = net_isis(id);
	write_sid(d->key.sid.sid, id, 1);
	d->attr.sid.behavior = TED_BEHAVIOR_END;
	d->attr.sid.structure = (struct ted_sid_structure){ 32, 16, 16, 0 };
}

void
feed_link(uint32_t a, uint32_t b, uint8_t subnet, bool up, uint32_t metric, bool sids)
{
	struct ted_delta *d = &feed.deltas[feed.n];
	struct ted_sid *sid = &feed.endx[feed.n++];

	*d = (struct ted_delta){ .object = TED_OBJECT_LINK };
	d->key.link = net_addressed(net_isis(a), net_isis(b), subnet, up);
	d->attr.link.present = TED_LINK_IGP_METRIC;
	d->attr.link.igp_metric = metric;
	if (!sids)
		return;
	*sid = (struct ted_sid){ .behavior = TED_BEHAVIOR_END_X };
	write_sid(sid->sid, a, (uint16_t)(0xe000 + subnet));
	d->attr.link.present |= TED_LINK_SIDS;
	d->attr.link.sids = sid;
	d->attr.link.n_sids = 1;
}

void
random_feed(uint64_t *random)
{
	uint32_t n = 4 + suite_below(random, 5), fibres = n + suite_below(random, 2 * n);
	bool sids = suite_below(random, 4) > 0;

	feed.n = 0;
	for (uint32_t k = 1; k <= n; k++)
		feed_node(k, sids);
	for (uint8_t k = 0; k < fibres; k++) {
		uint32_t a = 1 + suite_below(random, n), b = 1 + suite_below(random, n);
		uint32_t there = 1 + suite_below(random, 3), back = 1 + suite_below(random, 3);

		if (a == b)
			continue;
		feed_link(a, b, k, true, there, sids);
		feed_link(b, a, k, false, back, sids);
	}
}

struct ted *
ted_of_feed(uint64_t seed, uint64_t *shuffle)
{
	const struct ted_change *changes;
	struct ted *ted;
	size_t n, order[DELTAS];

	ck_assert_int_eq(ted_new(&ted, seed, &err), PCE_OK);
	for (size_t k = 0; k < feed.n; k++) {
		size_t at = shuffle ? suite_below(shuffle, (uint32_t)k + 1) : k;

		order[k] = order[at];
		order[at] = k;
	}
	for (size_t k = 0; k < feed.n; k++) {
		ck_assert_int_eq(ted_apply(ted, PEER_1, &feed.deltas[order[k]], 1, &err), PCE_OK);
		if (shuffle && suite_below(shuffle, 4) == 0)
			ck_assert_int_eq(ted_settle(ted, &changes, &n, &err), PCE_OK);
	}
	ck_assert_int_eq(ted_settle(ted, &changes, &n, &err), PCE_OK);
	return ted;
}

void
enrich_feed(uint64_t *random, bool csids, uint32_t range)
{
	for (size_t k = 0; k < feed.n; k++) {
		struct ted_link_attr *link = &feed.deltas[k].attr.link;
		struct ted_sid_attr *sid = &feed.deltas[k].attr.sid;

		if (csids && feed.deltas[k].object == TED_OBJECT_SID) {
			feed.deltas[k].key.sid.sid[7] = 0;
			sid->behavior = TED_BEHAVIOR_END_NEXT_CSID;
			sid->structure = (struct ted_sid_structure){ 32, 16, 0, 80 };
		}
		if (feed.deltas[k].object != TED_OBJECT_LINK)
			continue;
		link->present |= TED_LINK_TE_METRIC | TED_LINK_DELAY | TED_LINK_CAPACITY;
		link->te_metric = 1 + suite_below(random, range);
		link->delay_us = 1 + suite_below(random, range);
		link->capacity_bps = 1000000000ull * (1 + suite_below(random, 3));
		if (csids && link->n_sids) {
			memmove(&feed.endx[k].sid[4], &feed.endx[k].sid[6], 2);
			memset(&feed.endx[k].sid[6], 0, 2);
			feed.endx[k].behavior = TED_BEHAVIOR_END_X_NEXT_CSID;
			feed.endx[k].structure = (struct ted_sid_structure){ 32, 0, 16, 80 };
		}
	}
}
