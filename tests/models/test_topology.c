/* Topologies: deltas to text and back, what is assumed, and errors with path and line. */
#include <stdio.h>
#include <string.h>

#include "models/codec/topology.h"
#include "tests/models/random.h"

static struct codec *codec;

static void
setup(void)
{
	struct pce_error err = { 0 };

	ck_assert_msg(codec_new(NULL, &codec, &err) == PCE_OK, "%s", err.text);
}

static void
teardown(void)
{
	codec_free(codec);
}

/* --- Random topologies that a file can say --- */

#define MAX_NODES 6
#define MAX_DELTAS 200

struct topology {
	struct ted_delta deltas[MAX_DELTAS];
	size_t n;
	uint32_t srlgs[4];
	size_t n_srlgs;
};

static struct ted_node_key
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

static const uint32_t *
random_srlgs(struct random *r, const struct topology *t, size_t *n)
{
	size_t count = 1 + suite_below(&r->state, 3);
	uint32_t *out = arena_alloc(r->arena, count * sizeof(*out));

	for (size_t i = 0; i < count; i++) /* named ones and others, all different */
		out[i] = i < t->n_srlgs && random_bool(r) ? t->srlgs[i] : 1000 + (uint32_t)i;
	*n = count;
	return out;
}

static const struct ted_msd *
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

static struct ted_sid
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

