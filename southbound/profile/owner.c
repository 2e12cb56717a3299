/* Whose policies are whose, and whether a router holds what it shall: for every driver alike. */
#include <string.h>

#include "southbound/profile/map.h"

static bool
in_range(const struct profile_owner *owner, const struct srpolicy *policy)
{
	return policy->color >= owner->color_min && policy->color <= owner->color_max;
}

static bool
is_ours(const struct profile_owner *owner, const struct srpolicy *policy)
{
	return in_range(owner, policy) && policy->name != NULL &&
	       strncmp(policy->name, owner->name_prefix, strlen(owner->name_prefix)) == 0;
}

enum pce_status
profile_check(const struct profile_owner *owner, const struct deploy_change *changes, size_t n,
	      struct pce_error *err)
{
	char endpoint[IP_TEXT];

	for (size_t i = 0; i < n; i++) {
		const struct deploy_change *c = &changes[i];
		bool ours = c->action != DEPLOY_REMOVE ? is_ours(owner, c->policy)
						       : in_range(owner, c->policy);

		if (!ours || (c->before != NULL && !is_ours(owner, c->before) &&
			      !(c->action == DEPLOY_ADOPT && in_range(owner, c->before))))
			return pce_fail(err, PCE_DENIED,
					"policy %u to %s is outside Karst's colors %u to %u or "
					"its name does not begin with \"%s\"",
					c->policy->color, ip_print(&c->policy->endpoint, endpoint),
					owner->color_min, owner->color_max, owner->name_prefix);
	}
	return PCE_OK;
}

const struct srpolicy *
profile_find(const struct profile_held *held, const struct srpolicy *key)
{
	size_t low = 0, high = held->n_policies;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = srpolicy_compare(&held->policies[middle], key);

		if (order == 0)
			return &held->policies[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

enum pce_status
profile_owned(const struct profile_owner *owner, const struct deploy_change *changes, size_t n,
	      const struct profile_held *held, struct pce_error *err)
{
	char endpoint[IP_TEXT];

	for (size_t i = 0; i < n; i++) {
		const struct srpolicy *there = profile_find(held, changes[i].policy);

		/* What is taken over has to be what the operator saw. */
		if (there != NULL && changes[i].action == DEPLOY_ADOPT &&
		    changes[i].before != NULL && srpolicy_equal(there, changes[i].before))
			continue;
		if (there != NULL && !is_ours(owner, there))
			return pce_fail(err, PCE_EXISTS,
					"policy %u to %s is there already and called \"%s\", "
					"so it is not Karst's",
					there->color, ip_print(&there->endpoint, endpoint),
					there->name ? there->name : "");
	}
	return PCE_OK;
}

/* What was odd before a change cannot be put back. */
static bool
is_as_wanted(const struct srpolicy *want, const struct srpolicy *there)
{
	struct srpolicy plain = *want;

	plain.odd = NULL;
	return srpolicy_equal(&plain, there);
}

enum pce_status
profile_verify(const struct deploy_change *changes, size_t n, bool inverse,
	       const struct profile_held *held, struct pce_error *err)
{
	char endpoint[IP_TEXT];

	for (size_t i = 0; i < n; i++) {
		const struct srpolicy *want = profile_wanted(&changes[i], inverse);
		const struct srpolicy *there = profile_find(held, changes[i].policy);
		const char *how = want == NULL && there != NULL   ? "is still there"
				  : want != NULL && there == NULL ? "is not there"
				  : want != NULL && !is_as_wanted(want, there)
				      ? "is not what was asked for"
				      : NULL;

		if (how != NULL)
			return pce_fail(err, PCE_UNSUPPORTED,
					"it accepted the change, but policy %u to %s %s",
					changes[i].policy->color,
					ip_print(&changes[i].policy->endpoint, endpoint), how);
	}
	return PCE_OK;
}

enum pce_status
profile_sort(const struct profile_owner *owner, const struct profile_held *held,
	     struct arena *arena, struct device_state *out, struct pce_error *err)
{
	struct srpolicy *ours = arena_alloc(arena, (held->n_policies + 1) * sizeof *ours);
	struct srpolicy *foreign = arena_alloc(arena, (held->n_policies + 1) * sizeof *foreign);
	size_t n_ours = 0, n_foreign = 0;

	if (ours == NULL || foreign == NULL)
		return pce_no_memory(err);
	for (size_t i = 0; i < held->n_policies; i++) {
		if (is_ours(owner, &held->policies[i]))
			ours[n_ours++] = held->policies[i];
		else
			foreign[n_foreign++] = held->policies[i];
	}
	*out = (struct device_state){ .policies = ours,
				      .n_policies = n_ours,
				      .foreign = foreign,
				      .n_foreign = n_foreign,
				      .oper = held->oper,
				      .n_oper = held->n_oper };
	return PCE_OK;
}
