/*
 * One UPDATE carries one attribute 29 for all its NLRIs, so the attribute is turned into the node,
 * link, prefix and SID form at most once each, and the deltas of the NLRIs share it.
 *
 * Which instance of a thing an NLRI speaks of is its key: Protocol-ID, Identifier, node
 * descriptors, link descriptors and the (first) multi-topology id. The key is made of fields, not
 * of the octets of the NLRI, so a speaker that orders its TLVs differently means the same link.
 */
#include "southbound/bgp/translate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"

#define NAME_MAX_OCTETS 255
#define NODE_OVERLOAD 0x80 /* RFC 9552 section 5.3.1.1 */
#define ENDX_BACKUP 0x80
#define PPB_PER_LOSS_UNIT 30 /* RFC 8570 section 4.4: units of 0.000003 % */
#define WIDE_UNREACHABLE 0xffffffu /* RFC 5305 section 3 */
#define MSD_MAX 64
#define FADS_MAX 128 /* as many as there are flexible algorithms */

/* Memory for what an attribute points to, one set per kind of object. */
struct words {
	uint32_t *at;
	size_t cap;
};

struct bgpls_translator {
	bool strict_order;
	struct bgpls_counters counters;
	struct ted_delta *deltas;
	size_t n, cap;
	struct ted_sid *sids;
	size_t sids_cap;
	struct words affinity, srlg;
	struct ted_msd node_msd[MSD_MAX], link_msd[MSD_MAX];
	struct ted_fad fads[FADS_MAX];
	char node_name[NAME_MAX_OCTETS + 1], link_name[NAME_MAX_OCTETS + 1];
	/* The attribute of the current UPDATE, in each form once it was asked for. */
	bool has_attr, attr_bad, node_ready, link_ready;
	struct bgpls_attr attr;
	struct ted_node_attr node;
	struct ted_link_attr link;
	uint8_t link_protocol;
};

enum pce_status
bgpls_translator_new(bool strict_order, struct bgpls_translator **out, struct pce_error *err)
{
	struct bgpls_translator *t = calloc(1, sizeof(*t));

	if (!t)
		return pce_no_memory(err);
	t->strict_order = strict_order;
	*out = t;
	return PCE_OK;
}

void
bgpls_translator_free(struct bgpls_translator *t)
{
	if (!t)
		return;
	free(t->deltas);
	free(t->sids);
	free(t->affinity.at);
	free(t->srlg.at);
	free(t);
}

const struct bgpls_counters *
bgpls_counters(const struct bgpls_translator *t)
{
	return &t->counters;
}

static bool
has(const struct bgpls_attr *attr, enum bgpls_field field)
{
	return attr->present >> field & 1;
}

/* A name as a C string: what is no printable ASCII (RFC 5301, RFC 9552) becomes '?', long ones are
 * cut. NULL if empty. */
static const char *
take_name(char out[NAME_MAX_OCTETS + 1], struct reader name)
{
	size_t len = reader_left(&name);

	if (len == 0)
		return NULL;
	if (len > NAME_MAX_OCTETS)
		len = NAME_MAX_OCTETS;
	for (size_t i = 0; i < len; i++) {
		uint8_t c = name.at[i];

		out[i] = c < 0x20 || c > 0x7e ? '?' : (char)c;
	}
	out[len] = '\0';
	return out;
}

static bool
take_words(struct words *out, struct reader words, size_t least, size_t *n, struct pce_error *err)
{
	size_t count = reader_left(&words) / 4;

	if (array_reserve(&out->at, &out->cap, count > least ? count : least, sizeof(*out->at),
			  err))
		return false;
	for (size_t i = 0; i < count; i++)
		out->at[i] = reader_u32(&words);
	*n = count;
	return true;
}

static size_t
take_msd(struct ted_msd out[MSD_MAX], struct reader msd)
{
	size_t n = 0;

	while (reader_left(&msd) >= 2 && n < MSD_MAX) {
		out[n].type = reader_u8(&msd);
		out[n++].value = reader_u8(&msd);
	}
	return n;
}

/*
 * Octets per second as IEEE 754 single to bits per second. A single times 8 is exact in a double;
 * only fractions of a bit and numbers past 64 bits are lost. False: no bandwidth at all.
 */
