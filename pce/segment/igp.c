/*
 * IGP state of the compiler.
 *
 * A list is strict over equal-cost paths only if at every hop the router has one way on, so what is
 * cached is what routers do: distances to a *destination*, from which the next hops of every router
 * follow. (Path counts from a source say the same, but cannot be defined where links of metric 0
 * form a circle; next hops can: two ways on is two ways on.)
 *
 * A search stops as soon as it has come to the router that was asked about, and goes on from there
 * when another one asks: stretches of paths are mostly short, and a large network is rarely
 * searched to its end. Trees are held for up to IGP_HELD_BYTES; then all are forgotten at once,
 * which keeps the cache free of bookkeeping: a network of 300 nodes never gets there, one of 10 000
 * holds 800.
 *
 * SIDs are routed by longest prefix over what the nodes of the same connected part advertise:
 * a router that is in two IGP areas has two rows with the same locator, and only one of them is in
 * the part that the path runs through.
 */
#include "pce/segment/igp.h"

#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"
#include "pce/segment/compile.h"
#include "pce/segment/csid.h"

#define IGP_HELD_BYTES (64u << 20)
#define MT_IPV6 2
#define IGP_METRIC_FAR 0xfe000000u /* RFC 5305 section 4, RFC 9352 section 7.1: not reachable */

enum pce_status
segment_igp_new(const struct ted *ted, struct segment_igp **out, struct pce_error *err)
{
	struct segment_igp *igp = calloc(1, sizeof(*igp));

	if (!igp)
		return pce_no_memory(err);
	igp->ted = ted;
	*out = igp;
	return PCE_OK;
}

const struct ted *
segment_igp_ted(const struct segment_igp *igp)
{
	return igp->ted;
}

static void
tree_free(struct igp_tree *tree)
{
	if (!tree)
		return;
	free(tree->distance);
	free(tree->heap);
	free(tree);
}

static void
forget_trees(struct segment_igp *igp)
{
	for (size_t k = 0; k < igp->n_held; k++) {
		tree_free(igp->trees[igp->held[k]]);
		igp->trees[igp->held[k]] = NULL;
	}
	igp->n_held = 0;
}

void
segment_igp_reset(struct segment_igp *igp)
{
	forget_trees(igp);
	free(igp->trees);
	free(igp->held);
	free(igp->domain);
	igp->trees = NULL;
	igp->held = NULL;
	igp->domain = NULL;
	flex_free(&igp->flex);
	igp->n_routes = igp->n_sids = 0;
	igp->n_nodes = igp->n_links = 0;
	igp->indexed = igp->has_block = false;
}

void
segment_igp_free(struct segment_igp *igp)
{
	if (!igp)
		return;
	segment_igp_reset(igp);
	free(igp->routes);
	free(igp->sids);
	free(igp);
}

/* RFC 5120 section 7.5: routers with IPv6 in a topology of its own advertise it as number 2. */
static uint16_t
find_topology(const struct ted *ted)
{
	for (uint32_t k = 0; k < ted_link_count(ted); k++)
		if (ted_link_at(ted, k)->topology == MT_IPV6 && ted_link_usable(ted, k))
			return MT_IPV6;
	return 0;
}

static const struct ted_link_row *
igp_link(const struct segment_igp *igp, ted_link link)
{
	const struct ted_link_row *row = ted_link_at(igp->ted, link);

	if (row->topology != igp->topology || row->igp_metric == TED_METRIC_UNREACHABLE ||
	    !ted_link_usable(igp->ted, link))
		return NULL;
	return row;
}

static uint32_t
find_root(uint32_t *domain, uint32_t node)
{
	while (domain[node] != node) {
		domain[node] = domain[domain[node]];
		node = domain[node];
	}
	return node;
}

static enum pce_status
find_domains(struct segment_igp *igp, struct pce_error *err)
{
	uint32_t *domain = malloc((igp->n_nodes ? igp->n_nodes : 1) * sizeof(*domain));

	if (!domain)
		return pce_no_memory(err);
	for (uint32_t k = 0; k < igp->n_nodes; k++)
		domain[k] = k;
	for (uint32_t k = 0; k < igp->n_links; k++) {
		const struct ted_link_row *row = igp_link(igp, k);

		if (row)
			domain[find_root(domain, row->from)] = find_root(domain, row->to);
	}
	for (uint32_t k = 0; k < igp->n_nodes; k++)
		domain[k] = find_root(domain, k);
	free(igp->domain);
	igp->domain = domain;
	return PCE_OK;
}

