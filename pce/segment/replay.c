/*
 * Replay: a forwarder for one virtual packet.
 *
 * What is forwarded is a state: a node, and the packet's header, that is how many entries of the
 * list are used up and the destination address. From a state a router does what RFC 8986 section 4
 * says:
 *   - the address is one of its own SIDs: End activates the next entry and the router looks again;
 *     End.X sends the packet with the next entry over its link. A NEXT-CSID one (RFC 9800 section
 *     4.1) is its own by the bits of block, node and function alone; while the bits behind them are
 *     not all 0, they are moved up to the block instead, and no entry is used up. A REPLACE-CSID
 * one (section 4.2) says in its last bits which part of its entry was the last one read, and the
 *     part before that, or the last one of the next entry, takes the place behind the block
 *   - else the longest prefix that covers the address, among those that the router can reach, is
 *     looked up, and the packet goes over *every* equal-cost link towards the nodes that advertise
 *     it. A prefix longer than the bits of the own SID comes before that
 * A depth-first walk over the states thus takes every branch once; meeting a state that is still on
 * the walk is a forwarding loop. Different entries never merge states, so the walk ends after at
 * most nodes × addresses states.
 *
 * Each state splits its share of the traffic evenly over its links, as routers do by a hash. The
 * walk leaves states in such an order that, read backwards, a state comes after all that feed it.
 *
 * After the last SID comes the steered route's service SID (or the inner packet), which belongs to
 * the node where the list ends: End delivers there, End.X at the other end of its link.
 *
 * Routing is worked out here again on purpose (from the SIDs' side, with every prefix looked at,
 * and only as far from the SID's owners as the packet is), because a forwarder that shared the
 * compiler's idea of the IGP would agree with its mistakes. Only `ted.h` is common.
 *
 * A node that advertises no locator (a file's) has a route for each of its SIDs but those of a
 * local identifiers block, which say that they have no node part.
 */
#include "pce/segment/replay_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pce/base/addr.h"
#include "pce/base/array.h"

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
print_sid(const struct walk *w, uint32_t header, char out[IP_TEXT])
{
	struct ip_addr addr = ip_v6(w->headers[header].address);

	ip_print(&addr, out);
}

/* The node sends the packet on by a route, or loses it for want of one. */
static void
go_by(struct walk *w, struct visit *v, const struct table *table)
{
	ted_link dead = replay_dead_sid(w, v->node, w->headers[v->header].address);
	char text[IP_TEXT];

	print_sid(w, v->header, text);
	v->action = LOSE;
	if (dead != TED_NONE &&
	    (!table || replay_target_at(&w->headers[v->header].routing, table, v->node))) {
		lose(w, "link %s of %s is not usable", ted_link_at(w->ted, dead)->name, text);
	} else if (!table) {
		lose(w, "%s has no route to %s", node_name(w, v->node), text);
	} else if (replay_target_at(&w->headers[v->header].routing, table, v->node)) {
		lose(w, "%s owns the locator of %s but no such SID", node_name(w, v->node), text);
	} else {
		v->action = FORWARD;
		v->table = table;
	}
}

static void
deliver(struct walk *w, ted_node node)
{
	w->several_ends |= w->delivered && w->end != node;
	w->delivered = true;
	w->end = node;
}

/* The header with this address from this entry, made if it is new. */
static enum pce_status
find_header(struct walk *w, uint32_t entry, const uint8_t address[16], uint32_t *out,
	    struct pce_error *err)
{
	struct header made = { .entry = entry };
	enum pce_status st;

	for (size_t k = 0; k < w->n_headers; k++)
		if (w->headers[k].entry == entry &&
		    memcmp(w->headers[k].address, address, 16) == 0) {
			*out = (uint32_t)k;
			return PCE_OK;
		}
	st =
	    array_reserve(&w->headers, &w->cap_headers, w->n_headers + 1, sizeof(*w->headers), err);
	if (st != PCE_OK)
		return st;
	memcpy(made.address, address, 16);
	made.seen = calloc(w->n_nodes, sizeof(*made.seen));
	if (!made.seen)
		return pce_no_memory(err);
	*out = (uint32_t)w->n_headers;
	w->headers[w->n_headers++] = made;
	return PCE_OK;
}

static bool
argument_left(const uint8_t address[16], unsigned from)
{
	for (unsigned k = from; from && k < 128; k++)
		if (address[k / 8] & 0x80u >> k % 8)
			return true;
	return false;
}

/* RFC 9800 section 4.1, S05 and S06: the argument moves up to the block, zeros follow. */
static void
shift(uint8_t address[16], unsigned block, unsigned argument)
{
	for (unsigned to = block, from = argument; to < 128; to++, from++) {
		bool set = from < 128 && (address[from / 8] & 0x80u >> from % 8) != 0;

		address[to / 8] = (uint8_t)(address[to / 8] & ~(0x80u >> to % 8));
		if (set)
			address[to / 8] = (uint8_t)(address[to / 8] | 0x80u >> to % 8);
	}
}

