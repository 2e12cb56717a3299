/*
 * GraphML and CSV. In GraphML two links that are each other's reverse, named X and X~ and equal
 * otherwise, are one undirected edge, as its reader makes them; other links are directed edges that
 * may name their reverse.
 */
#include <string.h>

#include "models/import/draft.h"
#include "models/import/writers.h"

/* True if the entry of a list has that leaf with that text. */
static bool
says(const struct tree *entry, const char *leaf, const char *text)
{
	const char *value = tree_text(entry, leaf);

	return value && text && strcmp(value, text) == 0;
}

static bool
is_end(const char *key)
{
	return strcmp(key, "name") == 0 || strcmp(key, "from") == 0 || strcmp(key, "to") == 0 ||
	       strcmp(key, "reverse") == 0;
}

/* True if two values say the same. */
static bool
is_same(const struct tree *a, const struct tree *b)
{
	if (!a || !b || a->kind != b->kind)
		return a == b;
	if (a->text)
		return strcmp(a->text, b->text) == 0;
	a = a->first;
	for (b = b->first; a && b && is_same(a, b); b = b->next)
		a = a->next;
	return !a && !b;
}

/* True if all but names and ends are the same, and in the same order: both come from one printer.
 */
static bool
is_equal(const struct tree *a, const struct tree *b)
{
	a = a->first;
	b = b->first;
	for (;;) {
		while (a && is_end(a->key))
			a = a->next;
		while (b && is_end(b->key))
			b = b->next;
		if (!a || !b)
			return a == b;
		if (strcmp(a->key, b->key) != 0 || !is_same(a, b))
			return false;
		a = a->next;
		b = b->next;
	}
}

/* True if the name of back is that of link with a ~. */
static bool
is_back_name(const char *name, const char *back)
{
	size_t len = strlen(name);

	return strncmp(name, back, len) == 0 && strcmp(back + len, "~") == 0;
}

/* True if link and its neighbour in the list make one undirected edge. */
static bool
is_pair(const struct tree *link, const struct tree *back)
{
	return back && is_back_name(tree_text(link, "name"), tree_text(back, "name")) &&
	       says(link, "reverse", tree_text(back, "name")) &&
	       says(back, "reverse", tree_text(link, "name")) && is_equal(link, back);
}

/* --- GraphML --- */

static void
xml_text(struct text *out, const char *text)
{
	for (; *text; text++) {
		switch (*text) {
		case '&':
			text_add(out, "&amp;");
			break;
		case '<':
			text_add(out, "&lt;");
			break;
		case '>':
			text_add(out, "&gt;");
			break;
		case '"':
			text_add(out, "&quot;");
			break;
		case '\t':
		case '\r':
		case '\n':
			text_printf(out, "&#%d;", *text);
			break;
		default:
			text_bytes(out, text, 1);
		}
	}
}

static void
xml_attr(struct text *out, const char *name, const char *value)
{
	text_printf(out, " %s=\"", name);
	xml_text(out, value ? value : "");
	text_add(out, "\"");
}

static void
put_data(const struct tree *entry, bool node, bool reverse, struct text *out, struct losses *losses)
{
	struct text value = { 0 };

	for (const struct tree *at = entry->first; at; at = at->next) {
		if (is_end(at->key) && !(reverse && strcmp(at->key, "reverse") == 0))
			continue;
		text_clear(&value);
		if (!write_value(at, node, &value, losses))
			continue;
		text_printf(out, "<data key=\"%s-%s\">", node ? "n" : "e", at->key);
		xml_text(out, text_get(&value));
		text_add(out, "</data>");
		out->bad = out->bad || !text_ok(&value);
	}
	text_free(&value);
}

/* A <key> for each leaf that some entry has. */
static void
put_keys(const struct tree *list, bool node, struct draft_names *seen, struct text *out)
{
	for (const struct tree *entry = list; entry; entry = entry->next) {
		for (const struct tree *at = entry->first; at; at = at->next) {
			if (!draft_knows(node, at->key) ||
			    draft_names_find(seen, at->key) != HASH_NONE)
				continue;
			if (draft_names_add(seen, at->key, NULL))
				out->bad = true;
			text_printf(out,
				    "  <key id=\"%s-%s\" for=\"%s\" attr.name=\"%s\" "
				    "attr.type=\"string\"/>\n",
				    node ? "n" : "e", at->key, node ? "node" : "edge", at->key);
		}
	}
}

