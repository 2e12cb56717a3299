/* The file of the SQLite store: what is said to SQLite, without threads. Only pce/store includes
 * it.
 */
#ifndef PCE_STORE_DATABASE_H
#define PCE_STORE_DATABASE_H

#include <sqlite3.h>

#include "pce/store/store.h"

struct database {
	sqlite3 *db;
	sqlite3_stmt *write, *erase;
	char *path;
	bool doubt; /* a commit failed, and its frames may still be in the log */
};

/* Opens, locks and, if it is new, lays out the file. On failure *d is empty. */
enum pce_status database_open(struct database *d, const char *path, struct pce_error *err);
/* Writes the log back and closes; an empty *d is allowed. */
void database_close(struct database *d);
/* Opens a store that nobody writes, for reading alone; the file stays as it is. PCE_MALFORMED for a
 * file that is none or is damaged, PCE_UNSUPPORTED from a newer Karst. On failure *d is empty. */
enum pce_status database_open_copy(struct database *d, const char *path, struct pce_error *err);
/* Copies all that is committed into the new file path and makes the copy durable. On failure no
 * file is left. PCE_CONFLICT if there is a file already. */
enum pce_status database_copy(struct database *d, const char *path, struct pce_error *err);
/* True once what was written to path, and its name in the folder, survive a power cut; else errno.
 */
bool database_make_durable(const char *path);
/* As store_load. */
enum pce_status database_load(struct database *d, store_load_fn *each, void *context,
			      struct pce_error *err);

/* Begins a transaction. */
enum pce_status database_begin(struct database *d, struct pce_error *err);
/* Writes one batch inside the transaction; on failure the transaction has to be rolled back. */
enum pce_status database_write(struct database *d, const struct store_record *records, size_t n,
			       struct pce_error *err);
/* Makes the transaction durable; on failure it is rolled back, and taken out of the log if the disk
 * allows it. */
enum pce_status database_commit(struct database *d, struct pce_error *err);
/* Takes the transaction back, if there is one. */
void database_rollback(struct database *d);

#endif
