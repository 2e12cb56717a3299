/* What was measured: links that fill up, bookings that do not flow, links that are seen down. */
#include "tests/service/square.h"

static void
measure(struct world *w, unsigned fibre, unsigned half, uint32_t present, uint64_t bps)
{
	const struct telemetry_link link = {
		.key = ted_link_key_text(w->service->ted, world_link(w, fibre, half)),
		.present = present,
		.measured_bps = bps,
		.oper_down = bps == 0,
	};
	struct service_event e = { .kind = SERVICE_TELEMETRY };

	e.u.telemetry.links = &link;
	e.u.telemetry.n_links = 1;
	e.u.telemetry.received = w->now;
	world_event(w, &e);
}

static void
measure_policy(struct world *w, const char *id, uint64_t bps)
{
	const struct service_view_policy p = policy_of(w, id);
	const struct telemetry_policy policy = {
		.device = p.device,
		.color = p.srpolicy->color,
		.endpoint = p.srpolicy->endpoint,
		.known = true,
		.measured_bps = bps,
	};
	struct service_event e = { .kind = SERVICE_TELEMETRY };

	e.u.telemetry.policies = &policy;
	e.u.telemetry.n_policies = 1;
	e.u.telemetry.received = w->now;
	world_event(w, &e);
}

static const struct ted_link_row *
row_of(const struct world *w, unsigned fibre)
{
	return ted_link_at(w->service->ted, world_link(w, fibre, 0));
}

static uint64_t
residual(const struct world *w, unsigned fibre)
{
	return ted_residual_bps(w->service->ted, world_link(w, fibre, 0));
}

START_TEST(telemetry_link_filled_by_others_moves_its_policy)
{
	struct world w;
	struct intent a;

	square(&w);
	w.config.telemetry.window_s = 30;
	a = world_intent(&w, "a", 0, 3, 2 * G);
	admit(&w, &a);
	ck_assert(world_uses(&w, "a", 1));
	measure(&w, 1, 0, TELEMETRY_RATE, 9 * G);
	world_settle(&w);
	ck_assert_uint_eq(residual(&w, 1), 1 * G);
	ck_assert_msg(world_uses(&w, "a", 1), "what it carries itself drove it away");
	measure(&w, 1, 0, TELEMETRY_RATE, 11 * G);
	world_settle(&w);
	ck_assert_msg(!world_uses(&w, "a", 1), "it stays on a link that others filled");
	ck_assert(world_uses(&w, "a", 3));
	ck_assert_str_eq(policy_of(&w, "a").cause, "link f1.0 changed its bandwidth");
	world_check_quiet(&w);
	world_free(&w);
}
END_TEST

START_TEST(telemetry_measured_policy_counts_with_what_it_carries)
{
	struct world w;
	struct intent a;

	square(&w);
	w.config.telemetry.window_s = 30;
	a = world_intent(&w, "a", 0, 3, 2 * G);
	admit(&w, &a);
	measure(&w, 1, 0, TELEMETRY_RATE, 7 * G);
	world_settle(&w);
	ck_assert_uint_eq(row_of(&w, 1)->unbooked_bps, 5 * G);
	measure_policy(&w, "a", G / 2);
	world_settle(&w);
	ck_assert_uint_eq(row_of(&w, 1)->unbooked_bps, 7 * G - G / 2);
	ck_assert_uint_eq(ted_carried_bps(row_of(&w, 1)), G / 2);
	ck_assert_uint_eq(residual(&w, 1), 10 * G - 2 * G - (7 * G - G / 2));
	ck_assert(policy_of(&w, "a").measured);
	ck_assert_uint_eq(policy_of(&w, "a").measured_bps, G / 2);
	/* What it sends beyond its booking is booked by nobody. */
	measure_policy(&w, "a", 3 * G);
	world_settle(&w);
	ck_assert_uint_eq(row_of(&w, 1)->unbooked_bps, 5 * G);
	ck_assert(world_uses(&w, "a", 1));
	/* It sends nothing: all that is there is somebody else's, and the link is full. */
	measure(&w, 1, 0, TELEMETRY_RATE, 9 * G);
	measure_policy(&w, "a", 0);
	world_settle(&w);
	ck_assert_msg(!world_uses(&w, "a", 1), "it stays though nobody's traffic leaves no room");
	world_check_quiet(&w);
	world_free(&w);
}
END_TEST

