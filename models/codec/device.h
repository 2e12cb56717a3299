/*
 * SRv6 Policies as routers hold them: between structs and the XML of karst-device, for NETCONF
 * payloads. Everything is inside <config>, <filter> or <data>, without those elements.
 */
#ifndef MODELS_CODEC_DEVICE_H
#define MODELS_CODEC_DEVICE_H

#include "models/codec/codec.h"
#include "pce/deploy/transaction.h"

/* What a router told: all policies, whoever made them, and what it says of them. */
struct codec_device {
	const struct srpolicy *policies; /* sorted by key; paths by falling preference, lists by
					    id, steering by prefix */
	size_t n_policies;
	const struct srpolicy_oper *oper; /* sorted by key; those with operational state */
	size_t n_oper;
};

/* Appends policies as configuration. Addresses are written as RFC 5952 says. */
enum pce_status codec_device_print(const struct codec *codec, const struct srpolicy *policies,
				   size_t n, struct text *out, struct pce_error *err);

/*
 * Appends n changes as an edit (RFC 6241 section 7.2): each policy with the operation "replace" or
 * "remove". inverse: what takes them back, by `before` of each.
 */
enum pce_status codec_device_edit(const struct codec *codec, const struct deploy_change *changes,
				  size_t n, bool inverse, struct text *out, struct pce_error *err);

/* Appends a subtree filter (RFC 6241 section 6) that selects the policies of n changes; n = 0: all
 * policies. */
enum pce_status codec_device_filter(const struct codec *codec, const struct deploy_change *changes,
				    size_t n, struct text *out, struct pce_error *err);

/*
 * Reads what a router answered, configuration and state. Elements that the model does not know are
 * passed over; a value that cannot be is PCE_MALFORMED with its data path. *out belongs to arena.
 */
enum pce_status codec_device_read(const struct codec *codec, const char *xml, size_t len,
				  struct arena *arena, struct codec_device *out,
				  struct pce_error *err);

#endif
