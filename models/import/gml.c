/*
 * GML as the Internet Topology Zoo, yEd and networkx write it. Nodes are named by their id, edges
 * by theirs where they have one; the rules are those of GraphML. Keys of GML have no hyphen:
 * igp_metric means igp-metric. A list of names is one text with blanks, or the key repeated.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "models/import/readers.h"
#include "models/import/tree.h"

#define KEY_MAX 64

struct gml {
	struct draft *draft;
	struct arena arena;
	const struct tree *graph;
	bool directed;
};

/* The leaf that a key means; false for none. */
static bool
leaf_of(const char *key, bool node, char out[KEY_MAX])
{
	size_t len = strlen(key);

	if (len >= KEY_MAX)
		return false;
	memcpy(out, key, len + 1);
	if (draft_knows(node, out))
		return true;
	for (char *c = out; *c; c++)
		*c = *c == '_' ? '-' : *c;
	return draft_knows(node, out);
}

/* All values of a repeated key, with blanks between. */
static const char *
join(struct gml *g, const struct tree *member)
{
	struct text all = { 0 };
	char *copy;

	for (const struct tree *at = member; at; at = at->next) {
		if (strcmp(at->key, member->key) == 0 && at->text)
			text_printf(&all, "%s%s", all.len ? " " : "", at->text);
	}
	copy = text_ok(&all) ? arena_strdup(&g->arena, text_get(&all)) : NULL;
	text_free(&all);
	return copy;
}

static enum pce_status
read_values(struct gml *g, const struct tree *object, bool node)
{
	char leaf[KEY_MAX];

	for (const struct tree *at = object->first; at; at = at->next) {
		const char *text = at->text;

		if (!text || !leaf_of(at->key, node, leaf) || draft_has(g->draft, node, leaf))
			continue;
		if (draft_is_list(node, leaf))
			text = join(g, at);
		if (!text)
			return pce_no_memory(g->draft->err);
		draft_value(g->draft, node, leaf, text, at->line);
	}
	return PCE_OK;
}

static enum pce_status
read_node(struct gml *g, const struct tree *node)
{
	enum pce_status status = read_values(g, node, true);

	return status == PCE_OK ? draft_node(g->draft, tree_text(node, "id"), node->line) : status;
}

static enum pce_status
read_edge(struct gml *g, const struct tree *edge, const char *name)
{
	const struct draft_edge put = { name, tree_text(edge, "source"), tree_text(edge, "target"),
					g->directed, edge->line };
	enum pce_status status = read_values(g, edge, false);

	return status == PCE_OK ? draft_edge(g->draft, &put) : status;
}

static bool
is_list(const struct tree *at, const char *key)
{
	return at->kind == TREE_OBJECT && strcmp(at->key, key) == 0;
}

/* The ids of edges, in order; NULL where an edge has none of its own. */
static enum pce_status
reserve_ids(struct gml *g, const char ***out)
{
	size_t n = 0;

	for (const struct tree *at = g->graph->first; at; at = at->next)
		n += is_list(at, "edge");
	*out = arena_alloc(&g->arena, (n + 1) * sizeof(char *));
	if (!*out)
		return pce_no_memory(g->draft->err);
	n = 0;
	for (const struct tree *at = g->graph->first; at; at = at->next) {
		const char *id = is_list(at, "edge") ? tree_text(at, "id") : NULL;

		if (id && *id && draft_reserve_once(g->draft, id))
			(*out)[n] = id;
		n += is_list(at, "edge");
	}
	return PCE_OK;
}

static enum pce_status
read_graph(struct gml *g)
{
	const char *directed = tree_text(g->graph, "directed");
	const char **ids = NULL;
	size_t n = 0;
	enum pce_status status = PCE_OK;

	g->directed = directed && strcmp(directed, "1") == 0;
	for (const struct tree *at = g->graph->first; status == PCE_OK && at; at = at->next) {
		if (is_list(at, "node"))
			status = read_node(g, at);
	}
	if (status == PCE_OK)
		status = reserve_ids(g, &ids);
	for (const struct tree *at = g->graph->first; status == PCE_OK && at; at = at->next) {
		if (is_list(at, "edge"))
			status = read_edge(g, at, ids[n++]);
	}
	return status;
}

static enum pce_status
find_graph(struct gml *g, const struct tree *top)
{
	for (const struct tree *at = top->first; at; at = at->next) {
		if (!is_list(at, "graph"))
			continue;
		if (g->graph)
			return draft_fail(g->draft, at->line, PCE_UNSUPPORTED, "a second graph", "",
					  "a file holds one graph");
		g->graph = at;
	}
	return g->graph ? PCE_OK
			: draft_fail(g->draft, 1, PCE_INVALID, "GML", "",
				     "there is no graph [ … ] in it");
}

enum pce_status
import_gml(const char *text, size_t len, struct draft *draft)
{
	struct gml g = { .draft = draft };
	struct tree *top = NULL;
	enum pce_status status = tree_gml(text, len, &g.arena, &top, draft->err);

	if (status == PCE_OK)
		status = find_graph(&g, top);
	if (status == PCE_OK)
		status = read_graph(&g);
	arena_free(&g.arena);
	return status;
}