/* The bits [from, from + n) of an address as a number; n <= 32. */
static uint32_t
bits_at(const uint8_t address[16], unsigned from, unsigned n)
{
	uint32_t value = 0;

	for (unsigned k = from; k < from + n; k++)
		value = value << 1 | ((uint32_t)address[k / 8] >> (7 - k % 8) & 1u);
	return value;
}

static void
put_bits(uint8_t address[16], unsigned from, unsigned n, uint32_t value)
{
	for (unsigned k = from + n; k-- > from; value >>= 1)
		address[k / 8] = (uint8_t)((address[k / 8] & ~(0x80u >> k % 8)) |
					   (value & 1 ? 0x80u >> k % 8 : 0));
}

/* RFC 9800 section 4.2.1, S02 and S09 to S28. */
static enum pce_status
replace(struct walk *w, uint32_t entry, uint8_t address[16], const struct entry *e, uint32_t *out,
	struct pce_error *err)
{
	unsigned width = e->replaced, parts = 128 / width, index_bits = 0;
	uint32_t index, part;

	while (1u << index_bits < parts)
		index_bits++;
	index = bits_at(address, 128 - index_bits, index_bits);
	if (index != 0) {
		part = bits_at(w->sids[entry], --index * width, width);
		if (part == 0 && entry + 1 == w->n)
			return PCE_OK;
		if (part == 0)
			return find_header(w, entry + 1, w->sids[entry + 1], out, err);
	} else {
		if (entry + 1 == w->n)
			return PCE_OK;
		index = parts - 1;
		part = bits_at(w->sids[++entry], index * width, width);
	}
	put_bits(address, e->block, width, part);
	put_bits(address, 128 - index_bits, index_bits, index);
	return find_header(w, entry, address, out, err);
}

/* The header after a SID was executed; NO_HEADER: the list is at its end. */
static enum pce_status
next_header(struct walk *w, uint32_t header, const struct entry *e, uint32_t *out,
	    struct pce_error *err)
{
	uint32_t entry = w->headers[header].entry;
	uint8_t address[16];

	memcpy(address, w->headers[header].address, sizeof(address));
	*out = NO_HEADER;
	if (e->replaced)
		return replace(w, entry, address, e, out, err);
	if (argument_left(address, e->argument)) {
		shift(address, e->block, e->argument);
		return find_header(w, entry, address, out, err);
	}
	if (entry + 1 == w->n)
		return PCE_OK;
	return find_header(w, entry + 1, w->sids[entry + 1], out, err);
}

static void
cross(struct walk *w, struct visit *v, const struct entry *e)
{
	char text[IP_TEXT];

	print_sid(w, v->header, text);
	v->action = LOSE;
	if (e->own != OWN_END_X || e->link == TED_NONE)
		lose(w, "%s executes %s in a way that ends the list", node_name(w, v->node), text);
	else
		v->action = CROSS;
	v->link = e->link;
}

/* Executes the node's own SIDs, as many as follow each other, and decides what happens next. */
static enum pce_status
decide(struct walk *w, struct visit *v, struct pce_error *err)
{
	for (;;) {
		struct entry e = replay_own_sid(w, v->node, w->headers[v->header].address);
		struct table *table = NULL;
		enum pce_status st = PCE_OK;

		if (e.own == OWN_NOT || e.bits < 128)
			st = replay_find_route(w, v->header, v->node,
					       e.own == OWN_NOT ? NO_ROUTE - 1 : (int)e.bits,
					       &table, err);
		if (st != PCE_OK)
			return st;
		if (e.own == OWN_NOT || table) {
			go_by(w, v, table);
			return PCE_OK;
		}
		st = next_header(w, v->header, &e, &v->then, err);
		if (st != PCE_OK)
			return st;
		if ((e.own == OWN_END || e.own == OWN_SERVICE) && v->then == NO_HEADER) {
			v->action = DELIVER;
			deliver(w, v->node);
			return PCE_OK;
		}
		if (e.own != OWN_END) {
			cross(w, v, &e);
			return PCE_OK;
		}
		v->header = v->then;
	}
}

