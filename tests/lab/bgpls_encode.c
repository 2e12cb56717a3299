/* Writer of BGP-LS. TLVs are in ascending order, as RFC 9552 section 5.1 demands. */
#include "tests/lab/bgpls_encode.h"

#include <string.h>

#include "southbound/bgp/bgpls.h"
#include "southbound/bgp/tlv.h"

struct writer {
	uint8_t *at, *end;
	bool full;
};

static void
put_bytes(struct writer *w, const void *bytes, size_t len)
{
	if (w->full || (size_t)(w->end - w->at) < len) {
		w->full = true;
		return;
	}
	if (len > 0)
		memcpy(w->at, bytes, len);
	w->at += len;
}

static void
put(struct writer *w, uint64_t value, unsigned octets)
{
	uint8_t bytes[8];

	for (unsigned i = 0; i < octets; i++)
		bytes[i] = (uint8_t)(value >> 8 * (octets - 1 - i));
	put_bytes(w, bytes, octets);
}

/* Begins a TLV; end_tlv writes its length. */
static uint8_t *
begin_tlv(struct writer *w, unsigned type)
{
	put(w, type, 2);
	put(w, 0, 2);
	return w->at;
}

static void
end_tlv(struct writer *w, uint8_t *value)
{
	size_t len = (size_t)(w->at - value);

	if (w->full)
		return;
	if (len > UINT16_MAX) {
		w->full = true;
		return;
	}
	value[-2] = (uint8_t)(len >> 8);
	value[-1] = (uint8_t)len;
}

static void
put_tlv(struct writer *w, unsigned type, const void *bytes, size_t len)
{
	put(w, type, 2);
	put(w, len, 2);
	put_bytes(w, bytes, len);
}

static void
put_number(struct writer *w, unsigned type, uint64_t value, unsigned octets)
{
	put(w, type, 2);
	put(w, octets, 2);
	put(w, value, octets);
}

/* Bits per second as IEEE 754 single of octets per second. */
static uint32_t
bandwidth_bits(uint64_t bps)
{
	float octets = (float)((double)bps / 8);
	uint32_t bits;

	memcpy(&bits, &octets, sizeof(bits));
	return bits;
}

static void
put_node(struct writer *w, unsigned type, const struct ted_node_key *key)
{
	uint8_t *value = begin_tlv(w, type);

	if (key->asn)
		put_number(w, BGPLS_TLV_AS, key->asn, 4);
	if (key->bgpls_id)
		put_number(w, BGPLS_TLV_BGPLS_ID, key->bgpls_id, 4);
	if (key->area)
		put_number(w, BGPLS_TLV_AREA, key->area, 4);
	if (key->router_id_len)
		put_tlv(w, BGPLS_TLV_ROUTER_ID, key->router_id, key->router_id_len);
	if (key->bgp_router_id)
		put_number(w, BGPLS_TLV_BGP_ROUTER_ID, key->bgp_router_id, 4);
	end_tlv(w, value);
}

static void
put_addr(struct writer *w, unsigned type, const struct ip_addr *addr)
{
	if (addr->family != IP_NONE)
		put_tlv(w, type, addr->octets, addr->family == IP_V4 ? 4 : 16);
}

static void
put_mt(struct writer *w, uint16_t topology)
{
	if (topology)
		put_number(w, BGPLS_TLV_MT, topology, 2);
}

static void
put_link(struct writer *w, const struct ted_link_key *key)
{
	put_node(w, BGPLS_TLV_LOCAL_NODE, &key->local);
	put_node(w, BGPLS_TLV_REMOTE_NODE, &key->remote);
	if (key->has_ids)
		put_number(w, BGPLS_TLV_LINK_IDS, (uint64_t)key->local_id << 32 | key->remote_id,
			   8);
	put_addr(w, BGPLS_TLV_V4_INTERFACE, &key->v4_local);
	put_addr(w, BGPLS_TLV_V4_NEIGHBOR, &key->v4_remote);
	put_addr(w, BGPLS_TLV_V6_INTERFACE, &key->v6_local);
	put_addr(w, BGPLS_TLV_V6_NEIGHBOR, &key->v6_remote);
	put_mt(w, key->topology);
}

static void
put_prefix(struct writer *w, const struct ted_prefix_key *key)
{
	uint8_t *value;

	put_node(w, BGPLS_TLV_LOCAL_NODE, &key->node);
	put_mt(w, key->topology);
	if (key->ospf_route_type)
		put_number(w, BGPLS_TLV_OSPF_ROUTE_TYPE, key->ospf_route_type, 1);
	value = begin_tlv(w, BGPLS_TLV_REACHABILITY);
	put(w, key->prefix.len, 1);
	put_bytes(w, key->prefix.addr.octets, (key->prefix.len + 7u) / 8);
	end_tlv(w, value);
}

