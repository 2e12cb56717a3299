#include "config.h"

#include "pce/store/database.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pce/base/array.h"

#define SCHEMA_VERSION 1
#define APPLICATION_ID 0x4b525354 /* "KRST" */
#define BUSY_MS 1000 /* a predecessor that is just closing */

/* One sentence for what SQLite says, with the file and what was tried. */
static enum pce_status
fail(const struct database *d, const char *what, struct pce_error *err)
{
	int code = d->db ? sqlite3_extended_errcode(d->db) : SQLITE_NOMEM;
	int system = d->db ? sqlite3_system_errno(d->db) : 0;

	if ((code & 0xff) == SQLITE_IOERR && (system == ENOSPC || system == EDQUOT))
		code = SQLITE_FULL;
	switch (code & 0xff) {
	case SQLITE_FULL:
		return pce_fail(err, PCE_IO, "cannot %s: the disk of %s is full", what, d->path);
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return pce_fail(err, PCE_CONFLICT, "the store %s is in use by another process",
				d->path);
	case SQLITE_NOTADB:
	case SQLITE_CORRUPT:
		return pce_fail(err, PCE_MALFORMED, "%s is not a store of Karst, or is damaged: %s",
				d->path, sqlite3_errmsg(d->db));
	case SQLITE_NOMEM:
		return pce_no_memory(err);
	default:
		return pce_fail(err, PCE_IO, "cannot %s in %s: %s%s%s (SQLite code %d)", what,
				d->path, sqlite3_errmsg(d->db), system ? ", " : "",
				system ? strerror(system) : "", code);
	}
}

static enum pce_status
run(struct database *d, const char *sql, const char *what, struct pce_error *err)
{
	if (sqlite3_exec(d->db, sql, NULL, NULL, NULL) == SQLITE_OK)
		return PCE_OK;
	return fail(d, what, err);
}

/* A query's answer as a number. */
static enum pce_status
ask(struct database *d, const char *sql, sqlite3_int64 *out, struct pce_error *err)
{
	sqlite3_stmt *stmt = NULL;
	enum pce_status status = PCE_OK;

	if (sqlite3_prepare_v2(d->db, sql, -1, &stmt, NULL) != SQLITE_OK ||
	    sqlite3_step(stmt) != SQLITE_ROW)
		status = fail(d, "read the layout", err);
	else
		*out = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	return status;
}

/* SQLite would make the file readable for all. Its log inherits the mode. */
static enum pce_status
create_private(const char *path, struct pce_error *err)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0)
		return pce_fail(err, PCE_IO, "cannot open the store %s: %s", path, strerror(errno));
	close(fd);
	return PCE_OK;
}

/*
 * WAL with synchronous FULL: a commit is one append and one fsync, and is durable when it returns.
 * Exclusive: the lock is held from the first access until the end, so a second karstd finds the
 * store in use, and no commit ever waits for somebody else's lock.
 */
static enum pce_status
configure(struct database *d, struct pce_error *err)
{
	enum pce_status status;

	sqlite3_busy_timeout(d->db, BUSY_MS);
	status = run(d, "PRAGMA locking_mode=EXCLUSIVE", "lock the store", err);
	if (!status)
		status = run(d, "PRAGMA journal_mode=WAL", "open the store", err);
	if (!status)
		status = run(d, "PRAGMA synchronous=FULL", "open the store", err);
	/* A write takes the lock for good; reading alone would only share it. */
	if (!status)
		status = run(d, "BEGIN IMMEDIATE; COMMIT", "lock the store", err);
	return status;
}

/*
 * A predecessor that was killed may have left a commit in the log that no sync followed. It is
 * there, and will be acted upon, so from here on it has to survive a power cut too.
 */
static enum pce_status
sync_log(struct database *d, struct pce_error *err)
{
	sqlite3_file *log = NULL;

	if (sqlite3_file_control(d->db, NULL, SQLITE_FCNTL_JOURNAL_POINTER, &log) != SQLITE_OK ||
	    !log || !log->pMethods)
		return PCE_OK;
	if (log->pMethods->xSync(log, SQLITE_SYNC_NORMAL) == SQLITE_OK)
		return PCE_OK;
	return pce_fail(err, PCE_IO, "cannot sync the log of %s", d->path);
}

