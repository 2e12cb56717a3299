/*
 * What a source says about the network: the one form in which files, BGP-LS, telemetry and
 * operators reach the traffic-engineering database. A SET replaces everything that this source said
 * about the object before, as a BGP UPDATE does; a DELETE takes it back. All pointers are borrowed
 * for the length of the call.
 */
#ifndef PCE_TED_DELTA_H
#define PCE_TED_DELTA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "pce/base/addr.h"
#include "pce/base/hash.h"

/* RFC 9552, BGP-LS Protocol-IDs. Nodes that only a file names are TED_PROTOCOL_STATIC. */
enum ted_protocol {
	TED_PROTOCOL_ISIS_L1 = 1,
	TED_PROTOCOL_ISIS_L2 = 2,
	TED_PROTOCOL_OSPFV2 = 3,
	TED_PROTOCOL_DIRECT = 4,
	TED_PROTOCOL_STATIC = 5,
	TED_PROTOCOL_OSPFV3 = 6,
	TED_PROTOCOL_BGP = 7,
};

#define TED_NAME_MAX 128 /* octets of a node or link name that serves as a key, without NUL */

/*
 * A node (RFC 9552 section 5.2.1). Absent descriptors are 0.
 *   router_id  the IGP router id as in TLV 515 (4 to 8 octets); for STATIC without one, the octets
 * of the name
 */
struct ted_node_key {
	uint64_t instance; /* BGP-LS Identifier of the NLRI (instance of the protocol) */
	uint32_t asn;
	uint32_t bgpls_id;
	uint32_t area; /* OSPF area */
	uint32_t bgp_router_id;
	uint8_t protocol; /* enum ted_protocol */
	uint8_t router_id_len;
	uint8_t router_id[TED_NAME_MAX];
};

/*
 * A directed link (RFC 9552 section 5.2.2): the canonical link key is this, encoded. Identifiers
 * that the source did not give are 0 or IP_NONE. A file link between two nodes that gives none of
 * them carries its name instead.
 */
struct ted_link_key {
	struct ted_node_key local, remote;
	uint16_t topology; /* multi-topology id (RFC 5120), 0 standard */
	bool has_ids;
	uint32_t local_id, remote_id;
	struct ip_addr v4_local, v4_remote;
	struct ip_addr v6_local, v6_remote;
	const char *name; /* NULL unless the key needs it */
};

struct ted_prefix_key {
	struct ted_node_key node;
	uint16_t topology;
	uint8_t ospf_route_type;
	struct ip_prefix prefix;
};

/* An SRv6 SID that belongs to a node (RFC 9514 section 6). */
struct ted_sid_key {
	struct ted_node_key node;
	uint16_t topology;
	uint8_t sid[16];
};

/* SRv6 SID structure (RFC 9514 section 8): lengths in bits; all 0 when not known. */
struct ted_sid_structure {
	uint8_t block, node, function, argument;
};

/* Endpoint behaviours (IANA SRv6 Endpoint Behaviors) that the segment compiler knows by name. */
enum ted_behavior {
	TED_BEHAVIOR_END = 1,
	TED_BEHAVIOR_END_PSP = 2,
	TED_BEHAVIOR_END_USP = 3,
	TED_BEHAVIOR_END_PSP_USP = 4,
	TED_BEHAVIOR_END_X = 5,
	TED_BEHAVIOR_END_X_PSP = 6,
	TED_BEHAVIOR_END_X_USP = 7,
	TED_BEHAVIOR_END_X_PSP_USP = 8,
	TED_BEHAVIOR_END_DT6 = 18,
	TED_BEHAVIOR_END_DT4 = 19,
	TED_BEHAVIOR_END_DT46 = 20,
	TED_BEHAVIOR_END_USD = 28,
	TED_BEHAVIOR_END_PSP_USD = 29,
	TED_BEHAVIOR_END_USP_USD = 30,
	TED_BEHAVIOR_END_PSP_USP_USD = 31,
	TED_BEHAVIOR_END_X_USD = 32,
	TED_BEHAVIOR_END_X_PSP_USD = 33,
	TED_BEHAVIOR_END_X_USP_USD = 34,
	TED_BEHAVIOR_END_X_PSP_USP_USD = 35,
	TED_BEHAVIOR_END_NEXT_CSID = 43,
	TED_BEHAVIOR_END_NEXT_CSID_PSP = 44,
	TED_BEHAVIOR_END_NEXT_CSID_PSP_USP_USD = 50,
	TED_BEHAVIOR_END_X_NEXT_CSID = 52,
	TED_BEHAVIOR_END_X_NEXT_CSID_PSP_USP_USD = 59,
};

/* One SRv6 SID: End (of a node) or End.X (of a link). */
struct ted_sid {
	uint8_t sid[16];
	uint16_t behavior; /* IANA code point, 0 not known */
	uint8_t flags;
	uint8_t algorithm; /* RFC 8665 / 9350; 0 shortest path first */
	uint8_t weight;
	bool backup; /* End.X: the B flag, never part of a strict path */
	struct ted_sid_structure structure;
};

