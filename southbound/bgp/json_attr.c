/*
 * Attribute 29 as JSON. A table says under which key each TLV appears and how its value prints. A
 * key comes where its first TLV stands; TLVs that repeat become entries of one list. Non-finite
 * floats are strings, because JSON has no number for them.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "southbound/bgp/json_internal.h"
#include "southbound/bgp/tlv.h"

enum mode {
	MODE_ONE, /* "key": value of the first TLV */
	MODE_LIST, /* "key": [value of each TLV] */
	MODE_SPREAD, /* "key": [all parts of all TLVs]; the printer takes one part */
	MODE_MAP, /* "key": {all parts of all TLVs} */
};

typedef void print_fn(struct text *t, uint16_t type, struct reader *value, unsigned depth);

struct shape {
	uint16_t type;
	uint8_t mode;
	const char *key;
	print_fn *print;
};

static void
print_double(struct text *t, double value)
{
	char number[40];

	if (!isfinite(value)) {
		text_printf(t, "\"%s\"", isnan(value) ? "nan" : value > 0 ? "inf" : "-inf");
		return;
	}
	for (int digits = 15; digits <= 17; digits++) {
		snprintf(number, sizeof(number), "%.*g", digits, value);
		if (strtod(number, NULL) >= value && strtod(number, NULL) <= value)
			break;
	}
	text_add(t, number);
	if (!strpbrk(number, ".e"))
		text_add(t, ".0");
}

static void
print_float(struct text *t, uint16_t type, struct reader *value, unsigned depth)
{
	uint32_t bits = reader_u32(value);
	float number;

	(void)type;
	(void)depth;
	memcpy(&number, &bits, sizeof(number));
	print_double(t, (double)number);
}

static void
print_uint(struct text *t, uint16_t type, struct reader *value, unsigned depth)
{
	(void)type;
	(void)depth;
	text_printf(t, "%llu",
		    (unsigned long long)reader_uint(value, (unsigned)reader_left(value)));
}

static void
print_u8(struct text *t, uint16_t type, struct reader *value, unsigned depth)
{
	(void)type;
	(void)depth;
	text_printf(t, "%u", reader_u8(value));
}

static void
print_u32(struct text *t, uint16_t type, struct reader *value, unsigned depth)
{
	(void)type;
	(void)depth;
	text_printf(t, "%u", reader_u32(value));
}

static void
print_mt(struct text *t, uint16_t type, struct reader *value, unsigned depth)
{
	(void)type;
	(void)depth;
	text_printf(t, "%u", reader_u16(value) & 0xfffu);
}

static void
print_msd(struct text *t, uint16_t type, struct reader *value, unsigned depth)
{
	unsigned msd_type = reader_u8(value);

	(void)type;
	(void)depth;
	text_printf(t, "\"%u\": %u", msd_type, reader_u8(value));
}

static void
print_hex(struct text *t, uint16_t type, struct reader *value, unsigned depth)
{
	(void)type;
	(void)depth;
	json_hex(t, *value);
}

static void
print_hex4(struct text *t, uint16_t type, struct reader *value, unsigned depth)
{
	(void)type;
	(void)depth;
	json_hex(t, reader_sub(value, 4));
}

static void
print_hex8(struct text *t, uint16_t type, struct reader *value, unsigned depth)
{
	(void)type;
	(void)depth;
	json_hex(t, reader_sub(value, 8));
}

static void
print_string(struct text *t, uint16_t type, struct reader *value, unsigned depth)
{
	(void)type;
	(void)depth;
	text_json_string(t, (const char *)value->at, reader_left(value));
}

static void
print_addr(struct text *t, uint16_t type, struct reader *value, unsigned depth)
{
	(void)type;
	(void)depth;
	json_addr(t, value->at, reader_left(value));
}

/* Names of the bits that are set, from the most significant one; NULL names are skipped. */
static void
print_bits(struct text *t, uint8_t bits, const char *const names[8])
{
	text_add(t, "[");
	for (unsigned i = 0; i < 8; i++)
		if (bits & 0x80u >> i && names[i]) {
			json_comma(t);
			text_printf(t, "\"%s\"", names[i]);
		}
	text_add(t, "]");
}

