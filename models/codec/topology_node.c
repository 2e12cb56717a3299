/* Nodes and prefixes of a topology. */
#include <stdlib.h>
#include <string.h>

#include "models/codec/topology_internal.h"
#include "pce/base/array.h"

/* Octets of the three notations of igp-router-id; the schema has checked their shape. */
static bool
parse_router_id(const char *text, uint8_t out[TED_NAME_MAX], uint8_t *len)
{
	struct ip_addr first = { 0 }, second = { 0 };
	char head[IP_TEXT];
	size_t n = strcspn(text, ":");
	bool hex = strncmp(text, "0x", 2) == 0;

	*len = 0;
	if (!hex && strcspn(text, ".") < 4) { /* dotted quad, perhaps two */
		if (n >= sizeof(head))
			return false;
		memcpy(head, text, n);
		head[n] = 0;
		if (ip_parse(head, &first, NULL) != PCE_OK ||
		    (text[n] && ip_parse(text + n + 1, &second, NULL) != PCE_OK))
			return false;
		memcpy(out, first.octets, 4);
		memcpy(out + 4, second.octets, 4);
		*len = text[n] ? 8 : 4;
		return true;
	}
	for (const char *at = hex ? text + 2 : text; *at && *len < TED_NAME_MAX;) {
		if (*at == '.' || *at == '-') {
			at++;
			continue;
		}
		out[(*len)++] = (uint8_t)(text_hex_digit(at[0]) << 4 | text_hex_digit(at[1]));
		at += 2;
	}
	return true;
}

static uint8_t
protocol_of(const char *text)
{
	static const char *const names[] = {
		[TED_PROTOCOL_ISIS_L1] = "isis-l1", [TED_PROTOCOL_ISIS_L2] = "isis-l2",
		[TED_PROTOCOL_OSPFV2] = "ospfv2",   [TED_PROTOCOL_DIRECT] = "direct",
		[TED_PROTOCOL_STATIC] = "static",   [TED_PROTOCOL_OSPFV3] = "ospfv3",
		[TED_PROTOCOL_BGP] = "bgp",
	};

	if (!text)
		return TED_PROTOCOL_STATIC;
	for (uint8_t i = 1; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(names[i], text) == 0)
			return i;
	}
	return (uint8_t)strtoul(text, NULL, 10);
}

static enum pce_status
read_key(struct topology_reader *r, const struct lyd_node *node, const char *name,
	 struct ted_node_key *out)
{
	const struct lyd_node *igp = read_child(node, "igp");
	const char *router_id = read_text(igp, "router-id"), *protocol = read_text(igp, "protocol");
	struct ip_addr bgp = read_addr(igp, "bgp-router-id");
	struct ted_node_key key = { .protocol = protocol_of(protocol) };

	key.instance = read_u64(igp, "instance", 0);
	key.asn = (uint32_t)read_u64(igp, "asn", 0);
	key.bgpls_id = (uint32_t)read_u64(igp, "bgpls-id", 0);
	key.area = (uint32_t)read_u64(igp, "area", 0);
	for (int i = 0; i < 4; i++)
		key.bgp_router_id = key.bgp_router_id << 8 | bgp.octets[i];
	if (router_id && !protocol)
		return document_fail(r->doc, igp, "protocol", PCE_INVALID, r->err,
				     "node %s: igp/router-id needs igp/protocol", name);
	if (router_id && !parse_router_id(router_id, key.router_id, &key.router_id_len))
		return document_fail(r->doc, igp, "router-id", PCE_INVALID, r->err,
				     "node %s: %s is not a router id", name, router_id);
	if (!router_id && key.protocol != TED_PROTOCOL_STATIC)
		return document_fail(r->doc, igp, NULL, PCE_INVALID, r->err,
				     "node %s: igp/router-id is missing", name);
	if (!router_id) {
		size_t len = strlen(name);

		if (len > TED_NAME_MAX)
			return document_fail(
			    r->doc, node, "name", PCE_LIMIT, r->err,
			    "node %.60s…: a name of more than %d octets needs an igp "
			    "identity beside it",
			    name, TED_NAME_MAX);
		memcpy(key.router_id, name, len);
		key.router_id_len = (uint8_t)len;
	}
	*out = key;
	return PCE_OK;
}