/* Rows may have been added since: whatever was made for fewer is forgotten. */
static enum pce_status
prepare(struct segment_igp *igp, struct pce_error *err)
{
	uint32_t n = ted_node_count(igp->ted);
	enum pce_status st;
	size_t fit, most;

	if (igp->trees && igp->n_nodes == n && igp->n_links == ted_link_count(igp->ted))
		return PCE_OK;
	segment_igp_reset(igp);
	igp->n_nodes = n;
	igp->n_links = ted_link_count(igp->ted);
	igp->topology = find_topology(igp->ted);
	st = find_domains(igp, err);
	if (st == PCE_OK)
		st = flex_find(igp->ted, igp->domain, &igp->flex, err);
	most = (1 + igp->flex.n) * n + 1;
	fit = IGP_HELD_BYTES / (n ? n * sizeof(uint64_t) : 1);
	igp->max_held = fit < 2 ? 2 : fit < most ? fit : most;
	if (st == PCE_OK) {
		igp->trees = calloc(most, sizeof(*igp->trees));
		igp->held = calloc(igp->max_held, sizeof(*igp->held));
	}
	if (st == PCE_OK && igp->trees && igp->held)
		return PCE_OK;
	segment_igp_reset(igp);
	return st == PCE_OK ? pce_no_memory(err) : st;
}

bool
segment_igp_flexible(const struct segment_igp *igp)
{
	bool found = false;

	for (ted_node k = 0; k < ted_node_count(igp->ted) && !found; k++)
		found = ted_node_at(igp->ted, k)->n_fads > 0;
	return found;
}

bool
igp_knows(const struct segment_igp *igp, uint8_t algorithm, ted_node near)
{
	size_t at = flex_place(&igp->flex, algorithm, igp->domain[near]);

	return algorithm == 0 || (at < igp->flex.n && !igp->flex.items[at].fad.unsupported &&
				  !igp->flex.items[at].fad.calculation);
}

enum pce_status
igp_topology(struct segment_igp *igp, uint16_t *out, struct pce_error *err)
{
	enum pce_status st = prepare(igp, err);

	if (st == PCE_OK)
		*out = igp->topology;
	return st;
}

static enum pce_status
heap_push(struct igp_tree *tree, uint64_t distance, ted_node node, struct pce_error *err)
{
	enum pce_status st =
	    array_reserve(&tree->heap, &tree->cap_heap, tree->n_heap + 1, sizeof(*tree->heap), err);
	struct igp_waiting *heap = tree->heap;
	size_t at = tree->n_heap;

	if (st != PCE_OK)
		return st;
	tree->n_heap++;
	for (; at && heap[(at - 1) / 2].distance > distance; at = (at - 1) / 2)
		heap[at] = heap[(at - 1) / 2];
	heap[at] = (struct igp_waiting){ distance, node };
	return PCE_OK;
}

static struct igp_waiting
heap_pop(struct igp_tree *tree)
{
	struct igp_waiting *heap = tree->heap, top = heap[0], last = heap[--tree->n_heap];
	size_t at = 0;

	for (;;) {
		size_t child = 2 * at + 1;

		if (child >= tree->n_heap)
			break;
		if (child + 1 < tree->n_heap && heap[child + 1].distance < heap[child].distance)
			child++;
		if (heap[child].distance >= last.distance)
			break;
		heap[at] = heap[child];
		at = child;
	}
	heap[at] = last;
	return top;
}

static bool
carries_transit(const struct segment_igp *igp, ted_node node)
{
	return !ted_node_at(igp->ted, node)->overload;
}

/* The row of a link that the tree's algorithm uses, and its cost; NULL: it does not. */
static const struct ted_link_row *
tree_link(const struct segment_igp *igp, const struct igp_tree *tree, ted_link link, uint64_t *cost)
{
	const struct ted_link_row *row = igp_link(igp, link);

	if (!row)
		return NULL;
	*cost = row->igp_metric;
	return !tree->fad || flex_cost(igp->ted, tree->fad, link, cost) ? row : NULL;
}

