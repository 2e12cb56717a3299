#include "tests/lab/gnmi_tree.h"

#include <stdio.h>
#include <string.h>

static const char device[] = "karst-device", openconfig[] = "openconfig-interfaces";

void
gtree_free(struct gtree *tree)
{
	arena_free(&tree->arena);
	*tree = (struct gtree){ 0 };
}

/* --- building --- */

struct gtree_node *
gtree_add(struct gtree *tree, struct gtree_node *parent, const char *module, const char *name,
	  enum gtree_kind kind)
{
	struct gtree_node *node = parent ? arena_alloc(&tree->arena, sizeof *node) : NULL;

	if (node == NULL) {
		tree->bad = true;
		return NULL;
	}
	node->module = module;
	node->name = name;
	node->kind = kind;
	node->parent = parent;
	node->state = parent->state;
	if (parent->last != NULL)
		parent->last->next = node;
	else
		parent->child = node;
	parent->last = node;
	return node;
}

static struct gtree_node *
find_child(struct gtree_node *parent, const char *module, const char *name)
{
	for (struct gtree_node *n = parent->child; n != NULL; n = n->next)
		if (strcmp(n->name, name) == 0 && strcmp(n->module, module) == 0)
			return n;
	return NULL;
}

/* A container that may be there already. */
static struct gtree_node *
container(struct gtree *tree, struct gtree_node *parent, const char *module, const char *name)
{
	struct gtree_node *found = parent ? find_child(parent, module, name) : NULL;

	return found ? found : gtree_add(tree, parent, module, name, GTREE_INNER);
}

struct gtree_node *
gtree_add_text(struct gtree *tree, struct gtree_node *parent, const char *name, const char *text)
{
	struct gtree_node *leaf =
	    gtree_add(tree, parent, parent ? parent->module : "", name, GTREE_LEAF);

	if (leaf == NULL)
		return NULL;
	leaf->text = arena_strdup(&tree->arena, text);
	tree->bad = tree->bad || leaf->text == NULL;
	return leaf;
}

struct gtree_node *
gtree_add_number(struct gtree *tree, struct gtree_node *parent, const char *name, uint64_t value,
		 bool wide)
{
	char text[24];
	struct gtree_node *leaf;

	snprintf(text, sizeof text, "%llu", (unsigned long long)value);
	leaf = gtree_add_text(tree, parent, name, text);
	if (leaf != NULL) {
		leaf->type = GTREE_UINT;
		leaf->wide = wide;
	}
	return leaf;
}

/* The type of a leaf, as JSON and the scalars of gNMI tell them apart. */
static void
set_type(struct gtree_node *leaf, const struct lyd_node *from)
{
	const struct lyd_node_term *term = (const struct lyd_node_term *)(const void *)from;
	LY_DATA_TYPE base = term->value.realtype->basetype;

	leaf->wide = base == LY_TYPE_UINT64 || base == LY_TYPE_INT64;
	if (base == LY_TYPE_UINT8 || base == LY_TYPE_UINT16 || base == LY_TYPE_UINT32 ||
	    base == LY_TYPE_UINT64)
		leaf->type = GTREE_UINT;
	else if (base == LY_TYPE_INT8 || base == LY_TYPE_INT16 || base == LY_TYPE_INT32 ||
		 base == LY_TYPE_INT64)
		leaf->type = GTREE_INT;
	else if (base == LY_TYPE_BOOL)
		leaf->type = GTREE_BOOL;
}

void
gtree_add_data(struct gtree *tree, struct gtree_node *parent, const struct lyd_node *siblings)
{
	const struct lyd_node *from;

	LY_LIST_FOR(siblings, from)
	{
		const struct lysc_node *schema = from->schema;
		enum gtree_kind kind = schema->nodetype == LYS_LIST       ? GTREE_ENTRY
				       : schema->nodetype & LYD_NODE_TERM ? GTREE_LEAF
									  : GTREE_INNER;
		struct gtree_node *node =
		    gtree_add(tree, parent, schema->module->name, schema->name, kind);

		if (node == NULL)
			return;
		node->state = (schema->flags & LYS_CONFIG_R) != 0;
		node->key = lysc_is_key(schema);
		if (kind == GTREE_LEAF) {
			node->text = arena_strdup(&tree->arena, lyd_get_value(from));
			tree->bad = tree->bad || node->text == NULL;
			set_type(node, from);
		}
		gtree_add_data(tree, node, lyd_child(from));
	}
}

