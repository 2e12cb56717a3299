/*
 * Lengths and structure of the TLVs of attribute 29.
 *
 * RFC 9552 section 8.2.2 calls an attribute malformed when the length of a TLV or sub-TLV does not
 * fit, and then all of it is discarded, never the one TLV: half an attribute would say that the
 * missing half was withdrawn. Contents are not judged here (a bandwidth of NaN is a valid length).
 * The table names the length that each RFC fixes; nested TLVs have a function of their own.
 */
#include <stdio.h>

#include "southbound/bgp/bgpls.h"
#include "southbound/bgp/tlv.h"

/* TLVs inside TLVs inside TLVs: nothing registered nests deeper. */
#define DEPTH_MAX 3

enum rule_kind {
	RULE_NONE = 0, /* not known */
	RULE_ANY,
	RULE_RANGE, /* a to b octets */
	RULE_EITHER, /* a or b octets */
	RULE_MIN, /* at least a octets */
	RULE_WORDS, /* a multiple of a, not 0 unless b */
	RULE_AT_LEAST, /* as RULE_MIN, worded without the wanted length */
};

typedef bool deep_fn(uint16_t type, struct reader value, unsigned depth,
		     struct bgpls_faults *faults);

struct rule {
	uint8_t kind, a, b;
	deep_fn *deep;
};

static deep_fn check_ranges, check_fad, check_asla, check_sub_range, check_sub_endx,
    check_sub_lan_isis, check_sub_lan_ospf, check_sub_locator, check_sub_bundle;

#define EXACT(n) RULE_RANGE, n, n, NULL

static const struct rule rules_low[] = {
	[BGPLS_TLV_LINK_IDS - 256] = { EXACT(8) },
	[BGPLS_TLV_MT - 256] = { RULE_WORDS, 2, 0, NULL },
	[BGPLS_TLV_NODE_MSD - 256] = { RULE_WORDS, 2, 1, NULL },
	[BGPLS_TLV_LINK_MSD - 256] = { RULE_WORDS, 2, 1, NULL },
};

