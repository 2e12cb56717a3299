/*
 * A router for tests of the gNMI transaction: a target as a function from request to answer, with a
 * few numbered policies ("/policy[id=N]", an object with one value) and faults to order. It takes
 * requests apart by protobuf-c alone and shares no code with what it tests.
 */
#ifndef TESTS_GNMI_FAKE_TARGET_H
#define TESTS_GNMI_FAKE_TARGET_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/proto/gnmi.pb-c.h"
#include "southbound/gnmi/code.h"
#include "southbound/gnmi/transaction.h"

#define TARGET_POLICIES 8
#define TARGET_FOREIGN 1000 /* values from here on are not Karst's */

/* What it does with the next Set. */
enum target_set {
	TARGET_TAKES,
	TARGET_REFUSES,
	TARGET_SILENT, /* no answer, nothing done */
	TARGET_SILENT_DONE, /* no answer, but done */
	/* as no router should */
	TARGET_HALF, /* refuses, and yet did a part */
	TARGET_OTHER, /* says that it did, and did something else */
	TARGET_SETS
};

struct fake_target {
	int value[TARGET_POLICIES]; /* 0: no such policy */
	enum target_set set; /* for the next Set; TAKES afterwards */
	bool get_fails; /* the next Get is not answered; or all, while down */
	bool down;
	bool absent_is_not_found; /* a Get of what is not there */
	bool leaf_by_leaf; /* answers with scalars instead of objects */
	unsigned largest; /* paths in one Get that it takes; 0: any */
	unsigned sets, gets;
	unsigned touched; /* bits of the policies that Sets named */
	/* the last answer */
	uint8_t answer[65536];
	struct gnmi_reply reply;
};

static inline unsigned
target_id(const Gnmi__Path *path)
{
	unsigned id;

	ck_assert_uint_eq(path->n_elem, 1);
	ck_assert_str_eq(path->elem[0]->name, "policy");
	ck_assert_uint_eq(path->elem[0]->n_key, 1);
	ck_assert_str_eq(path->elem[0]->key[0]->key, "id");
	id = (unsigned)atoi(path->elem[0]->key[0]->value);
	ck_assert_uint_lt(id, TARGET_POLICIES);
	return id;
}

static inline void
target_say(struct fake_target *t, int code, const char *text)
{
	t->reply = (struct gnmi_reply){ .code = code, .text = text };
}

static inline void
target_answer(struct fake_target *t, const ProtobufCMessage *message)
{
	size_t len = protobuf_c_message_get_packed_size(message);

	ck_assert_uint_le(len, sizeof t->answer);
	protobuf_c_message_pack(message, t->answer);
	t->reply = (struct gnmi_reply){ .code = GNMI_OK, .bytes = t->answer, .len = len };
}

/* Does a Set, or the first `most` parts of it; value + `off`. */
static inline void
target_apply(struct fake_target *t, const Gnmi__SetRequest *r, size_t most, int off)
{
	for (size_t i = 0; i < r->n_delete_ && most > 0; i++, most--)
		t->value[target_id(r->delete_[i])] = 0;
	for (size_t i = 0; i < r->n_replace && most > 0; i++, most--) {
		char json[64];
		int value;

		snprintf(json, sizeof json, "%.*s", (int)r->replace[i]->val->json_ietf_val.len,
			 (const char *)r->replace[i]->val->json_ietf_val.data);
		ck_assert_int_eq(sscanf(json, "{\"value\":%d}", &value), 1);
		t->value[target_id(r->replace[i]->path)] = value + off;
	}
}