static bool
take_bandwidth(struct bgpls_translator *t, uint32_t bits, bool up, uint64_t *out_bps)
{
	float octets;
	double bps;

	memcpy(&octets, &bits, sizeof(octets));
	bps = (double)octets * 8;
	if (!isfinite(octets) || octets < 0 || bps >= 18446744073709549568.0) {
		t->counters.bandwidths_bad++;
		return false;
	}
	*out_bps = (uint64_t)bps;
	if (up && (double)*out_bps < bps)
		++*out_bps;
	return true;
}

static void
set_bandwidth(struct bgpls_translator *t, enum bgpls_field from, uint32_t bits,
	      enum ted_link_field to, uint64_t *out_bps)
{
	if (has(&t->attr, from) && take_bandwidth(t, bits, to == TED_LINK_ADV_UTILISED, out_bps))
		t->link.present |= to;
}

static void
set_bandwidths(struct bgpls_translator *t)
{
	const struct bgpls_attr *a = &t->attr;
	struct ted_link_attr *l = &t->link;
	struct reader r = a->unreserved_bw;
	bool all = has(a, BGPLS_F_UNRESERVED_BW);

	set_bandwidth(t, BGPLS_F_MAX_BW, a->max_bw, TED_LINK_CAPACITY, &l->capacity_bps);
	set_bandwidth(t, BGPLS_F_RESERVABLE_BW, a->reservable_bw, TED_LINK_RESERVABLE,
		      &l->reservable_bps);
	set_bandwidth(t, BGPLS_F_RESIDUAL_BW, a->residual_bw, TED_LINK_ADV_RESIDUAL,
		      &l->advertised_residual_bps);
	set_bandwidth(t, BGPLS_F_AVAILABLE_BW, a->available_bw, TED_LINK_ADV_AVAILABLE,
		      &l->advertised_available_bps);
	set_bandwidth(t, BGPLS_F_UTILISED_BW, a->utilised_bw, TED_LINK_ADV_UTILISED,
		      &l->advertised_utilised_bps);
	for (size_t i = 0; all && i < 8; i++)
		all = take_bandwidth(t, reader_u32(&r), false, &l->unreserved_bps[i]);
	if (all)
		l->present |= TED_LINK_UNRESERVED;
}

static void
set_metrics(struct bgpls_translator *t, uint8_t protocol)
{
	const struct bgpls_attr *a = &t->attr;
	struct ted_link_attr *l = &t->link;

	if (has(a, BGPLS_F_IGP_METRIC)) {
		l->present |= TED_LINK_IGP_METRIC;
		l->igp_metric = a->igp_metric;
		/* RFC 9552 section 5.3.2.4: a small IS-IS metric has six bits. */
		if (a->igp_metric_len == 1 && protocol <= TED_PROTOCOL_ISIS_L2)
			l->igp_metric &= 0x3f;
		if (a->igp_metric_len == 3 && a->igp_metric == WIDE_UNREACHABLE)
			l->igp_metric = UINT32_MAX;
	}
	if (has(a, BGPLS_F_TE_METRIC)) {
		l->present |= TED_LINK_TE_METRIC;
		l->te_metric = a->te_metric;
	}
}

/* RFC 8571: 24 bits of microseconds, and the A flag. */
static void
set_delays(struct bgpls_translator *t)
{
	const struct bgpls_attr *a = &t->attr;
	struct ted_link_attr *l = &t->link;

	if (has(a, BGPLS_F_DELAY)) {
		l->present |= TED_LINK_DELAY;
		l->delay_us = a->delay & 0xffffff;
		l->delay_anomalous = a->delay >> 31;
	}
	if (has(a, BGPLS_F_DELAY_RANGE)) {
		l->present |= TED_LINK_DELAY_RANGE;
		l->delay_min_us = a->delay_min & 0xffffff;
		l->delay_max_us = a->delay_max & 0xffffff;
		l->delay_anomalous = l->delay_anomalous || a->delay_min >> 31;
	}
	if (has(a, BGPLS_F_DELAY_VARIATION)) {
		l->present |= TED_LINK_DELAY_VARIATION;
		l->delay_variation_us = a->delay_variation & 0xffffff;
	}
	if (has(a, BGPLS_F_LOSS)) {
		l->present |= TED_LINK_LOSS;
		l->loss_ppb = (a->loss & 0xffffff) * PPB_PER_LOSS_UNIT;
	}
}

