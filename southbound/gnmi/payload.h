/*
 * The payload of gNMI transactions by a device profile (southbound/profile/map.h): changes as paths
 * and values of the router's model, and answers as policies. It implements struct gnmi_payload.
 */
#ifndef SOUTHBOUND_GNMI_PAYLOAD_H
#define SOUTHBOUND_GNMI_PAYLOAD_H

#include "southbound/gnmi/transaction.h"
#include "southbound/profile/map.h"

struct gnmi_device_payload {
	struct gnmi_payload payload; /* its ctx is this struct: do not move it */
	const struct profile *profile;
	struct profile_owner owner;
	struct profile_scope scope;
};

/* Fills p; what it is given must outlive it. headend: for models that have it, else NULL. */
void gnmi_device_payload_init(struct gnmi_device_payload *p, const struct profile *profile,
			      const struct profile_owner *owner, const char *headend);

/* Sorts out what a router holds: ours, others', and operational state. *out belongs to arena.
 * PCE_MALFORMED for values that cannot be. */
enum pce_status gnmi_payload_state(const struct gnmi_device_payload *p,
				   const struct gnmi_piece *pieces, size_t n, struct arena *arena,
				   struct device_state *out, struct pce_error *err);

#endif
