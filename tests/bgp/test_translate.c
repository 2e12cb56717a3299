/*
 * From UPDATEs to deltas: round trips through an encoder of our own, and rows written from the RFCs
 * for what a round trip cannot show (what is refused, rounded, counted).
 */
#include <stdio.h>
#include <string.h>

#include "southbound/bgp/translate.h"
#include "tests/bgp/deltas.h"
#include "tests/lab/bgpls_encode.h"
#include "tests/support/suite.h"

static struct bgpls_translator *
translator(bool strict)
{
	struct bgpls_translator *t = NULL;

	ck_assert_int_eq(bgpls_translator_new(strict, &t, NULL), PCE_OK);
	return t;
}

static size_t
encode(const struct ted_delta *d, const struct lab_encoding *how, uint8_t *body, size_t cap)
{
	uint8_t nlri[LAB_NLRI_MAX], attr[4096];
	size_t nlri_len = lab_encode_nlri(d, how, nlri, sizeof(nlri)), attr_len;

	ck_assert_uint_gt(nlri_len, 0);
	if (d->op == TED_DELETE)
		return lab_encode_withdraw(nlri, nlri_len, body, cap);
	attr_len = lab_encode_attr(d, how, attr, sizeof(attr));
	ck_assert(attr_len != SIZE_MAX);
	return lab_encode_announce(how, nlri, nlri_len, attr, attr_len, body, cap);
}

START_TEST(translate_what_was_encoded_is_the_same)
{
	struct bgpls_translator *t = translator(false);

	for (unsigned seed = 0; seed < suite_seeds() * 4; seed++) {
		uint64_t state = seed;
		static const uint8_t hop[4] = { 10, 0, 0, 1 };
		struct lab_encoding how = { .asla = seed & 1,
					    .mt_last = seed & 2,
					    .next_hop = ip_v4(hop),
					    .as_path = seed & 4 ? 65001 : 0 };
		struct delta_room room;
		struct ted_delta want;
		const struct ted_delta *got;
		struct bgp_update update;
		uint8_t body[8192];
		const char *difference;
		size_t n, len;

		delta_random(&state, &room, &want);
		len = encode(&want, &how, body, sizeof(body));
		ck_assert_uint_gt(len, 0);
		ck_assert(bgp_read_update(reader_over(body, len), &update, NULL));
		ck_assert_int_eq(bgpls_translate(t, &update, &got, &n, NULL), PCE_OK);
		ck_assert_msg(n == 1, "seed %u: %zu deltas", seed, n);
		difference = delta_difference(&want, got);
		ck_assert_msg(!difference, "seed %u: %s", seed, difference);
	}
	ck_assert_uint_eq(bgpls_counters(t)->nlri_discarded, 0);
	ck_assert_uint_eq(bgpls_counters(t)->bandwidths_bad, 0);
	ck_assert_uint_gt(bgpls_counters(t)->nlri_tolerated, 0);
	bgpls_translator_free(t);
}
END_TEST

/* One link NLRI (IS-IS level 2, 1 -> 2, interface 10.0.0.1) with the given attribute 29. */
static void
with_attr(struct bgpls_translator *t, const void *attr, size_t len, struct ted_delta *out)
{
	static const uint8_t hop[4] = { 10, 0, 0, 1 };
	struct lab_encoding how = { .next_hop = ip_v4(hop) };
	struct ted_delta d = { .object = TED_OBJECT_LINK };
	struct bgp_update update;
	const struct ted_delta *got;
	uint8_t nlri[LAB_NLRI_MAX], body[4096];
	size_t nlri_len, n;

	d.key.link.local = (struct ted_node_key){ .protocol = TED_PROTOCOL_ISIS_L2,
						  .router_id_len = 6,
						  .router_id = { 0, 0, 0, 0, 0, 1 } };
	d.key.link.remote = d.key.link.local;
	d.key.link.remote.router_id[5] = 2;
	d.key.link.v4_local = ip_v4(hop);
	nlri_len = lab_encode_nlri(&d, &how, nlri, sizeof(nlri));
	len = lab_encode_announce(&how, nlri, nlri_len, attr, len, body, sizeof(body));
	ck_assert(bgp_read_update(reader_over(body, len), &update, NULL));
	ck_assert_int_eq(bgpls_translate(t, &update, &got, &n, NULL), PCE_OK);
	ck_assert_uint_eq(n, 1);
	*out = *got;
}

