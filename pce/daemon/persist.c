#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "models/codec/record.h"
#include "pce/base/array.h"
#include "pce/daemon/daemon.h"
#include "pce/daemon/log.h"
#include "pce/store/store_sqlite.h"

struct persist {
	struct daemon *daemon;
	struct store *store;
	int wakeup; /* eventfd: results wait */
	struct event *readable;
	persist_done *backed_up; /* of the backup that is being made; NULL: none */
	void *backup_arg;
};

#define PATH_ROOM 4096

static enum pce_status
place(const struct daemon *daemon, const char *name, char out[PATH_ROOM], struct pce_error *err)
{
	if (snprintf(out, PATH_ROOM, "%s/%s", daemon->config->state_dir, name) < PATH_ROOM)
		return PCE_OK;
	return pce_fail(err, PCE_LIMIT, "the path of the state folder is too long");
}

static enum pce_status
make_folder(const char *path, struct pce_error *err)
{
	if (mkdir(path, 0700) == 0 || errno == EEXIST)
		return PCE_OK;
	return pce_fail(err, PCE_IO, "the state folder %s cannot be made: %s", path,
			strerror(errno));
}

/* --- Recovery --- */

struct loading {
	struct codec *codec;
	struct arena arena;
	const struct intent **intents;
	uint64_t *revisions;
	const struct policy_record **policies;
	const struct transaction_record **transactions;
	const struct move_record **moves;
	const struct damping_record **damped;
	size_t n_intents, n_policies, n_transactions, n_moves, n_damped;
	size_t intents_cap, revisions_cap, policies_cap, transactions_cap, moves_cap, damped_cap;
	uint64_t next_id;
	const struct operate_record *operate;
	const struct change **changes;
	size_t n_changes, changes_cap;
};

static enum pce_status
keep_record(struct loading *l, const struct service_record *record, struct pce_error *err)
{
	enum pce_status status = PCE_OK;

	switch (record->kind) {
	case RECORD_INTENT:
		status = array_reserve(&l->intents, &l->intents_cap, l->n_intents + 1,
				       sizeof(*l->intents), err);
		if (!status)
			status = array_reserve(&l->revisions, &l->revisions_cap, l->n_intents + 1,
					       sizeof(*l->revisions), err);
		if (!status) {
			l->revisions[l->n_intents] = record->revision;
			l->intents[l->n_intents++] = record->intent;
		}
		break;
	case RECORD_POLICY:
		status = array_reserve(&l->policies, &l->policies_cap, l->n_policies + 1,
				       sizeof(*l->policies), err);
		if (!status)
			l->policies[l->n_policies++] = record->policy;
		break;
	case RECORD_TRANSACTION:
		status = array_reserve(&l->transactions, &l->transactions_cap,
				       l->n_transactions + 1, sizeof(*l->transactions), err);
		if (!status)
			l->transactions[l->n_transactions++] = record->transaction;
		break;
	case RECORD_META:
		l->next_id = record->next_id;
		break;
	case RECORD_OPERATE:
		l->operate = record->operate;
		break;
	case RECORD_MOVE:
		status =
		    array_reserve(&l->moves, &l->moves_cap, l->n_moves + 1, sizeof(*l->moves), err);
		if (!status)
			l->moves[l->n_moves++] = record->move;
		break;
	case RECORD_DAMPING:
		status = array_reserve(&l->damped, &l->damped_cap, l->n_damped + 1,
				       sizeof(*l->damped), err);
		if (!status)
			l->damped[l->n_damped++] = record->damping;
		break;
	case RECORD_CHANGE:
		status = array_reserve(&l->changes, &l->changes_cap, l->n_changes + 1,
				       sizeof(*l->changes), err);
		if (!status)
			l->changes[l->n_changes++] = record->change;
		break;
	}
	return status;
}

/* Before a codec that is too old complains of a name that it does not know. */
static enum pce_status
check_version(const struct store_record *stored, struct pce_error *err)
{
	if (stored->version <= CODEC_RECORD_VERSION)
		return PCE_OK;
	return pce_fail(err, PCE_UNSUPPORTED,
			"version %u was written by a newer Karst; this one knows %d",
			stored->version, CODEC_RECORD_VERSION);
}

