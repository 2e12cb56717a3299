/*
 * NLRIs, descriptors and UPDATEs as JSON. Facts come first as they were read, also from what is
 * then judged malformed; the verdict and its reasons come with them.
 */
#include "southbound/bgp/json.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "southbound/bgp/json_internal.h"
#include "southbound/bgp/tlv.h"
#include "southbound/bgp/update.h"

/* The verdict of the RFCs on the whole, the worst one wins. */
enum rfc {
	RFC_ACCEPT,
	RFC_ATTRIBUTE_DISCARD,
	RFC_NLRI_DISCARD,
	RFC_WITHDRAW,
	RFC_FRAMING,
	RFC_MALFORMED, /* a descriptor alone */
};

struct outcome {
	enum rfc rfc;
	bool refused; /* something that the RFC discards is discarded by Karst too */
	bool tolerated;
	struct bgpls_faults why;
};

void
json_comma(struct text *t)
{
	if (t->len > 0 && !strchr("[{ ", t->at[t->len - 1]))
		text_add(t, ", ");
}

void
json_key(struct text *t, const char *key)
{
	json_comma(t);
	text_printf(t, "\"%s\": ", key);
}

void
json_uint(struct text *t, const char *key, uint64_t value)
{
	json_key(t, key);
	text_printf(t, "%llu", (unsigned long long)value);
}

void
json_bool(struct text *t, const char *key, bool value)
{
	json_key(t, key);
	text_add(t, value ? "true" : "false");
}

void
json_string(struct text *t, const char *key, const char *value)
{
	json_key(t, key);
	text_json_string(t, value, strlen(value));
}

void
json_hex(struct text *t, struct reader octets)
{
	text_add(t, "\"");
	text_hex(t, octets.at, reader_left(&octets));
	text_add(t, "\"");
}

void
json_addr(struct text *t, const uint8_t *octets, size_t len)
{
	struct ip_addr addr = len == 4 ? ip_v4(octets) : ip_v6(octets);
	char word[IP_TEXT];

	text_printf(t, "\"%s\"", ip_print(&addr, word));
}

void
json_router_id(struct text *t, const uint8_t *id, size_t len)
{
	if (len == 4)
		text_printf(t, "\"%u.%u.%u.%u\"", id[0], id[1], id[2], id[3]);
	else if (len == 8)
		text_printf(t, "\"%u.%u.%u.%u:%u.%u.%u.%u\"", id[0], id[1], id[2], id[3], id[4],
			    id[5], id[6], id[7]);
	else
		text_printf(t, "\"%02x%02x.%02x%02x.%02x%02x", id[0], id[1], id[2], id[3], id[4],
			    id[5]);
	if (len == 7)
		text_printf(t, ".%02x", id[6]);
	if (len == 6 || len == 7)
		text_add(t, "\"");
}

void
json_faults(struct text *t, const char *key, const struct bgpls_faults *faults, const char *skip)
{
	bool any = false;

	for (unsigned i = 0; i < faults->count; i++) {
		if (skip && strncmp(faults->text[i], skip, strlen(skip)) == 0)
			continue;
		if (!any) {
			json_key(t, key);
			text_add(t, "[");
		}
		any = true;
		json_comma(t);
		text_json_string(t, faults->text[i], strlen(faults->text[i]));
	}
	if (any)
		text_add(t, "]");
}

static void
note(struct outcome *outcome, enum rfc rfc, const struct bgpls_faults *faults)
{
	if (rfc > outcome->rfc)
		outcome->rfc = rfc;
	for (unsigned i = 0; i < faults->count; i++)
		bgpls_fault(&outcome->why, "%s", faults->text[i]);
}

