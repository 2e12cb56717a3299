/*
 * Policies into trees, and the edits of NETCONF. An entry's keys come first, as XML wants them (RFC
 * 7950, section 7.8.5).
 */
#include <inttypes.h>
#include <string.h>

#include "southbound/profile/map_internal.h"

/* --- the text of a value --- */

static void
address_text(const struct spot *spot, const struct ip_addr *addr, struct text *room)
{
	char text[IP_TEXT];

	if (addr->family != IP_V6 || !spot->profile->table->expanded_addresses) {
		text_add(room, ip_print(addr, text));
		return;
	}
	for (size_t i = 0; i < 16; i += 2)
		text_printf(room, "%s%02x%02x", i ? ":" : "", addr->octets[i], addr->octets[i + 1]);
}

static bool
address_value(const struct spot *spot, const struct ip_addr *addr, struct text *room)
{
	if (addr->family != IP_NONE)
		address_text(spot, addr, room);
	return addr->family != IP_NONE;
}

static bool
string_value(const char *value, struct text *room)
{
	text_add(room, value ? value : "");
	return value != NULL;
}

static bool
prefix_value(const struct spot *spot, struct text *room)
{
	const struct ip_prefix *prefix = &spot->steering->prefix;

	address_text(spot, &prefix->addr, room);
	text_printf(room, "/%u", prefix->len);
	return true;
}

static bool
sid_value(const struct spot *spot, struct text *room)
{
	struct ip_addr sid = ip_v6(spot->list->sids[spot->segment_number]);

	return address_value(spot, &sid, room);
}

static bool
words_value(const struct spot *spot, enum profile_value value, struct text *room)
{
	switch (value) {
	case PROFILE_HEADEND:
		return string_value(spot->scope->headend, room);
	case PROFILE_ENDPOINT:
		return address_value(spot, &spot->policy->endpoint, room);
	case PROFILE_NAME:
		return string_value(spot->policy->name, room);
	case PROFILE_BINDING_SID:
		return address_value(spot, &spot->policy->binding_sid, room);
	case PROFILE_PATH_NAME:
		return string_value(spot->path->name, room);
	case PROFILE_LIST_NAME:
		return string_value(spot->list->name, room);
	case PROFILE_LIST_REFERENCE:
		reference_print(spot, room);
		return true;
	case PROFILE_SID:
		return sid_value(spot, room);
	case PROFILE_PREFIX:
		return prefix_value(spot, room);
	case PROFILE_SERVICE_SID:
		return address_value(spot, &spot->steering->service_sid, room);
	default:
		return false; /* the router's to tell */
	}
}

/* True if the value is a number. */
static bool
number_value(const struct spot *spot, enum profile_value value, int64_t *out)
{
	const uint16_t *behaviors = spot->list ? spot->list->behaviors : NULL;

	switch (value) {
	case PROFILE_COLOR:
		*out = spot->policy->color;
		return true;
	case PROFILE_PREFERENCE:
		*out = spot->path->preference;
		return true;
	case PROFILE_LIST_ID:
		*out = (int64_t)spot->list_number + 1;
		return true;
	case PROFILE_WEIGHT:
		*out = spot->list->weight;
		return true;
	case PROFILE_INDEX:
		*out = (int64_t)spot->segment_number + 1;
		return true;
	case PROFILE_BEHAVIOR:
		*out = behaviors ? behaviors[spot->segment_number] : 0;
		return *out != 0;
	default:
		return false;
	}
}

bool
spot_text(const struct spot *spot, const struct profile_leaf *leaf, struct text *room)
{
	int64_t number;
	bool there = true;

	text_clear(room);
	if (leaf->value == PROFILE_CONSTANT) {
		if (leaf->with != PROFILE_CONSTANT && !number_value(spot, leaf->with, &number))
			there = words_value(spot, leaf->with, room);
		text_clear(room);
		text_add(room, leaf->constant);
		return there;
	}
	if (number_value(spot, leaf->value, &number))
		text_printf(room, "%" PRId64,
			    number * (leaf->multiply ? (int64_t)leaf->multiply : 1) + leaf->offset);
	else
		there = words_value(spot, leaf->value, room);
	for (size_t i = 0; there && i < leaf->n_words; i++)
		if (strcmp(text_get(room), leaf->words[i].ours) == 0) {
			text_clear(room);
			text_add(room, leaf->words[i].theirs);
			break;
		}
	return there;
}