/* Takes the nearest node out of the heap for good, and tells those before it. */
static enum pce_status
settle_next(const struct segment_igp *igp, struct igp_tree *tree, ted_node to,
	    struct pce_error *err)
{
	struct igp_waiting at = heap_pop(tree);
	uint64_t *distance = tree->distance;
	enum pce_status st = PCE_OK;
	size_t n;
	const ted_link *in = ted_links_in(igp->ted, at.node, &n);

	if (at.distance > distance[at.node] || (at.node != to && !carries_transit(igp, at.node)))
		return PCE_OK;
	for (size_t k = 0; k < n && st == PCE_OK; k++) {
		uint64_t cost;
		const struct ted_link_row *row = tree_link(igp, tree, in[k], &cost);

		if (!row || at.distance + cost >= distance[row->from])
			continue;
		st = heap_push(tree, at.distance + cost, row->from, err);
		if (st == PCE_OK)
			distance[row->from] = at.distance + cost;
	}
	return st;
}

static enum pce_status
tree_new(const struct segment_igp *igp, ted_node to, struct igp_tree **out, struct pce_error *err)
{
	struct igp_tree *tree = calloc(1, sizeof(*tree));

	if (!tree)
		return pce_no_memory(err);
	tree->distance = malloc(igp->n_nodes * sizeof(*tree->distance));
	if (!tree->distance || heap_push(tree, 0, to, err) != PCE_OK) {
		tree_free(tree);
		return pce_no_memory(err);
	}
	for (uint32_t k = 0; k < igp->n_nodes; k++)
		tree->distance[k] = IGP_FAR;
	tree->distance[to] = 0;
	*out = tree;
	return PCE_OK;
}

enum pce_status
igp_tree_to(struct segment_igp *igp, uint8_t algorithm, ted_node to, struct igp_tree **out,
	    struct pce_error *err)
{
	enum pce_status st = prepare(igp, err);
	size_t flex, at;

	if (st != PCE_OK)
		return st;
	flex = algorithm ? flex_place(&igp->flex, algorithm, igp->domain[to]) : 0;
	at = (algorithm ? 1 + flex : 0) * igp->n_nodes + to;
	if (!igp->trees[at]) {
		if (igp->n_held == igp->max_held)
			forget_trees(igp);
		st = tree_new(igp, to, &igp->trees[at], err);
		if (st != PCE_OK)
			return st;
		if (algorithm)
			igp->trees[at]->fad = &igp->flex.items[flex].fad;
		igp->held[igp->n_held++] = at;
	}
	*out = igp->trees[at];
	return PCE_OK;
}

/* Searches on until node and all that are as near have their final distances. */
static enum pce_status
tree_grow(const struct segment_igp *igp, struct igp_tree *tree, ted_node node, ted_node to,
	  struct pce_error *err)
{
	enum pce_status st = PCE_OK;

	while (st == PCE_OK && tree->n_heap && tree->heap[0].distance <= tree->distance[node])
		st = settle_next(igp, tree, to, err);
	return st;
}

enum pce_status
igp_next_way(struct segment_igp *igp, struct igp_tree *tree, ted_node node, ted_node to, size_t *at,
	     ted_link *out, struct pce_error *err)
{
	enum pce_status st = tree_grow(igp, tree, node, to, err);
	const uint64_t *distance = tree->distance;
	size_t n;
	const ted_link *links = ted_links_out(igp->ted, node, &n);

	*out = TED_NONE;
	if (st != PCE_OK) {
		forget_trees(igp); /* this one has a gap now */
		return st;
	}
	while (*at < n && distance[node] != IGP_FAR) {
		ted_link link = links[(*at)++];
		uint64_t cost;
		const struct ted_link_row *row = tree_link(igp, tree, link, &cost);

		if (!row || distance[row->to] == IGP_FAR ||
		    (row->to != to && !carries_transit(igp, row->to)) ||
		    cost + distance[row->to] != distance[node])
			continue;
		*out = link;
		break;
	}
	return PCE_OK;
}

enum pce_status
igp_only_way(struct segment_igp *igp, struct igp_tree *tree, ted_link link, ted_node to, bool *only,
	     struct pce_error *err)
{
	ted_node from = ted_link_at(igp->ted, link)->from;
	ted_link way, second = TED_NONE;
	size_t at = 0;
	enum pce_status st = igp_next_way(igp, tree, from, to, &at, &way, err);

