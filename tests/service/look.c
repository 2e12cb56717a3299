/* Asking and looking: requests to the service, and what store and routers hold. */
#include "tests/service/world.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* --- intents --- */

struct intent
world_intent(const struct world *w, const char *id, unsigned from, unsigned to,
	     uint64_t bandwidth_bps)
{
	struct intent intent = intent_init();

	intent.id = id;
	intent.from = w->node_names[from];
	intent.to = w->node_names[to];
	intent.bandwidth_bps = bandwidth_bps;
	return intent;
}

uint64_t
world_put(struct world *w, const struct intent *intent)
{
	struct service_event e = { .kind = SERVICE_INTENT_PUT, .id = w->next_request++ };

	e.u.intent_put.intent = intent;
	e.u.intent_put.author = "test";
	world_event(w, &e);
	return e.id;
}

uint64_t
world_put_many(struct world *w, const struct intent *const *intents, size_t n, bool partly)
{
	struct service_event e = { .kind = SERVICE_INTENTS_PUT, .id = w->next_request++ };

	e.u.intents_put.intents = intents;
	e.u.intents_put.n = n;
	e.u.intents_put.author = "test";
	e.u.intents_put.partly = partly;
	world_event(w, &e);
	return e.id;
}

uint64_t
world_order(struct world *w, enum operate_kind kind, enum operate_mode mode)
{
	struct service_event e = { .kind = SERVICE_OPERATE, .id = w->next_request++ };

	e.u.operate.kind = kind;
	e.u.operate.mode = mode;
	e.u.operate.author = "noc";
	world_event(w, &e);
	return e.id;
}

uint64_t
world_mode(struct world *w, enum operate_mode mode, enum mode_scope scope, const char *name)
{
	struct service_event e = { .kind = SERVICE_OPERATE, .id = w->next_request++ };

	e.u.operate.kind = OPERATE_SET_MODE;
	e.u.operate.mode = mode;
	e.u.operate.scope = (struct scoped_mode){ .scope = scope, .name = name };
	e.u.operate.author = "noc";
	world_event(w, &e);
	return e.id;
}

uint64_t
world_decide(struct world *w, enum operate_kind kind, uint64_t change)
{
	struct service_event e = { .kind = SERVICE_OPERATE, .id = w->next_request++ };

	e.u.operate.kind = kind;
	e.u.operate.change_id = change;
	e.u.operate.author = "anna";
	world_event(w, &e);
	return e.id;
}

uint64_t
world_drain(struct world *w, enum operate_kind kind, enum drain_kind what, const char *name,
	    bool dry_run)
{
	struct service_event e = { .kind = SERVICE_OPERATE, .id = w->next_request++ };

	e.u.operate.kind = kind;
	e.u.operate.drain = (struct drain){ .kind = what, .name = name };
	e.u.operate.dry_run = dry_run;
	e.u.operate.author = "noc";
	world_event(w, &e);
	return e.id;
}

uint64_t
world_delete(struct world *w, const char *id)
{
	struct service_event e = { .kind = SERVICE_INTENT_DELETE, .id = w->next_request++ };

	e.u.intent_delete.intent_id = id;
	world_event(w, &e);
	return e.id;
}

const struct world_reply *
world_reply(const struct world *w, uint64_t request)
{
	for (size_t i = 0; i < w->n_replies; i++)
		if (w->replies[i].id == request)
			return &w->replies[i];
	return NULL;
}

void
world_tick(struct world *w)
{
	struct service_event e = { .kind = SERVICE_TICK };

	world_event(w, &e);
}

/* --- looking --- */

size_t
world_waiting(const struct world *w, enum service_effect_kind kind, size_t *first)
{
	size_t n = 0, at = SIZE_MAX;

	for (size_t i = 0; i < w->n_waits; i++)
		if (w->waits[i]->kind == kind && n++ == 0)
			at = i;
	if (first)
		*first = at;
	return n;
}

