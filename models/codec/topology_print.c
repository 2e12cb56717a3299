/*
 * Topologies out: views by names, which the daemon fills from rows of the database, and deltas,
 * which are turned into such a view first.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/codec/internal.h"
#include "models/codec/topology.h"

static const char *const protocols[] = {
	[TED_PROTOCOL_ISIS_L1] = "isis-l1", [TED_PROTOCOL_ISIS_L2] = "isis-l2",
	[TED_PROTOCOL_OSPFV2] = "ospfv2",   [TED_PROTOCOL_DIRECT] = "direct",
	[TED_PROTOCOL_STATIC] = "static",   [TED_PROTOCOL_OSPFV3] = "ospfv3",
	[TED_PROTOCOL_BGP] = "bgp",
};

static const struct {
	uint8_t type;
	const char *name;
} msd_names[] = {
	{ TED_MSD_SEGMENTS_LEFT, "max-segments-left" },
	{ TED_MSD_END_POP, "max-end-pop" },
	{ TED_MSD_H_ENCAPS, "max-h-encaps" },
	{ TED_MSD_END_D, "max-end-d" },
};

/* The notation that belongs to the protocol (karst-types: igp-router-id). */
static void
emit_router_id(struct emit *e, const struct ted_node_key *key)
{
	const uint8_t *id = key->router_id;
	bool isis = key->protocol == TED_PROTOCOL_ISIS_L1 || key->protocol == TED_PROTOCOL_ISIS_L2;
	bool ospf = key->protocol == TED_PROTOCOL_OSPFV2 || key->protocol == TED_PROTOCOL_OSPFV3;
	struct text text = { 0 };

	if (isis && (key->router_id_len == 6 || key->router_id_len == 7)) {
		text_printf(&text, "%02x%02x.%02x%02x.%02x%02x", id[0], id[1], id[2], id[3], id[4],
			    id[5]);
		if (key->router_id_len == 7)
			text_printf(&text, ".%02x", id[6]);
	} else if (ospf && (key->router_id_len == 4 || key->router_id_len == 8)) {
		text_printf(&text, "%u.%u.%u.%u", id[0], id[1], id[2], id[3]);
		if (key->router_id_len == 8)
			text_printf(&text, ":%u.%u.%u.%u", id[4], id[5], id[6], id[7]);
	} else {
		text_add(&text, "0x");
		text_hex(&text, id, key->router_id_len);
	}
	emit_string(e, "router-id", text_get(&text));
	if (!text_ok(&text))
		e->text.bad = true;
	text_free(&text);
}

/* True for the key that a node has by its name alone. */
static bool
is_named_key(const struct ted_node_key *key, const char *name)
{
	return key->protocol == TED_PROTOCOL_STATIC && key->instance == 0 && key->asn == 0 &&
	       key->bgpls_id == 0 && key->area == 0 && key->bgp_router_id == 0 &&
	       key->router_id_len == strlen(name) &&
	       memcmp(key->router_id, name, key->router_id_len) == 0;
}

static void
emit_identity(struct emit *e, const struct ted_node_key *key)
{
	struct ip_addr bgp;
	uint8_t octets[4];

	emit_open(e, "igp", '{');
	if (key->protocol < sizeof(protocols) / sizeof(protocols[0]) && protocols[key->protocol])
		emit_string(e, "protocol", protocols[key->protocol]);
	else
		emit_u32(e, "protocol", key->protocol);
	if (key->instance)
		emit_u64(e, "instance", key->instance);
	if (key->asn)
		emit_u32(e, "asn", key->asn);
	if (key->bgpls_id)
		emit_u32(e, "bgpls-id", key->bgpls_id);
	if (key->area)
		emit_u32(e, "area", key->area);
	if (key->bgp_router_id) {
		for (int i = 0; i < 4; i++)
			octets[i] = (uint8_t)(key->bgp_router_id >> (24 - 8 * i));
		bgp = ip_v4(octets);
		emit_addr(e, "bgp-router-id", &bgp);
	}
	if (key->router_id_len)
		emit_router_id(e, key);
	emit_close(e, '}');
}

/*
 * What a feed says twice, with two values, would be two list entries with one key, and no topology
 * would be shown at all: the first one is.
 */
