/*
 * libfyaml does the YAML: its errors are collected, its marks give the lines. Aliases are
 * resolved by who walks the document, with a limit, never by the parser (which would expand them
 * without one).
 */
#include <stdlib.h>
#include <string.h>

#include "models/codec/fyaml.h"

/* Puts the first error into err. Errors are collected as data: printing them crashes 0.7.12 on some
 * texts, because it shows a piece of the source. */
static enum pce_status
first_error(struct fy_diag *diag, bool json, struct pce_error *err)
{
	void *iter = NULL;
	const struct fy_diag_error *error = fy_diag_errors_iterate(diag, &iter);
	const char *words = error && error->msg ? error->msg : "no document is found";

	return pce_fail_at(
	    err, PCE_MALFORMED, NULL, error && error->line > 0 ? (unsigned)error->line : 0,
	    "this is not %s: %.*s", json ? "JSON" : "YAML", (int)strcspn(words, "\n"), words);
}

/* Where errors would be printed if they were not collected. */
static void
print_nothing(struct fy_diag *diag, void *user, const char *buf, size_t len)
{
	(void)diag;
	(void)user;
	(void)buf;
	(void)len;
}

/* True if a line begins at text + i, by any of the line breaks that YAML 1.1 or 1.2 knows. */
static bool
begins_line(const char *text, size_t i)
{
	static const char *const before[] = { "\n",           "\r",           "\xc2\x85",
					      "\xe2\x80\xa8", "\xe2\x80\xa9", "\xef\xbb\xbf" };

	for (size_t k = 0; k < sizeof(before) / sizeof(before[0]); k++) {
		size_t len = strlen(before[k]);

		if (i >= len && memcmp(text + i - len, before[k], len) == 0)
			return true;
	}
	return i == 0;
}

/* Line of a YAML directive, or 0. libfyaml 0.7.12 never comes back from some malformed ones. */
static unsigned
find_directive(const char *text, size_t len)
{
	unsigned line = 1;

	for (size_t i = 0; i < len; i++) {
		if (text[i] == '%' && begins_line(text, i))
			return line;
		line += text[i] == '\n';
	}
	return 0;
}

/* True if text + i has a mark of YAML's for a document: --- or ... and then a blank or the end. */
static bool
is_mark(const char *text, size_t len, size_t i, const char *mark)
{
	return len - i >= 3 && memcmp(text + i, mark, 3) == 0 &&
	       (len - i == 3 || strchr(" \t\r\n", text[i + 3]));
}

/*
 * Line at which a second document begins, or 0. No text of YAML may hold such a line within a
 * document, not even in quotes (YAML 1.2 section 9.1.2), so it is found without parsing. A mark
 * behind the end that nothing follows is no document.
 */
static unsigned
find_second(const char *text, size_t len)
{
	unsigned line = 1;
	bool content = false, over = false;

	for (size_t i = 0; i < len; line++) {
		const char *end = memchr(text + i, '\n', len - i);
		size_t next = end ? (size_t)(end - text) + 1 : len;
		size_t first = i;
		bool mark = is_mark(text, len, i, "---") || is_mark(text, len, i, "...");

		over = over || (mark && content);
		if (mark)
			first += 3;
		while (first < next && strchr(" \t\r\n", text[first]) && text[first])
			first++;
		if (first < next && text[first] != '#') {
			if (over)
				return line;
			content = true;
		}
		i = next;
	}
	return 0;
}

enum pce_status
fyaml_parse(const char *text, size_t len, bool json, struct fy_document **out,
	    struct pce_error *err)
{
	struct fy_diag_cfg diag_cfg = { .output_fn = print_nothing,
					.level = FYET_ERROR,
					.module_mask = ~0u };
	struct fy_parse_cfg cfg = { .flags = json ? FYPCF_JSON_FORCE : FYPCF_JSON_NONE };
	struct fy_document *doc;
	enum pce_status status = PCE_OK;
	unsigned directive = json ? 0 : find_directive(text, len);
	unsigned second = json ? 0 : find_second(text, len);

	if (directive)
		return pce_fail_at(err, PCE_MALFORMED, NULL, directive,
				   "a line begins with %%: YAML directives are not read");
	if (second)
		return pce_fail_at(err, PCE_MALFORMED, NULL, second,
				   "a second YAML document begins here: a file holds one");
	cfg.diag = fy_diag_create(&diag_cfg);
	if (!cfg.diag)
		return pce_no_memory(err);
	fy_diag_set_collect_errors(cfg.diag, true);
	doc = fy_document_build_from_string(&cfg, text, len);
	if (doc)
		*out = doc;
	else
		status = first_error(cfg.diag, json, err);
	fy_diag_destroy(cfg.diag);
	return status;
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
