/*
 * Set: a request becomes edits of the datastore, in the order of the specification (section 3.4.3:
 * deletes, replaces, updates), and the datastore takes all of them or none. A path is followed
 * through the schema, so what is asked for and is not in the model is refused by name, and the
 * value is read by libyang at its place, with the types and the strictness of a NETCONF edit.
 */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "southbound/gnmi/value.h"
#include "tests/lab/gnmi_internal.h"

struct set {
	struct lab_routers *all;
	struct router *r;
	const Gnmi__SetRequest *request;
	struct arena *arena;
	char text[256]; /* why it was refused */
};

static bool
refuse(struct lab_refusal *why, const char *fmt, ...)
{
	va_list ap;

	*why = (struct lab_refusal){ .tag = NC_ERR_INVALID_VALUE };
	va_start(ap, fmt);
	vsnprintf(why->text, sizeof why->text, fmt, ap);
	va_end(ap);
	return false;
}

static bool
refuse_libyang(struct set *s, struct lab_refusal *why, const char *what)
{
	const char *text = ly_errmsg(s->all->ctx), *path = ly_errpath(s->all->ctx);

	refuse(why, "%.40s: %.200s", what, text ? text : "not valid");
	snprintf(why->path, sizeof why->path, "%s", path ? path : "");
	return false;
}

/* --- the schema --- */

static bool
names(const struct gnmi_path_elem *elem, const struct lysc_node *schema)
{
	const char *colon = strchr(elem->name, ':');
	size_t len = colon ? (size_t)(colon - elem->name) : 0;

	if (colon == NULL)
		return strcmp(elem->name, schema->name) == 0;
	return strlen(schema->module->name) == len &&
	       memcmp(schema->module->name, elem->name, len) == 0 &&
	       strcmp(colon + 1, schema->name) == 0;
}

/* The child of a node (NULL: the top) that an element names. Only the routers' own module is
 * served, not what NETCONF needs for itself. */
static const struct lysc_node *
child_schema(struct set *s, const struct lysc_node *parent, const struct gnmi_path_elem *elem)
{
	const struct lys_module *module =
	    ly_ctx_get_module_implemented(s->all->ctx, "karst-device");
	const struct lysc_node *node = NULL;

	while ((node = lys_getnext(node, parent, module->compiled, 0)) != NULL)
		if (names(elem, node))
			return node;
	return NULL;
}

static const struct lysc_node *
key_schema(const struct lysc_node *list, const char *name)
{
	const struct lysc_node *child;

	if (list->nodetype != LYS_LIST)
		return NULL;
	for (child = lysc_node_child(list); child != NULL && lysc_is_key(child);
	     child = child->next)
		if (strcmp(child->name, name) == 0)
			return child;
	return NULL;
}

static size_t
count_keys(const struct lysc_node *list)
{
	const struct lysc_node *child;
	size_t n = 0;

	for (child = lysc_node_child(list); child != NULL && lysc_is_key(child);
	     child = child->next)
		n++;
	return n;
}

/* The schema of each element, in *out (n_elems of them, the arena's); false: the path is none. */
static bool
resolve(struct set *s, const struct gnmi_path *path, const struct lysc_node ***out,
	struct lab_refusal *why)
{
	const struct lysc_node *at = NULL;
	const struct lysc_node **all =
	    arena_alloc(s->arena, (path->n_elems + 1) * sizeof(const struct lysc_node *));

	if (all == NULL)
		return refuse(why, "out of memory");
	for (size_t i = 0; i < path->n_elems; i++) {
		const struct gnmi_path_elem *elem = &path->elems[i];

		at = child_schema(s, at, elem);
		if (at == NULL)
			return refuse(why, "no node of the model is called %.100s there",
				      elem->name);
		if (at->flags & LYS_CONFIG_R)
			return refuse(why, "%s is state, which cannot be set", at->name);
		for (size_t k = 0; k < elem->n_keys; k++)
			if (key_schema(at, elem->keys[k].name) == NULL)
				return refuse(why, "%s has no key %.100s", at->name,
					      elem->keys[k].name);
		all[i] = at;
	}
	*out = all;
	return true;
}

/* --- deletes --- */

static bool
entry_fits(const struct lyd_node *node, const struct gnmi_path_elem *elem)
{
	const struct lyd_node *child;

	for (size_t i = 0; i < elem->n_keys; i++) {
		const char *value = NULL;

		LY_LIST_FOR(lyd_child(node), child)
		{
			if (strcmp(child->schema->name, elem->keys[i].name) == 0)
				value = lyd_get_value(child);
		}
		if (strcmp(elem->keys[i].value, "*") != 0 &&
		    (value == NULL || strcmp(value, elem->keys[i].value) != 0))
			return false;
	}
	return true;
}

