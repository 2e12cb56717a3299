/* Fields on the wire, values, JSON, and what may not reach protobuf-c. */
#include "southbound/gnmi/messages.h"
#include "southbound/gnmi/value.h"
#include "tests/support/suite.h"

#include <math.h>
#include <stdio.h>

static struct gnmi_value
value_of(const Gnmi__TypedValue *message)
{
	uint8_t bytes[256];
	size_t len = gnmi__typed_value__get_packed_size(message);
	struct gnmi_value v;

	ck_assert_uint_le(len, sizeof(bytes));
	gnmi__typed_value__pack(message, bytes);
	ck_assert(gnmi_value_read(reader_over(bytes, len), &v));
	return v;
}

START_TEST(varint_longest_and_overlong)
{
	const uint8_t most[] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01 };
	const uint8_t over[] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02 };
	const uint8_t cut[] = { 0x80 };
	struct reader r = reader_over(most, sizeof(most));

	ck_assert_uint_eq(wire_varint(&r), UINT64_MAX);
	ck_assert(reader_ok(&r));
	r = reader_over(over, sizeof(over));
	(void)wire_varint(&r);
	ck_assert(!reader_ok(&r));
	r = reader_over(cut, sizeof(cut));
	(void)wire_varint(&r);
	ck_assert(!reader_ok(&r));
}
END_TEST

START_TEST(field_longer_than_its_message_is_malformed)
{
	const uint8_t bytes[] = { 0x0a, 0x05, 'a' };
	struct reader r = reader_over(bytes, sizeof(bytes));
	struct wire_field f;

	ck_assert(!wire_next(&r, &f));
	ck_assert(!reader_ok(&r));
}
END_TEST

START_TEST(field_group_or_number_zero_is_malformed)
{
	const uint8_t group[] = { 0x0b }, zero[] = { 0x00, 0x00 };
	struct reader r = reader_over(group, sizeof(group));
	struct wire_field f;

	ck_assert(!wire_next(&r, &f));
	ck_assert(!reader_ok(&r));
	r = reader_over(zero, sizeof(zero));
	ck_assert(!wire_next(&r, &f));
	ck_assert(!reader_ok(&r));
}
END_TEST

START_TEST(value_every_scalar_counts)
{
	Gnmi__TypedValue v = GNMI__TYPED_VALUE__INIT;
	Gnmi__Decimal64 d = GNMI__DECIMAL64__INIT;
	struct gnmi_value out;
	uint64_t n;

	v.value_case = GNMI__TYPED_VALUE__VALUE_UINT_VAL;
	v.uint_val = UINT64_MAX;
	out = value_of(&v);
	ck_assert(gnmi_value_count(&out, 1, 1, &n));
	ck_assert_uint_eq(n, UINT64_MAX);
	ck_assert(!gnmi_value_count(&out, 2, 1, &n));
	ck_assert(gnmi_value_count(&out, 8, 16, &n));
	ck_assert_uint_eq(n, UINT64_MAX / 2);
	v.value_case = GNMI__TYPED_VALUE__VALUE_INT_VAL;
	v.int_val = -1;
	out = value_of(&v);
	ck_assert(!gnmi_value_count(&out, 1, 1, &n));
	v.int_val = 77;
	out = value_of(&v);
	ck_assert(gnmi_value_count(&out, 1000, 1, &n));
	ck_assert_uint_eq(n, 77000);
	v.value_case = GNMI__TYPED_VALUE__VALUE_DECIMAL_VAL;
	v.decimal_val = &d;
	d.digits = 12345;
	d.precision = 2;
	out = value_of(&v);
	ck_assert(gnmi_value_count(&out, 1000, 1, &n));
	ck_assert_uint_eq(n, 123450);
	v.value_case = GNMI__TYPED_VALUE__VALUE_DOUBLE_VAL;
	v.double_val = 0.25;
	out = value_of(&v);
	ck_assert(gnmi_value_count(&out, 1000, 1, &n));
	ck_assert_uint_eq(n, 250);
	v.value_case = GNMI__TYPED_VALUE__VALUE_FLOAT_VAL;
	v.float_val = 1.5f;
	out = value_of(&v);
	ck_assert(gnmi_value_count(&out, 2, 1, &n));
	ck_assert_uint_eq(n, 3);
}
END_TEST

