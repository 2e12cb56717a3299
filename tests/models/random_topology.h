/* Random topologies that a file can say. */
#ifndef TESTS_MODELS_RANDOM_TOPOLOGY_H
#define TESTS_MODELS_RANDOM_TOPOLOGY_H

#include "pce/ted/delta.h"
#include "tests/models/random.h"

#define MAX_NODES 6
#define MAX_DELTAS 200

struct topology {
	struct ted_delta deltas[MAX_DELTAS];
	size_t n;
	uint32_t srlgs[4];
	size_t n_srlgs;
};

static inline struct ted_node_key
random_node_key(struct random *r, const char *name)
{
	static const uint8_t lengths[] = { 0, 6, 7, 4, 0, 0, 8, 5 };
	struct ted_node_key key = { .protocol = (uint8_t)(1 + suite_below(&r->state, 7)) };

	if (random_bool(r)) {
		key.protocol = TED_PROTOCOL_STATIC;
		key.router_id_len = (uint8_t)strlen(name);
		memcpy(key.router_id, name, key.router_id_len);
		return key;
	}
	key.router_id_len = lengths[key.protocol];
	if (key.router_id_len == 0)
		key.router_id_len = (uint8_t)(1 + suite_below(&r->state, TED_NAME_MAX));
	random_octets(r, key.router_id, key.router_id_len);
	key.router_id[0] = (uint8_t)r->serial++;
	key.instance = random_number(r, UINT64_MAX);
	key.asn = (uint32_t)random_number(r, UINT32_MAX);
	key.bgpls_id = (uint32_t)random_number(r, UINT32_MAX);
	key.area = (uint32_t)random_number(r, UINT32_MAX);
	key.bgp_router_id = (uint32_t)random_number(r, UINT32_MAX);
	return key;
}

static inline const uint32_t *
random_srlgs(struct random *r, const struct topology *t, size_t *n)
{
	size_t count = 1 + suite_below(&r->state, 3);
	uint32_t *out = arena_alloc(r->arena, count * sizeof(*out));

	for (size_t i = 0; i < count; i++) /* named ones and others, all different */
		out[i] = i < t->n_srlgs && random_bool(r) ? t->srlgs[i] : 1000 + (uint32_t)i;
	*n = count;
	return out;
}

static inline const struct ted_msd *
random_msds(struct random *r, size_t *n)
{
	size_t count = 1 + suite_below(&r->state, 3);
	struct ted_msd *out = arena_alloc(r->arena, count * sizeof(*out));

	for (size_t i = 0; i < count; i++)
		out[i] = (struct ted_msd){ (uint8_t)(40 + i + 3 * suite_below(&r->state, 9)),
					   (uint8_t)suite_below(&r->state, 256) };
	for (size_t i = 1; i < count; i++)
		out[i].type = (uint8_t)(out[i - 1].type + 1);
	*n = count;
	return out;
}

static inline struct ted_sid
random_sid(struct random *r, bool cross)
{
	static const uint16_t behaviors[] = { 0, 1, 5, 8, 18, 31, 35, 43, 50, 59, 64, 999, 65535 };
	struct ted_sid sid = { .flags = (uint8_t)random_number(r, 255),
			       .algorithm = (uint8_t)random_number(r, 255) };

	random_octets(r, sid.sid, 16);
	sid.sid[0] = 0xfc;
	sid.sid[15] = (uint8_t)r->serial;
	sid.sid[14] = (uint8_t)(r->serial++ >> 8);
	sid.behavior = behaviors[suite_below(&r->state, sizeof(behaviors) / sizeof(behaviors[0]))];
	if (random_bool(r))
		sid.structure = (struct ted_sid_structure){ 32, 16, 16, 0 };
	if (cross) {
		sid.weight = (uint8_t)random_number(r, 255);
		sid.backup = random_bool(r);
	}
	return sid;
}

