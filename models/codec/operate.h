/* The input of the operations that say how Karst is run. */
#ifndef MODELS_CODEC_OPERATE_H
#define MODELS_CODEC_OPERATE_H

#include "models/codec/codec.h"
#include "pce/operate/mode.h"

/* Reads the input of set-mode, JSON or YAML. PCE_UNSUPPORTED for a mode that is not offered. */
enum pce_status codec_set_mode_parse(const struct codec *codec, const char *text, size_t len,
				     enum operate_mode *out, struct pce_error *err);

#endif
