/*
 * The service: life, dispatch, the end of every step, deadlines. A step takes one event to the room
 * that it concerns and then lets every room finish what follows: policies are looked at again,
 * devices give their orders, one batch goes to the store, and what changed is told. The effects of
 * a step depend on the events so far and their times alone.
 */
#include "pce/service/service.h"

#include <stdlib.h>
#include <string.h>

#include "pce/service/assure.h"
#include "pce/service/internal.h"
#include "pce/service/windows.h"

/* Names of affinity bits from the configuration, as an operator's word. */
static enum pce_status
name_affinities(struct service *s, struct pce_error *err)
{
	const struct ted_source source = { TED_SOURCE_OPERATOR, UINT32_MAX };
	const struct ted_change *changes;
	enum pce_status status = PCE_OK;
	size_t n;

	for (size_t i = 0; i < s->config->n_affinities && status == PCE_OK; i++) {
		struct ted_delta delta = { .object = TED_OBJECT_AFFINITY, .op = TED_SET };

		delta.key.number = s->config->affinities[i].bit;
		delta.attr.srlg.name = s->config->affinities[i].name;
		status = ted_apply(s->ted, source, &delta, 1, err);
	}
	return status ? status : ted_settle(s->ted, &changes, &n, err);
}

enum pce_status
service_new(const struct karst_config *config, uint64_t hash_seed, struct service **out,
	    struct pce_error *err)
{
	struct service *s = calloc(1, sizeof(*s));
	enum pce_status status;

	if (!s)
		return pce_no_memory(err);
	s->config = config;
	s->next_id = 1;
	s->settle_at = s->moves_due = USEC_NEVER;
	s->repair_at = USEC_NEVER;
	s->reoptimiser.scan_at = s->reoptimiser.again_at = USEC_NEVER;
	guard_init(&s->guard, &config->guard);
	doubts_init(&s->doubt.all, &config->guard.doubt);
	status = ted_new(&s->ted, hash_seed, err);
	if (status == PCE_OK)
		status = name_affinities(s, err);
	if (status == PCE_OK)
		status = path_engine_new(s->ted, &s->engine, err);
	if (status == PCE_OK)
		status = segment_igp_new(s->ted, &s->igp, err);
	if (status == PCE_OK)
		status = assure_new(s, err);
	if (status == PCE_OK)
		status = push_new(s, err);
	if (status) {
		service_free(s);
		return status;
	}
	s->ledger = (struct ledger){ .ted = s->ted, .engine = s->engine };
	*out = s;
	return PCE_OK;
}

static void
free_queues(struct service *s)
{
	while (s->admissions) {
		struct admission *a = s->admissions;

		s->admissions = a->next;
		if (a->deletion)
			a->created = false;
		admission_free(s, a);
	}
	while (s->batches) {
		struct batch *b = s->batches;

		s->batches = b->next;
		batch_free(b);
	}
	operate_free(s);
	doubt_free(s);
	damping_free(s);
	assure_free(s);
	flows_free(s);
	reoptimise_free(s);
	drift_free(s);
	free(s->due);
	free(s->due_records);
	arena_free(&s->due_arena);
	free(s->groups);
	free(s->queue);
	free(s->touched);
	free(s->move_slots);
	while (s->n_stray_moves > 0)
		free(s->stray_moves[--s->n_stray_moves]);
	free(s->stray_moves);
}

void
service_free(struct service *s)
{
	if (!s)
		return;
	free_queues(s);
	for (size_t i = 0; i < s->n_slots; i++)
		policy_free(s, s->slots[i]);
	for (size_t i = 0; i < s->n_intents; i++)
		intent_free(s->intents[i]);
	for (size_t i = 0; s->devices && i < s->n_devices; i++)
		deploy_device_free(s->devices[i].deploy);
	for (size_t i = 0; i < s->n_feeds; i++) {
		free(s->feeds[i].name);
		free(s->feeds[i].text);
	}
	free(s->feeds);
	free(s->devices);
	free(s->slots);
	free(s->policies);
	free(s->intents);
	alarms_free(&s->alarms);
	affected_free(&s->affected);
	segment_igp_free(s->igp);
	path_engine_free(s->engine);
	ted_free(s->ted);
	free(s);
}

