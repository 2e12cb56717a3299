/*
 * BGP-LS NLRIs (RFC 9552 section 5.2, RFC 9514 section 6).
 *
 * What makes an NLRI malformed is section 8.2.2: lengths that do not add up or do not fit their
 * field, TLVs that descend, descriptors that repeat or are missing. Everything else (unknown
 * protocols, unknown TLVs, a link without addresses) is content and is taken. One kind of disorder
 * is tolerated because real routers send it: TLV 263 behind 518 (FRR and gobgp put it there); the
 * key is built from fields, so order carries no meaning for us.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "southbound/bgp/bgpls.h"
#include "southbound/bgp/tlv.h"

bool
bgpls_fault(struct bgpls_faults *faults, const char *fmt, ...)
{
	va_list ap;

	if (!faults || faults->count >= BGPLS_FAULTS)
		return false;
	va_start(ap, fmt);
	vsnprintf(faults->text[faults->count++], BGPLS_FAULT_TEXT, fmt, ap);
	va_end(ap);
	return false;
}

bool
bgpls_next_tlv(struct reader *r, uint16_t *type, struct reader *value, bool *bad, const char *where,
	       struct bgpls_faults *faults)
{
	bool wrong = false;
	unsigned len;

	if (bgpls_step_tlv(r, type, value, &wrong))
		return true;
	if (!wrong)
		return false;
	*bad = true;
	if (!faults)
		return false;
	if (reader_left(r) < 4)
		return bgpls_fault(faults, "%s: truncated TLV header (%zu octets left)", where,
				   reader_left(r));
	*type = reader_u16(r);
	len = reader_u16(r);
	return bgpls_fault(faults, "%s: TLV %u length %u exceeds %zu octets left", where, *type,
			   len, reader_left(r));
}

const char *
bgpls_protocol_name(uint8_t protocol)
{
	static const char *const names[] = { "unknown", "isis-l1",        "isis-l2", "ospfv2",
					     "direct",  "static",         "ospfv3",  "bgp",
					     "rsvp-te", "segment-routing" };

	return protocol < sizeof(names) / sizeof(names[0]) ? names[protocol] : names[0];
}

static bool
node_number(uint16_t type, struct reader value, uint32_t *out, struct bgpls_faults *faults)
{
	if (reader_left(&value) != 4)
		return bgpls_fault(faults, "desc: %u len %zu", type, reader_left(&value));
	*out = reader_u32(&value);
	return true;
}

static bool
node_router_id(struct reader value, struct bgpls_node *out, struct bgpls_faults *faults)
{
	size_t len = reader_left(&value);

	if (len != 4 && len != 6 && len != 7 && len != 8)
		return bgpls_fault(faults, "desc: 515 len %zu", len);
	out->router_id_len = (uint8_t)len;
	memcpy(out->router_id, value.at, len);
	return true;
}

/* The has-bit of a node descriptor's sub-TLV, 0 if it is not known. */
static uint8_t
node_bit(uint16_t type)
{
	static const uint8_t bits[] = { BGPLS_HAS_ASN,           BGPLS_HAS_BGPLS_ID,
					BGPLS_HAS_AREA,          BGPLS_HAS_ROUTER_ID,
					BGPLS_HAS_BGP_ROUTER_ID, BGPLS_HAS_MEMBER };

	return type >= BGPLS_TLV_AS && type <= BGPLS_TLV_MEMBER ? bits[type - BGPLS_TLV_AS] : 0;
}

static bool
node_field(uint16_t type, struct reader value, struct bgpls_node *out, struct bgpls_faults *faults)
{
	switch (type) {
	case BGPLS_TLV_AS:
		return node_number(type, value, &out->asn, faults);
	case BGPLS_TLV_BGPLS_ID:
		return node_number(type, value, &out->bgpls_id, faults);
	case BGPLS_TLV_AREA:
		return node_number(type, value, &out->area, faults);
	case BGPLS_TLV_ROUTER_ID:
		return node_router_id(value, out, faults);
	case BGPLS_TLV_BGP_ROUTER_ID:
		return node_number(type, value, &out->bgp_router_id, faults);
	case BGPLS_TLV_MEMBER:
		return node_number(type, value, &out->member_asn, faults);
	default:
		out->unknown++;
		return true;
	}
}

