/*
 * Codec: plain structs to and from YANG data. Everything that enters or leaves Karst as text
 * (files, API bodies, records of the store, configuration of routers) is parsed, validated and
 * printed by libyang against the modules in models/yang; there is no second schema in C. Input may
 * be JSON (RFC 7951) or YAML, told apart by content; YAML is turned into JSON whose values are
 * quoted by their schema type.
 *
 * An error carries one sentence, the data path of the offending node and, for text input, its line.
 * What is read belongs to an arena of the caller. Outputs are untouched on failure.
 */
#ifndef MODELS_CODEC_CODEC_H
#define MODELS_CODEC_CODEC_H

#include "pce/base/arena.h"
#include "pce/base/status.h"
#include "pce/base/text.h"

struct codec;
struct ly_ctx;

/*
 * Where the YANG modules are, as a colon-separated list of folders: yang_path itself; for NULL the
 * environment's KARST_YANG_PATH, without it the installed folder, and without that the tree of the
 * build.
 */
const char *codec_yang_path(const char *yang_path);

/*
 * Loads Karst's modules from codec_yang_path(yang_path). Costs about 10 ms. libyang is told, for
 * the whole process, to keep its messages instead of printing them. Once made, a codec is only
 * read: several threads may use it at once. Caller owns *out; codec_free(NULL) does nothing.
 */
enum pce_status codec_new(const char *yang_path, struct codec **out, struct pce_error *err);
void codec_free(struct codec *codec);

/* The libyang context, for those who walk schemas (RESTCONF paths, OpenAPI). Owned by the codec; do
 * not change it. */
const struct ly_ctx *codec_context(const struct codec *codec);

/* What a text is, told by its first significant character. */
enum codec_format { CODEC_JSON, CODEC_YAML, CODEC_XML };
enum codec_format codec_format_of(const char *text, size_t len);

/*
 * Reads a whole file into *out (NUL-terminated, to free()). PCE_IO names the file and the reason;
 * PCE_LIMIT when it is larger than limit octets (0: no limit).
 */
enum pce_status codec_file_read(const char *path, size_t limit, char **out, size_t *out_len,
				struct pce_error *err);

/*
 * Puts "FILE:LINE: " (or "FILE: ") in front of the sentence that err holds, and takes the line out
 * of err: who shows both would show it twice. Returns status.
 */
enum pce_status codec_name_file(struct pce_error *err, enum pce_status status, const char *path);

#endif
