/*
 * GraphML on libxml2's tree. igraph's reader refuses files of the Internet Topology Zoo and loses
 * the ids, so this is a reader of its own, for the part of GraphML that networks use: one graph,
 * nodes, edges, data. Nested graphs and hyperedges are refused by name.
 *
 * Numbers are checked here, where their line is known, and everything else by the schema that the
 * resulting JSON is read with.
 */
#include "models/import/graphml.h"

#include <inttypes.h>
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"
#include "pce/base/hash.h"

/* What the value of a key becomes. In the table, a key that is named like its leaf goes before
 * another one for it. */
enum kind {
	KIND_NONE,
	KIND_U32, /* a number in JSON */
	KIND_U64, /* a string of digits */
	KIND_DECIMAL,
	KIND_TEXT,
	KIND_NAMES, /* names with blanks between */
	KIND_BOOL,
};

static const struct leaf {
	const char *key; /* attr.name */
	const char *leaf;
	bool node; /* of nodes, else of edges */
	enum kind kind;
	uint64_t max;
} leaves[] = {
	{ "label", "label", true, KIND_TEXT, 0 },
	{ "latitude", "latitude", true, KIND_DECIMAL, 90 },
	{ "longitude", "longitude", true, KIND_DECIMAL, 180 },
	{ "Latitude", "latitude", true, KIND_DECIMAL, 90 },
	{ "Longitude", "longitude", true, KIND_DECIMAL, 180 },
	{ "availability", "availability", true, KIND_DECIMAL, 1 },
	{ "site", "site", true, KIND_TEXT, 0 },
	{ "overload", "overload", true, KIND_BOOL, 0 },
	{ "srlg", "srlg", true, KIND_NAMES, 0 },
	{ "service", "service", true, KIND_NAMES, 0 },
	{ "capacity-bps", "capacity-bps", false, KIND_U64, UINT64_MAX },
	{ "LinkSpeedRaw", "capacity-bps", false, KIND_U64, UINT64_MAX },
	{ "residual-bps", "residual-bps", false, KIND_U64, UINT64_MAX },
	{ "igp-metric", "igp-metric", false, KIND_U32, UINT32_MAX },
	{ "te-metric", "te-metric", false, KIND_U32, UINT32_MAX },
	{ "delay-us", "delay-us", false, KIND_U32, 16777215 },
	{ "loss-ppb", "loss-ppb", false, KIND_U32, 1000000000 },
	{ "subscription-ppm", "subscription-ppm", false, KIND_U32, 100000000 },
	{ "availability", "availability", false, KIND_DECIMAL, 1 },
	{ "affinity", "affinity", false, KIND_NAMES, 0 },
	{ "srlg", "srlg", false, KIND_NAMES, 0 },
	{ "slice", "slice", false, KIND_NAMES, 0 },
};
#define LEAF_COUNT (sizeof(leaves) / sizeof(leaves[0]))

/* A <key> that means something to us. */
struct key {
	const char *id; /* owned by the tree */
	const struct leaf *leaf;
	char *otherwise; /* <default>, owned; NULL without one */
};

/* A set of names, owned copies. */
struct name_set {
	struct hash hash;
	char **names;
	size_t n, cap;
};

struct reader {
	struct key *keys;
	size_t n_keys, cap_keys;
	struct name_set nodes, links;
	struct text *json, *notes;
	struct pce_error *err;
	bool directed;
};

static const void *
set_key(const void *owner, uint32_t value, size_t *len)
{
	const struct name_set *set = owner;

	*len = strlen(set->names[value]);
	return set->names[value];
}

static bool
set_has(const struct name_set *set, const char *name)
{
	return hash_find(&set->hash, name, strlen(name)) != HASH_NONE;
}

static enum pce_status
set_add(struct name_set *set, const char *name, struct pce_error *err)
{
	enum pce_status status =
	    array_reserve(&set->names, &set->cap, set->n + 1, sizeof(char *), err);

	if (status != PCE_OK)
		return status;
	set->names[set->n] = array_strdup(name);
	if (!set->names[set->n])
		return pce_no_memory(err);
	status = hash_add(&set->hash, (uint32_t)set->n++, err);
	return status;
}

static void
set_free(struct name_set *set)
{
	for (size_t i = 0; i < set->n; i++)
		free(set->names[i]);
	free(set->names);
	hash_free(&set->hash);
}

