/* The input of the operations that say how Karst is run. */
#ifndef MODELS_CODEC_OPERATE_H
#define MODELS_CODEC_OPERATE_H

#include "models/codec/codec.h"
#include "pce/base/arena.h"
#include "pce/base/text.h"
#include "pce/operate/mode.h"
#include "pce/service/effect.h"

/* Reads the input of set-mode, JSON or YAML. Strings belong to arena. */
enum pce_status codec_set_mode_parse(const struct codec *codec, const char *text, size_t len,
				     struct arena *arena, struct scoped_mode *out,
				     struct pce_error *err);

/* Reads the input of drain or undrain (undrain: which). Strings belong to arena. */
enum pce_status codec_drain_parse(const struct codec *codec, const char *text, size_t len,
				  bool undrain, struct arena *arena, struct drain_window *out,
				  bool *dry_run, struct pce_error *err);

/* Appends the output of drain. */
enum pce_status codec_drain_print(const struct codec *codec, const struct service_reply *reply,
				  struct text *out, struct pce_error *err);

/* Reads the input of adopt; *intent NULL: the policy's name. Strings belong to arena. */
enum pce_status codec_adopt_parse(const struct codec *codec, const char *text, size_t len,
				  struct arena *arena, const char **device, const char **policy,
				  const char **intent, bool *dry_run, struct pce_error *err);
/* Reads the input of reoptimise; *intent NULL: all. Strings belong to arena. */
enum pce_status codec_reoptimise_parse(const struct codec *codec, const char *text, size_t len,
				       struct arena *arena, const char **intent, bool *dry_run,
				       struct pce_error *err);
/* Appends the output of reoptimise. */
enum pce_status codec_reoptimise_print(const struct codec *codec,
				       const struct service_improvement *improvements, size_t n,
				       struct text *out, struct pce_error *err);

/* Reads the input of create-token: expires_s in seconds since 1970, INT64_MAX never. Strings belong
 * to arena. */
enum pce_status codec_create_token_parse(const struct codec *codec, const char *text, size_t len,
					 struct arena *arena, const char **name, const char **role,
					 int64_t *expires_s, struct pce_error *err);
/* Reads the input of revoke-token. */
enum pce_status codec_revoke_token_parse(const struct codec *codec, const char *text, size_t len,
					 struct arena *arena, const char **name,
					 struct pce_error *err);

/* Reads the input of acknowledge. Strings belong to arena. */
enum pce_status codec_acknowledge_parse(const struct codec *codec, const char *text, size_t len,
					struct arena *arena, const char **object,
					const char **cause, struct pce_error *err);

#endif
