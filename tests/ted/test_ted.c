/* The rules of merging, one by one. */
#include <string.h>

#include "tests/support/suite.h"
#include "tests/ted/net.h"

static struct ted *ted;

static void
setup(void)
{
	struct pce_error err;

	ck_assert_int_eq(ted_new(&ted, 1, &err), PCE_OK);
}

static void
teardown(void)
{
	ted_free(ted);
}

/* Two routers A and B with one link each way. */
static void
say_pair(struct ted_source source)
{
	say_node(ted, source, net_isis(1), "A");
	say_node(ted, source, net_isis(2), "B");
	say_link(ted, source, net_addressed(net_isis(1), net_isis(2), 1, true), 10);
	say_link(ted, source, net_addressed(net_isis(2), net_isis(1), 1, false), 20);
}

START_TEST(settle_feed_pair_is_usable_and_paired)
{
	say_pair(PEER_1);
	ck_assert_uint_eq(settle(ted, NULL), 4);
	ck_assert_uint_eq(link_named(ted, "A-B")->unusable, 0);
	ck_assert_uint_eq(link_named(ted, "A-B")->igp_metric, 10);
	ck_assert_uint_eq(link_named(ted, "A-B")->te_metric, 10);
	ck_assert_uint_eq(link_named(ted, "A-B")->reverse, link_row_named(ted, "B-A"));
	ck_assert_uint_eq(link_named(ted, "B-A")->reverse, link_row_named(ted, "A-B"));
	ck_assert_uint_eq(ted_revision(ted), 1);
	ck_assert_uint_eq(settle(ted, NULL), 0);
	ck_assert_uint_eq(ted_revision(ted), 1);
}
END_TEST

START_TEST(settle_half_link_withdrawn_takes_both_directions)
{
	const struct ted_change *changes;
	size_t n;

	say_pair(PEER_1);
	settle(ted, NULL);
	unsay_link(ted, PEER_1, net_addressed(net_isis(1), net_isis(2), 1, true));
	n = settle(ted, &changes);
	ck_assert_uint_eq(n, 2);
	ck_assert_uint_eq(changes[0].what, TED_CHANGED_GONE);
	ck_assert_uint_eq(changes[1].what, TED_CHANGED_GONE);
	ck_assert_uint_eq(link_named(ted, "A-B")->unusable, TED_UNUSABLE_WITHDRAWN);
	ck_assert_uint_eq(link_named(ted, "B-A")->unusable, TED_UNUSABLE_ONE_WAY);
}
END_TEST

START_TEST(settle_two_peers_lives_until_both_withdraw)
{
	struct ted_link_key key = net_addressed(net_isis(1), net_isis(2), 1, true);

	say_pair(PEER_1);
	say_pair(PEER_2);
	settle(ted, NULL);
	unsay_link(ted, PEER_1, key);
	settle(ted, NULL);
	ck_assert_uint_eq(link_named(ted, "A-B")->unusable, 0);
	unsay_link(ted, PEER_2, key);
	settle(ted, NULL);
	ck_assert_uint_eq(link_named(ted, "A-B")->unusable, TED_UNUSABLE_WITHDRAWN);
}
END_TEST

/* One of two reflectors is lost; what the other one withdraws then is gone, whatever the lost one
 * said last. */
START_TEST(settle_live_withdrawal_beats_lost_peer)
{
	struct ted_link_key key = net_addressed(net_isis(1), net_isis(2), 1, true);

	for (int expired = 0; expired < 2; expired++) {
		event(ted, PEER_1, TED_SOURCE_UP);
		event(ted, PEER_2, TED_SOURCE_UP);
		say_pair(PEER_1);
		say_pair(PEER_2);
		event(ted, PEER_1, TED_SOURCE_SYNCED);
		event(ted, PEER_2, TED_SOURCE_SYNCED);
		event(ted, PEER_2, TED_SOURCE_LOST);
		if (expired)
			event(ted, PEER_2, TED_SOURCE_EXPIRED);
		settle(ted, NULL);
		ck_assert_uint_eq(link_named(ted, "A-B")->unusable, 0);
		unsay_link(ted, PEER_1, key);
		settle(ted, NULL);
		ck_assert_uint_eq(link_named(ted, "A-B")->unusable, TED_UNUSABLE_WITHDRAWN);
		/* Both lost: it counts who was lost for longer, as far as that is known. */
		event(ted, PEER_1, TED_SOURCE_LOST);
		settle(ted, NULL);
		ck_assert_uint_eq(link_named(ted, "A-B")->unusable,
				  expired ? TED_UNUSABLE_WITHDRAWN : 0);
	}
}
END_TEST

