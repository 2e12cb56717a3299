#include "tests/service/world.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "pce/base/array.h"
#include "tests/service/probes.h"

static void
grow(void *items, size_t *cap, size_t need, size_t size)
{
	ck_assert(array_reserve(items, cap, need, size, NULL) == PCE_OK);
}

/* --- life --- */

void
world_fibre(struct world *w, unsigned a, unsigned b, uint32_t metric, uint64_t capacity_bps)
{
	ck_assert(w->n_fibres < WORLD_FIBRES);
	w->fibres[w->n_fibres++] = (struct world_fibre){
		.a = a,
		.b = b,
		.metric = metric,
		.delay_us = metric * 100,
		.capacity_bps = capacity_bps,
		.up = { true, true },
	};
}

static void
add_policy(struct world_policies *set, const struct srpolicy *policy)
{
	struct world_policy *p = calloc(1, sizeof(*p));

	ck_assert_ptr_nonnull(p);
	p->policy = srpolicy_copy(&p->arena, policy);
	ck_assert_ptr_nonnull(p->policy);
	grow(&set->at, &set->cap, set->n + 1, sizeof(*set->at));
	set->at[set->n++] = p;
}

static void
drop_policy(struct world_policies *set, const struct srpolicy *key)
{
	for (size_t i = 0; i < set->n; i++)
		if (srpolicy_compare(set->at[i]->policy, key) == 0) {
			arena_free(&set->at[i]->arena);
			free(set->at[i]);
			set->at[i] = set->at[--set->n];
			return;
		}
}

static void
clear_policies(struct world_policies *set)
{
	for (size_t i = 0; i < set->n; i++) {
		arena_free(&set->at[i]->arena);
		free(set->at[i]);
	}
	free(set->at);
	*set = (struct world_policies){ 0 };
}

static void
add_foreign(struct world *w, unsigned router)
{
	struct srpolicy foreign = { .color = WORLD_FOREIGN_COLOR, .name = "theirs" };
	struct srpolicy squatter = { .color = 1999, .name = "somebody-else" };

	foreign.endpoint.family = squatter.endpoint.family = IP_V6;
	foreign.endpoint.octets[15] = 9;
	squatter.endpoint.octets[15] = 9;
	add_policy(&w->routers[router].running, &foreign);
	/* In Karst's color range, but not by its name: not Karst's either. */
	add_policy(&w->routers[router].running, &squatter);
}

void
world_init(struct world *w, unsigned n_nodes, uint64_t seed)
{
	memset(w, 0, sizeof(*w));
	w->n_nodes = n_nodes;
	w->random = seed;
	w->hash_seed = seed * 7 + 3;
	w->now = (struct usec){ 1000000 };
	w->next_request = 1000000000;
	w->link_gap_us = 25000;
	w->config.color_min = 1000;
	w->config.color_max = 1999;
	w->config.name_prefix = "karst-";
	w->config.confirm_timeout_s = 30;
	w->config.devices = w->devices;
	w->config.n_devices = n_nodes;
	for (unsigned i = 0; i < n_nodes; i++) {
		snprintf(w->node_names[i], sizeof(w->node_names[i]), "n%u", i);
		snprintf(w->device_names[i], sizeof(w->device_names[i]), "d%u", i);
		w->devices[i].name = w->device_names[i];
		w->devices[i].node = w->node_names[i];
		w->routers[i].confirmed_commit = true;
		add_foreign(w, i);
	}
}

static void
drop_waits(struct world *w)
{
	for (size_t i = 0; i < w->n_waits; i++) {
		arena_free(&w->waits[i]->arena);
		free(w->waits[i]);
	}
	w->n_waits = 0;
}

static void
drop_stored(struct world_stored **list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		arena_free(&list[i]->arena);
		free(list[i]);
	}
	free(list);
}

void
world_free(struct world *w)
{
	service_free(w->service);
	drop_waits(w);
	free(w->waits);
	drop_stored(w->store, w->n_store);
	drop_stored(w->history, w->n_history);
	free(w->replies);
	text_free(&w->trace);
	for (unsigned i = 0; i < w->n_nodes; i++) {
		clear_policies(&w->routers[i].running);
		clear_policies(&w->routers[i].before);
	}
}

