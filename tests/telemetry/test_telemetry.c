/* From samples to summaries: meters, bindings, hysteresis, staleness. */
#include <stdio.h>
#include <string.h>

#include "southbound/telemetry/telemetry.h"
#include "tests/support/suite.h"

#define S ((int64_t)USEC_PER_S)
#define G ((uint64_t)1000000000)
#define WALL ((int64_t)1700000000 * USEC_PER_S)

static struct config_device device;
static struct config_interface interfaces[1];
static struct karst_config config;
static struct ted *ted;
static struct telemetry *telemetry;
static struct meter *meter;
static struct gnmi_map map;
static struct usec now;
static int64_t ahead_ns; /* the router's clock */

static void
on_reading(void *ctx, const struct meter_reading *reading)
{
	(void)ctx;
	ck_assert_int_eq(telemetry_reading(telemetry, 0, reading, WALL + now.v, NULL), PCE_OK);
}

static struct ted_node_key
node_key(const char *name)
{
	struct ted_node_key key = { .protocol = TED_PROTOCOL_STATIC };

	key.router_id_len = (uint8_t)strlen(name);
	memcpy(key.router_id, name, key.router_id_len);
	return key;
}

static void
add_link(const char *name, uint32_t local_id, uint64_t capacity_bps)
{
	struct ted_delta d = { .object = TED_OBJECT_LINK, .op = TED_SET };

	d.key.link.local = node_key("A");
	d.key.link.remote = node_key("B");
	d.key.link.has_ids = true;
	d.key.link.local_id = local_id;
	d.key.link.remote_id = local_id;
	d.attr.link.present = TED_LINK_NAME | TED_LINK_CAPACITY | TED_LINK_IGP_METRIC;
	d.attr.link.name = name;
	d.attr.link.igp_metric = 1;
	d.attr.link.capacity_bps = capacity_bps;
	ck_assert_int_eq(ted_apply(ted, (struct ted_source){ TED_SOURCE_FILE, 0 }, &d, 1, NULL),
			 PCE_OK);
}

static void
add_node(const char *name)
{
	struct ted_delta d = { .object = TED_OBJECT_NODE, .op = TED_SET };

	d.key.node = node_key(name);
	ck_assert_int_eq(ted_apply(ted, (struct ted_source){ TED_SOURCE_FILE, 0 }, &d, 1, NULL),
			 PCE_OK);
}

static void
start(void)
{
	const struct meter_limits limits = { 4, { S / 2, 10 * G / 8 } };
	const struct ted_change *changes;
	size_t n;

	device = (struct config_device){ .name = "a", .node = "A" };
	config = (struct karst_config){ .devices = &device, .n_devices = 1 };
	config.telemetry = (struct config_telemetry){ .window_s = 30,
						      .change_percent = 2,
						      .delay_change_percent = 10,
						      .delay_change_us = 100,
						      .loss_change_percent = 25,
						      .loss_change_ppb = 10000,
						      .stale_s = 90,
						      .up_hold_s = 10,
						      .resolution_s = 60,
						      .keep_s = 86400 };
	now = (struct usec){ 1000 * S };
	ahead_ns = 0;
	map = (struct gnmi_map){ 0 };
	ck_assert_int_eq(gnmi_map_add_builtin(&map, NULL), PCE_OK);
	ck_assert_int_eq(ted_new(&ted, 1, NULL), PCE_OK);
	add_node("A");
	add_node("B");
	add_link("one", 7, 10 * G);
	add_link("two", 8, 10 * G);
	ck_assert_int_eq(ted_settle(ted, &changes, &n, NULL), PCE_OK);
	ck_assert_int_eq(telemetry_new(&config, &telemetry, NULL), PCE_OK);
	ck_assert_int_eq(meter_new(&limits, 1, on_reading, NULL, &meter, NULL), PCE_OK);
}

static void
end(void)
{
	meter_free(meter);
	telemetry_free(telemetry);
	ted_free(ted);
	gnmi_map_free(&map);
}

/* The leaf of a built-in path. */
static const struct gnmi_map_node *
leaf(enum telemetry_meaning meaning)
{
	const struct gnmi_map_node *node = &map.root;

	while (node && node->meaning != meaning) {
		if (node->child) {
			node = node->child;
			continue;
		}
		while (node && !node->next)
			node = node->parent;
		node = node ? node->next : NULL;
	}
	ck_assert_ptr_nonnull(node);
	return node;
}