START_TEST(settle_metric_change_is_only_that)
{
	const struct ted_change *changes;

	say_pair(PEER_1);
	settle(ted, NULL);
	say_link(ted, PEER_1, net_addressed(net_isis(1), net_isis(2), 1, true), 11);
	ck_assert_uint_eq(settle(ted, &changes), 1);
	/* The TE metric follows the IGP metric where none is given. */
	ck_assert_uint_eq(changes[0].what, TED_CHANGED_METRIC | TED_CHANGED_TE);
	ck_assert(changes[0].is_link);
	ck_assert_uint_eq(changes[0].row, link_row_named(ted, "A-B"));
}
END_TEST

START_TEST(settle_file_static_links_stand_alone)
{
	struct ted_link_key key = net_link(net_static("A"), net_static("B"));

	say_node(ted, FILE_1, net_static("A"), NULL);
	say_node(ted, FILE_1, net_static("B"), NULL);
	key.name = "one";
	say_link(ted, FILE_1, key, 5);
	settle(ted, NULL);
	ck_assert_uint_eq(link_named(ted, "one")->unusable, 0);
	ck_assert_uint_eq(link_named(ted, "one")->reverse, TED_NONE);
}
END_TEST

START_TEST(settle_file_reverse_ties_directions)
{
	struct ted_link_key ab = net_link(net_static("A"), net_static("B"));
	struct ted_link_key ba = net_link(net_static("B"), net_static("A"));
	struct ted_delta d = { .object = TED_OBJECT_LINK };

	ab.name = "ab";
	ba.name = "ba";
	d.key.link = ab;
	d.attr.link.present = TED_LINK_REVERSE;
	d.attr.link.reverse = &ba;
	say(ted, FILE_1, d);
	settle(ted, NULL);
	say_node(ted, FILE_1, net_static("A"), NULL);
	say_node(ted, FILE_1, net_static("B"), NULL);
	say_link(ted, FILE_1, ba, 5);
	settle(ted, NULL);
	ck_assert_uint_eq(link_named(ted, "ab")->reverse, link_row_named(ted, "ba"));
	ck_assert_uint_eq(link_named(ted, "ba")->reverse, link_row_named(ted, "ab"));
	ck_assert_uint_eq(link_named(ted, "ab")->igp_metric, 1);
}
END_TEST

START_TEST(settle_feed_withdrawal_beats_file)
{
	say_pair(FILE_1);
	say_pair(PEER_1);
	settle(ted, NULL);
	unsay_link(ted, PEER_1, net_addressed(net_isis(1), net_isis(2), 1, true));
	settle(ted, NULL);
	ck_assert_uint_eq(link_named(ted, "A-B")->unusable, TED_UNUSABLE_DOWN);
	ck_assert(link_named(ted, "B-A")->unusable & TED_UNUSABLE_ONE_WAY);
	event(ted, PEER_1, TED_SOURCE_REMOVED);
	settle(ted, NULL);
	ck_assert_uint_eq(link_named(ted, "A-B")->unusable, 0);
	ck_assert_uint_eq(link_named(ted, "B-A")->unusable, 0);
}
END_TEST

START_TEST(settle_static_file_binds_to_feed_in_any_order)
{
	for (int order = 0; order < 2; order++) {
		struct ted_link_key key = net_link(net_static("A"), net_static("B"));
		struct ted_delta d = { .object = TED_OBJECT_LINK, .key.link = key };

		d.attr.link.present = TED_LINK_CAPACITY;
		d.attr.link.capacity_bps = 1000000;
		d.key.link.name = "fibre";
		if (order)
			say_pair(PEER_1);
		if (order)
			settle(ted, NULL);
		say_node(ted, FILE_1, net_static("A"), NULL);
		say_node(ted, FILE_1, net_static("B"), NULL);
		say(ted, FILE_1, d);
		settle(ted, NULL);
		if (!order)
			say_pair(PEER_1);
		settle(ted, NULL);
		ck_assert_uint_eq(link_named(ted, "A-B")->base_bps, 1000000);
		ck_assert_uint_eq(link_named(ted, "A-B")->igp_metric, 10);
		ck_assert_uint_eq(link_named(ted, "A-B")->unusable, 0);
		/* The feed takes it away: the file must not bring it back. */
		unsay_link(ted, PEER_1, net_addressed(net_isis(1), net_isis(2), 1, true));
		settle(ted, NULL);
		ck_assert_uint_eq(link_named(ted, "A-B")->unusable, TED_UNUSABLE_DOWN);
		ted_free(ted);
		setup();
	}
}
END_TEST