void
world_recover(struct world *w)
{
	struct pce_error err = { 0 };
	struct service_event e = { .kind = SERVICE_RECOVER };
	struct service_recovery *r = &e.u.recover;
	const struct intent **intents = calloc(w->n_store + 1, sizeof(*intents));
	uint64_t *revisions = calloc(w->n_store + 1, sizeof(*revisions));
	const struct policy_record **policies = calloc(w->n_store + 1, sizeof(*policies));
	const struct transaction_record **transactions =
	    calloc(w->n_store + 1, sizeof(*transactions));

	const struct change **changes = calloc(w->n_store + 1, sizeof(*changes));
	const struct move_record **moves = calloc(w->n_store + 1, sizeof(*moves));
	const struct damping_record **damped = calloc(w->n_store + 1, sizeof(*damped));

	w->synced = false;
	ck_assert_msg(service_new(&w->config, w->hash_seed, &w->service, &err) == PCE_OK, "%s",
		      err.text);
	for (size_t i = 0; i < w->n_store; i++) {
		const struct service_record *record = &w->store[i]->record;

		if (record->kind == RECORD_INTENT) {
			revisions[r->n_intents] = record->revision;
			intents[r->n_intents++] = record->intent;
		} else if (record->kind == RECORD_POLICY) {
			policies[r->n_policies++] = record->policy;
		} else if (record->kind == RECORD_TRANSACTION) {
			transactions[r->n_transactions++] = record->transaction;
		} else if (record->kind == RECORD_OPERATE) {
			r->operate = record->operate;
		} else if (record->kind == RECORD_MOVE) {
			moves[r->n_moves++] = record->move;
		} else if (record->kind == RECORD_DAMPING) {
			damped[r->n_damped++] = record->damping;
		} else if (record->kind == RECORD_CHANGE) {
			changes[r->n_changes++] = record->change;
		} else {
			r->next_id = record->next_id;
		}
	}
	r->intents = intents;
	r->intent_revisions = revisions;
	r->policies = policies;
	r->transactions = transactions;
	r->moves = moves;
	r->damped = damped;
	r->changes = changes;
	world_event(w, &e);
	free(changes);
	free(intents);
	free(revisions);
	free(policies);
	free(transactions);
	free(moves);
	free(damped);
}

void
world_start(struct world *w)
{
	world_recover(w);
	world_learn(w);
}

/* --- effects --- */

static const struct acknowledged_alarm *
copy_acknowledged(struct arena *arena, const struct operate_record *from)
{
	struct acknowledged_alarm *alarms =
	    arena_alloc(arena, (from->n_acknowledged + 1) * sizeof(*alarms));

	for (size_t i = 0; i < from->n_acknowledged; i++)
		alarms[i] = (struct acknowledged_alarm){
			arena_strdup(arena, from->acknowledged[i].object),
			arena_strdup(arena, from->acknowledged[i].cause),
			from->acknowledged[i].since_us,
		};
	return alarms;
}

static const struct operate_record *
copy_order(struct arena *arena, const struct operate_record *from)
{
	struct operate_record *copy = from ? arena_copy(arena, from, sizeof(*from)) : NULL;
	struct scoped_mode *modes;
	struct drain_window *windows;
	struct drain *drains;

	if (!copy)
		return NULL;
	if (copy->frozen)
		copy->frozen = arena_strdup(arena, copy->frozen);
	modes = arena_copy(arena, copy->modes, (copy->n_modes + 1) * sizeof(*modes));
	for (size_t i = 0; i < copy->n_modes; i++)
		modes[i].name = arena_strdup(arena, modes[i].name);
	copy->modes = modes;
	windows = arena_copy(arena, copy->windows, (copy->n_windows + 1) * sizeof(*windows));
	for (size_t i = 0; i < copy->n_windows; i++)
		windows[i].drain.name = arena_strdup(arena, windows[i].drain.name);
	copy->windows = windows;
	copy->acknowledged = copy_acknowledged(arena, from);
	if (copy->n_drains == 0)
		return copy;
	drains = arena_copy(arena, copy->drains, copy->n_drains * sizeof(*drains));
	for (size_t i = 0; i < copy->n_drains; i++)
		drains[i].name = arena_strdup(arena, drains[i].name);
	copy->drains = drains;
	return copy;
}