static enum pce_status
load_record(void *context, const struct store_record *stored, struct pce_error *err)
{
	struct loading *l = context;
	struct service_record record = { 0 };
	enum pce_status status = check_version(stored, err);

	if (!status)
		status = codec_record_parse(l->codec, (enum record_kind)stored->kind, stored->key,
					    stored->bytes, stored->len, &l->arena, &record, err);
	if (status)
		return pce_prefix(err, status, "the store's record %s", stored->key);
	return keep_record(l, &record, err);
}

static void
loading_free(struct loading *l)
{
	free(l->intents);
	free(l->revisions);
	free(l->policies);
	free(l->transactions);
	free(l->moves);
	free(l->damped);
	free(l->changes);
	arena_free(&l->arena);
}

static enum pce_status
recover(struct persist *persist, struct pce_error *err)
{
	struct loading l = { .codec = persist->daemon->codec };
	struct service_event event = { .kind = SERVICE_RECOVER };
	enum pce_status status = store_load(persist->store, load_record, &l, err);

	if (!status) {
		event.u.recover = (struct service_recovery){
			.intents = l.intents,
			.intent_revisions = l.revisions,
			.n_intents = l.n_intents,
			.policies = l.policies,
			.n_policies = l.n_policies,
			.transactions = l.transactions,
			.n_transactions = l.n_transactions,
			.next_id = l.next_id,
			.operate = l.operate,
			.changes = l.changes,
			.n_changes = l.n_changes,
			.moves = l.moves,
			.n_moves = l.n_moves,
			.damped = l.damped,
			.n_damped = l.n_damped,
		};
		log_line(LOG_LEVEL_NOTICE,
			 "recovered %zu intents, %zu policies, %zu open transactions", l.n_intents,
			 l.n_policies, l.n_transactions);
		daemon_post(persist->daemon, &event);
	}
	loading_free(&l);
	return status;
}

enum pce_status
persist_restore(struct daemon *daemon, const char *from, struct pce_error *err)
{
	struct loading l = { .codec = daemon->codec };
	char file[PATH_ROOM];
	enum pce_status status = place(daemon, "karst.db", file, err);

	if (!status)
		status = make_folder(daemon->config->state_dir, err);
	if (!status)
		status = store_sqlite_restore(from, file, load_record, &l, err);
	if (!status)
		log_line(
		    LOG_LEVEL_NOTICE,
		    "restored %s from %s: %zu intents, %zu policies, %zu open transactions; the "
		    "former store, if there was one, is %s.before-restore",
		    file, from, l.n_intents, l.n_policies, l.n_transactions, file);
	loading_free(&l);
	return status;
}

/* --- Writing --- */

static void
post_stored(struct persist *persist, uint64_t id, enum pce_status status, const char *text)
{
	struct service_event event = { .kind = SERVICE_STORED, .id = id };

	event.u.stored.status = status;
	event.u.stored.text = text;
	daemon_post(persist->daemon, &event);
}

/* --- Backups --- */

#define BACKUP_FILE "backup.db"

static void
end_backup(struct persist *persist, const struct store_result *result)
{
	persist_done *done = persist->backed_up;
	struct pce_error err = { .status = result->status };
	char file[PATH_ROOM];

	persist->backed_up = NULL;
	if (!result->status && !place(persist->daemon, BACKUP_FILE, file, &err)) {
		done(persist->backup_arg, file, NULL);
		return;
	}
	snprintf(err.text, sizeof(err.text), "%s", result->text);
	done(persist->backup_arg, NULL, &err);
}

enum pce_status
persist_backup(struct persist *persist, persist_done *done, void *arg, struct pce_error *err)
{
	char file[PATH_ROOM];
	enum pce_status status = place(persist->daemon, BACKUP_FILE, file, err);

	if (persist->backed_up)
		return pce_fail(err, PCE_CONFLICT, "another backup is being made: try again");
	/* One that a crash left there. */
	if (!status && unlink(file) != 0 && errno != ENOENT)
		status = pce_fail(err, PCE_IO, "cannot remove %s: %s", file, strerror(errno));
	if (!status)
		status = store_backup(persist->store, 0, file, err);
	if (status)
		return status;
	persist->backed_up = done;
	persist->backup_arg = arg;
	return PCE_OK;
}

