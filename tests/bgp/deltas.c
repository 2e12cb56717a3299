/* Random deltas, and their comparison field by field (the structs have padding and pointers). */
#include "tests/bgp/deltas.h"

#include <stdio.h>
#include <string.h>

#include "tests/support/suite.h"

static bool
coin(uint64_t *state)
{
	return suite_below(state, 2);
}

static uint64_t
random_bps(uint64_t *state)
{
	/* 24 bits of mantissa, so that octets per second fit a single exactly */
	return (uint64_t)suite_below(state, 1u << 24) << (3 + suite_below(state, 16));
}

static void
random_node(uint64_t *state, struct ted_node_key *key)
{
	static const uint8_t lengths[] = { 4, 6, 7, 8 };

	key->instance = suite_random(state) >> suite_below(state, 64);
	key->protocol = (uint8_t)(1 + suite_below(state, 7));
	key->asn = coin(state) ? (uint32_t)suite_random(state) : 0;
	key->bgpls_id = coin(state) ? (uint32_t)suite_random(state) : 0;
	key->area = coin(state) ? (uint32_t)suite_random(state) : 0;
	key->bgp_router_id = coin(state) ? (uint32_t)suite_random(state) : 0;
	key->router_id_len = lengths[suite_below(state, 4)];
	for (unsigned i = 0; i < key->router_id_len; i++)
		key->router_id[i] = (uint8_t)suite_random(state);
}

static struct ip_addr
random_addr(uint64_t *state, enum ip_family family)
{
	uint8_t octets[16];

	for (unsigned i = 0; i < 16; i++)
		octets[i] = (uint8_t)suite_random(state);
	return family == IP_V4 ? ip_v4(octets) : ip_v6(octets);
}

static void
random_octets(uint64_t *state, uint8_t *out, size_t n)
{
	for (size_t i = 0; i < n; i++)
		out[i] = (uint8_t)suite_random(state);
}

static void
random_link_key(uint64_t *state, struct ted_link_key *key)
{
	random_node(state, &key->local);
	random_node(state, &key->remote);
	key->remote.instance = key->local.instance;
	key->remote.protocol = key->local.protocol;
	key->topology = (uint16_t)suite_below(state, 4096);
	key->has_ids = coin(state);
	if (key->has_ids) {
		key->local_id = (uint32_t)suite_random(state);
		key->remote_id = (uint32_t)suite_random(state);
	}
	if (coin(state))
		key->v4_local = random_addr(state, IP_V4);
	if (coin(state))
		key->v4_remote = random_addr(state, IP_V4);
	if (coin(state))
		key->v6_local = random_addr(state, IP_V6);
	if (coin(state))
		key->v6_remote = random_addr(state, IP_V6);
}

static void
random_prefix_key(uint64_t *state, struct ted_prefix_key *key)
{
	enum ip_family family = coin(state) ? IP_V4 : IP_V6;
	unsigned most = family == IP_V4 ? 32 : 128;
	struct ip_prefix *p = &key->prefix;

	random_node(state, &key->node);
	key->topology = (uint16_t)suite_below(state, 4096);
	key->ospf_route_type = (uint8_t)suite_below(state, 7);
	p->addr = random_addr(state, family);
	p->len = (uint8_t)suite_below(state, most + 1);
	for (unsigned bit = p->len; bit < most; bit++)
		p->addr.octets[bit / 8] &= (uint8_t) ~(0x80 >> bit % 8);
}

static void
random_name(uint64_t *state, struct delta_room *room)
{
	unsigned len = 1 + suite_below(state, sizeof(room->name) - 1);

	for (unsigned i = 0; i < len; i++)
		room->name[i] = (char)(0x20 + suite_below(state, 0x5f));
	room->name[len] = '\0';
}

static size_t
random_msd(uint64_t *state, struct delta_room *room)
{
	size_t n = suite_below(state, 5);

	for (size_t i = 0; i < n; i++)
		room->msd[i] =
		    (struct ted_msd){ (uint8_t)suite_random(state), (uint8_t)suite_random(state) };
	return n;
}

static uint8_t
random_words(uint64_t *state, uint32_t words[TED_FAD_WORDS])
{
	uint8_t n = (uint8_t)suite_below(state, TED_FAD_WORDS + 1);

	for (uint8_t i = 0; i < n; i++)
		words[i] = (uint32_t)suite_random(state);
	return n;
}

