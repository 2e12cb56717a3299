/*
 * After a restart: the records of the store become intents and policies again, booked as far as
 * their links are known. Until the feeds are learned nothing is judged and nothing is pushed: what
 * is not known yet is not lost. Transactions that were open are settled with their routers as soon
 * as these are read.
 *
 * Learned is: as many feeds as are configured have synced; or LEARN_GRACE is over and every feed
 * that showed itself has synced, at least one. A network that nobody describes is never judged.
 */
#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"
#include "pce/service/internal.h"

#define LEARN_GRACE_US (30 * (int64_t)USEC_PER_S)

static enum pce_status
recover_intent(struct service *s, const struct intent *from, uint64_t revision,
	       struct pce_error *err)
{
	struct service_intent *intent;
	enum pce_status status;

	if (!from || !from->id || intent_find(s, from->id))
		return PCE_OK;
	status = intent_new(from->id, &intent, err);
	if (status)
		return status;
	intent->intent = intent_copy(&intent->arena, from);
	intent->revision = revision;
	status = intent->intent ? intent_insert(s, intent, err) : pce_no_memory(err);
	if (status)
		intent_free(intent);
	else if (revision >= s->next_id)
		s->next_id = revision + 1;
	return status;
}

static enum pce_status
recover_policy(struct service *s, const struct policy_record *from, struct pce_error *err)
{
	struct service_intent *intent;
	struct held_record next = { 0 };
	struct service_policy *p;
	enum pce_status status;

	if (!from || !from->intent_id || !from->id || policy_find(s, from->id))
		return PCE_OK;
	intent = intent_find(s, from->intent_id);
	next.record = policy_record_copy(&next.arena, from);
	status = next.record ? policy_new(s, from->intent_id, from->backward, &p, err)
			     : pce_no_memory(err);
	if (status) {
		arena_free(&next.arena);
		return status;
	}
	status = policy_insert(s, p, err);
	if (status) {
		arena_free(&next.arena);
		policy_free(s, p);
		return status;
	}
	/* Without its intent a policy has no reason to be. */
	if (!intent)
		next.record->removing = true;
	else if (!from->removing)
		p->intent = intent;
	if (next.record->srpolicy.n_paths == 0)
		status = replace_text(&p->failed, "there was no path before the restart", err);
	return status ? status : policy_adopt(s, p, &next, err);
}

/* The policies of each intent, forward first. */
static void
join(struct service *s)
{
	for (size_t i = 0; i < s->n_policies; i++) {
		struct service_policy *p = s->policies[i];

		if (p->intent && p->intent->n < 2)
			p->intent->policies[p->intent->n++] = p;
	}
}

static enum pce_status
recover_transaction(struct service *s, const struct transaction_record *record,
		    struct pce_error *err)
{
	if (!record)
		return PCE_OK;
	if (record->id >= s->next_id)
		s->next_id = record->id + 1;
	for (size_t i = 0; record->device && i < s->n_devices; i++)
		if (strcmp(s->devices[i].config->name, record->device) == 0) {
			s->devices[i].poked = true;
			return deploy_recover(s->devices[i].deploy, record, err);
		}
	return want_transaction(s, NO_DEVICE, NULL, record->id, err);
}

/* An intent whose policies are missing gets new ones without a path, and so its turn to get one. */
static enum pce_status
give_policy(struct service *s, struct service_intent *intent, bool backward, struct pce_error *err)
{
	struct arena scratch = { 0 };
	struct path_request request;
	struct service_policy *p = NULL;
	struct held_record next = { 0 };
	struct policy_plan plan = { .intent = intent->intent, .backward = backward };
	enum pce_status status =
	    request_for(s, intent->intent, backward, false, &scratch, &request, NULL);

	arena_free(&scratch);
	if (status == PCE_OK)
		status = policy_endpoint(s->ted, request.to, &plan.endpoint, NULL);
	if (status)
		return status == PCE_NO_MEMORY ? pce_no_memory(err) : PCE_OK;
	plan.name_prefix = s->config->name_prefix;
	plan.headend = request.from;
	plan.tailend = request.to;
	plan.generation = 1;
	plan.color = intent->intent->color ? intent->intent->color : s->config->color_max;
	status = policy_build(s->ted, &plan, NULL, &next.arena, &next.record, err);
	if (status == PCE_OK)
		status = policy_new(s, intent->id, backward, &p, err);
	if (status == PCE_OK)
		status = policy_insert(s, p, err);
	if (status)
		return status;
	p->intent = intent;
	intent->policies[intent->n++] = p;
	status = replace_text(&p->failed, "its record was missing in the store", err);
	want_stored(s, p);
	return status ? status : policy_adopt(s, p, &next, err);
}