static void
say(enum telemetry_meaning meaning, const char *name, const struct gnmi_value *value)
{
	struct gnmi_sample s = {
		leaf(meaning), { { name, strlen(name) } }, value, now.v * 1000 + ahead_ns
	};

	if (s.leaf->n_slots > 1)
		s.names[1] = (struct wire_slice){ "2001:db8::1", 11 };
	if (s.leaf->n_slots > 2)
		s.names[2] = (struct wire_slice){ "2001:db8::2", 11 };
	meter_begin(meter, now);
	meter_sample(meter, &s);
}

static void
say_number(enum telemetry_meaning meaning, const char *name, uint64_t number)
{
	const struct gnmi_value v = { .kind = GNMI_VALUE_UINT, .u = number };

	say(meaning, name, &v);
}

static void
say_text(enum telemetry_meaning meaning, const char *name, const char *text)
{
	const struct gnmi_value v = { .kind = GNMI_VALUE_STRING, .slice = { text, strlen(text) } };

	say(meaning, name, &v);
}

/* What the service is told now; NULL nothing. */
static const struct service_event *
told(void)
{
	static struct service_event e;

	ck_assert_int_eq(telemetry_bind(telemetry, ted, NULL), PCE_OK);
	return telemetry_summaries(telemetry, ted, now, &e) ? &e : NULL;
}

static uint64_t counted;

/* A link carries so much for a time, told every ten seconds. */
static void
carry(const char *name, uint64_t bps, unsigned seconds)
{
	for (unsigned i = 0; i < seconds; i += 10) {
		now.v += 10 * S;
		counted += bps / 8 * 10;
		say_number(MEANING_OUT_OCTETS, name, counted);
	}
}

static ted_link
row(const char *name)
{
	for (ted_link i = 0; i < ted_link_count(ted); i++)
		if (strcmp(ted_link_at(ted, i)->name, name) == 0)
			return i;
	return TED_NONE;
}

START_TEST(rates_become_summaries_only_when_they_move)
{
	const struct service_event *e;
	struct telemetry_view view;

	carry("one", 0, 10);
	ck_assert_ptr_null(told());
	carry("one", 1 * G, 10);
	e = told();
	ck_assert_ptr_nonnull(e);
	ck_assert_uint_eq(e->u.telemetry.n_links, 1);
	ck_assert_str_eq(e->u.telemetry.links[0].key, ted_link_key_text(ted, row("one")));
	ck_assert_uint_eq(e->u.telemetry.links[0].present, TELEMETRY_RATE);
	ck_assert_uint_eq(e->u.telemetry.links[0].measured_bps, 1 * G);
	/* Noise of one percent moves nothing. */
	for (int i = 0; i < 20; i++) {
		carry("one", 1 * G + (i % 2 ? G / 10 : 0), 10);
		ck_assert_ptr_null(told());
	}
	carry("one", 9 * G, 60);
	e = told();
	ck_assert_ptr_nonnull(e);
	ck_assert_uint_eq(e->u.telemetry.links[0].measured_bps, 9 * G);
	ck_assert(telemetry_view_link(telemetry, row("one"), &view));
	ck_assert_str_eq(view.interface, "one");
	ck_assert_uint_eq(view.rate_bps, 9 * G);
	ck_assert_ptr_nonnull(telemetry_view_history(telemetry, row("one")));
	ck_assert(!telemetry_view_link(telemetry, row("two"), &view));
}
END_TEST

/* Packets of a policy that come in at a router on its way: kept, told to nobody. */
START_TEST(flow_packets_are_a_rate_and_move_nothing)
{
	static const char name[] = "10000 2001:db8::1 2001:db8::2";
	struct telemetry_counts counts;
	uint64_t rate = 0;

	ck_assert(!telemetry_view_flow(telemetry, 0, name, &rate));
	for (uint64_t i = 0; i < 10; i++) {
		say_number(MEANING_FLOW_PACKETS, "10000", 1000 + i * 25);
		ck_assert_ptr_null(told());
		now.v += 10 * S;
	}
	ck_assert(telemetry_view_flow(telemetry, 0, name, &rate));
	ck_assert_uint_eq(rate, 2500); /* in 1000 s */
	ck_assert(!telemetry_view_flow(telemetry, 0, "10000 2001:db8::1 2001:db8::3", &rate));
	ck_assert(!telemetry_view_flow(telemetry, 7, name, &rate));
	telemetry_view_counts(telemetry, &counts);
	ck_assert_uint_eq(counts.links + counts.policies, 0);
	ck_assert_uint_eq(counts.unbound, 0);
	now.v += 90 * S;
	ck_assert_ptr_null(told());
	ck_assert(!telemetry_view_flow(telemetry, 0, name, &rate));
}
END_TEST