static void
random_fad(uint64_t *state, struct ted_fad *fad, uint8_t algorithm)
{
	*fad = (struct ted_fad){ .algorithm = algorithm,
				 .metric_type = (uint8_t)suite_below(state, 3),
				 .calculation = (uint8_t)suite_below(state, 2),
				 .priority = (uint8_t)suite_below(state, 256),
				 .unsupported = (uint8_t)suite_below(state, 2) };
	fad->n_exclude_any = random_words(state, fad->exclude_any);
	fad->n_include_any = random_words(state, fad->include_any);
	fad->n_include_all = random_words(state, fad->include_all);
	fad->n_exclude_srlg = random_words(state, fad->exclude_srlg);
}

static void
random_node_attr(uint64_t *state, struct delta_room *room, struct ted_node_attr *n)
{
	n->present =
	    (uint32_t)suite_random(state) &
	    (TED_NODE_NAME | TED_NODE_ROUTER_ID_V4 | TED_NODE_ROUTER_ID_V6 | TED_NODE_OVERLOAD |
	     TED_NODE_MSD | TED_NODE_SRV6 | TED_NODE_ALGORITHMS | TED_NODE_FADS);
	random_name(state, room);
	n->name = room->name;
	n->router_id_v4 = random_addr(state, IP_V4);
	n->router_id_v6 = random_addr(state, IP_V6);
	n->overload = coin(state);
	n->msd = room->msd;
	n->n_msd = random_msd(state, room);
	random_octets(state, room->algorithms, 4);
	n->algorithms = room->algorithms;
	n->n_algorithms = suite_below(state, 5);
	n->fads = room->fads;
	n->n_fads = 1 + suite_below(state, 3);
	for (size_t i = 0; i < n->n_fads; i++)
		random_fad(state, &room->fads[i], (uint8_t)(128 + i));
}

static void
random_sid(uint64_t *state, struct ted_sid *sid)
{
	*sid = (struct ted_sid){ .behavior = (uint16_t)suite_random(state),
				 .flags = (uint8_t)suite_random(state),
				 .algorithm = (uint8_t)suite_random(state),
				 .weight = (uint8_t)suite_random(state) };
	sid->backup = sid->flags & 0x80;
	random_octets(state, sid->sid, 16);
	if (coin(state))
		sid->structure =
		    (struct ted_sid_structure){ 32, 16, 16, (uint8_t)suite_below(state, 64) };
}

static void
random_lists(uint64_t *state, struct delta_room *room, struct ted_link_attr *l)
{
	for (size_t i = 0; i < 8; i++) {
		room->affinity[i] = (uint32_t)suite_random(state);
		room->srlg[i] = (uint32_t)suite_random(state);
	}
	for (size_t i = 0; i < 4; i++)
		random_sid(state, &room->sids[i]);
	l->affinity = room->affinity;
	l->n_affinity = 1 + suite_below(state, 8);
	l->srlg = room->srlg;
	l->n_srlg = suite_below(state, 9);
	l->sids = room->sids;
	l->n_sids = 1 + suite_below(state, 4);
	l->msd = room->msd;
	l->n_msd = random_msd(state, room);
	random_name(state, room);
	l->name = room->name;
}

static void
random_link_attr(uint64_t *state, struct delta_room *room, struct ted_link_attr *l)
{
	l->present = (uint32_t)suite_random(state) & ((TED_LINK_ADV_UTILISED << 1) - 1);
	l->present |= (uint32_t)suite_random(state) &
		      (TED_LINK_AFFINITY | TED_LINK_SRLG | TED_LINK_SIDS | TED_LINK_MSD);
	l->igp_metric = suite_below(state, 0xffffff);
	l->te_metric = (uint32_t)suite_random(state);
	l->delay_us = suite_below(state, 1 << 24);
	l->delay_min_us = suite_below(state, 1 << 24);
	l->delay_max_us = suite_below(state, 1 << 24);
	l->delay_variation_us = suite_below(state, 1 << 24);
	l->loss_ppb = suite_below(state, 1 << 24) * 30;
	if (l->present & (TED_LINK_DELAY | TED_LINK_DELAY_RANGE))
		l->delay_anomalous = coin(state);
	l->capacity_bps = random_bps(state);
	l->reservable_bps = random_bps(state);
	for (int i = 0; i < 8; i++)
		l->unreserved_bps[i] = random_bps(state);
	l->advertised_residual_bps = random_bps(state);
	l->advertised_available_bps = random_bps(state);
	l->advertised_utilised_bps = random_bps(state);
	random_lists(state, room, l);
}