START_TEST(telemetry_weighted_lists_carry_their_shares)
{
	struct world w;
	struct intent a;

	square(&w);
	w.config.telemetry.window_s = 30;
	for (unsigned i = 0; i < 4; i++) {
		w.fibres[i].unavailability_ppt = 10000000000; /* 0.99 */
		world_mend(&w, i);
	}
	a = world_intent(&w, "a", 0, 3, 2 * G);
	a.guarantee = 0.999; /* two lists, each with room for all, each with half of it */
	a.max_lists = 2;
	admit(&w, &a);
	measure(&w, 0, 0, TELEMETRY_RATE, G);
	measure(&w, 2, 0, TELEMETRY_RATE, 3 * G);
	world_settle(&w);
	ck_assert_uint_eq(world_booked(&w, 2, 0), 2 * G);
	ck_assert_uint_eq(row_of(&w, 0)->unbooked_bps, 0);
	ck_assert_uint_eq(row_of(&w, 2)->unbooked_bps, 2 * G);
	measure_policy(&w, "a", G);
	world_settle(&w);
	ck_assert_uint_eq(row_of(&w, 0)->unbooked_bps, G / 2);
	ck_assert_uint_eq(row_of(&w, 2)->unbooked_bps, 3 * G - G / 2);
	world_check_quiet(&w);
	world_free(&w);
}
END_TEST

START_TEST(telemetry_policy_that_fills_its_link_alone_stays)
{
	struct world w;
	struct intent a;
	size_t applies;

	square(&w);
	w.config.telemetry.window_s = 30;
	a = world_intent(&w, "a", 0, 3, 8 * G);
	admit(&w, &a);
	applies = w.n_applies;
	measure(&w, 1, 0, TELEMETRY_RATE, 8 * G);
	measure_policy(&w, "a", 8 * G);
	measure(&w, 1, 0, TELEMETRY_RATE, 10 * G);
	world_settle(&w);
	ck_assert(world_uses(&w, "a", 1));
	ck_assert_uint_eq(w.n_applies, applies);
	world_free(&w);
}
END_TEST

START_TEST(telemetry_full_link_sheds_no_more_than_it_has_to)
{
	struct world w;
	struct intent a, b;

	square(&w);
	w.config.telemetry.window_s = 30;
	a = world_intent(&w, "a", 0, 3, 4 * G);
	b = world_intent(&w, "b", 1, 3, 4 * G);
	admit(&w, &a);
	admit(&w, &b);
	ck_assert(world_uses(&w, "a", 1) && world_uses(&w, "b", 1));
	measure(&w, 1, 0, TELEMETRY_RATE, 11 * G);
	world_settle(&w);
	ck_assert(world_uses(&w, "a", 3));
	ck_assert_msg(world_uses(&w, "b", 1), "the second one left too");
	ck_assert_ptr_null(policy_of(&w, "b").reason);
	world_check_quiet(&w);
	world_free(&w);
}
END_TEST

START_TEST(telemetry_after_a_move_old_traffic_is_nobodys_only_later)
{
	struct world w;
	struct intent a;

	square(&w);
	w.config.telemetry.window_s = 30;
	a = world_intent(&w, "a", 0, 3, 4 * G);
	admit(&w, &a);
	measure(&w, 1, 0, TELEMETRY_RATE, 4 * G);
	measure(&w, 1, 0, TELEMETRY_RATE, 12 * G);
	world_settle(&w);
	ck_assert(world_uses(&w, "a", 3));
	/* It still shows on the old link, and not yet on the new one. */
	measure(&w, 1, 0, TELEMETRY_RATE, 11 * G);
	measure(&w, 3, 0, TELEMETRY_RATE, 3 * G);
	world_settle(&w);
	ck_assert_uint_eq(row_of(&w, 1)->booked_bps, 0);
	ck_assert_uint_eq(row_of(&w, 1)->unbooked_bps, 7 * G);
	ck_assert_uint_eq(row_of(&w, 3)->booked_bps, 4 * G);
	ck_assert_uint_eq(row_of(&w, 3)->unbooked_bps, 3 * G);
	world_pass(&w, 71 * (int64_t)USEC_PER_S);
	measure(&w, 1, 0, TELEMETRY_RATE, 9 * G);
	measure(&w, 3, 0, TELEMETRY_RATE, 5 * G);
	world_settle(&w);
	ck_assert_uint_eq(row_of(&w, 1)->unbooked_bps, 9 * G);
	ck_assert_uint_eq(row_of(&w, 3)->unbooked_bps, 1 * G);
	world_free(&w);
}
END_TEST

START_TEST(telemetry_link_seen_down_is_not_used_until_it_is_forgotten)
{
	struct world w;
	struct intent a;

	square(&w);
	w.config.telemetry.window_s = 30;
	a = world_intent(&w, "a", 0, 3, G);
	admit(&w, &a);
	measure(&w, 1, 0, TELEMETRY_OPER, 0);
	world_settle(&w);
	ck_assert(world_uses(&w, "a", 3));
	ck_assert(row_of(&w, 1)->unusable & TED_UNUSABLE_DOWN);
	measure(&w, 1, 0, 0, 0);
	world_settle(&w);
	ck_assert_uint_eq(row_of(&w, 1)->unusable, 0);
	world_free(&w);
}
END_TEST

