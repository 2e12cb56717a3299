/* The messages that Karst sends: what it subscribes to, from the map of what leaves mean. */
#ifndef SOUTHBOUND_GNMI_REQUEST_H
#define SOUTHBOUND_GNMI_REQUEST_H

#include "pce/service/config.h"
#include "southbound/gnmi/map.h"
#include "southbound/gnmi/messages.h"

/* Which models a device has, as far as it tells. */
struct gnmi_capabilities {
	bool known; /* false: it does not tell, so it is asked for everything */
	bool openconfig, karst, proto, json_ietf;
};

/* Reads a CapabilityResponse. */
enum pce_status gnmi_capabilities_read(const uint8_t *bytes, size_t len,
				       struct gnmi_capabilities *out, struct pce_error *err);

/*
 * Packs a SubscribeRequest for all leaves of the map that the device may have: STREAM, counters
 * and measurements sampled, the rest on change with a heartbeat. *out and its bytes belong to
 * arena.
 */
enum pce_status gnmi_subscribe_request(const struct gnmi_map *map, const struct config_gnmi *config,
				       const struct gnmi_capabilities *capabilities,
				       struct arena *arena, uint8_t **out, size_t *len,
				       struct pce_error *err);

#endif