static struct ted_node_attr
random_node_attr(struct random *r, const struct topology *t, const char *name)
{
	struct ted_node_attr a = { .present = (uint32_t)suite_random(&r->state) & 0x3fff,
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
	return a;
}

static struct ted_link_attr
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

static struct ted_delta *
add(struct topology *t, enum ted_object object)
{
	ck_assert(t->n < MAX_DELTAS);
	t->deltas[t->n].object = object;
	return &t->deltas[t->n++];
}

static void
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

static void
add_numbers(struct random *r, struct topology *t)
{
	for (size_t i = suite_below(&r->state, 4); i > 0; i--) {
		struct ted_delta *d = add(t, TED_OBJECT_AFFINITY);

		d->key.number = (uint32_t)i * 40 + suite_below(&r->state, 30);
		d->attr.srlg.name = random_name(r);
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

static void
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

static void
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

/* --- Equality, field by field and independent of the codec --- */

static bool
same_node_key(const struct ted_node_key *a, const struct ted_node_key *b)
{
	return a->instance == b->instance && a->asn == b->asn && a->bgpls_id == b->bgpls_id &&
	       a->area == b->area && a->bgp_router_id == b->bgp_router_id &&
	       a->protocol == b->protocol && a->router_id_len == b->router_id_len &&
	       memcmp(a->router_id, b->router_id, a->router_id_len) == 0;
}

static bool
same_link_key(const struct ted_link_key *a, const struct ted_link_key *b)
{
	return same_node_key(&a->local, &b->local) && same_node_key(&a->remote, &b->remote) &&
	       a->topology == b->topology && a->has_ids == b->has_ids &&
	       a->local_id == b->local_id && a->remote_id == b->remote_id &&
	       ip_compare(&a->v4_local, &b->v4_local) == 0 &&
	       ip_compare(&a->v4_remote, &b->v4_remote) == 0 &&
	       ip_compare(&a->v6_local, &b->v6_local) == 0 &&
	       ip_compare(&a->v6_remote, &b->v6_remote) == 0 && same_text(a->name, b->name);
}

static bool
same_numbers(const uint32_t *a, size_t n, const uint32_t *b, size_t m)
{
	return n == m && (n == 0 || memcmp(a, b, n * sizeof(*a)) == 0);
}

static bool
same_msds(const struct ted_msd *a, size_t n, const struct ted_msd *b, size_t m)
{
	bool same = n == m;

	for (size_t i = 0; same && i < n; i++)
		same = a[i].type == b[i].type && a[i].value == b[i].value;
	return same;
}

static bool
same_structure(const struct ted_sid_structure *a, const struct ted_sid_structure *b)
{
	return a->block == b->block && a->node == b->node && a->function == b->function &&
	       a->argument == b->argument;
}

static bool
same_sids(const struct ted_sid *a, size_t n, const struct ted_sid *b, size_t m)
{
	bool same = n == m;

	for (size_t i = 0; same && i < n; i++)
		same = memcmp(a[i].sid, b[i].sid, 16) == 0 && a[i].behavior == b[i].behavior &&
		       a[i].flags == b[i].flags && a[i].algorithm == b[i].algorithm &&
		       a[i].weight == b[i].weight && a[i].backup == b[i].backup &&
		       same_structure(&a[i].structure, &b[i].structure);
	return same;
}

static bool
near(double a, double b)
{
	return a - b < 1e-9 && b - a < 1e-9;
}

static bool
same_node_attr(const struct ted_node_attr *a, const struct ted_node_attr *b)
{
	return a->present == b->present && same_text(a->name, b->name) &&
	       same_text(a->label, b->label) && same_text(a->site, b->site) &&
	       ip_compare(&a->router_id_v4, &b->router_id_v4) == 0 &&
	       ip_compare(&a->router_id_v6, &b->router_id_v6) == 0 && a->overload == b->overload &&
	       a->admin_down == b->admin_down && a->unavailability_ppt == b->unavailability_ppt &&
	       near(a->latitude, b->latitude) && near(a->longitude, b->longitude) &&
	       same_numbers(a->srlg, a->n_srlg, b->srlg, b->n_srlg) &&
	       same_msds(a->msd, a->n_msd, b->msd, b->n_msd) &&
	       same_texts(a->services, a->n_services, b->services, b->n_services) &&
	       a->n_algorithms == b->n_algorithms &&
	       (!a->n_algorithms || memcmp(a->algorithms, b->algorithms, a->n_algorithms) == 0);
}

static bool
same_link_attr(const struct ted_link_attr *a, const struct ted_link_attr *b)
{
	return a->present == b->present && same_text(a->name, b->name) &&
	       a->unusable == b->unusable && a->admin_down == b->admin_down &&
	       a->oper_down == b->oper_down && a->delay_anomalous == b->delay_anomalous &&
	       a->igp_metric == b->igp_metric && a->te_metric == b->te_metric &&
	       a->delay_us == b->delay_us && a->delay_min_us == b->delay_min_us &&
	       a->delay_max_us == b->delay_max_us &&
	       a->delay_variation_us == b->delay_variation_us && a->loss_ppb == b->loss_ppb &&
	       a->capacity_bps == b->capacity_bps && a->reservable_bps == b->reservable_bps &&
	       memcmp(a->unreserved_bps, b->unreserved_bps, sizeof(a->unreserved_bps)) == 0 &&
	       a->advertised_residual_bps == b->advertised_residual_bps &&
	       a->advertised_available_bps == b->advertised_available_bps &&
	       a->advertised_utilised_bps == b->advertised_utilised_bps &&
	       a->measured_bps == b->measured_bps &&
	       a->start_residual_bps == b->start_residual_bps &&
	       a->subscription_ppm == b->subscription_ppm &&
	       a->unavailability_ppt == b->unavailability_ppt &&
	       same_numbers(a->affinity, a->n_affinity, b->affinity, b->n_affinity) &&
	       same_numbers(a->srlg, a->n_srlg, b->srlg, b->n_srlg) &&
	       same_sids(a->sids, a->n_sids, b->sids, b->n_sids) &&
	       same_msds(a->msd, a->n_msd, b->msd, b->n_msd) &&
	       same_texts(a->slices, a->n_slices, b->slices, b->n_slices) &&
	       !a->reverse == !b->reverse && (!a->reverse || same_link_key(a->reverse, b->reverse));
}

static bool
same_prefix(const struct ted_delta *a, const struct ted_delta *b)
{
	const struct ted_prefix_key *k = &a->key.prefix, *l = &b->key.prefix;
	const struct ted_prefix_attr *x = &a->attr.prefix, *y = &b->attr.prefix;

	return same_node_key(&k->node, &l->node) && k->topology == l->topology &&
	       k->ospf_route_type == l->ospf_route_type &&
	       ip_compare(&k->prefix.addr, &l->prefix.addr) == 0 &&
	       k->prefix.len == l->prefix.len && x->metric == y->metric &&
	       x->has_locator == y->has_locator && x->locator.flags == y->locator.flags &&
	       x->locator.algorithm == y->locator.algorithm &&
	       x->locator.metric == y->locator.metric;
}

static bool
same_delta(const struct ted_delta *a, const struct ted_delta *b)
{
	if (a->object != b->object || a->op != b->op)
		return false;
	switch (a->object) {
	case TED_OBJECT_NODE:
		return same_node_key(&a->key.node, &b->key.node) &&
		       same_node_attr(&a->attr.node, &b->attr.node);
	case TED_OBJECT_LINK:
		return same_link_key(&a->key.link, &b->key.link) &&
		       same_link_attr(&a->attr.link, &b->attr.link);
	case TED_OBJECT_PREFIX:
		return same_prefix(a, b);
	case TED_OBJECT_SID:
		return same_node_key(&a->key.sid.node, &b->key.sid.node) &&
		       a->key.sid.topology == b->key.sid.topology &&
		       memcmp(a->key.sid.sid, b->key.sid.sid, 16) == 0 &&
		       a->attr.sid.behavior == b->attr.sid.behavior &&
		       a->attr.sid.flags == b->attr.sid.flags &&
		       a->attr.sid.algorithm == b->attr.sid.algorithm &&
		       same_structure(&a->attr.sid.structure, &b->attr.sid.structure);
	default:
		return a->key.number == b->key.number &&
		       same_text(a->attr.srlg.name, b->attr.srlg.name) &&
		       a->attr.srlg.unavailability_ppt == b->attr.srlg.unavailability_ppt;
	}
}

/* Every delta has its like; the order of kinds may differ. */
static void
check_same(const struct topology *t, const struct codec_topology *got, unsigned seed,
	   const char *text)
{
	ck_assert_msg(t->n == got->n, "seed %u: %zu deltas became %zu in %s", seed, t->n, got->n,
		      text);
	for (size_t i = 0; i < t->n; i++) {
		bool found = false;

		for (size_t j = 0; j < got->n && !found; j++)
			found = same_delta(&t->deltas[i], &got->deltas[j]);
		ck_assert_msg(found, "seed %u: delta %zu (object %d) is lost in %s", seed, i,
			      (int)t->deltas[i].object, text);
	}
}

START_TEST(topology_deltas_to_text_and_back_are_the_same)
{
	static struct topology t;

	for (unsigned seed = 0; seed < suite_seeds(); seed++) {
		struct arena arena = { 0 };
		struct random r = { seed, &arena, 1 };
		struct codec_topology got = { 0 };
		struct pce_error err = { 0 };
		struct text json = { 0 }, yaml = { 0 };

		random_topology(&r, &t);
		ck_assert_msg(codec_topology_print_deltas(codec, t.deltas, t.n, &json, &err) ==
				  PCE_OK,
			      "seed %u: %s: %s", seed, err.path, err.text);
		ck_assert_msg(codec_topology_read(codec, text_get(&json), json.len, NULL, &got,
						  &err) == PCE_OK,
			      "seed %u: %s: %s in %s", seed, err.path, err.text, text_get(&json));
		check_same(&t, &got, seed, text_get(&json));
		codec_topology_free(&got);
		/* the same as YAML: JSON is a part of it */
		text_printf(&yaml, "--- # YAML\n%s\n", text_get(&json));
		ck_assert_msg(codec_topology_read(codec, text_get(&yaml), yaml.len, NULL, &got,
						  &err) == PCE_OK,
			      "seed %u: %s: %s in %s", seed, err.path, err.text, text_get(&yaml));
		check_same(&t, &got, seed, text_get(&yaml));
		codec_topology_free(&got);
		text_free(&json);
		text_free(&yaml);
		arena_free(&arena);
	}
}
END_TEST

/* --- What a reader says of bad and of incomplete files --- */

#define TWO "topology:\n  node:\n  - name: A\n  - name: B\n  link:\n  - name: x\n    from: A\n"
#define JTWO                                                                                       \
	"{\"karst-topology:topology\":{\n\"node\":[{\"name\":\"A\"},{\"name\":\"B\"}],\n\"link\":" \
	"[\n"                                                                                      \
	"{\"name\":\"x\",\n\"from\":\"A\",\n"

static const struct {
	const char *text, *path, *words;
	unsigned line;
} faults[] = {
	{ TWO "    to: C\n", "/karst-topology:topology/link[name='x']/to",
	  "link x: there is no node C", 8 },
	{ JTWO "\"to\":\"C\"}]}}", "/karst-topology:topology/link[name='x']/to",
	  "link x: there is no node C", 6 },
	{ TWO "    to: B\n  - name: x\n    from: B\n    to: A\n",
	  "/karst-topology:topology/link[name='x']", "link x is given twice", 9 },
	{ JTWO "\"to\":\"B\"},\n{\"name\":\"x\",\"from\":\"B\",\"to\":\"A\"}]}}",
	  "/karst-topology:topology/link[name='x']", "link x is given twice", 7 },
	{ "topology:\n  node:\n  - name: A\n  - name: A\n",
	  "/karst-topology:topology/node[name='A']", "node A is given twice", 4 },
	{ TWO "    to: B\n    delay-us: -4\n", "/karst-topology:topology/link[name='x']/delay-us",
	  "link x: delay-us: Value \"-4\" is out of", 9 },
	{ TWO "    to: B\n    delay-us: 16777216\n",
	  "/karst-topology:topology/link[name='x']/delay-us", "16777216", 9 },
	{ TWO "    to: B\n    capacity-bps: -1\n",
	  "/karst-topology:topology/link[name='x']/capacity-bps", "-1", 9 },
	{ JTWO "\"to\":\"B\",\n\"capacity-bps\":\"-1\"}]}}",
	  "/karst-topology:topology/link[name='x']/capacity-bps", "-1", 7 },
	{ JTWO "\"to\":\"B\",\n\"capacity-bps\":1}]}}",
	  "/karst-topology:topology/link[name='x']/capacity-bps", "as a string", 7 },
	{ TWO "    to: B\n    capacity-bps: 99999999999999999999\n",
	  "/karst-topology:topology/link[name='x']/capacity-bps", "99999999999999999999", 9 },
	{ TWO "    to: B\n    igp-metric: 1e99\n",
	  "/karst-topology:topology/link[name='x']/igp-metric", "1e99", 9 },
	{ TWO "    to: B\n    availability: 1.5\n",
	  "/karst-topology:topology/link[name='x']/availability", "1.5", 9 },
	{ TWO "    to: A\n", "/karst-topology:topology/link[name='x']/to", "are the same node", 8 },
	{ TWO, "/karst-topology:topology/link[name='x']", "link x: to is missing", 6 },
	{ TWO "    to: B\n    reverse: y\n", "/karst-topology:topology/link[name='x']/reverse",
	  "there is no link y", 9 },
	{ TWO "    to: B\n    reverse: y\n  - {name: y, from: A, to: B}\n",
	  "/karst-topology:topology/link[name='x']/reverse", "does not lead back", 9 },
	{ TWO "    to: B\n    reverse: y\n  - {name: y, from: B, to: A}\n"
	      "  - {name: z, from: A, to: B,\n     reverse: y}\n",
	  "/karst-topology:topology/link[name='z']/reverse", "more than one link", 12 },
	{ TWO "    to: B\n    local-address: [192.0.2.1]\n"
	      "  - {name: y, from: A, to: B, local-address: [192.0.2.1]}\n",
	  "/karst-topology:topology/link[name='y']", "same addresses", 10 },
	{ TWO "    to: B\n    colour: red\n", "/karst-topology:topology/link[name='x']",
	  "colour is not known in link", 9 },
	{ JTWO "\"to\":\"B\",\n\"colour\":1}]}}", "/karst-topology:topology/link[name='x']",
	  "colour is not known", 7 },
	{ TWO "    to: B\n    delay-us:\n", "/karst-topology:topology/link[name='x']/delay-us",
	  "has no value", 9 },
	{ TWO "    to: B\n    affinity: red\n", "/karst-topology:topology/link[name='x']/affinity",
	  "needs a list", 9 },
	{ TWO "    to: B\n    affinity: [1024]\n",
	  "/karst-topology:topology/link[name='x']/affinity", "1024", 9 },
	{ "topology:\n  node:\n  - name: A\n    igp: {router-id: 1921.6800.1001}\n",
	  "/karst-topology:topology/node[name='A']/igp/protocol", "needs igp/protocol", 4 },
	{ "topology:\n  node:\n  - name: A\n    igp: {protocol: isis-l2}\n",
	  "/karst-topology:topology/node[name='A']/igp", "igp/router-id is missing", 4 },
	{ "topology:\n  node:\n  - name: A\n    latitude: 1\n",
	  "/karst-topology:topology/node[name='A']", "come together", 3 },
	{ "topology:\n  affinity:\n  - {name: red, bit: 1}\n  - {name: blue, bit: 1}\n",
	  "/karst-topology:topology/affinity[name='blue']", "bit", 4 },
	{ "topology:\n  node:\n  - name: A\n    sid:\n    - {sid: 'fc00::1', behavior: End.DX2, "
	  "flavors: psp}\n",
	  "/karst-topology:topology/node[name='A']/sid[sid='fc00::1']/flavors", "flavors", 5 },
	{ "topology:\n  node: [A\n  link: 5\n", "", "this is not YAML", 4 },
	{ "topology:\n\tnode: 5\n", "", "this is not YAML", 2 },
	{ "topology: {}\n%TAG ! x\n", "", "directives", 2 },
	{ "topology:\n  node:\n  - name: \xff\n", "", "not UTF-8", 3 },
	{ "{\"karst-topology:topology\":{\"node\":[{\"name\":\n\"a\x01\"}]}}", "", "control", 2 },
	{ "{\"karst-topology:topology\":{\n\"node\":[\n}}", "", "", 3 },
	{ "{\"karst-topology:topology\":{}}\n\n}", "", "after the end", 3 },
	{ "", "", "no document", 0 },
	{ "just words", "", "neither JSON nor YAML", 1 },
	{ "intents: {}\n", "", "no karst-topology:topology", 0 },
	{ "<graphml/>", "", "XML", 0 },
	{ "topology: {node: &x [{name: A}], link: *y}\n", "", "", 0 },
};

START_TEST(topology_bad_file_is_one_sentence_with_path_and_line)
{
	struct codec_topology got = { 0 };
	struct pce_error err = { 0 };
	enum pce_status status =
	    codec_topology_read(codec, faults[_i].text, strlen(faults[_i].text), NULL, &got, &err);

	ck_assert_msg(status == PCE_INVALID || status == PCE_MALFORMED || status == PCE_UNSUPPORTED,
		      "fault %d: status %d", _i, (int)status);
	ck_assert_ptr_null(got.deltas);
	ck_assert_msg(strstr(err.text, faults[_i].words) != NULL, "fault %d says: %s", _i,
		      err.text);
	ck_assert_msg(!faults[_i].path[0] || strcmp(err.path, faults[_i].path) == 0,
		      "fault %d is at: %s", _i, err.path);
	ck_assert_msg(!faults[_i].line || err.line == faults[_i].line, "fault %d is on line %u: %s",
		      _i, err.line, err.text);
	ck_assert_ptr_null(strchr(err.text, '\n'));
}
END_TEST

static bool
is_assumed(const struct codec_topology *t, const char *sentence)
{
	for (size_t i = 0; i < t->n_assumed; i++) {
		if (strcmp(t->assumed[i], sentence) == 0)
			return true;
	}
	return false;
}

START_TEST(topology_absent_values_stay_absent_and_are_listed)
{
	static const char text[] =
	    TWO "    to: B\n    affinity: [gold, 0]\n    srlg: [duct]\n"
		"  - {name: y, from: B, to: A, igp-metric: 0, delay-us: 0}\n";
	struct codec_topology got = { 0 };
	struct pce_error err = { 0 };
	const struct ted_link_attr *x = NULL, *y = NULL;

	ck_assert_msg(codec_topology_read(codec, text, strlen(text), NULL, &got, &err) == PCE_OK,
		      "%s", err.text);
	for (size_t i = 0; i < got.n; i++) {
		if (got.deltas[i].object == TED_OBJECT_LINK) {
			y = &got.deltas[i].attr.link;
			x = x ? x : y;
		}
	}
	ck_assert_uint_eq(x->present, TED_LINK_NAME | TED_LINK_AFFINITY | TED_LINK_SRLG);
	ck_assert_uint_eq(y->present, TED_LINK_NAME | TED_LINK_IGP_METRIC | TED_LINK_DELAY);
	ck_assert_uint_eq(x->affinity[0], 3); /* gold gets bit 1: 0 is taken by number */
	ck_assert(is_assumed(&got, "igp-metric is missing on 1 link (x): 1 is assumed"));
	ck_assert(is_assumed(&got, "delay-us is missing on 1 link (x): 0 is assumed"));
	ck_assert(
	    is_assumed(&got, "te-metric is missing on 2 links (x, y): igp-metric is assumed"));
	ck_assert(is_assumed(&got, "capacity-bps is missing on 2 links (x, y): no bandwidth can "
				   "be booked there"));
	ck_assert(is_assumed(&got, "availability is missing on 2 nodes (A, B): 1 is assumed"));
	ck_assert(is_assumed(&got, "affinity gold has no bit: 1 is assumed"));
	codec_topology_free(&got);
}
END_TEST

START_TEST(topology_names_bound_by_configuration_keep_their_bits)
{
	static const char text[] = TWO "    to: B\n    affinity: [gold, red]\n";
	const struct config_affinity bound[] = { { "gold", 40 }, { "blue", 0 } };
	const struct codec_topology_options options = { bound, 2 };
	struct codec_topology got = { 0 };
	struct pce_error err = { 0 };
	const struct ted_link_attr *x = NULL;

	ck_assert_msg(codec_topology_read(codec, text, strlen(text), &options, &got, &err) ==
			  PCE_OK,
		      "%s", err.text);
	x = &got.deltas[got.n - 1].attr.link;
	ck_assert_uint_eq(x->n_affinity, 2);
	ck_assert_uint_eq(x->affinity[1], 1u << 8);
	ck_assert_uint_eq(x->affinity[0], 1u << 1); /* red: bit 0 is blue's */
	codec_topology_free(&got);
}
END_TEST

START_TEST(topology_reverse_named_once_ties_both)
{
	static const char text[] = TWO "    to: B\n    reverse: y\n  - {name: y, from: B, to: A}\n";
	struct codec_topology got = { 0 };
	struct pce_error err = { 0 };

	ck_assert_msg(codec_topology_read(codec, text, strlen(text), NULL, &got, &err) == PCE_OK,
		      "%s", err.text);
	ck_assert_uint_eq(got.n, 4);
	ck_assert_ptr_eq(got.deltas[2].attr.link.reverse, &got.deltas[3].key.link);
	ck_assert_ptr_eq(got.deltas[3].attr.link.reverse, &got.deltas[2].key.link);
	ck_assert(got.deltas[3].attr.link.present & TED_LINK_REVERSE);
	codec_topology_free(&got);
}
END_TEST

START_TEST(topology_group_by_name_and_number_counts_once)
{
	static const char text[] = "topology:\n  srlg: [{name: duct, number: 7}]\n"
				   "  node: [{name: A, srlg: [7, duct, 8]}]\n";
	struct codec_topology got = { 0 };
	struct pce_error err = { 0 };
	const struct ted_node_attr *a;

	ck_assert_msg(codec_topology_read(codec, text, strlen(text), NULL, &got, &err) == PCE_OK,
		      "%s", err.text);
	a = &got.deltas[1].attr.node;
	ck_assert_uint_eq(a->n_srlg, 2);
	ck_assert_uint_eq(a->srlg[0], 7);
	ck_assert_uint_eq(a->srlg[1], 8);
	codec_topology_free(&got);
}
END_TEST

/* A few hundred octets of aliases that would expand to gigabytes. */
START_TEST(topology_yaml_alias_bomb_is_refused)
{
	struct codec_topology got = { 0 };
	struct pce_error err = { 0 };
	struct text text = { 0 };

	text_add(&text, "topology:\n  node:\n  - name: n0\n    service: &a [");
	for (int i = 0; i < 1000; i++)
		text_printf(&text, "\"service number %d\",", i);
	text_add(&text, "]\n");
	for (int i = 1; i < 5000; i++)
		text_printf(&text, "  - {name: n%d, service: *a}\n", i);
	ck_assert_int_eq(codec_topology_read(codec, text_get(&text), text.len, NULL, &got, &err),
			 PCE_MALFORMED);
	ck_assert_ptr_nonnull(strstr(err.text, "aliases"));
	text_free(&text);
}
END_TEST

START_TEST(topology_deep_nesting_is_refused)
{
	struct codec_topology got = { 0 };
	struct pce_error err = { 0 };
	struct text text = { 0 };

	for (int yaml = 0; yaml < 2; yaml++) {
		text_clear(&text);
		text_add(&text, yaml ? "topology: " : "{\"karst-topology:topology\":");
		for (int i = 0; i < 100000; i++)
			text_add(&text, "[");
		ck_assert_int_ne(
		    codec_topology_read(codec, text_get(&text), text.len, NULL, &got, &err),
		    PCE_OK);
	}
	text_free(&text);
}
END_TEST

START_TEST(topology_unprintable_characters_are_replaced)
{
	struct ted_delta d = { .object = TED_OBJECT_NODE };
	struct pce_error err = { 0 };
	struct text text = { 0 };

	d.key.node.protocol = TED_PROTOCOL_ISIS_L2;
	d.key.node.router_id_len = 6;
	d.attr.node.present = TED_NODE_NAME | TED_NODE_LABEL;
	d.attr.node.name = "a\x01"
			   "b\xff\xef\xbf\xbe";
	d.attr.node.label = "";
	ck_assert_msg(codec_topology_print_deltas(codec, &d, 1, &text, &err) == PCE_OK, "%s",
		      err.text);
	ck_assert_ptr_nonnull(strstr(text_get(&text), "\"a\xef\xbf\xbd"
						      "b\xef\xbf\xbd\xef\xbf\xbd\""));
	text_free(&text);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("topology");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, topology_deltas_to_text_and_back_are_the_same);
	tcase_add_loop_test(tc, topology_bad_file_is_one_sentence_with_path_and_line, 0,
			    sizeof(faults) / sizeof(faults[0]));
	tcase_add_test(tc, topology_absent_values_stay_absent_and_are_listed);
	tcase_add_test(tc, topology_names_bound_by_configuration_keep_their_bits);
	tcase_add_test(tc, topology_reverse_named_once_ties_both);
	tcase_add_test(tc, topology_group_by_name_and_number_counts_once);
	tcase_add_test(tc, topology_yaml_alias_bomb_is_refused);
	tcase_add_test(tc, topology_deep_nesting_is_refused);
	tcase_add_test(tc, topology_unprintable_characters_are_replaced);
	return suite_run("models/topology", tc, 120);
}