/* Colours: where TLV 1088 and 1173 disagree, 1088 has the first word (RFC 7308 section 2.3.1). */
static bool
set_affinity(struct bgpls_translator *t, struct pce_error *err)
{
	const struct bgpls_attr *a = &t->attr;
	struct ted_link_attr *l = &t->link;
	bool word = has(a, BGPLS_F_ADMIN_GROUP);

	if (!word && !has(a, BGPLS_F_EXT_ADMIN_GROUP))
		return true;
	if (!take_words(&t->affinity, a->ext_admin_group, 1, &l->n_affinity, err))
		return false;
	if (word) {
		t->affinity.at[0] = a->admin_group;
		if (l->n_affinity == 0)
			l->n_affinity = 1;
	}
	l->affinity = t->affinity.at;
	l->present |= TED_LINK_AFFINITY;
	return true;
}

static bool
set_sids(struct bgpls_translator *t, struct pce_error *err)
{
	struct reader r = t->attr.all;
	struct bgpls_endx endx;
	size_t n = 0;

	if (t->attr.n_endx == 0)
		return true;
	if (array_reserve(&t->sids, &t->sids_cap, t->attr.n_endx, sizeof(*t->sids), err))
		return false;
	while (bgpls_next_endx(&r, &endx)) {
		struct ted_sid *sid = &t->sids[n];

		if (endx.neighbor) {
			t->counters.lan_sids++;
			continue;
		}
		*sid = (struct ted_sid){ .behavior = endx.behavior,
					 .flags = endx.flags,
					 .algorithm = endx.algorithm,
					 .weight = endx.weight,
					 .backup = endx.flags & ENDX_BACKUP };
		memcpy(sid->sid, endx.sid, 16);
		if (endx.has_structure)
			sid->structure =
			    (struct ted_sid_structure){ endx.structure[0], endx.structure[1],
							endx.structure[2], endx.structure[3] };
		n++;
	}
	if (n > 0)
		t->link.present |= TED_LINK_SIDS;
	t->link.sids = t->sids;
	t->link.n_sids = n;
	return true;
}

static bool
make_link_attr(struct bgpls_translator *t, uint8_t protocol, struct pce_error *err)
{
	const struct bgpls_attr *a = &t->attr;
	struct ted_link_attr *l = &t->link;

	if (t->link_ready && t->link_protocol == protocol)
		return true;
	*l = (struct ted_link_attr){ .unusable = t->attr_bad };
	t->link_ready = true;
	t->link_protocol = protocol;
	if (!t->has_attr || t->attr_bad)
		return true;
	set_metrics(t, protocol);
	set_delays(t);
	set_bandwidths(t);
	if (has(a, BGPLS_F_SRLG)) {
		if (!take_words(&t->srlg, a->srlg, 0, &l->n_srlg, err))
			return false;
		l->srlg = t->srlg.at;
		l->present |= TED_LINK_SRLG;
	}
	if (has(a, BGPLS_F_LINK_NAME) && (l->name = take_name(t->link_name, a->link_name)))
		l->present |= TED_LINK_NAME;
	if (has(a, BGPLS_F_LINK_MSD)) {
		l->n_msd = take_msd(t->link_msd, a->link_msd);
		l->msd = t->link_msd;
		l->present |= TED_LINK_MSD;
	}
	return set_affinity(t, err) && set_sids(t, err);
}

static void
make_node_attr(struct bgpls_translator *t)
{
	const struct bgpls_attr *a = &t->attr;
	struct ted_node_attr *n = &t->node;

	if (t->node_ready)
		return;
	t->node_ready = true;
	*n = (struct ted_node_attr){ 0 };
	if (!t->has_attr || t->attr_bad)
		return;
	if (has(a, BGPLS_F_NODE_FLAGS)) {
		n->overload = a->node_flags & NODE_OVERLOAD;
		n->present |= TED_NODE_OVERLOAD;
	}
	if (has(a, BGPLS_F_NODE_NAME) && (n->name = take_name(t->node_name, a->node_name)))
		n->present |= TED_NODE_NAME;
	if (has(a, BGPLS_F_ROUTER_V4)) {
		n->router_id_v4 = ip_v4(a->router_v4);
		n->present |= TED_NODE_ROUTER_ID_V4;
	}
	if (has(a, BGPLS_F_ROUTER_V6)) {
		n->router_id_v6 = ip_v6(a->router_v6);
		n->present |= TED_NODE_ROUTER_ID_V6;
	}
	if (has(a, BGPLS_F_SRV6_CAPS))
		n->present |= TED_NODE_SRV6;
	if (has(a, BGPLS_F_NODE_MSD)) {
		n->n_msd = take_msd(t->node_msd, a->node_msd);
		n->msd = t->node_msd;
		n->present |= TED_NODE_MSD;
	}
	if (a->n_fads) {
		struct reader r = a->all;

		while (n->n_fads < FADS_MAX && bgpls_next_fad(&r, &t->fads[n->n_fads]))
			n->n_fads++;
		n->fads = t->fads;
		n->present |= TED_NODE_FADS;
	}
	if (has(a, BGPLS_F_ALGORITHMS)) {
		n->algorithms = a->algorithms.at;
		n->n_algorithms = reader_left(&a->algorithms);
		n->present |= TED_NODE_ALGORITHMS;
	}
}

