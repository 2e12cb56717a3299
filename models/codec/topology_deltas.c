/* From deltas to a view by names: nodes collect their prefixes and SIDs, keys become names. */
#include <stdlib.h>
#include <string.h>

#include "models/codec/topology_internal.h"

struct collector {
	struct arena arena;
	struct nameset nodes, links; /* key as bytes -> index into the view's arrays */
	struct codec_node_view *node_views;
	struct codec_link_view *link_views;
	struct codec_number_view *srlgs, *affinities, *sites;
	size_t n_nodes, n_links, n_srlgs, n_affinities, n_sites;
	struct codec_prefix_view **prefixes; /* per node: as many as counted */
	struct codec_sid_view **sids;
	struct pce_error *err;
	bool bad; /* memory ran out where there is no status */
};

static uint32_t
find_node(struct collector *c, const struct ted_node_key *key)
{
	struct text id = { 0 };
	uint32_t at;

	topology_node_id(key, &id);
	c->bad = c->bad || !text_ok(&id);
	at = c->bad ? HASH_NONE : nameset_find(&c->nodes, id.at, id.len);
	text_free(&id);
	return at;
}

static uint32_t
find_link(struct collector *c, const struct ted_link_key *key)
{
	struct text id = { 0 };
	uint32_t at;

	topology_link_id(key, &id);
	c->bad = c->bad || !text_ok(&id);
	at = c->bad ? HASH_NONE : nameset_find(&c->links, id.at, id.len);
	text_free(&id);
	return at;
}

static enum pce_status
remember(struct collector *c, struct nameset *names, struct text *id, size_t at, const char *what)
{
	enum pce_status status = text_ok(id)
				     ? nameset_add(names, id->at, id->len, (uint32_t)at, c->err)
				     : pce_no_memory(c->err);

	text_free(id);
	return status == PCE_EXISTS ? pce_fail(c->err, PCE_INVALID, "%s appears twice", what)
				    : status;
}

/* A node that is known by its name has it in its key. */
static const char *
name_of(struct collector *c, const struct ted_delta *delta)
{
	const struct ted_node_key *key = &delta->key.node;
	char *name;

	if (delta->attr.node.present & TED_NODE_NAME)
		return delta->attr.node.name;
	if (key->protocol != TED_PROTOCOL_STATIC || key->router_id_len == 0)
		return NULL;
	name = arena_alloc(&c->arena, key->router_id_len + 1u);
	if (name)
		memcpy(name, key->router_id, key->router_id_len);
	else
		c->bad = true;
	return name;
}

static enum pce_status
collect_node(struct collector *c, const struct ted_delta *delta)
{
	struct codec_node_view *view = &c->node_views[c->n_nodes];
	const char *name = name_of(c, delta);
	struct text id = { 0 };

	if (!name)
		return pce_fail(c->err, PCE_INVALID, "a node has no name");
	*view = (struct codec_node_view){ .name = name,
					  .key = &delta->key.node,
					  .attr = delta->attr.node };
	topology_node_id(&delta->key.node, &id);
	return remember(c, &c->nodes, &id, c->n_nodes++, name);
}

static enum pce_status
collect_link(struct collector *c, const struct ted_delta *delta)
{
	struct codec_link_view *view = &c->link_views[c->n_links];
	const struct ted_link_attr *attr = &delta->attr.link;
	const char *name = attr->present & TED_LINK_NAME ? attr->name : delta->key.link.name;
	uint32_t from = find_node(c, &delta->key.link.local);
	uint32_t to = find_node(c, &delta->key.link.remote);
	struct text id = { 0 };

	if (!name)
		return pce_fail(c->err, PCE_INVALID, "a link has no name");
	if (from == HASH_NONE || to == HASH_NONE)
		return pce_fail(c->err, PCE_INVALID, "link %s: one of its nodes is not told of",
				name);
	*view = (struct codec_link_view){ .name = name,
					  .from = c->node_views[from].name,
					  .to = c->node_views[to].name,
					  .key = delta->key.link,
					  .attr = *attr };
	topology_link_id(&delta->key.link, &id);
	return remember(c, &c->links, &id, c->n_links++, name);
}

