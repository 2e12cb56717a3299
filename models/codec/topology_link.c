/* Links of a topology, and the pairs that they make. */
#include <stdlib.h>
#include <string.h>

#include "models/codec/topology_internal.h"
#include "pce/base/array.h"

/* The node that a leaf names; a dangling link is refused. */
static enum pce_status
read_end(struct topology_reader *r, const struct lyd_node *link, const char *leaf,
	 struct ted_node_key *out)
{
	const char *name = read_text(link, leaf);
	uint32_t node = nameset_find(&r->nodes, name, strlen(name));

	if (node == HASH_NONE)
		return document_fail(r->doc, link, leaf, PCE_INVALID, r->err,
				     "link %s: there is no node %s", read_text(link, "name"), name);
	*out = r->keys[node];
	return PCE_OK;
}

void
topology_link_id(const struct ted_link_key *key, struct text *out)
{
	const struct ip_addr *addrs[] = { &key->v4_local, &key->v4_remote, &key->v6_local,
					  &key->v6_remote };

	topology_node_id(&key->local, out);
	topology_node_id(&key->remote, out);
	text_bytes(out, &key->topology, sizeof(key->topology));
	text_bytes(out, key->has_ids ? "i" : "-", 1);
	text_bytes(out, &key->local_id, sizeof(key->local_id));
	text_bytes(out, &key->remote_id, sizeof(key->remote_id));
	for (size_t i = 0; i < 4; i++) {
		text_bytes(out, &addrs[i]->family, 1);
		text_bytes(out, addrs[i]->octets, 16);
	}
	if (key->name)
		text_add(out, key->name);
}

static bool
has_identifiers(const struct ted_link_key *key)
{
	return key->has_ids || key->v4_local.family || key->v4_remote.family ||
	       key->v6_local.family || key->v6_remote.family;
}

static enum pce_status
read_key(struct topology_reader *r, const struct lyd_node *link, const char *name,
	 struct ted_link_key *key)
{
	enum pce_status status = read_end(r, link, "from", &key->local);

	if (status == PCE_OK)
		status = read_end(r, link, "to", &key->remote);
	if (status == PCE_OK)
		status =
		    topology_addresses(r, link, "local-address", &key->v4_local, &key->v6_local);
	if (status == PCE_OK)
		status =
		    topology_addresses(r, link, "remote-address", &key->v4_remote, &key->v6_remote);
	if (status != PCE_OK)
		return status;
	if (strcmp(read_text(link, "from"), read_text(link, "to")) == 0)
		return document_fail(r->doc, link, "to", PCE_INVALID, r->err,
				     "link %s: from and to are the same node", name);
	key->topology = (uint16_t)read_u64(link, "topology-id", 0);
	key->has_ids = read_child(link, "local-id") || read_child(link, "remote-id");
	key->local_id = (uint32_t)read_u64(link, "local-id", 0);
	key->remote_id = (uint32_t)read_u64(link, "remote-id", 0);
	if (has_identifiers(key))
		return PCE_OK;
	if (strlen(name) > TED_NAME_MAX)
		return document_fail(r->doc, link, "name", PCE_LIMIT, r->err,
				     "link %s: a name of more than %d octets needs addresses or "
				     "identifiers beside it",
				     name, TED_NAME_MAX);
	key->name = name;
	return PCE_OK;
}

/* Remembers the link under its name and its identifiers; neither may repeat. */
static enum pce_status
remember(struct topology_reader *r, const struct lyd_node *link, const char *name,
	 const struct ted_link_key *key)
{
	struct text id = { 0 };
	uint32_t at = (uint32_t)r->out->n;
	enum pce_status status = array_reserve(&r->link_nodes, &r->cap_links, r->n_links + 1,
					       sizeof(struct lyd_node *), r->err);

	if (status != PCE_OK)
		return status;
	topology_link_id(key, &id);
	status = text_ok(&id) ? nameset_add(&r->link_ids, id.at, id.len, at, r->err)
			      : pce_no_memory(r->err);
	text_free(&id);
	if (status == PCE_EXISTS)
		return document_fail(r->doc, link, NULL, PCE_INVALID, r->err,
				     "link %s: another link between the same nodes has the same "
				     "addresses and identifiers",
				     name);
	if (status == PCE_OK)
		status = nameset_add(&r->links, name, strlen(name), at, r->err);
	if (status == PCE_OK)
		r->link_nodes[r->n_links++] = link;
	return status;
}

/* A number leaf with its presence bit. */
static uint64_t
take(const struct lyd_node *link, const char *leaf, struct ted_link_attr *attr,
     enum ted_link_field field)
{
	const struct lyd_node *node = read_child(link, leaf);