static inline struct ted_node_attr
random_node_attr(struct random *r, const struct topology *t, const char *name)
{
	struct ted_node_attr a = { .present = (uint32_t)suite_random(&r->state) & 0x7fff,
				   .name = name };

	a.present |= TED_NODE_NAME;
	if (a.present & TED_NODE_LABEL)
		a.label = random_text(r);
	if (a.present & TED_NODE_SITE)
		a.site = random_text(r);
	if (a.present & TED_NODE_ROUTER_ID_V4)
		a.router_id_v4 = random_addr(r, IP_V4);
	if (a.present & TED_NODE_ROUTER_ID_V6)
		a.router_id_v6 = random_addr(r, IP_V6);
	if (a.present & TED_NODE_OVERLOAD)
		a.overload = random_bool(r);
	if (a.present & TED_NODE_ADMIN)
		a.admin_down = random_bool(r);
	if (a.present & TED_NODE_AVAILABILITY)
		a.unavailability_ppt = random_number(r, 1000000000000ULL);
	if (a.present & TED_NODE_POSITION) {
		a.latitude = (double)suite_below(&r->state, 180000000) / 1e6 - 90;
		a.longitude = (double)suite_below(&r->state, 360000000) / 1e6 - 180;
	}
	if (a.present & TED_NODE_SRLG)
		a.srlg = random_srlgs(r, t, &a.n_srlg);
	if (a.present & TED_NODE_MSD)
		a.msd = random_msds(r, &a.n_msd);
	if (a.present & TED_NODE_SERVICES)
		a.services = random_names(r, &a.n_services);
	if (a.present & TED_NODE_ALGORITHMS) {
		a.algorithms = arena_copy(r->arena, "\x00\x80\xff", 3);
		a.n_algorithms = 3;
	}
	if (a.present & TED_NODE_FADS) {
		struct ted_fad *fad = arena_alloc(r->arena, sizeof(*fad));

		*fad = (struct ted_fad){ .algorithm = 128,
					 .metric_type = (uint8_t)suite_below(&r->state, 5),
					 .priority = (uint8_t)suite_below(&r->state, 256),
					 .n_exclude_any = 1,
					 .exclude_any = { 5 },
					 .n_include_all = 2,
					 .include_all = { 0, 8 },
					 .n_exclude_srlg = 2,
					 .exclude_srlg = { 7, 70000 } };
		a.fads = fad;
		a.n_fads = 1;
	}
	return a;
}

