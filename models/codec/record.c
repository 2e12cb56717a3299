/* Records of the store. An intent's record is what the API shows of it, with its revision. */
#include "models/codec/record.h"

#include <stdlib.h>
#include <string.h>

#include "models/codec/change.h"
#include "models/codec/demand.h"
#include "models/codec/intent.h"
#include "models/codec/move.h"
#include "models/codec/srpolicy.h"

static void
emit_version(struct emit *e, const char *container)
{
	emit_open(e, NULL, '{');
	emit_open(e, container, '{');
	emit_u32(e, "version", CODEC_RECORD_VERSION);
}

static enum pce_status
finish(const struct codec *codec, struct emit *e, struct text *out, struct pce_error *err)
{
	emit_close(e, '}');
	emit_close(e, '}');
	return emit_finish(codec, e, EMIT_DATA, NULL, out, err);
}

static void
emit_bound(struct emit *e, size_t i, size_t n, const void *ctx)
{
	const struct policy_record *record = ctx;
	const struct policy_bound *bound = record->bound ? &record->bound[i] : NULL;

	(void)n;
	if (!bound)
		return;
	emit_strings(e, "link-key", bound->link_keys, bound->n_links);
	emit_strings(e, "branch-key", bound->branch_keys, bound->n_branches);
	if (bound->bps != record->booked_bps)
		emit_u64(e, "list-bps", bound->bps);
}

static void
emit_held(struct emit *e, const struct policy_record *record)
{
	if (record->n_held == 0)
		return;
	emit_open(e, "held", '[');
	for (size_t i = 0; i < record->n_held; i++) {
		emit_open(e, NULL, '{');
		emit_string(e, "link-key", record->held[i].link_key);
		emit_u64(e, "bps", record->held[i].bps);
		emit_close(e, '}');
	}
	emit_close(e, ']');
}

static enum pce_status
print_policy(const struct codec *codec, const struct policy_record *record, struct text *out,
	     struct pce_error *err)
{
	struct emit e = { 0 };

	emit_version(&e, "karst-record:policy");
	emit_string(&e, "id", record->id);
	emit_string(&e, "intent", record->intent_id);
	emit_string(&e, "headend-key", record->headend);
	emit_string(&e, "tailend-key", record->tailend);
	emit_bool(&e, "backward", record->backward);
	emit_bool(&e, "removing", record->removing);
	if (record->group)
		emit_u64(&e, "group", record->group);
	if (record->unapproved)
		emit_bool(&e, "unapproved", true);
	if (record->tampered)
		emit_bool(&e, "tampered", true);
	emit_string(&e, "adopts", record->adopts);
	emit_u64(&e, "booked-bps", record->booked_bps);
	emit_u64(&e, "generation", record->generation);
	emit_held(&e, record);
	srpolicy_emit(&e, &record->srpolicy, false, emit_bound, record);
	return finish(codec, &e, out, err);
}

static void
emit_part(struct emit *e, const char *name, const struct srpolicy *policy)
{
	if (!policy)
		return;
	emit_open(e, name, '{');
	srpolicy_emit(e, policy, false, NULL, NULL);
	emit_close(e, '}');
}

static void
emit_change(struct emit *e, const struct deploy_change *change)
{
	emit_open(e, NULL, '{');
	emit_u32(e, "color", change->policy->color);
	emit_addr(e, "endpoint", &change->policy->endpoint);
	if (change->action == DEPLOY_ADOPT)
		emit_bool(e, "adopts", true);
	emit_part(e, "after", change->action == DEPLOY_REMOVE ? NULL : change->policy);
	emit_part(e, "before", change->before);
	emit_close(e, '}');
}

static enum pce_status
print_transaction(const struct codec *codec, const struct transaction_record *record,
		  struct text *out, struct pce_error *err)
{
	struct emit e = { 0 };

	emit_version(&e, "karst-record:transaction");
	emit_u64(&e, "id", record->id);
	emit_string(&e, "device", record->device);
	emit_string(&e, "persist-id", record->persist_id);
	emit_bool(&e, "decided", record->decided);
	if (record->group)
		emit_u64(&e, "group", record->group);
	emit_strings(&e, "policy-id", record->policy_ids, record->n_policy_ids);
	emit_open(&e, "change", '[');
	for (size_t i = 0; i < record->n_changes; i++)
		emit_change(&e, &record->changes[i]);
	emit_close(&e, ']');
	return finish(codec, &e, out, err);
}

