/*
 * The SQLite store: batches are atomic and durable, come back in order, are committed in groups; a
 * full disk, a second process, a newer or foreign file are told clearly; killed at random moments,
 * nothing that was acknowledged is lost.
 */
#include "config.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "pce/store/store_sqlite.h"
#include "tests/support/suite.h"
#include "tests/support/temporary.h"

static char directory[64], path[96];
static int wake;

static void
remove_files(void)
{
	static const char *const ends[] = { "", "-wal", "-shm", "-journal" };

	for (size_t i = 0; i < 4; i++) {
		char name[128];

		snprintf(name, sizeof(name), "%s%s", path, ends[i]);
		unlink(name);
	}
}

static void
setup(void)
{
	temporary_template(directory, sizeof(directory), "store");
	ck_assert_ptr_nonnull(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/karst.db", directory);
	wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	ck_assert_int_ge(wake, 0);
}

static void
teardown(void)
{
	remove_files();
	rmdir(directory);
	close(wake);
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

static struct store_record
record(uint32_t kind, const char *key, const char *text)
{
	struct store_record r = { .kind = kind, .key = key, .version = 3 };

	r.remove = !text;
	r.bytes = text;
	r.len = text ? strlen(text) : 0;
	return r;
}

/* Waits for one result, as a loop does: by the descriptor. */
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
put(struct store *store, uint64_t id, const struct store_record *records, size_t n)
{
	struct pce_error err = { 0 };
	enum pce_status status = store_put(store, id, records, n, &err);

	ck_assert_msg(status == PCE_OK, "%s", err.text);
}

static void
put_one(struct store *store, uint64_t id, const char *key, const char *text)
{
	struct store_record r = record(1, key, text);
	struct store_result result;

	put(store, id, &r, 1);
	result = next_result(store);
	ck_assert_uint_eq(result.id, id);
	ck_assert_msg(result.status == PCE_OK, "%s", result.text);
}

/* Everything as "kind/key/version=bytes;". */
static enum pce_status
collect(void *context, const struct store_record *r, struct pce_error *err)
{
	char *out = context;
	size_t used = strlen(out);

	(void)err;
	snprintf(out + used, 4096 - used, "%u/%s/%u=%.*s;", r->kind, r->key, r->version,
		 (int)r->len, (const char *)r->bytes);
	return PCE_OK;
}

static void
expect_content(struct store *store, const char *expected)
{
	char content[4096] = "";
	struct pce_error err = { 0 };
	enum pce_status status = store_load(store, collect, content, &err);

	ck_assert_msg(status == PCE_OK, "%s", err.text);
	ck_assert_str_eq(content, expected);
}

START_TEST(put_survives_closing_and_is_loaded_in_order)
{
	struct store *store = open_store();
	struct store_record batch[] = { record(2, "b", "two"), record(1, "z", "one"),
					record(2, "a", ""), record(1, "z", "newer") };

	expect_content(store, "");
	put(store, 7, batch, 4);
	ck_assert_uint_eq(next_result(store).id, 7);
	expect_content(store, "1/z/3=newer;2/a/3=;2/b/3=two;");
	store_close(store);
	store = open_store();
	expect_content(store, "1/z/3=newer;2/a/3=;2/b/3=two;");
	put_one(store, 8, "z", NULL);
	put_one(store, 9, "never there", NULL);
	expect_content(store, "2/a/3=;2/b/3=two;");
	store_close(store);
}
END_TEST

START_TEST(close_finishes_what_was_handed_over)
{
	struct store *store = open_store();
	char key[16];

	for (uint64_t i = 0; i < 50; i++) {
		struct store_record r = record(1, key, "x");

		snprintf(key, sizeof(key), "k%02llu", (unsigned long long)i);
		put(store, i, &r, 1);
	}
	store_close(store);
	store = open_store();
	{
		char content[4096] = "";
		struct pce_error err;

		ck_assert_int_eq(store_load(store, collect, content, &err), PCE_OK);
		ck_assert_ptr_nonnull(strstr(content, "k00"));
		ck_assert_ptr_nonnull(strstr(content, "k49"));
	}
	store_close(store);
}
END_TEST

START_TEST(put_without_key_is_invalid)
{
	struct store *store = open_store();
	struct store_record bad = record(4, "", "x");
	struct pce_error err = { 0 };

	ck_assert_int_eq(store_put(store, 1, &bad, 1, &err), PCE_INVALID);
	ck_assert_str_eq(err.text, "a record of kind 4 has no key");
	put(store, 2, NULL, 0);
	ck_assert_uint_eq(next_result(store).id, 2);
	store_close(store);
}
END_TEST

static enum pce_status
refuse(void *context, const struct store_record *r, struct pce_error *err)
{
	(void)context;
	return pce_fail(err, PCE_MALFORMED, "%s cannot be read", r->key);
}

START_TEST(load_stops_at_a_record_that_is_refused)
{
	struct store *store = open_store();
	struct pce_error err = { 0 };

	put_one(store, 1, "k", "x");
	ck_assert_int_eq(store_load(store, refuse, NULL, &err), PCE_MALFORMED);
	ck_assert_str_eq(err.text, "k cannot be read");
	put_one(store, 2, "k", "y");
	store_close(store);
}
END_TEST

START_TEST(open_makes_a_private_file)
{
	struct store *store = open_store();
	struct stat st;

	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0600);
	store_close(store);
}
END_TEST

static void
expect_refusal(enum pce_status expected, const char *part)
{
	struct store *store = NULL;
	struct pce_error err = { 0 };

	ck_assert_int_eq(store_sqlite_open(path, -1, &store, &err), expected);
	ck_assert_ptr_null(store);
	ck_assert_msg(strstr(err.text, part) != NULL, "%s", err.text);
	ck_assert_ptr_nonnull(strstr(err.text, path));
}

START_TEST(open_twice_is_refused)
{
	struct store *store = open_store();
	pid_t child;
	int end;

	expect_refusal(PCE_CONFLICT, "is in use by another process");
	/* From another process too. */
	child = fork();
	ck_assert_int_ge(child, 0);
	if (child == 0) {
		struct store *second;
		struct pce_error err;

		_exit(store_sqlite_open(path, -1, &second, &err) == PCE_CONFLICT ? 0 : 1);
	}
	ck_assert_int_eq(waitpid(child, &end, 0), child);
	ck_assert_int_eq(end, 0);
	put_one(store, 1, "k", "still works");
	store_close(store);
	store_close(open_store());
}
END_TEST

static void
run_sql(const char *sql)
{
	sqlite3 *db;

	ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

START_TEST(open_newer_layout_is_unsupported)
{
	store_close(open_store());
	run_sql("PRAGMA user_version=2");
	expect_refusal(PCE_UNSUPPORTED, "written by a newer Karst");
}
END_TEST

START_TEST(open_foreign_or_damaged_file_is_malformed)
{
	FILE *file;

	run_sql("CREATE TABLE bookmarks(url TEXT)");
	expect_refusal(PCE_MALFORMED, "is another program's database");
	remove_files();
	file = fopen(path, "w");
	ck_assert_ptr_nonnull(file);
	for (int i = 0; i < 2000; i++)
		fputs("this is no database at all\n", file);
	fclose(file);
	expect_refusal(PCE_MALFORMED, "is not a store of Karst");
	remove_files();
	ck_assert_int_eq(mkdir(path, 0700), 0);
	expect_refusal(PCE_IO, "cannot open the store");
	rmdir(path);
}
END_TEST

/* --- a file system that can be full, and counts and holds its syncs --- */

static sqlite3_vfs shim;
static sqlite3_vfs *real;
/* The main file is locked, the log is not: their methods differ. */
static sqlite3_io_methods methods[2];
static const sqlite3_io_methods *real_methods[2];
static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER; /* held: syncs wait */
static pthread_mutex_t shim_lock = PTHREAD_MUTEX_INITIALIZER;
static sqlite3_int64 room = -1; /* octets that a file may have; -1: any number */
static int syncs;

static const sqlite3_io_methods *
real_of(const sqlite3_file *file)
{
	return real_methods[file->pMethods == &methods[1]];
}

static int
shim_write(sqlite3_file *file, const void *bytes, int n, sqlite3_int64 at)
{
	bool full;

	pthread_mutex_lock(&shim_lock);
	full = room >= 0 && at + n > room;
	pthread_mutex_unlock(&shim_lock);
	return full ? SQLITE_FULL : real_of(file)->xWrite(file, bytes, n, at);
}

static int
shim_sync(sqlite3_file *file, int flags)
{
	pthread_mutex_lock(&gate);
	syncs++;
	pthread_mutex_unlock(&gate);
	return real_of(file)->xSync(file, flags);
}

static int
shim_open(sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *file, int flags, int *out)
{
	int code = real->xOpen(real, name, file, flags, out);

	(void)vfs;
	if (code == SQLITE_OK) {
		int i = !(flags & SQLITE_OPEN_MAIN_DB);

		real_methods[i] = file->pMethods;
		methods[i] = *real_methods[i];
		methods[i].xWrite = shim_write;
		methods[i].xSync = shim_sync;
		file->pMethods = &methods[i];
	}
	return code;
}

static void
install_shim(void)
{
	real = sqlite3_vfs_find(NULL);
	shim = *real;
	shim.zName = "shim";
	shim.pNext = NULL;
	shim.xOpen = shim_open;
	ck_assert_int_eq(sqlite3_vfs_register(&shim, 1), SQLITE_OK);
	room = -1;
}

static void
set_room(sqlite3_int64 octets)
{
	pthread_mutex_lock(&shim_lock);
	room = octets;
	pthread_mutex_unlock(&shim_lock);
}

START_TEST(put_on_a_full_disk_fails_alone_and_later_works)
{
	struct store *store;
	struct store_record r = record(1, "new", "cannot be stored");
	struct store_result result;

	install_shim();
	store = open_store();
	put_one(store, 1, "old", "there");
	set_room(0);
	put(store, 2, &r, 1);
	result = next_result(store);
	ck_assert_uint_eq(result.id, 2);
	ck_assert_int_eq(result.status, PCE_IO);
	ck_assert_ptr_nonnull(strstr(result.text, "the disk of "));
	ck_assert_ptr_nonnull(strstr(result.text, path));
	expect_content(store, "1/old/3=there;");
	set_room(-1);
	put_one(store, 3, "new", "has room");
	expect_content(store, "1/new/3=has room;1/old/3=there;");
	store_close(store);
	store = open_store();
	expect_content(store, "1/new/3=has room;1/old/3=there;");
	store_close(store);
}
END_TEST

START_TEST(put_too_large_does_not_take_its_group_with_it)
{
	static char large[8000000]; /* more than SQLite's cache: it fails before the commit, too */
	struct store *store;
	struct store_record batches[3] = { record(1, "a", "small"), record(1, "b", ""),
					   record(1, "c", "small") };

	install_shim();
	store = open_store();
	put_one(store, 1, "first", "x");
	batches[1].bytes = large;
	batches[1].len = sizeof(large);
	/* All three gather while the gate holds the commit of another one. */
	pthread_mutex_lock(&gate);
	put(store, 2, &batches[0], 1);
	put(store, 3, &batches[0], 1);
	set_room(100000);
	put(store, 4, &batches[1], 1);
	put(store, 5, &batches[2], 1);
	pthread_mutex_unlock(&gate);
	for (uint64_t id = 2; id <= 5; id++) {
		struct store_result result = next_result(store);

		ck_assert_uint_eq(result.id, id);
		ck_assert_int_eq(result.status, id == 4 ? PCE_IO : PCE_OK);
	}
	set_room(-1);
	expect_content(store, "1/a/3=small;1/c/3=small;1/first/3=x;");
	store_close(store);
}
END_TEST

START_TEST(put_while_a_commit_runs_is_committed_in_one_group)
{
	struct store *store;
	int before;

	install_shim();
	store = open_store();
	put_one(store, 1, "first", "x");
	pthread_mutex_lock(&gate);
	before = syncs;
	for (uint64_t id = 2; id < 202; id++) {
		struct store_record r = record(1, "k", "x");

		put(store, id, &r, 1);
	}
	pthread_mutex_unlock(&gate);
	for (uint64_t id = 2; id < 202; id++)
		ck_assert_uint_eq(next_result(store).id, id);
	/* One commit that was caught at the gate, one for all that gathered meanwhile. */
	pthread_mutex_lock(&gate);
	ck_assert_int_le(syncs - before, 2);
	pthread_mutex_unlock(&gate);
	store_close(store);
}
END_TEST

START_TEST(put_beyond_a_file_size_limit_is_told_and_recovers)
{
	struct store *store = open_store();
	struct rlimit limit, small;
	static char large[100000];
	struct store_record r = { .kind = 1, .key = "large", .bytes = large, .len = sizeof(large) };
	struct store_result result;

	signal(SIGXFSZ, SIG_IGN);
	put_one(store, 1, "k", "x");
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
	small = limit;
	small.rlim_cur = 50000;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
	put(store, 2, &r, 1);
	result = next_result(store);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	ck_assert_int_eq(result.status, PCE_IO);
	ck_assert_ptr_nonnull(strstr(result.text, path));
	put_one(store, 3, "k", "y");
	expect_content(store, "1/k/3=y;");
	store_close(store);
}
END_TEST

/* --- killed at random moments --- */

#define PAIRS 20u

/* Writes pairs of records for ever; tells each acknowledged number through the pipe. */
static void
write_until_killed(int out, uint32_t from)
{
	struct store *store = open_store();

	for (uint32_t n = from, waiting = 0;; n++) {
		char keys[2][16], text[16];
		struct store_record pair[2];

		snprintf(keys[0], sizeof(keys[0]), "a%u", n % PAIRS);
		snprintf(keys[1], sizeof(keys[1]), "b%u", n % PAIRS);
		snprintf(text, sizeof(text), "%u", n);
		pair[0] = record(1, keys[0], text);
		pair[1] = record(1, keys[1], text);
		put(store, n, pair, 2);
		/* Several are under way at once. */
		for (waiting++; waiting > n % 4; waiting--) {
			uint32_t id = (uint32_t)next_result(store).id;

			if (write(out, &id, sizeof(id)) != sizeof(id))
				_exit(1);
		}
	}
}

struct content {
	uint32_t value[2][PAIRS];
};

static enum pce_status
collect_pairs(void *context, const struct store_record *r, struct pce_error *err)
{
	struct content *c = context;
	char text[16] = "";

	(void)err;
	memcpy(text, r->bytes, r->len < 15 ? r->len : 15);
	c->value[r->key[0] == 'b'][strtoul(r->key + 1, NULL, 10) % PAIRS] =
	    (uint32_t)strtoul(text, NULL, 10);
	return PCE_OK;
}

/* Runs a writer, kills it after a while, and returns the last number it told. */
static uint32_t
kill_writer(uint32_t from, unsigned delay_us)
{
	struct timespec delay = { 0, (long)delay_us * 1000 };
	uint32_t last = 0, id;
	int ends[2];
	pid_t child;

	ck_assert_int_eq(pipe(ends), 0);
	child = fork();
	ck_assert_int_ge(child, 0);
	if (child == 0) {
		close(ends[0]);
		write_until_killed(ends[1], from);
	}
	close(ends[1]);
	/* The first acknowledgement shows that it runs. */
	ck_assert_int_eq(read(ends[0], &last, sizeof(last)), sizeof(last));
	nanosleep(&delay, NULL);
	kill(child, SIGKILL);
	while (read(ends[0], &id, sizeof(id)) == sizeof(id))
		last = id;
	ck_assert_int_eq(waitpid(child, NULL, 0), child);
	close(ends[0]);
	return last;
}

START_TEST(kill_at_random_moments_loses_nothing_acknowledged)
{
	uint64_t random = 1;
	uint32_t next = 1;

	for (int round = 0; round < 100; round++) {
		uint32_t last = kill_writer(next, suite_below(&random, 15000)), highest = 0;
		struct content content = { 0 };
		struct pce_error err = { 0 };
		struct store *store = open_store();

		ck_assert_int_eq(store_load(store, collect_pairs, &content, &err), PCE_OK);
		store_close(store);
		for (uint32_t i = 0; i < PAIRS; i++) {
			uint32_t newest = last - (last + PAIRS - i) % PAIRS;

			/* Both or neither, and nothing older than what was acknowledged. */
			ck_assert_uint_eq(content.value[0][i], content.value[1][i]);
			if (last >= (last + PAIRS - i) % PAIRS)
				ck_assert_uint_ge(content.value[0][i], newest);
			if (content.value[0][i] > highest)
				highest = content.value[0][i];
		}
		ck_assert_uint_ge(highest, last);
		next = highest + 1;
	}
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("store");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, put_survives_closing_and_is_loaded_in_order);
	tcase_add_test(t, close_finishes_what_was_handed_over);
	tcase_add_test(t, put_without_key_is_invalid);
	tcase_add_test(t, load_stops_at_a_record_that_is_refused);
	tcase_add_test(t, open_makes_a_private_file);
	tcase_add_test(t, open_twice_is_refused);
	tcase_add_test(t, open_newer_layout_is_unsupported);
	tcase_add_test(t, open_foreign_or_damaged_file_is_malformed);
	tcase_add_test(t, put_on_a_full_disk_fails_alone_and_later_works);
	tcase_add_test(t, put_too_large_does_not_take_its_group_with_it);
	tcase_add_test(t, put_while_a_commit_runs_is_committed_in_one_group);
	tcase_add_test(t, put_beyond_a_file_size_limit_is_told_and_recovers);
	tcase_add_test(t, kill_at_random_moments_loses_nothing_acknowledged);
	return suite_run("store", t, 120);
}
