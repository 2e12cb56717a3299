/*
 * The SQLite store's thread. Callers queue batches; the thread takes all that wait, writes them in
 * one transaction and commits once, so that while one fsync runs the next group gathers (group
 * commit). If a group fails, its batches are tried one by one: a batch that the disk has no room
 * for must not take others with it, and a deletion may be what makes room.
 */
#include "config.h"

#include "pce/store/store_sqlite.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pce/base/array.h"
#include "pce/store/database.h"

#define QUEUE_MAX (256u << 20) /* octets that may wait */

/* A batch with its records, in one block. Afterwards it carries its result. */
struct batch {
	struct batch *next;
	uint64_t id;
	size_t size; /* octets of the block */
	enum pce_status status;
	char *text; /* of a failure; NULL: none, or no memory for it */
	char *copy_to; /* a backup: the file to make; no records */
	size_t n;
	struct store_record records[];
};

struct batch_list {
	struct batch *first, **last;
};

struct sqlite_store {
	struct store store; /* first: the handle */
	struct database database;
	int notify_fd;
	pthread_t thread;
	pthread_mutex_t database_lock; /* held by whoever talks to SQLite */
	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t wake;
	struct batch_list waiting, done;
	size_t waiting_size;
	bool closing;
};

static void
list_init(struct batch_list *list)
{
	list->first = NULL;
	list->last = &list->first;
}

static void
list_add(struct batch_list *list, struct batch *batch)
{
	batch->next = NULL;
	*list->last = batch;
	list->last = &batch->next;
}

static struct batch *
list_take(struct batch_list *list)
{
	struct batch *batch = list->first;

	if (!batch)
		return NULL;
	list->first = batch->next;
	if (!list->first)
		list->last = &list->first;
	return batch;
}

static void
batch_free(struct batch *batch)
{
	free(batch->text);
	free(batch->copy_to);
	free(batch);
}

static void
list_free(struct batch_list *list)
{
	struct batch *batch;

	while ((batch = list_take(list)))
		batch_free(batch);
}

static struct sqlite_store *
self(struct store *store)
{
	return (struct sqlite_store *)(void *)store;
}

/* --- the thread --- */

static void
set_result(struct batch *batch, enum pce_status status, const struct pce_error *err)
{
	batch->status = status;
	batch->text = status ? array_strdup(err->text) : NULL;
}

/* Writes and commits a run of batches, up to end (exclusive), as one transaction. */
static enum pce_status
commit_run(struct database *d, const struct batch *first, const struct batch *end,
	   struct pce_error *err)
{
	enum pce_status status = database_begin(d, err);

	for (const struct batch *b = first; !status && b != end; b = b->next)
		status = database_write(d, b->records, b->n, err);
	if (!status)
		return database_commit(d, err);
	database_rollback(d);
	return status;
}

static void
commit_group(struct database *d, struct batch *first, const struct batch *end)
{
	struct pce_error err = { 0 };
	enum pce_status status = commit_run(d, first, end, &err);
	bool alone = status && first->next != end;

	for (struct batch *b = first; b != end; b = b->next) {
		if (alone)
			status = commit_run(d, b, b->next, &err);
		set_result(b, status, &err);
	}
}

/* Does everything that waited, in its order: a backup has what was handed over before it. */
static void
work(struct database *d, struct batch *first)
{
	struct batch *end;

	for (; first; first = end) {
		struct pce_error err = { 0 };

		if (first->copy_to) {
			end = first->next;
			set_result(first, database_copy(d, first->copy_to, &err), &err);
			continue;
		}
		for (end = first; end && !end->copy_to;)
			end = end->next;
		commit_group(d, first, end);
	}
}

/* Waits for batches and takes all; NULL: closing, and nothing is left to do. */
static struct batch *
next_group(struct sqlite_store *s)
{
	struct batch *first;

	pthread_mutex_lock(&s->lock);
	while (!s->waiting.first && !s->closing)
		pthread_cond_wait(&s->wake, &s->lock);
	first = s->waiting.first;
	list_init(&s->waiting);
	s->waiting_size = 0;
	pthread_mutex_unlock(&s->lock);
	return first;
}

static void
notify(const struct sqlite_store *s)
{
	const uint64_t one = 1;
	ssize_t n;

	if (s->notify_fd < 0)
		return;
	/* A full eventfd or pipe is one that will wake its reader anyway. */
	do
		n = write(s->notify_fd, &one, sizeof(one));
	while (n < 0 && errno == EINTR);
}

static void
hand_back(struct sqlite_store *s, struct batch *first)
{
	bool was_empty;

	pthread_mutex_lock(&s->lock);
	was_empty = !s->done.first;
	for (struct batch *next; first; first = next) {
		next = first->next;
		list_add(&s->done, first);
	}
	pthread_mutex_unlock(&s->lock);
	if (was_empty)
		notify(s);
}

