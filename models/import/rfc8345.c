/*
 * RFC 8345 in JSON: one network of ietf-network with the links of ietf-network-topology. Values
 * come from ietf-l3-unicast-topology (RFC 8346: metric1 is the IGP metric, metric2 the TE metric)
 * and ietf-te-topology (RFC 8795), and from members that are named like our leaves in any module.
 * Other augmentations are listed. Links are directed; two whose termination points are each other's
 * are a fibre.
 *
 * Of several networks the one that has links is read; the rest is listed.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/import/readers.h"
#include "models/import/tree.h"

#define BITS 1024 /* of affinities */

struct rfc8345 {
	struct draft *draft;
	struct arena arena;
	struct draft_names unknown; /* augmentations that were listed */
	struct draft_names routes; /* "node tp node tp" of each link */
	const struct tree **links; /* of each route; NULL when two links have it */
	size_t n_links, cap_links;
	bool bad; /* memory ran out */
};

/* A text in the arena that lives until the object is put. */
static const char *
keep(struct rfc8345 *r, struct text *text)
{
	const char *copy = text_ok(text) ? arena_strdup(&r->arena, text_get(text)) : NULL;

	text_free(text);
	r->bad = r->bad || !copy;
	return copy ? copy : "";
}

static void
give(struct rfc8345 *r, bool node, const char *leaf, const struct tree *from, const char *member)
{
	const struct tree *value = tree_get(from, member);

	if (value && value->text)
		draft_value(r->draft, node, leaf, value->text, value->line);
}

/* The strings of a leaf-list, with blanks between, as a value. */
static void
give_list(struct rfc8345 *r, bool node, const char *leaf, const struct tree *list)
{
	struct text all = { 0 };

	if (!list)
		return;
	if (list->text) {
		draft_value(r->draft, node, leaf, list->text, list->line);
		return;
	}
	for (const struct tree *at = list->first; at; at = at->next) {
		if (at->text)
			text_printf(&all, "%s%s", all.len ? " " : "", at->text);
	}
	draft_value(r->draft, node, leaf, keep(r, &all), list->line);
}

/* Members that nobody here reads are listed once each. */
static void
tell_unknown(struct rfc8345 *r, const char *key)
{
	if (draft_names_find(&r->unknown, key) != HASH_NONE)
		return;
	if (draft_names_add(&r->unknown, key, NULL))
		r->bad = true;
	draft_left_out(r->draft, "member", key, "not read");
}

/* Members that are named like our leaves, and those that are not known. */
static void
give_others(struct rfc8345 *r, bool node, const struct tree *object, const char *const *known)
{
	for (const struct tree *at = object->first; at; at = at->next) {
		const char *bare = at->key ? tree_bare(at->key) : "";
		size_t i = 0;

		while (known[i] && strcmp(known[i], bare) != 0)
			i++;
		if (known[i])
			continue;
		if (!draft_knows(node, bare) || draft_is_synonym(bare))
			tell_unknown(r, at->key);
		else if (draft_is_list(node, bare))
			give_list(r, node, bare, at);
		else
			draft_value(r->draft, node, bare, at->text, at->line);
	}
}

/* Octets in hexadecimal, the first four of them bits 31 to 0 (RFC 7308), as a list of bits. */
static void
give_groups(struct rfc8345 *r, const struct tree *groups)
{
	struct text bits = { 0 };
	unsigned n = 0;

	if (!groups || !groups->text)
		return;
	for (const char *c = groups->text; *c; c++)
		n += text_hex_digit(*c) >= 0;
	if (n % 8 != 0 || n > BITS / 4) {
		tell_unknown(r, groups->key);
		return;
	}
	n = 0;
	for (const char *c = groups->text; *c; c++) {
		int digit = text_hex_digit(*c);

		if (digit < 0)
			continue;
		for (unsigned bit = 0; bit < 4; bit++) {
			if (digit >> bit & 1)
				text_printf(&bits, "%s%u", bits.len ? " " : "",
					    n / 8 * 32 + (7 - n % 8) * 4 + bit);
		}
		n++;
	}
	draft_value(r->draft, false, "affinity", keep(r, &bits), groups->line);
}