static void
on_readable(evutil_socket_t fd, short what, void *ctx)
{
	struct persist *persist = ctx;
	struct store_result result;
	uint64_t count;

	(void)what;
	if (read((int)fd, &count, sizeof(count)) < 0 && errno != EAGAIN)
		log_line(LOG_LEVEL_ERROR, "the store's eventfd: %s", strerror(errno));
	while (store_poll(persist->store, &result)) {
		if (result.status)
			log_line(LOG_LEVEL_ERROR, "%s", result.text);
		if (result.backup)
			end_backup(persist, &result);
		else
			post_stored(persist, result.id, result.status, result.text);
	}
}

/* A batch that the store did not take over. */
static void
refuse(struct persist *persist, uint64_t id, const struct pce_error *err)
{
	struct service_event event = { .kind = SERVICE_STORED, .id = id };

	log_line(LOG_LEVEL_ERROR, "a change could not be stored: %s", err->text);
	event.u.stored.status = err->status;
	daemon_refuse(persist->daemon, &event, err);
}

static bool
is_removal(const struct service_record *record)
{
	return !record->intent && !record->policy && !record->transaction && !record->next_id &&
	       !record->operate && !record->move && !record->damping && !record->change;
}

/* Encodes a batch; the bytes of record i are texts[i]. */
static enum pce_status
encode(const struct persist *persist, const struct service_effect *effect, struct text *texts,
       struct store_record *out, struct pce_error *err)
{
	for (size_t i = 0; i < effect->u.store.n; i++) {
		const struct service_record *record = &effect->u.store.records[i];
		enum pce_status status = PCE_OK;

		out[i] = (struct store_record){
			.kind = (uint32_t)record->kind,
			.key = record->key,
			.version = CODEC_RECORD_VERSION,
			.remove = is_removal(record),
		};
		if (!out[i].remove)
			status = codec_record_print(persist->daemon->codec, record, &texts[i], err);
		if (status)
			return status;
		out[i].bytes = text_get(&texts[i]);
		out[i].len = texts[i].len;
	}
	return PCE_OK;
}

void
persist_write(struct persist *persist, const struct service_effect *effect)
{
	size_t n = effect->u.store.n;
	struct store_record *records = calloc(n + 1, sizeof(*records));
	struct text *texts = calloc(n + 1, sizeof(*texts));
	struct pce_error err = { 0 };
	enum pce_status status = records && texts ? PCE_OK : pce_no_memory(&err);

	if (!status)
		status = encode(persist, effect, texts, records, &err);
	if (!status)
		status = store_put(persist->store, effect->id, records, n, &err);
	if (status)
		refuse(persist, effect->id, &err);
	for (size_t i = 0; texts && i < n; i++)
		text_free(&texts[i]);
	free(texts);
	free(records);
}

/* --- Opening and closing --- */

enum pce_status
persist_open(struct daemon *daemon, struct persist **out, struct pce_error *err)
{
	struct persist *persist = calloc(1, sizeof(*persist));
	enum pce_status status;
	char file[PATH_ROOM];

	if (!persist)
		return pce_no_memory(err);
	persist->daemon = daemon;
	persist->wakeup = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	status = place(daemon, "karst.db", file, err);
	if (!status)
		status = make_folder(daemon->config->state_dir, err);
	if (!status && persist->wakeup < 0)
		status = pce_fail(err, PCE_IO, "no eventfd: %s", strerror(errno));
	if (!status)
		status = store_sqlite_open(file, persist->wakeup, &persist->store, err);
	if (!status) {
		persist->readable = event_new(daemon->loop, persist->wakeup, EV_READ | EV_PERSIST,
					      on_readable, persist);
		if (!persist->readable || event_add(persist->readable, NULL))
			status = pce_no_memory(err);
	}
	/* The service may want things stored while it recovers. */
	daemon->persist = persist;
	if (!status)
		status = recover(persist, err);
	*out = persist;
	return status;
}

void
persist_close(struct persist *persist)
{
	if (!persist)
		return;
	store_close(persist->store);
	if (persist->readable)
		event_free(persist->readable);
	if (persist->wakeup >= 0)
		close(persist->wakeup);
	free(persist);
}