START_TEST(translate_malformed_attribute_leaves_the_link_unusable)
{
	static const uint8_t attr[] = { 4, 71, 0, 3, 0, 0, 10, 4, 68, 0, 3, 0, 0, 1 };
	struct bgpls_translator *t = translator(false);
	struct ted_delta d;

	with_attr(t, attr, sizeof(attr), &d);
	ck_assert_int_eq(d.op, TED_SET);
	ck_assert(d.attr.link.unusable);
	ck_assert_uint_eq(d.attr.link.present, 0);
	ck_assert_uint_eq(bgpls_counters(t)->attributes_discarded, 1);
	ck_assert_uint_eq(bgpls_counters(t)->links_unusable, 1);
	with_attr(t, attr, 7, &d);
	ck_assert(!d.attr.link.unusable);
	ck_assert_uint_eq(d.attr.link.present, TED_LINK_IGP_METRIC);
	ck_assert_uint_eq(d.attr.link.igp_metric, 10);
	bgpls_translator_free(t);
}
END_TEST

/* RFC 9552 section 5.3.2.4 and RFC 5305 section 3. */
START_TEST(translate_igp_metric_by_length)
{
	static const struct {
		uint8_t attr[8];
		size_t len;
		uint32_t metric;
	} rows[] = {
		{ { 4, 71, 0, 1, 0xff }, 5, 0x3f },
		{ { 4, 71, 0, 1, 0x0a }, 5, 10 },
		{ { 4, 71, 0, 2, 0xff, 0xff }, 6, 0xffff },
		{ { 4, 71, 0, 3, 0xff, 0xff, 0xfe }, 7, 0xfffffe },
		{ { 4, 71, 0, 3, 0xff, 0xff, 0xff }, 7, UINT32_MAX },
		{ { 4, 71, 0, 3, 0, 0, 0 }, 7, 0 },
	};
	struct bgpls_translator *t = translator(false);
	struct ted_delta d;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		with_attr(t, rows[i].attr, rows[i].len, &d);
		ck_assert_uint_eq(d.attr.link.present, TED_LINK_IGP_METRIC);
		ck_assert_msg(d.attr.link.igp_metric == rows[i].metric, "row %zu: %u", i,
			      d.attr.link.igp_metric);
	}
	bgpls_translator_free(t);
}
END_TEST

START_TEST(translate_bandwidths_round_on_the_safe_side)
{
	static const struct {
		uint32_t bits; /* octets per second */
		bool good;
		uint64_t down_bps, up_bps;
	} rows[] = {
		{ 0x4e9502f9, true, 10000000000u, 10000000000u },
		{ 0x49742400, true, 8000000, 8000000 },
		{ 0x00000000, true, 0, 0 },
		{ 0x80000000, true, 0, 0 }, /* -0 */
		{ 0x3e000001, true, 1, 2 }, /* a little more than 1/8 octet */
		{ 0x3dffffff, true, 0, 1 },
		{ 0x00000200, true, 0, 1 }, /* an integer where a single belongs */
		{ 0xc2c80000, false, 0, 0 }, /* -100 */
		{ 0x7fc00000, false, 0, 0 }, /* not a number */
		{ 0x7f800000, false, 0, 0 }, /* infinite */
		{ 0xff800000, false, 0, 0 },
		{ 0x5e000000, false, 0, 0 }, /* 2^61 octets per second are 2^64 bit/s */
		{ 0x5dffffff, true, 18446742974197923840u, 18446742974197923840u },
	};
	struct bgpls_translator *t = translator(false);
	struct ted_delta d;
	uint64_t bad = 0;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint32_t b = rows[i].bits;
		uint8_t attr[] = { 4,
				   65,
				   0,
				   4,
				   (uint8_t)(b >> 24),
				   (uint8_t)(b >> 16),
				   (uint8_t)(b >> 8),
				   (uint8_t)b,
				   4,
				   96,
				   0,
				   4,
				   (uint8_t)(b >> 24),
				   (uint8_t)(b >> 16),
				   (uint8_t)(b >> 8),
				   (uint8_t)b };

		with_attr(t, attr, sizeof(attr), &d);
		bad += rows[i].good ? 0 : 2;
		ck_assert_uint_eq(bgpls_counters(t)->bandwidths_bad, bad);
		ck_assert_uint_eq(d.attr.link.present,
				  rows[i].good ? TED_LINK_CAPACITY | TED_LINK_ADV_UTILISED : 0);
		if (!rows[i].good)
			continue;
		ck_assert_msg(d.attr.link.capacity_bps == rows[i].down_bps, "row %zu: %llu", i,
			      (unsigned long long)d.attr.link.capacity_bps);
		ck_assert_uint_eq(d.attr.link.advertised_utilised_bps, rows[i].up_bps);
	}
	bgpls_translator_free(t);
}
END_TEST

