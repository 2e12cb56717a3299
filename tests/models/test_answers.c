/* Requests, answers, events and status. */
#include <string.h>

#include "models/codec/event.h"
#include "models/codec/path.h"
#include "models/codec/policy.h"
#include "tests/models/codec_fixture.h"
#include "tests/models/random_intent.h"

START_TEST(path_requests_to_text_and_back_are_the_same)
{
	for (unsigned seed = 0; seed < suite_seeds(); seed++) {
		struct arena arena = { 0 };
		struct random r = { seed, &arena, 1 };
		struct codec_path_request request = { .demand = random_intent(&r) }, got;
		struct intent *d = &request.demand;
		struct pce_error err = { 0 };
		struct text json = { 0 }, yaml = { 0 };

		request.k = 1 + suite_below(&r.state, 9);
		request.diverse = random_bool(&r);
		request.explain = random_bool(&r);
		request.budget_labels = random_number(&r, UINT64_MAX);
		request.budget_bytes = random_number(&r, UINT64_MAX);
		if (d->bandwidth_bps == 0)
			d->guarantee = 0;
		if (d->guarantee <= 0)
			d->max_lists = 0;
		d->id = d->description = NULL; /* an intent's alone */
		d->bidirectional = d->keep_if_unplaced = false;
		d->priority = 4;
		d->color = 0;
		d->n_prefixes = d->n_reverse_prefixes = 0;
		d->service_sid = d->reverse_service_sid = (struct ip_addr){ 0 };
		ck_ok(codec_path_request_print(codec, &request, &json, &err), err);
		text_printf(&yaml, "%s%s", random_bool(&r) ? "---\n" : "", text_get(&json));
		ck_ok(
		    codec_path_request_parse(codec, text_get(&yaml), yaml.len, &arena, &got, &err),
		    err);
		ck_assert_msg(same_intent(d, &got.demand), "seed %u: %s", seed, text_get(&json));
		ck_assert_uint_eq(got.k, request.k);
		ck_assert_int_eq(got.diverse, request.diverse);
		ck_assert_int_eq(got.explain, request.explain);
		ck_assert_uint_eq(got.budget_labels, request.budget_labels);
		ck_assert_uint_eq(got.budget_bytes, request.budget_bytes);
		text_free(&json);
		text_free(&yaml);
		arena_free(&arena);
	}
}
END_TEST

static const char *
row_name(const void *ctx, uint32_t row)
{
	static const char *const names[] = { "A", "B", "C" };

	(void)ctx;
	return names[row];
}

static const char *
row_link(const void *ctx, uint32_t row)
{
	(void)ctx;
	return row ? "b-c" : "a-b";
}

static uint32_t
row_from(const void *ctx, uint32_t row)
{
	(void)ctx;
	return row;
}

static uint32_t
row_to(const void *ctx, uint32_t row)
{
	(void)ctx;
	return row + 1;
}