static const struct move_record *
copy_move(struct arena *arena, const struct move_record *from)
{
	struct move_record *copy = from ? arena_alloc(arena, sizeof(*copy)) : NULL;

	if (copy)
		*copy = (struct move_record){ arena_strdup(arena, from->policy_id),
					      *policy_move_copy(arena, &from->move) };
	return copy;
}

static const struct damping_record *
copy_damping(struct arena *arena, const struct damping_record *from)
{
	struct damping_record *copy = from ? arena_copy(arena, from, sizeof(*from)) : NULL;

	if (copy)
		copy->link_key = arena_strdup(arena, from->link_key);
	return copy;
}

static struct world_stored *
keep_record(const struct service_record *from)
{
	struct world_stored *s = calloc(1, sizeof(*s));

	ck_assert_ptr_nonnull(s);
	s->record = *from;
	s->record.key = arena_strdup(&s->arena, from->key);
	if (from->intent)
		s->record.intent = intent_copy(&s->arena, from->intent);
	if (from->policy)
		s->record.policy = policy_record_copy(&s->arena, from->policy);
	s->record.operate = copy_order(&s->arena, from->operate);
	s->record.move = copy_move(&s->arena, from->move);
	s->record.damping = copy_damping(&s->arena, from->damping);
	if (from->change)
		s->record.change = change_copy(&s->arena, from->change);
	if (from->transaction)
		s->record.transaction = transaction_record_copy(&s->arena, from->transaction);
	return s;
}

static bool
is_deletion(const struct service_record *r)
{
	return !r->intent && !r->policy && !r->transaction && r->next_id == 0 && !r->operate &&
	       !r->move && !r->damping && !r->change;
}

static void
store_record(struct world *w, const struct service_record *record)
{
	for (size_t i = 0; i < w->n_store; i++) {
		struct world_stored *old = w->store[i];

		if (old->record.kind != record->kind || strcmp(old->record.key, record->key) != 0)
			continue;
		arena_free(&old->arena);
		free(old);
		w->store[i] = w->store[--w->n_store];
		break;
	}
	if (is_deletion(record))
		return;
	grow(&w->store, &w->cap_store, w->n_store + 1, sizeof(*w->store));
	w->store[w->n_store++] = keep_record(record);
}

static unsigned
router_of(const struct world *w, const char *device)
{
	for (unsigned i = 0; i < w->n_nodes; i++)
		if (strcmp(w->device_names[i], device) == 0)
			return i;
	ck_abort_msg("no router %s", device);
	return 0;
}

static void
keep_wait(struct world *w, const struct service_effect *e)
{
	struct world_wait *wait = calloc(1, sizeof(*wait));

	ck_assert_ptr_nonnull(wait);
	wait->kind = e->kind;
	wait->id = e->id;
	if (e->kind == SERVICE_APPLY) {
		wait->phase = e->u.apply.phase;
		wait->transaction = deploy_transaction_copy(&wait->arena, e->u.apply.transaction);
		wait->router = router_of(w, wait->transaction->device);
		ck_assert_msg(w->routers[wait->router].up, "a change for a router that is away");
		w->n_applies++;
		world_check_approved(w, wait);
		/* Nothing is pushed before the network is learned. */
		ck_assert(wait->phase != DEPLOY_PREPARE || !w->service->learning);
	} else if (e->kind == SERVICE_READ) {
		wait->router = router_of(w, e->u.read.device);
	} else {
		wait->records = arena_copy(&wait->arena, e->u.store.records,
					   e->u.store.n * sizeof(*wait->records));
		wait->n_records = e->u.store.n;
		for (size_t i = 0; i < wait->n_records; i++) {
			struct service_record *r = &wait->records[i];

			r->key = arena_strdup(&wait->arena, r->key);
			r->operate = copy_order(&wait->arena, r->operate);
			r->move = copy_move(&wait->arena, r->move);
			r->damping = copy_damping(&wait->arena, r->damping);
			if (r->change)
				r->change = change_copy(&wait->arena, r->change);
			if (r->intent)
				r->intent = intent_copy(&wait->arena, r->intent);
			if (r->policy)
				r->policy = policy_record_copy(&wait->arena, r->policy);
			if (r->transaction)
				r->transaction =
				    transaction_record_copy(&wait->arena, r->transaction);
			if (r->policy) {
				grow(&w->history, &w->cap_history, w->n_history + 1,
				     sizeof(*w->history));
				w->history[w->n_history++] = keep_record(r);
			}
		}
	}
	grow(&w->waits, &w->cap_waits, w->n_waits + 1, sizeof(*w->waits));
	w->waits[w->n_waits++] = wait;
}

