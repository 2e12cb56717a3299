#include <stdio.h>
#include <string.h>

#include "northbound/http/target.h"
#include "tests/support/suite.h"

START_TEST(target_splits_before_it_decodes)
{
	struct arena arena = { 0 };
	struct http_target t;

	ck_assert_int_eq(http_target_parse("/restconf/l=a%2Fb,c%2Cd,/x%3Dy",
					   "dry-run&x=%3d&y=", &arena, &t, NULL),
			 PCE_OK);
	ck_assert_uint_eq(t.n_segments, 3);
	ck_assert_str_eq(t.segments[1].name, "l");
	ck_assert_uint_eq(t.segments[1].n_keys, 3);
	ck_assert_str_eq(t.segments[1].keys[0], "a/b");
	ck_assert_str_eq(t.segments[1].keys[1], "c,d");
	ck_assert_str_eq(t.segments[1].keys[2], "");
	ck_assert_str_eq(t.segments[2].name, "x=y");
	ck_assert_uint_eq(t.segments[2].n_keys, 0);
	ck_assert_str_eq(http_target_parameter(&t, "dry-run"), "");
	ck_assert_str_eq(http_target_parameter(&t, "x"), "=");
	ck_assert_str_eq(http_target_parameter(&t, "y"), "");
	ck_assert_ptr_null(http_target_parameter(&t, "z"));
	arena_free(&arena);
}
END_TEST

START_TEST(target_bad_input_leaves_output_untouched)
{
	static const char *const paths[] = {
		"a",          "/%00",          "/%",   "/%a",     "/%g0", "/%c1%81", "/%e0%80%80",
		"/%ed%a0%80", "/%f5%80%80%80", "/%7f", "/%c2%85", "/a b", "/\"",     "/\xe5\x8d\x97"
	};

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		struct arena arena = { 0 };
		struct http_target t = { .n_segments = 77 };
		struct pce_error err = { 0 };

		ck_assert_msg(http_target_parse(paths[i], NULL, &arena, &t, &err) == PCE_MALFORMED,
			      "%s", paths[i]);
		ck_assert_uint_eq(t.n_segments, 77);
		ck_assert_str_ne(err.text, "");
		arena_free(&arena);
	}
}
END_TEST

/* Encodes every octet that could mean something, and a random half of the others. */
static void
encode(char *out, const char *in, uint64_t *rnd)
{
	for (; *in; in++) {
		bool plain = strchr("abcxyz019-._~", *in) && suite_below(rnd, 2);

		out += plain ? sprintf(out, "%c", *in) : sprintf(out, "%%%02X", (unsigned char)*in);
	}
	*out = '\0';
}

/* Random segments with keys come back as they were, whatever they are made of. */
START_TEST(target_encoded_strings_come_back)
{
	static const char letters[] = "abcxyz019-._~/,=%?#& +:;'\"";
	uint64_t rnd = (uint64_t)_i;
	char parts[12][16], path[2048] = "", *end = path;
	struct arena arena = { 0 };
	struct http_target t;
	unsigned n = 1 + suite_below(&rnd, 4);

	for (unsigned i = 0; i < n * 3; i++) {
		unsigned len = suite_below(&rnd, 15);

		for (unsigned c = 0; c < len; c++)
			parts[i][c] = letters[suite_below(&rnd, sizeof(letters) - 1)];
		parts[i][len] = '\0';
		*end++ = i % 3 == 0 ? '/' : i % 3 == 1 ? '=' : ',';
		encode(end, parts[i], &rnd);
		end += strlen(end);
	}
	ck_assert_msg(http_target_parse(path, NULL, &arena, &t, NULL) == PCE_OK, "seed %d: %s", _i,
		      path);
	ck_assert_uint_eq(t.n_segments, n);
	for (unsigned i = 0; i < n; i++) {
		ck_assert_str_eq(t.segments[i].name, parts[3 * i]);
		ck_assert_uint_eq(t.segments[i].n_keys, 2);
		ck_assert_str_eq(t.segments[i].keys[0], parts[3 * i + 1]);
		ck_assert_str_eq(t.segments[i].keys[1], parts[3 * i + 2]);
	}
	arena_free(&arena);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("target");

	tcase_add_test(t, target_splits_before_it_decodes);
	tcase_add_test(t, target_bad_input_leaves_output_untouched);
	tcase_add_loop_test(t, target_encoded_strings_come_back, 0, (int)suite_seeds());
	return suite_run("target", t, 20);
}
