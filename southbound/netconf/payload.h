/*
 * The payload of NETCONF sessions for routers with the model karst-device: what belongs to Karst,
 * and changes and answers as XML, by the codec. It implements struct netconf_payload.
 *
 * A policy is Karst's if its color lies in the configured range and its name begins with the
 * configured prefix. Nothing else is ever named in an edit.
 */
#ifndef SOUTHBOUND_NETCONF_PAYLOAD_H
#define SOUTHBOUND_NETCONF_PAYLOAD_H

#include "models/codec/device.h"
#include "southbound/netconf/transaction.h"

struct netconf_device_payload {
	struct netconf_payload payload; /* its ctx is this struct: do not move it */
	const struct codec *codec;
	uint32_t color_min, color_max;
	const char *name_prefix;
};

/* Fills p; what it is given must outlive it. */
void netconf_device_payload_init(struct netconf_device_payload *p, const struct codec *codec,
				 const struct karst_config *config);

/* PCE_DENIED if a change is about a policy that cannot be Karst's; asked before a router is. */
enum pce_status netconf_payload_check(const struct netconf_device_payload *p,
				      const struct deploy_change *changes, size_t n,
				      struct pce_error *err);

/*
 * Sorts out what a router holds: ours and others' policies from its configuration, operational
 * state from its state (each the content of a <data>). *out belongs to arena. PCE_MALFORMED for
 * values that cannot be.
 */
enum pce_status netconf_payload_state(const struct netconf_device_payload *p,
				      const char *configuration, const char *state,
				      struct arena *arena, struct device_state *out,
				      struct pce_error *err);

#endif
