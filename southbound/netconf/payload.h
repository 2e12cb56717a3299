/*
 * The payload of NETCONF sessions: what belongs to Karst, and changes and answers as XML, by the
 * router's profile. It implements struct netconf_payload.
 *
 * A policy is Karst's if its color lies in the configured range and its name begins with the
 * configured prefix. Nothing else is ever named in an edit.
 */
#ifndef SOUTHBOUND_NETCONF_PAYLOAD_H
#define SOUTHBOUND_NETCONF_PAYLOAD_H

#include "southbound/netconf/transaction.h"
#include "southbound/profile/map.h"

struct netconf_device_payload {
	struct netconf_payload payload; /* its ctx is this struct: do not move it */
	const struct profile *profile;
	struct profile_owner owner;
	struct profile_scope scope;
};

/* Fills p; what it is given must outlive it. headend: the router's address, NULL not known. */
void netconf_device_payload_init(struct netconf_device_payload *p, const struct profile *profile,
				 const struct karst_config *config, const char *headend);

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
