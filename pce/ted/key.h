/*
 * Canonical keys: every object that sources speak of, as bytes whose memcmp order is the order that
 * all results are made deterministic with, and as text for people and stores.
 *
 * Bytes of a node: protocol, instance, AS, BGP-LS id, area, BGP router id (all in network order),
 * length of the router id, router id. No node key is the beginning of another one, so a link key,
 * which is both node keys, topology and identifiers in a row, sorts by its nodes first.
 */
#ifndef PCE_TED_KEY_H
#define PCE_TED_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pce/base/status.h"
#include "pce/base/text.h"
#include "pce/ted/delta.h"

#define KEY_NODE_MAX (26 + TED_NAME_MAX)
#define KEY_MAX (1 + 2 * KEY_NODE_MAX + 32 + 4 * 17 + TED_NAME_MAX)

/* A key under construction; the first octet is enum ted_object. */
struct key_bytes {
	size_t len;
	uint8_t at[KEY_MAX];
};

/* What a link key says besides its nodes; pointers lead into the key. */
struct key_link_ids {
	uint16_t topology;
	bool has_ids;
	uint32_t local_id, remote_id;
	struct ip_addr v4_local, v4_remote, v6_local, v6_remote;
	const char *name;
	size_t name_len;
};

/* Encodes the key of a delta's object. PCE_INVALID for keys that cannot be. */
enum pce_status key_of_delta(const struct ted_delta *delta, struct key_bytes *out,
			     struct pce_error *err);
/* As key_of_delta for each kind of object. */
enum pce_status key_of_node(const struct ted_node_key *key, struct key_bytes *out,
			    struct pce_error *err);
/* As key_of_delta for a link. */
enum pce_status key_of_link(const struct ted_link_key *key, struct key_bytes *out,
			    struct pce_error *err);

/* Octets of the node key at bytes (without the object octet). */
size_t key_node_len(const uint8_t *bytes);
/* Decodes what link key bytes (with the object octet) say besides the nodes. */
void key_link_ids(const uint8_t *bytes, struct key_link_ids *out);
/* Decodes link key bytes (with the object octet); name is room for the key's name. */
void key_link(const uint8_t *bytes, struct ted_link_key *out, char name[TED_NAME_MAX + 1]);
/* Prefix and OSPF route type of prefix key bytes (with the object octet). */
void key_prefix(const uint8_t *bytes, struct ip_prefix *prefix, uint16_t *topology,
		uint8_t *route_type);
/* The sixteen octets of SID key bytes (with the object octet). */
const uint8_t *key_sid(const uint8_t *bytes);
/* The number of SRLG or affinity key bytes (with the object octet). */
uint32_t key_number(const uint8_t *bytes);

/* True if node key bytes (with the object octet) name a pseudonode (RFC 9552 section 5.2.1.4). */
bool key_is_pseudonode(const uint8_t *bytes);
/* Protocol of node or link key bytes (with the object octet). */
static inline uint8_t
key_protocol(const uint8_t *bytes)
{
	return bytes[1];
}

/* Appends the router id of node key bytes (with the object octet) as people write it. */
void key_print_router_id(const uint8_t *bytes, struct text *out);
/* Appends node or link key bytes (with the object octet) as canonical text; that of a link is
 * LOCAL>REMOTE and what key_print_link_ids appends. */
void key_print(const uint8_t *bytes, struct text *out);
/* Appends what link key bytes (with the object octet) say besides the nodes. */
void key_print_link_ids(const uint8_t *bytes, struct text *out);
/* Reads canonical text back; false if it is none. */
bool key_parse_node(const char *text, struct key_bytes *out);
/* As key_parse_node for a link. */
bool key_parse_link(const char *text, struct key_bytes *out);

#endif
