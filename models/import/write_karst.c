/* Karst's own YAML and JSON for people: an object of a list a line in JSON, blocks in YAML. */
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "models/import/writers.h"

/* --- JSON --- */

static void
json_value(const struct tree *value, struct text *out)
{
	bool list = value->kind == TREE_ARRAY;

	if (value->kind == TREE_SCALAR) {
		text_add(out, value->text);
		return;
	}
	if (value->kind == TREE_STRING) {
		text_json_string(out, value->text, strlen(value->text));
		return;
	}
	text_add(out, list ? "[" : "{");
	for (const struct tree *at = value->first; at; at = at->next) {
		if (at != value->first)
			text_add(out, ", ");
		if (!list) {
			text_json_string(out, at->key, strlen(at->key));
			text_add(out, ": ");
		}
		json_value(at, out);
	}
	text_add(out, list ? "]" : "}");
}

void
write_json(const struct tree *topology, struct text *out, struct losses *losses)
{
	(void)losses;
	text_add(out, "{\"karst-topology:topology\": {");
	for (const struct tree *list = topology->first; list; list = list->next) {
		text_printf(out, "%s\n  \"%s\": [", list == topology->first ? "" : ",", list->key);
		for (const struct tree *at = list->first; at; at = at->next) {
			text_add(out, at == list->first ? "\n    " : ",\n    ");
			json_value(at, out);
		}
		text_add(out, "\n  ]");
	}
	text_add(out, "\n}}\n");
}

/* --- YAML --- */

/* True if a YAML reader of any age takes the word for a string. */
static bool
is_plain(const char *word)
{
	static const char *const reserved[] = { "true", "false", "null", "yes", "no",
						"on",   "off",   "y",    "n" };
	size_t len = strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				  "_-./");

	if (!len || word[len] || strchr("0123456789-.", word[0]))
		return false;
	for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++) {
		if (strcasecmp(reserved[i], word) == 0)
			return false;
	}
	return true;
}

/* Numbers that RFC 7951 writes as strings need no quotes in YAML: the schema tells. */
static bool
is_number_leaf(const char *key, const char *word)
{
	size_t len = key ? strlen(key) : 0;
	bool number = len > 4 && strcmp(key + len - 4, "-bps") == 0;

	number = number || (key && (strcmp(key, "availability") == 0 ||
				    strcmp(key, "latitude") == 0 || strcmp(key, "longitude") == 0));
	return number && *word && word[strspn(word, "-.0123456789")] == 0;
}

/* The code point at text and its length; text is UTF-8. */
static uint32_t
code_point(const char *text, size_t *len)
{
	unsigned char c = (unsigned char)text[0];
	uint32_t value = c;

	*len = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
	if (*len > 1)
		value = c & (0x7fu >> *len);
	for (size_t i = 1; i < *len; i++) {
		if (((unsigned char)text[i] & 0xc0) != 0x80) {
			*len = i;
			break;
		}
		value = value << 6 | ((unsigned char)text[i] & 0x3f);
	}
	return value;
}

/* A JSON string, but for the characters that YAML does not want to see. */
static void
yaml_string(const char *text, struct text *out)
{
	const char *at = text, *from = text;
	struct text part = { 0 };

	text_add(out, "\"");
	for (;;) {
		size_t len = 1;
		uint32_t c = *at ? code_point(at, &len) : 0;
		bool odd = (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029 || c == 0xfeff;

		if (*at && !odd) {
			at += len;
			continue;
		}
		text_clear(&part);
		text_json_string(&part, from, (size_t)(at - from));
		if (text_ok(&part) && part.len >= 2)
			text_bytes(out, part.at + 1, part.len - 2);
		out->bad = out->bad || !text_ok(&part);
		if (!*at)
			break;
		text_printf(out, "\\u%04x", (unsigned)c);
		at += len;
		from = at;
	}
	text_add(out, "\"");
	text_free(&part);
}

static void
yaml_scalar(const struct tree *value, struct text *out)
{
	if (value->kind == TREE_SCALAR || is_plain(value->text) ||
	    is_number_leaf(value->key, value->text))
		text_add(out, value->text);
	else
		yaml_string(value->text, out);
}

static void
indent(struct text *out, unsigned depth)
{
	text_printf(out, "%*s", (int)(2 * depth), "");
}

/* Members of an object, one a line; the first one stands behind what is there already. */
static void
yaml_members(const struct tree *object, unsigned depth, bool behind, struct text *out)
{
	for (const struct tree *at = object->first; at; at = at->next) {
		const struct tree *first = at->first;

		if (!behind || at != object->first)
			indent(out, depth);
		text_printf(out, "%s:", at->key);
		if (at->text) {
			text_add(out, " ");
			yaml_scalar(at, out);
			text_add(out, "\n");
		} else if (!first) {
			text_add(out, at->kind == TREE_ARRAY ? " []\n" : " {}\n");
		} else if (at->kind == TREE_OBJECT) {
			text_add(out, "\n");
			yaml_members(at, depth + 1, false, out);
		} else if (first->text) {
			text_add(out, " [");
			for (; first; first = first->next) {
				yaml_scalar(first, out);
				text_add(out, first->next ? ", " : "]\n");
			}
		} else {
			text_add(out, "\n");
			for (; first; first = first->next) {
				indent(out, depth);
				text_add(out, first->first ? "- " : "- {}\n");
				yaml_members(first, depth + 1, true, out);
			}
		}
	}
}

void
write_yaml(const struct tree *topology, struct text *out, struct losses *losses)
{
	(void)losses;
	text_add(out, topology->first ? "topology:\n" : "topology: {}\n");
	yaml_members(topology, 1, false, out);
}