static enum pce_status
print_meta(const struct codec *codec, uint64_t next_id, struct text *out, struct pce_error *err)
{
	struct emit e = { 0 };

	emit_version(&e, "karst-record:meta");
	emit_u64(&e, "next-id", next_id);
	return finish(codec, &e, out, err);
}

static enum pce_status
print_operate(const struct codec *codec, const struct operate_record *record, struct text *out,
	      struct pce_error *err)
{
	struct emit e = { 0 };

	emit_version(&e, "karst-record:operate");
	emit_string(&e, "mode", operate_mode_name(record->mode));
	emit_open(&e, "scoped-mode", '[');
	for (size_t i = 0; i < record->n_modes; i++) {
		emit_open(&e, NULL, '{');
		emit_string(&e, "scope", mode_scope_name(record->modes[i].scope));
		emit_string(&e, "name", record->modes[i].name);
		emit_string(&e, "mode", operate_mode_name(record->modes[i].mode));
		emit_u64(&e, "since-us", (uint64_t)record->modes[i].since_us);
		emit_close(&e, '}');
	}
	emit_close(&e, ']');
	emit_string(&e, "frozen", record->frozen);
	if (record->frozen)
		emit_u64(&e, "frozen-since-us", (uint64_t)record->frozen_since_us);
	emit_open(&e, "drain", '[');
	for (size_t i = 0; i < record->n_drains; i++) {
		emit_open(&e, NULL, '{');
		emit_string(&e, "object", drain_kind_name(record->drains[i].kind));
		emit_string(&e, "name", record->drains[i].name);
		emit_u64(&e, "since-us", (uint64_t)record->drains[i].since_us);
		emit_u32(&e, "affected", record->drains[i].affected);
		emit_close(&e, '}');
	}
	emit_close(&e, ']');
	emit_open(&e, "maintenance", '[');
	for (size_t i = 0; i < record->n_windows; i++) {
		const struct drain_window *w = &record->windows[i];

		emit_open(&e, NULL, '{');
		emit_string(&e, "object", drain_kind_name(w->drain.kind));
		emit_string(&e, "name", w->drain.name);
		emit_u64(&e, "from-us", (uint64_t)w->from_us);
		emit_u64(&e, "until-us", (uint64_t)w->until_us);
		emit_bool(&e, "running", w->running);
		emit_bool(&e, "owns", w->owns);
		emit_close(&e, '}');
	}
	emit_close(&e, ']');
	emit_open(&e, "acknowledged", '[');
	for (size_t i = 0; i < record->n_acknowledged; i++) {
		emit_open(&e, NULL, '{');
		emit_string(&e, "object", record->acknowledged[i].object);
		emit_string(&e, "cause", record->acknowledged[i].cause);
		emit_u64(&e, "since-us", (uint64_t)record->acknowledged[i].since_us);
		emit_close(&e, '}');
	}
	emit_close(&e, ']');
	return finish(codec, &e, out, err);
}

static enum pce_status
print_damping(const struct codec *codec, const struct damping_record *record, struct text *out,
	      struct pce_error *err)
{
	struct emit e = { 0 };

	emit_version(&e, "karst-record:damping");
	emit_string(&e, "link-key", record->link_key);
	emit_u64(&e, "penalty-milli", record->penalty_milli);
	emit_u32(&e, "losses", record->losses);
	emit_u64(&e, "since-us", (uint64_t)record->since_us);
	return finish(codec, &e, out, err);
}

static enum pce_status
print_move(const struct codec *codec, const struct move_record *record, struct text *out,
	   struct pce_error *err)
{
	struct emit e = { 0 };

	emit_version(&e, "karst-record:move");
	emit_string(&e, "policy", record->policy_id);
	emit_u64(&e, "wall-us", (uint64_t)record->move.wall_us);
	move_emit(&e, &record->move);
	return finish(codec, &e, out, err);
}

static enum pce_status
print_change(const struct codec *codec, const struct change *change, struct text *out,
	     struct pce_error *err)
{
	struct emit e = { 0 };