	if (st == PCE_OK && way == link)
		st = igp_next_way(igp, tree, from, to, &at, &second, err);
	if (st == PCE_OK)
		*only = way == link && second == TED_NONE;
	return st;
}

static int
compare_routes(const void *left, const void *right)
{
	const struct igp_route *a = left, *b = right;
	int order;

	if (a->len != b->len)
		return a->len > b->len ? -1 : 1;
	order = memcmp(a->prefix, b->prefix, sizeof(a->prefix));
	if (order)
		return order;
	return (a->node > b->node) - (a->node < b->node);
}

static int
compare_sids(const void *left, const void *right)
{
	const struct igp_sid *a = left, *b = right;
	int order = memcmp(a->sid, b->sid, sizeof(a->sid));

	if (order)
		return order;
	if (a->node != b->node)
		return a->node < b->node ? -1 : 1;
	return (a->link > b->link) - (a->link < b->link);
}

static enum pce_status
add_routes(struct segment_igp *igp, ted_node node, struct pce_error *err)
{
	const struct ted_node_row *row = ted_node_at(igp->ted, node);

	for (size_t k = 0; k < row->n_prefixes; k++) {
		const struct ted_prefix_row *p = &row->prefixes[k];
		struct igp_route *route;
		enum pce_status st;

		if (p->prefix.addr.family != IP_V6 || p->topology != igp->topology ||
		    p->metric >= IGP_METRIC_FAR ||
		    (p->has_locator && p->locator.metric >= IGP_METRIC_FAR))
			continue;
		st = array_reserve(&igp->routes, &igp->cap_routes, igp->n_routes + 1,
				   sizeof(*igp->routes), err);
		if (st != PCE_OK)
			return st;
		route = &igp->routes[igp->n_routes++];
		memcpy(route->prefix, p->prefix.addr.octets, sizeof(route->prefix));
		route->len = p->prefix.len;
		route->algorithm = p->has_locator ? p->locator.algorithm : 0;
		route->node = node;
	}
	return PCE_OK;
}

static enum pce_status
add_sids(struct segment_igp *igp, const struct ted_sid *sids, size_t n, ted_node node,
	 ted_link link, struct pce_error *err)
{
	enum pce_status st =
	    array_reserve(&igp->sids, &igp->cap_sids, igp->n_sids + n, sizeof(*igp->sids), err);

	if (st != PCE_OK)
		return st;
	for (size_t k = 0; k < n; k++) {
		struct igp_sid *added = &igp->sids[igp->n_sids++];

		memcpy(added->sid, sids[k].sid, sizeof(added->sid));
		added->matched = (uint8_t)csid_matched(csid_shape_of(&sids[k]));
		igp->matched[added->matched] = true;
		added->local = csid_is_local(&sids[k]);
		added->node = node;
		added->link = link;
	}
	return PCE_OK;
}

static enum pce_status
collect(struct segment_igp *igp, struct pce_error *err)
{
	enum pce_status st = PCE_OK;

	igp->n_routes = igp->n_sids = 0;
	memset(igp->matched, 0, sizeof(igp->matched));
	for (uint32_t k = 0; k < igp->n_nodes && st == PCE_OK; k++) {
		const struct ted_node_row *row = ted_node_at(igp->ted, k);

		if (row->unusable)
			continue;
		st = add_routes(igp, k, err);
		if (st == PCE_OK)
			st = add_sids(igp, row->sids, row->n_sids, k, TED_NONE, err);
	}
	for (uint32_t k = 0; k < igp->n_links && st == PCE_OK; k++) {
		const struct ted_link_row *row = ted_link_at(igp->ted, k);

		if (!row->unusable)
			st = add_sids(igp, row->sids, row->n_sids, row->from, k, err);
	}
	return st;
}

enum pce_status
igp_index(struct segment_igp *igp, struct pce_error *err)
{
	enum pce_status st = prepare(igp, err);

	if (st != PCE_OK || igp->indexed)
		return st;
	st = collect(igp, err);
	if (st != PCE_OK)
		return st;
	if (igp->n_routes)
		qsort(igp->routes, igp->n_routes, sizeof(*igp->routes), compare_routes);
	if (igp->n_sids)
		qsort(igp->sids, igp->n_sids, sizeof(*igp->sids), compare_sids);
	igp->indexed = true;
	return PCE_OK;
}