static void
collect(struct lyd_node *siblings, const struct gnmi_path *path, size_t depth, struct ly_set *out)
{
	struct lyd_node *node;

	LY_LIST_FOR(siblings, node)
	{
		const struct gnmi_path_elem *elem = &path->elems[depth];

		if (!names(elem, node->schema) || !entry_fits(node, elem))
			continue;
		if (depth + 1 == path->n_elems)
			ly_set_add(out, node, 1, NULL);
		else
			collect(lyd_child(node), path, depth + 1, out);
	}
}

/* What is not there is deleted already. */
static bool
apply_delete(struct set *s, const struct gnmi_path *path, struct lyd_node **tree,
	     struct lab_refusal *why)
{
	const struct lysc_node **schemas;
	struct ly_set *found = NULL;

	if (path->n_elems == 0) {
		lyd_free_all(*tree);
		*tree = NULL;
		return true;
	}
	if (!resolve(s, path, &schemas, why))
		return false;
	if (lysc_is_key(schemas[path->n_elems - 1]))
		return refuse(why, "%s is a key, which cannot be deleted by itself",
			      schemas[path->n_elems - 1]->name);
	if (ly_set_new(&found))
		return refuse(why, "out of memory");
	collect(*tree, path, 0, found);
	for (uint32_t i = 0; i < found->count; i++) {
		if (*tree == found->dnodes[i])
			*tree = found->dnodes[i]->next;
		lyd_free_tree(found->dnodes[i]);
	}
	ly_set_free(found, NULL);
	return true;
}

/* --- values --- */

/* JSON that libyang may read: not nested deeper than anything in a model. */
static bool
sane_json(const ProtobufCBinaryData *bytes)
{
	struct reader r = reader_over(bytes->data, bytes->len);

	return json_skip(&r, json_next(&r)) && json_next(&r).kind == JSON_END;
}

static bool
json_of(const Gnmi__TypedValue *value, ProtobufCBinaryData *out)
{
	if (value->value_case == GNMI__TYPED_VALUE__VALUE_JSON_IETF_VAL)
		*out = value->json_ietf_val;
	else if (value->value_case == GNMI__TYPED_VALUE__VALUE_JSON_VAL)
		*out = value->json_val;
	else
		return false;
	return true;
}

static char *
text_of(struct set *s, const void *at, size_t len)
{
	char *out = arena_alloc(s->arena, len + 1);

	if (out != NULL && len > 0)
		memcpy(out, at, len);
	return out;
}

/* The text of a leaf's value; false: it is none. */
static bool
leaf_text(struct set *s, const Gnmi__TypedValue *value, char **out)
{
	ProtobufCBinaryData json;
	char number[24];

	*out = NULL;
	if (json_of(value, &json)) {
		struct reader r = reader_over(json.data, json.len);
		struct json_token token = json_next(&r);
		size_t len = token.slice.len;
		bool word = token.kind == JSON_TRUE || token.kind == JSON_FALSE;

		if (word)
			*out = arena_strdup(s->arena, token.kind == JSON_TRUE ? "true" : "false");
		else if (token.kind == JSON_NUMBER)
			*out = text_of(s, token.slice.at, len);
		else if (token.kind == JSON_STRING && (*out = arena_alloc(s->arena, len + 1)))
			len = json_unescape(token.slice, *out, len);
		if (*out == NULL || len == SIZE_MAX || json_next(&r).kind != JSON_END)
			return false;
		if (!word)
			(*out)[len] = '\0';
		return word || strlen(*out) == len;
	}
	switch (value->value_case) {
	case GNMI__TYPED_VALUE__VALUE_STRING_VAL:
		*out = arena_strdup(s->arena, value->string_val);
		return *out != NULL;
	case GNMI__TYPED_VALUE__VALUE_ASCII_VAL:
		*out = arena_strdup(s->arena, value->ascii_val);
		return *out != NULL;
	case GNMI__TYPED_VALUE__VALUE_BOOL_VAL:
		*out = arena_strdup(s->arena, value->bool_val ? "true" : "false");
		return *out != NULL;
	case GNMI__TYPED_VALUE__VALUE_UINT_VAL:
		snprintf(number, sizeof number, "%llu", (unsigned long long)value->uint_val);
		break;
	case GNMI__TYPED_VALUE__VALUE_INT_VAL:
		snprintf(number, sizeof number, "%lld", (long long)value->int_val);
		break;
	default:
		return false;
	}
	*out = arena_strdup(s->arena, number);
	return *out != NULL;
}

