/*
 * What became of every policy. A move is noted when it comes into force and gets its stages as they
 * are reached. It goes to the store when it is complete, when the next one follows or after
 * DELAY, in whatever batch goes there then: restoration waits for no history.
 */
#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"
#include "pce/service/internal.h"

#define DELAY_US ((int64_t)USEC_PER_S)

static void
list(struct service *s, struct service_policy *p)
{
	if (p->moves_listed)
		return;
	if (array_reserve(&s->move_slots, &s->cap_move_slots, s->n_move_slots + 1,
			  sizeof(*s->move_slots), NULL) != PCE_OK)
		return; /* it is listed with its next move */
	p->moves_listed = true;
	s->move_slots[s->n_move_slots++] = p->slot;
}

/* --- noting --- */

static int64_t
since(struct usec cause, struct usec reached)
{
	return reached.v > 0 && cause.v > 0 && reached.v >= cause.v ? reached.v - cause.v : -1;
}

static struct move_stages
stages_of(const struct service_stages *at)
{
	return (struct move_stages){
		.detected_us = since(at->cause, at->detected),
		.computed_us = since(at->cause, at->computed),
		.stored_us = since(at->cause, at->stored),
		.sent_us = since(at->cause, at->sent),
		.prepared_us = since(at->cause, at->prepared),
		.confirmed_us = since(at->cause, at->confirmed),
	};
}

/* The paths of the record that is in force, by the names that their links have now. */
static enum pce_status
paths_now(const struct service *s, const struct service_policy *p, struct arena *arena,
	  struct policy_move *out, struct pce_error *err)
{
	const struct policy_record *r = p->now.record;
	size_t n = srpolicy_n_lists(&r->srpolicy), path, before = SIZE_MAX;
	uint32_t list = 0;
	struct move_path *paths = arena_alloc(arena, (n + 1) * sizeof(*paths));

	if (!paths)
		return pce_no_memory(err);
	for (size_t i = 0; i < n; i++) {
		size_t n_links = r->bound[i].n_links;
		const char **names = arena_alloc(arena, (n_links + 1) * sizeof(*names));

		if (!names)
			return pce_no_memory(err);
		for (size_t k = 0; k < n_links; k++) {
			ted_link link = p->links ? p->links[i][k] : TED_NONE;

			names[k] = link == TED_NONE ? r->bound[i].link_keys[k]
						    : ted_link_at(s->ted, link)->name;
		}
		(void)srpolicy_list_at(&r->srpolicy, i, &path);
		list = path == before ? list + 1 : 1;
		before = path;
		paths[i] =
		    (struct move_path){ r->srpolicy.paths[path].preference, list, names, n_links };
	}
	out->paths = paths;
	out->n_paths = n;
	return PCE_OK;
}

static enum pce_status
append(struct service *s, struct service_policy *p, struct policy_move *move, struct pce_error *err)
{
	struct kept_move *last = move_log_last(&p->moves);
	struct arena arena = { 0 };
	enum pce_status status;

	/* A generation that the log knows already is no new move. */
	if (last && last->move->number >= move->number)
		return PCE_OK;
	status = paths_now(s, p, &arena, move, err);
	if (status == PCE_OK)
		status = move_log_add(&p->moves, move, s->config->history_moves, true, err);
	arena_free(&arena);
	if (status)
		return status;
	list(s, p);
	s->moves_due = usec_min(s->moves_due, usec_add(s->step.now, DELAY_US));
	return PCE_OK;
}

enum pce_status
history_note(struct service *s, struct service_policy *p, const struct policy_move *why,
	     struct pce_error *err)
{
	struct policy_move move = *why;
	const char **before;
	struct arena arena = { 0 };
	enum pce_status status;

	if (s->config->history_moves == 0)
		return PCE_OK;
	before = arena_alloc(&arena, (p->n_before + 1) * sizeof(*before));
	if (!before)
		return pce_no_memory(err);
	for (size_t i = 0; i < p->n_before; i++)
		before[i] = p->before[i];
	move.number = p->now.record->generation;
	move.wall_us = s->step.event->wall_us;
	move.cause = p->cause;
	move.before = before;
	move.n_before = p->n_before;
	move.stages = stages_of(&p->stages);
	status = append(s, p, &move, err);
	arena_free(&arena);
	return status;
}

void
history_stages(struct service *s, struct service_policy *p)
{
	struct kept_move *last = move_log_last(&p->moves);
	struct move_stages now = stages_of(&p->stages);

	if (!last || last->move->number != p->now.record->generation || p->stages.computed.v == 0 ||
	    memcmp(&now, &last->move->stages, sizeof(now)) == 0)
		return;
	last->move->stages = now;
	last->dirty = true;
	list(s, p);
	s->moves_due = usec_min(
	    s->moves_due, now.confirmed_us >= 0 ? s->step.now : usec_add(s->step.now, DELAY_US));
}

