/*
 * Attribute 29 (RFC 9552 section 5.3), read into the fields that the graph uses.
 *
 * Routers say TE metric, delay and colours once for all (top level) or per application (RFC 9294).
 * Karst computes SR Policies, so for each field the value is, highest first:
 *   3. that of an ASLA TLV whose standard mask has the SR Policy bit;
 *   2. that of an ASLA TLV without masks, which any application may use unless some ASLA TLV of the
 *      link names ours (RFC 9479 section 4.2, RFC 9492 section 5);
 *   1. that of the top level.
 * Among equals the first one stands.
 */
#include <string.h>

#include "southbound/bgp/bgpls.h"
#include "southbound/bgp/tlv.h"

enum rank { RANK_TOP = 1, RANK_ANY_APP = 2, RANK_SR_POLICY = 3 };

#define ASLA_SR_POLICY 0x40 /* RFC 8919, 8920: bit 1 of the standard applications */

/* True if a value of this rank is to be taken; notes it then. */
static bool
take(struct bgpls_attr *attr, enum bgpls_field field, uint8_t rank)
{
	if (attr->rank[field] >= rank)
		return false;
	attr->rank[field] = rank;
	attr->present |= 1u << field;
	return true;
}

static void
take_word(struct bgpls_attr *attr, enum bgpls_field field, uint8_t rank, struct reader value,
	  uint32_t *out)
{
	if (take(attr, field, rank))
		*out = reader_u32(&value);
}

static void
take_slice(struct bgpls_attr *attr, enum bgpls_field field, uint8_t rank, struct reader value,
	   struct reader *out)
{
	if (take(attr, field, rank))
		*out = value;
}

static void
take_igp_metric(struct bgpls_attr *attr, uint8_t rank, struct reader value)
{
	if (!take(attr, BGPLS_F_IGP_METRIC, rank))
		return;
	attr->igp_metric_len = (uint8_t)reader_left(&value);
	attr->igp_metric = (uint32_t)reader_uint(&value, attr->igp_metric_len);
}

static void
take_delay_range(struct bgpls_attr *attr, uint8_t rank, struct reader value)
{
	if (!take(attr, BGPLS_F_DELAY_RANGE, rank))
		return;
	attr->delay_min = reader_u32(&value);
	attr->delay_max = reader_u32(&value);
}

/* Fields that may stand inside an ASLA TLV. False: not one of them. */
static bool
take_te(struct bgpls_attr *a, uint8_t rank, uint16_t type, struct reader v)
{
	switch (type) {
	case BGPLS_TLV_ADMIN_GROUP:
		take_word(a, BGPLS_F_ADMIN_GROUP, rank, v, &a->admin_group);
		return true;
	case BGPLS_TLV_EXT_ADMIN_GROUP:
		take_slice(a, BGPLS_F_EXT_ADMIN_GROUP, rank, v, &a->ext_admin_group);
		return true;
	case BGPLS_TLV_TE_METRIC:
		take_word(a, BGPLS_F_TE_METRIC, rank, v, &a->te_metric);
		return true;
	case BGPLS_TLV_SRLG:
		take_slice(a, BGPLS_F_SRLG, rank, v, &a->srlg);
		return true;
	case BGPLS_TLV_DELAY:
		take_word(a, BGPLS_F_DELAY, rank, v, &a->delay);
		return true;
	case BGPLS_TLV_DELAY_RANGE:
		take_delay_range(a, rank, v);
		return true;
	case BGPLS_TLV_DELAY_VARIATION:
		take_word(a, BGPLS_F_DELAY_VARIATION, rank, v, &a->delay_variation);
		return true;
	case BGPLS_TLV_LOSS:
		take_word(a, BGPLS_F_LOSS, rank, v, &a->loss);
		return true;
	case BGPLS_TLV_RESIDUAL_BW:
		take_word(a, BGPLS_F_RESIDUAL_BW, rank, v, &a->residual_bw);
		return true;
	case BGPLS_TLV_AVAILABLE_BW:
		take_word(a, BGPLS_F_AVAILABLE_BW, rank, v, &a->available_bw);
		return true;
	case BGPLS_TLV_UTILISED_BW:
		take_word(a, BGPLS_F_UTILISED_BW, rank, v, &a->utilised_bw);
		return true;
	default:
		return false;
	}
}