static inline void
target_set(struct fake_target *t, const struct gnmi_request *request)
{
	Gnmi__SetRequest *r = gnmi__set_request__unpack(NULL, request->len, request->bytes);
	Gnmi__SetResponse response = GNMI__SET_RESPONSE__INIT;
	enum target_set how = t->set;
	size_t all;

	ck_assert_ptr_nonnull(r);
	all = r->n_delete_ + r->n_replace;
	t->sets++;
	t->set = TARGET_TAKES;
	ck_assert_uint_eq(r->n_update, 0);
	for (size_t i = 0; i < r->n_delete_; i++)
		t->touched |= 1u << target_id(r->delete_[i]);
	for (size_t i = 0; i < r->n_replace; i++)
		t->touched |= 1u << target_id(r->replace[i]->path);
	response.timestamp = 1000 + t->sets;
	target_answer(t, &response.base);
	if (t->down)
		how = TARGET_SILENT;
	if (how == TARGET_TAKES || how == TARGET_SILENT_DONE)
		target_apply(t, r, all, 0);
	else if (how == TARGET_HALF)
		target_apply(t, r, (all + 1) / 2, 0);
	else if (how == TARGET_OTHER)
		target_apply(t, r, all, 7);
	if (how == TARGET_REFUSES || how == TARGET_HALF)
		target_say(t, GNMI_INVALID_ARGUMENT, "no such value");
	else if (how == TARGET_SILENT || how == TARGET_SILENT_DONE)
		target_say(t, t->down ? GNMI_UNAVAILABLE : GNMI_DEADLINE_EXCEEDED, "");
	gnmi__set_request__free_unpacked(r, NULL);
}

struct target_update {
	Gnmi__Notification n;
	Gnmi__Update update, *updates[1];
	Gnmi__Path path;
	Gnmi__PathElem elem, leaf, *elems[2];
	Gnmi__PathElem__KeyEntry key, *keys[1];
	Gnmi__TypedValue value;
	char id[8], json[64];
};

static inline void
target_fill(const struct fake_target *t, unsigned id, struct target_update *u)
{
	gnmi__notification__init(&u->n);
	gnmi__update__init(&u->update);
	gnmi__path__init(&u->path);
	gnmi__path_elem__init(&u->elem);
	gnmi__path_elem__init(&u->leaf);
	gnmi__path_elem__key_entry__init(&u->key);
	gnmi__typed_value__init(&u->value);
	snprintf(u->id, sizeof u->id, "%u", id);
	u->key.key = "id";
	u->key.value = u->id;
	u->keys[0] = &u->key;
	u->elem.name = "policy";
	u->elem.n_key = 1;
	u->elem.key = u->keys;
	u->leaf.name = "value";
	u->elems[0] = &u->elem;
	u->elems[1] = &u->leaf;
	u->path.elem = u->elems;
	u->path.n_elem = t->leaf_by_leaf ? 2 : 1;
	u->update.val = &u->value;
	/* Half of the path may stand in the prefix. */
	if (t->leaf_by_leaf) {
		u->value.value_case = GNMI__TYPED_VALUE__VALUE_UINT_VAL;
		u->value.uint_val = (uint64_t)t->value[id];
		u->n.prefix = &u->path;
	} else {
		u->value.value_case = GNMI__TYPED_VALUE__VALUE_JSON_IETF_VAL;
		snprintf(u->json, sizeof u->json, "{\"id\":%u,\"value\":%d}", id, t->value[id]);
		u->value.json_ietf_val.data = (uint8_t *)u->json;
		u->value.json_ietf_val.len = strlen(u->json);
		u->update.path = &u->path;
	}
	u->updates[0] = &u->update;
	u->n.n_update = 1;
	u->n.update = u->updates;
}

static inline void
target_get(struct fake_target *t, const struct gnmi_request *request)
{
	Gnmi__GetRequest *r = gnmi__get_request__unpack(NULL, request->len, request->bytes);
	Gnmi__GetResponse response = GNMI__GET_RESPONSE__INIT;
	struct target_update updates[64];
	Gnmi__Notification *notifications[64];
	bool missing = false;

	ck_assert_ptr_nonnull(r);
	ck_assert_uint_le(r->n_path, 64);
	ck_assert_int_eq(r->encoding, GNMI__ENCODING__JSON_IETF);
	t->gets++;
	response.notification = notifications;
	for (size_t i = 0; i < r->n_path; i++) {
		unsigned id = target_id(r->path[i]);

		if (t->value[id] == 0) {
			missing = true;
			continue;
		}
		target_fill(t, id, &updates[response.n_notification]);
		notifications[response.n_notification] = &updates[response.n_notification].n;
		response.n_notification++;
	}
	if (t->down)
		target_say(t, GNMI_UNAVAILABLE, "connection refused");
	else if (t->get_fails)
		target_say(t, GNMI_DEADLINE_EXCEEDED, "");
	else if (t->largest > 0 && r->n_path > t->largest)
		target_say(t, GNMI_RESOURCE_EXHAUSTED, "too large");
	else if (missing && t->absent_is_not_found)
		target_say(t, GNMI_NOT_FOUND, "nothing there");
	else
		target_answer(t, &response.base);
	t->get_fails = false;
	gnmi__get_request__free_unpacked(r, NULL);
}

