/* OPEN messages and the capabilities in them (RFC 4271, 5492, 4760, 2918, 6793, 8654, 4724, 9072).
 */
#ifndef SOUTHBOUND_BGP_OPEN_H
#define SOUTHBOUND_BGP_OPEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pce/base/reader.h"

#define BGP_OPEN_MAX 256 /* octets of the body that bgp_write_open needs at most */

/* What an OPEN says; both ways. */
struct bgp_open {
	uint8_t version;
	uint16_t asn16; /* the field of two octets; AS_TRANS (23456) for larger ones */
	uint32_t asn; /* from the capability for 4-octet AS numbers, else asn16 */
	uint16_t hold_time_s;
	uint32_t router_id;
	bool as4;
	bool link_state; /* AFI 16388, SAFI 71 */
	bool ipv4_unicast; /* said, or implied by the absence of any MP capability */
	bool any_mp;
	bool route_refresh;
	bool extended_messages;
	bool graceful_restart;
	bool restart_link_state; /* its graceful restart covers link state */
	uint16_t restart_time_s;
};

/* Writes the body of an OPEN into out[BGP_OPEN_MAX]; returns its octets. */
size_t bgp_write_open(const struct bgp_open *open, uint8_t *out);

/* Reads the body of an OPEN. False: its parameters do not add up. Values are not judged. */
bool bgp_read_open(struct reader body, struct bgp_open *out);

#endif
