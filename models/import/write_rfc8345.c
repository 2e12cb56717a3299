/*
 * RFC 8345 in JSON, with what RFC 8346 (ietf-l3-unicast-topology) and RFC 8795 (ietf-te-topology)
 * have a place for. The two directions of a fibre share their termination points, which is how a
 * reader knows that they belong together; a termination point is named after the link that leaves
 * there.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/import/draft.h"
#include "models/import/writers.h"
#include "pce/base/array.h"

#define BITS 1024

/* Names of groups, and the entries of the topology that give them a number. */
struct groups {
	struct draft_names names;
	const struct tree **entries;
	size_t cap;
	const char *leaf; /* of the number */
};

struct writer {
	struct text *out;
	struct losses *losses;
	struct groups srlgs, affinities;
};

static void
groups_init(struct groups *groups, const struct tree *list, const char *leaf, struct text *out)
{
	*groups = (struct groups){ .leaf = leaf };
	draft_names_init(&groups->names);
	for (const struct tree *at = list; at && !out->bad; at = at->next) {
		const char *name = tree_text(at, "name");
		size_t n = groups->names.n;

		if (!name || draft_names_find(&groups->names, name) != HASH_NONE)
			continue;
		if (array_reserve(&groups->entries, &groups->cap, n + 1, sizeof(at), NULL) ||
		    draft_names_add(&groups->names, name, NULL))
			out->bad = true;
		else
			groups->entries[n] = at;
	}
}

static void
groups_free(struct groups *groups)
{
	draft_names_free(&groups->names);
	free(groups->entries);
}

static void
string(struct text *out, const char *value)
{
	text_json_string(out, value, strlen(value));
}

static void
member(struct text *out, const char *name, const char *value)
{
	text_printf(out, "\"%s\": ", name);
	string(out, value);
}

/* The number of a group by its name; the text itself if it is a number; NULL without one. */
static const char *
number_of(const struct groups *groups, const struct tree *value)
{
	uint32_t at;

	if (value->kind == TREE_SCALAR || value->text[strspn(value->text, "0123456789")] == 0)
		return value->text;
	at = draft_names_find(&groups->names, value->text);
	return at == HASH_NONE ? NULL : tree_text(groups->entries[at], groups->leaf);
}

static void
put_groups(struct writer *w, const struct tree *affinity)
{
	unsigned char octets[BITS / 8] = { 0 };
	size_t n = 0;

	for (const struct tree *at = affinity->first; at; at = at->next) {
		const char *text = number_of(&w->affinities, at);
		unsigned long bit = text ? strtoul(text, NULL, 10) : BITS;

		if (bit >= BITS) {
			losses_add(w->losses, "link", "affinity");
			continue;
		}
		/* words of 32 bits, the most significant octet first */
		octets[bit / 32 * 4 + 3 - bit % 32 / 8] |= (unsigned char)(1u << bit % 8);
		n = bit / 32 * 4 + 4 > n ? bit / 32 * 4 + 4 : n;
	}
	text_add(w->out, ", \"administrative-group\": \"");
	for (size_t i = 0; i < n; i++)
		text_printf(w->out, "%s%02x", i ? ":" : "", octets[i]);
	text_add(w->out, "\"");
}

static void
put_srlgs(struct writer *w, const struct tree *srlg)
{
	bool first = true;

	text_add(w->out, ", \"te-srlgs\": {\"value\": [");
	for (const struct tree *at = srlg->first; at; at = at->next) {
		const char *number = number_of(&w->srlgs, at);

		if (!number) {
			losses_add(w->losses, "link", "srlg");
			continue;
		}
		text_printf(w->out, "%s%s", first ? "" : ", ", number);
		first = false;
	}
	text_add(w->out, "]}");
}

/* Octets per second as a hexadecimal floating-point number, which holds 53 bits. */
static void
put_bandwidth(struct writer *w, const char *name, const struct tree *bps)
{
	double octets = (double)strtoull(bps->text, NULL, 10) / 8;
	char exact[32];

	snprintf(exact, sizeof(exact), "%.0f", octets * 8);
	if (strcmp(exact, bps->text) != 0) {
		losses_add(w->losses, "link", bps->key);
		return;
	}
	text_printf(w->out, ", \"%s\": {\"te-bandwidth\": {\"generic\": \"%a\"}}", name, octets);
}

