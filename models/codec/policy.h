/* Policies as the API shows them (karst-policy). */
#ifndef MODELS_CODEC_POLICY_H
#define MODELS_CODEC_POLICY_H

#include "models/codec/codec.h"
#include "pce/operate/history.h"
#include "pce/operate/mode.h"
#include "pce/policy/policy.h"
#include "pce/service/effect.h"

/* One policy by names; all borrowed. */
struct codec_policy {
	const char *id, *intent_id;
	bool backward;
	const char *headend, *tailend; /* names of nodes */
	const char *device; /* NULL: none is configured */
	const struct srpolicy *srpolicy;
	enum policy_state state;
	const char *reason, *cause; /* NULL without one */
	const struct codec_policy_path *paths; /* as many as srpolicy_n_lists, or NULL */
	struct scoped_mode mode; /* that counts for it, and whose it is */
	uint64_t booked_bps;
	uint64_t generation;
	bool operational_known, operational_up;
	const struct srpolicy_oper *operational; /* NULL: no more is known */
	struct service_stages stages; /* of the last move */
};

/* The way that a segment list takes, and what it books on each link of it. */
struct codec_policy_path {
	const char *const *nodes, *const *links;
	size_t n_nodes, n_links;
	uint64_t reserved_bps;
};

/* Appends {"karst-policy:policies":{"policy":[…]}}. */
enum pce_status codec_policies_print(const struct codec *codec, const struct codec_policy *policies,
				     size_t n, struct text *out, struct pce_error *err);

/* Appends {"karst-policy:policy":[{…}]}: one entry, as RESTCONF answers a GET of it. */
enum pce_status codec_policy_print(const struct codec *codec, const struct codec_policy *policy,
				   struct text *out, struct pce_error *err);

/* Appends {"karst-policy:histories":{"history":[{…}]}} with the moves of one policy. */
enum pce_status codec_history_print(const struct codec *codec, const char *policy_id,
				    const struct policy_move *const *moves, size_t n,
				    struct text *out, struct pce_error *err);

#endif
