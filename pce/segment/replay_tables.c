/*
 * The forwarding tables of replay: what a router does with an address. Its own SIDs by the bits
 * that select them, and routes by longest prefix, worked out from the SIDs' side only as far from
 * their owners as the packet is.
 */
#include "pce/segment/replay_internal.h"

#include <stdlib.h>
#include <string.h>

#include "pce/base/addr.h"
#include "pce/base/array.h"

/* End and End.X with REPLACE-CSID: the plain ones' code points and 100. */
static bool
has_replace(uint16_t behavior)
{
	return (behavior >= 101 && behavior <= 108) || (behavior >= 128 && behavior <= 135);
}

/* IANA "SRv6 Endpoint Behaviors"; 0: a file did not say, so the plain one of its kind. */
static enum own
own_of(uint16_t behavior, bool of_link)
{
	if (behavior == 0)
		return of_link ? OWN_END_X : OWN_END;
	if (has_replace(behavior))
		behavior = (uint16_t)(behavior - 100);
	if ((behavior >= 1 && behavior <= 4) || (behavior >= 28 && behavior <= 31) ||
	    (behavior >= 43 && behavior <= 50))
		return OWN_END;
	if ((behavior >= 5 && behavior <= 8) || (behavior >= 32 && behavior <= 35) ||
	    (behavior >= 52 && behavior <= 59))
		return OWN_END_X;
	if (behavior >= 16 && behavior <= 24) /* End.DX6 … End.DT2M */
		return OWN_SERVICE;
	return OWN_OTHER;
}

static bool
covers(const uint8_t sid[16], const uint8_t address[16], unsigned bits)
{
	for (unsigned k = 0; k < bits; k++)
		if ((sid[k / 8] ^ address[k / 8]) & 0x80u >> k % 8)
			return false;
	return true;
}

/* RFC 9800 sections 4.1 and 4.2: AL is 128-LBL-LNFL; what is told otherwise is taken as a whole. */
static void
read_structure(struct entry *e, const struct ted_sid *sid)
{
	unsigned before =
	    (unsigned)sid->structure.block + sid->structure.node + sid->structure.function;
	bool next = (sid->behavior >= 43 && sid->behavior <= 50) ||
		    (sid->behavior >= 52 && sid->behavior <= 59);

	e->bits = 128;
	e->block = e->argument = 0;
	if ((!next && !has_replace(sid->behavior)) || !sid->structure.block || before >= 128 ||
	    before == sid->structure.block || before + sid->structure.argument != 128)
		return;
	e->bits = e->argument = before;
	e->block = sid->structure.block;
	if (next)
		return;
	e->argument = 0;
	e->replaced = before - e->block;
}

/* Takes the SID into *best if the address selects it and no longer one was found before. */
static void
try_sid(struct entry *best, const struct ted_sid *sid, ted_link link, const uint8_t address[16])
{
	struct entry e = { .own = own_of(sid->behavior, link != TED_NONE), .link = link };

	read_structure(&e, sid);
	if (has_replace(sid->behavior) && !e.replaced)
		e.own = OWN_OTHER; /* where its argument is nobody told */
	if ((best->own == OWN_NOT || e.bits > best->bits) && covers(sid->sid, address, e.bits))
		*best = e;
}

static void
try_extra(struct entry *best, const struct replay_sid *sid, const uint8_t address[16])
{
	unsigned matched = (unsigned)sid->block + sid->width;
	struct entry e = { own_of(sid->behavior, sid->link != TED_NONE),
			   matched,
			   sid->block,
			   matched,
			   sid->link,
			   0 };

	if (!sid->width)
		e.bits = 128, e.argument = e.block = 0;
	if ((best->own == OWN_NOT || e.bits > best->bits) && covers(sid->sid, address, e.bits))
		*best = e;
}

static bool
usable(const struct walk *w, ted_link link)
{
	return link == TED_NONE || ted_link_usable(w->ted, link);
}