static void
keep_reply(struct world *w, const struct service_effect *e)
{
	const struct service_reply *r = &e->u.reply;
	struct world_reply *out;

	grow(&w->replies, &w->cap_replies, w->n_replies + 1, sizeof(*w->replies));
	out = &w->replies[w->n_replies++];
	*out = (struct world_reply){ .id = e->id,
				     .status = r->status,
				     .created = r->created,
				     .revision = r->revision,
				     .n_paths = r->n_paths,
				     .length = r->n_paths ? r->path_lengths[0] : 0,
				     .n_affected = r->n_affected,
				     .n_stuck = r->n_stuck };
	world_keep_improvement(r, out);
	if (r->n_stuck > 0)
		snprintf(out->stuck, sizeof(out->stuck), "%s: %s", r->stuck[0].policy_id,
			 r->stuck[0].text);
	snprintf(out->reason, sizeof(out->reason), "%s", r->reason ? r->reason : "");
	snprintf(out->text, sizeof(out->text), "%s", r->error.text);
	snprintf(out->path, sizeof(out->path), "%s", r->error.path);
}

static void
take_effects(struct world *w, struct service_effects *effects)
{
	for (struct service_effect *e = effects->first; e; e = e->next) {
		if (w->tracing)
			world_trace(&w->trace, e);
		switch (e->kind) {
		case SERVICE_STORE:
		case SERVICE_APPLY:
		case SERVICE_READ:
			keep_wait(w, e);
			break;
		case SERVICE_REPLY:
			keep_reply(w, e);
			break;
		case SERVICE_NOTICE:
			w->n_notices++;
			if (e->u.notice.kind == NOTICE_POLICY && e->u.notice.stages.confirmed.v)
				w->last_stages = e->u.notice.stages;
			break;
		}
	}
}

/* Commits whose time is over are taken back, and the routers say so. */
static void
expire_commits(struct world *w)
{
	for (unsigned i = 0; i < w->n_nodes; i++) {
		struct service_event e = { .kind = SERVICE_DEVICE_CHANGED };

		if (!w->routers[i].waiting || !usec_due(w->routers[i].expires, w->now) ||
		    !world_commit_expires(w, i) || !w->routers[i].up)
			continue;
		e.u.device_changed.device = w->device_names[i];
		world_event(w, &e);
	}
}

void
world_event(struct world *w, struct service_event *event)
{
	struct service_effects effects = { 0 };
	struct pce_error err = { 0 };

	event->wall_us = 1700000000000000 + w->now.v;
	event->random = suite_random(&w->random);
	w->now.v++;
	ck_assert_msg(service_step(w->service, w->now, event, &effects, &err) == PCE_OK, "step: %s",
		      err.text);
	take_effects(w, &effects);
	service_effects_clear(&effects);
	expire_commits(w);
}

void
world_pass(struct world *w, int64_t us)
{
	struct usec end = usec_add(w->now, us);

	for (unsigned turns = 0; turns < 100000; turns++) {
		struct usec at = service_deadline(w->service);

		if (at.v > end.v)
			break;
		if (at.v > w->now.v)
			w->now = at;
		world_tick(w);
	}
	if (w->now.v < end.v)
		w->now = end;
}

/* --- routers --- */

void
world_router_up(struct world *w, unsigned router)
{
	struct service_event e = { .kind = SERVICE_DEVICE_UP };

	w->routers[router].up = true;
	e.u.device_up.device = w->device_names[router];
	e.u.device_up.capabilities = DEVICE_ATOMIC;
	if (w->routers[router].confirmed_commit)
		e.u.device_up.capabilities |= DEVICE_CONFIRMED_COMMIT;
	world_event(w, &e);
}

static void
forget_waits(struct world *w, unsigned router)
{
	size_t kept = 0;

	for (size_t i = 0; i < w->n_waits; i++) {
		struct world_wait *wait = w->waits[i];

		if (wait->kind == SERVICE_STORE || wait->router != router) {
			w->waits[kept++] = wait;
			continue;
		}
		arena_free(&wait->arena);
		free(wait);
	}
	w->n_waits = kept;
}