START_TEST(book_and_fork_are_apart)
{
	struct pce_error err;
	struct ted *fork;
	ted_link ab;

	say_pair(PEER_1);
	settle(ted, NULL);
	ab = link_row_named(ted, "A-B");
	ck_assert_int_eq(ted_book(ted, ab, 100, &err), PCE_OK);
	ck_assert_int_eq(ted_fork(ted, &fork, &err), PCE_OK);
	ck_assert_int_eq(ted_book(ted, ab, 11, &err), PCE_OK);
	ck_assert_int_eq(ted_book(fork, ab, 900, &err), PCE_OK);
	ck_assert_uint_eq(ted_link_at(ted, ab)->booked_bps, 111);
	ck_assert_uint_eq(ted_link_at(fork, ab)->booked_bps, 1000);
	ck_assert_int_eq(ted_unbook(fork, ab, 1001, &err), PCE_INTERNAL);
	ted_fail_link(fork, ab);
	ck_assert(!ted_link_usable(fork, ted_link_at(fork, ab)->reverse));
	ck_assert(ted_link_usable(ted, ted_link_at(fork, ab)->reverse));
	ted_repair_all(fork);
	ck_assert(ted_link_usable(fork, ab));
	ted_free(ted);
	ck_assert_str_eq(ted_link_at(fork, ab)->name, "A-B");
	ck_assert_uint_eq(ted_link_by_key(fork, ted_link_key_text(fork, ab)), ab);
	ted_free(fork);
	setup();
}
END_TEST

START_TEST(settle_lost_stands_expired_is_unknown)
{
	const struct ted_change *changes;

	say_pair(PEER_1);
	settle(ted, NULL);
	event(ted, PEER_1, TED_SOURCE_LOST);
	ck_assert_uint_eq(settle(ted, &changes), 4);
	ck_assert_uint_eq(changes[0].what, TED_CHANGED_STALE);
	ck_assert_uint_eq(link_named(ted, "A-B")->unusable, 0);
	ck_assert(link_named(ted, "A-B")->stale);
	event(ted, PEER_1, TED_SOURCE_EXPIRED);
	ck_assert_uint_eq(settle(ted, &changes), 4);
	ck_assert_uint_eq(changes[0].what, TED_CHANGED_GONE);
	ck_assert_uint_eq(link_named(ted, "A-B")->unusable,
			  TED_UNUSABLE_UNKNOWN | TED_UNUSABLE_ENDPOINT);
	/* It comes back and repeats all but one half-link: that one is swept at the end of RIB. */
	event(ted, PEER_1, TED_SOURCE_UP);
	say_node(ted, PEER_1, net_isis(1), "A");
	say_node(ted, PEER_1, net_isis(2), "B");
	say_link(ted, PEER_1, net_addressed(net_isis(1), net_isis(2), 1, true), 10);
	settle(ted, NULL);
	ck_assert_uint_eq(link_named(ted, "A-B")->unusable, 0);
	ck_assert_uint_eq(link_named(ted, "B-A")->unusable, TED_UNUSABLE_UNKNOWN);
	event(ted, PEER_1, TED_SOURCE_SYNCED);
	settle(ted, NULL);
	ck_assert_uint_eq(link_named(ted, "A-B")->unusable, TED_UNUSABLE_ONE_WAY);
	ck_assert_uint_eq(link_named(ted, "B-A")->unusable, TED_UNUSABLE_WITHDRAWN);
}
END_TEST

START_TEST(settle_pseudonode_costs_nothing_outward)
{
	say_node(ted, PEER_1, net_isis(1), "A");
	say_node(ted, PEER_1, net_isis(2), "B");
	say_node(ted, PEER_1, net_pseudonode(1, 4), NULL);
	say_link(ted, PEER_1, net_link(net_isis(1), net_pseudonode(1, 4)), 10);
	say_link(ted, PEER_1, net_link(net_pseudonode(1, 4), net_isis(1)), 77);
	say_link(ted, PEER_1, net_link(net_isis(2), net_pseudonode(1, 4)), 10);
	settle(ted, NULL);
	ck_assert(node_named(ted, "0000.0000.0001.04")->pseudonode);
	ck_assert_uint_eq(link_named(ted, "0000.0000.0001.04-A")->igp_metric, 0);
	ck_assert_uint_eq(link_named(ted, "0000.0000.0001.04-A")->base_bps, UINT64_MAX);
	ck_assert_uint_eq(link_named(ted, "A-0000.0000.0001.04")->unusable, 0);
	ck_assert_uint_eq(link_named(ted, "A-0000.0000.0001.04")->igp_metric, 10);
	ck_assert_uint_eq(link_named(ted, "B-0000.0000.0001.04")->unusable, TED_UNUSABLE_ONE_WAY);
}
END_TEST