ted_link
replay_dead_sid(const struct walk *w, ted_node node, const uint8_t address[16])
{
	size_t n;
	const ted_link *out = ted_links_out(w->ted, node, &n);

	for (size_t k = 0; k < n; k++) {
		const struct ted_link_row *l = ted_link_at(w->ted, out[k]);
		struct entry best = { .own = OWN_NOT };

		for (size_t i = 0; i < l->n_sids && !ted_link_usable(w->ted, out[k]); i++)
			try_sid(&best, &l->sids[i], out[k], address);
		if (best.own != OWN_NOT)
			return out[k];
	}
	return TED_NONE;
}

struct entry
replay_own_sid(const struct walk *w, ted_node node, const uint8_t address[16])
{
	const struct ted_node_row *row = ted_node_at(w->ted, node);
	struct entry best = { .own = OWN_NOT, .link = TED_NONE };
	size_t n;
	const ted_link *out = ted_links_out(w->ted, node, &n);

	for (size_t k = 0; k < row->n_sids; k++)
		try_sid(&best, &row->sids[k], TED_NONE, address);
	for (size_t k = 0; k < n; k++) {
		const struct ted_link_row *l = ted_link_at(w->ted, out[k]);

		for (size_t i = 0; i < l->n_sids && ted_link_usable(w->ted, out[k]); i++)
			try_sid(&best, &l->sids[i], out[k], address);
	}
	for (size_t k = 0; k < w->n_extra; k++)
		if (w->extra[k].node == node && usable(w, w->extra[k].link))
			try_extra(&best, &w->extra[k], address);
	return best;
}

static bool
in_igp(const struct walk *w, ted_link link)
{
	const struct ted_link_row *row = ted_link_at(w->ted, link);

	return row->topology == w->topology && row->igp_metric != TED_METRIC_UNREACHABLE &&
	       ted_link_usable(w->ted, link);
}

/* --- flexible algorithms, by replay's own reading of RFC 9350 --- */

/* Section 5.3: of definitions the higher priority counts, then the higher router id. */
static bool
outranks(const struct walk *w, ted_node a, const struct ted_fad *fad, ted_node b,
	 const struct ted_fad *than)
{
	if (fad->priority != than->priority)
		return fad->priority > than->priority;
	return ted_node_at(w->ted, a)->rank > ted_node_at(w->ted, b)->rank;
}

/* Marks all nodes that links of the IGP connect with a node, whatever their direction. */
static enum pce_status
mark_part(const struct walk *w, ted_node from, bool **out, struct pce_error *err)
{
	bool *part = calloc(w->n_nodes, sizeof(*part));
	bool more = true;

	if (!part)
		return pce_no_memory(err);
	part[from] = true;
	while (more) {
		more = false;
		for (ted_link k = 0; k < w->n_links; k++) {
			const struct ted_link_row *row = ted_link_at(w->ted, k);

			if (!in_igp(w, k) || part[row->from] == part[row->to])
				continue;
			part[row->from] = part[row->to] = more = true;
		}
	}
	*out = part;
	return PCE_OK;
}

/* The definition that the routers around a node agree on. */
static enum pce_status
find_definition(const struct walk *w, struct table *table, ted_node near, struct pce_error *err)
{
	ted_node whose = TED_NONE;
	bool *part = NULL;
	enum pce_status st = mark_part(w, near, &part, err);

	if (st != PCE_OK)
		return st;
	for (ted_node k = 0; k < w->n_nodes; k++) {
		const struct ted_node_row *row = ted_node_at(w->ted, k);

		for (size_t i = 0; part[k] && !row->unusable && i < row->n_fads; i++) {
			if (row->fads[i].algorithm != table->algorithm ||
			    (whose != TED_NONE &&
			     !outranks(w, k, &row->fads[i], whose, &table->fad)))
				continue;
			table->fad = row->fads[i];
			whose = k;
		}
	}
	free(part);
	/* Calculation 0 is shortest path first; metrics beyond 2 are not known here. */
	table->computed = whose != TED_NONE && !table->fad.unsupported &&
			  table->fad.calculation == 0 && table->fad.metric_type <= TED_FAD_TE;
	return PCE_OK;
}