const struct srpolicy *
world_held(const struct world *w, unsigned router, const char *policy_id)
{
	const struct world_policies *set = &w->routers[router].running;
	char name[96];

	snprintf(name, sizeof(name), "karst-%s", policy_id);
	for (size_t i = 0; i < set->n; i++)
		if (strcmp(set->at[i]->policy->name, name) == 0)
			return set->at[i]->policy;
	return NULL;
}

static const struct service_record *
find_stored(const struct world *w, enum record_kind kind, const char *key)
{
	for (size_t i = 0; i < w->n_store; i++)
		if (w->store[i]->record.kind == kind && strcmp(w->store[i]->record.key, key) == 0)
			return &w->store[i]->record;
	return NULL;
}

const struct policy_record *
world_stored_policy(const struct world *w, const char *id)
{
	const struct service_record *r = find_stored(w, RECORD_POLICY, id);

	return r ? r->policy : NULL;
}

const struct intent *
world_stored_intent(const struct world *w, const char *id)
{
	const struct service_record *r = find_stored(w, RECORD_INTENT, id);

	return r ? r->intent : NULL;
}

const struct policy_move *
world_stored_move(const struct world *w, const char *id, uint64_t number)
{
	char key[MOVE_KEY];
	const struct service_record *r;

	move_key(id, number, key);
	r = find_stored(w, RECORD_MOVE, key);
	return r ? &r->move->move : NULL;
}

size_t
world_stored_count(const struct world *w, enum record_kind kind)
{
	size_t n = 0;

	for (size_t i = 0; i < w->n_store; i++)
		n += w->store[i]->record.kind == kind;
	return n;
}

ted_link
world_link(const struct world *w, unsigned fibre, unsigned half)
{
	const struct ted *ted = service_view_ted(w->service);

	for (ted_link i = 0; i < ted_link_count(ted); i++) {
		const struct ted_link_row *row = ted_link_at(ted, i);

		if (row->local_id == fibre * 2 + half + 1)
			return i;
	}
	return TED_NONE;
}

uint64_t
world_booked(const struct world *w, unsigned fibre, unsigned half)
{
	ted_link link = world_link(w, fibre, half);

	return link == TED_NONE ? 0 : ted_link_at(service_view_ted(w->service), link)->booked_bps;
}

bool
world_uses(const struct world *w, const char *policy_id, unsigned fibre)
{
	struct service_view_policy v;

	if (!service_view_policy_by_id(w->service, policy_id, &v) || v.n_lists == 0)
		return false;
	for (size_t k = 0; k < v.n_links[0]; k++)
		if (v.links[0][k] == world_link(w, fibre, 0) ||
		    v.links[0][k] == world_link(w, fibre, 1))
			return true;
	return false;
}

void
world_keep_improvement(const struct service_reply *r, struct world_reply *out)
{
	const struct service_improvement *first = r->improvements;
	struct text text = { 0 };

	out->n_improvements = r->n_improvements;
	if (r->n_improvements == 0)
		return;
	text_printf(&text, "%s %s %" PRIu64 " %" PRIu64, first->policy_id, first->gain.measure,
		    first->gain.before, first->gain.after);
	for (size_t i = 0; i < first->n_before; i++)
		text_printf(&text, " %s", first->before[i]);
	text_add(&text, " >");
	for (size_t i = 0; i < first->n_after; i++)
		text_printf(&text, " %s", first->after[i]);
	snprintf(out->improvement, sizeof(out->improvement), "%s", text_get(&text));
	text_free(&text);
}

/* --- waiting --- */

void
world_rest(struct world *w)
{
	for (unsigned turns = 0; turns < 200; turns++) {
		struct service_view_device d;
		size_t pending = 0;

		world_settle(w);
		for (size_t i = 0; service_view_device_at(w->service, i, &d); i++)
			pending += d.connected ? d.n_pending + d.busy : 0;
		if (pending == 0 && service_deadline(w->service).v == USEC_NEVER.v)
			return;
		world_pass(w, 31 * (int64_t)USEC_PER_S);
	}
}