void
json_unknown(struct text *t, struct reader r, bool (*known)(uint16_t type))
{
	struct reader value;
	uint16_t type;
	bool bad = false, any = false;

	while (bgpls_next_tlv(&r, &type, &value, &bad, "", NULL)) {
		if (known(type))
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

static bool
known_node_tlv(uint16_t type)
{
	return type >= BGPLS_TLV_AS && type <= BGPLS_TLV_MEMBER;
}

static bool
known_descriptor(uint16_t type)
{
	return (type >= BGPLS_TLV_LOCAL_NODE && type <= BGPLS_TLV_REACHABILITY) ||
	       type == BGPLS_TLV_SRV6_SID;
}

static void
node_fields(struct text *t, const struct bgpls_node *node)
{
	if (node->has & BGPLS_HAS_ASN)
		json_uint(t, "asn", node->asn);
	if (node->has & BGPLS_HAS_BGPLS_ID)
		json_uint(t, "bgpls_id", node->bgpls_id);
	if (node->has & BGPLS_HAS_AREA)
		json_uint(t, "ospf_area", node->area);
	if (node->has & BGPLS_HAS_ROUTER_ID) {
		json_key(t, "igp_router_id");
		json_router_id(t, node->router_id, node->router_id_len);
		json_key(t, "igp_router_id_hex");
		json_hex(t, reader_over(node->router_id, node->router_id_len));
		if (node->router_id_len == 7)
			json_uint(t, "psn", node->router_id[6]);
	}
	if (node->has & BGPLS_HAS_BGP_ROUTER_ID) {
		const uint32_t id = node->bgp_router_id;

		json_key(t, "bgp_router_id");
		text_printf(t, "\"%u.%u.%u.%u\"", id >> 24, id >> 16 & 255, id >> 8 & 255,
			    id & 255);
	}
	if (node->has & BGPLS_HAS_MEMBER)
		json_uint(t, "member_asn", node->member_asn);
	json_unknown(t, node->raw, known_node_tlv);
}

static void
print_node(struct text *t, const char *key, const struct bgpls_node *node)
{
	if (!node->present)
		return;
	json_key(t, key);
	text_add(t, "{");
	node_fields(t, node);
	text_add(t, "}");
}

/* "key": [address of every TLV of this type]. */
static void
print_addrs(struct text *t, const char *key, struct reader r, uint16_t want)
{
	struct reader value;
	uint16_t type;
	bool bad = false, any = false;

	while (bgpls_next_tlv(&r, &type, &value, &bad, "", NULL)) {
		if (type != want)
			continue;
		if (!any) {
			json_key(t, key);
			text_add(t, "[");
		}
		any = true;
		json_comma(t);
		json_addr(t, value.at, reader_left(&value));
	}
	if (any)
		text_add(t, "]");
}

static void
print_link(struct text *t, const struct bgpls_nlri *nlri)
{
	const struct bgpls_link_desc *link = &nlri->link;

	if (!link->has_ids && !link->v4_if && !link->v4_nbr && !link->v6_if && !link->v6_nbr)
		return;
	json_key(t, "link");
	text_add(t, "{");
	if (link->has_ids) {
		json_uint(t, "local_id", link->local_id);
		json_uint(t, "remote_id", link->remote_id);
	}
	print_addrs(t, "ipv4_if", nlri->tlvs, BGPLS_TLV_V4_INTERFACE);
	print_addrs(t, "ipv4_nbr", nlri->tlvs, BGPLS_TLV_V4_NEIGHBOR);
	print_addrs(t, "ipv6_if", nlri->tlvs, BGPLS_TLV_V6_INTERFACE);
	print_addrs(t, "ipv6_nbr", nlri->tlvs, BGPLS_TLV_V6_NEIGHBOR);
	text_add(t, "}");
}

static const char *
route_type_name(uint8_t type)
{
	static const char *const names[] = { "unknown", "intra-area", "inter-area", "ext1",
					     "ext2",    "nssa1",      "nssa2" };

	return type < sizeof(names) / sizeof(names[0]) ? names[type] : names[0];
}

static void
print_mt_ids(struct text *t, struct reader mt)
{
	if (!mt.at)
		return;
	json_key(t, "mt_ids");
	text_add(t, "[");
	while (reader_left(&mt) > 0) {
		json_comma(t);
		text_printf(t, "%u", reader_u16(&mt) & 0xfffu);
	}
	text_add(t, "]");
}

static void
descriptor_fields(struct text *t, const struct bgpls_nlri *nlri)
{
	print_mt_ids(t, nlri->mt);
	print_link(t, nlri);
	if (nlri->has_prefix) {
		char word[IP_TEXT];

		json_string(t, "prefix", ip_print_prefix(&nlri->prefix, word));
	}
	if (nlri->ospf_route_type) {
		json_uint(t, "ospf_route_type", nlri->ospf_route_type);
		json_string(t, "ospf_route_type_name", route_type_name(nlri->ospf_route_type));
	}
	print_addrs(t, "srv6_sid", nlri->tlvs, BGPLS_TLV_SRV6_SID);
	json_unknown(t, nlri->tlvs, known_descriptor);
}

/* RFC 4364 section 4.2. */
static void
print_rd(struct text *t, const uint8_t rd[8])
{
	struct reader r = reader_over(rd, 8);
	unsigned type = reader_u16(&r);

	json_key(t, "rd");
	if (type == 0) {
		unsigned asn = reader_u16(&r);

		text_printf(t, "\"%u:%u\"", asn, reader_u32(&r));
	} else if (type == 1) {
		text_printf(t, "\"%u.%u.%u.%u:%u\"", rd[2], rd[3], rd[4], rd[5],
			    rd[6] * 256u + rd[7]);
	} else if (type == 2) {
		unsigned asn = reader_u32(&r);

		text_printf(t, "\"%u:%u\"", asn, reader_u16(&r));
	} else {
		json_hex(t, reader_over(rd, 8));
	}
}

static void
nlri_fields(struct text *t, const struct bgpls_nlri *nlri)
{
	static const char *const types[] = { "unknown",   "node",      "link",    "prefix-v4",
					     "prefix-v6", "sr-policy", "srv6-sid" };

	json_uint(t, "nlri_type", nlri->type);
	if (nlri->verdict == BGPLS_UNKNOWN) {
		json_string(t, "type", "unknown");
		json_key(t, "opaque");
		json_hex(t, nlri->value);
	} else {
		json_string(t, "type", types[nlri->type]);
	}
	if (nlri->has_rd)
		print_rd(t, nlri->rd);
	if (nlri->parsed) {
		json_uint(t, "protocol_id", nlri->protocol);
		json_string(t, "protocol", bgpls_protocol_name(nlri->protocol));
		json_uint(t, "identifier", nlri->identifier);
		print_node(t, "local", &nlri->local);
		print_node(t, "remote", &nlri->remote);
		descriptor_fields(t, nlri);
	}
	if (nlri->has_path_id)
		json_uint(t, "path_id", nlri->path_id);
}

static void
judge_nlri(struct text *t, const struct bgpls_nlri *nlri, const struct bgpls_faults *faults,
	   struct outcome *outcome)
{
	json_faults(t, "violations", faults, NULL);
	if (nlri->verdict == BGPLS_TOLERATED) {
		json_bool(t, "accepted", true);
		outcome->tolerated = true;
	}
	outcome->refused = outcome->refused || nlri->verdict == BGPLS_DISCARD;
	if (nlri->verdict == BGPLS_TOLERATED || nlri->verdict == BGPLS_DISCARD)
		note(outcome, RFC_NLRI_DISCARD, faults);
}

/* "key": [all NLRIs]; nothing if framing is lost. */
static void
print_nlris(struct text *t, const char *key, struct reader r, struct bgpls_nlri_form form,
	    struct outcome *outcome)
{
	struct text list = { 0 };
	struct bgpls_nlri nlri;
	bool bad = false;

	text_add(&list, "[");
	for (;;) {
		struct bgpls_faults faults = { 0 };

		if (!bgpls_next_nlri(&r, form, &nlri, &bad, &faults)) {
			if (bad)
				note(outcome, RFC_FRAMING, &faults);
			break;
		}
		json_comma(&list);
		text_add(&list, "{");
		nlri_fields(&list, &nlri);
		judge_nlri(&list, &nlri, &faults, outcome);
		text_add(&list, "}");
	}
	text_add(&list, "]");
	json_key(t, key);
	text_add(t, text_get(&list));
	if (!text_ok(&list))
		t->bad = true;
	text_free(&list);
}

/* True if the octets are NLRIs of known types in this form, each led by a node descriptor. */
static bool
reads_as(struct reader r, struct bgpls_nlri_form form)
{
	struct bgpls_nlri nlri;
	bool bad = false, any = false;

	while (bgpls_next_nlri(&r, form, &nlri, &bad, NULL)) {
		any = true;
		if (!nlri.parsed || !nlri.local.present || nlri.protocol == 0)
			return false;
	}
	return any && !bad;
}

/*
 * Which form octets without context have: the plain one unless they read as NLRIs only with path
 * identifiers or route distinguishers. Protocol-ID 0 is reserved, so a plain value never starts as
 * a route distinguisher does.
 */
static struct bgpls_nlri_form
guess_form(struct reader r)
{
	static const struct bgpls_nlri_form forms[] = {
		{ false, false },
		{ true, false },
		{ false, true },
		{ true, true },
	};

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		if (reads_as(r, forms[i]))
			return forms[i];
	return forms[0];
}

static void
print_attr(struct text *t, struct reader value, struct outcome *outcome)
{
	struct bgpls_faults faults = { 0 };
	struct bgpls_attr attr;
	bool ok = bgpls_read_attr(value, &attr, &faults);

	json_key(t, "attr");
	text_add(t, "{");
	json_attr_fields(t, value, 0);
	json_faults(t, "violations", &faults, "BGP-LS attribute:");
	text_add(t, "}");
	if (!ok) {
		outcome->refused = true;
		note(outcome, RFC_ATTRIBUTE_DISCARD, &faults);
	}
}

static void
print_next_hop(struct text *t, struct reader hop)
{
	size_t len = reader_left(&hop);

	/* A VPN next hop leads with a route distinguisher of 0; the global address comes first. */
	if (len == 12 || len == 24 || len == 48)
		reader_bytes(&hop, 8);
	json_key(t, "next_hop");
	if (len == 4 || len == 12)
		json_addr(t, hop.at, 4);
	else if (reader_left(&hop) >= 16)
		json_addr(t, hop.at, 16);
	else
		json_hex(t, hop);
}

static void
print_path_attrs(struct text *t, const struct bgp_update *u)
{
	struct reader clusters = u->cluster_list;

	if (u->has_origin)
		json_uint(t, "origin", u->origin);
	if (reader_left(&u->as_path) > 0) {
		json_key(t, "as_path_hex");
		json_hex(t, u->as_path);
	}
	if (u->has_med)
		json_uint(t, "med", u->med);
	if (u->has_local_pref)
		json_uint(t, "local_pref", u->local_pref);
	if (u->has_originator) {
		json_key(t, "originator_id");
		json_addr(t, u->originator, 4);
	}
	if (reader_left(&clusters) > 0) {
		json_key(t, "cluster_list");
		text_add(t, "[");
		while (reader_left(&clusters) > 0) {
			json_comma(t);
			json_addr(t, reader_bytes(&clusters, 4), 4);
		}
		text_add(t, "]");
	}
	if (u->n_other > 0) {
		json_key(t, "other_attrs");
		text_add(t, "[");
		for (unsigned i = 0; i < u->n_other; i++)
			text_printf(t, "%s%u", i ? ", " : "", u->other[i]);
		text_add(t, "]");
	}
}

static void
print_mp(struct text *t, const struct bgp_update *u, struct outcome *outcome)
{
	const struct bgp_mp *mp = u->reach.present ? &u->reach : &u->unreach;

	if (mp->present) {
		json_uint(t, "afi", mp->afi);
		json_uint(t, "safi", mp->safi);
	}
	if (u->reach.present) {
		print_next_hop(t, u->reach.next_hop);
		if (bgp_mp_is_ls(&u->reach))
			print_nlris(
			    t, "nlri", u->reach.nlri,
			    (struct bgpls_nlri_form){ .vpn = u->reach.safi == BGP_SAFI_LS_VPN },
			    outcome);
	}
	if (bgp_mp_is_ls(&u->unreach))
		print_nlris(t, "withdrawn", u->unreach.nlri,
			    (struct bgpls_nlri_form){ .vpn = u->unreach.safi == BGP_SAFI_LS_VPN },
			    outcome);
	if (bgp_update_is_end_of_rib(u))
		json_bool(t, "end_of_rib", true);
}

/* Checks the header; the body is left in r. */
static bool
read_header(struct reader *r, uint8_t *type, struct bgpls_faults *faults)
{
	size_t len = reader_left(r), said;

	if (len < BGP_HEADER)
		return bgpls_fault(faults, "message of %zu octets, want >= 19", len);
	for (unsigned i = 0; i < 16; i++)
		if (reader_u8(r) != 0xff)
			return bgpls_fault(faults, "marker is not all ones");
	said = reader_u16(r);
	*type = reader_u8(r);
	if (said != len)
		return bgpls_fault(faults, "message length %zu, but %zu octets", said, len);
	return true;
}

static void
print_update(struct text *t, struct reader r, struct outcome *outcome)
{
	static const char *const names[] = { "unknown",      "open",      "update",
					     "notification", "keepalive", "route-refresh" };
	struct bgpls_faults faults = { 0 };
	struct bgp_update u;
	uint8_t type = 0;

	if (!read_header(&r, &type, &faults)) {
		note(outcome, RFC_FRAMING, &faults);
		return;
	}
	json_string(t, "message", names[type < 6 ? type : 0]);
	if (type != 2)
		return;
	if (!bgp_read_update(r, &u, &faults)) {
		note(outcome, RFC_FRAMING, &faults);
		return;
	}
	if (u.withdraw)
		note(outcome, RFC_WITHDRAW, &faults);
	print_mp(t, &u, outcome);
	print_path_attrs(t, &u);
	if (u.has_ls) {
		print_attr(t, u.ls, outcome);
		json_uint(t, "attr_flags", u.ls_flags);
	}
}

/* The NLRI type that a lone descriptor belongs to. */
static uint16_t
descriptor_home(uint16_t type, struct reader value)
{
	if (type == BGPLS_TLV_OSPF_ROUTE_TYPE)
		return BGPLS_PREFIX_V4;
	if (type == BGPLS_TLV_REACHABILITY)
		return reader_u8(&value) > 32 ? BGPLS_PREFIX_V6 : BGPLS_PREFIX_V4;
	if (type == BGPLS_TLV_SRV6_SID)
		return BGPLS_SRV6_SID;
	return BGPLS_LINK;
}

/* Where a fault in the framing of lone descriptors that start with type is said to be. */
static void
descriptor_where(struct reader r, char where[24])
{
	struct reader peek = r;
	uint16_t type = reader_u16(&peek);

	reader_u16(&peek);
	if (type < BGPLS_TLV_LINK_IDS || !known_descriptor(type))
		snprintf(where, 24, "desc");
	else
		snprintf(where, 24, "NLRI type %u", descriptor_home(type, peek));
}

static void
print_descriptors(struct text *t, struct reader all, struct outcome *outcome)
{
	struct bgpls_nlri nlri = { .tlvs = all };
	struct bgpls_faults faults = { 0 };
	struct bgpls_node bare = { 0 };
	struct reader r = all, value;
	bool bad = false, ordered = true, ok = true, lone = false;
	char where[24];
	uint16_t type;

	descriptor_where(all, where);
	while (bgpls_next_tlv(&r, &type, &value, &bad, where, &faults))
		lone = lone || known_node_tlv(type);
	ok = !bad;
	r = all;
	if (ok && lone)
		ok = bgpls_read_node(all, &bare, &ordered, &faults);
	while (ok && !lone && bgpls_next_tlv(&r, &type, &value, &bad, where, &faults)) {
		nlri.type = descriptor_home(type, value);
		ok = bgpls_read_descriptor(type, value, &nlri, &ordered, &faults);
	}
	if (!ok || !ordered || reader_left(&all) == 0) {
		if (reader_left(&all) == 0)
			bgpls_fault(&faults, "desc: no TLV");
		outcome->refused = true;
		note(outcome, RFC_MALFORMED, &faults);
		return;
	}
	print_node(t, "node", lone ? &bare : nlri.local.present ? &nlri.local : &nlri.remote);
	if (!lone)
		descriptor_fields(t, &nlri);
}

static void
print_outcome(struct text *t, const struct outcome *outcome)
{
	static const char *const words[] = { "accept",        "attribute-discard",
					     "nlri-discard",  "treat-as-withdraw",
					     "framing-error", "malformed" };

	json_string(t, "rfc", words[outcome->rfc]);
	if (outcome->tolerated && !outcome->refused && outcome->rfc == RFC_NLRI_DISCARD)
		json_bool(t, "accepted", true);
	json_faults(t, "why", &outcome->why, NULL);
}

enum pce_status
bgpls_parse_kind(const char *word, enum bgpls_kind *out, struct pce_error *err)
{
	static const char *const words[] = { "update", "nlri", "attr", "desc" };

	for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(word, words[i]) == 0) {
			*out = (enum bgpls_kind)i;
			return PCE_OK;
		}
	return pce_fail(err, PCE_INVALID, "%s is no kind: it is update, nlri, attr or desc", word);
}

void
bgpls_json(enum bgpls_kind kind, struct reader octets, struct text *out)
{
	struct outcome outcome = { 0 };

	text_add(out, "{");
	switch (kind) {
	case BGPLS_KIND_UPDATE:
		print_update(out, octets, &outcome);
		break;
	case BGPLS_KIND_NLRI:
		print_nlris(out, "nlri", octets, guess_form(octets), &outcome);
		break;
	case BGPLS_KIND_ATTR:
		print_attr(out, octets, &outcome);
		break;
	case BGPLS_KIND_DESC:
		print_descriptors(out, octets, &outcome);
		break;
	}
	print_outcome(out, &outcome);
	text_add(out, "}");
}

/* Octets from hex digits into out (len / 2 octets at most); NULL, or what is wrong with them. */
static const char *
read_hex(const char *hex, size_t len, uint8_t *out, size_t *n_out)
{
	size_t digits = 0;

	for (size_t i = 0; i < len; i++) {
		int digit = text_hex_digit(hex[i]);

		if (isspace((unsigned char)hex[i]))
			continue;
		if (digit == 0 && digits == 0 && i + 1 < len && (hex[i + 1] | 32) == 'x') {
			i++;
			continue;
		}
		if (digit < 0)
			return "the line has a character that is no hex digit";
		if (digits % 2)
			out[digits / 2] = (uint8_t)(out[digits / 2] << 4 | digit);
		else
			out[digits / 2] = (uint8_t)digit;
		digits++;
	}
	*n_out = digits / 2;
	return digits % 2 ? "the line has an odd number of hex digits" : NULL;
}

void
bgpls_json_line(enum bgpls_kind kind, const char *hex, size_t len, struct text *out)
{
	uint8_t *octets = malloc(len / 2 + 1);
	const char *wrong;
	size_t n = 0;

	if (!octets) {
		out->bad = true;
		return;
	}
	wrong = read_hex(hex, len, octets, &n);
	if (wrong) {
		text_add(out, "{");
		json_string(out, "error", wrong);
		text_add(out, "}");
	} else {
		bgpls_json(kind, reader_over(octets, n), out);
	}
	free(octets);
}
