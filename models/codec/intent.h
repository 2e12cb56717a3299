/* Intents: between struct intent and karst-intent. */
#ifndef MODELS_CODEC_INTENT_H
#define MODELS_CODEC_INTENT_H

#include "models/codec/codec.h"
#include "pce/policy/intent.h"

/*
 * Reads intents: {"karst-intent:intents": {"intent": [ … ]}} in JSON or YAML (a file, a PUT of the
 * container), or {"karst-intent:intent": [ … ]} in JSON (the body of a PUT or POST of one).
 * *out (an array of pointers) and everything in it belong to arena. PCE_INVALID or PCE_MALFORMED
 * with data path and line.
 */
enum pce_status codec_intent_parse(const struct codec *codec, const char *text, size_t len,
				   struct arena *arena, const struct intent *const **out, size_t *n,
				   struct pce_error *err);

/* What the daemon knows of an intent besides what was asked for. */
struct codec_intent_state {
	uint64_t revision;
	bool has_state;
	enum intent_state state;
	const char *reason; /* NULL without one */
	const char *policy_ids[2];
	size_t n_policies;
};

/*
 * Appends {"karst-intent:intents":{"intent":[…]}}. states (as many as intents) may be NULL: only
 * what was asked for, as a file has it.
 */
enum pce_status codec_intents_print(const struct codec *codec, const struct intent *const *intents,
				    const struct codec_intent_state *states, size_t n,
				    struct text *out, struct pce_error *err);

/* Appends {"karst-intent:intent":[{…}]}: one entry, as RESTCONF answers a GET of it (RFC 8040
 * section 4.3). state may be NULL. */
enum pce_status codec_intent_print(const struct codec *codec, const struct intent *intent,
				   const struct codec_intent_state *state, struct text *out,
				   struct pce_error *err);

/* What a request over many intents says. */
struct codec_intents_request {
	const struct intent *const *intents;
	size_t n;
	bool partly, best_first, dry_run;
};

/* Reads the input of apply-intents. All belongs to arena. As codec_intent_parse. */
enum pce_status codec_apply_parse(const struct codec *codec, const char *text, size_t len,
				  struct arena *arena, struct codec_intents_request *out,
				  struct pce_error *err);
/* Appends the input of apply-intents. */
enum pce_status codec_apply_print(const struct codec *codec,
				  const struct codec_intents_request *request, struct text *out,
				  struct pce_error *err);
/* Appends its output: the intents that are refused, ids and why. */
enum pce_status codec_applied_print(const struct codec *codec, const char *const *ids,
				    const char *const *texts, size_t n, struct text *out,
				    struct pce_error *err);

#endif