	if (!node)
		return 0;
	attr->present |= (uint32_t)field;
	return read_number(node);
}

static void
read_metrics(const struct lyd_node *link, struct ted_link_attr *attr)
{
	const struct lyd_node *availability = read_child(link, "availability");

	attr->igp_metric = (uint32_t)take(link, "igp-metric", attr, TED_LINK_IGP_METRIC);
	attr->te_metric = (uint32_t)take(link, "te-metric", attr, TED_LINK_TE_METRIC);
	attr->delay_us = (uint32_t)take(link, "delay-us", attr, TED_LINK_DELAY);
	attr->delay_variation_us =
	    (uint32_t)take(link, "delay-variation-us", attr, TED_LINK_DELAY_VARIATION);
	attr->loss_ppb = (uint32_t)take(link, "loss-ppb", attr, TED_LINK_LOSS);
	attr->delay_anomalous = read_bool(link, "delay-anomalous", false);
	attr->unusable = read_bool(link, "unusable", false);
	if (read_child(link, "admin-up"))
		attr->present |= TED_LINK_ADMIN;
	attr->admin_down = !read_bool(link, "admin-up", true);
	if (read_child(link, "oper-up"))
		attr->present |= TED_LINK_OPER;
	attr->oper_down = !read_bool(link, "oper-up", true);
	if (availability) {
		attr->present |= TED_LINK_AVAILABILITY;
		attr->unavailability_ppt = read_unavailability(availability);
	}
}

static void
read_bandwidths(const struct lyd_node *link, struct ted_link_attr *attr)
{
	const struct lyd_node *child;

	attr->capacity_bps = take(link, "capacity-bps", attr, TED_LINK_CAPACITY);
	attr->subscription_ppm =
	    (uint32_t)take(link, "subscription-ppm", attr, TED_LINK_SUBSCRIPTION);
	attr->start_residual_bps = take(link, "residual-bps", attr, TED_LINK_START_RESIDUAL);
	attr->advertised_residual_bps =
	    take(link, "advertised-residual-bps", attr, TED_LINK_ADV_RESIDUAL);
	attr->advertised_available_bps =
	    take(link, "advertised-available-bps", attr, TED_LINK_ADV_AVAILABLE);
	attr->advertised_utilised_bps =
	    take(link, "advertised-utilized-bps", attr, TED_LINK_ADV_UTILISED);
	attr->measured_bps = take(link, "measured-bps", attr, TED_LINK_MEASURED);
	attr->reservable_bps = take(link, "reservable-bps", attr, TED_LINK_RESERVABLE);
	LY_LIST_FOR(lyd_child(link), child)
	{
		if (strcmp(read_name(child), "unreserved") != 0)
			continue;
		attr->present |= TED_LINK_UNRESERVED;
		attr->unreserved_bps[read_u64(child, "priority", 0) & 7] =
		    read_u64(child, "bandwidth-bps", 0);
	}
}

static enum pce_status
read_delay_range(struct topology_reader *r, const struct lyd_node *link, struct ted_link_attr *attr)
{
	const struct lyd_node *low = read_child(link, "delay-min-us");
	const struct lyd_node *high = read_child(link, "delay-max-us");

	if (!low && !high)
		return PCE_OK;
	if (!low || !high)
		return document_fail(r->doc, link, NULL, PCE_INVALID, r->err,
				     "link %s: delay-min-us and delay-max-us come together",
				     read_text(link, "name"));
	attr->present |= TED_LINK_DELAY_RANGE;
	attr->delay_min_us = (uint32_t)read_number(low);
	attr->delay_max_us = (uint32_t)read_number(high);
	if (attr->delay_min_us > attr->delay_max_us)
		return document_fail(r->doc, link, "delay-max-us", PCE_INVALID, r->err,
				     "link %s: delay-max-us is below delay-min-us",
				     read_text(link, "name"));
	return PCE_OK;
}

static enum pce_status
read_endx(struct topology_reader *r, const struct lyd_node *link, struct ted_link_attr *attr)
{
	const struct lyd_node *child;
	size_t n = read_count(link, "endx"), i = 0;
	struct ted_sid *sids = n ? arena_alloc(r->arena, n * sizeof(*sids)) : NULL;
	enum pce_status status = n && !sids ? pce_no_memory(r->err) : PCE_OK;

	LY_LIST_FOR(n ? lyd_child(link) : NULL, child)
	{
		if (status == PCE_OK && strcmp(read_name(child), "endx") == 0)
			status = topology_sid(r, child, &sids[i++]);
	}
	attr->sids = sids;
	attr->n_sids = n;
	if (n)
		attr->present |= TED_LINK_SIDS;
	return status;
}