static bool
msd_repeats(const struct ted_msd *msd, size_t at)
{
	for (size_t i = 0; i < at; i++) {
		if (msd[i].type == msd[at].type)
			return true;
	}
	return false;
}

static bool
endx_repeats(const struct ted_sid *sids, size_t at)
{
	for (size_t i = 0; i < at; i++) {
		if (memcmp(sids[i].sid, sids[at].sid, 16) == 0)
			return true;
	}
	return false;
}

static bool
sid_repeats(const struct codec_sid_view *sids, size_t at)
{
	for (size_t i = 0; i < at; i++) {
		if (memcmp(sids[i].sid.sid, sids[at].sid.sid, 16) == 0)
			return true;
	}
	return false;
}

static bool
same_prefix(const struct codec_prefix_view *a, const struct codec_prefix_view *b)
{
	return ip_compare(&a->prefix.addr, &b->prefix.addr) == 0 &&
	       a->prefix.len == b->prefix.len && a->topology == b->topology &&
	       a->ospf_route_type == b->ospf_route_type;
}

/* There may be thousands, and equal ones stand together. */
static bool
prefix_repeats(const struct codec_prefix_view *prefixes, size_t at)
{
	return at > 0 && same_prefix(&prefixes[at - 1], &prefixes[at]);
}

static void
emit_msd(struct emit *e, const struct ted_msd *msd, size_t n)
{
	if (n == 0)
		return;
	emit_open(e, "msd", '[');
	for (size_t i = 0; i < n; i++) {
		const char *name = NULL;

		if (msd_repeats(msd, i))
			continue;

		for (size_t j = 0; j < sizeof(msd_names) / sizeof(msd_names[0]); j++) {
			if (msd_names[j].type == msd[i].type)
				name = msd_names[j].name;
		}
		emit_open(e, NULL, '{');
		if (name)
			emit_string(e, "type", name);
		else
			emit_u32(e, "type", msd[i].type);
		emit_u32(e, "value", msd[i].value);
		emit_close(e, '}');
	}
	emit_close(e, ']');
}

static void
emit_sid_attributes(struct emit *e, const struct ted_sid *sid)
{
	const struct ted_sid_structure *s = &sid->structure;

	emit_sid(e, "sid", sid->sid);
	emit_behavior(e, sid->behavior);
	if (sid->algorithm)
		emit_u32(e, "algorithm", sid->algorithm);
	if (s->block || s->node || s->function || s->argument) {
		emit_open(e, "structure", '{');
		emit_u32(e, "block-length", s->block);
		emit_u32(e, "node-length", s->node);
		emit_u32(e, "function-length", s->function);
		emit_u32(e, "argument-length", s->argument);
		emit_close(e, '}');
	}
	if (sid->flags)
		emit_u32(e, "flags", sid->flags);
}

static void
emit_sources(struct emit *e, const struct codec_topology_state *state)
{
	static const struct {
		enum ted_source_kind kind;
		const char *name;
	} kinds[] = { { TED_SOURCE_OPERATOR, "operator" },
		      { TED_SOURCE_TELEMETRY, "telemetry" },
		      { TED_SOURCE_BGPLS, "bgp-ls" },
		      { TED_SOURCE_FILE, "file" } };

	if (state->sources) {
		emit_open(e, "source", '[');
		for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
			if (state->sources & 1u << kinds[i].kind)
				emit_string(e, NULL, kinds[i].name);
		}
		emit_close(e, ']');
	}
	emit_bool(e, "stale", state->stale);
}