static void
node_key(const struct bgpls_nlri *nlri, const struct bgpls_node *node, struct ted_node_key *out)
{
	out->instance = nlri->identifier;
	out->protocol = nlri->protocol;
	out->asn = node->asn;
	out->bgpls_id = node->bgpls_id;
	out->area = node->area;
	out->bgp_router_id = node->bgp_router_id;
	out->router_id_len = node->router_id_len;
	memcpy(out->router_id, node->router_id, sizeof(node->router_id));
}

static uint16_t
topology(const struct bgpls_nlri *nlri)
{
	struct reader mt = nlri->mt;

	return mt.at ? reader_u16(&mt) & 0xfff : 0;
}

static void
link_key(const struct bgpls_nlri *nlri, struct ted_link_key *out)
{
	const struct bgpls_link_desc *link = &nlri->link;

	node_key(nlri, &nlri->local, &out->local);
	node_key(nlri, &nlri->remote, &out->remote);
	out->topology = topology(nlri);
	out->has_ids = link->has_ids;
	out->local_id = link->local_id;
	out->remote_id = link->remote_id;
	if (link->v4_if)
		out->v4_local = ip_v4(link->v4_if);
	if (link->v4_nbr)
		out->v4_remote = ip_v4(link->v4_nbr);
	if (link->v6_if)
		out->v6_local = ip_v6(link->v6_if);
	if (link->v6_nbr)
		out->v6_remote = ip_v6(link->v6_nbr);
}

static void
set_key(const struct bgpls_nlri *nlri, struct ted_delta *d)
{
	switch (nlri->type) {
	case BGPLS_NODE:
		d->object = TED_OBJECT_NODE;
		node_key(nlri, &nlri->local, &d->key.node);
		break;
	case BGPLS_LINK:
		d->object = TED_OBJECT_LINK;
		link_key(nlri, &d->key.link);
		break;
	case BGPLS_SRV6_SID:
		d->object = TED_OBJECT_SID;
		node_key(nlri, &nlri->local, &d->key.sid.node);
		d->key.sid.topology = topology(nlri);
		memcpy(d->key.sid.sid, nlri->sid, 16);
		break;
	default:
		d->object = TED_OBJECT_PREFIX;
		node_key(nlri, &nlri->local, &d->key.prefix.node);
		d->key.prefix.topology = topology(nlri);
		d->key.prefix.ospf_route_type = nlri->ospf_route_type;
		d->key.prefix.prefix = nlri->prefix;
		break;
	}
}

static void
set_prefix_attr(const struct bgpls_attr *a, struct ted_prefix_attr *out)
{
	out->metric = a->prefix_metric;
	out->has_locator = has(a, BGPLS_F_LOCATOR);
	out->locator =
	    (struct ted_locator){ a->locator_flags, a->locator_algorithm, a->locator_metric };
}

static void
set_sid_attr(const struct bgpls_attr *a, struct ted_sid_attr *out)
{
	out->behavior = a->behavior;
	out->flags = a->behavior_flags;
	out->algorithm = a->behavior_algorithm;
	out->structure = (struct ted_sid_structure){ a->structure[0], a->structure[1],
						     a->structure[2], a->structure[3] };
}