START_TEST(path_answer_has_the_promised_shape)
{
	uint32_t links[] = { 0, 1 };
	struct path_route route = { .links = links,
				    .n_links = 2,
				    .igp_metric = 30,
				    .te_metric = 31,
				    .delay_us = 32,
				    .residual_bps = 5000000000ULL,
				    .unavailability_ppt = 50000000,
				    .has_bound = true,
				    .bound = 30,
				    .exact = true,
				    .why = NULL };
	struct segment segments[] = {
		{ .sid = { 0xfc, [15] = 2 }, .node = 1, .kind = SEGMENT_END },
		{ .sid = { 0xfc, [15] = 3 }, .node = 1, .link = 1, .kind = SEGMENT_END_X }
	};
	struct segment_list list = { .segments = segments, .n = 2, .weight = 1 };
	const struct segment_list *lists[] = { &list };
	struct path_relaxed relaxed = { (char[]){ "disjoint" }, (char[]){ "srlg" },
					(char[]){ "link" } };
	struct path_answer answer = {
		.routes = &route, .n_routes = 1, .relaxed = &relaxed, .n_relaxed = 1
	};
	struct codec_path_answer print = {
		&answer, lists, false, { row_name, row_link, row_from, row_to, NULL }
	};
	struct pce_error err = { 0 };
	struct text json = { 0 };
	unsigned seed = 0;

	ck_ok(codec_path_answer_print(codec, &print, &json, &err), err);
	ck_assert_str_eq(
	    text_get(&json),
	    "{\"karst-path:output\":{\"path\":[{\"node\":[\"A\",\"B\",\"C\"],\"link\":[\"a-b\","
	    "\"b-c\"],\"igp-metric\":\"30\",\"te-metric\":\"31\",\"delay-us\":\"32\",\"hops\":2,"
	    "\"residual-bps\":\"5000000000\",\"availability\":\"0.99995\",\"segment\":[{\"sid\":"
	    "\"fc00::2\",\"behavior\":\"End\",\"node\":\"B\"},{\"sid\":\"fc00::3\",\"behavior\":"
	    "\"End.X\",\"node\":\"B\",\"link\":\"b-c\"}],\"exact\":true}],\"relaxed\":[{"
	    "\"constraint\":\"disjoint\",\"asked\":\"srlg\",\"got\":\"link\"}]}}");
	text_clear(&json);
	route.exact = false;
	route.has_bound = true;
	route.bound = 77;
	route.why = (char[]){ "the budget is spent" };
	answer.n_relaxed = 0;
	print.lists = NULL;
	ck_ok(codec_path_answer_print(codec, &print, &json, &err), err);
	ck_assert_ptr_nonnull(strstr(text_get(&json), "\"exact\":false,\"bound\":\"77\","
						      "\"why\":\"the budget is spent\""));
	ck_assert_ptr_null(strstr(text_get(&json), "relaxed"));
	ck_assert_ptr_null(strstr(text_get(&json), "segment"));
	text_free(&json);
}
END_TEST

START_TEST(path_guarantee_is_told_with_weights_and_proof)
{
	uint32_t links[] = { 0, 1 };
	struct path_route routes[] = {
		{ .links = links, .n_links = 1, .weight = 2, .reserved_bps = 400, .exact = true },
		{ .links = links + 1,
		  .n_links = 1,
		  .weight = 1,
		  .reserved_bps = 200,
		  .exact = true },
	};
	struct path_answer answer = { .routes = routes,
				      .n_routes = 2,
				      .has_guarantee = true,
				      .guarantee = { .bandwidth_bps = 400,
						     .unavailability_ppt = 1000000,
						     .reserved_bps = 600,
						     .gamma_ppm = 1500000,
						     .bound_bps = 600,
						     .n_candidates = 5,
						     .all_candidates = true,
						     .best_of_candidates = true } };
	struct path_answer none = { .no_path = { .reason = PATH_REASON_GUARANTEE,
						 .text = (char[]){ "no" },
						 .best = 300,
						 .has_best = true,
						 .best_unavailability_ppt = 100000000000,
						 .has_best_unavailability = true } };
	struct codec_path_answer print = {
		&answer, NULL, false, { row_name, row_link, row_from, row_to, NULL }
	};
	struct pce_error err = { 0 };
	struct text json = { 0 };
	unsigned seed = 0;

	ck_ok(codec_path_answer_print(codec, &print, &json, &err), err);
	ck_assert_ptr_nonnull(strstr(text_get(&json), "\"weight\":2,\"reserved-bps\":\"400\""));
	ck_assert_ptr_nonnull(
	    strstr(text_get(&json),
		   "\"guarantee\":{\"bandwidth-bps\":\"400\",\"probability\":\"0.999999\","
		   "\"reserved-bps\":\"600\",\"gamma\":\"1.5\",\"bound-bps\":\"600\","
		   "\"candidates\":5,\"all-candidates\":true,\"best-of-candidates\":true}"));
	text_clear(&json);
	print.answer = &none;
	ck_ok(codec_path_answer_print(codec, &print, &json, &err), err);
	ck_assert_str_eq(text_get(&json), "{\"karst-path:output\":{\"no-path\":{\"reason\":"
					  "\"guarantee\",\"text\":\"no\",\"best\":\"300\","
					  "\"best-probability\":\"0.9\"}}}");
	text_free(&json);
}
END_TEST

