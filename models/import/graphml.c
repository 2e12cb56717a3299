/*
 * GraphML on libxml2's tree. igraph's reader refuses files of the Internet Topology Zoo and loses
 * the ids, so this is a reader of its own, for the part of GraphML that networks use: one graph,
 * nodes, edges, data. Nested graphs and hyperedges are refused by name.
 */
#include "models/import/readers.h"

#include <stdlib.h>
#include <string.h>

#include "models/import/markup.h"
#include "pce/base/array.h"

#define KEYS_MAX 256 /* that mean something: every element looks through them */

/* A <key> that means something to us. */
struct key {
	const char *id; /* owned by the tree */
	char *name; /* attr.name, owned */
	bool node; /* of nodes, else of edges */
	char *otherwise; /* <default>, owned; NULL without one */
};

struct reader {
	struct draft *draft;
	struct key *keys;
	size_t n_keys, cap_keys;
	bool directed;
	/* data of the element at hand, owned until it is put */
	char **data;
	size_t n_data, cap_data;
};

static enum pce_status
fail_at(struct reader *r, const xmlNode *at, enum pce_status status, const char *what,
	const char *name, const char *reason)
{
	return draft_fail(r->draft, markup_line(at), status, what, name, reason);
}

/* --- Keys --- */

static enum pce_status
add_key(struct reader *r, const xmlNode *node, const char *name, bool of_node)
{
	const xmlAttr *id = xmlHasProp(node, (const xmlChar *)"id");
	struct key key = { .node = of_node };
	bool bad = false;
	enum pce_status status;

	if (!draft_knows(of_node, name) || !id || !id->children || !id->children->content)
		return PCE_OK;
	if (r->n_keys == KEYS_MAX)
		return fail_at(r, node, PCE_LIMIT, "key", name, "there are more than 256 keys");
	key.id = (const char *)id->children->content;
	key.name = array_strdup(name);
	for (const xmlNode *child = node->children; child; child = child->next) {
		if (markup_is(child, "default") && !key.otherwise)
			key.otherwise = markup_content(child, &bad);
	}
	status = bad || !key.name ? pce_no_memory(r->draft->err)
				  : array_reserve(&r->keys, &r->cap_keys, r->n_keys + 1,
						  sizeof(key), r->draft->err);
	if (status != PCE_OK) {
		free(key.name);
		free(key.otherwise);
		return status;
	}
	r->keys[r->n_keys++] = key;
	return PCE_OK;
}

static enum pce_status
read_key(struct reader *r, const xmlNode *node)
{
	char *name = markup_attribute(node, "attr.name"), *domain = markup_attribute(node, "for");
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
		if (r->keys[i].node == node && strcmp(r->keys[i].id, id) == 0)
			return &r->keys[i];
	}
	return NULL;
}

static enum pce_status
read_datum(struct reader *r, const xmlNode *datum, bool node)
{
	char *id = markup_attribute(datum, "key"), *value;
	const struct key *key = find_key(r, id, node);
	bool bad = false;
	enum pce_status status;

	xmlFree(id);
	if (!key)
		return PCE_OK;
	status =
	    array_reserve(&r->data, &r->cap_data, r->n_data + 1, sizeof(char *), r->draft->err);
	value = status == PCE_OK ? markup_content(datum, &bad) : NULL;
	if (bad)
		return pce_no_memory(r->draft->err);
	if (value) {
		draft_value(r->draft, node, key->name, value, markup_line(datum));
		r->data[r->n_data++] = value;
	}
	return status;
}

/* The data of an element, and the defaults of keys that it has none for. */
static enum pce_status
read_data(struct reader *r, const xmlNode *element, bool node)
{
	enum pce_status status = PCE_OK;

	for (const xmlNode *child = element->children; status == PCE_OK && child;
	     child = child->next) {
		if (markup_is(child, "data"))
			status = read_datum(r, child, node);
	}
	for (size_t i = 0; i < r->n_keys; i++) {
		if (r->keys[i].node == node && r->keys[i].otherwise)
			draft_value(r->draft, node, r->keys[i].name, r->keys[i].otherwise,
				    markup_line(element));
	}
	return status;
}

static void
drop_data(struct reader *r)
{
	while (r->n_data > 0)
		free(r->data[--r->n_data]);
}

/* --- Nodes and edges --- */

static enum pce_status
read_node(struct reader *r, const xmlNode *node)
{
	char *id = markup_attribute(node, "id");
	enum pce_status status = PCE_OK;

	for (const xmlNode *child = node->children; status == PCE_OK && child;
	     child = child->next) {
		if (markup_is(child, "graph"))
			status = fail_at(r, child, PCE_UNSUPPORTED, "node", id ? id : "",
					 "graphs within nodes are not read");
	}
	if (status == PCE_OK)
		status = read_data(r, node, true);
	if (status == PCE_OK)
		status = draft_node(r->draft, id, markup_line(node));
	drop_data(r);
	xmlFree(id);
	return status;
}

static enum pce_status
reserve_id(struct reader *r, const xmlNode *edge)
{
	char *id = markup_attribute(edge, "id");
	enum pce_status status =
	    id && *id ? draft_reserve(r->draft, id, markup_line(edge)) : PCE_OK;

	xmlFree(id);
	return status;
}

static enum pce_status
read_edge(struct reader *r, const xmlNode *edge)
{
	char *id = markup_attribute(edge, "id"), *source = markup_attribute(edge, "source");
	char *target = markup_attribute(edge, "target"), *own = markup_attribute(edge, "directed");
	const struct draft_edge put = { id, source, target,
					own ? strcmp(own, "true") == 0 : r->directed,
					markup_line(edge) };
	enum pce_status status = read_data(r, edge, false);

	if (status == PCE_OK)
		status = draft_edge(r->draft, &put);
	drop_data(r);
	xmlFree(id);
	xmlFree(source);
	xmlFree(target);
	xmlFree(own);
	return status;
}

/* Edges may stand before their nodes, and ids go before made names: three rounds. */
static enum pce_status
read_graph(struct reader *r, const xmlNode *graph)
{
	char *mode = markup_attribute(graph, "edgedefault");
	enum pce_status status = PCE_OK;

	r->directed = mode && strcmp(mode, "directed") == 0;
	xmlFree(mode);
	for (const xmlNode *at = graph->children; status == PCE_OK && at; at = at->next) {
		if (markup_is(at, "node"))
			status = read_node(r, at);
		else if (markup_is(at, "hyperedge"))
			status = fail_at(r, at, PCE_UNSUPPORTED, "a hyperedge", "",
					 "hyperedges are not read");
		else if (markup_is(at, "edge"))
			status = reserve_id(r, at);
	}
	for (const xmlNode *at = graph->children; status == PCE_OK && at; at = at->next) {
		if (markup_is(at, "edge"))
			status = read_edge(r, at);
	}
	return status;
}

static enum pce_status
read_root(struct reader *r, const xmlNode *root)
{
	const xmlNode *graph = NULL;
	enum pce_status status = PCE_OK;

	for (const xmlNode *at = root->children; status == PCE_OK && at; at = at->next) {
		if (markup_is(at, "key"))
			status = read_key(r, at);
		if (!markup_is(at, "graph"))
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

enum pce_status
import_graphml(const xmlNode *root, struct draft *draft)
{
	struct reader r = { .draft = draft };
	enum pce_status status = read_root(&r, root);

	for (size_t i = 0; i < r.n_keys; i++) {
		free(r.keys[i].name);
		free(r.keys[i].otherwise);
	}
	free(r.keys);
	drop_data(&r);
	free(r.data);
	return status;
}