/* The name of a number, or NULL. The numbers are sorted. */
static const char *
number_name(const struct codec_number_view *numbers, size_t n, uint32_t number)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (numbers[middle].number == number)
			return numbers[middle].name;
		if (numbers[middle].number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

static void
emit_srlgs(struct emit *e, const struct codec_topology_view *view, const uint32_t *srlg, size_t n)
{
	if (n == 0)
		return;
	emit_open(e, "srlg", '[');
	for (size_t i = 0; i < n; i++) {
		const char *name = number_name(view->srlgs, view->n_srlgs, srlg[i]);

		if (i > 0 && srlg[i] == srlg[i - 1])
			continue;

		if (name)
			emit_string(e, NULL, name);
		else
			emit_u32(e, NULL, srlg[i]);
	}
	emit_close(e, ']');
}

static void
emit_affinities(struct emit *e, const struct codec_topology_view *view, const char *leaf,
		const uint32_t *words, size_t n)
{
	bool any = false;

	for (size_t i = 0; i < n; i++)
		any = any || words[i];
	if (!any)
		return;
	emit_open(e, leaf, '[');
	for (uint32_t bit = 0; bit < n * 32; bit++) {
		const char *name;

		if (!(words[bit / 32] >> (bit % 32) & 1))
			continue;
		name = number_name(view->affinities, view->n_affinities, bit);
		if (name)
			emit_string(e, NULL, name);
		else
			emit_u32(e, NULL, bit);
	}
	emit_close(e, ']');
}

static void
emit_decimal(struct emit *e, const char *name, double value)
{
	char text[32];

	snprintf(text, sizeof(text), "%.6f", value);
	emit_string(e, name, text);
}

static void
emit_fad(struct emit *e, const struct codec_topology_view *view, const struct ted_fad *fad)
{
	static const char *const names[] = { "igp", "min-delay", "te" };

	emit_open(e, NULL, '{');
	emit_u32(e, "algorithm", fad->algorithm);
	if (fad->metric_type < 3)
		emit_string(e, "metric-type", names[fad->metric_type]);
	else
		emit_u32(e, "metric-type", fad->metric_type);
	emit_u32(e, "calculation-type", fad->calculation);
	emit_u32(e, "priority", fad->priority);
	emit_affinities(e, view, "exclude-any", fad->exclude_any, fad->n_exclude_any);
	emit_affinities(e, view, "include-any", fad->include_any, fad->n_include_any);
	emit_affinities(e, view, "include-all", fad->include_all, fad->n_include_all);
	if (fad->n_exclude_srlg) {
		emit_open(e, "exclude-srlg", '[');
		for (uint8_t i = 0; i < fad->n_exclude_srlg; i++)
			emit_u32(e, NULL, fad->exclude_srlg[i]);
		emit_close(e, ']');
	}
	if (fad->unsupported)
		emit_bool(e, "unsupported", true);
	emit_close(e, '}');
}

static void
emit_node_attr(struct emit *e, const struct codec_topology_view *view,
	       const struct ted_node_attr *attr)
{
	if (attr->present & TED_NODE_LABEL)
		emit_string(e, "label", attr->label);
	if (attr->present & TED_NODE_SITE)
		emit_string(e, "site", attr->site);
	if (attr->present & TED_NODE_POSITION) {
		emit_decimal(e, "latitude", attr->latitude);
		emit_decimal(e, "longitude", attr->longitude);
	}
	if (attr->present & (TED_NODE_ROUTER_ID_V4 | TED_NODE_ROUTER_ID_V6)) {
		emit_open(e, "router-id", '[');
		if (attr->present & TED_NODE_ROUTER_ID_V4)
			emit_addr(e, NULL, &attr->router_id_v4);
		if (attr->present & TED_NODE_ROUTER_ID_V6)
			emit_addr(e, NULL, &attr->router_id_v6);
		emit_close(e, ']');
	}
	if (attr->present & TED_NODE_OVERLOAD)
		emit_bool(e, "overload", attr->overload);
	if (attr->present & TED_NODE_AVAILABILITY)
		emit_availability(e, "availability", attr->unavailability_ppt);
	if (attr->present & TED_NODE_SRLG)
		emit_srlgs(e, view, attr->srlg, attr->n_srlg);
	if (attr->present & TED_NODE_SERVICES)
		emit_strings(e, "service", attr->services, attr->n_services);
	if (attr->present & TED_NODE_ADMIN)
		emit_bool(e, "admin-up", !attr->admin_down);
	if (attr->present & TED_NODE_SRV6)
		emit_bool(e, "srv6", true);
	if (attr->present & TED_NODE_ALGORITHMS && attr->n_algorithms) {
		emit_open(e, "algorithm", '[');
		for (size_t i = 0; i < attr->n_algorithms; i++)
			emit_u32(e, NULL, attr->algorithms[i]);
		emit_close(e, ']');
	}
	if (attr->present & TED_NODE_FADS && attr->n_fads) {
		emit_open(e, "flex-algo", '[');
		for (size_t i = 0; i < attr->n_fads; i++)
			emit_fad(e, view, &attr->fads[i]);
		emit_close(e, ']');
	}
	if (attr->present & TED_NODE_MSD)
		emit_msd(e, attr->msd, attr->n_msd);
}

/* True for a prefix that node/locator can say. */
static bool
is_plain_locator(const struct codec_prefix_view *prefix)
{
	return prefix->attr.has_locator && prefix->prefix.addr.family == IP_V6 &&
	       prefix->topology == 0 && prefix->ospf_route_type == 0 &&
	       prefix->attr.metric == prefix->attr.locator.metric;
}

static void
emit_locator(struct emit *e, const struct ted_locator *locator)
{
	if (locator->algorithm)
		emit_u32(e, "algorithm", locator->algorithm);
	if (locator->metric)
		emit_u32(e, "metric", locator->metric);
	if (locator->flags)
		emit_u32(e, "flags", locator->flags);
}

static void
emit_node_srv6(struct emit *e, const struct codec_node_view *node)
{
	emit_open(e, "locator", '[');
	for (size_t i = 0; i < node->n_prefixes; i++) {
		if (!is_plain_locator(&node->prefixes[i]) || prefix_repeats(node->prefixes, i))
			continue;
		emit_open(e, NULL, '{');
		emit_prefix(e, "prefix", &node->prefixes[i].prefix);
		emit_locator(e, &node->prefixes[i].attr.locator);
		emit_close(e, '}');
	}
	emit_close(e, ']');
	emit_open(e, "sid", '[');
	for (size_t i = 0; i < node->n_sids; i++) {
		if (sid_repeats(node->sids, i))
			continue;
		emit_open(e, NULL, '{');
		emit_sid_attributes(e, &node->sids[i].sid);
		if (node->sids[i].topology)
			emit_u32(e, "topology-id", node->sids[i].topology);
		emit_close(e, '}');
	}
	emit_close(e, ']');
}

static void
emit_node(struct emit *e, const struct codec_topology_view *view,
	  const struct codec_node_view *node)
{
	emit_open(e, NULL, '{');
	emit_string(e, "name", node->name);
	if (node->key && !is_named_key(node->key, node->name))
		emit_identity(e, node->key);
	emit_node_attr(e, view, &node->attr);
	emit_node_srv6(e, node);
	if (node->state) {
		emit_bool(e, "pseudonode", node->state->pseudonode);
		emit_sources(e, node->state);
	}
	emit_close(e, '}');
}

static void
emit_addresses(struct emit *e, const char *name, const struct ip_addr *v4, const struct ip_addr *v6)
{
	if (v4->family == IP_NONE && v6->family == IP_NONE)
		return;
	emit_open(e, name, '[');
	emit_addr(e, NULL, v4);
	emit_addr(e, NULL, v6);
	emit_close(e, ']');
}

static void
emit_link_key(struct emit *e, const struct ted_link_key *key)
{
	emit_addresses(e, "local-address", &key->v4_local, &key->v6_local);
	emit_addresses(e, "remote-address", &key->v4_remote, &key->v6_remote);
	if (key->has_ids) {
		emit_u32(e, "local-id", key->local_id);
		emit_u32(e, "remote-id", key->remote_id);
	}
	if (key->topology)
		emit_u32(e, "topology-id", key->topology);
}

static void
emit_link_bandwidth(struct emit *e, const struct ted_link_attr *attr, bool state)
{
	uint32_t present = attr->present;

	if (present & TED_LINK_CAPACITY)
		emit_u64(e, "capacity-bps", attr->capacity_bps);
	if (present & TED_LINK_SUBSCRIPTION)
		emit_u32(e, "subscription-ppm", attr->subscription_ppm);
	if (present & TED_LINK_START_RESIDUAL && !state)
		emit_u64(e, "residual-bps", attr->start_residual_bps);
	if (present & TED_LINK_ADV_RESIDUAL)
		emit_u64(e, "advertised-residual-bps", attr->advertised_residual_bps);
	if (present & TED_LINK_ADV_AVAILABLE)
		emit_u64(e, "advertised-available-bps", attr->advertised_available_bps);
	if (present & TED_LINK_ADV_UTILISED)
		emit_u64(e, "advertised-utilized-bps", attr->advertised_utilised_bps);
	if (present & TED_LINK_MEASURED)
		emit_u64(e, "measured-bps", attr->measured_bps);
	if (present & TED_LINK_RESERVABLE)
		emit_u64(e, "reservable-bps", attr->reservable_bps);
	if (present & TED_LINK_UNRESERVED) {
		emit_open(e, "unreserved", '[');
		for (uint32_t i = 0; i < 8; i++) {
			emit_open(e, NULL, '{');
			emit_u32(e, "priority", i);
			emit_u64(e, "bandwidth-bps", attr->unreserved_bps[i]);
			emit_close(e, '}');
		}
		emit_close(e, ']');
	}
}

static void
emit_link_metrics(struct emit *e, const struct ted_link_attr *attr)
{
	uint32_t present = attr->present;

	if (present & TED_LINK_ADMIN)
		emit_bool(e, "admin-up", !attr->admin_down);
	if (present & TED_LINK_OPER)
		emit_bool(e, "oper-up", !attr->oper_down);
	if (attr->unusable)
		emit_bool(e, "unusable", true);
	if (present & TED_LINK_IGP_METRIC)
		emit_u32(e, "igp-metric", attr->igp_metric);
	if (present & TED_LINK_TE_METRIC)
		emit_u32(e, "te-metric", attr->te_metric);
	if (present & TED_LINK_DELAY)
		emit_u32(e, "delay-us", attr->delay_us);
	if (attr->delay_anomalous)
		emit_bool(e, "delay-anomalous", true);
	if (present & TED_LINK_DELAY_RANGE) {
		emit_u32(e, "delay-min-us", attr->delay_min_us);
		emit_u32(e, "delay-max-us", attr->delay_max_us);
	}
	if (present & TED_LINK_DELAY_VARIATION)
		emit_u32(e, "delay-variation-us", attr->delay_variation_us);
	if (present & TED_LINK_LOSS)
		emit_u32(e, "loss-ppb", attr->loss_ppb);
	if (present & TED_LINK_AVAILABILITY)
		emit_availability(e, "availability", attr->unavailability_ppt);
}

static void
emit_link_groups(struct emit *e, const struct codec_topology_view *view,
		 const struct ted_link_attr *attr)
{
	if (attr->present & TED_LINK_AFFINITY)
		emit_affinities(e, view, "affinity", attr->affinity, attr->n_affinity);
	if (attr->present & TED_LINK_SRLG)
		emit_srlgs(e, view, attr->srlg, attr->n_srlg);
	if (attr->present & TED_LINK_SLICES)
		emit_strings(e, "slice", attr->slices, attr->n_slices);
	if (attr->present & TED_LINK_SIDS) {
		emit_open(e, "endx", '[');
		for (size_t i = 0; i < attr->n_sids; i++) {
			if (endx_repeats(attr->sids, i))
				continue;
			emit_open(e, NULL, '{');
			emit_sid_attributes(e, &attr->sids[i]);
			if (attr->sids[i].weight)
				emit_u32(e, "weight", attr->sids[i].weight);
			if (attr->sids[i].backup)
				emit_bool(e, "backup", true);
			emit_close(e, '}');
		}
		emit_close(e, ']');
	}
	if (attr->present & TED_LINK_MSD)
		emit_msd(e, attr->msd, attr->n_msd);
}

static void
emit_link(struct emit *e, const struct codec_topology_view *view,
	  const struct codec_link_view *link)
{
	emit_open(e, NULL, '{');
	emit_string(e, "name", link->name);
	emit_string(e, "from", link->from);
	emit_string(e, "to", link->to);
	emit_string(e, "reverse", link->reverse);
	emit_link_key(e, &link->key);
	emit_link_metrics(e, &link->attr);
	emit_link_bandwidth(e, &link->attr, link->state != NULL);
	emit_link_groups(e, view, &link->attr);
	if (link->state) {
		emit_u64(e, "residual-bps", link->state->residual_bps);
		emit_u64(e, "booked-bps", link->state->booked_bps);
		if (link->state->slice_bps > 0)
			emit_u64(e, "slice-bps", link->state->slice_bps);
		if (link->state->measured) {
			emit_u64(e, "policy-traffic-bps", link->state->policy_traffic_bps);
			emit_u64(e, "unbooked-bps", link->state->unbooked_bps);
		}
		emit_bool(e, "up", link->state->up);
		emit_string(e, "state", link->state->state);
		emit_sources(e, link->state);
	}
	emit_close(e, '}');
}

static void
emit_prefix_entry(struct emit *e, const struct codec_node_view *node,
		  const struct codec_prefix_view *prefix)
{
	bool typed = prefix->topology || prefix->ospf_route_type;

	emit_open(e, NULL, '{');
	emit_string(e, "node", node->name);
	emit_prefix(e, "prefix", &prefix->prefix);
	if (typed) {
		emit_u32(e, "topology-id", prefix->topology);
		emit_u32(e, "ospf-route-type", prefix->ospf_route_type);
	}
	if (prefix->attr.metric)
		emit_u32(e, "metric", prefix->attr.metric);
	if (prefix->attr.has_locator) {
		emit_open(e, "locator", '{');
		emit_locator(e, &prefix->attr.locator);
		emit_close(e, '}');
	}
	emit_close(e, '}');
}

/* typed: those outside the standard topology or with a route type. */
static void
emit_prefixes(struct emit *e, const struct codec_topology_view *view, const char *name, bool typed)
{
	emit_open(e, name, '[');
	for (size_t i = 0; i < view->n_nodes; i++) {
		const struct codec_node_view *node = &view->nodes[i];

		for (size_t j = 0; j < node->n_prefixes; j++) {
			const struct codec_prefix_view *prefix = &node->prefixes[j];

			if (!is_plain_locator(prefix) && !prefix_repeats(node->prefixes, j) &&
			    typed == (prefix->topology || prefix->ospf_route_type))
				emit_prefix_entry(e, node, prefix);
		}
	}
	emit_close(e, ']');
}

static void
emit_numbers(struct emit *e, const struct codec_topology_view *view)
{
	char digits[16];

	emit_open(e, "srlg", '[');
	for (size_t i = 0; i < view->n_srlgs; i++) {
		const struct codec_number_view *srlg = &view->srlgs[i];

		snprintf(digits, sizeof(digits), "%u", srlg->number);
		emit_open(e, NULL, '{');
		emit_string(e, "name", srlg->name ? srlg->name : digits);
		emit_u32(e, "number", srlg->number);
		if (srlg->unavailability_ppt)
			emit_availability(e, "availability", srlg->unavailability_ppt);
		emit_close(e, '}');
	}
	emit_close(e, ']');
	emit_open(e, "site", '[');
	for (size_t i = 0; i < view->n_sites; i++) {
		emit_open(e, NULL, '{');
		emit_string(e, "name", view->sites[i].name);
		if (view->sites[i].unavailability_ppt)
			emit_availability(e, "availability", view->sites[i].unavailability_ppt);
		emit_close(e, '}');
	}
	emit_close(e, ']');
	emit_open(e, "affinity", '[');
	for (size_t i = 0; i < view->n_affinities; i++) {
		emit_open(e, NULL, '{');
		emit_string(e, "name", view->affinities[i].name);
		emit_u32(e, "bit", view->affinities[i].number);
		emit_close(e, '}');
	}
	emit_close(e, ']');
}

enum pce_status
codec_topology_print(const struct codec *codec, const struct codec_topology_view *view,
		     struct text *out, struct pce_error *err)
{
	struct emit e = { 0 };

	emit_open(&e, NULL, '{');
	emit_open(&e, "karst-topology:topology", '{');
	if (view->has_revision)
		emit_u64(&e, "revision", view->revision);
	emit_open(&e, "node", '[');
	for (size_t i = 0; i < view->n_nodes; i++)
		emit_node(&e, view, &view->nodes[i]);
	emit_close(&e, ']');
	emit_open(&e, "link", '[');
	for (size_t i = 0; i < view->n_links; i++)
		emit_link(&e, view, &view->links[i]);
	emit_close(&e, ']');
	emit_prefixes(&e, view, "prefix", false);
	emit_prefixes(&e, view, "typed-prefix", true);
	emit_numbers(&e, view);
	emit_close(&e, '}');
	emit_close(&e, '}');
	return emit_finish(codec, &e, EMIT_DATA, NULL, out, err);
}