static bool
set_attr(struct bgpls_translator *t, const struct bgpls_nlri *nlri, struct ted_delta *d,
	 struct pce_error *err)
{
	switch (d->object) {
	case TED_OBJECT_NODE:
		make_node_attr(t);
		d->attr.node = t->node;
		return true;
	case TED_OBJECT_LINK:
		if (!make_link_attr(t, nlri->protocol, err))
			return false;
		t->counters.links_unusable += t->attr_bad;
		d->attr.link = t->link;
		return true;
	default:
		/* A prefix or a SID is worth what its attribute says. */
		if (t->attr_bad)
			d->op = TED_DELETE;
		else if (d->object == TED_OBJECT_PREFIX)
			set_prefix_attr(&t->attr, &d->attr.prefix);
		else
			set_sid_attr(&t->attr, &d->attr.sid);
		return true;
	}
}

/* True if the NLRI is to become a delta; counts it otherwise. */
static bool
wanted(struct bgpls_translator *t, const struct bgpls_nlri *nlri)
{
	switch (nlri->verdict) {
	case BGPLS_ACCEPT:
		return true;
	case BGPLS_TOLERATED:
		if (!t->strict_order) {
			t->counters.nlri_tolerated++;
			return true;
		}
		t->counters.nlri_discarded++;
		return false;
	case BGPLS_DISCARD:
		t->counters.nlri_discarded++;
		return false;
	default:
		t->counters.nlri_unknown++;
		return false;
	}
}

/* Reads an NLRI that does not fit again, for the words. */
static enum pce_status
say_what_is_wrong(struct reader r, struct bgpls_nlri_form form, struct pce_error *err)
{
	struct bgpls_faults faults = { 0 };
	struct bgpls_nlri nlri;
	bool bad = false;

	bgpls_next_nlri(&r, form, &nlri, &bad, &faults);
	return pce_fail(err, PCE_MALFORMED, "%s", faults.count ? faults.text[0] : "NLRI");
}

static enum pce_status
take_nlris(struct bgpls_translator *t, struct reader r, enum ted_op op, struct pce_error *err)
{
	const struct bgpls_nlri_form plain = { false, false };
	struct bgpls_nlri nlri;
	struct reader before = r;
	bool bad = false;

	for (; bgpls_next_nlri(&r, plain, &nlri, &bad, NULL); before = r) {
		struct ted_delta *d;
		enum pce_status status;

		t->counters.tlvs_unknown += nlri.unknown + nlri.local.unknown + nlri.remote.unknown;
		if (!wanted(t, &nlri))
			continue;
		status = array_reserve(&t->deltas, &t->cap, t->n + 1, sizeof(*t->deltas), err);
		if (status)
			return status;
		d = &t->deltas[t->n];
		memset(d, 0, sizeof(*d));
		d->op = op;
		set_key(&nlri, d);
		if (op == TED_SET && !set_attr(t, &nlri, d, err))
			return PCE_NO_MEMORY;
		t->n++;
		if (op == TED_SET)
			t->counters.announced++;
		else
			t->counters.withdrawn++;
	}
	if (!bad)
		return PCE_OK;
	t->counters.framing_lost++;
	return say_what_is_wrong(before, plain, err);
}

static void
read_attribute(struct bgpls_translator *t, const struct bgp_update *update)
{
	t->has_attr = update->has_ls;
	t->attr_bad = t->node_ready = t->link_ready = false;
	if (!update->has_ls) {
		memset(&t->attr, 0, sizeof(t->attr));
		return;
	}
	t->attr_bad = !bgpls_read_attr(update->ls, &t->attr, NULL);
	if (t->attr_bad)
		t->counters.attributes_discarded++;
	else
		t->counters.tlvs_unknown += t->attr.unknown;
}

static bool
is_plain_ls(const struct bgp_mp *mp)
{
	return bgp_mp_is_ls(mp) && mp->safi == BGP_SAFI_LS;
}

enum pce_status
bgpls_translate(struct bgpls_translator *t, const struct bgp_update *update,
		const struct ted_delta **deltas, size_t *n, struct pce_error *err)
{
	enum pce_status status = PCE_OK;

	t->n = 0;
	t->counters.updates++;
	if (is_plain_ls(&update->unreach))
		status = take_nlris(t, update->unreach.nlri, TED_DELETE, err);
	if (!status && is_plain_ls(&update->reach)) {
		t->counters.treated_as_withdraw += update->withdraw;
		read_attribute(t, update);
		status =
		    take_nlris(t, update->reach.nlri, update->withdraw ? TED_DELETE : TED_SET, err);
	}
	if (status)
		return status;
	*deltas = t->deltas;
	*n = t->n;
	return PCE_OK;
}