/* One leaf of a link inside te-link-attributes; false if it has no place there. */
static bool
put_te(struct writer *w, const struct tree *at)
{
	if (strcmp(at->key, "te-metric") == 0)
		text_printf(w->out, ", \"te-default-metric\": %s", at->text);
	else if (strcmp(at->key, "delay-us") == 0)
		text_printf(w->out, ", \"te-delay-metric\": %s", at->text);
	else if (strcmp(at->key, "capacity-bps") == 0)
		put_bandwidth(w, "max-link-bandwidth", at);
	else if (strcmp(at->key, "reservable-bps") == 0)
		put_bandwidth(w, "max-resv-link-bandwidth", at);
	else if (strcmp(at->key, "srlg") == 0)
		put_srlgs(w, at);
	else if (strcmp(at->key, "affinity") == 0)
		put_groups(w, at);
	else if (strcmp(at->key, "admin-up") == 0)
		text_printf(w->out, ", \"admin-status\": \"%s\"",
			    strcmp(at->text, "false") == 0 ? "down" : "up");
	else
		return false;
	return true;
}

static bool
is_elsewhere(const char *key)
{
	static const char *const keys[] = { "name", "from", "to", "reverse", "igp-metric" };

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (strcmp(keys[i], key) == 0)
			return true;
	}
	return false;
}

static void
put_link(struct writer *w, const struct tree *link)
{
	const char *name = tree_text(link, "name"), *reverse = tree_text(link, "reverse");
	const char *metric = tree_text(link, "igp-metric");

	text_add(w->out, "{");
	member(w->out, "link-id", name);
	text_add(w->out, ", \"source\": {");
	member(w->out, "source-node", tree_text(link, "from"));
	text_add(w->out, ", ");
	member(w->out, "source-tp", name);
	text_add(w->out, "}, \"destination\": {");
	member(w->out, "dest-node", tree_text(link, "to"));
	text_add(w->out, ", ");
	member(w->out, "dest-tp", reverse ? reverse : name);
	text_add(w->out, "}");
	if (metric)
		text_printf(w->out,
			    ", \"ietf-l3-unicast-topology:l3-link-attributes\": {\"metric1\": %s}",
			    metric);
	/* the name opens the container, so that what follows begins with a comma */
	text_add(w->out, ", \"ietf-te-topology:te\": {\"te-link-attributes\": {");
	member(w->out, "name", name);
	for (const struct tree *at = link->first; at; at = at->next) {
		if (!is_elsewhere(at->key) && !put_te(w, at))
			losses_add(w->losses, "link", at->key);
	}
	text_add(w->out, "}}}");
}

static void
put_node(struct writer *w, const struct tree *node)
{
	const struct tree *ids = tree_get(node, "router-id");
	const char *label = tree_text(node, "label");

	text_add(w->out, "{");
	member(w->out, "node-id", tree_text(node, "name"));
	text_add(w->out, ", \"ietf-l3-unicast-topology:l3-node-attributes\": {");
	if (label)
		member(w->out, "name", label);
	if (ids) {
		text_add(w->out, label ? ", \"router-id\": [" : "\"router-id\": [");
		for (const struct tree *at = ids->first; at; at = at->next) {
			string(w->out, at->text);
			text_add(w->out, at->next ? ", " : "]");
		}
	}
	text_add(w->out, "}}");
	for (const struct tree *at = node->first; at; at = at->next) {
		if (strcmp(at->key, "name") != 0 && strcmp(at->key, "label") != 0 &&
		    strcmp(at->key, "router-id") != 0)
			losses_add(w->losses, "node", at->key);
	}
}

void
write_rfc8345(const struct tree *topology, struct text *out, struct losses *losses)
{
	struct writer w = { .out = out, .losses = losses };

	groups_init(&w.srlgs, write_list(topology, "srlg"), "number", out);
	groups_init(&w.affinities, write_list(topology, "affinity"), "bit", out);
	write_lists_lost(topology, losses);
	text_add(out, "{\"ietf-network:networks\": {\"network\": [{\"network-id\": \"karst\",\n"
		      "  \"network-types\": {\"ietf-l3-unicast-topology:l3-unicast-topology\": {}, "
		      "\"ietf-te-topology:te-topology\": {}},\n  \"node\": [");
	for (const struct tree *at = write_list(topology, "node"); at; at = at->next) {
		text_add(out, "\n    ");
		put_node(&w, at);
		text_add(out, at->next ? "," : "");
	}
	text_add(out, "],\n  \"ietf-network-topology:link\": [");
	for (const struct tree *at = write_list(topology, "link"); at; at = at->next) {
		text_add(out, "\n    ");
		put_link(&w, at);
		text_add(out, at->next ? "," : "");
	}
	text_add(out, "]}]}}\n");
	groups_free(&w.srlgs);
	groups_free(&w.affinities);
}