/* Maximum SID depth (RFC 8491, 8814; SRv6 types of RFC 9352). */
struct ted_msd {
	uint8_t type;
	uint8_t value;
};
enum ted_msd_type {
	TED_MSD_SEGMENTS_LEFT = 41,
	TED_MSD_END_POP = 42,
	TED_MSD_H_ENCAPS = 44,
	TED_MSD_END_D = 45,
};

#define TED_FAD_WORDS 8 /* of one kind in a definition; one with more counts as unsupported */

/* What a flexible algorithm minimises (RFC 9350 section 5.1). */
enum ted_fad_metric { TED_FAD_IGP = 0, TED_FAD_MIN_DELAY = 1, TED_FAD_TE = 2 };

/* Flexible algorithm definition as one node advertises it (RFC 9350 section 5, RFC 9351). */
struct ted_fad {
	uint8_t algorithm; /* 128 to 255 */
	uint8_t metric_type, calculation, priority;
	uint8_t n_exclude_any, n_include_any, n_include_all, n_exclude_srlg;
	uint8_t unsupported; /* it says more than this struct holds: nobody can compute it */
	uint8_t reserved[3];
	uint32_t exclude_any[TED_FAD_WORDS], include_any[TED_FAD_WORDS],
	    include_all[TED_FAD_WORDS]; /* extended admin groups: word 0 holds bits 0-31 */
	uint32_t exclude_srlg[TED_FAD_WORDS];
};

/* SRv6 locator carried by a prefix (RFC 9514 section 5.1). */
struct ted_locator {
	uint8_t flags;
	uint8_t algorithm;
	uint32_t metric;
};

/* Which fields of struct ted_node_attr the source gave. */
enum ted_node_field {
	TED_NODE_NAME = 1u << 0,
	TED_NODE_ROUTER_ID_V4 = 1u << 1,
	TED_NODE_ROUTER_ID_V6 = 1u << 2,
	TED_NODE_OVERLOAD = 1u << 3,
	TED_NODE_AVAILABILITY = 1u << 4,
	TED_NODE_SRLG = 1u << 5,
	TED_NODE_MSD = 1u << 6,
	TED_NODE_SITE = 1u << 7,
	TED_NODE_SERVICES = 1u << 8,
	TED_NODE_SRV6 = 1u << 9, /* SRv6 capabilities were advertised */
	TED_NODE_POSITION = 1u << 10,
	TED_NODE_LABEL = 1u << 11,
	TED_NODE_ADMIN = 1u << 12,
	TED_NODE_ALGORITHMS = 1u << 13,
	TED_NODE_FADS = 1u << 14,
};

struct ted_node_attr {
	uint32_t present; /* enum ted_node_field bits */
	const char *name;
	const char *label; /* what people see on a map, may repeat */
	struct ip_addr router_id_v4, router_id_v6;
	bool overload; /* IS-IS overload bit, OSPF maximum metric: carries no transit */
	bool admin_down; /* by operator */
	uint64_t unavailability_ppt;
	double latitude, longitude;
	const char *site; /* shared risk of the place */
	const uint32_t *srlg;
	size_t n_srlg;
	const struct ted_msd *msd;
	size_t n_msd;
	const char *const *services; /* kinds of service instance found here */
	size_t n_services;
	const uint8_t *algorithms; /* SR algorithms of RFC 8665 that it takes part in */
	size_t n_algorithms;
	const struct ted_fad *fads; /* definitions of flexible algorithms */
	size_t n_fads;
};

/* Which fields of struct ted_link_attr the source gave. */
enum ted_link_field {
	TED_LINK_NAME = 1u << 0,
	TED_LINK_IGP_METRIC = 1u << 1,
	TED_LINK_TE_METRIC = 1u << 2,
	TED_LINK_DELAY = 1u << 3,
	TED_LINK_DELAY_RANGE = 1u << 4,
	TED_LINK_DELAY_VARIATION = 1u << 5,
	TED_LINK_LOSS = 1u << 6,
	TED_LINK_CAPACITY = 1u << 7,
	TED_LINK_RESERVABLE = 1u << 8,
	TED_LINK_UNRESERVED = 1u << 9,
	TED_LINK_ADV_RESIDUAL = 1u << 10,
	TED_LINK_ADV_AVAILABLE = 1u << 11,
	TED_LINK_ADV_UTILISED = 1u << 12,
	TED_LINK_SUBSCRIPTION = 1u << 13,
	TED_LINK_START_RESIDUAL = 1u << 14,
	TED_LINK_AFFINITY = 1u << 15,
	TED_LINK_SRLG = 1u << 16,
	TED_LINK_AVAILABILITY = 1u << 17,
	TED_LINK_SIDS = 1u << 18,
	TED_LINK_MSD = 1u << 19,
	TED_LINK_SLICES = 1u << 20,
	TED_LINK_REVERSE = 1u << 21,
	TED_LINK_ADMIN = 1u << 22,
	TED_LINK_MEASURED = 1u << 23,
	TED_LINK_OPER = 1u << 24,
};

