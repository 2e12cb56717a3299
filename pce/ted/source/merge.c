#include "pce/ted/source/merge.h"

#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"
#include "pce/ted/source/lists.h"

void
merge_free(struct merge *m)
{
	free(m->voices.at);
	free(m->child_voices.at);
	free(m->sids);
	free(m->prefixes);
}

/* Bits of the first voice that has them: fields of later ones fill what is missing. */
#define FILL(to, from, missing, bit, field)                                                        \
	do {                                                                                       \
		if ((missing) & (bit))                                                             \
			(to)->field = (from)->field;                                               \
	} while (0)

static void
fill_node(struct blob_view *into, const struct blob_view *from)
{
	struct ted_node_attr *to = &into->u.node;
	const struct ted_node_attr *a = &from->u.node;
	uint32_t missing = a->present & ~to->present;

	FILL(to, a, missing, TED_NODE_ROUTER_ID_V4, router_id_v4);
	FILL(to, a, missing, TED_NODE_ROUTER_ID_V6, router_id_v6);
	FILL(to, a, missing, TED_NODE_OVERLOAD, overload);
	FILL(to, a, missing, TED_NODE_AVAILABILITY, unavailability_ppt);
	FILL(to, a, missing, TED_NODE_POSITION, latitude);
	FILL(to, a, missing, TED_NODE_POSITION, longitude);
	FILL(to, a, missing, TED_NODE_SRLG, srlg);
	FILL(to, a, missing, TED_NODE_SRLG, n_srlg);
	FILL(to, a, missing, TED_NODE_MSD, msd);
	FILL(to, a, missing, TED_NODE_MSD, n_msd);
	FILL(to, a, missing, TED_NODE_ALGORITHMS, algorithms);
	FILL(to, a, missing, TED_NODE_ALGORITHMS, n_algorithms);
	FILL(to, a, missing, TED_NODE_FADS, fads);
	FILL(to, a, missing, TED_NODE_FADS, n_fads);
	FILL(to, a, missing, TED_NODE_SERVICES, n_services);
	if (missing & TED_NODE_SERVICES)
		into->words = from->words;
	to->present |= missing;
}

static void
fill_link_numbers(struct ted_link_attr *to, const struct ted_link_attr *a, uint32_t missing)
{
	FILL(to, a, missing, TED_LINK_IGP_METRIC, igp_metric);
	FILL(to, a, missing, TED_LINK_TE_METRIC, te_metric);
	FILL(to, a, missing, TED_LINK_DELAY, delay_us);
	FILL(to, a, missing, TED_LINK_DELAY_RANGE, delay_min_us);
	FILL(to, a, missing, TED_LINK_DELAY_RANGE, delay_max_us);
	FILL(to, a, missing, TED_LINK_LOSS, loss_ppb);
	FILL(to, a, missing, TED_LINK_CAPACITY, capacity_bps);
	FILL(to, a, missing, TED_LINK_RESERVABLE, reservable_bps);
	FILL(to, a, missing, TED_LINK_ADV_RESIDUAL, advertised_residual_bps);
	FILL(to, a, missing, TED_LINK_SUBSCRIPTION, subscription_ppm);
	FILL(to, a, missing, TED_LINK_START_RESIDUAL, start_residual_bps);
	FILL(to, a, missing, TED_LINK_MEASURED, measured_bps);
	FILL(to, a, missing, TED_LINK_AVAILABILITY, unavailability_ppt);
}

static void
fill_link(struct blob_view *into, const struct blob_view *from)
{
	struct ted_link_attr *to = &into->u.link;
	const struct ted_link_attr *a = &from->u.link;
	uint32_t missing = a->present & ~to->present;

	fill_link_numbers(to, a, missing);
	FILL(to, a, missing, TED_LINK_AFFINITY, affinity);
	FILL(to, a, missing, TED_LINK_AFFINITY, n_affinity);
	FILL(to, a, missing, TED_LINK_SRLG, srlg);
	FILL(to, a, missing, TED_LINK_SRLG, n_srlg);
	FILL(to, a, missing, TED_LINK_SIDS, sids);
	FILL(to, a, missing, TED_LINK_SIDS, n_sids);
	FILL(to, a, missing, TED_LINK_SLICES, n_slices);
	if (missing & TED_LINK_SLICES)
		into->words = from->words;
	if (missing & TED_LINK_REVERSE) {
		into->reverse = from->reverse;
		into->reverse_len = from->reverse_len;
	}
	to->present |= missing;
}