START_TEST(settle_unreachable_or_missing_metric_is_unusable)
{
	struct ted_delta d = { .object = TED_OBJECT_LINK };
	struct ted_node_key ospf[2] = { { .protocol = TED_PROTOCOL_OSPFV2, .router_id_len = 4 },
					{ .protocol = TED_PROTOCOL_OSPFV2, .router_id_len = 4 } };

	ospf[0].router_id[3] = 1;
	ospf[1].router_id[3] = 2;
	say_pair(PEER_1);
	d.key.link = net_addressed(net_isis(1), net_isis(2), 1, true);
	say(ted, PEER_1, d);
	say_link(ted, PEER_1, net_addressed(net_isis(2), net_isis(1), 1, false), 0xffffff);
	say_node(ted, PEER_1, ospf[0], "X");
	say_node(ted, PEER_1, ospf[1], "Y");
	say_link(ted, PEER_1, net_addressed(ospf[0], ospf[1], 2, true), 0xffff);
	say_link(ted, PEER_1, net_addressed(ospf[1], ospf[0], 2, false), 0xfffe);
	settle(ted, NULL);
	ck_assert_uint_eq(link_named(ted, "A-B")->unusable, TED_UNUSABLE_METRIC);
	ck_assert_uint_eq(link_named(ted, "A-B")->igp_metric, TED_METRIC_UNREACHABLE);
	ck_assert_uint_eq(link_named(ted, "B-A")->unusable, TED_UNUSABLE_METRIC);
	ck_assert_uint_eq(link_named(ted, "X-Y")->unusable, TED_UNUSABLE_METRIC);
	ck_assert_uint_eq(link_named(ted, "Y-X")->unusable, 0);
	ck_assert_uint_eq(link_named(ted, "Y-X")->igp_metric, 0xfffe);
}
END_TEST

START_TEST(settle_malformed_attributes_make_unusable_and_count)
{
	struct ted_delta d = { .object = TED_OBJECT_LINK };
	struct ted_counters counters;

	say_pair(PEER_1);
	d.key.link = net_addressed(net_isis(1), net_isis(2), 1, true);
	d.attr.link.unusable = true;
	say(ted, PEER_1, d);
	settle(ted, NULL);
	ck_assert_uint_eq(link_named(ted, "A-B")->unusable,
			  TED_UNUSABLE_ATTRIBUTES | TED_UNUSABLE_METRIC);
	ted_count(ted, &counters);
	ck_assert_uint_eq(counters.discarded_attribute_links, 1);
	ck_assert_uint_eq(counters.links, 2);
	/* Another peer has it whole. */
	say_pair(PEER_2);
	settle(ted, NULL);
	ck_assert_uint_eq(link_named(ted, "A-B")->unusable, 0);
}
END_TEST

START_TEST(settle_parallel_links_are_numbered_past_taken_names)
{
	struct ted_delta d = { .object = TED_OBJECT_LINK };

	say_pair(PEER_1);
	for (uint8_t i = 2; i < 5; i++) {
		say_link(ted, PEER_1, net_addressed(net_isis(1), net_isis(2), i, true), i);
		say_link(ted, PEER_1, net_addressed(net_isis(2), net_isis(1), i, false), i);
	}
	d.key.link = net_addressed(net_isis(1), net_isis(2), 4, true);
	d.attr.link.present = TED_LINK_NAME | TED_LINK_IGP_METRIC;
	d.attr.link.name = "A-B#2";
	d.attr.link.igp_metric = 4;
	say(ted, PEER_1, d);
	settle(ted, NULL);
	ck_assert_uint_eq(link_named(ted, "A-B")->igp_metric, 10);
	ck_assert_uint_eq(link_named(ted, "A-B#2")->igp_metric, 4);
	ck_assert_uint_eq(link_named(ted, "A-B#3")->igp_metric, 2);
	ck_assert_uint_eq(link_named(ted, "A-B#4")->igp_metric, 3);
	/* The one in front fails: nobody is renamed. */
	unsay_link(ted, PEER_1, net_addressed(net_isis(1), net_isis(2), 1, true));
	settle(ted, NULL);
	ck_assert_uint_eq(link_named(ted, "A-B#3")->igp_metric, 2);
}
END_TEST