START_TEST(silence_makes_stale_and_is_told)
{
	const struct service_event *e;

	carry("one", 1 * G, 20);
	ck_assert_ptr_nonnull(told());
	ck_assert_int_eq(telemetry_deadline(telemetry).v, now.v + 90 * S);
	now.v += 89 * S;
	ck_assert_ptr_null(told());
	now.v += 1 * S;
	e = told();
	ck_assert_ptr_nonnull(e);
	ck_assert_uint_eq(e->u.telemetry.links[0].present, 0);
	ck_assert_ptr_null(told());
}
END_TEST

START_TEST(down_is_told_at_once_and_up_after_it_held)
{
	const struct service_event *e;

	say_text(MEANING_OPER_STATUS, "one", "UP");
	e = told();
	ck_assert(e && !e->u.telemetry.links[0].oper_down);
	now.v += S;
	say_text(MEANING_OPER_STATUS, "one", "LOWER_LAYER_DOWN");
	e = told();
	ck_assert(e && e->u.telemetry.links[0].oper_down);
	now.v += S;
	say_text(MEANING_OPER_STATUS, "one", "up");
	ck_assert_ptr_null(told());
	now.v += 9 * S;
	ck_assert_ptr_null(told());
	now.v += S;
	e = told();
	ck_assert_msg(e && !e->u.telemetry.links[0].oper_down, "it is not up after ten seconds");
}
END_TEST

START_TEST(interfaces_are_found_by_every_rung)
{
	carry("eth7", 1 * G, 20);
	ck_assert_ptr_null(told()); /* nobody knows which link that is */
	say_number(MEANING_IF_INDEX, "eth7", 7);
	carry("eth7", 1 * G, 10);
	ck_assert_ptr_nonnull(told());
	interfaces[0] = (struct config_interface){ "eth7", "two" };
	device.interfaces = interfaces;
	device.n_interfaces = 1;
	say_number(MEANING_IF_INDEX, "eth7", 77); /* binds anew; the configuration counts */
	carry("eth7", 1 * G, 10);
	{
		const struct service_event *e = told();

		ck_assert_ptr_nonnull(e);
		ck_assert_uint_eq(e->u.telemetry.n_links, 2);
		ck_assert_str_eq(e->u.telemetry.links[0].key, ted_link_key_text(ted, row("one")));
		ck_assert_uint_eq(e->u.telemetry.links[0].present, 0);
		ck_assert_str_eq(e->u.telemetry.links[1].key, ted_link_key_text(ted, row("two")));
	}
}
END_TEST

START_TEST(policies_are_told_by_color_and_endpoint)
{
	const struct service_event *e;
	struct ip_addr endpoint;

	for (int i = 0; i < 3; i++) {
		now.v += 10 * S;
		say_number(MEANING_POLICY_OCTETS, "10007", (uint64_t)i * 1250000);
	}
	e = told();
	ck_assert_ptr_nonnull(e);
	ck_assert_uint_eq(e->u.telemetry.n_policies, 1);
	ck_assert_int_eq(ip_parse("2001:db8::1", &endpoint, NULL), PCE_OK);
	ck_assert_str_eq(e->u.telemetry.policies[0].device, "a");
	ck_assert_uint_eq(e->u.telemetry.policies[0].color, 10007);
	ck_assert_int_eq(ip_compare(&e->u.telemetry.policies[0].endpoint, &endpoint), 0);
	ck_assert(e->u.telemetry.policies[0].known);
	ck_assert_uint_eq(e->u.telemetry.policies[0].measured_bps, 1000000);
}
END_TEST

START_TEST(a_million_samples_a_second_give_two_readings)
{
	struct telemetry_counts counts;

	carry("one", 1 * G, 10);
	for (unsigned i = 0; i < 100000; i++) {
		now.v += 10;
		say_number(MEANING_OUT_OCTETS, "one", counted += 1250);
	}
	telemetry_view_counts(telemetry, &counts);
	ck_assert_uint_le(counts.readings, 4);
	ck_assert_uint_gt(meter_counters(meter)->verdicts[RATE_EARLY], 99000);
	ck_assert_ptr_nonnull(told());
}
END_TEST

