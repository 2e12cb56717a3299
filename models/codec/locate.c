/*
 * From a data path to a line of the text that the data came from. Only errors need it, so the text
 * is parsed once more, by libfyaml, whose marks libyang does not have.
 */
#include <string.h>

#include "models/codec/fyaml.h"
#include "models/codec/internal.h"

#define LOCATE_LIMIT (64u << 20) /* larger texts are not parsed a second time */

/* One step of a path: a name and its predicates. */
struct step {
	const char *name, *predicates;
	size_t name_len, predicates_len;
};

/* Takes the next step off *path. */
static bool
next_step(const char **path, struct step *out)
{
	const char *at = *path, *colon;
	char quote = 0;

	if (*at != '/')
		return false;
	at++;
	out->name = at;
	out->name_len = strcspn(at, "/[");
	colon = memchr(at, ':', out->name_len);
	if (colon) {
		out->name_len -= (size_t)(colon + 1 - at);
		out->name = colon + 1;
	}
	at = out->predicates = out->name + out->name_len;
	if (*at == '[') {
		for (; *at && (quote || *at != '/'); at++) {
			if (quote ? *at == quote : *at == '\'' || *at == '"')
				quote = quote ? 0 : *at;
		}
	}
	out->predicates_len = (size_t)(at - out->predicates);
	*path = at;
	return out->name_len > 0;
}

static bool
same(struct fy_node *scalar, const char *text, size_t len)
{
	size_t n;
	const char *at = fyaml_scalar(scalar, &n);
	const char *colon = at ? memchr(at, ':', n) : NULL;

	if (!at)
		return false;
	if (n == len && memcmp(at, text, len) == 0)
		return true;
	/* "module:name" as a member's name */
	return colon && n - (size_t)(colon + 1 - at) == len && memcmp(colon + 1, text, len) == 0;
}

/* Value of a member, and its key for the line. */
static struct fy_node *
member(struct fy_node *mapping, const char *name, size_t len, struct fy_node **key)
{
	struct fy_node_pair *pair;
	void *iter = NULL;

	if (!mapping || fy_node_get_type(mapping) != FYNT_MAPPING)
		return NULL;
	while ((pair = fy_node_mapping_iterate(mapping, &iter)) != NULL) {
		if (!same(fy_node_pair_key(pair), name, len))
			continue;
		if (key)
			*key = fy_node_pair_key(pair);
		return fyaml_resolve(fy_node_pair_value(pair));
	}
	return NULL;
}

/* True if an item of a sequence has the keys of [k='v'][k='v'], or is the v of [.='v']. */
static bool
item_matches(struct fy_node *item, const char *at, const char *end)
{
	while (at < end && *at == '[') {
		const char *name = at + 1, *equals = memchr(name, '=', (size_t)(end - name));
		const char *value, *close;
		struct fy_node *node;

		if (!equals || equals + 1 >= end)
			return false;
		value = equals + 2;
		close = memchr(value, equals[1], (size_t)(end - value));
		if (!close)
			return false;
		node = *name == '.' ? item : member(item, name, (size_t)(equals - name), NULL);
		if (!same(node, value, (size_t)(close - value)))
			return false;
		at = close + 2;
	}
	return true;
}

/* The item that the predicates mean; of several equal ones the last, where a duplicate is. */
static struct fy_node *
pick_item(struct fy_node *sequence, const struct step *step)
{
	struct fy_node *item, *found = NULL;
	void *iter = NULL;

	while ((item = fy_node_sequence_iterate(sequence, &iter)) != NULL) {
		item = fyaml_resolve(item);
		if (item &&
		    item_matches(item, step->predicates, step->predicates + step->predicates_len))
			found = item;
	}
	return found;
}

static unsigned
walk(struct fy_node *node, const char *path, bool *complete)
{
	struct step step;
	unsigned line = 0;
	bool first = true;

	while (node && next_step(&path, &step)) {
		struct fy_node *key = NULL;
		struct fy_node *value = member(node, step.name, step.name_len, &key);

		/* libyang leaves the container out of some paths, and files may too */
		if (!value && first && fy_node_get_type(node) == FYNT_MAPPING &&
		    fy_node_mapping_item_count(node) == 1) {
			struct fy_node_pair *pair = fy_node_mapping_get_by_index(node, 0);

			value = member(fyaml_resolve(fy_node_pair_value(pair)), step.name,
				       step.name_len, &key);
		}
		if (!value && !key && !first)
			break;
		if (key)
			line = fyaml_line(key);
		if (value && fy_node_get_type(value) == FYNT_SEQUENCE) {
			value = step.predicates_len ? pick_item(value, &step) : NULL;
			if (value)
				line = fyaml_line(value);
		}
		if (value || !first)
			node = value;
		first = false;
	}
	*complete = *path == 0;
	return line;
}

unsigned
locate_line(const char *text, size_t len, enum codec_format format, const char *path,
	    bool *complete)
{
	struct fy_document *doc = NULL;
	unsigned line;

	*complete = false;
	if (len > LOCATE_LIMIT || format == CODEC_XML ||
	    fyaml_parse(text, len, format == CODEC_JSON, &doc, NULL) != PCE_OK)
		return 0;
	line = walk(fy_document_root(doc), path, complete);
	fy_document_destroy(doc);
	return line;
}