static enum pce_status
fail_at(struct reader *r, const xmlNode *at, enum pce_status status, const char *what,
	const char *name, const char *reason)
{
	long line = at ? xmlGetLineNo(at) : 0;

	return pce_fail_at(r->err, status, NULL, line > 0 ? (unsigned)line : 0, "%s%s%s: %s", what,
			   name[0] ? " " : "", name, reason);
}

static bool
is(const xmlNode *node, const char *name)
{
	return node->type == XML_ELEMENT_NODE && strcmp((const char *)node->name, name) == 0;
}

/* Text of an element without blanks around it, to free(); NULL when it is empty or has none. */
static char *
content(const xmlNode *node, bool *bad)
{
	xmlChar *raw = xmlNodeGetContent(node);
	const char *at = (const char *)raw;
	size_t len;
	char *out;

	if (!raw) {
		*bad = true;
		return NULL;
	}
	at += strspn(at, " \t\r\n");
	len = strlen(at);
	while (len && strchr(" \t\r\n", at[len - 1]))
		len--;
	out = len ? malloc(len + 1) : NULL;
	if (out) {
		memcpy(out, at, len);
		out[len] = 0;
	}
	*bad = *bad || (len && !out);
	xmlFree(raw);
	return out;
}

/* Attribute of an element, to xmlFree(); NULL without it. */
static char *
attribute(const xmlNode *node, const char *name)
{
	return (char *)xmlGetNoNsProp(node, (const xmlChar *)name);
}

/* --- Values --- */

/*
 * A number in any notation ("10", "1e9", "10000000000.0"), exactly: digits are shifted, not
 * multiplied as floating point. round_up decides what becomes of a fraction.
 */
static bool
parse_number(const char *text, bool round_up, uint64_t max, uint64_t *out)
{
	const char *at = text + (*text == '+');
	char *end;
	long exponent = 0, scale = 0;
	bool fraction = false, lost = false, any = false;
	uint64_t value = 0;

	for (; (*at >= '0' && *at <= '9') || (*at == '.' && !fraction); at++) {
		unsigned digit = (unsigned)(*at - '0');

		if (*at == '.') {
			fraction = true;
			continue;
		}
		any = true;
		if (value > (UINT64_MAX - digit) / 10) {
			if (!fraction)
				return false;
			lost = lost || digit;
			continue;
		}
		value = value * 10 + digit;
		scale -= fraction;
	}
	if (any && (*at == 'e' || *at == 'E')) {
		exponent = strtol(at + 1, &end, 10);
		if (end == at + 1)
			return false;
		at = end;
	}
	if (!any || *at || exponent > 40 || exponent < -400)
		return false;
	for (scale += exponent; scale > 0 && value; scale--) {
		if (value > UINT64_MAX / 10)
			return false;
		value *= 10;
	}
	for (; scale < 0 && value; scale++) {
		lost = lost || value % 10;
		value /= 10;
	}
	if (lost && round_up)
		value++;
	*out = value;
	return value <= max;
}

/* Decimal text as YANG's decimal64 takes it, with up to digits after the point; 1e-3 is expanded.
 */
static bool
parse_decimal(const char *text, uint64_t max, int digits, char *out, size_t cap)
{
	char *end;
	double value = strtod(text, &end);

	if (end == text || *end || !(value >= -(double)max && value <= (double)max))
		return false;
	snprintf(out, cap, "%.*f", digits, value);
	return true;
}

static void
put_member(struct text *out, const char *name)
{
	if (out->len && out->at[out->len - 1] != '{')
		text_add(out, ",");
	text_printf(out, "\"%s\":", name);
}

static void
put_names(struct text *out, const char *name, const char *value)
{
	bool first = true;

	put_member(out, name);
	text_add(out, "[");
	while (*(value += strspn(value, " \t\r\n"))) {
		size_t len = strcspn(value, " \t\r\n");

		if (!first)
			text_add(out, ",");
		first = false;
		text_json_string(out, value, len);
		value += len;
	}
	text_add(out, "]");
}

