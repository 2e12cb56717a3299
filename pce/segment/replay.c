/*
 * Replay: a forwarder for one virtual packet.
 *
 * What is forwarded is a state (node, index of the active SID). From a state a router does what RFC
 * 8986 section 4 says:
 *   - the SID is its own: End activates the next SID and the router looks again; End.X sends the
 *     packet with the next SID over its link
 *   - else the longest prefix that covers the SID, among those that the router can reach, is looked
 *     up, and the packet goes over *every* equal-cost link towards the nodes that advertise it
 * A depth-first walk over the states thus takes every branch once; meeting a state that is still on
 * the walk is a forwarding loop. Several SIDs never merge states, so the walk ends after at most
 * nodes × SIDs states.
 *
 * After the last SID comes the steered route's service SID (or the inner packet), which belongs to
 * the node where the list ends: End delivers there, End.X at the other end of its link.
 *
 * Routing is worked out here again on purpose (from the SIDs' side, with every prefix looked at,
 * and only as far from the SID's owners as the packet is), because a forwarder that shared the
 * compiler's idea of the IGP would agree with its mistakes. Only `ted.h` is common.
 *
 * A node that advertises no locator (a file's) has a route for each of its SIDs. Compressed SIDs
 * with an argument other than zero are not understood: the packet counts as lost.
 */
#include "pce/segment/replay.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pce/base/addr.h"
#include "pce/base/array.h"

#define FAR UINT64_MAX
#define METRIC_FAR 0xfe000000u /* RFC 9352 section 7.1: a locator with it is not reachable */
#define HOST_ROUTE 129 /* place of made-up SIDs: before every prefix */
#define NO_ROUTE (-1) /* place of nodes without a locator: after every prefix */

/* A node that attracts the packet, for a prefix of one length. */
struct target {
	int len;
	ted_node node;
	uint32_t metric;
};

/* A node that is to tell its neighbours how far it is. */
struct news {
	uint64_t distance;
	ted_node node;
};

/* The nodes that attract packets by prefixes of one length, and the distances to them. */
struct table {
	int len;
	size_t first, n; /* of the targets */
	uint64_t *distance; /* final where no news is nearer, FAR: not heard yet */
	struct news *news; /* a heap, the nearest on top */
	size_t n_news, cap_news;
};

/* Routing of one SID. */
struct routing {
	struct target *targets; /* longest prefix first */
	size_t n_targets, cap_targets;
	struct table *tables;
	size_t n_tables, cap_tables;
	bool made;
};

enum action { FORWARD, CROSS, DELIVER, LOSE };

/* A state on the walk. */
struct visit {
	ted_node node;
	uint32_t sid; /* active one, after the node executed its own */
	ted_node came_to; /* the state's key: as it arrived */
	uint32_t came_with;
	enum action action;
	ted_link link; /* CROSS: over this one */
	size_t next; /* FORWARD: link out to be tried next */
	size_t branches; /* FORWARD: links taken so far */
	const struct table *table;
};

enum { UNSEEN, ON_WALK, DONE };

struct walk {
	const struct ted *ted;
	uint32_t n_nodes, n_links;
	uint16_t topology; /* by which IPv6 is routed */
	const uint8_t (*sids)[16];
	uint32_t n;
	const struct replay_sid *extra;
	size_t n_extra;

	struct routing *routing; /* by SID */
	uint8_t *seen; /* by came_to × n + came_with */
	bool *used; /* by link */
	struct visit *visits;
	size_t n_visits, cap_visits;
	ted_link *trace; /* every link taken, in the order of the walk */
	size_t n_trace, cap_trace;
	bool branched, lost, delivered;
	ted_node end;
	bool several_ends;
	char text[256];
};

/* How a router executes its own SID. */
enum own { OWN_NOT, OWN_END, OWN_END_X, OWN_SERVICE, OWN_OTHER };

static const char *
node_name(const struct walk *w, ted_node node)
{
	return ted_node_at(w->ted, node)->name;
}

static void __attribute__((format(printf, 2, 3))) lose(struct walk *w, const char *fmt, ...)
{
	va_list ap;

	if (w->lost)
		return;
	w->lost = true;
	va_start(ap, fmt);
	vsnprintf(w->text, sizeof(w->text), fmt, ap);
	va_end(ap);
}

static void
print_sid(const struct walk *w, uint32_t sid, char out[IP_TEXT])
{
	struct ip_addr addr = ip_v6(w->sids[sid]);

	ip_print(&addr, out);
}