/* RFC 7606 section 7.1: an ORIGIN of 3 takes back what the UPDATE announces. */
START_TEST(translate_treat_as_withdraw_deletes)
{
	static const uint8_t hop[4] = { 10, 0, 0, 1 };
	struct lab_encoding how = { .next_hop = ip_v4(hop) };
	struct bgpls_translator *t = translator(false);
	struct ted_delta d = { .object = TED_OBJECT_NODE };
	const struct ted_delta *got;
	struct bgp_update update;
	uint8_t body[1024];
	size_t n, len = encode(&d, &how, body, sizeof(body));

	ck_assert_uint_eq(body[5], 1);
	body[8] = 3;
	ck_assert(bgp_read_update(reader_over(body, len), &update, NULL));
	ck_assert_int_eq(bgpls_translate(t, &update, &got, &n, NULL), PCE_OK);
	ck_assert_uint_eq(n, 1);
	ck_assert_int_eq(got->op, TED_DELETE);
	ck_assert_uint_eq(bgpls_counters(t)->treated_as_withdraw, 1);
	bgpls_translator_free(t);
}
END_TEST

/* A prefix or a SID is worth what its attribute says: without it there is none. */
START_TEST(translate_malformed_attribute_takes_prefix_and_sid_back)
{
	static const uint8_t hop[4] = { 10, 0, 0, 1 }, attr[] = { 4, 131, 0, 3, 0, 0, 1 };
	struct lab_encoding how = { .next_hop = ip_v4(hop) };
	struct bgpls_translator *t = translator(false);
	struct ted_delta d[2] = { { .object = TED_OBJECT_PREFIX }, { .object = TED_OBJECT_SID } };
	const struct ted_delta *got;
	struct bgp_update update;
	uint8_t nlri[2 * LAB_NLRI_MAX], body[4096];
	size_t n, len;

	d[0].key.prefix.prefix.addr = ip_v4(hop);
	len = lab_encode_nlri(&d[0], &how, nlri, LAB_NLRI_MAX);
	len += lab_encode_nlri(&d[1], &how, nlri + len, LAB_NLRI_MAX);
	len = lab_encode_announce(&how, nlri, len, attr, sizeof(attr), body, sizeof(body));
	ck_assert(bgp_read_update(reader_over(body, len), &update, NULL));
	ck_assert_int_eq(bgpls_translate(t, &update, &got, &n, NULL), PCE_OK);
	ck_assert_uint_eq(n, 2);
	ck_assert_int_eq(got[0].op, TED_DELETE);
	ck_assert_int_eq(got[1].op, TED_DELETE);
	ck_assert_uint_eq(bgpls_counters(t)->attributes_discarded, 1);
	bgpls_translator_free(t);
}
END_TEST

START_TEST(translate_strict_order_discards_what_is_tolerated)
{
	static const uint8_t hop[4] = { 10, 0, 0, 1 };
	struct lab_encoding how = { .mt_last = true, .next_hop = ip_v4(hop) };
	struct bgpls_translator *t = translator(true);
	struct ted_delta d = { .object = TED_OBJECT_SID };
	const struct ted_delta *got;
	struct bgp_update update;
	uint8_t body[4096];
	size_t n, len;

	d.key.sid.topology = 2;
	d.key.sid.node.protocol = TED_PROTOCOL_ISIS_L2;
	len = encode(&d, &how, body, sizeof(body));
	ck_assert(bgp_read_update(reader_over(body, len), &update, NULL));
	ck_assert_int_eq(bgpls_translate(t, &update, &got, &n, NULL), PCE_OK);
	ck_assert_uint_eq(n, 0);
	ck_assert_uint_eq(bgpls_counters(t)->nlri_discarded, 1);
	bgpls_translator_free(t);
}
END_TEST

