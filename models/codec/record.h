/*
 * Records of the store: between structs and versioned JSON (karst-intent for intents, karst-record
 * for the rest). The store itself sees key, version and bytes.
 */
#ifndef MODELS_CODEC_RECORD_H
#define MODELS_CODEC_RECORD_H

#include "models/codec/codec.h"
#include "pce/service/effect.h"

#define CODEC_RECORD_VERSION 1

/* Appends the value of a record that is to be written. PCE_INVALID for one that is a deletion. */
enum pce_status codec_record_print(const struct codec *codec, const struct service_record *record,
				   struct text *out, struct pce_error *err);

/*
 * Reads a record's value of that kind; key is copied into it. Everything belongs to arena.
 * PCE_UNSUPPORTED for a version that this build does not know.
 */
enum pce_status codec_record_parse(const struct codec *codec, enum record_kind kind,
				   const char *key, const char *text, size_t len,
				   struct arena *arena, struct service_record *out,
				   struct pce_error *err);

#endif
