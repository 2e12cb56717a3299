/* Intents and policies in order of id. Policies also have numbers, by which other rooms name them.
 */
#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"
#include "pce/service/internal.h"

enum pce_status
replace_text(char **text, const char *with, struct pce_error *err)
{
	char *copy = NULL;

	if (with) {
		copy = array_strdup(with);
		if (!copy)
			return pce_no_memory(err);
	}
	free(*text);
	*text = copy;
	return PCE_OK;
}

/* Where id stands, or would stand, among n things of which name_of() tells the id. */
static size_t
place(const struct service *s, size_t n, const char *(*name_of)(const struct service *s, size_t i),
      const char *id, bool *found)
{
	size_t low = 0, high = n;

	*found = false;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(name_of(s, middle), id);

		if (order == 0) {
			*found = true;
			return middle;
		}
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* --- intents --- */

static const char *
intent_name(const struct service *s, size_t i)
{
	return s->intents[i]->id;
}

static size_t
intent_place(const struct service *s, const char *id, bool *found)
{
	return place(s, s->n_intents, intent_name, id, found);
}

struct service_intent *
intent_find(const struct service *s, const char *id)
{
	bool found;
	size_t at = intent_place(s, id, &found);

	return found ? s->intents[at] : NULL;
}

enum pce_status
intent_new(const char *id, struct service_intent **out, struct pce_error *err)
{
	struct service_intent *intent = calloc(1, sizeof(*intent));

	if (intent)
		intent->id = array_strdup(id);
	if (!intent || !intent->id) {
		free(intent);
		return pce_no_memory(err);
	}
	*out = intent;
	return PCE_OK;
}

void
intent_free(struct service_intent *intent)
{
	if (!intent)
		return;
	arena_free(&intent->arena);
	free(intent->id);
	free(intent->reason);
	free(intent);
}

enum pce_status
intent_insert(struct service *s, struct service_intent *intent, struct pce_error *err)
{
	bool found;
	size_t at = intent_place(s, intent->id, &found);
	enum pce_status status;

	if (found)
		return pce_fail(err, PCE_INTERNAL, "intent %s is there already", intent->id);
	status = array_reserve(&s->intents, &s->cap_intents, s->n_intents + 1,
			       sizeof(s->intents[0]), err);
	if (status)
		return status;
	memmove(&s->intents[at + 1], &s->intents[at], (s->n_intents - at) * sizeof(s->intents[0]));
	s->intents[at] = intent;
	s->n_intents++;
	return PCE_OK;
}

void
intent_remove(struct service *s, struct service_intent *intent)
{
	bool found;
	size_t at = intent_place(s, intent->id, &found);

	if (!found || s->intents[at] != intent)
		return;
	s->n_intents--;
	memmove(&s->intents[at], &s->intents[at + 1], (s->n_intents - at) * sizeof(s->intents[0]));
}

/* --- policies --- */

static const char *
policy_name(const struct service *s, size_t i)
{
	return s->policies[i]->id;
}

static size_t
policy_place(const struct service *s, const char *id, bool *found)
{
	return place(s, s->n_policies, policy_name, id, found);
}

struct service_policy *
policy_find(const struct service *s, const char *id)
{
	bool found;
	size_t at = policy_place(s, id, &found);

	return found ? s->policies[at] : NULL;
}

static enum pce_status
take_slot(struct service *s, struct service_policy *policy, struct pce_error *err)
{
	size_t at = 0;
	enum pce_status status;

	while (at < s->n_slots && s->slots[at])
		at++;
	if (at == s->n_slots) {
		status = array_reserve(&s->slots, &s->cap_slots, at + 1, sizeof(s->slots[0]), err);
		if (status)
			return status;
		s->n_slots++;
	}
	s->slots[at] = policy;
	policy->slot = (uint32_t)at;
	return PCE_OK;
}

enum pce_status
policy_new(struct service *s, const char *intent_id, bool backward, struct service_policy **out,
	   struct pce_error *err)
{
	struct service_policy *policy = calloc(1, sizeof(*policy));
	enum pce_status status;

	if (!policy)
		return pce_no_memory(err);
	policy->headend = policy->tailend = TED_NONE;
	policy->device = policy->former_device = NO_DEVICE;
	policy->slot = NO_SLOT;
	status = replace_text(&policy->intent_id, intent_id, err);
	if (status == PCE_OK) {
		policy->id = calloc(strlen(intent_id) + 2, 1);
		status = policy->id ? PCE_OK : pce_no_memory(err);
	}
	if (status == PCE_OK) {
		memcpy(policy->id, intent_id, strlen(intent_id));
		if (backward)
			policy->id[strlen(intent_id)] = '~';
		status = take_slot(s, policy, err);
	}
	if (status) {
		policy_free(s, policy);
		return status;
	}
	*out = policy;
	return PCE_OK;
}

static void
free_before(struct service_policy *policy)
{
	for (size_t i = 0; i < policy->n_before; i++)
		free(policy->before[i]);
	free(policy->before);
	policy->before = NULL;
	policy->n_before = 0;
}

void
policy_free(struct service *s, struct service_policy *policy)
{
	if (!policy)
		return;
	if (policy->slot != NO_SLOT)
		s->slots[policy->slot] = NULL;
	free_before(policy);
	arena_free(&policy->now.arena);
	ledger_holding_free(&policy->holding);
	flow_free(&policy->flow);
	free(policy->id);
	free(policy->intent_id);
	free(policy->failed);
	free(policy->degraded);
	free(policy->waits);
	free(policy->work_cause);
	free(policy->cause);
	move_log_free(&policy->moves);
	free(policy);
}

enum pce_status
policy_insert(struct service *s, struct service_policy *policy, struct pce_error *err)
{
	bool found;
	size_t at = policy_place(s, policy->id, &found);
	enum pce_status status;

	if (found)
		return pce_fail(err, PCE_INTERNAL, "policy %s is there already", policy->id);
	status = array_reserve(&s->policies, &s->cap_policies, s->n_policies + 1,
			       sizeof(s->policies[0]), err);
	if (status)
		return status;
	memmove(&s->policies[at + 1], &s->policies[at],
		(s->n_policies - at) * sizeof(s->policies[0]));
	s->policies[at] = policy;
	s->n_policies++;
	return PCE_OK;
}

void
policy_remove(struct service *s, struct service_policy *policy)
{
	bool found;
	size_t at = policy_place(s, policy->id, &found);

	if (!found || s->policies[at] != policy)
		return;
	s->n_policies--;
	memmove(&s->policies[at], &s->policies[at + 1],
		(s->n_policies - at) * sizeof(s->policies[0]));
}
