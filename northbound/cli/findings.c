/* See findings.h. */
#include "northbound/cli/findings.h"

#include <string.h>

#define EXAMPLES 3

void
findings_rows(struct cli_table *table, const char *kind, const struct codec_finding *findings,
	      size_t n, bool left_out)
{
	for (size_t i = 0; i < n; i++) {
		const struct codec_finding *f = &findings[i];
		struct text names = { 0 };

		if (f->left_out != left_out)
			continue;
		for (size_t k = 0; k < f->n && k < EXAMPLES; k++)
			text_printf(&names, "%s%s", k ? ", " : "", f->names[k]);
		if (f->n > EXAMPLES)
			text_add(&names, ", ...");
		cli_table_cell(table, kind);
		cli_table_cell(table, f->object);
		if (f->n)
			cli_table_cellf(table, "%zu", f->n);
		else
			cli_table_cell(table, NULL);
		cli_table_cell(table, f->n ? text_get(&names) : NULL);
		if (f->leaf && !strstr(f->words, f->leaf) && strcmp(kind, "assumed") == 0)
			cli_table_cellf(table, "%s: %s", f->leaf, f->words);
		else
			cli_table_cell(table, f->words);
		text_free(&names);
	}
}

static void
member(struct text *out, const char *name, const char *value)
{
	if (!value)
		return;
	text_printf(out, "\"%s\":", name);
	text_json_string(out, value, strlen(value));
	text_add(out, ",");
}

static void
finding_json(struct text *out, const struct codec_finding *f)
{
	text_add(out, "{");
	member(out, "object", f->object);
	member(out, "leaf", f->leaf);
	member(out, "what", f->words);
	text_printf(out, "\"count\":%zu,\"names\":[", f->n);
	for (size_t i = 0; i < f->n; i++) {
		text_add(out, i ? "," : "");
		text_json_string(out, f->names[i], strlen(f->names[i]));
	}
	text_add(out, "]");
	if (f->values) {
		text_add(out, ",\"values\":[");
		for (size_t i = 0; i < f->n; i++)
			text_printf(out, "%s%u", i ? "," : "", f->values[i]);
		text_add(out, "]");
	}
	text_add(out, "}");
}

void
findings_json(struct text *out, const struct codec_finding *findings, size_t n, bool left_out)
{
	bool first = true;

	text_add(out, "[");
	for (size_t i = 0; i < n; i++) {
		if (findings[i].left_out != left_out)
			continue;
		text_add(out, first ? "\n  " : ",\n  ");
		finding_json(out, &findings[i]);
		first = false;
	}
	text_add(out, "]");
}