void
topology_node_id(const struct ted_node_key *key, struct text *out)
{
	text_bytes(out, &key->instance, sizeof(key->instance));
	text_bytes(out, &key->asn, sizeof(key->asn));
	text_bytes(out, &key->bgpls_id, sizeof(key->bgpls_id));
	text_bytes(out, &key->area, sizeof(key->area));
	text_bytes(out, &key->bgp_router_id, sizeof(key->bgp_router_id));
	text_bytes(out, &key->protocol, sizeof(key->protocol));
	text_bytes(out, &key->router_id_len, sizeof(key->router_id_len));
	text_bytes(out, key->router_id, key->router_id_len);
}

/* Remembers the node under its name and its identity; neither may repeat. */
static enum pce_status
remember(struct topology_reader *r, const struct lyd_node *node, const char *name,
	 const struct ted_node_key *key)
{
	struct text id = { 0 };
	enum pce_status status =
	    array_reserve(&r->keys, &r->cap_keys, r->n_keys + 1, sizeof(*r->keys), r->err);

	if (status != PCE_OK)
		return status;
	topology_node_id(key, &id);
	status = text_ok(&id)
		     ? nameset_add(&r->node_ids, id.at, id.len, (uint32_t)r->n_keys, r->err)
		     : pce_no_memory(r->err);
	text_free(&id);
	if (status == PCE_EXISTS)
		return document_fail(r->doc, node, "igp", PCE_INVALID, r->err,
				     "node %s: another node has the same igp identity", name);
	if (status == PCE_OK)
		status = nameset_add(&r->nodes, name, strlen(name), (uint32_t)r->n_keys, r->err);
	if (status == PCE_OK)
		r->keys[r->n_keys++] = *key;
	return status;
}

static enum pce_status
read_position(struct topology_reader *r, const struct lyd_node *node, struct ted_node_attr *attr)
{
	const char *latitude = read_text(node, "latitude"),
		   *longitude = read_text(node, "longitude");

	if (!latitude && !longitude)
		return PCE_OK;
	if (!latitude || !longitude)
		return document_fail(r->doc, node, NULL, PCE_INVALID, r->err,
				     "node %s: latitude and longitude come together",
				     read_text(node, "name"));
	attr->latitude = strtod(latitude, NULL);
	attr->longitude = strtod(longitude, NULL);
	attr->present |= TED_NODE_POSITION;
	return PCE_OK;
}

static void
read_flags(const struct lyd_node *node, struct ted_node_attr *attr)
{
	const struct lyd_node *availability = read_child(node, "availability");

	if (read_child(node, "overload"))
		attr->present |= TED_NODE_OVERLOAD;
	attr->overload = read_bool(node, "overload", false);
	if (read_child(node, "admin-up"))
		attr->present |= TED_NODE_ADMIN;
	attr->admin_down = !read_bool(node, "admin-up", true);
	if (read_bool(node, "srv6", false))
		attr->present |= TED_NODE_SRV6;
	if (availability) {
		attr->present |= TED_NODE_AVAILABILITY;
		attr->unavailability_ppt = read_unavailability(availability);
	}
}

static void
read_texts(struct topology_reader *r, const struct lyd_node *node, const char *name,
	   struct ted_node_attr *attr, bool *bad)
{
	attr->present |= TED_NODE_NAME;
	attr->name = read_copy(r->arena, name, bad);
	attr->label = read_copy(r->arena, read_text(node, "label"), bad);
	if (attr->label)
		attr->present |= TED_NODE_LABEL;
	attr->site = read_copy(r->arena, read_text(node, "site"), bad);
	if (attr->site)
		attr->present |= TED_NODE_SITE;
	attr->services = read_strings(node, "service", r->arena, &attr->n_services, bad);
	if (attr->n_services)
		attr->present |= TED_NODE_SERVICES;
}

static void
read_algorithms(struct topology_reader *r, const struct lyd_node *node, struct ted_node_attr *attr,
		bool *bad)
{
	const struct lyd_node *child;
	size_t n = read_count(node, "algorithm"), i = 0;
	uint8_t *out = n ? arena_alloc(r->arena, n) : NULL;

	if (n && !out)
		*bad = true;
	LY_LIST_FOR(out ? lyd_child(node) : NULL, child)
	{
		if (strcmp(read_name(child), "algorithm") == 0)
			out[i++] = (uint8_t)read_number(child);
	}
	attr->algorithms = out;
	attr->n_algorithms = i;
	if (i)
		attr->present |= TED_NODE_ALGORITHMS;
}