/* Section 6.1: only routers that say so take part; LANs have no say. */
static bool
participates(const struct walk *w, ted_node node, uint8_t algorithm)
{
	const struct ted_node_row *row = ted_node_at(w->ted, node);

	if (row->pseudonode)
		return true;
	for (size_t k = 0; k < row->n_algorithms; k++)
		if (row->algorithms[k] == algorithm)
			return true;
	return false;
}

static bool
has_bit(const uint32_t *words, size_t n, unsigned bit)
{
	return bit / 32 < n && (words[bit / 32] & 1u << bit % 32);
}

/* Section 13: the rules in their order, bit by bit. */
static bool
definition_allows(const struct ted_fad *fad, const struct ted_link_row *row)
{
	bool included = fad->n_include_any == 0;

	for (unsigned bit = 0; bit < 32 * TED_FAD_WORDS; bit++) {
		bool has = has_bit(row->affinity, row->n_affinity, bit);

		if (has && has_bit(fad->exclude_any, fad->n_exclude_any, bit))
			return false;
		if (!has && has_bit(fad->include_all, fad->n_include_all, bit))
			return false;
		included |= has && has_bit(fad->include_any, fad->n_include_any, bit);
	}
	for (size_t k = 0; k < row->n_srlg; k++)
		for (size_t i = 0; i < fad->n_exclude_srlg; i++)
			if (row->srlg[k] == fad->exclude_srlg[i])
				return false;
	return included;
}

bool
replay_link_cost(const struct walk *w, const struct table *table, ted_link link, uint64_t *cost)
{
	const struct ted_link_row *row = ted_link_at(w->ted, link);

	if (!in_igp(w, link))
		return false;
	*cost = row->igp_metric;
	if (!table->algorithm)
		return true;
	if (!table->computed || !participates(w, row->from, table->algorithm) ||
	    !participates(w, row->to, table->algorithm))
		return false;
	if (ted_node_at(w->ted, row->from)->pseudonode) {
		*cost = 0;
		return true;
	}
	if (table->fad.metric_type == TED_FAD_TE)
		*cost = row->te_metric;
	if (table->fad.metric_type == TED_FAD_MIN_DELAY)
		*cost = row->delay_min_us ? row->delay_min_us : row->delay_us;
	if (table->fad.metric_type == TED_FAD_MIN_DELAY && !row->has_delay)
		return false;
	return *cost != TED_METRIC_UNREACHABLE && definition_allows(&table->fad, row);
}

static enum pce_status
add_target(struct routing *r, struct target target, struct pce_error *err)
{
	enum pce_status st =
	    array_reserve(&r->targets, &r->cap_targets, r->n_targets + 1, sizeof(*r->targets), err);

	if (st == PCE_OK)
		r->targets[r->n_targets++] = target;
	return st;
}

/* True if one of the SIDs that a node without a locator advertises is routed there by itself. */
static bool
routes_its_sid(const struct walk *w, ted_node node, const uint8_t address[16])
{
	const struct ted_node_row *row = ted_node_at(w->ted, node);
	struct entry best = { .own = OWN_NOT };
	size_t n;
	const ted_link *out = ted_links_out(w->ted, node, &n);

	for (size_t k = 0; k < row->n_sids; k++)
		try_sid(&best, &row->sids[k], TED_NONE, address);
	for (size_t k = 0; k < n; k++) {
		const struct ted_link_row *l = ted_link_at(w->ted, out[k]);

		for (size_t i = 0; i < l->n_sids; i++) {
			const struct ted_sid *s = &l->sids[i];
			bool local = s->behavior >= 52 && s->behavior <= 59 && s->structure.block &&
				     !s->structure.node;

			if (!local)
				try_sid(&best, s, out[k], address);
		}
	}
	return best.own != OWN_NOT;
}

static enum pce_status
add_prefixes(const struct walk *w, struct routing *r, ted_node node, const struct ip_addr *sid,
	     struct pce_error *err)
{
	const struct ted_node_row *row = ted_node_at(w->ted, node);
	bool has_locator = false;
	enum pce_status st = PCE_OK;

