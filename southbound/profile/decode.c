/*
 * Trees into policies. What a router holds is anybody's: values are read strictly, entries in
 * whatever order, and what no field can say makes a policy odd.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pce/policy/differ.h"
#include "southbound/profile/map_internal.h"

/* --- segment lists --- */

static enum pce_status
read_segment(struct decoder *d, const struct placed *at, uint8_t sid[16], uint16_t *behavior)
{
	struct ip_addr addr = { 0 };
	uint32_t number = 0;
	char what[48];
	enum pce_status status = decode_address(d, PROFILE_SEGMENT, at->node, PROFILE_SID, &addr);

	if (status == PCE_OK)
		status = decode_number(d, PROFILE_SEGMENT, at->node, PROFILE_BEHAVIOR, &number);
	if (status == PCE_OK)
		status = decode_constants(d, PROFILE_SEGMENT, at->node);
	snprintf(what, sizeof what, "segment %zu", at->place + 1);
	if (status == PCE_OK && addr.family != IP_V6)
		status = decode_odd(d, what, "no SRv6 SID");
	else if (status == PCE_OK)
		memcpy(sid, addr.octets, 16);
	*behavior = (uint16_t)number;
	return status;
}

static enum pce_status
read_segments(struct decoder *d, const struct data_node *parent, struct srpolicy_list *out)
{
	struct placed *at;
	uint8_t(*sids)[16];
	uint16_t *behaviors;
	enum pce_status status = decode_entries(d, parent, PROFILE_SEGMENT, &at, &out->n_sids);

	for (size_t i = 0; i < out->n_sids && status == PCE_OK; i++) {
		uint32_t number = 0;

		status = decode_number(d, PROFILE_SEGMENT, at[i].node, PROFILE_INDEX, &number);
		at[i].number = number;
	}
	if (status)
		return status;
	status = decode_order(d, at, out->n_sids, "segment");
	if (status)
		return status;
	sids = arena_alloc(d->arena, (out->n_sids + 1) * sizeof *sids);
	behaviors = arena_alloc(d->arena, (out->n_sids + 1) * sizeof *behaviors);
	if (sids == NULL || behaviors == NULL)
		return pce_no_memory(d->err);
	for (size_t i = 0; i < out->n_sids && status == PCE_OK; i++)
		status = read_segment(d, &at[i], sids[i], &behaviors[i]);
	out->sids = (const uint8_t(*)[16])sids;
	out->behaviors = behaviors;
	return status;
}

static int
by_name(const void *a, const void *b)
{
	const struct shared *x = a, *y = b;

	return strcmp(x->name, y->name);
}

/* The list that a reference means: its segments, and its name without what Karst put before it. */
static enum pce_status
follow(struct decoder *d, const char *reference, const char *policy, struct srpolicy_list *out)
{
	const struct shared key = { reference, NULL }, *found;
	uint32_t number;

	out->name = reference;
	if (reference_parse(reference, policy, &number, &out->name) && *out->name == '\0')
		out->name = NULL;
	found = d->n_shared ? bsearch(&key, d->shared, d->n_shared, sizeof key, by_name) : NULL;
	if (found == NULL)
		return decode_odd(d, "segment list", "not there");
	return read_segments(d, found->node, out);
}

static enum pce_status
read_list(struct decoder *d, const struct data_node *node, const char *policy,
	  struct srpolicy_list *out)
{
	const char *reference = NULL;
	enum pce_status status = decode_constants(d, PROFILE_LIST, node);

	out->weight = 1;
	if (status == PCE_OK)
		status = decode_number(d, PROFILE_LIST, node, PROFILE_WEIGHT, &out->weight);
	if (status == PCE_OK)
		status = decode_text(d, PROFILE_LIST, node, PROFILE_LIST_NAME, &out->name);
	if (status == PCE_OK && !d->profile->shared)
		return read_segments(d, node, out);
	if (status == PCE_OK)
		status = decode_text(d, PROFILE_LIST, node, PROFILE_LIST_REFERENCE, &reference);
	return status == PCE_OK && reference ? follow(d, reference, policy, out) : status;
}

static enum pce_status
read_path(struct decoder *d, const struct data_node *node, const char *policy,
	  struct srpolicy_path *out)
{
	struct srpolicy_list *lists;
	struct placed *at;
	enum pce_status status = decode_constants(d, PROFILE_PATH, node);

	if (status == PCE_OK)
		status = decode_number(d, PROFILE_PATH, node, PROFILE_PREFERENCE, &out->preference);
	if (status == PCE_OK)
		status = decode_text(d, PROFILE_PATH, node, PROFILE_PATH_NAME, &out->name);
	if (status == PCE_OK)
		status = decode_entries(d, node, PROFILE_LIST, &at, &out->n_lists);
	if (status == PCE_OK)
		status = decode_list_numbers(d, at, out->n_lists, policy);
	if (status)
		return status;
	lists = arena_alloc(d->arena, (out->n_lists + 1) * sizeof *lists);
	if (lists == NULL)
		return pce_no_memory(d->err);
	for (size_t i = 0; i < out->n_lists && status == PCE_OK; i++)
		status = read_list(d, at[i].node, policy, &lists[i]);
	out->lists = lists;
	return status;
}