/* --- entries --- */

enum pce_status
encode_leaf(struct encoder *e, struct data_node *entry, const struct map_leaf *leaf,
	    const char *value)
{
	struct data_path above = { leaf->path.steps, leaf->path.n ? leaf->path.n - 1 : 0 };
	struct data_node *node = entry;
	enum pce_status status;

	if (leaf->path.n == 0) {
		entry->value = arena_strdup(&e->tree->arena, value ? value : "");
		entry->type = leaf->row->type;
		return entry->value ? PCE_OK : pce_no_memory(e->err);
	}
	status = data_reach(e->tree, entry, &above, &node, e->err);
	if (status == PCE_OK)
		status = data_add(e->tree, node, &leaf->path.steps[above.n], value, &node, e->err);
	if (status == PCE_OK)
		node->type = leaf->row->type;
	return status;
}

/* A leaf that has a value; a key must have one. */
static enum pce_status
put_value(struct encoder *e, struct data_node *entry, const struct map_leaf *leaf,
	  const struct spot *spot)
{
	if (leaf->row->state)
		return PCE_OK;
	if (spot_text(spot, leaf->row, &e->room))
		return encode_leaf(e, entry, leaf, text_get(&e->room));
	if (leaf->key)
		return pce_fail(e->err, PCE_UNSUPPORTED,
				"profile %s: policy %u has no %s, which is the key %s",
				spot->profile->table->name, spot->policy->color,
				profile_value_name(leaf->row->value), leaf->row->path);
	return PCE_OK;
}

enum pce_status
encode_entry(struct encoder *e, struct data_node *parent, enum profile_level_kind kind,
	     const struct spot *spot, bool all, struct data_node **out)
{
	const struct map_level *level = &spot->profile->levels[kind];
	struct data_path above = { level->path.steps, level->path.n - 1 };
	struct data_node *entry = parent;
	enum pce_status status = data_reach(e->tree, parent, &above, &entry, e->err);

	if (status == PCE_OK)
		status =
		    data_add(e->tree, entry, &level->path.steps[above.n], NULL, &entry, e->err);
	if (status == PCE_OK)
		entry->entry = true;
	for (size_t i = 0; status == PCE_OK && i < (all ? level->n_leaves : level->n_keys); i++)
		status = put_value(e, entry, &level->leaves[i], spot);
	if (status == PCE_OK && !text_ok(&e->room))
		status = pce_no_memory(e->err);
	if (status == PCE_OK)
		*out = entry;
	return status;
}

static enum pce_status
put_segments(struct encoder *e, struct data_node *entry, const struct spot *list)
{
	enum pce_status status = PCE_OK;
	struct spot spot = *list;
	struct data_node *node;

	for (size_t i = 0; i < list->list->n_sids && status == PCE_OK; i++) {
		spot.segment_number = i;
		status = encode_entry(e, entry, PROFILE_SEGMENT, &spot, true, &node);
	}
	return status;
}

static enum pce_status
put_path(struct encoder *e, struct data_node *policy, const struct spot *at)
{
	const struct profile *p = at->profile;
	struct data_node *path, *node;
	struct spot spot = *at;
	enum pce_status status = encode_entry(e, policy, PROFILE_PATH, at, true, &path);

	for (size_t i = 0; i < at->path->n_lists && status == PCE_OK; i++) {
		spot.list = &at->path->lists[i];
		spot.list_number = i;
		status = encode_entry(e, path, PROFILE_LIST, &spot, true, &node);
		if (status == PCE_OK && !p->shared)
			status = put_segments(e, node, &spot);
	}
	return status;
}

static enum pce_status
put_steering(struct encoder *e, struct data_node *policy, const struct spot *at)
{
	const struct map_level *level = &at->profile->levels[PROFILE_STEERING];
	enum pce_status status = PCE_OK;
	struct spot spot = *at;
	struct data_node *node;

	for (size_t i = 0; level->there && i < at->policy->n_steering && status == PCE_OK; i++) {
		spot.steering = &at->policy->steering[i];
		status = encode_entry(e, policy, PROFILE_STEERING, &spot, true, &node);
	}
	return status;
}

