/* OPEN messages. */
#include "southbound/bgp/open.h"

#include <string.h>

#include "southbound/bgp/bgpls.h"

#define AS_TRANS 23456
#define PARAM_CAPABILITIES 2
#define PARAM_EXTENDED 255 /* RFC 9072 */

enum capability {
	CAP_MP = 1,
	CAP_ROUTE_REFRESH = 2,
	CAP_EXTENDED_MESSAGE = 6,
	CAP_GRACEFUL_RESTART = 64,
	CAP_AS4 = 65,
};

struct writer {
	uint8_t *at;
};

static void
put(struct writer *w, uint64_t value, unsigned octets)
{
	for (unsigned i = octets; i-- > 0;)
		*w->at++ = (uint8_t)(value >> 8 * i);
}

static void
put_capability(struct writer *w, enum capability code, uint8_t len)
{
	put(w, code, 1);
	put(w, len, 1);
}

static void
put_mp(struct writer *w, uint16_t afi, uint8_t safi)
{
	put_capability(w, CAP_MP, 4);
	put(w, afi, 2);
	put(w, safi, 2);
}

static void
put_capabilities(struct writer *w, const struct bgp_open *open)
{
	if (open->link_state)
		put_mp(w, BGP_AFI_LS, BGP_SAFI_LS);
	if (open->ipv4_unicast)
		put_mp(w, 1, 1);
	if (open->route_refresh)
		put_capability(w, CAP_ROUTE_REFRESH, 0);
	if (open->extended_messages)
		put_capability(w, CAP_EXTENDED_MESSAGE, 0);
	if (open->graceful_restart) {
		put_capability(w, CAP_GRACEFUL_RESTART, open->restart_link_state ? 6 : 2);
		put(w, open->restart_time_s & 0xfff, 2);
		if (open->restart_link_state)
			put(w, (uint32_t)BGP_AFI_LS << 16 | BGP_SAFI_LS << 8, 4);
	}
	if (open->as4) {
		put_capability(w, CAP_AS4, 4);
		put(w, open->asn, 4);
	}
}

size_t
bgp_write_open(const struct bgp_open *open, uint8_t *out)
{
	struct writer w = { out };
	uint8_t *lengths;

	put(&w, open->version, 1);
	put(&w, open->asn > UINT16_MAX ? AS_TRANS : open->asn, 2);
	put(&w, open->hold_time_s, 2);
	put(&w, open->router_id, 4);
	lengths = w.at;
	put(&w, 0, 3);
	put_capabilities(&w, open);
	lengths[0] = (uint8_t)(w.at - lengths - 1);
	lengths[1] = PARAM_CAPABILITIES;
	lengths[2] = (uint8_t)(w.at - lengths - 3);
	return (size_t)(w.at - out);
}

static void
read_restart(struct reader value, struct bgp_open *out)
{
	out->graceful_restart = true;
	out->restart_time_s = reader_u16(&value) & 0xfff;
	while (reader_left(&value) >= 4) {
		uint16_t afi = reader_u16(&value);
		uint8_t safi = reader_u8(&value);

		reader_u8(&value);
		if (afi == BGP_AFI_LS && safi == BGP_SAFI_LS)
			out->restart_link_state = true;
	}
}

static void
read_mp(struct reader value, struct bgp_open *out)
{
	uint16_t afi = reader_u16(&value);
	uint8_t safi;

	reader_u8(&value);
	safi = reader_u8(&value);
	out->any_mp = true;
	if (afi == BGP_AFI_LS && safi == BGP_SAFI_LS)
		out->link_state = true;
	if (afi == 1 && safi == 1)
		out->ipv4_unicast = true;
}

static void
read_capability(uint8_t code, struct reader value, struct bgp_open *out)
{
	switch (code) {
	case CAP_MP:
		if (reader_left(&value) == 4)
			read_mp(value, out);
		break;
	case CAP_ROUTE_REFRESH:
		out->route_refresh = true;
		break;
	case CAP_EXTENDED_MESSAGE:
		out->extended_messages = true;
		break;
	case CAP_GRACEFUL_RESTART:
		if (reader_left(&value) >= 2)
			read_restart(value, out);
		break;
	case CAP_AS4:
		if (reader_left(&value) == 4) {
			out->as4 = true;
			out->asn = reader_u32(&value);
		}
		break;
	default:
		break;
	}
}

static bool
read_params(struct reader r, unsigned length_octets, struct bgp_open *out)
{
	while (reader_left(&r) > 0) {
		uint8_t type = reader_u8(&r);
		struct reader value = reader_sub(&r, (size_t)reader_uint(&r, length_octets));

		while (type == PARAM_CAPABILITIES && reader_left(&value) > 0) {
			uint8_t code = reader_u8(&value);
			struct reader cap = reader_sub(&value, reader_u8(&value));

			if (!reader_ok(&value))
				return false;
			read_capability(code, cap, out);
		}
	}
	return reader_ok(&r);
}

bool
bgp_read_open(struct reader body, struct bgp_open *out)
{
	struct bgp_open open = { 0 };
	size_t len;
	unsigned length_octets = 1;

	open.version = reader_u8(&body);
	open.asn16 = reader_u16(&body);
	open.asn = open.asn16;
	open.hold_time_s = reader_u16(&body);
	open.router_id = reader_u32(&body);
	len = reader_u8(&body);
	if (len == PARAM_EXTENDED && reader_left(&body) > 0 && *body.at == PARAM_EXTENDED) {
		reader_u8(&body);
		len = reader_u16(&body);
		length_octets = 2;
	}
	if (!reader_ok(&body) || reader_left(&body) != len ||
	    !read_params(body, length_octets, &open))
		return false;
	if (!open.any_mp)
		open.ipv4_unicast = true;
	*out = open;
	return true;
}