/* --- policies --- */

static int
by_preference(const void *a, const void *b)
{
	const struct srpolicy_path *x = a, *y = b;

	return x->preference < y->preference ? 1 : x->preference > y->preference ? -1 : 0;
}

/* Where the model has no leaf for them, names are what Karst would give. */
static enum pce_status
name_usually(struct decoder *d, struct srpolicy_path *paths, size_t n)
{
	bool path_names = decode_has(d, PROFILE_PATH, PROFILE_PATH_NAME);
	bool list_names = decode_has(d, PROFILE_LIST, PROFILE_LIST_NAME) || d->profile->shared;

	for (size_t i = 0; i < n; i++) {
		struct srpolicy_list *lists = (struct srpolicy_list *)(uintptr_t)paths[i].lists;

		if (!path_names)
			paths[i].name = usual_path_name(i);
		for (size_t j = 0; !list_names && j < paths[i].n_lists; j++) {
			char room[32];
			const char *name =
			    usual_list_name(paths[i].name, j, paths[i].n_lists, room);

			lists[j].name = name ? arena_strdup(d->arena, name) : NULL;
			if (name != NULL && lists[j].name == NULL)
				return pce_no_memory(d->err);
		}
	}
	return PCE_OK;
}

static enum pce_status
read_paths(struct decoder *d, const struct data_node *node, struct srpolicy *out)
{
	struct srpolicy_path *paths;
	struct placed *at;
	enum pce_status status = decode_entries(d, node, PROFILE_PATH, &at, &out->n_paths);

	if (status)
		return status;
	paths = arena_alloc(d->arena, (out->n_paths + 1) * sizeof *paths);
	if (paths == NULL)
		return pce_no_memory(d->err);
	for (size_t i = 0; i < out->n_paths && status == PCE_OK; i++)
		status = read_path(d, at[i].node, out->name, &paths[i]);
	if (status == PCE_OK && out->n_paths > 0)
		qsort(paths, out->n_paths, sizeof *paths, by_preference);
	for (size_t i = 1; i < out->n_paths && status == PCE_OK; i++)
		if (paths[i].preference == paths[i - 1].preference)
			status = decode_odd(d, "a candidate-path", "there twice");
	if (status == PCE_OK)
		status = name_usually(d, paths, out->n_paths);
	out->paths = paths;
	return status;
}

static int
by_prefix(const void *a, const void *b)
{
	const struct srpolicy_steering *x = a, *y = b;
	int order = ip_compare(&x->prefix.addr, &y->prefix.addr);

	return order ? order : (int)x->prefix.len - (int)y->prefix.len;
}

static enum pce_status
read_steering(struct decoder *d, const struct data_node *node, struct srpolicy *out)
{
	struct srpolicy_steering *items;
	struct placed *at;
	enum pce_status status = decode_entries(d, node, PROFILE_STEERING, &at, &out->n_steering);

	if (status)
		return status;
	items = arena_alloc(d->arena, (out->n_steering + 1) * sizeof *items);
	if (items == NULL)
		return pce_no_memory(d->err);
	for (size_t i = 0; i < out->n_steering && status == PCE_OK; i++) {
		const struct data_node *prefix =
		    decode_node(d, PROFILE_STEERING, at[i].node, PROFILE_PREFIX, NULL);

		if (prefix == NULL || ip_parse_prefix(prefix->value, &items[i].prefix, NULL))
			return decode_malformed(d, prefix ? prefix : at[i].node, "it is no prefix");
		status = decode_address(d, PROFILE_STEERING, at[i].node, PROFILE_SERVICE_SID,
					&items[i].service_sid);
	}
	if (out->n_steering > 0)
		qsort(items, out->n_steering, sizeof *items, by_prefix);
	for (size_t i = 1; i < out->n_steering && status == PCE_OK; i++)
		if (by_prefix(&items[i - 1], &items[i]) == 0)
			status = decode_odd(d, "a prefix", "there twice");
	out->steering = items;
	return status;
}

static enum pce_status
read_policy(struct decoder *d, const struct data_node *node, struct srpolicy *out)
{
	enum pce_status status;

	d->odd = NULL;
	status = decode_key(d, node, &out->color, &out->endpoint);
	if (status == PCE_OK)
		status = decode_constants(d, PROFILE_POLICY, node);
	if (status == PCE_OK)
		status = decode_text(d, PROFILE_POLICY, node, PROFILE_NAME, &out->name);
	if (status == PCE_OK)
		status =
		    decode_address(d, PROFILE_POLICY, node, PROFILE_BINDING_SID, &out->binding_sid);
	if (status == PCE_OK)
		status = read_paths(d, node, out);
	if (status == PCE_OK)
		status = read_steering(d, node, out);
	out->odd = d->odd;
	return status;
}