static inline struct ted_link_attr
random_link_attr(struct random *r, const struct topology *t, const char *name)
{
	struct ted_link_attr a = { .present = (uint32_t)suite_random(&r->state) & 0x1ffffff,
				   .name = name,
				   .unusable = random_bool(r),
				   .delay_anomalous = random_bool(r) };
	struct ted_sid *sids;
	uint32_t *words;

	a.present |= TED_LINK_NAME;
	a.present &= ~(uint32_t)TED_LINK_REVERSE;
#define NUMBER(field, member, max)                                                                 \
	if (a.present & (field))                                                                   \
	a.member = random_number(r, max)
#define NUMBER32(field, member, max)                                                               \
	if (a.present & (field))                                                                   \
	a.member = (uint32_t)random_number(r, max)
	NUMBER32(TED_LINK_IGP_METRIC, igp_metric, UINT32_MAX);
	NUMBER32(TED_LINK_TE_METRIC, te_metric, UINT32_MAX);
	NUMBER32(TED_LINK_DELAY, delay_us, 16777215);
	NUMBER32(TED_LINK_DELAY_VARIATION, delay_variation_us, 16777215);
	NUMBER32(TED_LINK_LOSS, loss_ppb, 1000000000);
	NUMBER32(TED_LINK_SUBSCRIPTION, subscription_ppm, 100000000);
	NUMBER(TED_LINK_CAPACITY, capacity_bps, UINT64_MAX);
	NUMBER(TED_LINK_RESERVABLE, reservable_bps, UINT64_MAX);
	NUMBER(TED_LINK_ADV_RESIDUAL, advertised_residual_bps, UINT64_MAX);
	NUMBER(TED_LINK_ADV_AVAILABLE, advertised_available_bps, UINT64_MAX);
	NUMBER(TED_LINK_ADV_UTILISED, advertised_utilised_bps, UINT64_MAX);
	NUMBER(TED_LINK_MEASURED, measured_bps, UINT64_MAX);
	NUMBER(TED_LINK_START_RESIDUAL, start_residual_bps, UINT64_MAX);
	NUMBER(TED_LINK_AVAILABILITY, unavailability_ppt, 1000000000000ULL);
#undef NUMBER
#undef NUMBER32
	if (a.present & TED_LINK_DELAY_RANGE) {
		a.delay_min_us = (uint32_t)random_number(r, 1000);
		a.delay_max_us = a.delay_min_us + (uint32_t)random_number(r, 1000);
	}
	for (int i = 0; a.present & TED_LINK_UNRESERVED && i < 8; i++)
		a.unreserved_bps[i] = random_number(r, UINT64_MAX);
	if (a.present & TED_LINK_ADMIN)
		a.admin_down = random_bool(r);
	if (a.present & TED_LINK_OPER)
		a.oper_down = random_bool(r);
	if (a.present & TED_LINK_AFFINITY) {
		a.n_affinity = 1 + suite_below(&r->state, 32);
		words = arena_alloc(r->arena, a.n_affinity * sizeof(*words));
		for (size_t i = 0; i < a.n_affinity; i++)
			words[i] =
			    suite_below(&r->state, 3) ? 0 : (uint32_t)suite_random(&r->state);
		words[a.n_affinity - 1] |= 1u << suite_below(&r->state, 32);
		a.affinity = words;
	}
	if (a.present & TED_LINK_SRLG)
		a.srlg = random_srlgs(r, t, &a.n_srlg);
	if (a.present & TED_LINK_MSD)
		a.msd = random_msds(r, &a.n_msd);
	if (a.present & TED_LINK_SLICES)
		a.slices = random_names(r, &a.n_slices);
	if (a.present & TED_LINK_SIDS) {
		a.n_sids = 1 + suite_below(&r->state, 2);
		a.sids = sids = arena_alloc(r->arena, a.n_sids * sizeof(*sids));
		for (size_t i = 0; i < a.n_sids; i++)
			sids[i] = random_sid(r, true);
	}
	return a;
}

static inline struct ted_delta *
add(struct topology *t, enum ted_object object)
{
	ck_assert(t->n < MAX_DELTAS);
	t->deltas[t->n].object = object;
	return &t->deltas[t->n++];
}

static inline void
add_link(struct random *r, struct topology *t, const struct ted_node_key *from,
	 const struct ted_node_key *to)
{
	const char *name = random_name(r);
	struct ted_delta *d = add(t, TED_OBJECT_LINK);
	struct ted_link_key *key = &d->key.link;

	key->local = *from;
	key->remote = *to;
	key->topology = random_bool(r) ? 0 : (uint16_t)random_number(r, 4095);
	key->has_ids = random_bool(r);
	if (key->has_ids) {
		key->local_id = r->serial++;
		key->remote_id = (uint32_t)random_number(r, UINT32_MAX);
	}
	if (random_bool(r))
		key->v4_local = random_addr(r, IP_V4);
	if (random_bool(r))
		key->v4_remote = random_addr(r, IP_V4);
	if (random_bool(r))
		key->v6_local = random_addr(r, IP_V6);
	if (random_bool(r))
		key->v6_remote = random_addr(r, IP_V6);
	if (!key->has_ids && !key->v4_local.family && !key->v4_remote.family &&
	    !key->v6_local.family && !key->v6_remote.family)
		key->name = name;
	d->attr.link = random_link_attr(r, t, name);
}