static void
print_flags(struct text *t, uint16_t type, struct reader *value, unsigned depth)
{
	static const char *const node[8] = { "O", "T", "E", "B", "R", "V" };
	static const char *const mpls[8] = { "LDP", "RSVP-TE" };
	static const char *const igp[8] = { "D", "N", "L", "P" };

	(void)depth;
	print_bits(t, reader_u8(value),
		   type == BGPLS_TLV_NODE_FLAGS  ? node
		   : type == BGPLS_TLV_MPLS_MASK ? mpls
						 : igp);
}

/* A label (3 octets, 20 bits) or an index (4 octets), by length: RFC 9085 section 2.1.1. */
static void
sid_fields(struct text *t, struct reader sid, const char *label, const char *index)
{
	if (reader_left(&sid) == 3)
		json_uint(t, label, reader_uint(&sid, 3) & 0xfffff);
	else
		json_uint(t, index, reader_u32(&sid));
}

static void
print_ranges(struct text *t, uint16_t type, struct reader *value, unsigned depth)
{
	(void)type;
	(void)depth;
	text_add(t, "{");
	json_uint(t, "flags", reader_u8(value));
	reader_u8(value);
	json_key(t, "ranges");
	text_add(t, "[");
	while (reader_left(value) > 0) {
		json_comma(t);
		text_add(t, "{");
		json_uint(t, "size", reader_uint(value, 3));
		reader_u16(value);
		sid_fields(t, reader_sub(value, reader_u16(value)), "start_label", "start_index");
		text_add(t, "}");
	}
	text_add(t, "]}");
}

static void
print_srv6_caps(struct text *t, uint16_t type, struct reader *value, unsigned depth)
{
	unsigned flags = reader_u16(value);

	(void)type;
	(void)depth;
	text_add(t, "{");
	json_uint(t, "flags", flags);
	json_bool(t, "o_flag", flags & 0x4000);
	text_add(t, "}");
}

static void
print_fa_metric(struct text *t, uint16_t type, struct reader *value, unsigned depth)
{
	(void)type;
	(void)depth;
	text_add(t, "{");
	json_uint(t, "algo", reader_u8(value));
	json_uint(t, "flags", reader_u8(value));
	reader_u16(value);
	json_uint(t, "metric", reader_u32(value));
	text_add(t, "}");
}

static void
print_adj_sid(struct text *t, uint16_t type, struct reader *value, unsigned depth)
{
	(void)depth;
	text_add(t, "{");
	json_uint(t, "flags", reader_u8(value));
	json_uint(t, "weight", reader_u8(value));
	reader_u16(value);
	if (type == BGPLS_TLV_LAN_ADJ_SID) {
		size_t id = reader_left(value) >= 9 ? 6 : 4;

		json_key(t, "neighbor");
		json_router_id(t, reader_bytes(value, id), id);
	}
	sid_fields(t, *value, "label", "index");
	text_add(t, "}");
}

static void
print_prefix_sid(struct text *t, uint16_t type, struct reader *value, unsigned depth)
{
	(void)type;
	(void)depth;
	text_add(t, "{");
	json_uint(t, "flags", reader_u8(value));
	json_uint(t, "algo", reader_u8(value));
	reader_u16(value);
	sid_fields(t, *value, "label", "index");
	text_add(t, "}");
}

static void
print_sid_label(struct text *t, uint16_t type, struct reader *value, unsigned depth)
{
	(void)type;
	(void)depth;
	text_add(t, "{");
	sid_fields(t, *value, "label", "index");
	text_add(t, "}");
}

static void
structure_fields(struct text *t, struct reader value)
{
	json_uint(t, "lb", reader_u8(&value));
	json_uint(t, "ln", reader_u8(&value));
	json_uint(t, "fun", reader_u8(&value));
	json_uint(t, "arg", reader_u8(&value));
}

static void
print_structure(struct text *t, uint16_t type, struct reader *value, unsigned depth)
{
	(void)type;
	(void)depth;
	text_add(t, "{");
	structure_fields(t, *value);
	text_add(t, "}");
}

static bool
is_structure(uint16_t type)
{
	return type == BGPLS_TLV_SID_STRUCTURE;
}

/* Sub-TLVs of an SRv6 SID: its structure by name, the others as [type, hex]. */
static void
sid_subs(struct text *t, struct reader subs)
{
	struct reader r = subs, sub;
	uint16_t type;
	bool bad = false;

	while (bgpls_next_tlv(&r, &type, &sub, &bad, "", NULL)) {
		if (is_structure(type)) {
			json_key(t, "structure");
			print_structure(t, type, &sub, 1);
			break;
		}
	}
	json_unknown(t, subs, is_structure);
}

