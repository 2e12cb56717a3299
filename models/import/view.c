/* Rows to the views of the codec. Keys come back from their canonical bytes. */
#include "models/import/view.h"

#include <stdlib.h>
#include <string.h>

#include "pce/ted/key.h"

struct viewer {
	const struct ted *ted;
	bool state;
	struct arena arena;
	struct codec_node_view *nodes;
	struct codec_link_view *links;
	struct codec_topology_view view;
	struct pce_error *err;
};

static const char *
node_name(const void *ctx, uint32_t node)
{
	return ted_node_at(ctx, node)->name;
}

static const char *
link_name(const void *ctx, uint32_t link)
{
	return ted_link_at(ctx, link)->name;
}

static uint32_t
link_from(const void *ctx, uint32_t link)
{
	return ted_link_at(ctx, link)->from;
}

static uint32_t
link_to(const void *ctx, uint32_t link)
{
	return ted_link_at(ctx, link)->to;
}

struct codec_names
view_names(const struct ted *ted)
{
	return (struct codec_names){ node_name, link_name, link_from, link_to, ted };
}

bool
view_shows_node(const struct ted *ted, ted_node node)
{
	const struct ted_node_row *row = ted_node_at(ted, node);
	ted_node other;

	if (row->unusable & TED_UNUSABLE_WITHDRAWN)
		return false;
	return !row->unusable ||
	       (ted_find_node(ted, row->name, &other, NULL) == PCE_OK && other == node);
}

bool
view_shows_link(const struct ted *ted, ted_link link)
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

static uint64_t
big_endian(const uint8_t **at, unsigned n)
{
	uint64_t value = 0;

	while (n-- > 0)
		value = value << 8 | *(*at)++;
	return value;
}

/* The struct behind a node's canonical key. */
static const struct ted_node_key *
node_key(struct viewer *v, ted_node node)
{
	struct key_bytes bytes;
	struct ted_node_key *key = arena_alloc(&v->arena, sizeof(*key));
	const uint8_t *at = bytes.at + 1;

	if (!key || !key_parse_node(ted_node_key_text(v->ted, node), &bytes))
		return NULL;
	key->protocol = (uint8_t)big_endian(&at, 1);
	key->instance = big_endian(&at, 8);
	key->asn = (uint32_t)big_endian(&at, 4);
	key->bgpls_id = (uint32_t)big_endian(&at, 4);
	key->area = (uint32_t)big_endian(&at, 4);
	key->bgp_router_id = (uint32_t)big_endian(&at, 4);
	key->router_id_len = (uint8_t)big_endian(&at, 1);
	memcpy(key->router_id, at, key->router_id_len);
	return key;
}

static void
view_node_attr(const struct ted_node_row *row, struct ted_node_attr *attr)
{
	attr->label = row->label;
	attr->site = row->site;
	attr->latitude = row->latitude;
	attr->longitude = row->longitude;
	attr->router_id_v4 = row->router_id_v4;
	attr->router_id_v6 = row->router_id_v6;
	attr->overload = row->overload;
	attr->admin_down = row->unusable & TED_UNUSABLE_ADMIN;
	attr->unavailability_ppt = row->unavailability_ppt;
	attr->srlg = row->srlg;
	attr->n_srlg = row->n_srlg;
	attr->msd = row->msd;
	attr->n_msd = row->n_msd;
	attr->services = row->services;
	attr->n_services = row->n_services;
	attr->present = TED_NODE_SRLG | TED_NODE_MSD | TED_NODE_SERVICES;
	attr->present |= row->label ? TED_NODE_LABEL : 0;
	attr->present |= row->site ? TED_NODE_SITE : 0;
	attr->present |= row->has_position ? TED_NODE_POSITION : 0;
	attr->present |= row->router_id_v4.family ? TED_NODE_ROUTER_ID_V4 : 0;
	attr->present |= row->router_id_v6.family ? TED_NODE_ROUTER_ID_V6 : 0;
	attr->present |= row->overload ? TED_NODE_OVERLOAD : 0;
	attr->present |= row->has_availability ? TED_NODE_AVAILABILITY : 0;
	attr->present |= attr->admin_down ? TED_NODE_ADMIN : 0;
	attr->present |= row->srv6 ? TED_NODE_SRV6 : 0;
}

