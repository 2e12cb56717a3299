/* The configuration of karstd: between struct karst_config and karst-config. */
#ifndef MODELS_CODEC_CONFIG_H
#define MODELS_CODEC_CONFIG_H

#include "models/codec/codec.h"
#include "pce/service/config.h"

/*
 * Reads a configuration in JSON or YAML. Defaults are filled in. File names that are relative are
 * put behind folder and a slash (NULL: left as they are). Without tls or auth the API may only
 * listen on a loopback address. *out belongs to arena.
 */
enum pce_status codec_config_parse(const struct codec *codec, const char *text, size_t len,
				   const char *folder, struct arena *arena,
				   struct karst_config *out, struct pce_error *err);

/* Reads a configuration file. The sentence of an error begins with FILE:LINE. */
enum pce_status codec_config_read(const struct codec *codec, const char *path, struct arena *arena,
				  struct karst_config *out, struct pce_error *err);

/* Appends {"karst-config:karstd":{…}} with every value, defaults too; parse reads it back. */
enum pce_status codec_config_print(const struct codec *codec, const struct karst_config *config,
				   struct text *out, struct pce_error *err);

/* Reads a mapping file (karst-config:path-map), in JSON or YAML. *rows belongs to arena. */
enum pce_status codec_mappings_read(const struct codec *codec, const char *path,
				    struct arena *arena, const struct config_mapping **rows,
				    size_t *n, struct pce_error *err);

#endif
