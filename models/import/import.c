/* Which format a topology text has, and the way to the reader that knows it. */
#include "models/import/import.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/import/graphml.h"

/* Puts the notes of a converter behind what the reader assumed. */
static enum pce_status
add_notes(struct codec_topology *topology, const char *notes, struct pce_error *err)
{
	size_t n = 0, at = topology->n_assumed;
	const char **all;

	for (const char *c = notes; *c; c++)
		n += *c == '\n';
	all = arena_alloc(&topology->arena, (at + n + 1) * sizeof(*all));
	if (!all)
		return pce_no_memory(err);
	for (size_t i = 0; i < at; i++)
		all[i] = topology->assumed[i];
	for (; n > 0; n--) {
		size_t len = strcspn(notes, "\n");
		char *copy = arena_alloc(&topology->arena, len + 1);

		if (!copy)
			return pce_no_memory(err);
		memcpy(copy, notes, len);
		all[at++] = copy;
		notes += len + 1;
	}
	topology->assumed = all;
	topology->n_assumed = at;
	return PCE_OK;
}

/* What is wrong in the JSON that was made of a foreign text has no line there. */
static enum pce_status
read_made(const struct codec *codec, const struct text *json, const char *notes,
	  const struct codec_topology_options *options, struct codec_topology *out,
	  struct pce_error *err)
{
	struct codec_topology made = { 0 };
	enum pce_status status =
	    codec_topology_read(codec, text_get(json), json->len, options, &made, err);

	if (status != PCE_OK) {
		if (err)
			err->line = 0;
		return status;
	}
	status = add_notes(&made, notes, err);
	if (status == PCE_OK)
		*out = made;
	else
		codec_topology_free(&made);
	return status;
}

static enum pce_status
import_xml(const struct codec *codec, const char *text, size_t len,
	   const struct codec_topology_options *options, struct codec_topology *out,
	   struct pce_error *err)
{
	struct text json = { 0 }, notes = { 0 };
	enum pce_status status = graphml_to_json(text, len, &json, &notes, err);

	if (status == PCE_OK)
		status = read_made(codec, &json, text_get(&notes), options, out, err);
	text_free(&json);
	text_free(&notes);
	return status;
}

enum pce_status
import_topology(const struct codec *codec, const char *text, size_t len,
		const struct codec_topology_options *options, struct codec_topology *out,
		struct pce_error *err)
{
	if (codec_format_of(text, len) == CODEC_XML)
		return import_xml(codec, text, len, options, out, err);
	return codec_topology_read(codec, text, len, options, out, err);
}

enum pce_status
import_topology_file(const struct codec *codec, const char *path,
		     const struct codec_topology_options *options, struct codec_topology *out,
		     struct pce_error *err)
{
	char *text = NULL;
	size_t len = 0;
	enum pce_status status = codec_file_read(path, 0, &text, &len, err);

	if (status != PCE_OK)
		return status;
	status = import_topology(codec, text, len, options, out, err);
	free(text);
	return status == PCE_OK ? PCE_OK : codec_name_file(err, status, path);
}