/* Comes to a node with a header; *state is where. */
static enum pce_status
arrive(struct walk *w, ted_node node, uint32_t header, uint32_t *state, struct pce_error *err)
{
	struct visit v = { .node = node, .header = header, .then = NO_HEADER };
	uint32_t seen = w->headers[header].seen[node];
	enum pce_status st;

	*state = seen ? seen - 1 : (uint32_t)w->n_states;
	if (seen && !w->states[*state].on_walk)
		return PCE_OK;
	if (seen) {
		char text[IP_TEXT];

		print_sid(w, header, text);
		lose(w, "packets for %s circle through %s", text, node_name(w, node));
		return PCE_OK;
	}
	st = array_reserve(&w->visits, &w->cap_visits, w->n_visits + 1, sizeof(*w->visits), err);
	if (st == PCE_OK)
		st = array_reserve(&w->states, &w->cap_states, w->n_states + 1, sizeof(*w->states),
				   err);
	if (st == PCE_OK)
		st = decide(w, &v, err);
	if (st != PCE_OK)
		return st;
	v.state = (uint32_t)w->n_states;
	w->states[w->n_states++] = (struct state){ .on_walk = true };
	w->headers[header].seen[node] = v.state + 1;
	w->visits[w->n_visits++] = v;
	return PCE_OK;
}

/* Notes that a state goes on over a link; where to is filled in when that is known. */
static enum pce_status
take(struct walk *w, uint32_t state, ted_link link, struct pce_error *err)
{
	enum pce_status st =
	    array_reserve(&w->trace, &w->cap_trace, w->n_trace + 1, sizeof(*w->trace), err);

	if (st == PCE_OK)
		st =
		    array_reserve(&w->moves, &w->cap_moves, w->n_moves + 1, sizeof(*w->moves), err);
	if (st != PCE_OK)
		return st;
	w->trace[w->n_trace++] = link;
	w->moves[w->n_moves++] = (struct move){ state, NO_STATE, link };
	w->states[state].n_links++;
	return PCE_OK;
}

/* The next equal-cost link of a state, or TED_NONE. */
static ted_link
next_link(const struct walk *w, struct visit *v)
{
	const struct routing *r = &w->headers[v->header].routing;
	size_t n;
	const ted_link *out = ted_links_out(w->ted, v->node, &n);

	while (v->next < n) {
		ted_link link = out[v->next++];
		uint64_t cost, step;

		if (!replay_link_cost(w, v->table, link, &step))
			continue;
		cost = replay_cost_through(w, r, v->table, ted_link_at(w->ted, link)->to);
		if (cost != FAR && cost + step == v->table->distance[v->node])
			return link;
	}
	return TED_NONE;
}

/* The walk goes back from the state on top. */
static enum pce_status
leave(struct walk *w, struct pce_error *err)
{
	enum pce_status st =
	    array_reserve(&w->left, &w->cap_left, w->n_left + 1, sizeof(*w->left), err);
	uint32_t state = w->visits[w->n_visits - 1].state;

	if (st != PCE_OK)
		return st;
	w->left[w->n_left++] = state;
	w->states[state].on_walk = false;
	w->n_visits--;
	return PCE_OK;
}

/* One move from the state on top of the walk; it leaves the walk when it has no more. */
static enum pce_status
advance(struct walk *w, struct pce_error *err)
{
	struct visit *v = &w->visits[w->n_visits - 1];
	uint32_t header = v->header, to = NO_STATE;
	ted_link link = TED_NONE;
	size_t move = w->n_moves;
	enum pce_status st;

	if (v->action == FORWARD) {
		link = next_link(w, v);
	} else if (v->action == CROSS) {
		link = v->link;
		header = v->then;
		v->action = DELIVER;
	}
	if (link == TED_NONE)
		return leave(w, err);
	w->branched |= v->branches++ > 0;
	st = take(w, v->state, link, err);
	if (st != PCE_OK)
		return st;
	if (header == NO_HEADER) {
		deliver(w, ted_link_at(w->ted, link)->to);
		return PCE_OK;
	}
	st = arrive(w, ted_link_at(w->ted, link)->to, header, &to, err);
	w->moves[move].to = to;
	return st;
}

static void
walk_free(struct walk *w)
{
	for (size_t k = 0; k < w->n_headers; k++) {
		replay_routing_free(&w->headers[k].routing);
		free(w->headers[k].seen);
	}
	free(w->headers);
	free(w->states);
	free(w->moves);
	free(w->left);
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
	return PCE_OK;
}

static enum pce_status
walk_all(struct walk *w, ted_node from, struct pce_error *err)
{
	enum pce_status st = walk_init(w, from, err);
	uint32_t header, state;

	if (st != PCE_OK)
		return st;
	if (ted_node_at(w->ted, from)->unusable) {
		lose(w, "%s is not usable", node_name(w, from));
		return PCE_OK;
	}
	st = find_header(w, 0, w->sids[0], &header, err);
	if (st == PCE_OK)
		st = arrive(w, from, header, &state, err);
	while (st == PCE_OK && w->n_visits)
		st = advance(w, err);
	return st;
}

