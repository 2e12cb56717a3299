/*
 * SRv6 Policies and their records as values: deep copies, equality and order. A router compares by
 * key (color, endpoint); two policies are equal if a router that holds one need not be told the
 * other, so the behaviours of SIDs, which no router keeps, do not count.
 */
#include "pce/policy/policy.h"

#include <string.h>

#include "pce/policy/copy.h"

static const struct srpolicy_list *
copy_lists(struct copier *c, const struct srpolicy_list *lists, size_t n)
{
	struct srpolicy_list *out = copy_items(c, lists, n, sizeof(*lists));

	for (size_t i = 0; out && i < n; i++) {
		out[i].name = copy_text(c, lists[i].name);
		out[i].sids = copy_items(c, lists[i].sids, lists[i].n_sids, sizeof(*lists[i].sids));
		out[i].behaviors = lists[i].behaviors
				       ? copy_items(c, lists[i].behaviors, lists[i].n_sids,
						    sizeof(*lists[i].behaviors))
				       : NULL;
	}
	return out;
}

static void
copy_policy_into(struct copier *c, const struct srpolicy *policy, struct srpolicy *out)
{
	struct srpolicy_path *paths =
	    copy_items(c, policy->paths, policy->n_paths, sizeof(*policy->paths));

	*out = *policy;
	out->name = copy_text(c, policy->name);
	out->odd = copy_text(c, policy->odd);
	for (size_t i = 0; paths && i < policy->n_paths; i++) {
		paths[i].name = copy_text(c, policy->paths[i].name);
		paths[i].lists = copy_lists(c, policy->paths[i].lists, policy->paths[i].n_lists);
	}
	out->paths = paths;
	out->steering =
	    copy_items(c, policy->steering, policy->n_steering, sizeof(*policy->steering));
}

struct srpolicy *
srpolicy_copy(struct arena *arena, const struct srpolicy *policy)
{
	struct copier c = { arena, false };
	struct srpolicy *out = copy_alloc(&c, sizeof(*out));

	if (out)
		copy_policy_into(&c, policy, out);
	return c.bad ? NULL : out;
}

static bool
lists_equal(const struct srpolicy_list *a, const struct srpolicy_list *b)
{
	return a->weight == b->weight && a->n_sids == b->n_sids && same_text(a->name, b->name) &&
	       (a->n_sids == 0 || memcmp(a->sids, b->sids, a->n_sids * sizeof(*a->sids)) == 0);
}

static bool
paths_equal(const struct srpolicy_path *a, const struct srpolicy_path *b)
{
	if (a->preference != b->preference || a->n_lists != b->n_lists ||
	    !same_text(a->name, b->name))
		return false;
	for (size_t i = 0; i < a->n_lists; i++)
		if (!lists_equal(&a->lists[i], &b->lists[i]))
			return false;
	return true;
}

static bool
steering_equal(const struct srpolicy *a, const struct srpolicy *b)
{
	if (a->n_steering != b->n_steering)
		return false;
	for (size_t i = 0; i < a->n_steering; i++) {
		const struct srpolicy_steering *x = &a->steering[i], *y = &b->steering[i];

		if (x->prefix.len != y->prefix.len ||
		    ip_compare(&x->prefix.addr, &y->prefix.addr) != 0 ||
		    ip_compare(&x->service_sid, &y->service_sid) != 0)
			return false;
	}
	return true;
}

bool
srpolicy_equal(const struct srpolicy *a, const struct srpolicy *b)
{
	if (srpolicy_compare(a, b) != 0 || !same_text(a->name, b->name) ||
	    !same_text(a->odd, b->odd) || ip_compare(&a->binding_sid, &b->binding_sid) != 0 ||
	    a->n_paths != b->n_paths)
		return false;
	for (size_t i = 0; i < a->n_paths; i++)
		if (!paths_equal(&a->paths[i], &b->paths[i]))
			return false;
	return steering_equal(a, b);
}

int
srpolicy_compare(const struct srpolicy *a, const struct srpolicy *b)
{
	if (a->color != b->color)
		return a->color < b->color ? -1 : 1;
	return ip_compare(&a->endpoint, &b->endpoint);
}

const struct srpolicy_list *
srpolicy_list_at(const struct srpolicy *policy, size_t i, size_t *path)
{
	size_t at = 0;

	while (i >= policy->paths[at].n_lists)
		i -= policy->paths[at++].n_lists;
	if (path)
		*path = at;
	return &policy->paths[at].lists[i];
}

const char *
policy_state_name(enum policy_state state)
{
	static const char *const names[] = { "pending", "deploying", "active", "failed",
					     "removing" };

	return (size_t)state < sizeof(names) / sizeof(names[0]) ? names[state] : "failed";
}

struct policy_record *
policy_record_copy(struct arena *arena, const struct policy_record *record)
{
	struct copier c = { arena, false };
	struct policy_record *out = copy_items(&c, record, 1, sizeof(*record));
	size_t n = srpolicy_n_lists(&record->srpolicy);
	struct policy_bound *bound;
	struct policy_held *held;

	if (!out)
		return NULL;
	out->id = copy_text(&c, record->id);
	out->intent_id = copy_text(&c, record->intent_id);
	out->headend = copy_text(&c, record->headend);
	out->tailend = copy_text(&c, record->tailend);
	out->adopts = copy_text(&c, record->adopts);
	copy_policy_into(&c, &record->srpolicy, &out->srpolicy);
	bound = copy_items(&c, record->bound, n, sizeof(*bound));
	for (size_t i = 0; bound && i < n; i++) {
		bound[i].link_keys =
		    copy_texts(&c, record->bound[i].link_keys, record->bound[i].n_links);
		bound[i].branch_keys =
		    copy_texts(&c, record->bound[i].branch_keys, record->bound[i].n_branches);
	}
	out->bound = bound;
	held = copy_items(&c, record->held, record->n_held, sizeof(*held));
	for (size_t i = 0; held && i < record->n_held; i++)
		held[i].link_key = copy_text(&c, record->held[i].link_key);
	out->held = held;
	return c.bad ? NULL : out;
}

size_t
policy_bound_count(const struct policy_bound *bound)
{
	return bound->n_links + bound->n_branches;
}

const char *
policy_bound_key(const struct policy_bound *bound, size_t k)
{
	return k < bound->n_links ? bound->link_keys[k] : bound->branch_keys[k - bound->n_links];
}

static bool
is_bound_to(const struct policy_bound *bound, const char *key)
{
	for (size_t k = 0; k < policy_bound_count(bound); k++)
		if (strcmp(policy_bound_key(bound, k), key) == 0)
			return true;
	return false;
}

uint64_t
policy_bound_bps(const struct policy_record *record, size_t i, size_t k)
{
	const struct srpolicy *sr = &record->srpolicy;
	const char *key = policy_bound_key(&record->bound[i], k);
	size_t path, first = 0;
	uint64_t bps = 0;

	(void)srpolicy_list_at(sr, i, &path);
	for (size_t at = 0; at < path; at++)
		first += sr->paths[at].n_lists;
	for (size_t j = first; j < first + sr->paths[path].n_lists; j++)
		if (j == i || is_bound_to(&record->bound[j], key))
			bps += record->bound[j].bps;
	return bps;
}
