/* Proposed changes: as the API shows them (karst-operations), and as parts of records. */
#ifndef MODELS_CODEC_CHANGE_H
#define MODELS_CODEC_CHANGE_H

#include "models/codec/codec.h"
#include "pce/base/arena.h"
#include "pce/base/text.h"
#include "pce/operate/change.h"

struct emit;
struct lyd_node;

/* Appends {"karst-operations:change":[…]}, as RESTCONF answers a GET of the list or an entry. */
enum pce_status codec_changes_print(const struct codec *codec, const struct change *const *changes,
				    size_t n, struct text *out, struct pce_error *err);

/* Reads the input of approve or reject (reject: which). */
enum pce_status codec_approve_parse(const struct codec *codec, const char *text, size_t len,
				    bool reject, uint64_t *id, struct pce_error *err);

/* The list change of karst-operations. */
void changes_emit(struct emit *e, const struct change *const *changes, size_t n);
/* What a record and the API have in common: everything but the times. */
void change_emit(struct emit *e, const struct change *change);
/* Reads that; *bad without memory. Strings belong to arena. */
void change_read(const struct lyd_node *node, struct arena *arena, struct change *out, bool *bad);

#endif