/* A whole policy into the entry that has its leaves. */
static enum pce_status
fill_policy(struct encoder *e, struct data_node *entry, const struct spot *at)
{
	struct spot spot = *at;
	enum pce_status status = put_steering(e, entry, at);

	for (size_t i = 0; i < at->policy->n_paths && status == PCE_OK; i++) {
		spot.path = &at->policy->paths[i];
		status = put_path(e, entry, &spot);
	}
	return status;
}

static enum pce_status
check_headend(const struct spot *spot, struct pce_error *err)
{
	const struct map_level *level = &spot->profile->levels[PROFILE_POLICY];

	for (size_t i = 0; i < level->n_leaves; i++)
		if (level->leaves[i].row->value == PROFILE_HEADEND && spot->scope->headend == NULL)
			return pce_fail(err, PCE_INVALID,
					"profile %s wants the headend's address, which is not "
					"known",
					spot->profile->table->name);
	return PCE_OK;
}

enum pce_status
encode_policy(struct encoder *e, const struct spot *spot, bool all, struct data_node **out)
{
	enum pce_status status = check_headend(spot, e->err);

	if (status == PCE_OK)
		status = encode_entry(e, &e->tree->root, PROFILE_POLICY, spot, all, out);
	return status == PCE_OK && all ? fill_policy(e, *out, spot) : status;
}

/* --- shared lists --- */

/* Calls fn for each list of a policy that lies beside it and is Karst's. */
static enum pce_status
each_shared(struct encoder *e, const struct spot *at,
	    enum pce_status (*fn)(struct encoder *e, const struct spot *spot, void *ctx), void *ctx)
{
	struct spot spot = *at;
	enum pce_status status = PCE_OK;

	if (!at->profile->shared || !scope_owns(at->scope, at->policy))
		return PCE_OK;
	for (size_t i = 0; i < at->policy->n_paths; i++) {
		spot.path = &at->policy->paths[i];
		for (size_t j = 0; j < spot.path->n_lists && status == PCE_OK; j++) {
			spot.list = &spot.path->lists[j];
			spot.list_number = j;
			status = fn(e, &spot, ctx);
		}
	}
	return status;
}

static enum pce_status
put_shared(struct encoder *e, const struct spot *spot, void *ctx)
{
	const char *operation = ctx;
	struct data_node *node;
	enum pce_status status = encode_entry(e, &e->tree->root, PROFILE_SHARED, spot, true, &node);

	if (status)
		return status;
	node->operation = operation;
	return put_segments(e, node, spot);
}

/* Whether a policy refers to a shared list of the name that a spot has. */
static enum pce_status
refers(const struct spot *spot, const struct srpolicy *policy, bool *out, struct pce_error *err)
{
	struct text wanted = { 0 }, name = { 0 };
	struct spot at = *spot;
	bool bad;

	*out = false;
	at.policy = policy;
	reference_print(spot, &wanted);
	for (size_t i = 0; policy && i < policy->n_paths; i++)
		for (size_t j = 0; j < policy->paths[i].n_lists && !*out; j++) {
			at.path = &policy->paths[i];
			at.list = &at.path->lists[j];
			at.list_number = j;
			text_clear(&name);
			reference_print(&at, &name);
			*out = strcmp(text_get(&name), text_get(&wanted)) == 0;
		}
	bad = !text_ok(&wanted) || !text_ok(&name);
	text_free(&wanted);
	text_free(&name);
	return bad ? pce_no_memory(err) : PCE_OK;
}

/* Removes a list that the policy after the change does not refer to. */
static enum pce_status
drop_shared(struct encoder *e, const struct spot *spot, void *ctx)
{
	const struct srpolicy *after = ctx;
	struct data_node *node;
	bool kept;
	enum pce_status status = refers(spot, after, &kept, e->err);

	if (status || kept)
		return status;
	status = encode_entry(e, &e->tree->root, PROFILE_SHARED, spot, false, &node);
	if (status == PCE_OK)
		node->operation = "remove";
	return status;
}