bool
bgpls_read_node(struct reader value, struct bgpls_node *out, bool *ordered,
		struct bgpls_faults *faults)
{
	uint16_t type = 0, last = 0;
	struct reader sub;
	bool bad = false;

	*out = (struct bgpls_node){ .present = true, .raw = value };
	while (faults ? bgpls_next_tlv(&value, &type, &sub, &bad, "desc", faults)
		      : bgpls_step_tlv(&value, &type, &sub, &bad)) {
		uint8_t bit = node_bit(type);

		if (type < last)
			*ordered = bgpls_fault(
			    faults, "desc: TLV %u after %u breaks ascending order", type, last);
		last = type;
		if (bit & out->has) {
			*ordered = bgpls_fault(faults, "desc: duplicate TLV %u", type);
			continue;
		}
		if (!node_field(type, sub, out, faults))
			return false;
		out->has |= bit;
	}
	return !bad;
}

static bool
read_prefix(struct reader value, struct bgpls_nlri *out, struct bgpls_faults *faults)
{
	size_t len = reader_left(&value), octets;
	unsigned bits, most = out->type == BGPLS_PREFIX_V4 ? 32 : 128;
	struct ip_prefix prefix = { 0 };

	if (len == 0)
		return bgpls_fault(faults, "NLRI type %u: 265 empty", out->type);
	bits = reader_u8(&value);
	if (bits > most)
		return bgpls_fault(faults, "NLRI type %u: 265 prefix length %u > %u", out->type,
				   bits, most);
	octets = (bits + 7) / 8;
	if (len != 1 + octets)
		return bgpls_fault(faults, "NLRI type %u: 265 len %zu for /%u", out->type, len,
				   bits);
	prefix.len = (uint8_t)bits;
	prefix.addr.family = most == 32 ? IP_V4 : IP_V6;
	if (octets > 0)
		memcpy(prefix.addr.octets, value.at, octets);
	if (bits % 8)
		prefix.addr.octets[octets - 1] &= (uint8_t)(0xff << (8 - bits % 8));
	if (!out->has_prefix)
		out->prefix = prefix;
	out->has_prefix = true;
	return true;
}

/* A value of exactly want octets; the first one is kept in *out. */
static bool
read_fixed(uint16_t type, struct reader value, size_t want, const struct bgpls_nlri *nlri,
	   const uint8_t **out, struct bgpls_faults *faults)
{
	if (reader_left(&value) != want)
		return bgpls_fault(faults, "NLRI type %u: %u len %zu", nlri->type, type,
				   reader_left(&value));
	if (!*out)
		*out = value.at;
	return true;
}

static bool
read_link_ids(struct reader value, struct bgpls_nlri *out, struct bgpls_faults *faults)
{
	if (reader_left(&value) != 8)
		return bgpls_fault(faults, "NLRI type %u: 258 len %zu", out->type,
				   reader_left(&value));
	if (!out->link.has_ids) {
		out->link.local_id = reader_u32(&value);
		out->link.remote_id = reader_u32(&value);
		out->link.has_ids = true;
	}
	return true;
}

static bool
read_mt(struct reader value, struct bgpls_nlri *out, struct bgpls_faults *faults)
{
	size_t len = reader_left(&value);

	if (len == 0 || len % 2)
		return bgpls_fault(faults, "NLRI type %u: 263 len %zu", out->type, len);
	if (!out->mt.at)
		out->mt = value;
	return true;
}

static bool
read_route_type(struct reader value, struct bgpls_nlri *out, struct bgpls_faults *faults)
{
	if (reader_left(&value) != 1)
		return bgpls_fault(faults, "NLRI type %u: 264 len %zu", out->type,
				   reader_left(&value));
	out->ospf_route_type = reader_u8(&value);
	return true;
}

