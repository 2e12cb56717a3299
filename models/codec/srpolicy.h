/* SR policies in the shape that karst-device, karst-policy and karst-record have in common.
 * Internal to the codec. */
#ifndef MODELS_CODEC_SRPOLICY_H
#define MODELS_CODEC_SRPOLICY_H

#include "models/codec/internal.h"
#include "pce/policy/policy.h"

/*
 * Emits the members of a policy. more (may be NULL) adds members to candidate path i. plain: the
 * behaviours as numbers, as karst-device has them.
 */
void srpolicy_emit(struct emit *e, const struct srpolicy *policy, bool plain,
		   void (*more)(struct emit *e, size_t path, const void *ctx), const void *ctx);

/* Reads a policy from its list entry or container; sets *bad without memory. */
void srpolicy_read(const struct lyd_node *node, struct arena *arena, struct srpolicy *out,
		   bool *bad);

/* The list entries called name below parent, sorted by a number leaf (falling or rising); NULL
 * without any or without memory. To free(). */
const struct lyd_node **entries_by_number(const struct lyd_node *parent, const char *name,
					  const char *leaf, bool falling, size_t *n, bool *bad);

#endif