	for (size_t k = 0; k < row->n_prefixes && st == PCE_OK; k++) {
		const struct ted_prefix_row *p = &row->prefixes[k];
		uint32_t metric = p->has_locator ? p->locator.metric : p->metric;

		has_locator |= p->has_locator;
		if (p->topology != w->topology || metric >= METRIC_FAR || p->metric >= METRIC_FAR ||
		    !ip_in_prefix(sid, &p->prefix))
			continue;
		st = add_target(r,
				(struct target){ p->prefix.len,
						 p->has_locator ? p->locator.algorithm : 0, node,
						 metric },
				err);
	}
	if (st == PCE_OK && !has_locator && routes_its_sid(w, node, sid->octets))
		st = add_target(r, (struct target){ NO_ROUTE, 0, node, 0 }, err);
	return st;
}

static int
compare_targets(const void *left, const void *right)
{
	const struct target *a = left, *b = right;

	if (a->len != b->len)
		return a->len > b->len ? -1 : 1;
	if (a->algorithm != b->algorithm)
		return a->algorithm < b->algorithm ? -1 : 1;
	return (a->node > b->node) - (a->node < b->node);
}

/* The target that node is in this table, or NULL. */
const struct target *
replay_target_at(const struct routing *r, const struct table *table, ted_node node)
{
	for (size_t k = table->first; k < table->first + table->n; k++)
		if (r->targets[k].node == node)
			return &r->targets[k];
	return NULL;
}

/* What it costs to send a packet to node: an overloaded one takes only what is for itself. */
uint64_t
replay_cost_through(const struct walk *w, const struct routing *r, const struct table *table,
		    ted_node node)
{
	const struct target *target;

	if (!ted_node_at(w->ted, node)->overload)
		return table->distance[node];
	target = replay_target_at(r, table, node);
	return target ? target->metric : FAR;
}

static void
swap_news(struct table *table, size_t a, size_t b)
{
	struct news kept = table->news[a];

	table->news[a] = table->news[b];
	table->news[b] = kept;
}

/* Notes that a node is this far from the targets, if that is nearer than what was known. */
static enum pce_status
hear(struct table *table, ted_node node, uint64_t distance, struct pce_error *err)
{
	enum pce_status st;
	size_t at = table->n_news;

	if (distance >= table->distance[node])
		return PCE_OK;
	st = array_reserve(&table->news, &table->cap_news, table->n_news + 1, sizeof(*table->news),
			   err);
	if (st != PCE_OK)
		return st;
	table->distance[node] = distance;
	table->news[table->n_news++] = (struct news){ distance, node };
	while (at > 0 && table->news[at].distance < table->news[(at - 1) / 2].distance) {
		swap_news(table, at, (at - 1) / 2);
		at = (at - 1) / 2;
	}
	return PCE_OK;
}

/* Takes the nearest news off the heap, which is not empty. */
static struct news
nearest(struct table *table)
{
	struct news top = table->news[0];
	size_t at = 0, least = 0;

	table->news[0] = table->news[--table->n_news];
	do {
		at = least;
		for (size_t child = 2 * at + 1; child <= 2 * at + 2; child++)
			if (child < table->n_news &&
			    table->news[child].distance < table->news[least].distance)
				least = child;
		if (least != at)
			swap_news(table, at, least);
	} while (least != at);
	return top;
}

/* One node tells those before it. */
static enum pce_status
tell(const struct walk *w, const struct routing *r, struct table *table, struct pce_error *err)
{
	struct news news = nearest(table);
	uint64_t cost = replay_cost_through(w, r, table, news.node);
	enum pce_status st = PCE_OK;
	size_t n;
	const ted_link *in = ted_links_in(w->ted, news.node, &n);

	if (news.distance > table->distance[news.node] || cost == FAR)
		return PCE_OK;
	for (size_t k = 0; k < n && st == PCE_OK; k++) {
		uint64_t more;

		if (replay_link_cost(w, table, in[k], &more))
			st = hear(table, ted_link_at(w->ted, in[k])->from, cost + more, err);
	}
	return st;
}

