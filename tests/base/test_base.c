#include <arpa/inet.h>
#include <string.h>

#include "pce/base/addr.h"
#include "pce/base/arena.h"
#include "pce/base/hash.h"
#include "pce/base/reader.h"
#include "pce/base/text.h"
#include "pce/base/units.h"
#include "tests/support/suite.h"

START_TEST(reader_past_end_is_sticky)
{
	const uint8_t bytes[] = { 1, 2, 3, 4, 5 };
	struct reader r = reader_over(bytes, sizeof(bytes));

	ck_assert_uint_eq(reader_u32(&r), 0x01020304);
	ck_assert_uint_eq(reader_u16(&r), 0);
	ck_assert(!reader_ok(&r));
	ck_assert_uint_eq(reader_u8(&r), 0);
	ck_assert_uint_eq(reader_left(&r), 0);
}
END_TEST

START_TEST(reader_sub_longer_than_rest_is_bad)
{
	const uint8_t bytes[] = { 1, 2 };
	struct reader r = reader_over(bytes, sizeof(bytes));
	struct reader sub = reader_sub(&r, 3);

	ck_assert(!reader_ok(&sub));
	ck_assert(!reader_ok(&r));
}
END_TEST

START_TEST(units_bps_reads_suffixes_exactly)
{
	static const struct {
		const char *text;
		enum pce_status status;
		uint64_t bps;
	} rows[] = {
		{ "200M", PCE_OK, 200000000 },
		{ "1.5G", PCE_OK, 1500000000 },
		{ "64000", PCE_OK, 64000 },
		{ "0", PCE_OK, 0 },
		{ "1.0005k", PCE_INVALID, 0 },
		{ "-1", PCE_INVALID, 0 },
		{ "", PCE_INVALID, 0 },
		{ "1m", PCE_INVALID, 0 },
		{ "20000000000G", PCE_INVALID, 0 },
		{ "18446744T", PCE_OK, 18446744000000000000ULL },
	};

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint64_t bps = 0;

		ck_assert_msg(units_parse_bps(rows[i].text, &bps, NULL) == rows[i].status, "%s",
			      rows[i].text);
		ck_assert_uint_eq(bps, rows[i].bps);
	}
}
END_TEST

START_TEST(units_us_needs_a_unit)
{
	uint64_t us = 7;
	struct pce_error err = { 0 };

	ck_assert_int_eq(units_parse_us("20ms", &us, NULL), PCE_OK);
	ck_assert_uint_eq(us, 20000);
	ck_assert_int_eq(units_parse_us("20", &us, &err), PCE_INVALID);
	ck_assert(strstr(err.text, "\"20\""));
	ck_assert_uint_eq(us, 20000);
	ck_assert_int_eq(units_parse_us("0.5us", &us, NULL), PCE_INVALID);
	ck_assert_int_eq(units_parse_us("0", &us, NULL), PCE_OK);
	ck_assert_uint_eq(us, 0);
}
END_TEST

START_TEST(units_print_never_rounds)
{
	char out[40];

	units_print_bps(1500000000, out, sizeof(out));
	ck_assert_str_eq(out, "1.5 Gbit/s");
	units_print_bps(1500000001, out, sizeof(out));
	ck_assert_str_eq(out, "1.500000001 Gbit/s");
	units_print_us(20050, out, sizeof(out));
	ck_assert_str_eq(out, "20.05 ms");
	units_print_availability(50000000, out, sizeof(out));
	ck_assert_str_eq(out, "0.99995");
	units_print_availability(0, out, sizeof(out));
	ck_assert_str_eq(out, "1.0");
}
END_TEST

START_TEST(units_probability_is_read_as_people_say_it)
{
	static const struct {
		const char *text;
		uint64_t ppt;
	} rows[] = { { "0.9999", 100000000 },
		     { "99.99%", 100000000 },
		     { "4nines", 100000000 },
		     { "4 nines", 100000000 },
		     { "1-nine", 100000000000 },
		     { "12nines", 1 },
		     { "1", 0 },
		     { "100%", 0 },
		     { "0", PPT_ONE },
		     { "0.999999999999", 1 },
		     { "99.9999999999%", 1 } };
	static const char *const bad[] = {
		"1.5",     "99.99",   "101%",  "-0.1", "",         "nines",          "0nines",
		"13nines", "4nine s", "0.5%%", "1e-3", "4.5nines", "0.9999999999999"
	};
	uint64_t ppt = 7;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ck_assert_int_eq(units_parse_probability(rows[i].text, &ppt, NULL), PCE_OK);
		ck_assert_msg(ppt == rows[i].ppt, "%s", rows[i].text);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct pce_error err = { 0 };

		ppt = 7;
		ck_assert_msg(units_parse_probability(bad[i], &ppt, &err) == PCE_INVALID, "%s",
			      bad[i]);
		ck_assert_uint_eq(ppt, 7);
		ck_assert_ptr_nonnull(strstr(err.text, bad[i]));
	}
}
END_TEST