static void
print_endx(struct text *t, uint16_t type, struct reader *value, unsigned depth)
{
	static const char *const flags[8] = { "B", "S", "P" };
	size_t id = type == BGPLS_TLV_LAN_ENDX_ISIS ? 6 : type == BGPLS_TLV_LAN_ENDX_OSPF ? 4 : 0;

	(void)depth;
	text_add(t, "{");
	json_uint(t, "behavior", reader_u16(value));
	json_key(t, "flags");
	print_bits(t, reader_u8(value), flags);
	json_uint(t, "algo", reader_u8(value));
	json_uint(t, "weight", reader_u8(value));
	reader_u8(value);
	if (id) {
		json_key(t, "neighbor");
		json_router_id(t, reader_bytes(value, id), id);
	}
	json_key(t, "sid");
	json_addr(t, reader_bytes(value, 16), 16);
	sid_subs(t, *value);
	text_add(t, "}");
}

static void
print_peer_node(struct text *t, uint16_t type, struct reader *value, unsigned depth)
{
	static const char *const flags[8] = { "B", "S", "P" };

	(void)type;
	(void)depth;
	text_add(t, "{");
	json_key(t, "flags");
	print_bits(t, reader_u8(value), flags);
	json_uint(t, "weight", reader_u8(value));
	reader_u16(value);
	json_uint(t, "peer_asn", reader_u32(value));
	json_key(t, "peer_bgp_id");
	json_addr(t, reader_bytes(value, 4), 4);
	text_add(t, "}");
}

static void
print_behavior(struct text *t, uint16_t type, struct reader *value, unsigned depth)
{
	(void)type;
	(void)depth;
	text_add(t, "{");
	json_uint(t, "behavior", reader_u16(value));
	json_uint(t, "flags", reader_u8(value));
	json_uint(t, "algo", reader_u8(value));
	text_add(t, "}");
}

static void
print_locator(struct text *t, uint16_t type, struct reader *value, unsigned depth)
{
	static const char *const flags[8] = { "D" };

	(void)type;
	text_add(t, "{");
	json_key(t, "flags");
	print_bits(t, reader_u8(value), flags);
	json_uint(t, "algo", reader_u8(value));
	reader_u16(value);
	json_uint(t, "metric", reader_u32(value));
	if (reader_left(value) > 0)
		json_attr_fields(t, *value, depth + 1);
	text_add(t, "}");
}

/* The 24 bits of a delay or loss, and its A flag in bit 31 (RFC 8570 section 4). */
static void
print_delay(struct text *t, uint16_t type, struct reader *value, unsigned depth)
{
	uint32_t word = reader_u32(value);

	(void)depth;
	text_add(t, "{");
	if (type == BGPLS_TLV_DELAY) {
		json_uint(t, "value", word & 0xffffff);
	} else if (type == BGPLS_TLV_DELAY_RANGE) {
		json_uint(t, "min", word & 0xffffff);
		json_uint(t, "max", reader_u32(value) & 0xffffff);
	} else {
		json_uint(t, "units_3e6pct", word & 0xffffff);
		json_key(t, "percent");
		print_double(t, (double)((word & 0xffffff) * 3) / 1e6);
	}
	json_bool(t, "anomalous", word >> 31);
	text_add(t, "}");
}

static void
print_u24(struct text *t, uint16_t type, struct reader *value, unsigned depth)
{
	(void)type;
	(void)depth;
	text_printf(t, "%u", reader_u32(value) & 0xffffffu);
}

static void
print_floats(struct text *t, uint16_t type, struct reader *value, unsigned depth)
{
	text_add(t, "[");
	while (reader_left(value) > 0) {
		json_comma(t);
		print_float(t, type, value, depth);
	}
	text_add(t, "]");
}

static void
attrs_of(struct text *t, struct reader subs, unsigned depth)
{
	json_key(t, "attrs");
	text_add(t, "{");
	json_attr_fields(t, subs, depth + 1);
	text_add(t, "}");
}