/* Counts (counting) or stores a prefix or SID with its node. */
static enum pce_status
collect_part(struct collector *c, const struct ted_delta *delta, bool counting)
{
	bool prefix = delta->object == TED_OBJECT_PREFIX;
	uint32_t at = find_node(c, prefix ? &delta->key.prefix.node : &delta->key.sid.node);
	struct codec_node_view *node;

	if (at == HASH_NONE)
		return pce_fail(c->err, PCE_INVALID, "a %s belongs to a node that is not told of",
				prefix ? "prefix" : "SID");
	node = &c->node_views[at];
	if (prefix && !counting)
		c->prefixes[at][node->n_prefixes] = (struct codec_prefix_view){
			delta->key.prefix.prefix, delta->key.prefix.topology,
			delta->key.prefix.ospf_route_type, delta->attr.prefix
		};
	if (!prefix && !counting) {
		struct codec_sid_view *sid = &c->sids[at][node->n_sids];

		sid->topology = delta->key.sid.topology;
		memcpy(sid->sid.sid, delta->key.sid.sid, 16);
		sid->sid.behavior = delta->attr.sid.behavior;
		sid->sid.flags = delta->attr.sid.flags;
		sid->sid.algorithm = delta->attr.sid.algorithm;
		sid->sid.structure = delta->attr.sid.structure;
	}
	if (prefix)
		node->n_prefixes++;
	else
		node->n_sids++;
	return PCE_OK;
}

/* Room for what was counted; the counts start anew. */
static enum pce_status
make_room(struct collector *c)
{
	c->prefixes = arena_alloc(&c->arena, (c->n_nodes + 1) * sizeof(*c->prefixes));
	c->sids = arena_alloc(&c->arena, (c->n_nodes + 1) * sizeof(*c->sids));
	if (!c->prefixes || !c->sids)
		return pce_no_memory(c->err);
	for (size_t i = 0; i < c->n_nodes; i++) {
		struct codec_node_view *node = &c->node_views[i];

		c->prefixes[i] =
		    arena_alloc(&c->arena, (node->n_prefixes + 1) * sizeof(**c->prefixes));
		c->sids[i] = arena_alloc(&c->arena, (node->n_sids + 1) * sizeof(**c->sids));
		if (!c->prefixes[i] || !c->sids[i])
			return pce_no_memory(c->err);
		node->prefixes = c->prefixes[i];
		node->sids = c->sids[i];
		node->n_prefixes = node->n_sids = 0;
	}
	return PCE_OK;
}

static enum pce_status
collect_parts(struct collector *c, const struct ted_delta *deltas, size_t n, bool counting)
{
	enum pce_status status = PCE_OK;

	for (size_t i = 0; status == PCE_OK && i < n; i++) {
		if (deltas[i].object == TED_OBJECT_PREFIX || deltas[i].object == TED_OBJECT_SID)
			status = collect_part(c, &deltas[i], counting);
	}
	return status;
}

static enum pce_status
collect_reverses(struct collector *c)
{
	for (size_t i = 0; i < c->n_links; i++) {
		struct codec_link_view *link = &c->link_views[i];
		uint32_t at;

		if (!(link->attr.present & TED_LINK_REVERSE) || !link->attr.reverse)
			continue;
		at = find_link(c, link->attr.reverse);
		if (at == HASH_NONE)
			return pce_fail(c->err, PCE_INVALID, "link %s: its reverse is not told of",
					link->name);
		link->reverse = c->link_views[at].name;
	}
	return PCE_OK;
}

static int
by_number(const void *a, const void *b)
{
	const struct codec_number_view *x = a, *y = b;

	return x->number < y->number ? -1 : x->number > y->number;
}