void
world_router_down(struct world *w, unsigned router)
{
	struct service_event e = { .kind = SERVICE_DEVICE_DOWN };

	forget_waits(w, router);
	w->routers[router].up = false;
	e.u.device_down.device = w->device_names[router];
	e.u.device_down.status = PCE_UNREACHABLE;
	e.u.device_down.text = "the session closed";
	world_event(w, &e);
}

void
world_routers_up(struct world *w)
{
	for (unsigned i = 0; i < w->n_nodes; i++)
		if (!w->routers[i].up)
			world_router_up(w, i);
}

static void
apply_changes(struct world_router *r, const struct deploy_transaction *t)
{
	for (size_t i = 0; i < t->n_changes; i++) {
		const struct deploy_change *c = &t->changes[i];

		ck_assert_uint_ge(c->policy->color, 1000);
		ck_assert_uint_le(c->policy->color, 1999);
		drop_policy(&r->running, c->policy);
		if (c->action != DEPLOY_REMOVE)
			add_policy(&r->running, c->policy);
	}
}

static void
prepare(struct world_router *r, const struct deploy_transaction *t)
{
	clear_policies(&r->before);
	for (size_t i = 0; i < r->running.n; i++)
		add_policy(&r->before, r->running.at[i]->policy);
	apply_changes(r, t);
	r->waiting = r->confirmed_commit;
	snprintf(r->persist_id, sizeof(r->persist_id), "%s", t->persist_id);
}

/* What really happens on the router; false if it does not know the persist id, or waits for the
 * decision on another commit. */
static bool
act(struct world *w, struct world_router *r, const struct world_wait *wait)
{
	struct world_policies swap;

	if (wait->phase == DEPLOY_PREPARE) {
		if (r->waiting)
			return false;
		prepare(r, wait->transaction);
		r->expires =
		    usec_add(w->now, (int64_t)wait->transaction->confirm_timeout_s * USEC_PER_S);
		return true;
	}
	if (!r->confirmed_commit) {
		if (wait->phase == DEPLOY_CANCEL)
			for (size_t i = 0; i < wait->transaction->n_changes; i++) {
				const struct deploy_change *c = &wait->transaction->changes[i];

				drop_policy(&r->running, c->policy);
				if (c->before)
					add_policy(&r->running, c->before);
			}
		return true;
	}
	if (!r->waiting || strcmp(r->persist_id, wait->transaction->persist_id) != 0)
		return false;
	r->waiting = false;
	if (wait->phase == DEPLOY_CANCEL) {
		swap = r->running;
		r->running = r->before;
		r->before = swap;
	}
	clear_policies(&r->before);
	return true;
}

static void
answer_apply(struct world *w, const struct world_wait *wait, enum world_result result)
{
	struct world_router *r = &w->routers[wait->router];
	struct service_event e = { .kind = SERVICE_DEVICE_RESULT, .id = wait->id };
	struct deploy_result *out = &e.u.device_result.result;

	e.u.device_result.device = w->device_names[wait->router];
	out->id = wait->transaction->id;
	out->phase = wait->phase;
	out->status = PCE_OK;
	/* A router that knows the persist id does not refuse the decision. */
	if (result == WORLD_REFUSE && wait->phase != DEPLOY_PREPARE)
		result = WORLD_OK;
	if (result == WORLD_OK) {
		bool done = act(w, r, wait), first = wait->phase == DEPLOY_PREPARE;

		if (!done) {
			out->status = first ? PCE_CONFLICT : PCE_NOT_FOUND;
			out->unknown = !first;
			out->retry = first;
			out->text = first ? "another commit waits" : "no such commit";
		}
	} else if (result == WORLD_REFUSE) {
		out->status = PCE_UNSUPPORTED;
		out->text = "the router refuses the policy";
	} else if (result == WORLD_RETRY) {
		out->status = PCE_CONFLICT;
		out->text = "the candidate is locked";
		out->holder_session = 42;
		out->retry = true;
	} else {
		if (result == WORLD_UNKNOWN_DONE)
			(void)act(w, r, wait);
		out->status = PCE_TIMEOUT;
		out->text = "no answer";
		out->unknown = true;
		out->retry = true;
	}
	world_event(w, &e);
}

static int
by_key(const void *a, const void *b)
{
	return srpolicy_compare(a, b);
}

