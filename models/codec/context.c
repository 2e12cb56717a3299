/*
 * The libyang context of a codec. libyang prints errors to standard error unless told otherwise;
 * its options per thread do not outlive a union value (2.1.30), so the process-wide ones are set.
 */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "models/codec/internal.h"
#include "pce/base/array.h"

static const char *const modules[] = {
	"karst-config",     "karst-device",    "karst-events",   "karst-intent",
	"karst-operations", "karst-telemetry", "karst-path",     "karst-policy",
	"karst-profile",    "karst-record",    "karst-topology",
};

const char *
codec_yang_path(const char *yang_path)
{
	const char *path = yang_path ? yang_path : getenv("KARST_YANG_PATH");
	struct stat st;

	if (path && *path)
		return path;
	return stat(KARST_YANGDIR "/karst-types.yang", &st) == 0 ? KARST_YANGDIR
								 : KARST_SRCDIR "/models/yang";
}

static enum pce_status
add_folders(struct ly_ctx *ctx, const char *yang_path, struct pce_error *err)
{
	char *copy = array_strdup(yang_path), *save = NULL;

	if (!copy)
		return pce_no_memory(err);
	for (char *dir = strtok_r(copy, ":", &save); dir; dir = strtok_r(NULL, ":", &save)) {
		struct stat st;

		/* libyang refuses the whole list for one folder that is not there */
		if (stat(dir, &st) == 0 && S_ISDIR(st.st_mode))
			ly_ctx_set_searchdir(ctx, dir);
	}
	free(copy);
	return PCE_OK;
}

static enum pce_status
load_modules(struct codec *codec, const char *yang_path, struct pce_error *err)
{
	enum pce_status status = add_folders(codec->ctx, yang_path, err);

	for (size_t i = 0; status == PCE_OK && i < sizeof(modules) / sizeof(modules[0]); i++) {
		if (!ly_ctx_load_module(codec->ctx, modules[i], NULL, NULL))
			status = pce_fail(err, PCE_NOT_FOUND,
					  "YANG module %s cannot be loaded from %s: %s", modules[i],
					  yang_path, ly_errmsg(codec->ctx));
	}
	return status;
}

enum pce_status
codec_new(const char *yang_path, struct codec **out, struct pce_error *err)
{
	struct codec *codec = calloc(1, sizeof(*codec));
	enum pce_status status;

	if (!codec)
		return pce_no_memory(err);
	yang_path = codec_yang_path(yang_path);
	ly_log_options(LY_LOSTORE);
	if (ly_ctx_new(NULL, LY_CTX_NO_YANGLIBRARY | LY_CTX_DISABLE_SEARCHDIR_CWD, &codec->ctx))
		status = pce_no_memory(err);
	else
		status = load_modules(codec, yang_path, err);
	if (status != PCE_OK) {
		codec_free(codec);
		return status;
	}
	*out = codec;
	return PCE_OK;
}

void
codec_free(struct codec *codec)
{
	if (!codec)
		return;
	ly_ctx_destroy(codec->ctx);
	free(codec);
}

const struct ly_ctx *
codec_context(const struct codec *codec)
{
	return codec->ctx;
}

/* True if a name without quotes stands there, which JSON never has but YAML's flow style does. */
static bool
has_bare_name(const char *text, size_t len, size_t i)
{
	while (i < len && text[i] && strchr(" \t\r\n", text[i]))
		i++;
	return i < len &&
	       ((text[i] >= 'a' && text[i] <= 'z') || (text[i] >= 'A' && text[i] <= 'Z'));
}

enum codec_format
codec_format_of(const char *text, size_t len)
{
	size_t i = 0;

	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		i = 3;
	while (i < len && strchr(" \t\r\n", text[i]) && text[i])
		i++;
	if (i < len && text[i] == '{' && has_bare_name(text, len, i + 1))
		return CODEC_YAML;
	if (i < len && (text[i] == '{' || text[i] == '['))
		return CODEC_JSON;
	if (i < len && text[i] == '<')
		return CODEC_XML;
	return CODEC_YAML;
}

/* The whole of an open file; *len counts what was read. */
static enum pce_status
slurp(FILE *file, const char *path, size_t limit, char **at, size_t *len, struct pce_error *err)
{
	size_t cap = 0;

	for (;;) {
		enum pce_status status = array_reserve(at, &cap, *len + 65536, 1, err);
		size_t got;

		if (status != PCE_OK)
			return status;
		got = fread(*at + *len, 1, cap - *len - 1, file);
		*len += got;
		(*at)[*len] = 0;
		if (limit && *len > limit)
			return pce_fail(err, PCE_LIMIT, "%s is larger than %zu octets", path,
					limit);
		if (got == 0)
			break;
	}
	if (ferror(file))
		return pce_fail(err, PCE_IO, "%s cannot be read: %s", path, strerror(errno));
	return PCE_OK;
}

enum pce_status
codec_file_read(const char *path, size_t limit, char **out, size_t *out_len, struct pce_error *err)
{
	FILE *file = fopen(path, "rb");
	char *at = NULL;
	size_t len = 0;
	enum pce_status status;

	if (!file)
		return pce_fail(err, PCE_IO, "%s cannot be opened: %s", path, strerror(errno));
	status = slurp(file, path, limit, &at, &len, err);
	fclose(file);
	if (status != PCE_OK) {
		free(at);
		return status;
	}
	*out = at;
	*out_len = len;
	return PCE_OK;
}

enum pce_status
codec_name_file(struct pce_error *err, enum pce_status status, const char *path)
{
	unsigned line = err ? err->line : 0;

	if (!line)
		return pce_prefix(err, status, "%s", path);
	err->line = 0;
	return pce_prefix(err, status, "%s:%u", path, line);
}