static enum pce_status
complete_intents(struct service *s, struct pce_error *err)
{
	enum pce_status status = PCE_OK;

	for (size_t i = 0; i < s->n_intents && status == PCE_OK; i++) {
		struct service_intent *intent = s->intents[i];

		if (intent->n == 0 && !policy_find(s, intent->id))
			status = give_policy(s, intent, false, err);
		if (status == PCE_OK && intent->n == 1 && intent->intent->bidirectional &&
		    !intent->policies[0]->now.record->backward)
			status = give_policy(s, intent, true, err);
		touch_intent(s, intent);
	}
	return status;
}

enum pce_status
recover(struct service *s, struct pce_error *err)
{
	const struct service_recovery *r = &s->step.event->u.recover;
	enum pce_status status = PCE_OK;

	if (r->next_id > s->next_id)
		s->next_id = r->next_id;
	for (size_t i = 0; i < r->n_intents && status == PCE_OK; i++)
		status = recover_intent(s, r->intents[i], r->intent_revisions[i], err);
	for (size_t i = 0; i < r->n_policies && status == PCE_OK; i++)
		status = recover_policy(s, r->policies[i], err);
	join(s);
	if (status == PCE_OK)
		status = operate_recover(s, r->operate, err);
	if (status == PCE_OK)
		status = damping_recover(s, r->damped, r->n_damped, err);
	if (status == PCE_OK)
		status = history_recover(s, r->moves, r->n_moves, err);
	if (status == PCE_OK)
		status = advise_recover(s, r->changes, r->n_changes, err);
	for (size_t i = 0; i < r->n_transactions && status == PCE_OK; i++)
		status = recover_transaction(s, r->transactions[i], err);
	if (status)
		return status;
	s->learning = s->n_policies > 0 || s->n_intents > 0 || r->n_transactions > 0;
	s->learn_by = usec_add(s->step.now, LEARN_GRACE_US);
	for (size_t i = 0; i < s->n_policies; i++)
		touch(s, s->policies[i]);
	status = bind_all(s, err);
	return status ? status : recover_learned(s, err);
}

/* How many feeds there are to be, how many told all they have, how many are at it. */
struct feed_count {
	size_t wanted, synced, waiting;
};

static struct feed_count
count_feeds(const struct service *s)
{
	struct feed_count c = { .wanted = s->config->bgp.n_peers + s->config->n_topology_files };

	for (size_t i = 0; i < s->n_feeds; i++) {
		c.synced += s->feeds[i].was_synced;
		c.waiting += s->feeds[i].up && !s->feeds[i].synced;
	}
	return c;
}

bool
all_known(const struct service *s)
{
	struct feed_count c = count_feeds(s);

	return !s->learning && c.synced > 0 && c.waiting == 0 && c.synced >= c.wanted;
}

static bool
is_learned(const struct service *s)
{
	struct feed_count c = count_feeds(s);

	if (c.synced == 0 || c.waiting > 0)
		return false;
	return c.synced >= c.wanted || usec_due(s->learn_by, s->step.now);
}

enum pce_status
recover_learned(struct service *s, struct pce_error *err)
{
	enum pce_status status;

	if (!s->learning || !is_learned(s))
		return PCE_OK;
	status = feed_settle(s, err);
	if (status == PCE_OK)
		status = bind_all(s, err);
	if (status)
		return status;
	s->learning = false;
	doubt_feeds(s);
	s->noted_at = s->step.now;
	status = complete_intents(s, err);
	if (status == PCE_OK)
		status = history_close_gaps(s, err);
	check_all(s, WORK_CHECK | WORK_VALIDATE, "checked after the restart");
	s->improved = true;
	poke_all(s);
	for (size_t i = 0; i < s->n_policies && status == PCE_OK; i++)
		status = policy_try_delete(s, s->policies[i], err);
	return status;
}
