/* The policy room by itself: the ledger against a model, records, colors, names. */
#include <stdio.h>
#include <string.h>

#include "pce/policy/build.h"
#include "pce/policy/ledger.h"
#include "pce/policy/request.h"
#include "tests/support/suite.h"

#define LINKS 12u
#define HOLDERS 6u

/* A network of two nodes and LINKS parallel links one way, of 1000 bit/s each. */
static struct ted *
parallel_links(void)
{
	const struct ted_source file = { TED_SOURCE_FILE, 1 };
	const struct ted_change *changes;
	struct ted *ted;
	size_t n;

	ck_assert(ted_new(&ted, 1, NULL) == PCE_OK);
	for (unsigned i = 0; i < 2; i++) {
		struct ted_delta d = { .object = TED_OBJECT_NODE };

		d.key.node.protocol = TED_PROTOCOL_STATIC;
		d.key.node.router_id_len = 1;
		d.key.node.router_id[0] = (uint8_t)('A' + i);
		d.attr.node.present = TED_NODE_NAME;
		d.attr.node.name = i ? "B" : "A";
		ck_assert(ted_apply(ted, file, &d, 1, NULL) == PCE_OK);
	}
	for (unsigned i = 0; i < LINKS; i++) {
		struct ted_delta d = { .object = TED_OBJECT_LINK };
		char name[8];

		snprintf(name, sizeof(name), "l%02u", i);
		d.key.link.local.protocol = d.key.link.remote.protocol = TED_PROTOCOL_STATIC;
		d.key.link.local.router_id_len = d.key.link.remote.router_id_len = 1;
		d.key.link.local.router_id[0] = 'A';
		d.key.link.remote.router_id[0] = 'B';
		d.key.link.name = name;
		d.attr.link.present = TED_LINK_NAME | TED_LINK_IGP_METRIC | TED_LINK_CAPACITY;
		d.attr.link.name = name;
		d.attr.link.igp_metric = 1;
		d.attr.link.capacity_bps = 1000;
		ck_assert(ted_apply(ted, file, &d, 1, NULL) == PCE_OK);
	}
	ck_assert(ted_settle(ted, &changes, &n, NULL) == PCE_OK);
	ck_assert_uint_eq(ted_link_count(ted), LINKS);
	return ted;
}

static void
check_sums(const struct ted *ted, uint64_t model[HOLDERS][LINKS])
{
	for (unsigned link = 0; link < LINKS; link++) {
		uint64_t sum = 0;

		for (unsigned h = 0; h < HOLDERS; h++)
			sum += model[h][link];
		ck_assert_uint_eq(ted_link_at(ted, link)->booked_bps, sum);
	}
}

START_TEST(ledger_random_changes_equal_a_model)
{
	for (unsigned seed = 0; seed < suite_seeds(); seed++) {
		struct ted *ted = parallel_links();
		struct ledger ledger = { .ted = ted };
		struct ledger_holding holdings[HOLDERS] = { 0 };
		uint64_t model[HOLDERS][LINKS] = { 0 }, random = seed;

		for (unsigned turn = 0; turn < 40; turn++) {
			unsigned h = suite_below(&random, HOLDERS);
			uint64_t next[LINKS] = { 0 };
			struct ledger_holding want = { 0 };
			bool freed, less = false, fits = true;
			ted_link short_of;

			for (unsigned i = suite_below(&random, 8); i > 0; i--) {
				unsigned link = suite_below(&random, LINKS);
				uint64_t bps = suite_below(&random, 400);

				ck_assert(ledger_want(&want, link, bps, NULL) == PCE_OK);
				next[link] = bps > next[link] ? bps : next[link];
			}
			for (unsigned i = 0; i < LINKS; i++) {
				uint64_t more = next[i] > model[h][i] ? next[i] - model[h][i] : 0;

				less = less || next[i] < model[h][i];
				fits = fits && more <= ted_residual_bps(ted, i);
			}
			ck_assert(ledger_fits(&ledger, &holdings[h], &want, &short_of) == fits);
			ck_assert(ledger_lift(&ledger, &holdings[h], NULL) == PCE_OK);
			ck_assert(ledger_lower(&ledger, &holdings[h], NULL) == PCE_OK);
			ck_assert(ledger_change(&ledger, &holdings[h], &want, &freed, NULL) ==
				  PCE_OK);
			ck_assert(freed == less);
			memcpy(model[h], next, sizeof(next));
			check_sums(ted, model);
			for (unsigned i = 0; i < LINKS; i++)
				ck_assert_uint_eq(ledger_held_bps(&holdings[h], i), next[i]);
		}
		for (unsigned h = 0; h < HOLDERS; h++)
			ledger_holding_free(&holdings[h]);
		ted_free(ted);
	}
}
END_TEST