bool
bgpls_read_descriptor(uint16_t type, struct reader value, struct bgpls_nlri *out, bool *ordered,
		      struct bgpls_faults *faults)
{
	switch (type) {
	case BGPLS_TLV_LOCAL_NODE:
		return bgpls_read_node(value, &out->local, ordered, faults);
	case BGPLS_TLV_REMOTE_NODE:
		return bgpls_read_node(value, &out->remote, ordered, faults);
	case BGPLS_TLV_LINK_IDS:
		return read_link_ids(value, out, faults);
	case BGPLS_TLV_V4_INTERFACE:
		return read_fixed(type, value, 4, out, &out->link.v4_if, faults);
	case BGPLS_TLV_V4_NEIGHBOR:
		return read_fixed(type, value, 4, out, &out->link.v4_nbr, faults);
	case BGPLS_TLV_V6_INTERFACE:
		return read_fixed(type, value, 16, out, &out->link.v6_if, faults);
	case BGPLS_TLV_V6_NEIGHBOR:
		return read_fixed(type, value, 16, out, &out->link.v6_nbr, faults);
	case BGPLS_TLV_MT:
		return read_mt(value, out, faults);
	case BGPLS_TLV_OSPF_ROUTE_TYPE:
		return read_route_type(value, out, faults);
	case BGPLS_TLV_REACHABILITY:
		return read_prefix(value, out, faults);
	case BGPLS_TLV_SRV6_SID:
		return read_fixed(type, value, 16, out, &out->sid, faults);
	default:
		out->unknown++;
		return true;
	}
}

/* Bit of a descriptor that may stand only once, 0 for the others. */
static unsigned
once_bit(uint16_t type)
{
	switch (type) {
	case BGPLS_TLV_LOCAL_NODE:
	case BGPLS_TLV_REMOTE_NODE:
	case BGPLS_TLV_LINK_IDS:
	case BGPLS_TLV_MT:
	case BGPLS_TLV_OSPF_ROUTE_TYPE:
	case BGPLS_TLV_REACHABILITY:
		return 1u << (type - BGPLS_TLV_LOCAL_NODE);
	default:
		return 0;
	}
}

/* Faults of one NLRI by rung, so that their words come out in a fixed order. */
struct nlri_order {
	uint16_t last;
	unsigned seen, twice;
	bool descends, descends_mt, nodes_ordered;
};

static void
note_order(struct nlri_order *order, uint16_t type, unsigned nlri_type, struct bgpls_faults *faults)
{
	unsigned bit = once_bit(type);

	if (type < order->last) {
		bgpls_fault(faults, "NLRI type %u: TLV %u after %u breaks ascending order",
			    nlri_type, type, order->last);
		if (type == BGPLS_TLV_MT && order->last == BGPLS_TLV_SRV6_SID)
			order->descends_mt = true;
		else
			order->descends = true;
	}
	order->last = type;
	order->twice |= order->seen & bit;
	order->seen |= bit;
}

static bool
need(bool there, uint16_t type, struct bgpls_faults *faults)
{
	return there || bgpls_fault(faults, "mandatory TLV %u missing", type);
}

/* True if the descriptors that the type of NLRI must have are there, and none that it cannot. */
static bool
complete(const struct bgpls_nlri *nlri, struct bgpls_faults *faults)
{
	bool ok = true;

	if (nlri->remote.present && nlri->type != BGPLS_LINK)
		ok = bgpls_fault(faults, "TLV 257 not valid in NLRI type %u", nlri->type);
	ok = need(nlri->local.present, BGPLS_TLV_LOCAL_NODE, faults) && ok;
	if (nlri->type == BGPLS_LINK)
		ok = need(nlri->remote.present, BGPLS_TLV_REMOTE_NODE, faults) && ok;
	if (nlri->type == BGPLS_PREFIX_V4 || nlri->type == BGPLS_PREFIX_V6)
		ok = need(nlri->has_prefix, BGPLS_TLV_REACHABILITY, faults) && ok;
	if (nlri->type == BGPLS_SRV6_SID)
		ok = need(nlri->sid != NULL, BGPLS_TLV_SRV6_SID, faults) && ok;
	return ok;
}