static void
put_sid(struct writer *w, const struct ted_sid_key *key, bool mt_last)
{
	put_node(w, BGPLS_TLV_LOCAL_NODE, &key->node);
	if (!mt_last)
		put_mt(w, key->topology);
	put_tlv(w, BGPLS_TLV_SRV6_SID, key->sid, 16);
	if (mt_last)
		put_mt(w, key->topology);
}

static const struct ted_node_key *
node_of(const struct ted_delta *d)
{
	switch (d->object) {
	case TED_OBJECT_NODE:
		return &d->key.node;
	case TED_OBJECT_LINK:
		return &d->key.link.local;
	case TED_OBJECT_PREFIX:
		return &d->key.prefix.node;
	default:
		return &d->key.sid.node;
	}
}

static unsigned
nlri_type(const struct ted_delta *d)
{
	switch (d->object) {
	case TED_OBJECT_NODE:
		return BGPLS_NODE;
	case TED_OBJECT_LINK:
		return BGPLS_LINK;
	case TED_OBJECT_PREFIX:
		return d->key.prefix.prefix.addr.family == IP_V4 ? BGPLS_PREFIX_V4
								 : BGPLS_PREFIX_V6;
	default:
		return BGPLS_SRV6_SID;
	}
}

size_t
lab_encode_nlri(const struct ted_delta *d, const struct lab_encoding *how, uint8_t *out, size_t cap)
{
	struct writer w = { out, out + cap, false };
	uint8_t *value;

	if (d->object > TED_OBJECT_SID)
		return 0;
	value = begin_tlv(&w, nlri_type(d));
	put(&w, node_of(d)->protocol, 1);
	put(&w, node_of(d)->instance, 8);
	if (d->object == TED_OBJECT_NODE)
		put_node(&w, BGPLS_TLV_LOCAL_NODE, &d->key.node);
	else if (d->object == TED_OBJECT_LINK)
		put_link(&w, &d->key.link);
	else if (d->object == TED_OBJECT_PREFIX)
		put_prefix(&w, &d->key.prefix);
	else
		put_sid(&w, &d->key.sid, how->mt_last);
	end_tlv(&w, value);
	return w.full ? 0 : (size_t)(w.at - out);
}

static void
put_msds(struct writer *w, unsigned type, const struct ted_msd *msd, size_t n)
{
	uint8_t *value = begin_tlv(w, type);

	for (size_t i = 0; i < n; i++) {
		put(w, msd[i].type, 1);
		put(w, msd[i].value, 1);
	}
	end_tlv(w, value);
}

static void put_word_list(struct writer *w, unsigned type, const uint32_t *words, size_t n);

static void
put_fad(struct writer *w, const struct ted_fad *f)
{
	const uint8_t head[4] = { f->algorithm, f->metric_type, f->calculation, f->priority };
	uint8_t *value = begin_tlv(w, BGPLS_TLV_FAD);

	put_bytes(w, head, 4);
	if (f->n_exclude_any)
		put_word_list(w, BGPLS_TLV_FAD_EXCLUDE_ANY, f->exclude_any, f->n_exclude_any);
	if (f->n_include_any)
		put_word_list(w, BGPLS_TLV_FAD_INCLUDE_ANY, f->include_any, f->n_include_any);
	if (f->n_include_all)
		put_word_list(w, BGPLS_TLV_FAD_INCLUDE_ALL, f->include_all, f->n_include_all);
	if (f->n_exclude_srlg)
		put_word_list(w, BGPLS_TLV_FAD_EXCLUDE_SRLG, f->exclude_srlg, f->n_exclude_srlg);
	if (f->unsupported)
		put_number(w, BGPLS_TLV_FAD_UNSUPPORTED, 0x0201, 2);
	end_tlv(w, value);
}

static void
put_node_attr(struct writer *w, const struct ted_node_attr *n)
{
	if (n->present & TED_NODE_MSD)
		put_msds(w, BGPLS_TLV_NODE_MSD, n->msd, n->n_msd);
	if (n->present & TED_NODE_OVERLOAD)
		put_number(w, BGPLS_TLV_NODE_FLAGS, n->overload ? 0x80 : 0, 1);
	if (n->present & TED_NODE_NAME)
		put_tlv(w, BGPLS_TLV_NODE_NAME, n->name, strlen(n->name));
	if (n->present & TED_NODE_ROUTER_ID_V4)
		put_addr(w, BGPLS_TLV_LOCAL_V4, &n->router_id_v4);
	if (n->present & TED_NODE_ROUTER_ID_V6)
		put_addr(w, BGPLS_TLV_LOCAL_V6, &n->router_id_v6);
	if (n->present & TED_NODE_ALGORITHMS)
		put_tlv(w, BGPLS_TLV_SR_ALGORITHM, n->algorithms, n->n_algorithms);
	for (size_t i = 0; n->present & TED_NODE_FADS && i < n->n_fads; i++)
		put_fad(w, &n->fads[i]);
	if (n->present & TED_NODE_SRV6)
		put_number(w, BGPLS_TLV_SRV6_CAPABILITIES, 0, 4);
}