START_TEST(settle_half_of_blurred_parallels_takes_all)
{
	struct ted_link_key key[2][2];

	say_pair(PEER_1);
	for (int i = 0; i < 2; i++)
		for (int way = 0; way < 2; way++) {
			key[i][way] = net_link(net_isis(way ? 2 : 1), net_isis(way ? 1 : 2));
			key[i][way].has_ids = true;
			key[i][way].local_id = (uint32_t)(100 + 10 * way + i);
			say_link(ted, PEER_1, key[i][way], (uint32_t)(30 + i));
		}
	settle(ted, NULL);
	ck_assert_uint_eq(link_named(ted, "A-B")->unusable, 0);
	ck_assert_uint_eq(link_named(ted, "A-B#2")->unusable, 0);
	ck_assert_uint_eq(link_named(ted, "A-B#3")->unusable, 0);
	unsay_link(ted, PEER_1, key[1][1]);
	settle(ted, NULL);
	for (ted_link i = 0; i < ted_link_count(ted); i++) {
		bool addressed = ted_link_at(ted, i)->v4_local.family;

		ck_assert(addressed == ted_link_usable(ted, i));
	}
	unsay_link(ted, PEER_1, key[0][0]);
	settle(ted, NULL);
	for (ted_link i = 0; i < ted_link_count(ted); i++)
		if (ted_link_at(ted, i)->local_id == 101 || ted_link_at(ted, i)->local_id == 110)
			ck_assert(ted_link_usable(ted, i));
}
END_TEST

START_TEST(settle_node_shows_its_sids_and_prefixes_sorted)
{
	struct ted_delta sid = { .object = TED_OBJECT_SID, .key.sid.node = net_isis(1) };
	struct ted_delta prefix = { .object = TED_OBJECT_PREFIX, .key.prefix.node = net_isis(1) };
	const struct ted_change *changes;
	const struct ted_node_row *row;
	uint8_t octets[16] = { 0xfd };

	say_pair(PEER_1);
	settle(ted, NULL);
	for (uint8_t i = 3; i > 0; i--) {
		octets[5] = i;
		memcpy(sid.key.sid.sid, octets, 16);
		sid.attr.sid.behavior = TED_BEHAVIOR_END;
		say(ted, PEER_1, sid);
		prefix.key.prefix.prefix = (struct ip_prefix){ ip_v6(octets), 48 };
		prefix.attr.prefix.has_locator = true;
		say(ted, PEER_1, prefix);
	}
	ck_assert_uint_eq(settle(ted, &changes), 1);
	ck_assert_uint_eq(changes[0].what, TED_CHANGED_SIDS);
	row = node_named(ted, "A");
	ck_assert_uint_eq(row->n_sids, 3);
	ck_assert_uint_eq(row->n_prefixes, 3);
	ck_assert_uint_eq(row->sids[0].sid[5], 1);
	ck_assert_uint_eq(row->prefixes[2].prefix.addr.octets[5], 3);
	sid.op = prefix.op = TED_DELETE;
	say(ted, PEER_1, sid);
	say(ted, PEER_1, prefix);
	settle(ted, NULL);
	ck_assert_uint_eq(node_named(ted, "A")->n_sids, 2);
	ck_assert_uint_eq(node_named(ted, "A")->n_prefixes, 2);
}
END_TEST

START_TEST(settle_measured_traffic_counts_once)
{
	struct ted_delta d = { .object = TED_OBJECT_LINK };
	struct pce_error err;
	ted_link ab;

	say_pair(PEER_1);
	d.key.link = net_addressed(net_isis(1), net_isis(2), 1, true);
	d.attr.link.present = TED_LINK_MEASURED | TED_LINK_CAPACITY | TED_LINK_SUBSCRIPTION;
	d.attr.link.measured_bps = 300;
	d.attr.link.capacity_bps = 1000;
	d.attr.link.subscription_ppm = 800000;
	say(ted, TELEMETRY_1, d);
	settle(ted, NULL);
	ab = link_row_named(ted, "A-B");
	ck_assert_uint_eq(ted_residual_bps(ted, ab), 500);
	ck_assert_int_eq(ted_book(ted, ab, 200, &err), PCE_OK);
	ck_assert_uint_eq(ted_residual_bps(ted, ab), 500);
	ck_assert_int_eq(ted_hold_slice(ted, ab, 200, &err), PCE_OK);
	ck_assert_uint_eq(ted_residual_bps(ted, ab), 400);
	ck_assert_int_eq(ted_book(ted, ab, 900, &err), PCE_OK);
	ck_assert_uint_eq(ted_residual_bps(ted, ab), 0);
	/* A settle keeps what is booked. */
	say_link(ted, PEER_1, net_addressed(net_isis(1), net_isis(2), 1, true), 12);
	settle(ted, NULL);
	ck_assert_uint_eq(ted_link_at(ted, ab)->booked_bps, 1100);
	ck_assert_uint_eq(ted_link_at(ted, ab)->slice_bps, 200);
}
END_TEST