/* IANA "SRv6 Endpoint Behaviors"; 0: a file did not say, so the plain one of its kind. */
static enum own
own_of(uint16_t behavior, bool of_link)
{
	if (behavior == 0)
		return of_link ? OWN_END_X : OWN_END;
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

static const struct ted_sid *
find_sid(const struct ted_sid *sids, size_t n, const uint8_t sid[16])
{
	for (size_t k = 0; k < n; k++)
		if (memcmp(sids[k].sid, sid, 16) == 0)
			return &sids[k];
	return NULL;
}

/* What `node` does with a packet for this SID; *link for OWN_END_X. */
static enum own
own_sid(const struct walk *w, ted_node node, const uint8_t sid[16], ted_link *link)
{
	const struct ted_node_row *row = ted_node_at(w->ted, node);
	const struct ted_sid *found = find_sid(row->sids, row->n_sids, sid);
	size_t n;
	const ted_link *out = ted_links_out(w->ted, node, &n);

	*link = TED_NONE;
	if (found)
		return own_of(found->behavior, false);
	for (size_t k = 0; k < n; k++) {
		const struct ted_link_row *l = ted_link_at(w->ted, out[k]);

		found = find_sid(l->sids, l->n_sids, sid);
		if (!found)
			continue;
		*link = out[k];
		return own_of(found->behavior, true);
	}
	for (size_t k = 0; k < w->n_extra; k++) {
		const struct replay_sid *e = &w->extra[k];

		if (e->node != node || memcmp(e->sid, sid, 16) != 0)
			continue;
		*link = e->link;
		return own_of(e->behavior, e->link != TED_NONE);
	}
	return OWN_NOT;
}

static bool
in_igp(const struct walk *w, ted_link link)
{
	const struct ted_link_row *row = ted_link_at(w->ted, link);

	return row->topology == w->topology && row->igp_metric != TED_METRIC_UNREACHABLE &&
	       ted_link_usable(w->ted, link);
}

static enum pce_status
add_target(struct routing *r, int len, ted_node node, uint32_t metric, struct pce_error *err)
{
	enum pce_status st =
	    array_reserve(&r->targets, &r->cap_targets, r->n_targets + 1, sizeof(*r->targets), err);

	if (st == PCE_OK)
		r->targets[r->n_targets++] = (struct target){ len, node, metric };
	return st;
}

static enum pce_status
add_prefixes(const struct walk *w, struct routing *r, ted_node node, const struct ip_addr *sid,
	     struct pce_error *err)
{
	const struct ted_node_row *row = ted_node_at(w->ted, node);
	bool has_locator = false;
	enum pce_status st = PCE_OK;
	ted_link link;

	for (size_t k = 0; k < row->n_prefixes && st == PCE_OK; k++) {
		const struct ted_prefix_row *p = &row->prefixes[k];
		uint32_t metric = p->has_locator ? p->locator.metric : p->metric;

		has_locator |= p->has_locator;
		if (p->topology != w->topology || metric >= METRIC_FAR || p->metric >= METRIC_FAR ||
		    (p->has_locator && p->locator.algorithm) || !ip_in_prefix(sid, &p->prefix))
			continue;
		st = add_target(r, p->prefix.len, node, metric, err);
	}
	if (st == PCE_OK && !has_locator && own_sid(w, node, sid->octets, &link) != OWN_NOT)
		st = add_target(r, NO_ROUTE, node, 0, err);
	return st;
}

static int
compare_targets(const void *left, const void *right)
{
	const struct target *a = left, *b = right;

	if (a->len != b->len)
		return a->len > b->len ? -1 : 1;
	return (a->node > b->node) - (a->node < b->node);
}

/* The target that node is in this table, or NULL. */
static const struct target *
target_at(const struct routing *r, const struct table *table, ted_node node)
{
	for (size_t k = table->first; k < table->first + table->n; k++)
		if (r->targets[k].node == node)
			return &r->targets[k];
	return NULL;
}

/* What it costs to send a packet to node: an overloaded one takes only what is for itself. */
static uint64_t
cost_through(const struct walk *w, const struct routing *r, const struct table *table,
	     ted_node node)
{
	const struct target *target;

	if (!ted_node_at(w->ted, node)->overload)
		return table->distance[node];
	target = target_at(r, table, node);
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
	uint64_t cost = cost_through(w, r, table, news.node);
	enum pce_status st = PCE_OK;
	size_t n;
	const ted_link *in = ted_links_in(w->ted, news.node, &n);

	if (news.distance > table->distance[news.node] || cost == FAR)
		return PCE_OK;
	for (size_t k = 0; k < n && st == PCE_OK; k++) {
		const struct ted_link_row *row = ted_link_at(w->ted, in[k]);

		if (in_igp(w, in[k]))
			st = hear(table, row->from, cost + row->igp_metric, err);
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
	for (size_t k = table->first; k < table->first + table->n && st == PCE_OK; k++)
		st = hear(table, r->targets[k].node, r->targets[k].metric, err);
	return st;
}

static enum pce_status
make_tables(const struct walk *w, struct routing *r, struct pce_error *err)
{
	enum pce_status st = PCE_OK;

	for (size_t k = 0; k < r->n_targets && st == PCE_OK; k++) {
		if (!k || r->targets[k].len != r->targets[k - 1].len) {
			st = array_reserve(&r->tables, &r->cap_tables, r->n_tables + 1,
					   sizeof(*r->tables), err);
			if (st != PCE_OK)
				break;
			r->tables[r->n_tables++] =
			    (struct table){ .len = r->targets[k].len, .first = k };
		}
		r->tables[r->n_tables - 1].n++;
	}
	for (size_t k = 0; k < r->n_tables && st == PCE_OK; k++)
		st = make_table(w, r, &r->tables[k], err);
	return st;
}

/* Works out who attracts packets for a SID, and how far everybody is from them. */
static enum pce_status
make_routing(const struct walk *w, uint32_t sid, struct pce_error *err)
{
	struct routing *r = &w->routing[sid];
	struct ip_addr addr = ip_v6(w->sids[sid]);
	enum pce_status st = PCE_OK;

	r->made = true;
	for (size_t k = 0; k < w->n_extra && st == PCE_OK; k++)
		if (memcmp(w->extra[k].sid, w->sids[sid], 16) == 0)
			st = add_target(r, HOST_ROUTE, w->extra[k].node, 0, err);
	for (uint32_t k = 0; k < w->n_nodes && st == PCE_OK; k++)
		if (!ted_node_at(w->ted, k)->unusable)
			st = add_prefixes(w, r, k, &addr, err);
	if (st != PCE_OK)
		return st;
	if (r->n_targets)
		qsort(r->targets, r->n_targets, sizeof(*r->targets), compare_targets);
	return make_tables(w, r, err);
}

/* The node looks its route up: what becomes of a packet whose SID is not its own. */
static enum pce_status
look_up(struct walk *w, struct visit *v, struct pce_error *err)
{
	struct routing *r = &w->routing[v->sid];
	enum pce_status st = r->made ? PCE_OK : make_routing(w, v->sid, err);
	char text[IP_TEXT];

	if (st != PCE_OK)
		return st;
	print_sid(w, v->sid, text);
	v->action = LOSE;
	for (size_t k = 0; k < r->n_tables; k++) {
		struct table *table = &r->tables[k];

		st = learn_distance(w, r, table, v->node, err);
		if (st != PCE_OK)
			return st;
		if (table->distance[v->node] == FAR)
			continue;
		if (target_at(r, table, v->node)) {
			lose(w, "%s owns the locator of %s but no such SID", node_name(w, v->node),
			     text);
			return PCE_OK;
		}
		v->action = FORWARD;
		v->table = table;
		return PCE_OK;
	}
	lose(w, "%s has no route to %s", node_name(w, v->node), text);
	return PCE_OK;
}

static void
deliver(struct walk *w, ted_node node)
{
	w->several_ends |= w->delivered && w->end != node;
	w->delivered = true;
	w->end = node;
}

/* Executes the node's own SIDs, as many as follow each other, and decides what happens next. */
static enum pce_status
decide(struct walk *w, struct visit *v, struct pce_error *err)
{
	char text[IP_TEXT];

	for (;;) {
		enum own own = own_sid(w, v->node, w->sids[v->sid], &v->link);
		bool last = v->sid + 1 == w->n;

		if (own == OWN_NOT)
			return look_up(w, v, err);
		if (own == OWN_END && !last) {
			v->sid++;
			continue;
		}
		if (own == OWN_END || (own == OWN_SERVICE && last)) {
			v->action = DELIVER;
			deliver(w, v->node);
			return PCE_OK;
		}
		v->action = LOSE;
		print_sid(w, v->sid, text);
		if (own != OWN_END_X || v->link == TED_NONE)
			lose(w, "%s executes %s in a way that ends the list", node_name(w, v->node),
			     text);
		else if (!ted_link_usable(w->ted, v->link))
			lose(w, "link %s of %s is not usable", ted_link_at(w->ted, v->link)->name,
			     text);
		else
			v->action = CROSS;
		return PCE_OK;
	}
}

static enum pce_status
arrive(struct walk *w, ted_node node, uint32_t sid, struct pce_error *err)
{
	uint8_t *seen = &w->seen[(size_t)node * w->n + sid];
	struct visit v = { .node = node, .sid = sid, .came_to = node, .came_with = sid };
	enum pce_status st;

	if (*seen == DONE)
		return PCE_OK;
	if (*seen == ON_WALK) {
		char text[IP_TEXT];

		print_sid(w, sid, text);
		lose(w, "packets for %s circle through %s", text, node_name(w, node));
		return PCE_OK;
	}
	st = array_reserve(&w->visits, &w->cap_visits, w->n_visits + 1, sizeof(*w->visits), err);
	if (st == PCE_OK)
		st = decide(w, &v, err);
	if (st != PCE_OK)
		return st;
	*seen = ON_WALK;
	w->visits[w->n_visits++] = v;
	return PCE_OK;
}

static enum pce_status
take(struct walk *w, ted_link link, struct pce_error *err)
{
	enum pce_status st =
	    array_reserve(&w->trace, &w->cap_trace, w->n_trace + 1, sizeof(*w->trace), err);

	if (st == PCE_OK) {
		w->trace[w->n_trace++] = link;
		w->used[link] = true;
	}
	return st;
}

/* The next equal-cost link of a state, or TED_NONE. */
static ted_link
next_link(const struct walk *w, struct visit *v)
{
	const struct routing *r = &w->routing[v->sid];
	size_t n;
	const ted_link *out = ted_links_out(w->ted, v->node, &n);

	while (v->next < n) {
		ted_link link = out[v->next++];
		const struct ted_link_row *row = ted_link_at(w->ted, link);
		uint64_t cost;

		if (!in_igp(w, link))
			continue;
		cost = cost_through(w, r, v->table, row->to);
		if (cost != FAR && cost + row->igp_metric == v->table->distance[v->node])
			return link;
	}
	return TED_NONE;
}

/* One move from the state on top of the walk; it leaves the walk when it has no more. */
static enum pce_status
advance(struct walk *w, struct pce_error *err)
{
	struct visit *v = &w->visits[w->n_visits - 1];
	uint32_t sid = v->sid;
	ted_link link = TED_NONE;
	enum pce_status st;

	if (v->action == FORWARD) {
		link = next_link(w, v);
	} else if (v->action == CROSS) {
		link = v->link;
		v->action = DELIVER;
		sid++;
	}
	if (link == TED_NONE) {
		w->seen[(size_t)v->came_to * w->n + v->came_with] = DONE;
		w->n_visits--;
		return PCE_OK;
	}
	w->branched |= v->branches++ > 0;
	st = take(w, link, err);
	if (st != PCE_OK)
		return st;
	if (sid == w->n) {
		deliver(w, ted_link_at(w->ted, link)->to);
		return PCE_OK;
	}
	return arrive(w, ted_link_at(w->ted, link)->to, sid, err);
}

static void
walk_free(struct walk *w)
{
	for (uint32_t k = 0; w->routing && k < w->n; k++) {
		struct routing *r = &w->routing[k];

		for (size_t t = 0; t < r->n_tables; t++) {
			free(r->tables[t].distance);
			free(r->tables[t].news);
		}
		free(r->tables);
		free(r->targets);
	}
	free(w->routing);
	free(w->seen);
	free(w->used);
	free(w->visits);
	free(w->trace);
}

/* RFC 5120 section 7.5: IPv6 has topology 2 to itself where that is used, else it shares 0. */
static uint16_t
ipv6_topology(const struct ted *ted)
{
	bool own = false;

	for (uint32_t k = 0; k < ted_link_count(ted) && !own; k++)
		own = ted_link_usable(ted, k) && ted_link_at(ted, k)->topology == 2;
	return own ? 2 : 0;
}

static enum pce_status
walk_init(struct walk *w, ted_node from, struct pce_error *err)
{
	w->n_nodes = ted_node_count(w->ted);
	w->n_links = ted_link_count(w->ted);
	w->topology = ipv6_topology(w->ted);
	w->end = TED_NONE;
	if (from >= w->n_nodes)
		return pce_fail(err, PCE_INVALID, "node row %u of %u", from, w->n_nodes);
	if (!w->n)
		return pce_fail(err, PCE_INVALID, "an empty segment list leads nowhere");
	for (size_t k = 0; k < w->n_extra; k++)
		if (w->extra[k].node >= w->n_nodes ||
		    (w->extra[k].link != TED_NONE && w->extra[k].link >= w->n_links))
			return pce_fail(err, PCE_INVALID, "a made-up SID belongs to no row");
	w->routing = calloc(w->n, sizeof(*w->routing));
	w->seen = calloc((size_t)w->n_nodes * w->n, sizeof(*w->seen));
	w->used = calloc(w->n_links ? w->n_links : 1, sizeof(*w->used));
	if (!w->routing || !w->seen || !w->used)
		return pce_no_memory(err);
	return PCE_OK;
}

static enum pce_status
walk_all(struct walk *w, ted_node from, struct pce_error *err)
{
	enum pce_status st = walk_init(w, from, err);

	if (st == PCE_OK && ted_node_at(w->ted, from)->unusable)
		lose(w, "%s is not usable", node_name(w, from));
	else if (st == PCE_OK)
		st = arrive(w, from, 0, err);
	while (st == PCE_OK && w->n_visits)
		st = advance(w, err);
	return st;
}

static enum pce_status
fill_result(const struct walk *w, struct replay_result *out, struct pce_error *err)
{
	struct replay_result r = { .end = w->several_ends ? TED_NONE : w->end };

	for (uint32_t k = 0; k < w->n_links; k++)
		r.n_links += w->used[k];
	r.links = malloc((r.n_links ? r.n_links : 1) * sizeof(*r.links));
	if (!r.links)
		return pce_no_memory(err);
	r.n_links = 0;
	for (uint32_t k = 0; k < w->n_links; k++)
		if (w->used[k])
			r.links[r.n_links++] = k;
	r.delivered = w->delivered && !w->lost && !w->several_ends;
	if (w->lost)
		memcpy(r.text, w->text, sizeof(r.text));
	else if (w->several_ends)
		snprintf(r.text, sizeof(r.text), "the packet ends at more than one node");
	*out = r;
	return PCE_OK;
}

enum pce_status
replay_run(const struct ted *ted, uint32_t from, const uint8_t (*sids)[16], size_t n,
	   const struct replay_sid *extra, size_t n_extra, struct replay_result *out,
	   struct pce_error *err)
{
	struct walk w = {
		.ted = ted, .sids = sids, .n = (uint32_t)n, .extra = extra, .n_extra = n_extra
	};
	enum pce_status st = walk_all(&w, from, err);

	if (st == PCE_OK)
		st = fill_result(&w, out, err);
	walk_free(&w);
	return st;
}

void
replay_result_free(struct replay_result *result)
{
	if (!result)
		return;
	free(result->links);
	*result = (struct replay_result){ .end = TED_NONE };
}

static bool
compare_walk(const struct walk *w, const uint32_t *path, size_t n_path, char *text, size_t cap)
{
	for (size_t k = 0; k < w->n_trace; k++)
		if (k >= n_path || w->trace[k] != path[k]) {
			snprintf(text, cap, "the packet %s link %s",
				 w->branched ? "also takes" : "takes",
				 ted_link_at(w->ted, w->trace[k])->name);
			return false;
		}
	if (w->lost) {
		snprintf(text, cap, "%s", w->text);
		return false;
	}
	if (w->n_trace < n_path) {
		snprintf(text, cap, "the packet ends at %s", node_name(w, w->end));
		return false;
	}
	return true;
}

enum pce_status
replay_matches(const struct ted *ted, uint32_t from, const uint8_t (*sids)[16], size_t n,
	       const struct replay_sid *extra, size_t n_extra, const uint32_t *path, size_t n_path,
	       bool *same, char *text, size_t cap, struct pce_error *err)
{
	struct walk w = {
		.ted = ted, .sids = sids, .n = (uint32_t)n, .extra = extra, .n_extra = n_extra
	};
	enum pce_status st = walk_all(&w, from, err);

	if (st == PCE_OK) {
		if (cap)
			text[0] = '\0';
		*same = compare_walk(&w, path, n_path, text, cap);
	}
	walk_free(&w);
	return st;
}