/* More words than a definition holds, and nobody can compute it. */
static enum pce_status
read_colours(struct topology_reader *r, const struct lyd_node *entry, const char *leaf,
	     struct ted_fad *fad, uint32_t words[TED_FAD_WORDS], uint8_t *n)
{
	const uint32_t *read;
	size_t count;
	enum pce_status status = topology_affinities(r, entry, leaf, &read, &count);

	if (status != PCE_OK)
		return status;
	if (count > TED_FAD_WORDS) {
		fad->unsupported = 1;
		return PCE_OK;
	}
	*n = (uint8_t)count;
	memcpy(words, read, count * sizeof(*words));
	return PCE_OK;
}

static uint8_t
metric_type_of(const char *text)
{
	static const char *const names[] = { "igp", "min-delay", "te" };

	for (uint8_t i = 0; i < 3; i++)
		if (!text || strcmp(text, names[i]) == 0)
			return i;
	return (uint8_t)strtoul(text, NULL, 10);
}

static void
read_excluded_srlgs(const struct lyd_node *entry, struct ted_fad *fad)
{
	const struct lyd_node *child;

	LY_LIST_FOR(lyd_child(entry), child)
	{
		if (strcmp(read_name(child), "exclude-srlg") != 0)
			continue;
		if (fad->n_exclude_srlg == TED_FAD_WORDS) {
			fad->unsupported = 1;
			return;
		}
		fad->exclude_srlg[fad->n_exclude_srlg++] = (uint32_t)read_number(child);
	}
}

static enum pce_status
read_fad(struct topology_reader *r, const struct lyd_node *entry, struct ted_fad *fad)
{
	enum pce_status status;

	fad->algorithm = (uint8_t)read_u64(entry, "algorithm", 0);
	fad->metric_type = metric_type_of(read_text(entry, "metric-type"));
	fad->calculation = (uint8_t)read_u64(entry, "calculation-type", 0);
	fad->priority = (uint8_t)read_u64(entry, "priority", 128);
	fad->unsupported = read_bool(entry, "unsupported", false);
	status = read_colours(r, entry, "exclude-any", fad, fad->exclude_any, &fad->n_exclude_any);
	if (status == PCE_OK)
		status = read_colours(r, entry, "include-any", fad, fad->include_any,
				      &fad->n_include_any);
	if (status == PCE_OK)
		status = read_colours(r, entry, "include-all", fad, fad->include_all,
				      &fad->n_include_all);
	read_excluded_srlgs(entry, fad);
	return status;
}

static enum pce_status
read_fads(struct topology_reader *r, const struct lyd_node *node, struct ted_node_attr *attr)
{
	const struct lyd_node *child;
	size_t n = read_count(node, "flex-algo"), i = 0;
	struct ted_fad *fads = n ? arena_alloc(r->arena, n * sizeof(*fads)) : NULL;
	enum pce_status status = PCE_OK;

	if (n && !fads)
		return pce_no_memory(r->err);
	LY_LIST_FOR(fads ? lyd_child(node) : NULL, child)
	{
		if (status == PCE_OK && strcmp(read_name(child), "flex-algo") == 0)
			status = read_fad(r, child, &fads[i++]);
	}
	attr->fads = fads;
	attr->n_fads = n;
	if (n)
		attr->present |= TED_NODE_FADS;
	return status;
}

static enum pce_status
read_attr(struct topology_reader *r, const struct lyd_node *node, const char *name,
	  struct ted_node_attr *attr)
{
	bool bad = false;
	enum pce_status status;

	read_texts(r, node, name, attr, &bad);
	read_algorithms(r, node, attr, &bad);
	if (bad)
		return pce_no_memory(r->err);
	read_flags(node, attr);
	status = read_position(r, node, attr);
	if (status == PCE_OK)
		status = topology_addresses(r, node, "router-id", &attr->router_id_v4,
					    &attr->router_id_v6);
	if (status == PCE_OK)
		status = topology_srlgs(r, node, &attr->srlg, &attr->n_srlg);
	if (status == PCE_OK)
		status = topology_msds(r, node, &attr->msd, &attr->n_msd);
	if (status == PCE_OK)
		status = read_fads(r, node, attr);
	if (attr->router_id_v4.family)
		attr->present |= TED_NODE_ROUTER_ID_V4;
	if (attr->router_id_v6.family)
		attr->present |= TED_NODE_ROUTER_ID_V6;
	if (attr->n_srlg)
		attr->present |= TED_NODE_SRLG;
	if (attr->n_msd)
		attr->present |= TED_NODE_MSD;
	return status;
}