	emit_version(&e, "karst-record:change");
	change_emit(&e, change);
	emit_u64(&e, "created-us", (uint64_t)change->created_us);
	emit_u64(&e, "expires-us", (uint64_t)change->expires_us);
	return finish(codec, &e, out, err);
}

enum pce_status
codec_record_print(const struct codec *codec, const struct service_record *record, struct text *out,
		   struct pce_error *err)
{
	struct codec_intent_state state = { .revision = record->revision };

	if (record->kind == RECORD_INTENT && record->intent)
		return codec_intents_print(codec, &record->intent, &state, 1, out, err);
	if (record->kind == RECORD_POLICY && record->policy)
		return print_policy(codec, record->policy, out, err);
	if (record->kind == RECORD_TRANSACTION && record->transaction)
		return print_transaction(codec, record->transaction, out, err);
	if (record->kind == RECORD_META && record->next_id)
		return print_meta(codec, record->next_id, out, err);
	if (record->kind == RECORD_OPERATE && record->operate)
		return print_operate(codec, record->operate, out, err);
	if (record->kind == RECORD_MOVE && record->move)
		return print_move(codec, record->move, out, err);
	if (record->kind == RECORD_DAMPING && record->damping)
		return print_damping(codec, record->damping, out, err);
	if (record->kind == RECORD_CHANGE && record->change)
		return print_change(codec, record->change, out, err);
	return pce_fail(err, PCE_INVALID, "record %s is a deletion: it has no value", record->key);
}

static enum pce_status
parse_intent(const struct codec *codec, const char *text, size_t len, struct arena *arena,
	     struct service_record *out, struct pce_error *err)
{
	const struct intent *const *intents;
	uint64_t *revisions;
	size_t n;
	enum pce_status status =
	    intent_parse_stored(codec, text, len, arena, &intents, &n, &revisions, err);

	if (status == PCE_OK && n != 1)
		return pce_fail(err, PCE_MALFORMED, "there are %zu intents in it", n);
	if (status != PCE_OK)
		return status;
	out->intent = intents[0];
	out->revision = revisions[0];
	return PCE_OK;
}

static void
read_bound(const struct lyd_node *node, struct arena *arena, uint64_t booked_bps,
	   struct policy_bound *out, bool *bad)
{
	out->link_keys = read_strings(node, "link-key", arena, &out->n_links, bad);
	out->branch_keys = read_strings(node, "branch-key", arena, &out->n_branches, bad);
	out->bps = read_u64(node, "list-bps", booked_bps);
}

/* What each list is bound to, in the order of read lists: where srpolicy_emit had it told. */
static void
read_all_bound(const struct lyd_node *node, struct arena *arena, struct policy_record *out,
	       bool *bad)
{
	size_t n_paths = 0, at = 0, n = srpolicy_n_lists(&out->srpolicy);
	const struct lyd_node **paths =
	    entries_by_number(node, "candidate-path", "preference", true, &n_paths, bad);
	struct policy_bound *bound = arena_alloc(arena, (n + 1) * sizeof(*bound));

	if (!bound)
		*bad = true;
	for (size_t i = 0; !*bad && i < n_paths; i++) {
		size_t n_lists = 0;
		const struct lyd_node **lists =
		    entries_by_number(paths[i], "segment-list", "id", false, &n_lists, bad);

		for (size_t j = 0; !*bad && j < n_lists; j++)
			read_bound(n_lists > 1 ? lists[j] : paths[i], arena, out->booked_bps,
				   &bound[at++], bad);
		free(lists);
	}
	out->bound = bound;
	free(paths);
}

static void
read_held(const struct lyd_node *node, struct arena *arena, struct policy_record *out, bool *bad)
{
	size_t count = read_count(node, "held");
	struct policy_held *held = count ? arena_alloc(arena, count * sizeof(*held)) : NULL;
	const struct lyd_node *child;

	*bad = *bad || (count > 0 && !held);
	if (!held)
		return;
	LY_LIST_FOR(lyd_child(node), child)
	{
		if (strcmp(read_name(child), "held") != 0)
			continue;
		held[out->n_held].link_key = read_copy(arena, read_text(child, "link-key"), bad);
		held[out->n_held++].bps = read_u64(child, "bps", 0);
	}
	out->held = held;
}

