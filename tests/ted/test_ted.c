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
	ck_assert_uint_eq(changes[0].what, TED_CHANGED_GONE | TED_CHANGED_TE);
	ck_assert_uint_eq(changes[1].what, TED_CHANGED_GONE | TED_CHANGED_TE);
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

int
main(void)
{
	TCase *t = tcase_create("ted");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, settle_feed_pair_is_usable_and_paired);
	tcase_add_test(t, settle_half_link_withdrawn_takes_both_directions);
	tcase_add_test(t, settle_two_peers_lives_until_both_withdraw);
	tcase_add_test(t, settle_metric_change_is_only_that);
	tcase_add_test(t, settle_file_static_links_stand_alone);
	tcase_add_test(t, settle_file_reverse_ties_directions);
	tcase_add_test(t, settle_feed_withdrawal_beats_file);
	tcase_add_test(t, settle_static_file_binds_to_feed_in_any_order);
	tcase_add_test(t, book_and_fork_are_apart);
	return suite_run("ted", t, 30);
}