/* Withdrawn voices count only where nothing stands: a withdrawn row keeps what was last said. */
static bool
counts(const struct voice *v, bool present)
{
	return !v->entry->withdrawn || !present;
}

static void
take_node_names(const struct voices *voices, const struct presence *p, struct ted_node_attr *a)
{
	const struct voice *name = NULL, *label = NULL, *site = NULL;

	for (size_t i = 0; i < voices->n; i++) {
		const struct voice *v = &voices->at[i];
		struct blob_view view;

		if (!counts(v, p->present))
			continue;
		blob_read(v->entry->blob, TED_OBJECT_NODE, &view);
		if (view.u.node.name && (!name || voice_before_for_names(v, name))) {
			name = v;
			a->name = view.u.node.name;
		}
		if (view.u.node.label && (!label || voice_before_for_names(v, label))) {
			label = v;
			a->label = view.u.node.label;
		}
		if (view.u.node.site && (!site || voice_before_for_names(v, site))) {
			site = v;
			a->site = view.u.node.site;
		}
	}
}

static uint32_t
node_unusable(const struct voices *voices, const struct presence *p)
{
	uint32_t unusable = p->present ? 0 : TED_UNUSABLE_WITHDRAWN;

	if (p->in_file && p->gone_from_feed)
		unusable |= TED_UNUSABLE_DOWN;
	if (p->unknown)
		unusable |= TED_UNUSABLE_UNKNOWN;
	for (size_t i = 0; i < voices->n; i++) {
		const struct voice *v = &voices->at[i];
		struct blob_view view;

		if (v->entry->withdrawn || v->freshness != RIB_FRESH)
			continue;
		blob_read(v->entry->blob, TED_OBJECT_NODE, &view);
		if (view.u.node.present & TED_NODE_ADMIN && view.u.node.admin_down)
			unusable |= TED_UNUSABLE_ADMIN;
	}
	return unusable;
}

/* Fixed parts of a node's row. */
static void
node_row(struct ted_node_row *row, const struct ted_node_attr *a)
{
	row->router_id_v4 = a->router_id_v4;
	row->router_id_v6 = a->router_id_v6;
	row->unavailability_ppt = a->unavailability_ppt;
	row->overload = a->overload;
	row->srv6 = a->present & TED_NODE_SRV6;
	row->has_availability = a->present & TED_NODE_AVAILABILITY;
	row->has_position = a->present & TED_NODE_POSITION;
	row->latitude = a->latitude;
	row->longitude = a->longitude;
}

/* True if the object has no voice of its own: nobody speaks of it, or it is bound to another. */
static bool
is_absent(const struct merge *m, uint32_t object)
{
	return m->voices.n == 0 || m->rib->objects[object].target != RIB_NONE;
}

/* Nobody speaks of the row any more: it keeps what it last was, but for being there. */
static void
leave(struct cell *cell)
{
	cell->known = cell->in_feed = cell->in_file = false;
	tail_hold(cell->tail);
}

enum pce_status
merge_node(struct merge *m, uint32_t object, struct node_cell *cell, struct pce_error *err)
{
	enum pce_status status = voices_collect(m->rib, object, &m->voices, err);
	struct presence p = voices_presence(&m->voices);
	struct node_cell next = *cell;
	struct blob_view sum = { 0 };

	if (!status)
		status = lists_collect_children(m, object, err);
	if (status)
		return status;
	next.row.pseudonode = m->rib->objects[object].flags & RIB_PSEUDONODE;
	if (is_absent(m, object)) {
		leave(&next.cell);
		next.row.unusable =
		    TED_UNUSABLE_WITHDRAWN | (cell->row.unusable & TED_UNUSABLE_FAILED);
		next.row.stale = false;
		*cell = next;
		return PCE_OK;
	}
	for (size_t i = 0; i < m->voices.n; i++) {
		struct blob_view view;

		if (!counts(&m->voices.at[i], p.present))
			continue;
		blob_read(m->voices.at[i].entry->blob, TED_OBJECT_NODE, &view);
		fill_node(&sum, &view);
	}
	take_node_names(&m->voices, &p, &sum.u.node);
	next.cell.known = p.known;
	next.cell.in_feed = p.in_feed;
	next.cell.in_file = p.in_file;
	node_row(&next.row, &sum.u.node);
	next.row.stale = p.present && !p.fresh;
	next.row.unusable =
	    node_unusable(&m->voices, &p) | (cell->row.unusable & TED_UNUSABLE_FAILED);
	status = lists_node_tail(m, &sum, &next, err);
	if (!status)
		*cell = next;
	return status;
}