struct ted_link_attr {
	uint32_t present; /* enum ted_link_field bits */
	bool unusable; /* its attributes were discarded (RFC 9552 section 8.2.2): no path may use it
			*/
	bool admin_down; /* by operator */
	bool oper_down; /* TED_LINK_OPER: the source saw it down */
	bool delay_anomalous; /* RFC 8570 A flag */
	const char *name;
	uint32_t igp_metric, te_metric;
	uint32_t delay_us, delay_min_us, delay_max_us, delay_variation_us;
	uint32_t loss_ppb;
	uint64_t capacity_bps;
	uint64_t reservable_bps; /* maximum reservable link bandwidth (TLV 1090) */
	uint64_t unreserved_bps[8]; /* TLV 1091, by priority */
	uint64_t advertised_residual_bps; /* RFC 8571, shown, never booked against */
	uint64_t advertised_available_bps; /* RFC 8571 */
	uint64_t advertised_utilised_bps; /* RFC 8571 */
	uint64_t measured_bps; /* telemetry: what the link carries */
	uint64_t start_residual_bps; /* a file's residual-bps: replaces capacity x subscription */
	uint32_t subscription_ppm; /* share of the capacity that may be booked */
	uint64_t unavailability_ppt;
	const uint32_t *affinity; /* extended admin group (RFC 7308): word 0 holds bits 0-31 */
	size_t n_affinity;
	const uint32_t *srlg;
	size_t n_srlg;
	const struct ted_sid *sids; /* End.X */
	size_t n_sids;
	const struct ted_msd *msd;
	size_t n_msd;
	const char *const *slices; /* network slices or partitions that the link belongs to */
	size_t n_slices;
	const struct ted_link_key *reverse; /* a file's: the other direction of the same fibre */
};

struct ted_prefix_attr {
	uint32_t metric;
	bool has_locator;
	struct ted_locator locator;
};

struct ted_sid_attr {
	uint16_t behavior;
	uint8_t flags;
	uint8_t algorithm;
	struct ted_sid_structure structure;
};

/* Names and risks of numbered things; from files, configuration and operators. */
struct ted_srlg_attr {
	const char *name; /* NULL without one */
	uint64_t unavailability_ppt;
};

enum ted_object {
	TED_OBJECT_NODE,
	TED_OBJECT_LINK,
	TED_OBJECT_PREFIX,
	TED_OBJECT_SID,
	TED_OBJECT_SRLG, /* key: number */
	TED_OBJECT_AFFINITY, /* key: number is the bit; attr: srlg.name is the bit's name */
	TED_OBJECT_SITE, /* key: a number, one a name (see ted_site_number); attr: srlg */
};

/* The number that a source uses as the key of a site, so that all sources mean the same one. Two
 * names of one source may have the same number; then one of them takes the next free one. */
static inline uint32_t
ted_site_number(const char *name)
{
	return (uint32_t)hash_bytes(name, strlen(name), 0);
}

enum ted_op { TED_SET, TED_DELETE };

struct ted_delta {
	enum ted_object object;
	enum ted_op op;
	union {
		struct ted_node_key node;
		struct ted_link_key link;
		struct ted_prefix_key prefix;
		struct ted_sid_key sid;
		uint32_t number;
	} key;
	union { /* not read for TED_DELETE */
		struct ted_node_attr node;
		struct ted_link_attr link;
		struct ted_prefix_attr prefix;
		struct ted_sid_attr sid;
		struct ted_srlg_attr srlg;
	} attr;
};

/* Rank of sources, highest last: an attribute comes from the highest fresh source that gave it. */
enum ted_source_kind {
	TED_SOURCE_FILE,
	TED_SOURCE_BGPLS,
	TED_SOURCE_TELEMETRY,
	TED_SOURCE_OPERATOR,
};

/* One source: its kind, and a number that tells several of a kind apart (a BGP peer, a file). */
struct ted_source {
	enum ted_source_kind kind;
	uint32_t id;
};

/* What can happen to a source as a whole. */
enum ted_source_event {
	TED_SOURCE_UP, /* (re)connected: what it said before counts as stale until it says it again
			*/
	TED_SOURCE_SYNCED, /* End-of-RIB: what it did not repeat since UP is withdrawn */
	TED_SOURCE_LOST, /* disconnected: everything it said is stale, but stands */
	TED_SOURCE_EXPIRED, /* stale for too long: its links are unknown, no new path uses them */
	TED_SOURCE_REMOVED, /* no longer configured: everything it said is withdrawn */
};

#endif
