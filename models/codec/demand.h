/* Demands: what an intent and a request for a path have in common. Internal to the codec. */
#ifndef MODELS_CODEC_DEMAND_H
#define MODELS_CODEC_DEMAND_H

#include "models/codec/internal.h"
#include "pce/path/answer.h"
#include "pce/policy/intent.h"
#include "pce/policy/policy.h"

/* Names of enumerations as in YANG. */
const char *enum_objective(enum path_objective objective);
const char *enum_disjoint(enum path_disjoint disjoint); /* NULL for none */
const char *enum_intent_state(enum intent_state state);
const char *enum_policy_state(enum policy_state state);
const char *enum_reason(enum path_reason reason);
/* Number of a name in one of the tables above; otherwise when it is not there. */
enum path_objective enum_objective_of(const char *name);
enum path_disjoint enum_disjoint_of(const char *name);

/* Emits and reads the members of grouping demand. */
void demand_emit(struct emit *e, const struct intent *intent);
void demand_read(const struct lyd_node *node, struct arena *arena, struct intent *out, bool *bad);

/* An intent with defaults; as intent_init, which is in a room that the codec does not link. */
struct intent demand_init(void);

/* As codec_intent_parse; *revisions gets the revision of each intent, in the arena. */
enum pce_status intent_parse_stored(const struct codec *codec, const char *text, size_t len,
				    struct arena *arena, const struct intent *const **out,
				    size_t *n, uint64_t **revisions, struct pce_error *err);

#endif