START_TEST(value_not_a_number_is_none)
{
	const double bad[] = { NAN, INFINITY, -INFINITY, -0.5, 1e20 };
	Gnmi__TypedValue v = GNMI__TYPED_VALUE__INIT;
	uint64_t n = 7;

	v.value_case = GNMI__TYPED_VALUE__VALUE_DOUBLE_VAL;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct gnmi_value out;

		v.double_val = bad[i];
		out = value_of(&v);
		ck_assert(!gnmi_value_count(&out, 1, 1, &n));
	}
	ck_assert_uint_eq(n, 7);
}
END_TEST

START_TEST(value_text_counts_as_rfc7951_writes_it)
{
	static const struct {
		const char *text;
		bool counts;
		uint64_t times_1000;
	} rows[] = {
		{ "12", true, 12000 },
		{ "0.25", true, 250 },
		{ "18446744073709551", true, 18446744073709551000u },
		{ "18446744073709552", false, 0 },
		{ "", false, 0 },
		{ ".5", false, 0 },
		{ "5.", false, 0 },
		{ "1.2.3", false, 0 },
		{ "-4", false, 0 },
		{ "1e3", false, 0 },
		{ "UP", false, 0 },
		{ "99999999999999999999999999999999999999999", false, 0 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct gnmi_value v = { .kind = GNMI_VALUE_STRING,
					.slice = { rows[i].text, strlen(rows[i].text) } };
		uint64_t n = 0;

		ck_assert_msg(gnmi_value_count(&v, 1000, 1, &n) == rows[i].counts, "%s",
			      rows[i].text);
		ck_assert_msg(n == rows[i].times_1000, "%s gives %llu", rows[i].text,
			      (unsigned long long)n);
	}
}
END_TEST

START_TEST(json_tokens_and_faults)
{
	static const char *const good[] = { "{}", "[1,2.5,-3e+2,\"a\\\"b\",true,false,null]",
					    " { \"a\" : { \"b\" : [ ] } } " };
	static const char *const bad[] = { "{", "\"a", "tru", "01x", "1.", "\"\x01\"", "[[", "}" };

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct reader r = reader_over(good[i], strlen(good[i]));

		ck_assert_msg(json_skip(&r, json_next(&r)), "%s", good[i]);
		ck_assert_int_eq(json_next(&r).kind, JSON_END);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct reader r = reader_over(bad[i], strlen(bad[i]));

		ck_assert_msg(!json_skip(&r, json_next(&r)) || json_next(&r).kind != JSON_END, "%s",
			      bad[i]);
	}
}
END_TEST

START_TEST(json_nested_too_deep_is_refused)
{
	char text[80];
	struct reader r;

	memset(text, '[', 40);
	memset(text + 40, ']', 40);
	r = reader_over(text, 80);
	ck_assert(!json_skip(&r, json_next(&r)));
	r = reader_over(text + 10, 60);
	ck_assert(json_skip(&r, json_next(&r)));
}
END_TEST

START_TEST(json_unescape_every_kind)
{
	char out[16];
	size_t n = json_unescape((struct wire_slice){ "a\\/\\u00e9\\n\\\"", 13 }, out, 16);

	ck_assert_uint_eq(n, 6);
	ck_assert_mem_eq(out, "a/\xc3\xa9\n\"", 6);
	ck_assert_uint_eq(json_unescape((struct wire_slice){ "abc", 3 }, out, 2), SIZE_MAX);
	ck_assert_uint_eq(json_unescape((struct wire_slice){ "\\q", 2 }, out, 16), SIZE_MAX);
	ck_assert_uint_eq(json_unescape((struct wire_slice){ "\\ud800", 6 }, out, 16), SIZE_MAX);
	ck_assert_uint_eq(json_unescape((struct wire_slice){ "\\u12", 4 }, out, 16), SIZE_MAX);
}
END_TEST

/* depth messages TypedValue.leaflist_val.element, inside out; returns the beginning. */
static uint8_t *
bomb(unsigned depth, uint8_t *end, size_t *len)
{
	uint8_t *p = end;

	for (unsigned i = 0; i < 2 * depth; i++) {
		size_t inner = (size_t)(end - p);
		uint8_t varint[10];
		unsigned n = 0;

		do {
			varint[n] = (uint8_t)(inner & 0x7f);
			inner >>= 7;
			varint[n] |= inner ? 0x80 : 0;
			n++;
		} while (inner);
		p -= n;
		memcpy(p, varint, n);
		*--p = (uint8_t)((i % 2 ? 8u : 1u) << 3 | 2);
	}
	*len = (size_t)(end - p);
	return p;
}