static void
print_asla(struct text *t, uint16_t type, struct reader *value, unsigned depth)
{
	unsigned sabm = reader_u8(value), udabm = reader_u8(value);

	(void)type;
	reader_u16(value);
	text_add(t, "{");
	json_key(t, "sabm");
	json_hex(t, reader_sub(value, sabm));
	json_key(t, "udabm");
	json_hex(t, reader_sub(value, udabm));
	attrs_of(t, *value, depth);
	text_add(t, "}");
}

static void
print_range(struct text *t, uint16_t type, struct reader *value, unsigned depth)
{
	(void)type;
	text_add(t, "{");
	json_uint(t, "flags", reader_u8(value));
	reader_u8(value);
	json_uint(t, "size", reader_u16(value));
	attrs_of(t, *value, depth);
	text_add(t, "}");
}

static void
print_bundle(struct text *t, uint16_t type, struct reader *value, unsigned depth)
{
	(void)type;
	text_add(t, "{");
	json_uint(t, "descriptor", reader_u32(value));
	attrs_of(t, *value, depth);
	text_add(t, "}");
}

static print_fn print_fad;

static const struct shape shapes[] = {
	{ BGPLS_TLV_LINK_IDS, MODE_SPREAD, "link_ids", print_u32 },
	{ BGPLS_TLV_MT, MODE_SPREAD, "mt_ids", print_mt },
	{ BGPLS_TLV_NODE_MSD, MODE_MAP, "node_msd", print_msd },
	{ BGPLS_TLV_LINK_MSD, MODE_MAP, "link_msd", print_msd },
	{ BGPLS_TLV_NODE_FLAGS, MODE_ONE, "node_flags", print_flags },
	{ BGPLS_TLV_OPAQUE_NODE, MODE_LIST, "opaque_node", print_hex },
	{ BGPLS_TLV_NODE_NAME, MODE_ONE, "node_name", print_string },
	{ BGPLS_TLV_ISIS_AREA, MODE_LIST, "isis_area", print_hex },
	{ BGPLS_TLV_LOCAL_V4, MODE_LIST, "local_router_id_v4", print_addr },
	{ BGPLS_TLV_LOCAL_V6, MODE_LIST, "local_router_id_v6", print_addr },
	{ BGPLS_TLV_REMOTE_V4, MODE_LIST, "remote_router_id_v4", print_addr },
	{ BGPLS_TLV_REMOTE_V6, MODE_LIST, "remote_router_id_v6", print_addr },
	{ BGPLS_TLV_SBFD, MODE_SPREAD, "sbfd_discriminators", print_u32 },
	{ BGPLS_TLV_SR_CAPABILITIES, MODE_ONE, "sr_capabilities", print_ranges },
	{ BGPLS_TLV_SR_ALGORITHM, MODE_SPREAD, "sr_algorithms", print_u8 },
	{ BGPLS_TLV_SR_LOCAL_BLOCK, MODE_ONE, "sr_local_block", print_ranges },
	{ BGPLS_TLV_SRMS_PREFERENCE, MODE_ONE, "srms_preference", print_uint },
	{ BGPLS_TLV_SRV6_CAPABILITIES, MODE_ONE, "srv6_capabilities", print_srv6_caps },
	{ BGPLS_TLV_FAD, MODE_LIST, "flex_algo_definition", print_fad },
	{ BGPLS_TLV_FA_PREFIX_METRIC, MODE_LIST, "flex_algo_prefix_metric", print_fa_metric },
	{ BGPLS_TLV_ADMIN_GROUP, MODE_ONE, "admin_group", print_hex },
	{ BGPLS_TLV_MAX_BW, MODE_ONE, "max_link_bw_Bps", print_float },
	{ BGPLS_TLV_RESERVABLE_BW, MODE_ONE, "max_reservable_bw_Bps", print_float },
	{ BGPLS_TLV_UNRESERVED_BW, MODE_ONE, "unreserved_bw_Bps", print_floats },
	{ BGPLS_TLV_TE_METRIC, MODE_ONE, "te_metric", print_uint },
	{ BGPLS_TLV_PROTECTION, MODE_ONE, "link_protection_octets", print_hex },
	{ BGPLS_TLV_MPLS_MASK, MODE_ONE, "mpls_protocol_mask", print_flags },
	{ BGPLS_TLV_IGP_METRIC, MODE_ONE, "igp_metric", print_uint },
	{ BGPLS_TLV_SRLG, MODE_SPREAD, "srlg", print_u32 },
	{ BGPLS_TLV_OPAQUE_LINK, MODE_LIST, "opaque_link", print_hex },
	{ BGPLS_TLV_LINK_NAME, MODE_ONE, "link_name", print_string },
	{ BGPLS_TLV_ADJ_SID, MODE_LIST, "adj_sid", print_adj_sid },
	{ BGPLS_TLV_LAN_ADJ_SID, MODE_LIST, "lan_adj_sid", print_adj_sid },
	{ BGPLS_TLV_PEER_NODE_SID, MODE_LIST, "peer_node_sid", print_adj_sid },
	{ BGPLS_TLV_PEER_ADJ_SID, MODE_LIST, "peer_adj_sid", print_adj_sid },
	{ BGPLS_TLV_PEER_SET_SID, MODE_LIST, "peer_set_sid", print_adj_sid },
	{ BGPLS_TLV_ENDX, MODE_LIST, "srv6_endx", print_endx },
	{ BGPLS_TLV_LAN_ENDX_ISIS, MODE_LIST, "srv6_lan_endx_isis", print_endx },
	{ BGPLS_TLV_LAN_ENDX_OSPF, MODE_LIST, "srv6_lan_endx_ospf", print_endx },
	{ BGPLS_TLV_DELAY, MODE_ONE, "delay_us", print_delay },
	{ BGPLS_TLV_DELAY_RANGE, MODE_ONE, "delay_minmax_us", print_delay },
	{ BGPLS_TLV_DELAY_VARIATION, MODE_ONE, "delay_variation_us", print_u24 },
	{ BGPLS_TLV_LOSS, MODE_ONE, "loss", print_delay },
	{ BGPLS_TLV_RESIDUAL_BW, MODE_ONE, "residual_bw_Bps", print_float },
	{ BGPLS_TLV_AVAILABLE_BW, MODE_ONE, "available_bw_Bps", print_float },
	{ BGPLS_TLV_UTILISED_BW, MODE_ONE, "utilized_bw_Bps", print_float },
	{ BGPLS_TLV_ASLA, MODE_LIST, "asla", print_asla },
	{ BGPLS_TLV_IGP_FLAGS, MODE_ONE, "igp_flags", print_flags },
	{ BGPLS_TLV_ROUTE_TAG, MODE_SPREAD, "route_tags", print_u32 },
	{ BGPLS_TLV_EXT_ROUTE_TAG, MODE_SPREAD, "ext_route_tags", print_hex8 },
	{ BGPLS_TLV_PREFIX_METRIC, MODE_ONE, "prefix_metric", print_uint },
	{ BGPLS_TLV_FORWARDING_ADDRESS, MODE_ONE, "ospf_forwarding_address", print_addr },
	{ BGPLS_TLV_OPAQUE_PREFIX, MODE_LIST, "opaque_prefix", print_hex },
	{ BGPLS_TLV_PREFIX_SID, MODE_LIST, "prefix_sid", print_prefix_sid },
	{ BGPLS_TLV_RANGE, MODE_LIST, "range", print_range },
	{ BGPLS_TLV_SID_LABEL, MODE_LIST, "sid_label", print_sid_label },
	{ BGPLS_TLV_LOCATOR, MODE_LIST, "srv6_locator", print_locator },
	{ BGPLS_TLV_PREFIX_ATTR_FLAGS, MODE_ONE, "prefix_attr_flags", print_hex },
	{ BGPLS_TLV_SOURCE_ROUTER_ID, MODE_ONE, "source_router_id", print_addr },
	{ BGPLS_TLV_L2_BUNDLE, MODE_LIST, "l2_bundle_member", print_bundle },
	{ BGPLS_TLV_EXT_ADMIN_GROUP, MODE_SPREAD, "ext_admin_group", print_hex4 },
	{ BGPLS_TLV_SOURCE_OSPF_ID, MODE_ONE, "source_ospf_router_id", print_addr },
	{ BGPLS_TLV_ENDPOINT_BEHAVIOR, MODE_ONE, "srv6_endpoint_behavior", print_behavior },
	{ BGPLS_TLV_PEER_NODE_SRV6, MODE_LIST, "srv6_peer_node_sid", print_peer_node },
	{ BGPLS_TLV_SID_STRUCTURE, MODE_ONE, "srv6_sid_structure", print_structure },
};

