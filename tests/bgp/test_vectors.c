/*
 * BGP-LS vectors: octets that other people's routers and test suites send, and what they must
 * decode to. The recorded ones are read from bgpls.jsonl where the data folder is there; a few of
 * our own make the test stand alone.
 */
#define _POSIX_C_SOURCE 200809L

#include <stdio.h>
#include <string.h>

#include "southbound/bgp/json.h"
#include "southbound/bgp/update.h"
#include "tests/support/json.h"
#include "tests/support/suite.h"

/* Written for this test, from the RFCs named. */
static const char *const own[] = {
	/* RFC 9552: a link with identifiers, its attribute apart */
	"{\"kind\": \"nlri\", \"hex\": \"0002004102000000000000000001000012020000040000fde8"
	"0203000600000000000101010012020000040000fde80203000600000000000201020008"
	"0000000700000009"
	"\", \"rfc\": \"accept\", \"expect\": {\"nlri\": [{\"type\": \"link\", \"local\": "
	"{\"asn\": 65000, "
	"\"igp_router_id\": \"0000.0000.0001\"}, \"link\": {\"local_id\": 7, \"remote_id\": 9}}]}}",
	/* RFC 9552 section 5.3.2.4: a metric of 3 octets */
	"{\"kind\": \"attr\", \"hex\": \"0447000300000a\", \"rfc\": \"accept\", "
	"\"expect\": {\"attr\": {\"igp_metric\": 10}}}",
	/* RFC 9552 section 8.2.2: one wrong length costs the whole attribute */
	"{\"kind\": \"attr\", \"hex\": \"0447000300000a044400030000aa\", \"rfc\": "
	"\"attribute-discard\", "
	"\"expect\": {\"attr\": {\"violations\": [\"attr TLV 1092 length 3, want 4\"]}}}",
	/* RFC 9294: TE metric for SR Policy only */
	"{\"kind\": \"attr\", \"hex\": \"04620010040000004000000004440004000000 2a\", \"rfc\": "
	"\"accept\", "
	"\"expect\": {\"attr\": {\"asla\": [{\"sabm\": \"40000000\", \"udabm\": \"\", "
	"\"attrs\": {\"te_metric\": 42}}]}}}",
	/* RFC 8571: anomalous delay, loss; a bandwidth that is no number */
	"{\"kind\": \"attr\", \"hex\": \"045a0004800000ff045d00040000000a045f00047fc00000\", "
	"\"rfc\": \"accept\", \"expect\": {\"attr\": {\"delay_us\": {\"value\": 255, "
	"\"anomalous\": true}, "
	"\"loss\": {\"units_3e6pct\": 10, \"percent\": 3e-05}, \"available_bw_Bps\": \"nan\"}}}",
	/* RFC 9514: End.X with its structure */
	"{\"kind\": \"attr\", \"hex\": \"0452001e003900000000fcbbbbbb0002e0010000000000000000"
	"04e4000420101000\", \"rfc\": \"accept\", \"expect\": {\"attr\": {\"srv6_endx\": "
	"[{\"behavior\": 57, "
	"\"sid\": \"fcbb:bbbb:2:e001::\", \"structure\": {\"lb\": 32, \"ln\": 16, \"fun\": 16, "
	"\"arg\": 0}}]}}}",
	/* RFC 9552 section 5.2.1: a node descriptor whose sub-TLVs descend */
	"{\"kind\": \"nlri\", \"hex\": \"0001001f02000000000000000001000012020300060000000000010200"
	"00040000fde8\", \"rfc\": \"nlri-discard\", \"expect\": {\"nlri\": [{\"nlri_type\": 1}]}}",
	/* TLV 263 behind 518: the RFC discards it, Karst takes it */
	"{\"kind\": \"nlri\", \"hex\": \"000600310200000000000000000100000a02030006000000000001"
	"02060010fcbbbbbb00010000000000000000000001070002 0002\", \"rfc\": \"nlri-discard\", "
	"\"expect\": {\"accepted\": true, \"nlri\": [{\"srv6_sid\": [\"fcbb:bbbb:1::\"], "
	"\"mt_ids\": [2]}]}}",
	/* RFC 4724: End-of-RIB */
	"{\"kind\": \"update\", \"hex\": "
	"\"ffffffffffffffffffffffffffffffff001d0200000006800f03400447\", "
	"\"rfc\": \"accept\", \"expect\": {\"afi\": 16388, \"safi\": 71, \"withdrawn\": []}}",
	/* RFC 7606 section 7.1: ORIGIN of 2 octets */
	"{\"kind\": \"update\", \"hex\": "
	"\"ffffffffffffffffffffffffffffffff001c02000000054001020000\", "
	"\"rfc\": \"treat-as-withdraw\", \"expect\": {}}",
	/* sub-TLVs next to each other that descend; a router id of 5 octets; a prefix of too many
	 */
	"{\"kind\": \"nlri\", \"hex\": "
	"\"0001001d020000000000000000010000100201000400000000020000040000fde8\", \"rfc\": "
	"\"nlri-discard\", \"expect\": {\"nlri\": [{\"violations\": [\"desc: TLV 512 after 513 "
	"breaks ascending order\"]}]}}",
	"{\"kind\": \"nlri\", \"hex\": \"0001001602000000000000000001000009020300050102030405\", "
	"\"rfc\": \"nlri-discard\", \"expect\": {\"nlri\": [{\"violations\": [\"desc: 515 len "
	"5\"]}]}}",
	"{\"kind\": \"nlri\", \"hex\": "
	"\"0003001c02000000000000000001000008020000040000fde801090003080a00\", \"rfc\": "
	"\"nlri-discard\", \"expect\": {\"nlri\": [{\"violations\": [\"NLRI type 3: 265 len 3 for "
	"/8\"]}]}}",
	/* what repeats: the first one stands */
	"{\"kind\": \"attr\", \"hex\": \"04440004000000010444000400000002\", \"rfc\": \"accept\", "
	"\"expect\": {\"attr\": {\"te_metric\": 1}}}",
	/* RFC 7606: ORIGIN 3; MP_UNREACH twice; attributes past the end, after and without NLRIs */
	"{\"kind\": \"update\", \"hex\": "
	"\"ffffffffffffffffffffffffffffffff001b020000000440010103\", \"rfc\": "
	"\"treat-as-withdraw\", \"expect\": {}}",
	"{\"kind\": \"update\", \"hex\": "
	"\"ffffffffffffffffffffffffffffffff0023020000000c800f03400447800f03400447\", \"rfc\": "
	"\"framing-error\", \"expect\": {}}",
	"{\"kind\": \"update\", \"hex\": "
	"\"ffffffffffffffffffffffffffffffff0021020000000a800f0340044740010500\", \"rfc\": "
	"\"treat-as-withdraw\", \"expect\": {}}",
	"{\"kind\": \"update\", \"hex\": "
	"\"ffffffffffffffffffffffffffffffff001b020000000440010500\", \"rfc\": \"framing-error\", "
	"\"expect\": {}}",
	/* framing is lost */
	"{\"kind\": \"update\", \"hex\": \"ffffffffffffffffffffffffffffffff00170200ff0000\", "
	"\"rfc\": \"framing-error\", \"expect\": {}}",
};

