/*
 * Durable state behind one vtable. The store sees records as kind, key, version and bytes; what
 * they mean is the codec's business. It does no work on the caller's thread but to take batches
 * over and to hand results back: the caller gives a descriptor (an eventfd) that is written to when
 * results wait, and fetches them with store_poll.
 *
 *   store_load at the start, then any number of store_put and store_backup; each is answered by
 *   exactly one result, in the order of the calls. A result that says PCE_OK means that the batch,
 *   or the backup, survives a crash and a power cut; any other that nothing of it was stored.
 *
 * One thread uses a store.
 */
#ifndef PCE_STORE_STORE_H
#define PCE_STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pce/base/status.h"

/* One record to write, or to delete. (kind, key) is its name. */
struct store_record {
	uint32_t kind;
	const char *key; /* UTF-8, not empty */
	uint32_t version; /* of the encoding of bytes */
	const void *bytes; /* not read for a delete */
	size_t len;
	bool remove; /* deleting what is not there is no error */
};

/* What became of a batch or of a backup. */
struct store_result {
	uint64_t id; /* as given to store_put or store_backup */
	bool backup; /* of store_backup */
	enum pce_status status;
	char text[PCE_ERROR_TEXT]; /* one sentence; "" if PCE_OK */
};

/* Called for each record; anything but PCE_OK ends the load and is returned by it. The record's
 * pointers are valid during the call. */
typedef enum pce_status store_load_fn(void *context, const struct store_record *record,
				      struct pce_error *err);

struct store;

/* What a kind of store does; see the functions below for the contracts. */
struct store_vtable {
	enum pce_status (*load)(struct store *store, store_load_fn *each, void *context,
				struct pce_error *err);
	enum pce_status (*put)(struct store *store, uint64_t id, const struct store_record *records,
			       size_t n, struct pce_error *err);
	enum pce_status (*backup)(struct store *store, uint64_t id, const char *path,
				  struct pce_error *err);
	bool (*poll)(struct store *store, struct store_result *out);
	void (*close)(struct store *store);
};

/* The head of every store's own structure. */
struct store {
	const struct store_vtable *vtable;
};

/*
 * Reads all records, in order of kind and key, on the caller's thread; meant for the start. PCE_IO
 * or PCE_MALFORMED name the file; records seen before that stay seen.
 */
static inline enum pce_status
store_load(struct store *store, store_load_fn *each, void *context, struct pce_error *err)
{
	return store->vtable->load(store, each, context, err);
}

/*
 * Hands a batch over: all of it becomes durable or nothing. Records are copied. id comes back in
 * the result. Several records of one name: the last one counts. PCE_INVALID for a record without
 * key, PCE_LIMIT while too much waits to be written, PCE_NO_MEMORY: nothing was taken over and no
 * result will come.
 */
static inline enum pce_status
store_put(struct store *store, uint64_t id, const struct store_record *records, size_t n,
	  struct pce_error *err)
{
	return store->vtable->put(store, id, records, n, err);
}

/*
 * Copies the store into a new file (mode 0600) that the same kind of store can be opened with: all
 * batches that were handed over before it, none of those after. path is copied; what exists there
 * is not overwritten. On a failure no file is left. PCE_NO_MEMORY: no result will come.
 */
static inline enum pce_status
store_backup(struct store *store, uint64_t id, const char *path, struct pce_error *err)
{
	return store->vtable->backup(store, id, path, err);
}

/* Fetches the next result; false if none waits. */
static inline bool
store_poll(struct store *store, struct store_result *out)
{
	return store->vtable->poll(store, out);
}

/* Finishes what was handed over, then closes; results not yet fetched are lost. NULL does nothing.
 */
static inline void
store_close(struct store *store)
{
	if (store)
		store->vtable->close(store);
}

#endif
