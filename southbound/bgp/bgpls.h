/*
 * BGP-LS decoded in place (RFC 9552, with 9514, 8571, 8814, 9085, 9104, 9294 and 9351).
 *
 * One walk over the bytes fills one flat struct; nothing is allocated and nothing is copied, so
 * every slice (struct reader) points into the UPDATE and lives as long as that. A decoder judges
 * while it reads: a malformed NLRI costs that NLRI, a malformed attribute 29 costs the attribute.
 * The words for a fault are composed only if the caller passes a struct bgpls_faults.
 */
#ifndef SOUTHBOUND_BGP_BGPLS_H
#define SOUTHBOUND_BGP_BGPLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pce/base/addr.h"
#include "pce/base/reader.h"
#include "pce/ted/delta.h"

#define BGP_AFI_LS 16388
#define BGP_SAFI_LS 71
#define BGP_SAFI_LS_VPN 72

enum bgpls_nlri_type {
	BGPLS_NODE = 1,
	BGPLS_LINK = 2,
	BGPLS_PREFIX_V4 = 3,
	BGPLS_PREFIX_V6 = 4,
	BGPLS_SRV6_SID = 6,
};

#define BGPLS_FAULTS 16
#define BGPLS_FAULT_TEXT 112

/* What was wrong, in words; faults past BGPLS_FAULTS are dropped. Zeroed: none. */
struct bgpls_faults {
	unsigned count;
	char text[BGPLS_FAULTS][BGPLS_FAULT_TEXT];
};