/* Decodes one vector and compares it; false with the reason in why. */
static bool
agrees(const struct json *vector, char *why, size_t cap)
{
	const char *hex = json_get_string(vector, "hex");
	const char *word = json_get_string(vector, "kind");
	const char *rfc = json_get_string(vector, "rfc"), *got_rfc;
	const struct json *want = json_get(vector, "expect");
	struct text out = { 0 };
	struct json *got;
	enum bgpls_kind kind;
	bool ok;

	ck_assert(hex && word && want);
	ck_assert_int_eq(bgpls_parse_kind(word, &kind, NULL), PCE_OK);
	bgpls_json_line(kind, hex, strlen(hex), &out);
	ck_assert(text_ok(&out));
	got = json_parse(text_get(&out), strlen(text_get(&out)));
	ck_assert_msg(got != NULL, "not JSON: %s", text_get(&out));
	got_rfc = json_get_string(got, "rfc");
	ok = json_holds(want, got, why, cap);
	if (ok && rfc && (!got_rfc || strcmp(rfc, got_rfc) != 0)) {
		snprintf(why, cap, "verdict %s, want %s", got_rfc ? got_rfc : "none", rfc);
		ok = false;
	}
	json_free(got);
	text_free(&out);
	return ok;
}

START_TEST(vectors_of_our_own_agree)
{
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
		struct json *vector = json_parse(own[i], strlen(own[i]));
		char why[256] = "";

		ck_assert_msg(vector != NULL, "vector %zu is no JSON", i);
		ck_assert_msg(agrees(vector, why, sizeof(why)), "vector %zu: %s", i, why);
		json_free(vector);
	}
}
END_TEST

static FILE *
open_recorded(void)
{
	const char *folder = getenv("KARST_TEST_DATA"), *source = getenv("KARST_SRCDIR");
	char path[4096];

	if (folder)
		snprintf(path, sizeof(path), "%s/vectors/bgpls.jsonl", folder);
	else
		snprintf(path, sizeof(path), "%s/../shared/vectors/bgpls.jsonl",
			 source ? source : ".");
	return fopen(path, "r");
}