static const struct rule rules_high[] = {
	[BGPLS_TLV_NODE_FLAGS - 1024] = { EXACT(1) },
	[BGPLS_TLV_OPAQUE_NODE - 1024] = { RULE_ANY, 0, 0, NULL },
	[BGPLS_TLV_NODE_NAME - 1024] = { RULE_ANY, 0, 0, NULL },
	[BGPLS_TLV_ISIS_AREA - 1024] = { RULE_ANY, 0, 0, NULL },
	[BGPLS_TLV_LOCAL_V4 - 1024] = { EXACT(4) },
	[BGPLS_TLV_LOCAL_V6 - 1024] = { EXACT(16) },
	[BGPLS_TLV_REMOTE_V4 - 1024] = { EXACT(4) },
	[BGPLS_TLV_REMOTE_V6 - 1024] = { EXACT(16) },
	[BGPLS_TLV_SBFD - 1024] = { RULE_WORDS, 4, 0, NULL },
	[BGPLS_TLV_SR_CAPABILITIES - 1024] = { RULE_AT_LEAST, 2, 0, check_ranges },
	[BGPLS_TLV_SR_ALGORITHM - 1024] = { RULE_ANY, 0, 0, NULL },
	[BGPLS_TLV_SR_LOCAL_BLOCK - 1024] = { RULE_AT_LEAST, 2, 0, check_ranges },
	[BGPLS_TLV_SRMS_PREFERENCE - 1024] = { EXACT(1) },
	[BGPLS_TLV_SRV6_CAPABILITIES - 1024] = { EXACT(4) },
	[BGPLS_TLV_FAD - 1024] = { RULE_AT_LEAST, 4, 0, check_fad },
	[BGPLS_TLV_FA_PREFIX_METRIC - 1024] = { EXACT(8) },
	[BGPLS_TLV_ADMIN_GROUP - 1024] = { EXACT(4) },
	[BGPLS_TLV_MAX_BW - 1024] = { EXACT(4) },
	[BGPLS_TLV_RESERVABLE_BW - 1024] = { EXACT(4) },
	[BGPLS_TLV_UNRESERVED_BW - 1024] = { EXACT(32) },
	[BGPLS_TLV_TE_METRIC - 1024] = { EXACT(4) },
	[BGPLS_TLV_PROTECTION - 1024] = { EXACT(2) },
	[BGPLS_TLV_MPLS_MASK - 1024] = { EXACT(1) },
	[BGPLS_TLV_IGP_METRIC - 1024] = { RULE_RANGE, 1, 3, NULL },
	[BGPLS_TLV_SRLG - 1024] = { RULE_WORDS, 4, 1, NULL },
	[BGPLS_TLV_OPAQUE_LINK - 1024] = { RULE_ANY, 0, 0, NULL },
	[BGPLS_TLV_LINK_NAME - 1024] = { RULE_ANY, 0, 0, NULL },
	[BGPLS_TLV_ADJ_SID - 1024] = { RULE_RANGE, 7, 8, NULL },
	[BGPLS_TLV_LAN_ADJ_SID - 1024] = { RULE_RANGE, 11, 14, NULL },
	[BGPLS_TLV_PEER_NODE_SID - 1024] = { RULE_RANGE, 7, 8, NULL },
	[BGPLS_TLV_PEER_ADJ_SID - 1024] = { RULE_RANGE, 7, 8, NULL },
	[BGPLS_TLV_PEER_SET_SID - 1024] = { RULE_RANGE, 7, 8, NULL },
	[BGPLS_TLV_ENDX - 1024] = { RULE_MIN, 22, 0, check_sub_endx },
	[BGPLS_TLV_LAN_ENDX_ISIS - 1024] = { RULE_MIN, 28, 0, check_sub_lan_isis },
	[BGPLS_TLV_LAN_ENDX_OSPF - 1024] = { RULE_MIN, 26, 0, check_sub_lan_ospf },
	[BGPLS_TLV_DELAY - 1024] = { EXACT(4) },
	[BGPLS_TLV_DELAY_RANGE - 1024] = { EXACT(8) },
	[BGPLS_TLV_DELAY_VARIATION - 1024] = { EXACT(4) },
	[BGPLS_TLV_LOSS - 1024] = { EXACT(4) },
	[BGPLS_TLV_RESIDUAL_BW - 1024] = { EXACT(4) },
	[BGPLS_TLV_AVAILABLE_BW - 1024] = { EXACT(4) },
	[BGPLS_TLV_UTILISED_BW - 1024] = { EXACT(4) },
	[BGPLS_TLV_ASLA - 1024] = { RULE_AT_LEAST, 4, 0, check_asla },
	[BGPLS_TLV_IGP_FLAGS - 1024] = { EXACT(1) },
	[BGPLS_TLV_ROUTE_TAG - 1024] = { RULE_WORDS, 4, 0, NULL },
	[BGPLS_TLV_EXT_ROUTE_TAG - 1024] = { RULE_WORDS, 8, 0, NULL },
	[BGPLS_TLV_PREFIX_METRIC - 1024] = { EXACT(4) },
	[BGPLS_TLV_FORWARDING_ADDRESS - 1024] = { RULE_EITHER, 4, 16, NULL },
	[BGPLS_TLV_OPAQUE_PREFIX - 1024] = { RULE_ANY, 0, 0, NULL },
	[BGPLS_TLV_PREFIX_SID - 1024] = { RULE_RANGE, 7, 8, NULL },
	[BGPLS_TLV_RANGE - 1024] = { RULE_AT_LEAST, 4, 0, check_sub_range },
	[BGPLS_TLV_SID_LABEL - 1024] = { RULE_RANGE, 3, 4, NULL },
	[BGPLS_TLV_LOCATOR - 1024] = { RULE_MIN, 8, 0, check_sub_locator },
	[BGPLS_TLV_PREFIX_ATTR_FLAGS - 1024] = { RULE_ANY, 0, 0, NULL },
	[BGPLS_TLV_SOURCE_ROUTER_ID - 1024] = { RULE_EITHER, 4, 16, NULL },
	[BGPLS_TLV_L2_BUNDLE - 1024] = { RULE_MIN, 4, 0, check_sub_bundle },
	[BGPLS_TLV_EXT_ADMIN_GROUP - 1024] = { RULE_WORDS, 4, 0, NULL },
	[BGPLS_TLV_SOURCE_OSPF_ID - 1024] = { EXACT(4) },
	[BGPLS_TLV_ENDPOINT_BEHAVIOR - 1024] = { EXACT(4) },
	[BGPLS_TLV_PEER_NODE_SRV6 - 1024] = { EXACT(12) },
	[BGPLS_TLV_SID_STRUCTURE - 1024] = { EXACT(4) },
};

