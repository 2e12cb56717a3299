/*
 * libfyaml does the YAML: its errors are caught in memory, its marks give the lines. Aliases are
 * resolved by who walks the document, with a limit, never by the parser (which would expand them
 * without one).
 */
#include <stdlib.h>
#include <string.h>

#include "models/codec/fyaml.h"

struct caught {
	char text[256];
	unsigned line;
};

/* Called with texts as "<memory-@A-B>:3:7: error: message\n"; the first one counts. */
static void
catch_error(struct fy_diag *diag, void *user, const char *buf, size_t len)
{
	struct caught *caught = user;
	const char *word, *place;
	char line[256];
	size_t n = len < sizeof(line) - 1 ? len : sizeof(line) - 1;

	(void)diag;
	if (caught->text[0])
		return;
	memcpy(line, buf, n);
	line[n] = 0;
	word = strstr(line, "error: ");
	if (!word)
		return;
	place = strstr(line, ">:");
	caught->line = place ? (unsigned)strtoul(place + 2, NULL, 10) : 0;
	memcpy(caught->text, word + 7, strlen(word + 7) + 1);
	caught->text[strcspn(caught->text, "\n")] = 0;
}

enum pce_status
fyaml_parse(const char *text, size_t len, bool json, struct fy_document **out,
	    struct pce_error *err)
{
	struct caught caught = { 0 };
	struct fy_diag_cfg diag_cfg = { .output_fn = catch_error,
					.user = &caught,
					.level = FYET_ERROR,
					.module_mask = ~0u,
					.show_position = true,
					.show_type = true };
	struct fy_parse_cfg cfg = { .flags = json ? FYPCF_JSON_FORCE : FYPCF_JSON_NONE };
	struct fy_document *doc;

	cfg.diag = fy_diag_create(&diag_cfg);
	if (!cfg.diag)
		return pce_no_memory(err);
	doc = fy_document_build_from_string(&cfg, text, len);
	fy_diag_destroy(cfg.diag);
	if (!doc)
		return pce_fail_at(err, PCE_MALFORMED, NULL, caught.line, "this is not %s: %s",
				   json ? "JSON" : "YAML",
				   caught.text[0] ? caught.text : "no document is found");
	*out = doc;
	return PCE_OK;
}

unsigned
fyaml_line(struct fy_node *node)
{
	const struct fy_mark *mark = NULL;
	void *iter = NULL;
	struct fy_node_pair *pair;

	for (int depth = 0; node && depth < 64; depth++) {
		switch (fy_node_get_type(node)) {
		case FYNT_SCALAR:
			mark = fy_token_start_mark(fy_node_get_scalar_token(node));
			return mark ? (unsigned)mark->line + 1 : 0;
		case FYNT_SEQUENCE:
			iter = NULL;
			node = fy_node_sequence_iterate(node, &iter);
			break;
		case FYNT_MAPPING:
			iter = NULL;
			pair = fy_node_mapping_iterate(node, &iter);
			node = pair ? fy_node_pair_key(pair) : NULL;
			break;
		}
	}
	return 0;
}

struct fy_node *
fyaml_resolve(struct fy_node *node)
{
	for (int depth = 0; node && fy_node_is_alias(node); depth++)
		node = depth < 8 ? fy_node_resolve_alias(node) : NULL;
	return node;
}

const char *
fyaml_scalar(struct fy_node *node, size_t *len)
{
	*len = 0;
	if (!node || fy_node_get_type(node) != FYNT_SCALAR)
		return NULL;
	return fy_node_get_scalar(node, len);
}