static void
answer_read(struct world *w, const struct world_wait *wait, enum world_result result)
{
	struct world_router *r = &w->routers[wait->router];
	struct service_event e = { .kind = SERVICE_DEVICE_READ, .id = wait->id };
	struct device_state *state = &e.u.device_read.state;
	struct arena arena = { 0 };
	struct srpolicy *ours = calloc(r->running.n + 1, sizeof(*ours));
	struct srpolicy *others = calloc(r->running.n + 1, sizeof(*others));

	e.u.device_read.device = w->device_names[wait->router];
	if (result != WORLD_OK) {
		e.u.device_read.status = PCE_TIMEOUT;
		e.u.device_read.text = "no answer";
	}
	for (size_t i = 0; i < r->running.n; i++) {
		const struct srpolicy *p = r->running.at[i]->policy;

		if (p->color >= 1000 && p->color <= 1999)
			ours[state->n_policies++] = *p;
		else
			others[state->n_foreign++] = *p;
	}
	qsort(ours, state->n_policies, sizeof(*ours), by_key);
	state->policies = ours;
	state->foreign = others;
	probes_report(w, wait->router, &arena, state);
	if (r->waiting && suite_below(&w->random, 2) == 0)
		state->pending_persist_id = r->persist_id;
	world_event(w, &e);
	free(ours);
	free(others);
	arena_free(&arena);
}

static void
answer_store(struct world *w, const struct world_wait *wait, enum world_result result)
{
	struct service_event e = { .kind = SERVICE_STORED, .id = wait->id };

	if (result == WORLD_OK) {
		for (size_t i = 0; i < wait->n_records; i++)
			store_record(w, &wait->records[i]);
	} else {
		w->store_failed = true;
		e.u.stored.status = PCE_IO;
		e.u.stored.text = "the disk is full";
	}
	world_event(w, &e);
}

size_t
world_first_of(const struct world *w, size_t index)
{
	const struct world_wait *wait = w->waits[index];
	bool store = wait->kind == SERVICE_STORE;

	for (size_t i = 0; i < index; i++)
		if (store == (w->waits[i]->kind == SERVICE_STORE) &&
		    (store || w->waits[i]->router == wait->router))
			return i;
	return index;
}

void
world_happen(struct world *w, size_t index, enum world_result result)
{
	struct world_wait *wait;

	index = world_first_of(w, index);
	wait = w->waits[index];
	memmove(&w->waits[index], &w->waits[index + 1],
		(w->n_waits - index - 1) * sizeof(struct world_wait *));
	w->n_waits--;
	if (wait->kind == SERVICE_STORE)
		answer_store(w, wait, result);
	else if (wait->kind == SERVICE_READ)
		answer_read(w, wait, result);
	else
		answer_apply(w, wait, result);
	arena_free(&wait->arena);
	free(wait);
}

void
world_settle(struct world *w)
{
	for (unsigned turns = 0; turns < 100000; turns++) {
		struct usec at;

		if (w->n_waits > 0) {
			world_happen(w, 0, WORLD_OK);
			continue;
		}
		at = service_deadline(w->service);
		if (at.v > usec_add(w->now, 10 * (int64_t)USEC_PER_S).v)
			return;
		if (at.v > w->now.v)
			w->now = at;
		world_tick(w);
	}
	ck_abort_msg("it does not settle");
}

bool
world_commit_expires(struct world *w, unsigned router)
{
	struct world_router *r = &w->routers[router];

	if (!r->waiting)
		return false;
	clear_policies(&r->running);
	r->running = r->before;
	r->before = (struct world_policies){ 0 };
	r->waiting = false;
	return true;
}

void
world_crash(struct world *w, size_t kept)
{
	size_t stores = 0;

	w->lossy = w->lossy || w->store_failed;
	for (size_t i = 0; i < w->n_waits; i++) {
		struct world_wait *wait = w->waits[i];

		if (wait->kind == SERVICE_STORE && stores++ < kept)
			for (size_t k = 0; k < wait->n_records; k++)
				store_record(w, &wait->records[k]);
		if (wait->kind == SERVICE_APPLY && suite_below(&w->random, 2) == 0)
			(void)act(w, &w->routers[wait->router], wait);
	}
	drop_waits(w);
	service_free(w->service);
	w->service = NULL;
	for (unsigned i = 0; i < w->n_nodes; i++)
		w->routers[i].up = false;
}
