/*
 * Resolving names. What cannot be found is the client's fault and is told with the data path of
 * the very leaf (RFC 8040 section 7: error-path), so that a person sees which of forty names is
 * the wrong one.
 */
#include "pce/policy/request.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"

#define AFFINITY_BITS_MAX 1024 /* karst-types: affinity-bit */

enum pce_status
intent_fail(struct pce_error *err, enum pce_status status, const struct intent *intent,
	    const char *leaf, const char *fmt, ...)
{
	char path[PCE_ERROR_PATH], text[PCE_ERROR_TEXT];
	const char *id = intent->id ? intent->id : "";
	const char *quote = strchr(id, '\'') ? "\"" : "'";
	va_list ap;

	snprintf(path, sizeof(path), "/karst-intent:intents/intent[id=%s%s%s]%s%s", quote, id,
		 quote, leaf ? "/" : "", leaf ? leaf : "");
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return pce_fail_at(err, status, path, 0, "%s", text);
}

struct resolver {
	const struct ted *ted;
	const struct intent *intent;
	struct arena *arena;
	struct pce_error *err;
};

/* An unknown name is invalid input; anything else is passed on. */
static enum pce_status
unknown(const struct resolver *r, const char *leaf, const struct pce_error *why)
{
	if (why->status != PCE_NOT_FOUND && why->status != PCE_INVALID)
		return pce_fail(r->err, why->status, "%s", why->text);
	return intent_fail(r->err, PCE_INVALID, r->intent, leaf, "%s", why->text);
}

static enum pce_status
resolve_node(const struct resolver *r, const char *leaf, const char *name, ted_node *out)
{
	struct pce_error why = { 0 };

	if (!name || !*name)
		return intent_fail(r->err, PCE_INVALID, r->intent, leaf, "%s is missing", leaf);
	if (ted_find_node(r->ted, name, out, &why))
		return unknown(r, leaf, &why);
	return PCE_OK;
}

static enum pce_status
resolve_nodes(const struct resolver *r, const char *leaf, struct name_list list, bool reversed,
	      const uint32_t **out, size_t *n)
{
	uint32_t *rows = arena_alloc(r->arena, list.n * sizeof(*rows) + 1);

	if (!rows)
		return pce_no_memory(r->err);
	for (size_t i = 0; i < list.n; i++) {
		enum pce_status status =
		    resolve_node(r, leaf, list.names[i], &rows[reversed ? list.n - 1 - i : i]);

		if (status)
			return status;
	}
	*out = list.n ? rows : NULL;
	*n = list.n;
	return PCE_OK;
}

static enum pce_status
find_links(const struct resolver *r, ted_link **links, size_t *n, size_t *cap)
{
	const struct name_list *list = &r->intent->avoid_links;

	for (size_t i = 0; i < list->n; i++) {
		struct pce_error why = { 0 };

		if (ted_find_links(r->ted, list->names[i], links, n, cap, &why))
			return unknown(r, "constraints/avoid/link", &why);
	}
	return PCE_OK;
}

static enum pce_status
resolve_links(const struct resolver *r, struct path_request *out)
{
	ted_link *links = NULL;
	size_t n = 0, cap = 0;
	enum pce_status status = find_links(r, &links, &n, &cap);

	if (status == PCE_OK && n > 0) {
		out->avoid_links = arena_copy(r->arena, links, n * sizeof(*links));
		out->n_avoid_links = n;
		if (!out->avoid_links)
			status = pce_no_memory(r->err);
	}
	free(links);
	return status;
}

static enum pce_status
resolve_srlgs(const struct resolver *r, struct path_request *out)
{
	struct name_list list = r->intent->avoid_srlgs;
	uint32_t *numbers = arena_alloc(r->arena, list.n * sizeof(*numbers) + 1);

	if (!numbers)
		return pce_no_memory(r->err);
	for (size_t i = 0; i < list.n; i++) {
		struct pce_error why = { 0 };

		if (ted_find_srlg(r->ted, list.names[i], &numbers[i], &why))
			return unknown(r, "constraints/avoid/srlg", &why);
	}
	out->avoid_srlgs = list.n ? numbers : NULL;
	out->n_avoid_srlgs = list.n;
	return PCE_OK;
}

/*
 * all: every name must match, so one that nobody knows matches nothing. any: only if none of the
 * names is known. exclude (neither): an unknown name excludes nothing.
 */
enum affinity_use { AFFINITY_ANY, AFFINITY_ALL, AFFINITY_EXCLUDE };