/* Answers a call into t->reply. */
static inline void
target_call(struct fake_target *t, const struct gnmi_request *request)
{
	if (request->set)
		target_set(t, request);
	else
		target_get(t, request);
}

/* --- the payload: the number of a policy is its color, its value the preference --- */

static inline int
target_value(const struct srpolicy *policy)
{
	return policy ? (int)policy->paths[0].preference : 0;
}

static inline enum pce_status
target_edits(void *ctx, const struct deploy_change *changes, size_t n, bool inverse,
	     struct arena *arena, struct gnmi_edit **out, size_t *n_out, struct pce_error *err)
{
	struct gnmi_edit *edits = arena_alloc(arena, (n + 1) * sizeof *edits);

	(void)ctx;
	if (edits == NULL)
		return pce_no_memory(err);
	for (size_t i = 0; i < n; i++) {
		const struct deploy_change *c = &changes[i];
		int value = inverse                      ? target_value(c->before)
			    : c->action == DEPLOY_REMOVE ? 0
							 : target_value(c->policy);
		char path[32], json[32];

		snprintf(path, sizeof path, "/policy[id=%u]", c->policy->color);
		snprintf(json, sizeof json, "{\"value\":%d}", value);
		edits[i].path = arena_strdup(arena, path);
		edits[i].json = value ? arena_strdup(arena, json) : NULL;
		if (edits[i].path == NULL || (value && edits[i].json == NULL))
			return pce_no_memory(err);
	}
	*out = edits;
	*n_out = n;
	return PCE_OK;
}

static inline enum pce_status
target_look(void *ctx, const struct deploy_change *changes, size_t n,
	    const struct gnmi_piece *pieces, size_t n_pieces, unsigned char *standing,
	    struct pce_error *err)
{
	int value[TARGET_POLICIES] = { 0 };

	(void)ctx;
	for (size_t i = 0; i < n_pieces; i++) {
		char json[64];
		unsigned id;
		int v;

		/* No assertion: this is called where memory runs out. */
		if (sscanf(pieces[i].path, "/policy[id=%u]", &id) != 1 || id >= TARGET_POLICIES)
			return pce_fail(err, PCE_MALFORMED, "no path of a policy");
		snprintf(json, sizeof json, "%.*s", (int)pieces[i].len, pieces[i].json);
		if (strstr(pieces[i].path, "/value") != NULL)
			v = atoi(json);
		else if (sscanf(json, "{\"id\":%*u,\"value\":%d}", &v) != 1)
			return pce_fail(err, PCE_MALFORMED, "no policy");
		value[id] = v;
	}
	for (size_t i = 0; i < n; i++) {
		const struct deploy_change *c = &changes[i];
		int has = value[c->policy->color], before = target_value(c->before);
		int after = c->action == DEPLOY_REMOVE ? 0 : target_value(c->policy);
		bool theirs =
		    has >= TARGET_FOREIGN && !(c->action == DEPLOY_ADOPT && has == before);

		standing[i] = (unsigned char)((has == before ? GNMI_HOLDS_BEFORE : 0) |
					      (has == after ? GNMI_HOLDS_AFTER : 0) |
					      (theirs ? GNMI_HOLDS_FOREIGN : 0));
	}
	return PCE_OK;
}

static const struct gnmi_payload target_payload = { NULL, target_edits, target_look };

#endif