static bool
take_link(struct bgpls_attr *a, uint16_t type, struct reader v)
{
	switch (type) {
	case BGPLS_TLV_MAX_BW:
		take_word(a, BGPLS_F_MAX_BW, RANK_TOP, v, &a->max_bw);
		return true;
	case BGPLS_TLV_RESERVABLE_BW:
		take_word(a, BGPLS_F_RESERVABLE_BW, RANK_TOP, v, &a->reservable_bw);
		return true;
	case BGPLS_TLV_UNRESERVED_BW:
		take_slice(a, BGPLS_F_UNRESERVED_BW, RANK_TOP, v, &a->unreserved_bw);
		return true;
	case BGPLS_TLV_IGP_METRIC:
		take_igp_metric(a, RANK_TOP, v);
		return true;
	case BGPLS_TLV_LINK_NAME:
		take_slice(a, BGPLS_F_LINK_NAME, RANK_TOP, v, &a->link_name);
		return true;
	case BGPLS_TLV_LINK_MSD:
		take_slice(a, BGPLS_F_LINK_MSD, RANK_TOP, v, &a->link_msd);
		return true;
	case BGPLS_TLV_ENDX:
	case BGPLS_TLV_LAN_ENDX_ISIS:
	case BGPLS_TLV_LAN_ENDX_OSPF:
		a->n_endx++;
		return true;
	case BGPLS_TLV_ASLA:
		a->n_asla++;
		return true;
	default:
		return false;
	}
}

static void
take_locator(struct bgpls_attr *a, struct reader v)
{
	if (!take(a, BGPLS_F_LOCATOR, RANK_TOP))
		return;
	a->locator_flags = reader_u8(&v);
	a->locator_algorithm = reader_u8(&v);
	reader_u16(&v);
	a->locator_metric = reader_u32(&v);
}

static void
take_behavior(struct bgpls_attr *a, struct reader v)
{
	if (!take(a, BGPLS_F_BEHAVIOR, RANK_TOP))
		return;
	a->behavior = reader_u16(&v);
	a->behavior_flags = reader_u8(&v);
	a->behavior_algorithm = reader_u8(&v);
}

/* Fields of prefixes and SIDs. */
static bool
take_prefix(struct bgpls_attr *a, uint16_t type, struct reader v)
{
	switch (type) {
	case BGPLS_TLV_PREFIX_METRIC:
		take_word(a, BGPLS_F_PREFIX_METRIC, RANK_TOP, v, &a->prefix_metric);
		return true;
	case BGPLS_TLV_LOCATOR:
		take_locator(a, v);
		return true;
	case BGPLS_TLV_ENDPOINT_BEHAVIOR:
		take_behavior(a, v);
		return true;
	case BGPLS_TLV_SID_STRUCTURE:
		if (take(a, BGPLS_F_STRUCTURE, RANK_TOP))
			memcpy(a->structure, v.at, 4);
		return true;
	default:
		return false;
	}
}