START_TEST(ip_prints_rfc_5952)
{
	struct ip_addr a;
	struct ip_prefix p;
	char out[IP_TEXT];

	ck_assert_int_eq(ip_parse("FCBB:BB00:0:0:0:0:0:1", &a, NULL), PCE_OK);
	ck_assert_str_eq(ip_print(&a, out), "fcbb:bb00::1");
	ck_assert_int_eq(ip_parse("10.0.0.256", &a, NULL), PCE_INVALID);
	ck_assert_int_eq(ip_parse_prefix("10.1.2.3/22", &p, NULL), PCE_OK);
	ck_assert_str_eq(ip_print_prefix(&p, out), "10.1.0.0/22");
	ck_assert_int_eq(ip_parse("10.1.3.255", &a, NULL), PCE_OK);
	ck_assert(ip_in_prefix(&a, &p));
	ck_assert_int_eq(ip_parse_prefix("10.1.2.3/33", &p, NULL), PCE_INVALID);
}
END_TEST

#define KEYS 5000

static const void *
number_key(const void *owner, uint32_t value, size_t *len)
{
	const uint64_t *keys = owner;

	*len = sizeof(keys[0]);
	return &keys[value];
}

START_TEST(ip_prints_v6_as_the_c_library_does)
{
	for (unsigned seed = 0; seed < 20 * suite_seeds(); seed++) {
		uint64_t random = seed;
		uint8_t octets[16];
		struct ip_addr a;
		char out[IP_TEXT], expected[IP_TEXT];

		/* Many zero groups, in runs of every length and place. */
		for (unsigned i = 0; i < 16; i++)
			octets[i] = suite_below(&random, 3) ? 0 : (uint8_t)suite_random(&random);
		a = ip_v6(octets);
		inet_ntop(AF_INET6, octets, expected, sizeof(expected));
		ck_assert_str_eq(ip_print(&a, out), expected);
	}
}
END_TEST

START_TEST(hash_agrees_with_a_plain_array)
{
	static uint64_t keys[KEYS];
	static bool there[KEYS];
	struct hash h;
	uint64_t rnd = (uint64_t)_i;

	for (unsigned i = 0; i < KEYS; i++)
		keys[i] = suite_random(&rnd);
	memset(there, 0, sizeof(there));
	hash_init(&h, number_key, keys, suite_random(&rnd));
	for (unsigned step = 0; step < 4 * KEYS; step++) {
		uint32_t k = suite_below(&rnd, KEYS);

		ck_assert_uint_eq(hash_find(&h, &keys[k], 8), there[k] ? k : HASH_NONE);
		if (suite_below(&rnd, 2)) {
			ck_assert_int_eq(hash_add(&h, k, NULL), there[k] ? PCE_EXISTS : PCE_OK);
			there[k] = true;
		} else {
			ck_assert_int_eq(hash_remove(&h, &keys[k], 8), there[k]);
			there[k] = false;
		}
	}
	hash_free(&h);
}
END_TEST

START_TEST(text_json_escapes_and_repairs)
{
	struct text t = { 0 };

	text_json_string(&t, "a\"\\\n\xff\xe4\xb8\xad", 8);
	ck_assert_str_eq(text_get(&t), "\"a\\\"\\\\\\u000a\\ufffd\xe4\xb8\xad\"");
	text_clear(&t);
	text_printf(&t, "%0400d", 7);
	ck_assert_uint_eq(t.len, 400);
	text_free(&t);
	ck_assert_str_eq(text_get(&t), "");
}
END_TEST

START_TEST(arena_gives_zeroed_aligned_memory)
{
	struct arena a = { 0 };

	for (size_t size = 1; size < 9000; size += 501) {
		unsigned char *p = arena_alloc(&a, size);

		ck_assert_ptr_nonnull(p);
		ck_assert_uint_eq((uintptr_t)p % 16, 0);
		ck_assert_uint_eq(p[0] | p[size - 1], 0);
		memset(p, 0xaa, size);
	}
	arena_free(&a);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("base");

	tcase_add_test(t, reader_past_end_is_sticky);
	tcase_add_test(t, reader_sub_longer_than_rest_is_bad);
	tcase_add_test(t, units_bps_reads_suffixes_exactly);
	tcase_add_test(t, units_us_needs_a_unit);
	tcase_add_test(t, units_print_never_rounds);
	tcase_add_test(t, units_probability_is_read_as_people_say_it);
	tcase_add_test(t, ip_prints_rfc_5952);
	tcase_add_test(t, ip_prints_v6_as_the_c_library_does);
	tcase_add_loop_test(t, hash_agrees_with_a_plain_array, 0, 20);
	tcase_add_test(t, text_json_escapes_and_repairs);
	tcase_add_test(t, arena_gives_zeroed_aligned_memory);
	return suite_run("base", t, 60);
}