static enum pce_status
read_policy(const struct lyd_node *node, struct arena *arena, struct service_record *out,
	    struct pce_error *err)
{
	struct policy_record *record = arena_alloc(arena, sizeof(*record));
	bool bad = false;

	if (!record)
		return pce_no_memory(err);
	record->id = read_copy(arena, read_text(node, "id"), &bad);
	record->intent_id = read_copy(arena, read_text(node, "intent"), &bad);
	record->headend = read_copy(arena, read_text(node, "headend-key"), &bad);
	record->tailend = read_copy(arena, read_text(node, "tailend-key"), &bad);
	record->adopts = read_copy(arena, read_text(node, "adopts"), &bad);
	record->backward = read_bool(node, "backward", false);
	record->removing = read_bool(node, "removing", false);
	record->unapproved = read_bool(node, "unapproved", false);
	record->tampered = read_bool(node, "tampered", false);
	record->group = read_u64(node, "group", 0);
	record->booked_bps = read_u64(node, "booked-bps", 0);
	record->generation = read_u64(node, "generation", 0);
	read_held(node, arena, record, &bad);
	srpolicy_read(node, arena, &record->srpolicy, &bad);
	read_all_bound(node, arena, record, &bad);
	out->policy = record;
	return bad ? pce_no_memory(err) : PCE_OK;
}

static const struct srpolicy *
read_part(const struct lyd_node *change, const char *name, struct arena *arena, bool *bad)
{
	const struct lyd_node *node = read_child(change, name);
	struct srpolicy *policy = node ? arena_alloc(arena, sizeof(*policy)) : NULL;

	*bad = *bad || (node && !policy);
	if (policy)
		srpolicy_read(node, arena, policy, bad);
	return policy;
}

static void
read_device_change(const struct lyd_node *node, struct arena *arena, struct deploy_change *out,
		   bool *bad)
{
	struct srpolicy *key = arena_alloc(arena, sizeof(*key));
	const struct srpolicy *after = read_part(node, "after", arena, bad);

	*bad = *bad || !key;
	if (*bad)
		return;
	*key = (struct srpolicy){ .color = (uint32_t)read_u64(node, "color", 0),
				  .endpoint = read_addr(node, "endpoint") };
	out->before = read_part(node, "before", arena, bad);
	out->policy = after ? after : key;
	out->action = !after                             ? DEPLOY_REMOVE
		      : read_bool(node, "adopts", false) ? DEPLOY_ADOPT
							 : DEPLOY_REPLACE;
}

static void
read_changes(const struct lyd_node *node, struct arena *arena, struct transaction_record *out,
	     bool *bad)
{
	size_t n = read_count(node, "change");
	struct deploy_change *changes = arena_alloc(arena, (n + 1) * sizeof(*changes));
	const struct lyd_node *child;

	*bad = *bad || !changes;
	LY_LIST_FOR(*bad ? NULL : lyd_child(node), child)
	{
		if (!*bad && strcmp(read_name(child), "change") == 0)
			read_device_change(child, arena, &changes[out->n_changes++], bad);
	}
	out->changes = changes;
}

static enum pce_status
read_transaction(const struct lyd_node *node, struct arena *arena, struct service_record *out,
		 struct pce_error *err)
{
	struct transaction_record *record = arena_alloc(arena, sizeof(*record));
	bool bad = false;

	if (!record)
		return pce_no_memory(err);
	record->id = read_u64(node, "id", 0);
	record->device = read_copy(arena, read_text(node, "device"), &bad);
	record->persist_id = read_copy(arena, read_text(node, "persist-id"), &bad);
	record->decided = read_bool(node, "decided", false);
	record->policy_ids = read_strings(node, "policy-id", arena, &record->n_policy_ids, &bad);
	record->group = read_u64(node, "group", 0);
	read_changes(node, arena, record, &bad);
	out->transaction = record;
	return bad ? pce_no_memory(err) : PCE_OK;
}