static bool
take_node(struct bgpls_attr *a, uint16_t type, struct reader v)
{
	switch (type) {
	case BGPLS_TLV_NODE_FLAGS:
		if (take(a, BGPLS_F_NODE_FLAGS, RANK_TOP))
			a->node_flags = reader_u8(&v);
		return true;
	case BGPLS_TLV_NODE_NAME:
		take_slice(a, BGPLS_F_NODE_NAME, RANK_TOP, v, &a->node_name);
		return true;
	case BGPLS_TLV_LOCAL_V4:
		if (take(a, BGPLS_F_ROUTER_V4, RANK_TOP))
			a->router_v4 = v.at;
		return true;
	case BGPLS_TLV_LOCAL_V6:
		if (take(a, BGPLS_F_ROUTER_V6, RANK_TOP))
			a->router_v6 = v.at;
		return true;
	case BGPLS_TLV_SR_ALGORITHM:
		take_slice(a, BGPLS_F_ALGORITHMS, RANK_TOP, v, &a->algorithms);
		return true;
	case BGPLS_TLV_FAD:
		a->n_fads++;
		return true;
	case BGPLS_TLV_SRV6_CAPABILITIES:
		if (take(a, BGPLS_F_SRV6_CAPS, RANK_TOP))
			a->srv6_flags = reader_u16(&v);
		return true;
	case BGPLS_TLV_NODE_MSD:
		take_slice(a, BGPLS_F_NODE_MSD, RANK_TOP, v, &a->node_msd);
		return true;
	default:
		return false;
	}
}

/* The registry keeps node, link and prefix attributes in ranges of their own, nearly. */
static bool
take_any(struct bgpls_attr *a, uint16_t type, struct reader v)
{
	if (type < BGPLS_TLV_ADMIN_GROUP && type != BGPLS_TLV_LINK_MSD)
		return take_node(a, type, v);
	if (type < BGPLS_TLV_IGP_FLAGS || type == BGPLS_TLV_EXT_ADMIN_GROUP)
		return take_te(a, RANK_TOP, type, v) || take_link(a, type, v);
	return take_prefix(a, type, v);
}

/* Next ASLA TLV of the attribute: *sr_policy and *any_app tell whom it is for, *subs holds its
 * sub-TLVs. */
static bool
next_asla(struct reader *r, bool *sr_policy, bool *any_app, struct reader *subs)
{
	struct reader value;
	uint16_t type;
	bool bad = false;

	while (bgpls_step_tlv(r, &type, &value, &bad)) {
		unsigned sabm, udabm;
		const uint8_t *mask;

		if (type != BGPLS_TLV_ASLA)
			continue;
		sabm = reader_u8(&value);
		udabm = reader_u8(&value);
		reader_u16(&value);
		mask = reader_bytes(&value, sabm);
		reader_bytes(&value, udabm);
		*sr_policy = sabm > 0 && mask[0] & ASLA_SR_POLICY;
		*any_app = sabm == 0 && udabm == 0;
		*subs = value;
		return true;
	}
	return false;
}

static void
take_asla(struct bgpls_attr *attr)
{
	struct reader r = attr->all, subs;
	bool ours, any, named = false;

	while (next_asla(&r, &ours, &any, &subs))
		named = named || ours;
	r = attr->all;
	while (next_asla(&r, &ours, &any, &subs)) {
		uint8_t rank = ours ? RANK_SR_POLICY : RANK_ANY_APP;
		struct reader value;
		uint16_t type;
		bool bad = false;

		if (!ours && (!any || named))
			continue;
		while (bgpls_step_tlv(&subs, &type, &value, &bad))
			take_te(attr, rank, type, value);
	}
}

/* True if the TLVs add up; an error of framing is the only one that is told. */
static bool
framed(struct reader r, struct bgpls_faults *faults)
{
	struct reader value;
	uint16_t type;
	bool bad = false;

	while (bgpls_next_tlv(&r, &type, &value, &bad, "BGP-LS attribute", faults))
		;
	return !bad;
}

bool
bgpls_read_attr(struct reader value, struct bgpls_attr *out, struct bgpls_faults *faults)
{
	struct reader r = value, v;
	bool bad = false, ok = true;
	uint16_t type;

	memset(out, 0, sizeof(*out));
	out->all = value;
	if (faults && !framed(value, faults))
		return false;
	while (bgpls_step_tlv(&r, &type, &v, &bad)) {
		if (!bgpls_check_tlv(type, v, 0, faults)) {
			ok = false;
			if (!faults)
				return false;
			continue;
		}
		if (!take_any(out, type, v) && !bgpls_known_tlv(type))
			out->unknown++;
	}
	if (ok && !bad && out->n_asla > 0)
		take_asla(out);
	return ok && !bad;
}