/* The metric above which the protocol calls a link unreachable: RFC 5305 section 3, RFC 2328
 * section 14.1 and RFC 6987. */
static uint32_t
unreachable_metric(uint8_t protocol)
{
	switch (protocol) {
	case TED_PROTOCOL_ISIS_L1:
	case TED_PROTOCOL_ISIS_L2:
		return 0xffffff;
	case TED_PROTOCOL_OSPFV2:
	case TED_PROTOCOL_OSPFV3:
		return 0xffff;
	default:
		return TED_METRIC_UNREACHABLE;
	}
}

/* Metrics and delays; returns whether the IGP metric can be used. */
static bool
link_metrics(struct ted_link_row *row, const struct ted_link_attr *a, const struct presence *p,
	     uint8_t protocol, bool from_pseudonode)
{
	if (from_pseudonode)
		row->igp_metric = 0;
	else if (!(a->present & TED_LINK_IGP_METRIC))
		row->igp_metric = p->in_feed ? TED_METRIC_UNREACHABLE : 1;
	else if (a->igp_metric >= unreachable_metric(protocol))
		row->igp_metric = TED_METRIC_UNREACHABLE;
	else
		row->igp_metric = a->igp_metric;
	row->te_metric = a->present & TED_LINK_TE_METRIC ? a->te_metric : row->igp_metric;
	row->has_delay = a->present & (TED_LINK_DELAY | TED_LINK_DELAY_RANGE);
	row->delay_us = a->present & TED_LINK_DELAY ? a->delay_us : a->delay_min_us;
	row->delay_min_us = a->present & TED_LINK_DELAY_RANGE ? a->delay_min_us : row->delay_us;
	row->delay_max_us = a->present & TED_LINK_DELAY_RANGE ? a->delay_max_us : row->delay_us;
	row->loss_ppb = a->loss_ppb;
	return row->igp_metric != TED_METRIC_UNREACHABLE;
}

static void
link_bandwidths(struct ted_link_row *row, const struct ted_link_attr *a, bool at_pseudonode)
{
	uint32_t ppm = a->present & TED_LINK_SUBSCRIPTION ? a->subscription_ppm : 1000000;

	row->has_capacity = a->present & TED_LINK_CAPACITY;
	row->capacity_bps = row->has_capacity ? a->capacity_bps : at_pseudonode ? UINT64_MAX : 0;
	if (a->present & TED_LINK_START_RESIDUAL)
		row->base_bps = a->start_residual_bps;
	else if (row->has_capacity)
		row->base_bps = sat_ppm(a->capacity_bps, ppm);
	else if (a->present & TED_LINK_RESERVABLE)
		row->base_bps = a->reservable_bps;
	else
		row->base_bps = row->capacity_bps;
	if (a->present & TED_LINK_RESERVABLE && row->base_bps > a->reservable_bps)
		row->base_bps = a->reservable_bps;
	row->base_given = a->present & TED_LINK_START_RESIDUAL;
	row->measured_bps = a->measured_bps;
	row->advertised_residual_bps = a->advertised_residual_bps;
	link_row_refresh(row);
}

/*
 * Sums up the voices of a link. A voice whose attributes were malformed gives none; if all feeds
 * of the best freshness are such, so is the link.
 */