/* Keys that the value repeats have to be those of the path. */
static bool
settle_keys(struct lyd_node *entry, struct lab_refusal *why)
{
	struct lyd_node *first, *other, *next;

	LY_LIST_FOR(lyd_child(entry), first)
	{
		for (other = first->next; other != NULL; other = next) {
			next = other->next;
			if (!lysc_is_key(first->schema) || other->schema != first->schema)
				continue;
			if (strcmp(lyd_get_value(first), lyd_get_value(other)) != 0)
				return refuse(why, "the value's key %s is %.60s, the path's %.60s",
					      first->schema->name, lyd_get_value(other),
					      lyd_get_value(first));
			lyd_free_tree(other);
		}
	}
	return true;
}

/* What a value carries beside the data (RFC 7952) would be operations of NETCONF. */
static void
strip(struct lyd_node *siblings)
{
	struct lyd_node *node;

	LY_LIST_FOR(siblings, node)
	{
		lyd_free_meta_siblings(node->meta);
		node->meta = NULL;
		strip(lyd_child_no_keys(node));
	}
}

/* Reads a JSON object into a node, or into a new tree if parent is NULL. */
static bool
read_object(struct set *s, const Gnmi__TypedValue *value, struct lyd_node *parent,
	    struct lyd_node **tree, struct lab_refusal *why)
{
	ProtobufCBinaryData json;
	struct ly_in *in = NULL;
	char *text;
	bool ok;

	if (!json_of(value, &json))
		return refuse(why, "a container or a list entry takes JSON");
	if (!sane_json(&json))
		return refuse(why, "the value is no JSON");
	text = text_of(s, json.data, json.len);
	if (text == NULL)
		return refuse(why, "out of memory");
	if (text[strspn(text, " \t\r\n")] != '{')
		return refuse(why, "a container or a list entry takes a JSON object");
	if (ly_in_new_memory(text, &in))
		return refuse(why, "out of memory");
	ok = lyd_parse_data(s->all->ctx, parent, in, LYD_JSON,
			    LYD_PARSE_ONLY | LYD_PARSE_STRICT | LYD_PARSE_NO_STATE, 0,
			    tree) == LY_SUCCESS;
	ly_in_free(in, 0);
	return ok || refuse_libyang(s, why, "value");
}

/* --- replaces and updates --- */

/* The keys of an entry as a predicate; false: one is missing, or is no value. */
static bool
predicate(const struct gnmi_path_elem *elem, const struct lysc_node *list, struct text *out,
	  struct lab_refusal *why)
{
	if (elem->n_keys != count_keys(list))
		return refuse(why, "%s has to be named by its %zu keys", list->name,
			      count_keys(list));
	for (size_t i = 0; i < elem->n_keys; i++) {
		const char *value = elem->keys[i].value;
		char quote = strchr(value, '\'') ? '"' : '\'';

		if (strchr(value, quote) != NULL || strcmp(value, "*") == 0)
			return refuse(why, "key %s has no value that can be set",
				      elem->keys[i].name);
		text_printf(out, "[%s=%c%s%c]", elem->keys[i].name, quote, value, quote);
	}
	return text_ok(out) || refuse(why, "out of memory");
}

static bool
make_node(struct set *s, const struct gnmi_path_elem *elem, const struct lysc_node *schema,
	  struct lyd_node *parent, struct lyd_node **out, struct lab_refusal *why)
{
	const struct lys_module *module = schema->module;
	struct text keys = { 0 };
	bool ok;

	if (schema->nodetype != LYS_LIST)
		return lyd_new_inner(parent, module, schema->name, 0, out) == LY_SUCCESS ||
		       refuse_libyang(s, why, schema->name);
	ok = predicate(elem, schema, &keys, why) &&
	     (lyd_new_list2(parent, module, schema->name, text_get(&keys), 0, out) == LY_SUCCESS ||
	      refuse_libyang(s, why, schema->name));
	text_free(&keys);
	return ok;
}

static bool
make_leaf(struct set *s, const struct lysc_node *schema, const Gnmi__TypedValue *value,
	  struct lyd_node *parent, struct lyd_node **out, struct lab_refusal *why)
{
	char *text;

	if (lysc_is_key(schema))
		return refuse(why, "%s is a key, which is set by the path", schema->name);
	if (!leaf_text(s, value, &text))
		return refuse(why, "%s takes another kind of value", schema->name);
	return lyd_new_term(parent, schema->module, schema->name, text, 0, out) == LY_SUCCESS ||
	       refuse_libyang(s, why, schema->name);
}