static enum pce_status
collect_objects(struct collector *c, const struct ted_delta *deltas, size_t n,
		enum ted_object object)
{
	enum pce_status status = PCE_OK;

	for (size_t i = 0; status == PCE_OK && i < n; i++) {
		const struct ted_delta *delta = &deltas[i];
		struct codec_number_view number = { delta->key.number, delta->attr.srlg.name,
						    delta->attr.srlg.unavailability_ppt };

		if (delta->object != object)
			continue;
		if (delta->op != TED_SET)
			return pce_fail(c->err, PCE_INVALID, "a deletion cannot be printed");
		if (object == TED_OBJECT_NODE)
			status = collect_node(c, delta);
		else if (object == TED_OBJECT_LINK)
			status = collect_link(c, delta);
		else if (object == TED_OBJECT_SRLG)
			c->srlgs[c->n_srlgs++] = number;
		else if (object == TED_OBJECT_AFFINITY)
			c->affinities[c->n_affinities++] = number;
		else if (object == TED_OBJECT_SITE)
			c->sites[c->n_sites++] = number;
	}
	return status;
}

static enum pce_status
collect(struct collector *c, const struct ted_delta *deltas, size_t n)
{
	enum pce_status status;

	c->node_views = arena_alloc(&c->arena, (n + 1) * sizeof(*c->node_views));
	c->link_views = arena_alloc(&c->arena, (n + 1) * sizeof(*c->link_views));
	c->srlgs = arena_alloc(&c->arena, (n + 1) * sizeof(*c->srlgs));
	c->affinities = arena_alloc(&c->arena, (n + 1) * sizeof(*c->affinities));
	c->sites = arena_alloc(&c->arena, (n + 1) * sizeof(*c->sites));
	if (!c->node_views || !c->link_views || !c->srlgs || !c->affinities || !c->sites)
		return pce_no_memory(c->err);
	status = collect_objects(c, deltas, n, TED_OBJECT_SRLG);
	if (status == PCE_OK)
		status = collect_objects(c, deltas, n, TED_OBJECT_AFFINITY);
	if (status == PCE_OK)
		status = collect_objects(c, deltas, n, TED_OBJECT_SITE);
	if (status == PCE_OK)
		status = collect_objects(c, deltas, n, TED_OBJECT_NODE);
	if (status == PCE_OK)
		status = collect_objects(c, deltas, n, TED_OBJECT_LINK);
	if (status == PCE_OK)
		status = collect_parts(c, deltas, n, true);
	if (status == PCE_OK)
		status = make_room(c);
	if (status == PCE_OK)
		status = collect_parts(c, deltas, n, false);
	if (status == PCE_OK)
		status = collect_reverses(c);
	if (c->bad)
		status = pce_no_memory(c->err);
	qsort(c->srlgs, c->n_srlgs, sizeof(*c->srlgs), by_number);
	qsort(c->affinities, c->n_affinities, sizeof(*c->affinities), by_number);
	return status;
}

enum pce_status
codec_topology_print_deltas(const struct codec *codec, const struct ted_delta *deltas, size_t n,
			    struct text *out, struct pce_error *err)
{
	struct collector c = { .err = err };
	enum pce_status status;

	nameset_init(&c.nodes, &c.arena);
	nameset_init(&c.links, &c.arena);
	status = collect(&c, deltas, n);
	if (status == PCE_OK) {
		struct codec_topology_view view = { .nodes = c.node_views,
						    .n_nodes = c.n_nodes,
						    .links = c.link_views,
						    .n_links = c.n_links,
						    .srlgs = c.srlgs,
						    .n_srlgs = c.n_srlgs,
						    .affinities = c.affinities,
						    .n_affinities = c.n_affinities,
						    .sites = c.sites,
						    .n_sites = c.n_sites };

		status = codec_topology_print(codec, &view, out, err);
	}
	nameset_free(&c.nodes);
	nameset_free(&c.links);
	arena_free(&c.arena);
	return status;
}
