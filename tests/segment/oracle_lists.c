/* The oracle's lists: all of them, and what forwarding makes of them. */
#include "tests/segment/oracle.h"

#include <string.h>

/* The only way on, or TED_NONE if there is none or several. */
static ted_link
only_way(const struct oracle *o, uint8_t algorithm, ted_node at, ted_node to)
{
	ted_link found = TED_NONE;

	for (ted_link k = 0; k < o->graph.n_links; k++) {
		if (o->graph.links[k].from != at || !oracle_forwards_by(o, algorithm, k, to))
			continue;
		if (found != TED_NONE)
			return TED_NONE;
		found = k;
	}
	return found;
}

/* A packet on its way: how much of the path it took. */
struct travel {
	ted_node at;
	size_t taken;
};

/* Sends it on for one SID, as long as it keeps to the path and has one way; false if not. */
static bool
follow(const struct oracle *o, const struct oracle_sid *s, const ted_link *path, size_t n,
       struct travel *t)
{
	for (unsigned guard = 0; t->at != s->node; guard++) {
		ted_link way = only_way(o, s->algorithm, t->at, s->node);

		if (!s->global || way == TED_NONE || t->taken == n || path[t->taken] != way ||
		    guard > n)
			return false;
		t->at = o->graph.links[way].to;
		t->taken++;
	}
	if (s->foreign)
		return false;
	if (s->link == TED_NONE)
		return true;
	if (t->taken == n || path[t->taken] != s->link || !ted_link_usable(&o->graph, s->link))
		return false;
	t->at = o->graph.links[s->link].to;
	t->taken++;
	return true;
}

static bool
msd_of(const struct ted_node_row *row, uint8_t type, const struct segment_options *options,
       uint32_t *out)
{
	for (size_t k = 0; k < row->n_msd; k++)
		if (row->msd[k].type == type) {
			*out = row->msd[k].value;
			return true;
		}
	*out = 0;
	return options->strict_msd;
}

struct trial {
	const struct oracle *o;
	const ted_link *path;
	size_t n;
	const struct segment_options *options;
	const struct oracle_sid *list[ORACLE_LIST];
	uint32_t depth;
	bool opens[ORACLE_LIST]; /* the SID opens a container */
	ted_node head, tail;
	struct oracle_size best;
};

/* RFC 9352 section 4 on a whole list: true if every router of it can do its part. */
static bool
within_limits(const struct trial *x, uint32_t containers)
{
	const struct ted_node_row *rows = x->o->graph.nodes;
	const struct segment_options *options = x->options;
	uint32_t total = containers + options->service_sids, value, left = total;
	const struct oracle_sid *last = x->list[x->depth - 1];
	ted_node strips = options->service_sids ? x->tail : last->node;

	if (msd_of(&rows[x->head], TED_MSD_H_ENCAPS, options, &value)) {
		if (total > (value ? value : 1))
			return false;
	} else if (options->assumed_msd && total > options->assumed_msd) {
		return false;
	}
	if (total == 1)
		return true;
	for (uint32_t k = 0; k < x->depth; k++) {
		const struct oracle_sid *s = x->list[k];
		bool ends = k + 1 == x->depth || x->opens[k + 1];

		left -= x->opens[k];
		if (msd_of(&rows[s->node], TED_MSD_SEGMENTS_LEFT, options, &value) && left > value)
			return false;
		if (ends && ((left == 1 && s->psp) || (left == 0 && s->usp)) &&
		    msd_of(&rows[s->node], TED_MSD_END_POP, options, &value) && total > value)
			return false;
	}
	return (options->service_sids && last->psp) ||
	       !msd_of(&rows[strips], TED_MSD_END_D, options, &value) || total <= value;
}

/* True if a's node would take a and b, side by side, for another SID of its own. */
static bool
mistaken(const struct oracle *o, const struct oracle_sid *a, const struct oracle_sid *b)
{
	uint8_t both[16];
	unsigned known = a->matched + b->width;

	memcpy(both, a->sid, 16);
	memcpy(both + a->matched, b->sid + b->block, b->width);
	for (uint32_t k = 0; k < o->n_sids; k++) {
		const struct oracle_sid *s = &o->sids[k];

		if (s->node == a->node && s->matched > a->matched &&
		    memcmp(s->sid, both, s->matched < known ? s->matched : known) == 0)
			return true;
	}
	return false;
}

/* Octets that the container of SID k has in use after it, 0 if it cannot be there. */
static unsigned
filled(const struct trial *x, uint32_t k, unsigned before)
{
	const struct oracle_sid *s = x->list[k], *last;

	if (x->opens[k])
		return s->matched;
	last = x->list[k - 1];
	if (!s->width || !last->width || s->block != last->block ||
	    memcmp(s->sid, last->sid, s->block) != 0 || before + s->width > 16 ||
	    mistaken(x->o, last, s))
		return 0;
	return before + s->width;
}

