/*
 * karst-device in NETCONF payloads. The edit's operations are put into what libyang prints: its
 * text has one <policy> for each change, in order, and nothing that a router or an operator named
 * can look like a tag there.
 */
#include "models/codec/device.h"

#include <stdlib.h>
#include <string.h>

#include "models/codec/srpolicy.h"

#define NAMESPACE "urn:karst:yang:karst-device"
#define BASE "urn:ietf:params:xml:ns:netconf:base:1.0"

static void
emit_top(struct emit *e)
{
	emit_open(e, NULL, '{');
	emit_open(e, "karst-device:srv6-policies", '{');
	emit_open(e, "policy", '[');
}

static void
emit_bottom(struct emit *e)
{
	emit_close(e, ']');
	emit_close(e, '}');
	emit_close(e, '}');
}

static void
emit_key(struct emit *e, const struct srpolicy *policy)
{
	emit_open(e, NULL, '{');
	emit_u32(e, "color", policy->color);
	emit_addr(e, "endpoint", &policy->endpoint);
	emit_close(e, '}');
}

static void
emit_whole(struct emit *e, const struct srpolicy *policy)
{
	emit_open(e, NULL, '{');
	srpolicy_emit(e, policy, true, NULL, NULL);
	emit_close(e, '}');
}

enum pce_status
codec_device_print(const struct codec *codec, const struct srpolicy *policies, size_t n,
		   struct text *out, struct pce_error *err)
{
	struct emit e = { 0 };

	emit_top(&e);
	for (size_t i = 0; i < n; i++)
		emit_whole(&e, &policies[i]);
	emit_bottom(&e);
	return emit_finish_xml(codec, &e, out, err);
}

/* What a change puts on the router, or NULL for a removal. */
static const struct srpolicy *
wanted(const struct deploy_change *change, bool inverse)
{
	if (inverse)
		return change->before;
	return change->action != DEPLOY_REMOVE ? change->policy : NULL;
}

enum pce_status
codec_device_edit(const struct codec *codec, const struct deploy_change *changes, size_t n,
		  bool inverse, struct text *out, struct pce_error *err)
{
	static const char tag[] = "<policy>";
	struct emit e = { 0 };
	struct text plain = { 0 };
	const char *at, *next;
	enum pce_status status;

	emit_top(&e);
	for (size_t i = 0; i < n; i++) {
		const struct srpolicy *policy = wanted(&changes[i], inverse);

		if (policy)
			emit_whole(&e, policy);
		else
			emit_key(&e, changes[i].policy);
	}
	emit_bottom(&e);
	status = emit_finish_xml(codec, &e, &plain, err);
	at = text_get(&plain);
	for (size_t i = 0; status == PCE_OK && i < n && (next = strstr(at, tag)) != NULL; i++) {
		text_bytes(out, at, (size_t)(next - at));
		text_printf(out, "<policy xmlns:nc=\"" BASE "\" nc:operation=\"%s\">",
			    wanted(&changes[i], inverse) ? "replace" : "remove");
		at = next + strlen(tag);
	}
	if (status == PCE_OK)
		text_add(out, at);
	text_free(&plain);
	return status == PCE_OK && !text_ok(out) ? pce_no_memory(err) : status;
}

enum pce_status
codec_device_filter(const struct codec *codec, const struct deploy_change *changes, size_t n,
		    struct text *out, struct pce_error *err)
{
	struct emit e = { 0 };

	if (n == 0) {
		text_add(out, "<srv6-policies xmlns=\"" NAMESPACE "\"/>");
		return text_ok(out) ? PCE_OK : pce_no_memory(err);
	}
	emit_top(&e);
	for (size_t i = 0; i < n; i++)
		emit_key(&e, changes[i].policy);
	emit_bottom(&e);
	return emit_finish_xml(codec, &e, out, err);
}

static int
policy_order(const void *a, const void *b)
{
	const struct srpolicy *x = a, *y = b;

	if (x->color != y->color)
		return x->color < y->color ? -1 : 1;
	return ip_compare(&x->endpoint, &y->endpoint);
}

static int
oper_order(const void *a, const void *b)
{
	const struct srpolicy_oper *x = a, *y = b;

	if (x->color != y->color)
		return x->color < y->color ? -1 : 1;
	return ip_compare(&x->endpoint, &y->endpoint);
}

static size_t
count_lists(const struct lyd_node *policy)
{
	const struct lyd_node *path;
	size_t n = 0;

	LY_LIST_FOR(lyd_child(policy), path)
	{
		if (strcmp(read_name(path), "candidate-path") == 0)
			n += read_count(path, "segment-list");
	}
	return n;
}