void
delta_random(uint64_t *state, struct delta_room *room, struct ted_delta *out)
{
	memset(out, 0, sizeof(*out));
	out->object = (enum ted_object)suite_below(state, 4);
	out->op = suite_below(state, 5) ? TED_SET : TED_DELETE;
	switch (out->object) {
	case TED_OBJECT_NODE:
		random_node(state, &out->key.node);
		random_node_attr(state, room, &out->attr.node);
		break;
	case TED_OBJECT_LINK:
		random_link_key(state, &out->key.link);
		random_link_attr(state, room, &out->attr.link);
		break;
	case TED_OBJECT_PREFIX:
		random_prefix_key(state, &out->key.prefix);
		out->attr.prefix.metric = (uint32_t)suite_random(state);
		out->attr.prefix.has_locator = coin(state);
		if (out->attr.prefix.has_locator)
			out->attr.prefix.locator =
			    (struct ted_locator){ (uint8_t)suite_random(state),
						  (uint8_t)suite_random(state),
						  (uint32_t)suite_random(state) };
		break;
	default:
		random_node(state, &out->key.sid.node);
		out->key.sid.topology = (uint16_t)suite_below(state, 4096);
		random_octets(state, out->key.sid.sid, 16);
		out->attr.sid = (struct ted_sid_attr){ .behavior = (uint16_t)suite_random(state),
						       .flags = (uint8_t)suite_random(state),
						       .algorithm = (uint8_t)suite_random(state),
						       .structure = { 32, 16, 16, 0 } };
		break;
	}
}

static bool
same_node_key(const struct ted_node_key *a, const struct ted_node_key *b)
{
	return a->instance == b->instance && a->asn == b->asn && a->bgpls_id == b->bgpls_id &&
	       a->area == b->area && a->bgp_router_id == b->bgp_router_id &&
	       a->protocol == b->protocol && a->router_id_len == b->router_id_len &&
	       memcmp(a->router_id, b->router_id, sizeof(a->router_id)) == 0;
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
	       ip_compare(&a->v6_remote, &b->v6_remote) == 0;
}

/* What differs, or NULL. bit 0: the field is compared always. */
#define CHECK(bit, field, same)                                                                    \
	do {                                                                                       \
		if (((bit) == 0 || (a->present & (bit))) && !(same))                               \
			return field;                                                              \
	} while (0)

static const char *
node_attr_difference(const struct ted_node_attr *a, const struct ted_node_attr *b)
{
	CHECK(0, "present", a->present == b->present);
	CHECK(TED_NODE_NAME, "name", strcmp(a->name, b->name) == 0);
	CHECK(TED_NODE_ROUTER_ID_V4, "v4", ip_compare(&a->router_id_v4, &b->router_id_v4) == 0);
	CHECK(TED_NODE_ROUTER_ID_V6, "v6", ip_compare(&a->router_id_v6, &b->router_id_v6) == 0);
	CHECK(TED_NODE_OVERLOAD, "overload", a->overload == b->overload);
	CHECK(TED_NODE_MSD, "msd",
	      a->n_msd == b->n_msd && memcmp(a->msd, b->msd, a->n_msd * sizeof(*a->msd)) == 0);
	CHECK(TED_NODE_FADS, "fads",
	      a->n_fads == b->n_fads &&
		  memcmp(a->fads, b->fads, a->n_fads * sizeof(*a->fads)) == 0);
	CHECK(TED_NODE_ALGORITHMS, "algorithms",
	      a->n_algorithms == b->n_algorithms &&
		  memcmp(a->algorithms, b->algorithms, a->n_algorithms) == 0);
	return NULL;
}

static bool
same_sids(const struct ted_link_attr *a, const struct ted_link_attr *b)
{
	if (a->n_sids != b->n_sids)
		return false;
	for (size_t i = 0; i < a->n_sids; i++) {
		const struct ted_sid *x = &a->sids[i], *y = &b->sids[i];

		if (memcmp(x->sid, y->sid, 16) != 0 || x->behavior != y->behavior ||
		    x->flags != y->flags || x->algorithm != y->algorithm ||
		    x->weight != y->weight || x->backup != y->backup ||
		    memcmp(&x->structure, &y->structure, sizeof(x->structure)) != 0)
			return false;
	}
	return true;
}