static enum pce_status
dispatch(struct service *s, struct pce_error *err)
{
	switch (s->step.event->kind) {
	case SERVICE_RECOVER:
		return recover(s, err);
	case SERVICE_FEED_STATE:
		return feed_state(s, err);
	case SERVICE_FEED_UPDATE:
		return feed_update(s, err);
	case SERVICE_INTENT_PUT:
		return admit_put(s, err);
	case SERVICE_INTENTS_PUT:
		return admit_many(s, err);
	case SERVICE_INTENT_DELETE:
		return admit_delete(s, err);
	case SERVICE_STORED:
		return durable_event(s, err);
	case SERVICE_DEVICE_UP:
	case SERVICE_DEVICE_DOWN:
	case SERVICE_DEVICE_RESULT:
	case SERVICE_DEVICE_READ:
	case SERVICE_DEVICE_CHANGED:
		return push_event(s, err);
	case SERVICE_OPERATE:
		return operate_event(s, err);
	case SERVICE_TELEMETRY:
		return telemetry_event(s, err);
	case SERVICE_TICK:
	case SERVICE_EVENT_COUNT:
		break;
	}
	return PCE_OK;
}

/* What follows from whatever happened, in this order. */
static enum pce_status
finish_step(struct service *s, struct pce_error *err)
{
	enum pce_status status = feed_tick(s, err);

	if (status == PCE_OK)
		status = recover_learned(s, err);
	if (status == PCE_OK)
		status = doubt_tick(s, err);
	if (status == PCE_OK)
		status = operate_tick(s, err);
	if (status == PCE_OK)
		status = damping_tick(s, err);
	alarms_tick(s);
	if (status == PCE_OK)
		status = windows_tick(s, err);
	if (status == PCE_OK)
		status = advise_tick(s, err);
	if (status == PCE_OK)
		status = restore_some(s, err);
	if (status == PCE_OK)
		status = reoptimise_some(s, err);
	if (status == PCE_OK)
		status = push_orders(s, err);
	if (status == PCE_OK)
		status = assure_tick(s, err);
	if (status == PCE_OK)
		status = telemetry_follow(s, err);
	if (status == PCE_OK)
		status = flush_batch(s, err);
	if (status == PCE_OK)
		status = tell(s, err);
	restore_improved(s);
	return status;
}

enum pce_status
service_step(struct service *s, struct usec now, const struct service_event *event,
	     struct service_effects *effects, struct pce_error *err)
{
	enum pce_status status;

	s->step = (struct step){
		.now = now,
		.event = event,
		.effects = effects,
		.random = event->random,
	};
	status = dispatch(s, err);
	if (status == PCE_OK)
		status = finish_step(s, err);
	s->last_now = now;
	s->last_wall_us = event->wall_us;
	s->step.event = NULL;
	s->step.effects = NULL;
	return status;
}

struct usec
service_deadline(const struct service *s)
{
	struct usec at = feed_deadline(s);

	if (restore_waits(s))
		at = usec_min(at, usec_max(guard_next_move(&s->guard, s->last_now),
					   guard_share_next(&s->guard, s->last_now)));
	at = usec_min(at, guard_deadline(&s->guard));
	at = usec_min(at, doubts_deadline(&s->doubt.all));
	at = usec_min(at, damping_deadline(s));
	at = usec_min(at, assure_deadline(s));
	at = usec_min(at, advise_deadline(s));
	at = usec_min(at, telemetry_deadline_of(s));
	at = usec_min(at, reoptimise_deadline(s));
	at = usec_min(at, groups_deadline(s));
	at = usec_min(at, s->repair_at);
	at = usec_min(at, windows_deadline(s));
	at = usec_min(at, alarms_deadline(s));
	if (s->learning && !usec_due(s->learn_by, s->last_now))
		at = usec_min(at, s->learn_by);
	if (!usec_due(s->moves_due, s->last_now))
		at = usec_min(at, s->moves_due);
	if ((s->some_dirty || s->operate_dirty || s->damping_dirty || s->changes_dirty ||
	     s->n_due > 0 || usec_due(s->moves_due, s->last_now)) &&
	    !usec_due(s->store_retry_at, s->last_now))
		at = usec_min(at, s->store_retry_at);
	/* An alarm was cleared after the batch of the step had gone. */
	if (s->operate_dirty && usec_due(s->store_retry_at, s->last_now))
		return s->last_now;
	for (size_t i = 0; i < s->n_devices; i++) {
		if (s->devices[i].poked)
			return s->last_now;
		at = usec_min(at, deploy_deadline(s->devices[i].deploy));
	}
	return at;
}