START_TEST(settle_srlg_risk_changes_its_links)
{
	struct ted_delta link = { .object = TED_OBJECT_LINK };
	struct ted_delta risk = { .object = TED_OBJECT_SRLG, .key.number = 7 };
	const struct ted_change *changes;
	const uint32_t seven = 7;
	uint32_t number;
	struct pce_error err;

	say_pair(PEER_1);
	link.key.link = net_addressed(net_isis(1), net_isis(2), 1, true);
	link.attr.link.present = TED_LINK_SRLG;
	link.attr.link.srlg = &seven;
	link.attr.link.n_srlg = 1;
	say(ted, FILE_1, link);
	settle(ted, NULL);
	risk.attr.srlg = (struct ted_srlg_attr){ "river crossing", 99 };
	say(ted, OPERATOR_1, risk);
	ck_assert_uint_eq(settle(ted, &changes), 1);
	ck_assert_uint_eq(changes[0].what, TED_CHANGED_TE);
	ck_assert_uint_eq(ted_srlg_unavailability_ppt(ted, 7), 99);
	ck_assert_int_eq(ted_find_srlg(ted, "river crossing", &number, &err), PCE_OK);
	ck_assert_uint_eq(number, 7);
	ck_assert_int_eq(ted_find_srlg(ted, "river crosing", &number, &err), PCE_NOT_FOUND);
	ck_assert_str_eq(err.text,
			 "no SRLG is called \"river crosing\"; did you mean \"river crossing\"?");
}
END_TEST

START_TEST(settle_two_static_links_do_not_share_one_feed_link)
{
	struct ted_link_key key = net_link(net_static("A"), net_static("B"));

	say_pair(PEER_1);
	say_node(ted, FILE_1, net_static("A"), NULL);
	say_node(ted, FILE_1, net_static("B"), NULL);
	key.name = "one";
	say_link(ted, FILE_1, key, 5);
	settle(ted, NULL);
	ck_assert_uint_eq(ted_link_count(ted), 2); /* the only one is the feed's */
	key.name = "two";
	say_link(ted, FILE_1, key, 6);
	settle(ted, NULL);
	ck_assert_uint_eq(link_named(ted, "one")->igp_metric, 5);
	ck_assert_uint_eq(link_named(ted, "two")->igp_metric, 6);
	ck_assert_str_eq(ted_node_at(ted, link_named(ted, "one")->from)->name, "A");
	ck_assert_uint_eq(link_named(ted, "one")->from, link_named(ted, "A-B")->from);
	key.name = "one";
	unsay_link(ted, FILE_1, key);
	event(ted, FILE_1, TED_SOURCE_REMOVED);
	settle(ted, NULL);
	ck_assert_uint_eq(link_named(ted, "A-B")->igp_metric, 10);
}
END_TEST

static void
say_ids(struct ted_source source, struct ted_node_key key, uint8_t v6, uint8_t v4,
	const char *label)
{
	struct ted_delta d = { .object = TED_OBJECT_NODE, .key.node = key };
	uint8_t octets[16] = { 10 };

	octets[3] = v6;
	d.attr.node.router_id_v6 = ip_v6(octets);
	octets[3] = v4;
	d.attr.node.router_id_v4 = ip_v4(octets);
	d.attr.node.present = (v6 ? TED_NODE_ROUTER_ID_V6 : 0u) | (v4 ? TED_NODE_ROUTER_ID_V4 : 0u);
	d.attr.node.label = label;
	d.attr.node.present |= label ? TED_NODE_LABEL : 0u;
	say(ted, source, d);
}