/* Calls each for every recorded vector; returns how many there were. */
static unsigned
for_recorded(void (*each)(const struct json *vector, unsigned line, void *arg), void *arg)
{
	FILE *file = open_recorded();
	char *line = NULL;
	size_t cap = 0;
	ssize_t len;
	unsigned count = 0;

	if (!file)
		return 0;
	while ((len = getline(&line, &cap, file)) > 0) {
		struct json *vector = json_parse(line, (size_t)len);

		ck_assert_msg(vector != NULL, "line %u is no JSON", count + 1);
		each(vector, ++count, arg);
		json_free(vector);
	}
	free(line);
	fclose(file);
	return count;
}

static void
count_agreement(const struct json *vector, unsigned line, void *arg)
{
	unsigned *agreed = arg;
	char why[256] = "";

	if (agrees(vector, why, sizeof(why)))
		++*agreed;
	else
		fprintf(stderr, "line %u (%s): %s\n", line, json_get_string(vector, "source"), why);
}

START_TEST(vectors_recorded_agree)
{
	unsigned agreed = 0, count = for_recorded(count_agreement, &agreed);

	if (count == 0)
		fprintf(stderr, "recorded vectors are not there: only our own were decoded\n");
	else
		fprintf(stderr, "%u of %u recorded vectors agree\n", agreed, count);
	ck_assert_uint_eq(agreed, count);
}
END_TEST

/* Every prefix of octets through every decoder, each in a heap block of its own exact size. */
static void
cut_everywhere(enum bgpls_kind kind, const uint8_t *octets, size_t len)
{
	for (size_t cut = 0; cut < len; cut++) {
		uint8_t *exact = malloc(cut ? cut : 1);
		struct text out = { 0 };
		struct json *got;

		ck_assert(exact != NULL);
		memcpy(exact, octets, cut);
		bgpls_json(kind, reader_over(exact, cut), &out);
		got = json_parse(text_get(&out), out.len);
		ck_assert_msg(got && json_get_string(got, "rfc"), "cut at %zu: %s", cut,
			      text_get(&out));
		if (kind == BGPLS_KIND_UPDATE)
			ck_assert_str_eq(json_get_string(got, "rfc"), "framing-error");
		json_free(got);
		text_free(&out);
		free(exact);
	}
}

static size_t
from_hex(const char *hex, uint8_t *out, size_t cap)
{
	size_t n = 0;
	unsigned octet;

	for (; *hex == ' ' || (n < cap && sscanf(hex, "%2x", &octet) == 1);) {
		if (*hex == ' ') {
			hex++;
			continue;
		}
		out[n++] = (uint8_t)octet;
		hex += 2;
	}
	return n;
}

static void
cut_vector(const struct json *vector, unsigned line, void *arg)
{
	static uint8_t octets[65536];
	size_t len = from_hex(json_get_string(vector, "hex"), octets, sizeof(octets));
	enum bgpls_kind kind;

	(void)line;
	(void)arg;
	ck_assert_int_eq(bgpls_parse_kind(json_get_string(vector, "kind"), &kind, NULL), PCE_OK);
	cut_everywhere(kind, octets, len);
}

START_TEST(vectors_cut_at_every_octet_are_judged)
{
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
		struct json *vector = json_parse(own[i], strlen(own[i]));

		cut_vector(vector, 0, NULL);
		json_free(vector);
	}
	for_recorded(cut_vector, NULL);
}
END_TEST

/* An attribute that is cut inside a TLV is refused; cut between two, it says less, and never a
 * metric that was not there. */
static void
cut_attribute(const struct json *vector, unsigned line, void *arg)
{
	static uint8_t octets[65536];
	size_t len = from_hex(json_get_string(vector, "hex"), octets, sizeof(octets));
	struct bgpls_attr whole, part;

	(void)arg;
	if (strcmp(json_get_string(vector, "kind"), "attr") != 0 ||
	    !bgpls_read_attr(reader_over(octets, len), &whole, NULL))
		return;
	for (size_t cut = 0; cut < len; cut++) {
		struct reader r = reader_over(octets, cut), value;
		bool bad = false, ok;
		uint16_t type;

		while (bgpls_next_tlv(&r, &type, &value, &bad, "", NULL))
			;
		ok = bgpls_read_attr(reader_over(octets, cut), &part, NULL);
		ck_assert_msg(ok == !bad, "line %u cut at %zu", line, cut);
		if (!ok)
			continue;
		ck_assert_uint_eq(part.present & ~whole.present, 0);
		if (part.present & 1u << BGPLS_F_IGP_METRIC)
			ck_assert_uint_eq(part.igp_metric, whole.igp_metric);
	}
}

