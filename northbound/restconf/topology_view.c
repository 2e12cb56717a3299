/* Rows of a graph as views; see topology_view.h. */
#include "config.h"

#include "northbound/restconf/topology_view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define AFFINITY_BITS 1024 /* karst-types: affinity-bit */

/* Where the views of one print live. */
struct builder {
	const struct ted *ted;
	struct arena arena;
	struct codec_topology_view view;
	bool bad; /* memory ran out */
};

bool
topology_shows_node(const struct ted *ted, ted_node node)
{
	const struct ted_node_row *row = ted_node_at(ted, node);
	ted_node other;

	if (row->unusable & TED_UNUSABLE_WITHDRAWN)
		return false;
	/* Names are keys, and only usable rows are sure to have one of their own. */
	return !row->unusable ||
	       (ted_find_node(ted, row->name, &other, NULL) == PCE_OK && other == node);
}

bool
topology_shows_link(const struct ted *ted, ted_link link)
{
	const struct ted_link_row *row = ted_link_at(ted, link);
	ted_link *found = NULL;
	size_t n = 0, cap = 0;
	bool same;

	if (row->unusable & TED_UNUSABLE_WITHDRAWN)
		return false;
	if (!row->unusable)
		return true;
	same = ted_find_links(ted, row->name, &found, &n, &cap, NULL) == PCE_OK && n == 1 &&
	       found[0] == link;
	free(found);
	return same;
}

static void *
builder_alloc(struct builder *b, size_t n, size_t size)
{
	void *at = arena_alloc(&b->arena, n ? n * size : 1);

	if (!at)
		b->bad = true;
	return at;
}

static uint32_t
present_if(bool given, uint32_t field)
{
	return given ? field : 0;
}

static struct ted_node_attr
node_attr(const struct ted_node_row *row)
{
	return (struct ted_node_attr){
		.present =
		    TED_NODE_OVERLOAD | TED_NODE_SRV6 | present_if(row->label, TED_NODE_LABEL) |
		    present_if(row->site, TED_NODE_SITE) |
		    present_if(row->has_position, TED_NODE_POSITION) |
		    present_if(row->has_availability, TED_NODE_AVAILABILITY) |
		    present_if(row->router_id_v4.family, TED_NODE_ROUTER_ID_V4) |
		    present_if(row->router_id_v6.family, TED_NODE_ROUTER_ID_V6) |
		    present_if(row->n_srlg, TED_NODE_SRLG) | present_if(row->n_msd, TED_NODE_MSD) |
		    present_if(row->n_services, TED_NODE_SERVICES),
		.label = row->label,
		.site = row->site,
		.latitude = row->latitude,
		.longitude = row->longitude,
		.router_id_v4 = row->router_id_v4,
		.router_id_v6 = row->router_id_v6,
		.overload = row->overload,
		.unavailability_ppt = row->unavailability_ppt,
		.srlg = row->srlg,
		.n_srlg = row->n_srlg,
		.msd = row->msd,
		.n_msd = row->n_msd,
		.services = row->services,
		.n_services = row->n_services,
	};
}

static void
add_node(struct builder *b, ted_node node, struct codec_node_view *out)
{
	const struct ted_node_row *row = ted_node_at(b->ted, node);
	struct codec_topology_state *state = builder_alloc(b, 1, sizeof(*state));
	struct codec_sid_view *sids = builder_alloc(b, row->n_sids, sizeof(*sids));
	struct codec_prefix_view *prefixes = builder_alloc(b, row->n_prefixes, sizeof(*prefixes));

	if (b->bad)
		return;
	state->stale = row->stale;
	state->pseudonode = row->pseudonode;
	for (size_t i = 0; i < row->n_sids; i++)
		sids[i].sid = row->sids[i];
	for (size_t i = 0; i < row->n_prefixes; i++) {
		const struct ted_prefix_row *p = &row->prefixes[i];

		prefixes[i].prefix = p->prefix;
		prefixes[i].topology = p->topology;
		prefixes[i].attr =
		    (struct ted_prefix_attr){ p->metric, p->has_locator, p->locator };
	}
	*out = (struct codec_node_view){ .name = row->name,
					 .attr = node_attr(row),
					 .prefixes = prefixes,
					 .n_prefixes = row->n_prefixes,
					 .sids = sids,
					 .n_sids = row->n_sids,
					 .state = state };
}

