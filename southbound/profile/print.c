/* Trees as XML and JSON. Members of one name are printed where the first of them stands, as an
 * array. */
#include <string.h>

#include "southbound/profile/tree.h"

#define BASE "urn:ietf:params:xml:ns:netconf:base:1.0"

static const char *
namespace_of(const struct profile_table *table, const char *module)
{
	for (size_t i = 0; i < table->n_modules; i++)
		if (strcmp(table->modules[i].name, module) == 0)
			return table->modules[i].ns;
	return "";
}

/* Characters that XML 1.0 has no way to write become U+FFFD. */
static void
escape(struct text *out, const char *value)
{
	for (; *value != '\0'; value++) {
		unsigned char c = (unsigned char)*value;

		if (c == '&')
			text_add(out, "&amp;");
		else if (c == '<')
			text_add(out, "&lt;");
		else if (c == '>')
			text_add(out, "&gt;");
		else if (c == '"')
			text_add(out, "&quot;");
		else if (c == '\r')
			text_add(out, "&#13;");
		else if (c < 0x20 && c != '\t' && c != '\n')
			text_add(out, "\xef\xbf\xbd");
		else
			text_bytes(out, value, 1);
	}
}

/* An identity is written with a prefix that is declared for it. */
static void
print_identity(const struct data_node *node, const struct profile_table *table, struct text *out)
{
	const char *colon = strchr(node->value, ':');
	char module[128];

	if (colon == NULL || (size_t)(colon - node->value) >= sizeof module) {
		text_add(out, ">");
		escape(out, node->value);
		return;
	}
	memcpy(module, node->value, (size_t)(colon - node->value));
	module[colon - node->value] = '\0';
	text_add(out, " xmlns:id=\"");
	escape(out, namespace_of(table, module));
	text_add(out, "\">id");
	escape(out, colon);
}

static void
print_xml_node(const struct data_node *node, const char *module, const struct profile_table *table,
	       struct text *out)
{
	text_printf(out, "<%s", node->name);
	if (strcmp(node->module, module) != 0) {
		text_add(out, " xmlns=\"");
		escape(out, namespace_of(table, node->module));
		text_add(out, "\"");
	}
	if (node->operation != NULL)
		text_printf(out, " xmlns:nc=\"" BASE "\" nc:operation=\"%s\"", node->operation);
	if (node->first == NULL && (node->value == NULL || *node->value == '\0')) {
		text_add(out, "/>");
		return;
	}
	if (node->value != NULL && node->type == PROFILE_IDENTITY) {
		print_identity(node, table, out);
	} else {
		text_add(out, ">");
		if (node->value != NULL)
			escape(out, node->value);
	}
	for (const struct data_node *child = node->first; child != NULL; child = child->next)
		print_xml_node(child, node->module, table, out);
	text_printf(out, "</%s>", node->name);
}

void
data_print_xml(const struct data_node *node, const struct profile_table *table, struct text *out)
{
	for (const struct data_node *child = node->first; child != NULL; child = child->next)
		print_xml_node(child, node->name ? node->module : "", table, out);
}

static bool
same_member(const struct data_node *a, const struct data_node *b)
{
	return strcmp(a->name, b->name) == 0 && strcmp(a->module, b->module) == 0;
}

static void print_members(const struct data_node *node, const char *module, bool bare,
			  struct text *out);

static void
print_value(const struct data_node *node, bool bare, struct text *out)
{
	if (node->value == NULL)
		print_members(node, node->module, bare, out);
	else if (node->type == PROFILE_NUMBER || node->type == PROFILE_BOOLEAN)
		text_add(out, node->value);
	else
		text_json_string(out, node->value, strlen(node->value));
}

static void
print_array(const struct data_node *first, bool bare, struct text *out)
{
	text_add(out, "[");
	print_value(first, bare, out);
	for (const struct data_node *more = first->next; more != NULL; more = more->next)
		if (same_member(more, first)) {
			text_add(out, ",");
			print_value(more, bare, out);
		}
	text_add(out, "]");
}

/* module: of the node above; "" at the top, where every member has its module. */
static void
print_members(const struct data_node *node, const char *module, bool bare, struct text *out)
{
	const char *comma = "";

	text_add(out, "{");
	for (const struct data_node *child = node->first; child != NULL; child = child->next) {
		const struct data_node *before = node->first;

		while (child->entry && before != child && !same_member(before, child))
			before = before->next;
		if (child->entry && before != child)
			continue;
		text_printf(out, "%s\"", comma);
		comma = ",";
		if (!bare && strcmp(child->module, module) != 0)
			text_printf(out, "%s:", child->module);
		text_printf(out, "%s\":", child->name);
		if (child->entry)
			print_array(child, bare, out);
		else
			print_value(child, bare, out);
	}
	text_add(out, "}");
}

void
data_print_json(const struct data_node *node, bool bare, struct text *out)
{
	print_members(node, "", bare, out);
}