static void *
store_thread(void *arg)
{
	struct sqlite_store *s = arg;
	struct batch *first;

	while ((first = next_group(s))) {
		pthread_mutex_lock(&s->database_lock);
		work(&s->database, first);
		pthread_mutex_unlock(&s->database_lock);
		hand_back(s, first);
	}
	return NULL;
}

/* --- the caller's side --- */

static enum pce_status
sqlite_load(struct store *store, store_load_fn *each, void *context, struct pce_error *err)
{
	struct sqlite_store *s = self(store);
	enum pce_status status;

	pthread_mutex_lock(&s->database_lock);
	status = database_load(&s->database, each, context, err);
	pthread_mutex_unlock(&s->database_lock);
	return status;
}

static enum pce_status
check_records(const struct store_record *records, size_t n, size_t *size, struct pce_error *err)
{
	*size = sizeof(struct batch) + n * sizeof(struct store_record);
	for (size_t i = 0; i < n; i++) {
		const struct store_record *r = &records[i];

		if (!r->key || !*r->key)
			return pce_fail(err, PCE_INVALID, "a record of kind %u has no key",
					r->kind);
		if (!r->remove && r->len > QUEUE_MAX)
			return pce_fail(err, PCE_LIMIT, "the record %s is larger than %u octets",
					r->key, QUEUE_MAX);
		*size += strlen(r->key) + 1 + (r->remove ? 0 : r->len);
	}
	return PCE_OK;
}

/* Copies a batch into one block. */
static struct batch *
copy_batch(uint64_t id, const struct store_record *records, size_t n, size_t size)
{
	struct batch *batch = malloc(size);
	char *at;

	if (!batch)
		return NULL;
	*batch = (struct batch){ .id = id, .size = size, .n = n };
	at = (char *)&batch->records[n];
	for (size_t i = 0; i < n; i++) {
		struct store_record *r = &batch->records[i];
		size_t key_len = strlen(records[i].key) + 1;

		*r = records[i];
		r->len = r->remove ? 0 : r->len;
		r->key = memcpy(at, records[i].key, key_len);
		at += key_len;
		r->bytes = at;
		if (r->len > 0)
			memcpy(at, records[i].bytes, r->len);
		at += r->len;
	}
	return batch;
}

/* Hands a batch to the thread, or frees it. */
static enum pce_status
enqueue(struct sqlite_store *s, struct batch *batch, struct pce_error *err)
{
	bool full;

	pthread_mutex_lock(&s->lock);
	full = s->waiting.first && s->waiting_size + batch->size > QUEUE_MAX;
	if (!full) {
		list_add(&s->waiting, batch);
		s->waiting_size += batch->size;
		pthread_cond_signal(&s->wake);
	}
	pthread_mutex_unlock(&s->lock);
	if (!full)
		return PCE_OK;
	batch_free(batch);
	return pce_fail(err, PCE_LIMIT, "too many records wait to be written to %s",
			s->database.path);
}

static enum pce_status
sqlite_put(struct store *store, uint64_t id, const struct store_record *records, size_t n,
	   struct pce_error *err)
{
	size_t size;
	enum pce_status status = check_records(records, n, &size, err);
	struct batch *batch;

	if (status)
		return status;
	batch = copy_batch(id, records, n, size);
	return batch ? enqueue(self(store), batch, err) : pce_no_memory(err);
}

static enum pce_status
sqlite_backup(struct store *store, uint64_t id, const char *path, struct pce_error *err)
{
	struct batch *batch = copy_batch(id, NULL, 0, sizeof(*batch));

	if (!batch)
		return pce_no_memory(err);
	batch->copy_to = array_strdup(path);
	if (batch->copy_to)
		return enqueue(self(store), batch, err);
	batch_free(batch);
	return pce_no_memory(err);
}

static bool
sqlite_poll(struct store *store, struct store_result *out)
{
	struct sqlite_store *s = self(store);
	struct batch *batch;
	const char *text;

	pthread_mutex_lock(&s->lock);
	batch = list_take(&s->done);
	pthread_mutex_unlock(&s->lock);
	if (!batch)
		return false;
	*out = (struct store_result){ .id = batch->id,
				      .backup = batch->copy_to != NULL,
				      .status = batch->status };
	text = !batch->status ? "" : batch->text ? batch->text : "the store could not be written";
	memcpy(out->text, text, strlen(text) + 1);
	batch_free(batch);
	return true;
}

static void
store_free(struct sqlite_store *s)
{
	list_free(&s->waiting);
	list_free(&s->done);
	database_close(&s->database);
	pthread_cond_destroy(&s->wake);
	pthread_mutex_destroy(&s->lock);
	pthread_mutex_destroy(&s->database_lock);
	free(s);
}

