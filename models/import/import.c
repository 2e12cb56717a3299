/* The way from a topology text to the reader that knows its format, and from what that made to
 * deltas. */
#include "models/import/import.h"

#include <stdlib.h>
#include <string.h>

#include "models/codec/internal.h"
#include "models/import/markup.h"
#include "models/import/readers.h"
#include "pce/base/array.h"

/* The notes of one kind as a finding with all names. */
static enum pce_status
gather(struct codec_topology *topology, const struct draft *draft, size_t first,
       struct codec_finding *out, struct pce_error *err)
{
	const struct draft_note *kind = &draft->notes[first];
	const char **names;
	size_t n = 0;

	for (size_t i = first; i < draft->n_notes; i++)
		n += strcmp(draft->notes[i].words, kind->words) == 0;
	names = arena_alloc(&topology->arena, (n + 1) * sizeof(*names));
	if (!names)
		return pce_no_memory(err);
	*out = (struct codec_finding){ !kind->assumed, kind->object, NULL, kind->words,
				       names,          NULL,         0 };
	for (size_t i = first; kind->name && i < draft->n_notes; i++) {
		const struct draft_note *note = &draft->notes[i];

		if (strcmp(note->words, kind->words) != 0)
			continue;
		names[out->n] = arena_strdup(&topology->arena, note->name);
		if (!names[out->n++])
			return pce_no_memory(err);
	}
	return PCE_OK;
}

/* Puts the notes of a converter behind what the reader assumed. There are few kinds. */
static enum pce_status
add_notes(struct codec_topology *topology, const struct draft *draft, struct pce_error *err)
{
	enum pce_status status = PCE_OK;

	for (size_t i = 0; status == PCE_OK && i < draft->n_notes; i++) {
		struct codec_finding finding;
		size_t same = 0;

		while (strcmp(draft->notes[same].words, draft->notes[i].words) != 0)
			same++;
		if (same < i)
			continue;
		status = gather(topology, draft, i, &finding, err);
		if (status == PCE_OK)
			status = codec_topology_found(topology, &finding, 1, err);
	}
	return status;
}

/* Reads the JSON that was made of a foreign text; a fault is told with the line of the latter. */
static enum pce_status
read_made(const struct codec *codec, struct draft *draft,
	  const struct codec_topology_options *options, struct codec_topology *out,
	  struct pce_error *err)
{
	struct codec_topology made = { 0 };
	struct text json = { 0 };
	unsigned *lines = NULL;
	size_t n = 0;
	enum pce_status status = draft_finish(draft, &json, &lines, &n);

	if (status == PCE_OK) {
		status = codec_topology_read(codec, text_get(&json), json.len, options, &made, err);
		if (status != PCE_OK && err)
			err->line = err->line > 0 && err->line <= n ? lines[err->line - 1] : 0;
	}
	if (status == PCE_OK)
		status = add_notes(&made, draft, err);
	if (status == PCE_OK)
		*out = made;
	else
		codec_topology_free(&made);
	text_free(&json);
	free(lines);
	return status;
}

static enum pce_status
read_xml(enum import_format format, const char *text, size_t len, struct draft *draft)
{
	xmlDoc *doc = NULL;
	enum pce_status status = markup_parse(text, len, &doc, draft->err);
	const xmlNode *root = status == PCE_OK ? xmlDocGetRootElement(doc) : NULL;
	const char *wanted = format == IMPORT_GRAPHML ? "graphml" : "network";

	if (status == PCE_OK && !markup_is(root, wanted))
		status = draft_fail(draft, markup_line(root), PCE_UNSUPPORTED, "XML whose root is",
				    (const char *)root->name,
				    "of XML formats GraphML and SNDlib's network are read");
	else if (status == PCE_OK && format == IMPORT_GRAPHML)
		status = import_graphml(root, draft);
	else if (status == PCE_OK)
		status = import_sndlib_xml(root, draft);
	xmlFreeDoc(doc);
	return status;
}

/*
 * Plain text of other people is UTF-8 or, octet by octet where it is not, taken as ISO 8859-1; that
 * is noted. *out stays empty if nothing had to be changed.
 */
static void
to_utf8(const char *text, size_t len, struct draft *draft, struct text *out)
{
	size_t kept = 0, n;

	for (size_t i = 0; i < len; i += n) {
		unsigned char c = (unsigned char)text[i];
		char octets[2] = { (char)(0xc0 | c >> 6), (char)(0x80 | (c & 0x3f)) };
		bool allowed;

		n = text_char(text + i, len - i, &allowed);
		if (c < 0x80 || n > 1)
			continue;
		text_bytes(out, text + kept, i - kept);
		text_bytes(out, octets, 2);
		kept = i + 1;
	}
	if (kept == 0)
		return;
	text_bytes(out, text + kept, len - kept);
	draft_assumed(draft, "octets that are not UTF-8 are taken as ISO 8859-1");
}

static enum pce_status
read_plain(enum import_format format, const char *text, size_t len, struct draft *draft)
{
	struct text utf8 = { 0 };
	enum pce_status status;

	to_utf8(text, len, draft, &utf8);
	if (utf8.len) {
		text = text_get(&utf8);
		len = utf8.len;
	}
	if (!text_ok(&utf8))
		status = pce_no_memory(draft->err);
	else if (format == IMPORT_GML)
		status = import_gml(text, len, draft);
	else if (format == IMPORT_REPETITA)
		status = import_repetita(text, len, draft);
	else
		status = format == IMPORT_SNDLIB ? import_sndlib(text, len, draft)
						 : import_csv(text, len, draft);
	text_free(&utf8);
	return status;
}

static enum pce_status
read_foreign(enum import_format format, const char *text, size_t len, struct draft *draft)
{
	switch (format) {
	case IMPORT_GML:
	case IMPORT_REPETITA:
	case IMPORT_SNDLIB:
	case IMPORT_CSV:
		return read_plain(format, text, len, draft);
	case IMPORT_RFC8345: {
		enum pce_status status = utf8_check(text, len, draft->err);

		return status == PCE_OK ? import_rfc8345(text, len, draft) : status;
	}
	default:
		return read_xml(format, text, len, draft);
	}
}

enum pce_status
import_topology_as(const struct codec *codec, enum import_format format, const char *text,
		   size_t len, const struct codec_topology_options *options,
		   struct codec_topology *out, struct pce_error *err)
{
	struct draft draft;
	enum pce_status status;

	if (format == IMPORT_ANY)
		format = import_format_of(text, len);
	if (format == IMPORT_YAML || format == IMPORT_JSON)
		return codec_topology_read(codec, text, len, options, out, err);
	draft_init(&draft, err);
	status = read_foreign(format, text, len, &draft);
	if (status == PCE_OK)
		status = read_made(codec, &draft, options, out, err);
	draft_free(&draft);
	return status;
}

enum pce_status
import_topology(const struct codec *codec, const char *text, size_t len,
		const struct codec_topology_options *options, struct codec_topology *out,
		struct pce_error *err)
{
	return import_topology_as(codec, IMPORT_ANY, text, len, options, out, err);
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