START_TEST(ledger_change_that_does_not_add_up_leaves_all_as_it_was)
{
	struct ted *ted = parallel_links();
	struct ledger ledger = { .ted = ted };
	struct ledger_holding holding = { 0 }, want = { 0 };
	struct pce_error err = { 0 };

	/* A holding that was never booked cannot be given back. */
	ck_assert(ledger_want(&holding, 5, 100, NULL) == PCE_OK);
	ck_assert(ledger_want(&want, 2, 70, NULL) == PCE_OK);
	ck_assert(ledger_change(&ledger, &holding, &want, NULL, &err) == PCE_INTERNAL);
	ck_assert_uint_eq(ted_link_at(ted, 2)->booked_bps, 0);
	ck_assert_uint_eq(ledger.revision, 0);
	ck_assert_uint_eq(holding.n, 1);
	ck_assert_uint_eq(want.n, 1);
	ledger_holding_free(&holding);
	ledger_holding_free(&want);
	ted_free(ted);
}
END_TEST

START_TEST(color_pick_takes_the_lowest_free_one)
{
	uint32_t used[] = { 12, 10, 11, 10, 9, 14 };
	uint32_t top[] = { UINT32_MAX };

	ck_assert_uint_eq(policy_pick_color(10, 20, NULL, 0), 10);
	ck_assert_uint_eq(policy_pick_color(10, 20, used, 6), 13);
	ck_assert_uint_eq(policy_pick_color(10, 12, used, 6), 0);
	ck_assert_uint_eq(policy_pick_color(0, 3, NULL, 0), 1);
	ck_assert_uint_eq(policy_pick_color(UINT32_MAX, UINT32_MAX, top, 1), 0);
}
END_TEST

static struct policy_record
bound_record(const char *const *keys, size_t n, uint64_t bps, struct policy_bound *bound)
{
	static const struct srpolicy_path path = { .n_lists = 1 };

	*bound = (struct policy_bound){ .link_keys = keys, .n_links = n, .bps = bps };
	return (struct policy_record){ .id = "a",
				       .bound = bound,
				       .booked_bps = bps,
				       .srpolicy = { .paths = &path, .n_paths = 1 } };
}

START_TEST(hold_keeps_every_older_link_once_with_its_largest_rate)
{
	const char *const first[] = { "x", "b" }, *const second[] = { "b", "c" };
	struct policy_bound bound[3];
	struct policy_record a = bound_record(first, 2, 100, &bound[0]);
	struct policy_record b = bound_record(second, 2, 40, &bound[1]);
	struct policy_record c = bound_record(first, 1, 10, &bound[2]);
	struct arena arena = { 0 };

	ck_assert(policy_hold(&arena, &b, &a, NULL) == PCE_OK);
	ck_assert_uint_eq(b.n_held, 2);
	ck_assert(policy_hold(&arena, &c, &b, NULL) == PCE_OK);
	ck_assert_uint_eq(c.n_held, 3);
	ck_assert_str_eq(c.held[0].link_key, "b");
	ck_assert_uint_eq(c.held[0].bps, 100);
	ck_assert_str_eq(c.held[1].link_key, "c");
	ck_assert_uint_eq(c.held[1].bps, 40);
	ck_assert_str_eq(c.held[2].link_key, "x");
	ck_assert_uint_eq(c.held[2].bps, 100);
	a.booked_bps = 0;
	ck_assert(policy_hold(&arena, &b, &a, NULL) == PCE_OK);
	ck_assert_uint_eq(b.n_held, 0);
	arena_free(&arena);
}
END_TEST