static struct gtree_node *
entry_named(struct gtree *tree, struct gtree_node *list_parent, const char *module,
	    const char *name)
{
	struct gtree_node *entry = gtree_add(tree, list_parent, module, "interface", GTREE_ENTRY);
	struct gtree_node *key = gtree_add_text(tree, entry, "name", name);

	if (key != NULL)
		key->key = true;
	return entry;
}

static void
add_openconfig(struct gtree *tree, const struct gtree_interface *at)
{
	struct gtree_node *top = container(tree, &tree->root, openconfig, "interfaces");
	struct gtree_node *entry = entry_named(tree, top, openconfig, at->name);
	struct gtree_node *state = gtree_add(tree, entry, openconfig, "state", GTREE_INNER),
			  *counters;

	if (state == NULL)
		return;
	state->state = true;
	gtree_add_text(tree, state, "name", at->name);
	gtree_add_text(tree, state, "oper-status", at->up ? "UP" : "DOWN");
	gtree_add_number(tree, state, "ifindex", at->index, false);
	counters = gtree_add(tree, state, openconfig, "counters", GTREE_INNER);
	gtree_add_number(tree, counters, "in-octets", at->in_octets, true);
	gtree_add_number(tree, counters, "in-pkts", at->in_packets, true);
	gtree_add_number(tree, counters, "in-errors", at->in_errors, true);
	gtree_add_number(tree, counters, "out-octets", at->out_octets, true);
	gtree_add_number(tree, counters, "out-pkts", at->out_packets, true);
	gtree_add_number(tree, counters, "out-discards", at->out_discards, true);
}

static void
add_own(struct gtree *tree, const struct gtree_interface *at)
{
	struct gtree_node *top = container(tree, &tree->root, device, "telemetry"), *entry;

	if (top == NULL)
		return;
	top->state = true;
	entry = entry_named(tree, top, device, at->name);
	gtree_add_number(tree, entry, "if-index", at->index, false);
	gtree_add_text(tree, entry, "oper-status", at->up ? "UP" : "DOWN");
	gtree_add_number(tree, entry, "in-octets", at->in_octets, true);
	gtree_add_number(tree, entry, "out-octets", at->out_octets, true);
	gtree_add_number(tree, entry, "out-packets", at->out_packets, true);
	gtree_add_number(tree, entry, "out-discards", at->out_discards, true);
	if (at->delay_us > 0)
		gtree_add_number(tree, entry, "delay-us", at->delay_us, false);
}

void
gtree_add_interface(struct gtree *tree, const struct gtree_interface *at)
{
	add_openconfig(tree, at);
	add_own(tree, at);
}

/* An entry of a list of telemetry; its keys follow. */
static struct gtree_node *
telemetry_entry(struct gtree *tree, const char *list)
{
	struct gtree_node *top = container(tree, &tree->root, device, "telemetry");

	if (top == NULL)
		return NULL;
	top->state = true;
	return gtree_add(tree, top, device, list, GTREE_ENTRY);
}

static void
add_policy_keys(struct gtree *tree, struct gtree_node *entry, uint32_t color, const char *endpoint)
{
	struct gtree_node *key = gtree_add_number(tree, entry, "color", color, false);

	if (key != NULL)
		key->key = true;
	key = gtree_add_text(tree, entry, "endpoint", endpoint);
	if (key != NULL)
		key->key = true;
}

void
gtree_add_policy_octets(struct gtree *tree, uint32_t color, const char *endpoint, uint64_t octets)
{
	struct gtree_node *entry = telemetry_entry(tree, "policy");

	add_policy_keys(tree, entry, color, endpoint);
	gtree_add_number(tree, entry, "out-octets", octets, true);
}

void
gtree_add_flow(struct gtree *tree, const struct gtree_flow *flow)
{
	struct gtree_node *entry = telemetry_entry(tree, "flow");
	struct gtree_node *key = gtree_add_text(tree, entry, "headend", flow->headend);

	if (key != NULL)
		key->key = true;
	add_policy_keys(tree, entry, flow->color, flow->endpoint);
	gtree_add_number(tree, entry, "in-packets", flow->packets, true);
	gtree_add_number(tree, entry, "in-octets", flow->octets, true);
}

/* --- finding --- */

static bool
name_fits(const struct gtree_node *node, const char *name)
{
	const char *colon = strchr(name, ':');
	size_t len = colon ? (size_t)(colon - name) : 0;

	if (strcmp(name, "*") == 0 || strcmp(name, node->name) == 0)
		return true;
	return colon != NULL && strlen(node->module) == len &&
	       memcmp(node->module, name, len) == 0 && strcmp(colon + 1, node->name) == 0;
}