static void
read_locator(const struct lyd_node *entry, struct ted_locator *out)
{
	out->algorithm = (uint8_t)read_u64(entry, "algorithm", 0);
	out->flags = (uint8_t)read_u64(entry, "flags", 0);
	out->metric = (uint32_t)read_u64(entry, "metric", 0);
}

static enum pce_status
add_locators(struct topology_reader *r, const struct lyd_node *node, const struct ted_node_key *key)
{
	const struct lyd_node *entry;

	LY_LIST_FOR(lyd_child(node), entry)
	{
		struct ted_delta *delta;

		if (strcmp(read_name(entry), "locator") != 0)
			continue;
		delta = topology_add(r, TED_OBJECT_PREFIX);
		if (!delta)
			return pce_no_memory(r->err);
		delta->key.prefix.node = *key;
		(void)ip_parse_prefix(read_text(entry, "prefix"), &delta->key.prefix.prefix, NULL);
		read_locator(entry, &delta->attr.prefix.locator);
		delta->attr.prefix.has_locator = true;
		delta->attr.prefix.metric = delta->attr.prefix.locator.metric;
	}
	return PCE_OK;
}

static enum pce_status
add_sids(struct topology_reader *r, const struct lyd_node *node, const struct ted_node_key *key)
{
	const struct lyd_node *entry;
	enum pce_status status = PCE_OK;

	LY_LIST_FOR(lyd_child(node), entry)
	{
		struct ted_delta *delta;
		struct ted_sid sid = { 0 };

		if (strcmp(read_name(entry), "sid") != 0)
			continue;
		status = topology_sid(r, entry, &sid);
		if (status != PCE_OK)
			break;
		delta = topology_add(r, TED_OBJECT_SID);
		if (!delta)
			return pce_no_memory(r->err);
		delta->key.sid.node = *key;
		delta->key.sid.topology = (uint16_t)read_u64(entry, "topology-id", 0);
		memcpy(delta->key.sid.sid, sid.sid, 16);
		delta->attr.sid =
		    (struct ted_sid_attr){ sid.behavior, sid.flags, sid.algorithm, sid.structure };
	}
	return status;
}

enum pce_status
topology_node(struct topology_reader *r, const struct lyd_node *node)
{
	const char *name = read_text(node, "name");
	struct ted_node_key key;
	struct ted_node_attr attr = { 0 };
	struct ted_delta *delta;
	enum pce_status status = read_key(r, node, name, &key);

	if (status == PCE_OK)
		status = remember(r, node, name, &key);
	/* a name may add an SRLG's delta: the node's own comes after it */
	if (status == PCE_OK)
		status = read_attr(r, node, name, &attr);
	if (status != PCE_OK)
		return status;
	delta = topology_add(r, TED_OBJECT_NODE);
	if (!delta)
		return pce_no_memory(r->err);
	delta->key.node = key;
	delta->attr.node = attr;
	status = add_locators(r, node, &key);
	return status == PCE_OK ? add_sids(r, node, &key) : status;
}

enum pce_status
topology_prefix(struct topology_reader *r, const struct lyd_node *prefix)
{
	const char *name = read_text(prefix, "node");
	const struct lyd_node *locator = read_child(prefix, "locator");
	uint32_t node = nameset_find(&r->nodes, name, strlen(name));
	struct ted_delta *delta;

	if (node == HASH_NONE)
		return document_fail(r->doc, prefix, "node", PCE_INVALID, r->err,
				     "prefix %s: there is no node %s", read_text(prefix, "prefix"),
				     name);
	delta = topology_add(r, TED_OBJECT_PREFIX);
	if (!delta)
		return pce_no_memory(r->err);
	delta->key.prefix.node = r->keys[node];
	delta->key.prefix.topology = (uint16_t)read_u64(prefix, "topology-id", 0);
	delta->key.prefix.ospf_route_type = (uint8_t)read_u64(prefix, "ospf-route-type", 0);
	(void)ip_parse_prefix(read_text(prefix, "prefix"), &delta->key.prefix.prefix, NULL);
	delta->attr.prefix.metric = (uint32_t)read_u64(prefix, "metric", 0);
	if (locator) {
		delta->attr.prefix.has_locator = true;
		read_locator(locator, &delta->attr.prefix.locator);
	}
	return PCE_OK;
}
