/*
 * The audit: entries with their results, in their order, over restarts; what a full disk cut off or
 * a stranger wrote into the file does no harm.
 */
#include "config.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "northbound/auth/audit.h"
#include "tests/support/suite.h"
#include "tests/support/temporary.h"

static char directory[64], path[96];

static void
setup(void)
{
	temporary_template(directory, sizeof(directory), "audit");
	ck_assert_ptr_nonnull(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/audit.log", directory);
}

static void
teardown(void)
{
	unlink(path);
	rmdir(directory);
}

static struct audit *
open_audit(void)
{
	struct pce_error err = { 0 };
	struct audit *audit = NULL;

	ck_assert_msg(!audit_open(directory, &audit, &err), "%s", err.text);
	return audit;
}

static uint64_t
begin(struct audit *audit, const char *author, const char *target)
{
	const struct audit_entry entry = { 1700000000000000, author, "::1", "PUT", target };
	struct pce_error err = { 0 };
	uint64_t id = audit_begin(audit, &entry, &err);

	ck_assert_msg(id > 0, "%s", err.text);
	return id;
}

static void
expect(const struct audit *audit, size_t most, const char *expected)
{
	struct pce_error err = { 0 };
	struct text out = { 0 };

	ck_assert_msg(!audit_print(audit, most, &out, &err), "%s", err.text);
	ck_assert_str_eq(text_get(&out), expected);
	text_free(&out);
}

#define ENTRY(id, author, target, result)                                                          \
	"{\"id\":\"" id "\",\"time\":\"2023-11-14T22:13:20Z\",\"author\":" author                  \
	",\"address\":\"::1\",\"action\":\"PUT\",\"target\":\"" target "\"" result "}"
#define ALL(entries) "{\"karst-operations:audit\":[" entries "]}"

START_TEST(entries_have_their_results_in_any_order)
{
	struct audit *audit = open_audit();
	uint64_t a, b, c;

	expect(audit, 10, ALL(""));
	a = begin(audit, "noc", "/a");
	b = begin(audit, "\"quoted\"\n", "/b");
	c = begin(audit, "x", "/c");
	audit_end(audit, b, "409");
	audit_end(audit, a, "201");
	ck_assert_uint_eq(c, 3);
	expect(audit, 10,
	       ALL(ENTRY("1", "\"noc\"", "/a", ",\"result\":\"201\"") "," ENTRY(
		   "2", "\"\\\"quoted\\\"\\u000a\"", "/b",
		   ",\"result\":\"409\"") "," ENTRY("3", "\"x\"", "/c", "")));
	expect(audit, 1, ALL(ENTRY("3", "\"x\"", "/c", "")));
	audit_close(audit);
}
END_TEST

START_TEST(reopened_goes_on_and_forgets_nothing)
{
	struct audit *audit = open_audit();
	struct stat st;

	audit_end(audit, begin(audit, "noc", "/a"), "204");
	audit_close(audit);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0600);
	audit = open_audit();
	ck_assert_uint_eq(begin(audit, "noc", "/b"), 2);
	expect(audit, 10,
	       ALL(ENTRY("1", "\"noc\"", "/a", ",\"result\":\"204\"") "," ENTRY("2", "\"noc\"",
										"/b", "")));
	audit_close(audit);
}
END_TEST

START_TEST(line_cut_off_or_strange_is_left_out)
{
	struct audit *audit = open_audit();
	static const char strange[] =
	    "not ours\n{\"end\":\"99\",\"result\":\"x\"}\n{\"id\":\"7\",\"ti";
	int fd;

	audit_end(audit, begin(audit, "noc", "/a"), "204");
	audit_close(audit);
	fd = open(path, O_WRONLY | O_APPEND);
	ck_assert_int_eq(write(fd, strange, sizeof(strange) - 1), sizeof(strange) - 1);
	close(fd);
	audit = open_audit();
	ck_assert_uint_eq(begin(audit, "noc", "/b"), 8);
	expect(audit, 10,
	       ALL(ENTRY("1", "\"noc\"", "/a", ",\"result\":\"204\"") "," ENTRY("8", "\"noc\"",
										"/b", "")));
	audit_close(audit);
}
END_TEST

START_TEST(only_the_end_of_a_large_file_is_read)
{
	struct audit *audit = open_audit();
	struct pce_error err = { 0 };
	struct text out = { 0 };
	uint64_t last = 0;
	char target[512];

	memset(target, 'x', sizeof(target) - 1);
	target[sizeof(target) - 1] = '\0';
	for (unsigned i = 0; i < 20000; i++)
		last = begin(audit, "noc", target);
	audit_close(audit);
	audit = open_audit();
	ck_assert_uint_eq(begin(audit, "noc", "/b"), last + 1);
	ck_assert_int_eq(audit_print(audit, 3, &out, &err), PCE_OK);
	ck_assert_uint_lt(out.len, 3000);
	ck_assert_ptr_nonnull(strstr(text_get(&out), "\"id\":\"20001\""));
	text_free(&out);
	audit_close(audit);
}
END_TEST

START_TEST(folder_that_is_not_there_is_named)
{
	struct pce_error err = { 0 };
	struct audit *audit = NULL;

	ck_assert_int_eq(audit_open("/nowhere/at/all", &audit, &err), PCE_IO);
	ck_assert_ptr_nonnull(strstr(err.text, "/nowhere/at/all/audit.log"));
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("audit");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, entries_have_their_results_in_any_order);
	tcase_add_test(t, reopened_goes_on_and_forgets_nothing);
	tcase_add_test(t, line_cut_off_or_strange_is_left_out);
	tcase_add_test(t, only_the_end_of_a_large_file_is_read);
	tcase_add_test(t, folder_that_is_not_there_is_named);
	return suite_run("audit", t, 60);
}