static bool
view_node_parts(struct viewer *v, const struct ted_node_row *row, struct codec_node_view *out)
{
	struct codec_prefix_view *prefixes =
	    arena_alloc(&v->arena, (row->n_prefixes + 1) * sizeof(*prefixes));
	struct codec_sid_view *sids = arena_alloc(&v->arena, (row->n_sids + 1) * sizeof(*sids));

	if (!prefixes || !sids)
		return false;
	for (size_t i = 0; i < row->n_prefixes; i++) {
		const struct ted_prefix_row *prefix = &row->prefixes[i];

		prefixes[i].prefix = prefix->prefix;
		prefixes[i].topology = prefix->topology;
		prefixes[i].attr.metric = prefix->metric;
		prefixes[i].attr.has_locator = prefix->has_locator;
		prefixes[i].attr.locator = prefix->locator;
	}
	for (size_t i = 0; i < row->n_sids; i++)
		sids[i].sid = row->sids[i];
	out->prefixes = prefixes;
	out->n_prefixes = row->n_prefixes;
	out->sids = sids;
	out->n_sids = row->n_sids;
	return true;
}

/* What stands in `state` of a link. */
static const char *
state_of(uint32_t unusable)
{
	if (unusable == 0)
		return "up";
	if (unusable & TED_UNUSABLE_ONE_WAY)
		return "one-way";
	if (unusable & (TED_UNUSABLE_ATTRIBUTES | TED_UNUSABLE_METRIC))
		return "unusable";
	return unusable & TED_UNUSABLE_UNKNOWN ? "unknown" : "down";
}

static enum pce_status
view_node(struct viewer *v, ted_node node)
{
	const struct ted_node_row *row = ted_node_at(v->ted, node);
	struct codec_node_view *out = &v->nodes[v->view.n_nodes];
	struct codec_topology_state *state = arena_alloc(&v->arena, sizeof(*state));

	out->name = row->name;
	out->key = node_key(v, node);
	view_node_attr(row, &out->attr);
	if (!state || !out->key || !view_node_parts(v, row, out))
		return pce_no_memory(v->err);
	state->pseudonode = row->pseudonode;
	state->stale = row->stale;
	out->state = v->state ? state : NULL;
	v->view.n_nodes++;
	return PCE_OK;
}

static void
view_link_attr(const struct ted_link_row *row, struct ted_link_attr *attr)
{
	bool ranged = row->delay_min_us || row->delay_max_us;

	attr->admin_down = row->unusable & TED_UNUSABLE_ADMIN;
	attr->oper_down = row->unusable & TED_UNUSABLE_DOWN;
	attr->unusable = row->unusable & TED_UNUSABLE_ATTRIBUTES;
	attr->igp_metric = row->igp_metric;
	attr->te_metric = row->te_metric;
	attr->delay_us = row->delay_us;
	attr->delay_min_us = row->delay_min_us;
	attr->delay_max_us = row->delay_max_us;
	attr->loss_ppb = row->loss_ppb;
	attr->capacity_bps = row->capacity_bps;
	attr->start_residual_bps = row->base_bps;
	attr->advertised_residual_bps = row->advertised_residual_bps;
	attr->measured_bps = row->measured_bps;
	attr->unavailability_ppt = row->unavailability_ppt;
	attr->affinity = row->affinity;
	attr->n_affinity = row->n_affinity;
	attr->srlg = row->srlg;
	attr->n_srlg = row->n_srlg;
	attr->sids = row->sids;
	attr->n_sids = row->n_sids;
	attr->slices = row->slices;
	attr->n_slices = row->n_slices;
	attr->present = TED_LINK_TE_METRIC | TED_LINK_AFFINITY | TED_LINK_SRLG | TED_LINK_SIDS |
			TED_LINK_SLICES;
	attr->present |= row->igp_metric != TED_METRIC_UNREACHABLE ? TED_LINK_IGP_METRIC : 0;
	attr->present |= row->has_delay ? TED_LINK_DELAY : 0;
	attr->present |= ranged ? TED_LINK_DELAY_RANGE : 0;
	attr->present |= row->loss_ppb ? TED_LINK_LOSS : 0;
	attr->present |= row->has_capacity ? TED_LINK_CAPACITY : 0;
	attr->present |= row->base_given ? TED_LINK_START_RESIDUAL : 0;
	attr->present |= row->advertised_residual_bps ? TED_LINK_ADV_RESIDUAL : 0;
	attr->present |= row->measured_bps ? TED_LINK_MEASURED : 0;
	attr->present |= row->has_availability ? TED_LINK_AVAILABILITY : 0;
	attr->present |= attr->admin_down ? TED_LINK_ADMIN : 0;
	attr->present |= attr->oper_down ? TED_LINK_OPER : 0;
}