static inline void
add_numbers(struct random *r, struct topology *t)
{
	for (size_t i = suite_below(&r->state, 4); i > 0; i--) {
		struct ted_delta *d = add(t, TED_OBJECT_AFFINITY);

		d->key.number = (uint32_t)i * 40 + suite_below(&r->state, 30);
		d->attr.srlg.name = random_name(r);
	}
	for (size_t i = suite_below(&r->state, 4); i > 0; i--) {
		struct ted_delta *d = add(t, TED_OBJECT_SITE);

		d->attr.srlg.name = random_name(r);
		d->key.number = ted_site_number(d->attr.srlg.name);
		d->attr.srlg.unavailability_ppt = random_number(r, 1000000000000ULL);
	}
	t->n_srlgs = suite_below(&r->state, 4);
	for (size_t i = 0; i < t->n_srlgs; i++) {
		struct ted_delta *d = add(t, TED_OBJECT_SRLG);

		d->key.number = t->srlgs[i] =
		    (uint32_t)random_number(r, 900) + 5000000u * (uint32_t)i;
		d->attr.srlg.name = random_bool(r) ? random_name(r) : NULL;
		d->attr.srlg.unavailability_ppt = random_number(r, 1000000000000ULL);
	}
}

static inline void
add_node(struct random *r, struct topology *t, struct ted_node_key *key)
{
	const char *name = random_name(r);
	struct ted_delta *d;

	*key = random_node_key(r, name);
	d = add(t, TED_OBJECT_NODE);
	d->key.node = *key;
	d->attr.node = random_node_attr(r, t, name);
	for (size_t i = suite_below(&r->state, 3); i > 0; i--) {
		struct ted_sid sid = random_sid(r, false);

		d = add(t, TED_OBJECT_SID);
		d->key.sid.node = *key;
		d->key.sid.topology = random_bool(r) ? 0 : (uint16_t)random_number(r, 4095);
		memcpy(d->key.sid.sid, sid.sid, 16);
		d->attr.sid =
		    (struct ted_sid_attr){ sid.behavior, sid.flags, sid.algorithm, sid.structure };
	}
	for (size_t i = suite_below(&r->state, 4); i > 0; i--) {
		d = add(t, TED_OBJECT_PREFIX);
		d->key.prefix.node = *key;
		d->key.prefix.prefix = random_prefix(r, random_bool(r) ? IP_V4 : IP_V6);
		d->key.prefix.prefix.addr.octets[0] = (uint8_t)(i * 16);
		if (d->key.prefix.prefix.len < 8)
			d->key.prefix.prefix.len = 8;
		if (random_bool(r))
			d->key.prefix.topology = (uint16_t)random_number(r, 4095);
		if (random_bool(r))
			d->key.prefix.ospf_route_type = (uint8_t)random_number(r, 6);
		d->attr.prefix.metric = (uint32_t)random_number(r, UINT32_MAX);
		d->attr.prefix.has_locator = random_bool(r);
		if (!d->attr.prefix.has_locator)
			continue;
		d->attr.prefix.locator =
		    (struct ted_locator){ (uint8_t)random_number(r, 255),
					  (uint8_t)random_number(r, 255),
					  random_bool(r) ? d->attr.prefix.metric
							 : (uint32_t)random_number(r, UINT32_MAX) };
	}
}

static inline void
random_topology(struct random *r, struct topology *t)
{
	struct ted_node_key keys[MAX_NODES];
	size_t nodes = 1 + suite_below(&r->state, MAX_NODES), first;

	memset(t, 0, sizeof(*t));
	add_numbers(r, t);
	for (size_t i = 0; i < nodes; i++)
		add_node(r, t, &keys[i]);
	for (size_t i = nodes > 1 ? suite_below(&r->state, 8) : 0; i > 0; i--) {
		size_t from = suite_below(&r->state, (uint32_t)nodes);
		size_t to = (from + 1 + suite_below(&r->state, (uint32_t)nodes - 1)) % nodes;

		first = t->n;
		add_link(r, t, &keys[from], &keys[to]);
		if (random_bool(r))
			continue;
		add_link(r, t, &keys[to], &keys[from]);
		for (size_t j = 0; j < 2; j++) {
			t->deltas[first + j].attr.link.present |= TED_LINK_REVERSE;
			t->deltas[first + j].attr.link.reverse = &t->deltas[first + 1 - j].key.link;
		}
	}
}

#endif