START_TEST(message_nesting_bomb_is_refused_before_protobuf)
{
	static uint8_t room[1 << 20];
	struct pce_error err = { 0 };
	ProtobufCMessage *out = NULL;
	size_t len;
	uint8_t *bytes = bomb(15, room + sizeof(room), &len);

	ck_assert_int_eq(gnmi_message_read(&gnmi__typed_value__descriptor, &gnmi_type_value, bytes,
					   len, &out, &err),
			 PCE_OK);
	gnmi_message_free(out);
	out = NULL;
	bytes = bomb(16, room + sizeof(room), &len);
	ck_assert_int_eq(gnmi_message_read(&gnmi__typed_value__descriptor, &gnmi_type_value, bytes,
					   len, &out, &err),
			 PCE_LIMIT);
	bytes = bomb(20000, room + sizeof(room), &len);
	ck_assert_int_eq(gnmi_message_read(&gnmi__typed_value__descriptor, &gnmi_type_value, bytes,
					   len, &out, &err),
			 PCE_LIMIT);
	ck_assert_ptr_null(out);
}
END_TEST

START_TEST(message_repeated_field_bombs_are_refused)
{
	const size_t n = 100000;
	uint8_t *bytes = malloc(4 * n);
	struct pce_error err = { 0 };
	ProtobufCMessage *out = NULL;

	ck_assert_ptr_nonnull(bytes);
	for (size_t i = 0; i < n; i++) /* prefix { elem {} }, again and again: merged */
		memcpy(bytes + 4 * i, "\x12\x02\x1a\x00", 4);
	ck_assert_int_eq(gnmi_message_read(&gnmi__notification__descriptor, &gnmi_type_notification,
					   bytes, 4 * n, &out, &err),
			 PCE_LIMIT);
	for (size_t i = 0; i < 2 * n; i++) /* empty updates: 100 octets of memory for two */
		memcpy(bytes + 2 * i, "\x22\x00", 2);
	ck_assert_int_eq(gnmi_message_read(&gnmi__notification__descriptor, &gnmi_type_notification,
					   bytes, 4 * n, &out, &err),
			 PCE_LIMIT);
	ck_assert_ptr_null(out);
	free(bytes);
}
END_TEST

START_TEST(message_cut_anywhere_is_malformed_or_shorter)
{
	Gnmi__TypedValue v = GNMI__TYPED_VALUE__INIT;
	Gnmi__PathElem elem = GNMI__PATH_ELEM__INIT, *elems[] = { &elem };
	Gnmi__Path path = GNMI__PATH__INIT;
	Gnmi__Update update = GNMI__UPDATE__INIT, *updates[] = { &update };
	Gnmi__Notification n = GNMI__NOTIFICATION__INIT;
	struct pce_error err = { 0 };
	uint8_t bytes[128];
	size_t len;

	elem.name = (char *)(uintptr_t) "interfaces";
	path.n_elem = 1;
	path.elem = elems;
	v.value_case = GNMI__TYPED_VALUE__VALUE_UINT_VAL;
	v.uint_val = 1u << 20;
	update.path = &path;
	update.val = &v;
	n.timestamp = 5;
	n.n_update = 1;
	n.update = updates;
	len = gnmi__notification__pack(&n, bytes);
	for (size_t cut = 0; cut <= len; cut++) {
		uint8_t *exact = malloc(cut + 1); /* malloc(0) may be NULL */
		ProtobufCMessage *out = NULL;
		enum pce_status status;

		ck_assert_ptr_nonnull(exact);
		memcpy(exact, bytes, cut);
		status = gnmi_message_read(&gnmi__notification__descriptor, &gnmi_type_notification,
					   exact, cut, &out, &err);
		ck_assert(status == PCE_OK || status == PCE_MALFORMED);
		ck_assert(cut < len || status == PCE_OK);
		gnmi_message_free(out);
		free(exact);
	}
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("wire");

	tcase_add_test(t, varint_longest_and_overlong);
	tcase_add_test(t, field_longer_than_its_message_is_malformed);
	tcase_add_test(t, field_group_or_number_zero_is_malformed);
	tcase_add_test(t, value_every_scalar_counts);
	tcase_add_test(t, value_not_a_number_is_none);
	tcase_add_test(t, value_text_counts_as_rfc7951_writes_it);
	tcase_add_test(t, json_tokens_and_faults);
	tcase_add_test(t, json_nested_too_deep_is_refused);
	tcase_add_test(t, json_unescape_every_kind);
	tcase_add_test(t, message_nesting_bomb_is_refused_before_protobuf);
	tcase_add_test(t, message_repeated_field_bombs_are_refused);
	tcase_add_test(t, message_cut_anywhere_is_malformed_or_shorter);
	return suite_run("gnmi wire", t, 60);
}