static enum pce_status
check_durable(struct database *d, struct pce_error *err)
{
	sqlite3_stmt *stmt = NULL;
	bool wal = false;

	if (sqlite3_prepare_v2(d->db, "PRAGMA journal_mode", -1, &stmt, NULL) == SQLITE_OK &&
	    sqlite3_step(stmt) == SQLITE_ROW)
		wal = strcmp((const char *)sqlite3_column_text(stmt, 0), "wal") == 0;
	sqlite3_finalize(stmt);
	if (wal)
		return PCE_OK;
	return pce_fail(err, PCE_IO, "the file system of %s does not allow a write-ahead log",
			d->path);
}

static enum pce_status
lay_out(struct database *d, struct pce_error *err)
{
	char *sql = sqlite3_mprintf("BEGIN IMMEDIATE;"
				    "CREATE TABLE record(kind INTEGER NOT NULL, key TEXT NOT NULL,"
				    " version INTEGER NOT NULL, bytes BLOB NOT NULL,"
				    " PRIMARY KEY(kind, key)) WITHOUT ROWID;"
				    "PRAGMA application_id=%d; PRAGMA user_version=%d; COMMIT",
				    APPLICATION_ID, SCHEMA_VERSION);
	enum pce_status status = sql ? run(d, sql, "lay out the store", err) : pce_no_memory(err);

	sqlite3_free(sql);
	return status;
}

static enum pce_status
check_layout(struct database *d, struct pce_error *err)
{
	sqlite3_int64 application = 0, version = 0, tables = 0;
	enum pce_status status = ask(d, "PRAGMA application_id", &application, err);

	if (!status)
		status = ask(d, "PRAGMA user_version", &version, err);
	if (!status)
		status = ask(d, "SELECT count(*) FROM sqlite_master", &tables, err);
	if (status)
		return status;
	if (application == 0 && version == 0 && tables == 0)
		return lay_out(d, err);
	if (application != APPLICATION_ID)
		return pce_fail(err, PCE_MALFORMED, "%s is another program's database", d->path);
	if (version > SCHEMA_VERSION)
		return pce_fail(err, PCE_UNSUPPORTED,
				"the store %s has layout %lld, written by a newer Karst; this one "
				"knows %d",
				d->path, (long long)version, SCHEMA_VERSION);
	if (version < 1)
		return pce_fail(err, PCE_MALFORMED, "the store %s has no layout version", d->path);
	return PCE_OK;
}

static enum pce_status
prepare(struct database *d, struct pce_error *err)
{
	static const char write[] =
	    "INSERT INTO record(kind, key, version, bytes) VALUES(?1, ?2, ?3, ?4)"
	    " ON CONFLICT(kind, key) DO UPDATE SET version=?3, bytes=?4";
	static const char erase[] = "DELETE FROM record WHERE kind=?1 AND key=?2";
	const unsigned keep = SQLITE_PREPARE_PERSISTENT;

	if (sqlite3_prepare_v3(d->db, write, -1, keep, &d->write, NULL) != SQLITE_OK ||
	    sqlite3_prepare_v3(d->db, erase, -1, keep, &d->erase, NULL) != SQLITE_OK)
		return fail(d, "read the layout", err);
	return PCE_OK;
}

/* A file that was copied while something wrote into it, or that a disk has damaged. */
static enum pce_status
check_integrity(struct database *d, struct pce_error *err)
{
	sqlite3_stmt *stmt = NULL;
	enum pce_status status = PCE_OK;

	if (sqlite3_prepare_v2(d->db, "PRAGMA integrity_check(1)", -1, &stmt, NULL) != SQLITE_OK ||
	    sqlite3_step(stmt) != SQLITE_ROW)
		status = fail(d, "check the store", err);
	else if (strcmp((const char *)sqlite3_column_text(stmt, 0), "ok") != 0)
		status = pce_fail(err, PCE_MALFORMED, "%s is damaged: %s", d->path,
				  (const char *)sqlite3_column_text(stmt, 0));
	sqlite3_finalize(stmt);
	return status;
}