static enum pce_status
put_number(struct reader *r, const xmlNode *at, const struct leaf *leaf, const char *owner,
	   const char *value, struct text *out)
{
	char reason[160], decimal[64];
	uint64_t number = 0;
	bool position = leaf->node && leaf->max >= 90;
	bool ok;

	if (leaf->kind == KIND_DECIMAL)
		ok = parse_decimal(value, leaf->max, position ? 6 : 12, decimal, sizeof(decimal)) &&
		     (position || decimal[0] != '-');
	else
		ok = parse_number(value, strcmp(leaf->leaf, "delay-us") == 0, leaf->max, &number);
	if (!ok) {
		snprintf(reason, sizeof(reason),
			 "%s \"%.40s\" is not a number from %s%" PRIu64 " to %" PRIu64, leaf->key,
			 value, position ? "-" : "", position ? leaf->max : 0, leaf->max);
		return fail_at(r, at, PCE_INVALID, leaf->node ? "node" : "edge", owner, reason);
	}
	put_member(out, leaf->leaf);
	if (leaf->kind == KIND_DECIMAL)
		text_printf(out, "\"%s\"", decimal);
	else
		text_printf(out, leaf->kind == KIND_U64 ? "\"%" PRIu64 "\"" : "%" PRIu64, number);
	return PCE_OK;
}

static enum pce_status
put_bool(struct reader *r, const xmlNode *at, const struct leaf *leaf, const char *owner,
	 const char *value, struct text *out)
{
	bool yes = strcmp(value, "true") == 0 || strcmp(value, "1") == 0;

	if (!yes && strcmp(value, "false") != 0 && strcmp(value, "0") != 0)
		return fail_at(r, at, PCE_INVALID, "node", owner, "overload is not true or false");
	put_member(out, leaf->leaf);
	text_add(out, yes ? "true" : "false");
	return PCE_OK;
}

static enum pce_status
put_value(struct reader *r, const xmlNode *at, const struct leaf *leaf, const char *owner,
	  const char *value, struct text *out)
{
	switch (leaf->kind) {
	case KIND_TEXT:
		put_member(out, leaf->leaf);
		text_json_string(out, value, strlen(value));
		return PCE_OK;
	case KIND_NAMES:
		put_names(out, leaf->leaf, value);
		return PCE_OK;
	case KIND_BOOL:
		return put_bool(r, at, leaf, owner, value, out);
	default:
		return put_number(r, at, leaf, owner, value, out);
	}
}

/* --- Keys --- */

static const struct leaf *
find_leaf(const char *name, bool node)
{
	for (size_t i = 0; i < LEAF_COUNT; i++) {
		if (leaves[i].node == node && strcmp(leaves[i].key, name) == 0)
			return &leaves[i];
	}
	return NULL;
}

static enum pce_status
add_key(struct reader *r, const xmlNode *node, const char *name, bool of_node)
{
	const struct leaf *leaf = find_leaf(name, of_node);
	const xmlAttr *id = xmlHasProp(node, (const xmlChar *)"id");
	struct key key = { .leaf = leaf };
	bool bad = false;
	enum pce_status status;

	if (!leaf || !id || !id->children || !id->children->content)
		return PCE_OK;
	key.id = (const char *)id->children->content;
	for (const xmlNode *child = node->children; child; child = child->next) {
		if (is(child, "default") && !key.otherwise)
			key.otherwise = content(child, &bad);
	}
	status = bad ? pce_no_memory(r->err)
		     : array_reserve(&r->keys, &r->cap_keys, r->n_keys + 1, sizeof(key), r->err);
	if (status != PCE_OK) {
		free(key.otherwise);
		return status;
	}
	r->keys[r->n_keys++] = key;
	return PCE_OK;
}

static enum pce_status
read_key(struct reader *r, const xmlNode *node)
{
	char *name = attribute(node, "attr.name"), *domain = attribute(node, "for");
	bool all = !domain || strcmp(domain, "all") == 0;
	enum pce_status status = PCE_OK;

	if (name && (all || strcmp(domain, "node") == 0))
		status = add_key(r, node, name, true);
	if (status == PCE_OK && name && (all || strcmp(domain, "edge") == 0))
		status = add_key(r, node, name, false);
	xmlFree(name);
	xmlFree(domain);
	return status;
}

static const struct key *
find_key(const struct reader *r, const char *id, bool node)
{
	for (size_t i = 0; id && i < r->n_keys; i++) {
		if (r->keys[i].leaf->node == node && strcmp(r->keys[i].id, id) == 0)
			return &r->keys[i];
	}
	return NULL;
}