/* Adds one fault; faults may be NULL. Returns false, so that a check is one line. */
bool bgpls_fault(struct bgpls_faults *faults, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * Takes one TLV: its type and its value. False at the end of r, or when the TLV does not fit: then
 * *bad is set and the fault says "WHERE: …".
 */
bool bgpls_next_tlv(struct reader *r, uint16_t *type, struct reader *value, bool *bad,
		    const char *where, struct bgpls_faults *faults);

/* As bgpls_next_tlv without words, for loops that run for every NLRI. */
static inline bool
bgpls_step_tlv(struct reader *r, uint16_t *type, struct reader *value, bool *bad)
{
	size_t left = reader_left(r), len;
	const uint8_t *at = r->at;

	if (left < 4) {
		*bad = *bad || left > 0;
		return false;
	}
	len = (size_t)at[2] << 8 | at[3];
	if (len > left - 4) {
		*bad = true;
		return false;
	}
	*type = (uint16_t)(at[0] << 8 | at[1]);
	r->at = at + 4 + len;
	*value = (struct reader){ at + 4, r->at, false };
	return true;
}

/* Which sub-TLVs a node descriptor had. */
enum bgpls_node_has {
	BGPLS_HAS_ASN = 1,
	BGPLS_HAS_BGPLS_ID = 2,
	BGPLS_HAS_AREA = 4,
	BGPLS_HAS_ROUTER_ID = 8,
	BGPLS_HAS_BGP_ROUTER_ID = 16,
	BGPLS_HAS_MEMBER = 32,
};

/* Node descriptor (RFC 9552 section 5.2.1, RFC 9086). Absent fields are 0. */
struct bgpls_node {
	bool present;
	uint8_t has; /* enum bgpls_node_has */
	uint8_t router_id_len; /* 4, 6, 7 or 8 */
	uint8_t router_id[8];
	uint32_t asn, bgpls_id, area, bgp_router_id, member_asn;
	uint32_t unknown; /* sub-TLVs that are not known */
	struct reader raw; /* value of TLV 256 or 257 */
};

/* How far an NLRI can be used. */
enum bgpls_verdict {
	BGPLS_ACCEPT = 0,
	BGPLS_TOLERATED, /* RFC 9552 says discard, but only TLV 263 stands behind 518 */
	BGPLS_DISCARD, /* RFC 9552 section 8.2.2: NLRI discard */
	BGPLS_UNKNOWN, /* a type that is not known: skipped, not an error */
};

/* The first value of each link descriptor, NULL where absent. */
struct bgpls_link_desc {
	bool has_ids;
	uint32_t local_id, remote_id;
	const uint8_t *v4_if, *v4_nbr; /* 4 octets */
	const uint8_t *v6_if, *v6_nbr; /* 16 octets */
};

struct bgpls_nlri {
	uint16_t type;
	enum bgpls_verdict verdict;
	bool parsed; /* the fields below are filled as far as they were there */
	bool has_rd, has_path_id, has_prefix;
	uint8_t protocol;
	uint8_t ospf_route_type; /* 0: absent */
	uint8_t rd[8];
	uint32_t path_id;
	uint64_t identifier;
	struct bgpls_node local, remote;
	struct bgpls_link_desc link;
	struct ip_prefix prefix;
	struct reader mt; /* value of the first TLV 263 */
	const uint8_t *sid; /* 16 octets of the first TLV 518, or NULL */
	uint32_t unknown; /* TLVs that are not known */
	struct reader value; /* the whole value, without a route distinguisher */
	struct reader tlvs; /* its descriptors */
};

/* How the NLRIs are packed. */
struct bgpls_nlri_form {
	bool add_path; /* RFC 7911: a path identifier precedes each NLRI */
	bool vpn; /* SAFI 72: a route distinguisher leads each value */
};

/*
 * Takes the next NLRI of r. False at the end; or with *bad set when its header or length does not
 * fit: the NLRIs behind it cannot be found, framing is lost. Malformed content is no reason to
 * return false: out->verdict tells. faults may be NULL.
 */
bool bgpls_next_nlri(struct reader *r, struct bgpls_nlri_form form, struct bgpls_nlri *out,
		     bool *bad, struct bgpls_faults *faults);

/* Reads the value of TLV 256 or 257. False if it is malformed (out is then undefined); *ordered is
 * cleared if sub-TLVs repeat or descend, which RFC 9552 section 5.2.1 forbids. */
bool bgpls_read_node(struct reader value, struct bgpls_node *out, bool *ordered,
		     struct bgpls_faults *faults);

/* Reads one descriptor TLV into out as an NLRI of out->type would hold it; false if malformed. */
bool bgpls_read_descriptor(uint16_t type, struct reader value, struct bgpls_nlri *out,
			   bool *ordered, struct bgpls_faults *faults);

/* Name of a Protocol-ID as in "isis-l2"; "unknown" for those not assigned. */
const char *bgpls_protocol_name(uint8_t protocol);

/* Fields of struct bgpls_attr that were there. */
enum bgpls_field {
	BGPLS_F_NODE_FLAGS,
	BGPLS_F_NODE_NAME,
	BGPLS_F_ROUTER_V4,
	BGPLS_F_ROUTER_V6,
	BGPLS_F_ALGORITHMS,
	BGPLS_F_SRV6_CAPS,
	BGPLS_F_NODE_MSD,
	BGPLS_F_LINK_MSD,
	BGPLS_F_LINK_NAME,
	BGPLS_F_ADMIN_GROUP,
	BGPLS_F_EXT_ADMIN_GROUP,
	BGPLS_F_MAX_BW,
	BGPLS_F_RESERVABLE_BW,
	BGPLS_F_UNRESERVED_BW,
	BGPLS_F_TE_METRIC,
	BGPLS_F_IGP_METRIC,
	BGPLS_F_SRLG,
	BGPLS_F_DELAY,
	BGPLS_F_DELAY_RANGE,
	BGPLS_F_DELAY_VARIATION,
	BGPLS_F_LOSS,
	BGPLS_F_RESIDUAL_BW,
	BGPLS_F_AVAILABLE_BW,
	BGPLS_F_UTILISED_BW,
	BGPLS_F_PREFIX_METRIC,
	BGPLS_F_LOCATOR,
	BGPLS_F_BEHAVIOR,
	BGPLS_F_STRUCTURE,
	BGPLS_F_COUNT
};

/*
 * Attribute 29, as far as the graph uses it. Values are as on the wire: bandwidths are the bits of
 * IEEE 754 singles in octets per second, delays hold 24 bits and the A flag in bit 31.
 * Application-specific values (RFC 9294) are resolved already.
 */
struct bgpls_attr {
	uint32_t present; /* 1 << enum bgpls_field */
	uint8_t rank[BGPLS_F_COUNT]; /* where each came from, enum in attr.c */
	uint8_t node_flags, igp_metric_len;
	uint16_t srv6_flags, behavior;
	uint8_t behavior_flags, behavior_algorithm;
	uint8_t locator_flags, locator_algorithm;
	uint8_t structure[4]; /* block, node, function, argument: bits */
	uint32_t locator_metric;
	uint32_t admin_group, te_metric, igp_metric, prefix_metric;
	uint32_t delay, delay_min, delay_max, delay_variation, loss;
	uint32_t max_bw, reservable_bw, residual_bw, available_bw, utilised_bw;
	struct reader unreserved_bw, ext_admin_group, srlg; /* words of 4 octets */
	struct reader node_msd, link_msd; /* pairs of type and value */
	struct reader algorithms, node_name, link_name;
	const uint8_t *router_v4, *router_v6;
	uint32_t n_endx; /* End.X SIDs, to be read by bgpls_next_endx */
	uint32_t n_fads; /* flexible algorithm definitions, to be read by bgpls_next_fad */
	uint32_t n_asla, unknown;
	struct reader all;
};

/*
 * Reads attribute 29. False: it is malformed and all of it must be discarded (RFC 9552 section
 * 8.2.2); out is then undefined. faults may be NULL.
 */
bool bgpls_read_attr(struct reader value, struct bgpls_attr *out, struct bgpls_faults *faults);

/* One End.X SID of a link (RFC 9514 section 4). */
struct bgpls_endx {
	uint16_t type; /* TLV: 1106, or on a LAN 1107 (IS-IS) and 1108 (OSPFv3) */
	uint16_t behavior;
	uint8_t flags, algorithm, weight;
	const uint8_t *sid;
	const uint8_t *neighbor; /* LAN: 6 octets (1107) or 4 (1108) */
	uint8_t structure[4];
	bool has_structure;
};

/* Takes the next End.X SID from r, which starts as attr->all of an attribute that was read. */
bool bgpls_next_endx(struct reader *r, struct bgpls_endx *out);

/* Takes the next flexible algorithm definition (RFC 9351) from r, which starts likewise. */
bool bgpls_next_fad(struct reader *r, struct ted_fad *out);

/* True if one TLV of attribute 29 has a valid length and structure; unknown types are. depth: 0 for
 * the attribute itself, more inside a TLV. */
bool bgpls_check_tlv(uint16_t type, struct reader value, unsigned depth,
		     struct bgpls_faults *faults);

/* True if the type is one that bgpls_check_tlv knows. */
bool bgpls_known_tlv(uint16_t type);

#endif