static const char *
link_attr_difference(const struct ted_link_attr *a, const struct ted_link_attr *b)
{
	CHECK(0, "present", a->present == b->present);
	CHECK(0, "unusable", a->unusable == b->unusable);
	CHECK(0, "anomalous", a->delay_anomalous == b->delay_anomalous);
	CHECK(TED_LINK_NAME, "name", strcmp(a->name, b->name) == 0);
	CHECK(TED_LINK_IGP_METRIC, "igp metric", a->igp_metric == b->igp_metric);
	CHECK(TED_LINK_TE_METRIC, "te metric", a->te_metric == b->te_metric);
	CHECK(TED_LINK_DELAY, "delay", a->delay_us == b->delay_us);
	CHECK(TED_LINK_DELAY_RANGE, "range",
	      a->delay_min_us == b->delay_min_us && a->delay_max_us == b->delay_max_us);
	CHECK(TED_LINK_DELAY_VARIATION, "variation",
	      a->delay_variation_us == b->delay_variation_us);
	CHECK(TED_LINK_LOSS, "loss", a->loss_ppb == b->loss_ppb);
	CHECK(TED_LINK_CAPACITY, "capacity", a->capacity_bps == b->capacity_bps);
	CHECK(TED_LINK_RESERVABLE, "reservable", a->reservable_bps == b->reservable_bps);
	CHECK(TED_LINK_UNRESERVED, "unreserved",
	      memcmp(a->unreserved_bps, b->unreserved_bps, sizeof(a->unreserved_bps)) == 0);
	CHECK(TED_LINK_ADV_RESIDUAL, "residual",
	      a->advertised_residual_bps == b->advertised_residual_bps);
	CHECK(TED_LINK_ADV_AVAILABLE, "available",
	      a->advertised_available_bps == b->advertised_available_bps);
	CHECK(TED_LINK_ADV_UTILISED, "utilised",
	      a->advertised_utilised_bps == b->advertised_utilised_bps);
	CHECK(TED_LINK_AFFINITY, "affinity",
	      a->n_affinity == b->n_affinity &&
		  memcmp(a->affinity, b->affinity, a->n_affinity * 4) == 0);
	CHECK(TED_LINK_SRLG, "srlg",
	      a->n_srlg == b->n_srlg && memcmp(a->srlg, b->srlg, a->n_srlg * 4) == 0);
	CHECK(TED_LINK_MSD, "msd",
	      a->n_msd == b->n_msd && memcmp(a->msd, b->msd, a->n_msd * sizeof(*a->msd)) == 0);
	CHECK(TED_LINK_SIDS, "sids", same_sids(a, b));
	return NULL;
}

static bool
same_key(const struct ted_delta *a, const struct ted_delta *b)
{
	switch (a->object) {
	case TED_OBJECT_NODE:
		return same_node_key(&a->key.node, &b->key.node);
	case TED_OBJECT_LINK:
		return same_link_key(&a->key.link, &b->key.link);
	case TED_OBJECT_PREFIX:
		return same_node_key(&a->key.prefix.node, &b->key.prefix.node) &&
		       a->key.prefix.topology == b->key.prefix.topology &&
		       a->key.prefix.ospf_route_type == b->key.prefix.ospf_route_type &&
		       a->key.prefix.prefix.len == b->key.prefix.prefix.len &&
		       ip_compare(&a->key.prefix.prefix.addr, &b->key.prefix.prefix.addr) == 0;
	default:
		return same_node_key(&a->key.sid.node, &b->key.sid.node) &&
		       a->key.sid.topology == b->key.sid.topology &&
		       memcmp(a->key.sid.sid, b->key.sid.sid, 16) == 0;
	}
}

const char *
delta_difference(const struct ted_delta *a, const struct ted_delta *b)
{
	const struct ted_prefix_attr *p = &a->attr.prefix, *q = &b->attr.prefix;
	const struct ted_sid_attr *s = &a->attr.sid, *t = &b->attr.sid;

	if (a->object != b->object || a->op != b->op)
		return "object or operation";
	if (!same_key(a, b))
		return "key";
	if (a->op == TED_DELETE)
		return NULL;
	if (a->object == TED_OBJECT_NODE)
		return node_attr_difference(&a->attr.node, &b->attr.node);
	if (a->object == TED_OBJECT_LINK)
		return link_attr_difference(&a->attr.link, &b->attr.link);
	if (a->object == TED_OBJECT_PREFIX)
		return p->metric == q->metric && p->has_locator == q->has_locator &&
			       p->locator.flags == q->locator.flags &&
			       p->locator.algorithm == q->locator.algorithm &&
			       p->locator.metric == q->locator.metric
			   ? NULL
			   : "prefix attribute";
	return s->behavior == t->behavior && s->flags == t->flags && s->algorithm == t->algorithm &&
		       memcmp(&s->structure, &t->structure, sizeof(s->structure)) == 0
		   ? NULL
		   : "SID attribute";
}
