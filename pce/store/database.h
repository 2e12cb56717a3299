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
};

/* Opens, locks and, if it is new, lays out the file. On failure *d is empty. */
enum pce_status database_open(struct database *d, const char *path, struct pce_error *err);
/* Writes the log back and closes; an empty *d is allowed. */
void database_close(struct database *d);
/* As store_load. */
enum pce_status database_load(struct database *d, store_load_fn *each, void *context,
			      struct pce_error *err);

/* Begins a transaction. */
enum pce_status database_begin(struct database *d, struct pce_error *err);
/* Writes one batch inside the transaction; on failure the transaction has to be rolled back. */
enum pce_status database_write(struct database *d, const struct store_record *records, size_t n,
			       struct pce_error *err);
/* Makes the transaction durable; on failure it is rolled back. */
enum pce_status database_commit(struct database *d, struct pce_error *err);
/* Takes the transaction back, if there is one. */
void database_rollback(struct database *d);

#endif