enum pce_status
database_open_copy(struct database *d, const char *path, struct pce_error *err)
{
	sqlite3_int64 application = 0;
	enum pce_status status = PCE_OK;

	*d = (struct database){ .path = array_strdup(path) };
	if (!d->path)
		return pce_no_memory(err);
	if (access(path, R_OK) != 0)
		status =
		    pce_fail(err, PCE_IO, "cannot read the store %s: %s", path, strerror(errno));
	else if (sqlite3_open_v2(path, &d->db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL) !=
		 SQLITE_OK)
		status = fail(d, "open the store", err);
	if (!status)
		status = ask(d, "PRAGMA application_id", &application, err);
	if (!status && application == 0)
		status = pce_fail(err, PCE_MALFORMED, "%s is no store of Karst", path);
	if (!status)
		status = check_layout(d, err);
	if (!status)
		status = check_integrity(d, err);
	if (status)
		database_close(d);
	return status;
}

enum pce_status
database_open(struct database *d, const char *path, struct pce_error *err)
{
	const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
	enum pce_status status = create_private(path, err);

	*d = (struct database){ 0 };
	if (status)
		return status;
	d->path = array_strdup(path);
	if (!d->path)
		return pce_no_memory(err);
	if (sqlite3_open_v2(path, &d->db, flags, NULL) != SQLITE_OK)
		status = fail(d, "open the store", err);
	if (!status)
		status = configure(d, err);
	if (!status)
		status = sync_log(d, err);
	if (!status)
		status = check_durable(d, err);
	if (!status)
		status = check_layout(d, err);
	if (!status)
		status = prepare(d, err);
	if (status)
		database_close(d);
	return status;
}

void
database_close(struct database *d)
{
	sqlite3_finalize(d->write);
	sqlite3_finalize(d->erase);
	sqlite3_close(d->db);
	free(d->path);
	*d = (struct database){ 0 };
}

static enum pce_status
load_row(sqlite3_stmt *stmt, store_load_fn *each, void *context, struct pce_error *err)
{
	struct store_record record = {
		.kind = (uint32_t)sqlite3_column_int64(stmt, 0),
		.key = (const char *)sqlite3_column_text(stmt, 1),
		.version = (uint32_t)sqlite3_column_int64(stmt, 2),
		.bytes = sqlite3_column_blob(stmt, 3),
		.len = (size_t)sqlite3_column_bytes(stmt, 3),
	};

	if (!record.key)
		return pce_no_memory(err);
	if (!record.bytes)
		record.bytes = "";
	return each(context, &record, err);
}

enum pce_status
database_load(struct database *d, store_load_fn *each, void *context, struct pce_error *err)
{
	static const char sql[] = "SELECT kind, key, version, bytes FROM record ORDER BY kind, key";
	sqlite3_stmt *stmt = NULL;
	enum pce_status status = PCE_OK;
	int code = sqlite3_prepare_v2(d->db, sql, -1, &stmt, NULL);

	if (code == SQLITE_OK)
		while ((code = sqlite3_step(stmt)) == SQLITE_ROW)
			if ((status = load_row(stmt, each, context, err)))
				break;
	if (!status && code != SQLITE_DONE)
		status = fail(d, "read records", err);
	sqlite3_finalize(stmt);
	return status;
}

/*
 * A sync that failed says nothing about what the disk has: the log may hold the whole transaction
 * with its mark, and a crash would bring back what was refused. So the log is written back and cut
 * off as soon as the disk allows; what is committed meanwhile overwrites it as well.
 */
static void
forget_refused(struct database *d)
{
	d->doubt = sqlite3_wal_checkpoint_v2(d->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL) !=
		   SQLITE_OK;
}

enum pce_status
database_begin(struct database *d, struct pce_error *err)
{
	if (d->doubt)
		forget_refused(d);
	return run(d, "BEGIN IMMEDIATE", "begin to store", err);
}