START_TEST(intent_copy_is_equal_and_each_field_counts)
{
	const char *const names[] = { "n1", "n2" };
	struct ip_prefix prefix = { .len = 64 };
	struct arena arena = { 0 };
	struct intent a = intent_init(), b;

	prefix.addr.family = IP_V6;
	a.id = "a";
	a.from = "x";
	a.to = "y";
	a.via = (struct name_list){ names, 2 };
	a.prefixes = &prefix;
	a.n_prefixes = 1;
	b = *intent_copy(&arena, &a);
	ck_assert(intent_equal(&a, &b) && intent_same_demand(&a, &b));
	b.priority = 1;
	ck_assert(!intent_equal(&a, &b) && intent_same_demand(&a, &b));
	b = a;
	b.n_prefixes = 0;
	ck_assert(!intent_equal(&a, &b) && intent_same_demand(&a, &b));
	b = a;
	b.max_hops = 3;
	ck_assert(!intent_equal(&a, &b) && !intent_same_demand(&a, &b));
	b = a;
	b.via.n = 1;
	ck_assert(!intent_equal(&a, &b) && !intent_same_demand(&a, &b));
	b = a;
	b.service_sid.family = IP_V6;
	ck_assert(!intent_equal(&a, &b) && !intent_same_demand(&a, &b));
	arena_free(&arena);
}
END_TEST

START_TEST(request_backward_swaps_ends_and_unknown_affinities_match_nothing)
{
	struct ted *ted = parallel_links();
	const char *const colors[] = { "3", "gold" };
	struct arena arena = { 0 };
	struct intent intent = intent_init();
	struct path_request r;

	intent.id = "a";
	intent.from = "A";
	intent.to = "B";
	intent.include_any = intent.include_all = intent.exclude_any =
	    (struct name_list){ colors, 2 };
	ck_assert(intent_request(ted, &intent, true, &arena, &r, NULL) == PCE_OK);
	ck_assert_str_eq(ted_node_at(ted, r.from)->name, "B");
	ck_assert_str_eq(ted_node_at(ted, r.to)->name, "A");
	ck_assert(!r.include_any.never && r.include_any.words[0] == 8);
	ck_assert(r.include_all.never);
	ck_assert(!r.exclude_any.never && r.exclude_any.n == 1);
	intent.include_any.names = &colors[1];
	intent.include_any.n = 1;
	ck_assert(intent_request(ted, &intent, false, &arena, &r, NULL) == PCE_OK);
	ck_assert(r.include_any.never);
	arena_free(&arena);
	ted_free(ted);
}
END_TEST

START_TEST(fail_quotes_an_id_with_an_apostrophe)
{
	struct pce_error err;
	struct intent intent = intent_init();

	intent.id = "o'neil";
	intent_fail(&err, PCE_INVALID, &intent, "to", "bad");
	ck_assert_str_eq(err.path, "/karst-intent:intents/intent[id=\"o'neil\"]/to");
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("policy");

	tcase_add_test(t, ledger_random_changes_equal_a_model);
	tcase_add_test(t, ledger_change_that_does_not_add_up_leaves_all_as_it_was);
	tcase_add_test(t, color_pick_takes_the_lowest_free_one);
	tcase_add_test(t, hold_keeps_every_older_link_once_with_its_largest_rate);
	tcase_add_test(t, intent_copy_is_equal_and_each_field_counts);
	tcase_add_test(t, request_backward_swaps_ends_and_unknown_affinities_match_nothing);
	tcase_add_test(t, fail_quotes_an_id_with_an_apostrophe);
	return suite_run("policy", t, 60);
}