static bool
key_fits(const struct gtree_node *entry, const struct gnmi_path_key *key)
{
	for (const struct gtree_node *n = entry->child; n != NULL && n->key; n = n->next)
		if (strcmp(n->name, key->name) == 0)
			return strcmp(key->value, "*") == 0 || strcmp(key->value, n->text) == 0;
	return false;
}

static bool
elem_fits(const struct gtree_node *node, const struct gnmi_path_elem *elem)
{
	if (!name_fits(node, elem->name))
		return false;
	for (size_t i = 0; i < elem->n_keys; i++)
		if (!key_fits(node, &elem->keys[i]))
			return false;
	return true;
}

static size_t
match(struct gtree_node *node, const struct gnmi_path_elem *elems, size_t n,
      void (*visit)(void *ctx, struct gtree_node *node), void *ctx)
{
	size_t found = 0;

	if (n == 0) {
		visit(ctx, node);
		return 1;
	}
	for (struct gtree_node *child = node->child; child != NULL; child = child->next)
		if (elem_fits(child, elems))
			found += match(child, elems + 1, n - 1, visit, ctx);
	return found;
}

size_t
gtree_match(struct gtree *tree, const struct gnmi_path *path,
	    void (*visit)(void *ctx, struct gtree_node *node), void *ctx)
{
	return match(&tree->root, path->elems, path->n_elems, visit, ctx);
}

void
gtree_leaves(struct gtree_node *node, void (*visit)(void *ctx, struct gtree_node *leaf), void *ctx)
{
	if (node->kind == GTREE_LEAF)
		visit(ctx, node);
	for (struct gtree_node *child = node->child; child != NULL; child = child->next)
		gtree_leaves(child, visit, ctx);
}

/* --- telling --- */

static bool
path_elem(const struct gtree_node *node, struct arena *arena, struct gnmi_path_elem *out)
{
	size_t n = 0;

	out->name = node->name;
	for (const struct gtree_node *k = node->child; k != NULL && k->key; k = k->next)
		n++;
	out->keys = arena_alloc(arena, (n + 1) * sizeof *out->keys);
	if (out->keys == NULL)
		return false;
	for (const struct gtree_node *k = node->child; k != NULL && k->key; k = k->next) {
		size_t at = out->n_keys++;

		for (; at > 0 && strcmp(out->keys[at - 1].name, k->name) > 0; at--)
			out->keys[at] = out->keys[at - 1];
		out->keys[at] = (struct gnmi_path_key){ k->name, k->text };
	}
	return true;
}

bool
gtree_path(const struct gtree_node *node, struct arena *arena, struct gnmi_path *out)
{
	const struct gtree_node *n;
	size_t depth = 0;

	for (n = node; n->parent != NULL; n = n->parent)
		depth++;
	*out = (struct gnmi_path){ .origin = "", .n_elems = depth };
	out->elems = arena_alloc(arena, (depth + 1) * sizeof *out->elems);
	if (out->elems == NULL)
		return false;
	for (n = node; n->parent != NULL; n = n->parent)
		if (!path_elem(n, arena, &out->elems[--depth]))
			return false;
	return true;
}

static void
json_leaf(const struct gtree_node *leaf, struct text *out)
{
	if (leaf->type == GTREE_TEXT || leaf->wide)
		text_json_string(out, leaf->text, strlen(leaf->text));
	else
		text_add(out, leaf->text);
}

/* A name has its module in front where that is not the one of what is around it, and at the top of
 * the value. */
static void
json_name(const struct gtree_node *node, bool top, struct text *out)
{
	bool named = top || node->parent == NULL || node->parent->module == NULL ||
		     strcmp(node->parent->module, node->module) != 0;

	if (named)
		text_printf(out, "\"%s:%s\":", node->module, node->name);
	else
		text_printf(out, "\"%s\":", node->name);
}

static void
json_object(const struct gtree_node *node, bool top, struct text *out)
{
	text_add(out, "{");
	for (const struct gtree_node *n = node->child; n != NULL; n = n->next) {
		bool list = n->kind == GTREE_ENTRY;

		if (n != node->child)
			text_add(out, ",");
		json_name(n, top, out);
		if (list)
			text_add(out, "[");
		for (;; n = n->next) {
			if (n->kind == GTREE_LEAF)
				json_leaf(n, out);
			else
				json_object(n, false, out);
			if (!list || n->next == NULL || n->next->kind != GTREE_ENTRY ||
			    strcmp(n->next->name, n->name) != 0)
				break;
			text_add(out, ",");
		}
		if (list)
			text_add(out, "]");
	}
	text_add(out, "}");
}

void
gtree_json(const struct gtree_node *node, struct text *out)
{
	if (node->kind == GTREE_LEAF)
		json_leaf(node, out);
	else
		json_object(node, true, out);
}