/* The rows keep what may be booked, not the share: it is found again, or else shown as it is. */
static void
view_subscription(const struct ted_link_row *row, struct ted_link_attr *attr)
{
	unsigned __int128 ppm;

	if (row->base_given || !row->has_capacity || row->base_bps == row->capacity_bps)
		return;
	ppm = row->capacity_bps
		  ? ((unsigned __int128)row->base_bps * 1000000 + row->capacity_bps - 1) /
			row->capacity_bps
		  : 0;
	attr->subscription_ppm = (uint32_t)ppm;
	if (ppm <= 100000000 && row->capacity_bps * ppm / 1000000 == row->base_bps)
		attr->present |= TED_LINK_SUBSCRIPTION;
	else
		attr->present |= TED_LINK_START_RESIDUAL;
}

static enum pce_status
view_link(struct viewer *v, ted_link link)
{
	const struct ted_link_row *row = ted_link_at(v->ted, link);
	struct codec_link_view *out = &v->links[v->view.n_links];
	struct codec_topology_state *state = arena_alloc(&v->arena, sizeof(*state));

	if (!state)
		return pce_no_memory(v->err);
	out->name = row->name;
	out->from = ted_node_at(v->ted, row->from)->name;
	out->to = ted_node_at(v->ted, row->to)->name;
	if (row->reverse != TED_NONE && view_shows_link(v->ted, row->reverse))
		out->reverse = ted_link_at(v->ted, row->reverse)->name;
	out->key.topology = row->topology;
	out->key.has_ids = row->local_id || row->remote_id;
	out->key.local_id = row->local_id;
	out->key.remote_id = row->remote_id;
	out->key.v4_local = row->v4_local;
	out->key.v4_remote = row->v4_remote;
	out->key.v6_local = row->v6_local;
	out->key.v6_remote = row->v6_remote;
	view_link_attr(row, &out->attr);
	view_subscription(row, &out->attr);
	state->stale = row->stale;
	state->up = ted_link_usable(v->ted, link);
	state->state = row->unusable == 0 && !state->up ? "down" : state_of(row->unusable);
	state->booked_bps = row->booked_bps;
	state->slice_bps = row->slice_bps;
	state->measured = row->measured_bps > 0;
	state->policy_traffic_bps = ted_carried_bps(row);
	state->unbooked_bps = row->unbooked_bps;
	state->residual_bps = ted_residual_bps(v->ted, link);
	out->state = v->state ? state : NULL;
	v->view.n_links++;
	return PCE_OK;
}

/* The sites whose availability is known. */
static enum pce_status
view_sites(struct viewer *v)
{
	size_t n;
	const struct ted_site_row *rows = ted_sites(v->ted, &n);
	struct codec_number_view *sites = arena_alloc(&v->arena, (n + 1) * sizeof(*sites));

	if (!sites)
		return pce_no_memory(v->err);
	for (size_t i = 0; i < n; i++)
		sites[i] =
		    (struct codec_number_view){ 0, rows[i].name, rows[i].unavailability_ppt };
	v->view.sites = sites;
	v->view.n_sites = n;
	return PCE_OK;
}

/* The affinity bits that have a name, and the known SRLGs. */
static enum pce_status
view_numbers(struct viewer *v)
{
	size_t n_srlgs;
	const struct ted_srlg_row *rows = ted_srlgs(v->ted, &n_srlgs);
	struct codec_number_view *srlgs = arena_alloc(&v->arena, (n_srlgs + 1) * sizeof(*srlgs));
	struct codec_number_view *bits = arena_alloc(&v->arena, 1024 * sizeof(*bits));

	if (!srlgs || !bits)
		return pce_no_memory(v->err);
	for (size_t i = 0; i < n_srlgs; i++)
		srlgs[i] = (struct codec_number_view){ rows[i].number, rows[i].name,
						       rows[i].unavailability_ppt };
	for (uint32_t bit = 0; bit < 1024; bit++) {
		const char *name = ted_affinity_name(v->ted, bit);

		if (name)
			bits[v->view.n_affinities++] = (struct codec_number_view){ bit, name, 0 };
	}
	v->view.srlgs = srlgs;
	v->view.n_srlgs = n_srlgs;
	v->view.affinities = bits;
	return view_sites(v);
}

/* Rows in order of rank: what is printed does not depend on the order of arrival. */
struct ranked {
	uint32_t rank, row;
};

static int
by_rank(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	return x->rank < y->rank ? -1 : x->rank > y->rank;
}