/* --- edits --- */

const struct srpolicy *
profile_wanted(const struct deploy_change *change, bool inverse)
{
	if (inverse)
		return change->before;
	return change->action != DEPLOY_REMOVE ? change->policy : NULL;
}

/* What is there before a change is made; NULL: nothing, or not known. */
static const struct srpolicy *
found(const struct deploy_change *change, bool inverse)
{
	if (!inverse)
		return change->before;
	return change->action != DEPLOY_REMOVE ? change->policy : NULL;
}

/* True if two policies have the same keys on the router. */
static bool
same_key(struct encoder *e, const struct spot *at, const struct srpolicy *a,
	 const struct srpolicy *b)
{
	const struct map_level *level = &at->profile->levels[PROFILE_POLICY];
	struct spot x = *at, y = *at;
	struct text other = { 0 };
	bool same = true;

	x.policy = a;
	y.policy = b;
	for (size_t i = 0; same && i < level->n_keys; i++) {
		const struct profile_leaf *row = level->leaves[i].row;

		same = spot_text(&x, row, &e->room) == spot_text(&y, row, &other) &&
		       strcmp(text_get(&e->room), text_get(&other)) == 0;
	}
	text_free(&other);
	return same;
}

/* What is there under another key, or shall not be there, is removed. */
static enum pce_status
put_removal(struct encoder *e, const struct spot *at, const struct srpolicy *gone,
	    const struct srpolicy *after)
{
	struct spot spot = *at;
	struct data_node *node;
	enum pce_status status;

	if (gone == NULL || (after != NULL && same_key(e, at, gone, after)))
		return PCE_OK;
	spot.policy = gone;
	status = encode_policy(e, &spot, false, &node);
	if (status == PCE_OK)
		node->operation = "remove";
	return status;
}

static enum pce_status
put_change(struct encoder *e, const struct profile *p, const struct profile_scope *scope,
	   const struct deploy_change *change, bool inverse)
{
	const struct srpolicy *after = profile_wanted(change, inverse);
	const struct srpolicy *before = found(change, inverse);
	struct spot spot = { .profile = p, .scope = scope, .policy = after };
	enum pce_status status = PCE_OK;
	struct data_node *node;

	if (after != NULL) {
		status = each_shared(e, &spot, put_shared, (void *)(uintptr_t) "replace");
		if (status == PCE_OK)
			status = encode_policy(e, &spot, true, &node);
		if (status == PCE_OK)
			node->operation = "replace";
	}
	if (status == PCE_OK)
		status = put_removal(e, &spot, before || after ? before : change->policy, after);
	spot.policy = before;
	if (status || before == NULL)
		return status;
	return each_shared(e, &spot, drop_shared, (void *)(uintptr_t)after);
}

enum pce_status
encode_changes(struct data_tree *tree, const struct profile *p, const struct profile_scope *scope,
	       const struct deploy_change *changes, size_t n, bool inverse, struct pce_error *err)
{
	struct encoder e = { .tree = tree, .err = err };
	enum pce_status status = PCE_OK;

	for (size_t i = 0; i < n && status == PCE_OK; i++)
		status = put_change(&e, p, scope, &changes[i], inverse);
	text_free(&e.room);
	return status == PCE_OK ? map_prove(p, scope, changes, n, inverse, tree, err) : status;
}

enum pce_status
profile_edit(const struct profile *profile, const struct profile_scope *scope,
	     const struct deploy_change *changes, size_t n, bool inverse, struct text *out,
	     struct pce_error *err)
{
	struct data_tree tree = { 0 };
	struct text xml = { 0 };
	enum pce_status status = encode_changes(&tree, profile, scope, changes, n, inverse, err);

	if (status == PCE_OK)
		data_print_xml(&tree.root, profile->table, &xml);
	data_free(&tree);
	if (status == PCE_OK && !text_ok(&xml))
		status = pce_no_memory(err);
	if (status == PCE_OK)
		text_bytes(out, text_get(&xml), xml.len);
	text_free(&xml);
	return status == PCE_OK && !text_ok(out) ? pce_no_memory(err) : status;
}