START_TEST(telemetry_of_unknown_things_is_counted)
{
	struct world w;
	const struct telemetry_link link = { .key = "no such key", .present = TELEMETRY_RATE };
	const struct telemetry_policy policy = { .device = "nobody", .known = true };
	struct service_event e = { .kind = SERVICE_TELEMETRY };
	struct service_view_counters counters;

	square(&w);
	w.config.telemetry.window_s = 30;
	e.u.telemetry.links = &link;
	e.u.telemetry.n_links = 1;
	e.u.telemetry.policies = &policy;
	e.u.telemetry.n_policies = 1;
	world_event(&w, &e);
	service_view_counters(w.service, &counters);
	ck_assert_uint_eq(counters.telemetry_unknown, 2);
	world_free(&w);
}
END_TEST

/* What a policy carries as the formula counts it: what was measured, at most what it booked. */
struct random_policy {
	char id[16];
	uint64_t booked;
	bool measured;
	uint64_t bps;
};

static void
check_residuals(const struct world *w, const struct random_policy *policies, size_t n,
		const uint64_t *measured)
{
	for (unsigned fibre = 0; fibre < 4; fibre++) {
		uint64_t booked = 0, carried = 0, unbooked, used;

		for (size_t i = 0; i < n; i++) {
			if (!world_uses(w, policies[i].id, fibre))
				continue;
			booked += policies[i].booked;
			carried += policies[i].measured && policies[i].bps < policies[i].booked
				       ? policies[i].bps
				       : policies[i].booked;
		}
		unbooked = measured[fibre] > carried ? measured[fibre] - carried : 0;
		used = booked + unbooked;
		ck_assert_uint_eq(row_of(w, fibre)->booked_bps, booked);
		ck_assert_uint_eq(ted_carried_bps(row_of(w, fibre)), carried);
		ck_assert_uint_eq(row_of(w, fibre)->unbooked_bps, unbooked);
		ck_assert_uint_eq(residual(w, fibre), used < 10 * G ? 10 * G - used : 0);
	}
}

START_TEST(telemetry_residual_is_the_formula)
{
	for (uint64_t seed = 1; seed <= suite_seeds(); seed++) {
		struct random_policy policies[3];
		uint64_t random = seed, measured[4];
		size_t n = 1 + suite_below(&random, 3);
		struct world w;

		square(&w);
		w.config.telemetry.window_s = 30;
		for (size_t i = 0; i < n; i++) {
			struct random_policy *p = &policies[i];
			struct intent intent;

			snprintf(p->id, sizeof(p->id), "p%zu", i);
			p->booked = (1 + suite_below(&random, 3)) * G;
			p->measured = suite_below(&random, 2) == 0;
			p->bps = suite_below(&random, 5000) * (G / 1000);
			intent =
			    world_intent(&w, p->id, 0, suite_below(&random, 2) ? 3 : 1, p->booked);
			admit(&w, &intent);
		}
		for (unsigned fibre = 0; fibre < 4; fibre++) {
			measured[fibre] = suite_below(&random, 12000) * (G / 1000);
			/* Too little to move anybody, so that everything stays in its place. */
			measured[fibre] /= 4;
			measure(&w, fibre, 0, TELEMETRY_RATE, measured[fibre]);
		}
		for (size_t i = 0; i < n; i++)
			if (policies[i].measured)
				measure_policy(&w, policies[i].id, policies[i].bps);
		world_settle(&w);
		check_residuals(&w, policies, n, measured);
		world_free(&w);
	}
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("telemetry");

	tcase_add_test(t, telemetry_link_filled_by_others_moves_its_policy);
	tcase_add_test(t, telemetry_measured_policy_counts_with_what_it_carries);
	tcase_add_test(t, telemetry_weighted_lists_carry_their_shares);
	tcase_add_test(t, telemetry_policy_that_fills_its_link_alone_stays);
	tcase_add_test(t, telemetry_full_link_sheds_no_more_than_it_has_to);
	tcase_add_test(t, telemetry_after_a_move_old_traffic_is_nobodys_only_later);
	tcase_add_test(t, telemetry_link_seen_down_is_not_used_until_it_is_forgotten);
	tcase_add_test(t, telemetry_of_unknown_things_is_counted);
	tcase_add_test(t, telemetry_residual_is_the_formula);
	return suite_run("service telemetry", t, 120);
}