START_TEST(attr_cut_inside_a_tlv_is_refused)
{
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
		struct json *vector = json_parse(own[i], strlen(own[i]));

		cut_attribute(vector, 0, NULL);
		json_free(vector);
	}
	for_recorded(cut_attribute, NULL);
}
END_TEST

START_TEST(line_that_is_no_hex_is_an_error_object)
{
	const size_t n_bad = 4; /* the first ones are no hex */
	static const char *const lines[] = {
		"zz", "abc", "\xff\xfe", "{}", "0x", "", "  ", "04 00"
	};
	static const enum bgpls_kind kinds[] = { BGPLS_KIND_UPDATE, BGPLS_KIND_NLRI,
						 BGPLS_KIND_ATTR, BGPLS_KIND_DESC };

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]) * 4; i++) {
		const char *line = lines[i / 4];
		struct text out = { 0 };
		struct json *got;

		bgpls_json_line(kinds[i % 4], line, strlen(line), &out);
		got = json_parse(text_get(&out), strlen(text_get(&out)));
		ck_assert_msg(got && got->type == JSON_OBJECT, "%s", text_get(&out));
		ck_assert_msg((json_get_string(got, "error") != NULL) == (i / 4 < n_bad), "\"%s\"",
			      line);
		ck_assert(json_get(got, "error") || json_get_string(got, "rfc"));
		json_free(got);
		text_free(&out);
	}
}
END_TEST

/* Random octets in place of random octets of a good message: always one JSON object. */
START_TEST(update_with_random_octets_is_judged)
{
	uint8_t base[512];
	size_t len =
	    from_hex("ffffffffffffffffffffffffffffffff00aa0200000093800e7240044704c0a8ff1d"
		     "000002006503000000000000000001000020020000040000fde90201000400000000"
		     "0202000400000000020300040a01010101010024020000040000fde9020100040000"
		     "00000202000400000000020300080a0104010a010102010300040a01010101040004"
		     "0a0101024001010040020602010000fde980040400000000801d0704470003000001",
		     base, sizeof(base));

	for (unsigned seed = 0; seed < suite_seeds() * 20; seed++) {
		uint64_t state = seed;
		uint8_t octets[512];
		struct text out = { 0 };
		struct json *got;

		memcpy(octets, base, len);
		for (unsigned n = 1 + suite_below(&state, 4); n > 0; n--)
			octets[19 + suite_below(&state, (uint32_t)len - 19)] =
			    (uint8_t)suite_below(&state, 256);
		bgpls_json(BGPLS_KIND_UPDATE, reader_over(octets, len), &out);
		got = json_parse(text_get(&out), out.len);
		ck_assert_msg(got && json_get_string(got, "rfc"), "seed %u: %s", seed,
			      text_get(&out));
		json_free(got);
		text_free(&out);
	}
}
END_TEST

/* ASLA (RFC 9294): the SR Policy bit wins over no masks, which win over the top level. */
START_TEST(attr_application_specific_values_follow_the_ladder)
{
	static const struct {
		const char *hex;
		uint32_t te_metric;
	} rows[] = {
		{ "0444000400000001", 1 },
		{ "0444000400000001"
		  "0444000400000002",
		  1 },
		{ "0444000400000001"
		  "0462000c000000000444000400000002",
		  2 },
		{ "0444000400000001"
		  "0462000c000000000444000400000002"
		  "0462001004000000400000000444000400000003",
		  3 },
		{ "0462001004000000400000000444000400000003"
		  "0462000c000000000444000400000002"
		  "0444000400000001",
		  3 },
		{ "0444000400000001"
		  "0462001004000000200000000444000400000004",
		  1 },
		/* an ASLA that names us without a TE metric hides the one without masks */
		{ "0444000400000001"
		  "0462000c000000000444000400000002"
		  "04620010040000004000000004400004000000ff",
		  1 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint8_t octets[128];
		size_t len = from_hex(rows[i].hex, octets, sizeof(octets));
		struct bgpls_attr attr;

		ck_assert(bgpls_read_attr(reader_over(octets, len), &attr, NULL));
		ck_assert_msg(attr.te_metric == rows[i].te_metric, "row %zu: %u", i,
			      attr.te_metric);
	}
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("vectors");

	tcase_add_test(tc, vectors_of_our_own_agree);
	tcase_add_test(tc, vectors_recorded_agree);
	tcase_add_test(tc, vectors_cut_at_every_octet_are_judged);
	tcase_add_test(tc, attr_cut_inside_a_tlv_is_refused);
	tcase_add_test(tc, line_that_is_no_hex_is_an_error_object);
	tcase_add_test(tc, update_with_random_octets_is_judged);
	tcase_add_test(tc, attr_application_specific_values_follow_the_ladder);
	return suite_run("bgp vectors", tc, 120);
}