/* Every way of filling containers with the list, from SID k on. */
static void
try_containers(struct trial *x, uint32_t k, unsigned before, uint32_t containers)
{
	if (k == x->depth) {
		struct oracle_size *b = &x->best;

		if (b->containers &&
		    (containers > b->containers || (containers == b->containers && k >= b->sids)))
			return;
		if (within_limits(x, containers))
			*b = (struct oracle_size){ containers, k };
		return;
	}
	for (unsigned open = 0; open < 2; open++) {
		unsigned used;

		if (!k && !open)
			continue;
		x->opens[k] = open;
		used = filled(x, k, before);
		if (used)
			try_containers(x, k + 1, used, containers + open);
	}
}

static void
try_lists(struct trial *x, struct travel t, uint32_t depth)
{
	if (depth && t.taken == x->n) {
		const struct oracle_sid *last = x->list[depth - 1];

		x->depth = depth;
		if (x->options->service_sids || last->link == TED_NONE || last->usd)
			try_containers(x, 0, 0, 0);
	}
	if (depth == ORACLE_LIST)
		return;
	for (uint32_t k = 0; k < x->o->n_sids; k++) {
		const struct oracle_sid *s = &x->o->sids[k];
		struct travel next = t;

		x->list[depth] = s;
		if (!s->listable || !follow(x->o, s, x->path, x->n, &next))
			continue;
		/* A SID that covers nothing only closes a list that nothing follows. */
		if (next.taken == t.taken && (x->options->service_sids || t.taken < x->n ||
					      x->list[depth - 1]->link == TED_NONE))
			continue;
		try_lists(x, next, depth + 1);
	}
}

struct oracle_size
oracle_fewest(const struct oracle *o, const ted_link *path, size_t n,
	      const struct segment_options *options)
{
	struct trial x = { .o = o, .path = path, .n = n, .options = options };

	x.head = o->graph.links[path[0]].from;
	x.tail = o->graph.links[path[n - 1]].to;
	try_lists(&x, (struct travel){ x.head, 0 }, 0);
	return x.best;
}

/* --- forwarding by octets --- */

/* A header: how many entries are used up, how many octets were moved up, and the address. */
struct header {
	size_t entry;
	unsigned moved;
	uint8_t address[16];
};

static struct header
header_of(const uint8_t (*sids)[16], size_t entry)
{
	struct header h = { .entry = entry };

	memcpy(h.address, sids[entry], 16);
	return h;
}

/* The SID of node `at` that the address selects, the longest one, or NULL. */
static const struct oracle_sid *
own_at(const struct oracle *o, const uint8_t address[16], ted_node at)
{
	const struct oracle_sid *found = NULL;

	for (uint32_t k = 0; k < o->n_sids; k++) {
		const struct oracle_sid *s = &o->sids[k];

		if (s->node == at && memcmp(s->sid, address, s->matched) == 0 &&
		    (s->link == TED_NONE || ted_link_usable(&o->graph, s->link)) &&
		    (!found || s->matched > found->matched))
			found = s;
	}
	return found;
}

/* The node that the IGP routes the address to, or TED_NONE: by locator, else by its own SIDs. */
static ted_node
routed_to(const struct oracle *o, const uint8_t address[16], uint8_t *algorithm)
{
	const struct ted *g = &o->graph;

	*algorithm = 0;
	for (ted_node k = 0; k < g->n_nodes; k++)
		for (size_t i = 0; i < g->nodes[k].n_prefixes && !g->nodes[k].unusable; i++) {
			const struct ted_prefix_row *p = &g->prefixes[k][i];

			if (!p->has_locator ||
			    memcmp(p->prefix.addr.octets, address, p->prefix.len / 8u) != 0)
				continue;
			*algorithm = p->locator.algorithm;
			return k;
		}
	for (uint32_t k = 0; k < o->n_sids; k++) {
		const struct oracle_sid *s = &o->sids[k];
		const struct ted_node_row *row = &g->nodes[s->node];

		if (s->global && !row->unusable &&
		    !(row->n_prefixes && g->prefixes[s->node][0].has_locator) &&
		    memcmp(s->sid, address, s->matched) == 0)
			return s->node;
	}
	return TED_NONE;
}

/* The header after `s` was executed; false: the list is at its end. */
static bool
next_header(const uint8_t (*sids)[16], size_t n, const struct oracle_sid *s, struct header *h)
{
	static const uint8_t zero[16];

	if (s->width && memcmp(h->address + s->matched, zero, 16 - s->matched) != 0) {
		memmove(h->address + s->block, h->address + s->matched, 16 - s->matched);
		memset(h->address + 16 - s->width, 0, s->width);
		h->moved += s->width;
		return true;
	}
	if (h->entry + 1 == n)
		return false;
	*h = header_of(sids, h->entry + 1);
	return true;
}