static void
put_word_list(struct writer *w, unsigned type, const uint32_t *words, size_t n)
{
	uint8_t *value = begin_tlv(w, type);

	for (size_t i = 0; i < n; i++)
		put(w, words[i], 4);
	end_tlv(w, value);
}

/* RFC 8571. */
static void
put_delays(struct writer *w, const struct ted_link_attr *l)
{
	uint32_t flag = l->delay_anomalous ? 0x80000000u : 0;

	if (l->present & TED_LINK_DELAY)
		put_number(w, BGPLS_TLV_DELAY, l->delay_us | flag, 4);
	if (l->present & TED_LINK_DELAY_RANGE)
		put_number(w, BGPLS_TLV_DELAY_RANGE,
			   (uint64_t)(l->delay_min_us | flag) << 32 | l->delay_max_us, 8);
	if (l->present & TED_LINK_DELAY_VARIATION)
		put_number(w, BGPLS_TLV_DELAY_VARIATION, l->delay_variation_us, 4);
	if (l->present & TED_LINK_LOSS)
		put_number(w, BGPLS_TLV_LOSS, l->loss_ppb / 30, 4);
	if (l->present & TED_LINK_ADV_RESIDUAL)
		put_number(w, BGPLS_TLV_RESIDUAL_BW, bandwidth_bits(l->advertised_residual_bps), 4);
	if (l->present & TED_LINK_ADV_AVAILABLE)
		put_number(w, BGPLS_TLV_AVAILABLE_BW, bandwidth_bits(l->advertised_available_bps),
			   4);
	if (l->present & TED_LINK_ADV_UTILISED)
		put_number(w, BGPLS_TLV_UTILISED_BW, bandwidth_bits(l->advertised_utilised_bps), 4);
}

/* What may be said per application (RFC 9294). */
static void
put_te(struct writer *w, const struct ted_link_attr *l)
{
	bool affinity = l->present & TED_LINK_AFFINITY;

	if (affinity && l->n_affinity == 1)
		put_number(w, BGPLS_TLV_ADMIN_GROUP, l->affinity[0], 4);
	if (l->present & TED_LINK_TE_METRIC)
		put_number(w, BGPLS_TLV_TE_METRIC, l->te_metric, 4);
	if (l->present & TED_LINK_SRLG)
		put_word_list(w, BGPLS_TLV_SRLG, l->srlg, l->n_srlg);
	put_delays(w, l);
	if (affinity && l->n_affinity != 1)
		put_word_list(w, BGPLS_TLV_EXT_ADMIN_GROUP, l->affinity, l->n_affinity);
}

static void
put_asla(struct writer *w, const struct ted_link_attr *l)
{
	uint8_t *value = begin_tlv(w, BGPLS_TLV_ASLA), *subs;

	put(w, 4, 1); /* SABM of 4 octets, no UDABM */
	put(w, 0, 3);
	put(w, 0x40000000, 4); /* SR Policy */
	subs = w->at;
	put_te(w, l);
	end_tlv(w, value);
	if (w->at == subs)
		w->at = value - 4;
}

static void
put_endx(struct writer *w, const struct ted_sid *sid)
{
	const struct ted_sid_structure *s = &sid->structure;
	uint8_t *value = begin_tlv(w, BGPLS_TLV_ENDX);

	put(w, sid->behavior, 2);
	put(w, sid->flags, 1);
	put(w, sid->algorithm, 1);
	put(w, sid->weight, 1);
	put(w, 0, 1);
	put_bytes(w, sid->sid, 16);
	if (s->block || s->node || s->function || s->argument) {
		uint8_t structure[4] = { s->block, s->node, s->function, s->argument };

		put_tlv(w, BGPLS_TLV_SID_STRUCTURE, structure, 4);
	}
	end_tlv(w, value);
}