/* te-bandwidth/generic: a hexadecimal floating-point number of octets per second. */
static void
give_bandwidth(struct rfc8345 *r, const char *leaf, const struct tree *bandwidth)
{
	const struct tree *te = tree_get(bandwidth, "te-bandwidth");
	const struct tree *generic = tree_get(te ? te : bandwidth, "generic");
	struct text bps = { 0 };
	char *end;
	double value;

	if (!generic || !generic->text)
		return;
	value = strtod(generic->text, &end);
	if (*end || !(value >= 0 && value < 2e18)) {
		draft_value(r->draft, false, leaf, generic->text, generic->line);
		return;
	}
	text_printf(&bps, "%" PRIu64, (uint64_t)(value * 8));
	draft_value(r->draft, false, leaf, keep(r, &bps), generic->line);
}

static void
give_status(struct rfc8345 *r, const char *leaf, const struct tree *status)
{
	if (status && status->text && strcmp(status->text, "down") == 0)
		draft_value(r->draft, false, leaf, "false", status->line);
}

static void
give_te(struct rfc8345 *r, const struct tree *te)
{
	const struct tree *all = tree_get(te, "te-link-attributes");
	const struct tree *at = all ? all : te;
	const struct tree *measured = tree_get(at, "performance-metrics-one-way");

	if (!te)
		return;
	give(r, false, "te-metric", at, "te-default-metric");
	give(r, false, "delay-us", at, "te-delay-metric");
	give(r, false, "delay-us", measured, "one-way-delay");
	give(r, false, "delay-us", at, "one-way-delay");
	give_bandwidth(r, "capacity-bps", tree_get(at, "max-link-bandwidth"));
	give_bandwidth(r, "reservable-bps", tree_get(at, "max-resv-link-bandwidth"));
	give_list(r, false, "srlg", tree_get(tree_get(at, "te-srlgs"), "value"));
	give_groups(r, tree_get(at, "administrative-group"));
	give_status(r, "admin-up", tree_get(at, "admin-status"));
	give_status(r, "oper-up", tree_get(te, "oper-status"));
}

static enum pce_status
read_node(struct rfc8345 *r, const struct tree *node)
{
	static const char *const known[] = { "node-id",         "termination-point",
					     "supporting-node", "l3-node-attributes",
					     "te-node-id",      NULL };
	const struct tree *l3 = tree_get(node, "l3-node-attributes");

	give_others(r, true, node, known);
	give(r, true, "label", l3, "name");
	give_list(r, true, "router-id", tree_get(l3, "router-id"));
	give(r, true, "router-id", node, "te-node-id");
	if (tree_get(l3, "prefix"))
		tell_unknown(r, "prefix");
	return draft_node(r->draft, tree_text(node, "node-id"), node->line);
}

/* --- Links --- */

/* "source tp dest tp", or with the ends exchanged; NULL without termination points. */
static const char *
route_of(struct rfc8345 *r, const struct tree *link, bool back)
{
	const struct tree *from = tree_get(link, "source"), *to = tree_get(link, "destination");
	const char *a[2] = { tree_text(from, "source-node"), tree_text(to, "dest-node") };
	const char *tp[2] = { tree_text(from, "source-tp"), tree_text(to, "dest-tp") };
	struct text out = { 0 };

	if (!a[0] || !a[1] || !tp[0] || !tp[1])
		return NULL;
	for (size_t i = 0; i < 2; i++) {
		text_json_string(&out, a[i ^ back], strlen(a[i ^ back]));
		text_json_string(&out, tp[i ^ back], strlen(tp[i ^ back]));
	}
	return keep(r, &out);
}

static enum pce_status
announce(struct rfc8345 *r, const struct tree *link, size_t n_all)
{
	const char *name = tree_text(link, "link-id"), *route = route_of(r, link, false);
	enum pce_status status = PCE_OK;
	uint32_t at;

	if (!name || !*name)
		return draft_fail(r->draft, link->line, PCE_INVALID, "a link", "",
				  "its link-id is missing");
	status = draft_reserve(r->draft, name, link->line);
	if (status != PCE_OK || !route || r->bad)
		return status;
	if (!r->links)
		r->links = arena_alloc(&r->arena, n_all * sizeof(*r->links));
	if (!r->links)
		return pce_no_memory(r->draft->err);
	at = draft_names_find(&r->routes, route);
	if (at != HASH_NONE) {
		r->links[at] = NULL;
		return PCE_OK;
	}
	r->links[r->routes.n] = link;
	return draft_names_add(&r->routes, route, r->draft->err);
}

