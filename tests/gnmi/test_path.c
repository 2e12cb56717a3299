/* Paths as text and as messages. */
#include "southbound/gnmi/path.h"
#include "tests/support/suite.h"

#include <stdio.h>
#include <string.h>

static struct gnmi_path
parse(const char *text, struct arena *arena)
{
	struct gnmi_path path;
	struct pce_error err = { 0 };

	ck_assert_msg(gnmi_path_parse(text, arena, &path, &err) == PCE_OK, "%s", err.text);
	return path;
}

static void
prints_as(const char *text, const char *printed)
{
	struct arena arena = { 0 };
	struct gnmi_path path = parse(text, &arena);
	struct text out = { 0 };

	gnmi_path_print(&path, &out);
	ck_assert_str_eq(text_get(&out), printed);
	text_free(&out);
	arena_free(&arena);
}

START_TEST(path_parse_and_print_rows)
{
	prints_as("", "/");
	prints_as("/", "/");
	prints_as("interfaces", "/interfaces");
	prints_as("/interfaces/interface[name=eth0]/state",
		  "/interfaces/interface[name=eth0]/state");
	prints_as("/a[z=1][b=2]", "/a[b=2][z=1]");
	prints_as("/if[name=Ethernet1/1]", "/if[name=Ethernet1/1]");
	prints_as("/if[name=a\\]b]", "/if[name=a\\]b]");
	prints_as("/a\\/b", "/a\\/b");
	prints_as("openconfig:/a", "openconfig:/a");
	prints_as("/m:a/b", "/m:a/b");
	prints_as("/a[k=]", "/a[k=]");
}
END_TEST

START_TEST(path_parse_faults_say_where)
{
	static const struct {
		const char *text;
		unsigned octet;
	} rows[] = { { "/a//b", 4 },  { "/a/", 4 },      { "/a[k", 5 }, { "/a[=v]", 4 },
		     { "/a[k=v", 7 }, { "/a[k=v]x", 8 }, { "/a\\", 4 }, { "/a]b", 3 },
		     { "/[k=v]", 2 }, { ":/a", 1 } };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena arena = { 0 };
		struct gnmi_path path = { .n_elems = 77 };
		struct pce_error err = { 0 };
		char octet[16];

		ck_assert_msg(gnmi_path_parse(rows[i].text, &arena, &path, &err) == PCE_INVALID,
			      "%s is taken", rows[i].text);
		snprintf(octet, sizeof(octet), "octet %u:", rows[i].octet);
		ck_assert_msg(strstr(err.text, octet) != NULL, "%s: %s", rows[i].text, err.text);
		ck_assert_uint_eq(path.n_elems, 77);
		arena_free(&arena);
	}
}
END_TEST

START_TEST(path_parse_same_key_twice_or_too_much_is_refused)
{
	struct arena arena = { 0 };
	struct gnmi_path path;
	struct pce_error err = { 0 };
	char deep[200] = "", *at = deep;

	ck_assert_int_eq(gnmi_path_parse("/a[k=1][k=2]", &arena, &path, &err), PCE_INVALID);
	ck_assert_int_eq(
	    gnmi_path_parse("/a[a=][b=][c=][d=][e=][f=][g=][h=][i=]", &arena, &path, &err),
	    PCE_LIMIT);
	for (int i = 0; i < 33; i++, at += 2)
		memcpy(at, "/a", 3);
	ck_assert_int_eq(gnmi_path_parse(deep, &arena, &path, &err), PCE_LIMIT);
	deep[64] = '\0';
	ck_assert_int_eq(gnmi_path_parse(deep, &arena, &path, &err), PCE_OK);
	arena_free(&arena);
}
END_TEST

static const char *
random_word(uint64_t *random, struct arena *arena, bool may_be_empty)
{
	static const char letters[] = "abcXYZ019-_:/[]=\\ .*\xc3\xa9";
	size_t len = suite_below(random, 9) + !may_be_empty;
	char *out = arena_alloc(arena, len + 1);

	for (size_t i = 0; i < len; i++)
		out[i] = letters[suite_below(random, sizeof(letters) - 1)];
	return out;
}

static struct gnmi_path
random_path(uint64_t *random, struct arena *arena)
{
	struct gnmi_path path = { .origin = suite_below(random, 3) ? "" : "openconfig" };

	path.elems = arena_alloc(arena, GNMI_PATH_ELEMS * sizeof(*path.elems));
	path.n_elems = suite_below(random, 6);
	for (size_t i = 0; i < path.n_elems; i++) {
		struct gnmi_path_elem *elem = &path.elems[i];
		static const char *const keys[] = { "a", "b=", "c]", "d/" };

		elem->name = random_word(random, arena, false);
		elem->keys = arena_alloc(arena, GNMI_ELEM_KEYS * sizeof(*elem->keys));
		elem->n_keys = suite_below(random, 5);
		for (size_t k = 0; k < elem->n_keys; k++)
			elem->keys[k] =
			    (struct gnmi_path_key){ keys[k], random_word(random, arena, true) };
	}
	return path;
}

static void
check_same(const struct gnmi_path *a, const struct gnmi_path *b)
{
	ck_assert_str_eq(a->origin, b->origin);
	ck_assert_uint_eq(a->n_elems, b->n_elems);
	for (size_t i = 0; i < a->n_elems; i++) {
		ck_assert_str_eq(a->elems[i].name, b->elems[i].name);
		ck_assert_uint_eq(a->elems[i].n_keys, b->elems[i].n_keys);
		for (size_t k = 0; k < a->elems[i].n_keys; k++) {
			ck_assert_str_eq(a->elems[i].keys[k].name, b->elems[i].keys[k].name);
			ck_assert_str_eq(a->elems[i].keys[k].value, b->elems[i].keys[k].value);
		}
	}
}

START_TEST(path_text_and_message_give_it_back)
{
	for (uint64_t seed = 1; seed <= suite_seeds(); seed++) {
		struct arena arena = { 0 };
		uint64_t random = seed;
		struct gnmi_path path = random_path(&random, &arena), again;
		struct text out = { 0 };
		Gnmi__Path *message = gnmi_path_message(&path, "r1", &arena), *unpacked;
		uint8_t *bytes;
		size_t len;

		gnmi_path_print(&path, &out);
		again = parse(text_get(&out), &arena);
		check_same(&path, &again);
		ck_assert_ptr_nonnull(message);
		len = gnmi__path__get_packed_size(message);
		bytes = arena_alloc(&arena, len + 1);
		gnmi__path__pack(message, bytes);
		unpacked = gnmi__path__unpack(NULL, len, bytes);
		ck_assert_ptr_nonnull(unpacked);
		ck_assert_str_eq(unpacked->target, "r1");
		ck_assert_int_eq(gnmi_path_of(unpacked, &arena, &again, NULL), PCE_OK);
		check_same(&path, &again);
		gnmi__path__free_unpacked(unpacked, NULL);
		text_free(&out);
		arena_free(&arena);
	}
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("path");

	tcase_add_test(t, path_parse_and_print_rows);
	tcase_add_test(t, path_parse_faults_say_where);
	tcase_add_test(t, path_parse_same_key_twice_or_too_much_is_refused);
	tcase_add_test(t, path_text_and_message_give_it_back);
	return suite_run("gnmi path", t, 60);
}