/* What the router makes of each segment list, if it says so. */
static void
read_oper_lists(const struct lyd_node *policy, struct arena *arena, struct srpolicy_oper *out,
		bool *bad)
{
	size_t count = count_lists(policy);
	struct srpolicy_oper_list *lists = arena_alloc(arena, (count + 1) * sizeof(*lists));
	const struct lyd_node *path, *list;

	*bad = *bad || !lists;
	LY_LIST_FOR(lists ? lyd_child(policy) : NULL, path)
	{
		if (strcmp(read_name(path), "candidate-path") != 0)
			continue;
		LY_LIST_FOR(lyd_child(path), list)
		{
			const struct lyd_node *state = strcmp(read_name(list), "segment-list") == 0
							   ? read_child(list, "state")
							   : NULL;

			if (!state || !read_text(state, "valid"))
				continue;
			lists[out->n_lists++] = (struct srpolicy_oper_list){
				.preference = (uint32_t)read_u64(path, "preference", 0),
				.id = (uint32_t)read_u64(list, "id", 0),
				.valid = read_bool(state, "valid", false),
				.reason = read_copy(arena, read_text(state, "reason"), bad),
			};
		}
	}
	out->lists = lists;
}

static bool
read_oper(const struct lyd_node *node, struct arena *arena, struct srpolicy_oper *out, bool *bad)
{
	const struct lyd_node *state = read_child(node, "state");
	const char *oper = read_text(state, "oper-state");

	if (!oper)
		return false;
	out->color = (uint32_t)read_u64(node, "color", 0);
	out->endpoint = read_addr(node, "endpoint");
	out->up = strcmp(oper, "up") == 0;
	out->active_preference = (uint32_t)read_u64(state, "active-preference", 0);
	out->reason = read_copy(arena, read_text(state, "reason"), bad);
	out->n_lists = 0;
	read_oper_lists(node, arena, out, bad);
	return true;
}

static enum pce_status
read_policies(const struct lyd_node *top, struct arena *arena, struct codec_device *out,
	      struct pce_error *err)
{
	size_t n = read_count(top, "policy"), i = 0, n_oper = 0;
	struct srpolicy *policies = arena_alloc(arena, (n + 1) * sizeof(*policies));
	struct srpolicy_oper *oper = arena_alloc(arena, (n + 1) * sizeof(*oper));
	const struct lyd_node *node;
	bool bad = !policies || !oper;

	LY_LIST_FOR(!bad && top ? lyd_child(top) : NULL, node)
	{
		if (strcmp(read_name(node), "policy") != 0)
			continue;
		srpolicy_read(node, arena, &policies[i++], &bad);
		if (read_oper(node, arena, &oper[n_oper], &bad))
			n_oper++;
	}
	if (bad)
		return pce_no_memory(err);
	qsort(policies, n, sizeof(*policies), policy_order);
	qsort(oper, n_oper, sizeof(*oper), oper_order);
	*out = (struct codec_device){ policies, n, oper, n_oper };
	return PCE_OK;
}

/* The srv6-policies container among the top-level siblings, or NULL. */
static const struct lyd_node *
find_top(const struct lyd_node *tree)
{
	const struct lyd_node *node;

	LY_LIST_FOR(tree, node)
	{
		if (strcmp(read_name(node), "srv6-policies") == 0)
			return node;
	}
	return NULL;
}

enum pce_status
codec_device_read(const struct codec *codec, const char *xml, size_t len, struct arena *arena,
		  struct codec_device *out, struct pce_error *err)
{
	struct lyd_node *tree = NULL;
	struct text copy = { 0 };
	enum pce_status status = PCE_OK;

	text_bytes(&copy, xml, len);
	if (!text_ok(&copy))
		return pce_no_memory(err);
	if (memchr(xml, 0, len)) {
		text_free(&copy);
		return pce_fail(err, PCE_MALFORMED, "the router's answer holds a NUL character");
	}
	ly_err_clean(codec->ctx, NULL);
	if (lyd_parse_data_mem(codec->ctx, text_get(&copy), LYD_XML, 0, LYD_VALIDATE_PRESENT,
			       &tree))
		status = codec_ly_fail(codec, NULL, PCE_MALFORMED, err);
	text_free(&copy);
	if (status == PCE_OK)
		status = read_policies(find_top(tree), arena, out, err);
	lyd_free_all(tree);
	return status;
}