START_TEST(settle_static_node_is_found_by_ids_then_name)
{
	say_ids(PEER_1, net_isis(1), 1, 7, NULL);
	say_ids(PEER_1, net_isis(2), 2, 8, NULL);
	say_ids(PEER_1, net_isis(3), 2, 9, NULL);
	say_node(ted, PEER_1, net_isis(4), "four");
	say_ids(FILE_1, net_static("one"), 1, 8, "by v6"); /* v6 goes before v4 */
	say_ids(FILE_1, net_static("three"), 2, 9, "by v4"); /* two have the v6 */
	say_ids(FILE_1, net_static("four"), 5, 0, "by name");
	say_ids(FILE_1, net_static("none"), 2, 0, "by nothing");
	settle(ted, NULL);
	ck_assert_uint_eq(ted_node_count(ted), 5);
	ck_assert_str_eq(node_named(ted, "0000.0000.0001")->label, "by v6");
	ck_assert_ptr_null(node_named(ted, "0000.0000.0002")->label);
	ck_assert_str_eq(node_named(ted, "0000.0000.0003")->label, "by v4");
	ck_assert_str_eq(node_named(ted, "four")->label, "by name");
	ck_assert_str_eq(node_named(ted, "none")->label, "by nothing");
}
END_TEST

START_TEST(settle_static_link_is_found_by_its_addresses)
{
	struct ted_link_key key = net_addressed(net_static("A"), net_static("B"), 2, true);
	struct ted_delta d = { .object = TED_OBJECT_LINK };

	say_pair(PEER_1);
	say_link(ted, PEER_1, net_addressed(net_isis(1), net_isis(2), 2, true), 30);
	say_link(ted, PEER_1, net_addressed(net_isis(2), net_isis(1), 2, false), 30);
	say_node(ted, FILE_1, net_static("A"), NULL);
	say_node(ted, FILE_1, net_static("B"), NULL);
	d.key.link = key;
	d.attr.link.present = TED_LINK_CAPACITY | TED_LINK_NAME;
	d.attr.link.capacity_bps = 5;
	d.attr.link.name = "second fibre";
	say(ted, FILE_1, d);
	settle(ted, NULL);
	ck_assert_uint_eq(ted_link_count(ted), 4);
	ck_assert_uint_eq(link_named(ted, "second fibre")->igp_metric, 30);
	ck_assert_uint_eq(link_named(ted, "second fibre")->capacity_bps, 5);
	ck_assert(!link_named(ted, "A-B")->has_capacity);
}
END_TEST

START_TEST(settle_pair_that_becomes_a_loop_is_untied)
{
	struct ted_link_key there = net_link(net_static("X"), net_static("Y"));
	struct ted_link_key back = net_link(net_static("Y"), net_static("X"));
	struct ted_delta d = { .object = TED_OBJECT_LINK };

	say_ids(FILE_1, net_static("X"), 1, 0, NULL);
	say_ids(FILE_1, net_static("Y"), 1, 0, NULL);
	d.key.link = there;
	d.attr.link.present = TED_LINK_REVERSE;
	d.attr.link.reverse = &back;
	say(ted, FILE_1, d);
	say_link(ted, FILE_1, back, 1);
	settle(ted, NULL);
	ck_assert_uint_ne(link_named(ted, "X-Y")->reverse, TED_NONE);
	/* Both turn out to be one router. */
	say_ids(PEER_1, net_isis(1), 1, 0, NULL);
	settle(ted, NULL);
	for (ted_link i = 0; i < ted_link_count(ted); i++)
		ck_assert_uint_eq(ted_link_at(ted, i)->reverse, TED_NONE);
}
END_TEST

START_TEST(settle_name_that_moves_on_unties_the_file)
{
	say_node(ted, PEER_1, net_isis(1), "A");
	say_node(ted, PEER_2, net_isis(1), "B");
	say_node(ted, FILE_1, net_static("A"), NULL);
	settle(ted, NULL);
	ck_assert_uint_eq(ted_node_count(ted), 1);
	unsay_node(ted, PEER_1, net_isis(1));
	settle(ted, NULL);
	ck_assert_uint_eq(node_named(ted, "A")->unusable, 0);
	ck_assert_uint_eq(node_named(ted, "B")->unusable, 0);
	ck_assert_ptr_ne(node_named(ted, "A"), node_named(ted, "B"));
}
END_TEST

START_TEST(settle_seven_octets_ending_in_zero_are_a_router)
{
	say_node(ted, PEER_1, net_pseudonode(1, 0), NULL);
	say_node(ted, PEER_1, net_pseudonode(1, 1), NULL);
	settle(ted, NULL);
	ck_assert(!node_named(ted, "0000.0000.0001.00")->pseudonode);
	ck_assert(node_named(ted, "0000.0000.0001.01")->pseudonode);
}
END_TEST