bool
oracle_takes(const struct oracle *o, ted_node from, const uint8_t (*sids)[16], size_t n,
	     const ted_link *path, size_t n_path)
{
	struct header h = header_of(sids, 0);
	ted_node at = from;
	size_t taken = 0;

	for (unsigned guard = 0; guard < 1000; guard++) {
		const struct oracle_sid *s = own_at(o, h.address, at);
		bool more = true;
		ted_link way = TED_NONE;
		uint8_t algorithm;

		if (s && s->foreign)
			return false;
		if (s)
			more = next_header(sids, n, s, &h);
		if (s && s->link == TED_NONE) {
			if (!more)
				return taken == n_path;
			continue;
		}
		if (s)
			way = ted_link_usable(&o->graph, s->link) ? s->link : TED_NONE;
		else if (routed_to(o, h.address, &algorithm) != TED_NONE)
			way = only_way(o, algorithm, at, routed_to(o, h.address, &algorithm));
		if (way == TED_NONE || taken == n_path || path[taken] != way)
			return false;
		at = o->graph.links[way].to;
		taken++;
		if (!more)
			return taken == n_path;
	}
	return false;
}

struct flood {
	const struct oracle *o;
	const uint8_t (*sids)[16];
	size_t n;
	bool *links;
	double *shares;
	bool on_way[GRAPH_NODES][ORACLE_LIST + 1][64];
	bool lost, ended, several;
	ted_node end;
	uint64_t delay; /* of the way that is being followed */
};

static uint64_t longest;

uint64_t
oracle_flood_delay(void)
{
	return longest;
}

static void
flood_end(struct flood *f, ted_node at)
{
	longest = f->delay > longest ? f->delay : longest;
	f->several |= f->ended && f->end != at;
	f->ended = true;
	f->end = at;
}

static void flood_from(struct flood *f, ted_node at, struct header h, double share);

static void
flood_over(struct flood *f, ted_link link, bool more, struct header h, double share)
{
	ted_node to = f->o->graph.links[link].to;

	f->links[link] = true;
	f->shares[link] += share;
	f->delay += f->o->graph.links[link].delay_us;
	if (more)
		flood_from(f, to, h, share);
	else
		flood_end(f, to);
	f->delay -= f->o->graph.links[link].delay_us;
}

/* The IGP's part: every link on, each with its share. */
static void
flood_routed(struct flood *f, ted_node at, struct header h, double share)
{
	uint8_t algorithm;
	ted_node to = routed_to(f->o, h.address, &algorithm);
	unsigned ways = 0;

	for (ted_link k = 0; k < f->o->graph.n_links && to != TED_NONE; k++)
		ways +=
		    f->o->graph.links[k].from == at && oracle_forwards_by(f->o, algorithm, k, to);
	f->lost |= !ways;
	for (ted_link k = 0; k < f->o->graph.n_links && ways; k++)
		if (f->o->graph.links[k].from == at && oracle_forwards_by(f->o, algorithm, k, to))
			flood_over(f, k, true, h, share / ways);
}

static void
flood_from(struct flood *f, ted_node at, struct header h, double share)
{
	bool *on_way = &f->on_way[at][h.entry][h.moved];
	const struct oracle_sid *s;
	bool more = true;

	if (*on_way) {
		f->lost = true;
		return;
	}
	*on_way = true;
	while ((s = own_at(f->o, h.address, at)) != NULL && more && s->link == TED_NONE &&
	       !s->foreign)
		more = next_header(f->sids, f->n, s, &h);
	if (!more)
		flood_end(f, at);
	else if (!s)
		flood_routed(f, at, h, share);
	else if (s->foreign || !ted_link_usable(&f->o->graph, s->link))
		f->lost = true;
	else
		flood_over(f, s->link, next_header(f->sids, f->n, s, &h), h, share);
	*on_way = false;
}

void
oracle_flood(const struct oracle *o, ted_node from, const uint8_t (*sids)[16], size_t n,
	     bool links[GRAPH_LINKS], double shares[GRAPH_LINKS], bool *delivered, ted_node *end)
{
	struct flood f = {
		.o = o, .sids = sids, .n = n, .links = links, .shares = shares, .end = TED_NONE
	};

	longest = 0;
	memset(links, 0, GRAPH_LINKS * sizeof(*links));
	for (ted_link k = 0; k < GRAPH_LINKS; k++)
		shares[k] = 0;
	if (o->graph.nodes[from].unusable)
		f.lost = true;
	else
		flood_from(&f, from, header_of(sids, 0), 1);
	*delivered = f.ended && !f.lost && !f.several;
	*end = f.several ? TED_NONE : f.end;
}