static const char *
link_state(uint32_t unusable)
{
	if (!unusable)
		return "up";
	if (unusable & TED_UNUSABLE_ONE_WAY)
		return "one-way";
	if (unusable & (TED_UNUSABLE_ATTRIBUTES | TED_UNUSABLE_METRIC))
		return "unusable";
	if (unusable & TED_UNUSABLE_UNKNOWN)
		return "unknown";
	return "down";
}

static uint32_t
link_present(const struct ted_link_row *row)
{
	return present_if(row->igp_metric != TED_METRIC_UNREACHABLE, TED_LINK_IGP_METRIC) |
	       present_if(row->te_metric != TED_METRIC_UNREACHABLE, TED_LINK_TE_METRIC) |
	       present_if(row->has_delay, TED_LINK_DELAY) |
	       present_if(row->delay_max_us, TED_LINK_DELAY_RANGE) |
	       present_if(row->loss_ppb, TED_LINK_LOSS) |
	       present_if(row->has_capacity, TED_LINK_CAPACITY) |
	       present_if(row->measured_bps, TED_LINK_MEASURED) |
	       present_if(row->advertised_residual_bps, TED_LINK_ADV_RESIDUAL) |
	       present_if(row->n_affinity, TED_LINK_AFFINITY) |
	       present_if(row->n_srlg, TED_LINK_SRLG) |
	       present_if(row->has_availability, TED_LINK_AVAILABILITY) |
	       present_if(row->n_sids, TED_LINK_SIDS) | present_if(row->n_slices, TED_LINK_SLICES);
}

static struct ted_link_attr
link_attr(const struct ted_link_row *row)
{
	return (struct ted_link_attr){
		.present = link_present(row),
		.igp_metric = row->igp_metric,
		.te_metric = row->te_metric,
		.delay_us = row->delay_us,
		.delay_min_us = row->delay_min_us,
		.delay_max_us = row->delay_max_us,
		.loss_ppb = row->loss_ppb,
		.capacity_bps = row->capacity_bps,
		.measured_bps = row->measured_bps,
		.advertised_residual_bps = row->advertised_residual_bps,
		.unavailability_ppt = row->unavailability_ppt,
		.affinity = row->affinity,
		.n_affinity = row->n_affinity,
		.srlg = row->srlg,
		.n_srlg = row->n_srlg,
		.sids = row->sids,
		.n_sids = row->n_sids,
		.slices = row->slices,
		.n_slices = row->n_slices,
	};
}

static void
add_link(struct builder *b, ted_link link, struct codec_link_view *out)
{
	const struct ted_link_row *row = ted_link_at(b->ted, link);
	struct codec_topology_state *state = builder_alloc(b, 1, sizeof(*state));

	if (b->bad)
		return;
	state->stale = row->stale;
	state->up = ted_link_usable(b->ted, link);
	state->state = link_state(state->up ? 0 : row->unusable | TED_UNUSABLE_ENDPOINT);
	state->booked_bps = row->booked_bps;
	state->residual_bps = ted_residual_bps(b->ted, link);
	*out = (struct codec_link_view){ .name = row->name,
					 .from = ted_node_at(b->ted, row->from)->name,
					 .to = ted_node_at(b->ted, row->to)->name,
					 .attr = link_attr(row),
					 .state = state };
	if (row->reverse != TED_NONE && topology_shows_link(b->ted, row->reverse))
		out->reverse = ted_link_at(b->ted, row->reverse)->name;
	out->key.topology = row->topology;
	out->key.has_ids = row->local_id || row->remote_id;
	out->key.local_id = row->local_id;
	out->key.remote_id = row->remote_id;
	out->key.v4_local = row->v4_local;
	out->key.v4_remote = row->v4_remote;
	out->key.v6_local = row->v6_local;
	out->key.v6_remote = row->v6_remote;
}

