/* NOTIFICATION messages in words (RFC 4271 section 4.5, 4486, 5492, 7313, 8538, 9003, 9384). */
#ifndef SOUTHBOUND_BGP_NOTIFY_H
#define SOUTHBOUND_BGP_NOTIFY_H

#include <stddef.h>
#include <stdint.h>

#include "pce/base/reader.h"

enum bgp_error_code {
	BGP_ERROR_HEADER = 1,
	BGP_ERROR_OPEN = 2,
	BGP_ERROR_UPDATE = 3,
	BGP_ERROR_HOLD_TIMER = 4,
	BGP_ERROR_FSM = 5,
	BGP_ERROR_CEASE = 6,
};

enum bgp_error_subcode {
	BGP_HEADER_SYNC = 1,
	BGP_HEADER_LENGTH = 2,
	BGP_HEADER_TYPE = 3,
	BGP_OPEN_VERSION = 1,
	BGP_OPEN_PEER_AS = 2,
	BGP_OPEN_ROUTER_ID = 3,
	BGP_OPEN_HOLD_TIME = 6,
	BGP_OPEN_CAPABILITY = 7,
	BGP_UPDATE_ATTRIBUTES = 1,
	BGP_UPDATE_OPTIONAL = 9,
	BGP_CEASE_SHUTDOWN = 2,
	BGP_CEASE_DECONFIGURED = 3,
	BGP_CEASE_REJECTED = 5,
	BGP_CEASE_COLLISION = 7,
	BGP_CEASE_RESOURCES = 8,
};

/*
 * Writes the notification as "Cease / Administrative Shutdown: \"moved to pe7\"" into out[cap];
 * unknown codes appear as numbers, the peer's text (RFC 9003) with control characters replaced.
 */
void bgp_notification_text(uint8_t code, uint8_t subcode, struct reader data, char *out,
			   size_t cap);

#endif