/* The value of a key at an element, to free(): its data, or the key's default. */
static char *
value_of(const struct reader *r, const xmlNode *element, const struct key *key,
	 const xmlNode **where, bool *bad)
{
	char *value = NULL;

	*where = element;
	for (const xmlNode *child = element->children; child && !value; child = child->next) {
		char *id;

		if (!is(child, "data"))
			continue;
		id = attribute(child, "key");
		if (find_key(r, id, key->leaf->node) == key) {
			value = content(child, bad);
			*where = child;
		}
		xmlFree(id);
	}
	if (!value && key->otherwise && !*bad) {
		value = array_strdup(key->otherwise);
		*bad = !value;
	}
	return value;
}

/* The value of the first key that stands for a leaf, to free(); NULL if there is none. */
static char *
leaf_value(const struct reader *r, const xmlNode *element, const struct leaf *leaf,
	   const xmlNode **where, bool *bad)
{
	char *value = NULL;

	for (size_t i = 0; i < r->n_keys && !value && !*bad; i++) {
		if (r->keys[i].leaf == leaf)
			value = value_of(r, element, &r->keys[i], where, bad);
	}
	return value;
}

static bool
is_position(const struct leaf *leaf)
{
	return leaf->node && leaf->max >= 90;
}

/* True if an entry of the table before this one gave the same leaf. */
static bool
is_given(uint64_t done, size_t at)
{
	for (size_t i = 0; i < at; i++) {
		if (done >> i & 1 && leaves[i].node == leaves[at].node &&
		    strcmp(leaves[i].leaf, leaves[at].leaf) == 0)
			return true;
	}
	return false;
}

/* The members that the data of an element make, latitude and longitude apart. */
static enum pce_status
put_data(struct reader *r, const xmlNode *element, bool node, const char *owner, struct text *out)
{
	uint64_t done = 0;
	enum pce_status status = PCE_OK;

	for (size_t i = 0; status == PCE_OK && i < LEAF_COUNT; i++) {
		const xmlNode *where = element;
		bool bad = false;
		char *value;

		if (leaves[i].node != node || is_position(&leaves[i]) || is_given(done, i))
			continue;
		value = leaf_value(r, element, &leaves[i], &where, &bad);
		if (bad)
			status = pce_no_memory(r->err);
		if (value) {
			done |= 1ULL << i;
			status = put_value(r, where, &leaves[i], owner, value, out);
		}
		free(value);
	}
	return status;
}

/* A position needs both halves; a half alone says nothing. */
static enum pce_status
put_position(struct reader *r, const xmlNode *element, const char *owner, struct text *out)
{
	const xmlNode *where[2] = { element, element };
	const struct leaf *leaf[2] = { NULL, NULL };
	char *value[2] = { NULL, NULL };
	bool bad = false;
	enum pce_status status = PCE_OK;

	for (size_t i = 0; i < LEAF_COUNT && !bad; i++) {
		int half = leaves[i].max == 180;

		if (!is_position(&leaves[i]) || value[half])
			continue;
		leaf[half] = &leaves[i];
		value[half] = leaf_value(r, element, &leaves[i], &where[half], &bad);
	}
	if (bad)
		status = pce_no_memory(r->err);
	for (int i = 0; status == PCE_OK && value[0] && value[1] && i < 2; i++)
		status = put_number(r, where[i], leaf[i], owner, value[i], out);
	free(value[0]);
	free(value[1]);
	return status;
}

/* --- Nodes and edges --- */

static enum pce_status
read_node(struct reader *r, const xmlNode *node)
{
	char *id = attribute(node, "id");
	enum pce_status status = PCE_OK;

	if (!id || !*id)
		status = fail_at(r, node, PCE_INVALID, "a node", "", "its id is missing");
	else if (set_has(&r->nodes, id))
		status = fail_at(r, node, PCE_INVALID, "node", id, "the id is given twice");
	else
		status = set_add(&r->nodes, id, r->err);
	for (const xmlNode *child = node->children; status == PCE_OK && child;
	     child = child->next) {
		if (is(child, "graph"))
			status = fail_at(r, child, PCE_UNSUPPORTED, "node", id,
					 "graphs within nodes are not read");
	}
	if (status == PCE_OK) {
		struct text members = { 0 };

		text_add(&members, "{\"name\":");
		text_json_string(&members, id, strlen(id));
		status = put_data(r, node, true, id, &members);
		if (status == PCE_OK)
			status = put_position(r, node, id, &members);
		text_printf(r->json, "%s%s}\n", r->nodes.n > 1 ? "," : "", text_get(&members));
		if (!text_ok(&members))
			r->json->bad = true;
		text_free(&members);
	}
	xmlFree(id);
	return status;
}