/* True if all TLVs fit into each other. */
static bool
framed(const struct bgpls_nlri *nlri, struct bgpls_faults *faults)
{
	struct reader r = nlri->tlvs, value;
	char where[24] = "";
	uint16_t type;
	bool bad = false;

	if (faults)
		snprintf(where, sizeof(where), "NLRI type %u", nlri->type);
	while (bgpls_next_tlv(&r, &type, &value, &bad, where, faults))
		;
	return !bad;
}

/* False if the NLRI cannot be read at all. */
static bool
read_descriptors(struct bgpls_nlri *out, struct nlri_order *order, struct bgpls_faults *faults)
{
	struct bgpls_faults words, *hard = faults ? &words : NULL;
	struct reader r = out->tlvs, value;
	uint16_t type;
	bool bad = false;

	words.count = 0;
	while (bgpls_step_tlv(&r, &type, &value, &bad)) {
		bool repeated;

		note_order(order, type, out->type, faults);
		repeated = order->twice & once_bit(type) && type <= BGPLS_TLV_REMOTE_NODE;
		if (repeated)
			continue;
		if (!bgpls_read_descriptor(type, value, out, &order->nodes_ordered, hard)) {
			/* One unreadable value hides every other fault. */
			if (faults)
				*faults = words;
			return false;
		}
	}
	for (unsigned i = 0; faults && i < words.count; i++)
		bgpls_fault(faults, "%s", words.text[i]);
	return !bad;
}

static enum bgpls_verdict
judge(struct bgpls_nlri *out, struct bgpls_faults *faults)
{
	struct nlri_order order = { .nodes_ordered = true };
	bool whole;

	if (out->type == 0 || out->type > BGPLS_SRV6_SID || out->type == 5)
		return BGPLS_UNKNOWN;
	if (reader_left(&out->value) < 9) {
		bgpls_fault(faults,
			    "NLRI type %u: %zu octets, no room for Protocol-ID + Identifier",
			    out->type, reader_left(&out->value));
		return BGPLS_DISCARD;
	}
	out->tlvs = out->value;
	out->protocol = reader_u8(&out->tlvs);
	out->identifier = reader_u64(&out->tlvs);
	/* Words about framing go before all others; without words one walk is enough. */
	if ((faults && !framed(out, faults)) || !read_descriptors(out, &order, faults))
		return BGPLS_DISCARD;
	out->parsed = true;
	for (uint16_t t = BGPLS_TLV_LOCAL_NODE; order.twice && t <= BGPLS_TLV_REACHABILITY; t++)
		if (order.twice & once_bit(t))
			bgpls_fault(faults, "duplicate TLV %u", t);
	whole = complete(out, faults);
	if (!whole || order.twice || order.descends || !order.nodes_ordered)
		return BGPLS_DISCARD;
	return order.descends_mt ? BGPLS_TOLERATED : BGPLS_ACCEPT;
}

bool
bgpls_next_nlri(struct reader *r, struct bgpls_nlri_form form, struct bgpls_nlri *out, bool *bad,
		struct bgpls_faults *faults)
{
	size_t left = reader_left(r), head = form.add_path ? 8 : 4, len;

	if (left == 0)
		return false;
	if (left < head) {
		*bad = true;
		return bgpls_fault(faults, "truncated NLRI header (%zu octets)", left);
	}
	memset(out, 0, sizeof(*out));
	out->has_path_id = form.add_path;
	if (form.add_path)
		out->path_id = reader_u32(r);
	out->type = reader_u16(r);
	len = reader_u16(r);
	if (len > left - head) {
		*bad = true;
		return bgpls_fault(faults, "NLRI type %u length %zu exceeds %zu octets left",
				   out->type, len, left - head);
	}
	out->value = reader_sub(r, len);
	if (form.vpn && len >= 8) {
		out->has_rd = true;
		memcpy(out->rd, reader_bytes(&out->value, 8), 8);
	}
	out->verdict = judge(out, faults);
	return true;
}