static void
put_link_attr(struct writer *w, const struct ted_link_attr *l, bool asla)
{
	if (l->present & TED_LINK_MSD)
		put_msds(w, BGPLS_TLV_LINK_MSD, l->msd, l->n_msd);
	if (!asla)
		put_te(w, l);
	if (l->present & TED_LINK_CAPACITY)
		put_number(w, BGPLS_TLV_MAX_BW, bandwidth_bits(l->capacity_bps), 4);
	if (l->present & TED_LINK_RESERVABLE)
		put_number(w, BGPLS_TLV_RESERVABLE_BW, bandwidth_bits(l->reservable_bps), 4);
	if (l->present & TED_LINK_UNRESERVED) {
		uint8_t *value = begin_tlv(w, BGPLS_TLV_UNRESERVED_BW);

		for (int i = 0; i < 8; i++)
			put(w, bandwidth_bits(l->unreserved_bps[i]), 4);
		end_tlv(w, value);
	}
	if (l->present & TED_LINK_IGP_METRIC)
		put_number(w, BGPLS_TLV_IGP_METRIC, l->igp_metric & 0xffffff, 3);
	if (l->present & TED_LINK_NAME)
		put_tlv(w, BGPLS_TLV_LINK_NAME, l->name, strlen(l->name));
	if (l->present & TED_LINK_SIDS)
		for (size_t i = 0; i < l->n_sids; i++)
			put_endx(w, &l->sids[i]);
	if (asla)
		put_asla(w, l);
}

static void
put_prefix_attr(struct writer *w, const struct ted_prefix_attr *p)
{
	put_number(w, BGPLS_TLV_PREFIX_METRIC, p->metric, 4);
	if (p->has_locator)
		put_number(w, BGPLS_TLV_LOCATOR,
			   (uint64_t)p->locator.flags << 56 | (uint64_t)p->locator.algorithm << 48 |
			       p->locator.metric,
			   8);
}

static void
put_sid_attr(struct writer *w, const struct ted_sid_attr *s)
{
	uint8_t structure[4] = { s->structure.block, s->structure.node, s->structure.function,
				 s->structure.argument };

	put_number(w, BGPLS_TLV_ENDPOINT_BEHAVIOR,
		   (uint32_t)s->behavior << 16 | (uint32_t)s->flags << 8 | s->algorithm, 4);
	put_tlv(w, BGPLS_TLV_SID_STRUCTURE, structure, 4);
}

size_t
lab_encode_attr(const struct ted_delta *d, const struct lab_encoding *how, uint8_t *out, size_t cap)
{
	struct writer w = { out, out + cap, false };

	if (d->object == TED_OBJECT_NODE)
		put_node_attr(&w, &d->attr.node);
	else if (d->object == TED_OBJECT_LINK)
		put_link_attr(&w, &d->attr.link, how->asla);
	else if (d->object == TED_OBJECT_PREFIX)
		put_prefix_attr(&w, &d->attr.prefix);
	else if (d->object == TED_OBJECT_SID)
		put_sid_attr(&w, &d->attr.sid);
	return w.full ? SIZE_MAX : (size_t)(w.at - out);
}

/* Header of a path attribute with a length of two octets. */
static void
put_path_attr(struct writer *w, unsigned flags, unsigned type, size_t len)
{
	put(w, flags | 0x10, 1);
	put(w, type, 1);
	put(w, len, 2);
}

static size_t
finish_update(struct writer *w, uint8_t *out)
{
	size_t attrs = (size_t)(w->at - out) - 4;

	if (w->full || attrs > UINT16_MAX)
		return 0;
	out[2] = (uint8_t)(attrs >> 8);
	out[3] = (uint8_t)attrs;
	return attrs + 4;
}

size_t
lab_encode_announce(const struct lab_encoding *how, const uint8_t *nlri, size_t nlri_len,
		    const uint8_t *attr, size_t attr_len, uint8_t *out, size_t cap)
{
	struct writer w = { out, out + cap, false };
	unsigned hop = how->next_hop.family == IP_V6 ? 16 : 4;

	put(&w, 0, 4);
	put_path_attr(&w, 0x40, 1, 1);
	put(&w, 0, 1);
	put_path_attr(&w, 0x40, 2, how->as_path ? 6 : 0);
	if (how->as_path) {
		put(&w, 0x0201, 2);
		put(&w, how->as_path, 4);
	} else {
		put_path_attr(&w, 0x40, 5, 4);
		put(&w, 100, 4);
	}
	put_path_attr(&w, 0x80, 14, 5 + hop + nlri_len);
	put(&w, BGP_AFI_LS, 2);
	put(&w, BGP_SAFI_LS, 1);
	put(&w, hop, 1);
	put_bytes(&w, how->next_hop.octets, hop);
	put(&w, 0, 1);
	put_bytes(&w, nlri, nlri_len);
	put_path_attr(&w, 0x80, 29, attr_len);
	put_bytes(&w, attr, attr_len);
	return finish_update(&w, out);
}

size_t
lab_encode_withdraw(const uint8_t *nlri, size_t nlri_len, uint8_t *out, size_t cap)
{
	struct writer w = { out, out + cap, false };

	put(&w, 0, 4);
	put_path_attr(&w, 0x80, 15, 3 + nlri_len);
	put(&w, BGP_AFI_LS, 2);
	put(&w, BGP_SAFI_LS, 1);
	put_bytes(&w, nlri, nlri_len);
	return finish_update(&w, out);
}