static void
sum_link(const struct voices *voices, const struct presence *p, struct blob_view *sum,
	 uint32_t *unusable)
{
	bool feeds = false, good = false;
	enum rib_freshness best = RIB_UNKNOWN;
	const struct voice *name = NULL;

	for (size_t i = 0; i < voices->n; i++) {
		const struct voice *v = &voices->at[i];
		struct blob_view view;

		if (!counts(v, p->present))
			continue;
		blob_read(v->entry->blob, TED_OBJECT_LINK, &view);
		if (v->kind == TED_SOURCE_BGPLS && (!feeds || v->freshness == best)) {
			best = v->freshness;
			feeds = true;
			good |= !view.u.link.unusable;
		}
		if (view.u.link.unusable)
			continue;
		if (v->freshness == RIB_FRESH && !v->entry->withdrawn) {
			if (view.u.link.present & TED_LINK_OPER && view.u.link.oper_down)
				*unusable |= TED_UNUSABLE_DOWN;
			if (view.u.link.present & TED_LINK_ADMIN && view.u.link.admin_down)
				*unusable |= TED_UNUSABLE_ADMIN;
		}
		if (view.u.link.name && (!name || voice_before_for_names(v, name))) {
			name = v;
			sum->u.link.name = view.u.link.name;
		}
		fill_link(sum, &view);
	}
	if (feeds && !good)
		*unusable |= TED_UNUSABLE_ATTRIBUTES;
}

static void
link_ids(struct ted_link_row *row, const struct key *key)
{
	struct key_link_ids ids;

	key_link_ids(key->bytes, &ids);
	row->topology = ids.topology;
	row->local_id = ids.local_id;
	row->remote_id = ids.remote_id;
	row->v4_local = ids.v4_local;
	row->v4_remote = ids.v4_remote;
	row->v6_local = ids.v6_local;
	row->v6_remote = ids.v6_remote;
}

enum pce_status
merge_link(struct merge *m, uint32_t object, struct link_cell *cell, struct pce_error *err)
{
	const struct rib_object *o = &m->rib->objects[object];
	bool from_pseudo = m->rib->objects[rib_resolve(m->rib, o->local)].flags & RIB_PSEUDONODE;
	bool to_pseudo = m->rib->objects[rib_resolve(m->rib, o->remote)].flags & RIB_PSEUDONODE;
	enum pce_status status = voices_collect(m->rib, object, &m->voices, err);
	struct presence p = voices_presence(&m->voices);
	struct link_cell next = *cell;
	struct blob_view sum = { 0 };

	if (status)
		return status;
	link_ids(&next.row, o->key);
	if (is_absent(m, object)) {
		leave(&next.cell);
		next.claim = RIB_NONE;
		next.own = TED_UNUSABLE_WITHDRAWN;
		next.row.feed = p.gone_from_feed ? TED_FEED_LOST : TED_FEED_NONE;
		next.row.stale = false;
		*cell = next;
		return PCE_OK;
	}
	next.own = p.present ? 0 : TED_UNUSABLE_WITHDRAWN;
	/* A feed's silence counts like its withdrawal: it may have been heard only since then. */
	next.row.feed = p.in_feed                                                ? TED_FEED_HAS
			: p.gone_from_feed || rib_missed_by_feed(m->rib, object) ? TED_FEED_LOST
										 : TED_FEED_NONE;
	if (p.in_file && next.row.feed == TED_FEED_LOST)
		next.own |= TED_UNUSABLE_DOWN;
	if (p.unknown)
		next.own |= TED_UNUSABLE_UNKNOWN;
	sum_link(&m->voices, &p, &sum, &next.own);
	next.cell.known = p.known;
	next.cell.in_feed = p.in_feed;
	next.cell.in_file = p.in_file;
	next.claim = RIB_NONE;
	if (sum.reverse)
		next.claim = rib_find(m->rib, sum.reverse, sum.reverse_len);
	if (!link_metrics(&next.row, &sum.u.link, &p, key_protocol(o->key->bytes), from_pseudo))
		next.own |= TED_UNUSABLE_METRIC;
	next.row.stale = p.present && !p.fresh;
	next.row.has_availability = sum.u.link.present & TED_LINK_AVAILABILITY;
	next.row.unavailability_ppt = sum.u.link.unavailability_ppt;
	link_bandwidths(&next.row, &sum.u.link, from_pseudo || to_pseudo);
	status = lists_link_tail(&sum, &next, err);
	if (!status)
		*cell = next;
	return status;
}