/* Names of SRLGs and affinities, which nodes and links refer to. */
static void
add_numbers(struct builder *b)
{
	size_t n;
	const struct ted_srlg_row *srlgs = ted_srlgs(b->ted, &n);
	struct codec_number_view *out = builder_alloc(b, n, sizeof(*out));
	struct codec_number_view *bits = builder_alloc(b, AFFINITY_BITS, sizeof(*bits));

	if (b->bad)
		return;
	for (size_t i = 0; i < n; i++)
		out[i] = (struct codec_number_view){ srlgs[i].number, srlgs[i].name,
						     srlgs[i].unavailability_ppt };
	b->view.srlgs = out;
	b->view.n_srlgs = n;
	b->view.affinities = bits;
	for (uint32_t bit = 0; bit < AFFINITY_BITS; bit++) {
		const char *name = ted_affinity_name(b->ted, bit);

		if (name)
			bits[b->view.n_affinities++] = (struct codec_number_view){ bit, name, 0 };
	}
}

enum pce_status
topology_print(const struct codec *codec, const struct ted *ted, struct text *out,
	       struct pce_error *err)
{
	struct builder b = { .ted = ted };
	struct codec_node_view *nodes = builder_alloc(&b, ted_node_count(ted), sizeof(*nodes));
	struct codec_link_view *links = builder_alloc(&b, ted_link_count(ted), sizeof(*links));
	enum pce_status status;

	for (ted_node i = 0; !b.bad && i < ted_node_count(ted); i++)
		if (topology_shows_node(ted, i))
			add_node(&b, i, &nodes[b.view.n_nodes++]);
	for (ted_link i = 0; !b.bad && i < ted_link_count(ted); i++)
		if (topology_shows_link(ted, i))
			add_link(&b, i, &links[b.view.n_links++]);
	add_numbers(&b);
	b.view.nodes = nodes;
	b.view.links = links;
	b.view.has_revision = true;
	b.view.revision = ted_revision(ted);
	status = b.bad ? pce_no_memory(err) : codec_topology_print(codec, &b.view, out, err);
	arena_free(&b.arena);
	return status;
}

/* Octets of the JSON value at text, a list or an object as the codec prints it. */
static size_t
json_length(const char *text)
{
	size_t i = 0, depth = 0;
	bool quoted = false;

	for (; text[i]; i++) {
		if (quoted && text[i] == '\\')
			i += text[i + 1] != '\0';
		else if (text[i] == '"')
			quoted = !quoted;
		else if (!quoted && strchr("[{", text[i]))
			depth++;
		else if (!quoted && strchr("]}", text[i]) && --depth == 0)
			return i + 1;
	}
	return i;
}

/*
 * Prints a view with one entry and takes the container off it, and the lists beside the entry's:
 * from {"karst-topology:topology":{"node":[{…}],…}} to {"karst-topology:node":[{…}]}.
 */
static enum pce_status
print_entry(const struct codec *codec, struct builder *b, const char *list, struct text *out,
	    struct pce_error *err)
{
	struct text whole = { 0 };
	enum pce_status status;
	char head[64];
	size_t len =
	    (size_t)snprintf(head, sizeof(head), "{\"karst-topology:topology\":{\"%s\":", list);

	add_numbers(b);
	status = b->bad ? pce_no_memory(err) : codec_topology_print(codec, &b->view, &whole, err);
	if (status == PCE_OK && (whole.len < len || memcmp(whole.at, head, len) != 0))
		status = pce_fail(err, PCE_INTERNAL, "the codec printed no %s", list);
	if (status == PCE_OK) {
		text_printf(out, "{\"karst-topology:%s\":", list);
		text_bytes(out, whole.at + len, json_length(whole.at + len));
		text_add(out, "}");
	}
	text_free(&whole);
	arena_free(&b->arena);
	return status;
}

enum pce_status
topology_print_node(const struct codec *codec, const struct ted *ted, ted_node node,
		    struct text *out, struct pce_error *err)
{
	struct builder b = { .ted = ted };
	struct codec_node_view view = { 0 };

	add_node(&b, node, &view);
	b.view.nodes = &view;
	b.view.n_nodes = 1;
	return print_entry(codec, &b, "node", out, err);
}

enum pce_status
topology_print_link(const struct codec *codec, const struct ted *ted, ted_link link,
		    struct text *out, struct pce_error *err)
{
	struct builder b = { .ted = ted };
	struct codec_link_view view = { 0 };

	add_link(&b, link, &view);
	b.view.links = &view;
	b.view.n_links = 1;
	return print_entry(codec, &b, "link", out, err);
}