/* Sub-TLVs of a flexible algorithm definition. */
static const struct shape fad_shapes[] = {
	{ BGPLS_TLV_FAD_EXCLUDE_ANY, MODE_SPREAD, "exclude_any", print_hex4 },
	{ BGPLS_TLV_FAD_INCLUDE_ANY, MODE_SPREAD, "include_any", print_hex4 },
	{ BGPLS_TLV_FAD_INCLUDE_ALL, MODE_SPREAD, "include_all", print_hex4 },
	{ BGPLS_TLV_FAD_FLAGS, MODE_ONE, "flags", print_hex },
	{ BGPLS_TLV_FAD_EXCLUDE_SRLG, MODE_SPREAD, "exclude_srlg", print_u32 },
	{ BGPLS_TLV_FAD_UNSUPPORTED, MODE_ONE, "unsupported", print_hex },
};

struct shapes {
	const struct shape *at;
	size_t count;
	bool fad; /* the types of a definition, not of an attribute */
};

#define SHAPES_MAX 96

static const struct shape *
shape_of(const struct shapes *set, uint16_t type)
{
	for (size_t i = 0; i < set->count; i++)
		if (set->at[i].type == type)
			return &set->at[i];
	return NULL;
}

/* Prints all TLVs of one shape under its key; r stands at the first one. */
static void
print_shape(struct text *t, const struct shape *shape, struct reader r, unsigned depth)
{
	static const char *const opens[] = { "", "[", "[", "{" }, *const closes[] = { "", "]", "]",
										      "}" };
	struct reader value;
	uint16_t type;
	bool bad = false;

	json_key(t, shape->key);
	text_add(t, opens[shape->mode]);
	while (bgpls_next_tlv(&r, &type, &value, &bad, "", NULL)) {
		if (type != shape->type || !bgpls_check_tlv(type, value, depth, NULL))
			continue;
		if (shape->mode != MODE_SPREAD && shape->mode != MODE_MAP) {
			json_comma(t);
			shape->print(t, type, &value, depth);
		}
		if (shape->mode == MODE_ONE)
			break;
		while (shape->mode != MODE_LIST && reader_left(&value) > 0) {
			json_comma(t);
			shape->print(t, type, &value, depth);
		}
	}
	text_add(t, closes[shape->mode]);
}

