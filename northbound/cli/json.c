/* JSON of the API, on libfyaml; see json.h. */
#include "config.h"

#include "northbound/cli/json.h"

#include <stdlib.h>
#include <string.h>

#include "models/codec/fyaml.h"

struct cli_json {
	struct fy_document *document;
};

/* A cli_node is libfyaml's node; the name is ours so that callers do not see the library. */
static struct fy_node *
fy(const struct cli_node *node)
{
	return (struct fy_node *)(uintptr_t)node;
}

static const struct cli_node *
ours(struct fy_node *node)
{
	return (const struct cli_node *)node;
}

enum pce_status
cli_json_parse(const char *text, size_t len, struct cli_json **out, struct pce_error *err)
{
	struct cli_json *json = calloc(1, sizeof(*json));

	if (!json)
		return pce_no_memory(err);
	/* Not by libfyaml alone, which tells the terminal what it does not like. */
	if (fyaml_parse(text, len, true, &json->document, NULL) != PCE_OK) {
		free(json);
		return pce_fail(err, PCE_MALFORMED, "the server's answer is not JSON");
	}
	*out = json;
	return PCE_OK;
}

void
cli_json_free(struct cli_json *json)
{
	if (!json)
		return;
	fy_document_destroy(json->document);
	free(json);
}

const struct cli_node *
cli_json_root(const struct cli_json *json)
{
	return ours(fy_document_root(json->document));
}

const struct cli_node *
cli_json_get(const struct cli_node *object, const char *name)
{
	struct fy_node_pair *pair;
	void *at = NULL;

	if (!object || !fy_node_is_mapping(fy(object)))
		return NULL;
	while ((pair = fy_node_mapping_iterate(fy(object), &at))) {
		const char *key = fy_node_get_scalar0(fy_node_pair_key(pair));

		if (key && !strcmp(key, name))
			return ours(fy_node_pair_value(pair));
	}
	return NULL;
}

const struct cli_node *
cli_json_find(const struct cli_node *object, const char *prefix, const char **name)
{
	struct fy_node_pair *pair;
	void *at = NULL;

	if (!object || !fy_node_is_mapping(fy(object)))
		return NULL;
	while ((pair = fy_node_mapping_iterate(fy(object), &at))) {
		const char *key = fy_node_get_scalar0(fy_node_pair_key(pair));

		if (key && !strncmp(key, prefix, strlen(prefix))) {
			*name = key;
			return ours(fy_node_pair_value(pair));
		}
	}
	return NULL;
}

const struct cli_node *
cli_json_next(const struct cli_node *array, void **at)
{
	if (!array || !fy_node_is_sequence(fy(array)))
		return NULL;
	return ours(fy_node_sequence_iterate(fy(array), at));
}

const char *
cli_json_text(const struct cli_node *node)
{
	return node && fy_node_is_scalar(fy(node)) ? fy_node_get_scalar0(fy(node)) : NULL;
}

const char *
cli_json_member(const struct cli_node *object, const char *name)
{
	return cli_json_text(cli_json_get(object, name));
}

bool
cli_json_true(const struct cli_node *object, const char *name)
{
	const char *text = cli_json_member(object, name);

	return text && !strcmp(text, "true");
}

unsigned long long
cli_json_number(const struct cli_node *object, const char *name, unsigned long long otherwise)
{
	const char *text = cli_json_member(object, name);
	unsigned long long value;
	char *end;

	if (!text || *text < '0' || *text > '9')
		return otherwise;
	value = strtoull(text, &end, 10);
	return *end ? otherwise : value;
}