/* The link that goes back over the same two termination points. */
static void
give_reverse(struct rfc8345 *r, const struct tree *link)
{
	const char *there = route_of(r, link, false), *back = route_of(r, link, true);
	uint32_t own, other;

	if (!there || !back || draft_has(r->draft, false, "reverse"))
		return;
	own = draft_names_find(&r->routes, there);
	other = draft_names_find(&r->routes, back);
	if (own == HASH_NONE || other == HASH_NONE || own == other || r->links[own] != link ||
	    !r->links[other])
		return;
	draft_value(r->draft, false, "reverse", tree_text(r->links[other], "link-id"), link->line);
}

static enum pce_status
read_link(struct rfc8345 *r, const struct tree *link)
{
	static const char *const known[] = {
		"link-id", "source", "destination", "supporting-link", "l3-link-attributes",
		"te",      NULL
	};
	const struct tree *l3 = tree_get(link, "l3-link-attributes");
	struct draft_edge edge = { tree_text(link, "link-id"),
				   tree_text(tree_get(link, "source"), "source-node"),
				   tree_text(tree_get(link, "destination"), "dest-node"), true,
				   link->line };

	give_others(r, false, link, known);
	give_others(r, false, l3 ? l3 : &(const struct tree){ .first = NULL },
		    (const char *const[]){ "name", "flag", "metric1", "metric2", NULL });
	give(r, false, "igp-metric", l3, "metric1");
	give_te(r, tree_get(link, "te"));
	give(r, false, "te-metric", l3, "metric2");
	give_reverse(r, link);
	return r->bad ? pce_no_memory(r->draft->err) : draft_edge(r->draft, &edge);
}

static enum pce_status
read_network(struct rfc8345 *r, const struct tree *network)
{
	enum pce_status status = PCE_OK;
	size_t n = 0;

	for (const struct tree *at = network->first; at; at = at->next)
		for (const struct tree *item = at->first; item; item = item->next)
			n++;
	for (const struct tree *at = network->first; status == PCE_OK && at; at = at->next) {
		bool node = at->key && strcmp(tree_bare(at->key), "node") == 0;
		bool link = at->key && strcmp(tree_bare(at->key), "link") == 0;

		for (const struct tree *item = at->first; status == PCE_OK && item;
		     item = item->next) {
			if (node)
				status = read_node(r, item);
			else if (link)
				status = announce(r, item, n);
		}
	}
	for (const struct tree *at = network->first; status == PCE_OK && at; at = at->next) {
		bool link = at->key && strcmp(tree_bare(at->key), "link") == 0;

		for (const struct tree *item = link ? at->first : NULL; status == PCE_OK && item;
		     item = item->next)
			status = read_link(r, item);
	}
	return status;
}

/* The network to read: the only one, or the only one with links. */
static enum pce_status
choose(struct rfc8345 *r, const struct tree *list, const struct tree **out)
{
	const struct tree *with = NULL;
	size_t n = 0, n_with = 0;

	for (const struct tree *at = list ? list->first : NULL; at; at = at->next) {
		bool links = tree_get(at, "link") != NULL;

		n++;
		n_with += links;
		if (links || !with)
			with = links && n_with > 1 ? with : at;
	}
	if (n == 0)
		return draft_fail(r->draft, list ? list->line : 1, PCE_INVALID, "ietf-network", "",
				  "there is no network in it");
	if (n_with > 1 || (n > 1 && n_with == 0))
		return draft_fail(r->draft, list->line, PCE_UNSUPPORTED, "ietf-network", "",
				  "a file holds one network with links; take the others out");
	for (const struct tree *at = list->first; at; at = at->next) {
		const char *id = tree_text(at, "network-id");

		if (at != with)
			draft_left_out(r->draft, "network", id ? id : "?",
				       "without links, not read");
	}
	*out = with;
	return PCE_OK;
}

enum pce_status
import_rfc8345(const char *text, size_t len, struct draft *draft)
{
	struct rfc8345 r = { .draft = draft };
	struct tree *top = NULL;
	const struct tree *all, *network = NULL;
	enum pce_status status = tree_json(text, len, &r.arena, &top, draft->err);

	draft_names_init(&r.unknown);
	draft_names_init(&r.routes);
	if (status == PCE_OK) {
		all = tree_get(top, "networks");
		status = choose(&r, tree_get(all ? all : top, "network"), &network);
	}
	if (status == PCE_OK)
		status = read_network(&r, network);
	if (status == PCE_OK && r.bad)
		status = pce_no_memory(draft->err);
	draft_names_free(&r.unknown);
	draft_names_free(&r.routes);
	arena_free(&r.arena);
	return status;
}