/* SOURCE-TARGET, or SOURCE-TARGET#2 and so on while that is taken. */
static void
make_name(const struct reader *r, const char *source, const char *target, struct text *out)
{
	text_printf(out, "%s-%s", source, target);
	for (unsigned i = 2; text_ok(out) && set_has(&r->links, text_get(out)); i++) {
		text_clear(out);
		text_printf(out, "%s-%s#%u", source, target, i);
	}
}

static void
put_link(struct reader *r, const char *name, const char *from, const char *to, const char *reverse,
	 const char *members)
{
	text_add(r->json, r->links.n > 0 ? ",{" : "{");
	put_member(r->json, "name");
	text_json_string(r->json, name, strlen(name));
	put_member(r->json, "from");
	text_json_string(r->json, from, strlen(from));
	put_member(r->json, "to");
	text_json_string(r->json, to, strlen(to));
	if (reverse) {
		put_member(r->json, "reverse");
		text_json_string(r->json, reverse, strlen(reverse));
	}
	text_printf(r->json, "%s}\n", members);
}

/* One or two links out of an edge whose ends are known. */
static enum pce_status
put_edge(struct reader *r, const xmlNode *edge, const char *name, const char *source,
	 const char *target)
{
	char *own = attribute(edge, "directed");
	bool directed = own ? strcmp(own, "true") == 0 : r->directed;
	struct text members = { 0 }, back = { 0 };
	enum pce_status status;

	/* the members stand behind others: the blank keeps put_member's comma right */
	text_add(&members, " ");
	status = put_data(r, edge, false, name, &members);
	text_printf(&back, "%s~", name);
	if (status == PCE_OK && !directed && set_has(&r->links, text_get(&back)))
		status = fail_at(r, edge, PCE_INVALID, "edge", name,
				 "the name of its reverse, with ~, is the id of another edge");
	if (status == PCE_OK) {
		put_link(r, name, source, target, directed ? NULL : text_get(&back),
			 text_get(&members));
		status = set_add(&r->links, name, r->err);
	}
	if (status == PCE_OK && !directed) {
		put_link(r, text_get(&back), target, source, name, text_get(&members));
		status = set_add(&r->links, text_get(&back), r->err);
	}
	if (!text_ok(&members) || !text_ok(&back))
		r->json->bad = true;
	text_free(&members);
	text_free(&back);
	xmlFree(own);
	return status;
}

static enum pce_status
check_edge(struct reader *r, const xmlNode *edge, const char *id, const char *source,
	   const char *target)
{
	char reason[256];
	const char *lost = NULL;

	if (!source || !target)
		return fail_at(r, edge, PCE_INVALID, "edge", id ? id : "",
			       "its source or target is missing");
	if (!set_has(&r->nodes, source))
		lost = source;
	else if (!set_has(&r->nodes, target))
		lost = target;
	if (lost) {
		snprintf(reason, sizeof(reason), "there is no node %.200s", lost);
		return fail_at(r, edge, PCE_INVALID, "edge", id ? id : "", reason);
	}
	if (id && set_has(&r->links, id))
		return fail_at(r, edge, PCE_INVALID, "edge", id, "the id is given twice");
	return PCE_OK;
}

static enum pce_status
read_edge(struct reader *r, const xmlNode *edge)
{
	char *id = attribute(edge, "id"), *source = attribute(edge, "source");
	char *target = attribute(edge, "target");
	struct text name = { 0 };
	enum pce_status status = check_edge(r, edge, id, source, target);

	if (status == PCE_OK && id && *id)
		text_add(&name, id);
	else if (status == PCE_OK)
		make_name(r, source, target, &name);
	if (status == PCE_OK && !text_ok(&name))
		status = pce_no_memory(r->err);
	if (status == PCE_OK && strcmp(source, target) == 0)
		text_printf(r->notes, "edge %s leads from %s to itself: left out\n",
			    text_get(&name), source);
	else if (status == PCE_OK)
		status = put_edge(r, edge, text_get(&name), source, target);
	text_free(&name);
	xmlFree(id);
	xmlFree(source);
	xmlFree(target);
	return status;
}