static bool
read_endx(uint16_t type, struct reader v, struct bgpls_endx *out)
{
	size_t neighbor = type == BGPLS_TLV_LAN_ENDX_ISIS   ? 6
			  : type == BGPLS_TLV_LAN_ENDX_OSPF ? 4
							    : 0;
	struct reader sub;
	uint16_t sub_type;
	bool bad = false;

	*out = (struct bgpls_endx){ .type = type };
	out->behavior = reader_u16(&v);
	out->flags = reader_u8(&v);
	out->algorithm = reader_u8(&v);
	out->weight = reader_u8(&v);
	reader_u8(&v);
	if (neighbor)
		out->neighbor = reader_bytes(&v, neighbor);
	out->sid = reader_bytes(&v, 16);
	while (bgpls_step_tlv(&v, &sub_type, &sub, &bad)) {
		if (sub_type != BGPLS_TLV_SID_STRUCTURE || reader_left(&sub) != 4 ||
		    out->has_structure)
			continue;
		memcpy(out->structure, sub.at, 4);
		out->has_structure = true;
	}
	return reader_ok(&v);
}

bool
bgpls_next_endx(struct reader *r, struct bgpls_endx *out)
{
	struct reader value;
	uint16_t type;
	bool bad = false;

	while (bgpls_step_tlv(r, &type, &value, &bad))
		if (type >= BGPLS_TLV_ENDX && type <= BGPLS_TLV_LAN_ENDX_OSPF)
			return read_endx(type, value, out);
	return false;
}

/* The words of one sub-TLV; more than the struct holds, or twice the same kind, and it is lost. */
static void
take_fad_words(struct ted_fad *fad, struct reader v, uint32_t words[TED_FAD_WORDS], uint8_t *n)
{
	size_t count = reader_left(&v) / 4;

	if (*n || count > TED_FAD_WORDS) {
		fad->unsupported = 1;
		return;
	}
	for (*n = 0; *n < count; ++*n)
		words[*n] = reader_u32(&v);
}

static void
take_fad_sub(struct ted_fad *fad, uint16_t type, struct reader v)
{
	switch (type) {
	case BGPLS_TLV_FAD_EXCLUDE_ANY:
		take_fad_words(fad, v, fad->exclude_any, &fad->n_exclude_any);
		break;
	case BGPLS_TLV_FAD_INCLUDE_ANY:
		take_fad_words(fad, v, fad->include_any, &fad->n_include_any);
		break;
	case BGPLS_TLV_FAD_INCLUDE_ALL:
		take_fad_words(fad, v, fad->include_all, &fad->n_include_all);
		break;
	case BGPLS_TLV_FAD_EXCLUDE_SRLG:
		take_fad_words(fad, v, fad->exclude_srlg, &fad->n_exclude_srlg);
		break;
	case BGPLS_TLV_FAD_FLAGS: /* M: how metrics of other areas' prefixes count; none here */
		break;
	default: /* 1046: the IGP had a sub-TLV that BGP-LS does not know */
		fad->unsupported = 1;
		break;
	}
}

bool
bgpls_next_fad(struct reader *r, struct ted_fad *out)
{
	struct reader value, sub;
	uint16_t type;
	bool bad = false;

	while (bgpls_step_tlv(r, &type, &value, &bad)) {
		if (type != BGPLS_TLV_FAD)
			continue;
		*out = (struct ted_fad){ .algorithm = reader_u8(&value) };
		out->metric_type = reader_u8(&value);
		out->calculation = reader_u8(&value);
		out->priority = reader_u8(&value);
		while (bgpls_step_tlv(&value, &type, &sub, &bad))
			take_fad_sub(out, type, sub);
		return true;
	}
	return false;
}
