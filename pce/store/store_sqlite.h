/* The default store: one SQLite file. */
#ifndef PCE_STORE_STORE_SQLITE_H
#define PCE_STORE_STORE_SQLITE_H

#include "pce/store/store.h"

/*
 * Opens or makes the file (mode 0600) and starts its thread.
 *   notify_fd  written to (eight octets, the number 1) when results begin to wait; stays the
 *              caller's; should not block; -1 for none
 * PCE_CONFLICT: another process has it open. PCE_UNSUPPORTED: written by a newer Karst.
 * PCE_MALFORMED: not a store of Karst, or damaged. PCE_IO: cannot be opened or written. Caller owns
 * *out (store_close).
 */
enum pce_status store_sqlite_open(const char *path, int notify_fd, struct store **out,
				  struct pce_error *err);

/*
 * Puts the backup `from` in the place of the store `path`, which nobody may have open. What was
 * there is kept as PATH.before-restore, where there must be nothing yet. Each record of the backup
 * is shown to `each` first, which can refuse it. On failure the store is as it was. Errors as
 * store_sqlite_open's, of either file; PCE_CONFLICT if PATH.before-restore exists.
 */
enum pce_status store_sqlite_restore(const char *from, const char *path, store_load_fn *each,
				     void *context, struct pce_error *err);

#endif