/* First advertised SID that is not below sid. */
static size_t
first_sid(const struct segment_igp *igp, const uint8_t sid[16])
{
	size_t low = 0, high = igp->n_sids;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (memcmp(igp->sids[mid].sid, sid, 16) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

size_t
igp_times_at(const struct segment_igp *igp, const uint8_t sid[16], ted_node owner)
{
	size_t times = 0;

	for (size_t k = first_sid(igp, sid);
	     k < igp->n_sids && memcmp(igp->sids[k].sid, sid, 16) == 0; k++)
		times += igp->sids[k].node == owner;
	return times;
}

static bool
advertised_once(const struct segment_igp *igp, const uint8_t sid[16], ted_node owner)
{
	size_t times = 0;

	for (size_t k = first_sid(igp, sid);
	     k < igp->n_sids && memcmp(igp->sids[k].sid, sid, 16) == 0; k++)
		times += igp->domain[igp->sids[k].node] == igp->domain[owner];
	return times == 1;
}

static void
mask(const uint8_t sid[16], uint8_t len, uint8_t out[16])
{
	for (unsigned k = 0; k < 16; k++) {
		unsigned bits = len > 8 * k ? len - 8 * k : 0;
		unsigned keep = bits >= 8 ? 0xff : 0xffu & (0xff00u >> bits);

		out[k] = (uint8_t)(sid[k] & keep);
	}
}

/* First route of key's length or a shorter one that is not before key. */
static size_t
first_route(const struct segment_igp *igp, const struct igp_route *key)
{
	size_t low = 0, high = igp->n_routes;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (compare_routes(&igp->routes[mid], key) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

enum covered { COVERED_NOT, COVERED_BY_OWNER, COVERED_BY_OTHERS };

/* Who advertises the SID's prefix of this length, in the owner's part of the network. */
static enum covered
covered(const struct segment_igp *igp, const uint8_t sid[16], uint8_t len, uint8_t algorithm,
	ted_node owner)
{
	struct igp_route key = { .len = len, .node = 0 };
	enum covered found = COVERED_NOT;

	mask(sid, len, key.prefix);
	for (size_t k = first_route(igp, &key); k < igp->n_routes; k++) {
		const struct igp_route *route = &igp->routes[k];

		if (route->len != len || memcmp(route->prefix, key.prefix, 16) != 0)
			break;
		if (igp->domain[route->node] != igp->domain[owner])
			continue;
		if (route->node != owner || route->algorithm != algorithm)
			return COVERED_BY_OTHERS;
		found = COVERED_BY_OWNER;
	}
	return found;
}

static bool
has_locator(const struct segment_igp *igp, ted_node node)
{
	const struct ted_node_row *row = ted_node_at(igp->ted, node);

	for (size_t k = 0; k < row->n_prefixes; k++)
		if (row->prefixes[k].has_locator)
			return true;
	return false;
}

/* True if another node would take a packet for these bits, by fewer of them, for a SID of its own.
 */
static bool
taken_on_the_way(const struct segment_igp *igp, const uint8_t bits[16], unsigned matched,
		 ted_node owner)
{
	for (unsigned len = 8; len < matched; len += 8) {
		uint8_t key[16];

		if (!igp->matched[len])
			continue;
		mask(bits, (uint8_t)len, key);
		for (size_t k = first_sid(igp, key); k < igp->n_sids; k++) {
			const struct igp_sid *s = &igp->sids[k];

			if (memcmp(s->sid, key, 16) != 0)
				break;
			if (s->node != owner && s->matched == len &&
			    igp->domain[s->node] == igp->domain[owner])
				return true;
		}
	}
	return false;
}

/* True if another node has a SID inside of these bits. */
static bool
sid_inside(const struct segment_igp *igp, const uint8_t bits[16], unsigned matched, ted_node owner)
{
	uint8_t key[16];

	mask(bits, (uint8_t)matched, key);
	for (size_t k = first_sid(igp, key); k < igp->n_sids; k++) {
		const struct igp_sid *s = &igp->sids[k];

		if (!csid_same_bits(s->sid, key, matched))
			return false;
		if (s->node != owner && igp->domain[s->node] == igp->domain[owner])
			return true;
	}
	return false;
}

bool
igp_routed_to(const struct segment_igp *igp, const uint8_t sid[16], uint8_t algorithm,
	      ted_node owner)
{
	size_t at = 0;

	if (!advertised_once(igp, sid, owner) || taken_on_the_way(igp, sid, 128, owner))
		return false;
	while (at < igp->n_routes) {
		struct igp_route shorter = { .len = igp->routes[at].len };
		enum covered by = covered(igp, sid, igp->routes[at].len, algorithm, owner);

		if (by != COVERED_NOT)
			return by == COVERED_BY_OWNER;
		if (!shorter.len)
			break;
		shorter.len--;
		at = first_route(igp, &shorter);
	}
	return !algorithm && !has_locator(igp, owner) && !igp->sids[first_sid(igp, sid)].local;
}

/* True if a route of another node, or with any of any node, begins with these bits and is longer.
 */
static bool
route_inside(const struct segment_igp *igp, const uint8_t bits[16], unsigned matched,
	     ted_node owner, bool any)
{
	size_t at = 0;

	while (at < igp->n_routes && igp->routes[at].len > matched) {
		struct igp_route key = { .len = igp->routes[at].len };

		mask(bits, (uint8_t)matched, key.prefix);
		for (at = first_route(igp, &key); at < igp->n_routes; at++) {
			const struct igp_route *route = &igp->routes[at];

			if (route->len != key.len || !csid_same_bits(route->prefix, bits, matched))
				break;
			if (igp->domain[route->node] == igp->domain[owner] &&
			    (any || route->node != owner || route->algorithm))
				return true;
		}
		key.len--;
		memset(key.prefix, 0, sizeof(key.prefix));
		at = first_route(igp, &key);
	}
	return false;
}

bool
igp_keeps_argument(const struct segment_igp *igp, const uint8_t sid[16], unsigned matched,
		   ted_node owner, bool at_owner)
{
	return !route_inside(igp, sid, matched, owner, at_owner) &&
	       (at_owner || !sid_inside(igp, sid, matched, owner));
}

bool
igp_mistakes(const struct segment_igp *igp, const uint8_t then[16], unsigned matched, unsigned more,
	     ted_node owner)
{
	uint8_t key[16];

	mask(then, (uint8_t)matched, key);
	for (size_t k = first_sid(igp, key); k < igp->n_sids; k++) {
		const struct igp_sid *s = &igp->sids[k];
		unsigned told = s->matched < matched + more ? s->matched : matched + more;

		if (!csid_same_bits(s->sid, key, matched))
			return false;
		if (s->node == owner && s->matched > matched && csid_same_bits(s->sid, then, told))
			return true;
	}
	return false;
}

static bool
block_free(const struct segment_igp *igp, const uint8_t block[4])
{
	for (size_t k = 0; k < igp->n_routes; k++) {
		uint8_t len = igp->routes[k].len < 32 ? igp->routes[k].len : 32;
		uint8_t whole[16] = { block[0], block[1], block[2], block[3] }, mine[16], other[16];

		mask(whole, len, mine);
		mask(igp->routes[k].prefix, len, other);
		/* A default route covers everything and owns nothing: more specific SIDs win. */
		if (len && memcmp(mine, other, 16) == 0)
			return false;
	}
	for (size_t k = 0; k < igp->n_sids; k++)
		if (memcmp(igp->sids[k].sid, block, 4) == 0)
			return false;
	return true;
}

enum pce_status
igp_block(struct segment_igp *igp, uint8_t out[4], struct pce_error *err)
{
	for (uint32_t k = 0; k < 65536 && !igp->has_block; k++) {
		uint32_t low = (0xbb00u + k) & 0xffff;
		uint8_t block[4] = { 0xfc, 0xbb, (uint8_t)(low >> 8), (uint8_t)low };

		if (!block_free(igp, block))
			continue;
		memcpy(igp->block, block, 4);
		igp->has_block = true;
	}
	if (!igp->has_block)
		return pce_fail(err, PCE_LIMIT,
				"no SID can be made up: the network uses all of fcbb::/16");
	memcpy(out, igp->block, 4);
	return PCE_OK;
}