static int
policy_order(const void *a, const void *b)
{
	return srpolicy_compare(a, b);
}

static enum pce_status
read_policies(struct decoder *d, const struct data_tree *tree, struct profile_held *out)
{
	struct srpolicy *policies;
	struct placed *at;
	size_t n, kept = 0;
	enum pce_status status = decode_entries(d, &tree->root, PROFILE_POLICY, &at, &n);

	if (status)
		return status;
	policies = arena_alloc(d->arena, (n + 1) * sizeof *policies);
	if (policies == NULL)
		return pce_no_memory(d->err);
	for (size_t i = 0; i < n && status == PCE_OK; i++)
		if (at[i].node->operation && strcmp(at[i].node->operation, "remove") == 0)
			continue; /* an edit that is proved: it is not there afterwards */
		else if (decode_is_here(d, at[i].node))
			status = read_policy(d, at[i].node, &policies[kept++]);
	if (status)
		return status;
	if (kept > 0)
		qsort(policies, kept, sizeof *policies, policy_order);
	for (size_t i = 1; i < kept; i++)
		if (srpolicy_compare(&policies[i - 1], &policies[i]) == 0)
			return pce_fail(d->err, PCE_MALFORMED,
					"the router holds two policies of color %u to one "
					"endpoint",
					policies[i].color);
	out->policies = policies;
	out->n_policies = kept;
	return PCE_OK;
}

static enum pce_status
find_shared(struct decoder *d, const struct data_tree *tree)
{
	struct placed *at;
	enum pce_status status = decode_entries(d, &tree->root, PROFILE_SHARED, &at, &d->n_shared);

	if (status)
		return status;
	d->shared = arena_alloc(d->arena, (d->n_shared + 1) * sizeof *d->shared);
	if (d->shared == NULL)
		return pce_no_memory(d->err);
	for (size_t i = 0; i < d->n_shared && status == PCE_OK; i++) {
		d->shared[i] = (struct shared){ "", at[i].node };
		status = decode_text(d, PROFILE_SHARED, at[i].node, PROFILE_LIST_REFERENCE,
				     &d->shared[i].name);
	}
	if (d->n_shared > 0)
		qsort(d->shared, d->n_shared, sizeof *d->shared, by_name);
	return status;
}

/* --- the whole --- */

enum pce_status
profile_read(const struct profile *profile, const struct profile_scope *scope,
	     const struct data_tree *configuration, const struct data_tree *state,
	     struct arena *arena, struct profile_held *out, struct pce_error *err)
{
	struct decoder d = { .profile = profile, .scope = scope, .arena = arena, .err = err };
	struct profile_held held = { 0 };
	enum pce_status status = find_shared(&d, configuration);

	if (status == PCE_OK)
		status = read_policies(&d, configuration, &held);
	if (status == PCE_OK && state != NULL)
		status = decode_state(&d, state, &held);
	if (status == PCE_OK)
		*out = held;
	return status;
}

static enum pce_status
not_said(const struct profile *profile, const struct srpolicy *want, const struct srpolicy *got,
	 struct pce_error *err)
{
	struct policy_difference *differences;
	struct arena arena = { 0 };
	char endpoint[IP_TEXT];
	size_t n;
	enum pce_status status = policy_differ(want, got, &arena, &differences, &n, err);

	if (status == PCE_OK)
		status =
		    pce_fail(err, PCE_UNSUPPORTED,
			     "profile %s has no place for all of policy %u to %s: its %s, "
			     "%.80s, would become %.80s",
			     profile->table->name, want->color, ip_print(&want->endpoint, endpoint),
			     n ? differences[0].field : "value",
			     n && differences[0].ours ? differences[0].ours : "nothing",
			     n && differences[0].theirs ? differences[0].theirs : "nothing");
	arena_free(&arena);
	return status;
}

enum pce_status
map_prove(const struct profile *profile, const struct profile_scope *scope,
	  const struct deploy_change *changes, size_t n, bool inverse, const struct data_tree *tree,
	  struct pce_error *err)
{
	struct profile_held held = { 0 };
	struct arena arena = { 0 };
	enum pce_status status = profile_read(profile, scope, tree, NULL, &arena, &held, err);

	for (size_t i = 0; i < n && status == PCE_OK; i++) {
		const struct srpolicy *after = profile_wanted(&changes[i], inverse), *got;
		struct srpolicy want;

		if (after == NULL)
			continue;
		want = *after;
		want.odd = NULL; /* it cannot be put back, and is nothing that Karst had */
		got = profile_find(&held, &want);
		if (got == NULL || !srpolicy_equal(&want, got))
			status = not_said(profile, &want, got, err);
	}
	arena_free(&arena);
	return status;
}