/* Lets news travel until nothing nearer than node's own distance is left to be told. */
static enum pce_status
learn_distance(const struct walk *w, const struct routing *r, struct table *table, ted_node node,
	       struct pce_error *err)
{
	enum pce_status st = PCE_OK;

	while (st == PCE_OK && table->n_news && table->news[0].distance <= table->distance[node])
		st = tell(w, r, table, err);
	return st;
}

static enum pce_status
make_table(const struct walk *w, const struct routing *r, struct table *table,
	   struct pce_error *err)
{
	enum pce_status st = PCE_OK;

	table->distance = malloc(w->n_nodes * sizeof(*table->distance));
	if (!table->distance)
		return pce_no_memory(err);
	for (uint32_t k = 0; k < w->n_nodes; k++)
		table->distance[k] = FAR;
	if (table->algorithm)
		st = find_definition(w, table, r->targets[table->first].node, err);
	for (size_t k = table->first; k < table->first + table->n && st == PCE_OK; k++)
		st = hear(table, r->targets[k].node, r->targets[k].metric, err);
	return st;
}

static enum pce_status
make_tables(const struct walk *w, struct routing *r, struct pce_error *err)
{
	enum pce_status st = PCE_OK;

	for (size_t k = 0; k < r->n_targets && st == PCE_OK; k++) {
		if (!k || r->targets[k].len != r->targets[k - 1].len ||
		    r->targets[k].algorithm != r->targets[k - 1].algorithm) {
			st = array_reserve(&r->tables, &r->cap_tables, r->n_tables + 1,
					   sizeof(*r->tables), err);
			if (st != PCE_OK)
				break;
			r->tables[r->n_tables++] =
			    (struct table){ .len = r->targets[k].len,
					    .algorithm = r->targets[k].algorithm,
					    .first = k };
		}
		r->tables[r->n_tables - 1].n++;
	}
	for (size_t k = 0; k < r->n_tables && st == PCE_OK; k++)
		st = make_table(w, r, &r->tables[k], err);
	return st;
}

/* Works out who attracts packets for a header's address, and how far everybody is from them. */
static enum pce_status
make_routing(const struct walk *w, uint32_t header, struct pce_error *err)
{
	struct routing *r = &w->headers[header].routing;
	struct ip_addr addr = ip_v6(w->headers[header].address);
	enum pce_status st = PCE_OK;

	r->made = true;
	for (size_t k = 0; k < w->n_extra && st == PCE_OK; k++) {
		const struct replay_sid *e = &w->extra[k];
		unsigned bits = e->width ? (unsigned)e->block + e->width : 128;

		if (!e->local && covers(e->sid, addr.octets, bits))
			st = add_target(
			    r, (struct target){ e->width ? (int)bits : HOST_ROUTE, 0, e->node, 0 },
			    err);
	}
	for (uint32_t k = 0; k < w->n_nodes && st == PCE_OK; k++)
		if (!ted_node_at(w->ted, k)->unusable)
			st = add_prefixes(w, r, k, &addr, err);
	if (st != PCE_OK)
		return st;
	if (r->n_targets)
		qsort(r->targets, r->n_targets, sizeof(*r->targets), compare_targets);
	return make_tables(w, r, err);
}

/* The longest prefix of more than `bits` bits that a node has a route by, NULL: none. */
enum pce_status
replay_find_route(struct walk *w, uint32_t header, ted_node node, int bits, struct table **out,
		  struct pce_error *err)
{
	struct routing *r = &w->headers[header].routing;
	enum pce_status st = r->made ? PCE_OK : make_routing(w, header, err);

	*out = NULL;
	for (size_t k = 0; st == PCE_OK && k < r->n_tables && r->tables[k].len > bits; k++) {
		st = learn_distance(w, r, &r->tables[k], node, err);
		if (st == PCE_OK && r->tables[k].distance[node] != FAR) {
			*out = &r->tables[k];
			return PCE_OK;
		}
	}
	return st;
}

void
replay_routing_free(struct routing *routing)
{
	for (size_t t = 0; t < routing->n_tables; t++) {
		free(routing->tables[t].distance);
		free(routing->tables[t].news);
	}
	free(routing->tables);
	free(routing->targets);
}
