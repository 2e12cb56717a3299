/*
 * Backups of the SQLite store: a copy has exactly what was handed over before it; restoring puts it
 * in the store's place, keeps what was there, and refuses what is no store, is newer, is damaged,
 * or is in use, without touching anything.
 */
#include "config.h"

#include <errno.h>
#include <poll.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pce/store/store_sqlite.h"
#include "tests/support/suite.h"
#include "tests/support/temporary.h"

static char directory[64], path[96], copy[96], kept[112];
static int wake;

static void
setup(void)
{
	temporary_template(directory, sizeof(directory), "backup");
	ck_assert_ptr_nonnull(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/karst.db", directory);
	snprintf(copy, sizeof(copy), "%s/copy.db", directory);
	snprintf(kept, sizeof(kept), "%s.before-restore", path);
	wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	ck_assert_int_ge(wake, 0);
}

static void
teardown(void)
{
	char command[128];

	close(wake);
	snprintf(command, sizeof(command), "rm -r %s", directory);
	ck_assert_int_eq(system(command), 0);
}

static struct store *
open_store(void)
{
	struct pce_error err = { 0 };
	struct store *store = NULL;
	enum pce_status status = store_sqlite_open(path, wake, &store, &err);

	ck_assert_msg(status == PCE_OK, "%s", err.text);
	return store;
}

static struct store_result
next_result(struct store *store)
{
	struct store_result result;
	struct pollfd fd = { wake, POLLIN, 0 };
	uint64_t count;

	while (!store_poll(store, &result)) {
		ck_assert_int_eq(poll(&fd, 1, 20000), 1);
		ck_assert_int_eq(read(wake, &count, sizeof(count)), sizeof(count));
	}
	return result;
}

static void
hand_over(struct store *store, uint64_t id, const char *key, const char *text)
{
	struct store_record r = {
		.kind = 1, .key = key, .version = 1, .bytes = text, .len = strlen(text)
	};
	struct pce_error err = { 0 };

	ck_assert_msg(!store_put(store, id, &r, 1, &err), "%s", err.text);
}

static void
put_one(struct store *store, const char *key, const char *text)
{
	hand_over(store, 1, key, text);
	ck_assert_int_eq(next_result(store).status, PCE_OK);
}

static struct store_result
back_up(struct store *store, const char *to)
{
	struct pce_error err = { 0 };
	struct store_result result;

	ck_assert_msg(!store_backup(store, 77, to, &err), "%s", err.text);
	result = next_result(store);
	ck_assert_uint_eq(result.id, 77);
	ck_assert(result.backup);
	return result;
}

/* Everything as "key=bytes;". */
static enum pce_status
collect(void *context, const struct store_record *r, struct pce_error *err)
{
	char *out = context;
	size_t used = strlen(out);

	(void)err;
	snprintf(out + used, 4096 - used, "%s=%.*s;", r->key, (int)r->len, (const char *)r->bytes);
	return PCE_OK;
}

static enum pce_status
accept(void *context, const struct store_record *r, struct pce_error *err)
{
	(void)context, (void)r, (void)err;
	return PCE_OK;
}

static enum pce_status
refuse(void *context, const struct store_record *r, struct pce_error *err)
{
	(void)context;
	return pce_fail(err, PCE_UNSUPPORTED, "%s was written by a newer Karst", r->key);
}

static void
expect_content(const char *expected)
{
	struct store *store = open_store();
	char content[4096] = "";
	struct pce_error err = { 0 };

	ck_assert_msg(!store_load(store, collect, content, &err), "%s", err.text);
	ck_assert_str_eq(content, expected);
	store_close(store);
}

/* A store with k=old, its backup, and then k=new. */
static void
make_backup(void)
{
	struct store *store = open_store();

	put_one(store, "k", "old");
	ck_assert_int_eq(back_up(store, copy).status, PCE_OK);
	put_one(store, "k", "new");
	put_one(store, "later", "x");
	store_close(store);
}

START_TEST(backup_restored_has_what_was_stored_before_it)
{
	struct pce_error err = { 0 };
	struct stat st;

	make_backup();
	ck_assert_int_eq(stat(copy, &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0600);
	ck_assert_msg(!store_sqlite_restore(copy, path, accept, NULL, &err), "%s", err.text);
	expect_content("k=old;");
	ck_assert_int_eq(rename(kept, path), 0);
	expect_content("k=new;later=x;");
}
END_TEST

START_TEST(backup_among_waiting_batches_has_those_before_it)
{
	struct store *store = open_store();
	char expected[1024] = "", key[16];
	struct pce_error err = { 0 };

	for (uint64_t i = 0; i < 60; i++) {
		snprintf(key, sizeof(key), "k%02u", (unsigned)i);
		if (i == 30)
			ck_assert_int_eq(store_backup(store, i, copy, &err), PCE_OK);
		else
			hand_over(store, i, key, "x");
		if (i < 30)
			snprintf(expected + strlen(expected), 24, "%s=x;", key);
	}
	for (uint64_t i = 0; i < 60; i++) {
		struct store_result result = next_result(store);

		ck_assert_uint_eq(result.id, i);
		ck_assert_int_eq(result.status, PCE_OK);
		ck_assert_int_eq(result.backup, i == 30);
	}
	store_close(store);
	ck_assert_int_eq(store_sqlite_restore(copy, path, accept, NULL, &err), PCE_OK);
	expect_content(expected);
}
END_TEST

START_TEST(backup_over_a_file_or_into_nothing_is_refused)
{
	struct store *store = open_store();
	struct store_result result;
	char nowhere[128];

	put_one(store, "k", "x");
	ck_assert_int_eq(back_up(store, copy).status, PCE_OK);
	result = back_up(store, copy);
	ck_assert_int_eq(result.status, PCE_CONFLICT);
	ck_assert_ptr_nonnull(strstr(result.text, copy));
	snprintf(nowhere, sizeof(nowhere), "%s/no/such", directory);
	result = back_up(store, nowhere);
	ck_assert_int_eq(result.status, PCE_IO);
	ck_assert_ptr_nonnull(strstr(result.text, nowhere));
	put_one(store, "k", "still works");
	store_close(store);
}
END_TEST

START_TEST(restore_without_a_store_makes_one)
{
	struct pce_error err = { 0 };

	make_backup();
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(store_sqlite_restore(copy, path, accept, NULL, &err), PCE_OK);
	ck_assert_int_ne(access(kept, F_OK), 0);
	expect_content("k=old;");
}
END_TEST

/* The log of a store that cannot be read must not be applied to the restored one. */
START_TEST(restore_over_a_damaged_store_takes_its_log_away)
{
	struct pce_error err = { 0 };
	char log[128];
	FILE *file;

	make_backup();
	file = fopen(path, "w");
	for (int i = 0; i < 2000; i++)
		fputs("this is no database at all\n", file);
	fclose(file);
	snprintf(log, sizeof(log), "%s-wal", path);
	file = fopen(log, "w");
	fputs("a log", file);
	fclose(file);
	ck_assert_msg(!store_sqlite_restore(copy, path, accept, NULL, &err), "%s", err.text);
	expect_content("k=old;");
}
END_TEST

static void
expect_refusal(enum pce_status expected, const char *part, store_load_fn *each)
{
	struct pce_error err = { 0 };

	ck_assert_int_eq(store_sqlite_restore(copy, path, each, NULL, &err), expected);
	ck_assert_msg(strstr(err.text, part) != NULL, "%s", err.text);
	ck_assert_int_ne(access(kept, F_OK), 0);
	expect_content("k=new;later=x;");
}

static void
run_sql(const char *file, const char *sql)
{
	sqlite3 *db;

	ck_assert_int_eq(sqlite3_open(file, &db), SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

START_TEST(restore_of_what_cannot_be_used_leaves_the_store)
{
	FILE *file;

	make_backup();
	expect_refusal(PCE_UNSUPPORTED, "k was written by a newer Karst", refuse);
	run_sql(copy, "PRAGMA user_version=9");
	expect_refusal(PCE_UNSUPPORTED, "written by a newer Karst", accept);
	run_sql(copy, "PRAGMA user_version=1; PRAGMA application_id=5");
	expect_refusal(PCE_MALFORMED, "another program's database", accept);
	ck_assert_int_eq(truncate(copy, 0), 0);
	expect_refusal(PCE_MALFORMED, "is no store of Karst", accept);
	file = fopen(copy, "w");
	fputs("not a database, but long enough to be looked at by whoever wants to", file);
	fclose(file);
	expect_refusal(PCE_MALFORMED, "is not a store of Karst", accept);
	ck_assert_int_eq(unlink(copy), 0);
	expect_refusal(PCE_IO, "No such file", accept);
}
END_TEST

START_TEST(restore_of_a_damaged_backup_is_refused)
{
	char filler[3000];
	struct store *store = open_store();
	FILE *file;

	memset(filler, 'x', sizeof(filler) - 1);
	filler[sizeof(filler) - 1] = '\0';
	for (int i = 0; i < 30; i++) {
		char key[16];

		snprintf(key, sizeof(key), "big%d", i);
		put_one(store, key, filler);
	}
	ck_assert_int_eq(back_up(store, copy).status, PCE_OK);
	store_close(store);
	run_sql(path, "DELETE FROM record; INSERT INTO record VALUES(1, 'k', 1, 'new'),"
		      "(1, 'later', 1, 'x')");
	file = fopen(copy, "r+");
	fseek(file, 3 * 4096, SEEK_SET);
	for (int i = 0; i < 8192; i++)
		fputc(0x5a, file);
	fclose(file);
	expect_refusal(PCE_MALFORMED, "damaged", accept);
}
END_TEST

START_TEST(restore_while_the_store_is_open_is_refused)
{
	struct pce_error err = { 0 };
	struct store *store;

	make_backup();
	store = open_store();
	ck_assert_int_eq(store_sqlite_restore(copy, path, accept, NULL, &err), PCE_CONFLICT);
	ck_assert_ptr_nonnull(strstr(err.text, "is in use by another process"));
	put_one(store, "k", "newest");
	store_close(store);
	expect_content("k=newest;later=x;");
}
END_TEST

START_TEST(restore_twice_keeps_the_first_old_store)
{
	struct pce_error err = { 0 };

	make_backup();
	ck_assert_int_eq(store_sqlite_restore(copy, path, accept, NULL, &err), PCE_OK);
	ck_assert_int_eq(store_sqlite_restore(copy, path, accept, NULL, &err), PCE_CONFLICT);
	ck_assert_ptr_nonnull(strstr(err.text, "move it away first"));
	ck_assert_int_eq(rename(kept, path), 0);
	expect_content("k=new;later=x;");
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("backup");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, backup_restored_has_what_was_stored_before_it);
	tcase_add_test(t, backup_among_waiting_batches_has_those_before_it);
	tcase_add_test(t, backup_over_a_file_or_into_nothing_is_refused);
	tcase_add_test(t, restore_without_a_store_makes_one);
	tcase_add_test(t, restore_over_a_damaged_store_takes_its_log_away);
	tcase_add_test(t, restore_of_what_cannot_be_used_leaves_the_store);
	tcase_add_test(t, restore_of_a_damaged_backup_is_refused);
	tcase_add_test(t, restore_while_the_store_is_open_is_refused);
	tcase_add_test(t, restore_twice_keeps_the_first_old_store);
	return suite_run("backup", t, 60);
}
