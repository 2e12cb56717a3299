/* SR policies in the shape that karst-device, karst-policy and karst-record have in common.
 * Internal to the codec. */
#ifndef MODELS_CODEC_SRPOLICY_H
#define MODELS_CODEC_SRPOLICY_H

#include "models/codec/internal.h"
#include "pce/policy/policy.h"

/* Adds members that belong to a list: number i of srpolicy_list_at, one of n in its path. They
 * stand in the candidate path if that has no other list, else in the list itself. */
typedef void srpolicy_more(struct emit *e, size_t i, size_t n, const void *ctx);

/* Emits the members of a policy. more may be NULL. plain: the behaviours as numbers, as
 * karst-device has them. */
void srpolicy_emit(struct emit *e, const struct srpolicy *policy, bool plain, srpolicy_more *more,
		   const void *ctx);

/* Reads a policy from its list entry or container; sets *bad without memory. */
void srpolicy_read(const struct lyd_node *node, struct arena *arena, struct srpolicy *out,
		   bool *bad);

/* The list entries called name below parent, sorted by a number leaf (falling or rising); NULL
 * without any or without memory. To free(). */
const struct lyd_node **entries_by_number(const struct lyd_node *parent, const char *name,
					  const char *leaf, bool falling, size_t *n, bool *bad);

#endif
