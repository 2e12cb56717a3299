/* Finding rows by names, router ids and canonical keys. */
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

START_TEST(find_by_router_id_label_and_pair)
{
	struct ted_delta d = { .object = TED_OBJECT_NODE, .key.node = net_isis(2) };
	struct pce_error err;
	ted_link *links = NULL;
	size_t n = 0, cap = 0;
	ted_node node;

	say_pair(PEER_1);
	d.attr.node.present = TED_NODE_LABEL | TED_NODE_ROUTER_ID_V4;
	d.attr.node.label = "Second";
	d.attr.node.router_id_v4 = ip_v4((const uint8_t[4]){ 192, 0, 2, 2 });
	say(ted, FILE_1, d);
	settle(ted, NULL);
	ck_assert_str_eq(node_named(ted, "0000.0000.0002")->name, "B");
	ck_assert_str_eq(node_named(ted, "192.0.2.2")->name, "B");
	ck_assert_str_eq(node_named(ted, "Second")->name, "B");
	ck_assert_int_eq(ted_find_links(ted, "B, A", &links, &n, &cap, &err), PCE_OK);
	ck_assert_uint_eq(n, 2);
	ck_assert_uint_eq(links[0], link_row_named(ted, "B-A"));
	ck_assert_uint_eq(links[1], link_row_named(ted, "A-B"));
	ck_assert_int_eq(ted_find_links(ted, "A,A", &links, &n, &cap, &err), PCE_NOT_FOUND);
	ck_assert_int_eq(ted_find_links(ted, "A-b", &links, &n, &cap, &err), PCE_NOT_FOUND);
	ck_assert_str_eq(err.text, "no link is called \"A-b\"; did you mean \"A-B\"?");
	ck_assert_int_eq(ted_find_node(ted, "nowhere", &node, &err), PCE_NOT_FOUND);
	ck_assert_str_eq(err.text, "no node is called \"nowhere\"");
	ck_assert_uint_eq(n, 2);
	free(links);
}
END_TEST

START_TEST(key_text_is_read_back)
{
	struct ted_link_key key = net_link(net_static("a:b>c|d%"), net_static("Nán ning"));

	key.name = "x|y";
	key.has_ids = true;
	key.remote_id = 7;
	key.v6_local = ip_v6((const uint8_t[16]){ 0xfd, 1 });
	say_link(ted, FILE_1, key, 5);
	say_pair(PEER_1);
	settle(ted, NULL);
	for (ted_link i = 0; i < ted_link_count(ted); i++)
		ck_assert_uint_eq(ted_link_by_key(ted, ted_link_key_text(ted, i)), i);
	for (ted_node i = 0; i < ted_node_count(ted); i++)
		ck_assert_uint_eq(ted_node_by_key(ted, ted_node_key_text(ted, i)), i);
	ck_assert_uint_eq(ted_link_by_key(ted, "isis-l2:0"), TED_NONE);
	ck_assert_uint_eq(ted_node_by_key(ted, ""), TED_NONE);
	ck_assert_uint_eq(ted_node_by_key(ted, "isis-l2:0:65000:0:0:0:00000000000"), TED_NONE);
}
END_TEST

static struct ted_node_key
random_node_key(uint64_t *random)
{
	struct ted_node_key k = { .protocol = (uint8_t)(1 + suite_below(random, 7)),
				  .instance = suite_random(random) >> suite_below(random, 64),
				  .asn = (uint32_t)suite_random(random),
				  .bgpls_id = suite_below(random, 2),
				  .area = suite_below(random, 300),
				  .bgp_router_id = 1 + suite_below(random, 9) };

	k.router_id_len =
	    (uint8_t)suite_below(random, suite_below(random, 4) ? 9 : TED_NAME_MAX + 1);
	for (unsigned i = 0; i < k.router_id_len; i++)
		k.router_id[i] = (uint8_t)suite_random(random);
	return k;
}

START_TEST(key_text_of_random_keys_is_read_back)
{
	for (unsigned seed = 0; seed < suite_seeds(); seed++) {
		uint64_t random = seed;
		struct ted_link_key key = { .topology = (uint16_t)suite_random(&random) };
		uint8_t octets[16], n;
		char name[TED_NAME_MAX + 1];

		key.local = random_node_key(&random);
		key.remote = random_node_key(&random);
		key.has_ids = suite_below(&random, 2);
		key.local_id = (uint32_t)suite_random(&random);
		for (int i = 0; i < 16; i++)
			octets[i] = suite_below(&random, 2) ? 0 : (uint8_t)suite_random(&random);
		if (suite_below(&random, 2))
			key.v4_remote = ip_v4(octets);
		if (suite_below(&random, 2))
			key.v6_local = ip_v6(octets);
		n = (uint8_t)suite_below(&random, TED_NAME_MAX + 1);
		for (int i = 0; i < n; i++)
			name[i] = (char)(1 + suite_below(&random, 255));
		name[n] = '\0';
		key.name = n ? name : NULL;
		say_link(ted, FILE_1, key, 1);
	}
	settle(ted, NULL);
	ck_assert_uint_eq(ted_link_count(ted), suite_seeds());
	for (ted_link i = 0; i < ted_link_count(ted); i++)
		ck_assert_uint_eq(ted_link_by_key(ted, ted_link_key_text(ted, i)), i);
	for (ted_node i = 0; i < ted_node_count(ted); i++)
		ck_assert_uint_eq(ted_node_by_key(ted, ted_node_key_text(ted, i)), i);
}
END_TEST

START_TEST(key_text_cut_or_changed_never_misleads)
{
	uint64_t random = 5;
	const char *text;
	char copy[512];

	say_pair(PEER_1);
	settle(ted, NULL);
	text = ted_link_key_text(ted, 0);
	for (size_t len = 0; len < strlen(text); len++) {
		memcpy(copy, text, len);
		copy[len] = '\0';
		ck_assert_uint_eq(ted_link_by_key(ted, copy), TED_NONE);
		ck_assert(ted_node_by_key(ted, copy) == TED_NONE || text[len] == '>');
	}
	for (int i = 0; i < 20000; i++) {
		ted_link found;

		strcpy(copy, text);
		copy[suite_below(&random, (uint32_t)strlen(text))] =
		    (char)(1 + suite_below(&random, 127));
		found = ted_link_by_key(ted, copy);
		ck_assert(found == TED_NONE || strcmp(ted_link_key_text(ted, found), copy) == 0);
	}
}
END_TEST

START_TEST(apply_impossible_key_is_invalid)
{
	struct ted_delta d = { .object = TED_OBJECT_NODE, .key.node = net_isis(1) };
	struct pce_error err = { 0 };

	d.key.node.protocol = 9;
	ck_assert_int_eq(ted_apply(ted, PEER_1, &d, 1, &err), PCE_INVALID);
	ck_assert_str_eq(err.text, "9 is no BGP-LS protocol id");
	d.key.node = net_isis(1);
	d.key.node.router_id_len = 0;
	ck_assert_int_eq(ted_apply(ted, PEER_1, &d, 1, &err), PCE_INVALID);
	ck_assert_uint_eq(settle(ted, NULL), 0);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("find");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, find_by_router_id_label_and_pair);
	tcase_add_test(t, key_text_is_read_back);
	tcase_add_test(t, key_text_of_random_keys_is_read_back);
	tcase_add_test(t, key_text_cut_or_changed_never_misleads);
	tcase_add_test(t, apply_impossible_key_is_invalid);
	return suite_run("ted find", t, 30);
}