/* Edges may stand before their nodes: two rounds. */
static enum pce_status
read_graph(struct reader *r, const xmlNode *graph)
{
	char *mode = attribute(graph, "edgedefault");
	enum pce_status status = PCE_OK;

	r->directed = mode && strcmp(mode, "directed") == 0;
	xmlFree(mode);
	text_add(r->json, "{\"karst-topology:topology\":{\"node\":[");
	for (const xmlNode *at = graph->children; status == PCE_OK && at; at = at->next) {
		if (is(at, "node"))
			status = read_node(r, at);
		else if (is(at, "hyperedge"))
			status = fail_at(r, at, PCE_UNSUPPORTED, "a hyperedge", "",
					 "hyperedges are not read");
	}
	text_add(r->json, "],\"link\":[");
	for (const xmlNode *at = graph->children; status == PCE_OK && at; at = at->next) {
		if (is(at, "edge"))
			status = read_edge(r, at);
	}
	text_add(r->json, "]}}");
	return status;
}

static enum pce_status
read_root(struct reader *r, const xmlNode *root)
{
	const xmlNode *graph = NULL;
	enum pce_status status = PCE_OK;

	if (!root || !is(root, "graphml"))
		return fail_at(r, root, PCE_UNSUPPORTED, "XML whose root is",
			       root ? (const char *)root->name : "nothing",
			       "of XML formats only GraphML is read");
	for (const xmlNode *at = root->children; status == PCE_OK && at; at = at->next) {
		if (is(at, "key"))
			status = read_key(r, at);
		if (!is(at, "graph"))
			continue;
		if (graph)
			return fail_at(r, at, PCE_UNSUPPORTED, "a second graph", "",
				       "a file holds one graph");
		graph = at;
	}
	if (status == PCE_OK && !graph)
		return fail_at(r, root, PCE_INVALID, "GraphML", "", "there is no graph in it");
	return status == PCE_OK ? read_graph(r, graph) : status;
}

/* libxml2 prints what goes wrong with encodings, whatever its options say. */
static void
say_nothing(void *ctx, const char *msg, ...)
{
	(void)ctx;
	(void)msg;
}

static enum pce_status
parse(xmlParserCtxt *parser, const char *xml, size_t len, xmlDoc **out, struct pce_error *err)
{
	const xmlError *error;
	char words[200] = "it is not well-formed";

	if (len > INT32_MAX)
		return pce_fail(err, PCE_LIMIT, "the XML text is larger than 2 GiB");
	xmlSetGenericErrorFunc(NULL, say_nothing); /* of this thread */
	*out = xmlCtxtReadMemory(parser, xml, (int)len, NULL, NULL,
				 XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING |
				     XML_PARSE_BIG_LINES);
	xmlSetGenericErrorFunc(NULL, NULL);
	if (*out && ((*out)->intSubset || (*out)->extSubset)) {
		long line = xmlGetLineNo((const xmlNode *)(*out)->intSubset);

		return pce_fail_at(err, PCE_UNSUPPORTED, NULL, line > 0 ? (unsigned)line : 0,
				   "XML with a DTD is refused");
	}
	if (*out)
		return PCE_OK;
	error = xmlCtxtGetLastError(parser);
	if (error && error->message)
		snprintf(words, sizeof(words), "%.*s", (int)strcspn(error->message, "\n"),
			 error->message);
	return pce_fail_at(err, PCE_MALFORMED, NULL,
			   error && error->line > 0 ? (unsigned)error->line : 0,
			   "this is not XML: %s", words);
}

enum pce_status
graphml_to_json(const char *xml, size_t len, struct text *json, struct text *notes,
		struct pce_error *err)
{
	struct reader r = { .json = json, .notes = notes, .err = err };
	xmlParserCtxt *parser = xmlNewParserCtxt();
	xmlDoc *doc = NULL;
	enum pce_status status;

	if (!parser)
		return pce_no_memory(err);
	hash_init(&r.nodes.hash, set_key, &r.nodes, 1);
	hash_init(&r.links.hash, set_key, &r.links, 1);
	status = parse(parser, xml, len, &doc, err);
	if (status == PCE_OK)
		status = read_root(&r, xmlDocGetRootElement(doc));
	for (size_t i = 0; i < r.n_keys; i++)
		free(r.keys[i].otherwise);
	free(r.keys);
	set_free(&r.nodes);
	set_free(&r.links);
	xmlFreeDoc(doc);
	xmlFreeParserCtxt(parser);
	if (status == PCE_OK && (!text_ok(json) || !text_ok(notes)))
		status = pce_no_memory(err);
	return status;
}
