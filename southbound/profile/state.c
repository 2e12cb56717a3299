/* What a router tells of its policies: whether they carry traffic, and which path is active. */
#include <stdlib.h>
#include <string.h>

#include "southbound/profile/map_internal.h"

struct states {
	struct srpolicy_oper_list *items;
	size_t n;
};

/* The lists of one candidate path of which the router tells something. */
static enum pce_status
read_list_states(struct decoder *d, struct placed *at, size_t n, uint32_t preference,
		 struct states *out)
{
	enum pce_status status = PCE_OK;

	for (size_t i = 0; i < n && status == PCE_OK; i++) {
		struct srpolicy_oper_list *list = &out->items[out->n];
		bool there;

		*list = (struct srpolicy_oper_list){
			.preference = preference,
			.id = at[i].number > 0 ? (uint32_t)at[i].number : (uint32_t)i + 1,
		};
		status = decode_bool(d, PROFILE_LIST, at[i].node, PROFILE_LIST_VALID, &there,
				     &list->valid);
		if (status == PCE_OK)
			status = decode_text(d, PROFILE_LIST, at[i].node, PROFILE_LIST_REASON,
					     &list->reason);
		out->n += there;
	}
	return status;
}

/* A path that is not valid has no valid list; a valid one has at least one, so which one is known
 * if it has no other. */
static void
spread_valid(const struct srpolicy *held, uint32_t preference, bool valid, struct states *out)
{
	size_t n = 0;

	for (size_t i = 0; held && i < held->n_paths; i++)
		if (held->paths[i].preference == preference)
			n = held->paths[i].n_lists;
	for (size_t i = 0; i < n && (!valid || n == 1); i++)
		out->items[out->n++] = (struct srpolicy_oper_list){ .preference = preference,
								    .id = (uint32_t)i + 1,
								    .valid = valid };
}

static enum pce_status
read_path_state(struct decoder *d, const struct data_node *node, const struct srpolicy *held,
		struct srpolicy_oper *oper, struct states *out)
{
	bool there, active = false, valid = false;
	uint32_t preference = 0;
	struct placed *at;
	size_t n, told = out->n;
	enum pce_status status =
	    decode_number(d, PROFILE_PATH, node, PROFILE_PREFERENCE, &preference);

	if (status == PCE_OK)
		status = decode_bool(d, PROFILE_PATH, node, PROFILE_ACTIVE, &there, &active);
	if (status == PCE_OK)
		status = decode_entries(d, node, PROFILE_LIST, &at, &n);
	if (status == PCE_OK)
		status = decode_list_numbers(d, at, n, held ? held->name : NULL);
	if (status == PCE_OK)
		status = read_list_states(d, at, n, preference, out);
	if (status == PCE_OK)
		status = decode_bool(d, PROFILE_PATH, node, PROFILE_PATH_VALID, &there, &valid);
	if (status)
		return status;
	if (active && oper->active_preference == 0)
		oper->active_preference = preference;
	if (there && out->n == told)
		spread_valid(held, preference, valid, out);
	return PCE_OK;
}

/* Room for what the paths of an entry may tell. */
static size_t
states_most(const struct decoder *d, const struct data_node *node, const struct srpolicy *held)
{
	const struct data_path *path = &d->profile->levels[PROFILE_PATH].path;
	const struct data_node *at = NULL;
	size_t n = held ? srpolicy_n_lists(held) : 0, most = 0;

	while ((at = data_next(node, path, at)) != NULL)
		most += decode_count(at, &d->profile->levels[PROFILE_LIST]) + n;
	return most;
}

/* The policy that an entry is about. Where the router keeps configuration out of its state, the
 * entry has only the keys of its list, and a name may be all there is. */
static enum pce_status
read_about(struct decoder *d, const struct data_node *node, const struct profile_held *policies,
	   struct srpolicy *key, bool *known)
{
	enum pce_status status = PCE_OK;
	const char *name = NULL;

	*known = decode_node(d, PROFILE_POLICY, node, PROFILE_COLOR, NULL) != NULL &&
		 decode_node(d, PROFILE_POLICY, node, PROFILE_ENDPOINT, NULL) != NULL;
	if (*known)
		return decode_key(d, node, &key->color, &key->endpoint);
	status = decode_text(d, PROFILE_POLICY, node, PROFILE_NAME, &name);
	for (size_t i = 0; status == PCE_OK && name && i < policies->n_policies && !*known; i++) {
		const struct srpolicy *p = &policies->policies[i];

		*known = p->name && strcmp(p->name, name) == 0;
		if (*known)
			*key = (struct srpolicy){ .color = p->color, .endpoint = p->endpoint };
	}
	return status;
}

static enum pce_status
read_oper(struct decoder *d, const struct data_node *node, const struct profile_held *policies,
	  struct srpolicy_oper *out, bool *told)
{
	const struct data_path *path = &d->profile->levels[PROFILE_PATH].path;
	const struct data_node *at = NULL;
	const struct srpolicy *held;
	struct srpolicy key = { 0 };
	struct states states = { 0 };
	const char *oper = NULL;
	enum pce_status status = read_about(d, node, policies, &key, told);

	*out = (struct srpolicy_oper){ .color = key.color, .endpoint = key.endpoint };
	held = profile_find(policies, &key);
	if (status == PCE_OK)
		status = decode_text(d, PROFILE_POLICY, node, PROFILE_OPER_STATE, &oper);
	*told = *told && oper != NULL;
	if (status || !*told)
		return status;
	out->up = strcmp(oper, "up") == 0;
	states.items =
	    arena_alloc(d->arena, (states_most(d, node, held) + 1) * sizeof *states.items);
	if (states.items == NULL)
		return pce_no_memory(d->err);
	status = decode_number(d, PROFILE_POLICY, node, PROFILE_ACTIVE_PREFERENCE,
			       &out->active_preference);
	if (status == PCE_OK)
		status = decode_text(d, PROFILE_POLICY, node, PROFILE_REASON, &out->reason);
	while (status == PCE_OK && (at = data_next(node, path, at)) != NULL)
		status = read_path_state(d, at, held, out, &states);
	out->lists = states.items;
	out->n_lists = states.n;
	return status;
}

static int
oper_order(const void *a, const void *b)
{
	const struct srpolicy_oper *x = a, *y = b;

	if (x->color != y->color)
		return x->color < y->color ? -1 : 1;
	return ip_compare(&x->endpoint, &y->endpoint);
}

enum pce_status
decode_state(struct decoder *d, const struct data_tree *tree, struct profile_held *out)
{
	struct srpolicy_oper *oper;
	struct placed *at;
	size_t n, told = 0;
	enum pce_status status = decode_entries(d, &tree->root, PROFILE_POLICY, &at, &n);

	if (status)
		return status;
	oper = arena_alloc(d->arena, (n + 1) * sizeof *oper);
	if (oper == NULL)
		return pce_no_memory(d->err);
	for (size_t i = 0; i < n && status == PCE_OK; i++) {
		bool tells = false;

		if (decode_is_here(d, at[i].node))
			status = read_oper(d, at[i].node, out, &oper[told], &tells);
		told += tells;
	}
	if (told > 0)
		qsort(oper, told, sizeof *oper, oper_order);
	out->oper = oper;
	out->n_oper = told;
	return status;
}