/* The tree of nodes down to the last one of a path, with the value in it. */
static bool
make_edit(struct set *s, const struct gnmi_path *path, const Gnmi__TypedValue *value,
	  struct lyd_node **root, struct lyd_node **last, struct lab_refusal *why)
{
	const struct lysc_node **schemas;
	struct lyd_node *at = NULL, *ignored = NULL;

	if (!resolve(s, path, &schemas, why))
		return false;
	for (size_t i = 0; i < path->n_elems; i++) {
		struct lyd_node *made = NULL;
		bool leaf = schemas[i]->nodetype & LYD_NODE_TERM;
		bool ok = leaf ? make_leaf(s, schemas[i], value, at, &made, why)
			       : make_node(s, &path->elems[i], schemas[i], at, &made, why);

		if (!ok)
			return false;
		if (*root == NULL)
			*root = made;
		at = made;
	}
	*last = at;
	if (at->schema->nodetype & LYD_NODE_TERM)
		return true;
	if (!read_object(s, value, at, &ignored, why))
		return false;
	strip(at);
	return at->schema->nodetype != LYS_LIST || settle_keys(at, why);
}

/* At the root the value has the top nodes of the models. */
static bool
apply_root(struct set *s, const Gnmi__TypedValue *value, bool replace, struct lyd_node **tree,
	   struct lab_refusal *why)
{
	struct lyd_node *edit = NULL;
	bool ok = read_object(s, value, NULL, &edit, why);

	strip(edit);
	if (ok && replace) {
		lyd_free_all(*tree);
		*tree = NULL;
	}
	ok = ok && lab_apply(tree, edit, why);
	lyd_free_all(edit);
	return ok;
}

static bool
apply_value(struct set *s, const struct gnmi_path *path, const Gnmi__TypedValue *value,
	    bool replace, struct lyd_node **tree, struct lab_refusal *why)
{
	struct lyd_node *edit = NULL, *last = NULL;
	bool ok;

	if (value == NULL)
		return refuse(why, "an update has no value");
	if (path->n_elems == 0)
		return apply_root(s, value, replace, tree, why);
	ok = make_edit(s, path, value, &edit, &last, why);
	if (ok && replace)
		ok = lyd_new_meta(s->all->ctx, last, NULL, "ietf-netconf:operation", "replace", 0,
				  NULL) == LY_SUCCESS ||
		     refuse_libyang(s, why, "replace");
	ok = ok && lab_apply(tree, edit, why);
	lyd_free_all(edit);
	return ok;
}

/* --- the request --- */

static bool
join(struct set *s, const Gnmi__Path *path, struct gnmi_path *out, struct lab_refusal *why)
{
	struct pce_error err = { 0 };

	if (gnmi_join(s->request->prefix, path, s->arena, out, &err) == PCE_OK)
		return true;
	return refuse(why, "%.200s", err.text);
}

static bool
apply_values(struct set *s, Gnmi__Update **list, size_t n, bool replace, struct lyd_node **tree,
	     struct lab_refusal *why)
{
	for (size_t i = 0; i < n; i++) {
		struct gnmi_path path;

		if (!join(s, list[i]->path, &path, why) ||
		    !apply_value(s, &path, list[i]->val, replace, tree, why))
			return false;
	}
	return true;
}

static bool
on_edit(void *ctx, struct lyd_node **tree, struct lab_refusal *why)
{
	struct set *s = ctx;
	const Gnmi__SetRequest *q = s->request;

	for (size_t i = 0; i < q->n_delete_; i++) {
		struct gnmi_path path;

		if (!join(s, q->delete_[i], &path, why) || !apply_delete(s, &path, tree, why))
			return false;
	}
	return apply_values(s, q->replace, q->n_replace, true, tree, why) &&
	       apply_values(s, q->update, q->n_update, false, tree, why);
}

static bool
on_accept(void *ctx, struct lab_refusal *why)
{
	struct set *s = ctx;
	char text[256];

	if (routers_make_true(s->all, s->r, text))
		return true;
	return refuse(why, "%s", text);
}

static bool
add_result(struct set *s, Gnmi__SetResponse *answer, Gnmi__Path *path,
	   Gnmi__UpdateResult__Operation op)
{
	Gnmi__UpdateResult *result = arena_alloc(s->arena, sizeof *result);

	if (result == NULL)
		return false;
	gnmi__update_result__init(result);
	result->path = path;
	result->op = op;
	answer->response[answer->n_response++] = result;
	return true;
}