static enum pce_status
view_rows(struct viewer *v, bool links)
{
	uint32_t n = links ? ted_link_count(v->ted) : ted_node_count(v->ted);
	struct ranked *order = calloc((size_t)n + 1, sizeof(*order));
	size_t known = 0;
	enum pce_status status = order ? PCE_OK : pce_no_memory(v->err);

	for (uint32_t i = 0; order && i < n; i++) {
		if (links ? view_shows_link(v->ted, i) : view_shows_node(v->ted, i))
			order[known++] = (struct ranked){ links ? ted_link_at(v->ted, i)->rank
								: ted_node_at(v->ted, i)->rank,
							  i };
	}
	if (order)
		qsort(order, known, sizeof(*order), by_rank);
	for (size_t i = 0; status == PCE_OK && i < known; i++)
		status = links ? view_link(v, order[i].row) : view_node(v, order[i].row);
	free(order);
	return status;
}

static enum pce_status
make_room(struct viewer *v, size_t n_nodes, size_t n_links)
{
	v->nodes = arena_alloc(&v->arena, (n_nodes + 1) * sizeof(*v->nodes));
	v->links = arena_alloc(&v->arena, (n_links + 1) * sizeof(*v->links));
	v->view.nodes = v->nodes;
	v->view.links = v->links;
	return v->nodes && v->links ? view_numbers(v) : pce_no_memory(v->err);
}

/* A link may lead to a node that is withdrawn: it is shown, with its own name for the node. */
enum pce_status
view_topology_print(const struct codec *codec, const struct ted *ted, bool state, struct text *out,
		    struct pce_error *err)
{
	struct viewer v = { .ted = ted, .state = state, .err = err };
	enum pce_status status;

	v.view.has_revision = state;
	v.view.revision = ted_revision(ted);
	status = make_room(&v, ted_node_count(ted), ted_link_count(ted));
	if (status == PCE_OK)
		status = view_rows(&v, false);
	if (status == PCE_OK)
		status = view_rows(&v, true);
	if (status == PCE_OK)
		status = codec_topology_print(codec, &v.view, out, err);
	arena_free(&v.arena);
	return status;
}

/* Octets of the JSON array at text, brackets included. */
static size_t
array_len(const char *text)
{
	size_t i, depth = 0;
	bool quoted = false;

	for (i = 0; text[i]; i++) {
		if (quoted && text[i] == '\\' && text[i + 1])
			i++;
		else if (text[i] == '"')
			quoted = !quoted;
		else if (!quoted && text[i] == '[')
			depth++;
		else if (!quoted && text[i] == ']' && --depth == 0)
			return i + 1;
	}
	return i;
}

/* One entry, out of {"karst-topology:topology":{"LIST":[{…}],…}}. */
static enum pce_status
print_entry(const struct codec *codec, struct viewer *v, const char *list, struct text *out)
{
	struct text whole = { 0 }, head = { 0 };
	enum pce_status status;

	text_printf(&head, "{\"karst-topology:topology\":{\"%s\":", list);
	status = codec_topology_print(codec, &v->view, &whole, v->err);
	if (status == PCE_OK && !text_ok(&head))
		status = pce_no_memory(v->err);
	if (status == PCE_OK) {
		const char *entry = text_get(&whole) + head.len;

		text_printf(out, "{\"karst-topology:%s\":", list);
		text_bytes(out, entry, array_len(entry));
		text_add(out, "}");
		if (!text_ok(out))
			status = pce_no_memory(v->err);
	}
	text_free(&whole);
	text_free(&head);
	return status;
}

enum pce_status
view_node_print(const struct codec *codec, const struct ted *ted, ted_node node, struct text *out,
		struct pce_error *err)
{
	struct viewer v = { .ted = ted, .state = true, .err = err };
	enum pce_status status = make_room(&v, 1, 0);

	if (status == PCE_OK)
		status = view_node(&v, node);
	if (status == PCE_OK)
		status = print_entry(codec, &v, "node", out);
	arena_free(&v.arena);
	return status;
}

enum pce_status
view_link_print(const struct codec *codec, const struct ted *ted, ted_link link, struct text *out,
		struct pce_error *err)
{
	struct viewer v = { .ted = ted, .state = true, .err = err };
	enum pce_status status = make_room(&v, 0, 1);

	if (status == PCE_OK)
		status = view_link(&v, link);
	if (status == PCE_OK)
		status = print_entry(codec, &v, "link", out);
	arena_free(&v.arena);
	return status;
}