START_TEST(settle_sid_of_two_topologies_is_shown_once)
{
	struct ted_delta sid = { .object = TED_OBJECT_SID, .key.sid.node = net_isis(1) };

	say_node(ted, PEER_1, net_isis(1), "A");
	sid.key.sid.sid[0] = 0xfd;
	sid.key.sid.topology = 2;
	sid.attr.sid.behavior = TED_BEHAVIOR_END_PSP;
	say(ted, PEER_1, sid);
	sid.key.sid.topology = 0;
	sid.attr.sid.behavior = TED_BEHAVIOR_END;
	say(ted, PEER_1, sid);
	settle(ted, NULL);
	ck_assert_uint_eq(node_named(ted, "A")->n_sids, 1);
	ck_assert_uint_eq(node_named(ted, "A")->sids[0].behavior, TED_BEHAVIOR_END);
}
END_TEST

START_TEST(settle_rank_of_links_is_the_order_of_keys)
{
	for (uint32_t i = 30; i > 0; i--) {
		uint32_t a = i * 7 % 11, b = i * 5 % 13 + 20;
		struct ted_link_key key =
		    net_addressed(net_isis(a), net_isis(b), (uint8_t)(10 + i), true);

		say_link(ted, PEER_1, key, i);
		if (i % 4 == 0)
			settle(ted, NULL);
	}
	settle(ted, NULL);
	/* Texts of keys with numbers of equal length sort as the keys do. */
	for (ted_link i = 0; i < ted_link_count(ted); i++)
		for (ted_link j = 0; j < ted_link_count(ted); j++)
			ck_assert(
			    (ted_link_at(ted, i)->rank < ted_link_at(ted, j)->rank) ==
			    (strcmp(ted_link_key_text(ted, i), ted_link_key_text(ted, j)) < 0));
}
END_TEST

START_TEST(settle_rank_is_the_order_of_keys)
{
	for (uint32_t i = 20; i > 0; i--) {
		say_node(ted, PEER_1, net_isis(i * 7 % 23 + 1), NULL);
		settle(ted, NULL);
	}
	for (ted_node i = 0; i < ted_node_count(ted); i++)
		for (ted_node j = 0; j < ted_node_count(ted); j++) {
			const struct ted_node_row *a = ted_node_at(ted, i),
						  *b = ted_node_at(ted, j);

			ck_assert((a->rank < b->rank) == (strcmp(a->name, b->name) < 0));
		}
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("ted");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, settle_feed_pair_is_usable_and_paired);
	tcase_add_test(t, settle_half_link_withdrawn_takes_both_directions);
	tcase_add_test(t, settle_two_peers_lives_until_both_withdraw);
	tcase_add_test(t, settle_live_withdrawal_beats_lost_peer);
	tcase_add_test(t, settle_metric_change_is_only_that);
	tcase_add_test(t, settle_file_static_links_stand_alone);
	tcase_add_test(t, settle_file_reverse_ties_directions);
	tcase_add_test(t, settle_feed_withdrawal_beats_file);
	tcase_add_test(t, settle_static_file_binds_to_feed_in_any_order);
	tcase_add_test(t, book_and_fork_are_apart);
	tcase_add_test(t, settle_lost_stands_expired_is_unknown);
	tcase_add_test(t, settle_pseudonode_costs_nothing_outward);
	tcase_add_test(t, settle_unreachable_or_missing_metric_is_unusable);
	tcase_add_test(t, settle_malformed_attributes_make_unusable_and_count);
	tcase_add_test(t, settle_parallel_links_are_numbered_past_taken_names);
	tcase_add_test(t, settle_half_of_blurred_parallels_takes_all);
	tcase_add_test(t, settle_node_shows_its_sids_and_prefixes_sorted);
	tcase_add_test(t, settle_measured_traffic_counts_once);
	tcase_add_test(t, settle_srlg_risk_changes_its_links);
	tcase_add_test(t, settle_rank_is_the_order_of_keys);
	tcase_add_test(t, settle_two_static_links_do_not_share_one_feed_link);
	tcase_add_test(t, settle_name_that_moves_on_unties_the_file);
	tcase_add_test(t, settle_seven_octets_ending_in_zero_are_a_router);
	tcase_add_test(t, settle_sid_of_two_topologies_is_shown_once);
	tcase_add_test(t, settle_rank_of_links_is_the_order_of_keys);
	tcase_add_test(t, settle_static_node_is_found_by_ids_then_name);
	tcase_add_test(t, settle_static_link_is_found_by_its_addresses);
	tcase_add_test(t, settle_pair_that_becomes_a_loop_is_untied);
	return suite_run("ted", t, 30);
}