/* The tolerance is for SIDs: no router was seen to send a prefix with TLV 263 behind 265. */
START_TEST(translate_prefix_out_of_order_is_discarded)
{
	static const uint8_t nlri[] = { 0, 4,    0,    0x28, 2,    0,    0, 0, 0, 0, 0, 0, 0, 1, 0,
					0, 10,   2,    3,    0,    6,    0, 0, 0, 0, 0, 1, 1, 9, 0,
					7, 0x30, 0xfc, 0xbb, 0xbb, 0xbb, 0, 1, 1, 7, 0, 2, 0, 2 };
	static const uint8_t hop[4] = { 10, 0, 0, 1 };
	struct lab_encoding how = { .next_hop = ip_v4(hop) };
	struct bgpls_translator *t = translator(false);
	const struct ted_delta *got;
	struct bgp_update update;
	uint8_t body[256];
	size_t n, len;

	len = lab_encode_announce(&how, nlri, sizeof(nlri), NULL, 0, body, sizeof(body));
	ck_assert(bgp_read_update(reader_over(body, len), &update, NULL));
	ck_assert_int_eq(bgpls_translate(t, &update, &got, &n, NULL), PCE_OK);
	ck_assert_uint_eq(n, 0);
	ck_assert_uint_eq(bgpls_counters(t)->nlri_discarded, 1);
	bgpls_translator_free(t);
}
END_TEST

START_TEST(translate_lost_framing_ends_the_session)
{
	static const uint8_t nlri[] = { 0, 2, 0, 87, 2, 0, 0 };
	static const uint8_t hop[4] = { 10, 0, 0, 1 };
	struct lab_encoding how = { .next_hop = ip_v4(hop) };
	struct bgpls_translator *t = translator(false);
	const struct ted_delta *got = NULL;
	struct bgp_update update;
	struct pce_error err;
	uint8_t body[256];
	size_t n = 77, len;

	len = lab_encode_announce(&how, nlri, sizeof(nlri), NULL, 0, body, sizeof(body));
	ck_assert(bgp_read_update(reader_over(body, len), &update, NULL));
	ck_assert_int_eq(bgpls_translate(t, &update, &got, &n, &err), PCE_MALFORMED);
	ck_assert_str_eq(err.text, "NLRI type 2 length 87 exceeds 3 octets left");
	ck_assert(got == NULL && n == 77);
	bgpls_translator_free(t);
}
END_TEST

/* One malformed NLRI among good ones costs only itself. */
START_TEST(translate_malformed_nlri_costs_only_itself)
{
	static const uint8_t hop[4] = { 10, 0, 0, 1 };
	static const uint8_t bad[] = { 0, 1, 0, 3, 2, 0, 0 };
	static const uint8_t unknown[] = { 0, 99, 0, 1, 0 };
	struct lab_encoding how = { .next_hop = ip_v4(hop) };
	struct bgpls_translator *t = translator(false);
	struct ted_delta d = { .object = TED_OBJECT_NODE };
	const struct ted_delta *got;
	struct bgp_update update;
	uint8_t nlri[4 * LAB_NLRI_MAX], body[4096];
	size_t n, len = 0;

	d.key.node.protocol = TED_PROTOCOL_ISIS_L2;
	d.key.node.router_id_len = 6;
	len += lab_encode_nlri(&d, &how, nlri + len, LAB_NLRI_MAX);
	memcpy(nlri + len, bad, sizeof(bad));
	len += sizeof(bad);
	memcpy(nlri + len, unknown, sizeof(unknown));
	len += sizeof(unknown);
	d.key.node.router_id[0] = 1;
	len += lab_encode_nlri(&d, &how, nlri + len, LAB_NLRI_MAX);
	len = lab_encode_announce(&how, nlri, len, NULL, 0, body, sizeof(body));
	ck_assert(bgp_read_update(reader_over(body, len), &update, NULL));
	ck_assert_int_eq(bgpls_translate(t, &update, &got, &n, NULL), PCE_OK);
	ck_assert_uint_eq(n, 2);
	ck_assert_uint_eq(got[1].key.node.router_id[0], 1);
	ck_assert_uint_eq(bgpls_counters(t)->nlri_discarded, 1);
	ck_assert_uint_eq(bgpls_counters(t)->nlri_unknown, 1);
	bgpls_translator_free(t);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("translate");

	tcase_add_test(tc, translate_what_was_encoded_is_the_same);
	tcase_add_test(tc, translate_malformed_attribute_leaves_the_link_unusable);
	tcase_add_test(tc, translate_igp_metric_by_length);
	tcase_add_test(tc, translate_bandwidths_round_on_the_safe_side);
	tcase_add_test(tc, translate_treat_as_withdraw_deletes);
	tcase_add_test(tc, translate_malformed_attribute_takes_prefix_and_sid_back);
	tcase_add_test(tc, translate_strict_order_discards_what_is_tolerated);
	tcase_add_test(tc, translate_prefix_out_of_order_is_discarded);
	tcase_add_test(tc, translate_lost_framing_ends_the_session);
	tcase_add_test(tc, translate_malformed_nlri_costs_only_itself);
	return suite_run("bgp translate", tc, 60);
}