static void
expect_fault(const char *members, const char *leaf)
{
	struct arena arena = { 0 };
	struct codec_path_request got;
	struct pce_error err = { 0 };
	struct text json = { 0 };

	text_printf(&json, "{\"karst-path:input\":{\"from\":\"a\",\"to\":\"b\",%s}}", members);
	ck_assert_msg(codec_path_request_parse(codec, text_get(&json), json.len, &arena, &got,
					       &err) != PCE_OK,
		      "%s: %s", members, err.text);
	ck_assert_msg(strstr(err.path, leaf), "%s: %s: %s", members, err.path, err.text);
	text_free(&json);
	arena_free(&arena);
}

START_TEST(path_guarantee_without_its_bandwidth_is_refused)
{
	expect_fault("\"guarantee\":\"0.9\"", "guarantee");
	expect_fault("\"guarantee\":\"0\",\"bandwidth-bps\":\"5\"", "guarantee");
	expect_fault("\"guarantee\":\"1.1\",\"bandwidth-bps\":\"5\"", "guarantee");
	expect_fault("\"max-lists\":2", "max-lists");
	expect_fault("\"guarantee\":\"0.9\",\"bandwidth-bps\":\"5\",\"max-lists\":9", "max-lists");
	expect_fault("\"guarantee\":\"0.9\",\"bandwidth-bps\":\"5\",\"max-lists\":0", "max-lists");
}
END_TEST

/* Every reason has a name in YANG, so that no answer fails to print. */
START_TEST(path_reasons_and_states_are_all_in_the_schema)
{
	struct pce_error err = { 0 };
	struct text json = { 0 };
	unsigned seed = 0;

	for (int reason = PATH_REASON_NONE + 1; reason < PATH_REASON_COUNT; reason++) {
		struct path_answer answer = { .no_path = { .reason = (enum path_reason)reason,
							   .text = (char[]){ "why" } } };
		struct codec_path_answer print = { .answer = &answer };
		char wanted[64] = "\"reason\":\"conflict\"";

		text_clear(&json);
		ck_ok(codec_path_answer_print(codec, &print, &json, &err), err);
		ck_assert_ptr_nonnull(strstr(text_get(&json),
					     "{\"karst-path:output\":{\"no-path\":{"
					     "\"reason\":\""));
		ck_assert(reason == PATH_REASON_CONFLICT || !strstr(text_get(&json), wanted));
	}
	for (int state = POLICY_PENDING; state <= POLICY_REMOVING; state++) {
		struct codec_policy policy = { .id = "a", .state = (enum policy_state)state };

		ck_ok(codec_policy_print(codec, &policy, &json, &err), err);
	}
	text_free(&json);
}
END_TEST

START_TEST(whatif_answer_always_has_its_three_lists)
{
	const char *const nodes[] = { "A", "B", "A" }; /* may repeat */
	const char *const links[] = { "x" };
	struct codec_moved moved = { .intent = "v",
				     .from = "A",
				     .to = "B",
				     .before = { nodes, links, 3, 1, 5 },
				     .after = { nodes, links, 2, 1, 6 } };
	struct codec_lost lost = { "w", "A", "B", PATH_REASON_BANDWIDTH, "too full" };
	struct codec_fuller fuller = { "x", 1000, 100, 901 };
	struct codec_whatif_answer answer = { &moved, 1, NULL, 0, NULL, 0 };
	struct pce_error err = { 0 };
	struct text json = { 0 };
	unsigned seed = 0;

	ck_ok(codec_whatif_print(codec, &answer, false, &json, &err), err);
	ck_assert_ptr_nonnull(strstr(text_get(&json), "{\"karst-path:whatif\":{\"moved\":[{"
						      "\"intent\":\"v\""));
	ck_assert_ptr_nonnull(strstr(text_get(&json), ",\"lost\":[],\"fuller\":[]}}"));
	text_clear(&json);
	answer = (struct codec_whatif_answer){ NULL, 0, &lost, 1, &fuller, 1 };
	ck_ok(codec_whatif_print(codec, &answer, true, &json, &err), err);
	ck_assert_ptr_nonnull(strstr(text_get(&json), "{\"karst-path:output\":{\"lost\":[{"));
	ck_assert_ptr_nonnull(strstr(text_get(&json), "\"load-ppm\":\"901000\""));
	ck_assert_ptr_nonnull(strstr(text_get(&json), ",\"moved\":[]}}"));
	text_free(&json);
}
END_TEST