static const struct rule *
rule_of(uint16_t type)
{
	static const struct rule none = { 0 };

	if (type >= 1024 && type - 1024u < sizeof(rules_high) / sizeof(rules_high[0]))
		return &rules_high[type - 1024];
	if (type >= 256 && type - 256u < sizeof(rules_low) / sizeof(rules_low[0]))
		return &rules_low[type - 256];
	return &none;
}

bool
bgpls_known_tlv(uint16_t type)
{
	return rule_of(type)->kind != RULE_NONE;
}

static bool
fits(const struct rule *rule, size_t len)
{
	switch (rule->kind) {
	case RULE_RANGE:
		return len >= rule->a && len <= rule->b;
	case RULE_EITHER:
		return len == rule->a || len == rule->b;
	case RULE_MIN:
	case RULE_AT_LEAST:
		return len >= rule->a;
	case RULE_WORDS:
		return len % rule->a == 0 && (len > 0 || rule->b);
	default:
		return true;
	}
}

/* Always false: says which length was wanted. */
static bool
wrong_length(const struct rule *rule, uint16_t type, size_t len, struct bgpls_faults *faults)
{
	char want[32] = "";
	size_t at = 0;

	if (!faults)
		return false;
	if (type == BGPLS_TLV_MT)
		return bgpls_fault(faults, "attr: 263 len %zu", len);
	if (rule->kind == RULE_MIN)
		snprintf(want, sizeof(want), ", want >= %u", rule->a);
	else if (rule->kind == RULE_EITHER)
		snprintf(want, sizeof(want), ", want %u/%u", rule->a, rule->b);
	for (unsigned n = rule->a; rule->kind == RULE_RANGE && n <= rule->b; n++)
		at +=
		    (size_t)snprintf(want + at, sizeof(want) - at, "%s%u", at ? "/" : ", want ", n);
	return bgpls_fault(faults, "attr TLV %u length %zu%s", type, len, want);
}

bool
bgpls_check_tlv(uint16_t type, struct reader value, unsigned depth, struct bgpls_faults *faults)
{
	const struct rule *rule = rule_of(type);

	if (rule->kind == RULE_RANGE && reader_left(&value) >= rule->a &&
	    reader_left(&value) <= rule->b)
		return true; /* most TLVs; none of them nests */
	if (!fits(rule, reader_left(&value)))
		return wrong_length(rule, type, reader_left(&value), faults);
	return !rule->deep || depth >= DEPTH_MAX || rule->deep(type, value, depth + 1, faults);
}

/* The TLVs that follow skip octets inside TLV type. */
static bool
check_subs(uint16_t type, struct reader value, size_t skip, unsigned depth,
	   struct bgpls_faults *faults)
{
	char where[24] = "";
	struct reader sub;
	uint16_t sub_type;
	bool bad = false, ok = true;

	if (faults)
		snprintf(where, sizeof(where), "attr TLV %u", type);
	reader_bytes(&value, skip);
	while (faults ? bgpls_next_tlv(&value, &sub_type, &sub, &bad, where, faults)
		      : bgpls_step_tlv(&value, &sub_type, &sub, &bad))
		ok = bgpls_check_tlv(sub_type, sub, depth, faults) && ok;
	return ok && !bad;
}

static bool
check_sub_range(uint16_t type, struct reader value, unsigned depth, struct bgpls_faults *faults)
{
	return check_subs(type, value, 4, depth, faults);
}