START_TEST(an_hour_ahead_is_as_good_as_right)
{
	const struct service_event *e;

	ahead_ns = 3600 * (int64_t)1000000000;
	carry("one", 1 * G, 30);
	e = told();
	ck_assert_ptr_nonnull(e);
	ck_assert_uint_eq(e->u.telemetry.links[0].measured_bps, 1 * G);
}
END_TEST

START_TEST(objects_beyond_the_limit_and_what_is_no_number_are_counted)
{
	const struct gnmi_value nan = { .kind = GNMI_VALUE_DOUBLE, .d = 0.0 / 0.0 };
	char name[16];

	for (unsigned i = 0; i < 10; i++) {
		snprintf(name, sizeof(name), "if%u", i);
		say_number(MEANING_OUT_OCTETS, name, 1);
	}
	ck_assert_uint_eq(meter_counters(meter)->too_many_objects, 6);
	say(MEANING_DELAY, "if0", &nan);
	ck_assert_uint_eq(meter_counters(meter)->not_numbers, 1);
	say_number(MEANING_OUT_OCTETS, "", 1);
	ck_assert_uint_eq(meter_counters(meter)->bad_names, 1);
	ck_assert_uint_lt(meter_memory(meter), 8192);
}
END_TEST

START_TEST(delay_and_loss_have_their_own_hysteresis)
{
	const struct service_event *e;

	say_number(MEANING_DELAY, "one", 1000);
	e = told();
	ck_assert(e && e->u.telemetry.links[0].delay_us == 1000);
	for (int i = 0; i < 5; i++) {
		now.v += 10 * S;
		say_number(MEANING_DELAY, "one", 1090);
		ck_assert_ptr_null(told());
	}
	for (int i = 0; i < 5; i++) {
		now.v += 10 * S;
		say_number(MEANING_DELAY, "one", 1500);
	}
	e = told();
	ck_assert(e && e->u.telemetry.links[0].delay_us == 1500);
	for (uint64_t i = 1; i < 4; i++) {
		now.v += 10 * S;
		say_number(MEANING_OUT_DISCARDS, "one", i * 10);
		say_number(MEANING_OUT_PACKETS, "one", i * 990);
	}
	e = told();
	ck_assert(e && e->u.telemetry.links[0].present & TELEMETRY_LOSS);
	ck_assert_uint_eq(e->u.telemetry.links[0].loss_ppb, 10000000);
}
END_TEST

/*
 * Random rates with noise: what the service believes is never further from the smoothed value than
 * the hysteresis, and it is told no more often than the smoothed value moved by that much.
 */
START_TEST(what_is_believed_stays_near_what_is_measured)
{
	for (uint64_t seed = 1; seed <= suite_seeds(); seed++) {
		uint64_t random = seed, believed = 0, level = 1 * G;
		bool known = false;

		for (int i = 0; i < 40; i++) {
			const struct service_event *e;
			struct telemetry_view view;

			if (suite_below(&random, 8) == 0)
				level = suite_below(&random, 10) * G;
			carry("one", level + suite_below(&random, 100000000), 10);
			e = told();
			if (e) {
				uint64_t next = e->u.telemetry.links[0].measured_bps;

				ck_assert_msg(!known || next > believed + G / 5 ||
						  next + G / 5 < believed,
					      "seed %llu: told of noise", (unsigned long long)seed);
				believed = next;
				known = true;
			}
			if (!known)
				continue;
			ck_assert(telemetry_view_link(telemetry, row("one"), &view));
			ck_assert_uint_le(view.rate_bps, believed + G / 5);
			ck_assert_uint_ge(view.rate_bps + G / 5, believed);
		}
		end();
		start();
	}
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("telemetry");

	tcase_add_checked_fixture(t, start, end);
	tcase_add_test(t, rates_become_summaries_only_when_they_move);
	tcase_add_test(t, flow_packets_are_a_rate_and_move_nothing);
	tcase_add_test(t, silence_makes_stale_and_is_told);
	tcase_add_test(t, down_is_told_at_once_and_up_after_it_held);
	tcase_add_test(t, interfaces_are_found_by_every_rung);
	tcase_add_test(t, policies_are_told_by_color_and_endpoint);
	tcase_add_test(t, a_million_samples_a_second_give_two_readings);
	tcase_add_test(t, an_hour_ahead_is_as_good_as_right);
	tcase_add_test(t, objects_beyond_the_limit_and_what_is_no_number_are_counted);
	tcase_add_test(t, delay_and_loss_have_their_own_hysteresis);
	tcase_add_test(t, what_is_believed_stays_near_what_is_measured);
	return suite_run("telemetry", t, 60);
}
