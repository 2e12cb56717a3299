#define _GNU_SOURCE
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/lab/gnmi_internal.h"

#define UPDATES_MAX 100000 /* of one answer */

int64_t
gnmi_time(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

void
gnmi_answer_refuse(struct gnmi_answer *out, grpc_status_code status, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	out->status = status;
	vsnprintf(out->text, sizeof out->text, fmt, ap);
	va_end(ap);
}

void
gnmi_answer_pack(struct gnmi_answer *out, const ProtobufCMessage *message)
{
	out->len = protobuf_c_message_get_packed_size(message);
	out->bytes = malloc(out->len + 1);
	if (out->bytes == NULL) {
		gnmi_answer_refuse(out, GRPC_STATUS_RESOURCE_EXHAUSTED, "out of memory");
		return;
	}
	protobuf_c_message_pack(message, out->bytes);
	out->status = GRPC_STATUS_OK;
}

static void
refuse_error(struct gnmi_answer *out, const struct pce_error *err)
{
	grpc_status_code code = err->status == PCE_NO_MEMORY || err->status == PCE_LIMIT
				    ? GRPC_STATUS_RESOURCE_EXHAUSTED
				: err->status == PCE_UNSUPPORTED ? GRPC_STATUS_UNIMPLEMENTED
				: err->status == PCE_NOT_FOUND   ? GRPC_STATUS_NOT_FOUND
								 : GRPC_STATUS_INVALID_ARGUMENT;

	gnmi_answer_refuse(out, code, "%s", err->text);
}

bool
gnmi_speaks(Gnmi__Encoding encoding)
{
	return encoding == GNMI__ENCODING__JSON_IETF || encoding == GNMI__ENCODING__JSON ||
	       encoding == GNMI__ENCODING__PROTO;
}

const char *
gnmi_target(const Gnmi__Path *prefix)
{
	return prefix && prefix->target ? prefix->target : "";
}

/* --- Capabilities --- */

void
gnmi_answer_capabilities(struct lab_routers *all, struct router *r, const uint8_t *bytes,
			 size_t len, struct gnmi_answer *out)
{
	static char karst[] = "karst-device", karst_by[] = "The Karst project",
		    karst_of[] = "2026-11-24", oc[] = "openconfig-interfaces",
		    oc_by[] = "OpenConfig working group", oc_of[] = "3.0.0", version[] = "0.10.0";
	Gnmi__CapabilityResponse answer = GNMI__CAPABILITY_RESPONSE__INIT;
	Gnmi__ModelData own = GNMI__MODEL_DATA__INIT, open = GNMI__MODEL_DATA__INIT;
	Gnmi__ModelData *models[] = { &own, &open };
	Gnmi__Encoding encodings[] = { GNMI__ENCODING__JSON_IETF, GNMI__ENCODING__JSON,
				       GNMI__ENCODING__PROTO };

	(void)all, (void)r, (void)bytes, (void)len;
	own.name = karst;
	own.organization = karst_by;
	own.version = karst_of;
	open.name = oc;
	open.organization = oc_by;
	open.version = oc_of;
	answer.n_supported_models = 2;
	answer.supported_models = models;
	answer.n_supported_encodings = 3;
	answer.supported_encodings = encodings;
	answer.gnmi_version = version;
	gnmi_answer_pack(out, &answer.base);
}

/* --- paths --- */

/* The origin says by which schema a path is meant; only that of a command line is another world. */
static bool
known_origin(const char *origin)
{
	return strcmp(origin, "cli") != 0;
}

enum pce_status
gnmi_join(const Gnmi__Path *prefix, const Gnmi__Path *path, struct arena *arena,
	  struct gnmi_path *out, struct pce_error *err)
{
	struct gnmi_path head = { .origin = "" }, tail = { .origin = "" };
	enum pce_status status = PCE_OK;

	if (prefix != NULL)
		status = gnmi_path_of(prefix, arena, &head, err);
	if (status == PCE_OK && path != NULL)
		status = gnmi_path_of(path, arena, &tail, err);
	if (status)
		return status;
	if (!known_origin(head.origin) || !known_origin(tail.origin))
		return pce_fail(err, PCE_UNSUPPORTED, "origin cli is not served");
	out->origin = *tail.origin ? tail.origin : head.origin;
	out->n_elems = head.n_elems + tail.n_elems;
	out->elems = arena_alloc(arena, (out->n_elems + 1) * sizeof *out->elems);
	if (out->elems == NULL)
		return pce_no_memory(err);
	for (size_t i = 0; i < out->n_elems; i++)
		out->elems[i] = i < head.n_elems ? head.elems[i] : tail.elems[i - head.n_elems];
	return PCE_OK;
}

unsigned
gnmi_parts(const struct gnmi_path *path)
{
	const char *top = path->n_elems > 0 ? path->elems[0].name : "*";
	const char *colon = strchr(top, ':');

	top = colon ? colon + 1 : top;
	if (strcmp(top, "srv6-policies") == 0)
		return GNMI_PART_POLICIES;
	if (strcmp(top, "interfaces") == 0 || strcmp(top, "telemetry") == 0)
		return GNMI_PART_MEASURED;
	return GNMI_PART_POLICIES | GNMI_PART_MEASURED;
}

static void
add_policies(struct router *r, struct gtree *tree)
{
	struct lyd_node *data;
	struct gtree_node *top;

	pthread_mutex_lock(&r->mutex);
	data = lab_get(&r->store, LAB_RUNNING, NULL, true);
	pthread_mutex_unlock(&r->mutex);
	gtree_add_data(tree, &tree->root, data);
	lyd_free_all(data);
	/* A container without presence is there, whatever is in it. */
	for (top = tree->root.child; top != NULL; top = top->next)
		if (strcmp(top->name, "srv6-policies") == 0)
			return;
	gtree_add(tree, &tree->root, "karst-device", "srv6-policies", GTREE_INNER);
}

bool
gnmi_build(struct lab_routers *all, struct router *r, unsigned parts, struct gtree *tree)
{
	if (parts & GNMI_PART_POLICIES)
		add_policies(r, tree);
	if (parts & GNMI_PART_MEASURED)
		routers_measure(all, r, tree);
	return !tree->bad;
}

/* --- updates --- */

static bool
scalar(const struct gtree_node *leaf, Gnmi__TypedValue *value, struct arena *arena)
{
	switch (leaf->type) {
	case GTREE_UINT:
		value->value_case = GNMI__TYPED_VALUE__VALUE_UINT_VAL;
		value->uint_val = strtoull(leaf->text, NULL, 10);
		return true;
	case GTREE_INT:
		value->value_case = GNMI__TYPED_VALUE__VALUE_INT_VAL;
		value->int_val = strtoll(leaf->text, NULL, 10);
		return true;
	case GTREE_BOOL:
		value->value_case = GNMI__TYPED_VALUE__VALUE_BOOL_VAL;
		value->bool_val = strcmp(leaf->text, "true") == 0;
		return true;
	case GTREE_TEXT:
		break;
	}
	value->value_case = GNMI__TYPED_VALUE__VALUE_STRING_VAL;
	value->string_val = arena_strdup(arena, leaf->text);
	return value->string_val != NULL;
}

static bool
json_value(const struct gtree_node *node, Gnmi__Encoding encoding, Gnmi__TypedValue *value,
	   struct arena *arena)
{
	struct text text = { 0 };
	ProtobufCBinaryData bytes;

	gtree_json(node, &text);
	bytes = (ProtobufCBinaryData){ text.len, arena_copy(arena, text_get(&text), text.len) };
	if (!text_ok(&text))
		bytes.data = NULL;
	text_free(&text);
	if (encoding == GNMI__ENCODING__JSON) {
		value->value_case = GNMI__TYPED_VALUE__VALUE_JSON_VAL;
		value->json_val = bytes;
	} else {
		value->value_case = GNMI__TYPED_VALUE__VALUE_JSON_IETF_VAL;
		value->json_ietf_val = bytes;
	}
	return bytes.data != NULL;
}

Gnmi__Update *
gnmi_update(const struct gtree_node *node, Gnmi__Encoding encoding, struct arena *arena)
{
	Gnmi__Update *update = arena_alloc(arena, sizeof *update);
	Gnmi__TypedValue *value = arena_alloc(arena, sizeof *value);
	struct gnmi_path path;
	bool made;

	if (update == NULL || value == NULL || !gtree_path(node, arena, &path))
		return NULL;
	gnmi__update__init(update);
	gnmi__typed_value__init(value);
	update->path = gnmi_path_message(&path, NULL, arena);
	update->val = value;
	made = encoding == GNMI__ENCODING__PROTO ? scalar(node, value, arena)
						 : json_value(node, encoding, value, arena);
	return made && update->path ? update : NULL;
}

/* --- Get --- */

struct get {
	const Gnmi__GetRequest *request;
	struct arena *arena;
	Gnmi__Update **updates; /* of the notification at hand */
	size_t n, cap;
	bool failed;
};

static void
add_update(struct get *g, const struct gtree_node *node)
{
	Gnmi__Update *update =
	    g->n < UPDATES_MAX ? gnmi_update(node, g->request->encoding, g->arena) : NULL;

	if (update != NULL && g->n == g->cap) {
		size_t cap = g->cap * 2 + 16;
		Gnmi__Update **grown = arena_alloc(g->arena, cap * sizeof *grown);

		if (grown != NULL && g->n > 0)
			memcpy(grown, g->updates, g->n * sizeof *grown);
		g->updates = grown ? grown : g->updates;
		g->cap = grown ? cap : g->cap;
	}
	if (update == NULL || g->n == g->cap) {
		g->failed = true;
		return;
	}
	g->updates[g->n++] = update;
}

static void
add_leaf(void *ctx, struct gtree_node *leaf)
{
	add_update(ctx, leaf);
}

static void
add_node(void *ctx, struct gtree_node *node)
{
	struct get *g = ctx;

	if (g->request->encoding == GNMI__ENCODING__PROTO)
		gtree_leaves(node, add_leaf, g);
	else
		add_update(g, node);
}

/* Leaves out what was not asked for: CONFIG, or STATE. Keys and what holds something stay. */
static bool
prune(struct gtree_node *node, bool state)
{
	struct gtree_node **link = &node->child, *last = NULL;

	if (node->kind == GTREE_LEAF)
		return node->key || node->state == state;
	for (struct gtree_node *n = node->child; n != NULL; n = n->next) {
		bool keep = prune(n, state) && (n->kind == GTREE_LEAF || n->child != NULL);

		if (!keep)
			continue;
		*link = n;
		link = &n->next;
		last = n;
	}
	*link = NULL;
	node->last = last;
	return true;
}

static enum pce_status
get_path(struct get *g, struct gtree *tree, const Gnmi__Path *asked, Gnmi__Notification **out,
	 struct pce_error *err)
{
	Gnmi__Notification *n = arena_alloc(g->arena, sizeof *n);
	struct gnmi_path path;
	struct text text = { 0 };
	enum pce_status status = gnmi_join(g->request->prefix, asked, g->arena, &path, err);

	if (status)
		return status;
	if (n == NULL)
		return pce_no_memory(err);
	g->updates = NULL;
	g->n = g->cap = 0;
	if (gtree_match(tree, &path, add_node, g) == 0) {
		gnmi_path_print(&path, &text);
		status =
		    pce_fail(err, PCE_NOT_FOUND, "there is nothing at %.200s", text_get(&text));
		text_free(&text);
		return status;
	}
	if (g->failed)
		return pce_no_memory(err);
	gnmi__notification__init(n);
	n->timestamp = gnmi_time();
	n->update = g->updates;
	n->n_update = g->n;
	n->prefix = gnmi_prefix(gnmi_target(g->request->prefix), g->arena);
	*out = n;
	return n->prefix ? PCE_OK : pce_no_memory(err);
}

Gnmi__Path *
gnmi_prefix(const char *target, struct arena *arena)
{
	struct gnmi_path none = { .origin = "" };

	return gnmi_path_message(&none, target, arena);
}

static enum pce_status
get_all(struct lab_routers *all, struct router *r, struct get *g, struct gtree *tree,
	Gnmi__GetResponse *answer, struct pce_error *err)
{
	const Gnmi__GetRequest *q = g->request;
	unsigned parts = 0;
	enum pce_status status = PCE_OK;

	answer->notification = arena_alloc(g->arena, (q->n_path + 1) * sizeof(void *));
	if (answer->notification == NULL)
		return pce_no_memory(err);
	for (size_t i = 0; i < q->n_path; i++) {
		struct gnmi_path path;

		status = gnmi_join(q->prefix, q->path[i], g->arena, &path, err);
		if (status)
			return status;
		parts |= gnmi_parts(&path);
	}
	if (!gnmi_build(all, r, parts, tree))
		return pce_no_memory(err);
	if (q->type != GNMI__GET_REQUEST__DATA_TYPE__ALL)
		prune(&tree->root, q->type != GNMI__GET_REQUEST__DATA_TYPE__CONFIG);
	for (size_t i = 0; i < q->n_path && !status; i++)
		status = get_path(g, tree, q->path[i], &answer->notification[i], err);
	answer->n_notification = q->n_path;
	return status;
}

void
gnmi_answer_get(struct lab_routers *all, struct router *r, const uint8_t *bytes, size_t len,
		struct gnmi_answer *out)
{
	Gnmi__GetResponse answer = GNMI__GET_RESPONSE__INIT;
	struct arena arena = { 0 };
	struct gtree tree = { 0 };
	struct get g = { .arena = &arena };
	ProtobufCMessage *message = NULL;
	struct pce_error err = { 0 };
	enum pce_status status = gnmi_message_read(
	    &gnmi__get_request__descriptor, &gnmi_type_get_request, bytes, len, &message, &err);

	g.request = (const Gnmi__GetRequest *)(const void *)message;
	if (status == PCE_OK && !gnmi_speaks(g.request->encoding))
		status = pce_fail(&err, PCE_UNSUPPORTED, "encoding %d is not spoken",
				  (int)g.request->encoding);
	if (status == PCE_OK && (unsigned)g.request->type > 3)
		status = pce_fail(&err, PCE_INVALID, "type %d is none", (int)g.request->type);
	if (status == PCE_OK)
		status = get_all(all, r, &g, &tree, &answer, &err);
	if (status)
		refuse_error(out, &err);
	else
		gnmi_answer_pack(out, &answer.base);
	gnmi_message_free(message);
	gtree_free(&tree);
	arena_free(&arena);
}
