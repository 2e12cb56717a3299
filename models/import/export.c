/* From deltas to karst-topology JSON, to a tree, to the writer; and what writers share. */
#include "models/import/export.h"

#include <stdlib.h>
#include <string.h>

#include "models/import/draft.h"
#include "models/import/writers.h"
#include "pce/base/array.h"

static write_fn *const writers[IMPORT_FORMATS] = {
	[IMPORT_YAML] = write_yaml,       [IMPORT_JSON] = write_json,
	[IMPORT_GRAPHML] = write_graphml, [IMPORT_RFC8345] = write_rfc8345,
	[IMPORT_CSV] = write_csv,
};

bool
export_is_offered(enum import_format format)
{
	return writers[format] != NULL;
}

void
losses_add(struct losses *losses, const char *object, const char *leaf)
{
	for (size_t i = 0; i < losses->n; i++) {
		if (strcmp(losses->items[i].leaf, leaf) == 0 &&
		    strcmp(losses->items[i].object, object) == 0) {
			losses->items[i].n++;
			return;
		}
	}
	if (array_reserve(&losses->items, &losses->cap, losses->n + 1, sizeof(struct loss), NULL)) {
		losses->bad = true;
		return;
	}
	losses->items[losses->n++] = (struct loss){ leaf, object, 1 };
}

const struct tree *
write_list(const struct tree *topology, const char *name)
{
	const struct tree *list = tree_get(topology, name);

	return list ? list->first : NULL;
}

bool
write_occurs(const struct tree *list, const char *leaf)
{
	for (const struct tree *at = list; at; at = at->next) {
		if (tree_get(at, leaf))
			return true;
	}
	return false;
}

/* Readers take blanks off both ends. */
static bool
is_trimmed(const char *text)
{
	size_t len = strlen(text);

	return len && !strchr(" \t\r\n", text[0]) && !strchr(" \t\r\n", text[len - 1]);
}

bool
write_value(const struct tree *leaf, bool node, struct text *out, struct losses *losses)
{
	bool fits = draft_knows(node, leaf->key) &&
		    (leaf->text ? !draft_is_list(node, leaf->key) && is_trimmed(leaf->text)
				: leaf->kind == TREE_ARRAY && draft_is_list(node, leaf->key));

	for (const struct tree *at = leaf->first; fits && at; at = at->next)
		fits = at->text && at->text[0] && !strpbrk(at->text, " \t\r\n");
	if (!fits) {
		losses_add(losses, node ? "node" : "link", leaf->key);
		return false;
	}
	if (leaf->text)
		text_add(out, leaf->text);
	for (const struct tree *at = leaf->first; at; at = at->next)
		text_printf(out, "%s%s", at == leaf->first ? "" : " ", at->text);
	return true;
}

void
write_lists_lost(const struct tree *topology, struct losses *losses)
{
	for (const struct tree *at = topology->first; at; at = at->next) {
		bool mine = strcmp(at->key, "node") == 0 || strcmp(at->key, "link") == 0;

		for (const struct tree *entry = mine ? NULL : at->first; entry; entry = entry->next)
			losses_add(losses, at->key,
				   strcmp(at->key, "srlg") == 0       ? "number and availability"
				   : strcmp(at->key, "affinity") == 0 ? "bit"
								      : "all");
	}
}

static void
say_losses(const struct losses *losses, const char *format, struct text *out)
{
	for (size_t i = 0; i < losses->n; i++) {
		const struct loss *loss = &losses->items[i];

		text_printf(out, "%s of %zu %s%s: %s has no place for it\n", loss->leaf, loss->n,
			    loss->object,
			    loss->n == 1                                           ? ""
			    : strchr("xy", loss->object[strlen(loss->object) - 1]) ? " entries"
										   : "s",
			    format);
	}
}

enum pce_status
export_topology(const struct codec *codec, enum import_format format,
		const struct ted_delta *deltas, size_t n, struct text *out, struct text *lost,
		struct pce_error *err)
{
	struct text json = { 0 }, made = { 0 };
	struct arena arena = { 0 };
	struct losses losses = { 0 };
	struct tree *top = NULL;
	enum pce_status status;

	if (!export_is_offered(format))
		return pce_fail(err, PCE_UNSUPPORTED, "%s is read and not written",
				import_format_name(format));
	status = codec_topology_print_deltas(codec, deltas, n, &json, err);
	if (status == PCE_OK)
		status = tree_json(text_get(&json), json.len, &arena, &top, err);
	if (status == PCE_OK) {
		writers[format](top->first, &made, &losses);
		say_losses(&losses, import_format_name(format), lost);
		if (text_ok(&made))
			text_bytes(out, text_get(&made), made.len);
		if (!text_ok(&made) || !text_ok(out) || !text_ok(lost) || losses.bad)
			status = pce_no_memory(err);
	}
	free(losses.items);
	text_free(&json);
	text_free(&made);
	arena_free(&arena);
	return status;
}