static void
put_edges(const struct tree *list, struct text *out, struct losses *losses)
{
	for (const struct tree *link = list; link; link = link->next) {
		bool pair = is_pair(link, link->next);

		text_add(out, "    <edge");
		xml_attr(out, "id", tree_text(link, "name"));
		xml_attr(out, "source", tree_text(link, "from"));
		xml_attr(out, "target", tree_text(link, "to"));
		text_add(out, pair ? " directed=\"false\">" : ">");
		put_data(link, false, !pair, out, losses);
		text_add(out, "</edge>\n");
		link = pair ? link->next : link;
	}
}

void
write_graphml(const struct tree *topology, struct text *out, struct losses *losses)
{
	const struct tree *nodes = write_list(topology, "node"),
			  *links = write_list(topology, "link");
	struct draft_names of_nodes, of_edges;

	draft_names_init(&of_nodes);
	draft_names_init(&of_edges);
	write_lists_lost(topology, losses);
	text_add(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		      "<graphml xmlns=\"http://graphml.graphdrawing.org/xmlns\">\n");
	put_keys(nodes, true, &of_nodes, out);
	put_keys(links, false, &of_edges, out);
	text_add(out, "  <graph edgedefault=\"directed\">\n");
	for (const struct tree *node = nodes; node; node = node->next) {
		text_add(out, "    <node");
		xml_attr(out, "id", tree_text(node, "name"));
		text_add(out, ">");
		put_data(node, true, false, out, losses);
		text_add(out, "</node>\n");
	}
	put_edges(links, out, losses);
	text_add(out, "  </graph>\n</graphml>\n");
	draft_names_free(&of_nodes);
	draft_names_free(&of_edges);
}

/* --- CSV --- */

static void
csv_field(struct text *out, const char *value)
{
	bool quoted = value[0] && (strpbrk(value, ",;\"\t\r\n#") || value[0] == ' ' ||
				   value[strlen(value) - 1] == ' ');

	if (!quoted) {
		text_add(out, value);
		return;
	}
	text_add(out, "\"");
	for (; *value; value++) {
		if (*value == '"')
			text_add(out, "\"");
		text_bytes(out, value, 1);
	}
	text_add(out, "\"");
}

/* The columns behind name, from and to: leaves that some link has. */
static void
csv_header(const struct tree *links, struct draft_names *columns, struct text *out)
{
	text_add(out, "name,from,to");
	for (const struct tree *link = links; link; link = link->next) {
		for (const struct tree *at = link->first; at; at = at->next) {
			if (!draft_knows(false, at->key) ||
			    draft_names_find(columns, at->key) != HASH_NONE)
				continue;
			if (draft_names_add(columns, at->key, NULL))
				out->bad = true;
			text_printf(out, ",%s", at->key);
		}
	}
	text_add(out, "\n");
}

static void
csv_link(const struct tree *link, const struct draft_names *columns, struct text *out,
	 struct losses *losses)
{
	struct text value = { 0 };

	csv_field(out, tree_text(link, "name"));
	text_add(out, ",");
	csv_field(out, tree_text(link, "from"));
	text_add(out, ",");
	csv_field(out, tree_text(link, "to"));
	for (size_t i = 0; i < columns->n; i++) {
		const struct tree *at = tree_get(link, columns->names[i]);

		text_clear(&value);
		text_add(out, ",");
		if (at && write_value(at, false, &value, losses))
			csv_field(out, text_get(&value));
	}
	text_add(out, "\n");
	for (const struct tree *at = link->first; at; at = at->next) {
		if (!is_end(at->key) && !draft_knows(false, at->key))
			losses_add(losses, "link", at->key);
	}
	out->bad = out->bad || !text_ok(&value);
	text_free(&value);
}

void
write_csv(const struct tree *topology, struct text *out, struct losses *losses)
{
	const struct tree *links = write_list(topology, "link");
	struct draft_names columns;

	draft_names_init(&columns);
	write_lists_lost(topology, losses);
	csv_header(links, &columns, out);
	/* nodes first, in their order: links would make them in another one */
	for (const struct tree *node = write_list(topology, "node"); node; node = node->next) {
		text_add(out, ",");
		csv_field(out, tree_text(node, "name"));
		text_add(out, ",");
		for (size_t i = 0; i < columns.n; i++)
			text_add(out, ",");
		text_add(out, "\n");
		for (const struct tree *at = node->first; at; at = at->next) {
			if (strcmp(at->key, "name") != 0)
				losses_add(losses, "node", at->key);
		}
	}
	for (const struct tree *link = links; link; link = link->next)
		csv_link(link, &columns, out, losses);
	draft_names_free(&columns);
}