/* --- the store --- */

bool
history_is_due(const struct service *s)
{
	return usec_due(s->moves_due, s->step.now);
}

/* Has a record deleted. */
static enum pce_status
drop(struct service *s, struct service_policy *p, uint64_t number, struct pce_error *err)
{
	struct move_log *log = &p->moves;
	enum pce_status status =
	    array_reserve(&log->gone, &log->cap_gone, log->n_gone + 1, sizeof(*log->gone), err);

	if (status)
		return status;
	log->gone[log->n_gone++] = number;
	list(s, p);
	s->moves_due = usec_min(s->moves_due, usec_add(s->step.now, DELAY_US));
	return PCE_OK;
}

void
history_retry(struct service *s, const struct batch_move *moved)
{
	struct service_policy *p = moved->slot == NO_SLOT ? NULL : s->slots[moved->slot];
	struct kept_move *kept = p ? move_log_find(&p->moves, moved->number) : NULL;

	if (!p)
		return;
	if (p->leaving) /* its deletion was collected without what comes back here */
		want_stored(s, p);
	if (kept)
		kept->dirty = true;
	else
		(void)drop(s, p, moved->number, NULL);
	list(s, p);
	s->moves_due = usec_min(s->moves_due, usec_add(s->step.now, DELAY_US));
}

static int
by_number(const void *a, const void *b)
{
	const struct move_record *const *x = a, *const *y = b;

	return (*x)->move.number < (*y)->move.number ? -1 : (*x)->move.number > (*y)->move.number;
}

/* A crash came between the deletion of a policy and what a full disk had kept of it. */
static enum pce_status
note_stray(struct service *s, const struct move_record *record, struct pce_error *err)
{
	char key[MOVE_KEY];
	enum pce_status status = array_reserve(&s->stray_moves, &s->cap_stray_moves,
					       s->n_stray_moves + 1, sizeof(*s->stray_moves), err);

	if (status)
		return status;
	move_key(record->policy_id ? record->policy_id : "", record->move.number, key);
	s->stray_moves[s->n_stray_moves] = array_strdup(key);
	if (!s->stray_moves[s->n_stray_moves])
		return pce_no_memory(err);
	s->n_stray_moves++;
	s->moves_due = usec_min(s->moves_due, usec_add(s->step.now, DELAY_US));
	return PCE_OK;
}

static enum pce_status
recover_move(struct service *s, const struct move_record *record, struct pce_error *err)
{
	struct service_policy *p = record->policy_id ? policy_find(s, record->policy_id) : NULL;
	struct kept_move *last = p ? move_log_last(&p->moves) : NULL;
	size_t most = s->config->history_moves;
	enum pce_status status;

	if (!p)
		return note_stray(s, record, err);
	if (last && last->move->number >= record->move.number)
		return PCE_OK;
	/* One whose record of the policy was lost never came into force. */
	if (record->move.number > p->now.record->generation)
		return drop(s, p, record->move.number, err);
	/* With a shorter history than before, or none, the rest goes. */
	status = move_log_add(&p->moves, &record->move, most > 0 ? most : 1, false, err);
	if (status == PCE_OK && p->moves.n_gone > 0) {
		list(s, p);
		s->moves_due = usec_min(s->moves_due, s->step.now);
	}
	return status;
}

enum pce_status
history_recover(struct service *s, const struct move_record *const *records, size_t n,
		struct pce_error *err)
{
	const struct move_record **sorted = calloc(n + 1, sizeof(*sorted));
	enum pce_status status = sorted ? PCE_OK : pce_no_memory(err);

	for (size_t i = 0; status == PCE_OK && i < n; i++)
		sorted[i] = records[i];
	if (status == PCE_OK)
		qsort(sorted, n, sizeof(*sorted), by_number);
	for (size_t i = 0; i < n && status == PCE_OK; i++)
		status = recover_move(s, sorted[i], err);
	free(sorted);
	return status;
}

enum pce_status
history_close_gaps(struct service *s, struct pce_error *err)
{
	enum pce_status status = PCE_OK;

	for (size_t i = 0; i < s->n_policies && status == PCE_OK; i++) {
		struct service_policy *p = s->policies[i];
		struct kept_move *last = move_log_last(&p->moves);
		struct policy_move move = { .kind = MOVE_UNKNOWN, .stages = MOVE_STAGES_NONE };

		if (s->config->history_moves == 0 || !p->now.record || p->now.record->removing ||
		    (last && last->move->number >= p->now.record->generation))
			continue;
		move.number = p->now.record->generation;
		move.wall_us = s->step.event->wall_us;
		move.text = "karstd ended before it was written down";
		status = append(s, p, &move, err);
	}
	return status;
}