static void
answer_done(struct set *s, struct gnmi_answer *out)
{
	const Gnmi__SetRequest *q = s->request;
	Gnmi__SetResponse answer = GNMI__SET_RESPONSE__INIT;
	bool ok;

	answer.response =
	    arena_alloc(s->arena, (q->n_delete_ + q->n_replace + q->n_update + 1) * sizeof(void *));
	ok = answer.response != NULL;
	for (size_t i = 0; ok && i < q->n_delete_; i++)
		ok = add_result(s, &answer, q->delete_[i], GNMI__UPDATE_RESULT__OPERATION__DELETE);
	for (size_t i = 0; ok && i < q->n_replace; i++)
		ok = add_result(s, &answer, q->replace[i]->path,
				GNMI__UPDATE_RESULT__OPERATION__REPLACE);
	for (size_t i = 0; ok && i < q->n_update; i++)
		ok = add_result(s, &answer, q->update[i]->path,
				GNMI__UPDATE_RESULT__OPERATION__UPDATE);
	answer.prefix = q->prefix;
	answer.timestamp = gnmi_time();
	if (ok)
		gnmi_answer_pack(out, &answer.base);
	else
		gnmi_answer_refuse(out, GRPC_STATUS_RESOURCE_EXHAUSTED, "out of memory");
}

/* What a router was told to do wrong; true: nothing is to be set. */
static bool
fault_before(struct router *r, struct gnmi_answer *out)
{
	enum lab_fault fault = r->fault;

	if (fault != LAB_FAULT_REFUSE_EDIT && fault != LAB_FAULT_CLOSE_BEFORE_COMMIT)
		return false;
	r->fault = LAB_FAULT_NONE;
	if (fault == LAB_FAULT_REFUSE_EDIT)
		gnmi_answer_refuse(out, GRPC_STATUS_INVALID_ARGUMENT, "refused by order");
	else
		gnmi_answer_refuse(out, GRPC_STATUS_UNAVAILABLE, "closed by order");
	return true;
}

/* The other ones: it is set, and something is wrong behind it. */
static void
fault_after(struct set *s, struct gnmi_answer *out)
{
	enum lab_fault fault = s->r->fault;

	if (fault != LAB_FAULT_CLOSE_AFTER_COMMIT && fault != LAB_FAULT_NONSENSE)
		return;
	s->r->fault = LAB_FAULT_NONE;
	if (fault == LAB_FAULT_CLOSE_AFTER_COMMIT) {
		gnmi_answer_refuse(out, GRPC_STATUS_UNAVAILABLE, "closed by order");
		return;
	}
	if (out->len > 0)
		memset(out->bytes, 0xff, out->len);
}

static void
set_locked(struct set *s, struct gnmi_answer *out)
{
	struct lab_write write = { on_edit, on_accept, s };
	struct lab_refusal why = { 0 };

	if (fault_before(s->r, out))
		return;
	if (!lab_write(&s->r->store, &write, &why)) {
		gnmi_answer_refuse(
		    out,
		    why.tag == NC_ERR_IN_USE ? GRPC_STATUS_ABORTED : GRPC_STATUS_INVALID_ARGUMENT,
		    "%s%s%s", why.text, why.text[0] && why.path[0] ? " at " : "", why.path);
		return;
	}
	if (s->r->fault == LAB_FAULT_ALTER) {
		char text[256];

		s->r->fault = LAB_FAULT_NONE;
		routers_alter(s->r);
		(void)routers_make_true(s->all, s->r, text);
	}
	routers_changed(s->r, 0);
	routers_say(s->r, "set", "");
	answer_done(s, out);
	fault_after(s, out);
}

void
gnmi_answer_set(struct lab_routers *all, struct router *r, const uint8_t *bytes, size_t len,
		struct gnmi_answer *out)
{
	struct arena arena = { 0 };
	struct set s = { .all = all, .r = r, .arena = &arena };
	ProtobufCMessage *message = NULL;
	struct pce_error err = { 0 };

	if (gnmi_message_read(&gnmi__set_request__descriptor, &gnmi_type_set_request, bytes, len,
			      &message, &err)) {
		gnmi_answer_refuse(out, GRPC_STATUS_INVALID_ARGUMENT, "%s", err.text);
		return;
	}
	s.request = (const Gnmi__SetRequest *)(const void *)message;
	pthread_mutex_lock(&r->mutex);
	set_locked(&s, out);
	pthread_mutex_unlock(&r->mutex);
	gnmi_message_free(message);
	arena_free(&arena);
}