static void
read_drains(const struct lyd_node *node, struct arena *arena, struct operate_record *out, bool *bad)
{
	size_t count = read_count(node, "drain");
	struct drain *drains = count ? arena_alloc(arena, count * sizeof(*drains)) : NULL;
	const struct lyd_node *child;

	*bad = *bad || (count > 0 && !drains);
	if (!drains)
		return;
	LY_LIST_FOR(lyd_child(node), child)
	{
		if (strcmp(read_name(child), "drain") != 0)
			continue;
		drains[out->n_drains++] = (struct drain){
			.kind = drain_kind_of(read_text(child, "object")),
			.name = read_copy(arena, read_text(child, "name"), bad),
			.since_us = (int64_t)read_u64(child, "since-us", 0),
			.affected = (uint32_t)read_u64(child, "affected", 0),
		};
	}
	out->drains = drains;
}

static void
read_windows(const struct lyd_node *node, struct arena *arena, struct operate_record *out,
	     bool *bad)
{
	size_t count = read_count(node, "maintenance");
	struct drain_window *windows = arena_alloc(arena, (count + 1) * sizeof(*windows));
	const struct lyd_node *child;

	*bad = *bad || !windows;
	if (!windows)
		return;
	LY_LIST_FOR(lyd_child(node), child)
	{
		if (strcmp(read_name(child), "maintenance") != 0)
			continue;
		windows[out->n_windows++] = (struct drain_window){
			.drain.kind = drain_kind_of(read_text(child, "object")),
			.drain.name = read_copy(arena, read_text(child, "name"), bad),
			.from_us = (int64_t)read_u64(child, "from-us", 0),
			.until_us = (int64_t)read_u64(child, "until-us", 0),
			.running = read_bool(child, "running", false),
			.owns = read_bool(child, "owns", false),
		};
	}
	out->windows = windows;
}

static void
read_acknowledged(const struct lyd_node *node, struct arena *arena, struct operate_record *out,
		  bool *bad)
{
	size_t count = read_count(node, "acknowledged");
	struct acknowledged_alarm *alarms = arena_alloc(arena, (count + 1) * sizeof(*alarms));
	const struct lyd_node *child;

	*bad = *bad || !alarms;
	if (!alarms)
		return;
	LY_LIST_FOR(lyd_child(node), child)
	{
		if (strcmp(read_name(child), "acknowledged") != 0)
			continue;
		alarms[out->n_acknowledged++] = (struct acknowledged_alarm){
			.object = read_copy(arena, read_text(child, "object"), bad),
			.cause = read_copy(arena, read_text(child, "cause"), bad),
			.since_us = (int64_t)read_u64(child, "since-us", 0),
		};
	}
	out->acknowledged = alarms;
}

static void
read_modes(const struct lyd_node *node, struct arena *arena, struct operate_record *out, bool *bad)
{
	size_t count = read_count(node, "scoped-mode");
	struct scoped_mode *modes = arena_alloc(arena, (count + 1) * sizeof(*modes));
	const struct lyd_node *child;

	*bad = *bad || !modes;
	if (!modes)
		return;
	LY_LIST_FOR(lyd_child(node), child)
	{
		struct scoped_mode *m = &modes[out->n_modes];

		if (strcmp(read_name(child), "scoped-mode") != 0)
			continue;
		m->scope = mode_scope_of(read_text(child, "scope"));
		m->name = read_copy(arena, read_text(child, "name"), bad);
		m->since_us = (int64_t)read_u64(child, "since-us", 0);
		if (operate_mode_parse(read_text(child, "mode"), &m->mode, NULL) == PCE_OK)
			out->n_modes++;
	}
	out->modes = modes;
}

static enum pce_status
read_operate(const struct lyd_node *node, struct arena *arena, struct service_record *out,
	     struct pce_error *err)
{
	struct operate_record *record = arena_alloc(arena, sizeof(*record));
	bool bad = false;

	if (!record)
		return pce_no_memory(err);
	record->frozen = read_copy(arena, read_text(node, "frozen"), &bad);
	record->frozen_since_us = (int64_t)read_u64(node, "frozen-since-us", 0);
	read_modes(node, arena, record, &bad);
	read_drains(node, arena, record, &bad);
	read_windows(node, arena, record, &bad);
	read_acknowledged(node, arena, record, &bad);
	out->operate = record;
	return bad ? pce_no_memory(err)
		   : operate_mode_parse(read_text(node, "mode"), &record->mode, err);
}