static int
compare_moves(const void *left, const void *right)
{
	const struct move *a = left, *b = right;

	if (a->from != b->from)
		return a->from < b->from ? -1 : 1;
	return (a->link > b->link) - (a->link < b->link);
}

/*
 * Splits the traffic state by state; shares (by link) gets what each link carries. A split that
 * leaves a remainder loses it. Without a circle every state comes after those that feed it.
 */
static void
split(struct walk *w, uint64_t *shares)
{
	if (w->n_moves)
		qsort(w->moves, w->n_moves, sizeof(*w->moves), compare_moves);
	if (w->n_states)
		w->states[0].share = REPLAY_WHOLE;
	for (size_t k = w->n_left; k-- > 0;) {
		uint32_t from = w->left[k];
		size_t low = 0, high = w->n_moves;

		while (low < high) {
			size_t middle = low + (high - low) / 2;

			if (w->moves[middle].from < from)
				low = middle + 1;
			else
				high = middle;
		}
		for (; low < w->n_moves && w->moves[low].from == from; low++) {
			uint64_t part = w->states[from].share / w->states[from].n_links;

			shares[w->moves[low].link] += part;
			if (w->moves[low].to != NO_STATE)
				w->states[w->moves[low].to].share += part;
		}
	}
}

/* The most links that one state splits its traffic over. */
static uint32_t
widest(const struct walk *w)
{
	size_t most = 0;

	for (size_t k = 0; k < w->n_states; k++)
		most = w->states[k].n_links > most ? w->states[k].n_links : most;
	return (uint32_t)most;
}

static enum pce_status
fill_result(struct walk *w, struct replay_result *out, struct pce_error *err)
{
	struct replay_result r = { .end = w->several_ends ? TED_NONE : w->end, .width = widest(w) };
	uint64_t *shares = calloc(w->n_links ? w->n_links : 1, sizeof(*shares));
	bool *used = calloc(w->n_links ? w->n_links : 1, sizeof(*used));

	r.links = calloc(w->n_trace ? w->n_trace : 1, sizeof(*r.links));
	r.shares = calloc(w->n_trace ? w->n_trace : 1, sizeof(*r.shares));
	if (!shares || !used || !r.links || !r.shares) {
		free(shares);
		free(used);
		replay_result_free(&r);
		return pce_no_memory(err);
	}
	split(w, shares);
	for (size_t k = 0; k < w->n_trace; k++)
		used[w->trace[k]] = true;
	for (uint32_t k = 0; k < w->n_links; k++)
		if (used[k]) {
			r.shares[r.n_links] = shares[k];
			r.links[r.n_links++] = k;
		}
	free(shares);
	free(used);
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
	free(result->shares);
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

/* What speaks against the expectation first; true if nothing does. */
static bool
compare_spread(const struct walk *w, const struct replay_expected *e, uint8_t *expected, char *text,
	       size_t cap)
{
	ted_node end = e->n_path ? ted_link_at(w->ted, e->path[e->n_path - 1])->to : TED_NONE;

	for (size_t k = 0; k < e->n_path; k++)
		expected[e->path[k]] = 1;
	for (size_t k = 0; k < e->n_branches; k++)
		expected[e->branches[k]] = 1;
	for (size_t k = 0; k < w->n_trace; k++) {
		if (!expected[w->trace[k]]) {
			snprintf(text, cap, "the packet also takes link %s",
				 ted_link_at(w->ted, w->trace[k])->name);
			return false;
		}
		expected[w->trace[k]] = 2;
	}
	if (w->lost || w->several_ends || w->end != end) {
		snprintf(text, cap, "%s",
			 w->lost ? w->text : "the packet does not end where the path ends");
		return false;
	}
	for (uint32_t k = 0; k < w->n_links; k++)
		if (expected[k] == 1) {
			snprintf(text, cap, "the packet never takes link %s",
				 ted_link_at(w->ted, k)->name);
			return false;
		}
	return true;
}

enum pce_status
replay_spreads(const struct ted *ted, uint32_t from, const uint8_t (*sids)[16], size_t n,
	       const struct replay_sid *extra, size_t n_extra,
	       const struct replay_expected *expected, bool *same, char *text, size_t cap,
	       struct pce_error *err)
{
	struct walk w = {
		.ted = ted, .sids = sids, .n = (uint32_t)n, .extra = extra, .n_extra = n_extra
	};
	uint8_t *marks = calloc(ted_link_count(ted) + 1, sizeof(*marks));
	enum pce_status st = marks ? walk_all(&w, from, err) : pce_no_memory(err);

	if (st == PCE_OK) {
		if (cap)
			text[0] = '\0';
		*same = compare_spread(&w, expected, marks, text, cap);
	}
	walk_free(&w);
	free(marks);
	return st;
}