static void
sqlite_close(struct store *store)
{
	struct sqlite_store *s = self(store);

	pthread_mutex_lock(&s->lock);
	s->closing = true;
	pthread_cond_signal(&s->wake);
	pthread_mutex_unlock(&s->lock);
	pthread_join(s->thread, NULL);
	store_free(s);
}

/* The thread takes no signals: they belong to the loop. */
static int
start_thread(struct sqlite_store *s)
{
	sigset_t all, old;
	int error;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	error = pthread_create(&s->thread, NULL, store_thread, s);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return error;
}

enum pce_status
store_sqlite_open(const char *path, int notify_fd, struct store **out, struct pce_error *err)
{
	static const struct store_vtable vtable = { sqlite_load, sqlite_put, sqlite_backup,
						    sqlite_poll, sqlite_close };
	struct sqlite_store *s = calloc(1, sizeof(*s));
	enum pce_status status;
	int error;

	if (!s)
		return pce_no_memory(err);
	s->store.vtable = &vtable;
	s->notify_fd = notify_fd;
	list_init(&s->waiting);
	list_init(&s->done);
	pthread_mutex_init(&s->database_lock, NULL);
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->wake, NULL);
	status = database_open(&s->database, path, err);
	error = status ? 0 : start_thread(s);
	if (error)
		status = pce_fail(err, PCE_LIMIT, "cannot start the thread of the store %s: %s",
				  path, strerror(error));
	if (status) {
		store_free(s);
		return status;
	}
	*out = &s->store;
	return PCE_OK;
}

/* --- restoring: no thread, no open store --- */

/* The place of something beside a file; NULL without memory. */
static char *
beside(const char *path, const char *suffix)
{
	size_t len = strlen(path), more = strlen(suffix) + 1;
	char *name = malloc(len + more);

	if (name) {
		memcpy(name, path, len);
		memcpy(name + len, suffix, more);
	}
	return name;
}

/* The log of a store that could not be opened would be taken for the new one's. */
static enum pce_status
move_log(const char *path, const char *kept, const char *suffix, struct pce_error *err)
{
	char *from = beside(path, suffix), *to = beside(kept, suffix);
	enum pce_status status = from && to ? PCE_OK : pce_no_memory(err);

	if (!status && rename(from, to) != 0 && errno != ENOENT)
		status =
		    pce_fail(err, PCE_IO, "cannot rename %s to %s: %s", from, to, strerror(errno));
	free(from);
	free(to);
	return status;
}

/*
 * Gives the store a second name, so that at no moment there is none. Opening it shows that nobody
 * has it, closing it writes the log back. Nothing there: nothing to do.
 */
static enum pce_status
keep_old(const char *path, const char *kept, struct pce_error *err)
{
	struct database d;
	enum pce_status status;

	if (access(path, F_OK) != 0)
		return PCE_OK;
	if (access(kept, F_OK) == 0)
		return pce_fail(
		    err, PCE_CONFLICT,
		    "%s exists, the store that an earlier restoration replaced: move it "
		    "away first",
		    kept);
	status = database_open(&d, path, err);
	if (status == PCE_OK) {
		database_close(&d);
	} else if (status == PCE_MALFORMED) { /* what people restore for */
		status = move_log(path, kept, "-wal", err);
		if (!status)
			status = move_log(path, kept, "-shm", err);
	}
	if (!status && link(path, kept) != 0)
		status =
		    pce_fail(err, PCE_IO, "cannot keep %s as %s: %s", path, kept, strerror(errno));
	return status;
}

static enum pce_status
replace(const char *from, const char *fresh, const char *path, const char *kept,
	store_load_fn *each, void *context, struct pce_error *err)
{
	struct database d;
	enum pce_status status = database_open_copy(&d, from, err);

	if (status)
		return status;
	status = database_load(&d, each, context, err);
	if (!status && unlink(fresh) != 0 && errno != ENOENT)
		status = pce_fail(err, PCE_IO, "cannot remove %s: %s", fresh, strerror(errno));
	if (!status)
		status = database_copy(&d, fresh, err);
	database_close(&d);
	if (status)
		return status;
	status = keep_old(path, kept, err);
	if (!status && (rename(fresh, path) != 0 || !database_make_durable(path)))
		status = pce_fail(err, PCE_IO, "cannot put %s in the place of %s: %s", fresh, path,
				  strerror(errno));
	if (status)
		unlink(fresh);
	return status;
}

enum pce_status
store_sqlite_restore(const char *from, const char *path, store_load_fn *each, void *context,
		     struct pce_error *err)
{
	char *fresh = beside(path, ".restoring"), *kept = beside(path, ".before-restore");
	enum pce_status status = fresh && kept
				     ? replace(from, fresh, path, kept, each, context, err)
				     : pce_no_memory(err);

	free(fresh);
	free(kept);
	return status;
}