static bool
check_sub_bundle(uint16_t type, struct reader value, unsigned depth, struct bgpls_faults *faults)
{
	return check_subs(type, value, 4, depth, faults);
}

static bool
check_sub_locator(uint16_t type, struct reader value, unsigned depth, struct bgpls_faults *faults)
{
	return check_subs(type, value, 8, depth, faults);
}

static bool
check_sub_endx(uint16_t type, struct reader value, unsigned depth, struct bgpls_faults *faults)
{
	return check_subs(type, value, 22, depth, faults);
}

static bool
check_sub_lan_isis(uint16_t type, struct reader value, unsigned depth, struct bgpls_faults *faults)
{
	return check_subs(type, value, 28, depth, faults);
}

static bool
check_sub_lan_ospf(uint16_t type, struct reader value, unsigned depth, struct bgpls_faults *faults)
{
	return check_subs(type, value, 26, depth, faults);
}

/* RFC 9085 sections 2.1.2 and 2.1.4: after flags and a reserved octet, ranges of 3 octets of size
 * and a SID/Label TLV. */
static bool
check_ranges(uint16_t type, struct reader value, unsigned depth, struct bgpls_faults *faults)
{
	(void)depth;
	reader_bytes(&value, 2);
	while (reader_left(&value) > 0) {
		struct reader sid;
		uint16_t sub_type;

		reader_bytes(&value, 3);
		sub_type = reader_u16(&value);
		sid = reader_sub(&value, reader_u16(&value));
		if (!reader_ok(&value))
			return bgpls_fault(faults, "attr TLV %u: truncated range", type);
		if (sub_type != BGPLS_TLV_SID_LABEL)
			return bgpls_fault(faults, "attr TLV %u: TLV %u in a range, want 1161",
					   type, sub_type);
		if (!fits(rule_of(sub_type), reader_left(&sid)))
			return bgpls_fault(faults, "attr TLV %u: 1161 length %zu, want 3/4", type,
					   reader_left(&sid));
	}
	return true;
}

/* Sub-TLVs of a flexible algorithm definition (RFC 9351 section 3). */
static bool
fad_sub_fits(uint16_t type, size_t len)
{
	switch (type) {
	case BGPLS_TLV_FAD_EXCLUDE_ANY:
	case BGPLS_TLV_FAD_INCLUDE_ANY:
	case BGPLS_TLV_FAD_INCLUDE_ALL:
	case BGPLS_TLV_FAD_EXCLUDE_SRLG:
		return len > 0 && len % 4 == 0;
	case BGPLS_TLV_FAD_UNSUPPORTED:
		return len > 0;
	default:
		return true;
	}
}

static bool
check_fad(uint16_t type, struct reader value, unsigned depth, struct bgpls_faults *faults)
{
	struct reader sub;
	uint16_t sub_type;
	bool bad = false, ok = true;

	(void)type;
	(void)depth;
	reader_bytes(&value, 4);
	while (bgpls_next_tlv(&value, &sub_type, &sub, &bad, "1039", faults)) {
		size_t len = reader_left(&sub);

		if (fad_sub_fits(sub_type, len))
			continue;
		ok = sub_type == BGPLS_TLV_FAD_UNSUPPORTED
			 ? bgpls_fault(faults, "1039: 1046 empty")
			 : bgpls_fault(faults, "1039: %u length %zu", sub_type, len);
	}
	return ok && !bad;
}

/* RFC 9294 section 2: masks of 0, 4 or 8 octets, then sub-TLVs. */
static bool
check_asla(uint16_t type, struct reader value, unsigned depth, struct bgpls_faults *faults)
{
	struct reader masks = value;
	unsigned sabm = reader_u8(&masks), udabm = reader_u8(&masks);
	bool lengths =
	    (sabm == 0 || sabm == 4 || sabm == 8) && (udabm == 0 || udabm == 4 || udabm == 8);

	if (!lengths || 4 + sabm + udabm > reader_left(&value))
		return bgpls_fault(faults, "attr TLV %u: SABM len %u, UDABM len %u", type, sabm,
				   udabm);
	return check_subs(type, value, 4 + sabm + udabm, depth, faults);
}
