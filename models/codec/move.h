/* Moves of policies: in the API (karst-policy: histories) and in records of the store. */
#ifndef MODELS_CODEC_MOVE_H
#define MODELS_CODEC_MOVE_H

#include "models/codec/internal.h"
#include "pce/operate/history.h"

/* Emits the members of grouping move. */
void move_emit(struct emit *e, const struct policy_move *move);
/* Reads the members of grouping move but its time; sets *bad without memory. */
void move_read(const struct lyd_node *node, struct arena *arena, struct policy_move *out,
	       bool *bad);
/* Emits the members of grouping gain; nothing without one. */
void gain_emit(struct emit *e, const struct move_gain *gain);

#endif