static bool
bind_record(sqlite3_stmt *stmt, const struct store_record *r)
{
	if (sqlite3_bind_int64(stmt, 1, r->kind) != SQLITE_OK ||
	    sqlite3_bind_text(stmt, 2, r->key, -1, SQLITE_STATIC) != SQLITE_OK)
		return false;
	if (r->remove)
		return true;
	return sqlite3_bind_int64(stmt, 3, r->version) == SQLITE_OK &&
	       sqlite3_bind_blob64(stmt, 4, r->len ? r->bytes : "", r->len, SQLITE_STATIC) ==
		   SQLITE_OK;
}

static enum pce_status
write_one(struct database *d, const struct store_record *r, struct pce_error *err)
{
	sqlite3_stmt *stmt = r->remove ? d->erase : d->write;
	enum pce_status status = PCE_OK;

	if (!bind_record(stmt, r) || sqlite3_step(stmt) != SQLITE_DONE)
		status = fail(d, "store records", err);
	sqlite3_reset(stmt);
	sqlite3_clear_bindings(stmt);
	return status;
}

enum pce_status
database_write(struct database *d, const struct store_record *records, size_t n,
	       struct pce_error *err)
{
	enum pce_status status = PCE_OK;

	for (size_t i = 0; !status && i < n; i++)
		status = write_one(d, &records[i], err);
	return status;
}

void
database_rollback(struct database *d)
{
	/* A full disk may have rolled it back already. */
	if (!sqlite3_get_autocommit(d->db))
		sqlite3_exec(d->db, "ROLLBACK", NULL, NULL, NULL);
}

enum pce_status
database_commit(struct database *d, struct pce_error *err)
{
	enum pce_status status;

	/* If SQLite rolled back on its own, there is nothing that a commit could make durable. */
	if (sqlite3_get_autocommit(d->db))
		return pce_fail(err, PCE_IO, "cannot store records in %s: the transaction was lost",
				d->path);
	status = run(d, "COMMIT", "store records", err);
	if (status) {
		database_rollback(d);
		forget_refused(d);
	}
	return status;
}

bool
database_make_durable(const char *path)
{
	const char *slash = strrchr(path, '/');
	size_t len = slash == path ? 1 : slash ? (size_t)(slash - path) : 0;
	char *folder = len ? strndup(path, len) : array_strdup(".");
	int file = open(path, O_RDONLY | O_CLOEXEC);
	int above = folder ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	bool done = file >= 0 && above >= 0 && fsync(file) == 0 && fsync(above) == 0;

	if (file >= 0)
		close(file);
	if (above >= 0)
		close(above);
	free(folder);
	return done;
}

static enum pce_status
copy_into(struct database *d, const char *path, struct pce_error *err)
{
	sqlite3_stmt *stmt = NULL;
	enum pce_status status = PCE_OK;
	struct pce_error cause = { 0 };

	if (sqlite3_prepare_v2(d->db, "VACUUM INTO ?1", -1, &stmt, NULL) != SQLITE_OK ||
	    sqlite3_bind_text(stmt, 1, path, -1, SQLITE_STATIC) != SQLITE_OK ||
	    sqlite3_step(stmt) != SQLITE_DONE) {
		status = fail(d, "copy the store", &cause);
		status = pce_fail(err, status, "cannot copy the store to %s: %s", path, cause.text);
	}
	sqlite3_finalize(stmt);
	if (!status && !database_make_durable(path))
		status =
		    pce_fail(err, PCE_IO, "cannot copy the store to %s: %s", path, strerror(errno));
	return status;
}

enum pce_status
database_copy(struct database *d, const char *path, struct pce_error *err)
{
	/* SQLite fills an empty file, and would make a new one readable for all. */
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	enum pce_status status;

	if (fd < 0)
		return pce_fail(err, errno == EEXIST ? PCE_CONFLICT : PCE_IO,
				"cannot copy the store to %s: %s", path, strerror(errno));
	close(fd);
	status = copy_into(d, path, err);
	if (status)
		unlink(path);
	return status;
}
