/* Filters: what a router is asked for by NETCONF. */
#include "southbound/profile/map_internal.h"

/* Adds to a filter the lists that a policy refers to. */
static enum pce_status
select_shared(struct encoder *e, const struct spot *at)
{
	struct spot spot = *at;
	struct data_node *node;
	enum pce_status status = PCE_OK;

	for (size_t i = 0; at->policy && i < srpolicy_n_lists(at->policy) && status == PCE_OK;
	     i++) {
		size_t path;

		spot.list = srpolicy_list_at(at->policy, i, &path);
		spot.path = &at->policy->paths[path];
		spot.list_number = (size_t)(spot.list - spot.path->lists);
		status = encode_entry(e, &e->tree->root, PROFILE_SHARED, &spot, false, &node);
	}
	return status;
}

static enum pce_status
select_changes(struct encoder *e, const struct spot *at, const struct deploy_change *changes,
	       size_t n)
{
	enum pce_status status = PCE_OK;
	struct spot spot = *at;
	struct data_node *node;

	for (size_t i = 0; i < n && status == PCE_OK; i++) {
		spot.policy = changes[i].policy;
		status = encode_policy(e, &spot, false, &node);
		if (status == PCE_OK && at->profile->shared && changes[i].action != DEPLOY_REMOVE)
			status = select_shared(e, &spot);
		spot.policy = changes[i].before;
		if (status == PCE_OK && at->profile->shared)
			status = select_shared(e, &spot);
	}
	return status;
}

/* The lists themselves, without keys: all of them. */
static enum pce_status
select_all(struct encoder *e, const struct profile *p)
{
	struct data_node *node;
	enum pce_status status =
	    data_reach(e->tree, &e->tree->root, &p->levels[PROFILE_POLICY].path, &node, e->err);

	if (status == PCE_OK && p->shared)
		status = data_reach(e->tree, &e->tree->root, &p->levels[PROFILE_SHARED].path, &node,
				    e->err);
	return status;
}

static enum pce_status
finish_filter(struct encoder *e, const struct profile *p, enum pce_status status, struct text *out)
{
	if (status == PCE_OK)
		data_print_xml(&e->tree->root, p->table, out);
	text_free(&e->room);
	data_free(e->tree);
	return status == PCE_OK && !text_ok(out) ? pce_no_memory(e->err) : status;
}

enum pce_status
profile_filter(const struct profile *profile, const struct profile_scope *scope,
	       const struct deploy_change *changes, size_t n, struct text *out,
	       struct pce_error *err)
{
	const struct spot spot = { .profile = profile, .scope = scope };
	struct data_tree tree = { 0 };
	struct encoder e = { .tree = &tree, .err = err };

	return finish_filter(&e, profile,
			     n == 0 || profile->named ? select_all(&e, profile)
						      : select_changes(&e, &spot, changes, n),
			     out);
}

/* The level that a level lies in. */
static enum profile_level_kind
above(enum profile_level_kind kind)
{
	return kind == PROFILE_LIST ? PROFILE_PATH : PROFILE_POLICY;
}

static bool
tells_state(const struct profile *p, enum profile_level_kind kind)
{
	const struct map_level *level = &p->levels[kind];

	for (size_t i = 0; i < level->n_leaves; i++)
		if (level->leaves[i].row->state)
			return true;
	return kind == PROFILE_PATH && tells_state(p, PROFILE_LIST);
}

/* What a state is known by: keys, what tells a path and a list from another, and the state. */
static bool
in_state(const struct map_leaf *leaf)
{
	enum profile_value value = leaf->row->value;

	return leaf->key || leaf->row->state || value == PROFILE_HEADEND ||
	       value == PROFILE_COLOR || value == PROFILE_ENDPOINT || value == PROFILE_PREFERENCE ||
	       value == PROFILE_LIST_ID || value == PROFILE_LIST_REFERENCE;
}

enum pce_status
profile_filter_state(const struct profile *profile, struct text *out, struct pce_error *err)
{
	static const enum profile_level_kind kinds[] = { PROFILE_POLICY, PROFILE_PATH,
							 PROFILE_LIST };
	struct data_node *nodes[PROFILE_LEVELS] = { 0 };
	struct data_tree tree = { 0 };
	struct encoder e = { .tree = &tree, .err = err };
	enum pce_status status = PCE_OK;

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds && status == PCE_OK; i++) {
		enum profile_level_kind kind = kinds[i];
		const struct map_level *level = &profile->levels[kind];
		struct data_node *parent = i == 0 ? &tree.root : nodes[above(kind)];

		if (!level->there || (i > 0 && !tells_state(profile, kind)))
			continue;
		status = data_reach(&tree, parent, &level->path, &nodes[kind], err);
		for (size_t k = 0; k < level->n_leaves && status == PCE_OK; k++)
			if (in_state(&level->leaves[k]) && level->leaves[k].path.n > 0)
				status = encode_leaf(&e, nodes[kind], &level->leaves[k], NULL);
	}
	return finish_filter(&e, profile, status, out);
}