static enum pce_status
read_groups(struct topology_reader *r, const struct lyd_node *link, struct ted_link_attr *attr)
{
	bool bad = false;
	enum pce_status status =
	    topology_affinities(r, link, "affinity", &attr->affinity, &attr->n_affinity);

	if (status == PCE_OK)
		status = topology_srlgs(r, link, &attr->srlg, &attr->n_srlg);
	if (status == PCE_OK)
		status = topology_msds(r, link, &attr->msd, &attr->n_msd);
	if (status != PCE_OK)
		return status;
	attr->slices = read_strings(link, "slice", r->arena, &attr->n_slices, &bad);
	if (attr->n_affinity)
		attr->present |= TED_LINK_AFFINITY;
	if (attr->n_srlg)
		attr->present |= TED_LINK_SRLG;
	if (attr->n_msd)
		attr->present |= TED_LINK_MSD;
	if (attr->n_slices)
		attr->present |= TED_LINK_SLICES;
	return bad ? pce_no_memory(r->err) : PCE_OK;
}

static enum pce_status
read_attr(struct topology_reader *r, const struct lyd_node *link, struct ted_link_attr *attr)
{
	enum pce_status status;

	read_metrics(link, attr);
	read_bandwidths(link, attr);
	status = read_delay_range(r, link, attr);
	if (status == PCE_OK)
		status = read_endx(r, link, attr);
	return status == PCE_OK ? read_groups(r, link, attr) : status;
}

enum pce_status
topology_link(struct topology_reader *r, const struct lyd_node *link)
{
	const char *name = arena_strdup(r->arena, read_text(link, "name"));
	struct ted_link_key key = { 0 };
	struct ted_link_attr attr = { .name = name, .present = TED_LINK_NAME };
	struct ted_delta *delta;
	enum pce_status status = name ? read_key(r, link, name, &key) : pce_no_memory(r->err);

	/* names may add deltas of their own: the link's comes after them */
	if (status == PCE_OK)
		status = read_attr(r, link, &attr);
	if (status == PCE_OK)
		status = remember(r, link, name, &key);
	if (status != PCE_OK)
		return status;
	delta = topology_add(r, TED_OBJECT_LINK);
	if (!delta)
		return pce_no_memory(r->err);
	delta->key.link = key;
	delta->attr.link = attr;
	return PCE_OK;
}

static bool
same_node(const struct ted_node_key *a, const struct ted_node_key *b)
{
	return a->protocol == b->protocol && a->instance == b->instance && a->asn == b->asn &&
	       a->bgpls_id == b->bgpls_id && a->area == b->area &&
	       a->bgp_router_id == b->bgp_router_id && a->router_id_len == b->router_id_len &&
	       memcmp(a->router_id, b->router_id, a->router_id_len) == 0;
}

/* One direction of a pair: sets it, or refuses a second partner. */
static enum pce_status
tie(struct topology_reader *r, const struct lyd_node *node, struct ted_delta *link,
    struct ted_delta *other)
{
	struct ted_link_attr *attr = &link->attr.link;

	if (attr->reverse && attr->reverse != &other->key.link)
		return document_fail(r->doc, node, "reverse", PCE_INVALID, r->err,
				     "link %s is the reverse of more than one link", attr->name);
	attr->reverse = &other->key.link;
	attr->present |= TED_LINK_REVERSE;
	return PCE_OK;
}

static enum pce_status
read_reverse(struct topology_reader *r, const struct lyd_node *node, struct ted_delta *link)
{
	const char *name = read_text(node, "reverse");
	uint32_t at = nameset_find(&r->links, name, strlen(name));
	struct ted_delta *other;
	enum pce_status status;

	if (at == HASH_NONE)
		return document_fail(r->doc, node, "reverse", PCE_INVALID, r->err,
				     "link %s: there is no link %s", link->attr.link.name, name);
	other = &r->out->deltas[at];
	if (!same_node(&link->key.link.local, &other->key.link.remote) ||
	    !same_node(&link->key.link.remote, &other->key.link.local))
		return document_fail(r->doc, node, "reverse", PCE_INVALID, r->err,
				     "link %s: its reverse %s does not lead back",
				     link->attr.link.name, name);
	status = tie(r, node, link, other);
	return status == PCE_OK ? tie(r, node, other, link) : status;
}

enum pce_status
topology_reverses(struct topology_reader *r)
{
	enum pce_status status = PCE_OK;

	for (size_t i = 0; status == PCE_OK && i < r->n_links; i++) {
		const struct lyd_node *node = r->link_nodes[i];
		const char *name = read_text(node, "name");

		if (read_child(node, "reverse"))
			status = read_reverse(
			    r, node, &r->out->deltas[nameset_find(&r->links, name, strlen(name))]);
	}
	return status;
}