static void
print_unknown(struct text *t, const struct shapes *set, struct reader r)
{
	struct reader value;
	uint16_t type;
	bool bad = false, any = false;

	while (bgpls_next_tlv(&r, &type, &value, &bad, "", NULL)) {
		if (shape_of(set, type))
			continue;
		if (!any) {
			json_key(t, "unknown");
			text_add(t, "[");
		}
		any = true;
		json_comma(t);
		text_printf(t, "[%u, ", type);
		json_hex(t, value);
		text_add(t, "]");
	}
	if (any)
		text_add(t, "]");
}

static void
print_shapes(struct text *t, const struct shapes *set, struct reader all, unsigned depth)
{
	bool done[SHAPES_MAX] = { false }, bad = false;
	struct reader r = all, before = all, value;
	uint16_t type;

	for (; bgpls_next_tlv(&r, &type, &value, &bad, "", NULL); before = r) {
		const struct shape *shape = shape_of(set, type);

		if (!shape || done[shape - set->at] || !bgpls_check_tlv(type, value, depth, NULL))
			continue;
		done[shape - set->at] = true;
		print_shape(t, shape, before, depth);
	}
	print_unknown(t, set, all);
}

void
json_attr_fields(struct text *t, struct reader all, unsigned depth)
{
	static const struct shapes set = { shapes, sizeof(shapes) / sizeof(shapes[0]), false };

	_Static_assert(sizeof(shapes) / sizeof(shapes[0]) <= SHAPES_MAX, "room for every shape");
	/* What nests deeper than anything registered was not checked: it stays hex. */
	if (depth < 3)
		print_shapes(t, &set, all, depth);
}

static void
print_fad(struct text *t, uint16_t type, struct reader *value, unsigned depth)
{
	static const struct shapes set = { fad_shapes, sizeof(fad_shapes) / sizeof(fad_shapes[0]),
					   true };

	(void)type;
	text_add(t, "{");
	json_uint(t, "algo", reader_u8(value));
	json_uint(t, "metric_type", reader_u8(value));
	json_uint(t, "calc_type", reader_u8(value));
	json_uint(t, "priority", reader_u8(value));
	print_shapes(t, &set, *value, depth + 1);
	text_add(t, "}");
}