static enum pce_status
read_damping(const struct lyd_node *node, struct arena *arena, struct service_record *out,
	     struct pce_error *err)
{
	struct damping_record *record = arena_alloc(arena, sizeof(*record));
	bool bad = false;

	if (!record)
		return pce_no_memory(err);
	record->link_key = read_copy(arena, read_text(node, "link-key"), &bad);
	record->penalty_milli = read_u64(node, "penalty-milli", 0);
	record->losses = (uint32_t)read_u64(node, "losses", 0);
	record->since_us = (int64_t)read_u64(node, "since-us", 0);
	out->damping = record;
	return bad ? pce_no_memory(err) : PCE_OK;
}

static enum pce_status
read_move(const struct lyd_node *node, struct arena *arena, struct service_record *out,
	  struct pce_error *err)
{
	struct move_record *record = arena_alloc(arena, sizeof(*record));
	bool bad = false;

	if (!record)
		return pce_no_memory(err);
	record->policy_id = read_copy(arena, read_text(node, "policy"), &bad);
	record->move.wall_us = (int64_t)read_u64(node, "wall-us", 0);
	move_read(node, arena, &record->move, &bad);
	out->move = record;
	return bad ? pce_no_memory(err) : PCE_OK;
}

static enum pce_status
read_change(const struct lyd_node *node, struct arena *arena, struct service_record *out,
	    struct pce_error *err)
{
	struct change *change = arena_alloc(arena, sizeof(*change));
	bool bad = false;

	if (!change)
		return pce_no_memory(err);
	change_read(node, arena, change, &bad);
	change->created_us = (int64_t)read_u64(node, "created-us", 0);
	change->expires_us = (int64_t)read_u64(node, "expires-us", 0);
	out->change = change;
	return bad ? pce_no_memory(err) : PCE_OK;
}

static enum pce_status
read_record(const struct document *doc, const char *name, struct arena *arena,
	    struct service_record *out, struct pce_error *err)
{
	const struct lyd_node *node;
	uint64_t version;

	LY_LIST_FOR(doc->tree, node)
	{
		if (strcmp(read_name(node), name) == 0)
			break;
	}
	if (!node)
		return pce_fail(err, PCE_MALFORMED, "the record is no %s", name);
	version = read_u64(node, "version", 0);
	if (version != CODEC_RECORD_VERSION)
		return pce_fail(err, PCE_UNSUPPORTED,
				"the record has version %u; this build knows version %d",
				(unsigned)version, CODEC_RECORD_VERSION);
	if (out->kind == RECORD_POLICY)
		return read_policy(node, arena, out, err);
	if (out->kind == RECORD_TRANSACTION)
		return read_transaction(node, arena, out, err);
	if (out->kind == RECORD_OPERATE)
		return read_operate(node, arena, out, err);
	if (out->kind == RECORD_MOVE)
		return read_move(node, arena, out, err);
	if (out->kind == RECORD_DAMPING)
		return read_damping(node, arena, out, err);
	if (out->kind == RECORD_CHANGE)
		return read_change(node, arena, out, err);
	out->next_id = read_u64(node, "next-id", 0);
	return PCE_OK;
}

enum pce_status
codec_record_parse(const struct codec *codec, enum record_kind kind, const char *key,
		   const char *text, size_t len, struct arena *arena, struct service_record *out,
		   struct pce_error *err)
{
	static const char *const names[] = {
		[RECORD_POLICY] = "policy", [RECORD_TRANSACTION] = "transaction",
		[RECORD_META] = "meta",     [RECORD_OPERATE] = "operate",
		[RECORD_MOVE] = "move",     [RECORD_DAMPING] = "damping",
		[RECORD_CHANGE] = "change",
	};
	struct service_record record = { .kind = kind, .key = arena_strdup(arena, key) };
	struct document doc = { 0 };
	enum pce_status status;

	if (!record.key)
		return pce_no_memory(err);
	if (kind == RECORD_INTENT) {
		status = parse_intent(codec, text, len, arena, &record, err);
	} else {
		status = document_parse(codec, text, len, true, &doc, err);
		if (status == PCE_OK)
			status = read_record(&doc, names[kind], arena, &record, err);
		document_free(&doc);
	}
	if (status == PCE_OK)
		*out = record;
	return status == PCE_OK ? PCE_OK : pce_prefix(err, status, "record %s", key);
}