START_TEST(notices_are_printed_as_restconf_notifications)
{
	const char *const before[] = { "a-b" }, *const after[] = { "a-c", "c-b" };
	struct alarm alarm = { "device/r1", "unreachable", ALARM_MAJOR, "r1 is away", "look",
			       0,           false,         false };
	struct service_notice notice = { .kind = NOTICE_POLICY,
					 .number = 9,
					 .wall_us = 1500000,
					 .object = "v~",
					 .state = "active",
					 .before = before,
					 .n_before = 1,
					 .after = after,
					 .n_after = 2,
					 .stages = { .cause = { 100 },
						     .computed = { 150 },
						     .prepared = { 400 },
						     .confirmed = { 900 } },
					 .alarm = &alarm };
	struct pce_error err = { 0 };
	struct text json = { 0 };
	unsigned seed = 0;

	ck_ok(codec_notice_print(codec, &notice, &json, &err), err);
	ck_assert_str_eq(
	    text_get(&json),
	    "{\"ietf-restconf:notification\":{\"eventTime\":\"1970-01-01T00:00:01.500000Z\","
	    "\"karst-events:policy-change\":{\"number\":\"9\",\"policy\":\"v~\",\"state\":"
	    "\"active\",\"link-before\":[\"a-b\"],\"link-after\":[\"a-c\",\"c-b\"],\"stage\":{"
	    "\"computed-us\":\"50\",\"prepared-us\":\"300\",\"confirmed-us\":\"800\"}}}}");
	for (int kind = NOTICE_TOPOLOGY; kind <= NOTICE_ALARM; kind++) {
		notice.kind = (enum service_notice_kind)kind;
		ck_ok(codec_notice_print(codec, &notice, &json, &err), err);
	}
	text_free(&json);
}
END_TEST

START_TEST(status_is_printed)
{
	struct srpolicy foreign = { .color = 7,
				    .endpoint = random_addr(&(struct random){ .state = 1 }, 4),
				    .name = "theirs" };
	struct alarm alarm = { "store", "disk-full", ALARM_CRITICAL, "t", "a", 1, false, true };
	struct codec_feed feed = { "rr1", true, true, NULL, 5, 6 };
	struct codec_device_status device = { "r1",   NULL, false, false,    false, false,
					      "away", 1,    2,     &foreign, 1 };
	struct codec_status status = { .version = "0.1",
				       .mode = "act",
				       .feeds = &feed,
				       .n_feeds = 1,
				       .devices = &device,
				       .n_devices = 1,
				       .alarms = &alarm,
				       .n_alarms = 1 };
	struct pce_error err = { 0 };
	struct text json = { 0 };
	unsigned seed = 0;

	ck_ok(codec_status_print(codec, &status, &json, &err), err);
	ck_assert_ptr_nonnull(strstr(text_get(&json), "\"severity\":\"critical\""));
	ck_assert_ptr_nonnull(strstr(text_get(&json), "\"name\":\"theirs\""));
	text_free(&json);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("answers");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, path_requests_to_text_and_back_are_the_same);
	tcase_add_test(tc, path_answer_has_the_promised_shape);
	tcase_add_test(tc, path_guarantee_is_told_with_weights_and_proof);
	tcase_add_test(tc, path_guarantee_without_its_bandwidth_is_refused);
	tcase_add_test(tc, path_reasons_and_states_are_all_in_the_schema);
	tcase_add_test(tc, whatif_answer_always_has_its_three_lists);
	tcase_add_test(tc, notices_are_printed_as_restconf_notifications);
	tcase_add_test(tc, status_is_printed);
	return suite_run("models/answers", tc, 120);
}