static enum pce_status
resolve_affinity(const struct resolver *r, struct name_list list, enum affinity_use use,
		 struct path_affinity *out)
{
	uint32_t words[AFFINITY_BITS_MAX / 32] = { 0 };
	size_t n = 0, known = 0;

	for (size_t i = 0; i < list.n; i++) {
		uint32_t bit;

		if (ted_find_affinity(r->ted, list.names[i], &bit, NULL) ||
		    bit >= AFFINITY_BITS_MAX)
			continue;
		known++;
		words[bit / 32] |= 1u << bit % 32;
		if (bit / 32 + 1 > n)
			n = bit / 32 + 1;
	}
	out->n = n;
	out->never = (use == AFFINITY_ALL && known < list.n) ||
		     (use == AFFINITY_ANY && known == 0 && list.n > 0);
	out->words = n ? arena_copy(r->arena, words, n * sizeof(*words)) : NULL;
	return n && !out->words ? pce_no_memory(r->err) : PCE_OK;
}

static enum pce_status
resolve_affinities(const struct resolver *r, struct path_request *out)
{
	const struct intent *i = r->intent;
	enum pce_status status;

	status = resolve_affinity(r, i->include_any, AFFINITY_ANY, &out->include_any);
	if (status == PCE_OK)
		status = resolve_affinity(r, i->include_all, AFFINITY_ALL, &out->include_all);
	if (status == PCE_OK)
		status = resolve_affinity(r, i->exclude_any, AFFINITY_EXCLUDE, &out->exclude_any);
	return status;
}

static enum pce_status
resolve_services(const struct resolver *r, bool backward, struct path_request *out)
{
	struct name_list list = r->intent->via_services;
	const char **names = arena_alloc(r->arena, list.n * sizeof(*names) + 1);

	if (!names)
		return pce_no_memory(r->err);
	for (size_t i = 0; i < list.n; i++) {
		names[i] = arena_strdup(r->arena, list.names[backward ? list.n - 1 - i : i]);
		if (!names[i])
			return pce_no_memory(r->err);
	}
	out->via_services = list.n ? names : NULL;
	out->n_via_services = list.n;
	return PCE_OK;
}

static enum pce_status
resolve_constraints(const struct resolver *r, bool backward, struct path_request *out)
{
	const struct intent *i = r->intent;
	enum pce_status status;

	status = resolve_nodes(r, "constraints/avoid/node", i->avoid_nodes, false,
			       &out->avoid_nodes, &out->n_avoid_nodes);
	if (status == PCE_OK)
		status =
		    resolve_nodes(r, "constraints/via", i->via, backward, &out->via, &out->n_via);
	if (status == PCE_OK)
		status = resolve_services(r, backward, out);
	if (status == PCE_OK)
		status = resolve_links(r, out);
	if (status == PCE_OK)
		status = resolve_srlgs(r, out);
	if (status == PCE_OK)
		status = resolve_affinities(r, out);
	if (status == PCE_OK && i->slice) {
		out->slice = arena_strdup(r->arena, i->slice);
		if (!out->slice)
			status = pce_no_memory(r->err);
	}
	return status;
}

static void
take_bounds(const struct intent *intent, struct path_request *out)
{
	out->disjoint = intent->disjoint;
	out->pair = intent->pair;
	out->bandwidth_bps = intent->bandwidth_bps;
	out->max_delay_us = intent->max_delay_us;
	out->max_te = intent->max_te;
	out->max_igp = intent->max_igp;
	out->max_hops = intent->max_hops;
	out->max_sids = intent->max_sids;
	out->guarantee = intent->guarantee;
	out->max_lists = intent->max_lists;
	out->co_routed = intent->co_routed;
}

enum pce_status
intent_request(const struct ted *ted, const struct intent *intent, bool backward,
	       struct arena *arena, struct path_request *out, struct pce_error *err)
{
	struct resolver r = { ted, intent, arena, err };
	struct path_request request;
	ted_node from, to;
	enum pce_status status;

	status = resolve_node(&r, "from", intent->from, &from);
	if (status == PCE_OK)
		status = resolve_node(&r, "to", intent->to, &to);
	if (status)
		return status;
	if (from == to)
		return intent_fail(err, PCE_INVALID, intent, "to", "from and to are both %s",
				   ted_node_at(ted, from)->name);
	request = path_request_init(backward ? to : from, backward ? from : to, intent->objective);
	take_bounds(intent, &request);
	status = resolve_constraints(&r, backward, &request);
	if (status == PCE_OK)
		*out = request;
	return status;
}
